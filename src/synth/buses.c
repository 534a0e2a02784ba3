/* SPDX-License-Identifier: MIT */
#include "buses.h"

#include "engine.h"

#define SQRT_HALF 0.70710678f

/* Bits by speaker location (spec/ddi-user.md 5.5) */
#define SPEAKERS_LEFT (1u << 0 | 1u << 4 | 1u << 6 | 1u << 9 | 1u << 12 | 1u << 15)
#define SPEAKERS_RIGHT (1u << 1 | 1u << 5 | 1u << 7 | 1u << 10 | 1u << 14 | 1u << 17)

enum bus_side buses_side(uint32_t id)
{
    uint32_t bit = id < 32 ? 1u << id : 0;
    return bit & SPEAKERS_LEFT ? BUS_SIDE_LEFT : bit & SPEAKERS_RIGHT ? BUS_SIDE_RIGHT : BUS_SIDE_NONE;
}

static void add_entry(struct bus_list *list, uint32_t id, bool mono)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->entry[i].id == id)
            return;
    enum bus_side side = buses_side(id);
    struct bus_entry *entry = &list->entry[list->count++];
    float fold = id == BUS_ID_LEFT || id == BUS_ID_RIGHT ? 1.0f : SQRT_HALF;
    entry->id = id;
    if (mono) { /* voices have their left side only */
        entry->from_left = list->left_left = 1.0f;
        return;
    }
    entry->from_left = side == BUS_SIDE_LEFT ? 1.0f : side == BUS_SIDE_RIGHT ? 0.0f : SQRT_HALF;
    entry->from_right = side == BUS_SIDE_RIGHT ? 1.0f : side == BUS_SIDE_LEFT ? 0.0f : SQRT_HALF;
    if (side != BUS_SIDE_RIGHT) {
        list->left_left += entry->from_left * fold;
        list->right_left += entry->from_right * fold;
    }
    if (side != BUS_SIDE_LEFT) {
        list->left_right += entry->from_left * fold;
        list->right_right += entry->from_right * fold;
    }
}

static bool is_plain(const struct bus_list *list)
{
    bool stereo = list->count == 2 && list->entry[0].id + list->entry[1].id == BUS_ID_LEFT + BUS_ID_RIGHT;
    return stereo && list->reverb && list->chorus;
}

enum synth_status buses_make(const struct synth_memory *mem, const uint32_t *ids, uint32_t count, bool mono,
                             struct bus_list **out)
{
    *out = NULL;
    struct bus_list *list = mem->alloc(mem->ctx, sizeof *list + count * sizeof list->entry[0]);
    if (!list)
        return SYNTH_NOMEM;
    atomic_init(&list->holds, 0);
    for (uint32_t i = 0; i < count; i++) {
        list->reverb = list->reverb || ids[i] == BUS_ID_REVERB;
        list->chorus = list->chorus || ids[i] == BUS_ID_CHORUS;
        if (ids[i] != BUS_ID_REVERB && ids[i] != BUS_ID_CHORUS && ids[i] != BUS_ID_NULL)
            add_entry(list, ids[i], mono);
    }
    if (is_plain(list))
        mem->free(mem->ctx, list);
    else
        *out = list;
    return SYNTH_OK;
}

/* ---- lists of channels -------------------------------------------------- */

void buses_collect(struct synth *synth)
{
    struct bus_list **link = &synth->old_buses;
    while (*link) {
        struct bus_list *list = *link;
        list->out_of_sight = list->out_of_sight || downloads_epoch_over(&synth->downloads, list->epoch);
        if (list->out_of_sight && atomic_load_explicit(&list->holds, memory_order_acquire) == 0) {
            *link = list->next;
            synth->mem.free(synth->mem.ctx, list);
        } else {
            link = &list->next;
        }
    }
}

/* A render that began before may just be reading the old list: the exchange and the epoch are in one total order, as with
 * instruments (download.c). */
static void replace(struct synth *synth, struct group *group, uint32_t channel, struct bus_list *list)
{
    struct bus_list *old = atomic_exchange_explicit(&group->buses[channel], list, memory_order_seq_cst);
    if (!old)
        return;
    old->epoch = atomic_load_explicit(&synth->downloads.epoch, memory_order_seq_cst);
    old->next = synth->old_buses;
    synth->old_buses = old;
}

enum synth_status synth_assign_buses(struct synth *synth, uint32_t group, uint32_t channel, const uint32_t *buses,
                                     uint32_t count)
{
    uint32_t groups = atomic_load_explicit(&synth->group_count, memory_order_relaxed);
    struct bus_list *list;
    if (group < 1 || group > groups || channel >= PARTS || count > SYNTH_BUSES_MAX)
        return SYNTH_BAD_ARGUMENT;
    buses_collect(synth);
    enum synth_status status = buses_make(&synth->mem, buses, count, synth->config.channels == 1, &list);
    if (status == SYNTH_OK)
        replace(synth, synth_group(synth, group - 1), channel, list);
    return status;
}

void buses_forget(struct synth *synth, uint32_t group)
{
    for (uint32_t channel = 0; channel < PARTS; channel++)
        replace(synth, synth_group(synth, group), channel, NULL);
}

void buses_destroy(struct synth *synth)
{
    struct bus_list *list;
    for (uint32_t i = 0; i < GROUPS_MAX; i++)
        if (synth_group(synth, i))
            buses_forget(synth, i);
    while ((list = synth->old_buses) != NULL) {
        synth->old_buses = list->next;
        synth->mem.free(synth->mem.ctx, list);
    }
}
