/* SPDX-License-Identifier: MIT */
/* kit_driver.h - what the driver's files share. */
#ifndef TESTS_KERNEL_PORTCLS_KIT_DRIVER_H
#define TESTS_KERNEL_PORTCLS_KIT_DRIVER_H

#include "kit.h"

NTSTATUS kit_stream_new(ULONG pin, IAllocatorMXF *allocator, IMasterClock *clock, IMXF **out);
NTSTATUS kit_midi_stream_new(ULONG pin, IMiniportMidiStream **out);
void kit_ask_power(struct kit *self, DEVICE_POWER_STATE state); /* PcRequestNewPowerState, logged */
NTSTATUS kit_miniport_new(IUnknown **out);
NTSTATUS kit_topology_new(IUnknown **out);
extern PCFILTER_DESCRIPTOR kit_filter_descriptor, kit_topology_descriptor;

#endif
