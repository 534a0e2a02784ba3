/* SPDX-License-Identifier: MIT */
/* The MPU-401's registers, and its input. */
#include "uart.h"

#define DATA    0 /* offsets of the registers */
#define COMMAND 1 /* write */
#define STATUS  1 /* read */

#define STATUS_NO_INPUT 0x80
#define STATUS_BUSY     0x40

#define COMMAND_RESET 0xFF
#define COMMAND_UART  0x3F
#define ACKNOWLEDGE   0xFE

#define POLL_US   25u
#define LIMIT_US  50000u
#define DRAIN_MAX 1024 /* bytes per service: a device that never runs dry must not hold the processor */

static UCHAR read_status(const struct uart_miniport *miniport) { return READ_PORT_UCHAR(miniport->base + STATUS); }

bool uart_write(struct uart_miniport *miniport, UCHAR byte)
{
    if (read_status(miniport) & STATUS_BUSY)
        return false;
    WRITE_PORT_UCHAR(miniport->base + DATA, byte);
    return true;
}

NTSTATUS uart_synchronized(struct uart_miniport *miniport, PINTERRUPTSYNCROUTINE routine, PVOID context)
{
    KIRQL irql;
    if (miniport->sync)
        return miniport->sync->lpVtbl->CallSynchronizedRoutine(miniport->sync, routine, context);
    KeAcquireSpinLock(&miniport->no_sync, &irql);
    NTSTATUS status = routine(NULL, context);
    KeReleaseSpinLock(&miniport->no_sync, irql);
    return status;
}

/* ---- input ---- */

/* Under the interrupt's lock. */
static void take_byte(struct uart_miniport *miniport, UCHAR byte)
{
    struct uart_stream *stream = miniport->capture;
    if (byte == ACKNOWLEDGE && !miniport->ready)
        miniport->acknowledged = true;
    if (!stream || !miniport->ready)
        return;
    if (miniport->input_count == UART_INPUT) {
        miniport->input_lost++;
        return;
    }
    struct uart_input *place = &miniport->input[(miniport->input_first + miniport->input_count) % UART_INPUT];
    place->byte = byte;
    stream->clock->lpVtbl->GetTime(stream->clock, &place->time);
    miniport->input_count++;
}

/* Under the interrupt's lock. *STORED: there is something to service. */
static NTSTATUS drain(struct uart_miniport *miniport, bool *stored)
{
    NTSTATUS status = STATUS_UNSUCCESSFUL;
    for (int i = 0; i < DRAIN_MAX && !(read_status(miniport) & STATUS_NO_INPUT); i++) {
        take_byte(miniport, READ_PORT_UCHAR(miniport->base + DATA));
        status = STATUS_SUCCESS;
    }
    *stored = miniport->input_count > 0;
    return status;
}

NTSTATUS uart_service(struct IInterruptSync *sync, PVOID context)
{
    struct uart_miniport *miniport = context;
    bool stored;
    (void)sync;
    NTSTATUS status = drain(miniport, &stored);
    if (stored)
        miniport->port->lpVtbl->Notify(miniport->port, miniport->group);
    return status;
}

struct take {
    struct uart_miniport *miniport;
    UCHAR *bytes;
    REFERENCE_TIME time;
    ULONG count;
};

/* A status byte that is not real time begins or ends a system exclusive. */
static bool still_in_sysex(bool in_sysex, UCHAR byte)
{
    return byte >= 0xF8 || byte < 0x80 ? in_sysex : byte == 0xF0;
}

static NTSTATUS take_routine(struct IInterruptSync *sync, PVOID context)
{
    struct take *take = context;
    struct uart_miniport *miniport = take->miniport;
    (void)sync;
    while (miniport->input_count && take->count < sizeof(PBYTE)) {
        const struct uart_input *in = &miniport->input[miniport->input_first];
        if (take->count == 0)
            take->time = in->time;
        else if (in->time != take->time && !(miniport->input_sysex && in->byte < 0x80))
            break;
        take->bytes[take->count++] = in->byte;
        miniport->input_sysex = still_in_sysex(miniport->input_sysex, in->byte);
        miniport->input_first = (miniport->input_first + 1) % UART_INPUT;
        miniport->input_count--;
    }
    return STATUS_SUCCESS;
}

ULONG uart_take(struct uart_miniport *miniport, UCHAR bytes[sizeof(PBYTE)], REFERENCE_TIME *time)
{
    struct take take = {.miniport = miniport, .bytes = bytes};
    uart_synchronized(miniport, take_routine, &take);
    *time = take.time;
    return take.count;
}

struct capture_to {
    struct uart_miniport *miniport;
    struct uart_stream *stream;
};

static NTSTATUS capture_routine(struct IInterruptSync *sync, PVOID context)
{
    const struct capture_to *to = context;
    (void)sync;
    to->miniport->capture = to->stream;
    to->miniport->input_first = to->miniport->input_count = 0;
    to->miniport->input_sysex = false;
    return STATUS_SUCCESS;
}

void uart_capture_to(struct uart_miniport *miniport, struct uart_stream *stream)
{
    struct capture_to to = {miniport, stream};
    uart_synchronized(miniport, capture_routine, &to);
}

/* ---- polling ---- */

static void arm_poll(struct uart_miniport *miniport)
{
    LARGE_INTEGER due = {.QuadPart = -10000};
    KeSetTimer(&miniport->poll_timer, due, &miniport->poll_dpc);
}

static VOID NTAPI poll(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    struct uart_miniport *miniport = context;
    (void)dpc, (void)argument1, (void)argument2;
    if (!atomic_load(&miniport->polling))
        return;
    uart_synchronized(miniport, uart_service, miniport);
    arm_poll(miniport);
}

void uart_poll_init(struct uart_miniport *miniport)
{
    KeInitializeSpinLock(&miniport->no_sync);
    KeInitializeTimer(&miniport->poll_timer);
    KeInitializeDpc(&miniport->poll_dpc, poll, miniport);
}

void uart_poll_start(struct uart_miniport *miniport)
{
    if (!miniport->sync && !atomic_exchange(&miniport->polling, true))
        arm_poll(miniport);
}

void uart_poll_stop(struct uart_miniport *miniport)
{
    if (!atomic_exchange(&miniport->polling, false))
        return;
    KeFlushQueuedDpcs(); /* one that was running may have armed the timer again */
    KeCancelTimer(&miniport->poll_timer);
    KeRemoveQueueDpc(&miniport->poll_dpc);
    KeFlushQueuedDpcs();
}

/* ---- start ---- */

static bool command(struct uart_miniport *miniport, UCHAR byte)
{
    miniport->acknowledged = false;
    for (ULONG waited = 0; read_status(miniport) & STATUS_BUSY; waited += POLL_US) {
        if (waited >= LIMIT_US)
            return false;
        KeStallExecutionProcessor(POLL_US);
    }
    WRITE_PORT_UCHAR(miniport->base + COMMAND, byte);
    return true;
}

/* Whoever reads the acknowledgement, the service routine or this loop, it goes through drain. */
static NTSTATUS drain_routine(struct IInterruptSync *sync, PVOID context)
{
    struct uart_miniport *miniport = context;
    bool stored;
    (void)sync;
    drain(miniport, &stored);
    return miniport->acknowledged ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static bool acknowledged(struct uart_miniport *miniport)
{
    for (ULONG waited = 0; waited < LIMIT_US; waited += POLL_US) {
        if (NT_SUCCESS(uart_synchronized(miniport, drain_routine, miniport)))
            return true;
        KeStallExecutionProcessor(POLL_US);
    }
    return false;
}

/* A device that is in UART mode already does not acknowledge the first reset. */
NTSTATUS uart_start_device(struct uart_miniport *miniport)
{
    PAGED_CODE();
    miniport->ready = false;
    bool reset = command(miniport, COMMAND_RESET) && acknowledged(miniport);
    if (!reset)
        reset = command(miniport, COMMAND_RESET) && acknowledged(miniport);
    if (!reset || !command(miniport, COMMAND_UART) || !acknowledged(miniport))
        return STATUS_IO_DEVICE_ERROR;
    miniport->ready = true;
    return STATUS_SUCCESS;
}
