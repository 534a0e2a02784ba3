/* SPDX-License-Identifier: MIT */
/*
 * wave_sink.h - pulls sound out of a miniport's ISynthSinkDMus.
 *
 * Each slice is SyncToMaster with the master clock's time, fStart TRUE in the first after wave_sink_start, then Render into zeroed
 * memory with guard zones on both sides (rule 21). The position is 0 after a start and grows by exactly what was rendered.
 * Length and position count frames, or bytes if so configured (spec/ddi-kernel.md 8.10, 12.1).
 *
 * All calls at PASSIVE, from one thread at a time; nothing is locked while the stream is called. Who keeps time is the host.
 */
#ifndef DMUS_KERNEL_PORTCLS_WAVE_SINK_H
#define DMUS_KERNEL_PORTCLS_WAVE_SINK_H

#include <mmreg.h>

#include "kernel/portcls/mxf.h"

#define WAVE_SINK_SLICE_MAX 4096u /* frames per Render; longer slices are cut */

struct wave_sink;

struct wave_sink_config {
    ISynthSinkDMus *stream;     /* one reference is kept on both */
    IMasterClock *clock;
    const WAVEFORMATEX *format; /* of the open pin: rate, channels and block align count. Copied */
    bool bytes;                 /* Render counts bytes */
    const char *name;           /* track of the trace: "wave sink pin 1"; copied */
};

/* STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_PARAMETER (format: rate or block align 0, block align above 256). */
NTSTATUS wave_sink_create(const struct wave_sink_config *config, struct wave_sink **out);
void wave_sink_destroy(struct wave_sink *sink); /* NULL allowed */

/* The stream entered RUN: the next slice is position 0 and has fStart. */
void wave_sink_start(struct wave_sink *sink);
/* Slices are silence until the next start. */
void wave_sink_stop(struct wave_sink *sink);

/* The next FRAMES frames, in the pin's format; silence when stopped. */
void wave_sink_slice(struct wave_sink *sink, void *buffer, uint32_t frames);
/* The same as floats through IDmusSynthControl::RenderFloat (dmus/idmus.h), interleaved. What fails there is silence and counted.
 * Both kinds may be mixed. False if the stream has no such interface. */
bool wave_sink_slice_float(struct wave_sink *sink, float *buffer, uint32_t frames);
bool wave_sink_has_float(const struct wave_sink *sink);

/* First frame not yet rendered. */
int64_t wave_sink_position(const struct wave_sink *sink);
/* Master-clock time at which that frame is due if nothing drifts: time of the first slice + position, exact (base/time_map.h). In
 * virtual time the host lets the machine run until here before it pulls. 0 before the first slice. */
int64_t wave_sink_due_100ns(const struct wave_sink *sink);

struct wave_sink_stats {
    uint64_t slices, frames, sync_errors, render_errors, overruns;
};
void wave_sink_stats(const struct wave_sink *sink, struct wave_sink_stats *out);

#endif
