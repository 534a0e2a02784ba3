/* SPDX-License-Identifier: MIT */
/* Property routing (spec 7.6, 7.7): whose table, which sizes, which verbs, asynchronous completion, and what is caught. */
#include "tap.h"

#include <pthread.h>
#include <sched.h>

#include <dmusprop.h>

#include "base/clock.h"
#include "kit.h"

#define GET     KSPROPERTY_TYPE_GET
#define SET     KSPROPERTY_TYPE_SET
#define SUPPORT KSPROPERTY_TYPE_BASICSUPPORT

static struct kit k;
static struct host_filter *filter;
static struct host_pin *pin;

static void begin(struct kit_config config)
{
    struct dm_error err = {0};
    bool ok = CHECK(kit_open(&k, &config, &err));
    if (!ok)
        printf("# %s\n", err.text);
    filter = kit_filter(&k);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_SUCCESS);
}

static void end(uint64_t faults)
{
    host_close_pin(pin);
    host_close_filter(filter);
    kit_shut(&k);
    CHECK_EQ(kit_faults(&k), faults);
    if (kit_faults(&k) != faults)
        kit_print_book(&k);
    kit_close(&k);
}

/* Size 0, small, exact, large; on filter and pin; node and none. */
static void test_sizes(void)
{
    static const struct {
        bool on_pin;
        int node;
        ULONG value;
    } places[] = {{false, -1, 0x5678}, {true, -1, 0x9abc}, {false, 0, 0x1234}, {true, 0, 0x1234}};
    static const struct {
        uint32_t size;
        NTSTATUS status;
    } sizes[] = {{0, STATUS_BUFFER_OVERFLOW}, {3, STATUS_BUFFER_TOO_SMALL}, {4, STATUS_SUCCESS}, {100, STATUS_SUCCESS}};
    begin((struct kit_config){0});
    for (size_t p = 0; p < 4; p++)
        for (size_t s = 0; s < 4; s++) {
            uint8_t value[100];
            uint32_t returned = 99;
            ULONG got;
            memset(value, 0xEE, sizeof value);
            CHECK_EQ(kit_get(filter, places[p].on_pin ? pin : NULL, places[p].node, &kit_set, KIT_ITEM_ULONG, GET,
                             sizes[s].size ? value : NULL, sizes[s].size, &returned),
                     sizes[s].status);
            CHECK_EQ(returned, 4);
            memcpy(&got, value, 4);
            CHECK_EQ(got, sizes[s].size >= 4 ? places[p].value : 0xEEEEEEEE);
            CHECK_EQ(value[4], 0xEE); /* a larger buffer keeps its rest */
            CHECK_EQ(k.seen.Node, (ULONG)places[p].node);
            CHECK(k.seen.MinorTarget == (places[p].on_pin ? (IUnknown *)(void *)k.last_stream : NULL));
            CHECK_EQ(k.seen.InstanceSize, 0);
            CHECK(k.seen.Instance == NULL && (k.seen.Value == NULL) == (sizes[s].size == 0));
            CHECK(k.seen.PropertyItem->Set == &kit_set && k.seen.Irp != NULL);
        }
    end(0);
}

static void test_verbs(void)
{
    ULONG value = 55, got = 0;
    uint32_t returned;
    begin((struct kit_config){0});
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_SET, SET, &value, 4, &returned), STATUS_SUCCESS);
    CHECK_EQ(k.seen.Verb, SET | KSPROPERTY_TYPE_TOPOLOGY);
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_SET, GET, &got, 4, &returned), STATUS_SUCCESS);
    CHECK_EQ(got, 55);
    /* what the flags do not offer */
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_ULONG, SET, &value, 4, &returned), STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_ULONG, GET | SET, &value, 4, &returned), STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_ULONG, 0, &value, 4, &returned), STATUS_INVALID_DEVICE_REQUEST);
    /* BASICSUPPORT from the flags, or by a handler that wants it */
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_SET, SUPPORT, &got, 4, &returned), STATUS_SUCCESS);
    CHECK_EQ(got, GET | SET);
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_SET, SUPPORT, NULL, 0, &returned), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(returned, 4);
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_SUPPORT, SUPPORT, &got, 4, &returned), STATUS_SUCCESS);
    CHECK_EQ(got, GET | 0x40000000u);
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, 999, KSPROPERTY_TYPE_SETSUPPORT, NULL, 0, &returned), STATUS_SUCCESS);
    CHECK_EQ(kit_get(filter, pin, 0, &kit_other_set, 0, KSPROPERTY_TYPE_SETSUPPORT, NULL, 0, &returned), STATUS_NOT_FOUND);
    /* no such item, set, node, handler */
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, 999, GET, &got, 4, &returned), STATUS_NOT_FOUND);
    CHECK_EQ(kit_get(filter, pin, 1, &kit_set, KIT_ITEM_ULONG, GET, &got, 4, &returned), STATUS_NOT_FOUND);
    CHECK_EQ(kit_get(filter, pin, 2, &kit_set, KIT_ITEM_ULONG, GET, &got, 4, &returned), STATUS_INVALID_PARAMETER);
    CHECK_EQ(kit_get(filter, pin, -1, &kit_other_set, 0, GET, &got, 4, &returned), STATUS_NOT_FOUND);
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_CHANGED, GET, &got, 4, &returned), STATUS_NOT_ALL_ASSIGNED);
    end(0);
}

static void test_headers(void)
{
    KSNODEPROPERTY request;
    uint8_t bytes[64] = {0};
    ULONG sum = 0;
    begin((struct kit_config){0});
    memset(&request, 0, sizeof request);
    request.Property.Set = kit_set;
    request.Property.Id = KIT_ITEM_INSTANCE;
    request.Property.Flags = GET | KSPROPERTY_TYPE_TOPOLOGY;
    memcpy(bytes, &request, sizeof request);
    for (uint32_t i = 0; i < 5; i++)
        bytes[sizeof request + i] = (uint8_t)(10 * i);
    CHECK_EQ(host_filter_property(filter, bytes, sizeof request + 5, &sum, 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(sum, 5 + 0 + 10 + 20 + 30 + 40);
    for (uint32_t size = 0; size < sizeof request; size++)
        CHECK_EQ(host_filter_property(filter, bytes, size, &sum, 4, NULL), STATUS_INVALID_BUFFER_SIZE);
    CHECK_EQ(host_filter_property(filter, NULL, 0, &sum, 4, NULL), STATUS_INVALID_BUFFER_SIZE);
    CHECK_EQ(host_filter_property(filter, bytes, sizeof request, NULL, 4, NULL), STATUS_INVALID_PARAMETER);
    end(0);
}

/* The same item is documented on the pin and on the node (spec 12, 13). */
static void test_volume(void)
{
    LONG value = -600, got = 0;
    begin((struct kit_config){0});
    CHECK_EQ(kit_get(filter, pin, -1, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOLUME, SET, &value, 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(k.seen.Node, 0);
    CHECK_EQ(kit_get(filter, NULL, 0, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOLUME, GET, &got, 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(got, -600);
    CHECK_EQ(kit_get(filter, pin, -1, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_CAPS, GET, &got, 4, NULL), STATUS_NOT_FOUND);
    end(0);
}

struct done {
    int calls;
    NTSTATUS status;
    uint32_t bytes;
};
static void done(void *ctx, NTSTATUS status, uint32_t bytes)
{
    struct done *d = ctx;
    d->calls++;
    d->status = status;
    d->bytes = bytes;
}

static NTSTATUS ask_pending(ULONG *value, struct done *d)
{
    KSNODEPROPERTY request;
    memset(&request, 0, sizeof request);
    request.Property.Set = kit_set;
    request.Property.Id = KIT_ITEM_PENDING;
    request.Property.Flags = GET | KSPROPERTY_TYPE_TOPOLOGY;
    return host_pin_property_async(pin, &request, sizeof request, value, sizeof *value, done, d);
}

static NTSTATUS complete(PPCPROPERTY_REQUEST request, NTSTATUS status)
{
    wdm_enter(host_machine(k.host));
    status = PcCompletePendingPropertyRequest(request, status);
    wdm_leave();
    return status;
}

static VOID NTAPI complete_later(PKDPC dpc, PVOID context, PVOID a, PVOID b)
{
    (void)dpc, (void)a, (void)b;
    memset(k.pending->Value, 0x22, 4);
    PcCompletePendingPropertyRequest(context ? k.pending : NULL, STATUS_SUCCESS);
}

static void test_async(void)
{
    ULONG value = 0;
    struct done d = {0};
    begin((struct kit_config){0});
    CHECK_EQ(ask_pending(&value, &d), STATUS_PENDING);
    CHECK_EQ(d.calls, 0);
    memset(k.pending->Value, 0x11, 4);
    k.pending->ValueSize = 4;
    PPCPROPERTY_REQUEST request = k.pending;
    CHECK_EQ(complete(request, STATUS_SUCCESS), STATUS_SUCCESS);
    CHECK_EQ(d.calls, 1);
    CHECK_EQ(d.status, STATUS_SUCCESS);
    CHECK_EQ(d.bytes, 4);
    CHECK_EQ(value, 0x11111111);
    CHECK_EQ(complete(request, STATUS_SUCCESS), STATUS_INVALID_PARAMETER);
    CHECK_EQ(kit_broken(&k, WDM_RULE_AFTER_RELEASE), 1);
    /* never STATUS_PENDING, and it stays open then */
    CHECK_EQ(ask_pending(&value, &d), STATUS_PENDING);
    CHECK_EQ(complete(k.pending, STATUS_PENDING), STATUS_INVALID_PARAMETER);
    CHECK_EQ(kit_broken(&k, WDM_RULE_PROPERTY_RESULT), 1);
    CHECK_EQ(complete(k.pending, STATUS_UNSUCCESSFUL), STATUS_SUCCESS);
    CHECK_EQ(d.calls, 2);
    CHECK_EQ(d.status, STATUS_UNSUCCESSFUL);
    /* a client that waits, served at DISPATCH_LEVEL while it does */
    KTIMER timer;
    KDPC dpc;
    LARGE_INTEGER due = {.QuadPart = -50000};
    wdm_enter(host_machine(k.host));
    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, complete_later, &k);
    KeSetTimer(&timer, due, &dpc);
    wdm_leave();
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_PENDING, GET, &value, 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(value, 0x22222222);
    /* one that nobody ever completes: a virtual wait ends, the buffer is not touched afterwards */
    value = 5;
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_PENDING, GET, &value, 4, NULL), STATUS_IO_TIMEOUT);
    memset(k.pending->Value, 0x33, 4);
    CHECK_EQ(complete(k.pending, STATUS_SUCCESS), STATUS_SUCCESS);
    CHECK_EQ(value, 5);
    end(2);
}

/* In real time, too; and a handler that completes just when the wait ends finds memory that is there. */
static void *complete_in_time(void *ctx)
{
    struct kit *self = ctx;
    wdm_enter(host_machine(self->host));
    while (!atomic_load(&self->pended))
        sched_yield();
    clock_sleep_until_100ns(clock_now_100ns() + 30 * WDM_MS - 2000);
    memset(self->pending->Value, 0x44, 4);
    PcCompletePendingPropertyRequest(self->pending, STATUS_SUCCESS);
    wdm_leave();
    return NULL;
}

static void test_real_wait_ends(void)
{
    ULONG value = 5;
    begin((struct kit_config){.time = WDM_REAL, .wait_limit_ms = 30});
    int64_t start = clock_now_100ns();
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_PENDING, GET, &value, 4, NULL), STATUS_IO_TIMEOUT);
    int64_t took = clock_now_100ns() - start;
    CHECK(took >= 30 * WDM_MS && took < 5000 * WDM_MS);
    CHECK_EQ(value, 5);
    CHECK_EQ(complete(k.pending, STATUS_SUCCESS), STATUS_SUCCESS); /* its memory is still there */
    CHECK_EQ(value, 5);
    unsigned in_time = 0;
    for (int i = 0; i < 12; i++) {
        pthread_t thread;
        atomic_store(&k.pended, false);
        CHECK_EQ(pthread_create(&thread, NULL, complete_in_time, &k), 0);
        value = 5;
        NTSTATUS status = kit_get(filter, pin, 0, &kit_set, KIT_ITEM_PENDING, GET, &value, 4, NULL);
        CHECK(status == STATUS_SUCCESS ? value == 0x44444444 : status == STATUS_IO_TIMEOUT && value == 5);
        in_time += status == STATUS_SUCCESS;
        pthread_join(thread, NULL);
    }
    printf("# %u of 12 in time\n", in_time);
    end(0);
}

/* A read that nothing answers is over when the call returns, in both kinds of time. */
static void test_waited_read_ends(void)
{
    for (int real = 0; real < 2; real++) {
        uint8_t buffer[64];
        struct host_pin *capture;
        struct host_packet packet = {.data = buffer, .size = sizeof buffer};
        begin((struct kit_config){.time = real ? WDM_REAL : WDM_VIRTUAL, .wait_limit_ms = 30});
        CHECK_EQ(kit_pin(filter, KIT_CAPTURE, &capture), STATUS_SUCCESS);
        CHECK_EQ(host_pin_set_state(capture, KSSTATE_RUN), STATUS_SUCCESS);
        CHECK_EQ(host_pin_read(capture, &packet), STATUS_CANCELLED);
        CHECK_EQ(packet.used, 0);
        memset(&packet, 0x55, sizeof packet); /* nobody has it any more */
        memset(buffer, 0x55, sizeof buffer);
        memcpy(k.capture_bytes, "\x90\x40\x7f", 3);
        k.capture_count = 3;
        wdm_enter(host_machine(k.host));
        k.port->lpVtbl->Notify(k.port, NULL);
        KeFlushQueuedDpcs();
        wdm_leave();
        CHECK_EQ(buffer[0], 0x55);
        end(0);
    }
}

static void test_abandoned(void)
{
    ULONG value = 0;
    struct done d = {0};
    begin((struct kit_config){0});
    CHECK_EQ(ask_pending(&value, &d), STATUS_PENDING);
    host_close_pin(pin);
    CHECK_EQ(d.calls, 0); /* the driver may still come round */
    host_close_filter(filter);
    kit_shut(&k);
    CHECK_EQ(d.calls, 1);
    CHECK_EQ(d.status, STATUS_CANCELLED);
    CHECK_EQ(k.streams, 0);
    CHECK_EQ(kit_broken(&k, WDM_RULE_PROPERTY_RESULT), 1);
    CHECK_EQ(kit_faults(&k), 1);
    kit_close(&k);
}

static KTIMER late_timer;
static KDPC late_dpc;

static void arm(LONGLONG after_ms)
{
    wdm_enter(host_machine(k.host));
    KeInitializeTimer(&late_timer);
    KeInitializeDpc(&late_dpc, complete_later, &k);
    KeSetTimer(&late_timer, (LARGE_INTEGER){.QuadPart = -after_ms * WDM_MS}, &late_dpc);
    wdm_leave();
}

/* The handles are closed, and the driver completes what it keeps a while later, from a timer: that is not never. */
static void test_completed_after_close(void)
{
    for (int real = 0; real < 2; real++) {
        ULONG value = 0;
        struct done d = {0};
        begin((struct kit_config){.time = real ? WDM_REAL : WDM_VIRTUAL});
        CHECK_EQ(ask_pending(&value, &d), STATUS_PENDING);
        arm(real ? 200 : 5000);
        kit_shut(&k); /* closes them */
        CHECK_EQ(d.calls, 1);
        CHECK_EQ(d.status, STATUS_SUCCESS);
        CHECK_EQ(value, 0x22222222);
        CHECK_EQ(k.streams, 0);
        CHECK_EQ(kit_faults(&k), 0);
        kit_print_book(&k);
        kit_close(&k);
    }
}

/* Ten seconds are the end of it; with nothing left that could complete it, no time is lost. */
static void test_completed_too_late(void)
{
    for (int armed = 0; armed < 2; armed++) {
        ULONG value = 0;
        struct done d = {0};
        begin((struct kit_config){0});
        struct wdm_machine *machine = host_machine(k.host);
        CHECK_EQ(ask_pending(&value, &d), STATUS_PENDING);
        int64_t began = wdm_time_100ns(machine);
        if (armed)
            arm(11000);
        kit_shut(&k);
        CHECK_EQ(d.calls, 1);
        CHECK_EQ(d.status, STATUS_CANCELLED);
        CHECK_EQ(kit_broken(&k, WDM_RULE_PROPERTY_RESULT), 1);
        CHECK_EQ(kit_broken(&k, WDM_RULE_STILL_QUEUED), armed);
        CHECK(armed || wdm_time_100ns(machine) == began);
        kit_close(&k);
    }
}

static void test_caught(void)
{
    uint8_t value[8];
    uint32_t returned;
    begin((struct kit_config){0});
    for (uint32_t size = 1; size <= 8; size++)
        kit_get(filter, pin, 0, &kit_set, KIT_ITEM_OVERRUN, GET, value, size, &returned);
    CHECK_EQ(kit_broken(&k, WDM_RULE_PROPERTY_OVERRUN), 8);
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_LIES, GET, value, 8, &returned), STATUS_SUCCESS);
    CHECK_EQ(returned, 8);
    CHECK_EQ(kit_broken(&k, WDM_RULE_PROPERTY_RESULT), 1);
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_CHANGED, GET, value, 2, &returned), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(kit_broken(&k, WDM_RULE_PROPERTY_RESULT), 1);
    CHECK_EQ(kit_get(filter, pin, 0, &kit_set, KIT_ITEM_CHANGED, GET, value, 3, &returned), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(kit_broken(&k, WDM_RULE_PROPERTY_RESULT), 2);
    end(10);
}

/* --- the port's own sets --- */
static NTSTATUS pin_item(ULONG id, ULONG pin_id, void *value, uint32_t size, uint32_t *returned)
{
    KSP_PIN request;
    memset(&request, 0, sizeof request);
    request.Property.Set = KSPROPSETID_Pin;
    request.Property.Id = id;
    request.Property.Flags = GET;
    request.PinId = pin_id;
    return host_filter_property(filter, &request, sizeof request, value, size, returned);
}

static void test_pin_set(void)
{
    ULONG value = 0;
    uint32_t returned;
    KSPIN_CINSTANCES counts;
    uint8_t list[512];
    KSMULTIPLE_ITEM head;
    begin((struct kit_config){0});
    CHECK_EQ(pin_item(KSPROPERTY_PIN_CTYPES, 0, &value, 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(value, KIT_PINS);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_DATAFLOW, KIT_CAPTURE, &value, 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(value, KSPIN_DATAFLOW_OUT);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_COMMUNICATION, KIT_WAVE, &value, 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(value, KSPIN_COMMUNICATION_SOURCE);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_CINSTANCES, KIT_RENDER, &counts, sizeof counts, NULL), STATUS_SUCCESS);
    CHECK_EQ(counts.PossibleCount, 2);
    CHECK_EQ(counts.CurrentCount, 1);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_GLOBALCINSTANCES, KIT_RENDER, &counts, sizeof counts, NULL), STATUS_SUCCESS);
    CHECK_EQ(counts.PossibleCount, 3);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_NECESSARYINSTANCES, KIT_RENDER, &value, 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(value, 0);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_DATAFLOW, KIT_PINS, &value, 4, NULL), STATUS_INVALID_PARAMETER);
    /* ranges: KSMULTIPLE_ITEM and the items; the size first, then short, then enough */
    CHECK_EQ(pin_item(KSPROPERTY_PIN_DATARANGES, KIT_RENDER, NULL, 0, &returned), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(returned, 8 + 2 * 96);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_DATARANGES, KIT_RENDER, &value, 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(value, 8 + 2 * 96);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_DATARANGES, KIT_RENDER, list, 100, NULL), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_DATARANGES, KIT_RENDER, list, sizeof list, &returned), STATUS_SUCCESS);
    memcpy(&head, list, sizeof head);
    CHECK_EQ(head.Count, 2);
    CHECK_EQ(head.Size, 200);
    CHECK(memcmp(list + 8 + 96 + 32, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC, 16) == 0);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_MEDIUMS, KIT_RENDER, list, sizeof list, &returned), STATUS_SUCCESS);
    CHECK_EQ(returned, 8 + 24);
    CHECK(memcmp(list + 8, &KSMEDIUMSETID_Standard, 16) == 0);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_INTERFACES, KIT_RENDER, list, sizeof list, &returned), STATUS_SUCCESS);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_CATEGORY, KIT_RENDER, list, 16, &returned), STATUS_SUCCESS);
    CHECK(memcmp(list, &KSCATEGORY_AUDIO, 16) == 0);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_NAME, KIT_RENDER, list, 16, &returned), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_PHYSICALCONNECTION, KIT_BRIDGE, list, sizeof list, &returned), STATUS_SUCCESS);
    static const char topology[] = "Topology";
    for (size_t i = 0; i < sizeof topology; i++)
        CHECK_EQ(list[8 + 2 * i], topology[i]);
    CHECK_EQ(pin_item(KSPROPERTY_PIN_PHYSICALCONNECTION, KIT_RENDER, list, sizeof list, &returned), STATUS_NOT_FOUND);
    CHECK_EQ(pin_item(99, KIT_RENDER, list, sizeof list, &returned), STATUS_NOT_FOUND);
    end(0);
}

static void test_topology_set(void)
{
    uint8_t list[256];
    uint32_t returned;
    KSTOPOLOGY_CONNECTION c;
    begin((struct kit_config){0});
    CHECK_EQ(kit_get(filter, NULL, -1, &KSPROPSETID_Topology, KSPROPERTY_TOPOLOGY_CATEGORIES, GET, list, sizeof list, &returned),
             STATUS_SUCCESS);
    CHECK_EQ(returned, 8 + 3 * 16);
    CHECK_EQ(kit_get(filter, NULL, -1, &KSPROPSETID_Topology, KSPROPERTY_TOPOLOGY_NODES, GET, list, sizeof list, &returned),
             STATUS_SUCCESS);
    CHECK_EQ(returned, 8 + 2 * 16);
    CHECK(memcmp(list + 24, &KSNODETYPE_SYNTHESIZER, 16) == 0);
    CHECK_EQ(kit_get(filter, NULL, -1, &KSPROPSETID_Topology, KSPROPERTY_TOPOLOGY_CONNECTIONS, GET, list, sizeof list, &returned),
             STATUS_SUCCESS);
    memcpy(&c, list + 8 + 16, sizeof c);
    CHECK_EQ(c.FromNode, 0);
    CHECK_EQ(c.ToNode, KSFILTER_NODE);
    CHECK_EQ(c.ToNodePin, KIT_WAVE);
    CHECK_EQ(kit_get(filter, NULL, -1, &KSPROPSETID_Topology, KSPROPERTY_TOPOLOGY_NODES, SET, list, sizeof list, &returned),
             STATUS_INVALID_DEVICE_REQUEST);
    end(0);
}

static void test_clock(void)
{
    ULONGLONG now = 0, later = 0;
    begin((struct kit_config){0});
    CHECK_EQ(kit_get(filter, NULL, -1, &KSPROPSETID_SynthClock, KSPROPERTY_SYNTH_MASTERCLOCK, GET, &now, 8, NULL), STATUS_SUCCESS);
    CHECK(now > 0);
    kit_run(&k, 12345);
    CHECK_EQ(kit_get(filter, NULL, -1, &KSPROPSETID_SynthClock, KSPROPERTY_SYNTH_MASTERCLOCK, GET, &later, 8, NULL), STATUS_SUCCESS);
    CHECK_EQ(later - now, 12345);
    CHECK_EQ(kit_get(filter, NULL, -1, &KSPROPSETID_SynthClock, KSPROPERTY_SYNTH_MASTERCLOCK, SET, &later, 8, NULL),
             STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(kit_get(filter, NULL, -1, &KSPROPSETID_SynthClock, KSPROPERTY_SYNTH_MASTERCLOCK, GET, &later, 7, NULL),
             STATUS_BUFFER_TOO_SMALL);
    end(0);
}

static NTSTATUS intersect(ULONG pin_id, const void *range, ULONG range_size, void *out, uint32_t size, uint32_t *returned)
{
    _Alignas(8) uint8_t bytes[256];
    KSP_PIN request;
    KSMULTIPLE_ITEM head = {0};
    memset(&request, 0, sizeof request);
    request.Property.Set = KSPROPSETID_Pin;
    request.Property.Id = KSPROPERTY_PIN_DATAINTERSECTION;
    request.Property.Flags = GET;
    request.PinId = pin_id;
    head.Size = sizeof head + range_size;
    head.Count = 1;
    memcpy(bytes, &request, sizeof request);
    memcpy(bytes + sizeof request, &head, sizeof head);
    memcpy(bytes + sizeof request + sizeof head, range, range_size);
    return host_filter_property(filter, bytes, sizeof request + head.Size, out, size, returned);
}

static void test_intersection(void)
{
    KSDATARANGE music;
    KSDATARANGE_AUDIO audio;
    KSDATAFORMAT_WAVEFORMATEX wave;
    KSDATAFORMAT format;
    uint32_t returned;
    memset(&music, 0, sizeof music);
    music.FormatSize = sizeof music;
    music.MajorFormat = KSDATAFORMAT_TYPE_MUSIC;
    music.SubFormat = KSDATAFORMAT_SUBTYPE_DIRECTMUSIC;
    music.Specifier = KSDATAFORMAT_SPECIFIER_NONE;
    memset(&audio, 0, sizeof audio);
    audio.DataRange.FormatSize = sizeof audio;
    audio.DataRange.MajorFormat = KSDATAFORMAT_TYPE_AUDIO;
    audio.DataRange.SubFormat = KSDATAFORMAT_SUBTYPE_PCM;
    audio.DataRange.Specifier = KSDATAFORMAT_SPECIFIER_WAVEFORMATEX;
    audio.MaximumChannels = 6;
    audio.MinimumBitsPerSample = 8;
    audio.MaximumBitsPerSample = 24;
    audio.MinimumSampleFrequency = 8000;
    audio.MaximumSampleFrequency = 44100;
    begin((struct kit_config){0});
    CHECK_EQ(intersect(KIT_RENDER, &music, sizeof music, NULL, 0, &returned), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(returned, 64);
    CHECK_EQ(intersect(KIT_RENDER, &music, sizeof music, &format, 63, &returned), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(intersect(KIT_RENDER, &music, sizeof music, &format, 64, &returned), STATUS_SUCCESS);
    CHECK(memcmp(&format.SubFormat, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC, 16) == 0);
    CHECK_EQ(format.FormatSize, 64);
    CHECK_EQ(intersect(KIT_WAVE, &music, sizeof music, &format, 64, &returned), STATUS_NO_MATCH);
    /* highest rate, most bits, stereo */
    CHECK_EQ(intersect(KIT_WAVE, &audio, sizeof audio, &wave, sizeof wave, &returned), STATUS_SUCCESS);
    CHECK_EQ(returned, 82);
    CHECK_EQ(wave.WaveFormatEx.nSamplesPerSec, 44100);
    CHECK_EQ(wave.WaveFormatEx.wBitsPerSample, 16);
    CHECK_EQ(wave.WaveFormatEx.nChannels, 2);
    CHECK_EQ(wave.WaveFormatEx.nAvgBytesPerSec, 44100 * 4);
    audio.MinimumSampleFrequency = 96000;
    audio.MaximumSampleFrequency = 192000;
    CHECK_EQ(intersect(KIT_WAVE, &audio, sizeof audio, &wave, sizeof wave, &returned), STATUS_NO_MATCH);
    music.FormatSize = 63;
    CHECK_EQ(intersect(KIT_RENDER, &music, sizeof music, &format, 64, &returned), STATUS_INVALID_PARAMETER);
    music.FormatSize = 65;
    CHECK_EQ(intersect(KIT_RENDER, &music, sizeof music, &format, 64, &returned), STATUS_INVALID_PARAMETER);
    /* the miniport's own word */
    music.FormatSize = 64;
    k.config.intersection = STATUS_INVALID_DEVICE_STATE;
    CHECK_EQ(intersect(KIT_RENDER, &music, sizeof music, &format, 64, &returned), STATUS_INVALID_DEVICE_STATE);
    k.config.intersection = STATUS_BUFFER_OVERFLOW;
    CHECK_EQ(intersect(KIT_RENDER, &music, sizeof music, &format, 8, &returned), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(kit_broken(&k, WDM_RULE_PROPERTY_OVERRUN), 1);
    end(1);
}

int main(void)
{
    RUN(test_sizes);
    RUN(test_verbs);
    RUN(test_headers);
    RUN(test_volume);
    RUN(test_async);
    RUN(test_real_wait_ends);
    RUN(test_waited_read_ends);
    RUN(test_abandoned);
    RUN(test_completed_after_close);
    RUN(test_completed_too_late);
    RUN(test_caught);
    RUN(test_pin_set);
    RUN(test_topology_set);
    RUN(test_clock);
    RUN(test_intersection);
    return tap_done();
}
