/* SPDX-License-Identifier: MIT */
#include "unpacker.h"

#include <stdio.h>

#include <dmusbuff.h>
#include <ksmedia.h>

#include "base/alloc.h"
#include "base/midi_parser.h"
#include "com.h"
#include "midi_events.h"

#define LEGACY_GROUP 1

struct unpacker {
    struct unpacker_config config;
    char name[MXF_NAME_MAX];
    struct midi_events midi;
};

static int64_t add_saturated(int64_t a, int64_t b)
{
    if (b > 0 && a > INT64_MAX - b)
        return INT64_MAX;
    if (b < 0 && a < INT64_MIN - b)
        return INT64_MIN;
    return a + b;
}

/* One record of a write: where its data is and where the next one begins. */
struct record {
    const uint8_t *data;
    uint32_t size;
    size_t next;
};

/* False at the end of the data; *ok false if the record passes it. Padding behind the last one may be missing. */
static bool next_record(const uint8_t *bytes, size_t size, size_t at, size_t header, uint32_t data_size, size_t align,
                        struct record *record, bool *ok)
{
    *ok = data_size <= size - at - header;
    if (!*ok)
        return false;
    record->data = bytes + at + header;
    record->size = data_size;
    size_t end = at + header + data_size, padding = (align - (header + data_size) % align) % align;
    record->next = padding > size - end ? size : end + padding;
    return true;
}

/* --- DMUS_EVENTHEADER --- */

static bool next_dmus(const uint8_t *bytes, size_t size, size_t at, DMUS_EVENTHEADER *header, struct record *record, bool *ok)
{
    *ok = true;
    if (size - at < sizeof *header)
        return false;
    memcpy(header, bytes + at, sizeof *header);
    return next_record(bytes, size, at, sizeof *header, header->cbEvent, 8, record, ok);
}

/* The events of one record, in pieces of a buffer's size. */
static bool unpack_record(struct unpacker *unpacker, const DMUS_EVENTHEADER *header, const struct record *record,
                          int64_t start_100ns, struct mxf_chain *chain)
{
    IAllocatorMXF *allocator = unpacker->config.allocator;
    uint32_t most = allocator->lpVtbl->GetBufferSize(allocator), done = 0;
    struct mxf_chain pieces = {NULL, NULL};
    do {
        uint32_t part = record->size - done < most ? record->size - done : most;
        PDMUS_KERNEL_EVENT event;
        if (!NT_SUCCESS(mxf_event(allocator, record->data + done, part, &event))) {
            allocator->lpVtbl->PutMessage(allocator, pieces.head);
            return false;
        }
        done += part;
        event->usChannelGroup = (USHORT)header->dwChannelGroup;
        event->ullPresTime100ns = add_saturated(start_100ns, header->rtDelta);
        if (done < record->size)
            SET_INCOMPLETE_EVT(event);
        mxf_chain_add(&pieces, event);
    } while (done < record->size);
    mxf_chain_add(chain, pieces.head);
    return true;
}

/* DirectMusic's own buffers say 3 bytes for every structured message (spec/ddi-user.md 4.3), the third of a program change or a channel
 * pressure being 0. A device at the end of a wire would hear it. */
static uint32_t message_bytes(const DMUS_EVENTHEADER *header, const struct record *record)
{
    unsigned size = (header->dwFlags & DMUS_EVENT_STRUCTURED) && record->size ? midi_message_size(record->data[0]) : 0;
    return size && size < record->size ? size : record->size;
}

static NTSTATUS write_dmus(struct unpacker *unpacker, int64_t start_100ns, const uint8_t *bytes, size_t size, size_t *used)
{
    struct mxf_chain chain = {NULL, NULL};
    DMUS_EVENTHEADER header;
    struct record record;
    bool ok = true;
    for (size_t at = 0; next_dmus(bytes, size, at, &header, &record, &ok); at = record.next)
        ;
    if (!ok)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = STATUS_SUCCESS;
    size_t at = 0;
    for (; next_dmus(bytes, size, at, &header, &record, &ok); at = record.next) {
        record.size = message_bytes(&header, &record);
        if (header.dwChannelGroup <= UINT16_MAX && !unpack_record(unpacker, &header, &record, start_100ns, &chain)) {
            status = STATUS_INSUFFICIENT_RESOURCES;
            break;
        }
    }
    *used = NT_SUCCESS(status) ? size : at;
    if (chain.head)
        mxf_pass(unpacker->config.output, chain.head, unpacker->name);
    return status;
}

/* --- KSMUSICFORMAT --- */

static bool next_music(const uint8_t *bytes, size_t size, size_t at, KSMUSICFORMAT *header, struct record *record, bool *ok)
{
    *ok = true;
    if (size - at < sizeof *header)
        return false;
    memcpy(header, bytes + at, sizeof *header);
    return next_record(bytes, size, at, sizeof *header, header->ByteCount, 4, record, ok);
}

static NTSTATUS write_music(struct unpacker *unpacker, int64_t start_100ns, const uint8_t *bytes, size_t size, size_t *used)
{
    struct mxf_chain chain = {NULL, NULL};
    KSMUSICFORMAT header;
    struct record record;
    bool ok = true, all = true;
    for (size_t at = 0; next_music(bytes, size, at, &header, &record, &ok); at = record.next)
        ;
    if (!ok)
        return STATUS_INVALID_PARAMETER;
    /* Deltas add up to the wanted time, also where an earlier write holds the event back (spec 8.3: 125 becomes 131, and 15 ms
     * later is 140). */
    unpacker->midi.floor_100ns = unpacker->midi.last_100ns;
    int64_t wanted = start_100ns;
    for (size_t at = 0; next_music(bytes, size, at, &header, &record, &ok); at = record.next) {
        wanted = add_saturated(wanted, (int64_t)header.TimeDeltaMs * 10000);
        all = midi_events_parse(&unpacker->midi, record.data, record.size, wanted, &chain) && all;
    }
    *used = size;
    if (chain.head)
        mxf_pass(unpacker->config.output, chain.head, unpacker->name);
    return all ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS unpacker_write(struct unpacker *unpacker, int64_t start_100ns, const void *data, size_t size, size_t *used)
{
    size_t ignored;
    used = used ? used : &ignored;
    *used = 0;
    if (unpacker->config.format == UNPACK_DIRECTMUSIC)
        return write_dmus(unpacker, start_100ns, data, size, used);
    return write_music(unpacker, start_100ns, data, size, used);
}

void unpacker_reset(struct unpacker *unpacker) { midi_events_reset(&unpacker->midi); }

NTSTATUS unpacker_create(const struct unpacker_config *config, struct unpacker **out)
{
    *out = NULL;
    if (!config->allocator || !config->output)
        return STATUS_INVALID_PARAMETER;
    struct unpacker *unpacker = dm_calloc(1, sizeof *unpacker);
    if (!unpacker)
        return STATUS_INSUFFICIENT_RESOURCES;
    unpacker->config = *config;
    snprintf(unpacker->name, sizeof unpacker->name, "%s", config->name ? config->name : "unpacker");
    unpacker->config.name = unpacker->name;
    unpacker->midi.allocator = config->allocator;
    unpacker->midi.group = LEGACY_GROUP;
    COM_ADDREF(config->allocator);
    COM_ADDREF(config->output);
    *out = unpacker;
    return STATUS_SUCCESS;
}

void unpacker_destroy(struct unpacker *unpacker)
{
    if (!unpacker)
        return;
    midi_events_reset(&unpacker->midi);
    COM_RELEASE(unpacker->config.output);
    COM_RELEASE(unpacker->config.allocator);
    dm_free(unpacker);
}
