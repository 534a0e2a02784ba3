/* SPDX-License-Identifier: MIT */
/*
 * wdm.h - the kernel services that drivers of the DirectMusic DDI use, under their Windows names.
 *
 * The parts: ddi_ke.h levels, locks, timers, waits, time; ddi_rtl.h memory, strings, registry, debugger; ddi_ex.h pool,
 * work items, interlocked, memory descriptors; ddi_lists.h lookaside and S-lists, queued locks; ddi_io.h drivers, devices,
 * requests, resources, power; ddi_hal.h ports.
 *
 * Source: spec/ddi-kernel.md 11.
 */
#ifndef DDI_WDM_H
#define DDI_WDM_H
#ifndef _WDM_INCLUDED_
#define _WDM_INCLUDED_
#endif
#ifndef _NTDDK_
#define _NTDDK_
#endif

#include "ddi_ex.h"
#include "ddi_hal.h"
#include "ddi_io.h"
#include "ddi_ke.h"
#include "ddi_lists.h"
#include "ddi_rtl.h"
#include "ntdef.h"
#include "ntstatus.h"

#endif
