/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "contender.h"

void stress_wave(int16_t samples[STRESS_LOOP])
{
    const double turn = 6.28318530717958647693 / STRESS_LOOP;
    for (int i = 0; i < STRESS_LOOP; i++)
        samples[i] = (int16_t)lrint(9000.0 * sin(turn * 16.0 * i) + 4000.0 * sin(turn * 37.0 * i));
}

uint32_t stress_layers(uint32_t voices)
{
    uint32_t layers = 1;
    while (voices / layers > 15 * STRESS_KEYS)
        layers *= 2;
    return layers;
}

struct stress_note stress_note(uint32_t i)
{
    uint32_t channel = i % 15;
    return (struct stress_note){channel < 9 ? channel : channel + 1, STRESS_LOWEST + i / 15 % STRESS_KEYS};
}
