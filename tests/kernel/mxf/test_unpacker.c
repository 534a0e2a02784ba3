/* SPDX-License-Identifier: MIT */
/* The unpacker: spec/ddi-kernel.md 8.3. */
#include "mxf_rig.h"

#include <dmusbuff.h>
#include <ksmedia.h>

#include "base/alloc.h"
#include "kernel/portcls/unpacker.h"
#include "tap.h"

#define START INT64_C(5000000)

struct bench {
    struct rig rig;
    struct probe probe;
    struct unpacker *unpacker;
    uint8_t data[300000];
    size_t size;
};

static struct bench *open_bench(enum unpacker_format format, const struct event_pool_config *pool)
{
    struct bench *b = calloc(1, sizeof *b);
    if (!b)
        abort();
    rig_open(&b->rig, WDM_VIRTUAL, pool);
    probe_init(&b->probe, &b->rig);
    struct unpacker_config config = {format, b->rig.allocator, &b->probe.iface, "unpacker test"};
    CHECK_EQ(unpacker_create(&config, &b->unpacker), STATUS_SUCCESS);
    return b;
}

static void close_bench(struct bench *b)
{
    unpacker_destroy(b->unpacker);
    probe_end(&b->probe);
    CHECK_EQ(rig_events_out(&b->rig), 0);
    rig_close(&b->rig, 0);
    free(b);
}

static void add_dmus(struct bench *b, int64_t delta, uint32_t group, const void *bytes, uint32_t size)
{
    const DMUS_EVENTHEADER header = {.cbEvent = size, .dwChannelGroup = group, .rtDelta = delta, .dwFlags = 1};
    memcpy(b->data + b->size, &header, sizeof header);
    memcpy(b->data + b->size + sizeof header, bytes, size);
    b->size += DMUS_EVENT_SIZE(size);
}

static void add_music(struct bench *b, uint32_t delta_ms, const void *bytes, uint32_t size)
{
    const KSMUSICFORMAT header = {.TimeDeltaMs = delta_ms, .ByteCount = size};
    memcpy(b->data + b->size, &header, sizeof header);
    memcpy(b->data + b->size + sizeof header, bytes, size);
    b->size += (sizeof header + size + 3) & ~(size_t)3;
}

static NTSTATUS send_all(struct bench *b, int64_t start)
{
    size_t used;
    NTSTATUS status = unpacker_write(b->unpacker, start, b->data, b->size, &used);
    if (NT_SUCCESS(status))
        CHECK_EQ(used, b->size);
    b->size = 0;
    return status;
}

static void test_fields(void)
{
    struct bench *b = open_bench(UNPACK_DIRECTMUSIC, NULL);
    static const uint8_t bytes[20] = {0xF0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xF7};
    add_dmus(b, 0, 1, "\x90\x3c\x40", 3);
    add_dmus(b, 1000, 65535, bytes, 12);
    add_dmus(b, -7, 0, bytes, sizeof(PBYTE)); /* as long as fits inside */
    add_dmus(b, INT64_MAX, 2, "\xf8", 1);
    add_dmus(b, 5, 65536, "\xfa", 1); /* no such group */
    add_dmus(b, 5, 3, "", 0);
    CHECK_EQ(send_all(b, START), STATUS_SUCCESS);
    CHECK_EQ(b->probe.count, 5);
    CHECK_EQ(b->probe.calls, 1);
    const struct probe_note *n = b->probe.notes;
    CHECK(probe_is(&b->probe, 0, "\x90\x3c\x40", 3) && probe_is(&b->probe, 1, bytes, 12) &&
          probe_is(&b->probe, 2, bytes, sizeof(PBYTE)) && probe_is(&b->probe, 3, "\xf8", 1));
    CHECK_EQ(n[0].time_100ns, START);
    CHECK_EQ(n[1].time_100ns, START + 1000);
    CHECK_EQ(n[2].time_100ns, START - 7);
    CHECK_EQ(n[3].time_100ns, INT64_MAX);
    CHECK_EQ(n[0].group, 1);
    CHECK_EQ(n[1].group, 65535);
    CHECK_EQ(n[2].group, 0);
    CHECK_EQ(n[4].size, 0);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(n[i].flags, 0);
    CHECK_EQ(n[0].irql, DISPATCH_LEVEL);
    close_bench(b);
}

/* DirectMusic's buffers say three bytes for every structured message; what leaves is the message. */
static void test_structured_sizes(void)
{
    static const struct {
        uint8_t bytes[3];
        unsigned size;
    } messages[] = {{{0x80, 1, 2}, 3}, {{0x9f, 1, 2}, 3}, {{0xa0, 1, 2}, 3}, {{0xb5, 1, 2}, 3}, {{0xc4, 53, 0}, 2},
                    {{0xdf, 9, 0}, 2}, {{0xe0, 1, 2}, 3}, {{0xf1, 1, 0}, 2}, {{0xf2, 1, 2}, 3}, {{0xf8, 0, 0}, 1},
                    {{0x00, 1, 2}, 3} /* no message: left alone */};
    struct bench *b = open_bench(UNPACK_DIRECTMUSIC, NULL);
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        add_dmus(b, (int64_t)i, 1, messages[i].bytes, 3);
    CHECK_EQ(send_all(b, 0), STATUS_SUCCESS);
    CHECK_EQ(b->probe.count, sizeof messages / sizeof *messages);
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        CHECK(probe_is(&b->probe, i, messages[i].bytes, messages[i].size));
    close_bench(b);
}

static void test_long_sysex(void)
{
    static const uint32_t buffer_sizes[] = {32, 4096, 65535};
    static uint8_t sysex[200000];
    for (size_t i = 0; i < sizeof sysex; i++)
        sysex[i] = i ? (uint8_t)(i * 7 & 127) : 0xF0;
    for (int k = 0; k < 3; k++) {
        uint32_t most = buffer_sizes[k];
        const uint32_t sizes[] = {most - 1, most, most + 1, 2 * most, 2 * most + 5, 200000};
        struct event_pool_config pool = {.buffer_size = most};
        struct bench *b = open_bench(UNPACK_DIRECTMUSIC, &pool);
        for (int s = 0; s < 6; s++) {
            uint32_t pieces = (sizes[s] + most - 1) / most, wrong = 0;
            probe_clear(&b->probe);
            add_dmus(b, 3, 9, sysex, sizes[s]);
            CHECK_EQ(send_all(b, START), STATUS_SUCCESS);
            CHECK_EQ(b->probe.count, pieces);
            CHECK_EQ(b->probe.byte_count, sizes[s]);
            CHECK(memcmp(b->probe.bytes, sysex, sizes[s]) == 0);
            for (uint32_t i = 0; i < b->probe.count; i++) {
                const struct probe_note *n = &b->probe.notes[i];
                wrong += n->flags != (i + 1 < pieces ? DMUS_KEF_EVENT_INCOMPLETE : 0) || n->time_100ns != START + 3 ||
                         n->group != 9;
            }
            CHECK_EQ(wrong, 0);
        }
        close_bench(b);
    }
}

static void test_malformed(void)
{
    struct bench *b = open_bench(UNPACK_DIRECTMUSIC, NULL);
    add_dmus(b, 0, 1, "\x90\x3c\x40", 3);
    size_t one = b->size;
    add_dmus(b, 0, 1, "\x90\x3d\x40", 3);
    static const uint32_t lies[] = {5, 100, 0x7FFFFFFF, 0xFFFFFFEC, 0xFFFFFFFF};
    for (int i = 0; i < 5; i++) {
        memcpy(b->data + one, &lies[i], 4);
        size_t size = b->size;
        CHECK_EQ(send_all(b, START), STATUS_INVALID_PARAMETER);
        b->size = size;
    }
    CHECK_EQ(b->probe.count, 0); /* the good one before it neither */
    uint32_t three = 3;
    memcpy(b->data + one, &three, 4);
    for (size_t cut = 0; cut < b->size; cut++) { /* a header cut short is ignored, data cut short is not */
        size_t used = 99, keep = b->size, rest = cut % one;
        probe_clear(&b->probe);
        NTSTATUS status = unpacker_write(b->unpacker, START, b->data, cut, &used);
        bool torn = rest >= 20 && rest < 23;
        CHECK_EQ(status, torn ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS);
        CHECK_EQ(b->probe.count, torn ? 0 : cut / one + (rest >= 23));
        b->size = keep;
    }
    b->size = 0;
    close_bench(b);
    b = open_bench(UNPACK_MIDI, NULL);
    add_music(b, 0, "\x90\x3c\x40", 3);
    add_music(b, 0, "\x90\x3c\x40", 3);
    uint32_t lie = 4 + 1;
    memcpy(b->data + 12 + 4, &lie, 4);
    CHECK_EQ(send_all(b, START), STATUS_INVALID_PARAMETER);
    CHECK_EQ(b->probe.count, 0);
    close_bench(b);
}

static void test_allocator_runs_dry(void)
{
    struct event_pool_config pool = {.events = 10, .events_max = 10, .buffers = 2, .buffers_max = 2, .buffer_size = 32};
    struct bench *b = open_bench(UNPACK_DIRECTMUSIC, &pool);
    uint8_t sysex[65] = {0xF0};
    b->probe.keep = true;
    for (uint8_t i = 0; i < 8; i++)
        add_dmus(b, i, 1, (const uint8_t[]){0x90, i, 1}, 3);
    size_t eight = b->size, used = 0;
    add_dmus(b, 8, 1, sysex, 65); /* three events and two buffers: two events are left */
    add_dmus(b, 9, 1, "\xf8", 1);
    CHECK_EQ(unpacker_write(b->unpacker, START, b->data, b->size, &used), STATUS_INSUFFICIENT_RESOURCES);
    CHECK_EQ(used, eight);
    CHECK_EQ(b->probe.count, 8);
    CHECK_EQ(rig_events_out(&b->rig), 8); /* of the SysEx, nothing */
    PDMUS_KERNEL_EVENT kept = b->probe.kept;
    b->probe.kept = NULL;
    b->probe.keep = false;
    b->rig.allocator->lpVtbl->PutMessage(b->rig.allocator, kept);
    CHECK_EQ(unpacker_write(b->unpacker, START, b->data + used, b->size - used, &used), STATUS_SUCCESS);
    CHECK_EQ(b->probe.count, 12);
    CHECK_EQ(b->probe.notes[11].time_100ns, START + 9);
    close_bench(b);
}

/* The worked example of the documentation (spec 8.3). */
static void test_legacy_times(void)
{
    struct bench *b = open_bench(UNPACK_MIDI, NULL);
    add_music(b, 3, "\x90\x01\x40", 3);
    add_music(b, 1, "\x90\x02\x40", 3);
    add_music(b, 7, "\x90\x03\x40", 3);
    CHECK_EQ(send_all(b, 120 * WDM_MS), STATUS_SUCCESS);
    add_music(b, 5, "\x90\x04\x40", 3);
    add_music(b, 15, "\x90\x05\x40", 3);
    CHECK_EQ(send_all(b, 120 * WDM_MS), STATUS_SUCCESS);
    static const int64_t want_ms[] = {123, 124, 131, 131, 140};
    CHECK_EQ(b->probe.count, 5);
    for (uint32_t i = 0; i < b->probe.count; i++) {
        CHECK_EQ(b->probe.notes[i].time_100ns, want_ms[i] * WDM_MS);
        CHECK_EQ(b->probe.notes[i].group, 1);
        CHECK_EQ(b->probe.bytes[b->probe.notes[i].first + 1], i + 1);
    }
    unpacker_reset(b->unpacker); /* STOP: earlier writes hold nothing back any more */
    probe_clear(&b->probe);
    add_music(b, 1, "\x90\x06\x40", 3);
    send_all(b, 10 * WDM_MS);
    CHECK_EQ(b->probe.notes[0].time_100ns, 11 * WDM_MS);
    close_bench(b);
}

static void test_legacy_messages(void)
{
    struct bench *b = open_bench(UNPACK_MIDI, NULL);
    add_music(b, 0, "\x90\x3c", 2);          /* a message over two packets */
    add_music(b, 2, "\x40\x3d\x41\xb0", 4);  /* running status; and the start of another */
    CHECK_EQ(send_all(b, START), STATUS_SUCCESS);
    CHECK_EQ(b->probe.count, 2);
    add_music(b, 4, "\x07\x7f\xc1\x05", 4);  /* over two writes */
    CHECK_EQ(send_all(b, START), STATUS_SUCCESS);
    CHECK_EQ(b->probe.count, 4);
    CHECK(probe_is(&b->probe, 0, "\x90\x3c\x40", 3) && probe_is(&b->probe, 1, "\x90\x3d\x41", 3) &&
          probe_is(&b->probe, 2, "\xb0\x07\x7f", 3) && probe_is(&b->probe, 3, "\xc1\x05", 2));
    CHECK_EQ(b->probe.notes[0].time_100ns, START); /* of the packet with the first byte */
    CHECK_EQ(b->probe.notes[1].time_100ns, START + 2 * WDM_MS);
    CHECK_EQ(b->probe.notes[2].time_100ns, START + 2 * WDM_MS);
    CHECK_EQ(b->probe.notes[3].time_100ns, START + 4 * WDM_MS);
    add_music(b, 0, "\xf0\x01\x02\x03\x04\x05\x06\x07\x08\x09", 10);
    send_all(b, START);
    CHECK_EQ(b->probe.count, 4);
    unpacker_reset(b->unpacker); /* an unfinished SysEx is forgotten, and its buffer back */
    struct event_pool_stats stats;
    event_pool_stats(b->rig.pool, &stats);
    CHECK_EQ(stats.buffers_out, 0);
    close_bench(b);
}

static void test_no_memory(void)
{
    for (int format = UNPACK_DIRECTMUSIC; format <= UNPACK_MIDI; format++)
        for (long n = 1;; n++) {
            struct rig rig;
            struct probe probe;
            struct unpacker *unpacker = NULL;
            rig_open(&rig, WDM_VIRTUAL, NULL);
            probe_init(&probe, &rig);
            struct unpacker_config config = {(enum unpacker_format)format, rig.allocator, &probe.iface, NULL};
            long live = dm_alloc_live();
            dm_alloc_fail_at(n, true);
            NTSTATUS status = unpacker_create(&config, &unpacker);
            dm_alloc_fail_at(0, false);
            CHECK(NT_SUCCESS(status) == (unpacker != NULL));
            unpacker_destroy(unpacker);
            CHECK_EQ(dm_alloc_live(), live);
            rig_close(&rig, 0);
            if (NT_SUCCESS(status))
                break;
        }
}

int main(void)
{
    RUN(test_fields);
    RUN(test_structured_sizes);
    RUN(test_long_sysex);
    RUN(test_malformed);
    RUN(test_allocator_runs_dry);
    RUN(test_legacy_times);
    RUN(test_legacy_messages);
    RUN(test_no_memory);
    return tap_done();
}
