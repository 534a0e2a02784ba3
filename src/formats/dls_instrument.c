/* SPDX-License-Identifier: MIT */
/* lins: instruments and their regions. */
#include "formats/dls_reader.h"

enum { INSH_SIZE = 12, RGNH_SIZE = 12, RGNH_LAYER_SIZE = 14, WLNK_SIZE = 12, TOP_KEY = 127, TOP_GROUP = 15 };
#define BANK_BITS (DLS_DRUMS | 0x7F7Fu)

static const uint32_t ins_id = FOURCC_LE('i', 'n', 's', ' '), lrgn_id = FOURCC_LE('l', 'r', 'g', 'n');
static const uint32_t rgn_id = FOURCC_LE('r', 'g', 'n', ' '), rgn2_id = FOURCC_LE('r', 'g', 'n', '2');

static void repair_range(struct dls_reader *r, const char *what, uint16_t *low, uint16_t *high)
{
    uint16_t l = *low < TOP_KEY ? *low : TOP_KEY, h = *high < TOP_KEY ? *high : TOP_KEY;
    if (*low == l && *high == h && l <= h)
        return;
    dls_note(r, "%s range %u..%u taken as %u..%u", what, *low, *high, l < h ? l : h, l < h ? h : l);
    *low = l < h ? l : h;
    *high = l < h ? h : l;
}

static void read_header(struct dls_reader *r, struct span rgnh, struct dls_region *out)
{
    const uint8_t *p = rgnh.data;
    out->key_low = load_le16(p);
    out->key_high = load_le16(p + 2);
    out->velocity_low = load_le16(p + 4);
    out->velocity_high = load_le16(p + 6);
    out->options = load_le16(p + 8);
    out->key_group = load_le16(p + 10);
    out->layer = rgnh.size >= RGNH_LAYER_SIZE ? load_le16(p + 12) : 0;
    repair_range(r, "key", &out->key_low, &out->key_high);
    repair_range(r, "velocity", &out->velocity_low, &out->velocity_high);
    if (out->velocity_high == 0) { /* Level 1 tools left the velocities empty (quirk 23) */
        if (!r->velocity_noted)
            dls_note(r, "velocity range 0..0 taken as 0..127, here and further on");
        r->velocity_noted = true;
        out->velocity_high = TOP_KEY;
    }
    if (out->key_group > TOP_GROUP) {
        dls_note(r, "key group %u ignored", out->key_group);
        out->key_group = 0;
    }
}

static bool read_link(struct dls_reader *r, struct span wlnk, struct dls_region *out)
{
    const uint8_t *p = wlnk.data;
    out->link_options = load_le16(p);
    out->phase_group = load_le16(p + 2);
    out->channel = load_le32(p + 4);
    if (!dls_pool_find(r, load_le32(p + 8), &out->wave))
        return false;
    if (r->out->waves[out->wave].usable)
        return true;
    dls_note_loss(r, false, "dropped: wave %u cannot be played", out->wave);
    return false;
}

/* One region. *KEPT is false if it cannot sound. */
static enum dm_status read_region(struct dls_reader *r, const struct riff_chunk *list, struct dls_region *out, bool *kept)
{
    struct span rgnh = {0}, wlnk = {0}, wsmp = {0};
    struct riff_walker walker = riff_children(list);
    struct riff_chunk chunk;
    *kept = false;
    if (!dls_allows(r, walker))
        return DM_OK;
    while (riff_next(&walker, &chunk)) {
        if (riff_id_equal(chunk.id, FOURCC_LE('r', 'g', 'n', 'h')))
            rgnh = chunk.body;
        else if (riff_id_equal(chunk.id, FOURCC_LE('w', 'l', 'n', 'k')))
            wlnk = chunk.body;
        else if (riff_id_equal(chunk.id, FOURCC_LE('w', 's', 'm', 'p')))
            wsmp = chunk.body;
    }
    if (rgnh.size < RGNH_SIZE || wlnk.size < WLNK_SIZE) {
        dls_note_loss(r, false, "dropped: no complete %s chunk", rgnh.size < RGNH_SIZE ? "rgnh" : "wlnk");
        return DM_OK;
    }
    read_header(r, rgnh, out);
    if (!read_link(r, wlnk, out))
        return DM_OK;
    if (wsmp.data)
        dls_sample_read(r, wsmp, &out->sample);
    dls_sample_fit(r, &out->sample, r->out->waves[out->wave].frames);
    *kept = true;
    if (riff_id_equal(list->type, rgn2_id))
        r->out->level = 2;
    return dls_artic_read(r, riff_children(list), &out->articulation);
}

static bool is_region(const struct riff_chunk *chunk)
{
    return dls_is_list(chunk, rgn_id) || dls_is_list(chunk, rgn2_id);
}

/* Regions of all lrgn lists of an instrument that are for us. */
static uint32_t count_regions(struct dls_reader *r, struct riff_walker ins)
{
    struct riff_chunk lrgn, rgn;
    uint32_t count = 0;
    while (riff_next(&ins, &lrgn)) {
        if (!dls_is_list(&lrgn, lrgn_id) || !dls_allows(r, riff_children(&lrgn)))
            continue;
        struct riff_walker regions = riff_children(&lrgn);
        while (riff_next(&regions, &rgn))
            count += is_region(&rgn);
    }
    return count;
}

static enum dm_status read_regions(struct dls_reader *r, struct riff_walker ins, struct dls_instrument *out)
{
    struct riff_chunk lrgn, rgn;
    uint32_t count = count_regions(r, ins);
    out->regions = arena_array(r->arena, count, sizeof *out->regions);
    if (!out->regions)
        return DM_ERR_NOMEM;
    r->region = 0;
    while (riff_next(&ins, &lrgn)) {
        if (!dls_is_list(&lrgn, lrgn_id) || !dls_allows(r, riff_children(&lrgn)))
            continue;
        struct riff_walker regions = riff_children(&lrgn);
        while (riff_next(&regions, &rgn)) {
            if (!is_region(&rgn))
                continue;
            struct dls_region region = {0};
            bool kept;
            DLS_RETURN_IF_FAILED(read_region(r, &rgn, &region, &kept));
            if (kept)
                out->regions[out->region_count++] = region;
            r->region++;
        }
    }
    r->region = DLS_NOWHERE;
    r->out->region_count += out->region_count;
    return DM_OK;
}

static void read_address(struct dls_reader *r, struct span insh, struct dls_instrument *out)
{
    uint32_t bank = load_le32(insh.data + 4), program = load_le32(insh.data + 8);
    r->bank = out->bank = bank & BANK_BITS;
    r->program = out->program = program & TOP_KEY;
    if (bank != out->bank)
        dls_note(r, "reserved bits of bank 0x%08x ignored", bank);
    if (program != out->program)
        dls_note(r, "program %u taken as %u", program, out->program);
}

static enum dm_status read_instrument(struct dls_reader *r, const struct riff_chunk *list, struct dls_instrument *out,
                                      bool *kept)
{
    struct span insh = {0};
    struct riff_walker walker = riff_children(list);
    struct riff_chunk chunk;
    *kept = false;
    out->name = "";
    r->bank = r->program = DLS_NOWHERE;
    if (!dls_allows(r, walker))
        return DM_OK;
    while (riff_next(&walker, &chunk))
        if (riff_id_equal(chunk.id, FOURCC_LE('i', 'n', 's', 'h')))
            insh = chunk.body;
    if (insh.size < INSH_SIZE) {
        dls_note_loss(r, false, "dropped: no complete insh chunk");
        return DM_OK;
    }
    *kept = true;
    read_address(r, insh, out);
    if (list->truncated)
        dls_note(r, "cut off by the end of its list");
    DLS_RETURN_IF_FAILED(dls_name(r, riff_children(list), &out->name));
    DLS_RETURN_IF_FAILED(dls_artic_read(r, riff_children(list), &out->articulation));
    return read_regions(r, riff_children(list), out);
}

enum dm_status dls_instruments_read(struct dls_reader *r, const struct riff_chunk *lins)
{
    struct riff_chunk list;
    struct riff_walker walker = riff_children(lins);
    bool allowed;
    uint32_t count = dls_count_lists(r, walker, ins_id, &allowed);
    if (!allowed) {
        dls_note_loss(r, false, "instruments left out by their conditional chunk");
        return DM_OK;
    }
    r->out->instruments = arena_array(r->arena, count, sizeof *r->out->instruments);
    if (!r->out->instruments)
        return DM_ERR_NOMEM;
    r->instrument = 0;
    while (riff_next(&walker, &list)) {
        if (!dls_is_list(&list, ins_id))
            continue;
        struct dls_instrument instrument = {0};
        bool kept;
        DLS_RETURN_IF_FAILED(read_instrument(r, &list, &instrument, &kept));
        if (kept)
            r->out->instruments[r->out->instrument_count++] = instrument;
        r->instrument++;
    }
    r->instrument = DLS_NOWHERE;
    return DM_OK;
}
