/* SPDX-License-Identifier: MIT */
#include "mpu401.h"

#include <pthread.h>

#include "base/alloc.h"
#include "kernel/wdm/device.h"
#include "kernel/wdm/machine.h"

#define FIFO_DEFAULT 64u
#define FIFO_MAX     65536u

#define STATUS_NO_INPUT 0x80u
#define STATUS_BUSY     0x40u
#define STATUS_REST     0x3Fu
#define ACKNOWLEDGE     0xFEu

struct fifo {
    uint8_t *bytes;
    uint32_t size, first, count;
};

struct mpu401 {
    struct mpu401_config config;
    struct wdm_alarm *alarm; /* the wire is free again; NULL if bytes take no time */
    pthread_mutex_t lock;
    struct fifo in, out;     /* [lock] */
    bool uart_mode;          /* [lock] */
    bool sending;            /* [lock] somebody takes bytes off out */
    bool on_wire;            /* [lock] the alarm is set, or being served */
    int64_t arrival;         /* [lock] machine time at which the byte on the wire has left it */
    unsigned turns;          /* [lock] how often input became empty or ceased to be */
    struct mpu401_stats stats; /* [lock] */
};

static bool fifo_init(struct fifo *fifo, uint32_t size)
{
    *fifo = (struct fifo){.bytes = dm_malloc(size), .size = size};
    return fifo->bytes != NULL;
}

static bool fifo_put(struct fifo *fifo, uint8_t byte)
{
    if (fifo->count == fifo->size)
        return false;
    fifo->bytes[(fifo->first + fifo->count++) % fifo->size] = byte;
    return true;
}

static uint8_t fifo_get(struct fifo *fifo)
{
    uint8_t byte = fifo->bytes[fifo->first];
    fifo->first = (fifo->first + 1) % fifo->size;
    fifo->count--;
    return byte;
}

/* ---- interrupt ---- */

/* The line follows the input FIFO. It is moved without the lock, since the service routine runs inside wdm_interrupt_set and
 * reads the ports; whoever moved it looks again whether it is still right. */
static void follow_line(struct mpu401 *mpu)
{
    unsigned seen;
    if (mpu->config.vector < 0)
        return;
    do {
        pthread_mutex_lock(&mpu->lock);
        bool active = mpu->in.count > 0;
        seen = mpu->turns;
        pthread_mutex_unlock(&mpu->lock);
        wdm_interrupt_set(mpu->config.machine, (unsigned)mpu->config.vector, active);
        pthread_mutex_lock(&mpu->lock);
        bool moved = seen != mpu->turns;
        pthread_mutex_unlock(&mpu->lock);
        if (!moved)
            return;
    } while (true);
}

/* ---- wire ---- */

static size_t take(struct mpu401 *mpu, const uint8_t *bytes, size_t count, bool patient)
{
    size_t taken = 0;
    pthread_mutex_lock(&mpu->lock);
    bool turned = mpu->in.count == 0;
    while (taken < count && mpu->uart_mode && fifo_put(&mpu->in, bytes[taken]))
        taken++;
    size_t lost = patient && mpu->uart_mode ? 0 : count - taken;
    mpu->stats.received += taken;
    mpu->stats.lost += lost;
    turned = turned && taken;
    mpu->turns += turned;
    pthread_mutex_unlock(&mpu->lock);
    if (turned)
        follow_line(mpu);
    return patient ? taken + lost : taken;
}

size_t mpu401_receive(struct mpu401 *mpu, const uint8_t *bytes, size_t count) { return take(mpu, bytes, count, false); }
size_t mpu401_offer(struct mpu401 *mpu, const uint8_t *bytes, size_t count) { return take(mpu, bytes, count, true); }

static void deliver(struct mpu401 *mpu, uint8_t byte, int64_t now)
{
    if (mpu->config.send)
        mpu->config.send(mpu->config.send_ctx, byte, now);
    if (mpu->config.loopback)
        mpu401_receive(mpu, &byte, 1);
}

/* Whatever has had its time on the wire leaves. A receiver may write to this device, so nothing is locked around it. */
static void transmit(struct mpu401 *mpu, int64_t now)
{
    pthread_mutex_lock(&mpu->lock);
    if (mpu->sending) {
        pthread_mutex_unlock(&mpu->lock);
        return;
    }
    mpu->sending = true;
    while (mpu->out.count && mpu->arrival <= now) {
        uint8_t byte = fifo_get(&mpu->out);
        mpu->stats.sent++;
        pthread_mutex_unlock(&mpu->lock);
        deliver(mpu, byte, now);
        pthread_mutex_lock(&mpu->lock);
        mpu->arrival += mpu->config.byte_100ns;
    }
    mpu->sending = false;
    mpu->on_wire = mpu->out.count > 0;
    if (mpu->on_wire && mpu->alarm)
        wdm_alarm_set(mpu->alarm, mpu->arrival);
    pthread_mutex_unlock(&mpu->lock);
}

static void wire_alarm(void *ctx, int64_t now) { transmit(ctx, now); }

/* ---- registers ---- */

static void write_data(struct mpu401 *mpu, uint8_t byte)
{
    int64_t now = wdm_time_100ns(mpu->config.machine);
    pthread_mutex_lock(&mpu->lock);
    bool taken = mpu->uart_mode && fifo_put(&mpu->out, byte);
    mpu->stats.ignored += !taken;
    if (taken && !mpu->on_wire) {
        mpu->on_wire = true;
        mpu->arrival = now + mpu->config.byte_100ns;
        if (mpu->alarm)
            wdm_alarm_set(mpu->alarm, mpu->arrival);
    }
    pthread_mutex_unlock(&mpu->lock);
    if (taken && !mpu->alarm)
        transmit(mpu, now);
}

static void write_command(struct mpu401 *mpu, uint8_t command)
{
    pthread_mutex_lock(&mpu->lock);
    bool was_uart = mpu->uart_mode, heard = !was_uart || command == 0xFF;
    mpu->turns++;
    if (command == 0xFF) {
        mpu->uart_mode = false;
        mpu->in.count = mpu->out.count = 0;
    }
    if (heard && command == 0x3F)
        mpu->uart_mode = true;
    if (heard && !was_uart && !mpu->config.dead)
        fifo_put(&mpu->in, ACKNOWLEDGE);
    pthread_mutex_unlock(&mpu->lock);
    follow_line(mpu);
}

static uint32_t read_register(void *ctx, uint32_t offset, unsigned width)
{
    struct mpu401 *mpu = ctx;
    uint32_t value = 0xFF;
    bool turned = false;
    if (width != 1)
        return UINT32_MAX;
    pthread_mutex_lock(&mpu->lock);
    if (offset == 1)
        value = STATUS_REST | (mpu->in.count ? 0 : STATUS_NO_INPUT) |
                (mpu->out.count >= mpu->out.size ? STATUS_BUSY : 0);
    else if (mpu->in.count)
        value = fifo_get(&mpu->in), turned = mpu->in.count == 0;
    mpu->turns += turned;
    pthread_mutex_unlock(&mpu->lock);
    if (turned)
        follow_line(mpu);
    return value;
}

static void write_register(void *ctx, uint32_t offset, unsigned width, uint32_t value)
{
    if (width != 1)
        return;
    if (offset == 0)
        write_data(ctx, (uint8_t)value);
    else
        write_command(ctx, (uint8_t)value);
}

void mpu401_stats(struct mpu401 *mpu, struct mpu401_stats *out)
{
    pthread_mutex_lock(&mpu->lock);
    *out = mpu->stats;
    out->uart_mode = mpu->uart_mode;
    pthread_mutex_unlock(&mpu->lock);
}

/* ---- life ---- */

static void free_all(struct mpu401 *mpu)
{
    wdm_alarm_destroy(mpu->alarm);
    pthread_mutex_destroy(&mpu->lock);
    dm_free(mpu->in.bytes);
    dm_free(mpu->out.bytes);
    dm_free(mpu);
}

enum dm_status mpu401_create(const struct mpu401_config *config, struct mpu401 **out, struct dm_error *err)
{
    uint32_t size = config->fifo_size ? config->fifo_size : FIFO_DEFAULT;
    *out = NULL;
    if (size > FIFO_MAX)
        return dm_fail(err, DM_ERR_ARGUMENT, "MPU-401: FIFO of %u bytes: 1 to %u", (unsigned)size, FIFO_MAX);
    struct mpu401 *mpu = dm_calloc(1, sizeof *mpu);
    if (!mpu)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for an MPU-401");
    mpu->config = *config;
    pthread_mutex_init(&mpu->lock, NULL);
    bool ready = fifo_init(&mpu->in, size) && fifo_init(&mpu->out, size);
    if (ready && config->byte_100ns)
        ready = (mpu->alarm = wdm_alarm_create(config->machine, wire_alarm, mpu)) != NULL;
    if (!ready) {
        free_all(mpu);
        return dm_fail(err, DM_ERR_NOMEM, "no memory for an MPU-401");
    }
    struct wdm_port_model ports = {.read = read_register, .write = write_register, .ctx = mpu};
    if (!wdm_ports_claim(config->machine, config->port, 2, &ports)) {
        free_all(mpu);
        return dm_fail(err, DM_ERR_ARGUMENT, "MPU-401: ports %Xh and %Xh are taken", (unsigned)config->port,
                       (unsigned)config->port + 1);
    }
    *out = mpu;
    return DM_OK;
}

void mpu401_destroy(struct mpu401 *mpu)
{
    if (!mpu)
        return;
    wdm_ports_release(mpu->config.machine, mpu->config.port);
    if (mpu->config.vector >= 0)
        wdm_interrupt_set(mpu->config.machine, (unsigned)mpu->config.vector, false);
    free_all(mpu);
}
