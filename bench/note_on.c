/* SPDX-License-Identifier: MIT */
/*
 * note_on.c - what a note-on and an event cost.
 *
 * Usage: note_on [RATE [notes|free|steal|queue|load [VOICES]]]
 * Note-on: the whole path from the channel message to the started voice, in
 * batches after some rendering, at polyphonies 16..16384. "free": a slot is free;
 * "steal": all voices sound and one is taken; "single": the median of all notes
 * taken one by one, the clock's own time off; "first": the first of a batch, whose
 * code and data rendering has displaced. Events: queueing (control side), taking and applying
 * (render side), and what 10,000 events a second add to rendering.
 * Built a second time with a mixer that does nothing (note_on_control): what the
 * note side costs alone. Medians over batches; each figure is nanoseconds of wall time of one thread.
 */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../tests/synth/image_builder.h"
#include "../tests/synth/test_memory.h"
#ifdef NOTE_ON_CONTROL
#include "../tests/synth/fake_mixer.h"
#endif
#include "base/cpu.h"
#include "measure.h"
#include "synth/engine.h"
#include "synth/notes.h"

enum { BATCH = 32, ROUNDS = 200 };

static struct test_memory memory;
static struct synth *synth;
static struct builder image, wave_image;
static int64_t position;
static uint32_t rate = 48000;

static double median(double *values, size_t count) { return spread_of(values, count).median; }

static void load(const struct builder *b)
{
    struct synth_download *download;
    bool keeps;
    if (synth_download(synth, b->bytes, b->size, &download, &keeps) != SYNTH_OK)
        exit(2);
}

/* A looped wave under an instrument of 24 regions of 5 keys with envelope, filter and vibrato, as banks have them. */
static void open_engine(uint32_t voices, uint32_t groups)
{
    static const struct build_connection artic[] = {
        {0, 0, 0x206, 0, -9000 * 65536}, {0, 0, 0x207, 0, 3000 * 65536}, {0, 0, 0x20A, 0, 700 * 65536},
        {0, 0, 0x209, 0, -2000 * 65536}, {0, 0, 0x500, 0, 9500 * 65536}, {2, 0, 0x500, 0, 1200 * 65536},
        {9, 0x81, 3, 0x4000, 50 * 65536}, {0, 0, 4, 0, 100 * 65536},      {3, 0, 0x207, 0, -1200 * 65536},
    };
    static int16_t samples[2048];
    struct synth_config config = {.sample_rate = rate, .channels = 2, .voices = voices, .groups = groups, .profile = SYNTH_STUDIO,
                                  .interpolation = SYNTH_CUBIC, .cpu = cpu_usable()};
    struct synth_memory mem = test_memory(&memory);
    if (synth_create(&config, &mem, &synth) != SYNTH_OK)
        exit(2);
    for (int i = 0; i < 2048; i++)
        samples[i] = (int16_t)(i % 64 * 300 - 9600);
    build_wave(&wave_image, 1, 44100, 16, samples, 2048);
    load(&wave_image);
    build_begin(&image, 3, 2, 3 + 24);
    build_root(&image, 0, 3, 1, 0);
    build_artic2(&image, 1, 2, 0, artic, sizeof artic / sizeof artic[0]);
    for (uint32_t i = 0; i < 24; i++)
        build_region(&image, 3 + i, i < 23 ? 4 + i : 0,
                     (struct build_region){.key_low = i * 5, .key_high = i < 23 ? i * 5 + 4 : 127, .options = 1, .wave = 1,
                                           .loops = 1, .loop_length = 2048});
    load(&image);
    for (uint32_t i = 0; i < PARTS; i++) /* equal, so that every note finds a victim */
        synth_set_channel_priority(synth, 1, i, 0x80000000u);
    position = 0;
}

static void render(uint32_t frames)
{
    static float out[2 * 256];
#ifdef NOTE_ON_CONTROL
    fake_finish_all(synth->mixer, FAKE_STOLEN);
#endif
    for (uint32_t n; frames > 0; frames -= n) {
        n = frames < 256 ? frames : 256;
        synth_render_f32(synth, position, n, out);
        position += n;
    }
}

static uint32_t random_state = 1;
static uint32_t dice(uint32_t sides)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % sides;
}

/* Of single notes */
static struct {
    double each[ROUNDS * BATCH], first[ROUNDS];
    uint32_t count, batches;
} singles;

static double clock_ns(void)
{
    double best = 1e9;
    for (int i = 0; i < 1000; i++) {
        double begin = now_ns(CLOCK_MONOTONIC), took = now_ns(CLOCK_MONOTONIC) - begin;
        best = took < best ? took : best;
    }
    return best;
}

static void start_one_by_one(struct part *const part[BATCH], const uint8_t note[BATCH], uint32_t count)
{
    const double clock = clock_ns();
    for (uint32_t i = 0; i < count; i++) {
        double begin = now_ns(CLOCK_MONOTONIC);
        notes_on(synth, part[i], note[i], 100);
        double took = now_ns(CLOCK_MONOTONIC) - begin - clock;
        singles.each[singles.count++] = took;
        if (i == 0)
            singles.first[singles.batches++] = took;
    }
}

/* COUNT notes on PART or any, and the time they took; SINGLE: one by one, and 0. */
static double start_notes(uint32_t count, int only_part, bool single)
{
    struct part *part[BATCH];
    uint8_t note[BATCH];
    struct group *group = synth_group(synth, 0);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = only_part >= 0 ? (uint32_t)only_part : dice(8);
        part[i] = &group->part[index];
        note[i] = (uint8_t)(30 + dice(70));
    }
    if (single) {
        start_one_by_one(part, note, count);
        return 0;
    }
    double begin = now_ns(CLOCK_MONOTONIC);
    for (uint32_t i = 0; i < count; i++)
        notes_on(synth, part[i], note[i], 100);
    return now_ns(CLOCK_MONOTONIC) - begin;
}

static void fill(uint32_t voices)
{
    for (uint32_t i = 0; i < voices; i += BATCH)
        start_notes(voices - i < BATCH ? voices - i : BATCH, -1, false);
    render(64);
}

static void fill_groups(uint32_t voices, uint32_t groups)
{
    for (uint32_t i = 0; i < voices; i++)
        notes_on(synth, &synth_group(synth, i % groups)->part[i / groups % 8], (uint8_t)(30 + dice(70)), 100);
    render(64);
}

/* Medians */
struct note_times {
    double batch, single, first;
};

static struct note_times times_of(double *batches, uint32_t count)
{
    return (struct note_times){median(batches, count), median(singles.each, singles.count), median(singles.first, singles.batches)};
}

static struct note_times measure_free(uint32_t voices)
{
    static double batches[ROUNDS];
    uint32_t rounds = voices > 2048 ? 40 : ROUNDS;
    open_engine(voices + BATCH, 1);
    render(1);
    fill(voices);
    singles.count = singles.batches = 0;
    for (uint32_t i = 0; i < 2 * rounds; i++) { /* batches and single notes by turns */
        batches[i / 2] = start_notes(BATCH, 15, i % 2 == 0) / BATCH;
        notes_sound_off(synth, &synth_group(synth, 0)->part[15]);
        do /* until the fades have given their slots back */
            render(64);
        while (synth->alloc.sounding > voices || synth_group(synth, 0)->part[15].voices.first != SLOT_NONE);
        render(rate / 50);
    }
    synth_destroy(synth);
    return times_of(batches, rounds);
}

static struct note_times measure_steal(uint32_t voices)
{
    static double batches[ROUNDS];
    uint32_t rounds = voices > 2048 ? 40 : ROUNDS, batch = alloc_slots(voices) - voices < BATCH ? 8 : BATCH;
    open_engine(voices, 1);
    render(1);
    fill(voices);
    singles.count = singles.batches = 0;
    for (uint32_t i = 0; i < 2 * rounds; i++) {
        batches[i / 2] = start_notes(batch, -1, i % 2 == 0) / batch;
        render(rate / 50);
    }
    if (synth->notes.note_id != voices + 2 * rounds * batch || synth->alloc.sounding != voices)
        printf("  (not every note found a voice)\n");
    synth_destroy(synth);
    return times_of(batches, rounds);
}

/* EVENTS controller changes at one frame: no span between them. */
static void measure_queue(uint32_t events)
{
    enum { REPEATS = 15 };
    double push[REPEATS], apply[REPEATS];
    open_engine(16, 1);
    for (int r = 0; r < REPEATS; r++) {
        double begin = now_ns(CLOCK_MONOTONIC);
        for (uint32_t i = 0; i < events; i++)
            synth_play(synth, position + 10, 1, (const uint8_t[]){(uint8_t)(0xB0 | (i & 15)), 10, (uint8_t)(i & 127)}, 3);
        double middle = now_ns(CLOCK_MONOTONIC);
        render(64);
        push[r] = (middle - begin) / events;
        apply[r] = (now_ns(CLOCK_MONOTONIC) - middle) / events;
    }
    printf("events, %6u at one frame: queue %6.1f ns each, apply %6.1f ns each\n", events, median(push, REPEATS),
           median(apply, REPEATS));
    synth_destroy(synth);
}

/* One second of VOICES, on eight channels of each of GROUPS, with and without EVENTS spread over it and them, of controller NUMBER
 * (128: pitch bend). */
static void measure_load(uint32_t voices, uint32_t groups, uint32_t events, uint32_t number)
{
    enum { PAIRS = 15 };
    double ratio[PAIRS];
    for (int p = 0; p < PAIRS; p++) {
        double time[2];
        for (int with = 0; with < 2; with++) {
            open_engine(voices, groups);
            render(1);
            fill_groups(voices, groups);
            for (uint32_t i = 0; with && i < events; i++) {
                const uint8_t channel = (uint8_t)(i / groups & 7);
                synth_play(synth, position + (int64_t)((uint64_t)i * rate / events), 1 + i % groups,
                           number < 128 ? (const uint8_t[]){(uint8_t)(0xB0 | channel), (uint8_t)number, (uint8_t)(i & 127)}
                                        : (const uint8_t[]){(uint8_t)(0xE0 | channel), 0, (uint8_t)(i & 127)}, 3);
            }
            double begin = now_ns(CLOCK_MONOTONIC);
            render(rate);
            time[with] = now_ns(CLOCK_MONOTONIC) - begin;
            synth_destroy(synth);
        }
        ratio[p] = time[1] / time[0];
    }
    printf("events, %6u a second beside %4u voices on %4u channels, %s %3u: %+.1f %% of the rendering time\n", events, voices,
           8 * groups, number < 128 ? "controller" : "bend      ", number, (median(ratio, PAIRS) - 1) * 100);
}

static bool among(uint32_t wanted, uint32_t voices) { return !wanted || wanted == voices; }

static void print_times(const char *what, uint32_t voices, const struct note_times *times)
{
    printf("%10u %6s %10.1f %10.1f %10.1f\n", voices, what, times->batch, times->single, times->first);
    fflush(stdout);
}

static void measure_notes(const char *what, uint32_t wanted)
{
    bool all = !strcmp(what, "notes"), starts = all || !strcmp(what, "free"), steals = all || !strcmp(what, "steal");
    if (starts || steals)
        printf("note-on, ns (medians)\n%10s %6s %10s %10s %10s\n", "voices", "slot", "in batches", "single", "first");
    for (uint32_t voices = 16; voices <= 16384; voices *= 4) {
        if (starts && among(wanted, voices)) { /* 16384 is the limit, free slots included */
            struct note_times times = measure_free(voices < 16384 ? voices : 16384 - BATCH);
            print_times("free", voices, &times);
        }
        if (steals && among(wanted, voices)) {
            struct note_times times = measure_steal(voices);
            print_times("steal", voices, &times);
        }
    }
}

static void measure_events(uint32_t wanted)
{
    for (uint32_t voices = 64; voices <= 1024; voices *= 4) {
        if (!among(wanted, voices))
            continue;
        measure_load(voices, 1, 10000, 16); /* nobody listens */
        measure_load(voices, 1, 10000, 11); /* every voice, in each cell */
        measure_load(voices, 1, 10000, 128);
        measure_load(voices, voices / 8, 10000, 11); /* a voice each */
        measure_load(voices, voices / 8, 10000, 128);
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[2] : "all";
    uint32_t wanted = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    if (argc > 1)
        rate = (uint32_t)strtoul(argv[1], NULL, 10);
    measure_notes(strcmp(what, "all") ? what : "notes", wanted);
    if (!strcmp(what, "all") || !strcmp(what, "queue")) {
        measure_queue(1000);
        measure_queue(100000);
    }
    if (!strcmp(what, "all") || !strcmp(what, "load"))
        measure_events(wanted);
    return 0;
}
