/* SPDX-License-Identifier: MIT */
#include "lfo.h"

/* sin(2 pi p / 2^32): Taylor to the 11th power on a quarter turn, error below 6e-8 */
static float sine(uint32_t p)
{
    int32_t folded = (int32_t)p;
    if (folded > 0x40000000 || folded < -0x40000000) /* reflect at the quarters */
        folded = (int32_t)(0x80000000u - p);
    double x = (double)folded * (6.28318530717958647693 / 4294967296.0), z = x * x;
    double s = -1.0 / 39916800.0;
    s = s * z + 1.0 / 362880.0;
    s = s * z - 1.0 / 5040.0;
    s = s * z + 1.0 / 120.0;
    s = s * z - 1.0 / 6.0;
    return (float)(x + x * z * s);
}

uint64_t lfo_step(double turns)
{
    double t = turns > 0.0 ? turns : 0.0;
    return (uint64_t)((t < 0.25 ? t : 0.25) * 18446744073709551616.0);
}

void lfo_init(struct lfo *lfo, double delay_frames, uint64_t step, uint64_t age)
{
    lfo->step = step;
    lfo->phase = 0;
    lfo->delay = delay_frames - (double)age;
    if (lfo->delay < 0.0) {
        lfo->phase = (uint64_t)((double)age - delay_frames) * step;
        lfo->delay = 0.0;
    }
}

float lfo_advance(struct lfo *lfo, uint32_t frames)
{
    double n = (double)frames - lfo->delay;
    if (n <= 0.0) {
        lfo->delay = -n;
        return 0.0f;
    }
    lfo->delay = 0.0;
    lfo->phase += (uint64_t)(n + 0.5) * lfo->step;
    return sine((uint32_t)(lfo->phase >> 32));
}
