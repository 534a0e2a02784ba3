/* SPDX-License-Identifier: MIT */
/*
 * Power: streams pause, the miniports are told, the adapter switches; and back in the other order (spec 8.13).
 *
 * A driver may ask for another state from any of its methods, also from those that are called while a state changes or with a pin's
 * gate held. As a request that Windows sends down the stack does, it then takes effect after the call.
 */
#include "base/alloc.h"
#include "kernel/portcls/device.h"
#include "kernel/portcls/pin.h"
#include "kernel/portcls/port.h"
#include "kernel/portcls/query.h"
#include "kernel/wdm/device.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"

#define AGAIN_MAX 8

/* The device's ports, each with a reference; NULL if memory is short and *count is not 0. */
static struct port **all_ports(struct pc_device *device, size_t *count)
{
    struct port **ports = NULL;
    *count = 0;
    pthread_mutex_lock(&device->lock);
    for (struct port *p = device->ports; p; p = p->next_of_device)
        ++*count;
    if (*count && (ports = dm_calloc(*count, sizeof *ports)) != NULL) {
        size_t i = 0;
        for (struct port *p = device->ports; p; p = p->next_of_device) {
            COM_ADDREF(&p->IPortDMus_iface);
            ports[i++] = p;
        }
    }
    pthread_mutex_unlock(&device->lock);
    return ports;
}

static void tell_miniport(struct port *port, POWER_STATE state)
{
    struct wdm_call call;
    if (!port->power_notify)
        return;
    wdm_call_begin(&call, "IPowerNotify::PowerChangeNotify");
    port->power_notify->lpVtbl->PowerChangeNotify(port->power_notify, state);
    wdm_call_end(&call);
}

void pc_power_ports(struct pc_device *device, bool on)
{
    if (device->machine)
        wdm_ports_power(device->machine, device, on);
}

/* The adapter may touch the hardware while it switches, in whichever direction. */
static void switch_adapter(struct pc_device *device, POWER_STATE state)
{
    struct wdm_call call;
    pc_power_ports(device, true);
    if (device->power) {
        wdm_call_begin(&call, "IAdapterPowerManagement::PowerChangeState");
        device->power->lpVtbl->PowerChangeState(device->power, state);
        wdm_call_end(&call);
    }
    pc_power_ports(device, state.DeviceState == PowerDeviceD0);
}

/* The power gate is held. */
static NTSTATUS change(struct pc_device *device, DEVICE_POWER_STATE state)
{
    size_t count;
    POWER_STATE power = {.DeviceState = state};
    pthread_mutex_lock(&device->lock);
    DEVICE_POWER_STATE before = device->power_state;
    pthread_mutex_unlock(&device->lock);
    if (state == before)
        return STATUS_SUCCESS;
    struct port **ports = all_ports(device, &count);
    if (count && !ports)
        return STATUS_INSUFFICIENT_RESOURCES;
    WDM_TRACE("power", "change", "\"from\":%d,\"to\":%d", (int)before, (int)state);
    bool down = state > before;
    for (size_t i = 0; down && before == PowerDeviceD0 && i < count; i++)
        port_each_pin(ports[i], pin_power_down);
    for (size_t i = 0; down && i < count; i++)
        tell_miniport(ports[i], power);
    switch_adapter(device, power);
    pthread_mutex_lock(&device->lock);
    device->power_state = state;
    pthread_mutex_unlock(&device->lock);
    for (size_t i = 0; !down && i < count; i++)
        tell_miniport(ports[i], power);
    for (size_t i = 0; state == PowerDeviceD0 && i < count; i++)
        port_each_pin(ports[i], pin_power_up);
    for (size_t i = 0; i < count; i++)
        COM_RELEASE(&ports[i]->IPortDMus_iface);
    dm_free(ports);
    return STATUS_SUCCESS;
}

/* --- one at a time --- */
static _Thread_local struct power_scope *scopes; /* innermost first */

/* The outermost of DEVICE, or NULL. */
static struct power_scope *scope_of(const struct pc_device *device)
{
    struct power_scope *found = NULL;
    for (struct power_scope *s = scopes; s; s = s->outer)
        if (s->device == device)
            found = s;
    return found;
}

void pc_power_init(struct pc_device *device)
{
    device->power_state = PowerDeviceD0;
    KeInitializeMutex(&device->power_gate, 0);
}

void pc_power_scope_begin(struct pc_device *device, struct power_scope *scope)
{
    *scope = (struct power_scope){.outer = scopes, .device = device};
    scopes = scope;
}

void pc_power_scope_end(struct power_scope *scope)
{
    scopes = scope->outer;
    if (scope->wanted)
        pc_device_set_power(scope->device, scope->state);
}

static NTSTATUS take_gate(struct pc_device *device, struct power_scope *scope)
{
    NTSTATUS status = KeWaitForSingleObject(&device->power_gate, Executive, KernelMode, FALSE, NULL);
    if (status != STATUS_SUCCESS)
        return STATUS_UNSUCCESSFUL;
    pc_power_scope_begin(device, scope);
    return STATUS_SUCCESS;
}

void pc_power_let_go(struct power_scope *scope)
{
    KeReleaseMutex(&scope->device->power_gate, FALSE);
    pc_power_scope_end(scope);
}

NTSTATUS pc_power_hold(struct pc_device *device, struct power_scope *scope)
{
    NTSTATUS status = take_gate(device, scope);
    if (!NT_SUCCESS(status))
        return status;
    status = change(device, PowerDeviceD0);
    if (!NT_SUCCESS(status))
        pc_power_let_go(scope);
    return status;
}

NTSTATUS pc_device_set_power(struct pc_device *device, DEVICE_POWER_STATE state)
{
    struct power_scope scope, *around = scope_of(device);
    if (state < PowerDeviceD0 || state > PowerDeviceD3)
        return STATUS_POWER_STATE_INVALID;
    if (around) {
        around->wanted = true;
        around->state = state;
        return STATUS_PENDING;
    }
    NTSTATUS status = take_gate(device, &scope);
    if (!NT_SUCCESS(status))
        return status;
    status = change(device, state);
    for (unsigned again = 0; scope.wanted; again++) { /* asked for meanwhile, by what was called */
        scope.wanted = false;
        if (again < AGAIN_MAX)
            change(device, scope.state);
        else
            wdm_broken(WDM_RULE_STATE, "every change of power makes the driver ask for another one");
    }
    pc_power_let_go(&scope);
    return status;
}

static NTSTATUS query_power(struct pc_device *device, POWER_STATE state)
{
    struct wdm_call call;
    if (!device->power)
        return STATUS_SUCCESS;
    wdm_call_begin(&call, "IAdapterPowerManagement::QueryPowerChangeState");
    NTSTATUS status = device->power->lpVtbl->QueryPowerChangeState(device->power, state);
    wdm_call_end(&call);
    return status;
}

NTSTATUS pc_device_power(struct pc_device *device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    if (stack->Parameters.Power.Type != DevicePowerState)
        return STATUS_SUCCESS; /* of the system: the host asks for the device's own */
    if (stack->MinorFunction == IRP_MN_QUERY_POWER)
        return query_power(device, stack->Parameters.Power.State);
    if (stack->MinorFunction == IRP_MN_SET_POWER)
        return pc_device_set_power(device, stack->Parameters.Power.State.DeviceState);
    return STATUS_NOT_SUPPORTED;
}

NTSTATUS NTAPI PcRegisterAdapterPowerManagement(PUNKNOWN unknown, PVOID fdo)
{
    struct pc_device *device = pc_device_of(fdo);
    wdm_need_irql(PASSIVE_LEVEL, "PcRegisterAdapterPowerManagement");
    if (!unknown || !device)
        return STATUS_INVALID_PARAMETER;
    PVOID found = query_interface(unknown, &IID_IAdapterPowerManagement, "adapter", "IAdapterPowerManagement", NULL);
    if (!found)
        return STATUS_SUCCESS; /* nothing to call, and no fault */
    if (device->power)
        COM_RELEASE(device->power);
    device->power = found;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI PcUnregisterAdapterPowerManagement(PDEVICE_OBJECT fdo)
{
    struct pc_device *device = pc_device_of(fdo);
    wdm_need_irql(PASSIVE_LEVEL, "PcUnregisterAdapterPowerManagement");
    if (!device)
        return STATUS_INVALID_PARAMETER;
    struct power_scope scope;
    NTSTATUS status = take_gate(device, &scope); /* a change may be about to call it */
    if (!NT_SUCCESS(status))
        return status;
    IAdapterPowerManagement *power = device->power;
    device->power = NULL;
    pc_power_let_go(&scope);
    if (power)
        COM_RELEASE(power);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI PcRequestNewPowerState(PDEVICE_OBJECT fdo, DEVICE_POWER_STATE state)
{
    struct pc_device *device = pc_device_of(fdo);
    if (!wdm_need_irql(PASSIVE_LEVEL, "PcRequestNewPowerState"))
        return STATUS_INVALID_DEVICE_STATE;
    return device ? pc_device_set_power(device, state) : STATUS_INVALID_PARAMETER;
}
