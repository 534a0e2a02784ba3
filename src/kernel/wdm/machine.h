/* SPDX-License-Identifier: MIT */
/*
 * machine.h - one simulated computer, on which drivers run in user space.
 *
 * A machine owns a clock, pool, timers, DPC queue, work items, system threads, interrupts, I/O ports, a registry, a
 * rule book (rules.h) and a trace (trace.h). Several may exist in a process. The kernel services of <wdm.h> act on the
 * calling thread's current machine: the host enters it before it calls a driver, threads made by the machine are in it.
 *
 * Time. WDM_VIRTUAL: nothing happens but inside calls of wdm_run_*, of waits, of loops that ask for the time
 * (wdm_ask_time_100ns), and when the IRQL falls; one thread at a time runs, whatever the driver does, and each run is
 * exactly repeatable. One thread of the host uses the machine; system threads and work items have threads of their own, which run
 * only while that one waits or is in one of these calls.
 * WDM_REAL: a thread for timers and DPCs, a thread for device models' alarms, worker threads; time is the system's
 * monotonic clock. Any number of host threads may be in the machine.
 *
 * IRQL is per thread. DPCs of a machine never run at the same time as each other (one processor's worth), but in
 * real time they run beside threads at any IRQL, as on a machine with two processors.
 *
 * Hardware (ports, interrupts, alarms of device models): device.h. Registry contents: registry.h.
 * Source: spec/ddi-kernel.md 8.16, 11.3.
 */
#ifndef DMUS_KERNEL_WDM_MACHINE_H
#define DMUS_KERNEL_WDM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "kernel/wdm/rules.h"

struct wdm_machine;

enum wdm_time { WDM_VIRTUAL, WDM_REAL };

#define WDM_MS ((int64_t)10000) /* in 100 ns */

struct wdm_config {
    enum wdm_time time;
    unsigned workers;  /* real: threads for work items; 0: 2. At most 16 */
    int priority;      /* real: SCHED_FIFO priority of the timer/DPC and alarm threads, if the system grants it; 0: none */
    /* DbgPrint and what the machine itself has to say, one line without newline. NULL: base/log.h, area "driver".
     * On any thread of the machine, at any IRQL. A line is what a thread says up to a newline, or until it leaves the machine. */
    void (*print)(void *ctx, const char *line);
    void *print_ctx;
    /* KeBugCheckEx. Must not return: exit, or longjmp, which is not for system threads and work items. NULL: the text goes to
     * print, then abort(). */
    void (*bugcheck)(void *ctx, uint32_t code, const uintptr_t parameters[4]);
    void *bugcheck_ctx;
};

/* CONFIG NULL: virtual time, all else 0. DM_ERR_NOMEM, DM_ERR_ARGUMENT. */
enum dm_status wdm_machine_create(const struct wdm_config *config, struct wdm_machine **out, struct dm_error *err);
/* Ends the machine's threads and frees what drivers left. System threads must have ended, no thread may be in the
 * machine but one of the caller's (which leaves it). Reports nothing: ask the rule book first. NULL allowed. */
void wdm_machine_destroy(struct wdm_machine *machine);

/* The calling thread is in MACHINE until the matching wdm_leave; nests, at most 8 deep, also of different machines.
 * Each machine is entered at PASSIVE_LEVEL first; entering it again on the same thread keeps the level. */
void wdm_enter(struct wdm_machine *machine);
void wdm_leave(void);
struct wdm_machine *wdm_current(void); /* NULL outside */
void wdm_print_flush(void); /* what the calling thread has said without a newline yet; outside of machines nothing */
enum wdm_time wdm_time_base(const struct wdm_machine *machine);

/* ---- time, in 100 ns since 1601-01-01 UTC (KeQuerySystemTime): positive, never goes back ---- */
int64_t wdm_time_100ns(struct wdm_machine *machine);
/* The same for the driver on the calling thread, in the machine. Virtual: who does nothing but ask, in a loop until so and so
 * late, is given time: after 1000 times within one call of the driver each takes a microsecond, as in a stall. */
int64_t wdm_ask_time_100ns(struct wdm_machine *machine);
int64_t wdm_boot_100ns(const struct wdm_machine *machine); /* time at creation; virtual: always 2001-01-01 00:00 */

/* Virtual: do all that is due up to TIME, in order of time and, at one time, in order of queueing; then the clock is at
 * TIME. In the past: what is due now. Real: sleep until TIME. At PASSIVE_LEVEL, in the machine. */
void wdm_run_until(struct wdm_machine *machine, int64_t time_100ns);
/* Until no DPC and no work item is queued or running and no thread is ready. False if this took longer than LIMIT_MS. Virtual: time
 * moves only while a work item waits; false, too, if one waits for what nothing ends, or the queues never empty (1e5 steps). */
bool wdm_run_idle(struct wdm_machine *machine, unsigned limit_ms);
/* The same with all the time that work items may want: in real time a second, in virtual time ten minutes, and then the waits of
 * those that nothing ends are given up (rule 24). False: one still has not ended. */
bool wdm_work_finish(struct wdm_machine *machine);
/* For who waits for something that a driver still has to do. Virtual: the next thing that is due by LIMIT. Real: a millisecond
 * goes by, if it is not LIMIT yet. False: nothing is left that could do it: nothing queued, running or armed, in real time no
 * system thread. At PASSIVE_LEVEL, in the machine. */
bool wdm_run_on(struct wdm_machine *machine, int64_t limit_100ns);
/* Virtual: time of the next timer, alarm or wait that ends; INT64_MAX if there is none. */
int64_t wdm_next_due(struct wdm_machine *machine);

/* ---- calling a driver ---- */
/* Around each call of a driver's code: at the end the IRQL must be as before (rule 3; it is restored) and no spin lock may
 * be left (rule 5; it is released); at the beginning none may be held (rule 5). WHAT names the call: "IMXF::PutMessage"; BY who
 * makes it, "sequencer pin 0". Inside an interrupt's service routine the locks of what was interrupted do not count. */
struct wdm_call {
    const char *what, *by; /* must outlive the call; by: NULL if there is but one */
    unsigned irql, locks, polls;
};
void wdm_call_begin(struct wdm_call *call, const char *what);
void wdm_call_begin_by(struct wdm_call *call, const char *what, const char *by);
void wdm_call_end(struct wdm_call *call);

/* Rule 1 unless the thread's IRQL is at most HIGHEST. Returns whether it is. WHAT: "IPort::Init". */
bool wdm_need_irql(unsigned highest, const char *what);

/* ---- pool ---- */
/* Allocation number: blocks made later have higher ones. */
uint64_t wdm_pool_mark(struct wdm_machine *machine);
/* Blocks made after MARK and up to END that live: reported under rule 7, one breach per tag, naming OWNER (a driver). Returns
 * how many. */
size_t wdm_pool_report_leaks(struct wdm_machine *machine, uint64_t mark, uint64_t end, const char *owner);
size_t wdm_pool_live(struct wdm_machine *machine); /* blocks */
size_t wdm_pool_bytes(struct wdm_machine *machine);
/* Looks at the guard zones of every live block (rule 9). Returns how many are broken. */
size_t wdm_pool_check(struct wdm_machine *machine);
/* Tests: the NTH pool allocation from now fails (1: the next), with ALL_AFTER all later ones too. 0 ends it. */
void wdm_pool_fail_at(struct wdm_machine *machine, long nth, bool all_after);
bool wdm_pool_fail_waits(struct wdm_machine *machine); /* it has not come to that, or failing goes on */

/* ---- what is still open ---- */
size_t wdm_handles_open(struct wdm_machine *machine); /* of registry keys and threads */
size_t wdm_pages_pinned(struct wdm_machine *machine); /* by MmProbeAndLockPages */

/* Before a driver's code goes: waits (real time: at most two seconds) for the system threads to end, and for those that have ended to
 * leave the code that ended them. Answers how many still run; each is rule 25, and its code must stay. PASSIVE. */
size_t wdm_threads_settle(struct wdm_machine *machine);

/* Then lets work items that are under way end (wdm_work_finish). Virtual: one that will not is rule 25, and so is one that has not
 * ended before this is called, unless it is a device's (IoQueueWorkItem). False: one has not ended, and its code must stay. */
bool wdm_work_settle(struct wdm_machine *machine);

/* Rule 25 for each timer, DPC and work item whose structure or routine lies in [memory, memory+size): call before memory
 * that is not pool (an unloaded module, a device extension) goes away; they are taken out of the queues. NULL, SIZE_MAX:
 * all. OWNER (a driver, a block) is named. Returns how many. */
size_t wdm_report_queued(struct wdm_machine *machine, const void *memory, size_t size, const char *owner);

#endif
