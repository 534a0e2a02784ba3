/* SPDX-License-Identifier: MIT */
/*
 * effects_vector.h - the kernels of reverb and chorus over the vectors of
 * kernels_vector.h, which is included before; and of a kernels_*.c it needs
 *
 *   vf_transpose     as lanes do
 *   vf_above(a, b)   all ones where A > B, for vf_keep
 *   V_BETWEEN        if masks are no vectors: vf_between(x, s, low, high) keeps X where LOW < S < HIGH, the rest is 0
 *
 * The lines' filters run with a line in each element, everything else with a
 * frame in each. Operations and their order are those of effects_kernels.c.
 */
#ifndef DMUS_SYNTH_EFFECTS_VECTOR_H
#define DMUS_SYNTH_EFFECTS_VECTOR_H

#include "effects_kernels.h"

/* V_WIDTH elements, of which REST are there; the others: 0 */
V_INLINE vf fx_load_some(const float *in, uint32_t rest)
{
    float values[V_WIDTH] = {0};
    if (rest == V_WIDTH)
        return vf_loadu(in);
    for (uint32_t k = 0; k < rest; k++)
        values[k] = in[k];
    return vf_loadu(values);
}

V_INLINE void fx_add_some(float *out, vf v, uint32_t rest)
{
    vf sum = vf_add(fx_load_some(out, rest), v);
    if (rest == V_WIDTH)
        vf_storeu(out, sum);
    else
        store_some(out, sum, rest);
}

#ifndef V_BETWEEN
V_INLINE vf vf_between(vf x, vf s, vf low, vf high)
{
    const vf zero = vf_set1(0.0f);
    return vf_keep(vf_above(high, s), vf_keep(vf_above(s, low), x, zero), zero);
}
#endif

V_INLINE vf fx_gate(vf x) { return vf_between(x, vf_mul(x, x), vf_set1(FX_GATE_LOW), vf_set1(FX_GATE_HIGH)); }

/* SQUARES: a sum of them */
V_INLINE bool fx_sound(vf squares)
{
    float values[V_WIDTH];
    int any = 0;
    vf_storeu(values, squares);
    for (unsigned k = 0; k < V_WIDTH; k++)
        any |= values[k] > 0;
    return any != 0;
}

/* VALUE + STEP * place */
V_INLINE vf fx_ramp(float value, float step, vf place) { return vf_add(vf_set1(value), vf_mul(vf_set1(step), place)); }

/* ---- reverb ---------------------------------------------------------------------- */

/* REST frames of one side from K on. Returns their squares. */
V_INLINE vf fx_diffuse(struct reverb_net *net, int side, uint32_t k, uint32_t rest)
{
    vf in = fx_gate(fx_load_some(net->in[side] + k, rest)), x = in;
    V_UNROLL
    for (int d = 0; d < FX_DIFFUSERS; d++) {
        int ring = FX_LINES + side * FX_DIFFUSERS + d;
        vf gain = vf_set1(net->diffusion[side][d]), old = vf_loadu(fx_from(net, ring) + k);
        vf sum = vf_add(x, vf_mul(gain, old));
        vf_storeu(fx_to(net, ring) + k, sum);
        x = vf_sub(old, vf_mul(gain, sum));
    }
    vf_store(net->diffused[side] + k, vf_add(vf_mul(x, vf_set1(FX_EIGHTH)), vf_set1(FX_FLOOR)));
    return vf_mul(in, in);
}

/* Whether there is sound */
V_INLINE bool fx_input(struct reverb_net *net, uint32_t count)
{
    uint32_t k = 0;
    vf left = vf_set1(0.0f), right = left;
    for (; count - k >= V_WIDTH; k += V_WIDTH) {
        left = vf_add(left, fx_diffuse(net, 0, k, V_WIDTH));
        right = vf_add(right, fx_diffuse(net, 1, k, V_WIDTH));
    }
    if (k < count) {
        left = vf_add(left, fx_diffuse(net, 0, k, count - k));
        right = vf_add(right, fx_diffuse(net, 1, k, count - k));
    }
    return fx_sound(vf_add(left, right));
}

/* What comes out of the lines goes through their filters, a frame in each row of Y. */
V_INLINE void fx_damp(const struct reverb_net *net, const vf *pole, vf *state, uint32_t k, float (*y)[FX_LINES])
{
    V_UNROLL
    for (unsigned g = 0; g < FX_LINES; g += V_WIDTH) {
        vf rows[V_WIDTH];
        V_UNROLL
        for (unsigned n = 0; n < V_WIDTH; n++)
            rows[n] = vf_loadu(fx_from(net, (int)(g + n)) + k);
        vf_transpose(rows);
        V_UNROLL
        for (unsigned n = 0; n < V_WIDTH; n++) {
            state[g / V_WIDTH] = vf_add(rows[n], vf_mul(pole[g / V_WIDTH], state[g / V_WIDTH]));
            vf_store(y[k + n] + g, state[g / V_WIDTH]);
        }
    }
}

/* The first half of the matrix, within four neighbours; a line in each of X */
V_INLINE void fx_mix(const struct reverb_net *net, uint32_t k, const float (*y)[FX_LINES], vf x[FX_LINES])
{
    V_UNROLL
    for (unsigned g = 0; g < FX_LINES; g += V_WIDTH) {
        const vf gain = vf_load(net->gain + g);
        vf rows[V_WIDTH];
        V_UNROLL
        for (unsigned n = 0; n < V_WIDTH; n++)
            rows[n] = vf_mul(vf_load(y[k + n] + g), gain);
        vf_transpose(rows);
        V_UNROLL
        for (unsigned n = 0; n < V_WIDTH; n += 4) {
            vf ab = vf_add(rows[n], rows[n + 1]), cd = vf_add(rows[n + 2], rows[n + 3]);
            vf a_b = vf_sub(rows[n], rows[n + 1]), c_d = vf_sub(rows[n + 2], rows[n + 3]);
            x[g + n] = vf_add(ab, cd);
            x[g + n + 1] = vf_add(a_b, c_d);
            x[g + n + 2] = vf_sub(ab, cd);
            x[g + n + 3] = vf_sub(a_b, c_d);
        }
    }
}

V_INLINE vf fx_four(vf a, vf b, vf c, vf d) { return vf_add(vf_add(a, b), vf_add(c, d)); }

V_INLINE void fx_tap(const struct reverb_net *net, const vf x[FX_LINES], uint32_t k, uint32_t rest, vf level)
{
    fx_add_some(net->out[0] + k, vf_mul(fx_four(x[0], x[5], x[10], x[15]), level), rest);
    fx_add_some(net->out[1] + k, vf_mul(fx_four(x[3], x[6], x[9], x[12]), level), rest);
}

/* The rotation of four pairs, the second half of the matrix and the input */
V_INLINE void fx_spread(const struct reverb_net *net, const vf x[FX_LINES], uint32_t k, vf cosine, vf sine)
{
    const vf put[2] = {vf_load(net->diffused[0] + k), vf_load(net->diffused[1] + k)};
    V_UNROLL
    for (unsigned i = 0; i < 4; i++) {
        vf p = x[i], q = x[i + 4], c = x[i + 8], d = x[i + 12];
        vf a = vf_sub(vf_mul(cosine, p), vf_mul(sine, q)), b = vf_add(vf_mul(sine, p), vf_mul(cosine, q));
        vf ab = vf_add(a, b), cd = vf_add(c, d), a_b = vf_sub(a, b), c_d = vf_sub(c, d);
        vf_storeu(fx_to(net, (int)FX_TARGET(i)) + k, vf_add(vf_add(ab, cd), put[i & 1]));
        vf_storeu(fx_to(net, (int)FX_TARGET(i + 4)) + k, vf_sub(vf_add(a_b, c_d), put[i & 1]));
        vf_storeu(fx_to(net, (int)FX_TARGET(i + 8)) + k, vf_add(vf_sub(ab, cd), put[i & 1]));
        vf_storeu(fx_to(net, (int)FX_TARGET(i + 12)) + k, vf_add(vf_sub(a_b, c_d), put[i & 1]));
    }
}

/* Levels and rotations, rounded up */
struct fx_moves {
    _Alignas(64) float level[FX_BLOCK];
    float cosine[FX_BLOCK], sine[FX_BLOCK];
};

V_INLINE void fx_move(struct fx_moves *moves, const struct reverb_net *net, uint32_t count)
{
    const struct reverb_ramps *r = net->ramps;
    const vf border = vf_set1((float)(int32_t)net->border);
    for (uint32_t k = 0; k < count; k += V_WIDTH) {
        const vf here = vf_load(fx_places + k), place = vf_add(vf_set1(net->place), here);
        vf level = fx_ramp(r->level, r->level_step, place);
        vf cosine = fx_ramp(r->cosine, r->cosine_step, place), sine = fx_ramp(r->sine, r->sine_step, place);
        if (k + V_WIDTH > net->border) {
            const vf before = vf_above(border, here), since = vf_sub(here, border);
            level = vf_keep(before, level, fx_ramp(r[1].level, r[1].level_step, since));
            cosine = vf_keep(before, cosine, fx_ramp(r[1].cosine, r[1].cosine_step, since));
            sine = vf_keep(before, sine, fx_ramp(r[1].sine, r[1].sine_step, since));
        }
        vf_store(moves->level + k, level);
        vf_store(moves->cosine + k, cosine);
        vf_store(moves->sine + k, sine);
    }
}

/* REST frames from K on: all that comes after the filters */
V_INLINE void fx_lines(const struct reverb_net *net, const struct fx_moves *moves, uint32_t k, uint32_t rest,
                       const float (*y)[FX_LINES])
{
    vf x[FX_LINES];
    fx_mix(net, k, y, x);
    fx_tap(net, x, k, rest, vf_load(moves->level + k));
    fx_spread(net, x, k, vf_load(moves->cosine + k), vf_load(moves->sine + k));
}

static void fx_listen(struct reverb_net *net, const float (*y)[FX_LINES], uint32_t count)
{
    for (uint32_t k = 0; k < count; k++)
        for (unsigned i = 0; i < FX_LINES; i++)
            net->peak[i] = fx_louder(net->peak[i], y[k][i]);
}

static bool V_NAME(reverb)(struct reverb_net *net, uint32_t count)
{
    _Alignas(64) float y[FX_BLOCK][FX_LINES];
    const float(*done)[FX_LINES] = (const float(*)[FX_LINES])y;
    struct fx_moves moves;
    vf pole[FX_LINES / V_WIDTH], state[FX_LINES / V_WIDTH];
    uint32_t k = 0;
    fx_move(&moves, net, count);
    for (unsigned g = 0; g < FX_LINES; g += V_WIDTH) {
        pole[g / V_WIDTH] = vf_load(net->pole + g);
        state[g / V_WIDTH] = vf_load(net->state + g);
    }
    /* The filters wait for their own results: what does not need these comes next, in time for it to be done meanwhile. */
    fx_damp(net, pole, state, 0, y);
    bool sound = fx_input(net, count);
    for (; count - k > V_WIDTH; k += V_WIDTH) {
        fx_damp(net, pole, state, k + V_WIDTH, y);
        fx_lines(net, &moves, k, V_WIDTH, done);
    }
    if (count - k == V_WIDTH)
        fx_lines(net, &moves, k, V_WIDTH, done);
    else
        fx_lines(net, &moves, k, count - k, done);
    for (unsigned g = 0; g < FX_LINES; g += V_WIDTH)
        vf_store(net->state + g, vf_load(y[count - 1] + g));
    if (!sound && !net->heard)
        fx_listen(net, done, count);
    return sound;
}

/* ---- chorus ---------------------------------------------------------------------- */

struct fx_taps {
    vf a, b, c, d;
};

V_INLINE struct fx_taps fx_taps(const float *p)
{
    return (struct fx_taps){vf_loadu(p), vf_loadu(p + 1), vf_loadu(p + 2), vf_loadu(p + 3)};
}

/* Frame by frame: the delay passes more than one whole number. */
static struct fx_taps fx_scattered(const struct chorus_line *line, int64_t delay, int64_t step, uint32_t k)
{
    float taps[4][V_WIDTH];
    for (uint32_t n = 0; n < V_WIDTH; n++, delay += step) {
        const float *p = chorus_taps(line, delay, k + n);
        for (unsigned j = 0; j < 4; j++)
            taps[j][n] = p[j];
    }
    return (struct fx_taps){vf_loadu(taps[0]), vf_loadu(taps[1]), vf_loadu(taps[2]), vf_loadu(taps[3])};
}

V_INLINE struct fx_taps fx_choose(vf mask, const struct fx_taps *a, const struct fx_taps *b)
{
    return (struct fx_taps){vf_keep(mask, a->a, b->a), vf_keep(mask, a->b, b->b),
                            vf_keep(mask, a->c, b->c), vf_keep(mask, a->d, b->d)};
}

/* Where the delay passes a whole number within V_WIDTH frames: mostly one. */
static struct fx_taps fx_passing(const struct chorus_line *line, int64_t delay, int64_t step, uint32_t k)
{
    uint32_t run = chorus_steady(delay, step, V_WIDTH);
    int64_t after = delay + step * run;
    if (chorus_steady(after, step, V_WIDTH - run) < V_WIDTH - run)
        return fx_scattered(line, delay, step, k);
    struct fx_taps p = fx_taps(chorus_taps(line, delay, k)), q = fx_taps(chorus_taps(line, after, k));
    return fx_choose(vf_above(vf_set1((float)(int32_t)run), vf_load(fx_places)), &p, &q);
}

/* Of the V_WIDTH frames from K on, DELAY that of the first */
V_INLINE struct fx_taps fx_taps_at(const struct chorus_line *line, int64_t delay, int64_t step, uint32_t k)
{
    if (delay >> 32 == (delay + step * (V_WIDTH - 1)) >> 32)
        return fx_taps(chorus_taps(line, delay, k));
    return fx_passing(line, delay, step, k);
}

/* Between the second and the third tap, T from the second on */
V_INLINE vf fx_hermite(const struct fx_taps *p, vf t)
{
    const vf half = vf_set1(0.5f);
    vf slope = vf_mul(half, vf_sub(p->c, p->a));
    vf square = vf_sub(vf_add(vf_sub(p->a, vf_mul(vf_set1(2.5f), p->b)), vf_mul(vf_set1(2.0f), p->c)), vf_mul(half, p->d));
    vf cube = vf_add(vf_mul(half, vf_sub(p->d, p->a)), vf_mul(vf_set1(1.5f), vf_sub(p->b, p->c)));
    return vf_add(vf_mul(vf_add(vf_mul(vf_add(vf_mul(cube, t), square), t), slope), t), p->b);
}

/* What moves, in V_WIDTH frames of one block, and by how much to those after them */
struct fx_glide {
    vf place, feedback, feedback_step, level, level_step;
    vi fraction, fraction_step; /* of the delays: parts of a frame */
    int64_t delay, step;        /* of the first frame, and per frame */
};

/* In those from K on, as in the block that BLOCK says */
V_INLINE struct fx_glide fx_glide(const struct chorus_line *line, unsigned block, uint32_t k)
{
    const struct chorus_ramps *r = &line->ramps[block];
    const int32_t since = (int32_t)(block ? k - line->border : k); /* the block's first frame here */
    const int64_t delay = r->delay + r->step * since;
    return (struct fx_glide){.place = vf_add(vf_set1(r->place + (float)since), vf_load(fx_places)),
                             .feedback = vf_set1(r->feedback), .feedback_step = vf_set1(r->feedback_step),
                             .level = vf_set1(r->level), .level_step = vf_set1(r->level_step),
                             .fraction = vi_add(vi_set1((int32_t)(uint32_t)delay), vp_part(vp_count((uint32_t)r->step))),
                             .fraction_step = vi_set1((int32_t)((uint32_t)r->step * V_WIDTH)),
                             .delay = delay, .step = r->step};
}

V_INLINE void fx_glide_on(struct fx_glide *g)
{
    g->place = vf_add(g->place, vf_set1((float)V_WIDTH));
    g->fraction = vi_add(g->fraction, g->fraction_step);
    g->delay += g->step * V_WIDTH;
}

/* The delayed sound, and what it is multiplied by */
struct fx_wet {
    vf wet, feedback, level;
};

V_INLINE struct fx_wet fx_wet(const struct chorus_line *line, const struct fx_glide *g, uint32_t k)
{
    const vf t = vf_sub(vf_set1(1.0f), vf_mul(vf_of(vi_srl(g->fraction, 8)), vf_set1(1.0f / 16777216.0f)));
    const struct fx_taps taps = fx_taps_at(line, g->delay, g->step, k);
    return (struct fx_wet){fx_hermite(&taps, t), vf_add(g->feedback, vf_mul(g->feedback_step, g->place)),
                           vf_add(g->level, vf_mul(g->level_step, g->place))};
}

/* REST frames from K on. Returns the squares of the input. */
V_INLINE vf fx_feed(const struct chorus_line *line, const struct fx_wet *w, uint32_t k, uint32_t rest)
{
    vf x = fx_gate(fx_load_some(line->in + k, rest));
    vf_storeu(line->to + k, vf_add(x, vf_mul(w->wet, w->feedback)));
    fx_add_some(line->out + k, vf_mul(w->wet, w->level), rest);
    return vf_mul(x, x);
}

/* The frames from K up to END, all of one block */
V_INLINE vf fx_chorus(const struct chorus_line *line, unsigned block, uint32_t k, uint32_t end, vf squares)
{
    struct fx_glide g = fx_glide(line, block, k);
    for (; end - k >= V_WIDTH; k += V_WIDTH) {
        const struct fx_wet w = fx_wet(line, &g, k);
        squares = vf_add(squares, fx_feed(line, &w, k, V_WIDTH));
        fx_glide_on(&g);
    }
    if (k < end) {
        const struct fx_wet w = fx_wet(line, &g, k);
        squares = vf_add(squares, fx_feed(line, &w, k, end - k));
    }
    return squares;
}

/* REST frames from K on, where the second block begins among them */
static vf fx_crossing(const struct chorus_line *line, uint32_t k, uint32_t rest)
{
    const struct fx_glide first = fx_glide(line, 0, k), second = fx_glide(line, 1, k);
    const struct fx_wet a = fx_wet(line, &first, k), b = fx_wet(line, &second, k);
    const vf before = vf_above(vf_set1((float)(int32_t)(line->border - k)), vf_load(fx_places));
    const struct fx_wet w = {vf_keep(before, a.wet, b.wet), vf_keep(before, a.feedback, b.feedback),
                             vf_keep(before, a.level, b.level)};
    return fx_feed(line, &w, k, rest);
}

static bool V_NAME(chorus_line)(const struct chorus_line *line, uint32_t count)
{
    const bool two = line->border < count;
    uint32_t k = two ? line->border & ~(uint32_t)(V_WIDTH - 1) : count;
    vf squares = fx_chorus(line, 0, 0, k, vf_set1(0.0f));
    if (two && k < line->border) {
        squares = vf_add(squares, fx_crossing(line, k, count - k < V_WIDTH ? count - k : V_WIDTH));
        k += V_WIDTH;
    }
    if (k < count)
        squares = fx_chorus(line, 1, k, count, squares);
    return fx_sound(squares);
}

const struct effects_kernels V_NAME(effects) = {V_NAME(reverb), V_NAME(chorus_line)};

#endif
