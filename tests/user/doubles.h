/* SPDX-License-Identifier: MIT */
/*
 * doubles.h - a clock, a sink, a synth and an audio output that are not ours:
 * complete COM objects, all on the stack. A call that a test did not announce
 * fails the test.
 */
#ifndef DMUS_TESTS_USER_DOUBLES_H
#define DMUS_TESTS_USER_DOUBLES_H

#include <stdlib.h>

#include "audio/output.h"
#include "tap.h"
#include "user/user.h"

#define DOUBLE_FROM(type, iface) ((struct type *)(void *)((char *)(iface) - offsetof(struct type, iface_member)))
#define UNEXPECTED(what) CHECK(!"unexpected call of " what)

/* ---- clock ----------------------------------------------------------------- */

struct test_clock {
    IReferenceClock iface_member;
    _Atomic LONG refs;
    _Atomic int64_t now;
    HRESULT result; /* of GetTime */
};

static HRESULT STDMETHODCALLTYPE test_clock_QueryInterface(IReferenceClock *iface, REFIID riid, void **ppv)
{
    (void)iface, (void)riid, (void)ppv;
    UNEXPECTED("clock QueryInterface");
    return E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE test_clock_AddRef(IReferenceClock *iface)
{
    return (ULONG)++DOUBLE_FROM(test_clock, iface)->refs;
}
static ULONG STDMETHODCALLTYPE test_clock_Release(IReferenceClock *iface)
{
    return (ULONG)--DOUBLE_FROM(test_clock, iface)->refs;
}
static HRESULT STDMETHODCALLTYPE test_clock_GetTime(IReferenceClock *iface, REFERENCE_TIME *time)
{
    struct test_clock *clock = DOUBLE_FROM(test_clock, iface);
    *time = clock->now;
    return clock->result;
}
static HRESULT STDMETHODCALLTYPE test_clock_AdviseTime(IReferenceClock *iface, REFERENCE_TIME base, REFERENCE_TIME offset,
                                                       HANDLE event, DWORD *cookie)
{
    (void)iface, (void)base, (void)offset, (void)event, (void)cookie;
    UNEXPECTED("AdviseTime");
    return E_NOTIMPL;
}
static HRESULT STDMETHODCALLTYPE test_clock_AdvisePeriodic(IReferenceClock *iface, REFERENCE_TIME start,
                                                           REFERENCE_TIME period, HANDLE semaphore, DWORD *cookie)
{
    (void)iface, (void)start, (void)period, (void)semaphore, (void)cookie;
    UNEXPECTED("AdvisePeriodic");
    return E_NOTIMPL;
}
static HRESULT STDMETHODCALLTYPE test_clock_Unadvise(IReferenceClock *iface, DWORD cookie)
{
    (void)iface, (void)cookie;
    UNEXPECTED("Unadvise");
    return E_NOTIMPL;
}
static const IReferenceClockVtbl test_clock_vtbl = {
    test_clock_QueryInterface, test_clock_AddRef,         test_clock_Release,  test_clock_GetTime,
    test_clock_AdviseTime,     test_clock_AdvisePeriodic, test_clock_Unadvise,
};
static inline struct test_clock test_clock_make(int64_t now)
{
    return (struct test_clock){.iface_member = {&test_clock_vtbl}, .refs = 1, .now = now};
}

/* ---- sink: one that converts with a rate of its own and has no thread ------- */

struct test_sink {
    IDirectMusicSynthSink iface_member;
    _Atomic LONG refs;
    IDirectMusicSynth *synth;
    IReferenceClock *clock;
    int inits, activations, deactivations;
    _Atomic int conversions;
    bool expect_activate;
    HRESULT activate_result, init_result;
    int64_t rate; /* sample = time * rate / 10^7 */
    BYTE *spoil;  /* 4 bytes that a conversion sets to 0xFF, or NULL */
};

static HRESULT STDMETHODCALLTYPE test_sink_QueryInterface(IDirectMusicSynthSink *iface, REFIID riid, void **ppv)
{
    (void)iface, (void)riid;
    *ppv = NULL;
    return E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE test_sink_AddRef(IDirectMusicSynthSink *iface)
{
    return (ULONG)++DOUBLE_FROM(test_sink, iface)->refs;
}
static ULONG STDMETHODCALLTYPE test_sink_Release(IDirectMusicSynthSink *iface)
{
    return (ULONG)--DOUBLE_FROM(test_sink, iface)->refs;
}
static HRESULT STDMETHODCALLTYPE test_sink_Init(IDirectMusicSynthSink *iface, IDirectMusicSynth *synth)
{
    struct test_sink *sink = DOUBLE_FROM(test_sink, iface);
    sink->inits++;
    sink->synth = synth;
    return sink->init_result;
}
static HRESULT STDMETHODCALLTYPE test_sink_SetMasterClock(IDirectMusicSynthSink *iface, IReferenceClock *clock)
{
    (void)iface, (void)clock;
    UNEXPECTED("sink SetMasterClock");
    return E_FAIL;
}
static HRESULT STDMETHODCALLTYPE test_sink_GetLatencyClock(IDirectMusicSynthSink *iface, IReferenceClock **clock)
{
    struct test_sink *sink = DOUBLE_FROM(test_sink, iface);
    *clock = sink->clock;
    if (!sink->clock)
        return E_FAIL;
    IReferenceClock_AddRef(sink->clock);
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE test_sink_Activate(IDirectMusicSynthSink *iface, BOOL enable)
{
    struct test_sink *sink = DOUBLE_FROM(test_sink, iface);
    if (!sink->expect_activate)
        UNEXPECTED("sink Activate");
    if (enable)
        sink->activations++;
    else
        sink->deactivations++;
    return enable ? sink->activate_result : S_OK;
}
static HRESULT STDMETHODCALLTYPE test_sink_SampleToRefTime(IDirectMusicSynthSink *iface, LONGLONG sample, REFERENCE_TIME *time)
{
    (void)iface, (void)sample, (void)time;
    UNEXPECTED("SampleToRefTime");
    return E_FAIL;
}
static HRESULT STDMETHODCALLTYPE test_sink_RefTimeToSample(IDirectMusicSynthSink *iface, REFERENCE_TIME time, LONGLONG *sample)
{
    struct test_sink *sink = DOUBLE_FROM(test_sink, iface);
    sink->conversions++;
    if (sink->spoil)
        memset(sink->spoil, 0xFF, 4);
    *sample = time * sink->rate / 10000000;
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE test_sink_SetDirectSound(IDirectMusicSynthSink *iface, IDirectSound *dsound,
                                                          IDirectSoundBuffer *buffer)
{
    (void)iface, (void)dsound, (void)buffer;
    UNEXPECTED("SetDirectSound");
    return E_FAIL;
}
static HRESULT STDMETHODCALLTYPE test_sink_GetDesiredBufferSize(IDirectMusicSynthSink *iface, DWORD *size)
{
    (void)iface, (void)size;
    UNEXPECTED("GetDesiredBufferSize");
    return E_FAIL;
}
static const IDirectMusicSynthSinkVtbl test_sink_vtbl = {
    test_sink_QueryInterface,  test_sink_AddRef,
    test_sink_Release,         test_sink_Init,
    test_sink_SetMasterClock,  test_sink_GetLatencyClock,
    test_sink_Activate,        test_sink_SampleToRefTime,
    test_sink_RefTimeToSample, test_sink_SetDirectSound,
    test_sink_GetDesiredBufferSize,
};
/* Converts sample = time: stamps in a test are then sample numbers if RATE is 10^7. */
static inline struct test_sink test_sink_make(int64_t rate)
{
    return (struct test_sink){.iface_member = {&test_sink_vtbl}, .refs = 1, .rate = rate, .expect_activate = true};
}

/* ---- synth: the DirectX 6.1 interface only, renders a ramp ------------------- */

struct test_synth {
    IDirectMusicSynth iface_member;
    _Atomic LONG refs;
    WAVEFORMATEX format;
    HRESULT format_result;
    int renders;
    int64_t next_position, jumps;
};

#define SYNTH_UNEXPECTED(what)         \
    do {                               \
        UNEXPECTED("synth " what);     \
        return E_NOTIMPL;              \
    } while (0)

static HRESULT STDMETHODCALLTYPE test_synth_QueryInterface(IDirectMusicSynth *iface, REFIID riid, void **ppv)
{
    (void)iface, (void)riid;
    *ppv = NULL;
    return E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE test_synth_AddRef(IDirectMusicSynth *iface)
{
    UNEXPECTED("synth AddRef"); /* native-behaviour.md 75 */
    return (ULONG)++DOUBLE_FROM(test_synth, iface)->refs;
}
static ULONG STDMETHODCALLTYPE test_synth_Release(IDirectMusicSynth *iface)
{
    UNEXPECTED("synth Release");
    return (ULONG)--DOUBLE_FROM(test_synth, iface)->refs;
}
static HRESULT STDMETHODCALLTYPE test_synth_Open(IDirectMusicSynth *iface, DMUS_PORTPARAMS *params)
{
    (void)iface, (void)params;
    SYNTH_UNEXPECTED("Open");
}
static HRESULT STDMETHODCALLTYPE test_synth_Close(IDirectMusicSynth *iface)
{
    (void)iface;
    SYNTH_UNEXPECTED("Close");
}
static HRESULT STDMETHODCALLTYPE test_synth_SetNumChannelGroups(IDirectMusicSynth *iface, DWORD groups)
{
    (void)iface, (void)groups;
    SYNTH_UNEXPECTED("SetNumChannelGroups");
}
static HRESULT STDMETHODCALLTYPE test_synth_Download(IDirectMusicSynth *iface, HANDLE *handle, void *data, BOOL *may_free)
{
    (void)iface, (void)handle, (void)data, (void)may_free;
    SYNTH_UNEXPECTED("Download");
}
static HRESULT STDMETHODCALLTYPE test_synth_Unload(IDirectMusicSynth *iface, HANDLE handle,
                                                   HRESULT(CALLBACK *callback)(HANDLE, HANDLE), HANDLE user)
{
    (void)iface, (void)handle, (void)callback, (void)user;
    SYNTH_UNEXPECTED("Unload");
}
static HRESULT STDMETHODCALLTYPE test_synth_PlayBuffer(IDirectMusicSynth *iface, REFERENCE_TIME start, BYTE *buffer, DWORD size)
{
    (void)iface, (void)start, (void)buffer, (void)size;
    SYNTH_UNEXPECTED("PlayBuffer");
}
static HRESULT STDMETHODCALLTYPE test_synth_GetRunningStats(IDirectMusicSynth *iface, DMUS_SYNTHSTATS *stats)
{
    (void)iface, (void)stats;
    SYNTH_UNEXPECTED("GetRunningStats");
}
static HRESULT STDMETHODCALLTYPE test_synth_GetPortCaps(IDirectMusicSynth *iface, DMUS_PORTCAPS *caps)
{
    (void)iface, (void)caps;
    SYNTH_UNEXPECTED("GetPortCaps");
}
static HRESULT STDMETHODCALLTYPE test_synth_SetMasterClock(IDirectMusicSynth *iface, IReferenceClock *clock)
{
    (void)iface, (void)clock;
    SYNTH_UNEXPECTED("SetMasterClock");
}
static HRESULT STDMETHODCALLTYPE test_synth_GetLatencyClock(IDirectMusicSynth *iface, IReferenceClock **clock)
{
    (void)iface, (void)clock;
    SYNTH_UNEXPECTED("GetLatencyClock");
}
static HRESULT STDMETHODCALLTYPE test_synth_Activate(IDirectMusicSynth *iface, BOOL enable)
{
    (void)iface, (void)enable;
    SYNTH_UNEXPECTED("Activate");
}
static HRESULT STDMETHODCALLTYPE test_synth_SetSynthSink(IDirectMusicSynth *iface, IDirectMusicSynthSink *sink)
{
    (void)iface, (void)sink;
    SYNTH_UNEXPECTED("SetSynthSink");
}
/* Sample n of the stream is n mod 16384 in every channel. */
static HRESULT STDMETHODCALLTYPE test_synth_Render(IDirectMusicSynth *iface, SHORT *buffer, DWORD length, LONGLONG position)
{
    struct test_synth *synth = DOUBLE_FROM(test_synth, iface);
    synth->renders++;
    synth->jumps += position != synth->next_position;
    synth->next_position = position + length;
    for (DWORD i = 0; i < length * synth->format.nChannels; i++)
        buffer[i] = (SHORT)((position + i / synth->format.nChannels) % 16384);
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE test_synth_SetChannelPriority(IDirectMusicSynth *iface, DWORD group, DWORD channel,
                                                               DWORD priority)
{
    (void)iface, (void)group, (void)channel, (void)priority;
    SYNTH_UNEXPECTED("SetChannelPriority");
}
static HRESULT STDMETHODCALLTYPE test_synth_GetChannelPriority(IDirectMusicSynth *iface, DWORD group, DWORD channel,
                                                               DWORD *priority)
{
    (void)iface, (void)group, (void)channel, (void)priority;
    SYNTH_UNEXPECTED("GetChannelPriority");
}
static HRESULT STDMETHODCALLTYPE test_synth_GetFormat(IDirectMusicSynth *iface, WAVEFORMATEX *format, DWORD *size)
{
    struct test_synth *synth = DOUBLE_FROM(test_synth, iface);
    if (FAILED(synth->format_result))
        return synth->format_result;
    if (format)
        memcpy(format, &synth->format, *size < sizeof *format ? *size : sizeof *format);
    *size = sizeof *format;
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE test_synth_GetAppend(IDirectMusicSynth *iface, DWORD *append)
{
    (void)iface, (void)append;
    SYNTH_UNEXPECTED("GetAppend");
}
static const IDirectMusicSynthVtbl test_synth_vtbl = {
    test_synth_QueryInterface,     test_synth_AddRef,
    test_synth_Release,            test_synth_Open,
    test_synth_Close,              test_synth_SetNumChannelGroups,
    test_synth_Download,           test_synth_Unload,
    test_synth_PlayBuffer,         test_synth_GetRunningStats,
    test_synth_GetPortCaps,        test_synth_SetMasterClock,
    test_synth_GetLatencyClock,    test_synth_Activate,
    test_synth_SetSynthSink,       test_synth_Render,
    test_synth_SetChannelPriority, test_synth_GetChannelPriority,
    test_synth_GetFormat,          test_synth_GetAppend,
};
static inline struct test_synth test_synth_make(DWORD rate, WORD channels)
{
    return (struct test_synth){.iface_member = {&test_synth_vtbl},
                               .refs = 1,
                               .format = {.wFormatTag = WAVE_FORMAT_PCM,
                                          .nChannels = channels,
                                          .nSamplesPerSec = rate,
                                          .nAvgBytesPerSec = rate * channels * 2,
                                          .nBlockAlign = (WORD)(channels * 2),
                                          .wBitsPerSample = 16}};
}

/* ---- output: keeps what it gets ----------------------------------------------- */

struct test_output {
    struct audio_output output;
    size_t frame_size;
    uint8_t *bytes;
    size_t frames, capacity, writes;
    size_t fail_after; /* frames; 0: never */
};

static enum dm_status test_output_write(struct audio_output *output, const void *frames, size_t count, struct dm_error *err)
{
    struct test_output *to = (struct test_output *)output;
    (void)err;
    to->writes++;
    if (to->fail_after && to->frames + count > to->fail_after)
        return DM_ERR_WRITE;
    if (to->frames + count > to->capacity) {
        to->capacity = 2 * (to->frames + count);
        to->bytes = realloc(to->bytes, to->capacity * to->frame_size);
        if (!to->bytes)
            abort();
    }
    memcpy(to->bytes + to->frames * to->frame_size, frames, count * to->frame_size);
    to->frames += count;
    return DM_OK;
}
static const struct audio_output_ops test_output_ops = {.name = "test", .write = test_output_write};
static enum dm_status test_output_discard(struct audio_output *output, const void *frames, size_t count, struct dm_error *err)
{
    (void)output, (void)frames, (void)count, (void)err;
    return DM_OK;
}

/* A sink of ours that would want DirectSound on Windows throws its sound away there, as it does elsewhere. */
static inline void sink_without_device(IDirectMusicSynthSink *sink)
{
    static const struct audio_output_ops ops = {.name = "discard", .write = test_output_discard};
    static struct audio_output output = {&ops};
    IDmusSinkControl *control;
    CHECK_EQ(IDirectMusicSynthSink_QueryInterface(sink, &IID_IDmusSinkControl, (void **)&control), S_OK);
    CHECK_EQ(control->lpVtbl->SetOutput(control, &output, FALSE), S_OK);
    control->lpVtbl->Release(control);
}

static inline struct test_output test_output_make(size_t channels, bool as_float)
{
    return (struct test_output){.output = {&test_output_ops}, .frame_size = channels * (as_float ? 4 : 2)};
}
static inline void test_output_free(struct test_output *output) { free(output->bytes); }

/* ---- DirectSound: counts its references; elsewhere than on Windows nobody touches it ---- */

struct test_dsound {
#ifdef _WIN32
    IDirectSound iface_member;
#endif
    ULONG refs;
};

#ifdef _WIN32
static ULONG STDMETHODCALLTYPE test_dsound_AddRef(IDirectSound *iface) { return ++((struct test_dsound *)iface)->refs; }
static ULONG STDMETHODCALLTYPE test_dsound_Release(IDirectSound *iface) { return --((struct test_dsound *)iface)->refs; }
#endif

static inline struct test_dsound test_dsound_make(void)
{
    struct test_dsound dsound = {.refs = 1};
#ifdef _WIN32
    static const IDirectSoundVtbl vtbl = {.AddRef = test_dsound_AddRef, .Release = test_dsound_Release};
    dsound.iface_member.lpVtbl = (void *)&vtbl;
#endif
    return dsound;
}

#endif
