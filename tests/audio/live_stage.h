/* SPDX-License-Identifier: MIT */
/*
 * live_stage.h - one song, offline into memory and now through a device, and an instrument that clicks.
 *
 * The song is pseudo-random notes and controllers on a few channels, so that
 * every frame of it differs from every other; its images are made by hand.
 */
#ifndef DMUS_TESTS_AUDIO_LIVE_STAGE_H
#define DMUS_TESTS_AUDIO_LIVE_STAGE_H

#include "../user/rig.h"
#include "audio/devices.h"

struct stage {
    IDirectMusicSynth *synth;
    IDmusSynthControl *control;
    IDmusSynthLive *live;
    IDirectMusicSynthSink *sink;
    IDmusSinkControl *sink_control;
    IReferenceClock *clock;
    struct image wave, instrument;
};

#define STAGE_CLICK 48u /* frames of the click, at its own rate and key 60 */

static inline void stage_images(struct image *wave, struct image *instrument, bool click)
{
    int16_t samples[512];
    for (uint32_t i = 0; i < 512; i++)
        samples[i] = click ? (i < STAGE_CLICK ? 20000 : 0) : (int16_t)(8000 * sin(i * 2 * 3.14159265358979 / 64) + (i % 64) * 60);
    *wave = image_wave(1, samples, click ? STAGE_CLICK : 512, 48000);
    *instrument = image_instrument(&(struct instrument_desc){
        .id = 2, .wave_id = 1, .unity_note = 60, .loop_start = 0, .loop_length = click ? 0 : 512});
}

/* Event N of the song, at its frame; false past SECONDS. Its own generator: the same everywhere. */
static inline bool stage_event(uint32_t n, uint32_t rate, double seconds, int64_t *frame, uint8_t message[3])
{
    uint32_t x = (n + 1) * 2654435761u;
    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    *frame = (int64_t)n * rate / 50 + x % 700; /* in order: 20 ms is more than 700 frames at any rate used here */
    uint8_t channel = (uint8_t)(x >> 8 & 3), key = (uint8_t)(40 + (x >> 12) % 40);
    message[0] = (uint8_t)(((x >> 28) < 12 ? 0x90 : (x >> 28) < 14 ? 0xB0 : 0xE0) | channel);
    message[1] = message[0] >= 0xE0 ? (x >> 20 & 127) : message[0] >= 0xB0 ? 11 : key;
    message[2] = message[0] >= 0xE0 ? (uint8_t)(48 + (x >> 24 & 31)) : message[0] >= 0xB0 ? (uint8_t)(64 + (x >> 20 & 63))
                 : n % 3 == 2 ? 0 : (uint8_t)(30 + (x >> 20 & 63));
    return *frame < (int64_t)(seconds * rate);
}

/* Queue the whole song; frame 0 of it is at START. */
static inline bool stage_play(IDirectMusicSynth *synth, int64_t start, uint32_t rate, double seconds)
{
    static struct event_buffer buffer;
    int64_t frame;
    uint8_t message[3];
    bool ok = true;
    for (uint32_t n = 0; stage_event(n, rate, seconds, &frame, message); n++) {
        event_put(&buffer, 1, (frame * 10000000 + rate - 1) / rate, 1, message, 3);
        if (buffer.size > 60000) {
            ok = ok && IDirectMusicSynth_PlayBuffer(synth, start, buffer.bytes, buffer.size) == S_OK;
            buffer.size = 0;
        }
    }
    if (buffer.size)
        ok = ok && IDirectMusicSynth_PlayBuffer(synth, start, buffer.bytes, buffer.size) == S_OK;
    buffer.size = 0;
    return ok;
}

/* The song offline: FRAMES stereo frames of float, for the caller to free. */
static inline float *stage_reference(uint32_t rate, double seconds, uint64_t frames)
{
    struct rig rig;
    struct image wave, instrument;
    struct rig_options options = {.profile = DMUS_PROFILE_STUDIO, .rate = rate, .channels = 2, .voices = 64, .as_float = true,
                                  .effects = DMUS_EFFECT_REVERB | DMUS_EFFECT_CHORUS};
    if (!rig_create(&rig, &options))
        abort();
    stage_images(&wave, &instrument, false);
    rig_download(&rig, &wave);
    rig_download(&rig, &instrument);
    if (!stage_play(rig.synth, 0, rate, seconds))
        abort();
    rig_pump(&rig, frames, 512);
    float *copy = malloc(frames * 2 * sizeof *copy);
    if (!copy || rig.output.frames < frames)
        abort();
    memcpy(copy, rig.output.bytes, frames * 2 * sizeof *copy);
    rig_destroy(&rig);
    image_free(&wave);
    image_free(&instrument);
    return copy;
}

/* Synth and sink on OUTPUT, held. False, and what failed on standard error. */
static inline bool stage_open(struct stage *stage, struct audio_output *output, uint32_t rate, bool click, DMUS_SINKFEED feed,
                              void *feed_context)
{
    DMUS_SYNTHCONFIG config = {.dwSize = sizeof config, .dwProfile = DMUS_PROFILE_STUDIO};
    DMUS_PORTPARAMS params = {.dwSize = sizeof params,
                              .dwValidParams = DMUS_PORTPARAMS_VOICES | DMUS_PORTPARAMS_CHANNELGROUPS |
                                               DMUS_PORTPARAMS_AUDIOCHANNELS | DMUS_PORTPARAMS_SAMPLERATE |
                                               DMUS_PORTPARAMS_EFFECTS,
                              .dwVoices = 64, .dwChannelGroups = 1, .dwAudioChannels = 2, .dwSampleRate = rate,
                              .dwEffectFlags = click ? 0 : DMUS_EFFECT_REVERB | DMUS_EFFECT_CHORUS};
    HANDLE handle;
    BOOL may_free;
    HRESULT hr;
    memset(stage, 0, sizeof *stage);
#define STAGE_DO(call)                                                                    \
    if (FAILED(hr = (call))) {                                                            \
        fprintf(stderr, "stage: %s: 0x%08X\n", #call, (unsigned)hr);                      \
        return false;                                                                     \
    }
    STAGE_DO(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&stage->synth))
    STAGE_DO(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&stage->sink))
    STAGE_DO(IDirectMusicSynth_QueryInterface(stage->synth, &IID_IDmusSynthControl, (void **)&stage->control))
    STAGE_DO(IDirectMusicSynth_QueryInterface(stage->synth, &IID_IDmusSynthLive, (void **)&stage->live))
    STAGE_DO(IDirectMusicSynthSink_QueryInterface(stage->sink, &IID_IDmusSinkControl, (void **)&stage->sink_control))
    STAGE_DO(stage->control->lpVtbl->SetConfig(stage->control, &config))
    STAGE_DO(stage->sink_control->lpVtbl->SetProfile(stage->sink_control, DMUS_PROFILE_STUDIO))
    STAGE_DO(stage->sink_control->lpVtbl->SetOutput(stage->sink_control, output, TRUE))
    STAGE_DO(stage->sink_control->lpVtbl->SetFeed(stage->sink_control, feed, feed_context))
    STAGE_DO(stage->sink_control->lpVtbl->SetHold(stage->sink_control, TRUE))
    STAGE_DO(IDirectMusicSynth_SetSynthSink(stage->synth, stage->sink))
    STAGE_DO(user_create_system_clock(&stage->clock))
    STAGE_DO(IDirectMusicSynthSink_SetMasterClock(stage->sink, stage->clock))
    STAGE_DO(IDirectMusicSynth_Open(stage->synth, &params))
    STAGE_DO(stage->live->lpVtbl->Reserve(stage->live, 1024))
    stage_images(&stage->wave, &stage->instrument, click);
    STAGE_DO(IDirectMusicSynth_Download(stage->synth, &handle, stage->wave.bytes, &may_free))
    STAGE_DO(IDirectMusicSynth_Download(stage->synth, &handle, stage->instrument.bytes, &may_free))
    STAGE_DO(IDirectMusicSynth_Activate(stage->synth, TRUE))
#undef STAGE_DO
    return true;
}

static inline void stage_close(struct stage *stage)
{
    if (stage->synth) {
        IDirectMusicSynth_Activate(stage->synth, FALSE);
        IDirectMusicSynth_Close(stage->synth);
    }
    if (stage->control)
        stage->control->lpVtbl->Release(stage->control);
    if (stage->live)
        stage->live->lpVtbl->Release(stage->live);
    if (stage->sink_control)
        stage->sink_control->lpVtbl->Release(stage->sink_control);
    if (stage->sink)
        IDirectMusicSynthSink_Release(stage->sink);
    if (stage->synth)
        IDirectMusicSynth_Release(stage->synth);
    if (stage->clock)
        IReferenceClock_Release(stage->clock);
    image_free(&stage->wave);
    image_free(&stage->instrument);
}

#endif
