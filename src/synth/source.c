/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <string.h>

#include "interp.h"
#include "stream.h"

#define FRAMES_MAX (1u << 30) /* positions are 31 bits and a fraction */

void source_init(struct source *source, const struct region *region)
{
    const struct wave *wave = region->wave;
    source->wave = wave;
    source->stream = NULL;
    source->direct = !wave->eight_bit;
    source->frames = wave->frames < FRAMES_MAX ? wave->frames : FRAMES_MAX;
    source->loop_start = region->loop_start;
    source->loop_length = region->loop_length;
    source->looping = region->loop != LOOP_NONE && region->loop_length >= 1 &&
                      source->loop_start + source->loop_length <= source->frames;
    source->release_loop = source->looping && region->loop == LOOP_RELEASE;
    source->history = false;
}

void source_init_stream(struct source *source, const struct wave *format, struct stream *stream)
{
    memset(source, 0, sizeof *source);
    source->wave = format;
    source->stream = stream;
}

int64_t source_wrap(const struct source *source, int64_t position, int64_t reach)
{
    int64_t excess = position - reach - source->loop_start;
    if (!source->looping || excess < source->loop_length)
        return position;
    return position - excess / source->loop_length * source->loop_length;
}

int64_t source_release(struct source *source, int64_t position, int64_t reach)
{
    if (!source->release_loop || !source->looping)
        return position;
    source->looping = false;
    int64_t beyond = position + reach - (source->loop_start + source->loop_length);
    if (beyond <= 0)
        return position;
    source->history = true;
    return position - (beyond + source->loop_length - 1) / source->loop_length * source->loop_length;
}

enum { BLOCK = 16 }; /* less than INTERP_SLACK */

/* Blocks of a fixed size, where the wave goes on behind the last: most copies are of few samples, and a call takes longer. */
static void copy_16(const int16_t *in, uint32_t count, bool goes_on, int16_t *out)
{
    if (!goes_on)
        memcpy(out, in, count * sizeof *out);
    for (uint32_t i = 0; goes_on && i < count; i += BLOCK)
        memcpy(out + i, in + i, BLOCK * sizeof *out);
}

static void copy(const struct wave *wave, int64_t from, uint32_t count, int16_t *out)
{
    if (!wave->eight_bit) {
        copy_16((const int16_t *)wave->samples + from, count, from + count + BLOCK <= (int64_t)wave->frames, out);
        return;
    }
    const uint8_t *in = (const uint8_t *)wave->samples + from;
    for (uint32_t i = 0; i < count; i++)
        out[i] = (int16_t)((in[i] - 128) * 256);
}

/* Length of the run of consecutive wave samples at stream position V, and its place in the wave; -1: zeros. */
static int64_t run_at(const struct source *source, int64_t v, int64_t *place)
{
    int64_t start = source->loop_start, length = source->loop_length, end = start + length;
    if (source->history && v < start) {
        int64_t back = (start - v - 1) % length; /* 0: the last sample of the loop */
        *place = end - 1 - back;
        return back + 1;
    }
    if (source->looping && v >= end) {
        int64_t in = v - end;
        if (in >= length) /* for shorter loops than most: a division takes as long as the rest */
            in %= length;
        *place = start + in;
        return length - in;
    }
    *place = v >= 0 && v < source->frames ? v : -1;
    if (v < 0)
        return -v;
    if (source->looping)
        return end - v;
    return v < source->frames ? source->frames - v : INT32_MAX;
}

void source_copy(const struct source *source, int64_t first, uint32_t count, int16_t *out)
{
    const int64_t end = source->loop_start + source->loop_length;
    int64_t place, run = run_at(source, first, &place);
    for (;;) {
        uint32_t n = run < count ? (uint32_t)run : count;
        if (place < 0)
            memset(out, 0, n * sizeof *out);
        else
            copy(source->wave, place, n, out);
        out += n;
        first += n;
        count -= n;
        if (!count)
            return;
        if (source->looping && first >= end) { /* another lap */
            place = source->loop_start;
            run = source->loop_length;
        } else
            run = run_at(source, first, &place);
    }
}

const int16_t *source_window(const struct source *source, int64_t first, uint32_t count, int16_t *scratch)
{
    int64_t place, run = run_at(source, first, &place);
    if (run >= count && place >= 0 && source->direct && place + count + INTERP_SLACK <= source->frames)
        return (const int16_t *)source->wave->samples + place;
    if (source->stream)
        stream_read(source->stream, first, count, scratch);
    else
        source_copy(source, first, count, scratch);
    return scratch;
}
