/* SPDX-License-Identifier: MIT */
#include "deck.h"

#include <string.h>

#include "ahead.h"
#include "base/alloc.h"
#include "player/bank.h"
#include "player/errors.h"
#include "player/loader.h"
#include "player/render.h"
#include "player/selection.h"
#include "player/song.h"
#include "player/song_buffers.h"

enum { BUFFER_SIZE = 16384 };

struct deck {
    const struct route_ops *ops;
    struct route *route;
    struct ahead *ahead; /* NULL: the route is pulled on the audio thread itself */
    uint32_t delay;
    struct loader loader;
    struct selection selection;
    struct song_plan plan; /* the song's, with every key and velocity of its instruments */
    struct dmus_song *song;
    struct dmus_bank *banks[DMUS_MAX_BANKS];
    size_t bank_count;
    uint32_t rate;
    bool studio;
    uint8_t *buffer;
    uint32_t buffer_size, buffer_used;
    int64_t buffer_100ns; /* stamp of its first event */
};

/* ---- life ---- */

/* Transposition and live playing want more than the song's own notes. */
static bool widen_plan(struct deck *deck)
{
    const struct song_plan *plan = &deck->song->plan;
    deck->plan = *plan;
    deck->plan.uses = dm_calloc(plan->count ? plan->count : 1u, sizeof *plan->uses);
    if (!deck->plan.uses)
        return false;
    if (plan->count)
        memcpy(deck->plan.uses, plan->uses, plan->count * sizeof *plan->uses);
    for (uint32_t i = 0; i < plan->count; i++) {
        deck->plan.uses[i].all_keys = true;
        memset(deck->plan.uses[i].velocities, 0xFF, sizeof deck->plan.uses[i].velocities);
    }
    return true;
}

static const struct route_ops *door_of(const struct dmus_live_options *o)
{
    return o->through_kernel ? &route_kernel_mode : &route_user_mode;
}

/* Time for a thread of its own to be late in: 25 ms for keys, 100 for songs, and four periods. */
uint32_t deck_ahead(const struct deck_config *config, uint32_t period)
{
    uint32_t least = config->sample_rate / (config->posts ? 40 : 10);
    return door_of(config->options)->realtime ? 0 : least > 4 * period ? least : 4 * period;
}

static enum dm_status start_ahead(struct deck *deck, const struct deck_config *config, struct dm_error *err)
{
    struct ahead_config ahead = {.ops = deck->ops,
                                 .route = deck->route,
                                 .rate = config->sample_rate,
                                 .channels = config->channels,
                                 .depth = config->ahead,
                                 .posts = config->posts,
                                 .realtime = !config->options->no_realtime};
    deck->delay = config->ahead;
    return config->ahead ? ahead_start(&ahead, &deck->ahead, err) : DM_OK;
}

static enum dm_status open_route(struct deck *deck, const struct deck_config *config, struct dm_error *err)
{
    const struct dmus_live_options *o = config->options;
    deck->rate = config->sample_rate;
    deck->studio = o->profile == DMUS_RENDER_STUDIO;
    struct dmus_render_options render = {
        .size = sizeof render,
        .profile = o->profile,
        .sample_rate = config->sample_rate,
        .channels = config->channels,
        .interpolation = o->interpolation,
        .polyphony = o->polyphony,
        .reverb = o->reverb,
        .chorus = o->chorus,
        .gain_db = o->gain_db,
        .simd = o->simd,
    };
    uint32_t ports = deck->song ? deck->song->smf->port_count : 1u;
    struct route_config route =
        render_route_config(&render, ports > config->groups ? ports : config->groups, NULL, true);
    deck->ops = door_of(o);
    route.posts = config->posts;
    route.levels = true;
    return deck->ops->open(&route, &deck->route, err);
}

static enum dm_status load(struct deck *deck, const struct dm_notes *notes, struct dm_error *err)
{
    static const struct song_plan none;
    enum dm_status status = selection_make(deck->banks, deck->bank_count, deck->song ? &deck->plan : &none, deck->studio,
                                           deck->song == NULL, &deck->selection, err);
    if (status == DM_OK)
        selection_tell(&deck->selection, deck->banks, notes);
    if (status == DM_OK && deck->selection.count == 0)
        status = dm_fail(err, DM_ERR_NOT_FOUND, "no note finds an instrument in %s", deck->banks[0]->path);
    if (status == DM_OK)
        status = loader_run(&deck->loader, deck->ops, deck->route, deck->banks, deck->bank_count, &deck->selection, notes,
                            err);
    return status;
}

enum dm_status deck_open(const struct deck_config *config, struct dmus_song *song, struct dmus_bank *const *banks,
                         size_t bank_count, const struct dm_notes *notes, struct deck **out, struct dm_error *err)
{
    *out = NULL;
    struct deck *deck = dm_calloc(1, sizeof *deck);
    if (!deck)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for a deck");
    for (size_t i = 0; i < bank_count; i++)
        deck->banks[deck->bank_count++] = dmus_bank_ref(banks[i]);
    if (song)
        deck->song = dmus_song_ref(song);
    enum dm_status status = song && !widen_plan(deck) ? dm_fail(err, DM_ERR_NOMEM, "no memory for a plan") : DM_OK;
    if (status == DM_OK)
        status = open_route(deck, config, err);
    if (status == DM_OK)
        status = load(deck, notes, err);
    if (status == DM_OK)
        status = start_ahead(deck, config, err);
    if (status != DM_OK) {
        deck_close(deck);
        return status;
    }
    *out = deck;
    return DM_OK;
}

void deck_close(struct deck *deck)
{
    if (!deck)
        return;
    ahead_stop(deck->ahead);
    if (deck->route)
        deck->ops->close(deck->route);
    loader_clear(&deck->loader);
    selection_clear(&deck->selection);
    dm_free(deck->plan.uses);
    dm_free(deck->buffer);
    for (size_t i = 0; i < deck->bank_count; i++)
        dmus_bank_close(deck->banks[i]);
    dmus_song_close(deck->song);
    dm_free(deck);
}

struct dmus_song *deck_song(const struct deck *deck) { return deck->song; }

const char *deck_instrument_name(const struct deck *deck, uint32_t patch)
{
    for (size_t i = 0; i < deck->bank_count; i++) {
        int64_t entry = bank_find(deck->banks[i], patch);
        if (entry >= 0)
            return deck->banks[i]->entries[entry].name;
    }
    return NULL;
}

/* ---- feeding ---- */

static void enter(struct deck *deck)
{
    if (deck->ahead)
        ahead_lock(deck->ahead);
}

static void leave(struct deck *deck)
{
    if (deck->ahead)
        ahead_unlock(deck->ahead);
}

enum dm_status deck_flush(struct deck *deck, struct dm_error *err)
{
    uint32_t used = deck->buffer_used;
    deck->buffer_used = 0;
    if (used == 0)
        return DM_OK;
    enter(deck);
    enum dm_status status = deck->ops->play(deck->route, deck->buffer_100ns, deck->buffer, used, err);
    leave(deck);
    return status;
}

static bool make_room(struct deck *deck, uint32_t need)
{
    if (need <= deck->buffer_size)
        return true;
    uint32_t size = need > BUFFER_SIZE ? need : BUFFER_SIZE;
    uint8_t *grown = dm_realloc(deck->buffer, size, 1);
    if (!grown)
        return false;
    deck->buffer = grown;
    deck->buffer_size = size;
    return true;
}

enum dm_status deck_send(struct deck *deck, int64_t frame, const struct transport_message *message, struct dm_error *err)
{
    uint32_t need = song_event_bytes(message->size);
    int64_t stamp = song_frame_time(frame < 0 ? 0 : frame, deck->rate);
    if (deck->buffer_used && (need > deck->buffer_size - deck->buffer_used || stamp < deck->buffer_100ns)) {
        enum dm_status status = deck_flush(deck, err);
        if (status != DM_OK)
            return status;
    }
    if (!make_room(deck, deck->buffer_used + need))
        return dm_fail(err, DM_ERR_NOMEM, "no memory for an event of %u bytes", (unsigned)message->size);
    if (deck->buffer_used == 0)
        deck->buffer_100ns = stamp;
    deck->buffer_used += song_event_put(deck->buffer + deck->buffer_used, stamp - deck->buffer_100ns, message->group,
                                        message->structured, message->data, message->size);
    return DM_OK;
}

void deck_ready(struct deck *deck, int64_t frame)
{
    if (deck->ahead)
        ahead_ready(deck->ahead, frame);
}

bool deck_silent(struct deck *deck)
{
    enter(deck);
    bool silent = deck->buffer_used == 0 && (deck->ahead ? ahead_silent(deck->ahead) : deck->ops->silent(deck->route));
    leave(deck);
    return silent;
}

void deck_report(struct deck *deck, struct route_report *report)
{
    enter(deck);
    deck->ops->report(deck->route, report);
    leave(deck);
}

bool deck_missing(struct deck *deck, uint32_t index, struct route_missing *missing)
{
    enter(deck);
    bool there = deck->ops->missing(deck->route, index, missing);
    leave(deck);
    return there;
}

void deck_level(struct deck *deck, uint32_t group, uint32_t channel, uint32_t *voices, float *gain)
{
    *voices = 0;
    *gain = 0;
    if (!deck->ops->level)
        return;
    enter(deck);
    deck->ops->level(deck->route, group, channel, voices, gain);
    leave(deck);
}

/* ---- audio thread ---- */

uint32_t deck_pull(struct deck *deck, float *frames, uint32_t count)
{
    if (deck->ahead)
        return ahead_pull(deck->ahead, frames, count);
    deck->ops->pull(deck->route, frames, count);
    return 0;
}

uint32_t deck_delay(const struct deck *deck) { return deck ? deck->delay : 0; }

bool deck_post(struct deck *deck, int64_t frame, uint32_t group, const uint8_t *bytes, uint32_t size)
{
    if (deck->ahead)
        return ahead_post(deck->ahead, frame, group, bytes, size);
    return deck->ops->post && deck->ops->post(deck->route, frame, group, bytes, size);
}
