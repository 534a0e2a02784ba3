/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audio/output.h"
#include "base/alloc.h"
#include "player/image.h"
#include "player/song_buffers.h"
#include "user/user.h"

enum { BLOCK = 1024 };

struct rig {
    struct audio_output output; /* first member: what the sink writes to */
    struct rig_options options;
    IDirectMusicSynth *synth;
    IDmusSynthControl *control;
    IDirectMusicSynthSink *sink;
    IDmusSinkControl *sink_control;
    IReferenceClock *clock;
    void **images;
    uint32_t image_count;
    float *frames; /* interleaved, as captured */
    size_t count, capacity;
    bool discard;
};

static _Noreturn void give_up(const char *what, HRESULT hr)
{
    fprintf(stderr, "conformance: %s: 0x%08X\n", what, (unsigned)hr);
    exit(2);
}

static void must(const char *what, HRESULT hr)
{
    if (FAILED(hr))
        give_up(what, hr);
}

/* ---- captured sound ---- */

static struct conf_sound planar(const float *frames, size_t count, uint32_t channels, double rate)
{
    float *left = conf_grow(NULL, count + 1, sizeof *left), *right = conf_grow(NULL, count + 1, sizeof *right);
    for (size_t i = 0; i < count; i++) {
        left[i] = frames[channels * i];
        right[i] = frames[channels * i + channels - 1];
    }
    return (struct conf_sound){left, right, count, rate};
}

void rig_free_sound(struct conf_sound *sound)
{
    free((void *)(uintptr_t)sound->left);
    free((void *)(uintptr_t)sound->right);
    *sound = (struct conf_sound){0};
}

struct conf_sound rig_render_files(const struct conf_case *test, const struct conf_bytes *bank, const struct conf_bytes *song)
{
    size_t count = 0;
    float *frames = conf_render_files(test, bank, song, &count);
    struct conf_sound sound = planar(frames, frames ? count : 0, 2, conf_rate(test));
    free(frames);
    return sound;
}

static enum dm_status capture(struct audio_output *output, const void *data, size_t count, struct dm_error *err)
{
    struct rig *rig = (struct rig *)(void *)output;
    size_t samples = count * rig->options.channels;
    (void)err;
    if (rig->discard)
        return DM_OK;
    if (samples > rig->capacity - rig->count) {
        rig->capacity = 2 * rig->capacity + samples;
        rig->frames = conf_grow(rig->frames, rig->capacity, sizeof *rig->frames);
    }
    for (size_t i = 0; i < samples; i++)
        rig->frames[rig->count + i] =
            rig->options.s16 ? (float)((const int16_t *)data)[i] / 32768.0f : ((const float *)data)[i];
    rig->count += samples;
    return DM_OK;
}

static const struct audio_output_ops capture_ops = {.name = "capture", .write = capture};

/* ---- opening ---- */

static void create(struct rig *rig)
{
    must("synth", user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&rig->synth));
    must("sink", user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&rig->sink));
    must("synth control", IDirectMusicSynth_QueryInterface(rig->synth, &IID_IDmusSynthControl, (void **)&rig->control));
    must("sink control", IDirectMusicSynthSink_QueryInterface(rig->sink, &IID_IDmusSinkControl, (void **)&rig->sink_control));
}

static void connect(struct rig *rig)
{
    const struct rig_options *o = &rig->options;
    DWORD profile = o->native ? DMUS_PROFILE_NATIVE : DMUS_PROFILE_STUDIO;
    DMUS_SYNTHCONFIG config = {sizeof config, profile, DMUS_INTERPOLATION_DEFAULT, o->dither, DMUS_SIMD_BEST, 1};
    must("SetConfig", rig->control->lpVtbl->SetConfig(rig->control, &config));
    must("SetSynthSink", IDirectMusicSynth_SetSynthSink(rig->synth, rig->sink));
    must("clock", user_create_stream_clock(rig->sink, &rig->clock));
    must("SetMasterClock", IDirectMusicSynthSink_SetMasterClock(rig->sink, rig->clock));
    must("SetProfile", rig->sink_control->lpVtbl->SetProfile(rig->sink_control, profile));
    must("SetOffline", rig->sink_control->lpVtbl->SetOffline(rig->sink_control, TRUE));
    must("SetOutput", rig->sink_control->lpVtbl->SetOutput(rig->sink_control, &rig->output, !o->s16));
}

static void open_port(struct rig *rig)
{
    const struct rig_options *o = &rig->options;
    DMUS_PORTPARAMS params = {.dwSize = sizeof params};
    params.dwValidParams = DMUS_PORTPARAMS_VOICES | DMUS_PORTPARAMS_CHANNELGROUPS | DMUS_PORTPARAMS_AUDIOCHANNELS |
                           DMUS_PORTPARAMS_SAMPLERATE | DMUS_PORTPARAMS_EFFECTS;
    params.dwVoices = o->voices;
    params.dwChannelGroups = o->groups;
    params.dwAudioChannels = o->channels;
    params.dwSampleRate = o->rate;
    params.dwEffectFlags = (o->reverb ? DMUS_EFFECT_REVERB : 0) | (o->chorus ? DMUS_EFFECT_CHORUS : 0);
    must("Open", IDirectMusicSynth_Open(rig->synth, &params));
    rig->options.voices = params.dwVoices;
    rig->options.groups = params.dwChannelGroups;
}

static void download(struct rig *rig, void *image)
{
    HANDLE handle;
    BOOL may_free;
    rig->images = conf_grow(rig->images, rig->image_count + 1, sizeof *rig->images);
    rig->images[rig->image_count++] = image; /* kept to the end whether the synth reads it on or not */
    must("Download", IDirectMusicSynth_Download(rig->synth, &handle, image, &may_free));
}

static void download_wave(struct rig *rig, const struct dls_wave *wave, uint32_t id)
{
    DWORD append = 0;
    must("GetAppend", IDirectMusicSynth_GetAppend(rig->synth, &append));
    size_t size = (size_t)image_wave_size(wave->frames, append);
    uint8_t *image = dm_calloc(size + 64, 1);
    if (!image)
        give_up("memory", E_OUTOFMEMORY);
    dls_wave_decode(wave, 0, wave->frames, image_wave_begin(image, id, wave->sample_rate, wave->frames, append));
    download(rig, image);
}

static void download_instrument(struct rig *rig, const struct dls_collection *bank, const struct dls_instrument *instrument,
                                const uint32_t *wave_ids)
{
    uint32_t patch = instrument->program | (instrument->bank & 0x7Fu) << 8 | (instrument->bank & 0x7F00u) << 8 |
                     (instrument->bank & DLS_DRUMS);
    struct image_region *regions = conf_grow(NULL, instrument->region_count + 1, sizeof *regions);
    for (uint32_t i = 0; i < instrument->region_count; i++) {
        const struct dls_region *region = &instrument->regions[i];
        regions[i] = (struct image_region){region, region->sample.present ? &region->sample : &bank->waves[region->wave].sample,
                                           wave_ids[region->wave]};
    }
    uint8_t *image;
    size_t size;
    if (image_instrument(patch, image_next_id(), instrument, regions, instrument->region_count, &image, &size, NULL) != DM_OK)
        give_up("instrument image", E_FAIL);
    free(regions);
    download(rig, image);
}

static void download_bank(struct rig *rig, struct conf_bank *bank)
{
    struct conf_bytes file = conf_bank_file(bank);
    struct dls_collection *collection;
    if (dls_read((struct span){file.data, file.size}, rig->options.rate, NULL, &collection, NULL) != DM_OK)
        give_up("bank", E_FAIL);
    uint32_t *ids = conf_grow(NULL, collection->wave_count + 1, sizeof *ids);
    for (uint32_t i = 0; i < collection->wave_count; i++)
        download_wave(rig, &collection->waves[i], ids[i] = image_next_id());
    for (uint32_t i = 0; i < collection->instrument_count; i++)
        download_instrument(rig, collection, &collection->instruments[i], ids);
    free(ids);
    dls_free(collection);
    free(file.data);
}

struct rig *rig_open(const struct rig_options *options, struct conf_bank *bank)
{
    struct rig *rig = conf_grow(NULL, 1, sizeof *rig);
    *rig = (struct rig){.output = {&capture_ops}, .options = *options};
    struct rig_options *o = &rig->options;
    o->rate = o->rate ? o->rate : CONF_RATE;
    o->voices = o->voices ? o->voices : 64;
    o->groups = o->groups ? o->groups : 1;
    o->channels = o->channels ? o->channels : 2;
    create(rig);
    connect(rig);
    open_port(rig);
    must("Activate", IDirectMusicSynth_Activate(rig->synth, TRUE));
    download_bank(rig, bank);
    return rig;
}

void rig_close(struct rig *rig)
{
    IDirectMusicSynth_Activate(rig->synth, FALSE);
    IDirectMusicSynth_Close(rig->synth);
    IDirectMusicSynth_SetSynthSink(rig->synth, NULL);
    rig->control->lpVtbl->Release(rig->control);
    rig->sink_control->lpVtbl->Release(rig->sink_control);
    IDirectMusicSynthSink_Release(rig->sink);
    IDirectMusicSynth_Release(rig->synth);
    IReferenceClock_Release(rig->clock);
    for (uint32_t i = 0; i < rig->image_count; i++)
        dm_free(rig->images[i]);
    free(rig->images);
    free(rig->frames);
    free(rig);
}

/* ---- playing ---- */

static void play(struct rig *rig, uint64_t frame, uint32_t group, bool structured, const uint8_t *bytes, uint32_t size)
{
    uint8_t buffer[1024];
    if (song_event_bytes(size) > sizeof buffer)
        give_up("event too long", E_INVALIDARG);
    uint32_t used = song_event_put(buffer, 0, group, structured, bytes, size);
    REFERENCE_TIME first;
    must("SampleToRefTime", IDirectMusicSynthSink_SampleToRefTime(rig->sink, 0, &first));
    must("PlayBuffer", IDirectMusicSynth_PlayBuffer(rig->synth, first + song_frame_time((int64_t)frame, rig->options.rate),
                                                    buffer, used));
}

void rig_message(struct rig *rig, uint64_t frame, uint32_t group, uint8_t status, uint8_t data1, uint8_t data2)
{
    uint8_t bytes[3] = {status, data1, data2};
    play(rig, frame, group, true, bytes, 3);
}

void rig_sysex(struct rig *rig, uint64_t frame, uint32_t group, const uint8_t *bytes, uint32_t size)
{
    play(rig, frame, group, false, bytes, size);
}

struct conf_sound rig_sound(struct rig *rig, uint32_t frames)
{
    rig->count = 0;
    must("Pump", rig->sink_control->lpVtbl->Pump(rig->sink_control, frames, BLOCK));
    return planar(rig->frames, rig->count / rig->options.channels, rig->options.channels, rig->options.rate);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double rig_block_time(struct rig *rig, uint32_t frames, uint32_t block)
{
    uint32_t count = frames / block;
    double *seconds = conf_grow(NULL, count + 1, sizeof *seconds);
    rig->discard = true;
    for (uint32_t i = 0; i < count; i++) {
        clock_t before = clock();
        must("Pump", rig->sink_control->lpVtbl->Pump(rig->sink_control, block, block));
        seconds[i] = (double)(clock() - before) / CLOCKS_PER_SEC;
    }
    rig->discard = false;
    qsort(seconds, count, sizeof *seconds, by_size);
    double quartile = count ? seconds[count / 4] : 0;
    free(seconds);
    return quartile;
}

/* ---- properties ---- */

static void set_property(struct rig *rig, const GUID *set, uint32_t item, void *value, ULONG size)
{
    IKsControl *ks;
    KSPROPERTY property;
    ULONG returned = 0;
    memset(&property, 0, sizeof property);
    property.Set = *set;
    property.Id = item;
    property.Flags = KSPROPERTY_TYPE_SET;
    must("IKsControl", IDirectMusicSynth_QueryInterface(rig->synth, &IID_IKsControl, (void **)&ks));
    must("KsProperty", IKsControl_KsProperty(ks, &property, sizeof property, value, size, &returned));
    IKsControl_Release(ks);
}

void rig_volume(struct rig *rig, uint32_t item, int32_t volume)
{
    LONG value = volume;
    set_property(rig, &GUID_DMUS_PROP_Volume, item, &value, sizeof value);
}

void rig_waves_reverb(struct rig *rig, float in_gain_db, float mix_db, float time_ms, float hf_ratio)
{
    DMUS_WAVES_REVERB_PARAMS params = {in_gain_db, mix_db, time_ms, hf_ratio};
    set_property(rig, &GUID_DMUS_PROP_WavesReverb, 0, &params, sizeof params);
}

struct rig_report rig_report(struct rig *rig)
{
    DMUS_SYNTHREPORT report = {.dwSize = sizeof report};
    must("GetReport", rig->control->lpVtbl->GetReport(rig->control, &report));
    return (struct rig_report){report.dwVoices, report.dwVoicesPeak, report.dwNotesLost, rig->options.groups,
                               report.ullSamplesClipped};
}
