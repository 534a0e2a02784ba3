/* SPDX-License-Identifier: MIT */
/*
 * ddi_note.c - the DirectMusic device driver interface itself: a sound and an instrument are downloaded, a buffer of events is
 * played, and the program pulls the sound as a sink would. It writes raw 16-bit stereo of 22050 Hz.
 *
 *     cc ddi_note.c $(pkg-config --cflags --libs dmus) -lm -o ddi_note
 *     ./ddi_note note.raw; aplay -f S16_LE -r 22050 -c 2 note.raw
 *
 * On Windows the same calls work with CoCreateInstance in the place of dmus_create_instance.
 */
#define COBJMACROS
#define INITGUID
#include <dmus/ddi.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define RATE    22050
#define SAMPLES 50 /* one period of 441 Hz */
#define WAVE_ID 1

/* A download is one block: info, table of offsets, and the objects that the table tells the places of. */
struct wave_image {
    DMUS_DOWNLOADINFO info;
    ULONG offsets[2];
    DMUS_WAVE wave;
    ULONG cb_data; /* here a DMUS_WAVEDATA begins */
    SHORT samples[SAMPLES + 2]; /* GetAppend: two samples of room for the synth */
};

struct instrument_image {
    DMUS_DOWNLOADINFO info;
    ULONG offsets[4];
    DMUS_INSTRUMENT instrument;
    DMUS_REGION region;
    DMUS_ARTICULATION2 articulation;
    CONNECTIONLIST connections; /* none: the defaults of DLS Level 2 */
};

struct event {
    DMUS_EVENTHEADER header;
    BYTE message[4]; /* so that the next one begins after a multiple of 8 bytes */
};

static struct wave_image wave = {
    .info = {DMUS_DOWNLOADINFO_WAVE, WAVE_ID, 2, sizeof wave},
    .offsets = {offsetof(struct wave_image, wave), offsetof(struct wave_image, cb_data)},
    .wave = {.ulWaveDataIdx = 1,
             .WaveformatEx = {.wFormatTag = WAVE_FORMAT_PCM,
                              .nChannels = 1,
                              .nSamplesPerSec = RATE,
                              .nAvgBytesPerSec = RATE * 2,
                              .nBlockAlign = 2,
                              .wBitsPerSample = 16}},
    .cb_data = SAMPLES * 2,
};

static struct instrument_image instrument = {
    .info = {DMUS_DOWNLOADINFO_INSTRUMENT2, WAVE_ID + 1, 4, sizeof instrument},
    .offsets = {offsetof(struct instrument_image, instrument), offsetof(struct instrument_image, region),
                offsetof(struct instrument_image, articulation), offsetof(struct instrument_image, connections)},
    .instrument = {.ulPatch = 0, .ulFirstRegionIdx = 1, .ulGlobalArtIdx = 2}, /* numbers are places in the table */
    .region = {.RangeKey = {0, 127},
               .RangeVelocity = {0, 127},
               .WaveLink = {.ulChannel = WAVELINK_CHANNEL_LEFT, .ulTableIndex = WAVE_ID},
               .WSMP = {.cbSize = sizeof(WSMPL), .usUnityNote = 69, .cSampleLoops = 1},
               .WLOOP = {{.cbSize = sizeof(WLOOP), .ulType = WLOOP_TYPE_FORWARD, .ulStart = 0, .ulLength = SAMPLES}}},
    .articulation = {.ulArtIdx = 3},
    .connections = {.cbSize = sizeof(CONNECTIONLIST), .cConnections = 0},
};

static struct event event(REFERENCE_TIME at, BYTE status, BYTE key, BYTE velocity)
{
    return (struct event){.header = {.cbEvent = 3, .dwChannelGroup = 1, .rtDelta = at, .dwFlags = DMUS_EVENT_STRUCTURED},
                          .message = {status, key, velocity}};
}

/* Two notes, half a second each. */
static HRESULT play(IDirectMusicSynth *synth)
{
    HANDLE handles[2];
    BOOL may_free;
    for (int i = 0; i < SAMPLES; i++)
        wave.samples[i] = (SHORT)lrint(20000 * sin(2 * 3.14159265358979 * i / SAMPLES));
    HRESULT hr = IDirectMusicSynth_Download(synth, &handles[0], &wave, &may_free); /* may_free FALSE: it plays from our memory */
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynth_Download(synth, &handles[1], &instrument, &may_free);
    struct event events[] = {event(0, 0x90, 69, 100), event(5000000, 0x80, 69, 0), event(5000000, 0x90, 76, 100),
                             event(10000000, 0x80, 76, 0)};
    return SUCCEEDED(hr) ? IDirectMusicSynth_PlayBuffer(synth, 0, (BYTE *)events, sizeof events) : hr;
}

static HRESULT pull(IDirectMusicSynth *synth, FILE *out)
{
    static SHORT frames[441][2];
    HRESULT hr = S_OK;
    for (LONGLONG position = 0; SUCCEEDED(hr) && position < RATE * 3 / 2; position += 441) {
        hr = IDirectMusicSynth_Render(synth, &frames[0][0], 441, position);
        if (SUCCEEDED(hr) && fwrite(frames, sizeof frames, 1, out) != 1)
            hr = E_FAIL;
    }
    return hr;
}

/* The library's sink does the conversions of time; offline it has no thread, so the sound is ours to pull. */
static HRESULT connect(IDirectMusicSynth *synth, IDirectMusicSynthSink *sink)
{
    IDmusSinkControl *control;
    IReferenceClock *clock;
    DMUS_PORTPARAMS params = {.dwSize = sizeof params,
                              .dwValidParams = DMUS_PORTPARAMS_SAMPLERATE | DMUS_PORTPARAMS_EFFECTS,
                              .dwSampleRate = RATE,
                              .dwEffectFlags = DMUS_EFFECT_NONE};
    HRESULT hr = IDirectMusicSynthSink_QueryInterface(sink, &IID_IDmusSinkControl, (void **)&control);
    if (FAILED(hr))
        return hr;
    hr = control->lpVtbl->SetOffline(control, TRUE);
    control->lpVtbl->Release(control);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynth_SetSynthSink(synth, sink);
    if (SUCCEEDED(hr))
        hr = dmus_create_stream_clock(sink, &clock);
    if (FAILED(hr))
        return hr;
    hr = IDirectMusicSynthSink_SetMasterClock(sink, clock);
    IReferenceClock_Release(clock);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynth_Open(synth, &params);
    return SUCCEEDED(hr) ? IDirectMusicSynth_Activate(synth, TRUE) : hr;
}

int main(int argc, char **argv)
{
    FILE *out = argc == 2 ? fopen(argv[1], "wb") : NULL;
    if (!out) {
        fputs("usage: ddi_note FILE, which can be written\n", stderr);
        return 1;
    }
    IDirectMusicSynth *synth = NULL;
    IDirectMusicSynthSink *sink = NULL;
    HRESULT hr = dmus_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth);
    if (SUCCEEDED(hr))
        hr = dmus_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink);
    if (SUCCEEDED(hr))
        hr = connect(synth, sink);
    if (SUCCEEDED(hr))
        hr = play(synth);
    if (SUCCEEDED(hr))
        hr = pull(synth, out);
    if (FAILED(hr))
        fprintf(stderr, "failed: 0x%08x\n", (unsigned)hr);
    if (sink)
        IDirectMusicSynthSink_Release(sink);
    if (synth)
        IDirectMusicSynth_Release(synth); /* the last reference deactivates, closes, and gives the memory of the wave back */
    return fclose(out) != 0 || FAILED(hr);
}
