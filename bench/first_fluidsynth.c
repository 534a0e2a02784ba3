/* SPDX-License-Identifier: MIT */
/* first_fluidsynth.c - what first_ours.c does, with FluidSynth's library. Usage: first_fluidsynth BANK SONG */
#define _POSIX_C_SOURCE 200809L
#include <stddef.h>
#include <unistd.h>

#include "fluidsynth_api.h"

int main(int argc, char **argv)
{
    struct fluidsynth_api fluid;
    float left[64], right[64];
    if (argc != 3 || !fluidsynth_api_open(&fluid))
        return 1;
    void *settings = fluid.new_settings();
    fluid.setnum(settings, "synth.sample-rate", 48000);
    fluid.setstr(settings, "player.timing-source", "sample");
    void *synth = fluid.new_synth(settings);
    if (!synth || fluid.sfload(synth, argv[1], 1) < 0)
        return 1;
    void *player = fluid.new_player(synth);
    if (!player || fluid.player_add(player, argv[2]) || fluid.player_play(player))
        return 1;
    for (int blocks = 0; blocks < 750; blocks++) { /* a second */
        fluid.write_float(synth, 64, left, 0, 1, right, 0, 1);
        for (int i = 0; i < 64; i++)
            if (left[i] != 0.0f || right[i] != 0.0f)
                _exit(write(1, "!", 1) != 1);
    }
    return 1;
}
