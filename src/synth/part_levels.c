/* SPDX-License-Identifier: MIT */
/* How loud each part is, for meters. Costs nothing until somebody watches. */
#include <string.h>

#include "engine.h"
#include "fmath.h"

enum { LEVELS_FRAMES = 1024 }; /* of the stream between two looks: 47 a second at 48 kHz */

#define LEVEL_SILENT (-200.0f)

/* Voices in the low half, 1/100 dB in the high one: read together, and without a lock also where 64 bits would need one. */
static uint32_t pack(uint32_t voices, float level_db)
{
    float db = level_db < LEVEL_SILENT ? LEVEL_SILENT : level_db > 96.0f ? 96.0f : level_db;
    return (uint32_t)(uint16_t)(int16_t)(db * 100.0f) << 16 | voices;
}

enum synth_status synth_watch_levels(struct synth *synth)
{
    uint32_t parts = atomic_load_explicit(&synth->group_count, memory_order_relaxed) * PARTS;
    struct part_levels *levels = &synth->part_levels;
    if (parts <= levels->parts)
        return SYNTH_OK;
    atomic_uint *words = synth->mem.alloc(synth->mem.ctx, parts * sizeof *words);
    if (!words)
        return SYNTH_NOMEM;
    for (uint32_t i = 0; i < parts; i++)
        atomic_init(&words[i], pack(0, LEVEL_SILENT));
    levels_destroy(synth);
    levels->words = words;
    levels->parts = parts;
    return SYNTH_OK;
}

void levels_destroy(struct synth *synth)
{
    synth->mem.free(synth->mem.ctx, (void *)synth->part_levels.words);
    synth->part_levels = (struct part_levels){0};
}

static uint32_t look(const struct synth *synth, const struct part *part)
{
    const struct slot *slots = synth->alloc.slot;
    uint32_t voices = 0;
    float loudest = 0.0f;
    for (uint16_t slot = part->voices.first; slot != SLOT_NONE; slot = slots[slot].links[SLOT_BY_PART].next) {
        float level = mixer_level(synth->mixer, slot);
        loudest = level > loudest ? level : loudest;
        voices++;
    }
    return pack(voices, loudest > 0.0f ? (float)(fm_log2((double)loudest) / FM_OCTAVES_PER_DB) : LEVEL_SILENT);
}

void levels_publish(struct synth *synth)
{
    struct part_levels *levels = &synth->part_levels;
    if (levels->parts == 0 || synth->report.frames - levels->looked_at < LEVELS_FRAMES)
        return;
    levels->looked_at = synth->report.frames;
    for (uint32_t i = 0; i < levels->parts && i / PARTS < synth->groups; i++)
        atomic_store_explicit(&levels->words[i], look(synth, &synth_group(synth, i / PARTS)->part[i % PARTS]), memory_order_relaxed);
}

bool synth_get_level(const struct synth *synth, uint32_t group, uint32_t channel, struct synth_level *out)
{
    uint64_t part = (uint64_t)(group - 1u) * PARTS + channel;
    if (group == 0 || channel >= PARTS || part >= synth->part_levels.parts)
        return false;
    uint32_t word = atomic_load_explicit(&synth->part_levels.words[part], memory_order_relaxed);
    out->voices = word & 0xFFFFu;
    out->level_db = (float)(int16_t)(uint16_t)(word >> 16) * 0.01f;
    return true;
}
