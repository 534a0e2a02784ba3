/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "fmath.h"
#include "group.h"
#include "stream.h"

#define SMOOTHING_SECONDS 0.003
#define FADE_SECONDS 0.005
#define TINY 1e-15f /* -300 dB: far above the denormal numbers that a cell could decay to */

enum { ROOM_EMPTY, ROOM_PLAIN, ROOM_FILTERED, ROOM_BUSES, ROOM_KINDS };

/* ---- memory ---------------------------------------------------------------- */

static void *take(const struct synth_memory *mem, size_t count, size_t size)
{
    return count <= SIZE_MAX / size ? mem->alloc(mem->ctx, count * size) : NULL;
}

static bool allocate(struct mixer *m, enum synth_interpolation mode)
{
    const struct synth_memory *mem = &m->memory;
    size_t words = (m->group_count + 63u) / 64u, table = interp_table_size(mode);
    m->groups = take(mem, m->group_count, sizeof *m->groups);
    m->lane_of = take(mem, m->slots, sizeof *m->lane_of);
    m->finished = take(mem, (m->slots + 63u) / 64u, sizeof *m->finished);
    bool ok = m->groups && m->lane_of && m->finished;
    for (unsigned i = 0; i < ROOM_KINDS; i++) {
        m->room[i] = take(mem, words, sizeof *m->room[i]);
        ok = ok && m->room[i];
    }
    if (table) {
        m->interp_table = take(mem, 1, table);
        ok = ok && m->interp_table;
    }
    void *bus = take(mem, 1, effects_bus_size(m->sample_rate));
    m->bus = bus ? effects_bus_init(bus, m->sample_rate) : NULL;
    return ok && m->bus;
}

struct mixer *mixer_create(const struct synth_config *config, uint32_t slots, const struct synth_memory *mem)
{
    struct mixer *m = take(mem, 1, sizeof *m);
    if (!m)
        return NULL;
    m->memory = *mem;
    m->sample_rate = config->sample_rate;
    m->mono = config->channels == 1;
    m->profile = profile_of(config->profile);
    m->kernels = kernels_for(config->cpu);
    m->interp = m->kernels->interp[config->interpolation];
    m->slots = slots;
    m->group_count = (slots + LANES - 1) / LANES;
    m->effects = config->effects;
    double rate = (double)m->sample_rate;
    m->cutoff_to_u = 4.0 * 440.0 / rate * fm_exp2(-6900.0 / 1200.0);
    m->smoothing = (float)(1.0 - fm_exp2(-(double)MIXER_GRID / rate / SMOOTHING_SECONDS * 1.4426950408889634));
    m->fade_frames = FADE_SECONDS * rate;
    m->output_limit = m->profile->limit_output ? (float)fm_db_to_gain((double)m->profile->limit_db) : 1e9f;
    if (!allocate(m, config->interpolation)) {
        mixer_destroy(m, mem);
        return NULL;
    }
    interp_family_init(&m->family, config->interpolation, m->interp_table);
    filter_table_init(&m->filter_table);
    memo_init(&m->memo_table);
    mixer_reset(m);
    return m;
}

void mixer_destroy(struct mixer *m, const struct synth_memory *mem)
{
    if (!m)
        return;
    void *blocks[] = {m->groups,  m->lane_of, m->finished, m->room[0],      m->room[1],
                      m->room[2], m->room[3], m->interp_table, m->bus};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        if (blocks[i])
            mem->free(mem->ctx, blocks[i]);
    mem->free(mem->ctx, m);
}

/* ---- lanes ------------------------------------------------------------------ */

static uint32_t lowest_bit(uint64_t word)
{
#ifdef __GNUC__
    return (uint32_t)__builtin_ctzll(word);
#else
    uint32_t n = 0;
    for (unsigned half = 32; half; half /= 2)
        if (!(word & (((uint64_t)1 << half) - 1))) {
            word >>= half;
            n += half;
        }
    return n;
#endif
}

static uint32_t lowest_group(const struct mixer *m, unsigned kind)
{
    for (uint32_t i = 0; i < (m->group_count + 63) / 64; i++)
        if (m->room[kind][i])
            return i * 64 + lowest_bit(m->room[kind][i]);
    return VOICE_NONE;
}

/* Enter group I where it belongs in the lists of groups with room. */
static void file_group(struct mixer *m, uint32_t i)
{
    struct group *g = &m->groups[i];
    unsigned kind = ROOM_KINDS;
    if (!g->mask)
        kind = ROOM_EMPTY;
    else if (g->mask != (1u << LANES) - 1)
        kind = g->bus_mask ? ROOM_BUSES : g->filter_mask ? ROOM_FILTERED : ROOM_PLAIN;
    if (g->room == kind)
        return;
    uint64_t bit = (uint64_t)1 << i % 64;
    if (g->room < ROOM_KINDS)
        m->room[g->room][i / 64] &= ~bit;
    if (kind < ROOM_KINDS)
        m->room[kind][i / 64] |= bit;
    g->room = kind;
}

/* Filtered voices keep to themselves, so that the others' groups need no filter, and so do voices with buses of their own; but
 * there is always a lane. */
static uint32_t take_lane(struct mixer *m, bool filtered, bool buses)
{
    unsigned own = buses ? ROOM_BUSES : filtered ? ROOM_FILTERED : ROOM_PLAIN;
    const unsigned order[] = {own, ROOM_EMPTY, filtered ? ROOM_FILTERED : ROOM_PLAIN, filtered ? ROOM_PLAIN : ROOM_FILTERED,
                              ROOM_BUSES};
    uint32_t g = VOICE_NONE;
    for (unsigned i = 0; i < sizeof order / sizeof order[0] && g == VOICE_NONE; i++)
        g = lowest_group(m, order[i]);
    if (g == VOICE_NONE)
        return VOICE_NONE;
    struct group *group = &m->groups[g];
    uint32_t lane = lowest_bit(~(uint64_t)group->mask);
    group->mask |= 1u << lane;
    group->bus_mask |= (uint32_t)buses << lane;
    file_group(m, g);
    if (g >= m->groups_high)
        m->groups_high = g + 1;
    return g * LANES + lane;
}

/* A lane that adds exactly nothing, whatever it is fed. */
static void clear_lane(struct group *g, uint32_t n)
{
    struct lanes *l = &g->lanes;
    float *values[] = {l->e,      l->m,      l->a,     l->left,         l->left_slope, l->right,        l->right_slope, l->reverb,
                       l->chorus, l->k,      l->q,     l->reverb_slope, l->k_slope,    l->chorus_slope, l->q_slope,     l->b2,
                       l->b2_slope, l->y,    l->d};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        values[i][n] = 0.0f;
    l->filter[n] = 0;
    g->left[n] = UINT32_MAX;
    g->level[n] = g->factor[n] = g->add[n] = 0.0;
}

void mixer_lane_done(struct mixer *m, uint32_t lane)
{
    struct group *g = &m->groups[lane / LANES];
    uint32_t n = lane % LANES, bit = 1u << n;
    voice_slot slot = g->voice[n].slot;
    clear_lane(g, n);
    g->mask &= ~bit;
    g->filter_mask &= ~bit;
    g->path_mask &= ~bit;
    g->slave_mask &= ~bit;
    g->bus_mask &= ~bit;
    m->streams -= g->voice[n].source.stream != NULL;
    file_group(m, lane / LANES);
    m->lane_of[slot] = VOICE_NONE;
    m->finished[slot / 64] |= (uint64_t)1 << slot % 64;
    m->finished_count++;
    m->active--;
}

void mixer_lane_filtered(struct mixer *m, uint32_t lane)
{
    struct group *g = &m->groups[lane / LANES];
    g->filter_mask |= 1u << lane % LANES;
    g->lanes.filter[lane % LANES] = UINT32_MAX;
    file_group(m, lane / LANES);
}

/* ---- voices ------------------------------------------------------------------ */

/* What lane N needs of the kernels. Sends are never negative, and one that is to begin rises. */
static unsigned features_of(const struct group *g, uint32_t n)
{
    const struct lanes *l = &g->lanes;
    bool reverb = l->reverb[n] > 0.0f || l->reverb_slope[n] > 0.0f, chorus = l->chorus[n] > 0.0f || l->chorus_slope[n] > 0.0f;
    bool ramp = l->left_slope[n] != 0.0f || l->right_slope[n] != 0.0f || l->reverb_slope[n] != 0.0f || l->chorus_slope[n] != 0.0f;
    bool sweep = l->k_slope[n] != 0.0f || l->q_slope[n] != 0.0f || l->b2_slope[n] != 0.0f;
    return (reverb ? LANES_REVERB : 0u) | (chorus ? LANES_CHORUS : 0u) | (ramp ? LANES_RAMP : 0u) | (sweep ? LANES_SWEEP : 0u) |
           (g->filter_mask ? LANES_FILTER : 0u) | (g->path_mask ? LANES_SWEEP : 0u);
}

static void find_features(struct group *g)
{
    g->features = 0;
    for (uint32_t n = 0; n < LANES; n++)
        g->features |= features_of(g, n);
}

void mixer_start(struct mixer *m, voice_slot slot, const struct voice_params *params)
{
    uint32_t lane = take_lane(m, params->region->artic->filter, params->buses != NULL);
    if (lane == VOICE_NONE)
        return; /* not while slots and lanes are as many */
    m->lane_of[slot] = lane;
    m->finished[slot / 64] &= ~((uint64_t)1 << slot % 64);
    m->active++;
    voice_in(m, lane)->slot = slot;
    m->memo = &m->memo_table;
    voice_start(m, lane, params);
    m->memo = NULL;
    m->groups[lane / LANES].features |= features_of(&m->groups[lane / LANES], lane % LANES);
}

static uint32_t lane_of(const struct mixer *m, voice_slot slot)
{
    return slot < m->slots ? m->lane_of[slot] : VOICE_NONE;
}

void mixer_release(struct mixer *m, voice_slot slot)
{
    uint32_t lane = lane_of(m, slot);
    if (lane != VOICE_NONE)
        voice_release(m, lane, false);
}

void mixer_shutdown(struct mixer *m, voice_slot slot)
{
    uint32_t lane = lane_of(m, slot);
    if (lane != VOICE_NONE)
        voice_release(m, lane, true);
}

void mixer_steal(struct mixer *m, voice_slot slot)
{
    uint32_t lane = lane_of(m, slot);
    if (lane != VOICE_NONE)
        voice_fade(m, lane);
}

void mixer_retune(struct mixer *m, voice_slot slot, uint8_t note, uint8_t key, float glide_rate)
{
    uint32_t lane = lane_of(m, slot);
    if (lane != VOICE_NONE)
        voice_retune(m, lane, note, key, glide_rate);
}

float mixer_level_db(const struct mixer *m, voice_slot slot)
{
    uint32_t lane = lane_of(m, slot);
    if (lane == VOICE_NONE)
        return -200.0f;
    const struct voice *v = voice_in(m, lane);
    float e = m->groups[lane / LANES].lanes.e[lane % LANES];
    float gain = v->next.left > v->next.right ? v->next.left : v->next.right;
    double level = (double)e * (double)gain * 32768.0;
    return level > 1e-10 ? (float)(fm_log2(level) * 6.0205999132796239) : -200.0f;
}

uint64_t mixer_position(const struct mixer *m, voice_slot slot)
{
    uint32_t lane = lane_of(m, slot);
    if (lane == VOICE_NONE)
        return 0;
    const struct voice *v = voice_in(m, lane);
    if (v->source.stream)
        return v->source.stream->reached;
    int64_t position = source_wrap(&v->source, v->osc->pos >> 32, 0);
    return (uint64_t)(position < v->source.frames ? position : v->source.frames);
}

uint32_t mixer_finished(struct mixer *m, voice_slot *slots, uint32_t max)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < (m->slots + 63) / 64 && m->finished_count && count < max; i++)
        while (m->finished[i] && count < max) {
            slots[count++] = i * 64 + lowest_bit(m->finished[i]);
            m->finished[i] &= m->finished[i] - 1;
            m->finished_count--;
        }
    return count;
}

void mixer_touch(struct mixer *m, struct channel *channel, uint32_t what)
{
    if (!channel->touched && m->touched_count == TOUCHED_MAX) {
        channel->version++;
        return;
    }
    if (!channel->touched)
        m->touched[m->touched_count++] = channel;
    channel->touched |= what;
}

static void forget_touched(struct mixer *m)
{
    while (m->touched_count)
        m->touched[--m->touched_count]->touched = 0;
}

void mixer_reset(struct mixer *m)
{
    for (unsigned i = 0; i < ROOM_KINDS; i++)
        memset(m->room[i], 0, (m->group_count + 63u) / 64u * sizeof *m->room[i]);
    for (uint32_t i = 0; i < m->group_count; i++) {
        struct group *g = &m->groups[i];
        g->mask = g->still_mask = g->release_mask = g->filter_mask = g->slave_mask = g->path_mask = g->bus_mask = 0;
        g->features = 0;
        g->room = ROOM_KINDS; /* in no list */
        for (uint32_t n = 0; n < LANES; n++) {
            clear_lane(g, n);
            g->voice[n].serial = 0;
            g->voice[n].osc = &g->osc[n];
        }
        file_group(m, i);
    }
    for (uint32_t i = 0; i < m->slots; i++)
        m->lane_of[i] = VOICE_NONE;
    memset(m->finished, 0, (m->slots + 63u) / 64u * sizeof *m->finished);
    m->finished_count = m->active = m->streams = m->groups_high = m->cell_pos = m->serial = 0;
    m->clock = 0;
    forget_touched(m);
    effects_bus_clear(m->bus);
}

/* ---- rendering ---------------------------------------------------------------- */

static void flush(float *values)
{
    for (uint32_t n = 0; n < LANES; n++)
        if (values[n] < TINY && values[n] > -TINY)
            values[n] = 0.0f;
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
        if ((over && !(g->filter_mask & bit)) || (g->release_mask & bit && voice_inaudible(m, index * LANES + n)))
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
static void control_group(struct mixer *m, uint32_t index)
{
    struct group *g = &m->groups[index];
    uint32_t mask = g->mask, ringing = control_ends(m, index);
    bool changed = g->mask != mask;
    control_envelopes(g);
    for (uint32_t n = 0; n < LANES; n++) {
        uint32_t bit = 1u << n;
        bool outdated = g->mask & bit && voice_outdated(g, n);
        if (!(g->mask & bit) || (g->still_mask & ~ringing & bit && !outdated))
            continue;
        changed = true;
        if (outdated)
            voice_refresh(m, index * LANES + n);
        voice_cell(m, index * LANES + n, MIXER_GRID);
        if (ringing & bit)
            voice_fade(m, index * LANES + n);
    }
    if (g->filter_mask) {
        flush(g->lanes.y);
        flush(g->lanes.d);
    }
    if (changed)
        find_features(g);
}

static void control_streams(struct mixer *m)
{
    for (uint32_t lane = 0; lane < m->groups_high * LANES; lane++) {
        struct voice *v = voice_in(m, lane);
        if ((m->groups[lane / LANES].mask >> lane % LANES & 1u) && v->source.stream)
            v->source.frames = stream_update(v->source.stream, &v->osc->pos);
    }
}

static void control(struct mixer *m)
{
    bool slaves = false;
    while (m->groups_high && !m->groups[m->groups_high - 1].mask)
        m->groups_high--;
    if (m->streams)
        control_streams(m);
    for (uint32_t i = 0; i < m->groups_high; i++) {
        if (!m->groups[i].mask)
            continue;
        control_group(m, i);
        slaves = slaves || m->groups[i].slave_mask;
    }
    for (uint32_t i = 0; slaves && i < m->groups_high; i++)
        for (uint32_t n = 0; m->groups[i].slave_mask && n < LANES; n++)
            if (m->groups[i].slave_mask >> n & 1u)
                voice_follow(m, i * LANES + n);
    forget_touched(m);
}

static void oscillate_group(struct mixer *m, struct group *g, float (*x)[MIXER_GRID], uint32_t frames)
{
    for (uint32_t n = 0; n < LANES; n++)
        if (g->mask >> n & 1u) {
            voice_oscillate(m, &g->voice[n], x[n], frames);
            g->osc[n].last = x[n][frames - 1];
        }
}

/* At most FRAMES, up to where something of the group changes inside a cell; CELL_POS: now */
static uint32_t frames_to_change(const struct group *g, uint32_t cell_pos, uint32_t frames)
{
    for (uint32_t n = 0; n < LANES; n++)
        frames = g->left[n] < frames ? g->left[n] : frames;
    uint32_t point = PATH_FRAMES - cell_pos % PATH_FRAMES;
    return g->path_mask && point < frames ? point : frames;
}

static void change_lanes(struct mixer *m, uint32_t index, uint32_t frames, uint32_t cell_pos)
{
    struct group *g = &m->groups[index];
    for (uint32_t n = 0; g->path_mask && cell_pos % PATH_FRAMES == 0 && cell_pos < MIXER_GRID && n < LANES; n++)
        if (g->path_mask >> n & 1u)
            voice_filter_path(m, index * LANES + n, cell_pos / PATH_FRAMES);
    for (uint32_t n = 0; n < LANES; n++) {
        g->left[n] -= frames;
        if (!g->left[n])
            voice_envelope_next(m, index * LANES + n, cell_pos);
    }
}

void mixer_render_groups(struct mixer *m, uint32_t first, uint32_t second, uint32_t frames, struct mix *mix)
{
    struct group *g = &m->groups[first], *h = second != VOICE_NONE ? &m->groups[second] : NULL;
    unsigned features = g->features | (h ? h->features : 0u);
    oscillate_group(m, g, m->x, frames);
    if (h)
        oscillate_group(m, h, m->x + LANES, frames);
    for (uint32_t done = 0; done < frames;) {
        uint32_t part = frames_to_change(g, m->cell_pos + done, frames - done);
        if (h)
            part = frames_to_change(h, m->cell_pos + done, part);
        m->kernels->lanes(&g->lanes, h ? &h->lanes : NULL, (const float(*)[MIXER_GRID])m->x, mix, done, part, features);
        done += part;
        change_lanes(m, first, part, m->cell_pos + done);
        if (h)
            change_lanes(m, second, part, m->cell_pos + done);
    }
}

/* Groups two by two as they come. What the one has and the other has not adds zero to it; only a filter would round, so groups
 * with and without one are no pair. */
static void render_all(struct mixer *m, uint32_t frames, const struct bus_outputs *outputs)
{
    uint32_t waiting = VOICE_NONE;
    for (uint32_t i = 0; i < m->groups_high; i++) {
        const struct group *g = &m->groups[i];
        bool pair = waiting != VOICE_NONE && !g->bus_mask && !((m->groups[waiting].features ^ g->features) & LANES_FILTER);
        if (!g->mask)
            continue;
        if (waiting != VOICE_NONE)
            mixer_render_groups(m, waiting, pair ? i : VOICE_NONE, frames, &m->mix);
        waiting = pair || g->bus_mask ? VOICE_NONE : i;
        if (g->bus_mask)
            mixer_render_aside(m, i, frames, outputs);
    }
    if (waiting != VOICE_NONE)
        mixer_render_groups(m, waiting, VOICE_NONE, frames, &m->mix);
}

static void clear_bus(struct mixer *m, enum mix_bus first, uint32_t frames)
{
    for (unsigned i = 0; i < 2; i++)
        memset(m->mix.bus[first + i], 0, frames * sizeof m->mix.bus[0][0]);
}

static void sum_bus(struct mixer *m, enum mix_bus bus, float *out, uint32_t frames)
{
    m->kernels->sum((const float(*)[LANES])m->mix.bus[bus], out, frames);
}

/* At most one cell */
static void render_span(struct mixer *m, uint32_t frames, float *left, float *right, const struct bus_outputs *outputs)
{
    unsigned features = 0;
    for (uint32_t i = 0; i < m->groups_high; i++)
        features |= m->groups[i].mask ? m->groups[i].features : 0u;
    clear_bus(m, BUS_LEFT, frames);
    if (features & LANES_REVERB)
        clear_bus(m, BUS_REVERB_LEFT, frames);
    if (features & LANES_CHORUS)
        clear_bus(m, BUS_CHORUS_LEFT, frames);
    render_all(m, frames, outputs);
    sum_bus(m, BUS_LEFT, left, frames);
    sum_bus(m, BUS_RIGHT, right, frames);
    for (unsigned i = 0; i < 4; i++) {
        unsigned feature = i < 2 ? LANES_REVERB : LANES_CHORUS;
        if (features & feature)
            sum_bus(m, BUS_REVERB_LEFT + i, m->sends[i], frames);
        else
            memset(m->sends[i], 0, frames * sizeof m->sends[i][0]);
    }
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
        if (m->cell_pos == 0)
            control(m);
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

bool mixer_silent(const struct mixer *m)
{
    return !m->active && effects_bus_idle(m->bus);
}
