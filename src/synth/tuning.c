/* SPDX-License-Identifier: MIT */
#include "tuning.h"

#include <string.h>

/* ---- programs ------------------------------------------------------------ */

static struct tuning *find(struct synth *synth, const struct group *group, uint8_t bank, uint8_t program)
{
    for (uint32_t i = 0; i < TUNINGS; i++) {
        struct tuning *tuning = &synth->tuning[i];
        if (tuning->used && tuning->group == group->number && tuning->bank == bank && tuning->program == program)
            return tuning;
    }
    return NULL;
}

/* SOUNDING: voices that sound take the change over, too (CA-021: the real-time forms). */
static void update_has_tuning(struct part *part, bool sounding)
{
    bool has = part->channel.tuning != NULL;
    for (unsigned i = 0; i < 12; i++)
        has |= part->channel.octave_tuning[i] != 0;
    part->channel.has_key_tuning = has;
    part->channel.retuned += sounding;
    part_changed(part);
}

static void look_up(struct synth *synth, struct part *part, bool sounding)
{
    part->channel.tuning = find(synth, part->group, part->tuning_bank, part->tuning_program);
    update_has_tuning(part, sounding);
}

void tuning_select(struct synth *synth, struct part *part) { look_up(synth, part, true); }

/* The program, made if need be (equal temperament), or NULL if the pool is used up. */
static struct tuning *program(struct synth *synth, struct group *group, uint8_t bank, uint8_t number)
{
    struct tuning *tuning = find(synth, group, bank, number);
    for (uint32_t i = 0; !tuning && i < TUNINGS; i++)
        if (!synth->tuning[i].used) {
            tuning = &synth->tuning[i];
            memset(tuning, 0, sizeof *tuning);
            tuning->used = true;
            tuning->group = group->number;
            tuning->bank = bank;
            tuning->program = number;
        }
    return tuning;
}

static void program_changed(struct synth *synth, struct group *group, bool sounding)
{
    for (uint32_t i = 0; i < PARTS; i++)
        look_up(synth, &group->part[i], sounding);
}

void tuning_forget(struct synth *synth, struct group *group)
{
    for (uint32_t i = 0; i < TUNINGS; i++)
        if (synth->tuning[i].used && synth->tuning[i].group == group->number)
            synth->tuning[i].used = false;
    for (uint32_t i = 0; i < KEY_CONTROLS; i++)
        if (synth->keys[i].owner && synth->keys[i].owner->group == group) {
            synth->keys[i].owner->keys = NULL;
            synth->keys[i].owner = NULL;
        }
}

/* XX YY ZZ: semitone and 14-bit fraction of 100 cents; 7F 7F 7F leaves the key as it is. */
static void set_key(struct tuning *tuning, uint8_t key, const uint8_t *data)
{
    if (data[0] == 127 && data[1] == 127 && data[2] == 127)
        return;
    float fraction = (float)(data[1] << 7 | data[2]) * (100.0f / 16384.0f);
    tuning->cents[key] = ((float)data[0] - (float)key) * 100.0f + fraction;
}

/* 7E dd 08 01 tt, 08 04 bb tt: name of 16, then 128 keys. */
static void bulk(struct synth *synth, struct group *group, uint8_t bank, const uint8_t *data, uint32_t size)
{
    if (size < 1 + 16 + 128 * 3)
        return;
    struct tuning *tuning = program(synth, group, bank, data[0]);
    if (!tuning)
        return;
    for (uint32_t key = 0; key < 128; key++)
        set_key(tuning, (uint8_t)key, data + 17 + 3 * key);
    program_changed(synth, group, false);
}

/* 7F dd 08 02 tt ll, 7E/7F dd 08 07 bb tt ll: ll times kk xx yy zz. */
static void single_notes(struct synth *synth, struct group *group, uint8_t bank, const uint8_t *data, uint32_t size, bool real_time)
{
    if (size < 2)
        return;
    struct tuning *tuning = program(synth, group, bank, data[0]);
    if (!tuning)
        return;
    uint32_t count = data[1];
    if (count > (size - 2) / 4)
        count = (size - 2) / 4;
    for (uint32_t i = 0; i < count; i++)
        set_key(tuning, data[2 + 4 * i] & 127, data + 3 + 4 * i);
    program_changed(synth, group, real_time);
}

static int16_t octave_value(const uint8_t *data, bool two_bytes)
{
    return (int16_t)(two_bytes ? (data[0] << 7 | data[1]) - 8192 : ((data[0] - 64) * 8192 + (data[0] < 64 ? -50 : 50)) / 100);
}

/* 7E dd 08 05/06 bb tt: name of 16, then 12 values: a program that repeats in every octave. */
static void octave_dump(struct synth *synth, struct group *group, const uint8_t *data, uint32_t size, bool two_bytes)
{
    uint32_t width = two_bytes ? 2 : 1;
    if (size < 2 + 16 + 12 * width)
        return;
    struct tuning *tuning = program(synth, group, data[0], data[1]);
    if (!tuning)
        return;
    for (uint32_t key = 0; key < 128; key++)
        tuning->cents[key] = (float)octave_value(data + 18 + key % 12 * width, two_bytes) * (100.0f / 8192.0f);
    program_changed(synth, group, false);
}

/* ---- scale/octave tuning of channels -------------------------------------- */

void tuning_octave(struct part *part, const int16_t *offsets, bool sounding)
{
    memcpy(part->channel.octave_tuning, offsets, sizeof part->channel.octave_tuning);
    update_has_tuning(part, sounding);
}

/* 7E/7F dd 08 08/09 ff gg hh: channels 15-16, 8-14, 1-7, then 12 values. */
static void octave_channels(struct group *group, const uint8_t *data, uint32_t size, bool two_bytes, bool real_time)
{
    uint32_t width = two_bytes ? 2 : 1;
    int16_t offsets[12];
    if (size < 3 + 12 * width)
        return;
    uint32_t channels = (data[0] & 3u) << 14 | (data[1] & 127u) << 7 | (data[2] & 127u); /* bit per channel */
    for (uint32_t i = 0; i < 12; i++)
        offsets[i] = octave_value(data + 3 + i * width, two_bytes);
    for (uint32_t channel = 0; channel < 16; channel++)
        for (uint32_t i = 0; i < PARTS; i++)
            if ((channels >> channel & 1) && ((unsigned)group->receivers[channel] >> i & 1))
                tuning_octave(&group->part[i], offsets, real_time);
}

void tuning_message(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size)
{
    const uint8_t *data = bytes + 5;
    bool real_time = bytes[1] == 0x7F;
    size -= 5;
    switch (bytes[4]) {
    case 0x01:
        if (!real_time)
            bulk(synth, group, 0, data, size);
        break;
    case 0x02:
        if (real_time)
            single_notes(synth, group, 0, data, size, true);
        break;
    case 0x04:
        if (!real_time && size > 1)
            bulk(synth, group, data[0], data + 1, size - 1);
        break;
    case 0x05:
    case 0x06:
        if (!real_time)
            octave_dump(synth, group, data, size, bytes[4] == 0x06);
        break;
    case 0x07:
        if (size > 1)
            single_notes(synth, group, data[0], data + 1, size - 1, real_time);
        break;
    case 0x08:
    case 0x09:
        octave_channels(group, data, size, bytes[4] == 0x09, real_time);
        break;
    }
}
