/* SPDX-License-Identifier: MIT */
#include "machine_parts.h"

#include <stdlib.h>
#include <string.h>

#include <dmusicks.h>

#include "kernel/miniports/builtin.h"
#include "kernel/miniports/mpu401.h"

/* One word of the model's options. */
static enum dm_status mpu401_option(struct mpu401_config *config, const char *word, size_t length, struct dm_error *err)
{
    char *end;
    if (length == 8 && memcmp(word, "loopback", 8) == 0) {
        config->loopback = true;
    } else if (length == 7 && memcmp(word, "instant", 7) == 0) {
        config->byte_100ns = 0;
    } else if (length > 5 && memcmp(word, "fifo=", 5) == 0) {
        unsigned long size = strtoul(word + 5, &end, 0);
        if (end != word + length || size < 1 || size > 65536)
            return dm_fail(err, DM_ERR_ARGUMENT, "mpu401: %.*s: 1 to 65536 bytes", (int)length, word);
        config->fifo_size = (uint32_t)size;
    } else {
        return dm_fail(err, DM_ERR_ARGUMENT, "mpu401: '%.*s': there are loopback, instant, fifo=BYTES and, in dmus host, join=PORT, in=PORT, out=PORT",
                       (int)length, word);
    }
    return DM_OK;
}

enum dm_status machine_parts_mpu401(const struct host_model_place *place, void (*send)(void *, uint8_t, int64_t), void *send_ctx,
                                    struct mpu401 **out, struct dm_error *err)
{
    struct mpu401_config config = {.machine = place->machine,
                                   .port = (uint32_t)place->port,
                                   .vector = place->has_interrupt ? (int)place->vector : -1,
                                   .byte_100ns = MPU401_WIRE_100NS,
                                   .send = send,
                                   .send_ctx = send_ctx};
    enum dm_status status = DM_OK;
    *out = NULL;
    if (place->port_length < 2 || place->port > UINT32_MAX - 1)
        return dm_fail(err, DM_ERR_ARGUMENT, "mpu401: needs a port range of 2");
    for (const char *word = place->options; *word && status == DM_OK;) {
        size_t length = strcspn(word, " \t");
        if (length)
            status = mpu401_option(&config, word, length, err);
        word += length;
        word += strspn(word, " \t");
    }
    return status == DM_OK ? mpu401_create(&config, out, err) : status;
}

static enum dm_status attach_mpu401(const struct host_model_place *place, void **out, struct dm_error *err)
{
    struct mpu401 *mpu;
    enum dm_status status = machine_parts_mpu401(place, NULL, NULL, &mpu, err);
    *out = mpu;
    return status;
}

static void detach_mpu401(void *device) { mpu401_destroy(device); }

static const struct host_model models[] = {
    {.name = "mpu401", .attach = attach_mpu401, .detach = detach_mpu401},
};

static const struct pc_builtin_miniport miniports[] = {
    {&CLSID_MiniportDriverDMusUART, uart_create_instance},
    {&CLSID_MiniportDriverDMusUARTCapture, uart_create_instance},
};

void machine_parts_config(struct host_config *config)
{
    config->models = models;
    config->model_count = sizeof models / sizeof models[0];
    config->miniports = miniports;
    config->miniport_count = sizeof miniports / sizeof miniports[0];
}

bool machine_parts_driver(size_t index, struct host_driver_config *out)
{
    if (index > 0)
        return false;
    *out = (struct host_driver_config){.name = "swsynth", .entry = swsynth_DriverEntry};
    return true;
}
