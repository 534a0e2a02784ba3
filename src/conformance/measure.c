/* SPDX-License-Identifier: MIT */
/* measure.c - amplitudes, frequencies and distortion of rendered sounds, in double precision. */
#include <kissfft/kiss_fftr.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf.h"

#define TURN 6.283185307179586476925

static const float *side(const struct conf_sound *sound, enum conf_channel channel)
{
    return channel == CONF_LEFT ? sound->left : sound->right;
}

static size_t clamp(const struct conf_sound *sound, size_t frame)
{
    return frame < sound->frames ? frame : sound->frames;
}

double conf_to_db(double linear)
{
    double x = fabs(linear);
    return isnan(x) ? x : x > 1e-20 ? 20 * log10(x) : -400; /* what could not be measured must not pass for silence */
}

double conf_mean(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to)
{
    const float *x = side(sound, channel);
    double sum = 0;
    to = clamp(sound, to);
    for (size_t i = from; i < to; i++)
        sum += x[i];
    return to > from ? sum / (double)(to - from) : 0;
}

double conf_rms(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to)
{
    const float *x = side(sound, channel);
    double sum = 0;
    to = clamp(sound, to);
    for (size_t i = from; i < to; i++)
        sum += (double)x[i] * x[i];
    return to > from ? sqrt(sum / (double)(to - from)) : 0;
}

double conf_peak(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to)
{
    const float *x = side(sound, channel);
    double peak = 0;
    to = clamp(sound, to);
    for (size_t i = from; i < to; i++)
        peak = fmax(peak, fabs((double)x[i]));
    return peak;
}

double conf_step(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to)
{
    const float *x = side(sound, channel);
    double step = 0;
    to = clamp(sound, to);
    for (size_t i = from + 1; i < to; i++)
        step = fmax(step, fabs((double)x[i] - x[i - 1]));
    return step;
}

void conf_fit(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, double hertz, double *amplitude,
              double *phase)
{
    const float *x = side(sound, channel);
    double ss = 0, cc = 0, sc = 0, xs = 0, xc = 0;
    to = clamp(sound, to);
    for (size_t i = from; i < to; i++) {
        double angle = TURN * fmod(hertz / sound->rate * (double)(i - from), 1), s = sin(angle), c = cos(angle);
        ss += s * s, cc += c * c, sc += s * c;
        xs += x[i] * s, xc += x[i] * c;
    }
    double det = ss * cc - sc * sc, a = 0, b = 0;
    if (fabs(det) > 1e-12)
        a = (xs * cc - xc * sc) / det, b = (xc * ss - xs * sc) / det;
    if (amplitude)
        *amplitude = hypot(a, b);
    if (phase)
        *phase = atan2(b, a) / TURN;
}

double conf_frequency(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, double hertz)
{
    /* The phases of two halves tell how far the guess is off; three rounds converge far below a thousandth of a cent. */
    to = clamp(sound, to);
    size_t half = (to - from) / 2;
    for (int round = 0; round < 4; round++) {
        double first, second, expected = fmod(hertz / sound->rate * (double)half, 1);
        conf_fit(sound, channel, from, from + half, hertz, NULL, &first);
        conf_fit(sound, channel, from + half, from + 2 * half, hertz, NULL, &second);
        double slip = remainder(second - first - expected, 1);
        hertz += slip / (double)half * sound->rate;
    }
    return hertz;
}

static double *spectrum(const float *x, int n)
{
    kiss_fftr_cfg cfg = kiss_fftr_alloc(n, 0, NULL, NULL);
    kiss_fft_scalar *in = malloc(sizeof *in * (size_t)n);
    kiss_fft_cpx *out = malloc(sizeof *out * (size_t)(n / 2 + 1));
    double *power = malloc(sizeof *power * (size_t)(n / 2 + 1));
    if (!cfg || !in || !out || !power) {
        fputs("conformance: out of memory\n", stderr);
        exit(2);
    }
    for (int i = 0; i < n; i++) { /* 7-term Blackman-Harris: side lobes below -180 dB, of which float leaves about -140 */
        static const double a[] = {0.27105140069342, -0.43329793923448, 0.21812299954311, -0.06592544638803, 0.01081174209837,
                                   -0.00077658482522, 0.00001388721735};
        double w = 0;
        for (int k = 0; k < 7; k++)
            w += a[k] * cos(TURN * k * i / n);
        in[i] = (kiss_fft_scalar)(x[i] * w);
    }
    kiss_fftr(cfg, in, out);
    for (int i = 0; i <= n / 2; i++)
        power[i] = (double)out[i].r * out[i].r + (double)out[i].i * out[i].i;
    free(cfg);
    free(in);
    free(out);
    return power;
}

static int window_size(size_t frames)
{
    int n = 1 << 17;
    while ((size_t)n > frames && n > 256)
        n /= 2;
    return n;
}

double conf_sinad(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, double hertz)
{
    int n = window_size(clamp(sound, to) - from);
    double *power = spectrum(side(sound, channel) + from, n), signal = 0, rest = 0;
    for (int i = 0; i <= n / 2; i++) {
        double f = (double)i * sound->rate / n;
        if (fabs((double)i - hertz * n / sound->rate) <= 8)
            signal += power[i];
        else if (f >= 20 && f <= 20000)
            rest += power[i];
    }
    free(power);
    return 10 * log10(signal / (rest > 1e-300 ? rest : 1e-300));
}

double conf_spur_db(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, double hertz, double guard)
{
    int n = window_size(clamp(sound, to) - from), lobe = 8;
    double *power = spectrum(side(sound, channel) + from, n), signal = 0, largest = 0;
    for (int i = lobe; i + lobe <= n / 2; i++) {
        double f = (double)i * sound->rate / n, line = 0;
        if (fabs(f - hertz) <= guard) {
            signal += power[i];
            continue;
        }
        for (int k = i - lobe; f >= 20 && f <= 20000 && k <= i + lobe; k++)
            line += power[k];
        largest = fmax(largest, line);
    }
    free(power);
    return 10 * log10((largest > 1e-300 ? largest : 1e-300) / signal);
}

double conf_tone_db(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, double hertz)
{
    int n = window_size(clamp(sound, to) - from);
    double *power = spectrum(side(sound, channel) + from, n), signal = 0;
    /* Sum over the main lobe; a full-scale sine is 0 dBFS: its lobe holds n^2/4 times the mean square of the window. */
    static const double a[] = {0.27105140069342, 0.43329793923448, 0.21812299954311, 0.06592544638803, 0.01081174209837,
                               0.00077658482522, 0.00001388721735};
    double square = a[0] * a[0];
    for (int k = 1; k < 7; k++)
        square += a[k] * a[k] / 2;
    for (int i = 0; i <= n / 2; i++)
        if (fabs((double)i - hertz * n / sound->rate) <= 8)
            signal += power[i];
    free(power);
    double full = (double)n * n / 4 * square;
    return signal > 0 ? 10 * log10(signal / full) : -400;
}

size_t conf_onset(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, double threshold)
{
    const float *x = side(sound, channel);
    to = clamp(sound, to);
    while (from < to && fabs((double)x[from]) <= threshold)
        from++;
    return from;
}

double conf_instant_amplitude(const struct conf_sound *sound, enum conf_channel channel, size_t a, size_t b, size_t offset)
{
    const float *x = side(sound, channel);
    if (a + offset >= sound->frames || b + offset >= sound->frames)
        return 0;
    return hypot((double)x[a + offset], (double)x[b + offset]);
}

double conf_instant_hertz(const struct conf_sound *sound, enum conf_channel channel, size_t a, size_t b, size_t offset)
{
    const float *x = side(sound, channel);
    if (a + offset + 1 >= sound->frames || b + offset + 1 >= sound->frames)
        return 0;
    double now = atan2((double)x[a + offset], (double)x[b + offset]);
    double next = atan2((double)x[a + offset + 1], (double)x[b + offset + 1]);
    return remainder(next - now, TURN) / TURN * sound->rate;
}
