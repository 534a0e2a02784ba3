/* SPDX-License-Identifier: MIT */
/* SoundFont generators and modulators against the formulas of spec/dls.md 2.5, 6.2 to 6.4, worked out here. */
#include <stdlib.h>

#include "player/sf2_articulation.h"
#include "tap.h"

static struct sf2_level gens;
static struct sf2_mods mods;
static struct connections list;
static char notes_text[4096];

static void take_note(void *ctx, const char *text)
{
    (void)ctx;
    strncat(notes_text, text, sizeof notes_text - strlen(notes_text) - 2);
    strcat(notes_text, "\n");
}

static const struct dm_notes notes = {take_note, NULL};

static void begin(void)
{
    sf2_level_defaults(&gens);
    sf2_mods_defaults(&mods);
    notes_text[0] = '\0';
}

static void map(void) { sf2_map_articulation(&gens, &mods, &notes, &list); }

/* Scale of a connection in the unit before << 16; NAN if it is not there. */
static double scale_of(uint16_t source, uint16_t control, uint16_t destination)
{
    const struct dls_connection *c = connections_find(&list, source, control, destination);
    return c ? c->scale / 65536.0 : (double)NAN;
}

static int transform_of(uint16_t source, uint16_t control, uint16_t destination)
{
    const struct dls_connection *c = connections_find(&list, source, control, destination);
    return c ? c->transform : -1;
}

static bool absent(uint16_t source, uint16_t control, uint16_t destination)
{
    return !connections_find(&list, source, control, destination);
}

/* Seconds that a DLS time stands for. */
static double seconds(uint16_t destination)
{
    const struct dls_connection *c = connections_find(&list, 0, 0, destination);
    return !c || c->scale == INT32_MIN ? 0 : pow(2, c->scale / 65536.0 / 1200);
}

static void test_defaults_are_left_out(void)
{
    begin();
    map();
    /* 6.3: what SF2 and DLS mean alike is not written; the four that differ are. */
    CHECK(absent(CONN_SRC_KEYONVELOCITY, 0, CONN_DST_GAIN));
    CHECK(absent(CONN_SRC_CC7, 0, CONN_DST_GAIN));
    CHECK(absent(CONN_SRC_CC11, 0, CONN_DST_GAIN));
    CHECK(absent(CONN_SRC_CC10, 0, CONN_DST_PAN));
    CHECK(absent(CONN_SRC_PITCHWHEEL, CONN_SRC_RPN0, CONN_DST_PITCH));
    CHECK(absent(CONN_SRC_KEYNUMBER, 0, CONN_DST_PITCH));
    CHECK(absent(0, 0, CONN_DST_FILTER_CUTOFF));
    CHECK(absent(0, 0, CONN_DST_EG1_SUSTAINLEVEL));
    CHECK(absent(0, 0, CONN_DST_EG1_ATTACKTIME));
    CHECK(absent(CONN_SRC_KEYONVELOCITY, 0, CONN_DST_FILTER_CUTOFF));
    CHECK_NEAR(scale_of(CONN_SRC_VIBRATO, CONN_SRC_CC1, CONN_DST_PITCH), 50, 0);
    CHECK_NEAR(scale_of(CONN_SRC_VIBRATO, CONN_SRC_CHANNELPRESSURE, CONN_DST_PITCH), 50, 0);
    CHECK_NEAR(scale_of(CONN_SRC_CC91, 0, CONN_DST_REVERB), 200, 0);
    CHECK_NEAR(scale_of(CONN_SRC_CC93, 0, CONN_DST_CHORUS), 200, 0);
    /* The vibrato is used, so its SF2 defaults must stand: 8.176 Hz at 0 cents, delay 2^(-12000/1200) s. */
    CHECK_NEAR(440 * pow(2, (scale_of(0, 0, CONN_DST_VIB_FREQUENCY) - 6900) / 1200), 8.1757989, 1e-6);
    CHECK_NEAR(seconds(CONN_DST_VIB_STARTDELAY), 1.0 / 1024, 1e-9);
    CHECK(absent(0, 0, CONN_DST_LFO_FREQUENCY));
    CHECK_STR(notes_text, "");
}

static void test_envelope_times(void)
{
    begin();
    gens.amount[GEN_EG1_DELAY] = -2400;
    gens.amount[GEN_EG1_ATTACK] = -1200;
    gens.amount[GEN_EG1_HOLD] = 0;
    gens.amount[GEN_EG1_DECAY] = 1200;
    gens.amount[GEN_EG1_RELEASE] = -600;
    map();
    CHECK_NEAR(seconds(CONN_DST_EG1_DELAYTIME), 0.25, 1e-6);
    CHECK_NEAR(seconds(CONN_DST_EG1_ATTACKTIME), 0.5, 1e-6);
    CHECK_NEAR(seconds(CONN_DST_EG1_HOLDTIME), 1, 1e-6);
    /* SF2 falls 100 dB in the time, DLS 96: equal slopes need 0.96 of it. */
    CHECK_NEAR(96 / seconds(CONN_DST_EG1_DECAYTIME), 100 / 2.0, 1e-3);
    CHECK_NEAR(96 / seconds(CONN_DST_EG1_RELEASETIME), 100 / pow(2, -0.5), 1e-3);
    /* Nothing exclusive: a repeated key gets the release, not DLS's 15 ms. */
    CHECK_NEAR(seconds(CONN_DST_EG1_SHUTDOWNTIME), seconds(CONN_DST_EG1_RELEASETIME), 1e-9);
    gens.amount[GEN_EXCLUSIVE_CLASS] = 1;
    map();
    CHECK(absent(0, 0, CONN_DST_EG1_SHUTDOWNTIME));
}

static void test_sustain(void)
{
    static const int drops[] = {1, 60, 100, 480, 959, 960, 1440};
    for (unsigned i = 0; i < sizeof drops / sizeof drops[0]; i++) {
        begin();
        gens.amount[GEN_EG1_SUSTAIN] = drops[i];
        map();
        /* DLS: level in dB is -96 (1 - s); SF2: -drop/10 dB, silence from 96 dB on. */
        double level = -96 * (1 - scale_of(0, 0, CONN_DST_EG1_SUSTAINLEVEL) / 1000);
        CHECK_NEAR(level, drops[i] >= 960 ? -96 : -drops[i] / 10.0, 1e-3);
    }
    begin();
    gens.amount[GEN_EG2_SUSTAIN] = 300;
    gens.amount[GEN_EG2_PITCH] = 100;
    map();
    CHECK_NEAR(scale_of(0, 0, CONN_DST_EG2_SUSTAINLEVEL), 700, 0);
    CHECK_NEAR(scale_of(CONN_SRC_EG2, 0, CONN_DST_PITCH), 100, 0);
}

static void test_key_to_times(void)
{
    begin();
    gens.amount[GEN_EG1_HOLD] = -1000;
    gens.amount[GEN_KEY_EG1_HOLD] = 50;
    gens.amount[GEN_EG1_DECAY] = -12000;
    gens.amount[GEN_KEY_EG1_DECAY] = -100;
    map();
    for (int key = 0; key < 128; key += 21) {
        double dls = scale_of(0, 0, CONN_DST_EG1_HOLDTIME) +
                     scale_of(CONN_SRC_KEYNUMBER, 0, CONN_DST_EG1_HOLDTIME) * key / 128;
        CHECK_NEAR(dls, -1000 + 50 * (60 - key), 1e-3);
        dls = scale_of(0, 0, CONN_DST_EG1_DECAYTIME) +
              scale_of(CONN_SRC_KEYNUMBER, 0, CONN_DST_EG1_DECAYTIME) * key / 128;
        CHECK_NEAR(dls, -12000 - 100 * (60 - key) + 1200 * log2(0.96), 1e-3);
    }
}

/* SF2's pitch law is scale * (key - root) + tune; 6.4 promises the same from unity, fine tune and key-to-pitch. */
static void test_tuning(void)
{
    static const int cases[][4] = {{100, 60, 0, 0},   {100, 60, 3, -40}, {100, 36, 24, 0}, {100, 96, -30, 17},
                                   {50, 60, 0, 0},    {0, 60, 0, 25},    {0, 60, -12, 0},  {255, 40, 1, 1},
                                   {100, 127, 0, -99}, {100, 0, 0, 50},  {12, 71, 5, 5}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sf2_sample sample = {.original_key = (uint8_t)cases[i][1], .correction = 7};
        struct dls_sample_info info;
        uint32_t first, frames;
        begin();
        gens.amount[GEN_SCALE_TUNING] = cases[i][0];
        gens.amount[GEN_COARSE_TUNE] = cases[i][2];
        gens.amount[GEN_FINE_TUNE] = cases[i][3];
        map();
        CHECK(sf2_map_sample(&gens, &sample, 100, &notes, &first, &frames, &info));
        CHECK(info.unity_note <= 127);
        double tune = cases[i][2] * 100 + cases[i][3] + 7;
        for (int key = 0; key < 128; key += 31)
            CHECK_NEAR(sf2_mapped_cents(&list, &info, key), cases[i][0] * (key - cases[i][1]) + tune, 1e-3);
        /* Microsoft's synth clamps fine tunes beyond an octave: none may be where the unity note can take it. */
        if (info.unity_note > 0 && info.unity_note < 127)
            CHECK(abs(info.fine_tune) <= 1200);
    }
}

/* A modulator by the key comes on top of the scale tuning (SF2 2.04 9.5): in full if it is linear, with a remark otherwise. */
static void test_key_to_tuning(void)
{
    static const struct {
        uint16_t source;
        double offset, slope; /* of the modulator, in parts of its amount, at key 0 and for 128 keys */
    } cases[] = {{0x0003, 0, 1}, {0x0203, -1, 2}, {0x0103, 127 / 128.0, -1}, {0x0303, 254 / 128.0 - 1, -2}, {0x0603, 0, 0},
                 {0x0B03, 0, 0}};
    const struct sf2_sample sample = {.original_key = 60};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dls_sample_info info;
        uint32_t first, frames;
        begin();
        mods.mod[mods.count++] = (struct sf2_mod){cases[i].source, GEN_FINE_TUNE, 0, 0, 64};
        mods.mod[mods.count++] = (struct sf2_mod){cases[i].source, GEN_EG1_HOLD, 0, 0, 640};
        gens.amount[GEN_KEY_EG1_HOLD] = 50;
        gens.amount[GEN_EG1_HOLD] = -1000;
        map();
        CHECK(sf2_map_sample(&gens, &sample, 100, &notes, &first, &frames, &info));
        for (int key = 0; key < 128; key += 21) {
            double part = cases[i].offset + cases[i].slope * key / 128;
            CHECK_NEAR(sf2_mapped_cents(&list, &info, key), 100 * (key - 60) + 64 * part, 1e-3);
            double hold = scale_of(CONN_SRC_KEYNUMBER, 0, CONN_DST_EG1_HOLDTIME) * key / 128;
            CHECK_NEAR(scale_of(0, 0, CONN_DST_EG1_HOLDTIME) + hold, -1000 + 50 * (60 - key) + 640 * part, 1e-3);
        }
        CHECK_EQ(strstr(notes_text, "2 modulators by a curve of the key") != NULL, cases[i].slope == 0);
    }
}

/* Where the middle key would play where no reader believes it, the sum stays and the wave's own part is brought where it does. */
static void test_tuning_bounds(void)
{
    static const struct {
        int scale, coarse, fixed_key, root, low, high;
        bool moves;
    } cases[] = {{0, 36, -1, 60, 0, 127, true},    {0, -60, -1, 60, 0, 127, true},   {0, 12, -1, 60, 0, 127, false},
                 {100, 0, 90, 60, 0, 127, true},   {100, 0, 10, 60, 0, 127, true},   {50, 0, -1, 60, 100, 127, true},
                 {50, 0, -1, 127, 0, 20, true},    {200, 0, -1, 60, 74, 84, true},   {255, 0, -1, 60, 110, 127, true},
                 {100, 36, -1, 60, 100, 127, false}, {50, 0, -1, 60, 0, 127, false}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sf2_sample sample = {.original_key = (uint8_t)cases[i].root};
        struct dls_sample_info info;
        uint32_t first, frames;
        begin();
        gens.amount[GEN_SCALE_TUNING] = cases[i].scale;
        gens.amount[GEN_COARSE_TUNE] = cases[i].coarse;
        gens.amount[GEN_KEYNUM] = cases[i].fixed_key;
        map();
        CHECK(sf2_map_sample(&gens, &sample, 100, &notes, &first, &frames, &info));
        sf2_bound_tuning((uint16_t)cases[i].low, (uint16_t)cases[i].high, &list, &info);
        for (int key = 0; key < 128; key += 31) {
            int heard = cases[i].fixed_key >= 0 ? cases[i].fixed_key : key;
            CHECK_NEAR(sf2_mapped_cents(&list, &info, key), cases[i].scale * (heard - cases[i].root) + cases[i].coarse * 100, 1e-3);
        }
        const struct dls_connection *constant = connections_find(&list, 0, 0, CONN_DST_PITCH);
        CHECK_EQ(constant && constant->scale != 0, cases[i].moves);
        double centre = sf2_mapped_cents(&list, &info, 0) - (constant ? constant->scale / 65536.0 : 0) +
                        (cases[i].fixed_key >= 0 ? 0 : cases[i].scale) * 0.5 * (cases[i].low + cases[i].high);
        CHECK(!cases[i].moves || (centre >= -4800 && centre <= 2400));
    }
}

static void test_fixed_key_and_velocity(void)
{
    struct sf2_sample sample = {.original_key = 60};
    struct dls_sample_info info;
    uint32_t first, frames;
    begin();
    gens.amount[GEN_KEYNUM] = 72;
    gens.amount[GEN_KEY_EG1_HOLD] = 100;
    gens.amount[GEN_VELOCITY] = 64;
    map();
    CHECK(sf2_map_sample(&gens, &sample, 100, &notes, &first, &frames, &info));
    CHECK_NEAR(sf2_mapped_cents(&list, &info, 0), 1200, 1e-9);
    CHECK_NEAR(sf2_mapped_cents(&list, &info, 127), 1200, 1e-9);
    CHECK(absent(CONN_SRC_KEYNUMBER, 0, CONN_DST_EG1_HOLDTIME));
    CHECK_NEAR(scale_of(0, 0, CONN_DST_EG1_HOLDTIME), -12000 + 100 * (60 - 72), 1e-9);
    /* Velocity no longer counts; 64 gives 40 log10(64/127) dB for ever. */
    CHECK_NEAR(scale_of(CONN_SRC_KEYONVELOCITY, 0, CONN_DST_GAIN), 0, 0);
    CHECK_NEAR(scale_of(0, 0, CONN_DST_GAIN) / 10, 40 * log10(64 / 127.0), 1e-3);
}

static void test_other_generators(void)
{
    begin();
    gens.amount[GEN_LFO_PITCH] = -30;
    gens.amount[GEN_VIB_PITCH] = 12;
    gens.amount[GEN_LFO_VOLUME] = 45;
    gens.amount[GEN_LFO_FC] = 600;
    gens.amount[GEN_EG2_FC] = -2000;
    gens.amount[GEN_FILTER_Q] = 120;
    gens.amount[GEN_PAN] = -250;
    gens.amount[GEN_REVERB] = 150;
    gens.amount[GEN_CHORUS] = 70;
    gens.amount[GEN_LFO_FREQUENCY] = -725;
    gens.amount[GEN_LFO_DELAY] = -3986;
    map();
    CHECK_NEAR(scale_of(CONN_SRC_LFO, 0, CONN_DST_PITCH), -30, 0);
    CHECK_EQ(transform_of(CONN_SRC_LFO, 0, CONN_DST_PITCH), 0x4000);
    CHECK_NEAR(scale_of(CONN_SRC_VIBRATO, 0, CONN_DST_PITCH), 12, 0);
    CHECK_NEAR(scale_of(CONN_SRC_LFO, 0, CONN_DST_GAIN), 45, 0);
    CHECK_NEAR(scale_of(CONN_SRC_LFO, 0, CONN_DST_FILTER_CUTOFF), 600, 0);
    CHECK_NEAR(scale_of(CONN_SRC_EG2, 0, CONN_DST_FILTER_CUTOFF), -2000, 0);
    CHECK_EQ(transform_of(CONN_SRC_EG2, 0, CONN_DST_FILTER_CUTOFF), 0);
    CHECK_NEAR(scale_of(0, 0, CONN_DST_FILTER_Q), 120, 0);
    /* The filter is moved, so its open position must be written: "off" would be deaf (3.6). */
    CHECK_NEAR(scale_of(0, 0, CONN_DST_FILTER_CUTOFF), 13500, 0);
    CHECK_NEAR(scale_of(0, 0, CONN_DST_PAN), -250, 0);
    CHECK_NEAR(scale_of(0, 0, CONN_DST_REVERB), 150, 0);
    CHECK_NEAR(scale_of(0, 0, CONN_DST_CHORUS), 70, 0);
    CHECK_NEAR(scale_of(0, 0, CONN_DST_LFO_FREQUENCY), -725, 0);
    CHECK_NEAR(seconds(CONN_DST_LFO_STARTDELAY), pow(2, -3986 / 1200.0), 1e-6);

    struct sf2_sample sample = {.original_key = 60};
    struct dls_sample_info info;
    uint32_t first, frames;
    gens.amount[GEN_ATTENUATION] = 100;
    CHECK(sf2_map_sample(&gens, &sample, 100, &notes, &first, &frames, &info));
    CHECK_NEAR(info.gain / 655360.0, -0.4 * 10, 1e-6);
}

static void test_sample_offsets_and_loops(void)
{
    struct sf2_sample sample = {.original_key = 60, .loop_start = 100, .loop_end = 900, .name = "s"};
    struct dls_sample_info info;
    uint32_t first, frames;
    begin();
    gens.amount[GEN_START_OFFSET] = 40;
    gens.amount[GEN_END_OFFSET] = -10;
    gens.amount[GEN_LOOP_START_OFFSET] = 5;
    gens.amount[GEN_LOOP_END_OFFSET] = -1;
    gens.amount[GEN_SAMPLE_MODES] = 1;
    CHECK(sf2_map_sample(&gens, &sample, 1000, &notes, &first, &frames, &info));
    CHECK_EQ(first, 40);
    CHECK_EQ(frames, 1000 - 10 - 40);
    CHECK_EQ(info.loop, DLS_LOOP_FORWARD);
    CHECK_EQ(info.loop_start, 100 + 5 - 40);
    CHECK_EQ(info.loop_length, (900 - 1) - (100 + 5));
    static const struct {
        int mode;
        enum dls_loop_kind loop;
    } modes[] = {{0, DLS_LOOP_NONE}, {1, DLS_LOOP_FORWARD}, {2, DLS_LOOP_NONE}, {3, DLS_LOOP_RELEASE}};
    for (unsigned i = 0; i < 4; i++) {
        gens.amount[GEN_SAMPLE_MODES] = modes[i].mode;
        CHECK(sf2_map_sample(&gens, &sample, 1000, &notes, &first, &frames, &info));
        CHECK_EQ(info.loop, modes[i].loop);
    }
    gens.amount[GEN_END_COARSE] = -1;
    CHECK(!sf2_map_sample(&gens, &sample, 1000, &notes, &first, &frames, &info));
    begin();
    gens.amount[GEN_SAMPLE_MODES] = 1;
    gens.amount[GEN_LOOP_START_COARSE] = 1;
    CHECK(sf2_map_sample(&gens, &sample, 1000, &notes, &first, &frames, &info));
    CHECK_EQ(info.loop, DLS_LOOP_NONE);
    CHECK(strstr(notes_text, "loop") != NULL);
}

static void add_mod(uint16_t source, uint16_t destination, int amount, uint16_t amount_source, uint16_t transform)
{
    struct sf2_modulator m = {source, destination, (int16_t)amount, amount_source, transform};
    struct sf2_zone zone = {.modulator_count = 1, .modulators = &m};
    sf2_mods_apply(&mods, &zone);
}

static void test_custom_modulators(void)
{
    begin();
    add_mod(0x0502, GEN_ATTENUATION, 480, 0, 0);           /* identical to a default: replaces it */
    add_mod(0x0102, GEN_FILTER_FC, -2400, 0, 0);           /* likewise: velocity, falling, linear */
    add_mod(0x0081, GEN_LFO_VOLUME, 30, 0, 0);             /* CC1 to tremolo depth */
    add_mod(0x024A, GEN_FILTER_FC, 1000, 0, 0);            /* controller word without the CC bit: no such source */
    add_mod(0x0003, GEN_EG1_ATTACK, -600, 0x0002, 0);      /* key times velocity: source and control */
    add_mod(0x028A, GEN_PAN, 300, 0, 0);                   /* another pan depth */
    add_mod(0x0081, GEN_VIB_PITCH, 0, 0, 0);               /* CC1 vibrato switched off */
    add_mod(0x0C82, GEN_FILTER_Q, 60, 0, 0);               /* CC2, switch: an extension source */
    map();
    CHECK_NEAR(scale_of(CONN_SRC_KEYONVELOCITY, 0, CONN_DST_GAIN), -480, 0);
    CHECK_EQ(transform_of(CONN_SRC_KEYONVELOCITY, 0, CONN_DST_GAIN), 0x8400);
    CHECK_NEAR(scale_of(CONN_SRC_KEYONVELOCITY, 0, CONN_DST_FILTER_CUTOFF), -2400, 0);
    CHECK_EQ(transform_of(CONN_SRC_KEYONVELOCITY, 0, CONN_DST_FILTER_CUTOFF), 0x8000);
    CHECK_NEAR(scale_of(CONN_SRC_LFO, CONN_SRC_CC1, CONN_DST_GAIN), 30, 0);
    CHECK_EQ(transform_of(CONN_SRC_LFO, CONN_SRC_CC1, CONN_DST_GAIN), 0x4000);
    CHECK_NEAR(scale_of(CONN_SRC_KEYNUMBER, CONN_SRC_KEYONVELOCITY, CONN_DST_EG1_ATTACKTIME), -600, 0);
    CHECK_NEAR(scale_of(0, 0, CONN_DST_EG1_ATTACKTIME), -12000, 0); /* moved: not the locked zero */
    CHECK_NEAR(scale_of(CONN_SRC_CC10, 0, CONN_DST_PAN), 300, 0);
    CHECK(absent(CONN_SRC_VIBRATO, CONN_SRC_CC1, CONN_DST_PITCH));
    CHECK_NEAR(scale_of(0x82, 0, CONN_DST_FILTER_Q), 60, 0);
    CHECK_EQ(transform_of(0x82, 0, CONN_DST_FILTER_Q), 3 << 10);
    CHECK(strstr(notes_text, "0x024A") != NULL);
    CHECK(strstr(notes_text, "0x0102") == NULL);
}

static void test_what_dls_cannot_say(void)
{
    static const struct sf2_modulator lost[] = {
        {0x0081, GEN_LFO_PITCH, 10, 0x0002, 0}, /* depth with a second source */
        {0x0081, GEN_LFO_PITCH, 10, 0, 2},      /* absolute value */
        {0x007F, GEN_PAN, 10, 0, 0},            /* link */
        {0x0081, 0x8001, 10, 0, 0},             /* to another modulator */
        {0x0081, GEN_START_OFFSET, 10, 0, 0},
        {0x0087, GEN_ATTENUATION, 100, 0, 0},   /* CC7 again, with another curve */
    };
    for (unsigned i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        begin();
        add_mod(lost[i].source, lost[i].destination, lost[i].amount, lost[i].amount_source, lost[i].transform);
        map();
        CHECK(strstr(notes_text, "no DLS connection") != NULL);
    }
}

/* Sums: zone over global zone, preset added to instrument, clamped (9.4, 9.5). */
static void test_folding(void)
{
    static const struct sf2_generator global[] = {{GEN_EG1_RELEASE, (uint16_t)-3000}, {GEN_PAN, 100}};
    static const struct sf2_generator zone[] = {{GEN_PAN, (uint16_t)-50}, {GEN_ATTENUATION, 1400}};
    static const struct sf2_generator preset[] = {{GEN_PAN, (uint16_t)-500}, {GEN_ATTENUATION, 100},
                                                  {GEN_SAMPLE_MODES, 1},     {GEN_ROOT_KEY, 5}};
    struct sf2_zone g = {.generator_count = 2, .generators = global, .global = true};
    struct sf2_zone z = {.generator_count = 2, .generators = zone};
    struct sf2_zone p = {.generator_count = 4, .generators = preset};
    struct sf2_level level;
    sf2_level_defaults(&gens);
    sf2_level_apply(&gens, &g);
    sf2_level_apply(&gens, &z);
    sf2_level_zero(&level);
    sf2_level_apply(&level, &p);
    sf2_level_add_preset(&gens, &level);
    CHECK_EQ(gens.amount[GEN_EG1_RELEASE], -3000);
    CHECK_EQ(gens.amount[GEN_PAN], -500);
    CHECK_EQ(gens.amount[GEN_ATTENUATION], 1440);
    CHECK_EQ(gens.amount[GEN_SAMPLE_MODES], 0);
    CHECK_EQ(gens.amount[GEN_ROOT_KEY], -1);
    CHECK_EQ(gens.amount[GEN_FILTER_FC], 13500);
}

static void test_preset_modulators_add(void)
{
    static struct sf2_mods preset;
    struct sf2_modulator m[2] = {{0x0081, GEN_VIB_PITCH, 25, 0, 0}, {0x0081, GEN_LFO_PITCH, 5, 0, 0}};
    struct sf2_zone zone = {.modulator_count = 2, .modulators = m};
    begin();
    preset.count = preset.lost = 0;
    sf2_mods_apply(&preset, &zone);
    sf2_mods_add(&mods, &preset);
    map();
    CHECK_NEAR(scale_of(CONN_SRC_VIBRATO, CONN_SRC_CC1, CONN_DST_PITCH), 75, 0);
    CHECK_NEAR(scale_of(CONN_SRC_LFO, CONN_SRC_CC1, CONN_DST_PITCH), 5, 0);
}

/* The common part of both levels, without a global zone in the instrument. */
static bool meet(const struct sf2_zone *global, const struct sf2_zone *preset, const struct sf2_zone *inst, struct sf2_ranges *out)
{
    struct sf2_ranges outer = sf2_level_ranges(global, preset);
    *out = sf2_level_ranges(NULL, inst);
    return sf2_ranges_meet(&outer, out);
}

static void test_ranges(void)
{
    static const struct sf2_generator key[] = {{GEN_KEY_RANGE, 0}};
    struct sf2_zone pg = {.key_low = 10, .key_high = 90, .velocity_high = 127, .generator_count = 1, .generators = key};
    struct sf2_zone pz = {.key_high = 127, .velocity_low = 20, .velocity_high = 127};
    struct sf2_zone iz = {.key_low = 60, .key_high = 127, .velocity_high = 30, .generator_count = 1, .generators = key};
    struct sf2_ranges r;
    CHECK(meet(&pg, &pz, &iz, &r));
    CHECK_EQ(r.key_low, 60);
    CHECK_EQ(r.key_high, 90); /* of the global zone: the zone names no keys */
    CHECK_EQ(r.velocity_low, 0); /* the global zone's: the zone's velRange generator is not listed here */
    CHECK_EQ(r.velocity_high, 30);
    CHECK(meet(NULL, &pz, &iz, &r));
    CHECK_EQ(r.velocity_low, 20);
    iz.key_low = 91;
    CHECK(!meet(&pg, &pz, &iz, &r));
}

int main(void)
{
    RUN(test_defaults_are_left_out);
    RUN(test_envelope_times);
    RUN(test_sustain);
    RUN(test_key_to_times);
    RUN(test_tuning);
    RUN(test_key_to_tuning);
    RUN(test_tuning_bounds);
    RUN(test_fixed_key_and_velocity);
    RUN(test_other_generators);
    RUN(test_sample_offsets_and_loops);
    RUN(test_custom_modulators);
    RUN(test_what_dls_cannot_say);
    RUN(test_folding);
    RUN(test_preset_modulators_add);
    RUN(test_ranges);
    return tap_done();
}
