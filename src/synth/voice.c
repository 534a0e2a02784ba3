/* SPDX-License-Identifier: MIT */
#include "voice.h"

#include <stddef.h>
#include <string.h>

#include "stream.h"
#include "voice_lane.h"


#define FAR_SUSTAIN 0.375    /* of 96 dB: -60 dB */

static double time_frames(const struct mixer *mixer, float time_cents)
{
    double tc = (double)time_cents < 6386.314 ? (double)time_cents : 6386.314; /* 40 s */
    return mixer_ratio(mixer, tc > -14400.0 ? tc : -14400.0) * (double)mixer->sample_rate;
}

/* Frames of a time destination; a locked one takes none. */
double voice_dest_frames(const struct mixer *mixer, const struct voice *v, enum artic_dest dest)
{
    return v->who.artic->locked >> dest & 1u ? 0.0 : time_frames(mixer, v->mod.sum[dest]);
}

static double sustain_of(float permille)
{
    return (double)(permille < 0.0f ? 0.0f : permille > 1000.0f ? 1000.0f : permille) * 0.001;
}

/* A held note whose sustain is next to nothing may go, too; but not if others follow its phase. */
static bool falls(const struct voice *v)
{
    bool decays = v->eg1.segment == EG_DECAY || v->eg1.segment == EG_SUSTAIN;
    return v->eg1.segment == EG_RELEASE || (decays && v->eg1.times.sustain < FAR_SUSTAIN && !v->region->phase_group);
}

static void take_ramp(struct group *g, uint32_t n, const struct voice *v, const struct eg_ramp *ramp)
{
    g->falls_mask = falls(v) ? g->falls_mask | 1u << n : g->falls_mask & ~(1u << n);
    g->lanes.e[n] = ramp->e;
    g->lanes.m[n] = ramp->m;
    g->lanes.a[n] = ramp->a;
    g->left[n] = ramp->frames;
    g->level[n] = ramp->level;
    g->factor[n] = ramp->factor;
    g->add[n] = ramp->add;
}

static void start_envelopes(struct mixer *mixer, struct voice *v, struct eg_ramp *ramp)
{
    struct eg_times times;
    for (unsigned eg = 0; eg < 2; eg++) {
        unsigned shift = eg ? DEST_EG2_DELAY - DEST_EG1_DELAY : 0;
        if (eg && !v->who.artic->uses[GEN_EG2])
            break;
        times.delay = voice_dest_frames(mixer, v, DEST_EG1_DELAY + shift);
        times.attack = voice_dest_frames(mixer, v, DEST_EG1_ATTACK + shift);
        times.hold = voice_dest_frames(mixer, v, DEST_EG1_HOLD + shift);
        times.decay = voice_dest_frames(mixer, v, DEST_EG1_DECAY + shift);
        times.sustain = sustain_of(v->mod.sum[DEST_EG1_SUSTAIN + shift]);
        if (eg)
            eg2_start(&v->eg2, &times);
        else
            eg1_start(&v->eg1, &times, frames_to_grid(mixer->cell_pos), ramp);
    }
}

/* Glides and the key: everything of the pitch that a retune replaces. */
static void set_key(struct voice *v, uint8_t note, uint8_t key)
{
    v->who.note = note;
    v->who.key = key;
    voice_take_key_tuning(v);
    modulation_note(&v->who, v->note_sum);
    v->pitch_fixed = voice_pitch_fixed(v->region, v->who.artic, key);
}

static void lock_phase(struct mixer *mixer, uint32_t lane, struct voice *v, voice_slot master)
{
    v->master_lane = VOICE_NONE;
    if (master >= mixer->slots || mixer->lane_of[master] == VOICE_NONE)
        return;
    v->master_lane = mixer->lane_of[master];
    v->master_serial = voice_in(mixer, v->master_lane)->serial;
    if (!v->source.stream) /* a stream begins with its first buffer */
        v->osc->pos = voice_in(mixer, v->master_lane)->osc->pos;
    mixer->slaves++;
    mixer->groups[lane / LANES].slave_mask |= 1u << lane % LANES;
    mixer->groups[lane / LANES].odd_mask |= 1u << lane % LANES;
    voice_follow(mixer, lane);
}

static void start_stream(struct mixer *mixer, struct voice *v, const struct voice_params *params)
{
    source_init_stream(&v->source, params->region->wave, params->stream);
    stream_begin(params->stream);
    v->source.frames = stream_update(params->stream, &v->osc->pos);
    mixer->streams++;
}

/* What refresh and the first targets do not set */
static void clear_control(struct control *c, uint32_t n)
{
    const struct lfo none = {0};
    for (unsigned clock = 0; clock < CLOCK_COUNT; clock++) {
        c->running[clock] &= ~(1u << n);
        put_lfo(c, clock, n, &none);
    }
    for (unsigned way = 0; way < WAY_COUNT; way++)
        c->wanted[way][n] = c->smooth[way][n] = 0.0f;
    c->glide[n] = 0.0;
    c->stepped[n] = -1e9;
}

static void init(struct mixer *mixer, struct voice *v, struct control *c, uint32_t n, const struct voice_params *params)
{
    clear_control(c, n);
    memset(&v->eg2, 0, offsetof(struct eg2, times)); /* also where nothing uses it */
    v->released = v->pan_known = v->filtered = false;
    memset(v->osc, 0, sizeof *v->osc);
    v->serial = ++mixer->serial;
    v->born = mixer->clock;
    v->region = params->region;
    v->who = (struct listener){params->region->artic, params->channel, params->note, params->key, params->velocity,
                               params->key_reverb, params->key_chorus};
    v->tune = (double)params->tune_cents;
    v->pan = params->pan;
    v->cutoff_offset = params->cutoff_cents;
    v->glide_rate = 0.0;
    if (params->glide_rate > 0.0f) {
        c->glide[n] = (double)params->glide_cents;
        v->glide_rate = (double)params->glide_rate / (double)mixer->sample_rate;
    }
    c->rate[n] = (double)params->region->wave->sample_rate / (double)mixer->sample_rate;
    v->buses = params->buses;
    v->osc->pos = (int64_t)params->start << 32;
    if (params->stream)
        start_stream(mixer, v, params);
    else
        source_init(&v->source, params->region);
    voice_limits(v);
    set_key(v, params->note, params->key);
    voice_gain_fixed(mixer, v, params->gain_db);
}

void voice_start(struct mixer *mixer, uint32_t lane, const struct voice_params *params)
{
    struct group *g = &mixer->groups[lane / LANES];
    uint32_t n = lane % LANES;
    struct voice *v = &g->voice[n];
    struct eg_ramp ramp;

    struct control *c = &g->control;
    init(mixer, v, c, n, params);
    g->channel[n] = params->channel;
    g->listens[n] = params->region->artic->listens;
    voice_take_channel(mixer, lane, v, voice_known_part(mixer, v, params->bank));
    start_envelopes(mixer, v, &ramp);
    put_eg2(c, n, &v->eg2);
    take_ramp(g, n, v, &ramp);
    g->lanes.y[n] = g->lanes.d[n] = 0.0f;
    for (unsigned way = 0; way < WAY_COUNT; way++)
        c->smooth[way][n] = c->wanted[way][n]; /* a note begins where its controllers stand */
    if (!v->filtered)
        put_filter(c, n, &FILTER_OPEN);
    voice_find_targets(mixer, lane, v, 0);
    v->osc->step = g->step_next[n];
    v->osc->level = interp_level_for(&mixer->family, v->osc->step);
    const struct targets here = voice_targets(c, n);
    voice_lead(g, n, &here, MIXER_GRID);
    if (mixer->cell_pos != 0 && !voice_rests(g, n))
        voice_cell(mixer, lane, MIXER_GRID - mixer->cell_pos);
    else if (mixer->cell_pos != 0)
        g->still_mask |= 1u << n; /* which is what a cell would find */
    lock_phase(mixer, lane, v, params->phase_master);
    if (v->eg1.segment == EG_OFF)
        mixer_lane_done(mixer, lane);
}

void voice_envelope_next(struct mixer *mixer, uint32_t lane, uint32_t cell_pos)
{
    struct group *g = &mixer->groups[lane / LANES];
    struct voice *v = &g->voice[lane % LANES];
    struct eg_ramp ramp;
    eg1_next(&v->eg1, frames_to_grid(cell_pos), &ramp);
    take_ramp(g, lane % LANES, v, &ramp);
    if (v->eg1.segment == EG_OFF)
        mixer_lane_done(mixer, lane);
}

void voice_fade(struct mixer *mixer, uint32_t lane)
{
    struct group *g = &mixer->groups[lane / LANES];
    uint32_t n = lane % LANES;
    struct voice *v = &g->voice[n];
    struct eg_ramp ramp;
    if (v->eg1.segment == EG_FADE)
        return;
    eg1_fade(&v->eg1, (double)g->lanes.e[n], mixer->fade_frames, frames_to_grid(mixer->cell_pos), &ramp);
    take_ramp(g, n, v, &ramp);
    if (v->eg1.segment == EG_OFF)
        mixer_lane_done(mixer, lane);
}

static void release_envelopes(struct mixer *mixer, uint32_t lane, double frames)
{
    struct group *g = &mixer->groups[lane / LANES];
    uint32_t n = lane % LANES, to_grid = frames_to_grid(mixer->cell_pos);
    struct voice *v = &g->voice[n];
    struct eg_ramp ramp;
    if (v->who.artic->uses[GEN_EG2] && !v->released) {
        get_eg2(&g->control, n, &v->eg2);
        eg2_release(&v->eg2, voice_dest_frames(mixer, v, DEST_EG2_RELEASE), to_grid);
        put_eg2(&g->control, n, &v->eg2);
    }
    g->still_mask &= ~(1u << n);
    v->release_frames = frames;
    if (frames < mixer->fade_frames) {
        voice_fade(mixer, lane);
        return;
    }
    eg1_release(&v->eg1, (double)g->lanes.e[n], frames, to_grid, &ramp);
    take_ramp(g, n, v, &ramp);
    if (v->eg1.segment == EG_OFF)
        mixer_lane_done(mixer, lane);
}

void voice_release(struct mixer *mixer, uint32_t lane, bool shutdown)
{
    struct voice *v = voice_in(mixer, lane);
    if (v->eg1.segment == EG_FADE || (v->released && !shutdown))
        return;
    double frames = voice_dest_frames(mixer, v, shutdown ? DEST_EG1_SHUTDOWN : DEST_EG1_RELEASE);
    if (v->released && v->release_frames <= frames)
        return; /* already on a faster way out */
    if (!v->released) {
        int64_t whole = v->osc->pos >> 32;
        v->osc->pos += (source_release(&v->source, whole, v->osc->level->taps / 2) - whole) * ((int64_t)1 << 32);
        voice_limits(v);
    }
    release_envelopes(mixer, lane, frames);
    v->released = true;
}

void voice_retune(struct mixer *mixer, uint32_t lane, uint8_t note, uint8_t key, float glide_rate)
{
    struct voice *v = voice_in(mixer, lane);
    struct control *c = &mixer->groups[lane / LANES].control;
    const uint32_t n = lane % LANES;
    double before = c->pitch[n] + c->glide[n];
    set_key(v, note, key);
    voice_take_channel(mixer, lane, v, NULL);
    c->glide[n] = glide_rate > 0.0f ? before - c->pitch[n] : 0.0;
    v->glide_rate = (double)glide_rate / (double)mixer->sample_rate;
}

bool voice_inaudible(const struct mixer *mixer, uint32_t lane, float e)
{
    const struct group *g = &mixer->groups[lane / LANES];
    const struct voice *v = &g->voice[lane % LANES];
    bool held = v->eg1.segment != EG_RELEASE;
    if (held && e > 0.05f)
        return false;
    float loud = voice_loudest(g, lane % LANES) * 32768.0f;
    if (held && (moves(v, LIVE_GAIN) || v->mod.lfo_gain != 0.0f))
        loud *= 4.0f; /* a tremolo comes back */
    float least = g->control.least[lane % LANES];
    return e * (loud > least ? loud : least) < INAUDIBLE;
}
