/* SPDX-License-Identifier: MIT */
/* Notify's fan-out: what an interrupt service routine reaches of a port (spec 3.2, 8.8). */
#include "kernel/portcls/pin.h"
#include "kernel/portcls/port.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"

void port_add_pin(struct port *self, struct pc_pin *pin)
{
    pthread_mutex_lock(&self->lock);
    pin->next_of_port = self->pins;
    self->pins = pin;
    pthread_mutex_unlock(&self->lock);
}

void port_remove_pin(struct port *self, struct pc_pin *pin)
{
    pthread_mutex_lock(&self->lock);
    for (bool over = false; pin->visits && !over;) {
        KeClearEvent(&self->visited); /* a visit is under way, whose end sets it again */
        pthread_mutex_unlock(&self->lock);
        over = KeWaitForSingleObject(&self->visited, Executive, KernelMode, FALSE, NULL) != STATUS_SUCCESS;
        pthread_mutex_lock(&self->lock);
    }
    struct pc_pin **link = &self->pins;
    while (*link && *link != pin)
        link = &(*link)->next_of_port;
    if (*link)
        *link = pin->next_of_port;
    pthread_mutex_unlock(&self->lock);
}

void port_each_pin(struct port *self, void (*visit)(struct pc_pin *pin))
{
    pthread_mutex_lock(&self->lock);
    uint64_t round = ++self->round;
    for (struct pc_pin *pin = self->pins; pin;) {
        if (pin->round >= round) {
            pin = pin->next_of_port;
            continue;
        }
        pin->round = round;
        pin->visits++;
        pthread_mutex_unlock(&self->lock);
        visit(pin);
        pthread_mutex_lock(&self->lock);
        pin->visits--;
        KeSetEvent(&self->visited, IO_NO_INCREMENT, FALSE);
        pin = self->pins; /* the list may be another one now */
    }
    pthread_mutex_unlock(&self->lock);
}

static void request_all(struct port *self)
{
    pthread_mutex_lock(&self->lock);
    if (self->group)
        self->group->lpVtbl->RequestService(self->group);
    else if (self->registered_group) /* Init has not returned yet */
        self->registered_group->lpVtbl->RequestService(self->registered_group);
    for (struct pc_pin *pin = self->pins; pin; pin = pin->next_of_port)
        if (pin->group && pin->group_joined)
            pin->group->lpVtbl->RequestService(pin->group);
    pthread_mutex_unlock(&self->lock);
}

/* Below DISPATCH_LEVEL a queued DPC may run at once, on this thread, and call the driver: the level is raised until the lock is
 * free again. */
void port_notify(struct port *self, IServiceGroup *group)
{
    KIRQL before = PASSIVE_LEVEL;
    WDM_TRACE(self->name, "notify", "\"group\":\"%p\"", (void *)group);
    if (group) {
        group->lpVtbl->RequestService(group);
        return;
    }
    bool raise = KeGetCurrentIrql() < DISPATCH_LEVEL;
    if (raise)
        KeRaiseIrql(DISPATCH_LEVEL, &before);
    request_all(self);
    if (raise)
        KeLowerIrql(before);
}
