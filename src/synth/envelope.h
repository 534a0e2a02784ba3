/* SPDX-License-Identifier: MIT */
/*
 * envelope.h - the two envelope generators of a voice (DLS 2.2 section 1.7.2,
 * spec/dls.md 3.4). Internal to the engine; render side.
 *
 * EG1 drives the amplitude: attack straight in amplitude, decay and release
 * straight in dB over 96 dB. It hands the mixer ramps e = e*m + a with the
 * number of frames each holds, and an exact level for every grid point, so
 * that single precision cannot drift.
 *
 * EG2 drives pitch and cutoff and is straight in the destination's unit. It is
 * asked for its value at grid points.
 */
#ifndef DMUS_SYNTH_ENVELOPE_H
#define DMUS_SYNTH_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

enum eg_segment { EG_DELAY, EG_ATTACK, EG_HOLD, EG_DECAY, EG_SUSTAIN, EG_RELEASE, EG_FADE, EG_OFF };

/* Times in frames of the full travel, fractions kept; sustain 0..1. */
struct eg_times {
    double delay, attack, hold, decay;
    double sustain;
};

struct eg_ramp {
    float e, m, a;
    uint32_t frames;    /* until eg1_next is due */
    double level;       /* at the next grid point */
    double factor, add; /* what a whole grid cell does to it */
};

struct eg1 {
    enum eg_segment segment;
    uint32_t fade_step, fade_frames;
    double fade_from;
    struct eg_times times;
};

/* TO_GRID: frames from now to the next grid point that is still to be entered (0 when it is now). */
void eg1_start(struct eg1 *eg, const struct eg_times *times, uint32_t to_grid, struct eg_ramp *ramp);
/* The ramp has run out: go on to the next segment. */
void eg1_next(struct eg1 *eg, uint32_t to_grid, struct eg_ramp *ramp);
/* Release from amplitude LEVEL with FRAMES for 96 dB. */
void eg1_release(struct eg1 *eg, double level, double frames, uint32_t to_grid, struct eg_ramp *ramp);
/* Raised-cosine fade from LEVEL to nothing in about FRAMES. */
void eg1_fade(struct eg1 *eg, double level, double frames, uint32_t to_grid, struct eg_ramp *ramp);

struct eg2 {
    enum eg_segment segment;
    double value;   /* at the time it was last advanced to */
    double before;  /* one advance earlier, and ... */
    uint32_t span;  /* ... how many frames earlier */
    double left;    /* frames left in the segment */
    double slope;   /* per frame */
    struct eg_times times;
};

void eg2_start(struct eg2 *eg, const struct eg_times *times);
void eg2_advance(struct eg2 *eg, uint32_t frames);
/* Release with FRAMES for the full travel; it happened AGO frames before the time last advanced to. */
void eg2_release(struct eg2 *eg, double frames, uint32_t ago);

#endif
