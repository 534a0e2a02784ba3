/* SPDX-License-Identifier: MIT */
/* vorbis_library.h - libvorbisfile.so.3, loaded on demand: see base/library.h. Internal to the room. */
#ifndef DMUS_FORMATS_VORBIS_LIBRARY_H
#define DMUS_FORMATS_VORBIS_LIBRARY_H

#define OV_EXCLUDE_STATIC_CALLBACKS
#include <vorbis/vorbisfile.h>

#include "base/library.h"

#define VORBIS_FUNCTIONS(F) F(ov_clear) F(ov_open_callbacks) F(ov_pcm_total) F(ov_read_float)

LIBRARY_DECLARE(vorbis, VORBIS_FUNCTIONS)

#define ov_clear          vorbis_functions.ov_clear
#define ov_open_callbacks vorbis_functions.ov_open_callbacks
#define ov_pcm_total      vorbis_functions.ov_pcm_total
#define ov_read_float     vorbis_functions.ov_read_float

#endif
