/* SPDX-License-Identifier: MIT */
/*
 * probe.h - voices whose sound tells what became of a destination, and the reading of them.
 *
 * Constant probe: a looped constant; each frame of the sound is the voice's gain at that frame.
 * Quadrature probe: one note that plays a sine hard left and its cosine hard right with the same articulation. Together they
 * tell the amplitude and the phase at every frame, so pitch, gain and (by the formula of the filter) the cutoff are read as
 * functions of time.
 * Impulse probe: a single sample; its spectrum over that of an unfiltered one is the response of the filter.
 */
#ifndef DMUS_CONFORMANCE_PROBE_H
#define DMUS_CONFORMANCE_PROBE_H

#include "conf.h"

#define PROBE_REFERENCE 4800u /* where the unarticulated note begins; it lasts 0.2 s at key 60, velocity 127 */
#define PROBE_FIRST 48000u    /* where the first measured note may begin */

typedef struct dls_connection connection;
#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof(array)[0]))

/* A connection with its amount in the unit of the destination: Hz, s (0: 0x80000000), dB, %, cents; time cents where a source
 * moves a time, cents where it moves a frequency. */
struct probe_wire {
    uint16_t source, control, destination, transform;
    double amount;
};
connection probe_connection(const struct probe_wire *wire);

/* Controllers as every probe starts from: CC1 0, CC7 127, CC10 64, CC11 127, CC91 and CC93 0, no pressure, wheel in the
 * middle, RPN 0 two semitones, RPN 1 and 2 in the middle. */
void probe_controllers(struct conf_song *song, uint64_t frame, uint8_t channel);

/* A looped wave of the constant 0.5, 64 frames at unity note 60. */
uint32_t probe_constant(struct conf_bank *bank);
/* Instrument PROGRAM (bank 0) with one region of WAVE and LIST as the region's connections. */
struct dls_region *probe_instrument(struct conf_bank *bank, uint32_t program, uint32_t wave, const connection *list,
                                    uint32_t count);
/* Constant probe at program 0 without connections, and the reference note, on channel 0. Returns the wave. */
uint32_t probe_begin_constant(struct conf_bank *bank, struct conf_song *song);
/* Program change 100 frames before FRAME, a note there. */
void probe_play(struct conf_song *song, uint64_t frame, uint64_t length, uint32_t program, uint8_t key, uint8_t velocity);

/* Levels of the constant probe, relative to the reference note, at FRAME or as the mean of a span. */
double probe_level(const struct conf_judge *judge, size_t frame);
double probe_db(const struct conf_judge *judge, size_t frame);
double probe_span_db(const struct conf_judge *judge, enum conf_channel channel, size_t from, size_t to);

/* The two waves of the quadrature probe: a period of FRAMES at CONF_RATE, unity note 60. */
struct probe_waves {
    uint32_t sine, cosine;
};
struct probe_waves probe_quadrature(struct conf_bank *bank, uint32_t frames);
/* Instrument PROGRAM with both regions, each with LIST and its side. */
void probe_pair(struct conf_bank *bank, uint32_t program, struct probe_waves waves, const connection *list, uint32_t count);
/* The same with another unity note; 0 together with a scale of 0 for key to pitch gives the tone at every key. */
void probe_pair_unity(struct conf_bank *bank, uint32_t program, struct probe_waves waves, const connection *list, uint32_t count,
                      uint16_t unity_note);
/* Quadrature probe at program 0 without further connections, and the reference note, on channel 0. */
struct probe_waves probe_begin_pair(struct conf_bank *bank, struct conf_song *song, uint32_t frames);

double probe_amplitude(const struct conf_judge *judge, size_t frame);
double probe_amplitude_db(const struct conf_judge *judge, size_t frame); /* relative to the reference note */
/* Mean pitch in [from, to), cents above HERTZ. */
double probe_cents(const struct conf_judge *judge, size_t from, size_t to, double hertz);
/* Cutoff in absolute cents that the present amplitude speaks of, for a tone of HERTZ above the cutoff and RESONANCE dB. */
double probe_cutoff(const struct conf_judge *judge, size_t frame, double hertz, double resonance);

enum probe_kind { PROBE_PITCH, PROBE_GAIN, PROBE_CUTOFF }; /* cents above the tone; dB; absolute cents */
/* COUNT values, STEP frames apart, the first at FROM. HERTZ: tone of the pair. */
void probe_series(const struct conf_judge *judge, enum probe_kind kind, size_t from, size_t step, size_t count, double hertz,
                  double *values);

/* centre + depth * sin(2 pi hertz (t - delay)) through a series whose first value lies START seconds after note-on. */
struct probe_sine {
    double centre, depth, hertz, delay;
    double residual; /* largest distance of the series from it */
};
/* Fit from guesses of frequency and delay; of the delays that explain the phase that next to the guess is taken, and a depth
 * with the sign that belongs to it. All NAN if the series does not oscillate at such a rate. */
struct probe_sine probe_fit(const double *values, size_t count, double start, double step, double hertz, double delay);

/* Sine probe: one voice in the middle at 1000 Hz, whose pitch, level (dB, both sides together) and pan (%) are read at rest. */
uint32_t probe_sine(struct conf_bank *bank);
/* At program 0 without connections, with the reference note. Returns the wave. */
uint32_t probe_begin_sine(struct conf_bank *bank, struct conf_song *song);
struct probe_reading {
    double cents, db, pan;
};
/* CENTS: guess, right within 200. */
struct probe_reading probe_read(const struct conf_judge *judge, size_t from, size_t to, double cents);

/* The low-pass of DLS 2.2 section 1.5.2: H(z) = k / (1 + b1/z + b2/z^2). */
struct probe_filter {
    double k, b1, b2;
};
struct probe_filter probe_filter(double cutoff_hertz, double resonance_db);
double probe_filter_db(const struct probe_filter *filter, double hertz);
double probe_absolute_cents(double hertz); /* 6900 is 440 Hz */
double probe_hertz(double absolute_cents);

/* Level of the spectrum of [from, from + frames) at HERTZ, without a window. */
double probe_spectrum_db(const struct conf_judge *judge, size_t from, size_t frames, double hertz);

/* The value of a conditioned input after DLS 2.2 section 1.6.5: X of RANGE (128 or 16384), TRANSFORM the 6 bits of a source
 * as they stand in usTransform >> 10. */
double probe_input(uint32_t transform, double x, double range);

#endif
