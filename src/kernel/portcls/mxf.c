/* SPDX-License-Identifier: MIT */
#include "mxf.h"

#include <string.h>

#include "com.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"

static void trace_put(PDMUS_KERNEL_EVENT chain, const char *track)
{
    unsigned events = 0, bytes = 0;
    for (const DMUS_KERNEL_EVENT *event = chain; event; event = event->pNextEvt) {
        events++;
        bytes += PACKAGE_EVT(event) ? 0 : event->cbEvent;
    }
    if (chain)
        wdm_trace(track, "PutMessage", "\"stamp\":%lld,\"events\":%u,\"bytes\":%u,\"group\":%u,\"flags\":%u",
                  (long long)chain->ullPresTime100ns, events, bytes, chain->usChannelGroup, chain->usFlags);
    else
        wdm_trace(track, "PutMessage", "\"service\":true");
}

static NTSTATUS put(IMXF *to, PDMUS_KERNEL_EVENT chain, const char *track, bool to_driver)
{
    KIRQL before = KeGetCurrentIrql();
    struct wdm_call call;
    if (wdm_tracing())
        trace_put(chain, track);
    if (before < DISPATCH_LEVEL)
        KeRaiseIrql(DISPATCH_LEVEL, &before);
    if (to_driver)
        wdm_call_begin_by(&call, "IMXF::PutMessage", track);
    NTSTATUS status = to->lpVtbl->PutMessage(to, chain);
    if (to_driver)
        wdm_call_end(&call);
    if (before < DISPATCH_LEVEL)
        KeLowerIrql(before);
    return status;
}

NTSTATUS mxf_put(IMXF *to, PDMUS_KERNEL_EVENT chain, const char *track) { return put(to, chain, track, true); }
NTSTATUS mxf_pass(IMXF *to, PDMUS_KERNEL_EVENT chain, const char *track) { return put(to, chain, track, false); }

const uint8_t *mxf_data(const DMUS_KERNEL_EVENT *event, uint32_t *size)
{
    const uint8_t *data = NULL;
    if (!PACKAGE_EVT(event))
        data = SHORT_EVT(event) ? event->uData.abData : event->uData.pbData;
    *size = data ? event->cbEvent : 0;
    return data;
}

NTSTATUS mxf_event(IAllocatorMXF *allocator, const void *bytes, uint32_t size, PDMUS_KERNEL_EVENT *out)
{
    PDMUS_KERNEL_EVENT event;
    *out = NULL;
    NTSTATUS status = allocator->lpVtbl->GetMessage(allocator, &event);
    if (!NT_SUCCESS(status))
        return status;
    uint8_t *data = event->uData.abData;
    if (size > sizeof(PBYTE)) {
        status = allocator->lpVtbl->GetBuffer(allocator, &data);
        if (!NT_SUCCESS(status)) {
            allocator->lpVtbl->PutMessage(allocator, event);
            return status;
        }
        event->uData.pbData = data;
    }
    event->cbEvent = (USHORT)size;
    if (bytes && size)
        memcpy(data, bytes, size);
    *out = event;
    return STATUS_SUCCESS;
}

void mxf_chain_add(struct mxf_chain *chain, PDMUS_KERNEL_EVENT events)
{
    if (!events)
        return;
    if (chain->tail)
        chain->tail->pNextEvt = events;
    else
        chain->head = events;
    while (events->pNextEvt)
        events = events->pNextEvt;
    chain->tail = events;
}
