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

/* Bits of all lanes or-ed: whether one is not zero; POSITIVE: greater than zero. Of integers, as compilers make vectors of that. */
static bool some(const float values[LANES])
{
    uint32_t bits[LANES], any = 0;
    memcpy(bits, values, sizeof bits);
    for (uint32_t n = 0; n < LANES; n++)
        any |= bits[n] << 1;
    return any != 0;
}

static bool some_positive(const float values[LANES])
{
    int32_t bits[LANES], any = 0;
    memcpy(bits, values, sizeof bits);
    for (uint32_t n = 0; n < LANES; n++)
        any |= bits[n] & ~(bits[n] >> 31);
    return any != 0;
}

/* mixer_features of all lanes: 27 of those calls in a cell of a song were 3 % of its instructions. */
static void find_features(struct group *g)
{
    const struct lanes *l = &g->lanes;
    bool reverb = some_positive(l->reverb) || some_positive(l->reverb_slope);
    bool chorus = some_positive(l->chorus) || some_positive(l->chorus_slope);
    bool ramp = some(l->left_slope) || some(l->right_slope) || some(l->reverb_slope) || some(l->chorus_slope);
    bool sweep = g->path_mask || some(l->k_slope) || some(l->q_slope) || some(l->b2_slope);
    g->features = (reverb ? LANES_REVERB : 0u) | (chorus ? LANES_CHORUS : 0u) | (ramp ? LANES_RAMP : 0u) |
                  (sweep ? LANES_SWEEP : 0u) | (g->filter_mask ? LANES_FILTER : 0u);
}

static void flush(float values[LANES])
{
    uint32_t bits[LANES];
    memcpy(bits, values, sizeof bits);
    for (uint32_t n = 0; n < LANES; n++)
        bits[n] &= (bits[n] & 0x7FFFFFFFu) < TINY_BITS ? 0u : UINT32_MAX;
    memcpy(values, bits, sizeof bits);
}

/* Ends that are found at grid points. Returns the lanes whose data are over but whose filter may still ring. */
static uint32_t control_ends(struct mixer *m, uint32_t index)
{
    struct group *g = &m->groups[index];
    uint32_t ringing = 0;
    for (uint32_t n = 0; n < LANES; n++) {
        const struct oscillator *osc = &g->osc[n];
        uint32_t bit = 1u << n;
        if (!(g->mask & bit))
            continue;
        if (osc->pos >> 32 >= osc->wrap_at)
            voice_wrap(&g->voice[n]);
        bool over = osc->pos >> 32 >= osc->over_at && voice_data_over(&g->voice[n]);
        if ((over && !(g->filter_mask & bit)) || (g->falls_mask & bit && voice_inaudible(m, index * LANES + n)))
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
    bool changed = g->mask != mask || moving || ringing;
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
        find_features(g);
}

void mixer_control_section(struct mixer *m, struct workspace *space, uint32_t section)
{
    for (uint32_t i = section * SECTION_GROUPS; i < mixer_section_end(m, section); i++)
        if (m->groups[i].mask)
            control_group(m, space, i);
}
