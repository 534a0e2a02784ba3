/* SPDX-License-Identifier: MIT */
/* Service groups, Notify's fan-out, interrupt synchronisation in its three modes, legacy streams (spec 3.2, 3.4, 3.10, 3.12, 8.8). */
#include "tap.h"

#include "kernel/wdm/device.h"
#include "kit.h"

static struct kit k;

static void begin(struct kit_config config)
{
    struct dm_error err = {0};
    if (!CHECK(kit_open(&k, &config, &err)))
        printf("# %s\n", err.text);
}

static void end(void)
{
    kit_shut(&k);
    CHECK_EQ(kit_faults(&k), 0);
    kit_print_book(&k);
    kit_close(&k);
}

/* --- groups --- */
struct sink {
    IServiceSink iface;
    LONG refs;
    int calls, number;
    IServiceGroup *remove_from; /* takes SINK_TO_REMOVE out when it is called */
    struct sink *victim;
};
static NTSTATUS NTAPI sink_QueryInterface(IServiceSink *iface, REFIID iid, PVOID *out)
{
    (void)iface, (void)iid;
    *out = NULL;
    return STATUS_INVALID_PARAMETER;
}
static ULONG NTAPI sink_AddRef(IServiceSink *iface) { return (ULONG)InterlockedIncrement(&((struct sink *)iface)->refs); }
static ULONG NTAPI sink_Release(IServiceSink *iface) { return (ULONG)InterlockedDecrement(&((struct sink *)iface)->refs); }
static void NTAPI sink_RequestService(IServiceSink *iface)
{
    struct sink *self = (struct sink *)iface;
    self->calls++;
    kit_log("sink %d at %d", self->number, (int)KeGetCurrentIrql());
    if (self->remove_from) {
        KIRQL irql = KeGetCurrentIrql();
        KeLowerIrql(PASSIVE_LEVEL); /* RemoveMember is for PASSIVE_LEVEL; the test wants the re-entry only */
        self->remove_from->lpVtbl->RemoveMember(self->remove_from, &self->victim->iface);
        KeRaiseIrql(irql, &irql);
    }
}
static IServiceSinkVtbl sink_vtbl = {sink_QueryInterface, sink_AddRef, sink_Release, sink_RequestService};

static void test_group(void)
{
    struct sink a = {{&sink_vtbl}, 1, 0, 1, NULL, NULL}, b = {{&sink_vtbl}, 1, 0, 2, NULL, NULL};
    IServiceGroup *group, *outer;
    begin((struct kit_config){0});
    struct wdm_machine *machine = host_machine(k.host);
    wdm_enter(machine);
    CHECK_EQ(PcNewServiceGroup(NULL, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(PcNewServiceGroup(&group, NULL), STATUS_SUCCESS);
    CHECK_EQ(PcNewServiceGroup(&outer, NULL), STATUS_SUCCESS);
    CHECK_EQ(group->lpVtbl->AddMember(group, &a.iface), STATUS_SUCCESS);
    CHECK_EQ(group->lpVtbl->AddMember(group, &b.iface), STATUS_SUCCESS);
    CHECK_EQ(a.refs, 2);
    /* a group may contain groups */
    CHECK_EQ(outer->lpVtbl->AddMember(outer, (IServiceSink *)(void *)group), STATUS_SUCCESS);
    kit_log_reset();
    KIRQL before;
    KeRaiseIrql(DISPATCH_LEVEL, &before);
    for (int i = 0; i < 5; i++)
        group->lpVtbl->RequestService(group); /* coalesce while the DPC is queued */
    CHECK_EQ(a.calls, 0);
    KeLowerIrql(before);
    CHECK_STR(k.log, "sink 1 at 2\nsink 2 at 2\n");
    outer->lpVtbl->RequestService(outer);
    CHECK_EQ(a.calls, 2);
    group->lpVtbl->SupportDelayedService(group);
    group->lpVtbl->RequestDelayedService(group, (ULONGLONG)-(LONGLONG)30000);
    wdm_run_until(machine, wdm_time_100ns(machine) + 29999);
    CHECK_EQ(a.calls, 2);
    wdm_run_until(machine, wdm_time_100ns(machine) + 1);
    CHECK_EQ(a.calls, 3);
    group->lpVtbl->RequestDelayedService(group, (ULONGLONG)-(LONGLONG)30000);
    group->lpVtbl->CancelDelayedService(group);
    wdm_run_until(machine, wdm_time_100ns(machine) + 100000);
    CHECK_EQ(a.calls, 3);
    /* a member that takes another one out while the group walks */
    a.remove_from = group;
    a.victim = &b;
    group->lpVtbl->RequestService(group);
    CHECK_EQ(a.calls, 4);
    CHECK_EQ(b.calls, 3);
    CHECK_EQ(b.refs, 1);
    a.remove_from = NULL;
    outer->lpVtbl->RemoveMember(outer, (IServiceSink *)(void *)group);
    CHECK_EQ(outer->lpVtbl->Release(outer), 0);
    CHECK_EQ(group->lpVtbl->Release(group), 0);
    CHECK_EQ(a.refs, 1);
    wdm_leave();
    end();
}

struct dropper {
    IServiceSink iface;
    LONG refs;
    IServiceGroup *group;
    ULONG left;
    int calls;
};
static ULONG NTAPI dropper_AddRef(IServiceSink *iface) { return (ULONG)InterlockedIncrement(&((struct dropper *)iface)->refs); }
static ULONG NTAPI dropper_Release(IServiceSink *iface) { return (ULONG)InterlockedDecrement(&((struct dropper *)iface)->refs); }
static void NTAPI dropper_RequestService(IServiceSink *iface)
{
    struct dropper *self = (struct dropper *)iface;
    self->calls++;
    self->left = self->group->lpVtbl->Release(self->group);
}
/* The last reference may go at any level up to DISPATCH, with a request still queued or from inside the walk. */
static void test_last_release(void)
{
    static const KIRQL levels[] = {PASSIVE_LEVEL, APC_LEVEL, DISPATCH_LEVEL};
    static IServiceSinkVtbl dropper_vtbl = {sink_QueryInterface, dropper_AddRef, dropper_Release, dropper_RequestService};
    begin((struct kit_config){0});
    wdm_enter(host_machine(k.host));
    for (unsigned i = 0; i < 3; i++) {
        struct sink a = {{&sink_vtbl}, 1, 0, 1, NULL, NULL};
        IServiceGroup *group;
        KIRQL before;
        CHECK_EQ(PcNewServiceGroup(&group, NULL), STATUS_SUCCESS);
        CHECK_EQ(group->lpVtbl->AddMember(group, &a.iface), STATUS_SUCCESS);
        KeRaiseIrql(levels[i], &before);
        if (levels[i] == DISPATCH_LEVEL)
            group->lpVtbl->RequestService(group);
        CHECK_EQ(group->lpVtbl->Release(group), 0);
        KeLowerIrql(before);
        CHECK_EQ(a.calls, 0); /* what was requested died with it */
        CHECK_EQ(a.refs, 1);
    }
    struct dropper d = {{&dropper_vtbl}, 1, NULL, 99, 0};
    CHECK_EQ(PcNewServiceGroup(&d.group, NULL), STATUS_SUCCESS);
    CHECK_EQ(d.group->lpVtbl->AddMember(d.group, &d.iface), STATUS_SUCCESS);
    d.group->lpVtbl->RequestService(d.group);
    CHECK_EQ(d.calls, 1);
    CHECK_EQ(d.left, 0);
    CHECK_EQ(d.refs, 1);
    wdm_leave();
    end();
}

static void notify(IServiceGroup *group, unsigned irql)
{
    KIRQL before;
    wdm_enter(host_machine(k.host));
    KeRaiseIrql((KIRQL)irql, &before);
    k.port->lpVtbl->Notify(k.port, group);
    KeLowerIrql(before);
    wdm_leave();
}

/* NULL reaches the miniport's group and every stream's; a group reaches its members only. At any level. */
static void test_fan_out(void)
{
    static const unsigned levels[] = {PASSIVE_LEVEL, DISPATCH_LEVEL, 8};
    for (int own = 0; own < 2; own++)
        for (size_t i = 0; i < 3; i++) {
            struct host_pin *pins[2];
            begin((struct kit_config){.stream_group = own != 0, .no_group = i == 1 && own});
            struct host_filter *filter = kit_filter(&k);
            for (int p = 0; p < 2; p++)
                CHECK_EQ(kit_pin(filter, KIT_CAPTURE, &pins[p]), STATUS_SUCCESS);
            notify(NULL, levels[i]);
            CHECK_EQ(k.services, 2);
            if (k.group) {
                notify(k.group, levels[i]); /* the miniport's: both streams are in it, or have their own */
                CHECK_EQ(k.services, own ? 2 : 4);
            }
            host_close_pin(pins[0]);
            k.services = 0;
            notify(NULL, levels[i]);
            CHECK_EQ(k.services, 1);
            host_close_filter(filter);
            k.services = 0;
            notify(NULL, levels[i]);
            CHECK_EQ(k.services, 0);
            end();
        }
}

static void test_early_group(void)
{
    begin((struct kit_config){.early_group = true});
    struct host_filter *filter = kit_filter(&k);
    struct host_pin *pin;
    CHECK_EQ(kit_pin(filter, KIT_CAPTURE, &pin), STATUS_SUCCESS);
    notify(NULL, PASSIVE_LEVEL);
    CHECK_EQ(k.services, 1);
    host_close_filter(filter);
    end();
}

static void read_done(void *ctx, NTSTATUS status, uint32_t bytes)
{
    uint32_t *out = ctx;
    out[0]++;
    out[1] = (uint32_t)status;
    out[2] = bytes;
}

/* Device, interrupt, Notify, DPC, PutMessage(NULL), capture sink, packer, read. */
static void test_interrupt_to_read(void)
{
    uint8_t buffer[64];
    uint32_t result[3] = {0};
    struct host_packet packet = {.data = buffer, .size = sizeof buffer, .done = read_done, .ctx = result};
    struct host_pin *pin;
    begin((struct kit_config){.interrupt_sync = true, .resources = "interrupt 9\n"});
    struct host_filter *filter = kit_filter(&k);
    CHECK_EQ(kit_pin(filter, KIT_CAPTURE, &pin), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_EQ(host_pin_read(pin, &packet), STATUS_PENDING);
    kit_run(&k, 70000);
    int64_t now = kit_now(&k);
    memcpy(k.capture_bytes, "\x90\x40\x7f", 3);
    k.capture_count = 3;
    wdm_interrupt_pulse(host_machine(k.host), 9);
    kit_run(&k, 10);
    CHECK_EQ(k.services, 1);
    CHECK_EQ(result[0], 1);
    CHECK_EQ(result[1], STATUS_SUCCESS);
    CHECK_EQ(packet.time, now);
    CHECK(memcmp(buffer + 20, "\x90\x40\x7f", 3) == 0);
    /* cancelled, by itself, by STOP, by the close */
    for (int how = 0; how < 3; how++) {
        memset(result, 0, sizeof result);
        CHECK_EQ(host_pin_read(pin, &packet), STATUS_PENDING);
        CHECK_EQ(result[0], 0);
        if (how == 0)
            host_pin_cancel(pin, &packet);
        else if (how == 1)
            host_pin_set_state(pin, KSSTATE_STOP);
        else
            host_close_pin(pin);
        CHECK_EQ(result[0], 1);
        CHECK_EQ((NTSTATUS)result[1], STATUS_CANCELLED);
    }
    host_close_filter(filter);
    end();
}

/* --- interrupt synchronisation --- */
struct routine {
    int calls, successes; /* succeeds that often */
    char name;
};
static NTSTATUS NTAPI routine(IInterruptSync *sync, PVOID context)
{
    struct routine *self = context;
    (void)sync;
    self->calls++;
    kit_log("%c", self->name);
    return self->successes-- > 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static NTSTATUS NTAPI synchronized(IInterruptSync *sync, PVOID context)
{
    (void)sync;
    *(unsigned *)context = KeGetCurrentIrql();
    return STATUS_SUCCESS;
}

static IResourceList *resources_with_interrupt(unsigned vector, unsigned level)
{
    IResourceList *list = NULL;
    CM_RESOURCE_LIST raw;
    memset(&raw, 0, sizeof raw);
    raw.Count = 1;
    raw.List[0].PartialResourceList.Count = 1;
    CM_PARTIAL_RESOURCE_DESCRIPTOR *d = raw.List[0].PartialResourceList.PartialDescriptors;
    d->Type = CmResourceTypeInterrupt;
    d->Flags = CM_RESOURCE_INTERRUPT_LATCHED;
    d->u.Interrupt.Level = level;
    d->u.Interrupt.Vector = vector;
    d->u.Interrupt.Affinity = 1;
    CHECK_EQ(PcNewResourceList(&list, NULL, PagedPool, &raw, &raw), STATUS_SUCCESS);
    return list;
}

static void test_interrupt_modes(void)
{
    static const struct {
        INTERRUPTSYNCMODE mode;
        int a, b; /* successes of head and tail */
        const char *log;
        uint64_t unclaimed;
    } cases[] = {
        {InterruptSyncModeNormal, 1, 1, "a\n", 0},       {InterruptSyncModeNormal, 0, 1, "a\nb\n", 0},
        {InterruptSyncModeNormal, 0, 0, "a\nb\n", 1},    {InterruptSyncModeAll, 1, 1, "a\nb\n", 0},
        {InterruptSyncModeAll, 0, 1, "a\nb\n", 0},       {InterruptSyncModeAll, 0, 0, "a\nb\n", 1},
        {InterruptSyncModeRepeat, 0, 0, "a\nb\n", 1},    {InterruptSyncModeRepeat, 1, 0, "a\nb\na\nb\n", 0},
        {InterruptSyncModeRepeat, 1, 2, "a\nb\na\nb\na\nb\n", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct routine a = {0, cases[i].a, 'a'}, b = {0, cases[i].b, 'b'};
        IInterruptSync *sync;
        unsigned irql = 99;
        begin((struct kit_config){0});
        struct wdm_machine *machine = host_machine(k.host);
        wdm_enter(machine);
        IResourceList *list = resources_with_interrupt(7, 9);
        CHECK_EQ(PcNewInterruptSync(&sync, NULL, list, 0, cases[i].mode), STATUS_SUCCESS);
        CHECK_EQ(sync->lpVtbl->Connect(sync), STATUS_UNSUCCESSFUL); /* no routine yet */
        CHECK_EQ(sync->lpVtbl->RegisterServiceRoutine(sync, routine, &b, FALSE), STATUS_SUCCESS);
        CHECK_EQ(sync->lpVtbl->RegisterServiceRoutine(sync, routine, &a, TRUE), STATUS_SUCCESS);
        CHECK_EQ(sync->lpVtbl->CallSynchronizedRoutine(sync, synchronized, &irql), STATUS_SUCCESS);
        CHECK_EQ(irql, DISPATCH_LEVEL);
        CHECK(sync->lpVtbl->GetKInterrupt(sync) == NULL);
        CHECK_EQ(sync->lpVtbl->Connect(sync), STATUS_SUCCESS);
        CHECK(sync->lpVtbl->GetKInterrupt(sync) != NULL);
        CHECK_EQ(sync->lpVtbl->CallSynchronizedRoutine(sync, synchronized, &irql), STATUS_SUCCESS);
        CHECK_EQ(irql, 9);
        struct routine fails = {0, 0, 'x'};
        CHECK_EQ(sync->lpVtbl->CallSynchronizedRoutine(sync, routine, &fails), STATUS_UNSUCCESSFUL);
        kit_log_reset();
        wdm_interrupt_pulse(machine, 7);
        wdm_run_idle(machine, 1000);
        CHECK_STR(k.log, cases[i].log);
        CHECK_EQ(kit_broken(&k, WDM_RULE_INTERRUPT), cases[i].unclaimed);
        wdm_rule_reset(machine);
        sync->lpVtbl->Disconnect(sync);
        kit_log_reset();
        wdm_interrupt_pulse(machine, 7);
        CHECK_STR(k.log, "");
        wdm_rule_reset(machine);
        CHECK_EQ(sync->lpVtbl->Release(sync), 0);
        CHECK_EQ(list->lpVtbl->Release(list), 0);
        wdm_leave();
        end();
    }
}

/* On Windows it hangs the system; here it is found out. */
static void test_repeat_for_ever(void)
{
    struct routine a = {0, 1000000, 'a'};
    IInterruptSync *sync;
    begin((struct kit_config){0});
    struct wdm_machine *machine = host_machine(k.host);
    wdm_enter(machine);
    IResourceList *list = resources_with_interrupt(7, 9);
    CHECK_EQ(PcNewInterruptSync(&sync, NULL, list, 0, InterruptSyncModeRepeat), STATUS_SUCCESS);
    CHECK_EQ(sync->lpVtbl->RegisterServiceRoutine(sync, routine, &a, FALSE), STATUS_SUCCESS);
    CHECK_EQ(sync->lpVtbl->Connect(sync), STATUS_SUCCESS);
    wdm_interrupt_pulse(machine, 7);
    CHECK(a.calls < 1000000);
    CHECK_EQ(kit_broken(&k, WDM_RULE_INTERRUPT), 1);
    wdm_rule_reset(machine);
    CHECK_EQ(sync->lpVtbl->Release(sync), 0);
    CHECK_EQ(list->lpVtbl->Release(list), 0);
    wdm_leave();
    end();
}

static void test_interrupt_arguments(void)
{
    IInterruptSync *sync;
    begin((struct kit_config){0});
    wdm_enter(host_machine(k.host));
    IResourceList *list = resources_with_interrupt(7, 9);
    CHECK_EQ(PcNewInterruptSync(NULL, NULL, list, 0, InterruptSyncModeNormal), STATUS_INVALID_PARAMETER);
    CHECK_EQ(PcNewInterruptSync(&sync, NULL, NULL, 0, InterruptSyncModeNormal), STATUS_INVALID_PARAMETER);
    CHECK_EQ(PcNewInterruptSync(&sync, NULL, list, 0, (INTERRUPTSYNCMODE)0), STATUS_INVALID_PARAMETER);
    CHECK_EQ(PcNewInterruptSync(&sync, NULL, list, 0, (INTERRUPTSYNCMODE)4), STATUS_INVALID_PARAMETER);
    CHECK_EQ(PcNewInterruptSync(&sync, NULL, list, 1, InterruptSyncModeNormal), STATUS_SUCCESS);
    struct routine a = {0, 1, 'a'};
    CHECK_EQ(sync->lpVtbl->RegisterServiceRoutine(sync, routine, &a, TRUE), STATUS_SUCCESS);
    CHECK_EQ(sync->lpVtbl->Connect(sync), STATUS_UNSUCCESSFUL); /* there is no second interrupt */
    sync->lpVtbl->Release(sync);
    list->lpVtbl->Release(list);
    wdm_leave();
    end();
}

/* --- IMiniportMidi --- */
/* A device that interrupts, and a driver that never connects to it. */
static void test_unserved(void)
{
    for (int active = 0; active < 2; active++) {
        begin((struct kit_config){.resources = "port 0x330 2\ninterrupt 9\n"});
        wdm_interrupt_set(host_machine(k.host), 9, active != 0);
        CHECK_EQ(kit_faults(&k), 0); /* it may connect yet */
        kit_shut(&k);
        CHECK_EQ(kit_broken(&k, WDM_RULE_INTERRUPT), active);
        CHECK_EQ(kit_faults(&k), active);
        kit_close(&k);
    }
    /* one that did and has disconnected at the end has done what it can */
    begin((struct kit_config){.resources = "port 0x330 2\ninterrupt 9\n", .interrupt_sync = true});
    wdm_enter(host_machine(k.host));
    k.sync->lpVtbl->Disconnect(k.sync);
    wdm_leave();
    wdm_interrupt_set(host_machine(k.host), 9, true);
    end();
}

static VOID NTAPI once_a_second(PDEVICE_OBJECT fdo, PVOID context)
{
    (void)fdo;
    ++*(int *)context;
}

/* What is not unregistered when the device goes. */
static void test_timeout_left(void)
{
    int left = 0, gone = 0;
    begin((struct kit_config){0});
    wdm_enter(host_machine(k.host));
    CHECK_EQ(PcRegisterIoTimeout(k.fdo, once_a_second, &left), STATUS_SUCCESS);
    CHECK_EQ(PcRegisterIoTimeout(k.fdo, once_a_second, &gone), STATUS_SUCCESS);
    CHECK_EQ(PcUnregisterIoTimeout(k.fdo, once_a_second, &gone), STATUS_SUCCESS);
    wdm_leave();
    kit_run(&k, 2500 * WDM_MS);
    CHECK_EQ(left, 2);
    CHECK_EQ(gone, 0);
    kit_shut(&k);
    CHECK_EQ(kit_broken(&k, WDM_RULE_STILL_QUEUED), 1);
    CHECK_EQ(kit_faults(&k), 1);
    kit_close(&k);
}

static void test_legacy(void)
{
    static const uint8_t packet_bytes[] = {0, 0, 0, 0, 3, 0, 0, 0, 0x90, 60, 100, 0, 1, 0, 0, 0, 5, 0, 0, 0, 0xF0, 1, 2, 3, 0xF7, 0, 0, 0};
    struct host_pin *render, *capture;
    uint8_t buffer[64];
    uint32_t result[3] = {0};
    struct host_packet read = {.data = buffer, .size = sizeof buffer, .done = read_done, .ctx = result};
    begin((struct kit_config){.legacy = true});
    struct host_filter *filter = kit_filter(&k);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &render), STATUS_SUCCESS);
    CHECK_EQ(kit_pin(filter, KIT_CAPTURE, &capture), STATUS_SUCCESS);
    CHECK_EQ(kit_pin(filter, KIT_WAVE, &(struct host_pin *){NULL}), STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(host_pin_set_state(render, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(capture, KSSTATE_RUN), STATUS_SUCCESS);
    struct host_packet write = {.data = (void *)(uintptr_t)packet_bytes, .size = sizeof packet_bytes, .used = sizeof packet_bytes,
                                .time = kit_now(&k)};
    k.midi_busy = 3; /* tried again every millisecond */
    CHECK_EQ(host_pin_write(render, &write), STATUS_SUCCESS);
    CHECK_EQ(k.midi_out_count, 0);
    kit_run(&k, 4 * WDM_MS);
    CHECK_EQ(k.midi_out_count, 8);
    CHECK(memcmp(k.midi_out, "\x90\x3c\x64\xf0\x01\x02\x03\xf7", 8) == 0);
    kit_log_reset();
    memcpy(k.capture_bytes, "\x90\x40\x7f\x80\x40\x00", 6);
    k.capture_count = 6;
    CHECK_EQ(host_pin_read(capture, &read), STATUS_PENDING);
    notify(NULL, 8);
    CHECK_STR(k.log, "miniport Service\n"); /* that one is called, and the streams are read */
    CHECK_EQ(result[0], 1);
    CHECK(memcmp(buffer + 8, "\x90\x40\x7f", 3) == 0);
    host_close_filter(filter);
    end();
}

int main(void)
{
    RUN(test_group);
    RUN(test_last_release);
    RUN(test_fan_out);
    RUN(test_early_group);
    RUN(test_interrupt_to_read);
    RUN(test_interrupt_modes);
    RUN(test_repeat_for_ever);
    RUN(test_interrupt_arguments);
    RUN(test_unserved);
    RUN(test_timeout_left);
    RUN(test_legacy);
    return tap_done();
}
