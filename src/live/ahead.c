/* SPDX-License-Identifier: MIT */
#include "ahead.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "audio/realtime.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/ring.h"
#include "player/song_buffers.h"

enum { BLOCK = 128, NAP_100NS = 10000, PRIORITY = 10, EVENT_ROOM = 64 };

struct posted {
    int64_t frame;
    uint8_t group, size;
    uint8_t bytes[ROUTE_POST_MAX];
};

struct ahead {
    struct ahead_config config;
    pthread_mutex_t lock; /* the route */
    pthread_t thread;
    bool threaded;
    atomic_bool quit;
    struct ring sound; /* frames */
    struct ring posts;
    _Atomic int64_t limit;
    _Atomic int64_t rendered, pulled; /* frames; what was missing counts as pulled */
    int64_t silent_from;              /* [lock] rendered when the route first was silent; -1: it is not */
    uint32_t debt;                    /* audio thread: frames that came too late and are to be dropped */
    float block[];
};

/* ---- its thread ---- */

static void send_posts(struct ahead *a)
{
    struct posted p;
    struct dm_error ignored; /* no memory: the message is lost */
    while (ring_pop(&a->posts, &p)) {
        _Alignas(8) uint8_t buffer[EVENT_ROOM];
        uint32_t size = song_event_put(buffer, 0, p.group, p.size <= 3, p.bytes, p.size <= 3 ? 3 : p.size);
        a->config.ops->play(a->config.route, song_frame_time(p.frame, a->config.rate), buffer, size, &ignored);
    }
}

/* false: nothing to do now. */
static bool render_some(struct ahead *a)
{
    int64_t done = atomic_load(&a->rendered), allowed = atomic_load(&a->limit) - done;
    int64_t waiting = (int64_t)a->sound.mask + 1 - ring_free(&a->sound), room = (int64_t)a->config.depth - waiting;
    int64_t count = room < allowed ? room : allowed;
    count = count < BLOCK ? count : BLOCK;
    if (count <= 0)
        return false;
    ahead_lock(a);
    send_posts(a);
    a->config.ops->pull(a->config.route, a->block, (uint32_t)count);
    atomic_store(&a->rendered, done + count);
    ahead_unlock(a);
    for (int64_t i = 0; i < count; i++)
        ring_push(&a->sound, a->block + i * a->config.channels);
    return true;
}

static void *render(void *context)
{
    struct ahead *a = context;
    struct realtime_grant grant;
    if (a->config.realtime)
        realtime_ask(PRIORITY, &grant);
    while (!atomic_load(&a->quit))
        if (!render_some(a))
            clock_sleep_until_100ns(clock_now_100ns() + NAP_100NS);
    return NULL;
}

/* ---- life ---- */

static bool make_ring(struct ring *ring, uint32_t least, size_t record)
{
    uint32_t capacity = 1;
    while (capacity < least)
        capacity *= 2;
    void *memory = dm_calloc(capacity, record);
    return memory && ring_init(ring, memory, capacity, record);
}

enum dm_status ahead_start(const struct ahead_config *config, struct ahead **out, struct dm_error *err)
{
    *out = NULL;
    struct ahead *a = dm_calloc(1, sizeof *a + BLOCK * config->channels * sizeof(float));
    if (!a)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for a synthesizer's thread");
    a->config = *config;
    a->silent_from = -1;
    pthread_mutex_init(&a->lock, NULL);
    if (make_ring(&a->sound, config->depth + BLOCK, config->channels * sizeof(float)) &&
        make_ring(&a->posts, config->posts ? config->posts : 1u, sizeof(struct posted)))
        a->threaded = pthread_create(&a->thread, NULL, render, a) == 0;
    if (!a->threaded) {
        ahead_stop(a);
        return dm_fail(err, DM_ERR_NOMEM, "no memory for a synthesizer's thread");
    }
    *out = a;
    return DM_OK;
}

void ahead_stop(struct ahead *a)
{
    if (!a)
        return;
    atomic_store(&a->quit, true);
    if (a->threaded)
        pthread_join(a->thread, NULL);
    pthread_mutex_destroy(&a->lock);
    dm_free(a->sound.records);
    dm_free(a->posts.records);
    dm_free(a);
}

void ahead_lock(struct ahead *a) { pthread_mutex_lock(&a->lock); }
void ahead_unlock(struct ahead *a) { pthread_mutex_unlock(&a->lock); }

void ahead_ready(struct ahead *a, int64_t frame)
{
    if (frame > atomic_load(&a->limit)) /* one thread at a time */
        atomic_store(&a->limit, frame);
}

bool ahead_silent(struct ahead *a)
{
    if (!a->config.ops->silent(a->config.route)) {
        a->silent_from = -1;
        return false;
    }
    if (a->silent_from < 0)
        a->silent_from = atomic_load(&a->rendered);
    return atomic_load(&a->pulled) >= a->silent_from;
}

/* ---- audio thread ---- */

uint32_t ahead_pull(struct ahead *a, float *frames, uint32_t count)
{
    const uint32_t channels = a->config.channels;
    uint32_t done = 0;
    for (; a->debt && ring_front(&a->sound); a->debt--)
        ring_drop(&a->sound);
    while (done < count && !a->debt && ring_pop(&a->sound, frames + (size_t)done * channels))
        done++;
    memset(frames + (size_t)done * channels, 0, (size_t)(count - done) * channels * sizeof *frames);
    a->debt += count - done;
    atomic_fetch_add_explicit(&a->pulled, count, memory_order_relaxed);
    return count - done;
}

bool ahead_post(struct ahead *a, int64_t frame, uint32_t group, const uint8_t *bytes, uint32_t size)
{
    struct posted p = {.frame = frame, .group = (uint8_t)group, .size = (uint8_t)size};
    if (size > sizeof p.bytes)
        return false;
    memcpy(p.bytes, bytes, size);
    return ring_push(&a->posts, &p);
}
