/* SPDX-License-Identifier: MIT */
/* The functions of dmus/live.h. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audio/devices.h"
#include "audio/realtime.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "player/errors.h"
#include "player/song.h"
#include "session.h"

#define MOST_SECONDS 1e11 /* in 100 ns still far from the end of 64 bits */

enum { LIVE_VOICES = 256, VOICES_MAX = 16384 };

/* ---- lists ---- */

struct listing {
    const char *kind;
    bool (*each)(void *ctx, const struct dmus_port *port);
    void *ctx;
    bool stopped;
};

static void list_one(struct listing *l, const char *name, const char *description, bool is_default)
{
    struct dmus_port port = {.size = sizeof port, .kind = l->kind, .name = name, .description = description, .is_default = is_default};
    if (!l->stopped)
        l->stopped = !l->each(l->ctx, &port);
}

static void list_device(void *ctx, const struct audio_device *device)
{
    list_one(ctx, device->name, device->description, device->is_default);
}

static void list_source(void *ctx, const struct midi_port *port) { list_one(ctx, port->name, port->description, false); }

enum dmus_status dmus_live_list_audio(bool (*each)(void *, const struct dmus_port *), void *ctx, struct dmus_error *err)
{
    if (!each)
        return error_argument(err, "dmus_live_list_audio: nobody to tell");
    struct listing l = {.each = each, .ctx = ctx};
    for (size_t i = 0; audio_devices[i] && !l.stopped; i++) {
        struct dm_error reason = {0};
        l.kind = audio_devices[i]->name;
        list_one(&l, "", audio_devices[i]->description, false);
        if (audio_devices[i]->list && audio_devices[i]->list(list_device, &l, &reason) != DM_OK)
            list_one(&l, "?", reason.text, false);
    }
    return DMUS_OK;
}

enum dmus_status dmus_live_list_midi(bool (*each)(void *, const struct dmus_port *), void *ctx, struct dmus_error *err)
{
    if (!each)
        return error_argument(err, "dmus_live_list_midi: nobody to tell");
    struct listing l = {.each = each, .ctx = ctx};
    for (size_t i = 0; midi_inputs[i] && !l.stopped; i++) {
        struct dm_error reason = {0};
        l.kind = midi_inputs[i]->name;
        list_one(&l, "", midi_inputs[i]->description, false);
        if (midi_inputs[i]->list && midi_inputs[i]->list(list_source, &l, &reason) != DM_OK)
            list_one(&l, "?", reason.text, false);
    }
    return DMUS_OK;
}

/* ---- open and close ---- */

enum dmus_status dmus_live_defaults(struct dmus_live_options *options)
{
    if (!abi_fits(options, sizeof *options))
        return DMUS_ERR_ARGUMENT;
    struct dmus_live_options defaults = {.size = options->size, .polyphony = LIVE_VOICES, .groups = 1};
    abi_store(options, &defaults, sizeof defaults);
    return DMUS_OK;
}

static enum dm_status check(const struct dmus_live_options *o, struct dm_error *err)
{
    if (o->profile > DMUS_RENDER_NATIVE || o->interpolation > DMUS_INTERPOLATE_SINC32 || o->simd > DMUS_SIMD_LEVEL_NEON ||
        o->reverb > DMUS_OFF || o->chorus > DMUS_OFF)
        return dm_fail(err, DM_ERR_ARGUMENT, "profile, interpolation, effects or SIMD level out of range");
    if (o->polyphony < 1 || o->polyphony > (o->profile == DMUS_RENDER_NATIVE ? 1000u : (uint32_t)VOICES_MAX))
        return dm_fail(err, DM_ERR_ARGUMENT, "polyphony %u is out of range", (unsigned)o->polyphony);
    if (o->groups < 1 || o->groups > MIXER_GROUPS_MAX)
        return dm_fail(err, DM_ERR_ARGUMENT, "groups %u is out of range 1 to %d", (unsigned)o->groups, MIXER_GROUPS_MAX);
    if (!(o->gain_db >= -80 && o->gain_db <= 20))
        return dm_fail(err, DM_ERR_ARGUMENT, "gain %g dB is out of range -80 to 20", o->gain_db);
    if (o->sample_rate && (o->sample_rate < 8000 || o->sample_rate > 192000))
        return dm_fail(err, DM_ERR_ARGUMENT, "%u Hz is out of range 8000 to 192000", (unsigned)o->sample_rate);
    return DM_OK;
}

static enum dm_status start_device(struct dmus_live *live, struct dm_error *err)
{
    const struct dmus_live_options *o = &live->options;
    struct audio_config config = {
        .sample_rate = o->sample_rate,
        .channels = 2,
        .client = o->client,
        .period_frames = o->period_frames,
        .periods = o->periods,
        .no_connect = o->no_connect,
    };
    enum dm_status status = audio_device_open(o->audio, &config, &live->device, err);
    if (status == DM_OK)
        status = mixer_init(&live->mixer, live->device, err);
    if (status == DM_OK)
        status = transport_create(live->mixer.rate, &live->transport, err);
    struct audio_source source = {.pull = mixer_pull, .ctx = &live->mixer, .float_samples = true};
    if (status == DM_OK)
        status = live->device->ops->start(live->device, &source, err);
    live->device_started = status == DM_OK;
    if (status == DM_OK) {
        struct audio_info info;
        live->device->ops->info(live->device, &info);
        snprintf(live->device_text, sizeof live->device_text, "%s%s%s", live->device->ops->name, info.device[0] ? ": " : "",
                 info.device);
    }
    return status;
}

static enum dm_status start_threads(struct dmus_live *live, struct dm_error *err)
{
    live->control_started = pthread_create(&live->control, NULL, session_control, live) == 0;
    live->loader_started = live->control_started && pthread_create(&live->loader, NULL, session_load, live) == 0;
    return live->loader_started ? DM_OK : dm_fail(err, DM_ERR_NOMEM, "no thread for the session");
}

enum dmus_status dmus_live_open(const struct dmus_live_options *options, struct dmus_live **out, struct dmus_error *err)
{
    if (!out)
        return error_argument(err, "dmus_live_open: nowhere to put the session");
    *out = NULL;
    if (!abi_fits(options, sizeof *options))
        return error_argument(err, "dmus_live_open: options of an unknown size");
    struct dm_error inner = {0};
    struct dmus_live *live = dm_calloc(1, sizeof *live);
    if (!live)
        return error_public(err, DM_ERR_NOMEM, NULL);
    abi_load(&live->options, sizeof live->options, options);
    live->options.size = sizeof live->options;
    live->audio_name = dm_strdup(options->audio);
    live->client_name = dm_strdup(options->client);
    live->options.audio = live->audio_name;
    live->options.client = live->client_name;
    live->tempo = 1;
    live->next_start = INT64_MIN;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&live->lock, NULL);
    pthread_cond_init(&live->changed, &monotonic);
    pthread_cond_init(&live->work, NULL);
    pthread_condattr_destroy(&monotonic);
    display_reset(&live->display);
    display_reset(&live->live_display);
    enum dm_status status = check(&live->options, &inner);
    if (status == DM_OK && ((options->audio && !live->audio_name) || (options->client && !live->client_name)))
        status = dm_fail(&inner, DM_ERR_NOMEM, "no memory for the session");
    live->sysex = dm_calloc(MIXER_SYSEX_BYTES, 1);
    if (status == DM_OK && !live->sysex)
        status = dm_fail(&inner, DM_ERR_NOMEM, "no memory for the session");
    if (status == DM_OK)
        status = start_device(live, &inner);
    if (status == DM_OK)
        status = start_threads(live, &inner);
    if (status != DM_OK) {
        dmus_live_close(live);
        return error_public(err, status, &inner);
    }
    *out = live;
    return DMUS_OK;
}

static void close_entry(struct entry *entry)
{
    deck_close(entry->deck);
    for (size_t i = 0; i < entry->bank_count; i++)
        dmus_bank_close(entry->banks[i]);
    dmus_song_close(entry->song);
    dm_free(entry->tempi);
}

/* [lock] A click would be the last thing heard. Two pulls: one that fades, and what the device has of the one before. */
static void fade_out(struct dmus_live *live)
{
    struct mixer_command end = {.kind = MIXER_END};
    if (!live->device_started || !mixer_command(&live->mixer, &end))
        return;
    int64_t periods = 2 + (int64_t)atomic_load(&live->mixer.figures.largest) * 2;
    clock_sleep_until_100ns(clock_now_100ns() + periods * CLOCK_100NS_PER_SECOND / live->mixer.rate);
}

void dmus_live_close(struct dmus_live *live)
{
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    fade_out(live);
    live->closing = true;
    pthread_cond_broadcast(&live->work);
    pthread_mutex_unlock(&live->lock);
    if (live->control_started)
        pthread_join(live->control, NULL);
    if (live->loader_started)
        pthread_join(live->loader, NULL);
    if (live->device_started)
        live->device->ops->stop(live->device);
    struct dm_error ignored;
    if (live->record)
        record_end(live->record, &ignored);
    for (uint32_t i = 0; i < live->input_count; i++)
        midi_input_close(live->inputs[i].input);
    for (uint32_t i = 0; i < live->entry_count; i++)
        close_entry(&live->entries[i]);
    for (int i = 0; i < FADING_MOST; i++)
        deck_close(live->fading[i].deck);
    deck_close(live->deck);
    deck_close(live->live_deck);
    if (live->memory_locked)
        realtime_unlock_memory();
    if (live->measure_fd)
        close(live->measure_fd);
    dm_free(live->click);
    if (live->device)
        live->device->ops->close(live->device, true, &ignored);
    mixer_clear(&live->mixer);
    transport_free(live->transport);
    pthread_cond_destroy(&live->work);
    pthread_cond_destroy(&live->changed);
    pthread_mutex_destroy(&live->lock);
    dm_free(live->entries);
    dm_free(live->sysex);
    dm_free(live->audio_name);
    dm_free(live->client_name);
    dm_free(live);
}

/* ---- songs ---- */

static bool read_tempi(struct entry *entry)
{
    const struct smf_song *smf = entry->song->smf;
    uint32_t count = 0;
    for (uint32_t i = 0; i < smf->event_count; i++)
        count += smf->events[i].kind == SMF_META && smf->events[i].meta_type == 0x51 && smf->events[i].size >= 3;
    entry->tempi = dm_calloc(count + 1u, sizeof *entry->tempi);
    if (!entry->tempi)
        return false;
    entry->tempi[entry->tempo_count++] = (struct tempo_change){0, 120};
    for (uint32_t i = 0; i < smf->event_count; i++) {
        const struct smf_event *e = &smf->events[i];
        if (e->kind != SMF_META || e->meta_type != 0x51 || e->size < 3)
            continue;
        uint32_t us = (uint32_t)e->data[0] << 16 | (uint32_t)e->data[1] << 8 | e->data[2];
        entry->tempi[entry->tempo_count++] = (struct tempo_change){e->time_100ns, us ? 6e7 / us : 0};
    }
    return true;
}

static bool make_entry_room(struct dmus_live *live)
{
    if (live->entry_count < live->entry_capacity)
        return true;
    uint32_t capacity = live->entry_capacity ? live->entry_capacity * 2 : 16;
    struct entry *grown = dm_realloc(live->entries, capacity, sizeof *grown);
    if (!grown)
        return false;
    live->entries = grown;
    live->entry_capacity = capacity;
    return true;
}

enum dmus_status dmus_live_queue(struct dmus_live *live, struct dmus_song *song, struct dmus_bank *const *banks, size_t bank_count,
                                 struct dmus_error *err)
{
    if (!live || !song || !banks || bank_count == 0 || bank_count > DMUS_MAX_BANKS)
        return error_argument(err, "dmus_live_queue: no song, or not 1 to %d banks", DMUS_MAX_BANKS);
    if (song->smf->note_count == 0) {
        struct dm_error inner = {0};
        dm_fail(&inner, DM_ERR_FORMAT, "%s: no note in the song", song->path);
        return error_public(err, DM_ERR_FORMAT, &inner);
    }
    struct entry entry = {.song = dmus_song_ref(song), .bank_count = bank_count};
    for (size_t i = 0; i < bank_count; i++)
        entry.banks[i] = dmus_bank_ref(banks[i]);
    bool done = read_tempi(&entry);
    pthread_mutex_lock(&live->lock);
    done = done && make_entry_room(live);
    if (done)
        live->entries[live->entry_count++] = entry;
    pthread_mutex_unlock(&live->lock);
    if (done)
        return DMUS_OK;
    close_entry(&entry);
    return error_public(err, DM_ERR_NOMEM, NULL);
}

void dmus_live_begin(struct dmus_live *live, double from_seconds, double a_seconds, double b_seconds, bool repeat)
{
    pthread_mutex_lock(&live->lock);
    bool loop = a_seconds >= 0 && b_seconds > a_seconds && b_seconds < MOST_SECONDS;
    live->first_from = from_seconds > 0 && from_seconds < MOST_SECONDS ? from_seconds : 0;
    live->first_a = loop ? a_seconds : 0;
    live->first_b = loop ? b_seconds : 0;
    live->repeat = repeat;
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_skip(struct dmus_live *live, int by)
{
    pthread_mutex_lock(&live->lock);
    int64_t target = (int64_t)live->current + by;
    session_go_to(live, target < 0 ? 0 : target > live->entry_count ? live->entry_count : (uint32_t)target);
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_pause(struct dmus_live *live, bool paused)
{
    pthread_mutex_lock(&live->lock);
    struct mixer_command command = {.kind = paused ? MIXER_PAUSE : MIXER_RESUME};
    if (paused != live->paused && mixer_command(&live->mixer, &command))
        live->paused = paused;
    pthread_mutex_unlock(&live->lock);
}

static bool playing(const struct dmus_live *live)
{
    return live->deck != NULL;
}

void dmus_live_seek(struct dmus_live *live, double seconds)
{
    pthread_mutex_lock(&live->lock);
    int64_t to = seconds > 0 ? (int64_t)((seconds < MOST_SECONDS ? seconds : MOST_SECONDS) * 1e7) : 0;
    int64_t frame = session_next_frame(live);
    if (playing(live) && !transport_seek(live->transport, to, frame))
        session_say(live, "no memory to seek");
    live->fed = frame > live->fed ? frame : live->fed;
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_set_tempo(struct dmus_live *live, double ratio)
{
    pthread_mutex_lock(&live->lock);
    live->tempo = ratio > TRANSPORT_TEMPO_MIN ? ratio < TRANSPORT_TEMPO_MAX ? ratio : TRANSPORT_TEMPO_MAX : TRANSPORT_TEMPO_MIN;
    transport_set_tempo(live->transport, live->tempo, session_next_frame(live));
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_set_keys(struct dmus_live *live, int keys)
{
    pthread_mutex_lock(&live->lock);
    live->keys = keys < -TRANSPORT_KEYS_MAX ? -TRANSPORT_KEYS_MAX : keys > TRANSPORT_KEYS_MAX ? TRANSPORT_KEYS_MAX : keys;
    transport_set_keys(live->transport, live->keys);
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_mute(struct dmus_live *live, uint32_t port, uint32_t channel, bool muted)
{
    pthread_mutex_lock(&live->lock);
    if (port < DISPLAY_PORTS)
        transport_mute(live->transport, port, channel, muted, session_next_frame(live));
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_solo(struct dmus_live *live, uint32_t port, uint32_t channel, bool solo)
{
    pthread_mutex_lock(&live->lock);
    if (port < DISPLAY_PORTS)
        transport_solo(live->transport, port, channel, solo, session_next_frame(live));
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_set_loop(struct dmus_live *live, double a_seconds, double b_seconds)
{
    pthread_mutex_lock(&live->lock);
    bool loop = playing(live) && a_seconds >= 0 && b_seconds > a_seconds && b_seconds < MOST_SECONDS;
    live->loop_a = loop ? a_seconds : 0;
    live->loop_b = loop ? b_seconds : 0;
    transport_set_loop(live->transport, (int64_t)(live->loop_a * 1e7), (int64_t)(live->loop_b * 1e7));
    pthread_mutex_unlock(&live->lock);
}

/* ---- live MIDI ---- */

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
    if (!live || !banks || bank_count == 0 || bank_count > DMUS_MAX_BANKS)
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
    if (status != DM_OK)
        return error_public(err, status, &inner);
    session_lock_memory(live);
    return DMUS_OK;
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
    if (!live || !bytes || size == 0 || size > MIXER_SYSEX_BYTES || bytes[0] < 0x80 || (bytes[0] != 0xF0 && size > 3) || group < 1 ||
        group > live->options.groups)
        return error_argument(err, "dmus_live_send: no MIDI message, or no such group");
    if (!live->live_deck)
        return error_argument(err, "dmus_live_send: no bank is loaded (dmus_live_load)");
    struct dm_error inner = {0};
    pthread_mutex_lock(&live->lock);
    enum dm_status status = send_at(live, soon(live), group, bytes, (uint32_t)size, &inner);
    if (status == DM_OK)
        status = deck_flush(live->live_deck, &inner);
    pthread_mutex_unlock(&live->lock);
    return status == DM_OK ? DMUS_OK : error_public(err, status, &inner);
}

void dmus_live_panic(struct dmus_live *live)
{
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
    if (playing(live))
        transport_silence(live->transport, session_next_frame(live));
    pthread_mutex_unlock(&live->lock);
}

enum dmus_status dmus_live_record(struct dmus_live *live, const struct dmus_output *output, const char *midi_path,
                                  struct dmus_error *err)
{
    struct dmus_output checked = {0};
    if (!live || (output && !abi_fits(output, sizeof *output)) || ((!output || !output->path) && !midi_path))
        return error_argument(err, "dmus_live_record: nothing to record to");
    if (output)
        abi_load(&checked, sizeof checked, output);
    struct dm_error inner = {0};
    pthread_mutex_lock(&live->lock);
    enum dm_status status = live->record || live->record_ending
                                ? dm_fail(&inner, DM_ERR_ARGUMENT, "a record is being made already")
                                : record_begin(&live->mixer, output ? &checked : NULL, midi_path, &live->record, &inner);
    pthread_mutex_unlock(&live->lock);
    return status == DM_OK ? DMUS_OK : error_public(err, status, &inner);
}

enum dmus_status dmus_live_record_end(struct dmus_live *live, struct dmus_error *err)
{
    struct dm_error inner = {0};
    pthread_mutex_lock(&live->lock);
    struct record *record = live->record;
    live->record = NULL;
    live->record_ending |= record != NULL;
    pthread_mutex_unlock(&live->lock);
    enum dm_status status = record ? record_end(record, &inner) : DM_OK;
    pthread_mutex_lock(&live->lock);
    if (record)
        live->record_ending = false;
    pthread_mutex_unlock(&live->lock);
    return status == DM_OK ? DMUS_OK : error_public(err, status, &inner);
}

/* ---- how it goes ---- */

static double bpm_at(const struct entry *entry, int64_t time_100ns)
{
    double bpm = 120;
    for (uint32_t i = 0; i < entry->tempo_count && entry->tempi[i].time_100ns <= time_100ns; i++)
        bpm = entry->tempi[i].bpm;
    return bpm;
}

static void song_state(struct dmus_live *live, int64_t latency, struct dmus_live_state *out)
{
    if (live->current >= live->entry_count)
        return;
    const struct entry *entry = &live->entries[live->current];
    out->total_seconds = (double)entry->song->smf->duration_100ns * 1e-7;
    if (!live->deck)
        return;
    int64_t heard = atomic_load(&live->mixer.figures.frame) - latency;
    int64_t time = heard > live->current_start ? transport_song_time(live->transport, heard) : 0;
    out->seconds = (double)time * 1e-7;
    out->bpm = bpm_at(entry, time) * live->tempo;
}

static bool inputs_ended(const struct dmus_live *live)
{
    for (uint32_t i = 0; i < live->input_count; i++) {
        struct midi_state state;
        midi_input_state(live->inputs[i].input, &state);
        if (strncmp(live->inputs[i].name, "raw:", 4) != 0 || !state.gone)
            return false;
    }
    return live->input_count > 0;
}

static uint32_t inputs_lost(const struct dmus_live *live)
{
    uint32_t lost = 0;
    for (uint32_t i = 0; i < live->input_count; i++) {
        struct midi_state state;
        midi_input_state(live->inputs[i].input, &state);
        lost += state.lost + state.sysex_refused;
    }
    return lost;
}

static bool any_fading(const struct dmus_live *live)
{
    for (int i = 0; i < FADING_MOST; i++)
        if (live->fading[i].deck)
            return true;
    return false;
}

enum dmus_status dmus_live_get_state(struct dmus_live *live, struct dmus_live_state *state)
{
    if (!live || !abi_fits(state, sizeof *state))
        return DMUS_ERR_ARGUMENT;
    struct audio_info info;
    struct audio_state device;
    live->device->ops->info(live->device, &info);
    live->device->ops->state(live->device, &device);
    const struct mixer_figures *f = &live->mixer.figures;
    pthread_mutex_lock(&live->lock);
    struct dmus_live_state now = {
        .size = sizeof now,
        .playing = live->current < live->entry_count || any_fading(live) ||
                   atomic_load(&f->heard) - (int64_t)device.latency_frames < live->quiet_from,
        .paused = live->paused,
        .device_lost = device.run == AUDIO_LOST,
        .device_failed = device.run == AUDIO_FAILED,
        .inputs_ended = inputs_ended(live),
        .song = live->current,
        .songs = live->entry_count,
        .tempo = live->tempo,
        .keys = live->keys,
        .loop_a = live->loop_a,
        .loop_b = live->loop_b,
        .voices = live->voices,
        .voices_peak = live->voices_peak,
        .load = live->load,
        .underruns = device.xruns + atomic_load(&f->missing),
        .late_events = live->late + atomic_load(&f->late),
        .midi_lost = atomic_load(&f->lost) + inputs_lost(live),
        .sample_rate = info.sample_rate,
        .channels = info.channels,
        .period_frames = info.period_frames,
        .latency_frames = device.latency_frames,
        .input_latency_frames = device.latency_frames + atomic_load(&f->input_delay),
        .realtime = device.schedule == AUDIO_SCHEDULE_REALTIME,
        .memory_locked = live->memory_locked,
        .peak = live->peak,
        .recorded_frames = live->record ? record_frames(live->record) : 0,
        .device = live->device_text,
        .songs_failed = live->failed_songs,
    };
    song_state(live, device.latency_frames, &now);
    pthread_mutex_unlock(&live->lock);
    abi_store(state, &now, sizeof now);
    return DMUS_OK;
}

enum dmus_status dmus_live_get_channel(struct dmus_live *live, uint32_t port, uint32_t channel, struct dmus_channel_state *state)
{
    if (!live || !abi_fits(state, sizeof *state) || port >= DISPLAY_PORTS || channel > 15)
        return DMUS_ERR_ARGUMENT;
    pthread_mutex_lock(&live->lock);
    struct deck *deck = playing(live) ? live->deck : live->live_deck;
    const struct display *display = playing(live) ? &live->display : &live->live_display;
    const struct display_channel *c = &display->channels[port][channel];
    bool drums = channel == 9;
    uint32_t patch = c->patch | (drums ? DMUS_PATCH_DRUMS : 0u);
    const char *name = deck ? deck_instrument_name(deck, patch) : NULL;
    struct dmus_channel_state now = {
        .size = sizeof now,
        .used = c->used,
        .heard = !playing(live) || transport_is_heard(live->transport, port, channel),
        .drums = drums,
        .patch = patch,
        .name = name ? name : dmus_gm_name(patch),
        .volume = c->volume,
        .expression = c->expression,
        .pan = c->pan,
        .bend = c->bend,
        .controller = c->controller,
        .value = c->value,
        .notes = c->notes,
    };
    if (playing(live))
        transport_knobs(live->transport, port, channel, &now.muted, &now.solo);
    if (deck && (c->used || channel == 9))
        deck_level(deck, port + 1, channel, &now.voices, &now.level);
    pthread_mutex_unlock(&live->lock);
    abi_store(state, &now, sizeof now);
    return DMUS_OK;
}

bool dmus_live_message(struct dmus_live *live, char *text, size_t size)
{
    pthread_mutex_lock(&live->lock);
    bool any = live->message_count > 0;
    if (any) {
        snprintf(text, size, "%s", live->messages[live->message_first]);
        live->message_first = (live->message_first + 1) % SESSION_MESSAGES;
        live->message_count--;
    }
    pthread_mutex_unlock(&live->lock);
    return any;
}

void dmus_live_wait(struct dmus_live *live, uint32_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(timeout_ms / 1000);
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&live->lock);
    uint32_t events = live->events;
    while (events == live->events && live->message_count == 0)
        if (pthread_cond_timedwait(&live->changed, &live->lock, &until) != 0)
            break;
    pthread_mutex_unlock(&live->lock);
}
