/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"

#define TURN 6.283185307179586476925

/* ---- building ---- */

void probe_controllers(struct conf_song *song, uint64_t frame, uint8_t channel)
{
    static const uint8_t values[][2] = {{1, 0}, {7, 127}, {39, 0}, {10, 64}, {42, 0}, {11, 127}, {43, 0}, {91, 0}, {93, 0}};
    for (uint32_t i = 0; i < COUNT(values); i++)
        conf_cc(song, frame, channel, values[i][0], values[i][1]);
    conf_message(song, frame, 0xd0 | channel, 0, 0);
    conf_wheel(song, frame, channel, 8192);
    conf_rpn(song, frame, channel, 0, 2, 0);
    conf_rpn(song, frame, channel, 1, 64, 0);
    conf_rpn(song, frame, channel, 2, 64, 0);
}

connection probe_connection(const struct probe_wire *w)
{
    connection out = {w->source, w->control, w->destination, w->transform, conf_cents(w->amount)};
    bool constant = w->source == SRC_NONE;
    switch (w->destination) {
    case DST_GAIN:
    case DST_Q:
        out.scale = conf_db(w->amount);
        break;
    case DST_PAN:
    case DST_CHORUS:
    case DST_REVERB:
    case DST_EG1_SUSTAIN:
    case DST_EG2_SUSTAIN:
        out.scale = conf_percent(w->amount);
        break;
    case DST_LFO_FREQUENCY:
    case DST_VIB_FREQUENCY:
    case DST_CUTOFF:
        if (constant)
            out.scale = conf_hertz(w->amount);
        break;
    case DST_PITCH:
    case DST_KEYNUMBER:
        break;
    default:
        if (constant)
            out.scale = conf_seconds(w->amount);
    }
    return out;
}

uint32_t probe_constant(struct conf_bank *bank)
{
    return conf_wave_dc(bank, 64, 0.5, CONF_RATE);
}

static struct dls_region *region(struct conf_bank *bank, uint32_t wave, const connection *list, uint32_t count)
{
    struct dls_region *region = conf_region(bank, wave);
    for (uint32_t i = 0; i < count; i++)
        conf_connect(bank, list[i].source, list[i].control, list[i].destination, list[i].transform, list[i].scale);
    return region;
}

struct dls_region *probe_instrument(struct conf_bank *bank, uint32_t program, uint32_t wave, const connection *list,
                                    uint32_t count)
{
    conf_instrument(bank, 0, 0, program, false);
    return region(bank, wave, list, count);
}

void probe_play(struct conf_song *song, uint64_t frame, uint64_t length, uint32_t program, uint8_t key, uint8_t velocity)
{
    conf_program(song, frame - 100, 0, 0, 0, (uint8_t)program);
    conf_note(song, frame, length, 0, key, velocity);
}

static void begin(struct conf_song *song)
{
    probe_controllers(song, 0, 0);
    probe_play(song, PROBE_REFERENCE, 9600, 0, 60, 127);
}

uint32_t probe_begin_constant(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_constant(bank);
    probe_instrument(bank, 0, wave, NULL, 0);
    begin(song);
    return wave;
}

uint32_t probe_sine(struct conf_bank *bank)
{
    return conf_wave_sine(bank, 48, 0.9, 0, CONF_RATE);
}

uint32_t probe_begin_sine(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_sine(bank);
    probe_instrument(bank, 0, wave, NULL, 0);
    begin(song);
    return wave;
}

struct probe_waves probe_quadrature(struct conf_bank *bank, uint32_t frames)
{
    struct probe_waves waves;
    waves.sine = conf_wave_sine(bank, frames, 0.9, 0, CONF_RATE);
    waves.cosine = conf_wave_sine(bank, frames, 0.9, 0.25, CONF_RATE);
    return waves;
}

void probe_pair(struct conf_bank *bank, uint32_t program, struct probe_waves waves, const connection *list, uint32_t count)
{
    probe_pair_unity(bank, program, waves, list, count, 60);
}

void probe_pair_unity(struct conf_bank *bank, uint32_t program, struct probe_waves waves, const connection *list, uint32_t count,
                      uint16_t unity_note)
{
    conf_instrument(bank, 0, 0, program, false);
    region(bank, waves.sine, list, count)->sample.unity_note = unity_note;
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(-50));
    region(bank, waves.cosine, list, count)->sample.unity_note = unity_note;
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(50));
}

struct probe_waves probe_begin_pair(struct conf_bank *bank, struct conf_song *song, uint32_t frames)
{
    struct probe_waves waves = probe_quadrature(bank, frames);
    probe_pair(bank, 0, waves, NULL, 0);
    begin(song);
    return waves;
}

/* ---- reading a constant ---- */

static double at(const float *side, const struct conf_sound *sound, size_t frame)
{
    return frame < sound->frames ? (double)side[frame] : 0;
}

static double reference(const struct conf_judge *judge)
{
    return conf_mean(conf_sound(judge), CONF_LEFT, PROBE_REFERENCE + 4800, PROBE_REFERENCE + 9000);
}

double probe_level(const struct conf_judge *judge, size_t frame)
{
    const struct conf_sound *sound = conf_sound(judge);
    return at(sound->left, sound, frame) / reference(judge);
}

double probe_db(const struct conf_judge *judge, size_t frame)
{
    return conf_to_db(probe_level(judge, frame));
}

double probe_span_db(const struct conf_judge *judge, enum conf_channel channel, size_t from, size_t to)
{
    return conf_to_db(conf_mean(conf_sound(judge), channel, from, to) / reference(judge));
}

/* ---- reading a sine ---- */

struct probe_reading probe_read(const struct conf_judge *judge, size_t from, size_t to, double cents)
{
    const struct conf_sound *sound = conf_sound(judge);
    double left, right, open, hertz = 1000 * exp2(cents / 1200);
    double heard_left = conf_rms(sound, CONF_LEFT, from, to), heard_right = conf_rms(sound, CONF_RIGHT, from, to);
    hertz = conf_frequency(sound, heard_left > heard_right ? CONF_LEFT : CONF_RIGHT, from, to, hertz);
    conf_fit(sound, CONF_LEFT, PROBE_REFERENCE + 2400, PROBE_REFERENCE + 7200, 1000, &open, NULL);
    conf_fit(sound, CONF_LEFT, from, to, hertz, &left, NULL);
    conf_fit(sound, CONF_RIGHT, from, to, hertz, &right, NULL);
    return (struct probe_reading){.cents = 1200 * log2(hertz / 1000), .db = conf_to_db(hypot(left, right) / open / sqrt(2)),
                                  .pan = 400 / TURN * atan2(right, left) - 50};
}

/* ---- reading a pair ---- */

double probe_amplitude(const struct conf_judge *judge, size_t frame)
{
    const struct conf_sound *sound = conf_sound(judge);
    return hypot(at(sound->left, sound, frame), at(sound->right, sound, frame));
}

double probe_amplitude_db(const struct conf_judge *judge, size_t frame)
{
    double sum = 0;
    for (size_t f = PROBE_REFERENCE + 4800; f < PROBE_REFERENCE + 4800 + 960; f++)
        sum += probe_amplitude(judge, f);
    return conf_to_db(probe_amplitude(judge, frame) / (sum / 960));
}

static double phase(const struct conf_sound *sound, size_t frame)
{
    return atan2(at(sound->left, sound, frame), at(sound->right, sound, frame)) / TURN;
}

double probe_cents(const struct conf_judge *judge, size_t from, size_t to, double hertz)
{
    const struct conf_sound *sound = conf_sound(judge);
    double turns = 0, before = phase(sound, from);
    for (size_t f = from + 1; f <= to; f++) {
        double now = phase(sound, f);
        turns += remainder(now - before, 1);
        before = now;
    }
    return turns > 0 ? 1200 * log2(turns / (double)(to - from) * sound->rate / hertz) : -1e6;
}

double probe_cutoff(const struct conf_judge *judge, size_t frame, double hertz, double resonance)
{
    double db = probe_amplitude_db(judge, frame), low = 3600, high = 12600;
    while (high - low > 0.01) { /* above the peak the level at a frequency grows with the cutoff */
        struct probe_filter filter = probe_filter(probe_hertz((low + high) / 2), resonance);
        *(probe_filter_db(&filter, hertz) < db ? &low : &high) = (low + high) / 2;
    }
    return (low + high) / 2;
}

void probe_series(const struct conf_judge *judge, enum probe_kind kind, size_t from, size_t step, size_t count, double hertz,
                  double *values)
{
    for (size_t i = 0; i < count; i++) {
        size_t frame = from + i * step;
        values[i] = kind == PROBE_PITCH  ? probe_cents(judge, frame - step / 2, frame + step / 2, hertz)
                    : kind == PROBE_GAIN ? probe_amplitude_db(judge, frame)
                                         : probe_cutoff(judge, frame, hertz, 0);
    }
}

/* ---- sines in a series ---- */

/* Solve the normal equations of 4 unknowns in place; the matrix is symmetric and positive. */
static void solve(double a[4][5])
{
    for (int i = 0; i < 4; i++) {
        double pivot = fabs(a[i][i]) > 1e-300 ? a[i][i] : 1e-300;
        for (int k = i; k < 5; k++)
            a[i][k] /= pivot;
        for (int j = 0; j < 4; j++)
            for (int k = 4; j != i && k >= i; k--)
                a[j][k] -= a[j][i] * a[i][k];
    }
}

/* Least squares of centre + s sin + c cos and a change of frequency (the four-parameter fit of IEEE 1057, annex A). */
static void improve(const double *values, size_t count, double start, double step, double *hertz, double *s, double *c,
                    double *centre)
{
    double a[4][5] = {{0}};
    for (size_t i = 0; i < count; i++) {
        double t = start + step * (double)i, x = sin(TURN * *hertz * t), y = cos(TURN * *hertz * t);
        double row[5] = {1, x, y, t * (*s * y - *c * x), values[i]};
        for (int j = 0; j < 4; j++)
            for (int k = 0; k < 5; k++)
                a[j][k] += row[j] * row[k];
    }
    if (*s == 0 && *c == 0)
        a[3][3] = 1; /* first round: the frequency stays */
    solve(a);
    *centre = a[0][4], *s = a[1][4], *c = a[2][4];
    if (hypot(*s, *c) > 1e-9)
        *hertz += a[3][4] / TURN;
}

struct probe_sine probe_fit(const double *values, size_t count, double start, double step, double hertz, double delay)
{
    struct probe_sine out = {.hertz = hertz, .delay = delay};
    double s = 0, c = 0;
    for (int round = 0; round < 12; round++) {
        improve(values, count, start, step, &out.hertz, &s, &c, &out.centre);
        if (!(out.hertz > hertz / 8 && out.hertz < hertz * 8)) /* nothing there that oscillates like this */
            return (struct probe_sine){NAN, NAN, NAN, NAN, NAN};
    }
    out.depth = hypot(s, c);
    double half = 0.5 / out.hertz, found = -atan2(c, s) / TURN / out.hertz;
    double steps = nearbyint((delay - found) / half);
    out.delay = found + steps * half;
    if (fmod(fabs(steps), 2) > 0.5)
        out.depth = -out.depth;
    for (size_t i = 0; i < count; i++) {
        double t = start + step * (double)i;
        out.residual = fmax(out.residual, fabs(values[i] - out.centre - out.depth * sin(TURN * out.hertz * (t - out.delay))));
    }
    return out;
}

/* ---- filter ---- */

double probe_absolute_cents(double hertz)
{
    return 6900 + 1200 * log2(hertz / 440);
}

double probe_hertz(double cents)
{
    return 440 * exp2((cents - 6900) / 1200);
}

struct probe_filter probe_filter(double cutoff, double resonance)
{
    double rate = CONF_RATE, ratio = pow(10, resonance / 20), theta = TURN * cutoff / rate, r = 0;
    for (int i = 0; i < 100; i++) { /* r from theta and the resonance, theta from r and the cutoff, half a step at a time */
        r = (cos(theta) + sin(theta) * sqrt(ratio * ratio - 1)) / (1 + sin(theta) * ratio);
        double u = 16 * cutoff * cutoff / (rate * rate), v = 1 - r * r, r2 = r * r;
        double cosine = (1 + r2 - u * sqrt(fmax(2 * (1 + r2 * r2) - u * u * v * v, 0))) / (2 * r * (1 - u * u));
        double next = acos(fmin(fmax(cosine, -1), 1));
        if (fabs(next - theta) < 1e-13)
            break;
        theta = (theta + next) / 2;
    }
    struct probe_filter f = {.b1 = -2 * r * cos(theta), .b2 = r * r};
    f.k = pow(10, -resonance / 40) * (1 + f.b1 + f.b2);
    return f;
}

double probe_filter_db(const struct probe_filter *f, double hertz)
{
    double w = TURN * hertz / CONF_RATE;
    double re = 1 + f->b1 * cos(w) + f->b2 * cos(2 * w), im = f->b1 * sin(w) + f->b2 * sin(2 * w);
    return conf_to_db(f->k / hypot(re, im));
}

double probe_spectrum_db(const struct conf_judge *judge, size_t from, size_t frames, double hertz)
{
    const struct conf_sound *sound = conf_sound(judge);
    double turn_c = cos(TURN * hertz / sound->rate), turn_s = sin(TURN * hertz / sound->rate), c = 1, s = 0, re = 0, im = 0;
    for (size_t f = from; f < from + frames && f < sound->frames; f++) {
        double x = (double)sound->left[f], next = c * turn_c - s * turn_s;
        re += x * c, im += x * s;
        s = c * turn_s + s * turn_c, c = next;
    }
    return conf_to_db(hypot(re, im));
}

/* ---- inputs ---- */

static double concave(double x, double most)
{
    return x > (1 - pow(10, -12.0 / 5)) * most ? 1 : x <= 0 ? 0 : -5.0 / 12 * log10(1 - x / most);
}

static double convex(double x, double most)
{
    return x < pow(10, -12.0 / 5) * most ? 0 : 1 + 5.0 / 12 * log10(x / most);
}

double probe_input(uint32_t transform, double x, double range)
{
    double most = range * 127 / 128, v;
    bool bipolar = transform & 16;
    if (transform & 32)
        x = most - x;
    switch (transform & 15) {
    case 1:
    case 2:
        if (!bipolar)
            return (transform & 15) == 1 ? concave(x, most) : convex(x, most);
        v = 2 * x - most;
        return copysign((transform & 15) == 1 ? concave(fabs(v), most) : convex(fabs(v), most), v);
    case 3:
        v = x < range / 2 ? 0 : 1;
        return bipolar ? 2 * v - 1 : v;
    default:
        return bipolar ? 2 * x / range - 1 : x / range;
    }
}
