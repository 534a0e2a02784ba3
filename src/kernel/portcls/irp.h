/* SPDX-License-Identifier: MIT */
/*
 * irp.h - the requests that the dispatch routines of this room serve (dispatch.c).
 *
 * A file is opened with IRP_MJ_CREATE: its FILE_OBJECT's FileName is "\reference string" for a filter, and for a pin
 * KSSTRING_Pin, a backslash and the bytes of a KSPIN_CONNECT with its format; a pin's FsContext2 is the FILE_OBJECT of its
 * filter, for want of a RelatedFileObject. FsContext becomes the port driver's object.
 */
#ifndef DMUS_KERNEL_PORTCLS_IRP_H
#define DMUS_KERNEL_PORTCLS_IRP_H

#include "kernel/portcls/com.h"

/* Status and byte count into the IRP, and done with it. Answers STATUS. IRQL up to DISPATCH. */
static inline NTSTATUS irp_complete(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, 0);
    return status;
}

/* What every entry of DRIVER_OBJECT.MajorFunction does. */
NTSTATUS NTAPI irp_dispatch(PDEVICE_OBJECT fdo, PIRP irp);
/* Cancels requests of a pin: that one whose UserBuffer is BUFFER is completed with STATUS_CANCELLED if it is still waiting; NULL: all of
 * the file. IRQL up to DISPATCH. */
void irp_cancel(PFILE_OBJECT file, const void *buffer);

#endif
