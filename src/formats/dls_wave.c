/* SPDX-License-Identifier: MIT */
/* wvpl: the wave pool. Only chunk headers and small chunks are looked at, so that the pages of the samples stay out. */
#include "formats/dls_reader.h"

enum { RATE_UNKNOWN = 22050 }; /* of a wave that cannot be played */

static const uint32_t wave_id = FOURCC_LE('w', 'a', 'v', 'e');

/* Chunks may come in any order, so all are found first. */
struct wave_chunks {
    struct span format, data, sample, fact;
    bool data_cut;
};

static void collect(struct riff_walker list, struct wave_chunks *out)
{
    struct riff_chunk chunk;
    while (riff_next(&list, &chunk)) {
        if (riff_id_equal(chunk.id, FOURCC_LE('f', 'm', 't', ' '))) {
            out->format = chunk.body;
        } else if (riff_id_equal(chunk.id, FOURCC_LE('d', 'a', 't', 'a'))) {
            out->data = chunk.body;
            out->data_cut = chunk.truncated;
        } else if (riff_id_equal(chunk.id, FOURCC_LE('w', 's', 'm', 'p'))) {
            out->sample = chunk.body;
        } else if (riff_id_equal(chunk.id, FOURCC_LE('f', 'a', 'c', 't'))) {
            out->fact = chunk.body;
        }
    }
}

static enum dm_status read_wave(struct dls_reader *r, const struct riff_chunk *list, struct dls_wave *wave)
{
    struct wave_chunks chunks = {.data_cut = false};
    *wave = (struct dls_wave){.channels = 1, .block_align = 1, .sample_rate = RATE_UNKNOWN, .name = ""};
    DLS_RETURN_IF_FAILED(dls_name(r, riff_children(list), &wave->name));
    if (!dls_allows(r, riff_children(list))) {
        dls_note(r, "left out by its conditional chunk");
        return DM_OK;
    }
    collect(riff_children(list), &chunks);
    wave->format = chunks.format;
    wave->data = chunks.data;
    if (chunks.data_cut)
        dls_note(r, "data cut to the %zu bytes present", chunks.data.size);
    dls_format_read(r, wave, chunks.fact.size >= 4 ? load_le32(chunks.fact.data) : 0);
    if (chunks.sample.data)
        dls_sample_read(r, chunks.sample, &wave->sample);
    if (wave->usable)
        dls_sample_fit(r, &wave->sample, wave->frames);
    return DM_OK;
}

enum dm_status dls_waves_read(struct dls_reader *r, const struct riff_chunk *wvpl)
{
    struct riff_chunk list;
    struct riff_walker pool = riff_children(wvpl);
    uint64_t start = pool.base;
    bool allowed;
    uint32_t count = dls_count_lists(r, pool, wave_id, &allowed);
    if (!allowed) {
        dls_note_loss(r, false, "wave pool left out by its conditional chunk");
        return DM_OK;
    }
    uint32_t *starts = arena_array(r->arena, count, sizeof *starts);
    r->out->waves = arena_array(r->arena, count, sizeof *r->out->waves);
    if (!starts || !r->out->waves)
        return DM_ERR_NOMEM;
    r->pool.starts = starts;
    r->out->wave_count = count;
    for (r->wave = 0; r->wave < count && riff_next(&pool, &list);) {
        if (!dls_is_list(&list, wave_id))
            continue;
        starts[r->wave] = (uint32_t)(list.offset - start);
        DLS_RETURN_IF_FAILED(read_wave(r, &list, &r->out->waves[r->wave]));
        r->wave++;
    }
    r->wave = DLS_NOWHERE;
    return DM_OK;
}
