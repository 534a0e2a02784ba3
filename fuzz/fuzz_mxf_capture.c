/* SPDX-License-Identifier: MIT */
/*
 * Raw captured bytes through capture sink and packer. However they are cut into events, the same records come out: whole messages,
 * stamps that never go back, SysEx bytes as they came.
 */
#include <string.h>

#include <dmusbuff.h>

#include "kernel/portcls/capture_sink.h"
#include "kernel/portcls/packer.h"
#include "mxf_stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct capture_sink *sink;
static struct packer *packer;
static struct read_request request;
static uint8_t buffer[200];
static uint64_t messages, sysex; /* hashes: a real-time byte may come between other pieces when the cut is another */
static int64_t last;

static void unused(const DMUS_KERNEL_EVENT *event, const uint8_t *data, uint32_t size) { (void)event, (void)data, (void)size; }

static void add(uint64_t *hash, const uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        *hash = (*hash ^ bytes[i]) * UINT64_C(1099511628211);
}

static void on_read(struct read_request *done)
{
    if (done->status != STATUS_SUCCESS)
        return;
    MUST(done->used > 0 && done->used <= done->size && !(done->options & KSSTREAM_HEADER_OPTIONSF_DATADISCONTINUITY));
    for (uint32_t at = 0; at < done->used;) {
        DMUS_EVENTHEADER header;
        MUST(done->used - at >= sizeof header);
        memcpy(&header, buffer + at, sizeof header);
        const uint8_t *bytes = buffer + at + sizeof header;
        MUST(header.cbEvent > 0 && DMUS_EVENT_SIZE(header.cbEvent) <= done->used - at && header.dwChannelGroup == 1);
        MUST(done->start_100ns + header.rtDelta >= last);
        last = done->start_100ns + header.rtDelta;
        if (header.dwFlags & DMUS_EVENT_STRUCTURED) {
            MUST(bytes[0] >= 0x80 && bytes[0] != 0xF0 && bytes[0] != 0xF7 && header.cbEvent <= 3);
            add(&messages, bytes, header.cbEvent);
        } else {
            MUST(bytes[0] < 0x80 || bytes[0] == 0xF0 || bytes[0] == 0xF7);
            add(&sysex, bytes, header.cbEvent);
        }
        at += (uint32_t)DMUS_EVENT_SIZE(header.cbEvent);
    }
    packer_read(packer, done);
}

static void set_up(void)
{
    stage_open(unused);
    struct packer_config to = {.format = PACK_DIRECTMUSIC, .allocator = stage_allocator};
    MUST(NT_SUCCESS(packer_create(&to, &packer)));
    struct capture_sink_config config = {.allocator = stage_allocator, .output = packer_input(packer), .clock = stage_clock};
    MUST(NT_SUCCESS(capture_sink_create(&config, &sink)));
}

/* Chunk sizes from CUT: its low three bits and one, or different ones if it is odd above them. */
static void feed(const uint8_t *data, size_t size, uint8_t cut)
{
    IMXF *input = capture_sink_input(sink);
    messages = sysex = 0;
    last = 0;
    capture_sink_set_state(sink, KSSTATE_RUN);
    request = (struct read_request){.data = buffer, .size = 24u + cut % 177u, .done = on_read};
    packer_read(packer, &request);
    uint32_t chunk = 1 + (cut & 7u);
    for (size_t at = 0; at < size; at += chunk) {
        PDMUS_KERNEL_EVENT event;
        chunk = cut & 8 ? 1 + (chunk * 7 + cut) % STAGE_BUFFER : chunk;
        chunk = chunk < size - at ? chunk : (uint32_t)(size - at);
        MUST(NT_SUCCESS(mxf_event(stage_allocator, data + at, chunk, &event)));
        SET_INCOMPLETE_EVT(event);
        event->ullPresTime100ns = (int64_t)(1000 + at);
        event->usChannelGroup = 1;
        mxf_put(input, event, "fuzz");
    }
    capture_sink_set_state(sink, KSSTATE_STOP);
    packer_flush(packer);
    stage_check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!sink)
        set_up();
    if (size < 1)
        return 0;
    feed(data + 1, size - 1, data[0]);
    uint64_t some_messages = messages, some_sysex = sysex;
    feed(data + 1, size - 1, 0); /* byte by byte */
    MUST(messages == some_messages && sysex == some_sysex);
    return 0;
}
