/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>

#include "base/bits.h"
#include "fetch.h"
#include "fmath.h"
#include "group.h"
#include "stream.h"

#define SMOOTHING_SECONDS 0.003
#define FADE_SECONDS 0.005

enum { GROUPS_LIMIT = 64 * 64 }; /* for room_words: 32768 voices */

/* ---- memory ---------------------------------------------------------------- */

static void *take(const struct synth_memory *mem, size_t count, size_t size)
{
    return count <= SIZE_MAX / size ? mem->alloc(mem->ctx, count * size) : NULL;
}

static bool allocate(struct mixer *m, enum synth_interpolation mode)
{
    const struct synth_memory *mem = &m->memory;
    size_t words = (m->group_count + 63u) / 64u, table = interp_table_size(mode);
    size_t sections = (m->group_count + SECTION_GROUPS - 1) / SECTION_GROUPS, workers = m->workers.count;
    m->space = take(mem, workers, sizeof *m->space);
    m->section = take(mem, sections, sizeof *m->section);
    m->groups = take(mem, m->group_count, sizeof *m->groups);
    m->seams = take(mem, m->seam_count, sizeof *m->seams);
    m->lane_of = take(mem, m->slots, sizeof *m->lane_of);
    m->finished = take(mem, (m->slots + 63u) / 64u, sizeof *m->finished);
    bool ok = m->groups && m->seams && m->lane_of && m->finished && m->space && m->section;
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
    m->workers = config->workers;
    if (m->workers.count < 2 || !m->workers.run)
        m->workers = (struct synth_workers){.count = 1};
    m->group_count = (slots + LANES - 1) / LANES;
    if (m->group_count > GROUPS_LIMIT) {
        mixer_destroy(m, mem);
        return NULL;
    }
    m->seam_count = m->group_count * LANES < SEAMS_MAX ? m->group_count * LANES : SEAMS_MAX;
    m->effects = config->effects;
    double rate = (double)m->sample_rate;
    m->rules.cutoff_to_u = 4.0 * 440.0 / rate * fm_exp2(-6900.0 / 1200.0);
    m->rules.smoothing = (float)(1.0 - fm_exp2(-(double)MIXER_GRID / rate / SMOOTHING_SECONDS * 1.4426950408889634));
    m->fade_frames = FADE_SECONDS * rate;
    m->rules.most_db = m->profile->limit_db;
    m->rules.limit_sum = !m->profile->limit_output;
    m->rules.silence_db = m->profile->silence_db;
    m->rules.most = (m->profile->limit_output ? (float)fm_db_to_gain((double)m->profile->limit_db) : 1e9f) * SOURCE_UNIT;
    m->rules.table = &m->filter_table;
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
    void *blocks[] = {m->groups,  m->seams,   m->lane_of, m->finished, m->room[0],      m->room[1],
                      m->room[2], m->room[3], m->interp_table, m->bus,
                      m->space,   m->section};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        if (blocks[i])
            mem->free(mem->ctx, blocks[i]);
    mem->free(mem->ctx, m);
}

/* ---- lanes ------------------------------------------------------------------ */

static uint32_t lowest_group(const struct mixer *m, unsigned kind)
{
    if (!m->room_words[kind])
        return VOICE_NONE;
    uint32_t word = lowest_bit(m->room_words[kind]);
    return word * 64 + lowest_bit(m->room[kind][word]);
}

/* Enter group I where it belongs in the lists of groups with room. */
void mixer_file_group(struct mixer *m, uint32_t i)
{
    struct group *g = &m->groups[i];
    unsigned kind = ROOM_KINDS;
    if (!g->mask)
        kind = ROOM_EMPTY;
    else if (g->mask != (1u << LANES) - 1)
        kind = g->bus_mask ? ROOM_BUSES : g->filter_mask ? ROOM_FILTERED : ROOM_PLAIN;
    if (g->room == kind)
        return;
    uint64_t bit = (uint64_t)1 << i % 64, word = (uint64_t)1 << i / 64;
    if (g->room < ROOM_KINDS && !(m->room[g->room][i / 64] &= ~bit))
        m->room_words[g->room] &= ~word;
    if (kind < ROOM_KINDS) {
        m->room[kind][i / 64] |= bit;
        m->room_words[kind] |= word;
    }
    g->room = kind;
}

/* There is always a lane. Plain voices are welcome among filtered ones. Filtered ones keep to themselves, as their group is
 * rendered with filters for all; but the first few groups are rendered side by side, with filters if one of them has some. Voices
 * with buses of their own keep to themselves, too. */
static uint32_t find_room(const struct mixer *m, bool filtered, bool buses)
{
    enum { FOR_PLAIN, FOR_FILTERED, FOR_FILTERED_OF_MANY, FOR_BUSES, CASES };
    static const unsigned order[CASES][ROOM_KINDS] = {
        [FOR_PLAIN] = {ROOM_PLAIN, ROOM_FILTERED, ROOM_EMPTY, ROOM_BUSES},
        [FOR_FILTERED] = {ROOM_FILTERED, ROOM_PLAIN, ROOM_EMPTY, ROOM_BUSES},
        [FOR_FILTERED_OF_MANY] = {ROOM_FILTERED, ROOM_EMPTY, ROOM_PLAIN, ROOM_BUSES},
        [FOR_BUSES] = {ROOM_BUSES, ROOM_EMPTY, ROOM_FILTERED, ROOM_PLAIN},
    };
    const bool few = m->groups_high <= LANES_GROUPS;
    const unsigned of = buses ? FOR_BUSES : !filtered ? FOR_PLAIN : few ? FOR_FILTERED : FOR_FILTERED_OF_MANY;
    uint32_t g = VOICE_NONE;
    for (unsigned i = 0; i < ROOM_KINDS && g == VOICE_NONE; i++)
        g = lowest_group(m, order[of][i]);
    return g;
}

/* A lane that adds exactly nothing, whatever it is fed. */
void mixer_clear_lane(struct group *g, uint32_t n)
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

static void reset_group(struct group *g)
{
    g->mask = g->still_mask = g->falls_mask = g->filter_mask = g->slave_mask = g->path_mask = g->bus_mask = g->done_mask = 0;
    g->odd_mask = g->eg2_mask = g->control.running[CLOCK_LFO] = g->control.running[CLOCK_VIBRATO] = 0;
    g->unsettled = false;
    g->features = 0;
    g->room = ROOM_EMPTY;
    for (uint32_t n = 0; n < LANES; n++) {
        mixer_clear_lane(g, n);
        g->voice[n].serial = 0;
        g->voice[n].osc = &g->osc[n];
    }
}

/* Groups are made when they are first needed: their memory is most of a synthesizer's, and touching it a third of its start-up. */
static void make_groups(struct mixer *m, uint32_t wanted)
{
    while (m->groups_made <= wanted)
        reset_group(&m->groups[m->groups_made++]);
}

static uint32_t take_lane(struct mixer *m, bool filtered, bool buses)
{
    uint32_t g = find_room(m, filtered, buses);
    if (g == VOICE_NONE)
        return VOICE_NONE;
    if (g >= m->groups_made)
        make_groups(m, g);
    struct group *group = &m->groups[g];
    uint32_t lane = lowest_bit(~(uint64_t)group->mask);
    group->mask |= 1u << lane;
    group->bus_mask |= (uint32_t)buses << lane;
    m->aside += buses;
    mixer_file_group(m, g);
    if (g >= m->groups_high)
        m->groups_high = g + 1;
    return g * LANES + lane;
}

/* ---- memory that is wanted soon --------------------------------------------- */

#define NEAR_GROUPS 32u /* as many stay in the cache anyway */

/* The lane that the next voice gets if it is like the last: a note-on writes to a hundred lines of memory, and with thousands of
 * voices none of them would be near. INDEX: its group, if that has room. */
static void fetch_next_lane(struct mixer *m, uint32_t index)
{
    if (index == VOICE_NONE || m->groups[index].mask == (1u << LANES) - 1)
        index = find_room(m, m->next_filtered, m->next_buses);
    if (index == VOICE_NONE)
        return;
    const struct group *g = &m->groups[index];
    if (index != m->fetched || m->clock != m->fetched_at)
        fetch_lines_to_write(g, offsetof(struct group, voice));
    m->fetched = index;
    m->fetched_at = m->clock;
    uint32_t n = lowest_bit(~(uint64_t)g->mask);
    fetch_lines_to_write(&g->voice[n], offsetof(struct voice, buses));
}

void mixer_expect_start(struct mixer *m)
{
    if (m->groups_high > NEAR_GROUPS && (m->fetched == VOICE_NONE || m->clock != m->fetched_at))
        fetch_next_lane(m, VOICE_NONE);
}

void mixer_expect_steal(const struct mixer *m, voice_slot slot)
{
    uint32_t lane = slot < m->slots ? m->lane_of[slot] : VOICE_NONE;
    if (lane == VOICE_NONE || m->groups_high <= NEAR_GROUPS)
        return;
    const struct group *g = &m->groups[lane / LANES];
    fetch_lines_to_write(g->lanes.e, sizeof g->lanes.e + sizeof g->lanes.m + sizeof g->lanes.a);
    fetch_lines_to_write(g->left, 2 * CACHE_LINE);
    fetch_lines_to_write(g->level, sizeof g->level + sizeof g->factor + sizeof g->add);
    fetch_lines_to_write(&g->voice[lane % LANES].eg1, CACHE_LINE);
}

static void unsettle(struct mixer *m, uint32_t lane)
{
    m->groups[lane / LANES].unsettled = true;
    m->section[lane / LANES / SECTION_GROUPS].unsettled = true;
}

/* What of it others share waits for mixer_settle: sections end voices at the same time. */
void mixer_lane_done(struct mixer *m, uint32_t lane)
{
    struct group *g = &m->groups[lane / LANES];
    uint32_t n = lane % LANES, bit = 1u << n;
    mixer_clear_lane(g, n);
    g->mask &= ~bit;
    g->filter_mask &= ~bit;
    g->path_mask &= ~bit;
    g->slave_mask &= ~bit;
    g->bus_mask &= ~bit;
    g->odd_mask &= ~bit;
    g->eg2_mask &= ~bit;
    g->control.running[CLOCK_LFO] &= ~bit;
    g->control.running[CLOCK_VIBRATO] &= ~bit;
    g->done_mask |= bit;
    unsettle(m, lane);
}

void mixer_lane_filtered(struct mixer *m, uint32_t lane)
{
    struct group *g = &m->groups[lane / LANES];
    g->filter_mask |= 1u << lane % LANES;
    g->lanes.filter[lane % LANES] = UINT32_MAX;
    unsettle(m, lane);
}

void mixer_settle(struct mixer *m, uint32_t index)
{
    struct group *g = &m->groups[index];
    if (!g->unsettled)
        return;
    for (uint32_t n = 0; g->done_mask && n < LANES; n++) {
        if (!(g->done_mask >> n & 1u))
            continue;
        const struct voice *v = &g->voice[n];
        voice_slot slot = v->slot;
        m->streams -= v->source.stream != NULL;
        m->slaves -= v->master_lane != VOICE_NONE;
        m->aside -= v->buses != NULL;
        m->lane_of[slot] = VOICE_NONE;
        m->finished[slot / 64] |= (uint64_t)1 << slot % 64;
        m->finished_count++;
        m->active--;
    }
    m->ended |= g->done_mask != 0;
    g->done_mask = 0;
    g->unsettled = false;
    mixer_file_group(m, index);
}

/* ---- voices ------------------------------------------------------------------ */

void mixer_start(struct mixer *m, voice_slot slot, const struct voice_params *params)
{
    uint32_t lane = take_lane(m, params->region->artic->filter, params->buses != NULL);
    if (lane == VOICE_NONE)
        return; /* not while slots and lanes are as many */
    m->lane_of[slot] = lane;
    m->finished[slot / 64] &= ~((uint64_t)1 << slot % 64);
    m->active++;
    voice_in(m, lane)->slot = slot;
    m->next_filtered = params->region->artic->filter;
    m->next_buses = params->buses != NULL;
    if (m->groups_high > NEAR_GROUPS) /* now: memory takes as long as this start to come */
        fetch_next_lane(m, lane / LANES);
    m->memo = &m->memo_table;
    voice_start(m, lane, params);
    m->memo = NULL;
    m->groups[lane / LANES].features = mixer_features(m, &m->groups[lane / LANES]);
    mixer_settle(m, lane / LANES);
}

static uint32_t lane_of(const struct mixer *m, voice_slot slot)
{
    return slot < m->slots ? m->lane_of[slot] : VOICE_NONE;
}

void mixer_release(struct mixer *m, voice_slot slot)
{
    uint32_t lane = lane_of(m, slot);
    if (lane == VOICE_NONE)
        return;
    voice_release(m, lane, false);
    mixer_settle(m, lane / LANES);
}

void mixer_shutdown(struct mixer *m, voice_slot slot)
{
    uint32_t lane = lane_of(m, slot);
    if (lane == VOICE_NONE)
        return;
    voice_release(m, lane, true);
    mixer_settle(m, lane / LANES);
}

void mixer_steal(struct mixer *m, voice_slot slot)
{
    uint32_t lane = lane_of(m, slot);
    if (lane == VOICE_NONE)
        return;
    voice_fade(m, lane);
    mixer_settle(m, lane / LANES);
}

void mixer_retune(struct mixer *m, voice_slot slot, uint8_t note, uint8_t key, float glide_rate)
{
    uint32_t lane = lane_of(m, slot);
    if (lane == VOICE_NONE)
        return;
    voice_retune(m, lane, note, key, glide_rate);
    mixer_settle(m, lane / LANES);
}

float mixer_level(const struct mixer *m, voice_slot slot)
{
    uint32_t lane = lane_of(m, slot);
    if (lane == VOICE_NONE)
        return 0.0f;
    const struct group *g = &m->groups[lane / LANES];
    return g->lanes.e[lane % LANES] * voice_loudest(g, lane % LANES) * (1.0f / SOURCE_UNIT);
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

void mixer_forget_touched(struct mixer *m)
{
    while (m->touched_count)
        m->touched[--m->touched_count]->touched = 0;
}

void mixer_reset(struct mixer *m)
{
    for (unsigned i = 0; i < ROOM_KINDS; i++)
        memset(m->room[i], 0, (m->group_count + 63u) / 64u * sizeof *m->room[i]);
    memset(m->room_words, 0, sizeof m->room_words);
    m->fetched = VOICE_NONE;
    for (uint32_t i = 0; i < m->groups_made; i++)
        reset_group(&m->groups[i]);
    /* All are empty: zeroed memory says so of those that were never made, which nobody touches. */
    for (uint32_t i = 0; i < m->group_count; i++) {
        m->room[ROOM_EMPTY][i / 64] |= (uint64_t)1 << i % 64;
        m->room_words[ROOM_EMPTY] |= (uint64_t)1 << i / 64;
    }
    for (uint32_t i = 0; i < m->slots; i++)
        m->lane_of[i] = VOICE_NONE;
    memset(m->finished, 0, (m->slots + 63u) / 64u * sizeof *m->finished);
    m->ended = false;
    m->finished_count = m->active = m->streams = m->slaves = m->aside = m->groups_high = m->cell_pos = m->serial = 0;
    m->clock = 0;
    mixer_forget_touched(m);
    effects_bus_clear(m->bus);
}

bool mixer_silent(const struct mixer *m)
{
    return !m->active && effects_bus_idle(m->bus);
}
