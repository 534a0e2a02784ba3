/* SPDX-License-Identifier: MIT */
/* IDmusSynthLive: what is posted from the render thread sounds as what PlayBuffer queued for the same frame. */
#include "base/alloc.h"
#include "rig.h"

enum { FRAMES = 48000, BLOCK = 64, NOTES = 40 };

static IDmusSynthLive *live_of(struct rig *rig)
{
    IDmusSynthLive *live = NULL;
    CHECK_EQ(IDirectMusicSynth_QueryInterface(rig->synth, &IID_IDmusSynthLive, (void **)&live), S_OK);
    return live;
}

/* NOTES on and off, pseudo-random frames and keys; posted in the block before the one they act in, or queued at the beginning. */
static float *render(bool posted)
{
    static const struct rig_options options = {DMUS_PROFILE_STUDIO, 48000, 2, 32, 1, 0, true, false};
    struct rig rig;
    float *out = calloc(FRAMES * 2, sizeof *out);
    if (!out || !rig_create(&rig, &options))
        abort();
    IDmusSynthLive *live = live_of(&rig);
    CHECK_EQ(live->lpVtbl->Reserve(live, 8), DMUS_E_SYNTHACTIVE);
    CHECK_EQ(IDirectMusicSynth_Activate(rig.synth, FALSE), S_OK);
    CHECK_EQ(live->lpVtbl->Reserve(live, 8), S_OK);
    CHECK_EQ(live->lpVtbl->Reserve(live, DMUS_RESERVE_MAX + 1), E_INVALIDARG);
    CHECK_EQ(live->lpVtbl->Reserve(live, 0xFFFFFFFF), E_INVALIDARG);
    CHECK_EQ(IDirectMusicSynth_Activate(rig.synth, TRUE), S_OK);
    struct image wave = rig_bar(1, 4000, 8000, 48000), instrument = image_instrument1(2, 0, 1);
    rig_download(&rig, &wave);
    rig_download(&rig, &instrument);
    struct event_buffer events = {.size = 0};
    BYTE messages[NOTES * 2][3];
    int64_t frames[NOTES * 2];
    uint32_t state = 5;
    for (int i = 0; i < NOTES * 2; i++) {
        state = state * 1664525u + 1013904223u;
        frames[i] = BLOCK + i * 500 + (int64_t)(state >> 24);
        messages[i][0] = i % 2 ? 0x80 : 0x90;
        messages[i][1] = (BYTE)(48 + i / 2 % 24);
        messages[i][2] = 100;
        if (!posted)
            event_midi(&events, 1, rig_time(&rig, frames[i]), messages[i][0], messages[i][1], messages[i][2]);
    }
    REFERENCE_TIME zero = 0;
    CHECK_EQ(IDirectMusicSynthSink_SampleToRefTime(rig.sink, 0, &zero), S_OK);
    if (!posted)
        rig_play(&rig, zero, &events);
    int next = 0;
    for (int64_t at = 0; at < FRAMES; at += BLOCK) {
        while (posted && next < NOTES * 2 && frames[next] < at + 2 * BLOCK) {
            CHECK_EQ(live->lpVtbl->Post(live, frames[next], 1, messages[next], 3), S_OK);
            next++;
        }
        CHECK_EQ(rig.control->lpVtbl->RenderFloat(rig.control, out + at * 2, BLOCK, at), S_OK);
    }
    live->lpVtbl->Release(live);
    rig_destroy(&rig);
    image_free(&wave);
    image_free(&instrument);
    return out;
}

static void test_same_as_queued(void)
{
    float *a = render(false), *b = render(true), peak = 0;
    long different = 0;
    for (int i = 0; i < FRAMES * 2; i++) {
        different += a[i] != b[i];
        peak = a[i] > peak ? a[i] : peak;
    }
    CHECK_EQ(different, 0);
    CHECK(peak > 0.05f);
    free(a);
    free(b);
}

static void test_refusals(void)
{
    static const struct rig_options options = {DMUS_PROFILE_STUDIO, 48000, 2, 32, 1, 0, true, false};
    static const BYTE note[] = {0x90, 60, 100}, stray[] = {60, 100};
    struct rig rig;
    if (!rig_create(&rig, &options))
        abort();
    IDmusSynthLive *live = live_of(&rig);
    IUnknown *a, *b;
    CHECK_EQ(live->lpVtbl->QueryInterface(live, &IID_IUnknown, (void **)&a), S_OK);
    CHECK_EQ(IDirectMusicSynth_QueryInterface(rig.synth, &IID_IUnknown, (void **)&b), S_OK);
    CHECK(a == b);
    IUnknown_Release(a);
    IUnknown_Release(b);
    CHECK_EQ(live->lpVtbl->Post(live, 0, 1, note, 3), S_FALSE); /* nothing reserved */
    CHECK_EQ(live->lpVtbl->Post(live, 0, 1, NULL, 3), E_POINTER);
    CHECK_EQ(live->lpVtbl->Post(live, 0, 1, note, 4), E_INVALIDARG);
    CHECK_EQ(live->lpVtbl->Post(live, 0, 1, stray, 2), E_INVALIDARG);
    CHECK_EQ(IDirectMusicSynth_Activate(rig.synth, FALSE), S_OK);
    CHECK_EQ(live->lpVtbl->Reserve(live, 2), S_OK);
    CHECK_EQ(live->lpVtbl->Post(live, 0, 1, note, 3), DMUS_E_SYNTHINACTIVE);
    CHECK_EQ(IDirectMusicSynth_Activate(rig.synth, TRUE), S_OK);
    CHECK_EQ(live->lpVtbl->Post(live, 0, 1, note, 3), S_OK);
    CHECK_EQ(live->lpVtbl->Post(live, 0, 1, note, 3), S_OK);
    CHECK_EQ(live->lpVtbl->Post(live, 0, 1, note, 3), S_FALSE);
    float out[128];
    CHECK_EQ(rig.control->lpVtbl->RenderFloat(rig.control, out, 64, 0), S_OK);
    CHECK_EQ(live->lpVtbl->Post(live, 64, 1, note, 3), S_OK); /* room again */
    CHECK_EQ(IDirectMusicSynth_Activate(rig.synth, FALSE), S_OK);
    CHECK_EQ(IDirectMusicSynth_Close(rig.synth), S_OK);
    CHECK_EQ(live->lpVtbl->Post(live, 0, 1, note, 3), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(live->lpVtbl->Reserve(live, 2), DMUS_E_SYNTHNOTCONFIGURED);
    live->lpVtbl->Release(live);
    rig_destroy(&rig);
    CHECK_EQ(dm_alloc_live(), 0);
}

/* A system exclusive that is posted takes its place between the notes around it: master volume -48 dB and full again. */
static void test_system_exclusive(void)
{
    static const struct rig_options options = {DMUS_PROFILE_STUDIO, 48000, 2, 32, 1, 0, true, false};
    static const BYTE quiet[] = {0xF0, 0x7F, 0x7F, 4, 1, 0, 8, 0xF7}, full[] = {0xF0, 0x7F, 0x7F, 4, 1, 0x7F, 0x7F, 0xF7};
    static const BYTE note[] = {0x90, 60, 127}, longer[21] = {0xF0, [20] = 0xF7};
    struct rig rig;
    static float out[2400 * 2];
    if (!rig_create(&rig, &options))
        abort();
    IDmusSynthLive *live = live_of(&rig);
    DWORD voices = 99;
    float level = 99;
    CHECK_EQ(live->lpVtbl->WatchLevels(live), DMUS_E_SYNTHACTIVE);
    CHECK_EQ(IDirectMusicSynth_Activate(rig.synth, FALSE), S_OK);
    CHECK_EQ(live->lpVtbl->Reserve(live, 8), S_OK);
    CHECK_EQ(live->lpVtbl->GetLevel(live, 1, 0, &voices, &level), S_FALSE); /* nobody watches yet */
    CHECK_EQ(live->lpVtbl->WatchLevels(live), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(rig.synth, TRUE), S_OK);
    struct image wave = rig_bar(1, 4000, 8000, 48000), instrument = image_instrument1(2, 0, 1);
    rig_download(&rig, &wave);
    rig_download(&rig, &instrument);
    CHECK_EQ(live->lpVtbl->Post(live, 0, 1, longer, sizeof longer), E_INVALIDARG);
    CHECK_EQ(live->lpVtbl->Post(live, 0, 1, quiet, sizeof quiet), S_OK);
    CHECK_EQ(live->lpVtbl->Post(live, 100, 1, note, 3), S_OK);
    CHECK_EQ(live->lpVtbl->Post(live, 1200, 1, full, sizeof full), S_OK);
    CHECK_EQ(rig.control->lpVtbl->RenderFloat(rig.control, out, 1200, 0), S_OK);
    CHECK_EQ(live->lpVtbl->GetLevel(live, 1, 0, &voices, &level), S_OK);
    CHECK(voices >= 1 && level < -48 && level > -90);
    CHECK_EQ(rig.control->lpVtbl->RenderFloat(rig.control, out + 2400, 1200, 1200), S_OK);
    float before = 0, after = 0;
    for (int i = 0; i < 2400; i++) {
        before = fabsf(out[i]) > before ? fabsf(out[i]) : before;
        after = fabsf(out[2400 + i]) > after ? fabsf(out[2400 + i]) : after;
    }
    CHECK(before > 0 && after > 100 * before); /* 40 log10(16383 / 1024) = 48.2 dB */
    CHECK_EQ(live->lpVtbl->GetLevel(live, 1, 0, &voices, &level), S_OK);
    CHECK(voices >= 1 && level > -40 && level < 6);
    CHECK_EQ(live->lpVtbl->GetLevel(live, 1, 1, &voices, &level), S_OK);
    CHECK(voices == 0 && level <= -200);
    CHECK_EQ(live->lpVtbl->GetLevel(live, 0, 0, &voices, &level), S_FALSE);
    CHECK_EQ(live->lpVtbl->GetLevel(live, 2, 0, &voices, &level), S_FALSE);
    CHECK_EQ(live->lpVtbl->GetLevel(live, 1, 16, &voices, &level), S_FALSE);
    CHECK_EQ(live->lpVtbl->GetLevel(live, 1, 0, NULL, &level), E_POINTER);
    live->lpVtbl->Release(live);
    rig_destroy(&rig);
    image_free(&wave);
    image_free(&instrument);
    CHECK_EQ(dm_alloc_live(), 0);
}

int main(void)
{
    RUN(test_same_as_queued);
    RUN(test_refusals);
    RUN(test_system_exclusive);
    return tap_done();
}
