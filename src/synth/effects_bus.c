/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "fmath.h"
#include "group.h"

/* GM 2 chorus parameters as they come (spec/dls.md 5.6) */
struct gm2_chorus {
    uint8_t rate, depth, feedback, to_reverb;
};

struct effects_bus {
    struct reverb *reverb;
    struct chorus *chorus;
    bool reverb_runs, chorus_runs;
    struct synth_reverb waves; /* as set last */
    float time_s, size, hf_ratio;
    float gm2_hf_ratio; /* of the GM 2 type chosen last */
    struct gm2_chorus gm2;
    float chorus_to_reverb;
    _Alignas(64) float out[2][MIXER_GRID];
};

static size_t aligned(size_t size)
{
    return (size + 63u) & ~(size_t)63u;
}

size_t effects_bus_size(uint32_t sample_rate)
{
    return aligned(sizeof(struct effects_bus)) + aligned(reverb_size(sample_rate)) + chorus_size(sample_rate);
}

static const struct gm2_chorus chorus_types[6] = {
    {3, 5, 0, 0}, {9, 19, 5, 0}, {3, 19, 8, 0}, {9, 16, 16, 0}, {2, 24, 64, 0}, {1, 5, 112, 0},
};

static void apply_chorus(struct effects_bus *bus)
{
    const struct gm2_chorus *c = &bus->gm2;
    bus->chorus_to_reverb = (float)c->to_reverb * 0.00787f;
    chorus_set(bus->chorus, (float)c->rate * 0.122f, ((float)c->depth + 1.0f) / 3.2f, (float)c->feedback * 0.00763f, 1.0f);
}

static void apply_reverb(struct effects_bus *bus)
{
    float gain = (float)fm_db_to_gain((double)(bus->waves.in_gain_db + bus->waves.mix_db));
    reverb_set(bus->reverb, bus->time_s, bus->hf_ratio, gain, bus->size);
}

struct effects_bus *effects_bus_init(void *mem, uint32_t sample_rate)
{
    struct effects_bus *bus = mem;
    uint8_t *at = (uint8_t *)mem + aligned(sizeof *bus);
    bus->reverb = reverb_init(at, sample_rate);
    bus->chorus = chorus_init(at + aligned(reverb_size(sample_rate)), sample_rate);
    bus->waves = (struct synth_reverb){0.0f, -10.0f, 1000.0f, 0.001f}; /* defaults of DSFX_WAVESREVERB */
    bus->time_s = 1.0f;
    bus->size = 0.7f;
    bus->hf_ratio = bus->waves.hf_ratio;
    bus->gm2_hf_ratio = 0.5f;
    bus->gm2 = chorus_types[2];
    apply_reverb(bus);
    apply_chorus(bus);
    return bus;
}

void effects_bus_render(struct mixer *mixer, bool reverb, bool chorus, bool grid, float *left, float *right, uint32_t frames)
{
    struct effects_bus *bus = mixer->bus;
    float(*send)[MIXER_GRID] = mixer->sends;
    /* An effect starts with the first voice that sends and stops at a grid point: at the same frame however spans are cut. */
    if (grid) {
        bus->chorus_runs = bus->chorus_runs && !chorus_idle(bus->chorus);
        bus->reverb_runs = bus->reverb_runs && !reverb_idle(bus->reverb);
    }
    bus->chorus_runs = bus->chorus_runs || chorus;
    bus->reverb_runs = bus->reverb_runs || reverb || (bus->chorus_runs && bus->chorus_to_reverb > 0.0f);
    if (bus->chorus_runs && bus->chorus_to_reverb > 0.0f) {
        memset(bus->out, 0, sizeof bus->out);
        mixer->sends_clear &= ~3u;
        chorus_process(bus->chorus, mixer->kernels->effects, send[2], send[3], bus->out[0], bus->out[1], frames, mixer->cell_pos);
        for (uint32_t i = 0; i < frames; i++) {
            left[i] += bus->out[0][i];
            right[i] += bus->out[1][i];
            send[0][i] += bus->out[0][i] * bus->chorus_to_reverb;
            send[1][i] += bus->out[1][i] * bus->chorus_to_reverb;
        }
    } else if (bus->chorus_runs) {
        chorus_process(bus->chorus, mixer->kernels->effects, send[2], send[3], left, right, frames, mixer->cell_pos);
    }
    if (bus->reverb_runs)
        reverb_process(bus->reverb, mixer->kernels->effects, send[0], send[1], left, right, frames, mixer->cell_pos);
}

bool effects_bus_idle(const struct effects_bus *bus)
{
    return (!bus->chorus_runs || chorus_idle(bus->chorus)) && (!bus->reverb_runs || reverb_idle(bus->reverb));
}

void effects_bus_clear(struct effects_bus *bus)
{
    reverb_clear(bus->reverb);
    chorus_clear(bus->chorus);
    bus->reverb_runs = bus->chorus_runs = false;
}

void mixer_set_reverb(struct mixer *mixer, const struct synth_reverb *reverb)
{
    mixer->bus->waves = *reverb;
    mixer->bus->time_s = reverb->time_ms * 0.001f;
    mixer->bus->hf_ratio = reverb->hf_ratio;
    apply_reverb(mixer->bus);
}

static float gm2_time(uint8_t value)
{
    return (float)fm_exp2(((double)value - 40.0) * 0.025 * 1.4426950408889634);
}

/* GM 2 gives the time of the lows and says nothing of the highs: damping by type is ours. The ratio of WavesReverb's default would
 * reach down into the lows. */
void mixer_set_gm2_reverb(struct mixer *mixer, uint8_t parameter, uint8_t value)
{
    static const struct {
        uint8_t type, time;
        float size, hf_ratio;
    } types[] = {{0, 44, 0.3f, 0.5f},  {1, 50, 0.45f, 0.5f}, {2, 56, 0.6f, 0.5f},
                 {3, 64, 0.75f, 0.5f}, {4, 64, 1.0f, 0.5f},  {8, 50, 0.5f, 0.7f}};
    struct effects_bus *bus = mixer->bus;
    if (parameter == 0) {
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
            if (types[i].type == value) {
                bus->time_s = gm2_time(types[i].time);
                bus->size = types[i].size;
                bus->gm2_hf_ratio = types[i].hf_ratio;
            }
    } else if (parameter == 1) {
        bus->time_s = gm2_time(value);
    } else {
        return;
    }
    bus->hf_ratio = bus->gm2_hf_ratio;
    apply_reverb(bus);
}

void mixer_set_gm2_chorus(struct mixer *mixer, uint8_t parameter, uint8_t value)
{
    struct gm2_chorus *c = &mixer->bus->gm2;
    uint8_t v = value & 127;
    switch (parameter) {
    case 0:
        if (v >= sizeof chorus_types / sizeof chorus_types[0])
            return;
        *c = chorus_types[v];
        break;
    case 1:
        c->rate = v;
        break;
    case 2:
        c->depth = v;
        break;
    case 3:
        c->feedback = v;
        break;
    case 4:
        c->to_reverb = v;
        break;
    default:
        return;
    }
    apply_chorus(mixer->bus);
}

void mixer_set_effects(struct mixer *mixer, uint32_t effects)
{
    if (mixer->effects == effects)
        return;
    mixer->effects = effects;
    for (uint32_t lane = 0; lane < mixer->groups_high * LANES; lane++)
        mixer->groups[lane / LANES].channel_version[lane % LANES]--; /* so that voices look at their sends again */
}
