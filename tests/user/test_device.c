/* SPDX-License-Identifier: MIT */
/* The sink's thread on a device with a cursor that fails, jumps or wants its sound early; spec/ddi-user.md 7. The device is a
 * formula, and the master clocks run by its crystal, so nothing depends on when the system lets the thread run. */
#include <limits.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "doubles.h"

#define RATE   22050
#define FRAMES (RATE * 10) /* that a test may play */
#define STEP   100000      /* the time goes on by 10 ms */

static IDirectMusicSynthSink *sink;
static IDmusSinkControl *control;
static struct test_synth synth;

static struct device {
    struct audio_output output;
    _Atomic int64_t time_100ns;      /* since it began to play */
    _Atomic int64_t need;            /* frames from its play cursor to its write cursor */
    _Atomic int64_t looks;
    atomic_int steps;                /* that the time is yet to go on, one at each look: never during a fill */
    atomic_bool deaf;                /* every write fails */
    _Atomic int64_t odd_until;       /* of the machine's time: its write cursor lies 10 ms behind the play cursor */
    atomic_bool gone, gone_once;     /* every look fails, or this one */
    _Atomic(void (*)(void)) on_look; /* called at the next look, once */
    int64_t written;                 /* thread's */
    int32_t heard[FRAMES];           /* thread's: the sample that each frame plays, plus 1; 0 is silence */
} device;

/* A master clock that is OFFSET from the device's time. */
static struct device_clock {
    struct test_clock base;
    int64_t offset_100ns;
    atomic_int fail; /* so many readings */
    void (*on_time)(void); /* called after the next reading, once */
} clocks[2];

static HRESULT STDMETHODCALLTYPE device_clock_GetTime(IReferenceClock *iface, REFERENCE_TIME *time)
{
    struct device_clock *clock = (struct device_clock *)(void *)iface;
    if (atomic_load(&clock->fail) > 0 && atomic_fetch_sub(&clock->fail, 1) > 0)
        return E_FAIL;
    *time = atomic_load(&device.time_100ns) + clock->offset_100ns;
    void (*on_time)(void) = clock->on_time;
    if (on_time) {
        clock->on_time = NULL;
        on_time();
    }
    return S_OK;
}

static IReferenceClock *device_clock_make(struct device_clock *clock, int64_t offset_100ns)
{
    static const IReferenceClockVtbl vtbl = {
        test_clock_QueryInterface, test_clock_AddRef,         test_clock_Release,  device_clock_GetTime,
        test_clock_AdviseTime,     test_clock_AdvisePeriodic, test_clock_Unadvise,
    };
    clock->base = test_clock_make(0);
    clock->base.iface_member.lpVtbl = &vtbl;
    clock->offset_100ns = offset_100ns;
    atomic_store(&clock->fail, 0);
    return &clock->base.iface_member;
}

static int64_t device_frame(int64_t time_100ns) { return time_100ns * RATE / 10000000; }

static enum dm_status device_cursor(struct audio_output *output, struct audio_cursor *cursor, struct dm_error *err)
{
    (void)output, (void)err;
    atomic_fetch_add(&device.looks, 1);
    if (atomic_load(&device.steps) > 0) {
        atomic_fetch_add(&device.time_100ns, STEP);
        atomic_fetch_sub(&device.steps, 1);
    }
    int64_t playing = device_frame(atomic_load(&device.time_100ns));
    bool odd = clock_now_100ns() < atomic_load(&device.odd_until);
    *cursor = (struct audio_cursor){playing, playing + (odd ? 2 * RATE - RATE / 100 : atomic_load(&device.need)), device.written,
                                    2 * RATE};
    void (*on_look)(void) = atomic_exchange(&device.on_look, NULL);
    if (on_look)
        on_look();
    return atomic_exchange(&device.gone_once, false) || atomic_load(&device.gone) ? DM_ERR_DEVICE : DM_OK;
}

static void device_seek(struct audio_output *output, int64_t frame)
{
    (void)output;
    device.written = frame;
}

/* Sample n of the test's synth is n modulo 16384. */
static enum dm_status device_write(struct audio_output *output, const void *frames, size_t count, struct dm_error *err)
{
    (void)output, (void)err;
    const int16_t *samples = frames;
    int64_t first = device_frame(atomic_load(&device.time_100ns)) + atomic_load(&device.need);
    if (atomic_load(&device.deaf))
        return DM_ERR_DEVICE;
    for (size_t i = 0; i < count; i++, device.written++)
        if (device.written >= first && device.written < FRAMES)
            device.heard[device.written] = samples[i] + 1;
    return DM_OK;
}

static const struct audio_output_ops device_ops = {
    .name = "formula", .write = device_write, .cursor = device_cursor, .seek = device_seek};

static void set_ms(const GUID *set, DWORD ms)
{
    IKsControl *ks;
    KSPROPERTY property = {0};
    property.Set = *set;
    property.Flags = KSPROPERTY_TYPE_SET;
    CHECK_EQ(IDirectMusicSynthSink_QueryInterface(sink, &IID_IKsControl, (void **)&ks), S_OK);
    CHECK_EQ(IKsControl_KsProperty(ks, &property, sizeof property, &ms, sizeof ms, NULL), S_OK);
    IKsControl_Release(ks);
}

/* A sink on the device by the first clock, not yet active. The thread looks at the device each millisecond; it keeps 75 ms. */
static void create(int64_t need)
{
    memset(device.heard, 0, sizeof device.heard);
    device.output.ops = &device_ops;
    device.written = 0;
    atomic_store(&device.time_100ns, 0);
    atomic_store(&device.need, need);
    synth = test_synth_make(RATE, 1);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_QueryInterface(sink, &IID_IDmusSinkControl, (void **)&control), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Init(sink, &synth.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, device_clock_make(&clocks[0], 10000000)), S_OK);
    device_clock_make(&clocks[1], 50000000000);
    CHECK_EQ(control->lpVtbl->SetOutput(control, &device.output, FALSE), S_OK);
    set_ms(&GUID_DMUS_PROP_WritePeriod, 1);
    set_ms(&GUID_DMUS_PROP_WriteLatency, 74);
}

static void destroy(void)
{
    control->lpVtbl->Release(control);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
    CHECK_EQ(clocks[0].base.refs, 1);
    CHECK_EQ(clocks[1].base.refs, 1);
}

/* The time goes on by MS; returns when a whole fill has seen the end of that. */
static void pass(int ms)
{
    int64_t until = clock_now_100ns() + 300000000;
    atomic_store(&device.steps, ms * 10000 / STEP);
    while (atomic_load(&device.steps) > 0 && clock_now_100ns() < until)
        clock_sleep_until_100ns(clock_now_100ns() + 2000);
    int64_t looks = atomic_load(&device.looks) + 2;
    while (atomic_load(&device.looks) < looks && clock_now_100ns() < until)
        clock_sleep_until_100ns(clock_now_100ns() + 2000);
    CHECK(clock_now_100ns() < until);
}

static int64_t now(void) { return atomic_load(&device.time_100ns); }

static LONGLONG position(void)
{
    LONGLONG at = 0;
    CHECK_EQ(control->lpVtbl->GetPosition(control, &at), S_OK);
    return at;
}

static DMUS_SINKREPORT report(void)
{
    DMUS_SINKREPORT report = {.dwSize = sizeof report};
    CHECK_EQ(control->lpVtbl->GetReport(control, &report), S_OK);
    return report;
}

/* While inactive. From device time FROM to TO each frame was the sample that by CLOCK was due then, give or take 1 ms. */
static bool heard_right(const struct device_clock *clock, int64_t from, int64_t to)
{
    for (int64_t frame = device_frame(from); frame < device_frame(to); frame++) {
        LONGLONG due = 0;
        IDirectMusicSynthSink_RefTimeToSample(sink, clock->offset_100ns + frame * 10000000 / RATE, &due);
        int64_t off = (device.heard[frame] - 1 - due) % 16384;
        off = off < -8192 ? off + 16384 : off > 8192 ? off - 16384 : off;
        if (device.heard[frame] == 0 || off < -22 || off > 22) {
            printf("# at %.1f ms: sample %d, %lld was due\n", (double)frame * 1000 / RATE, (int)device.heard[frame] - 1,
                   (long long)due);
            return false;
        }
    }
    return true;
}

static void test_plays_what_is_due(void)
{
    create(200);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
    pass(1000);
    CHECK_EQ(report().dwUnderruns, 0);
    CHECK_EQ(report().dwResyncs, 0);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    CHECK(heard_right(&clocks[0], 200000, now() + 700000));
    CHECK_EQ(synth.jumps, 0);
    destroy();
}

static void first_clock(void) { IDirectMusicSynthSink_SetMasterClock(sink, &clocks[0].base.iface_member); }
static void other_clock(void) { IDirectMusicSynthSink_SetMasterClock(sink, &clocks[1].base.iface_member); }

/* M78: another master clock with another zero, just while the thread is between the device's cursor and the time. */
static void test_M78_master_clock_in_the_middle_of_a_fill(void)
{
    create(200);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
    pass(500);
    atomic_store(&device.on_look, other_clock);
    pass(500);
    CHECK_NEAR((double)position(), device_frame(now()) + RATE * 0.084, RATE * 0.03);
    CHECK_EQ(report().dwUnderruns, 0);
    CHECK_EQ(report().dwResyncs, 0);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    CHECK(heard_right(&clocks[1], 200000, now() + 700000));
    CHECK_EQ(synth.jumps, 0);
    destroy();
}

static atomic_bool held, arrived;

static void hold_here(void)
{
    atomic_store(&arrived, true);
    while (atomic_load(&held))
        clock_sleep_until_100ns(clock_now_100ns() + 2000);
}

/* Keep the sink's thread in its look at the device. */
static void hold_thread(void)
{
    atomic_store(&held, true);
    atomic_store(&arrived, false);
    atomic_store(&device.on_look, hold_here);
    for (int i = 0; CHECK(i < 10000) && !atomic_load(&arrived); i++)
        clock_sleep_until_100ns(clock_now_100ns() + 10000);
}

/* M78, M74: the master clock goes back by more than an hour just while the latency clock has read the one before. */
static void test_M78_latency_clock_takes_the_new_time_base(void)
{
    IReferenceClock *latency;
    REFERENCE_TIME ahead = 0;
    create(200);
    CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(sink, &latency), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clocks[1].base.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
    pass(100);
    CHECK_EQ(IReferenceClock_GetTime(latency, &ahead), S_OK);
    CHECK_NEAR((double)(ahead - now() - clocks[1].offset_100ns), 840000, 60000);
    hold_thread();
    clocks[1].on_time = first_clock;
    CHECK_EQ(IReferenceClock_GetTime(latency, &ahead), S_OK);
    CHECK_NEAR((double)(ahead - now() - clocks[0].offset_100ns), 840000, 60000);
    CHECK_EQ(IReferenceClock_GetTime(latency, &ahead), S_FALSE);
    atomic_store(&held, false);
    pass(100);
    CHECK_EQ(IReferenceClock_GetTime(latency, &ahead), S_OK);
    CHECK_NEAR((double)(ahead - now() - clocks[0].offset_100ns), 840000, 60000);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    IReferenceClock_Release(latency);
    destroy();
}

/* What was lost was lost while the device or the clock failed, and no later than the sound that was under way is over. */
static void check_recovers(void (*fail)(void), void (*mend)(void), int ms, int silent_ms)
{
    create(200);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
    pass(500);
    int64_t from = now();
    fail();
    pass(ms);
    if (mend)
        mend();
    int64_t until = from + (int64_t)silent_ms * 10000;
    pass(500);
    CHECK_NEAR((double)position(), device_frame(now()) + RATE * 0.084, RATE * 0.03);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    CHECK(heard_right(&clocks[0], 200000, from + 600000));
    CHECK(heard_right(&clocks[0], until, now() + 700000));
    destroy();
}

static void make_deaf(void) { atomic_store(&device.deaf, true); }
static void mend_deaf(void) { atomic_store(&device.deaf, false); }

static void test_buffer_lost_for_200_ms(void)
{
    check_recovers(make_deaf, mend_deaf, 200, 310);
    CHECK_EQ(synth.jumps, 0);
}

static void make_gone(void) { atomic_store(&device.gone, true); }
static void mend_gone(void) { atomic_store(&device.gone, false); }

static void test_device_gone_for_200_ms(void)
{
    check_recovers(make_gone, mend_gone, 200, 310);
    CHECK_EQ(synth.jumps, 0);
}

static void gone_at_this_look(void) { atomic_store(&device.gone_once, true); }
static void arm_gone(void) { atomic_store(&device.on_look, gone_at_this_look); }

static void test_one_failing_look(void)
{
    check_recovers(arm_gone, NULL, 20, 120);
    CHECK_EQ(synth.jumps, 0);
}

static void fail_clock(void) { atomic_store(&clocks[0].fail, 1); }
static void arm_clock(void) { atomic_store(&device.on_look, fail_clock); }

/* Before the device is looked at and after it; nothing at all is lost. */
static void test_one_failing_reading_of_the_clock(void)
{
    check_recovers(fail_clock, NULL, 20, 0);
    CHECK_EQ(synth.jumps, 0);
    check_recovers(arm_clock, NULL, 20, 0);
    CHECK_EQ(synth.jumps, 0);
}

static void fail_clock_long(void) { atomic_store(&clocks[0].fail, INT_MAX); }
static void mend_clock(void) { atomic_store(&clocks[0].fail, 0); }

/* What was due meanwhile is lost, and what comes after is heard when it is due. */
static void test_clock_fails_for_200_ms(void)
{
    check_recovers(fail_clock_long, mend_clock, 200, 225);
    CHECK_EQ(synth.jumps, 1);
}

static void replace_dead_clock(void)
{
    REFERENCE_TIME ahead = 0;
    IReferenceClock *latency;
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clocks[1].base.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(sink, &latency), S_OK);
    CHECK_EQ(IReferenceClock_GetTime(latency, &ahead), S_OK);
    CHECK_NEAR((double)(ahead - now() - clocks[1].offset_100ns), 840000, 60000);
    IReferenceClock_Release(latency);
}

/* M78: a clock that fails for good is replaced by another one, whose zero may be anywhere. The sound goes on by that; if it ran dry
 * meanwhile, as soon as the lead is there again, and none of it is lost. */
static void test_M78_a_dead_clock_is_replaced(void)
{
    for (int way = 0; way < 2; way++)
        for (int ms = 0; ms <= 300; ms += 300) {
            create(200);
            device_clock_make(&clocks[1], way ? 50000000000 : -50000000000);
            CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
            pass(500);
            fail_clock_long();
            pass(ms);
            int64_t from = now();
            replace_dead_clock();
            pass(500);
            CHECK_NEAR((double)position(), device_frame(now()) + RATE * 0.084 - RATE * ms / 1000.0, RATE * 0.03);
            CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
            CHECK(heard_right(&clocks[1], from + (ms ? 1000000 : 200000), now() + 700000));
            CHECK_EQ(synth.jumps, 0);
            destroy();
        }
}

/* One that cannot tell the time cannot take over; the one before stays. */
static void test_M78_a_dead_clock_is_no_replacement(void)
{
    create(200);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
    pass(200);
    atomic_store(&clocks[1].fail, 1);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clocks[1].base.iface_member), E_FAIL);
    pass(200);
    CHECK_EQ(report().dwUnderruns, 0);
    CHECK_EQ(report().dwResyncs, 0);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    CHECK(heard_right(&clocks[0], 200000, now() + 700000));
    CHECK_EQ(synth.jumps, 0);
    destroy();
}

static void time_goes_on(void) { atomic_fetch_add(&device.time_100ns, 500000); }

/* Setting the clock that is set already moves nothing, however long that takes. */
static void test_M78_the_same_clock_again(void)
{
    create(200);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
    pass(200);
    hold_thread();
    LONGLONG before = 0, after = 0;
    IDirectMusicSynthSink_RefTimeToSample(sink, 100000000, &before);
    clocks[0].on_time = time_goes_on;
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clocks[0].base.iface_member), S_OK);
    clocks[0].on_time = NULL;
    IDirectMusicSynthSink_RefTimeToSample(sink, 100000000, &after);
    CHECK_EQ(after, before);
    atomic_store(&held, false);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    destroy();
}

/* 7.3: the latency clock is no more than 450 ms ahead; the sound is, if the device wants it so. */
static void test_device_that_wants_its_sound_early(void)
{
    static const int need_ms[] = {400, 460, 1000, 1800};
    IReferenceClock *latency;
    for (size_t i = 0; i < sizeof need_ms / sizeof need_ms[0]; i++) {
        REFERENCE_TIME ahead = 0;
        create(RATE * need_ms[i] / 1000);
        CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(sink, &latency), S_OK);
        CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
        pass(2000);
        CHECK_EQ(IReferenceClock_GetTime(latency, &ahead), S_OK);
        CHECK_EQ(ahead - now() - clocks[0].offset_100ns, 4500000);
        CHECK_EQ(report().dwLead, 450000);
        CHECK_NEAR((double)position(), device_frame(now()) + RATE * (need_ms[i] + 75) / 1000, RATE * 0.03);
        CHECK_EQ(report().dwUnderruns, 0);
        CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
        CHECK(heard_right(&clocks[0], (need_ms[i] + 20) * 10000, now() + (need_ms[i] + 60) * 10000));
        CHECK_EQ(synth.jumps, 0);
        IReferenceClock_Release(latency);
        destroy();
    }
}

/* Its buffer holds 2 s. */
static void test_device_that_cannot_be_served(void)
{
    create(RATE * 1900 / 1000);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), DMUS_E_INVALIDBUFFER);
    CHECK_EQ(control->lpVtbl->SetProfile(control, 0), S_OK); /* still inactive */
    atomic_store(&device.need, 200);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
    pass(100);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    destroy();
}

/* Its cursors move every 10 ms, and are odd for one such step just when the sink is activated. */
static void test_device_that_is_odd_at_the_start(void)
{
    create(200);
    atomic_store(&device.odd_until, clock_now_100ns() + 100000);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
    pass(200);
    CHECK_NEAR((double)position(), device_frame(now()) + RATE * 0.084, RATE * 0.03);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    destroy();
}

int main(void)
{
    RUN(test_plays_what_is_due);
    RUN(test_M78_master_clock_in_the_middle_of_a_fill);
    RUN(test_M78_latency_clock_takes_the_new_time_base);
    RUN(test_buffer_lost_for_200_ms);
    RUN(test_device_gone_for_200_ms);
    RUN(test_one_failing_look);
    RUN(test_one_failing_reading_of_the_clock);
    RUN(test_clock_fails_for_200_ms);
    RUN(test_M78_a_dead_clock_is_replaced);
    RUN(test_M78_a_dead_clock_is_no_replacement);
    RUN(test_M78_the_same_clock_again);
    RUN(test_device_that_wants_its_sound_early);
    RUN(test_device_that_cannot_be_served);
    RUN(test_device_that_is_odd_at_the_start);
    return tap_done();
}
