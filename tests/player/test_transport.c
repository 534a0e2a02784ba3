/* SPDX-License-Identifier: MIT */
/* The transport: frames as a render has them, and what each knob does to the messages. */
#include <stdlib.h>

#include "formats/smf.h"
#include "player/song_buffers.h"
#include "player/transport.h"
#include "tap.h"
#include "testbank.h"

#define RATE 48000u

static struct smf_song *read_song(struct smf_writer *w, uint32_t end)
{
    struct smf_song *song = NULL;
    struct blob file = smfw_finish(w, end);
    CHECK_EQ(smf_read((struct span){file.data, file.size}, NULL, &song, NULL), DM_OK);
    blob_free(&file);
    return song;
}

static struct transport *begin(const struct smf_song *song, int64_t frame)
{
    struct transport *t = NULL;
    CHECK_EQ(transport_create(RATE, &t, NULL), DM_OK);
    CHECK_EQ(transport_start(t, song, frame, NULL), DM_OK);
    return t;
}

struct log {
    int count;
    struct transport_message m[4096];
    uint8_t bytes[4096][3];
};

static struct log log_;

static int collect(struct transport *t, int64_t before)
{
    log_.count = 0;
    while (log_.count < 4096 && transport_next(t, before, &log_.m[log_.count])) {
        memcpy(log_.bytes[log_.count], log_.m[log_.count].data, 3);
        log_.count++;
    }
    return log_.count;
}

static int find(int status, int first, int second)
{
    for (int i = 0; i < log_.count; i++)
        if (log_.bytes[i][0] == status && log_.bytes[i][1] == first && (second < 0 || log_.bytes[i][2] == second))
            return i;
    return -1;
}

/* Every message of a song, at the frames and in the order of song_buffers. */
static void test_as_a_render(void)
{
    struct blob file = testsong_random(7, 3000, 20.0);
    struct smf_song *song = NULL;
    CHECK_EQ(smf_read((struct span){file.data, file.size}, NULL, &song, NULL), DM_OK);
    struct transport *t = begin(song, 0);
    long wrong = 0, count = 0;
    uint32_t event = 0;
    struct transport_message m;
    for (int64_t before = 0; before < 25 * (int64_t)RATE; before += 777)
        while (transport_next(t, before, &m)) {
            uint8_t bytes[3];
            const uint8_t *data = NULL;
            uint32_t size = 0;
            bool structured;
            while (size == 0 && event < song->event_count)
                song_event_message(&song->events[event++], bytes, &data, &size, &structured);
            count++;
            wrong += size != m.size || memcmp(data, m.data, size) != 0 || m.frame >= before ||
                     m.frame != song_time_frame(song->events[event - 1].time_100ns, RATE);
        }
    CHECK_EQ(wrong, 0);
    CHECK(count > 3000);
    int64_t end = 0;
    CHECK(transport_ended(t, &end));
    CHECK_EQ(end, song_time_frame(song->duration_100ns, RATE));
    transport_free(t);
    smf_free(song);
    blob_free(&file);
}

/* Program 5 and volume 90 are set before the target; volume 100 was replaced, the note is not played again. */
static void test_seek(void)
{
    struct smf_writer w = {0};
    static const uint8_t reset[] = {0xF0, 0x7E, 0x7F, 9, 1, 0xF7};
    smfw_event(&w, 0, reset, sizeof reset);
    smfw_message(&w, 0, 0xC2, 5, 0);
    smfw_message(&w, 100, 0xB2, 7, 100);
    smfw_message(&w, 200, 0x92, 60, 80);
    smfw_message(&w, 300, 0xB2, 7, 90);
    smfw_message(&w, 96000, 0x82, 60, 0);
    smfw_message(&w, 96000, 0x92, 62, 81);
    struct smf_song *song = read_song(&w, 200000);
    struct transport *t = begin(song, 1000);
    collect(t, 1000 + 48000);
    CHECK_EQ(log_.count, 5);
    CHECK(transport_seek(t, 10000000, 60000)); /* 1 s */
    collect(t, 60001);
    CHECK(find(0x82, 60, -1) >= 0); /* what sounded is ended */
    CHECK_EQ(find(0xB2, 7, 100), -1);
    CHECK_EQ(find(0x92, 60, -1), -1);
    int program = find(0xC2, 5, -1), volume = find(0xB2, 7, 90), clear = find(0xB2, 121, 0), sysex = find(0xF0, 0x7E, -1);
    CHECK(clear >= 0 && clear < sysex && sysex < program && program < volume);
    for (int i = 0; i < log_.count; i++)
        CHECK_EQ(log_.m[i].frame, 60000);
    CHECK_EQ(transport_song_time(t, 60000 + 24000), 15000000);
    /* The event 2 s into the song comes 1 s after the jump. */
    CHECK_EQ(collect(t, 60000 + 48000), 0);
    CHECK_EQ(collect(t, 60000 + 48001), 2);
    CHECK_EQ(log_.m[1].frame, 60000 + 48000);
    transport_free(t);
    smf_free(song);
}

static void test_tempo(void)
{
    struct smf_writer w = {0};
    for (uint32_t i = 0; i < 10; i++)
        smfw_message(&w, i * 48000, 0x90, (int)(40 + i), 100);
    struct smf_song *song = read_song(&w, 480000);
    struct transport *t = begin(song, 0);
    collect(t, 48001);
    CHECK_EQ(log_.count, 2);
    transport_set_tempo(t, 2.0, 72000); /* at 1.5 s */
    collect(t, 1000000);
    CHECK_EQ(log_.count, 8);
    for (int i = 0; i < log_.count; i++)
        CHECK_EQ(log_.m[i].frame, 72000 + 12000 + i * 24000); /* 0.5 s of song, then 1 s each, in half the time */
    CHECK_EQ(transport_song_time(t, 72000 + 24000), 25000000);
    transport_free(t);
    smf_free(song);
}

static void test_keys(void)
{
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0x90, 60, 100);
    smfw_message(&w, 0, 0x99, 36, 100);
    smfw_message(&w, 100, 0x80, 60, 0);
    smfw_message(&w, 200, 0x90, 60, 100);
    smfw_message(&w, 200, 0x99, 36, 100);
    smfw_message(&w, 200, 0x90, 126, 100);
    smfw_message(&w, 300, 0xA0, 60, 7);
    smfw_message(&w, 400, 0x80, 60, 0);
    smfw_message(&w, 400, 0x80, 126, 0);
    struct smf_song *song = read_song(&w, 1000);
    struct transport *t = begin(song, 0);
    collect(t, 50);
    transport_set_keys(t, 5);
    collect(t, 150);
    CHECK_EQ(find(0x80, 60, -1), 0); /* ends as it began */
    collect(t, 1000);
    CHECK(find(0x90, 65, 100) >= 0 && find(0xA0, 65, 7) >= 0 && find(0x80, 65, -1) >= 0);
    CHECK(find(0x99, 36, 100) >= 0);                            /* drums stay */
    CHECK(find(0x90, 131 & 127, -1) < 0 && log_.count == 4);    /* off the keyboard: neither on nor off */
    transport_free(t);
    smf_free(song);
}

static void test_mute_and_solo(void)
{
    struct smf_writer w = {0};
    for (uint32_t i = 0; i < 6; i++)
        for (int channel = 0; channel < 3; channel++)
            smfw_message(&w, i * 1000, 0x90 | channel, (int)(60 + i), 100);
    struct smf_song *song = read_song(&w, 10000);
    struct transport *t = begin(song, 0);
    CHECK_EQ(collect(t, 500), 3);
    CHECK(transport_mute(t, 0, 1, true, 500));
    collect(t, 1500);
    CHECK(find(0x81, 60, -1) >= 0 && find(0xB1, 123, 0) >= 0 && find(0x80, 60, -1) < 0);
    CHECK(find(0x90, 61, 100) >= 0 && find(0x91, 61, 100) < 0 && find(0x92, 61, 100) >= 0);
    CHECK(transport_solo(t, 0, 1, true, 1500)); /* solo beats mute */
    collect(t, 2500);
    CHECK(find(0x90, 62, 100) < 0 && find(0x91, 62, 100) >= 0 && find(0x92, 62, 100) < 0);
    CHECK(find(0x80, 61, -1) >= 0 && find(0x82, 61, -1) >= 0);
    CHECK(transport_solo(t, 0, 1, false, 2500) && transport_mute(t, 0, 1, false, 2500));
    collect(t, 3500);
    CHECK(find(0x90, 63, 100) >= 0 && find(0x91, 63, 100) >= 0 && find(0x92, 63, 100) >= 0);
    CHECK(transport_is_heard(t, 0, 1) && !transport_is_heard(t, 0, 16));
    transport_free(t);
    smf_free(song);
}

static void test_loop(void)
{
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0xB0, 7, 99);
    for (uint32_t i = 0; i < 4; i++)
        smfw_message(&w, i * 48000, 0x90, (int)(60 + i), 100);
    struct smf_song *song = read_song(&w, 192000);
    struct transport *t = begin(song, 0);
    transport_set_loop(t, 10000000, 20000000); /* the note of 1 s, without that of 2 s */
    collect(t, 48000 * 6 + 1);
    int notes = 0;
    for (int i = 0; i < log_.count; i++)
        if (log_.bytes[i][0] == 0x90) {
            CHECK_EQ(log_.bytes[i][1], notes == 0 ? 60 : 61);
            CHECK_EQ(log_.m[i].frame, 48000 * notes); /* gap-free */
            notes++;
        }
    CHECK_EQ(notes, 7);
    int64_t end;
    CHECK(!transport_ended(t, &end));
    transport_set_loop(t, 0, 0);
    collect(t, 48000 * 60);
    CHECK(transport_ended(t, &end));
    CHECK(find(0x90, 63, 100) >= 0);
    CHECK_EQ(end, 48000 * 6 + 48000 * 3);
    transport_free(t);
    smf_free(song);
}

static void test_next_song_keeps_the_knobs(void)
{
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0x90, 60, 100);
    smfw_message(&w, 0, 0x91, 60, 100);
    struct smf_song *song = read_song(&w, 48000);
    struct transport *t = begin(song, 0);
    transport_set_keys(t, -2);
    CHECK(transport_mute(t, 0, 1, true, 0));
    collect(t, 48000);
    CHECK(transport_silence(t, 48000));
    collect(t, 48001);
    CHECK(find(0x80, 58, -1) >= 0);
    CHECK_EQ(transport_start(t, song, 48000, NULL), DM_OK);
    collect(t, 96000);
    CHECK_EQ(log_.count, 1);
    CHECK_EQ(find(0x90, 58, 100), 0);
    CHECK_EQ(log_.m[0].frame, 48000);
    transport_free(t);
    smf_free(song);
}

int main(void)
{
    RUN(test_as_a_render);
    RUN(test_seek);
    RUN(test_tempo);
    RUN(test_keys);
    RUN(test_mute_and_solo);
    RUN(test_loop);
    RUN(test_next_song_keeps_the_knobs);
    return tap_done();
}
