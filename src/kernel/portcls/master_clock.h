/* SPDX-License-Identifier: MIT */
/*
 * master_clock.h - IMasterClock of a port: 100 ns, from the machine's clock, one origin for all ports of a machine.
 *
 * Never 0 (drivers take 0 for "no stamp"), never back, never pauses; GetTime answers exactly STATUS_SUCCESS. Any IRQL, any thread,
 * lock-free. Drivers keep the pointer without a reference: the port keeps the clock until its own end (spec/ddi-kernel.md 8.11).
 * QueryInterface answers IUnknown only, there is no public IID.
 */
#ifndef DMUS_KERNEL_PORTCLS_MASTER_CLOCK_H
#define DMUS_KERNEL_PORTCLS_MASTER_CLOCK_H

#include "kernel/portcls/mxf.h"
#include "kernel/wdm/machine.h"

#define MASTER_CLOCK_AT_BOOT INT64_C(10000000) /* what a clock shows when its machine starts: one second */

/* One reference. MACHINE outlives the clock. STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS master_clock_create(struct wdm_machine *machine, IMasterClock **out);
/* As allocator_keep. */
void master_clock_keep(IMasterClock *clock, bool keep);
/* GetTime for the port's own use: a driver's loop of these waits for time to pass (wdm_ask_time_100ns). */
int64_t master_clock_read(IMasterClock *clock);
/* The same time without an object. */
int64_t master_clock_now(struct wdm_machine *machine);
/* Machine time (wdm_run_until, KeSetTimer absolute) at which a master clock shows TIME; saturates. */
int64_t master_clock_to_machine(struct wdm_machine *machine, int64_t time_100ns);

#endif
