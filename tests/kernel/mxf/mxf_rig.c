/* SPDX-License-Identifier: MIT */
#include "mxf_rig.h"

#include <stdio.h>

#include "base/alloc.h"

void rig_open(struct rig *rig, enum wdm_time time, const struct event_pool_config *pool)
{
    struct wdm_config config = {.time = time};
    if (wdm_machine_create(&config, &rig->machine, NULL) != DM_OK)
        abort();
    wdm_enter(rig->machine);
    if (!NT_SUCCESS(event_pool_create(pool, &rig->pool)) || !NT_SUCCESS(allocator_create(rig->pool, "rig", &rig->allocator)) ||
        !NT_SUCCESS(master_clock_create(rig->machine, &rig->clock)))
        abort();
}

uint64_t rig_broken(struct rig *rig, enum wdm_rule rule) { return wdm_rule_count(rig->machine, rule); }

bool rig_end(struct rig *rig, uint64_t allowed)
{
    rig->allocator->lpVtbl->Release(rig->allocator);
    event_pool_release(rig->pool); /* reports what is out */
    bool clean = rig->clock->lpVtbl->Release(rig->clock) == 0;
    for (int rule = 1; rule < WDM_RULE_COUNT; rule++)
        clean &= (allowed & RULE_BIT(rule)) || rig_broken(rig, (enum wdm_rule)rule) == 0;
    struct wdm_breach breach;
    for (size_t i = 0; !clean && wdm_rule_breach(rig->machine, i, &breach); i++)
        printf("# rule %d: %s\n", (int)breach.rule, breach.text);
    wdm_leave();
    wdm_machine_destroy(rig->machine);
    return clean;
}

int64_t rig_now(struct rig *rig)
{
    REFERENCE_TIME now = 0;
    rig->clock->lpVtbl->GetTime(rig->clock, &now);
    return now;
}

void rig_run_until(struct rig *rig, int64_t time_100ns)
{
    wdm_run_until(rig->machine, master_clock_to_machine(rig->machine, time_100ns));
}

PDMUS_KERNEL_EVENT rig_event(struct rig *rig, int64_t time_100ns, const void *bytes, uint32_t size)
{
    PDMUS_KERNEL_EVENT event;
    if (!NT_SUCCESS(mxf_event(rig->allocator, bytes, size, &event)))
        abort();
    event->ullPresTime100ns = time_100ns;
    event->usChannelGroup = 1;
    return event;
}

uint32_t rig_events_out(struct rig *rig)
{
    struct event_pool_stats stats;
    event_pool_stats(rig->pool, &stats);
    return stats.events_out;
}

static NTSTATUS STDMETHODCALLTYPE probe_QueryInterface(IMXF *iface, REFIID riid, PVOID *out)
{
    (void)iface, (void)riid;
    *out = NULL;
    return STATUS_INVALID_PARAMETER;
}

static ULONG STDMETHODCALLTYPE probe_count(IMXF *iface)
{
    (void)iface;
    return 1;
}

static NTSTATUS STDMETHODCALLTYPE probe_SetState(IMXF *iface, KSSTATE state)
{
    (void)iface, (void)state;
    return STATUS_SUCCESS;
}

static NTSTATUS STDMETHODCALLTYPE probe_connect(IMXF *iface, PMXF sink)
{
    (void)iface, (void)sink;
    return STATUS_SUCCESS;
}

static void grow(void *array, size_t *capacity, size_t needed, size_t size)
{
    if (needed <= *capacity)
        return;
    void **block = array;
    while (*capacity < needed)
        *capacity = *capacity ? 2 * *capacity : 64;
    if (!(*block = dm_realloc(*block, *capacity, size)))
        abort();
}

static void note(struct probe *probe, const DMUS_KERNEL_EVENT *event)
{
    uint32_t size;
    const uint8_t *data = mxf_data(event, &size);
    grow(&probe->notes, &probe->capacity, probe->count + 1, sizeof *probe->notes);
    grow(&probe->bytes, &probe->byte_capacity, probe->byte_count + size + 1, 1);
    probe->notes[probe->count++] = (struct probe_note){
        .time_100ns = event->ullPresTime100ns, .at_100ns = rig_now(probe->rig), .size = size, .first = (uint32_t)probe->byte_count,
        .call = probe->calls, .group = event->usChannelGroup, .flags = event->usFlags, .irql = KeGetCurrentIrql()};
    if (size)
        memcpy(probe->bytes + probe->byte_count, data, size);
    probe->byte_count += size;
}

static NTSTATUS STDMETHODCALLTYPE probe_PutMessage(IMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    struct probe *probe = (struct probe *)(void *)iface;
    for (PDMUS_KERNEL_EVENT event = chain, next; event; event = next) {
        next = event->pNextEvt;
        note(probe, event);
        if (probe->keep) {
            event->pNextEvt = probe->kept;
            probe->kept = event;
        }
    }
    probe->calls++;
    if (!probe->keep)
        probe->rig->allocator->lpVtbl->PutMessage(probe->rig->allocator, chain);
    if (probe->inside)
        probe->inside(probe->ctx, probe);
    return STATUS_SUCCESS;
}

static IMXFVtbl probe_vtbl = {
    .QueryInterface = probe_QueryInterface,
    .AddRef = probe_count,
    .Release = probe_count,
    .SetState = probe_SetState,
    .PutMessage = probe_PutMessage,
    .ConnectOutput = probe_connect,
    .DisconnectOutput = probe_connect,
};

void probe_init(struct probe *probe, struct rig *rig)
{
    *probe = (struct probe){.iface = {&probe_vtbl}, .rig = rig};
}

void probe_clear(struct probe *probe)
{
    probe->count = probe->byte_count = 0;
    probe->calls = 0;
}

void probe_end(struct probe *probe)
{
    if (probe->kept)
        probe->rig->allocator->lpVtbl->PutMessage(probe->rig->allocator, probe->kept);
    probe->kept = NULL;
    dm_free(probe->notes);
    dm_free(probe->bytes);
    probe->notes = NULL;
    probe->bytes = NULL;
}

bool probe_is(const struct probe *probe, size_t index, const void *bytes, uint32_t size)
{
    const struct probe_note *n = &probe->notes[index];
    return index < probe->count && n->size == size && (size == 0 || memcmp(probe->bytes + n->first, bytes, size) == 0);
}

uint32_t rig_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)(*state * UINT64_C(0x2545F4914F6CDD1D) >> 32);
}
