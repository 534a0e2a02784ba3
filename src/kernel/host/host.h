/* SPDX-License-Identifier: MIT */
/*
 * host.h - the door to the kernel half: loads adapter drivers, gives them devices, and does with their filters and pins what
 * user mode does on Windows.
 *
 * A host is one simulated computer (kernel/wdm/machine.h) with its drivers. Everything goes through the drivers' own dispatch
 * tables as IRPs, in virtual time as in real time; this layer adds handles, waiting and introspection, and no behaviour.
 *
 *     struct host_config config = {.time = WDM_VIRTUAL};
 *     host_create(&config, &host, &err);
 *     host_load_driver(host, &(struct host_driver_config){.name = "swsynth", .entry = swsynth_DriverEntry}, &driver, &err);
 *     host_add_device(driver, NULL, &device, &err);                      AddDevice, StartDevice
 *     host_open_filter(host, "DMusic", &filter);
 *     size = host_connect_music(bytes, 0, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
 *     host_create_pin(filter, bytes, size, &midi);
 *     host_pin_set_state(midi, KSSTATE_RUN);
 *     host_pin_write(midi, &packet);
 *     wdm_run_until(host_machine(host), t);                              virtual time only
 *     host_pin_pull(wave, buffer, frames);
 *
 * Threads: host_create to host_add_device, and what stops, removes or destroys, belong to one thread at a time. An open filter
 * or pin may be used from any number of threads (writes, reads, properties, states); in virtual time from one thread only.
 * Callbacks come on any thread, in virtual time on the one that drives the machine or, while that is held up, on one of the
 * machine's, perhaps at DISPATCH_LEVEL, and hold no lock of the host. They may write, read and cancel; what waits, opens or closes
 * is for PASSIVE_LEVEL and another thread.
 *
 * Results: functions that name an err fill it and answer a dm_status; the others answer an NTSTATUS, unaltered as the port or the
 * miniport gave it. Unless said otherwise STATUS_INSUFFICIENT_RESOURCES is a failed allocation and STATUS_INVALID_DEVICE_STATE
 * a device that is stopped or gone.
 *
 * Source: spec/ddi-kernel.md 7.7, 8.1, 8.2, 8.7, 8.13, 11.5.
 */
#ifndef DMUS_KERNEL_HOST_H
#define DMUS_KERNEL_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wdm.h>
#include <ks.h>
#include <dmksctrl.h>

#include "base/status.h"
#include "kernel/portcls/builtin.h"
#include "kernel/wdm/machine.h"

struct host;
struct host_driver;
struct host_device;
struct host_filter;
struct host_pin;
struct sequencer_stats;

/* --- computer ---------------------------------------------------------------------------------------------------------- */

/* A kind of emulated hardware that a resource file can ask for by name ("mpu401"). The table is the caller's and outlives the
 * host; host.c knows no model by itself. */
struct host_model_place {
    struct wdm_machine *machine;
    uint64_t port, port_length; /* the resource it sits on; 0, 0: none */
    bool has_interrupt;
    uint32_t vector;            /* if has_interrupt: of the translated interrupt */
    const char *options;        /* rest of the line, "" if none: the model's own words */
};
struct host_model {
    const char *name;
    /* Put the device into the machine. DM_OK: *out is the model's own, given to detach before the machine ends. */
    enum dm_status (*attach)(const struct host_model_place *place, void **out, struct dm_error *err);
    void (*detach)(void *device);
};

struct host_config {
    enum wdm_time time;
    uint32_t event_buffer_size;       /* IAllocatorMXF::GetBufferSize, 32..65535; 0: 4096 */
    bool render_bytes;                /* ISynthSinkDMus::Render counts bytes instead of frames (spec 12, 1) */
    bool drop_active_sensing;         /* capture: FEh is not passed on (spec 8.9) */
    bool trap_use_after_return;       /* AddressSanitizer stops whoever touches an event or buffer that is not out; else nothing */
    const char *registry_file;        /* values of the registry (kernel/wdm); NULL: an empty registry */
    const struct host_model *models;  /* MODEL_COUNT of them */
    size_t model_count;
    const struct pc_builtin_miniport *miniports; /* what PcNewMiniport makes; MINIPORT_COUNT of them, the caller's */
    size_t miniport_count;
    uint32_t wait_limit_ms;           /* for a request that is waited for; 0: 30 s, in virtual time 10 simulated s */
    int priority;                     /* real time: of the timer and interrupt threads, 0 none (wdm_config) */
    void (*print)(void *ctx, const char *line); /* DbgPrint and what the machine says (wdm_config); NULL: base/log.h */
    void *print_ctx;
};

/* DM_ERR_ARGUMENT, DM_ERR_NOMEM, DM_ERR_OPEN, DM_ERR_FORMAT (the registry file). */
enum dm_status host_create(const struct host_config *config, struct host **out, struct dm_error *err);
/* Closes what is open, removes the devices, unloads the drivers and ends the machine. NULL allowed. */
void host_destroy(struct host *host);
/* Rules, trace and time of it: kernel/wdm/rules.h, trace.h, machine.h. Valid until host_destroy. */
struct wdm_machine *host_machine(struct host *host);
/* Everything that host_destroy does but ending the machine, so that its rule book has the last word about leaks. host_destroy is
 * still due. */
void host_shut_down(struct host *host);

/* --- drivers and devices ----------------------------------------------------------------------------------------------- */

struct host_driver_config {
    const char *name;                 /* of the service; unique in the host, a-z 0-9 _ - */
    PDRIVER_INITIALIZE entry;         /* DriverEntry of a driver that is linked in; or NULL and */
    const char *path;                 /* a shared object that exports one */
};

/* Load and call DriverEntry. DM_ERR_OPEN: no such object, or it wants a symbol that nobody has (the text names it);
 * DM_ERR_UNSUPPORTED: no DriverEntry in it, or no AddDevice after it; DM_ERR_DEVICE: DriverEntry failed (status in the text).
 * Several drivers may be loaded, each file once per name. */
enum dm_status host_load_driver(struct host *host, const struct host_driver_config *config, struct host_driver **out,
                                struct dm_error *err);

/* The hardware of one device: host_resources_parse. */
struct host_resources;
/* Text, one resource a line, # begins a comment; numbers as in C; doc: src/kernel/host/resources.c.
 *     port START LENGTH               an I/O port range
 *     interrupt VECTOR [latched]
 *     memory START LENGTH
 *     dma CHANNEL
 *     model NAME [port=N] [interrupt=N] [OPTION...]     N counts this file's resources of that kind from 0
 * DM_ERR_FORMAT with the line's number. NAME names the text in messages. */
enum dm_status host_resources_parse(const char *text, size_t size, const char *name, struct host_resources **out,
                                    struct dm_error *err);
enum dm_status host_resources_load(const char *path, struct host_resources **out, struct dm_error *err);
void host_resources_free(struct host_resources *resources); /* NULL allowed */

/* A device node for the driver: models attached, AddDevice, capabilities asked, IRP_MN_START_DEVICE. RESOURCES (NULL: none) stay
 * the caller's and are copied. DM_ERR_DEVICE: a call of the driver failed; the device is then removed again. */
enum dm_status host_add_device(struct host_driver *driver, const struct host_resources *resources, struct host_device **out,
                               struct dm_error *err);
/* The resources are taken away for rebalancing: IRP_MN_QUERY_STOP_DEVICE and _STOP_DEVICE. STATUS_DEVICE_BUSY (not a success) while a
 * filter is open: all filters of the device end with the stop. */
NTSTATUS host_device_stop(struct host_device *device);
NTSTATUS host_device_start(struct host_device *device); /* again after host_device_stop */
/* Open pins and filters are closed as their owners would do it, then IRP_MN_QUERY_REMOVE_DEVICE and _REMOVE_DEVICE. DEVICE and all
 * handles into it end here. */
void host_device_remove(struct host_device *device);
/* The device is gone: IRP_MN_SURPRISE_REMOVAL while handles are open; every request fails from then on. host_device_remove,
 * or the last close after it, ends it. */
void host_device_surprise(struct host_device *device);
/* IRP_MN_QUERY_POWER and _SET_POWER, D0..D3 (spec 8.13). The driver's veto is answered and nothing changes. */
NTSTATUS host_device_power(struct host_device *device, DEVICE_POWER_STATE state);
/* IPortDMus::Notify(NULL) of each DMus port of the device, as an interrupt of hardware would have it. IRQL up to DISPATCH. */
void host_device_notify(struct host_device *device);
const char *host_device_name(const struct host_device *device); /* driver's name and a number, "swsynth0" */

/* --- what is there ----------------------------------------------------------------------------------------------------- */

struct host_filter_info {
    const char *device; /* host_device_name */
    const char *name;   /* reference string, UTF-8 */
    bool is_topology;   /* IPortTopology: no pin can be opened */
    uint32_t pin_count, node_count, connection_count, category_count;
};
struct host_pin_info {
    uint32_t id;
    KSPIN_DATAFLOW data_flow;
    KSPIN_COMMUNICATION communication;
    const GUID *category, *name; /* NULL if none */
    uint32_t range_count;
    const KSDATARANGE *const *ranges; /* FormatSize bytes each */
    uint32_t max_global, max_filter, min_filter;
};
struct host_node_info {
    uint32_t id;
    const GUID *type, *name; /* name NULL: the type's */
};
struct host_property_info {
    const GUID *set;
    uint32_t id, flags; /* KSPROPERTY_TYPE_ bits */
};
enum host_table { HOST_TABLE_FILTER, HOST_TABLE_PIN, HOST_TABLE_NODE };

/* Filters of the host in order of registration; false past the end. Pointers are valid until the device is removed. */
bool host_filter_info(struct host *host, size_t index, struct host_filter_info *out);
/* The rest of filter INDEX; false past the end. */
bool host_filter_category(struct host *host, size_t index, size_t category, const GUID **out);
bool host_filter_pin(struct host *host, size_t index, size_t pin, struct host_pin_info *out);
bool host_filter_node(struct host *host, size_t index, size_t node, struct host_node_info *out);
bool host_filter_connection(struct host *host, size_t index, size_t connection, KSTOPOLOGY_CONNECTION *out);
/* Items of an automation table of the miniport; OWNER: number of the pin or node. */
bool host_filter_property_item(struct host *host, size_t index, enum host_table table, uint32_t owner, size_t item,
                               struct host_property_info *out);

/* --- filters ----------------------------------------------------------------------------------------------------------- */

/* NAME: reference string, or "device/reference string"; STATUS_OBJECT_NAME_NOT_FOUND. */
NTSTATUS host_open_filter(struct host *host, const char *name, struct host_filter **out);
void host_close_filter(struct host_filter *filter); /* its pins first; NULL allowed */

/* Status and the number of bytes returned of an asynchronous call; called exactly once for each, perhaps before it returns. */
typedef void host_done(void *ctx, NTSTATUS status, uint32_t bytes);

/* IOCTL_KS_PROPERTY (spec 7.7): REQUEST is KSPROPERTY, KSNODEPROPERTY or KSP_PIN with what follows it. *RETURNED (may be NULL) on
 * every path. Waits while the handler answers STATUS_PENDING, wait_limit_ms at most, then STATUS_IO_TIMEOUT: the handler keeps the
 * request, and what it writes later goes nowhere. */
NTSTATUS host_filter_property(struct host_filter *filter, const void *request, uint32_t cb_request, void *data, uint32_t cb_data,
                              uint32_t *returned);
/* The same without waiting. DATA must stay valid until DONE. Answers STATUS_PENDING, or the final status that DONE had, too. */
NTSTATUS host_filter_property_async(struct host_filter *filter, const void *request, uint32_t cb_request, void *data,
                                    uint32_t cb_data, host_done *done, void *ctx);
/* KsProperty over the handle. Errors become those of dmksctrl.h; the rest is HRESULT_FROM_NT. After the handle is closed
 * every call answers E_UNEXPECTED. The caller releases it. */
NTSTATUS host_filter_kscontrol(struct host_filter *filter, IKsControl **out);

/* --- pins -------------------------------------------------------------------------------------------------------------- */

#define HOST_CONNECT_MAX 192 /* bytes that either of these writes at most */
/* A KSPIN_CONNECT with the format of a MUSIC pin (SUBFORMAT _DIRECTMUSIC or _MIDI) or of PCM. Answers the size. */
uint32_t host_connect_music(void *bytes, uint32_t pin, const GUID *subformat);
uint32_t host_connect_wave(void *bytes, uint32_t pin, uint32_t rate, uint32_t channels, uint32_t bits);

/* CONNECT: KSPIN_CONNECT and format. Statuses of spec 8.2: STATUS_NO_MATCH (format), STATUS_DEVICE_BUSY (instance limits),
 * STATUS_INVALID_PARAMETER, the miniport's. */
NTSTATUS host_create_pin(struct host_filter *filter, const void *connect, uint32_t cb_connect, struct host_pin **out);
/* Cancels what is pending, brings the stream to STOP and closes it. NULL allowed. */
void host_close_pin(struct host_pin *pin);

NTSTATUS host_pin_property(struct host_pin *pin, const void *request, uint32_t cb_request, void *data, uint32_t cb_data,
                           uint32_t *returned);
NTSTATUS host_pin_property_async(struct host_pin *pin, const void *request, uint32_t cb_request, void *data, uint32_t cb_data,
                                 host_done *done, void *ctx);
NTSTATUS host_pin_kscontrol(struct host_pin *pin, IKsControl **out);

/* KSPROPERTY_CONNECTION_STATE. The port takes every step between; a failing step leaves the state before it. */
NTSTATUS host_pin_set_state(struct host_pin *pin, KSSTATE state);
NTSTATUS host_pin_state(struct host_pin *pin, KSSTATE *state);

/* One stream header. The caller keeps it and DATA in place until DONE. */
struct host_packet {
    void *data;       /* DMUS_EVENTHEADER records or KSMUSICFORMAT packets, by the pin's format */
    uint32_t size;    /* of data */
    uint32_t used;    /* write: bytes to write. read: bytes read, on DONE */
    int64_t time;     /* 100 ns of the master clock, what the records' deltas count from. read: on DONE */
    uint32_t options; /* KSSTREAM_HEADER_OPTIONSF_: read, on DONE (DATADISCONTINUITY after a loss) */
    host_done *done;  /* NULL: the call does not return before the packet is done; after wait_limit_ms it is cancelled */
    void *ctx;
    KSSTREAM_HEADER header; /* the host's own */
};
/* STATUS_PENDING, or the final status that DONE had, too. Writes to a capture pin and reads from a render pin:
 * STATUS_INVALID_DEVICE_REQUEST. */
NTSTATUS host_pin_write(struct host_pin *pin, struct host_packet *packet);
NTSTATUS host_pin_read(struct host_pin *pin, struct host_packet *packet);
/* DONE with STATUS_CANCELLED, unless it is over already. Safe against a completion on another thread as long as PACKET lives. */
void host_pin_cancel(struct host_pin *pin, struct host_packet *packet);
void host_pin_cancel_all(struct host_pin *pin);

/* How late its sequencer handed events down: kernel/portcls/sequencer.h. STATUS_INVALID_DEVICE_REQUEST on another than a render pin. */
NTSTATUS host_pin_timing(struct host_pin *pin, struct sequencer_stats *out);

/* Wave pins (ISynthSinkDMus). The format of the open pin. */
NTSTATUS host_pin_format(struct host_pin *pin, uint32_t *rate, uint32_t *channels, uint32_t *bits);
/* The next FRAMES of the stream: SyncToMaster, then Render (spec 8.10). Silence in another state than RUN. STATUS_INVALID_DEVICE_REQUEST
 * on another pin or while a consumer is attached. One caller at a time. */
NTSTATUS host_pin_pull(struct host_pin *pin, void *buffer, uint32_t frames);
/* The same as float through IDmusSynthControl (dmus/idmus.h); STATUS_NOT_SUPPORTED if the stream has none. */
NTSTATUS host_pin_pull_float(struct host_pin *pin, float *buffer, uint32_t frames);

/* Somebody who takes the sound at the pace of the clock: a thread in real time, a timer in virtual time, calls CONSUME every SLICE_MS
 * (1..1000) with the frames that have become due. FLOATS: as host_pin_pull_float. */
struct host_consumer {
    uint32_t slice_ms;
    bool floats;
    void (*consume)(void *ctx, const void *frames, uint32_t count);
    void *ctx;
};
NTSTATUS host_pin_attach_consumer(struct host_pin *pin, const struct host_consumer *consumer);
void host_pin_detach_consumer(struct host_pin *pin); /* CONSUME is not called any more on return */

#endif
