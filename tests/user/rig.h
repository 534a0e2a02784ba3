/* SPDX-License-Identifier: MIT */
/*
 * rig.h - a synth of ours on a sink of ours, offline, into memory.
 *
 * The stream clock is the master clock, so a time of rig_time(rig, n) is frame n.
 */
#ifndef DMUS_TESTS_USER_RIG_H
#define DMUS_TESTS_USER_RIG_H

#include "doubles.h"
#include "images.h"

struct rig_options {
    DWORD profile, rate, channels, voices, groups, effects;
    bool as_float;
    bool dither;
};

struct rig {
    IDirectMusicSynth *synth;
    IDmusSynthControl *control;
    IDirectMusicSynthSink *sink;
    IDmusSinkControl *sink_control;
    IReferenceClock *clock;
    struct test_output output;
    struct rig_options options;
};

static inline int64_t rig_time(const struct rig *rig, int64_t frame)
{
    int64_t rate = rig->options.rate;
    return (frame * 10000000 + rate - 1) / rate;
}

static inline bool rig_create(struct rig *rig, const struct rig_options *options)
{
    *rig = (struct rig){.options = *options};
    DMUS_SYNTHCONFIG config = {.dwSize = sizeof config,
                               .dwProfile = options->profile,
                               .dwInterpolation = DMUS_INTERPOLATION_DEFAULT,
                               .dwDither = options->dither};
    DMUS_PORTPARAMS params = {.dwSize = sizeof params,
                              .dwValidParams = DMUS_PORTPARAMS_VOICES | DMUS_PORTPARAMS_CHANNELGROUPS |
                                               DMUS_PORTPARAMS_AUDIOCHANNELS | DMUS_PORTPARAMS_SAMPLERATE |
                                               DMUS_PORTPARAMS_EFFECTS,
                              .dwVoices = options->voices ? options->voices : 32,
                              .dwChannelGroups = options->groups ? options->groups : 1,
                              .dwAudioChannels = options->channels,
                              .dwSampleRate = options->rate,
                              .dwEffectFlags = options->effects};
    rig->output = test_output_make(options->channels, options->as_float);
    return CHECK(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&rig->synth) == S_OK) &&
           CHECK(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink,
                                      (void **)&rig->sink) == S_OK) &&
           CHECK(IDirectMusicSynth_QueryInterface(rig->synth, &IID_IDmusSynthControl, (void **)&rig->control) == S_OK) &&
           CHECK(IDirectMusicSynthSink_QueryInterface(rig->sink, &IID_IDmusSinkControl, (void **)&rig->sink_control) ==
                 S_OK) &&
           CHECK(rig->control->lpVtbl->SetConfig(rig->control, &config) == S_OK) &&
           CHECK(IDirectMusicSynth_SetSynthSink(rig->synth, rig->sink) == S_OK) &&
           CHECK(user_create_stream_clock(rig->sink, &rig->clock) == S_OK) &&
           CHECK(IDirectMusicSynthSink_SetMasterClock(rig->sink, rig->clock) == S_OK) &&
           CHECK(rig->sink_control->lpVtbl->SetProfile(rig->sink_control, options->profile) == S_OK) &&
           CHECK(rig->sink_control->lpVtbl->SetOffline(rig->sink_control, TRUE) == S_OK) &&
           CHECK(rig->sink_control->lpVtbl->SetOutput(rig->sink_control, &rig->output, options->as_float) == S_OK) &&
           CHECK(IDirectMusicSynth_Open(rig->synth, &params) == S_OK) &&
           CHECK(IDirectMusicSynth_Activate(rig->synth, TRUE) == S_OK);
}

static inline bool rig_pump(struct rig *rig, uint64_t frames, DWORD block)
{
    return CHECK(rig->sink_control->lpVtbl->Pump(rig->sink_control, frames, block) == S_OK);
}

static inline bool rig_play(struct rig *rig, int64_t start, struct event_buffer *events)
{
    return CHECK(IDirectMusicSynth_PlayBuffer(rig->synth, start, events->bytes, events->size) == S_OK);
}

static inline HANDLE rig_download(struct rig *rig, struct image *image)
{
    HANDLE handle = NULL;
    BOOL may_free = FALSE;
    CHECK_EQ(IDirectMusicSynth_Download(rig->synth, &handle, image->bytes, &may_free), S_OK);
    return handle;
}

static inline void rig_destroy(struct rig *rig)
{
    if (rig->synth) {
        IDirectMusicSynth_Activate(rig->synth, FALSE);
        IDirectMusicSynth_Close(rig->synth);
    }
    if (rig->control)
        rig->control->lpVtbl->Release(rig->control);
    if (rig->sink_control)
        rig->sink_control->lpVtbl->Release(rig->sink_control);
    if (rig->sink)
        IDirectMusicSynthSink_Release(rig->sink);
    if (rig->synth)
        IDirectMusicSynth_Release(rig->synth);
    if (rig->clock)
        IReferenceClock_Release(rig->clock);
    test_output_free(&rig->output);
}

/* A bar of DC: COUNT samples of LEVEL. */
static inline struct image rig_bar(uint32_t id, uint32_t count, int16_t level, uint32_t rate)
{
    int16_t samples[4096];
    assert(count <= 4096);
    for (uint32_t i = 0; i < count; i++)
        samples[i] = level;
    return image_wave(id, samples, count, rate);
}

#endif
