/* SPDX-License-Identifier: MIT */
#include "plays.h"

#include <string.h>

#include "engine.h"
#include "notes.h"

/* ---- control side ------------------------------------------------------- */

void plays_reap(struct synth *synth)
{
    struct play **link = &synth->plays.all;
    while (*link) {
        struct play *play = *link;
        if (atomic_load_explicit(&play->state, memory_order_acquire) == PLAY_OVER) {
            *link = play->next;
            play->download->references--;
            synth->mem.free(synth->mem.ctx, play);
        } else {
            link = &play->next;
        }
    }
}

void plays_end_all(struct synth *synth)
{
    for (struct play *play = synth->plays.all; play; play = play->next)
        atomic_store_explicit(&play->state, PLAY_OVER, memory_order_relaxed);
    synth->plays.active = NULL;
}

void plays_destroy(struct synth *synth)
{
    plays_end_all(synth);
    plays_reap(synth);
}

static bool is_playing(const struct synth *synth, const struct synth_download *download)
{
    for (const struct play *play = synth->plays.all; play; play = play->next)
        if (play->download == download && atomic_load_explicit(&play->state, memory_order_acquire) != PLAY_OVER)
            return true;
    return false;
}

#define WAVE_FRAMES_MAX (1u << 30) /* positions of a voice are 31 bits and a fraction */

static bool positions_fit(const struct synth_voice *voice, const struct synth_download *download)
{
    uint64_t frames = download->plays->frames < WAVE_FRAMES_MAX ? download->plays->frames : WAVE_FRAMES_MAX;
    if (download->stream) /* no way back in a stream; how far it goes nobody knows yet */
        return voice->start <= WAVE_FRAMES_MAX && voice->loop_start == 0 && voice->loop_end == 0;
    return voice->start <= frames && voice->loop_start <= voice->loop_end && voice->loop_end <= frames;
}

static float within(int32_t value, int32_t low, int32_t high)
{
    return (float)(value < low ? low : value > high ? high : value);
}

static void fill(const struct synth *synth, struct play *play, const struct synth_voice *voice)
{
    const struct synth_download *download = play->download;
    const struct wave *wave = download->plays;
    struct region *region = &play->region;
    play->id = voice->id;
    play->group = voice->group;
    play->channel = voice->channel;
    play->start = (uint32_t)voice->start;
    atomic_init(&play->position[0], play->start);
    play->tune_cents = within(voice->pitch_cents, -12000, 12000);
    play->gain_db = within(voice->volume_cb10, -20000, 2000) * 0.01f;
    play->stream = download->stream;
    play->buses = download->buses;
    play->stream_wave = *wave;
    play->stream_wave.samples = NULL;
    region->wave = play->stream ? &play->stream_wave : wave;
    region->key_high = region->velocity_high = 127;
    region->unity_note = 60;
    region->self_non_exclusive = download->self_non_exclusive;
    region->multichannel = download->buses != NULL; /* a bus of its own: no pan */
    region->channel = download->bus_channel;
    region->artic = synth->plain_artic;
    if (voice->loop_end > voice->loop_start) {
        region->loop = LOOP_FORWARD;
        region->loop_start = (uint32_t)voice->loop_start;
        region->loop_length = (uint32_t)(voice->loop_end - voice->loop_start);
    }
}

enum synth_status synth_play_voice(struct synth *synth, int64_t sample, const struct synth_voice *voice)
{
    plays_reap(synth);
    struct synth_download *download = downloads_find(&synth->downloads, voice->download_id, DOWNLOAD_WAVE_ARTICULATION);
    if (!download)
        download = downloads_find(&synth->downloads, voice->download_id, DOWNLOAD_ONE_SHOT);
    if (!download)
        return SYNTH_NOT_FOUND;
    if (voice->group < 1 || voice->group > atomic_load_explicit(&synth->group_count, memory_order_relaxed) ||
        voice->channel >= PARTS || !positions_fit(voice, download))
        return SYNTH_BAD_ARGUMENT;
    if (download->stream && is_playing(synth, download))
        return SYNTH_BUSY;
    struct play *play = synth->mem.alloc(synth->mem.ctx, sizeof *play);
    if (!play)
        return SYNTH_NOMEM;
    memset(play, 0, sizeof *play);
    play->download = download;
    fill(synth, play, voice);
    enum synth_status status = events_push_command(&synth->events, sample, EVENT_PLAY, &play, sizeof play);
    if (status != SYNTH_OK) {
        synth->mem.free(synth->mem.ctx, play);
        return status;
    }
    download->references++;
    play->next = synth->plays.all;
    synth->plays.all = play;
    return SYNTH_OK;
}

enum synth_status synth_stop_voice(struct synth *synth, int64_t sample, uint32_t id)
{
    return events_push_command(&synth->events, sample, EVENT_STOP_PLAY, &id, sizeof id);
}

bool synth_voice_position(const struct synth *synth, uint32_t id, uint64_t *position)
{
    uint32_t words[2], seen;
    for (const struct play *play = synth->plays.all; play; play = play->next) {
        if (play->id != id || atomic_load_explicit(&play->state, memory_order_acquire) == PLAY_OVER)
            continue;
        while (!seqlock_read(&play->position_lock, play->position, words, 2, &seen))
            ;
        *position = words[0] | (uint64_t)words[1] << 32;
        return true;
    }
    return false;
}

enum synth_status synth_refresh(struct synth *synth, uint32_t download_id, bool last)
{
    struct synth_download *download = downloads_find(&synth->downloads, download_id, DOWNLOAD_STREAM_BUFFER);
    if (!download)
        return SYNTH_NOT_FOUND;
    struct stream_buffer *buffer = &download->buffer;
    bool playing = download->stream_owner && is_playing(synth, download->stream_owner);
    unsigned full = STREAM_FULL;
    if (playing && atomic_load_explicit(&buffer->state, memory_order_acquire) != STREAM_EMPTY) {
        /* Not played yet: it may become the last one, but nothing else about it may change. */
        bool marked = last && atomic_compare_exchange_strong_explicit(&buffer->state, &full, STREAM_LAST,
                                                                      memory_order_release, memory_order_relaxed);
        return marked ? SYNTH_OK : SYNTH_BUSY;
    }
    uint32_t bytes = load_le32(buffer->data - 4); /* cbWaveData stands right before the data */
    if (bytes > buffer->room)
        return SYNTH_BAD_WAVE;
    atomic_store_explicit(&buffer->frames, download->wave.eight_bit ? bytes : bytes / 2, memory_order_relaxed);
    atomic_store_explicit(&buffer->state, last ? STREAM_LAST : STREAM_FULL, memory_order_release);
    return SYNTH_OK;
}

/* ---- render side -------------------------------------------------------- */

void plays_ended(struct synth *synth, struct play *play)
{
    struct play **link = &synth->plays.active;
    while (*link && *link != play)
        link = &(*link)->next_active;
    if (*link)
        *link = play->next_active;
    /* Release: the control side may free the play now. */
    atomic_store_explicit(&play->state, PLAY_OVER, memory_order_release);
}

/* The same voice again, or a wave that may not sound twice on a part, ends the older one. */
static void end_older(struct synth *synth, const struct play *play, const struct part *part)
{
    for (struct play *other = synth->plays.active; other; other = other->next_active) {
        bool same_wave = other->download == play->download && synth->alloc.slot[other->slot].part == part;
        if (other->id == play->id || (same_wave && !play->region.self_non_exclusive))
            notes_fade(synth, other->slot);
    }
}

/* The sounding voice of the articulation that PLAY's names as its master, at the same sample rate. */
static voice_slot master_of(const struct synth *synth, const struct play *play)
{
    const struct synth_download *own = play->download;
    if (own->kind != DOWNLOAD_WAVE_ARTICULATION || own->master_id == own->wave.download_id)
        return VOICE_NONE;
    for (const struct play *other = synth->plays.active; other; other = other->next_active)
        if (other->download->kind == DOWNLOAD_WAVE_ARTICULATION && other->download->wave.download_id == own->master_id &&
            synth->alloc.slot[other->slot].sounding && other->region.wave->sample_rate == play->region.wave->sample_rate)
            return other->slot;
    return VOICE_NONE;
}

static void start(struct synth *synth, struct play *play)
{
    if (play->group > synth->groups) { /* the group went while the event waited */
        atomic_store_explicit(&play->state, PLAY_OVER, memory_order_release);
        return;
    }
    struct part *part = &synth_group(synth, play->group - 1)->part[play->channel];
    struct voice_params params = {
        .region = &play->region,
        .channel = &part->channel,
        .note = 60,
        .key = 60,
        .velocity = 127,
        .gain_db = play->gain_db,
        .tune_cents = play->tune_cents,
        .start = play->start,
        .stream = play->stream,
        .buses = play->buses,
    };
    end_older(synth, play, part);
    params.phase_master = master_of(synth, play);
    play->slot = notes_start_play(synth, part, play, &params);
    if (play->slot == VOICE_NONE) {
        atomic_store_explicit(&play->state, PLAY_OVER, memory_order_release);
        return;
    }
    play->next_active = synth->plays.active;
    synth->plays.active = play;
    atomic_store_explicit(&play->state, PLAY_SOUNDING, memory_order_relaxed);
}

void plays_apply(struct synth *synth, const struct event *event)
{
    if (event->kind == EVENT_PLAY) {
        struct play *play;
        memcpy(&play, event->bytes, sizeof play);
        start(synth, play);
        return;
    }
    uint32_t id;
    memcpy(&id, event->bytes, sizeof id);
    for (struct play *play = synth->plays.active; play; play = play->next_active)
        if (play->id == id)
            notes_release(synth, play->slot);
}

void plays_publish(struct synth *synth)
{
    for (struct play *play = synth->plays.active; play; play = play->next_active) {
        uint64_t position = mixer_position(synth->mixer, play->slot);
        uint32_t words[2] = {(uint32_t)position, (uint32_t)(position >> 32)};
        seqlock_write(&play->position_lock, play->position, words, 2);
    }
}
