/* SPDX-License-Identifier: MIT */
/* sf2_dump FILE: a sound bank record by record, for check_sf2.py. The sum of a sample's frames stands for its data. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mapfile.h"
#include "formats/sf2.h"

static void dump_zone(const struct sf2_zone *zone)
{
    printf("  zone %d %" PRIu32 " key %u-%u velocity %u-%u\n", zone->global, zone->target, zone->key_low,
           zone->key_high, zone->velocity_low, zone->velocity_high);
    for (uint32_t i = 0; i < zone->generator_count; i++)
        printf("    gen %u %u\n", zone->generators[i].oper, zone->generators[i].amount);
    for (uint32_t i = 0; i < zone->modulator_count; i++) {
        const struct sf2_modulator *mod = &zone->modulators[i];
        printf("    mod %u %u %d %u %u\n", mod->source, mod->destination, mod->amount, mod->amount_source,
               mod->transform);
    }
}

static int dump_sample(const struct sf2_bank *bank, uint32_t index)
{
    const struct sf2_sample *s = &bank->samples[index];
    uint32_t frames = sf2_sample_frames(bank, index);
    int16_t *data = calloc(frames ? frames : 1, sizeof *data);
    struct dm_error err = {DM_OK, ""};
    if (!data || (frames > 0 && sf2_sample_decode(bank, index, 0, frames, data, &err) != DM_OK)) {
        fprintf(stderr, "sf2_dump: %s\n", err.text);
        free(data);
        return 1;
    }
    int64_t sum = 0;
    for (uint32_t i = 0; i < frames; i++)
        sum += data[i];
    free(data);
    printf("sample %s %" PRIu32 " %" PRIu32 " loop %" PRIu32 " %" PRIu32 " rate %" PRIu32 " key %u %d link %u type %u "
           "sum %" PRId64 "\n", s->name, s->start, s->end, s->loop_start, s->loop_end, s->sample_rate,
           s->original_key, s->correction, s->link, s->type, sum);
    return 0;
}

int main(int argc, char **argv)
{
    struct mapped_file file;
    struct sf2_bank *bank;
    struct dm_error err = {DM_OK, ""};
    if (argc != 2 || mapfile_open(argv[1], &file, &err) != DM_OK ||
        sf2_read(file.bytes, NULL, &bank, &err) != DM_OK) {
        fprintf(stderr, "sf2_dump: %s\n", argc == 2 ? err.text : "one file");
        return 1;
    }
    for (uint32_t i = 0; i < bank->preset_count; i++) {
        printf("preset %s %u %u\n", bank->presets[i].name, bank->presets[i].bank, bank->presets[i].program);
        for (uint32_t k = 0; k < bank->presets[i].zone_count; k++)
            dump_zone(&bank->presets[i].zones[k]);
    }
    for (uint32_t i = 0; i < bank->instrument_count; i++) {
        printf("instrument %s\n", bank->instruments[i].name);
        for (uint32_t k = 0; k < bank->instruments[i].zone_count; k++)
            dump_zone(&bank->instruments[i].zones[k]);
    }
    int failed = 0;
    for (uint32_t i = 0; i < bank->sample_count && !failed; i++)
        failed = dump_sample(bank, i);
    sf2_free(bank);
    mapfile_close(&file);
    return failed;
}
