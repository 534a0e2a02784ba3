/* SPDX-License-Identifier: MIT */
/*
 * client.h - the ground that the programs of this folder stand on: a host of the DDI, on Windows and on Linux alike.
 *
 * On Windows the classes come from COM and the declarations from the platform;
 * on Linux both come from libdmus. Nothing of OpenDMus's inside is used.
 */
#ifndef DMUS_TESTS_WINE_CLIENT_H
#define DMUS_TESTS_WINE_CLIENT_H

#ifndef _WIN32
#define _POSIX_C_SOURCE 200809L
#endif
#define COBJMACROS
#define INITGUID
#ifdef _WIN32
#include <windows.h>
#include <dmusics.h>
#include <dmusicc.h>
#include <dmusbuff.h>
#include <dmdls.h>
#include <dmerror.h>
#include <dmksctrl.h>
#include <dmusici.h>
#include "dmus/idmus.h"
#else
#include <time.h>
#include "dmus/ddi.h"
#endif

#include <stdatomic.h>

#include "tap.h"
#include "user/images.h"

static inline HRESULT client_create(const CLSID *clsid, const IID *iid, void *object)
{
#ifdef _WIN32
    return CoCreateInstance(clsid, NULL, CLSCTX_INPROC_SERVER, iid, object);
#else
    return dmus_create_instance(clsid, NULL, iid, object);
#endif
}

static inline void client_start(void)
{
#ifdef _WIN32
    CHECK(SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)));
#endif
}

static inline void client_sleep_ms(unsigned ms)
{
#ifdef _WIN32
    Sleep(ms);
#else
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
#endif
}

/* Monotonic, 100 ns. */
static inline int64_t client_now(void)
{
#ifdef _WIN32
    LARGE_INTEGER ticks, rate;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&rate);
    return ticks.QuadPart / rate.QuadPart * 10000000 + ticks.QuadPart % rate.QuadPart * 10000000 / rate.QuadPart;
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 10000000 + now.tv_nsec / 100;
#endif
}

/* ---- a clock ----------------------------------------------------------------- */

/* Follows *now if it is given, else the system. Lives as long as the program: references are counted, not obeyed. */
struct client_clock {
    IReferenceClock iface;
    atomic_int refs; /* two threads ask the latency clock, and by it the master */
    const REFERENCE_TIME *now;
};

static HRESULT STDMETHODCALLTYPE clock_QueryInterface(IReferenceClock *iface, REFIID riid, void **ppv)
{
    bool known = memcmp(riid, &IID_IUnknown, sizeof *riid) == 0 || memcmp(riid, &IID_IReferenceClock, sizeof *riid) == 0;
    *ppv = known ? iface : NULL;
    ((struct client_clock *)iface)->refs += known;
    return known ? S_OK : E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE clock_AddRef(IReferenceClock *iface) { return (ULONG)atomic_fetch_add(&((struct client_clock *)iface)->refs, 1) + 1; }
static ULONG STDMETHODCALLTYPE clock_Release(IReferenceClock *iface) { return (ULONG)atomic_fetch_sub(&((struct client_clock *)iface)->refs, 1) - 1; }
static HRESULT STDMETHODCALLTYPE clock_GetTime(IReferenceClock *iface, REFERENCE_TIME *time)
{
    const REFERENCE_TIME *now = ((struct client_clock *)iface)->now;
    *time = now ? *now : client_now();
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE clock_AdviseTime(IReferenceClock *iface, REFERENCE_TIME base, REFERENCE_TIME offset,
                                                  HANDLE event, DWORD *cookie)
{
    (void)iface, (void)base, (void)offset, (void)event, (void)cookie;
    return E_NOTIMPL;
}
static HRESULT STDMETHODCALLTYPE clock_AdvisePeriodic(IReferenceClock *iface, REFERENCE_TIME start, REFERENCE_TIME period,
                                                      HANDLE semaphore, DWORD *cookie)
{
    (void)iface, (void)start, (void)period, (void)semaphore, (void)cookie;
    return E_NOTIMPL;
}
static HRESULT STDMETHODCALLTYPE clock_Unadvise(IReferenceClock *iface, DWORD cookie)
{
    (void)iface, (void)cookie;
    return E_NOTIMPL;
}

static inline void client_clock_init(struct client_clock *clock, const REFERENCE_TIME *now)
{
    static const IReferenceClockVtbl vtbl = {clock_QueryInterface, clock_AddRef,         clock_Release, clock_GetTime,
                                             clock_AdviseTime,     clock_AdvisePeriodic, clock_Unadvise};
    clock->iface.lpVtbl = (void *)&vtbl;
    atomic_init(&clock->refs, 1);
    clock->now = now;
}

/* ---- a sound: a sine of 441 Hz at key 60, looped; patch 0 of every channel ----------- */

#define SOUND_HZ      441.0
#define SOUND_RATE    22050u
#define SOUND_SAMPLES 500u /* ten periods */

struct client_sound {
    struct image wave, instrument;
    HANDLE wave_handle, instrument_handle;
};

static inline void client_load(IDirectMusicSynth *synth, struct client_sound *sound)
{
    int16_t samples[SOUND_SAMPLES];
    BOOL may_free = TRUE;
    for (unsigned i = 0; i < SOUND_SAMPLES; i++)
        samples[i] = (int16_t)(20000.0 * sin(2 * 3.14159265358979 * SOUND_HZ * i / SOUND_RATE));
    sound->wave = image_wave(1, samples, SOUND_SAMPLES, SOUND_RATE);
    sound->instrument =
        image_instrument(&(struct instrument_desc){.id = 2, .wave_id = 1, .unity_note = 60, .loop_length = SOUND_SAMPLES});
    CHECK_EQ(IDirectMusicSynth_Download(synth, &sound->wave_handle, sound->wave.bytes, &may_free), S_OK);
    CHECK(!may_free); /* the wave stays the host's, and in use */
    CHECK_EQ(IDirectMusicSynth_Download(synth, &sound->instrument_handle, sound->instrument.bytes, &may_free), S_OK);
    CHECK(may_free);
}

static LONG client_unloaded;
static HRESULT CALLBACK client_on_unload(HANDLE handle, HANDLE user)
{
    (void)handle;
    client_unloaded += user == (HANDLE)&client_unloaded;
    return S_OK;
}

/* The wave first: its callback has to wait for the instrument (spec/ddi-user.md 6.6). */
static inline void client_unload(IDirectMusicSynth *synth, struct client_sound *sound)
{
    client_unloaded = 0;
    CHECK_EQ(IDirectMusicSynth_Unload(synth, sound->wave_handle, client_on_unload, (HANDLE)&client_unloaded), S_OK);
    CHECK_EQ(client_unloaded, 0);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, sound->instrument_handle, NULL, NULL), S_OK);
    CHECK_EQ(client_unloaded, 1);
    image_free(&sound->wave);
    image_free(&sound->instrument);
}

/* ---- a tune ------------------------------------------------------------------------- */

struct client_note {
    unsigned start_ms, length_ms, group, channel, key;
};

/* Silence before each note; uneven distances, so that no other order or shift fits. */
static const struct client_note client_tune[] = {
    {100, 200, 1, 0, 60},  {450, 150, 1, 3, 67},   {777, 100, 2, 0, 72},   {1003, 250, 1, 15, 55},
    {1500, 90, 2, 7, 79}, {1834, 300, 1, 0, 48}, {2401, 120, 1, 9 - 1, 64}, {2700, 200, 2, 3, 60},
};
#define CLIENT_NOTES (sizeof client_tune / sizeof client_tune[0])
#define CLIENT_TUNE_MS 3000u

/* Frequency of a note of the tune. */
static inline double client_hz(const struct client_note *note) { return SOUND_HZ * pow(2.0, ((double)note->key - 60) / 12); }

/* The tune, note by note from the last to the first: the synth orders by time. START is the time of its millisecond 0. */
static inline void client_play_tune(IDirectMusicSynth *synth, REFERENCE_TIME start)
{
    for (size_t i = CLIENT_NOTES; i-- > 0;) {
        const struct client_note *note = &client_tune[i];
        static struct event_buffer events;
        events.size = 0;
        event_midi(&events, note->group, (int64_t)note->length_ms * 10000, (uint8_t)(0x80 | note->channel), (uint8_t)note->key, 0);
        event_midi(&events, note->group, 0, (uint8_t)(0x90 | note->channel), (uint8_t)note->key, 100);
        CHECK_EQ(IDirectMusicSynth_PlayBuffer(synth, start + (int64_t)note->start_ms * 10000, events.bytes, events.size), S_OK);
    }
}

#endif
