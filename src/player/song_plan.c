/* SPDX-License-Identifier: MIT */
#include "song_plan.h"

#include <string.h>

#include "base/alloc.h"
#include "song_part.h"

enum { HASH_SIZE = 2 * PLAN_USES_MAX };

struct walk {
    struct song_plan *plan;
    uint32_t capacity;
    uint16_t hash[HASH_SIZE]; /* index + 1 into uses */
    uint32_t port_count;
    struct song_part (*parts)[16]; /* by port, then channel */
};

void song_plan_clear(struct song_plan *plan)
{
    dm_free(plan->uses);
    memset(plan, 0, sizeof *plan);
}

bool plan_use_wants(const struct plan_use *use, uint32_t key_low, uint32_t key_high, uint32_t velocity_low,
                    uint32_t velocity_high)
{
    if (velocity_high == 0)
        velocity_high = 127; /* as the engine reads 0-0 (spec/dls.md 1.5) */
    uint32_t wanted[4];
    for (uint32_t word = 0; word < 4; word++) {
        wanted[word] = 0;
        for (uint32_t bit = 0; bit < 32; bit++)
            if (word * 32 + bit >= velocity_low && word * 32 + bit <= velocity_high)
                wanted[word] |= 1u << bit;
    }
    uint32_t low = use->all_keys ? 0 : key_low, high = use->all_keys || key_high > 127 ? 127 : key_high;
    for (uint32_t key = low; key <= high; key++)
        for (uint32_t word = 0; word < 4; word++)
            if (use->velocities[key][word] & wanted[word])
                return true;
    return false;
}

/* ---- collecting ---- */

/* The use of PATCH, made if need be. NULL: no memory, or too many (plan->everything). */
static struct plan_use *use_of(struct walk *w, uint32_t patch)
{
    struct song_plan *plan = w->plan;
    uint32_t at = patch * 2654435761u >> 20;
    _Static_assert(HASH_SIZE == 1 << 12, "the shift gives 12 bits");
    for (; w->hash[at]; at = (at + 1) % HASH_SIZE)
        if (plan->uses[w->hash[at] - 1].patch == patch)
            return &plan->uses[w->hash[at] - 1];
    if (plan->count == PLAN_USES_MAX) {
        plan->everything = true;
        return NULL;
    }
    if (plan->count == w->capacity) {
        uint32_t capacity = w->capacity ? w->capacity * 2 : 16;
        struct plan_use *grown = dm_realloc(plan->uses, capacity, sizeof *grown);
        if (!grown)
            return NULL;
        plan->uses = grown;
        w->capacity = capacity;
    }
    struct plan_use *use = &plan->uses[plan->count++];
    memset(use, 0, sizeof *use);
    use->patch = patch;
    w->hash[at] = (uint16_t)plan->count;
    return use;
}

static bool note_on(struct walk *w, const struct smf_event *event, struct song_part *part, uint32_t port,
                    uint32_t channel)
{
    uint8_t key = event->data[1] & 127, velocity = event->data[2] & 127;
    w->plan->notes++;
    w->plan->channels += !part->played;
    part->played = true;
    uint32_t patches[SONG_PART_PATCHES];
    uint32_t count = song_part_patches(part, patches);
    for (uint32_t i = 0; i < count; i++) {
        struct plan_use *use = use_of(w, patches[i]);
        if (!use && w->plan->everything)
            continue;
        if (!use)
            return false;
        if (i == 0 && use->notes++ == 0) {
            use->port = port;
            use->channel = channel;
            use->time_100ns = event->time_100ns;
            use->key_low = use->key_high = key;
        }
        if (i == 0 && key < use->key_low)
            use->key_low = key;
        if (i == 0 && key > use->key_high)
            use->key_high = key;
        if (part->keys_shift)
            use->all_keys = true;
        use->velocities[key][velocity / 32] |= 1u << velocity % 32;
        if (part->velocities_shift)
            memset(use->velocities[key], 0xFF, sizeof use->velocities[key]);
    }
    return true;
}

static bool channel_message(struct walk *w, const struct smf_event *event)
{
    if (event->size < 2)
        return true;
    uint32_t port = event->port, channel = event->data[0] & 15;
    struct song_part *part = &w->parts[port][channel];
    switch (event->data[0] >> 4) {
    case 9:
        return event->size < 3 || event->data[2] == 0 || note_on(w, event, part, port, channel);
    case 11:
        if (event->size >= 3)
            song_part_control(part, event->data[1] & 127, event->data[2] & 127);
        return true;
    case 12:
        song_part_program(part, event->data[1] & 127);
        return true;
    default:
        return true;
    }
}

static bool walk_events(struct walk *w, const struct smf_song *song)
{
    for (uint32_t i = 0; i < song->event_count; i++) {
        const struct smf_event *event = &song->events[i];
        if (event->port >= w->port_count)
            continue;
        if (event->kind == SMF_SYSEX && !song_part_sysex(w->parts[event->port], event->data, event->size))
            w->plan->everything = true;
        /* A whole channel message may hide in an escape; song_buffers.c sends it as one. */
        if (event->kind == SMF_CHANNEL || (event->kind == SMF_ESCAPE && event->size && event->data[0] < 0xF0))
            if (!channel_message(w, event))
                return false;
    }
    return true;
}

enum dm_status song_plan_make(const struct smf_song *song, struct song_plan *plan, struct dm_error *err)
{
    memset(plan, 0, sizeof *plan);
    struct walk *w = dm_calloc(1, sizeof *w);
    bool done = false;
    if (w) {
        w->plan = plan;
        w->port_count = song->port_count ? song->port_count : 1u;
        w->parts = dm_calloc(w->port_count, sizeof *w->parts);
        for (uint32_t port = 0; w->parts && port < w->port_count; port++)
            for (uint32_t channel = 0; channel < 16; channel++)
                song_part_init(&w->parts[port][channel], channel);
        done = w->parts && walk_events(w, song);
        dm_free(w->parts);
    }
    dm_free(w);
    if (done)
        return DM_OK;
    song_plan_clear(plan);
    return dm_fail(err, DM_ERR_NOMEM, "no memory to plan the song");
}
