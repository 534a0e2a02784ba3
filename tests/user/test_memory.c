/* SPDX-License-Identifier: MIT */
/*
 * Memory that runs out: each allocation of every method fails in turn, alone and with all after it. The method then says
 * E_OUTOFMEMORY (SetNumChannelGroups: E_FAIL, ddi-user.md 2.1), has changed nothing, and does its work when it is called again. What
 * may be called when there is no memory at all, Unload and Render above all, needs none.
 */
#include "rig.h"
#include "stage.h"

enum { WAVE = 1, ONE_SHOT = 2, BUFFER = 3, SPARE = 10 };

static struct stage stage;
static const int16_t samples[8] = {100, -200, 300, -400, 500, -600, 700, -800};

struct method {
    const char *name;
    HRESULT (*call)(void);
    long least; /* allocations; 0: it must do without any */
    bool keeps; /* what it got before there was no more: the events so far, groups for the next time. Close frees it */
    HRESULT refusal;
    void (*set_up)(void); /* else set_up_stage */
    void (*clean)(void);  /* else stage_close */
};

/* ---- on an open, active synth with downloads of every kind ----------------- */

static HANDLE handles[3];

static void set_up_stage(void)
{
    stage_open(&stage, (struct stage_options){.profile = DMUS_PROFILE_STUDIO, .groups = 2});
    handles[0] = stage_load(&stage, image_wave(WAVE, samples, 8, 22050));
    handles[1] = stage_load(&stage, image_play_wave(6, ONE_SHOT, samples, 8, 22050));
    handles[2] = stage_load(&stage, image_play_wave(5, BUFFER, samples, 8, 22050));
    stage_load(&stage, image_instrument1(4, 0, WAVE));
}

static HRESULT download(struct image image)
{
    HANDLE handle = (HANDLE)1;
    BOOL may_free = 2;
    HRESULT hr = IDirectMusicSynth8_Download(stage.synth, &handle, image.bytes, &may_free);
    if (FAILED(hr)) {
        CHECK(handle == NULL);
        CHECK_EQ(may_free, TRUE);
        image_free(&image);
    } else {
        stage.kept[stage.kept_count++] = image;
    }
    return hr;
}

static HRESULT download_instrument1(void) { return download(image_instrument1(SPARE, 5, WAVE)); }
static HRESULT download_wave(void) { return download(image_wave(SPARE, samples, 8, 22050)); }
static HRESULT download_wave8(void) { return download(image_wave8(SPARE, (const uint8_t *)"abcd", 4, 22050)); }
static HRESULT download_instrument2(void)
{
    static const struct connection_desc connections[2] = {{0, 0, 0x206, 0, -1000 * 65536}, {1, 0x81, 3, 0x4000, 50 << 16}};
    return download(image_instrument(&(struct instrument_desc){
        .id = SPARE, .wave_id = WAVE, .unity_note = 60, .loop_length = 8, .connections = connections, .connection_count = 2}));
}
static HRESULT download_articulation(void)
{
    return download(image_wave_articulation(SPARE, 0xFFFFFFFF, SPARE, 0, (const uint32_t[]){BUFFER}, 1));
}
static HRESULT download_buffer(void) { return download(image_play_wave(5, SPARE, samples, 8, 22050)); }
static HRESULT download_one_shot(void) { return download(image_play_wave(6, SPARE, samples, 8, 22050)); }

/* More than one batch, and a system exclusive of more than a page. */
static HRESULT play_buffer(void)
{
    static struct event_buffer events;
    static uint8_t sysex[6000] = {0xF0, 0x7D, [5999] = 0xF7};
    events.size = 0;
    for (uint8_t i = 0; i < 100; i++)
        event_midi(&events, 1, i, 0x90, i, 100);
    event_put(&events, 1, 5, 0, sysex, sizeof sysex);
    for (uint8_t i = 0; i < 100; i++)
        event_midi(&events, 2, i, 0xB0, 1, i);
    return IDirectMusicSynth8_PlayBuffer(stage.synth, 0, events.bytes, events.size);
}

static HRESULT play_voice(void) { return stage_play(&stage, 0, 1, ONE_SHOT); }
static HRESULT stop_voice(void) { return IDirectMusicSynth8_StopVoice(stage.synth, 0, 1); }
static HRESULT get_voice_state(void)
{
    DWORD voices[2] = {1, 2};
    DMUS_VOICE_STATE states[2];
    return IDirectMusicSynth8_GetVoiceState(stage.synth, voices, 2, states);
}
static HRESULT refresh(void) { return IDirectMusicSynth8_Refresh(stage.synth, BUFFER, 0); }
static HRESULT assign_buses(void)
{
    DWORD buses[3] = {0, 1, 512};
    return IDirectMusicSynth8_AssignChannelToBuses(stage.synth, 1, 3, buses, 3);
}
static HRESULT more_groups(void)
{
    HRESULT hr = IDirectMusicSynth8_SetNumChannelGroups(stage.synth, 50);
    DWORD found;
    CHECK_EQ(IDirectMusicSynth8_GetChannelPriority(stage.synth, 3, 0, &found), hr); /* all or none */
    return hr;
}
static HRESULT fewer_groups(void) { return IDirectMusicSynth8_SetNumChannelGroups(stage.synth, 1); }
static HRESULT priority(void) { return IDirectMusicSynth8_SetChannelPriority(stage.synth, 1, 3, 99); }

static HRESULT set(const GUID *what, void *value, ULONG size)
{
    IKsControl *ks;
    KSPROPERTY property = {0};
    property.Set = *what;
    property.Flags = KSPROPERTY_TYPE_SET;
    IDirectMusicSynth8_QueryInterface(stage.synth, &IID_IKsControl, (void **)&ks);
    HRESULT hr = IKsControl_KsProperty(ks, &property, sizeof property, value, size, NULL);
    IKsControl_Release(ks);
    return hr;
}
static HRESULT volume(void) { return set(&GUID_DMUS_PROP_Volume, &(LONG){-300}, 4); }
static HRESULT effects(void) { return set(&GUID_DMUS_PROP_Effects, &(DWORD){DMUS_EFFECT_REVERB | DMUS_EFFECT_CHORUS}, 4); }
static HRESULT reverb(void) { return set(&GUID_DMUS_PROP_WavesReverb, &(DMUS_WAVES_REVERB_PARAMS){0, -3, 700, 0.5f}, 16); }

static HRESULT unload(void)
{
    HRESULT hr = S_OK;
    for (int i = 0; i < 3 && SUCCEEDED(hr); i++)
        hr = IDirectMusicSynth8_Unload(stage.synth, handles[i], NULL, NULL);
    return hr;
}
static void set_up_notes(void)
{
    set_up_stage();
    CHECK_EQ(play_buffer(), S_OK);
    CHECK_EQ(play_voice(), S_OK);
}
static HRESULT render(void)
{
    static SHORT words[2 * 1000];
    return IDirectMusicSynth8_Render(stage.synth, words, 1000, 0);
}
static HRESULT render_buses(void)
{
    static float bus[2][1000];
    float *const out[2] = {bus[0], bus[1]};
    return stage.control->lpVtbl->RenderBuses(stage.control, out, (const DWORD[]){0, 64}, 2, 1000, 0);
}
static HRESULT stats(void)
{
    DMUS_SYNTHSTATS s = {.dwSize = sizeof s};
    return IDirectMusicSynth8_GetRunningStats(stage.synth, &s);
}
static HRESULT deactivate(void) { return IDirectMusicSynth8_Activate(stage.synth, FALSE); }
static HRESULT close_it(void) { return IDirectMusicSynth8_Close(stage.synth); }

static IDmusSynthLive *live;
static void set_up_live(void)
{
    set_up_stage();
    CHECK_EQ(IDirectMusicSynth8_Activate(stage.synth, FALSE), S_OK);
    CHECK_EQ(IDirectMusicSynth8_QueryInterface(stage.synth, &IID_IDmusSynthLive, (void **)&live), S_OK);
}
static void clean_live(void)
{
    live->lpVtbl->Release(live);
    stage_close(&stage);
}
static HRESULT reserve(void) { return live->lpVtbl->Reserve(live, 64); }
static HRESULT watch_levels(void) { return live->lpVtbl->WatchLevels(live); }

/* ---- on objects that are not open, or not there ------------------------------ */

static IUnknown *object;
static IDirectMusicSynth *synth;

static void set_up_synth(void)
{
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
}
static void set_up_team(void)
{
    DMUS_SYNTHCONFIG config = {
        .dwSize = sizeof config, .dwProfile = DMUS_PROFILE_STUDIO, .dwInterpolation = DMUS_INTERPOLATION_DEFAULT, .dwThreads = 3};
    IDmusSynthControl *control;
    set_up_synth();
    CHECK_EQ(IDirectMusicSynth_QueryInterface(synth, &IID_IDmusSynthControl, (void **)&control), S_OK);
    CHECK_EQ(control->lpVtbl->SetConfig(control, &config), S_OK);
    control->lpVtbl->Release(control);
}
static void clean_synth(void) { CHECK_EQ(IDirectMusicSynth_Release(synth), 0); }
static HRESULT open_defaults(void) { return IDirectMusicSynth_Open(synth, NULL); }

/* What it refuses for want of memory it does not write back either. */
static HRESULT open_all(void)
{
    DMUS_PORTPARAMS params = {.dwSize = sizeof params, .dwValidParams = 0xEF, .dwVoices = 300, .dwChannelGroups = 5,
                              .dwAudioChannels = 9, .dwSampleRate = 44100, .dwEffectFlags = 3, .fShare = 7, .dwFeatures = 3};
    DMUS_PORTPARAMS before = params;
    HRESULT hr = IDirectMusicSynth_Open(synth, &params);
    if (FAILED(hr))
        CHECK(memcmp(&params, &before, sizeof params) == 0);
    else
        CHECK(hr == S_FALSE && params.dwAudioChannels == 2 && params.fShare == FALSE);
    return hr;
}

static void set_up_nothing(void) { object = NULL; }
static void clean_object(void) { CHECK_EQ(IUnknown_Release(object), 0); }
static HRESULT create(const CLSID *clsid)
{
    HRESULT hr = user_create_instance(clsid, NULL, &IID_IUnknown, (void **)&object);
    CHECK(SUCCEEDED(hr) == (object != NULL));
    return hr;
}
static HRESULT create_synth(void) { return create(&CLSID_DirectMusicSynth); }
static HRESULT create_sink(void) { return create(&CLSID_DirectMusicSynthSink); }
static HRESULT create_clock(void) { return user_create_system_clock((IReferenceClock **)&object); }

static struct rig rig;
static void set_up_rig(void)
{
    CHECK(rig_create(&rig, &(struct rig_options){DMUS_PROFILE_NATIVE, 22050, 2, 8, 1, 0, true, false}));
    CHECK_EQ(IDirectMusicSynthSink_Activate(rig.sink, FALSE), S_OK);
}
static void clean_rig(void) { rig_destroy(&rig); }
static HRESULT activate_sink(void) { return IDirectMusicSynthSink_Activate(rig.sink, TRUE); }

static const struct method methods[] = {
    {"create synth", create_synth, 1, false, E_OUTOFMEMORY, set_up_nothing, clean_object},
    {"create sink", create_sink, 1, false, E_OUTOFMEMORY, set_up_nothing, clean_object},
    {"create clock", create_clock, 1, false, E_OUTOFMEMORY, set_up_nothing, clean_object},
    {"Open", open_defaults, 5, false, E_OUTOFMEMORY, set_up_synth, clean_synth},
    {"Open with everything", open_all, 8, false, E_OUTOFMEMORY, set_up_team, clean_synth},
    {"Activate of a sink", activate_sink, 3, false, E_OUTOFMEMORY, set_up_rig, clean_rig},
    {"Download type 1", download_instrument1, 2, false, E_OUTOFMEMORY, NULL, NULL},
    {"Download type 2", download_wave, 2, false, E_OUTOFMEMORY, NULL, NULL},
    {"Download type 2, 8 bits", download_wave8, 2, false, E_OUTOFMEMORY, NULL, NULL},
    {"Download type 3", download_instrument2, 2, false, E_OUTOFMEMORY, NULL, NULL},
    {"Download type 4", download_articulation, 2, false, E_OUTOFMEMORY, NULL, NULL},
    {"Download type 5", download_buffer, 2, false, E_OUTOFMEMORY, NULL, NULL},
    {"Download type 6", download_one_shot, 2, false, E_OUTOFMEMORY, NULL, NULL},
    {"PlayBuffer", play_buffer, 2, true, E_OUTOFMEMORY, NULL, NULL},
    {"PlayVoice", play_voice, 1, false, E_OUTOFMEMORY, NULL, NULL},
    {"StopVoice", stop_voice, 1, false, E_OUTOFMEMORY, NULL, NULL},
    {"AssignChannelToBuses", assign_buses, 1, false, E_OUTOFMEMORY, NULL, NULL},
    {"SetNumChannelGroups, more", more_groups, 1, true, E_FAIL, NULL, NULL},
    {"Reserve", reserve, 1, false, E_OUTOFMEMORY, set_up_live, clean_live},
    {"WatchLevels", watch_levels, 1, false, E_OUTOFMEMORY, set_up_live, clean_live},
    {"SetNumChannelGroups, fewer", fewer_groups, 0, false, 0, NULL, NULL},
    {"SetChannelPriority", priority, 0, false, 0, NULL, NULL},
    {"Volume", volume, 0, false, 0, NULL, NULL},
    {"Effects", effects, 0, false, 0, NULL, NULL},
    {"WavesReverb", reverb, 0, false, 0, NULL, NULL},
    {"GetVoiceState", get_voice_state, 0, false, 0, NULL, NULL},
    {"Refresh", refresh, 0, false, 0, NULL, NULL},
    {"GetRunningStats", stats, 0, false, 0, NULL, NULL},
    {"Unload", unload, 0, false, 0, set_up_notes, NULL},
    {"Render", render, 0, false, 0, set_up_notes, NULL},
    {"RenderBuses", render_buses, 0, false, 0, set_up_notes, NULL},
    {"Activate(FALSE)", deactivate, 0, false, 0, set_up_notes, NULL},
    {"Close", close_it, 0, false, 0, set_up_notes, NULL},
};

/* One call with the Nth allocation failing: whether it succeeded all the same. */
static bool call(const struct method *m, long n, bool all_after)
{
    m->set_up ? m->set_up() : set_up_stage();
    long before = dm_alloc_live();
    dm_alloc_fail_at(n, all_after);
    HRESULT hr = m->call();
    dm_alloc_fail_at(0, false);
    bool done = SUCCEEDED(hr);
    if (!done) {
        if (!CHECK(hr == m->refusal))
            printf("# %s, allocation %ld: 0x%08x\n", m->name, n, (unsigned)hr);
        if (!m->keeps)
            CHECK_EQ(dm_alloc_live(), before);
        hr = m->call();
        if (!CHECK(SUCCEEDED(hr)))
            printf("# %s, again: 0x%08x\n", m->name, (unsigned)hr);
    }
    m->clean ? m->clean() : stage_close(&stage);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
    return done;
}

static void test_each_allocation_in_turn(void)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        const struct method *m = &methods[i];
        long count = 0;
        while (!call(m, count + 1, true) && count < 1000)
            count++;
        printf("# %s: %ld allocations\n", m->name, count);
        CHECK(m->least ? count >= m->least && count < 1000 : count == 0);
        for (long n = 1; n <= count; n++)
            call(m, n, false);
    }
}

int main(void)
{
    RUN(test_each_allocation_in_turn);
    return tap_done();
}
