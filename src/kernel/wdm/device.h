/* SPDX-License-Identifier: MIT */
/*
 * device.h - the hardware side of a machine: what emulated devices (device models) are joined by.
 *
 * A model answers I/O ports, raises interrupts and sets alarms. It is not a driver: its code runs outside of IRQL,
 * at any moment, on the thread that touches the port or on the alarm thread, and must lock its own state in real time.
 * A model must not hold its lock while it changes an interrupt line: the service routine runs inside that call and
 * reads the model's ports. All structures passed in are copied.
 */
#ifndef DMUS_KERNEL_WDM_DEVICE_H
#define DMUS_KERNEL_WDM_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wdm_machine;

/* ---- I/O ports ---- */
/* OFFSET counts from the start of the range, WIDTH is 1, 2 or 4 bytes. Little-endian as on the bus. */
struct wdm_port_model {
    uint32_t (*read)(void *ctx, uint32_t offset, unsigned width);              /* NULL: all ones */
    void (*write)(void *ctx, uint32_t offset, unsigned width, uint32_t value); /* NULL: ignored */
    void *ctx;
};

/* MODEL answers ports [first, first+count). False if the range meets another or memory is short. COUNT at least 1. */
bool wdm_ports_claim(struct wdm_machine *machine, uint32_t first, uint32_t count, const struct wdm_port_model *model);
/* Ends the claim that begins at FIRST; no access may be under way. */
void wdm_ports_release(struct wdm_machine *machine, uint32_t first);

/* OWNER, a device, has ports [first, first+count) whether a model answers there or not: what a driver does with others is told by
 * rule 32. False: no memory. */
bool wdm_ports_give(struct wdm_machine *machine, const void *owner, uint32_t first, uint32_t count);
/* Has OWNER power? While nobody has who was given a port, an access is rule 33, but in an interrupt's service routine, and it is
 * done all the same. What is given has. In the machine. */
void wdm_ports_power(struct wdm_machine *machine, const void *owner, bool on);
void wdm_ports_take_back(struct wdm_machine *machine, const void *owner); /* all that OWNER was given */

/* ---- interrupts ---- */
/* Lines are named by their vector, 0..WDM_VECTORS-1. Drivers connect with IoConnectInterrupt, whose IRQL counts. */
#define WDM_VECTORS 256

/* Level: while ACTIVE, connected service routines are called until one of them makes the model quiet the line. On a
 * line that nobody claims 100 times on end, or that stays active through 10000 services, rule 27 is broken and the line
 * is masked until it is set inactive. Called at any time, also from the service routine through a port access. If the
 * thread's IRQL does not let the interrupt through (virtual time), it is served when the IRQL falls. */
void wdm_interrupt_set(struct wdm_machine *machine, unsigned vector, bool active);
/* Edge: one service. Rule 27 if no routine claims it. */
void wdm_interrupt_pulse(struct wdm_machine *machine, unsigned vector);
/* For the end of the device on that line: rule 27 if it is active and no service routine was ever connected. OWNER is named. */
void wdm_interrupt_report_unserved(struct wdm_machine *machine, unsigned vector, const char *owner);
/* Before drivers' code goes: rule 25 for each interrupt object that is still connected, whose routine is not called any more. OWNER
 * (an unload) is named. Returns how many. PASSIVE. */
size_t wdm_interrupt_report_connected(struct wdm_machine *machine, const char *owner);
/* Services so far on that line. */
uint64_t wdm_interrupt_count(struct wdm_machine *machine, unsigned vector);

/* ---- alarms ---- */
/* A model's own clock: FN is called when machine time reaches a set time. Not a kernel timer: no IRQL holds it back, not
 * even KeStallExecutionProcessor. One thread runs all alarms of a machine. */
struct wdm_alarm;
typedef void wdm_alarm_fn(void *ctx, int64_t now_100ns);
struct wdm_alarm *wdm_alarm_create(struct wdm_machine *machine, wdm_alarm_fn *fn, void *ctx); /* NULL: no memory */
void wdm_alarm_set(struct wdm_alarm *alarm, int64_t time_100ns); /* replaces; may be called from FN */
void wdm_alarm_cancel(struct wdm_alarm *alarm);
void wdm_alarm_destroy(struct wdm_alarm *alarm); /* waits for a call under way, unless called from FN; NULL allowed */

#endif
