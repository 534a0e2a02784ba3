/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "os.h"

#include <sched.h>
#include <time.h>

bool os_ending(void) { return false; }

bool os_mutex_init(struct os_mutex *mutex) { return pthread_mutex_init(&mutex->lock, NULL) == 0; }
void os_mutex_destroy(struct os_mutex *mutex) { pthread_mutex_destroy(&mutex->lock); }
void os_mutex_lock(struct os_mutex *mutex) { pthread_mutex_lock(&mutex->lock); }
bool os_mutex_trylock(struct os_mutex *mutex) { return pthread_mutex_trylock(&mutex->lock) == 0; }
void os_mutex_unlock(struct os_mutex *mutex) { pthread_mutex_unlock(&mutex->lock); }

/* The condition waits by the monotonic clock, so that setting the system's date wakes nobody. */
bool os_event_init(struct os_event *event)
{
    pthread_condattr_t attr;
    event->set = false;
    if (pthread_mutex_init(&event->lock, NULL))
        return false;
    bool ok = pthread_condattr_init(&attr) == 0;
    if (ok) {
        ok = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 && pthread_cond_init(&event->changed, &attr) == 0;
        pthread_condattr_destroy(&attr);
    }
    if (!ok)
        pthread_mutex_destroy(&event->lock);
    return ok;
}

void os_event_destroy(struct os_event *event)
{
    pthread_cond_destroy(&event->changed);
    pthread_mutex_destroy(&event->lock);
}

void os_event_set(struct os_event *event)
{
    pthread_mutex_lock(&event->lock);
    event->set = true;
    pthread_cond_signal(&event->changed);
    pthread_mutex_unlock(&event->lock);
}

bool os_event_wait(struct os_event *event, int64_t timeout_100ns)
{
    int64_t until = os_time_ns() + (timeout_100ns > 0 ? timeout_100ns * 100 : 0);
    struct timespec at = {.tv_sec = (time_t)(until / 1000000000), .tv_nsec = (long)(until % 1000000000)};
    pthread_mutex_lock(&event->lock);
    while (!event->set && os_time_ns() < until)
        pthread_cond_timedwait(&event->changed, &event->lock, &at);
    bool was_set = event->set;
    event->set = false;
    pthread_mutex_unlock(&event->lock);
    return was_set;
}

static void *enter(void *arg)
{
    struct os_thread *thread = arg;
    thread->run(thread->ctx);
    return NULL;
}

bool os_thread_start(struct os_thread *thread, void (*run)(void *ctx), void *ctx)
{
    thread->run = run;
    thread->ctx = ctx;
    return pthread_create(&thread->id, NULL, enter, thread) == 0;
}

void os_thread_join(struct os_thread *thread) { pthread_join(thread->id, NULL); }
void os_thread_detach(struct os_thread *thread) { pthread_detach(thread->id); }
bool os_thread_is_self(const struct os_thread *thread) { return pthread_equal(thread->id, pthread_self()) != 0; }

/* Real-time scheduling is the host's to give: its limits, and a watchdog beside it. */
void os_thread_hurry(void) {}

int64_t os_time_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t os_thread_time_100ns(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 10000000 + used.tv_nsec / 100;
}

void os_yield(void) { sched_yield(); }

void os_sleep_ms(uint32_t ms)
{
    struct timespec time = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}
