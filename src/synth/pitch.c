/* SPDX-License-Identifier: MIT */
#include "fmath.h"
#include "group.h"

/* Where waves are meant to play, in cents */
static bool meant(double cents) { return cents >= -4800.0 && cents <= 2400.0; }

/* The rule of spec/dls.md 3.3: from key 0, unless that puts the middle of the region where no wave is meant to play: then
 * the scale was meant around the unity note. What a constant connection adds may bring it back, but does not take it away. */
double voice_pitch_fixed(const struct region *region, const struct artic *artic, uint8_t key)
{
    double scale = (double)artic->key_to_pitch / 128.0, fine = (double)region->fine_tune;
    double unity = (double)(region->unity_note <= 127 ? region->unity_note : 60);
    if (scale != 100.0) {
        double centre = 0.5 * ((double)region->key_low + (double)region->key_high);
        double there = scale * centre - 100.0 * unity + fine;
        if (!meant(there) && !meant(there + (double)artic->base[DEST_PITCH]))
            return scale * ((double)key - unity) + (fine <= 1200.0 && fine >= -1200.0 ? fine : 0.0);
    }
    return scale * (double)key - 100.0 * unity + fine;
}

double voice_step(const struct mixer *mixer, double rate, double cents)
{
    double limited = cents < 14400.0 ? (cents > -14400.0 ? cents : -14400.0) : 14400.0;
    return mixer_ratio(mixer, limited) * rate * 4294967296.0;
}
