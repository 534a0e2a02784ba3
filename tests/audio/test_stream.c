/* SPDX-License-Identifier: MIT */
/* Outputs that cannot go back: standard output, pipes, closed pipes; one that can: a file's beginning; and the null outputs. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sndfile.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/output.h"
#include "tap.h"

enum { FRAMES = 30000 };

static float sound[FRAMES * 2];
static uint8_t received[FRAMES * 8 + 10000];

struct reader {
    int fd;
    size_t size;
};

/* Reads slowly and in odd pieces, so that the writer meets a full pipe. */
static void *read_all(void *ctx)
{
    struct reader *reader = ctx;
    for (;;) {
        size_t room = sizeof received - reader->size;
        ssize_t got = read(reader->fd, received + reader->size, room < 7777 ? room : 7777);
        if (got <= 0)
            break;
        reader->size += (size_t)got;
        usleep(200);
    }
    return NULL;
}

/* The sound through standard output into `received`; returns the bytes. */
static size_t through_stdout(struct audio_config *config, bool non_blocking, enum dm_status *status)
{
    int ends[2], saved = dup(1);
    pthread_t thread;
    struct audio_output *out;
    fflush(stdout);
    if (pipe(ends) != 0)
        return 0;
    struct reader reader = {ends[0], 0};
    dup2(ends[1], 1);
    close(ends[1]);
    if (non_blocking)
        fcntl(1, F_SETFL, O_NONBLOCK);
    pthread_create(&thread, NULL, read_all, &reader);
    config->path = "-";
    *status = audio_output_find("file")->open(config, &out, NULL);
    for (size_t at = 0; at < FRAMES && *status == DM_OK; at += 1000)
        *status = out->ops->write(out, sound + 2 * at, 1000, NULL);
    if (*status == DM_OK)
        *status = out->ops->close(out, true, NULL);
    dup2(saved, 1);
    close(saved);
    pthread_join(thread, NULL);
    close(ends[0]);
    return reader.size;
}

/* ---- libsndfile on the received bytes ---- */

struct memory {
    sf_count_t at, size;
};
static sf_count_t memory_length(void *ctx) { return ((struct memory *)ctx)->size; }
static sf_count_t memory_tell(void *ctx) { return ((struct memory *)ctx)->at; }
static sf_count_t memory_seek(sf_count_t offset, int whence, void *ctx)
{
    struct memory *memory = ctx;
    memory->at = offset + (whence == SEEK_CUR ? memory->at : whence == SEEK_END ? memory->size : 0);
    return memory->at;
}
static sf_count_t memory_read(void *bytes, sf_count_t size, void *ctx)
{
    struct memory *memory = ctx;
    if (size > memory->size - memory->at)
        size = memory->size - memory->at;
    memcpy(bytes, received + memory->at, (size_t)size);
    memory->at += size;
    return size;
}

static void check_received(size_t size, int sf_format, double tolerance)
{
    SF_VIRTUAL_IO io = {memory_length, memory_seek, memory_read, NULL, memory_tell};
    struct memory memory = {0, (sf_count_t)size};
    SF_INFO info = {0};
    static float got[FRAMES * 2];
    SNDFILE *file = sf_open_virtual(&io, SFM_READ, &info, &memory);
    if (!CHECK(file != NULL))
        return;
    CHECK_EQ(info.format & (SF_FORMAT_TYPEMASK | SF_FORMAT_SUBMASK), sf_format);
    CHECK_EQ(info.samplerate, 24000);
    CHECK_EQ(sf_readf_float(file, got, FRAMES), FRAMES);
    CHECK_EQ(sf_readf_float(file, got, 1), 0);
    CHECK_STR(sf_get_string(file, SF_STR_TITLE), "A song");
    sf_seek(file, 0, SEEK_SET);
    sf_readf_float(file, got, FRAMES);
    double noise = 0, power = 0;
    for (int i = 0; i < FRAMES * 2; i++) {
        noise += pow(got[i] - sound[i], 2);
        power += pow(sound[i], 2);
    }
    CHECK(noise / power <= tolerance);
    sf_close(file);
}

static void test_standard_output(void)
{
    static const struct {
        const char *type;
        enum sample_format format;
        int sf_format;
        double tolerance;
    } runs[] = {
        {NULL, SAMPLE_S16, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 1e-8},
        {"wav", SAMPLE_S24, SF_FORMAT_WAV | SF_FORMAT_PCM_24, 1e-13},
        {"rf64", SAMPLE_F32, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 0},
        {"flac", SAMPLE_S24, SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 1e-13},
        {"ogg", SAMPLE_S16, SF_FORMAT_OGG | SF_FORMAT_VORBIS, 0.05},
        {"opus", SAMPLE_S16, SF_FORMAT_OGG | SF_FORMAT_OPUS, 0.05},
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct audio_config config = {.sample_rate = 24000, .channels = 2, .format = runs[i].format, .float_input = true,
                                      .type = runs[i].type, .title = "A song"};
        enum dm_status status = DM_ERR_DEVICE;
        size_t size = through_stdout(&config, i == 0, &status);
        CHECK_EQ(status, DM_OK);
        check_received(size, runs[i].sf_format, runs[i].tolerance);
    }
}

/* The sound to PATH, completely; the bytes that then are there to BYTES. Returns their number. */
static size_t through_file(struct audio_config *config, const char *path, uint8_t *bytes, size_t room)
{
    struct audio_output *out;
    config->path = path;
    config->overwrite = true;
    bool done = audio_output_find("file")->open(config, &out, NULL) == DM_OK;
    for (size_t at = 0; done && at < FRAMES; at += 1000)
        done = out->ops->write(out, sound + 2 * at, 1000, NULL) == DM_OK;
    CHECK(done && out->ops->close(out, true, NULL) == DM_OK);
    int fd = open(strcmp(path, "-") == 0 ? "redirected" : path, O_RDONLY);
    ssize_t size = read(fd, bytes, room);
    close(fd);
    return size < 0 ? 0 : (size_t)size;
}

/* "> FILE" makes the bytes of "-o FILE", and what comes to standard output next stands behind them; ">> FILE" is a pipe as any. */
static void test_redirected(void)
{
    static const char *const types[] = {"wav", "rf64", "flac", "ogg"};
    static uint8_t redirected[sizeof received];
    for (size_t i = 0; i < 2 * sizeof types / sizeof *types; i++) {
        const bool append = i % 2;
        struct audio_config config = {.sample_rate = 24000, .channels = 2, .format = i / 2 == 2 ? SAMPLE_S24 : SAMPLE_F32,
                                      .float_input = true, .type = types[i / 2], .title = "A song"};
        size_t size = through_file(&config, "named", received, sizeof received);
        int saved = dup(1), fd = open("redirected", O_WRONLY | O_CREAT | O_TRUNC | (append ? O_APPEND : 0), 0600);
        fflush(stdout);
        dup2(fd, 1);
        close(fd);
        size_t same = through_file(&config, "-", redirected, sizeof redirected);
        off_t behind = lseek(1, 0, SEEK_CUR);
        dup2(saved, 1);
        close(saved);
        CHECK_EQ(behind, (off_t)same);
        CHECK(append ? same > 0 : same == size && memcmp(redirected, received, size) == 0);
        CHECK(!append || memcmp(redirected + 4, i / 2 < 2 ? "\xff\xff\xff\xff" : (const char *)redirected + 4, 4) == 0);
    }
    unlink("named");
    unlink("redirected");
}

static void test_closed_pipe(void)
{
    static const char *const types[] = {"wav", "flac", "ogg"};
    for (size_t i = 0; i < 3; i++) {
        int ends[2], saved = dup(1);
        struct audio_output *out;
        struct dm_error err = {0};
        struct audio_config config = {.sample_rate = 24000, .channels = 2, .format = SAMPLE_S16, .float_input = true,
                                      .path = "-", .type = types[i]};
        fflush(stdout);
        CHECK_EQ(pipe(ends), 0);
        dup2(ends[1], 1);
        close(ends[1]);
        enum dm_status status = audio_output_find("file")->open(&config, &out, &err);
        close(ends[0]);
        for (int n = 0; n < 10 && status == DM_OK; n++)
            status = out->ops->write(out, sound, FRAMES, &err);
        enum dm_status closed = out->ops->close(out, true, NULL);
        dup2(saved, 1);
        close(saved);
        CHECK_EQ(status, DM_ERR_WRITE);
        CHECK_EQ(closed, DM_ERR_WRITE);
        CHECK(strstr(err.text, "standard output") && strstr(err.text, strerror(EPIPE)));
    }
}

static void test_devices_are_written_in_place(void)
{
    struct audio_config config = {.sample_rate = 24000, .channels = 2, .format = SAMPLE_S16, .float_input = true,
                                  .path = "/dev/null", .type = "wav"};
    struct audio_output *out;
    struct stat info;
    CHECK_EQ(audio_output_find("file")->open(&config, &out, NULL), DM_OK);
    CHECK_EQ(out->ops->write(out, sound, FRAMES, NULL), DM_OK);
    CHECK_EQ(out->ops->close(out, true, NULL), DM_OK);
    CHECK(stat("/dev/null", &info) == 0 && S_ISCHR(info.st_mode));
}

/* ---- the table, and the output that forgets ---- */

static void test_table(void)
{
    CHECK(audio_output_find("file") == audio_outputs[0]);
    CHECK(audio_output_find("discard") != NULL);
    CHECK(audio_output_find("loud") == NULL);
    for (int i = 0; audio_outputs[i]; i++)
        CHECK(strlen(audio_outputs[i]->description) > 0);
    CHECK(!audio_output_find("discard")->realtime);
}

static void test_discard_takes_anything(void)
{
    struct audio_config config = {.sample_rate = 48000, .channels = 2, .format = SAMPLE_S16};
    struct audio_output *out;
    const struct audio_output_ops *discard = audio_output_find("discard");
    CHECK_EQ(discard->open(&config, &out, NULL), DM_OK);
    CHECK_EQ(out->ops->write(out, sound, (size_t)1 << 30, NULL), DM_OK); /* not looked at */
    CHECK_EQ(out->ops->clipped(out), 0);
    CHECK_EQ(out->ops->close(out, true, NULL), DM_OK);
    config.sample_rate = 0;
    CHECK_EQ(discard->open(&config, &out, NULL), DM_ERR_ARGUMENT);
    CHECK(out == NULL);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < FRAMES; i++) {
        sound[2 * i] = (float)(0.7 * sin(i * 0.02 + i * 1e-7 * i));
        sound[2 * i + 1] = (float)(0.3 * sin(i * 0.05));
    }
    RUN(test_standard_output);
    RUN(test_redirected);
    RUN(test_closed_pipe);
    RUN(test_devices_are_written_in_place);
    RUN(test_table);
    RUN(test_discard_takes_anything);
    return tap_done();
}
