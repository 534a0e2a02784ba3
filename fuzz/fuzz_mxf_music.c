/* SPDX-License-Identifier: MIT */
/*
 * Written KSMUSICFORMAT packets (what legacy MIDI pins take). A refused write publishes nothing; an accepted one gives
 * whole messages, the same ones however the stream is cut into writes at packet borders.
 */
#include <string.h>

#include <ksmedia.h>

#include "kernel/portcls/unpacker.h"
#include "mxf_stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct unpacker *unpacker;
static uint64_t hash, events;
static bool inside;

static void note(const DMUS_KERNEL_EVENT *event, const uint8_t *data, uint32_t size)
{
    static const uint8_t sizes[16] = {0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 2, 2, 3, 0};
    MUST(size > 0 && event->usChannelGroup == 1);
    bool sysex = data[0] == 0xF0 || data[0] == 0xF7 || data[0] < 0x80;
    MUST(sysex || (!INCOMPLETE_EVT(event) && (data[0] >= 0xF0 || size == sizes[data[0] >> 4])));
    MUST(!sysex || (data[0] == 0xF0) != inside);
    if (sysex)
        inside = INCOMPLETE_EVT(event) != 0;
    for (uint32_t i = 0; i < size; i++) {
        MUST(i == 0 || data[i] < 0x80 || (sysex && data[i] == 0xF7 && i + 1 == size));
        hash = (hash ^ data[i]) * UINT64_C(1099511628211);
    }
    events++;
}

static void set_up(void)
{
    stage_open(note);
    struct unpacker_config config = {UNPACK_MIDI, stage_allocator, stage_end(), NULL};
    MUST(NT_SUCCESS(unpacker_create(&config, &unpacker)));
}

static NTSTATUS write_all(const uint8_t *data, size_t size)
{
    return unpacker_write(unpacker, 12345678, data, size, NULL);
}

/* Packet by packet; only for a stream that is good. */
static void write_single(const uint8_t *data, size_t size)
{
    for (size_t at = 0; at + 8 <= size;) {
        uint32_t count;
        memcpy(&count, data + at + 4, 4);
        size_t whole = (8 + (size_t)count + 3) / 4 * 4;
        MUST(NT_SUCCESS(write_all(data + at, whole < size - at ? whole : size - at)));
        at += whole;
    }
}

static void begin(void)
{
    unpacker_reset(unpacker);
    hash = events = 0;
    inside = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!unpacker)
        set_up();
    begin();
    NTSTATUS status = write_all(data, size);
    MUST(status == STATUS_SUCCESS || (status == STATUS_INVALID_PARAMETER && events == 0));
    uint64_t one_hash = hash, one_events = events;
    begin();
    if (status == STATUS_SUCCESS) {
        write_single(data, size);
        MUST(hash == one_hash && events == one_events);
    }
    unpacker_reset(unpacker);
    stage_check();
    return 0;
}
