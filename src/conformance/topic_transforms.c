/* SPDX-License-Identifier: MIT */
/*
 * topic_transforms.c - conditioning of inputs, precedence of lists, and what is tolerated.
 *
 * Rules: DLS 2.2 sections 1.6.3 to 1.6.5 and appendix C (spec/dls.md 2.1, 2.2, 2.4), 2.8 and 2.9. Inputs move the pitch, where a
 * scale of 1200 cents shows every curve to a thousandth; pitch within 0.1 cent is the project's goal.
 */
#include <math.h>
#include <stdio.h>

#include "edit.h"
#include "probe.h"

#define TONE 3000.0 /* Hz, 16 frames a period */
#define STEP 9600u  /* one value of an input */

static const uint8_t inputs[] = {1, 2, 32, 63, 64, 65, 100, 127};
static const char *const curves[] = {"linear", "concave", "convex", "switch"};

/* TRANSFORM by number: curve in bits 0-1, then bipolar, then invert; as the 6 bits of usTransform. */
static uint32_t transform_bits(uint32_t number)
{
    return (number & 3) | (number & 4 ? 16 : 0) | (number & 8 ? 32 : 0);
}

static const char *polarity(uint32_t number)
{
    return number & 8 ? number & 4 ? "bipolar, inverted" : "inverted" : number & 4 ? "bipolar" : "unipolar";
}

static uint64_t step_at(uint32_t number, uint32_t input)
{
    return PROBE_FIRST + (uint64_t)(number * COUNT(inputs) + input) * STEP + (uint64_t)number * 9600;
}

static double step_cents(const struct conf_judge *judge, uint32_t number, uint32_t input)
{
    size_t at = step_at(number, input) + STEP / 2;
    return probe_cents(judge, at, at + 2400, TONE);
}

static void judge_curves(struct conf_judge *judge, const char *input, double range, double scale)
{
    for (uint32_t number = 0; number < 16; number++) {
        double worst = 0;
        for (uint32_t i = 0; i < COUNT(inputs); i++) {
            double d = step_cents(judge, number, i) - scale * probe_input(transform_bits(number), inputs[i] * range / 128, range);
            if (!(fabs(d) <= fabs(worst)))
                worst = d;
        }
        conf_row(judge, "DLS2 1.6.5, 2.4", 0, worst, 0.1, "cent", "%s, %s, %s: largest error of 8 values", input,
                 curves[number & 3], polarity(number));
    }
}

/* ---- velocity ------------------------------------------------------------------- */

static void build_velocity(struct conf_bank *bank, struct conf_song *song)
{
    struct probe_waves waves = probe_begin_pair(bank, song, 16);
    for (uint32_t number = 0; number < 16; number++) {
        connection list[] = {{SRC_VELOCITY, SRC_NONE, DST_PITCH, (uint16_t)(transform_bits(number) << 10), conf_cents(1200)},
                             {SRC_VELOCITY, SRC_NONE, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0}};
        probe_pair(bank, number + 1, waves, list, 2);
        for (uint32_t i = 0; i < COUNT(inputs); i++)
            probe_play(song, step_at(number, i), STEP - 1200, number + 1, 60, inputs[i]);
    }
    conf_until(song, step_at(16, 0));
}

static void judge_velocity(struct conf_judge *judge)
{
    judge_curves(judge, "velocity", 128, 1200);
    for (uint32_t number = 0; number < 3; number++) {
        char title[40];
        snprintf(title, sizeof title, "Velocity, %s", curves[number]);
        conf_plot(judge, title, "velocity", "output", false);
        for (uint32_t i = 0; i < COUNT(inputs); i++)
            conf_point(judge, inputs[i], probe_input(number, inputs[i], 128), step_cents(judge, number, i) / 1200);
    }
}

/* ---- controllers, as source and as control ------------------------------------------ */

/* Sixteen held notes; the controller steps through the values. */
static void build_controllers(struct conf_bank *bank, struct conf_song *song, uint8_t controller, bool as_control)
{
    struct probe_waves waves = probe_begin_pair(bank, song, 16);
    for (uint32_t number = 0; number < 16; number++) {
        uint32_t bits = transform_bits(number);
        connection list[] = {{SRC_CC, SRC_NONE, DST_PITCH, (uint16_t)(bits << 10), conf_cents(1200)},
                             {SRC_VELOCITY, SRC_NONE, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0}};
        list[0].source = (uint16_t)(SRC_CC + controller);
        if (as_control)
            list[0] = (connection){SRC_VELOCITY, (uint16_t)(SRC_CC + controller), DST_PITCH, (uint16_t)(bits << 4),
                                   conf_cents(2400)};
        probe_pair(bank, number + 1, waves, list, 2);
        probe_play(song, step_at(number, 0) - 1200, COUNT(inputs) * STEP, number + 1, 60, 64);
        for (uint32_t i = 0; i < COUNT(inputs); i++)
            conf_cc(song, step_at(number, i), 0, controller, inputs[i]);
    }
    conf_until(song, step_at(16, 0));
}

static void build_source(struct conf_bank *bank, struct conf_song *song)
{
    build_controllers(bank, song, 16, false);
}

static void judge_source(struct conf_judge *judge)
{
    judge_curves(judge, "CC16 as source", 16384, 1200);
}

static void build_control(struct conf_bank *bank, struct conf_song *song)
{
    build_controllers(bank, song, 1, true);
}

static void judge_control(struct conf_judge *judge)
{
    judge_curves(judge, "CC1 as control", 16384, 1200);
}

/* ---- sources ----------------------------------------------------------------------------- */

/* Each source moves the pitch by 1200 cents times its normalised value. */
static const struct source {
    const char *what;
    uint16_t source, control, transform;
    uint8_t status, data1, data2;
    double expected;
    const char *clause;
} sources[] = {
    {"CC1 = 64", SRC_CC + 1, 0, 0, 0xb0, 1, 64, 600, "2.2"},
    {"CC2 = 32", SRC_CC + 2, 0, 0, 0xb0, 2, 32, 300, "2.2 (extension)"},
    {"CC4 = 96", SRC_CC + 4, 0, 0, 0xb0, 4, 96, 900, "2.2 (extension)"},
    {"CC7 = 96", SRC_CC + 7, 0, 0, 0xb0, 7, 96, 900, "2.2"},
    {"CC10 = 96, bipolar", SRC_CC + 10, 0, TRN_BIPOLAR, 0xb0, 10, 96, 600, "2.2"},
    {"CC11 = 96", SRC_CC + 11, 0, 0, 0xb0, 11, 96, 900, "2.2"},
    {"CC20 = 127", SRC_CC + 20, 0, 0, 0xb0, 20, 127, 1190.625, "2.2 (extension)"},
    {"CC70 = 64", SRC_CC + 70, 0, 0, 0xb0, 70, 64, 600, "2.2 (extension)"},
    {"CC91 = 64", SRC_CC + 91, 0, 0, 0xb0, 91, 64, 600, "2.2"},
    {"CC93 = 64", SRC_CC + 93, 0, 0, 0xb0, 93, 64, 600, "2.2"},
    {"CC102 = 16", SRC_CC + 102, 0, 0, 0xb0, 102, 16, 150, "2.2 (extension)"},
    {"CC119 = 64", SRC_CC + 119, 0, 0, 0xb0, 119, 64, 600, "2.2 (extension)"},
    {"channel pressure 64", SRC_PRESSURE, 0, 0, 0xd0, 64, 0, 600, "2.2"},
    {"channel pressure 64 as mono pressure (0x000A)", 0x000a, 0, 0, 0xd0, 64, 0, 600, "2.2"},
    {"key pressure of another key", SRC_POLY, 0, 0, 0xa0, 61, 64, 0, "2.9 rule 8"},
    {"key pressure 64", SRC_POLY, 0, 0, 0xa0, 60, 64, 600, "2.9 rule 8"},
    {"wheel at 12288, bipolar, beside its route by RPN 0", SRC_WHEEL, 0, TRN_BIPOLAR, 0xe0, 0, 96, 600 + 100, "2.2"},
    {"velocity 127 by CC1 = 64", SRC_VELOCITY, SRC_CC + 1, 0, 0xb0, 1, 64, 595.3125, "2.1"},
    {"CC16 = 64 by channel pressure 0", SRC_CC + 16, SRC_PRESSURE, 0, 0xb0, 16, 64, 0, "2.1"},
    {"no source, CC16 = 64 as control", 0, SRC_CC + 16, 0, 0xb0, 16, 64, 600, "2.1"},
    {"a constant, inverted", 0, 0, TRN_INVERT, 0xb0, 16, 0, -1200, "DLS2 1.6.2"},
    {"a constant, inverted as control", 0, 0, TRN_CONTROL_INVERT, 0xb0, 16, 0, -1200, "DLS2 1.6.2"},
};

static void build_sources(struct conf_bank *bank, struct conf_song *song)
{
    struct probe_waves waves = probe_begin_pair(bank, song, 16);
    for (uint32_t i = 0; i < COUNT(sources); i++) {
        const struct source *s = &sources[i];
        connection list = {s->source, s->control, DST_PITCH, s->transform, conf_cents(1200)};
        uint64_t at = PROBE_FIRST + i * 48000u;
        probe_pair(bank, i + 1, waves, &list, 1);
        probe_controllers(song, at - 2400, 0);
        probe_play(song, at, 38400, i + 1, 60, 127);
        conf_message(song, at + 9600, s->status, s->data1, s->data2); /* key pressure needs the note */
    }
    conf_until(song, PROBE_FIRST + COUNT(sources) * 48000u);
}

static void judge_sources(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(sources); i++) {
        size_t at = PROBE_FIRST + i * 48000u + 24000;
        conf_row(judge, sources[i].clause, sources[i].expected, probe_cents(judge, at, at + 9600, TONE), 0.1, "cent", "%s",
                 sources[i].what);
    }
}

/* ---- precedence ------------------------------------------------------------------------------ */

/* Pitch, level and pan of the sine probe tell which connections hold. */
#define WIRES 3u
#define SLOT 36000u
enum extra { PLAIN, EMPTY_LIST, LART_TOO, LART_SAME, TWO_CHUNKS, SWAPPED, LART_ALONE };

static const struct precedence {
    const char *what;
    struct probe_wire instrument[WIRES], region[WIRES];
    enum extra extra;
    uint8_t velocity, cc7, rpn2; /* 0: 127, 127, 64 */
    double cents, db, pan;
    const char *clause;
} precedences[] = {
    {"instrument list alone", {{0, 0, DST_PITCH, 0, 100}, {0, 0, DST_PAN, 0, 25}}, {{0}}, PLAIN, 0, 0, 0, 100, 0, 25, "DLS2 1.6.3"},
    {"region list alone", {{0}}, {{0, 0, DST_PITCH, 0, 100}, {0, 0, DST_PAN, 0, 25}}, PLAIN, 0, 0, 0, 100, 0, 25, "DLS2 1.6.3"},
    {"region list replaces instrument list as a block", {{0, 0, DST_PITCH, 0, 100}, {0, 0, DST_GAIN, 0, -6}},
     {{0, 0, DST_PAN, 0, 25}}, PLAIN, 0, 0, 0, 0, 0, 25, "DLS2 1.6.3"},
    {"the same connection in both: the region's", {{0, 0, DST_PITCH, 0, 100}}, {{0, 0, DST_PITCH, 0, 300}}, PLAIN, 0, 0, 0, 300, 0,
     0, "DLS2 1.6.3"},
    {"region list without blocks is no list", {{0, 0, DST_PITCH, 0, 100}, {0, 0, DST_GAIN, 0, -6}}, {{0}}, EMPTY_LIST, 0, 0, 0, 100,
     -6, 0, "2.8"},
    {"region list over the defaults: CC7 off, velocity as ever", {{0}}, {{SRC_CC + 7, 0, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0}},
     PLAIN, 64, 64, 0, 0, -11.905, 0, "DLS2 1.6.3"},
    {"instrument list over the defaults: velocity off, CC7 as ever", {{SRC_VELOCITY, 0, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0}},
     {{0}}, PLAIN, 32, 64, 0, 0, -11.905, 0, "DLS2 1.6.3"},
    {"key number in a region list is not heard", {{0}}, {{SRC_RPN2, 0, DST_KEYNUMBER, TRN_BIPOLAR, 0}}, PLAIN, 0, 0, 67, 300, 0, 0,
     "DLS2 1.7.3"},
    {"key number in the instrument list, beside a region list", {{SRC_RPN2, 0, DST_KEYNUMBER, TRN_BIPOLAR, 0}},
     {{0, 0, DST_PAN, 0, 25}}, PLAIN, 0, 0, 67, 0, 0, 25, "DLS2 1.7.3"},
    {"one connection twice in a list: the later", {{0}}, {{0, 0, DST_PITCH, 0, 100}, {0, 0, DST_PITCH, 0, 300}}, PLAIN, 0, 0, 0,
     300, 0, 0, "2.8"},
    {"lart beside lar2: both hold", {{0}}, {{0, 0, DST_GAIN, 0, -6}}, LART_TOO, 0, 0, 0, 100, -6, 0, "2.8"},
    {"one connection in lart and lar2: the later", {{0}}, {{0, 0, DST_PITCH, 0, 300}}, LART_SAME, 0, 0, 0, 300, 0, 0, "2.8"},
    {"two art2 chunks in one list: both hold", {{0}}, {{0, 0, DST_GAIN, 0, -6}}, TWO_CHUNKS, 0, 0, 0, 100, -6, 0, "1.2"},
    {"art1 inside lar2", {{0}}, {{0, 0, DST_PITCH, 0, 100}}, SWAPPED, 0, 0, 0, 100, 0, 0, "7.1 no. 7"},
    {"lart of the region replaces lar2 of the instrument", {{0, 0, DST_GAIN, 0, -6}}, {{0}}, LART_ALONE, 0, 0, 0, 100, 0, 0, "2.8"},
};

/* Move the region's list behind a new lart: lart comes first in the file. */
static void add_lart_first(struct conf_chunk *region, const connection *list)
{
    struct conf_chunk *last = conf_child(region, "lar2", 0), lar2 = *last;
    region->count--; /* the writer puts lar2 last */
    conf_add_articulation(region, "lart", list, 1);
    *conf_add_list(region, "lar2") = lar2;
}

static void change_precedence(struct conf_chunk *form)
{
    connection pitch = {SRC_NONE, SRC_NONE, DST_PITCH, TRN_NONE, conf_cents(100)};
    for (uint32_t i = 0; i < COUNT(precedences); i++) {
        struct conf_chunk *region = conf_edit_region(form, i + 1, 0), *lar2;
        switch (precedences[i].extra) {
        case PLAIN:
            break;
        case EMPTY_LIST:
            conf_add_articulation(region, "lar2", NULL, 0);
            break;
        case LART_TOO:
        case LART_SAME:
            add_lart_first(region, &pitch);
            break;
        case TWO_CHUNKS: { /* take the chunk of a list made for the purpose */
            conf_add_articulation(region, "lart", &pitch, 1);
            struct conf_chunk *art = conf_child(conf_child(region, "lart", 0), "art1", 0);
            conf_add_chunk(conf_child(region, "lar2", 0), "art2", art->data, art->size);
            conf_remove(region, "lart", 0);
            break;
        }
        case SWAPPED:
            lar2 = conf_child(region, "lar2", 0);
            conf_add_chunk(lar2, "art1", lar2->children[0].data, lar2->children[0].size);
            conf_remove(lar2, "art2", 0);
            break;
        case LART_ALONE:
            conf_add_articulation(region, "lart", &pitch, 1);
            break;
        }
    }
}

static void build_precedence(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_sine(bank, song);
    for (uint32_t i = 0; i < COUNT(precedences); i++) {
        const struct precedence *p = &precedences[i];
        uint64_t at = PROBE_FIRST + i * SLOT;
        conf_instrument(bank, 0, 0, i + 1, false);
        for (int pass = 0; pass < 2; pass++) {
            if (pass)
                conf_region(bank, wave);
            for (const struct probe_wire *w = pass ? p->region : p->instrument; w->destination; w++) {
                connection c = probe_connection(w);
                conf_connect(bank, c.source, c.control, c.destination, c.transform, c.scale);
            }
        }
        probe_controllers(song, at - 4800, 0);
        conf_cc(song, at - 4800, 0, 7, p->cc7 ? p->cc7 : 127);
        if (p->rpn2)
            conf_rpn(song, at - 4800, 0, 2, p->rpn2, 0);
        probe_play(song, at, SLOT - 7200, i + 1, 60, p->velocity ? p->velocity : 127);
    }
    conf_edit(bank, change_precedence);
    conf_until(song, PROBE_FIRST + COUNT(precedences) * SLOT);
}

static void judge_precedence(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(precedences); i++) {
        const struct precedence *p = &precedences[i];
        size_t from = PROBE_FIRST + i * SLOT + 9600;
        struct probe_reading heard = probe_read(judge, from, from + 14400, p->cents);
        conf_row(judge, p->clause, p->cents, heard.cents, 0.1, "cent", "%s: pitch", p->what);
        conf_row(judge, p->clause, p->db, heard.db, 0.05, "dB", "%s: level", p->what);
        conf_row(judge, p->clause, p->pan, heard.pan, 0.2, "%", "%s: pan", p->what);
    }
}

/* ---- tolerance ---------------------------------------------------------------------------------- */

/* Articulation as it is found in files. Level 1: written as lart with art1. Heard as the level, or as the LFO's depth. */
static const struct tolerated {
    const char *what;
    bool level1, lfo;
    connection found;
    uint8_t velocity, controller, value;
    double expected; /* dB, or cents of depth */
    const char *clause;
} tolerances[] = {
    {"art1, LFO to pitch without flags: bipolar", true, true, {SRC_LFO, 0, DST_PITCH, 0, 100 * 65536}, 127, 0, 0, 100,
     "2.9 rule 1"},
    {"art1, LFO to pitch, transform 0x8000: ignored", true, true, {SRC_LFO, 0, DST_PITCH, TRN_INVERT, 100 * 65536}, 127, 0, 0, 100,
     "2.9 rule 1"},
    {"art1, velocity to gain, transform 1", true, false, {SRC_VELOCITY, 0, DST_GAIN, 1, -960 * 65536}, 64, 0, 0, -11.905,
     "2.9 rule 1"},
    {"art1, CC7 to gain, transform 1", true, false, {SRC_CC + 7, 0, DST_GAIN, 1, -960 * 65536}, 127, 7, 64, -11.905, "2.9 rule 1"},
    {"art1, velocity to gain, transform 0", true, false, {SRC_VELOCITY, 0, DST_GAIN, 0, -960 * 65536}, 64, 0, 0, -11.905,
     "2.9 rule 1"},
    {"art1, CC7 to gain, transform 0", true, false, {SRC_CC + 7, 0, DST_GAIN, 0, -960 * 65536}, 127, 7, 64, -11.905, "2.9 rule 1"},
    {"art1, CC11 to gain, transform 0", true, false, {SRC_CC + 11, 0, DST_GAIN, 0, -960 * 65536}, 127, 11, 64, -11.905,
     "2.9 rule 1"},
    {"velocity to gain, concave without invert", false, false, {SRC_VELOCITY, 0, DST_GAIN, TRN_CONCAVE, -960 * 65536}, 64, 0, 0,
     -11.905, "2.9 rule 2"},
    {"CC7 to gain, concave without invert", false, false, {SRC_CC + 7, 0, DST_GAIN, TRN_CONCAVE, -960 * 65536}, 127, 7, 64, -11.905,
     "2.9 rule 2"},
    {"CC11 to gain, concave without invert", false, false, {SRC_CC + 11, 0, DST_GAIN, TRN_CONCAVE, -960 * 65536}, 127, 11, 64,
     -11.905, "2.9 rule 2"},
    {"CC7 to gain, concave as output transform", false, false, {SRC_CC + 7, 0, DST_GAIN, 1, -960 * 65536}, 127, 7, 64, -11.905,
     "2.9 rule 2"},
    {"CC16 to gain, convex as output transform: as of the source", false, false, {SRC_CC + 16, 0, DST_GAIN, 2, -480 * 65536}, 127,
     16, 32, -48 + 20 * 0.5983, "2.9 rule 3"},
    {"constant gain 0x80000000: ignored", false, false, {0, 0, DST_GAIN, 0, INT32_MIN}, 127, 0, 0, 0, "2.9 rule 4"},
    {"constant gain of 3276.7 dB: ignored", false, false, {0, 0, DST_GAIN, 0, INT32_MAX}, 127, 0, 0, 0, "2.9 rule 4"},
    {"velocity to gain of -3276.8 dB: ignored", false, false, {SRC_VELOCITY, 0, DST_GAIN, TRN_INVERT | TRN_CONCAVE, INT32_MIN}, 64,
     0, 0, -11.905, "2.9 rule 4"},
    {"unknown source 0x0055 to gain", false, false, {0x55, 0, DST_GAIN, 0, -120 * 65536}, 127, 0, 0, 0, "2.9 rule 7"},
    {"unknown control 0x0700 on the LFO to gain", false, false, {SRC_LFO, 0x700, DST_GAIN, TRN_BIPOLAR, -120 * 65536}, 127, 0, 0, 0,
     "2.9 rule 7"},
    {"unknown destination 0x0777", false, false, {SRC_VELOCITY, 0, 0x777, 0, -120 * 65536}, 127, 0, 0, 0, "2.9 rule 7"},
    {"reserved destination 0x0002", false, false, {0, 0, 0x0002, 0, -120 * 65536}, 127, 0, 0, 0, "7.1 no. 4"},
    {"reserved destination 0x0208", false, false, {0, 0, 0x0208, 0, 500 * 65536}, 127, 0, 0, 0, "7.1 no. 4"},
    {"reserved destination 0x030C", false, false, {0, 0, 0x030c, 0, 500 * 65536}, 127, 0, 0, 0, "7.1 no. 4"},
    {"CC10 to gain: a route of no table", false, false, {SRC_CC + 10, 0, DST_GAIN, 0, -240 * 65536}, 127, 10, 64, -12, "2.1"},
    {"key pressure to gain before any: 0", false, false, {SRC_POLY, 0, DST_GAIN, 0, -240 * 65536}, 127, 0, 0, 0, "2.9 rule 8"},
};

static void change_tolerated(struct conf_chunk *form)
{
    for (uint32_t i = 0; i < COUNT(tolerances); i++)
        for (uint32_t r = 0; r < 2; r++)
            conf_add_articulation(conf_edit_region(form, i + 1, r), tolerances[i].level1 ? "lart" : "lar2", &tolerances[i].found,
                                  1);
}

static void build_tolerated(struct conf_bank *bank, struct conf_song *song)
{
    struct probe_waves waves = probe_begin_pair(bank, song, 16);
    for (uint32_t i = 0; i < COUNT(tolerances); i++) {
        uint64_t at = PROBE_FIRST + i * 48000u;
        probe_pair(bank, i + 1, waves, NULL, 0);
        probe_controllers(song, at - 4800, 0);
        conf_cc(song, at - 4800, 0, 16, 0);
        if (tolerances[i].controller)
            conf_cc(song, at - 4800, 0, tolerances[i].controller, tolerances[i].value);
        probe_play(song, at, 38400, i + 1, 60, tolerances[i].velocity);
    }
    conf_edit(bank, change_tolerated);
    conf_until(song, PROBE_FIRST + COUNT(tolerances) * 48000u);
}

static void judge_tolerated(struct conf_judge *judge)
{
    double values[150];
    for (uint32_t i = 0; i < COUNT(tolerances); i++) {
        const struct tolerated *t = &tolerances[i];
        size_t at = PROBE_FIRST + i * 48000u;
        if (t->lfo) {
            probe_series(judge, PROBE_PITCH, at + 2400, 216, 150, TONE, values);
            struct probe_sine sine = probe_fit(values, 150, 2400.0 / CONF_RATE, 216.0 / CONF_RATE, 5, 0.01);
            conf_row(judge, t->clause, t->expected, sine.depth, t->expected * 0.01, "cent", "%s: depth", t->what);
            conf_row(judge, t->clause, 0, sine.centre, 0.5, "cent", "%s: mean", t->what);
        } else {
            conf_row(judge, t->clause, t->expected, probe_amplitude_db(judge, at + 24000), 0.05, "dB", "%s", t->what);
        }
    }
}

static const struct conf_case cases[] = {
    {.id = "transform-velocity", .title = "Curves of the velocity", .build = build_velocity, .judge = judge_velocity},
    {.id = "transform-source", .title = "Curves of a controller as source", .build = build_source, .judge = judge_source},
    {.id = "transform-control", .title = "Curves of a controller as control", .build = build_control, .judge = judge_control},
    {.id = "sources", .title = "Sources", .build = build_sources, .judge = judge_sources},
    {.id = "precedence", .title = "Precedence of lists", .build = build_precedence, .judge = judge_precedence},
    {.id = "tolerance", .title = "What is tolerated", .build = build_tolerated, .judge = judge_tolerated},
};

extern const struct conf_topic conf_topic_transforms;
const struct conf_topic conf_topic_transforms = {"Transforms, precedence, tolerance", cases, COUNT(cases)};
