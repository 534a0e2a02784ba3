/* SPDX-License-Identifier: MIT */
/*
 * topic_banks.c - bank select, fallbacks, rhythm parts, resets.
 *
 * Rules: spec/dls.md 1.4, 4.4, 4.5, 5.4, 5.5, 5.9. Each instrument has a weight of its own, a power of two, which the level tells.
 * CC7 is 127 but where a reset put it back to 100: VOLUME_100 below.
 */
#include <math.h>

#include "scene.h"

#define VOLUME_100 0.6199 /* 40 log10(100/127) dB */

struct address {
    uint32_t msb, lsb, program;
    bool drums;
};

/* The first is the reference, the nth weighs 2^-(n-1). */
static void instruments(struct conf_bank *bank, struct conf_song *song, const struct address *list, uint32_t count)
{
    uint32_t wave = probe_begin_constant(bank, song);
    for (uint32_t i = 0; i < count; i++)
        scene_instrument(bank, wave, list[i].msb, list[i].lsb, list[i].program, list[i].drums, conf_to_db(pow(0.5, i)));
}

/* build_x and judge_x: the scenes x, played by the instruments at ADDRESSES */
#define SCENES(x, addresses) \
    static void build_##x(struct conf_bank *bank, struct conf_song *song) \
    { \
        instruments(bank, song, addresses, COUNT(addresses)); \
        scene_build(song, x, COUNT(x)); \
    } \
    static void judge_##x(struct conf_judge *judge) { scene_judge(judge, x, COUNT(x)); }

/* ---- selecting ------------------------------------------------------------------------ */

static const struct address variations[] = {{0, 0, 5, false}, {3, 0, 5, false}, {3, 4, 5, false},
                                            {0, 4, 5, false}, {0, 0, 6, false}};

static const struct scene selects[] = {
    {"DLS2 1.4.6", "bank 0", 1, MOVES(BANK(0, 0, 0, 0, 5), ON(100, 0, 60))},
    {"DLS2 1.4.6", "CC0 = 3, CC32 = 4", 0.25, MOVES(BANK(0, 0, 3, 4, 5), ON(100, 0, 60))},
    {"DLS2 1.4.6", "CC0 = 3, CC32 = 0", 0.5, MOVES(BANK(0, 0, 3, 0, 5), ON(100, 0, 60))},
    {"DLS2 1.4.6", "CC0 = 0, CC32 = 4", 0.125, MOVES(BANK(0, 0, 0, 4, 5), ON(100, 0, 60))},
    {"MIDI 1.0", "bank select waits for the program change", 1,
     MOVES(BANK(0, 0, 0, 0, 5), CC(10, 0, 0, 3), CC(10, 0, 32, 4), ON(100, 0, 60))},
    {"MIDI 1.0", "and then holds", 0.25,
     MOVES(BANK(0, 0, 0, 0, 5), CC(10, 0, 0, 3), CC(10, 0, 32, 4), ON(100, 0, 60), OFF(2400, 0, 60), PROGRAM(2500, 0, 5),
      ON(4800, 0, 60))},
    {"MIDI 1.0", "CC32 before CC0", 0.25, MOVES(CC(0, 0, 32, 4), CC(0, 0, 0, 3), PROGRAM(0, 0, 5), ON(100, 0, 60))},
    {"MIDI 1.0", "CC32 stays as it was", 0.125,
     MOVES(BANK(0, 0, 3, 4, 5), CC(50, 0, 0, 0), PROGRAM(50, 0, 5), ON(100, 0, 60))},
    {"MIDI 1.0", "a program change leaves sounding notes", 1, MOVES(BANK(0, 0, 0, 0, 5), ON(100, 0, 60), PROGRAM(2400, 0, 6))},
    {"MIDI 1.0", "the next note has the new program", 1 + 0.0625,
     MOVES(BANK(0, 0, 0, 0, 5), ON(100, 0, 60), PROGRAM(2400, 0, 6), ON(4800, 0, 62))},
    {"MIDI 1.0", "banks are a channel's own", 1.25,
     MOVES(BANK(0, 0, 0, 0, 5), BANK(0, 1, 3, 4, 5), ON(100, 0, 60), ON(100, 1, 60))},
};

SCENES(selects, variations)

/* ---- fallbacks --------------------------------------------------------------------------- */

static const struct address sparse[] = {{0, 0, 1, false}, {2, 0, 1, false}, {7, 0, 2, false}, {0, 0, 0, true},
                                        {0, 0, 8, true}, {0, 0, 25, true}, {1, 0, 25, true}};

static const struct scene fallbacks[] = {
    {"4.4", "variation there", 0.5, MOVES(BANK(0, 0, 2, 0, 1), ON(100, 0, 60))},
    {"4.4", "its CC32 missing: CC32 = 0", 0.5, MOVES(BANK(0, 0, 2, 5, 1), ON(100, 0, 60))},
    {"4.4", "its CC0 missing: bank 0", 1, MOVES(BANK(0, 0, 9, 0, 1), ON(100, 0, 60))},
    {"4.4", "both missing: bank 0", 1, MOVES(BANK(0, 0, 9, 9, 1), ON(100, 0, 60))},
    {"4.4", "program in another bank only", 0.25, MOVES(BANK(0, 0, 0, 0, 2), ON(100, 0, 60))},
    {"4.4", "program nowhere: silence", 0, MOVES(BANK(0, 0, 0, 0, 3), ON(100, 0, 60))},
    {"4.4", "kit 0", 0.125, MOVES(ON(100, 9, 60))},
    {"4.4", "kit there", 0.03125, MOVES(PROGRAM(0, 9, 25), ON(100, 9, 60))},
    {"4.4", "kit variation there", 0.015625, MOVES(BANK(0, 9, 1, 0, 25), ON(100, 9, 60))},
    {"4.4", "kit variation missing: the kit in bank 0", 0.03125, MOVES(BANK(0, 9, 5, 0, 25), ON(100, 9, 60))},
    {"4.4", "kit 10 missing: the first of its eight", 0.0625, MOVES(PROGRAM(0, 9, 10), ON(100, 9, 60))},
    {"4.4", "kit 26 and the first of its eight missing: kit 0", 0.125, MOVES(PROGRAM(0, 9, 26), ON(100, 9, 60))},
    {"4.4", "kit 100: kit 0", 0.125, MOVES(PROGRAM(0, 9, 100), ON(100, 9, 60))},
    {"4.4", "program 8 has a kit, but no melodic instrument: silence", 0, MOVES(PROGRAM(0, 0, 8), ON(100, 0, 60))},
};

SCENES(fallbacks, sparse)

/* ---- GM 2 addresses ------------------------------------------------------------------------- */

#define GM2_ON "7E 7F 09 03"
static const struct address gm2_addresses[] = {{0x79, 0, 1, false}, {0x79, 3, 1, false}, {0x78, 0, 0, false}, {0x78, 0, 8, true},
                                               {0, 0, 4, false}, {0x79, 0, 0, false}};

static const struct scene gm2[] = {
    {"DLS2 1.4.6", "CC0 = 0x79: melodic", 1, MOVES(BANK(0, 0, 0x79, 0, 1), ON(100, 0, 60))},
    {"GM2 3.3", "its variation", 0.5, MOVES(BANK(0, 0, 0x79, 3, 1), ON(100, 0, 60))},
    {"GM2 3.3", "variation missing: 0x79/0", 1, MOVES(BANK(0, 0, 0x79, 9, 1), ON(100, 0, 60))},
    {"4.4", "bank 0 missing: 0x79/0", 1, MOVES(BANK(0, 0, 0, 0, 1), ON(100, 0, 60))},
    {"DLS2 1.4.6", "CC0 = 0x78 on channel 1: drums", 0.25, MOVES(BANK(0, 0, 0x78, 0, 0), ON(100, 0, 60))},
    {"DLS2 1.4.6", "another kit, with the drum bit", 0.125, MOVES(BANK(0, 0, 0x78, 0, 8), ON(100, 0, 60))},
    {"GM2 3.3", "kit missing: kit 0", 0.25, MOVES(BANK(0, 0, 0x78, 0, 56), ON(100, 0, 60))},
    {"DLS2 1.4.6", "and melodic again with 0x79", 1, MOVES(BANK(0, 0, 0x78, 0, 0), BANK(50, 0, 0x79, 0, 1), ON(100, 0, 60))},
    {"DLS2 1.4.6", "and melodic again with bank 0", 1, MOVES(BANK(0, 0, 0x78, 0, 0), BANK(50, 0, 0, 0, 1), ON(100, 0, 60))},
    {"DLS2 1.4.6", "CC0 = 0x79 on channel 10: melodic", 1, MOVES(BANK(0, 9, 0x79, 0, 1), ON(100, 9, 60))},
    {"GM2 3.3", "GM 2 on: channel 1 starts in 0x79", 0.03125 * VOLUME_100, MOVES(SYSEX(0, GM2_ON), ON(4800, 0, 60))},
    {"GM2 3.3", "GM 2 on: channel 10 starts in 0x78", 0.25 * VOLUME_100, MOVES(SYSEX(0, GM2_ON), ON(4800, 9, 60))},
    {"GM2 3.3", "GM 2 on: program 1 of 0x79", VOLUME_100, MOVES(SYSEX(0, GM2_ON), PROGRAM(4000, 0, 1), ON(4800, 0, 60))},
};

SCENES(gm2, gm2_addresses)

/* ---- rhythm parts of GS and XG, receive channels ------------------------------------------------ */

#define XG_ON "43 10 4C 00 00 7E 00"
static const struct address kits[] = {{0, 0, 0, false}, {0, 0, 0, true}, {0, 0, 1, false}, {0, 0, 26, true}};

static const struct scene rhythm[] = {
    {"MIDI GM", "channel 10 plays drums", 0.5, MOVES(ON(100, 9, 60))},
    {"MIDI GM", "channel 11 does not", 1, MOVES(ON(100, 10, 60))},
    {"GS", "40 11 15 01: part 1 plays drums", 0.5, MOVES(GS(0, "40 11 15 01"), ON(100, 0, 60))},
    {"GS", "40 11 15 02: likewise with map 2", 0.5, MOVES(GS(0, "40 11 15 02"), ON(100, 0, 60))},
    {"GS", "40 10 15 00: part 10 plays melodies", 1, MOVES(GS(0, "40 10 15 00"), ON(100, 9, 60))},
    {"GS", "40 1A 15 01: block A is part 11", 0.5, MOVES(GS(0, "40 1A 15 01"), ON(100, 10, 60))},
    {"GS", "40 1F 15 01: block F is part 16", 0.5, MOVES(GS(0, "40 1F 15 01"), ON(100, 15, 60))},
    {"GS", "any device number", 0.5, MOVES(SYSEX(0, "41 1F 42 12 40 11 15 01 cs"), ON(100, 0, 60))},
    {"GS", "a wrong checksum: nothing happens", 1, MOVES(SYSEX(0, "41 10 42 12 40 11 15 01 00"), ON(100, 0, 60))},
    {"GS", "a program change keeps the rhythm part", 0.125, MOVES(GS(0, "40 11 15 01"), PROGRAM(50, 0, 26), ON(100, 0, 60))},
    {"GS", "40 11 00 00 01: tone number", 0.25, MOVES(GS(0, "40 11 00 00 01"), ON(100, 0, 60))},
    {"GS", "40 11 02 05: part 1 listens to channel 6", 2, MOVES(GS(0, "40 11 02 05"), ON(100, 5, 60))},
    {"GS", "and no more to channel 1", 0, MOVES(GS(0, "40 11 02 05"), ON(100, 0, 60))},
    {"GS", "40 11 02 10: part 1 listens to none", 0, MOVES(GS(0, "40 11 02 10"), ON(100, 0, 60))},
    {"GS", "40 11 13 00: mono", 1, MOVES(GS(0, "40 11 13 00"), ON(100, 0, 60), ON(4800, 0, 62))},
    {"GS", "40 11 1D 3E: keys from 62 up", 1, MOVES(GS(0, "40 11 1D 3E"), ON(100, 0, 60), ON(100, 0, 62))},
    {"GS", "40 11 1E 3D: keys up to 61", 1, MOVES(GS(0, "40 11 1E 3D"), ON(100, 0, 60), ON(100, 0, 62))},
    {"XG", "XG on, CC0 = 127 on channel 1: drums", 0.5 * VOLUME_100,
     MOVES(SYSEX(0, XG_ON), BANK(4000, 0, 127, 0, 0), ON(4800, 0, 60))},
    {"XG", "CC0 = 126 as well", 0.5 * VOLUME_100, MOVES(SYSEX(0, XG_ON), BANK(4000, 0, 126, 0, 0), ON(4800, 0, 60))},
    {"XG", "its kit 26", 0.125 * VOLUME_100, MOVES(SYSEX(0, XG_ON), BANK(4000, 0, 127, 0, 26), ON(4800, 0, 60))},
    {"XG", "and melodic again with 0", 0.25 * VOLUME_100,
     MOVES(SYSEX(0, XG_ON), BANK(4000, 0, 127, 0, 0), BANK(4100, 0, 0, 0, 1), ON(4800, 0, 60))},
    {"XG", "XG on: channel 10 plays drums", 0.5 * VOLUME_100, MOVES(SYSEX(0, XG_ON), ON(4800, 9, 60))},
    {"XG", "08 00 07 01: part mode drums", 0.5, MOVES(SYSEX(0, "43 10 4C 08 00 07 01"), ON(4800, 0, 60))},
    {"XG", "08 00 03 01: program", 0.25, MOVES(SYSEX(0, "43 10 4C 08 00 03 01"), ON(4800, 0, 60))},
    {"XG", "08 00 04 05: receive channel", 2, MOVES(SYSEX(0, "43 10 4C 08 00 04 05"), ON(4800, 5, 60))},
    {"4.5", "CC0 = 127 on channel 1 without XG: melodic", 1, MOVES(BANK(0, 0, 127, 0, 0), ON(4800, 0, 60))},
};

SCENES(rhythm, kits)

/* ---- resets ------------------------------------------------------------------------------------ */

static const struct { const char *name, *text; } reset_messages[] = {
    {"GM on", "7E 7F 09 01"}, {"GM off", "7E 7F 09 02"}, {"GM 2 on", GM2_ON}, {"DLS on", "7E 7F 0A 01"},
    {"GS reset", "41 10 42 12 40 00 7F 00 41"}, {"XG on", XG_ON}, {"XG reset of all parameters", "43 10 4C 00 00 7F 00"},
    {"GM on for device 10", "7E 10 09 01"}};

/* What stands before the reset (at 0), and what plays after it (4800). Programs: 0 weighs 1, 1 1/2, drums 1/4. */
static const struct scene after_reset[] = {
    {"4.5", "ends held notes", 0, MOVES(PROGRAM(0, 0, 1), ON(10, 0, 60))},
    {"4.5", "ends notes under the pedal", 0, MOVES(CC(0, 0, 64, 127), ON(10, 0, 60), OFF(1000, 0, 60))},
    {"5.4", "program 0, CC7 100", VOLUME_100, MOVES(PROGRAM(0, 0, 1), CC(0, 0, 7, 20), ON(4800, 0, 60))},
    {"5.4", "CC11 127", VOLUME_100, MOVES(CC(0, 0, 11, 20), ON(4800, 0, 60))},
    {"5.4", "pedal up", 0, MOVES(CC(0, 0, 64, 127), ON(4800, 0, 60), OFF(9600, 0, 60))},
    {"5.4", "poly", 2 * VOLUME_100, MOVES(CC(0, 0, 126, 1), ON(4800, 0, 60), ON(4800, 0, 62))},
    {"5.5", "master volume full", VOLUME_100, MOVES(SYSEX(0, "7F 7F 04 01 00 20"), ON(4800, 0, 60))},
    {"4.5", "part 1 melodic", VOLUME_100, MOVES(GS(0, "40 11 15 01"), ON(4800, 0, 60))},
    {"4.5", "part 10 drums", 0.25 * VOLUME_100, MOVES(GS(0, "40 10 15 00"), ON(4800, 9, 60))},
    {"4.5", "part 1 listens to channel 1", VOLUME_100, MOVES(GS(0, "40 11 02 05"), ON(4800, 0, 60))},
};

static void build_resets(struct conf_bank *bank, struct conf_song *song)
{
    static const struct address list[] = {{0, 0, 0, false}, {0, 0, 1, false}, {0, 0, 0, true}};
    uint32_t wave = probe_begin_constant(bank, song), index = 0;
    for (uint32_t i = 1; i < COUNT(list); i++)
        scene_instrument(bank, wave, 0, 0, list[i].program, list[i].drums, conf_to_db(pow(0.5, i)));
    for (uint32_t r = 0; r < COUNT(reset_messages); r++)
        for (uint32_t i = 0; i < COUNT(after_reset); i++, index++) {
            scene_reset(song, scene_start(index) - 2400);
            scene_sysex(song, scene_start(index) + 2400, reset_messages[r].text);
            scene_play(song, scene_start(index), after_reset[i].moves, UINT32_MAX);
        }
    scene_reset(song, scene_start(index) - 2400);
    conf_until(song, scene_start(index));
}

static void judge_resets(struct conf_judge *judge)
{
    uint32_t index = 0;
    for (uint32_t r = 0; r < COUNT(reset_messages); r++)
        for (uint32_t i = 0; i < COUNT(after_reset); i++, index++)
            scene_judge_one(judge, index, &after_reset[i], reset_messages[r].name);
}

static const struct conf_case cases[] = {
    {.id = "banks-select", .title = "Bank select and program change", .build = build_selects, .judge = judge_selects},
    {.id = "banks-fallback", .title = "Patches that are not there", .build = build_fallbacks, .judge = judge_fallbacks},
    {.id = "banks-gm2", .title = "Addresses of GM 2 and DLS 2.2", .build = build_gm2, .judge = judge_gm2},
    {.id = "banks-rhythm", .title = "Rhythm parts and receive channels of GS and XG", .build = build_rhythm, .judge = judge_rhythm},
    {.id = "banks-reset", .title = "System resets", .build = build_resets, .judge = judge_resets},
};

extern const struct conf_topic conf_topic_banks;
const struct conf_topic conf_topic_banks = {"Banks, parts and resets", cases, COUNT(cases)};
