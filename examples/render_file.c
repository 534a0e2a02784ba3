/* SPDX-License-Identifier: MIT */
/*
 * render_file.c - a song and a bank become a sound file, with a progress line and a report.
 *
 *     cc render_file.c $(pkg-config --cflags --libs dmus) -o render_file
 *     ./render_file song.mid bank.sf2 song.flac
 */
#include <dmus/dmus.h>
#include <stdio.h>

static bool on_progress(void *ctx, const struct dmus_progress *progress)
{
    (void)ctx;
    fprintf(stderr, "\r%.0f of %.0f s, %u voices ", progress->seconds, progress->total_seconds, progress->voices);
    return true; /* false would stop the render */
}

static void print_report(const struct dmus_report *report)
{
    struct dmus_report_info info = DMUS_INIT(dmus_report_info);
    struct dmus_missing_info missing = DMUS_INIT(dmus_missing_info);
    dmus_report_get_info(report, &info);
    printf("%.2f s at %u Hz, peak %.1f dBFS, %u voices at most, %.0f times faster than real time\n", info.seconds,
           info.sample_rate, info.peak_dbfs, info.voices_peak, info.times_realtime);
    for (uint32_t i = 0; dmus_report_get_missing(report, i, &missing) == DMUS_OK; i++)
        printf("no instrument for %u notes of patch %u (%s)\n", missing.notes, missing.patch & 0x7f, missing.gm_name);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: render_file SONG BANK OUTPUT\n");
        return 1;
    }
    struct dmus_error err = DMUS_INIT(dmus_error);
    struct dmus_song *song = NULL;
    struct dmus_bank *bank = NULL;
    struct dmus_report *report = NULL;
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    struct dmus_output output = DMUS_INIT(dmus_output);
    dmus_render_defaults(&options);
    options.sample_rate = 44100;
    options.progress = on_progress;
    output.path = argv[3]; /* the suffix decides on the type */
    output.format = DMUS_S16;

    enum dmus_status status = dmus_song_open(argv[1], &song, &err);
    if (status == DMUS_OK)
        status = dmus_bank_open(argv[2], &bank, &err);
    if (status == DMUS_OK)
        status = dmus_render(song, &bank, 1, &options, &output, &report, &err);
    fputc('\n', stderr);
    if (status == DMUS_OK)
        print_report(report);
    else
        fprintf(stderr, "%s\n", err.text); /* names file, place and reason */
    dmus_report_free(report);
    dmus_bank_close(bank);
    dmus_song_close(song);
    return status != DMUS_OK;
}
