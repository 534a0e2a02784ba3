/* SPDX-License-Identifier: MIT */
/* mxf_stage.h - a machine with a pool, and an element that hands events to a function: for the fuzz targets of the MXF engine. */
#ifndef DMUS_FUZZ_MXF_STAGE_H
#define DMUS_FUZZ_MXF_STAGE_H

#include "kernel/portcls/allocator.h"
#include "kernel/portcls/master_clock.h"
#include "kernel/wdm/machine.h"
#include "must.h"

#define STAGE_BUFFER 64 /* small, so that small inputs reach the splitting of SysEx */

static struct wdm_machine *stage_machine;
static struct event_pool *stage_pool;
static IAllocatorMXF *stage_allocator;
static IMasterClock *stage_clock;
static void (*stage_note)(const DMUS_KERNEL_EVENT *event, const uint8_t *data, uint32_t size);

static ULONG STDMETHODCALLTYPE stage_count(IMXF *iface)
{
    (void)iface;
    return 1;
}

static NTSTATUS STDMETHODCALLTYPE stage_PutMessage(IMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    (void)iface;
    MUST(KeGetCurrentIrql() == DISPATCH_LEVEL);
    for (PDMUS_KERNEL_EVENT event = chain; event; event = event->pNextEvt) {
        uint32_t size;
        const uint8_t *data = mxf_data(event, &size);
        MUST(!PACKAGE_EVT(event) && size == event->cbEvent && size <= STAGE_BUFFER);
        stage_note(event, data, size);
    }
    return stage_allocator->lpVtbl->PutMessage(stage_allocator, chain);
}

/* The element behind the last one. */
static inline IMXF *stage_end(void)
{
    static IMXFVtbl vtbl = {.AddRef = stage_count, .Release = stage_count, .PutMessage = stage_PutMessage};
    static IMXF end = {&vtbl};
    return &end;
}

/* Once per process. */
static inline void stage_open(void (*note)(const DMUS_KERNEL_EVENT *event, const uint8_t *data, uint32_t size))
{
    const struct event_pool_config pool = {.buffer_size = STAGE_BUFFER, .trap_use_after_return = true};
    MUST(wdm_machine_create(NULL, &stage_machine, NULL) == DM_OK);
    wdm_enter(stage_machine);
    MUST(NT_SUCCESS(event_pool_create(&pool, &stage_pool)) && NT_SUCCESS(allocator_create(stage_pool, "stage", &stage_allocator)) &&
         NT_SUCCESS(master_clock_create(stage_machine, &stage_clock)));
    stage_note = note;
}

/* After each input: nothing is out, no rule broken. */
static inline void stage_check(void)
{
    struct event_pool_stats stats;
    event_pool_stats(stage_pool, &stats);
    MUST(stats.events_out == 0 && stats.buffers_out == 0);
    MUST(wdm_rule_faults(stage_machine) == 0);
}

#endif
