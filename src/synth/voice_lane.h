/* SPDX-License-Identifier: MIT */
/*
 * voice_lane.h - what the files of a voice share: voice.c (its life),
 * voice_channel.c (what channel and master say) and voice_control.c (what moves
 * from grid point to grid point). Internal to the engine; render side.
 */
#ifndef DMUS_SYNTH_VOICE_LANE_H
#define DMUS_SYNTH_VOICE_LANE_H

#include "group.h"

/* The lane's part of the control, set and read one by one */
static inline void put_lfo(struct control *c, unsigned clock, uint32_t n, const struct lfo *lfo)
{
    c->phase[clock][n] = lfo->phase;
    c->turn[clock][n] = lfo->step;
    c->wait[clock][n] = lfo->delay;
}

static inline void put_eg2(struct control *c, uint32_t n, const struct eg2 *eg)
{
    const uint32_t bit = 1u << n;
    const bool ending = eg->left <= (double)MIXER_GRID, moving = eg->segment != EG_SUSTAIN && eg->segment != EG_OFF;
    c->eg2[n] = eg->value;
    c->eg2_before[n] = eg->before;
    c->eg2_left[n] = eg->left;
    c->eg2_slope[n] = eg->slope;
    c->eg2_span[n] = eg->span;
    c->eg2_ending = ending ? c->eg2_ending | bit : c->eg2_ending & ~bit;
    c->eg2_moving = moving ? c->eg2_moving | bit : c->eg2_moving & ~bit;
}

static inline void get_eg2(const struct control *c, uint32_t n, struct eg2 *eg)
{
    eg->value = c->eg2[n];
    eg->before = c->eg2_before[n];
    eg->left = c->eg2_left[n];
    eg->slope = c->eg2_slope[n];
    eg->span = c->eg2_span[n];
}

static inline bool runs(const struct control *c, unsigned clock, uint32_t n) { return c->running[clock] >> n & 1u; }

static inline void put_filter(struct control *c, uint32_t n, const struct filter_coefs *coefs)
{
    c->k[n] = coefs->k;
    c->q[n] = coefs->q;
    c->b2[n] = coefs->b2;
}

/* Some generator moves DEST. */
static inline bool moves(const struct voice *v, enum live_dest dest) { return v->mod.moves >> dest & 1u; }

/* voice.c */
double voice_dest_frames(const struct mixer *mixer, const struct voice *v, enum artic_dest dest); /* of a time destination */

/* voice_channel.c */
/* All that depends on channel and master. PART: what the channel adds, or NULL. */
void voice_take_channel(struct mixer *mixer, uint32_t lane, struct voice *v, const struct channel_part *part);
/* What the channel adds to a note that starts now; NULL: it is this voice's own affair. */
const struct channel_part *voice_known_part(struct mixer *mixer, const struct voice *v, uint32_t bank);
void voice_take_key_tuning(struct voice *v);
double voice_lfo_turns(const struct mixer *mixer, float cents); /* per frame */

/* voice_control.c */
/* What lanes are led between */
struct targets {
    float gain[WAY_GAINS];
    struct filter_coefs filter;
};
struct targets voice_targets(const struct control *c, uint32_t n);
/* What the generators, FRAMES from now, and the controllers ask for. */
void voice_find_targets(struct mixer *mixer, uint32_t lane, struct voice *v, uint32_t frames);
/* Put the lane exactly where the last cell was to lead (FROM), and lead it to what is next in FRAMES. */
void voice_lead(struct group *g, uint32_t n, const struct targets *from, uint32_t frames);
bool voice_rests(const struct group *g, uint32_t n); /* nothing moves until channel or master do */
void voice_set_resonance(const struct mixer *mixer, struct control *c, uint32_t n, float db);

#endif
