/* SPDX-License-Identifier: MIT */
/* Events of a track: what the bytes of the MIDI file format mean (spec/dls.md 5.1). */
#include "smf_builder.h"

static struct builder b;

static struct smf_song *one_track(const uint8_t *body, size_t size)
{
    put_header(&b, 0, 1, 96);
    size_t track = begin_track(&b);
    put(&b, body, size);
    end_track(&b, track);
    return read_ok(&b);
}
#define ONE_TRACK(...) one_track((const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static void test_every_channel_message(void)
{
    struct smf_song *song = ONE_TRACK(0, 0x81, 60, 64, 0, 0x92, 61, 100, 0, 0xA3, 62, 10, 0, 0xB4, 7, 127, 0, 0xC5,
                                      33, 0, 0xD6, 44, 0, 0xEF, 1, 2);
    CHECK_EQ(song->event_count, 8);
    CHECK_EVENT(song, 0, SMF_CHANNEL, 0x81, 60, 64);
    CHECK_EVENT(song, 1, SMF_CHANNEL, 0x92, 61, 100);
    CHECK_EVENT(song, 2, SMF_CHANNEL, 0xA3, 62, 10);
    CHECK_EVENT(song, 3, SMF_CHANNEL, 0xB4, 7, 127);
    CHECK_EVENT(song, 4, SMF_CHANNEL, 0xC5, 33);
    CHECK_EVENT(song, 5, SMF_CHANNEL, 0xD6, 44);
    CHECK_EVENT(song, 6, SMF_CHANNEL, 0xEF, 1, 2);
    CHECK_EQ(song->events[7].kind, SMF_META);
    CHECK_EQ(song->events[7].meta_type, 0x2F);
    CHECK_EQ(song->events[7].size, 0);
    CHECK_EQ(song->note_count, 1);
    CHECK_EQ(song->format, 0);
    CHECK_EQ(song->division, 96);
    CHECK_EQ(song->track_count, 1);
    CHECK_EQ(song->port_count, 1);
    CHECK(!song->title && !song->copyright);
    CHECK_EQ(heard.count, 0);
    smf_free(song);
}

static void test_running_status(void)
{
    struct smf_song *song =
        ONE_TRACK(0, 0x90, 60, 100, 5, 60, 0, 0, 0xC1, 5, 0, 6, 0, 7, 0x10, 0xB0, 64, 127, 0x81, 0x00, 64, 0);
    CHECK_EVENT(song, 0, SMF_CHANNEL, 0x90, 60, 100);
    CHECK_EVENT(song, 1, SMF_CHANNEL, 0x90, 60, 0);
    CHECK_EVENT(song, 2, SMF_CHANNEL, 0xC1, 5);
    CHECK_EVENT(song, 3, SMF_CHANNEL, 0xC1, 6);
    CHECK_EVENT(song, 4, SMF_CHANNEL, 0xC1, 7);
    CHECK_EVENT(song, 5, SMF_CHANNEL, 0xB0, 64, 127);
    CHECK_EVENT(song, 6, SMF_CHANNEL, 0xB0, 64, 0);
    CHECK_EQ(song->events[6].tick, 5 + 0x10 + 128);
    CHECK_EQ(song->note_count, 1); /* velocity 0 is a note-off */
    CHECK_EQ(heard.count, 0);
    smf_free(song);
}

/* Cancelled by the letter of the format; many files rely on it all the same. */
static void test_running_status_survives_meta_and_sysex(void)
{
    struct smf_song *song = ONE_TRACK(0, 0x93, 60, 100, 0, 0xFF, 0x06, 1, 'x', 4, 62, 100, 0, 0xF0, 2, 0x7E, 0xF7, 0,
                                      64, 100);
    CHECK_EVENT(song, 0, SMF_CHANNEL, 0x93, 60, 100);
    CHECK_EVENT(song, 1, SMF_META, 'x');
    CHECK_EVENT(song, 2, SMF_CHANNEL, 0x93, 62, 100);
    CHECK_EVENT(song, 3, SMF_SYSEX, 0xF0, 0x7E, 0xF7);
    CHECK_EVENT(song, 4, SMF_CHANNEL, 0x93, 64, 100);
    CHECK_EQ(song->events[2].tick, 4);
    CHECK(was_heard("running status across"));
    CHECK_EQ(heard.count, 1); /* once per track */
    smf_free(song);
}

/* A status does not leak from one track into the next. */
static void test_running_status_ends_with_the_track(void)
{
    put_header(&b, 1, 2, 96);
    size_t track = begin_track(&b);
    PUT(&b, 0, 0x90, 60, 100);
    end_track(&b, track);
    track = begin_track(&b);
    PUT(&b, 0, 61, 100, 0, 0x91, 62, 100);
    end_track(&b, track);
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->note_count, 2);
    CHECK_EVENT(song, 2, SMF_CHANNEL, 0x91, 62, 100);
    CHECK(was_heard("track 1: data without a status"));
    smf_free(song);
}

static void test_split_sysex_is_joined(void)
{
    struct smf_song *song = ONE_TRACK(0, 0xF0, 3, 0x43, 0x12, 0x00, 0x20, 0xF7, 2, 0x43, 0x12, 0x10, 0xF7, 3, 0x01,
                                      0x02, 0xF7, 0, 0x90, 60, 1);
    CHECK_EQ(song->event_count, 3);
    CHECK_EVENT(song, 0, SMF_SYSEX, 0xF0, 0x43, 0x12, 0x00, 0x43, 0x12, 0x01, 0x02, 0xF7);
    CHECK_EQ(song->events[0].tick, 0x30); /* complete with its last packet */
    CHECK_EQ(heard.count, 0);
    smf_free(song);
}

static void test_meta_between_sysex_packets(void)
{
    struct smf_song *song = ONE_TRACK(0, 0xF0, 1, 0x41, 1, 0xFF, 1, 1, 'a', 1, 0xFF, 1, 1, 'b', 1, 0xF7, 1, 0x42, 1,
                                      0xFF, 1, 1, 'c', 1, 0xF7, 1, 0xF7, 1, 0xFF, 1, 1, 'd');
    CHECK_EQ(song->event_count, 6);
    CHECK_EVENT(song, 0, SMF_META, 'a');
    CHECK_EVENT(song, 1, SMF_META, 'b');
    CHECK_EVENT(song, 2, SMF_META, 'c');
    CHECK_EVENT(song, 3, SMF_SYSEX, 0xF0, 0x41, 0x42, 0xF7);
    CHECK_EVENT(song, 4, SMF_META, 'd');
    for (uint32_t i = 1; i < song->event_count; i++)
        CHECK(song->events[i - 1].tick <= song->events[i].tick);
    CHECK_EQ(song->events[3].tick, 5);
    smf_free(song);
}

static void test_sysex_without_end(void)
{
    struct smf_song *song = ONE_TRACK(0, 0xF0, 2, 0x7E, 0x7F, 9, 0x90, 60, 1, 0, 0xF0, 1, 0x11, 0, 0xF0, 1, 0x12);
    CHECK_EQ(song->event_count, 5);
    CHECK_EVENT(song, 0, SMF_SYSEX, 0xF0, 0x7E, 0x7F, 0xF7);
    CHECK_EVENT(song, 1, SMF_CHANNEL, 0x90, 60, 1);
    CHECK_EVENT(song, 2, SMF_SYSEX, 0xF0, 0x11, 0xF7);
    CHECK_EVENT(song, 3, SMF_SYSEX, 0xF0, 0x12, 0xF7);
    CHECK(was_heard("F7 added"));
    CHECK_EQ(heard.count, 3);
    smf_free(song);
}

static void test_escape(void)
{
    struct smf_song *song = ONE_TRACK(0, 0xF7, 2, 0xF3, 0x01, 0, 0xF7, 0, 0, 0xF0, 2, 0x41, 0xF7, 0, 0xF7, 1, 0xF8);
    CHECK_EQ(song->event_count, 4);
    CHECK_EVENT(song, 0, SMF_ESCAPE, 0xF3, 0x01);
    CHECK_EVENT(song, 1, SMF_SYSEX, 0xF0, 0x41, 0xF7);
    CHECK_EVENT(song, 2, SMF_ESCAPE, 0xF8);
    CHECK_EQ(heard.count, 0);
    smf_free(song);
}

static void test_ports(void)
{
    put_header(&b, 1, 2, 96);
    size_t track = begin_track(&b);
    PUT(&b, 0, 0x90, 60, 1, 0, 0xFF, 0x21, 1, 2, 0, 0x90, 61, 1, 0, 0xFF, 0x20, 1, 5, 0, 0x90, 62, 1);
    end_track(&b, track);
    track = begin_track(&b);
    PUT(&b, 0, 0x91, 63, 1, 0, 0xFF, 0x21, 0, 0, 0x91, 64, 1);
    end_track(&b, track);
    struct smf_song *song = read_ok(&b);
    static const uint16_t want[] = {0, 2, 2, 2, 2, 2, 0, 0, 0, 0};
    CHECK_EQ(song->event_count, 10);
    for (uint32_t i = 0; i < song->event_count && i < 10; i++)
        CHECK_EQ(song->events[i].port, want[i]);
    CHECK_EVENT(song, 4, SMF_CHANNEL, 0x90, 62, 1); /* FF 20 does not move channel events */
    CHECK_EQ(song->port_count, 3);
    smf_free(song);
}

static void test_texts(void)
{
    put_header(&b, 1, 2, 96);
    size_t track = begin_track(&b);
    put_text(&b, 3, "Caf\xE9 "); /* Latin-1 */
    put_text(&b, 3, "second");
    end_track(&b, track);
    track = begin_track(&b);
    put_text(&b, 3, "piano");
    put_text(&b, 2, "\xC2\xA9 me"); /* UTF-8 */
    end_track(&b, track);
    struct smf_song *song = read_ok(&b);
    CHECK_STR(song->title, "Caf\xC3\xA9");
    CHECK_STR(song->copyright, "\xC2\xA9 me");
    smf_free(song);

    put_header(&b, 1, 2, 96);
    track = begin_track(&b);
    end_track(&b, track);
    track = begin_track(&b);
    put_text(&b, 3, "not the song");
    end_track(&b, track);
    song = read_ok(&b);
    CHECK(!song->title); /* only track 0 names the song */
    smf_free(song);
}

static void test_long_meta(void)
{
    static char text[20001];
    memset(text, 'y', sizeof text - 1);
    put_header(&b, 0, 1, 96);
    size_t track = begin_track(&b);
    put_text(&b, 5, text);
    end_track(&b, track);
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->event_count, 2);
    CHECK_EQ(song->events[0].size, 20000);
    CHECK_EQ(song->events[0].meta_type, 5);
    CHECK(memcmp(song->events[0].data, text, 20000) == 0);
    smf_free(song);
}

static void test_illegal_bytes(void)
{
    struct smf_song *song = ONE_TRACK(0, 0xF8, 0, 0x90, 60, 200, 0, 0xF2, 1, 2, 0, 0xF1, 3, 0, 0xF6, 0, 62, 90);
    CHECK_EQ(song->event_count, 3);
    CHECK_EVENT(song, 0, SMF_CHANNEL, 0x90, 60, 127);
    CHECK_EVENT(song, 1, SMF_CHANNEL, 0x90, 62, 90);
    CHECK(was_heard("status F8"));
    CHECK(was_heard("data byte 200"));
    CHECK_EQ(heard.count, 2);
    smf_free(song);
}

static void test_data_after_end_of_track(void)
{
    put_header(&b, 0, 1, 96);
    size_t track = begin_track(&b);
    PUT(&b, 0, 0x90, 60, 1, 0, 0xFF, 0x2F, 0, 0, 0x90, 61, 1);
    close_track(&b, track);
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->event_count, 2);
    CHECK(was_heard("4 bytes behind its end"));
    smf_free(song);
}

static void test_no_events(void)
{
    put_header(&b, 1, 3, 96);
    end_track(&b, begin_track(&b));
    close_track(&b, begin_track(&b));
    end_track(&b, begin_track(&b));
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->track_count, 3);
    CHECK_EQ(song->event_count, 2);
    CHECK_EQ(song->note_count, 0);
    CHECK_EQ(song->last_event_100ns, 0);
    CHECK(was_heard("track 1: no end of track"));
    smf_free(song);
}

int main(void)
{
    RUN(test_every_channel_message);
    RUN(test_running_status);
    RUN(test_running_status_survives_meta_and_sysex);
    RUN(test_running_status_ends_with_the_track);
    RUN(test_split_sysex_is_joined);
    RUN(test_meta_between_sysex_packets);
    RUN(test_sysex_without_end);
    RUN(test_escape);
    RUN(test_ports);
    RUN(test_texts);
    RUN(test_long_meta);
    RUN(test_illegal_bytes);
    RUN(test_data_after_end_of_track);
    RUN(test_no_events);
    free(b.data);
    return tap_done();
}
