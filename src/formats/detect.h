/* SPDX-License-Identifier: MIT */
/* detect.h - what a file is, decided by its content and never by its name. */
#ifndef DMUS_FORMATS_DETECT_H
#define DMUS_FORMATS_DETECT_H

#include "base/bytes.h"

enum file_kind {
    FILE_UNKNOWN,
    FILE_DLS,  /* RIFF 'DLS ' */
    FILE_SF2,  /* RIFF 'sfbk', 16- or 24-bit PCM samples */
    FILE_SF3,  /* RIFF 'sfbk' with Ogg Vorbis samples (ifil major 3) */
    FILE_SMF,  /* MThd (also behind a MacBinary header or leading junk, as smf.c accepts it) */
    FILE_RMID  /* RIFF 'RMID', with or without an embedded bank */
};

enum file_kind detect_kind(struct span bytes);
const char *file_kind_name(enum file_kind kind); /* "DLS", "SoundFont 2", ... never NULL */

#endif
