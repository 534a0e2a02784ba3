/* SPDX-License-Identifier: MIT */
/* When events happen: tempo maps, SMPTE divisions, patterns, order. Expected times are worked out here as one fraction
 * whose numerator is a plain sum and which is divided once at the end. */
#include <time.h>

#include "smf_builder.h"

static struct builder b;

static uint32_t random_state = 12345;
static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

static void note_at(uint32_t delta, uint8_t key)
{
    put_delta(&b, delta);
    PUT(&b, 0x90, key, 100);
}

/* 120 quarters per minute without any tempo event: a quarter is half a second. */
static void test_default_tempo(void)
{
    put_header(&b, 0, 1, 480);
    size_t track = begin_track(&b);
    note_at(480, 60);
    note_at(1, 61);
    end_track(&b, track);
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->events[0].time_100ns, 5000000);
    CHECK_EQ(song->events[1].time_100ns, 5010416); /* 481/480 * 5000000 = 5010416.67 */
    CHECK_EQ(song->duration_100ns, 5010416);
    CHECK_EQ(song->last_event_100ns, 5010416);
    smf_free(song);
}

/* 3000 tempo changes at random: no drift, the floor of the exact time at every event. */
static void test_tempo_map_is_exact(void)
{
    static const uint16_t divisions[] = {1, 96, 120, 480, 960, 24576, 32767};
    for (size_t d = 0; d < sizeof divisions / sizeof *divisions; d++) {
        enum { N = 3000 };
        static uint64_t want[2 * N];
        uint64_t sum = 0; /* microseconds * division */
        uint32_t tempo = 500000;
        put_header(&b, 0, 1, divisions[d]);
        size_t track = begin_track(&b);
        for (int i = 0; i < N; i++) {
            uint32_t delta = random_below(1000);
            sum += (uint64_t)delta * tempo;
            want[2 * i] = sum * 10 / divisions[d];
            tempo = 1 + random_below(2000000);
            put_tempo(&b, delta, tempo);
            delta = random_below(i % 2 ? 3 : 700);
            note_at(delta, 60);
            sum += (uint64_t)delta * tempo;
            want[2 * i + 1] = sum * 10 / divisions[d];
        }
        end_track(&b, track);
        struct smf_song *song = read_ok(&b);
        CHECK_EQ(song->event_count, 2 * N + 1);
        int wrong = 0;
        for (int i = 0; i < 2 * N; i++)
            wrong += (uint64_t)song->events[i].time_100ns != want[i];
        CHECK_EQ(wrong, 0);
        smf_free(song);
    }
}

/* Format 1: a tempo event counts for all tracks, wherever it stands, from its tick on. */
static void test_tempo_in_another_track(void)
{
    put_header(&b, 1, 2, 100);
    size_t track = begin_track(&b);
    note_at(100, 60);
    note_at(100, 61);
    note_at(100, 62);
    end_track(&b, track);
    track = begin_track(&b);
    put_tempo(&b, 100, 1000000);
    put_tempo(&b, 150, 250000);
    end_track(&b, track);
    struct smf_song *song = read_ok(&b);
    int64_t want[] = {5000000, 15000000, 15000000 + 5000000 + 1250000};
    for (uint32_t i = 0, n = 0; i < song->event_count; i++)
        if (song->events[i].kind == SMF_CHANNEL)
            CHECK_EQ(song->events[i].time_100ns, want[n++ % 3]);
    CHECK_EQ(song->note_count, 3);
    smf_free(song);
}

static void check_smpte(uint16_t division, uint64_t numerator, uint64_t denominator)
{
    put_header(&b, 0, 1, division);
    size_t track = begin_track(&b);
    uint64_t ticks[501] = {0};
    put_tempo(&b, 0, 123456); /* of no influence */
    for (int i = 1; i <= 500; i++) {
        uint32_t delta = random_below(5000);
        ticks[i] = ticks[i - 1] + delta;
        note_at(delta, 60);
    }
    end_track(&b, track);
    struct smf_song *song = read_ok(&b);
    int wrong = 0;
    for (uint32_t i = 1; i <= 500; i++)
        wrong += song->events[i].tick != ticks[i] ||
                 (uint64_t)song->events[i].time_100ns != ticks[i] * numerator / denominator;
    CHECK_EQ(wrong, 0);
    CHECK(song->duration_100ns > 0);
    smf_free(song);
}

static void test_smpte(void)
{
    check_smpte(0xE728, 10000, 1);             /* -25, 40: milliseconds */
    check_smpte(0xE850, 10000000, 24 * 80);    /* -24 */
    check_smpte(0xE264, 10000000, 30 * 100);   /* -30 */
    CHECK_EQ(heard.count, 0);
    /* -29: 30000/1001 frames per second, 10^7 * 1001 / (30000 * 4) */
    check_smpte(0xE304, UINT64_C(10010000000), 120000);
    check_smpte(0xE3FF, UINT64_C(10010000000), 30000 * 255);
    CHECK_EQ(heard.count, 0);
    check_smpte(0xC40A, 10000000, 60 * 10); /* -60 is no SMPTE rate */
    CHECK(was_heard("60 frames per second"));
}

static void test_useless_division(void)
{
    static const uint16_t divisions[] = {0, 0xE700};
    for (int i = 0; i < 2; i++) {
        put_header(&b, 0, 1, divisions[i]);
        size_t track = begin_track(&b);
        note_at(96, 60);
        end_track(&b, track);
        struct smf_song *song = read_ok(&b);
        CHECK_EQ(song->events[0].time_100ns, 5000000); /* 96 per quarter */
        CHECK_EQ(song->division, divisions[i]);
        CHECK(was_heard("96 ticks"));
        smf_free(song);
    }
}

static void test_useless_tempo(void)
{
    put_header(&b, 0, 1, 100);
    size_t track = begin_track(&b);
    put_tempo(&b, 0, 1000000);
    put_tempo(&b, 0, 0);
    PUT(&b, 0, 0xFF, 0x51, 2, 1, 1);
    note_at(100, 60);
    end_track(&b, track);
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->duration_100ns, 10000000);
    CHECK_EQ(heard.count, 2);
    smf_free(song);
}

/* Format 2: one pattern after the other, each from tick 0 and from the default tempo; fractions carry over. */
static void test_patterns(void)
{
    put_header(&b, 2, 3, 7);
    size_t track = begin_track(&b);
    put_tempo(&b, 0, 100);
    note_at(1, 60); /* 1000/7 = 142.86 */
    end_track(&b, track);
    track = begin_track(&b);
    note_at(1, 61); /* 5001000/7 = 714428.57 */
    end_track(&b, track);
    track = begin_track(&b);
    put_tempo(&b, 0, 200);
    note_at(1, 62); /* 5003000/7 = 714714.29 */
    end_track(&b, track);
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->event_count, 8);
    CHECK_EQ(song->events[1].time_100ns, 1000 / 7);
    CHECK_EQ(song->events[3].time_100ns, 5001000 / 7);
    CHECK_EQ(song->events[6].time_100ns, 5003000 / 7);
    CHECK_EQ(song->events[6].tick, 1);
    CHECK_EQ(song->events[6].track, 2);
    CHECK_EQ(song->format, 2);
    smf_free(song);
}

/* By time, then track, then order in the track. */
static void test_merge_is_stable(void)
{
    enum { TRACKS = 37, EVENTS = 200 };
    put_header(&b, 1, TRACKS, 96);
    for (int t = 0; t < TRACKS; t++) {
        size_t track = begin_track(&b);
        for (int i = 0; i < EVENTS; i++) {
            put_delta(&b, random_below(4) == 0);
            PUT(&b, 0xE0, (uint8_t)(i & 0x7F), (uint8_t)(i >> 7));
        }
        end_track(&b, track);
    }
    struct smf_song *song = read_ok(&b);
    CHECK_EQ(song->event_count, TRACKS * (EVENTS + 1));
    int wrong = 0, next[TRACKS] = {0};
    for (uint32_t i = 0; i < song->event_count; i++) {
        const struct smf_event *e = &song->events[i], *before = e - 1;
        if (i > 0)
            wrong += e->tick < before->tick || (e->tick == before->tick && e->track < before->track);
        if (e->kind == SMF_CHANNEL)
            wrong += (e->data[1] | e->data[2] << 7) != next[e->track]++;
    }
    CHECK_EQ(wrong, 0);
    smf_free(song);
}

static void test_time_saturates(void)
{
    enum { N = 300 };
    put_header(&b, 0, 1, 1);
    size_t track = begin_track(&b);
    put_tempo(&b, 0, 0xFFFFFF);
    for (int i = 0; i < N; i++)
        note_at(0x0FFFFFFF, 60);
    end_track(&b, track);
    struct smf_song *song = read_ok(&b);
    const uint64_t step = UINT64_C(0x0FFFFFFF) * 0xFFFFFF * 10;
    CHECK_EQ(song->events[1].time_100ns, step);
    CHECK_EQ(song->events[200].time_100ns, 200 * step);
    CHECK(step * 204 < INT64_MAX && INT64_MAX / step < N);
    CHECK_EQ(song->events[N].time_100ns, INT64_MAX);
    CHECK_EQ(song->duration_100ns, INT64_MAX);
    CHECK_EQ(song->events[N].tick, UINT64_C(0x0FFFFFFF) * N);
    CHECK(was_heard("overflows"));
    smf_free(song);
}

/* A note of a second, its text AFTER ticks of a second later, and the end of track another second later. */
static struct smf_song *late_end(uint32_t after, bool held)
{
    put_header(&b, 0, 1, 1);
    size_t track = begin_track(&b);
    put_tempo(&b, 0, 1000000);
    note_at(0, 60);
    put_delta(&b, 1);
    PUT(&b, held ? 0xB0 : 0x80, held ? 7 : 60, 0);
    put_delta(&b, after);
    PUT(&b, 0xFF, 0x01, 1, 'x');
    put_delta(&b, 1);
    PUT(&b, 0xFF, 0x2F, 0);
    close_track(&b, track);
    return read_ok(&b);
}

/* Ten minutes of silence may be meant, and an hour of a note that is held. Beyond, the song ends with its last event, and so does
 * what lies behind. */
static void test_late_end_of_track(void)
{
    struct smf_song *song = late_end(599, false);
    CHECK_EQ(song->duration_100ns, INT64_C(601) * 10000000);
    CHECK_EQ(heard.count, 0);
    smf_free(song);
    song = late_end(600, false);
    CHECK_EQ(song->duration_100ns, 10000000);
    CHECK_EQ(song->last_event_100ns, 10000000);
    CHECK_EQ(song->event_count, 5);
    CHECK_EQ(song->events[3].time_100ns, 10000000);
    CHECK_EQ(song->events[4].time_100ns, 10000000);
    CHECK(was_heard("end of track 10 min after the last event: not waited for"));
    smf_free(song);
    song = late_end(0xFFFFFFF, false);
    CHECK_EQ(song->duration_100ns, 10000000);
    CHECK(was_heard("end of track 74565 h after the last event: not waited for"));
    smf_free(song);
    song = late_end(3599, true);
    CHECK_EQ(song->duration_100ns, INT64_C(3601) * 10000000);
    CHECK_EQ(heard.count, 0);
    smf_free(song);
    song = late_end(3600, true);
    CHECK_EQ(song->duration_100ns, 10000000);
    smf_free(song);
}

/* The promise is well under half a second; sanitizers and busy machines get four times that. */
static void test_a_million_events(void)
{
    enum { TRACKS = 16, EVENTS = 62500 };
    put_header(&b, 1, TRACKS, 480);
    for (int t = 0; t < TRACKS; t++) {
        size_t track = begin_track(&b);
        for (int i = 0; i < EVENTS; i++) {
            if (t == 0 && i % 100 == 0) {
                put_tempo(&b, 3, 400000 + (uint32_t)i);
                continue;
            }
            put_delta(&b, random_below(200));
            PUT(&b, (uint8_t)(0x90 | t), (uint8_t)(i & 0x7F), (uint8_t)(i >> 3 & 0x7F));
        }
        end_track(&b, track);
    }
    struct timespec begin, end;
    timespec_get(&begin, TIME_UTC);
    struct smf_song *song = read_ok(&b);
    timespec_get(&end, TIME_UTC);
    double seconds = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    CHECK_EQ(song->event_count, TRACKS * (EVENTS + 1));
    CHECK(song->event_count > 1000000);
    printf("# %u events in %.3f s\n", (unsigned)song->event_count, seconds);
    CHECK(seconds < 2.0);
    int wrong = 0;
    for (uint32_t i = 1; i < song->event_count; i++)
        wrong += song->events[i].time_100ns < song->events[i - 1].time_100ns;
    CHECK_EQ(wrong, 0);
    smf_free(song);
}

int main(void)
{
    RUN(test_default_tempo);
    RUN(test_tempo_map_is_exact);
    RUN(test_tempo_in_another_track);
    RUN(test_smpte);
    RUN(test_useless_division);
    RUN(test_useless_tempo);
    RUN(test_patterns);
    RUN(test_merge_is_stable);
    RUN(test_time_saturates);
    RUN(test_late_end_of_track);
    RUN(test_a_million_events);
    free(b.data);
    return tap_done();
}
