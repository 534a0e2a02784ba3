/* SPDX-License-Identifier: MIT */
/* How a session goes: for a display, and for who waits. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "player/errors.h"
#include "player/song.h"
#include "session.h"

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
    struct record_total recorded = live->record ? record_total(live->record) : live->recorded;
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
        .recorded_frames = recorded.frames,
        .device = live->device_text,
        .songs_failed = live->failed_songs,
        .notes_missing = live->missing < UINT32_MAX ? (uint32_t)live->missing : UINT32_MAX,
        .clipped_samples = recorded.clipped,
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
    struct deck *deck = session_playing(live) ? live->deck : live->live_deck;
    const struct display *display = session_playing(live) ? &live->display : &live->live_display;
    const struct display_channel *c = &display->channels[port][channel];
    bool drums = session_playing(live) ? transport_is_drums(live->transport, port, channel) : channel == 9;
    uint32_t patch = c->patch | (drums ? DMUS_PATCH_DRUMS : 0u);
    const char *name = deck ? deck_instrument_name(deck, patch) : NULL;
    struct dmus_channel_state now = {
        .size = sizeof now,
        .used = c->used,
        .heard = !session_playing(live) || transport_is_heard(live->transport, port, channel),
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
    if (session_playing(live))
        transport_knobs(live->transport, port, channel, &now.muted, &now.solo);
    if (deck && (c->used || drums))
        deck_level(deck, port + 1, channel, &now.voices, &now.level);
    pthread_mutex_unlock(&live->lock);
    abi_store(state, &now, sizeof now);
    return DMUS_OK;
}

bool dmus_live_message(struct dmus_live *live, char *text, size_t size)
{
    if (!live || !text || size == 0)
        return false;
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
    if (!live)
        return;
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
