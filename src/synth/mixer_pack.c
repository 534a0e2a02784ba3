/* SPDX-License-Identifier: MIT */
/*
 * mixer_pack.c - voices move together where others have ended between them.
 *
 * A group costs nearly as much with one voice as with eight. Notes end in
 * another order than they began, so that a third of the lanes of the groups in
 * use would be empty in songs. At a grid point the voices of a group move to
 * where there is room, if that saves their group. When that is follows from
 * the stream alone; a voice does not hear in which lane it is.
 *
 * Groups that are rendered aside, to buses of their own, stay as they are.
 */
#include <stddef.h>
#include <string.h>

#include "base/bits.h"
#include "group.h"

/* With more, notes to come find and fill the lanes that are free. */
enum { PACK_GROUPS = 64 };

/* ---- one lane --------------------------------------------------------------------- */

/* What a group has for each lane: ROWS times LANES elements of SIZE bytes, from AT on */
struct field {
    uint32_t at;
    uint16_t size, rows;
};

#define MEMBER(f) ((struct group *)NULL)->f
#define FIELD(f) {offsetof(struct group, f), sizeof MEMBER(f)[0], 1}
#define ROWS(f) {offsetof(struct group, f), sizeof MEMBER(f)[0][0], sizeof MEMBER(f) / sizeof MEMBER(f)[0]}
/* Nothing but rows of 32-bit values */
#define WHOLE(f) {offsetof(struct group, f), sizeof(uint32_t), sizeof MEMBER(f) / (LANES * sizeof(uint32_t))}

static const struct field fields[] = {
    WHOLE(lanes),
    FIELD(left), FIELD(level), FIELD(factor), FIELD(add), FIELD(last), FIELD(osc), FIELD(channel), FIELD(channel_version),
    FIELD(master_version), FIELD(listens), FIELD(artic), FIELD(step_next), FIELD(voice),
    ROWS(control.phase), ROWS(control.turn), ROWS(control.wait), ROWS(control.depth[BY_LFO]), ROWS(control.depth[BY_VIBRATO]),
    ROWS(control.depth[BY_EG2]),
    FIELD(control.eg2), FIELD(control.eg2_before), FIELD(control.eg2_left), FIELD(control.eg2_slope), FIELD(control.eg2_span),
    FIELD(control.pitch), FIELD(control.glide), FIELD(control.fixed_cents), FIELD(control.note_cents),
    FIELD(control.tuning), FIELD(control.stepped), FIELD(control.rate), FIELD(control.step_to),
    ROWS(control.wanted), ROWS(control.smooth), ROWS(control.next),
    FIELD(control.sum_db), FIELD(control.lfo_gain), FIELD(control.note_db), FIELD(control.fixed_db), FIELD(control.master_db),
    FIELD(control.volume_db), FIELD(control.least), ROWS(control.side),
    FIELD(control.k), FIELD(control.q), FIELD(control.b2), FIELD(control.resonance), FIELD(control.solved_cutoff),
    FIELD(control.solved_resonance), ROWS(control.before), FIELD(control.peak), FIELD(control.root), FIELD(control.gain),
    FIELD(control.row),
    WHOLE(path),
};

/* A bit per lane */
#define MASK(f) offsetof(struct group, f)
static const uint32_t masks[] = {
    MASK(mask), MASK(still_mask), MASK(falls_mask), MASK(filter_mask), MASK(slave_mask), MASK(sliding_mask), MASK(path_mask),
    MASK(odd_mask), MASK(eg2_mask), MASK(bus_mask), MASK(control.running[CLOCK_LFO]), MASK(control.running[CLOCK_VIBRATO]),
    MASK(control.eg2_ending), MASK(control.eg2_moving), MASK(control.renewed), MASK(control.stepped_on), MASK(control.fast),
};

void mixer_copy_lane(const struct group *from, uint32_t n, struct group *to, uint32_t t)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const struct field *f = &fields[i];
        const char *in = (const char *)from + f->at;
        char *out = (char *)to + f->at;
        for (uint32_t row = 0; row < f->rows; row++)
            memcpy(out + (size_t)(row * LANES + t) * f->size, in + (size_t)(row * LANES + n) * f->size, f->size);
    }
}

static void move_bit(uint32_t at, struct group *from, uint32_t n, struct group *to, uint32_t t)
{
    uint32_t *in = (uint32_t *)(void *)((char *)from + at), *out = (uint32_t *)(void *)((char *)to + at);
    *out = (*out & ~(1u << t)) | (*in >> n & 1u) << t;
    *in &= ~(1u << n);
}

/* Those that are locked to the voice's phase follow it. */
static void tell_slaves(struct mixer *m, uint32_t from, uint32_t to)
{
    for (uint32_t lane = 0; lane < m->groups_high * LANES; lane++) {
        struct voice *v = voice_in(m, lane);
        if (m->groups[lane / LANES].slave_mask >> lane % LANES & 1u && v->master_lane == from)
            v->master_lane = to;
    }
}

void mixer_move(struct mixer *m, uint32_t from, uint32_t to)
{
    struct group *a = &m->groups[from / LANES], *b = &m->groups[to / LANES];
    const uint32_t n = from % LANES, t = to % LANES;
    mixer_copy_lane(a, n, b, t);
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++)
        move_bit(masks[i], a, n, b, t);
    b->control.underway |= a->control.underway; /* what the kernel may pass over, not what it finds */
    b->control.uneven |= a->control.uneven;
    b->control.swept |= a->control.swept;
    b->osc[t].seam_from = INT32_MAX;
    b->voice[t].osc = &b->osc[t];
    m->lane_of[b->voice[t].slot] = to;
    mixer_clear_lane(a, n);
    a->voice[n].serial = 0; /* nobody's master any more */
    if (m->slaves)
        tell_slaves(m, from, to);
    a->features = mixer_features(m, a);
    b->features = mixer_features(m, b);
    mixer_file_group(m, from / LANES);
    mixer_file_group(m, to / LANES);
}

/* ---- a group ---------------------------------------------------------------------- */

/* A bit for each group of KIND, but for INDEX */
static uint64_t others(const struct mixer *m, unsigned kind, uint32_t index)
{
    return m->room[kind][0] & ~((uint64_t)1 << index);
}

static uint32_t empty_lanes(const struct mixer *m, uint64_t groups)
{
    uint32_t count = 0;
    for (; groups; groups &= groups - 1)
        count += LANES - count_bits(m->groups[lowest_bit(groups)].mask);
    return count;
}

/* Filtered voices go among filtered ones, plain ones wherever there is room, best among their like. */
static uint64_t homes(const struct mixer *m, bool filtered, uint32_t index)
{
    const uint64_t like = others(m, filtered ? ROOM_FILTERED : ROOM_PLAIN, index);
    return like || filtered ? like : others(m, ROOM_FILTERED, index);
}

/* Whether the voices of group INDEX find room elsewhere */
static bool fits(const struct mixer *m, uint32_t index)
{
    const struct group *g = &m->groups[index];
    const uint32_t filtered = count_bits(g->filter_mask & g->mask), plain = count_bits(g->mask) - filtered;
    const uint32_t for_plain = empty_lanes(m, others(m, ROOM_PLAIN, index));
    const uint32_t for_filtered = empty_lanes(m, others(m, ROOM_FILTERED, index));
    return filtered <= for_filtered && plain <= for_plain + for_filtered - filtered;
}

static void move_out(struct mixer *m, uint32_t index, uint32_t lanes, bool filtered)
{
    for (; lanes; lanes &= lanes - 1) {
        const uint32_t g = lowest_bit(homes(m, filtered, index));
        mixer_move(m, index * LANES + lowest_bit(lanes), g * LANES + lowest_bit(~(uint64_t)m->groups[g].mask));
    }
}

/* The last group of KIND that is not full, as full ones need as much room as there is in all others. */
static bool pack_last(struct mixer *m, unsigned kind)
{
    const uint64_t groups = m->room[kind][0];
    if (!groups)
        return false;
    const uint32_t last = highest_bit(groups);
    const struct group *g = &m->groups[last];
    if (!fits(m, last))
        return false;
    move_out(m, last, g->filter_mask & g->mask, true); /* first, as they have less choice */
    move_out(m, last, g->mask, false);
    return true;
}

static void lower(struct mixer *m)
{
    while (m->groups_high && !m->groups[m->groups_high - 1].mask)
        m->groups_high--;
}

void mixer_pack(struct mixer *m)
{
    const bool ended = m->ended;
    m->ended = false;
    lower(m);
    if (!ended || m->groups_high > PACK_GROUPS)
        return;
    while (pack_last(m, ROOM_FILTERED))
        lower(m);
    while (pack_last(m, ROOM_PLAIN))
        lower(m);
}
