/* SPDX-License-Identifier: MIT */
/*
 * route.h - the one narrow way from the player to a synthesizer.
 *
 * A route takes download images and event buffers of the DDI and gives sound to
 * an audio output. There are two doors: the user-mode objects (route_user.c)
 * and the kernel-mode filter (route_kernel.c). Both get the same bytes, and give
 * the same samples.
 *
 * A route belongs to one thread.
 */
#ifndef DMUS_PLAYER_ROUTE_H
#define DMUS_PLAYER_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/output.h"
#include "base/status.h"

struct route_config {
    bool studio;               /* else native */
    uint32_t sample_rate, channels, voices, groups;
    uint32_t interpolation;    /* DMUS_INTERPOLATION_* of idmus.h */
    uint32_t dither;           /* 0 off, 1 on, 2 the profile's default */
    uint32_t simd;             /* DMUS_SIMD_* of idmus.h */
    uint32_t threads;          /* that render, 0 or 1: only the one that pumps or pulls; see route_ops */
    bool reverb, chorus;
    int32_t volume;            /* Volume property, sum of both items, 1/100 dB */
    struct audio_output *output; /* borrowed until route close; its write is called from pump */
    bool float_samples;        /* what output gets: float, else int16_t */
    uint32_t posts;            /* messages of post that may wait; 0: it is not used */
    bool levels;               /* level is asked for; a door that cannot is silent about it */
};

/* The engine's figures since it was opened. */
struct route_report {
    uint32_t voices, voices_peak, notes_lost, events_late, missing_count;
    uint64_t notes_missing, samples_clipped, frames, wave_bytes;
    float peak;
};

struct route_missing {
    uint32_t patch, group, channel, key, notes;
    bool instrument_found;
};

struct route;

#define ROUTE_POST_MAX 20u

struct route_ops {
    const char *name;
    bool realtime; /* post and pull may be called on a real-time thread */
    bool threads;  /* it makes those that route_config asks for; else one renders */
    /* Open, connect and activate. DM_ERR_ARGUMENT if the synth changed the rate, channels, voices or groups asked for. */
    enum dm_status (*open)(const struct route_config *config, struct route **out, struct dm_error *err);
    /* GetAppend: frames of room that wave images must have. */
    uint32_t (*append_frames)(struct route *route);
    /* Waves before the instruments that play them. *keeps: IMAGE must stay until close, or until unload has freed it. */
    enum dm_status (*download)(struct route *route, void *image, void **handle, bool *keeps, struct dm_error *err);
    /* Withdraw. The image of a wave is free when all that played it is withdrawn too and has fallen silent; close frees all. */
    enum dm_status (*unload)(struct route *route, void *handle, struct dm_error *err);
    /* SIZE bytes of DMUS_EVENTHEADER events, stamped from START_100NS on the time line on which frame 0 is 0. Copied. */
    enum dm_status (*play)(struct route *route, int64_t start_100ns, const uint8_t *buffer, uint32_t size,
                           struct dm_error *err);
    /* A message of at most ROUTE_POST_MAX bytes for frame FRAME, from the thread that pulls and between its pulls. false: no room, or malformed.
     * NULL: this door cannot. */
    bool (*post)(struct route *route, int64_t frame, uint32_t group, const uint8_t *bytes, uint32_t size);
    /* The next COUNT frames as float, interleaved, for who has a device of his own: instead of pump, never beside it. One thread at a
     * time. What cannot be rendered is silence. */
    void (*pull)(struct route *route, float *frames, uint32_t count);
    /* Render FRAMES frames in blocks of at most BLOCK and hand them to the output. DM_ERR_WRITE if that refused: it knows
     * why. */
    enum dm_status (*pump)(struct route *route, uint64_t frames, uint32_t block, struct dm_error *err);
    /* Nothing sounds, nothing waits, the effects have died away. */
    bool (*silent)(struct route *route);
    /* Voices of a channel (0..15) and the gain of the loudest, 1.0 is full scale in the louder output channel. NULL: this door cannot. */
    bool (*level)(struct route *route, uint32_t group, uint32_t channel, uint32_t *voices, float *gain);
    void (*report)(struct route *route, struct route_report *report);
    bool (*missing)(struct route *route, uint32_t index, struct route_missing *missing); /* false past the last */
    void (*close)(struct route *route); /* NULL allowed */
};

/* What a synthesizer made of the wishes: DM_ERR_ARGUMENT, both in the text, if it is not the same. */
struct route_granted {
    uint32_t sample_rate, channels, voices, groups;
};
enum dm_status route_check_granted(const struct route_config *wanted, const struct route_granted *granted, struct dm_error *err);

extern const struct route_ops route_user_mode;
extern const struct route_ops route_kernel_mode; /* the machine's time moves with pump and pull alone */

#endif
