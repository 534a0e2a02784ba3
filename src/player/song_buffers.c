/* SPDX-License-Identifier: MIT */
#include "song_buffers.h"

#include <string.h>

#include <dmusbuff.h>

#include "base/alloc.h"

enum { HEADER_SIZE = sizeof(DMUS_EVENTHEADER), ALIGN = 8, BUFFER_SIZE = 65536 };
_Static_assert(HEADER_SIZE == 20, "packed to 4 bytes (spec/ddi-user.md 4.3)");

#define PER_SECOND INT64_C(10000000)

void song_buffers_begin(struct song_buffers *reader, const struct smf_song *song, uint32_t sample_rate, bool exact)
{
    *reader = (struct song_buffers){.song = song, .sample_rate = sample_rate, .exact = exact};
}

void song_buffers_end(struct song_buffers *reader)
{
    dm_free(reader->bytes);
    memset(reader, 0, sizeof *reader);
}

uint32_t song_event_bytes(uint32_t size) { return ((uint32_t)HEADER_SIZE + size + ALIGN - 1) & ~(uint32_t)(ALIGN - 1); }

uint32_t song_event_put(uint8_t *at, int64_t delta_100ns, uint32_t group, bool structured, const uint8_t *data,
                        uint32_t size)
{
    uint32_t whole = song_event_bytes(size);
    DMUS_EVENTHEADER header = {.cbEvent = size,
                               .dwChannelGroup = group,
                               .rtDelta = delta_100ns,
                               .dwFlags = structured ? DMUS_EVENT_STRUCTURED : 0};
    memcpy(at, &header, HEADER_SIZE);
    memcpy(at + HEADER_SIZE, data, size);
    memset(at + HEADER_SIZE + size, 0, whole - HEADER_SIZE - size);
    return whole;
}

/* The song's times are floors: the exact time lies below time + 1, so the last frame that starts below that is meant. With it
 * an event written for frame n comes out at frame n at every rate below 10 MHz. */
int64_t song_time_frame(int64_t time_100ns, uint32_t rate)
{
    int64_t seconds = time_100ns / PER_SECOND, rest = time_100ns % PER_SECOND + 1;
    return seconds * rate + (rest * rate + PER_SECOND - 1) / PER_SECOND - 1;
}

int64_t song_frame_time(int64_t frame, uint32_t rate)
{
    int64_t seconds = frame / rate, rest = frame % rate;
    return seconds * PER_SECOND + (rest * PER_SECOND + rate - 1) / rate;
}

void song_event_message(const struct smf_event *event, uint8_t channel_bytes[3], const uint8_t **data, uint32_t *size,
                        bool *structured)
{
    uint8_t status = event->size ? event->data[0] : 0;
    *size = 0;
    *structured = false;
    if (event->kind == SMF_META)
        return;
    if (status >= 0x80 && status < 0xF0 && event->size >= 2 && event->size <= 3) {
        channel_bytes[0] = status;
        channel_bytes[1] = event->data[1];
        channel_bytes[2] = event->size > 2 ? event->data[2] : 0;
        *data = channel_bytes;
        *size = 3; /* also for two-byte messages, as PackStructured has it */
        *structured = true;
    } else if (status == 0xF0 && event->data[event->size - 1] == 0xF7) {
        *data = event->data;
        *size = event->size;
    }
}

static bool make_room(struct song_buffers *reader, uint32_t need)
{
    if (need <= reader->capacity)
        return true;
    uint32_t capacity = need > BUFFER_SIZE ? need : BUFFER_SIZE;
    uint8_t *grown = dm_realloc(reader->bytes, capacity, 1);
    if (!grown)
        return false;
    reader->bytes = grown;
    reader->capacity = capacity;
    return true;
}

enum dm_status song_buffers_next(struct song_buffers *reader, int64_t end_100ns, int64_t *start_100ns,
                                 const uint8_t **bytes, uint32_t *size, struct dm_error *err)
{
    uint32_t used = 0;
    *size = 0;
    for (; reader->next < reader->song->event_count; reader->next++) {
        const struct smf_event *event = &reader->song->events[reader->next];
        if (event->time_100ns >= end_100ns)
            break;
        uint8_t channel_bytes[3];
        const uint8_t *data = NULL;
        uint32_t data_size;
        bool structured;
        song_event_message(event, channel_bytes, &data, &data_size, &structured);
        if (data_size == 0)
            continue;
        if (data_size > INT32_MAX)
            return dm_fail(err, DM_ERR_UNSUPPORTED, "system exclusive of %u bytes", (unsigned)data_size);
        uint32_t need = song_event_bytes(data_size);
        if (used && need > reader->capacity - used)
            break;
        if (!make_room(reader, used + need))
            return dm_fail(err, DM_ERR_NOMEM, "no memory for an event of %u bytes", (unsigned)data_size);
        int64_t stamp = reader->exact ? song_frame_time(song_time_frame(event->time_100ns, reader->sample_rate),
                                                        reader->sample_rate)
                                      : event->time_100ns;
        if (used == 0)
            *start_100ns = stamp;
        used += song_event_put(reader->bytes + used, stamp - *start_100ns, event->port + 1u, structured, data,
                               data_size);
    }
    *bytes = reader->bytes;
    *size = used;
    return DM_OK;
}
