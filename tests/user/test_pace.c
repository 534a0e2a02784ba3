/* SPDX-License-Identifier: MIT */
/* The sink against a device with a crystal, a buffer and habits of its own; the device is a formula, time is a number. */
#include "tap.h"
#include "user/sink_pace.h"

#include <stdlib.h>

#define RATE   22050
#define PERIOD 200000 /* 20 ms */
#define AHEAD  750000 /* 75 ms */

/* A device that runs PPM too fast, tells its place in steps of STEP frames, and needs NEED frames. */
struct device {
    double ppm;
    int64_t step, need, start_100ns, stood_100ns; /* stood: time during which it did not move */
    int64_t written;
};

static struct audio_cursor look(const struct device *device, int64_t now)
{
    double ran = (double)(now - device->start_100ns - device->stood_100ns) * RATE * (1 + device->ppm * 1e-6) / 1e7;
    int64_t playing = ran > 0 ? (int64_t)ran / device->step * device->step : 0;
    return (struct audio_cursor){playing, playing + device->need, device->written, 0};
}

struct run {
    struct sink_pace pace;
    struct time_map map;
    struct device device;
    int64_t position, start, now, skipped;
    int underruns, resyncs, devices; /* underruns that are the device's own */
    double shift_max; /* of one step */
};

static void begin(struct run *run, struct device device, int64_t start)
{
    *run = (struct run){.device = device, .map = {start, RATE, false}, .start = start, .now = start};
    run->device.start_100ns += start;
    sink_pace_start(&run->pace, RATE, AHEAD);
}

/* What the sink's thread does each time it is woken. */
static void step(struct run *run)
{
    struct audio_cursor cursor = look(&run->device, run->now);
    struct sink_step step = sink_pace_step(&run->pace, &run->map, run->now, &cursor, run->position);
    if (step.seek)
        run->device.written = step.seek_to;
    run->map.start_100ns += step.shift_100ns;
    run->shift_max = fmax(run->shift_max, fabs((double)step.shift_100ns));
    run->position += step.skip;
    run->skipped += step.skip;
    run->underruns += step.skip != 0;
    run->devices += step.skip != 0 && step.skip_is_devices;
    run->resyncs += step.resync;
    int64_t wanted = time_map_to_sample(&run->map, run->now + step.lead_100ns);
    if (wanted > run->position) {
        run->device.written += wanted - run->position;
        run->position = wanted;
    }
}

static void pass(struct run *run, double seconds)
{
    for (int64_t end = run->now + (int64_t)(seconds * 1e7); run->now < end; run->now += PERIOD + (rand() % 20000))
        step(run);
}

/* By how much the sample that is heard is early by the conversions, in ms; without the device's steps. */
static double early_ms(const struct run *run)
{
    struct device exact = run->device;
    exact.step = 1;
    struct audio_cursor cursor = look(&exact, run->now);
    int64_t heard = run->position - (cursor.written - cursor.playing);
    return (double)(time_map_to_time(&run->map, heard) - run->now) / 1e4;
}

static void test_start_is_aligned(void)
{
    struct run run;
    begin(&run, (struct device){.step = 1, .need = 200, .start_100ns = 123456}, 77770000);
    run.now += 200000;
    step(&run);
    CHECK_NEAR(early_ms(&run), 0, 0.2); /* the grid of 100 us */
    CHECK_EQ(run.underruns, 0);
    /* The latency clock's promise: nothing beyond lead is written, and all up to it is. */
    CHECK_EQ(run.position, time_map_to_sample(&run.map, run.now + 750000 + 200 * 10000000ll / RATE));
}

/* 250 us a second each way, beyond any crystal; steps of 10 ms. */
static void test_follows_a_crystal(void)
{
    for (int way = -1; way <= 1; way += 2) {
        struct run run;
        srand(1);
        begin(&run, (struct device){.ppm = way * 250.0, .step = RATE / 100, .need = 600}, 0);
        pass(&run, 1800);
        CHECK_EQ(run.underruns, 0);
        CHECK_EQ(run.resyncs, 0);
        CHECK_NEAR(early_ms(&run), 5, 10); /* half a step on the mean; 250 ppm over 10 s are 2.5 ms */
        /* 0.45 s in half an hour went into the conversions, evenly. */
        CHECK_NEAR((double)run.map.start_100ns / 1e7, -way * 0.45, 0.02);
        CHECK(run.shift_max <= 100);
    }
}

static void test_late_thread_loses_sound(void)
{
    struct run run;
    begin(&run, (struct device){.step = 1, .need = 200}, 0);
    pass(&run, 5);
    run.now += 5000000;
    step(&run);
    CHECK_EQ(run.underruns, 1);
    CHECK_EQ(run.resyncs, 0);
    /* 0.5 s without a write, of which the lead covered all but the device's need. */
    CHECK_NEAR((double)run.skipped / RATE, 0.5 - 0.075 + 0.02, 0.025);
    CHECK_NEAR(early_ms(&run), 0, 1);
    pass(&run, 5);
    CHECK_EQ(run.underruns, 1);
    CHECK_EQ(run.devices, 0);
}

/* It suddenly takes its sound 150 ms ahead: what was written for that time is lost once, and it gets more lead from then on. */
static void test_device_that_needs_more(void)
{
    struct run run;
    begin(&run, (struct device){.step = 1, .need = 200}, 0);
    pass(&run, 5);
    run.device.need = RATE * 15 / 100;
    step(&run);
    CHECK_EQ(run.underruns, 1);
    CHECK_EQ(run.devices, 1);
    CHECK_EQ(run.resyncs, 0);
    pass(&run, 5);
    CHECK_EQ(run.underruns, 1);
}

static void test_device_that_stood_still(void)
{
    struct run run;
    begin(&run, (struct device){.step = 1, .need = 200}, 0);
    pass(&run, 5);
    run.device.stood_100ns += 20000000;
    run.now += 20000000;
    step(&run);
    CHECK_EQ(run.resyncs, 1);
    CHECK_NEAR(early_ms(&run), 0, 1);
    pass(&run, 5);
    CHECK_EQ(run.resyncs, 1);
    CHECK_NEAR(early_ms(&run), 0, 1);
}

/* A mixer that was not given the processor for 120 ms makes up for 96 of them in three strides, none of which is out of the
 * ordinary: the sound that it ran past is not the thread's to have saved. */
static void test_device_that_catches_up(void)
{
    struct run run;
    begin(&run, (struct device){.step = 1, .need = 200}, 0);
    pass(&run, 5);
    for (int i = 0; i < 6; i++) {
        run.device.stood_100ns += PERIOD;
        run.now += PERIOD;
        step(&run);
    }
    CHECK_EQ(run.resyncs, 1);
    CHECK_EQ(run.underruns, 0);
    for (int stride = 0; stride < 3; stride++) {
        run.device.stood_100ns -= 320000;
        run.now += PERIOD;
        step(&run);
    }
    CHECK_EQ(run.resyncs, 1);
    CHECK(run.underruns > 0);
    CHECK_EQ(run.devices, run.underruns);
    /* The thread's own: the same device does not excuse it. */
    int before = run.underruns;
    run.now += 2500000;
    step(&run);
    CHECK_EQ(run.underruns, before + 1);
    CHECK_EQ(run.devices, before);
}

/* A buffer of 2 s comes round while nobody looks: whole turns are lost to the cursor. */
static void test_lost_turns(void)
{
    struct run run;
    begin(&run, (struct device){.step = 1, .need = 200}, 0);
    pass(&run, 5);
    run.now += 70000000;
    run.device.stood_100ns += 60000000; /* 3 turns */
    step(&run);
    CHECK_EQ(run.resyncs, 1);
    CHECK_EQ(run.underruns, 1);
    CHECK_NEAR(early_ms(&run), 0, 1);
}

static void test_lead(void)
{
    struct sink_pace pace;
    sink_pace_start(&pace, RATE, AHEAD);
    struct audio_cursor cursor = {0, 10, 0, 0};
    CHECK_EQ(sink_pace_lead(&pace, &cursor), AHEAD + 40000);
    cursor.writable = RATE / 10;
    CHECK_EQ(sink_pace_lead(&pace, &cursor), AHEAD + 1000000);
    cursor.writable = 10; /* the most that was seen */
    CHECK_EQ(sink_pace_lead(&pace, &cursor), AHEAD + 1000000);
    /* Far ahead counts when it is said twice running. */
    cursor.writable = RATE;
    CHECK_EQ(sink_pace_lead(&pace, &cursor), AHEAD + 1000000);
    cursor.writable = 10;
    CHECK_EQ(sink_pace_lead(&pace, &cursor), AHEAD + 1000000);
    cursor.writable = RATE;
    CHECK_EQ(sink_pace_lead(&pace, &cursor), AHEAD + 1000000);
    CHECK_EQ(sink_pace_lead(&pace, &cursor), AHEAD + 10000000);
    cursor.writable = INT64_MAX;
    for (int i = 0; i < 2; i++)
        CHECK(sink_pace_lead(&pace, &cursor) >= AHEAD + 10000000);
}

/* Less than the buffer by the 100 ms that the device may be off. */
static void test_lead_fits_the_buffer(void)
{
    struct sink_pace pace;
    struct time_map map = {0, RATE, false};
    sink_pace_start(&pace, RATE, AHEAD);
    struct audio_cursor cursor = {0, RATE * 3 / 2, 0, RATE};
    CHECK_EQ(sink_pace_most(&pace, &cursor), 9000000);
    sink_pace_step(&pace, &map, 0, &cursor, 0);
    CHECK_EQ(sink_pace_step(&pace, &map, 0, &cursor, 0).lead_100ns, 9000000);
    cursor.capacity = 2 * RATE;
    CHECK_EQ(sink_pace_step(&pace, &map, 0, &cursor, 0).lead_100ns, AHEAD + 15000000);
}

/* One look at which the write cursor lies behind the play cursor, a whole buffer of 2 s ahead but for 10 ms. */
static void test_one_odd_look(void)
{
    struct run run;
    begin(&run, (struct device){.step = 1, .need = 200}, 0);
    pass(&run, 5);
    int64_t lead = sink_pace_lead(&run.pace, &(struct audio_cursor){0});
    run.device.need = RATE * 2 - RATE / 100;
    step(&run);
    run.device.need = 200;
    pass(&run, 5);
    CHECK_EQ(run.underruns, 0);
    CHECK_EQ(run.resyncs, 0);
    CHECK_EQ(sink_pace_lead(&run.pace, &(struct audio_cursor){0}), lead);
}

int main(void)
{
    RUN(test_start_is_aligned);
    RUN(test_follows_a_crystal);
    RUN(test_late_thread_loses_sound);
    RUN(test_device_that_needs_more);
    RUN(test_device_that_stood_still);
    RUN(test_device_that_catches_up);
    RUN(test_lost_turns);
    RUN(test_lead);
    RUN(test_lead_fits_the_buffer);
    RUN(test_one_odd_look);
    return tap_done();
}
