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

static void put_lfo(struct control *c, unsigned clock, uint32_t n, const struct lfo *lfo)
{
    c->phase[clock][n] = lfo->phase;
    c->turn[clock][n] = lfo->step;
    c->wait[clock][n] = lfo->delay;
}

static bool runs(const struct control *c, unsigned clock, uint32_t n) { return c->running[clock] >> n & 1u; }

static void set_lfo(struct mixer *mixer, struct voice *v, struct control *c, uint32_t n, unsigned clock)
{
    bool vibrato = clock == CLOCK_VIBRATO;
    struct lfo lfo = {0};
    if (!v->mod.active[vibrato ? GEN_VIBRATO : GEN_LFO]) {
        c->running[clock] &= ~(1u << n);
        put_lfo(c, clock, n, &lfo);
        return;
    }
    uint64_t step = lfo_step(lfo_turns(mixer, v->mod.sum[vibrato ? DEST_VIB_FREQUENCY : DEST_LFO_FREQUENCY]));
    if (runs(c, clock, n)) {
        c->turn[clock][n] = step;
        return;
    }
    lfo_init(&lfo, dest_frames(mixer, v, vibrato ? DEST_VIB_DELAY : DEST_LFO_DELAY), step, mixer->clock - v->born);
    put_lfo(c, clock, n, &lfo);
    c->running[clock] |= 1u << n;
}

static bool moves(const struct voice *v, enum live_dest dest) { return v->mod.moves >> dest & 1u; }

/* CC74 below its centre darkens an instrument that has no filter of its own: from SF2's "off", 13500 cents. */
static bool darkened(const struct mixer *mixer, const struct voice *v)
{
    return mixer->profile->sound_controllers && !v->who.artic->filter && !v->who.channel->drums &&
           (v->who.channel->cc[74] < 64 || v->cutoff_offset < 0.0f);
}

static void put_filter(struct control *c, uint32_t n, const struct filter_coefs *coefs)
{
    c->k[n] = coefs->k;
    c->q[n] = coefs->q;
    c->b2[n] = coefs->b2;
}

static void want_filter(struct mixer *mixer, uint32_t lane, struct voice *v)
{
    struct group *g = &mixer->groups[lane / LANES];
    struct control *c = &g->control;
    uint32_t n = lane % LANES;
    bool dark = darkened(mixer, v);
    float wanted = v->mod.sum[DEST_FILTER_CUTOFF] + v->cutoff_offset;
    if (dark)
        wanted += 13500.0f - v->who.artic->base[DEST_FILTER_CUTOFF];
    c->wanted[WAY_CUTOFF][n] = wanted;
    if (v->filtered || !(dark || v->who.artic->filter))
        return;
    double u = mixer->rules.cutoff_to_u * mixer_ratio(mixer, (double)wanted);
    if (u >= 2.0 && !moves(v, LIVE_CUTOFF))
        return; /* wide open: bit-exactly no filter */
    v->filtered = true;
    c->smooth[WAY_CUTOFF][n] = wanted;
    put_filter(c, n, &FILTER_OPEN);
    c->solved_cutoff[n] = c->solved_resonance[n] = c->resonance[n] = -1e9f;
    for (unsigned i = 0; i < 3; i++)
        c->before[i][n] = -1e9f;
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

static void set_resonance(struct control *c, uint32_t n, float db)
{
    struct filter_resonance resonance;
    if (c->resonance[n] == db)
        return;
    filter_resonance(&resonance, db);
    c->resonance[n] = db;
    c->peak[n] = resonance.peak;
    c->root[n] = resonance.c;
    c->gain[n] = resonance.gain;
    c->row[n] = resonance.at;
}

/* Generators in the kernel's order; a voice that needs more than it knows is led on its own. */
static void set_depths(struct group *g, uint32_t n, const struct voice *v)
{
    static const uint8_t generators[BY_COUNT] = {GEN_LFO, GEN_VIBRATO, GEN_EG2}, dests[ON_COUNT] = {LIVE_GAIN, LIVE_PITCH, LIVE_CUTOFF};
    const uint32_t known = 1u << LIVE_GAIN | 1u << LIVE_PITCH | 1u << LIVE_CUTOFF, bit = 1u << n;
    for (unsigned i = 0; i < BY_COUNT; i++)
        for (unsigned k = 0; k < ON_COUNT; k++)
            g->control.depth[i][k][n] = v->mod.depth[generators[i]][dests[k]];
    g->control.lfo_gain[n] = v->mod.lfo_gain;
    bool odd = v->mod.irregular || v->mod.active[GEN_EG1] || (v->mod.moves & ~known) || (g->slave_mask & bit);
    g->odd_mask = odd ? g->odd_mask | bit : g->odd_mask & ~bit;
    g->eg2_mask = v->who.artic->uses[GEN_EG2] ? g->eg2_mask | bit : g->eg2_mask & ~bit;
}

static void take_pitch(struct mixer *mixer, uint32_t lane, const struct voice *v)
{
    const struct channel *channel = v->who.channel;
    mixer->groups[lane / LANES].control.pitch[lane % LANES] =
        v->pitch_fixed + v->tune + (double)v->mod.sum[DEST_PITCH] + (double)channel->tune_cents + (double)v->key_tuning +
        (channel->drums ? 0.0 : (double)channel->master->tune_cents);
}

/* Re-evaluate all that depends on channel and master. PART: what the channel adds, or NULL. */
static void refresh(struct mixer *mixer, uint32_t lane, struct voice *v, const struct channel_part *part)
{
    static const float none[LIVE_COUNT];
    struct group *g = &mixer->groups[lane / LANES];
    const struct channel *channel = v->who.channel;
    g->channel_version[lane % LANES] = channel->version;
    g->master_version[lane % LANES] = channel->master->version;
    g->still_mask &= ~(1u << lane % LANES);
    if (v->retuned != channel->retuned)
        take_key_tuning(v);
    if (part)
        modulation_take_part(part, v->note_sum, &v->mod);
    else
        modulation_channel(&v->who, v->note_sum, &v->mod);
    take_pitch(mixer, lane, v);
    set_lfo(mixer, v, &g->control, lane % LANES, CLOCK_LFO);
    set_lfo(mixer, v, &g->control, lane % LANES, CLOCK_VIBRATO);
    set_depths(g, lane % LANES, v);
    g->control.underway = UINT32_MAX;
    voice_gain_wanted(mixer, lane, none);
    want_filter(mixer, lane, v);
    if (v->filtered)
        set_resonance(&g->control, lane % LANES, v->mod.sum[DEST_FILTER_Q]);
}

/* What the channel of V adds in this round, found now or by another voice; NULL if voices differ. */
static const struct channel_part *part_of(const struct mixer *mixer, struct workspace *space, const struct voice *v)
{
    static const float nothing[DEST_COUNT];
    const struct artic *artic = v->who.artic;
    const struct channel *channel = v->who.channel;
    if (!modulation_shared(&v->who))
        return NULL;
    struct channel_part *part = &space->part[((uintptr_t)channel / sizeof *channel + (uintptr_t)artic / 64) % CHANNEL_PARTS];
    if (part->artic != artic || part->channel != channel || part->at != mixer->round) {
        struct modulation unused;
        modulation_channel_part(&v->who, nothing, &unused, part);
        part->artic = artic;
        part->channel = channel;
        part->at = mixer->round;
    }
    return part;
}

void voice_refresh(struct mixer *mixer, struct workspace *space, uint32_t lane)
{
    static const float none[LIVE_COUNT];
    struct group *g = &mixer->groups[lane / LANES];
    struct voice *v = &g->voice[lane % LANES];
    const struct artic *artic = v->who.artic;
    const struct channel *channel = v->who.channel;
    const struct channel_part *part = part_of(mixer, space, v);
    const uint32_t n = lane % LANES, what = channel->touched & g->listens[n];
    if (!part || g->channel_version[n] != channel->version || g->master_version[n] != channel->master->version ||
        (what & ~(artic->only_gain | artic->only_pitch))) {
        refresh(mixer, lane, v, part);
        return;
    }
    g->still_mask &= ~(1u << n);
    if (what & artic->only_gain) {
        v->mod.sum[DEST_GAIN] = modulation_part_sum(part, v->note_sum, DEST_GAIN);
        if (g->odd_mask >> n & 1u)
            voice_gain_wanted(mixer, lane, none);
        else
            voice_gain_renewed(mixer, lane);
        g->control.underway = UINT32_MAX;
    }
    if (what & artic->only_pitch) {
        v->mod.sum[DEST_PITCH] = modulation_part_sum(part, v->note_sum, DEST_PITCH);
        take_pitch(mixer, lane, v);
    }
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

static float advance(struct control *c, unsigned clock, uint32_t n, uint32_t frames)
{
    if (!runs(c, clock, n))
        return 0.0f;
    struct lfo lfo = {c->phase[clock][n], c->turn[clock][n], c->wait[clock][n]};
    float value = lfo_advance(&lfo, frames);
    put_lfo(c, clock, n, &lfo);
    return value;
}

/* Let the generators run on for FRAMES; LIVE: what they then add. Returns the LFO. */
static float run_generators(struct mixer *mixer, uint32_t lane, struct voice *v, uint32_t frames, float live[LIVE_COUNT])
{
    float value[GEN_COUNT] = {0};
    memset(live, 0, LIVE_COUNT * sizeof *live);
    struct control *c = &mixer->groups[lane / LANES].control;
    value[GEN_LFO] = advance(c, CLOCK_LFO, lane % LANES, frames);
    value[GEN_VIBRATO] = advance(c, CLOCK_VIBRATO, lane % LANES, frames);
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

static void glide_on(struct control *c, uint32_t n, double way)
{
    if (c->glide[n] > 0.0)
        c->glide[n] = c->glide[n] > way ? c->glide[n] - way : 0.0;
    else
        c->glide[n] = -c->glide[n] > way ? c->glide[n] + way : 0.0;
}

static void pitch_target(struct mixer *mixer, struct group *g, uint32_t n, uint32_t frames, float live)
{
    struct control *c = &g->control;
    if (c->glide[n] != 0.0)
        glide_on(c, n, g->voice[n].glide_rate * (double)frames);
    double cents = c->pitch[n] + c->glide[n] + (double)live;
    if (cents != c->stepped[n]) {
        c->stepped[n] = cents;
        c->step_to[n] = voice_step(mixer, c->rate[n], cents);
        g->step_next[n] = voice_step_whole(c->step_to[n]);
    }
}

/* One value on its way to what the controllers want; the last bit of the way at once. */
static float smoothed(float now, float wanted, float share)
{
    float next = now + (wanted - now) * share;
    float close = (wanted > 0.0f ? wanted : -wanted) * 1e-3f + 1e-9f, off = next - wanted;
    return off < close && off > -close ? wanted : next;
}

static bool arrived(const struct control *c, uint32_t n)
{
    bool there = true;
    for (unsigned way = 0; way < WAY_COUNT; way++)
        there &= c->smooth[way][n] == c->wanted[way][n];
    return there;
}

static void smooth_targets(const struct mixer *mixer, struct control *c, uint32_t n)
{
    for (unsigned way = 0; way < WAY_COUNT; way++)
        c->smooth[way][n] = smoothed(c->smooth[way][n], c->wanted[way][n], mixer->rules.smoothing);
}

static void gain_target(const struct mixer *mixer, uint32_t lane, struct control *c, float live_db, float lfo)
{
    const uint32_t n = lane % LANES;
    const float most = mixer->rules.most;
    float left = c->smooth[WAY_LEFT][n], right = c->smooth[WAY_RIGHT][n];
    if (live_db != 0.0f || c->lfo_gain[n] != 0.0f) {
        float factor = voice_gain_tremolo(mixer, lane, live_db, lfo);
        left *= factor;
        right *= factor;
    }
    c->next[WAY_LEFT][n] = left < most ? left : most;
    c->next[WAY_RIGHT][n] = right < most ? right : most;
    c->next[WAY_REVERB][n] = c->smooth[WAY_REVERB][n];
    c->next[WAY_CHORUS][n] = c->smooth[WAY_CHORUS][n];
}

static struct filter_coefs solve_filter(const struct mixer *mixer, const struct control *c, uint32_t n, float cutoff)
{
    struct filter_resonance resonance = {c->peak[n], c->root[n], c->gain[n], c->row[n]};
    double u = mixer->rules.cutoff_to_u * mixer_ratio(mixer, (double)(cutoff < 40000.0f ? cutoff : 40000.0f));
    return filter_solve(&mixer->filter_table, &resonance, u);
}

static void filter_target(const struct mixer *mixer, struct control *c, uint32_t n, float live_cutoff, float q)
{
    float cutoff = c->smooth[WAY_CUTOFF][n] + live_cutoff;
    c->before[2][n] = c->before[1][n];
    c->before[1][n] = c->before[0][n];
    c->before[0][n] = c->solved_cutoff[n];
    if (cutoff == c->solved_cutoff[n] && q == c->solved_resonance[n])
        return;
    set_resonance(c, n, q);
    c->solved_cutoff[n] = cutoff;
    c->solved_resonance[n] = q;
    struct filter_coefs coefs = solve_filter(mixer, c, n, cutoff);
    put_filter(c, n, &coefs);
}

/* A cutoff that moves by more than this within a cell would be heard as spurs if its coefficients were led straight. */
#define FAST_CENTS 8.0f
#define UNKNOWN_CUTOFF (-1e8f) /* below: the voice is too young to have had one */

/* Points on the way to the new cutoff, on a cubic through it and the last three (Newton's backward differences). */
static bool find_path(const struct mixer *mixer, const struct control *control, uint32_t n, struct voice *v)
{
    const float c[3] = {control->before[0][n], control->before[1][n], control->before[2][n]};
    float to = control->solved_cutoff[n], d1 = to - c[0];
    if (!(d1 > FAST_CENTS || d1 < -FAST_CENTS) || c[0] < UNKNOWN_CUTOFF)
        return false;
    float d2 = c[1] < UNKNOWN_CUTOFF ? 0.0f : d1 - (c[0] - c[1]);
    float d3 = c[2] < UNKNOWN_CUTOFF ? 0.0f : d2 - ((c[0] - c[1]) - (c[1] - c[2]));
    for (uint32_t i = 0; i + 1 < FILTER_PATH; i++) {
        float t = (float)(i + 1) * (1.0f / (float)FILTER_PATH), s = t - 1.0f;
        v->path[i] = solve_filter(mixer, control, n, to + s * (d1 + t * (0.5f * d2 + (t + 1.0f) * (1.0f / 6.0f) * d3)));
    }
    v->path[FILTER_PATH - 1] = (struct filter_coefs){control->k[n], control->q[n], control->b2[n]};
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
    struct group *g = &mixer->groups[lane / LANES];
    struct control *c = &g->control;
    const uint32_t n = lane % LANES;
    float lfo = run_generators(mixer, lane, v, frames, live);
    if (moves(v, LIVE_PAN) || moves(v, LIVE_REVERB) || moves(v, LIVE_CHORUS))
        voice_gain_wanted(mixer, lane, live);
    if (runs(c, CLOCK_LFO, n) && moves(v, LIVE_LFO_FREQUENCY))
        c->turn[CLOCK_LFO][n] = lfo_step(lfo_turns(mixer, v->mod.sum[DEST_LFO_FREQUENCY] + live[LIVE_LFO_FREQUENCY]));
    if (runs(c, CLOCK_VIBRATO, n) && moves(v, LIVE_VIB_FREQUENCY))
        c->turn[CLOCK_VIBRATO][n] = lfo_step(lfo_turns(mixer, v->mod.sum[DEST_VIB_FREQUENCY] + live[LIVE_VIB_FREQUENCY]));
    smooth_targets(mixer, c, n);
    pitch_target(mixer, g, n, frames, live[LIVE_PITCH]);
    gain_target(mixer, lane, c, live[LIVE_GAIN], lfo);
    if (v->filtered)
        filter_target(mixer, c, n, live[LIVE_CUTOFF], v->mod.sum[DEST_FILTER_Q] + live[LIVE_Q]);
}

/* What the lanes are led between */
struct targets {
    float gain[WAY_GAINS];
    struct filter_coefs filter;
};

static struct targets targets_of(const struct control *c, uint32_t n)
{
    struct targets t = {.filter = {c->k[n], c->q[n], c->b2[n]}};
    for (unsigned way = 0; way < WAY_GAINS; way++)
        t.gain[way] = c->next[way][n];
    return t;
}

/* Put the lane exactly where the last cell was to lead (FROM), and lead it to what is next in FRAMES. */
static void lead(struct group *g, uint32_t n, const struct targets *from, uint32_t frames)
{
    struct lanes *l = &g->lanes;
    const struct targets to = targets_of(&g->control, n);
    float *const at[WAY_GAINS] = {l->left, l->right, l->reverb, l->chorus};
    float *const slope[WAY_GAINS] = {l->left_slope, l->right_slope, l->reverb_slope, l->chorus_slope};
    float part = 1.0f / (float)frames;
    for (unsigned way = 0; way < WAY_GAINS; way++) {
        at[way][n] = from->gain[way];
        slope[way][n] = (to.gain[way] - from->gain[way]) * part;
    }
    lead_filter(l, n, &from->filter, &to.filter, part);
}

static bool level(const struct lanes *l, uint32_t n)
{
    return l->left_slope[n] == 0.0f && l->right_slope[n] == 0.0f && l->reverb_slope[n] == 0.0f &&
           l->chorus_slope[n] == 0.0f && l->k_slope[n] == 0.0f && l->q_slope[n] == 0.0f && l->b2_slope[n] == 0.0f;
}

static bool rests(const struct group *g, uint32_t n)
{
    const struct control *c = &g->control;
    const struct voice *v = &g->voice[n];
    if (((c->running[CLOCK_LFO] | c->running[CLOCK_VIBRATO]) >> n & 1u) || c->glide[n] != 0.0 || !arrived(c, n))
        return false;
    bool eg2 = !(g->eg2_mask >> n & 1u) || v->eg2.segment == EG_SUSTAIN || v->eg2.segment == EG_OFF;
    return eg2 && !v->mod.active[GEN_EG1];
}

/* The way of pitch and of a fast filter through the cell, FROM where they were; whether anything will move after it */
static void cell_ways(struct mixer *mixer, struct group *g, uint32_t n, const struct filter_coefs *from, int64_t step, uint32_t frames)
{
    struct voice *v = &g->voice[n];
    struct oscillator *osc = v->osc;
    osc->step = step;
    if (v->filtered && frames == MIXER_GRID && find_path(mixer, &g->control, n, v)) {
        g->path_mask |= 1u << n;
        lead_filter(&g->lanes, n, from, &v->path[0], 1.0f / (float)PATH_FRAMES);
    }
    osc->slope = (g->step_next[n] - step) / (int64_t)frames;
    osc->level = interp_level_for(&mixer->family, step > g->step_next[n] ? step : g->step_next[n]);
    if (step == g->step_next[n] && rests(g, n) && level(&g->lanes, n))
        g->still_mask |= 1u << n;
}

void voice_cell(struct mixer *mixer, uint32_t lane, uint32_t frames)
{
    struct group *g = &mixer->groups[lane / LANES];
    uint32_t n = lane % LANES;
    g->path_mask &= ~(1u << n);
    if (g->still_mask >> n & 1u)
        return;
    struct targets from = targets_of(&g->control, n);
    int64_t step = g->step_next[n];
    find_targets(mixer, lane, &g->voice[n], frames);
    lead(g, n, &from, frames);
    cell_ways(mixer, g, n, &from.filter, step, frames);
}

void voice_cells(struct mixer *mixer, uint32_t group, uint32_t lanes)
{
    struct group *g = &mixer->groups[group];
    struct control *c = &g->control;
    const uint32_t usual = lanes & ~g->odd_mask;
    _Alignas(64) uint32_t on[LANES];
    for (uint32_t n = 0; n < LANES; n++) {
        struct voice *v = &g->voice[n];
        on[n] = usual >> n & 1u ? UINT32_MAX : 0;
        if (lanes & ~usual & 1u << n)
            voice_cell(mixer, group * LANES + n, MIXER_GRID);
        if (!on[n])
            continue;
        if (g->eg2_mask >> n & 1u) {
            eg2_advance(&v->eg2, MIXER_GRID);
            c->eg2[n] = (float)v->eg2.value;
        }
        if (c->glide[n] != 0.0)
            glide_on(c, n, v->glide_rate * (double)MIXER_GRID);
    }
    if (!usual)
        return;
    g->path_mask &= ~usual;
    mixer->kernels->control(c, &g->lanes, on, &mixer->rules);
    for (uint32_t n = 0; n < LANES; n++) {
        if (!on[n])
            continue;
        int64_t step = g->step_next[n];
        struct filter_coefs from = {g->lanes.k[n], g->lanes.q[n], g->lanes.b2[n]};
        g->step_next[n] = voice_step_whole(c->step_to[n]);
        cell_ways(mixer, g, n, &from, step, MIXER_GRID);
    }
}

void voice_follow(struct mixer *mixer, uint32_t lane)
{
    struct group *g = &mixer->groups[lane / LANES];
    const uint32_t n = lane % LANES;
    struct voice *v = &g->voice[n];
    const struct voice *m = voice_in(mixer, v->master_lane);
    if (m->serial == v->master_serial && mixer->groups[v->master_lane / LANES].mask >> v->master_lane % LANES & 1u) {
        v->osc->step = m->osc->step;
        v->osc->slope = m->osc->slope;
        g->step_next[n] = mixer->groups[v->master_lane / LANES].step_next[v->master_lane % LANES];
        v->osc->level = m->osc->level;
    } else { /* the master is gone: stay at its last pitch */
        v->osc->step = g->step_next[n];
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
    c->eg2[n] = 0.0f;
    c->glide[n] = 0.0;
    c->stepped[n] = -1e9;
}

static void init(struct mixer *mixer, struct voice *v, struct control *c, uint32_t n, const struct voice_params *params)
{
    clear_control(c, n);
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
    refresh(mixer, lane, v, NULL);
    start_envelopes(mixer, v, &ramp);
    take_ramp(g, n, v, &ramp);
    g->lanes.y[n] = g->lanes.d[n] = 0.0f;
    for (unsigned way = 0; way < WAY_COUNT; way++)
        c->smooth[way][n] = c->wanted[way][n]; /* a note begins where its controllers stand */
    if (!v->filtered)
        put_filter(c, n, &FILTER_OPEN);
    find_targets(mixer, lane, v, 0);
    v->osc->step = g->step_next[n];
    v->osc->level = interp_level_for(&mixer->family, v->osc->step);
    const struct targets here = targets_of(c, n);
    lead(g, n, &here, MIXER_GRID);
    if (mixer->cell_pos != 0 && !rests(g, n))
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
    struct control *c = &mixer->groups[lane / LANES].control;
    const uint32_t n = lane % LANES;
    double before = c->pitch[n] + c->glide[n];
    set_key(v, note, key);
    refresh(mixer, lane, v, NULL);
    c->glide[n] = glide_rate > 0.0f ? before - c->pitch[n] : 0.0;
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
    float loud = voice_loudest(g, lane % LANES) * 32768.0f;
    if (held && (moves(v, LIVE_GAIN) || v->mod.lfo_gain != 0.0f))
        loud *= 4.0f; /* a tremolo comes back */
    float could = v->note_gain * 0.25f; /* a controller may yet come back up */
    return e * (loud > could ? loud : could) < INAUDIBLE;
}
