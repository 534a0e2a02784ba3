/* SPDX-License-Identifier: MIT */
/* The emulated MPU-401 by its registers. */
#include "kernel/miniports/mpu401.h"
#include "kernel/wdm/wdm_rig.h"

#define PORT   0x330
#define VECTOR 9

static struct wdm_machine *machine;
static struct mpu401 *mpu;
static uint8_t sent[600];
static int64_t sent_at[600];
static unsigned sent_count;

static void collect(void *ctx, uint8_t byte, int64_t now)
{
    (void)ctx;
    if (sent_count < 600) {
        sent[sent_count] = byte;
        sent_at[sent_count] = now;
    }
    sent_count++;
}

static void open_mpu(struct mpu401_config config)
{
    machine = machine_open(WDM_VIRTUAL);
    config.machine = machine;
    config.port = PORT;
    config.send = collect;
    sent_count = 0;
    CHECK_EQ(mpu401_create(&config, &mpu, NULL), DM_OK);
}

static void close_mpu(void)
{
    mpu401_destroy(mpu);
    machine_close(machine);
}

static uint8_t status(void) { return READ_PORT_UCHAR((PUCHAR)PORT + 1); }
static uint8_t data(void) { return READ_PORT_UCHAR((PUCHAR)PORT); }
static void command(uint8_t byte) { WRITE_PORT_UCHAR((PUCHAR)PORT + 1, byte); }
static void write(uint8_t byte) { WRITE_PORT_UCHAR((PUCHAR)PORT, byte); }

static struct mpu401_stats figures(void)
{
    struct mpu401_stats stats;
    mpu401_stats(mpu, &stats);
    return stats;
}

static void test_commands(void)
{
    open_mpu((struct mpu401_config){.vector = -1});
    CHECK_EQ(status(), 0xBF); /* nothing to read, room to write */
    command(0xFF);
    CHECK_EQ(status(), 0x3F);
    CHECK_EQ(data(), 0xFE);
    CHECK_EQ(status(), 0xBF);
    write(0x90); /* intelligent mode: not MIDI */
    CHECK_EQ(sent_count, 0);
    CHECK_EQ(figures().ignored, 1);
    command(0x3F);
    CHECK_EQ(data(), 0xFE);
    CHECK(figures().uart_mode);
    command(0x3F); /* nothing but a reset is heard now */
    CHECK_EQ(status(), 0xBF);
    write(0x90);
    CHECK_EQ(sent_count, 1);
    CHECK_EQ(sent[0], 0x90);
    command(0xFF); /* and that is not acknowledged */
    CHECK_EQ(status(), 0xBF);
    CHECK(!figures().uart_mode);
    command(0xFF);
    CHECK_EQ(data(), 0xFE);
    close_mpu();
}

static void to_uart(void)
{
    command(0xFF);
    data();
    command(0x3F);
    data();
}

static void test_wire(void)
{
    open_mpu((struct mpu401_config){.vector = -1, .fifo_size = 4, .byte_100ns = MPU401_WIRE_100NS});
    to_uart();
    int64_t now = wdm_time_100ns(machine);
    for (uint8_t i = 0; i < 4; i++)
        write(i);
    CHECK_EQ(status(), 0xFF); /* full */
    write(99);
    CHECK_EQ(figures().ignored, 1);
    wdm_run_until(machine, now + 3199);
    CHECK_EQ(sent_count, 0);
    wdm_run_until(machine, now + 3200);
    CHECK_EQ(sent_count, 1);
    CHECK_EQ(status(), 0xBF);
    wdm_run_until(machine, now + 100000);
    CHECK_EQ(sent_count, 4);
    for (uint8_t i = 0; i < 4; i++) {
        CHECK_EQ(sent[i], i);
        CHECK_EQ(sent_at[i], now + 3200 * (i + 1));
    }
    write(7); /* the wire was idle: again one byte time */
    wdm_run_until(machine, now + 100000 + 3200);
    CHECK_EQ(sent_count, 5);
    CHECK_EQ(sent_at[4], now + 103200);
    close_mpu();
}

static void test_input(void)
{
    uint8_t bytes[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    open_mpu((struct mpu401_config){.vector = -1, .fifo_size = 8});
    CHECK_EQ(mpu401_receive(mpu, bytes, 3), 0); /* not in UART mode */
    to_uart();
    CHECK_EQ(mpu401_receive(mpu, bytes, 10), 8);
    CHECK_EQ(figures().lost, 5);
    CHECK_EQ(figures().received, 8);
    for (uint8_t i = 0; i < 8; i++)
        CHECK_EQ(data(), i);
    CHECK_EQ(status(), 0xBF);
    CHECK_EQ(data(), 0xFF);
    close_mpu();
}

/* A sender that waits loses nothing but what comes before UART mode. */
static void test_offer(void)
{
    uint8_t bytes[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    open_mpu((struct mpu401_config){.vector = -1, .fifo_size = 8});
    CHECK_EQ(mpu401_offer(mpu, bytes, 3), 3);
    CHECK_EQ(figures().lost, 3);
    to_uart();
    CHECK_EQ(mpu401_offer(mpu, bytes, 10), 8);
    CHECK_EQ(mpu401_offer(mpu, bytes + 8, 2), 0);
    CHECK_EQ(data(), 0);
    CHECK_EQ(mpu401_offer(mpu, bytes + 8, 2), 1);
    CHECK_EQ(figures().lost, 3);
    CHECK_EQ(figures().received, 9);
    for (uint8_t i = 1; i < 9; i++)
        CHECK_EQ(data(), i);
    close_mpu();
}

static unsigned services;
static uint8_t served[64];

static BOOLEAN NTAPI serve(struct _KINTERRUPT *interrupt, PVOID context)
{
    (void)interrupt, (void)context;
    if (status() & 0x80)
        return FALSE;
    served[services++ % 64] = data(); /* one byte: the line stays up while there is more */
    return TRUE;
}

static void test_interrupt(void)
{
    PKINTERRUPT interrupt = NULL;
    uint8_t bytes[] = {0x90, 60, 64};
    open_mpu((struct mpu401_config){.vector = VECTOR, .loopback = true});
    services = 0;
    CHECK_EQ(IoConnectInterrupt(&interrupt, serve, NULL, NULL, VECTOR, 5, 5, LevelSensitive, FALSE, 1, FALSE), STATUS_SUCCESS);
    command(0xFF);
    command(0x3F);
    CHECK_EQ(services, 2); /* both acknowledgements */
    CHECK_EQ(mpu401_receive(mpu, bytes, 3), 3);
    CHECK_EQ(services, 5);
    CHECK_EQ(served[4], 64);
    write(0xF8);
    CHECK_EQ(services, 6); /* looped back */
    CHECK_EQ(served[5], 0xF8);
    IoDisconnectInterrupt(interrupt);
    close_mpu();
}

static void test_bad_configurations(void)
{
    struct mpu401 *second = NULL;
    struct dm_error err = {0};
    open_mpu((struct mpu401_config){.vector = -1});
    struct mpu401_config config = {.machine = machine, .port = PORT + 1, .vector = -1};
    CHECK_EQ(mpu401_create(&config, &second, &err), DM_ERR_ARGUMENT);
    CHECK(second == NULL);
    CHECK_STR(err.text, "MPU-401: ports 331h and 332h are taken");
    config.port = 0x300;
    config.fifo_size = 70000;
    CHECK_EQ(mpu401_create(&config, &second, &err), DM_ERR_ARGUMENT);
    close_mpu();
}

int main(void)
{
    RUN(test_commands);
    RUN(test_wire);
    RUN(test_input);
    RUN(test_offer);
    RUN(test_interrupt);
    RUN(test_bad_configurations);
    return tap_done();
}
