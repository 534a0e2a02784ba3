/* SPDX-License-Identifier: MIT */
#include "sysex.h"

#include "fmath.h"
#include "midi.h"
#include "notes.h"
#include "tuning.h"

void midi_sysex(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size)
{
    size--; /* F7 */
    for (uint32_t i = 1; i < size; i++)
        if (bytes[i] & 0x80)
            return;
    if (size < 4)
        return;
    if (bytes[1] == 0x7E || bytes[1] == 0x7F)
        sysex_universal(synth, group, bytes, size);
    else if (bytes[1] == 0x41)
        sysex_roland(synth, group, bytes, size);
    else if (bytes[1] == 0x43)
        sysex_yamaha(synth, group, bytes, size);
}

/* ---- 7E dd 09 nn: General MIDI; 7E dd 0A nn: DLS -------------------------- */

static void general_midi(struct synth *synth, struct group *group, uint8_t which)
{
    if (which == 1)
        midi_reset_group(synth, group, MODE_GM1);
    else if (which == 2)
        midi_reset_group(synth, group, MODE_GS);
    else if (which == 3)
        midi_reset_group(synth, group, MODE_GM2);
}

/* DLS 2 1.4.5: 03 turns static voice allocation off, 04 on; DLS on restores it with everything else. DLS off changes nothing that this
 * synthesizer could go back to. */
static void downloadable_sounds(struct synth *synth, struct group *group, uint8_t which)
{
    if (which == 1)
        midi_reset_group(synth, group, MODE_DLS);
    else if (which == 3 || which == 4)
        group->static_priority = which == 4;
    for (uint32_t i = 0; i < PARTS; i++)
        notes_prioritise(synth, &group->part[i]);
}

/* ---- 7F dd 04: device control --------------------------------------------- */

/* 04 05 sw pw vw [sh sl]*sw [pp vv]...: only slot paths of length 1 with MSB 1 are GM 2's: 01 01 reverb, 01 02 chorus. Of values
 * wider than a byte the first is taken: all parameters of GM 2 are 7 bit. */
static void global_parameters(struct synth *synth, const uint8_t *data, uint32_t size)
{
    if (size < 5 || data[0] != 1 || data[1] != 1 || data[2] < 1 || data[3] != 1)
        return;
    uint32_t stride = 1u + data[2];
    for (uint32_t at = 5; at + stride <= size; at += stride) {
        if (data[4] == 1)
            mixer_set_gm2_reverb(synth->mixer, data[at], data[at + 1]);
        else if (data[4] == 2)
            mixer_set_gm2_chorus(synth->mixer, data[at], data[at + 1]);
    }
}

static void device_control(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size)
{
    if (bytes[4] == 5) {
        global_parameters(synth, bytes + 5, size - 5);
        return;
    }
    if (size < 7)
        return;
    int32_t value = bytes[6] << 7 | bytes[5];
    struct master *master = &group->master;
    switch (bytes[4]) {
    case 1: /* volume by the law of CC7 (spec/dls.md 3.7): 127 with any low byte is 0 dB */
        master->gain_db = value ? (float)(12.041199826559248 * fm_log2((value < 16256 ? value : 16256) / 16256.0)) : -100.0f;
        break;
    case 2: /* balance; both ends exact */
        master->balance = value < 8192 ? (float)(value - 8192) / 8192.0f : (float)(value - 8192) / 8191.0f;
        break;
    case 3: /* fine tuning */
        group->master_fine = (float)(value - 8192) * (100.0f / 8192.0f);
        break;
    case 4: /* coarse tuning: the MSB alone */
        group->master_coarse = ((float)bytes[6] - 64.0f) * 100.0f;
        break;
    default:
        return;
    }
    master->tune_cents = group->master_fine + group->master_coarse;
    group_changed(group);
}

/* ---- 7F dd 09, 7F dd 0A: controller destinations, key-based controllers ---- */

/* The six values: neutral, but for the pairs in BYTES from AT on. */
static void read_route(uint8_t value[6], const uint8_t *bytes, uint32_t at, uint32_t size)
{
    static const uint8_t neutral[6] = {0x40, 0x40, 0x40, 0, 0, 0};
    for (unsigned k = 0; k < 6; k++)
        value[k] = neutral[k];
    for (; at + 2 <= size; at += 2)
        if (bytes[at] < 6)
            value[bytes[at]] = bytes[at + 1];
}

/* 09 01 0n [pp rr]... channel pressure; 09 02 poly pressure; 09 03 0n cc [pp rr]... one controller. The last message for a channel
 * wins. */
static void controller_destination(struct group *group, const uint8_t *bytes, uint32_t size)
{
    bool poly = bytes[4] == 2, is_cc = bytes[4] == 3;
    uint32_t at = is_cc ? 7 : 6;
    if (bytes[4] < 1 || bytes[4] > 3 || size < at || bytes[5] > 15)
        return;
    uint8_t controller = is_cc ? bytes[6] : 0;
    if (is_cc && !((controller >= 0x01 && controller <= 0x1F) || (controller >= 0x40 && controller <= 0x5F)))
        return;
    for (uint32_t i = 0; i < PARTS; i++) {
        struct part *part = &group->part[i];
        if (!(group->receivers[bytes[5]] >> i & 1))
            continue;
        if (poly) {
            part->channel.has_poly_route = true;
            read_route(part->channel.poly_route, bytes, at, size);
        } else {
            struct controller_route *route = &part->routes[is_cc ? ROUTE_CC : ROUTE_PRESSURE];
            route->set = true;
            route->controller = controller;
            read_route(route->value, bytes, at, size);
        }
        midi_update_offsets(part);
    }
}

/* 0A 01 0n kk [nn vv]... (CA-023). */
static void key_based_controllers(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size)
{
    if (bytes[4] != 1 || size < 7 || bytes[5] > 15)
        return;
    uint8_t key = bytes[6];
    for (uint32_t i = 0; i < PARTS; i++) {
        struct part *part = &group->part[i];
        if (!(group->receivers[bytes[5]] >> i & 1) || !part->channel.drums)
            continue;
        struct key_controls *keys = midi_key_controls(synth, part);
        for (uint32_t pair = 7; keys && pair + 2 <= size; pair += 2) {
            uint8_t value = bytes[pair + 1];
            switch (bytes[pair]) {
            case 0x07: keys->volume[key] = value; break;
            case 0x0A: keys->pan[key] = (uint8_t)(1 + value); break;
            case 0x5B: keys->reverb[key] = (uint8_t)(1 + value); break;
            case 0x5D: keys->chorus[key] = (uint8_t)(1 + value); break;
            case 0x78: keys->fine[key] = value; break;
            case 0x79: keys->coarse[key] = value; break;
            }
        }
    }
}

/* 0B 01 [cc mm]...: channels in order of their priority (SP-MIDI). The numbers of voices MM, by which a player with few of them
 * silences channels, are not used: there are more voices here than any of them asks for. */
static void maximum_polyphony(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size)
{
    uint8_t rank = PARTS;
    if (bytes[4] != 1)
        return;
    group->has_mip = true;
    for (uint32_t i = 0; i < PARTS; i++)
        group->mip_rank[i] = 0;
    for (uint32_t at = 5; at + 2 <= size && rank; at += 2) {
        uint32_t parts = bytes[at] < 16 ? group->receivers[bytes[at]] : 0;
        for (uint32_t i = 0; i < PARTS; i++)
            if ((parts >> i & 1) && !group->mip_rank[i])
                group->mip_rank[i] = rank;
        rank--;
    }
    for (uint32_t i = 0; i < PARTS; i++)
        notes_prioritise(synth, &group->part[i]);
}

void sysex_universal(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size)
{
    if (size < 5)
        return;
    bool real_time = bytes[1] == 0x7F;
    if (bytes[3] == 0x08)
        tuning_message(synth, group, bytes, size);
    else if (!real_time && bytes[3] == 0x09)
        general_midi(synth, group, bytes[4]);
    else if (!real_time && bytes[3] == 0x0A)
        downloadable_sounds(synth, group, bytes[4]);
    else if (real_time && bytes[3] == 0x04)
        device_control(synth, group, bytes, size);
    else if (real_time && bytes[3] == 0x09)
        controller_destination(group, bytes, size);
    else if (real_time && bytes[3] == 0x0A)
        key_based_controllers(synth, group, bytes, size);
    else if (real_time && bytes[3] == 0x0B)
        maximum_polyphony(synth, group, bytes, size);
}
