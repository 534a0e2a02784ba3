/* SPDX-License-Identifier: MIT */
/*
 * lfo.h - a low-frequency oscillator: bipolar sine that starts with phase 0
 * after its delay (DLS 2.2 section 1.7.1). Internal to the engine.
 */
#ifndef DMUS_SYNTH_LFO_H
#define DMUS_SYNTH_LFO_H

#include <stdint.h>

struct lfo {
    uint64_t phase, step; /* turns and turns per frame, scaled by 2^64 */
    double delay;         /* frames left */
};

/* Turns per frame to a step. */
uint64_t lfo_step(double turns);
/* As it stands AGE frames after its voice began. */
void lfo_init(struct lfo *lfo, double delay_frames, uint64_t step, uint64_t age);
/* FRAMES later; the value there. */
float lfo_advance(struct lfo *lfo, uint32_t frames);

#endif
