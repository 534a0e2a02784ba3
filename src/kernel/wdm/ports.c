/* SPDX-License-Identifier: MIT */
/* I/O ports: a port is a number in a pointer, the device model that claimed it answers. */
#include "base/alloc.h"
#include "kernel/wdm/impl.h"

struct wdm_port_range {
    struct wdm_port_range *next;
    uint32_t first, count;
    struct wdm_port_model model;
};

bool wdm_ports_claim(struct wdm_machine *m, uint32_t first, uint32_t count, const struct wdm_port_model *model)
{
    struct wdm_port_range *range = dm_calloc(1, sizeof *range);
    bool free = range && count > 0 && count - 1 <= UINT32_MAX - first;
    pthread_mutex_lock(&m->ports.lock);
    for (struct wdm_port_range *r = m->ports.ranges; free && r; r = r->next)
        free = first + (count - 1) < r->first || first > r->first + (r->count - 1);
    if (free) {
        *range = (struct wdm_port_range){.next = m->ports.ranges, .first = first, .count = count, .model = *model};
        m->ports.ranges = range;
    }
    pthread_mutex_unlock(&m->ports.lock);
    if (!free)
        dm_free(range);
    return free;
}

void wdm_ports_release(struct wdm_machine *m, uint32_t first)
{
    pthread_mutex_lock(&m->ports.lock);
    struct wdm_port_range **at = &m->ports.ranges, *range;
    while (*at && (*at)->first != first)
        at = &(*at)->next;
    range = *at;
    if (range)
        *at = range->next;
    pthread_mutex_unlock(&m->ports.lock);
    dm_free(range);
}

/* ---- what devices were given ---- */

struct wdm_port_given {
    struct wdm_port_given *next;
    const void *owner;
    uint32_t first, count;
    bool off;
};

bool wdm_ports_give(struct wdm_machine *m, const void *owner, uint32_t first, uint32_t count)
{
    struct wdm_port_given *given = dm_calloc(1, sizeof *given);
    if (!given)
        return false;
    pthread_mutex_lock(&m->ports.lock);
    *given = (struct wdm_port_given){.next = m->ports.given, .owner = owner, .first = first, .count = count};
    m->ports.given = given;
    pthread_mutex_unlock(&m->ports.lock);
    return true;
}

void wdm_ports_power(struct wdm_machine *m, const void *owner, bool on)
{
    bool any = false;
    pthread_mutex_lock(&m->ports.lock);
    for (struct wdm_port_given *given = m->ports.given; given; given = given->next)
        if (given->owner == owner) {
            given->off = !on;
            any = true;
        }
    pthread_mutex_unlock(&m->ports.lock);
    if (any && !on)
        wdm_rule_try(WDM_RULE_POWER);
}

void wdm_ports_take_back(struct wdm_machine *m, const void *owner)
{
    pthread_mutex_lock(&m->ports.lock);
    for (struct wdm_port_given **at = &m->ports.given, *given; (given = *at) != NULL;) {
        if (given->owner != owner) {
            at = &given->next;
            continue;
        }
        *at = given->next;
        dm_free(given);
    }
    pthread_mutex_unlock(&m->ports.lock);
}

/* Has somebody been given that port? OFF: and nobody of these has power. */
static bool given_locked(const struct wdm_machine *m, uintptr_t number, bool *off)
{
    bool given = false;
    *off = true;
    for (const struct wdm_port_given *g = m->ports.given; g; g = g->next)
        if (number >= g->first && number - g->first < g->count) {
            given = true;
            *off &= g->off;
        }
    *off &= given;
    return given;
}

void ports_finish(struct wdm_machine *m)
{
    while (m->ports.given)
        wdm_ports_take_back(m, m->ports.given->owner);
    while (m->ports.ranges)
        wdm_ports_release(m, m->ports.ranges->first);
    pthread_mutex_destroy(&m->ports.lock);
}

struct access {
    struct wdm_port_model model;
    uint32_t offset;
    unsigned width;
};

/* False if nobody answers. That is noted where the port is no device's: a driver that probes for its device may do that. */
static bool find(const volatile void *port, unsigned width, struct access *out)
{
    struct wdm_thread *self = wdm_self();
    struct wdm_machine *m = self->machine;
    uintptr_t number = (uintptr_t)port;
    bool found = false, off;
    pthread_mutex_lock(&m->ports.lock);
    for (struct wdm_port_range *r = m->ports.ranges; r && !found; r = r->next)
        if (number >= r->first && number - r->first < r->count) {
            *out = (struct access){.model = r->model, .offset = (uint32_t)(number - r->first), .width = width};
            found = true;
        }
    bool given = given_locked(m, number, &off);
    pthread_mutex_unlock(&m->ports.lock);
    if (!found)
        WDM_TRACE("ports", "unclaimed", "\"port\":%llu,\"width\":%u", (unsigned long long)number, width);
    /* A model goes on and interrupts, which hardware in D3 does not: what the service routine then does is no fault. */
    if (off && !self->interrupted)
        wdm_broken(WDM_RULE_POWER, "port 0x%llx accessed while its device is in D1 to D3", (unsigned long long)number);
    if (!found && !given)
        wdm_broken(WDM_RULE_HARDWARE, "port 0x%llx, which is no device's, accessed with %u byte%s", (unsigned long long)number,
                   width, width == 1 ? "" : "s");
    return found;
}

static uint32_t read_one(const struct access *a)
{
    uint32_t ones = a->width == 4 ? UINT32_MAX : (1u << 8 * a->width) - 1;
    return a->model.read ? a->model.read(a->model.ctx, a->offset, a->width) & ones : ones;
}

static void write_one(const struct access *a, uint32_t value)
{
    if (a->model.write)
        a->model.write(a->model.ctx, a->offset, a->width, value);
}

/* A driver that reads a status until the device is ready waits for it. */
static uint32_t port_in(const volatile void *port, unsigned width)
{
    struct access a = {.width = width};
    time_polled(wdm_self());
    find(port, width, &a);
    return read_one(&a);
}

static void port_out(const volatile void *port, unsigned width, uint32_t value)
{
    struct access a;
    if (find(port, width, &a))
        write_one(&a, value);
}

UCHAR NTAPI READ_PORT_UCHAR(PUCHAR Port) { return (UCHAR)port_in(Port, 1); }
USHORT NTAPI READ_PORT_USHORT(PUSHORT Port) { return (USHORT)port_in(Port, 2); }
ULONG NTAPI READ_PORT_ULONG(PULONG Port) { return port_in(Port, 4); }
VOID NTAPI WRITE_PORT_UCHAR(PUCHAR Port, UCHAR Value) { port_out(Port, 1, Value); }
VOID NTAPI WRITE_PORT_USHORT(PUSHORT Port, USHORT Value) { port_out(Port, 2, Value); }
VOID NTAPI WRITE_PORT_ULONG(PULONG Port, ULONG Value) { port_out(Port, 4, Value); }

VOID NTAPI READ_PORT_BUFFER_UCHAR(PUCHAR Port, PUCHAR Buffer, ULONG Count)
{
    struct access a = {.width = 1};
    find(Port, 1, &a);
    for (ULONG i = 0; i < Count; i++)
        Buffer[i] = (UCHAR)read_one(&a);
}

VOID NTAPI READ_PORT_BUFFER_USHORT(PUSHORT Port, PUSHORT Buffer, ULONG Count)
{
    struct access a = {.width = 2};
    find(Port, 2, &a);
    for (ULONG i = 0; i < Count; i++)
        Buffer[i] = (USHORT)read_one(&a);
}

VOID NTAPI READ_PORT_BUFFER_ULONG(PULONG Port, PULONG Buffer, ULONG Count)
{
    struct access a = {.width = 4};
    find(Port, 4, &a);
    for (ULONG i = 0; i < Count; i++)
        Buffer[i] = read_one(&a);
}

VOID NTAPI WRITE_PORT_BUFFER_UCHAR(PUCHAR Port, PUCHAR Buffer, ULONG Count)
{
    struct access a;
    bool found = find(Port, 1, &a);
    for (ULONG i = 0; found && i < Count; i++)
        write_one(&a, Buffer[i]);
}

VOID NTAPI WRITE_PORT_BUFFER_USHORT(PUSHORT Port, PUSHORT Buffer, ULONG Count)
{
    struct access a;
    bool found = find(Port, 2, &a);
    for (ULONG i = 0; found && i < Count; i++)
        write_one(&a, Buffer[i]);
}

VOID NTAPI WRITE_PORT_BUFFER_ULONG(PULONG Port, PULONG Buffer, ULONG Count)
{
    struct access a;
    bool found = find(Port, 4, &a);
    for (ULONG i = 0; found && i < Count; i++)
        write_one(&a, Buffer[i]);
}
