/* SPDX-License-Identifier: MIT */
/* Ring and reference count with threads on both sides; clock; log. */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/refcount.h"
#include "base/ring.h"
#include "tap.h"

struct record {
    uint32_t number;
    uint32_t inverse;
    uint32_t more;
};

static void test_ring_alone(void)
{
    struct record memory[4];
    static struct ring ring;
    CHECK(!ring_init(&ring, memory, 3, sizeof *memory));
    CHECK(!ring_init(&ring, memory, 0, sizeof *memory));
    CHECK(!ring_init(&ring, memory, 1u << 31, SIZE_MAX / 2));
    CHECK(ring_init(&ring, memory, 4, sizeof *memory));
    struct record out, in = {0};
    CHECK(!ring_pop(&ring, &out));
    CHECK_EQ(ring_free(&ring), 4);
    for (in.number = 0; in.number < 4; in.number++)
        CHECK(ring_push(&ring, &in));
    CHECK(!ring_push(&ring, &in));
    CHECK(ring_slot(&ring) == NULL);
    CHECK_EQ(ring_used(&ring), 4);
    CHECK_EQ(((struct record *)ring_front(&ring))->number, 0);
    ring_drop(&ring);
    CHECK_EQ(ring_free(&ring), 1);
    CHECK(ring_push(&ring, &in));
    for (uint32_t i = 1; i <= 4; i++) {
        CHECK(ring_pop(&ring, &out));
        CHECK_EQ(out.number, i);
    }
    CHECK(!ring_pop(&ring, &out));
}

static void test_ring_indices_wrap(void)
{
    uint32_t memory[2];
    static struct ring ring;
    ring_init(&ring, memory, 2, sizeof *memory);
    atomic_store(&ring.written, UINT32_MAX);
    atomic_store(&ring.read, UINT32_MAX);
    ring.seen_read = ring.seen_written = UINT32_MAX;
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t a = i, b = i + 100, got = 0;
        CHECK(ring_push(&ring, &a) && ring_push(&ring, &b) && !ring_push(&ring, &a));
        CHECK(ring_pop(&ring, &got));
        CHECK_EQ(got, a);
        CHECK(ring_pop(&ring, &got));
        CHECK_EQ(got, b);
    }
}

enum { RECORDS = 300000 };

static void *produce(void *ctx)
{
    struct ring *ring = ctx;
    for (uint32_t i = 0; i < RECORDS;) {
        struct record *slot = ring_slot(ring);
        if (!slot) {
            sched_yield();
            continue;
        }
        *slot = (struct record){i, ~i, i * 3};
        ring_commit(ring);
        i++;
    }
    return NULL;
}

static void test_ring_between_threads(void)
{
    static struct record memory[64];
    static struct ring ring;
    pthread_t producer;
    ring_init(&ring, memory, 64, sizeof *memory);
    CHECK_EQ(pthread_create(&producer, NULL, produce, &ring), 0);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < RECORDS;) {
        struct record got;
        if (!ring_pop(&ring, &got)) {
            sched_yield();
            continue;
        }
        wrong += got.number != i || got.inverse != ~i || got.more != i * 3;
        i++;
    }
    pthread_join(producer, NULL);
    CHECK_EQ(wrong, 0);
    CHECK_EQ(ring_used(&ring), 0);
}

static struct refcount shared;
static atomic_int ends;

static void *hold(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 20000; i++) {
        refcount_add(&shared);
        if (refcount_release(&shared) == 0)
            atomic_fetch_add(&ends, 1);
    }
    if (refcount_release(&shared) == 0)
        atomic_fetch_add(&ends, 1);
    return NULL;
}

static void test_refcount_ends_once(void)
{
    pthread_t threads[4];
    refcount_init(&shared, 1);
    for (int i = 0; i < 4; i++) {
        refcount_add(&shared);
        CHECK_EQ(pthread_create(&threads[i], NULL, hold, NULL), 0);
    }
    bool last = refcount_release(&shared) == 0;
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQ(atomic_load(&ends) + last, 1);
    CHECK(!refcount_try_add(&shared));
    refcount_init(&shared, 1);
    CHECK(refcount_try_add(&shared));
    CHECK_EQ(refcount_release(&shared), 1);
    CHECK_EQ(refcount_add(&shared), 2);
}

static void test_clock_agrees_with_the_system(void)
{
    struct timespec ts;
    int64_t a = clock_now_100ns();
    clock_gettime(CLOCK_MONOTONIC, &ts);
    int64_t b = clock_now_100ns(), system = (int64_t)ts.tv_sec * 10000000 + ts.tv_nsec / 100;
    CHECK(a <= system && system <= b);
    int64_t until = clock_now_100ns() + 50000;
    clock_sleep_until_100ns(until);
    CHECK(clock_now_100ns() >= until);
    clock_sleep_until_100ns(until);
    clock_sleep_until_100ns(-5);
    CHECK(clock_now_100ns() - until < 10 * CLOCK_100NS_PER_SECOND);
}

struct heard {
    int count;
    enum log_level level;
    char text[80];
};

static void hear(void *ctx, enum log_level level, const char *area, const char *text)
{
    struct heard *heard = ctx;
    heard->count++;
    heard->level = level;
    snprintf(heard->text, sizeof heard->text, "%s|%s", area, text);
}

static void test_log(void)
{
    struct heard heard = {0};
    log_at(LOG_ERROR, "sink", "nobody listens");
    CHECK(!log_wanted(LOG_ERROR));
    log_set(LOG_WARNING, hear, &heard);
    log_at(LOG_INFO, "sink", "too much");
    CHECK_EQ(heard.count, 0);
    log_at(LOG_WARNING, "sink", "late by %d frames", 3);
    CHECK_STR(heard.text, "sink|late by 3 frames");
    CHECK_EQ(heard.level, LOG_WARNING);
    CHECK(log_wanted(LOG_ERROR) && !log_wanted(LOG_INFO) && !log_wanted(LOG_OFF));
    log_set(LOG_TRACE, NULL, NULL);
    log_at(LOG_ERROR, "sink", "off again");
    CHECK_EQ(heard.count, 1);

    FILE *file = tmpfile();
    char line[40] = "";
    log_set(LOG_INFO, log_to_stdio, file);
    log_at(LOG_INFO, "synth", "hello");
    log_set(LOG_OFF, NULL, NULL);
    rewind(file);
    CHECK(fgets(line, sizeof line, file) != NULL);
    CHECK_STR(line, "synth: hello\n");
    fclose(file);

    enum log_level level = LOG_OFF;
    CHECK(log_level_from_text("trace", &level));
    CHECK_EQ(level, LOG_TRACE);
    CHECK(!log_level_from_text("loud", &level));
}

int main(void)
{
    RUN(test_ring_alone);
    RUN(test_ring_indices_wrap);
    RUN(test_ring_between_threads);
    RUN(test_refcount_ends_once);
    RUN(test_clock_agrees_with_the_system);
    RUN(test_log);
    return tap_done();
}
