/* SPDX-License-Identifier: MIT */
#include "fmath.h"
#include "group.h"
#include "memo.h"

/* WAVELINK_CHANNEL_* bits by side, spec/dls.md 1.3 */
#define SIDE_LEFT 0x00009251u
#define SIDE_RIGHT 0x000244A2u
_Static_assert((SIDE_LEFT & SIDE_RIGHT) == 0, "a loudspeaker stands on one side");

/* 10^(-dB/20) factors of the two channels for a pan of -500 .. 500 */
static void pan_law(const struct profile *profile, float pan, float *left, float *right)
{
    double p = (double)(pan < -500.0f ? -500.0f : pan > 500.0f ? 500.0f : pan) * 0.001 + 0.5;
    if (profile->power_pan) {
        *left = (float)fm_sqrt(1.0 - p);
        *right = (float)fm_sqrt(p);
    } else if (p <= 0.0 || p >= 1.0) { /* cos(pi/2) is to be nothing, not 6e-17 */
        *left = p <= 0.0 ? 1.0f : 0.0f;
        *right = p <= 0.0 ? 0.0f : 1.0f;
    } else {
        *left = (float)fm_cos(0.25 * p);
        *right = (float)fm_sin(0.25 * p);
    }
}

/* The same as last time, mostly. */
static void pan_known(struct memo *memo, const struct profile *profile, float pan, float *left, float *right)
{
    if (memo->pan != pan) {
        memo->pan = pan;
        pan_law(profile, pan, &memo->pan_left, &memo->pan_right);
    }
    *left = memo->pan_left;
    *right = memo->pan_right;
}

/* F_WAVELINK_MULTICHANNEL: the channel bits steer, articulation does not. */
static void steer(uint32_t channel, float *left, float *right)
{
    bool l = (channel & SIDE_LEFT) != 0, r = (channel & SIDE_RIGHT) != 0;
    *left = l == r ? 0.70710678f : l ? 1.0f : 0.0f;
    *right = l == r ? 0.70710678f : r ? 1.0f : 0.0f;
}

/* What the voice had before, if it has not been moved */
static void pan_again(const struct mixer *mixer, struct voice *v, float pan, float *left, float *right)
{
    if (!v->pan_known || v->panned != pan) {
        v->pan_known = true;
        v->panned = pan;
        if (mixer->memo)
            pan_known(mixer->memo, mixer->profile, pan, &v->pan_left, &v->pan_right);
        else
            pan_law(mixer->profile, pan, &v->pan_left, &v->pan_right);
    }
    *left = v->pan_left;
    *right = v->pan_right;
}

static void pan_gains(const struct mixer *mixer, struct voice *v, float pan, float *left, float *right)
{
    float balance = v->who.channel->master->balance;
    if (mixer->mono) {
        *left = 1.0f; /* DLS 1 worked example: no pan in mono */
        *right = 0.0f;
        return;
    }
    if (v->region->multichannel)
        steer(v->region->channel, left, right);
    else
        pan_again(mixer, v, pan, left, right);
    if (balance > 0.0f)
        *left *= 1.0f - balance;
    else
        *right *= 1.0f + balance;
}

static float send_of(float permille)
{
    float s = permille * 0.001f;
    return s < 0.0f ? 0.0f : s > 1.0f ? 1.0f : s;
}

/* wsmp gain: honoured up to +12 dB, absurd values ignored (spec/dls.md 1.6, 7.1 no. 10) */
static float region_db(const struct region *region)
{
    float db = (float)region->gain * (1.0f / 655360.0f);
    if (db > 96.0f || db < -960.0f)
        return 0.0f;
    return db > 12.0f ? 12.0f : db;
}

void voice_gain_fixed(struct mixer *mixer, struct voice *v, float extra_db)
{
    v->fixed_db = region_db(v->region) + extra_db;
    float db = v->note_sum[DEST_GAIN] + v->fixed_db, limit = mixer->profile->limit_db;
    v->note_gain = (float)mixer_gain(mixer, (double)(db < limit ? db : limit));
}

/* The gain node in octaves */
static inline double gain_power(const struct profile *profile, const struct master *master, float sum_db)
{
    if (!(sum_db > profile->silence_db && master->gain_db > MASTER_SILENT_DB))
        return SILENT_OCTAVES;
    float db = profile->limit_output || sum_db < profile->limit_db ? sum_db : profile->limit_db;
    return (double)(db + master->gain_db + master->volume_db) * FM_OCTAVES_PER_DB;
}

void voice_gain_wanted(struct mixer *mixer, uint32_t lane, const float live[LIVE_COUNT])
{
    struct voice *v = voice_in(mixer, lane);
    struct control *c = &mixer->groups[lane / LANES].control;
    const uint32_t n = lane % LANES;
    const float *sum = v->mod.sum;
    c->least[n] = v->note_gain * 0.25f; /* a controller may yet come back up */
    double power = gain_power(mixer->profile, v->who.channel->master, c->sum_db[n]);
    double gain = power > SILENT_OCTAVES ? mixer_exp2(mixer, power) : 0.0;
    float left, right;
    pan_gains(mixer, v, sum[DEST_PAN] + v->pan + live[LIVE_PAN], &left, &right);
    c->side[WAY_LEFT][n] = left;
    c->side[WAY_RIGHT][n] = right;
    c->wanted[WAY_LEFT][n] = (float)gain * left * SOURCE_UNIT;
    c->wanted[WAY_RIGHT][n] = (float)gain * right * SOURCE_UNIT;
    uint32_t effects = mixer->effects;
    if (v->buses)
        effects &= (v->buses->reverb ? SYNTH_EFFECT_REVERB : 0u) | (v->buses->chorus ? SYNTH_EFFECT_CHORUS : 0u);
    c->wanted[WAY_REVERB][n] = effects & SYNTH_EFFECT_REVERB ? send_of(sum[DEST_REVERB] + live[LIVE_REVERB]) : 0.0f;
    c->wanted[WAY_CHORUS][n] = effects & SYNTH_EFFECT_CHORUS ? send_of(sum[DEST_CHORUS] + live[LIVE_CHORUS]) : 0.0f;
}

float voice_gain_tremolo(const struct mixer *mixer, uint32_t lane, float db, float lfo)
{
    const struct control *c = &mixer->groups[lane / LANES].control;
    const struct control_rules *rules = &mixer->rules;
    float depth = c->lfo_gain[lane % LANES], factor = 1.0f - depth * (0.5f - 0.5f * lfo);
    if (db == 0.0f)
        return factor;
    if (rules->limit_sum) {
        float limit = rules->most_db, sum = c->sum_db[lane % LANES], without = sum < limit ? sum : limit;
        db = (sum + db < limit ? sum + db : limit) - without;
    }
    return factor * (float)mixer_gain(mixer, (double)db);
}
