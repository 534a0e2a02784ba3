/* SPDX-License-Identifier: MIT */
/*
 * Event buffers through IDirectMusicSynth::PlayBuffer, then half a second of sound. A refused buffer leaves nothing in the
 * queue; an accepted one consists of whole, padded events.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "user/user.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RATE   11025u
#define FRAMES (RATE / 2)

static IDirectMusicSynth *synth;
static IDmusSynthControl *control;
static IDirectMusicSynthSink *sink;
static IDmusSinkControl *sink_control;

static void need(int ok)
{
    if (!ok)
        abort();
}

/* One looped wave and an instrument on it, by hand after spec/ddi-user.md 6.3 and 6.4, and the same as drum kit. */
static void download(void)
{
    static uint8_t wave[60 + 128 + 4], instrument[2][148];
    HANDLE handle;
    BOOL may_free;
    static const struct {
        uint16_t at, value;
    } wave_words[] = {{0, 2}, {4, 1}, {8, 2}, {12, sizeof wave}, {16, 24}, {20, 56}, {32, 1}, {36, 1}, {38, 1}, {40, RATE},
                      {44, 2 * RATE}, {48, 2}, {50, 16}, {56, 128}};
    static const struct {
        uint16_t at, value;
    } words[] = {{0, 3}, {4, 2}, {8, 4}, {12, 148}, {16, 32}, {20, 56}, {24, 128}, {28, 140}, {36, 1}, {40, 2}, {58, 127},
                 {62, 127}, {84, 1}, {88, 1}, {92, 20}, {96, 60}, {108, 1}, {112, 16}, {124, 64}, {128, 3}, {140, 8}};
    for (size_t i = 0; i < sizeof wave_words / sizeof wave_words[0]; i++)
        store_le16(wave + wave_words[i].at, wave_words[i].value);
    for (uint8_t i = 0; i < 64; i++)
        store_le16(wave + 60 + 2 * i, (uint16_t)(i * 700));
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            store_le16(instrument[k] + words[i].at, words[i].value);
        if (k)
            store_le32(instrument[k] + 32, 0x80000000u);
    }
    need(IDirectMusicSynth_Download(synth, &handle, wave, &may_free) == S_OK);
    need(IDirectMusicSynth_Download(synth, &handle, instrument[0], &may_free) == S_OK);
    need(IDirectMusicSynth_Download(synth, &handle, instrument[1], &may_free) == S_OK);
}

static void set_up(void)
{
    IReferenceClock *clock;
    DMUS_PORTPARAMS params = {.dwSize = sizeof params,
                              .dwValidParams = DMUS_PORTPARAMS_VOICES | DMUS_PORTPARAMS_SAMPLERATE,
                              .dwVoices = 16,
                              .dwSampleRate = RATE};
    need(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth) == S_OK);
    need(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink) == S_OK);
    need(IDirectMusicSynth_QueryInterface(synth, &IID_IDmusSynthControl, (void **)&control) == S_OK);
    need(IDirectMusicSynthSink_QueryInterface(sink, &IID_IDmusSinkControl, (void **)&sink_control) == S_OK);
    need(user_create_stream_clock(sink, &clock) == S_OK);
    need(IDirectMusicSynthSink_SetMasterClock(sink, clock) == S_OK);
    IReferenceClock_Release(clock);
    need(sink_control->lpVtbl->SetOffline(sink_control, TRUE) == S_OK);
    need(IDirectMusicSynth_SetSynthSink(synth, sink) == S_OK);
    need(IDirectMusicSynth_Open(synth, &params) == S_OK);
    download();
}

/* What 4.3 says of spacing, once more. */
static int whole_events(const uint8_t *data, uint64_t size)
{
    uint64_t at = 0;
    while (at < size) {
        if (size - at < 20)
            return 0;
        at += (20 + (uint64_t)load_le32(data + at) + 7) / 8 * 8;
    }
    return at == size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    REFERENCE_TIME now;
    uint8_t *copy = malloc(size ? size : 1);
    if (!synth)
        set_up();
    need(copy != NULL && size < 0x10000000);
    memcpy(copy, data, size);
    need(IDirectMusicSynth_Activate(synth, TRUE) == S_OK);
    need(IDirectMusicSynthSink_SampleToRefTime(sink, 0, &now) == S_OK);
    HRESULT hr = IDirectMusicSynth_PlayBuffer(synth, now, copy, (DWORD)size);
    memset(copy, 0xEE, size); /* events are copied */
    free(copy);
    need(hr == S_OK || hr == E_INVALIDARG);
    need(hr != S_OK || whole_events(data, size));
    need(hr != E_INVALIDARG || control->lpVtbl->IsSilent(control) == S_OK);
    need(sink_control->lpVtbl->Pump(sink_control, FRAMES, 512) == S_OK);
    /* FF resets every group, so that no run depends on the one before. */
    uint8_t reset[24] = {[0] = 1, [16] = 1, [20] = 0xFF};
    need(IDirectMusicSynth_PlayBuffer(synth, now, reset, sizeof reset) == S_OK);
    need(sink_control->lpVtbl->Pump(sink_control, 512, 512) == S_OK);
    need(IDirectMusicSynth_Activate(synth, FALSE) == S_OK);
    need(control->lpVtbl->IsSilent(control) == S_OK);
    return 0;
}
