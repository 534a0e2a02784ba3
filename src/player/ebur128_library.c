/* SPDX-License-Identifier: MIT */
#include "ebur128_library.h"

LIBRARY_DEFINE(ebur128, EBUR128_FUNCTIONS, "loudness", "libebur128.so.1", "loudness", "the loudness of what was rendered")
