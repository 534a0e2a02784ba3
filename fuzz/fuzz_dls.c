/* SPDX-License-Identifier: MIT */
/* Reads a DLS collection, checks what dls.h promises of it, and decodes the ends of every wave. */
#include <stdlib.h>
#include <string.h>

#include "formats/dls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_sample(const struct dls_sample_info *s, uint32_t frames)
{
    require(s->unity_note <= 127);
    if (s->present && s->loop != DLS_LOOP_NONE)
        require(s->loop_length > 0 && (uint64_t)s->loop_start + s->loop_length <= frames);
}

static void check_wave(const struct dls_wave *w)
{
    int16_t out[64];
    uint32_t count = w->frames < 64 ? w->frames : 64;
    require(w->name && w->channels >= 1 && w->sample_rate >= 1 && w->sample_rate <= 384000);
    require(w->usable == (w->frames > 0));
    if (!w->usable)
        return;
    check_sample(&w->sample, w->frames);
    dls_wave_decode(w, 0, count, out);
    dls_wave_decode(w, w->frames - count, count, out);
}

static void check_region(const struct dls_collection *c, const struct dls_region *g)
{
    require(g->wave < c->wave_count && c->waves[g->wave].usable);
    require(g->key_low <= g->key_high && g->key_high <= 127 && g->velocity_low <= g->velocity_high && g->velocity_high <= 127);
    require(g->key_group <= 15);
    require(g->articulation.present == (g->articulation.count > 0));
    check_sample(&g->sample, c->waves[g->wave].frames);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dls_collection *c;
    struct dm_error err = {0};
    enum dm_status status = dls_read((struct span){data, size}, 48000, NULL, &c, &err);
    require((status == DM_OK) == (c != NULL));
    require(status == DM_OK || (err.status == status && strlen(err.text) > 0));
    if (!c)
        return 0;
    for (uint32_t i = 0; i < c->wave_count; i++)
        check_wave(&c->waves[i]);
    uint32_t regions = 0;
    for (uint32_t i = 0; i < c->instrument_count; i++) {
        const struct dls_instrument *instrument = &c->instruments[i];
        require(instrument->name && instrument->program <= 127 && (instrument->bank & ~(DLS_DRUMS | 0x7F7Fu)) == 0);
        for (uint32_t k = 0; k < instrument->region_count; k++)
            check_region(c, &instrument->regions[k]);
        regions += instrument->region_count;
    }
    require(c->region_count > 0 && c->region_count <= regions);
    dls_free(c);
    return 0;
}
