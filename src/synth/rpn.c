/* SPDX-License-Identifier: MIT */
#include "midi.h"
#include "tuning.h"

/* Registered parameters with MSB 0 by LSB (spec/dls.md 5.4). */
enum { BEND_RANGE, FINE_TUNE, COARSE_TUNE, TUNING_PROGRAM, TUNING_BANK, MODULATION_RANGE };

static void apply(struct synth *synth, struct part *part)
{
    struct channel *channel = &part->channel;
    /* Native ignores the LSB of the bend range (spec/ddi-user.md 9.4). */
    float cents = synth->config.profile == SYNTH_STUDIO ? (float)part->bend_lsb : 0.0f;
    channel->bend_range = (float)part->bend_msb * 100.0f + cents;
    channel->modulation_range = (float)part->modulation_msb * 100.0f + (float)part->modulation_lsb * (100.0f / 128.0f);
    part_changed(part);
}

static void registered_msb(struct synth *synth, struct part *part, uint8_t value)
{
    switch (part->rpn_lsb) {
    case BEND_RANGE:
        part->bend_msb = value;
        part->bend_lsb = 0;
        break;
    case FINE_TUNE:
        part->channel.rpn1 = (uint16_t)(value << 7);
        break;
    case COARSE_TUNE:
        part->channel.rpn2 = (uint16_t)(value << 7);
        break;
    case TUNING_PROGRAM:
        part->tuning_program = value;
        tuning_select(synth, part);
        break;
    case TUNING_BANK:
        part->tuning_bank = value;
        tuning_select(synth, part);
        break;
    case MODULATION_RANGE:
        part->modulation_msb = value;
        part->modulation_lsb = 0;
        break;
    }
}

static void registered_lsb(struct part *part, uint8_t value)
{
    switch (part->rpn_lsb) {
    case BEND_RANGE:
        part->bend_lsb = value;
        break;
    case FINE_TUNE:
        part->channel.rpn1 = (uint16_t)((part->channel.rpn1 & 0x3F80) | value);
        break;
    case MODULATION_RANGE:
        part->modulation_lsb = value;
        break;
    }
}

static int32_t within(int32_t value, int32_t high) { return value < 0 ? 0 : value > high ? high : value; }

/* RP-018: one LSB for bend range (cents, carried at 100) and fine tuning, one MSB for coarse tuning, program and bank. */
static void step(struct synth *synth, struct part *part, int32_t by)
{
    struct channel *channel = &part->channel;
    int32_t value;
    switch (part->rpn_lsb) {
    case BEND_RANGE:
        value = within(part->bend_msb * 100 + part->bend_lsb + by, 12799);
        part->bend_msb = (uint8_t)(value / 100);
        part->bend_lsb = (uint8_t)(value % 100);
        break;
    case FINE_TUNE:
        channel->rpn1 = (uint16_t)within(channel->rpn1 + by, 16383);
        break;
    case COARSE_TUNE:
        channel->rpn2 = (uint16_t)(within((channel->rpn2 >> 7) + by, 127) << 7);
        break;
    case TUNING_PROGRAM:
        part->tuning_program = (uint8_t)within(part->tuning_program + by, 127);
        tuning_select(synth, part);
        break;
    case TUNING_BANK:
        part->tuning_bank = (uint8_t)within(part->tuning_bank + by, 127);
        tuning_select(synth, part);
        break;
    case MODULATION_RANGE:
        value = within(part->modulation_msb * 128 + part->modulation_lsb + by, 16383);
        part->modulation_msb = (uint8_t)(value >> 7);
        part->modulation_lsb = (uint8_t)(value & 127);
        break;
    }
}

/* The non-registered parameters that GS and XG share. 01 xx are the sound controllers under another name; 14 rr ... 1E rr
 * address one drum. Levels of single drums (1A) are absolute there and unknown to a bank, so they are left out. */
static void non_registered(struct synth *synth, struct part *part, uint8_t value)
{
    static const struct {
        uint8_t lsb, controller;
    } sound[] = {{0x08, 76}, {0x09, 77}, {0x0A, 78}, {0x20, 74}, {0x21, 71}, {0x63, 73}, {0x64, 75}, {0x66, 72}};
    uint8_t key = part->rpn_lsb;
    if (part->rpn_msb == 1) {
        for (size_t i = 0; i < sizeof sound / sizeof sound[0]; i++)
            if (sound[i].lsb == part->rpn_lsb)
                midi_controller(synth, part, sound[i].controller, value);
        return;
    }
    bool per_key = part->rpn_msb == 0x18 || (part->rpn_msb >= 0x1C && part->rpn_msb <= 0x1E);
    struct key_controls *keys = per_key && part->channel.drums ? midi_key_controls(synth, part) : NULL;
    if (!keys)
        return;
    if (part->rpn_msb == 0x18)
        keys->coarse[key] = value;
    else if (part->rpn_msb == 0x1C)
        keys->pan[key] = value ? (uint8_t)(1 + value) : 0; /* 0: random; centre is as random as any */
    else if (part->rpn_msb == 0x1D)
        keys->reverb[key] = (uint8_t)(1 + value);
    else
        keys->chorus[key] = (uint8_t)(1 + value);
}

void midi_data_entry(struct synth *synth, struct part *part, uint8_t controller, uint8_t value)
{
    if (part->rpn_msb == 127 && part->rpn_lsb == 127)
        return;
    if (part->nrpn) {
        /* Native knows none: selecting one deselects the registered parameter. */
        if (controller == 6 && synth->config.profile == SYNTH_STUDIO)
            non_registered(synth, part, value);
        return;
    }
    if (part->rpn_msb != 0)
        return;
    if (controller == 6)
        registered_msb(synth, part, value);
    else if (controller == 38)
        registered_lsb(part, value);
    else
        step(synth, part, controller == 96 ? 1 : -1);
    apply(synth, part);
}
