/* SPDX-License-Identifier: MIT */
#include "decay.h"

#include <math.h>
#include <stdlib.h>

#include "build.h"

static const float *side(const struct conf_sound *sound, enum conf_channel channel)
{
    return channel == CONF_LEFT ? sound->left : sound->right;
}

/* Constant-peak band-pass (R. Bristow-Johnson's audio EQ cookbook), twice. */
static void band_pass(double *x, size_t count, double hertz, double rate, double q)
{
    double w = 6.283185307179586 * hertz / rate, alpha = sin(w) / (2 * q), a0 = 1 + alpha;
    for (int pass = 0; pass < 2; pass++) {
        double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
        for (size_t k = 0; k < count; k++) {
            double y = (alpha * x[k] - alpha * x2 + 2 * cos(w) * y1 - (1 - alpha) * y2) / a0;
            x2 = x1, x1 = x[k];
            y2 = y1, y1 = y;
            x[k] = y;
        }
    }
}

static double line_through(const double *energy, size_t count, double rate)
{
    double n = 0, st = 0, sl = 0, stt = 0, stl = 0;
    for (size_t k = 0; k < count && energy[k] > 0; k++) {
        double level = 10 * log10(energy[k] / energy[0]), t = (double)k / rate;
        if (level > -5 || level < -30)
            continue;
        n++, st += t, sl += level, stt += t * t, stl += t * level;
    }
    return -60 * (n * stt - st * st) / (n * stl - st * sl);
}

double decay_seconds(const struct conf_sound *sound, const size_t *from, uint32_t count, size_t frames, double hertz, double q)
{
    double *energy = conf_grow(NULL, frames + 1, sizeof *energy), *x = conf_grow(NULL, frames + 1, sizeof *x);
    for (size_t k = 0; k < frames; k++)
        energy[k] = 0;
    for (uint32_t n = 0; n < 2 * count; n++) {
        const float *in = side(sound, n % 2 ? CONF_RIGHT : CONF_LEFT);
        for (size_t k = 0; k < frames; k++)
            x[k] = from[n / 2] + k < sound->frames ? (double)in[from[n / 2] + k] : 0;
        band_pass(x, frames, hertz, sound->rate, q);
        for (size_t k = 0; k < frames; k++)
            energy[k] += x[k] * x[k];
    }
    for (size_t k = frames; k > 1; k--)
        energy[k - 2] += energy[k - 1];
    double seconds = line_through(energy, frames, sound->rate);
    free(energy);
    free(x);
    return seconds;
}

double decay_density(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t width)
{
    const float *x = side(sound, channel);
    double sigma = conf_rms(sound, channel, from, from + width), beyond = 0;
    for (size_t k = from; k < from + width && k < sound->frames; k++)
        beyond += fabs((double)x[k]) > sigma;
    return beyond / (double)width / 0.31731050786291415; /* erfc(1 / sqrt(2)) */
}

double decay_likeness(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, size_t least, size_t most)
{
    const float *x = side(sound, channel);
    double power = 0, worst = 0;
    if (to + most > sound->frames)
        return NAN;
    for (size_t k = from; k < to; k++)
        power += (double)x[k] * (double)x[k];
    for (size_t lag = least; lag <= most; lag++) {
        double sum = 0;
        for (size_t k = from; k < to; k++)
            sum += (double)x[k] * (double)x[k + lag];
        worst = fmax(worst, fabs(sum));
    }
    return worst / power;
}

double decay_correlation(const struct conf_sound *sound, size_t from, size_t to)
{
    double ll = 0, rr = 0, lr = 0;
    for (size_t k = from; k < to && k < sound->frames; k++) {
        double l = (double)sound->left[k], r = (double)sound->right[k];
        ll += l * l, rr += r * r, lr += l * r;
    }
    return lr / sqrt(ll * rr);
}
