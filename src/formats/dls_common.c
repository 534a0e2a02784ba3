/* SPDX-License-Identifier: MIT */
/* What every part of the DLS reader needs: notes with their place, conditions, names. */
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "formats/dls_cdl.h"
#include "formats/dls_reader.h"

enum { TEXT_SIZE = 200, PLACE_SIZE = 96 };

static void place_text(const struct dls_reader *r, char out[PLACE_SIZE])
{
    char lsb[8] = "", region[24] = "";
    out[0] = '\0';
    if (r->wave != DLS_NOWHERE) {
        snprintf(out, PLACE_SIZE, "wave %u: ", r->wave);
        return;
    }
    if (r->instrument == DLS_NOWHERE)
        return;
    if (r->bank == DLS_NOWHERE) {
        snprintf(out, PLACE_SIZE, "instrument %u: ", r->instrument);
        return;
    }
    if (r->bank & 0x7F)
        snprintf(lsb, sizeof lsb, ":%u", r->bank & 0x7F);
    if (r->region != DLS_NOWHERE)
        snprintf(region, sizeof region, "region %u: ", r->region);
    snprintf(out, PLACE_SIZE, "instrument %u (%sbank %u%s program %u): %s", r->instrument,
             r->bank & DLS_DRUMS ? "drums " : "", r->bank >> 8 & 0x7F, lsb, r->program, region);
}

void dls_note(struct dls_reader *r, const char *fmt, ...)
{
    char place[PLACE_SIZE], text[TEXT_SIZE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    place_text(r, place);
    dm_note(r->notes, "%s%s", place, text);
}

void dls_note_loss(struct dls_reader *r, bool unsupported, const char *fmt, ...)
{
    char place[PLACE_SIZE], text[TEXT_SIZE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    place_text(r, place);
    if (!r->lost) {
        r->lost = true;
        r->lost_unsupported = unsupported;
        snprintf(r->lost_text, sizeof r->lost_text, "%.*s%.*s", PLACE_SIZE - 1, place, TEXT_SIZE - PLACE_SIZE, text);
    }
    dm_note(r->notes, "%s%s", place, text);
}

static bool refuses(const struct dls_reader *r, const struct riff_chunk *chunk)
{
    return riff_id_equal(chunk->id, FOURCC_LE('c', 'd', 'l', ' ')) && !dls_cdl_true(chunk->body, r->sample_rate);
}

bool dls_allows(const struct dls_reader *r, struct riff_walker list)
{
    struct riff_chunk chunk;
    while (riff_next(&list, &chunk))
        if (refuses(r, &chunk))
            return false;
    return true;
}

uint32_t dls_count_lists(const struct dls_reader *r, struct riff_walker list, uint32_t type, bool *allowed)
{
    struct riff_chunk chunk;
    uint32_t count = 0;
    *allowed = true;
    while (riff_next(&list, &chunk) && *allowed) {
        count += dls_is_list(&chunk, type);
        *allowed = !refuses(r, &chunk);
    }
    return *allowed ? count : 0;
}

bool dls_is_list(const struct riff_chunk *chunk, uint32_t type)
{
    if (chunk->type)
        return riff_id_equal(chunk->type, type) && riff_id_equal(chunk->id, FOURCC_LE('L', 'I', 'S', 'T'));
    return chunk->id == type && (type == FOURCC_LE('w', 'v', 'p', 'l') || type == FOURCC_LE('l', 'i', 'n', 's'));
}

enum dm_status dls_info_text(struct dls_reader *r, struct riff_walker info, uint32_t id, const char **out)
{
    struct riff_chunk chunk;
    while (riff_next(&info, &chunk)) {
        if (!riff_id_equal(chunk.id, id))
            continue;
        const char *text = text_clean_arena(r->arena, chunk.body.data, chunk.body.size);
        if (!text)
            return DM_ERR_NOMEM;
        *out = text;
        return DM_OK;
    }
    return DM_OK;
}

enum dm_status dls_name(struct dls_reader *r, struct riff_walker list, const char **out)
{
    struct riff_chunk chunk;
    while (riff_next(&list, &chunk))
        if (dls_is_list(&chunk, FOURCC_LE('I', 'N', 'F', 'O')))
            return dls_info_text(r, riff_children(&chunk), FOURCC_LE('I', 'N', 'A', 'M'), out);
    return DM_OK;
}
