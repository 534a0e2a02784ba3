/* SPDX-License-Identifier: MIT */
/*
 * topic_ddi.c - channel groups and voice limits, through the DDI.
 *
 * Rules: spec/ddi-user.md 9 (groups of 16 channels, group 0), native-behaviour.md 15 .. 17 and 46, goal (1000 groups, 4096 voices).
 * Each voice plays the same small constant; the level is their number.
 */
#include <math.h>

#include "probe.h"
#include "rig.h"

#define FRAMES 9600u
#define NOTE_AT 960u

static struct rig *open_rig(bool native, uint32_t groups, uint32_t voices)
{
    struct rig_options options = {.native = native, .groups = groups, .voices = voices};
    struct conf_bank *bank = conf_bank_new("groups");
    uint32_t wave = conf_wave_dc(bank, 64, 0.5, CONF_RATE);
    for (uint32_t program = 0; program < 2; program++) {
        conf_instrument(bank, 0, 0, program, false);
        struct dls_region *region = conf_region(bank, wave);
        region->sample.gain = conf_db(program ? -66.0206 : -72.0412); /* program 1 is twice as loud */
        region->options = 1; /* notes of one key overlap */
    }
    struct rig *rig = rig_open(&options, bank);
    conf_bank_free(bank);
    if (native) /* without the +600 of item 1 */
        rig_volume(rig, 1, 0);
    return rig;
}

/* Number of voices that the sound amounts to; 1 is a voice of program 0 with CC7 at 127 in the centre. */
static double count_voices(struct rig *rig, bool native)
{
    struct conf_sound sound = rig_sound(rig, FRAMES);
    double one = (lrint(0.5 * 32767) / 32768.0) * pow(10, -72.0412 / 20) * (native ? sqrt(63 / 127.0) : cos(0.785398163));
    double level = conf_mean(&sound, CONF_LEFT, FRAMES - 960, FRAMES) / one;
    rig_free_sound(&sound);
    return level;
}

static void note(struct rig *rig, uint32_t group, uint8_t channel, uint8_t key)
{
    rig_message(rig, NOTE_AT - 10, group, 0xB0 | channel, 7, 127);
    rig_message(rig, NOTE_AT, group, 0x90 | channel, key, 127);
}

/* ---- groups ------------------------------------------------------------------------------- */

static void judge_groups(struct conf_judge *judge)
{
    struct rig *rig = open_rig(false, 1000, 2048);
    conf_row(judge, "goal", 1000, rig_report(rig).groups, 0, "groups", "1000 channel groups asked for");
    for (uint32_t group = 1; group <= 1000; group++)
        note(rig, group, (uint8_t)(group % 9), 60);
    conf_row(judge, "goal", 1000, count_voices(rig, false), 1, "voices", "a note on each of 1000 groups");
    rig_close(rig);

    rig = open_rig(false, 1000, 64);
    for (uint8_t channel = 0; channel < 16; channel++)
        if (channel != 9) /* rhythm part: no kit in this bank */
            note(rig, 1000, channel, 60);
    conf_row(judge, "goal", 15, count_voices(rig, false), 0.01, "voices", "a note on each melodic channel of group 1000");
    rig_close(rig);

    rig = open_rig(false, 3, 64);
    rig_message(rig, 10, 2, 0xC0, 1, 0);
    for (uint32_t group = 1; group <= 3; group++)
        note(rig, group, 0, 60);
    conf_row(judge, "ddi-user 9", 4, count_voices(rig, false), 0.01, "voices", "a program change on group 2 of three is its own");
    rig_close(rig);

    rig = open_rig(false, 3, 64);
    for (uint32_t group = 1; group <= 3; group++)
        note(rig, group, 0, 60);
    rig_message(rig, 4800, 2, 0xB0, 120, 0);
    conf_row(judge, "ddi-user 9", 2, count_voices(rig, false), 0.01, "voices", "all sound off on group 2 of three");
    rig_close(rig);

    rig = open_rig(false, 3, 64);
    note(rig, 4, 0, 60);
    conf_row(judge, "ddi-user 9", 0, count_voices(rig, false), 0.001, "voices", "a note on a fourth group of three");
    rig_close(rig);
}

static void judge_broadcast(struct conf_judge *judge)
{
    for (uint32_t native = 0; native < 2; native++) {
        struct rig *rig = open_rig(native, 5, 64);
        note(rig, 0, 0, 60);
        conf_row(judge, "native 46", 5, count_voices(rig, native), 0.01, "voices", "a note on group 0 of five groups, profile %s",
                 native ? "native" : "studio");
        rig_message(rig, FRAMES, 0, 0x80, 60, 0);
        conf_row(judge, "native 46", 0, count_voices(rig, native), 0.001, "voices", "and its note-off, profile %s",
                 native ? "native" : "studio");
        rig_close(rig);
    }
}

/* ---- voices ---------------------------------------------------------------------------------- */

static void many_notes(struct rig *rig, uint32_t count)
{
    static const uint8_t channels[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15};
    for (uint32_t i = 0; i < count; i++)
        note(rig, 1 + i / (15 * 128), channels[i / 128 % 15], (uint8_t)(i % 128));
}

static void judge_voices(struct conf_judge *judge)
{
    static const uint32_t limits[][2] = {{24, 30}, {4096, 4096}, {4096, 5000}}; /* voices, notes */
    for (uint32_t i = 0; i < COUNT(limits); i++) {
        struct rig *rig = open_rig(false, 3, limits[i][0]);
        uint32_t notes = limits[i][1], voices = limits[i][0] < notes ? limits[i][0] : notes;
        many_notes(rig, notes);
        conf_row(judge, "goal", voices, count_voices(rig, false), 0.001 * voices, "voices", "%u notes on %u voices: as many sound", notes,
                 limits[i][0]);
        struct rig_report report = rig_report(rig);
        conf_row(judge, "goal", notes - voices, report.notes_lost, 0, "notes", "%u notes on %u voices: lost", notes, limits[i][0]);
        rig_close(rig);
    }
    struct rig *rig = open_rig(true, 1, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        note(rig, 1, (uint8_t)(i / 128), (uint8_t)(i % 128));
    conf_row(judge, "native 17", 1000, count_voices(rig, true), 1, "voices", "1000 notes on 1000 voices, profile native");
    rig_close(rig);
}

static const struct conf_case cases[] = {
    {.id = "ddi-groups", .title = "Channel groups", .judge = judge_groups},
    {.id = "ddi-broadcast", .title = "Channel group 0", .judge = judge_broadcast},
    {.id = "ddi-voices", .title = "Voice limits", .judge = judge_voices},
};

extern const struct conf_topic conf_topic_ddi;
const struct conf_topic conf_topic_ddi = {"Channel groups and voices", cases, COUNT(cases)};
