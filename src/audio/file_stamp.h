/* SPDX-License-Identifier: MIT */
/* file_stamp.h - the time of day taken out of a finished sound file, so that the same sound makes the same bytes. Any thread. */
#ifndef DMUS_AUDIO_FILE_STAMP_H
#define DMUS_AUDIO_FILE_STAMP_H

#include "target.h"

/* TARGET, not a stream, holds a whole RIFF or RF64 file: zero the time stamp of its PEAK chunk, if there is one before the
 * sound. Moves the position. A write that fails is told by target_error. */
void file_stamp_clear(struct target *target);

#endif
