/* SPDX-License-Identifier: MIT */
/*
 * topic_sf2_time.c - SoundFont 2: envelopes, LFOs, samples, zones, and the conversion to DLS.
 *
 * Rules: as topic_sf2.c. Decay and release of the volume envelope take their time for 100 dB, those of the modulation envelope for
 * the whole of it. Times within 0.2 %, LFO rates within 0.2 %, their delays within 1 ms, their depths within 1 % of themselves.
 */
#include <math.h>
#include <stdlib.h>

#include "topic_sf2.h"

/* ---- volume envelope ------------------------------------------------------------------------------- */

/* What is read: time cents are whole numbers, so the times are those that they stand for. */
enum read { DELAY, ATTACK, HOLD, DECAY, RELEASE };
static const struct { struct sf2_row row; enum read read; } envelopes[] = {
    {{.what = "33: delay of -3986", .expected = 0.1, .generators = {{33, -3986}}}, DELAY},
    {{.what = "34: attack of -3986", .expected = 0.1, .generators = {{34, -3986}}}, ATTACK},
    {{.what = "34: -3986, 1200 more by the preset", .expected = 0.2, .generators = {{34, -3986}}, .preset = {{34, 1200}}}, ATTACK},
    {{.what = "35: hold of -2786", .expected = 0.2, .generators = {{35, -2786}, {36, -3986}, {37, 960}}}, HOLD},
    {{.what = "36: decay of -1200", .expected = 0.5, .generators = {{36, -1200}, {37, 960}}}, DECAY},
    {{.what = "38: release of -1200", .expected = 0.5, .generators = {{38, -1200}}}, RELEASE},
    {{.what = "39: key to hold of 50, key 72", .expected = 0.2 / 1.414214, .key = 72, .generators = {{35, -2786}, {39, 50}, {36, -3986}, {37, 960}}}, HOLD},
    {{.what = "39: key to hold of 50, key 60", .expected = 0.2, .generators = {{35, -2786}, {39, 50}, {36, -3986}, {37, 960}}}, HOLD},
    {{.what = "40: key to decay of 100, key 48", .expected = 1, .key = 48, .generators = {{36, -1200}, {40, 100}, {37, 960}}}, DECAY},
    {{.what = "40: key to decay of -100, key 48", .expected = 0.25, .key = 48, .generators = {{36, -1200}, {40, -100}, {37, 960}}}, DECAY},
    {{.what = "40, 46: key to decay of 100, key fixed to 48", .expected = 1, .key = 72, .generators = {{36, -1200}, {40, 100}, {37, 960}, {46, 48}}}, DECAY},
    {{.what = "velocity to attack of -1280, velocity 120", .expected = 0.5, .velocity = 120, .generators = {{34, 0}},
      .modulators = {{0x0002, 34, -1280, 0}, {0x0502, 48, 0, 0}}}, ATTACK},
    {{.what = "velocity to decay of 1280, velocity 120", .expected = 1, .velocity = 120, .generators = {{36, -1200}, {37, 960}},
      .modulators = {{0x0002, 36, 1280, 0}, {0x0502, 48, 0, 0}}}, DECAY},
    {{.what = "CC16 to release of 1200, 64", .expected = 0.5 * 1.414214, .generators = {{38, -1200}}, .modulators = {{0x0090, 38, 1200, 0}},
      .moves = {CC(0, 0, 16, 64)}}, RELEASE},
};

static void rows_of(struct sf2_row *rows)
{
    for (uint32_t i = 0; i < COUNT(envelopes); i++)
        rows[i] = envelopes[i].row;
}

static void build_eg1(struct conf_bytes *file, struct conf_song *song)
{
    struct sf2_row rows[COUNT(envelopes)];
    rows_of(rows);
    sf2_build_rows(file, song, rows, COUNT(rows), 0, SF2_SLOT);
}

static double slope(const struct conf_judge *judge, size_t from, double seconds)
{
    size_t a = from + (size_t)(0.05 * seconds * CONF_RATE), b = from + (size_t)(0.4 * seconds * CONF_RATE);
    return -100 * (double)(b - a) / CONF_RATE / (probe_db(judge, b) - probe_db(judge, a));
}

static double read_eg1(const struct conf_judge *judge, uint32_t i)
{
    double seconds = envelopes[i].row.expected;
    size_t at = SF2_AT(i), a = at + (size_t)(0.1 * seconds * CONF_RATE), b = at + (size_t)(0.9 * seconds * CONF_RATE), f = at;
    switch (envelopes[i].read) {
    case DELAY:
        while (f < at + SF2_SLOT && probe_level(judge, f) < 0.5)
            f++;
        return (double)(f - at) / CONF_RATE;
    case ATTACK:
        return (double)(b - a) / CONF_RATE / (probe_level(judge, b) - probe_level(judge, a));
    case HOLD:
        f += 480; /* past the start of the sample */
        while (f < at + SF2_SLOT && probe_level(judge, f) > 0.9999)
            f++;
        return (double)(f - 1 - at) / CONF_RATE;
    case DECAY:
        return slope(judge, at, seconds);
    default:
        return slope(judge, at + SF2_LENGTH, seconds);
    }
}

static void judge_eg1(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(envelopes); i++)
        conf_row(judge, "SF2 8, 6.2", envelopes[i].row.expected * 1000, read_eg1(judge, i) * 1000, 2 * envelopes[i].row.expected, "ms", "%s",
                 envelopes[i].row.what);
}

/* ---- modulation envelope -------------------------------------------------------------------------------- */

/* Delay 100, attack 100, hold 100 ms, decay 400 ms to 500, release 400 ms; the second by key: hold and decay twice as long. */
static const struct sf2_row eg2[] = {
    {.generators = {{7, 1200}, {25, -3986}, {26, -3986}, {27, -3986}, {28, -1586}, {29, 500}, {30, -1586}, {38, 1200}}},
    {.key = 48, .generators = {{7, 1200}, {27, -3986}, {28, -1586}, {29, 1000}, {31, 100}, {32, 100}}},
};
static const struct { uint32_t row; double ms, cents; const char *what; } eg2_points[] = {
    {0, 50, 0, "25: in the delay of 100 ms"}, {0, 150, 600, "26: half way through the attack of 100 ms"},
    {0, 250, 1200, "27: in the hold of 100 ms"}, {0, 400, 900, "28: a quarter of the decay's travel of 400 ms"},
    {0, 499, 606, "28: nearly at the sustain level"}, {1, 190, 1200, "31: key to hold of 100 at key 48: still there after 190 ms"},
    {1, 200 + 200, 900, "32: key to decay of 100 at key 48: a quarter of 800 ms"},
    {0, 600, 300, "30: a quarter of the travel into the release of 400 ms"}};

static void build_eg2(struct conf_bytes *file, struct conf_song *song)
{
    sf2_build_rows(file, song, eg2, COUNT(eg2), 48, SF2_SLOT);
}

static void judge_eg2(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(eg2_points); i++) {
        size_t at = SF2_AT(eg2_points[i].row) + (size_t)lrint(eg2_points[i].ms * CONF_RATE / 1000), half = 24;
        double key = eg2_points[i].row ? -1200 : 0;
        conf_row(judge, "SF2 8, 6.2", eg2_points[i].cents, probe_cents(judge, at - half, at + half, 1000) - key, 4, "cent", "%s",
                 eg2_points[i].what);
    }
}

/* ---- LFOs ---------------------------------------------------------------------------------------------------- */

/* SoundFonts start LFOs at once (-12000), DLS after 10 ms at the soonest: doc/sf2.md. */
#define LEAST 0.01
static const struct { struct sf2_row row; double hertz, delay; } lfos[] = {
    {{.what = "6: vibrato LFO to pitch of 50", .expected = 50, .generators = {{6, 50}}}, 8.175799, LEAST},
    {{.what = "6: 50, 25 more by the preset", .expected = 75, .generators = {{6, 50}}, .preset = {{6, 25}}}, 8.175799, LEAST},
    {{.what = "6, 24: vibrato LFO of -1200", .expected = 50, .generators = {{6, 50}, {24, -1200}}}, 4.087899, LEAST},
    {{.what = "6, 23: after -2400", .expected = 50, .generators = {{6, 50}, {23, -2400}}}, 8.175799, 0.25},
    {{.what = "5: LFO to pitch of -100", .expected = -100, .generators = {{5, -100}}}, 8.175799, LEAST},
    {{.what = "5, 21, 22: LFO of -1200 after -2400", .expected = 100, .generators = {{5, 100}, {21, -2400}, {22, -1200}}}, 4.087899, 0.25},
    {{.what = "CC1 127", .expected = 50 * 127 / 128.0, .moves = {CC(0, 0, 1, 127)}}, 8.175799, LEAST},
    {{.what = "pressure 127", .expected = 50 * 127 / 128.0, .moves = {PRESSURE(0, 0, 127)}}, 8.175799, LEAST},
    {{.what = "CC1 to vibrato replaced by 200, CC1 64", .expected = 100, .modulators = {{0x0081, 6, 200, 0}}, .moves = {CC(0, 0, 1, 64)}}, 8.175799, LEAST},
    {{.what = "poly pressure to LFO to pitch of 200, 64", .expected = 100, .modulators = {{0x000A, 5, 200, 0}},
      .moves = {POLY_PRESSURE(0, 0, 60, 64)}}, 8.175799, LEAST},
    {{.what = "CC16 to the frequency of the vibrato LFO, -2400 at 64", .expected = 50, .generators = {{6, 50}}, .modulators = {{0x0090, 24, -2400, 0}},
      .moves = {CC(0, 0, 16, 64)}}, 4.087899, LEAST},
};

static void build_lfos(struct conf_bytes *file, struct conf_song *song)
{
    struct sf2_row rows[COUNT(lfos)];
    for (uint32_t i = 0; i < COUNT(lfos); i++)
        rows[i] = lfos[i].row;
    sf2_build_rows(file, song, rows, COUNT(rows), 16, SF2_SLOT);
}

static void judge_lfo_row(struct conf_judge *judge, const char *what, enum probe_kind kind, size_t at, double expected, double hertz,
                          double delay)
{
    double series[200], step = 48, from = ceil((delay + 0.02) * CONF_RATE);
    uint32_t count = (uint32_t)((SF2_LENGTH - from - 480) / step);
    count = count < COUNT(series) ? count : COUNT(series);
    probe_series(judge, kind, at + (size_t)from, (size_t)step, count, 3000, series);
    struct probe_sine sine = probe_fit(series, count, from / CONF_RATE, step / CONF_RATE, hertz, delay);
    double span = kind == PROBE_PITCH ? step / CONF_RATE * hertz * 3.141592653589793 : 1e-6;
    conf_row(judge, "SF2 8, 6.2", hertz, sine.hertz, 0.002 * hertz, "Hz", "%s: rate", what);
    conf_row(judge, "SF2 8, 6.2", delay * 1000, sine.delay * 1000, 1, "ms", "%s: delay", what);
    conf_row(judge, "SF2 8, 6.2", expected * sin(span) / span, sine.depth, 0.01 * fabs(expected), kind == PROBE_GAIN ? "dB" : "cent", "%s: depth",
             what);
}

static void judge_lfos(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(lfos); i++)
        judge_lfo_row(judge, lfos[i].row.what, PROBE_PITCH, SF2_AT(i), lfos[i].row.expected, lfos[i].hertz, lfos[i].delay);
}

static const struct sf2_row tremolos[] = {
    {.what = "13: LFO to volume of 60", .expected = 6, .generators = {{13, 60}, {48, 500}}},
    {.what = "13: -60", .expected = -6, .generators = {{13, -60}, {48, 500}}},
    {.what = "10: LFO to cutoff of 1200", .expected = 1200, .generators = {{10, 1200}, {8, 8000}}},
    {.what = "CC1 to LFO to cutoff of 2400, 64", .expected = 1200, .generators = {{8, 8000}}, .modulators = {{0x0081, 10, 2400, 0}, {0x0081, 6, 0, 0}},
     .moves = {CC(0, 0, 1, 64)}},
};

static void build_tremolos(struct conf_bytes *file, struct conf_song *song)
{
    sf2_build_rows(file, song, tremolos, COUNT(tremolos), 16, SF2_SLOT);
}

static void judge_tremolos(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(tremolos); i++)
        judge_lfo_row(judge, tremolos[i].what, i < 2 ? PROBE_GAIN : PROBE_CUTOFF, SF2_AT(i), tremolos[i].expected, 8.175799, LEAST);
}

/* ---- samples ------------------------------------------------------------------------------------------------------- */

/* A stair of eight steps of 2000 frames, 1/8 ... 8/8 of half of full scale; loop over step 4 alone. What sounds when tells where the
 * data begin, end and go round. */
enum { STAIR = 2000, STEPS = 8 };
static const struct { const char *what; struct sf2_generator_row generators[4]; uint32_t frame; double step; } stairs[] = {
    {"54: no loop, first step", {{54, 0}}, 1000, 1},
    {"54: no loop, last step", {{54, 0}}, 15000, 8},
    {"54: no loop, after the end", {{54, 0}}, 17000, 0},
    {"54: mode 2 is no loop", {{54, 2}}, 17000, 0},
    {"54: loop, before it", {{54, 1}}, 5000, 3},
    {"54: loop, long after its end", {{54, 1}}, 20000, 4},
    {"54: loop, after the note-off", {{54, 1}, {38, 1200}}, SF2_LENGTH + 20000, 4},
    {"54: loop until release, held", {{54, 3}}, 20000, 4},
    {"54: loop until release, 3 steps into the rest", {{54, 3}, {38, 4900}}, SF2_LENGTH + 7000, 0},
    {"0: start 5000 frames later", {{54, 0}, {0, 5000}}, 500, 3},
    {"0: ends 5000 frames sooner", {{54, 0}, {0, 5000}}, 11500, 0},
    {"1: end 3000 frames sooner", {{54, 0}, {1, -3000}}, 12900, 7},
    {"1: after it", {{54, 0}, {1, -3000}}, 13200, 0},
    {"2, 3: loop 4000 frames later", {{54, 1}, {2, 4000}, {3, 4000}}, 22000, 6},
    {"3: loop 2000 frames longer: it goes on", {{54, 1}, {3, 2000}}, 9000, 5},
    {"3: and goes round", {{54, 1}, {3, 2000}}, 11000, 4},
    {"4: start 32768 frames later: nothing is left", {{54, 0}, {4, 1}}, 1000, 0},
    {"12: end 32768 frames sooner: nothing is left", {{54, 0}, {12, -1}}, 1000, 0},
    {"45, 2: loop start 32768 later and 32768 sooner", {{54, 1}, {45, 1}, {2, -32768}}, 20000, 4},
};

static void build_stairs(struct conf_bytes *out, struct conf_song *song)
{
    struct sf2_file *file = sf2_new();
    int16_t *samples = conf_grow(NULL, STAIR * STEPS, sizeof *samples);
    for (uint32_t i = 0; i < STAIR * STEPS; i++)
        samples[i] = (int16_t)(2048 * (1 + i / STAIR));
    uint32_t stair = sf2_sample(file, samples, STAIR * STEPS, 3 * STAIR, 4 * STAIR), constant = sf2_constant(file, 16384 / 32767.0);
    free(samples);
    sf2_preset(file, 0, 0);
    sf2_zone(file, constant);
    sf2_generator(file, 54, 1);
    for (uint32_t i = 0; i < COUNT(stairs); i++) {
        sf2_preset(file, 0, (uint16_t)(i + 1));
        sf2_zone(file, stair);
        for (uint32_t k = 0; k < 4 && (stairs[i].generators[k].oper || k < 2); k++)
            if (stairs[i].generators[k].oper || stairs[i].generators[k].amount)
                sf2_generator(file, stairs[i].generators[k].oper, stairs[i].generators[k].amount);
        probe_play(song, SF2_AT(i), SF2_LENGTH, i + 1, 60, 127);
    }
    sf2_end(file, out);
    probe_controllers(song, 0, 0);
    probe_play(song, PROBE_REFERENCE, 9600, 0, 60, 127);
    conf_until(song, SF2_AT(COUNT(stairs)));
}

static void judge_stairs(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(stairs); i++) {
        size_t at = SF2_AT(i) + stairs[i].frame, since = stairs[i].frame - SF2_LENGTH;
        double level = 8 * conf_mean(conf_sound(judge), CONF_LEFT, at, at + 100) /
                       conf_mean(conf_sound(judge), CONF_LEFT, PROBE_REFERENCE + 4800, PROBE_REFERENCE + 9000);
        if (stairs[i].frame > SF2_LENGTH) /* the release took its share */
            level *= pow(10, 100.0 * ((double)since + 50) / CONF_RATE / pow(2, stairs[i].generators[1].amount / 1200.0) / 20);
        double expected = stairs[i].step;
        if (stairs[i].generators[1].amount == 4900) { /* at 24000 frames of a loop of 2000 it stands where it began: 0 frames into it */
            size_t position = 3 * STAIR + (SF2_LENGTH - 3 * STAIR) % STAIR + since;
            expected = 1 + (double)(position / STAIR);
        }
        conf_row(judge, "SF2 8, 6.1", expected, level, 0.01, "step", "%s", stairs[i].what);
    }
}

/* ---- zones, exclusive classes, banks ---------------------------------------------------------------------------------- */

/* Presets: 1 splits, 2 classes, 3 in bank 5, 4 in bank 128; 5: three layers by three presets' worth of zones. */
static const struct scene zones[] = {
    {"SF2 7, 6.1", "43: key below the split", 1, MOVES(PROGRAM(0, 0, 1), ON(100, 0, 59))},
    {"SF2 7, 6.1", "43: key above the split", 0.5, MOVES(PROGRAM(0, 0, 1), ON(100, 0, 60))},
    {"SF2 7, 6.1", "43: key above all", 0, MOVES(PROGRAM(0, 0, 1), ON(100, 0, 101))},
    {"SF2 7, 6.1", "44: velocity 63", 1.25 * 0.246070, MOVES(PROGRAM(0, 0, 1), ON_VELOCITY(100, 0, 50, 63))},
    {"SF2 7, 6.1", "44: velocity 64", 0.253938, MOVES(PROGRAM(0, 0, 1), ON_VELOCITY(100, 0, 50, 64))},
    {"SF2 8, 6.2", "57: a note of the same class ends the old one", 1, MOVES(PROGRAM(0, 0, 2), ON(100, 0, 40), ON(4800, 0, 41))},
    {"SF2 8, 6.2", "57: a note of another class does not", 2, MOVES(PROGRAM(0, 0, 2), ON(100, 0, 40), ON(4800, 0, 42))},
    {"SF2 8, 6.2", "57: a note without class does not", 2, MOVES(PROGRAM(0, 0, 2), ON(100, 0, 40), ON(4800, 0, 43))},
    {"6.1", "bank 5 is CC0 5", 0.5, MOVES(BANK(0, 0, 5, 0, 3), ON(100, 0, 60))},
    {"6.1", "bank 128 is the drums", 0.25, MOVES(PROGRAM(0, 9, 0), ON(100, 9, 60))},
    {"SF2 9.4", "ranges of preset and instrument: their common part", 0, MOVES(PROGRAM(0, 0, 4), ON(100, 0, 49))},
    {"SF2 9.4", "inside of it", 1, MOVES(PROGRAM(0, 0, 4), ON(100, 0, 55))},
    {"SF2 9.4", "above it", 0, MOVES(PROGRAM(0, 0, 4), ON(100, 0, 61))},
    {"6.2", "a repeated note goes into its release (10 s), not into the shutdown of DLS", 2, MOVES(PROGRAM(0, 0, 5), ON(100, 0, 60), ON(18000, 0, 60))},
};

static void zone(struct sf2_file *file, uint32_t sample, uint8_t low, uint8_t high, double weight)
{
    sf2_zone(file, sample);
    sf2_range(file, 43, low, high);
    sf2_generator(file, 54, 1);
    if (weight < 1)
        sf2_generator(file, 48, (int32_t)lrint(-conf_to_db(weight) / 0.04));
}

static void build_zones(struct conf_bytes *out, struct conf_song *song)
{
    struct sf2_file *file = sf2_new();
    uint32_t sample = sf2_constant(file, 0.5);
    sf2_preset(file, 0, 0);
    zone(file, sample, 0, 127, 1);
    sf2_preset(file, 0, 1);
    zone(file, sample, 0, 59, 1);
    zone(file, sample, 60, 100, 0.5);
    zone(file, sample, 50, 50, 0.25);
    sf2_range(file, 44, 0, 63);
    sf2_preset(file, 0, 2);
    for (uint8_t key = 40; key < 44; key++) {
        zone(file, sample, key, key, 1);
        sf2_generator(file, 57, key < 42 ? 7 : key == 42 ? 99 : 0);
        sf2_generator(file, 38, 3986);
    }
    sf2_preset(file, 5, 3);
    zone(file, sample, 0, 127, 0.5);
    sf2_preset(file, 0, 4);
    sf2_preset_generator(file, 43, 50 | 127 << 8);
    zone(file, sample, 0, 60, 1);
    sf2_preset(file, 0, 5);
    zone(file, sample, 0, 127, 1);
    sf2_generator(file, 38, 3986);
    sf2_preset(file, 128, 0);
    zone(file, sample, 0, 127, 0.25);
    sf2_end(file, out);
    probe_controllers(song, 0, 0);
    probe_play(song, PROBE_REFERENCE, 9600, 0, 60, 127);
    scene_build(song, zones, COUNT(zones));
}

static void judge_zones(struct conf_judge *judge)
{
    struct scene scenes[COUNT(zones)];
    for (uint32_t i = 0; i < COUNT(zones); i++)
        scenes[i] = zones[i];
    double since = (SCENE_CHECK + 240 - 18000.0) / CONF_RATE; /* of the release that the last scene hears, 10 dB a second */
    scenes[COUNT(zones) - 1].expected = 1 + pow(10, -10 * since / 20);
    scene_judge(judge, scenes, COUNT(scenes));
}

static const struct conf_case cases[] = {
    {.id = "sf2-eg1", .title = "Volume envelope", .build_file = build_eg1, .judge = judge_eg1, .suffix = "sf2"},
    {.id = "sf2-eg2", .title = "Modulation envelope", .build_file = build_eg2, .judge = judge_eg2, .suffix = "sf2"},
    {.id = "sf2-lfo", .title = "LFOs to pitch", .build_file = build_lfos, .judge = judge_lfos, .suffix = "sf2"},
    {.id = "sf2-tremolo", .title = "LFO to volume and cutoff", .build_file = build_tremolos, .judge = judge_tremolos, .suffix = "sf2"},
    {.id = "sf2-sample", .title = "Offsets and loops", .build_file = build_stairs, .judge = judge_stairs, .suffix = "sf2"},
    {.id = "sf2-zones", .title = "Zones, exclusive classes, banks", .build_file = build_zones, .judge = judge_zones, .suffix = "sf2"},
};

extern const struct conf_topic conf_topic_sf2_time;
const struct conf_topic conf_topic_sf2_time = {"SoundFont 2: envelopes, LFOs, samples, zones", cases, COUNT(cases)};
