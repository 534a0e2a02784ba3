/* SPDX-License-Identifier: MIT */
#include "group.h"

#ifdef __GNUC__
#define FETCH(p) __builtin_prefetch(p)
#else
#define FETCH(p) ((void)(p))
#endif

/* Taps before the position that taps reach back. */
static int64_t taps_before(const struct interp_level *level)
{
    return level->taps > 1 ? (int64_t)(level->taps / 2 - 1) : 0;
}

/* Position of frame I of a span, relative to its first: i*step + i(i-1)/2*slope */
static int64_t travel(const struct oscillator *osc, uint32_t i)
{
    return (int64_t)i * osc->step + (int64_t)((uint64_t)i * (i ? i - 1 : 0) / 2) * osc->slope;
}

/* In place if the samples lie there one after the other, which they mostly do. */
static const int16_t *window(struct workspace *space, const struct voice *v, int64_t first, uint32_t count)
{
    const struct oscillator *osc = v->osc;
    int64_t place = first < (int64_t)osc->wrap_at - INTERP_TAPS_MAX ? first : first - osc->lap;
    if (osc->samples && place >= osc->direct_from && place + count <= osc->direct_end)
        return osc->samples + place;
    return source_window(&v->source, first, count, space->scratch);
}

void voice_limits(struct voice *v)
{
    const struct source *source = &v->source;
    struct oscillator *osc = v->osc;
    int64_t end = source->looping ? source->loop_start + source->loop_length : source->frames;
    osc->samples = source->direct && !source->stream ? (const int16_t *)source->wave->samples : NULL;
    osc->direct_from = source->history ? (int32_t)source->loop_start : 0;
    int64_t last = source->frames - INTERP_SLACK; /* kernels may read that much more, whatever it is */
    osc->direct_end = (int32_t)(end < last ? end : last);
    osc->lap = source->looping ? (int32_t)source->loop_length : 0;
    osc->wrap_at = source->looping ? (int32_t)(end + INTERP_TAPS_MAX) : INT32_MAX;
    osc->over_at = source->stream ? INT32_MIN : source->looping ? INT32_MAX : (int32_t)end;
}

void voice_wrap(struct voice *v)
{
    int64_t whole = v->osc->pos >> 32;
    v->osc->pos -= (whole - source_wrap(&v->source, whole, INTERP_TAPS_MAX)) * ((int64_t)1 << 32);
}

void voice_oscillate(const struct mixer *mixer, struct workspace *space, struct voice *v, float *out, uint32_t frames)
{
    struct oscillator *osc = v->osc;
    const struct interp_level *level = osc->level;
    const int64_t bias = mixer->family.bias;
    while (frames) {
        uint32_t n = frames, count;
        int64_t start = osc->pos + bias, first = (start >> 32) - taps_before(level);
        for (;;) { /* a fast voice takes the span in parts that fit the scratch buffer */
            int64_t last = ((start + travel(osc, n - 1)) >> 32) - taps_before(level) + level->taps - 1;
            if (last - first < (int64_t)SCRATCH_SAMPLES || n == 1) {
                count = (uint32_t)(last - first) + 1;
                break;
            }
            n /= 2;
        }
        struct interp_span span = {
            .src = window(space, v, first, count),
            .samples = count,
            .work = space->work,
            .phase = (uint32_t)start,
            .step = osc->step,
            .slope = osc->slope,
            .level = level,
        };
        mixer->interp(&span, out, n);
        FETCH(span.src + count + 32); /* where the next span reads: voices are too many for a processor to foresee them all */
        FETCH(span.src + count + 64);
        osc->pos += travel(osc, n);
        osc->step += (int64_t)n * osc->slope;
        out += n;
        frames -= n;
    }
}

bool voice_data_over(const struct voice *v)
{
    return !v->source.looping && (v->osc->pos >> 32) >= v->source.frames + (int64_t)(v->osc->level->taps / 2);
}
