/* SPDX-License-Identifier: MIT */
/*
 * conf.h - the DLS conformance set: small banks and songs that each bring out
 * one rule, and measurements of the sound they make.
 *
 * A case builds one bank (a DLS collection) and one song, and judges the
 * rendered sound against formulas worked out in the case itself. The engine is
 * never looked into: any synthesizer that can play a DLS bank can be judged
 * (dmus conformance --emit DIR, --judge DIR).
 *
 * Times in songs are frames at the rate of the case, exact: one tick is one frame.
 * Single-threaded; allocation failures end the program with a message, as a
 * measuring tool may.
 */
#ifndef DMUS_CONFORMANCE_CONF_H
#define DMUS_CONFORMANCE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/dls.h"

#define CONF_RATE 48000

/* ---- units of DLS (spec: DLS 2.2 section 1.14) ------------------------------ */

int32_t conf_seconds(double seconds);  /* time cents << 16; 0 gives 0x80000000 */
int32_t conf_hertz(double hertz);      /* absolute pitch */
int32_t conf_cents(double cents);
int32_t conf_db(double db);            /* 1/655360 dB */
int32_t conf_percent(double percent);  /* 1/655360 % */

/* ---- building a bank ---------------------------------------------------------- */

struct conf_bank; /* grows; owned by the case runner */

/* Add a wave of FRAMES 16-bit samples (copied); returns its index. */
uint32_t conf_wave(struct conf_bank *bank, const int16_t *samples, uint32_t frames, uint32_t sample_rate);
/* One period of a sine of AMPLITUDE (1 = full scale) in FRAMES frames, starting at PHASE (turns). */
uint32_t conf_wave_sine(struct conf_bank *bank, uint32_t frames, double amplitude, double phase, uint32_t sample_rate);
/* FRAMES frames of the constant AMPLITUDE: its render is the voice's gain. */
uint32_t conf_wave_dc(struct conf_bank *bank, uint32_t frames, double amplitude, uint32_t sample_rate);

/* Start an instrument at CC0 MSB, CC32 LSB, program (drums: DLS_DRUMS in bank). Following regions and connections belong to it. */
void conf_instrument(struct conf_bank *bank, uint32_t msb, uint32_t lsb, uint32_t program, bool drums);
/* Start a region over all keys and velocities with WAVE, looped over all of it, unity note 60, 0 dB. The fields of the returned
 * region may be changed until the next region or instrument begins. */
struct dls_region *conf_region(struct conf_bank *bank, uint32_t wave);
/* Add a connection to the region begun last (or, before any region, to the instrument). */
void conf_connect(struct conf_bank *bank, uint16_t source, uint16_t control, uint16_t destination, uint16_t transform,
                  int32_t scale);

/* Numbers of sources, destinations and transforms (spec/dls.md 2.2, 2.3; ddi-user.md 5.8). */
enum {
    SRC_NONE = 0, SRC_LFO = 1, SRC_VELOCITY = 2, SRC_KEY = 3, SRC_EG1 = 4, SRC_EG2 = 5, SRC_WHEEL = 6, SRC_POLY = 7,
    SRC_PRESSURE = 8, SRC_VIBRATO = 9, SRC_CC = 0x80, SRC_RPN0 = 0x100, SRC_RPN1 = 0x101, SRC_RPN2 = 0x102,
    DST_GAIN = 1, DST_PITCH = 3, DST_PAN = 4, DST_KEYNUMBER = 5, DST_CHORUS = 0x80, DST_REVERB = 0x81,
    DST_LFO_FREQUENCY = 0x104, DST_LFO_DELAY = 0x105, DST_VIB_FREQUENCY = 0x114, DST_VIB_DELAY = 0x115,
    DST_EG1_ATTACK = 0x206, DST_EG1_DECAY = 0x207, DST_EG1_RELEASE = 0x209, DST_EG1_SUSTAIN = 0x20A, DST_EG1_DELAY = 0x20B,
    DST_EG1_HOLD = 0x20C, DST_EG1_SHUTDOWN = 0x20D, DST_EG2_ATTACK = 0x30A, DST_EG2_DECAY = 0x30B, DST_EG2_RELEASE = 0x30D,
    DST_EG2_SUSTAIN = 0x30E, DST_EG2_DELAY = 0x30F, DST_EG2_HOLD = 0x310, DST_CUTOFF = 0x500, DST_Q = 0x501,
    TRN_NONE = 0, TRN_BIPOLAR = 0x4000, TRN_INVERT = 0x8000, TRN_CONCAVE = 0x0400, TRN_CONVEX = 0x0800, TRN_SWITCH = 0x0C00,
    TRN_CONTROL_BIPOLAR = 0x0100, TRN_CONTROL_INVERT = 0x0200, TRN_CONTROL_CONCAVE = 0x0010
};

/* ---- building a song ------------------------------------------------------------ */

struct conf_song;

/* A channel message at FRAME; CHANNEL 0..15. Messages at one frame keep their order. */
void conf_message(struct conf_song *song, uint64_t frame, uint8_t status, uint8_t data1, uint8_t data2);
void conf_program(struct conf_song *song, uint64_t frame, uint8_t channel, uint8_t msb, uint8_t lsb, uint8_t program);
void conf_cc(struct conf_song *song, uint64_t frame, uint8_t channel, uint8_t controller, uint8_t value);
void conf_rpn(struct conf_song *song, uint64_t frame, uint8_t channel, uint8_t rpn, uint8_t msb, uint8_t lsb);
void conf_wheel(struct conf_song *song, uint64_t frame, uint8_t channel, uint16_t value);
/* Note-on at FRAME, note-off LENGTH frames later. */
void conf_note(struct conf_song *song, uint64_t frame, uint64_t length, uint8_t channel, uint8_t key, uint8_t velocity);
/* A whole system exclusive, F0 ... F7. */
void conf_sysex(struct conf_song *song, uint64_t frame, const uint8_t *bytes, size_t size);
/* The sound is wanted until FRAME at least. */
void conf_until(struct conf_song *song, uint64_t frame);

/* ---- judging a sound -------------------------------------------------------------- */

struct conf_sound {
    const float *left, *right;
    size_t frames;
    double rate; /* Hz */
};

enum conf_channel { CONF_LEFT, CONF_RIGHT };

/* Mean of a constant signal in [from, to), linear. */
double conf_mean(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to);
double conf_rms(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to);
double conf_peak(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to);
/* Largest step between neighbouring samples in [from, to). */
double conf_step(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to);
double conf_to_db(double linear); /* 20 log10 |x|, -400 for 0 */

/* Amplitude and phase (turns, of a sine at FROM) of HERTZ in [from, to), by least squares. */
void conf_fit(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, double hertz, double *amplitude,
              double *phase);
/* Exact frequency of a steady sine near HERTZ in [from, to). */
double conf_frequency(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, double hertz);
/* Ratio of the sine at HERTZ to everything else from 20 Hz to 20 kHz, dB (power of two window inside [from, to)). */
double conf_sinad(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, double hertz);
/* Largest single line from 20 Hz to 20 kHz that lies more than GUARD Hz from HERTZ, dB relative to what lies nearer. */
double conf_spur_db(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, double hertz, double guard);
/* Level of the tone at HERTZ (narrow band), dBFS. */
double conf_tone_db(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, double hertz);
/* First frame in [from, to) whose magnitude exceeds THRESHOLD; `to` if none does. */
size_t conf_onset(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, double threshold);
/* Instantaneous frequency from two renders of one note in quadrature: note A (sine) began at frame A, note B (cosine) at
 * frame B; at OFFSET frames after each. */
double conf_instant_hertz(const struct conf_sound *sound, enum conf_channel channel, size_t a, size_t b, size_t offset);
double conf_instant_amplitude(const struct conf_sound *sound, enum conf_channel channel, size_t a, size_t b, size_t offset);

struct conf_bytes; /* build.h */

struct conf_judge; /* collects rows */
const struct conf_sound *conf_sound(const struct conf_judge *judge);

/* One row of the table: WHAT was measured under which CLAUSE; passes if |measured - expected| <= tolerance. */
void conf_row(struct conf_judge *judge, const char *clause, double expected, double measured, double tolerance,
              const char *unit, const char *what, ...) __attribute__((format(printf, 7, 8)));
/* Passes if measured >= least (at_most: measured <= most). */
void conf_at_least(struct conf_judge *judge, const char *clause, double least, double measured, const char *unit,
                   const char *what, ...) __attribute__((format(printf, 6, 7)));
void conf_at_most(struct conf_judge *judge, const char *clause, double most, double measured, const char *unit,
                  const char *what, ...) __attribute__((format(printf, 6, 7)));

/* A curve for the plot of this case: expected and measured over x. */
void conf_plot(struct conf_judge *judge, const char *title, const char *x_label, const char *y_label, bool log_x);
void conf_point(struct conf_judge *judge, double x, double expected, double measured);

/* ---- cases ------------------------------------------------------------------------- */

struct conf_case {
    const char *id;     /* file name stem: "eg1-attack" */
    const char *title;  /* one line */
    void (*build)(struct conf_bank *bank, struct conf_song *song);
    void (*judge)(struct conf_judge *judge);
    /* How our own render of it is made; other synthesizers are asked for the same in the README that --emit writes. */
    bool effects;       /* reverb and chorus on */
    const char *interpolation; /* NULL: default */
    uint32_t polyphony; /* 0: default */
    /* Instead of build: a bank that is a whole file of its own (appended to FILE), of the kind that SUFFIX names. */
    void (*build_file)(struct conf_bytes *file, struct conf_song *song);
    const char *suffix; /* NULL: "dls" */
    uint32_t rate;      /* Hz; 0: CONF_RATE */
    /* Profile native: rules of Microsoft's synth, not of DLS. Neither emitted nor judged in others. A case without build and
     * build_file makes its own sounds while it judges (rig.h) and is not emitted either. */
    bool native;
};

struct conf_topic {
    const char *title;
    const struct conf_case *cases;
    size_t count;
};

extern const struct conf_topic *const conf_topics[]; /* NULL-terminated, in order of the table */

#endif
