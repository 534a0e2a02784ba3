/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* ppoll */
#include "midi_out_driver.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "realtime.h"

#define SYSEX_DEFAULT 65536u
#define SYSEX_MAX     (16u << 20)
#define RETRY_FIRST   1000000  /* 0.1 s */
#define RETRY_MAX     50000000 /* 5 s */
#define LOOK          5000000  /* 0.5 s: news are told, and nothing is waited for longer */
#define PRIORITY      65       /* as of what receives */

/* ---- telling ---- */

void midi_out_driver_set_port(struct midi_output *out, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    pthread_mutex_lock(&out->lock);
    vsnprintf(out->port, sizeof out->port, fmt, args);
    pthread_mutex_unlock(&out->lock);
    va_end(args);
}

static void note(struct midi_output *out, const char *text)
{
    log_at(LOG_WARNING, "midi", "%s: %s", out->driver->name, text);
    pthread_mutex_lock(&out->lock);
    snprintf(out->text, sizeof out->text, "%s: %s", out->driver->name, text);
    pthread_mutex_unlock(&out->lock);
}

/* At most twice a second. */
static void tell_loss(struct midi_output *out)
{
    char text[80];
    uint64_t lost = atomic_load(&out->lost);
    int64_t now = clock_now_100ns();
    if (lost == out->told || (now < out->told_100ns + LOOK && !atomic_load(&out->quit)))
        return;
    out->told_100ns = now;
    snprintf(text, sizeof text, "%" PRIu64 " bytes could not be sent", lost - out->told);
    note(out, text);
    out->told = lost;
}

static void wake_flushers(struct midi_output *out)
{
    if (!atomic_load(&out->flushing))
        return;
    pthread_mutex_lock(&out->lock);
    pthread_cond_broadcast(&out->emptied);
    pthread_mutex_unlock(&out->lock);
}

/* ---- the thread ---- */

static void give_up(struct midi_output *out, const char *reason)
{
    out->driver->disconnect(out);
    out->connected = false;
    atomic_store(&out->gone, true);
    out->delay = RETRY_FIRST;
    out->retry = clock_now_100ns() + out->delay;
    note(out, reason);
}

/* Until woken, or UNTIL, or EVENTS of the device. */
static void wait_for(struct midi_output *out, short events, int64_t until)
{
    struct pollfd fds[MIDI_OUT_FDS + 1] = {{.fd = out->wake_fd, .events = POLLIN}};
    unsigned count = out->connected ? out->fd_count : 0;
    int64_t now = clock_now_100ns(), left = until - now < LOOK ? until - now : LOOK;
    uint64_t woken;
    if (left <= 0)
        return;
    const struct timespec timeout = {left / CLOCK_100NS_PER_SECOND, (long)(left % CLOCK_100NS_PER_SECOND) * 100};
    for (unsigned i = 0; i < count; i++) {
        fds[i + 1] = out->fds[i];
        fds[i + 1].events &= events;
    }
    if (ppoll(fds, count + 1, &timeout, NULL) <= 0)
        return;
    if (fds[0].revents)
        (void)!read(out->wake_fd, &woken, sizeof woken);
    for (unsigned i = 1; i <= count; i++)
        if (fds[i].revents & (POLLERR | POLLHUP | POLLNVAL)) {
            give_up(out, "the other side is gone");
            return;
        }
}

/* Nobody takes it: it would come as a burst of stale notes when the device is back. */
static void drop_all(struct midi_output *out)
{
    struct midi_message message;
    while (midi_queue_peek(&out->queue, &message)) {
        uint64_t rest = message.size - out->done;
        atomic_fetch_add(&out->dropped, rest);
        atomic_fetch_add(&out->lost, rest);
        out->done = 0;
        midi_queue_drop(&out->queue);
    }
    wake_flushers(out);
}

static void look_for_device(struct midi_output *out)
{
    drop_all(out);
    tell_loss(out);
    int64_t now = clock_now_100ns();
    if (out->driver->comes_back && now >= out->retry) {
        out->connected = out->driver->connect(out, NULL) == DM_OK;
        if (out->connected) {
            note(out, "back again");
            atomic_store(&out->gone, false);
            return;
        }
        out->delay = out->delay * 2 < RETRY_MAX ? out->delay * 2 : RETRY_MAX;
        out->retry = now + out->delay;
    }
    wait_for(out, 0, out->driver->comes_back ? out->retry : now + LOOK);
}

static void wait_for_senders(struct midi_output *out)
{
    struct midi_message message;
    tell_loss(out);
    wake_flushers(out);
    atomic_exchange(&out->idle, true); /* pairs with the sender's: one of the two sees the other's side */
    if (!midi_queue_peek(&out->queue, &message))
        wait_for(out, 0, clock_now_100ns() + LOOK);
    atomic_store(&out->idle, false);
}

static void hand_over(struct midi_output *out, const struct midi_message *message)
{
    size_t taken = 0;
    const char *over = out->driver->write(out, message->bytes + out->done, message->size - out->done, &taken);
    out->done += (uint32_t)taken;
    out->fruitless = taken ? 0 : out->fruitless + 1;
    atomic_fetch_add(&out->sent, taken);
    if (out->done == message->size) {
        out->done = 0;
        midi_queue_drop(&out->queue);
        wake_flushers(out);
    } else if (over) {
        give_up(out, over);
    } else { /* a device that says it can, and does not, is asked again in a millisecond */
        tell_loss(out);
        wait_for(out, out->fruitless > 1 ? 0 : POLLOUT, clock_now_100ns() + (out->fruitless > 1 ? 10000 : LOOK));
    }
}

static void *run(void *arg)
{
    struct midi_output *out = arg;
    struct midi_message message;
    struct realtime_grant grant;
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE); /* write tells it as well */
    pthread_sigmask(SIG_BLOCK, &broken_pipe, NULL);
    realtime_ask(PRIORITY, &grant);
    while (!atomic_load(&out->quit)) {
        if (!out->connected)
            look_for_device(out);
        else if (!midi_queue_peek(&out->queue, &message))
            wait_for_senders(out);
        else if (message.time_100ns > clock_now_100ns())
            wait_for(out, 0, message.time_100ns);
        else
            hand_over(out, &message);
    }
    return NULL;
}

static void wake(struct midi_output *out) { (void)!write(out->wake_fd, &(uint64_t){1}, sizeof(uint64_t)); }

/* ---- life ---- */

static void release(struct midi_output *out)
{
    if (out->wake_fd >= 0)
        close(out->wake_fd);
    pthread_cond_destroy(&out->emptied);
    pthread_mutex_destroy(&out->lock);
    pthread_mutex_destroy(&out->senders);
    midi_queue_free(&out->queue);
    dm_free(out->name);
    dm_free(out->connect);
    dm_free(out->client);
    dm_free(out);
}

static struct midi_output *create(const struct midi_out_driver *driver, const struct midi_config *config)
{
    pthread_condattr_t monotonic;
    struct midi_output *out = dm_calloc(1, driver->size);
    if (!out)
        return NULL;
    out->driver = driver;
    out->config.sysex_max = config->sysex_max ? config->sysex_max : SYSEX_DEFAULT;
    out->config.name = out->name = dm_strdup(config->name);
    out->config.connect = out->connect = dm_strdup(config->connect);
    out->config.client = out->client = dm_strdup(config->client ? config->client : "dmus");
    pthread_mutex_init(&out->senders, NULL);
    pthread_mutex_init(&out->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&out->emptied, &monotonic);
    pthread_condattr_destroy(&monotonic);
    out->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool queue = midi_queue_init(&out->queue, out->config.sysex_max);
    if (queue && out->client && out->wake_fd >= 0 && (out->name || !config->name) && (out->connect || !config->connect))
        return out;
    release(out);
    return NULL;
}

enum dm_status midi_out_driver_open(const struct midi_out_driver *driver, const struct midi_config *config,
                                    struct midi_output **result, struct dm_error *err)
{
    *result = NULL;
    if (config->sysex_max > SYSEX_MAX)
        return dm_fail(err, DM_ERR_ARGUMENT, "pieces of up to %u bytes are taken", SYSEX_MAX);
    struct midi_output *out = create(driver, config);
    if (!out)
        return dm_fail(err, DM_ERR_NOMEM, "%s: out of memory", driver->name);
    enum dm_status status = driver->connect(out, err);
    out->connected = status == DM_OK;
    if (status == DM_OK && pthread_create(&out->thread, NULL, run, out) != 0) {
        driver->disconnect(out);
        status = dm_fail(err, DM_ERR_NOMEM, "%s: no thread", driver->name);
    }
    if (status != DM_OK)
        release(out);
    else
        *result = out;
    return status;
}

void midi_out_close(struct midi_output *out)
{
    if (!out)
        return;
    atomic_store(&out->quit, true);
    wake(out);
    pthread_join(out->thread, NULL);
    drop_all(out);
    tell_loss(out);
    if (out->connected)
        out->driver->disconnect(out);
    release(out);
}

/* ---- the senders' side ---- */

bool midi_out_send(struct midi_output *out, const uint8_t *bytes, size_t count, int64_t time_100ns)
{
    bool taken = false;
    if (count == 0)
        return true;
    if (count <= out->config.sysex_max && !atomic_load(&out->gone)) {
        const struct midi_message message = {.time_100ns = time_100ns, .bytes = bytes, .size = (uint32_t)count};
        pthread_mutex_lock(&out->senders);
        atomic_fetch_add(&out->accepted, count); /* before the thread can count it as sent */
        taken = midi_queue_put(&out->queue, &message);
        if (!taken)
            atomic_fetch_sub(&out->accepted, count);
        pthread_mutex_unlock(&out->senders);
    }
    if (!taken)
        atomic_fetch_add(&out->lost, count);
    else if (atomic_exchange(&out->idle, false))
        wake(out);
    return taken;
}

static uint64_t over_with(struct midi_output *out) { return atomic_load(&out->sent) + atomic_load(&out->dropped); }

bool midi_out_flush(struct midi_output *out, int64_t timeout_100ns)
{
    uint64_t mark = atomic_load(&out->accepted), dropped = atomic_load(&out->dropped);
    struct timespec until;
    int error = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + timeout_100ns % CLOCK_100NS_PER_SECOND * 100;
    until.tv_sec += (time_t)(timeout_100ns / CLOCK_100NS_PER_SECOND + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_mutex_lock(&out->lock);
    atomic_fetch_add(&out->flushing, 1);
    wake(out); /* it may be about to wait for senders, having told nobody */
    while (over_with(out) < mark && error == 0)
        error = pthread_cond_timedwait(&out->emptied, &out->lock, &until);
    atomic_fetch_sub(&out->flushing, 1);
    pthread_mutex_unlock(&out->lock);
    return over_with(out) >= mark && atomic_load(&out->dropped) == dropped;
}

void midi_out_state(struct midi_output *out, struct midi_output_state *state)
{
    uint64_t over = over_with(out), accepted = atomic_load(&out->accepted);
    *state = (struct midi_output_state){.gone = atomic_load(&out->gone),
                                        .sent = atomic_load(&out->sent),
                                        .waiting = accepted > over ? accepted - over : 0,
                                        .lost = atomic_load(&out->lost)};
    pthread_mutex_lock(&out->lock);
    memcpy(state->port, out->port, sizeof state->port);
    memcpy(state->text, out->text, sizeof state->text);
    pthread_mutex_unlock(&out->lock);
}
