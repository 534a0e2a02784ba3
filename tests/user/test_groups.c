/* SPDX-License-Identifier: MIT */
/* Channel groups: ddi-user.md 8.1; native-behaviour.md H 46. Two groups are 32 channels that do not know each other. */
#include "stage.h"

enum { LENGTH = 4096 };

static struct stage stage;

/* One looped bar as patch 0 and as drum kit, two groups, all 32 channels. */
static void open_band(void)
{
    int16_t bar[500];
    for (int i = 0; i < 500; i++)
        bar[i] = (int16_t)(200 + i);
    stage_open(&stage, (struct stage_options){.groups = 2, .voices = 64, .profile = DMUS_PROFILE_STUDIO});
    stage_load(&stage, image_wave(1, bar, 500, STAGE_RATE));
    stage_load(&stage, image_instrument(&(struct instrument_desc){.id = 2, .wave_id = 1, .unity_note = 60, .loop_length = 500}));
    stage_load(&stage, image_instrument(&(struct instrument_desc){
                           .id = 3, .patch = 0x80000000, .wave_id = 1, .unity_note = 60, .loop_length = 500}));
}

static void play_all(uint32_t group)
{
    for (uint8_t channel = 0; channel < 16; channel++) {
        stage_midi(&stage, group, channel * 17, (uint8_t)(0xB0 | channel), 10, (uint8_t)(channel * 8));
        stage_midi(&stage, group, channel * 17, (uint8_t)(0x90 | channel), (uint8_t)(50 + channel), (uint8_t)(127 - channel));
    }
}

static double energy(const float *x)
{
    double sum = 0;
    for (int i = 0; i < 2 * LENGTH; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

/* CC7 = 0 on every channel of group 2 leaves group 1 as it would be alone, but for the order in which silent voices are added. */
static void test_H46_volume_of_group_2_leaves_group_1(void)
{
    static float alone[2 * LENGTH], both[2 * LENGTH], loud[2 * LENGTH];
    open_band();
    play_all(1);
    stage_render(&stage, alone, LENGTH);
    stage_close(&stage);
    for (int quiet = 0; quiet < 2; quiet++) {
        open_band();
        for (uint8_t channel = 0; quiet && channel < 16; channel++)
            stage_midi(&stage, 2, 0, (uint8_t)(0xB0 | channel), 7, 0);
        play_all(1);
        play_all(2);
        stage_render(&stage, quiet ? both : loud, LENGTH);
        DMUS_SYNTHREPORT report = {.dwSize = sizeof report};
        CHECK_EQ(stage.control->lpVtbl->GetReport(stage.control, &report), S_OK);
        CHECK_EQ(report.dwVoices, 32);
        stage_close(&stage);
    }
    CHECK(energy(alone) > 1);
    CHECK_NEAR(energy(both) / energy(alone), 1, 1e-6);
    for (int i = 0; i < 2 * LENGTH; i++)
        CHECK_NEAR(both[i], alone[i], 1e-7);
    CHECK(energy(loud) > 2 * energy(alone)); /* group 2 would have been heard */
}

/* Every channel of group 2, one at a time: nothing that is done to it is seen in group 1. */
static void test_no_message_crosses(void)
{
    static const uint8_t messages[][3] = {{0xB0, 7, 0}, {0xB0, 10, 0}, {0xB0, 64, 127}, {0xB0, 120, 0}, {0xB0, 123, 0},
                                          {0xC0, 5, 0}, {0xE0, 0, 0},  {0xD0, 127, 0},  {0x80, 50, 0},  {0xFF, 0, 0}};
    static float alone[2 * LENGTH], with[2 * LENGTH];
    static const uint8_t gs_reset[] = {0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7F, 0, 0x41, 0xF7};
    static struct event_buffer events;
    open_band();
    play_all(1);
    stage_render(&stage, alone, LENGTH);
    stage_close(&stage);
    open_band();
    play_all(1);
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        for (uint8_t channel = 0; channel < 16; channel++) {
            uint8_t status = messages[i][0] < 0xF0 ? (uint8_t)(messages[i][0] | channel) : messages[i][0];
            stage_midi(&stage, 2, 1000 + channel * 90, status, messages[i][1], messages[i][2]);
        }
    events.size = 0;
    event_put(&events, 2, 2500, 0, gs_reset, sizeof gs_reset);
    event_put(&events, 3, 2500, 0, gs_reset, sizeof gs_reset); /* beyond the count: to nobody */
    event_midi(&events, 3, 2600, 0xB0, 120, 0);
    event_midi(&events, 0xFFFFFFFF, 2600, 0xB0, 120, 0);
    CHECK_EQ(IDirectMusicSynth8_PlayBuffer(stage.synth, 0, events.bytes, events.size), S_OK);
    stage_render(&stage, with, LENGTH);
    stage_close(&stage);
    for (int i = 0; i < 2 * LENGTH; i++)
        CHECK_NEAR(with[i], alone[i], 1e-9);
}

/* An event for group 0 goes to all groups: notes, controllers, system exclusives. */
static void test_H46_group_0_goes_to_all(void)
{
    static float one[2 * LENGTH], all[2 * LENGTH], out[2 * LENGTH];
    static struct event_buffer events;
    static const uint8_t quiet[] = {0xF0, 0x7F, 0x7F, 4, 1, 0, 0, 0xF7}; /* master volume 0 */
    open_band();
    play_all(1);
    stage_render(&stage, one, LENGTH);
    stage_close(&stage);
    open_band();
    play_all(0);
    stage_render(&stage, all, LENGTH);
    for (int i = 0; i < 2 * LENGTH; i++)
        CHECK_NEAR(all[i], 2 * one[i], 1e-6); /* each group has a voice of its own */
    for (uint8_t channel = 0; channel < 16; channel++)
        stage_midi(&stage, 0, 0, (uint8_t)(0xB0 | channel), 7, 0);
    stage_render(&stage, out, LENGTH);
    stage_render(&stage, out, LENGTH);
    CHECK(energy(out) == 0);
    for (uint8_t channel = 0; channel < 16; channel++)
        stage_midi(&stage, 0, 0, (uint8_t)(0xB0 | channel), 7, 100);
    stage_render(&stage, out, LENGTH);
    stage_render(&stage, out, LENGTH);
    CHECK(energy(out) > 1);
    events.size = 0;
    event_put(&events, 0, 0, 0, quiet, sizeof quiet);
    CHECK_EQ(IDirectMusicSynth8_PlayBuffer(stage.synth, 0, events.bytes, events.size), S_OK);
    stage_render(&stage, out, LENGTH);
    stage_render(&stage, out, LENGTH);
    CHECK(energy(out) == 0);
    stage_close(&stage);
}

static void test_shrinking_and_growing(void)
{
    static float out[2 * LENGTH];
    DWORD priority;
    open_band();
    stage_midi(&stage, 2, 0, 0x90, 60, 127);
    stage_midi(&stage, 2, 0, 0xB1, 7, 0);
    stage_skip(&stage, 100);
    CHECK_EQ(IDirectMusicSynth8_SetChannelPriority(stage.synth, 2, 0, 5), S_OK);
    CHECK_EQ(IDirectMusicSynth8_SetNumChannelGroups(stage.synth, 1), S_OK);
    CHECK_EQ(IDirectMusicSynth8_GetChannelPriority(stage.synth, 2, 0, &priority), E_FAIL);
    stage_skip(&stage, 1000);
    stage_render(&stage, out, LENGTH);
    CHECK(energy(out) == 0); /* the group took its voices along */
    CHECK_EQ(IDirectMusicSynth8_SetNumChannelGroups(stage.synth, 3), S_OK);
    stage_midi(&stage, 2, 0, 0x91, 60, 127); /* its controllers are as at power-on */
    stage_midi(&stage, 3, 0, 0x91, 60, 127);
    stage_render(&stage, out, LENGTH);
    CHECK(energy(out) > 1);
    stage_close(&stage);
}

int main(void)
{
    RUN(test_H46_volume_of_group_2_leaves_group_1);
    RUN(test_no_message_crosses);
    RUN(test_H46_group_0_goes_to_all);
    RUN(test_shrinking_and_growing);
    return tap_done();
}
