/* SPDX-License-Identifier: MIT */
#include "modulation.h"

#include <string.h>

#include "fmath.h"
#include "input_table.h"

#define STANDARD_MODULATION_RANGE 50.0f /* cents, RPN 5 at power-on */

/* ---- inputs ----------------------------------------------------------------- */

#define MAX_VALUE 16256.0f /* 127/128 of 14 bits */
#define KNEE 0.0039810717f /* 10^(-12/5) */
#define FIVE_TWELFTHS_LOG10 0.12542915696 /* 5/12 * log10(2) */

/* Whether X is a 7-bit value, and which. */
static bool whole_value(float x, uint32_t *value)
{
    if (!(x >= 0.0f && x <= MAX_VALUE))
        return false;
    *value = (uint32_t)x / 128;
    return (float)(*value * 128) == x;
}

/* The unipolar curves of DLS 2.2 section 1.6.5, X in 0..MAX_VALUE and beyond */
static float curve(uint8_t code, float x, float range)
{
    uint32_t value;
    switch (code) {
    case CURVE_CONCAVE:
        if (whole_value(x, &value))
            return concave_table[value];
        if (x > (1.0f - KNEE) * MAX_VALUE)
            return 1.0f;
        return (float)(-FIVE_TWELFTHS_LOG10 * fm_log2(1.0 - (double)x / (double)MAX_VALUE));
    case CURVE_CONVEX:
        if (whole_value(x, &value))
            return convex_table[value];
        if (x < KNEE * MAX_VALUE)
            return 0.0f;
        return (float)(1.0 + FIVE_TWELFTHS_LOG10 * fm_log2((double)x / (double)MAX_VALUE));
    case CURVE_SWITCH:
        return x < 8192.0f ? 0.0f : 1.0f;
    default:
        return x / range;
    }
}

float input_value(uint8_t input, float x, float range)
{
    uint8_t code = input & INPUT_CURVE;
    if (input & INPUT_INVERT)
        x = MAX_VALUE - x > 0.0f ? MAX_VALUE - x : 0.0f;
    if (!(input & INPUT_BIPOLAR))
        return curve(code, x, range);
    if (code == CURVE_CONCAVE || code == CURVE_CONVEX) {
        float v = 2.0f * x - MAX_VALUE;
        return v < 0.0f ? -curve(code, -v, range) : curve(code, v, range);
    }
    return 2.0f * curve(code, x, range) - 1.0f;
}

/* ---- connections ------------------------------------------------------------- */

static bool bipolar_by_nature(enum generator g)
{
    return g == GEN_LFO || g == GEN_VIBRATO;
}

/* Value of an input to DEST that is neither generator nor NONE */
static float steady_source(const struct listener *who, uint16_t source, uint8_t input, uint8_t dest)
{
    const struct profile *profile = who->artic->profile;
    float x, range = profile->linear_range;
    if (source >= SRC_CC && source < SRC_CC + 128 && source != SRC_CC91 && source != SRC_CC93)
        return input_value(input, (float)channel_controller(who->channel, source - SRC_CC), range);
    switch (source) {
    case SRC_VELOCITY:
        x = (float)who->velocity * 128.0f;
        break;
    case SRC_KEY:
        x = (float)who->key * 128.0f;
        break;
    case SRC_RPN0: /* 2.7: MSB semitones and LSB cents over 12800, whatever the curve */
        return who->channel->bend_range * (1.0f / 12800.0f);
    case SRC_WHEEL:
    case SRC_RPN1:
    case SRC_RPN2:
        range = 16384.0f;
        x = (float)channel_source(who->channel, source, who->note, who->velocity);
        break;
    case SRC_CC91:
    case SRC_CC93: {
        uint8_t own = source == SRC_CC91 ? who->key_reverb : who->key_chorus;
        if (dest == DEST_REVERB || dest == DEST_CHORUS)
            range = profile->send_range;
        x = own ? (float)(own - 1) * 128.0f : (float)channel_source(who->channel, source, who->note, who->velocity);
        break;
    }
    default:
        x = (float)channel_source(who->channel, source, who->note, who->velocity);
        break;
    }
    return input_value(input, x, range);
}

/* Value of an input to DEST that is no generator; NONE is 1. */
static inline float steady(const struct listener *who, uint16_t source, uint8_t input, uint8_t dest)
{
    if (source == SRC_NONE)
        return input & INPUT_INVERT ? -1.0f : 1.0f;
    return steady_source(who, source, input, dest);
}

static inline float steady_product(const struct listener *who, const struct connection *c)
{
    return steady(who, c->source, c->source_input, c->dest) * (steady(who, c->control, c->control_input, c->dest) * c->scale);
}

void modulation_note(const struct listener *who, float sum[DEST_COUNT])
{
    const struct artic *artic = who->artic;
    memcpy(sum, artic->base, sizeof artic->base);
    for (uint32_t i = 0; i < artic->note_count; i++) {
        const struct connection *c = &artic->connections[i];
        sum[c->dest] += steady_product(who, c);
    }
}

static bool linear(uint8_t input)
{
    return (input & INPUT_CURVE) == CURVE_LINEAR || (input & INPUT_CURVE) > CURVE_SWITCH;
}

/* To a sum, and to PART unless it is NULL */
static void add(struct modulation *out, struct channel_part *part, uint8_t dest, float amount)
{
    out->sum[dest] += amount;
    if (!part || amount == 0.0f || part->count == CHANNEL_PART_MAX)
        return;
    part->dest[part->count] = dest;
    part->amount[part->count++] = amount;
}

/* A linear input from a generator is OFFSET + SLOPE * its value. */
struct line {
    float offset, slope;
};

static struct line line_of(enum generator g, uint8_t input)
{
    struct line line = {0.0f, 1.0f};
    if (!bipolar_by_nature(g) && input & INPUT_BIPOLAR)
        line = (struct line){-1.0f, 2.0f};
    if (input & INPUT_INVERT) {
        if (!bipolar_by_nature(g))
            line.offset += line.slope;
        line.slope = -line.slope;
    }
    return line;
}

/* A connection that reads one generator, linearly: AMOUNT is the rest of the product. */
static void add_depth(struct modulation *out, struct channel_part *part, enum generator g, uint8_t input, uint8_t dest,
                      float amount)
{
    const struct line line = line_of(g, input);
    enum live_dest live = live_of(dest);
    if (live == LIVE_COUNT || amount == 0.0f)
        return; /* times and delays are read at note-on, when generators stand at 0 */
    out->depth[g][live] += line.slope * amount;
    if (!bipolar_by_nature(g))
        add(out, part, dest, line.offset * amount);
    out->active[g] = true;
}

/* GM 2: RPN 5 says what the modulation wheel does to pitch at its end. */
static float wheel_range(const struct listener *who, const struct connection *c)
{
    bool pitch = c->dest == DEST_PITCH && (c->source == SRC_CC1 || c->control == SRC_CC1);
    return pitch ? who->channel->modulation_range * (1.0f / STANDARD_MODULATION_RANGE) : 1.0f;
}

/* The one generator that C reads, linearly, with its INPUT; GEN_COUNT: it does something else. */
static enum generator linear_in(const struct connection *c, uint8_t *input)
{
    enum generator s = generator_of(c->source), t = generator_of(c->control);
    *input = s != GEN_COUNT ? c->source_input : c->control_input;
    return (s != GEN_COUNT && t != GEN_COUNT) || !linear(*input) ? GEN_COUNT : s != GEN_COUNT ? s : t;
}

/* What goes with the generator G that is linear in C */
static float depth_of(const struct listener *who, const struct connection *c, enum generator g)
{
    float other = generator_of(c->source) == g ? steady(who, c->control, c->control_input, c->dest)
                                               : steady(who, c->source, c->source_input, c->dest);
    return other * c->scale * wheel_range(who, c);
}

static void add_live(const struct listener *who, const struct connection *c, struct modulation *out, struct channel_part *part)
{
    uint8_t input;
    enum generator s = generator_of(c->source), t = generator_of(c->control), g = linear_in(c, &input);
    if (g != GEN_COUNT) {
        add_depth(out, part, g, input, c->dest, depth_of(who, c, g));
    } else {
        out->irregular = true;
        if (s != GEN_COUNT)
            out->active[s] = true;
        if (t != GEN_COUNT)
            out->active[t] = true;
    }
}

/* What of it goes to the sum */
static float offset_of(const struct listener *who, const struct connection *c)
{
    uint8_t input;
    enum generator g = linear_in(c, &input);
    return g == GEN_COUNT || bipolar_by_nature(g) ? 0.0f : line_of(g, input).offset * depth_of(who, c, g);
}

/* Controller destination setting (CA-022). The amplitude depth is no connection: the voice reads it itself. */
static void add_offsets(const struct channel_offsets *offsets, struct modulation *out)
{
    out->sum[DEST_PITCH] += offsets->pitch_cents;
    out->sum[DEST_FILTER_CUTOFF] += offsets->cutoff_cents;
    out->sum[DEST_GAIN] += offsets->gain_db;
    out->depth[GEN_LFO][LIVE_PITCH] += offsets->lfo_pitch_cents;
    out->depth[GEN_LFO][LIVE_CUTOFF] += offsets->lfo_cutoff_cents;
    out->lfo_gain = offsets->lfo_gain;
    if (offsets->lfo_pitch_cents != 0.0f || offsets->lfo_cutoff_cents != 0.0f || offsets->lfo_gain != 0.0f)
        out->active[GEN_LFO] = true;
}

/* Deeper or less deep than all connections make it, but never turned over: less than none is none. */
static void add_vibrato_depth(float cents, struct modulation *out)
{
    float *depth = &out->depth[GEN_VIBRATO][LIVE_PITCH], size = (*depth < 0.0f ? -*depth : *depth) + cents;
    if (cents == 0.0f)
        return;
    size = size > 0.0f ? size : 0.0f;
    *depth = *depth < 0.0f ? -size : size;
    out->active[GEN_VIBRATO] |= size > 0.0f;
}

/* Sound controllers 71..78 (spec/dls.md 5.4: depths are a recommendation; 64 changes nothing). */
static void add_sound_controllers(const uint8_t *cc, struct modulation *out, struct channel_part *part)
{
    static const struct {
        uint8_t controller, dest;
        float range;
    } routes[] = {
        {71, DEST_FILTER_Q, 20.0f},          {72, DEST_EG1_RELEASE, 6000.0f}, {72, DEST_EG2_RELEASE, 6000.0f},
        {73, DEST_EG1_ATTACK, 2000.0f},      {73, DEST_EG2_ATTACK, 2000.0f},  {74, DEST_FILTER_CUTOFF, 9600.0f},
        {75, DEST_EG1_DECAY, 6000.0f},       {75, DEST_EG2_DECAY, 6000.0f},   {76, DEST_VIB_FREQUENCY, 2400.0f},
        {78, DEST_VIB_DELAY, 3000.0f},
    };
    uint64_t all;
    memcpy(&all, cc + 71, sizeof all);
    if (all == 0x4040404040404040u) /* nobody has touched them */
        return;
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        add(out, part, routes[i].dest, ((float)cc[routes[i].controller] - 64.0f) * (1.0f / 64.0f) * routes[i].range);
    add_vibrato_depth(((float)cc[77] - 64.0f) * (50.0f / 64.0f), out);
}

/* The clocks of the LFOs keep to the range of spec/dls.md 2.3; what cannot be meant is 5 Hz (2.9 rule 6). */
static float lfo_rate(float cents)
{
    const float lowest = -7623.9445f, highest = 1548.6821f; /* 0.1 and 20 Hz */
    if (!(cents >= lowest - 3986.3137f && cents <= highest + 2786.3137f)) /* 0.01 and 100 Hz */
        return -851.3179f;
    return cents < lowest ? lowest : cents > highest ? highest : cents;
}

static float lfo_wait(float time_cents)
{
    const float shortest = -7972.6274f, longest = 3986.3137f; /* 10 ms and 10 s */
    return time_cents < shortest ? shortest : time_cents > longest ? longest : time_cents;
}

static void limit_clocks(float sum[DEST_COUNT])
{
    sum[DEST_LFO_FREQUENCY] = lfo_rate(sum[DEST_LFO_FREQUENCY]);
    sum[DEST_VIB_FREQUENCY] = lfo_rate(sum[DEST_VIB_FREQUENCY]);
    sum[DEST_LFO_DELAY] = lfo_wait(sum[DEST_LFO_DELAY]);
    sum[DEST_VIB_DELAY] = lfo_wait(sum[DEST_VIB_DELAY]);
}

static void find_moves(struct modulation *out)
{
    out->moves = out->irregular ? (1u << LIVE_COUNT) - 1 : 0;
    for (unsigned g = 0; g < GEN_COUNT; g++)
        for (unsigned d = 0; out->active[g] && d < LIVE_COUNT; d++)
            out->moves |= out->depth[g][d] != 0.0f ? 1u << d : 0u;
}

static bool has_offsets(const struct channel *channel)
{
    static const struct channel_offsets none;
    return channel->has_poly_route || memcmp(&channel->offsets, &none, sizeof none) != 0;
}

/* To OUT, and what others may take over to PART unless it is NULL */
static void evaluate(const struct listener *who, const float note_sum[DEST_COUNT], struct modulation *out,
                     struct channel_part *part)
{
    const struct artic *artic = who->artic;
    memset(out, 0, sizeof *out);
    memcpy(out->sum, note_sum, sizeof out->sum);
    for (uint32_t i = artic->note_count; i < artic->channel_count; i++)
        add(out, part, artic->connections[i].dest, steady_product(who, &artic->connections[i]));
    for (uint32_t i = artic->channel_count; i < artic->count; i++)
        add_live(who, &artic->connections[i], out, part);
    if (has_offsets(who->channel)) {
        struct channel_offsets offsets = channel_note_offsets(who->channel, who->note);
        add_offsets(&offsets, out);
    }
    if (artic->profile->sound_controllers && !who->channel->drums) /* GM 2: not on rhythm parts */
        add_sound_controllers(who->channel->cc, out, part);
    limit_clocks(out->sum);
    find_moves(out);
}

void modulation_channel(const struct listener *who, const float note_sum[DEST_COUNT], struct modulation *out)
{
    evaluate(who, note_sum, out, NULL);
}

static void sort_by_dest(struct channel_part *part)
{
    uint8_t dest[CHANNEL_PART_MAX], at[DEST_COUNT + 1] = {0};
    float amount[CHANNEL_PART_MAX];
    memcpy(dest, part->dest, sizeof dest);
    memcpy(amount, part->amount, sizeof amount);
    for (uint32_t i = 0; i < part->count; i++)
        at[dest[i] + 1]++;
    for (uint32_t d = 0; d < DEST_COUNT; d++)
        at[d + 1] = (uint8_t)(at[d + 1] + at[d]);
    memcpy(part->first, at, sizeof at);
    for (uint32_t i = 0; i < part->count; i++) {
        uint8_t to = at[dest[i]]++;
        part->dest[to] = dest[i];
        part->amount[to] = amount[i];
    }
}

void modulation_find_part(const struct listener *who, struct channel_part *part)
{
    static const float nothing[DEST_COUNT];
    part->shared = !has_offsets(who->channel);
    if (!part->shared)
        return;
    part->count = 0;
    evaluate(who, nothing, &part->rest, part);
    sort_by_dest(part);
}

void modulation_take_part(const struct channel_part *part, const float note_sum[DEST_COUNT], struct modulation *out)
{
    memcpy(out->depth, part->rest.depth, sizeof out->depth);
    memcpy(out->active, part->rest.active, sizeof out->active);
    out->lfo_gain = part->rest.lfo_gain;
    out->irregular = part->rest.irregular;
    out->moves = part->rest.moves;
    memcpy(out->sum, note_sum, sizeof out->sum);
    for (uint32_t i = 0; i < part->count; i++)
        out->sum[part->dest[i]] += part->amount[i];
    limit_clocks(out->sum);
}

float modulation_part_sum(const struct channel_part *part, const float note_sum[DEST_COUNT], enum artic_dest dest)
{
    float sum = note_sum[dest];
    for (uint32_t i = part->first[dest]; i < part->first[dest + 1]; i++)
        sum += part->amount[i];
    return sum;
}

/* As evaluate comes to them: sound controllers and CA-022 have other destinations, or there is nothing to share. */
void modulation_find_sum(const struct artic *artic, const struct channel *channel, enum artic_dest dest, struct channel_sum *sum)
{
    const struct listener who = {.artic = artic, .channel = channel};
    uint32_t count = 0;
    *sum = (struct channel_sum){.artic = artic, .channel = channel, .few = !has_offsets(channel)};
    for (uint32_t i = artic->note_count; sum->few && i < artic->count; i++) {
        const struct connection *c = &artic->connections[i];
        if (c->dest != dest)
            continue;
        float amount = i < artic->channel_count ? steady_product(&who, c) : offset_of(&who, c);
        if (amount != 0.0f && count == CHANNEL_SUM_MAX)
            sum->few = false;
        else if (amount != 0.0f)
            sum->amount[count++] = amount;
    }
}

static float generated(enum generator g, uint8_t input, const float value[GEN_COUNT])
{
    float x = bipolar_by_nature(g) ? 0.5f * value[g] + 0.5f : value[g];
    return input_value(input, x * 16256.0f, 16256.0f);
}

void modulation_irregular(const struct listener *who, const float value[GEN_COUNT], float sum[LIVE_COUNT])
{
    const struct artic *artic = who->artic;
    for (uint32_t i = artic->channel_count; i < artic->count; i++) {
        const struct connection *c = &artic->connections[i];
        enum generator s = generator_of(c->source), t = generator_of(c->control);
        enum live_dest live = live_of(c->dest);
        uint8_t input;
        if (linear_in(c, &input) != GEN_COUNT || live == LIVE_COUNT)
            continue;
        float a = s != GEN_COUNT ? generated(s, c->source_input, value)
                                 : steady(who, c->source, c->source_input, c->dest);
        float b = t != GEN_COUNT ? generated(t, c->control_input, value)
                                 : steady(who, c->control, c->control_input, c->dest);
        sum[live] += a * (b * c->scale);
    }
}
