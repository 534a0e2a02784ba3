/* SPDX-License-Identifier: MIT */
/*
 * own_mixer.c - the synthesizer inside a program that has a mixer of its own, as a game has: a bank is downloaded, an audio
 * callback asks for float frames, and the program's other threads send notes and controllers whenever they like.
 * Here the "callback" is a loop, and its sound is written as raw 32-bit float stereo of 48000 Hz.
 *
 *     cc own_mixer.c $(pkg-config --cflags --libs dmus) -o own_mixer
 *     ./own_mixer bank.dls notes.raw; aplay -f FLOAT_LE -r 48000 -c 2 notes.raw
 */
#define COBJMACROS
#define INITGUID
#include <dmus/ddi.h>
#include <stdio.h>

enum { RATE = 48000, BLOCK = 480 };

struct music {
    IDirectMusicSynth *synth;
    IDmusSynthControl *control; /* the same object: float frames */
    IDirectMusicSynthSink *sink; /* converts times; offline it has no thread and no device */
    struct dmus_downloads *instruments;
};

/* Any thread, also while the callback renders. AT: frame of the stream at which it acts; a past one acts at the next block. */
static HRESULT send(struct music *m, LONGLONG at, BYTE status, BYTE data1, BYTE data2)
{
    struct {
        DMUS_EVENTHEADER header;
        BYTE bytes[4];
    } event = {{.cbEvent = 3, .dwChannelGroup = 1, .dwFlags = DMUS_EVENT_STRUCTURED}, {status, data1, data2}};
    REFERENCE_TIME time = (at * 10000000 + RATE - 1) / RATE;
    return IDirectMusicSynth_PlayBuffer(m->synth, time, (BYTE *)&event, sizeof event);
}

/* The audio callback: no lock, no allocation, no system call in it. */
static void fill(struct music *m, float *frames, DWORD count, LONGLONG position)
{
    m->control->lpVtbl->RenderFloat(m->control, frames, count, position);
    /* ... and here the game adds its own sounds. */
}

static HRESULT start(struct music *m)
{
    DMUS_SYNTHCONFIG config = {.dwSize = sizeof config, .dwProfile = DMUS_PROFILE_STUDIO, .dwDither = 2};
    DMUS_PORTPARAMS params = {.dwSize = sizeof params,
                              .dwValidParams = DMUS_PORTPARAMS_SAMPLERATE | DMUS_PORTPARAMS_VOICES,
                              .dwSampleRate = RATE,
                              .dwVoices = 256};
    IDmusSinkControl *sink_control = NULL;
    IReferenceClock *clock = NULL;
    HRESULT hr = dmus_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&m->synth);
    if (SUCCEEDED(hr))
        hr = dmus_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&m->sink);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynth_QueryInterface(m->synth, &IID_IDmusSynthControl, (void **)&m->control);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynthSink_QueryInterface(m->sink, &IID_IDmusSinkControl, (void **)&sink_control);
    if (SUCCEEDED(hr))
        hr = m->control->lpVtbl->SetConfig(m->control, &config);
    if (SUCCEEDED(hr))
        hr = sink_control->lpVtbl->SetProfile(sink_control, DMUS_PROFILE_STUDIO);
    if (SUCCEEDED(hr))
        hr = sink_control->lpVtbl->SetOffline(sink_control, TRUE);
    if (SUCCEEDED(hr))
        hr = dmus_create_stream_clock(m->sink, &clock);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynthSink_SetMasterClock(m->sink, clock);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynth_SetSynthSink(m->synth, m->sink);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynth_Open(m->synth, &params);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynth_Activate(m->synth, TRUE);
    if (clock)
        IReferenceClock_Release(clock);
    if (sink_control)
        sink_control->lpVtbl->Release(sink_control);
    return hr;
}

static void stop(struct music *m)
{
    dmus_download_end(m->instruments);
    if (m->control)
        m->control->lpVtbl->Release(m->control);
    if (m->sink)
        IDirectMusicSynthSink_Release(m->sink);
    if (m->synth)
        IDirectMusicSynth_Release(m->synth); /* deactivates and closes */
}

/* An arpeggio, a note each 0.2 s, louder and louder. */
static HRESULT play(struct music *m, FILE *out)
{
    static const BYTE chord[] = {48, 55, 60, 64, 67, 72};
    float frames[BLOCK * 2];
    HRESULT hr = S_OK;
    for (LONGLONG at = 0; SUCCEEDED(hr) && at < 3 * RATE; at += BLOCK) {
        if (at % (RATE / 5) == 0 && at < 2 * RATE) {
            BYTE note = chord[at / (RATE / 5) % 6];
            send(m, at, 0xB0, 7, (BYTE)(60 + at * 60 / (2 * RATE)));
            hr = send(m, at, 0x90, note, 100);
            send(m, at + RATE / 4, 0x80, note, 0);
        }
        fill(m, frames, BLOCK, at);
        if (fwrite(frames, sizeof frames, 1, out) != 1)
            hr = E_FAIL;
    }
    return hr;
}

int main(int argc, char **argv)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    struct dmus_bank *bank = NULL;
    struct music music = {0};
    FILE *out = argc == 3 ? fopen(argv[2], "wb") : NULL;
    if (!out) {
        fputs("usage: own_mixer BANK FILE, which can be written\n", stderr);
        return 1;
    }
    HRESULT hr = start(&music);
    if (SUCCEEDED(hr) && (dmus_bank_open(argv[1], &bank, &err) != DMUS_OK ||
                          dmus_bank_download(bank, music.synth, NULL, 0, &music.instruments, &err) != DMUS_OK)) {
        fprintf(stderr, "%s\n", err.text);
        hr = E_FAIL;
    }
    dmus_bank_close(bank); /* the downloads have a reference of their own */
    if (SUCCEEDED(hr))
        hr = play(&music, out);
    if (FAILED(hr))
        fprintf(stderr, "failed: 0x%08x\n", (unsigned)hr);
    stop(&music);
    return fclose(out) != 0 || FAILED(hr);
}
