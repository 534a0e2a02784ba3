/* SPDX-License-Identifier: MIT */
#include "sndfile_library.h"

LIBRARY_DEFINE(sndfile, SNDFILE_FUNCTIONS, "sound files", "libsndfile.so.1", "sndfile", "sound files")
