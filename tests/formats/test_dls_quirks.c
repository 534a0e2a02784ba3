/* SPDX-License-Identifier: MIT */
/*
 * The quirks of files in the wild (spec/dls.md 7.1), a bank written for each that concerns reading. Numbers are the
 * table's. Those that the reader only has to hand on untouched are checked for that; 5 (zero-length drum notes) and 32
 * (conventions that varied between versions of an exporter) have nothing to read; 29 and 16 are also in test_rmid.c.
 *
 * With an argument the banks are written to that directory as seeds for the fuzzers.
 */
#include "formats/dls.h"
#include "formats/rmid.h"

#include "dls_bank.h"
#include "tap.h"

typedef void check(const struct dls_collection *c, const struct note_log *log);

struct quirk {
    int number;
    const char *name;
    struct dls_bank bank;
    void (*damage)(struct rb *b); /* to the finished file */
    check *check;
    enum dm_status status; /* if not DM_OK: check gets NULL */
};

#define REGION(c) ((c)->instruments[0].regions[0])
#define DB(x) ((int32_t)((x) * 655360))

/* 1, 2: sizes and garbage */
static void riff_size_8_too_large(struct rb *b) { rb_poke32(b, 4, (uint32_t)b->size); }
static void check_plain(const struct dls_collection *c, const struct note_log *log)
{
    (void)log;
    CHECK_EQ(c->instrument_count, 1);
    CHECK_EQ(c->region_count, 1);
    CHECK_EQ(c->waves[0].frames, BANK_FRAMES);
}
static void check_no_note(const struct dls_collection *c, const struct note_log *log)
{
    check_plain(c, log);
    CHECK_EQ(log->count, 0);
}
static void check_riff_size(const struct dls_collection *c, const struct note_log *log)
{
    check_plain(c, log);
    CHECK(note_log_has(log, "the file ends before its RIFF form"));
}
static void garbage_behind(struct rb *b) { rb_bytes(b, "LIST\xFF\xFF\xFF\xFFgarbage", 15); }
static void junk_in_list(struct rb *b) { rb_bytes(b, "\x8F\x02\xE3\x11LIST", 8); }

/* 3: declared sizes too small */
static void crystal(struct rb *b)
{
    size_t at = b->size;
    rb_begin(b, "crs1", NULL);
    for (int i = 0; i < 28; i++)
        rb_u8(b, 0x11);
    rb_end(b);
    rb_poke32(b, at + 4, 20);
}
static void short_headers(struct rb *b)
{
    rb_begin(b, "wsmp", NULL);
    rb_u32(b, 4); /* should be 20 */
    rb_u16(b, 72), rb_u16(b, 0);
    rb_words(b, 3, 0u, 0u, 1u);
    rb_words(b, 4, 8u, 0u, 10u, 20u); /* should be 16 */
    rb_end(b);
}
static void check_short_headers(const struct dls_collection *c, const struct note_log *log)
{
    check_no_note(c, log);
    CHECK_EQ(REGION(c).sample.unity_note, 72);
    CHECK_EQ(REGION(c).sample.loop, DLS_LOOP_FORWARD);
    CHECK_EQ(REGION(c).sample.loop_start, 10);
    CHECK_EQ(REGION(c).sample.loop_length, 20);
}

/* 4, 9, 11, 12, 28: connections that are handed on as they are */
static void odd_connections(struct rb *b)
{
    rb_begin(b, "LIST", "lart");
    rb_begin(b, "art1", NULL);
    rb_words(b, 2, 8u, 8u);
    put_block(b, 0, 0, 0x0002, 0, 1);               /* 4: reserved destinations */
    put_block(b, 0, 0, 0x0208, 0, 1);
    put_block(b, 0, 0, 0x030C, 0, 1);
    put_block(b, 2, 0, 1, 0x0400, DB(-96));         /* 9: concave without invert */
    put_block(b, 3, 0, 0x0207, 0, 0x7FFF0000);      /* 11: hours of decay */
    put_block(b, 3, 0, 3, 0, 0);                    /* 12: key to pitch 0 */
    put_block(b, 1, 0, 3, 0x4000, 10 * 65536);      /* 28: plain and by CC1 */
    put_block(b, 1, 0x81, 3, 0x4000, 45 * 65536);
    rb_end(b);
    rb_end(b);
}
static void check_connections(const struct dls_collection *c, const struct note_log *log)
{
    const struct dls_articulation *a = &REGION(c).articulation;
    check_no_note(c, log);
    CHECK_EQ(a->count, 8);
    CHECK_EQ(a->connections[0].destination, 0x0002);
    CHECK_EQ(a->connections[3].transform, 0x8400); /* as art2 spells it */
    CHECK_EQ(a->connections[4].scale, 0x7FFF0000);
    CHECK_EQ(a->connections[5].scale, 0);
    CHECK_EQ(a->connections[6].control, 0);
    CHECK_EQ(a->connections[6].scale, 10 * 65536);
    CHECK_EQ(a->connections[7].control, 0x81);
    CHECK_EQ(a->connections[7].scale, 45 * 65536);
}

/* 6, 13, 30, 31: addresses */
static void addresses(struct rb *b)
{
    static const uint32_t patches[][2] = {
        {0x0000, 5}, {0x0800, 5}, {0x0800, 5},                       /* 6: GS variation; 13: twice */
        {0x7800, 0}, {0x7E00, 0}, {0x7F00, 0}, {DLS_DRUMS, 25},      /* 30: XG and GM 2 kits */
        {DLS_DRUMS | 0x80, 300},                                     /* 31: reserved bits */
    };
    for (size_t i = 0; i < sizeof patches / sizeof patches[0]; i++)
        put_instrument(b, patches[i][0], patches[i][1], 0);
}
static void check_addresses(const struct dls_collection *c, const struct note_log *log)
{
    static const uint32_t want[][2] = {{0x0000, 5}, {0x0800, 5}, {0x0800, 5}, {0x7800, 0},
                                       {0x7E00, 0}, {0x7F00, 0}, {DLS_DRUMS, 25}, {DLS_DRUMS, 300 & 127}};
    CHECK_EQ(c->instrument_count, 8);
    for (uint32_t i = 0; i < c->instrument_count && i < 8; i++) {
        CHECK_EQ(c->instruments[i].bank, want[i][0]);
        CHECK_EQ(c->instruments[i].program, want[i][1]);
    }
    CHECK(note_log_has(log, "instrument 7 (drums bank 0 program 44): reserved bits of bank 0x80000080 ignored"));
    CHECK(note_log_has(log, "instrument 7 (drums bank 0 program 44): program 300 taken as 44"));
    CHECK_EQ(log->count, 2);
}

/* 7: level 2 blocks in the level 1 list and the other way round */
static void crossed_lists(struct rb *b)
{
    put_artic(b, "lar2", "art1", 4, 7);
    put_artic(b, "lart", "art2", 3, 6);
}
static void check_crossed(const struct dls_collection *c, const struct note_log *log)
{
    const struct dls_articulation *a = &REGION(c).articulation;
    check_no_note(c, log);
    CHECK_EQ(a->count, 2);
    CHECK_EQ(a->connections[0].scale, 6); /* lart before lar2 */
    CHECK_EQ(a->connections[1].scale, 7);
    CHECK_EQ(c->level, 2);
}

/* 8: a condition inside lart, behind what it guards; "not for Level 2 devices" */
static void guarded_list(struct rb *b)
{
    static const uint8_t level2[16] = {0xE5, 0x99, 0x45, 0xF1, 0x89, 0x46, 0xD2, 0x11,
                                       0xAF, 0xA6, 0x00, 0xAA, 0x00, 0x24, 0xD8, 0xB6};
    rb_begin(b, "LIST", "lart");
    rb_begin(b, "art1", NULL);
    rb_words(b, 2, 8u, 1u);
    put_block(b, 0, 0, 3, 0, 111);
    rb_end(b);
    rb_begin(b, "cdl ", NULL);
    rb_u16(b, 0x11);
    rb_bytes(b, level2, 16);
    rb_u16(b, 0x0F);
    rb_end(b);
    rb_end(b);
    put_artic(b, "lar2", "art2", 3, 222);
}
static void check_guarded(const struct dls_collection *c, const struct note_log *log)
{
    check_no_note(c, log);
    CHECK_EQ(REGION(c).articulation.count, 1);
    CHECK_EQ(REGION(c).articulation.connections[0].scale, 222);
}

/* 10: gains beyond all sense; 20, 21: the region's wsmp wins whole, positive gain is gain */
static void absurd_gain(struct rb *b)
{
    put_wsmp(b, 60, 0, DB(100), 0, 0);
    rb_begin(b, "LIST", "lart");
    rb_begin(b, "art1", NULL);
    rb_words(b, 2, 8u, 3u);
    put_block(b, 0, 0, 1, 0, INT32_MIN);
    put_block(b, 0, 0, 1, 0, DB(-96));
    put_block(b, 0, 0, 3, 0, INT32_MIN); /* only gain is judged */
    rb_end(b);
    rb_end(b);
}
static void check_absurd(const struct dls_collection *c, const struct note_log *log)
{
    CHECK_EQ(REGION(c).sample.gain, 0);
    CHECK_EQ(REGION(c).articulation.count, 2);
    CHECK_EQ(REGION(c).articulation.connections[0].scale, DB(-96));
    CHECK_EQ(REGION(c).articulation.connections[1].scale, INT32_MIN);
    CHECK(note_log_has(log, "instrument 0 (bank 0 program 0): region 0: gain of 100.0 dB ignored"));
    CHECK(note_log_has(log, "connection to gain of -3276.8 dB ignored"));
}
static void wave_sample(struct rb *b) { put_wsmp(b, 48, 25, DB(-6), 5, 50); }
static void region_sample(struct rb *b) { put_wsmp(b, 60, -10, DB(3), 0, 0); }
static void check_both_samples(const struct dls_collection *c, const struct note_log *log)
{
    check_no_note(c, log);
    CHECK_EQ(REGION(c).sample.unity_note, 60);
    CHECK_EQ(REGION(c).sample.fine_tune, -10);
    CHECK_EQ(REGION(c).sample.gain, DB(3));
    CHECK_EQ(REGION(c).sample.loop, DLS_LOOP_NONE);
    CHECK_EQ(c->waves[0].sample.unity_note, 48);
    CHECK_EQ(c->waves[0].sample.fine_tune, 25);
    CHECK_EQ(c->waves[0].sample.loop_length, 50);
}

/* 14: one wave that can be decoded and one that cannot */
static void two_codecs(struct rb *b)
{
    rb_begin(b, "LIST", "wave");
    put_format(b, 6, 1, 8000, 1, 8);
    put_data(b, 50);
    rb_end(b);
    rb_begin(b, "LIST", "wave");
    put_format(b, 0x55, 1, 44100, 1, 0);
    put_data(b, 50);
    rb_end(b);
}
static void two_cues(struct rb *b)
{
    rb_begin(b, "ptbl", NULL);
    rb_words(b, 4, 8u, 2u, 0u, 144u);
    rb_end(b);
}
static void no_table(struct rb *b) { (void)b; }
static void two_regions(struct rb *b)
{
    put_region(b, 0, 63, 0);
    put_region(b, 64, 127, 1);
}
static void check_codecs(const struct dls_collection *c, const struct note_log *log)
{
    CHECK_EQ(c->region_count, 1);
    CHECK_EQ(REGION(c).key_high, 63);
    CHECK_EQ(c->waves[0].codec, DLS_ALAW);
    CHECK_EQ(c->waves[0].frames, 100);
    CHECK(!c->waves[1].usable);
    CHECK(note_log_has(log, "wave 1: sample format 0x55"));
    CHECK(note_log_has(log, "instrument 0 (bank 0 program 0): region 1: dropped: wave 1 cannot be played"));
}
static void only_mp3(struct rb *b)
{
    rb_begin(b, "LIST", "wave");
    put_format(b, 0x55, 1, 44100, 1, 0);
    put_data(b, 50);
    rb_end(b);
}

/* 15: no articulation, or an empty one */
static void empty_list(struct rb *b)
{
    rb_begin(b, "LIST", "lart");
    rb_begin(b, "art1", NULL);
    rb_words(b, 2, 8u, 0u);
    rb_end(b);
    rb_end(b);
}
static void check_absent(const struct dls_collection *c, const struct note_log *log)
{
    check_no_note(c, log);
    CHECK(!REGION(c).articulation.present);
    CHECK(!c->instruments[0].articulation.present);
    CHECK_EQ(c->level, 1);
}

/* 16, 29: inside RIFF MIDI, in front of the song, with a bank offset */
static void wrap_in_rmid(struct rb *b)
{
    static struct rb outer;
    outer.size = 0;
    rb_begin(&outer, "RIFF", "RMID");
    rb_bytes(&outer, b->bytes, b->size);
    rb_begin(&outer, "data", NULL);
    rb_bytes(&outer, "MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xFF\x2F\0", 26);
    rb_end(&outer);
    rb_begin(&outer, "LIST", "INFO");
    rb_begin(&outer, "DBNK", NULL);
    rb_u16(&outer, 1);
    rb_end(&outer);
    rb_end(&outer);
    rb_end(&outer);
    *b = outer;
}
static void check_wrapped(const struct dls_collection *c, const struct note_log *log)
{
    check_plain(c, log);
    CHECK(note_log_has(log, "collection found at byte 12"));
}

/* 17: a text longer than its chunk and without end */
static void overlong_text(struct rb *b)
{
    rb_begin(b, "LIST", "INFO");
    rb_text(b, "icop", "nobody");
    size_t at = b->size;
    rb_begin(b, "ISFT", NULL);
    rb_bytes(b, "some tool", 9);
    rb_end(b);
    rb_end(b);
    rb_poke32(b, at + 4, 500);
}
static void check_text(const struct dls_collection *c, const struct note_log *log)
{
    check_plain(c, log);
    CHECK_STR(c->info.software, "some tool");
    CHECK_STR(c->info.copyright, "nobody");
    CHECK(c->info.name == NULL);
}

/* 18: aliases: bank 1 program 3 is bank 0 program 0; drum note 40 is 38 */
static void kit_and_piano(struct rb *b)
{
    put_instrument(b, 0, 0, 0);
    rb_begin(b, "LIST", "ins ");
    put_insh(b, 1, DLS_DRUMS, 0);
    rb_begin(b, "LIST", "lrgn");
    put_region(b, 35, 38, 0);
    put_region(b, 39, 45, 0);
    rb_end(b);
    rb_end(b);
}
static void aliases(struct rb *b)
{
    rb_begin(b, "pgal", NULL);
    rb_u32(b, 2);
    for (unsigned i = 0; i < 128; i++)
        rb_u8(b, i == 40 ? 38 : i);
    rb_u32(b, 4);
    static const uint16_t records[4][4] = {{1 << 7, 3, 0, 0}, {0, 0, 0, 9}, {5, 1, 0, 99}, /* known, taken, no source */
                                           {1 << 7, 3, 0, 0}}; /* and what is an alias already */
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++)
            rb_u16(b, records[i][k]);
    rb_end(b);
}
static void check_aliases(const struct dls_collection *c, const struct note_log *log)
{
    (void)log;
    CHECK_EQ(c->instrument_count, 3);
    CHECK_EQ(c->instruments[2].bank, 0x0100);
    CHECK_EQ(c->instruments[2].program, 3);
    CHECK(c->instruments[2].regions == c->instruments[0].regions);
    const struct dls_instrument *kit = &c->instruments[1];
    CHECK_EQ(kit->region_count, 4); /* 35..38, 39, 41..45, and 40 as 38 */
    CHECK_EQ(c->region_count, 6); /* of all three */
    CHECK_EQ(kit->regions[1].key_high, 39);
    CHECK_EQ(kit->regions[2].key_low, 41);
    CHECK_EQ(kit->regions[3].key_low, 40);
    CHECK_EQ(kit->regions[3].key_high, 40);
    /* 100 cents * (40 - unity) must be 100 cents * (38 - 60) */
    CHECK_EQ(kit->regions[3].sample.unity_note, 62);
    CHECK_EQ(kit->regions[3].sample.fine_tune, 0);
}

static void no_instrument(struct rb *b) { (void)b; }

/* 19: editors' chunks inside a wave */
static void editor_chunks(struct rb *b)
{
    static const char *const ids[] = {"guid", "wavh", "wavu", "smpl", "wvst", "inst", "pad "};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        rb_begin(b, ids[i], NULL);
        rb_bytes(b, "seventeen bytes..", 17);
        rb_end(b);
    }
    rb_begin(b, "LIST", "adtl");
    rb_text(b, "labl", "x");
    rb_end(b);
}

/* 22: pool table missing, too short, or with an impossible count */
static void three_waves(struct rb *b)
{
    for (unsigned i = 0; i < 3; i++)
        put_wave(b, 10 + i);
}
static void two_regions_on_2(struct rb *b)
{
    put_region(b, 0, 63, 2);
    put_region(b, 64, 127, 0);
}
static void short_table(struct rb *b)
{
    rb_begin(b, "ptbl", NULL);
    rb_words(b, 3, 8u, 1u, 0u);
    rb_end(b);
}
static void huge_table(struct rb *b)
{
    rb_begin(b, "ptbl", NULL);
    rb_words(b, 3, 8u, 0xFFFFFFFFu, 0u);
    rb_end(b);
}
static void check_ordinal(const struct dls_collection *c, const struct note_log *log)
{
    (void)log;
    CHECK_EQ(c->region_count, 2);
    CHECK_EQ(c->waves[REGION(c).wave].frames, 12);
    CHECK_EQ(c->waves[c->instruments[0].regions[1].wave].frames, 10);
}
static void check_missing_table(const struct dls_collection *c, const struct note_log *log)
{
    check_ordinal(c, log);
    CHECK(note_log_has(log, "pool table missing"));
}
static void check_huge_table(const struct dls_collection *c, const struct note_log *log)
{
    check_ordinal(c, log);
    CHECK(note_log_has(log, "pool table: 4294967295 cues declared, 1 present"));
}

/* 23, 24: ranges */
static void ranges(struct rb *b)
{
    for (int i = 0; i < 3; i++) {
        rb_begin(b, "LIST", "rgn ");
        if (i == 0)
            put_rgnh(b, 0, 127, 0, 0);
        else if (i == 1)
            put_rgnh(b, 72, 60, 100, 20);
        else
            put_rgnh(b, 60, 255, 1, 65535);
        put_wlnk(b, 0);
        rb_end(b);
    }
}
static void check_ranges(const struct dls_collection *c, const struct note_log *log)
{
    static const int want[3][4] = {{0, 127, 0, 127}, {60, 72, 20, 100}, {60, 127, 1, 127}};
    CHECK_EQ(c->region_count, 3);
    for (uint32_t i = 0; i < c->region_count && i < 3; i++) {
        const struct dls_region *g = &c->instruments[0].regions[i];
        CHECK_EQ(g->key_low, want[i][0]);
        CHECK_EQ(g->key_high, want[i][1]);
        CHECK_EQ(g->velocity_low, want[i][2]);
        CHECK_EQ(g->velocity_high, want[i][3]);
    }
    CHECK(note_log_has(log, "region 0: velocity range 0..0 taken as 0..127"));
    CHECK(note_log_has(log, "region 1: key range 72..60 taken as 60..72"));
    CHECK(note_log_has(log, "region 2: velocity range 1..65535 taken as 1..127"));
}

/* 25: headers larger or smaller than usual */
static void long_insh(struct rb *b)
{
    rb_begin(b, "insh", NULL);
    rb_words(b, 5, 1u, 0x0100u, 7u, 0xAAAAAAAAu, 0xBBBBBBBBu);
    rb_end(b);
}
static void long_rgnh(struct rb *b)
{
    rb_begin(b, "rgnh", NULL);
    rb_words(b, 3, 0x7F0000u, 0x7F0000u, 0x00030001u);
    rb_u16(b, 5);
    rb_end(b);
}
static void short_format(struct rb *b)
{
    rb_begin(b, "fmt ", NULL);
    rb_u16(b, 1), rb_u16(b, 1);
    rb_words(b, 2, 11025u, 22050u);
    rb_u16(b, 2);
    rb_end(b);
}
static void check_headers(const struct dls_collection *c, const struct note_log *log)
{
    check_no_note(c, log);
    CHECK_EQ(c->instruments[0].bank, 0x0100);
    CHECK_EQ(c->instruments[0].program, 7);
    CHECK_EQ(REGION(c).key_high, 127);
    CHECK_EQ(REGION(c).options, 1);
    CHECK_EQ(REGION(c).key_group, 3);
    CHECK_EQ(REGION(c).layer, 5);
    CHECK_EQ(c->waves[0].codec, DLS_PCM_S16);
    CHECK_EQ(c->waves[0].sample_rate, 11025);
}

/* 26: wvpl as a chunk instead of a list (its payload the same), padding left out */
static void pool_chunk(struct rb *b)
{
    size_t at = rb_find(b, "wvpl", 0) - 8; /* "LIST" size "wvpl" -> "wvpl" size */
    uint32_t size = load_le32(b->bytes + at + 4) - 4;
    memcpy(b->bytes + at, "wvpl", 4);
    rb_poke32(b, at + 4, size);
    memmove(b->bytes + at + 8, b->bytes + at + 12, b->size - at - 12);
    b->size -= 4;
    rb_poke32(b, 4, (uint32_t)b->size - 8);
}
static void unpadded_name(struct rb *b)
{
    b->unpadded = true;
    rb_begin(b, "LIST", "INFO");
    rb_text(b, "INAM", "even");
    rb_end(b);
    put_artic(b, "lart", "art1", 3, 5);
}
static void check_unpadded(const struct dls_collection *c, const struct note_log *log)
{
    check_no_note(c, log);
    CHECK_STR(c->instruments[0].name, "even");
    CHECK_EQ(c->instruments[0].articulation.count, 1);
}

/* 27: 64-bit offsets of GigaSampler */
static void giga_table(struct rb *b)
{
    rb_begin(b, "ptbl", NULL);
    rb_words(b, 6, 8u, 2u, 0u, 0u, 0u, 244u);
    rb_end(b);
}

/* 33: fmt of 18 bytes, fulOptions 2 */
static void format_18(struct rb *b)
{
    rb_begin(b, "fmt ", NULL);
    rb_u16(b, 1), rb_u16(b, 1);
    rb_words(b, 2, 44100u, 88200u);
    rb_u16(b, 2), rb_u16(b, 16), rb_u16(b, 0);
    rb_end(b);
}
static void no_compression(struct rb *b)
{
    rb_begin(b, "wsmp", NULL);
    rb_u32(b, 20);
    rb_u16(b, 60), rb_u16(b, 0);
    rb_words(b, 3, 0u, 2u, 0u);
    rb_end(b);
}
static void check_format_18(const struct dls_collection *c, const struct note_log *log)
{
    check_no_note(c, log);
    CHECK_EQ(c->waves[0].sample_rate, 44100);
    CHECK_EQ(c->waves[0].sample.options, 2);
}

static const struct quirk quirks[] = {
    {.number = 1, .name = "RIFF size 8 too large", .damage = riff_size_8_too_large, .check = check_riff_size},
    {.number = 2, .name = "garbage behind the form", .damage = garbage_behind, .check = check_no_note},
    {.number = 2,
     .name = "8 junk bytes at the end of an instrument",
     .bank = {.ins_tail = junk_in_list},
     .check = check_no_note},
    {.number = 2,
     .name = "8 junk bytes at the end of a region",
     .bank = {.region_tail = junk_in_list},
     .check = check_no_note},
    {.number = 3, .name = "crs1 of 28 bytes says 20", .bank = {.form_head = crystal}, .check = check_no_note},
    {.number = 3,
     .name = "wsmp and loop headers too small",
     .bank = {.region_tail = short_headers},
     .check = check_short_headers},
    {.number = 4,
     .name = "and 9, 11, 12, 28: odd connections kept",
     .bank = {.region_tail = odd_connections},
     .check = check_connections},
    {.number = 6,
     .name = "and 13, 30, 31: addresses",
     .bank = {.lins = addresses, .instruments = 8},
     .check = check_addresses},
    {.number = 7, .name = "art1 in lar2, art2 in lart", .bank = {.region_tail = crossed_lists}, .check = check_crossed},
    {.number = 8, .name = "cdl inside lart", .bank = {.region_tail = guarded_list}, .check = check_guarded},
    {.number = 10, .name = "absurd gains", .bank = {.region_tail = absurd_gain}, .check = check_absurd},
    {.number = 14,
     .name = "A-law decoded, MP3 dropped",
     .bank = {.waves = two_codecs, .ptbl = two_cues, .lrgn = two_regions},
     .check = check_codecs},
    {.number = 14, .name = "nothing but MP3", .bank = {.waves = only_mp3}, .status = DM_ERR_UNSUPPORTED},
    {.number = 15, .name = "no articulation", .check = check_absent},
    {.number = 15,
     .name = "an articulation without blocks",
     .bank = {.region_tail = empty_list, .ins_tail = empty_list},
     .check = check_absent},
    {.number = 16, .name = "and 29: inside RMID, before the song", .damage = wrap_in_rmid, .check = check_wrapped},
    {.number = 17, .name = "INFO text overruns", .bank = {.form_tail = overlong_text}, .check = check_text},
    {.number = 18,
     .name = "pgal aliases",
     .bank = {.lins = kit_and_piano, .form_tail = aliases, .instruments = 2},
     .check = check_aliases},
    {.number = 18,
     .name = "pgal aliases of nothing",
     .bank = {.lins = no_instrument, .form_tail = aliases},
     .status = DM_ERR_FORMAT},
    {.number = 19,
     .name = "editors' chunks inside a wave",
     .bank = {.wave_middle = editor_chunks},
     .check = check_no_note},
    {.number = 20,
     .name = "and 21: two wsmp, positive gain",
     .bank = {.wave_middle = wave_sample, .region_tail = region_sample},
     .check = check_both_samples},
    {.number = 22,
     .name = "pool table missing",
     .bank = {.waves = three_waves, .ptbl = no_table, .lrgn = two_regions_on_2},
     .check = check_missing_table},
    {.number = 22,
     .name = "pool table short",
     .bank = {.waves = three_waves, .ptbl = short_table, .lrgn = two_regions_on_2},
     .check = check_ordinal},
    {.number = 22,
     .name = "pool table of 2^32-1 cues",
     .bank = {.waves = three_waves, .ptbl = huge_table, .lrgn = two_regions_on_2},
     .check = check_huge_table},
    {.number = 23, .name = "and 24: ranges empty, swapped, too wide", .bank = {.lrgn = ranges}, .check = check_ranges},
    {.number = 25,
     .name = "insh 20, rgnh 14, fmt 14 bytes",
     .bank = {.insh = long_insh, .rgnh = long_rgnh, .format = short_format},
     .check = check_headers},
    {.number = 26, .name = "wvpl not inside LIST", .damage = pool_chunk, .check = check_no_note},
    {.number = 26, .name = "odd chunk without padding", .bank = {.ins_tail = unpadded_name}, .check = check_unpadded},
    {.number = 27, .name = "64-bit pool table", .bank = {.ptbl = giga_table}, .status = DM_ERR_UNSUPPORTED},
    {.number = 33,
     .name = "fmt 18 bytes, fulOptions 2",
     .bank = {.format = format_18, .wave_middle = no_compression},
     .check = check_format_18},
};
enum { QUIRKS = sizeof quirks / sizeof quirks[0] };

static const struct quirk *current;

static void build(const struct quirk *q, struct rb *b)
{
    b->size = 0;
    b->unpadded = false;
    dls_bank_build(b, &q->bank);
    if (q->damage)
        q->damage(b);
}

static void run_quirk(void)
{
    static struct rb b;
    static struct note_log log;
    struct dm_notes notes = {note_log_add, &log};
    struct dls_collection *c;
    struct dm_error err = {0};
    memset(&log, 0, sizeof log);
    build(current, &b);
    enum dm_status status = dls_read(rb_span(&b), 48000, &notes, &c, &err);
    CHECK_EQ(status, current->status);
    if (status != DM_OK)
        printf("# %s\n", err.text);
    CHECK((c != NULL) == (status == DM_OK));
    if (c && current->check)
        current->check(c, &log);
    dls_free(c);
}

static int write_seeds(const char *directory)
{
    static struct rb b;
    for (int i = 0; i < QUIRKS; i++) {
        char path[1000];
        build(&quirks[i], &b);
        snprintf(path, sizeof path, "%s/quirk-%02d%c.dls", directory, quirks[i].number,
                 i && quirks[i - 1].number == quirks[i].number
                     ? 'b' + (i > 1 && quirks[i - 2].number == quirks[i].number)
                     : 'a');
        FILE *f = fopen(path, "wb");
        if (!f || fwrite(b.bytes, 1, b.size, f) != b.size || fclose(f))
            return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return write_seeds(argv[1]);
    for (int i = 0; i < QUIRKS; i++) {
        char name[100];
        current = &quirks[i];
        snprintf(name, sizeof name, "quirk %d: %s", current->number, current->name);
        tap_run(name, run_quirk);
    }
    return tap_done();
}
