/* SPDX-License-Identifier: MIT */
/* ptbl: from the table index of a region to a wave (spec/dls.md 1.7). */
#include "formats/dls_reader.h"

enum { PTBL_SIZE = 8, CUE_SIZE = 4 };
#define CUE_NULL UINT32_MAX

/* Wave whose header stands OFFSET bytes into the pool. */
static bool wave_at(const struct dls_reader *r, uint64_t offset, uint32_t *wave)
{
    uint32_t low = 0, high = r->out->wave_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (r->pool.starts[middle] < offset)
            low = middle + 1;
        else
            high = middle;
    }
    *wave = low;
    return low < r->out->wave_count && r->pool.starts[low] == offset;
}

static uint32_t cue_offset(const struct dls_pool *pool, uint32_t cue)
{
    return load_le32(pool->cues + (size_t)cue * CUE_SIZE);
}

/* Some writers count from the beginning of the file. Believed only if no cue makes sense as it should be. */
static void detect_bias(struct dls_reader *r, uint64_t pool_position)
{
    bool any = false;
    for (uint32_t i = 0; i < r->pool.cue_count; i++) {
        uint32_t wave, offset = cue_offset(&r->pool, i);
        if (offset == CUE_NULL)
            continue;
        if (offset < pool_position || wave_at(r, offset, &wave))
            return;
        any = any || wave_at(r, offset - pool_position, &wave);
    }
    if (!any)
        return;
    dls_note(r, "pool table: offsets count from the beginning of the file");
    r->pool.bias = pool_position;
}

bool dls_pool_read(struct dls_reader *r, struct span ptbl, uint64_t pool_position)
{
    if (ptbl.size < PTBL_SIZE) {
        dls_note(r, "pool table missing, waves taken in their order");
        return true;
    }
    uint64_t header = load_le32(ptbl.data), declared = load_le32(ptbl.data + 4);
    if (header < PTBL_SIZE || header > ptbl.size)
        header = PTBL_SIZE;
    uint64_t room = (ptbl.size - header) / CUE_SIZE;
    if (declared > 0 && ptbl.size - header == declared * 2 * CUE_SIZE)
        return false;
    if (declared > room)
        dls_note(r, "pool table: %llu cues declared, %llu present", (unsigned long long)declared,
                 (unsigned long long)room);
    r->pool.cues = ptbl.data + header;
    r->pool.cue_count = (uint32_t)(declared < room ? declared : room);
    detect_bias(r, pool_position);
    return true;
}

bool dls_pool_find(struct dls_reader *r, uint32_t cue, uint32_t *wave)
{
    if (cue < r->pool.cue_count) {
        uint32_t offset = cue_offset(&r->pool, cue);
        if (offset == CUE_NULL) {
            dls_note_loss(r, false, "dropped: cue %u is empty", cue);
            return false;
        }
        *wave = cue; /* nearly every table is in the order of the pool */
        if (cue < r->out->wave_count && r->pool.starts[cue] == offset)
            return true;
        if (offset >= r->pool.bias && wave_at(r, offset - r->pool.bias, wave))
            return true;
        if (cue < r->out->wave_count)
            dls_note(r, "no wave at pool offset %u of cue %u, wave %u taken", offset, cue, cue);
    } else if (r->pool.cues && cue < r->out->wave_count) {
        dls_note(r, "cue %u is beyond the pool table, wave %u taken", cue, cue);
    }
    *wave = cue;
    if (cue < r->out->wave_count)
        return true;
    dls_note_loss(r, false, "dropped: cue %u means no wave, the pool has %u", cue, r->out->wave_count);
    return false;
}
