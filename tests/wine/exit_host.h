/* SPDX-License-Identifier: MIT */
/* exit_host.h - a library that lets a synth and its sink go at the end of the process; for exit_client.c. */
#ifndef DMUS_TESTS_WINE_EXIT_HOST_H
#define DMUS_TESTS_WINE_EXIT_HOST_H

struct exit_host_objects {
    IDirectMusicSynth *synth;    /* one reference */
    IDirectMusicSynthSink *sink; /* two */
    HANDLE wave;                 /* a download */
    HANDLE done;                 /* event: every call came back */
    BOOL mannerly;               /* deactivates, unloads and closes before */
};

__declspec(dllexport) void exit_host_keep(const struct exit_host_objects *objects);

#endif
