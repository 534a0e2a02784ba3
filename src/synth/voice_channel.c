/* SPDX-License-Identifier: MIT */
#include "fmath.h"
#include "voice_lane.h"

double voice_lfo_turns(const struct mixer *mixer, float cents)
{
    double hertz = 440.0 * mixer_ratio(mixer, (double)cents - 6900.0);
    if (!(hertz >= 0.01 && hertz <= 100.0))
        hertz = 5.0; /* spec/dls.md 2.9 rule 6 */
    return hertz / (double)mixer->sample_rate;
}

static void set_lfo(struct mixer *mixer, struct voice *v, struct control *c, uint32_t n, unsigned clock)
{
    bool vibrato = clock == CLOCK_VIBRATO;
    struct lfo lfo = {0};
    if (!v->mod.active[vibrato ? GEN_VIBRATO : GEN_LFO]) {
        c->running[clock] &= ~(1u << n);
        put_lfo(c, clock, n, &lfo);
        return;
    }
    uint64_t step = lfo_step(voice_lfo_turns(mixer, v->mod.sum[vibrato ? DEST_VIB_FREQUENCY : DEST_LFO_FREQUENCY]));
    if (runs(c, clock, n)) {
        c->turn[clock][n] = step;
        return;
    }
    lfo_init(&lfo, voice_dest_frames(mixer, v, vibrato ? DEST_VIB_DELAY : DEST_LFO_DELAY), step, mixer->clock - v->born);
    put_lfo(c, clock, n, &lfo);
    c->running[clock] |= 1u << n;
}

/* CC74 below its centre darkens an instrument that has no filter of its own: from SF2's "off", 13500 cents. */
static bool darkened(const struct mixer *mixer, const struct voice *v)
{
    return mixer->profile->sound_controllers && !v->who.artic->filter && !v->who.channel->drums &&
           (v->who.channel->cc[74] < 64 || v->cutoff_offset < 0.0f);
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
    g->lanes.y[n] = g->last[n]; /* as if an open filter had run all the time */
    g->lanes.d[n] = 0.0f;
    mixer_lane_filtered(mixer, lane);
}

/* CA-021: what is not real time does not reach sounding notes; so it is only looked up when it should. */
void voice_take_key_tuning(struct voice *v)
{
    v->retuned = v->who.channel->retuned;
    v->key_tuning = channel_key_tuning(v->who.channel, v->who.note);
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
    double *pitch = &mixer->groups[lane / LANES].control.pitch[lane % LANES];
    *pitch = v->pitch_fixed + v->tune + (double)v->mod.sum[DEST_PITCH] + (double)channel->tune_cents + (double)v->key_tuning +
             (channel->drums ? 0.0 : (double)channel->master->tune_cents);
    if (mixer->memo)
        memo_expect(mixer->memo, *pitch * (1.0 / 1200.0));
}

void voice_take_channel(struct mixer *mixer, uint32_t lane, struct voice *v, const struct channel_part *part)
{
    static const float none[LIVE_COUNT];
    struct group *g = &mixer->groups[lane / LANES];
    const struct channel *channel = v->who.channel;
    g->channel_version[lane % LANES] = channel->version;
    g->master_version[lane % LANES] = channel->master->version;
    g->still_mask &= ~(1u << lane % LANES);
    if (v->retuned != channel->retuned)
        voice_take_key_tuning(v);
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
        voice_set_resonance(mixer, &g->control, lane % LANES, v->mod.sum[DEST_FILTER_Q]);
}

/* The one among COUNT parts that is for WHO, filled anew if it is another's or of another time; NULL if voices differ. */
static const struct channel_part *part_among(struct channel_part *parts, uint32_t count, const struct listener *who, uint64_t at)
{
    const struct artic *artic = who->artic;
    const struct channel *channel = who->channel;
    struct channel_part *part = &parts[((uintptr_t)channel / sizeof *channel + (uintptr_t)artic / 64) % count];
    if (part->artic != artic || part->channel != channel || part->at != at) {
        modulation_find_part(who, part);
        part->artic = artic;
        part->channel = channel;
        part->at = at;
    }
    return part->shared ? part : NULL;
}

/* Found in this round, now or by another voice */
static const struct channel_part *part_of(const struct mixer *mixer, struct workspace *space, const struct voice *v)
{
    return modulation_may_share(&v->who) ? part_among(space->part, CHANNEL_PARTS, &v->who, mixer->round) : NULL;
}

/* Both counts of a channel only grow: their sum stands for its state. */
const struct channel_part *voice_known_part(struct mixer *mixer, const struct voice *v, uint32_t bank)
{
    if (!bank || !modulation_may_share(&v->who))
        return NULL;
    const struct channel *channel = v->who.channel;
    return part_among(mixer->known, KNOWN_PARTS, &v->who, (uint64_t)bank << 32 | (channel->version + channel->messages));
}

/* Sums of which nothing but a gain depends */
static void take_place(struct mixer *mixer, uint32_t lane, struct voice *v, const struct channel_part *part)
{
    static const float none[LIVE_COUNT];
    static const uint8_t dests[] = {DEST_GAIN, DEST_PAN, DEST_REVERB, DEST_CHORUS};
    for (unsigned i = 0; i < sizeof dests; i++)
        v->mod.sum[dests[i]] = modulation_part_sum(part, v->note_sum, dests[i]);
    voice_gain_wanted(mixer, lane, none);
}

void voice_refresh(struct mixer *mixer, struct workspace *space, uint32_t lane)
{
    struct group *g = &mixer->groups[lane / LANES];
    const uint32_t n = lane % LANES;
    struct voice *v = &g->voice[n];
    const struct artic *artic = v->who.artic;
    const struct channel *channel = g->channel[n];
    const struct channel_part *part = part_of(mixer, space, v);
    const uint32_t what = channel->touched & g->listens[n];
    if (!part || g->channel_version[n] != channel->version || g->master_version[n] != channel->master->version ||
        (what & ~(artic->only_gain | artic->only_pitch | artic->only_place))) {
        voice_take_channel(mixer, lane, v, part);
        return;
    }
    g->still_mask &= ~(1u << n);
    if (what & (artic->only_gain | artic->only_place))
        g->control.underway = UINT32_MAX;
    if (what & artic->only_place || (what & artic->only_gain && g->odd_mask >> n & 1u)) {
        take_place(mixer, lane, v, part);
    } else if (what & artic->only_gain) {
        v->mod.sum[DEST_GAIN] = modulation_part_sum(part, v->note_sum, DEST_GAIN);
        voice_gain_renewed(mixer, lane);
    }
    if (what & artic->only_pitch) {
        v->mod.sum[DEST_PITCH] = modulation_part_sum(part, v->note_sum, DEST_PITCH);
        take_pitch(mixer, lane, v);
    }
}
