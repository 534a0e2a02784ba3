/* SPDX-License-Identifier: MIT */
#include "midi_driver.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

#define SYSEX_DEFAULT 65536u
#define SYSEX_MAX     (16u << 20)
#define PIECE         4096u
#define SENSING       3300000  /* 330 ms: MIDI 1.0, active sensing */
#define RETRY_FIRST   1000000  /* 0.1 s */
#define RETRY_MAX     50000000 /* 5 s */

/* ---- receiving ---- */

static void put(struct midi_input *in, const struct midi_message *message)
{
    const struct midi_message gone = {
        .kind = MIDI_GONE, .time_100ns = message->time_100ns, .frame = message->frame, .frame_clock = message->frame_clock};
    if (in->owes_gone && midi_queue_put(&in->queue, &gone))
        in->owes_gone = false;
    if (!in->owes_gone && midi_queue_put(&in->queue, message)) {
        atomic_fetch_add(&in->messages, message->kind == MIDI_BYTES);
    } else {
        atomic_fetch_add(&in->lost, in->config.as_bytes ? message->size : message->kind == MIDI_BYTES);
        in->owes_gone = true;
    }
    if (atomic_load(&in->waiting) && atomic_exchange(&in->waiting, false))
        sem_post(&in->filled);
}

static void put_bytes(struct midi_input *in, const uint8_t *bytes, uint32_t size)
{
    put(in, &(struct midi_message){.time_100ns = in->stamp.time_100ns,
                                   .frame = in->stamp.frame,
                                   .frame_clock = in->stamp.frame_clock,
                                   .bytes = bytes,
                                   .size = size});
}

/* A message is stamped with the chunk that completes it, so that stamps never run back. */
static void on_message(void *ctx, const uint8_t *bytes, uint32_t count, int64_t time_100ns)
{
    struct midi_input *in = ctx;
    (void)time_100ns;
    if (bytes[0] == 0xFE)
        in->sensing = true;
    else
        put_bytes(in, bytes, count);
}

static void on_sysex(void *ctx, const uint8_t *bytes, size_t count, unsigned flags, int64_t time_100ns)
{
    struct midi_input *in = ctx;
    (void)time_100ns;
    if (flags & MIDI_SYSEX_FIRST) {
        in->sysex_size = 0;
        in->sysex_too_long = false;
    }
    if (count > in->config.sysex_max - in->sysex_size)
        in->sysex_too_long = true;
    if (!in->sysex_too_long && count) {
        memcpy(in->sysex + in->sysex_size, bytes, count);
        in->sysex_size += (uint32_t)count;
    }
    if (!(flags & MIDI_SYSEX_LAST))
        return;
    if (in->sysex_too_long)
        atomic_fetch_add(&in->sysex_refused, 1);
    else if (count == 0) /* ended by another status than F7 */
        atomic_fetch_add(&in->stray, in->sysex_size);
    else
        put_bytes(in, in->sysex, in->sysex_size);
    in->sysex_size = 0;
}

static void put_pieces(struct midi_input *in, const uint8_t *bytes, size_t count)
{
    for (size_t at = 0; at < count; at += PIECE)
        put_bytes(in, bytes + at, (uint32_t)(count - at < PIECE ? count - at : PIECE));
}

void midi_driver_bytes(struct midi_input *in, const uint8_t *bytes, size_t count, const struct midi_stamp *stamp)
{
    const struct midi_parser_sink sink = {on_message, on_sysex, in};
    uint64_t dropped = in->parser.dropped;
    in->stamp = *stamp;
    in->heard_100ns = stamp->time_100ns;
    if (in->config.as_bytes) {
        put_pieces(in, bytes, count);
        return;
    }
    midi_parse(&in->parser, bytes, count, stamp->time_100ns, &sink);
    atomic_fetch_add(&in->stray, (unsigned)(in->parser.dropped - dropped));
}

void midi_driver_gone(struct midi_input *in, int64_t now_100ns)
{
    in->sensing = false;
    in->sysex_size = 0;
    midi_parser_reset(&in->parser);
    put(in, &(struct midi_message){.kind = MIDI_GONE, .time_100ns = now_100ns});
}

void midi_driver_idle(struct midi_input *in, int64_t now_100ns)
{
    const struct midi_message gone = {.kind = MIDI_GONE, .time_100ns = now_100ns};
    if (in->owes_gone) { /* the sender is still there, perhaps in the middle of a message */
        in->owes_gone = false;
        put(in, &gone);
    }
    if (in->sensing && now_100ns - in->heard_100ns > SENSING)
        midi_driver_gone(in, now_100ns);
}

/* ---- telling ---- */

void midi_driver_lost(struct midi_input *in, const char *reason)
{
    const char *none = NULL;
    if (atomic_compare_exchange_strong(&in->reason, &none, reason))
        (void)!write(in->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
}

void midi_driver_set_port(struct midi_input *in, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    pthread_mutex_lock(&in->lock);
    vsnprintf(in->port, sizeof in->port, fmt, args);
    pthread_mutex_unlock(&in->lock);
    va_end(args);
}

void midi_driver_note(struct midi_input *in, enum log_level level, const char *fmt, ...)
{
    char text[160];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    log_at(level, "midi", "%s: %s", in->driver->name, text);
    pthread_mutex_lock(&in->lock);
    snprintf(in->text, sizeof in->text, "%s: %s", in->driver->name, text);
    pthread_mutex_unlock(&in->lock);
}

/* ---- the thread that looks after it ---- */

static void tell_news(struct midi_input *in, unsigned *lost, unsigned *refused)
{
    unsigned lost_now = atomic_load(&in->lost), refused_now = atomic_load(&in->sysex_refused);
    if (lost_now != *lost)
        midi_driver_note(in, LOG_WARNING, "%u %s too many, left out", lost_now - *lost, in->config.as_bytes ? "bytes" : "messages");
    if (refused_now != *refused)
        midi_driver_note(in, LOG_WARNING, "system exclusive longer than %u bytes, left out", (unsigned)in->config.sysex_max);
    *lost = lost_now;
    *refused = refused_now;
}

/* Nobody receives any more, so this thread may take the producer's side. */
static void give_up(struct midi_input *in, const char *reason)
{
    in->driver->disconnect(in);
    in->connected = false;
    atomic_store(&in->gone, true);
    midi_driver_gone(in, clock_now_100ns());
    midi_driver_note(in, LOG_WARNING, "%s", reason);
}

static bool reconnect(struct midi_input *in)
{
    atomic_store(&in->reason, NULL);
    in->connected = in->driver->connect(in, NULL) == DM_OK;
    if (!in->connected)
        return false;
    atomic_store(&in->gone, false);
    midi_driver_note(in, LOG_WARNING, "back again");
    return true;
}

static void *watch(void *arg)
{
    struct midi_input *in = arg;
    unsigned lost = 0, refused = 0;
    int64_t retry = 0, delay = RETRY_FIRST;
    while (!atomic_load(&in->quit)) {
        struct pollfd wake = {.fd = in->wake_fd, .events = POLLIN};
        uint64_t count;
        if (poll(&wake, 1, in->connected ? 500 : 100) > 0)
            (void)!read(in->wake_fd, &count, sizeof count);
        tell_news(in, &lost, &refused);
        const char *reason = atomic_load(&in->reason);
        if (in->connected && reason) {
            give_up(in, reason);
            delay = RETRY_FIRST;
            retry = clock_now_100ns() + delay;
        }
        if (!in->connected && in->driver->comes_back && clock_now_100ns() >= retry && !reconnect(in)) {
            delay = delay * 2 < RETRY_MAX ? delay * 2 : RETRY_MAX;
            retry = clock_now_100ns() + delay;
        }
    }
    return NULL;
}

/* ---- life ---- */

static void release(struct midi_input *in)
{
    close(in->wake_fd);
    sem_destroy(&in->filled);
    pthread_mutex_destroy(&in->lock);
    midi_queue_free(&in->queue);
    dm_free(in->sysex);
    dm_free(in->name);
    dm_free(in->connect);
    dm_free(in->client);
    dm_free(in);
}

static struct midi_input *create(const struct midi_driver *driver, const struct midi_config *config)
{
    struct midi_input *in = dm_calloc(1, driver->size);
    if (!in)
        return NULL;
    in->driver = driver;
    in->config.sysex_max = config->sysex_max ? config->sysex_max : SYSEX_DEFAULT;
    in->config.as_bytes = config->as_bytes;
    in->config.name = in->name = dm_strdup(config->name);
    in->config.connect = in->connect = dm_strdup(config->connect);
    in->config.client = in->client = dm_strdup(config->client ? config->client : "dmus");
    in->sysex = dm_malloc(in->config.sysex_max);
    pthread_mutex_init(&in->lock, NULL);
    sem_init(&in->filled, 0, 0);
    in->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool queue = midi_queue_init(&in->queue, in->config.sysex_max);
    if (queue && in->sysex && in->client && in->wake_fd >= 0 && (in->name || !config->name) && (in->connect || !config->connect))
        return in;
    release(in);
    return NULL;
}

enum dm_status midi_driver_open(const struct midi_driver *driver, const struct midi_config *config, struct midi_input **out,
                                struct dm_error *err)
{
    *out = NULL;
    if (config->sysex_max > SYSEX_MAX)
        return dm_fail(err, DM_ERR_ARGUMENT, "system exclusives of up to %u bytes are taken", SYSEX_MAX);
    struct midi_input *in = create(driver, config);
    if (!in)
        return dm_fail(err, DM_ERR_NOMEM, "%s: out of memory", driver->name);
    enum dm_status status = driver->connect(in, err);
    in->connected = status == DM_OK;
    if (status == DM_OK) {
        in->watched = pthread_create(&in->watcher, NULL, watch, in) == 0;
        if (!in->watched) {
            driver->disconnect(in);
            status = dm_fail(err, DM_ERR_NOMEM, "%s: no thread", driver->name);
        }
    }
    if (status != DM_OK)
        release(in);
    else
        *out = in;
    return status;
}

void midi_input_close(struct midi_input *in)
{
    if (!in)
        return;
    atomic_store(&in->quit, true);
    (void)!write(in->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
    pthread_join(in->watcher, NULL);
    if (in->connected)
        in->driver->disconnect(in);
    release(in);
}

/* ---- the consumer's side ---- */

bool midi_input_peek(struct midi_input *in, struct midi_message *message) { return midi_queue_peek(&in->queue, message); }
void midi_input_drop(struct midi_input *in) { midi_queue_drop(&in->queue); }

bool midi_input_wait(struct midi_input *in, int64_t timeout_100ns)
{
    struct midi_message message;
    struct timespec until;
    if (midi_input_peek(in, &message))
        return true;
    clock_gettime(CLOCK_REALTIME, &until); /* what sem_timedwait knows */
    int64_t ns = until.tv_nsec + timeout_100ns % CLOCK_100NS_PER_SECOND * 100;
    until.tv_sec += (time_t)(timeout_100ns / CLOCK_100NS_PER_SECOND + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    atomic_store(&in->waiting, true);
    bool posted = !midi_input_peek(in, &message) && sem_timedwait(&in->filled, &until) == 0;
    if (!posted && !atomic_exchange(&in->waiting, false))
        sem_wait(&in->filled); /* it was posted meanwhile: keep the count right */
    return midi_input_peek(in, &message);
}

void midi_input_state(struct midi_input *in, struct midi_state *state)
{
    *state = (struct midi_state){.gone = atomic_load(&in->gone),
                                 .messages = atomic_load(&in->messages),
                                 .lost = atomic_load(&in->lost),
                                 .sysex_refused = atomic_load(&in->sysex_refused),
                                 .stray_bytes = atomic_load(&in->stray)};
    pthread_mutex_lock(&in->lock);
    memcpy(state->port, in->port, sizeof state->port);
    memcpy(state->text, in->text, sizeof state->text);
    pthread_mutex_unlock(&in->lock);
}
