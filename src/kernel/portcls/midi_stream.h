/* SPDX-License-Identifier: MIT */
/*
 * midi_stream.h - an IMiniportMidiStream, which has Read and Write, as an end of the MXF graph (spec 3.4).
 *
 * Output: an IMXF that queues what it gets and writes it, at DISPATCH_LEVEL. The stream takes all, a multiple of 4 bytes, or
 * nothing (busy): then it is tried again a millisecond later and at every service. An error drops the event.
 * Input: each service reads until the stream has no more, and sends the raw bytes on as INCOMPLETE events with the time of the read.
 * The stream is called from one thread at a time and with nothing locked.
 */
#ifndef DMUS_KERNEL_PORTCLS_MIDI_STREAM_H
#define DMUS_KERNEL_PORTCLS_MIDI_STREAM_H

#include <portcls.h>

#include "kernel/portcls/mxf.h"

struct midi_output;
struct midi_input;

/* STREAM and ALLOCATOR are borrowed and outlive it. TRACK is for the trace, borrowed. STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS midi_output_create(IMiniportMidiStream *stream, IAllocatorMXF *allocator, const char *track, struct midi_output **out);
void midi_output_destroy(struct midi_output *output); /* returns what is queued; NULL allowed */
IMXF *midi_output_input(struct midi_output *output);  /* references on it keep nothing alive */
void midi_output_service(struct midi_output *output);
/* STOP: what is queued goes back to the allocator. PASSIVE */
void midi_output_flush(struct midi_output *output);

NTSTATUS midi_input_create(IMiniportMidiStream *stream, IAllocatorMXF *allocator, IMasterClock *clock, IMXF *sink,
                           const char *track, struct midi_input **out);
void midi_input_destroy(struct midi_input *input); /* NULL allowed */
void midi_input_service(struct midi_input *input);

#endif
