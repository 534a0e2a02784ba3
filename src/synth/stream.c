/* SPDX-License-Identifier: MIT */
#include "stream.h"

#include <string.h>

#include "base/bytes.h"

#define OPEN_END (INT64_MAX / 2)

void stream_begin(struct stream *stream)
{
    stream->at = 0;
    stream->waiting = stream->last = stream->ended = false;
    stream->available = 0;
    stream->base = stream->reached = 0;
    memset(stream->before, 0, sizeof stream->before);
}

static uint32_t frames_of(const struct stream_buffer *buffer)
{
    return atomic_load_explicit(&buffer->frames, memory_order_relaxed);
}

static void copy(const struct stream *stream, const struct stream_buffer *buffer, int64_t from, uint32_t count, int16_t *out)
{
    if (stream->eight_bit) {
        const uint8_t *in = buffer->data + from;
        for (uint32_t i = 0; i < count; i++)
            out[i] = (int16_t)((in[i] - 128) * 256);
    } else {
        const uint8_t *in = buffer->data + 2 * from;
        for (uint32_t i = 0; i < count; i++)
            out[i] = (int16_t)load_le16(in + 2 * i);
    }
}

/* The first buffer goes back to the host. */
static void give_back(struct stream *stream, uint32_t frames)
{
    struct stream_buffer *buffer = stream->buffer[stream->at];
    uint32_t keep = frames < INTERP_TAPS_MAX ? frames : INTERP_TAPS_MAX;
    memmove(stream->before, stream->before + keep, (INTERP_TAPS_MAX - keep) * sizeof stream->before[0]);
    copy(stream, buffer, frames - keep, keep, stream->before + INTERP_TAPS_MAX - keep);
    stream->base += frames;
    stream->at = stream->at + 1 < stream->count ? stream->at + 1 : 0;
    atomic_store_explicit(&buffer->state, STREAM_EMPTY, memory_order_release);
}

/* Count what is full from AT on. */
static void look(struct stream *stream)
{
    stream->available = 0;
    stream->last = stream->ended;
    for (uint32_t i = 0, at = stream->at; i < stream->count && !stream->last; i++) {
        unsigned state = atomic_load_explicit(&stream->buffer[at]->state, memory_order_acquire);
        if (state == STREAM_EMPTY)
            return;
        stream->available += frames_of(stream->buffer[at]);
        stream->last = state == STREAM_LAST;
        at = at + 1 < stream->count ? at + 1 : 0;
    }
}

static void give_back_passed(struct stream *stream, int64_t *position)
{
    for (uint32_t i = 0; i < stream->count && !stream->ended; i++) {
        const struct stream_buffer *buffer = stream->buffer[stream->at];
        unsigned state = atomic_load_explicit(&buffer->state, memory_order_acquire);
        int64_t frames = state == STREAM_EMPTY ? INT64_MAX : frames_of(buffer);
        if (*position >> 32 < frames)
            return;
        stream->ended = state == STREAM_LAST;
        *position -= frames * ((int64_t)1 << 32);
        give_back(stream, (uint32_t)frames);
    }
}

int64_t stream_update(struct stream *stream, int64_t *position)
{
    bool waited = stream->waiting;
    if (waited) /* the oscillator has run on meanwhile */
        *position = stream->available * ((int64_t)1 << 32);
    give_back_passed(stream, position);
    look(stream);
    stream->waiting = !stream->last && *position >> 32 >= stream->available;
    if (stream->waiting)
        *position = stream->available * ((int64_t)1 << 32);
    else if (waited) /* what was before the gap has died away */
        memset(stream->before, 0, sizeof stream->before);
    int64_t whole = *position >> 32;
    stream->reached = stream->base + (uint64_t)(whole < stream->available ? whole : stream->available);
    return stream->last ? stream->available : OPEN_END;
}

void stream_read(const struct stream *stream, int64_t first, uint32_t count, int16_t *out)
{
    memset(out, 0, count * sizeof *out);
    if (stream->waiting)
        return;
    int64_t end = first + count, begin = 0;
    for (int64_t v = first; v < end && v < 0; v++)
        out[v - first] = v >= -(int64_t)INTERP_TAPS_MAX ? stream->before[(int64_t)INTERP_TAPS_MAX + v] : 0;
    for (uint32_t i = 0, at = stream->at; i < stream->count && begin < stream->available && begin < end; i++) {
        int64_t frames = frames_of(stream->buffer[at]);
        int64_t from = first > begin ? first : begin, to = end < begin + frames ? end : begin + frames;
        if (from < to)
            copy(stream, stream->buffer[at], from - begin, (uint32_t)(to - from), out + (from - first));
        begin += frames;
        at = at + 1 < stream->count ? at + 1 : 0;
    }
}
