/* SPDX-License-Identifier: MIT */
/*
 * crash.h - the last words of a process in which a driver crashes.
 *
 * Signals of a fault that nobody else has a handler for (a debugger sees them first, a sanitizer has its own) are told, then they end
 * the process as they would have. So is SIGXCPU, which asks a driver that does not come back where it is (hang.h).
 */
#ifndef DMUS_DRIVERS_CRASH_H
#define DMUS_DRIVERS_CRASH_H

#include <stdint.h>

#include "place.h"

struct crash {
    int signal;
    uintptr_t code; /* in the driver, the innermost on the stack; 0: none is */
    char text[64];    /* "signal 11 (Segmentation fault)" */
    const char *hint; /* static; what else a register tells, ", at ...", or "" */
};
/* On the thread that crashed, on a stack of its own; there may be locks about. Has ten seconds. */
typedef void crash_fn(void *ctx, const struct crash *crash);

/* *FINDER may be NULL, and change. One watch at a time. */
void crash_watch(struct place_finder *const *finder, crash_fn *fn, void *ctx);
void crash_unwatch(void);

#endif
