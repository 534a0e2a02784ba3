/* SPDX-License-Identifier: MIT */
/* Conversions of the sink: ddi-user.md 7.2, 15 item 24; native-behaviour.md 73. */
#include "tap.h"
#include "base/time_map.h"

static uint64_t seed = 88172645463325252u;
static uint64_t random64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static void test_item_24_native_unconfigured(void)
{
    struct time_map map = {.rate = 22050};
    CHECK_EQ(time_map_to_time(&map, 10), 4000);
    CHECK_EQ(time_map_to_sample(&map, 4000), 8);
}

/* The published formulas, in plain 64-bit arithmetic, wherever that does not overflow. */
static void test_native_formulas(void)
{
    static const uint32_t rates[] = {8000, 11025, 22050, 44100, 48000, 96000, 192000};
    for (int i = 0; i < 20000; i++) {
        struct time_map map = {.start_100ns = (int64_t)(random64() % 1000000000000), .rate = rates[i % 7]};
        int64_t sample = (int64_t)(random64() % 2000000000) - 1000000000;
        int64_t time = (int64_t)(random64() % 20000000000000) - 10000000000000;
        CHECK_EQ(time_map_to_time(&map, sample), map.start_100ns + sample * 10000 / map.rate * 1000);
        CHECK_EQ(time_map_to_sample(&map, time), (time - map.start_100ns) / 1000 * (int64_t)map.rate / 10000);
    }
}

static bool round_trip(uint32_t rate, int64_t sample)
{
    struct time_map map = {.start_100ns = 123456789, .rate = rate, .exact = true};
    return time_map_to_sample(&map, time_map_to_time(&map, sample)) == sample;
}

static void test_exact_round_trip_every_rate(void)
{
    for (uint32_t rate = 8000; rate <= 192000; rate++) {
        bool ok = round_trip(rate, 0) && round_trip(rate, 1) && round_trip(rate, -1) && round_trip(rate, rate - 1) &&
                  round_trip(rate, rate) && round_trip(rate, (int64_t)1 << 40);
        for (int i = 0; i < 8; i++)
            ok = ok && round_trip(rate, (int64_t)(random64() % ((uint64_t)rate * 86400)));
        if (!CHECK(ok))
            printf("# rate %u\n", (unsigned)rate);
    }
}

static void test_exact_round_trip_every_sample(void)
{
    static const uint32_t rates[] = {8000, 11025, 22050, 44100, 48000, 88200, 96000, 176400, 192000, 191999};
    for (int i = 0; i < 10; i++) {
        bool ok = true;
        for (int64_t sample = -1000; sample < 2000000 && ok; sample++)
            ok = round_trip(rates[i], sample);
        CHECK(ok);
    }
}

/* Floor and ceiling by their definition: rate * t <= 10^7 * (s + 1) and so on, checked in 64 bits. */
static void test_exact_is_floor_and_ceiling(void)
{
    for (int i = 0; i < 100000; i++) {
        struct time_map map = {.rate = 8000 + (uint32_t)(random64() % 184001), .exact = true};
        int64_t rate = map.rate;
        int64_t time = (int64_t)(random64() % 40000000000000) - 20000000000000;
        int64_t sample = time_map_to_sample(&map, time);
        CHECK(sample * 10000000 <= time * rate && time * rate < (sample + 1) * 10000000);
        sample = (int64_t)(random64() % 400000000000) - 200000000000;
        time = time_map_to_time(&map, sample);
        CHECK((time - 1) * rate < sample * 10000000 && sample * 10000000 <= time * rate);
    }
}

static void test_extremes_saturate(void)
{
    for (int exact = 0; exact < 2; exact++) {
        struct time_map map = {.start_100ns = INT64_MIN, .rate = 192000, .exact = exact};
        CHECK(time_map_to_sample(&map, INT64_MAX) > 0);
        CHECK_EQ(time_map_to_time(&map, INT64_MIN), INT64_MIN);
        map.start_100ns = INT64_MAX;
        CHECK(time_map_to_sample(&map, INT64_MIN) < 0);
        CHECK_EQ(time_map_to_time(&map, INT64_MAX), INT64_MAX);
        map.rate = 1;
        CHECK_EQ(time_map_to_time(&map, INT64_MAX), INT64_MAX);
        map.rate = UINT32_MAX;
        map.start_100ns = 0;
        CHECK_EQ(time_map_to_sample(&map, INT64_MAX), INT64_MAX);
        CHECK_EQ(time_map_to_sample(&map, INT64_MIN), INT64_MIN);
    }
}

int main(void)
{
    RUN(test_item_24_native_unconfigured);
    RUN(test_native_formulas);
    RUN(test_exact_round_trip_every_rate);
    RUN(test_exact_round_trip_every_sample);
    RUN(test_exact_is_floor_and_ceiling);
    RUN(test_extremes_saturate);
    return tap_done();
}
