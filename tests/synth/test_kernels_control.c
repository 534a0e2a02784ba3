/* SPDX-License-Identifier: MIT */
/*
 * The control kernels of every instruction set that this machine has against
 * the plain C ones: the same bits for random input. And the C kernels against
 * the parts of the engine that know one voice.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../tap.h"
#include "kernels_draw.h"
#include "synth/envelope.h"
#include "synth/fmath.h"
#include "synth/lfo.h"

static struct filter_table filters;

/* A group, and what its control kernel is given and writes, with room between that none may touch */
struct cell {
    float before[16];
    struct control control;
    float between[16];
    struct lanes lanes;
    float after[16];
    struct lanes_path path;
    _Alignas(64) uint32_t on[LANES];
};

static void draw_floats(float *values, float low, float high)
{
    for (unsigned n = 0; n < LANES; n++)
        values[n] = draw(6) ? draw_float(low, high) : 0.0f;
}

static void draw_generators(struct control *c)
{
    for (unsigned clock = 0; clock < CLOCK_COUNT; clock++) {
        c->running[clock] = draw(4) ? (1u << LANES) - 1 : 0; /* where none runs, all stand at nothing */
        for (unsigned n = 0; n < LANES; n++) {
            c->wait[clock][n] = c->running[clock] && !draw(3) ? (double)draw_float(0, 100) : 0.0;
            c->phase[clock][n] = c->running[clock] && c->wait[clock][n] == 0.0 ? (uint64_t)draw(1u << 31) << 33 : 0;
            c->turn[clock][n] = c->running[clock] ? (uint64_t)draw(1u << 31) << draw(23) : 0;
        }
    }
    for (unsigned by = 0; by < BY_COUNT; by++) {
        draw_floats(c->depth[by][ON_GAIN], -20, 20);
        draw_floats(c->depth[by][ON_PITCH], -1200, 1200);
        draw_floats(c->depth[by][ON_CUTOFF], -6000, 6000);
    }
}

/* HELD: lanes where it has been led already; NULL: no lane has it */
static void draw_eg2(struct control *c, const uint32_t *held)
{
    c->eg2_held = held;
    c->eg2_ending = c->eg2_moving = 0;
    for (unsigned n = 0; n < LANES; n++) {
        c->eg2[n] = (double)draw_float(0, 1);
        c->eg2_before[n] = (double)draw_float(0, 1);
        c->eg2_slope[n] = draw(3) ? (double)draw_float(-1e-3f, 1e-3f) : 0.0;
        c->eg2_left[n] = draw(8) ? (double)draw_float(64.5f, 400) : 1e18;
        c->eg2_span[n] = draw(65);
    }
}

static void draw_gains(struct control *c)
{
    c->uneven = draw(2);
    c->underway = draw(UNDERWAY_ALL + 1);
    c->renewed = c->underway & UNDERWAY_SIDES ? draw(1u << LANES) : 0;
    c->swept = draw(2);
    draw_floats(c->master_db, -20, 10);
    draw_floats(c->volume_db, -20, 10);
    for (unsigned way = 0; way < WAY_COUNT; way++) {
        const float most = way == WAY_CUTOFF ? 14000.0f : 1.0f;
        draw_floats(c->wanted[way], 0, most);
        memcpy(c->smooth[way], c->wanted[way], sizeof c->smooth[way]);
        if (c->underway & (way <= WAY_RIGHT ? UNDERWAY_SIDES : UNDERWAY_REST) && draw(2))
            draw_floats(c->smooth[way], 0, most);
    }
    for (unsigned way = 0; way < WAY_GAINS; way++)
        draw_floats(c->next[way], 0, 1);
    draw_floats(c->least, 0, 1);
    draw_floats(c->sum_db, -60, 20);
    draw_floats(c->lfo_gain, 0, 1);
    draw_floats(c->side[0], 0, 1);
    draw_floats(c->side[1], 0, 1);
    for (unsigned n = 0; n < LANES; n++) {
        if (draw(8) == 0)
            *(draw(2) ? &c->sum_db[n] : &c->master_db[n]) = MASTER_SILENT_DB - (float)draw(2);
    }
}

static void draw_pitch(struct control *c)
{
    for (unsigned n = 0; n < LANES; n++) {
        c->pitch[n] = draw(16) ? (double)draw_float(-4800, 4800) : (double)draw_float(-1e6f, 1e6f);
        c->glide[n] = draw(3) ? 0.0 : (double)draw_float(-1200, 1200);
        c->stepped[n] = draw(2) ? c->pitch[n] : -1e9;
        c->rate[n] = (double)draw_float(0.1f, 4);
        c->step_to[n] = (double)draw_float(0, 1e12f);
    }
}

static void draw_filter(struct control *c)
{
    draw_floats(c->k, 0, 1);
    draw_floats(c->q, 0, 1);
    draw_floats(c->b2, 0, 1);
    draw_floats(c->solved_cutoff, 0, 14000);
    for (unsigned i = 0; i < 3; i++)
        draw_floats(c->before[i], 0, 14000);
    for (unsigned n = 0; n < LANES; n++) {
        struct filter_resonance resonance;
        for (unsigned i = draw(8); i < 4; i++) /* young voices */
            *(i ? &c->before[i - 1][n] : &c->solved_cutoff[n]) = -1e9f;
        c->resonance[n] = draw_float(-1, 25);
        c->solved_resonance[n] = draw(2) ? c->resonance[n] : 0.0f;
        filter_resonance(&resonance, c->resonance[n]);
        c->peak[n] = resonance.peak;
        c->root[n] = resonance.c;
        c->gain[n] = resonance.gain;
        c->row[n] = resonance.at;
    }
}

static void draw_control(struct control *c)
{
    static uint32_t held[LANES];
    uint32_t any = 0;
    for (unsigned n = 0; n < LANES; n++)
        any |= held[n] = draw(6) ? 0 : UINT32_MAX;
    draw_generators(c);
    draw_eg2(c, any || draw(2) ? held : NULL);
    draw_gains(c);
    draw_pitch(c);
    draw_filter(c);
    c->stepped_on = c->fast = 0;
}

static void draw_cell(struct cell *cell)
{
    memset(cell, 0x55, sizeof *cell);
    draw_control(&cell->control);
    draw_lanes(&cell->lanes);
    for (unsigned n = 0; n < LANES; n++)
        cell->on[n] = draw(4) ? UINT32_MAX : 0;
}

static struct control_rules draw_rules(void)
{
    return (struct control_rules){.cutoff_to_u = 4 * 440 / 48000.0 * exp2(-5.75), .smoothing = 0.36f,
                                  .most_db = draw_float(-10, 12), .limit_sum = draw(2), .silence_db = -96,
                                  .most = draw_float(0.3f, 2), .table = &filters};
}

static struct control_job job_of(struct cell *cell)
{
    return (struct control_job){&cell->control, &cell->lanes, cell->on, &cell->path};
}

static void control_one(const struct kernels *k, struct cell *cell, const struct control_rules *rules)
{
    const struct control_job job = job_of(cell);
    k->control(&job, 1, rules);
}

static void check_control(const struct kernels *k)
{
    static struct cell want, got;
    long wrong = 0;
    for (uint32_t round = 0; round < 20000; round++) {
        const struct control_rules rules = draw_rules();
        draw_cell(&want);
        memcpy(&got, &want, sizeof got);
        control_one(&kernels_c, &want, &rules);
        control_one(k, &got, &rules);
        wrong += memcmp(&want, &got, sizeof want) != 0;
    }
    CHECK_EQ(wrong, 0);
}

/* Groups side by side as one after the other */
static void check_control_jobs(const struct kernels *k)
{
    static struct cell want[CONTROL_JOBS], got[CONTROL_JOBS];
    long wrong = 0;
    for (uint32_t round = 0; round < 2000; round++) {
        const struct control_rules rules = draw_rules();
        const uint32_t count = 1 + draw(CONTROL_JOBS);
        struct control_job jobs[CONTROL_JOBS];
        for (uint32_t i = 0; i < count; i++) {
            draw_cell(&want[i]);
            memcpy(&got[i], &want[i], sizeof got[i]);
            jobs[i] = job_of(&got[i]);
        }
        k->control(jobs, count, &rules);
        for (uint32_t i = 0; i < count; i++)
            control_one(&kernels_c, &want[i], &rules);
        wrong += memcmp(want, got, sizeof want) != 0;
    }
    CHECK_EQ(wrong, 0);
}

struct look {
    struct lanes lanes;
    double level[LANES], factor[LANES], add[LANES];
    float came[LANES];
};

static uint32_t look_one(const struct kernels *k, const struct control *c, struct look *look)
{
    return k->look(c, &look->lanes, look->level, look->factor, look->add, look->came);
}

static void draw_look(struct control *c, struct look *look)
{
    static const float tiny[] = {0.0f, -0.0f, 1e-40f, -1e-40f, 0.99e-15f, -1.01e-15f};
    draw_control(c);
    draw_lanes(&look->lanes);
    for (unsigned n = 0; n < LANES; n++) {
        const float low = draw(2) ? 1e-9f : 1.0f; /* of gains per unit of 16 bits */
        c->next[WAY_LEFT][n] = draw_float(0, 1) * low;
        c->next[WAY_RIGHT][n] = draw_float(0, 1) * low;
        c->least[n] = draw_float(0, 1e-4f);
        look->level[n] = (double)draw_float(0, 1);
        look->factor[n] = (double)draw_float(0.5f, 1);
        look->add[n] = (double)draw_float(0, 0.1f);
        if (draw(2)) {
            look->lanes.y[n] = tiny[draw(6)];
            look->lanes.d[n] = tiny[draw(6)];
        }
    }
}

/* Of plain C against the rules, and of K against plain C */
static void check_look(const struct kernels *k)
{
    static struct control c;
    static struct look before, want, got;
    long wrong = 0, quiet_lanes = 0;
    for (uint32_t round = 0; round < 5000; round++) {
        draw_look(&c, &before);
        want = got = before;
        const uint32_t quiet = look_one(&kernels_c, &c, &want);
        for (unsigned n = 0; n < LANES; n++) {
            const float e = before.lanes.e[n], y = before.lanes.y[n], d = before.lanes.d[n];
            const float loud = fmaxf(fmaxf(c.next[WAY_LEFT][n], c.next[WAY_RIGHT][n]) * 32768.0f, c.least[n]);
            wrong += want.lanes.e[n] != (float)before.level[n] || want.came[n] != e;
            wrong += want.level[n] != before.level[n] * before.factor[n] + before.add[n];
            wrong += (quiet >> n & 1u) != (e * loud < INAUDIBLE);
            wrong += want.lanes.y[n] != (fabsf(y) < 1e-15f ? 0.0f : y) || want.lanes.d[n] != (fabsf(d) < 1e-15f ? 0.0f : d);
            quiet_lanes += quiet >> n & 1u;
        }
        wrong += look_one(k, &c, &got) != quiet || memcmp(&want, &got, sizeof got) != 0;
    }
    CHECK_EQ(wrong, 0);
    CHECK(quiet_lanes > 1000);
}

static void check_needs(const struct kernels *k)
{
    static struct lanes l;
    static const float values[] = {1e-30f, -1e-30f, 0.5f, -0.0f};
    static const struct field {
        float *of;
        unsigned moving, rising; /* what is needed where it is not zero, and where it is above */
    } fields[] = {
        {l.left_slope, LANES_RAMP, 0}, {l.reverb_slope, LANES_RAMP_SENDS, LANES_REVERB}, {l.reverb, 0, LANES_REVERB},
        {l.right_slope, LANES_RAMP, 0}, {l.chorus_slope, LANES_RAMP_SENDS, LANES_CHORUS}, {l.chorus, 0, LANES_CHORUS},
        {l.k_slope, LANES_SWEEP, 0}, {l.q_slope, LANES_SWEEP, 0}, {l.b2_slope, LANES_SWEEP, 0},
        {l.k, 0, 0}, {l.e, 0, 0}, {l.left, 0, 0}, {l.m, 0, 0},
    }, *const end = fields + sizeof fields / sizeof *fields;
    long wrong = 0;
    for (uint32_t round = 0; round < 5000; round++) {
        unsigned want = 0;
        memset(&l, 0, sizeof l);
        for (unsigned i = draw(3); i; i--) { /* some lane's */
            const struct field *f = &fields[draw((uint32_t)(end - fields))];
            const float value = values[draw(4)];
            f->of[draw(LANES)] = f->moving ? value : fabsf(value); /* only slopes fall */
        }
        for (const struct field *f = fields; f < end; f++)
            for (unsigned n = 0; n < LANES; n++)
                want |= (f->of[n] != 0.0f ? f->moving : 0u) | (f->of[n] > 0.0f ? f->rising : 0u);
        wrong += kernels_c.needs(&l) != want || k->needs(&l) != want;
    }
    CHECK_EQ(wrong, 0);
}

/* What the parts of the engine that know one voice find from the same state */
struct expected {
    float left, cutoff;
    struct eg2 eg2;
    double step;
    struct filter_coefs filter;
};

static float expect_lfo(const struct control *c, unsigned clock, unsigned n)
{
    struct lfo lfo = {c->phase[clock][n], c->turn[clock][n], c->wait[clock][n]};
    return lfo_advance(&lfo, MIXER_GRID);
}

static struct filter_coefs expect_filter(const struct control *c, unsigned n, double cutoff, const struct control_rules *rules)
{
    struct filter_resonance resonance;
    filter_resonance(&resonance, c->resonance[n]);
    return filter_solve(&filters, &resonance, rules->cutoff_to_u * fm_cents_to_ratio(fmin(cutoff, 40000.0)));
}

static struct expected expect(const struct control *c, unsigned n, const struct control_rules *rules)
{
    struct expected out;
    out.eg2 = (struct eg2){EG_DECAY, c->eg2[n], c->eg2_before[n], c->eg2_span[n], c->eg2_left[n], c->eg2_slope[n], {.delay = 0}};
    if (c->eg2_held && !c->eg2_held[n])
        eg2_advance(&out.eg2, MIXER_GRID);
    const float eg2 = c->eg2_held ? (float)out.eg2.value : 0.0f;
    float value[BY_COUNT] = {expect_lfo(c, CLOCK_LFO, n), expect_lfo(c, CLOCK_VIBRATO, n), eg2};
    float live[ON_COUNT] = {0};
    for (unsigned by = 0; by < BY_COUNT; by++)
        for (unsigned d = 0; d < ON_COUNT; d++)
            live[d] += c->depth[by][d][n] * value[by];
    double cents = c->pitch[n] + c->glide[n] + (double)live[ON_PITCH];
    cents = fmin(fmax(cents, -14400.0), 14400.0);
    out.step = fm_cents_to_ratio(cents) * c->rate[n] * 4294967296.0;
    float sum = c->sum_db[n], most = rules->most_db, db = live[ON_GAIN];
    if (rules->limit_sum)
        db = fminf(sum + db, most) - fminf(sum, most);
    float factor = (1.0f - c->lfo_gain[n] * (0.5f - 0.5f * value[BY_LFO])) * (float)fm_db_to_gain((double)db);
    out.left = fminf(c->smooth[WAY_LEFT][n] * factor, rules->most);
    out.cutoff = c->smooth[WAY_CUTOFF][n] + live[ON_CUTOFF];
    out.filter = expect_filter(c, n, (double)out.cutoff, rules);
    return out;
}

/* How far the points of lane N's path are at most from a cubic through the last four cutoffs, or a parabola through three, or a
 * line: by Lagrange, as a share of what they should be */
static double off_path(const struct cell *cell, unsigned n, const struct control_rules *rules)
{
    const struct control *c = &cell->control;
    const float known[4] = {c->solved_cutoff[n], c->before[0][n], c->before[1][n], c->before[2][n]};
    int count = known[2] < -1e8f ? 2 : known[3] < -1e8f ? 3 : 4;
    double worst = 0;
    for (unsigned i = 0; i < 3; i++) {
        const struct path_point *p = &cell->path.point[i];
        double t = (i + 1) / 4.0, cutoff = 0;
        for (int j = 0; j < count; j++) {
            double weight = 1;
            for (int k = 0; k < count; k++)
                weight *= k == j ? 1 : (t - (1 - k)) / (k - j);
            cutoff += weight * (double)known[j];
        }
        const struct filter_coefs want = expect_filter(c, n, cutoff, rules);
        worst = fmax(worst, fabs((double)(p->k[n] - want.k)) / (double)want.k);
        worst = fmax(worst, fabs((double)(p->q[n] - want.q)) / (double)want.q);
        worst = fmax(worst, fabs((double)(p->b2[n] - want.b2)));
    }
    return worst;
}

/* Each part leads to the next point, the last to the next grid point. */
static bool off_slopes(const struct cell *cell, unsigned n)
{
    const struct control *c = &cell->control;
    const struct lanes *l = &cell->lanes;
    const struct path_point *p = cell->path.point;
    bool off = l->k_slope[n] != (p[0].k[n] - l->k[n]) / 16 || l->q_slope[n] != (p[0].q[n] - l->q[n]) / 16 ||
               l->b2_slope[n] != (p[0].b2[n] - l->b2[n]) / 16;
    for (unsigned i = 0; i < 3; i++) {
        float k = i < 2 ? p[i + 1].k[n] : c->k[n], q = i < 2 ? p[i + 1].q[n] : c->q[n], b2 = i < 2 ? p[i + 1].b2[n] : c->b2[n];
        off |= p[i].k_slope[n] != (k - p[i].k[n]) / 16 || p[i].q_slope[n] != (q - p[i].q[n]) / 16 ||
               p[i].b2_slope[n] != (b2 - p[i].b2[n]) / 16;
    }
    return off;
}

static void test_reference_control(void)
{
    static struct cell old, new;
    const struct control *before = &old.control, *c = &new.control;
    const struct lanes *lanes = &new.lanes;
    long wrong[10] = {0}, seen = 0, without = 0; /* rounds without EG2 */
    for (uint32_t round = 0; round < 20000; round++) {
        const struct control_rules rules = draw_rules();
        draw_cell(&old);
        old.control.underway = old.control.renewed = 0;
        old.control.uneven = old.control.swept = 1; /* NEXT is drawn: what it should be is to be found */
        memcpy(old.control.smooth, old.control.wanted, sizeof old.control.smooth);
        memcpy(&new, &old, sizeof new);
        control_one(&kernels_c, &new, &rules);
        without += !before->eg2_held;
        for (unsigned n = 0; n < LANES; n++) {
            const struct expected e = expect(before, n, &rules);
            bool filtered = new.on[n] && lanes->filter[n];
            bool solved = e.cutoff != before->solved_cutoff[n] || before->resonance[n] != before->solved_resonance[n];
            if (!new.on[n]) {
                wrong[0] += c->next[WAY_LEFT][n] != before->next[WAY_LEFT][n] || c->step_to[n] != before->step_to[n] ||
                            lanes->left[n] != old.lanes.left[n] || c->phase[0][n] != before->phase[0][n] ||
                            c->solved_cutoff[n] != before->solved_cutoff[n] || lanes->k_slope[n] != old.lanes.k_slope[n];
                continue;
            }
            seen++;
            wrong[1] += c->next[WAY_LEFT][n] != e.left || lanes->left[n] != before->next[WAY_LEFT][n];
            wrong[2] += lanes->left_slope[n] != (e.left - before->next[WAY_LEFT][n]) / (float)MIXER_GRID;
            wrong[3] += c->step_to[n] != e.step && c->stepped[n] != before->stepped[n];
            wrong[6] += c->eg2[n] != e.eg2.value || c->eg2_before[n] != e.eg2.before;
            wrong[6] += c->eg2_left[n] != e.eg2.left || c->eg2_span[n] != e.eg2.span;
            wrong[6] += (c->eg2_ending >> n & 1u) != (e.eg2.left <= (double)MIXER_GRID);
            bool fast = filtered && fabsf(e.cutoff - before->solved_cutoff[n]) > FAST_CENTS && before->solved_cutoff[n] > -1e8f;
            wrong[7] += (c->fast >> n & 1u) != fast;
            wrong[8] += fast && off_path(&new, n, &rules) > 1e-3;
            wrong[9] += fast && off_slopes(&new, n);
            wrong[7] += (c->stepped_on >> n & 1u) != (c->stepped[n] != before->stepped[n]);
            wrong[4] += filtered && (c->solved_cutoff[n] != e.cutoff || c->before[0][n] != before->solved_cutoff[n]);
            wrong[5] += filtered && solved && (c->k[n] != e.filter.k || c->q[n] != e.filter.q || c->b2[n] != e.filter.b2);
        }
    }
    CHECK(seen > 50000 && without > 1000);
    for (unsigned i = 0; i < 10; i++)
        CHECK_EQ(wrong[i], 0);
}

/* Without ceilings that a test would meet */
static struct control_rules plain_rules(float smoothing)
{
    return (struct control_rules){.cutoff_to_u = 1e-4, .smoothing = smoothing, .most = 10.0f, .table = &filters};
}

/* All lanes on, and nothing moves. */
static void still_cell(struct cell *cell)
{
    memset(cell, 0, sizeof *cell);
    memset(cell->on, 0xFF, sizeof cell->on);
    cell->control.eg2_held = cell->on;
}

/* Where nothing moves the gains, nor did in the cell before, they are left alone. */
static void test_reference_even(void)
{
    static struct cell before, cell;
    const struct control_rules rules = plain_rules(0.25f);
    draw_cell(&before);
    memset(before.control.depth, 0, sizeof before.control.depth);
    memset(before.control.lfo_gain, 0, sizeof before.control.lfo_gain);
    before.control.underway = before.control.renewed = before.control.uneven = 0;
    memset(before.on, 0xFF, sizeof before.on);
    before.on[2] = 0;
    for (unsigned moved = 0; moved < 4; moved++) {
        memcpy(&cell, &before, sizeof cell);
        cell.control.uneven = moved == 1;
        cell.control.lfo_gain[5] = moved == 2 ? 0.5f : 0.0f;
        cell.control.depth[BY_EG2][ON_GAIN][2] = moved == 3 ? 6.0f : 0.0f; /* a lane that is not on */
        control_one(&kernels_c, &cell, &rules);
        bool same = memcmp(cell.control.next, before.control.next, sizeof cell.control.next) == 0;
        same = same && memcmp(cell.lanes.left_slope, before.lanes.left_slope, sizeof cell.lanes.left_slope) == 0;
        CHECK_EQ(same, moved == 0 || moved == 3);
        CHECK_EQ(cell.control.uneven != 0, moved == 2);
    }
}

/* Smoothing goes its share of the way, ends, and says when it has. */
static void test_reference_smoothing(void)
{
    static struct cell cell;
    struct control *c = &cell.control;
    const struct lanes *lanes = &cell.lanes;
    const struct control_rules rules = plain_rules(0.25f);
    still_cell(&cell);
    cell.on[5] = 0;
    for (unsigned n = 0; n < LANES; n++)
        c->wanted[WAY_LEFT][n] = c->wanted[WAY_CHORUS][n] = 1.0f;
    c->underway = UNDERWAY_ALL;
    unsigned cells = 0;
    double left = 0;
    for (; c->underway && cells < 100; cells++) {
        control_one(&kernels_c, &cell, &rules);
        left += (1 - left) * 0.25;
        CHECK(fabs((double)c->next[WAY_LEFT][0] - left) < 2e-3 && c->next[WAY_CHORUS][7] == c->next[WAY_LEFT][0]);
    }
    CHECK(cells > 20 && cells < 32);
    CHECK(c->next[WAY_LEFT][0] == 1.0f && lanes->chorus[3] == 1.0f);
    CHECK(lanes->chorus_slope[3] == 0.0f && lanes->left_slope[3] == 0.0f);
    CHECK(c->smooth[WAY_LEFT][5] == 0.0f && lanes->left[5] == 0.0f && lanes->left_slope[5] == 0.0f);
}

/* A new gain goes to both sides, where it is said to be. */
static void test_reference_gain(void)
{
    static struct cell cell;
    struct control *c = &cell.control;
    struct control_rules rules = plain_rules(1.0f);
    rules.most_db = -3;
    rules.limit_sum = 1;
    rules.silence_db = -96;
    still_cell(&cell);
    for (unsigned n = 0; n < LANES; n++) {
        c->side[WAY_LEFT][n] = 0.75f;
        c->side[WAY_RIGHT][n] = 0.25f;
        c->sum_db[n] = n == 3 ? -96.0f : n == 5 ? 0.0f : -6.0f;
        c->master_db[n] = n == 4 ? -96.0f : -1.5f;
        c->volume_db[n] = 2.5f - (float)n;
    }
    c->renewed = 0xFF & ~(1u << 6);
    c->underway = UNDERWAY_SIDES;
    control_one(&kernels_c, &cell, &rules);
    for (unsigned n = 0; n < LANES; n++) {
        float db = (n == 5 ? -3.0f : -6.0f) + 1.0f - (float)n; /* 5: at the ceiling */
        float gain = n == 3 || n == 4 || n == 6 ? 0.0f : (float)fm_db_to_gain((double)db) / 32768.0f;
        CHECK(c->wanted[WAY_LEFT][n] == 0.75f * gain && c->next[WAY_RIGHT][n] == 0.25f * gain);
    }
    CHECK_EQ(c->renewed, 0);
}

static void test_same_bits(void)
{
    const struct kernels *k;
    unsigned at = 0, compared = 0;
    for (; (k = next_kernels(&at)) != NULL; compared++) {
        check_control(k);
        check_control_jobs(k);
        check_look(k);
        check_needs(k);
    }
    CHECK(compared_enough(compared));
}

int main(void)
{
    filter_table_init(&filters);
    RUN(test_same_bits);
    RUN(test_reference_control);
    RUN(test_reference_even);
    RUN(test_reference_smoothing);
    RUN(test_reference_gain);
    return tap_done();
}
