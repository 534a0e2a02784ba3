/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "sf2_articulation.h"

/* What a generator is as the destination of a modulator: spec/dls.md 6.2. */
struct target {
    uint16_t destination;
    uint16_t through; /* CONN_SRC_LFO, _VIBRATO, _EG2: the modulator sets its depth; 0: acts by itself */
    double factor;    /* DLS units (before << 16) per unit of the generator */
};

static const struct target targets[GEN_COUNT] = {
    [GEN_LFO_PITCH] = {CONN_DST_PITCH, CONN_SRC_LFO, 1},
    [GEN_VIB_PITCH] = {CONN_DST_PITCH, CONN_SRC_VIBRATO, 1},
    [GEN_EG2_PITCH] = {CONN_DST_PITCH, CONN_SRC_EG2, 1},
    [GEN_FILTER_FC] = {CONN_DST_FILTER_CUTOFF, 0, 1},
    [GEN_FILTER_Q] = {CONN_DST_FILTER_Q, 0, 1},
    [GEN_LFO_FC] = {CONN_DST_FILTER_CUTOFF, CONN_SRC_LFO, 1},
    [GEN_EG2_FC] = {CONN_DST_FILTER_CUTOFF, CONN_SRC_EG2, 1},
    [GEN_LFO_VOLUME] = {CONN_DST_GAIN, CONN_SRC_LFO, 1},
    [GEN_CHORUS] = {CONN_DST_CHORUS, 0, 1},
    [GEN_REVERB] = {CONN_DST_REVERB, 0, 1},
    [GEN_PAN] = {CONN_DST_PAN, 0, 1},
    [GEN_LFO_DELAY] = {CONN_DST_LFO_STARTDELAY, 0, 1},
    [GEN_LFO_FREQUENCY] = {CONN_DST_LFO_FREQUENCY, 0, 1},
    [GEN_VIB_DELAY] = {CONN_DST_VIB_STARTDELAY, 0, 1},
    [GEN_VIB_FREQUENCY] = {CONN_DST_VIB_FREQUENCY, 0, 1},
    [GEN_EG2_DELAY] = {CONN_DST_EG2_DELAYTIME, 0, 1},
    [GEN_EG2_ATTACK] = {CONN_DST_EG2_ATTACKTIME, 0, 1},
    [GEN_EG2_HOLD] = {CONN_DST_EG2_HOLDTIME, 0, 1},
    [GEN_EG2_DECAY] = {CONN_DST_EG2_DECAYTIME, 0, 1},
    [GEN_EG2_SUSTAIN] = {CONN_DST_EG2_SUSTAINLEVEL, 0, -1},
    [GEN_EG2_RELEASE] = {CONN_DST_EG2_RELEASETIME, 0, 1},
    [GEN_EG1_DELAY] = {CONN_DST_EG1_DELAYTIME, 0, 1},
    [GEN_EG1_ATTACK] = {CONN_DST_EG1_ATTACKTIME, 0, 1},
    [GEN_EG1_HOLD] = {CONN_DST_EG1_HOLDTIME, 0, 1},
    [GEN_EG1_DECAY] = {CONN_DST_EG1_DECAYTIME, 0, 1},
    [GEN_EG1_SUSTAIN] = {CONN_DST_EG1_SUSTAINLEVEL, 0, -1 / 0.96},
    [GEN_EG1_RELEASE] = {CONN_DST_EG1_RELEASETIME, 0, 1},
    [GEN_ATTENUATION] = {CONN_DST_GAIN, 0, -1},
    [GEN_COARSE_TUNE] = {CONN_DST_PITCH, 0, 100},
    [GEN_FINE_TUNE] = {CONN_DST_PITCH, 0, 1},
    [GEN_INITIAL_PITCH] = {CONN_DST_PITCH, 0, 1},
};

/* A source word of SF2 2.04 section 8.2, taken apart. */
struct source {
    uint16_t dls;      /* CONN_SRC_*, 0 for "no controller" */
    uint8_t curve;     /* 0 linear, 1 concave, 2 convex, 3 switch: the same numbers and shapes as in DLS */
    bool bipolar, inverted;
    bool constant;     /* VALUE instead of a source: no controller, or a fixed key or velocity */
    double value;
};

/* Output of the curve for a 7-bit VALUE, DLS 2.2 section 1.6.5. */
static double curve_value(const struct source *s, int value)
{
    double x = (s->inverted ? 127 - value : value), v = s->bipolar ? fabs(2 * x - 127) : x, y;
    switch (s->curve) {
    case 1:
        y = v >= 127 ? 1 : -5.0 / 12 * log10(1 - v / 127);
        y = y > 1 ? 1 : y;
        break;
    case 2:
        y = v <= 0 ? 0 : 1 + 5.0 / 12 * log10(v / 127);
        y = y < 0 ? 0 : y;
        break;
    case 3:
        return x >= 64 ? 1 : s->bipolar ? -1 : 0;
    default:
        return s->bipolar ? 2 * x / 128 - 1 : x / 128;
    }
    return s->bipolar && 2 * x < 127 ? -y : y;
}

static bool take_apart(uint16_t word, const struct sf2_level *gens, struct source *out)
{
    unsigned index = word & 0x7F;
    *out = (struct source){.curve = (uint8_t)(word >> 10), .bipolar = word >> 9 & 1, .inverted = word >> 8 & 1};
    if (out->curve > 3)
        return false;
    if (word & 0x80) {
        out->dls = (uint16_t)(0x80 + index);
        return index != 0 && index != 6 && index != 32 && index != 38 && (index < 98 || index > 101) && index < 120;
    }
    int fixed = -1;
    switch (index) {
    case 0:
        out->constant = true;
        out->value = 1;
        return true;
    case 2:
        out->dls = CONN_SRC_KEYONVELOCITY;
        fixed = gens->amount[GEN_VELOCITY];
        break;
    case 3:
        out->dls = CONN_SRC_KEYNUMBER;
        fixed = gens->amount[GEN_KEYNUM];
        break;
    case 10: out->dls = CONN_SRC_POLYPRESSURE; break;
    case 13: out->dls = CONN_SRC_CHANNELPRESSURE; break;
    case 14: out->dls = CONN_SRC_PITCHWHEEL; break;
    case 16: out->dls = CONN_SRC_RPN0; break;
    default: return false; /* 127 is a link from another modulator */
    }
    if (fixed >= 0) {
        out->constant = true;
        out->value = curve_value(out, fixed);
    }
    return true;
}

static uint16_t source_word(const struct source *s)
{
    return (uint16_t)(s->curve << 10 | s->bipolar << 14 | s->inverted << 15);
}

static uint16_t control_word(const struct source *s)
{
    return (uint16_t)(s->curve << 4 | s->bipolar << 8 | s->inverted << 9);
}

/* Amounts that players read otherwise than the letter (spec/dls.md 6.3): full pan is 1000 in the text and 500 in use, and DLS
 * writes both pan and bend for a 7-bit controller that reaches its end. */
static double dls_amount(const struct sf2_mod *mod, const struct source *source)
{
    if (mod->source == 0x028A && mod->destination == GEN_PAN && mod->amount == 1000)
        return 508;
    if (source->dls == CONN_SRC_PITCHWHEEL && mod->amount_source == 0x0010)
        return mod->amount * (12800.0 / 12700.0);
    return mod->amount;
}

static bool map_one(const struct sf2_level *gens, const struct sf2_mod *mod, struct connections *out)
{
    struct source source, amount;
    if (mod->transform != 0 || mod->destination >= GEN_COUNT || targets[mod->destination].destination == 0 ||
        !take_apart(mod->source, gens, &source) || !take_apart(mod->amount_source, gens, &amount))
        return false;
    const struct target *to = &targets[mod->destination];
    double scale = dls_amount(mod, &source) * to->factor;
    if (source.constant) {
        scale *= source.value;
        source = amount;
        amount = (struct source){.constant = true, .value = 1};
    }
    if (source.constant) {
        scale *= source.value;
        source = (struct source){.dls = CONN_SRC_NONE};
    }
    if (amount.constant)
        scale *= amount.value;
    int64_t fixed = llround(scale * 65536);

    if (to->through == 0) {
        uint16_t control = amount.constant ? 0 : amount.dls;
        uint16_t word = (uint16_t)(source_word(&source) | (amount.constant ? 0 : control_word(&amount)));
        connections_add(out, source.dls, control, to->destination, word, fixed);
        return true;
    }
    if (!amount.constant)
        return false; /* DLS has room for one control only */
    uint16_t word = (uint16_t)(control_word(&source) | (to->through == CONN_SRC_EG2 ? 0 : TRN_BIPOLAR));
    connections_add(out, to->through, source.dls, to->destination, word, fixed);
    return true;
}

void sf2_map_modulators(const struct sf2_level *gens, const struct sf2_mods *mods, const struct dm_notes *notes,
                        struct connections *out)
{
    for (uint32_t i = 0; i < mods->count; i++) {
        const struct sf2_mod *mod = &mods->mod[i];
        uint32_t lost = out->lost;
        bool done = map_one(gens, mod, out);
        if ((!done && mod->amount != 0) || out->lost != lost)
            dm_note(notes, "modulator 0x%04X to generator %u by %d (amount source 0x%04X) has no DLS connection",
                    mod->source, mod->destination, (int)mod->amount, mod->amount_source);
    }
    if (mods->lost)
        dm_note(notes, "%u modulators beyond %d were left out", (unsigned)mods->lost, SF2_MODS_MAX);
}
