/* SPDX-License-Identifier: MIT */
/* jack_common.h - what the JACK output and the JACK input share. Internal to the room. */
#ifndef DMUS_AUDIO_JACK_COMMON_H
#define DMUS_AUDIO_JACK_COMMON_H

#include <stddef.h>

#include "jack_library.h"

/* Load the library and become a client of the server that runs; none is started. Messages of the library go to the log.
 * DM_ERR_DEVICE. */
enum dm_status jack_common_open(const char *name, jack_client_t **client, struct dm_error *err);

/* The NTH port (from 0) of TYPE with FLAGS whose name begins with BEGIN (NULL: any), or NULL. Owned by the library. */
jack_port_t *jack_common_port(jack_client_t *client, const char *begin, const char *type, unsigned long flags, size_t nth);

/* The server's 32-bit count of frames without its wrap, one and the same for all clients of this process.
 * Real-time safe; for frames within 12 hours of each other. */
int64_t jack_common_frame(jack_nframes_t frame);

/* Begin of the cycle under way, from its process callback: the count of its first frame, and that moment of clock_now_100ns. */
int64_t jack_common_cycle(jack_client_t *client, jack_nframes_t *first);

#endif
