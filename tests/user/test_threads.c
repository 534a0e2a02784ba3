/* SPDX-License-Identifier: MIT */
/*
 * Everything at once from five threads, for THREAD_TEST_SECONDS (argument 1, default 1). Meant to be run under
 * -fsanitize=thread as well. Checks what must hold whatever the order: documented codes only, each unload callback exactly
 * once, the latency clock never back, nothing left at the end.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "rig.h"
#include "user/os.h"

static IDirectMusicSynth *synth;
static IDmusSynthControl *control;
static IDirectMusicSynthSink *sink;
static IReferenceClock *latency, *master, *other_master; /* of the same time */
static atomic_bool stop, bad;
static atomic_int played, given_back, rendered, watched; /* that something happened at all */
static int64_t duration_100ns = 10000000;
enum { PATIENCE = 15000 }; /* times 2 ms, for what must come: the machine may have other things to do */

/* The TAP counters belong to the main thread. */
static void must(bool ok, const char *what)
{
    if (!ok && !atomic_exchange(&bad, true))
        printf("# %s\n", what);
}

static bool one_of(HRESULT hr, const HRESULT *allowed)
{
    for (int i = 0; allowed[i] != -1; i++)
        if (hr == allowed[i])
            return true;
    printf("# 0x%08x\n", (unsigned)hr);
    return false;
}
#define ALLOW(...) ((const HRESULT[]){__VA_ARGS__, -1})

static void player(void *ctx)
{
    uint32_t seed = 1;
    (void)ctx;
    while (!atomic_load(&stop)) {
        struct event_buffer *events = malloc(sizeof *events);
        REFERENCE_TIME now = 0;
        if (!events)
            abort();
        events->size = 0;
        IReferenceClock_GetTime(master, &now);
        for (int i = 0; i < 20; i++) {
            seed = seed * 1664525u + 1013904223u;
            uint8_t key = (uint8_t)(40 + (seed >> 20) % 40), channel = (uint8_t)((seed >> 10) & 15);
            event_midi(events, (seed >> 5) % 3, i * 10000, (uint8_t)(0x90 | channel), key, 100);
            event_midi(events, (seed >> 5) % 3, i * 10000 + 100000, (uint8_t)(0x80 | channel), key, 0);
        }
        HRESULT hr = IDirectMusicSynth_PlayBuffer(synth, now, events->bytes, events->size);
        must(one_of(hr, ALLOW(S_OK, DMUS_E_SYNTHNOTCONFIGURED, DMUS_E_SYNTHINACTIVE, DMUS_E_NOSYNTHSINK)), "PlayBuffer");
        atomic_fetch_add(&played, hr == S_OK);
        free(events);
        os_sleep_ms(2);
    }
}

struct loan {
    struct image image;
    atomic_int called;
};

/* The block is ours again: any later read of it is one of freed memory. */
static HRESULT CALLBACK give_back(HANDLE handle, HANDLE user)
{
    struct loan *loan = user;
    (void)handle;
    memset(loan->image.bytes, 0xDD, loan->image.size);
    image_free(&loan->image);
    atomic_fetch_add(&loan->called, 1);
    atomic_fetch_add(&given_back, 1);
    return S_OK;
}

static void loader(void *ctx)
{
    enum { LOANS = 64 };
    static struct loan loans[LOANS];
    static bool owed[LOANS];
    uint32_t round = 0;
    (void)ctx;
    while (!atomic_load(&stop)) {
        uint32_t slot = round % LOANS;
        struct loan *loan = &loans[slot];
        HANDLE wave, instrument;
        BOOL may_free;
        if (owed[slot]) { /* a full round ago: give the synth time */
            for (int i = 0; i < PATIENCE && !atomic_load(&loan->called); i++)
                os_sleep_ms(2);
            must(atomic_load(&loan->called) == 1, "callback came");
        }
        owed[slot] = false;
        atomic_store(&loan->called, 0);
        loan->image = rig_bar(1 + round, 512, 3000, 22050);
        struct image image = image_instrument(&(struct instrument_desc){
            .id = 100000 + round, .patch = 0, .wave_id = 1 + round, .unity_note = 60, .loop_length = 512});
        HRESULT hr = IDirectMusicSynth_Download(synth, &wave, loan->image.bytes, &may_free);
        must(one_of(hr, ALLOW(S_OK, DMUS_E_SYNTHNOTCONFIGURED)), "Download of a wave");
        if (hr == S_OK) {
            hr = IDirectMusicSynth_Download(synth, &instrument, image.bytes, &may_free);
            must(one_of(hr, ALLOW(S_OK, DMUS_E_SYNTHNOTCONFIGURED, DMUS_E_BADWAVELINK)), "Download of an instrument");
            os_sleep_ms(3);
            if (hr == S_OK)
                IDirectMusicSynth_Unload(synth, instrument, NULL, NULL);
            owed[slot] = IDirectMusicSynth_Unload(synth, wave, give_back, loan) == S_OK;
        }
        image_free(&image);
        if (!owed[slot])
            image_free(&loan->image);
        round++;
    }
    IDirectMusicSynth_Close(synth); /* answers what still waits */
    for (int i = 0; i < LOANS; i++)
        must(!owed[i] || atomic_load(&loans[i].called) == 1, "callback exactly once");
}

static void set_property(IKsControl *ks, const GUID *set, ULONG id, const void *value, ULONG size)
{
    KSPROPERTY property = {0};
    ULONG returned;
    BYTE copy[16];
    memcpy(copy, value, size);
    property.Set = *set;
    property.Id = id;
    property.Flags = KSPROPERTY_TYPE_SET;
    must(one_of(IKsControl_KsProperty(ks, &property, sizeof property, copy, size, &returned),
                ALLOW(S_OK, DMUS_E_SYNTHNOTCONFIGURED)),
         "SET");
}

static void meddler(void *ctx)
{
    IKsControl *ks;
    DWORD round = 0;
    (void)ctx;
    must(IDirectMusicSynth_QueryInterface(synth, &IID_IKsControl, (void **)&ks) == S_OK, "IKsControl");
    while (!atomic_load(&stop)) {
        DMUS_SYNTHSTATS8 stats = {.dwSize = sizeof stats};
        DMUS_SYNTHREPORT report = {.dwSize = sizeof report};
        DMUS_MISSINGPATCH missing = {.dwSize = sizeof missing};
        LONG volume = -(LONG)(round % 600);
        DWORD effects = round & 1, priority;
        DMUS_WAVES_REVERB_PARAMS reverb = {0, -10, 500 + (float)(round % 1000), 0.5f};
        WAVEFORMATEX format;
        DWORD size = sizeof format;
        set_property(ks, &GUID_DMUS_PROP_Volume, round & 1, &volume, 4);
        set_property(ks, &GUID_DMUS_PROP_Effects, 0, &effects, 4);
        set_property(ks, &GUID_DMUS_PROP_WavesReverb, 0, &reverb, 16);
        IDirectMusicSynth_SetNumChannelGroups(synth, 1 + round % 3);
        IDirectMusicSynth_SetChannelPriority(synth, 1, round & 15, round * 0x1000003);
        IDirectMusicSynth_GetChannelPriority(synth, 1, round & 15, &priority);
        IDirectMusicSynth_GetRunningStats(synth, (DMUS_SYNTHSTATS *)&stats);
        IDirectMusicSynth_GetFormat(synth, &format, &size);
        control->lpVtbl->GetReport(control, &report);
        control->lpVtbl->GetMissing(control, 0, &missing);
        control->lpVtbl->IsSilent(control);
        if (round % 50 == 0)
            control->lpVtbl->ResetReport(control);
        round++;
        os_sleep_ms(1);
    }
    IKsControl_Release(ks);
}

static void watcher(void *ctx)
{
    REFERENCE_TIME last = INT64_MIN, time = 0;
    (void)ctx;
    while (!atomic_load(&stop)) {
        LONGLONG sample;
        if (SUCCEEDED(IReferenceClock_GetTime(latency, &time))) {
            must(time >= last, "latency clock ran back");
            last = time;
            atomic_fetch_add(&watched, 1);
        }
        IDirectMusicSynthSink_RefTimeToSample(sink, time, &sample);
        os_sleep_ms(1);
    }
}

/* Also a foreign sink's render thread: it pulls straight from the synth. Two at once get E_FAIL, not each other's state. */
static void puller(void *ctx)
{
    static SHORT frames[2 * 300];
    LONGLONG position = 0;
    (void)ctx;
    while (!atomic_load(&stop)) {
        HRESULT hr = IDirectMusicSynth_Render(synth, frames, 300, position);
        must(one_of(hr, ALLOW(S_OK, E_FAIL, DMUS_E_SYNTHNOTCONFIGURED, DMUS_E_SYNTHINACTIVE)), "Render");
        position += 300;
        atomic_fetch_add(&rendered, hr == S_OK);
        os_sleep_ms(3);
    }
}

static bool all_had_their_turn(void)
{
    return atomic_load(&played) && atomic_load(&given_back) && atomic_load(&rendered) && atomic_load(&watched);
}

static void toggle(void)
{
    int64_t until = clock_now_100ns() + duration_100ns;
    for (uint32_t round = 0; clock_now_100ns() < until || (!all_had_their_turn() && round < 6000); round++) {
        os_sleep_ms(5);
        switch (round % 16) {
        case 3: IDirectMusicSynth_Activate(synth, FALSE); break;
        case 4: IDirectMusicSynth_Activate(synth, TRUE); break;
        case 7: IDirectMusicSynthSink_SetMasterClock(sink, other_master); break;
        case 15: IDirectMusicSynthSink_SetMasterClock(sink, master); break;
        case 9: IDirectMusicSynth_SetSynthSink(synth, NULL); break;
        case 10: IDirectMusicSynth_SetSynthSink(synth, sink); break;
        case 12: IDirectMusicSynth_Close(synth); break;
        case 13:
            must(one_of(IDirectMusicSynth_Open(synth, NULL), ALLOW(S_OK)), "Open");
            IDirectMusicSynth_Activate(synth, FALSE);
            IDirectMusicSynth_Activate(synth, TRUE);
            break;
        default: break;
        }
    }
}

static void test_everything_at_once(void)
{
    void (*const runs[])(void *) = {player, loader, meddler, watcher, puller};
    struct os_thread threads[5];
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink), S_OK);
    sink_without_device(sink);
    CHECK_EQ(IDirectMusicSynth_QueryInterface(synth, &IID_IDmusSynthControl, (void **)&control), S_OK);
    CHECK_EQ(user_create_system_clock(&master), S_OK);
    CHECK_EQ(user_create_system_clock(&other_master), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, master), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(sink, &latency), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    for (int i = 0; i < 5; i++)
        CHECK(os_thread_start(&threads[i], runs[i], NULL));
    toggle();
    atomic_store(&stop, true);
    for (int i = 0; i < 5; i++)
        os_thread_join(&threads[i]);
    CHECK(!atomic_load(&bad));
    CHECK(atomic_load(&played) > 0);
    CHECK(atomic_load(&given_back) > 0);
    CHECK(atomic_load(&rendered) > 0);
    CHECK(atomic_load(&watched) > 0);
    IReferenceClock_Release(latency);
    control->lpVtbl->Release(control);
    IDirectMusicSynth_Activate(synth, FALSE);
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0);
    IReferenceClock_Release(master);
    IReferenceClock_Release(other_master);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
}

/* The last Release from an unload callback on the sink's own thread: the thread goes home by itself. */
static HRESULT CALLBACK release_all(HANDLE handle, HANDLE user)
{
    (void)handle;
    IDirectMusicSynth_Release((IDirectMusicSynth *)user);
    return S_OK;
}

static void test_last_release_on_the_render_thread(void)
{
    struct image wave = rig_bar(1, 512, 3000, 22050);
    struct image instrument =
        image_instrument(&(struct instrument_desc){.id = 2, .wave_id = 1, .unity_note = 60, .loop_length = 512});
    HANDLE wave_handle, handle;
    BOOL may_free;
    REFERENCE_TIME now;
    struct event_buffer events = {.size = 0};
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink), S_OK);
    sink_without_device(sink);
    CHECK_EQ(user_create_system_clock(&master), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, master), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    CHECK_EQ(IDirectMusicSynth_Download(synth, &wave_handle, wave.bytes, &may_free), S_OK);
    CHECK_EQ(IDirectMusicSynth_Download(synth, &handle, instrument.bytes, &may_free), S_OK);
    IReferenceClock_GetTime(master, &now);
    event_midi(&events, 1, 0, 0x90, 60, 100);
    event_midi(&events, 1, 2000000, 0xB0, 120, 0);
    CHECK_EQ(IDirectMusicSynth_PlayBuffer(synth, now, events.bytes, events.size), S_OK);
    os_sleep_ms(100); /* the note sounds */
    CHECK_EQ(IDirectMusicSynth_Unload(synth, handle, NULL, NULL), S_OK);
    IDirectMusicSynthSink_Release(sink);
    IReferenceClock_Release(master);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, wave_handle, release_all, synth), S_OK);
    for (int i = 0; i < PATIENCE && (user_live_objects() > 0 || dm_alloc_live() > 0); i++)
        os_sleep_ms(2);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
    image_free(&wave);
    image_free(&instrument);
}

/* An unload callback on the sink's thread may call any method but Activate and SetSynthSink, also while Activate(FALSE) waits for
 * that thread: ddi.h. */
static IDmusSynthLive *live;
static atomic_int called, deactivated;
static _Atomic HRESULT reserve_result = E_UNEXPECTED, watch_result = E_UNEXPECTED;

static HRESULT CALLBACK reserve_when_inactive(HANDLE handle, HANDLE user)
{
    SHORT frame[2];
    (void)handle, (void)user;
    atomic_store(&called, 1);
    for (int i = 0; i < PATIENCE && IDirectMusicSynth_Render(synth, frame, 1, 0) != DMUS_E_SYNTHINACTIVE; i++)
        os_sleep_ms(2);
    atomic_store(&reserve_result, live->lpVtbl->Reserve(live, 16));
    atomic_store(&watch_result, live->lpVtbl->WatchLevels(live));
    return S_OK;
}

static void deactivate(void *ctx)
{
    (void)ctx;
    IDirectMusicSynth_Activate(synth, FALSE);
    atomic_store(&deactivated, 1);
}

static void wait_for(atomic_int *flag)
{
    for (int i = 0; i < PATIENCE && !atomic_load(flag); i++)
        os_sleep_ms(2);
}

static void test_reserve_from_a_callback(void)
{
    struct image wave = rig_bar(1, 512, 3000, 22050);
    struct image instrument =
        image_instrument(&(struct instrument_desc){.id = 2, .wave_id = 1, .unity_note = 60, .loop_length = 512});
    HANDLE wave_handle, handle;
    BOOL may_free;
    REFERENCE_TIME now;
    struct os_thread thread;
    struct event_buffer events = {.size = 0};
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink), S_OK);
    sink_without_device(sink);
    CHECK_EQ(IDirectMusicSynth_QueryInterface(synth, &IID_IDmusSynthLive, (void **)&live), S_OK);
    CHECK_EQ(user_create_system_clock(&master), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, master), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    CHECK_EQ(IDirectMusicSynth_Download(synth, &wave_handle, wave.bytes, &may_free), S_OK);
    CHECK_EQ(IDirectMusicSynth_Download(synth, &handle, instrument.bytes, &may_free), S_OK);
    IReferenceClock_GetTime(master, &now);
    event_midi(&events, 1, 0, 0x90, 60, 100);
    event_midi(&events, 1, 2000000, 0xB0, 120, 0);
    CHECK_EQ(IDirectMusicSynth_PlayBuffer(synth, now, events.bytes, events.size), S_OK);
    os_sleep_ms(100); /* the note sounds */
    CHECK_EQ(IDirectMusicSynth_Unload(synth, handle, NULL, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, wave_handle, reserve_when_inactive, NULL), S_OK);
    wait_for(&called);
    CHECK(os_thread_start(&thread, deactivate, NULL));
    wait_for(&deactivated);
    if (!CHECK(atomic_load(&deactivated)))
        return; /* all that comes next would wait as well */
    os_thread_join(&thread);
    CHECK_EQ(atomic_load(&reserve_result), S_OK);
    CHECK_EQ(atomic_load(&watch_result), S_OK);
    live->lpVtbl->Release(live);
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0);
    IReferenceClock_Release(master);
    image_free(&wave);
    image_free(&instrument);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        duration_100ns = strtol(argv[1], NULL, 10) * 10000000;
    RUN(test_everything_at_once);
    RUN(test_last_release_on_the_render_thread);
    RUN(test_reserve_from_a_callback); /* the last: it returns early if threads are stuck */
    return tap_done();
}
