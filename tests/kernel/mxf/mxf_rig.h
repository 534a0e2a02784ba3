/* SPDX-License-Identifier: MIT */
/*
 * mxf_rig.h - a machine with a pool and a clock, and an element that writes down what it is given, for the tests of the engine.
 */
#ifndef MXF_RIG_H
#define MXF_RIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "kernel/portcls/allocator.h"
#include "kernel/portcls/master_clock.h"
#include "kernel/wdm/machine.h"

struct rig {
    struct wdm_machine *machine;
    struct event_pool *pool;
    IAllocatorMXF *allocator;
    IMasterClock *clock;
};

/* Virtual or real time; the calling thread is in the machine. POOL may be NULL. */
void rig_open(struct rig *rig, enum wdm_time time, const struct event_pool_config *pool);
/* Ends all. False, and told, if something was out or a rule broken that is not in ALLOWED (a bit set). */
bool rig_end(struct rig *rig, uint64_t allowed);
#define rig_close(rig, allowed) CHECK(rig_end(rig, allowed)) /* in the test's own file, whose failures count */
#define RULE_BIT(rule) (UINT64_C(1) << (rule))
uint64_t rig_broken(struct rig *rig, enum wdm_rule rule);
int64_t rig_now(struct rig *rig);
/* Virtual: let the machine's clock show this time of the master clock. */
void rig_run_until(struct rig *rig, int64_t time_100ns);
/* An event with these bytes from the rig's allocator. */
PDMUS_KERNEL_EVENT rig_event(struct rig *rig, int64_t time_100ns, const void *bytes, uint32_t size);
uint32_t rig_events_out(struct rig *rig);

/* What an element was given. */
struct probe_note {
    int64_t time_100ns, at_100ns; /* stamp, and clock when it came */
    uint32_t size, first;         /* bytes; first: offset of its data in probe.bytes */
    uint32_t call;                /* number of the PutMessage, from 0 */
    uint16_t group, flags;
    unsigned irql;
};

struct probe {
    IMXF iface;
    struct rig *rig;
    struct probe_note *notes;
    size_t count, capacity;
    uint8_t *bytes;
    size_t byte_count, byte_capacity;
    uint32_t calls;
    bool keep;                                   /* do not return the events: they are chained to KEPT, newest first */
    PDMUS_KERNEL_EVENT kept;
    void (*inside)(void *ctx, struct probe *probe); /* called within PutMessage, after the events were noted and returned */
    void *ctx;
};

void probe_init(struct probe *probe, struct rig *rig);
void probe_end(struct probe *probe);
void probe_clear(struct probe *probe);
/* Same bytes in note INDEX? */
bool probe_is(const struct probe *probe, size_t index, const void *bytes, uint32_t size);

/* xorshift64*: the same numbers on every machine. */
uint32_t rig_random(uint64_t *state);

#endif
