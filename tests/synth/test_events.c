/* SPDX-License-Identifier: MIT */
/* The event queue: order by position then arrival (spec/ddi-user.md 7.4), copies, recycling, failure, two threads. */
#include <pthread.h>
#include <stdlib.h>

#include "../tap.h"
#include "synth/events.h"
#include "test_memory.h"

static uint32_t random_state = 1;
static uint32_t next_random(void) { return random_state = random_state * 1664525u + 1013904223u, random_state >> 8; }

/* A message that carries a number in its data bytes. */
static void push(struct events *events, int64_t sample, uint32_t number)
{
    uint8_t bytes[3] = {0xB0, (uint8_t)(number & 127), (uint8_t)(number >> 7 & 127)};
    CHECK_EQ(events_push(events, sample, 1, bytes, 3), SYNTH_OK);
}

static uint32_t number_of(const struct event *event) { return event->bytes[1] | (uint32_t)event->bytes[2] << 7; }

struct expected {
    int64_t sample;
    uint32_t number;
};

static int by_sample_then_number(const void *a, const void *b)
{
    const struct expected *x = a, *y = b;
    return x->sample != y->sample ? (x->sample < y->sample ? -1 : 1) : x->number < y->number ? -1 : x->number > y->number;
}

/* Batches of pushes between takes, positions from a small range so that many are equal; against a sorted array. */
static void test_order(void)
{
    enum { COUNT = 5000 };
    static struct expected expected[COUNT];
    struct test_memory memory;
    struct synth_memory mem = test_memory(&memory);
    struct events events;
    events_init(&events, &mem);
    for (uint32_t i = 0; i < COUNT; i++) {
        expected[i] = (struct expected){(int64_t)(next_random() % 300) - 150, i};
        push(&events, expected[i].sample, i);
        if (next_random() % 50 == 0)
            events_collect(&events);
    }
    qsort(expected, COUNT, sizeof expected[0], by_sample_then_number);
    events_collect(&events);
    CHECK_EQ(events_pending(&events), COUNT);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        struct event *event = events_take(&events);
        wrong += event->sample != expected[i].sample || number_of(event) != (expected[i].number & 16383);
        events_done(&events, event);
    }
    CHECK_EQ(wrong, 0);
    CHECK(events_first(&events) == NULL);
    events_hand_back(&events);
    CHECK_EQ(events_pending(&events), 0);
    events_destroy(&events);
    CHECK_EQ(memory.live, 0);
}

/* Takes mixed with pushes: never one before the last taken of those present. */
static void test_interleaved(void)
{
    struct test_memory memory;
    struct synth_memory mem = test_memory(&memory);
    struct events events;
    int64_t now = 0;
    uint32_t early = 0, taken = 0;
    events_init(&events, &mem);
    for (int round = 0; round < 3000; round++) {
        for (uint32_t i = next_random() % 4; i > 0; i--)
            push(&events, now + next_random() % 1000, (uint32_t)round);
        events_collect(&events);
        now += next_random() % 300;
        const struct event *first;
        int64_t last = INT64_MIN;
        while ((first = events_first(&events)) != NULL && first->sample < now) {
            early += first->sample < last;
            last = first->sample;
            events_done(&events, events_take(&events));
            taken++;
        }
        events_hand_back(&events);
    }
    CHECK_EQ(early, 0);
    CHECK(taken > 3000);
    events_destroy(&events);
    CHECK_EQ(memory.live, 0);
}

static void test_nodes_are_reused(void)
{
    struct test_memory memory;
    struct synth_memory mem = test_memory(&memory);
    struct events events;
    long after_first = 0;
    events_init(&events, &mem);
    for (int round = 0; round < 100; round++) {
        for (uint32_t i = 0; i < 200; i++)
            push(&events, i, i);
        events_collect(&events);
        while (events_first(&events))
            events_done(&events, events_take(&events));
        events_hand_back(&events);
        if (round == 0)
            after_first = memory.requests;
    }
    CHECK_EQ(memory.requests, after_first);
    events_destroy(&events);
    CHECK_EQ(memory.live, 0);
}

static void test_system_exclusive_is_copied_and_freed(void)
{
    struct test_memory memory;
    struct synth_memory mem = test_memory(&memory);
    struct events events;
    static uint8_t message[5000];
    events_init(&events, &mem);
    for (uint32_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(i * 7);
    CHECK_EQ(events_push(&events, 5, 3, message, sizeof message), SYNTH_OK);
    memset(message, 0, sizeof message);
    events_collect(&events);
    struct event *event = events_take(&events);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < sizeof message; i++)
        wrong += event->bytes[i] != (uint8_t)(i * 7);
    CHECK_EQ(wrong, 0);
    CHECK_EQ(event->size, sizeof message);
    CHECK_EQ(event->group, 3);
    events_done(&events, event);
    events_hand_back(&events);
    long held = memory.live;
    push(&events, 0, 0); /* the control side takes what came back */
    CHECK_EQ(memory.live, held); /* block of the message gone, a chunk come */
    events_destroy(&events);
    CHECK_EQ(memory.live, 0);
}

/* From the render thread: after what the control side queued for the same position; as many as were reserved, again and again. */
static void test_posted(void)
{
    struct test_memory memory;
    struct synth_memory mem = test_memory(&memory);
    struct events events;
    uint8_t bytes[3] = {0xB0, 0, 0};
    events_init(&events, &mem);
    CHECK(!events_post(&events, 0, 1, bytes, 3));
    CHECK_EQ(events_reserve(&events, 300), SYNTH_OK);
    long requests = memory.requests;
    for (int round = 0; round < 50; round++) {
        push(&events, 20, 1000);
        events_collect(&events);
        uint32_t posted = 0;
        for (bytes[1] = 0; bytes[1] < 30; bytes[1]++)
            posted += events_post(&events, 10 + bytes[1], 2, bytes, 3);
        CHECK_EQ(posted, 30);
        CHECK_EQ(events_pending(&events), 31);
        for (uint32_t i = 0; i < 31; i++) {
            struct event *event = events_take(&events);
            uint32_t number = i == 10 ? 1000 : i < 10 ? i : i - 1; /* 20: first the queued one */
            CHECK_EQ(number_of(event), number);
            events_done(&events, event);
        }
        events_hand_back(&events);
    }
    CHECK(memory.requests <= requests + 1);
    uint32_t room = 0;
    while (events_post(&events, 0, 1, bytes, 3))
        room++;
    CHECK_EQ(room, 300);
    CHECK(!events_post(&events, 0, 1, bytes, 3));
    events_destroy(&events);
    CHECK_EQ(memory.live, 0);
    memory.fail_at = memory.requests + 1;
    events_init(&events, &mem);
    CHECK_EQ(events_reserve(&events, 1), SYNTH_NOMEM);
    events_destroy(&events);
}

static void test_no_memory(void)
{
    struct test_memory memory;
    struct synth_memory mem = test_memory(&memory);
    struct events events;
    uint8_t message[64] = {0xF0};
    events_init(&events, &mem);
    memory.fail_at = 1;
    CHECK_EQ(events_push(&events, 0, 1, message, 3), SYNTH_NOMEM);
    CHECK_EQ(events_push(&events, 0, 1, message, 64), SYNTH_NOMEM);
    CHECK_EQ(events_pending(&events), 0);
    events_collect(&events);
    CHECK(events_first(&events) == NULL);
    memory.fail_at = 0;
    push(&events, 0, 1);
    CHECK_EQ(events_pending(&events), 1);
    events_clear(&events);
    CHECK_EQ(events_pending(&events), 0);
    events_destroy(&events);
    CHECK_EQ(memory.live, 0);
}

enum { THREAD_EVENTS = 50000 };

static void *producer(void *context)
{
    struct events *events = context;
    for (uint32_t i = 0; i < THREAD_EVENTS; i++) {
        uint8_t bytes[8] = {0xF0, (uint8_t)(i & 127), (uint8_t)(i >> 7 & 127), (uint8_t)(i >> 14), 0, 0, 0, 0xF7};
        events_push(events, i / 8, 1, bytes, i % 16 ? 3 : 8);
    }
    return NULL;
}

/* All arrive, in order, while the other side pushes. */
static void test_two_threads(void)
{
    struct test_memory memory;
    struct synth_memory mem = test_memory(&memory);
    struct events events;
    pthread_t thread;
    uint32_t taken = 0, wrong = 0;
    events_init(&events, &mem);
    CHECK_EQ(pthread_create(&thread, NULL, producer, &events), 0);
    while (taken < THREAD_EVENTS) {
        events_collect(&events);
        while (events_first(&events)) {
            struct event *event = events_take(&events);
            wrong += event->sequence != taken || number_of(event) != (taken & 16383);
            events_done(&events, event);
            taken++;
        }
        events_hand_back(&events);
    }
    pthread_join(thread, NULL);
    CHECK_EQ(wrong, 0);
    CHECK_EQ(events_pending(&events), 0);
    events_destroy(&events);
    CHECK_EQ(memory.live, 0);
}

int main(void)
{
    RUN(test_order);
    RUN(test_interleaved);
    RUN(test_nodes_are_reused);
    RUN(test_system_exclusive_is_copied_and_freed);
    RUN(test_posted);
    RUN(test_no_memory);
    RUN(test_two_threads);
    return tap_done();
}
