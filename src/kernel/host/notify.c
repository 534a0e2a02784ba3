/* SPDX-License-Identifier: MIT */
/* Interrupts that no hardware raised. */
#include "host_impl.h"
#include "kernel/portcls/port.h"

/* At DISPATCH_LEVEL, so that no DPC runs on this thread before the lock is free. */
void host_device_notify(struct host_device *device)
{
    KIRQL before;
    bool entered = host_enter(device->host);
    struct pc_device *pc = pc_device_of(device->pdo->AttachedDevice);
    KeRaiseIrql(DISPATCH_LEVEL, &before);
    pthread_mutex_lock(&pc->lock);
    for (struct port *port = pc->ports; port; port = port->next_of_device)
        if (port->kind == PORT_DMUS)
            port_notify(port, NULL);
    pthread_mutex_unlock(&pc->lock);
    KeLowerIrql(before);
    host_leave(entered);
}
