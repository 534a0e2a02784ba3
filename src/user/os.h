/* SPDX-License-Identifier: MIT */
/*
 * os.h - the few services of the system that the DDI objects need: a mutex, a
 * thread, an event to sleep on and a clock. os_posix.c and os_win32.c.
 *
 * Nothing here is called inside Render but os_time_ns and os_ending.
 */
#ifndef DMUS_USER_OS_H
#define DMUS_USER_OS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef _WIN32
#include <windows.h>
struct os_mutex {
    SRWLOCK lock;
};
struct os_event {
    HANDLE handle;
};
struct os_thread {
    HANDLE handle;
    HMODULE code; /* the library that RUN lies in stays until the thread has left it */
    DWORD id;
    void (*run)(void *ctx);
    void *ctx;
};
#else
#include <pthread.h>
struct os_mutex {
    pthread_mutex_t lock;
};
struct os_event {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool set;
};
struct os_thread {
    pthread_t id;
    void (*run)(void *ctx);
    void *ctx;
};
#endif

/* Whether the process is ending and this is its last thread. Windows then kills the others wherever they are and calls the
 * libraries once more; what they hold is held for ever, and what they were changing is half changed. So nothing waits, locks or
 * tidies up: the system takes the memory. On POSIX, where exit() leaves the threads alone: never. Real-time safe. */
bool os_ending(void);

/* Not recursive. All do nothing when the process is ending. init: false if the system has none left. */
bool os_mutex_init(struct os_mutex *mutex);
void os_mutex_destroy(struct os_mutex *mutex);
void os_mutex_lock(struct os_mutex *mutex);
bool os_mutex_trylock(struct os_mutex *mutex); /* true: taken */
void os_mutex_unlock(struct os_mutex *mutex);

/* A flag to wait for; one waiter. A set flag stays set until a wait takes it. */
bool os_event_init(struct os_event *event);
void os_event_destroy(struct os_event *event);
void os_event_set(struct os_event *event);
bool os_event_wait(struct os_event *event, int64_t timeout_100ns); /* true: was set; false: time is over, or the process ending */

/* THREAD must stay in place until it is joined or, if detached, until RUN has begun. */
bool os_thread_start(struct os_thread *thread, void (*run)(void *ctx), void *ctx);
void os_thread_join(struct os_thread *thread); /* does not wait when the process is ending */
void os_thread_detach(struct os_thread *thread);
bool os_thread_is_self(const struct os_thread *thread);
void os_thread_hurry(void); /* the calling thread feeds a device: run it before others, if the system lets us */

/* Monotonic, of no particular zero; real-time safe. Times in 100 ns: base/clock.h. */
int64_t os_time_ns(void);
int64_t os_thread_time_100ns(void); /* how long the calling thread has had a processor, in the system's steps (Windows: 10 ms) */
void os_sleep_ms(uint32_t ms);      /* a signal may cut it short */
void os_yield(void);                /* let another thread have the core */

#endif
