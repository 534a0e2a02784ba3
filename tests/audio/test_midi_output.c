/* SPDX-License-Identifier: MIT */
/* MIDI outputs: bytes, their times and their loss, through pipes, terminals and sockets; with a sequencer, ALSA's ("alsa"). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/midi_output.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "tap.h"

#define SECOND CLOCK_100NS_PER_SECOND
#define LONG   (60 * SECOND) /* what another thread does at last, on a busy machine */

static struct midi_output *out;
static struct midi_output_state state;
static atomic_uint warnings;

static void count_warning(void *ctx, enum log_level level, const char *area, const char *text)
{
    (void)ctx, (void)text;
    atomic_fetch_add(&warnings, level == LOG_WARNING && strcmp(area, "midi") == 0);
}

static bool open_output(const char *spec, uint32_t sysex_max)
{
    struct dm_error err = {0};
    struct midi_config config = {.sysex_max = sysex_max};
    bool ok = CHECK(midi_out_open(spec, &config, &out, &err) == DM_OK);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

/* An output into a pipe, of which it has the only writing end. Answers the reading one. */
static int open_pipe(void)
{
    int ends[2];
    char spec[32];
    CHECK_EQ(pipe(ends), 0);
    snprintf(spec, sizeof spec, "raw:fd:%d", ends[1]);
    open_output(spec, 0);
    close(ends[1]);
    return ends[0];
}

static void close_output(void)
{
    midi_out_close(out);
    CHECK_EQ(dm_alloc_live(), 0);
}

/* COUNT bytes, or what came within two seconds of silence. */
static size_t read_bytes(int fd, void *bytes, size_t count)
{
    size_t got = 0;
    while (got < count) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, 2000) <= 0)
            break;
        ssize_t n = read(fd, (char *)bytes + got, count - got);
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    return got;
}

static bool sends(const char *bytes, size_t count, int64_t time_100ns)
{
    return midi_out_send(out, (const uint8_t *)bytes, count, time_100ns);
}

static void expect(int fd, const char *bytes, size_t count)
{
    char got[256];
    CHECK_EQ(read_bytes(fd, got, count), count);
    CHECK(memcmp(got, bytes, count) == 0);
}

/* Wait until the output says that it is gone. */
static void expect_gone(const char *text)
{
    for (int i = 0; i < 6000; i++) { /* a minute, for a busy machine */
        midi_out_state(out, &state);
        if (state.gone && strcmp(state.text, text) == 0)
            break;
        usleep(10000);
    }
    CHECK(state.gone);
    CHECK_STR(state.text, text);
}

static void test_bytes_as_sent(void)
{
    int fd = open_pipe();
    CHECK(sends("\x90\x3c\x40", 3, 0));
    CHECK(sends("\x3e", 1, 0)); /* parts and running status are the sender's */
    CHECK(sends("\x41", 1, clock_now_100ns()));
    CHECK(sends("", 0, 0));
    CHECK(sends("\xf0\x7e\xf8\x7f\xf7", 5, 0));
    expect(fd, "\x90\x3c\x40\x3e\x41\xf0\x7e\xf8\x7f\xf7", 10);
    CHECK(midi_out_flush(out, LONG));
    midi_out_state(out, &state);
    CHECK_EQ(state.sent, 10);
    CHECK_EQ(state.waiting, 0);
    CHECK_EQ(state.lost, 0);
    CHECK(!state.gone);
    CHECK_STR(state.text, "");
    close_output();
    close(fd);
}

/* None before its time, and in the order of sending. */
static void test_times(void)
{
    int fd = open_pipe();
    int64_t start = clock_now_100ns();
    CHECK(sends("\x90\x3c\x40", 3, start + SECOND / 10));
    CHECK(sends("\x80\x3c\x40", 3, start + SECOND / 5));
    CHECK(sends("\xfe", 1, start)); /* late, behind the one before it */
    bool flushed = midi_out_flush(out, SECOND / 100);
    midi_out_state(out, &state);
    if (clock_now_100ns() < start + SECOND / 10) /* else a busy machine kept us */
        CHECK(!flushed && state.waiting == 7);
    expect(fd, "\x90\x3c\x40", 3);
    CHECK(clock_now_100ns() >= start + SECOND / 10);
    expect(fd, "\x80\x3c\x40\xfe", 4);
    CHECK(clock_now_100ns() >= start + SECOND / 5);
    CHECK(midi_out_flush(out, LONG));
    CHECK(sends("\x90\x3c\x40", 3, clock_now_100ns() + 100 * SECOND));
    close_output(); /* does not wait for it */
    CHECK_EQ(read_bytes(fd, &(char){0}, 1), 0);
    close(fd);
}

/* Nobody reads: no sender waits, the loss is counted and told, and what was taken arrives whole. */
static void test_flood(void)
{
    enum { NOTES = 60000 };
    uint64_t taken = 0;
    int fd = open_pipe();
    unsigned told = atomic_load(&warnings);
    CHECK(fcntl(fd, F_SETPIPE_SZ, 4096) == 4096); /* less than the ring */
    for (uint32_t n = 0; n < NOTES; n++) {
        const uint8_t note[] = {0x90, n & 127, n >> 7 & 127};
        taken += midi_out_send(out, note, 3, 0);
    }
    CHECK(taken >= 8192 && taken < NOTES);
    int64_t until = clock_now_100ns() + LONG;
    do {
        CHECK(!midi_out_flush(out, SECOND / 10));
        midi_out_state(out, &state);
    } while (!strstr(state.text, "could not be sent") && clock_now_100ns() < until);
    CHECK(strstr(state.text, "could not be sent") != NULL);
    CHECK_EQ(state.lost, 3 * (NOTES - taken));
    CHECK_EQ(state.sent + state.waiting, 3 * taken);
    CHECK(atomic_load(&warnings) > told);
    uint8_t *got = malloc(3 * taken);
    CHECK_EQ(read_bytes(fd, got, 3 * taken), 3 * taken);
    uint64_t whole = 0;
    for (uint64_t i = 0; i < taken; i++) /* nothing is lost before the ring is full */
        whole += got[3 * i] == 0x90 && (i > 8192 || (got[3 * i + 1] == (i & 127) && got[3 * i + 2] == (i >> 7 & 127)));
    CHECK_EQ(whole, taken);
    CHECK(midi_out_flush(out, LONG));
    free(got);
    for (int i = 0; i < 60000; i++)
        sends("\x90\x3c\x40", 3, 0);
    int64_t before = clock_now_100ns();
    close_output(); /* with a full pipe and a full ring */
    CHECK(clock_now_100ns() - before < 20 * SECOND);
    close(fd);
}

/* ---- several senders ---- */

enum { SENDERS = 4, EACH = 5000 };

static void *send_own(void *arg)
{
    uint32_t sender = *(const uint32_t *)arg;
    for (uint32_t n = 0; n < EACH; n++) {
        const uint8_t message[] = {0xF0, (uint8_t)sender, n & 127, n >> 7, 0xF7};
        while (!midi_out_send(out, message, sizeof message, 0))
            usleep(1000);
    }
    return NULL;
}

static void test_several_senders(void)
{
    static uint8_t got[SENDERS * EACH * 5];
    static const uint32_t numbers[SENDERS] = {0, 1, 2, 3};
    uint32_t next[SENDERS] = {0}, wrong = 0;
    pthread_t threads[SENDERS];
    int fd = open_pipe();
    for (int i = 0; i < SENDERS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, send_own, (void *)&numbers[i]), 0);
    CHECK_EQ(read_bytes(fd, got, sizeof got), sizeof got);
    for (int i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    for (size_t at = 0; at < sizeof got; at += 5) {
        uint32_t sender = got[at + 1] & 3, n = next[sender]++;
        wrong += got[at] != 0xF0 || got[at + 2] != (n & 127) || got[at + 3] != n >> 7 || got[at + 4] != 0xF7;
    }
    CHECK_EQ(wrong, 0);
    close_output();
    close(fd);
}

/* ---- the other side ---- */

static void test_reader_leaves(void)
{
    int fd = open_pipe();
    CHECK(sends("\x90\x3c\x40", 3, 0));
    expect(fd, "\x90\x3c\x40", 3);
    unsigned told = atomic_load(&warnings);
    close(fd);
    expect_gone("raw MIDI out: the other side is gone"); /* without a byte being sent, and no SIGPIPE */
    CHECK(atomic_load(&warnings) > told);
    CHECK(!sends("\x80\x3c\x40", 3, 0));
    midi_out_state(out, &state);
    CHECK_EQ(state.lost, 3);
    close_output();
}

static int open_pty(char *spec, size_t size)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0);
    snprintf(spec, size, "raw:%s", ptsname(fd));
    return fd;
}

/* All bytes pass a terminal, and its end is told. */
static void test_pty(void)
{
    char spec[64];
    uint8_t all[256], got[256];
    int fd = open_pty(spec, sizeof spec);
    open_output(spec, 0);
    for (int i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    CHECK(midi_out_send(out, all, sizeof all, 0));
    CHECK_EQ(read_bytes(fd, got, sizeof got), sizeof got);
    CHECK(memcmp(got, all, sizeof all) == 0);
    close(fd);
    expect_gone("raw MIDI out: the other side is gone");
    CHECK(!midi_out_flush(out, SECOND) || state.waiting == 0);
    close_output();
}

/* A device that sends as well, opened once for each direction; what comes is asked for byte by byte. */
static void test_pty_both_ways(void)
{
    char spec[64];
    struct midi_input *in;
    struct midi_config config = {.as_bytes = true};
    struct midi_message message;
    int fd = open_pty(spec, sizeof spec);
    open_output(spec, 0);
    CHECK_EQ(midi_input_open(spec, &config, &in, NULL), DM_OK);
    CHECK(sends("\x90\x0a\x0d", 3, 0));
    expect(fd, "\x90\x0a\x0d", 3);
    CHECK_EQ(write(fd, "\xfe\x90\x3c", 3), 3);
    CHECK(midi_input_wait(in, LONG) && midi_input_peek(in, &message));
    CHECK_EQ(message.size, 3); /* half a message, and active sensing, are handed on */
    CHECK(memcmp(message.bytes, "\xfe\x90\x3c", 3) == 0);
    midi_input_drop(in);
    midi_input_close(in);
    close_output();
    close(fd);
}

static void test_socket_and_shared_flags(void)
{
    int ends[2];
    char spec[32], full[1024] = {0};
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    snprintf(spec, sizeof spec, "raw:fd:%d", ends[1]);
    open_output(spec, 0);
    CHECK(!(fcntl(ends[1], F_GETFL) & O_NONBLOCK));
    CHECK(sends("\x90\x3c\x40", 3, 0));
    expect(ends[0], "\x90\x3c\x40", 3);
    for (int i = 0; i < 4000; i++)
        sends(full, sizeof full, 0);
    midi_out_state(out, &state);
    CHECK(state.lost > 0);
    close_output();
    close(ends[0]);
    close(ends[1]);
    CHECK_EQ(pipe(ends), 0);
    snprintf(spec, sizeof spec, "raw:fd:%d", ends[1]);
    open_output(spec, 0);
    CHECK(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
    close_output();
    CHECK(!(fcntl(ends[1], F_GETFL) & O_NONBLOCK));
    CHECK_EQ(midi_out_open((snprintf(spec, sizeof spec, "raw:fd:%d", ends[0]), spec), &(struct midi_config){0}, &out, NULL),
             DM_ERR_OPEN);
    close(ends[0]);
    close(ends[1]);
}

static void test_fifo_outlives_its_readers(void)
{
    char path[] = "/tmp/dmus-fifo-XXXXXX", spec[64];
    CHECK(mkdtemp(path) != NULL);
    snprintf(spec, sizeof spec, "raw:%s/midi", path);
    CHECK_EQ(mkfifo(spec + 4, 0600), 0);
    open_output(spec, 0);
    for (int i = 0; i < 3; i++) {
        int fd = open(spec + 4, O_RDONLY);
        CHECK(sends("\x90\x3c\x40", 3, 0));
        expect(fd, "\x90\x3c\x40", 3);
        close(fd);
    }
    close_output();
    unlink(spec + 4);
    rmdir(path);
}

static void test_names_and_limits(void)
{
    struct midi_config config = {0};
    struct dm_error err = {0};
    CHECK_EQ(midi_out_open("carrier-pigeon", &config, &out, &err), DM_ERR_NOT_FOUND);
    CHECK(out == NULL && strstr(err.text, "raw") != NULL);
    CHECK_EQ(midi_out_open("raw", &config, &out, &err), DM_ERR_ARGUMENT);
    CHECK_EQ(midi_out_open("raw:/nonexistent/midi", &config, &out, &err), DM_ERR_OPEN);
    CHECK_EQ(midi_out_open("raw:fd:999", &config, &out, &err), DM_ERR_OPEN);
    config.sysex_max = (16 << 20) + 1;
    CHECK_EQ(midi_out_open("raw:/dev/null", &config, &out, NULL), DM_ERR_ARGUMENT);
    open_output("raw:/dev/null", 16);
    CHECK(sends("0123456789abcdef", 16, 0));
    CHECK(!sends("0123456789abcdefg", 17, 0));
    CHECK(midi_out_flush(out, LONG));
    midi_out_state(out, &state);
    CHECK_EQ(state.sent, 16);
    CHECK_EQ(state.lost, 17);
    close_output();
    config.sysex_max = 0;
    for (long n = 1; n < 100; n++) {
        dm_alloc_fail_at(n, true);
        enum dm_status status = midi_out_open("raw:/dev/null", &config, &out, NULL);
        dm_alloc_fail_at(0, false);
        if (status == DM_OK) {
            close_output();
            break;
        }
        CHECK_EQ(status, DM_ERR_NOMEM);
        CHECK_EQ(dm_alloc_live(), 0);
    }
}

/* ---- ALSA's sequencer, from a port of ours to another ---- */

static void test_alsa(void)
{
    struct midi_input *in;
    struct midi_state heard;
    struct midi_config config = {.as_bytes = true};
    char spec[160];
    uint8_t sent[3 + 1000], got[sizeof sent];
    size_t count = 0;
    CHECK_EQ(midi_input_open("alsa", &config, &in, NULL), DM_OK);
    midi_input_state(in, &heard);
    snprintf(spec, sizeof spec, "alsa:%s", heard.port);
    open_output(spec, 0);
    memcpy(sent, "\x90\x3c\x40\xf0", 4);
    for (size_t i = 4; i < sizeof sent; i++)
        sent[i] = i & 127;
    sent[sizeof sent - 1] = 0xF7;
    CHECK(midi_out_send(out, sent, sizeof sent, 0));
    while (count < sizeof got && midi_input_wait(in, 10 * SECOND)) {
        struct midi_message message;
        midi_input_peek(in, &message);
        if (CHECK(message.size <= sizeof got - count))
            memcpy(got + count, message.bytes, message.size);
        count += message.size;
        midi_input_drop(in);
    }
    CHECK_EQ(count, sizeof sent);
    CHECK(memcmp(got, sent, sizeof sent) == 0);
    midi_out_close(out);
    midi_input_close(in);
}

static int run_alsa(void)
{
    struct midi_config config = {0};
    struct dm_error err = {0};
    if (midi_out_open("alsa", &config, &out, &err) != DM_OK) {
        printf("1..0 # SKIP %s\n", err.text);
        return 0;
    }
    midi_out_close(out);
    RUN(test_alsa);
    return tap_done();
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "alsa") == 0)
        return run_alsa();
    log_set(LOG_WARNING, count_warning, NULL);
    RUN(test_bytes_as_sent);
    RUN(test_times);
    RUN(test_flood);
    RUN(test_several_senders);
    RUN(test_reader_leaves);
    RUN(test_pty);
    RUN(test_pty_both_ways);
    RUN(test_socket_and_shared_flags);
    RUN(test_fifo_outlives_its_readers);
    RUN(test_names_and_limits);
    return tap_done();
}
