/* SPDX-License-Identifier: MIT */
#include "sink_pace.h"

#define PER_SECOND     10000000
#define DEVICE_MIN     40000   /* 4 ms: spec/ddi-user.md 7.5, system latency */
#define RESYNC_100NS   1000000
#define FOLLOW_DIVISOR 512 /* of the error, each step: 10 s at the default period */

void sink_pace_start(struct sink_pace *pace, uint32_t rate, int64_t ahead_100ns)
{
    *pace = (struct sink_pace){.rate = rate, .ahead_100ns = ahead_100ns, .device_100ns = DEVICE_MIN};
}

static int64_t frames_to_100ns(const struct sink_pace *pace, int64_t frames)
{
    int64_t limit = (int64_t)pace->rate * 3600; /* all that matters is far below an hour */
    frames = frames > limit ? limit : frames < -limit ? -limit : frames;
    return frames * PER_SECOND / pace->rate;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static int64_t need_of(const struct sink_pace *pace, const struct audio_cursor *cursor)
{
    return frames_to_100ns(pace, cursor->writable - cursor->playing);
}

/* A write cursor that was told a little before the play cursor of the same look lies behind it, which is nearly a whole ring ahead:
 * the stream must not leap there. */
int64_t sink_pace_lead(struct sink_pace *pace, const struct audio_cursor *cursor)
{
    int64_t need = need_of(pace, cursor);
    bool far_before = pace->far_off;
    pace->far_off = need > SINK_LEAD_MAX;
    if (need > pace->device_100ns && (far_before || !pace->far_off))
        pace->device_100ns = need;
    return pace->device_100ns + pace->ahead_100ns;
}

/* The stream may be as early as it may be without a resync. */
int64_t sink_pace_most(const struct sink_pace *pace, const struct audio_cursor *cursor)
{
    return cursor->capacity ? frames_to_100ns(pace, cursor->capacity) - RESYNC_100NS : INT64_MAX;
}

struct sink_step sink_pace_step(struct sink_pace *pace, const struct time_map *map, int64_t now_100ns,
                                const struct audio_cursor *cursor, int64_t position)
{
    const int64_t need_before = pace->device_100ns;
    int64_t lead = sink_pace_lead(pace, cursor), most = sink_pace_most(pace, cursor);
    struct sink_step step = {.lead_100ns = lead < most ? lead : most};
    int64_t written = cursor->written;
    int64_t due = time_map_to_sample(map, now_100ns);
    int64_t early_100ns = frames_to_100ns(pace, position - (written - cursor->playing) - due);
    bool anew = !pace->aligned;
    step.resync = !anew && (early_100ns > RESYNC_100NS || early_100ns < -RESYNC_100NS);
    if (anew || step.resync) {
        pace->aligned = step.seek = true;
        written = step.seek_to = cursor->playing + (position - due);
    } else {
        step.shift_100ns = clamp(-early_100ns / FOLLOW_DIVISOR, -SINK_FOLLOW_MAX, SINK_FOLLOW_MAX);
    }
    /* Sample 0 belongs to the activation: what of the first block comes too late is rendered, but not heard. */
    bool believed = need_of(pace, cursor) <= pace->device_100ns;
    if (position > 0 && written < cursor->writable && believed) {
        step.skip = cursor->writable - written;
        /* Had the device kept to the clock, the stream would have been there. */
        bool leapt = frames_to_100ns(pace, step.skip) <= early_100ns;
        step.skip_is_devices = leapt || anew || step.resync || pace->device_100ns > need_before;
        step.seek = true;
        step.seek_to = cursor->writable;
    }
    return step;
}
