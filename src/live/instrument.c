/* SPDX-License-Identifier: MIT */
/* Live MIDI: the banks it plays on, its sources, and messages of the caller. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "player/errors.h"
#include "session.h"
#include "synth/synth.h"

/* [lock] It is given back while the ring is full: the device empties it many times a second. */
static bool push(struct dmus_live *live, const struct mixer_command *command)
{
    bool pushed = mixer_command(&live->mixer, command);
    for (int i = 0; i < 200 && !pushed; i++) {
        pthread_mutex_unlock(&live->lock);
        clock_sleep_until_100ns(clock_now_100ns() + 50000);
        pthread_mutex_lock(&live->lock);
        pushed = mixer_command(&live->mixer, command);
    }
    return pushed;
}

static enum dm_status load_live(struct dmus_live *live, struct dmus_bank *const *banks, size_t bank_count, struct dm_error *err)
{
    struct deck_config config = session_deck_config(live, true);
    struct deck *deck;
    enum dm_status status = deck_open(&config, NULL, banks, bank_count, NULL, &deck, err);
    if (status != DM_OK)
        return status;
    deck_ready(deck, INT64_MAX);
    session_lock_memory(live);
    pthread_mutex_lock(&live->lock);
    struct mixer_command add = {.kind = MIXER_ADD_LIVE, .deck = deck};
    bool added = push(live, &add);
    if (added)
        live->live_deck = deck;
    pthread_mutex_unlock(&live->lock);
    if (added)
        return DM_OK;
    deck_close(deck);
    return dm_fail(err, DM_ERR_DEVICE, "the device does not run");
}

enum dmus_status dmus_live_load(struct dmus_live *live, struct dmus_bank *const *banks, size_t bank_count, struct dmus_error *err)
{
    if (!live || !session_banks_there(banks, bank_count))
        return error_argument(err, "dmus_live_load: not 1 to %d banks", DMUS_MAX_BANKS);
    pthread_mutex_lock(&live->lock);
    bool loaded = live->live_deck || live->live_loading;
    live->live_loading = true;
    pthread_mutex_unlock(&live->lock);
    if (loaded)
        return error_argument(err, "dmus_live_load: banks are loaded already");
    struct dm_error inner = {0};
    enum dm_status status = load_live(live, banks, bank_count, &inner);
    pthread_mutex_lock(&live->lock);
    live->live_loading = false;
    pthread_mutex_unlock(&live->lock);
    return status == DM_OK ? DMUS_OK : error_public(err, status, &inner);
}

enum dmus_status dmus_live_connect(struct dmus_live *live, const char *source, const char *connect, uint32_t group,
                                   struct dmus_error *err)
{
    if (!live || group < 1 || group > live->options.groups)
        return error_argument(err, "dmus_live_connect: group %u is out of range 1 to %u", (unsigned)group,
                              live ? (unsigned)live->options.groups : 0u);
    struct dm_error inner = {0};
    struct midi_config config = {.connect = connect, .client = live->client_name};
    struct midi_input *input;
    enum dm_status status = midi_input_open(source, &config, &input, &inner);
    if (status != DM_OK)
        return error_public(err, status, &inner);
    pthread_mutex_lock(&live->lock);
    struct mixer_command listen = {.kind = MIXER_LISTEN, .input = input, .group = group};
    bool added = live->input_count < MIXER_INPUTS && push(live, &listen);
    if (added) {
        struct live_input *in = &live->inputs[live->input_count++];
        *in = (struct live_input){.input = input, .group = group};
        snprintf(in->name, sizeof in->name, "%s", source ? source : "MIDI");
    }
    pthread_mutex_unlock(&live->lock);
    if (added)
        return DMUS_OK;
    midi_input_close(input);
    dm_fail(&inner, DM_ERR_DEVICE, "%d inputs are the most, or the device does not run", MIXER_INPUTS);
    return error_public(err, DM_ERR_DEVICE, &inner);
}

/* Heard frame for what is to be sent to the live deck as soon as may be: the pull under way and the next may be too early, and this
 * thread may be slow. */
static int64_t soon(const struct dmus_live *live)
{
    const struct mixer_figures *f = &live->mixer.figures;
    return atomic_load(&f->heard) + 2 * (int64_t)atomic_load(&f->largest) + live->mixer.rate / 200 + deck_delay(live->live_deck);
}

/* To the live deck; the caller flushes it. */
static enum dm_status send_at(struct dmus_live *live, int64_t frame, uint32_t group, const uint8_t *bytes, uint32_t size,
                              struct dm_error *err)
{
    uint8_t three[3] = {0};
    struct transport_message m = {.group = group, .data = bytes, .size = size, .structured = bytes[0] != 0xF0};
    if (m.structured) {
        memcpy(three, bytes, size < 3 ? size : 3);
        m.data = three;
        m.size = 3;
    }
    int64_t start = atomic_load(&live->mixer.figures.live_start);
    start = start == INT64_MIN ? atomic_load(&live->mixer.figures.heard) : start; /* it is about to begin */
    if (m.structured)
        display_put(&live->live_display, frame, group - 1, three);
    if (live->record)
        record_midi(live->record, frame, group, bytes, size);
    return deck_send(live->live_deck, frame - start, &m, err);
}

enum dmus_status dmus_live_send(struct dmus_live *live, uint32_t group, const uint8_t *bytes, size_t size, struct dmus_error *err)
{
    if (!live || group < 1 || group > live->options.groups)
        return error_argument(err, "dmus_live_send: group %u is out of range 1 to %u", (unsigned)group,
                              live ? (unsigned)live->options.groups : 0u);
    if (!bytes || size > MIXER_SYSEX_BYTES || !synth_message_valid(bytes, size))
        return error_argument(err, "dmus_live_send: no whole MIDI message");
    struct dm_error inner = {0};
    pthread_mutex_lock(&live->lock);
    enum dm_status status = !live->live_deck
                                ? dm_fail(&inner, DM_ERR_ARGUMENT, "dmus_live_send: no bank is loaded (dmus_live_load)")
                                : send_at(live, soon(live), group, bytes, (uint32_t)size, &inner);
    if (status == DM_OK)
        status = deck_flush(live->live_deck, &inner);
    pthread_mutex_unlock(&live->lock);
    return status == DM_OK ? DMUS_OK : error_public(err, status, &inner);
}

void dmus_live_panic(struct dmus_live *live)
{
    if (!live)
        return;
    static const uint8_t endings[] = {64, 66, 120, 123};
    struct dm_error ignored;
    pthread_mutex_lock(&live->lock);
    for (uint32_t group = 1; live->live_deck && group <= live->options.groups; group++) {
        int64_t frame = soon(live);
        for (uint8_t channel = 0; channel < 16; channel++)
            for (size_t i = 0; i < sizeof endings; i++) {
                uint8_t bytes[3] = {(uint8_t)(0xB0 | channel), endings[i], 0};
                send_at(live, frame, group, bytes, 3, &ignored);
            }
        deck_flush(live->live_deck, &ignored);
    }
    if (session_playing(live))
        transport_silence(live->transport, session_next_frame(live));
    pthread_mutex_unlock(&live->lock);
}
