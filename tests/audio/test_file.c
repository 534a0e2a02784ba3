/* SPDX-License-Identifier: MIT */
/* Sound files: written here, read back with libsndfile, compared with what the formats promise. */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sndfile.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/output.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/mapfile.h"
#include "tap.h"

enum { FRAMES = 20000 };

static char directory[] = "/tmp/dmus-audio-XXXXXX";
static char path[160], other[160];
static float sound[FRAMES * 2];
static int16_t sound16[FRAMES * 2];

static const char *in_directory(char out[160], const char *name)
{
    snprintf(out, 160, "%s/%s", directory, name);
    return out;
}

/* Two chirps that overlap full scale a little. */
static void make_sound(void)
{
    for (int i = 0; i < FRAMES; i++) {
        double t = i / 48000.0;
        sound[2 * i] = (float)(1.01 * sin(6.283185307 * (200 * t + 2000 * t * t)));
        sound[2 * i + 1] = (float)(0.5 * sin(6.283185307 * 440 * t));
        sound16[2 * i] = (int16_t)(30000 * sin(6.283185307 * 300 * t));
        sound16[2 * i + 1] = (int16_t)(20000 * sin(6.283185307 * 700 * t));
    }
}

static int entries(void)
{
    int count = 0;
    DIR *dir = opendir(directory);
    for (struct dirent *e; dir && (e = readdir(dir));)
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    if (dir)
        closedir(dir);
    return count;
}

static struct audio_config config_for(const char *to, enum sample_format format, bool float_input)
{
    return (struct audio_config){.sample_rate = 48000, .channels = 2, .format = format, .float_input = float_input,
                                 .path = to, .overwrite = true, .title = "A song", .software = "Test 1",
                                 .comment = "bank.dls"};
}

/* Write the whole sound in pieces of STEP frames. */
static enum dm_status write_sound(const struct audio_config *config, size_t step, uint64_t *clipped, struct dm_error *err)
{
    struct audio_output *out;
    enum dm_status status = audio_output_find("file")->open(config, &out, err);
    if (status != DM_OK)
        return status;
    for (size_t at = 0; at < FRAMES && status == DM_OK; at += step) {
        size_t count = FRAMES - at < step ? FRAMES - at : step;
        const void *from = config->float_input ? (const void *)(sound + at * config->channels)
                                               : (const void *)(sound16 + at * config->channels);
        status = out->ops->write(out, from, count, err);
    }
    if (clipped)
        *clipped = out->ops->clipped(out);
    enum dm_status closed = out->ops->close(out, status == DM_OK, status == DM_OK ? err : NULL);
    return status != DM_OK ? status : closed;
}

static bool same_files(const char *a, const char *b)
{
    struct mapped_file fa, fb;
    bool same = false;
    if (mapfile_open(a, &fa, NULL) == DM_OK) {
        if (mapfile_open(b, &fb, NULL) == DM_OK) {
            same = fa.bytes.size == fb.bytes.size && memcmp(fa.bytes.data, fb.bytes.data, fa.bytes.size) == 0;
            mapfile_close(&fb);
        }
        mapfile_close(&fa);
    }
    return same;
}

struct kind {
    const char *suffix;
    enum sample_format format;
    int sf_format;
    double step; /* of the sample format; 0: lossy */
};

static const struct kind kinds[] = {
    {"wav", SAMPLE_S16, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 1 / 32768.0},
    {"wav", SAMPLE_S24, SF_FORMAT_WAV | SF_FORMAT_PCM_24, 1 / 8388608.0},
    {"WAVE", SAMPLE_F32, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 1e-12},
    {"rf64", SAMPLE_S24, SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, 1 / 8388608.0}, /* short: stays RIFF, EBU 3306 */
    {"RF64", SAMPLE_F32, SF_FORMAT_WAVEX | SF_FORMAT_FLOAT, 1e-12},
    {"flac", SAMPLE_S16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 1 / 32768.0},
    {"Flac", SAMPLE_S24, SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 1 / 8388608.0},
    {"ogg", SAMPLE_S16, SF_FORMAT_OGG | SF_FORMAT_VORBIS, 0},
    {"oga", SAMPLE_F32, SF_FORMAT_OGG | SF_FORMAT_VORBIS, 0},
    {"opus", SAMPLE_F32, SF_FORMAT_OGG | SF_FORMAT_OPUS, 0},
};
enum { OGG = 7, KINDS = sizeof kinds / sizeof *kinds };

/* Largest difference for exact kinds, noise power against the sound's for lossy ones. */
static double difference(SNDFILE *file, bool float_input, bool lossy)
{
    static float got[FRAMES * 2];
    double worst = 0, noise = 0, power = 0;
    if (sf_readf_float(file, got, FRAMES) != FRAMES)
        return 1e9;
    for (int i = 0; i < FRAMES * 2; i++) {
        double want = float_input ? (double)sound[i] : sound16[i] / 32768.0;
        double d = fabs(got[i] - want);
        if (!lossy && float_input && fabs(want) > 1) /* limited */
            continue;
        worst = fmax(worst, d);
        noise += d * d;
        power += want * want;
    }
    return lossy ? noise / power : worst;
}

static void check_kind(const struct kind *kind, bool float_input)
{
    char name[32];
    snprintf(name, sizeof name, "sound.%s", kind->suffix);
    struct audio_config config = config_for(in_directory(path, name), kind->format, float_input);
    struct dm_error err = {0};
    CHECK_EQ(write_sound(&config, 1000, NULL, &err), DM_OK);
    CHECK_STR(err.text, "");
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (!CHECK(file != NULL))
        return;
    CHECK_EQ(info.format & (SF_FORMAT_TYPEMASK | SF_FORMAT_SUBMASK), kind->sf_format);
    CHECK_EQ(info.samplerate, 48000);
    CHECK_EQ(info.channels, 2);
    CHECK_EQ(info.frames, FRAMES);
    CHECK_STR(sf_get_string(file, SF_STR_TITLE), "A song");
    CHECK_STR(sf_get_string(file, SF_STR_COMMENT), "bank.dls");
    if (kind->step > 0)
        CHECK_NEAR(difference(file, float_input, false), 0, float_input ? kind->step / 2 + 1e-9 : 0);
    else
        CHECK(difference(file, float_input, true) < 0.05);
    sf_close(file);
}

static void test_written_and_read_back(void)
{
    for (int i = 0; i < KINDS; i++) {
        check_kind(&kinds[i], true);
        check_kind(&kinds[i], false);
    }
}

static void test_clipped_samples_are_counted(void)
{
    uint64_t clipped, want = 0;
    for (int i = 0; i < FRAMES * 2; i++) {
        double whole = nearbyint((double)sound[i] * 32768);
        want += whole > 32767 || whole < -32768;
    }
    CHECK(want > 50);
    struct audio_config config = config_for(in_directory(path, "clip.wav"), SAMPLE_S16, true);
    CHECK_EQ(write_sound(&config, 777, &clipped, NULL), DM_OK);
    CHECK_EQ(clipped, want);
    config.format = SAMPLE_F32;
    CHECK_EQ(write_sound(&config, 777, &clipped, NULL), DM_OK);
    CHECK_EQ(clipped, 0);
}

/* Two runs, and any cut of the stream, make the same bytes. The second run is in another second of the clock, in case a
 * format stamps the time. */
static void test_identical_bytes(void)
{
    static char first[KINDS][160];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < KINDS; i++) {
            char name[48];
            snprintf(name, sizeof name, "%s%d.%s", round ? "again" : "first", i, kinds[i].suffix);
            struct audio_config config = config_for(in_directory(other, name), kinds[i].format, true);
            CHECK_EQ(write_sound(&config, round ? 333 : FRAMES, NULL, NULL), DM_OK);
            if (round == 0)
                memcpy(first[i], other, sizeof other);
            else
                CHECK(same_files(first[i], other));
        }
        if (round == 0)
            usleep(1100000);
    }
    struct audio_config config = config_for(in_directory(other, "other.ogg"), SAMPLE_S16, true);
    config.title = "Another song";
    CHECK_EQ(write_sound(&config, 333, NULL, NULL), DM_OK);
    CHECK(!same_files(first[OGG], other));
}

/* The PEAK chunk that libsndfile adds to floats has a time stamp after its version. */
static void test_no_time_of_day(void)
{
    struct mapped_file file;
    struct audio_config config = config_for(in_directory(path, "stamp.rf64"), SAMPLE_F32, true);
    CHECK_EQ(write_sound(&config, FRAMES, NULL, NULL), DM_OK);
    if (!CHECK(mapfile_open(path, &file, NULL) == DM_OK))
        return;
    const uint8_t *bytes = file.bytes.data;
    size_t at = 12;
    while (at + 24 < file.bytes.size && memcmp(bytes + at, "PEAK", 4) != 0 && memcmp(bytes + at, "data", 4) != 0)
        at += 8 + (load_le32(bytes + at + 4) + 1) / 2 * 2;
    if (CHECK(at + 24 < file.bytes.size) && memcmp(bytes + at, "PEAK", 4) == 0) {
        CHECK_EQ(load_le32(bytes + at + 12), 0);
        uint32_t bits = load_le32(bytes + at + 16); /* and what follows is as it was: the left channel's peak */
        float peak;
        memcpy(&peak, &bits, sizeof peak);
        CHECK_NEAR(peak, 1.01, 1e-4);
    }
    mapfile_close(&file);
}

static void test_existing_file(void)
{
    struct dm_error err = {0};
    struct stat info;
    in_directory(path, "kept.wav");
    FILE *file = fopen(path, "w");
    fputs("precious", file);
    fclose(file);
    chmod(path, 0640);
    struct audio_config config = config_for(path, SAMPLE_S16, true);
    config.overwrite = false;
    CHECK_EQ(write_sound(&config, 500, NULL, &err), DM_ERR_WRITE);
    CHECK(strstr(err.text, path) && strstr(err.text, strerror(EEXIST)));
    CHECK(stat(path, &info) == 0 && info.st_size == 8);
    config.overwrite = true;
    CHECK_EQ(write_sound(&config, 500, NULL, &err), DM_OK);
    CHECK(stat(path, &info) == 0 && info.st_size > 8);
    CHECK_EQ(info.st_mode & 0777, 0640);

    in_directory(other, "link.wav");
    CHECK_EQ(symlink("kept.wav", other), 0);
    config.path = other;
    config.channels = 1;
    CHECK_EQ(write_sound(&config, 500, NULL, &err), DM_OK);
    struct stat now;
    CHECK(lstat(other, &now) == 0 && S_ISLNK(now.st_mode));
    CHECK(stat(path, &now) == 0 && now.st_size < info.st_size);
}

/* A file that appears while ours is being written is not overwritten either. */
static void test_file_that_appears_meanwhile(void)
{
    struct dm_error err = {0};
    struct audio_output *out;
    struct stat info;
    struct audio_config config = config_for(in_directory(path, "race.wav"), SAMPLE_S16, true);
    config.overwrite = false;
    CHECK_EQ(audio_output_find("file")->open(&config, &out, &err), DM_OK);
    FILE *file = fopen(path, "w");
    fputs("mine", file);
    fclose(file);
    int before = entries();
    CHECK_EQ(out->ops->close(out, true, &err), DM_ERR_WRITE);
    CHECK(stat(path, &info) == 0 && info.st_size == 4);
    CHECK_EQ(entries(), before);
}

static void test_mode_follows_the_umask(void)
{
    struct stat info;
    mode_t old = umask(027);
    struct audio_config config = config_for(in_directory(path, "mode.wav"), SAMPLE_S16, true);
    CHECK_EQ(write_sound(&config, 500, NULL, NULL), DM_OK);
    umask(old);
    CHECK(stat(path, &info) == 0);
    CHECK_EQ(info.st_mode & 0777, 0640);
}

static void test_abort_leaves_nothing(void)
{
    int before = entries();
    for (int i = 0; i < KINDS; i++) {
        struct audio_output *out;
        char name[32];
        snprintf(name, sizeof name, "abort.%s", kinds[i].suffix);
        struct audio_config config = config_for(in_directory(path, name), kinds[i].format, true);
        long live = dm_alloc_live();
        CHECK_EQ(audio_output_find("file")->open(&config, &out, NULL), DM_OK);
        CHECK_EQ(out->ops->write(out, sound, FRAMES, NULL), DM_OK);
        CHECK(access(path, F_OK) != 0); /* not published before its time */
        CHECK_EQ(out->ops->close(out, false, NULL), DM_OK);
        CHECK_EQ(dm_alloc_live(), live);
        CHECK_EQ(entries(), before);
    }
}

static void check_refused(const struct audio_config *config, enum dm_status status, const char *part)
{
    struct audio_output *out = NULL;
    struct dm_error err = {0};
    int before = entries();
    CHECK_EQ(audio_output_find("file")->open(config, &out, &err), status);
    CHECK(out == NULL);
    if (!CHECK(strstr(err.text, part) != NULL))
        printf("#   \"%s\" says nothing of \"%s\"\n", err.text, part);
    CHECK_EQ(entries(), before);
}

static void test_refusals(void)
{
    struct audio_config config = config_for(in_directory(path, "x.opus"), SAMPLE_S16, true);
    config.sample_rate = 44100;
    check_refused(&config, DM_ERR_UNSUPPORTED, "8000, 12000, 16000, 24000 or 48000 Hz");
    config = config_for(in_directory(path, "x.flac"), SAMPLE_F32, true);
    check_refused(&config, DM_ERR_UNSUPPORTED, "s16 or s24");
    config = config_for(in_directory(path, "x.mp3"), SAMPLE_S16, true);
    check_refused(&config, DM_ERR_ARGUMENT, "x.mp3");
    config.type = "aiff";
    check_refused(&config, DM_ERR_ARGUMENT, "\"aiff\"");
    config = config_for(in_directory(path, "no/such/dir.wav"), SAMPLE_S16, true);
    check_refused(&config, DM_ERR_WRITE, strerror(ENOENT));
    config = config_for(directory, SAMPLE_S16, true);
    config.type = "wav";
    check_refused(&config, DM_ERR_WRITE, strerror(EISDIR));
    config.path = NULL;
    check_refused(&config, DM_ERR_ARGUMENT, "path");
    config = config_for(in_directory(path, "x.wav"), SAMPLE_S16, true);
    config.channels = 3;
    check_refused(&config, DM_ERR_ARGUMENT, "3 channels");
    config.channels = 2;
    config.sample_rate = 0;
    check_refused(&config, DM_ERR_ARGUMENT, "0 Hz");
    if (geteuid() != 0) {
        in_directory(other, "closed");
        mkdir(other, 0500);
        config = config_for(in_directory(path, "closed/x.wav"), SAMPLE_S16, true);
        check_refused(&config, DM_ERR_WRITE, strerror(EACCES));
        rmdir(other);
    }
}

static void test_full_device(void)
{
    static const char *const types[] = {"wav", "flac", "ogg", "opus"};
    for (size_t i = 0; i < 4; i++) {
        struct audio_config config = config_for("/dev/full", SAMPLE_S16, true);
        struct dm_error err = {0};
        config.type = types[i];
        CHECK_EQ(write_sound(&config, 500, NULL, &err), DM_ERR_WRITE);
        CHECK(strstr(err.text, "/dev/full") && strstr(err.text, strerror(ENOSPC)));
    }
    struct stat info;
    CHECK(stat("/dev/full", &info) == 0 && S_ISCHR(info.st_mode));
}

/* The limit on a file's size stands for a disk that fills up: the same path, another errno. */
static void test_no_room_for_the_file(void)
{
    struct rlimit old, small;
    int before = entries();
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    for (rlim_t limit = 10; limit < 5000; limit *= 20) {
        for (int i = 0; i < KINDS; i++) {
            char name[32];
            struct dm_error err = {0};
            snprintf(name, sizeof name, "full.%s", kinds[i].suffix);
            struct audio_config config = config_for(in_directory(path, name), kinds[i].format, true);
            small.rlim_cur = limit;
            setrlimit(RLIMIT_FSIZE, &small);
            enum dm_status status = write_sound(&config, 500, NULL, &err);
            setrlimit(RLIMIT_FSIZE, &old);
            CHECK_EQ(status, DM_ERR_WRITE);
            CHECK(strstr(err.text, path) && strstr(err.text, strerror(EFBIG)));
            CHECK_EQ(entries(), before);
        }
    }
}

static void test_longer_than_riff(void)
{
    struct audio_output *out;
    struct dm_error err = {0};
    struct audio_config config = config_for(in_directory(path, "long.wav"), SAMPLE_F32, true);
    CHECK_EQ(audio_output_find("file")->open(&config, &out, &err), DM_OK);
    CHECK_EQ(out->ops->write(out, sound, FRAMES, &err), DM_OK);
    CHECK_EQ(out->ops->write(out, sound, (size_t)1 << 29, &err), DM_ERR_WRITE); /* refused before it is read */
    CHECK(strstr(err.text, "4 GiB") && strstr(err.text, "rf64"));
    CHECK_EQ(out->ops->close(out, true, &err), DM_ERR_WRITE);
    CHECK(access(path, F_OK) != 0);
}

static void test_out_of_memory(void)
{
    struct audio_config config = config_for(in_directory(path, "oom.ogg"), SAMPLE_S16, true);
    int before = entries();
    for (long n = 1;; n++) {
        struct audio_output *out;
        struct dm_error err = {0};
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        enum dm_status status = audio_output_find("file")->open(&config, &out, &err);
        dm_alloc_fail_at(0, false);
        if (status == DM_OK) {
            CHECK(n > 3);
            out->ops->close(out, false, NULL);
            break;
        }
        CHECK_EQ(status, DM_ERR_NOMEM);
        CHECK(err.text[0] != '\0');
        CHECK_EQ(dm_alloc_live(), live);
        CHECK_EQ(entries(), before);
    }
}

int main(void)
{
    if (!mkdtemp(directory))
        return 1;
    signal(SIGPIPE, SIG_IGN);
    make_sound();
    RUN(test_written_and_read_back);
    RUN(test_clipped_samples_are_counted);
    RUN(test_identical_bytes);
    RUN(test_no_time_of_day);
    RUN(test_existing_file);
    RUN(test_file_that_appears_meanwhile);
    RUN(test_mode_follows_the_umask);
    RUN(test_abort_leaves_nothing);
    RUN(test_refusals);
    RUN(test_full_device);
    RUN(test_no_room_for_the_file);
    RUN(test_longer_than_riff);
    RUN(test_out_of_memory);
    DIR *dir = opendir(directory);
    for (struct dirent *e; dir && (e = readdir(dir));)
        unlinkat(dirfd(dir), e->d_name, 0);
    if (dir)
        closedir(dir);
    return tap_done() | (rmdir(directory) != 0);
}
