/* SPDX-License-Identifier: MIT */
/* RIFF MIDI: song, embedded bank, texts, bank offset; wrong sizes; the search when the chunks lead nowhere. */
#include "formats/rmid.h"

#include "riff_builder.h"
#include "tap.h"

static const char song[] = "MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xFF\x2F";
enum { SONG = 26 };

static struct rb b;
static struct note_log log_heard;
static struct rmid rmid;
static struct dm_error err;

static void put_song(const char *id)
{
    rb_begin(&b, id, NULL);
    rb_bytes(&b, song, SONG);
    rb_end(&b);
}
static void put_bank(const char *type, unsigned size)
{
    rb_begin(&b, "RIFF", type);
    while (size--)
        rb_u8(&b, 'x');
    rb_end(&b);
}
static void begin(void)
{
    b.size = 0;
    b.depth = 0;
    b.unpadded = false;
    rb_begin(&b, "RIFF", "RMID");
}
static enum dm_status read_it(void)
{
    struct dm_notes notes = {note_log_add, &log_heard};
    memset(&log_heard, 0, sizeof log_heard);
    memset(&rmid, 0xEE, sizeof rmid);
    return rmid_read(rb_span(&b), &notes, &rmid, &err);
}
static void check_song(void)
{
    CHECK_EQ(rmid.song.size, SONG);
    CHECK(rmid.song.size == SONG && memcmp(rmid.song.data, song, SONG) == 0);
}
static void check_bank(const char *type, size_t size)
{
    CHECK_EQ(rmid.bank.size, size);
    CHECK(rmid.bank.size >= 12 && memcmp(rmid.bank.data, "RIFF", 4) == 0 && memcmp(rmid.bank.data + 8, type, 4) == 0);
}

static void test_all_parts(void)
{
    static const char *const types[] = {"DLS ", "sfbk"};
    for (int i = 0; i < 2; i++) {
        begin();
        put_song("data");
        rb_begin(&b, "LIST", "INFO");
        rb_text(&b, "INAM", "T\xEFtle");
        rb_text(&b, "ICOP", "nobody");
        rb_begin(&b, "DBNK", NULL);
        rb_u16(&b, 127);
        rb_end(&b);
        rb_end(&b);
        put_bank(types[i], 40);
        rb_end(&b);
        CHECK_EQ(read_it(), DM_OK);
        CHECK_EQ(log_heard.count, 0);
        check_song();
        check_bank(types[i], 52);
        CHECK_STR(rmid.title, "T\xC3\xAFtle");
        CHECK_STR(rmid.copyright, "nobody");
        CHECK(rmid.bank_offset_set);
        CHECK_EQ(rmid.bank_offset, 127);
    }
}

static void test_song_alone(void)
{
    begin();
    put_song("data");
    rb_begin(&b, "DISP", NULL);
    rb_u32(&b, 1);
    rb_bytes(&b, "shown", 6);
    rb_end(&b);
    rb_end(&b);
    CHECK_EQ(read_it(), DM_OK);
    check_song();
    CHECK_EQ(rmid.bank.size, 0);
    CHECK(!rmid.bank_offset_set);
    CHECK_STR(rmid.title, "shown");
    CHECK(rmid.copyright == NULL);
}

static void test_bank_first(void) /* quirk 16 */
{
    begin();
    put_bank("DLS ", 6);
    put_song("data");
    rb_end(&b);
    CHECK_EQ(read_it(), DM_OK);
    check_song();
    check_bank("DLS ", 18);
}

static void test_wrong_riff_sizes(void)
{
    static const uint32_t sizes[] = {0, 4, 10, 40, 0x1000, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        begin();
        put_song("data");
        put_bank("DLS ", 6);
        rb_end(&b);
        rb_poke32(&b, 4, sizes[i]);
        CHECK_EQ(read_it(), DM_OK);
        check_song();
        check_bank("DLS ", 18);
        CHECK_EQ(log_heard.count, 1);
    }
}

static void test_padding_missing(void)
{
    begin();
    b.unpadded = true;
    rb_begin(&b, "LIST", "INFO");
    rb_text(&b, "INAM", "even");
    rb_end(&b);
    rb_begin(&b, "data", NULL);
    rb_bytes(&b, song, SONG);
    rb_u8(&b, 0);
    rb_end(&b);
    put_bank("sfbk", 3);
    rb_end(&b);
    CHECK_EQ(read_it(), DM_OK);
    CHECK_EQ(rmid.song.size, SONG + 1);
    check_bank("sfbk", 15);
}

static void test_search(void)
{
    begin(); /* song in a chunk of another name, bank in a list within a list */
    put_song("junk");
    rb_begin(&b, "LIST", "abcd");
    rb_begin(&b, "LIST", "efgh");
    put_bank("DLS ", 6);
    rb_end(&b);
    rb_end(&b);
    rb_end(&b);
    CHECK_EQ(read_it(), DM_OK);
    check_song();
    check_bank("DLS ", 18);
    CHECK(note_log_has(&log_heard, "song found at byte 20"));
    CHECK(note_log_has(&log_heard, "bank found at byte"));

    begin(); /* a data chunk that is too long and swallows the bank */
    put_song("data");
    put_bank("DLS ", 6);
    rb_end(&b);
    rb_poke32(&b, 16, 0xFFFF);
    CHECK_EQ(read_it(), DM_OK);
    check_song();
    check_bank("DLS ", 18);
}

static void test_bank_cut(void)
{
    begin();
    put_song("data");
    put_bank("DLS ", 100);
    rb_end(&b);
    b.size -= 60;
    CHECK_EQ(read_it(), DM_OK);
    check_bank("DLS ", 52);
}

static void test_offset_out_of_range(void)
{
    begin();
    put_song("data");
    rb_begin(&b, "LIST", "INFO");
    rb_begin(&b, "DBNK", NULL);
    rb_u16(&b, 128);
    rb_end(&b);
    rb_end(&b);
    rb_end(&b);
    CHECK_EQ(read_it(), DM_OK);
    CHECK(!rmid.bank_offset_set);
    CHECK(note_log_has(&log_heard, "bank offset 128 ignored"));
}

static void test_refused(void)
{
    begin();
    rb_begin(&b, "data", NULL);
    rb_bytes(&b, "not a song at all", 17);
    rb_end(&b);
    rb_end(&b);
    CHECK_EQ(read_it(), DM_ERR_FORMAT);
    CHECK_EQ(rmid.song.size, 0);
    b.size = 11;
    CHECK_EQ(read_it(), DM_ERR_FORMAT);
    b.size = 0;
    CHECK_EQ(read_it(), DM_ERR_FORMAT);
}

static void test_long_texts(void)
{
    char text[2001];
    memset(text, 'a', 2000);
    text[2000] = '\0';
    text[254] = '\xC3'; /* a character of two bytes across the end of the field */
    text[255] = '\xA9';
    begin();
    put_song("data");
    rb_begin(&b, "LIST", "INFO");
    rb_text(&b, "INAM", text);
    rb_text(&b, "ICOP", text);
    rb_end(&b);
    rb_end(&b);
    CHECK_EQ(read_it(), DM_OK);
    CHECK_EQ(strlen(rmid.title), 254);
    CHECK_EQ(strlen(rmid.copyright), 254);
}

static void test_every_truncation(void)
{
    begin();
    put_song("data");
    put_bank("DLS ", 6);
    rb_end(&b);
    size_t size = b.size;
    for (b.size = 0; b.size < size; b.size++) {
        enum dm_status status = read_it();
        CHECK((status == DM_OK) == (b.size >= 28)); /* as soon as there is a MIDI header */
        CHECK(status == DM_OK || err.text[0]);
    }
}

int main(void)
{
    RUN(test_all_parts);
    RUN(test_song_alone);
    RUN(test_bank_first);
    RUN(test_wrong_riff_sizes);
    RUN(test_padding_missing);
    RUN(test_search);
    RUN(test_bank_cut);
    RUN(test_offset_out_of_range);
    RUN(test_refused);
    RUN(test_long_texts);
    RUN(test_every_truncation);
    return tap_done();
}
