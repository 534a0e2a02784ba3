/* SPDX-License-Identifier: MIT */
/* The wave sink: spec/ddi-kernel.md 8.10, 12.1. */
#include "mxf_rig.h"

#include <dmusicc.h>

#include "dmus/idmus.h"

#include "base/alloc.h"
#include "kernel/portcls/wave_sink.h"
#include "tap.h"

/* A stream whose sample n of channel c is n + c, with what it was told. */
struct stream {
    ISynthSinkDMus iface;
    IDmusSynthControl control;
    bool has_float, overrun, underrun, raises;
    uint32_t channels, unit; /* unit: frames or bytes per length */
    int64_t next;
    uint32_t renders, syncs, starts, jumps, dirty, not_passive;
    int64_t sync_time, sync_wrong;
    uint32_t longest;
    struct rig *rig;
};

static struct stream *of(ISynthSinkDMus *iface) { return (struct stream *)(void *)iface; }
static struct stream *of_control(IDmusSynthControl *iface)
{
    return (struct stream *)(void *)((char *)iface - offsetof(struct stream, control));
}

static NTSTATUS STDMETHODCALLTYPE stream_QueryInterface(ISynthSinkDMus *iface, REFIID riid, PVOID *out)
{
    bool yes = of(iface)->has_float && memcmp(riid, &IID_IDmusSynthControl, sizeof *riid) == 0;
    *out = yes ? &of(iface)->control : NULL;
    return yes ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static ULONG STDMETHODCALLTYPE stream_count(ISynthSinkDMus *iface)
{
    (void)iface;
    return 1;
}

static ULONG STDMETHODCALLTYPE control_count(IDmusSynthControl *iface)
{
    (void)iface;
    return 1;
}

static void check_call(struct stream *s, DWORD length, LONGLONG position)
{
    s->renders++;
    s->jumps += position != s->next;
    s->next = position + length;
    s->not_passive += KeGetCurrentIrql() != PASSIVE_LEVEL;
    s->longest = length > s->longest ? length : s->longest;
}

static void STDMETHODCALLTYPE stream_Render(ISynthSinkDMus *iface, PBYTE buffer, DWORD length, LONGLONG position)
{
    struct stream *s = of(iface);
    int16_t *samples = (int16_t *)(void *)buffer;
    uint32_t frame = s->channels * 2, frames = s->unit == 1 ? length : length / frame;
    int64_t first = s->unit == 1 ? position : position / frame;
    check_call(s, length, position);
    for (uint32_t i = 0; i < frames * s->channels; i++) {
        s->dirty += samples[i] != 0;
        samples[i] = (int16_t)(first + i / s->channels + i % s->channels);
    }
    if (s->overrun)
        buffer[frames * frame] ^= 1;
    if (s->underrun)
        buffer[-1] ^= 1;
    if (s->raises) {
        KIRQL old;
        KeRaiseIrql(DISPATCH_LEVEL, &old);
    }
}

static HRESULT STDMETHODCALLTYPE control_RenderFloat(IDmusSynthControl *iface, float *buffer, DWORD length, LONGLONG position)
{
    struct stream *s = of_control(iface);
    check_call(s, length, position);
    for (uint32_t i = 0; i < length * s->channels; i++)
        buffer[i] = (float)(position + i / s->channels + i % s->channels);
    return s->overrun ? E_FAIL : S_OK;
}

static NTSTATUS STDMETHODCALLTYPE stream_SyncToMaster(ISynthSinkDMus *iface, REFERENCE_TIME time, BOOL start)
{
    struct stream *s = of(iface);
    s->syncs++;
    s->starts += start != 0;
    s->sync_wrong += time != rig_now(s->rig);
    s->sync_time = time;
    if (start)
        s->next = 0;
    return STATUS_SUCCESS;
}

static ISynthSinkDMusVtbl stream_vtbl = {.QueryInterface = stream_QueryInterface,
                                         .AddRef = stream_count,
                                         .Release = stream_count,
                                         .Render = stream_Render,
                                         .SyncToMaster = stream_SyncToMaster};
static IDmusSynthControlVtbl control_vtbl = {
    .AddRef = control_count, .Release = control_count, .RenderFloat = control_RenderFloat};

static const WAVEFORMATEX stereo = {
    .wFormatTag = 1, .nChannels = 2, .nSamplesPerSec = 44100, .nBlockAlign = 4, .wBitsPerSample = 16};

static struct wave_sink *open_sink(struct rig *rig, struct stream *s, bool bytes)
{
    struct wave_sink *sink = NULL;
    rig_open(rig, WDM_VIRTUAL, NULL);
    s->iface.lpVtbl = &stream_vtbl;
    s->control.lpVtbl = &control_vtbl;
    s->channels = 2;
    s->unit = bytes ? 4 : 1;
    s->rig = rig;
    struct wave_sink_config config = {
        .stream = &s->iface, .clock = rig->clock, .format = &stereo, .bytes = bytes, .name = "wave test"};
    CHECK_EQ(wave_sink_create(&config, &sink), STATUS_SUCCESS);
    return sink;
}

/* Slices of odd sizes make one unbroken stream, in frames and in bytes, at the clock's time. */
static void test_continuity(void)
{
    static int16_t buffer[2 * 10000];
    for (int bytes = 0; bytes < 2; bytes++) {
        struct rig rig;
        struct stream s = {0};
        struct wave_sink *sink = open_sink(&rig, &s, bytes);
        static const uint32_t sizes[] = {1, 441, 882, 4096, 4097, 10000, 3, 64};
        wave_sink_start(sink);
        CHECK_EQ(wave_sink_due_100ns(sink), 0);
        int64_t total = 0, first_time = rig_now(&rig), wrong = 0;
        for (int round = 0; round < 4; round++)
            for (int i = 0; i < 8; i++) {
                wave_sink_slice(sink, buffer, sizes[i]);
                for (uint32_t k = 0; k < 2 * sizes[i]; k++)
                    wrong += buffer[k] != (int16_t)(total + k / 2 + k % 2);
                total += sizes[i];
                CHECK_EQ(wave_sink_position(sink), total);
                /* ceil(total * 10^7 / 44100), worked out here */
                CHECK_EQ(wave_sink_due_100ns(sink), first_time + (total * 10000000 + 44099) / 44100);
                rig_run_until(&rig, wave_sink_due_100ns(sink));
            }
        CHECK_EQ(wrong, 0);
        CHECK_EQ(s.jumps, 0);
        CHECK_EQ(s.dirty, 0);
        CHECK_EQ(s.not_passive, 0);
        CHECK_EQ(s.starts, 1);
        CHECK_EQ(s.syncs, s.renders);
        CHECK_EQ(s.sync_wrong, 0);
        CHECK_EQ(s.longest, WAVE_SINK_SLICE_MAX * (bytes ? 4u : 1u));
        wave_sink_destroy(sink);
        rig_close(&rig, 0);
    }
}

static void test_start_resets(void)
{
    static int16_t buffer[2 * 100];
    struct rig rig;
    struct stream s = {0};
    struct wave_sink *sink = open_sink(&rig, &s, false);
    wave_sink_slice(sink, memset(buffer, 1, sizeof buffer), 100); /* not started */
    CHECK_EQ(s.renders, 0);
    CHECK(buffer[0] == 0 && buffer[199] == 0);
    wave_sink_start(sink);
    wave_sink_slice(sink, buffer, 100);
    wave_sink_slice(sink, buffer, 100);
    wave_sink_stop(sink);
    wave_sink_slice(sink, buffer, 100);
    CHECK_EQ(s.renders, 2);
    CHECK(buffer[0] == 0 && buffer[199] == 0);
    rig_run_until(&rig, rig_now(&rig) + 500 * WDM_MS);
    wave_sink_start(sink);
    CHECK_EQ(wave_sink_position(sink), 0);
    wave_sink_slice(sink, buffer, 100);
    CHECK_EQ(s.starts, 2);
    CHECK_EQ(s.jumps, 0);
    CHECK_EQ(buffer[2], 1);
    CHECK_EQ(s.sync_time, rig_now(&rig));
    CHECK_EQ(wave_sink_due_100ns(sink), rig_now(&rig) + (100 * 10000000 + 44099) / 44100);
    wave_sink_destroy(sink);
    rig_close(&rig, 0);
}

static void test_guards(void)
{
    static int16_t buffer[2 * 100];
    struct rig rig;
    struct stream s = {.overrun = true};
    struct wave_sink *sink = open_sink(&rig, &s, false);
    wave_sink_start(sink);
    wave_sink_slice(sink, buffer, 7);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_RENDER_OVERRUN), 1);
    s.overrun = false;
    s.underrun = true;
    wave_sink_slice(sink, buffer, 100);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_RENDER_OVERRUN), 2);
    s.underrun = false;
    wave_sink_slice(sink, buffer, 100);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_RENDER_OVERRUN), 2);
    s.raises = true;
    wave_sink_slice(sink, buffer, 1);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_IRQL_RESTORE), 1);
    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    wave_sink_destroy(sink);
    rig_close(&rig, RULE_BIT(WDM_RULE_RENDER_OVERRUN) | RULE_BIT(WDM_RULE_IRQL_RESTORE));
}

static void test_float(void)
{
    static float buffer[2 * 5000];
    static int16_t ints[2 * 100];
    struct rig rig;
    struct stream s = {.has_float = true};
    struct wave_sink *sink = open_sink(&rig, &s, false);
    CHECK(wave_sink_has_float(sink));
    wave_sink_start(sink);
    wave_sink_slice(sink, ints, 100); /* mixed with the other kind, the stream goes on */
    CHECK(wave_sink_slice_float(sink, buffer, 5000));
    CHECK(buffer[0] == 100.0f && buffer[1] == 101.0f && buffer[9999] == 5100.0f);
    CHECK_EQ(s.jumps, 0);
    s.overrun = true; /* RenderFloat fails */
    CHECK(wave_sink_slice_float(sink, buffer, 10));
    CHECK(buffer[0] == 0.0f && buffer[19] == 0.0f);
    struct wave_sink_stats stats;
    wave_sink_stats(sink, &stats);
    CHECK_EQ(stats.render_errors, 1);
    CHECK_EQ(stats.frames, 5110);
    wave_sink_destroy(sink);
    rig_close(&rig, 0);
    struct stream plain = {0};
    sink = open_sink(&rig, &plain, false);
    CHECK(!wave_sink_has_float(sink));
    CHECK(!wave_sink_slice_float(sink, buffer, 10));
    wave_sink_destroy(sink);
    rig_close(&rig, 0);
}

static void test_create_fails(void)
{
    struct rig rig;
    struct stream s = {0};
    struct wave_sink *sink = open_sink(&rig, &s, false), *none;
    WAVEFORMATEX bad = stereo;
    struct wave_sink_config config = {.stream = &s.iface, .clock = rig.clock, .format = &bad};
    bad.nSamplesPerSec = 0;
    CHECK_EQ(wave_sink_create(&config, &none), STATUS_INVALID_PARAMETER);
    bad.nSamplesPerSec = 8000;
    bad.nBlockAlign = 0;
    CHECK_EQ(wave_sink_create(&config, &none), STATUS_INVALID_PARAMETER);
    bad.nBlockAlign = 257;
    CHECK_EQ(wave_sink_create(&config, &none), STATUS_INVALID_PARAMETER);
    config.format = &stereo;
    for (long n = 1; n < 3; n++) {
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        CHECK_EQ(wave_sink_create(&config, &none), STATUS_INSUFFICIENT_RESOURCES);
        dm_alloc_fail_at(0, false);
        CHECK_EQ(dm_alloc_live(), live);
    }
    wave_sink_destroy(sink);
    rig_close(&rig, 0);
}

int main(void)
{
    RUN(test_continuity);
    RUN(test_start_resets);
    RUN(test_guards);
    RUN(test_float);
    RUN(test_create_fails);
    return tap_done();
}
