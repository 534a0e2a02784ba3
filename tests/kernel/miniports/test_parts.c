/* SPDX-License-Identifier: MIT */
/* The emulated device by a line of a resource file, as `dmus host` gets it (player/machine_parts.h). */
#include "uart_rig.h"

#include "player/machine_parts.h"

static enum dm_status start_with(struct uart_rig *rig, const char *text, struct dm_error *err)
{
    struct host_config config = {.time = WDM_VIRTUAL};
    memset(rig, 0, sizeof *rig);
    machine_parts_config(&config);
    CHECK_EQ(host_create(&config, &rig->host, err), DM_OK);
    rig->machine = host_machine(rig->host);
    return uart_rig_start(rig, text, err);
}

static void test_loopback_by_name(void)
{
    struct uart_rig rig;
    struct dm_error err = {DM_OK, ""};
    struct listener *ear = malloc(sizeof *ear);
    static const uint8_t note[] = {0x91, 60, 100};
    if (!CHECK(start_with(&rig, "port 0x330 2\ninterrupt 9\nmodel mpu401 port=0 interrupt=0 loopback fifo=32\n", &err) == DM_OK))
        printf("#   %s\n", err.text);
    CHECK_EQ(host_open_filter(rig.host, "UART", &rig.filter), STATUS_SUCCESS);
    struct host_pin *out = open_pin(&rig, 1, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    listener_open(ear, &rig);
    CHECK_EQ(host_pin_set_state(out, KSSTATE_RUN), STATUS_SUCCESS);
    int64_t now = uart_rig_now(&rig);
    write_message(out, now + 100000, note, 3);
    uart_rig_pass(&rig, 500000);
    CHECK_EQ(ear->count, 3);
    CHECK(memcmp(ear->bytes, note, 3) == 0);
    CHECK_EQ(ear->last_time - now, 100000 + 3200); /* its first byte's time on the wire */
    listener_close(ear);
    host_close_pin(out);
    uart_rig_close(&rig);
    free(ear);
}

static void test_mistakes(void)
{
    static const char *const wrong[] = {"port 0x330 2\nmodel mpu401 port=0 quickly\n", "port 0x330 2\nmodel mpu401 port=0 fifo=0\n",
                                        "port 0x330 2\nmodel mpu401\n", "port 0x330 2\nmodel mpu402 port=0\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct uart_rig rig;
        struct dm_error err = {DM_OK, ""};
        CHECK(start_with(&rig, wrong[i], &err) != DM_OK);
        CHECK(strstr(err.text, "mpu40") != NULL);
        uart_rig_close(&rig);
    }
}

int main(void)
{
    RUN(test_loopback_by_name);
    RUN(test_mistakes);
    return tap_done();
}
