/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "group.h"

/* Column N of two buses of a mix to column N of another mix. */
static void add_columns(struct mix *to, const struct mix *from, enum mix_bus first, uint32_t n, uint32_t frames)
{
    for (unsigned b = first; b < first + 2u; b++)
        for (uint32_t i = 0; i < frames; i++)
            to->row[b / 2][i][b % 2][n] += from->row[b / 2][i][b % 2][n];
}

static void add_weighted(struct mix *mix, enum mix_bus to, const struct mix *from, uint32_t n, float left, float right,
                         uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++)
        mix_lanes(mix, to, i)[n] += from->row[0][i][0][n] * left + from->row[0][i][1][n] * right;
}

static void add_to_output(float *to, const struct mix *from, uint32_t n, float left, float right, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++)
        to[i] += from->row[0][i][0][n] * left + from->row[0][i][1][n] * right;
}

/* The buffer that collects bus ID, at the present span, or NULL. */
static float *output_of(const struct bus_outputs *outputs, uint32_t id)
{
    for (uint32_t i = 0; i < outputs->count; i++)
        if (outputs->ids[i] == id)
            return outputs->out[i] + outputs->at;
    return NULL;
}

static void scatter(struct mix *mix, const struct mix *aside, const struct bus_outputs *outputs, const struct bus_list *list,
                    uint32_t n, uint32_t frames)
{
    if (!outputs) {
        add_weighted(mix, BUS_LEFT, aside, n, list->left_left, list->right_left, frames);
        add_weighted(mix, BUS_RIGHT, aside, n, list->left_right, list->right_right, frames);
        return;
    }
    for (uint32_t k = 0; k < list->count; k++) {
        const struct bus_entry *entry = &list->entry[k];
        float *out;
        if (entry->id == BUS_ID_LEFT)
            add_weighted(mix, BUS_LEFT, aside, n, entry->from_left, entry->from_right, frames);
        else if (entry->id == BUS_ID_RIGHT)
            add_weighted(mix, BUS_RIGHT, aside, n, entry->from_left, entry->from_right, frames);
        else if ((out = output_of(outputs, entry->id)) != NULL)
            add_to_output(out, aside, n, entry->from_left, entry->from_right, frames);
    }
}

void mixer_render_aside(struct mixer *m, struct workspace *space, uint32_t index, uint32_t frames, struct mix *mix,
                        const struct bus_outputs *outputs)
{
    struct mix *aside = &space->aside;
    const struct group *g = &m->groups[index];
    const struct bus_list *list[LANES];
    uint32_t mask = g->mask; /* a voice that ends in this span is heard to its end */
    unsigned features = g->features;
    for (uint32_t n = 0; n < LANES; n++)
        list[n] = g->voice[n].buses;
    mixer_render_groups(m, space, &index, 1, frames, aside, LANES_FRESH);
    for (uint32_t n = 0; n < LANES; n++) {
        if (!(mask >> n & 1u))
            continue;
        if (list[n])
            scatter(mix, aside, outputs, list[n], n, frames);
        else
            add_columns(mix, aside, BUS_LEFT, n, frames);
        if (features & LANES_REVERB)
            add_columns(mix, aside, BUS_REVERB_LEFT, n, frames);
        if (features & LANES_CHORUS)
            add_columns(mix, aside, BUS_CHORUS_LEFT, n, frames);
    }
}

bool mixer_collect_send(struct mixer *m, const struct bus_outputs *outputs, uint32_t id, unsigned first, uint32_t frames)
{
    float *out = outputs ? output_of(outputs, id) : NULL;
    if (!out)
        return false;
    for (uint32_t i = 0; i < frames; i++) {
        out[i] = (m->sends[first][i] + m->sends[first + 1][i]) * 0.5f;
        m->sends[first][i] = m->sends[first + 1][i] = 0.0f;
    }
    return true;
}

void mixer_clear_outputs(const struct bus_outputs *outputs, uint32_t frames)
{
    for (uint32_t i = 0; i < outputs->count; i++)
        memset(outputs->out[i] + outputs->at, 0, frames * sizeof outputs->out[i][0]);
}

void mixer_fill_outputs(const struct bus_outputs *outputs, const float *left, const float *right, uint32_t frames)
{
    float *out;
    if ((out = output_of(outputs, BUS_ID_LEFT)) != NULL)
        memcpy(out, left, frames * sizeof *out);
    if ((out = output_of(outputs, BUS_ID_RIGHT)) != NULL)
        memcpy(out, right, frames * sizeof *out);
}
