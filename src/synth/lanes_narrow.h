/* SPDX-License-Identifier: MIT */
/*
 * lanes_narrow.h - the rest of lanes_vector.h where a vector is a group's
 * lanes or half of them. Of the instruction set: V_LANES (static, or nothing) and
 *
 *   vf_transpose(vf rows[V_WIDTH])
 */
#ifndef DMUS_SYNTH_LANES_NARROW_H
#define DMUS_SYNTH_LANES_NARROW_H

/* What a chain's sound is multiplied with */
struct gains {
    vf left, right, left_slope, right_slope;
    vf reverb, chorus, reverb_slope, chorus_slope;
};

/* What it adds to the buses in one frame */
struct drop {
    vf bus[BUS_COUNT];
};

V_INLINE struct gains gains_load(const struct seat seat)
{
    return (struct gains){
        .left = SEAT_LOAD(seat, left),
        .right = SEAT_LOAD(seat, right),
        .left_slope = SEAT_LOAD(seat, left_slope),
        .right_slope = SEAT_LOAD(seat, right_slope),
        .reverb = SEAT_LOAD(seat, reverb),
        .chorus = SEAT_LOAD(seat, chorus),
        .reverb_slope = SEAT_LOAD(seat, reverb_slope),
        .chorus_slope = SEAT_LOAD(seat, chorus_slope),
    };
}

V_INLINE void gains_store(const struct gains *g, const struct seat seat, const unsigned features)
{
    if (!(features & LANES_RAMP))
        return;
    SEAT_STORE(seat, left, g->left);
    SEAT_STORE(seat, right, g->right);
    SEAT_STORE(seat, reverb, g->reverb);
    SEAT_STORE(seat, chorus, g->chorus);
}

V_INLINE struct drop gains_step(struct gains *g, vf s, const unsigned features)
{
    struct drop out;
    vf l = out.bus[BUS_LEFT] = vf_mul(s, g->left);
    vf r = out.bus[BUS_RIGHT] = vf_mul(s, g->right);
    if (features & LANES_REVERB) {
        out.bus[BUS_REVERB_LEFT] = vf_mul(l, g->reverb);
        out.bus[BUS_REVERB_RIGHT] = vf_mul(r, g->reverb);
    }
    if (features & LANES_CHORUS) {
        out.bus[BUS_CHORUS_LEFT] = vf_mul(l, g->chorus);
        out.bus[BUS_CHORUS_RIGHT] = vf_mul(r, g->chorus);
    }
    if (features & LANES_RAMP) {
        g->left = vf_add(g->left, g->left_slope);
        g->right = vf_add(g->right, g->right_slope);
    }
    if (features & LANES_RAMP_SENDS)
        g->reverb = vf_add(g->reverb, g->reverb_slope);
    if (features & LANES_RAMP_SENDS && features & LANES_CHORUS)
        g->chorus = vf_add(g->chorus, g->chorus_slope);
    return out;
}

V_INLINE unsigned bus_end(const unsigned features)
{
    return features & LANES_CHORUS ? BUS_COUNT : features & LANES_REVERB ? BUS_CHORUS_LEFT : BUS_REVERB_LEFT;
}

#define TURN 16u /* frames, a multiple of V_WIDTH */

/* TURN frames of the lanes at X from FIRST on, by frame */
V_INLINE void turn(const float (*x)[MIXER_GRID], uint32_t first, float (*out)[LANES])
{
    for (unsigned i = 0; i < TURN; i += V_WIDTH)
        for (unsigned n = 0; n < LANES; n += V_WIDTH) {
            vf rows[V_WIDTH];
            for (unsigned k = 0; k < V_WIDTH; k++)
                rows[k] = vf_load(x[n + k] + first + i);
            vf_transpose(rows);
            for (unsigned k = 0; k < V_WIDTH; k++)
                vf_store(out[i + k] + n, rows[k]);
        }
}

/* Two chains at once: the halves of a group where a vector is half of its lanes, else two groups; TWO: the second is there. X:
 * their lanes. Some frames at a time are turned: that goes on beside the chains, which mostly wait. */
V_INLINE void run(const struct seat seat_a, const struct seat seat_b, const bool two, const float (*x)[MIXER_GRID],
                  struct mix *mix, uint32_t first, uint32_t end, const struct lanes_paths *paths, const unsigned features)
{
    const bool halves = V_WIDTH < LANES;
    const unsigned n = halves ? V_WIDTH % LANES : 0;
    _Alignas(64) float by_frame[2][TURN][LANES];
    const float *x2 = halves ? by_frame[0][0] + n : by_frame[1][0];
    struct chain a = chain_load(seat_a, features), b = chain_load(seat_b, features);
    struct gains gains_a = gains_load(seat_a), gains_b = gains_load(seat_b);
    for (uint32_t i = first; i < end;) {
        uint32_t block = i / TURN * TURN, stop = block + TURN < end ? block + TURN : end, point;
        if (features & LANES_SWEEP && paths) {
            stop = path_part_end(paths, i) < stop ? path_part_end(paths, i) : stop;
            if (path_point_at(paths, i, &point)) {
                chain_turn(&a, seat_a, point);
                if (two)
                    chain_turn(&b, seat_b, point);
            }
        }
        turn(x, block, by_frame[0]);
        if (two && !halves)
            turn(x + LANES, block, by_frame[1]);
        for (; i < stop; i++) {
            struct drop p = gains_step(&gains_a, chain_step(&a, vf_load(by_frame[0][i - block]), features), features), q = p;
            if (two)
                q = gains_step(&gains_b, chain_step(&b, vf_load(x2 + (i - block) * LANES), features), features);
            for (unsigned bus = 0; bus < bus_end(features); bus++) {
                float *at = mix->row[bus / 2][i][bus % 2];
                vf sum = vf_add(vf_load(at), p.bus[bus]);
                if (two && !halves)
                    sum = vf_add(sum, q.bus[bus]);
                vf_store(at, sum);
                if (halves)
                    vf_store(at + n, vf_add(vf_load(at + n), q.bus[bus]));
            }
        }
    }
    chain_store(&a, seat_a, features);
    gains_store(&gains_a, seat_a, features);
    if (two) {
        chain_store(&b, seat_b, features);
        gains_store(&gains_b, seat_b, features);
    }
}

V_INLINE void run_two(const struct seat a, const struct seat b, const bool two, const float (*x)[MIXER_GRID], struct mix *mix,
                      uint32_t first, uint32_t end, unsigned features, const struct lanes_paths *paths)
{
    LANES_DISPATCH(run, features, a, b, two, x, mix, first, end, paths)
}

V_INLINE struct seat seat_at(struct lanes *const *group, uint32_t g, unsigned n, const struct lanes_paths *paths)
{
    return (struct seat){.group = group[g], .n = n, .path = paths ? paths->of[g] : NULL};
}

V_LANES void V_NAME(lanes)(struct lanes *const *group, uint32_t groups, const float (*x)[MIXER_GRID], struct mix *mix,
                          uint32_t first, uint32_t count, unsigned features, const struct lanes_paths *paths)
{
    const bool halves = V_WIDTH < LANES;
    const unsigned half = V_WIDTH % LANES;
    uint32_t n = 0;
    if (features & LANES_FRESH)
        mix_clear(mix, first, count, features);
    for (; !halves && groups - n >= 2; n += 2)
        run_two(seat_at(group, n, 0, paths), seat_at(group, n + 1, 0, paths), true, x + n * LANES, mix, first,
                     first + count, features, paths);
    for (; n < groups; n++)
        run_two(seat_at(group, n, 0, paths), seat_at(group, n, half, paths), halves, x + n * LANES, mix, first,
                     first + count, features, paths);
}

V_INLINE vf side_sum(const float (*row)[LANES], unsigned side)
{
    vf v = vf_load(row[side]);
    return V_WIDTH < LANES ? vf_add(v, vf_load(row[side] + V_WIDTH % LANES)) : v;
}

static void V_NAME(lanes_sum)(const float (*rows)[2][LANES], float *left, float *right, uint32_t count)
{
    uint32_t i = 0;
    for (; count - i >= V_WIDTH; i += V_WIDTH) {
        vf l[V_WIDTH], r[V_WIDTH];
        for (unsigned k = 0; k < V_WIDTH; k++) {
            l[k] = side_sum(rows[i + k], 0);
            r[k] = side_sum(rows[i + k], 1);
        }
        vf_storeu(left + i, vf_fold(l));
        vf_storeu(right + i, vf_fold(r));
    }
    lanes_sum_c(rows + i, left + i, right + i, count - i);
}

#endif
