/* SPDX-License-Identifier: MIT */
/* midi.h - MIDI messages applied to channel groups. Render side. Internal to the engine. */
#ifndef DMUS_SYNTH_MIDI_H
#define DMUS_SYNTH_MIDI_H

#include "engine.h"

/* true if BYTES are one message that synth_play takes: a channel message with its data bytes (a third byte after a two-byte message
 * is ignored), a single system message, or F0 ... F7. Any side. */
bool midi_valid(const uint8_t *bytes, size_t size);

/* true if the message starts, ends or moves voices, which happens at its very frame. false if it only sets what voices read at
 * their control points (MIXER_GRID) and notes when they start: it may be applied at any time before the next of these. */
static inline bool midi_acts_at_frame(const uint8_t *bytes)
{
    const uint32_t kind = bytes[0] >> 4, continuous = 1u << 0xA | 1u << 0xC | 1u << 0xD | 1u << 0xE;
    if (kind == 0xB) /* pedals and channel mode messages end voices */
        return bytes[1] == 64 || bytes[1] == 66 || bytes[1] >= 120;
    return !(continuous >> kind & 1u);
}

/* Apply EVENT to its group, or to all groups if it names group 0; events for groups beyond the count are dropped. */
void midi_apply(struct synth *synth, const struct event *event);

/* Bn controller value for one part. NUMBER: 0..127, the caller sees to it. */
void midi_controller(struct synth *synth, struct part *part, uint8_t number, uint8_t value);
/* controllers.c: the same of those that do more than to have a value. */
void midi_acting_controller(struct synth *synth, struct part *part, uint8_t number, uint8_t value);
/* The value of controller NUMBER is another than before. */
void midi_controller_changed(struct synth *synth, struct part *part, uint8_t number);
/* rpn.c: data entry, increment and decrement for the selected parameter. */
void midi_data_entry(struct synth *synth, struct part *part, uint8_t controller, uint8_t value);
/* Work out struct channel_offsets anew after pressure, a routed controller or the routes changed. */
void midi_update_offsets(struct part *part);
/* Everything of GROUP silent and back to power-on state in MODE. */
void midi_reset_group(struct synth *synth, struct group *group, enum midi_mode mode);
/* sysex.c: a whole message for one group. */
void midi_sysex(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size);
/* key controls of a rhythm part from the pool, or NULL if it is used up. */
struct key_controls *midi_key_controls(struct synth *synth, struct part *part);

#endif
