/* SPDX-License-Identifier: MIT */
/*
 * mxf.h - how one element of the MXF graph hands events to the next, and what all elements of the engine share.
 *
 *   render:  unpacker -> sequencer -> IMXF of the miniport -> allocator
 *   capture: IMXF of the miniport -> capture_sink -> packer -> allocator
 *
 * Rules of the engine: the driver is called at DISPATCH_LEVEL and with nothing locked; a driver may call any element of
 * any pin of its port from inside PutMessage; an element that is busy on another frame of the same thread or on another thread
 * queues what it is given and keeps the order. One stream is never delivered to from two threads at once.
 *
 * Source: spec/ddi-kernel.md 3.5, 8.16, 11.6.
 */
#ifndef DMUS_KERNEL_PORTCLS_MXF_H
#define DMUS_KERNEL_PORTCLS_MXF_H

#include <stdbool.h>
#include <stdint.h>

#include <wdm.h>
#include <ks.h>
#include <dmusicks.h>

#define MXF_NAME_MAX 48 /* names of elements in traces and reports, with the NUL: "sequencer pin 0"; longer ones are cut */

/* PutMessage at DISPATCH_LEVEL, as a driver's code (wdm_call: rules 3 and 5), traced on the track TRACK. The chain is the
 * callee's whatever the answer. The thread's level is raised if it is below DISPATCH. */
NTSTATUS mxf_put(IMXF *to, PDMUS_KERNEL_EVENT chain, const char *track);
/* The same to an element of the engine: no driver's code, so what the driver up the stack holds is no business of it. */
NTSTATUS mxf_pass(IMXF *to, PDMUS_KERNEL_EVENT chain, const char *track);

/* Where the data of an event is (spec 6.1). NULL for a package, and for a buffer that is missing; *size is cbEvent, or 0 then. */
const uint8_t *mxf_data(const DMUS_KERNEL_EVENT *event, uint32_t *size);

/* An event with SIZE bytes in it, inline or in a buffer; COMPLETE, byte position none, no data copied if BYTES is NULL. SIZE
 * at most GetBufferSize. STATUS_INSUFFICIENT_RESOURCES, nothing kept. */
NTSTATUS mxf_event(IAllocatorMXF *allocator, const void *bytes, uint32_t size, PDMUS_KERNEL_EVENT *out);

/* Chains that are being built: append an event or a chain in constant time, but for a chain its length. */
struct mxf_chain {
    PDMUS_KERNEL_EVENT head, tail;
};
void mxf_chain_add(struct mxf_chain *chain, PDMUS_KERNEL_EVENT events);

#endif
