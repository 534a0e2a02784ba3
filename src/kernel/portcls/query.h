/* SPDX-License-Identifier: MIT */
/*
 * query.h - asking a driver's object for an interface, and whether the answer is one (rule 31).
 *
 * What COM says of QueryInterface: success gives an interface and a reference on it, failure gives NULL and no reference. PASSIVE_LEVEL.
 */
#ifndef DMUS_KERNEL_PORTCLS_QUERY_H
#define DMUS_KERNEL_PORTCLS_QUERY_H

#include "com.h"

/* The interface with a reference, or NULL; *STATUS (may be NULL) is the answer. WHO is asked for WHAT: "miniport", "IPinCount". */
void *query_interface(IUnknown *object, REFIID iid, const char *who, const char *what, NTSTATUS *status);
/* Asks for an interface that does not exist. */
void query_nothing(IUnknown *object, const char *who);

#endif
