/* SPDX-License-Identifier: MIT */
/*
 * trace.h - what happened when: one line of time per track.
 *
 * A track is a name ("sequencer pin 0", "DPC", "mpu401 port"); events on it are moments, spans or values, stamped with
 * machine time. They go to a Chrome trace file (chrome://tracing, Perfetto), to a callback as text, or both. Off, each
 * call costs a load and a branch, if written with WDM_TRACE.
 *
 *     WDM_TRACE("sequencer pin 0", "release", "\"stamp\":%lld,\"bytes\":%u", stamp, bytes);
 *
 * Any thread, any IRQL. Names are copied.
 */
#ifndef DMUS_KERNEL_WDM_TRACE_H
#define DMUS_KERNEL_WDM_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

struct wdm_machine;

/* Is the current machine traced? False outside a machine. */
bool wdm_tracing(void);

/* A moment on TRACK. ARGS is the inside of a JSON object, as a printf format ("\"bytes\":%u"), or NULL. Cut to 300 bytes:
 * an argument that does not fit is dropped whole, with all arguments of the event. */
void wdm_trace(const char *track, const char *name, const char *args, ...) DM_PRINTF(3, 4);
/* A span: begin and end nest per track. */
void wdm_trace_begin(const char *track, const char *name);
void wdm_trace_end(const char *track, const char *name);
/* A value that is drawn as a curve. */
void wdm_trace_value(const char *track, const char *name, int64_t value);

#define WDM_TRACE(...)                  \
    do {                                \
        if (wdm_tracing())              \
            wdm_trace(__VA_ARGS__);     \
    } while (0)

/* Write the trace of MACHINE to FILE as a Chrome trace (JSON object form, times in microseconds since boot). The
 * caller keeps FILE open until wdm_trace_stop, and closes it. DM_ERR_WRITE if it cannot be written. */
enum dm_status wdm_trace_start(struct wdm_machine *machine, FILE *file, struct dm_error *err);
/* Completes the file; says if any of it could not be written. Nothing if none was started. */
enum dm_status wdm_trace_stop(struct wdm_machine *machine, struct dm_error *err);

/* One event as text: "   12.3456 ms  sequencer pin 0  release  "stamp":..." without a newline, called under the trace's
 * lock: it must not call the machine. NULL ends it. */
typedef void wdm_trace_fn(void *ctx, const char *line);
void wdm_trace_live(struct wdm_machine *machine, wdm_trace_fn *fn, void *ctx);

/* TEXT as the inside of a JSON string, cut at SIZE - 1 bytes between whole characters. Returns OUT. */
const char *wdm_trace_escape(char *out, size_t size, const char *text);

#endif
