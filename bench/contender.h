/* SPDX-License-Identifier: MIT */
/*
 * contender.h - what stress.c runs side by side: the engine, the bare kernels
 * of its arithmetic, and FluidSynth as found on the machine. All play the same:
 * looped voices on one wave of 2048 samples at 44100 Hz, keys 44..75, at
 * 48 kHz in stereo floats without reverb and chorus, until they are closed.
 */
#ifndef DMUS_BENCH_CONTENDER_H
#define DMUS_BENCH_CONTENDER_H

#include <stdbool.h>
#include <stdint.h>

enum { STRESS_LOOP = 2048, STRESS_SOURCE_RATE = 44100, STRESS_RATE = 48000, STRESS_LOWEST = 44, STRESS_KEYS = 32 };
#define STRESS_CUTOFF_CENTS 9500 /* about 2 kHz */

struct stress {
    uint32_t voices;    /* a power of two */
    uint32_t groups;    /* the notes are dealt to so many channel groups; 1 for the others */
    bool filter;        /* all voices filtered, or none */
    bool effects;       /* reverb and chorus run, and every voice sends to them */
    bool modulated;     /* engine: vibrato, tremolo and a second envelope on the filter, too */
    uint32_t cpu;       /* CPU_* */
    uint32_t threads;   /* engine: 1 or more */
};

struct contender {
    void *self;         /* NULL: not here */
    void (*render)(void *self, uint32_t frames);
    void (*close)(void *self);
};

/* Samples of the wave. */
void stress_wave(int16_t samples[STRESS_LOOP]);
/* Note I of those that make VOICES voices with LAYERS regions each: all different on one set of 15 channels. */
struct stress_note {
    uint32_t channel, key;
};
struct stress_note stress_note(uint32_t i);
uint32_t stress_layers(uint32_t voices);

/* engine.c. MODE: enum synth_interpolation */
struct contender engine_open(const struct stress *stress, int mode);
/* peer_fluidsynth.c. MODE: taps of FluidSynth's interpolation, 1, 4 or 7 (2 there is called linear: 1). Needs libfluidsynth.so.3
 * at run time only. */
struct contender fluidsynth_open(const struct stress *stress, int mode);
/* roofline.c. MODE: as engine_open. SYNTH_LINEAR, SYNTH_CUBIC and SYNTH_SINC16, AVX2; filtered always. */
struct contender roofline_open(const struct stress *stress, int mode);

#endif
