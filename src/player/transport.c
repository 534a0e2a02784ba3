/* SPDX-License-Identifier: MIT */
#include "transport.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "song_buffers.h"
#include "song_part.h"

#define PER_SECOND 1e7
#define NONE       UINT32_MAX

struct channel_state {
    struct {
        uint8_t sounding; /* note-ons without their note-off */
        bool played;      /* they were sent ... */
        int8_t shift;     /* ... so many keys up */
    } keys[128];
    bool muted, solo;
};

/* One message to send at pending_frame: an event of the song, or 3 bytes. */
struct pending {
    uint32_t event; /* NONE: bytes */
    uint32_t group;
    uint8_t bytes[3];
};

/* From output frame FRAME on song time TIME goes on at TEMPO. */
struct anchor {
    int64_t frame, time;
    double tempo;
};

enum { ANCHORS = 16 };

struct transport {
    uint32_t rate;
    double tempo;
    int keys;
    const struct smf_song *song;
    uint32_t next; /* event */
    /* Song time ANCHOR_TIME lies on output frame ANCHOR_FRAME; from there on the tempo is TEMPO. */
    int64_t anchor_time, anchor_frame;
    struct anchor past[ANCHORS]; /* the latest last, at past_count - 1 of the ring: for what is heard later than it is sent */
    uint32_t past_count;
    bool looping;
    int64_t loop_a, loop_b;

    uint32_t ports;                    /* rooms below; at least 1 */
    struct channel_state (*states)[16];
    struct song_part (*parts)[16];     /* follows which parts are rhythm parts */
    bool any_solo;

    struct pending *pending;
    uint32_t pending_count, pending_at, pending_capacity;
    int64_t pending_frame;
    uint8_t bytes[3];
};

/* ---- life ---- */

enum dm_status transport_create(uint32_t sample_rate, struct transport **out, struct dm_error *err)
{
    *out = NULL;
    struct transport *t = dm_calloc(1, sizeof *t);
    if (!t)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for the transport");
    t->rate = sample_rate;
    t->tempo = 1.0;
    *out = t;
    return DM_OK;
}

void transport_free(struct transport *t)
{
    if (!t)
        return;
    dm_free(t->states);
    dm_free(t->parts);
    dm_free(t->pending);
    dm_free(t);
}

static void reset_parts(struct transport *t)
{
    for (uint32_t port = 0; port < t->ports; port++)
        for (uint32_t channel = 0; channel < 16; channel++)
            song_part_init(&t->parts[port][channel], channel);
}

/* Room for PORTS ports; mutes and solos of those that were there stay. */
static bool make_ports(struct transport *t, uint32_t ports)
{
    if (ports <= t->ports)
        return true;
    struct channel_state(*states)[16] = dm_calloc(ports, sizeof *states);
    struct song_part(*parts)[16] = dm_calloc(ports, sizeof *parts);
    if (!states || !parts) {
        dm_free(states);
        dm_free(parts);
        return false;
    }
    if (t->ports)
        memcpy(states, t->states, t->ports * sizeof *states);
    dm_free(t->states);
    dm_free(t->parts);
    t->states = states;
    t->parts = parts;
    t->ports = ports;
    return true;
}

static void set_anchor(struct transport *t, int64_t song_100ns, int64_t frame)
{
    t->anchor_time = song_100ns;
    t->anchor_frame = frame;
    t->past[t->past_count++ % ANCHORS] = (struct anchor){frame, song_100ns, t->tempo};
}

enum dm_status transport_start(struct transport *t, const struct smf_song *song, int64_t frame, struct dm_error *err)
{
    t->song = NULL;
    if (!make_ports(t, song->port_count ? song->port_count : 1u))
        return dm_fail(err, DM_ERR_NOMEM, "no memory for %u ports", (unsigned)song->port_count);
    reset_parts(t);
    t->song = song;
    t->next = 0;
    t->past_count = 0;
    set_anchor(t, 0, frame);
    t->looping = false;
    return DM_OK;
}

/* ---- time ---- */

static int64_t frame_of(const struct transport *t, int64_t song_100ns)
{
    if (t->tempo == 1.0) /* as a render has it */
        return t->anchor_frame + song_time_frame(song_100ns, t->rate) - song_time_frame(t->anchor_time, t->rate);
    return t->anchor_frame + (int64_t)floor((double)(song_100ns - t->anchor_time) * t->rate / (PER_SECOND * t->tempo));
}

static int64_t time_after(const struct transport *t, const struct anchor *a, int64_t frame)
{
    int64_t since = frame - a->frame;
    if (a->tempo == 1.0)
        return a->time + (since >= 0 ? song_frame_time(since, t->rate) : -song_frame_time(-since, t->rate));
    return a->time + (int64_t)((double)since * PER_SECOND * a->tempo / t->rate);
}

int64_t transport_song_time(const struct transport *t, int64_t frame)
{
    if (!t->song || t->past_count == 0)
        return 0;
    uint32_t at = t->past_count - 1, oldest = t->past_count > ANCHORS ? t->past_count - ANCHORS : 0;
    while (at > oldest && t->past[at % ANCHORS].frame > frame)
        at--;
    const struct anchor *a = &t->past[at % ANCHORS];
    int64_t time = time_after(t, a, frame);
    if (t->looping && t->loop_b > a->time && time > t->loop_b)
        time = t->loop_b;
    return time < 0 ? 0 : time > t->song->duration_100ns ? t->song->duration_100ns : time;
}

/* ---- what waits to be sent ---- */

static bool make_pending_room(struct transport *t, uint64_t more)
{
    uint64_t need = t->pending_count + more;
    if (need <= t->pending_capacity)
        return true;
    need += need / 2;
    if (need > UINT32_MAX)
        return false;
    struct pending *grown = dm_realloc(t->pending, (size_t)need, sizeof *grown);
    if (!grown)
        return false;
    t->pending = grown;
    t->pending_capacity = (uint32_t)need;
    return true;
}

/* Room was made. */
static void add_bytes(struct transport *t, uint32_t port, uint32_t status, uint32_t first, uint32_t second)
{
    t->pending[t->pending_count++] =
        (struct pending){.event = NONE, .group = port + 1, .bytes = {(uint8_t)status, (uint8_t)first, (uint8_t)second}};
}

/* A later command may not come before what an earlier one still has to send. */
static void pend_at(struct transport *t, int64_t frame)
{
    if (t->pending_at == t->pending_count)
        t->pending_at = t->pending_count = 0;
    if (t->pending_count == 0 || frame > t->pending_frame)
        t->pending_frame = frame;
}

enum { ENDING_MOST = 128 + 3 };

/* End what sounds on a channel: its keys as they were begun, the pedals, and what the song sounds without keys. */
static void end_channel(struct transport *t, uint32_t port, uint32_t channel)
{
    struct channel_state *state = &t->states[port][channel];
    for (uint32_t key = 0; key < 128; key++) {
        if (state->keys[key].sounding && state->keys[key].played)
            add_bytes(t, port, 0x80 | channel, (uint32_t)((int)key + state->keys[key].shift), 64);
        state->keys[key].sounding = 0;
        state->keys[key].played = false;
    }
    add_bytes(t, port, 0xB0 | channel, 64, 0);
    add_bytes(t, port, 0xB0 | channel, 66, 0);
    add_bytes(t, port, 0xB0 | channel, 123, 0);
}

static void end_all(struct transport *t)
{
    for (uint32_t port = 0; port < t->ports; port++)
        for (uint32_t channel = 0; channel < 16; channel++)
            end_channel(t, port, channel);
}

bool transport_silence(struct transport *t, int64_t frame)
{
    if (!make_pending_room(t, (uint64_t)t->ports * 16 * ENDING_MOST))
        return false;
    pend_at(t, frame);
    end_all(t);
    return true;
}

/* ---- jumping ---- */

/* What replaces an earlier message of its kind on its channel: its index among 131 kinds, or -1. Bank selects and whatever works
 * together with others (RPN, data entry) are all kept: programs and parameters depend on their order. */
static int replaced_kind(const struct smf_event *event)
{
    static const uint8_t together[] = {0, 6, 32, 38, 96, 97, 98, 99, 100, 101};
    switch (event->data[0] >> 4) {
    case 0xB:
        if (event->data[1] >= 120 || memchr(together, event->data[1], sizeof together))
            return -1;
        return event->data[1];
    case 0xD:
        return 129;
    case 0xE:
        return 130;
    default:
        return -1;
    }
}

static bool is_setting(const struct smf_event *event)
{
    if (event->kind == SMF_META || event->size == 0)
        return false;
    return event->data[0] == 0xF0 || (event->size >= 2 && event->data[0] >= 0xB0 && event->data[0] < 0xF0);
}

/* Pend the settings among the events before END that no later one replaces. KEEP: a flag per event. */
static void chase(struct transport *t, uint32_t end, uint8_t *keep, uint8_t (*seen)[16][131])
{
    for (uint32_t i = end; i-- > 0;) {
        const struct smf_event *event = &t->song->events[i];
        if (!is_setting(event) || event->port >= t->ports)
            continue;
        int kind = event->data[0] < 0xF0 ? replaced_kind(event) : -1;
        uint8_t *flag = kind < 0 ? NULL : &seen[event->port][event->data[0] & 15][kind];
        keep[i] = !flag || !*flag;
        if (flag)
            *flag = 1;
    }
    for (uint32_t i = 0; i < end; i++)
        if (keep[i])
            t->pending[t->pending_count++] = (struct pending){.event = i, .group = t->song->events[i].port + 1u};
}

static uint32_t first_event_at(const struct smf_song *song, int64_t time)
{
    uint32_t low = 0, high = song->event_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (song->events[middle].time_100ns < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool transport_seek(struct transport *t, int64_t song_100ns, int64_t frame)
{
    if (!t->song)
        return true;
    int64_t time = song_100ns < 0 ? 0 : song_100ns > t->song->duration_100ns ? t->song->duration_100ns : song_100ns;
    uint32_t target = first_event_at(t->song, time);
    uint8_t *keep = dm_calloc(target + 1u, 1);
    uint8_t(*seen)[16][131] = dm_calloc(t->ports, sizeof *seen);
    bool done = keep && seen && make_pending_room(t, (uint64_t)t->ports * 16 * (ENDING_MOST + 1) + target);
    if (done) {
        pend_at(t, frame);
        end_all(t);
        for (uint32_t port = 0; port < t->ports; port++)
            for (uint32_t channel = 0; channel < 16; channel++)
                add_bytes(t, port, 0xB0 | channel, 121, 0); /* what the song never sets goes back to its default */
        reset_parts(t);
        chase(t, target, keep, seen);
        t->next = target;
        set_anchor(t, time, frame);
    }
    dm_free(keep);
    dm_free(seen);
    return done;
}

void transport_set_loop(struct transport *t, int64_t a_100ns, int64_t b_100ns)
{
    if (!t->song)
        return;
    t->loop_a = a_100ns < 0 ? 0 : a_100ns;
    t->loop_b = b_100ns < t->song->duration_100ns ? b_100ns : t->song->duration_100ns;
    t->looping = t->loop_b > t->loop_a && t->loop_b - t->loop_a >= TRANSPORT_LOOP_MIN_100NS;
}

/* ---- knobs ---- */

void transport_set_tempo(struct transport *t, double ratio, int64_t frame)
{
    int64_t time = transport_song_time(t, frame);
    t->tempo = ratio > TRANSPORT_TEMPO_MIN ? ratio < TRANSPORT_TEMPO_MAX ? ratio : TRANSPORT_TEMPO_MAX : TRANSPORT_TEMPO_MIN;
    if (t->song)
        set_anchor(t, time, frame);
}

void transport_set_keys(struct transport *t, int keys)
{
    t->keys = keys < -TRANSPORT_KEYS_MAX ? -TRANSPORT_KEYS_MAX : keys > TRANSPORT_KEYS_MAX ? TRANSPORT_KEYS_MAX : keys;
}

bool transport_is_heard(const struct transport *t, uint32_t port, uint32_t channel)
{
    if (port >= t->ports || channel > 15)
        return false;
    const struct channel_state *state = &t->states[port][channel];
    return t->any_solo ? state->solo : !state->muted;
}

void transport_knobs(const struct transport *t, uint32_t port, uint32_t channel, bool *muted, bool *solo)
{
    bool known = port < t->ports && channel < 16;
    *muted = known && t->states[port][channel].muted;
    *solo = known && t->states[port][channel].solo;
}

bool transport_is_drums(const struct transport *t, uint32_t port, uint32_t channel)
{
    return port < t->ports && channel < 16 ? t->parts[port][channel].likely_drums : channel == 9;
}

/* After a change of mutes or solos: end what is not heard any more. */
static void end_unheard(struct transport *t)
{
    for (uint32_t port = 0; port < t->ports; port++)
        for (uint32_t channel = 0; channel < 16; channel++)
            if (!transport_is_heard(t, port, channel))
                end_channel(t, port, channel);
}

static bool change(struct transport *t, bool *flag, bool value, int64_t frame)
{
    if (!make_pending_room(t, (uint64_t)t->ports * 16 * ENDING_MOST))
        return false;
    *flag = value;
    t->any_solo = false;
    for (uint32_t p = 0; p < t->ports; p++)
        for (uint32_t c = 0; c < 16; c++)
            t->any_solo |= t->states[p][c].solo;
    pend_at(t, frame);
    end_unheard(t);
    return true;
}

bool transport_mute(struct transport *t, uint32_t port, uint32_t channel, bool muted, int64_t frame)
{
    return make_ports(t, port + 1) && channel < 16 && change(t, &t->states[port][channel].muted, muted, frame);
}

bool transport_solo(struct transport *t, uint32_t port, uint32_t channel, bool solo, int64_t frame)
{
    return make_ports(t, port + 1) && channel < 16 && change(t, &t->states[port][channel].solo, solo, frame);
}

/* ---- playing ---- */

/* Note on, note off, key pressure: mutes and transposition. False: not to be sent. What has no note-on goes as it is. */
static bool translate_note(struct transport *t, uint32_t port, uint8_t bytes[3])
{
    uint32_t channel = bytes[0] & 15, key = bytes[1] & 127;
    struct channel_state *state = &t->states[port][channel];
    bool on = (bytes[0] & 0xF0) == 0x90 && bytes[2], off = !on && (bytes[0] & 0xF0) <= 0x90;
    /* A key that sounds already keeps its shift: its end must find both. */
    if (on && !(state->keys[key].sounding && state->keys[key].played)) {
        int shift = t->parts[port][channel].likely_drums ? 0 : t->keys;
        state->keys[key].shift = (int8_t)shift;
        state->keys[key].played = transport_is_heard(t, port, channel) && (int)key + shift >= 0 && (int)key + shift <= 127;
        state->keys[key].sounding = 0;
    }
    bool send = !state->keys[key].sounding && !on ? transport_is_heard(t, port, channel) : state->keys[key].played;
    bytes[1] = (uint8_t)((int)key + (on || state->keys[key].sounding ? state->keys[key].shift : 0));
    if (on && state->keys[key].sounding < UINT8_MAX)
        state->keys[key].sounding++;
    else if (off && state->keys[key].sounding)
        state->keys[key].sounding--;
    return send;
}

static void follow(struct transport *t, uint32_t port, const uint8_t *data, uint32_t size)
{
    struct song_part *part = &t->parts[port][data[0] & 15];
    if (data[0] == 0xF0)
        song_part_sysex(t->parts[port], data, size);
    else if (data[0] >> 4 == 0xB && size >= 3)
        song_part_control(part, data[1] & 127, data[2] & 127);
    else if (data[0] >> 4 == 0xC)
        song_part_program(part, data[1] & 127);
}

/* The message of an event, ready to send, or false. */
static bool deliver(struct transport *t, const struct smf_event *event, int64_t frame, struct transport_message *message)
{
    *message = (struct transport_message){.frame = frame, .group = event->port + 1u};
    song_event_message(event, t->bytes, &message->data, &message->size, &message->structured);
    if (message->size == 0 || event->port >= t->ports)
        return false;
    follow(t, event->port, message->data, message->size);
    if (message->structured && message->data[0] < 0xB0)
        return translate_note(t, event->port, t->bytes);
    return true;
}

static bool next_pending(struct transport *t, int64_t before, struct transport_message *message)
{
    while (t->pending_at < t->pending_count && t->pending_frame < before) {
        const struct pending *p = &t->pending[t->pending_at++];
        if (p->event == NONE) {
            memcpy(t->bytes, p->bytes, 3);
            *message = (struct transport_message){t->pending_frame, p->group, t->bytes, 3, true};
            return true;
        }
        if (deliver(t, &t->song->events[p->event], t->pending_frame, message))
            return true;
    }
    return false;
}

bool transport_next(struct transport *t, int64_t before, struct transport_message *message)
{
    if (!t->song)
        return false;
    for (;;) {
        if (next_pending(t, before, message))
            return true;
        if (t->pending_at < t->pending_count)
            return false; /* later than BEFORE, and nothing may overtake it */
        const struct smf_event *event = t->next < t->song->event_count ? &t->song->events[t->next] : NULL;
        bool in_loop = t->looping && t->anchor_time < t->loop_b;
        if (in_loop && (!event || event->time_100ns >= t->loop_b)) {
            int64_t turn = frame_of(t, t->loop_b);
            if (turn >= before || !transport_seek(t, t->loop_a, turn))
                return false;
            continue;
        }
        if (!event)
            return false;
        int64_t frame = frame_of(t, event->time_100ns);
        if (frame >= before)
            return false;
        t->next++;
        if (deliver(t, event, frame, message))
            return true;
    }
}

bool transport_ended(const struct transport *t, int64_t *frame)
{
    if (t->song && (t->pending_at < t->pending_count || t->next < t->song->event_count || (t->looping && t->anchor_time < t->loop_b)))
        return false;
    *frame = t->song ? frame_of(t, t->song->duration_100ns) : t->anchor_frame;
    return true;
}
