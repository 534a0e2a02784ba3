/* SPDX-License-Identifier: MIT */
/*
 * Download images through IDirectMusicSynth::Download, sounded as notes and with PlayVoice and unloaded again. Input,
 * repeated: size of an image (16 bits), the image. The DDI gives no size beside the image's own, so each lies in a block of as many bytes as it claims (at least its
 * head), and one that claims more than 256 KB is cut down. Every accepted image is given back exactly once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "user/user.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define IMAGES  16
#define HEAD    16u
#define LARGEST 0x40000u

struct loan {
    uint8_t *block;
    HANDLE handle;
    int called;
};

static IDirectMusicSynth8 *synth8;
static IDirectMusicSynth *synth; /* the same */
static IDirectMusicSynthSink *sink;
static IDmusSinkControl *sink_control;

static void need(int ok)
{
    if (!ok)
        abort();
}

static HRESULT CALLBACK give_back(HANDLE handle, HANDLE user)
{
    struct loan *loan = user;
    need(handle == loan->handle && loan->called == 0);
    loan->called++;
    free(loan->block);
    return S_OK;
}

static void set_up(void)
{
    IReferenceClock *clock;
    need(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth8, (void **)&synth8) == S_OK);
    synth = (IDirectMusicSynth *)synth8;
    need(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink) == S_OK);
    need(IDirectMusicSynthSink_QueryInterface(sink, &IID_IDmusSinkControl, (void **)&sink_control) == S_OK);
    need(user_create_stream_clock(sink, &clock) == S_OK);
    need(IDirectMusicSynthSink_SetMasterClock(sink, clock) == S_OK);
    IReferenceClock_Release(clock);
    need(sink_control->lpVtbl->SetOffline(sink_control, TRUE) == S_OK);
    need(IDirectMusicSynth_SetSynthSink(synth, sink) == S_OK);
    DMUS_PORTPARAMS params = {.dwSize = sizeof params,
                              .dwValidParams = DMUS_PORTPARAMS_VOICES | DMUS_PORTPARAMS_SAMPLERATE,
                              .dwVoices = 8,
                              .dwSampleRate = 11025};
    need(IDirectMusicSynth_Open(synth, &params) == S_OK);
}

static int load(struct loan *loan, const uint8_t *data, size_t size)
{
    BOOL may_free = 2;
    uint8_t head[HEAD] = {0};
    memcpy(head, data, size < HEAD ? size : HEAD);
    uint32_t claimed = load_le32(head + 12);
    if (claimed > LARGEST)
        store_le32(head + 12, claimed = (uint32_t)size);
    uint32_t room = claimed > HEAD ? claimed : HEAD;
    *loan = (struct loan){.block = calloc(1, room)};
    need(loan->block != NULL);
    memcpy(loan->block, data, size < room ? size : room);
    memcpy(loan->block, head, HEAD);
    HRESULT hr = IDirectMusicSynth_Download(synth, &loan->handle, loan->block, &may_free);
    need(hr == S_OK || FAILED(hr));
    need((hr == S_OK) == (loan->handle != NULL));
    need(hr == S_OK || may_free);
    if (hr != S_OK)
        free(loan->block);
    else if (may_free)
        memset(loan->block, 0xEE, room);
    return hr == S_OK;
}

/* Notes over the whole keyboard on a melodic channel and on the drum channel, with the patch of the last instrument. */
static void sound(uint32_t patch)
{
    uint8_t events[24 * 40] = {0};
    size_t at = 0;
    uint8_t messages[40][3] = {{0xB0, 0, (uint8_t)(patch >> 16 & 127)},
                               {0xB0, 32, (uint8_t)(patch >> 8 & 127)},
                               {0xC0, (uint8_t)(patch & 127), 0},
                               {0xB0, 1, 127}};
    for (uint8_t i = 4; i < 40; i++) {
        messages[i][0] = i & 1 ? 0x90 : 0x99;
        messages[i][1] = (uint8_t)(i * 3);
        messages[i][2] = 127;
    }
    for (int i = 0; i < 40; i++, at += 24) {
        events[at] = 3;
        events[at + 4] = 1;
        events[at + 16] = 1;
        memcpy(events + at + 20, messages[i], 3);
    }
    need(IDirectMusicSynth_PlayBuffer(synth, 0, events, sizeof events) == S_OK);
    need(sink_control->lpVtbl->Pump(sink_control, 3000, 1000) == S_OK);
}

/* Whatever IDs say they are: most answers are refusals. */
static void play_voices(const uint32_t *ids, int count)
{
    DMUS_VOICE_STATE state;
    for (int i = 0; i < count; i++) {
        DWORD voice = (DWORD)i, id = ids[i];
        IDirectMusicSynth8_PlayVoice(synth8, 0, voice, 1, id & 15, id, (LONG)id % 3000, 0, 0, 0, id & 63);
        IDirectMusicSynth8_PlayVoice(synth8, 0, voice, 1, id & 15, id, (LONG)id % 3000, 0, 0, 0, 0);
        IDirectMusicSynth8_Refresh(synth8, id, id & 1);
        need(IDirectMusicSynth8_GetVoiceState(synth8, &voice, 1, &state) == S_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t ids[IMAGES];
    struct loan loans[IMAGES];
    int count = 0;
    uint32_t patch = 0;
    if (!synth)
        set_up();
    need(IDirectMusicSynth_Activate(synth, TRUE) == S_OK);
    for (size_t at = 0; at + 2 <= size && count < IMAGES;) {
        size_t length = load_le16(data + at);
        at += 2;
        length = length < size - at ? length : size - at;
        if (length >= 24 && load_le16(data + at) != 2 && load_le32(data + at + 8) <= (length - 20) / 4)
            patch = load_le32(data + at + 16 + 4 * load_le32(data + at + 8));
        ids[count] = length >= 8 ? load_le32(data + at + 4) : 0;
        count += load(&loans[count], data + at, length);
        at += length;
    }
    play_voices(ids, count);
    sound(patch);
    play_voices(ids, count);
    for (int i = 0; i < count; i++) /* waves first: the harder order */
        need(IDirectMusicSynth_Unload(synth, loans[i].handle, give_back, &loans[i]) == S_OK);
    need(sink_control->lpVtbl->Pump(sink_control, 500, 100) == S_OK);
    need(IDirectMusicSynth_Activate(synth, FALSE) == S_OK);
    for (int i = 0; i < count; i++)
        need(loans[i].called == 1);
    return 0;
}
