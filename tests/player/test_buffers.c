/* SPDX-License-Identifier: MIT */
/* Event buffers: layout of spec/ddi-user.md 4.3, stamps, and that nothing of a song is lost. */
#include <stdlib.h>

#include "formats/smf.h"
#include "player/song_buffers.h"
#include "tap.h"
#include "testbank.h"

static uint32_t u32(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }
static int64_t s64(const uint8_t *p) { return (int64_t)(u32(p) | (uint64_t)u32(p + 4) << 32); }

static void test_spacing(void)
{
    CHECK_EQ(song_event_bytes(3), 24);
    CHECK_EQ(song_event_bytes(4), 24);
    CHECK_EQ(song_event_bytes(5), 32);
    CHECK_EQ(song_event_bytes(11), 32); /* the GS reset of the table */
    CHECK_EQ(song_event_bytes(12), 32);
    CHECK_EQ(song_event_bytes(13), 40);
}

/* Every frame of every usual rate comes back from the sink's conversion (floor(t * rate / 10^7)), from song times that are
 * floors of the exact ones. */
static void test_frames_survive(void)
{
    static const uint32_t rates[] = {8000, 11025, 22050, 44100, 48000, 88200, 96000, 192000};
    uint32_t state = 1;
    for (unsigned i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        long wrong = 0;
        for (int k = 0; k < 20000; k++) {
            state = state * 1664525u + 1013904223u;
            int64_t frame = k < 5000 ? k : (int64_t)(state >> 4);
            int64_t floor_time = frame * 10000000 / rates[i];
            int64_t got = song_time_frame(floor_time, rates[i]);
            int64_t stamp = song_frame_time(got, rates[i]);
            wrong += got != frame || stamp * rates[i] / 10000000 != frame;
        }
        CHECK_EQ(wrong, 0);
    }
}

struct seen {
    int64_t time;
    uint32_t group, size, structured;
    const uint8_t *data;
};

/* Take one buffer apart; returns the number of events, -1 if it is not laid out as the table says. */
static int unpack(const uint8_t *bytes, uint32_t size, int64_t start, struct seen *out, int room)
{
    uint32_t at = 0;
    int count = 0;
    while (at < size) {
        if (size - at < 20 || count == room)
            return -1;
        uint32_t cb = u32(bytes + at), extent = (20 + cb + 7) / 8 * 8;
        if (extent > size - at || at % 8)
            return -1;
        out[count++] = (struct seen){start + s64(bytes + at + 8), u32(bytes + at + 4), cb, u32(bytes + at + 16) & 1,
                                     bytes + at + 20};
        at += extent;
    }
    return count;
}

static void test_a_song_in_buffers(void)
{
    static uint8_t long_sysex[9000];
    struct smf_writer w = {0};
    uint8_t port = 3;
    smfw_message(&w, 0, 0x90, 60, 100);
    smfw_message(&w, 10, 0xC5, 17, 0);
    long_sysex[0] = 0xF0;
    long_sysex[sizeof long_sysex - 1] = 0xF7;
    smfw_event(&w, 10, long_sysex, sizeof long_sysex);
    smfw_meta(&w, 10, 0x21, &port, 1);
    smfw_message(&w, 11, 0xE1, 5, 6);
    smfw_message(&w, 48001, 0x80, 60, 0);
    struct blob file = smfw_finish(&w, 50000);
    struct smf_song *song;
    struct span bytes = {file.data, file.size};
    if (!CHECK(smf_read(bytes, NULL, &song, NULL) == DM_OK))
        return;
    struct song_buffers reader;
    struct seen seen[16];
    int64_t start;
    const uint8_t *data;
    uint32_t size;
    song_buffers_begin(&reader, song, 48000, true);
    CHECK_EQ(song_buffers_next(&reader, 10000000, &start, &data, &size, NULL), DM_OK);
    int count = unpack(data, size, start, seen, 16);
    CHECK_EQ(count, 4);
    CHECK_EQ(seen[0].time, 0);
    CHECK_EQ(seen[0].structured, 1);
    CHECK_EQ(seen[0].group, 1);
    CHECK_EQ(memcmp(seen[0].data, "\x90\x3C\x64", 3), 0);
    CHECK_EQ(seen[1].size, 3); /* two-byte messages too */
    CHECK_EQ(memcmp(seen[1].data, "\xC5\x11\x00", 3), 0);
    CHECK_EQ(seen[1].time, (10 * 10000000LL + 47999) / 48000);
    CHECK_EQ(seen[2].structured, 0);
    CHECK_EQ(seen[2].size, sizeof long_sysex);
    CHECK_EQ(seen[2].data[sizeof long_sysex - 1], 0xF7);
    CHECK_EQ(seen[3].group, 4); /* port 3 */
    CHECK_EQ(memcmp(seen[3].data, "\xE1\x05\x06", 3), 0);
    CHECK_EQ(song_buffers_next(&reader, 10000000, &start, &data, &size, NULL), DM_OK);
    CHECK_EQ(size, 0);
    CHECK_EQ(song_buffers_next(&reader, INT64_MAX, &start, &data, &size, NULL), DM_OK);
    CHECK_EQ(unpack(data, size, start, seen, 16), 1);
    CHECK_EQ(seen[0].time * 48000 / 10000000, 48001);
    song_buffers_end(&reader);
    smf_free(song);
    blob_free(&file);
}

/* A big song: every event once, in order, in buffers of bounded size. */
static void test_nothing_is_lost(void)
{
    struct blob file = testsong_random(7, 20000, 30);
    struct smf_song *song;
    struct span bytes = {file.data, file.size};
    if (!CHECK(smf_read(bytes, NULL, &song, NULL) == DM_OK))
        return;
    static struct seen seen[4096];
    struct song_buffers reader;
    song_buffers_begin(&reader, song, 44100, false);
    uint32_t next = 0;
    long wrong = 0;
    for (int64_t end = 0; next < song->event_count && end < 400000000; end += 3333333) {
        for (;;) {
            int64_t start;
            const uint8_t *data;
            uint32_t size;
            CHECK_EQ(song_buffers_next(&reader, end, &start, &data, &size, NULL), DM_OK);
            if (size == 0)
                break;
            wrong += size > 65536;
            int count = unpack(data, size, start, seen, 4096);
            wrong += count <= 0;
            for (int i = 0; i < count; i++) {
                while (next < song->event_count && song->events[next].kind == SMF_META)
                    next++;
                const struct smf_event *event = &song->events[next++];
                wrong += seen[i].time != event->time_100ns || seen[i].data[0] != event->data[0] ||
                         event->time_100ns >= end;
            }
        }
    }
    while (next < song->event_count && song->events[next].kind == SMF_META)
        next++;
    CHECK_EQ(wrong, 0);
    CHECK_EQ(next, song->event_count);
    song_buffers_end(&reader);
    smf_free(song);
    blob_free(&file);
}

int main(void)
{
    RUN(test_spacing);
    RUN(test_frames_survive);
    RUN(test_a_song_in_buffers);
    RUN(test_nothing_is_lost);
    return tap_done();
}
