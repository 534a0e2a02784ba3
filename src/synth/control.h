/* SPDX-License-Identifier: MIT */
/*
 * control.h - what of eight voices moves from control point to control point,
 * side by side, and the kernel that leads it on by one cell.
 *
 * The kernel does what voice.c does voice by voice (voice_cell): generators,
 * smoothing, targets of gain, pitch and filter, slopes on the way there. Same
 * operations on every lane in the same order, so that it does not matter which
 * of the two a voice gets: the kernel is for the usual ones (struct group, ODD).
 * What it skips because no lane needs it would have changed no bit.
 *
 * Internal to the engine; render side.
 */
#ifndef DMUS_SYNTH_CONTROL_H
#define DMUS_SYNTH_CONTROL_H

#include <stdint.h>

#include "filter.h"
#include "lanes.h"

/* A cutoff that moves by more than this within a cell would be heard as spurs if its coefficients were led straight. */
#define FAST_CENTS 8.0f
#define UNKNOWN_CUTOFF (-1e8f) /* below: the voice is too young to have had one */
#define INAUDIBLE 1.5849e-5f /* -96 dB: half a step of 16 bits, from a wave at full scale */
#define TINY_BITS 0x26901D7D /* of 1e-15f, -300 dB: far above the denormal numbers that a cell could decay to */
#define MASTER_SILENT_DB (-96.0f) /* a master volume at or below this is silence */
#define SILENT_OCTAVES (-1022.0) /* a power of two that is nothing as a float */
#define SOURCE_UNIT (1.0f / 32768.0f) /* gains in the lanes are per unit of the 16-bit source */

/* What controllers lead smoothly */
enum { WAY_LEFT, WAY_RIGHT, WAY_REVERB, WAY_CHORUS, WAY_CUTOFF, WAY_COUNT };
enum { WAY_GAINS = WAY_CUTOFF }; /* of them in the lanes */

#define ROUNDER 6755399441055744.0 /* 1.5 * 2^52: added, it leaves a whole number in the lower bits */

#define UNDERWAY_SIDES 1u /* WAY_LEFT and WAY_RIGHT */
#define UNDERWAY_REST 2u
#define UNDERWAY_ALL 3u

enum { CLOCK_LFO, CLOCK_VIBRATO, CLOCK_COUNT };
/* Generators and destinations that the kernel knows */
enum { BY_LFO, BY_VIBRATO, BY_EG2, BY_COUNT };
enum { ON_GAIN, ON_PITCH, ON_CUTOFF, ON_COUNT };

struct control {
    /* generators: LFOs as in lfo.h, all zero while they do not run */
    _Alignas(64) uint64_t phase[CLOCK_COUNT][LANES];
    uint64_t turn[CLOCK_COUNT][LANES]; /* per frame */
    double wait[CLOCK_COUNT][LANES];
    uint32_t running[CLOCK_COUNT];     /* lanes where it runs */
    uint32_t underway;                 /* UNDERWAY_*: what is smoothed, or was in the cell before */
    _Alignas(64) float depth[BY_COUNT][ON_COUNT][LANES];
    /* EG2 as in envelope.h, at the next grid point; the voice keeps its segment and times */
    double eg2[LANES], eg2_before[LANES], eg2_left[LANES], eg2_slope[LANES];
    uint32_t eg2_span[LANES];
    const uint32_t *eg2_held;          /* LANES; all ones: there already, as a segment ends in this cell. NULL: no lane has one */
    uint32_t eg2_ending, eg2_moving;   /* lanes where a segment ends in the next cell; where the last is not reached */

    /* pitch, cents */
    double pitch[LANES], glide[LANES]; /* without generators; what a glide adds */
    double fixed_cents[LANES];         /* of PITCH, what stays while the voice keeps its key ... */
    float note_cents[LANES], tuning[LANES]; /* ... what key and velocity add, and key tuning */
    double stepped[LANES];             /* cents that STEP_TO is for */
    double rate[LANES];                /* samples per frame at no cents */
    double step_to[LANES];             /* samples per frame at the next grid point, scaled by 2^32, not yet limited and rounded */

    /* gains: linear, but SUM_DB before its ceiling */
    float wanted[WAY_COUNT][LANES];    /* by the controllers, without generators */
    float smooth[WAY_COUNT][LANES];    /* the same, smoothed */
    float next[WAY_GAINS][LANES];      /* in the lanes at the next grid point */
    float sum_db[LANES], lfo_gain[LANES];
    float note_db[LANES], fixed_db[LANES]; /* of SUM_DB, what key and velocity, and what region and start add */
    float master_db[LANES], volume_db[LANES]; /* to be added to it: struct master */
    float least[LANES];                /* as loud as a controller may make it again: not over while that would be heard */
    float side[2][LANES];              /* what pan and balance leave to the left and to the right */
    uint32_t renewed;                  /* lanes where WANTED is to follow a new SUM_DB */
    uint32_t uneven;                   /* 0: nothing moved in the cell before, so that slopes are done with */

    /* filter, cents and dB */
    float k[LANES], q[LANES], b2[LANES]; /* in the lanes at the next grid point */
    float resonance[LANES];
    float solved_cutoff[LANES], solved_resonance[LANES]; /* what K, Q and B2 are for */
    float before[3][LANES];            /* SOLVED_CUTOFF one, two and three cells earlier */
    uint32_t swept;                    /* 0: all of them are the same, and slopes are done with */
    double peak[LANES], root[LANES], gain[LANES], row[LANES]; /* struct filter_resonance of RESONANCE */

    /* what came of a cell, by lane */
    uint32_t stepped_on;               /* STEP_TO is new */
    uint32_t fast;                     /* the cutoff moves by more than FAST_CENTS, and not for the first time */
};

/* What is the same for all lanes */
struct control_rules {
    double cutoff_to_u;
    float smoothing;
    float most_db;   /* of a sum with its tremolo; LIMIT_SUM: there is such a ceiling */
    uint32_t limit_sum;
    float silence_db; /* a sum at or below this is silence */
    float most;      /* gain in the lanes */
    const struct filter_table *table;
};

/* Lanes of a group that are all ones in ON: C on, and in LANES the way from what was next to what is now, or for those that
 * are then in c->fast its first part, and the rest in the points of PATH. */
struct control_job {
    struct control *control;
    struct lanes *lanes;
    const uint32_t *on; /* LANES */
    struct lanes_path *path;
};

#define CONTROL_JOBS 4u

/* A whole cell for COUNT groups (CONTROL_JOBS at most): one waits less for its own results where others are at hand. */
typedef void control_fn(const struct control_job *jobs, uint32_t count, const struct control_rules *rules);

/* What all lanes of a group in use need at the start of a cell. LEVEL, FACTOR, ADD: the exact envelope there, and what a cell does
 * to it, as single precision must not drift; LANES gets it. CAME: what the last cell came to. Returns which lanes are so quiet
 * with that, that nothing their channel may still say makes them heard again, a bit each. Filter states that could
 * decay to denormal numbers are set to zero. */
typedef uint32_t look_fn(const struct control *c, struct lanes *lanes, double level[LANES], const double factor[LANES],
                         const double add[LANES], float came[LANES]);

/* What the slopes and sends of a group need of the kernels: LANES_RAMP, LANES_RAMP_SENDS, LANES_SWEEP, LANES_REVERB, LANES_CHORUS.
 * Sends are never negative, and one that is to begin rises. */
typedef unsigned needs_fn(const struct lanes *lanes);

control_fn control_c;
look_fn look_c;
needs_fn needs_c;

#endif
