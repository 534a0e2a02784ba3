/* SPDX-License-Identifier: MIT */
/* first_ours.c - plays SONG with BANK until the first 64 frames are there, says so with a byte on standard output, and ends.
 * Usage: first_ours BANK SONG. See cost.c --first; its counterpart is first_fluidsynth.c. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <unistd.h>

#include "dmus/dmus.h"

static int hear(void *ctx, const void *frames, size_t count)
{
    const float *samples = frames;
    (void)ctx;
    for (size_t i = 0; i < 2 * count; i++)
        if (samples[i] != 0.0f)
            _exit(write(1, "!", 1) != 1);
    return 0;
}

int main(int argc, char **argv)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    struct dmus_song *song;
    struct dmus_bank *bank;
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    struct dmus_output output = DMUS_INIT(dmus_output);
    if (argc != 3)
        return 1;
    dmus_render_defaults(&options);
    options.block_frames = 64;
    options.loudness = false;
    output.format = DMUS_F32;
    output.write = hear;
    if (dmus_song_open(argv[2], &song, &err) || dmus_bank_open(argv[1], &bank, &err) ||
        dmus_render(song, &bank, 1, &options, &output, NULL, &err))
        fprintf(stderr, "%s\n", err.text);
    return 1; /* nothing was heard */
}
