/* SPDX-License-Identifier: MIT */
/* Loading drivers: linked in and from shared objects, several at once, and what each kind of failure says. argv[1]: their folder. */
#include "tap.h"

#include "kernel/host/host.h"
#include "kernel/wdm/rules.h"

static char folder[512];

static enum dm_status load(struct host *host, const char *name, const char *file, struct host_driver **out, struct dm_error *err)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    return host_load_driver(host, &(struct host_driver_config){.name = name, .path = path}, out, err);
}

static void test_shared_objects(void)
{
    struct host *host;
    struct host_driver *a, *b;
    struct host_device *first, *second;
    struct dm_error err = {0};
    CHECK_EQ(host_create(&(struct host_config){.time = WDM_VIRTUAL}, &host, &err), DM_OK);
    CHECK_EQ(load(host, "good", "libdriver_good.so", &a, &err), DM_OK);
    CHECK_EQ(load(host, "again", "libdriver_good.so", &b, &err), DM_OK);
    CHECK_EQ(host_add_device(a, NULL, &first, &err), DM_OK);
    CHECK_EQ(host_add_device(a, NULL, &second, &err), DM_OK);
    CHECK_STR(host_device_name(first), "good0");
    CHECK_STR(host_device_name(second), "good1");
    host_device_remove(first);
    host_shut_down(host);
    CHECK_EQ(wdm_rule_faults(host_machine(host)), 0);
    host_destroy(host);
}

static void test_refusals(void)
{
    static const struct {
        const char *file;
        enum dm_status status;
        const char *says;
    } cases[] = {
        {"libdriver_none.so", DM_ERR_UNSUPPORTED, "no DriverEntry"},
        {"libdriver_too_much.so", DM_ERR_OPEN, "KeDoTheImpossible"},
        {"libdriver_fails.so", DM_ERR_DEVICE, "0xC000000E"},
        {"libdriver_no_add.so", DM_ERR_UNSUPPORTED, "PcInitializeAdapterDriver"},
        {"not_there.so", DM_ERR_OPEN, "not_there.so"},
    };
    struct host *host;
    struct host_driver *driver;
    struct dm_error err = {0};
    CHECK_EQ(host_create(&(struct host_config){.time = WDM_VIRTUAL}, &host, &err), DM_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(&err, 0, sizeof err);
        CHECK_EQ(load(host, "bad", cases[i].file, &driver, &err), cases[i].status);
        if (!CHECK(strstr(err.text, cases[i].says) != NULL))
            printf("# %s\n", err.text);
        CHECK(driver == NULL);
    }
    CHECK_EQ(load(host, "a name", "libdriver_good.so", &driver, &err), DM_ERR_ARGUMENT);
    CHECK_EQ(load(host, "one", "libdriver_good.so", &driver, &err), DM_OK);
    CHECK_EQ(load(host, "one", "libdriver_good.so", &driver, &err), DM_ERR_ARGUMENT);
    host_destroy(host);
}

static NTSTATUS NTAPI no_request(PDEVICE_OBJECT device, PIRP irp)
{
    (void)device, (void)irp;
    return STATUS_NOT_SUPPORTED;
}

static NTSTATUS NTAPI no_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT pdo)
{
    (void)driver, (void)pdo;
    return STATUS_NOT_SUPPORTED;
}

static PIRP left[2];
static void *blocks[2];
static unsigned loaded;

static NTSTATUS NTAPI forgetful(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    (void)path;
    driver->MajorFunction[IRP_MJ_PNP] = no_request;
    driver->DriverExtension->AddDevice = no_device;
    left[loaded] = IoAllocateIrp(1, FALSE);
    blocks[loaded++] = ExAllocatePoolWithTag(NonPagedPool, 16, 0x6b6f6c42);
    return STATUS_SUCCESS;
}

/* What one driver left is not told of the other as well. */
static void test_two_forgetful(void)
{
    struct host *host;
    struct host_driver *driver;
    struct dm_error err = {0};
    struct wdm_breach breach;
    CHECK_EQ(host_create(&(struct host_config){.time = WDM_VIRTUAL}, &host, &err), DM_OK);
    CHECK_EQ(host_load_driver(host, &(struct host_driver_config){.name = "one", .entry = forgetful}, &driver, &err), DM_OK);
    CHECK_EQ(host_load_driver(host, &(struct host_driver_config){.name = "two", .entry = forgetful}, &driver, &err), DM_OK);
    host_shut_down(host);
    CHECK_EQ(wdm_rule_count(host_machine(host), WDM_RULE_POOL_LEAK), 4);
    for (size_t i = 0; i < 4; i++) {
        CHECK(wdm_rule_breach(host_machine(host), i, &breach));
        CHECK_STR(breach.text, i == 0   ? "two left 1 block of 16 bytes, tag 'Blok'"
                               : i == 1 ? "two left 1 IRP"
                               : i == 2 ? "one left 1 block of 16 bytes, tag 'Blok'"
                                        : "one left 1 IRP");
    }
    wdm_enter(host_machine(host));
    for (int i = 0; i < 2; i++) {
        IoFreeIrp(left[i]);
        ExFreePool(blocks[i]);
    }
    wdm_leave();
    host_destroy(host);
}

static void test_config(void)
{
    struct host *host;
    struct dm_error err = {0};
    CHECK_EQ(host_create(&(struct host_config){.event_buffer_size = 31}, &host, &err), DM_ERR_ARGUMENT);
    CHECK_EQ(host_create(&(struct host_config){.event_buffer_size = 65536}, &host, &err), DM_ERR_ARGUMENT);
    CHECK_EQ(host_create(&(struct host_config){.registry_file = "/nonexistent/reg"}, &host, &err), DM_ERR_OPEN);
    CHECK(host == NULL);
    host_destroy(NULL);
}

int main(int argc, char **argv)
{
    snprintf(folder, sizeof folder, "%s", argc > 1 ? argv[1] : ".");
    RUN(test_shared_objects);
    RUN(test_refusals);
    RUN(test_two_forgetful);
    RUN(test_config);
    return tap_done();
}
