/* SPDX-License-Identifier: MIT */
/*
 * pnp.h - what the host says about a physical device object, for drivers to ask with IoGetDeviceProperty and
 * IoOpenDeviceRegistryKey. The object is one of IoCreateDevice, in the calling thread's machine.
 */
#ifndef DMUS_KERNEL_WDM_PNP_H
#define DMUS_KERNEL_WDM_PNP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wdm.h>

/* The value of a property, copied; replaces an earlier one. False: no memory, or PDO is no device of IoCreateDevice. */
bool wdm_device_describe(PDEVICE_OBJECT pdo, DEVICE_REGISTRY_PROPERTY property, const void *value, size_t size);
/* The same as UTF-16 with its zero. */
bool wdm_device_describe_text(PDEVICE_OBJECT pdo, DEVICE_REGISTRY_PROPERTY property, const char *utf8);

/* The registry key (a path as in registry.h) behind a type of IoOpenDeviceRegistryKey (PLUGPLAY_REGKEY_*), made if it
 * is missing. */
bool wdm_device_set_key(PDEVICE_OBJECT pdo, ULONG type, const char *path);

/* The device is OWNER's, who keeps for himself those of the first 64 words of the extension whose bits are set in WORDS. They
 * get contents, and a driver that writes them breaks rule 9 as one does that writes before or behind the extension: both are
 * looked for after each call of a driver and when the device is deleted. False: no device of IoCreateDevice, or its extension is
 * shorter. */
bool wdm_device_reserve(PDEVICE_OBJECT device, void *owner, uint64_t words);
void *wdm_device_owner(PDEVICE_OBJECT device); /* NULL: nobody's, or no device */
/* An IRP of the host's own: as IoAllocateIrp, but no driver has to free it. IoFreeIrp does. NULL: no memory. */
PIRP wdm_irp_make(CCHAR stack_size);

#endif
