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
#include "kernels_draw.h"

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
    if (!least)
        most >>= draw(9); /* few samples for all frames, too */
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
                uint32_t count = draw(2) ? 64 : 1 + draw(64);
                count = draw_span(&span, &family[mode].level[level], round % 4 ? least : least / 3, count);
                wrong += !same_output(k, mode, &span, count);
                frames += count;
            }
        }
        printf("# %s, mode %u: %ld frames\n", k->name, mode, frames);
        CHECK_EQ(wrong, 0);
        CHECK(frames > 5000);
    }
}

/* Steps at which so many frames are just between so many samples, and those beside them: there kernels change their way. */
static void check_edges(const struct kernels *k)
{
    enum { FRAMES = 64 };
    long wrong = 0;
    for (unsigned mode = SYNTH_NEAREST; mode <= SYNTH_CUBIC; mode++)
        for (unsigned n = 0; n < 16 * 31 * 3 * 4; n++) {
            const int64_t gaps = 1 + n % 16, steps = 1 + n / 16 % 31, beside = n / 16 / 31 % 3;
            const int64_t step = gaps * ((int64_t)1 << 32) / steps + beside - 1, slope = n / 16 / 31 / 3 < 2 ? 0 : -1;
            const uint32_t phase = n / 16 / 31 / 3 % 2 ? UINT32_MAX : (uint32_t)n * 2654435761u;
            const int64_t last = phase + (FRAMES - 1) * step + (FRAMES - 1) * (FRAMES - 2) / 2 * slope;
            struct interp_span span = {.work = work, .phase = phase, .step = step, .slope = slope, .level = &family[mode].level[0]};
            span.samples = (uint32_t)(last >> 32) + span.level->taps;
            span.src = samples_end - span.samples - INTERP_SLACK;
            for (uint32_t i = 0; i < span.samples + INTERP_SLACK; i++)
                samples_end[-1 - (int)i] = draw_sample();
            wrong += !same_output(k, mode, &span, FRAMES);
        }
    CHECK_EQ(wrong, 0);
}

/* ---- lanes --------------------------------------------------------------------------- */

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
        unsigned features = round % 128;
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

static void test_same_bits(void)
{
    const struct kernels *k;
    unsigned at = 0, compared = 0;
    for (; (k = next_kernels(&at)) != NULL; compared++) {
        check_interp(k);
        check_edges(k);
        check_lanes(k);
        check_sum(k);
    }
    CHECK(compared_enough(compared));
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
    RUN(test_same_bits);
    RUN(test_reference_interp);
    RUN(test_reference_sinc);
    RUN(test_rows);
    RUN(test_reference_path);
    RUN(test_choice);
    return tap_done();
}
