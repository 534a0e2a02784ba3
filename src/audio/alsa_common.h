/* SPDX-License-Identifier: MIT */
/* alsa_common.h - what the files that use libasound share. Internal to the room. */
#ifndef DMUS_AUDIO_ALSA_COMMON_H
#define DMUS_AUDIO_ALSA_COMMON_H

/* Messages of the library go to the log instead of standard error. Any thread, any number of times. */
void alsa_common_quiet(void);

#endif
