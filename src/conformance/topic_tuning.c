/* SPDX-License-Identifier: MIT */
/*
 * topic_tuning.c - tunings: parameters, master tuning, scale tuning, the MIDI Tuning Standard.
 *
 * Rules: spec/dls.md 5.4, 5.5 (RP-018, CA-020, CA-021, CA-025, GM 2), 4.5 for GS and XG. A pair of sines a quarter of a turn apart
 * (probe.h) gives the pitch as cents above key 60.
 */
#include <math.h>
#include <string.h>

#include "scene.h"

#define TONE 480u /* 100 Hz at key 60 */

/* A scene whose "expected" is the pitch in cents at its end, of the one note that sounds. */
#define PITCH(clause, text, cents, ...) {clause, text, cents, MOVES(__VA_ARGS__)}

static void drum_pair(struct conf_bank *bank, struct probe_waves waves)
{
    conf_instrument(bank, 0, 0, 0, true);
    conf_region(bank, waves.sine);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(-50));
    conf_region(bank, waves.cosine);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(50));
}

static void build_pitches(struct conf_bank *bank, struct conf_song *song, const struct scene *scenes, uint32_t count)
{
    drum_pair(bank, probe_begin_pair(bank, song, TONE));
    scene_build(song, scenes, count);
}

static void judge_pitches(struct conf_judge *judge, const struct scene *scenes, uint32_t count, uint32_t first)
{
    for (uint32_t i = 0; i < count; i++) {
        size_t at = (size_t)scene_start(first + i) + SCENE_CHECK;
        double cents = scene_cents(judge, at - 2400, at + 2400, (double)CONF_RATE / TONE, scenes[i].expected);
        conf_row(judge, scenes[i].clause, scenes[i].expected, cents, 0.01, "cent", "%s", scenes[i].what);
    }
}

/* ---- channel parameters ------------------------------------------------------------------ */

#define FULL 8191.0 / 8192 /* of a wheel all the way up */

static const struct scene parameters[] = {
    PITCH("5.4", "RPN 1 at its lowest", -100, RPN(0, 0, 1, 0), ON(100, 0, 60)),
    PITCH("5.4", "RPN 1 at 96", 50, RPN(0, 0, 1, 96), ON(100, 0, 60)),
    PITCH("5.4", "RPN 1 at 127, LSB 127", 100 * FULL, RPN(0, 0, 1, 127), CC(0, 0, 38, 127), ON(100, 0, 60)),
    PITCH("5.4", "RPN 1 at 64, LSB 1", 100 / 8192.0, RPN(0, 0, 1, 64), CC(0, 0, 38, 1), ON(100, 0, 60)),
    PITCH("5.4", "RPN 1 moves a sounding note", 50, ON(100, 0, 60), RPN(4800, 0, 1, 96)),
    PITCH("5.4", "RPN 2 at 71", 700, RPN(0, 0, 2, 71), ON(100, 0, 60)),
    PITCH("5.4", "RPN 2 at 40", -2400, RPN(0, 0, 2, 40), ON(100, 0, 60)),
    PITCH("5.4", "wheel up, range 2 semitones", 200 * FULL, WHEEL(0, 0, 16383), ON(100, 0, 60)),
    PITCH("5.4", "wheel down", -200, WHEEL(0, 0, 0), ON(100, 0, 60)),
    PITCH("5.4", "RPN 0 of 12 semitones", 1200 * FULL, RPN(0, 0, 0, 12), WHEEL(0, 0, 16383), ON(100, 0, 60)),
    PITCH("5.4", "RPN 0 of 24 semitones", -2400, RPN(0, 0, 0, 24), WHEEL(0, 0, 0), ON(100, 0, 60)),
    PITCH("5.4", "RPN 0 of 2 semitones and 50 cents", -250, RPN(0, 0, 0, 2), CC(0, 0, 38, 50), WHEEL(0, 0, 0), ON(100, 0, 60)),
    PITCH("5.4", "RPN 0 of 0: no bend", 0, RPN(0, 0, 0, 0), WHEEL(0, 0, 16383), ON(100, 0, 60)),
    PITCH("5.4", "a new range moves a bent note", -1200, WHEEL(0, 0, 0), ON(100, 0, 60), RPN(4800, 0, 0, 12)),
    PITCH("MIDI 1.0", "null parameter: data entry is ignored", 0, CC(0, 0, 101, 0), CC(0, 0, 100, 1), CC(0, 0, 101, 127),
          CC(0, 0, 100, 127), CC(0, 0, 6, 96), ON(100, 0, 60)),
    PITCH("MIDI 1.0", "NRPN selected: the registered parameter stays", 0, CC(0, 0, 101, 0), CC(0, 0, 100, 1), CC(0, 0, 99, 5),
          CC(0, 0, 98, 5), CC(0, 0, 6, 96), ON(100, 0, 60)),
    PITCH("MIDI 1.0", "the parameter stays selected", 25, RPN(0, 0, 1, 96), CC(0, 0, 6, 80), ON(100, 0, 60)),
    PITCH("MIDI 1.0", "an unknown parameter: nothing", 0, RPN(0, 0, 9, 96), ON(100, 0, 60)),
    PITCH("RP-018", "data increment of RPN 1: one LSB", 100 / 8192.0, RPN(0, 0, 1, 64), CC(0, 0, 96, 0), ON(100, 0, 60)),
    PITCH("RP-018", "three decrements of RPN 1", -300 / 8192.0, RPN(0, 0, 1, 64), CC(0, 0, 97, 0), CC(0, 0, 97, 127),
          CC(0, 0, 97, 1), ON(100, 0, 60)),
    PITCH("RP-018", "increment of RPN 2: a semitone", 100, RPN(0, 0, 2, 64), CC(0, 0, 96, 0), ON(100, 0, 60)),
    PITCH("RP-018", "increment of RPN 0: a cent", -201, RPN(0, 0, 0, 2), CC(0, 0, 96, 0), WHEEL(0, 0, 0), ON(100, 0, 60)),
    PITCH("RP-018", "which carries at 100", -300, RPN(0, 0, 0, 2), CC(0, 0, 38, 99), CC(0, 0, 96, 0), WHEEL(0, 0, 0), ON(100, 0, 60)),
    PITCH("RP-018", "decrement of RPN 0 borrows", -199, RPN(0, 0, 0, 2), CC(0, 0, 97, 0), WHEEL(0, 0, 0), ON(100, 0, 60)),
};

static void build_parameters(struct conf_bank *bank, struct conf_song *song)
{
    build_pitches(bank, song, parameters, COUNT(parameters));
}

static void judge_parameters(struct conf_judge *judge)
{
    judge_pitches(judge, parameters, COUNT(parameters), 0);
}

/* ---- master tuning --------------------------------------------------------------------------- */

static const struct scene masters[] = {
    PITCH("CA-025", "master fine tuning, lowest", -100, SYSEX(0, "7F 7F 04 03 00 00"), ON(100, 0, 60)),
    PITCH("CA-025", "master fine tuning of +50 cents", 50, SYSEX(0, "7F 7F 04 03 00 60"), ON(100, 0, 60)),
    PITCH("CA-025", "one step of it", 100 / 8192.0, SYSEX(0, "7F 7F 04 03 01 40"), ON(100, 0, 60)),
    PITCH("CA-025", "master coarse tuning of +7", 700, SYSEX(0, "7F 7F 04 04 00 47"), ON(100, 0, 60)),
    PITCH("CA-025", "master coarse tuning of -12", -1200, SYSEX(0, "7F 7F 04 04 00 34"), ON(100, 0, 60)),
    PITCH("CA-025", "both add up", -1150, SYSEX(0, "7F 7F 04 04 00 34"), SYSEX(0, "7F 7F 04 03 00 60"), ON(100, 0, 60)),
    PITCH("CA-025", "and to RPN 1 and 2", -1150 + 325, SYSEX(0, "7F 7F 04 04 00 34"), SYSEX(0, "7F 7F 04 03 00 60"),
          RPN(0, 0, 1, 80), RPN(0, 0, 2, 67), ON(100, 0, 60)),
    PITCH("CA-025", "all channels", 700, SYSEX(0, "7F 7F 04 04 00 47"), ON(100, 5, 60)),
    PITCH("CA-025", "coarse tuning leaves drums", 0, SYSEX(0, "7F 7F 04 04 00 47"), ON(100, 9, 60)),
    PITCH("GM2", "fine tuning leaves drums", 0, SYSEX(0, "7F 7F 04 03 00 60"), ON(100, 9, 60)),
    PITCH("CA-025", "a sounding note moves", 50, ON(100, 0, 60), SYSEX(4800, "7F 7F 04 03 00 60")),
    PITCH("GS", "40 00 00: master tune of +100 cents", 100, SYSEX(0, "41 10 42 12 40 00 00 00 07 0E 08 cs"), ON(100, 0, 60)),
    PITCH("GS", "40 00 00: master tune of -0.1 cent", -0.1, SYSEX(0, "41 10 42 12 40 00 00 00 03 0F 0F cs"), ON(100, 0, 60)),
    PITCH("GS", "40 00 05: master key shift of +5", 500, SYSEX(0, "41 10 42 12 40 00 05 45 cs"), ON(100, 0, 60)),
    PITCH("GS", "40 11 16: key shift of part 1 by -3", -300, SYSEX(0, "41 10 42 12 40 11 16 3D cs"), ON(100, 0, 60)),
    PITCH("GS", "the key shift is the part's", 0, SYSEX(0, "41 10 42 12 40 11 16 3D cs"), ON(100, 1, 60)),
    PITCH("XG", "00 00 06: master transpose of +2", 200, SYSEX(0, "43 10 4C 00 00 06 42"), ON(100, 0, 60)),
    PITCH("XG", "08 00 08: note shift of part 1 by -12", -1200, SYSEX(0, "43 10 4C 08 00 08 34"), ON(100, 0, 60)),
};

static void build_masters(struct conf_bank *bank, struct conf_song *song)
{
    build_pitches(bank, song, masters, COUNT(masters));
}

static void judge_masters(struct conf_judge *judge)
{
    judge_pitches(judge, masters, COUNT(masters), 0);
}

/* ---- scale tuning ------------------------------------------------------------------------------- */

#define OCTAVE "30 41 42 43 44 45 46 47 48 49 4A 50" /* C -16, then +1 ... +10, B +16 */
/* The same in two bytes: C -25 cents, C sharp one step, D to B flat 0, B +75. */
#define OCTAVE2 "30 00 40 01 40 00 40 00 40 00 40 00 40 00 40 00 40 00 40 00 40 00 70 00"

static const struct scene scales[] = {
    PITCH("CA-021", "1 byte, real time: C", -16, SYSEX(0, "7F 7F 08 08 03 7F 7F " OCTAVE), ON(100, 0, 60)),
    PITCH("CA-021", "C sharp", 101, SYSEX(0, "7F 7F 08 08 03 7F 7F " OCTAVE), ON(100, 0, 61)),
    PITCH("CA-021", "F", 505, SYSEX(0, "7F 7F 08 08 03 7F 7F " OCTAVE), ON(100, 0, 65)),
    PITCH("CA-021", "B", 1116, SYSEX(0, "7F 7F 08 08 03 7F 7F " OCTAVE), ON(100, 0, 71)),
    PITCH("CA-021", "the octave below", -1216, SYSEX(0, "7F 7F 08 08 03 7F 7F " OCTAVE), ON(100, 0, 48)),
    PITCH("CA-021", "1 byte, not real time", -16, SYSEX(0, "7E 7F 08 08 03 7F 7F " OCTAVE), ON(100, 0, 60)),
    PITCH("CA-021", "real time moves a sounding note", -16, ON(100, 0, 60), SYSEX(4800, "7F 7F 08 08 03 7F 7F " OCTAVE)),
    PITCH("CA-021", "not real time leaves a sounding note", 0, ON(100, 0, 60), SYSEX(4800, "7E 7F 08 08 03 7F 7F " OCTAVE)),
    PITCH("CA-021", "and takes the next", -16, ON(100, 0, 60), SYSEX(4800, "7E 7F 08 08 03 7F 7F " OCTAVE), OFF(9000, 0, 60),
          ON(9600, 0, 60)),
    PITCH("CA-021", "channel 1 alone: channel 1", -16, SYSEX(0, "7F 7F 08 08 00 00 01 " OCTAVE), ON(100, 0, 60)),
    PITCH("CA-021", "channel 1 alone: channel 2", 0, SYSEX(0, "7F 7F 08 08 00 00 01 " OCTAVE), ON(100, 1, 60)),
    PITCH("CA-021", "bit 0 of gg: channel 8", -16, SYSEX(0, "7F 7F 08 08 00 01 00 " OCTAVE), ON(100, 7, 60)),
    PITCH("CA-021", "bit 6 of gg: channel 14", -16, SYSEX(0, "7F 7F 08 08 00 40 00 " OCTAVE), ON(100, 13, 60)),
    PITCH("CA-021", "bit 0 of ff: channel 15", -16, SYSEX(0, "7F 7F 08 08 01 00 00 " OCTAVE), ON(100, 14, 60)),
    PITCH("CA-021", "bit 1 of ff: channel 16", -16, SYSEX(0, "7F 7F 08 08 02 00 00 " OCTAVE), ON(100, 15, 60)),
    PITCH("GM2", "drums keep their pitch", 0, SYSEX(0, "7F 7F 08 08 03 7F 7F " OCTAVE), ON(100, 9, 60)),
    PITCH("CA-021", "2 bytes, real time: C", -25, SYSEX(0, "7F 7F 08 09 03 7F 7F " OCTAVE2), ON(100, 0, 60)),
    PITCH("CA-021", "2 bytes: one step", 100 + 100 / 8192.0, SYSEX(0, "7F 7F 08 09 03 7F 7F " OCTAVE2), ON(100, 0, 61)),
    PITCH("CA-021", "2 bytes: B", 1175, SYSEX(0, "7F 7F 08 09 03 7F 7F " OCTAVE2), ON(100, 0, 71)),
    PITCH("CA-021", "2 bytes, not real time", -25, SYSEX(0, "7E 7F 08 09 03 7F 7F " OCTAVE2), ON(100, 0, 60)),
    PITCH("CA-021", "2 bytes, not real time, leaves a sounding note", 0, ON(100, 0, 60),
          SYSEX(4800, "7E 7F 08 09 03 7F 7F " OCTAVE2)),
    PITCH("GS", "40 11 40: scale tuning of part 1, C", -16, SYSEX(0, "41 10 42 12 40 11 40 " OCTAVE " cs"), ON(100, 0, 60)),
    PITCH("GS", "B", 1116, SYSEX(0, "41 10 42 12 40 11 40 " OCTAVE " cs"), ON(100, 0, 71)),
    PITCH("GS", "one note of it: 40 11 44 (E) of +20", 420, SYSEX(0, "41 10 42 12 40 11 44 54 cs"), ON(100, 0, 64)),
    PITCH("GS", "part 1 alone", 0, SYSEX(0, "41 10 42 12 40 11 40 " OCTAVE " cs"), ON(100, 1, 60)),
};

static void build_scales(struct conf_bank *bank, struct conf_song *song)
{
    build_pitches(bank, song, scales, COUNT(scales));
}

static void judge_scales(struct conf_judge *judge)
{
    judge_pitches(judge, scales, COUNT(scales), 0);
}

/* ---- the MIDI Tuning Standard ------------------------------------------------------------------------ */

/* Tuning program 5: key 60 sounds as 61.5. */
#define KEY_60 "3C 3D 40 00"

static const struct scene programs[] = {
    PITCH("CA-020", "single note (08 02), program 5 chosen by RPN 3", 150, RPN(0, 0, 3, 5), SYSEX(10, "7F 7F 08 02 05 01 " KEY_60),
          ON(100, 0, 60)),
    PITCH("CA-020", "the program changed before it is chosen", 150, SYSEX(0, "7F 7F 08 02 05 01 " KEY_60), RPN(10, 0, 3, 5),
          ON(100, 0, 60)),
    PITCH("CA-020", "another program", 0, RPN(0, 0, 3, 4), SYSEX(10, "7F 7F 08 02 05 01 " KEY_60), ON(100, 0, 60)),
    PITCH("CA-020", "other keys stay", 100, RPN(0, 0, 3, 5), SYSEX(10, "7F 7F 08 02 05 01 " KEY_60), ON(100, 0, 61)),
    PITCH("CA-020", "7F 7F 7F is no change", 150, RPN(0, 0, 3, 5), SYSEX(10, "7F 7F 08 02 05 01 " KEY_60),
          SYSEX(20, "7F 7F 08 02 05 01 3C 7F 7F 7F"), ON(100, 0, 60)),
    PITCH("CA-020", "two keys in one message", 350, RPN(0, 0, 3, 5), SYSEX(10, "7F 7F 08 02 05 02 " KEY_60 " 3E 3F 40 00"),
          ON(100, 0, 62)),
    PITCH("CA-020", "a sounding note moves", 150, RPN(0, 0, 3, 5), ON(100, 0, 60), SYSEX(4800, "7F 7F 08 02 05 01 " KEY_60)),
    PITCH("CA-020", "16 steps of 100/16384 cent", 1600 / 16384.0, RPN(0, 0, 3, 5), SYSEX(10, "7F 7F 08 02 05 01 3C 3C 00 10"),
          ON(100, 0, 60)),
    PITCH("CA-020", "with bank (08 07), bank 2 chosen by RPN 4", 150, RPN(0, 0, 3, 5), RPN(0, 0, 4, 2),
          SYSEX(10, "7F 7F 08 07 02 05 01 " KEY_60), ON(100, 0, 60)),
    PITCH("CA-020", "bank 2 is not bank 0", 0, RPN(0, 0, 3, 5), SYSEX(10, "7F 7F 08 07 02 05 01 " KEY_60), ON(100, 0, 60)),
    PITCH("CA-020", "not real time (08 07)", 150, RPN(0, 0, 3, 5), SYSEX(10, "7E 7F 08 07 00 05 01 " KEY_60), ON(100, 0, 60)),
    PITCH("CA-020", "not real time leaves a sounding note", 0, RPN(0, 0, 3, 5), ON(100, 0, 60),
          SYSEX(4800, "7E 7F 08 07 00 05 01 " KEY_60)),
    PITCH("RP-018", "data increment of RPN 3: the next program", 150, SYSEX(0, "7F 7F 08 02 05 01 " KEY_60), RPN(10, 0, 3, 4),
          CC(10, 0, 96, 0), ON(100, 0, 60)),
};

/* Bulk dumps are too long for a literal: program 7 (bank 1 where there is one), keys 25 cents high. Key dumps: 08 01 (program), 08
 * 04 (bank, program); octave dumps: 08 05 in 1 byte, 08 06 in 2. */
static const struct { uint8_t form; const char *what; } dumps[] = {
    {1, "bulk dump (08 01)"}, {4, "bulk dump with bank (08 04)"}, {5, "scale/octave dump of 1 byte (08 05)"},
    {6, "scale/octave dump of 2 bytes (08 06)"}};

static void dump(struct conf_song *song, uint64_t frame, uint8_t form)
{
    uint8_t bytes[512] = {0xF0, 0x7E, 0x7F, 0x08, form}, sum = 0;
    size_t n = 5;
    if (form != 1)
        bytes[n++] = 1;
    bytes[n++] = 7;
    memcpy(bytes + n, "conformance tune", 16);
    n += 16;
    for (uint8_t key = 0; form < 5 && key < 128; key++) {
        bytes[n++] = key;
        bytes[n++] = 0x20;
        bytes[n++] = 0;
    }
    for (int key = 0; form >= 5 && key < 12; key++) {
        bytes[n++] = form == 5 ? 64 + 25 : 0x50;
        if (form == 6)
            bytes[n++] = 0;
    }
    for (size_t i = 1; i < n; i++)
        sum ^= bytes[i];
    bytes[n++] = sum & 127;
    bytes[n++] = 0xF7;
    conf_sysex(song, frame, bytes, n);
}

static void build_programs(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t count = COUNT(programs);
    build_pitches(bank, song, programs, count);
    for (uint32_t i = 0; i < COUNT(dumps); i++) {
        uint64_t at = scene_start(count + i);
        scene_reset(song, at - 2390);
        dump(song, at, dumps[i].form);
        conf_rpn(song, at + 10, 0, 3, 7, 0);
        conf_rpn(song, at + 10, 0, 4, dumps[i].form == 1 ? 0 : 1, 0);
        conf_note(song, at + 100, 22000, 0, 60, 127);
    }
    conf_until(song, scene_start(count + COUNT(dumps)));
}

static void judge_programs(struct conf_judge *judge)
{
    judge_pitches(judge, programs, COUNT(programs), 0);
    for (uint32_t i = 0; i < COUNT(dumps); i++) {
        struct scene scene = {"CA-020", dumps[i].what, 25, NULL};
        judge_pitches(judge, &scene, 1, COUNT(programs) + i);
    }
}

static const struct conf_case cases[] = {
    {.id = "tuning-parameters", .title = "Bend range, fine and coarse tuning", .build = build_parameters, .judge = judge_parameters},
    {.id = "tuning-master", .title = "Master tuning", .build = build_masters, .judge = judge_masters},
    {.id = "tuning-scale", .title = "Scale tuning", .build = build_scales, .judge = judge_scales},
    {.id = "tuning-programs", .title = "MIDI Tuning Standard", .build = build_programs, .judge = judge_programs},
};

extern const struct conf_topic conf_topic_tuning;
const struct conf_topic conf_topic_tuning = {"Tunings", cases, COUNT(cases)};
