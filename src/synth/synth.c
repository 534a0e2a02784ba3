/* SPDX-License-Identifier: MIT */
#include "synth.h"

#include <string.h>

#include "engine.h"
#include "midi.h"
#include "notes.h"

static bool valid(const struct synth_config *config)
{
    return config->sample_rate >= 8000 && config->sample_rate <= 192000 && config->channels >= 1 && config->channels <= 2 &&
           config->workers.count <= SYNTH_WORKERS_MAX &&
           config->voices >= 1 && config->voices <= 16384 && config->groups >= 1 && config->groups <= GROUPS_MAX &&
           !(config->effects & ~(SYNTH_EFFECT_REVERB | SYNTH_EFFECT_CHORUS)) && config->profile <= SYNTH_STUDIO &&
           config->interpolation <= SYNTH_SINC32;
}

static enum synth_status build(struct synth *synth)
{
    events_init(&synth->events, &synth->mem);
    downloads_init(&synth->downloads, &synth->mem);
    patches_init(&synth->patches);
    settings_init(synth);
    void *artic = synth->mem.alloc(synth->mem.ctx, artic_size(0));
    if (!artic)
        return SYNTH_NOMEM;
    synth->plain_artic = artic_compile(artic, NULL, 0, synth->config.profile);
    enum synth_status status = groups_create(synth, synth->config.groups);
    if (status != SYNTH_OK)
        return status;
    status = notes_init(synth);
    if (status != SYNTH_OK)
        return status;
    synth->mixer = mixer_create(&synth->config, synth->alloc.slots, &synth->mem);
    return synth->mixer ? SYNTH_OK : SYNTH_NOMEM;
}

enum synth_status synth_create(const struct synth_config *config, const struct synth_memory *mem, struct synth **out)
{
    *out = NULL;
    if (!valid(config))
        return SYNTH_BAD_ARGUMENT;
    struct synth *synth = mem->alloc(mem->ctx, sizeof *synth);
    if (!synth)
        return SYNTH_NOMEM;
    memset(synth, 0, sizeof *synth);
    synth->config = *config;
    synth->mem = *mem;
    enum synth_status status = build(synth);
    if (status != SYNTH_OK) {
        synth_destroy(synth);
        return status;
    }
    groups_update(synth);
    settings_update(synth, true);
    report_publish(synth);
    *out = synth;
    return SYNTH_OK;
}

void synth_destroy(struct synth *synth)
{
    if (!synth)
        return;
    struct synth_memory mem = synth->mem;
    if (synth->mixer)
        mixer_destroy(synth->mixer, &mem);
    notes_destroy(synth);
    events_destroy(&synth->events);
    plays_destroy(synth);
    buses_destroy(synth);
    levels_destroy(synth);
    groups_destroy(synth);
    downloads_destroy(&synth->downloads);
    mem.free(mem.ctx, synth->plain_artic);
    mem.free(mem.ctx, synth);
}

enum synth_status synth_play(struct synth *synth, int64_t sample, uint32_t group, const uint8_t *bytes, size_t size)
{
    if (!midi_valid(bytes, size))
        return SYNTH_BAD_ARGUMENT;
    return events_push(&synth->events, sample, group, bytes, size);
}

bool synth_message_valid(const uint8_t *bytes, size_t size) { return midi_valid(bytes, size); }

enum synth_status synth_reserve(struct synth *synth, uint32_t count) { return events_reserve(&synth->events, count); }

bool synth_post(struct synth *synth, int64_t sample, uint32_t group, const uint8_t *bytes, size_t size)
{
    return size <= SYNTH_POST_MAX && midi_valid(bytes, size) && events_post(&synth->events, sample, group, bytes, size);
}

/* No voice sounds, no event is queued. Changes of groups and priorities are taken in while the lists of voices still hold. */
static void silence(struct synth *synth)
{
    groups_update(synth);
    events_clear(&synth->events);
    mixer_reset(synth->mixer);
    synth->played = 0;
    notes_reset(synth);
    plays_end_all(synth);
    for (uint32_t i = 0; i < GROUPS_MAX; i++) {
        struct group *group = synth_group(synth, i);
        for (uint32_t k = 0; group && k < PARTS; k++)
            group->part[k].voices = group->part[k].plays = SLOT_CHAIN_EMPTY;
    }
}

void synth_stop(struct synth *synth)
{
    silence(synth);
    settings_update(synth, true);
    report_publish(synth);
}

void synth_reset(struct synth *synth)
{
    silence(synth);
    groups_reset(synth);
    for (uint32_t i = 0; i < synth->groups; i++)
        for (uint32_t k = 0; k < PARTS; k++)
            notes_prioritise(synth, &synth_group(synth, i)->part[k]);
    synth->report = (struct report){.reset_seen = synth->report.reset_seen};
    synth->baseline = (struct report){0};
    atomic_store_explicit(&synth->missing_count, 0, memory_order_relaxed);
    settings_update(synth, true);
    report_publish(synth);
}
