/* SPDX-License-Identifier: MIT */
#include "part.h"

#include <string.h>

#include "slotlist.h"

uint32_t part_default_priority(uint32_t index)
{
    /* Standard class 0x80000000; part 10 first, then 1..9, then 11..16. */
    uint32_t offset = index == DRUM_PART ? 0xF : index < DRUM_PART ? 0xE - index : 15 - index;
    return 0x80000000u | offset;
}

void part_reset_controllers(struct part *part)
{
    struct channel *channel = &part->channel;
    static const uint8_t zero[] = {1, 33, 64, 65, 66, 67, 68, 69};
    for (size_t i = 0; i < sizeof zero; i++)
        channel->cc[zero[i]] = 0;
    channel->cc[11] = 127;
    channel->cc[43] = 0;
    channel->wheel = 8192;
    channel->pressure = 0;
    memset(channel->poly_pressure, 0, sizeof channel->poly_pressure);
    part->rpn_msb = part->rpn_lsb = 127;
    part->nrpn = false;
    part->portamento_from = NO_KEY;
    part_changed(part);
}

static void power_on_controllers(struct part *part)
{
    struct channel *channel = &part->channel;
    memset(channel->cc, 0, sizeof channel->cc);
    channel->cc[7] = 100;
    channel->cc[8] = 64;
    channel->cc[10] = 64;
    for (unsigned i = 70; i <= 79; i++)
        channel->cc[i] = 64;
    channel->cc[91] = 40;
    channel->cc[98] = channel->cc[99] = channel->cc[100] = channel->cc[101] = 127;
    part_reset_controllers(part);
}

static void power_on_parameters(struct part *part)
{
    struct channel *channel = &part->channel;
    part->bend_msb = 2;
    part->bend_lsb = 0;
    part->modulation_msb = 0;
    part->modulation_lsb = 64;
    part->tuning_program = part->tuning_bank = 0;
    channel->bend_range = 200.0f;
    channel->modulation_range = 50.0f;
    channel->rpn1 = channel->rpn2 = 8192;
    channel->tune_cents = 0.0f;
    channel->has_key_tuning = false;
    channel->retuned++;
    channel->tuning = NULL;
    memset(channel->octave_tuning, 0, sizeof channel->octave_tuning);
    memset(&channel->offsets, 0, sizeof channel->offsets);
    channel->has_poly_route = false;
    memset(part->routes, 0, sizeof part->routes);
    part->transpose = 0;
    part->key_low = 0;
    part->key_high = 127;
    part->velocity_depth = part->velocity_offset = 64;
}

void part_power_on(struct part *part, enum midi_mode mode)
{
    bool drums = part->index == DRUM_PART;
    power_on_controllers(part);
    power_on_parameters(part);
    part->choice = (struct patch_choice){.drums = drums};
    /* GM 2 and mobile DLS start in their own banks; power-on and GS in bank 0 (spec/dls.md 5.4, 5.9). */
    if (mode == MODE_GM2)
        part->choice.msb = drums ? 0x78 : 0x79;
    else if (mode == MODE_XG && drums)
        part->choice.msb = 127;
    part->channel.cc[0] = part->choice.msb;
    part->channel.drums = drums;
    part->drums_by_bank = false;
    part->mono = false;
    part->last_note = NO_KEY;
    part->keys = NULL;
    part->patch_version = 0;
    part_changed(part);
}

void group_power_on(struct group *group, enum midi_mode mode)
{
    group->mode = mode;
    group->static_priority = true;
    group->has_mip = false;
    group->master.gain_db = 0.0f;
    group->master.balance = 0.0f;
    group->master.tune_cents = group->master_fine = group->master_coarse = 0.0f;
    memset(group->receivers, 0, sizeof group->receivers);
    for (uint32_t i = 0; i < PARTS; i++) {
        struct part *part = &group->part[i];
        part->receives = NO_CHANNEL;
        part_receive(part, (uint8_t)i);
        part_power_on(part, mode);
    }
    group_changed(group);
}

void group_init(struct group *group, uint32_t number)
{
    group->number = number;
    atomic_init(&group->stale, false);
    for (uint32_t i = 0; i < PARTS; i++) {
        struct part *part = &group->part[i];
        part->channel.master = &group->master;
        part->group = group;
        part->index = (uint8_t)i;
        part->number = number * PARTS + i;
        part->voices = part->plays = SLOT_CHAIN_EMPTY;
        atomic_init(&group->buses[i], NULL);
        part->priority = part_default_priority(i);
        atomic_init(&group->priority[i], part->priority);
    }
    group_power_on(group, MODE_GS);
}

void group_changed(struct group *group)
{
    group->master.version++;
    for (uint32_t i = 0; i < PARTS; i++)
        part_changed(&group->part[i]);
}

void part_receive(struct part *part, uint8_t channel)
{
    uint16_t bit = (uint16_t)(1u << part->index);
    if (part->receives < 16)
        part->group->receivers[part->receives] &= (uint16_t)~bit;
    if (channel < 16)
        part->group->receivers[channel] |= bit;
    part->receives = channel < 16 ? channel : NO_CHANNEL;
}

void part_set_drums(struct part *part, bool drums)
{
    part->channel.drums = part->choice.drums = drums;
    part->drums_by_bank = false;
    part->patch_version = 0;
    part_changed(part);
}

/* DLS 2 1.4.6 and GM 2 have a bank for each kind of part. XG has its own; elsewhere any other bank is melodic, unless a message (GS use
 * for rhythm) or the channel's number made it a rhythm part. */
static void take_kind(struct part *part)
{
    const uint8_t msb = part->choice.msb;
    if (msb == 0x78) {
        const bool was_other = part->channel.drums && !part->drums_by_bank;
        part_set_drums(part, true);
        part->drums_by_bank = !was_other;
    } else if (msb == 0x79) {
        part_set_drums(part, false);
    } else if (part->group->mode == MODE_XG) {
        part_set_drums(part, msb >= 126 || (part->index == DRUM_PART && msb == 0));
    } else if (part->drums_by_bank && part->group->mode != MODE_GM2) {
        part_set_drums(part, part->index == DRUM_PART);
    }
}

void part_program(struct part *part, uint8_t program, enum synth_profile profile)
{
    part->choice.msb = part->channel.cc[0];
    part->choice.lsb = part->channel.cc[32];
    part->choice.program = program;
    part->patch_version = 0;
    if (part->keys) { /* a new kit comes with its own settings (CA-023) */
        part->keys->owner = NULL;
        part->keys = NULL;
    }
    if (profile == SYNTH_STUDIO)
        take_kind(part);
}
