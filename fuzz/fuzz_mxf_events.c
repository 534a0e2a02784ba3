/* SPDX-License-Identifier: MIT */
/*
 * Written DMUS_EVENTHEADER streams through unpacker and sequencer. A refused write publishes nothing; of an accepted one
 * every byte of every record comes out, each record in one piece or in a row of pieces, in the order of their times.
 */
#include <string.h>

#include <dmusbuff.h>

#include "kernel/portcls/sequencer.h"
#include "kernel/portcls/unpacker.h"
#include "mxf_stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct unpacker *unpacker;
static struct sequencer *sequencer;
static uint64_t bytes_out, events_out, wholes_out;
static int64_t last;
static bool inside;
static volatile uint32_t touched;

static void note(const DMUS_KERNEL_EVENT *event, const uint8_t *data, uint32_t size)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < size; i++)
        sum += data[i];
    touched = sum; /* every byte is read, so that a sanitizer sees one that is not there */
    bytes_out += size;
    events_out++;
    wholes_out += !INCOMPLETE_EVT(event);
    MUST(!INCOMPLETE_EVT(event) || size == STAGE_BUFFER);
    MUST(event->ullPresTime100ns >= last && (!inside || event->ullPresTime100ns == last));
    last = event->ullPresTime100ns;
    inside = INCOMPLETE_EVT(event) != 0;
}

/* What the stream should give, worked out without the unpacker. False: a record passes the end. */
static bool expect(const uint8_t *data, size_t size, uint64_t *bytes, uint64_t *wholes, uint64_t *events)
{
    *bytes = *wholes = *events = 0;
    for (uint64_t at = 0; at + 20 <= size;) {
        uint32_t count, group;
        memcpy(&count, data + at, 4);
        memcpy(&group, data + at + 4, 4);
        if (count > size - at - 20)
            return false;
        if (group < 65536) {
            *bytes += count;
            *events += count ? (count + STAGE_BUFFER - 1) / STAGE_BUFFER : 1;
            ++*wholes;
        }
        at += (20 + (uint64_t)count + 7) / 8 * 8;
    }
    return true;
}

static void set_up(void)
{
    stage_open(note);
    /* The pause in which all are held makes the order that of the stamps. */
    struct sequencer_config config = {
        .allocator = stage_allocator, .output = stage_end(), .clock = stage_clock, .prefetch_100ns = DONT_HOLD_FOR_SEQUENCING};
    MUST(NT_SUCCESS(sequencer_create(&config, &sequencer)));
    struct unpacker_config from = {UNPACK_DIRECTMUSIC, stage_allocator, sequencer_input(sequencer), NULL};
    MUST(NT_SUCCESS(unpacker_create(&from, &unpacker)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!unpacker)
        set_up();
    if (size < 8)
        return 0;
    int64_t start;
    uint64_t bytes, wholes, events;
    size_t used;
    memcpy(&start, data, 8);
    bool good = expect(data + 8, size - 8, &bytes, &wholes, &events);
    bytes_out = events_out = wholes_out = 0;
    last = INT64_MIN;
    inside = false;
    sequencer_set_state(sequencer, KSSTATE_PAUSE);
    NTSTATUS status = unpacker_write(unpacker, start, data + 8, size - 8, &used);
    MUST(status == (good ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER) && used == (good ? size - 8 : 0));
    sequencer_set_state(sequencer, KSSTATE_RUN);
    /* Nothing is more than 2^63 ahead of now, so all are due at once. */
    MUST(!good || (bytes_out == bytes && events_out == events && wholes_out == wholes));
    MUST(good || events_out == 0);
    sequencer_set_state(sequencer, KSSTATE_STOP);
    stage_check();
    return 0;
}
