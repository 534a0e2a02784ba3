/* SPDX-License-Identifier: MIT */
#include "play.h"

#include <string.h>

#include <dmusprop.h>
#include <ksmedia.h>

#include "ask.h"
#include "audio/output.h"
#include "bank.h"
#include "base/alloc.h"
#include "base/time_map.h"
#include "listener.h"
#include "names.h"
#include "player/midi_file.h"
#include "player/song.h"
#include "player/song_buffers.h"
#include "writer.h"

#define SECOND          INT64_C(10000000)
#define AHEAD           SECOND        /* events are written this long before their time */
#define STEP            (10 * WDM_MS)
#define QUIET           (SECOND / 4)  /* of silence end a song */
#define TAIL_MAX        (10 * SECOND)
#define SILENT_BELOW    (2.0f / 32768)
#define MIDI_TICKS      10000u        /* in a second, of a recorded file */
enum { SLICE_MS = 10, SLICE_MAX = 4096 };

struct play {
    const struct play_config *config;
    struct play_report *report;
    struct host *host;
    struct wdm_machine *machine;
    struct host_filter *filter;
    struct host_pin *midi, *wave, *capture;
    struct drivers_bank *bank;
    struct writer writer;
    struct listener *listener;
    struct midi_file midi_file;
    struct song_buffers events;
    struct audio_output *file;
    struct dm_error file_err; /* of whoever writes the sound */
    int16_t *frames;          /* virtual: SLICE_MAX */
    uint32_t bits;
    bool real;
    int64_t start;            /* master-clock time of the song's beginning */
    int64_t machine_start;    /* machine's time of frame 0 */
    int64_t master_ahead;     /* master clock minus machine clock */
    _Atomic int64_t loud;     /* machine's time of the last loud frame */
    int64_t song_end;         /* from its beginning */
    bool released;
};

static enum dm_status refused(struct dm_error *err, const char *what, NTSTATUS status)
{
    const char *name = names_status(status);
    return dm_fail(err, status == STATUS_INSUFFICIENT_RESOURCES || status == STATUS_NO_MEMORY ? DM_ERR_NOMEM : DM_ERR_DEVICE,
                   "%s: status 0x%08X%s%s", what, (unsigned)status, name ? " " : "", name ? name : "");
}

/* ---- what is heard ---- */

static void measure(struct play *play, const int16_t *samples, uint32_t frames)
{
    int loudest = 0;
    for (uint32_t i = 0; play->bits == 16 && i < frames * play->report->channels; i++) {
        int size = samples[i] < 0 ? -samples[i] : samples[i];
        loudest = size > loudest ? size : loudest;
    }
    float peak = (float)loudest / 32768;
    if (peak > play->report->peak)
        play->report->peak = peak;
    if (peak >= SILENT_BELOW)
        atomic_store(&play->loud, wdm_time_100ns(play->machine));
    play->report->frames += frames;
}

static void consume(void *ctx, const void *frames, uint32_t count)
{
    struct play *play = ctx;
    measure(play, frames, count);
    if (play->file && play->file_err.status == DM_OK)
        play->file->ops->write(play->file, frames, count, &play->file_err);
}

static void take_message(void *ctx, int64_t time, uint32_t group, const uint8_t *bytes, uint32_t size)
{
    struct play *play = ctx;
    midi_file_add(&play->midi_file, time * MIDI_TICKS / SECOND, group ? group : 1, bytes, size);
    play->report->captured++;
}

/* ---- opening ---- */

static enum dm_status open_midi(struct play *play, struct dm_error *err)
{
    const struct graph *graph = play->config->graph;
    uint8_t connect[HOST_CONNECT_MAX];
    bool legacy = play->config->legacy || graph->directmusic < 0;
    int pin = legacy ? graph->legacy : graph->directmusic;
    if (pin < 0)
        return dm_fail(err, DM_ERR_NOT_FOUND, "%s: no pin takes %sMIDI", graph->name, play->config->legacy ? "legacy " : "");
    uint32_t size = host_connect_music(connect, (uint32_t)pin,
                                       legacy ? &KSDATAFORMAT_SUBTYPE_MIDI : &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    NTSTATUS status = host_create_pin(play->filter, connect, size, &play->midi);
    if (!NT_SUCCESS(status))
        return refused(err, "the MIDI pin cannot be opened", status);
    play->report->midi = true;
    play->report->legacy = legacy;
    writer_begin(&play->writer, play->midi, legacy);
    return DM_OK;
}

/* A synth has no voices before it is asked for them (spec/ddi-kernel.md 7.2). */
static enum dm_status ask_parameters(struct play *play, struct dm_error *err)
{
    const struct graph *graph = play->config->graph;
    SYNTH_PORTPARAMS granted, wanted = {.ValidParams = SYNTH_PORTPARAMS_SAMPLERATE | SYNTH_PORTPARAMS_AUDIOCHANNELS |
                                                       SYNTH_PORTPARAMS_CHANNELGROUPS,
                                        .SampleRate = play->report->rate,
                                        .AudioChannels = play->report->channels,
                                        .ChannelGroups = play->config->song ? play->config->song->smf->port_count : 1};
    if (graph->synth < 0 || !graph_has(play->host, graph->filter, HOST_TABLE_NODE, (uint32_t)graph->synth, &KSPROPSETID_Synth,
                                       KSPROPERTY_SYNTH_PORTPARAMETERS, KSPROPERTY_TYPE_GET))
        return DM_OK;
    memset(&granted, 0, sizeof granted);
    struct ask ask = {.pin = play->midi, .node = graph->synth, .set = &KSPROPSETID_Synth, .id = KSPROPERTY_SYNTH_PORTPARAMETERS,
                      .instance = &wanted, .cb_instance = sizeof wanted};
    NTSTATUS status = ask_get(&ask, &granted, sizeof granted);
    if (!NT_SUCCESS(status))
        return refused(err, "KSPROPERTY_SYNTH_PORTPARAMETERS", status);
    if (granted.SampleRate)
        play->report->rate = granted.SampleRate;
    if (granted.AudioChannels == 1 || granted.AudioChannels == 2)
        play->report->channels = granted.AudioChannels;
    return DM_OK;
}

/* A set in ROM is told by its bits; without one a synth that takes DLS begins empty (spec/ddi-kernel.md 6.4, 10). */
static bool has_own_sounds(struct play *play)
{
    SYNTHCAPS caps = {.Flags = 0};
    struct ask ask = {.pin = play->midi, .node = play->config->graph->synth, .set = &KSPROPSETID_Synth, .id = KSPROPERTY_SYNTH_CAPS};
    return !NT_SUCCESS(ask_get(&ask, &caps, sizeof caps)) ||
           (caps.Flags & (SYNTH_PC_GMINHARDWARE | SYNTH_PC_GSINHARDWARE | SYNTH_PC_XGINHARDWARE)) != 0;
}

static enum dm_status load_banks(struct play *play, struct dm_error *err)
{
    const struct play_config *config = play->config;
    const struct graph *graph = config->graph;
    struct play_report *report = play->report;
    if (graph->synth < 0 || !graph_has(play->host, graph->filter, HOST_TABLE_NODE, (uint32_t)graph->synth, &KSPROPSETID_Synth_Dls,
                                       KSPROPERTY_SYNTH_DLS_DOWNLOAD, KSPROPERTY_TYPE_GET))
        return DM_OK;
    report->took_banks = true;
    report->wants_bank = config->song && config->bank_count == 0 && !has_own_sounds(play);
    if (!config->song || config->bank_count == 0)
        return DM_OK;
    enum dm_status status =
        drivers_bank_load(play->midi, graph->synth, config->song, config->banks, config->bank_count, &play->bank, err);
    if (play->bank)
        drivers_bank_figures(play->bank, &report->instruments, &report->waves, &report->wave_bytes);
    return status;
}

static enum dm_status open_file(struct play *play, struct dm_error *err)
{
    const struct audio_output_ops *ops = audio_output_find("file");
    struct audio_config config = {.sample_rate = play->report->rate,
                                  .channels = play->report->channels,
                                  .format = SAMPLE_S16,
                                  .path = play->config->record,
                                  .overwrite = play->config->overwrite};
    if (!ops)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "this build cannot write sound files");
    if (play->bits != 16)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "only sound of 16 bits can be recorded, the wave pin gives %u", (unsigned)play->bits);
    return ops->open(&config, &play->file, err);
}

static enum dm_status open_wave(struct play *play, struct dm_error *err)
{
    uint8_t connect[HOST_CONNECT_MAX];
    if (play->config->graph->wave < 0)
        return play->config->record ? dm_fail(err, DM_ERR_NOT_FOUND, "%s: no pin gives sound", play->config->graph->name) : DM_OK;
    uint32_t size = graph_connect_wave(play->config->graph, connect, &play->report->rate, &play->report->channels);
    NTSTATUS status = host_create_pin(play->filter, connect, size, &play->wave);
    if (NT_SUCCESS(status))
        status = host_pin_format(play->wave, &play->report->rate, &play->report->channels, &play->bits);
    if (!NT_SUCCESS(status))
        return refused(err, "the wave pin cannot be opened", status);
    play->report->wave = true;
    play->frames = dm_calloc((size_t)SLICE_MAX * play->report->channels, (play->bits + 7) / 8);
    if (!play->frames)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for sound");
    return play->config->record ? open_file(play, err) : DM_OK;
}

static enum dm_status open_capture(struct play *play, struct dm_error *err)
{
    const struct graph *graph = play->config->graph;
    uint8_t connect[HOST_CONNECT_MAX];
    if (!play->config->record_midi && (play->config->song || graph->capture < 0))
        return DM_OK;
    if (graph->capture < 0)
        return dm_fail(err, DM_ERR_NOT_FOUND, "%s: no pin captures MIDI", graph->name);
    uint32_t size = host_connect_music(connect, (uint32_t)graph->capture,
                                       graph->capture_directmusic ? &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC : &KSDATAFORMAT_SUBTYPE_MIDI);
    NTSTATUS status = host_create_pin(play->filter, connect, size, &play->capture);
    if (!NT_SUCCESS(status))
        return refused(err, "the capture pin cannot be opened", status);
    play->report->capture = true;
    struct listener_config config = {
        .pin = play->capture, .legacy = !graph->capture_directmusic, .take = take_message, .ctx = play};
    return listener_begin(&config, &play->listener, err);
}

static enum dm_status open_all(struct play *play, struct dm_error *err)
{
    NTSTATUS opened = host_open_filter(play->host, play->config->graph->name, &play->filter);
    if (!NT_SUCCESS(opened))
        return refused(err, play->config->graph->name, opened);
    bool plays = play->config->song || play->config->graph->directmusic >= 0 || play->config->graph->legacy >= 0;
    enum dm_status status = plays ? open_midi(play, err) : DM_OK;
    if (status == DM_OK && play->midi)
        status = ask_parameters(play, err);
    if (status == DM_OK)
        status = open_wave(play, err);
    if (status == DM_OK && play->midi)
        status = load_banks(play, err);
    return status == DM_OK ? open_capture(play, err) : status;
}

/* ---- running ---- */

/* What receives runs before what sends. */
static enum dm_status run(struct play *play, struct dm_error *err)
{
    struct host_pin *const pins[] = {play->capture, play->wave, play->midi};
    static const char *const names[] = {"the capture pin does not run", "the wave pin does not run", "the MIDI pin does not run"};
    NTSTATUS status = STATUS_SUCCESS;
    for (int i = 0; i < 3; i++) {
        if (pins[i])
            status = host_pin_set_state(pins[i], KSSTATE_RUN);
        if (!NT_SUCCESS(status))
            return refused(err, names[i], status);
    }
    play->machine_start = wdm_time_100ns(play->machine);
    play->start = ask_master_time(play->filter);
    play->master_ahead = play->start - play->machine_start;
    if (play->real)
        play->start += PLAY_LEAD_MS * WDM_MS;
    if (play->wave && play->real) {
        struct host_consumer consumer = {.slice_ms = SLICE_MS, .consume = consume, .ctx = play};
        status = host_pin_attach_consumer(play->wave, &consumer);
    }
    return NT_SUCCESS(status) ? DM_OK : refused(err, "the wave pin cannot be listened to", status);
}

static enum dm_status feed(struct play *play, int64_t until, struct dm_error *err)
{
    for (;;) {
        int64_t start;
        const uint8_t *bytes;
        uint32_t size;
        enum dm_status status = song_buffers_next(&play->events, until, &start, &bytes, &size, err);
        if (status != DM_OK || size == 0)
            return status;
        NTSTATUS sent = writer_send(&play->writer, play->start + start, bytes, size);
        if (!NT_SUCCESS(sent))
            return refused(err, "events are refused", sent);
    }
}

/* A note that the song forgot would sound for ever. */
static void release_notes(struct play *play)
{
    static const uint8_t controllers[] = {64, 66, 123};
    play->released = true;
    if (!play->wave || !play->config->song)
        return;
    for (uint32_t channel = 0; channel < play->config->song->smf->port_count * 16u; channel++)
        for (uint32_t i = 0; i < sizeof controllers; i++) {
            uint8_t message[3] = {(uint8_t)(0xB0 | channel % 16), controllers[i], 0};
            writer_message(&play->writer, play->start + play->song_end, channel / 16 + 1, message, sizeof message);
        }
}

static void machine_until(struct play *play, int64_t time)
{
    wdm_enter(play->machine);
    wdm_run_until(play->machine, time);
    wdm_leave();
}

/* A hundredth of a second goes by. Virtual time: the machine is led to the time of the frame that comes next, as the player does. */
static enum dm_status step(struct play *play, struct dm_error *err)
{
    if (play->real || !play->wave) {
        machine_until(play, wdm_time_100ns(play->machine) + STEP);
        return DM_OK;
    }
    struct time_map map = {.start_100ns = play->machine_start, .rate = play->report->rate, .exact = true};
    uint32_t count = play->report->rate / 100;
    count = count < 1 ? 1 : count < SLICE_MAX ? count : SLICE_MAX;
    machine_until(play, time_map_to_time(&map, (int64_t)play->report->frames));
    NTSTATUS status = host_pin_pull(play->wave, play->frames, count);
    if (!NT_SUCCESS(status))
        return refused(err, "the sound is refused", status);
    consume(play, play->frames, count);
    return DM_OK;
}

static bool is_over(struct play *play, int64_t now)
{
    if (play->config->cancelled && play->config->cancelled()) {
        play->report->cancelled = true;
        return true;
    }
    if (play->config->seconds > 0)
        return (double)now >= play->config->seconds * (double)SECOND;
    if (!play->config->song || now < play->song_end + QUIET)
        return !play->config->song;
    int64_t loud = atomic_load(&play->loud) + play->master_ahead - play->start;
    return !play->wave || now - loud >= QUIET || now >= play->song_end + TAIL_MAX;
}

static enum dm_status go(struct play *play, struct dm_error *err)
{
    const struct dmus_song *song = play->config->song;
    enum dm_status status = DM_OK;
    if (song) {
        song_buffers_begin(&play->events, song->smf, play->report->rate, false); /* a driver has a grid of its own */
        play->song_end = song->smf->last_event_100ns;
    }
    for (int64_t now = 0; status == DM_OK && !is_over(play, now);) {
        if (song)
            status = feed(play, now + AHEAD, err);
        if (status == DM_OK && song && !play->released && now >= play->song_end - STEP)
            release_notes(play);
        if (status == DM_OK)
            status = step(play, err);
        if (status == DM_OK && play->file_err.status != DM_OK) {
            *err = play->file_err;
            status = play->file_err.status;
        }
        now = wdm_time_100ns(play->machine) + play->master_ahead - play->start;
    }
    if (song)
        song_buffers_end(&play->events);
    return status;
}

/* ---- ending ---- */

static void stop(struct play *play)
{
    struct host_pin *const pins[] = {play->midi, play->wave, play->capture};
    play->report->seconds = (double)(wdm_time_100ns(play->machine) - play->machine_start) / (double)SECOND;
    if (play->wave && play->real)
        host_pin_detach_consumer(play->wave);
    for (int i = 0; i < 3; i++)
        if (pins[i])
            host_pin_set_state(pins[i], KSSTATE_STOP);
    if (play->midi)
        host_pin_timing(play->midi, &play->report->sequencer);
    if (play->bank)
        drivers_bank_unload(play->bank, play->machine);
}

static void close_all(struct play *play)
{
    if (play->listener) {
        play->report->losses = listener_losses(play->listener);
        listener_end(play->listener);
    } else {
        host_close_pin(play->capture);
    }
    host_close_pin(play->midi);
    host_close_pin(play->wave);
    host_close_filter(play->filter);
    drivers_bank_free(play->bank);
    dm_free(play->frames);
}

static enum dm_status end_files(struct play *play, enum dm_status status, struct dm_error *err)
{
    struct dm_error second = {0};
    if (play->file) {
        enum dm_status closed = play->file->ops->close(play->file, status == DM_OK, &second);
        if (status == DM_OK && closed != DM_OK)
            *err = second;
        status = status == DM_OK ? closed : status;
    }
    if (status == DM_OK && play->config->record_midi)
        status = midi_file_write(&play->midi_file, play->start * MIDI_TICKS / SECOND, play->config->record_midi, play->config->overwrite,
                                 err);
    midi_file_end(&play->midi_file);
    return status;
}

enum dm_status play_song(struct session *session, const struct play_config *config, struct play_report *report, struct dm_error *err)
{
    struct jitter *jitter = NULL;
    struct play play = {.config = config, .report = report, .host = session->host, .machine = host_machine(session->host)};
    memset(report, 0, sizeof *report);
    report->rate = config->rate;
    report->channels = config->channels;
    play.bits = 16;
    play.real = wdm_time_base(play.machine) == WDM_REAL;
    midi_file_begin(&play.midi_file, MIDI_TICKS);
    enum dm_status status = open_all(&play, err);
    if (status == DM_OK && play.real) {
        jitter = jitter_begin();
        report->timed = jitter != NULL;
    }
    if (status == DM_OK) {
        status = run(&play, err);
        if (status == DM_OK)
            status = go(&play, err);
        stop(&play);
    }
    jitter_end(jitter, &report->jitter);
    close_all(&play);
    return end_files(&play, status, err);
}
