/* SPDX-License-Identifier: MIT */
/*
 * pnp.h - what the host says about a physical device object, for drivers to ask with IoGetDeviceProperty and
 * IoOpenDeviceRegistryKey. The object is one of IoCreateDevice, in the calling thread's machine.
 */
#ifndef DMUS_KERNEL_WDM_PNP_H
#define DMUS_KERNEL_WDM_PNP_H

#include <stdbool.h>
#include <stddef.h>

#include <wdm.h>

/* The value of a property, copied; replaces an earlier one. False: no memory, or PDO is no device of IoCreateDevice. */
bool wdm_device_describe(PDEVICE_OBJECT pdo, DEVICE_REGISTRY_PROPERTY property, const void *value, size_t size);
/* The same as UTF-16 with its zero. */
bool wdm_device_describe_text(PDEVICE_OBJECT pdo, DEVICE_REGISTRY_PROPERTY property, const char *utf8);

/* The registry key (a path as in registry.h) behind a type of IoOpenDeviceRegistryKey (PLUGPLAY_REGKEY_*), made if it
 * is missing. */
bool wdm_device_set_key(PDEVICE_OBJECT pdo, ULONG type, const char *path);

#endif
