/* SPDX-License-Identifier: MIT */
/* The packer: spec/ddi-kernel.md 6.2, 8.9. */
#include "mxf_rig.h"

#include <dmusbuff.h>
#include <ksmedia.h>

#include "base/alloc.h"
#include "kernel/portcls/packer.h"
#include "tap.h"

#define READS 64

struct reader {
    struct read_request request;
    uint8_t data[8192];
    struct bench *bench;
    bool again; /* read again from inside the completion */
};

struct bench {
    struct rig rig;
    struct packer *packer;
    struct reader readers[READS];
    struct reader *done[2 * READS];
    unsigned done_count;
};

static struct bench *open_bench(enum packer_format format, uint32_t queued_max, const struct event_pool_config *pool)
{
    struct bench *b = calloc(1, sizeof *b);
    if (!b)
        abort();
    rig_open(&b->rig, WDM_VIRTUAL, pool);
    struct packer_config config = {format, b->rig.allocator, queued_max, "packer test"};
    CHECK_EQ(packer_create(&config, &b->packer), STATUS_SUCCESS);
    return b;
}

static void close_bench(struct bench *b)
{
    packer_destroy(b->packer);
    CHECK_EQ(rig_events_out(&b->rig), 0);
    rig_close(&b->rig, 0);
    free(b);
}

static void on_done(struct read_request *request)
{
    struct reader *reader = request->ctx;
    struct bench *b = reader->bench;
    if (b->done_count < 2 * READS)
        b->done[b->done_count++] = reader;
    if (reader->again) {
        reader->again = false;
        packer_read(b->packer, request);
    }
}

static struct reader *read_into(struct bench *b, unsigned index, uint32_t size)
{
    struct reader *reader = &b->readers[index];
    memset(reader->data, 0xEE, sizeof reader->data);
    reader->bench = b;
    reader->request = (struct read_request){.data = reader->data, .size = size, .done = on_done, .ctx = reader};
    packer_read(b->packer, &reader->request);
    return reader;
}

static void put(struct bench *b, PDMUS_KERNEL_EVENT chain) { mxf_pass(packer_input(b->packer), chain, "test"); }

static void put_note(struct bench *b, int64_t time, uint8_t key)
{
    const uint8_t note[3] = {0x90, key, 64};
    put(b, rig_event(&b->rig, time, note, 3));
}

/* Record AT of a DirectMusic buffer; NULL past the end. */
static const uint8_t *record(const struct reader *r, size_t *at, DMUS_EVENTHEADER *header)
{
    if (*at >= r->request.used)
        return NULL;
    memcpy(header, r->data + *at, sizeof *header);
    const uint8_t *data = r->data + *at + sizeof *header;
    *at += DMUS_EVENT_SIZE(header->cbEvent);
    CHECK(*at <= r->request.used);
    return data;
}

static void test_one_event_completes_a_read(void)
{
    struct bench *b = open_bench(PACK_DIRECTMUSIC, 0, NULL);
    struct reader *r = read_into(b, 0, 4096);
    CHECK_EQ(b->done_count, 0);
    put_note(b, 12345, 60);
    CHECK_EQ(b->done_count, 1);
    CHECK_EQ(r->request.status, STATUS_SUCCESS);
    CHECK_EQ(r->request.used, 24); /* 20 + 3, to a multiple of 8 */
    CHECK_EQ(r->request.start_100ns, 12345);
    CHECK_EQ(r->request.options, 0x10); /* TIMEVALID, spec 6.6 */
    static const uint8_t want[24] = {3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x90, 60, 64, 0};
    const uint16_t one = 1;
    if (*(const uint8_t *)&one) /* the header is in the machine's order */
        CHECK(memcmp(r->data, want, 24) == 0);
    CHECK_EQ(r->data[24], 0xEE);
    CHECK_EQ(rig_events_out(&b->rig), 0);
    close_bench(b);
}

static void test_chain_shares_a_read(void)
{
    struct bench *b = open_bench(PACK_DIRECTMUSIC, 0, NULL);
    struct mxf_chain chain = {NULL, NULL};
    struct reader *r = read_into(b, 0, 24 * 4);
    for (uint8_t i = 0; i < 5; i++)
        mxf_chain_add(&chain, rig_event(&b->rig, 1000 + i, (const uint8_t[]){0x90, i, 1}, 3));
    put(b, chain.head);
    CHECK_EQ(b->done_count, 1); /* full: the fifth waits for the next */
    DMUS_EVENTHEADER header;
    size_t at = 0;
    for (uint8_t i = 0; i < 4; i++) {
        const uint8_t *data = record(r, &at, &header);
        CHECK(data && data[1] == i && header.rtDelta == i && header.cbEvent == 3);
    }
    CHECK_EQ(at, r->request.used);
    CHECK_EQ(rig_events_out(&b->rig), 1);
    r = read_into(b, 1, 4096);
    CHECK_EQ(b->done_count, 2); /* at once */
    CHECK_EQ(r->request.start_100ns, 1004);
    close_bench(b);
}

static void test_sysex_over_small_reads(void)
{
    struct bench *b = open_bench(PACK_DIRECTMUSIC, 0, NULL);
    uint8_t sysex[101] = {0xF0}, got[101];
    for (uint8_t i = 1; i < 100; i++)
        sysex[i] = i;
    sysex[100] = 0xF7;
    for (unsigned i = 0; i < 8; i++)
        read_into(b, i, i % 2 ? 47 : 40); /* room for 20 bytes each; 47 is no multiple of 8 */
    put(b, rig_event(&b->rig, 7, sysex, 101));
    put_note(b, 8, 1);
    size_t have = 0;
    unsigned reads = 0;
    for (; reads < b->done_count && have < 101; reads++) {
        DMUS_EVENTHEADER header;
        size_t at = 0;
        for (const uint8_t *data; (data = record(b->done[reads], &at, &header)) != NULL;) {
            CHECK(have + header.cbEvent <= 101);
            CHECK_EQ(header.dwFlags, 0); /* no STRUCTURED: SysEx */
            memcpy(got + have, data, header.cbEvent);
            have += header.cbEvent;
        }
    }
    CHECK_EQ(have, 101);
    CHECK(memcmp(got, sysex, 101) == 0);
    CHECK_EQ(reads, 6); /* 5 of 20 bytes and one of 1 */
    CHECK_EQ(b->done_count, 7);
    DMUS_EVENTHEADER header;
    size_t at = 0;
    CHECK(record(b->done[6], &at, &header) && header.dwFlags == DMUS_EVENT_STRUCTURED);
    close_bench(b);
}

/* What fits a request as a whole is not torn to fill up the one before. */
static void test_sysex_that_fits_stays_whole(void)
{
    static const uint8_t sysex[20] = {0xF0, [19] = 0xF7};
    struct bench *b = open_bench(PACK_DIRECTMUSIC, 0, NULL);
    struct mxf_chain chain = {NULL, NULL};
    DMUS_EVENTHEADER header;
    size_t at = 0;
    read_into(b, 0, 24 + 32); /* behind the note there is room for 12 bytes */
    struct reader *r = read_into(b, 1, 24 + 32);
    mxf_chain_add(&chain, rig_event(&b->rig, 1, "\x90\x01\x02", 3));
    mxf_chain_add(&chain, rig_event(&b->rig, 2, sysex, 20));
    put(b, chain.head);
    CHECK_EQ(b->done_count, 2);
    CHECK_EQ(b->done[0]->request.used, 24);
    const uint8_t *data = record(r, &at, &header);
    CHECK(data && header.cbEvent == 20 && memcmp(data, sysex, 20) == 0);
    close_bench(b);
}

static void test_legacy_format(void)
{
    struct bench *b = open_bench(PACK_MIDI, 0, NULL);
    struct mxf_chain chain = {NULL, NULL};
    struct reader *r = read_into(b, 0, 4096);
    for (uint8_t i = 0; i < 10; i++) /* 1.7 ms apart: rounding must not add up */
        mxf_chain_add(&chain, rig_event(&b->rig, 50000 + i * 17000, (const uint8_t[]){0xC0, i}, 2));
    put(b, chain.head);
    CHECK_EQ(b->done_count, 1);
    CHECK_EQ(r->request.start_100ns, 50000);
    CHECK_EQ(r->request.used, 10 * 12);
    uint32_t sum_ms = 0;
    for (uint32_t i = 0; i < 10; i++) {
        KSMUSICFORMAT header;
        memcpy(&header, r->data + i * 12, sizeof header);
        sum_ms += header.TimeDeltaMs;
        CHECK_EQ(header.ByteCount, 2);
        CHECK_EQ(r->data[i * 12 + 9], i);
        CHECK_EQ(sum_ms, i * 17000 / 10000);
    }
    close_bench(b);
}

static void test_queue_drops_the_oldest(void)
{
    struct bench *b = open_bench(PACK_DIRECTMUSIC, 4, NULL);
    DMUS_EVENTHEADER header;
    for (uint8_t i = 0; i < 10; i++)
        put_note(b, i, i);
    CHECK_EQ(rig_events_out(&b->rig), 4);
    struct reader *r = read_into(b, 0, 4096);
    CHECK_EQ(r->request.options, 0x10 | 0x4); /* TIMEVALID, DATADISCONTINUITY */
    size_t at = 0;
    for (uint8_t i = 6; i < 10; i++) {
        const uint8_t *data = record(r, &at, &header);
        CHECK(data && data[1] == i);
    }
    put_note(b, 20, 20);
    r = read_into(b, 1, 4096);
    CHECK_EQ(r->request.options, 0x10); /* told once */
    struct packer_stats stats;
    packer_stats(b->packer, &stats);
    CHECK_EQ(stats.dropped, 6);
    CHECK_EQ(stats.packed, 5);
    close_bench(b);
}

/* What is left of a SysEx whose beginning was dropped would be taken for something else. */
static void test_queue_drops_whole_sysex(void)
{
    struct bench *b = open_bench(PACK_DIRECTMUSIC, 4, NULL);
    DMUS_EVENTHEADER header;
    struct mxf_chain chain = {NULL, NULL};
    for (int i = 0; i < 3; i++) {
        PDMUS_KERNEL_EVENT piece = rig_event(&b->rig, 1, i ? "\x01\x02\x03" : "\xf0\x01\x02", 3);
        SET_INCOMPLETE_EVT(piece);
        mxf_chain_add(&chain, piece);
        mxf_chain_add(&chain, rig_event(&b->rig, 1, "\xf8", 1)); /* real-time between the pieces */
    }
    put(b, chain.head); /* six events in a queue of four: the SysEx goes, the clocks stay */
    CHECK_EQ(rig_events_out(&b->rig), 3);
    PDMUS_KERNEL_EVENT end = rig_event(&b->rig, 2, "\x04\xf7", 2);
    put(b, end); /* its end comes later */
    CHECK_EQ(rig_events_out(&b->rig), 3);
    put(b, rig_event(&b->rig, 3, "\xf0\x05\xf7", 3)); /* the next one is whole */
    struct reader *r = read_into(b, 0, 4096);
    size_t at = 0;
    for (int i = 0; i < 3; i++) {
        const uint8_t *data = record(r, &at, &header);
        CHECK(data && data[0] == 0xF8);
    }
    const uint8_t *data = record(r, &at, &header);
    CHECK(data && memcmp(data, "\xf0\x05\xf7", 3) == 0);
    CHECK_EQ(at, r->request.used);
    close_bench(b);
}

static void test_cancel(void)
{
    struct bench *b = open_bench(PACK_DIRECTMUSIC, 0, NULL);
    for (unsigned i = 0; i < 4; i++)
        read_into(b, i, 100);
    CHECK(packer_cancel(b->packer, &b->readers[1].request));
    CHECK_EQ(b->done_count, 1);
    CHECK_EQ(b->readers[1].request.status, STATUS_CANCELLED);
    CHECK(!packer_cancel(b->packer, &b->readers[1].request));
    put_note(b, 1, 1);
    CHECK_EQ(b->done_count, 2);
    CHECK(b->done[1] == &b->readers[0]);
    CHECK(!packer_cancel(b->packer, &b->readers[0].request));
    packer_cancel_all(b->packer);
    CHECK_EQ(b->done_count, 4);
    CHECK(b->done[2] == &b->readers[2] && b->done[3] == &b->readers[3]);
    CHECK_EQ(b->readers[3].request.status, STATUS_CANCELLED);
    CHECK_EQ(b->readers[3].request.used, 0);
    put_note(b, 2, 2);
    packer_flush(b->packer);
    CHECK_EQ(rig_events_out(&b->rig), 0);
    struct reader *r = read_into(b, 5, PACKER_READ_MIN - 1);
    CHECK_EQ(r->request.status, STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(b->done_count, 5);
    read_into(b, 6, PACKER_READ_MIN);
    IMXF *input = packer_input(b->packer);
    input->lpVtbl->SetState(input, KSSTATE_STOP);
    CHECK_EQ(b->done_count, 6);
    read_into(b, 7, 100);
    packer_close(b->packer);
    CHECK_EQ(b->done_count, 7);
    r = read_into(b, 8, 100); /* too late: not left waiting */
    CHECK_EQ(b->done_count, 8);
    CHECK_EQ(r->request.status, STATUS_CANCELLED);
    close_bench(b);
}

static void test_read_from_inside_a_completion(void)
{
    struct bench *b = open_bench(PACK_DIRECTMUSIC, 0, NULL);
    b->readers[0].again = true;
    for (uint8_t i = 0; i < 2; i++)
        put_note(b, i, i);
    struct reader *r = read_into(b, 0, 24);
    CHECK_EQ(b->done_count, 2);
    CHECK_EQ(r->data[21], 1);
    CHECK_EQ(rig_events_out(&b->rig), 0);
    close_bench(b);
}

int main(void)
{
    RUN(test_one_event_completes_a_read);
    RUN(test_chain_shares_a_read);
    RUN(test_sysex_over_small_reads);
    RUN(test_sysex_that_fits_stays_whole);
    RUN(test_legacy_format);
    RUN(test_queue_drops_the_oldest);
    RUN(test_queue_drops_whole_sysex);
    RUN(test_cancel);
    RUN(test_read_from_inside_a_completion);
    return tap_done();
}
