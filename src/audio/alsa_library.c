/* SPDX-License-Identifier: MIT */
#include "alsa_library.h"

LIBRARY_DEFINE(alsa, ALSA_FUNCTIONS, "ALSA", "libasound.so.2", "alsa", "the ALSA output, inputs and MIDI outputs")
