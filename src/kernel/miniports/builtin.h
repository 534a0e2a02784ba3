/* SPDX-License-Identifier: MIT */
/*
 * builtin.h - what this room offers to who sets up a machine: an adapter driver that is linked in, and the miniports that
 * PcNewMiniport makes.
 */
#ifndef DMUS_KERNEL_MINIPORTS_BUILTIN_H
#define DMUS_KERNEL_MINIPORTS_BUILTIN_H

#include <wdm.h>

#include <punknown.h>

/* The software synth's DriverEntry: swsynth.h. Any number of machines may load it. */
NTSTATUS NTAPI swsynth_DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path);

/* The DMus UART miniport, CLSID_MiniportDriverDMusUART and ...Capture: uart.h. One reference in *OUT.
 * STATUS_NOT_SUPPORTED (outer unknown), STATUS_INSUFFICIENT_RESOURCES. */
HRESULT uart_create_instance(PUNKNOWN *out, REFCLSID clsid, PUNKNOWN outer, POOL_TYPE pool);

#endif
