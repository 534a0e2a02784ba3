/* SPDX-License-Identifier: MIT */
/* The sink on a device that asks for its sound (audio/output.h), while its master clock changes; spec/ddi-user.md 2.2, 7.2. The
 * device and the clocks run by the system's time. */
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "doubles.h"
#include "user/os.h"

#define RATE    22050
#define COUNT   441    /* frames of a pull: 20 ms */
#define LATENCY 200000 /* 20 ms */

static IDirectMusicSynthSink *sink;
static IDmusSinkControl *control;
static struct test_synth synth;

static struct device {
    struct audio_output output;
    struct audio_source source;
    struct os_thread thread;
    atomic_bool stop;
} device;

/* Perfectly even, however late the thread is woken. */
static void ask(void *unused)
{
    int16_t frames[COUNT];
    int64_t next = clock_now_100ns();
    struct audio_moment moment = {.restarted = true};
    (void)unused;
    for (; !atomic_load(&device.stop); next += (int64_t)COUNT * 10000000 / RATE, moment.frame += COUNT) {
        clock_sleep_until_100ns(next);
        moment.asked_100ns = next;
        moment.heard_100ns = next + LATENCY;
        device.source.pull(device.source.ctx, frames, COUNT, &moment);
        moment.restarted = false;
    }
}

static enum dm_status device_start(struct audio_output *output, const struct audio_source *source, struct dm_error *err)
{
    (void)output, (void)err;
    device.source = *source;
    atomic_store(&device.stop, false);
    return os_thread_start(&device.thread, ask, NULL) ? DM_OK : DM_ERR_DEVICE;
}

static void device_stop(struct audio_output *output)
{
    (void)output;
    atomic_store(&device.stop, true);
    os_thread_join(&device.thread);
}

static void device_info(struct audio_output *output, struct audio_info *info)
{
    (void)output;
    *info = (struct audio_info){.sample_rate = RATE, .channels = 1, .pull_max = COUNT};
}

static const struct audio_output_ops device_ops = {
    .name = "asking", .start = device_start, .stop = device_stop, .info = device_info};

/* The system's time and OFFSET. */
static struct offset_clock {
    struct test_clock base;
    int64_t offset_100ns;
    _Atomic(void (*)(void)) on_time; /* called after the next reading, once */
} clocks[2];

static HRESULT STDMETHODCALLTYPE offset_clock_GetTime(IReferenceClock *iface, REFERENCE_TIME *time)
{
    struct offset_clock *clock = (struct offset_clock *)(void *)iface;
    *time = clock_now_100ns() + clock->offset_100ns;
    void (*on_time)(void) = atomic_exchange(&clock->on_time, NULL);
    if (on_time)
        on_time();
    return S_OK;
}

static IReferenceClock *offset_clock_make(struct offset_clock *clock, int64_t offset_100ns)
{
    static const IReferenceClockVtbl vtbl = {
        test_clock_QueryInterface, test_clock_AddRef,         test_clock_Release,  offset_clock_GetTime,
        test_clock_AdviseTime,     test_clock_AdvisePeriodic, test_clock_Unadvise,
    };
    clock->base = test_clock_make(0);
    clock->base.iface_member.lpVtbl = &vtbl;
    clock->offset_100ns = offset_100ns;
    atomic_store(&clock->on_time, NULL);
    return &clock->base.iface_member;
}

static void create(void)
{
    device.output.ops = &device_ops;
    synth = test_synth_make(RATE, 1);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_QueryInterface(sink, &IID_IDmusSinkControl, (void **)&control), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Init(sink, &synth.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, offset_clock_make(&clocks[0], 10000000)), S_OK);
    offset_clock_make(&clocks[1], 50000000000);
    CHECK_EQ(control->lpVtbl->SetOutput(control, &device.output, FALSE), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
}

static void destroy(void)
{
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    control->lpVtbl->Release(control);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
    CHECK_EQ(clocks[0].base.refs, 1);
    CHECK_EQ(clocks[1].base.refs, 1);
}

/* How far the next frame to be rendered is from the time it is heard at, by CLOCK. */
static double off_ms(const struct offset_clock *clock)
{
    LONGLONG position = 0;
    REFERENCE_TIME due = 0;
    CHECK_EQ(control->lpVtbl->GetPosition(control, &position), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SampleToRefTime(sink, position, &due), S_OK);
    return (double)(due - clock->offset_100ns - clock_now_100ns()) / 1e4;
}

static atomic_bool changed;

static void other_clock(void)
{
    IDirectMusicSynthSink_SetMasterClock(sink, &clocks[1].base.iface_member);
    atomic_store(&changed, true);
}

/* M78: another master clock with another zero, just while the thread that follows the device has read the one before. Nothing
 * jumps, and nothing has to be mended. */
static void test_M78_master_clock_while_the_device_is_followed(void)
{
    DMUS_SINKREPORT report = {.dwSize = sizeof report};
    create();
    for (int i = 0; i < 20; i++) {
        struct offset_clock *from = &clocks[0];
        CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &from->base.iface_member), S_OK);
        clock_sleep_until_100ns(clock_now_100ns() + 200000);
        atomic_store(&changed, false);
        atomic_store(&from->on_time, other_clock);
        while (!atomic_load(&changed))
            clock_sleep_until_100ns(clock_now_100ns() + 1000);
        clock_sleep_until_100ns(clock_now_100ns() + 10000);
        CHECK_NEAR(off_ms(&clocks[1]), 30, 1000);
    }
    CHECK_EQ(control->lpVtbl->GetReport(control, &report), S_OK);
    CHECK_EQ(report.dwResyncs, 0);
    CHECK_EQ(report.dwUnderruns, 0);
    destroy();
}

int main(void)
{
    RUN(test_M78_master_clock_while_the_device_is_followed);
    return tap_done();
}
