/* SPDX-License-Identifier: MIT */
/* uart_adapter.h - an adapter driver around the DMus UART miniport of PcNewMiniport: one subdevice, "UART". */
#ifndef DMUS_DRIVERS_UART_ADAPTER_H
#define DMUS_DRIVERS_UART_ADAPTER_H

#include <wdm.h>

/* Its device needs a port range of 2, and may have an interrupt. */
NTSTATUS NTAPI uart_adapter_DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path);

#endif
