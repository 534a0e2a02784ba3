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

/* mixer_features of all lanes. ANEW: others than those that the kernel knows of may have changed. */
static void find_features(struct group *g, bool anew)
{
    const struct lanes *l = &g->lanes;
    const uint32_t uneven = g->control.uneven;
    bool sweep = g->path_mask || some(l->k_slope, l->q_slope, l->b2_slope, l->b2_slope);
    unsigned features = g->features & (LANES_REVERB | LANES_CHORUS);
    if (anew || uneven & UNEVEN_SENDS)
        features = (some_positive(l->reverb, l->reverb_slope) ? LANES_REVERB : 0u) |
                   (some_positive(l->chorus, l->chorus_slope) ? LANES_CHORUS : 0u);
    if (anew || uneven)
        features |= some(l->left_slope, l->right_slope, l->reverb_slope, l->chorus_slope) ? LANES_RAMP : 0u;
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

/* Lanes whose data are over but whose filter may still ring, and those that channel or master say something new to */
struct findings {
    uint32_t ringing, outdated;
};

/* Nothing that voice_inaudible looks at beside this makes the lane quieter. */
static bool may_be_inaudible(const struct group *g, uint32_t n)
{
    float loud = voice_loudest(g, n) * 32768.0f, least = g->control.least[n];
    return g->lanes.e[n] * (loud > least ? loud : least) < INAUDIBLE;
}

/* Ends that are found at grid points, and what of the other lanes needs more than a look. */
static struct findings look_at_lanes(struct mixer *m, uint32_t index)
{
    struct group *g = &m->groups[index];
    const uint32_t falls = g->falls_mask;
    struct findings found = {0, 0};
    uint32_t n = 0;
    for (uint32_t rest = g->mask; rest; rest >>= 1, n++) {
        const struct oscillator *osc = &g->osc[n];
        if (!(rest & 1u))
            continue;
        if (osc->pos >> 32 >= osc->wrap_at)
            voice_wrap(&g->voice[n]);
        const bool over = osc->pos >> 32 >= osc->over_at && voice_data_over(&g->voice[n]);
        if ((over && !(g->filter_mask >> n & 1u)) ||
            (falls >> n & 1u && may_be_inaudible(g, n) && voice_inaudible(m, index * LANES + n))) {
            mixer_lane_done(m, index * LANES + n);
            continue;
        }
        found.ringing |= (uint32_t)over << n;
        found.outdated |= (uint32_t)voice_outdated(g, n) << n;
    }
    return found;
}

/* Exact envelopes for the next cell: single precision must not drift. */
static void control_envelopes(struct group *g)
{
    for (uint32_t n = 0; n < LANES; n++) {
        g->lanes.e[n] = (float)g->level[n];
        g->level[n] = g->level[n] * g->factor[n] + g->add[n];
    }
}

/* A group in use before and after voice_cells */
struct course {
    uint32_t group, mask, moving, ringing; /* mask: before control */
};

/* Of voices at rest, which most are, only OSC is looked at. */
static struct course begin_group(struct mixer *m, struct workspace *space, uint32_t index)
{
    struct group *g = &m->groups[index];
    struct course course = {.group = index, .mask = g->mask};
    const struct findings found = look_at_lanes(m, index);
    control_envelopes(g);
    for (uint32_t n = 0; found.outdated >> n && n < LANES; n++)
        if (found.outdated >> n & 1u)
            voice_refresh(m, space, index * LANES + n);
    course.moving = g->mask & ~g->still_mask;
    course.ringing = found.ringing;
    return course;
}

static void end_group(struct mixer *m, const struct course *course)
{
    struct group *g = &m->groups[course->group];
    for (uint32_t n = 0; course->ringing >> n && n < LANES; n++)
        if (course->ringing >> n & 1u)
            voice_fade(m, course->group * LANES + n);
    if (g->filter_mask) {
        flush(g->lanes.y);
        flush(g->lanes.d);
    }
    if (g->mask != course->mask || course->moving || course->ringing)
        find_features(g, g->mask != course->mask || g->odd_mask);
}

/* Control of a whole cell */
void mixer_control_section(struct mixer *m, struct workspace *space, uint32_t section)
{
    struct course course[SECTION_GROUPS];
    struct moving moving[SECTION_GROUPS];
    uint32_t count = 0, moves = 0;
    for (uint32_t i = section * SECTION_GROUPS; i < mixer_section_end(m, section); i++) {
        if (!m->groups[i].mask)
            continue;
        course[count] = begin_group(m, space, i);
        moving[moves] = (struct moving){i, course[count++].moving};
        moves += moving[moves].lanes != 0;
    }
    if (moves)
        voice_cells(m, moving, moves);
    for (uint32_t k = 0; k < count; k++)
        end_group(m, &course[k]);
}
