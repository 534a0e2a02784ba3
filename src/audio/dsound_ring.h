/* SPDX-License-Identifier: MIT */
/*
 * dsound_ring.h - a looping DirectSound buffer as an output that is written ahead of its play cursor. Windows only.
 *
 * Nothing but the public DirectSound interfaces of version 5 is asked of the
 * device, so that wrappers of DirectSound do.
 */
#ifndef DMUS_AUDIO_DSOUND_RING_H
#define DMUS_AUDIO_DSOUND_RING_H

#include <windows.h>
#include <dsound.h>

#include "output.h"

/* What DSOUND_RING needs to know of a buffer that somebody else made. */
enum dsound_fit {
    DSOUND_FITS,
    DSOUND_WRONG_FORMAT, /* not 16-bit PCM of that rate and number of channels */
    DSOUND_WRONG_BUFFER  /* primary, shorter than BYTES, or it does not answer */
};
enum dsound_fit dsound_check_buffer(IDirectSoundBuffer *buffer, uint32_t rate, uint32_t channels, uint32_t bytes);

/* Play through BUFFER, which fits, or, if it is NULL, through a secondary buffer of its own on DEVICE: 2 s of 16 bits, heard
 * whatever window has the focus. Takes a reference on BUFFER and none on DEVICE, which must outlive the output. Returns when the
 * play cursor moves, or after 100 ms. *out has cursor and seek, and its write never waits: it takes as much as fits the ring
 * and drops what comes too late. One thread at a time. DM_ERR_DEVICE with DirectSound's code, DM_ERR_NOMEM. */
enum dm_status dsound_ring_open(IDirectSound *device, IDirectSoundBuffer *buffer, const struct audio_config *config,
                                struct audio_output **out, struct dm_error *err);

#endif
