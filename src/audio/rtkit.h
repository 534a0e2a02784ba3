/* SPDX-License-Identifier: MIT */
/* rtkit.h - RealtimeKit, the system service that gives real-time scheduling to programs without a right to it. Internal. */
#ifndef DMUS_AUDIO_RTKIT_H
#define DMUS_AUDIO_RTKIT_H

#include <stdbool.h>
#include <stddef.h>

/* SCHED_RR for the calling thread, PRIORITY or the most the service allows. It demands a limit on the time that the process's
 * real-time threads use without pause (RLIMIT_RTTIME), which is set. False, and why in WHY: not built in, no bus, refused.
 * Waits for the bus, at most 1 s. */
bool rtkit_make_realtime(int priority, char *why, size_t size);

#endif
