/* SPDX-License-Identifier: MIT */
/*
 * topic_list.c - the rest of the test list of spec/dls.md section 9, as far as it is about sound: times of the volume envelope
 * (5), notes that cut notes (6), loops (8), conditional chunks (10), the pool table (11), banks that are not there (12), RPN 2
 * and drums (13), resetting controllers (14), priority of channels and its switches (15, 16).
 * The others: 2 and 7 in topic_gain, topic_transforms and topic_filter, 3 and 4 in topic_gain, 9 in topic_transforms; 1 and 17 are
 * not about sound.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edit.h"
#include "probe.h"

#define SLOT 48000u

static uint64_t slot(uint32_t index)
{
    return PROBE_FIRST + (uint64_t)index * SLOT;
}

/* Sum of the sounding voices in multiples of the reference note, late in slot INDEX. */
static double voices(const struct conf_judge *judge, enum conf_channel channel, uint32_t index)
{
    return pow(10, probe_span_db(judge, channel, slot(index) + 33600, slot(index) + 36000) / 20);
}

static void silence(struct conf_song *song, uint64_t frame)
{
    for (uint8_t c = 0; c < 16; c++)
        conf_cc(song, frame, c, 120, 0);
}

/* ---- 5: envelope ------------------------------------------------------------ */

static void build_envelope(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    connection attack = {SRC_NONE, SRC_NONE, DST_EG1_ATTACK, TRN_NONE, conf_seconds(1)};
    connection decay[] = {{SRC_NONE, SRC_NONE, DST_EG1_DECAY, TRN_NONE, conf_seconds(10)},
                          {SRC_NONE, SRC_NONE, DST_EG1_SUSTAIN, TRN_NONE, conf_percent(50)},
                          {SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(2)}};
    probe_instrument(bank, 1, wave, &attack, 1);
    probe_instrument(bank, 2, wave, decay, 3);
    probe_play(song, slot(0), 2 * SLOT, 1, 60, 127);
    probe_play(song, slot(3), 6 * SLOT, 2, 60, 127);
    conf_until(song, slot(11));
}

static void judge_envelope(struct conf_judge *judge)
{
    conf_row(judge, "9 no. 5", -6.0206, probe_db(judge, slot(0) + CONF_RATE / 2), 0.05, "dB", "attack of 1 s: level after 0.5 s");
    conf_row(judge, "9 no. 5", -46.08, probe_db(judge, slot(3) + CONF_RATE * 48 / 10), 0.05, "dB",
             "decay of 10 s: level after 4.8 s");
    conf_row(judge, "9 no. 5", -48, probe_db(judge, slot(3) + CONF_RATE * 51 / 10), 0.05, "dB",
             "decay of 10 s to 50 %%: level after 5.1 s");
    conf_row(judge, "9 no. 5", -72, probe_db(judge, slot(9) + CONF_RATE / 2), 0.05, "dB",
             "release of 2 s from -48 dB: level after 0.5 s");
    conf_at_most(judge, "9 no. 5", -90, probe_db(judge, slot(9) + CONF_RATE), "dB", "release of 2 s from -48 dB: over after 1 s");
}

/* ---- 6: notes that cut notes -------------------------------------------------- */

/* Keys 60 and 61 in group 1, 62 in group 2, 63 in none, 64 may overlap itself, 65 has two layers of group 3. */
static const double key_gain[] = {1, 0.5, 0.25, 0.125, 0.0625, 0.03125}; /* their sums tell who sounds */
static const struct scene {
    const char *what;
    struct { uint8_t channel, key; } notes[3]; /* key 0: none */
    double sum;
} scenes[] = {
    {"one note", {{0, 60}}, 1},
    {"the same note twice", {{0, 60}, {0, 60}}, 1},
    {"the same note three times", {{0, 63}, {0, 63}, {0, 63}}, 0.125},
    {"the same note twice, region with the flag self-non-exclusive", {{0, 64}, {0, 64}}, 2 * 0.0625},
    {"the same note on two channels", {{0, 60}, {1, 60}}, 2},
    {"two keys of one group", {{0, 60}, {0, 61}}, 0.5},
    {"two keys of two groups", {{0, 60}, {0, 62}}, 1.25},
    {"a key of a group and one of none", {{0, 60}, {0, 63}}, 1.125},
    {"two keys of one group on two channels", {{0, 60}, {1, 61}}, 1.5},
    {"two layers of one group, struck together", {{0, 65}}, 2 * 0.03125},
    {"three keys, the last of the first one's group", {{0, 60}, {0, 62}, {0, 61}}, 0.75},
};

static void build_exclusive(struct conf_bank *bank, struct conf_song *song)
{
    static const uint16_t groups[] = {1, 1, 2, 0, 0, 3};
    uint32_t wave = probe_begin_constant(bank, song);
    conf_instrument(bank, 0, 0, 1, false);
    for (uint16_t k = 0; k < 7; k++) {
        uint16_t n = k < 6 ? k : 5; /* the last is the second layer */
        struct dls_region *region = conf_region(bank, wave);
        region->key_low = region->key_high = 60 + n;
        region->key_group = groups[n];
        region->options = n == 4; /* F_RGN_OPTION_SELFNONEXCLUSIVE */
        region->sample.gain = conf_db(20 * log10(key_gain[n]));
    }
    probe_controllers(song, 0, 1);
    for (uint32_t i = 0; i < COUNT(scenes); i++) {
        silence(song, slot(i) - 4800);
        conf_program(song, slot(i) - 100, 0, 0, 0, 1);
        conf_program(song, slot(i) - 100, 1, 0, 0, 1);
        for (uint32_t n = 0; n < 3 && scenes[i].notes[n].key; n++)
            conf_message(song, slot(i) + 9600 * n, 0x90 | scenes[i].notes[n].channel, scenes[i].notes[n].key, 127);
    }
    silence(song, slot(COUNT(scenes)) - 4800);
    conf_until(song, slot(COUNT(scenes)));
}

static void judge_exclusive(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(scenes); i++)
        conf_row(judge, "DLS2 1.4.4, 3.2", scenes[i].sum, voices(judge, CONF_LEFT, i), 0.005, "voices", "%s: sum of what sounds",
                 scenes[i].what);
}

/* ---- 8: loops --------------------------------------------------------------------- */

#define EXITS 8u
#define EXIT_AT(i) (24u * CONF_RATE + (i) * SLOT)

static void build_loops(struct conf_bank *bank, struct conf_song *song)
{
    enum { LEAD = 64, LOOP = 64, REST = 9600, FRAMES = LEAD + LOOP + REST };
    static const int16_t four[] = {12000, -3000, 7001, -15000};
    static int16_t samples[FRAMES];
    uint32_t wave = conf_wave(bank, four, 4, CONF_RATE);
    probe_instrument(bank, 0, wave, NULL, 0);
    for (int i = 0; i < FRAMES; i++)
        samples[i] = (int16_t)lrint(16000 * sin(6.283185307179586 * i / LOOP));
    uint32_t sine = conf_wave(bank, samples, FRAMES, CONF_RATE);
    connection release = {SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(40)};
    struct dls_region *region = probe_instrument(bank, 1, sine, &release, 1);
    region->sample.loop = DLS_LOOP_RELEASE;
    region->sample.loop_start = LEAD;
    region->sample.loop_length = LOOP;
    probe_controllers(song, 0, 0);
    probe_play(song, PROBE_FIRST, 22 * CONF_RATE, 0, 60, 127);
    for (uint32_t i = 0; i < EXITS; i++)
        probe_play(song, EXIT_AT(i), 9600 + 37 * i, 1, 65, 127);
    conf_until(song, EXIT_AT(EXITS));
}

static void judge_loops(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    double worst = 0, ratio = 0;
    for (size_t f = PROBE_FIRST + 9600; f < PROBE_FIRST + 19200 && f + 1000000 < sound->frames; f++)
        worst = fmax(worst, fabs((double)sound->left[f + 1000000] - sound->left[f]));
    double peak = conf_peak(sound, CONF_LEFT, PROBE_FIRST + 9600, PROBE_FIRST + 19200);
    conf_at_least(judge, "9 no. 8", -40, conf_to_db(conf_step(sound, CONF_LEFT, PROBE_FIRST + 9600, PROBE_FIRST + 19200)), "dBFS",
                  "loop of 4 frames is heard: largest step");
    conf_at_most(judge, "9 no. 8", -120, conf_to_db(worst / peak), "dB", "loop of 4 frames: change after 1000000 frames");
    double turn = 6.283185307179586 * exp2(5.0 / 12) / 64; /* of the sine from frame to frame */
    for (uint32_t i = 0; i < EXITS; i++) {
        size_t at = EXIT_AT(i) + 4800;
        double own = 2 * sin(turn / 2) * conf_peak(sound, CONF_LEFT, at, at + 2400);
        ratio = own > 0 ? fmax(ratio, conf_step(sound, CONF_LEFT, at, at + 9600) / own) : INFINITY;
    }
    conf_at_most(judge, "9 no. 8", 1.005, ratio, "", "release loop left at 8 phases: largest step, in those of the sine itself");
}

/* ---- 10: conditional chunks ----------------------------------------------------------- */

enum { AND = 1, OR, XOR, ADD, SUBTRACT, MULTIPLY, DIVIDE, LOGICAL_AND, LOGICAL_OR, LT, LE, GT, GE, EQ, NOT, CONST, QUERY,
       SUPPORTED };
enum { DLS1_ = 0, DLS2_, GS_, UNKNOWN_, RATE_ };
static const uint8_t guids[][16] = {
    {0x27, 0x2f, 0x8f, 0x17, 0x64, 0xc3, 0xd1, 0x11, 0xa7, 0x60, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12},
    {0xe5, 0x99, 0x45, 0xf1, 0x89, 0x46, 0xd2, 0x11, 0xaf, 0xa6, 0x00, 0xaa, 0x00, 0x24, 0xd8, 0xb6},
    {0x25, 0x2f, 0x8f, 0x17, 0x64, 0xc3, 0xd1, 0x11, 0xa7, 0x60, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12},
    {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
    {0x13, 0xf7, 0x91, 0x2a, 0xbf, 0xa4, 0xd2, 0x11, 0xbb, 0xdf, 0x00, 0x60, 0x08, 0x33, 0xdb, 0xd8},
};

/* Operations; CONST, QUERY and SUPPORTED take the number after them. 0 ends. */
static const struct condition {
    const char *what;
    uint32_t program[12];
    bool kept;
} conditions[] = {
    {"DLS 2 supported", {QUERY, DLS2_}, true},
    {"not (DLS 2 supported)", {QUERY, DLS2_, NOT}, false},
    {"DLS 1 or GS in hardware", {QUERY, DLS1_, QUERY, GS_, LOGICAL_OR}, true},
    {"DLS 1 and an unknown query", {QUERY, DLS1_, QUERY, UNKNOWN_, LOGICAL_AND}, false},
    {"an unknown query is known", {SUPPORTED, UNKNOWN_}, false},
    {"the query for DLS 2 is known", {SUPPORTED, DLS2_}, true},
    {"3 < 5: the second operand is on top", {CONST, 5, CONST, 3, LT}, true},
    {"5 < 3", {CONST, 3, CONST, 5, LT}, false},
    {"7 - 7", {CONST, 7, CONST, 7, SUBTRACT}, false},
    {"sample rate at least 22050", {CONST, 22050, QUERY, RATE_, GE}, true},
    {"6 and 1 bit by bit", {CONST, 6, CONST, 1, AND}, false},
    {"6 and 1 as truths", {CONST, 6, CONST, 1, LOGICAL_AND}, true},
    {"5 / 0", {CONST, 0, CONST, 5, DIVIDE}, false},
    {"too few operands: not to be judged", {CONST, 0, AND}, true},
};

static void change_conditions(struct conf_chunk *form)
{
    for (uint32_t i = 0; i < COUNT(conditions); i++) {
        struct conf_bytes code = {0};
        for (const uint32_t *p = conditions[i].program; *p; p++) {
            uint8_t word[4];
            uint32_t operation = *p;
            store_le16(word, (uint16_t)operation);
            conf_append(&code, word, 2);
            if (operation == CONST) {
                store_le32(word, *++p);
                conf_append(&code, word, 4);
            } else if (operation == QUERY || operation == SUPPORTED) {
                conf_append(&code, guids[*++p], 16);
            }
        }
        conf_add_chunk(conf_edit_region(form, i + 1, 0), "cdl ", code.data, (uint32_t)code.size);
        free(code.data);
    }
    /* one more in the list of articulation: the instrument's is heard when it falls away */
    struct conf_chunk *lar2 = conf_child(conf_edit_region(form, COUNT(conditions) + 1, 0), "lar2", 0);
    uint8_t never[20] = {QUERY, 0};
    memcpy(never + 2, guids[DLS2_], 16);
    never[18] = NOT;
    conf_add_chunk(lar2, "cdl ", never, sizeof never);
}

static void build_conditions(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    for (uint32_t i = 0; i <= COUNT(conditions); i++) {
        conf_instrument(bank, 0, 0, i + 1, false);
        if (i == COUNT(conditions))
            conf_connect(bank, SRC_NONE, SRC_NONE, DST_GAIN, TRN_NONE, conf_db(-20 * log10(4)));
        for (int r = 0; r < (i < COUNT(conditions) ? 2 : 1); r++)
            conf_region(bank, wave)->sample.gain = r ? conf_db(-20 * log10(2)) : 0;
        if (i == COUNT(conditions))
            conf_connect(bank, SRC_NONE, SRC_NONE, DST_GAIN, TRN_NONE, 0);
        probe_play(song, slot(i), SLOT - 9600, i + 1, 60, 127);
    }
    conf_edit(bank, change_conditions);
    conf_until(song, slot(COUNT(conditions) + 1));
}

static void judge_conditions(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(conditions); i++)
        conf_row(judge, "DLS2 2.6, 1.9", conditions[i].kept ? 1.5 : 0.5, voices(judge, CONF_LEFT, i), 0.005, "voices",
                 "region if %s, over another of 0.5",
                 conditions[i].what);
    conf_row(judge, "DLS2 2.6, 1.9", 0.25, voices(judge, CONF_LEFT, COUNT(conditions)), 0.005, "voices",
             "region's articulation if not DLS 2: the instrument's (0.25) holds");
}

/* ---- 11: pool table -------------------------------------------------------------------------- */

static void change_permuted(struct conf_chunk *form)
{
    uint8_t *table = conf_child(form, "ptbl", 0)->data + 8, first[4];
    memcpy(first, table, 4); /* three cues, backwards */
    memcpy(table, table + 8, 4);
    memcpy(table + 8, first, 4);
}

static void change_missing(struct conf_chunk *form)
{
    conf_remove(form, "ptbl", 0);
}

static void build_pool(struct conf_bank *bank, struct conf_song *song, void (*change)(struct conf_chunk *form))
{
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t wave = conf_wave_dc(bank, 64 + 2 * i, 0.5 / (1 << i), CONF_RATE);
        probe_instrument(bank, i, wave, NULL, 0)->sample.loop_length = 64;
    }
    probe_controllers(song, 0, 0);
    for (uint32_t i = 0; i < 3; i++)
        probe_play(song, slot(i), SLOT - 9600, i, 60, 127);
    conf_edit(bank, change);
    conf_until(song, slot(3));
}

static void judge_pool(struct conf_judge *judge, bool reversed)
{
    double sum = 0, level[3];
    for (uint32_t i = 0; i < 3; i++)
        sum += level[i] = conf_mean(conf_sound(judge), CONF_LEFT, slot(i) + 9600, slot(i) + 19200);
    for (uint32_t i = 0; i < 3; i++)
        conf_row(judge, "DLS2 2.15, 1.7", (4 >> (reversed ? 2 - i : i)) / 7.0, level[i] / sum, 0.005, "",
                 "instrument %u: share of its wave in the levels", i);
}

static void build_permuted(struct conf_bank *bank, struct conf_song *song)
{
    build_pool(bank, song, change_permuted);
}

static void judge_permuted(struct conf_judge *judge)
{
    judge_pool(judge, true);
}

static void build_missing(struct conf_bank *bank, struct conf_song *song)
{
    build_pool(bank, song, change_missing);
}

static void judge_missing(struct conf_judge *judge)
{
    judge_pool(judge, false);
}

/* ---- 12: banks that are not there ----------------------------------------------------------------- */

/* Each instrument is 3 dB below the one before. */
static const struct { uint8_t msb, lsb, program; bool drums; } present[] = {
    {0, 0, 0, false}, {0, 0, 5, false}, {8, 0, 5, false}, {0, 3, 7, false}, {4, 0, 9, false}, {0, 0, 0, true}, {0, 0, 8, true},
    {0, 0, 25, true}};
static const struct { const char *what; uint8_t channel, msb, lsb, program; int heard; const char *clause; } wanted[] = {
    {"bank 8, program 5: is there", 0, 8, 0, 5, 2, "1.4"},
    {"bank 0, program 5: is there", 0, 0, 0, 5, 1, "1.4"},
    {"bank 9, program 5: that of bank 0", 0, 9, 0, 5, 1, "4.4"},
    {"bank 0x79/9, program 5: that of bank 0", 0, 0x79, 9, 5, 1, "4.4"},
    {"bank 0, program 7: from another bank", 0, 0, 0, 7, 3, "4.4"},
    {"bank 0, program 9: from another bank", 0, 0, 0, 9, 4, "4.4"},
    {"program 99: nowhere", 0, 0, 0, 99, -1, "4.4"},
    {"channel 10, kit 0: is there", 9, 0, 0, 0, 5, "1.4"},
    {"channel 10, kit 8: is there", 9, 0, 0, 8, 6, "1.4"},
    {"channel 10, kit 25: is there", 9, 0, 0, 25, 7, "1.4"},
    {"channel 10, kit 9: that of 8", 9, 0, 0, 9, 6, "4.4"},
    {"channel 10, kit 40: kit 0", 9, 0, 0, 40, 5, "4.4"},
    {"channel 1, bank 0x78, program 8: kit 8", 0, 0x78, 0, 8, 6, "1.4"},
    {"channel 1, bank 0x79 after it, program 5: melodic", 0, 0x79, 0, 5, 1, "1.4"},
};

static void build_banks(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_constant(bank);
    for (uint32_t i = 0; i < COUNT(present); i++) {
        conf_instrument(bank, present[i].msb, present[i].lsb, present[i].program, present[i].drums);
        conf_region(bank, wave)->sample.gain = conf_db(-3.0 * i);
    }
    probe_controllers(song, 0, 0);
    probe_controllers(song, 0, 9);
    probe_play(song, PROBE_REFERENCE, 9600, 0, 60, 127);
    for (uint32_t i = 0; i < COUNT(wanted); i++) {
        conf_program(song, slot(i) - 100, wanted[i].channel, wanted[i].msb, wanted[i].lsb, wanted[i].program);
        conf_note(song, slot(i), SLOT - 9600, wanted[i].channel, 60, 127);
    }
    conf_cc(song, slot(COUNT(wanted)) - 100, 0, 0, 8); /* a bank without a program change */
    conf_cc(song, slot(COUNT(wanted)) - 100, 0, 32, 0);
    conf_note(song, slot(COUNT(wanted)), SLOT - 9600, 0, 60, 127);
    conf_until(song, slot(COUNT(wanted) + 1));
}

static void judge_banks(struct conf_judge *judge)
{
    for (uint32_t i = 0; i <= COUNT(wanted); i++) {
        double db = probe_span_db(judge, CONF_LEFT, slot(i) + 9600, slot(i) + 33600);
        if (i == COUNT(wanted))
            conf_row(judge, "DLS2 1.4.6", -3, db, 0.05, "dB", "bank select without a program change: as before");
        else if (wanted[i].heard < 0)
            conf_at_most(judge, wanted[i].clause, -96, db, "dB", "%s", wanted[i].what);
        else
            conf_row(judge, wanted[i].clause, -3.0 * wanted[i].heard, db, 0.05, "dB", "%s", wanted[i].what);
    }
}

/* ---- 13: RPN 2 and drums ------------------------------------------------------------------------------ */

static void build_drums(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_sine(bank, song);
    conf_instrument(bank, 0, 0, 0, true);
    for (uint16_t r = 0; r < 2; r++) {
        struct dls_region *region = conf_region(bank, wave);
        region->key_low = r ? 62 : 0;
        region->key_high = r ? 127 : 61;
        region->sample.gain = r ? conf_db(-12) : 0;
    }
    probe_controllers(song, 0, 9);
    conf_rpn(song, slot(0) - 4800, 9, 2, 64 + 5, 0);
    conf_note(song, slot(0), SLOT - 9600, 9, 60, 127);
    conf_until(song, slot(1));
}

static void judge_drums(struct conf_judge *judge)
{
    struct probe_reading heard = probe_read(judge, slot(0) + 9600, slot(0) + 33600, 0);
    conf_row(judge, "9 no. 13", 0, heard.cents, 0.1, "cent", "RPN 2 = +5 on channel 10, key 60: pitch");
    conf_row(judge, "9 no. 13", 0, heard.db, 0.05, "dB", "RPN 2 = +5 on channel 10, key 60: region");
}

/* ---- 14: reset of controllers ---------------------------------------------------------------------------- */

static const struct { const char *what; uint8_t value; double db, pan, cents, bent; } resets[] = {
    /* CC7 = 50 and CC10 = 20 stay, also the RPNs; expression, modulation, pressure, wheel and pedal go back */
    {"CC121 = 0", 0, -16.1934, -34.925, 50, 1200 * 8191 / 8192.0},
    {"CC121 = 127", 127, -4.1522, 0, 0, 200 * 8191 / 8192.0},
};

static void build_resets(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_sine(bank, song);
    connection moved[] = {{SRC_CC + 1, SRC_NONE, DST_PITCH, TRN_NONE, conf_cents(128)},
                          {SRC_PRESSURE, SRC_NONE, DST_PITCH, TRN_NONE, conf_cents(128)}};
    probe_instrument(bank, 1, wave, moved, 2);
    for (uint32_t i = 0; i < COUNT(resets); i++) {
        static const uint8_t values[][2] = {{1, 127}, {7, 50}, {10, 20}, {11, 64}, {64, 127}};
        uint64_t at = slot(4 * i);
        probe_controllers(song, at - 9600, 0);
        conf_program(song, at - 9600, 0, 0, 0, 1);
        conf_rpn(song, at - 7200, 0, 0, 12, 0);
        conf_rpn(song, at - 7200, 0, 1, 96, 0);
        conf_wheel(song, at - 7200, 0, 16383);
        conf_message(song, at - 7200, 0xd0, 127, 0);
        for (uint32_t k = 0; k < COUNT(values); k++)
            conf_cc(song, at - 4800, 0, values[k][0], values[k][1]);
        conf_note(song, at, 4800, 0, 60, 127);
        conf_cc(song, at + 9600, 0, 121, resets[i].value); /* lifts the pedal that holds the note */
        conf_note(song, at + SLOT, SLOT - 9600, 0, 60, 127);
        conf_wheel(song, at + 2 * SLOT - 4800, 0, 16383);
        conf_note(song, at + 2 * SLOT, SLOT - 9600, 0, 60, 127);
        conf_wheel(song, at + 3 * SLOT, 0, 8192);
    }
    conf_until(song, slot(8));
}

static void judge_resets(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(resets); i++) {
        size_t at = slot(4 * i), next = at + SLOT + 9600, bent = at + 2 * SLOT + 9600;
        double held = conf_rms(conf_sound(judge), CONF_LEFT, at + 7200, at + 9000);
        double over = conf_rms(conf_sound(judge), CONF_LEFT, at + 14400, at + 24000);
        conf_at_most(judge, "3.10, RP-015", -60, held > 0 ? conf_to_db(over / held) : 0, "dB",
                     "%s lifts the pedal: level of the note that it held", resets[i].what);
        struct probe_reading heard = probe_read(judge, next, next + 24000, resets[i].cents);
        conf_row(judge, "3.10, RP-015", resets[i].db, heard.db, 0.05, "dB", "%s: level", resets[i].what);
        conf_row(judge, "3.10, RP-015", resets[i].pan, heard.pan, 0.2, "%", "%s: pan", resets[i].what);
        conf_row(judge, "3.10, RP-015", resets[i].cents, heard.cents, 0.1, "cent", "%s: pitch", resets[i].what);
        heard = probe_read(judge, bent, bent + 24000, resets[i].cents + resets[i].bent);
        conf_row(judge, "3.10, RP-015", resets[i].cents + resets[i].bent, heard.cents, 0.1, "cent",
                 "%s: pitch with the wheel up after it", resets[i].what);
    }
}

/* ---- 15 and 16: priority ------------------------------------------------------------------------------------ */

/* Four voices. Drums and program 1 sound left, program 2 right. First come COUNT notes on one channel, then one on the other. */
#define VOICES 4u
static const struct contest {
    const char *what;
    uint8_t first, first_program, count, also, then, then_program; /* also: channel of one more note before, program 2; 255: none */
    uint8_t dls_message;                                             /* 0: none */
    bool released;
    double left, right;
} contests[] = {
    {"channel 10 holds all voices, note on 11: dropped", 9, 0, 4, 255, 10, 2, 0, false, 4, 0},
    {"channel 11 holds all voices, note on 10: heard", 10, 2, 4, 255, 9, 0, 0, false, 1, 3},
    {"channel 1 holds all voices, note on 2: dropped", 0, 1, 4, 255, 1, 2, 0, false, 4, 0},
    {"channel 2 holds three, 16 one, note on 3: in the place of 16", 1, 1, 3, 15, 2, 1, 0, false, 4, 0},
    {"channel 9 holds three, 11 one, note on 10: in the place of 11", 8, 1, 3, 10, 9, 0, 0, false, 4, 0},
    {"channel 10 holds all voices in release, note on 11: dropped", 9, 0, 4, 255, 10, 2, 0, true, 4, 0},
    {"0A 03 (static allocation off), channel 10 holds all, note on 11: heard", 9, 0, 4, 255, 10, 2, 3, false, 3, 1},
    {"0A 04 (static allocation on), channel 10 holds all, note on 11: dropped", 9, 0, 4, 255, 10, 2, 4, false, 4, 0},
    {"0A 03 again", 9, 0, 4, 255, 10, 2, 3, false, 3, 1},
    {"0A 01 (DLS on) brings static allocation back", 9, 0, 4, 255, 10, 2, 1, false, 4, 0},
};

static void build_priority(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_constant(bank);
    probe_instrument(bank, 0, wave, NULL, 0);
    for (uint32_t i = 0; i < 3; i++) {
        conf_instrument(bank, 0, 0, i == 2 ? 0 : i + 1, i == 2);
        conf_region(bank, wave)->sample.gain = conf_db(-20 * log10(sqrt(2)));
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(i == 1 ? 50 : -50));
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, i == 2 ? conf_seconds(40) : INT32_MIN);
    }
    probe_controllers(song, 0, 0);
    probe_play(song, PROBE_REFERENCE, 9600, 0, 60, 127);
    for (uint32_t i = 0; i < COUNT(contests); i++) {
        const struct contest *c = &contests[i];
        uint8_t message[] = {0xf0, 0x7e, 0x7f, 0x0a, c->dls_message, 0xf7};
        silence(song, slot(i) - 9600);
        if (c->dls_message)
            conf_sysex(song, slot(i) - 7200, message, sizeof message);
        for (uint8_t ch = 0; ch < 16; ch++)
            probe_controllers(song, slot(i) - 4800, ch);
        conf_program(song, slot(i) - 100, c->first, 0, 0, c->first_program);
        conf_program(song, slot(i) - 100, c->then, 0, 0, c->then_program);
        if (c->also < 16) {
            conf_program(song, slot(i) - 100, c->also, 0, 0, 2);
            conf_message(song, slot(i), 0x90 | c->also, 70, 127);
        }
        for (uint8_t n = 0; n < c->count; n++) {
            conf_message(song, slot(i), 0x90 | c->first, 60 + n, 127);
            if (c->released)
                conf_message(song, slot(i) + 4800, 0x80 | c->first, 60 + n, 64);
        }
        conf_message(song, slot(i) + 9600, 0x90 | c->then, 50, 127);
    }
    silence(song, slot(COUNT(contests)) - 9600);
    conf_until(song, slot(COUNT(contests)));
}

static void judge_priority(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(contests); i++) {
        /* A release of 40 s has come down by 1.5 dB where the sum is taken. */
        double release = contests[i].released ? pow(10, -96.0 / 40 * (34800 - 4800) / CONF_RATE / 20) : 1;
        conf_row(judge, "DLS2 1.4.5, 3.12", contests[i].left * release, voices(judge, CONF_LEFT, i), 0.02, "voices", "%s: left",
                 contests[i].what);
        conf_row(judge, "DLS2 1.4.5, 3.12", contests[i].right, voices(judge, CONF_RIGHT, i), 0.02, "voices", "%s: right",
                 contests[i].what);
    }
}

static const struct conf_case cases[] = {
    {.id = "list-envelope", .title = "No. 5: times of the volume envelope", .build = build_envelope, .judge = judge_envelope},
    {.id = "list-exclusive", .title = "No. 6: notes that cut notes", .build = build_exclusive, .judge = judge_exclusive},
    {.id = "list-loops", .title = "No. 8: loops", .build = build_loops, .judge = judge_loops},
    {.id = "list-conditions", .title = "No. 10: conditional chunks", .build = build_conditions, .judge = judge_conditions},
    {.id = "list-permuted", .title = "No. 11: pool table in another order", .build = build_permuted, .judge = judge_permuted},
    {.id = "list-missing", .title = "No. 11: no pool table", .build = build_missing, .judge = judge_missing},
    {.id = "list-banks", .title = "No. 12: banks that are not there", .build = build_banks, .judge = judge_banks},
    {.id = "list-drums", .title = "No. 13: RPN 2 and drums", .build = build_drums, .judge = judge_drums},
    {.id = "list-resets", .title = "No. 14: reset of controllers", .build = build_resets, .judge = judge_resets},
    {.id = "list-priority", .title = "No. 15 and 16: priority of channels", .build = build_priority, .judge = judge_priority,
     .polyphony = VOICES},
};

extern const struct conf_topic conf_topic_list;
const struct conf_topic conf_topic_list = {"Test list", cases, COUNT(cases)};
