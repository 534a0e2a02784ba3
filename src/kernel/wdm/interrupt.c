/* SPDX-License-Identifier: MIT */
/* Interrupt lines: device models set them, connected service routines are called at the device's IRQL. */
#include "base/alloc.h"
#include "kernel/wdm/impl.h"

#define ROUTINES_MAX   16    /* per line */
#define UNCLAIMED_MAX  100   /* on end, before a line is masked */
#define BREATH_100NS   500   /* real time: after each of these */
#define SERVICES_MAX   10000 /* on end, before a line that stays active is masked */

struct _KINTERRUPT {
    struct _KINTERRUPT *next;
    struct wdm_machine *machine;
    unsigned vector;
    PKSERVICE_ROUTINE routine;
    PVOID context;
    PKSPIN_LOCK lock;
    KSPIN_LOCK own_lock; /* if the driver gave none */
    KIRQL irql, synchronize_irql;
    uintptr_t code; /* where it was connected */
};

/* What enter and leave keep between them. */
struct entered {
    unsigned irql, floor;
    struct wdm_call call;
};

/* A thread may well be interrupted with a spin lock held. */
static void enter(struct wdm_thread *self, struct _KINTERRUPT *interrupt, const char *what, struct entered *e)
{
    e->irql = self->irql;
    e->floor = self->held_floor;
    if (self->irql < interrupt->synchronize_irql)
        self->irql = interrupt->synchronize_irql;
    spin_acquire_raw(self, interrupt->lock);
    self->serving++;
    self->held_floor = self->held_count;
    wdm_call_begin(&e->call, what);
}

static void leave(struct wdm_thread *self, struct _KINTERRUPT *interrupt, struct entered *e)
{
    wdm_call_end(&e->call);
    self->held_floor = e->floor;
    self->serving--;
    spin_drop(self, interrupt->lock);
    self->irql = e->irql;
}

static bool call_routine(struct wdm_thread *self, struct _KINTERRUPT *interrupt)
{
    struct entered e;
    enter(self, interrupt, "interrupt service routine", &e);
    bool claimed = interrupt->routine(interrupt, interrupt->context);
    leave(self, interrupt, &e);
    return claimed;
}

/* Level: until one claims it. Edge: each. */
static bool call_routines(struct wdm_thread *self, struct _KINTERRUPT *const *routines, unsigned count, bool level)
{
    bool claimed = false;
    for (unsigned i = 0; i < count && !(level && claimed); i++)
        claimed |= call_routine(self, routines[i]);
    return claimed;
}

/* One service, unlocked meanwhile. */
static bool service_locked(struct wdm_thread *self, struct wdm_line *line)
{
    struct wdm_machine *m = self->machine;
    struct _KINTERRUPT *routines[ROUTINES_MAX];
    unsigned count = 0;
    bool level = line->active && !line->masked;
    if (!level)
        line->pulses--;
    for (struct _KINTERRUPT *i = line->routines; i && count < ROUTINES_MAX; i = i->next)
        routines[count++] = i;
    line->services++;
    pthread_mutex_unlock(&m->lock);
    wdm_rule_try(WDM_RULE_INTERRUPT);
    wdm_trace_begin("interrupts", "service");
    self->interrupted++;
    bool claimed = call_routines(self, routines, count, level);
    self->interrupted--;
    wdm_trace_end("interrupts", "service");
    if (!claimed && !level)
        wdm_broken(WDM_RULE_INTERRUPT, "vector %u: %s", (unsigned)(line - m->lines),
                   count ? "no service routine claims the interrupt" : "interrupt, but no service routine");
    pthread_mutex_lock(&m->lock);
    return claimed;
}

static void mask(struct wdm_machine *m, struct wdm_line *line, const char *why)
{
    line->masked = true;
    pthread_mutex_unlock(&m->lock);
    wdm_broken(WDM_RULE_INTERRUPT, "vector %u: %s; masked", (unsigned)(line - m->lines), why);
    pthread_mutex_lock(&m->lock);
}

static bool wants(const struct wdm_line *line)
{
    return (line->active && !line->masked && line->routines) || line->pulses;
}

static void serve_locked(struct wdm_thread *self, struct wdm_line *line)
{
    struct wdm_machine *m = self->machine;
    if (line->serving || !wants(line))
        return; /* whoever serves sees the new state */
    bool through = !line->routines || self->irql < line->routines->irql;
    if (line->waiting == through) {
        line->waiting = !through;
        atomic_fetch_add(&m->lines_waiting, through ? -1u : 1u);
    }
    if (!through)
        return;
    line->serving = true;
    line->server = self;
    for (unsigned services = 0, unclaimed = 0; wants(line);) {
        bool level = line->active && !line->masked;
        unclaimed = service_locked(self, line) || !level ? 0 : unclaimed + 1;
        if (unclaimed && !time_is_virtual(m)) /* the device may be about to take it back on another thread */
            time_wait_until(m, &m->changed, wdm_time_100ns(m) + BREATH_100NS);
        if (unclaimed == UNCLAIMED_MAX)
            mask(m, line, "active, and no service routine claims it");
        else if (++services == SERVICES_MAX)
            mask(m, line, "stays active whatever the service routine does");
    }
    line->serving = false;
    pthread_cond_broadcast(&m->changed);
}

void interrupt_serve_waiting(struct wdm_thread *self)
{
    struct wdm_machine *m = self->machine;
    pthread_mutex_lock(&m->lock);
    for (unsigned v = 0; v < WDM_VECTORS && atomic_load(&m->lines_waiting); v++)
        if (m->lines[v].waiting) {
            if (!wants(&m->lines[v])) { /* quieted meanwhile */
                m->lines[v].waiting = false;
                atomic_fetch_sub(&m->lines_waiting, 1);
            }
            serve_locked(self, &m->lines[v]);
        }
    pthread_mutex_unlock(&m->lock);
}

/* A device model may act on a thread of its own, outside of the machine. */
static void signal_line(struct wdm_machine *m, unsigned vector, int active)
{
    if (vector >= WDM_VECTORS)
        return;
    struct wdm_line *line = &m->lines[vector];
    bool outside = wdm_current() != m;
    if (outside)
        wdm_enter(m);
    struct wdm_thread *self = wdm_self();
    pthread_mutex_lock(&m->lock);
    if (active < 0) {
        line->pulses++;
    } else {
        line->active = active;
        line->masked = line->masked && active;
    }
    serve_locked(self, line);
    pthread_mutex_unlock(&m->lock);
    run_deferred(self);
    if (outside)
        wdm_leave();
}

void wdm_interrupt_set(struct wdm_machine *m, unsigned vector, bool active) { signal_line(m, vector, active); }

void wdm_interrupt_pulse(struct wdm_machine *m, unsigned vector) { signal_line(m, vector, -1); }

void wdm_interrupt_report_unserved(struct wdm_machine *m, unsigned vector, const char *owner)
{
    if (vector >= WDM_VECTORS)
        return;
    struct wdm_line *line = &m->lines[vector];
    pthread_mutex_lock(&m->lock);
    bool unserved = line->active && !line->connected;
    if (!line->routines)
        line->connected = false; /* for the next device */
    pthread_mutex_unlock(&m->lock);
    if (unserved)
        wdm_broken(WDM_RULE_INTERRUPT, "vector %u: active, and %s never connected a service routine", vector, owner);
}

static BOOLEAN NTAPI nobodys(PKINTERRUPT interrupt, PVOID context)
{
    (void)interrupt;
    (void)context;
    return FALSE;
}

/* One whose routine is still its driver's, and is not afterwards. The object stays: who has it may disconnect it. False: none. */
static bool take_connected(struct wdm_machine *m, struct wdm_line *line, uintptr_t *code)
{
    pthread_mutex_lock(&m->lock);
    while (line->serving)
        pthread_cond_wait(&m->changed, &m->lock);
    struct _KINTERRUPT *i = line->routines;
    while (i && i->routine == nobodys)
        i = i->next;
    if (i) {
        i->routine = nobodys;
        i->lock = &i->own_lock; /* the driver's goes with it */
        *code = i->code;
    }
    pthread_mutex_unlock(&m->lock);
    return i != NULL;
}

size_t wdm_interrupt_report_connected(struct wdm_machine *m, const char *owner)
{
    size_t found = 0;
    uintptr_t code = 0;
    for (unsigned v = 0; v < WDM_VECTORS; v++)
        for (; take_connected(m, &m->lines[v], &code); found++)
            wdm_broken_at(WDM_RULE_STILL_QUEUED, "connected in", code, "the interrupt of vector %u is still connected at %s", v,
                          owner);
    return found;
}

uint64_t wdm_interrupt_count(struct wdm_machine *m, unsigned vector)
{
    if (vector >= WDM_VECTORS)
        return 0;
    pthread_mutex_lock(&m->lock);
    uint64_t services = m->lines[vector].services;
    pthread_mutex_unlock(&m->lock);
    return services;
}

static bool connect_locked(struct wdm_machine *m, struct _KINTERRUPT *interrupt, bool share)
{
    struct wdm_line *line = &m->lines[interrupt->vector];
    struct _KINTERRUPT **at = &line->routines;
    unsigned count = 0;
    for (; *at; at = &(*at)->next)
        count++;
    if (count == ROUTINES_MAX || (count && (!share || line->routines->irql != interrupt->irql)))
        return false;
    *at = interrupt;
    line->connected = true;
    return true;
}

NTSTATUS NTAPI IoConnectInterrupt(PKINTERRUPT *InterruptObject, PKSERVICE_ROUTINE ServiceRoutine, PVOID ServiceContext,
                                  PKSPIN_LOCK SpinLock, ULONG Vector, KIRQL Irql, KIRQL SynchronizeIrql,
                                  KINTERRUPT_MODE InterruptMode, BOOLEAN ShareVector, KAFFINITY ProcessorEnableMask,
                                  BOOLEAN FloatingSave)
{
    struct wdm_thread *self = wdm_self();
    struct wdm_machine *m = self->machine;
    (void)InterruptMode; /* a line is level or edge by what its device does */
    (void)ProcessorEnableMask;
    (void)FloatingSave;
    *InterruptObject = NULL;
    wdm_need_irql(PASSIVE_LEVEL, "IoConnectInterrupt");
    if (Vector >= WDM_VECTORS || Irql <= DISPATCH_LEVEL || Irql > HIGH_LEVEL || SynchronizeIrql < Irql)
        return STATUS_INVALID_PARAMETER;
    struct _KINTERRUPT *interrupt = dm_calloc(1, sizeof *interrupt);
    if (!interrupt)
        return STATUS_INSUFFICIENT_RESOURCES;
    *interrupt = (struct _KINTERRUPT){.machine = m, .vector = Vector, .routine = ServiceRoutine, .context = ServiceContext,
                                      .irql = Irql, .synchronize_irql = SynchronizeIrql, .code = wdm_caller()};
    interrupt->lock = SpinLock ? SpinLock : &interrupt->own_lock;
    *InterruptObject = interrupt; /* the routine may run before this returns */
    pthread_mutex_lock(&m->lock);
    bool connected = connect_locked(m, interrupt, ShareVector);
    if (connected)
        serve_locked(self, &m->lines[Vector]);
    pthread_mutex_unlock(&m->lock);
    if (!connected) {
        *InterruptObject = NULL;
        dm_free(interrupt);
        return STATUS_INVALID_PARAMETER; /* the vector is taken */
    }
    run_deferred(self);
    return STATUS_SUCCESS;
}

VOID NTAPI IoDisconnectInterrupt(PKINTERRUPT InterruptObject)
{
    struct wdm_thread *self = wdm_self();
    struct wdm_machine *m = self->machine;
    wdm_need_irql(PASSIVE_LEVEL, "IoDisconnectInterrupt");
    pthread_mutex_lock(&m->lock);
    struct wdm_line *line = &m->lines[InterruptObject->vector];
    struct _KINTERRUPT **at = &line->routines;
    while (*at && *at != InterruptObject)
        at = &(*at)->next;
    if (*at)
        *at = InterruptObject->next;
    while (line->serving && line->server != self)
        pthread_cond_wait(&m->changed, &m->lock);
    pthread_mutex_unlock(&m->lock);
    dm_free(InterruptObject);
}

BOOLEAN NTAPI KeSynchronizeExecution(PKINTERRUPT Interrupt, PKSYNCHRONIZE_ROUTINE SynchronizeRoutine, PVOID SynchronizeContext)
{
    struct wdm_thread *self = wdm_self();
    struct entered e;
    wdm_need_irql(Interrupt->synchronize_irql, "KeSynchronizeExecution");
    enter(self, Interrupt, "synchronized routine", &e);
    BOOLEAN result = SynchronizeRoutine(SynchronizeContext);
    leave(self, Interrupt, &e);
    run_deferred(self);
    return result;
}

void interrupts_free(struct wdm_machine *m)
{
    for (unsigned v = 0; v < WDM_VECTORS; v++)
        for (struct _KINTERRUPT *next, *i = m->lines[v].routines; i; i = next) {
            next = i->next;
            dm_free(i);
        }
}
