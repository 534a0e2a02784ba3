/* SPDX-License-Identifier: MIT */
/* Requests, device objects, memory descriptors, raised statuses, the end of the machine. */
#define DDI_DRIVER /* __try */
#define _GNU_SOURCE
#include <setjmp.h>
#include <sys/mman.h>

#include "kernel/wdm/pnp.h"
#include "wdm_rig.h"

static struct wdm_machine *machine;
static char order[32];
static unsigned at;
static PIRP kept;

static void step(char what)
{
    order[at++] = what;
    order[at] = 0;
}

static NTSTATUS NTAPI bottom(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    (void)DeviceObject;
    step('b');
    if (IoGetCurrentIrpStackLocation(Irp)->Parameters.Read.Length == 0) {
        IoMarkIrpPending(Irp);
        kept = Irp;
        return STATUS_PENDING;
    }
    Irp->IoStatus.Status = STATUS_SUCCESS;
    Irp->IoStatus.Information = IoGetCurrentIrpStackLocation(Irp)->Parameters.Read.Length;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI top_completion(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    CHECK(DeviceObject == Context);
    if (Irp->PendingReturned)
        IoMarkIrpPending(Irp);
    step('t');
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI top(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    step('d');
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, top_completion, DeviceObject, TRUE, TRUE, TRUE);
    return IoCallDriver(*(PDEVICE_OBJECT *)DeviceObject->DeviceExtension, Irp);
}

static NTSTATUS NTAPI own_completion(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    (void)Irp;
    CHECK(!DeviceObject);
    step(*(const char *)Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID NTAPI cancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    CHECK(DeviceObject != NULL && Irp->Cancel);
    CHECK_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    step('c');
    Irp->IoStatus.Status = STATUS_CANCELLED;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
}

static PIRP request(PDEVICE_OBJECT device, ULONG length)
{
    PIRP irp = IoAllocateIrp(device->StackSize, FALSE);
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
    IoGetNextIrpStackLocation(irp)->Parameters.Read.Length = length;
    IoSetCompletionRoutine(irp, own_completion, "o", TRUE, TRUE, TRUE);
    return irp;
}

static void test_requests(void)
{
    DRIVER_OBJECT lower = {0}, upper = {0};
    PDEVICE_OBJECT pdo, fdo;
    machine = machine_open(WDM_VIRTUAL);
    lower.MajorFunction[IRP_MJ_READ] = bottom;
    upper.MajorFunction[IRP_MJ_READ] = top;
    CHECK_EQ(IoCreateDevice(&lower, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &pdo), STATUS_SUCCESS);
    CHECK_EQ(IoCreateDevice(&upper, sizeof(PDEVICE_OBJECT), NULL, FILE_DEVICE_KS, 0, FALSE, &fdo), STATUS_SUCCESS);
    CHECK(upper.DeviceObject == fdo && fdo->DriverObject == &upper);
    *(PDEVICE_OBJECT *)fdo->DeviceExtension = IoAttachDeviceToDeviceStack(fdo, pdo);
    CHECK(*(PDEVICE_OBJECT *)fdo->DeviceExtension == pdo && fdo->StackSize == 2);
    PIRP irp = request(fdo, 12);
    CHECK_EQ(IoCallDriver(fdo, irp), STATUS_SUCCESS);
    CHECK_STR(order, "dbto");
    CHECK_EQ(irp->IoStatus.Information, 12);
    IoFreeIrp(irp);
    at = 0;
    irp = request(fdo, 0);
    CHECK_EQ(IoCallDriver(fdo, irp), STATUS_PENDING);
    CHECK_STR(order, "db");
    CHECK(!IoSetCancelRoutine(kept, cancel));
    CHECK(IoCancelIrp(irp));
    CHECK_STR(order, "dbcto");
    CHECK(irp->PendingReturned && irp->IoStatus.Status == STATUS_CANCELLED);
    IoFreeIrp(irp);
    irp = request(fdo, 1); /* no routine for this function */
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_WRITE;
    CHECK_EQ(IoCallDriver(fdo, irp), STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(irp->IoStatus.Status, STATUS_INVALID_DEVICE_REQUEST);
    IoFreeIrp(irp);
    IoDetachDevice(pdo);
    IoDeleteDevice(fdo);
    IoDeleteDevice(pdo);
    CHECK(!upper.DeviceObject && !lower.DeviceObject);
    machine_close(machine);
}

static void test_properties(void)
{
    DRIVER_OBJECT driver = {0};
    PDEVICE_OBJECT pdo;
    WCHAR text[8];
    ULONG size = 0;
    HANDLE key;
    machine = machine_open(WDM_VIRTUAL);
    IoCreateDevice(&driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &pdo);
    CHECK_EQ(IoGetDeviceProperty(pdo, DevicePropertyFriendlyName, sizeof text, text, &size), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(wdm_device_describe_text(pdo, DevicePropertyFriendlyName, "old"));
    CHECK(wdm_device_describe_text(pdo, DevicePropertyFriendlyName, "synth"));
    CHECK_EQ(IoGetDeviceProperty(pdo, DevicePropertyFriendlyName, 11, text, &size), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(size, 12);
    CHECK_EQ(IoGetDeviceProperty(pdo, DevicePropertyFriendlyName, sizeof text, text, &size), STATUS_SUCCESS);
    CHECK(memcmp(text, u"synth", 12) == 0);
    CHECK_EQ(IoOpenDeviceRegistryKey(pdo, PLUGPLAY_REGKEY_DRIVER, KEY_READ, &key), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(wdm_device_set_key(pdo, PLUGPLAY_REGKEY_DRIVER, "HKLM\\System\\drv"));
    CHECK_EQ(IoOpenDeviceRegistryKey(pdo, PLUGPLAY_REGKEY_DRIVER, KEY_READ, &key), STATUS_SUCCESS);
    CHECK_EQ(ZwClose(key), STATUS_SUCCESS);
    IoDeleteDevice(pdo);
    machine_close(machine);
}

/* Writes COUNT bytes of the extension in a call of a driver's code, and asks what that was found to be. */
static void write_extension(PDEVICE_OBJECT device, ptrdiff_t offset, size_t count, const char *told)
{
    struct wdm_call call;
    struct wdm_breach breach = {.text = ""};
    uint64_t before = wdm_rule_count(machine, WDM_RULE_POOL_OVERRUN);
    wdm_call_begin(&call, "StartDevice");
    memset((char *)device->DeviceExtension + offset, 0x5A, count);
    wdm_call_end(&call);
    wdm_call_begin(&call, "another call");
    wdm_call_end(&call); /* it is told once */
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_POOL_OVERRUN) - before, told ? 1 : 0);
    CHECK(!told || (wdm_rule_breach(machine, (size_t)before, &breach) && breach.rule == WDM_RULE_POOL_OVERRUN &&
                    strstr(breach.text, told) && strstr(breach.text, "seen on return of StartDevice")));
    printf("# %s\n", breach.text);
}

static void test_extension(void)
{
    DRIVER_OBJECT driver = {0};
    PDEVICE_OBJECT fdo;
    size_t size = 64 * sizeof(ULONG_PTR) + 40, word = sizeof(ULONG_PTR);
    int owner;
    machine = machine_open(WDM_VIRTUAL);
    CHECK_EQ(IoCreateDevice(&driver, (ULONG)size, NULL, FILE_DEVICE_KS, 0, FALSE, &fdo), STATUS_SUCCESS);
    CHECK(!wdm_device_owner(fdo) && !wdm_device_owner(NULL));
    write_extension(fdo, 0, size, NULL); /* nobody has said that any of it is his */
    CHECK(wdm_device_reserve(fdo, &owner, ~UINT64_C(0xF0)));
    write_extension(fdo, (ptrdiff_t)(4 * word), 4 * word, NULL);
    write_extension(fdo, (ptrdiff_t)(64 * word), 40, NULL);
    write_extension(fdo, 0, 8 * word, "the first 0, the last 3");
    write_extension(fdo, (ptrdiff_t)(63 * word), 1, "the first 63, the last 63");
    write_extension(fdo, (ptrdiff_t)size, 300, "behind its end");
    write_extension(fdo, -1, 1, "written at offset -1, before its start");
    CHECK(wdm_device_owner(fdo) == &owner);
    ((char *)fdo->DeviceExtension)[size + 15] = 0;
    IoDeleteDevice(fdo); /* outside of a call it is seen in the end */
    only_broken(machine, WDM_RULE_POOL_OVERRUN, 5);
    wdm_rule_reset(machine);
    machine_close(machine);
}

/* More than there is memory for, or more than a size can say (32 bits). */
static void test_extension_too_large(void)
{
    DRIVER_OBJECT driver = {0};
    PDEVICE_OBJECT fdo = NULL;
    machine = machine_open(WDM_VIRTUAL);
    if (sizeof(size_t) == 4)
        for (ULONG less = 0; less < 1024; less += 64) {
            ULONG size = 0xFFFFFFFFu - less;
            CHECK_EQ(IoCreateDevice(&driver, size, NULL, FILE_DEVICE_KS, 0, FALSE, &fdo), STATUS_INSUFFICIENT_RESOURCES);
            CHECK(!fdo && !driver.DeviceObject);
        }
    machine_close(machine);
}

static void test_interfaces(void)
{
    static const GUID audio = {0x6994ad04, 0x93ef, 0x11d0, {0xa3, 0xcc, 0x00, 0xa0, 0xc9, 0x22, 0x31, 0x96}};
    DRIVER_OBJECT driver = {0};
    PDEVICE_OBJECT pdo;
    UNICODE_STRING reference, link;
    machine = machine_open(WDM_VIRTUAL);
    IoCreateDevice(&driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &pdo);
    RtlInitUnicodeString(&reference, (PCWSTR)u"Synth");
    CHECK_EQ(IoRegisterDeviceInterface(NULL, &audio, NULL, &link), STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(IoSetDeviceInterfaceState(&link, TRUE), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(IoRegisterDeviceInterface(pdo, &audio, &reference, &link), STATUS_SUCCESS);
    static const WCHAR end[] = u"#{6994AD04-93EF-11D0-A3CC-00A0C9223196}\\Synth";
    size_t units = link.Length / 2u, last = sizeof end / 2 - 1;
    CHECK(units > last && memcmp(link.Buffer + units - last, end, sizeof end) == 0);
    CHECK(memcmp(link.Buffer, u"\\??\\", 8) == 0);
    CHECK_EQ(IoSetDeviceInterfaceState(&link, TRUE), STATUS_SUCCESS);
    RtlFreeUnicodeString(&link);
    CHECK_EQ(PoSetPowerState(pdo, DevicePowerState, (POWER_STATE){.DeviceState = PowerDeviceD3}).DeviceState, PowerDeviceD0);
    CHECK_EQ(PoSetPowerState(pdo, DevicePowerState, (POWER_STATE){.DeviceState = PowerDeviceD0}).DeviceState, PowerDeviceD3);
    CHECK_EQ(ExSetTimerResolution(5000, TRUE), KeQueryTimeIncrement());
    CHECK_EQ(ExSetTimerResolution(0, FALSE), KeQueryTimeIncrement());
    IoDeleteDevice(pdo);
    machine_close(machine);
}

static NTSTATUS lock_in_try(PMDL mdl)
{
    volatile NTSTATUS status = STATUS_SUCCESS;
    __try {
        MmProbeAndLockPages(mdl, UserMode, IoReadAccess);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    return status;
}

static void test_mdl(void)
{
    static char page[3 * PAGE_SIZE];
    char *hole = mmap(NULL, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    machine = machine_open(WDM_VIRTUAL);
    PMDL mdl = IoAllocateMdl(page + 100, PAGE_SIZE + 1, FALSE, FALSE, NULL);
    CHECK(MmGetMdlVirtualAddress(mdl) == page + 100);
    CHECK_EQ(MmGetMdlByteCount(mdl), PAGE_SIZE + 1);
    CHECK_EQ(lock_in_try(mdl), STATUS_SUCCESS);
    CHECK_EQ(wdm_pages_pinned(machine), ADDRESS_AND_SIZE_TO_SPAN_PAGES(page + 100, PAGE_SIZE + 1));
    CHECK(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority) == page + 100);
    MmUnlockPages(mdl);
    CHECK_EQ(wdm_pages_pinned(machine), 0);
    IoFreeMdl(mdl);
    munmap(hole + PAGE_SIZE, PAGE_SIZE);
    mdl = IoAllocateMdl(hole + PAGE_SIZE - 4, 8, FALSE, FALSE, NULL);
    CHECK_EQ(lock_in_try(mdl), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(wdm_pages_pinned(machine), 0);
    IoFreeMdl(mdl);
    munmap(hole, PAGE_SIZE);
    only_broken(machine, WDM_RULE_NONE, 0);
    mdl = IoAllocateMdl(page, 1, FALSE, FALSE, NULL);
    CHECK(!MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
    only_broken(machine, WDM_RULE_AFTER_RELEASE, 1);
    wdm_rule_reset(machine);
    CHECK_EQ(lock_in_try(mdl), STATUS_SUCCESS);
    IoFreeMdl(mdl);
    only_broken(machine, WDM_RULE_POOL_FREE, 1);
    wdm_rule_reset(machine);
    CHECK_EQ(wdm_pages_pinned(machine), 0);
    machine_close(machine);
}

static void test_probe(void)
{
    static uint32_t words[2];
    volatile NTSTATUS status = STATUS_SUCCESS;
    machine = machine_open(WDM_VIRTUAL);
    __try {
        ProbeForRead(words, sizeof words, 4);
        ProbeForWrite((char *)words + 1, 0, 4); /* nothing to look at */
        ProbeForRead((char *)words + 1, 4, 4);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    CHECK_EQ(status, (NTSTATUS)0x80000002);
    machine_close(machine);
}

static jmp_buf dead;
static uint32_t bug;
static void stop(void *ctx, uint32_t code, const uintptr_t parameters[4])
{
    (void)ctx;
    bug = code + (uint32_t)parameters[1];
    longjmp(dead, 1);
}
static char printed[128];
static void print(void *ctx, const char *line)
{
    (void)ctx;
    snprintf(printed + strlen(printed), sizeof printed - strlen(printed), "[%s]", line);
}

static void test_messages(void)
{
    struct wdm_config config = {.print = print, .bugcheck = stop};
    UNICODE_STRING name;
    CHECK_EQ(wdm_machine_create(&config, &machine, NULL), DM_OK);
    wdm_enter(machine);
    RtlInitUnicodeString(&name, (PCWSTR)u"wide");
    DbgPrint("a %d %wZ %ws\nb %lu\n", -1, &name, u"W", (ULONG)7);
    CHECK_STR(printed, "[a -1 wide W][b 7]");
    printed[0] = 0;
    DbgPrint("one ");
    DbgPrint("line"); /* as _DbgPrintF makes it */
    CHECK_STR(printed, "");
    DbgPrint(": %d\r\n\nrest", 1);
    CHECK_STR(printed, "[one line: 1]");
    wdm_leave();
    CHECK_STR(printed, "[one line: 1][rest]");
    wdm_enter(machine);
    if (setjmp(dead) == 0)
        KeBugCheckEx(0x40, 1, 2, 3, 4);
    CHECK_EQ(bug, 0x42);
    if (setjmp(dead) == 0)
        ExRaiseStatus(STATUS_ACCESS_VIOLATION); /* outside of a __try */
    CHECK_EQ(bug, 0x1E);
    wdm_leave();
    wdm_machine_destroy(machine);
}

int main(void)
{
    RUN(test_requests);
    RUN(test_properties);
    RUN(test_extension);
    RUN(test_extension_too_large);
    RUN(test_interfaces);
    RUN(test_mdl);
    RUN(test_probe);
    RUN(test_messages);
    return tap_done();
}
