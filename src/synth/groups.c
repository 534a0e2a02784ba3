/* SPDX-License-Identifier: MIT */
#include "engine.h"
#include "notes.h"
#include "tuning.h"

#include <string.h>

/* ---- control side ------------------------------------------------------- */

static enum synth_status add_groups(struct synth *synth, uint32_t groups)
{
    for (uint32_t i = 0; i < groups; i++) {
        if (atomic_load_explicit(&synth->group[i], memory_order_relaxed))
            continue;
        struct group *group = synth->mem.alloc(synth->mem.ctx, sizeof *group);
        if (!group)
            return SYNTH_NOMEM;
        memset(group, 0, sizeof *group);
        group_init(group, i);
        group->master.volume_db = (float)(synth->settings.volume[0] + synth->settings.volume[1]) * 0.01f;
        atomic_store_explicit(&synth->group[i], group, memory_order_release);
    }
    return SYNTH_OK;
}

enum synth_status groups_create(struct synth *synth, uint32_t groups)
{
    enum synth_status status = add_groups(synth, groups);
    if (status == SYNTH_OK)
        atomic_store_explicit(&synth->group_count, groups, memory_order_release);
    return status;
}

void groups_destroy(struct synth *synth)
{
    for (uint32_t i = 0; i < GROUPS_MAX; i++) {
        synth->mem.free(synth->mem.ctx, atomic_load_explicit(&synth->group[i], memory_order_relaxed));
        atomic_store_explicit(&synth->group[i], NULL, memory_order_relaxed);
    }
}

/* Groups beyond a smaller count stay allocated: the render side may be on them, and they are wanted again when the count
 * grows. It resets those that are marked. */
enum synth_status synth_set_groups(struct synth *synth, uint32_t groups)
{
    if (groups < 1 || groups > GROUPS_MAX)
        return SYNTH_BAD_ARGUMENT;
    enum synth_status status = add_groups(synth, groups);
    if (status != SYNTH_OK)
        return status;
    uint32_t old = atomic_load_explicit(&synth->group_count, memory_order_relaxed);
    for (uint32_t i = groups; i < old; i++) {
        atomic_store_explicit(&synth->group[i]->stale, true, memory_order_relaxed);
        buses_forget(synth, i);
    }
    atomic_store_explicit(&synth->group_count, groups, memory_order_release);
    atomic_fetch_add_explicit(&synth->group_changes, 1, memory_order_release);
    return SYNTH_OK;
}

static atomic_uint *priority_word(const struct synth *synth, uint32_t group, uint32_t channel)
{
    if (group < 1 || group > atomic_load_explicit(&synth->group_count, memory_order_relaxed) || channel >= PARTS)
        return NULL;
    return &atomic_load_explicit(&synth->group[group - 1], memory_order_relaxed)->priority[channel];
}

enum synth_status synth_set_channel_priority(struct synth *synth, uint32_t group, uint32_t channel, uint32_t priority)
{
    atomic_uint *word = priority_word(synth, group, channel);
    if (!word)
        return SYNTH_BAD_ARGUMENT;
    atomic_store_explicit(word, priority, memory_order_relaxed);
    atomic_fetch_add_explicit(&synth->priority_changes, 1, memory_order_release);
    return SYNTH_OK;
}

enum synth_status synth_get_channel_priority(struct synth *synth, uint32_t group, uint32_t channel, uint32_t *priority)
{
    const atomic_uint *word = priority_word(synth, group, channel);
    if (!word)
        return SYNTH_BAD_ARGUMENT;
    *priority = atomic_load_explicit(word, memory_order_relaxed);
    return SYNTH_OK;
}

/* ---- render side -------------------------------------------------------- */

uint32_t groups_priority(const struct part *part)
{
    const struct group *group = part->group;
    if (!group->static_priority)
        return 0x80000000u;
    if (group->has_mip)
        return 0x80000000u | group->mip_rank[part->index];
    return atomic_load_explicit(&group->priority[part->index], memory_order_relaxed);
}

static void reset_group(struct synth *synth, struct group *group)
{
    for (uint32_t i = 0; i < PARTS; i++)
        notes_sound_off(synth, &group->part[i]);
    tuning_forget(synth, group);
    group_power_on(group, MODE_GS);
}

void groups_update(struct synth *synth)
{
    uint32_t changes = atomic_load_explicit(&synth->group_changes, memory_order_acquire);
    synth->groups = atomic_load_explicit(&synth->group_count, memory_order_acquire);
    if (changes != synth->groups_seen) {
        synth->groups_seen = changes;
        for (uint32_t i = 0; i < GROUPS_MAX; i++) {
            struct group *group = synth_group(synth, i);
            if (group && atomic_exchange_explicit(&group->stale, false, memory_order_relaxed))
                reset_group(synth, group);
        }
    }
    changes = atomic_load_explicit(&synth->priority_changes, memory_order_acquire);
    if (changes != synth->priorities_seen) {
        synth->priorities_seen = changes;
        for (uint32_t i = 0; i < synth->groups; i++)
            for (uint32_t k = 0; k < PARTS; k++)
                notes_prioritise(synth, &synth_group(synth, i)->part[k]);
    }
}

void groups_reset(struct synth *synth)
{
    for (uint32_t i = 0; i < GROUPS_MAX; i++) {
        struct group *group = synth_group(synth, i);
        if (!group)
            continue;
        tuning_forget(synth, group);
        group_power_on(group, MODE_GS);
        for (uint32_t k = 0; k < PARTS; k++)
            group->part[k].voices = group->part[k].plays = SLOT_CHAIN_EMPTY;
    }
}
