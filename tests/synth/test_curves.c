/* SPDX-License-Identifier: MIT */
/* The curves of DLS 2.2 section 1.6.5 at all 14-bit values, of which the 7-bit ones come out of a table; and the fade's. */
#include <math.h>

#include "synth/connection.h"
#include "synth/fade_table.h"
#include "synth/fmath.h"
#include "../tap.h"

#define TOP 16256.0

static double concave(double x) { return x > (1.0 - 0.0039810717) * TOP ? 1.0 : -5.0 / 12.0 * log10(1.0 - x / TOP); }
static double convex(double x) { return x < 0.0039810717 * TOP ? 0.0 : 1.0 + 5.0 / 12.0 * log10(x / TOP); }

static void test_all_values(void)
{
    double worst = 0.0;
    for (int i = 0; i < 16384; i++) {
        double x = i, down = TOP - x > 0.0 ? TOP - x : 0.0, two = 2.0 * x - TOP, size = fabs(two);
        struct {
            uint8_t input;
            double want;
        } cases[] = {
            {CURVE_CONCAVE, concave(x)},
            {CURVE_CONVEX, convex(x)},
            {CURVE_CONCAVE | INPUT_INVERT, concave(down)},
            {CURVE_CONVEX | INPUT_INVERT, convex(down)},
            {CURVE_CONCAVE | INPUT_BIPOLAR, two < 0 ? -concave(size) : concave(size)},
            {CURVE_CONVEX | INPUT_BIPOLAR, two < 0 ? -convex(size) : convex(size)},
        };
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
            double off = fabs((double)input_value(cases[k].input, (float)x, 16256.0f) - cases[k].want);
            worst = off > worst ? off : worst;
        }
    }
    printf("# largest difference from the formulas: %g\n", worst);
    CHECK(worst < 3e-7); /* single precision; the last steps of concave are steep */
}

/* A 7-bit value must not stand out among its neighbours. */
static void test_no_steps(void)
{
    bool rising = true;
    for (int i = 1; i < 16384; i++) {
        rising = rising && input_value(CURVE_CONCAVE, (float)i, 1.0f) >= input_value(CURVE_CONCAVE, (float)(i - 1), 1.0f);
        rising = rising && input_value(CURVE_CONVEX, (float)i, 1.0f) >= input_value(CURVE_CONVEX, (float)(i - 1), 1.0f);
    }
    CHECK(rising);
}

/* To the last bit what fm_cos says, and a raised cosine. */
static void test_fade_table(void)
{
    bool same = true;
    double worst = 0.0;
    for (unsigned i = 0; i <= FADE_STEPS; i++) {
        same = same && fade_table[i] == 0.5 + 0.5 * fm_cos((double)i / (2.0 * FADE_STEPS));
        double off = fabs(fade_table[i] - (0.5 + 0.5 * cos(3.14159265358979323846 * i / FADE_STEPS)));
        worst = off > worst ? off : worst;
    }
    CHECK(same);
    CHECK(worst < 1e-15);
}

int main(void)
{
    RUN(test_fade_table);
    RUN(test_all_values);
    RUN(test_no_steps);
    return tap_done();
}
