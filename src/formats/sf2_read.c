/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "formats/note_limit.h"
#include "formats/riff.h"
#include "formats/sf2_internal.h"

enum { LONGEST_TEXT = 65536 }; /* SF2 2.04 section 5.6: ICMT; the others have 256 bytes */

struct sf2_arena {
    struct arena memory;
    struct sf2_bank bank;
};

/* The three lists of a SoundFont; body.data is NULL where one is missing. */
struct sf2_lists {
    struct riff_chunk info, sdta, pdta;
};

static bool chunk_is(const struct riff_chunk *chunk, char a, char b, char c, char d)
{
    return riff_id_equal(chunk->id, FOURCC_LE(a, b, c, d));
}

static void take_list(struct riff_chunk *slot, const struct riff_chunk *chunk)
{
    if (!slot->body.data)
        *slot = *chunk;
}

static void find_lists(struct span body, uint64_t offset, struct sf2_lists *lists)
{
    struct riff_walker walker = riff_walk(body, offset);
    struct riff_chunk chunk;
    while (riff_next(&walker, &chunk)) {
        if (!chunk_is(&chunk, 'L', 'I', 'S', 'T'))
            continue;
        if (riff_id_equal(chunk.type, FOURCC_LE('I', 'N', 'F', 'O')))
            take_list(&lists->info, &chunk);
        else if (riff_id_equal(chunk.type, FOURCC_LE('s', 'd', 't', 'a')))
            take_list(&lists->sdta, &chunk);
        else if (riff_id_equal(chunk.type, FOURCC_LE('p', 'd', 't', 'a')))
            take_list(&lists->pdta, &chunk);
    }
}

static enum dm_status open_form(struct span bytes, const struct dm_notes *notes, struct sf2_lists *lists,
                                struct dm_error *err)
{
    struct riff_walker walker = riff_walk(bytes, 0);
    struct riff_chunk form;
    if (!riff_next(&walker, &form) || !chunk_is(&form, 'R', 'I', 'F', 'F') ||
        !riff_id_equal(form.type, FOURCC_LE('s', 'f', 'b', 'k')))
        return dm_fail(err, DM_ERR_FORMAT, "no RIFF form 'sfbk': not a SoundFont");
    size_t begin = (size_t)(form.body.data - bytes.data);
    find_lists(form.body, begin, lists);
    if (form.truncated)
        dm_note(notes, "the SoundFont declares more bytes than the file has");
    if (!lists->pdta.body.data && form.body.size < bytes.size - begin) {
        find_lists((struct span){form.body.data, bytes.size - begin}, begin, lists);
        if (lists->pdta.body.data)
            dm_note(notes, "the SoundFont goes on behind its declared end");
    }
    if (!lists->pdta.body.data)
        return dm_fail(err, DM_ERR_FORMAT, "SoundFont without a pdta list (cut off?)");
    return DM_OK;
}

static enum dm_status take_text(struct sf2_reader *r, const struct riff_chunk *chunk, const char **field,
                                struct dm_error *err)
{
    if (*field)
        return DM_OK;
    size_t size = chunk->body.size < LONGEST_TEXT ? chunk->body.size : LONGEST_TEXT;
    *field = text_clean_arena(r->memory, chunk->body.data, size);
    return *field ? DM_OK : dm_fail(err, DM_ERR_NOMEM, "SoundFont texts: out of memory");
}

static enum dm_status read_info(struct sf2_reader *r, const struct riff_chunk *list, struct dm_error *err)
{
    struct sf2_bank *bank = r->bank;
    const struct {
        uint32_t id;
        const char **field;
    } texts[] = {
        {FOURCC_LE('I', 'N', 'A', 'M'), &bank->name},      {FOURCC_LE('i', 's', 'n', 'g'), &bank->engine},
        {FOURCC_LE('I', 'C', 'O', 'P'), &bank->copyright}, {FOURCC_LE('I', 'E', 'N', 'G'), &bank->engineer},
        {FOURCC_LE('I', 'C', 'M', 'T'), &bank->comment},   {FOURCC_LE('I', 'C', 'R', 'D'), &bank->date},
        {FOURCC_LE('I', 'S', 'F', 'T'), &bank->software},
    };
    struct riff_walker walker = riff_children(list);
    struct riff_chunk chunk;
    bool version = false;
    while (list->body.data && riff_next(&walker, &chunk)) {
        if (chunk_is(&chunk, 'i', 'f', 'i', 'l') && chunk.body.size >= 4 && !version) {
            bank->version_major = load_le16(chunk.body.data);
            bank->version_minor = load_le16(chunk.body.data + 2);
            version = true;
        }
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            enum dm_status status = riff_id_equal(chunk.id, texts[i].id)
                                        ? take_text(r, &chunk, texts[i].field, err) : DM_OK;
            if (status != DM_OK)
                return status;
        }
    }
    if (!version) {
        dm_note(r->notes, "no version, read as SoundFont 2.01");
        bank->version_major = 2;
        bank->version_minor = 1;
    }
    if (bank->version_major < 2)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "SoundFont version %u.%02u: only 2 and 3 are read",
                       bank->version_major, bank->version_minor);
    if (bank->version_major > 3) /* 3: the SF3 of MuseScore */
        dm_note(r->notes, "SoundFont version %u.%02u read as version 3", bank->version_major, bank->version_minor);
    return DM_OK;
}

/* Where the samples are. Nothing inside is looked at: the pages of a mapped file stay untouched. */
static void read_pool(struct sf2_reader *r, const struct riff_chunk *list)
{
    struct sf2_bank *bank = r->bank;
    struct riff_walker walker = riff_children(list);
    struct riff_chunk chunk;
    while (list->body.data && riff_next(&walker, &chunk)) {
        if (chunk_is(&chunk, 's', 'm', 'p', 'l') && !bank->pool.data)
            bank->pool = chunk.body;
        else if (chunk_is(&chunk, 's', 'm', '2', '4') && !bank->pool24.data)
            bank->pool24 = chunk.body;
    }
    size_t frames = bank->pool.size / 2;
    /* SF2 2.04 section 6.2: one byte per frame, the total padded to even; from 2.04 on. */
    bool fits = bank->pool24.size == frames || bank->pool24.size == frames + (frames & 1);
    bool known = bank->version_major > 2 || bank->version_minor >= 4;
    if (bank->pool24.data && (!fits || !known || bank->pool24.size == 0)) {
        if (!fits)
            dm_note(r->notes, "sm24 chunk of %zu bytes for %zu frames ignored: 16 bits used", bank->pool24.size,
                    frames);
        else if (bank->pool24.size > 0)
            dm_note(r->notes, "sm24 chunk in a version %u.%02u bank ignored: 16 bits used", bank->version_major,
                    bank->version_minor);
        bank->pool24 = (struct span){NULL, 0};
    }
}

static enum dm_status read_tables(struct sf2_reader *r, const struct riff_chunk *list, struct dm_error *err)
{
    static const struct {
        char name[5];
        uint8_t record;
        bool needed;
    } kinds[SF2_TABLES] = {
        [SF2_PHDR] = {"phdr", 38, true},  [SF2_PBAG] = {"pbag", 4, true}, [SF2_PMOD] = {"pmod", 10, false},
        [SF2_PGEN] = {"pgen", 4, true},   [SF2_INST] = {"inst", 22, true}, [SF2_IBAG] = {"ibag", 4, true},
        [SF2_IMOD] = {"imod", 10, false}, [SF2_IGEN] = {"igen", 4, true}, [SF2_SHDR] = {"shdr", 46, true},
    };
    struct riff_walker walker = riff_children(list);
    struct riff_chunk chunk;
    while (riff_next(&walker, &chunk)) {
        for (int i = 0; i < SF2_TABLES; i++) {
            struct sf2_table *table = &r->tables[i];
            if (table->data || !riff_id_equal(chunk.id, load_le32((const uint8_t *)kinds[i].name)))
                continue;
            *table = (struct sf2_table){chunk.body.data, kinds[i].record,
                                        (uint32_t)(chunk.body.size / kinds[i].record)};
            if (chunk.truncated || chunk.body.size % kinds[i].record != 0)
                dm_note(r->notes, "chunk '%s' is cut off behind record %lu", kinds[i].name,
                        (unsigned long)table->count);
        }
    }
    for (int i = 0; i < SF2_TABLES; i++) {
        r->tables[i].record = kinds[i].record;
        if (r->tables[i].count == 0 && kinds[i].needed)
            return dm_fail(err, DM_ERR_FORMAT, "SoundFont without '%s' records", kinds[i].name);
        if (!r->tables[i].data)
            dm_note(r->notes, "no '%s' chunk, no modulators there", kinds[i].name);
    }
    return DM_OK;
}

/* A bank that cannot make a sound is refused, with the reason. */
static enum dm_status check_playable(const struct sf2_reader *r, struct dm_error *err)
{
    const struct sf2_bank *bank = r->bank;
    uint32_t usable = 0, rom = 0;
    for (uint32_t i = 0; i < bank->sample_count; i++) {
        usable += bank->samples[i].usable;
        rom += bank->samples[i].rom;
    }
    if (usable == 0 && rom > 0)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "SoundFont whose samples are in the ROM of a sound card");
    if (usable == 0)
        return dm_fail(err, DM_ERR_FORMAT, "SoundFont without a usable sample (%lu named, %zu bytes of data)",
                       (unsigned long)bank->sample_count, bank->pool.size);
    if (r->playable_zones == 0)
        return dm_fail(err, DM_ERR_FORMAT, "SoundFont without a playable preset (%lu named)",
                       (unsigned long)bank->preset_count);
    return DM_OK;
}

static enum dm_status read_bank(struct sf2_reader *r, struct span bytes, struct dm_error *err)
{
    struct sf2_lists lists = {0};
    enum dm_status status = open_form(bytes, r->notes, &lists, err);
    if (status == DM_OK)
        status = read_info(r, &lists.info, err);
    if (status == DM_OK)
        status = read_tables(r, &lists.pdta, err);
    if (status != DM_OK)
        return status;
    read_pool(r, &lists.sdta);
    status = sf2_read_samples(r, err);
    if (status == DM_OK)
        status = sf2_read_zones(r, err);
    return status == DM_OK ? check_playable(r, err) : status;
}

enum dm_status sf2_read(struct span bytes, const struct dm_notes *notes, struct sf2_bank **out, struct dm_error *err)
{
    *out = NULL;
    struct sf2_arena *arena = dm_calloc(1, sizeof *arena);
    if (!arena)
        return dm_fail(err, DM_ERR_NOMEM, "SoundFont: out of memory");
    arena->bank.arena = arena;
    struct note_limit limit;
    note_limit_begin(&limit, notes);
    struct sf2_reader reader = {.bank = &arena->bank, .memory = &arena->memory, .notes = &limit.notes};
    enum dm_status status = read_bank(&reader, bytes, err);
    note_limit_end(&limit);
    if (status == DM_OK)
        *out = &arena->bank;
    else
        sf2_free(&arena->bank);
    return status;
}

void sf2_free(struct sf2_bank *bank)
{
    if (!bank)
        return;
    struct sf2_arena *arena = bank->arena;
    arena_clear(&arena->memory);
    dm_free(arena);
}
