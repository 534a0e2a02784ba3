/* SPDX-License-Identifier: MIT */
/* Channel messages: power-on state, controllers, patch selection, RPN, resets (spec/ddi-user.md 9, spec/dls.md 3.10, 5.4). */
#include "../tap.h"
#include "fixture.h"
#include "synth/midi.h"

static struct fixture f;

static struct part *part(uint32_t channel) { return fixture_part(&f, 1, channel); }
static const struct channel *channel(uint32_t number) { return &part(number)->channel; }
static void cc(uint8_t number, uint8_t value) { PLAY(&f, 0xB0, number, value); }

static void rpn(uint8_t lsb)
{
    cc(101, 0);
    cc(100, lsb);
}

static void test_valid_messages(void)
{
    static const struct {
        uint8_t bytes[4], size;
        bool want;
    } cases[] = {
        {{0x90, 60, 100}, 3, true},        {{0xC0, 5}, 2, true},       {{0xC0, 5, 0}, 3, true}, /* cbEvent 3 throughout */
        {{0xC0, 5, 0xFF}, 3, true},        {{0xFF}, 1, true},          {{0xFE}, 1, true},
        {{0xF0, 0xF7}, 2, true},           {{0x90, 60}, 2, false},     {{0x90, 60, 0x80}, 3, false},
        {{0xC0}, 1, false},                {{60, 100}, 2, false},      {{0x90, 60, 100, 0}, 4, false},
        {{0xF0, 1, 2}, 3, false},          {{0xF0}, 1, false},         {{0xF7}, 1, false},
        {{0xF0, 1, 2, 0xF7}, 4, true},     {{0}, 0, false},            {{0xE0, 0x80, 1}, 3, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_EQ(midi_valid(cases[i].bytes, cases[i].size), cases[i].want);
        CHECK_EQ(synth_play(f.synth, 0, 1, cases[i].bytes, cases[i].size), cases[i].want ? SYNTH_OK : SYNTH_BAD_ARGUMENT);
    }
}

static void check_power_on(const struct part *p)
{
    const struct channel *c = &p->channel;
    static const uint8_t values[][2] = {{1, 0},  {7, 100}, {10, 64}, {11, 127}, {64, 0}, {65, 0}, {66, 0},
                                        {67, 0}, {91, 40}, {93, 0},  {74, 64},  {5, 0},  {71, 64}};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        CHECK_EQ(c->cc[values[i][0]], values[i][1]);
    CHECK_EQ(c->wheel, 8192);
    CHECK_EQ(c->pressure, 0);
    CHECK_NEAR(c->bend_range, 200, 0);
    CHECK_NEAR(c->modulation_range, 50, 0);
    CHECK_EQ(c->rpn1, 8192);
    CHECK_EQ(c->rpn2, 8192);
    CHECK_EQ(p->rpn_msb, 127);
    CHECK_EQ(c->drums, p->index == 9);
    CHECK(!p->mono);
    CHECK(!c->has_key_tuning);
}

static void spoil(void)
{
    for (uint8_t number = 1; number < 120; number++)
        cc(number, 99);
    rpn(0);
    cc(6, 12);
    rpn(1);
    cc(6, 12);
    rpn(2);
    cc(6, 12);
    rpn(5);
    cc(6, 12);
    cc(126, 1);
    PLAY(&f, 0xD0, 77);
    PLAY(&f, 0xA0, 60, 77);
    PLAY(&f, 0xE0, 1, 2);
    PLAY(&f, 0xC0, 9);
}

static void test_power_on(void)
{
    for (uint32_t i = 0; i < 16; i++)
        check_power_on(part(i));
    CHECK_EQ(patch_number(part(0)->choice), 0);
    CHECK_EQ(patch_number(part(9)->choice), 0x80000000u);
}

static void test_system_reset(void)
{
    fixture_plain(&f, 0);
    PLAY(&f, 0x90, 60, 100);
    spoil();
    PLAY(&f, 0xFF);
    check_power_on(part(0));
    CHECK_EQ(patch_number(part(0)->choice), 0);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 0);
}

static void test_values_and_pairs(void)
{
    cc(7, 90);
    cc(39, 64);
    CHECK_EQ(channel_source(channel(0), 0x87, 0, 0), 90 * 128 + 64);
    cc(7, 80); /* an MSB puts its LSB to 0 */
    CHECK_EQ(channel_source(channel(0), 0x87, 0, 0), 80 * 128);
    cc(32, 5);
    cc(0, 1); /* but not the bank's */
    CHECK_EQ(channel(0)->cc[32], 5);
    PLAY(&f, 0xE0, 1, 2);
    CHECK_EQ(channel_source(channel(0), 6, 0, 0), 2 * 128 + 1);
    PLAY(&f, 0xD0, 77);
    CHECK_EQ(channel_source(channel(0), 8, 0, 0), 77 * 128);
    CHECK_EQ(channel_source(channel(0), 10, 0, 0), 77 * 128);
    PLAY(&f, 0xA0, 60, 50);
    CHECK_EQ(channel_source(channel(0), 7, 60, 0), 50 * 128);
    CHECK_EQ(channel_source(channel(0), 7, 61, 0), 0);
    CHECK_EQ(channel_source(channel(0), 2, 0, 101), 101 * 128);
    CHECK_EQ(channel_source(channel(0), 3, 64, 0), 64 * 128);
    CHECK_EQ(channel_source(channel(0), 0x100, 0, 0), 256); /* 200 of 12800 cents */
    CHECK_EQ(channel_source(channel(0), 0x101, 0, 0), 8192);
    CHECK_EQ(channel_source(channel(0), 0x102, 0, 0), 8192);
    CHECK_EQ(channel_source(channel(0), 0x7FFF, 0, 0), 0);
    CHECK_EQ(channel_source(channel(0), 1, 0, 0), 0);
}

static void test_version(void)
{
    static const uint8_t messages[][3] = {{0xB0, 7, 1}, {0xE0, 0, 1}, {0xD0, 1, 0}, {0xA0, 1, 1}, {0xB0, 10, 1}, {0xB0, 64, 1}};
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        uint32_t before = channel(0)->version, other = channel(1)->version;
        fixture_play(&f, 1, messages[i], 3);
        CHECK(channel(0)->version != before);
        CHECK_EQ(channel(1)->version, other);
    }
}

/* native 68: bank selects act only with the next program change. */
static void test_bank_select(void)
{
    cc(0, 1);
    cc(32, 2);
    CHECK_EQ(patch_number(part(0)->choice), 0);
    PLAY(&f, 0xC0, 3);
    CHECK_EQ(patch_number(part(0)->choice), 0x00010203);
    cc(0, 0x78); /* DLS 2.2: the channel becomes a rhythm part */
    PLAY(&f, 0xC0, 0);
    CHECK(channel(0)->drums);
    cc(0, 0x79);
    PLAY(&f, 0xC0, 0);
    CHECK(!channel(0)->drums);
    cc(0, 0x78); /* what a bank made of the part, another takes back ... */
    PLAY(&f, 0xC0, 0);
    PLAY(&f, 0xC0, 8);
    CHECK(channel(0)->drums);
    cc(0, 0);
    CHECK(channel(0)->drums);
    PLAY(&f, 0xC0, 0);
    CHECK(!channel(0)->drums);
    PLAY(&f, 0xB9, 0, 0x78); /* ... but not what it is by its number */
    PLAY(&f, 0xC9, 0);
    PLAY(&f, 0xB9, 0, 0);
    PLAY(&f, 0xC9, 0);
    CHECK(channel(9)->drums);
}

static void test_registered_parameters(void)
{
    cc(6, 24); /* none selected */
    CHECK_NEAR(channel(0)->bend_range, 200, 0);
    rpn(0);
    cc(6, 12);
    cc(38, 50);
    CHECK_NEAR(channel(0)->bend_range, 1250, 0);
    rpn(1);
    cc(6, 127);
    cc(38, 127);
    CHECK_EQ(channel(0)->rpn1, 16383);
    rpn(2);
    cc(6, 76);
    cc(38, 5);
    CHECK_EQ(channel(0)->rpn2, 76 << 7);
    rpn(5);
    cc(6, 1);
    cc(38, 64);
    CHECK_NEAR(channel(0)->modulation_range, 150, 0);
    cc(101, 127);
    cc(100, 127);
    cc(6, 3);
    CHECK_NEAR(channel(0)->bend_range, 1250, 0);
    rpn(0);
    cc(99, 3); /* a non-registered one deselects */
    cc(98, 0);
    cc(6, 3);
    CHECK_NEAR(channel(0)->bend_range, 1250, 0);
    cc(101, 1); /* RPN 1/0 is none of ours */
    cc(100, 0);
    cc(6, 3);
    CHECK_NEAR(channel(0)->bend_range, 1250, 0);
}

/* RP-018 */
static void test_increment(void)
{
    rpn(0);
    cc(97, 0);
    CHECK_NEAR(channel(0)->bend_range, 199, 0);
    for (int i = 0; i < 3; i++)
        cc(96, 127); /* the value is ignored */
    CHECK_NEAR(channel(0)->bend_range, 202, 0);
    rpn(1);
    cc(96, 0);
    CHECK_EQ(channel(0)->rpn1, 8193);
    rpn(2);
    cc(97, 0);
    CHECK_EQ(channel(0)->rpn2, 63 << 7);
    for (int i = 0; i < 100; i++)
        cc(97, 0);
    CHECK_EQ(channel(0)->rpn2, 0);
}

static void test_native_bend_range_ignores_lsb(void)
{
    rpn(0);
    cc(6, 12);
    cc(38, 50);
    CHECK_NEAR(channel(0)->bend_range, 1200, 0);
}

/* GS and XG name the sound controllers by NRPN as well. */
static void test_sound_controllers_by_nrpn(void)
{
    static const uint8_t pairs[][2] = {{0x08, 76}, {0x09, 77}, {0x0A, 78}, {0x20, 74}, {0x21, 71}, {0x63, 73}, {0x64, 75}, {0x66, 72}};
    cc(99, 1);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        cc(98, pairs[i][0]);
        cc(6, (uint8_t)(10 + i));
        CHECK_EQ(channel(0)->cc[pairs[i][1]], 10 + (int)i);
    }
}

static void test_drum_nrpn(void)
{
    fixture_plain(&f, DRUMS);
    static const uint8_t set[][2] = {{0x18, 76}, {0x1C, 127}, {0x1D, 100}, {0x1E, 50}};
    for (size_t i = 0; i < 4; i++) {
        PLAY(&f, 0xB9, 99, set[i][0]);
        PLAY(&f, 0xB9, 98, 38);
        PLAY(&f, 0xB9, 6, set[i][1]);
    }
    PLAY(&f, 0x99, 38, 100);
    PLAY(&f, 0x99, 40, 100);
    const struct voice_params *p = &f.mixer->voice[fake_find(f.mixer, FAKE_PLAYING, 38)].params;
    CHECK_NEAR(p->tune_cents, 1200, 0);
    CHECK_NEAR(p->pan, 500, 1e-3);
    CHECK_EQ(p->key_reverb, 101);
    CHECK_EQ(p->key_chorus, 51);
    p = &f.mixer->voice[fake_find(f.mixer, FAKE_PLAYING, 40)].params;
    CHECK_NEAR(p->tune_cents, 0, 0);
    CHECK_EQ(p->key_reverb, 0);
}

/* RP-015: what CC121 resets and what it keeps. */
static void test_reset_all_controllers(void)
{
    static const uint8_t keeps[] = {0, 32, 5, 7, 8, 10, 71, 72, 73, 74, 75, 76, 77, 78, 91, 93};
    spoil();
    cc(0, 99);
    cc(32, 99);
    uint32_t patch = patch_number(part(0)->choice);
    cc(121, 0);
    for (size_t i = 0; i < sizeof keeps; i++)
        CHECK_EQ(channel(0)->cc[keeps[i]], 99);
    static const uint8_t zero[] = {1, 64, 65, 66, 67};
    for (size_t i = 0; i < sizeof zero; i++)
        CHECK_EQ(channel(0)->cc[zero[i]], 0);
    CHECK_EQ(channel(0)->cc[11], 127);
    CHECK_EQ(channel(0)->wheel, 8192);
    CHECK_EQ(channel(0)->pressure, 0);
    CHECK_EQ(channel(0)->poly_pressure[60], 0);
    CHECK_EQ(part(0)->rpn_msb, 127);
    CHECK_NEAR(channel(0)->bend_range, 1200, 0);
    CHECK_EQ(patch_number(part(0)->choice), patch);
    cc(121, 127); /* DLS: power-on with the parameters */
    CHECK_EQ(channel(0)->cc[7], 100);
    CHECK_EQ(channel(0)->cc[10], 64);
    CHECK_EQ(channel(0)->cc[91], 40);
    CHECK_EQ(channel(0)->cc[74], 64);
    CHECK_NEAR(channel(0)->bend_range, 200, 0);
    CHECK_EQ(channel(0)->rpn1, 8192);
    CHECK_EQ(channel(0)->rpn2, 8192);
}

static void test_reset_lifts_the_pedals(void)
{
    fixture_plain(&f, 0);
    PLAY(&f, 0x90, 60, 100);
    cc(64, 127);
    PLAY(&f, 0x80, 60, 0);
    PLAY(&f, 0x90, 62, 100);
    cc(66, 127);
    PLAY(&f, 0x80, 62, 0);
    CHECK_EQ(fake_count(f.mixer, FAKE_RELEASED), 0);
    cc(121, 0);
    CHECK_EQ(fake_count(f.mixer, FAKE_RELEASED), 2);
}

/* Group 0 is all groups (native 46, 48); groups beyond the count are dropped. */
static void test_groups(void)
{
    fixture_plain(&f, 0);
    fixture_play(&f, 0, (const uint8_t[]){0x90, 60, 100}, 3);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 2);
    fixture_play(&f, 3, (const uint8_t[]){0x90, 60, 100}, 3);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 2);
    fixture_play(&f, 2, (const uint8_t[]){0xB0, 7, 0}, 3);
    CHECK_EQ(channel(0)->cc[7], 100);
    CHECK_EQ(fixture_part(&f, 2, 0)->channel.cc[7], 0);
    fixture_play(&f, 2, (const uint8_t[]){0x80, 60, 0}, 3);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 1);
}

static void test_group_count(void)
{
    fixture_plain(&f, 0);
    CHECK_EQ(synth_set_groups(f.synth, 0), SYNTH_BAD_ARGUMENT);
    CHECK_EQ(synth_set_groups(f.synth, 1001), SYNTH_BAD_ARGUMENT);
    CHECK_EQ(synth_set_groups(f.synth, 1000), SYNTH_OK);
    fixture_play(&f, 1000, (const uint8_t[]){0x95, 60, 100}, 3);
    fixture_play(&f, 1000, (const uint8_t[]){0xB5, 7, 3}, 3);
    fixture_play(&f, 2, (const uint8_t[]){0x95, 60, 100}, 3);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 2);
    CHECK_EQ(synth_set_groups(f.synth, 2), SYNTH_OK); /* silences what lies beyond, and resets it */
    fixture_render(&f, 1);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 1);
    CHECK_EQ(fake_count(f.mixer, FAKE_STOLEN), 1);
    CHECK_EQ(synth_set_groups(f.synth, 1000), SYNTH_OK);
    fixture_render(&f, 1);
    CHECK_EQ(fixture_part(&f, 1000, 5)->channel.cc[7], 100);
    f.memory.fail_at = 1;
    synth_set_groups(f.synth, 1);
    CHECK_EQ(synth_set_groups(f.synth, 1000), SYNTH_OK); /* kept, so no memory is needed */
    f.memory.fail_at = 0;
}

static void test_no_memory_for_groups(void)
{
    f.memory.fail_at = f.memory.requests + 5;
    CHECK_EQ(synth_set_groups(f.synth, 100), SYNTH_NOMEM);
    f.memory.fail_at = 0;
    fixture_plain(&f, 0);
    fixture_play(&f, 3, (const uint8_t[]){0x90, 60, 100}, 3);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 0); /* still two */
    CHECK_EQ(synth_set_groups(f.synth, 100), SYNTH_OK);
}

#define RUN_IN(profile, test)                \
    do {                                     \
        if (!fixture_open(&f, profile))      \
            return 1;                        \
        RUN(test);                           \
        if (!fixture_close(&f)) {            \
            printf("Bail out! " #test "\n"); \
            return 1;                        \
        }                                    \
    } while (0)

int main(void)
{
    RUN_IN(SYNTH_STUDIO, test_valid_messages);
    RUN_IN(SYNTH_STUDIO, test_power_on);
    RUN_IN(SYNTH_STUDIO, test_system_reset);
    RUN_IN(SYNTH_STUDIO, test_values_and_pairs);
    RUN_IN(SYNTH_STUDIO, test_version);
    RUN_IN(SYNTH_STUDIO, test_bank_select);
    RUN_IN(SYNTH_STUDIO, test_registered_parameters);
    RUN_IN(SYNTH_STUDIO, test_increment);
    RUN_IN(SYNTH_NATIVE, test_native_bend_range_ignores_lsb);
    RUN_IN(SYNTH_STUDIO, test_sound_controllers_by_nrpn);
    RUN_IN(SYNTH_STUDIO, test_drum_nrpn);
    RUN_IN(SYNTH_STUDIO, test_reset_all_controllers);
    RUN_IN(SYNTH_STUDIO, test_reset_lifts_the_pedals);
    RUN_IN(SYNTH_STUDIO, test_groups);
    RUN_IN(SYNTH_STUDIO, test_group_count);
    RUN_IN(SYNTH_STUDIO, test_no_memory_for_groups);
    return tap_done();
}
