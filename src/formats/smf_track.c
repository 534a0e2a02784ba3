/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/alloc.h"
#include "formats/smf_internal.h"

#define NO_SYSEX SIZE_MAX

struct track_reader {
    struct smf_parse *parse;
    const uint8_t *p, *end;
    unsigned long track;
    uint64_t tick;
    size_t open_sysex; /* index of the event that still waits for its F7, or NO_SYSEX */
    uint16_t port;
    uint8_t status; /* last channel status, 0 before the first */
    bool cancelled; /* a meta event or system exclusive came after it */
    bool ended, broken;
    bool noted_running, noted_stray, noted_system, noted_data; /* one note per kind of damage and track */
};

/* Capacity for NEED elements. Doubling keeps a million events at twenty reallocations. */
static bool reserve(void **block, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity)
        return true;
    size_t want = *capacity < 256 ? 512 : *capacity > SIZE_MAX / 2 ? need : *capacity * 2;
    if (want < need)
        want = need;
    void *moved = dm_realloc(*block, want, size);
    if (!moved)
        return false;
    *block = moved;
    *capacity = want;
    return true;
}

static enum dm_status no_memory(struct track_reader *r, struct dm_error *err)
{
    return dm_fail(err, DM_ERR_NOMEM, "track %lu: out of memory", r->track);
}

static struct raw_event *push(struct track_reader *r, uint8_t kind)
{
    struct smf_parse *parse = r->parse;
    void *block = parse->events;
    bool ok = reserve(&block, &parse->event_capacity, parse->event_count + 1, sizeof *parse->events);
    parse->events = block;
    if (!ok)
        return NULL;
    struct raw_event *event = &parse->events[parse->event_count++];
    memset(event, 0, sizeof *event);
    event->tick = r->tick;
    event->kind = kind;
    event->port = r->port;
    return event;
}

/* The bytes from here on cannot be read as events. */
static bool stop(struct track_reader *r, const char *why)
{
    dm_note(r->parse->notes, "track %lu: %s at byte %zu; the rest of it is left out", r->track, why,
            (size_t)(r->p - r->parse->file.data));
    r->broken = true;
    return false;
}

static bool read_length(struct track_reader *r, uint32_t *out)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        if (r->p == r->end)
            return stop(r, "cut off");
        value = value << 7 | (*r->p & 0x7F);
        if (!(*r->p++ & 0x80)) {
            *out = value;
            return true;
        }
    }
    return stop(r, "a number of more than four bytes"); /* SMF: at most 0FFFFFFF */
}

/* A variable length and that many bytes behind it. */
static bool read_payload(struct track_reader *r, struct span *out)
{
    uint32_t size;
    if (!read_length(r, &size))
        return false;
    if (size > (size_t)(r->end - r->p))
        return stop(r, "cut off");
    *out = (struct span){r->p, size};
    r->p += size;
    return true;
}

static enum dm_status read_channel(struct track_reader *r, struct dm_error *err)
{
    size_t need = (r->status & 0xE0) == 0xC0 ? 1 : 2; /* Cx and Dx */
    if ((size_t)(r->end - r->p) < need) {
        stop(r, "cut off");
        return DM_OK;
    }
    struct raw_event *event = push(r, SMF_CHANNEL);
    if (!event)
        return no_memory(r, err);
    event->at.message[0] = r->status;
    for (size_t i = 0; i < need; i++) {
        uint8_t byte = *r->p++;
        if (byte > 0x7F) {
            if (!r->noted_data)
                dm_note(r->parse->notes, "track %lu: data byte %u at byte %zu taken as 127", r->track, byte,
                        (size_t)(r->p - 1 - r->parse->file.data));
            r->noted_data = true;
            byte = 0x7F;
        }
        event->at.message[1 + i] = byte;
    }
    event->size = (uint32_t)(1 + need);
    r->parse->data_size += 1 + need;
    return DM_OK;
}

static bool append_sysex(struct track_reader *r, size_t index, const uint8_t *bytes, size_t size)
{
    struct smf_parse *parse = r->parse;
    void *block = parse->sysex;
    bool ok = reserve(&block, &parse->sysex_capacity, parse->sysex_size + size, 1);
    parse->sysex = block;
    if (!ok)
        return false;
    if (size > 0)
        memcpy(parse->sysex + parse->sysex_size, bytes, size);
    parse->sysex_size += size;
    parse->data_size += size;
    parse->events[index].size += (uint32_t)size;
    return true;
}

/* Many writers leave the F7 out and go on with other events: the message is complete all the same. */
static enum dm_status close_sysex(struct track_reader *r, struct dm_error *err)
{
    static const uint8_t end = 0xF7;
    if (r->open_sysex == NO_SYSEX)
        return DM_OK;
    dm_note(r->parse->notes, "track %lu: system exclusive at tick %llu without its end, F7 added", r->track,
            (unsigned long long)r->parse->events[r->open_sysex].tick);
    bool ok = append_sysex(r, r->open_sysex, &end, 1);
    r->open_sysex = NO_SYSEX;
    return ok ? DM_OK : no_memory(r, err);
}

/* A packet counts at its own time (SMF: delays between packets are significant), and a receiver acts on the
 * last one: the joined message moves behind the meta events that stand in between. Each of them is passed
 * once, so this is linear. */
static size_t move_to_end(struct smf_parse *parse, size_t index)
{
    struct raw_event moved = parse->events[index];
    size_t last = parse->event_count - 1;
    memmove(&parse->events[index], &parse->events[index + 1], (last - index) * sizeof *parse->events);
    parse->events[last] = moved;
    return last;
}

static enum dm_status read_sysex(struct track_reader *r, uint8_t status, struct dm_error *err)
{
    struct smf_parse *parse = r->parse;
    bool continues = status == 0xF7 && r->open_sysex != NO_SYSEX;
    struct span payload;
    if (!read_payload(r, &payload))
        return DM_OK;
    r->cancelled = true;
    if (status == 0xF7 && !continues) {
        struct raw_event *event = payload.size > 0 ? push(r, SMF_ESCAPE) : NULL;
        if (payload.size > 0 && !event)
            return no_memory(r, err);
        if (event) {
            event->at.file = payload.data;
            event->size = (uint32_t)payload.size;
            parse->data_size += payload.size;
        }
        return DM_OK;
    }
    if (continues) {
        r->open_sysex = move_to_end(parse, r->open_sysex);
        parse->events[r->open_sysex].tick = r->tick;
    } else {
        enum dm_status closed = close_sysex(r, err);
        if (closed != DM_OK)
            return closed;
        struct raw_event *event = push(r, SMF_SYSEX);
        if (!event)
            return no_memory(r, err);
        event->at.sysex = parse->sysex_size;
        r->open_sysex = parse->event_count - 1;
        if (!append_sysex(r, r->open_sysex, &status, 1))
            return no_memory(r, err);
    }
    if (!append_sysex(r, r->open_sysex, payload.data, payload.size))
        return no_memory(r, err);
    if (payload.size > 0 && payload.data[payload.size - 1] == 0xF7)
        r->open_sysex = NO_SYSEX;
    return DM_OK;
}

static enum dm_status read_meta(struct track_reader *r, struct dm_error *err)
{
    if (r->p == r->end) {
        stop(r, "cut off");
        return DM_OK;
    }
    uint8_t type = *r->p++;
    struct span payload;
    if (!read_payload(r, &payload))
        return DM_OK;
    if (type == META_PORT && payload.size > 0)
        r->port = payload.data[0];
    struct raw_event *event = push(r, SMF_META);
    if (!event)
        return no_memory(r, err);
    event->meta_type = type;
    event->at.file = payload.data;
    event->size = (uint32_t)payload.size;
    r->parse->data_size += payload.size;
    r->cancelled = true;
    r->ended = type == META_END_OF_TRACK;
    return DM_OK;
}

/* System common and real-time messages have no place in a file (SMF: only inside an escape). */
static void skip_system(struct track_reader *r, uint8_t status)
{
    if (!r->noted_system)
        dm_note(r->parse->notes, "track %lu: status %02X at byte %zu is not for files, left out", r->track, status,
                (size_t)(r->p - 1 - r->parse->file.data));
    r->noted_system = true;
    size_t data = status == 0xF2 ? 2 : status == 0xF1 || status == 0xF3 ? 1 : 0;
    for (; data > 0 && r->p < r->end && *r->p < 0x80; data--)
        r->p++;
}

static enum dm_status read_event(struct track_reader *r, struct dm_error *err)
{
    uint8_t byte = *r->p;
    if (byte < 0x80 && !r->status) {
        if (!r->noted_stray)
            dm_note(r->parse->notes, "track %lu: data without a status at byte %zu left out", r->track,
                    (size_t)(r->p - r->parse->file.data));
        r->noted_stray = true;
        while (r->p < r->end && *r->p < 0x80)
            r->p++;
        if (r->p == r->end)
            return DM_OK;
        byte = *r->p;
    }
    if (byte >= 0x80)
        r->p++;
    if (byte == 0xFF)
        return read_meta(r, err);
    if (byte == 0xF0 || byte == 0xF7)
        return read_sysex(r, byte, err);
    if (byte > 0xF0) {
        skip_system(r, byte);
        return DM_OK;
    }
    /* SMF: meta events and exclusives cancel running status, yet many files rely on it afterwards. */
    if (byte < 0x80 && r->cancelled && !r->noted_running) {
        dm_note(r->parse->notes, "track %lu: running status across a meta event or exclusive at byte %zu", r->track,
                (size_t)(r->p - r->parse->file.data));
        r->noted_running = true;
    }
    if (byte >= 0x80)
        r->status = byte;
    r->cancelled = false;
    enum dm_status closed = close_sysex(r, err);
    return closed != DM_OK ? closed : read_channel(r, err);
}

enum dm_status smf_parse_track(struct smf_parse *parse, struct span body, size_t *used, struct dm_error *err)
{
    struct track_reader reader = {.parse = parse, .p = body.data, .end = body.data + body.size,
                                  .track = (unsigned long)parse->track_count, .open_sysex = NO_SYSEX};
    struct track_reader *r = &reader;
    void *block = parse->tracks;
    bool ok = reserve(&block, &parse->track_capacity, parse->track_count + 1, sizeof *parse->tracks);
    parse->tracks = block;
    if (!ok)
        return no_memory(r, err);
    size_t first = parse->event_count;
    while (r->p < r->end && !r->ended && !r->broken) {
        uint32_t delta;
        if (!read_length(r, &delta))
            break;
        r->tick += delta;
        if (r->p == r->end) {
            stop(r, "cut off");
            break;
        }
        enum dm_status status = read_event(r, err);
        if (status != DM_OK)
            return status;
    }
    enum dm_status closed = close_sysex(r, err);
    if (closed != DM_OK)
        return closed;
    if (!r->ended && !r->broken)
        dm_note(parse->notes, "track %lu: no end of track", r->track);
    parse->tracks[parse->track_count++] = (struct raw_track){first, parse->event_count - first};
    *used = (size_t)(r->p - body.data);
    return DM_OK;
}
