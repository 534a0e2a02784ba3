/* SPDX-License-Identifier: MIT */
#include "jack_library.h"

LIBRARY_DEFINE(jack, JACK_FUNCTIONS, "JACK", "libjack.so.0", "jack", "the JACK output and input")
