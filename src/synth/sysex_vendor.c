/* SPDX-License-Identifier: MIT */
#include "fmath.h"
#include "midi.h"
#include "notes.h"
#include "sysex.h"
#include "tuning.h"

/* ---- Roland GS: F0 41 dd 42 12 aa bb cc data... checksum ------------------ */

/* Block number of an address to the part's index: 0 is part 10, then 1..9, 11..16. */
static uint32_t gs_part(uint8_t block)
{
    block &= 15;
    return block == 0 ? DRUM_PART : block < 10 ? block - 1u : block;
}

static void gs_reverb_macro(struct synth *synth, uint8_t macro)
{
    static const uint8_t type[] = {0, 1, 2, 3, 4, 8}; /* rooms, halls, plate; the two delays have no equal */
    if (macro < sizeof type)
        mixer_set_gm2_reverb(synth->mixer, 0, type[macro]);
}

static void gs_chorus_macro(struct synth *synth, uint8_t macro)
{
    if (macro < 6) /* chorus 1..4, feedback chorus, flanger: GM 2 has them in the same order */
        mixer_set_gm2_chorus(synth->mixer, 0, macro);
}

static void gs_system(struct synth *synth, struct group *group, uint8_t address, const uint8_t *data, uint32_t size)
{
    struct master *master = &group->master;
    switch (address) {
    case 0x00: /* master tune: four nibbles, 0.1 cent each, 0x400 is 0 */
        if (size < 4)
            return;
        group->master_fine = (float)((data[0] & 15) << 12 | (data[1] & 15) << 8 | (data[2] & 15) << 4 | (data[3] & 15)) * 0.1f -
                             102.4f;
        break;
    case 0x04: /* master volume */
        master->gain_db = data[0] ? (float)(12.041199826559248 * fm_log2(data[0] / 127.0)) : -100.0f;
        break;
    case 0x05: /* master key shift */
        group->master_coarse = ((float)data[0] - 64.0f) * 100.0f;
        break;
    case 0x06: /* master pan */
        master->balance = data[0] < 64 ? (float)(data[0] > 1 ? data[0] - 64 : -63) / 63.0f : (float)(data[0] - 64) / 63.0f;
        break;
    case 0x7F:
        midi_reset_group(synth, group, MODE_GS);
        return;
    default:
        return;
    }
    master->tune_cents = group->master_fine + group->master_coarse;
    group_changed(group);
}

static void gs_scale(struct part *part, uint8_t first, const uint8_t *data, uint32_t size)
{
    int16_t offsets[12];
    for (uint32_t i = 0; i < 12; i++)
        offsets[i] = part->channel.octave_tuning[i];
    for (uint32_t i = first; i < 12 && i - first < size; i++)
        offsets[i] = (int16_t)(((data[i - first] - 64) * 8192 + (data[i - first] < 64 ? -50 : 50)) / 100);
    tuning_octave(part, offsets, true);
}

/* Part parameters that stand for a controller. */
static const struct {
    uint8_t address, controller;
} gs_controllers[] = {{0x19, 7},  {0x1C, 10}, {0x21, 93}, {0x22, 91}, {0x30, 76}, {0x31, 77},
                      {0x32, 74}, {0x33, 71}, {0x34, 73}, {0x35, 75}, {0x36, 72}, {0x37, 78}};

static void gs_part_parameter(struct synth *synth, struct part *part, uint8_t address, const uint8_t *data, uint32_t size)
{
    uint8_t value = data[0];
    switch (address) {
    case 0x00: /* tone number: bank and program */
        part->channel.cc[0] = value;
        if (size > 1)
            part_program(part, data[1], synth->config.profile);
        return;
    case 0x02: /* receive channel */
        notes_all_off(synth, part);
        part_receive(part, value);
        return;
    case 0x13:
        midi_controller(synth, part, value ? 127 : 126, 0);
        return;
    case 0x15:
        if (value <= 2)
            part_set_drums(part, value != 0);
        return;
    case 0x16:
        if (value >= 0x28 && value <= 0x58)
            part->transpose = (int8_t)(value - 64);
        return;
    case 0x1A:
        part->velocity_depth = value;
        return;
    case 0x1B:
        part->velocity_offset = value;
        return;
    case 0x1D:
        part->key_low = value;
        return;
    case 0x1E:
        part->key_high = value;
        return;
    }
    for (size_t i = 0; i < sizeof gs_controllers / sizeof gs_controllers[0]; i++)
        if (gs_controllers[i].address == address) {
            if (address == 0x1C && value == 0) /* pan 0 is random */
                value = 64;
            midi_controller(synth, part, gs_controllers[i].controller, value);
        }
}

static void gs_data_set(struct synth *synth, struct group *group, const uint8_t *address, const uint8_t *data, uint32_t size)
{
    if (address[0] != 0x40)
        return;
    if (address[1] == 0x00)
        gs_system(synth, group, address[2], data, size);
    else if (address[1] == 0x01 && address[2] == 0x30)
        gs_reverb_macro(synth, data[0]);
    else if (address[1] == 0x01 && address[2] == 0x38)
        gs_chorus_macro(synth, data[0]);
    else if (address[1] >> 4 == 1 && address[2] >= 0x40 && address[2] < 0x4C)
        gs_scale(&group->part[gs_part(address[1])], address[2] & 15, data, size);
    else if (address[1] >> 4 == 1)
        gs_part_parameter(synth, &group->part[gs_part(address[1])], address[2], data, size);
}

void sysex_roland(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size)
{
    /* At least one data byte and the checksum, which must be right: without it random bytes could reset. */
    if (size < 10 || bytes[3] != 0x42 || bytes[4] != 0x12)
        return;
    unsigned sum = 0;
    for (uint32_t i = 5; i < size; i++)
        sum += bytes[i];
    if (sum & 127)
        return;
    gs_data_set(synth, group, bytes + 5, bytes + 8, size - 9);
}

/* ---- Yamaha XG: F0 43 1n 4C aa bb cc data ---------------------------------- */

/* Multi part parameters (address 08 pp xx) that stand for a controller. */
static const struct {
    uint8_t address, controller;
} xg_controllers[] = {{0x0B, 7},  {0x0E, 10}, {0x12, 93}, {0x13, 91}, {0x15, 76}, {0x16, 77},
                      {0x17, 78}, {0x18, 74}, {0x19, 71}, {0x1A, 73}, {0x1B, 75}, {0x1C, 72}};

static void xg_part(struct synth *synth, struct part *part, uint8_t address, uint8_t value)
{
    switch (address) {
    case 0x01:
        part->channel.cc[0] = value;
        return;
    case 0x02:
        part->channel.cc[32] = value;
        return;
    case 0x03:
        part_program(part, value, synth->config.profile);
        return;
    case 0x04:
        notes_all_off(synth, part);
        part_receive(part, value);
        return;
    case 0x05:
        midi_controller(synth, part, value ? 127 : 126, 0);
        return;
    case 0x07: /* part mode: 0 normal, else a drum set */
        part_set_drums(part, value != 0);
        return;
    case 0x08:
        if (value >= 0x28 && value <= 0x58)
            part->transpose = (int8_t)(value - 64);
        return;
    case 0x0F:
        part->key_low = value;
        return;
    case 0x10:
        part->key_high = value;
        return;
    }
    for (size_t i = 0; i < sizeof xg_controllers / sizeof xg_controllers[0]; i++)
        if (xg_controllers[i].address == address)
            midi_controller(synth, part, xg_controllers[i].controller, address == 0x0E && value == 0 ? 64 : value);
}

static void xg_system(struct synth *synth, struct group *group, uint8_t address, uint8_t value)
{
    if (address == 0x04) {
        group->master.gain_db = value ? (float)(12.041199826559248 * fm_log2(value / 127.0)) : -100.0f;
        group_changed(group);
    } else if (address == 0x06) {
        group->master_coarse = ((float)value - 64.0f) * 100.0f;
        group->master.tune_cents = group->master_fine + group->master_coarse;
        group_changed(group);
    } else if (address == 0x7E || address == 0x7F) { /* system on, all parameters reset */
        midi_reset_group(synth, group, MODE_XG);
    }
}

void sysex_yamaha(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size)
{
    if (size < 8 || bytes[2] >> 4 != 1 || bytes[3] != 0x4C)
        return;
    if (bytes[4] == 0x00 && bytes[5] == 0x00)
        xg_system(synth, group, bytes[6], bytes[7]);
    else if (bytes[4] == 0x08 && bytes[5] < PARTS)
        xg_part(synth, &group->part[bytes[5]], bytes[6], bytes[7]);
}
