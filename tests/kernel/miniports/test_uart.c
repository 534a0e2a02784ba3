/* SPDX-License-Identifier: MIT */
/*
 * The UART miniport by loopback: through the port's pins, the driver's registers and the emulated device back to the capture
 * pin. usage: test_miniports_uart [MESSAGES [LONGEST_SYSEX]]
 */
#include "uart_rig.h"

#define MS 10000

static unsigned long messages = 20000;
static uint32_t longest_sysex = 3000;

/* xorshift64* */
static uint64_t seed = 88172645463325252u;
static uint32_t rnd(uint32_t below)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * 2685821657736338717u) >> 33) % below;
}

/* One whole message; returns its size. System exclusives are rare and of all lengths. */
static uint32_t random_message(uint8_t *out)
{
    static const uint8_t common[] = {0xF1, 0xF2, 0xF3, 0xF6, 0xF8, 0xFA, 0xFB, 0xFC, 0xFE, 0xFF};
    static const uint8_t common_size[] = {2, 3, 2, 1, 1, 1, 1, 1, 1, 1};
    uint32_t kind = rnd(400), size;
    if (kind == 0) {
        uint32_t top = rnd(20) ? (longest_sysex > 300 ? 300 : longest_sysex) : longest_sysex;
        size = rnd(top) + 2;
        out[0] = 0xF0;
        for (uint32_t i = 1; i < size - 1; i++)
            out[i] = (uint8_t)rnd(128);
        out[size - 1] = 0xF7;
        return size;
    }
    if (kind < 40) {
        uint32_t which = rnd(10);
        out[0] = common[which];
        size = common_size[which];
    } else {
        out[0] = (uint8_t)(0x80 + rnd(0x70));
        size = (out[0] & 0xE0) == 0xC0 ? 2 : 3;
    }
    for (uint32_t i = 1; i < size; i++)
        out[i] = (uint8_t)rnd(128);
    return size;
}

struct log {
    uint8_t *bytes;
    size_t count, capacity;
};

static void log_add(struct log *log, const uint8_t *bytes, size_t size)
{
    if (log->count + size > log->capacity) {
        log->capacity = (log->count + size) * 2;
        log->bytes = realloc(log->bytes, log->capacity);
    }
    memcpy(log->bytes + log->count, bytes, size);
    log->count += size;
}

static void same(const struct log *want, const uint8_t *got, size_t count)
{
    CHECK_EQ(count, want->count);
    for (size_t i = 0; i < count && i < want->count; i++)
        if (got[i] != want->bytes[i]) {
            printf("# first difference at byte %zu: %02X for %02X\n", i, got[i], want->bytes[i]);
            CHECK(got[i] == want->bytes[i]);
            return;
        }
}

static struct log wire;
static void on_wire(void *ctx, uint8_t byte, int64_t now)
{
    (void)ctx, (void)now;
    log_add(&wire, &byte, 1);
}

/* Random messages out and back in: byte-exact, on the wire and in the capture pin's records, with times that never go back. */
static void loopback(struct mpu401_config config)
{
    struct uart_rig rig;
    struct listener *ear = malloc(sizeof *ear);
    struct log want = {0};
    uint8_t *message = malloc(longest_sysex + 8);
    int64_t due = 0;
    config.loopback = true;
    config.send = on_wire;
    wire.count = 0;
    uart_rig_open(&rig, WDM_VIRTUAL, config);
    struct host_pin *out = open_pin(&rig, 1, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    listener_open(ear, &rig);
    CHECK_EQ(host_pin_set_state(out, KSSTATE_RUN), STATUS_SUCCESS);
    for (unsigned long i = 0; i < messages; i++) {
        uint32_t size = random_message(message);
        int64_t soon = uart_rig_now(&rig) + rnd(MS);
        due = soon > due ? soon : due; /* equal stamps keep their order */
        write_message(out, due, message, size);
        log_add(&want, message, size);
        uart_rig_pass(&rig, (int64_t)(size > 100 ? size : 1) * MPU401_WIRE_100NS + rnd(4 * MS));
    }
    uart_rig_pass(&rig, (int64_t)longest_sysex * 2 * MPU401_WIRE_100NS + 1000 * MS);
    same(&want, wire.bytes, wire.count);
    same(&want, ear->bytes, ear->count);
    CHECK_EQ(ear->backward, 0);
    CHECK_EQ(ear->discontinuities, 0);
    struct mpu401_stats stats;
    mpu401_stats(rig.mpu, &stats);
    CHECK_EQ(stats.lost, 0);
    CHECK_EQ(stats.ignored, 0);
    listener_close(ear);
    host_close_pin(out);
    uart_rig_close(&rig);
    free(ear);
    free(message);
    free(want.bytes);
}

static void test_loopback_at_wire_speed(void)
{
    loopback((struct mpu401_config){.vector = MPU_VECTOR, .byte_100ns = MPU401_WIRE_100NS});
}

static void test_loopback_without_delay(void)
{
    loopback((struct mpu401_config){.vector = MPU_VECTOR, .fifo_size = 16});
}

static void test_loopback_polled(void)
{
    unsigned long all = messages;
    messages = messages < 5000 ? messages : 5000;
    loopback((struct mpu401_config){.vector = -1, .fifo_size = 256});
    messages = all;
}

/* What comes from the wire in the manners of the wire: running status, real time inside everything, stray bytes; chunks of 1 to 8.
 * The reference knows what it sent. */
static void test_wire_manners(void)
{
    struct uart_rig rig;
    struct listener *ear = malloc(sizeof *ear);
    struct log want = {0}, raw = {0};
    uint8_t *message = malloc(longest_sysex + 8), running = 0;
    uart_rig_open(&rig, WDM_VIRTUAL, (struct mpu401_config){.vector = MPU_VECTOR});
    listener_open(ear, &rig);
    for (unsigned long i = 0; i < messages; i++) {
        uint32_t size = random_message(message);
        bool shortened = message[0] < 0xF0 && message[0] == running && rnd(4);
        uint8_t last = message[0];
        running = last < 0xF0 ? last : last < 0xF8 ? 0 : running;
        if (rnd(8) == 0 && running && last < 0xF0 && message[0] == running)
            shortened = shortened && rnd(2);
        raw.count = 0;
        for (uint32_t k = shortened ? 1 : 0; k < size; k++) {
            if (k > 0 && rnd(size > 50 ? 100 : 8) == 0) { /* in the middle */
                static const uint8_t clocks[] = {0xF8, 0xFA, 0xFC, 0xFE};
                uint8_t clock = clocks[rnd(4)];
                log_add(&raw, &clock, 1);
                log_add(&want, &clock, 1);
            }
            log_add(&raw, &message[k], 1);
        }
        log_add(&want, message, size);
        for (size_t at = 0; at < raw.count;) {
            size_t chunk = rnd(8) + 1;
            chunk = chunk < raw.count - at ? chunk : raw.count - at;
            wdm_enter(rig.machine);
            CHECK_EQ(mpu401_receive(rig.mpu, raw.bytes + at, chunk), chunk);
            wdm_leave();
            uart_rig_pass(&rig, rnd(2 * MS));
            at += chunk;
        }
        if (rnd(50) == 0)
            uart_rig_pass(&rig, MS);
    }
    uart_rig_pass(&rig, 100 * MS);
    /* Real time inside a message comes before it, inside a SysEx between its pieces: compare what is left of each kind. */
    struct log want_clock = {0}, want_rest = {0}, clock = {0}, rest = {0};
    for (size_t i = 0; i < want.count; i++)
        log_add(want.bytes[i] >= 0xF8 ? &want_clock : &want_rest, &want.bytes[i], 1);
    for (size_t i = 0; i < ear->count; i++)
        log_add(ear->bytes[i] >= 0xF8 ? &clock : &rest, &ear->bytes[i], 1);
    same(&want_clock, clock.bytes, clock.count);
    same(&want_rest, rest.bytes, rest.count);
    CHECK_EQ(ear->backward, 0);
    listener_close(ear);
    uart_rig_close(&rig);
    free(want.bytes), free(raw.bytes), free(want_clock.bytes), free(want_rest.bytes), free(clock.bytes), free(rest.bytes);
    free(message);
    free(ear);
}

/* Two clients: nothing of one inside a message of the other, and a system exclusive that is stopped is ended. */
static void test_two_clients(void)
{
    struct uart_rig rig;
    uint8_t sysex[3000];
    static const uint8_t note[] = {0x90, 60, 100};
    wire.count = 0;
    uart_rig_open(&rig, WDM_VIRTUAL, (struct mpu401_config){.vector = MPU_VECTOR, .byte_100ns = MPU401_WIRE_100NS, .send = on_wire});
    struct host_pin *music = open_pin(&rig, 1, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    struct host_pin *legacy = open_pin(&rig, 0, &KSDATAFORMAT_SUBTYPE_MIDI);
    memset(sysex, 0x11, sizeof sysex);
    sysex[0] = 0xF0;
    sysex[sizeof sysex - 1] = 0xF7;
    CHECK_EQ(host_pin_set_state(music, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(legacy, KSSTATE_RUN), STATUS_SUCCESS);
    write_message(music, uart_rig_now(&rig), sysex, sizeof sysex);
    uart_rig_pass(&rig, 10 * MS);
    uint8_t packet[12] = {0, 0, 0, 0, 3, 0, 0, 0, 0x90, 60, 100, 0}; /* KSMUSICFORMAT */
    struct outgoing *out = calloc(1, sizeof *out + sizeof packet);
    memcpy(out->bytes, packet, sizeof packet);
    out->packet = (struct host_packet){.data = out->bytes, .size = sizeof packet, .used = sizeof packet,
                                       .time = uart_rig_now(&rig), .done = outgoing_done, .ctx = out};
    CHECK(NT_SUCCESS(host_pin_write(legacy, &out->packet)));
    uart_rig_pass(&rig, 2000 * MS);
    CHECK_EQ(wire.count, sizeof sysex + 3);
    CHECK(memcmp(wire.bytes, sysex, sizeof sysex) == 0);
    CHECK(memcmp(wire.bytes + sizeof sysex, note, 3) == 0);
    /* Stopped in the middle. */
    wire.count = 0;
    write_message(music, uart_rig_now(&rig), sysex, sizeof sysex);
    uart_rig_pass(&rig, 100 * MS);
    CHECK_EQ(host_pin_set_state(music, KSSTATE_STOP), STATUS_SUCCESS);
    uart_rig_pass(&rig, 100 * MS);
    CHECK(wire.count > 100 && wire.count < 600);
    CHECK_EQ(wire.bytes[wire.count - 1], 0xF7);
    host_close_pin(music);
    host_close_pin(legacy);
    uart_rig_close(&rig);
}

static void test_failing_hardware(void)
{
    struct uart_rig rig;
    struct dm_error err = {DM_OK, ""};
    uart_rig_hardware(&rig, WDM_VIRTUAL, (struct mpu401_config){.vector = MPU_VECTOR, .dead = true});
    CHECK_EQ(uart_rig_start(&rig, "port 0x330 2\ninterrupt 9\n", &err), DM_ERR_DEVICE);
    CHECK(strstr(err.text, "C0000185") || strstr(err.text, "c0000185")); /* spec/ddi-kernel.md 8.14 */
    uart_rig_close(&rig);
    static const char *const wrong[] = {"interrupt 9\n", "port 0x330 2\nport 0x300 2\n", "port 0x330 1\n", "port 0x330 2\ndma 1\n",
                                        "port 0x330 2\ninterrupt 9\ninterrupt 10\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uart_rig_hardware(&rig, WDM_VIRTUAL, (struct mpu401_config){.vector = MPU_VECTOR});
        CHECK_EQ(uart_rig_start(&rig, wrong[i], &err), DM_ERR_DEVICE);
        CHECK(strstr(err.text, "C0000182") || strstr(err.text, "c0000182"));
        uart_rig_close(&rig);
    }
}

static void test_limits_and_power(void)
{
    struct uart_rig rig;
    struct host_pin *second = NULL;
    uint8_t connect[HOST_CONNECT_MAX];
    struct mpu401_stats stats;
    static const uint8_t note[] = {0x90, 60, 100};
    wire.count = 0;
    uart_rig_open(&rig, WDM_VIRTUAL, (struct mpu401_config){.vector = MPU_VECTOR, .send = on_wire});
    struct host_pin *music = open_pin(&rig, 1, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    uint32_t size = host_connect_music(connect, 1, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    CHECK(!NT_SUCCESS(host_create_pin(rig.filter, connect, size, &second))); /* one of each */
    CHECK_EQ(host_pin_set_state(music, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_EQ(host_device_power(rig.device, PowerDeviceD3), STATUS_SUCCESS);
    write_message(music, uart_rig_now(&rig), note, 3);
    uart_rig_pass(&rig, 10 * MS);
    CHECK_EQ(wire.count, 0);
    CHECK_EQ(host_device_power(rig.device, PowerDeviceD0), STATUS_SUCCESS);
    uart_rig_pass(&rig, 10 * MS);
    CHECK_EQ(wire.count, 3);
    mpu401_stats(rig.mpu, &stats);
    CHECK(stats.uart_mode);
    host_close_pin(music);
    uart_rig_close(&rig);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        messages = strtoul(argv[1], NULL, 10);
    if (argc > 2)
        longest_sysex = (uint32_t)strtoul(argv[2], NULL, 10);
    RUN(test_loopback_at_wire_speed);
    RUN(test_loopback_without_delay);
    RUN(test_loopback_polled);
    RUN(test_wire_manners);
    RUN(test_two_clients);
    RUN(test_failing_hardware);
    RUN(test_limits_and_power);
    free(wire.bytes);
    return tap_done();
}
