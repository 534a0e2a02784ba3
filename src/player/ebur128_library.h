/* SPDX-License-Identifier: MIT */
/* ebur128_library.h - libebur128.so.1, loaded on demand: see base/library.h. Internal to the room. */
#ifndef DMUS_PLAYER_EBUR128_LIBRARY_H
#define DMUS_PLAYER_EBUR128_LIBRARY_H

#include <ebur128.h>

#include "base/library.h"

#define EBUR128_FUNCTIONS(F) \
    F(ebur128_add_frames_float) F(ebur128_add_frames_short) F(ebur128_destroy) F(ebur128_init) F(ebur128_loudness_global)

LIBRARY_DECLARE(ebur128, EBUR128_FUNCTIONS)

#define ebur128_add_frames_float ebur128_functions.ebur128_add_frames_float
#define ebur128_add_frames_short ebur128_functions.ebur128_add_frames_short
#define ebur128_destroy          ebur128_functions.ebur128_destroy
#define ebur128_init             ebur128_functions.ebur128_init
#define ebur128_loudness_global  ebur128_functions.ebur128_loudness_global

#endif
