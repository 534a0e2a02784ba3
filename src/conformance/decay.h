/* SPDX-License-Identifier: MIT */
/*
 * decay.h - reverberation measured from its response to an impulse.
 */
#ifndef DMUS_CONFORMANCE_DECAY_H
#define DMUS_CONFORMANCE_DECAY_H

#include "conf.h"

/* Seconds to -60 dB in the band about HERTZ (two band-passes of quality Q in a row; 1 is about an octave) of COUNT responses of
 * FRAMES frames at FROM, both sides and all responses together: backward integration (Schroeder, JASA 37, 1965) and the line
 * through -5 and -30 dB of it. */
double decay_seconds(const struct conf_sound *sound, const size_t *from, uint32_t count, size_t frames, double hertz, double q);

/* Share of the samples of WIDTH frames from FROM on that lie beyond one standard deviation, against that of Gaussian noise: 1 is as
 * dense as noise (Abel and Huang, 121st AES Convention, 2006). */
double decay_density(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t width);

/* Largest likeness of [from, to) to itself a lag of LEAST to MOST frames later, 0..1: flutter and rings show here. */
double decay_likeness(const struct conf_sound *sound, enum conf_channel channel, size_t from, size_t to, size_t least, size_t most);

/* Correlation of left and right in [from, to). */
double decay_correlation(const struct conf_sound *sound, size_t from, size_t to);

#endif
