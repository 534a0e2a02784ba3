/* SPDX-License-Identifier: MIT */
/* Open, Close, caps, format, groups, priorities: ddi-user.md 15 items 3..7, 14; native-behaviour.md C 11-20, D 21-27. */
#include "base/alloc.h"
#include "doubles.h"

#define ALL_PARAMS 0xEFu

static IDirectMusicSynth8 *synth;

static void create(void)
{
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth8, (void **)&synth), S_OK);
}

static void destroy(void) { CHECK_EQ(IDirectMusicSynth8_Release(synth), 0); }

static void use_studio(void)
{
    IDmusSynthControl *control;
    DMUS_SYNTHCONFIG config = {.dwSize = sizeof config, .dwProfile = DMUS_PROFILE_STUDIO, .dwDither = 2};
    CHECK_EQ(IDirectMusicSynth8_QueryInterface(synth, &IID_IDmusSynthControl, (void **)&control), S_OK);
    CHECK_EQ(control->lpVtbl->SetConfig(control, &config), S_OK);
    control->lpVtbl->Release(control);
}

static void test_item_3_D24_D25_port_caps(void)
{
    create();
    DMUS_PORTCAPS caps[2];
    memset(caps, 0xAA, sizeof caps);
    CHECK_EQ(IDirectMusicSynth8_GetPortCaps(synth, NULL), E_INVALIDARG);
    caps[0].dwSize = 0;
    CHECK_EQ(IDirectMusicSynth8_GetPortCaps(synth, caps), E_INVALIDARG);
    caps[0].dwSize = 307;
    CHECK_EQ(IDirectMusicSynth8_GetPortCaps(synth, caps), E_INVALIDARG);
    for (DWORD size = 308; size <= 309; size++) {
        caps[0].dwSize = size;
        CHECK_EQ(IDirectMusicSynth8_GetPortCaps(synth, caps), S_OK);
        CHECK_EQ(caps[0].dwSize, size);
    }
    CHECK_EQ(caps[1].dwSize, 0xAAAAAAAA);
    CHECK_EQ(caps[0].dwFlags, 0xE85);
    CHECK(memcmp(&caps[0].guidPort, &CLSID_DirectMusicSynth, sizeof(GUID)) == 0);
    CHECK_EQ(caps[0].dwClass, 1);
    CHECK_EQ(caps[0].dwType, 1);
    CHECK_EQ(caps[0].dwMemorySize, 0x7FFFFFFF);
    CHECK_EQ(caps[0].dwMaxChannelGroups, 1000);
    CHECK_EQ(caps[0].dwMaxVoices, 1000);
    CHECK_EQ(caps[0].dwMaxAudioChannels, 2);
    CHECK_EQ(caps[0].dwEffectFlags, 1);
    char text[DMUS_MAX_DESCRIPTION] = {0};
    for (int i = 0; i < DMUS_MAX_DESCRIPTION; i++)
        text[i] = (char)caps[0].wszDescription[i];
    CHECK_STR(text, "Microsoft Synthesizer");
    destroy();
}

static void test_studio_caps(void)
{
    create();
    use_studio();
    DMUS_PORTCAPS caps = {.dwSize = sizeof caps};
    CHECK_EQ(IDirectMusicSynth8_GetPortCaps(synth, &caps), S_OK);
#ifdef _WIN32
    const DWORD way_out = DMUS_PC_DIRECTSOUND; /* of the sink beside it */
#else
    const DWORD way_out = 0;
#endif
    CHECK_EQ(caps.dwFlags & (DMUS_PC_WAVE | DMUS_PC_AUDIOPATH | DMUS_PC_DIRECTSOUND), DMUS_PC_WAVE | DMUS_PC_AUDIOPATH | way_out);
    CHECK_EQ(caps.dwMaxVoices, 16384);
    CHECK_EQ(caps.dwEffectFlags, DMUS_EFFECT_REVERB | DMUS_EFFECT_CHORUS);
    destroy();
}

static void test_item_4_D21_D22_D23_get_format(void)
{
    create();
    struct {
        WAVEFORMATEX format;
        BYTE guard;
    } got;
    DWORD size = 4;
    CHECK_EQ(IDirectMusicSynth8_GetFormat(synth, NULL, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynth8_GetFormat(synth, &got.format, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynth8_GetFormat(synth, NULL, &size), (HRESULT)0x88781131);
    CHECK_EQ(IDirectMusicSynth8_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth8_GetFormat(synth, NULL, &size), S_OK);
    CHECK_EQ(size, 18);
    memset(&got, 0xAA, sizeof got);
    size = 1;
    CHECK_EQ(IDirectMusicSynth8_GetFormat(synth, &got.format, &size), S_OK);
    CHECK_EQ(size, 18);
    CHECK_EQ(((BYTE *)&got)[0], 1);
    CHECK_EQ(((BYTE *)&got)[1], 0xAA);
    size = 19;
    CHECK_EQ(IDirectMusicSynth8_GetFormat(synth, &got.format, &size), S_OK);
    CHECK_EQ(size, 18);
    CHECK_EQ(got.guard, 0xAA);
    CHECK_EQ(got.format.wFormatTag, 1);
    CHECK_EQ(got.format.nChannels, 2);
    CHECK_EQ(got.format.nSamplesPerSec, 22050);
    CHECK_EQ(got.format.nAvgBytesPerSec, 88200);
    CHECK_EQ(got.format.nBlockAlign, 4);
    CHECK_EQ(got.format.wBitsPerSample, 16);
    CHECK_EQ(got.format.cbSize, 0);
    destroy();
}

static void test_item_5_C11_C12_open_and_close(void)
{
    create();
    CHECK_EQ(IDirectMusicSynth8_Close(synth), (HRESULT)0x88781130);
    CHECK_EQ(IDirectMusicSynth8_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Open(synth, NULL), (HRESULT)0x8878112F);
    CHECK_EQ(IDirectMusicSynth8_Close(synth), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Close(synth), (HRESULT)0x88781130);
    CHECK_EQ(IDirectMusicSynth8_Open(synth, NULL), S_OK);
    destroy(); /* an open synth may be released */
}

static HRESULT open_with(DMUS_PORTPARAMS *params)
{
    HRESULT hr = IDirectMusicSynth8_Open(synth, params);
    if (SUCCEEDED(hr))
        CHECK_EQ(IDirectMusicSynth8_Close(synth), S_OK);
    return hr;
}

static void check_params(const DMUS_PORTPARAMS *p, DWORD voices, DWORD groups, DWORD channels, DWORD rate, DWORD effects)
{
    CHECK_EQ(p->dwVoices, voices);
    CHECK_EQ(p->dwChannelGroups, groups);
    CHECK_EQ(p->dwAudioChannels, channels);
    CHECK_EQ(p->dwSampleRate, rate);
    CHECK_EQ(p->dwEffectFlags, effects);
    CHECK_EQ(p->fShare, FALSE);
}

static void test_item_6_C13_C14_C15_C16_open_structure_sizes(void)
{
    create();
    DMUS_PORTPARAMS params = {0};
    CHECK_EQ(open_with(&params), E_INVALIDARG);
    params.dwSize = 31;
    CHECK_EQ(open_with(&params), E_INVALIDARG);

    memset(&params, 0xAA, sizeof params);
    params.dwSize = 32;
    params.dwValidParams = 0;
    CHECK_EQ(open_with(&params), S_OK);
    CHECK_EQ(params.dwSize, 32);
    CHECK_EQ(params.dwValidParams, 0x6F);
    check_params(&params, 32, 2, 2, 22050, 1);
    CHECK_EQ(params.dwFeatures, 0xAAAAAAAA);

    memset(&params, 0, sizeof params);
    params.dwSize = sizeof params;
    CHECK_EQ(open_with(&params), S_OK);
    CHECK_EQ(params.dwValidParams, ALL_PARAMS);
    check_params(&params, 32, 2, 2, 22050, 1);
    CHECK_EQ(params.dwFeatures, 0);

    params = (DMUS_PORTPARAMS){.dwSize = 36, .dwValidParams = ALL_PARAMS};
    CHECK_EQ(open_with(&params), S_FALSE);
    CHECK_EQ(params.dwSize, 36);
    CHECK_EQ(params.dwValidParams, ALL_PARAMS);
    check_params(&params, 1, 1, 1, 11025, 0);
    CHECK_EQ(params.dwFeatures, 0);
    destroy();
}

static void test_item_7_C17_C18_open_clamps(void)
{
    create();
    DMUS_PORTPARAMS params = {.dwSize = 36, .dwValidParams = DMUS_PORTPARAMS_SAMPLERATE, .dwSampleRate = 100003};
    CHECK_EQ(open_with(&params), S_FALSE);
    CHECK_EQ(params.dwSampleRate, 96000);
    params = (DMUS_PORTPARAMS){.dwSize = 36, .dwValidParams = DMUS_PORTPARAMS_SAMPLERATE, .dwSampleRate = 1};
    CHECK_EQ(open_with(&params), S_FALSE);
    CHECK_EQ(params.dwSampleRate, 11025);
    params = (DMUS_PORTPARAMS){.dwSize = 36, .dwValidParams = 3, .dwVoices = 5000, .dwChannelGroups = 5000};
    CHECK_EQ(open_with(&params), S_FALSE);
    CHECK_EQ(params.dwVoices, 1000);
    CHECK_EQ(params.dwChannelGroups, 1000);
    params = (DMUS_PORTPARAMS){.dwSize = 36,
                               .dwValidParams = 0xF,
                               .dwVoices = 1,
                               .dwChannelGroups = 1,
                               .dwAudioChannels = 1,
                               .dwSampleRate = 1};
    CHECK_EQ(open_with(&params), S_FALSE);
    check_params(&params, 1, 1, 1, 11025, 1);
    params = (DMUS_PORTPARAMS){.dwSize = 36, .dwValidParams = DMUS_PORTPARAMS_AUDIOCHANNELS, .dwAudioChannels = 1};
    CHECK_EQ(open_with(&params), S_OK);
    CHECK_EQ(params.dwAudioChannels, 1);
    destroy();
}

static void test_C19_C20_share_features_effects(void)
{
    create();
    DMUS_PORTPARAMS params = {.dwSize = 36, .dwValidParams = DMUS_PORTPARAMS_SHARE, .fShare = TRUE};
    CHECK_EQ(open_with(&params), S_FALSE);
    CHECK_EQ(params.fShare, FALSE);
    params = (DMUS_PORTPARAMS){.dwSize = 36, .dwValidParams = DMUS_PORTPARAMS_FEATURES, .dwFeatures = 3};
    CHECK_EQ(open_with(&params), S_OK);
    CHECK_EQ(params.dwFeatures, 3);
    params = (DMUS_PORTPARAMS){
        .dwSize = 36, .dwValidParams = DMUS_PORTPARAMS_EFFECTS | DMUS_PORTPARAMS_SAMPLERATE, .dwSampleRate = 44100};
    CHECK_EQ(open_with(&params), S_OK);
    CHECK_EQ(params.dwEffectFlags, 0);
    params = (DMUS_PORTPARAMS){.dwSize = 36, .dwValidParams = DMUS_PORTPARAMS_EFFECTS, .dwEffectFlags = 7};
    CHECK_EQ(open_with(&params), S_FALSE);
    CHECK_EQ(params.dwEffectFlags, 1);
    destroy();
}

static void test_studio_limits(void)
{
    create();
    use_studio();
    DMUS_PORTPARAMS params = {.dwSize = 36};
    CHECK_EQ(open_with(&params), S_OK);
    check_params(&params, 256, 2, 2, 48000, 3);
    params = (DMUS_PORTPARAMS){.dwSize = 36, .dwValidParams = 9, .dwVoices = 16384, .dwSampleRate = 192000};
    CHECK_EQ(open_with(&params), S_OK);
    params = (DMUS_PORTPARAMS){.dwSize = 36, .dwValidParams = 9, .dwVoices = 16385, .dwSampleRate = 192001};
    CHECK_EQ(open_with(&params), S_FALSE);
    CHECK_EQ(params.dwVoices, 16384);
    CHECK_EQ(params.dwSampleRate, 192000);
    destroy();
}

static void test_config_only_while_closed(void)
{
    create();
    IDmusSynthControl *control;
    CHECK_EQ(IDirectMusicSynth8_QueryInterface(synth, &IID_IDmusSynthControl, (void **)&control), S_OK);
    DMUS_SYNTHCONFIG config = {.dwSize = sizeof config};
    CHECK_EQ(control->lpVtbl->GetConfig(control, NULL), E_POINTER);
    CHECK_EQ(control->lpVtbl->GetConfig(control, &config), S_OK);
    CHECK_EQ(config.dwProfile, DMUS_PROFILE_NATIVE);
    CHECK_EQ(config.dwDither, 2);
    DMUS_SYNTHCONFIG bad = config;
    bad.dwProfile = 2;
    CHECK_EQ(control->lpVtbl->SetConfig(control, &bad), E_INVALIDARG);
    bad = config;
    bad.dwInterpolation = 6;
    CHECK_EQ(control->lpVtbl->SetConfig(control, &bad), E_INVALIDARG);
    bad = config;
    bad.dwDither = 3;
    CHECK_EQ(control->lpVtbl->SetConfig(control, &bad), E_INVALIDARG);
    bad = config;
    bad.dwSize--;
    CHECK_EQ(control->lpVtbl->SetConfig(control, &bad), E_INVALIDARG);
    CHECK_EQ(control->lpVtbl->GetConfig(control, &bad), E_INVALIDARG);
    CHECK_EQ(control->lpVtbl->SetConfig(control, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynth8_Open(synth, NULL), S_OK);
    CHECK_EQ(control->lpVtbl->SetConfig(control, &config), DMUS_E_ALREADYOPEN);
    CHECK_EQ(IDirectMusicSynth8_Close(synth), S_OK);
    CHECK_EQ(control->lpVtbl->SetConfig(control, &config), S_OK);
    control->lpVtbl->Release(control);
    destroy();
}

static void test_D26_append_and_master_clock(void)
{
    create();
    struct test_clock clock = test_clock_make(0);
    DWORD append = 99;
    CHECK_EQ(IDirectMusicSynth8_GetAppend(synth, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynth8_GetAppend(synth, &append), S_OK);
    CHECK_EQ(append, 2);
    CHECK_EQ(IDirectMusicSynth8_SetMasterClock(synth, NULL), E_POINTER); /* E30 */
    CHECK_EQ(IDirectMusicSynth8_SetMasterClock(synth, &clock.iface_member), S_OK);
    CHECK_EQ(clock.refs, 1);
    destroy();
}

static void test_item_14_D27_channel_groups(void)
{
    create();
    CHECK_EQ(IDirectMusicSynth8_SetNumChannelGroups(synth, 1), (HRESULT)0x88781131);
    CHECK_EQ(IDirectMusicSynth8_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth8_SetNumChannelGroups(synth, 1), S_OK);
    CHECK_EQ(IDirectMusicSynth8_SetNumChannelGroups(synth, 1000), S_OK);
    CHECK_EQ(IDirectMusicSynth8_SetNumChannelGroups(synth, 1001), E_FAIL);
    CHECK_EQ(IDirectMusicSynth8_SetNumChannelGroups(synth, 0), E_FAIL);
    destroy();
}

/* Defaults of ddi-user.md 8.2: STANDARD | offset, offset F for channel 10, E..6 for 1..9, 5..0 for 11..16. */
static void test_priorities(void)
{
    create();
    DWORD value = 1;
    CHECK_EQ(IDirectMusicSynth8_SetChannelPriority(synth, 1, 0, 1), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(IDirectMusicSynth8_GetChannelPriority(synth, 1, 0, &value), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(IDirectMusicSynth8_Open(synth, NULL), S_OK);
    for (DWORD group = 1; group <= 2; group++) {
        for (DWORD channel = 0; channel < 16; channel++) {
            DWORD offset = channel == 9 ? 15 : channel < 9 ? 14 - channel : 15 - channel;
            CHECK_EQ(IDirectMusicSynth8_GetChannelPriority(synth, group, channel, &value), S_OK);
            CHECK_EQ(value, 0x80000000u | offset);
        }
    }
    CHECK_EQ(IDirectMusicSynth8_SetChannelPriority(synth, 2, 15, 0xF0000001), S_OK);
    CHECK_EQ(IDirectMusicSynth8_GetChannelPriority(synth, 2, 15, &value), S_OK);
    CHECK_EQ(value, 0xF0000001);
    CHECK_EQ(IDirectMusicSynth8_GetChannelPriority(synth, 1, 15, &value), S_OK);
    CHECK_EQ(value, 0x80000000);
    CHECK_EQ(IDirectMusicSynth8_SetChannelPriority(synth, 0, 0, 1), E_FAIL);
    CHECK_EQ(IDirectMusicSynth8_SetChannelPriority(synth, 3, 0, 1), E_FAIL);
    CHECK_EQ(IDirectMusicSynth8_SetChannelPriority(synth, 1, 16, 1), E_FAIL);
    CHECK_EQ(IDirectMusicSynth8_GetChannelPriority(synth, 3, 0, &value), E_FAIL);
    CHECK_EQ(IDirectMusicSynth8_GetChannelPriority(synth, 1, 0, NULL), E_POINTER);
    destroy();
}

static void test_voice_methods_need_an_open_synth(void)
{
    create();
    DWORD bus = 0;
    DMUS_VOICE_STATE state;
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(synth, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(IDirectMusicSynth8_StopVoice(synth, 0, 1), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(IDirectMusicSynth8_GetVoiceState(synth, &bus, 1, &state), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(IDirectMusicSynth8_Refresh(synth, 1, 0), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(IDirectMusicSynth8_AssignChannelToBuses(synth, 1, 0, &bus, 1), DMUS_E_SYNTHNOTCONFIGURED);
    destroy();
}

static void test_open_without_memory(void)
{
    create();
    for (long n = 1;; n++) {
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        HRESULT hr = IDirectMusicSynth8_Open(synth, NULL);
        dm_alloc_fail_at(0, false);
        if (hr == S_OK) {
            CHECK(n > 1);
            break;
        }
        CHECK_EQ(hr, E_OUTOFMEMORY);
        CHECK_EQ(dm_alloc_live(), live);
        CHECK_EQ(IDirectMusicSynth8_Close(synth), DMUS_E_ALREADYCLOSED);
    }
    destroy();
}

static void test_nothing_leaks(void)
{
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
}

int main(void)
{
    RUN(test_item_3_D24_D25_port_caps);
    RUN(test_studio_caps);
    RUN(test_item_4_D21_D22_D23_get_format);
    RUN(test_item_5_C11_C12_open_and_close);
    RUN(test_item_6_C13_C14_C15_C16_open_structure_sizes);
    RUN(test_item_7_C17_C18_open_clamps);
    RUN(test_C19_C20_share_features_effects);
    RUN(test_studio_limits);
    RUN(test_config_only_while_closed);
    RUN(test_D26_append_and_master_clock);
    RUN(test_item_14_D27_channel_groups);
    RUN(test_priorities);
    RUN(test_voice_methods_need_an_open_synth);
    RUN(test_open_without_memory);
    RUN(test_nothing_leaks);
    return tap_done();
}
