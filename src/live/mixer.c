/* SPDX-License-Identifier: MIT */
#include "mixer.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

enum { COMMANDS = 64, PLAYED = 4096, ONSETS = 1024, TAP_SECONDS = 2 };

static uint32_t power_of_two(uint32_t least)
{
    uint32_t n = 1;
    while (n < least)
        n *= 2;
    return n;
}

static bool make_ring(struct ring *ring, uint32_t capacity, size_t record)
{
    void *memory = dm_calloc(capacity, record);
    return memory && ring_init(ring, memory, capacity, record);
}

enum dm_status mixer_init(struct mixer *mixer, struct audio_output *device, struct dm_error *err)
{
    struct audio_info info;
    memset(mixer, 0, sizeof *mixer);
    device->ops->info(device, &info);
    mixer->rate = info.sample_rate;
    mixer->channels = info.channels;
    mixer->pull_max = info.pull_max;
    mixer->frame_clock = info.frame_clock;
    mixer->burst = info.buffer_frames < info.sample_rate ? info.buffer_frames : info.sample_rate;
    atomic_store(&mixer->figures.largest, info.period_frames < info.pull_max ? info.period_frames : info.pull_max);
    atomic_store(&mixer->figures.input_delay, info.period_frames);
    atomic_store(&mixer->tap_first, INT64_MIN);
    atomic_store(&mixer->figures.live_start, INT64_MIN);
    mixer->scratch = dm_calloc(info.pull_max, sizeof(float) * info.channels);
    mixer->sysex = dm_calloc(MIXER_SYSEX_BYTES, 1);
    if (mixer->scratch && mixer->sysex && make_ring(&mixer->commands, COMMANDS, sizeof(struct mixer_command)) &&
        make_ring(&mixer->done, COMMANDS, sizeof(struct mixer_command)) &&
        make_ring(&mixer->played, PLAYED, sizeof(struct mixer_played)) && make_ring(&mixer->onsets, ONSETS, sizeof(int64_t)) &&
        make_ring(&mixer->tap, power_of_two(info.sample_rate * TAP_SECONDS), sizeof(float) * info.channels))
        return DM_OK;
    mixer_clear(mixer);
    return dm_fail(err, DM_ERR_NOMEM, "no memory for the session");
}

void mixer_clear(struct mixer *mixer)
{
    dm_free(mixer->scratch);
    dm_free(mixer->sysex);
    dm_free(mixer->commands.records);
    dm_free(mixer->done.records);
    dm_free(mixer->played.records);
    dm_free(mixer->onsets.records);
    dm_free(mixer->tap.records);
    memset(mixer, 0, sizeof *mixer);
}

bool mixer_command(struct mixer *mixer, const struct mixer_command *command) { return ring_push(&mixer->commands, command); }
bool mixer_done(struct mixer *mixer, struct mixer_command *command) { return ring_pop(&mixer->done, command); }

/* ---- audio thread: commands ---- */

static void remove_deck(struct mixer *mixer, const struct deck *deck)
{
    for (int i = 0; i < MIXER_DECKS; i++)
        if (mixer->slots[i].deck == deck)
            mixer->slots[i].leaving = true;
}

/* false: no slot is free. */
static bool add_deck(struct mixer *mixer, const struct mixer_command *command)
{
    for (int i = 0; i < MIXER_DECKS; i++)
        if (!mixer->slots[i].deck) {
            int64_t start = command->frame > mixer->frame ? command->frame : mixer->frame;
            mixer->slots[i] = (struct mixer_slot){.deck = command->deck, .start = start};
            return true;
        }
    return false;
}

static bool listen(struct mixer *mixer, const struct mixer_command *command)
{
    for (int i = 0; i < MIXER_INPUTS; i++)
        if (!mixer->inputs[i].input) {
            mixer->inputs[i] = (struct mixer_input){command->input, command->group};
            return true;
        }
    return false;
}

static void forget(struct mixer *mixer, const struct midi_input *input)
{
    for (int i = 0; i < MIXER_INPUTS; i++)
        if (mixer->inputs[i].input == input)
            mixer->inputs[i].input = NULL;
}

/* Whether the command was carried out; the control side never has more decks and inputs than there are slots. */
static bool obey(struct mixer *mixer, const struct mixer_command *command)
{
    switch (command->kind) {
    case MIXER_ADD:
        return add_deck(mixer, command);
    case MIXER_ADD_LIVE:
        mixer->live = command->deck;
        mixer->live_start = mixer->heard;
        atomic_store_explicit(&mixer->figures.live_start, mixer->heard, memory_order_relaxed);
        return true;
    case MIXER_REMOVE:
        remove_deck(mixer, command->deck);
        return true;
    case MIXER_END:
        mixer->ending = true;
        return true;
    case MIXER_LISTEN:
        return listen(mixer, command);
    case MIXER_FORGET:
        forget(mixer, command->input);
        return ring_push(&mixer->done, command);
    case MIXER_PAUSE:
    case MIXER_RESUME:
        return true; /* mixer_pull: what pauses fades first */
    }
    return true;
}

/* Carry out what has come; *pause is what it leaves. */
static void take_commands(struct mixer *mixer, bool *pause)
{
    const struct mixer_command *command;
    while ((command = ring_front(&mixer->commands)) != NULL) {
        if (!obey(mixer, command))
            return; /* next time */
        if (command->kind == MIXER_PAUSE || command->kind == MIXER_RESUME)
            *pause = command->kind == MIXER_PAUSE;
        ring_drop(&mixer->commands);
    }
}

/* ---- audio thread: live messages ---- */

static void copy_in(struct mixer *mixer, uint32_t at, const void *from, uint32_t size)
{
    const uint8_t *bytes = from;
    uint32_t place = at % MIXER_SYSEX_BYTES, first = MIXER_SYSEX_BYTES - place;
    first = size < first ? size : first;
    memcpy(mixer->sysex + place, bytes, first);
    memcpy(mixer->sysex, bytes + first, size - first);
}

static bool put_sysex(struct mixer *mixer, const struct mixer_sysex *sysex, const uint8_t *bytes)
{
    uint32_t written = atomic_load_explicit(&mixer->sysex_written, memory_order_relaxed);
    uint32_t room = MIXER_SYSEX_BYTES - (written - atomic_load_explicit(&mixer->sysex_read, memory_order_acquire));
    if (sysex->size > room || room - sysex->size < sizeof *sysex)
        return false;
    copy_in(mixer, written, sysex, sizeof *sysex);
    copy_in(mixer, written + (uint32_t)sizeof *sysex, bytes, sysex->size);
    atomic_store_explicit(&mixer->sysex_written, written + (uint32_t)sizeof *sysex + sysex->size, memory_order_release);
    return true;
}

static void copy_out(const struct mixer *mixer, uint32_t at, void *to, uint32_t size)
{
    uint8_t *bytes = to;
    uint32_t place = at % MIXER_SYSEX_BYTES, first = MIXER_SYSEX_BYTES - place;
    first = size < first ? size : first;
    memcpy(bytes, mixer->sysex + place, first);
    memcpy(bytes + first, mixer->sysex, size - first);
}

bool mixer_take_sysex(struct mixer *mixer, struct mixer_sysex *sysex, uint8_t *bytes)
{
    uint32_t read = atomic_load_explicit(&mixer->sysex_read, memory_order_relaxed);
    if (read == atomic_load_explicit(&mixer->sysex_written, memory_order_acquire))
        return false;
    copy_out(mixer, read, sysex, sizeof *sysex);
    copy_out(mixer, read + (uint32_t)sizeof *sysex, bytes, sysex->size);
    atomic_store_explicit(&mixer->sysex_read, read + (uint32_t)sizeof *sysex + sysex->size, memory_order_release);
    return true;
}

static bool post(struct mixer *mixer, int64_t frame, uint32_t group, const uint8_t *bytes, uint32_t size)
{
    struct mixer_played played = {.frame = frame, .group = (uint8_t)group, .size = (uint8_t)size};
    if (!deck_post(mixer->live, frame - mixer->live_start, group, bytes, size))
        return false;
    memcpy(played.bytes, bytes, size);
    ring_push(&mixer->played, &played); /* a display may miss some */
    return true;
}

/* What was left out may have been the end of a note. */
static void lose(struct mixer *mixer, uint32_t group)
{
    atomic_fetch_add_explicit(&mixer->figures.lost, 1, memory_order_relaxed);
    mixer->hanging |= UINT64_C(1) << (group - 1);
}

/* Notes of a sender that left would hang. false: no room, try again. */
static bool end_group(struct mixer *mixer, int64_t frame, uint32_t group)
{
    static const uint8_t endings[] = {64, 66, 123};
    for (uint32_t channel = 0; channel < 16; channel++)
        for (size_t i = 0; i < sizeof endings; i++) {
            uint8_t bytes[3] = {(uint8_t)(0xB0 | channel), endings[i], 0};
            if (!post(mixer, frame, group, bytes, 3))
                return false;
        }
    return true;
}

/* The frame from which on nothing is rendered yet. */
static int64_t soonest(const struct mixer *mixer) { return mixer->heard + deck_delay(mixer->live); }

/* Not before what the group has sent: a note may be on its way that begins later than the soonest frame. */
static void end_hanging(struct mixer *mixer)
{
    for (uint32_t group = 1; mixer->hanging && group <= MIXER_GROUPS_MAX; group++) {
        uint64_t bit = UINT64_C(1) << (group - 1);
        int64_t first = soonest(mixer), latest = mixer->latest[group - 1];
        if (mixer->hanging & bit && end_group(mixer, latest > first ? latest : first, group))
            mixer->hanging &= ~bit;
    }
}

/* The heard frame that a message acts at: one constant time after it came. */
static int64_t frame_of(const struct mixer *mixer, const struct midi_message *message, const struct audio_moment *moment)
{
    int64_t after; /* the moment for which this pull's first frame was asked */
    if (message->frame_clock != AUDIO_FRAMES_OWN && message->frame_clock == mixer->frame_clock)
        after = message->frame - moment->frame;
    else
        after = (message->time_100ns - moment->asked_100ns) * mixer->rate / CLOCK_100NS_PER_SECOND;
    if (after > mixer->rate) /* clocks that jumped */
        after = 0;
    return mixer->heard + after + atomic_load_explicit(&mixer->figures.input_delay, memory_order_relaxed);
}

static void take_message(struct mixer *mixer, uint32_t group, const struct midi_message *message, const struct audio_moment *moment)
{
    int64_t frame = frame_of(mixer, message, moment), first = soonest(mixer);
    if (frame < first) {
        frame = first;
        atomic_fetch_add_explicit(&mixer->figures.late, 1, memory_order_relaxed);
    }
    if (mixer->latest[group - 1] < frame)
        mixer->latest[group - 1] = frame;
    if (message->size <= 3) {
        if (!post(mixer, frame, group, message->bytes, message->size))
            lose(mixer, group);
        return;
    }
    struct mixer_sysex sysex = {.frame = frame, .size = message->size, .group = group};
    sysex.posted =
        message->size <= ROUTE_POST_MAX && deck_post(mixer->live, frame - mixer->live_start, group, message->bytes, message->size);
    if (!put_sysex(mixer, &sysex, message->bytes) && !sysex.posted)
        lose(mixer, group);
}

static void take_input(struct mixer *mixer, const struct mixer_input *in, const struct audio_moment *moment)
{
    struct midi_message message;
    while (midi_input_peek(in->input, &message)) {
        if (message.kind == MIDI_GONE) {
            mixer->hanging |= UINT64_C(1) << (in->group - 1);
            atomic_fetch_add_explicit(&mixer->figures.gone, 1, memory_order_relaxed);
        } else {
            take_message(mixer, in->group, &message, moment);
        }
        end_hanging(mixer); /* before what comes after it */
        midi_input_drop(in->input);
    }
}

/* ---- audio thread: sound ---- */

static void fade(const struct mixer *mixer, float *out, uint32_t count, bool in)
{
    for (uint32_t i = 0; i < count; i++) {
        float gain = (float)(in ? i + 1 : count - 1 - i) / (float)count;
        for (uint32_t c = 0; c < mixer->channels; c++)
            out[i * mixer->channels + c] *= gain;
    }
}

static void pull(struct mixer *mixer, struct deck *deck, float *out, uint32_t count)
{
    if (deck_pull(deck, out, count) > 0)
        atomic_fetch_add_explicit(&mixer->figures.missing, 1, memory_order_relaxed);
}

/* What is in scratch. */
static void add(const struct mixer *mixer, float *out, uint32_t count)
{
    for (size_t i = 0; i < (size_t)count * mixer->channels; i++)
        out[i] += mixer->scratch[i];
}

static void clear(const struct mixer *mixer, float *out, uint32_t count)
{
    memset(out, 0, (size_t)count * mixer->channels * sizeof *out);
}

/* A single deck goes through as it is: what is heard is what a render writes. EMPTY: nothing is in OUT yet. */
static void mix_slot(struct mixer *mixer, struct mixer_slot *slot, float *out, uint32_t count, bool empty)
{
    uint32_t skip = slot->start > mixer->frame ? (uint32_t)(slot->start - mixer->frame) : 0;
    bool alone = empty && skip == 0;
    float *into = alone ? out : mixer->scratch;
    pull(mixer, slot->deck, into, count - skip);
    if (slot->leaving)
        fade(mixer, into, count - skip, false);
    if (!alone) {
        if (empty)
            clear(mixer, out, count);
        add(mixer, out + (size_t)skip * mixer->channels, count - skip);
    }
}

static void mix_songs(struct mixer *mixer, float *out, uint32_t count)
{
    bool empty = true;
    for (int i = 0; i < MIXER_DECKS; i++) {
        struct mixer_slot *slot = &mixer->slots[i];
        if (!slot->deck || slot->gone || slot->start >= mixer->frame + count)
            continue;
        mix_slot(mixer, slot, out, count, empty);
        empty = false;
    }
    if (empty)
        clear(mixer, out, count);
}

/* Decks that leave have faded, or stand still. */
static void let_go(struct mixer *mixer)
{
    for (int i = 0; i < MIXER_DECKS; i++) {
        struct mixer_slot *slot = &mixer->slots[i];
        struct mixer_command done = {.kind = MIXER_REMOVE, .deck = slot->deck};
        if (!slot->deck || !slot->leaving)
            continue;
        slot->gone = true;
        if (ring_push(&mixer->done, &done))
            slot->deck = NULL;
    }
}

static float peak_of(const float *out, uint32_t values)
{
    float peak = 0;
    for (uint32_t i = 0; i < values; i++)
        peak = fabsf(out[i]) > peak ? fabsf(out[i]) : peak;
    return peak;
}

/* Bits of floats that are not negative order as they do. */
static void raise(atomic_uint *word, uint32_t value)
{
    if (value > atomic_load_explicit(word, memory_order_relaxed))
        atomic_store_explicit(word, value, memory_order_relaxed);
}

static void tap(struct mixer *mixer, const float *out, uint32_t count)
{
    if (!atomic_load_explicit(&mixer->tapping, memory_order_acquire))
        return;
    if (atomic_load_explicit(&mixer->tap_first, memory_order_relaxed) == INT64_MIN)
        atomic_store_explicit(&mixer->tap_first, mixer->heard, memory_order_relaxed);
    for (uint32_t i = 0; i < count; i++)
        if (!ring_push(&mixer->tap, out + (size_t)i * mixer->channels))
            atomic_fetch_add_explicit(&mixer->tap_lost, 1, memory_order_relaxed);
}

static void watch(struct mixer *mixer, const float *out, uint32_t count, const struct audio_moment *moment)
{
    if (!atomic_load_explicit(&mixer->watching, memory_order_relaxed))
        return;
    for (uint32_t i = 0; i < count; i++)
        if (onset_at(&mixer->finder, out[(size_t)i * mixer->channels])) {
            int64_t heard = moment->heard_100ns + i * CLOCK_100NS_PER_SECOND / mixer->rate;
            ring_push(&mixer->onsets, &heard);
        }
}

static void tell(struct mixer *mixer, const float *out, uint32_t count, int64_t began_100ns)
{
    struct mixer_figures *f = &mixer->figures;
    float peak = peak_of(out, count * mixer->channels);
    uint32_t bits;
    memcpy(&bits, &peak, sizeof bits);
    raise(&f->peak_bits, bits);
    int64_t took = clock_now_100ns() - began_100ns, have = count * CLOCK_100NS_PER_SECOND / mixer->rate;
    raise(&f->load_permille, have > 0 ? (uint32_t)(took * 1000 / have) : 0);
    atomic_store_explicit(&f->paused, mixer->paused, memory_order_relaxed);
    atomic_store_explicit(&f->frame, mixer->frame, memory_order_release);
    atomic_store_explicit(&f->heard, mixer->heard, memory_order_release);
}

/* Some devices tell the size of their pulls by pulling. */
static void measure(struct mixer *mixer, uint32_t count)
{
    struct mixer_figures *f = &mixer->figures;
    uint32_t largest = atomic_load_explicit(&f->largest, memory_order_relaxed);
    largest = count > largest ? count : largest;
    atomic_store_explicit(&f->largest, largest, memory_order_relaxed);
    atomic_store_explicit(&f->input_delay, largest + deck_delay(mixer->live), memory_order_relaxed);
}

void mixer_pull(void *ctx, void *frames, uint32_t count, const struct audio_moment *moment)
{
    struct mixer *mixer = ctx;
    float *out = frames;
    int64_t began = clock_now_100ns();
    bool pause = mixer->paused;
    take_commands(mixer, &pause);
    measure(mixer, count);
    if (mixer->paused && pause) {
        clear(mixer, out, count);
    } else {
        mix_songs(mixer, out, count);
        if (pause != mixer->paused)
            fade(mixer, out, count, mixer->paused);
        mixer->frame += count;
    }
    let_go(mixer);
    mixer->paused = pause;
    if (mixer->live) {
        end_hanging(mixer);
        for (int i = 0; i < MIXER_INPUTS; i++)
            if (mixer->inputs[i].input)
                take_input(mixer, &mixer->inputs[i], moment);
        pull(mixer, mixer->live, mixer->scratch, count);
        add(mixer, out, count);
    }
    if (mixer->ended)
        clear(mixer, out, count);
    else if (mixer->ending)
        fade(mixer, out, count, false);
    mixer->ended = mixer->ending;
    tap(mixer, out, count);
    watch(mixer, out, count, moment);
    mixer->heard += count;
    tell(mixer, out, count, began);
}
