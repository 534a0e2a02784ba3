/* SPDX-License-Identifier: MIT */
#include "artic.h"

#include <string.h>

#include "connection.h"

/* DLS 2 defines about 60 connections; an image with more distinct ones than this is not music. */
#define CONNECTIONS_MAX 1024u
#define SHARED_CONNECTIONS 24u /* with the ten sums of sound controllers they fit struct channel_part */

static const struct {
    uint16_t number;
    uint8_t dest;
} destinations[] = {
    {DST_GAIN, DEST_GAIN}, {DST_PITCH, DEST_PITCH}, {DST_PAN, DEST_PAN}, {DST_KEYNUMBER, DEST_KEYNUMBER},
    {DST_CHORUS, DEST_CHORUS}, {DST_REVERB, DEST_REVERB}, {DST_LFO_FREQUENCY, DEST_LFO_FREQUENCY},
    {DST_LFO_DELAY, DEST_LFO_DELAY}, {DST_VIB_FREQUENCY, DEST_VIB_FREQUENCY}, {DST_VIB_DELAY, DEST_VIB_DELAY},
    {DST_EG1_ATTACK, DEST_EG1_ATTACK}, {DST_EG1_DECAY, DEST_EG1_DECAY}, {DST_EG1_RELEASE, DEST_EG1_RELEASE},
    {DST_EG1_SUSTAIN, DEST_EG1_SUSTAIN}, {DST_EG1_DELAY, DEST_EG1_DELAY}, {DST_EG1_HOLD, DEST_EG1_HOLD},
    {DST_EG1_SHUTDOWN, DEST_EG1_SHUTDOWN}, {DST_EG2_ATTACK, DEST_EG2_ATTACK}, {DST_EG2_DECAY, DEST_EG2_DECAY},
    {DST_EG2_RELEASE, DEST_EG2_RELEASE}, {DST_EG2_SUSTAIN, DEST_EG2_SUSTAIN}, {DST_EG2_DELAY, DEST_EG2_DELAY},
    {DST_EG2_HOLD, DEST_EG2_HOLD}, {DST_FILTER_CUTOFF, DEST_FILTER_CUTOFF}, {DST_FILTER_Q, DEST_FILTER_Q},
};

static uint8_t dest_of(uint16_t number)
{
    for (size_t i = 0; i < sizeof destinations / sizeof destinations[0]; i++)
        if (destinations[i].number == number)
            return destinations[i].dest;
    return DEST_COUNT;
}

static bool is_time(uint8_t dest)
{
    return dest == DEST_LFO_DELAY || dest == DEST_VIB_DELAY ||
           (dest >= DEST_EG1_DELAY && dest <= DEST_EG2_RELEASE && dest != DEST_EG1_SUSTAIN && dest != DEST_EG2_SUSTAIN);
}

static float scale_of(uint8_t dest, int32_t scale)
{
    float unit = dest == DEST_GAIN || dest == DEST_FILTER_Q ? 1.0f / 655360.0f : 1.0f / 65536.0f;
    return (float)scale * unit;
}

enum generator generator_of(uint16_t source)
{
    switch (source) {
    case SRC_LFO:
        return GEN_LFO;
    case SRC_VIBRATO:
        return GEN_VIBRATO;
    case SRC_EG1:
        return GEN_EG1;
    case SRC_EG2:
        return GEN_EG2;
    default:
        return GEN_COUNT;
    }
}

enum live_dest live_of(uint8_t dest)
{
    switch (dest) {
    case DEST_GAIN:
        return LIVE_GAIN;
    case DEST_PITCH:
        return LIVE_PITCH;
    case DEST_PAN:
        return LIVE_PAN;
    case DEST_REVERB:
        return LIVE_REVERB;
    case DEST_CHORUS:
        return LIVE_CHORUS;
    case DEST_LFO_FREQUENCY:
        return LIVE_LFO_FREQUENCY;
    case DEST_VIB_FREQUENCY:
        return LIVE_VIB_FREQUENCY;
    case DEST_FILTER_CUTOFF:
        return LIVE_CUTOFF;
    case DEST_FILTER_Q:
        return LIVE_Q;
    default:
        return LIVE_COUNT;
    }
}

static bool known_source(uint16_t source)
{
    return source <= SRC_MONO_PRESSURE || (source >= SRC_CC && source < SRC_CC + 128) ||
           (source >= SRC_RPN0 && source <= SRC_RPN2);
}

static bool is_gain_controller(uint16_t source)
{
    return source == SRC_VELOCITY || source == SRC_CC7 || source == SRC_CC11;
}

/* The connections that DLS 1 had without flags although their source is bipolar; LFOs see below. */
static bool is_bipolar_route(const struct artic_block *b)
{
    if (b->source == SRC_CC10)
        return b->destination == DST_PAN;
    return (b->source == SRC_WHEEL || b->source == SRC_RPN1 || b->source == SRC_RPN2) &&
           (b->destination == DST_PITCH || b->destination == DST_KEYNUMBER);
}

/* Source and control inputs of a block, by the tolerance rules of spec/dls.md 2.9. */
static uint16_t conditioned(const struct artic_block *b)
{
    unsigned source = TRANSFORM_SOURCE(b->transform), control = TRANSFORM_CONTROL(b->transform);
    unsigned output = TRANSFORM_OUTPUT(b->transform);

    if (b->transform <= CURVE_CONCAVE && is_bipolar_route(b))
        source |= INPUT_BIPOLAR; /* rule 1: DLS 1 wrote no flags */
    if (output && !(source & INPUT_CURVE) && b->control == SRC_NONE)
        source |= output; /* rule 3 */
    if (b->destination == DST_GAIN && is_gain_controller(b->source) && (source & INPUT_CURVE) == CURVE_CONCAVE)
        source |= INPUT_INVERT; /* rule 2 */
    if (b->source == SRC_LFO || b->source == SRC_VIBRATO)
        source |= INPUT_BIPOLAR; /* 2.4: forced by the engines that files were made for; native 54 */
    if (b->control == SRC_LFO || b->control == SRC_VIBRATO)
        control |= INPUT_BIPOLAR;
    return (uint16_t)(source << 10 | control << 4);
}

/* Put a block into canonical form. False: it has no effect. */
static bool tolerate(struct artic_block *b)
{
    if (b->source == SRC_MONO_PRESSURE)
        b->source = SRC_CHANNEL_PRESSURE;
    if (b->control == SRC_MONO_PRESSURE)
        b->control = SRC_CHANNEL_PRESSURE;
    if (b->source == SRC_NONE && b->control != SRC_NONE) { /* 2.1: fix-up */
        b->source = b->control;
        b->control = SRC_NONE;
        if (b->transform > CURVE_CONCAVE && !TRANSFORM_SOURCE(b->transform))
            b->transform = (uint16_t)(TRANSFORM_CONTROL(b->transform) << 10);
    }
    b->transform = conditioned(b);

    if (!known_source(b->source) || !known_source(b->control) || dest_of(b->destination) == DEST_COUNT)
        return false; /* rule 7 */
    if (b->destination == DST_GAIN && (b->scale > 960 * 65536 || b->scale < -960 * 65536))
        return false; /* rule 4 */
    if (b->source == SRC_RPN2 && b->destination == DST_PITCH)
        return false; /* coarse tune acts on the key number, before the region is chosen */
    return true;
}

static bool same_connection(const struct artic_block *a, const struct artic_block *b)
{
    return a->source == b->source && a->control == b->control && a->destination == b->destination;
}

/* Scale to use under the profile's rules; false: ignored. */
static bool allowed(const struct profile *profile, struct artic_block *b)
{
    for (uint32_t i = 0; i < profile->rule_count; i++) {
        const struct profile_rule *r = &profile->rules[i];
        if (r->source == b->source && r->control == b->control && r->destination == b->destination) {
            if (r->factor == 0.0f)
                return false;
            b->scale = (int32_t)((float)b->scale * r->factor);
        }
    }
    return true;
}

static uint32_t kept(uint32_t count)
{
    return count < CONNECTIONS_MAX ? count : CONNECTIONS_MAX;
}

/* struct artic, its connections, and the overlaid list that only artic_compile reads */
size_t artic_size(uint32_t count)
{
    size_t n = ARTIC_DEFAULT_COUNT + (size_t)kept(count);
    return sizeof(struct artic) + n * (sizeof(struct connection) + sizeof(struct artic_block));
}

/* The overlay of 2.8: by (source, control, destination), later wins. */
static uint32_t overlay(struct artic_block *list, uint32_t room, const struct artic_block *blocks, uint32_t count,
                        const struct profile *profile)
{
    memcpy(list, profile->defaults, ARTIC_DEFAULT_COUNT * sizeof *list);
    uint32_t n = ARTIC_DEFAULT_COUNT;
    for (uint32_t i = 0; i < count; i++) {
        struct artic_block b = blocks[i];
        if (!tolerate(&b) || !allowed(profile, &b))
            continue;
        uint32_t at = 0;
        while (at < n && !same_connection(&list[at], &b))
            at++;
        if (at < room)
            list[at] = b;
        n = at == n && n < room ? n + 1 : n;
    }
    return n;
}

static void add_constant(struct artic *artic, const struct artic_block *b, uint8_t dest)
{
    if (dest == DEST_FILTER_CUTOFF)
        artic->filter = b->scale != CUTOFF_OFF;
    if (is_time(dest) && b->scale == TIME_ZERO) {
        artic->locked |= 1u << dest;
        return;
    }
    float value = scale_of(dest, b->scale);
    uint8_t flags = TRANSFORM_SOURCE(b->transform) ^ TRANSFORM_CONTROL(b->transform);
    artic->base[dest] = flags & INPUT_INVERT ? -value : value; /* 2.1: norm of NONE is -1 when inverted */
}

/* 0 constant, 1 known at note-on, 2 follows the channel, 3 follows a generator */
static int kind_of(const struct artic_block *b)
{
    if (generator_of(b->source) != GEN_COUNT || generator_of(b->control) != GEN_COUNT)
        return 3;
    if (b->source == SRC_NONE)
        return 0;
    bool note = (b->source == SRC_VELOCITY || b->source == SRC_KEY) &&
                (b->control == SRC_NONE || b->control == SRC_VELOCITY || b->control == SRC_KEY);
    return note ? 1 : 2;
}

static void add_connection(struct artic *artic, const struct artic_block *b, uint8_t dest)
{
    if (b->source == SRC_KEY && b->control == SRC_NONE && dest == DEST_PITCH) {
        artic->key_to_pitch = scale_of(dest, b->scale);
        return;
    }
    if (b->scale == 0)
        return;
    enum generator s = generator_of(b->source), c = generator_of(b->control);
    if (s != GEN_COUNT)
        artic->uses[s] = true;
    if (c != GEN_COUNT)
        artic->uses[c] = true;
    struct connection *out = &artic->connections[artic->count++];
    out->source = b->source;
    out->control = b->control;
    out->dest = dest;
    out->source_input = TRANSFORM_SOURCE(b->transform);
    out->control_input = TRANSFORM_CONTROL(b->transform);
    out->scale = scale_of(dest, b->scale);
}

static uint32_t bit_of(uint16_t source)
{
    if (source >= SRC_CC && source < SRC_CC + 128)
        return channel_controller_bit(source - SRC_CC);
    switch (source) {
    case SRC_WHEEL:
        return CHANNEL_WHEEL;
    case SRC_POLY_PRESSURE:
        return CHANNEL_POLY_PRESSURE;
    case SRC_CHANNEL_PRESSURE:
        return CHANNEL_PRESSURE;
    default: /* RPNs come as a new version of the channel */
        return 0;
    }
}

static uint32_t listens_to(const struct artic *artic)
{
    uint32_t bits = artic->profile->sound_controllers ? CHANNEL_SOUND : 0;
    for (uint32_t i = artic->note_count; i < artic->count; i++)
        bits |= bit_of(artic->connections[i].source) | bit_of(artic->connections[i].control);
    return bits;
}

/* What no connection but those of controllers to DESTS (a bit each) listens to */
static uint32_t reach_only(const struct artic *artic, uint32_t dests)
{
    uint32_t to = 0, others = artic->profile->sound_controllers ? CHANNEL_SOUND : 0;
    for (uint32_t i = artic->note_count; i < artic->count; i++) {
        const struct connection *c = &artic->connections[i];
        uint32_t bits = bit_of(c->source) | bit_of(c->control);
        if (i < artic->channel_count && dests >> c->dest & 1u)
            to |= bits;
        else
            others |= bits;
    }
    return to & ~others;
}

static bool is_of_note(uint16_t source)
{
    return source == SRC_KEY || source == SRC_VELOCITY || source == SRC_POLY_PRESSURE;
}

static bool is_shared(const struct artic *artic)
{
    for (uint32_t i = artic->note_count; i < artic->count; i++)
        if (is_of_note(artic->connections[i].source) || is_of_note(artic->connections[i].control))
            return false;
    return artic->count - artic->note_count <= SHARED_CONNECTIONS;
}

struct artic *artic_compile(void *mem, const struct artic_block *blocks, uint32_t count, enum synth_profile profile)
{
    struct artic *artic = mem;
    uint32_t room = ARTIC_DEFAULT_COUNT + kept(count);
    struct artic_block *list = (struct artic_block *)(void *)&artic->connections[room];

    memset(artic, 0, sizeof *artic);
    artic->profile = profile_of(profile);
    uint32_t n = overlay(list, room, blocks, count, artic->profile);
    for (int kind = 0; kind <= 3; kind++) {
        for (uint32_t i = 0; i < n; i++) {
            if (kind_of(&list[i]) != kind)
                continue;
            uint8_t dest = dest_of(list[i].destination);
            if (kind == 0)
                add_constant(artic, &list[i], dest);
            else
                add_connection(artic, &list[i], dest);
        }
        if (kind == 1)
            artic->note_count = artic->count;
        if (kind == 2)
            artic->channel_count = artic->count;
    }
    artic->listens = listens_to(artic);
    artic->only_gain = reach_only(artic, 1u << DEST_GAIN);
    artic->only_pitch = reach_only(artic, 1u << DEST_PITCH);
    artic->only_place = reach_only(artic, 1u << DEST_PAN | 1u << DEST_REVERB | 1u << DEST_CHORUS);
    artic->shared = is_shared(artic);
    return artic;
}

float artic_key_offset(const struct artic *artic, uint32_t rpn2_14bit)
{
    float cents = artic->base[DEST_KEYNUMBER];
    for (uint32_t i = artic->note_count; i < artic->channel_count; i++) {
        const struct connection *c = &artic->connections[i];
        if (c->dest == DEST_KEYNUMBER && c->source == SRC_RPN2 && c->control == SRC_NONE)
            cents += c->scale * input_value(c->source_input, (float)rpn2_14bit, 16384.0f);
    }
    return cents;
}
