/* SPDX-License-Identifier: MIT */
/* The outermost level of a DLS file: finding the form, its parts, and the order in which they are read. */
#include "formats/dls_reader.h"

#include <string.h>

#include "base/alloc.h"
#include "formats/note_limit.h"

#define SIZE_LIMIT UINT64_C(0x100000000) /* RIFF sizes end here */
enum { SEARCH_REACH = 65536, FORM_HEAD = 12 };

static const uint32_t riff_fourcc = FOURCC_LE('R', 'I', 'F', 'F'), dls_fourcc = FOURCC_LE('D', 'L', 'S', ' ');
static const uint32_t lins_fourcc = FOURCC_LE('l', 'i', 'n', 's'), wvpl_fourcc = FOURCC_LE('w', 'v', 'p', 'l');

struct parts {
    struct riff_chunk lins, wvpl, info;
    struct span colh, vers, ptbl, pgal;
    bool has_lins, has_wvpl, has_info;
};

/* The RIFF 'DLS ' form that begins at POS, cut to the file. A size too small for the type counts as none. */
static bool form_at(struct span bytes, size_t pos, struct riff_chunk *form)
{
    if (!range_within(pos, FORM_HEAD, bytes.size))
        return false;
    const uint8_t *p = bytes.data + pos;
    *form = (struct riff_chunk){.id = load_le32(p), .type = load_le32(p + 8), .offset = pos};
    uint32_t size = load_le32(p + 4), type_size = FORM_HEAD - 8;
    size_t left = bytes.size - pos - FORM_HEAD;
    size_t body = size > type_size ? size - type_size : 0;
    form->truncated = body > left;
    form->body = (struct span){p + FORM_HEAD, form->truncated ? left : body};
    return riff_id_equal(form->id, riff_fourcc) && riff_id_equal(form->type, dls_fourcc);
}

/* At the beginning, or inside a container: RIFF RMID, Miles FORM XDLS, XMF. Anything else is searched a little. */
static bool find_form(struct dls_reader *r, struct span bytes, struct riff_chunk *form)
{
    if (form_at(bytes, 0, form))
        return true;
    if (bytes.size < FORM_HEAD)
        return false;
    uint32_t id = load_le32(bytes.data), type = load_le32(bytes.data + 8);
    bool container = type == FOURCC_LE('R', 'M', 'I', 'D') || type == FOURCC_LE('X', 'D', 'L', 'S') ||
                     id == FOURCC_LE('X', 'M', 'F', '_');
    size_t reach = container || bytes.size < SEARCH_REACH ? bytes.size : SEARCH_REACH;
    for (const uint8_t *p = bytes.data; (p = memchr(p, 'R', reach - (size_t)(p - bytes.data))) != NULL; p++) {
        size_t pos = (size_t)(p - bytes.data);
        if (form_at(bytes, pos, form)) {
            dls_note(r, "collection found at byte %zu", pos);
            return true;
        }
    }
    return false;
}

static void locate(struct riff_walker walker, struct parts *out)
{
    struct riff_chunk chunk;
    *out = (struct parts){.has_lins = false};
    while (riff_next(&walker, &chunk)) {
        if (dls_is_list(&chunk, lins_fourcc) && !out->has_lins) {
            out->lins = chunk;
            out->has_lins = true;
        } else if (dls_is_list(&chunk, wvpl_fourcc) && !out->has_wvpl) {
            out->wvpl = chunk;
            out->has_wvpl = true;
        } else if (dls_is_list(&chunk, FOURCC_LE('I', 'N', 'F', 'O')) && !out->has_info) {
            out->info = chunk;
            out->has_info = true;
        } else if (riff_id_equal(chunk.id, FOURCC_LE('c', 'o', 'l', 'h'))) {
            out->colh = chunk.body;
        } else if (riff_id_equal(chunk.id, FOURCC_LE('v', 'e', 'r', 's'))) {
            out->vers = chunk.body;
        } else if (riff_id_equal(chunk.id, FOURCC_LE('p', 't', 'b', 'l'))) {
            out->ptbl = chunk.body;
        } else if (riff_id_equal(chunk.id, FOURCC_LE('p', 'g', 'a', 'l')) && !out->pgal.data) {
            out->pgal = chunk.body;
        }
    }
}

/* The parts of FORM; if some are missing, those behind its declared end, for the size of a form may be wrong. */
static void locate_all(struct dls_reader *r, struct span bytes, struct riff_chunk *form, struct parts *out)
{
    if (form->truncated)
        dls_note(r, "the file ends before its RIFF form does");
    locate(riff_children(form), out);
    size_t begin = (size_t)(form->body.data - bytes.data);
    if ((out->has_lins && out->has_wvpl) || bytes.size - begin <= form->body.size)
        return;
    struct riff_chunk wider = *form;
    struct parts more;
    wider.body.size = bytes.size - begin;
    locate(riff_children(&wider), &more);
    if ((more.has_lins && !out->has_lins) || (more.has_wvpl && !out->has_wvpl)) {
        dls_note(r, "the RIFF size leaves out part of the file");
        *form = wider;
        *out = more;
    }
}

static enum dm_status read_info(struct dls_reader *r, const struct parts *parts)
{
    struct dls_info *info = &r->out->info;
    const struct {
        uint32_t id;
        const char **text;
    } fields[] = {
        {FOURCC_LE('I', 'N', 'A', 'M'), &info->name},     {FOURCC_LE('I', 'C', 'O', 'P'), &info->copyright},
        {FOURCC_LE('I', 'E', 'N', 'G'), &info->engineer}, {FOURCC_LE('I', 'C', 'M', 'T'), &info->comment},
        {FOURCC_LE('I', 'S', 'F', 'T'), &info->software}, {FOURCC_LE('I', 'C', 'R', 'D'), &info->date},
        {FOURCC_LE('I', 'S', 'B', 'J'), &info->subject},
    };
    if (!parts->has_info || !dls_allows(r, riff_children(&parts->info)))
        return DM_OK;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        DLS_RETURN_IF_FAILED(dls_info_text(r, riff_children(&parts->info), fields[i].id, fields[i].text));
    return DM_OK;
}

static void read_heads(struct dls_reader *r, const struct parts *parts)
{
    if (parts->vers.size >= 8) {
        r->out->version_ms = load_le32(parts->vers.data);
        r->out->version_ls = load_le32(parts->vers.data + 4);
    }
    if (parts->lins.truncated)
        dls_note(r, "the list of instruments ends beyond the file: cut");
    if (parts->wvpl.truncated)
        dls_note(r, "the wave pool ends beyond the file: cut");
    if (parts->colh.size >= 4 && load_le32(parts->colh.data) != r->out->instrument_count)
        dls_note(r, "%u instruments declared, %u found", load_le32(parts->colh.data), r->out->instrument_count);
}

static enum dm_status read_parts(struct dls_reader *r, const struct parts *parts, struct dm_error *err)
{
    const char *missing = !parts->has_lins ? "instruments (lins)" : !parts->has_wvpl ? "wave pool (wvpl)" : NULL;
    if (missing)
        return dm_fail(err, DM_ERR_FORMAT, "the collection has no %s", missing);
    DLS_RETURN_IF_FAILED(dls_waves_read(r, &parts->wvpl));
    if (!dls_pool_read(r, parts->ptbl, riff_children(&parts->wvpl).base))
        return dm_fail(err, DM_ERR_UNSUPPORTED, "pool table with 64-bit offsets: a GigaSampler file is not read here");
    DLS_RETURN_IF_FAILED(dls_instruments_read(r, &parts->lins));
    read_heads(r, parts);
    DLS_RETURN_IF_FAILED(dls_aliases_read(r, parts->pgal));
    DLS_RETURN_IF_FAILED(read_info(r, parts));
    if (r->out->region_count > 0)
        return DM_OK;
    return dm_fail(err, r->lost_unsupported ? DM_ERR_UNSUPPORTED : DM_ERR_FORMAT, "nothing to play%s%s",
                   r->lost ? ": " : " in the collection", r->lost_text);
}

static enum dm_status read_bytes(struct dls_reader *r, struct span bytes, struct dm_error *err)
{
    struct riff_chunk form;
    struct parts parts;
    uint64_t size = bytes.size;
    if (size > SIZE_LIMIT)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "%llu bytes: a RIFF file ends at 4 GiB", (unsigned long long)size);
    if (bytes.size >= 4 && load_le32(bytes.data) == FOURCC_LE('R', 'I', 'F', 'X'))
        return dm_fail(err, DM_ERR_UNSUPPORTED, "big-endian RIFX is not defined for DLS");
    if (!find_form(r, bytes, &form))
        return dm_fail(err, DM_ERR_FORMAT, "no RIFF form of type 'DLS ' found");
    locate_all(r, bytes, &form, &parts);
    if (!dls_allows(r, riff_children(&form)))
        return dm_fail(err, DM_ERR_UNSUPPORTED, "the conditional chunk of the collection excludes this synthesizer");
    return read_parts(r, &parts, err);
}

enum dm_status dls_read(struct span bytes, uint32_t sample_rate, const struct dm_notes *notes,
                        struct dls_collection **out, struct dm_error *err)
{
    *out = NULL;
    struct dls_arena *owner = dm_calloc(1, sizeof *owner);
    if (!owner)
        return dm_fail(err, DM_ERR_NOMEM, "out of memory");
    struct note_limit limit;
    note_limit_begin(&limit, notes);
    struct dls_reader r = {
        .out = &owner->collection, .arena = &owner->arena, .sample_rate = sample_rate, .notes = &limit.notes};
    r.wave = r.instrument = r.region = DLS_NOWHERE;
    r.out->arena = owner;
    r.out->level = 1;
    enum dm_status status = read_bytes(&r, bytes, err);
    note_limit_end(&limit);
    if (status == DM_OK) {
        *out = r.out;
        return DM_OK;
    }
    dls_free(r.out);
    return status == DM_ERR_NOMEM ? dm_fail(err, DM_ERR_NOMEM, "out of memory") : status;
}

void dls_free(struct dls_collection *collection)
{
    if (!collection)
        return;
    struct dls_arena *owner = collection->arena;
    arena_clear(&owner->arena);
    dm_free(owner);
}
