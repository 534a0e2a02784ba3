/* SPDX-License-Identifier: MIT */
/*
 * mixer_control.c - the mixer at a grid point: which voices are over, what
 * moves in the cell to come, and which kernels that takes.
 */
#include <stddef.h>

#include "fetch.h"
#include "group.h"

unsigned mixer_features(const struct mixer *m, const struct group *g)
{
    return m->kernels->needs(&g->lanes) | (g->path_mask ? LANES_SWEEP : 0u) | (g->filter_mask ? LANES_FILTER : 0u);
}

/* Lanes whose oscillator has reached the end of its loop, or may have reached that of its data */
struct reached {
    uint32_t loop, data;
};

/* Mostly none: without branches */
static struct reached look_at_oscillators(struct group *g)
{
    struct reached at = {0, 0};
    for (uint32_t n = 0; n < LANES; n++) {
        const struct oscillator *osc = &g->osc[n];
        const int32_t frame = (int32_t)(osc->pos >> 32);
        at.loop |= (uint32_t)(frame >= osc->wrap_at) << n;
        at.data |= (uint32_t)(frame >= osc->over_at) << n;
    }
    at.loop &= g->mask;
    at.data &= g->mask;
    for (uint32_t n = 0; at.loop >> n && n < LANES; n++) {
        const struct oscillator *osc = &g->osc[n];
        if (!(at.loop >> n & 1u))
            continue;
        voice_wrap(&g->voice[n]);
        if (osc->pos >> 32 < osc->over_at)
            at.data &= ~(1u << n);
    }
    return at;
}

/* Ends that are found at grid points. QUIET: lanes that may be inaudible, with the envelope in CAME. Returns lanes whose data are
 * over but whose filter may still ring. */
static uint32_t look_for_ends(struct mixer *m, uint32_t index, uint32_t quiet, const float came[LANES])
{
    struct group *g = &m->groups[index];
    const struct reached at = look_at_oscillators(g);
    uint32_t ringing = 0;
    quiet &= g->mask;
    for (uint32_t n = 0; (at.data | quiet) >> n && n < LANES; n++) {
        const bool over = at.data >> n & 1u && voice_data_over(&g->voice[n]);
        if ((over && !(g->filter_mask >> n & 1u)) || (quiet >> n & 1u && voice_inaudible(m, index * LANES + n, came[n])))
            mixer_lane_done(m, index * LANES + n);
        else
            ringing |= (uint32_t)over << n;
    }
    return ringing;
}

/* Lanes that channel or master say something new to */
static struct outdated look_at_channels(const struct group *g)
{
    struct outdated found = {0, 0};
    for (uint32_t n = 0; n < LANES; n++)
        if (g->mask >> n & 1u)
            voice_look(g, n, &found);
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
    course.ringing = look_for_ends(m, index, quiet & g->falls_mask, came);
    const struct outdated outdated = look_at_channels(g);
    if (outdated.whole | outdated.touched)
        voice_refresh(m, space, index, &outdated);
    course.moving = g->mask & ~g->still_mask;
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

/* Of so many groups each is out of the cache when its turn comes again. */
enum { FAR_GROUPS = 128 };

/* What a cell of voices at rest looks at, of the group after INDEX */
static void fetch_next(const struct mixer *m, uint32_t index)
{
    if (m->groups_high <= FAR_GROUPS || index + 1 >= m->groups_high)
        return;
    const struct group *g = &m->groups[index + 1];
    fetch_lines(g, offsetof(struct group, control));
    fetch_lines(g->control.next, sizeof g->control.next);
    fetch_line(g->control.least);
}

/* Control of a whole cell */
void mixer_control_section(struct mixer *m, struct workspace *space, uint32_t section)
{
    struct course course[SECTION_GROUPS];
    struct moving moving[SECTION_GROUPS];
    uint32_t count = 0, moves = 0;
    for (uint32_t i = section * SECTION_GROUPS; i < mixer_section_end(m, section); i++) {
        fetch_next(m, i);
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
