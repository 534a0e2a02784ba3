/* SPDX-License-Identifier: MIT */
/* Ports, interrupts and alarms in virtual time: an emulated device with one data register and one interrupt. */
#include "kernel/wdm/device.h"
#include "wdm_rig.h"

#define VECTOR 3
#define DIRQL  7

static struct wdm_machine *machine;
static struct {
    uint8_t fifo[8];
    unsigned used, writes;
    uint32_t last_offset, last_value, last_width;
    struct wdm_alarm *alarm;
} device;

static uint32_t device_read(void *ctx, uint32_t offset, unsigned width)
{
    CHECK(ctx == &device);
    if (offset == 0) {
        uint8_t value = device.used ? device.fifo[--device.used] : 0xEE;
        if (!device.used)
            wdm_interrupt_set(machine, VECTOR, false);
        return value;
    }
    return width == 1 ? device.used : 0x11223344;
}

static void device_write(void *ctx, uint32_t offset, unsigned width, uint32_t value)
{
    (void)ctx;
    device.writes++;
    device.last_offset = offset;
    device.last_width = width;
    device.last_value = value;
    if (offset == 2) { /* echoes at once */
        device.fifo[device.used++] = (uint8_t)value;
        wdm_interrupt_set(machine, VECTOR, true);
    } else if (offset == 3) { /* echoes after VALUE us */
        wdm_alarm_set(device.alarm, wdm_time_100ns(machine) + value * 10);
    }
}

static void echo(void *ctx, int64_t now_100ns)
{
    (void)ctx;
    CHECK_EQ(now_100ns, wdm_time_100ns(machine));
    device.fifo[device.used++] = 0xAC;
    wdm_interrupt_set(machine, VECTOR, true);
}

static PUCHAR port(unsigned offset) { return (PUCHAR)(uintptr_t)(0x330 + offset); }

static void start(void)
{
    machine = machine_open(WDM_VIRTUAL);
    device.used = device.writes = 0;
    struct wdm_port_model model = {device_read, device_write, &device};
    CHECK(wdm_ports_claim(machine, 0x330, 4, &model));
    device.alarm = wdm_alarm_create(machine, echo, NULL);
}

static void finish(void)
{
    wdm_alarm_destroy(device.alarm);
    wdm_ports_release(machine, 0x330);
    CHECK_EQ(READ_PORT_UCHAR(port(1)), 0xFF);
    machine_close(machine);
}

static void test_ports(void)
{
    struct wdm_port_model silent = {NULL, NULL, NULL};
    UCHAR bytes[3] = {1, 2, 3};
    start();
    CHECK(!wdm_ports_claim(machine, 0x333, 1, &silent)); /* taken */
    CHECK(!wdm_ports_claim(machine, 0x320, 0x11, &silent));
    CHECK(!wdm_ports_claim(machine, 0x400, 0, &silent));
    CHECK(!wdm_ports_claim(machine, 0xFFFFFFFF, 2, &silent));
    CHECK(wdm_ports_claim(machine, 0x320, 0x10, &silent));
    CHECK_EQ(READ_PORT_UCHAR((PUCHAR)(uintptr_t)0x32F), 0xFF);
    CHECK_EQ(READ_PORT_ULONG((PULONG)(uintptr_t)0x334), 0xFFFFFFFF);
    CHECK_EQ(READ_PORT_USHORT((PUSHORT)(uintptr_t)0x10), 0xFFFF);
    CHECK_EQ(READ_PORT_UCHAR(port(1)), 0);
    CHECK_EQ(READ_PORT_USHORT((PUSHORT)port(1)), 0x3344); /* cut to the width */
    CHECK_EQ(READ_PORT_ULONG((PULONG)port(1)), 0x11223344);
    WRITE_PORT_USHORT((PUSHORT)port(1), 0xBEEF);
    CHECK(device.last_offset == 1 && device.last_width == 2 && device.last_value == 0xBEEF);
    WRITE_PORT_BUFFER_UCHAR(port(1), bytes, 3);
    CHECK_EQ(device.writes, 4);
    CHECK_EQ(device.last_value, 3);
    READ_PORT_BUFFER_UCHAR(port(0), bytes, 3);
    CHECK(bytes[0] == 0xEE && bytes[2] == 0xEE);
    wdm_ports_release(machine, 0x320);
    finish();
}

/* What is nobody's is noted, and is no fault; what a device was given is not, whether somebody answers there or not. */
static void test_ports_of_nobody(void)
{
    UCHAR bytes[4];
    struct wdm_breach breach;
    start();
    CHECK(wdm_ports_give(machine, &device, 0x388, 2));
    READ_PORT_UCHAR((PUCHAR)(uintptr_t)0x388);
    WRITE_PORT_UCHAR((PUCHAR)(uintptr_t)0x389, 1);
    READ_PORT_UCHAR(port(3));
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_HARDWARE), 0);
    READ_PORT_UCHAR((PUCHAR)(uintptr_t)0x38A);
    WRITE_PORT_USHORT((PUSHORT)(uintptr_t)0x38A, 1);
    READ_PORT_BUFFER_UCHAR(port(4), bytes, 4); /* one for all */
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_HARDWARE), 3);
    CHECK(wdm_rule_breach(machine, 1, &breach) && strstr(breach.text, "port 0x38a") && strstr(breach.text, "2 bytes"));
    wdm_ports_take_back(machine, &device);
    READ_PORT_UCHAR((PUCHAR)(uintptr_t)0x388);
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_HARDWARE), 4);
    finish();
}

/* A status that is read until the device is ready takes the time that the device needs; whatever the level. */
static void test_spin_on_a_port(void)
{
    for (unsigned irql = PASSIVE_LEVEL; irql <= DISPATCH_LEVEL; irql++) {
        KIRQL old;
        start();
        int64_t from = wdm_time_100ns(machine);
        KeRaiseIrql((KIRQL)irql, &old);
        WRITE_PORT_UCHAR(port(3), 200);
        while (READ_PORT_UCHAR(port(1)) == 0)
            ;
        CHECK(wdm_time_100ns(machine) - from >= 2000 && wdm_time_100ns(machine) - from < 2100);
        KeLowerIrql(old);
        READ_PORT_UCHAR(port(0));
        finish();
    }
}

static void test_stalls(void)
{
    start();
    KeStallExecutionProcessor(1000); /* wasteful, but others may run */
    KIRQL old = KeRaiseIrqlToDpcLevel();
    KeStallExecutionProcessor(50);
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_HARDWARE), 0);
    KeStallExecutionProcessor(51);
    KeLowerIrql(old);
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_HARDWARE), 1);
    finish();
}

static unsigned services, dpcs, service_irql;
static uint8_t got[8];
static KDPC dpc;

static VOID NTAPI deferred(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    (void)Dpc;
    (void)DeferredContext;
    (void)SystemArgument1;
    (void)SystemArgument2;
    dpcs++;
}

static BOOLEAN NTAPI service(PKINTERRUPT Interrupt, PVOID ServiceContext)
{
    (void)Interrupt;
    (void)ServiceContext;
    service_irql = KeGetCurrentIrql();
    got[services++ % 8] = READ_PORT_UCHAR(port(0)); /* one byte per service: the line says whether there is more */
    KeInsertQueueDpc(&dpc, NULL, NULL);
    CHECK_EQ(dpcs, 0); /* not before the level falls */
    return TRUE;
}

static BOOLEAN NTAPI write_two(PVOID SynchronizeContext)
{
    unsigned before = services;
    (void)SynchronizeContext;
    WRITE_PORT_UCHAR(port(2), 1);
    WRITE_PORT_UCHAR(port(2), 2);
    return services == before; /* excluded */
}

static void test_interrupts(void)
{
    PKINTERRUPT interrupt, other;
    start();
    services = dpcs = 0;
    KeInitializeDpc(&dpc, deferred, NULL);
    WRITE_PORT_UCHAR(port(2), 9); /* waits until somebody is connected */
    CHECK_EQ(IoConnectInterrupt(&interrupt, service, NULL, NULL, VECTOR, 2, DIRQL, LevelSensitive, FALSE, 1, FALSE),
             STATUS_INVALID_PARAMETER);
    CHECK_EQ(IoConnectInterrupt(&interrupt, service, NULL, NULL, VECTOR, DIRQL, DIRQL, LevelSensitive, FALSE, 1, FALSE),
             STATUS_SUCCESS);
    CHECK(services == 1 && dpcs == 1 && got[0] == 9);
    CHECK_EQ(IoConnectInterrupt(&other, service, NULL, NULL, VECTOR, DIRQL, DIRQL, LevelSensitive, FALSE, 1, FALSE),
             STATUS_INVALID_PARAMETER); /* not shared */
    CHECK_EQ(service_irql, DIRQL);
    dpcs = 0;
    CHECK(KeSynchronizeExecution(interrupt, write_two, NULL));
    CHECK(services == 3 && dpcs == 1 && got[1] == 2 && got[2] == 1);
    dpcs = 0;
    KIRQL old = KfRaiseIrql(DIRQL);
    WRITE_PORT_UCHAR(port(2), 5);
    CHECK_EQ(services, 3);
    KeLowerIrql(DISPATCH_LEVEL); /* lets the interrupt through, not the DPC */
    CHECK(services == 4 && dpcs == 0);
    KeLowerIrql(old);
    CHECK_EQ(dpcs, 1);
    CHECK_EQ(wdm_interrupt_count(machine, VECTOR), 4);
    IoDisconnectInterrupt(interrupt);
    finish();
}

static void test_alarms(void)
{
    PKINTERRUPT interrupt;
    start();
    services = dpcs = 0;
    KeInitializeDpc(&dpc, deferred, NULL);
    CHECK_EQ(IoConnectInterrupt(&interrupt, service, NULL, NULL, VECTOR, DIRQL, DIRQL, LevelSensitive, FALSE, 1, FALSE),
             STATUS_SUCCESS);
    WRITE_PORT_UCHAR(port(3), 100);
    CHECK_EQ(wdm_next_due(machine), wdm_time_100ns(machine) + 1000);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    KeStallExecutionProcessor(99); /* hardware goes on while a driver polls at DISPATCH */
    CHECK_EQ(services, 0);
    KeStallExecutionProcessor(2);
    CHECK(services == 1 && dpcs == 0 && got[0] == 0xAC);
    KeLowerIrql(old);
    CHECK_EQ(dpcs, 1);
    CHECK_EQ(KeQueryInterruptTime(), 1010);
    dpcs = 0;
    WRITE_PORT_UCHAR(port(3), 50);
    wdm_run_until(machine, wdm_time_100ns(machine) + 499);
    CHECK_EQ(services, 1);
    wdm_run_until(machine, wdm_time_100ns(machine) + 1);
    CHECK(services == 2 && dpcs == 1);
    WRITE_PORT_UCHAR(port(3), 50);
    wdm_alarm_cancel(device.alarm);
    wdm_run_until(machine, wdm_time_100ns(machine) + 10000);
    CHECK_EQ(services, 2);
    IoDisconnectInterrupt(interrupt);
    finish();
}

static void test_power(void)
{
    struct wdm_breach breach;
    PKINTERRUPT interrupt;
    start();
    KeInitializeDpc(&dpc, deferred, NULL);
    CHECK_EQ(IoConnectInterrupt(&interrupt, service, NULL, NULL, VECTOR, DIRQL, DIRQL, LevelSensitive, FALSE, 1, FALSE),
             STATUS_SUCCESS);
    CHECK(wdm_ports_give(machine, &device, 0x330, 2));
    READ_PORT_UCHAR(port(1));
    CHECK(!wdm_rule_tried(machine, WDM_RULE_POWER));
    wdm_ports_power(machine, &device, false);
    CHECK(wdm_rule_tried(machine, WDM_RULE_POWER));
    READ_PORT_UCHAR(port(2)); /* not of what was given */
    only_broken(machine, WDM_RULE_NONE, 0);
    CHECK_EQ(READ_PORT_UCHAR(port(1)), 0); /* answered all the same */
    WRITE_PORT_UCHAR(port(1), 1);
    only_broken(machine, WDM_RULE_POWER, 2);
    CHECK(wdm_rule_breach(machine, 0, &breach) && strstr(breach.text, "port 0x331"));
    services = dpcs = 0;
    WRITE_PORT_UCHAR(port(2), 0x77); /* the model echoes and interrupts, as no device without power does */
    CHECK(services == 1 && got[0] == 0x77);
    only_broken(machine, WDM_RULE_POWER, 2);
    wdm_ports_power(machine, &device, true);
    READ_PORT_UCHAR(port(1));
    only_broken(machine, WDM_RULE_POWER, 2);
    /* another one has the same ports: its power, and its end, are its own */
    CHECK(wdm_ports_give(machine, &services, 0x330, 2));
    wdm_ports_power(machine, &device, false);
    READ_PORT_UCHAR(port(1));
    only_broken(machine, WDM_RULE_POWER, 2);
    wdm_ports_take_back(machine, &services);
    READ_PORT_UCHAR(port(1));
    only_broken(machine, WDM_RULE_POWER, 3);
    wdm_ports_take_back(machine, &device);
    IoDisconnectInterrupt(interrupt);
    wdm_run_idle(machine, 1000);
    wdm_rule_reset(machine);
    finish();
}

int main(void)
{
    RUN(test_ports);
    RUN(test_ports_of_nobody);
    RUN(test_spin_on_a_port);
    RUN(test_stalls);
    RUN(test_power);
    RUN(test_interrupts);
    RUN(test_alarms);
    return tap_done();
}
