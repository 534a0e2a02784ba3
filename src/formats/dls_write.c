/* SPDX-License-Identifier: MIT */
/*
 * The writer. Chunk sizes stand before their contents, so every one is computed first (functions *_size: bytes with
 * header and padding) and then written (functions write_*), without a seek and without holding more than one wave.
 */
#include <string.h>

#include "base/alloc.h"
#include "formats/dls.h"

enum { HEADER = 8, TYPED = 12, RGNH = 14, RGNH1 = 12, WLNK = 12, WSMP = 20, LOOP = 16, ART = 8, BLOCK = 12, INSH = 12 };
enum { FORMAT = 16, FRAME = 2, TAG_PCM = 1, BUFFER = 4096 };
#define PIECE_FRAMES (UINT32_C(1) << 24) /* a wave is asked for in one piece up to this */

struct writer {
    const struct byte_sink *sink;
    bool level1; /* dls_collection.level1_too */
    struct dm_error *err;
    enum dm_status status; /* the first failure; nothing is written after it */
    size_t used;
    uint8_t buffer[BUFFER];
};

/* ---- sizes ---- */

static uint64_t chunk_size(uint64_t body) { return HEADER + body + (body & 1); }
static uint64_t text_size(const char *text) { return text ? chunk_size(strlen(text) + 1) : 0; }
static bool has_text(const char *text) { return text && *text; }

static uint64_t name_size(const char *name) { return has_text(name) ? TYPED + text_size(name) : 0; }

/* One list: lar2, and with level 1 the same again as lart. */
static uint64_t list_size(const struct dls_articulation *a)
{
    return a->present && a->count > 0 ? TYPED + chunk_size(ART + (uint64_t)BLOCK * a->count) : 0;
}

static uint64_t artic_size(const struct dls_articulation *a, bool level1) { return list_size(a) * (level1 ? 2 : 1); }

static uint64_t sample_body(const struct dls_sample_info *s) { return WSMP + (s->loop != DLS_LOOP_NONE ? LOOP : 0); }
static uint64_t sample_size(const struct dls_sample_info *s) { return s->present ? chunk_size(sample_body(s)) : 0; }

static uint64_t region_size(const struct dls_region *g, bool level1)
{
    return TYPED + chunk_size(level1 ? RGNH1 : RGNH) + sample_size(&g->sample) + chunk_size(WLNK) +
           artic_size(&g->articulation, level1);
}

static uint64_t regions_size(const struct dls_instrument *i, bool level1)
{
    uint64_t size = TYPED;
    for (uint32_t k = 0; k < i->region_count; k++)
        size += region_size(&i->regions[k], level1);
    return size;
}

static uint64_t instrument_size(const struct dls_instrument *i, bool level1)
{
    return TYPED + chunk_size(INSH) + regions_size(i, level1) + artic_size(&i->articulation, level1) + name_size(i->name);
}

static uint64_t wave_size(const struct dls_wave *w)
{
    return TYPED + chunk_size(FORMAT) + sample_size(&w->sample) + chunk_size((uint64_t)FRAME * w->frames) +
           name_size(w->name);
}

struct field {
    char id[5];
    const char *text;
};

enum { INFO_FIELDS = 7 };

static void info_fields(const struct dls_info *info, struct field out[INFO_FIELDS])
{
    const struct field fields[INFO_FIELDS] = {
        {"INAM", info->name},     {"ISBJ", info->subject}, {"ICOP", info->copyright}, {"IENG", info->engineer},
        {"ICRD", info->date},     {"ISFT", info->software}, {"ICMT", info->comment},
    };
    memcpy(out, fields, sizeof fields);
}

static uint64_t info_size(const struct dls_info *info)
{
    struct field fields[INFO_FIELDS];
    uint64_t size = 0;
    info_fields(info, fields);
    for (int i = 0; i < INFO_FIELDS; i++)
        size += text_size(fields[i].text);
    return size ? TYPED + size : 0;
}

/* ---- bytes ---- */

static void flush(struct writer *w)
{
    if (w->status == DM_OK && w->used > 0)
        w->status = w->sink->write(w->sink->ctx, w->buffer, w->used, w->err);
    w->used = 0;
}

static uint8_t *reserve(struct writer *w, size_t size)
{
    if (w->used + size > BUFFER)
        flush(w);
    w->used += size;
    return w->buffer + w->used - size;
}

static void put16(struct writer *w, uint16_t v) { store_le16(reserve(w, 2), v); }
static void put32(struct writer *w, uint32_t v) { store_le32(reserve(w, 4), v); }
static void put_id(struct writer *w, const char *id) { memcpy(reserve(w, 4), id, 4); }

static void put_header(struct writer *w, const char *id, uint64_t body)
{
    put_id(w, id);
    put32(w, (uint32_t)body);
}

/* SIZE counts the list with its 12 bytes of header and type. */
static void put_list(struct writer *w, const char *id, const char *type, uint64_t size)
{
    put_header(w, id, size - HEADER);
    put_id(w, type);
}

static void put_text(struct writer *w, const char *id, const char *text)
{
    size_t size = strlen(text) + 1;
    put_header(w, id, size);
    for (size_t i = 0; i < size; i++)
        *reserve(w, 1) = (uint8_t)text[i];
    if (size & 1)
        *reserve(w, 1) = 0;
}

static void write_name(struct writer *w, const char *name)
{
    if (!has_text(name))
        return;
    put_list(w, "LIST", "INFO", name_size(name));
    put_text(w, "INAM", name);
}

static void write_list(struct writer *w, const char *list, const char *chunk, const struct dls_articulation *a)
{
    uint64_t size = list_size(a);
    if (size == 0)
        return;
    put_list(w, "LIST", list, size);
    put_header(w, chunk, size - TYPED - HEADER);
    put32(w, ART);
    put32(w, a->count);
    for (uint32_t i = 0; i < a->count; i++) {
        put16(w, a->connections[i].source);
        put16(w, a->connections[i].control);
        put16(w, a->connections[i].destination);
        put16(w, a->connections[i].transform);
        put32(w, (uint32_t)a->connections[i].scale);
    }
}

/* Of two lists the later wins, connection by connection (spec/dls.md 2.8): lar2, for those who read it. */
static void write_articulation(struct writer *w, const struct dls_articulation *a)
{
    if (w->level1)
        write_list(w, "lart", "art1", a);
    write_list(w, "lar2", "art2", a);
}

static void write_sample(struct writer *w, const struct dls_sample_info *s)
{
    if (!s->present)
        return;
    put_header(w, "wsmp", sample_body(s));
    put32(w, WSMP);
    put16(w, s->unity_note);
    put16(w, (uint16_t)s->fine_tune);
    put32(w, (uint32_t)s->gain);
    put32(w, s->options);
    put32(w, s->loop != DLS_LOOP_NONE);
    if (s->loop == DLS_LOOP_NONE)
        return;
    put32(w, LOOP);
    put32(w, s->loop == DLS_LOOP_RELEASE);
    put32(w, s->loop_start);
    put32(w, s->loop_length);
}

static void write_region(struct writer *w, const struct dls_region *g)
{
    put_list(w, "LIST", w->level1 ? "rgn " : "rgn2", region_size(g, w->level1));
    put_header(w, "rgnh", w->level1 ? RGNH1 : RGNH);
    put16(w, g->key_low);
    put16(w, g->key_high);
    put16(w, g->velocity_low);
    put16(w, g->velocity_high);
    put16(w, g->options);
    put16(w, g->key_group);
    if (!w->level1)
        put16(w, g->layer);
    write_sample(w, &g->sample);
    put_header(w, "wlnk", WLNK);
    put16(w, g->link_options);
    put16(w, g->phase_group);
    put32(w, g->channel);
    put32(w, g->wave);
    write_articulation(w, &g->articulation);
}

static void write_instrument(struct writer *w, const struct dls_instrument *i)
{
    put_list(w, "LIST", "ins ", instrument_size(i, w->level1));
    put_header(w, "insh", INSH);
    put32(w, i->region_count);
    put32(w, i->bank);
    put32(w, i->program);
    put_list(w, "LIST", "lrgn", regions_size(i, w->level1));
    for (uint32_t k = 0; k < i->region_count; k++)
        write_region(w, &i->regions[k]);
    write_articulation(w, &i->articulation);
    write_name(w, i->name);
}

static void write_samples(struct writer *w, const struct dls_pcm_source *pcm, uint32_t wave, uint32_t frames,
                          int16_t *block)
{
    for (uint32_t first = 0; first < frames && w->status == DM_OK;) {
        uint32_t piece = frames - first < PIECE_FRAMES ? frames - first : PIECE_FRAMES;
        w->status = pcm->read(pcm->ctx, wave, first, piece, block, w->err);
        for (uint32_t i = 0; i < piece && w->status == DM_OK; i++)
            put16(w, (uint16_t)block[i]);
        first += piece;
    }
}

static void write_wave(struct writer *w, const struct dls_collection *c, uint32_t index, const struct dls_pcm_source *pcm,
                       int16_t *block)
{
    const struct dls_wave *wave = &c->waves[index];
    put_list(w, "LIST", "wave", wave_size(wave));
    put_header(w, "fmt ", FORMAT);
    put16(w, TAG_PCM);
    put16(w, 1);
    put32(w, wave->sample_rate);
    put32(w, wave->sample_rate * FRAME);
    put16(w, FRAME);
    put16(w, 8 * FRAME);
    write_sample(w, &wave->sample);
    put_header(w, "data", (uint64_t)FRAME * wave->frames);
    write_samples(w, pcm, index, wave->frames, block);
    write_name(w, wave->name);
}

static void write_info(struct writer *w, const struct dls_info *info)
{
    struct field fields[INFO_FIELDS];
    if (info_size(info) == 0)
        return;
    put_list(w, "LIST", "INFO", info_size(info));
    info_fields(info, fields);
    for (int i = 0; i < INFO_FIELDS; i++)
        if (fields[i].text)
            put_text(w, fields[i].id, fields[i].text);
}

/* ---- the file ---- */

struct plan {
    uint64_t instruments, waves, info, total; /* total: of the whole file */
    uint32_t longest_wave;
};

static bool has_version(const struct dls_collection *c) { return c->version_ms || c->version_ls; }
static uint64_t table_body(const struct dls_collection *c) { return 8 + 4 * (uint64_t)c->wave_count; }

static enum dm_status make_plan(const struct dls_collection *c, struct plan *plan, struct dm_error *err)
{
    *plan = (struct plan){.instruments = TYPED, .waves = TYPED, .info = info_size(&c->info)};
    for (uint32_t i = 0; i < c->instrument_count; i++) {
        for (uint32_t k = 0; k < c->instruments[i].region_count; k++)
            if (c->instruments[i].regions[k].wave >= c->wave_count)
                return dm_fail(err, DM_ERR_ARGUMENT, "instrument %u: region %u: there is no wave %u", i, k,
                               c->instruments[i].regions[k].wave);
        plan->instruments += instrument_size(&c->instruments[i], c->level1_too);
    }
    for (uint32_t i = 0; i < c->wave_count; i++) {
        plan->waves += wave_size(&c->waves[i]);
        if (c->waves[i].frames > plan->longest_wave)
            plan->longest_wave = c->waves[i].frames;
    }
    plan->total = TYPED + chunk_size(4) + (has_version(c) ? chunk_size(8) : 0) + plan->instruments +
                  chunk_size(table_body(c)) + plan->waves + plan->info;
    if (plan->total - HEADER > UINT32_MAX)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "the collection would take %llu bytes, a DLS file ends at 4 GiB",
                       (unsigned long long)plan->total);
    return DM_OK;
}

static void write_heads(struct writer *w, const struct dls_collection *c, const struct plan *plan)
{
    put_list(w, "RIFF", "DLS ", plan->total);
    put_header(w, "colh", 4);
    put32(w, c->instrument_count);
    if (has_version(c)) {
        put_header(w, "vers", 8);
        put32(w, c->version_ms);
        put32(w, c->version_ls);
    }
    put_list(w, "LIST", "lins", plan->instruments);
    for (uint32_t i = 0; i < c->instrument_count; i++)
        write_instrument(w, &c->instruments[i]);
    put_header(w, "ptbl", table_body(c));
    put32(w, 8);
    put32(w, c->wave_count);
    uint64_t offset = 0;
    for (uint32_t i = 0; i < c->wave_count; i++) {
        put32(w, (uint32_t)offset);
        offset += wave_size(&c->waves[i]);
    }
}

enum dm_status dls_write(const struct dls_collection *collection, const struct dls_pcm_source *pcm,
                         const struct byte_sink *sink, struct dm_error *err)
{
    struct plan plan;
    enum dm_status status = make_plan(collection, &plan, err);
    if (status != DM_OK)
        return status;
    uint32_t block_frames = plan.longest_wave < PIECE_FRAMES ? plan.longest_wave : PIECE_FRAMES;
    int16_t *block = dm_malloc(block_frames * sizeof *block);
    if (!block)
        return dm_fail(err, DM_ERR_NOMEM, "out of memory");
    struct writer w = {.sink = sink, .level1 = collection->level1_too, .err = err};
    write_heads(&w, collection, &plan);
    put_list(&w, "LIST", "wvpl", plan.waves);
    for (uint32_t i = 0; i < collection->wave_count && w.status == DM_OK; i++)
        write_wave(&w, collection, i, pcm, block);
    write_info(&w, &collection->info);
    flush(&w);
    dm_free(block);
    return w.status;
}
