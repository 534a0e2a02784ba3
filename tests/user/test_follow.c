/* SPDX-License-Identifier: MIT */
/* The conversions after a device that asks for its sound: it stands still, jumps, has noise and a crystal of its own. All of it is a
 * formula, time is a number. */
#include "base/time_map.h"
#include "tap.h"
#include "user/sink_follow.h"

#include <stdlib.h>

#define RATE   48000
#define PERIOD 200000 /* of the session's thread, 20 ms */

/* A device that asks for FRAMES at a time, runs PPM too fast, and says when that is heard with up to NOISE too much (or, both ways,
 * too much and too little). */
struct device {
    uint32_t frames;
    double ppm;
    int64_t noise_100ns;
    bool both_ways;
    double smooth; /* as a server that smooths its own word, like JACK: how much of what changed it tells with each pull; 0: all */
};

struct run {
    struct device device;
    struct sink_follow follow;
    struct sink_told told;
    int64_t map_100ns;       /* start of the conversions */
    double heard_100ns;      /* of the next pull, in truth */
    double told_off_100ns;   /* what a server that smooths has not told yet */
    int64_t position, look_100ns, last_100ns;
    double sum_100ns;
    long pulls;
    int64_t worst_100ns;
    bool back;
    int resyncs;
    int64_t shift_max_100ns; /* of one step */
};

static void begin(struct run *run, struct device device)
{
    *run = (struct run){.device = device, .told = {.fresh = true}, .heard_100ns = 77770000, .look_100ns = 77770000, .last_100ns = INT64_MIN};
    run->map_100ns = (int64_t)run->heard_100ns;
    sink_follow_step(&run->follow, &run->told, true);
    run->told = (struct sink_told){0};
}

static int64_t frames_100ns(int64_t frames) { return time_map_to_time(&(struct time_map){0, RATE, true}, frames); }

/* The session's thread: what it would do with what it was told. */
static void look(struct run *run)
{
    struct sink_told told = run->told;
    told.last_100ns -= run->map_100ns;
    told.least_100ns -= run->map_100ns;
    told.most_100ns -= run->map_100ns;
    struct sink_followed followed = sink_follow_step(&run->follow, &told, false);
    run->map_100ns += followed.shift_100ns;
    run->resyncs += followed.resync;
    run->shift_max_100ns = llabs(followed.shift_100ns) > run->shift_max_100ns ? llabs(followed.shift_100ns) : run->shift_max_100ns;
    run->told.fresh = run->told.anew = false;
    if (followed.took)
        run->told.pulls = 0;
}

/* The same numbers on every system. */
static uint32_t seed;
static uint32_t dice(void) { return seed = seed * 1664525u + 1013904223u; }

/* One pull of the device, and the session's thread in between. */
static void pull(struct run *run)
{
    double unit = dice() / 4294967296.0, noise = (run->device.both_ways ? 2 * unit - 1 : unit) * (double)run->device.noise_100ns;
    int64_t origin = (int64_t)(run->heard_100ns + noise - run->told_off_100ns) - frames_100ns(run->position);
    struct sink_told *told = &run->told;
    told->least_100ns = told->pulls == 0 || origin < told->least_100ns ? origin : told->least_100ns;
    told->most_100ns = told->pulls == 0 || origin > told->most_100ns ? origin : told->most_100ns;
    told->last_100ns = origin;
    told->fresh = true;
    told->pulls++;
    int64_t says = run->map_100ns + frames_100ns(run->position), off = says - (int64_t)(run->heard_100ns - run->told_off_100ns);
    run->back |= says < run->last_100ns;
    run->last_100ns = says;
    run->sum_100ns += (double)off;
    run->pulls++;
    run->worst_100ns = llabs(off) > run->worst_100ns ? llabs(off) : run->worst_100ns;
    run->position += run->device.frames;
    run->heard_100ns += (double)run->device.frames * 1e7 / RATE / (1 + run->device.ppm * 1e-6);
    run->told_off_100ns *= 1 - run->device.smooth;
    for (; run->look_100ns < run->heard_100ns; run->look_100ns += PERIOD)
        look(run);
}

static void pass(struct run *run, double seconds)
{
    for (double end = run->heard_100ns + seconds * 1e7; run->heard_100ns < end;)
        pull(run);
}

/* It is kept from its core, and goes on with the next frame. */
static void stall(struct run *run, double ms)
{
    run->heard_100ns += ms * 1e4;
    run->told_off_100ns += run->device.smooth > 0 ? ms * 1e4 : 0;
}

static double mean_ms(const struct run *run) { return run->sum_100ns / (double)run->pulls / 1e4; }

/* As jackd did on a machine with more to do than cores: 250 times in 10 minutes it stood for up to 60 ms. */
static void test_stalls(void)
{
    static const struct device devices[] = {{.frames = 64}, {.frames = 64, .noise_100ns = 3000, .both_ways = true},
                                            {.frames = 64, .smooth = 0.05, .noise_100ns = 500}, {.frames = 256, .ppm = 80}};
    for (size_t k = 0; k < sizeof devices / sizeof devices[0]; k++) {
        struct run run;
        double stood = 0;
        seed = 7;
        begin(&run, devices[k]);
        for (int i = 0; i < 250; i++) {
            double ms = (dice() >> 16) % 60;
            pass(&run, 2.4);
            stall(&run, ms);
            stood += ms;
        }
        pass(&run, 2.4);
        printf("# %u frames: mean %.3f ms, worst %.1f ms\n", (unsigned)devices[k].frames, mean_ms(&run), (double)run.worst_100ns / 1e4);
        CHECK(fabs(mean_ms(&run)) < 1);
        CHECK(run.worst_100ns < 650000); /* for as long as one look takes: the stall itself */
        CHECK(!run.back);
        CHECK_EQ(run.resyncs, 0);
        /* Every one of them went into the conversions. */
        CHECK_NEAR((double)(run.map_100ns - 77770000) / 1e4, stood - 602 * devices[k].ppm * 1e-3, 2);
    }
}

/* After one, the truth within two looks: 64 frames are 15 pulls a look. */
static void test_a_stall_is_followed_at_once(void)
{
    struct run run;
    begin(&run, (struct device){.frames = 64});
    pass(&run, 5);
    stall(&run, 40);
    pass(&run, 0.05);
    CHECK_NEAR((double)(run.map_100ns - 77770000) / 1e4, 40, 0.01);
    CHECK(!run.back);
    /* And the other way: its own estimate was too late all the time. */
    stall(&run, -5);
    pass(&run, 0.05);
    CHECK_NEAR((double)(run.map_100ns - 77770000) / 1e4, 35, 0.01);
}

/* A thread that is woken late stamps late: single pulls, or many, but not all of a window. */
static void test_noise_is_no_stall(void)
{
    static const struct device devices[] = {{.frames = 64, .noise_100ns = 100000}, {.frames = 64, .noise_100ns = 40000, .both_ways = true},
                                            {.frames = 1024, .noise_100ns = 40000, .both_ways = true}};
    for (size_t k = 0; k < sizeof devices / sizeof devices[0]; k++) {
        struct run run;
        seed = 3;
        begin(&run, devices[k]);
        pass(&run, 20);
        run.sum_100ns = 0;
        run.pulls = 0;
        run.shift_max_100ns = 0;
        run.back = false; /* while the mean is still looked for, the steps are larger than a pull: the latency clock waits */
        pass(&run, 600);
        printf("# noise %.0f ms: mean %.3f ms, largest step %.3f ms\n", (double)devices[k].noise_100ns / 1e4, mean_ms(&run),
               (double)run.shift_max_100ns / 1e4);
        /* Its mean: half of what is only ever too late. */
        CHECK_NEAR(mean_ms(&run), devices[k].both_ways ? 0 : (double)devices[k].noise_100ns / 2e4, 1);
        CHECK_EQ(run.resyncs, 0);
        CHECK(run.shift_max_100ns <= 100); /* 10 us */
        CHECK(!run.back);
    }
}

static void test_follows_a_crystal(void)
{
    for (int way = -1; way <= 1; way += 2) {
        struct run run;
        seed = 1;
        begin(&run, (struct device){.frames = 1024, .ppm = way * 250.0, .noise_100ns = 5000, .both_ways = true});
        pass(&run, 1800);
        CHECK_NEAR((double)(run.map_100ns - 77770000) / 1e7, -way * 0.45, 0.005);
        CHECK(fabs(mean_ms(&run)) < 1);
        CHECK(!run.back);
        CHECK_EQ(run.resyncs, 0);
    }
}

static void test_jumps(void)
{
    struct run run;
    begin(&run, (struct device){.frames = 256});
    pass(&run, 2);
    stall(&run, 2000);
    pass(&run, 0.05);
    CHECK_EQ(run.resyncs, 1);
    CHECK_NEAR((double)(run.map_100ns - 77770000) / 1e4, 2000, 0.01);
    run.told.anew = true; /* by its own count, however little */
    stall(&run, 0.5);
    pass(&run, 0.05);
    CHECK_EQ(run.resyncs, 2);
    CHECK_NEAR((double)(run.map_100ns - 77770000) / 1e4, 2000.5, 0.01);
    struct sink_told held = {.still = true, .last_100ns = 12345};
    struct sink_followed followed = sink_follow_step(&run.follow, &held, false);
    CHECK_EQ(followed.shift_100ns, 12345);
    CHECK(!followed.resync);
    followed = sink_follow_step(&run.follow, &(struct sink_told){.last_100ns = 12345}, false); /* no pull since */
    CHECK_EQ(followed.shift_100ns, 0);
}

int main(void)
{
    RUN(test_stalls);
    RUN(test_a_stall_is_followed_at_once);
    RUN(test_noise_is_no_stall);
    RUN(test_follows_a_crystal);
    RUN(test_jumps);
    return tap_done();
}
