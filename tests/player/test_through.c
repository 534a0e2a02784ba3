/* SPDX-License-Identifier: MIT */
/*
 * One song through either half of the DDI gives the same samples, bit for bit, and the same report.
 *
 * usage: test_player_through SONG            (with a bank made here)
 *        test_player_through BANK SONG...    (a minute of each)
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "dmus/dmus.h"
#include "tap.h"
#include "testbank.h"

static struct dmus_bank *bank;
static char **songs;
static int song_count;

struct heard {
    uint8_t *bytes;
    size_t size, room, frame_bytes;
};

static int hear(void *ctx, const void *frames, size_t count)
{
    struct heard *heard = ctx;
    size_t size = count * heard->frame_bytes;
    if (heard->size + size > heard->room) {
        heard->room = (heard->size + size) * 2;
        heard->bytes = realloc(heard->bytes, heard->room);
    }
    memcpy(heard->bytes + heard->size, frames, size);
    heard->size += size;
    return 0;
}

struct way {
    uint32_t profile, format, rate, channels, block, through;
    double to;
};

static bool render(struct dmus_song *song, const struct way *way, struct heard *heard, struct dmus_report_info *info,
                   char *remarks)
{
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    struct dmus_output output = DMUS_INIT(dmus_output);
    struct dmus_report *report = NULL;
    struct dmus_error err = DMUS_INIT(dmus_error);
    dmus_render_defaults(&options);
    options.profile = way->profile;
    options.sample_rate = way->rate;
    options.channels = way->channels;
    options.block_frames = way->block;
    options.through = way->through;
    options.loudness = false;
    options.to_seconds = way->to;
    options.polyphony = 64; /* voices are stolen, too */
    *heard = (struct heard){.frame_bytes = way->channels * (way->format == DMUS_S16 ? 2 : 4)};
    output.format = way->format;
    output.write = hear;
    output.write_ctx = heard;
    enum dmus_status status = dmus_render(song, &bank, 1, &options, &output, &report, &err);
    if (status != DMUS_OK)
        printf("#   %s\n", err.text);
    *info = (struct dmus_report_info)DMUS_INIT(dmus_report_info);
    dmus_report_get_info(report, info);
    const char *remark;
    for (uint32_t i = 0; (remark = dmus_report_get_remark(report, i)) != NULL && strlen(remarks) < 3000; i++)
        strncat(remarks, remark, 900);
    dmus_report_free(report);
    return status == DMUS_OK;
}

static void both(struct dmus_song *song, struct way way)
{
    struct heard user, kernel;
    struct dmus_report_info a, b;
    char said[2][4096] = {"", ""};
    way.through = DMUS_THROUGH_USER;
    CHECK(render(song, &way, &user, &a, said[0]));
    way.through = DMUS_THROUGH_KERNEL;
    CHECK(render(song, &way, &kernel, &b, said[1]));
    CHECK(user.size > 0);
    CHECK_EQ(kernel.size, user.size);
    CHECK(kernel.size == user.size && memcmp(kernel.bytes, user.bytes, user.size) == 0);
    CHECK(a.peak_dbfs > -60 && a.peak_dbfs == b.peak_dbfs);
    CHECK_EQ(b.clipped_samples, a.clipped_samples);
    CHECK_EQ(b.notes_missing, a.notes_missing);
    CHECK_EQ(b.missing, a.missing);
    CHECK_EQ(b.voices_peak, a.voices_peak);
    CHECK_EQ(b.voices_stolen, a.voices_stolen);
    CHECK_EQ(b.events_late, 0);
    CHECK_EQ(b.waves, a.waves);
    CHECK_EQ(b.wave_bytes, a.wave_bytes);
    CHECK_STR(said[1], said[0]);
    free(user.bytes);
    free(kernel.bytes);
}

static const struct way ways[] = {
    {DMUS_RENDER_STUDIO, DMUS_S16, 48000, 2, 4096, 0, 0}, {DMUS_RENDER_STUDIO, DMUS_F32, 44100, 2, 1024, 0, 0},
    {DMUS_RENDER_STUDIO, DMUS_F32, 96000, 1, 37, 0, 0},   {DMUS_RENDER_NATIVE, DMUS_S16, 22050, 2, 512, 0, 0},
    {DMUS_RENDER_NATIVE, DMUS_F32, 44100, 2, 65536, 0, 0}, {DMUS_RENDER_NATIVE, DMUS_S16, 11025, 1, 1, 0, 0},
};
#define WAYS (sizeof ways / sizeof ways[0])

static void test_same_samples(void)
{
    for (int s = 0; s < song_count; s++) {
        struct dmus_song *song;
        CHECK_EQ(dmus_song_open(songs[s], &song, NULL), DMUS_OK);
        for (size_t w = 0; w < WAYS; w++) {
            struct way way = ways[w];
            way.to = way.block < 64 ? 8 : 60;
            both(song, way);
        }
        dmus_song_close(song);
    }
}

/* Several machines at a time, as with --jobs. */
static void *job(void *ctx)
{
    struct dmus_song *song = NULL;
    struct heard *heard = ctx;
    struct dmus_report_info info;
    struct way way = {DMUS_RENDER_STUDIO, DMUS_S16, 32000, 2, 777, DMUS_THROUGH_KERNEL, 15};
    char remarks[4096] = "";
    dmus_song_open(songs[0], &song, NULL);
    render(song, &way, heard, &info, remarks);
    dmus_song_close(song);
    return NULL;
}

static void test_several_at_a_time(void)
{
    enum { JOBS = 4 };
    pthread_t threads[JOBS];
    struct heard heard[JOBS];
    for (int i = 0; i < JOBS; i++)
        pthread_create(&threads[i], NULL, job, &heard[i]);
    for (int i = 0; i < JOBS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < JOBS; i++) {
        CHECK(heard[i].size > 0 && heard[i].size == heard[0].size);
        CHECK(heard[i].size == heard[0].size && memcmp(heard[i].bytes, heard[0].bytes, heard[0].size) == 0);
    }
    for (int i = 0; i < JOBS; i++)
        free(heard[i].bytes);
}

int main(int argc, char **argv)
{
    struct blob file = {0};
    if (argc < 2)
        return 2;
    if (argc == 2) {
        file = testbank_make();
        CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "test.sf2", &bank, NULL), DMUS_OK);
    } else if (dmus_bank_open(argv[1], &bank, NULL) != DMUS_OK) {
        puts("1..0 # SKIP the bank cannot be opened");
        return 0;
    }
    songs = argc == 2 ? argv + 1 : argv + 2;
    song_count = argc == 2 ? 1 : argc - 2;
    RUN(test_same_samples);
    RUN(test_several_at_a_time);
    dmus_bank_close(bank);
    blob_free(&file);
    return tap_done();
}
