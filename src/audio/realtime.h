/* SPDX-License-Identifier: MIT */
/*
 * realtime.h - being on time: SCHED_FIFO for a thread, and memory that stays in memory, as far as the system grants it.
 *
 * Asked for in this order: the process's own right (limits, capabilities),
 * then RealtimeKit over the system's message bus, if built with libdbus.
 * Nothing here is needed to play, and nothing fails loudly: what was granted
 * is told. Not for a thread that is already real-time.
 */
#ifndef DMUS_AUDIO_REALTIME_H
#define DMUS_AUDIO_REALTIME_H

#include <pthread.h>
#include <stdbool.h>

#include "output.h"

struct realtime_grant {
    enum audio_schedule schedule;
    int priority;   /* of a real-time thread */
    char text[120]; /* "SCHED_FIFO 60 by RealtimeKit"; why not, if it is not */
};

/* For the calling thread. PRIORITY 1..99; less is given where more is not allowed. May wait for the message bus. */
void realtime_ask(int priority, struct realtime_grant *grant);
/* What THREAD has, which must be alive, or the calling thread. A system call, no waiting. */
void realtime_look_at(pthread_t thread, struct realtime_grant *grant);
void realtime_look(struct realtime_grant *grant);

/* Lock all present and future memory of the process, if there is no limit on it, or all present one if it fits the limit;
 * TEXT tells in at most SIZE bytes what was done. Once, after everything big was loaded. */
bool realtime_lock_memory(char *text, size_t size);
void realtime_unlock_memory(void);

#endif
