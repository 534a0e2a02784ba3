/* SPDX-License-Identifier: MIT */
/*
 * ahead.h - a synthesizer that must not be asked on the audio thread (the kernel-mode door takes locks and memory), rendered some
 * frames ahead of need by a thread of its own. The samples are those of the synthesizer; live messages sound that much later.
 */
#ifndef DMUS_LIVE_AHEAD_H
#define DMUS_LIVE_AHEAD_H

#include "base/status.h"
#include "player/route.h"

struct ahead;

struct ahead_config {
    const struct route_ops *ops;
    struct route *route;
    uint32_t rate, channels;
    uint32_t depth;    /* frames ahead */
    uint32_t posts;    /* messages that may wait */
    bool realtime;     /* ask for real-time priority */
};

/* The route is the thread's from now on: other calls of it only between ahead_lock and ahead_unlock. Nothing is rendered before
 * ahead_ready. DM_ERR_NOMEM. */
enum dm_status ahead_start(const struct ahead_config *config, struct ahead **out, struct dm_error *err);
void ahead_stop(struct ahead *ahead); /* NULL allowed; not pulled any more */
void ahead_lock(struct ahead *ahead);
void ahead_unlock(struct ahead *ahead);

/* Render no frame from FRAME on. Never back. */
void ahead_ready(struct ahead *ahead, int64_t frame);
/* The route is silent, and what was rendered before it was has been pulled. [lock] */
bool ahead_silent(struct ahead *ahead);

/* Audio thread. Frames at the end that are missing: they are silence, and are not heard later. */
uint32_t ahead_pull(struct ahead *ahead, float *frames, uint32_t count);
bool ahead_post(struct ahead *ahead, int64_t frame, uint32_t group, const uint8_t *bytes, uint32_t size);

#endif
