/* SPDX-License-Identifier: MIT */
/* registry_key.h - what PcNewRegistryKey and IPort::NewRegistryKey share. */
#ifndef DMUS_KERNEL_PORTCLS_REGISTRY_KEY_H
#define DMUS_KERNEL_PORTCLS_REGISTRY_KEY_H

#include "com.h"

struct pc_device;

/* DEVICE may be NULL for a general key. SUBDEVICE: reference string, for the device interface's key. PASSIVE. *OUT is touched on success
 * only. STATUS_INVALID_PARAMETER, what the registry answers. */
NTSTATUS registry_key_open(IRegistryKey **out, ULONG type, ACCESS_MASK access, struct pc_device *device, PCWSTR subdevice,
                           POBJECT_ATTRIBUTES attributes, ULONG options, PULONG disposition);

#endif
