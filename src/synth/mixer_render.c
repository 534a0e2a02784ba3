/* SPDX-License-Identifier: MIT */
/*
 * mixer_render.c - the mixer's time: control at grid points (mixer_control.c)
 * and the frames between them.
 *
 * Groups are rendered in sections of SECTION_GROUPS, each into buses of its
 * own, and the buses are added up in order. That is the same sum whether one
 * thread renders all sections or each is rendered by another. A section
 * writes to its groups alone; what the end of a voice changes beyond them
 * waits until all sections are done (mixer_settle).
 */
#include <string.h>

#include "group.h"
#include "stream.h"

static void oscillate_group(struct mixer *m, struct workspace *space, uint32_t index, float (*x)[MIXER_GRID], uint32_t frames)
{
    struct group *g = &m->groups[index];
    for (uint32_t n = 0; n < LANES; n++)
        if (g->mask >> n & 1u) {
            voice_oscillate(m, space, index * LANES + n, x[n], frames);
            g->last[n] = x[n][frames - 1];
        }
}

/* Frames to the next segment of an envelope */
static uint32_t frames_to_change(const struct group *g)
{
    uint32_t least = UINT32_MAX;
    for (uint32_t n = 0; n < LANES; n++)
        least = g->left[n] < least ? g->left[n] : least;
    return least;
}

static void change_lanes(struct mixer *m, uint32_t index, uint32_t cell_pos)
{
    struct group *g = &m->groups[index];
    for (uint32_t n = 0; n < LANES; n++)
        if (!g->left[n] && g->mask >> n & 1u)
            voice_envelope_next(m, index * LANES + n, cell_pos);
        else if (!g->left[n])
            g->left[n] = UINT32_MAX; /* a lane that was empty for a day */
}

static const struct lanes_path no_path;

/* The paths of those groups, if one has lanes on it */
static const struct lanes_paths *find_paths(struct mixer *m, const uint32_t *indices, uint32_t count, struct lanes_paths *paths)
{
    uint32_t any = 0;
    for (uint32_t k = 0; k < count; k++)
        any |= m->groups[indices[k]].path_mask;
    for (uint32_t k = 0; any && k < count; k++) {
        struct group *g = &m->groups[indices[k]];
        paths->of[k] = g->path_mask ? &g->path : &no_path;
        for (uint32_t n = 0; g->path_mask && n < LANES; n++)
            g->path.on[n] = g->path_mask >> n & 1u ? UINT32_MAX : 0;
    }
    return any ? paths : NULL;
}

unsigned mixer_render_groups(struct mixer *m, struct workspace *space, const uint32_t *indices, uint32_t count, uint32_t frames,
                             struct mix *mix, unsigned fresh)
{
    struct lanes *lanes[LANES_GROUPS] = {NULL};
    struct lanes_paths paths = {.cell_pos = m->cell_pos};
    uint32_t least[LANES_GROUPS];
    unsigned features = 0;
    for (uint32_t k = 0; k < count; k++) {
        struct group *g = &m->groups[indices[k]];
        lanes[k] = &g->lanes;
        features |= g->features;
        least[k] = frames_to_change(g);
        oscillate_group(m, space, indices[k], space->x + k * LANES, frames);
    }
    for (uint32_t done = 0; done < frames;) {
        uint32_t part = frames - done;
        for (uint32_t k = 0; k < count; k++)
            part = least[k] < part ? least[k] : part;
        m->kernels->lanes(lanes, count, (const float(*)[MIXER_GRID])space->x, mix, done, part, features | fresh,
                          find_paths(m, indices, count, &paths));
        done += part;
        for (uint32_t k = 0; k < count; k++) {
            struct group *g = &m->groups[indices[k]];
            for (uint32_t n = 0; n < LANES; n++)
                g->left[n] -= part;
            least[k] -= part;
            if (!least[k]) {
                change_lanes(m, indices[k], m->cell_pos + done);
                least[k] = frames_to_change(g);
            }
        }
    }
    return features;
}

/* ---- sections ------------------------------------------------------------------- */

/* A span in work */
struct span {
    struct mixer *mixer;
    uint32_t frames;
    bool control;       /* it starts a cell, and sections see to their own control */
    bool render;
    const struct bus_outputs *outputs;
    uint32_t sections, round;
    float *sum[BUS_COUNT]; /* the sections' sums; one section alone writes there itself */
};

/* Its kernel features, and SECTION_SOUNDS if any group is in use */
static unsigned features_of_section(const struct mixer *m, uint32_t section)
{
    unsigned features = 0;
    for (uint32_t i = section * SECTION_GROUPS; i < mixer_section_end(m, section); i++)
        features |= m->groups[i].mask ? m->groups[i].features | SECTION_SOUNDS : 0u;
    return features;
}

/* Groups that come together */
struct batch {
    uint32_t index[LANES_GROUPS], count;
};

/* BATCH into MIX. *FRESH: nothing is in it yet, and FEATURES are to be in it. */
static void render_batch(struct mixer *m, struct workspace *space, struct batch *batch, uint32_t frames, unsigned features,
                         unsigned *fresh)
{
    unsigned done = mixer_render_groups(m, space, batch->index, batch->count, frames, &space->mix, *fresh);
    for (unsigned pair = 0; *fresh && pair < BUS_COUNT / 2; pair++)
        if (lanes_use(features, pair) && !lanes_use(done, pair))
            memset(space->mix.row[pair], 0, frames * sizeof space->mix.row[pair][0]);
    *fresh = 0;
    batch->count = 0;
}

/* Groups some at a time as they come. What the one has and the other has not adds zero to it, and the filter's outcome is taken
 * only where there is one. */
static void render_section(struct mixer *m, struct workspace *space, uint32_t section, uint32_t frames,
                           const struct bus_outputs *outputs)
{
    const unsigned features = m->section[section].features;
    struct batch batch = {.count = 0};
    unsigned fresh = LANES_FRESH;
    for (uint32_t i = section * SECTION_GROUPS; i < mixer_section_end(m, section); i++) {
        const struct group *g = &m->groups[i];
        if (g->mask && !g->bus_mask)
            batch.index[batch.count++] = i;
        if (batch.count && (batch.count == LANES_GROUPS || g->bus_mask))
            render_batch(m, space, &batch, frames, features, &fresh);
        if (!g->bus_mask)
            continue;
        if (fresh)
            mix_clear(&space->mix, 0, frames, features);
        fresh = 0;
        mixer_render_aside(m, space, i, frames, &space->mix, outputs);
    }
    if (batch.count)
        render_batch(m, space, &batch, frames, features, &fresh);
}

/* The buses that FEATURES name */
static bool has_bus(unsigned features, unsigned bus)
{
    static const unsigned kinds[] = {SECTION_SOUNDS, LANES_REVERB, LANES_CHORUS};
    return (features & kinds[bus / 2]) != 0;
}

static void work_section(struct span *span, struct workspace *space, uint32_t number)
{
    struct mixer *m = span->mixer;
    struct section *section = &m->section[number];
    if (span->control)
        mixer_control_section(m, space, number);
    if (!span->render)
        return;
    section->features = features_of_section(m, number);
    if (!section->features)
        return;
    render_section(m, space, number, span->frames, span->outputs);
    for (unsigned b = 0; b < BUS_COUNT; b += 2) {
        const bool alone = span->sections == 1;
        float *left = alone ? span->sum[b] : section->bus[b], *right = alone ? span->sum[b + 1] : section->bus[b + 1];
        if (has_bus(section->features, b))
            m->kernels->sum((const float(*)[2][LANES])space->mix.row[b / 2], left, right, span->frames);
    }
}

/* Worker N: section by section until none is left. It begins with those that it had in the last span, as they are in its cache. */
static void work(void *arg, uint32_t n)
{
    struct span *span = arg;
    struct mixer *m = span->mixer;
    uint32_t first = (uint32_t)((uint64_t)n * span->sections / m->workers.count);
    for (uint32_t i = 0; i < span->sections; i++) {
        uint32_t number = (first + i) % span->sections;
        if (atomic_exchange_explicit(&m->section[number].round, span->round, memory_order_relaxed) != span->round)
            work_section(span, &m->space[n], number);
    }
}

static void work_alone(struct span *span)
{
    for (uint32_t i = 0; i < span->sections; i++)
        work_section(span, &span->mixer->space[0], i);
}

/* Sections at the same time, if there are enough of them. Buses of their own write to the caller's buffers: one after the other. */
static bool shared_out(const struct mixer *m, const struct span *span)
{
    return m->workers.count > 1 && span->sections > 1 && !m->aside;
}

static void run_sections(struct mixer *m, struct span *span)
{
    span->round = ++m->round;
    if (shared_out(m, span))
        m->workers.run(m->workers.ctx, work, span);
    else
        work_alone(span);
    for (uint32_t i = 0; i < span->sections; i++) {
        if (!m->section[i].unsettled)
            continue;
        m->section[i].unsettled = false;
        for (uint32_t k = i * SECTION_GROUPS; k < mixer_section_end(m, i); k++)
            mixer_settle(m, k);
    }
}

/* The sections' sum on BUS, in order */
static void sum_bus(const struct mixer *m, const struct span *span, enum mix_bus bus)
{
    float *out = span->sum[bus];
    bool first = true;
    for (uint32_t i = 0; i < span->sections; i++) {
        const float *more = m->section[i].bus[bus];
        if (!has_bus(m->section[i].features, bus))
            continue;
        if (first && span->sections > 1)
            memcpy(out, more, span->frames * sizeof *out);
        for (uint32_t k = 0; !first && k < span->frames; k++)
            out[k] += more[k];
        first = false;
    }
    if (first)
        memset(out, 0, span->frames * sizeof *out);
}

/* What nobody sends to is cleared once. */
static void sum_sends(struct mixer *m, const struct span *span, unsigned features)
{
    for (unsigned i = 0; i < 4; i++)
        if (has_bus(features, BUS_REVERB_LEFT + i)) {
            sum_bus(m, span, BUS_REVERB_LEFT + i);
            m->sends_clear &= ~(1u << i);
        } else if (!(m->sends_clear >> i & 1u)) {
            memset(m->sends[i], 0, sizeof m->sends[i]);
            m->sends_clear |= 1u << i;
        }
}

/* ---- control and frames --------------------------------------------------------- */

static void control_streams(struct mixer *m)
{
    for (uint32_t lane = 0; lane < m->groups_high * LANES; lane++) {
        struct voice *v = voice_in(m, lane);
        if ((m->groups[lane / LANES].mask >> lane % LANES & 1u) && v->source.stream)
            v->source.frames = stream_update(v->source.stream, &v->osc->pos);
    }
}

/* A phase-locked voice takes over what its master's control found: that is a round of its own. */
static void control_slaves(struct mixer *m, struct span *span)
{
    span->render = false;
    run_sections(m, span);
    span->render = true;
    span->control = false;
    for (uint32_t lane = 0; lane < m->groups_high * LANES; lane++)
        if (m->groups[lane / LANES].slave_mask >> lane % LANES & 1u)
            voice_follow(m, lane);
}

/* At most one cell */
static void render_span(struct mixer *m, uint32_t frames, float *left, float *right, const struct bus_outputs *outputs)
{
    struct span span = {.mixer = m, .frames = frames, .control = m->cell_pos == 0, .render = true, .outputs = outputs,
                        .sum = {left, right, m->sends[0], m->sends[1], m->sends[2], m->sends[3]}};
    if (span.control)
        mixer_pack(m);
    span.sections = (m->groups_high + SECTION_GROUPS - 1) / SECTION_GROUPS;
    if (span.control && m->streams)
        control_streams(m);
    if (span.control && m->slaves)
        control_slaves(m, &span);
    unsigned features = 0;
    run_sections(m, &span);
    if (m->cell_pos == 0)
        mixer_forget_touched(m);
    for (uint32_t i = 0; i < span.sections; i++)
        features |= m->section[i].features;
    sum_bus(m, &span, BUS_LEFT);
    sum_bus(m, &span, BUS_RIGHT);
    sum_sends(m, &span, features);
    if (mixer_collect_send(m, outputs, BUS_ID_REVERB, 0, frames))
        features &= ~LANES_REVERB;
    if (mixer_collect_send(m, outputs, BUS_ID_CHORUS, 2, frames))
        features &= ~LANES_CHORUS;
    effects_bus_render(m, features & LANES_REVERB, features & LANES_CHORUS, m->cell_pos == 0, left, right, frames);
    if (m->mono)
        memcpy(right, left, frames * sizeof *left);
}

void mixer_render_buses(struct mixer *m, uint32_t frames, float *left, float *right, const struct bus_outputs *outputs)
{
    struct bus_outputs here = {0};
    if (outputs) {
        here = *outputs;
        mixer_clear_outputs(&here, frames);
    }
    while (frames) {
        uint32_t n = MIXER_GRID - m->cell_pos < frames ? MIXER_GRID - m->cell_pos : frames;
        render_span(m, n, left, right, outputs ? &here : NULL);
        if (outputs)
            mixer_fill_outputs(&here, left, right, n);
        m->cell_pos = (m->cell_pos + n) % MIXER_GRID;
        m->clock += n;
        here.at += n;
        left += n;
        right += n;
        frames -= n;
    }
}

void mixer_render(struct mixer *m, uint32_t frames, float *left, float *right)
{
    mixer_render_buses(m, frames, left, right, NULL);
}
