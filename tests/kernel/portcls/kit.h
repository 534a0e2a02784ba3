/* SPDX-License-Identifier: MIT */
/*
 * kit.h - a small adapter driver for tests, linked in, and the host it runs in. Everything it does it writes to a log.
 *
 * Subdevices: "DMus" (or, with .legacy, "Midi": an IMiniportMidi) and "Topology".
 * Pins of the DMus filter: 0 render (DIRECTMUSIC and MIDI), 1 capture (DIRECTMUSIC), 2 wave, 3 bridge.
 * Nodes: 0 SYNTHESIZER with properties in items larger than PCPROPERTY_ITEM, 1 another one with a name of its own.
 */
#ifndef TESTS_KERNEL_PORTCLS_KIT_H
#define TESTS_KERNEL_PORTCLS_KIT_H

#include <stdatomic.h>

#include <portcls.h>

#include "kernel/host/host.h"

enum { KIT_RENDER, KIT_CAPTURE, KIT_WAVE, KIT_BRIDGE, KIT_PINS };
enum { KIT_ITEM_ULONG, KIT_ITEM_SET, KIT_ITEM_PENDING, KIT_ITEM_INSTANCE, KIT_ITEM_SUPPORT, KIT_ITEM_OVERRUN, KIT_ITEM_LIES,
       KIT_ITEM_CHANGED, KIT_ITEMS };
extern const GUID kit_set, kit_other_set;

struct kit_config {
    enum wdm_time time;
    bool legacy;              /* "Midi" in place of "DMus" */
    bool early_group;         /* RegisterServiceGroup in Init */
    bool no_group;            /* Init puts none out */
    bool stream_group;        /* each capture stream has a group of its own */
    bool share_stream;        /* one stream object for all pins */
    bool pin_count;           /* the miniport has IPinCount and allows one render instance */
    bool power;               /* the adapter registers IAdapterPowerManagement, the miniport has IPowerNotify */
    bool veto;                /* QueryPowerChangeState fails */
    bool power_in_state;      /* SetState(RUN) asks for D3 */
    bool power_in_stream;     /* NewStream asks for D3 */
    bool power_in_power;      /* PowerChangeState asks for the other of D0 and D3 */
    bool interrupt_sync;      /* the miniport makes an IInterruptSync from the resources */
    bool leak_port_reference; /* rule 19 */
    bool bad_descriptor;      /* rule 26: stride that is no multiple of 8 */
    bool keep_clock;          /* the stream keeps the clock without a reference, and asks it in the destructor */
    NTSTATUS init_status;     /* of IMiniportDMus::Init, if a failure */
    NTSTATUS start_status;    /* of StartDevice after all is registered, if a failure */
    ULONG port;               /* read by the miniports' destructors; 0: none */
    bool unregister_power;    /* IPowerNotify::Release unregisters the adapter's power management */
    NTSTATUS stream_status;   /* of NewStream, if a failure */
    int fail_state;           /* SetState to this one fails; -1 (and 0 with fail_state_set false): none */
    bool fail_state_set;
    ULONGLONG prefetch;
    bool keep_events;         /* a render stream keeps what it is given */
    ULONG put_stall_us;       /* PutMessage of a render stream takes so long */
    NTSTATUS intersection;    /* what DataRangeIntersection answers; 0 is STATUS_NOT_IMPLEMENTED */
    uint32_t wait_limit_ms;   /* host_config */
    bool trap;                /* host_config.trap_use_after_return */
    const char *resources;    /* text, or NULL */
    const struct host_model *models;
    size_t model_count;
};

struct kit {
    struct kit_config config;
    struct host *host;
    struct host_driver *driver;
    struct host_device *device;
    char log[16384];            /* lines, each with a newline */
    atomic_uint streams, miniports, adapters; /* objects alive */
    IPortDMus *port;            /* borrowed: to Notify */
    IServiceGroup *group;       /* the miniport's, borrowed */
    IInterruptSync *sync;       /* borrowed */
    PPCPROPERTY_REQUEST pending; /* held by KIT_ITEM_PENDING */
    atomic_bool pended;         /* it is set */
    PCPROPERTY_REQUEST seen;    /* copy of the last request */
    IMasterClock *clock;        /* of the last stream, borrowed */
    atomic_uint puts, services; /* events to render streams; PutMessage(NULL) */
    uint8_t capture_bytes[16];  /* what the next service sends, raw */
    atomic_uint capture_count;
    REFERENCE_TIME stamps[256]; /* of rendered events */
    uint8_t keys[1024];         /* second bytes of these */
    const void *last_event;     /* the last one, which has been returned */
    IMXF *last_stream;          /* borrowed */
    IMiniport *miniport;        /* borrowed */
    _Atomic DEVICE_POWER_STATE adapter_state;
    atomic_uint opened_down;    /* NewStream calls while it was not D0 */
    uint8_t midi_out[256];      /* legacy: written bytes */
    unsigned midi_out_count, midi_busy; /* answers 0 bytes that often */
    PDEVICE_OBJECT fdo;
    IPortDMus *leaked[2];       /* .leak_port_reference: what the miniports did not give back */
};
/* The one that runs; the driver has no other way to its test. */
extern struct kit *kit;

/* Load, add, start. NULL after a failure, with err filled and everything gone. */
bool kit_open(struct kit *self, const struct kit_config *config, struct dm_error *err);
void kit_shut(struct kit *self);  /* host_shut_down: devices and driver are gone, the rule book can be read */
void kit_close(struct kit *self); /* and the host */

NTSTATUS NTAPI kit_DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path);
void kit_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void kit_log_reset(void);

/* Breaches of RULE; faults of all others. */
uint64_t kit_broken(struct kit *self, enum wdm_rule rule);
uint64_t kit_faults(struct kit *self);
/* Prints the book if there are faults. */
void kit_print_book(struct kit *self);

/* Shorthands. */
struct host_filter *kit_filter(struct kit *self);
NTSTATUS kit_pin(struct host_filter *filter, uint32_t pin, struct host_pin **out);
/* A property of node 0 (TOPOLOGY) or of the handle (NODE -1). */
NTSTATUS kit_get(struct host_filter *filter, struct host_pin *pin, int node, const GUID *set, ULONG id, ULONG verb, void *value,
                 uint32_t size, uint32_t *returned);
/* One DMUS_EVENTHEADER record with three bytes. Answers its size. */
uint32_t kit_record(uint8_t *out, REFERENCE_TIME delta, uint32_t group, uint8_t status, uint8_t a, uint8_t b);
/* Write a note at master-clock time TIME. */
NTSTATUS kit_note(struct host_pin *pin, int64_t time, uint8_t key);
int64_t kit_now(struct kit *self); /* of the master clock */
void kit_run(struct kit *self, int64_t more_100ns); /* virtual: let so much time pass */

#endif
