/* SPDX-License-Identifier: MIT */
/*
 * stage.h - an active synth of ours on a sink that converts time n to frame n, rendered by hand as float: what the tests of the
 * DirectX 8 methods play on. Each block a test downloads lives until the synth gives it back.
 */
#ifndef DMUS_TESTS_USER_STAGE_H
#define DMUS_TESTS_USER_STAGE_H

#include "base/alloc.h"
#include "doubles.h"
#include "images.h"

#define STAGE_RATE 22050u

struct stage {
    IDirectMusicSynth8 *synth;
    IDmusSynthControl *control;
    struct test_sink sink;
    DWORD channels;
    LONGLONG position;
    struct image kept[64]; /* given back by stage_close */
    uint32_t kept_count;
};

struct stage_options {
    DWORD profile, interpolation, channels, voices, groups, effects, rate; /* 0: native, linear, 2, 32, 1, none, STAGE_RATE */
};

static inline void stage_open(struct stage *stage, struct stage_options o)
{
    DMUS_SYNTHCONFIG config = {.dwSize = sizeof config,
                               .dwProfile = o.profile,
                               .dwInterpolation = o.interpolation ? o.interpolation : DMUS_INTERPOLATION_LINEAR};
    DMUS_PORTPARAMS params = {.dwSize = sizeof params,
                              .dwValidParams = DMUS_PORTPARAMS_VOICES | DMUS_PORTPARAMS_CHANNELGROUPS |
                                               DMUS_PORTPARAMS_AUDIOCHANNELS | DMUS_PORTPARAMS_SAMPLERATE |
                                               DMUS_PORTPARAMS_EFFECTS,
                              .dwVoices = o.voices ? o.voices : 32,
                              .dwChannelGroups = o.groups ? o.groups : 1,
                              .dwAudioChannels = o.channels ? o.channels : 2,
                              .dwSampleRate = o.rate ? o.rate : STAGE_RATE,
                              .dwEffectFlags = o.effects};
    memset(stage, 0, sizeof *stage);
    stage->sink = test_sink_make(10000000);
    stage->channels = params.dwAudioChannels;
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth8, (void **)&stage->synth), S_OK);
    CHECK_EQ(IDirectMusicSynth8_QueryInterface(stage->synth, &IID_IDmusSynthControl, (void **)&stage->control), S_OK);
    CHECK_EQ(stage->control->lpVtbl->SetConfig(stage->control, &config), S_OK);
    CHECK_EQ(IDirectMusicSynth8_SetSynthSink(stage->synth, &stage->sink.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Open(stage->synth, &params), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Activate(stage->synth, TRUE), S_OK);
}

static inline void stage_close(struct stage *stage)
{
    stage->control->lpVtbl->Release(stage->control);
    CHECK_EQ(IDirectMusicSynth8_Release(stage->synth), 0);
    CHECK_EQ(stage->sink.refs, 1);
    for (uint32_t i = 0; i < stage->kept_count; i++)
        image_free(&stage->kept[i]);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
}

/* Download IMAGE, which becomes the stage's. */
static inline HANDLE stage_load(struct stage *stage, struct image image)
{
    HANDLE handle = NULL;
    BOOL may_free = 2;
    assert(stage->kept_count < 64);
    stage->kept[stage->kept_count++] = image;
    CHECK_EQ(IDirectMusicSynth8_Download(stage->synth, &handle, image.bytes, &may_free), S_OK);
    return handle;
}

static inline HRESULT stage_play(struct stage *stage, REFERENCE_TIME at, DWORD voice, DWORD id)
{
    return IDirectMusicSynth8_PlayVoice(stage->synth, at, voice, 1, 0, id, 0, 0, 0, 0, 0);
}

static inline void stage_midi(struct stage *stage, uint32_t group, int64_t at, uint8_t status, uint8_t data1, uint8_t data2)
{
    static struct event_buffer events;
    events.size = 0;
    event_midi(&events, group, at, status, data1, data2);
    CHECK_EQ(IDirectMusicSynth8_PlayBuffer(stage->synth, 0, events.bytes, events.size), S_OK);
}

/* The next FRAMES frames, interleaved. */
static inline void stage_render(struct stage *stage, float *out, DWORD frames)
{
    CHECK_EQ(stage->control->lpVtbl->RenderFloat(stage->control, out, frames, stage->position), S_OK);
    stage->position += frames;
}

static inline void stage_skip(struct stage *stage, DWORD frames)
{
    static float out[2 * 4096];
    for (DWORD n; frames; frames -= n) {
        n = frames < 4096 ? frames : 4096;
        stage_render(stage, out, n);
    }
}

static inline bool stage_exists(struct stage *stage, DWORD voice, SAMPLE_POSITION *position)
{
    DMUS_VOICE_STATE state = {.bExists = 2, .spPosition = 99};
    CHECK_EQ(IDirectMusicSynth8_GetVoiceState(stage->synth, &voice, 1, &state), S_OK);
    CHECK(state.bExists == TRUE || (state.bExists == FALSE && state.spPosition == 0));
    if (position)
        *position = state.spPosition;
    return state.bExists;
}

/* What native-behaviour.md 47..50 makes of a wave at full level: CC7 = 100 and Volume +6 dB; then p = CC10 / 127 = 64 / 127. */
static inline double stage_level(void) { return pow(10, (40 * log10(100.0 / 127) + 6) / 20); }
static inline double stage_gain(void) { return stage_level() * sqrt(63.0 / 127); } /* left */
static inline double stage_right(void) { return stage_level() * sqrt(64.0 / 127); }

#endif
