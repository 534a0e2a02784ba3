/* SPDX-License-Identifier: MIT */
/* GetRunningStats and the report: ddi-user.md 2.1, 5.3. */
#include "rig.h"

static void test_codes_and_sizes(void)
{
    IDirectMusicSynth *synth;
    DMUS_SYNTHSTATS8 stats = {0};
    DMUS_SYNTHSTATS *first = (DMUS_SYNTHSTATS *)&stats;
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(IDirectMusicSynth_GetRunningStats(synth, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynth_GetRunningStats(synth, first), E_INVALIDARG);
    stats.dwSize = 32;
    CHECK_EQ(IDirectMusicSynth_GetRunningStats(synth, first), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    stats.dwSynthMemUse = 0xAAAAAAAA;
    CHECK_EQ(IDirectMusicSynth_GetRunningStats(synth, first), S_OK);
    CHECK_EQ(stats.dwSize, 32);
    CHECK_EQ(stats.dwSynthMemUse, 0xAAAAAAAA);
    CHECK_EQ(stats.dwValidStats, DMUS_SYNTHSTATS_FREE_MEMORY);
    CHECK_EQ(stats.dwFreeMemory, 0x7FFFFFFF);
    stats.dwSize = 36;
    CHECK_EQ(IDirectMusicSynth_GetRunningStats(synth, first), S_OK);
    CHECK_EQ(stats.dwSynthMemUse, 0);
    IDirectMusicSynth_Release(synth);
}

/* Three voices for half of each second: an average of 1.5, rounded to 2; then none. */
static void test_figures_of_one_second(void)
{
    struct rig rig;
    struct rig_options options = {
        .profile = DMUS_PROFILE_STUDIO, .rate = 48000, .channels = 2, .voices = 4, .as_float = true};
    struct image wave = rig_bar(1, 700, 16000, 48000);
    struct image instrument = image_instrument(
        &(struct instrument_desc){.id = 2, .wave_id = 1, .unity_note = 60, .loop_length = 700});
    DMUS_SYNTHSTATS8 stats = {.dwSize = sizeof stats};
    DMUS_SYNTHSTATS *first = (DMUS_SYNTHSTATS *)&stats;
    DWORD all = DMUS_SYNTHSTATS_VOICES | DMUS_SYNTHSTATS_TOTAL_CPU | DMUS_SYNTHSTATS_CPU_PER_VOICE |
                DMUS_SYNTHSTATS_LOST_NOTES | DMUS_SYNTHSTATS_PEAK_VOLUME | DMUS_SYNTHSTATS_FREE_MEMORY;
    if (!rig_create(&rig, &options))
        return;
    rig_download(&rig, &wave);
    rig_download(&rig, &instrument);
    struct event_buffer events = {.size = 0};
    for (uint8_t key = 60; key < 63; key++)
        event_midi(&events, 1, 0, 0x90, key, 127);
    event_midi(&events, 1, 5000000, 0xB0, 120, 0);
    rig_play(&rig, 0, &events);
    rig_pump(&rig, 47520, 480);
    CHECK_EQ(IDirectMusicSynth_GetRunningStats(rig.synth, first), S_OK);
    CHECK_EQ(stats.dwValidStats, DMUS_SYNTHSTATS_FREE_MEMORY); /* the second is not over */
    rig_pump(&rig, 480, 480);
    CHECK_EQ(IDirectMusicSynth_GetRunningStats(rig.synth, first), S_OK);
    CHECK_EQ(stats.dwValidStats, all);
    CHECK_EQ(stats.dwVoices, 2);
    CHECK_EQ(stats.dwLostNotes, 0);
    CHECK_EQ(stats.dwSynthMemUse, 1400);
    CHECK_NEAR(stats.dwCPUPerVoice, stats.dwTotalCPU / 1.5, 2 + stats.dwTotalCPU * 0.02);
    /* the peak, from the samples themselves */
    float peak = 0;
    for (size_t i = 0; i < 2 * 48000; i++)
        peak = fmaxf(peak, fabsf(((float *)(void *)rig.output.bytes)[i]));
    CHECK_NEAR(stats.lPeakVolume, 2000 * log10((double)peak), 1);
    /* six notes for four voices: two are lost, in the second in which it happens */
    events.size = 0;
    for (uint8_t key = 60; key < 66; key++)
        event_midi(&events, 1, 0, 0x90, key, 127);
    event_midi(&events, 1, 1000000, 0xB0, 120, 0);
    rig_play(&rig, rig_time(&rig, 48000), &events);
    rig_pump(&rig, 48000, 480);
    CHECK_EQ(IDirectMusicSynth_GetRunningStats(rig.synth, first), S_OK);
    CHECK_EQ(stats.dwLostNotes, 2);
    rig_pump(&rig, 48000, 480);
    CHECK_EQ(IDirectMusicSynth_GetRunningStats(rig.synth, first), S_OK);
    CHECK_EQ(stats.dwLostNotes, 0);
    CHECK_EQ(stats.dwVoices, 0);
    CHECK_EQ(stats.dwCPUPerVoice, 0);
    CHECK_EQ(stats.lPeakVolume, DMUS_VOLUME_MIN);
    DMUS_SYNTHREPORT report = {.dwSize = sizeof report};
    CHECK_EQ(rig.control->lpVtbl->GetReport(rig.control, &report), S_OK);
    CHECK_EQ(report.dwVoicesPeak, 4);
    CHECK_EQ(report.dwNotesLost, 2);
    CHECK_EQ(report.ullFrames, 3 * 48000);
    CHECK_EQ(report.ullWaveBytes, 1400);
    CHECK(report.fPeak >= peak);
    CHECK_EQ(rig.control->lpVtbl->ResetReport(rig.control), S_OK);
    CHECK_EQ(rig.control->lpVtbl->GetReport(rig.control, &report), S_OK);
    CHECK_EQ(report.dwNotesLost, 0);
    CHECK_EQ(report.dwVoicesPeak, 0);
    /* statistics restart with the activation */
    IDirectMusicSynth_Activate(rig.synth, FALSE);
    IDirectMusicSynth_Activate(rig.synth, TRUE);
    CHECK_EQ(IDirectMusicSynth_GetRunningStats(rig.synth, first), S_OK);
    CHECK_EQ(stats.dwValidStats, DMUS_SYNTHSTATS_FREE_MEMORY);
    rig_destroy(&rig);
    image_free(&wave);
    image_free(&instrument);
}

static void test_report_codes(void)
{
    IDirectMusicSynth *synth;
    IDmusSynthControl *control;
    DMUS_SYNTHREPORT report = {.dwSize = sizeof report};
    DMUS_MISSINGPATCH missing = {.dwSize = sizeof missing};
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(IDirectMusicSynth_QueryInterface(synth, &IID_IDmusSynthControl, (void **)&control), S_OK);
    CHECK_EQ(control->lpVtbl->GetReport(control, NULL), E_POINTER);
    CHECK_EQ(control->lpVtbl->GetReport(control, &report), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(control->lpVtbl->ResetReport(control), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(control->lpVtbl->GetMissing(control, 0, NULL), E_POINTER);
    CHECK_EQ(control->lpVtbl->GetMissing(control, 0, &missing), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(control->lpVtbl->IsSilent(control), S_OK);
    report.dwSize--;
    missing.dwSize--;
    CHECK_EQ(control->lpVtbl->GetReport(control, &report), E_INVALIDARG);
    CHECK_EQ(control->lpVtbl->GetMissing(control, 0, &missing), E_INVALIDARG);
    control->lpVtbl->Release(control);
    IDirectMusicSynth_Release(synth);
}

int main(void)
{
    RUN(test_codes_and_sizes);
    RUN(test_figures_of_one_second);
    RUN(test_report_codes);
    CHECK_EQ(user_live_objects(), 0);
    return tap_done();
}
