/* SPDX-License-Identifier: MIT */
/*
 * uart_rig.h - an adapter driver with the built-in UART miniport, loaded by the host, over an emulated MPU-401.
 */
#ifndef DMUS_TESTS_KERNEL_UART_RIG_H
#define DMUS_TESTS_KERNEL_UART_RIG_H

#ifndef CONST_VTABLE
#define CONST_VTABLE
#endif

#include <stdatomic.h>
#include <stdlib.h>

#include <wdm.h>

#include <portcls.h>

#include <dmusbuff.h>
#include <dmusicks.h>
#include <ksmedia.h>

#include "kernel/host/host.h"
#include "kernel/miniports/builtin.h"
#include "kernel/miniports/mpu401.h"
#include "tap.h"

#define MPU_PORT   0x330u
#define MPU_VECTOR 9

/* ---- the driver ---- */

static NTSTATUS NTAPI uart_start(PDEVICE_OBJECT device, PIRP irp, PRESOURCELIST resources)
{
    static const WCHAR name[] = {'U', 'A', 'R', 'T', 0};
    PPORT port = NULL;
    PMINIPORT miniport = NULL;
    NTSTATUS status = PcNewPort(&port, &CLSID_PortDMus);
    if (NT_SUCCESS(status))
        status = PcNewMiniport(&miniport, &CLSID_MiniportDriverDMusUART);
    if (NT_SUCCESS(status))
        status = port->lpVtbl->Init(port, device, irp, (PUNKNOWN)miniport, NULL, resources);
    if (NT_SUCCESS(status))
        status = PcRegisterSubdevice(device, (PWSTR)name, (PUNKNOWN)port);
    if (miniport)
        miniport->lpVtbl->Release(miniport);
    if (port)
        port->lpVtbl->Release(port);
    return status;
}

static NTSTATUS NTAPI uart_add(PDRIVER_OBJECT driver, PDEVICE_OBJECT pdo)
{
    return PcAddAdapterDevice(driver, pdo, uart_start, 1, 0);
}

static NTSTATUS NTAPI uart_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    return PcInitializeAdapterDriver(driver, path, uart_add);
}

/* ---- the machine ---- */

struct uart_rig {
    struct host *host;
    struct wdm_machine *machine;
    struct mpu401 *mpu;
    struct host_driver *driver;
    struct host_device *device;
    struct host_filter *filter;
};

static const struct pc_builtin_miniport uart_miniports[] = {
    {&CLSID_MiniportDriverDMusUART, uart_create_instance},
    {&CLSID_MiniportDriverDMusUARTCapture, uart_create_instance},
};

/* The machine and its hardware; the device is not started. */
static inline void uart_rig_hardware(struct uart_rig *rig, enum wdm_time time, struct mpu401_config mpu)
{
    struct host_config config = {.time = time, .miniports = uart_miniports, .miniport_count = 2};
    struct dm_error err = {DM_OK, ""};
    memset(rig, 0, sizeof *rig);
    CHECK_EQ(host_create(&config, &rig->host, &err), DM_OK);
    rig->machine = host_machine(rig->host);
    mpu.machine = rig->machine;
    mpu.port = MPU_PORT;
    CHECK_EQ(mpu401_create(&mpu, &rig->mpu, &err), DM_OK);
}

static inline enum dm_status uart_rig_start(struct uart_rig *rig, const char *resources_text, struct dm_error *err)
{
    struct host_driver_config driver = {.name = "uart", .entry = uart_entry};
    struct host_resources *resources = NULL;
    CHECK_EQ(host_load_driver(rig->host, &driver, &rig->driver, err), DM_OK);
    CHECK_EQ(host_resources_parse(resources_text, strlen(resources_text), "test", &resources, err), DM_OK);
    enum dm_status status = host_add_device(rig->driver, resources, &rig->device, err);
    host_resources_free(resources);
    return status;
}

static inline void uart_rig_open(struct uart_rig *rig, enum wdm_time time, struct mpu401_config mpu)
{
    struct dm_error err = {DM_OK, ""};
    uart_rig_hardware(rig, time, mpu);
    const char *resources = mpu.vector >= 0 ? "port 0x330 2\ninterrupt 9\n" : "port 0x330 2\n";
    if (!CHECK(uart_rig_start(rig, resources, &err) == DM_OK))
        printf("#   %s\n", err.text);
    CHECK_EQ(host_open_filter(rig->host, "UART", &rig->filter), STATUS_SUCCESS);
}

/* Everything is closed, and no rule was broken. */
static inline void uart_rig_close(struct uart_rig *rig)
{
    struct wdm_breach breach;
    host_close_filter(rig->filter);
    host_shut_down(rig->host);
    CHECK_EQ(wdm_rule_faults(rig->machine), 0);
    for (size_t i = 0; wdm_rule_breach(rig->machine, i, &breach) && i < 8; i++)
        printf("#   rule %d: %s\n", (int)breach.rule, breach.text);
    mpu401_destroy(rig->mpu);
    host_destroy(rig->host);
}

static inline int64_t uart_rig_now(struct uart_rig *rig)
{
    KSPROPERTY property;
    ULONGLONG now = 0;
    memset(&property, 0, sizeof property);
    property.Set = KSPROPSETID_SynthClock;
    property.Flags = KSPROPERTY_TYPE_GET;
    CHECK_EQ(host_filter_property(rig->filter, &property, sizeof property, &now, sizeof now, NULL), STATUS_SUCCESS);
    return (int64_t)now;
}

static inline void uart_rig_pass(struct uart_rig *rig, int64_t time_100ns)
{
    wdm_enter(rig->machine);
    wdm_run_until(rig->machine, wdm_time_100ns(rig->machine) + time_100ns);
    wdm_leave();
}

static inline struct host_pin *open_pin(struct uart_rig *rig, uint32_t pin, const GUID *subformat)
{
    uint8_t connect[HOST_CONNECT_MAX];
    struct host_pin *out = NULL;
    uint32_t size = host_connect_music(connect, pin, subformat);
    CHECK_EQ(host_create_pin(rig->filter, connect, size, &out), STATUS_SUCCESS);
    return out;
}

/* ---- writing ---- */

struct outgoing {
    struct host_packet packet;
    uint8_t bytes[];
};

static inline void outgoing_done(void *ctx, NTSTATUS status, uint32_t bytes)
{
    (void)status, (void)bytes;
    free(ctx);
}

/* One message or system exclusive as a DMUS_EVENTHEADER record, due at TIME. */
static inline void write_message(struct host_pin *pin, int64_t time, const uint8_t *message, uint32_t size)
{
    uint32_t whole = (20 + size + 7) & ~7u;
    struct outgoing *out = calloc(1, sizeof *out + whole);
    DMUS_EVENTHEADER header = {.cbEvent = size, .dwChannelGroup = 1,
                               .dwFlags = message[0] == 0xF0 ? 0 : DMUS_EVENT_STRUCTURED};
    memcpy(out->bytes, &header, 20);
    memcpy(out->bytes + 20, message, size);
    out->packet = (struct host_packet){.data = out->bytes, .size = whole, .used = whole, .time = time, .done = outgoing_done,
                                       .ctx = out};
    CHECK(NT_SUCCESS(host_pin_write(pin, &out->packet)));
}

/* ---- reading ---- */

#define LISTENER_READS 4

struct listener;
struct listener_read {
    struct host_packet packet;
    struct listener *listener;
    _Alignas(8) uint8_t bytes[4096];
};

struct listener {
    struct host_pin *pin;
    struct listener_read reads[LISTENER_READS];
    uint8_t *bytes; /* all data in order */
    size_t count, capacity;
    int64_t last_time;
    unsigned records, backward, discontinuities;
    atomic_size_t heard; /* count, for another thread */
    atomic_uint refused; /* reads */
    atomic_bool ending;
};

static inline void listener_take(struct listener *l, const uint8_t *data, uint32_t used, int64_t start)
{
    for (uint32_t at = 0; at + 20 <= used;) {
        DMUS_EVENTHEADER header;
        memcpy(&header, data + at, 20);
        if (l->count + header.cbEvent > l->capacity) {
            l->capacity = (l->count + header.cbEvent) * 2;
            l->bytes = realloc(l->bytes, l->capacity);
        }
        memcpy(l->bytes + l->count, data + at + 20, header.cbEvent);
        l->count += header.cbEvent;
        l->records++;
        l->backward += start + header.rtDelta < l->last_time;
        l->last_time = start + header.rtDelta;
        at += (20 + header.cbEvent + 7) & ~7u;
    }
}

static inline void listen(struct listener_read *read);

static inline void listener_done(void *ctx, NTSTATUS status, uint32_t bytes)
{
    struct listener_read *read = ctx;
    struct listener *l = read->listener;
    (void)bytes;
    if (!NT_SUCCESS(status))
        return;
    l->discontinuities += (read->packet.options & KSSTREAM_HEADER_OPTIONSF_DATADISCONTINUITY) != 0;
    listener_take(l, read->bytes, read->packet.used, read->packet.time);
    atomic_store(&l->heard, l->count);
    if (!l->ending)
        listen(read);
}

static inline void listen(struct listener_read *read)
{
    read->packet =
        (struct host_packet){.data = read->bytes, .size = sizeof read->bytes, .done = listener_done, .ctx = read};
    if (!NT_SUCCESS(host_pin_read(read->listener->pin, &read->packet)))
        atomic_fetch_add(&read->listener->refused, 1);
}

static inline void listener_open(struct listener *l, struct uart_rig *rig)
{
    memset(l, 0, sizeof *l);
    l->pin = open_pin(rig, 4, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    CHECK_EQ(host_pin_set_state(l->pin, KSSTATE_RUN), STATUS_SUCCESS);
    for (int i = 0; i < LISTENER_READS; i++) {
        l->reads[i].listener = l;
        listen(&l->reads[i]);
    }
}

/* Nothing is read any more, and what was may be looked at. */
static inline void listener_stop(struct listener *l)
{
    l->ending = true;
    host_close_pin(l->pin);
    l->pin = NULL;
    CHECK_EQ(l->refused, 0);
}

static inline void listener_close(struct listener *l)
{
    listener_stop(l);
    free(l->bytes);
}

#endif
