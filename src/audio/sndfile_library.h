/* SPDX-License-Identifier: MIT */
/* sndfile_library.h - libsndfile.so.1, loaded on demand: see base/library.h. */
#ifndef DMUS_AUDIO_SNDFILE_LIBRARY_H
#define DMUS_AUDIO_SNDFILE_LIBRARY_H

#include <sndfile.h>

#include "base/library.h"

#define SNDFILE_FUNCTIONS(F) \
    F(sf_close) F(sf_command) F(sf_open) F(sf_open_virtual) F(sf_readf_float) F(sf_set_string) F(sf_strerror) F(sf_write_raw) \
    F(sf_writef_float) F(sf_writef_int) F(sf_writef_short)

LIBRARY_DECLARE(sndfile, SNDFILE_FUNCTIONS)

#define sf_close        sndfile_functions.sf_close
#define sf_command      sndfile_functions.sf_command
#define sf_open         sndfile_functions.sf_open
#define sf_open_virtual sndfile_functions.sf_open_virtual
#define sf_readf_float  sndfile_functions.sf_readf_float
#define sf_set_string   sndfile_functions.sf_set_string
#define sf_strerror     sndfile_functions.sf_strerror
#define sf_write_raw    sndfile_functions.sf_write_raw
#define sf_writef_float sndfile_functions.sf_writef_float
#define sf_writef_int   sndfile_functions.sf_writef_int
#define sf_writef_short sndfile_functions.sf_writef_short

#endif
