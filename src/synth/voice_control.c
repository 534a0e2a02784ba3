/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "fmath.h"
#include "voice_lane.h"

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
        get_eg2(c, lane % LANES, &v->eg2);
        eg2_advance(&v->eg2, frames);
        put_eg2(c, lane % LANES, &v->eg2);
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
        g->sliding_mask |= 1u << n;
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

/* The same as for the note before, mostly. */
static struct filter_resonance resonance_known(struct memo *memo, float db)
{
    if (memo->resonance_db != db) {
        memo->resonance_db = db;
        filter_resonance(&memo->resonance, db);
    }
    return memo->resonance;
}

void voice_set_resonance(const struct mixer *mixer, struct control *c, uint32_t n, float db)
{
    struct filter_resonance resonance;
    if (c->resonance[n] == db)
        return;
    if (mixer->memo)
        resonance = resonance_known(mixer->memo, db);
    else
        filter_resonance(&resonance, db);
    c->resonance[n] = db;
    c->peak[n] = resonance.peak;
    c->root[n] = resonance.c;
    c->gain[n] = resonance.gain;
    c->row[n] = resonance.at;
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
    voice_set_resonance(mixer, c, n, q);
    c->solved_cutoff[n] = cutoff;
    c->solved_resonance[n] = q;
    struct filter_coefs coefs = solve_filter(mixer, c, n, cutoff);
    put_filter(c, n, &coefs);
}

/* Points on the way to the new cutoff, on a cubic through it and the last three (Newton's backward differences). */
static bool find_path(const struct mixer *mixer, const struct control *control, uint32_t n, struct filter_coefs path[PATH_PARTS])
{
    const float c[3] = {control->before[0][n], control->before[1][n], control->before[2][n]};
    float to = control->solved_cutoff[n], d1 = to - c[0];
    if (!(d1 > FAST_CENTS || d1 < -FAST_CENTS) || c[0] < UNKNOWN_CUTOFF)
        return false;
    float d2 = c[1] < UNKNOWN_CUTOFF ? 0.0f : d1 - (c[0] - c[1]);
    float d3 = c[2] < UNKNOWN_CUTOFF ? 0.0f : d2 - ((c[0] - c[1]) - (c[1] - c[2]));
    for (uint32_t i = 0; i + 1 < PATH_PARTS; i++) {
        float t = (float)(i + 1) * (1.0f / (float)PATH_PARTS), s = t - 1.0f;
        path[i] = solve_filter(mixer, control, n, to + s * (d1 + t * (0.5f * d2 + (t + 1.0f) * (1.0f / 6.0f) * d3)));
    }
    path[PATH_PARTS - 1] = (struct filter_coefs){control->k[n], control->q[n], control->b2[n]};
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

void voice_find_targets(struct mixer *mixer, uint32_t lane, struct voice *v, uint32_t frames)
{
    float live[LIVE_COUNT];
    struct group *g = &mixer->groups[lane / LANES];
    struct control *c = &g->control;
    const uint32_t n = lane % LANES;
    float lfo = run_generators(mixer, lane, v, frames, live);
    if (moves(v, LIVE_PAN) || moves(v, LIVE_REVERB) || moves(v, LIVE_CHORUS))
        voice_gain_wanted(mixer, lane, live);
    if (runs(c, CLOCK_LFO, n) && moves(v, LIVE_LFO_FREQUENCY))
        c->turn[CLOCK_LFO][n] = lfo_step(voice_lfo_turns(mixer, v->mod.sum[DEST_LFO_FREQUENCY] + live[LIVE_LFO_FREQUENCY]));
    if (runs(c, CLOCK_VIBRATO, n) && moves(v, LIVE_VIB_FREQUENCY))
        c->turn[CLOCK_VIBRATO][n] = lfo_step(voice_lfo_turns(mixer, v->mod.sum[DEST_VIB_FREQUENCY] + live[LIVE_VIB_FREQUENCY]));
    smooth_targets(mixer, c, n);
    pitch_target(mixer, g, n, frames, live[LIVE_PITCH]);
    gain_target(mixer, lane, c, live[LIVE_GAIN], lfo);
    if (v->filtered)
        filter_target(mixer, c, n, live[LIVE_CUTOFF], v->mod.sum[DEST_FILTER_Q] + live[LIVE_Q]);
}

struct targets voice_targets(const struct control *c, uint32_t n)
{
    struct targets t = {.filter = {c->k[n], c->q[n], c->b2[n]}};
    for (unsigned way = 0; way < WAY_GAINS; way++)
        t.gain[way] = c->next[way][n];
    return t;
}

void voice_lead(struct group *g, uint32_t n, const struct targets *from, uint32_t frames)
{
    struct lanes *l = &g->lanes;
    const struct targets to = voice_targets(&g->control, n);
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

/* The way of the next new cutoff goes through those of the cells before (find_path), which a voice at rest does not keep. */
static bool cutoff_settled(const struct control *c, uint32_t n)
{
    bool settled = true;
    for (unsigned i = 0; i < 3; i++)
        settled &= c->before[i][n] == c->solved_cutoff[n];
    return settled;
}

bool voice_rests(const struct group *g, uint32_t n)
{
    const struct control *c = &g->control;
    if (g->filter_mask >> n & 1u && !cutoff_settled(c, n))
        return false;
    if ((c->running[CLOCK_LFO] | c->running[CLOCK_VIBRATO]) >> n & 1u || (g->eg2_mask & c->eg2_moving) >> n & 1u)
        return false;
    return c->glide[n] == 0.0 && arrived(c, n) && !g->voice[n].mod.active[GEN_EG1];
}

/* The way of the pitch through the cell from STEP to step_next; as a bit whether it is one */
static inline uint32_t slide(const struct mixer *mixer, struct group *g, uint32_t n, int64_t step, uint32_t frames)
{
    struct oscillator *osc = &g->osc[n];
    const struct interp_level *level = osc->level;
    const int64_t next = g->step_next[n], most = step > next ? step : next;
    osc->step = step;
    osc->slope = (next - step) / (int64_t)frames;
    if (most > level->max_step || (level != mixer->family.level && most <= level[-1].max_step))
        osc->level = interp_level_for(&mixer->family, most);
    return (uint32_t)(step != next) << n;
}

static void set_point(struct path_point *p, uint32_t n, const struct filter_coefs *from, const struct filter_coefs *to)
{
    const float part = 1.0f / (float)PATH_FRAMES;
    p->k[n] = from->k;
    p->q[n] = from->q;
    p->b2[n] = from->b2;
    p->k_slope[n] = (to->k - from->k) * part;
    p->q_slope[n] = (to->q - from->q) * part;
    p->b2_slope[n] = (to->b2 - from->b2) * part;
}

/* The way of a fast filter through the cell */
static void follow_path(struct mixer *mixer, struct group *g, uint32_t n, const struct filter_coefs *from)
{
    struct filter_coefs path[PATH_PARTS];
    if (!g->voice[n].filtered || !find_path(mixer, &g->control, n, path))
        return;
    g->path_mask |= 1u << n;
    lead_filter(&g->lanes, n, from, &path[0], 1.0f / (float)PATH_FRAMES);
    for (uint32_t i = 0; i + 1 < PATH_PARTS; i++)
        set_point(&g->path.point[i], n, &path[i], &path[i + 1]);
}

/* Whether anything will move after this cell */
static void rest(struct group *g, uint32_t n)
{
    if (!(g->sliding_mask >> n & 1u) && voice_rests(g, n) && level(&g->lanes, n))
        g->still_mask |= 1u << n;
}

void voice_cell(struct mixer *mixer, uint32_t lane, uint32_t frames)
{
    struct group *g = &mixer->groups[lane / LANES];
    uint32_t n = lane % LANES;
    g->path_mask &= ~(1u << n);
    if (g->still_mask >> n & 1u)
        return;
    struct targets from = voice_targets(&g->control, n);
    int64_t step = g->step_next[n];
    voice_find_targets(mixer, lane, &g->voice[n], frames);
    voice_lead(g, n, &from, frames);
    if (frames == MIXER_GRID)
        follow_path(mixer, g, n, &from.filter);
    g->sliding_mask = (g->sliding_mask & ~(1u << n)) | slide(mixer, g, n, step, frames);
    rest(g, n);
}

/* Lanes as masks, ready in memory: put together element by element they could not be loaded as a vector before all was written. */
#define LANE_(bits, n) ((bits) >> (n) & 1u ? UINT32_MAX : 0u)
#define LANES_1_(b) {LANE_(b, 0), LANE_(b, 1), LANE_(b, 2), LANE_(b, 3), LANE_(b, 4), LANE_(b, 5), LANE_(b, 6), LANE_(b, 7)}
#define LANES_4_(b) LANES_1_(b), LANES_1_((b) + 1), LANES_1_((b) + 2), LANES_1_((b) + 3)
#define LANES_16_(b) LANES_4_(b), LANES_4_((b) + 4), LANES_4_((b) + 8), LANES_4_((b) + 12)
#define LANES_64_(b) LANES_16_(b), LANES_16_((b) + 16), LANES_16_((b) + 32), LANES_16_((b) + 48)
_Alignas(64) static const uint32_t masks[1u << LANES][LANES] = {LANES_64_(0), LANES_64_(64), LANES_64_(128), LANES_64_(192)};

/* What the kernel does not know of LANES: segments of EG2 that end, and glides */
static void before_kernel(struct group *g, uint32_t lanes)
{
    struct control *c = &g->control;
    const uint32_t ending = c->eg2_ending & g->eg2_mask & lanes;
    uint64_t glides = 0, bits[LANES];
    memcpy(bits, c->glide, sizeof bits);
    for (uint32_t n = 0; n < LANES; n++)
        glides |= bits[n];
    for (uint32_t n = 0; glides << 1 && n < LANES; n++) /* without the sign: -0.0 is no glide */
        if (lanes >> n & 1u && c->glide[n] != 0.0)
            glide_on(c, n, g->voice[n].glide_rate * (double)MIXER_GRID);
    for (uint32_t n = 0; ending && n < LANES; n++) {
        struct eg2 *eg = &g->voice[n].eg2;
        if (!(ending >> n & 1u))
            continue;
        get_eg2(c, n, eg);
        eg2_advance(eg, MIXER_GRID);
        put_eg2(c, n, eg);
    }
    c->eg2_held = g->eg2_mask & lanes ? masks[ending] : NULL;
}

static void after_kernel(struct mixer *mixer, struct group *g, uint32_t lanes)
{
    const struct control *c = &g->control;
    const uint32_t busy = c->running[CLOCK_LFO] | c->running[CLOCK_VIBRATO] | (c->eg2_moving & g->eg2_mask);
    const uint32_t slides = lanes & (c->stepped_on | g->sliding_mask);
    uint32_t sliding = 0;
    g->path_mask |= c->fast;
    for (uint32_t n = 0; slides >> n; n++) {
        const int64_t step = g->step_next[n];
        if (!(slides >> n & 1u))
            continue;
        g->step_next[n] = voice_step_whole(c->step_to[n]);
        sliding |= slide(mixer, g, n, step, MIXER_GRID);
    }
    g->sliding_mask = (g->sliding_mask & ~slides) | sliding;
    const uint32_t rests = c->underway ? 0 : lanes & ~sliding & ~busy; /* to be found at rest later changes nothing */
    for (uint32_t n = 0; rests >> n; n++)
        if (rests >> n & 1u)
            rest(g, n);
}

/* The lanes of COUNT groups that are for the kernel */
static void lead_usual(struct mixer *mixer, const struct moving *moving, uint32_t count)
{
    struct control_job jobs[CONTROL_JOBS];
    for (uint32_t i = 0; i < count; i++) {
        struct group *g = &mixer->groups[moving[i].group];
        before_kernel(g, moving[i].lanes);
        g->path_mask &= ~moving[i].lanes;
        jobs[i] = (struct control_job){&g->control, &g->lanes, masks[moving[i].lanes], &g->path};
    }
    mixer->kernels->control(jobs, count, &mixer->rules);
    for (uint32_t i = 0; i < count; i++)
        after_kernel(mixer, &mixer->groups[moving[i].group], moving[i].lanes);
}

void voice_cells(struct mixer *mixer, const struct moving *moving, uint32_t count)
{
    struct moving usual[CONTROL_JOBS];
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t odd = moving[i].lanes & mixer->groups[moving[i].group].odd_mask;
        for (uint32_t n = 0; odd && n < LANES; n++)
            if (odd >> n & 1u)
                voice_cell(mixer, moving[i].group * LANES + n, MIXER_GRID);
        usual[waiting] = (struct moving){moving[i].group, moving[i].lanes & ~odd};
        waiting += usual[waiting].lanes != 0;
        if (waiting && (waiting == CONTROL_JOBS || i + 1 == count)) {
            lead_usual(mixer, usual, waiting);
            waiting = 0;
        }
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
