/* SPDX-License-Identifier: MIT */
/* The measuring of the conformance set itself: its formulas against published figures, and that wrong sounds do not pass. */
#include "conformance/judge.h"
#include "conformance/probe.h"
#include "tap.h"

#include <stdlib.h>

/* Vectors of spec/dls.md 3.6, computed for other rates: the filter depends on cutoff / rate alone. */
static void test_filter(void)
{
    static const struct { double rate, cutoff, resonance, b1, b2, k; } vectors[] = {
        {44100, 1000, 0, -1.818964, 0.833991, 0.01502685},    {44100, 1000, 12, -1.952040, 0.968101, 0.00804988},
        {44100, 1000, 22.5, -1.974198, 0.990440, 0.00444773}, {44100, 4000, 0, -1.294978, 0.478731, 0.18375289},
        {44100, 4000, 12, -1.662216, 0.881572, 0.10993849},   {44100, 7350, 0, -0.754047, 0.232304, 0.47825694},
        {44100, 7350, 22.5, -1.341234, 0.937976, 0.16341280}, {22050, 1000, 12, -1.875810, 0.937574, 0.03095509}};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct probe_filter f = probe_filter(vectors[i].cutoff / vectors[i].rate * CONF_RATE, vectors[i].resonance);
        CHECK_NEAR(f.b1, vectors[i].b1, 1e-6);
        CHECK_NEAR(f.b2, vectors[i].b2, 1e-6);
        CHECK_NEAR(f.k, vectors[i].k, 1e-8);
        CHECK_NEAR(probe_filter_db(&f, 0), -vectors[i].resonance / 2, 1e-9);
    }
}

/* Table of spec/dls.md 3.7, through the inverted concave curve, with 7 and with 14 bits. */
static void test_inputs(void)
{
    static const struct { int value; double db; } law[] = {{127, 0}, {126, -0.137}, {100, -4.152}, {96, -4.861}, {64, -11.905},
                                                           {32, -23.946}, {16, -35.987}, {8, -48.029}, {1, -84.152}, {0, -96}};
    for (size_t i = 0; i < sizeof law / sizeof *law; i++) {
        CHECK_NEAR(-96 * probe_input(32 | 1, law[i].value, 128), law[i].db, 6e-4);
        CHECK_NEAR(-96 * probe_input(32 | 1, law[i].value * 128, 16384), law[i].db, 6e-4);
    }
    CHECK_NEAR(probe_input(0, 64, 128), 0.5, 1e-12);
    CHECK_NEAR(probe_input(16, 96, 128), 0.5, 1e-12);
    CHECK_NEAR(probe_input(3, 63, 128), 0, 0);
    CHECK_NEAR(probe_input(16 | 3, 63, 128), -1, 0);
    CHECK_NEAR(probe_input(16 | 1, 127, 128), 1, 1e-12);
    CHECK_NEAR(probe_input(16 | 1, 0, 128), -1, 1e-12);
}

static void test_fit(void)
{
    double values[200];
    for (int i = 0; i < 200; i++)
        values[i] = 3 - 20 * sin(6.283185307179586 * 5.1 * (0.05 + 0.005 * i - 0.013));
    struct probe_sine sine = probe_fit(values, 200, 0.05, 0.005, 5, 0.01);
    CHECK_NEAR(sine.hertz, 5.1, 1e-9);
    CHECK_NEAR(sine.depth, -20, 1e-9);
    CHECK_NEAR(sine.delay, 0.013, 1e-9);
    CHECK_NEAR(sine.centre, 3, 1e-9);
    CHECK(sine.residual < 1e-9);
    for (int i = 0; i < 200; i++)
        values[i] = sin(6.283185307179586 * 90 * 0.005 * i);
    CHECK(!(fabs(probe_fit(values, 200, 0, 0.005, 5, 0.01).depth) > 0.1));
}

/* A case that silence, or a constant, passes would measure nothing. */
static void check_wrong(float constant)
{
    for (size_t i = 0; i < conf_case_count(); i++) {
        const struct conf_case *test = conf_case_at(i);
        if (!conf_for_others(test))
            continue;
        struct conf_bytes bank, song;
        struct conf_judge judge;
        uint64_t frames;
        conf_make(test, &bank, &song, &frames);
        CHECK(bank.size > 12 && memcmp(bank.data, "RIFF", 4) == 0 && memcmp(song.data, "MThd", 4) == 0);
        float *sound = calloc((size_t)frames + 1, 2 * sizeof *sound);
        if (CHECK(sound != NULL)) {
            for (size_t f = 0; f < 2 * (size_t)frames; f++)
                sound[f] = constant;
            conf_judge_sound(&judge, test, sound, (size_t)frames);
            if (!CHECK(judge.row_count > 0 && judge.failures > 0))
                printf("#   %s: %u rows\n", test->id, judge.row_count);
            conf_judge_free(&judge);
        }
        free(sound);
        free(bank.data);
        free(song.data);
    }
}

static void test_silence(void)
{
    check_wrong(0);
}

static void test_constant(void)
{
    check_wrong(0.25f);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        RUN(test_constant);
        return tap_done();
    }
    RUN(test_filter);
    RUN(test_inputs);
    RUN(test_fit);
    RUN(test_silence);
    return tap_done();
}
