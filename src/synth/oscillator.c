/* SPDX-License-Identifier: MIT */
#include "group.h"

/* Taps before the position that taps reach back. */
static int64_t taps_before(const struct interp_level *level)
{
    return level->taps > 1 ? (int64_t)(level->taps / 2 - 1) : 0;
}

/* Position of frame I of a span, relative to its first: i*step + i(i-1)/2*slope */
static int64_t travel(const struct voice *v, uint32_t i)
{
    return (int64_t)i * v->step + (int64_t)((uint64_t)i * (i ? i - 1 : 0) / 2) * v->slope;
}

void voice_wrap(struct voice *v)
{
    int64_t whole = v->pos >> 32;
    v->pos -= (whole - source_wrap(&v->source, whole, INTERP_TAPS_MAX)) * ((int64_t)1 << 32);
}

void voice_oscillate(struct mixer *mixer, struct voice *v, float *out, uint32_t frames)
{
    const struct interp_level *level = v->level;
    const int64_t bias = mixer->family.bias;
    while (frames) {
        uint32_t n = frames, count;
        int64_t start = v->pos + bias, first = (start >> 32) - taps_before(level);
        for (;;) { /* a fast voice takes the span in parts that fit the scratch buffer */
            int64_t last = ((start + travel(v, n - 1)) >> 32) - taps_before(level) + level->taps - 1;
            if (last - first < (int64_t)SCRATCH_SAMPLES || n == 1) {
                count = (uint32_t)(last - first) + 1;
                break;
            }
            n /= 2;
        }
        struct interp_span span = {
            .src = source_window(&v->source, first, count + INTERP_SLACK, mixer->scratch),
            .samples = count,
            .work = mixer->work,
            .phase = (uint32_t)start,
            .step = v->step,
            .slope = v->slope,
            .level = level,
        };
        mixer->interp(&span, out, n);
        v->pos += travel(v, n);
        v->step += (int64_t)n * v->slope;
        out += n;
        frames -= n;
    }
}

bool voice_data_over(const struct voice *v)
{
    return !v->source.looping && (v->pos >> 32) >= v->source.frames + (int64_t)(v->level->taps / 2);
}
