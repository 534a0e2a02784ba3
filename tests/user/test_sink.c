/* SPDX-License-Identifier: MIT */
/* The sink: ddi-user.md 2.2, 7, 15 items 24..26; native-behaviour.md M 72-80. */
#include "base/alloc.h"
#include "base/clock.h"
#include "doubles.h"

static IDirectMusicSynthSink *sink;
static IDmusSinkControl *control;

static void create(void)
{
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_QueryInterface(sink, &IID_IDmusSinkControl, (void **)&control), S_OK);
}

static void destroy(void)
{
    control->lpVtbl->Release(control);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
}

static void test_items_24_25_M72_M73_unconfigured(void)
{
    create();
    REFERENCE_TIME time;
    LONGLONG sample;
    DWORD size;
    CHECK_EQ(IDirectMusicSynthSink_SampleToRefTime(sink, 0, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynthSink_SampleToRefTime(sink, 10, &time), S_OK);
    CHECK_EQ(time, 4000);
    CHECK_EQ(IDirectMusicSynthSink_RefTimeToSample(sink, 0, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynthSink_RefTimeToSample(sink, 4000, &sample), S_OK);
    CHECK_EQ(sample, 8);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), (HRESULT)0x88781131);
    CHECK_EQ(IDirectMusicSynthSink_GetDesiredBufferSize(sink, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynthSink_GetDesiredBufferSize(sink, &size), DMUS_E_SYNTHNOTCONFIGURED);
    destroy();
}

static void test_item_26_M74_latency_clock(void)
{
    create();
    struct test_clock master = test_clock_make(5000);
    IReferenceClock *clock = NULL;
    IUnknown *other;
    REFERENCE_TIME time;
    CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(sink, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(sink, &clock), S_OK);
    CHECK(clock != NULL && clock != &master.iface_member);
    CHECK_EQ(IReferenceClock_GetTime(clock, NULL), E_INVALIDARG);
    CHECK_EQ(IReferenceClock_GetTime(clock, &time), E_FAIL);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &master.iface_member), S_OK);
    CHECK_EQ(IReferenceClock_GetTime(clock, &time), E_FAIL);
    /* its references are the sink's */
    ULONG count = IDirectMusicSynthSink_AddRef(sink);
    CHECK_EQ(IReferenceClock_AddRef(clock), count + 1);
    CHECK_EQ(IReferenceClock_Release(clock), count);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), count - 1);
    /* but it is no way to the sink */
    CHECK_EQ(IReferenceClock_QueryInterface(clock, &IID_IDirectMusicSynthSink, (void **)&other), E_NOINTERFACE);
    CHECK_EQ(IReferenceClock_QueryInterface(clock, &IID_IUnknown, (void **)&other), S_OK);
    CHECK((void *)other == (void *)clock);
    IUnknown_Release(other);
    DWORD cookie;
    CHECK_EQ(IReferenceClock_AdviseTime(clock, 1, 1, NULL, &cookie), E_NOTIMPL);
    IReferenceClock_Release(clock);
    destroy();
    CHECK_EQ(master.refs, 1);
}

static void test_M78_master_clock_references(void)
{
    create();
    struct test_clock first = test_clock_make(0), second = test_clock_make(0);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &first.iface_member), S_OK);
    CHECK_EQ(first.refs, 2);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &second.iface_member), S_OK);
    CHECK_EQ(first.refs, 1);
    CHECK_EQ(second.refs, 2);
    destroy();
    CHECK_EQ(second.refs, 1);
}

/* A clock that asks the sink something when it goes. */
static ULONG STDMETHODCALLTYPE asking_clock_Release(IReferenceClock *iface)
{
    DWORD size;
    ULONG left = test_clock_Release(iface);
    if (left == 0)
        CHECK_EQ(IDirectMusicSynthSink_GetDesiredBufferSize(sink, &size), DMUS_E_SYNTHNOTCONFIGURED);
    return left;
}

static void test_M78_a_clock_that_goes_may_call_the_sink(void)
{
    static const IReferenceClockVtbl vtbl = {
        test_clock_QueryInterface, test_clock_AddRef,         asking_clock_Release, test_clock_GetTime,
        test_clock_AdviseTime,     test_clock_AdvisePeriodic, test_clock_Unadvise,
    };
    struct test_clock first = test_clock_make(0), second = test_clock_make(0);
    first.iface_member.lpVtbl = &vtbl;
    create();
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &first.iface_member), S_OK);
    IReferenceClock_Release(&first.iface_member);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &second.iface_member), S_OK);
    CHECK_EQ(first.refs, 0);
    destroy();
    CHECK_EQ(second.refs, 1);
}

/* A sink cannot be told the time by itself, be it through another one. Nothing changes, and the clock before goes on. */
static void test_own_latency_clock_is_no_master_clock(void)
{
    struct test_synth synth = test_synth_make(44100, 2);
    struct test_clock master = test_clock_make(5000);
    IReferenceClock *own, *others;
    IDirectMusicSynthSink *other;
    REFERENCE_TIME time = 0;
    create();
    sink_without_device(sink);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&other), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(sink, &own), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(other, &others), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, own), E_FAIL); /* spec/ddi-user.md 2.2 */
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &master.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(other, own), S_OK); /* a sink behind another one is no ring */
    CHECK_EQ(IDirectMusicSynthSink_Init(sink, &synth.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, own), E_FAIL);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, others), E_FAIL);
    CHECK_EQ(master.refs, 2);
    CHECK_EQ(IReferenceClock_GetTime(own, &time), S_OK);
    CHECK_EQ(time, 5000 + 750000);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    IReferenceClock_Release(own);
    IReferenceClock_Release(others);
    CHECK_EQ(IDirectMusicSynthSink_Release(other), 0);
    destroy();
    CHECK_EQ(master.refs, 1);
}

static void test_M76_M77_M79_order_of_checks(void)
{
    create();
    struct test_synth synth = test_synth_make(44100, 2);
    struct test_clock clock = test_clock_make(0);
    struct test_dsound device = test_dsound_make();
    IDirectSound *dsound = (IDirectSound *)(void *)&device;
    DWORD size = 0;
    CHECK_EQ(IDirectMusicSynthSink_SetDirectSound(sink, NULL, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetDirectSound(sink, dsound, NULL), DMUS_E_SYNTHNOTCONFIGURED);
    synth.format_result = DMUS_E_SYNTHNOTCONFIGURED;
    CHECK_EQ(IDirectMusicSynthSink_Init(sink, &synth.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_GetDesiredBufferSize(sink, &size), E_UNEXPECTED);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), DMUS_E_SYNTHNOTCONFIGURED);
    synth.format_result = S_OK;
    CHECK_EQ(IDirectMusicSynthSink_GetDesiredBufferSize(sink, &size), S_OK);
    CHECK_EQ(size, 352800);
#ifdef _WIN32
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), (HRESULT)0x88781139); /* DSOUND_NOT_SET */
#endif
    CHECK_EQ(IDirectMusicSynthSink_SetDirectSound(sink, dsound, NULL), S_OK);
    sink_without_device(sink);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), (HRESULT)0x88781170);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clock.iface_member), S_OK);
    synth.format.nChannels = 6;
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), DMUS_E_WAVEFORMATNOTSUPPORTED);
    synth.format.nChannels = 2;
    clock.result = E_FAIL;
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), E_FAIL);
    clock.result = S_OK;
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), (HRESULT)0x88781132);
    CHECK_EQ(IDirectMusicSynthSink_SetDirectSound(sink, NULL, NULL), DMUS_E_SYNTHACTIVE);
    CHECK_EQ(IDirectMusicSynthSink_SetDirectSound(sink, dsound, NULL), DMUS_E_SYNTHACTIVE);
    CHECK_EQ(control->lpVtbl->SetOutput(control, NULL, FALSE), DMUS_E_SYNTHACTIVE);
    CHECK_EQ(control->lpVtbl->SetOffline(control, TRUE), DMUS_E_SYNTHACTIVE);
    CHECK_EQ(control->lpVtbl->SetProfile(control, DMUS_PROFILE_STUDIO), DMUS_E_SYNTHACTIVE);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clock.iface_member), S_OK); /* M78: while active, too */
    CHECK_EQ(IDirectMusicSynthSink_Init(sink, NULL), S_OK);                          /* M75 */
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    CHECK_EQ(control->lpVtbl->SetProfile(control, 2), E_INVALIDARG);
    CHECK_EQ(synth.refs, 1);
    destroy();
}

static void start_offline(struct test_synth *synth, struct test_clock *clock, struct test_output *output, bool as_float)
{
    create();
    CHECK_EQ(IDirectMusicSynthSink_Init(sink, &synth->iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clock->iface_member), S_OK);
    CHECK_EQ(control->lpVtbl->SetOffline(control, TRUE), S_OK);
    CHECK_EQ(control->lpVtbl->SetProfile(control, DMUS_PROFILE_STUDIO), S_OK);
    CHECK_EQ(control->lpVtbl->SetOutput(control, output, as_float), S_OK);
    CHECK_EQ(control->lpVtbl->Pump(control, 1, 1), DMUS_E_SYNTHINACTIVE);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
}

/* A synth that knows nothing of us: every sample arrives, in order, whatever the block. */
static void test_custom_synth_offline(void)
{
    for (int as_float = 0; as_float < 2; as_float++) {
        struct test_synth synth = test_synth_make(32000, 2);
        struct test_clock clock = test_clock_make(777);
        struct test_output output = test_output_make(2, as_float);
        LONGLONG position;
        REFERENCE_TIME time;
        LONGLONG sample;
        start_offline(&synth, &clock, &output, as_float);
        CHECK_EQ(control->lpVtbl->Pump(control, 0, 64), S_OK);
        CHECK_EQ(control->lpVtbl->Pump(control, 5, 0), E_INVALIDARG);
        CHECK_EQ(control->lpVtbl->Pump(control, 1000, 7), S_OK);
        CHECK_EQ(synth.renders, 143);
        CHECK_EQ(control->lpVtbl->Pump(control, 20000, 0xFFFFFFFF), S_OK);
        CHECK_EQ(control->lpVtbl->GetPosition(control, NULL), E_POINTER);
        CHECK_EQ(control->lpVtbl->GetPosition(control, &position), S_OK);
        CHECK_EQ(position, 21000);
        CHECK_EQ(output.frames, 21000);
        CHECK_EQ(synth.jumps, 0);
        bool same = true;
        for (int64_t i = 0; i < 42000; i++) {
            int16_t want = (int16_t)(i / 2 % 16384);
            same = same && (as_float ? ((float *)(void *)output.bytes)[i] == (float)want / 32768.0f
                                     : ((int16_t *)(void *)output.bytes)[i] == want);
        }
        CHECK(same);
        /* conversions go by the synth's rate and the master time of the activation */
        CHECK_EQ(IDirectMusicSynthSink_SampleToRefTime(sink, 32000, &time), S_OK);
        CHECK_EQ(time, 10000777);
        CHECK_EQ(IDirectMusicSynthSink_RefTimeToSample(sink, 10000777, &sample), S_OK);
        CHECK_EQ(sample, 32000);
        CHECK_EQ(IDirectMusicSynthSink_RefTimeToSample(sink, 776, &sample), S_OK);
        CHECK_EQ(sample, -1);
        /* the latency clock stands at the first frame not yet rendered */
        IReferenceClock *latency;
        CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(sink, &latency), S_OK);
        CHECK_EQ(IReferenceClock_GetTime(latency, &time), S_OK);
        CHECK_EQ(time, 777 + 21000 * (int64_t)625 / 2);
        CHECK_EQ(IReferenceClock_GetTime(latency, &time), S_FALSE);
        CHECK_EQ(control->lpVtbl->Pump(control, 1, 1), S_OK);
        CHECK_EQ(IReferenceClock_GetTime(latency, &time), S_OK);
        CHECK_EQ(time, 777 + 313 + 21000 * (int64_t)625 / 2); /* 21001 * 312.5 rounded up */
        IReferenceClock_Release(latency);
        CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
        CHECK_EQ(control->lpVtbl->Pump(control, 1, 1), DMUS_E_SYNTHINACTIVE);
        destroy();
        test_output_free(&output);
        CHECK_EQ(clock.refs, 1);
    }
}

static void test_output_refuses(void)
{
    struct test_synth synth = test_synth_make(32000, 1);
    struct test_clock clock = test_clock_make(0);
    struct test_output output = test_output_make(1, false);
    LONGLONG position;
    output.fail_after = 1000;
    start_offline(&synth, &clock, &output, false);
    CHECK_EQ(control->lpVtbl->Pump(control, 900, 100), S_OK);
    CHECK_EQ(control->lpVtbl->Pump(control, 900, 100), E_FAIL);
    CHECK_EQ(output.frames, 1000);
    size_t writes = output.writes;
    CHECK_EQ(control->lpVtbl->Pump(control, 900, 100), E_FAIL);
    CHECK_EQ(output.writes, writes); /* not asked again */
    CHECK_EQ(control->lpVtbl->GetPosition(control, &position), S_OK);
    CHECK_EQ(position, 1200);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    destroy();
    test_output_free(&output);
}

/* Init of another synth while active: the old one is never called again. */
static void test_M75_init_takes_the_synth_away(void)
{
    struct test_synth synth = test_synth_make(32000, 1);
    struct test_clock clock = test_clock_make(0);
    struct test_output output = test_output_make(1, false);
    start_offline(&synth, &clock, &output, false);
    CHECK_EQ(control->lpVtbl->Pump(control, 100, 100), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Init(sink, NULL), S_OK);
    CHECK_EQ(control->lpVtbl->Pump(control, 100, 100), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(synth.renders, 1);
    CHECK_EQ(output.frames, 200);
    CHECK_EQ(((int16_t *)(void *)output.bytes)[99], 99);
    CHECK_EQ(((int16_t *)(void *)output.bytes)[100], 0);
    destroy();
    test_output_free(&output);
}

static void test_activation_without_memory(void)
{
    struct test_synth synth = test_synth_make(32000, 2);
    struct test_clock clock = test_clock_make(0);
    struct test_output output = test_output_make(2, true);
    create();
    CHECK_EQ(IDirectMusicSynthSink_Init(sink, &synth.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clock.iface_member), S_OK);
    CHECK_EQ(control->lpVtbl->SetOutput(control, &output, TRUE), S_OK);
    for (long n = 1;; n++) {
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        HRESULT hr = IDirectMusicSynthSink_Activate(sink, TRUE);
        dm_alloc_fail_at(0, false);
        if (hr == S_OK) {
            CHECK(n > 2);
            break;
        }
        CHECK_EQ(hr, E_OUTOFMEMORY);
        CHECK_EQ(dm_alloc_live(), live);
        CHECK_EQ(control->lpVtbl->SetProfile(control, 0), S_OK); /* still inactive */
    }
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    destroy();
    test_output_free(&output);
}

/* Real time on the system clock, native 80: right after activation RefTimeToSample(now) <= 3000; the way back is never later than
 * the time asked and at most 0.5 ms earlier; the latency clock is ahead of the master clock by at most 200 ms. */
static void test_M80_real_time(void)
{
    struct test_synth synth = test_synth_make(44100, 2);
    struct test_output output = test_output_make(2, false);
    IReferenceClock *clock, *latency;
    REFERENCE_TIME before, now, after, back, ahead, last_ahead = 0;
    LONGLONG sample, position = 0;
    create();
    CHECK_EQ(user_create_system_clock(&clock), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Init(sink, &synth.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, clock), S_OK);
    CHECK_EQ(control->lpVtbl->SetOutput(control, &output, FALSE), S_OK);
    IReferenceClock_GetTime(clock, &before);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
    IReferenceClock_GetTime(clock, &now);
    CHECK_EQ(IDirectMusicSynthSink_RefTimeToSample(sink, now, &sample), S_OK);
    /* Sample 0 lies within the call of Activate, so this is 3000 samples of native or, on a machine that stands still, as many as
     * passed. */
    CHECK(sample >= 0 && sample <= (now - before) * 44100 / 10000000 + 1);
    CHECK_EQ(IDirectMusicSynthSink_SampleToRefTime(sink, sample, &back), S_OK);
    CHECK(back <= now && back >= now - 5000);
    CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(sink, &latency), S_OK);
    for (int i = 0; i < 50 || (position <= 4410 && i < 4000); i++) {
        IReferenceClock_GetTime(clock, &now);
        CHECK(SUCCEEDED(IReferenceClock_GetTime(latency, &ahead)));
        IReferenceClock_GetTime(clock, &after);
        CHECK(ahead > now && ahead < after + 2000000);
        CHECK(ahead >= last_ahead);
        last_ahead = ahead;
        /* What is stamped with the latency clock is not late: nothing beyond it has been rendered. */
        control->lpVtbl->GetPosition(control, &position);
        IReferenceClock_GetTime(latency, &ahead);
        IDirectMusicSynthSink_RefTimeToSample(sink, ahead, &sample);
        CHECK(sample >= position);
        clock_sleep_until_100ns(clock_now_100ns() + 50000);
    }
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    IReferenceClock_GetTime(clock, &now);
    CHECK_EQ(IDirectMusicSynthSink_RefTimeToSample(sink, now, &sample), S_OK);
    CHECK_EQ(control->lpVtbl->GetPosition(control, &position), S_OK);
    CHECK(position > 4410 && position <= sample + 44100 * 75 / 1000); /* period and latency ahead, no more */
    CHECK(output.frames > 4410);
    CHECK_EQ(control->lpVtbl->Pump(control, 1, 1), DMUS_E_SYNTHINACTIVE);
    IReferenceClock_Release(latency);
    IReferenceClock_Release(clock);
    destroy();
    test_output_free(&output);
}

/* 7.3: what was rendered offline, however much, keeps the latency clock of the next activation from nothing. */
static void test_latency_clock_after_offline(void)
{
    struct test_synth synth = test_synth_make(32000, 1);
    struct test_clock clock = test_clock_make(5000);
    struct test_output output = test_output_make(1, false);
    IReferenceClock *latency;
    REFERENCE_TIME ahead = 0;
    start_offline(&synth, &clock, &output, false);
    CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(sink, &latency), S_OK);
    CHECK_EQ(control->lpVtbl->Pump(control, 320000, 4096), S_OK);
    CHECK_EQ(IReferenceClock_GetTime(latency, &ahead), S_OK);
    CHECK_EQ(ahead, 100005000);
    for (int offline = 1; offline >= 0; offline--) {
        clock.now += 10000;
        CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
        CHECK_EQ(control->lpVtbl->SetOffline(control, offline), S_OK);
        CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
        CHECK_EQ(IReferenceClock_GetTime(latency, &ahead), S_OK);
        CHECK_EQ(ahead, clock.now + (offline ? 0 : 750000));
    }
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    IReferenceClock_Release(latency);
    destroy();
    test_output_free(&output);
}

/* A clock that leaps: the position follows (7.5 underrun), the synth sees the jump, nothing is rendered for the gap. */
static void test_underrun_skips(void)
{
    struct test_synth synth = test_synth_make(48000, 1);
    struct test_clock clock = test_clock_make(0);
    struct test_output output = test_output_make(1, false);
    LONGLONG position = 0;
    create();
    CHECK_EQ(IDirectMusicSynthSink_Init(sink, &synth.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clock.iface_member), S_OK);
    CHECK_EQ(control->lpVtbl->SetProfile(control, DMUS_PROFILE_STUDIO), S_OK);
    CHECK_EQ(control->lpVtbl->SetOutput(control, &output, FALSE), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
    int64_t until = clock_now_100ns() + 300000000;
    while (position < 3600 && clock_now_100ns() < until) { /* 75 ms */
        clock_sleep_until_100ns(clock_now_100ns() + 10000);
        control->lpVtbl->GetPosition(control, &position);
    }
    CHECK_EQ(position, 3600);
    clock.now = 10000000; /* one second later */
    while (position < 51600 && clock_now_100ns() < until) {
        clock_sleep_until_100ns(clock_now_100ns() + 10000);
        control->lpVtbl->GetPosition(control, &position);
    }
    CHECK_EQ(position, 51600);
    /* another clock with another zero takes over where the old one stands (M78) */
    struct test_clock other = test_clock_make(-99999);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &other.iface_member), S_OK);
    LONGLONG sample;
    CHECK_EQ(IDirectMusicSynthSink_RefTimeToSample(sink, -99999, &sample), S_OK);
    CHECK_EQ(sample, 48000);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    CHECK_EQ(synth.jumps, 1);
    CHECK_EQ(output.frames, 7200);
    CHECK_EQ(((int16_t *)(void *)output.bytes)[3599], 3599);
    CHECK_EQ(((int16_t *)(void *)output.bytes)[3600], 48000 % 16384);
    destroy();
    test_output_free(&output);
    CHECK_EQ(clock.refs, 1);
    CHECK_EQ(other.refs, 1);
}

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

/* ddi-user.md 7.3, 7.5: what is rendered, and the latency clock, lie write period and write latency ahead of the master clock. A
 * change counts from the next activation on. */
static void test_write_period_and_latency(void)
{
    static const DWORD cases[][2] = {{20, 55}, {10, 30}, {100, 350}, {1, 0}};
    struct test_synth synth = test_synth_make(48000, 1);
    struct test_clock clock = test_clock_make(1234560000);
    IReferenceClock *latency;
    create();
    sink_without_device(sink);
    CHECK_EQ(IDirectMusicSynthSink_Init(sink, &synth.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clock.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(sink, &latency), S_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ahead_ms = cases[i][0] + cases[i][1];
        LONGLONG position = 0;
        REFERENCE_TIME ahead = 0;
        DMUS_SINKREPORT report = {.dwSize = sizeof report};
        if (i > 0) /* the first are the defaults */
            set_ms(&GUID_DMUS_PROP_WritePeriod, cases[i][0]), set_ms(&GUID_DMUS_PROP_WriteLatency, cases[i][1]);
        synth.next_position = 0;
        clock.now += 10000000;
        CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), S_OK);
        set_ms(&GUID_DMUS_PROP_WriteLatency, 77); /* not yet */
        CHECK_EQ(IReferenceClock_GetTime(latency, &ahead), S_OK);
        CHECK_EQ(ahead - clock.now, ahead_ms * 10000);
        int64_t until = clock_now_100ns() + 300000000;
        while (position < ahead_ms * 48 && clock_now_100ns() < until) {
            clock_sleep_until_100ns(clock_now_100ns() + 10000);
            control->lpVtbl->GetPosition(control, &position);
        }
        clock_sleep_until_100ns(clock_now_100ns() + 50000);
        CHECK_EQ(control->lpVtbl->GetReport(control, &report), S_OK);
        CHECK_EQ(report.dwLead, ahead_ms * 1000);
        CHECK_EQ(report.dwUnderruns, 0);
        CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
        CHECK_EQ(control->lpVtbl->GetPosition(control, &position), S_OK);
        CHECK_EQ(position, ahead_ms * 48);
    }
    CHECK_EQ(synth.jumps, 0);
    IReferenceClock_Release(latency);
    destroy();
}

static void test_stream_clock_keeps_nothing_alive(void)
{
    create();
    IReferenceClock *clock = NULL;
    REFERENCE_TIME time;
    struct test_sink foreign = test_sink_make(1);
    CHECK_EQ(user_create_stream_clock(NULL, &clock), E_POINTER);
    CHECK_EQ(user_create_stream_clock(sink, NULL), E_POINTER);
    CHECK_EQ(user_create_stream_clock(&foreign.iface_member, &clock), E_NOINTERFACE);
    CHECK(clock == NULL);
    CHECK_EQ(user_create_stream_clock(sink, &clock), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, clock), S_OK);
    control->lpVtbl->Release(control);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0); /* no cycle */
    CHECK_EQ(IReferenceClock_GetTime(clock, &time), S_OK);
    CHECK_EQ(time, 0);
    CHECK_EQ(IReferenceClock_GetTime(clock, &time), S_FALSE);
    CHECK_EQ(IReferenceClock_Release(clock), 0);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
}

int main(void)
{
    RUN(test_items_24_25_M72_M73_unconfigured);
    RUN(test_item_26_M74_latency_clock);
    RUN(test_M78_master_clock_references);
    RUN(test_M78_a_clock_that_goes_may_call_the_sink);
    RUN(test_own_latency_clock_is_no_master_clock);
    RUN(test_M76_M77_M79_order_of_checks);
    RUN(test_custom_synth_offline);
    RUN(test_output_refuses);
    RUN(test_M75_init_takes_the_synth_away);
    RUN(test_activation_without_memory);
    RUN(test_M80_real_time);
    RUN(test_latency_clock_after_offline);
    RUN(test_underrun_skips);
    RUN(test_write_period_and_latency);
    RUN(test_stream_clock_keeps_nothing_alive);
    return tap_done();
}
