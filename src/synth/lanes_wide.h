/* SPDX-License-Identifier: MIT */
/*
 * lanes_wide.h - the rest of lanes_vector.h where a vector is the lanes of two
 * groups, and up to two such vectors go side by side. Beyond the chain a
 * vector is one group's left and right, which lie so in struct lanes and in
 * the mix: that halves what is added there. Of the instruction set:
 *
 *   vf_load_two vf_store_two   the halves from and to two places
 *   vf_store_half              the lower half
 *   vf_load_mask(mask, p)      zeros where MASK, of V_WIDTH bits, is not set
 *   vf_twice(p)                the LANES floats at P in both halves
 *   vf_low vf_high (v)         that half of V in both halves
 *   V_LANES_OF_ONE             kernel for a group alone, to which a vector of two is no use
 *   turn_wide(x, second, i, out)   LANES frames from I on of the lanes at X and, unless it is NULL, at SECOND, by frame
 */
#ifndef DMUS_SYNTH_LANES_WIDE_H
#define DMUS_SYNTH_LANES_WIDE_H

/* Of one group: left and right */
struct sides {
    vf gain, slope;
    vf reverb, chorus, reverb_slope, chorus_slope; /* the same in both halves */
};

V_INLINE struct sides sides_load(const struct lanes *g)
{
    return (struct sides){
        .gain = vf_load(g->left),
        .slope = vf_load(g->left_slope),
        .reverb = vf_twice(g->reverb),
        .chorus = vf_twice(g->chorus),
        .reverb_slope = vf_twice(g->reverb_slope),
        .chorus_slope = vf_twice(g->chorus_slope),
    };
}

V_INLINE void sides_store(const struct sides *s, struct lanes *g, const unsigned features)
{
    if (features & LANES_RAMP)
        vf_store(g->left, s->gain);
    if (!(features & LANES_RAMP_SENDS))
        return;
    vf_store_half(g->reverb, s->reverb);
    vf_store_half(g->chorus, s->chorus);
}

/* One frame of the mix */
struct row {
    vf dry, reverb, chorus;
};

/* KEEP: all ones, or none: it begins with zeros */
V_INLINE struct row row_load(const struct mix *mix, uint32_t i, uint32_t keep, const unsigned features)
{
    struct row row;
    row.dry = vf_load_mask(keep, mix->row[BUS_LEFT / 2][i][0]);
    if (features & LANES_REVERB)
        row.reverb = vf_load_mask(keep, mix->row[BUS_REVERB_LEFT / 2][i][0]);
    if (features & LANES_CHORUS)
        row.chorus = vf_load_mask(keep, mix->row[BUS_CHORUS_LEFT / 2][i][0]);
    return row;
}

V_INLINE void row_store(const struct row *row, struct mix *mix, uint32_t i, const unsigned features)
{
    vf_store(mix->row[BUS_LEFT / 2][i][0], row->dry);
    if (features & LANES_REVERB)
        vf_store(mix->row[BUS_REVERB_LEFT / 2][i][0], row->reverb);
    if (features & LANES_CHORUS)
        vf_store(mix->row[BUS_CHORUS_LEFT / 2][i][0], row->chorus);
}

/* SOUND: the group's lanes twice */
V_INLINE void row_add(struct row *row, struct sides *s, vf sound, const unsigned features)
{
    vf v = vf_mul(sound, s->gain);
    row->dry = vf_add(row->dry, v);
    if (features & LANES_REVERB)
        row->reverb = vf_add(row->reverb, vf_mul(v, s->reverb));
    if (features & LANES_CHORUS)
        row->chorus = vf_add(row->chorus, vf_mul(v, s->chorus));
    if (features & LANES_RAMP)
        s->gain = vf_add(s->gain, s->slope);
    if (features & LANES_RAMP_SENDS)
        s->reverb = vf_add(s->reverb, s->reverb_slope);
    if (features & LANES_RAMP_SENDS && features & LANES_CHORUS)
        s->chorus = vf_add(s->chorus, s->chorus_slope);
}

#define TURN (2 * LANES) /* frames */

V_INLINE void turn(const float (*x)[MIXER_GRID], bool pair, uint32_t first, float (*out)[V_WIDTH])
{
    for (uint32_t i = 0; i < TURN; i += LANES)
        turn_wide(x, pair ? x + LANES : NULL, first + i, out + i);
}

/* SEATS: one or, if TWO, two, the last of them half empty if ODD; X: their lanes. Some frames at a time are turned: that goes on
 * beside the chains, which mostly wait, and takes little room. */
V_INLINE void run(const struct seat *seats, const bool two, const float (*x)[MIXER_GRID], bool odd, struct mix *mix,
                  uint32_t keep, uint32_t first, uint32_t count, const struct lanes_paths *paths, const unsigned features)
{
    _Alignas(64) float by_frame[2][TURN][V_WIDTH];
    const struct seat seat_a = seats[0], seat_b = seats[two];
    struct chain a = chain_load(seat_a, features), b = chain_load(seat_b, features);
    struct sides a0 = sides_load(seat_a.group), a1 = sides_load(seat_a.beside);
    struct sides b0 = sides_load(seat_b.group), b1 = sides_load(seat_b.beside);
    for (uint32_t i = first, end = first + count; i < end;) {
        uint32_t block = i / TURN * TURN, stop = block + TURN < end ? block + TURN : end, point;
        if (features & LANES_SWEEP && paths) {
            stop = path_part_end(paths, i) < stop ? path_part_end(paths, i) : stop;
            if (path_point_at(paths, i, &point)) {
                chain_turn(&a, seat_a, point);
                if (two)
                    chain_turn(&b, seat_b, point);
            }
        }
        turn(x, two || !odd, block, by_frame[0]);
        if (two)
            turn(x + 2 * LANES, !odd, block, by_frame[1]);
        for (; i < stop; i++) {
            struct row row = row_load(mix, i, keep, features);
            vf s = chain_step(&a, vf_load(by_frame[0][i - block]), features), t = s;
            if (two)
                t = chain_step(&b, vf_load(by_frame[1][i - block]), features);
            row_add(&row, &a0, vf_low(s), features);
            row_add(&row, &a1, vf_high(s), features);
            if (two) {
                row_add(&row, &b0, vf_low(t), features);
                row_add(&row, &b1, vf_high(t), features);
            }
            row_store(&row, mix, i, features);
        }
    }
    chain_store(&a, seat_a, features);
    sides_store(&a0, seat_a.group, features);
    sides_store(&a1, seat_a.second, features);
    if (two) {
        chain_store(&b, seat_b, features);
        sides_store(&b0, seat_b.group, features);
        sides_store(&b1, seat_b.second, features);
    }
}

static void V_NAME(lanes)(struct lanes *const *group, uint32_t groups, const float (*x)[MIXER_GRID], struct mix *mix,
                          uint32_t first, uint32_t count, unsigned features, const struct lanes_paths *paths)
{
    if (groups == 1) {
        V_LANES_OF_ONE(group, 1, x, mix, first, count, features, paths);
        return;
    }
    static const struct lanes none = {0}; /* beside an odd one ... */
    struct lanes nobody;                  /* ... and what becomes of it */
    const bool odd = groups % 2;
    const uint32_t keep = features & LANES_FRESH ? 0 : UINT32_MAX;
    struct seat seats[2];
    for (uint32_t n = 0; n < groups; n += 2) {
        const bool last = n + 1 == groups; /* whatever path NONE is on */
        seats[n / 2] = (struct seat){group[n], last ? &nobody : group[n + 1], 0, NULL, NULL, last ? &none : group[n + 1]};
        if (paths) {
            seats[n / 2].path = paths->of[n];
            seats[n / 2].second_path = paths->of[last ? n : n + 1];
        }
    }
    if (groups > 2) {
        LANES_DISPATCH(run, features, seats, true, x, odd, mix, keep, first, count, paths)
    } else {
        LANES_DISPATCH(run, features, seats, false, x, odd, mix, keep, first, count, paths)
    }
}

#endif
