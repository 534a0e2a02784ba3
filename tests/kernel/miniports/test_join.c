/* SPDX-License-Identifier: MIT */
/* The UART miniport in real time, its emulated device joined to a terminal that stands for a MIDI device (drivers/mpu401_join.h). */
#define _GNU_SOURCE
#include "uart_rig.h"

#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "drivers/mpu401_join.h"

#define MS 10000

static struct uart_rig rig;
static int pty;

/* ---- what is told ---- */

static atomic_uint gone, lost;

static void hear(void *ctx, const char *line)
{
    (void)ctx;
    size_t length = strlen(line);
    atomic_fetch_add(&gone, strncmp(line, "mpu401: ", 8) == 0 && strcmp(line + length - 8, " is gone") == 0);
    atomic_fetch_add(&lost, strstr(line, "lost: 57 bytes to and 0 from") != NULL);
}

/* ---- rig ---- */

static enum dm_status start(enum wdm_time time, const char *options, struct dm_error *err)
{
    struct host_config config = {.time = time, .print = hear};
    char text[300];
    memset(&rig, 0, sizeof rig);
    mpu401_join_config(&config);
    CHECK_EQ(host_create(&config, &rig.host, err), DM_OK);
    rig.machine = host_machine(rig.host);
    snprintf(text, sizeof text, "port 0x330 2\ninterrupt 9\nmodel mpu401 port=0 interrupt=0 %s\n", options);
    return uart_rig_start(&rig, text, err);
}

static void start_joined(const char *options)
{
    struct dm_error err = {DM_OK, ""};
    if (!CHECK(start(WDM_REAL, options, &err) == DM_OK))
        printf("#   %s\n", err.text);
    CHECK_EQ(host_open_filter(rig.host, "UART", &rig.filter), STATUS_SUCCESS);
}

static void open_pty(const char *more)
{
    char options[128];
    pty = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(pty >= 0 && grantpt(pty) == 0 && unlockpt(pty) == 0);
    snprintf(options, sizeof options, "join=raw:%s%s", ptsname(pty), more);
    start_joined(options);
}

static size_t read_all(int fd, uint8_t *bytes, size_t count)
{
    size_t got = 0;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    while (got < count && poll(&ready, 1, 5000) > 0) {
        ssize_t n = read(fd, bytes + got, count - got);
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    return got;
}

/* ---- a song ---- */

/* The NTH message of it; all kinds of voice messages, and a system exclusive now and then. Returns the size. */
static uint32_t message_of(uint32_t n, uint8_t *out)
{
    if (n % 40 == 39) {
        out[0] = 0xF0;
        for (uint32_t i = 1; i < 30; i++)
            out[i] = (uint8_t)((n + i) & 127);
        out[30] = 0xF7;
        return 31;
    }
    out[0] = (uint8_t)(0x80 + n * 37 % 0x70);
    out[1] = (uint8_t)(n & 127);
    out[2] = (uint8_t)(n * 11 & 127);
    return (out[0] & 0xE0) == 0xC0 ? 2 : 3;
}

enum { SONG = 400 };

static size_t song_bytes(uint8_t *out)
{
    size_t size = 0;
    for (uint32_t n = 0; n < SONG; n++)
        size += message_of(n, out + size);
    return size;
}

static void write_song(struct host_pin *pin)
{
    int64_t start = uart_rig_now(&rig) + 20 * MS;
    uint8_t message[32];
    for (uint32_t n = 0; n < SONG; n++) {
        uint32_t size = message_of(n, message);
        write_message(pin, start + (int64_t)n * 12000, message, size);
    }
}

static uint8_t want[SONG * 32], got[SONG * 32];

static void test_song_arrives(void)
{
    open_pty("");
    struct host_pin *pin = open_pin(&rig, 1, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    size_t size = song_bytes(want);
    int64_t begun = clock_now_100ns();
    write_song(pin);
    CHECK_EQ(read_all(pty, got, size), size);
    CHECK(memcmp(got, want, size) == 0);
    int64_t took = clock_now_100ns() - begun;
    CHECK(took >= 20 * MS + (SONG - 1) * 12000); /* not before its time */
    printf("# %zu bytes in %.3f s\n", size, (double)took / 1e7);
    host_close_pin(pin);
    uart_rig_close(&rig);
    struct pollfd ready = {.fd = pty, .events = POLLIN};
    CHECK(poll(&ready, 1, 0) <= 0 || !(ready.revents & POLLIN)); /* and nothing more */
    close(pty);
}

/* ---- what comes in ---- */

static void wait_for_bytes(struct listener *ear, size_t count)
{
    for (int i = 0; i < 500 && atomic_load(&ear->heard) < count; i++)
        usleep(10000);
    CHECK_EQ(atomic_load(&ear->heard), count);
}

/* In pieces of 1 to 8 bytes, then all at once: more than the device's FIFO holds. */
static void test_capture(void)
{
    struct listener *ear = malloc(sizeof *ear);
    size_t size = song_bytes(want);
    open_pty(" fifo=16");
    listener_open(ear, &rig);
    for (size_t at = 0, piece = 1; at < size; at += piece, piece = piece % 8 + 1) {
        size_t n = piece < size - at ? piece : size - at;
        CHECK_EQ(write(pty, want + at, n), n);
        if (at % 16 == 0)
            usleep(500);
    }
    wait_for_bytes(ear, size);
    CHECK_EQ(write(pty, want, size), size);
    wait_for_bytes(ear, 2 * size);
    listener_stop(ear);
    CHECK_EQ(ear->count, 2 * size);
    CHECK(memcmp(ear->bytes, want, size) == 0 && memcmp(ear->bytes + size, want, size) == 0);
    CHECK_EQ(ear->records, 2 * SONG);
    CHECK_EQ(ear->backward, 0);
    CHECK_EQ(ear->discontinuities, 0);
    listener_close(ear);
    uart_rig_close(&rig);
    close(pty);
    free(ear);
}

/* ---- the cable is pulled ---- */

static void test_unplugged(void)
{
    struct listener *ear = malloc(sizeof *ear);
    static const uint8_t note[] = {0x90, 60, 100};
    open_pty("");
    struct host_pin *pin = open_pin(&rig, 1, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    listener_open(ear, &rig);
    write_message(pin, uart_rig_now(&rig), note, 3);
    CHECK_EQ(read_all(pty, got, 3), 3);
    CHECK_EQ(write(pty, note, 3), 3);
    wait_for_bytes(ear, 3);
    close(pty);
    for (int i = 0; i < 300 && atomic_load(&gone) < 2; i++)
        usleep(10000);
    CHECK_EQ(atomic_load(&gone), 2); /* both directions, once */
    for (int i = 0; i < 19; i++)     /* into the void */
        write_message(pin, uart_rig_now(&rig), note, 3);
    usleep(500000); /* 57 bytes take 18 ms on the wire */
    listener_close(ear);
    host_close_pin(pin);
    uart_rig_close(&rig);
    CHECK_EQ(atomic_load(&gone), 2);
    CHECK_EQ(atomic_load(&lost), 1);
    free(ear);
}

/* ---- one port each way ---- */

static void test_two_fifos(void)
{
    char path[] = "/tmp/dmus-join-XXXXXX", to[64], from[64], options[200];
    static const uint8_t note[] = {0x93, 61, 99};
    struct listener *ear = malloc(sizeof *ear);
    struct dm_error err = {DM_OK, ""};
    CHECK(mkdtemp(path) != NULL);
    snprintf(to, sizeof to, "%s/to", path);
    snprintf(from, sizeof from, "%s/from", path);
    CHECK(mkfifo(to, 0600) == 0 && mkfifo(from, 0600) == 0);
    snprintf(options, sizeof options, "join=raw:%s", to); /* it would hear itself */
    CHECK_EQ(start(WDM_REAL, options, &err), DM_ERR_ARGUMENT);
    uart_rig_close(&rig);
    snprintf(options, sizeof options, "in=raw:%s out=raw:%s instant", from, to);
    start_joined(options);
    struct host_pin *pin = open_pin(&rig, 1, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    listener_open(ear, &rig);
    int reader = open(to, O_RDONLY | O_NONBLOCK), writer = open(from, O_WRONLY | O_NONBLOCK);
    write_message(pin, uart_rig_now(&rig), note, 3);
    CHECK_EQ(read_all(reader, got, 3), 3);
    CHECK(memcmp(got, note, 3) == 0);
    CHECK_EQ(write(writer, note, 3), 3);
    wait_for_bytes(ear, 3);
    close(writer);
    close(reader);
    listener_close(ear);
    host_close_pin(pin);
    uart_rig_close(&rig);
    unlink(to);
    unlink(from);
    rmdir(path);
    free(ear);
}

/* ---- refusals ---- */

static void test_refusals(void)
{
    static const struct {
        enum wdm_time time;
        const char *options, *text;
    } wrong[] = {
        {WDM_VIRTUAL, "join=raw:/dev/null", "real time"},
        {WDM_VIRTUAL, "out=raw:/dev/null", "real time"},
        {WDM_REAL, "join=raw:/nonexistent/port", "/nonexistent/port"},
        {WDM_REAL, "join=carrier-pigeon", "there are"},
        {WDM_REAL, "in=carrier-pigeon:7", "there are"},
        {WDM_REAL, "join=", "expected a MIDI port"},
        {WDM_REAL, "join=raw:/dev/null in=raw:/dev/null", "joined already"},
        {WDM_REAL, "out=raw:/dev/null quickly", "quickly"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct dm_error err = {DM_OK, ""};
        CHECK(start(wrong[i].time, wrong[i].options, &err) != DM_OK);
        if (!CHECK(strstr(err.text, wrong[i].text) != NULL))
            printf("#   %s\n", err.text);
        uart_rig_close(&rig);
    }
    struct dm_error err = {DM_OK, ""};
    CHECK_EQ(start(WDM_VIRTUAL, "loopback fifo=32", &err), DM_OK); /* the plain model is still there */
    uart_rig_close(&rig);
    CHECK_EQ(dm_alloc_live(), 0);
}

int main(void)
{
    RUN(test_song_arrives);
    RUN(test_capture);
    RUN(test_unplugged);
    RUN(test_two_fifos);
    RUN(test_refusals);
    return tap_done();
}
