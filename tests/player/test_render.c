/* SPDX-License-Identifier: MIT */
/* Whole renders through the DDI with a bank and songs made here. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "dmus/dmus.h"
#include "tap.h"
#include "testbank.h"

static struct blob bank_file;
static struct dmus_bank *bank;

/* ---- a receiver ---- */

struct heard {
    uint8_t *bytes;
    size_t size, room, frame_bytes;
    size_t stop_after; /* bytes, 0: never */
};

static int hear(void *ctx, const void *frames, size_t count)
{
    struct heard *heard = ctx;
    size_t size = count * heard->frame_bytes;
    if (heard->stop_after && heard->size >= heard->stop_after)
        return 28; /* ENOSPC */
    if (heard->size + size > heard->room) {
        heard->room = (heard->size + size) * 2;
        heard->bytes = realloc(heard->bytes, heard->room);
    }
    memcpy(heard->bytes + heard->size, frames, size);
    heard->size += size;
    return 0;
}

static struct dmus_render_options defaults(void)
{
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    dmus_render_defaults(&options);
    options.interpolation = DMUS_INTERPOLATE_CUBIC;
    options.loudness = false;
    options.tail_limit_seconds = 5;
    return options;
}

static struct dmus_error err;

static enum dmus_status play(struct dmus_song *song, const struct dmus_render_options *options, uint32_t format,
                             struct heard *heard, struct dmus_report_info *info)
{
    struct dmus_output output = DMUS_INIT(dmus_output);
    struct dmus_report *report = NULL;
    memset(heard, 0, sizeof *heard);
    heard->frame_bytes = options->channels * (format == DMUS_S16 ? 2 : 4);
    output.format = format;
    output.write = hear;
    output.write_ctx = heard;
    err = (struct dmus_error)DMUS_INIT(dmus_error);
    enum dmus_status status = dmus_render(song, &bank, 1, options, &output, &report, &err);
    if (info) {
        *info = (struct dmus_report_info)DMUS_INIT(dmus_report_info);
        if (report)
            dmus_report_get_info(report, info);
    }
    dmus_report_free(report);
    return status;
}

static struct dmus_song *song_of(struct blob midi)
{
    struct dmus_song *song = NULL;
    CHECK_EQ(dmus_song_open_memory(midi.data, midi.size, "test.mid", &song, NULL), DMUS_OK);
    blob_free(&midi);
    return song;
}

static struct dmus_song *random_song(uint32_t seed) { return song_of(testsong_random(seed, 200, 1.5)); }

/* One note of program 0, key 50, from tick ON to OFF (48000 per second). */
static struct dmus_song *one_note(uint32_t on, uint32_t off, uint32_t end)
{
    struct smf_writer w = {0};
    smfw_message(&w, on, 0x90, 50, 100);
    if (off)
        smfw_message(&w, off, 0x80, 50, 0);
    return song_of(smfw_finish(&w, end));
}

/* ---- tests ---- */

static void test_blocks_do_not_matter(void)
{
    static const uint32_t blocks[] = {4096, 1, 7, 64, 441, 65536};
    struct dmus_song *song = random_song(3);
    for (uint32_t format = DMUS_S16; format <= DMUS_F32; format += 2) {
        struct heard first = {0}, other;
        for (unsigned i = 0; i < 6; i++) {
            struct dmus_render_options options = defaults();
            options.block_frames = blocks[i];
            CHECK_EQ(play(song, &options, format, i ? &other : &first, NULL), DMUS_OK);
            if (i == 0)
                continue;
            CHECK_EQ(other.size, first.size);
            CHECK(other.size == first.size && memcmp(other.bytes, first.bytes, first.size) == 0);
            free(other.bytes);
        }
        CHECK(first.size > 1000);
        free(first.bytes);
    }
    dmus_song_close(song);
}

static long first_sound(const struct heard *heard)
{
    const float *samples = (const float *)(const void *)heard->bytes;
    for (size_t i = 0; i < heard->size / 4; i++)
        if (samples[i] != 0)
            return (long)(i / 2);
    return -1;
}

/* An event written for frame n sounds from frame n, for n on no grid. The wave begins with sin(0) = 0, so its first sound is
 * one frame later, or two where the interpolation looks back. */
static void test_events_on_their_frame(void)
{
    static const uint32_t frames[] = {1, 63, 64, 65, 997, 4099, 12345};
    struct dmus_render_options options = defaults();
    options.reverb = options.chorus = DMUS_OFF;
    options.interpolation = DMUS_INTERPOLATE_LINEAR;
    long base = -1;
    for (unsigned i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        struct dmus_song *song = one_note(frames[i], frames[i] + 2400, frames[i] + 4800);
        struct heard heard;
        struct dmus_report_info info;
        CHECK_EQ(play(song, &options, DMUS_F32, &heard, &info), DMUS_OK);
        CHECK_EQ(info.events_late, 0);
        long offset = first_sound(&heard) - (long)frames[i];
        if (i == 0)
            base = offset;
        CHECK(base >= 0 && base <= 2);
        CHECK_EQ(offset, base);
        free(heard.bytes);
        dmus_song_close(song);
    }
}

static void test_tails(void)
{
    struct dmus_song *song = one_note(0, 24000, 48000);
    struct dmus_render_options options = defaults();
    struct heard heard;
    struct dmus_report_info info;
    options.reverb = options.chorus = DMUS_OFF;
    options.tail = DMUS_TAIL_LAST_EVENT;
    CHECK_EQ(play(song, &options, DMUS_F32, &heard, &info), DMUS_OK);
    CHECK_EQ(info.frames, 24000);
    CHECK_EQ(heard.size, 24000 * 8);
    free(heard.bytes);
    options.tail = DMUS_TAIL_SECONDS;
    options.tail_seconds = 0.25;
    CHECK_EQ(play(song, &options, DMUS_F32, &heard, &info), DMUS_OK);
    CHECK_EQ(info.frames, 48000 + 12000);
    CHECK(!info.tail_cut);
    free(heard.bytes);
    options.tail = DMUS_TAIL_SILENCE;
    CHECK_EQ(play(song, &options, DMUS_F32, &heard, &info), DMUS_OK);
    CHECK(info.frames >= 48000 && info.frames < 48000 + 48000);
    const float *last = (const float *)(const void *)(heard.bytes + heard.size - 8);
    CHECK_NEAR(last[0], 0, 1e-4);
    free(heard.bytes);
    dmus_song_close(song);
}

static float loudest(const struct heard *heard, size_t from, size_t to)
{
    const float *samples = (const float *)(const void *)heard->bytes;
    float most = 0;
    for (size_t i = 2 * from; i < 2 * to; i++)
        most = fabsf(samples[i]) > most ? fabsf(samples[i]) : most;
    return most;
}

/* A sound that goes on where the render ends ends with a fade of 5 ms, even if no tail is wanted. */
static void test_end_of_no_tail(void)
{
    static const double tails[] = {0, 0.001, 0.1};
    struct dmus_song *song = one_note(0, 0, 4800);
    struct dmus_render_options options = defaults();
    options.reverb = options.chorus = DMUS_OFF;
    options.tail = DMUS_TAIL_SECONDS;
    for (unsigned i = 0; i < 3; i++) {
        struct heard heard;
        struct dmus_report_info info;
        options.tail_seconds = tails[i];
        CHECK_EQ(play(song, &options, DMUS_F32, &heard, &info), DMUS_OK);
        size_t frames = 4800 + (size_t)(tails[i] * 48000 + 0.5);
        CHECK_EQ(heard.size, frames * 8);
        CHECK(loudest(&heard, 4000, 4500) > 0.01f);
        CHECK(loudest(&heard, frames - 2, frames) < 0.01f * loudest(&heard, 4000, 4500));
        free(heard.bytes);
    }
    dmus_song_close(song);
}

/* A key that is never let go: the song's end lets it go; without a note-off it would sound for ever. */
static void test_hanging_note(void)
{
    struct dmus_song *song = one_note(0, 0, 4800);
    struct dmus_render_options options = defaults();
    struct heard heard;
    struct dmus_report_info info;
    options.reverb = options.chorus = DMUS_OFF;
    CHECK_EQ(play(song, &options, DMUS_F32, &heard, &info), DMUS_OK);
    CHECK(info.seconds < 2);
    CHECK(!info.tail_cut);
    free(heard.bytes);
    options.tail_limit_seconds = 0.01; /* shorter than its release */
    CHECK_EQ(play(song, &options, DMUS_F32, &heard, &info), DMUS_OK);
    CHECK(info.tail_cut);
    const float *samples = (const float *)(const void *)heard.bytes;
    CHECK_NEAR(samples[heard.size / 4 - 1], 0, 1e-2);
    free(heard.bytes);
    dmus_song_close(song);
    song = one_note(0, 0, 0); /* in a song of no length */
    options.tail_limit_seconds = 5;
    CHECK_EQ(play(song, &options, DMUS_F32, &heard, &info), DMUS_OK);
    CHECK(info.seconds < 2);
    CHECK(!info.tail_cut);
    CHECK_EQ(info.notes, 1);
    free(heard.bytes);
    dmus_song_close(song);
}

static void test_from_and_to(void)
{
    struct dmus_song *song = random_song(9);
    struct dmus_render_options options = defaults();
    struct heard whole, part;
    struct dmus_report_info info;
    CHECK_EQ(play(song, &options, DMUS_F32, &whole, NULL), DMUS_OK);
    options.from_seconds = 0.4;
    options.to_seconds = 0.9;
    CHECK_EQ(play(song, &options, DMUS_F32, &part, &info), DMUS_OK);
    CHECK_EQ(info.frames, 24000);
    CHECK_EQ(part.size, 24000 * 8);
    CHECK_EQ(memcmp(part.bytes, whole.bytes + 19200 * 8, part.size), 0);
    free(part.bytes);
    free(whole.bytes);
    options.from_seconds = 100;
    options.to_seconds = 0;
    CHECK_EQ(play(song, &options, DMUS_F32, &part, NULL), DMUS_ERR_ARGUMENT);
    CHECK(strstr(err.text, "100 s") != NULL);
    dmus_song_close(song);
}

static void test_report(void)
{
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0x90, 50, 127);
    smfw_message(&w, 0, 0x90, 54, 127);
    smfw_message(&w, 0, 0xC1, 77, 0);
    smfw_message(&w, 10, 0x91, 60, 100);    /* no such program anywhere: silence */
    smfw_message(&w, 10, 0x99, 99, 100);    /* no such drum */
    smfw_message(&w, 4800, 0xB0, 123, 0);
    struct dmus_song *song = song_of(smfw_finish(&w, 9600));
    struct dmus_render_options options = defaults();
    struct dmus_output output = DMUS_INIT(dmus_output);
    struct dmus_report *report;
    struct dmus_report_info info = DMUS_INIT(dmus_report_info);
    struct dmus_missing_info missing = DMUS_INIT(dmus_missing_info);
    struct dmus_report_bank used = DMUS_INIT(dmus_report_bank);
    options.loudness = true;
    options.checksum = true;
    output.format = DMUS_F32;
    CHECK_EQ(dmus_render(song, &bank, 1, &options, &output, &report, &err), DMUS_OK);
    CHECK_EQ(dmus_report_get_info(report, &info), DMUS_OK);
    CHECK_EQ(info.notes, 4);
    CHECK_EQ(info.notes_missing, 2);
    CHECK_EQ(info.missing, 2);
    CHECK_EQ(dmus_report_get_missing(report, 0, &missing), DMUS_OK);
    CHECK_EQ(missing.patch, 77);
    CHECK_EQ(missing.channel, 1);
    CHECK_STR(missing.gm_name, "Shakuhachi");
    CHECK(!missing.instrument_found);
    CHECK_EQ(dmus_report_get_missing(report, 1, &missing), DMUS_OK);
    CHECK_EQ(missing.key, 99);
    CHECK(missing.instrument_found);
    CHECK_EQ(dmus_report_get_missing(report, 2, &missing), DMUS_ERR_NOT_FOUND);
    CHECK_EQ(dmus_report_get_bank(report, 0, &used), DMUS_OK);
    CHECK_STR(used.path, "test.sf2");
    CHECK_EQ(used.kind, DMUS_KIND_SF2);
    CHECK_EQ(strlen(used.sha256), 64);
    CHECK(info.peak_dbfs < 0 && info.peak_dbfs > -60);
    CHECK(info.voices_peak >= 2);
    CHECK(info.times_realtime > 0 && info.wall_seconds > 0);
    bool found = false;
    for (uint32_t i = 0; i < info.remarks; i++)
        found |= strstr(dmus_report_get_remark(report, i), "0:0:77") != NULL;
    CHECK(found);
    CHECK(dmus_report_get_remark(report, info.remarks) == NULL);
    dmus_report_free(report);
    options.strict = true;
    CHECK_EQ(dmus_render(song, &bank, 1, &options, &output, &report, &err), DMUS_ERR_SUBSTITUTED);
    CHECK(strstr(err.text, "test.mid: strict: 2 notes") != NULL);
    CHECK(report != NULL);
    dmus_report_free(report);
    dmus_song_close(song);
}

/* +6.02 dB of gain doubles every sample; the level itself is the Volume property's. */
static void test_gain(void)
{
    struct dmus_song *song = one_note(0, 2400, 4800);
    struct dmus_render_options options = defaults();
    struct heard quiet, loud;
    options.reverb = options.chorus = DMUS_OFF;
    CHECK_EQ(play(song, &options, DMUS_F32, &quiet, NULL), DMUS_OK);
    options.gain_db = 6;
    CHECK_EQ(play(song, &options, DMUS_F32, &loud, NULL), DMUS_OK);
    double a = 0, b = 0;
    for (size_t i = 0; i < 4800 * 2; i++) {
        double x = ((float *)(void *)quiet.bytes)[i], y = ((float *)(void *)loud.bytes)[i];
        a += x * x;
        b += y * y;
    }
    CHECK_NEAR(10 * log10(b / a), 6, 0.01);
    free(quiet.bytes);
    free(loud.bytes);
    dmus_song_close(song);
}

static bool stop_at_half(void *ctx, const struct dmus_progress *progress)
{
    (void)ctx;
    return progress->seconds < 0.5;
}

static void test_cancel_and_failing_receiver(void)
{
    struct dmus_song *song = random_song(4);
    struct dmus_render_options options = defaults();
    struct dmus_output output = DMUS_INIT(dmus_output);
    struct heard heard = {.frame_bytes = 4, .stop_after = 20000};
    long live = dm_alloc_live();
    options.progress = stop_at_half;
    output.format = DMUS_S16;
    output.path = "player-test-cancelled.wav";
    CHECK_EQ(dmus_render(song, &bank, 1, &options, &output, NULL, &err), DMUS_ERR_CANCELLED);
    CHECK(access(output.path, F_OK) != 0);
    options.progress = NULL;
    output.path = NULL;
    output.write = hear;
    output.write_ctx = &heard;
    CHECK_EQ(dmus_render(song, &bank, 1, &options, &output, NULL, &err), DMUS_ERR_WRITE);
    CHECK(strstr(err.text, "No space") != NULL);
    CHECK_EQ(dm_alloc_live(), live);
    free(heard.bytes);
    dmus_song_close(song);
}

static void test_files(void)
{
    struct dmus_song *song = one_note(0, 2400, 4800);
    struct dmus_render_options options = defaults();
    struct dmus_output output = DMUS_INIT(dmus_output);
    output.format = DMUS_S16;
    output.path = "player-test-out.wav";
    unlink(output.path);
    CHECK_EQ(dmus_render(song, &bank, 1, &options, &output, NULL, &err), DMUS_OK);
    struct stat info;
    CHECK_EQ(stat(output.path, &info), 0);
    CHECK(info.st_size > 4800 * 4);
    CHECK_EQ(dmus_render(song, &bank, 1, &options, &output, NULL, &err), DMUS_ERR_WRITE);
    CHECK(strstr(err.text, output.path) != NULL);
    output.overwrite = true;
    CHECK_EQ(dmus_render(song, &bank, 1, &options, &output, NULL, &err), DMUS_OK);
    unlink(output.path);
    output.path = "no-such-directory/out.wav";
    CHECK_EQ(dmus_render(song, &bank, 1, &options, &output, NULL, &err), DMUS_ERR_WRITE);
    CHECK(strstr(err.text, "no-such-directory") != NULL);
    dmus_song_close(song);
}

static void test_arguments(void)
{
    struct dmus_song *song = one_note(0, 240, 480);
    struct heard heard;
    static const struct {
        size_t offset;
        uint32_t value;
    } bad[] = {{offsetof(struct dmus_render_options, sample_rate), 7999},
               {offsetof(struct dmus_render_options, sample_rate), 192001},
               {offsetof(struct dmus_render_options, channels), 3},
               {offsetof(struct dmus_render_options, channels), 0},
               {offsetof(struct dmus_render_options, polyphony), 0},
               {offsetof(struct dmus_render_options, polyphony), 16385},
               {offsetof(struct dmus_render_options, block_frames), 0},
               {offsetof(struct dmus_render_options, block_frames), 65537},
               {offsetof(struct dmus_render_options, interpolation), 6},
               {offsetof(struct dmus_render_options, simd), 7},
               {offsetof(struct dmus_render_options, threads), 65},
               {offsetof(struct dmus_render_options, profile), 2},
               {offsetof(struct dmus_render_options, tail), 3},
               {offsetof(struct dmus_render_options, reverb), 3},
               {offsetof(struct dmus_render_options, size), 8}};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct dmus_render_options options = defaults();
        memcpy((char *)&options + bad[i].offset, &bad[i].value, 4);
        CHECK_EQ(play(song, &options, DMUS_F32, &heard, NULL), DMUS_ERR_ARGUMENT);
        CHECK(err.text[0] != '\0');
        free(heard.bytes);
    }
    struct dmus_render_options options = defaults();
    options.gain_db = (double)NAN;
    CHECK_EQ(play(song, &options, DMUS_F32, &heard, NULL), DMUS_ERR_ARGUMENT);
    options = defaults();
    CHECK_EQ(play(song, &options, DMUS_S24, &heard, NULL), DMUS_ERR_ARGUMENT);
    CHECK_EQ(dmus_render(song, NULL, 0, NULL, NULL, NULL, NULL), DMUS_ERR_ARGUMENT);
    CHECK_EQ(dmus_render(NULL, &bank, 1, NULL, NULL, NULL, NULL), DMUS_ERR_ARGUMENT);
    dmus_song_close(song);
}

static void test_profiles_rates_and_mono(void)
{
    static const uint32_t rates[] = {8000, 22050, 44100, 96000};
    struct dmus_song *song = one_note(4800, 9600, 14400);
    for (unsigned i = 0; i < 4; i++)
        for (uint32_t profile = 0; profile < 2; profile++) {
            struct dmus_render_options options = defaults();
            struct heard heard;
            struct dmus_report_info info;
            options.profile = profile;
            options.sample_rate = profile && rates[i] < 11025 ? 11025 : rates[i];
            options.channels = 1 + i % 2;
            options.tail = DMUS_TAIL_SECONDS;
            options.tail_seconds = 0.1;
            options.polyphony = 32;
            CHECK_EQ(play(song, &options, DMUS_F32, &heard, &info), DMUS_OK);
            CHECK_NEAR(info.seconds, 0.4, 0.001);
            CHECK_EQ(heard.size, info.frames * 4 * options.channels);
            CHECK(info.peak_dbfs > -60);
            free(heard.bytes);
        }
    dmus_song_close(song);
}

/* ---- one bank, many renders at once ---- */

struct job {
    pthread_t thread;
    struct dmus_song *song;
    struct dmus_bank *bank;
    struct heard heard;
    enum dmus_status status;
};

static void *run_job(void *arg)
{
    struct job *job = arg;
    struct dmus_render_options options = defaults();
    struct dmus_output output = DMUS_INIT(dmus_output);
    job->heard.frame_bytes = 8;
    output.format = DMUS_F32;
    output.write = hear;
    output.write_ctx = &job->heard;
    job->status = dmus_render(job->song, &job->bank, 1, &options, &output, NULL, NULL);
    return NULL;
}

static void test_renders_at_once(void)
{
    enum { JOBS = 4 };
    struct job job[JOBS] = {0};
    struct dmus_bank *fresh;
    CHECK_EQ(dmus_bank_open_memory(bank_file.data, bank_file.size, "fresh.sf2", &fresh, NULL), DMUS_OK);
    for (int i = 0; i < JOBS; i++) {
        job[i].song = random_song(20 + (uint32_t)i / 2);
        job[i].bank = fresh;
        CHECK_EQ(pthread_create(&job[i].thread, NULL, run_job, &job[i]), 0);
    }
    for (int i = 0; i < JOBS; i++) {
        pthread_join(job[i].thread, NULL);
        CHECK_EQ(job[i].status, DMUS_OK);
        dmus_song_close(job[i].song);
    }
    for (int i = 0; i < JOBS; i += 2) {
        CHECK_EQ(job[i].heard.size, job[i + 1].heard.size);
        CHECK_EQ(memcmp(job[i].heard.bytes, job[i + 1].heard.bytes, job[i].heard.size), 0);
    }
    for (int i = 0; i < JOBS; i++)
        free(job[i].heard.bytes);
    dmus_bank_close(fresh);
}

int main(void)
{
    bank_file = testbank_make();
    if (dmus_bank_open_memory(bank_file.data, bank_file.size, "test.sf2", &bank, NULL) != DMUS_OK)
        return 1;
    RUN(test_blocks_do_not_matter);
    RUN(test_events_on_their_frame);
    RUN(test_tails);
    RUN(test_end_of_no_tail);
    RUN(test_hanging_note);
    RUN(test_from_and_to);
    RUN(test_report);
    RUN(test_gain);
    RUN(test_cancel_and_failing_receiver);
    RUN(test_files);
    RUN(test_arguments);
    RUN(test_profiles_rates_and_mono);
    RUN(test_renders_at_once);
    dmus_bank_close(bank);
    blob_free(&bank_file);
    return tap_done();
}
