/* SPDX-License-Identifier: MIT */
/* A driver as a shared object: DriverEntry, AddDevice, StartDevice with a topology miniport of no methods. */
#include <portcls.h>

static NTSTATUS start(PDEVICE_OBJECT fdo, PIRP irp, PRESOURCELIST resources)
{
    (void)fdo, (void)irp, (void)resources;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI add(PDRIVER_OBJECT driver, PDEVICE_OBJECT pdo) { return PcAddAdapterDevice(driver, pdo, start, 1, 0); }

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
#ifdef WANTS_TOO_MUCH
    extern void KeDoTheImpossible(void);
    KeDoTheImpossible();
#endif
#ifdef FAILS
    return path->Length ? STATUS_NO_SUCH_DEVICE : STATUS_SUCCESS;
#endif
#ifdef NO_ADD_DEVICE
    (void)driver, (void)path, (void)add;
    return STATUS_SUCCESS;
#else
    return PcInitializeAdapterDriver(driver, path, add);
#endif
}
