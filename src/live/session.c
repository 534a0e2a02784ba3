/* SPDX-License-Identifier: MIT */
/* The control thread: hands songs to their decks ahead of time, and moves from one to the next. */
#include "session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "player/song.h"

enum { STEP_MS = 5, PATIENCE_SECONDS = 30 };

#define LOAD_WINDOW_100NS 5000000 /* the figures of dmus_live_state */
#define PEAK_WINDOW_100NS 1000000

void session_say(struct dmus_live *live, const char *fmt, ...)
{
    va_list args;
    uint32_t at = (live->message_first + live->message_count) % SESSION_MESSAGES;
    if (live->message_count == SESSION_MESSAGES)
        live->message_first = (live->message_first + 1) % SESSION_MESSAGES;
    else
        live->message_count++;
    va_start(args, fmt);
    vsnprintf(live->messages[at], SESSION_MESSAGE_SIZE, fmt, args);
    va_end(args);
    live->events++;
    pthread_cond_broadcast(&live->changed);
}

struct deck_config session_deck_config(const struct dmus_live *live, bool for_live)
{
    return (struct deck_config){.options = &live->options,
                                .sample_rate = live->mixer.rate,
                                .channels = live->mixer.channels,
                                .groups = for_live ? live->options.groups : 1u,
                                .posts = for_live ? 4096u : 0u};
}

static int64_t lead(const struct dmus_live *live)
{
    int64_t lead = live->mixer.rate / 10, pulls = 4 * (int64_t)live->mixer.pull_max;
    return lead > pulls ? lead : pulls;
}

int64_t session_next_frame(const struct dmus_live *live)
{
    int64_t frame = atomic_load(&live->mixer.figures.frame) + 2 * (int64_t)live->mixer.pull_max + live->mixer.rate / 100;
    return frame > live->fed ? frame : live->fed;
}

/* ---- songs ---- */

static struct entry *current(struct dmus_live *live)
{
    return live->current < live->entry_count ? &live->entries[live->current] : NULL;
}

static enum dm_status feed_message(struct dmus_live *live, struct entry *entry, const struct transport_message *m,
                                   struct dm_error *err)
{
    if (m->structured)
        display_put(&live->display, m->frame, m->group - 1, m->data);
    return deck_send(entry->deck, m->frame - live->current_start, m, err);
}

/* Hand over what lies before song frame BEFORE. */
static void feed(struct dmus_live *live, int64_t before)
{
    struct entry *entry = current(live);
    struct transport_message m;
    struct dm_error err = {0};
    enum dm_status status = DM_OK;
    while (status == DM_OK && transport_next(live->transport, before, &m))
        status = feed_message(live, entry, &m, &err);
    if (status == DM_OK)
        status = deck_flush(entry->deck, &err);
    if (status != DM_OK)
        session_say(live, "%s", err.text);
    if (before > live->fed)
        live->fed = before;
}

/* The deck of the present song dies away from song frame END on. */
static void let_fade(struct dmus_live *live, int64_t end)
{
    struct entry *entry = current(live);
    transport_silence(live->transport, end);
    feed(live, end + 1);
    for (int i = 0; i < FADING_MOST; i++)
        if (!live->fading[i].deck) {
            live->fading[i] = (struct fading){.deck = entry->deck, .end = end};
            break;
        }
    entry->deck = NULL;
    entry->state = ENTRY_IDLE;
}

static uint32_t fading_count(const struct dmus_live *live)
{
    uint32_t count = 0;
    for (int i = 0; i < FADING_MOST; i++)
        count += live->fading[i].deck != NULL;
    return count;
}

/* Begin the current entry, which is READY, at song frame FRAME. */
static void begin(struct dmus_live *live, int64_t frame)
{
    struct entry *entry = current(live);
    struct dm_error err = {0};
    struct mixer_command add = {.kind = MIXER_ADD, .deck = entry->deck, .frame = frame};
    if (!mixer_command(&live->mixer, &add))
        return; /* the ring is full: in the next step */
    if (transport_start(live->transport, entry->song->smf, frame, &err) != DM_OK)
        session_say(live, "%s", err.text); /* no memory: silence */
    if (live->first_from > 0)
        transport_seek(live->transport, (int64_t)(live->first_from * 1e7), frame);
    transport_set_loop(live->transport, (int64_t)(live->first_a * 1e7), (int64_t)(live->first_b * 1e7));
    live->current_start = frame;
    live->current_ended = false;
    live->loop_a = live->first_a;
    live->loop_b = live->first_b;
    live->first_from = live->first_a = live->first_b = 0;
    live->voices_peak = 0;
    display_reset(&live->display);
    entry->state = ENTRY_PLAYING;
    live->events++;
    pthread_cond_broadcast(&live->changed);
}

/* Entries that are needed soon: the present one and the next. */
static void want(struct dmus_live *live, uint32_t index)
{
    if (index < live->entry_count && live->entries[index].state == ENTRY_IDLE) {
        live->entries[index].state = ENTRY_WANTED;
        pthread_cond_signal(&live->work);
    }
}

void session_go_to(struct dmus_live *live, uint32_t target)
{
    struct entry *entry = current(live);
    int64_t now = session_next_frame(live);
    if (entry && entry->state == ENTRY_PLAYING)
        let_fade(live, now);
    live->current = target < live->entry_count ? target : live->entry_count;
    live->current_ended = false;
    live->next_start = now;
    if (live->current < live->entry_count && live->entries[live->current].state == ENTRY_FAILED)
        live->entries[live->current].state = ENTRY_IDLE;
    live->events++;
    pthread_cond_broadcast(&live->changed);
}

/* What could not be loaded is passed over. */
static void pass_over_failed(struct dmus_live *live)
{
    while (current(live) && current(live)->state == ENTRY_FAILED) {
        live->current++;
        live->events++;
        pthread_cond_broadcast(&live->changed);
    }
}

static void step_songs(struct dmus_live *live)
{
    pass_over_failed(live);
    struct entry *entry = current(live);
    if (!entry)
        return;
    want(live, live->current);
    if (entry->state == ENTRY_READY && fading_count(live) < FADING_MOST) {
        int64_t soonest = session_next_frame(live);
        begin(live, live->next_start > soonest ? live->next_start : soonest);
    }
    if (entry->state != ENTRY_PLAYING)
        return;
    want(live, live->current + 1 == live->entry_count && live->repeat ? 0 : live->current + 1);
    feed(live, atomic_load(&live->mixer.figures.frame) + lead(live));
    int64_t end;
    if (!transport_ended(live->transport, &end) || end >= live->fed)
        return;
    let_fade(live, end);
    if (++live->current == live->entry_count && live->repeat)
        live->current = 0;
    /* The end lies in what was handed over already, but not yet in what was heard: the next song can begin just there. */
    live->next_start = end;
    live->fed = end;
    live->events++;
    pthread_cond_broadcast(&live->changed);
}

/* ---- decks that die away ---- */

static void step_fading(struct dmus_live *live)
{
    int64_t frame = atomic_load(&live->mixer.figures.frame);
    for (int i = 0; i < FADING_MOST; i++) {
        struct fading *f = &live->fading[i];
        if (!f->deck || f->removing || frame <= f->end)
            continue;
        bool tired = frame - f->end > (int64_t)PATIENCE_SECONDS * live->mixer.rate || fading_count(live) == FADING_MOST;
        struct mixer_command remove = {.kind = MIXER_REMOVE, .deck = f->deck};
        if ((tired || deck_silent(f->deck)) && mixer_command(&live->mixer, &remove))
            f->removing = true;
    }
}

static void take_back(struct dmus_live *live)
{
    struct mixer_command done;
    while (mixer_done(&live->mixer, &done)) {
        for (int i = 0; i < FADING_MOST; i++)
            if (done.deck && live->fading[i].deck == done.deck) {
                live->fading[i].deck = NULL;
                live->events++;
            }
        if (done.kind == MIXER_REMOVE)
            deck_close(done.deck);
        pthread_cond_broadcast(&live->changed);
    }
}

/* ---- live input ---- */

static void step_live(struct dmus_live *live)
{
    struct mixer_played played;
    struct dm_error err = {0};
    uint32_t group, size;
    while (ring_pop(&live->mixer.played, &played)) {
        display_put(&live->live_display, played.frame, played.group - 1u, played.bytes);
        if (live->record)
            record_midi(live->record, played.frame, played.group, played.bytes, played.size);
    }
    while ((size = mixer_take_sysex(&live->mixer, live->sysex, &group)) > 0) {
        struct transport_message m = {.group = group, .data = live->sysex, .size = size};
        if (live->record)
            record_midi(live->record, atomic_load(&live->mixer.figures.heard), group, live->sysex, size);
        if (live->live_deck && (deck_send(live->live_deck, 0, &m, &err) != DM_OK || deck_flush(live->live_deck, &err) != DM_OK))
            session_say(live, "%s", err.text);
    }
    for (uint32_t i = 0; i < live->input_count; i++) {
        struct live_input *in = &live->inputs[i];
        struct midi_state state;
        midi_input_state(in->input, &state);
        if (strcmp(state.text, in->last_text) != 0) {
            snprintf(in->last_text, sizeof in->last_text, "%s", state.text);
            if (state.text[0])
                session_say(live, "%s: %s", in->name, state.text);
        }
    }
}

/* ---- figures ---- */

static void step_figures(struct dmus_live *live)
{
    int64_t now = clock_now_100ns();
    struct mixer_figures *f = &live->mixer.figures;
    if (now - live->load_since > LOAD_WINDOW_100NS) {
        live->load = atomic_exchange(&f->load_permille, 0) / 1000.0;
        live->load_since = now;
    }
    if (now - live->peak_since > PEAK_WINDOW_100NS) {
        uint32_t bits = atomic_exchange(&f->peak_bits, 0);
        memcpy(&live->peak, &bits, sizeof live->peak);
        live->peak_since = now;
    }
    struct entry *entry = current(live);
    struct deck *deck = entry && entry->state == ENTRY_PLAYING ? entry->deck : live->live_deck;
    memset(&live->report, 0, sizeof live->report);
    if (deck)
        deck_report(deck, &live->report);
    for (int i = 0; i < FADING_MOST; i++)
        if (live->fading[i].deck) {
            struct route_report fading;
            deck_report(live->fading[i].deck, &fading);
            live->report.voices += fading.voices;
        }
    if (live->report.voices > live->voices_peak)
        live->voices_peak = live->report.voices;

    struct audio_state state;
    live->device->ops->state(live->device, &state);
    if (strcmp(state.text, live->state_text) != 0) {
        snprintf(live->state_text, sizeof live->state_text, "%s", state.text);
        if (state.text[0])
            session_say(live, "%s", state.text);
    }
    int64_t heard = atomic_load(&f->frame) - state.latency_frames;
    display_advance(&live->display, heard);
    display_advance(&live->live_display, atomic_load(&f->heard) - state.latency_frames);
}

void *session_control(void *context)
{
    struct dmus_live *live = context;
    pthread_mutex_lock(&live->lock);
    while (!live->closing) {
        take_back(live);
        step_songs(live);
        step_fading(live);
        step_live(live);
        step_figures(live);
        pthread_mutex_unlock(&live->lock);
        clock_sleep_until_100ns(clock_now_100ns() + STEP_MS * 10000);
        pthread_mutex_lock(&live->lock);
    }
    pthread_mutex_unlock(&live->lock);
    return NULL;
}

/* ---- the loader ---- */

static struct entry *wanted(struct dmus_live *live)
{
    if (live->current < live->entry_count && live->entries[live->current].state == ENTRY_WANTED)
        return &live->entries[live->current];
    for (uint32_t i = 0; i < live->entry_count; i++)
        if (live->entries[i].state == ENTRY_WANTED)
            return &live->entries[i];
    return NULL;
}

/* The lock is given back while the banks are read: ENTRY_LOADING keeps others off. */
static void load(struct dmus_live *live, uint32_t index)
{
    struct entry entry = live->entries[index];
    struct deck_config config = session_deck_config(live, false);
    struct deck *deck;
    struct dm_error err = {0};
    live->entries[index].state = ENTRY_LOADING;
    pthread_mutex_unlock(&live->lock);
    enum dm_status status = deck_open(&config, entry.song, entry.banks, entry.bank_count, NULL, &deck, &err);
    pthread_mutex_lock(&live->lock);
    struct entry *mine = &live->entries[index]; /* the array may have moved */
    mine->deck = deck;
    mine->state = status == DM_OK ? ENTRY_READY : ENTRY_FAILED;
    if (status != DM_OK) {
        session_say(live, "%s: %s", mine->song->path, err.text);
    }
}

void *session_load(void *context)
{
    struct dmus_live *live = context;
    pthread_mutex_lock(&live->lock);
    while (!live->closing) {
        struct entry *entry = wanted(live);
        if (entry)
            load(live, (uint32_t)(entry - live->entries));
        else
            pthread_cond_wait(&live->work, &live->lock);
    }
    pthread_mutex_unlock(&live->lock);
    return NULL;
}
