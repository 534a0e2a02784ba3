/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* usleep */
/*
 * A session on the silent device: what is heard is what a render writes, songs follow each other without a gap, commands do what
 * they say, live messages are heard.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "dmus/live.h"
#include "../player/testbank.h"
#include "tap.h"

/* With each access of memory watched a synthesizer may be too slow to be on time. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define ON_TIME false
#else
#define ON_TIME true
#endif

/* The threads of a session are ordinary ones here, and a busy machine may let them be late. What another thread is to do is waited
 * for, up to a minute; sound that came late is made again, up to TRIES times. Nothing is judged by how long this thread slept. */
enum { TRIES = 10 };

static int64_t patience(void) { return clock_now_100ns() + 60 * CLOCK_100NS_PER_SECOND; }

#define WAIT_FOR(condition)                                           \
    do {                                                              \
        int64_t until = patience();                                   \
        bool met = (condition);                                       \
        for (; !met && clock_now_100ns() < until; met = (condition)) \
            usleep(5000);                                             \
        tap_check(met, __FILE__, __LINE__, "at last: " #condition);   \
    } while (0)

/* Again and again until it is on time. */
static void on_time(bool (*attempt)(int), int what)
{
    int tries = ON_TIME ? TRIES : 1;
    while (!attempt(what) && --tries)
        printf("# the machine was busy and something came late; again\n");
    CHECK(tries > 0 || !ON_TIME);
}

static bool succeeded(enum dmus_status status, const struct dmus_error *err)
{
    if (status != DMUS_OK)
        printf("# %d: %s\n", (int)status, err->text);
    return CHECK(status == DMUS_OK);
}
#define CHECK_EQ_STATUS(status, err) succeeded((status), (err))

static struct dmus_bank *bank;
static uint32_t voices = 256, effects = DMUS_ON;
static struct blob bank_bytes;
static char wav_path[64], midi_path[64];

static struct dmus_song *song_of(struct blob file)
{
    struct dmus_song *song = NULL;
    CHECK_EQ(dmus_song_open_memory(file.data, file.size, "song", &song, NULL), DMUS_OK);
    blob_free(&file);
    return song;
}

/* COUNT notes of program 0, a tenth of a second each and apart, and an end after SECONDS. */
static struct dmus_song *scale(int first_key, int count, double seconds)
{
    struct smf_writer w = {0};
    for (int i = 0; i < count; i++) {
        smfw_message(&w, (uint32_t)(i * 9600), 0x90, first_key + i, 100);
        smfw_message(&w, (uint32_t)(i * 9600 + 4800), 0x80, first_key + i, 0);
    }
    return song_of(smfw_finish(&w, (uint32_t)(seconds * 48000)));
}

struct sound {
    float *samples; /* stereo */
    size_t frames, room;
};

static int keep(void *ctx, const void *frames, size_t count)
{
    struct sound *s = ctx;
    if (s->room - s->frames < count) {
        s->room = (s->room + count) * 2;
        s->samples = realloc(s->samples, s->room * 2 * sizeof *s->samples);
        if (!s->samples)
            abort();
    }
    memcpy(s->samples + s->frames * 2, frames, count * 2 * sizeof *s->samples);
    s->frames += count;
    return 0;
}

static struct sound render(struct dmus_song *song)
{
    struct sound sound = {0};
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    struct dmus_output output = DMUS_INIT(dmus_output);
    dmus_render_defaults(&options);
    options.sample_rate = 48000;
    options.polyphony = 256;
    options.loudness = false;
    output.format = DMUS_F32;
    output.write = keep;
    output.write_ctx = &sound;
    struct dmus_error err = DMUS_INIT(dmus_error);
    CHECK_EQ(dmus_render(song, &bank, 1, &options, &output, NULL, &err), DMUS_OK);
    return sound;
}

/* A float WAV of ours: the data chunk is the last. */
static struct sound read_wav(const char *path)
{
    struct sound sound = {0};
    FILE *file = fopen(path, "rb");
    static uint8_t head[4096];
    size_t got = file ? fread(head, 1, sizeof head, file) : 0, at = 12;
    while (at + 8 <= got && memcmp(head + at, "data", 4) != 0)
        at += 8 + (head[at + 4] | (size_t)head[at + 5] << 8);
    if (!CHECK(file && at + 8 <= got))
        return sound;
    fseek(file, (long)at + 8, SEEK_SET);
    float piece[1024];
    while ((got = fread(piece, 8, 512, file)) > 0)
        keep(&sound, piece, got);
    fclose(file);
    return sound;
}

static size_t first_sound(const struct sound *s)
{
    size_t i = 0;
    while (i < s->frames * 2 && s->samples[i] == 0)
        i++;
    return i / 2;
}

static struct dmus_live *open_session_through(uint32_t period, bool kernel)
{
    struct dmus_live_options options = DMUS_INIT(dmus_live_options);
    struct dmus_live *live = NULL;
    struct dmus_error err = DMUS_INIT(dmus_error);
    CHECK_EQ(dmus_live_defaults(&options), DMUS_OK);
    options.audio = "null";
    options.sample_rate = 48000;
    options.period_frames = period;
    options.no_realtime = true;
    options.through_kernel = kernel;
    options.groups = 64;
    options.polyphony = voices;
    options.reverb = options.chorus = effects;
    if (!CHECK_EQ_STATUS(dmus_live_open(&options, &live, &err), &err))
        exit(1);
    return live;
}

static struct dmus_live *open_session(uint32_t period) { return open_session_through(period, false); }

static void record(struct dmus_live *live, const char *midi)
{
    struct dmus_output output = DMUS_INIT(dmus_output);
    struct dmus_error err = DMUS_INIT(dmus_error);
    output.path = wav_path;
    output.type = "wav";
    output.format = DMUS_F32;
    output.overwrite = true;
    CHECK_EQ_STATUS(dmus_live_record(live, &output, midi, &err), &err);
}

static struct dmus_live_state state_of(struct dmus_live *live)
{
    struct dmus_live_state state = DMUS_INIT(dmus_live_state);
    CHECK_EQ(dmus_live_get_state(live, &state), DMUS_OK);
    return state;
}

static void tell_messages(struct dmus_live *live)
{
    char text[256];
    while (dmus_live_message(live, text, sizeof text))
        printf("# %s\n", text);
}

/* false: something came late. */
static bool wait_for_end(struct dmus_live *live)
{
    for (int64_t until = patience(); state_of(live).playing && clock_now_100ns() < until; dmus_live_wait(live, 50))
        tell_messages(live);
    tell_messages(live);
    struct dmus_live_state state = state_of(live);
    CHECK(!state.playing);
    return state.late_events == 0;
}

/* The device's own xruns lose no sound of a session: it goes on where it was. Through the kernel a thread of its own may be late. */
static bool try_same(uint32_t period, bool kernel)
{
    struct dmus_song *song = song_of(testsong_random(11, 400, 2.0));
    struct sound want = render(song);
    struct dmus_live *live = open_session_through(period, kernel);
    record(live, NULL);
    CHECK_EQ(dmus_live_queue(live, song, &bank, 1, NULL), DMUS_OK);
    bool good = wait_for_end(live);
    CHECK_EQ(dmus_live_record_end(live, NULL), DMUS_OK);
    good = good && (!kernel || state_of(live).underruns == 0);
    dmus_live_close(live);
    struct sound got = read_wav(wav_path);
    size_t a = first_sound(&want), b = first_sound(&got), different = 0, compared = 0;
    for (; a < want.frames && b < got.frames; a++, b++, compared++)
        different += memcmp(want.samples + a * 2, got.samples + b * 2, 2 * sizeof(float)) != 0;
    CHECK(different == 0 || !good);
    CHECK(compared > 96000);
    free(want.samples);
    free(got.samples);
    dmus_song_close(song);
    return good;
}

static bool try_same_as_a_render(int k)
{
    static const uint32_t periods[] = {64, 1024, 256};
    return try_same(periods[k], k == 2);
}

static void test_same_as_a_render(void)
{
    for (int k = 0; k < 3; k++)
        on_time(try_same_as_a_render, k);
}

/* The second song's first note lies just as far after the first one's as if both were one file. */
static bool try_no_gap(int unused)
{
    (void)unused;
    struct dmus_song *first = scale(60, 2, 1.0), *second = scale(72, 2, 0.5);
    struct sound one = render(first), two = render(second);
    struct dmus_live *live = open_session(256);
    record(live, NULL);
    CHECK_EQ(dmus_live_queue(live, first, &bank, 1, NULL), DMUS_OK);
    CHECK_EQ(dmus_live_queue(live, second, &bank, 1, NULL), DMUS_OK);
    bool good = wait_for_end(live);
    CHECK_EQ(state_of(live).song, 2);
    CHECK_EQ(dmus_live_record_end(live, NULL), DMUS_OK);
    dmus_live_close(live);
    struct sound got = read_wav(wav_path);
    size_t start = first_sound(&got) - first_sound(&one), wrong = 0;
    for (size_t i = 0; i < two.frames && start + 48000 + i < got.frames; i++)
        for (int c = 0; c < 2; c++) {
            float tail = 48000 + i < one.frames ? one.samples[(48000 + i) * 2 + (size_t)c] : 0;
            wrong += fabsf(got.samples[(start + 48000 + i) * 2 + (size_t)c] - (tail + two.samples[i * 2 + (size_t)c])) > 1e-6f;
        }
    if (wrong)
        printf("# %zu samples are others\n", wrong);
    good = good && wrong == 0; /* a bank that was loaded late is a gap, too */
    CHECK(!good || got.frames > start + 48000 + 24000);
    free(one.samples);
    free(two.samples);
    free(got.samples);
    dmus_song_close(first);
    dmus_song_close(second);
    return good;
}

static void test_no_gap(void) { on_time(try_no_gap, 0); }

/* ---- what a song's position does, against the time that passed ---- */

struct watch {
    struct dmus_live *live;
    double seconds; /* at the last look */
    int64_t at_100ns;
    uint32_t back; /* how often it ran back since the first */
};

static struct watch watch(struct dmus_live *live) { return (struct watch){live, state_of(live).seconds, clock_now_100ns(), 0}; }

/* Whether the position went further since the last look than time did, by more than MORE seconds. */
static bool leapt(struct watch *w, double more)
{
    double seconds = state_of(w->live).seconds;
    int64_t now = clock_now_100ns();
    bool is = seconds - w->seconds > (double)(now - w->at_100ns) * 1e-7 + more;
    w->back += seconds < w->seconds - 0.25;
    w->seconds = seconds;
    w->at_100ns = now;
    return is;
}

/* Over a while in which it plays, it goes faster than FACTOR. */
static bool is_faster_than(struct watch *w, double factor)
{
    double before = w->seconds;
    int64_t since = w->at_100ns;
    usleep(300000);
    leapt(w, 0);
    return w->seconds - before > (double)(w->at_100ns - since) * 1e-7 * factor;
}

static bool stands_still(struct dmus_live *live)
{
    double at = state_of(live).seconds;
    usleep(200000);
    return state_of(live).seconds == at;
}

static void test_commands(void)
{
    struct dmus_song *song = scale(50, 40, 60.0);
    struct dmus_live *live = open_session(128);
    CHECK_EQ(dmus_live_queue(live, song, &bank, 1, NULL), DMUS_OK);
    CHECK_EQ(dmus_live_queue(live, song, &bank, 1, NULL), DMUS_OK);
    struct watch w = watch(live);
    WAIT_FOR(state_of(live).seconds >= 0.1);
    CHECK(!leapt(&w, 0.1)); /* it plays at its tempo, from its beginning */
    CHECK(state_of(live).total_seconds > 59.9);
    dmus_live_pause(live, true);
    CHECK(state_of(live).paused);
    WAIT_FOR(stands_still(live));
    CHECK(state_of(live).song == 0 && state_of(live).seconds > 0);
    dmus_live_pause(live, false);
    WAIT_FOR(!stands_still(live));
    w = watch(live);
    dmus_live_seek(live, 20);
    WAIT_FOR(leapt(&w, 5));
    struct dmus_live_state s = state_of(live);
    CHECK(s.seconds >= 20 && s.seconds < 60);
    dmus_live_set_tempo(live, 2);
    w = watch(live);
    WAIT_FOR(is_faster_than(&w, 1.4));
    CHECK_NEAR(state_of(live).bpm, 2 * s.bpm, 1e-6);
    dmus_live_set_tempo(live, 1);
    dmus_live_set_loop(live, 1, 1.5);
    w = watch(live);
    dmus_live_seek(live, 1.2);
    WAIT_FOR((leapt(&w, 0), w.back >= 3)); /* to 1.2, and then again and again to 1 */
    for (int i = 0; i < 50; i++, usleep(10000)) {
        s = state_of(live);
        CHECK(s.seconds >= 0.9 && s.seconds <= 1.6);
    }
    CHECK_EQ(s.song, 0);
    dmus_live_skip(live, 1);
    int64_t skipped = clock_now_100ns();
    WAIT_FOR(state_of(live).song == 1 && state_of(live).seconds > 0);
    s = state_of(live);
    CHECK(s.seconds < (double)(clock_now_100ns() - skipped) * 1e-7 && s.loop_b == 0);
    struct dmus_channel_state c = DMUS_INIT(dmus_channel_state);
    dmus_live_mute(live, 0, 0, true);
    WAIT_FOR(dmus_live_get_channel(live, 0, 0, &c) == DMUS_OK && c.notes > 0);
    CHECK(c.used && c.muted && !c.heard && c.volume == 100);
    CHECK_EQ(dmus_live_get_channel(live, 0, 16, &c), DMUS_ERR_ARGUMENT);
    dmus_live_skip(live, 5);
    wait_for_end(live);
    dmus_live_close(live);
    dmus_song_close(song);
}

/* Roland's "use for rhythm part" makes drums of channel 1; channel 10 is one anyhow. */
static void test_drums(void)
{
    static const uint8_t rhythm[] = {0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x11, 0x15, 0x01, 0x19, 0xF7};
    struct smf_writer w = {0};
    smfw_event(&w, 0, rhythm, sizeof rhythm);
    for (int channel = 0; channel < 16; channel++)
        smfw_message(&w, 960, 0x90 | channel, 60, 100);
    struct dmus_song *song = song_of(smfw_finish(&w, 480000));
    struct dmus_live *live = open_session(256);
    CHECK_EQ(dmus_live_queue(live, song, &bank, 1, NULL), DMUS_OK);
    for (uint32_t channel = 0; channel < 16; channel++) {
        struct dmus_channel_state c = DMUS_INIT(dmus_channel_state);
        WAIT_FOR(dmus_live_get_channel(live, 0, channel, &c) == DMUS_OK && c.used);
        CHECK_EQ(c.drums, channel == 0 || channel == 9);
    }
    dmus_live_close(live);
    dmus_song_close(song);
}

/* false: a message came late. */
static bool play_live(int kernel)
{
    static const uint8_t on[] = {0x90, 60, 100}, off[] = {0x80, 60, 0}, reset[] = {0xF0, 0x7E, 0x7F, 9, 1, 0xF7};
    struct dmus_live *live = open_session_through(64, kernel != 0);
    struct dmus_error err = DMUS_INIT(dmus_error);
    CHECK_EQ(dmus_live_send(live, 1, on, 3, &err), DMUS_ERR_ARGUMENT); /* nothing loaded */
    CHECK_EQ_STATUS(dmus_live_load(live, &bank, 1, &err), &err);
    record(live, midi_path);
    CHECK_EQ(dmus_live_send(live, 65, on, 3, NULL), DMUS_ERR_ARGUMENT);
    CHECK_EQ(dmus_live_load(live, &bank, 1, &err), DMUS_ERR_ARGUMENT); /* once */
    CHECK_EQ(dmus_live_send(live, 1, reset, sizeof reset, NULL), DMUS_OK);
    CHECK_EQ(dmus_live_send(live, 1, on, 3, NULL), DMUS_OK);
    WAIT_FOR(state_of(live).voices > 0);
    struct dmus_channel_state c = DMUS_INIT(dmus_channel_state);
    if (kernel) {
        CHECK_EQ(dmus_live_get_channel(live, 0, 0, &c), DMUS_OK);
        CHECK(c.voices == 0 && c.level == 0);
    } else {
        WAIT_FOR(dmus_live_get_channel(live, 0, 0, &c) == DMUS_OK && c.voices > 0 && c.level > 0.001f);
        CHECK(c.level <= 1);
    }
    WAIT_FOR(state_of(live).peak > 0.01f);
    CHECK_EQ(dmus_live_send(live, 1, off, 3, NULL), DMUS_OK);
    CHECK_EQ(dmus_live_send(live, 1, on, 3, NULL), DMUS_OK);
    dmus_live_panic(live);
    WAIT_FOR(state_of(live).voices == 0);
    bool good = state_of(live).late_events == 0;
    CHECK_EQ_STATUS(dmus_live_record_end(live, &err), &err);
    dmus_live_close(live);
    struct sound got = read_wav(wav_path);
    float peak = 0;
    for (size_t i = 0; i < got.frames * 2; i++)
        peak = got.samples[i] > peak ? got.samples[i] : peak;
    CHECK(peak > 0.01f);
    free(got.samples);
    struct dmus_song *song = NULL;
    CHECK_EQ_STATUS(dmus_song_open(midi_path, &song, &err), &err);
    struct dmus_song_info info = DMUS_INIT(dmus_song_info);
    dmus_song_get_info(song, &info);
    CHECK_EQ(info.notes, 2);
    CHECK_EQ(info.remarks, 0);
    dmus_song_close(song);
    return good;
}

static void test_live(void)
{
    on_time(play_live, false);
    on_time(play_live, true);
}

static void fill(int fd, const uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, bytes + done, size - done);
        if (n > 0)
            done += (size_t)n;
        else
            usleep(1000);
    }
}

/* What was told since: 1 that there was too much, 2 that something was too long. */
static int told_of_flood(struct dmus_live *live)
{
    char text[256];
    int told = 0;
    while (dmus_live_message(live, text, sizeof text))
        told |= strstr(text, "too much") ? 1 : strstr(text, "too long") ? 2 : 0, printf("# %s\n", text);
    return told;
}

/* Whether there are voices, a moment after SIZE bytes were sent: a busy machine may leave them out again. */
static bool sounds_after(struct dmus_live *live, int fd, const uint8_t *bytes, size_t size)
{
    fill(fd, bytes, size);
    usleep(50000);
    return state_of(live).voices > 0;
}

/* More than the queues hold, and a system exclusive in the midst of notes: nothing hangs, and it is told. */
static void test_flood(void)
{
    voices = 32;
    struct dmus_live *live = open_session(64);
    voices = 256;
    struct dmus_error err = DMUS_INIT(dmus_error);
    char fifo[64], source[80];
    static uint8_t notes[120000], sysex[300000];
    snprintf(fifo, sizeof fifo, "live-%d.fifo", (int)getpid());
    snprintf(source, sizeof source, "raw:%s", fifo);
    CHECK_EQ(mkfifo(fifo, 0600), 0);
    int fd = open(fifo, O_RDWR);
    CHECK_EQ_STATUS(dmus_live_load(live, &bank, 1, &err), &err);
    CHECK_EQ_STATUS(dmus_live_connect(live, source, NULL, 3, &err), &err);
    memset(sysex, 1, sizeof sysex);
    sysex[0] = 0xF0;
    sysex[sizeof sysex - 1] = 0xF7;
    for (size_t i = 0; i < sizeof notes; i += 3) {
        notes[i] = (uint8_t)(0x90 | (i / 384 & 15));
        notes[i + 1] = (uint8_t)(i / 3 & 127);
        notes[i + 2] = 100;
    }
    fill(fd, notes, sizeof notes);
    fill(fd, sysex, sizeof sysex);
    int told = 0;
    WAIT_FOR((told |= told_of_flood(live)) == 3 && state_of(live).midi_lost > 0);
    WAIT_FOR(sounds_after(live, fd, notes, 300));
    uint8_t off[48];
    for (uint8_t i = 0; i < 48; i += 3) {
        off[i] = (uint8_t)(0xB0 | i / 3);
        off[i + 1] = 123;
        off[i + 2] = 0;
    }
    WAIT_FOR(!sounds_after(live, fd, off, sizeof off));
    close(fd);
    dmus_live_close(live);
    unlink(fifo);
}

/* Skips without end, closing while a bank is loaded, a song of one event, seeking and looping past the end, pausing while fading. */
static void test_haste(void)
{
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0x90, 60, 100);
    struct dmus_song *one = song_of(smfw_finish(&w, 0)), *song = scale(50, 10, 2.0);
    struct dmus_live *live = open_session(64);
    for (int i = 0; i < 40; i++)
        CHECK_EQ(dmus_live_queue(live, i % 2 ? one : song, &bank, 1, NULL), DMUS_OK);
    for (int i = 0; i < 30; i++) {
        dmus_live_skip(live, i % 3 ? 1 : -1);
        usleep((useconds_t)(i % 4) * 10000);
        dmus_live_pause(live, i % 2);
    }
    dmus_live_pause(live, false);
    struct dmus_live_state s = state_of(live);
    CHECK(s.song >= 10 && s.playing);
    WAIT_FOR(state_of(live).seconds > 0);
    dmus_live_seek(live, 1e9);
    WAIT_FOR(state_of(live).song > s.song);
    dmus_live_set_loop(live, 1.9, 1e9);
    dmus_live_seek(live, 1.95);
    usleep(100000);
    dmus_live_skip(live, 100);
    wait_for_end(live);
    dmus_live_skip(live, -1);
    dmus_live_close(live); /* while the last song is being loaded */
    live = open_session(64);
    CHECK_EQ(dmus_live_queue(live, one, &bank, 1, NULL), DMUS_OK);
    wait_for_end(live); /* a note that nobody ends */
    dmus_live_close(live);
    dmus_song_close(one);
    dmus_song_close(song);
}

/* A song alone, again and again: each beginning lies where the end before it does. */
static bool try_repeat(int unused)
{
    (void)unused;
    struct dmus_song *song = scale(60, 2, 0.5);
    struct dmus_live *live = open_session(128);
    record(live, NULL);
    dmus_live_begin(live, 0, 0, 0, true);
    CHECK_EQ(dmus_live_queue(live, song, &bank, 1, NULL), DMUS_OK);
    WAIT_FOR(state_of(live).seconds > 0);
    uint64_t begun = state_of(live).recorded_frames;
    WAIT_FOR(state_of(live).recorded_frames > begun + 100000);
    bool good = state_of(live).late_events == 0;
    CHECK_EQ(dmus_live_record_end(live, NULL), DMUS_OK);
    dmus_live_close(live);
    struct sound got = read_wav(wav_path), one = render(song);
    size_t start = first_sound(&got) - first_sound(&one), wrong = 0;
    CHECK(got.frames > start + 3 * 24000);
    for (size_t i = 24000; i < 48000 && start + 24000 + i < got.frames; i++) { /* the second round: its own sound, and what is left of others */
        float expect = one.samples[(i - 24000) * 2] + (i < one.frames ? one.samples[i * 2] : 0);
        wrong += fabsf(got.samples[(start + i) * 2] - expect) > 1e-5f;
    }
    if (wrong)
        printf("# %zu samples are others\n", wrong);
    free(got.samples);
    free(one.samples);
    dmus_song_close(song);
    return good && wrong == 0;
}

static void test_repeat(void) { on_time(try_repeat, 0); }

/* Memory runs out at each allocation in turn: an error, and nothing is left. */
static void test_no_memory(void)
{
    struct dmus_song *song = scale(60, 2, 0.5);
    struct dmus_live_options options = DMUS_INIT(dmus_live_options);
    struct dmus_error err = DMUS_INIT(dmus_error);
    dmus_live_defaults(&options);
    options.audio = "null";
    options.no_realtime = true;
    long before = dm_alloc_live();
    bool done = false;
    for (long n = 1; n < 100000 && !done; n += 1 + n / 16) {
        struct dmus_live *live = NULL;
        dm_alloc_fail_at(n, true);
        enum dmus_status status = dmus_live_open(&options, &live, &err);
        if (status == DMUS_OK)
            status = dmus_live_load(live, &bank, 1, &err);
        if (status == DMUS_OK)
            status = dmus_live_queue(live, song, &bank, 1, &err);
        dm_alloc_fail_at(0, false);
        done = status == DMUS_OK;
        if (!done)
            CHECK_EQ(status, DMUS_ERR_NOMEM);
        dmus_live_close(live);
        CHECK_EQ(dm_alloc_live(), before);
    }
    CHECK(done);
    dmus_song_close(song);
}

/* The silent device tells two periods less one; a message waits one. False: a busy machine joined clicks. */
static bool try_latency(int unused)
{
    (void)unused;
    effects = DMUS_OFF;
    struct dmus_live *live = open_session(64);
    effects = DMUS_ON;
    struct dmus_latency l = DMUS_INIT(dmus_latency);
    struct dmus_error err = DMUS_INIT(dmus_error);
    CHECK_EQ(dmus_live_measure(live, 30, "system:capture_1", &l, &err), DMUS_ERR_UNSUPPORTED);
    CHECK_EQ_STATUS(dmus_live_measure(live, 30, NULL, &l, &err), &err);
    printf("# %u of %u heard: %.2f to %.2f ms, device %.2f\n", l.heard, l.sent, l.min_ms, l.max_ms, l.device_ms);
    CHECK(l.sent == 30 && !l.looped && l.sample_rate == 48000);
    bool heard = l.heard >= 20;
    if (heard)
        CHECK(l.min_ms > 1.33 && l.median_ms > l.device_ms + 1.33 && l.jitter_ms >= 0);
    CHECK_EQ(dmus_live_measure(live, 30, NULL, &l, &err), DMUS_ERR_ARGUMENT);
    dmus_live_close(live);
    return heard;
}

static void test_latency(void) { on_time(try_latency, 0); }

static void test_refusals(void)
{
    struct dmus_live_options options = DMUS_INIT(dmus_live_options);
    struct dmus_live *live = (void *)&options;
    struct dmus_error err = DMUS_INIT(dmus_error);
    dmus_live_defaults(&options);
    options.audio = "no such device";
    CHECK_EQ(dmus_live_open(&options, &live, &err), DMUS_ERR_NOT_FOUND);
    CHECK(live == NULL && strstr(err.text, "no such device"));
    options.audio = "null";
    options.polyphony = 0;
    CHECK_EQ(dmus_live_open(&options, &live, &err), DMUS_ERR_ARGUMENT);
    live = open_session(64);
    struct smf_writer w = {0};
    struct dmus_song *empty = song_of(smfw_finish(&w, 100));
    CHECK_EQ(dmus_live_queue(live, empty, &bank, 1, &err), DMUS_ERR_FORMAT);
    CHECK_EQ(dmus_live_connect(live, "raw:/no/such/fifo", NULL, 1, &err), DMUS_ERR_OPEN);
    CHECK_EQ(dmus_live_connect(live, "raw:-", NULL, 65, &err), DMUS_ERR_ARGUMENT);
    dmus_song_close(empty);
    dmus_live_close(live);
}

/* What live.h refuses as dmus.h does. */
static void test_same_ranges(void)
{
    const struct {
        size_t offset;
        uint32_t value;
        enum dmus_status status;
    } bad[] = {{offsetof(struct dmus_live_options, polyphony), 16385, DMUS_ERR_ARGUMENT},
               {offsetof(struct dmus_live_options, interpolation), 6, DMUS_ERR_ARGUMENT},
               {offsetof(struct dmus_live_options, sample_rate), 7999, DMUS_ERR_ARGUMENT},
               {offsetof(struct dmus_live_options, reverb), 3, DMUS_ERR_ARGUMENT},
               {offsetof(struct dmus_live_options, simd), DMUS_SIMD_LEVEL_NEON + 1, DMUS_ERR_ARGUMENT},
               {offsetof(struct dmus_live_options, groups), 65, DMUS_ERR_ARGUMENT},
#if defined(__x86_64__) || defined(__i386__)
               {offsetof(struct dmus_live_options, simd), DMUS_SIMD_LEVEL_NEON, DMUS_ERR_UNSUPPORTED},
#endif
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct dmus_live_options options = DMUS_INIT(dmus_live_options);
        struct dmus_live *live = NULL;
        dmus_live_defaults(&options);
        options.audio = "null";
        memcpy((char *)&options + bad[i].offset, &bad[i].value, 4);
        CHECK_EQ(dmus_live_open(&options, &live, NULL), bad[i].status);
        dmus_live_close(live);
    }
}

static void test_bad_messages(void)
{
    static const struct {
        uint8_t bytes[4];
        size_t size;
    } bad[] = {{{0x90, 60}, 2}, {{0x90, 0x80, 64}, 3}, {{0x90, 60, 0xFF}, 3}, {{60, 64}, 2},          {{0x90, 60, 64, 0}, 4},
               {{0xC0}, 1},     {{0xF0}, 1},           {{0xF0, 1, 2}, 3},     {{0xF7}, 1},             {{0}, 0}};
    static const uint8_t good[][3] = {{0x90, 60, 64}, {0xB0, 7, 127}, {0xC0, 5}, {0xF8}, {0xF0, 1, 0xF7}};
    static const size_t sizes[] = {3, 3, 2, 1, 3};
    struct dmus_live *live = open_session(64);
    struct dmus_bank *const hole[2] = {bank, NULL};
    CHECK_EQ(dmus_live_send(live, 1, good[0], 3, NULL), DMUS_ERR_ARGUMENT); /* no bank yet */
    CHECK_EQ(dmus_live_load(live, hole, 2, NULL), DMUS_ERR_ARGUMENT);
    CHECK_EQ(dmus_live_load(live, &bank, 1, NULL), DMUS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_EQ(dmus_live_send(live, 1, bad[i].bytes, bad[i].size, NULL), DMUS_ERR_ARGUMENT);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK_EQ(dmus_live_send(live, 1, good[i], sizes[i], NULL), DMUS_OK);
    CHECK_EQ(dmus_live_send(live, 65, good[0], 3, NULL), DMUS_ERR_ARGUMENT);
    CHECK_EQ(dmus_live_send(live, 1, NULL, 3, NULL), DMUS_ERR_ARGUMENT);
    dmus_live_close(live);
}

static void *send_notes(void *arg)
{
    static const uint8_t on[3] = {0x90, 60, 64};
    int sent = 0;
    for (int i = 0; i < 2000 && sent < 20; i++) {
        sent += dmus_live_send(arg, 1, on, 3, NULL) == DMUS_OK;
        clock_sleep_until_100ns(clock_now_100ns() + 5000);
    }
    return sent ? arg : NULL;
}

/* For -fsanitize=thread: banks are loaded while another thread sends already. */
static void test_send_while_loading(void)
{
    struct dmus_live *live = open_session(64);
    pthread_t thread;
    void *sent = NULL;
    if (CHECK(pthread_create(&thread, NULL, send_notes, live) == 0)) {
        CHECK_EQ(dmus_live_load(live, &bank, 1, NULL), DMUS_OK);
        pthread_join(thread, &sent);
    }
    CHECK(sent == live);
    dmus_live_close(live);
}

static void test_no_session(void)
{
    struct dmus_song *song = song_of(testsong_random(1, 10, 1));
    struct dmus_bank *const hole[2] = {bank, NULL};
    struct dmus_error err = DMUS_INIT(dmus_error);
    struct dmus_live_state state = DMUS_INIT(dmus_live_state);
    char text[8];
    dmus_live_begin(NULL, 0, 0, 0, false);
    dmus_live_skip(NULL, 1);
    dmus_live_pause(NULL, true);
    dmus_live_seek(NULL, 1);
    dmus_live_set_tempo(NULL, 1);
    dmus_live_set_keys(NULL, 1);
    dmus_live_mute(NULL, 0, 0, true);
    dmus_live_solo(NULL, 0, 0, true);
    dmus_live_set_loop(NULL, 0, 1);
    dmus_live_panic(NULL);
    dmus_live_wait(NULL, 1000);
    CHECK(!dmus_live_message(NULL, text, sizeof text));
    CHECK_EQ(dmus_live_record_end(NULL, &err), DMUS_ERR_ARGUMENT);
    CHECK_EQ(dmus_live_get_state(NULL, &state), DMUS_ERR_ARGUMENT);
    CHECK_EQ(dmus_live_song_status(NULL, 0, &err), DMUS_ERR_ARGUMENT);
    struct dmus_live *live = open_session(64);
    CHECK_EQ(dmus_live_queue(live, song, hole, 2, &err), DMUS_ERR_ARGUMENT);
    CHECK_EQ(dmus_live_song_status(live, 0, &err), DMUS_ERR_ARGUMENT);
    struct dmus_output output = DMUS_INIT(dmus_output);
    output.path = wav_path;
    output.format = 9;
    CHECK_EQ(dmus_live_record(live, &output, NULL, &err), DMUS_ERR_ARGUMENT);
    output.format = DMUS_S16;
    CHECK_EQ(dmus_live_record(live, &output, wav_path, &err), DMUS_ERR_ARGUMENT); /* one file for both */
    CHECK(strstr(err.text, wav_path));
    CHECK_EQ(dmus_live_record(live, NULL, "/no/such/folder/a.mid", &err), DMUS_ERR_WRITE);
    CHECK(strstr(err.text, "/no/such/folder/a.mid"));
    dmus_live_set_tempo(live, 2);
    dmus_live_set_tempo(live, (double)NAN);
    dmus_live_mute(live, 0, 16, true);
    CHECK_EQ(dmus_live_get_state(live, &state), DMUS_OK);
    CHECK_NEAR(state.tempo, 2, 0);
    dmus_live_close(live);
    dmus_song_close(song);
}

int main(void)
{
    snprintf(wav_path, sizeof wav_path, "live-%d.wav", (int)getpid());
    snprintf(midi_path, sizeof midi_path, "live-%d.mid", (int)getpid());
    bank_bytes = testbank_make();
    if (dmus_bank_open_memory(bank_bytes.data, bank_bytes.size, "testbank", &bank, NULL) != DMUS_OK)
        return 1;
    RUN(test_same_as_a_render);
    RUN(test_no_gap);
    RUN(test_commands);
    RUN(test_drums);
    RUN(test_live);
    RUN(test_flood);
    RUN(test_haste);
    RUN(test_repeat);
    RUN(test_no_memory);
    RUN(test_latency);
    RUN(test_refusals);
    RUN(test_same_ranges);
    RUN(test_bad_messages);
    RUN(test_send_while_loading);
    RUN(test_no_session);
    unlink(wav_path);
    unlink(midi_path);
    dmus_bank_close(bank);
    blob_free(&bank_bytes);
    CHECK_EQ(dm_alloc_live(), 0);
    return tap_done();
}
