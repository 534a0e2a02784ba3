/* SPDX-License-Identifier: MIT */
/*
 * mixer_control.c - the mixer at a grid point: which voices are over, what
 * moves in the cell to come, and which kernels that takes.
 */
#include "group.h"

unsigned mixer_features(const struct mixer *m, const struct group *g)
{
    return m->kernels->needs(&g->lanes) | (g->path_mask ? LANES_SWEEP : 0u) | (g->filter_mask ? LANES_FILTER : 0u);
}

/* Lanes whose data are over but whose filter may still ring, and those that channel or master say something new to */
struct findings {
    uint32_t ringing;
    struct outdated outdated;
};

/* Ends that are found at grid points, and what of the other lanes needs more than a look. QUIET: lanes that may be inaudible, with
 * the envelope in CAME */
static struct findings look_at_lanes(struct mixer *m, uint32_t index, uint32_t quiet, const float came[LANES])
{
    struct group *g = &m->groups[index];
    struct findings found = {0, {0, 0}};
    uint32_t n = 0;
    for (uint32_t rest = g->mask; rest; rest >>= 1, n++) {
        const struct oscillator *osc = &g->osc[n];
        if (!(rest & 1u))
            continue;
        if (osc->pos >> 32 >= osc->wrap_at)
            voice_wrap(&g->voice[n]);
        const bool over = osc->pos >> 32 >= osc->over_at && voice_data_over(&g->voice[n]);
        if ((over && !(g->filter_mask >> n & 1u)) || (quiet >> n & 1u && voice_inaudible(m, index * LANES + n, came[n]))) {
            mixer_lane_done(m, index * LANES + n);
            continue;
        }
        found.ringing |= (uint32_t)over << n;
        voice_look(g, n, &found.outdated);
    }
    return found;
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
    _Alignas(32) float came[LANES];
    const uint32_t quiet = m->kernels->look(&g->control, &g->lanes, g->level, g->factor, g->add, came);
    const struct findings found = look_at_lanes(m, index, quiet & g->falls_mask, came);
    if (found.outdated.whole | found.outdated.touched)
        voice_refresh(m, space, index, &found.outdated);
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
    if (g->mask != course->mask || course->moving || course->ringing)
        g->features = mixer_features(m, g);
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
