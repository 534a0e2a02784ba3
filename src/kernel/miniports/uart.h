/* SPDX-License-Identifier: MIT */
/*
 * uart.h - the DMus UART miniport: MIDI out and in through an MPU-401 in UART mode. What PcNewMiniport gives for
 * CLSID_MiniportDriverDMusUART and CLSID_MiniportDriverDMusUARTCapture (spec/ddi-kernel.md 8.15).
 *
 * Resources: one port range of at least 2, at most one interrupt, no DMA. Without an interrupt the device is polled every
 * millisecond while a capture stream runs.
 *
 * Out: the port's sequencer delivers when due (prefetch 0). Streams have a queue each and take turns by message; a system exclusive
 * or a package, once begun, is finished before another stream's bytes go out. At most UART_BURST bytes leave in a
 * millisecond, twenty times what a MIDI wire takes; the rest, and what a busy device refuses, follows a millisecond later.
 * In: each byte is stamped in the service routine. Bytes of one stamp, and those of one system exclusive, share an event of up to
 * sizeof(PBYTE) raw bytes, INCOMPLETE, channel group 1. Without a running capture stream input is dropped.
 *
 * Locks: the interrupt's (CallSynchronizedRoutine) covers the input; out_lock the output; neither is held while anything
 * foreign is called. wiring serialises streams and states.
 */
#ifndef DMUS_KERNEL_MINIPORTS_UART_H
#define DMUS_KERNEL_MINIPORTS_UART_H

#include "miniport.h"

#include "property_item.h"

#define UART_TAG   0x74726155u /* "Uart" */
#define UART_BURST 64
#define UART_INPUT 4096 /* bytes that wait between the service routine and PutMessage(NULL) */

enum { UART_PIN_LEGACY, UART_PIN_RENDER, UART_PIN_BRIDGE_OUT, UART_PIN_BRIDGE_IN, UART_PIN_CAPTURE, UART_PINS };
enum { UART_NODE_RENDER, UART_NODE_CAPTURE, UART_NODES };

struct uart_input {
    REFERENCE_TIME time;
    UCHAR byte;
};

struct uart_stream {
    IMXF IMXF_iface;
    struct refcount refs;
    struct uart_miniport *miniport; /* a reference each */
    PAllocatorMXF allocator;
    PMASTERCLOCK clock;
    ULONG pin;
    atomic_int state; /* KSSTATE */

    /* render [out_lock] */
    struct uart_stream *next;
    PDMUS_KERNEL_EVENT queue, queue_last;
    ULONG written;                  /* bytes of the first event that are out */
    PDMUS_KERNEL_EVENT atomic_last; /* last member of the package that was begun, or NULL */
    bool in_sysex;
    atomic_uint giving; /* threads that return events of this stream */

    /* capture */
    PMXF sink; /* [out_lock] a reference, or NULL: the allocator */
};

/* What a filter of this miniport looks like: its own copy, since the technology can be chosen. */
struct uart_filter {
    KSDATARANGE_MUSIC ranges[UART_PINS + 1];
    PKSDATARANGE pointers[UART_PINS + 1];
    PCPIN_DESCRIPTOR pins[UART_PINS];
    PCFILTER_DESCRIPTOR filter;
};

struct uart_miniport {
    IMiniportDMus IMiniportDMus_iface;
    IMusicTechnology IMusicTechnology_iface;
    IPowerNotify IPowerNotify_iface;
    struct refcount refs;
    KMUTEX wiring;
    struct uart_filter filter;
    PPORTDMUS port;       /* borrowed: it outlives the miniport's Init and streams */
    PSERVICEGROUP group;
    PINTERRUPTSYNC sync;  /* NULL: no interrupt */
    KSPIN_LOCK no_sync;   /* takes its place */
    PUCHAR base;
    ULONG port_number;    /* for the name */
    bool ready;

    /* output [out_lock] */
    KSPIN_LOCK out_lock;
    struct uart_stream *streams; /* of render pins */
    struct uart_stream *owner;   /* has begun what must not be interrupted */
    bool powered, end_sysex;     /* end_sysex: an F7 is owed for a stream that stopped in the middle */
    ULONG room;                  /* bytes that may leave until a millisecond after burst_since */
    ULONGLONG burst_since;
    KTIMER out_timer;
    KDPC out_dpc;

    /* input, under the interrupt's lock */
    struct uart_input input[UART_INPUT];
    ULONG input_first, input_count;
    ULONGLONG input_lost;
    bool input_sysex;            /* of the byte that was taken last */
    struct uart_stream *capture; /* in RUN */
    bool acknowledged;
    atomic_uint capture_pins, legacy_pins, render_pins; /* open [wiring] */
    KTIMER poll_timer;
    KDPC poll_dpc;
    atomic_bool polling;
};

IMPL_FROM(uart_miniport, IMiniportDMus)
IMPL_FROM(uart_miniport, IMusicTechnology)
IMPL_FROM(uart_miniport, IPowerNotify)
IMPL_FROM(uart_stream, IMXF)

extern const PCAUTOMATION_TABLE uart_node_table;

/* ---- uart_miniport.c ---- */
void uart_wire(struct uart_miniport *miniport);
void uart_unwire(struct uart_miniport *miniport);
void uart_release(struct uart_miniport *miniport);

/* ---- uart_filter.c ---- */
void uart_filter_init(struct uart_filter *filter);
void uart_filter_technology(struct uart_filter *filter, const GUID *technology);

/* ---- uart_device.c ---- */
/* Reset and UART mode: STATUS_IO_DEVICE_ERROR. PASSIVE */
NTSTATUS uart_start_device(struct uart_miniport *miniport);
/* ROUTINE excluded from the service routine, its status. */
NTSTATUS uart_synchronized(struct uart_miniport *miniport, PINTERRUPTSYNCROUTINE routine, PVOID context);
/* The service routine; CONTEXT is the miniport. STATUS_SUCCESS if there was data. */
NTSTATUS uart_service(struct IInterruptSync *sync, PVOID context);
/* One byte to the device; false: it is busy. */
bool uart_write(struct uart_miniport *miniport, UCHAR byte);
/* Input goes to STREAM; NULL: nowhere. The input before is forgotten. */
void uart_capture_to(struct uart_miniport *miniport, struct uart_stream *stream);
/* The next bytes that may share an event: how many, in BYTES, with their stamp. 0: none. */
ULONG uart_take(struct uart_miniport *miniport, UCHAR bytes[sizeof(PBYTE)], REFERENCE_TIME *time);
void uart_poll_start(struct uart_miniport *miniport); /* if there is no interrupt */
void uart_poll_stop(struct uart_miniport *miniport);
void uart_poll_init(struct uart_miniport *miniport);

/* ---- uart_output.c ---- */
/* Write what can be written; <= DISPATCH_LEVEL. */
void uart_pump(struct uart_miniport *miniport);
void uart_output_init(struct uart_miniport *miniport);
void uart_output_end(struct uart_miniport *miniport);
void uart_queue(struct uart_stream *stream, PDMUS_KERNEL_EVENT chain);
/* Return what the stream has not played, and let others play. PASSIVE */
void uart_flush(struct uart_stream *stream);

/* ---- uart_stream.c ---- */
NTSTATUS uart_stream_create(struct uart_miniport *miniport, ULONG pin, PAllocatorMXF allocator, PMASTERCLOCK clock,
                            struct uart_stream **out);

#endif
