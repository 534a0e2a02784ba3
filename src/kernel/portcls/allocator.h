/* SPDX-License-Identifier: MIT */
/*
 * allocator.h - IAllocatorMXF: what a stream takes events from and returns them to.
 *
 * QueryInterface answers IUnknown, IMXF and IAllocatorMXF, else STATUS_INVALID_PARAMETER. PutMessage recycles whole chains, NULL is
 * no message. SetState, ConnectOutput and DisconnectOutput succeed and do nothing (spec/ddi-kernel.md 8.5).
 * IRQL up to DISPATCH, else rule 1. Any thread.
 */
#ifndef DMUS_KERNEL_PORTCLS_ALLOCATOR_H
#define DMUS_KERNEL_PORTCLS_ALLOCATOR_H

#include "kernel/portcls/event_pool.h"

/* One reference; keeps one on POOL. NAME ("pin 0") stands in reports. STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS allocator_create(struct event_pool *pool, const char *name, IAllocatorMXF **out);
/* The caller keeps its reference until it says otherwise: a driver that releases too often breaks rule 29 and ends nothing. */
void allocator_keep(IAllocatorMXF *allocator, bool keep);
/* The pool behind an allocator of this file, borrowed; NULL for one that is not. */
struct event_pool *allocator_pool(IAllocatorMXF *allocator);

#endif
