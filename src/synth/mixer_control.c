/* SPDX-License-Identifier: MIT */
/*
 * mixer_control.c - the mixer at a grid point: which voices are over, what
 * moves in the cell to come, and which kernels that takes.
 */
#include <string.h>

#include "group.h"

#define TINY_BITS 0x26901D7Du /* of 1e-15f, -300 dB: far above the denormal numbers that a cell could decay to */

/* What lane N needs of the kernels. Sends are never negative, and one that is to begin rises. */
unsigned mixer_features(const struct group *g, uint32_t n)
{
    const struct lanes *l = &g->lanes;
    bool reverb = l->reverb[n] > 0.0f || l->reverb_slope[n] > 0.0f, chorus = l->chorus[n] > 0.0f || l->chorus_slope[n] > 0.0f;
    bool ramp = l->left_slope[n] != 0.0f || l->right_slope[n] != 0.0f || l->reverb_slope[n] != 0.0f || l->chorus_slope[n] != 0.0f;
    bool sweep = l->k_slope[n] != 0.0f || l->q_slope[n] != 0.0f || l->b2_slope[n] != 0.0f;
    return (reverb ? LANES_REVERB : 0u) | (chorus ? LANES_CHORUS : 0u) | (ramp ? LANES_RAMP : 0u) | (sweep ? LANES_SWEEP : 0u) |
           (g->filter_mask ? LANES_FILTER : 0u) | (g->path_mask ? LANES_SWEEP : 0u);
}

/* Bits of lanes or-ed: whether one is not zero, or greater than zero. Of integers, as compilers make vectors of that. */
static bool some(const float a[LANES], const float b[LANES], const float c[LANES], const float d[LANES])
{
    uint32_t bits[4][LANES], any = 0;
    memcpy(bits[0], a, sizeof bits[0]);
    memcpy(bits[1], b, sizeof bits[1]);
    memcpy(bits[2], c, sizeof bits[2]);
    memcpy(bits[3], d, sizeof bits[3]);
    for (uint32_t n = 0; n < LANES; n++)
        any |= bits[0][n] | bits[1][n] | bits[2][n] | bits[3][n];
    return any << 1 != 0;
}

static bool some_positive(const float a[LANES], const float b[LANES])
{
    int32_t bits[2][LANES], any = 0;
    memcpy(bits[0], a, sizeof bits[0]);
    memcpy(bits[1], b, sizeof bits[1]);
    for (uint32_t n = 0; n < LANES; n++)
        any |= (bits[0][n] & ~(bits[0][n] >> 31)) | (bits[1][n] & ~(bits[1][n] >> 31));
    return any != 0;
}

/* mixer_features of all lanes. GAINS: those and sends may be others than in the cell before, or may move. */
static void find_features(struct group *g, bool gains)
{
    const struct lanes *l = &g->lanes;
    bool sweep = g->path_mask || some(l->k_slope, l->q_slope, l->b2_slope, l->b2_slope);
    unsigned features = g->features & (LANES_REVERB | LANES_CHORUS);
    if (gains)
        features = (some_positive(l->reverb, l->reverb_slope) ? LANES_REVERB : 0u) |
                   (some_positive(l->chorus, l->chorus_slope) ? LANES_CHORUS : 0u) |
                   (some(l->left_slope, l->right_slope, l->reverb_slope, l->chorus_slope) ? LANES_RAMP : 0u);
    g->features = features | (sweep ? LANES_SWEEP : 0u) | (g->filter_mask ? LANES_FILTER : 0u);
}

static void flush(float values[LANES])
{
    uint32_t bits[LANES];
    memcpy(bits, values, sizeof bits);
    for (uint32_t n = 0; n < LANES; n++)
        bits[n] &= (bits[n] & 0x7FFFFFFFu) < TINY_BITS ? 0u : UINT32_MAX;
    memcpy(values, bits, sizeof bits);
}

/* Lanes that may be inaudible: nothing that voice_inaudible looks at beside this makes them quieter. */
static uint32_t quiet_lanes(const struct group *g)
{
    const float *left = g->control.next[WAY_LEFT], *right = g->control.next[WAY_RIGHT];
    uint32_t quiet = 0;
    for (uint32_t n = 0; n < LANES; n++) {
        float loud = (left[n] > right[n] ? left[n] : right[n]) * 32768.0f, least = g->control.least[n];
        quiet |= (uint32_t)(g->lanes.e[n] * (loud > least ? loud : least) < INAUDIBLE) << n;
    }
    return quiet;
}

/* Ends that are found at grid points. Returns the lanes whose data are over but whose filter may still ring. */
static uint32_t control_ends(struct mixer *m, uint32_t index)
{
    struct group *g = &m->groups[index];
    const uint32_t mask = g->mask, quiet = g->falls_mask ? g->falls_mask & quiet_lanes(g) : 0;
    uint32_t ringing = 0;
    for (uint32_t n = 0; n < LANES; n++) {
        const struct oscillator *osc = &g->osc[n];
        const uint32_t bit = 1u << n;
        if (!(mask & bit))
            continue;
        if (osc->pos >> 32 >= osc->wrap_at)
            voice_wrap(&g->voice[n]);
        bool over = osc->pos >> 32 >= osc->over_at && voice_data_over(&g->voice[n]);
        if ((over && !(g->filter_mask & bit)) || (quiet & bit && voice_inaudible(m, index * LANES + n)))
            mixer_lane_done(m, index * LANES + n);
        else if (over)
            ringing |= bit;
    }
    return ringing;
}

/* Exact envelopes for the next cell: single precision must not drift. */
static void control_envelopes(struct group *g)
{
    for (uint32_t n = 0; n < LANES; n++) {
        g->lanes.e[n] = (float)g->level[n];
        g->level[n] = g->level[n] * g->factor[n] + g->add[n];
    }
}

/* Control of a whole cell. Of voices at rest, which most are, only OSC is looked at. */
static void control_group(struct mixer *m, struct workspace *space, uint32_t index)
{
    struct group *g = &m->groups[index];
    uint32_t mask = g->mask, ringing = control_ends(m, index);
    control_envelopes(g);
    for (uint32_t n = 0; n < LANES; n++)
        if (g->mask >> n & 1u && voice_outdated(g, n))
            voice_refresh(m, space, index * LANES + n);
    uint32_t moving = g->mask & ~g->still_mask;
    const bool changed = g->mask != mask || moving || ringing;
    if (moving)
        voice_cells(m, index, moving);
    for (uint32_t n = 0; ringing && n < LANES; n++)
        if (ringing >> n & 1u)
            voice_fade(m, index * LANES + n);
    if (g->filter_mask) {
        flush(g->lanes.y);
        flush(g->lanes.d);
    }
    if (changed)
        find_features(g, g->mask != mask || g->odd_mask || g->control.uneven);
}

void mixer_control_section(struct mixer *m, struct workspace *space, uint32_t section)
{
    for (uint32_t i = section * SECTION_GROUPS; i < mixer_section_end(m, section); i++)
        if (m->groups[i].mask)
            control_group(m, space, i);
}
