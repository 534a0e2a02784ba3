/* SPDX-License-Identifier: MIT */
/*
 * impl.h - what the kernel services share among themselves.
 *
 * Locks, in the order in which they may be taken: machine->lock (queues, signal states, waits, interrupt lines), then the
 * leaf locks of the rule book, the trace, the pool, the ports, the devices and the registry. None is held while foreign code
 * (a driver, a device model, a receiver of breaches) runs, except the trace's while its live receiver does.
 */
#ifndef DMUS_KERNEL_WDM_IMPL_H
#define DMUS_KERNEL_WDM_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include <wdm.h>

#include "kernel/wdm/device.h"
#include "kernel/wdm/given.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/registry_store.h"
#include "kernel/wdm/trace.h"

#define HELD_MAX 32
#define SAID_MAX 512
#define RESIDENT_MAX 8

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
    unsigned interrupted; /* by lines whose routines it runs */
    unsigned held_count;
    unsigned held_floor; /* so many are an interrupt's own or of what it interrupted: no fault of the code now running */
    struct wdm_held held[HELD_MAX];
    unsigned polls; /* virtual: how often it has asked for the time, or whether something has happened, since time last passed */
    int64_t polled_100ns; /* the time that it was told last */
    struct wdm_kthread *system; /* NULL: a thread of the host, or one that serves the machine */
    /* Addresses that were in no paged block when PAGED_CHANGES of the pool was RESIDENT_CHANGES. */
    const volatile void *resident[RESIDENT_MAX];
    size_t resident_changes;
    uintptr_t stack_low, stack_high; /* 0: not asked for yet */
    size_t stack_queued;             /* so much that lies on its stack was queued; what is over counts until somebody looks */
    size_t said;
    char saying[SAID_MAX]; /* DbgPrint's, SAID characters of a line that is not yet ended */
};

/* A timer, DPC or work item in its queue. The queues are not chained through the structures, for these are the driver's and may be
 * gone or overwritten. */
struct wdm_queued {
    void *object; /* KTIMER, KDPC or WORK_QUEUE_ITEM */
    KDPC *dpc;    /* a timer's, or NULL */
    int64_t due_100ns;
    LONG period;
    uintptr_t code;                 /* where it was armed or queued */
    const struct wdm_thread *stack; /* whose stack the object or its DPC lies on; NULL: on none */
};

/* What PsCreateSystemThread makes, or a worker of virtual time, on which work items run. In virtual time its thread runs only
 * between thread_resume and its next wait. */
struct wdm_kthread {
    DISPATCHER_HEADER header; /* signalled at its end */
    LIST_ENTRY link;
    struct wdm_machine *machine;
    pthread_t thread;
    pthread_cond_t turn_changed;
    bool turn, ended, joined;
    unsigned references; /* handles, pointers, and the machine's own */
    unsigned pointers;   /* of these */
    struct wdm_given given; /* with the first pointer */
    PKSTART_ROUTINE routine;
    PVOID context;
    NTSTATUS status;
    void *signal_stack; /* its own, or NULL */
    struct wdm_wait *wait; /* virtual: what it waits for; NULL: it may run */
    bool worker, idle;      /* idle: without an item */
    bool give_up;           /* its wait is over, for nothing ends it */
    unsigned given_up;      /* waits of the item */
    struct wdm_queued item; /* the last one */
    bool device_item, told; /* told: that it has not ended */
};
struct wdm_queue {
    struct wdm_queued *items; /* FIRST, until that is full */
    size_t count, room;
    struct wdm_queued first[64]; /* so many are queued where there is no memory, too */
};
#define NOT_QUEUED SIZE_MAX

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
    struct wdm_block **paged;    /* those of PagedPool in order of address, as far as there was memory to note them */
    size_t paged_count, paged_room;
    atomic_size_t paged_changes; /* blocks that have been added to these */
    struct wdm_given *given; /* what is no block of pool */
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
    struct wdm_port_range *ranges; /* claimed by models */
    struct wdm_port_given *given;  /* to devices */
};

struct extension;
struct wdm_devices { /* of IoCreateDevice */
    pthread_mutex_t lock;
    struct extension *first;
};

struct wdm_handles {
    struct wdm_handle **slots; /* NULL: free */
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
    struct wdm_queue timers; /* by due time, equal ones in order of arming */
    struct wdm_queue dpcs;   /* in order of running */
    struct wdm_queue work;
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
    unsigned work_begun;  /* virtual: items that were begun since time passed otherwise, or none was queued */
    int64_t worked_100ns; /* the time when the last one was */
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
    struct wdm_devices devices;
    struct reg_store registry;
};

/* The caller's address, of a function that a driver calls: cheaper than wdm_caller. */
#define CALLED_FROM ((uintptr_t)__builtin_return_address(0) - 1)

/* The calling thread in its current machine. Outside of every machine the program is at fault and is stopped. */
struct wdm_thread *wdm_self(void);

/* ---- time.c ---- */
void time_init(struct wdm_machine *m);
bool time_is_virtual(const struct wdm_machine *m);
void time_cond_init(pthread_cond_t *cond); /* for timed waits on the monotonic clock */
/* Wait on COND with the machine locked, at most until machine time TIME (INT64_MAX: for ever). */
void time_wait_until(struct wdm_machine *m, pthread_cond_t *cond, int64_t time_100ns);
void time_advance(struct wdm_machine *m, int64_t time_100ns); /* the virtual clock, never back */
/* The calling thread asks what only time or hardware changes. Virtual: if it does nothing else, time passes, and below
 * DISPATCH_LEVEL others get their turn. */
void time_polled(struct wdm_thread *self);
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
/* False: queued already, or no memory. DPC is the object of FROM, whose place and stack it gets. */
bool dpc_insert_locked(struct wdm_machine *m, const struct wdm_queued *from, void *argument1, void *argument2);
KDPC *dpc_take_locked(struct wdm_machine *m);
/* Run what dpc_take_locked gave, unlocked meanwhile. */
void dpc_run_locked(struct wdm_thread *self, KDPC *dpc);
void timer_expire_locked(struct wdm_machine *m);         /* those due now; one that was overwritten is told, unlocked meanwhile */
int64_t timer_next_locked(const struct wdm_machine *m);  /* INT64_MAX: none */
bool work_run_one_locked(struct wdm_thread *self);       /* unlocked meanwhile */
bool work_is_device_item(const WORK_QUEUE_ITEM *item);   /* of IoAllocateWorkItem; ITEM lives */
uintptr_t work_routine(const WORK_QUEUE_ITEM *item);     /* the driver's code that it leads to */
bool alarm_run_one_locked(struct wdm_machine *m);        /* one that is due, unlocked meanwhile */
int64_t alarm_next_locked(const struct wdm_machine *m);
void alarms_free(struct wdm_machine *m);

/* ---- queued.c ---- */
void queue_init(struct wdm_queue *queue);
void queue_finish(struct wdm_queue *queue);
bool queue_insert_locked(struct wdm_queue *queue, size_t at, const struct wdm_queued *item); /* false: no memory */
struct wdm_queued queue_take_locked(struct wdm_queue *queue, size_t at);
size_t queue_find_locked(const struct wdm_queue *queue, const void *object); /* NOT_QUEUED */
/* SELF if one of the two (NULL: none) lies on its stack, and counted there; else NULL. */
const struct wdm_thread *queue_stack(struct wdm_thread *self, const void *object, const void *other);
/* Rule 25 for all that is queued and lies on the calling thread's stack below FRAME: WHAT has returned. Never touches it. */
void queue_report_stack(struct wdm_thread *self, uintptr_t frame, const char *what);
/* The structure of ITEM is not what was queued any more: rule 25. The machine is locked, but not meanwhile. */
void queue_overwritten_locked(struct wdm_machine *m, const struct wdm_queued *item, const char *kind);

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
/* Virtual: let a worker begin the next work item. False: none is queued, or all workers have one. */
bool thread_work_locked(struct wdm_thread *self);
/* Virtual: the wait of a work item that has no end of its own is given up: rule 24 there. False: there is none. */
bool thread_give_up_locked(struct wdm_thread *self);
int64_t thread_next_locked(const struct wdm_machine *m); /* earliest end of a timed wait */
void thread_release_locked(struct wdm_kthread *kthread);
bool threads_free(struct wdm_machine *m); /* false: one has not ended */

/* ---- handle.c ---- */
enum handle_kind { HANDLE_KEY, HANDLE_THREAD };
struct wdm_handle {
    struct wdm_given given;
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

/* ---- pnp.c ---- */
/* Rule 9 for each device extension that was written where it must not be. CALL: of the driver, that has returned; NULL:
 * none, the device goes. Nothing is locked. */
void devices_check(struct wdm_machine *m, const char *call);

/* ---- pool.c, given.c, ports.c, interrupt.c ---- */
void pool_init(struct wdm_machine *m);
void pool_finish(struct wdm_machine *m);
/* OBJECT is touched at DISPATCH_LEVEL: rule 2 if it lies in paged pool, once for each block and WHAT. The same address again
 * costs a comparison. Nothing locked. */
enum resident { RESIDENT_LOCK, RESIDENT_TIMER, RESIDENT_DPC, RESIDENT_EVENT, RESIDENT_MUTEX, RESIDENT_SEMAPHORE, RESIDENT_WORK };
void pool_need_resident(struct wdm_thread *self, const volatile void *object, enum resident what);
void given_finish(struct wdm_machine *m);
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
