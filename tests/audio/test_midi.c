/* SPDX-License-Identifier: MIT */
/* MIDI inputs: bytes through a pipe, and the queue under them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/midi_queue.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "tap.h"

#define SECOND CLOCK_100NS_PER_SECOND

#define LONG   (60 * SECOND) /* what another thread does at last, on a busy machine */

static struct midi_input *in;
static int pipe_in;

/* The state once CONDITION of it holds: the threads behind it count a moment after they have handed a message over. */
#define STATE_ONCE(state, condition)                                                   \
    do {                                                                               \
        int64_t until_ = clock_now_100ns() + LONG;                                     \
        for (midi_input_state(in, &(state)); !(condition); midi_input_state(in, &(state))) { \
            if (clock_now_100ns() > until_)                                            \
                break;                                                                 \
            usleep(1000);                                                              \
        }                                                                              \
        CHECK(condition);                                                              \
    } while (0)

static void open_pipe(uint32_t sysex_max)
{
    int ends[2];
    char spec[32];
    struct dm_error err = {0};
    struct midi_config config = {.sysex_max = sysex_max};
    CHECK_EQ(pipe(ends), 0);
    pipe_in = ends[1];
    snprintf(spec, sizeof spec, "raw:fd:%d", ends[0]);
    if (!CHECK(midi_input_open(spec, &config, &in, &err) == DM_OK))
        printf("# %s\n", err.text);
    close(ends[0]);
}

static void close_pipe(void)
{
    midi_input_close(in);
    close(pipe_in);
    CHECK_EQ(dm_alloc_live(), 0);
}

static void send_bytes(const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size) {
        ssize_t n = write(pipe_in, at, size);
        if (n <= 0)
            break;
        at += n;
        size -= (size_t)n;
    }
}

/* The next message is BYTES. */
static void expect(const void *bytes, uint32_t size)
{
    struct midi_message message;
    bool there = midi_input_wait(in, LONG) && midi_input_peek(in, &message);
    if (!CHECK(there))
        return;
    CHECK_EQ(message.kind, MIDI_BYTES);
    CHECK_EQ(message.size, size);
    CHECK(message.size == size && memcmp(message.bytes, bytes, size) == 0);
    midi_input_drop(in);
}

static void expect_gone(int64_t within)
{
    struct midi_message message;
    if (!CHECK(midi_input_wait(in, within) && midi_input_peek(in, &message)))
        return;
    CHECK_EQ(message.kind, MIDI_GONE);
    CHECK_EQ(message.size, 0);
    midi_input_drop(in);
}

static void test_running_status_and_real_time_inside_sysex(void)
{
    open_pipe(0);
    int64_t before = clock_now_100ns();
    send_bytes("\x90\x3c\x40\x3e\x41\xf0\x7e\xf8\x7f\xf7\xc5\x07\xfe\x08", 14);
    expect("\x90\x3c\x40", 3);
    expect("\x90\x3e\x41", 3);
    expect("\xf8", 1);
    expect("\xf0\x7e\x7f\xf7", 4);
    expect("\xc5\x07", 2);
    struct midi_message message;
    CHECK(midi_input_wait(in, LONG) && midi_input_peek(in, &message));
    CHECK(message.time_100ns >= before && message.time_100ns <= clock_now_100ns());
    CHECK_EQ(message.frame_clock, AUDIO_FRAMES_OWN);
    expect("\xc5\x08", 2);
    struct midi_state state;
    STATE_ONCE(state, state.messages == 6);
    CHECK_EQ(state.stray_bytes, 0);
    CHECK(!state.gone);
    close_pipe();
}

/* MIDI 1.0, active sensing: silence of more than 300 ms after the first one means that the line was cut. false: this thread was kept
 * from sending for as long. */
static bool try_active_sensing(void)
{
    bool in_time = true;
    open_pipe(0);
    send_bytes("\xfe\x90\x3c\x40", 4);
    int64_t sent = clock_now_100ns(), now;
    expect("\x90\x3c\x40", 3);
    for (int i = 0; i < 3 && in_time; i++, sent = now) {
        bool silent = !midi_input_wait(in, SECOND / 5);
        now = clock_now_100ns();
        send_bytes("\xfe", 1);
        in_time = clock_now_100ns() - sent < SECOND * 3 / 10;
        CHECK(silent || !in_time);
    }
    if (in_time) {
        expect_gone(LONG);
        CHECK(clock_now_100ns() - sent > SECOND * 3 / 10);
        CHECK(!midi_input_wait(in, SECOND / 2)); /* once */
    }
    close_pipe();
    return in_time;
}

static void test_active_sensing(void)
{
    int tries = 20;
    while (!try_active_sensing() && --tries)
        ;
    CHECK(tries > 0);
}

static void test_end_of_input(void)
{
    struct midi_state state;
    open_pipe(0);
    send_bytes("\x90\x3c", 2);
    close(pipe_in);
    expect_gone(LONG);
    STATE_ONCE(state, state.gone && strcmp(state.text, "raw MIDI: end of input") == 0);
    pipe_in = open("/dev/null", O_WRONLY);
    close_pipe();
}

static void test_sysex_of_ten_megabytes(void)
{
    const size_t size = 10 << 20;
    uint8_t *sysex = malloc(size);
    struct midi_state state;
    if (!CHECK(sysex != NULL))
        return;
    memset(sysex, 0x55, size);
    sysex[0] = 0xF0;
    sysex[size - 1] = 0xF7;
    open_pipe(65536); /* refused, and the next message is none the worse */
    send_bytes(sysex, size);
    send_bytes("\x90\x3c\x40", 3);
    expect("\x90\x3c\x40", 3);
    midi_input_state(in, &state);
    CHECK_EQ(state.sysex_refused, 1);
    STATE_ONCE(state, strstr(state.text, "longer than 65536 bytes") != NULL);
    sysex[65535] = 0xF7; /* the longest that is taken */
    send_bytes(sysex, 65536);
    expect(sysex, 65536);
    close_pipe();
    sysex[65535] = 0x55;
    open_pipe(16 << 20); /* wanted whole */
    send_bytes(sysex, size);
    expect(sysex, (uint32_t)size);
    close_pipe();
    free(sysex);
    struct midi_config config = {.sysex_max = (16 << 20) + 1};
    CHECK_EQ(midi_input_open("raw:/dev/null", &config, &in, NULL), DM_ERR_ARGUMENT);
}

/* A system exclusive that another status ends, data without status, and the rest of a sentence. */
static void test_nonsense(void)
{
    struct midi_state state;
    open_pipe(0);
    send_bytes("\x01\x02\xf0\x11\x12\x90\x3c\x40\xf7\xf4\xf5\x91\x92\x3c\x40", 15);
    expect("\x90\x3c\x40", 3);
    expect("\x92\x3c\x40", 3);
    STATE_ONCE(state, state.stray_bytes == 2 + 3 + 3 + 1);
    close_pipe();
}

/* A flood that nobody takes out: what is left out is counted, and told before the next message. */
static void test_flood(void)
{
    enum { NOTES = 60000 };
    static uint8_t flood[NOTES * 3];
    struct midi_state state;
    struct midi_message message;
    for (size_t i = 0; i < sizeof flood; i += 3)
        memcpy(flood + i, "\x90\x3c\x40", 3);
    open_pipe(0);
    send_bytes(flood, sizeof flood);
    STATE_ONCE(state, state.messages + state.lost == NOTES);
    CHECK(state.messages >= 8192);
    uint32_t taken = 0;
    while (taken < state.messages && midi_input_peek(in, &message)) {
        midi_input_drop(in);
        taken++;
    }
    CHECK_EQ(taken, state.messages);
    expect_gone(LONG);
    send_bytes("\x80\x3c\x40", 3);
    expect("\x80\x3c\x40", 3);
    close_pipe();
}

static void test_fifo_outlives_its_writers(void)
{
    char path[] = "/tmp/dmus-fifo-XXXXXX", spec[64];
    struct midi_config config = {0};
    CHECK(mkdtemp(path) != NULL);
    snprintf(spec, sizeof spec, "raw:%s/midi", path);
    CHECK_EQ(mkfifo(spec + 4, 0600), 0);
    CHECK_EQ(midi_input_open(spec, &config, &in, NULL), DM_OK);
    for (int i = 0; i < 3; i++) {
        pipe_in = open(spec + 4, O_WRONLY);
        send_bytes("\x90\x3c\x40", 3);
        close(pipe_in);
        expect("\x90\x3c\x40", 3);
    }
    midi_input_close(in);
    unlink(spec + 4);
    rmdir(path);
}

/* No newline, no end-of-file sign, no flow control is special on a terminal. */
static void test_pty(void)
{
    struct midi_config config = {0};
    char spec[64];
    pipe_in = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(pipe_in >= 0 && grantpt(pipe_in) == 0 && unlockpt(pipe_in) == 0);
    snprintf(spec, sizeof spec, "raw:%s", ptsname(pipe_in));
    CHECK_EQ(midi_input_open(spec, &config, &in, NULL), DM_OK);
    send_bytes("\x90\x0d\x04\x90\x0a\x11\x90\x03\x13", 9);
    expect("\x90\x0d\x04", 3);
    expect("\x90\x0a\x11", 3);
    expect("\x90\x03\x13", 3);
    close_pipe();
}

static void test_names(void)
{
    struct midi_config config = {0};
    struct dm_error err = {0};
    CHECK_EQ(midi_input_open("carrier-pigeon", &config, &in, &err), DM_ERR_NOT_FOUND);
    CHECK(in == NULL && strstr(err.text, "raw") != NULL);
    CHECK_EQ(midi_input_open("raw", &config, &in, &err), DM_ERR_ARGUMENT);
    CHECK_EQ(midi_input_open("raw:/nonexistent/midi", &config, &in, &err), DM_ERR_OPEN);
    CHECK_EQ(midi_input_open("raw:fd:999", &config, &in, &err), DM_ERR_OPEN);
    for (long n = 1; n < 100; n++) {
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        enum dm_status status = midi_input_open("raw:/dev/null", &config, &in, NULL);
        dm_alloc_fail_at(0, false);
        if (status == DM_OK) {
            midi_input_close(in);
            break;
        }
        CHECK_EQ(status, DM_ERR_NOMEM);
        CHECK_EQ(dm_alloc_live(), live);
    }
}

/* ---- the queue, with a thread on each side ---- */

enum { RECORDS = 200000 };

static uint32_t size_of(uint32_t n) { return n % 97 == 0 ? 900 + n % 100 : n % 4; }

static void *produce(void *arg)
{
    struct midi_queue *queue = arg;
    static uint8_t bytes[1024];
    for (uint32_t n = 0; n < RECORDS; n++) {
        struct midi_message message = {.time_100ns = n, .bytes = bytes, .size = size_of(n)};
        memset(bytes, (int)(n & 255), message.size);
        while (!midi_queue_put(queue, &message))
            usleep(100);
    }
    return NULL;
}

static void test_queue_between_threads(void)
{
    static struct midi_queue queue;
    pthread_t thread;
    uint32_t wrong = 0;
    CHECK(midi_queue_init(&queue, 1000));
    CHECK_EQ(pthread_create(&thread, NULL, produce, &queue), 0);
    for (uint32_t n = 0; n < RECORDS;) {
        struct midi_message message;
        if (!midi_queue_peek(&queue, &message)) {
            usleep(100);
            continue;
        }
        bool right = message.time_100ns == n && message.size == size_of(n);
        for (uint32_t i = 0; right && i < message.size; i++)
            right = message.bytes[i] == (n & 255);
        wrong += !right;
        midi_queue_drop(&queue);
        n++;
    }
    pthread_join(thread, NULL);
    CHECK_EQ(wrong, 0);
    midi_queue_free(&queue);
}

int main(void)
{
    RUN(test_running_status_and_real_time_inside_sysex);
    RUN(test_active_sensing);
    RUN(test_end_of_input);
    RUN(test_sysex_of_ten_megabytes);
    RUN(test_nonsense);
    RUN(test_flood);
    RUN(test_fifo_outlives_its_writers);
    RUN(test_pty);
    RUN(test_names);
    RUN(test_queue_between_threads);
    return tap_done();
}
