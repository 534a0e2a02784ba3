/* SPDX-License-Identifier: MIT */
/*
 * level_meter.c - sound into the program's own hands: float frames come to a function, which measures each half second.
 * No file is written; the bank is looked for as `dmus render` does, unless one is named.
 *
 *     cc level_meter.c $(pkg-config --cflags --libs dmus) -lm -o level_meter
 *     ./level_meter song.mid [bank.sf2]
 */
#include <dmus/dmus.h>
#include <math.h>
#include <stdio.h>

enum { RATE = 48000, CHANNELS = 2, WINDOW = RATE / 2 };

struct meter {
    double squares; /* of the window so far */
    unsigned frames, windows;
};

static void print_window(struct meter *meter)
{
    double rms = sqrt(meter->squares / (meter->frames * CHANNELS));
    double db = rms > 1e-6 ? 20 * log10(rms) : -120;
    printf("%6.1f s %6.1f dB ", meter->windows++ * 0.5, db);
    for (double mark = -60; mark < db; mark += 1.5)
        putchar('#');
    putchar('\n');
    meter->squares = meter->frames = 0;
}

/* COUNT interleaved frames of float; 0 is success, an errno ends the render. */
static int on_frames(void *ctx, const void *frames, size_t count)
{
    struct meter *meter = ctx;
    const float *samples = frames;
    for (size_t i = 0; i < count; i++) {
        for (int c = 0; c < CHANNELS; c++, samples++)
            meter->squares += (double)*samples * (double)*samples;
        if (++meter->frames == WINDOW)
            print_window(meter);
    }
    return 0;
}

static enum dmus_status meter_song(struct dmus_song *song, const char *bank_name, struct dmus_error *err)
{
    struct dmus_bank *banks[DMUS_MAX_BANKS];
    size_t bank_count = 0;
    struct meter meter = {0};
    struct dmus_lookup lookup = DMUS_INIT(dmus_lookup);
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    struct dmus_output output = DMUS_INIT(dmus_output);
    lookup.named = &bank_name;
    lookup.named_count = bank_name != NULL;
    lookup.song = song;
    dmus_render_defaults(&options);
    options.sample_rate = RATE;
    options.channels = CHANNELS;
    output.format = DMUS_F32;
    output.write = on_frames;
    output.write_ctx = &meter;
    enum dmus_status status = dmus_find_banks(&lookup, banks, &bank_count, err);
    if (status == DMUS_OK)
        status = dmus_render(song, banks, bank_count, &options, &output, NULL, err);
    if (meter.frames)
        print_window(&meter);
    while (bank_count)
        dmus_bank_close(banks[--bank_count]);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: level_meter SONG [BANK]\n");
        return 1;
    }
    struct dmus_error err = DMUS_INIT(dmus_error);
    struct dmus_song *song = NULL;
    enum dmus_status status = dmus_song_open(argv[1], &song, &err);
    if (status == DMUS_OK)
        status = meter_song(song, argc > 2 ? argv[2] : NULL, &err);
    if (status != DMUS_OK)
        fprintf(stderr, "%s\n", err.text);
    dmus_song_close(song);
    return status != DMUS_OK;
}
