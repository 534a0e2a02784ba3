/* SPDX-License-Identifier: MIT */
/* The text of a device's hardware, the CM lists made of it, and IResourceList over those (spec 3.11). */
#include "tap.h"

#include <portcls.h>

#include "base/alloc.h"
#include "kernel/host/host_impl.h"

static enum dm_status parse(const char *text, struct host_resources **out, struct dm_error *err)
{
    return host_resources_parse(text, strlen(text), "hw", out, err);
}

static void test_good(void)
{
    struct host_resources *r;
    struct dm_error err = {0};
    CHECK_EQ(parse("# UART\nmodel mpu401 port=1 interrupt=0 loopback fast\n\nport 0x330 2\r\nport 816 0x4 # two\n"
                   "interrupt 9\ninterrupt 10 latched\nmemory 0xfd000000 0x1000\ndma 1",
                   &r, &err),
             DM_OK);
    CHECK_EQ(r->count, 6);
    CHECK_EQ(host_resources_find(r, CmResourceTypePort, 1)->start, 816);
    CHECK(host_resources_find(r, CmResourceTypePort, 2) == NULL);
    CHECK_EQ(r->models[0].port, 1);
    CHECK_STR(r->models[0].options, "loopback fast");
    CM_RESOURCE_LIST *raw = host_resources_list(r, false), *translated = host_resources_list(r, true);
    const CM_PARTIAL_RESOURCE_DESCRIPTOR *d = translated->List[0].PartialResourceList.PartialDescriptors;
    CHECK_EQ(translated->List[0].PartialResourceList.Count, 6);
    CHECK_EQ(d[0].u.Port.Start.QuadPart, 0x330);
    CHECK_EQ(d[2].u.Interrupt.Vector, 9);
    CHECK(d[2].u.Interrupt.Level > DISPATCH_LEVEL);
    CHECK_EQ(d[3].Flags, CM_RESOURCE_INTERRUPT_LATCHED);
    d = raw->List[0].PartialResourceList.PartialDescriptors;
    CHECK_EQ(d[2].u.Interrupt.Level, 9);
    struct host *host;
    CHECK_EQ(host_create(&(struct host_config){0}, &host, &err), DM_OK);
    bool entered = host_enter(host);
    IResourceList *list, *sub;
    CHECK_EQ(PcNewResourceList(&list, NULL, PagedPool, translated, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(PcNewResourceList(&list, NULL, PagedPool, translated, raw), STATUS_SUCCESS);
    CHECK_EQ(list->lpVtbl->NumberOfEntries(list), 6);
    CHECK_EQ(list->lpVtbl->NumberOfEntriesOfType(list, CmResourceTypePort), 2);
    CHECK_EQ(list->lpVtbl->NumberOfEntriesOfType(list, CmResourceTypeBusNumber), 0);
    CHECK_EQ(PcNewResourceSublist(&sub, NULL, PagedPool, list, 2), STATUS_SUCCESS);
    CHECK_EQ(sub->lpVtbl->NumberOfEntries(sub), 0);
    CHECK_EQ(sub->lpVtbl->AddEntryFromParent(sub, list, CmResourceTypePort, 2), STATUS_INVALID_PARAMETER);
    CHECK_EQ(sub->lpVtbl->AddEntryFromParent(sub, list, CmResourceTypePort, 1), STATUS_SUCCESS);
    CHECK_EQ(sub->lpVtbl->AddEntryFromParent(sub, list, CmResourceTypeInterrupt, 0), STATUS_SUCCESS);
    CHECK_EQ(sub->lpVtbl->AddEntryFromParent(sub, list, CmResourceTypeDma, 0), STATUS_INSUFFICIENT_RESOURCES);
    CHECK_EQ(sub->lpVtbl->FindTranslatedEntry(sub, CmResourceTypePort, 0)->u.Port.Start.QuadPart, 816);
    CHECK_EQ(sub->lpVtbl->FindUntranslatedEntry(sub, CmResourceTypeInterrupt, 0)->u.Interrupt.Level, 9);
    CHECK_EQ(sub->lpVtbl->TranslatedList(sub)->List[0].PartialResourceList.Count, 2);
    IResourceList *empty;
    CHECK_EQ(PcNewResourceList(&empty, NULL, PagedPool, NULL, NULL), STATUS_SUCCESS);
    CHECK_EQ(PcNewResourceSublist(&(IResourceList *){NULL}, NULL, PagedPool, empty, 2), STATUS_INVALID_PARAMETER);
    empty->lpVtbl->Release(empty);
    sub->lpVtbl->Release(sub);
    list->lpVtbl->Release(list);
    host_leave(entered);
    host_destroy(host);
    dm_free(raw);
    dm_free(translated);
    struct host_resources *copy = host_resources_copy(r);
    CHECK_STR(copy->models[0].name, "mpu401");
    host_resources_free(copy);
    host_resources_free(r);
}

static void test_bad(void)
{
    static const char *const texts[] = {
        "prt 1 2", "port 1", "port 1 2 3", "port 0x10000 1", "port 0xffff 2", "port 1 0", "port -1 1", "port 1x 2", "interrupt 256",
        "interrupt", "interrupt 1 edge", "dma 8", "memory 0xffffffffffffffff 2", "model", "port 1 1\nmodel x port=1",
        "model x port=", "model x interrupt=0", "port 99999999999999999999 1",
    };
    struct host_resources *r;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct dm_error err = {0};
        if (!CHECK(parse(texts[i], &r, &err) == DM_ERR_FORMAT))
            printf("# %s\n", texts[i]);
        CHECK(strncmp(err.text, "hw:", 3) == 0);
    }
}

static void test_memory(void)
{
    static const char text[] = "port 1 2\ninterrupt 3\nmodel m port=0 o\n";
    for (long n = 1; n < 100; n++) {
        struct host_resources *r;
        struct dm_error err = {0};
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        enum dm_status status = parse(text, &r, &err);
        dm_alloc_fail_at(0, false);
        if (status == DM_OK) {
            CHECK(n > 4);
            host_resources_free(r);
            CHECK_EQ(dm_alloc_live(), live);
            return;
        }
        CHECK_EQ(status, DM_ERR_NOMEM);
        CHECK_EQ(dm_alloc_live(), live);
    }
}

int main(void)
{
    RUN(test_good);
    RUN(test_bad);
    RUN(test_memory);
    return tap_done();
}
