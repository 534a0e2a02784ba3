/* SPDX-License-Identifier: MIT */
/* The sink as the source of a device that asks: "null", and a device of this test that breaks whenever it is told to. */
#define _GNU_SOURCE
#include <stdlib.h>

#include "audio/device.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "live_stage.h"

#define RATE   48000
#define SECOND CLOCK_100NS_PER_SECOND

static void sleep_ms(int ms) { clock_sleep_until_100ns(clock_now_100ns() + ms * 10000); }

/* ---- a device that asks when the test says so ---- */

struct fake {
    struct device device;
    atomic_bool running;
};

static struct fake *_Atomic fake; /* the one that is open */
static atomic_uint fake_rate = RATE;
static atomic_bool fake_refuses;
static atomic_int fake_connects;
static _Atomic int64_t fake_connect_100ns[8]; /* when the first ones were */

static enum dm_status fake_connect(struct device *device, struct audio_info *info, struct dm_error *err)
{
    int nth = atomic_fetch_add(&fake_connects, 1);
    if (nth < 8)
        fake_connect_100ns[nth] = clock_now_100ns();
    if (fake_refuses)
        return dm_fail(err, DM_ERR_DEVICE, "fake: refused");
    if (device->config.sample_rate && device->config.sample_rate != fake_rate)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "fake: runs at %u Hz", (unsigned)fake_rate);
    *info = (struct audio_info){.sample_rate = fake_rate, .channels = device->config.channels, .format = SAMPLE_F32,
                                .period_frames = 64, .buffer_frames = 128, .pull_max = info->pull_max};
    fake = (struct fake *)device;
    return DM_OK;
}

static enum dm_status fake_run(struct device *device, struct dm_error *err)
{
    (void)err;
    device_set_latency(device, 64);
    ((struct fake *)device)->running = true;
    return DM_OK;
}

static void fake_halt(struct device *device) { ((struct fake *)device)->running = false; }
static void fake_disconnect(struct device *device) { (void)device; }

static const struct audio_output_ops fake_ops = {.name = "fake", DEVICE_OPS};
static const struct device_driver fake_driver = {"fake",   &fake_ops,  sizeof(struct fake), fake_connect,
                                                 fake_run, fake_halt, fake_disconnect};

/* ---- a source that writes the number of each frame ---- */

struct counter {
    _Atomic int64_t next;
    _Atomic int64_t last_frame;
    atomic_uint restarts, lost, pulls;
    atomic_bool restarted; /* the last pull said so */
};

static void count_pull(void *ctx, void *frames, uint32_t count, const struct audio_moment *moment)
{
    struct counter *counter = ctx;
    float *out = frames;
    for (uint32_t i = 0; i < count; i++)
        out[i] = (float)atomic_fetch_add(&counter->next, 1);
    atomic_fetch_add(&counter->restarts, moment->restarted);
    atomic_store(&counter->restarted, moment->restarted);
    atomic_fetch_add(&counter->lost, moment->lost);
    atomic_store(&counter->last_frame, moment->frame);
    atomic_fetch_add(&counter->pulls, 1);
}

static struct audio_output *open_fake(void)
{
    struct audio_output *out = NULL;
    CHECK_EQ(device_open(&fake_driver, &(struct audio_config){.channels = 1}, &out, NULL), DM_OK);
    return out;
}

static void test_pulls_in_parts_and_in_order(void)
{
    static float frames[3 * DEVICE_PULL_MAX];
    struct counter counter = {0};
    struct audio_source source = {count_pull, &counter, true};
    struct audio_output *out = open_fake();
    CHECK_EQ(out->ops->start(out, &source, NULL), DM_OK);
    CHECK_EQ(out->ops->start(out, &source, NULL), DM_ERR_ARGUMENT);
    struct device_beat beat = {.asked_100ns = clock_now_100ns()};
    device_pull(&fake->device, frames, 2 * DEVICE_PULL_MAX + 7, &beat);
    CHECK_EQ(counter.pulls, 3);
    bool order = true;
    for (int i = 0; i < 2 * (int)DEVICE_PULL_MAX + 7; i++)
        order = order && (int)frames[i] == i;
    CHECK(order);
    CHECK_EQ(counter.restarts, 1);
    CHECK_EQ(counter.last_frame, 2 * DEVICE_PULL_MAX);
    beat.lost = 100;
    device_pull(&fake->device, frames, 10, &beat);
    CHECK_EQ(counter.lost, 100);
    CHECK_EQ(counter.last_frame, 2 * DEVICE_PULL_MAX + 107); /* the device's own count goes on through what was lost */
    struct audio_state state;
    out->ops->state(out, &state);
    CHECK_EQ(state.run, AUDIO_RUNNING);
    CHECK_EQ(state.frames_pulled, 2 * DEVICE_PULL_MAX + 17);
    out->ops->stop(out);
    out->ops->close(out, false, NULL);
    CHECK_EQ(dm_alloc_live(), 0);
}

/* For what another thread is to do: as long as a busy machine may need. */
static int64_t patience(void) { return clock_now_100ns() + 60 * SECOND; }

static struct audio_state state_of(struct audio_output *out)
{
    struct audio_state state;
    out->ops->state(out, &state);
    return state;
}

static void wait_for_run(struct audio_output *out, enum audio_run run)
{
    int64_t until = patience();
    while (state_of(out).run != run && clock_now_100ns() < until)
        sleep_ms(5);
    CHECK_EQ(state_of(out).run, run);
}

/* The server dies: the clock pulls, at the pace of the rate; the server is looked for, and when it is back it takes over. */
static void test_lost_and_back(void)
{
    float frames[64];
    struct counter counter = {0};
    struct audio_source source = {count_pull, &counter, true};
    struct audio_output *out = open_fake();
    struct device_beat beat = {.asked_100ns = clock_now_100ns()};
    CHECK_EQ(out->ops->start(out, &source, NULL), DM_OK);
    device_pull(&fake->device, frames, 64, &beat);
    fake_refuses = true;
    fake_connects = 0;
    int64_t before = clock_now_100ns(), until = patience();
    device_lost(&fake->device, "the test pulled the plug");
    while ((fake_connects < 3 || counter.next < RATE / 2) && clock_now_100ns() < until)
        sleep_ms(5);
    CHECK(fake_connects >= 3); /* after 0.1, 0.3, 0.7 s: never sooner */
    CHECK(fake_connect_100ns[0] - before >= SECOND / 10 && fake_connect_100ns[1] - fake_connect_100ns[0] >= SECOND / 5 &&
          fake_connect_100ns[2] - fake_connect_100ns[1] >= SECOND * 2 / 5);
    /* The clock fetches what it missed, but is never ahead of the time by more than one of its pulls. */
    int64_t next = counter.next;
    CHECK(next >= RATE / 2 && next <= 64 + (clock_now_100ns() - before) * RATE / SECOND + 480);
    wait_for_run(out, AUDIO_LOST);
    CHECK_STR(state_of(out).text, "fake: the test pulled the plug");
    CHECK_EQ(state_of(out).lost_servers, 1);
    fake_refuses = false;
    until = patience();
    while (!fake->running && clock_now_100ns() < until)
        sleep_ms(5);
    CHECK(fake->running);
    device_pull(&fake->device, frames, 64, &beat); /* silence: the clock has not let go yet */
    CHECK_EQ(frames[0], 0);
    until = patience();
    while (frames[0] == 0 && clock_now_100ns() < until) {
        sleep_ms(5);
        device_pull(&fake->device, frames, 64, &beat);
    }
    CHECK_EQ(frames[0] + 64, counter.next);
    CHECK(counter.restarted);
    CHECK_EQ(state_of(out).run, AUDIO_RUNNING);
    CHECK_STR(state_of(out).text, "fake: back again");
    out->ops->close(out, false, NULL);
    CHECK_EQ(dm_alloc_live(), 0);
}

/* Back with another rate, which our synth does not have. */
static void test_back_with_another_rate(void)
{
    struct counter counter = {0};
    struct audio_source source = {count_pull, &counter, true};
    struct audio_output *out = open_fake();
    CHECK_EQ(out->ops->start(out, &source, NULL), DM_OK);
    fake_rate = 44100;
    device_lost(&fake->device, "gone");
    wait_for_run(out, AUDIO_FAILED);
    CHECK_STR(state_of(out).text, "fake: runs at 44100 Hz");
    uint64_t pulled = state_of(out).frames_pulled;
    sleep_ms(50);
    CHECK_EQ(state_of(out).frames_pulled, pulled);
    out->ops->close(out, false, NULL);
    fake_rate = RATE;
    CHECK_EQ(dm_alloc_live(), 0);
}

/* ---- the sink ---- */

struct tape {
    struct audio_output output;
    struct audio_output *real;
    struct audio_source source;
    float *frames;
    size_t room;
    _Atomic size_t used;
    _Atomic uint32_t lost; /* frames that the device could not wait for */
};

static struct tape tape;

static void tape_pull(void *ctx, void *frames, uint32_t count, const struct audio_moment *moment)
{
    (void)ctx;
    tape.source.pull(tape.source.ctx, frames, count, moment);
    size_t at = tape.used, n = count < tape.room - at ? count : tape.room - at;
    tape.lost += moment->lost;
    memcpy(tape.frames + 2 * at, frames, n * 2 * sizeof(float));
    tape.used = at + n;
}

static enum dm_status tape_start(struct audio_output *out, const struct audio_source *source, struct dm_error *err)
{
    (void)out;
    tape.source = *source;
    return tape.real->ops->start(tape.real, &(struct audio_source){tape_pull, NULL, source->float_samples}, err);
}

static void tape_stop(struct audio_output *out)
{
    (void)out;
    tape.real->ops->stop(tape.real);
}

static void tape_info(struct audio_output *out, struct audio_info *info)
{
    (void)out;
    tape.real->ops->info(tape.real, info);
}

static const struct audio_output_ops tape_ops = {.name = "tape", .start = tape_start, .stop = tape_stop, .info = tape_info};

/* The buffer is what a busy machine may be late by: as much as there is, below the 450 ms that the latency clock may be ahead. */
static void open_tape(uint32_t rate, uint32_t period)
{
    const uint32_t periods = RATE / 3 / period;
    memset(&tape, 0, sizeof tape);
    tape.output.ops = &tape_ops;
    tape.room = 20 * RATE;
    tape.frames = calloc(tape.room, 2 * sizeof(float));
    struct audio_config config = {.channels = 2, .sample_rate = rate, .period_frames = period,
                                  .periods = periods < 64 ? periods : 64};
    CHECK_EQ(audio_device_open("null", &config, &tape.real, NULL), DM_OK);
}

static void close_tape(void)
{
    tape.real->ops->close(tape.real, false, NULL);
    free(tape.frames);
}

struct fed {
    int64_t next;
    bool order;
    atomic_uint blocks;
};

static void feed(void *ctx, const DMUS_SINKMOMENT *moment)
{
    struct fed *fed = ctx;
    fed->order = fed->order && moment->llPosition == fed->next && moment->llHeard >= moment->llAsked;
    fed->next = moment->llPosition + moment->dwFrames;
    atomic_fetch_add(&fed->blocks, 1);
}

/* Whatever the period: the same samples as offline, held in the middle, and the clock keeps its promise meanwhile. False: the machine
 * was too busy to run the device in time, so that sound was lost, and nothing was judged. */
static bool try_song(uint32_t period)
{
    const double seconds = 0.5;
    const size_t frames = RATE * 3 / 4;
    struct stage stage;
    struct fed fed = {.order = true};
    REFERENCE_TIME start, moved, latency, last = 0, master;
    IReferenceClock *clock;
    float *want = stage_reference(RATE, seconds, frames);
    open_tape(RATE, period);
    if (!CHECK(stage_open(&stage, &tape.output, RATE, false, feed, &fed)))
        return true;
    bool promise = true;
    LONGLONG position;
    stage.sink_control->lpVtbl->GetPosition(stage.sink_control, &position);
    CHECK_EQ(position, 0);
    CHECK_EQ(IDirectMusicSynthSink_SampleToRefTime(stage.sink, 0, &start), S_OK);
    CHECK(stage_play(stage.synth, start, RATE, seconds));
    CHECK_EQ(IDirectMusicSynthSink_SampleToRefTime(stage.sink, 0, &moved), S_OK); /* while held, each period */
    CHECK_EQ(stage.sink_control->lpVtbl->SetFeed(stage.sink_control, NULL, NULL), DMUS_E_SYNTHACTIVE);
    CHECK_EQ(IDirectMusicSynth_GetLatencyClock(stage.synth, &clock), S_OK);
    CHECK_EQ(stage.sink_control->lpVtbl->SetHold(stage.sink_control, FALSE), S_OK);
    size_t song_at = 0;
    int held = 0; /* looks at the clock since it was */
    int64_t until = patience();
    for (position = 0; position < (LONGLONG)frames + RATE / 10 && clock_now_100ns() < until; sleep_ms(10)) {
        if (position > RATE / 5)
            held++;
        if (held == 1)
            CHECK_EQ(stage.sink_control->lpVtbl->SetHold(stage.sink_control, TRUE), S_OK);
        if (held == 16)
            CHECK_EQ(stage.sink_control->lpVtbl->SetHold(stage.sink_control, FALSE), S_OK);
        /* What is stamped with the latency clock is not late: first the position, as time goes on between two looks. */
        LONGLONG sample;
        stage.sink_control->lpVtbl->GetPosition(stage.sink_control, &position);
        IReferenceClock_GetTime(stage.clock, &master);
        promise = promise && SUCCEEDED(IReferenceClock_GetTime(clock, &latency)) && latency >= last && latency > master;
        IDirectMusicSynthSink_RefTimeToSample(stage.sink, latency, &sample);
        promise = promise && ((held >= 1 && held <= 18) || sample >= position);
        last = latency;
    }
    CHECK(held > 16);
    IReferenceClock_Release(clock);
    stage_close(&stage);
    if (tape.lost || moved != start) {
        printf("# the machine is busy: %u frames were lost, or the events' times moved when they were queued\n", (unsigned)tape.lost);
        close_tape();
        free(want);
        return false;
    }
    CHECK(promise);
    CHECK(fed.order && fed.blocks > 0);
    while (song_at < tape.used && tape.frames[2 * song_at] == 0 && tape.frames[2 * song_at + 1] == 0)
        song_at++;
    size_t want_at = 0;
    while (want[2 * want_at] == 0 && want[2 * want_at + 1] == 0)
        want_at++;
    /* The pause is a run of silence; without it both are the same. */
    size_t same = 0, pause = 0;
    for (size_t i = song_at; i < tape.used && want_at + same < frames; i++) {
        if (memcmp(tape.frames + 2 * i, want + 2 * (want_at + same), 2 * sizeof(float)) == 0)
            same++;
        else if (tape.frames[2 * i] == 0 && tape.frames[2 * i + 1] == 0)
            pause++;
        else
            break;
    }
    CHECK_EQ(want_at + same, frames);
    CHECK(pause > 0);
    close_tape();
    free(want);
    return true;
}

static void check_song(uint32_t period)
{
    int tries = 20;
    while (!try_song(period) && --tries)
        ;
    CHECK(tries > 0);
}

static void test_song_is_the_same_with_any_period(void)
{
    check_song(64);
    check_song(441);
    check_song(4096);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
}

static void test_refused(void)
{
    struct stage stage;
    open_tape(44100, 256); /* not the synth's rate */
    CHECK(!stage_open(&stage, &tape.output, RATE, false, NULL, NULL));
    stage_close(&stage);
    struct audio_output *out;
    struct dm_error err = {0};
    CHECK_EQ(audio_device_open("gramophone", &(struct audio_config){.channels = 2}, &out, &err), DM_ERR_NOT_FOUND);
    CHECK(strstr(err.text, "null") != NULL);
    CHECK_EQ(audio_device_open("null", &(struct audio_config){.channels = 3}, &out, &err), DM_ERR_ARGUMENT);
    CHECK_EQ(audio_device_open("null", &(struct audio_config){.channels = 2, .period_frames = 4097}, &out, &err), DM_ERR_ARGUMENT);
    close_tape();
    CHECK_EQ(user_live_objects(), 0);
}

static void test_no_memory(void)
{
    for (long n = 1; n < 100; n++) {
        struct audio_output *out;
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        enum dm_status status = audio_device_open("null", &(struct audio_config){.channels = 2, .device = ""}, &out, NULL);
        dm_alloc_fail_at(0, false);
        if (status == DM_OK) {
            out->ops->close(out, false, NULL);
            break;
        }
        CHECK_EQ(status, DM_ERR_NOMEM);
        CHECK_EQ(dm_alloc_live(), live);
    }
}

int main(void)
{
    RUN(test_pulls_in_parts_and_in_order);
    RUN(test_lost_and_back);
    RUN(test_back_with_another_rate);
    RUN(test_song_is_the_same_with_any_period);
    RUN(test_refused);
    RUN(test_no_memory);
    return tap_done();
}
