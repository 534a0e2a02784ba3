/* SPDX-License-Identifier: MIT */
/* Notes: what starts, what ends what (spec/dls.md 3.2, 3.11, 3.12; native J-L), told by a mixer that only remembers. */
#include "../tap.h"
#include "fixture.h"
#include "synth/notes.h"

static struct fixture f;

static uint32_t playing(void) { return fake_count(f.mixer, FAKE_PLAYING); }
static uint32_t released(void) { return fake_count(f.mixer, FAKE_RELEASED); }
static uint32_t shut_down(void) { return fake_count(f.mixer, FAKE_SHUT_DOWN); }
static const struct voice_params *params(uint8_t note) { return &f.mixer->voice[fake_find(f.mixer, FAKE_PLAYING, note)].params; }

static void on(uint8_t channel, uint8_t note, uint8_t velocity) { PLAY(&f, (uint8_t)(0x90 | channel), note, velocity); }
static void off(uint8_t channel, uint8_t note) { PLAY(&f, (uint8_t)(0x80 | channel), note, 64); }
static void cc(uint8_t channel, uint8_t number, uint8_t value) { PLAY(&f, (uint8_t)(0xB0 | channel), number, value); }

static struct synth_stats stats(void)
{
    struct synth_stats s;
    synth_get_stats(f.synth, &s);
    return s;
}

static void test_on_and_off(void)
{
    fixture_plain(&f, 0);
    on(0, 60, 100);
    CHECK_EQ(playing(), 1);
    CHECK_EQ(params(60)->note, 60);
    CHECK_EQ(params(60)->key, 60);
    CHECK_EQ(params(60)->velocity, 100);
    CHECK(params(60)->channel == &fixture_part(&f, 1, 0)->channel);
    off(0, 61);
    off(1, 60);
    CHECK_EQ(playing(), 1);
    on(0, 60, 0); /* velocity 0 is a note-off */
    CHECK_EQ(released(), 1);
    CHECK_EQ(stats().voices, 1); /* still sounding */
    fake_finish_all(f.mixer, FAKE_RELEASED);
    fixture_render(&f, 1);
    CHECK_EQ(stats().voices, 0);
    CHECK_EQ(stats().voices_peak, 1);
}

static void test_layers_and_splits(void)
{
    static const struct build_region regions[] = {
        {.key_low = 0, .key_high = 59}, {.key_low = 60, .key_high = 127, .velocity_high = 63, .velocity_low = 1},
        {.key_low = 60, .key_high = 127, .velocity_low = 64}, {.key_low = 60, .key_high = 60, .velocity_low = 100}};
    fixture_instrument(&f, 0, regions, 4);
    on(0, 59, 127);
    CHECK_EQ(playing(), 1);
    on(0, 61, 63);
    on(0, 62, 64);
    CHECK_EQ(playing(), 3);
    on(0, 60, 100); /* both layers */
    CHECK_EQ(playing(), 5);
    off(0, 60);
    CHECK_EQ(released(), 2);
}

static void test_missing(void)
{
    static const struct build_region low = {.key_low = 0, .key_high = 50};
    struct synth_missing missing;
    fixture_instrument(&f, 3, &low, 1);
    on(2, 60, 1);
    on(2, 61, 1);
    PLAY(&f, 0xC2, 3);
    on(2, 60, 1);
    CHECK_EQ(playing(), 0);
    CHECK_EQ(stats().notes_missing, 3);
    CHECK(synth_get_missing(f.synth, 0, &missing));
    CHECK_EQ(missing.patch, 0);
    CHECK_EQ(missing.count, 2);
    CHECK_EQ(missing.group, 1);
    CHECK_EQ(missing.channel, 2);
    CHECK_EQ(missing.key, 60);
    CHECK(!missing.has_instrument);
    CHECK(synth_get_missing(f.synth, 1, &missing));
    CHECK_EQ(missing.patch, 3);
    CHECK(missing.has_instrument);
    CHECK(!synth_get_missing(f.synth, 2, &missing));
}

/* DLS 2 1.4.4: without the flag a repeated note ends the old one fast; with it they overlap. */
static void test_self_exclusive(void)
{
    static const struct build_region overlap = {.options = 1};
    fixture_plain(&f, 0);
    fixture_instrument(&f, 1, &overlap, 1);
    on(0, 60, 100);
    on(0, 61, 100);
    on(0, 60, 100);
    CHECK_EQ(shut_down(), 1);
    CHECK_EQ(playing(), 2);
    off(0, 60);
    on(0, 60, 100); /* the one after its note-off may ring on (melodic, studio) */
    CHECK_EQ(shut_down(), 1);
    CHECK_EQ(released(), 1);
    PLAY(&f, 0xC1, 1);
    on(1, 60, 100);
    on(1, 60, 100);
    CHECK_EQ(shut_down(), 1);
    off(1, 60); /* one note-off, one note: the older */
    CHECK_EQ(released(), 2);
    voice_slot still = fake_find(f.mixer, FAKE_PLAYING, 60);
    CHECK(still != VOICE_NONE && f.mixer->voice[still].order == f.mixer->started);
    off(1, 60);
    CHECK_EQ(released(), 3);
}

static void test_sustained_note_is_replaced(void)
{
    fixture_plain(&f, 0);
    cc(0, 64, 127);
    on(0, 60, 100);
    off(0, 60);
    on(0, 60, 100); /* the pedal held its gate */
    CHECK_EQ(shut_down(), 1);
    CHECK_EQ(playing(), 1);
}

/* native 70, dls.md 3.2: on drums the old voice ends even after its note-off. */
static void test_drums_cut_released(void)
{
    fixture_plain(&f, DRUMS);
    on(9, 40, 100);
    off(9, 40);
    CHECK_EQ(released(), 1);
    on(9, 40, 100);
    CHECK_EQ(shut_down(), 1);
    CHECK_EQ(playing(), 1);
}

static void test_key_groups(void)
{
    static const struct build_region kit[] = {{.key_low = 42, .key_high = 42, .key_group = 1},
                                              {.key_low = 44, .key_high = 44, .key_group = 1},
                                              {.key_low = 46, .key_high = 46, .key_group = 1},
                                              {.key_low = 46, .key_high = 46, .key_group = 1},
                                              {.key_low = 50, .key_high = 50, .key_group = 2}};
    fixture_instrument(&f, DRUMS, kit, 5);
    fixture_instrument(&f, 0, kit, 5);
    on(9, 46, 100); /* two layers of one note-on leave each other alone */
    CHECK_EQ(playing(), 2);
    on(9, 50, 100);
    CHECK_EQ(playing(), 3);
    on(0, 42, 100); /* another channel */
    CHECK_EQ(playing(), 4);
    off(9, 46);
    on(9, 42, 100);
    CHECK_EQ(shut_down(), 2);
    CHECK_EQ(playing(), 3);
    fixture_instrument(&f, 5, kit, 5);
    PLAY(&f, 0xC0, 5);
    on(0, 44, 100); /* same channel, another instrument: local to the instrument */
    CHECK_EQ(shut_down(), 2);
}

static void test_sustain(void)
{
    fixture_plain(&f, 0);
    on(0, 60, 100);
    on(0, 62, 100);
    cc(0, 64, 64);
    off(0, 60);
    on(1, 60, 100);
    off(1, 60); /* other channels are not held */
    CHECK_EQ(released(), 1);
    cc(0, 64, 63);
    CHECK_EQ(released(), 2);
    CHECK_EQ(playing(), 1); /* 62 is still down */
    off(0, 62);
    CHECK_EQ(released(), 3);
}

/* GM 2: keys that are down when the pedal goes down wait for the later of note-off and pedal. */
static void test_sostenuto(void)
{
    fixture_plain(&f, 0);
    on(0, 60, 100);
    cc(0, 66, 127);
    on(0, 62, 100);
    off(0, 62);
    CHECK_EQ(released(), 1);
    off(0, 60);
    CHECK_EQ(released(), 1);
    cc(0, 66, 127); /* no edge */
    on(0, 64, 100);
    cc(0, 64, 127);
    cc(0, 66, 0);
    CHECK_EQ(released(), 1); /* the damper holds it now */
    cc(0, 64, 0);
    CHECK_EQ(released(), 2);
    CHECK_EQ(playing(), 1);
}

static void test_all_off_messages(void)
{
    fixture_plain(&f, 0);
    on(0, 60, 100);
    on(1, 60, 100);
    cc(0, 64, 127);
    cc(0, 123, 0);
    CHECK_EQ(released(), 0); /* pedal */
    cc(0, 64, 0);
    CHECK_EQ(released(), 1);
    on(0, 61, 100);
    cc(0, 120, 0);
    CHECK_EQ(fake_count(f.mixer, FAKE_STOLEN), 2); /* the released one as well */
    CHECK_EQ(playing(), 1);
    CHECK_EQ(stats().voices, 1);
    CHECK_EQ(stats().notes_lost, 0);
    for (uint8_t number = 124; number < 128; number++) {
        on(2, 60, 100);
        uint32_t before = released();
        cc(2, number, 1);
        CHECK_EQ(released(), before + 1);
    }
}

static void test_mono(void)
{
    fixture_plain(&f, 0);
    cc(0, 126, 1);
    on(0, 60, 100);
    on(0, 64, 100);
    CHECK_EQ(playing(), 1);
    CHECK_EQ(shut_down(), 1);
    CHECK(fake_find(f.mixer, FAKE_PLAYING, 64) != VOICE_NONE);
    on(1, 60, 100);
    on(1, 64, 100); /* only that channel (native 71) */
    CHECK_EQ(playing(), 3);
    cc(0, 127, 0);
    on(0, 60, 100);
    on(0, 64, 100);
    CHECK_EQ(playing(), 4);
}

static void test_legato(void)
{
    fixture_plain(&f, 0);
    cc(0, 126, 1);
    cc(0, 68, 127);
    on(0, 60, 100);
    on(0, 67, 100);
    CHECK_EQ(f.mixer->started, 1);
    CHECK_EQ(f.mixer->retuned, 1);
    voice_slot slot = fake_find(f.mixer, FAKE_PLAYING, 67);
    CHECK(slot != VOICE_NONE && f.mixer->voice[slot].retune_rate == 0.0f);
    off(0, 60); /* its key is the new one now */
    CHECK_EQ(playing(), 1);
    off(0, 67);
    CHECK_EQ(playing(), 0);
    on(0, 60, 100); /* nothing held: a new attack */
    CHECK_EQ(f.mixer->started, 2);
}

static void test_portamento(void)
{
    fixture_plain(&f, 0);
    cc(0, 65, 127);
    cc(0, 5, 64);
    on(0, 60, 100); /* nothing to come from */
    CHECK_NEAR(params(60)->glide_rate, 0, 0);
    on(0, 72, 100);
    CHECK_NEAR(params(72)->glide_cents, -1200, 0);
    CHECK_NEAR(params(72)->glide_rate, 1e6 * pow(10.0, -5.0 * 64 / 127), 0.01); /* dls.md 3.11 */
    cc(0, 5, 0);
    on(0, 74, 100); /* time 0: at once */
    CHECK_NEAR(params(74)->glide_rate, 0, 0);
    cc(0, 5, 64);
    cc(0, 65, 0);
    on(0, 76, 100);
    CHECK_NEAR(params(76)->glide_rate, 0, 0);
    cc(0, 84, 50); /* for the next note only, whatever CC65 says */
    on(0, 48, 100);
    CHECK_NEAR(params(48)->glide_cents, 200, 0);
    on(0, 47, 100);
    CHECK_NEAR(params(47)->glide_rate, 0, 0);
}

/* CC84 naming a sounding key: that voice moves, no new one starts, note-off uses the new key. */
static void test_portamento_control_moves(void)
{
    fixture_plain(&f, 0);
    cc(0, 5, 64);
    on(0, 60, 100);
    cc(0, 84, 60);
    on(0, 65, 100);
    CHECK_EQ(f.mixer->started, 1);
    CHECK_EQ(f.mixer->retuned, 1);
    off(0, 60);
    CHECK_EQ(playing(), 1);
    off(0, 65);
    CHECK_EQ(released(), 1);
}

/* DLS 2 1.7.3: coarse tuning goes into the key number, which chooses the region; drums keep theirs. */
static void test_coarse_tuning(void)
{
    static const struct build_region halves[] = {{.key_low = 0, .key_high = 59}, {.key_low = 60, .key_high = 127}};
    struct synth_download *download = fixture_instrument(&f, 0, halves, 2);
    const struct region *upper = &download->instrument->regions[1];
    fixture_plain(&f, DRUMS);
    for (uint8_t channel = 0; channel < 10; channel += 9) {
        cc(channel, 101, 0);
        cc(channel, 100, 2);
        cc(channel, 6, 64 + 12);
    }
    on(0, 50, 100);
    CHECK_EQ(params(50)->key, 62);
    CHECK(params(50)->region == upper);
    CHECK_NEAR(params(50)->tune_cents, 0, 1e-3);
    on(0, 120, 100); /* clamped to the keys */
    CHECK_EQ(params(120)->key, 127);
    on(9, 50, 100);
    CHECK_EQ(params(50)->key, 50);
    off(0, 50);
    CHECK(fake_find(f.mixer, FAKE_RELEASED, 50) != VOICE_NONE); /* by the note, not the key */
}

static void test_soft_pedal(void)
{
    fixture_plain(&f, 0);
    on(0, 60, 100);
    cc(0, 67, 127);
    on(0, 61, 100);
    CHECK_NEAR(params(60)->gain_db, 0, 0);
    CHECK(params(61)->gain_db < 0 && params(61)->cutoff_cents < 0);
}

static void test_phase_group(void)
{
    static const struct build_region pair[] = {{.phase_group = 3}, {.phase_group = 3, .link_options = 1}, {.phase_group = 0}};
    struct synth_download *download = fixture_instrument(&f, 0, pair, 3);
    const struct region *regions = download->instrument->regions;
    on(0, 60, 100);
    CHECK_EQ(playing(), 3);
    voice_slot master = VOICE_NONE, follower = VOICE_NONE;
    for (voice_slot i = 0; i < 3; i++) {
        master = f.mixer->voice[i].params.region == &regions[1] ? i : master;
        follower = f.mixer->voice[i].params.region == &regions[0] ? i : follower;
    }
    CHECK(f.mixer->voice[master].order < f.mixer->voice[follower].order);
    CHECK_EQ(f.mixer->voice[follower].params.phase_master, master);
    CHECK_EQ(f.mixer->voice[master].params.phase_master, VOICE_NONE);
}

static void test_stealing(void)
{
    fixture_plain(&f, 0);
    fixture_plain(&f, DRUMS);
    for (uint8_t i = 0; i < 32; i++)
        on(15, 30 + i, 100); /* channel 16: lowest priority */
    CHECK_EQ(playing(), 32);
    on(0, 60, 100);
    CHECK_EQ(playing(), 32);
    CHECK_EQ(stats().voices, 32);
    CHECK_EQ(stats().notes_lost, 1);
    CHECK(fake_find(f.mixer, FAKE_STOLEN, 30) != VOICE_NONE); /* the oldest */
    fake_finish_all(f.mixer, FAKE_STOLEN);
    for (uint8_t i = 0; i < 40; i++) {
        on(9, 30 + i, 100); /* channel 10 takes all of channel 16, then 1 */
        fake_finish_all(f.mixer, FAKE_STOLEN);
    }
    CHECK_EQ(playing(), 32);
    uint32_t started = f.mixer->started;
    on(0, 61, 100); /* channel 1 takes none of channel 10 (DLS 2 1.4.5; dls.md section 9, 15) */
    CHECK_EQ(f.mixer->started, started);
    CHECK_EQ(stats().notes_lost, 42);
    off(9, 69);
    on(0, 61, 100); /* not even a released one */
    CHECK_EQ(f.mixer->started, started);
    synth_reset_stats(f.synth);
    CHECK_EQ(stats().notes_lost, 0);
}

static void test_more_layers_than_voices(void)
{
    struct build_region layers[40] = {{0}};
    fixture_instrument(&f, 0, layers, 40);
    on(0, 60, 100);
    CHECK_EQ(playing(), 32);
    CHECK_EQ(fake_count(f.mixer, FAKE_STOLEN), 0); /* never from the same note */
}

static void test_priorities(void)
{
    uint32_t priority;
    fixture_plain(&f, 0);
    static const uint32_t offsets[16] = {0xE, 0xD, 0xC, 0xB, 0xA, 9, 8, 7, 6, 0xF, 5, 4, 3, 2, 1, 0}; /* ddi-user.md 8.2 */
    for (uint32_t channel = 0; channel < 16; channel++) {
        CHECK_EQ(synth_get_channel_priority(f.synth, 2, channel, &priority), SYNTH_OK);
        CHECK_EQ(priority, 0x80000000u | offsets[channel]);
    }
    CHECK_EQ(synth_get_channel_priority(f.synth, 0, 0, &priority), SYNTH_BAD_ARGUMENT);
    CHECK_EQ(synth_get_channel_priority(f.synth, 3, 0, &priority), SYNTH_BAD_ARGUMENT);
    CHECK_EQ(synth_set_channel_priority(f.synth, 1, 16, 0), SYNTH_BAD_ARGUMENT);
    for (uint8_t i = 0; i < 32; i++)
        on(0, 30 + i, 100);
    uint32_t started = f.mixer->started;
    on(15, 90, 100);
    CHECK_EQ(f.mixer->started, started);
    CHECK_EQ(synth_set_channel_priority(f.synth, 1, 0, 0x40000000u), SYNTH_OK); /* sounding voices follow */
    on(15, 90, 100);
    CHECK_EQ(f.mixer->started, started + 1);
    PLAY(&f, 0xF0, 0x7E, 0x7F, 0x0A, 0x03, 0xF7); /* DLS: static voice allocation off */
    on(15, 91, 100);
    CHECK_EQ(f.mixer->started, started + 2);
}

/* dls.md 4.3: an instrument that has no region for the key gives way to the next one at the same patch. */
static void test_next_instrument_of_the_patch(void)
{
    static const struct build_region low = {.key_low = 0, .key_high = 50};
    struct synth_download *wide = fixture_plain(&f, 0), *narrow = fixture_instrument(&f, 0, &low, 1);
    on(0, 40, 100);
    CHECK(params(40)->region == &narrow->instrument->regions[0]);
    on(0, 60, 100);
    CHECK(params(60)->region == &wide->instrument->regions[0]);
    CHECK_EQ(stats().notes_missing, 0);
}

static void test_download_takes_effect_at_once(void)
{
    on(0, 60, 100);
    CHECK_EQ(playing(), 0);
    struct synth_download *first = fixture_plain(&f, 0);
    on(0, 60, 100);
    CHECK_EQ(playing(), 1);
    struct synth_download *second = fixture_plain(&f, 0);
    on(0, 61, 100);
    CHECK(params(61)->region == &second->instrument->regions[0]);
    synth_unload(f.synth, second, NULL);
    on(0, 62, 100);
    CHECK(params(62)->region == &first->instrument->regions[0]);
}

static void test_native_notes(void)
{
    fixture_plain(&f, 0);
    on(0, 60, 100);
    off(0, 60);
    on(0, 60, 100); /* Microsoft's synth cuts a released voice of the key on any channel (dls.md 3.2) */
    CHECK_EQ(shut_down(), 1);
    cc(0, 101, 0);
    cc(0, 100, 2);
    cc(0, 6, 76);
    on(0, 62, 100); /* native 60: +1200 cents; regions stay */
    CHECK_EQ(params(62)->key, 62);
    CHECK_NEAR(params(62)->tune_cents, 1200, 0);
    cc(0, 126, 0); /* native 71 */
    on(0, 64, 100);
    CHECK_EQ(playing(), 1);
}

/* Random play: lists stay whole, nothing leaks, every voice ends. */
static void test_random_play(void)
{
    static const struct build_region regions[] = {{.key_low = 0, .key_high = 80, .key_group = 1}, {.key_low = 40, .options = 1}};
    static const uint8_t controllers[] = {64, 66, 120, 123, 126, 127, 65, 84, 68, 121};
    uint32_t random = 99;
    fixture_instrument(&f, 0, regions, 2);
    fixture_instrument(&f, DRUMS, regions, 2);
    for (uint32_t step = 0; step < 40000; step++) {
        random = random * 1664525u + 1013904223u;
        uint8_t channel = random >> 8 & 15, note = random >> 12 & 127, value = random >> 19 & 127;
        uint8_t action = random >> 26 & 15;
        if (action < 7)
            on(channel, note, value);
        else if (action < 12)
            off(channel, note);
        else if (action == 12)
            cc(channel, controllers[note % sizeof controllers], value);
        else if (f.mixer->voice[random >> 20 & 63].state != FAKE_FREE)
            fake_finish(f.mixer, random >> 20 & 63);
    }
    CHECK_EQ(f.mixer->misuse, 0);
    for (uint8_t channel = 0; channel < 16; channel++)
        cc(channel, 120, 0);
    CHECK_EQ(stats().voices, 0);
    fake_finish_all(f.mixer, FAKE_STOLEN);
    fixture_render(&f, 1);
    CHECK_EQ(fake_count(f.mixer, FAKE_FREE), f.mixer->slots);
    for (uint32_t i = 0; i < PARTS; i++)
        CHECK_EQ(fixture_part(&f, 1, i)->voices.first, SLOT_NONE);
    for (uint32_t i = 0; i <= f.synth->notes.mask; i++)
        if (f.synth->notes.by_note[i].first != SLOT_NONE || f.synth->notes.by_group[i].last != SLOT_NONE)
            CHECK_EQ(i, SLOT_NONE);
    CHECK_EQ(f.synth->alloc.rank_count, 0);
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
    RUN_IN(SYNTH_STUDIO, test_on_and_off);
    RUN_IN(SYNTH_STUDIO, test_layers_and_splits);
    RUN_IN(SYNTH_STUDIO, test_missing);
    RUN_IN(SYNTH_STUDIO, test_self_exclusive);
    RUN_IN(SYNTH_STUDIO, test_sustained_note_is_replaced);
    RUN_IN(SYNTH_STUDIO, test_drums_cut_released);
    RUN_IN(SYNTH_STUDIO, test_key_groups);
    RUN_IN(SYNTH_STUDIO, test_sustain);
    RUN_IN(SYNTH_STUDIO, test_sostenuto);
    RUN_IN(SYNTH_STUDIO, test_all_off_messages);
    RUN_IN(SYNTH_STUDIO, test_mono);
    RUN_IN(SYNTH_STUDIO, test_legato);
    RUN_IN(SYNTH_STUDIO, test_portamento);
    RUN_IN(SYNTH_STUDIO, test_portamento_control_moves);
    RUN_IN(SYNTH_STUDIO, test_coarse_tuning);
    RUN_IN(SYNTH_STUDIO, test_soft_pedal);
    RUN_IN(SYNTH_STUDIO, test_phase_group);
    RUN_IN(SYNTH_STUDIO, test_stealing);
    RUN_IN(SYNTH_STUDIO, test_more_layers_than_voices);
    RUN_IN(SYNTH_STUDIO, test_priorities);
    RUN_IN(SYNTH_STUDIO, test_next_instrument_of_the_patch);
    RUN_IN(SYNTH_STUDIO, test_download_takes_effect_at_once);
    RUN_IN(SYNTH_NATIVE, test_native_notes);
    RUN_IN(SYNTH_STUDIO, test_random_play);
    return tap_done();
}
