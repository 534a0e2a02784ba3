/* SPDX-License-Identifier: MIT */
/*
 * The plan may name too much, never too little: random songs, with every kind of
 * reset, bank select, rhythm part and key shift, played with what the plan wants
 * and with the whole bank, must give the same samples. And it must not name
 * everything: a song of one program loads one.
 */
#include <stdlib.h>

#include "dmus/dmus.h"
#include "player/song.h"
#include "tap.h"
#include "testbank.h"

struct heard {
    float *samples;
    size_t count, room;
};

static int hear(void *ctx, const void *frames, size_t count)
{
    struct heard *heard = ctx;
    if (heard->count + 2 * count > heard->room) {
        heard->room = (heard->count + 2 * count) * 2;
        heard->samples = realloc(heard->samples, heard->room * sizeof *heard->samples);
    }
    memcpy(heard->samples + heard->count, frames, 2 * count * sizeof(float));
    heard->count += 2 * count;
    return 0;
}

static double to_seconds;

static struct dmus_report_info play(struct dmus_song *song, struct dmus_bank *bank, uint32_t profile, bool all,
                                    struct heard *heard)
{
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    struct dmus_output output = DMUS_INIT(dmus_output);
    struct dmus_error err = DMUS_INIT(dmus_error);
    struct dmus_report *report = NULL;
    struct dmus_report_info info = DMUS_INIT(dmus_report_info);
    dmus_render_defaults(&options);
    options.profile = profile;
    options.sample_rate = 22050;
    options.interpolation = DMUS_INTERPOLATE_LINEAR;
    options.reverb = options.chorus = DMUS_OFF;
    options.loudness = false;
    options.tail = DMUS_TAIL_SECONDS;
    options.tail_seconds = 0.2;
    options.to_seconds = to_seconds;
    options.polyphony = 128;
    options.download_all = all;
    output.format = DMUS_F32;
    output.write = hear;
    output.write_ctx = heard;
    if (!CHECK(dmus_render(song, &bank, 1, &options, &output, &report, &err) == DMUS_OK))
        printf("# %s\n", err.text);
    else
        dmus_report_get_info(report, &info);
    dmus_report_free(report);
    return info;
}

static void test_random_songs_sound_the_same(void)
{
    struct blob file = testbank_make();
    struct dmus_bank *bank;
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "test.sf2", &bank, NULL), DMUS_OK);
    uint32_t less = 0;
    for (uint32_t seed = 1; seed <= 400; seed++) {
        struct blob midi = testsong_random(seed, 60, 0.6);
        struct dmus_song *song;
        CHECK_EQ(dmus_song_open_memory(midi.data, midi.size, "random.mid", &song, NULL), DMUS_OK);
        struct heard some = {0}, whole = {0};
        uint32_t profile = seed % 2 ? DMUS_RENDER_STUDIO : DMUS_RENDER_NATIVE;
        struct dmus_report_info a = play(song, bank, profile, false, &some);
        struct dmus_report_info b = play(song, bank, profile, true, &whole);
        CHECK_EQ(some.count, whole.count);
        CHECK_EQ(a.notes_missing, b.notes_missing);
        if (!CHECK(some.count == whole.count && memcmp(some.samples, whole.samples, some.count * sizeof(float)) == 0))
            printf("# seed %u\n", (unsigned)seed);
        less += a.regions < b.regions;
        free(some.samples);
        free(whole.samples);
        dmus_song_close(song);
        blob_free(&midi);
    }
    CHECK(less > 0);
    dmus_bank_close(bank);
    blob_free(&file);
}

static void test_only_what_is_used(void)
{
    struct blob file = testbank_make();
    struct dmus_bank *bank;
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "test.sf2", &bank, NULL), DMUS_OK);
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0x90, 50, 100); /* program 0 below key 60: one region of one wave */
    smfw_message(&w, 0, 0x99, 36, 100); /* kit 0 */
    smfw_message(&w, 4800, 0x80, 50, 0);
    smfw_message(&w, 4800, 0x89, 36, 0);
    struct blob midi = smfw_finish(&w, 4800);
    struct dmus_song *song;
    CHECK_EQ(dmus_song_open_memory(midi.data, midi.size, "one.mid", &song, NULL), DMUS_OK);
    struct heard heard = {0};
    struct dmus_report_info info = play(song, bank, DMUS_RENDER_STUDIO, false, &heard);
    CHECK_EQ(info.instruments, 2);
    CHECK_EQ(info.regions, 2);
    CHECK_EQ(info.waves, 1);
    CHECK_EQ(info.notes_missing, 0);
    free(heard.samples);
    dmus_song_close(song);
    blob_free(&midi);
    dmus_bank_close(bank);
    blob_free(&file);
}

static struct dmus_song *open_song(struct smf_writer *w)
{
    struct blob midi = smfw_finish(w, w->tick + 100);
    struct dmus_song *song = NULL;
    CHECK_EQ(dmus_song_open_memory(midi.data, midi.size, "plan.mid", &song, NULL), DMUS_OK);
    blob_free(&midi);
    return song;
}

static bool asks_for(const struct dmus_song *song, uint32_t patch)
{
    for (uint32_t i = 0; i < song->plan.count; i++)
        if (song->plan.uses[i].patch == patch)
            return true;
    return false;
}

static void test_programs_as_selected(void)
{
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0xB2, 0, 8);
    smfw_message(&w, 0, 0xB2, 32, 3);
    smfw_message(&w, 0, 0x92, 60, 1);  /* bank selected, but no program change yet */
    smfw_message(&w, 10, 0xC2, 40, 0);
    smfw_message(&w, 20, 0x92, 70, 127);
    smfw_message(&w, 20, 0x92, 64, 127);
    smfw_message(&w, 30, 0xC9, 16, 0);
    smfw_message(&w, 40, 0x99, 38, 90);
    struct dmus_song *song = open_song(&w);
    struct dmus_program_info info = DMUS_INIT(dmus_program_info);
    CHECK_EQ(dmus_song_get_program(song, 0, &info), DMUS_OK);
    CHECK_EQ(info.patch, 0);
    CHECK_EQ(info.notes, 1);
    CHECK_EQ(dmus_song_get_program(song, 1, &info), DMUS_OK);
    CHECK_EQ(info.patch, 8 << 16 | 3 << 8 | 40);
    CHECK_EQ(info.channel, 2);
    CHECK_EQ(info.notes, 2);
    CHECK_EQ(info.key_low, 64);
    CHECK_EQ(info.key_high, 70);
    CHECK_STR(info.gm_name, "Violin");
    CHECK_EQ(dmus_song_get_program(song, 2, &info), DMUS_OK);
    CHECK_EQ(info.patch, DMUS_PATCH_DRUMS | 16);
    CHECK_STR(info.gm_name, "Power Kit");
    CHECK_EQ(dmus_song_get_program(song, 3, &info), DMUS_ERR_NOT_FOUND);
    dmus_song_close(song);
}

/* Bank 0x78 makes a rhythm part until another bank is selected (DLS 2 1.4.6), unless it was one before, or GM 2 is on. */
static void test_kinds_by_bank(void)
{
    static const uint8_t gm2[] = {0xF0, 0x7E, 0x7F, 0x09, 0x03, 0xF7};
    static const uint8_t rhythm[] = {0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x11, 0x15, 0x01, 0x19, 0xF7};
    static const struct {
        int channel;
        const uint8_t *message;
        uint32_t drums;
    } cases[] = {{0, NULL, 0}, {0, gm2, DMUS_PATCH_DRUMS}, {0, rhythm, DMUS_PATCH_DRUMS}, {9, NULL, DMUS_PATCH_DRUMS}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int channel = cases[i].channel;
        struct smf_writer w = {0};
        if (cases[i].message)
            smfw_event(&w, 0, cases[i].message, cases[i].message == gm2 ? sizeof gm2 : sizeof rhythm);
        smfw_message(&w, 1, 0xB0 | channel, 0, 0x78);
        smfw_message(&w, 1, 0xC0 | channel, 0, 0);
        smfw_message(&w, 2, 0x90 | channel, 40, 100);
        smfw_message(&w, 3, 0xB0 | channel, 0, 1);
        smfw_message(&w, 3, 0xC0 | channel, 5, 0);
        smfw_message(&w, 4, 0x90 | channel, 60, 100);
        struct dmus_song *song = open_song(&w);
        struct dmus_program_info info = DMUS_INIT(dmus_program_info);
        CHECK_EQ(dmus_song_get_program(song, 0, &info), DMUS_OK);
        CHECK_EQ(info.patch, DMUS_PATCH_DRUMS | 0x78 << 16);
        CHECK_EQ(dmus_song_get_program(song, 1, &info), DMUS_OK);
        CHECK_EQ(info.patch, cases[i].drums | 1 << 16 | 5);
        CHECK_EQ(info.key_low, 60);
        dmus_song_close(song);
    }
}

/* DLS off and voice allocation (DLS 2 1.4.5) reset nothing; XG's "all parameters reset" leaves XG on. */
static void test_what_resets(void)
{
    static const uint8_t off[] = {0xF0, 0x7E, 0x7F, 0x0A, 0x02, 0xF7}, equal[] = {0xF0, 0x7E, 0x7F, 0x0A, 0x03, 0xF7};
    static const uint8_t ranked[] = {0xF0, 0x7E, 0x7F, 0x0A, 0x04, 0xF7};
    static const uint8_t xg_reset[] = {0xF0, 0x43, 0x10, 0x4C, 0x00, 0x00, 0x7F, 0x00, 0xF7};
    struct dmus_program_info info = DMUS_INIT(dmus_program_info);
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0xB2, 0, 8);
    smfw_message(&w, 0, 0xC2, 1, 0);
    smfw_event(&w, 1, off, sizeof off);
    smfw_event(&w, 1, equal, sizeof equal);
    smfw_event(&w, 1, ranked, sizeof ranked);
    smfw_message(&w, 2, 0xC2, 5, 0);
    smfw_message(&w, 2, 0x92, 60, 100);
    struct dmus_song *song = open_song(&w);
    CHECK_EQ(song->plan.count, 1);
    CHECK_EQ(dmus_song_get_program(song, 0, &info), DMUS_OK);
    CHECK_EQ(info.patch, 8 << 16 | 5);
    dmus_song_close(song);
    smfw_event(&w, 0, xg_reset, sizeof xg_reset);
    smfw_message(&w, 1, 0xB2, 0, 127);
    smfw_message(&w, 1, 0xC2, 5, 0);
    smfw_message(&w, 2, 0x92, 40, 100);
    song = open_song(&w);
    CHECK_EQ(dmus_song_get_program(song, 0, &info), DMUS_OK);
    CHECK_EQ(info.patch, DMUS_PATCH_DRUMS | 127 << 16 | 5);
    dmus_song_close(song);
}

static void test_resets_and_rhythm_parts(void)
{
    static const uint8_t gm2[] = {0xF0, 0x7E, 0x7F, 0x09, 0x03, 0xF7};
    static const uint8_t rhythm[] = {0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x11, 0x15, 0x01, 0x19, 0xF7};
    static const uint8_t receive[] = {0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x11, 0x02, 0x05, 0x28, 0xF7};
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0xC0, 9, 0);
    smfw_event(&w, 1, gm2, sizeof gm2);
    smfw_message(&w, 2, 0x90, 60, 100);
    smfw_event(&w, 3, rhythm, sizeof rhythm); /* part 1, channel 0 */
    smfw_message(&w, 4, 0xC0, 8, 0);
    smfw_message(&w, 5, 0x90, 61, 100);
    struct dmus_song *song = open_song(&w);
    CHECK(asks_for(song, 0x79 << 16));            /* where GM 2 starts */
    CHECK(asks_for(song, 9));                     /* a profile that does not obey the reset */
    CHECK(asks_for(song, DMUS_PATCH_DRUMS | 0x79 << 16 | 8) || asks_for(song, DMUS_PATCH_DRUMS | 8));
    CHECK(!song->plan.everything);
    dmus_song_close(song);
    smfw_event(&w, 0, receive, sizeof receive);
    smfw_message(&w, 5, 0x90, 61, 100);
    song = open_song(&w);
    CHECK(song->plan.everything);
    dmus_song_close(song);
}

static void test_key_shift_widens(void)
{
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0x90, 60, 100);
    smfw_message(&w, 10, 0xC1, 7, 0);
    smfw_message(&w, 10, 0xB1, 101, 0);
    smfw_message(&w, 10, 0xB1, 100, 2);
    smfw_message(&w, 10, 0xB1, 6, 65);
    smfw_message(&w, 20, 0x91, 60, 100);
    struct dmus_song *song = open_song(&w);
    CHECK_EQ(song->plan.count, 2);
    CHECK(plan_use_wants(&song->plan.uses[0], 60, 60, 100, 100));
    CHECK(!plan_use_wants(&song->plan.uses[0], 61, 127, 0, 127));
    CHECK(!plan_use_wants(&song->plan.uses[0], 0, 127, 101, 127));
    CHECK(plan_use_wants(&song->plan.uses[1], 61, 61, 0, 127));
    CHECK(!plan_use_wants(&song->plan.uses[1], 0, 127, 0, 99));
    dmus_song_close(song);
}

/* With arguments: an installed bank, then songs for it. The first 20 seconds of each, with what the plan wants and with
 * everything. */
static char **installed;

static void test_installed_songs(void)
{
    struct dmus_bank *bank;
    struct dmus_error err = DMUS_INIT(dmus_error);
    if (!CHECK(dmus_bank_open(installed[0], &bank, &err) == DMUS_OK)) {
        printf("# %s\n", err.text);
        return;
    }
    for (char **path = installed + 1; *path; path++) {
        struct dmus_song *song;
        struct heard some = {0}, whole = {0};
        if (!CHECK(dmus_song_open(*path, &song, &err) == DMUS_OK)) {
            printf("# %s\n", err.text);
            continue;
        }
        to_seconds = 20;
        struct dmus_report_info a = play(song, bank, DMUS_RENDER_STUDIO, false, &some);
        struct dmus_report_info b = play(song, bank, DMUS_RENDER_STUDIO, true, &whole);
        CHECK_EQ(a.notes_missing, b.notes_missing);
        CHECK(a.wave_bytes < b.wave_bytes);
        if (!CHECK(some.count == whole.count && memcmp(some.samples, whole.samples, some.count * sizeof(float)) == 0))
            printf("# %s\n", *path);
        free(some.samples);
        free(whole.samples);
        dmus_song_close(song);
    }
    dmus_bank_close(bank);
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        installed = argv + 1;
        RUN(test_installed_songs);
        return tap_done();
    }
    RUN(test_programs_as_selected);
    RUN(test_kinds_by_bank);
    RUN(test_what_resets);
    RUN(test_resets_and_rhythm_parts);
    RUN(test_key_shift_widens);
    RUN(test_only_what_is_used);
    RUN(test_random_songs_sound_the_same);
    return tap_done();
}
