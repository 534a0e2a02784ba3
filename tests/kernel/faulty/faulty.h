/* SPDX-License-Identifier: MIT */
/*
 * faulty.h - drivers that break one rule each.
 *
 * A driver is this header, the fault, and skeleton.h, which is a whole and faultless driver: one filter, "Faulty", with a render pin,
 * a capture pin, a wave pin and a synth node. The fault takes the place of one of the skeleton's steps:
 *
 *     #include "faulty.h"
 *     static NTSTATUS put(struct stream *s, PDMUS_KERNEL_EVENT chain) { ... }
 *     #define ON_PUT put
 *     #include "skeleton.h"
 *
 * Steps (each is a function; the skeleton's own is in skeleton.h):
 *     NTSTATUS ON_START(PDEVICE_OBJECT, PRESOURCELIST)      before the port is made
 *     NTSTATUS ON_INIT(struct miniport *, PRESOURCELIST)    end of IMiniportDMus::Init
 *     void ON_END(struct miniport *)                        its destructor
 *     NTSTATUS ON_PUT(struct stream *, chain)               events to a render stream
 *     NTSTATUS ON_SERVICE(struct stream *)                  PutMessage(NULL) to a capture stream
 *     NTSTATUS ON_STATE(struct stream *, KSSTATE)           before the new state is noted
 *     void ON_RENDER(PBYTE, DWORD frames, struct stream *)
 *     NTSTATUS ON_PROPERTY(PPCPROPERTY_REQUEST)             a ULONG of the node
 *     void ON_STREAM_END(struct stream *)                   its destructor
 *     NTSTATUS ON_UNKNOWN                                   what the stream answers when it is asked for what it does not have
 *     ULONG NODE_STRIDE                                     of the descriptor
 */
#ifndef TESTS_KERNEL_FAULTY_H
#define TESTS_KERNEL_FAULTY_H

#define PUT_GUIDS_HERE
#include <portcls.h>

#include <dmusprop.h>
#include <ksmedia.h>

#define TAG 'tluF'

struct miniport {
    IMiniportDMus iface;
    LONG refs;
    PPORTDMUS port;
    PSERVICEGROUP group;
    PINTERRUPTSYNC sync;
    ULONG base; /* of the first port range */
};

struct stream {
    ISynthSinkDMus iface; /* begins as an IMXF does */
    LONG refs;
    struct miniport *miniport;
    ULONG pin;
    KSSTATE state;
    PAllocatorMXF allocator;
    PMASTERCLOCK clock;
    PMXF sink;
    KTIMER timer;
    KDPC dpc;
    KSPIN_LOCK lock;
    REFERENCE_TIME last;
};

enum { PIN_RENDER, PIN_CAPTURE, PIN_WAVE };

static inline NTSTATUS recycle(struct stream *s, PDMUS_KERNEL_EVENT chain)
{
    return s->allocator->lpVtbl->PutMessage(s->allocator, chain);
}

/* An event with a note, stamped now; NULL if there is none. */
static inline PDMUS_KERNEL_EVENT note(struct stream *s)
{
    PDMUS_KERNEL_EVENT event = NULL;
    if (!NT_SUCCESS(s->allocator->lpVtbl->GetMessage(s->allocator, &event)))
        return NULL;
    event->cbEvent = 3;
    event->usChannelGroup = 1;
    event->uData.abData[0] = 0x90;
    event->uData.abData[1] = 60;
    event->uData.abData[2] = 100;
    s->clock->lpVtbl->GetTime(s->clock, &event->ullPresTime100ns);
    return event;
}

static inline NTSTATUS deliver(struct stream *s, PDMUS_KERNEL_EVENT event)
{
    if (!event)
        return STATUS_SUCCESS;
    return s->sink ? s->sink->lpVtbl->PutMessage(s->sink, event) : recycle(s, event);
}

#endif
