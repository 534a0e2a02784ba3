/* SPDX-License-Identifier: MIT */
/*
 * fluidsynth_api.h - the few functions of FluidSynth's public interface that
 * the measuring programs call, found in its shared library at run time. No
 * header and no import library of it is needed to build.
 */
#ifndef DMUS_BENCH_FLUIDSYNTH_API_H
#define DMUS_BENCH_FLUIDSYNTH_API_H

#include <stdbool.h>

struct fluidsynth_api {
    void *(*new_settings)(void);
    void (*delete_settings)(void *);
    int (*setnum)(void *, const char *, double);
    int (*setint)(void *, const char *, int);
    int (*setstr)(void *, const char *, const char *);
    void *(*new_synth)(void *);
    void (*delete_synth)(void *);
    int (*sfload)(void *, const char *, int);
    int (*system_reset)(void *);
    int (*set_interp)(void *, int, int);
    int (*voices)(void *);
    int (*write_float)(void *, int, void *, int, int, void *, int, int);
    void *(*new_player)(void *);
    void (*delete_player)(void *);
    int (*player_add)(void *, const char *);
    int (*player_play)(void *);
    int (*player_stop)(void *);
    void *(*set_log)(int, void *, void *);
};

/* Its messages are switched off. false: no such library, or one without these functions. It stays loaded. */
bool fluidsynth_api_open(struct fluidsynth_api *api);

#endif
