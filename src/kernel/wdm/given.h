/* SPDX-License-Identifier: MIT */
/*
 * given.h - what a driver asked for and must give back: objects, requests, handles. Each is on a list of its machine from the
 * moment that the driver has it, with the place in the driver; what is left there when the driver is unloaded is a breach.
 */
#ifndef DMUS_KERNEL_WDM_GIVEN_H
#define DMUS_KERNEL_WDM_GIVEN_H

#include "kernel/wdm/rules.h"

/* Lies in the object; all 0: not given. */
struct wdm_given {
    struct wdm_given *next, **link; /* the list, under the pool's lock */
    struct wdm_machine *machine;
    const char *what; /* "IRP" */
    enum wdm_rule rule;
    uint64_t serial; /* a number of the pool's: wdm_pool_mark */
    uintptr_t code;  /* where it was asked for */
};

/* The driver has it now. WHAT it is, static; RULE is broken if it is left. In a machine; any IRQL, as all of these. */
void wdm_given_begin(struct wdm_given *given, enum wdm_rule rule, const char *what);
/* It has not any more: given back, or told otherwise. Nothing if it was not given. */
void wdm_given_end(struct wdm_given *given);
/* The same for an open HANDLE that belongs to an object, which is given itself. */
void wdm_given_end_handle(void *handle);
/* Those given after MARK and up to END (wdm_pool_mark): one breach for each kind, naming OWNER (a driver). Returns how many. */
size_t wdm_given_report(struct wdm_machine *machine, uint64_t mark, uint64_t end, const char *owner);

#endif
