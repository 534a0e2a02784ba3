/* SPDX-License-Identifier: MIT */
/*
 * IDirectMusicSynth8: PlayVoice, StopVoice, GetVoiceState and the life of what they play. Nothing public documents them; what is
 * tested is what dmus/ddi.h says.
 */
#include "stage.h"

enum { ONE = 1, RAMP = 2000 };

static struct stage stage;

/* Sample i is 10 * (i + 1): what is heard tells the place in the wave. */
static const int16_t *ramp(void)
{
    static int16_t samples[RAMP];
    for (int i = 0; i < RAMP; i++)
        samples[i] = (int16_t)(10 * (i + 1));
    return samples;
}

static void open_with_ramp(struct stage_options options)
{
    stage_open(&stage, options);
    stage_load(&stage, image_play_wave(6, ONE, ramp(), RAMP, STAGE_RATE));
}

/* Place in the ramp that VALUE was read at, if it came through GAIN. */
static double place(float value, double gain) { return (double)value * 32768 / gain / 10 - 1; }

static void test_one_shot_starts_and_ends_at_its_frame(void)
{
    static float out[2 * 3000];
    open_with_ramp((struct stage_options){0});
    CHECK_EQ(stage_play(&stage, 301, 7, ONE), S_OK);
    stage_render(&stage, out, 3000);
    for (int i = 0; i < 301; i++)
        CHECK(out[2 * i] == 0 && out[2 * i + 1] == 0);
    for (int i = 0; i < RAMP; i++) {
        CHECK_NEAR(place(out[2 * (301 + i)], stage_gain()), i, 0.002 * (i + 1));
        CHECK_NEAR(place(out[2 * (301 + i) + 1], stage_right()), i, 0.002 * (i + 1));
    }
    for (int i = 301 + RAMP + 1; i < 3000; i++) /* one frame of interpolation towards nothing */
        CHECK(out[2 * i] == 0);
    stage_close(&stage);
}

static void test_pitch_is_cents_and_volume_hundredths_of_a_decibel(void)
{
    static const struct {
        LONG pitch, volume;
    } table[] = {{0, 0}, {1200, 0}, {-1200, -600}, {700, -1234}, {-500, -2000}, {0, 300}};
    static float out[2 * 1000];
    open_with_ramp((struct stage_options){0});
    for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) {
        double step = pow(2, table[k].pitch / 1200.0);
        double gain = fmin(stage_gain() * pow(10, table[k].volume / 2000.0), 1); /* native 48: no more than 0 dB */
        CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, stage.position, 1, 1, 0, ONE, table[k].pitch, table[k].volume, 0, 0, 0),
                 S_OK);
        stage_render(&stage, out, 900);
        for (int i = 0; i < 900; i += 13)
            CHECK_NEAR(place(out[2 * i], gain), i * step, 0.002 * (i * step + 1));
        CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, stage.position, 1), S_OK);
        stage_skip(&stage, 1000);
    }
    stage_close(&stage);
}

static void test_start_and_loop_are_samples_of_the_wave(void)
{
    static float out[2 * 1500];
    open_with_ramp((struct stage_options){0});
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, ONE, 0, 0, 500, 600, 650), S_OK);
    stage_render(&stage, out, 1500);
    for (int i = 0; i < 1500; i++) {
        int want = i < 150 ? 500 + i : 600 + (i - 100) % 50;
        CHECK_NEAR(place(out[2 * i], stage_gain()), want, 0.002 * want);
    }
    SAMPLE_POSITION at;
    CHECK(stage_exists(&stage, 1, &at));
    CHECK_EQ(at, 600 + (1500 - 100) % 50);
    stage_close(&stage);
}

static void test_stop_voice_at_its_time(void)
{
    static float out[2 * 2000];
    open_with_ramp((struct stage_options){0});
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, ONE, 0, 0, 0, 0, RAMP), S_OK);
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 1003, 1), S_OK);
    stage_render(&stage, out, 2000);
    CHECK_NEAR(place(out[2 * 1002], stage_gain()), 1002, 2);
    CHECK(stage.position == 2000 && !stage_exists(&stage, 1, NULL));
    for (int i = 1003 + (int)(0.008 * STAGE_RATE); i < 2000; i++) /* the fade takes about 5 ms */
        CHECK(out[2 * i] == 0);
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 0, 1), S_OK); /* nobody there: nothing to do */
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 0, 12345), S_OK);
    stage_skip(&stage, 10);
    stage_close(&stage);
}

/* Play, stop and messages of the same time keep their order, and act when they are due, not when they are given. */
static void test_order_with_events(void)
{
    static float out[2 * 300];
    open_with_ramp((struct stage_options){0});
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 200, 1), S_OK); /* before the voice is asked for */
    CHECK_EQ(stage_play(&stage, 100, 1, ONE), S_OK);
    CHECK_EQ(stage_play(&stage, 100, 2, ONE), S_OK);
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 100, 2), S_OK); /* after it: it ends as it begins */
    stage_midi(&stage, 1, 50, 0xB0, 7, 0);
    stage_midi(&stage, 1, 150, 0xB0, 7, 127);
    stage_render(&stage, out, 120);
    CHECK(stage_exists(&stage, 1, NULL));
    CHECK(out[2 * 110] == 0);
    stage_render(&stage, out, 80);
    CHECK(out[2 * 79] > 0);
    stage_render(&stage, out, 300);
    CHECK(!stage_exists(&stage, 1, NULL));
    CHECK(!stage_exists(&stage, 2, NULL));
    stage_close(&stage);
}

static void test_voice_state(void)
{
    open_with_ramp((struct stage_options){0});
    DWORD voices[4] = {1, 2, 3, 1};
    DMUS_VOICE_STATE states[4];
    memset(states, 0xAA, sizeof states);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 1000, 1, 1, 0, ONE, 0, 0, 40, 0, 0), S_OK);
    CHECK_EQ(stage_play(&stage, 0, 2, ONE), S_OK);
    CHECK_EQ(IDirectMusicSynth8_GetVoiceState(stage.synth, voices, 4, states), S_OK);
    CHECK(states[0].bExists == TRUE && states[0].spPosition == 40); /* queued */
    CHECK(states[1].bExists == TRUE && states[1].spPosition == 0);
    CHECK(states[2].bExists == FALSE && states[2].spPosition == 0);
    CHECK(states[3].bExists == TRUE && states[3].spPosition == 40);
    stage_skip(&stage, 1100);
    CHECK_EQ(IDirectMusicSynth8_GetVoiceState(stage.synth, voices, 4, states), S_OK);
    CHECK(states[0].bExists == TRUE && states[0].spPosition == 140);
    CHECK(states[1].bExists == TRUE && states[1].spPosition == 1100);
    stage_skip(&stage, 1100);
    CHECK_EQ(IDirectMusicSynth8_GetVoiceState(stage.synth, voices, 2, states), S_OK);
    CHECK(states[0].bExists == TRUE && states[0].spPosition == 1240);
    CHECK(states[1].bExists == FALSE && states[1].spPosition == 0); /* played out */
    CHECK_EQ(IDirectMusicSynth8_GetVoiceState(stage.synth, NULL, 0, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth8_GetVoiceState(stage.synth, NULL, 1, states), E_POINTER);
    CHECK_EQ(IDirectMusicSynth8_GetVoiceState(stage.synth, voices, 1, NULL), E_POINTER);
    stage_close(&stage);
}

static void test_same_id_replaces_other_ids_add(void)
{
    static float out[2 * 600];
    open_with_ramp((struct stage_options){0});
    CHECK_EQ(stage_play(&stage, 0, 1, ONE), S_OK);
    CHECK_EQ(stage_play(&stage, 0, 2, ONE), S_OK);
    stage_render(&stage, out, 300);
    CHECK_NEAR(place(out[2 * 299] / 2, stage_gain()), 299, 1);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 300, 1, 1, 0, ONE, 0, 0, 1000, 0, 0), S_OK);
    stage_render(&stage, out, 600);
    CHECK_NEAR(place(out[2 * 599], stage_gain()), 1600 + 900, 10); /* voice 2 at 899 and the new one at 1599, the old one gone */
    SAMPLE_POSITION at;
    CHECK(stage_exists(&stage, 1, &at));
    CHECK_EQ(at, 1600);
    stage_close(&stage);
}

static void test_codes(void)
{
    static const int16_t samples[4] = {0};
    open_with_ramp((struct stage_options){0});
    stage_load(&stage, image_play_wave(5, 2, samples, 4, STAGE_RATE));
    stage_load(&stage, image_wave(3, samples, 4, STAGE_RATE));
    static const struct {
        const char *what;
        DWORD group, channel, id;
        SAMPLE_TIME start, loop_start, loop_end;
        HRESULT result;
    } table[] = {
        {"no such download", 1, 0, 99, 0, 0, 0, (HRESULT)0x88781120},
        {"a buffer of a stream by itself", 1, 0, 2, 0, 0, 0, (HRESULT)0x88781120},
        {"a wave of an instrument", 1, 0, 3, 0, 0, 0, (HRESULT)0x88781120},
        {"group 0", 0, 0, ONE, 0, 0, 0, E_INVALIDARG},
        {"group beyond the count", 2, 0, ONE, 0, 0, 0, E_INVALIDARG},
        {"channel 16", 1, 16, ONE, 0, 0, 0, E_INVALIDARG},
        {"start past the end", 1, 0, ONE, RAMP + 1, 0, 0, E_INVALIDARG},
        {"start of 2^63", 1, 0, ONE, (SAMPLE_TIME)1 << 63, 0, 0, E_INVALIDARG},
        {"loop past the end", 1, 0, ONE, 0, 0, RAMP + 1, E_INVALIDARG},
        {"loop backwards", 1, 0, ONE, 0, 11, 10, E_INVALIDARG},
        {"loop of 2^64", 1, 0, ONE, 0, UINT64_MAX - 1, UINT64_MAX, E_INVALIDARG},
        {"an empty loop is none", 1, 0, ONE, 0, 10, 10, S_OK},
        {"start at the end", 1, 0, ONE, RAMP, 0, 0, S_OK},
        {"the whole wave", 1, 15, ONE, 0, 0, RAMP, S_OK},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        HRESULT hr = IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, table[i].group, table[i].channel, table[i].id, 0, 0,
                                                  table[i].start, table[i].loop_start, table[i].loop_end);
        if (!CHECK(hr == table[i].result))
            printf("# %s: got 0x%08x, want 0x%08x\n", table[i].what, (unsigned)hr, (unsigned)table[i].result);
    }
    stage_skip(&stage, 100);
    /* As PlayBuffer. */
    CHECK_EQ(IDirectMusicSynth8_Activate(stage.synth, FALSE), S_OK);
    CHECK_EQ(stage_play(&stage, 0, 1, ONE), DMUS_E_SYNTHINACTIVE);
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 0, 1), DMUS_E_SYNTHINACTIVE);
    CHECK_EQ(IDirectMusicSynth8_SetSynthSink(stage.synth, NULL), S_OK);
    CHECK_EQ(stage_play(&stage, 0, 1, ONE), DMUS_E_NOSYNTHSINK);
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 0, 1), DMUS_E_NOSYNTHSINK);
    stage_close(&stage);
}

/* Extremes of pitch and volume are limited: no value makes noise of another kind. */
static void test_extreme_pitch_and_volume(void)
{
    static const LONG extremes[] = {INT32_MIN, INT32_MIN + 1, -20001, 20001, INT32_MAX};
    static float out[2 * 512];
    open_with_ramp((struct stage_options){0});
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 5; k++) {
            CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, stage.position, 1, 1, 0, ONE, extremes[i], extremes[k], 0, 0, RAMP),
                     S_OK);
            stage_render(&stage, out, 512);
            for (int n = 0; n < 1024; n++)
                CHECK(out[n] >= -2.1f && out[n] <= 2.1f); /* the voice before fades out under it */
        }
    stage_close(&stage);
}

/* The channel acts on its voices as on notes of the default articulation, but pedals, notes and modes are for notes. */
static void test_channel_controls(void)
{
    static float out[2 * 900];
    open_with_ramp((struct stage_options){0});
    stage_midi(&stage, 1, 0, 0xB0, 10, 0);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, ONE, 0, 0, 1000, 0, RAMP), S_OK);
    stage_render(&stage, out, 100);
    CHECK_NEAR(place(out[2 * 99], fmin(stage_level(), 1)), 1099, 2); /* hard left */
    CHECK(out[2 * 99 + 1] == 0);
    stage_midi(&stage, 1, 100, 0xE0, 127, 127); /* wheel: 2 semitones */
    stage_skip(&stage, 500);
    SAMPLE_POSITION at;
    CHECK(stage_exists(&stage, 1, &at));
    CHECK_NEAR((double)at, 1100 + 500 * pow(2, 2.0 / 12), 10);
    stage_midi(&stage, 1, 0, 0xE0, 0, 64);
    static const uint8_t none[][3] = {{0x80, 60, 0}, {0xB0, 64, 127}, {0xB0, 64, 0},  {0xB0, 66, 127}, {0xB0, 66, 0},
                                      {0xB0, 123, 0}, {0xB0, 124, 0}, {0xB0, 126, 1}, {0xB0, 127, 0}};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        stage_midi(&stage, 1, 0, none[i][0], none[i][1], none[i][2]);
    stage_skip(&stage, 500);
    CHECK(stage_exists(&stage, 1, NULL));
    stage_midi(&stage, 1, 0, 0xB1, 120, 0); /* another channel's */
    stage_skip(&stage, 500);
    CHECK(stage_exists(&stage, 1, NULL));
    stage_midi(&stage, 1, 0, 0xB0, 120, 0); /* all sound off */
    stage_skip(&stage, 500);
    CHECK(!stage_exists(&stage, 1, NULL));
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 3, ONE, 0, 0, 0, 0, RAMP), S_OK);
    stage_skip(&stage, 100);
    stage_midi(&stage, 0, 0, 0xFF, 0, 0);
    stage_skip(&stage, 500);
    CHECK(!stage_exists(&stage, 1, NULL));
    stage_close(&stage);
}

/* RPN 1 tunes what sounds; RPN 2 moves keys, and a wave has none. */
static void test_tuning_of_the_channel(void)
{
    static const struct {
        uint8_t rpn, value;
        double cents;
    } cases[] = {{2, 76, 0}, {1, 96, 50}};
    for (size_t k = 0; k < 2; k++) {
        SAMPLE_POSITION at;
        open_with_ramp((struct stage_options){0});
        stage_midi(&stage, 1, 0, 0xB0, 101, 0);
        stage_midi(&stage, 1, 0, 0xB0, 100, cases[k].rpn);
        stage_midi(&stage, 1, 0, 0xB0, 6, cases[k].value);
        CHECK_EQ(stage_play(&stage, 0, 1, ONE), S_OK);
        stage_skip(&stage, 1500);
        CHECK(stage_exists(&stage, 1, &at));
        CHECK_NEAR((double)at, 1500 * pow(2, cases[k].cents / 1200), 1.5);
        stage_close(&stage);
    }
}

/* A mono channel's notes and its wave voices do not know each other. */
static void test_mono_mode_leaves_wave_voices(void)
{
    open_with_ramp((struct stage_options){0});
    stage_load(&stage, image_wave(10, ramp(), 500, STAGE_RATE));
    stage_load(&stage, image_instrument(&(struct instrument_desc){.id = 11, .wave_id = 10, .unity_note = 60, .loop_length = 500}));
    stage_midi(&stage, 1, 0, 0xB0, 126, 1);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, ONE, 0, 0, 0, 0, RAMP), S_OK);
    stage_midi(&stage, 1, 10, 0x90, 60, 100);
    stage_midi(&stage, 1, 20, 0x90, 64, 100);
    stage_skip(&stage, 1000);
    CHECK(stage_exists(&stage, 1, NULL));
    DMUS_SYNTHREPORT report = {.dwSize = sizeof report};
    CHECK_EQ(stage.control->lpVtbl->GetReport(stage.control, &report), S_OK);
    CHECK_EQ(report.dwVoices, 2);
    stage_close(&stage);
}

static void test_voices_share_the_polyphony(void)
{
    open_with_ramp((struct stage_options){.voices = 2});
    for (DWORD voice = 1; voice <= 3; voice++)
        CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 10 * voice, voice, 1, 0, ONE, 0, 0, 0, 0, RAMP), S_OK);
    stage_skip(&stage, 1000);
    CHECK(!stage_exists(&stage, 1, NULL)); /* the oldest */
    CHECK(stage_exists(&stage, 2, NULL) && stage_exists(&stage, 3, NULL));
    CHECK_EQ(IDirectMusicSynth8_SetChannelPriority(stage.synth, 1, 5, 0x10000000), S_OK);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 4, 1, 5, ONE, 0, 0, 0, 0, RAMP), S_OK);
    stage_skip(&stage, 500);
    CHECK(!stage_exists(&stage, 4, NULL)); /* nobody of less priority */
    DMUS_SYNTHREPORT report = {.dwSize = sizeof report};
    CHECK_EQ(stage.control->lpVtbl->GetReport(stage.control, &report), S_OK);
    CHECK_EQ(report.dwNotesLost, 2);
    CHECK_EQ(report.dwVoices, 2);
    stage_close(&stage);
}

/* One voice for two channels: SetChannelPriority decides, whatever came first. */
static void test_channel_priority_decides_who_is_stolen(void)
{
    static const struct {
        DWORD of_voice, of_note;
        bool stays;
    } cases[] = {{0x80000001, 0x80000000, true}, {0x80000000, 0x80000001, false}, {0x7FFFFFFF, 0x80000000, false},
                 {0xFFFFFFFF, 0, true},          {5, 5, false}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        open_with_ramp((struct stage_options){.voices = 1});
        stage_load(&stage, image_wave(10, ramp(), 500, STAGE_RATE));
        stage_load(&stage, image_instrument(&(struct instrument_desc){.id = 11, .wave_id = 10, .unity_note = 60, .loop_length = 500}));
        CHECK_EQ(IDirectMusicSynth8_SetChannelPriority(stage.synth, 1, 0, cases[k].of_voice), S_OK);
        CHECK_EQ(IDirectMusicSynth8_SetChannelPriority(stage.synth, 1, 1, cases[k].of_note), S_OK);
        CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, ONE, 0, 0, 0, 0, RAMP), S_OK);
        stage_midi(&stage, 1, 10, 0x91, 60, 100);
        stage_skip(&stage, 1000);
        CHECK_EQ(stage_exists(&stage, 1, NULL), cases[k].stays);
        DMUS_SYNTHREPORT report = {.dwSize = sizeof report};
        CHECK_EQ(stage.control->lpVtbl->GetReport(stage.control, &report), S_OK);
        CHECK_EQ(report.dwVoices, 1);
        CHECK_EQ(report.dwNotesLost, 1);
        stage_close(&stage);
    }
}

struct called {
    int count;
    HANDLE handle;
};

static HRESULT CALLBACK on_unload(HANDLE handle, HANDLE user)
{
    struct called *called = user;
    called->count++;
    called->handle = handle;
    return S_OK;
}

static void test_unload_waits_for_the_voice(void)
{
    stage_open(&stage, (struct stage_options){0});
    HANDLE handle = stage_load(&stage, image_play_wave(6, ONE, ramp(), RAMP, STAGE_RATE));
    HANDLE other = stage_load(&stage, image_play_wave(6, 2, ramp(), RAMP, STAGE_RATE));
    struct called called = {0}, of_other = {0};
    DMUS_SYNTHSTATS stats = {.dwSize = sizeof stats};
    CHECK_EQ(stage_play(&stage, 0, 1, ONE), S_OK);
    stage_skip(&stage, 100);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 5000, 2, 1, 0, 2, 0, 0, 0, 0, 0), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Unload(stage.synth, handle, on_unload, &called), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Unload(stage.synth, other, on_unload, &of_other), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Unload(stage.synth, handle, on_unload, &called), E_FAIL);
    CHECK_EQ(stage_play(&stage, 0, 3, ONE), (HRESULT)0x88781120); /* withdrawn */
    CHECK_EQ(called.count, 0);
    stage_skip(&stage, 1000);
    CHECK(stage_exists(&stage, 1, NULL)); /* sounds on */
    CHECK_EQ(called.count, 0);
    stage_skip(&stage, 1000);
    CHECK_EQ(called.count, 0); /* never from Render */
    CHECK_EQ(IDirectMusicSynth8_GetRunningStats(stage.synth, &stats), S_OK);
    CHECK_EQ(called.count, 1);
    CHECK(called.handle == handle);
    CHECK_EQ(of_other.count, 0); /* its voice is queued */
    CHECK_EQ(IDirectMusicSynth8_Activate(stage.synth, FALSE), S_OK);
    CHECK_EQ(of_other.count, 1); /* the queue was forgotten */
    CHECK_EQ(called.count, 1);
    stage_close(&stage);
}

static void test_close_answers_and_ends(void)
{
    stage_open(&stage, (struct stage_options){0});
    HANDLE handle = stage_load(&stage, image_play_wave(6, ONE, ramp(), RAMP, STAGE_RATE));
    struct called called = {0};
    DWORD voice = 1;
    DMUS_VOICE_STATE state;
    CHECK_EQ(stage_play(&stage, 0, 1, ONE), S_OK);
    CHECK_EQ(stage_play(&stage, 9000, 2, ONE), S_OK);
    stage_skip(&stage, 100);
    CHECK_EQ(IDirectMusicSynth8_Unload(stage.synth, handle, on_unload, &called), S_OK);
    CHECK_EQ(called.count, 0);
    CHECK_EQ(IDirectMusicSynth8_Close(stage.synth), S_OK);
    CHECK_EQ(called.count, 1);
    CHECK_EQ(IDirectMusicSynth8_GetVoiceState(stage.synth, &voice, 1, &state), DMUS_E_SYNTHNOTCONFIGURED);
    stage_close(&stage);
}

static void test_ownership_and_eight_bits(void)
{
    stage_open(&stage, (struct stage_options){0});
    static const uint8_t bytes[4] = {128, 255, 0, 192};
    static float out[8];
    HANDLE handle;
    BOOL may_free;
    struct image eight = image_play_wave8(6, 1, bytes, 4, STAGE_RATE);
    CHECK_EQ(IDirectMusicSynth8_Download(stage.synth, &handle, eight.bytes, &may_free), S_OK);
    CHECK(handle != NULL);
    CHECK_EQ(may_free, FALSE); /* waves stay where they are */
    CHECK_EQ(stage_play(&stage, 0, 1, 1), S_OK);
    stage_render(&stage, out, 4);
    for (int i = 0; i < 4; i++)
        CHECK_NEAR(out[2 * i], (bytes[i] - 128) / 128.0 * stage_gain(), 0.002);
    struct image lone = image_wave_articulation(2, 0xFFFFFFFF, 2, 0, (const uint32_t[]){1}, 1);
    CHECK_EQ(IDirectMusicSynth8_Download(stage.synth, &handle, lone.bytes, &may_free), S_OK);
    CHECK_EQ(may_free, TRUE);
    memset(lone.bytes, 0xEE, lone.size);
    CHECK_EQ(stage_play(&stage, 0, 2, 2), S_OK);
    stage_skip(&stage, 100);
    stage_close(&stage);
    image_free(&eight);
    image_free(&lone);
}

static void test_play_without_memory(void)
{
    open_with_ramp((struct stage_options){0});
    for (long n = 1;; n++) {
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        HRESULT hr = stage_play(&stage, 0, 1, ONE);
        dm_alloc_fail_at(0, false);
        if (hr == S_OK) {
            CHECK(n > 1);
            break;
        }
        CHECK_EQ(hr, E_OUTOFMEMORY);
        CHECK_EQ(dm_alloc_live(), live);
        CHECK(!stage_exists(&stage, 1, NULL));
    }
    stage_skip(&stage, 100);
    CHECK(stage_exists(&stage, 1, NULL));
    stage_close(&stage);
}

int main(void)
{
    RUN(test_one_shot_starts_and_ends_at_its_frame);
    RUN(test_pitch_is_cents_and_volume_hundredths_of_a_decibel);
    RUN(test_start_and_loop_are_samples_of_the_wave);
    RUN(test_stop_voice_at_its_time);
    RUN(test_order_with_events);
    RUN(test_voice_state);
    RUN(test_same_id_replaces_other_ids_add);
    RUN(test_codes);
    RUN(test_extreme_pitch_and_volume);
    RUN(test_channel_controls);
    RUN(test_tuning_of_the_channel);
    RUN(test_mono_mode_leaves_wave_voices);
    RUN(test_voices_share_the_polyphony);
    RUN(test_channel_priority_decides_who_is_stolen);
    RUN(test_unload_waits_for_the_voice);
    RUN(test_close_answers_and_ends);
    RUN(test_ownership_and_eight_bits);
    RUN(test_play_without_memory);
    return tap_done();
}
