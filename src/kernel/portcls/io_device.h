/* SPDX-License-Identifier: MIT */
/*
 * io_device.h - the corner of the I/O manager that this model needs: device objects, the end of a request, and the properties and
 * registry keys of a device node.
 *
 * A physical device object is made by the host (IoCreateDevice with a driver object of its own) and its DeviceObjectExtension
 * points to a struct io_node. What IoGetDeviceProperty tells are values of the node's registry key, so that a
 * registry file can set them.
 *
 * IofCompleteRequest calls the completion routine of the request's stack location; the request belongs to that from then on.
 */
#ifndef DMUS_KERNEL_PORTCLS_IO_DEVICE_H
#define DMUS_KERNEL_PORTCLS_IO_DEVICE_H

#include <wdm.h>

#define IO_CLASS_GUID "{4d36e96c-e325-11ce-bfc1-08002be10318}" /* class of sound devices */

struct io_node {
    char enum_key[128];   /* "\Registry\Machine\System\CurrentControlSet\Enum\OpenDMus\NAME": properties; below it "Device Parameters" */
    char driver_key[128]; /* "...\Control\Class\{...}\0000" */
};

#endif
