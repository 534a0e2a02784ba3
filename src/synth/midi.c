/* SPDX-License-Identifier: MIT */
#include "midi.h"

#include <string.h>

#include "apart.h"
#include "notes.h"
#include "tuning.h"

/* Data bytes of a channel message by its high nibble. */
static unsigned data_bytes(uint8_t status) { return (status & 0xF0) == 0xC0 || (status & 0xF0) == 0xD0 ? 1 : 2; }

bool midi_valid(const uint8_t *bytes, size_t size)
{
    if (size == 0 || bytes[0] < 0x80)
        return false;
    if (bytes[0] == 0xF0)
        return size >= 2 && size <= UINT32_MAX && bytes[size - 1] == 0xF7;
    if (size > 3)
        return false;
    if (bytes[0] > 0xF0)
        return bytes[0] != 0xF7;
    if (size < 1 + data_bytes(bytes[0]))
        return false;
    for (unsigned i = 1; i <= data_bytes(bytes[0]); i++)
        if (bytes[i] & 0x80)
            return false;
    return true;
}

void midi_reset_group(struct synth *synth, struct group *group, enum midi_mode mode)
{
    for (uint32_t i = 0; i < PARTS; i++)
        notes_sound_off(synth, &group->part[i]);
    tuning_forget(synth, group);
    group_power_on(group, mode);
    for (uint32_t i = 0; i < PARTS; i++)
        notes_prioritise(synth, &group->part[i]);
}

struct key_controls *midi_key_controls(struct synth *synth, struct part *part)
{
    for (uint32_t i = 0; !part->keys && i < KEY_CONTROLS; i++)
        if (!synth->keys[i].owner) {
            struct key_controls *keys = &synth->keys[i];
            memset(keys, 0, sizeof *keys);
            memset(keys->volume, 0x40, sizeof keys->volume);
            memset(keys->fine, 0x40, sizeof keys->fine);
            memset(keys->coarse, 0x40, sizeof keys->coarse);
            keys->owner = part;
            part->keys = keys;
        }
    return part->keys;
}

/* ---- controller destination setting (CA-022) ----------------------------- */

void midi_update_offsets(struct part *part)
{
    struct channel_offsets sum = {0};
    float amplitude = 1.0f;
    for (unsigned i = 0; i < ROUTES; i++) {
        const struct controller_route *route = &part->routes[i];
        uint8_t at = i == ROUTE_PRESSURE ? part->channel.pressure : part->channel.cc[route->controller & 127];
        if (route->set)
            channel_add_route(&sum, route->value, (float)at * (1.0f / 127.0f), &amplitude);
    }
    channel_end_routes(&sum, amplitude);
    part->channel.offsets = sum;
    part_changed(part);
}

/* ---- channel messages ---------------------------------------------------- */

/* GM 2: rhythm channels ignore bend, pressure and a number of controllers (spec/dls.md 5.4). */
static bool ignored_on_rhythm(const struct part *part, const uint8_t *bytes)
{
    if (part->group->mode != MODE_GM2 || !part->channel.drums)
        return false;
    unsigned kind = bytes[0] >> 4, number = bytes[1];
    if (kind == 0xB)
        return number == 1 || (number >= 64 && number <= 67) || (number >= 71 && number <= 78);
    return kind == 0xA || kind == 0xD || kind == 0xE;
}

static void set_wheel(struct synth *synth, struct part *part, uint16_t value)
{
    if (part->channel.wheel != value) {
        part->channel.wheel = value;
        mixer_touch(synth->mixer, &part->channel, CHANNEL_WHEEL);
    }
}

APART void set_pressure(struct synth *synth, struct part *part, uint8_t value)
{
    if (part->channel.pressure == value)
        return;
    part->channel.pressure = value;
    if (part->routes[ROUTE_PRESSURE].set)
        midi_update_offsets(part);
    mixer_touch(synth->mixer, &part->channel, CHANNEL_PRESSURE);
}

APART void set_poly_pressure(struct synth *synth, struct part *part, uint8_t note, uint8_t value)
{
    part->channel.poly_pressure[note] = value;
    if (part->channel.has_poly_route)
        part_changed(part);
    mixer_touch(synth->mixer, &part->channel, CHANNEL_POLY_PRESSURE);
}

/* ---- controllers --------------------------------------------------------- */

APART void routed_controller(struct synth *synth, struct part *part, uint8_t number)
{
    midi_update_offsets(part);
    mixer_touch(synth->mixer, &part->channel, channel_controller_bit(number));
}

void midi_controller_changed(struct synth *synth, struct part *part, uint8_t number)
{
    if (part->routes[ROUTE_CC].set && part->routes[ROUTE_CC].controller == number)
        routed_controller(synth, part, number);
    else
        mixer_touch(synth->mixer, &part->channel, channel_controller_bit(number));
}

/* Those that do more than to have a value, 32 to a word */
static const uint32_t acting[4] = {1u << 0 | 1u << 6, 1u << (32 - 32) | 1u << (38 - 32),
                                   1u << (64 - 64) | 1u << (66 - 64) | 1u << (84 - 64),
                                   3u << (96 - 96) | 15u << (98 - 96) | 0xFFu << (120 - 96)};

void midi_controller(struct synth *synth, struct part *part, uint8_t number, uint8_t value)
{
    uint8_t *cc = part->channel.cc;
    if (acting[number / 32] >> number % 32 & 1u) {
        midi_acting_controller(synth, part, number, value);
        return;
    }
    /* MIDI 1.0: an MSB puts its LSB to 0. Bank select and data entry have rules of their own. */
    const uint32_t lsb = number < 32 ? number + 32u : number;
    if (cc[number] == value && (lsb == number || cc[lsb] == 0)) /* files repeat themselves; voices need not look again */
        return;
    cc[lsb] = 0;
    cc[number] = value;
    midi_controller_changed(synth, part, number);
}

/* ---- all channel messages ------------------------------------------------ */

static inline void channel_message(struct synth *synth, struct part *part, const uint8_t *bytes)
{
    if (ignored_on_rhythm(part, bytes))
        return;
    part->channel.messages += bytes[0] >= 0xA0;
    switch (bytes[0] >> 4) {
    case 0x8:
        notes_off(synth, part, bytes[1]);
        break;
    case 0x9:
        if (bytes[2])
            notes_on(synth, part, bytes[1], bytes[2]);
        else
            notes_off(synth, part, bytes[1]);
        break;
    case 0xA:
        set_poly_pressure(synth, part, bytes[1], bytes[2]);
        break;
    case 0xB:
        midi_controller(synth, part, bytes[1], bytes[2]);
        break;
    case 0xC:
        part_program(part, bytes[1], synth->config.profile);
        break;
    case 0xD:
        set_pressure(synth, part, bytes[1]);
        break;
    default:
        set_wheel(synth, part, (uint16_t)(bytes[2] << 7 | bytes[1]));
        break;
    }
}

static void system_message(struct synth *synth, struct group *group, const struct event *event)
{
    const uint8_t *bytes = event->bytes;
    if (bytes[0] == 0xF0) {
        for (uint32_t i = 0; i < PARTS; i++)
            group->part[i].channel.messages++;
        midi_sysex(synth, group, bytes, event->size);
    } else if (bytes[0] == 0xFF) {
        midi_reset_group(synth, group, MODE_GS);
    }
    /* F1..FE: no meaning for a synthesizer behind this interface (ddi-user.md 9.1). Active sensing (FE) is ignored as well: events
     * come from a host that stamps them ahead, not from a cable that can be pulled. */
}

static void apply_to_group(struct synth *synth, struct group *group, const struct event *event)
{
    const uint8_t *bytes = event->bytes;
    if (bytes[0] >= 0xF0)
        system_message(synth, group, event);
    else
        for (uint32_t i = 0, parts = group->receivers[bytes[0] & 15]; parts >> i; i++)
            if (parts >> i & 1u)
                channel_message(synth, &group->part[i], bytes);
}

/* No group at all, if it is beyond the count */
APART void apply_to_groups(struct synth *synth, const struct event *event)
{
    if (event->group && event->group <= synth->groups)
        apply_to_group(synth, synth_group(synth, event->group - 1), event);
    for (uint32_t i = 0; !event->group && i < synth->groups; i++)
        apply_to_group(synth, synth_group(synth, i), event);
}

void midi_apply(struct synth *synth, const struct event *event)
{
    const uint32_t status = event->bytes[0], channel = status & 15;
    struct group *group = event->group - 1u < synth->groups ? synth_group(synth, event->group - 1) : NULL;
    if (group && status < 0xF0 && group->receivers[channel] == 1u << channel) /* but for GS system exclusives */
        channel_message(synth, &group->part[channel], event->bytes);
    else
        apply_to_groups(synth, event);
}
