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
    static const uint8_t generators[BY_COUNT] = {GEN_LFO, GEN_VIBRATO, GEN_EG2};
    static const uint8_t dests[ON_COUNT] = {LIVE_GAIN, LIVE_PITCH, LIVE_CUTOFF};
    const uint32_t known = 1u << LIVE_GAIN | 1u << LIVE_PITCH | 1u << LIVE_CUTOFF, bit = 1u << n;
    for (unsigned i = 0; i < BY_COUNT; i++)
        for (unsigned k = 0; k < ON_COUNT; k++)
            g->control.depth[i][k][n] = v->mod.depth[generators[i]][dests[k]];
    g->control.lfo_gain[n] = v->mod.lfo_gain;
    bool odd = v->mod.irregular || v->mod.active[GEN_EG1] || (v->mod.moves & ~known) || (g->slave_mask & bit);
    g->odd_mask = odd ? g->odd_mask | bit : g->odd_mask & ~bit;
    g->eg2_mask = v->who.artic->uses[GEN_EG2] ? g->eg2_mask | bit : g->eg2_mask & ~bit;
}

/* SUM: of the connections to it */
static inline void take_pitch(struct control *c, uint32_t n, const struct channel *channel, float sum)
{
    c->pitch[n] = c->fixed_cents[n] + (double)sum + (double)channel->tune_cents + (double)c->tuning[n] +
                  (channel->drums ? 0.0 : (double)channel->master->tune_cents);
}

/* What voice_refresh needs of the voice, side by side with that of others */
static void put_fixed(struct group *g, uint32_t n, const struct voice *v)
{
    struct control *c = &g->control;
    g->artic[n] = modulation_may_share(&v->who) ? v->who.artic : NULL;
    c->fixed_cents[n] = v->pitch_fixed + v->tune;
    c->note_cents[n] = v->note_sum[DEST_PITCH];
    c->tuning[n] = v->key_tuning;
    c->note_db[n] = v->note_sum[DEST_GAIN];
    c->fixed_db[n] = v->fixed_db;
    c->master_db[n] = v->who.channel->master->gain_db;
    c->volume_db[n] = v->who.channel->master->volume_db;
}

void voice_take_channel(struct mixer *mixer, uint32_t lane, struct voice *v, const struct channel_part *part)
{
    static const float none[LIVE_COUNT];
    struct group *g = &mixer->groups[lane / LANES];
    struct control *c = &g->control;
    const uint32_t n = lane % LANES;
    const struct channel *channel = v->who.channel;
    g->channel_version[n] = channel->version;
    g->master_version[n] = channel->master->version;
    g->still_mask &= ~(1u << n);
    if (v->retuned != channel->retuned)
        voice_take_key_tuning(v);
    if (part)
        modulation_take_part(part, v->note_sum, &v->mod);
    else
        modulation_channel(&v->who, v->note_sum, &v->mod);
    put_fixed(g, n, v);
    take_pitch(c, n, channel, v->mod.sum[DEST_PITCH]);
    if (mixer->memo)
        memo_expect(mixer->memo, c->pitch[n] * (1.0 / 1200.0));
    set_lfo(mixer, v, c, n, CLOCK_LFO);
    set_lfo(mixer, v, c, n, CLOCK_VIBRATO);
    set_depths(g, n, v);
    c->underway = UNDERWAY_ALL;
    c->swept = UINT32_MAX;
    c->sum_db[n] = v->mod.sum[DEST_GAIN] + v->fixed_db;
    voice_gain_wanted(mixer, lane, none);
    want_filter(mixer, lane, v);
    if (v->filtered)
        voice_set_resonance(mixer, c, n, v->mod.sum[DEST_FILTER_Q]);
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

/* What the channel adds to DEST, found in this round, now or by another voice; NULL: it is not to be had as a sum. */
static const struct channel_sum *sum_of(const struct mixer *mixer, struct channel_sum sums[CHANNEL_SUMS], const struct artic *artic,
                                        const struct channel *channel, enum artic_dest dest)
{
    struct channel_sum *sum = &sums[((uintptr_t)channel / 64 + (uintptr_t)artic / 64) % CHANNEL_SUMS];
    if (sum->artic != artic || sum->channel != channel || sum->at != mixer->round) {
        modulation_find_sum(artic, channel, dest, sum);
        sum->at = mixer->round;
    }
    return sum->few ? sum : NULL;
}

/* Sums of which nothing but a gain depends */
static void take_place(struct mixer *mixer, uint32_t lane, struct voice *v, const struct channel_part *part)
{
    static const float none[LIVE_COUNT];
    static const uint8_t dests[] = {DEST_PAN, DEST_REVERB, DEST_CHORUS};
    struct control *c = &mixer->groups[lane / LANES].control;
    for (unsigned i = 0; i < sizeof dests; i++)
        v->mod.sum[dests[i]] = modulation_part_sum(part, v->note_sum, dests[i]);
    c->sum_db[lane % LANES] = modulation_part_sum(part, v->note_sum, DEST_GAIN) + v->fixed_db;
    voice_gain_wanted(mixer, lane, none);
}

/* One that has to look at more than what moves its gain or its pitch */
static void refresh_one(struct mixer *mixer, struct workspace *space, uint32_t lane, bool whole)
{
    struct group *g = &mixer->groups[lane / LANES];
    const uint32_t n = lane % LANES;
    struct voice *v = &g->voice[n];
    const struct artic *artic = v->who.artic;
    const struct channel *channel = g->channel[n];
    const struct channel_part *part = part_of(mixer, space, v);
    const uint32_t what = channel->touched & g->listens[n];
    if (whole || !part || (what & ~(artic->only_gain | artic->only_pitch | artic->only_place))) {
        voice_take_channel(mixer, lane, v, part);
        return;
    }
    if (what & (artic->only_gain | artic->only_place)) {
        g->control.underway = UNDERWAY_ALL;
        take_place(mixer, lane, v, part);
    }
    if (what & artic->only_pitch)
        take_pitch(&g->control, n, channel, modulation_part_sum(part, v->note_sum, DEST_PITCH));
}

/* Only gain or pitch is new, for the control kernel to go on with. false: that is not all. */
static inline bool take_sums(const struct mixer *mixer, struct workspace *space, struct group *g, uint32_t n)
{
    struct control *c = &g->control;
    const struct channel *channel = g->channel[n];
    const struct artic *artic = g->artic[n];
    const struct channel_sum *gain = NULL, *pitch = NULL;
    if (!artic)
        return false;
    const uint32_t what = channel->touched & g->listens[n];
    if (what & artic->only_gain) {
        gain = sum_of(mixer, space->gain, artic, channel, DEST_GAIN);
        if (!gain)
            return false;
    }
    if (what & ~artic->only_gain) {
        pitch = what & ~artic->only_gain & ~artic->only_pitch ? NULL : sum_of(mixer, space->pitch, artic, channel, DEST_PITCH);
        if (!pitch)
            return false;
        take_pitch(c, n, channel, modulation_add_sum(pitch, c->note_cents[n]));
    }
    if (gain) {
        c->sum_db[n] = modulation_add_sum(gain, c->note_db[n]) + c->fixed_db[n];
        c->renewed |= 1u << n;
        c->underway |= UNDERWAY_SIDES;
    }
    return true;
}

void voice_refresh(struct mixer *mixer, struct workspace *space, uint32_t index, const struct outdated *outdated)
{
    struct group *g = &mixer->groups[index];
    uint32_t more = outdated->whole | (outdated->touched & g->odd_mask);
    g->still_mask &= ~(outdated->whole | outdated->touched);
    for (uint32_t lanes = outdated->touched & ~more, n = 0; lanes >> n; n++)
        if (lanes >> n & 1u && !take_sums(mixer, space, g, n))
            more |= 1u << n;
    for (uint32_t n = 0; more >> n; n++)
        if (more >> n & 1u)
            refresh_one(mixer, space, index * LANES + n, outdated->whole >> n & 1u);
}
