/* SPDX-License-Identifier: MIT */
/* The DLS reader: structure, conditions at every level, the pool table, loops, and what happens to damaged files. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#endif
#include "formats/dls.h"

#include <time.h>
#ifndef _WIN32
#include <sys/mman.h>
#endif

#include "base/alloc.h"
#include "dls_bank.h"
#include "tap.h"

static struct rb b;
static struct note_log notes_heard;
static struct dm_error err;

static struct dls_collection *read_span(struct span bytes, enum dm_status want)
{
    struct dm_notes notes = {note_log_add, &notes_heard};
    struct dls_collection *c;
    memset(&notes_heard, 0, sizeof notes_heard);
    memset(&err, 0, sizeof err);
    enum dm_status status = dls_read(bytes, 44100, &notes, &c, &err);
    CHECK_EQ(status, want);
    CHECK((c != NULL) == (status == DM_OK));
    CHECK_EQ(err.status, status);
    if (status != want)
        printf("#   %s\n", err.text);
    return c;
}

static struct dls_collection *read_bank(struct dls_bank bank, enum dm_status want)
{
    b.size = 0;
    dls_bank_build(&b, &bank);
    return read_span(rb_span(&b), want);
}

/* cdl chunk that is true or false. */
static void put_condition(struct rb *to, bool truth)
{
    rb_begin(to, "cdl ", NULL);
    rb_u16(to, 0x10);
    rb_u32(to, truth);
    rb_end(to);
}
static void yes(struct rb *to) { put_condition(to, true); }
static void no(struct rb *to) { put_condition(to, false); }

static void rich_head(struct rb *to)
{
    rb_begin(to, "vers", NULL);
    rb_words(to, 2, 0x0003000Au, 0x0000003Du);
    rb_end(to);
    rb_begin(to, "dlid", NULL);
    rb_words(to, 4, 1u, 2u, 3u, 4u);
    rb_end(to);
}
static void rich_region(struct rb *to)
{
    put_wsmp(to, 64, -7, -655360, 10, 80);
    put_artic(to, "lart", "art1", 4, 100);
    put_artic(to, "lar2", "art2", 3, 200);
    rb_begin(to, "LIST", "INFO");
    rb_text(to, "INAM", "region");
    rb_end(to);
}
static void rich_instrument(struct rb *to)
{
    put_artic(to, "lart", "art1", 0x206, 300);
    rb_begin(to, "LIST", "INFO");
    rb_text(to, "inam", "Gl\xF6""ckchen"); /* Latin-1, and the id in lower case */
    rb_end(to);
}
static void rich_wave(struct rb *to)
{
    rb_begin(to, "LIST", "INFO");
    rb_text(to, "INAM", "W\xC3\xA4ve"); /* UTF-8 */
    rb_end(to);
}
static void rich_tail(struct rb *to)
{
    rb_begin(to, "LIST", "INFO");
    rb_text(to, "INAM", "Collection");
    rb_text(to, "IENG", "Engineer");
    rb_text(to, "ICRD", "2024");
    rb_end(to);
}

static struct dls_bank rich = {.form_head = rich_head, .region_tail = rich_region, .ins_tail = rich_instrument,
                               .wave_middle = rich_wave, .form_tail = rich_tail};

static void test_everything(void)
{
    struct dls_collection *c = read_bank(rich, DM_OK);
    if (!c)
        return;
    CHECK_EQ(notes_heard.count, 0);
    CHECK_EQ(c->version_ms, 0x0003000A);
    CHECK_EQ(c->version_ls, 0x3D);
    CHECK_STR(c->info.name, "Collection");
    CHECK_STR(c->info.engineer, "Engineer");
    CHECK_STR(c->info.date, "2024");
    CHECK(c->info.comment == NULL);
    CHECK_EQ(c->level, 2);
    CHECK_EQ(c->connection_count, 3);
    const struct dls_instrument *i = &c->instruments[0];
    CHECK_STR(i->name, "Gl\xC3\xB6""ckchen");
    CHECK_EQ(i->articulation.count, 1);
    CHECK_EQ(i->articulation.connections[0].scale, 300);
    const struct dls_region *g = &i->regions[0];
    CHECK(g->articulation.present);
    CHECK_EQ(g->articulation.count, 2);
    CHECK_EQ(g->articulation.connections[1].destination, 3);
    CHECK_EQ(g->articulation.connections[1].scale, 200);
    CHECK_EQ(g->channel, 1);
    CHECK_EQ(g->sample.unity_note, 64);
    CHECK_EQ(g->sample.fine_tune, -7);
    CHECK_EQ(g->sample.gain, -655360);
    CHECK_EQ(g->sample.loop, DLS_LOOP_FORWARD);
    CHECK_STR(c->waves[0].name, "W\xC3\xA4ve");
    CHECK(!c->waves[0].sample.present);
    CHECK(c->waves[0].data.data > b.bytes && c->waves[0].data.data < b.bytes + b.size); /* not copied */
    CHECK_EQ(c->waves[0].data.size, 2 * BANK_FRAMES);
    dls_free(c);
    dls_free(NULL);
}

/* ---- conditions (DLS 2.2 section 2.6) ---- */

static void refused_region(struct rb *to)
{
    rb_begin(to, "LIST", "rgn ");
    put_rgnh(to, 0, 10, 0, 127);
    put_wlnk(to, 0);
    no(to);
    rb_end(to);
    rb_begin(to, "LIST", "rgn2");
    yes(to);
    put_rgnh(to, 20, 30, 0, 127);
    put_wlnk(to, 0);
    rb_end(to);
}
static void refused_regions(struct rb *to)
{
    put_region(to, 0, 127, 0);
    no(to);
}
static void refused_artic(struct rb *to)
{
    rb_begin(to, "LIST", "lart");
    no(to);
    rb_begin(to, "art1", NULL);
    rb_words(to, 2, 8u, 1u);
    put_block(to, 0, 0, 3, 0, 1);
    rb_end(to);
    rb_end(to);
}
static void two_instruments(struct rb *to)
{
    rb_begin(to, "LIST", "ins ");
    no(to);
    put_insh(to, 0, 0, 1);
    rb_end(to);
    put_instrument(to, 0, 2, 0);
}
static void refused_wave(struct rb *to)
{
    rb_begin(to, "LIST", "wave");
    put_format(to, 1, 1, 22050, 2, 16);
    put_data(to, 10);
    no(to);
    rb_end(to);
    put_wave(to, 20);
}
static void refused_pool(struct rb *to)
{
    put_wave(to, 20);
    no(to);
}
static void refused_info(struct rb *to)
{
    rb_begin(to, "LIST", "INFO");
    rb_text(to, "INAM", "hidden");
    no(to);
    rb_end(to);
}
static void table_of_two(struct rb *to)
{
    rb_begin(to, "ptbl", NULL);
    rb_words(to, 4, 8u, 2u, 0u, 12u + 24 + 28 + 14);
    rb_end(to);
}
static void regions_on_both(struct rb *to)
{
    put_region(to, 0, 63, 0);
    put_region(to, 64, 127, 1);
}

static void test_conditions(void)
{
    struct dls_collection *c = read_bank((struct dls_bank){.lrgn = refused_region}, DM_OK);
    CHECK_EQ(c->region_count, 1);
    CHECK_EQ(c->instruments[0].regions[0].key_low, 20);
    CHECK_EQ(c->level, 2);
    dls_free(c);
    c = read_bank((struct dls_bank){.region_tail = refused_artic, .ins_tail = refused_artic}, DM_OK);
    CHECK(!c->instruments[0].regions[0].articulation.present);
    CHECK(!c->instruments[0].articulation.present);
    dls_free(c);
    c = read_bank((struct dls_bank){.lins = two_instruments}, DM_OK);
    CHECK_EQ(c->instrument_count, 1);
    CHECK_EQ(c->instruments[0].program, 2);
    dls_free(c);
    c = read_bank((struct dls_bank){.waves = refused_wave, .ptbl = table_of_two, .lrgn = regions_on_both}, DM_OK);
    CHECK_EQ(c->wave_count, 2); /* the pool keeps its numbers */
    CHECK(!c->waves[0].usable && c->waves[0].channels == 1 && c->waves[0].sample_rate == 22050);
    CHECK_EQ(c->region_count, 1);
    CHECK_EQ(c->waves[c->instruments[0].regions[0].wave].frames, 20);
    CHECK(note_log_has(&notes_heard, "wave 0: left out by its conditional chunk"));
    dls_free(c);
    c = read_bank((struct dls_bank){.form_tail = refused_info}, DM_OK);
    CHECK(c->info.name == NULL);
    dls_free(c);
    c = read_bank((struct dls_bank){.form_tail = yes}, DM_OK);
    dls_free(c);
    read_bank((struct dls_bank){.form_tail = no}, DM_ERR_UNSUPPORTED);
    CHECK(strstr(err.text, "conditional chunk of the collection"));
    read_bank((struct dls_bank){.lrgn = refused_regions}, DM_ERR_FORMAT);
    read_bank((struct dls_bank){.waves = refused_pool}, DM_ERR_FORMAT);
    CHECK_STR(err.text, "nothing to play: wave pool left out by its conditional chunk");
}

/* ---- pool table (1.7) ---- */

static const uint32_t *cues;
static uint32_t cue_count;
static void put_table(struct rb *to)
{
    rb_begin(to, "ptbl", NULL);
    rb_words(to, 2, 8u, cue_count);
    for (uint32_t i = 0; i < cue_count; i++)
        rb_u32(to, cues[i]);
    rb_end(to);
}
static void four_waves(struct rb *to) /* of 44 + 2 * frames bytes: at 0, 64, 148, 252 */
{
    for (unsigned i = 0; i < 4; i++)
        put_wave(to, 10 * (i + 1));
}
static void four_regions(struct rb *to)
{
    for (unsigned i = 0; i < 4; i++)
        put_region(to, 10 * i, 10 * i + 9, i);
}

/* Frames of the wave that each region got, 0 if it was dropped. */
static void check_table(const uint32_t *table, uint32_t count, const unsigned want[4])
{
    cues = table;
    cue_count = count;
    struct dls_collection *c =
        read_bank((struct dls_bank){.waves = four_waves, .lrgn = four_regions, .ptbl = put_table}, DM_OK);
    unsigned got[4] = {0};
    for (uint32_t i = 0; c && i < c->region_count; i++)
        got[c->instruments[0].regions[i].key_low / 10] = c->waves[c->instruments[0].regions[i].wave].frames;
    for (int i = 0; i < 4; i++)
        CHECK_EQ(got[i], want[i]);
    dls_free(c);
}

static void test_pool_table(void)
{
    check_table((uint32_t[]){0, 64, 148, 252}, 4, (unsigned[]){10, 20, 30, 40});
    CHECK_EQ(notes_heard.count, 0);
    check_table((uint32_t[]){252, 0, 0, 64}, 4, (unsigned[]){40, 10, 10, 20}); /* permuted and shared */
    check_table((uint32_t[]){0, 0xFFFFFFFF, 148, 252}, 4, (unsigned[]){10, 0, 30, 40});
    CHECK(note_log_has(&notes_heard, "instrument 0 (bank 0 program 0): region 1: dropped: cue 1 is empty"));
    check_table((uint32_t[]){0, 65, 148, 252}, 4, (unsigned[]){10, 20, 30, 40}); /* a miss: by order */
    CHECK(note_log_has(&notes_heard, "region 1: no wave at pool offset 65 of cue 1, wave 1 taken"));
    check_table((uint32_t[]){252, 0}, 2, (unsigned[]){40, 10, 30, 40}); /* too short: the rest by order */
    uint32_t from = (uint32_t)rb_find(&b, "wvpl", 0) + 4 + 8; /* two more cues than this file had */
    check_table((uint32_t[]){from, from + 252, from + 64, from + 148}, 4, (unsigned[]){10, 40, 20, 30});
    CHECK(note_log_has(&notes_heard, "offsets count from the beginning of the file"));
}

static void far_cue(struct rb *to) { put_wlnk(to, 77); }
static void test_dangling_regions(void)
{
    read_bank((struct dls_bank){.wlnk = far_cue}, DM_ERR_FORMAT);
    CHECK_STR(
        err.text,
        "nothing to play: instrument 0 (bank 0 program 0): region 0: dropped: cue 77 means no wave, the pool has 1");
}

/* ---- loops ---- */

static uint32_t loop_start, loop_length;
static void put_loop(struct rb *to) { put_wsmp(to, 60, 0, 0, loop_start, loop_length); }

static void check_loop(uint32_t start, uint32_t length, enum dls_loop_kind kind, uint32_t want, const char *note)
{
    loop_start = start;
    loop_length = length;
    for (int in_wave = 0; in_wave < 2; in_wave++) {
        struct dls_collection *c = read_bank(
            (struct dls_bank){.region_tail = in_wave ? NULL : put_loop, .wave_middle = in_wave ? put_loop : NULL},
            DM_OK);
        const struct dls_sample_info *s = in_wave ? &c->waves[0].sample : &c->instruments[0].regions[0].sample;
        CHECK_EQ(s->loop, kind);
        CHECK_EQ(s->loop_length, want);
        char text[100];
        snprintf(text, sizeof text, "%s%s", in_wave ? "wave 0: " : "region 0: ", note ? note : "");
        if (note)
            CHECK(note_log_has(&notes_heard, text));
        else
            CHECK_EQ(notes_heard.count, 0);
        dls_free(c);
    }
}

static void test_loops(void)
{
    check_loop(0, 100, DLS_LOOP_FORWARD, 100, NULL);
    check_loop(99, 1, DLS_LOOP_FORWARD, 1, NULL);
    check_loop(90, 11, DLS_LOOP_FORWARD, 10, "loop ends at 101, data at 100");
    check_loop(90, 0xFFFFFFFF, DLS_LOOP_FORWARD, 10, "loop ends at 4294967385, data at 100");
    check_loop(100, 5, DLS_LOOP_NONE, 0, "loop from 100 of 5 frames left out, data end at 100");
    check_loop(0xFFFFFFFF, 1, DLS_LOOP_NONE, 0, "loop from 4294967295 of 1 frames left out");
}

static void release_and_second(struct rb *to)
{
    rb_begin(to, "wsmp", NULL);
    rb_words(to, 5, 24u, 60u, 0u, 0u, 2u); /* a header of 24 bytes, two loops: the first counts */
    rb_u32(to, 0xEEEEEEEE);
    rb_words(to, 8, 16u, 1u, 3u, 4u, 16u, 0u, 50u, 5u);
    rb_end(to);
}
static void missing_loop(struct rb *to)
{
    rb_begin(to, "wsmp", NULL);
    rb_words(to, 5, 20u, 200u, 0u, 0u, 3u);
    rb_end(to);
}
static void tiny(struct rb *to)
{
    rb_begin(to, "wsmp", NULL);
    rb_words(to, 3, 20u, 61u, 0u);
    rb_end(to);
}

static void test_wsmp_forms(void)
{
    struct dls_collection *c = read_bank((struct dls_bank){.region_tail = release_and_second}, DM_OK);
    CHECK_EQ(c->instruments[0].regions[0].sample.loop, DLS_LOOP_RELEASE);
    CHECK_EQ(c->instruments[0].regions[0].sample.loop_start, 3);
    CHECK_EQ(c->instruments[0].regions[0].sample.loop_length, 4);
    dls_free(c);
    c = read_bank((struct dls_bank){.region_tail = missing_loop}, DM_OK);
    CHECK_EQ(c->instruments[0].regions[0].sample.loop, DLS_LOOP_NONE);
    CHECK_EQ(c->instruments[0].regions[0].sample.unity_note, 60);
    CHECK(note_log_has(&notes_heard, "unity note 200 taken as 60"));
    CHECK(note_log_has(&notes_heard, "wsmp names 3 loops and holds none"));
    dls_free(c);
    c = read_bank((struct dls_bank){.region_tail = tiny}, DM_OK);
    CHECK(!c->instruments[0].regions[0].sample.present);
    CHECK(note_log_has(&notes_heard, "wsmp chunk of 12 bytes ignored"));
    dls_free(c);
}

/* ---- damage ---- */

static void mad_rate(struct rb *to) { put_format(to, 1, 1, 0, 2, 16); }
static void fast_rate(struct rb *to) { put_format(to, 1, 1, 4000000000u, 2, 16); }
static void no_channels(struct rb *to) { put_format(to, 1, 0, 8000, 2, 16); }

static void test_wave_repairs(void)
{
    struct dls_collection *c = read_bank((struct dls_bank){.format = mad_rate}, DM_OK);
    CHECK_EQ(c->waves[0].sample_rate, 22050);
    dls_free(c);
    c = read_bank((struct dls_bank){.format = fast_rate}, DM_OK);
    CHECK_EQ(c->waves[0].sample_rate, 384000);
    dls_free(c);
    c = read_bank((struct dls_bank){.format = no_channels}, DM_OK);
    CHECK_EQ(c->waves[0].channels, 1);
    CHECK_EQ(c->waves[0].frames, BANK_FRAMES);
    dls_free(c);
}

static void incomplete_regions(struct rb *to)
{
    rb_begin(to, "LIST", "rgn ");
    put_rgnh(to, 0, 127, 0, 127);
    rb_end(to);
    rb_begin(to, "LIST", "rgn ");
    put_wlnk(to, 0);
    rb_end(to);
    put_region(to, 5, 6, 0);
}

static void test_incomplete(void)
{
    struct dls_collection *c = read_bank((struct dls_bank){.lrgn = incomplete_regions}, DM_OK);
    CHECK_EQ(c->region_count, 1);
    CHECK(note_log_has(&notes_heard, "region 0: dropped: no complete wlnk chunk"));
    CHECK(note_log_has(&notes_heard, "region 1: dropped: no complete rgnh chunk"));
    dls_free(c);
    read_span((struct span){(const uint8_t *)"", 0}, DM_ERR_FORMAT);
    read_span((struct span){(const uint8_t *)"RIFF\4\0\0\0DLS ", 12}, DM_ERR_FORMAT);
    CHECK_STR(err.text, "the collection has no instruments (lins)");
    read_span((struct span){(const uint8_t *)"RIFX\4\0\0\0DLS ", 12}, DM_ERR_UNSUPPORTED);
    read_span((struct span){(const uint8_t *)"RIFF\4\0\0\0WAVE", 12}, DM_ERR_FORMAT);
    CHECK_STR(err.text, "no RIFF form of type 'DLS ' found");
}

static void test_riff_size_too_small(void)
{
    static const uint32_t sizes[] = {0, 4, 100};
    for (size_t i = 0; i < 3; i++) {
        b.size = 0;
        dls_bank_build(&b, &rich);
        rb_poke32(&b, 4, sizes[i]);
        struct dls_collection *c = read_span(rb_span(&b), DM_OK);
        CHECK_EQ(c ? c->region_count : 0, 1);
        CHECK(note_log_has(&notes_heard, "the RIFF size leaves out part of the file"));
        dls_free(c);
    }
}

static void test_inside_containers(void)
{
    static struct rb outer;
    b.size = 0;
    dls_bank_build(&b, &rich);
    rb_bytes(&outer, "FORM\0\0\0\0XDLS", 12);
    rb_bytes(&outer, b.bytes, b.size);
    struct dls_collection *c = read_span(rb_span(&outer), DM_OK);
    CHECK_EQ(c ? c->region_count : 0, 1);
    dls_free(c);
}

/* Section 9, 17: every truncation point of a valid file parses or fails cleanly. */
static void test_every_truncation(void)
{
    b.size = 0;
    dls_bank_build(&b, &rich);
    long live = dm_alloc_live();
    size_t parsed = 0;
    for (size_t size = 0; size < b.size; size++) {
        uint8_t *copy = malloc(size ? size : 1); /* exact size: sanitizers see a step too far */
        memcpy(copy, b.bytes, size);
        struct dls_collection *c;
        enum dm_status status = dls_read((struct span){copy, size}, 44100, NULL, &c, &err);
        if (status == DM_OK) {
            int16_t frames[BANK_FRAMES];
            parsed++;
            CHECK(c->region_count == 1 && c->waves[0].frames <= BANK_FRAMES);
            dls_wave_decode(&c->waves[0], 0, c->waves[0].frames, frames);
            dls_free(c);
        } else {
            CHECK(status == DM_ERR_FORMAT);
            CHECK(err.text[0] != '\0');
        }
        free(copy);
    }
    CHECK_EQ(dm_alloc_live(), live);
    CHECK(parsed > 2 * BANK_FRAMES - 2); /* a file cut in its wave data can be played */
}

/* Large enough that every array needs a block of its own from the heap. */
static void many_instruments(struct rb *to)
{
    for (unsigned i = 0; i < 60; i++) {
        rb_begin(to, "LIST", "ins ");
        put_insh(to, 8, i == 59 ? 0x80000000u : 0, i);
        rb_begin(to, "LIST", "lrgn");
        for (unsigned k = 0; k < 8; k++) {
            rb_begin(to, "LIST", "rgn ");
            put_rgnh(to, 16 * k, 16 * k + 15, 0, 127);
            put_wlnk(to, k);
            put_artic(to, "lart", "art1", 3, (int)k);
            rb_end(to);
        }
        rb_end(to);
        rb_begin(to, "LIST", "INFO");
        rb_text(to, "INAM", "instrument");
        rb_end(to);
        rb_end(to);
    }
}
static void many_waves(struct rb *to)
{
    for (unsigned i = 0; i < 100; i++)
        put_wave(to, 3);
}
static void many_tails(struct rb *to)
{
    rich_tail(to);
    rb_begin(to, "pgal", NULL);
    rb_u32(to, 1);
    for (unsigned i = 0; i < 128; i++)
        rb_u8(to, i ^ 1);
    rb_u32(to, 100);
    for (unsigned i = 0; i < 100; i++)
        rb_words(to, 2, 0x0001u | i << 16, i % 59 << 16);
    rb_end(to);
}

/* An alias has all regions of its source: these would have 2^20, in a file of 90 KB. */
enum { MANY_REGIONS = 1024, MANY_ALIASES = 1024 };
static void many_regions(struct rb *to)
{
    for (unsigned i = 0; i < MANY_REGIONS; i++)
        put_region(to, 0, 127, 0);
}
static void many_aliases(struct rb *to)
{
    rb_begin(to, "pgal", NULL);
    rb_u32(to, 1);
    for (unsigned i = 0; i < 128; i++)
        rb_u8(to, i);
    rb_u32(to, MANY_ALIASES);
    for (unsigned i = 0; i < MANY_ALIASES; i++)
        rb_words(to, 2, ((i >> 7) + 1) | (i & 127) << 16, 0u);
    rb_end(to);
}

static void test_aliases_multiply(void)
{
    static struct note_log log;
    struct dm_notes notes = {note_log_add, &log};
    struct dls_collection *c;
    b.size = 0;
    dls_bank_build(&b, &(struct dls_bank){.lrgn = many_regions, .form_tail = many_aliases});
    CHECK_EQ(dls_read(rb_span(&b), 44100, &notes, &c, &err), DM_OK);
    CHECK_EQ(c->instrument_count, 1 + 65536 / MANY_REGIONS);
    CHECK_EQ(c->region_count, MANY_REGIONS + 65536);
    CHECK(note_log_has(&log, "aliases from number 64 on ignored"));
    dls_free(c);
}

/* And all its connections: these would have 2^23. */
enum { MANY_CONNECTIONS = 8192 };
static void many_connections(struct rb *to)
{
    rb_begin(to, "LIST", "lart");
    rb_begin(to, "art1", NULL);
    rb_words(to, 2, 8u, (unsigned)MANY_CONNECTIONS);
    for (unsigned i = 0; i < MANY_CONNECTIONS; i++)
        put_block(to, 0, 0, 3, 0, 1);
    rb_end(to);
    rb_end(to);
}

static void test_aliases_multiply_connections(void)
{
    static struct note_log log;
    struct dm_notes notes = {note_log_add, &log};
    for (int of_region = 0; of_region < 2; of_region++) {
        struct dls_bank bank = {.form_tail = many_aliases};
        struct dls_collection *c;
        *(of_region ? &bank.region_tail : &bank.ins_tail) = many_connections;
        b.size = 0;
        log = (struct note_log){0};
        dls_bank_build(&b, &bank);
        CHECK_EQ(dls_read(rb_span(&b), 44100, &notes, &c, &err), DM_OK);
        CHECK_EQ(c->instrument_count, 1 + 64 * 65536 / MANY_CONNECTIONS);
        CHECK(note_log_has(&log, "aliases from number 512 on ignored"));
        dls_free(c);
    }
}

static void test_allocation_failures(void)
{
    b.size = 0;
    dls_bank_build(&b, &(struct dls_bank){.lins = many_instruments, .waves = many_waves, .form_tail = many_tails});
    long live = dm_alloc_live(), n = 1;
    for (;; n++) {
        struct dls_collection *c;
        memset(&err, 0, sizeof err);
        dm_alloc_fail_at(n, true);
        enum dm_status status = dls_read(rb_span(&b), 44100, NULL, &c, &err);
        dm_alloc_fail_at(0, false);
        if (status == DM_OK) {
            CHECK_EQ(c->instrument_count, 160);
            dls_free(c);
            break;
        }
        CHECK_EQ(status, DM_ERR_NOMEM);
        CHECK_EQ(err.status, DM_ERR_NOMEM);
        CHECK(c == NULL);
        CHECK_EQ(dm_alloc_live(), live);
    }
    CHECK_EQ(dm_alloc_live(), live);
    CHECK(n >= (sizeof(void *) == 8 ? 8 : 6)); /* smaller structures need fewer blocks */
    printf("# %ld allocations\n", n - 1);
}

/* Every 32-bit word of the file in turn 2^32-1: no read outside, no large allocation, no long wait. */
static void test_huge_counts(void)
{
    b.size = 0;
    dls_bank_build(&b, &rich);
    clock_t start = clock();
    for (size_t at = 0; at + 4 <= b.size; at += 2) {
        uint8_t saved[4];
        memcpy(saved, b.bytes + at, 4);
        rb_poke32(&b, at, 0xFFFFFFFF);
        struct dls_collection *c;
        dm_alloc_fail_at(40, true); /* a handful of allocations is enough for any damage */
        enum dm_status status = dls_read(rb_span(&b), 44100, NULL, &c, &err);
        dm_alloc_fail_at(0, false);
        CHECK(status != DM_ERR_NOMEM);
        dls_free(c);
        memcpy(b.bytes + at, saved, 4);
    }
    CHECK((double)(clock() - start) / CLOCKS_PER_SEC < 2.0);
}

/* Quirk 27: RIFF ends at 4 GiB. The pages are never touched. */
static void test_more_than_4_gib(void)
{
    CHECK(sizeof(size_t) >= 4);
#if !defined(_WIN32) && SIZE_MAX > UINT32_MAX
    size_t size = (size_t)5 << 30;
    void *pages = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(pages != MAP_FAILED);
    if (pages == MAP_FAILED)
        return;
    read_span((struct span){pages, size}, DM_ERR_UNSUPPORTED);
    CHECK_STR(err.text, "5368709120 bytes: a RIFF file ends at 4 GiB");
    munmap(pages, size);
#endif
}

static void many_bad_regions(struct rb *to)
{
    for (int i = 0; i < 1000; i++)
        put_region(to, 0, 200, 0);
}
static void test_notes_are_limited(void)
{
    struct dls_collection *c = read_bank((struct dls_bank){.lrgn = many_bad_regions}, DM_OK);
    CHECK_EQ(c->region_count, 1000);
    CHECK(notes_heard.count < 300);
    dls_free(c);
}

int main(void)
{
    RUN(test_everything);
    RUN(test_conditions);
    RUN(test_pool_table);
    RUN(test_dangling_regions);
    RUN(test_loops);
    RUN(test_wsmp_forms);
    RUN(test_wave_repairs);
    RUN(test_incomplete);
    RUN(test_riff_size_too_small);
    RUN(test_inside_containers);
    RUN(test_every_truncation);
    RUN(test_aliases_multiply);
    RUN(test_aliases_multiply_connections);
    RUN(test_allocation_failures);
    RUN(test_huge_counts);
    RUN(test_more_than_4_gib);
    RUN(test_notes_are_limited);
    return tap_done();
}
