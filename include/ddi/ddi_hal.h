/* SPDX-License-Identifier: MIT */
/*
 * ddi_hal.h - port and register access of wdm.h.
 *
 * A port is a number carried in a pointer. The host routes it to the device model that has claimed the range; reads of
 * unclaimed ports answer all ones, writes to them go nowhere, and both are noted (rule 32) unless the port is among the device's
 * resources. Registers are memory. Any level.
 *
 * Source: spec/ddi-kernel.md 11.3.
 */
#ifndef DDI_HAL_H
#define DDI_HAL_H

#include "ntdef.h"

#ifdef __cplusplus
extern "C" {
#endif

NTHALAPI UCHAR NTAPI READ_PORT_UCHAR(PUCHAR Port);
NTHALAPI USHORT NTAPI READ_PORT_USHORT(PUSHORT Port);
NTHALAPI ULONG NTAPI READ_PORT_ULONG(PULONG Port);
NTHALAPI VOID NTAPI WRITE_PORT_UCHAR(PUCHAR Port, UCHAR Value);
NTHALAPI VOID NTAPI WRITE_PORT_USHORT(PUSHORT Port, USHORT Value);
NTHALAPI VOID NTAPI WRITE_PORT_ULONG(PULONG Port, ULONG Value);
/* Count accesses of one unit to the same port. */
NTHALAPI VOID NTAPI READ_PORT_BUFFER_UCHAR(PUCHAR Port, PUCHAR Buffer, ULONG Count);
NTHALAPI VOID NTAPI READ_PORT_BUFFER_USHORT(PUSHORT Port, PUSHORT Buffer, ULONG Count);
NTHALAPI VOID NTAPI READ_PORT_BUFFER_ULONG(PULONG Port, PULONG Buffer, ULONG Count);
NTHALAPI VOID NTAPI WRITE_PORT_BUFFER_UCHAR(PUCHAR Port, PUCHAR Buffer, ULONG Count);
NTHALAPI VOID NTAPI WRITE_PORT_BUFFER_USHORT(PUSHORT Port, PUSHORT Buffer, ULONG Count);
NTHALAPI VOID NTAPI WRITE_PORT_BUFFER_ULONG(PULONG Port, PULONG Buffer, ULONG Count);

static inline UCHAR READ_REGISTER_UCHAR(const volatile UCHAR *Register) { return *Register; }
static inline USHORT READ_REGISTER_USHORT(const volatile USHORT *Register) { return *Register; }
static inline ULONG READ_REGISTER_ULONG(const volatile ULONG *Register) { return *Register; }
static inline VOID WRITE_REGISTER_UCHAR(volatile UCHAR *Register, UCHAR Value) { *Register = Value; }
static inline VOID WRITE_REGISTER_USHORT(volatile USHORT *Register, USHORT Value) { *Register = Value; }
static inline VOID WRITE_REGISTER_ULONG(volatile ULONG *Register, ULONG Value) { *Register = Value; }
/* Count units, one after the other in both. */
#define DDI_REGISTER_BUFFER(S) \
    static inline VOID READ_REGISTER_BUFFER_##S(const volatile S *Register, S *Buffer, ULONG Count) \
    { \
        for (ULONG i = 0; i < Count; i++) \
            Buffer[i] = Register[i]; \
    } \
    static inline VOID WRITE_REGISTER_BUFFER_##S(volatile S *Register, const S *Buffer, ULONG Count) \
    { \
        for (ULONG i = 0; i < Count; i++) \
            Register[i] = Buffer[i]; \
    }
DDI_REGISTER_BUFFER(UCHAR)
DDI_REGISTER_BUFFER(USHORT)
DDI_REGISTER_BUFFER(ULONG)
#undef DDI_REGISTER_BUFFER

#ifdef __cplusplus
}
#endif
#endif
