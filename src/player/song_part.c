/* SPDX-License-Identifier: MIT */
#include "song_part.h"

#include <string.h>

#include "song_plan.h"

enum { MELODIC = 1, DRUMS = 2, DRUM_CHANNEL = 9 };
enum { GM2_DRUM_BANK = 0x78, GM2_MELODIC_BANK = 0x79, XG_SFX_BANK = 126, XG_DRUM_BANK = 127 };
enum reset { RESET_PLAIN, RESET_GM2, RESET_XG };

static uint32_t patch_of(struct song_bank bank, uint32_t program)
{
    return (uint32_t)bank.msb << 16 | (uint32_t)bank.lsb << 8 | program;
}

/* CHOICE becomes the most likely one. */
static void choose(struct song_part *part, uint32_t choice)
{
    uint32_t at = 0;
    while (at < part->choice_count && part->choices[at] != choice)
        at++;
    if (at == SONG_PART_CHOICES)
        at--;
    else if (at == part->choice_count)
        part->choice_count++;
    memmove(part->choices + 1, part->choices, at * sizeof *part->choices);
    part->choices[0] = choice;
}

static void likely(struct song_part *part, bool drums)
{
    part->likely_drums = drums;
    part->drums_by_bank = false;
    part->drums |= drums ? DRUMS : MELODIC;
}

void song_part_init(struct song_part *part, uint32_t channel)
{
    memset(part, 0, sizeof *part);
    part->channel = (uint8_t)channel;
    likely(part, channel == DRUM_CHANNEL);
    part->rpn_lsb = 127;
    part->choice_count = 1;
}

/* Bank 0x78, 0x79 (GM 2, DLS 2.2) and XG's 126, 127 make the part what they are for, as the engine has it (synth/part.c). */
static void take_kind(struct song_part *part, uint8_t msb)
{
    if (msb == GM2_DRUM_BANK) {
        bool was_other = part->likely_drums && !part->drums_by_bank;
        likely(part, true);
        part->drums_by_bank = !was_other;
    } else if (msb == GM2_MELODIC_BANK) {
        likely(part, false);
    } else if (part->xg) {
        likely(part, msb >= XG_SFX_BANK || (part->channel == DRUM_CHANNEL && msb == 0));
    } else {
        if (part->drums_by_bank && !part->gm2)
            likely(part, part->channel == DRUM_CHANNEL);
        if (msb >= XG_SFX_BANK)
            part->drums |= DRUMS;
    }
}

void song_part_program(struct song_part *part, uint8_t program)
{
    struct song_bank bank = part->bank;
    part->choice_count = 0;
    choose(part, patch_of(part->other_bank, program));
    choose(part, patch_of(bank, program));
    take_kind(part, bank.msb);
}

/* RPN 2 moves the key before a region is chosen (DLS 2 section 1.7.3). */
static void data_entry(struct song_part *part, bool centre)
{
    if (part->rpn_lsb == 2 && !centre)
        part->keys_shift = true;
}

void song_part_control(struct song_part *part, uint8_t controller, uint8_t value)
{
    switch (controller) {
    case 0:
        part->bank.msb = part->other_bank.msb = value;
        break;
    case 32:
        part->bank.lsb = part->other_bank.lsb = value;
        break;
    case 6:
        data_entry(part, value == 64);
        break;
    case 38:
        data_entry(part, value == 0);
        break;
    case 96:
    case 97:
        data_entry(part, false);
        break;
    case 100:
        part->rpn_lsb = value;
        break;
    default:
        break;
    }
}

uint32_t song_part_patches(const struct song_part *part, uint32_t patches[SONG_PART_PATCHES])
{
    uint32_t count = 0, likely_bit = part->likely_drums ? PLAN_DRUMS : 0;
    for (uint32_t i = 0; i < part->choice_count; i++)
        patches[count++] = part->choices[i] | likely_bit;
    if (part->drums == (MELODIC | DRUMS))
        for (uint32_t i = 0; i < part->choice_count; i++)
            patches[count++] = part->choices[i] | (likely_bit ^ PLAN_DRUMS);
    return count;
}

/* ---- system exclusives ---- */

/* What the part selected before stays among its choices, for a profile that does not obey the message. */
static void power_on(struct song_part *part, enum reset kind)
{
    bool drums = part->channel == DRUM_CHANNEL;
    struct song_bank bank = {0, 0};
    if (kind == RESET_GM2)
        bank.msb = drums ? GM2_DRUM_BANK : GM2_MELODIC_BANK;
    else if (kind == RESET_XG && drums)
        bank.msb = XG_DRUM_BANK;
    part->other_bank = part->bank;
    part->bank = bank;
    part->xg = kind == RESET_XG;
    part->gm2 = kind == RESET_GM2;
    likely(part, drums);
    choose(part, patch_of((struct song_bank){0, 0}, 0));
    choose(part, patch_of(bank, 0));
}

static void power_on_all(struct song_part parts[16], enum reset kind)
{
    for (uint32_t i = 0; i < 16; i++)
        power_on(&parts[i], kind);
}

static void universal(struct song_part parts[16], const uint8_t *data)
{
    bool gm = data[3] == 0x09 && data[4] >= 1 && data[4] <= 3;
    if (data[1] == 0x7E && (gm || (data[3] == 0x0A && data[4] == 1))) /* 0A 02 to 04, DLS off and voice allocation, reset nothing */
        power_on_all(parts, gm && data[4] == 3 ? RESET_GM2 : RESET_PLAIN);
    if (data[1] == 0x7F && data[3] == 0x04 && data[4] == 0x04)
        for (uint32_t i = 0; i < 16; i++)
            parts[i].keys_shift = true; /* master coarse tuning */
}

/* GS addresses parts in the order 10, 1..9, 11..16. */
static struct song_part *gs_part(struct song_part parts[16], uint8_t nibble)
{
    return nibble == 0 ? &parts[9] : nibble <= 9 ? &parts[nibble - 1] : &parts[nibble];
}

static void program_by_address(struct song_part *part, uint32_t field, uint8_t value)
{
    if (field == 0)
        part->bank.msb = value;
    else if (field == 1)
        part->bank.lsb = value;
    else
        song_part_program(part, value);
}

/* One value of a GS part, address 40 1p LOW (spec/dls.md 4.5). False: any channel may now sound with any part's patch. */
static bool gs_part_value(struct song_part *part, uint8_t low, uint8_t value)
{
    switch (low) {
    case 0x00:
        program_by_address(part, 0, value);
        break;
    case 0x01:
        program_by_address(part, 2, value);
        break;
    case 0x02:
        return value == part->channel || value >= 16;
    case 0x15:
        likely(part, value != 0);
        break;
    case 0x16:
        part->keys_shift |= value != 64;
        break;
    case 0x1A:
    case 0x1B:
        part->velocities_shift |= value != 64;
        break;
    default:
        break;
    }
    return true;
}

static bool roland(struct song_part parts[16], const uint8_t *data, size_t size)
{
    if (size < 11 || data[3] != 0x42 || data[4] != 0x12)
        return true;
    uint8_t high = data[5], middle = data[6], low = data[7];
    if ((high == 0x40 || high == 0x00) && middle == 0x00 && low == 0x7F)
        power_on_all(parts, RESET_PLAIN);
    if (high == 0x40 && middle == 0x00 && low <= 0x05)
        for (uint32_t i = 0; i < 16; i++)
            parts[i].keys_shift |= low + (size - 10) > 5; /* master key shift at 05 */
    bool known = true;
    if (high == 0x40 && (middle & 0xF0) == 0x10)
        for (size_t at = 8; at + 2 < size && low + (at - 8) < 0x80; at++)
            known &= gs_part_value(gs_part(parts, middle & 15), (uint8_t)(low + (at - 8)), data[at]);
    return known;
}

/* Multi part data, address 08 nn LOW. */
static bool xg_part_value(struct song_part *part, uint8_t low, uint8_t value)
{
    if (low >= 0x01 && low <= 0x03)
        program_by_address(part, low - 1u, value);
    else if (low == 0x04)
        return value == part->channel || value >= 16;
    else if (low == 0x07)
        likely(part, value != 0);
    else if (low == 0x08)
        part->keys_shift |= value != 64;
    return true;
}

static bool yamaha(struct song_part parts[16], const uint8_t *data, size_t size)
{
    if (size < 9 || data[3] != 0x4C || (data[2] & 0xF0) != 0x10)
        return true;
    if (data[4] == 0x00 && data[5] == 0x00 && (data[6] == 0x7E || data[6] == 0x7F)) /* system on, all parameters reset */
        power_on_all(parts, RESET_XG);
    if (data[4] == 0x00 && data[5] == 0x00 && data[6] <= 0x06)
        for (uint32_t i = 0; i < 16; i++)
            parts[i].keys_shift = true; /* transpose lies at 06 */
    bool known = true;
    if (data[4] == 0x08 && data[5] < 16)
        for (size_t at = 7; at + 1 < size && data[6] + (at - 7) < 0x80; at++)
            known &= xg_part_value(&parts[data[5]], (uint8_t)(data[6] + (at - 7)), data[at]);
    return known;
}

bool song_part_sysex(struct song_part parts[16], const uint8_t *data, size_t size)
{
    if (size < 5 || data[0] != 0xF0)
        return true;
    if (data[1] == 0x7E || data[1] == 0x7F)
        universal(parts, data);
    else if (data[1] == 0x41)
        return roland(parts, data, size);
    else if (data[1] == 0x43)
        return yamaha(parts, data, size);
    return true;
}
