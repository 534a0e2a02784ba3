/* SPDX-License-Identifier: MIT */
/*
 * lanes_vector.h - the kernels of lanes.h over the vectors that kernels_vector.h
 * describes, which is to be included before. A vector is a half of a group's
 * lanes, all of them, or those of two groups (lanes_wide.h).
 */
#ifndef DMUS_SYNTH_LANES_VECTOR_H
#define DMUS_SYNTH_LANES_VECTOR_H

/* V_WIDTH lanes on their way through a span, up to where their gains come in */
struct chain {
    vf e, m, a;
    vf k, q, b2, y, d, filter, k_slope, q_slope, b2_slope;
};

/* Where they are: in GROUP from lane N on; a vector of two groups goes on in SECOND, as BESIDE says it to begin with. Their paths, if
 * there are some */
struct seat {
    struct lanes *group, *second;
    unsigned n;
    const struct lanes_path *path, *second_path;
    const struct lanes *beside;
};

#if V_WIDTH > 8
#define SEAT_LOAD(seat, field) vf_load_two((const float *)(const void *)(seat).group->field, \
                                           (const float *)(const void *)(seat).beside->field)
#define SEAT_PATH(seat, field) vf_load_two((const float *)(const void *)(seat).path->field, \
                                           (const float *)(const void *)(seat).second_path->field)
#define SEAT_STORE(seat, field, v) vf_store_two((seat).group->field, (seat).second->field, v)
#else
#define SEAT_LOAD(seat, field) vf_load((const float *)(const void *)((seat).group->field + (seat).n))
#define SEAT_PATH(seat, field) vf_load((const float *)(const void *)((seat).path->field + (seat).n))
#define SEAT_STORE(seat, field, v) vf_store((seat).group->field + (seat).n, v)
#endif

V_INLINE struct chain chain_load(const struct seat seat, const unsigned features)
{
    struct chain c = {.e = SEAT_LOAD(seat, e), .m = SEAT_LOAD(seat, m), .a = SEAT_LOAD(seat, a)};
    if (features & LANES_FILTER) {
        c.k = SEAT_LOAD(seat, k);
        c.q = SEAT_LOAD(seat, q);
        c.b2 = SEAT_LOAD(seat, b2);
        c.y = SEAT_LOAD(seat, y);
        c.d = SEAT_LOAD(seat, d);
        c.filter = SEAT_LOAD(seat, filter);
    }
    if (features & LANES_SWEEP) {
        c.k_slope = SEAT_LOAD(seat, k_slope);
        c.q_slope = SEAT_LOAD(seat, q_slope);
        c.b2_slope = SEAT_LOAD(seat, b2_slope);
    }
    return c;
}

V_INLINE void chain_store(const struct chain *c, const struct seat seat, const unsigned features)
{
    SEAT_STORE(seat, e, c->e);
    if (features & LANES_FILTER) {
        SEAT_STORE(seat, y, c->y);
        SEAT_STORE(seat, d, c->d);
    }
    if (features & LANES_SWEEP) {
        SEAT_STORE(seat, k, c->k);
        SEAT_STORE(seat, q, c->q);
        SEAT_STORE(seat, b2, c->b2);
        SEAT_STORE(seat, k_slope, c->k_slope);
        SEAT_STORE(seat, q_slope, c->q_slope);
        SEAT_STORE(seat, b2_slope, c->b2_slope);
    }
}

/* Lanes on a path to POINT of it */
V_INLINE void chain_turn(struct chain *c, const struct seat seat, uint32_t point)
{
    const vf on = SEAT_PATH(seat, on);
    c->k = vf_keep(on, SEAT_PATH(seat, point[point].k), c->k);
    c->q = vf_keep(on, SEAT_PATH(seat, point[point].q), c->q);
    c->b2 = vf_keep(on, SEAT_PATH(seat, point[point].b2), c->b2);
    c->k_slope = vf_keep(on, SEAT_PATH(seat, point[point].k_slope), c->k_slope);
    c->q_slope = vf_keep(on, SEAT_PATH(seat, point[point].q_slope), c->q_slope);
    c->b2_slope = vf_keep(on, SEAT_PATH(seat, point[point].b2_slope), c->b2_slope);
}

V_INLINE vf filtered(struct chain *c, vf s, const unsigned features)
{
    c->d = vf_sub(vf_add(vf_mul(c->b2, c->d), vf_mul(c->k, s)), vf_mul(c->q, c->y));
    c->y = vf_add(c->y, c->d);
    if (features & LANES_SWEEP) {
        c->k = vf_add(c->k, c->k_slope);
        c->q = vf_add(c->q, c->q_slope);
        c->b2 = vf_add(c->b2, c->b2_slope);
    }
    return vf_keep(c->filter, c->y, s);
}

V_INLINE vf chain_step(struct chain *c, vf s, const unsigned features)
{
    if (features & LANES_FILTER)
        s = filtered(c, s, features);
    s = vf_mul(s, c->e);
    c->e = vf_add(vf_mul(c->e, c->m), c->a);
    return s;
}

#if V_WIDTH > 8
#include "lanes_wide.h"
#else
#include "lanes_narrow.h"
#endif

#endif
