/* SPDX-License-Identifier: MIT */
/*
 * Every kernel of every instruction set that this machine has against the
 * plain C one: the same bits for random input, at odd counts and places, with
 * nothing read outside what kernels may read (the pages around the samples
 * cannot be touched) and nothing written beside the output. And the C kernels
 * against their formulas in double precision.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../tap.h"
#include "synth/envelope.h"
#include "synth/fmath.h"
#include "synth/kernels.h"
#include "synth/lfo.h"

static uint64_t state = 1;
static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

static float draw_float(float low, float high)
{
    return low + (high - low) * (float)draw(1 << 24) * (1.0f / 16777216.0f);
}

enum { SAMPLES_MAX = 2304, OUT_MAX = 96 };

static struct interp_family family[5];
static int16_t *samples; /* SAMPLES_MAX + INTERP_SLACK of them, between pages without access */
static int16_t *samples_end;
static float work[SAMPLES_MAX + 64] __attribute__((aligned(64)));

static void open_samples(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (SAMPLES_MAX + INTERP_SLACK) * sizeof *samples;
    room = (room + page - 1) / page * page;
    char *block = mmap(NULL, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED || mprotect(block + page, room, PROT_READ | PROT_WRITE)) {
        printf("Bail out! no memory\n");
        exit(1);
    }
    samples = (int16_t *)(void *)(block + page);
    samples_end = (int16_t *)(void *)(block + page + room);
}

static void open_families(void)
{
    for (unsigned mode = SYNTH_NEAREST; mode <= SYNTH_SINC32; mode++) {
        size_t size = interp_table_size(mode);
        void *table = size ? aligned_alloc(64, (size + 63) / 64 * 64) : NULL;
        interp_family_init(&family[mode], mode, table);
    }
}

/* ---- interpolation ------------------------------------------------------------------ */

static int16_t draw_sample(void)
{
    static const int16_t extremes[] = {INT16_MIN, INT16_MAX, 0, -1};
    return draw(8) ? (int16_t)((int32_t)draw(65536) - 32768) : extremes[draw(4)];
}

/* A span that LEVEL is for, COUNT frames or fewer, its samples at one end of the room. Returns the number of frames. */
static uint32_t draw_span(struct interp_span *span, const struct interp_level *level, int64_t least, uint32_t count)
{
    int64_t most = level->max_step < (int64_t)40 << 32 ? level->max_step : (int64_t)40 << 32;
    span->level = level;
    span->work = work;
    span->step = least + (int64_t)((double)(most - least) * draw_float(0, 1));
    span->slope = draw(3) ? 0 : (int64_t)((double)span->step * draw_float(-0.01f, 0.01f));
    span->phase = draw(8) ? (uint32_t)(draw(1 << 16) << 16 | draw(1 << 16)) : draw(2) ? UINT32_MAX : 0;
    uint64_t place = span->phase, step = (uint64_t)span->step, last = place;
    uint32_t frames = 0;
    for (; frames < count && (place >> 32) + level->taps <= SAMPLES_MAX; frames++) {
        last = place;
        place += step;
        step += (uint64_t)span->slope;
    }
    span->samples = (uint32_t)(last >> 32) + level->taps;
    span->src = draw(2) ? samples : samples_end - span->samples - INTERP_SLACK;
    for (uint32_t i = 0; i < span->samples + INTERP_SLACK; i++)
        ((int16_t *)span->src)[i] = draw_sample();
    return frames;
}

static bool same_output(const struct kernels *k, unsigned mode, const struct interp_span *span, uint32_t count)
{
    static float want[OUT_MAX] __attribute__((aligned(64))), got[OUT_MAX] __attribute__((aligned(64)));
    uint32_t at = draw(16);
    for (int i = 0; i < OUT_MAX; i++)
        want[i] = got[i] = -77.25f;
    kernels_c.interp[mode](span, want + at, count);
    k->interp[mode](span, got + at, count);
    return memcmp(want, got, sizeof want) == 0;
}

static void check_interp(const struct kernels *k)
{
    for (unsigned mode = SYNTH_NEAREST; mode <= SYNTH_SINC32; mode++) {
        long wrong = 0, frames = 0;
        for (uint32_t level = 0; level < family[mode].count; level++) {
            int64_t least = level ? family[mode].level[level - 1].max_step : 0;
            for (int round = 0; round < 400; round++) {
                struct interp_span span;
                uint32_t count = draw_span(&span, &family[mode].level[level], round % 4 ? least : least / 3, 1 + draw(64));
                wrong += !same_output(k, mode, &span, count);
                frames += count;
            }
        }
        printf("# %s, mode %u: %ld frames\n", k->name, mode, frames);
        CHECK_EQ(wrong, 0);
        CHECK(frames > 5000);
    }
}

/* ---- lanes --------------------------------------------------------------------------- */

struct guarded_lanes {
    float before[16];
    struct lanes lanes;
    float after[16];
};

static void draw_lanes(struct lanes *l)
{
    for (unsigned n = 0; n < LANES; n++) {
        l->e[n] = draw_float(0, 1);
        l->m[n] = draw(2) ? 1.0f : draw_float(0.99f, 1);
        l->a[n] = draw(2) ? 0.0f : draw_float(0, 0.001f);
        l->left[n] = draw_float(0, 1e-4f);
        l->right[n] = draw_float(0, 1e-4f);
        l->reverb[n] = draw_float(0, 1);
        l->chorus[n] = draw_float(0, 1);
        l->left_slope[n] = draw_float(-1e-7f, 1e-7f);
        l->right_slope[n] = draw_float(-1e-7f, 1e-7f);
        l->reverb_slope[n] = draw_float(-1e-4f, 1e-4f);
        l->chorus_slope[n] = draw_float(-1e-4f, 1e-4f);
        l->b2[n] = draw_float(0, 0.95f); /* q = 1 + b1 + b2 of stable poles */
        l->q[n] = draw_float(0.001f, 0.5f);
        l->k[n] = l->q[n] * draw_float(0.3f, 1);
        l->k_slope[n] = draw_float(-1e-6f, 1e-6f);
        l->q_slope[n] = draw_float(-1e-6f, 1e-6f);
        l->b2_slope[n] = draw_float(-1e-6f, 1e-6f);
        l->y[n] = draw_float(-1000, 1000);
        l->d[n] = draw_float(-10, 10);
        l->filter[n] = draw(3) ? UINT32_MAX : 0;
    }
}

/* Of some lanes of some groups */
static void draw_paths(struct lanes_path path[LANES_GROUPS], struct lanes_paths *paths)
{
    for (unsigned g = 0; g < LANES_GROUPS; g++) {
        const bool none = draw(4) == 0;
        paths->of[g] = &path[g];
        for (unsigned n = 0; n < LANES; n++) {
            path[g].on[n] = none || draw(2) ? 0 : UINT32_MAX;
            for (unsigned i = 0; i < PATH_PARTS - 1; i++) {
                struct path_point *p = &path[g].point[i];
                p->q[n] = draw_float(0.001f, 0.5f);
                p->k[n] = p->q[n] * draw_float(0.3f, 1);
                p->b2[n] = draw_float(0, 0.95f);
                p->k_slope[n] = draw_float(-1e-3f, 1e-3f);
                p->q_slope[n] = draw_float(-1e-3f, 1e-3f);
                p->b2_slope[n] = draw_float(-1e-3f, 1e-3f);
            }
        }
    }
}

/* One to LANES_GROUPS groups and what they add to */
struct lanes_case {
    struct guarded_lanes group[LANES_GROUPS];
    struct mix mix;
    float after[16];
};

static void draw_case(struct lanes_case *c)
{
    memset(c, 0x55, sizeof *c);
    for (unsigned g = 0; g < LANES_GROUPS; g++)
        draw_lanes(&c->group[g].lanes);
    for (unsigned b = 0; b < BUS_COUNT; b++)
        for (unsigned i = 0; i < MIXER_GRID; i++)
            for (unsigned n = 0; n < LANES; n++)
                mix_lanes(&c->mix, b, i)[n] = draw_float(-1, 1);
}

static void run_case(const struct kernels *k, struct lanes_case *c, uint32_t groups, const float (*x)[MIXER_GRID], uint32_t first,
                     uint32_t count, unsigned features, const struct lanes_paths *paths)
{
    struct lanes *group[LANES_GROUPS];
    for (uint32_t g = 0; g < LANES_GROUPS; g++)
        group[g] = g < groups ? &c->group[g].lanes : NULL;
    k->lanes(group, groups, x, &c->mix, first, count, features, paths);
}

static void check_lanes(const struct kernels *k)
{
    static struct lanes_case want, got, single;
    static struct lanes_path path[LANES_GROUPS];
    static float x[LANES_GROUPS * LANES][MIXER_GRID] __attribute__((aligned(64)));
    const float(*in)[MIXER_GRID] = (const float(*)[MIXER_GRID])x;
    long wrong = 0;
    for (uint32_t round = 0; round < 8000; round++) {
        const bool whole = draw(3) == 0;
        uint32_t first = whole ? 0 : draw(MIXER_GRID), count = whole ? MIXER_GRID : 1 + draw(MIXER_GRID - first);
        uint32_t groups = 1 + draw(LANES_GROUPS);
        unsigned features = round % 64;
        const bool fast = features & LANES_FILTER && features & LANES_SWEEP && draw(2);
        struct lanes_paths drawn = {.cell_pos = draw(MIXER_GRID - first - count + 1)}, *paths = fast ? &drawn : NULL;
        draw_paths(path, &drawn);
        draw_case(&want);
        for (unsigned n = 0; n < LANES_GROUPS * LANES; n++)
            for (unsigned i = 0; i < MIXER_GRID; i++)
                x[n][i] = n < groups * LANES ? draw_float(-32768, 32768) : (float)NAN; /* nobody's */
        memcpy(&got, &want, sizeof got);
        memcpy(&single, &want, sizeof single);
        run_case(&kernels_c, &want, groups, in, first, count, features, paths);
        run_case(k, &got, groups, in, first, count, features, paths);
        for (uint32_t g = 0; g < groups; g++) { /* one after the other, and cut somewhere */
            struct lanes *alone = &single.group[g].lanes;
            struct lanes_paths his = {{&path[g]}, drawn.cell_pos};
            uint32_t cut = draw(count);
            const unsigned here = g ? features & ~LANES_FRESH : features;
            kernels_c.lanes(&alone, 1, in + g * LANES, &single.mix, first, cut, here, paths ? &his : NULL);
            kernels_c.lanes(&alone, 1, in + g * LANES, &single.mix, first + cut, count - cut, here, paths ? &his : NULL);
        }
        wrong += memcmp(&want, &got, sizeof want) != 0 || memcmp(&want, &single, sizeof want) != 0;
    }
    CHECK_EQ(wrong, 0);
}

static void check_sum(const struct kernels *k)
{
    static float rows[MIXER_GRID + 1][2][LANES] __attribute__((aligned(64)));
    long wrong = 0;
    for (int round = 0; round < 500; round++) {
        float want[2][OUT_MAX], got[2][OUT_MAX];
        uint32_t first = draw(2), count = 1 + draw(MIXER_GRID), at = draw(16);
        for (unsigned i = 0; i <= MIXER_GRID; i++)
            for (unsigned n = 0; n < 2 * LANES; n++)
                rows[i][n / LANES][n % LANES] = draw_float(-1, 1) * (draw(2) ? 1.0f : 1e-6f);
        for (int i = 0; i < OUT_MAX; i++)
            want[0][i] = got[0][i] = want[1][i] = got[1][i] = -77.25f;
        kernels_c.sum((const float(*)[2][LANES])rows + first, want[0] + at, want[1] + at, count);
        k->sum((const float(*)[2][LANES])rows + first, got[0] + at, got[1] + at, count);
        wrong += memcmp(want, got, sizeof want) != 0;
    }
    CHECK_EQ(wrong, 0);
}

/* ---- control -------------------------------------------------------------------------- */

static struct filter_table filters;

struct guarded_control {
    float before[16];
    struct control control;
    float after[16];
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

/* HELD: lanes where it has been led already */
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

static void draw_control(struct control *c)
{
    static uint32_t held[LANES];
    for (unsigned n = 0; n < LANES; n++)
        held[n] = draw(6) ? 0 : UINT32_MAX;
    draw_generators(c);
    draw_eg2(c, held);
    c->uneven = draw(2);
    c->stepped_on = c->fast = 0;
    draw_floats(c->least, 0, 1);
    c->underway = draw(2);
    for (unsigned way = 0; way < WAY_COUNT; way++) {
        draw_floats(c->wanted[way], 0, way == WAY_CUTOFF ? 14000.0f : 1.0f);
        memcpy(c->smooth[way], c->wanted[way], sizeof c->smooth[way]);
        if (c->underway && draw(2))
            draw_floats(c->smooth[way], 0, way == WAY_CUTOFF ? 14000.0f : 1.0f);
    }
    for (unsigned way = 0; way < WAY_GAINS; way++)
        draw_floats(c->next[way], 0, 1);
    draw_floats(c->sum_db, -60, 20);
    draw_floats(c->lfo_gain, 0, 1);
    c->renew = c->underway && draw(2);
    for (unsigned n = 0; n < LANES; n++) {
        c->side[0][n] = draw_float(0, 1);
        c->side[1][n] = draw_float(0, 1);
        c->power[n] = draw(8) ? (double)draw_float(-16, 2) : -1022.0;
        c->renewed[n] = c->renew && draw(2) ? UINT32_MAX : 0;
    }
    draw_floats(c->solved_cutoff, 0, 14000);
    for (unsigned i = 0; i < 3; i++)
        draw_floats(c->before[i], 0, 14000);
    for (unsigned n = 0; n < LANES; n++)
        for (unsigned i = draw(8); i < 4; i++) /* young voices */
            *(i ? &c->before[i - 1][n] : &c->solved_cutoff[n]) = -1e9f;
    for (unsigned n = 0; n < LANES; n++) {
        struct filter_resonance resonance;
        c->pitch[n] = draw(16) ? (double)draw_float(-4800, 4800) : (double)draw_float(-1e6f, 1e6f);
        c->glide[n] = draw(3) ? 0.0 : (double)draw_float(-1200, 1200);
        c->stepped[n] = draw(2) ? c->pitch[n] : -1e9;
        c->rate[n] = (double)draw_float(0.1f, 4);
        c->step_to[n] = (double)draw_float(0, 1e12f);
        c->k[n] = draw_float(0, 1);
        c->q[n] = draw_float(0, 1);
        c->b2[n] = draw_float(0, 1);
        c->resonance[n] = draw_float(-1, 25);
        c->solved_resonance[n] = draw(2) ? c->resonance[n] : 0.0f;
        filter_resonance(&resonance, c->resonance[n]);
        c->peak[n] = resonance.peak;
        c->root[n] = resonance.c;
        c->gain[n] = resonance.gain;
        c->row[n] = resonance.at;
    }
}

static struct control_rules draw_rules(void)
{
    return (struct control_rules){.cutoff_to_u = 4 * 440 / 48000.0 * exp2(-5.75), .smoothing = 0.36f, .most_db = draw_float(-10, 12),
                                  .limit_sum = draw(2), .most = draw_float(0.3f, 2), .table = &filters};
}

static void control_one(const struct kernels *k, struct control *c, struct lanes *lanes, const uint32_t *on,
                        const struct control_rules *rules, struct lanes_path *path)
{
    const struct control_job job = {c, lanes, on, path};
    k->control(&job, 1, rules);
}

static void check_control(const struct kernels *k)
{
    static struct guarded_control want, got;
    static struct guarded_lanes lanes[2];
    static struct lanes_path path[2];
    long wrong = 0;
    memset(path, 0x55, sizeof path);
    for (uint32_t round = 0; round < 20000; round++) {
        _Alignas(64) uint32_t on[LANES];
        const struct control_rules rules = draw_rules();
        memset(&want, 0x55, sizeof want);
        memset(&lanes[0], 0x55, sizeof lanes[0]);
        draw_control(&want.control);
        draw_lanes(&lanes[0].lanes);
        for (unsigned n = 0; n < LANES; n++)
            on[n] = draw(4) ? UINT32_MAX : 0;
        memcpy(&got, &want, sizeof got);
        memcpy(&lanes[1], &lanes[0], sizeof lanes[0]);
        control_one(&kernels_c, &want.control, &lanes[0].lanes, on, &rules, &path[0]);
        control_one(k, &got.control, &lanes[1].lanes, on, &rules, &path[1]);
        wrong += memcmp(&path[0], &path[1], sizeof path[0]) != 0;
        wrong += memcmp(&want, &got, sizeof want) != 0 || memcmp(&lanes[0], &lanes[1], sizeof lanes[0]) != 0;
    }
    CHECK_EQ(wrong, 0);
}

/* Groups side by side as one after the other */
static void check_control_jobs(const struct kernels *k)
{
    static struct control want[CONTROL_JOBS], got[CONTROL_JOBS];
    static struct lanes lanes[2][CONTROL_JOBS];
    static struct lanes_path path[2][CONTROL_JOBS];
    static uint32_t on[CONTROL_JOBS][LANES];
    long wrong = 0;
    for (uint32_t round = 0; round < 2000; round++) {
        const struct control_rules rules = draw_rules();
        const uint32_t count = 1 + draw(CONTROL_JOBS);
        struct control_job jobs[CONTROL_JOBS];
        for (uint32_t i = 0; i < count; i++) {
            static struct guarded_lanes drawn;
            draw_control(&want[i]);
            draw_lanes(&drawn.lanes);
            lanes[0][i] = lanes[1][i] = drawn.lanes;
            got[i] = want[i];
            for (unsigned n = 0; n < LANES; n++)
                on[i][n] = draw(4) ? UINT32_MAX : 0;
            jobs[i] = (struct control_job){&got[i], &lanes[1][i], on[i], &path[1][i]};
        }
        k->control(jobs, count, &rules);
        for (uint32_t i = 0; i < count; i++) {
            control_one(&kernels_c, &want[i], &lanes[0][i], on[i], &rules, &path[0][i]);
            wrong += memcmp(&want[i], &got[i], sizeof got[i]) != 0 || memcmp(&path[0][i], &path[1][i], sizeof path[0][i]) != 0 ||
                     memcmp(&lanes[0][i], &lanes[1][i], sizeof lanes[0][i]) != 0;
        }
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

static struct expected expect(const struct control *c, unsigned n, const struct control_rules *rules)
{
    struct expected out;
    out.eg2 = (struct eg2){EG_DECAY, c->eg2[n], c->eg2_before[n], c->eg2_span[n], c->eg2_left[n], c->eg2_slope[n], {.delay = 0}};
    if (!c->eg2_held[n])
        eg2_advance(&out.eg2, MIXER_GRID);
    float value[BY_COUNT] = {expect_lfo(c, CLOCK_LFO, n), expect_lfo(c, CLOCK_VIBRATO, n), (float)out.eg2.value};
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
    struct filter_resonance resonance;
    filter_resonance(&resonance, c->resonance[n]);
    out.filter = filter_solve(&filters, &resonance, rules->cutoff_to_u * fm_cents_to_ratio((double)fminf(out.cutoff, 40000.0f)));
    return out;
}

/* How far the points of lane N's path are at most from a cubic through the last four cutoffs, or a parabola through three, or a
 * line: by Lagrange, as a share of what they should be */
static double off_path(const struct control *c, const struct lanes_path *path, unsigned n, const struct control_rules *rules)
{
    const float known[4] = {c->solved_cutoff[n], c->before[0][n], c->before[1][n], c->before[2][n]};
    int count = known[2] < -1e8f ? 2 : known[3] < -1e8f ? 3 : 4;
    double worst = 0;
    for (unsigned i = 0; i < 3; i++) {
        const struct path_point *p = &path->point[i];
        double t = (i + 1) / 4.0, cutoff = 0;
        for (int j = 0; j < count; j++) {
            double weight = 1;
            for (int k = 0; k < count; k++)
                weight *= k == j ? 1 : (t - (1 - k)) / (k - j);
            cutoff += weight * (double)known[j];
        }
        struct filter_resonance resonance;
        filter_resonance(&resonance, c->resonance[n]);
        struct filter_coefs want =
            filter_solve(&filters, &resonance, rules->cutoff_to_u * fm_cents_to_ratio(fmin(cutoff, 40000.0)));
        worst = fmax(worst, fabs((double)(p->k[n] - want.k)) / (double)want.k);
        worst = fmax(worst, fabs((double)(p->q[n] - want.q)) / (double)want.q);
        worst = fmax(worst, fabs((double)(p->b2[n] - want.b2)));
    }
    return worst;
}

/* Each part leads to the next point, the last to the next grid point. */
static bool off_slopes(const struct control *c, const struct lanes *l, const struct lanes_path *path, unsigned n)
{
    const struct path_point *p = path->point;
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
    static struct lanes_path path;
    static struct control c, before;
    static struct lanes lanes, lanes_before;
    _Alignas(64) uint32_t on[LANES];
    long wrong[10] = {0}, seen = 0;
    for (uint32_t round = 0; round < 20000; round++) {
        const struct control_rules rules = draw_rules();
        draw_control(&before);
        before.underway = before.renew = 0;
        before.uneven = 1; /* NEXT is drawn: what it should be is to be found */
        memcpy(before.smooth, before.wanted, sizeof before.smooth);
        draw_lanes(&lanes_before);
        for (unsigned n = 0; n < LANES; n++)
            on[n] = draw(4) ? UINT32_MAX : 0;
        c = before;
        lanes = lanes_before;
        control_one(&kernels_c, &c, &lanes, on, &rules, &path);
        for (unsigned n = 0; n < LANES; n++) {
            const struct expected e = expect(&before, n, &rules);
            bool filtered = on[n] && lanes.filter[n];
            bool solved = e.cutoff != before.solved_cutoff[n] || before.resonance[n] != before.solved_resonance[n]; /* not by chance the same */
            if (!on[n]) {
                wrong[0] += c.next[WAY_LEFT][n] != before.next[WAY_LEFT][n] || c.step_to[n] != before.step_to[n] ||
                            lanes.left[n] != lanes_before.left[n] || c.phase[0][n] != before.phase[0][n] ||
                            c.solved_cutoff[n] != before.solved_cutoff[n] || lanes.k_slope[n] != lanes_before.k_slope[n];
                continue;
            }
            seen++;
            wrong[1] += c.next[WAY_LEFT][n] != e.left || lanes.left[n] != before.next[WAY_LEFT][n];
            wrong[2] += lanes.left_slope[n] != (e.left - before.next[WAY_LEFT][n]) / (float)MIXER_GRID;
            wrong[3] += c.step_to[n] != e.step && c.stepped[n] != before.stepped[n];
            wrong[6] += c.eg2[n] != e.eg2.value || c.eg2_before[n] != e.eg2.before;
            wrong[6] += c.eg2_left[n] != e.eg2.left || c.eg2_span[n] != e.eg2.span;
            wrong[6] += (c.eg2_ending >> n & 1u) != (e.eg2.left <= (double)MIXER_GRID);
            bool fast = filtered && fabsf(e.cutoff - before.solved_cutoff[n]) > FAST_CENTS && before.solved_cutoff[n] > -1e8f;
            wrong[7] += (c.fast >> n & 1u) != fast;
            wrong[8] += fast && off_path(&c, &path, n, &rules) > 1e-3;
            wrong[9] += fast && off_slopes(&c, &lanes, &path, n);
            wrong[7] += (c.stepped_on >> n & 1u) != (c.stepped[n] != before.stepped[n]);
            wrong[4] += filtered && (c.solved_cutoff[n] != e.cutoff || c.before[0][n] != before.solved_cutoff[n]);
            wrong[5] += filtered && solved && (c.k[n] != e.filter.k || c.q[n] != e.filter.q || c.b2[n] != e.filter.b2);
        }
    }
    CHECK(seen > 50000);
    for (unsigned i = 0; i < 10; i++)
        CHECK_EQ(wrong[i], 0);
}

/* Where nothing moves the gains, nor did in the cell before, they are left alone. */
static void test_reference_even(void)
{
    static struct lanes_path path;
    static struct control c, before;
    static struct lanes lanes, lanes_before;
    _Alignas(64) uint32_t on[LANES];
    const struct control_rules rules = {.cutoff_to_u = 1e-4, .smoothing = 0.25f, .most = 10.0f, .table = &filters};
    draw_control(&before);
    memset(before.depth, 0, sizeof before.depth);
    memset(before.lfo_gain, 0, sizeof before.lfo_gain);
    before.underway = before.renew = before.uneven = 0;
    draw_lanes(&lanes_before);
    memset(on, 0xFF, sizeof on);
    on[2] = 0;
    for (unsigned moved = 0; moved < 4; moved++) {
        c = before;
        lanes = lanes_before;
        c.uneven = moved == 1;
        c.lfo_gain[5] = moved == 2 ? 0.5f : 0.0f;
        c.depth[BY_EG2][ON_GAIN][2] = moved == 3 ? 6.0f : 0.0f; /* a lane that is not on */
        control_one(&kernels_c, &c, &lanes, on, &rules, &path);
        bool same = memcmp(c.next, before.next, sizeof c.next) == 0;
        same = same && memcmp(lanes.left_slope, lanes_before.left_slope, sizeof lanes.left_slope) == 0;
        CHECK_EQ(same, moved == 0 || moved == 3);
        CHECK_EQ(c.uneven != 0, moved == 2);
    }
}

/* Smoothing goes its share of the way, ends, and says when it has. */
static void test_reference_smoothing(void)
{
    static struct lanes_path path;
    static struct control c;
    static struct lanes lanes;
    _Alignas(64) uint32_t on[LANES];
    const struct control_rules rules = {.cutoff_to_u = 1e-4, .smoothing = 0.25f, .most = 10.0f, .table = &filters};
    memset(&c, 0, sizeof c);
    c.eg2_held = on;
    memset(&lanes, 0, sizeof lanes);
    memset(on, 0xFF, sizeof on);
    on[5] = 0;
    for (unsigned n = 0; n < LANES; n++)
        c.wanted[WAY_LEFT][n] = c.wanted[WAY_CHORUS][n] = 1.0f;
    c.underway = 1;
    unsigned cells = 0;
    double left = 0;
    for (; c.underway && cells < 100; cells++) {
        control_one(&kernels_c, &c, &lanes, on, &rules, &path);
        left += (1 - left) * 0.25;
        CHECK(fabs((double)c.next[WAY_LEFT][0] - left) < 2e-3 && c.next[WAY_CHORUS][7] == c.next[WAY_LEFT][0]);
    }
    CHECK(cells > 20 && cells < 32);
    CHECK(c.next[WAY_LEFT][0] == 1.0f && lanes.chorus[3] == 1.0f && lanes.chorus_slope[3] == 0.0f && lanes.left_slope[3] == 0.0f);
    CHECK(c.smooth[WAY_LEFT][5] == 0.0f && lanes.left[5] == 0.0f && lanes.left_slope[5] == 0.0f);
}

/* A new gain goes to both sides, where it is said to be. */
static void test_reference_gain(void)
{
    static struct lanes_path path;
    static struct control c;
    static struct lanes lanes;
    _Alignas(64) uint32_t on[LANES];
    const struct control_rules rules = {.cutoff_to_u = 1e-4, .smoothing = 1.0f, .most = 10.0f, .table = &filters};
    memset(&c, 0, sizeof c);
    c.eg2_held = on;
    memset(&lanes, 0, sizeof lanes);
    memset(on, 0xFF, sizeof on);
    for (unsigned n = 0; n < LANES; n++) {
        c.side[WAY_LEFT][n] = 0.75f;
        c.side[WAY_RIGHT][n] = 0.25f;
        c.power[n] = n == 3 ? -1022.0 : -(double)n;
        c.renewed[n] = n == 6 ? 0 : UINT32_MAX;
    }
    c.renew = c.underway = 1;
    control_one(&kernels_c, &c, &lanes, on, &rules, &path);
    for (unsigned n = 0; n < LANES; n++) {
        float gain = n == 3 || n == 6 ? 0.0f : ldexpf(1.0f, -(int)n) / 32768.0f;
        CHECK(c.wanted[WAY_LEFT][n] == 0.75f * gain && c.next[WAY_RIGHT][n] == 0.25f * gain && !c.renewed[n]);
    }
    CHECK_EQ(c.renew, 0);
}

/* A path is what was led from point to point by whoever called the kernel: cuts there, and new slopes. */
static void test_reference_path(void)
{
    static struct lanes_case want, got;
    static struct lanes_path path[LANES_GROUPS];
    static float x[LANES_GROUPS * LANES][MIXER_GRID] __attribute__((aligned(64)));
    const unsigned features = LANES_FILTER | LANES_SWEEP | LANES_RAMP;
    long wrong = 0, moved = 0;
    for (uint32_t round = 0; round < 500; round++) {
        struct lanes_paths paths = {.cell_pos = draw(MIXER_GRID)};
        struct lanes *a = &want.group[0].lanes, *b = &got.group[0].lanes;
        draw_paths(path, &paths);
        draw_case(&want);
        for (unsigned n = 0; n < LANES; n++)
            for (unsigned i = 0; i < MIXER_GRID; i++)
                x[n][i] = draw_float(-32768, 32768);
        memcpy(&got, &want, sizeof got);
        for (uint32_t at = paths.cell_pos; at < MIXER_GRID; at++) {
            const struct path_point *p = at % 16 ? NULL : &path[0].point[at / 16 - (at > 0)];
            for (unsigned n = 0; p && at && n < LANES; n++) {
                float *const to[] = {a->k, a->k_slope, a->q, a->q_slope, a->b2, a->b2_slope};
                const float *const from[] = {p->k, p->k_slope, p->q, p->q_slope, p->b2, p->b2_slope};
                for (unsigned i = 0; path[0].on[n] && i < 6; i++)
                    to[i][n] = from[i][n];
                moved += path[0].on[n] != 0;
            }
            kernels_c.lanes(&a, 1, (const float(*)[MIXER_GRID])x, &want.mix, at - paths.cell_pos, 1, features, NULL);
        }
        kernels_c.lanes(&b, 1, (const float(*)[MIXER_GRID])x, &got.mix, 0, MIXER_GRID - paths.cell_pos, features, &paths);
        wrong += memcmp(&want, &got, sizeof want) != 0;
    }
    CHECK(moved > 1000);
    CHECK_EQ(wrong, 0);
}

static void test_same_bits(void)
{
    const struct kernels *k;
    unsigned compared = 0;
    for (unsigned i = 0; (k = kernels_at(i)) != NULL; i++) {
        if (k == &kernels_c || k->cpu & ~cpu_features()) {
            printf("# %s: %s\n", k->name, k == &kernels_c ? "the reference" : "not on this machine");
            continue;
        }
        check_interp(k);
        check_lanes(k);
        check_sum(k);
        check_control(k);
        check_control_jobs(k);
        compared++;
    }
    printf("# %u instruction sets compared with C\n", compared);
#ifdef __x86_64__
    CHECK(compared > 0); /* SSE2 at least */
#else
    CHECK(compared > 0 || !cpu_features());
#endif
}

/* ---- the reference itself --------------------------------------------------------------- */

static double tap(const struct interp_span *span, double at, int offset)
{
    return span->src[(int)floor(at) + offset];
}

static void test_reference_interp(void)
{
    double worst[5] = {0};
    for (unsigned mode = SYNTH_NEAREST; mode <= SYNTH_CUBIC; mode++)
        for (int round = 0; round < 300; round++) {
            struct interp_span span;
            float out[64];
            uint32_t count = draw_span(&span, &family[mode].level[0], 0, 64);
            kernels_c.interp[mode](&span, out, count);
            for (uint32_t i = 0; i < count; i++) {
                double at = (double)span.phase / 4294967296.0 + i * ((double)span.step / 4294967296.0) +
                            i * (i - 1.0) / 2 * ((double)span.slope / 4294967296.0);
                double f = at - floor(at), want = tap(&span, at, 0);
                if (fabs(f - 0.5) > 0.4999 && mode != SYNTH_LINEAR)
                    continue; /* rounding may put the place on the other side of a sample */
                if (mode == SYNTH_LINEAR)
                    want = tap(&span, at, 0) * (1 - f) + tap(&span, at, 1) * f;
                else if (mode == SYNTH_CUBIC)
                    want = tap(&span, at, 0) * (f * (-0.5 + f * (1 - 0.5 * f))) + tap(&span, at, 1) * (1 + f * f * (1.5 * f - 2.5)) +
                           tap(&span, at, 2) * (f * (0.5 + f * (2 - 1.5 * f))) + tap(&span, at, 3) * (f * f * (0.5 * f - 0.5));
                worst[mode] = fmax(worst[mode], fabs((double)out[i] - want));
            }
        }
    CHECK(worst[SYNTH_NEAREST] == 0);
    CHECK(worst[SYNTH_LINEAR] < 0.01);
    CHECK(worst[SYNTH_CUBIC] < 0.03);
}

static void test_reference_sinc(void)
{
    double worst = 0;
    for (unsigned mode = SYNTH_SINC16; mode <= SYNTH_SINC32; mode++)
        for (uint32_t level = 0; level < family[mode].count; level++) {
            struct interp_span span;
            float out[16];
            const struct interp_level *l = &family[mode].level[level];
            uint32_t count = draw_span(&span, l, level ? l[-1].max_step : 0, 16);
            kernels_c.interp[mode](&span, out, count);
            uint64_t phase = span.phase, step = (uint64_t)span.step;
            for (uint32_t i = 0; i < count; i++, phase += step, step += (uint64_t)span.slope) {
                uint32_t r = (uint32_t)phase >> (32 - l->row_bits);
                double f = (double)((uint32_t)phase << l->row_bits >> 8) / 16777216.0, sum = 0;
                for (uint32_t j = 0; j < l->taps; j++) {
                    const float *row = l->rows + (size_t)r * 2 * l->taps;
                    sum += ((double)row[j] + f * (double)row[j + l->taps]) * span.src[(phase >> 32) + j];
                }
                worst = fmax(worst, fabs((double)out[i] - sum));
            }
        }
    printf("# largest error %.4f of the 16-bit step\n", worst);
    CHECK(worst < 0.1);
}

/* Differences are to the row that follows, at the end to the first row one sample later. */
static void test_rows(void)
{
    for (unsigned mode = SYNTH_SINC16; mode <= SYNTH_SINC32; mode++)
        for (uint32_t level = 0; level < family[mode].count; level++) {
            const struct interp_level *l = &family[mode].level[level];
            uint32_t rows = 1u << l->row_bits, wrong = 0;
            double last = 0;
            for (uint32_t r = 0; r < rows; r++)
                for (uint32_t j = 0; j < l->taps; j++) {
                    const float *row = l->rows + (size_t)r * 2 * l->taps, *next = row + 2 * l->taps;
                    if (r + 1 < rows)
                        wrong += row[j + l->taps] != next[j] - row[j];
                    else if (j)
                        last = fmax(last, fabs((double)(row[j] + row[j + l->taps] - l->rows[j - 1])));
                }
            CHECK_EQ(wrong, 0);
            CHECK(last < 1e-5);
            CHECK_EQ((uintptr_t)l->rows % 64, 0);
        }
}

/* ---- choice ------------------------------------------------------------------------------ */

static void test_choice(void)
{
    CHECK(kernels_for(0) == &kernels_c);
    CHECK(kernels_for(UINT32_MAX) == kernels_at(0));
    const struct kernels *k;
    for (unsigned i = 0; (k = kernels_at(i)) != NULL; i++) {
        uint32_t level;
        CHECK(cpu_level_by_name(k->name, &level) && level == k->cpu);
        CHECK(kernels_for(k->cpu) == k);
        for (uint32_t without = 1; without; without <<= 1)
            CHECK(!(k->cpu & without) || kernels_for(k->cpu & ~without) != k);
    }
}

int main(void)
{
    open_samples();
    open_families();
    filter_table_init(&filters);
    RUN(test_same_bits);
    RUN(test_reference_interp);
    RUN(test_reference_sinc);
    RUN(test_rows);
    RUN(test_reference_path);
    RUN(test_reference_control);
    RUN(test_reference_even);
    RUN(test_reference_smoothing);
    RUN(test_reference_gain);
    RUN(test_choice);
    return tap_done();
}
