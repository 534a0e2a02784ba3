/* SPDX-License-Identifier: MIT */
#include "limiter.h"

#include <math.h>
#include <stdbool.h>

#include "base/alloc.h"

struct entry {
    uint64_t frame;
    float gain;
};

struct limiter {
    uint32_t channels, look; /* frames of look-ahead */
    float rise;              /* share of the way back to 1 per frame */
    uint64_t in, out;        /* frames taken and given */
    bool ending;
    uint64_t end;            /* frames taken when draining began */
    float *delay;            /* look + 1 frames, a ring by frame number */
    struct entry *least;     /* gains of the window, rising: the first is its minimum; a ring of look + 1 */
    uint32_t head, count;
    float released;          /* minimum with release */
    float *box;              /* the last look + 1 of them */
    double sum;
};

struct limiter *limiter_create(uint32_t channels, uint32_t rate)
{
    struct limiter *l = dm_calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->channels = channels;
    l->look = (uint32_t)(LIMITER_LOOK_AHEAD * rate);
    l->rise = (float)(1 - exp(-1 / (LIMITER_RELEASE * rate)));
    l->released = 1;
    uint32_t n = l->look + 1;
    l->delay = dm_calloc((size_t)n * channels, sizeof *l->delay);
    l->least = dm_calloc(n, sizeof *l->least);
    l->box = dm_calloc(n, sizeof *l->box);
    if (!l->delay || !l->least || !l->box) {
        limiter_free(l);
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++)
        l->box[i] = 1;
    l->sum = n;
    return l;
}

void limiter_free(struct limiter *l)
{
    if (!l)
        return;
    dm_free(l->delay);
    dm_free(l->least);
    dm_free(l->box);
    dm_free(l);
}

/* Gain that frame number l->in asks for joins the window; the window's minimum comes back. */
static float window_minimum(struct limiter *l, float gain)
{
    uint32_t n = l->look + 1;
    while (l->count && l->least[(l->head + l->count - 1) % n].gain >= gain)
        l->count--;
    while (l->count && l->least[l->head].frame + l->look < l->in) {
        l->head = (l->head + 1) % n;
        l->count--;
    }
    l->least[(l->head + l->count) % n] = (struct entry){l->in, gain};
    l->count++;
    return l->least[l->head].gain;
}

/* Take one frame (NULL: silence after the end); true if OUT got the one that is a look-ahead older. */
static int step(struct limiter *l, const float *frame, float *out)
{
    uint32_t n = l->look + 1, at = (uint32_t)(l->in % n);
    float peak = 0;
    for (uint32_t c = 0; c < l->channels; c++) {
        float x = frame ? frame[c] : 0;
        l->delay[at * l->channels + c] = x;
        peak = fabsf(x) > peak ? fabsf(x) : peak;
    }
    float least = window_minimum(l, peak > LIMITER_CEILING ? LIMITER_CEILING / peak : 1);
    l->released += (1 - l->released) * l->rise;
    if (l->released > 1 - 1e-6f)
        l->released = 1; /* back for good: samples pass unchanged */
    if (least < l->released)
        l->released = least;
    l->sum += (double)l->released - (double)l->box[at];
    l->box[at] = l->released;
    if (l->in++ < l->look)
        return 0;
    float gain = (float)(l->sum / n);
    uint32_t oldest = (uint32_t)(l->out++ % n);
    for (uint32_t c = 0; c < l->channels; c++)
        out[c] = l->delay[oldest * l->channels + c] * gain;
    return 1;
}

size_t limiter_process(struct limiter *l, const float *in, size_t count, float *out)
{
    size_t given = 0;
    for (size_t i = 0; i < count; i++)
        given += (size_t)step(l, in + i * l->channels, out + given * l->channels);
    return given;
}

size_t limiter_drain(struct limiter *l, float *out, size_t max)
{
    size_t given = 0;
    if (!l->ending) {
        l->ending = true;
        l->end = l->in;
    }
    while (given < max && l->out < l->end)
        given += (size_t)step(l, NULL, out + given * l->channels);
    return given;
}
