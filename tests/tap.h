/* SPDX-License-Identifier: MIT */
/*
 * tap.h - the whole test harness: checks that print both values, TAP output.
 *
 *     static void test_thing(void) { CHECK_EQ(f(1), 2); CHECK_NEAR(g(), 0.5, 1e-6); }
 *     int main(void) { RUN(test_thing); return tap_done(); }
 *
 * One RUN is one TAP line. A test without a single check fails. What a check finds counts in its own object file: only files with a
 * main (and headers) have checks.
 */
#ifndef DMUS_TESTS_TAP_H
#define DMUS_TESTS_TAP_H

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int tap_tests, tap_failed_tests;
static long tap_checks, tap_failures;

static inline bool tap_check(bool ok, const char *file, int line, const char *text)
{
    tap_checks++;
    if (!ok && tap_failures++ < 20)
        printf("# %s:%d: %s\n", file, line, text);
    return ok;
}

#define CHECK(cond) tap_check((cond), __FILE__, __LINE__, #cond)

#define CHECK_EQ(got, want)                                                                              \
    do {                                                                                                 \
        int64_t tap_g = (int64_t)(got), tap_w = (int64_t)(want);                                         \
        if (!tap_check(tap_g == tap_w, __FILE__, __LINE__, #got " == " #want))                           \
            printf("#   got %" PRId64 " (0x%" PRIx64 "), want %" PRId64 " (0x%" PRIx64 ")\n", tap_g,     \
                   (uint64_t)tap_g, tap_w, (uint64_t)tap_w);                                             \
    } while (0)

#define CHECK_NEAR(got, want, tolerance)                                                                 \
    do {                                                                                                 \
        double tap_g = (double)(got), tap_w = (double)(want), tap_t = (double)(tolerance);               \
        if (!tap_check(fabs(tap_g - tap_w) <= tap_t, __FILE__, __LINE__, #got " ~ " #want))              \
            printf("#   got %.12g, want %.12g +- %.3g\n", tap_g, tap_w, tap_t);                          \
    } while (0)

#define CHECK_STR(got, want)                                                                             \
    do {                                                                                                 \
        const char *tap_g = (got), *tap_w = (want);                                                      \
        if (!tap_check(tap_g && strcmp(tap_g, tap_w) == 0, __FILE__, __LINE__, #got " is " #want))       \
            printf("#   got \"%s\", want \"%s\"\n", tap_g ? tap_g : "(null)", tap_w);                    \
    } while (0)

static inline void tap_run(const char *name, void (*test)(void))
{
    long failures = tap_failures, checks = tap_checks;
    test();
    bool ok = tap_failures == failures && tap_checks > checks;
    if (tap_checks == checks)
        printf("# %s made no check\n", name);
    printf("%sok %d - %s\n", ok ? "" : "not ", ++tap_tests, name);
    fflush(stdout);
    tap_failed_tests += !ok;
}
#define RUN(test) tap_run(#test, test)

static inline int tap_done(void)
{
    printf("1..%d\n", tap_tests);
    return tap_failed_tests != 0 || tap_tests == 0;
}

#endif
