/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "formats/smf_internal.h"

/* Song time as the exact rational time + rest/per, in 100 ns. A tick is step/per. `per` follows from the
 * division alone, so the rest stays exact over tempo changes and from one pattern to the next. */
struct song_clock {
    int64_t time;
    uint64_t rest, step, per;
    bool smpte;
};

enum { DEFAULT_TEMPO = 500000, DEFAULT_DIVISION = 96 };

#define MINUTE (60 * INT64_C(10000000))
#define END_LIMIT (10 * MINUTE)
#define HELD_LIMIT (60 * MINUTE)

static void clock_set_tempo(struct song_clock *clock, uint32_t microseconds)
{
    if (!clock->smpte)
        clock->step = (uint64_t)microseconds * 10;
}

static struct song_clock clock_of(uint16_t division, const struct dm_notes *notes)
{
    struct song_clock clock = {0};
    uint32_t frames = 256u - (division >> 8), per_frame = division & 0xFF;
    if (!(division & 0x8000) || per_frame == 0) {
        if (division == 0 || division & 0x8000) {
            dm_note(notes, "division %04X means no time at all, %d ticks per quarter used", division,
                    DEFAULT_DIVISION);
            division = DEFAULT_DIVISION;
        }
        clock.per = division;
        clock_set_tempo(&clock, DEFAULT_TEMPO);
        return clock;
    }
    clock.smpte = true;
    if (frames != 24 && frames != 25 && frames != 29 && frames != 30)
        dm_note(notes, "division %04X: %u frames per second is no SMPTE rate, taken literally", division, frames);
    /* 29 is 30 drop: 30000/1001 frames per second, and 10^7 * 1001 / 30000 = 1001000 / 3. */
    clock.step = frames == 29 ? 1001000 : 10000000;
    clock.per = (uint64_t)(frames == 29 ? 3 : frames) * per_frame;
    return clock;
}

static void clock_advance(struct song_clock *clock, uint64_t ticks)
{
    while (ticks > 0 && clock->time < INT64_MAX) {
        /* 2^32 ticks of at most 2^24 * 10 and a rest below 2^15 fit 64 bits. */
        uint64_t part = ticks < UINT32_MAX ? ticks : UINT32_MAX;
        uint64_t sum = part * clock->step + clock->rest;
        uint64_t whole = sum / clock->per;
        clock->rest = sum % clock->per;
        if (whole > (uint64_t)(INT64_MAX - clock->time)) {
            clock->time = INT64_MAX;
            clock->rest = 0;
        } else {
            clock->time += (int64_t)whole;
        }
        ticks -= part;
    }
}

/* A track's next event; a binary heap of these has the next event of the song on top. */
struct cursor {
    uint64_t tick;
    size_t next, end;
    uint32_t track;
};

struct merge {
    const struct smf_parse *parse;
    struct smf_song *song;
    struct arena *memory;
    struct song_clock clock;
    struct smf_event *events;
    uint8_t *data; /* where the next payload goes */
    struct cursor *heap;
    size_t heap_size;
};

static bool comes_before(const struct cursor *a, const struct cursor *b)
{
    return a->tick != b->tick ? a->tick < b->tick : a->track < b->track;
}

static void sift_down(struct merge *m, size_t at)
{
    struct cursor moved = m->heap[at];
    for (size_t child; (child = 2 * at + 1) < m->heap_size; at = child) {
        if (child + 1 < m->heap_size && comes_before(&m->heap[child + 1], &m->heap[child]))
            child++;
        if (!comes_before(&m->heap[child], &moved))
            break;
        m->heap[at] = m->heap[child];
    }
    m->heap[at] = moved;
}

static void follow_tempo(struct merge *m, const struct smf_event *event)
{
    uint32_t tempo = 0;
    if (event->size >= 3)
        tempo = (uint32_t)event->data[0] << 16 | (uint32_t)event->data[1] << 8 | event->data[2];
    if (tempo > 0)
        clock_set_tempo(&m->clock, tempo);
    else
        dm_note(m->parse->notes, "track %lu: tempo event without a tempo at tick %llu ignored",
                (unsigned long)event->track, (unsigned long long)event->tick);
}

static enum dm_status take_text(struct merge *m, const struct smf_event *event, const char **field,
                                struct dm_error *err)
{
    if (*field)
        return DM_OK;
    const char *text = text_clean_arena(m->memory, event->data, event->size);
    if (!text)
        return dm_fail(err, DM_ERR_NOMEM, "song text: out of memory");
    *field = text[0] ? text : NULL;
    return DM_OK;
}

static enum dm_status see_meta(struct merge *m, const struct smf_event *event, struct dm_error *err)
{
    switch (event->meta_type) {
    case META_TEMPO:
        follow_tempo(m, event);
        return DM_OK;
    case META_TRACK_NAME:
        return event->track == 0 ? take_text(m, event, &m->song->title, err) : DM_OK;
    case META_COPYRIGHT:
        return take_text(m, event, &m->song->copyright, err);
    default:
        return DM_OK;
    }
}

static const uint8_t *payload_of(const struct smf_parse *parse, const struct raw_event *raw)
{
    switch (raw->kind) {
    case SMF_CHANNEL:
        return raw->at.message;
    case SMF_SYSEX:
        return parse->sysex + raw->at.sysex;
    default:
        return raw->at.file;
    }
}

static enum dm_status emit(struct merge *m, const struct raw_event *raw, uint32_t track, struct dm_error *err)
{
    struct smf_song *song = m->song;
    struct smf_event *event = &m->events[song->event_count++];
    *event = (struct smf_event){.time_100ns = m->clock.time, .tick = raw->tick, .track = track, .size = raw->size,
                                .data = m->data, .kind = raw->kind, .meta_type = raw->meta_type, .port = raw->port};
    if (raw->size > 0)
        memcpy(m->data, payload_of(m->parse, raw), raw->size);
    m->data += raw->size;
    song->duration_100ns = m->clock.time;
    if (raw->port >= song->port_count)
        song->port_count = (uint16_t)(raw->port + 1);
    if (raw->kind == SMF_META)
        return see_meta(m, event, err);
    song->last_event_100ns = m->clock.time;
    if (raw->kind == SMF_CHANNEL && (raw->at.message[0] & 0xF0) == 0x90 && raw->at.message[2] > 0)
        song->note_count++;
    return DM_OK;
}

/* Tracks that sound together, from the clock's present time on and with the default tempo. */
static enum dm_status merge_group(struct merge *m, size_t first, size_t count, struct dm_error *err)
{
    const struct smf_parse *parse = m->parse;
    m->heap_size = 0;
    for (size_t i = first; i < first + count; i++) {
        const struct raw_track *track = &parse->tracks[i];
        if (track->count > 0)
            m->heap[m->heap_size++] = (struct cursor){parse->events[track->first].tick, track->first,
                                                      track->first + track->count, (uint32_t)i};
    }
    for (size_t i = m->heap_size / 2; i-- > 0;)
        sift_down(m, i);
    clock_set_tempo(&m->clock, DEFAULT_TEMPO);
    for (uint64_t tick = 0; m->heap_size > 0; sift_down(m, 0)) {
        struct cursor *top = &m->heap[0];
        clock_advance(&m->clock, top->tick - tick);
        tick = top->tick;
        enum dm_status status = emit(m, &parse->events[top->next], top->track, err);
        if (status != DM_OK)
            return status;
        if (++top->next < top->end)
            top->tick = parse->events[top->next].tick;
        else
            *top = m->heap[--m->heap_size];
    }
    return DM_OK;
}

/* The keys of one channel that were struck and not let go */
struct held {
    uint32_t keys[4];
};

static void hold(struct held *held, const uint8_t message[3])
{
    uint8_t kind = message[0] & 0xF0, key = message[1] & 0x7F;
    if (kind == 0x90 && message[2] > 0)
        held->keys[key / 32] |= 1u << key % 32;
    else if (kind == 0x90 || kind == 0x80)
        held->keys[key / 32] &= ~(1u << key % 32);
    else if (kind == 0xB0 && (key == 120 || key >= 123)) /* all sound off, all notes off and what implies that */
        *held = (struct held){0};
}

/* Does a note sound on when there is no event any more? */
static enum dm_status holds(const struct merge *m, bool *held, struct dm_error *err)
{
    const struct smf_song *song = m->song;
    struct held *channels = dm_calloc((size_t)song->port_count * 16, sizeof *channels);
    if (!channels)
        return dm_fail(err, DM_ERR_NOMEM, "end of the song: out of memory");
    for (uint32_t i = 0; i < song->event_count; i++) {
        const struct smf_event *event = &m->events[i];
        if (event->kind == SMF_CHANNEL && event->size == 3)
            hold(&channels[event->port * 16u + (event->data[0] & 15u)], event->data);
    }
    *held = false;
    for (size_t i = 0; i < (size_t)song->port_count * 16; i++)
        *held |= channels[i].keys[0] || channels[i].keys[1] || channels[i].keys[2] || channels[i].keys[3];
    dm_free(channels);
    return DM_OK;
}

/* An end of track that comes years after the last sound is damage (37 bytes can say so), and who renders the song would fill the
 * disk with silence. It ends with its last event then, and what else lies behind that stands there. A note that is held until the
 * end of track may last longer. */
static enum dm_status end_in_time(struct merge *m, struct dm_error *err)
{
    struct smf_song *song = m->song;
    int64_t end = song->last_event_100ns, minutes = (song->duration_100ns - end) / MINUTE;
    bool held = false;
    if (song->duration_100ns - end <= END_LIMIT)
        return DM_OK;
    enum dm_status status = holds(m, &held, err);
    if (status != DM_OK || (held && song->duration_100ns - end <= HELD_LIMIT))
        return status;
    for (uint32_t i = song->event_count; i-- > 0 && m->events[i].time_100ns > end;)
        m->events[i].time_100ns = end;
    song->duration_100ns = end;
    bool hours = minutes >= 600;
    dm_note(m->parse->notes, "end of track %lld %s after the last event: not waited for",
            (long long)(hours ? minutes / 60 : minutes), hours ? "h" : "min");
    return DM_OK;
}

enum dm_status smf_merge(const struct smf_parse *parse, struct smf_song *song, struct arena *memory,
                         struct dm_error *err)
{
    struct merge m = {.parse = parse, .song = song, .memory = memory,
                      .clock = clock_of(song->division, parse->notes)};
    m.events = arena_array(memory, parse->event_count, sizeof *m.events);
    m.data = arena_alloc(memory, parse->data_size, 1);
    m.heap = dm_calloc(parse->track_count, sizeof *m.heap);
    if (!m.events || !m.data || !m.heap) {
        dm_free(m.heap);
        return dm_fail(err, DM_ERR_NOMEM, "%zu MIDI events: out of memory", parse->event_count);
    }
    song->events = m.events;
    song->port_count = 1;
    enum dm_status status = DM_OK;
    size_t group = song->format == 2 ? 1 : parse->track_count;
    for (size_t i = 0; i < parse->track_count && status == DM_OK; i += group)
        status = merge_group(&m, i, group, err);
    dm_free(m.heap);
    if (status == DM_OK)
        status = end_in_time(&m, err);
    if (status == DM_OK && song->duration_100ns == INT64_MAX)
        dm_note(parse->notes, "song time overflows, later events stand at its end");
    return status;
}
