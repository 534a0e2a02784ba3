/* SPDX-License-Identifier: MIT */
#include "vorbis_library.h"

LIBRARY_DEFINE(vorbis, VORBIS_FUNCTIONS, "SF3 banks", "libvorbisfile.so.3", "vorbis", "SF3 banks")
