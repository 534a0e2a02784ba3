/* SPDX-License-Identifier: MIT */
/* The control thread: hands songs to their decks ahead of time, and moves from one to the next. */
#include "session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audio/realtime.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "player/errors.h"
#include "player/report.h"
#include "player/song.h"

enum { STEP_MS = 5, REMARKS_TOLD = 5, PATIENCE_SECONDS = 30, PRIORITY = 5 /* below all that makes sound */ };

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
    struct deck_config config = {.options = &live->options,
                                 .sample_rate = live->mixer.rate,
                                 .channels = live->mixer.channels,
                                 .groups = for_live ? live->options.groups : 1u,
                                 .posts = for_live ? 4096u : 0u};
    config.ahead = deck_ahead(&config, atomic_load(&live->mixer.figures.largest));
    return config;
}

void session_lock_memory(struct dmus_live *live)
{
    pthread_mutex_lock(&live->lock);
    bool ask = !live->options.no_realtime && !live->memory_asked;
    live->memory_asked = true;
    pthread_mutex_unlock(&live->lock);
    bool locked = ask && realtime_lock_memory(NULL, 0);
    pthread_mutex_lock(&live->lock);
    live->memory_locked |= locked;
    pthread_mutex_unlock(&live->lock);
}

/* Frames that the audio thread may take at once, and those that decks are rendered ahead of it. */
static int64_t taken_at_once(const struct dmus_live *live)
{
    struct deck_config config = session_deck_config(live, false);
    int64_t pulls = 2 * (int64_t)atomic_load(&live->mixer.figures.largest), burst = live->mixer.burst;
    return (pulls > burst ? pulls : burst) + config.ahead;
}

static int64_t lead(const struct dmus_live *live) { return live->mixer.rate / 10 + taken_at_once(live); }

int64_t session_next_frame(const struct dmus_live *live)
{
    int64_t frame = atomic_load(&live->mixer.figures.frame) + taken_at_once(live) + live->mixer.rate / 100;
    return frame > live->fed ? frame : live->fed;
}

/* ---- songs ---- */

static struct entry *current(struct dmus_live *live)
{
    return live->current < live->entry_count ? &live->entries[live->current] : NULL;
}

static enum dm_status feed_message(struct dmus_live *live, const struct transport_message *m, struct dm_error *err)
{
    if (m->structured)
        display_put(&live->display, m->frame, m->group - 1, m->data);
    return deck_send(live->deck, m->frame - live->current_start, m, err);
}

/* Hand over what lies before song frame BEFORE. */
static void feed(struct dmus_live *live, int64_t before)
{
    struct transport_message m;
    struct dm_error err = {0};
    enum dm_status status = DM_OK;
    while (status == DM_OK && transport_next(live->transport, before, &m))
        status = feed_message(live, &m, &err);
    if (status == DM_OK)
        status = deck_flush(live->deck, &err);
    if (status != DM_OK)
        session_say(live, "%s", err.text);
    if (before > live->fed)
        live->fed = before;
    deck_ready(live->deck, live->fed - live->current_start);
}

/* The deck of the present song dies away from song frame END on. */
static void let_fade(struct dmus_live *live, int64_t end)
{
    transport_silence(live->transport, end);
    feed(live, end + 1);
    deck_ready(live->deck, INT64_MAX);
    for (int i = 0; i < FADING_MOST; i++)
        if (!live->fading[i].deck) {
            live->fading[i] = (struct fading){.deck = live->deck, .entry = live->current, .end = end};
            break;
        }
    live->deck = NULL;
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
    live->loop_a = live->first_a;
    live->loop_b = live->first_b;
    live->first_from = live->first_a = live->first_b = 0;
    live->voices_peak = 0;
    display_reset(&live->display);
    live->deck = entry->deck;
    entry->deck = NULL;
    entry->state = ENTRY_IDLE;
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
    int64_t now = session_next_frame(live);
    if (live->deck)
        let_fade(live, now);
    live->current = target < live->entry_count ? target : live->entry_count;
    live->next_start = now;
    if (live->current < live->entry_count && live->entries[live->current].state == ENTRY_FAILED)
        live->entries[live->current].state = ENTRY_IDLE;
    live->events++;
    pthread_cond_broadcast(&live->changed);
}

/* The song after the present one; entry_count: none. */
static uint32_t following(const struct dmus_live *live)
{
    return live->current + 1 >= live->entry_count && live->repeat ? 0 : live->current + 1;
}

/* What could not be loaded is passed over; nothing is repeated if it is all that there is. */
static void pass_over_failed(struct dmus_live *live)
{
    for (uint32_t passed = 0; !live->deck && current(live) && current(live)->state == ENTRY_FAILED; passed++) {
        live->current = passed < live->entry_count ? following(live) : live->entry_count;
        live->events++;
        pthread_cond_broadcast(&live->changed);
    }
}

/* Songs that somebody skipped while they were loaded take no memory. */
static void drop_unwanted(struct dmus_live *live)
{
    for (uint32_t i = 0; i < live->entry_count; i++) {
        struct entry *entry = &live->entries[i];
        if (i == live->current || i == following(live) || (entry->state != ENTRY_READY && entry->state != ENTRY_WANTED))
            continue;
        deck_close(entry->deck);
        entry->deck = NULL;
        entry->state = ENTRY_IDLE;
    }
}

static void step_songs(struct dmus_live *live)
{
    pass_over_failed(live);
    drop_unwanted(live);
    struct entry *entry = current(live);
    if (!entry)
        return;
    if (!live->deck)
        want(live, live->current);
    /* Some devices tell only by asking how much they ask for. */
    bool known = atomic_load(&live->mixer.figures.heard) > 0;
    if (!live->deck && entry->state == ENTRY_READY && known && fading_count(live) < FADING_MOST) {
        /* What follows another song may not be late; what stands alone has time. */
        int64_t frame = atomic_load(&live->mixer.figures.frame);
        int64_t soonest = live->next_start > frame ? session_next_frame(live) : frame + lead(live);
        begin(live, live->next_start > soonest ? live->next_start : soonest);
    }
    if (!live->deck)
        return;
    want(live, following(live));
    feed(live, atomic_load(&live->mixer.figures.frame) + lead(live));
    int64_t end;
    if (!transport_ended(live->transport, &end) || end >= live->fed)
        return;
    let_fade(live, end);
    live->current = following(live);
    /* The end lies in what was handed over already, but not yet in what was heard: the next song can begin just there. */
    live->next_start = end;
    live->fed = end;
    live->events++;
    pthread_cond_broadcast(&live->changed);
}

/* ---- decks that die away ---- */

static const struct fading *oldest_fading(const struct dmus_live *live)
{
    const struct fading *oldest = NULL;
    for (int i = 0; i < FADING_MOST; i++)
        if (live->fading[i].deck && (!oldest || live->fading[i].end < oldest->end))
            oldest = &live->fading[i];
    return oldest;
}

static void step_fading(struct dmus_live *live)
{
    int64_t frame = atomic_load(&live->mixer.figures.frame);
    for (int i = 0; i < FADING_MOST; i++) {
        struct fading *f = &live->fading[i];
        if (!f->deck || f->removing || frame <= f->end)
            continue;
        bool tired = frame - f->end > (int64_t)PATIENCE_SECONDS * live->mixer.rate ||
                     (fading_count(live) == FADING_MOST && f == oldest_fading(live)); /* the next song needs its place */
        struct mixer_command remove = {.kind = MIXER_REMOVE, .deck = f->deck};
        if ((tired || deck_silent(f->deck)) && mixer_command(&live->mixer, &remove))
            f->removing = true;
    }
}

/* A patch that is in no bank was told of when the song was loaded. */
static bool was_remarked(const struct entry *entry, const struct route_missing *missing)
{
    const struct song_plan *plan = &entry->song->plan;
    for (uint32_t i = 0; !missing->instrument_found && i < plan->count; i++)
        if (plan->uses[i].patch == missing->patch && plan->uses[i].notes)
            return true;
    return false;
}

/* Notes of a song that is over which found no instrument or region. Once for each song, however often it plays. */
static void tell_missing(struct dmus_live *live, struct entry *entry, struct deck *deck)
{
    struct route_missing missing;
    uint32_t count = 0;
    for (uint32_t i = 0; !entry->missing_told && deck_missing(deck, i, &missing); i++) {
        struct dmus_missing_info info = report_missing_info(&missing);
        char words[200];
        if (was_remarked(entry, &missing) || count++ >= REMARKS_TOLD)
            continue;
        dmus_missing_text(&info, words, sizeof words);
        session_say(live, "warning: %s: %s", entry->song->path, words);
    }
    if (count > REMARKS_TOLD)
        session_say(live, "warning: %s: %u more of this kind", entry->song->path, (unsigned)(count - REMARKS_TOLD));
    entry->missing_told |= count > 0;
}

static void take_back(struct dmus_live *live)
{
    struct mixer_command done;
    struct route_report report;
    while (mixer_done(&live->mixer, &done)) {
        for (int i = 0; i < FADING_MOST; i++)
            if (done.deck && live->fading[i].deck == done.deck) {
                tell_missing(live, &live->entries[live->fading[i].entry], done.deck);
                live->fading[i].deck = NULL;
                live->events++;
            }
        if (done.kind == MIXER_REMOVE) {
            deck_report(done.deck, &report);
            live->late_before += report.events_late;
            live->missing_before += report.notes_missing;
            live->quiet_from = atomic_load(&live->mixer.figures.heard);
            deck_close(done.deck);
        }
        pthread_cond_broadcast(&live->changed);
    }
}

/* ---- live input ---- */

static void step_live(struct dmus_live *live)
{
    struct mixer_played played;
    struct mixer_sysex sysex;
    struct dm_error err = {0};
    while (ring_pop(&live->mixer.played, &played)) {
        display_put(&live->live_display, played.frame, played.group - 1u, played.bytes);
        if (live->record)
            record_midi(live->record, played.frame, played.group, played.bytes, played.size);
    }
    while (mixer_take_sysex(&live->mixer, &sysex, live->sysex)) {
        struct transport_message m = {.group = sysex.group, .data = live->sysex, .size = sysex.size};
        int64_t frame = sysex.frame - atomic_load(&live->mixer.figures.live_start);
        if (live->record)
            record_midi(live->record, sysex.frame, sysex.group, live->sysex, sysex.size);
        if (live->live_deck && !sysex.posted &&
            (deck_send(live->live_deck, frame, &m, &err) != DM_OK || deck_flush(live->live_deck, &err) != DM_OK))
            session_say(live, "%s", err.text);
    }
    uint32_t lost = atomic_load(&live->mixer.figures.lost);
    if (lost != live->lost_told)
        session_say(live, "too much MIDI at once: %u messages were left out, sounding notes are ended", (unsigned)(lost - live->lost_told));
    live->lost_told = lost;
    uint32_t gone = atomic_load(&live->mixer.figures.gone);
    if (gone != live->gone_told)
        session_say(live, "a sender of MIDI left, fell silent or sent too much: its notes are ended");
    live->gone_told = gone;
    for (uint32_t i = 0; i < live->input_count; i++) {
        struct live_input *in = &live->inputs[i];
        struct midi_state state;
        midi_input_state(in->input, &state);
        if (strcmp(state.text, in->last_text) != 0) {
            snprintf(in->last_text, sizeof in->last_text, "%s", state.text);
            if (state.text[0])
                session_say(live, "%s: %s", in->name, state.text);
        }
        if (state.lost != in->lost_told)
            session_say(live, "%s: too much MIDI at once, %u messages were left out", in->name, (unsigned)(state.lost - in->lost_told));
        if (state.sysex_refused != in->refused_told)
            session_say(live, "%s: a system exclusive that is too long was left out", in->name);
        in->lost_told = state.lost;
        in->refused_told = state.sysex_refused;
    }
}

/* ---- figures ---- */

static void count_deck(struct dmus_live *live, struct deck *deck)
{
    struct route_report report;
    if (!deck)
        return;
    deck_report(deck, &report);
    live->voices += report.voices;
    live->late += report.events_late;
    live->missing += report.notes_missing;
}

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
    live->voices = 0;
    live->late = live->late_before;
    live->missing = live->missing_before;
    count_deck(live, live->deck);
    count_deck(live, live->live_deck);
    for (int i = 0; i < FADING_MOST; i++)
        count_deck(live, live->fading[i].deck);
    if (live->voices > live->voices_peak)
        live->voices_peak = live->voices;

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
    struct realtime_grant grant;
    if (!live->options.no_realtime) /* what it hands over too late is heard too late */
        realtime_ask(PRIORITY, &grant);
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

/* What deck_open remarks, until it may be told. */
struct remarked {
    uint32_t count;
    char text[REMARKS_TOLD][SESSION_MESSAGE_SIZE];
};

static void remark(void *context, const char *text)
{
    struct remarked *remarked = context;
    if (remarked->count < REMARKS_TOLD)
        snprintf(remarked->text[remarked->count], SESSION_MESSAGE_SIZE, "%s", text);
    remarked->count++;
}

/* Once for each song, however often it plays. */
static void tell_remarks(struct dmus_live *live, struct entry *entry, const struct remarked *remarked)
{
    for (uint32_t i = 0; !entry->told && i < remarked->count && i < REMARKS_TOLD; i++)
        session_say(live, "warning: %s: %s", entry->song->path, remarked->text[i]);
    if (!entry->told && remarked->count > REMARKS_TOLD)
        session_say(live, "warning: %s: %u more of this kind", entry->song->path, (unsigned)(remarked->count - REMARKS_TOLD));
    entry->told = true;
}

/* The lock is given back while the banks are read: ENTRY_LOADING keeps others off. */
static void load(struct dmus_live *live, uint32_t index)
{
    struct entry entry = live->entries[index];
    struct deck_config config = session_deck_config(live, false);
    struct deck *deck;
    struct dm_error err = {0};
    struct remarked remarked = {0};
    struct dm_notes notes = {remark, &remarked};
    live->entries[index].state = ENTRY_LOADING;
    pthread_mutex_unlock(&live->lock);
    enum dm_status status = deck_open(&config, entry.song, entry.banks, entry.bank_count, &notes, &deck, &err);
    if (status == DM_OK)
        session_lock_memory(live); /* before it plays: while all pages are fetched, who wants one waits */
    pthread_mutex_lock(&live->lock);
    struct entry *mine = &live->entries[index]; /* the array may have moved */
    mine->deck = deck;
    mine->state = status == DM_OK ? ENTRY_READY : ENTRY_FAILED;
    tell_remarks(live, mine, &remarked);
    if (status == DM_OK)
        return;
    live->failed_songs++;
    session_say(live, "%s: %s", mine->song->path, err.text);
    mine->failure = err;
    error_at(&mine->failure, status, mine->song->path);
}

void *session_load(void *context)
{
    struct dmus_live *live = context;
    pthread_mutex_lock(&live->lock);
    while (!live->closing) {
        struct entry *entry = wanted(live);
        if (!entry) {
            pthread_cond_wait(&live->work, &live->lock);
            continue;
        }
        load(live, (uint32_t)(entry - live->entries));
    }
    pthread_mutex_unlock(&live->lock);
    return NULL;
}
