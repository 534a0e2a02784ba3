/* SPDX-License-Identifier: MIT */
/*
 * A host of the DDI with a sink of its own, which keeps the sound; no device. One source, three runs: Linux, Wine 64, Wine 32.
 *
 * Both classes; open, download, play at exact times; then what was rendered is
 * searched for the notes: when each begins and how high it is.
 */
#include "client.h"

#include <stdlib.h>

#define RATE  22050
#define BLOCK 441 /* 20 ms, as a sink would */

/* ---- the sink -------------------------------------------------------------------- */

struct own_sink {
    IDirectMusicSynthSink iface;
    LONG refs;
    IDirectMusicSynth *synth; /* no reference */
    IReferenceClock *master;
    struct client_clock latency;
    bool active;
    LONGLONG position;
    REFERENCE_TIME start;
    REFERENCE_TIME now; /* the master clock: moves with the frames */
    int16_t *frames;
    size_t count, capacity;
};

static HRESULT STDMETHODCALLTYPE sink_QueryInterface(IDirectMusicSynthSink *iface, REFIID riid, void **ppv)
{
    bool known = memcmp(riid, &IID_IUnknown, sizeof *riid) == 0 || memcmp(riid, &IID_IDirectMusicSynthSink, sizeof *riid) == 0;
    *ppv = known ? iface : NULL;
    ((struct own_sink *)iface)->refs += known;
    return known ? S_OK : E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE sink_AddRef(IDirectMusicSynthSink *iface) { return (ULONG)++((struct own_sink *)iface)->refs; }
static ULONG STDMETHODCALLTYPE sink_Release(IDirectMusicSynthSink *iface) { return (ULONG)--((struct own_sink *)iface)->refs; }
static HRESULT STDMETHODCALLTYPE sink_Init(IDirectMusicSynthSink *iface, IDirectMusicSynth *synth)
{
    ((struct own_sink *)iface)->synth = synth;
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE sink_SetMasterClock(IDirectMusicSynthSink *iface, IReferenceClock *clock)
{
    struct own_sink *sink = (struct own_sink *)iface;
    if (clock)
        IReferenceClock_AddRef(clock);
    if (sink->master)
        IReferenceClock_Release(sink->master);
    sink->master = clock;
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE sink_GetLatencyClock(IDirectMusicSynthSink *iface, IReferenceClock **clock)
{
    *clock = &((struct own_sink *)iface)->latency.iface;
    IReferenceClock_AddRef(*clock);
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE sink_Activate(IDirectMusicSynthSink *iface, BOOL enable)
{
    struct own_sink *sink = (struct own_sink *)iface;
    sink->active = enable != FALSE;
    sink->position = 0;
    return enable ? IReferenceClock_GetTime(sink->master, &sink->start) : S_OK;
}
/* Frame n is due at n / RATE s, on the next 100 ns. */
static HRESULT STDMETHODCALLTYPE sink_SampleToRefTime(IDirectMusicSynthSink *iface, LONGLONG sample, REFERENCE_TIME *time)
{
    *time = ((struct own_sink *)iface)->start + (sample * 10000000 + RATE - 1) / RATE;
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE sink_RefTimeToSample(IDirectMusicSynthSink *iface, REFERENCE_TIME time, LONGLONG *sample)
{
    *sample = (time - ((struct own_sink *)iface)->start) * RATE / 10000000;
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE sink_SetDirectSound(IDirectMusicSynthSink *iface, IDirectSound *dsound,
                                                     IDirectSoundBuffer *buffer)
{
    (void)iface, (void)dsound, (void)buffer;
    return S_OK;
}
static HRESULT STDMETHODCALLTYPE sink_GetDesiredBufferSize(IDirectMusicSynthSink *iface, DWORD *size)
{
    (void)iface;
    *size = RATE * 2 * 4;
    return S_OK;
}

static void sink_init(struct own_sink *sink)
{
    static const IDirectMusicSynthSinkVtbl vtbl = {
        sink_QueryInterface,  sink_AddRef,          sink_Release,        sink_Init,          sink_SetMasterClock, sink_GetLatencyClock,
        sink_Activate,        sink_SampleToRefTime, sink_RefTimeToSample, sink_SetDirectSound, sink_GetDesiredBufferSize};
    *sink = (struct own_sink){.iface = {(void *)&vtbl}, .refs = 1, .now = 123456789};
    client_clock_init(&sink->latency, &sink->now);
}

/* Pull COUNT frames, stereo, into memory. */
static void sink_pull(struct own_sink *sink, size_t count)
{
    if (sink->count + count > sink->capacity) {
        sink->capacity = 2 * (sink->count + count);
        sink->frames = realloc(sink->frames, sink->capacity * 4);
        if (!sink->frames)
            abort();
    }
    for (size_t done = 0; done < count;) {
        DWORD part = count - done < BLOCK ? (DWORD)(count - done) : BLOCK;
        int16_t *to = sink->frames + 2 * (sink->count + done);
        memset(to, 0, part * 4);
        CHECK_EQ(IDirectMusicSynth_Render(sink->synth, to, part, sink->position), S_OK);
        sink->position += part;
        done += part;
        sink_SampleToRefTime(&sink->iface, sink->position, &sink->now);
    }
    sink->count += count;
}

/* ---- listening ----------------------------------------------------------------- */

static double level_at(const struct own_sink *sink, size_t frame)
{
    return fmax(fabs((double)sink->frames[2 * frame]), fabs((double)sink->frames[2 * frame + 1]));
}

/* The first frame from FROM on that is louder than LEVEL. */
static size_t first_above(const struct own_sink *sink, size_t from, double level)
{
    while (from < sink->count && level_at(sink, from) <= level)
        from++;
    return from;
}

/* Periods a second of the left channel, from the rising zero crossings in [from, to), which are placed between frames. */
static double frequency(const struct own_sink *sink, size_t from, size_t to)
{
    double first = -1, last = -1;
    int count = 0;
    for (size_t i = from + 1; i < to && i < sink->count; i++) {
        double a = sink->frames[2 * i - 2], b = sink->frames[2 * i];
        if (a < 0 && b >= 0) {
            last = (double)i - 1 + a / (a - b);
            first = first < 0 ? last : first;
            count++;
        }
    }
    return count > 1 ? (count - 1) / (last - first) * RATE : 0;
}

/* ---- the tests ------------------------------------------------------------------- */

static IDirectMusicSynth *synth;
static struct own_sink own;
static struct client_clock master;
static struct client_sound sound;

static void test_both_classes(void)
{
    IDirectMusicSynthSink *sink = NULL;
    IUnknown *unknown = NULL;
    void *none = &own;
    client_start();
    CHECK_EQ(client_create(&CLSID_DirectMusicSynth, &IID_IDirectMusicSynth, &synth), S_OK);
    CHECK_EQ(client_create(&CLSID_DirectMusicSynthSink, &IID_IDirectMusicSynthSink, &sink), S_OK);
    if (!synth || !sink)
        exit(1);
    /* Ours: no other answers this. */
    CHECK_EQ(IDirectMusicSynth_QueryInterface(synth, &IID_IDmusSynthControl, (void **)&unknown), S_OK);
    if (unknown)
        IUnknown_Release(unknown);
    CHECK_EQ(client_create(&CLSID_DirectMusicSynth, &IID_IReferenceClock, &none), E_NOINTERFACE);
    CHECK(none == NULL);
    IKsControl *control = NULL;
    DWORD uses_dsound = 7;
    ULONG returned = 0;
    KSPROPERTY property = {.Set = GUID_DMUS_PROP_SinkUsesDSound, .Flags = KSPROPERTY_TYPE_GET};
    CHECK_EQ(IDirectMusicSynthSink_QueryInterface(sink, &IID_IKsControl, (void **)&control), S_OK);
    CHECK_EQ(control->lpVtbl->KsProperty(control, &property, sizeof property, &uses_dsound, 4, &returned), S_OK);
    CHECK_EQ(returned, 4);
#ifdef _WIN32
    CHECK_EQ(uses_dsound, TRUE);
#else
    CHECK_EQ(uses_dsound, FALSE);
#endif
    control->lpVtbl->Release(control);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0);
}

static void test_open_and_download(void)
{
    DMUS_PORTPARAMS params = {.dwSize = sizeof params,
                              .dwValidParams = DMUS_PORTPARAMS_VOICES | DMUS_PORTPARAMS_CHANNELGROUPS |
                                               DMUS_PORTPARAMS_AUDIOCHANNELS | DMUS_PORTPARAMS_SAMPLERATE |
                                               DMUS_PORTPARAMS_EFFECTS,
                              .dwVoices = 16,
                              .dwChannelGroups = 2,
                              .dwAudioChannels = 2,
                              .dwSampleRate = RATE};
    sink_init(&own);
    client_clock_init(&master, &own.now);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &own.iface), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(&own.iface, &master.iface), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, &params), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    CHECK(own.active && own.synth == synth && own.start == 123456789);
    client_load(synth, &sound);
}

/* spec/ddi-user.md 15, item 29: first non-zero frame >= k, error <= 2 ms; here by the measure of one note against the next. */
static void test_right_notes_at_the_right_times(void)
{
    sink_pull(&own, RATE / 10);
    REFERENCE_TIME start = own.start + 5000000; /* the tune begins at 0.5 s */
    client_play_tune(synth, start);
    sink_pull(&own, (size_t)RATE * (500 - 100 + CLIENT_TUNE_MS) / 1000);
    size_t from = 0;
    for (size_t i = 0; i < CLIENT_NOTES; i++) {
        const struct client_note *note = &client_tune[i];
        int64_t due = (int64_t)(500 + note->start_ms) * RATE / 1000;
        int64_t end = (int64_t)(500 + note->start_ms + note->length_ms) * RATE / 1000;
        int64_t begins = (int64_t)first_above(&own, from, 0);
        int64_t loud = (int64_t)first_above(&own, from, 200);
        printf("# note %d: due at frame %d, begins at %d, %.2f Hz for %.2f\n", (int)note->key, (int)due, (int)begins,
               frequency(&own, (size_t)due + 220, (size_t)end - 220), client_hz(note));
        CHECK(begins >= due && begins <= due + RATE / 500);
        CHECK(loud <= due + RATE / 200); /* within 5 ms it is loud */
        CHECK_NEAR(frequency(&own, (size_t)due + 220, (size_t)end - 220) / client_hz(note), 1, 0.003);
        CHECK(level_at(&own, first_above(&own, (size_t)due + 441, 2000)) > 2000);
        /* And it ends: silence from 100 ms after its end until the next. */
        from = (size_t)end + RATE / 25;
        size_t next = i + 1 < CLIENT_NOTES ? (size_t)(500 + client_tune[i + 1].start_ms) * RATE / 1000 : own.count;
        if (next > from + 100)
            CHECK(first_above(&own, from, 0) >= next);
    }
}

static void test_end(void)
{
    client_unload(synth, &sound);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_OK);
    CHECK(!own.active);
    CHECK_EQ(IDirectMusicSynth_Close(synth), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    CHECK_EQ(own.refs, 1);
    sink_SetMasterClock(&own.iface, NULL);
    CHECK_EQ(master.refs, 1);
    free(own.frames);
#ifdef _WIN32
    HRESULT(WINAPI * can_unload)(void) = NULL;
    FARPROC found = GetProcAddress(GetModuleHandleW(L"dmsynth.dll"), "DllCanUnloadNow");
    memcpy(&can_unload, &found, sizeof can_unload);
    CHECK(can_unload && can_unload() == S_OK);
#endif
}

int main(void)
{
    RUN(test_both_classes);
    RUN(test_open_and_download);
    RUN(test_right_notes_at_the_right_times);
    RUN(test_end);
    return tap_done();
}
