/* SPDX-License-Identifier: MIT */
/* Damaged MIDI files: what can be played is kept, each repair is named, nothing leaks. */
#include "base/alloc.h"
#include "smf_builder.h"

static struct builder b;

static void three_notes(uint8_t key)
{
    PUT(&b, 0, 0x90, key, 100, 10, 0x90, (uint8_t)(key + 1), 100, 10, 0x90, (uint8_t)(key + 2), 100);
}

static void good_track(uint8_t key)
{
    size_t track = begin_track(&b);
    three_notes(key);
    end_track(&b, track);
}

static enum dm_status refused(struct dm_error *err)
{
    struct smf_song *song = (struct smf_song *)&b;
    enum dm_status status = read_bytes(&b, &song, err);
    CHECK(song == NULL);
    CHECK_EQ(err->status, status);
    CHECK(strlen(err->text) > 10);
    return status;
}

static void test_refused(void)
{
    struct dm_error err;
    b.size = 0;
    CHECK_EQ(refused(&err), DM_ERR_FORMAT);
    put(&b, (const uint8_t *)"RIFF....sfbkLIST", 16);
    CHECK_EQ(refused(&err), DM_ERR_FORMAT);
    put_header(&b, 1, 0, 96);
    CHECK_EQ(refused(&err), DM_ERR_FORMAT);
    CHECK_STR(err.text, "MIDI file without a track");
    b.size = 13;
    CHECK_EQ(refused(&err), DM_ERR_FORMAT);
    CHECK_STR(err.text, "MIDI file ends inside its header");
    put_header(&b, 1, 1, 96);
    put(&b, (const uint8_t *)"XFIH\0\0\0\2ab", 10);
    CHECK_EQ(refused(&err), DM_ERR_FORMAT);
}

static void test_junk_before_the_header(void)
{
    put_header(&b, 0, 1, 96);
    good_track(60);
    struct builder macbinary = {0};
    uint8_t junk[128] = {0, 8, 's', 'o', 'n', 'g', '.', 'm', 'i', 'd', 'M', 'T', 'h', 'x'};
    put(&macbinary, junk, sizeof junk);
    put(&macbinary, b.data, b.size);
    struct smf_song *song = read_ok(&macbinary);
    CHECK_EQ(song->note_count, 3);
    CHECK(was_heard("128 bytes before the MIDI header"));
    smf_free(song);
    free(macbinary.data);
}

static void test_longer_header(void)
{
    b.size = 0;
    put(&b, (const uint8_t *)"MThd\0\0\0\12\0\1\0\1\0\x60\1\2\3\4", 18);
    good_track(60);
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->note_count, 3);
    CHECK_EQ(heard.count, 0);
    smf_free(song);
    static const uint32_t wrong[] = {0, 5, 14, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        put_header(&b, 0, 1, 96);
        good_track(60);
        for (int k = 0; k < 4; k++)
            b.data[4 + k] = (uint8_t)(wrong[i] >> (24 - 8 * k));
        song = read_ok(&b);
        CHECK_EQ(song->note_count, 3);
        CHECK(was_heard("taken as 6"));
        smf_free(song);
    }
}

static void test_track_counts(void)
{
    static const uint16_t declared[] = {0, 1, 3, 65535};
    for (int i = 0; i < 4; i++) {
        put_header(&b, 1, declared[i], 96);
        good_track(60);
        good_track(70);
        struct smf_song *song = read_ok(&b);
        CHECK_EQ(song->track_count, 2);
        CHECK_EQ(song->note_count, 6);
        CHECK(was_heard("the file has 2"));
        smf_free(song);
    }
    put_header(&b, 0, 2, 96);
    good_track(60);
    good_track(70);
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->note_count, 6);
    CHECK_EQ(song->duration_100ns, 20 * 10 * 500000 / 96);
    CHECK(was_heard("format 0 with 2 tracks"));
    smf_free(song);
}

static void test_unknown_chunks(void)
{
    put_header(&b, 1, 2, 96);
    put(&b, (const uint8_t *)"XFIH\0\0\0\3abc", 11); /* no padding in MIDI files */
    good_track(60);
    put(&b, (const uint8_t *)"CASM\0\0\0\0", 8);
    good_track(70);
    put(&b, (const uint8_t *)"\0\0\0", 3);
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->note_count, 6);
    CHECK(was_heard("chunk 'XFIH' skipped"));
    CHECK(was_heard("chunk 'CASM' skipped"));
    CHECK(was_heard("3 bytes behind the last track"));
    smf_free(song);
}

static void test_unknown_format(void)
{
    put_header(&b, 7, 1, 96);
    good_track(60);
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->format, 7);
    CHECK_EQ(song->note_count, 3);
    CHECK(was_heard("format 7 read as format 1"));
    smf_free(song);
}

/* Two tracks, the declared length of the first replaced. */
static struct smf_song *wrong_length(uint32_t length, bool end)
{
    put_header(&b, 1, 2, 96);
    size_t track = begin_track(&b);
    three_notes(60);
    if (end)
        end_track(&b, track);
    for (int k = 0; k < 4; k++)
        b.data[track - 4 + (size_t)k] = (uint8_t)(length >> (24 - 8 * k));
    good_track(70);
    return read_ok(&b);
}

static void test_wrong_track_length(void)
{
    static const uint32_t lengths[] = {0, 1, 5, 9, 0x7FFFFFFF, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct smf_song *song = wrong_length(lengths[i], true);
        CHECK_EQ(song->track_count, 2);
        CHECK_EQ(song->note_count, 6);
        CHECK(heard.count > 0);
        smf_free(song);
    }
    struct smf_song *song = wrong_length(0, false);
    CHECK_EQ(song->track_count, 2);
    CHECK_EQ(song->note_count, 6);
    CHECK(was_heard("track 0: no end of track"));
    smf_free(song);
}

static void test_garbage_between_tracks(void)
{
    put_header(&b, 1, 2, 96);
    good_track(60);
    PUT(&b, 0, 1, 2, 3, 4, 5, 'M', 'T', 'r', 0x80, 0xFF);
    good_track(70);
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->track_count, 2);
    CHECK_EQ(song->note_count, 6);
    CHECK(was_heard("11 bytes at 38 that are no chunk"));
    smf_free(song);
}

static void test_cut_inside_an_event(void)
{
    static const struct {
        uint8_t bytes[6];
        size_t size;
    } ends[] = {{{5}, 1}, {{0x85}, 1}, {{0, 0x90}, 2}, {{0, 0x90, 60}, 3}, {{0, 0xFF}, 2}, {{0, 0xFF, 3}, 3},
                {{0, 0xFF, 3, 9, 'x'}, 5}, {{0, 0xF0, 0x84, 1, 2}, 5}, {{0, 0xFF, 0x51, 3, 1, 1}, 6}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        put_header(&b, 0, 1, 96);
        size_t track = begin_track(&b);
        three_notes(60);
        put(&b, ends[i].bytes, ends[i].size);
        close_track(&b, track);
        struct smf_song *song = read_ok(&b);
        CHECK_EQ(song->event_count, 3);
        CHECK(was_heard("cut off"));
        smf_free(song);
    }
    put_header(&b, 0, 1, 96);
    size_t track = begin_track(&b);
    three_notes(60);
    PUT(&b, 0x81, 0x81, 0x81, 0x81, 0, 0x90, 65, 1);
    end_track(&b, track);
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->event_count, 3);
    CHECK(was_heard("more than four bytes"));
    smf_free(song);
}

/* A file with something of everything. */
static void put_rich_song(void)
{
    put_header(&b, 1, 3, 480);
    size_t track = begin_track(&b);
    put_text(&b, 3, "Song");
    put_text(&b, 2, "Somebody");
    put_tempo(&b, 100, 400000);
    end_track(&b, track);
    track = begin_track(&b);
    PUT(&b, 0, 0xFF, 0x21, 1, 1, 0, 0xF0, 3, 1, 2, 3, 4, 0xF7, 2, 4, 0xF7, 0, 0xF7, 1, 0xF8);
    PUT(&b, 0, 0x90, 60, 100, 0x83, 0x60, 60, 0, 0, 0xC0, 9);
    end_track(&b, track);
    track = begin_track(&b);
    three_notes(60);
    end_track(&b, track);
}

static void test_every_truncation(void)
{
    put_rich_song();
    size_t whole = b.size;
    uint32_t most = 0;
    for (size_t cut = 0; cut <= whole; cut++) {
        struct smf_song *song;
        struct dm_error err;
        long live = dm_alloc_live();
        b.size = cut;
        enum dm_status status = read_bytes(&b, &song, &err);
        if (status == DM_OK) {
            CHECK(song->event_count >= most); /* more bytes never give fewer events */
            most = song->event_count;
            CHECK(cut == whole || heard.count > 0);
            smf_free(song);
        } else {
            CHECK_EQ(status, DM_ERR_FORMAT);
            CHECK(cut < 22);
        }
        CHECK_EQ(dm_alloc_live(), live);
    }
    CHECK_EQ(most, 15);
}

static void test_out_of_memory(void)
{
    put_rich_song();
    long n = 1;
    for (;; n++) {
        struct smf_song *song;
        struct dm_error err;
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        enum dm_status status = read_bytes(&b, &song, &err);
        dm_alloc_fail_at(0, false);
        if (status == DM_OK) {
            smf_free(song);
            CHECK_EQ(dm_alloc_live(), live);
            break;
        }
        CHECK_EQ(status, DM_ERR_NOMEM);
        CHECK(song == NULL);
        CHECK_EQ(dm_alloc_live(), live);
    }
    CHECK(n > 5);
    smf_free(NULL);
}

/* A million faults are not a million notes. */
static void test_notes_are_bounded(void)
{
    put_header(&b, 1, 1, 96);
    for (int i = 0; i < 5000; i++)
        close_track(&b, begin_track(&b));
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->track_count, 5000);
    CHECK(heard.count <= 201);
    smf_free(song);
}

int main(void)
{
    RUN(test_refused);
    RUN(test_junk_before_the_header);
    RUN(test_longer_header);
    RUN(test_track_counts);
    RUN(test_unknown_chunks);
    RUN(test_unknown_format);
    RUN(test_wrong_track_length);
    RUN(test_garbage_between_tracks);
    RUN(test_cut_inside_an_event);
    RUN(test_every_truncation);
    RUN(test_out_of_memory);
    RUN(test_notes_are_bounded);
    free(b.data);
    return tap_done();
}
