/* SPDX-License-Identifier: MIT */
/* The SoundFont reader: whatever it accepts has no index out of range, and its samples decode. */
#include <stdlib.h>
#include <string.h>

#include "formats/sf2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void listen(void *ctx, const char *text)
{
    *(size_t *)ctx += strlen(text);
    require(!strchr(text, '\n'));
}

/* Reads every record of the zones; returns how many there are. */
static size_t check_zones(const struct sf2_zone *zones, uint32_t count, uint32_t targets, unsigned *sum)
{
    size_t records = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct sf2_zone *z = &zones[i];
        require(z->key_low <= z->key_high && z->key_high <= 127);
        require(z->velocity_low <= z->velocity_high && z->velocity_high <= 127);
        require(z->global ? i == 0 : z->target < targets);
        for (uint32_t k = 0; k < z->generator_count; k++)
            *sum += z->generators[k].amount;
        for (uint32_t k = 0; k < z->modulator_count; k++)
            *sum += z->modulators[k].transform;
        records += 1 + z->generator_count + (size_t)z->modulator_count;
    }
    return records;
}

static void check_sample(const struct sf2_bank *bank, uint32_t index)
{
    const struct sf2_sample *s = &bank->samples[index];
    int16_t frames[512];
    uint32_t count = sf2_sample_frames(bank, index);
    require(s->loop_start <= s->loop_end && s->sample_rate > 0 && s->original_key <= 127);
    require(s->usable || count == 0);
    if (!s->vorbis && s->usable)
        require(s->loop_end <= count && s->end <= bank->pool.size / 2);
    if (count == 0)
        return;
    uint32_t part = count < 512 ? count : 512;
    enum dm_status status = sf2_sample_decode(bank, index, count - part, part, frames, NULL);
    require(status == DM_OK || s->vorbis);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t heard = 0, records = 0;
    unsigned sum = 0;
    const struct dm_notes notes = {listen, &heard};
    struct sf2_bank *bank;
    struct dm_error err = {DM_OK, ""};
    enum dm_status status = sf2_read((struct span){data, size}, &notes, &bank, &err);
    require((status == DM_OK) == (bank != NULL));
    if (!bank) {
        require(err.status == status && err.text[0]);
        return 0;
    }
    for (uint32_t i = 0; i < bank->preset_count; i++)
        records += check_zones(bank->presets[i].zones, bank->presets[i].zone_count, bank->instrument_count, &sum);
    for (uint32_t i = 0; i < bank->instrument_count; i++)
        records +=
            check_zones(bank->instruments[i].zones, bank->instruments[i].zone_count, bank->sample_count, &sum);
    require(records <= size); /* a record has at least four bytes and is claimed at most twice */
    for (uint32_t i = 0; i < bank->sample_count; i++)
        check_sample(bank, i);
    sf2_free(bank);
    return (int)(sum & 0);
}
