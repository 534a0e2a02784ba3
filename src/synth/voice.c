/* SPDX-License-Identifier: MIT */
#include "voice.h"

#include <string.h>

#include "fmath.h"
#include "group.h"
#include "stream.h"

#define INAUDIBLE 1.5849e-5f /* -96 dB: half a step of 16 bits, from a wave at full scale */
#define FAR_SUSTAIN 0.375    /* of 96 dB: -60 dB */

static double time_frames(const struct mixer *mixer, float time_cents)
{
    double tc = (double)time_cents < 6386.314 ? (double)time_cents : 6386.314; /* 40 s */
    return mixer_ratio(mixer, tc > -14400.0 ? tc : -14400.0) * (double)mixer->sample_rate;
}

/* Frames of a time destination; a locked one takes none. */
static double dest_frames(const struct mixer *mixer, const struct voice *v, enum artic_dest dest)
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
        times.delay = dest_frames(mixer, v, DEST_EG1_DELAY + shift);
        times.attack = dest_frames(mixer, v, DEST_EG1_ATTACK + shift);
        times.hold = dest_frames(mixer, v, DEST_EG1_HOLD + shift);
        times.decay = dest_frames(mixer, v, DEST_EG1_DECAY + shift);
        times.sustain = sustain_of(v->mod.sum[DEST_EG1_SUSTAIN + shift]);
        if (eg)
            eg2_start(&v->eg2, &times);
        else
            eg1_start(&v->eg1, &times, frames_to_grid(mixer->cell_pos), ramp);
    }
}

/* ---- what the channel says ------------------------------------------------ */

static double lfo_turns(const struct mixer *mixer, float cents)
{
    double hertz = 440.0 * mixer_ratio(mixer, (double)cents - 6900.0);
    if (!(hertz >= 0.01 && hertz <= 100.0))
        hertz = 5.0; /* spec/dls.md 2.9 rule 6 */
    return hertz / (double)mixer->sample_rate;
}

static void set_lfo(struct mixer *mixer, struct voice *v, bool *running, struct lfo *lfo, enum generator g)
{
    bool vibrato = g == GEN_VIBRATO;
    if (!v->mod.active[g]) {
        *running = false;
        return;
    }
    uint64_t step = lfo_step(lfo_turns(mixer, v->mod.sum[vibrato ? DEST_VIB_FREQUENCY : DEST_LFO_FREQUENCY]));
    if (*running)
        lfo->step = step;
    else
        lfo_init(lfo, dest_frames(mixer, v, vibrato ? DEST_VIB_DELAY : DEST_LFO_DELAY), step, mixer->clock - v->born);
    *running = true;
}

static bool moves(const struct voice *v, enum live_dest dest) { return v->mod.moves >> dest & 1u; }

/* CC74 below its centre darkens an instrument that has no filter of its own: from SF2's "off", 13500 cents. */
static bool darkened(const struct mixer *mixer, const struct voice *v)
{
    return mixer->profile->sound_controllers && !v->who.artic->filter && !v->who.channel->drums &&
           (v->who.channel->cc[74] < 64 || v->cutoff_offset < 0.0f);
}

static void want_filter(struct mixer *mixer, uint32_t lane, struct voice *v)
{
    bool dark = darkened(mixer, v);
    v->cutoff_wanted = v->mod.sum[DEST_FILTER_CUTOFF] + v->cutoff_offset;
    if (dark)
        v->cutoff_wanted += 13500.0f - v->who.artic->base[DEST_FILTER_CUTOFF];
    if (v->filtered || !(dark || v->who.artic->filter))
        return;
    double u = mixer->cutoff_to_u * mixer_ratio(mixer, (double)v->cutoff_wanted);
    if (u >= 2.0 && !moves(v, LIVE_CUTOFF))
        return; /* wide open: bit-exactly no filter */
    v->filtered = true;
    v->cutoff_smooth = v->cutoff_wanted;
    v->next.filter = FILTER_OPEN;
    v->solved_cutoff = v->solved_q = -1e9f;
    for (unsigned i = 0; i < 3; i++)
        v->cutoff_before[i] = -1e9f;
    struct group *g = &mixer->groups[lane / LANES];
    uint32_t n = lane % LANES;
    g->lanes.y[n] = v->osc->last; /* as if an open filter had run all the time */
    g->lanes.d[n] = 0.0f;
    mixer_lane_filtered(mixer, lane);
}

/* CA-021: what is not real time does not reach sounding notes; so it is only looked up when it should. */
static void take_key_tuning(struct voice *v)
{
    v->retuned = v->who.channel->retuned;
    v->key_tuning = channel_key_tuning(v->who.channel, v->who.note);
}

/* Re-evaluate all that depends on channel and master. */
static void refresh(struct mixer *mixer, uint32_t lane, struct voice *v)
{
    static const float none[LIVE_COUNT];
    struct group *g = &mixer->groups[lane / LANES];
    const struct channel *channel = v->who.channel;
    g->channel_version[lane % LANES] = channel->version;
    g->master_version[lane % LANES] = channel->master->version;
    g->still_mask &= ~(1u << lane % LANES);
    if (v->retuned != channel->retuned)
        take_key_tuning(v);
    modulation_channel(&v->who, v->note_sum, &v->mod);
    v->pitch_moved = v->pitch_fixed + v->tune + (double)v->mod.sum[DEST_PITCH] + (double)channel->tune_cents +
                     (double)v->key_tuning +
                     (channel->drums ? 0.0 : (double)channel->master->tune_cents);
    set_lfo(mixer, v, &v->has_lfo, &v->lfo, GEN_LFO);
    set_lfo(mixer, v, &v->has_vibrato, &v->vibrato, GEN_VIBRATO);
    voice_gain_wanted(mixer, v, none);
    want_filter(mixer, lane, v);
}

void voice_refresh(struct mixer *mixer, uint32_t lane)
{
    refresh(mixer, lane, voice_in(mixer, lane));
}

/* ---- control at grid points ------------------------------------------------ */

/* EG1 in units of a destination: attack as its amplitude, the rest as its share of 96 dB */
static float eg1_value(const struct voice *v, float e)
{
    if (v->eg1.segment == EG_ATTACK)
        return e;
    float db = e > 0.0f ? (float)(fm_log2((double)e) * 6.0205999132796239) : -96.0f;
    return db > -96.0f ? 1.0f + db * (1.0f / 96.0f) : 0.0f;
}

/* Let the generators run on for FRAMES; LIVE: what they then add. Returns the LFO. */
static float run_generators(struct mixer *mixer, uint32_t lane, struct voice *v, uint32_t frames, float live[LIVE_COUNT])
{
    float value[GEN_COUNT] = {0};
    memset(live, 0, LIVE_COUNT * sizeof *live);
    if (v->has_lfo)
        value[GEN_LFO] = lfo_advance(&v->lfo, frames);
    if (v->has_vibrato)
        value[GEN_VIBRATO] = lfo_advance(&v->vibrato, frames);
    if (v->who.artic->uses[GEN_EG2]) {
        eg2_advance(&v->eg2, frames);
        value[GEN_EG2] = (float)v->eg2.value;
    }
    if (v->mod.active[GEN_EG1])
        value[GEN_EG1] = eg1_value(v, mixer->groups[lane / LANES].lanes.e[lane % LANES]);
    for (unsigned g = 0; g < GEN_COUNT; g++) {
        if (!v->mod.active[g])
            continue;
        for (unsigned d = 0; d < LIVE_COUNT; d++)
            live[d] += v->mod.depth[g][d] * value[g];
    }
    if (v->mod.irregular)
        modulation_irregular(&v->who, value, live);
    return value[GEN_LFO];
}

static void pitch_target(struct mixer *mixer, struct voice *v, uint32_t frames, float live)
{
    if (v->glide != 0.0) {
        double way = v->glide_rate * (double)frames;
        if (v->glide > 0.0)
            v->glide = v->glide > way ? v->glide - way : 0.0;
        else
            v->glide = -v->glide > way ? v->glide + way : 0.0;
    }
    double cents = v->pitch_moved + v->glide + (double)live;
    if (cents != v->stepped) {
        v->stepped = cents;
        v->step_next = voice_step(mixer, v, cents);
    }
}

/* One value on its way to what the controllers want; the last bit of the way at once. */
static float smoothed(float now, float wanted, float share)
{
    float next = now + (wanted - now) * share;
    float close = (wanted > 0.0f ? wanted : -wanted) * 1e-3f + 1e-9f, off = next - wanted;
    return off < close && off > -close ? wanted : next;
}

static bool arrived(const struct voice *v)
{
    return v->smooth.left == v->wanted.left && v->smooth.right == v->wanted.right &&
           v->smooth.reverb == v->wanted.reverb && v->smooth.chorus == v->wanted.chorus &&
           v->cutoff_smooth == v->cutoff_wanted;
}

static void smooth_targets(const struct mixer *mixer, struct voice *v)
{
    const float share = mixer->smoothing;
    if (arrived(v))
        return;
    v->smooth.left = smoothed(v->smooth.left, v->wanted.left, share);
    v->smooth.right = smoothed(v->smooth.right, v->wanted.right, share);
    v->smooth.reverb = smoothed(v->smooth.reverb, v->wanted.reverb, share);
    v->smooth.chorus = smoothed(v->smooth.chorus, v->wanted.chorus, share);
    v->cutoff_smooth = smoothed(v->cutoff_smooth, v->cutoff_wanted, share);
}

static void gain_target(const struct mixer *mixer, struct voice *v, float live_db, float lfo)
{
    float left = v->smooth.left, right = v->smooth.right;
    if (live_db != 0.0f || v->mod.lfo_gain != 0.0f) {
        float factor = voice_gain_tremolo(mixer, v, live_db, lfo);
        left *= factor;
        right *= factor;
    }
    v->next.left = voice_gain_limit(mixer, left);
    v->next.right = voice_gain_limit(mixer, right);
    v->next.reverb = v->smooth.reverb;
    v->next.chorus = v->smooth.chorus;
}

static struct filter_coefs solve_filter(const struct mixer *mixer, const struct voice *v, float cutoff)
{
    double u = mixer->cutoff_to_u * mixer_ratio(mixer, (double)(cutoff < 40000.0f ? cutoff : 40000.0f));
    return filter_solve(&mixer->filter_table, &v->resonance, u);
}

static void filter_target(const struct mixer *mixer, struct voice *v, float live_cutoff, float live_q)
{
    float cutoff = v->cutoff_smooth + live_cutoff, q = v->mod.sum[DEST_FILTER_Q] + live_q;
    v->cutoff_before[2] = v->cutoff_before[1];
    v->cutoff_before[1] = v->cutoff_before[0];
    v->cutoff_before[0] = v->solved_cutoff;
    if (cutoff == v->solved_cutoff && q == v->solved_q)
        return;
    if (q != v->solved_q)
        filter_resonance(&v->resonance, q);
    v->solved_cutoff = cutoff;
    v->solved_q = q;
    v->next.filter = solve_filter(mixer, v, cutoff);
}

/* A cutoff that moves by more than this within a cell would be heard as spurs if its coefficients were led straight. */
#define FAST_CENTS 8.0f
#define UNKNOWN_CUTOFF (-1e8f) /* below: the voice is too young to have had one */

/* Points on the way to the new cutoff, on a cubic through it and the last three (Newton's backward differences). */
static bool find_path(const struct mixer *mixer, struct voice *v)
{
    const float *c = v->cutoff_before;
    float to = v->solved_cutoff, d1 = to - c[0];
    if (!(d1 > FAST_CENTS || d1 < -FAST_CENTS) || c[0] < UNKNOWN_CUTOFF)
        return false;
    float d2 = c[1] < UNKNOWN_CUTOFF ? 0.0f : d1 - (c[0] - c[1]);
    float d3 = c[2] < UNKNOWN_CUTOFF ? 0.0f : d2 - ((c[0] - c[1]) - (c[1] - c[2]));
    for (uint32_t i = 0; i + 1 < FILTER_PATH; i++) {
        float t = (float)(i + 1) * (1.0f / (float)FILTER_PATH), s = t - 1.0f;
        v->path[i] = solve_filter(mixer, v, to + s * (d1 + t * (0.5f * d2 + (t + 1.0f) * (1.0f / 6.0f) * d3)));
    }
    v->path[FILTER_PATH - 1] = v->next.filter;
    return true;
}

static void lead_filter(struct lanes *l, uint32_t n, const struct filter_coefs *from, const struct filter_coefs *to, float part)
{
    l->k[n] = from->k;
    l->q[n] = from->q;
    l->b2[n] = from->b2;
    l->k_slope[n] = (to->k - from->k) * part;
    l->q_slope[n] = (to->q - from->q) * part;
    l->b2_slope[n] = (to->b2 - from->b2) * part;
}

void voice_filter_path(struct mixer *mixer, uint32_t lane, uint32_t point)
{
    struct group *g = &mixer->groups[lane / LANES];
    const struct voice *v = &g->voice[lane % LANES];
    lead_filter(&g->lanes, lane % LANES, &v->path[point - 1], &v->path[point], 1.0f / (float)PATH_FRAMES);
}

/* What the generators, FRAMES from now, and the controllers ask for. */
static void find_targets(struct mixer *mixer, uint32_t lane, struct voice *v, uint32_t frames)
{
    float live[LIVE_COUNT];
    float lfo = run_generators(mixer, lane, v, frames, live);
    if (moves(v, LIVE_PAN) || moves(v, LIVE_REVERB) || moves(v, LIVE_CHORUS))
        voice_gain_wanted(mixer, v, live);
    if (v->has_lfo && moves(v, LIVE_LFO_FREQUENCY))
        v->lfo.step = lfo_step(lfo_turns(mixer, v->mod.sum[DEST_LFO_FREQUENCY] + live[LIVE_LFO_FREQUENCY]));
    if (v->has_vibrato && moves(v, LIVE_VIB_FREQUENCY))
        v->vibrato.step = lfo_step(lfo_turns(mixer, v->mod.sum[DEST_VIB_FREQUENCY] + live[LIVE_VIB_FREQUENCY]));
    smooth_targets(mixer, v);
    pitch_target(mixer, v, frames, live[LIVE_PITCH]);
    gain_target(mixer, v, live[LIVE_GAIN], lfo);
    if (v->filtered)
        filter_target(mixer, v, live[LIVE_CUTOFF], live[LIVE_Q]);
}

/* Put the lane exactly where the last cell was to lead (FROM), and lead it to v->next in FRAMES. */
static bool lead(struct group *g, uint32_t n, const struct voice *v, const struct targets *from, uint32_t frames)
{
    const struct targets *to = &v->next;
    struct lanes *l = &g->lanes;
    float part = 1.0f / (float)frames;
    l->left[n] = from->left;
    l->right[n] = from->right;
    l->reverb[n] = from->reverb;
    l->chorus[n] = from->chorus;
    lead_filter(l, n, &from->filter, &to->filter, part);
    l->left_slope[n] = (to->left - from->left) * part;
    l->right_slope[n] = (to->right - from->right) * part;
    l->reverb_slope[n] = (to->reverb - from->reverb) * part;
    l->chorus_slope[n] = (to->chorus - from->chorus) * part;
    return l->left_slope[n] == 0.0f && l->right_slope[n] == 0.0f && l->reverb_slope[n] == 0.0f &&
           l->chorus_slope[n] == 0.0f && l->k_slope[n] == 0.0f && l->q_slope[n] == 0.0f && l->b2_slope[n] == 0.0f;
}

static bool generators_rest(const struct voice *v)
{
    bool eg2 = !v->who.artic->uses[GEN_EG2] || v->eg2.segment == EG_SUSTAIN || v->eg2.segment == EG_OFF;
    return eg2 && !v->has_lfo && !v->has_vibrato && !v->mod.active[GEN_EG1];
}

static bool settled(const struct voice *v)
{
    return arrived(v) && v->glide == 0.0;
}

static bool rests(const struct voice *v) { return generators_rest(v) && settled(v); }

void voice_cell(struct mixer *mixer, uint32_t lane, uint32_t frames)
{
    struct group *g = &mixer->groups[lane / LANES];
    uint32_t n = lane % LANES;
    struct voice *v = &g->voice[n];
    struct oscillator *osc = v->osc;

    g->path_mask &= ~(1u << n);
    if (g->still_mask >> n & 1u)
        return;
    struct targets from = v->next;
    osc->step = v->step_next;
    find_targets(mixer, lane, v, frames);
    bool level = lead(g, n, v, &from, frames);
    if (v->filtered && frames == MIXER_GRID && find_path(mixer, v)) {
        g->path_mask |= 1u << n;
        lead_filter(&g->lanes, n, &from.filter, &v->path[0], 1.0f / (float)PATH_FRAMES);
    }
    osc->slope = (v->step_next - osc->step) / (int64_t)frames;
    osc->level = interp_level_for(&mixer->family, osc->step > v->step_next ? osc->step : v->step_next);
    if (level && osc->slope == 0 && osc->step == v->step_next && rests(v))
        g->still_mask |= 1u << n;
}

void voice_follow(struct mixer *mixer, uint32_t lane)
{
    struct voice *v = voice_in(mixer, lane);
    const struct voice *m = voice_in(mixer, v->master_lane);
    if (m->serial == v->master_serial && mixer->groups[v->master_lane / LANES].mask >> v->master_lane % LANES & 1u) {
        v->osc->step = m->osc->step;
        v->osc->slope = m->osc->slope;
        v->step_next = m->step_next;
        v->osc->level = m->osc->level;
    } else { /* the master is gone: stay at its last pitch */
        v->osc->step = v->step_next;
        v->osc->slope = 0;
    }
}

/* ---- life ------------------------------------------------------------------ */

/* Glides and the key: everything of the pitch that a retune replaces. */
static void set_key(struct voice *v, uint8_t note, uint8_t key)
{
    v->who.note = note;
    v->who.key = key;
    take_key_tuning(v);
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
    mixer->groups[lane / LANES].slave_mask |= 1u << lane % LANES;
    voice_follow(mixer, lane);
}

static void start_stream(struct mixer *mixer, struct voice *v, const struct voice_params *params)
{
    source_init_stream(&v->source, params->region->wave, params->stream);
    stream_begin(params->stream);
    v->source.frames = stream_update(params->stream, &v->osc->pos);
    mixer->streams++;
}

static void init(struct mixer *mixer, struct voice *v, const struct voice_params *params)
{
    voice_slot slot = v->slot;
    struct oscillator *osc = v->osc;
    memset(v, 0, sizeof *v);
    v->slot = slot;
    v->osc = osc;
    memset(osc, 0, sizeof *osc);
    v->serial = ++mixer->serial;
    v->born = mixer->clock;
    v->region = params->region;
    v->who = (struct listener){params->region->artic, params->channel, params->note, params->key, params->velocity,
                               params->key_reverb, params->key_chorus};
    v->tune = (double)params->tune_cents;
    v->pan = params->pan;
    v->cutoff_offset = params->cutoff_cents;
    if (params->glide_rate > 0.0f) {
        v->glide = (double)params->glide_cents;
        v->glide_rate = (double)params->glide_rate / (double)mixer->sample_rate;
    }
    v->stepped = -1e9;
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

    init(mixer, v, params);
    g->channel[n] = params->channel;
    g->listens[n] = params->region->artic->listens;
    refresh(mixer, lane, v);
    start_envelopes(mixer, v, &ramp);
    take_ramp(g, n, v, &ramp);
    g->lanes.y[n] = g->lanes.d[n] = 0.0f;
    v->smooth = v->wanted; /* a note begins where its controllers stand */
    v->cutoff_smooth = v->cutoff_wanted;
    if (!v->filtered)
        v->next.filter = FILTER_OPEN;
    find_targets(mixer, lane, v, 0);
    v->osc->step = v->step_next;
    v->osc->level = interp_level_for(&mixer->family, v->osc->step);
    lead(g, n, v, &v->next, MIXER_GRID);
    if (mixer->cell_pos != 0 && !rests(v))
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
    if (v->who.artic->uses[GEN_EG2] && !v->released)
        eg2_release(&v->eg2, dest_frames(mixer, v, DEST_EG2_RELEASE), to_grid);
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
    double frames = dest_frames(mixer, v, shutdown ? DEST_EG1_SHUTDOWN : DEST_EG1_RELEASE);
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
    double before = v->pitch_moved + v->glide;
    set_key(v, note, key);
    refresh(mixer, lane, v);
    v->glide = glide_rate > 0.0f ? before - v->pitch_moved : 0.0;
    v->glide_rate = (double)glide_rate / (double)mixer->sample_rate;
}

bool voice_inaudible(const struct mixer *mixer, uint32_t lane)
{
    const struct group *g = &mixer->groups[lane / LANES];
    const struct voice *v = &g->voice[lane % LANES];
    bool held = v->eg1.segment != EG_RELEASE;
    float e = g->lanes.e[lane % LANES];
    if (held && e > 0.05f)
        return false;
    float loud = (v->next.left > v->next.right ? v->next.left : v->next.right) * 32768.0f;
    if (held && (moves(v, LIVE_GAIN) || v->mod.lfo_gain != 0.0f))
        loud *= 4.0f; /* a tremolo comes back */
    float could = v->note_gain * 0.25f; /* a controller may yet come back up */
    return e * (loud > could ? loud : could) < INAUDIBLE;
}
