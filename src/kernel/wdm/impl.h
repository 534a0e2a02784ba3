/* SPDX-License-Identifier: MIT */
/*
 * impl.h - what the kernel services share among themselves.
 *
 * Locks, in the order in which they may be taken: machine->lock (queues, signal states, waits, interrupt lines), then the
 * leaf locks of the rule book, the trace, the pool, the ports and the registry. None is held while foreign code (a driver,
 * a device model, a receiver of breaches) runs, except the trace's while its live receiver does.
 */
#ifndef DMUS_KERNEL_WDM_IMPL_H
#define DMUS_KERNEL_WDM_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include <wdm.h>

#include "kernel/wdm/device.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/registry_store.h"
#include "kernel/wdm/trace.h"

#define HELD_MAX 32
#define SAID_MAX 512

/* DISPATCHER_HEADER.Type and KDPC.Type: none of them what a freed or never initialised structure holds. */
enum { TYPE_EVENT_NOTIFICATION = 0x61, TYPE_EVENT_SYNCHRONIZATION, TYPE_MUTEX, TYPE_SEMAPHORE, TYPE_THREAD,
       TYPE_TIMER_NOTIFICATION, TYPE_TIMER_SYNCHRONIZATION, TYPE_DPC };

/* A spin lock in somebody's hands; twice in the list if acquired twice. */
struct wdm_held {
    volatile ULONG_PTR *lock;
    uintptr_t code; /* where it was acquired, for reports; 0: by the machine */
};

struct wdm_kthread;

/* A thread in a machine. One per thread of the system and nesting of different machines; never freed while it lives. */
struct wdm_thread {
    struct wdm_machine *machine;
    uint32_t serial; /* of the machine that NUMBER is of */
    unsigned number; /* from 1 */
    unsigned irql;
    unsigned shim;    /* 1 while a function of our headers calls, which stands for its caller (wdm_caller) */
    unsigned serving; /* service routines and synchronized ones that it is in */
    unsigned held_count;
    unsigned held_floor; /* so many are an interrupt's own or of what it interrupted: no fault of the code now running */
    struct wdm_held held[HELD_MAX];
    struct wdm_kthread *system; /* NULL: a thread of the host, or one that serves the machine */
    size_t said;
    char saying[SAID_MAX]; /* DbgPrint's, SAID characters of a line that is not yet ended */
};

/* What PsCreateSystemThread makes. In virtual time its thread runs only between thread_resume and its next wait. */
struct wdm_kthread {
    DISPATCHER_HEADER header; /* signalled at its end */
    LIST_ENTRY link;
    struct wdm_machine *machine;
    pthread_t thread;
    pthread_cond_t turn_changed;
    bool turn, ended, joined;
    unsigned references; /* handles, pointers, and the machine's own */
    PKSTART_ROUTINE routine;
    PVOID context;
    NTSTATUS status;
    struct wdm_wait *wait; /* virtual: what it waits for; NULL: it may run */
};

/* Somebody waits. */
struct wdm_wait {
    LIST_ENTRY link;
    void *const *objects;
    unsigned count;
    bool all;
    int64_t deadline_100ns; /* INT64_MAX: none */
    pthread_cond_t signalled;
};

struct wdm_book {
    pthread_mutex_t lock;
    atomic_uint_least64_t tried; /* a bit for each rule */
    uint64_t counts[WDM_RULE_COUNT];
    size_t kept, repeats; /* repeats: of these, not the first of their rule */
    struct wdm_breach breaches[WDM_BREACHES_KEPT - 1 + WDM_RULE_COUNT];
    wdm_breach_fn *notify;
    void *notify_ctx;
    wdm_caller_fn *caller;
    void *caller_ctx;
};

struct wdm_trace_state {
    pthread_mutex_t lock;
    atomic_bool on;
    FILE *file;
    uint64_t written; /* records in the file */
    char **names;     /* tracks seen, by number - 1 */
    unsigned tracks;
    wdm_trace_fn *live;
    void *live_ctx;
};

struct wdm_pool {
    pthread_mutex_t lock;
    struct wdm_block **buckets; /* by address */
    size_t bucket_count, live, bytes;
    uint64_t serial;
    long fail_countdown;
    bool fail_all_after;
    const void *freed[64]; /* the last ones, to tell a second free from a foreign block */
    ULONG freed_tags[64];
    unsigned freed_at;
};

struct wdm_line { /* an interrupt vector */
    bool active, masked, serving;
    bool connected; /* some time or other */
    bool waiting; /* for the IRQL of the thread that raised it to fall */
    unsigned pulses;
    uint64_t services;
    struct wdm_thread *server;
    struct _KINTERRUPT *routines; /* in order of connection */
};

struct wdm_ports {
    pthread_mutex_t lock;
    struct wdm_port_range *ranges;
};

struct wdm_handles {
    struct wdm_handle *slots;
    size_t count;
};

struct wdm_machine {
    struct wdm_config config;
    uint32_t serial; /* tells a machine from one that stood at the same address before */
    int64_t boot_100ns;
    int64_t origin_100ns;          /* real: the monotonic clock at boot */
    _Atomic int64_t virtual_100ns; /* virtual: now */
    atomic_uint threads;           /* numbers given */

    pthread_mutex_t lock;
    pthread_cond_t changed; /* something ended: a DPC, a work item, a service, a thread's turn */
    LIST_ENTRY timers;      /* KTIMER by due time, equal ones in order of arming */
    LIST_ENTRY dpcs;        /* KDPC in order of running */
    LIST_ENTRY work;        /* WORK_QUEUE_ITEM */
    LIST_ENTRY waits;       /* wdm_wait of real time */
    LIST_ENTRY kthreads;    /* in order of creation */
    struct wdm_alarm *alarms;
    struct wdm_alarm *alarm_running;
    pthread_t alarm_runner; /* if alarm_running */
    uint64_t alarm_serial;
    bool draining;          /* virtual: DPCs are being run */
    bool dpc_running;
    const KDPC *dpc_current; /* only to compare: it may be freed */
    unsigned work_running;
    KSPIN_LOCK cancel_lock; /* IoAcquireCancelSpinLock */
    atomic_uint lines_waiting;
    struct wdm_line lines[WDM_VECTORS];
    struct wdm_handles handles;

    /* Real time; each is started when first needed. */
    bool stopping, dpc_thread_on, alarm_thread_on;
    pthread_t dpc_thread, alarm_thread;
    pthread_t workers[16];
    unsigned workers_on, workers_idle;
    pthread_cond_t dpc_wanted, alarm_wanted, work_wanted;

    struct wdm_book book;
    struct wdm_trace_state trace;
    atomic_size_t pinned_pages;
    struct wdm_pool pool;
    struct wdm_ports ports;
    struct reg_store registry;
};

/* The calling thread in its current machine. Outside of every machine the program is at fault and is stopped. */
struct wdm_thread *wdm_self(void);

/* ---- time.c ---- */
void time_init(struct wdm_machine *m);
bool time_is_virtual(const struct wdm_machine *m);
void time_cond_init(pthread_cond_t *cond); /* for timed waits on the monotonic clock */
/* Wait on COND with the machine locked, at most until machine time TIME (INT64_MAX: for ever). */
void time_wait_until(struct wdm_machine *m, pthread_cond_t *cond, int64_t time_100ns);
void time_advance(struct wdm_machine *m, int64_t time_100ns); /* the virtual clock, never back */
/* A due time of the KeSetTimer kind as machine time: negative is from now. */
int64_t time_due(struct wdm_machine *m, LONGLONG due);

/* ---- irql.c ---- */
/* Set the level of the calling thread and do what may happen at it. */
void irql_lower(struct wdm_thread *self, unsigned level);

/* ---- run.c: what is due; virtual time and the threads of real time ---- */
void run_init(struct wdm_machine *m);
void run_stop(struct wdm_machine *m); /* ends the threads of real time */
void run_finish(struct wdm_machine *m);
/* Virtual: interrupts that waited, timers that are due and DPCs, if the IRQL lets them. Real: nothing. */
void run_deferred(struct wdm_thread *self);
/* Virtual: one thing that is due by LIMIT, moving the clock to it. False: there is none. */
bool run_step(struct wdm_thread *self, int64_t limit_100ns);
/* The machine is locked: somebody must look at the timers or DPCs, at the alarms, at the work. No thread: no memory. */
void run_want_dpc(struct wdm_machine *m);
void run_want_alarm(struct wdm_machine *m);
void run_want_work(struct wdm_machine *m);

/* ---- dpc.c, timer.c, work.c, alarm.c; "locked" needs machine->lock ---- */
bool dpc_insert_locked(struct wdm_machine *m, KDPC *dpc, void *argument1, void *argument2);
KDPC *dpc_take_locked(struct wdm_machine *m);
/* Run what dpc_take_locked gave, unlocked meanwhile. */
void dpc_run_locked(struct wdm_thread *self, KDPC *dpc);
void timer_expire_locked(struct wdm_machine *m);         /* those due now */
int64_t timer_next_locked(const struct wdm_machine *m);  /* INT64_MAX: none */
bool work_run_one_locked(struct wdm_thread *self);       /* unlocked meanwhile */
uintptr_t work_routine(const WORK_QUEUE_ITEM *item);     /* the driver's code that it leads to */
bool alarm_run_one_locked(struct wdm_machine *m);        /* one that is due, unlocked meanwhile */
int64_t alarm_next_locked(const struct wdm_machine *m);
void alarms_free(struct wdm_machine *m);

/* ---- wait.c ---- */
void wait_header_init(DISPATCHER_HEADER *header, unsigned type, LONG state);
/* True if HEADER is of one of the types FIRST..LAST; else it was freed or never initialised: rule 29. */
bool wait_header_is(const DISPATCHER_HEADER *header, unsigned first, unsigned last, const char *what);
void wait_wake_locked(struct wdm_machine *m, void *object); /* its state became > 0 */
bool wait_satisfied_locked(struct wdm_thread *self, const struct wdm_wait *wait, bool take, NTSTATUS *status);

/* ---- thread.c ---- */
/* The identity that mutexes are owned by. */
void *thread_identity(struct wdm_thread *self);
void thread_yield_locked(struct wdm_kthread *kthread); /* virtual, on its own thread: until resumed */
/* Virtual: let the first system thread run that can. False: none can. */
bool thread_resume_one_locked(struct wdm_thread *self);
int64_t thread_next_locked(const struct wdm_machine *m); /* earliest end of a timed wait */
void thread_release_locked(struct wdm_kthread *kthread);
bool threads_free(struct wdm_machine *m); /* false: one has not ended */

/* ---- handle.c ---- */
enum handle_kind { HANDLE_FREE, HANDLE_KEY, HANDLE_THREAD };
struct wdm_handle {
    enum handle_kind kind;
    void *object;
    ULONG access;
};
NTSTATUS handle_open(struct wdm_machine *m, enum handle_kind kind, void *object, ULONG access, HANDLE *out);
/* NULL if HANDLE is not open or of another kind; locked. The object lives as long as the handle. */
void *handle_object(struct wdm_machine *m, HANDLE handle, enum handle_kind kind, ULONG *access);
void handle_forget(struct wdm_machine *m, HANDLE handle); /* locked; the object is not released */
void handles_free(struct wdm_machine *m);

/* ---- registry.c: paths as in registry.h ---- */
enum dm_status registry_make(struct wdm_machine *m, const char *path, struct dm_error *err);
NTSTATUS registry_open(struct wdm_machine *m, const char *path, ULONG access, HANDLE *out);

/* ---- pool.c, ports.c, interrupt.c ---- */
void pool_init(struct wdm_machine *m);
void pool_finish(struct wdm_machine *m);
void ports_finish(struct wdm_machine *m);
void interrupt_serve_waiting(struct wdm_thread *self);
void interrupts_free(struct wdm_machine *m);
/* How often LOCK is held by the calling thread; give up one of these; acquire at any level. */
unsigned spin_held(const struct wdm_thread *self, const volatile ULONG_PTR *lock);
void spin_drop(struct wdm_thread *self, volatile ULONG_PTR *lock);
void spin_acquire_raw(struct wdm_thread *self, volatile ULONG_PTR *lock);

/* One line to the machine's print receiver, or the log. */
void machine_print(struct wdm_machine *m, const char *fmt, ...) DM_PRINTF(2, 3);
void machine_print_line(struct wdm_machine *m, const char *line);

#endif
