/* SPDX-License-Identifier: MIT */
/* The filter: prototype vectors, response through a whole voice, no zipper noise (spec/dls.md 3.6). */
#include "synth/filter.h"

#include <complex.h>

#include "../tap.h"
#include "kit.h"
#include "synth/connection.h"

#define RATE 48000u

static struct filter_table table;

static void test_vectors(void)
{
    static const struct {
        double rate, cutoff, resonance, b1, b2, k;
    } vectors[] = {
        {44100, 1000, 0, -1.818964, 0.833991, 0.01502685},   {44100, 1000, 12, -1.952040, 0.968101, 0.00804988},
        {44100, 1000, 22.5, -1.974198, 0.990440, 0.00444773}, {44100, 4000, 0, -1.294978, 0.478731, 0.18375289},
        {44100, 4000, 12, -1.662216, 0.881572, 0.10993849},  {44100, 7350, 0, -0.754047, 0.232304, 0.47825694},
        {44100, 7350, 22.5, -1.341234, 0.937976, 0.16341280}, {22050, 1000, 12, -1.875810, 0.937574, 0.03095509},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct filter_resonance r;
        filter_resonance(&r, (float)vectors[i].resonance);
        struct filter_coefs c = filter_solve(&table, &r, 4 * vectors[i].cutoff / vectors[i].rate);
        CHECK_NEAR((double)c.q - 1 - (double)c.b2, vectors[i].b1, 2e-4);
        CHECK_NEAR(c.b2, vectors[i].b2, 1e-4);
        CHECK_NEAR(kit_db((double)c.k), kit_db(vectors[i].k), 0.01);
        CHECK_NEAR(kit_db((double)c.k / (double)c.q), -vectors[i].resonance / 2, 1e-4); /* DC */
    }
}

/* Poles by bisection on the angle, straight from the two definitions */
static void exact(double u, double db, double *q, double *b2)
{
    double low = 0, high = KIT_PI / 2, peak = pow(10, db / 20), c = sqrt(peak * peak - 1);
    for (int i = 0; i < 60; i++) {
        double t = (low + high) / 2, r = (cos(t) + sin(t) * c) / (1 + sin(t) * peak);
        double num = 1 - 2 * r * cos(t) + r * r;
        *q = (1 - r) * (1 - r) + 4 * r * sin(t / 2) * sin(t / 2);
        *b2 = r * r;
        if (sqrt(num / sqrt(1 + 2 * r * r * cos(2 * t) + r * r * r * r)) < u)
            low = t;
        else
            high = t;
    }
}

static double response(double k, double q, double b2, double f)
{
    double complex z = cexp(-2 * KIT_PI * I * f);
    return kit_db(cabs(k / (1 + (q - 1 - b2) * z + b2 * z * z)));
}

static void test_table(void)
{
    double worst = 0, top = 0;
    for (double db = 0; db <= 22.5; db += 0.37)
        for (double u = 0.005; u < 1; u *= 1.017) {
            struct filter_resonance r;
            double q, b2;
            filter_resonance(&r, (float)db);
            struct filter_coefs c = filter_solve(&table, &r, u);
            exact(u, db, &q, &b2);
            for (double f = 0.002; f < 0.417; f *= 1.04) {
                double e = fabs(response((double)c.k, (double)c.q, (double)c.b2, f) - response(q * pow(10, -db / 40), q, b2, f));
                if (u < 0.97)
                    worst = fmax(worst, e);
                top = fmax(top, e);
            }
        }
    printf("# largest error of the table: %.3f dB, %.3f dB next to Fs/4\n", worst, top);
    CHECK(worst < 0.05);
    CHECK(top < 0.25);
}

static void test_stability(void)
{
    for (double db = 0; db <= 30; db += 0.7)
        for (double u = 1e-4; u < 3; u *= 1.05) {
            struct filter_resonance r;
            filter_resonance(&r, (float)db);
            struct filter_coefs c = filter_solve(&table, &r, u);
            CHECK(c.b2 >= 0 && c.b2 < 1 && c.q > 0 && c.q < 2 * (1 + c.b2));
        }
    struct filter_resonance flat;
    filter_resonance(&flat, 0);
    for (double u = 1; u < 3; u += 0.1) { /* without resonance the prototype is open from Fs/4 on */
        struct filter_coefs c = filter_solve(&table, &flat, u);
        CHECK_NEAR(c.k, 1, 1e-3);
        CHECK_NEAR(c.b2, 0, 1e-3);
    }
}

static int32_t cents(double hertz)
{
    return (int32_t)lrint((1200 * log2(hertz / 440) + 6900) * 65536);
}

static void test_voice_response(void)
{
    /* white spectrum: one impulse; its response, transformed at a few frequencies */
    static const double cutoffs[] = {200, 400, 800, 1600, 3200, 5000, 6500, 8000};
    static const double resonances[] = {0, 1.5, 3, 6, 9, 12, 18, 22.5};
    static float left[RATE], right[RATE];
    double worst = 0;
    struct kit kit;
    kit_open(&kit, RATE, SYNTH_NEAREST, SYNTH_STUDIO, 1, RATE);
    kit.samples[0] = 32767;
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++) {
            struct artic_block b[] = {{0, 0, DST_FILTER_CUTOFF, 0, cents(cutoffs[i])},
                                      {0, 0, DST_FILTER_Q, 0, (int32_t)lrint(resonances[j] * 655360)}};
            kit_articulate(&kit, b, 2);
            mixer_reset(kit.mixer);
            kit_start(&kit, 0, 60, 127);
            mixer_render(kit.mixer, RATE, left, right);
            double q, b2;
            exact(4 * cutoffs[i] / RATE, resonances[j], &q, &b2);
            for (double f = 20; f <= 20000; f *= 1.5) {
                double s = 0, c = 0;
                for (uint32_t n = 0; n < RATE / 4; n++) {
                    s += (double)left[n] * sin(2 * KIT_PI * f / RATE * n);
                    c += (double)left[n] * cos(2 * KIT_PI * f / RATE * n);
                }
                double got = kit_db(sqrt(s * s + c * c) / (32767.0 / 32768 * sqrt(0.5)));
                worst = fmax(worst, fabs(got - response(q * pow(10, -resonances[j] / 40), q, b2, f / RATE)));
            }
        }
    printf("# largest error of a voice's response, 8 cutoffs, 8 resonances, to 20 kHz: %.3f dB\n", worst);
    CHECK(worst < 0.05);
    kit_close(&kit);
}

static void test_no_zipper(void)
{
    /* A 1 kHz sine through a filter that an LFO moves: what is not the tone and its slow modulation lies below -90 dB. */
    struct artic_block b[] = {{0, 0, DST_FILTER_CUTOFF, 0, cents(2000)},
                              {0, 0, DST_FILTER_Q, 0, 60 * 65536},
                              {SRC_LFO, 0, DST_FILTER_CUTOFF, 0x4000, 1200 * 65536},
                              {0, 0, DST_LFO_FREQUENCY, 0, cents(2)}};
    static float left[2 * RATE], right[2 * RATE];
    struct kit kit;
    kit_open(&kit, RATE, SYNTH_SINC32, SYNTH_STUDIO, 1, 4800);
    kit_sine(&kit, 29000, 100); /* 1000 Hz */
    kit_articulate(&kit, b, 4);
    kit_start(&kit, 0, 60, 127);
    mixer_render(kit.mixer, 2 * RATE, left, right);
    double tone = 0, worst = 0;
    for (double f = 1000; f < 20000; f += 750.0 / 16) { /* the grid's rate is 750 Hz: its sidebands are among these */
        double s = 0, c = 0, norm = 0;
        for (uint32_t n = 0; n < RATE; n++) {
            double t = 2 * KIT_PI * n / RATE, w = 0.35875 - 0.48829 * cos(t) + 0.14128 * cos(2 * t) - 0.01168 * cos(3 * t);
            s += (double)left[RATE / 2 + n] * w * sin(2 * KIT_PI * f / RATE * n);
            c += (double)left[RATE / 2 + n] * w * cos(2 * KIT_PI * f / RATE * n);
            norm += w;
        }
        double level = sqrt(s * s + c * c) / norm;
        if (f == 1000)
            tone = level;
        else if (f > 1150)
            worst = fmax(worst, level / tone);
    }
    printf("# largest spur of a moving cutoff: %.1f dB\n", kit_db(worst));
    CHECK(kit_db(worst) < -90);
    kit_close(&kit);
}

int main(void)
{
    filter_table_init(&table);
    RUN(test_vectors);
    RUN(test_table);
    RUN(test_stability);
    RUN(test_voice_response);
    RUN(test_no_zipper);
    return tap_done();
}
