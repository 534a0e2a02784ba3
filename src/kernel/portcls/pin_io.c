/* SPDX-License-Identifier: MIT */
/*
 * Writes and reads of a pin. Writes are taken in order by one thread at a time; a write that comes while another is being unpacked, on
 * another thread or from inside a delivery, waits in the queue and is completed by that thread. A write for which the allocator has no
 * events left stays at the head of the queue and goes on where it stopped, a millisecond later. Reads wait in the packer.
 */
#include "base/alloc.h"
#include "kernel/portcls/irp.h"
#include "kernel/portcls/master_clock.h"
#include "kernel/portcls/packer.h"
#include "kernel/portcls/pin.h"
#include "kernel/portcls/sequencer.h"
#include "kernel/portcls/unpacker.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"

#define RETRY_100NS WDM_MS
#define RETRIES     1000 /* without progress, while no event of this pin is on its way back */

struct pin_write {
    struct pin_write *next;
    PIRP irp;
    ULONG index;         /* of the header that is being unpacked */
    size_t used;         /* of its data */
    bool begun;
    int64_t start_100ns; /* if begun: of the header */
    unsigned retries;    /* since the last progress */
};

struct pin_read {
    struct read_request request; /* first */
    struct pin_read *next;
    struct pc_pin *pin;
    PIRP irp;
    KSSTREAM_HEADER *header; /* the client's */
    unsigned refs;           /* under pin->lock: the packer's and a cancelling thread's */
};

/* The headers of the request, or NULL; *status says why. One buffer with its size at the beginning of each. */
static KSSTREAM_HEADER *headers(PIRP irp, ULONG *count, NTSTATUS *status)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    ULONG size = stack->Parameters.DeviceIoControl.OutputBufferLength;
    KSSTREAM_HEADER *header = irp->UserBuffer;
    *status = STATUS_INVALID_BUFFER_SIZE;
    *count = size / (ULONG)sizeof *header;
    if (!header || *count == 0 || size % sizeof *header != 0)
        return NULL;
    for (ULONG i = 0; i < *count; i++)
        if (header[i].Size != sizeof *header || header[i].DataUsed > header[i].FrameExtent ||
            (header[i].FrameExtent && !header[i].Data)) {
            *status = STATUS_INVALID_PARAMETER;
            return NULL;
        }
    *status = STATUS_SUCCESS;
    return header;
}

/* Time * Numerator / Denominator; false if it does not fit. */
static bool time_of(const KSTIME *time, int64_t *out)
{
    uint64_t numerator = time->Numerator ? time->Numerator : 1, denominator = time->Denominator ? time->Denominator : 1;
    if (time->Time < 0)
        return false;
    uint64_t whole = (uint64_t)time->Time / denominator, rest = (uint64_t)time->Time % denominator;
    if (whole > (uint64_t)INT64_MAX / 2 / numerator)
        return false;
    *out = (int64_t)(whole * numerator + rest * numerator / denominator); /* rest, numerator < 2^32 */
    return true;
}

static int64_t clock_now(struct pc_pin *pin) { return master_clock_read(pin->port->clock); }

/* What is left of the header. */
static NTSTATUS unpack(struct pc_pin *pin, const KSSTREAM_HEADER *header, struct pin_write *write)
{
    size_t used = 0;
    if (!write->begun) {
        if (!(header->OptionsFlags & KSSTREAM_HEADER_OPTIONSF_TIMEVALID))
            write->start_100ns = clock_now(pin);
        else if (!time_of(&header->PresentationTime, &write->start_100ns))
            return STATUS_INVALID_PARAMETER;
        write->begun = true;
    }
    if (write->used >= header->DataUsed)
        return STATUS_SUCCESS;
    NTSTATUS status = unpacker_write(pin->unpacker, write->start_100ns, (const uint8_t *)header->Data + write->used,
                                     header->DataUsed - write->used, &used);
    write->used += used;
    write->retries = used ? 0 : write->retries;
    return status;
}

/* The allocator ran dry: is it worth while to wait for events that come back? */
static bool worth_waiting(struct pc_pin *pin, const KSSTREAM_HEADER *header, struct pin_write *write)
{
    struct sequencer_stats stats;
    if (write->used >= header->DataUsed) /* legacy packets: what found no event is lost */
        return false;
    sequencer_stats(pin->sequencer, &stats);
    return stats.held_now > 0 || ++write->retries <= RETRIES;
}

/* False: not over, to be served again. */
static bool serve_write(struct pc_pin *pin, struct pin_write *write)
{
    ULONG count;
    NTSTATUS status;
    const KSSTREAM_HEADER *header = headers(write->irp, &count, &status);
    while (NT_SUCCESS(status) && write->index < count) {
        status = unpack(pin, &header[write->index], write);
        if (status == STATUS_INSUFFICIENT_RESOURCES && worth_waiting(pin, &header[write->index], write))
            return false;
        if (NT_SUCCESS(status)) {
            write->index++;
            write->used = 0;
            write->begun = false;
        }
    }
    irp_complete(write->irp, status, (ULONG_PTR)write->index * sizeof *header);
    return true;
}

/* WRITE is not over. True: the caller has the queue no more; who comes next, or the timer, goes on with it. */
static bool put_back(struct pc_pin *pin, struct pin_write *write)
{
    LARGE_INTEGER due = {.QuadPart = -RETRY_100NS};
    pthread_mutex_lock(&pin->lock);
    bool closing = pin->closing;
    bool leave = !closing && !pin->reset; /* else there is more to do now */
    if (!closing) {
        write->next = pin->writes;
        pin->writes = write;
        if (!write->next)
            pin->writes_tail = &write->next;
        pin->writing = !leave;
    }
    pthread_mutex_unlock(&pin->lock);
    if (closing) { /* the cancelling of all came while the write was not in the queue */
        irp_complete(write->irp, STATUS_CANCELLED, 0);
        dm_free(write);
    }
    if (leave)
        KeSetTimer(&pin->retry_timer, due, &pin->retry_dpc);
    return leave;
}

/* Empties the queue, and forgets what was half unpacked when STOP asked for it. The caller has set `writing`. */
static void drain(struct pc_pin *pin)
{
    for (;;) {
        pthread_mutex_lock(&pin->lock);
        struct pin_write *write = pin->writes;
        bool reset = pin->reset;
        pin->reset = false;
        if (!reset && write && !(pin->writes = write->next))
            pin->writes_tail = &pin->writes;
        if (!reset && !write)
            pin->writing = false;
        pthread_mutex_unlock(&pin->lock);
        if (reset) {
            unpacker_reset(pin->unpacker);
        } else if (write) {
            if (serve_write(pin, write))
                dm_free(write);
            else if (put_back(pin, write))
                return;
        } else {
            return;
        }
    }
}

void pin_resume_writes(struct pc_pin *pin)
{
    pthread_mutex_lock(&pin->lock);
    bool idle = pin->writes && !pin->writing;
    pin->writing |= idle;
    pthread_mutex_unlock(&pin->lock);
    if (idle)
        drain(pin);
}

void pin_reset_unpacker(struct pc_pin *pin)
{
    pthread_mutex_lock(&pin->lock);
    bool idle = !pin->writing;
    pin->reset = true;
    pin->writing = true;
    pthread_mutex_unlock(&pin->lock);
    if (idle)
        drain(pin);
}

NTSTATUS pin_write(struct pc_pin *pin, PIRP irp)
{
    if (!pin->unpacker)
        return irp_complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    struct pin_write *write = dm_calloc(1, sizeof *write);
    if (!write)
        return irp_complete(irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    write->irp = irp;
    IoMarkIrpPending(irp);
    pthread_mutex_lock(&pin->lock);
    bool refused = pin->closing, idle = !refused && !pin->writing;
    if (!refused) {
        *pin->writes_tail = write;
        pin->writes_tail = &write->next;
        pin->writing = true;
    }
    pthread_mutex_unlock(&pin->lock);
    if (refused) {
        dm_free(write);
        return irp_complete(irp, STATUS_INVALID_DEVICE_STATE, 0);
    }
    if (idle)
        drain(pin);
    return STATUS_PENDING;
}

/* Under pin->lock. */
static void drop_ref(struct pin_read *read)
{
    if (--read->refs == 0)
        dm_free(read);
}

static void read_over(struct read_request *request)
{
    struct pin_read *read = (struct pin_read *)(void *)request;
    struct pc_pin *pin = read->pin;
    PIRP irp = read->irp;
    NTSTATUS status = request->status;
    read->header->DataUsed = request->used;
    read->header->OptionsFlags = request->options;
    read->header->PresentationTime = (KSTIME){.Time = request->start_100ns, .Numerator = 1, .Denominator = 1};
    pthread_mutex_lock(&pin->lock);
    struct pin_read **link = &pin->reads;
    while (*link != read)
        link = &(*link)->next;
    *link = read->next;
    drop_ref(read);
    pthread_mutex_unlock(&pin->lock);
    irp_complete(irp, status, NT_SUCCESS(status) ? sizeof(KSSTREAM_HEADER) : 0);
}

NTSTATUS pin_read(struct pc_pin *pin, PIRP irp)
{
    ULONG count;
    NTSTATUS status = STATUS_INVALID_DEVICE_REQUEST;
    KSSTREAM_HEADER *header = pin->packer ? headers(irp, &count, &status) : NULL;
    if (!header)
        return irp_complete(irp, status, 0);
    struct pin_read *read = count == 1 ? dm_calloc(1, sizeof *read) : NULL;
    if (!read) /* one buffer a request */
        return irp_complete(irp, count == 1 ? STATUS_INSUFFICIENT_RESOURCES : STATUS_INVALID_PARAMETER, 0);
    read->pin = pin;
    read->irp = irp;
    read->header = header;
    read->refs = 1;
    read->request.data = header->Data;
    read->request.size = header->FrameExtent;
    read->request.done = read_over;
    IoMarkIrpPending(irp);
    pthread_mutex_lock(&pin->lock);
    bool refused = pin->closing;
    if (!refused) {
        read->next = pin->reads;
        pin->reads = read;
    }
    pthread_mutex_unlock(&pin->lock);
    if (refused) {
        dm_free(read);
        return irp_complete(irp, STATUS_INVALID_DEVICE_STATE, 0);
    }
    packer_read(pin->packer, &read->request);
    return STATUS_PENDING;
}

/* Takes one waiting write out of the queue. */
static PIRP take_write(struct pc_pin *pin, const void *buffer)
{
    PIRP taken = NULL;
    pthread_mutex_lock(&pin->lock);
    struct pin_write **link = &pin->writes;
    while (*link && buffer && (*link)->irp->UserBuffer != buffer)
        link = &(*link)->next;
    struct pin_write *write = *link;
    if (write) {
        taken = write->irp;
        *link = write->next;
        if (!write->next)
            pin->writes_tail = link;
    }
    pthread_mutex_unlock(&pin->lock);
    dm_free(write);
    return taken;
}

static void cancel_read(struct pc_pin *pin, const void *buffer)
{
    pthread_mutex_lock(&pin->lock);
    struct pin_read *read = pin->reads;
    while (read && read->header != buffer)
        read = read->next;
    if (read)
        read->refs++;
    pthread_mutex_unlock(&pin->lock);
    if (!read)
        return;
    packer_cancel(pin->packer, &read->request);
    pthread_mutex_lock(&pin->lock);
    drop_ref(read);
    pthread_mutex_unlock(&pin->lock);
}

void pin_cancel(struct pc_pin *pin, const void *buffer)
{
    PIRP write;
    while ((write = take_write(pin, buffer)) != NULL)
        irp_complete(write, STATUS_CANCELLED, 0);
    if (!pin->packer)
        return;
    if (buffer)
        cancel_read(pin, buffer);
    else
        packer_cancel_all(pin->packer);
}
