/* SPDX-License-Identifier: MIT */
/*
 * AssignChannelToBuses, IDmusSynthControl::RenderBuses and the bus of a wave articulation. Nothing public documents what they do;
 * what is tested is what idmus.h says.
 */
#include "stage.h"

enum { FRAMES = 600, SETTLED = 300, WAVE = 1, SPEAKERS = 18 };

static struct stage stage;

/* DSBUSID_* by side, as the names have it (spec/ddi-user.md 5.5) */
static const char sides[SPEAKERS + 1] = "LRCCLRLRCLRCLCRLCR";

static void open_with_bar(struct stage_options options)
{
    int16_t bar[400];
    for (int i = 0; i < 400; i++)
        bar[i] = 8192;
    stage_open(&stage, options);
    stage_load(&stage, image_play_wave(6, WAVE, bar, 400, STAGE_RATE));
}

static HRESULT assign(DWORD group, DWORD channel, const DWORD *buses, DWORD count)
{
    DWORD copy[64];
    memcpy(copy, buses, (count < 64 ? count : 64) * sizeof *copy);
    HRESULT hr = IDirectMusicSynth8_AssignChannelToBuses(stage.synth, group, channel, copy, count);
    memset(copy, 0xEE, sizeof copy); /* the list is copied */
    return hr;
}
#define ASSIGN(channel, ...) \
    CHECK_EQ(assign(1, (channel), (const DWORD[]){__VA_ARGS__}, sizeof((const DWORD[]){__VA_ARGS__}) / sizeof(DWORD)), S_OK)

/* A steady tone of DC at 1/4 of full scale on CHANNEL. */
static void tone(DWORD voice, DWORD channel)
{
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, stage.position, voice, 1, channel, WAVE, 0, 0, 0, 0, 400), S_OK);
}

/* What of it reaches either side, and a mono output */
static double left_side(void) { return 0.25 * stage_gain(); }
static double right_side(void) { return 0.25 * stage_right(); }

static float *bus_buffer(int index)
{
    static float buffers[64][FRAMES];
    return buffers[index];
}

/* The next FRAMES of the COUNT buses in IDS. */
static void render_buses(const DWORD *ids, DWORD count)
{
    float *out[64];
    for (DWORD i = 0; i < count; i++) {
        out[i] = bus_buffer((int)i);
        for (int k = 0; k < FRAMES; k++)
            out[i][k] = 77;
    }
    CHECK_EQ(stage.control->lpVtbl->RenderBuses(stage.control, out, ids, count, FRAMES, stage.position), S_OK);
    stage.position += FRAMES;
}

static void check_level(int index, double level)
{
    for (int k = SETTLED; k < FRAMES; k++)
        CHECK_NEAR(bus_buffer(index)[k], level, 1e-6);
}

static void check_silent(int index)
{
    for (int k = 0; k < FRAMES; k++)
        CHECK(bus_buffer(index)[k] == 0);
}

/* Left and right of a synth nobody assigned anything in are the bits of RenderFloat, effects included. */
static void test_plain_channels_are_render_float(void)
{
    static float plain[2 * FRAMES];
    const DWORD ids[] = {DSBUSID_RIGHT, DSBUSID_LEFT, DSBUSID_FRONT_CENTER};
    for (DWORD channels = 1; channels <= 2; channels++)
        for (int collect = 0; collect < 2; collect++) {
            struct stage_options options = {.profile = DMUS_PROFILE_STUDIO, .channels = channels,
                                            .effects = DMUS_EFFECT_REVERB | DMUS_EFFECT_CHORUS};
            open_with_bar(options);
            stage_midi(&stage, 1, 0, 0xB1, 10, 20);
            stage_midi(&stage, 1, 0, 0xB1, 93, 90);
            tone(1, 0);
            tone(2, 1);
            if (!collect) {
                stage_render(&stage, plain, FRAMES);
            } else {
                render_buses(ids, 3);
                for (int k = 0; k < FRAMES; k++) {
                    /* one channel of output is the mean of two equal ones */
                    CHECK(bus_buffer(1)[k] == plain[channels * (unsigned)k]);
                    CHECK(bus_buffer(0)[k] == plain[channels * (unsigned)k + channels - 1]);
                }
                check_silent(2);
            }
            stage_close(&stage);
        }
}

static void test_each_speaker_carries_its_side(void)
{
    DWORD ids[SPEAKERS];
    for (DWORD i = 0; i < SPEAKERS; i++)
        ids[i] = i;
    for (DWORD id = 0; id < SPEAKERS; id++) {
        open_with_bar((struct stage_options){0});
        ASSIGN(0, id);
        tone(1, 0);
        render_buses(ids, SPEAKERS);
        for (DWORD other = 0; other < SPEAKERS; other++) {
            if (other != id)
                check_silent((int)other);
            else
                check_level((int)id, sides[id] == 'L'   ? left_side()
                                     : sides[id] == 'R' ? right_side()
                                                        : (left_side() + right_side()) * sqrt(0.5));
        }
        stage_close(&stage);
    }
}

static void test_channels_on_buses_of_their_own(void)
{
    const DWORD ids[] = {512, DSBUSID_BACK_LEFT, 70000, DSBUSID_BACK_RIGHT, DSBUSID_LEFT, DSBUSID_RIGHT, 512};
    double middle = (left_side() + right_side()) * sqrt(0.5);
    open_with_bar((struct stage_options){0});
    ASSIGN(3, 512);
    ASSIGN(4, DSBUSID_BACK_LEFT, DSBUSID_BACK_RIGHT, 512, DSBUSID_BACK_LEFT, 9999); /* once each; 9999 nobody collects */
    ASSIGN(5, 70000, DSBUSID_LEFT);
    tone(3, 3);
    tone(4, 4);
    tone(5, 5);
    tone(6, 6); /* plain */
    render_buses(ids, 7);
    check_level(0, 2 * middle);
    check_level(1, left_side());
    check_level(2, middle);
    check_level(3, right_side());
    check_level(4, 2 * left_side());
    check_level(5, right_side());
    check_silent(6); /* served once */
    render_buses(ids, 1);
    check_level(0, 2 * middle);
    stage_close(&stage);
}

/* Plain output: front left and right as they are, others by sqrt(1/2) into their side or both. */
static void test_folding_into_stereo(void)
{
    static float out[2 * FRAMES];
    for (DWORD id = 0; id < SPEAKERS + 2; id++) {
        DWORD bus = id < SPEAKERS ? id : id == SPEAKERS ? 512 : 0x80000000;
        char side = id < SPEAKERS ? sides[id] : 'C';
        double weight = bus < 2 ? 1 : sqrt(0.5), both = (left_side() + right_side()) * sqrt(0.5);
        double want_left = side == 'L' ? left_side() * weight : side == 'R' ? 0 : both * weight;
        double want_right = side == 'R' ? right_side() * weight : side == 'L' ? 0 : both * weight;
        open_with_bar((struct stage_options){0});
        ASSIGN(0, bus);
        tone(1, 0);
        stage_render(&stage, out, FRAMES);
        for (int k = SETTLED; k < FRAMES; k++) {
            CHECK_NEAR(out[2 * k], want_left, 1e-6);
            CHECK_NEAR(out[2 * k + 1], want_right, 1e-6);
        }
        stage_close(&stage);
    }
}

/* A mono synth: each bus has the whole signal, and the one output hears a voice once. */
static void test_one_audio_channel(void)
{
    static float out[FRAMES];
    const DWORD ids[] = {DSBUSID_LEFT, DSBUSID_RIGHT, DSBUSID_BACK_RIGHT, 512};
    double level = 0.25 * fmin(stage_level(), 1);
    open_with_bar((struct stage_options){.channels = 1});
    ASSIGN(0, DSBUSID_BACK_RIGHT, 512);
    tone(1, 0);
    render_buses(ids, 4);
    check_silent(0);
    check_silent(1);
    check_level(2, level);
    check_level(3, level);
    stage_render(&stage, out, FRAMES);
    for (int k = 0; k < FRAMES; k++)
        CHECK_NEAR(out[k], level, 1e-6);
    stage_close(&stage);
}

static void test_no_bus_is_heard_nowhere(void)
{
    static float out[2 * FRAMES];
    open_with_bar((struct stage_options){.effects = DMUS_EFFECT_REVERB});
    CHECK_EQ(IDirectMusicSynth8_AssignChannelToBuses(stage.synth, 1, 0, NULL, 0), S_OK);
    ASSIGN(1, DSBUSID_NULL);
    tone(1, 0);
    tone(2, 1);
    stage_render(&stage, out, FRAMES);
    for (int k = 0; k < 2 * FRAMES; k++)
        CHECK(out[k] == 0);
    CHECK(stage_exists(&stage, 1, NULL));
    stage_close(&stage);
}

static double energy(const float *x, int count)
{
    double sum = 0;
    for (int k = 0; k < count; k++)
        sum += (double)x[k] * (double)x[k];
    return sum;
}

/* 64 in a list lets the reverb hear the channel, in the output and as a bus that replaces the synth's own reverb. */
static void test_sends(void)
{
    const DWORD ids[] = {DSBUSID_LEFT, DSBUSID_RIGHT, DSBUSID_REVERB_SEND, DSBUSID_CHORUS_SEND};
    struct stage_options options = {.profile = DMUS_PROFILE_STUDIO, .effects = DMUS_EFFECT_REVERB | DMUS_EFFECT_CHORUS};
    for (int reverb = 0; reverb < 2; reverb++)
        for (int chorus = 0; chorus < 2; chorus++)
            for (int collected = 0; collected < 2; collected++) {
                open_with_bar(options);
                DWORD list[4] = {DSBUSID_LEFT, DSBUSID_RIGHT}, count = 2;
                if (reverb)
                    list[count++] = DSBUSID_REVERB_SEND;
                if (chorus)
                    list[count++] = DSBUSID_CHORUS_SEND;
                CHECK_EQ(assign(1, 0, list, count), S_OK);
                stage_midi(&stage, 1, 0, 0xB0, 91, 127);
                stage_midi(&stage, 1, 0, 0xB0, 93, 127);
                tone(1, 0);
                render_buses(ids, collected ? 4 : 2);
                /* DLS: pan 64 is the middle, 40*log10(100/127) dB for CC7 */
                double dry = 0.25 * pow(100.0 / 127, 2) * sqrt(0.5);
                bool effects = (reverb || chorus) && !collected;
                if (!effects) {
                    check_level(0, dry);
                    check_level(1, dry);
                }
                if (collected) {
                    for (int k = SETTLED; k < FRAMES; k++) {
                        CHECK_NEAR(bus_buffer(2)[k], reverb ? dry : 0, 1e-5);
                        CHECK_NEAR(bus_buffer(3)[k], chorus ? dry : 0, 1e-5);
                    }
                } else {
                    double rest = 0;
                    for (int k = SETTLED; k < FRAMES; k++)
                        rest += fabs(bus_buffer(0)[k] - dry);
                    CHECK(reverb || chorus ? rest > 0.01 : rest < 0.001);
                }
                stage_close(&stage);
            }
}

/* With the reverb collected by the host, the synth's own gets nothing and dies away. */
static void test_collected_send_starves_the_reverb(void)
{
    static float out[2 * FRAMES];
    const DWORD ids[] = {DSBUSID_LEFT, DSBUSID_RIGHT, DSBUSID_REVERB_SEND};
    open_with_bar((struct stage_options){.profile = DMUS_PROFILE_STUDIO, .effects = DMUS_EFFECT_REVERB});
    stage_midi(&stage, 1, 0, 0xB0, 91, 127);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, WAVE, 0, 0, 0, 0, 0), S_OK);
    render_buses(ids, 3);
    CHECK(energy(bus_buffer(2), FRAMES) > 0.1);
    stage_render(&stage, out, FRAMES); /* the wave is over */
    CHECK(energy(out, 2 * FRAMES) == 0);
    CHECK_EQ(stage.control->lpVtbl->IsSilent(stage.control), S_OK);
    stage_close(&stage);
}

/* What sounds keeps its buses; what starts after has the new ones. */
static void test_sounding_voices_stay(void)
{
    const DWORD ids[] = {512, 513};
    double middle = (left_side() + right_side()) * sqrt(0.5);
    open_with_bar((struct stage_options){0});
    ASSIGN(0, 512);
    tone(1, 0);
    render_buses(ids, 2);
    check_level(0, middle);
    for (int i = 0; i < 100; i++) /* many times over: replaced lists are freed, all but the one that sounds */
        ASSIGN(0, 600, 601, 513);
    tone(2, 0);
    render_buses(ids, 2);
    for (int k = 0; k < FRAMES; k++)
        CHECK_NEAR(bus_buffer(0)[k], middle, 1e-6);
    check_level(1, middle);
    ASSIGN(0, DSBUSID_CHORUS_SEND, DSBUSID_LEFT, DSBUSID_REVERB_SEND, DSBUSID_RIGHT); /* the plain path again */
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 0, 1), S_OK);
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 0, 2), S_OK);
    render_buses(ids, 2);
    tone(3, 0);
    render_buses((const DWORD[]){DSBUSID_LEFT, DSBUSID_RIGHT}, 2);
    check_level(0, left_side());
    check_level(1, right_side());
    stage_close(&stage);
}

/* Voices with buses of their own change no bit of those without, however the lanes are shared out. */
static void test_plain_voices_keep_their_bits(void)
{
    enum { VOICES = 40 };
    static float with[2][2 * FRAMES], *const bits[2] = {with[0], with[1]};
    for (int routed = 0; routed < 2; routed++) {
        open_with_bar((struct stage_options){.voices = 3 * VOICES, .profile = DMUS_PROFILE_STUDIO, .effects = DMUS_EFFECT_REVERB});
        for (DWORD channel = 8; channel < 16; channel++)
            ASSIGN(channel, 512 + channel, DSBUSID_NULL);
        for (DWORD i = 0; i < VOICES; i++) {
            stage_midi(&stage, 1, 0, (uint8_t)(0xB0 | i % 8), 10, (uint8_t)(i * 3));
            CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, i, i, 1, i % 8, WAVE, (LONG)i * 37, 0, 0, 0, 400), S_OK);
            for (DWORD k = 0; routed && k < 2; k++)
                CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, i, 1000 + 2 * i + k, 1, 8 + i % 8, WAVE, 0, 0, 0, 0, 0), S_OK);
        }
        const DWORD ids[] = {DSBUSID_LEFT, DSBUSID_RIGHT, 520, 527};
        render_buses(ids, 4);
        memcpy(bits[routed], bus_buffer(0), FRAMES * sizeof(float));
        memcpy(bits[routed] + FRAMES, bus_buffer(1), FRAMES * sizeof(float));
        CHECK((energy(bus_buffer(2), FRAMES) > 0) == (routed == 1));
        CHECK((energy(bus_buffer(3), FRAMES) > 0) == (routed == 1));
        stage_close(&stage);
    }
    CHECK(memcmp(bits[0], bits[1], sizeof with[0]) == 0);
}

/* Every slot in use, plain and routed voices mixed in the same lanes: all are heard where they belong. */
static void test_all_lanes_taken(void)
{
    enum { VOICES = 64 };
    const DWORD ids[] = {DSBUSID_LEFT, 512};
    double middle = (left_side() + right_side()) * sqrt(0.5);
    for (int order = 0; order < 2; order++) {
        open_with_bar((struct stage_options){.voices = VOICES});
        ASSIGN(1, 512);
        for (DWORD i = 0; i < VOICES; i++)
            tone(i, order ? (i & 1) : i < 37); /* in turns, or 37 of one kind first */
        render_buses(ids, 2);
        int routed = order ? VOICES / 2 : 37;
        check_level(0, (VOICES - routed) * left_side());
        for (int k = SETTLED; k < FRAMES; k++)
            CHECK_NEAR(bus_buffer(1)[k], routed * middle, 1e-4);
        for (DWORD i = 0; i < VOICES; i++)
            CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 0, i), S_OK);
        render_buses(ids, 2);
        render_buses(ids, 2);
        check_silent(0);
        check_silent(1);
        stage_close(&stage);
    }
}

/* The three ways to render are one stream, and no way to cut it changes it. */
static void test_blocks_and_ways_mixed(void)
{
    enum { TOTAL = 2 * FRAMES };
    static float whole[TOTAL], pieces[TOTAL];
    static float left[TOTAL], scratch[2 * TOTAL];
    float *const one[] = {whole};
    for (int cut = 0; cut < 2; cut++) {
        open_with_bar((struct stage_options){.profile = DMUS_PROFILE_STUDIO, .interpolation = DMUS_INTERPOLATION_SINC16});
        ASSIGN(2, 512, DSBUSID_LEFT);
        CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 33, 1, 1, 2, WAVE, 333, 0, 0, 0, 390), S_OK);
        CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 1003, 1), S_OK);
        stage_midi(&stage, 1, 500, 0xB2, 7, 40);
        if (!cut) {
            CHECK_EQ(stage.control->lpVtbl->RenderBuses(stage.control, one, (const DWORD[]){512}, 1, TOTAL, 0), S_OK);
            stage_close(&stage);
            continue;
        }
        for (int done = 0, n = 1; done < TOTAL; done += n, n = n * 5 % 97 + 1) {
            n = n < TOTAL - done ? n : TOTAL - done;
            float *const out[] = {left + done, pieces + done};
            if (n % 5 == 1) {
                stage.position = done;
                stage_render(&stage, scratch, (DWORD)n);
                memcpy(pieces + done, whole + done, (size_t)n * sizeof *pieces); /* not heard this time */
            } else {
                CHECK_EQ(stage.control->lpVtbl->RenderBuses(stage.control, out, (const DWORD[]){0, 512}, 2, (DWORD)n, done), S_OK);
            }
        }
        stage_close(&stage);
    }
    CHECK(energy(whole, TOTAL) > 1);
    CHECK(memcmp(whole, pieces, sizeof whole) == 0);
}

/* ulBus: this bus alone, at full level whatever the pan. */
static void test_bus_of_a_wave_articulation(void)
{
    const DWORD ids[] = {DSBUSID_LEFT, DSBUSID_RIGHT, DSBUSID_BACK_LEFT, DSBUSID_BACK_RIGHT, DSBUSID_FRONT_CENTER, 512};
    const double level = 0.25 * fmin(stage_level(), 1), both = 0.25 * stage_level(); /* 0 dB limit per side */
    for (int i = 0; i < 6; i++) {
        bool side = i < 4;
        open_with_bar((struct stage_options){0});
        stage_load(&stage, image_wave_articulation(2, ids[i], 2, 0, (const uint32_t[]){WAVE}, 1));
        ASSIGN(0, 700); /* not where it goes */
        stage_midi(&stage, 1, 0, 0xB0, 10, 3);
        CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, 2, 0, 0, 0, 0, 400), S_OK);
        render_buses(ids, 6);
        for (int k = 0; k < 6; k++) {
            if (k == i)
                check_level(k, side ? level : both);
            else
                check_silent(k);
        }
        stage_close(&stage);
    }
}

static void test_codes(void)
{
    DWORD many[33] = {0}, ids[2] = {0, 1};
    float buffer[64], *out[2] = {buffer, NULL};
    open_with_bar((struct stage_options){0});
    CHECK_EQ(assign(0, 0, ids, 2), E_INVALIDARG);
    CHECK_EQ(assign(2, 0, ids, 2), E_INVALIDARG);
    CHECK_EQ(assign(1, 16, ids, 2), E_INVALIDARG);
    CHECK_EQ(assign(1, 0, many, 33), E_INVALIDARG);
    CHECK_EQ(assign(1, 0, many, 32), S_OK);
    CHECK_EQ(IDirectMusicSynth8_AssignChannelToBuses(stage.synth, 1, 0, NULL, 1), E_POINTER);
    CHECK_EQ(IDirectMusicSynth8_AssignChannelToBuses(stage.synth, 1, 0, ids, 0xFFFFFFFF), E_INVALIDARG);
    IDmusSynthControl *control = stage.control;
    CHECK_EQ(control->lpVtbl->RenderBuses(control, NULL, NULL, 0, 64, 0), S_OK); /* time goes on, nobody listens */
    CHECK_EQ(control->lpVtbl->RenderBuses(control, NULL, ids, 1, 64, 64), E_POINTER);
    CHECK_EQ(control->lpVtbl->RenderBuses(control, out, NULL, 1, 64, 64), E_POINTER);
    CHECK_EQ(control->lpVtbl->RenderBuses(control, out, ids, 2, 64, 64), E_POINTER);
    CHECK_EQ(control->lpVtbl->RenderBuses(control, out, ids, DMUS_RENDER_BUSES_MAX + 1, 64, 64), E_INVALIDARG);
    CHECK_EQ(control->lpVtbl->RenderBuses(control, out, ids, 1, 0, 64), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Activate(stage.synth, FALSE), S_OK);
    CHECK_EQ(control->lpVtbl->RenderBuses(control, out, ids, 1, 64, 64), DMUS_E_SYNTHINACTIVE);
    CHECK_EQ(IDirectMusicSynth8_Close(stage.synth), S_OK);
    CHECK_EQ(control->lpVtbl->RenderBuses(control, out, ids, 1, 64, 64), DMUS_E_SYNTHNOTCONFIGURED);
    stage_close(&stage);
}

/* Deactivation forgets events, not the routing; a group that goes away takes its routing along. */
static void test_life_of_an_assignment(void)
{
    const DWORD ids[] = {512, DSBUSID_LEFT};
    double middle = (left_side() + right_side()) * sqrt(0.5);
    open_with_bar((struct stage_options){.groups = 2});
    CHECK_EQ(assign(2, 0, (const DWORD[]){512}, 1), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Activate(stage.synth, FALSE), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Activate(stage.synth, TRUE), S_OK);
    stage_midi(&stage, 0, 0, 0xFF, 0, 0);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 10, 1, 2, 0, WAVE, 0, 0, 0, 0, 400), S_OK);
    render_buses(ids, 2);
    check_level(0, middle);
    check_silent(1);
    CHECK_EQ(IDirectMusicSynth8_SetNumChannelGroups(stage.synth, 1), S_OK);
    render_buses(ids, 2);
    CHECK(!stage_exists(&stage, 1, NULL));
    CHECK_EQ(IDirectMusicSynth8_SetNumChannelGroups(stage.synth, 2), S_OK);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 2, 2, 0, WAVE, 0, 0, 0, 0, 400), S_OK);
    render_buses(ids, 2);
    check_silent(0);
    check_level(1, left_side());
    stage_close(&stage);
}

static void test_assign_without_memory(void)
{
    open_with_bar((struct stage_options){0});
    long live = dm_alloc_live();
    dm_alloc_fail_at(1, true);
    HRESULT hr = assign(1, 0, (const DWORD[]){512}, 1);
    dm_alloc_fail_at(0, false);
    CHECK_EQ(hr, E_OUTOFMEMORY);
    CHECK_EQ(dm_alloc_live(), live);
    stage_close(&stage);
}

int main(void)
{
    RUN(test_plain_channels_are_render_float);
    RUN(test_each_speaker_carries_its_side);
    RUN(test_channels_on_buses_of_their_own);
    RUN(test_folding_into_stereo);
    RUN(test_one_audio_channel);
    RUN(test_no_bus_is_heard_nowhere);
    RUN(test_sends);
    RUN(test_collected_send_starves_the_reverb);
    RUN(test_sounding_voices_stay);
    RUN(test_plain_voices_keep_their_bits);
    RUN(test_all_lanes_taken);
    RUN(test_blocks_and_ways_mixed);
    RUN(test_bus_of_a_wave_articulation);
    RUN(test_codes);
    RUN(test_life_of_an_assignment);
    RUN(test_assign_without_memory);
    return tap_done();
}
