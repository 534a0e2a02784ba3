/* SPDX-License-Identifier: MIT */
/*
 * meter.h - the running figures of a synth (GetRunningStats in user mode,
 * KSPROPERTY_SYNTH_RUNNINGSTATS in kernel mode): measured by Render, published
 * once per second of sound, read from any thread. Freestanding.
 */
#ifndef DMUS_BASE_METER_H
#define DMUS_BASE_METER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct meter {
    /* Render's own: the second that is under way. */
    uint32_t rate;
    uint32_t frames;
    uint64_t voice_frames; /* voices, each times the frames it sounded */
    uint64_t spent_ns;
    uint32_t lost_before;  /* notes lost up to the beginning of the second */
    uint32_t peak_bits;    /* float, not negative: its bits order as its value does */
    /* The last whole second. */
    atomic_bool valid;
    atomic_uint voices;        /* mean, rounded */
    atomic_uint cpu;           /* 1/100 % of one processor */
    atomic_uint cpu_per_voice; /* 1/100 % */
    atomic_uint lost;
    atomic_uint peak;          /* bits of a float, 1.0 = full scale */
};

/* Statistics restart when the synth starts running. No render in flight. */
void meter_start(struct meter *meter, uint32_t rate, uint32_t lost);

/* [render] One block is done. LOST counts since Open. PEAK_BITS as in the struct. */
void meter_add(struct meter *meter, uint32_t frames, uint32_t voices, uint64_t spent_ns, uint32_t lost,
               uint32_t peak_bits);

/* Largest magnitude among COUNT samples, as bits of a float (1.0 = full scale); NaN counts as 0. */
uint32_t meter_peak_s16(const int16_t *samples, uint64_t count);
uint32_t meter_peak_f32(const float *samples, uint64_t count);
float meter_from_bits(uint32_t bits);
uint32_t meter_to_bits(float value);

#endif
