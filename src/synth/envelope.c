/* SPDX-License-Identifier: MIT */
#include "envelope.h"

#include "fade_table.h"
#include "fmath.h"
#include "voice.h"

#define FOREVER UINT32_MAX
#define DB_96_IN_OCTAVES 15.945253655612 /* 96 / (20 log10 2) */
#define FADE_STRIDE 3u /* of FADE_STEPS in one piece, but at the end */

static uint32_t whole(double frames)
{
    return frames < 1e9 ? (uint32_t)(frames + 0.5) : 1000000000u;
}

static void straight(double level, double add, uint32_t frames, uint32_t to_grid, struct eg_ramp *ramp)
{
    *ramp = (struct eg_ramp){(float)level, 1.0f, (float)add, frames, level + add * (double)to_grid, 1.0,
                             add * (double)MIXER_GRID};
}

/* OCTAVES per frame, negative */
static void geometric(double level, double octaves, uint32_t frames, uint32_t to_grid, struct eg_ramp *ramp)
{
    *ramp = (struct eg_ramp){(float)level, (float)fm_exp2(octaves), 0.0f, frames, level * fm_exp2(octaves * (double)to_grid),
                             fm_exp2(octaves * (double)MIXER_GRID), 0.0};
}

static void off(struct eg1 *eg, struct eg_ramp *ramp)
{
    eg->segment = EG_OFF;
    straight(0.0, 0.0, FOREVER, 0, ramp);
}

/* Enter SEGMENT or the first one after it that takes any time. */
static void enter(struct eg1 *eg, enum eg_segment segment, uint32_t to_grid, struct eg_ramp *ramp)
{
    const struct eg_times *t = &eg->times;
    double sustain_db = -96.0 * (1.0 - t->sustain);
    uint32_t n;
    switch (segment) {
    case EG_DELAY:
        eg->segment = EG_DELAY;
        if ((n = whole(t->delay)) != 0) {
            straight(0.0, 0.0, n, to_grid, ramp);
            return;
        }
        /* fall through */
    case EG_ATTACK:
        eg->segment = EG_ATTACK;
        if ((n = whole(t->attack)) != 0) {
            straight(0.0, 1.0 / (double)n, n, to_grid, ramp);
            return;
        }
        /* fall through */
    case EG_HOLD:
        eg->segment = EG_HOLD;
        if ((n = whole(t->hold)) != 0) {
            straight(1.0, 0.0, n, to_grid, ramp);
            return;
        }
        /* fall through */
    case EG_DECAY:
        eg->segment = EG_DECAY;
        if ((n = whole(t->decay * (1.0 - t->sustain))) != 0) {
            geometric(1.0, -DB_96_IN_OCTAVES / t->decay, n, to_grid, ramp);
            return;
        }
        /* fall through */
    default:
        eg->segment = EG_SUSTAIN;
        if (t->sustain > 0.0)
            straight(fm_db_to_gain(sustain_db), 0.0, FOREVER, to_grid, ramp);
        else
            off(eg, ramp); /* 3.4: -96 dB is off, and only a new note leads out of it */
    }
}

void eg1_start(struct eg1 *eg, const struct eg_times *times, uint32_t to_grid, struct eg_ramp *ramp)
{
    eg->times = *times;
    enter(eg, EG_DELAY, to_grid, ramp);
}

void eg1_release(struct eg1 *eg, double level, double frames, uint32_t to_grid, struct eg_ramp *ramp)
{
    double octaves = DB_96_IN_OCTAVES + fm_log2(level); /* above -96 dB */
    uint32_t n = octaves > 0.0 ? whole(frames * (octaves / DB_96_IN_OCTAVES)) : 0;
    if (!n) {
        off(eg, ramp);
        return;
    }
    eg->segment = EG_RELEASE;
    geometric(level, -DB_96_IN_OCTAVES / frames, n, to_grid, ramp);
}

/* Straight pieces along the cosine: the corners between them are too flat to hear. The last ones are short, so that less than
 * -80 dB is left to fall to nothing. */
static void fade_piece(struct eg1 *eg, uint32_t to_grid, struct eg_ramp *ramp)
{
    bool ending = eg->fade_step >= FADE_STEPS - FADE_STRIDE;
    uint32_t next = eg->fade_step + (ending ? 1 : FADE_STRIDE);
    uint32_t frames = ending ? (eg->fade_frames + FADE_STRIDE - 1) / FADE_STRIDE : eg->fade_frames;
    double here = fade_table[eg->fade_step], there = fade_table[next];
    eg->fade_step = next;
    straight(eg->fade_from * here, eg->fade_from * (there - here) / (double)frames, frames, to_grid, ramp);
}

void eg1_fade(struct eg1 *eg, double level, double frames, uint32_t to_grid, struct eg_ramp *ramp)
{
    if (!(level > 0.0)) {
        off(eg, ramp);
        return;
    }
    eg->segment = EG_FADE;
    eg->fade_step = 0;
    eg->fade_frames = whole(frames * FADE_STRIDE / FADE_STEPS);
    if (!eg->fade_frames)
        eg->fade_frames = 1;
    eg->fade_from = level;
    fade_piece(eg, to_grid, ramp);
}

void eg1_next(struct eg1 *eg, uint32_t to_grid, struct eg_ramp *ramp)
{
    if (eg->segment == EG_FADE && eg->fade_step < FADE_STEPS)
        fade_piece(eg, to_grid, ramp);
    else if (eg->segment == EG_RELEASE || eg->segment == EG_FADE || eg->segment == EG_OFF)
        off(eg, ramp);
    else
        enter(eg, (enum eg_segment)(eg->segment + 1), to_grid, ramp);
}

/* ---- EG2 ---------------------------------------------------------------- */

static void enter2(struct eg2 *eg, enum eg_segment segment)
{
    const struct eg_times *t = &eg->times;
    eg->segment = segment;
    eg->slope = 0.0;
    switch (segment) {
    case EG_DELAY:
        eg->left = t->delay;
        break;
    case EG_ATTACK:
        eg->left = t->attack;
        eg->slope = t->attack > 0.0 ? 1.0 / t->attack : 0.0;
        break;
    case EG_HOLD:
        eg->value = 1.0;
        eg->left = t->hold;
        break;
    case EG_DECAY:
        eg->left = t->decay * (1.0 - t->sustain);
        eg->slope = t->decay > 0.0 ? -1.0 / t->decay : 0.0;
        break;
    case EG_SUSTAIN:
        eg->value = t->sustain;
        eg->left = 1e18;
        break;
    default:
        eg->segment = EG_OFF;
        eg->value = 0.0;
        eg->left = 1e18;
        break;
    }
}

void eg2_start(struct eg2 *eg, const struct eg_times *times)
{
    eg->times = *times;
    eg->value = 0.0;
    enter2(eg, EG_DELAY);
    while (eg->left <= 0.0)
        enter2(eg, (enum eg_segment)(eg->segment + 1));
    eg->before = eg->value;
    eg->span = 0;
}

void eg2_advance(struct eg2 *eg, uint32_t frames)
{
    double n = (double)frames;
    eg->before = eg->value;
    eg->span = frames;
    while (n >= eg->left) { /* each entry moves on; the last one lasts for ever */
        n -= eg->left;
        eg->value += eg->slope * eg->left;
        enter2(eg, (enum eg_segment)(eg->segment + 1));
    }
    eg->value += eg->slope * n;
    eg->left -= n;
}

void eg2_release(struct eg2 *eg, double frames, uint32_t ago)
{
    double value = eg->value;
    if (ago && eg->span)
        value += (eg->before - eg->value) * ((double)ago / (double)eg->span);
    uint32_t span = eg->span;
    double before = eg->before;
    eg->segment = EG_RELEASE;
    eg->value = value;
    eg->slope = frames > 0.0 ? -1.0 / frames : 0.0;
    eg->left = value > 0.0 ? frames * value : 0.0;
    eg2_advance(eg, ago);
    eg->before = before;
    eg->span = span;
}
