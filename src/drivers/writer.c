/* SPDX-License-Identifier: MIT */
#include "writer.h"

#include <string.h>

#include <dmusbuff.h>
#include <ksmedia.h>

#include "base/alloc.h"
#include "kernel/wdm/machine.h"

#define ROUND_4(n) (((n) + 3u) & ~3u)

/* A write keeps its bytes until it is done. */
struct write {
    struct host_packet packet;
    struct writer *writer;
    _Alignas(8) uint8_t bytes[];
};

void writer_begin(struct writer *writer, struct host_pin *pin, bool legacy)
{
    writer->pin = pin;
    writer->legacy = legacy;
    atomic_init(&writer->refused, STATUS_SUCCESS);
    atomic_init(&writer->pending, 0);
}

static void done(void *ctx, NTSTATUS status, uint32_t bytes)
{
    struct write *write = ctx;
    (void)bytes;
    if (!NT_SUCCESS(status) && status != STATUS_CANCELLED)
        atomic_store(&write->writer->refused, status);
    atomic_fetch_sub(&write->writer->pending, 1);
    dm_free(write);
}

/* KSMUSICFORMAT packets for RECORDS into OUT, which may be NULL; answers their size. Deltas count from packet to packet, in ms. */
static uint32_t to_packets(const uint8_t *records, uint32_t size, uint8_t *out)
{
    uint32_t written = 0;
    int64_t now_ms = 0;
    for (uint32_t at = 0; at + sizeof(DMUS_EVENTHEADER) <= size;) {
        DMUS_EVENTHEADER header;
        memcpy(&header, records + at, sizeof header);
        int64_t ms = header.rtDelta / WDM_MS;
        KSMUSICFORMAT packet = {.TimeDeltaMs = ms > now_ms ? (ULONG)(ms - now_ms) : 0, .ByteCount = header.cbEvent};
        uint32_t padded = ROUND_4(header.cbEvent);
        now_ms = ms > now_ms ? ms : now_ms;
        if (out) {
            memcpy(out + written, &packet, sizeof packet);
            memset(out + written + sizeof packet, 0, padded);
            memcpy(out + written + sizeof packet, records + at + sizeof header, header.cbEvent);
        }
        written += (uint32_t)sizeof packet + padded;
        at += (uint32_t)DMUS_EVENT_SIZE(header.cbEvent);
    }
    return written;
}

NTSTATUS writer_send(struct writer *writer, int64_t time, const void *records, uint32_t size)
{
    uint32_t bytes = writer->legacy ? to_packets(records, size, NULL) : size;
    struct write *write = dm_malloc(sizeof *write + bytes);
    if (!write)
        return STATUS_INSUFFICIENT_RESOURCES;
    memset(write, 0, sizeof *write);
    if (writer->legacy)
        to_packets(records, size, write->bytes);
    else if (size)
        memcpy(write->bytes, records, size);
    write->writer = writer;
    write->packet =
        (struct host_packet){.data = write->bytes, .size = bytes, .used = bytes, .time = time, .done = done, .ctx = write};
    atomic_fetch_add(&writer->pending, 1);
    NTSTATUS status = host_pin_write(writer->pin, &write->packet);
    return NT_SUCCESS(status) ? atomic_load(&writer->refused) : status;
}

NTSTATUS writer_message(struct writer *writer, int64_t time, uint32_t group, const void *bytes, uint32_t size)
{
    const uint8_t *message = bytes;
    uint32_t whole = (uint32_t)DMUS_EVENT_SIZE(size);
    uint8_t *record = dm_calloc(1, whole);
    if (!record)
        return STATUS_INSUFFICIENT_RESOURCES;
    DMUS_EVENTHEADER header = {.cbEvent = size, .dwChannelGroup = group,
                               .dwFlags = size && message[0] != 0xF0 ? DMUS_EVENT_STRUCTURED : 0};
    memcpy(record, &header, sizeof header);
    if (size)
        memcpy(record + sizeof header, message, size);
    NTSTATUS status = writer_send(writer, time, record, whole);
    dm_free(record);
    return status;
}
