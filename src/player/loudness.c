/* SPDX-License-Identifier: MIT */
#include "loudness.h"

#include <math.h>

#ifdef HAVE_EBUR128
#include "ebur128_library.h"

/* libebur128's state is ours under another name. */
static ebur128_state *state_of(struct loudness *meter) { return (ebur128_state *)(void *)meter; }

bool loudness_available(void) { return true; }

struct loudness *loudness_create(uint32_t channels, uint32_t sample_rate)
{
    if (ebur128_library_load(NULL) != DM_OK)
        return NULL;
    return (struct loudness *)(void *)ebur128_init(channels, sample_rate, EBUR128_MODE_I | EBUR128_MODE_HISTOGRAM);
}

void loudness_add_f32(struct loudness *meter, const float *frames, size_t count)
{
    if (meter)
        (void)ebur128_add_frames_float(state_of(meter), frames, count);
}

void loudness_add_s16(struct loudness *meter, const int16_t *frames, size_t count)
{
    if (meter)
        (void)ebur128_add_frames_short(state_of(meter), frames, count);
}

double loudness_integrated(struct loudness *meter)
{
    double lufs;
    if (!meter || ebur128_loudness_global(state_of(meter), &lufs) != EBUR128_SUCCESS)
        return (double)NAN;
    return lufs;
}

void loudness_free(struct loudness *meter)
{
    ebur128_state *state = state_of(meter);
    if (state)
        ebur128_destroy(&state);
}

#else

bool loudness_available(void) { return false; }

struct loudness *loudness_create(uint32_t channels, uint32_t sample_rate)
{
    (void)channels, (void)sample_rate;
    return NULL;
}

void loudness_add_f32(struct loudness *meter, const float *frames, size_t count)
{
    (void)meter, (void)frames, (void)count;
}

void loudness_add_s16(struct loudness *meter, const int16_t *frames, size_t count)
{
    (void)meter, (void)frames, (void)count;
}

double loudness_integrated(struct loudness *meter)
{
    (void)meter;
    return (double)NAN;
}

void loudness_free(struct loudness *meter) { (void)meter; }

#endif
