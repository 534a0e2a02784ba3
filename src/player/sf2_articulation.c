/* SPDX-License-Identifier: MIT */
#include "sf2_articulation.h"

#include <math.h>

/* SF2 decays by 100 dB in the given time, DLS by 96: 1200 log2(0.96) time cents, in 1/65536. */
#define DECAY_OFFSET INT64_C(-4631588)
#define TIME_ZERO INT32_MIN /* exactly zero, and deaf to other connections (DLS 2.2 section 1.14.3) */
#define SHORTEST (-12000)   /* time cents: SF2's "none" */
#define FILTER_OPEN 13500   /* cents: SF2's "no filter" */
#define STEEPEST 255        /* cents or time cents per key that 128 times of still fit a scale */

static bool moved(const struct connections *list, uint16_t destination)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->list[i].destination == destination && list->list[i].scale != 0)
            return true;
    return false;
}

static bool drives(const struct connections *list, uint16_t source)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->list[i].source == source && list->list[i].scale != 0)
            return true;
    return false;
}

static void constant(struct connections *out, uint16_t destination, int64_t value)
{
    connections_add(out, CONN_SRC_NONE, CONN_SRC_NONE, destination, 0, value * 65536);
}

/* A time with an offset, and with what it gains per key. KEY_GEN 0 for times that do not follow the key. */
static void time_connection(struct connections *out, const struct sf2_level *gens, uint16_t destination, int gen,
                            int key_gen, int64_t offset)
{
    int32_t base = gens->amount[gen], per_key = key_gen ? gens->amount[key_gen] : 0;
    if (base <= SHORTEST && per_key == 0 && !moved(out, destination)) {
        connections_set(out, destination, TIME_ZERO);
        return;
    }
    per_key = per_key > STEEPEST ? STEEPEST : per_key < -STEEPEST ? -STEEPEST : per_key;
    int64_t value = (int64_t)base * 65536 + offset;
    int fixed_key = gens->amount[GEN_KEYNUM];
    if (fixed_key >= 0) {
        value += (int64_t)per_key * (60 - fixed_key) * 65536;
    } else if (per_key) {
        value += (int64_t)per_key * 60 * 65536;
        connections_straighten(out, CONN_SRC_KEYNUMBER, destination);
        connections_add(out, CONN_SRC_KEYNUMBER, CONN_SRC_NONE, destination, 0, (int64_t)per_key * -128 * 65536);
    }
    connections_add(out, CONN_SRC_NONE, CONN_SRC_NONE, destination, 0, value);
}

static void volume_envelope(const struct sf2_level *gens, struct connections *out)
{
    time_connection(out, gens, CONN_DST_EG1_DELAYTIME, GEN_EG1_DELAY, 0, 0);
    time_connection(out, gens, CONN_DST_EG1_ATTACKTIME, GEN_EG1_ATTACK, 0, 0);
    time_connection(out, gens, CONN_DST_EG1_HOLDTIME, GEN_EG1_HOLD, GEN_KEY_EG1_HOLD, 0);
    time_connection(out, gens, CONN_DST_EG1_DECAYTIME, GEN_EG1_DECAY, GEN_KEY_EG1_DECAY, DECAY_OFFSET);
    time_connection(out, gens, CONN_DST_EG1_RELEASETIME, GEN_EG1_RELEASE, 0, DECAY_OFFSET);

    int32_t drop = gens->amount[GEN_EG1_SUSTAIN];
    int64_t sustain = drop >= 960 ? 0 : llround((1000 - drop / 0.96) * 65536);
    connections_add(out, CONN_SRC_NONE, CONN_SRC_NONE, CONN_DST_EG1_SUSTAINLEVEL, 0, sustain);
}

static void modulation_envelope(const struct sf2_level *gens, struct connections *out)
{
    connections_add(out, CONN_SRC_EG2, 0, CONN_DST_PITCH, 0, (int64_t)gens->amount[GEN_EG2_PITCH] * 65536);
    connections_add(out, CONN_SRC_EG2, 0, CONN_DST_FILTER_CUTOFF, 0, (int64_t)gens->amount[GEN_EG2_FC] * 65536);
    if (!drives(out, CONN_SRC_EG2))
        return;
    time_connection(out, gens, CONN_DST_EG2_DELAYTIME, GEN_EG2_DELAY, 0, 0);
    time_connection(out, gens, CONN_DST_EG2_ATTACKTIME, GEN_EG2_ATTACK, 0, 0);
    time_connection(out, gens, CONN_DST_EG2_HOLDTIME, GEN_EG2_HOLD, GEN_KEY_EG2_HOLD, 0);
    time_connection(out, gens, CONN_DST_EG2_DECAYTIME, GEN_EG2_DECAY, GEN_KEY_EG2_DECAY, 0);
    time_connection(out, gens, CONN_DST_EG2_RELEASETIME, GEN_EG2_RELEASE, 0, 0);
    constant(out, CONN_DST_EG2_SUSTAINLEVEL, 1000 - gens->amount[GEN_EG2_SUSTAIN]);
}

static void oscillators(const struct sf2_level *gens, struct connections *out)
{
    int64_t unit = 65536;
    connections_add(out, CONN_SRC_LFO, 0, CONN_DST_PITCH, TRN_BIPOLAR, gens->amount[GEN_LFO_PITCH] * unit);
    connections_add(out, CONN_SRC_LFO, 0, CONN_DST_FILTER_CUTOFF, TRN_BIPOLAR, gens->amount[GEN_LFO_FC] * unit);
    connections_add(out, CONN_SRC_LFO, 0, CONN_DST_GAIN, TRN_BIPOLAR, gens->amount[GEN_LFO_VOLUME] * unit);
    connections_add(out, CONN_SRC_VIBRATO, 0, CONN_DST_PITCH, TRN_BIPOLAR, gens->amount[GEN_VIB_PITCH] * unit);
    /* SF2's defaults (8.176 Hz, at once) are not those of DLS: written whenever the oscillator moves something. */
    if (drives(out, CONN_SRC_LFO)) {
        constant(out, CONN_DST_LFO_FREQUENCY, gens->amount[GEN_LFO_FREQUENCY]);
        constant(out, CONN_DST_LFO_STARTDELAY, gens->amount[GEN_LFO_DELAY]);
    }
    if (drives(out, CONN_SRC_VIBRATO)) {
        constant(out, CONN_DST_VIB_FREQUENCY, gens->amount[GEN_VIB_FREQUENCY]);
        constant(out, CONN_DST_VIB_STARTDELAY, gens->amount[GEN_VIB_DELAY]);
    }
}

static void filter(const struct sf2_level *gens, struct connections *out)
{
    constant(out, CONN_DST_FILTER_Q, gens->amount[GEN_FILTER_Q]);
    if (gens->amount[GEN_FILTER_FC] < FILTER_OPEN || moved(out, CONN_DST_FILTER_CUTOFF))
        constant(out, CONN_DST_FILTER_CUTOFF, gens->amount[GEN_FILTER_FC]);
}

static void key_and_velocity(const struct sf2_level *gens, const struct dm_notes *notes, struct connections *out)
{
    int32_t scale = gens->amount[GEN_KEYNUM] >= 0 ? 0 : gens->amount[GEN_SCALE_TUNING];
    if (scale > STEEPEST) {
        dm_note(notes, "scale tuning of %d cents per key was cut to %d", (int)scale, STEEPEST);
        scale = STEEPEST;
    }
    connections_straighten(out, CONN_SRC_KEYNUMBER, CONN_DST_PITCH);
    connections_add(out, CONN_SRC_KEYNUMBER, 0, CONN_DST_PITCH, 0, (int64_t)scale * 128 * 65536);
    /* With a fixed velocity the modulators' part has become a constant; the built-in curve must go. */
    if (gens->amount[GEN_VELOCITY] >= 0)
        connections_add(out, CONN_SRC_KEYONVELOCITY, 0, CONN_DST_GAIN, TRN_CONCAVE_INVERT, 0);
}

/* A note that is struck again while it sounds goes into its own release in SoundFont players, not into the 15 ms cut that DLS has
 * for it by default; only an exclusive class wants the cut (SF2 2.04 section 8.1.3, generator 57). */
static void shutdown_time(const struct sf2_level *gens, struct connections *out)
{
    const struct dls_connection *release = connections_find(out, 0, 0, CONN_DST_EG1_RELEASETIME);
    if (gens->amount[GEN_EXCLUSIVE_CLASS] == 0 && release && release->scale != TIME_ZERO)
        connections_add(out, CONN_SRC_NONE, CONN_SRC_NONE, CONN_DST_EG1_SHUTDOWNTIME, 0, release->scale);
}

void sf2_map_articulation(const struct sf2_level *gens, const struct sf2_mods *mods, const struct dm_notes *notes,
                          struct connections *out)
{
    out->count = out->lost = 0;
    sf2_map_modulators(gens, mods, notes, out);
    uint32_t lost = out->lost;
    oscillators(gens, out);
    modulation_envelope(gens, out);
    volume_envelope(gens, out);
    filter(gens, out);
    constant(out, CONN_DST_PAN, gens->amount[GEN_PAN]);
    constant(out, CONN_DST_REVERB, gens->amount[GEN_REVERB]);
    constant(out, CONN_DST_CHORUS, gens->amount[GEN_CHORUS]);
    key_and_velocity(gens, notes, out);
    shutdown_time(gens, out);
    if (out->lost != lost)
        dm_note(notes, "%u modulators by a curve of the key have no DLS connection beside what follows the key anyway",
                (unsigned)(out->lost - lost));
    connections_drop_defaults(out);
}

/* ---- sample ---- */

/* scale * (key - root) + tune == scale * key - 100 * unity + fine (spec/dls.md 6.4). */
static void tune(const struct sf2_level *gens, const struct sf2_sample *sample, struct dls_sample_info *out)
{
    int32_t scale = gens->amount[GEN_SCALE_TUNING] > STEEPEST ? STEEPEST : gens->amount[GEN_SCALE_TUNING];
    int32_t root = gens->amount[GEN_ROOT_KEY] >= 0 ? gens->amount[GEN_ROOT_KEY] : sample->original_key;
    int32_t offset = gens->amount[GEN_COARSE_TUNE] * 100 + gens->amount[GEN_FINE_TUNE] + sample->correction;
    int32_t below = scale * root; /* what unity and fine tune must take away together, at key 0 */
    if (gens->amount[GEN_KEYNUM] >= 0)
        below -= scale * gens->amount[GEN_KEYNUM];
    int32_t unity = (below + (below >= 0 ? 50 : -50)) / 100;
    int32_t fine = 100 * unity - below + offset;
    /* Microsoft's synth clamps the fine tune to an octave: whole semitones go into the unity note. */
    if (fine > 1200 || fine < -1200)
        unity -= (fine + (fine >= 0 ? 50 : -50)) / 100;
    unity = unity < 0 ? 0 : unity > 127 ? 127 : unity;
    fine = 100 * unity - below + offset;
    out->unity_note = (uint16_t)unity;
    out->fine_tune = (int16_t)(fine < INT16_MIN ? INT16_MIN : fine > INT16_MAX ? INT16_MAX : fine);
}

/* Readers of DLS take a region whose middle key plays beyond these bounds for a mistake (spec/dls.md 3.3) and its scale as meant
 * around the unity note, unless its key follows the keyboard. What is beyond becomes a constant connection. */
#define LOWEST_CENTRE (-4800)
#define HIGHEST_CENTRE 2400

void sf2_bound_tuning(uint16_t key_low, uint16_t key_high, struct connections *list, struct dls_sample_info *info)
{
    const struct dls_connection *scale = connections_find(list, CONN_SRC_KEYNUMBER, 0, CONN_DST_PITCH);
    if (!scale || scale->scale == 12800 * 65536)
        return;
    double per_key = scale->scale / 65536.0 / 128;
    double centre = per_key * 0.5 * (key_low + key_high) - 100.0 * info->unity_note + info->fine_tune;
    long beyond = centre > HIGHEST_CENTRE ? lround(ceil(centre)) - HIGHEST_CENTRE
                  : centre < LOWEST_CENTRE ? lround(floor(centre)) - LOWEST_CENTRE : 0;
    if (beyond == 0)
        return;
    connections_add(list, CONN_SRC_NONE, CONN_SRC_NONE, CONN_DST_PITCH, 0, (int64_t)beyond * 65536);
    long at_key_0 = info->fine_tune - 100L * info->unity_note - beyond;
    long unity = (50 - at_key_0) / 100;
    info->unity_note = (uint16_t)(unity < 0 ? 0 : unity > 127 ? 127 : unity);
    info->fine_tune = (int16_t)(at_key_0 + 100L * info->unity_note);
}

static void gain(const struct sf2_level *gens, struct dls_sample_info *out)
{
    /* The 0.4 is EMU's, and every player follows (spec/dls.md 6.2). */
    out->gain = (int32_t)llround(gens->amount[GEN_ATTENUATION] * -0.4 * 65536);
}

static int64_t offset_of(const struct sf2_level *gens, int fine, int coarse)
{
    return gens->amount[fine] + (int64_t)gens->amount[coarse] * 32768;
}

static void loop(const struct sf2_level *gens, const struct sf2_sample *sample, int64_t first, int64_t frames,
                 const struct dm_notes *notes, struct dls_sample_info *out)
{
    int mode = gens->amount[GEN_SAMPLE_MODES] & 3;
    if (mode != 1 && mode != 3)
        return;
    int64_t start = sample->loop_start + offset_of(gens, GEN_LOOP_START_OFFSET, GEN_LOOP_START_COARSE) - first;
    int64_t end = sample->loop_end + offset_of(gens, GEN_LOOP_END_OFFSET, GEN_LOOP_END_COARSE) - first;
    start = start < 0 ? 0 : start;
    end = end > frames ? frames : end;
    if (end - start < 2) {
        dm_note(notes, "loop of sample '%s' lies outside its data: plays once", sample->name);
        return;
    }
    out->loop = mode == 1 ? DLS_LOOP_FORWARD : DLS_LOOP_RELEASE;
    out->loop_start = (uint32_t)start;
    out->loop_length = (uint32_t)(end - start);
}

bool sf2_map_sample(const struct sf2_level *gens, const struct sf2_sample *sample, uint32_t sample_frames,
                    const struct dm_notes *notes, uint32_t *first, uint32_t *frames, struct dls_sample_info *out)
{
    int64_t start = offset_of(gens, GEN_START_OFFSET, GEN_START_COARSE);
    int64_t end = sample_frames + offset_of(gens, GEN_END_OFFSET, GEN_END_COARSE);
    start = start < 0 ? 0 : start;
    end = end > sample_frames ? sample_frames : end;
    if (end <= start)
        return false;
    *first = (uint32_t)start;
    *frames = (uint32_t)(end - start);
    *out = (struct dls_sample_info){.present = true};
    tune(gens, sample, out);
    gain(gens, out);
    loop(gens, sample, start, end - start, notes, out);
    return true;
}

double sf2_mapped_cents(const struct connections *list, const struct dls_sample_info *info, int key)
{
    const struct dls_connection *scale = connections_find(list, CONN_SRC_KEYNUMBER, 0, CONN_DST_PITCH);
    double per_key = scale ? scale->scale / 65536.0 / 128 : 100;
    const struct dls_connection *constant = connections_find(list, CONN_SRC_NONE, CONN_SRC_NONE, CONN_DST_PITCH);
    return per_key * key - 100.0 * info->unity_note + info->fine_tune + (constant ? constant->scale / 65536.0 : 0);
}
