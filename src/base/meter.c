/* SPDX-License-Identifier: MIT */
#include "meter.h"

#include <string.h>

float meter_from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint32_t meter_to_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

uint32_t meter_peak_s16(const int16_t *samples, uint64_t count)
{
    int16_t high = 0, low = 0;
    for (uint64_t i = 0; i < count; i++) {
        const int16_t sample = samples[i];
        high = high > sample ? high : sample;
        low = low < sample ? low : sample;
    }
    int32_t peak = -(int32_t)low > high ? -(int32_t)low : high;
    return meter_to_bits((float)peak / 32768.0f);
}

/* What fabsf does, which is not there in a driver; a comparison with 0 takes longer than all the rest. */
static float size_of(float sample)
{
    union {
        float value;
        uint32_t bits;
    } word = {sample};
    word.bits &= 0x7FFFFFFF;
    return word.value;
}

/* Maxima are taken side by side, which compilers may not do by themselves: the next sample does not wait for the last. */
enum { SIDE_BY_SIDE = 32 };

uint32_t meter_peak_f32(const float *samples, uint64_t count)
{
    float most[SIDE_BY_SIDE] = {0}, peak = 0;
    uint64_t i = 0;
    for (; i + SIDE_BY_SIDE <= count; i += SIDE_BY_SIDE)
        for (unsigned k = 0; k < SIDE_BY_SIDE; k++) {
            float size = size_of(samples[i + k]);
            most[k] = size > most[k] ? size : most[k];
        }
    for (unsigned k = 0; k < SIDE_BY_SIDE; k++)
        peak = most[k] > peak ? most[k] : peak;
    for (; i < count; i++)
        peak = size_of(samples[i]) > peak ? size_of(samples[i]) : peak;
    return meter_to_bits(peak);
}

static void begin_second(struct meter *meter, uint32_t lost)
{
    meter->frames = 0;
    meter->voice_frames = meter->spent_ns = 0;
    meter->lost_before = lost;
    meter->peak_bits = 0;
}

void meter_start(struct meter *meter, uint32_t rate, uint32_t lost)
{
    atomic_store(&meter->valid, false);
    meter->rate = rate;
    begin_second(meter, lost);
}

static uint32_t cap(uint64_t value) { return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX; }

void meter_add(struct meter *meter, uint32_t frames, uint32_t voices, uint64_t spent_ns, uint32_t lost,
               uint32_t peak_bits)
{
    meter->voice_frames += (uint64_t)voices * frames;
    meter->spent_ns += spent_ns;
    meter->peak_bits = peak_bits > meter->peak_bits ? peak_bits : meter->peak_bits;
    uint64_t total = (uint64_t)meter->frames + frames;
    meter->frames = cap(total);
    if (total < meter->rate)
        return;
    uint64_t sound_us = total * 1000000 / meter->rate; /* at least one second */
    uint64_t cpu = meter->spent_ns * 10 / sound_us;
    atomic_store_explicit(&meter->voices, cap((meter->voice_frames + total / 2) / total), memory_order_relaxed);
    atomic_store_explicit(&meter->cpu, cap(cpu), memory_order_relaxed);
    atomic_store_explicit(&meter->cpu_per_voice, meter->voice_frames ? cap(cpu * total / meter->voice_frames) : 0,
                          memory_order_relaxed);
    atomic_store_explicit(&meter->lost, lost - meter->lost_before, memory_order_relaxed);
    atomic_store_explicit(&meter->peak, meter->peak_bits, memory_order_relaxed);
    atomic_store_explicit(&meter->valid, true, memory_order_release);
    begin_second(meter, lost);
}
