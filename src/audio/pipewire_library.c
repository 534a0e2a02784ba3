/* SPDX-License-Identifier: MIT */
#include "pipewire_library.h"

LIBRARY_DEFINE(pipewire, PIPEWIRE_FUNCTIONS, "PipeWire", "libpipewire-0.3.so.0", "pipewire", "the PipeWire output and input")
