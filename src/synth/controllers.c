/* SPDX-License-Identifier: MIT */
#include "midi.h"
#include "notes.h"
#include "tuning.h"

/* CC121, spec/dls.md 3.10: 0 follows RP-015; 127 goes back to power-on with all parameters; native resets volume and pan with any
 * value but 0. Bank and program stay. */
static void reset_controllers(struct synth *synth, struct part *part, uint8_t value)
{
    bool sostenuto = pedal_down(part, 66);
    struct channel *channel = &part->channel;
    part_reset_controllers(part);
    if (value == 127 || (value && synth->config.profile == SYNTH_NATIVE)) {
        channel->cc[7] = 100;
        channel->cc[10] = 64;
        channel->cc[39] = channel->cc[42] = 0;
    }
    if (value == 127) {
        for (unsigned i = 70; i <= 79; i++)
            channel->cc[i] = 64;
        channel->cc[91] = 40;
        channel->cc[93] = channel->cc[5] = 0;
        part->bend_msb = 2;
        part->modulation_lsb = 64;
        part->bend_lsb = part->modulation_msb = part->tuning_program = part->tuning_bank = 0;
        channel->bend_range = 200.0f;
        channel->modulation_range = 50.0f;
        channel->rpn1 = channel->rpn2 = 8192;
        tuning_select(synth, part);
    }
    notes_sostenuto(synth, part, sostenuto);
    notes_sustain(synth, part);
    midi_update_offsets(part);
}

/* CC124..127 end all notes; 126 with 1 (or 0, "as many as there are") makes the part mono, 127 poly. Native ends notes on none that
 * was measured, and is mono after 126 whatever its value. */
static void mode_message(struct synth *synth, struct part *part, uint8_t number, uint8_t value)
{
    notes_all_off(synth, part);
    if (number == 126)
        part->mono = value <= 1 || synth->config.profile == SYNTH_NATIVE;
    else if (number == 127)
        part->mono = false;
}

static void select_parameter(struct part *part, uint8_t number, uint8_t value)
{
    part->nrpn = number < 100;
    if (number == 99 || number == 101)
        part->rpn_msb = value;
    else
        part->rpn_lsb = value;
}

void midi_acting_controller(struct synth *synth, struct part *part, uint8_t number, uint8_t value)
{
    const uint8_t old = part->channel.cc[number];
    if (number < 120)
        part->channel.cc[number] = value;
    switch (number) {
    case 0:
    case 32: /* take effect with the next program change */
        break;
    case 6:
    case 38:
    case 96:
    case 97:
        midi_data_entry(synth, part, number, value);
        break;
    case 64:
        notes_sustain(synth, part);
        if (value != old)
            midi_controller_changed(synth, part, number);
        break;
    case 66:
        notes_sostenuto(synth, part, old >= 64);
        if (value != old)
            midi_controller_changed(synth, part, number);
        break;
    case 84:
        part->portamento_from = value;
        break;
    case 98:
    case 99:
    case 100:
    case 101:
        select_parameter(part, number, value);
        break;
    case 120:
        notes_sound_off(synth, part);
        break;
    case 121:
        reset_controllers(synth, part, value);
        break;
    case 123:
        notes_all_off(synth, part);
        break;
    case 124:
    case 125:
    case 126:
    case 127:
        mode_message(synth, part, number, value);
        break;
    default:
        break;
    }
}
