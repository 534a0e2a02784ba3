/* SPDX-License-Identifier: MIT */
/* The queue of songs, and what is done to the one that plays. */
#include <math.h>

#include "base/alloc.h"
#include "player/errors.h"
#include "player/song.h"
#include "session.h"

#define MOST_SECONDS 1e11 /* in 100 ns still far from the end of 64 bits */

void session_close_entry(struct entry *entry)
{
    deck_close(entry->deck);
    for (size_t i = 0; i < entry->bank_count; i++)
        dmus_bank_close(entry->banks[i]);
    dmus_song_close(entry->song);
    dm_free(entry->tempi);
}

bool session_banks_there(struct dmus_bank *const *banks, size_t bank_count)
{
    if (!banks || bank_count > DMUS_MAX_BANKS)
        return false;
    for (size_t i = 0; i < bank_count; i++)
        if (!banks[i])
            return false;
    return bank_count != 0;
}

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
    if (!live || !song || !session_banks_there(banks, bank_count))
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
    session_close_entry(&entry);
    return error_public(err, DM_ERR_NOMEM, NULL);
}

enum dmus_status dmus_live_song_status(struct dmus_live *live, uint32_t number, struct dmus_error *err)
{
    if (!live)
        return error_argument(err, "dmus_live_song_status: no session");
    pthread_mutex_lock(&live->lock);
    uint32_t count = live->entry_count;
    struct dm_error failure = number < count ? live->entries[number].failure : (struct dm_error){0};
    pthread_mutex_unlock(&live->lock);
    if (number >= count)
        return error_argument(err, "dmus_live_song_status: no song %u", (unsigned)number);
    return failure.status == DM_OK ? DMUS_OK : error_public(err, failure.status, &failure);
}

void dmus_live_begin(struct dmus_live *live, double from_seconds, double a_seconds, double b_seconds, bool repeat)
{
    if (!live)
        return;
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
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    int64_t target = (int64_t)live->current + by;
    session_go_to(live, target < 0 ? 0 : target > live->entry_count ? live->entry_count : (uint32_t)target);
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_pause(struct dmus_live *live, bool paused)
{
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    struct mixer_command command = {.kind = paused ? MIXER_PAUSE : MIXER_RESUME};
    if (paused != live->paused && mixer_command(&live->mixer, &command))
        live->paused = paused;
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_seek(struct dmus_live *live, double seconds)
{
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    int64_t to = seconds > 0 ? (int64_t)((seconds < MOST_SECONDS ? seconds : MOST_SECONDS) * 1e7) : 0;
    int64_t frame = session_next_frame(live);
    if (session_playing(live) && !transport_seek(live->transport, to, frame))
        session_say(live, "no memory to seek");
    live->fed = frame > live->fed ? frame : live->fed;
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_set_tempo(struct dmus_live *live, double ratio)
{
    if (!live)
        return;
    if (isnan(ratio))
        return;
    pthread_mutex_lock(&live->lock);
    live->tempo = ratio > TRANSPORT_TEMPO_MIN ? ratio < TRANSPORT_TEMPO_MAX ? ratio : TRANSPORT_TEMPO_MAX : TRANSPORT_TEMPO_MIN;
    transport_set_tempo(live->transport, live->tempo, session_next_frame(live));
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_set_keys(struct dmus_live *live, int keys)
{
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    live->keys = keys < -TRANSPORT_KEYS_MAX ? -TRANSPORT_KEYS_MAX : keys > TRANSPORT_KEYS_MAX ? TRANSPORT_KEYS_MAX : keys;
    transport_set_keys(live->transport, live->keys);
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_mute(struct dmus_live *live, uint32_t port, uint32_t channel, bool muted)
{
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    if (port < DISPLAY_PORTS)
        transport_mute(live->transport, port, channel, muted, session_next_frame(live));
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_solo(struct dmus_live *live, uint32_t port, uint32_t channel, bool solo)
{
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    if (port < DISPLAY_PORTS)
        transport_solo(live->transport, port, channel, solo, session_next_frame(live));
    pthread_mutex_unlock(&live->lock);
}

void dmus_live_set_loop(struct dmus_live *live, double a_seconds, double b_seconds)
{
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    bool loop = session_playing(live) && a_seconds >= 0 && b_seconds > a_seconds && b_seconds < MOST_SECONDS;
    live->loop_a = loop ? a_seconds : 0;
    live->loop_b = loop ? b_seconds : 0;
    transport_set_loop(live->transport, (int64_t)(live->loop_a * 1e7), (int64_t)(live->loop_b * 1e7));
    pthread_mutex_unlock(&live->lock);
}
