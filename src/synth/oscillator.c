/* SPDX-License-Identifier: MIT */
#include "apart.h"
#include "fetch.h"
#include "group.h"

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

enum { SEAM_REACH = SEAM_SAMPLES - INTERP_SLACK };

/* At first beyond the loop, or near the end of data */
APART const int16_t *window_apart(const struct mixer *mixer, struct workspace *space, uint32_t lane, int64_t first, uint32_t count)
{
    struct voice *v = voice_in(mixer, lane);
    struct oscillator *osc = v->osc;
    int64_t end = (int64_t)osc->wrap_at - INTERP_TAPS_MAX, from = end - (osc->lap <= (int32_t)INTERP_TAPS_MAX ? 64 : 224);
    if (osc->lap && osc->lap <= SEAM_LAP_MAX && lane < mixer->seam_count && osc->seam_from == INT32_MAX && first >= from) {
        source_copy(&v->source, from, SEAM_REACH, mixer->seams[lane].samples);
        osc->seam_from = (int32_t)from;
        if (first - from + count <= SEAM_REACH)
            return mixer->seams[lane].samples + (first - from);
    }
    return source_window(&v->source, first, count, space->scratch);
}

/* In place if the samples lie there one after the other, which they mostly do. */
static const int16_t *window(const struct mixer *mixer, struct workspace *space, const struct oscillator *osc, uint32_t lane,
                             int64_t first, uint32_t count)
{
    int64_t place = first - osc->seam_from;
    if (place >= 0 && place + count <= SEAM_REACH)
        return mixer->seams[lane].samples + place;
    place = first < (int64_t)osc->wrap_at - INTERP_TAPS_MAX ? first : first - osc->lap;
    if (osc->samples && place >= osc->direct_from && place + count <= osc->direct_end)
        return osc->samples + place;
    return window_apart(mixer, space, lane, first, count);
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
    osc->seam_from = INT32_MAX;
    osc->over_at = source->stream ? INT32_MIN : source->looping ? INT32_MAX : (int32_t)end;
}

/* As source_wrap does, of which WRAP_AT has what is usual. */
void voice_wrap(struct voice *v)
{
    struct oscillator *osc = v->osc;
    int64_t lap = osc->lap, beyond = (osc->pos >> 32) - osc->wrap_at;
    osc->pos -= (beyond < lap ? lap : (beyond / lap + 1) * lap) * ((int64_t)1 << 32);
}

void voice_oscillate(const struct mixer *mixer, struct workspace *space, uint32_t lane, float *out, uint32_t frames)
{
    struct oscillator *osc = &mixer->groups[lane / LANES].osc[lane % LANES];
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
            .src = window(mixer, space, osc, lane, first, count),
            .samples = count,
            .work = space->work,
            .phase = (uint32_t)start,
            .step = osc->step,
            .slope = osc->slope,
            .level = level,
        };
        mixer->interp(&span, out, n);
        fetch_line(span.src + count + 32); /* where the next span reads: voices are too many for a processor to foresee them all */
        fetch_line(span.src + count + 64);
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
