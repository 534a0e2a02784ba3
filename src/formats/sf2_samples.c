/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "formats/sf2_internal.h"

/* sfSampleType: 8000 ROM (SF2 2.04 section 7.10), 10 Ogg Vorbis (SF3). */
enum { TYPE_ROM = 0x8000, TYPE_VORBIS = 0x10, NAME_SIZE = 20, FALLBACK_RATE = 22050, HIGHEST_RATE = 384000,
       FALLBACK_KEY = 60 };

struct sample_place {
    const struct dm_notes *notes;
    unsigned long index;
    const char *name;
};

/* [start, end) against the pool, in bytes for a stream and in frames else. */
static void repair_range(struct sf2_sample *s, uint64_t pool, const struct sample_place *at)
{
    if (s->rom) {
        dm_note(at->notes, "sample %lu '%s': in the ROM of a sound card, silent", at->index, at->name);
        return;
    }
    if (s->start >= s->end || s->start >= pool) {
        dm_note(at->notes, "sample %lu '%s': %lu to %lu of %llu, silent", at->index, at->name,
                (unsigned long)s->start, (unsigned long)s->end, (unsigned long long)pool);
        return;
    }
    s->usable = true;
    if (s->end > pool) {
        dm_note(at->notes, "sample %lu '%s': ends at %lu, data at %llu", at->index, at->name, (unsigned long)s->end,
                (unsigned long long)pool);
        s->end = (uint32_t)pool;
    }
}

/* The loop of the file into the sample: BASE is the file's zero, LENGTH the sample's (UINT32_MAX: unknown). Equal
 * ends are no loop and need no word, samples that are not to be looped have them. */
static void repair_loop(struct sf2_sample *s, uint32_t start, uint32_t end, uint32_t base, uint32_t length,
                        const struct sample_place *at)
{
    if (start == end)
        return;
    uint32_t low = start < end ? start : end, high = start < end ? end : start;
    s->loop_start = low > base ? low - base : 0;
    s->loop_end = high > base ? high - base : 0;
    if (s->loop_end > length)
        s->loop_end = length;
    if (s->loop_start >= s->loop_end)
        s->loop_start = s->loop_end = 0;
    bool changed = start > end || start < base || high - base > length || s->loop_end == 0;
    if (!changed)
        return;
    if (s->loop_end == 0)
        dm_note(at->notes, "sample %lu '%s': loop %lu to %lu lies outside, no loop", at->index, at->name,
                (unsigned long)start, (unsigned long)end);
    else
        dm_note(at->notes, "sample %lu '%s': loop %lu to %lu repaired to %lu to %lu", at->index, at->name,
                (unsigned long)start, (unsigned long)end, (unsigned long)base + s->loop_start,
                (unsigned long)base + s->loop_end);
}

static void repair_values(struct sf2_sample *s, uint8_t key, const struct sample_place *at)
{
    if (s->sample_rate == 0 || s->sample_rate > HIGHEST_RATE) {
        uint32_t rate = s->sample_rate ? HIGHEST_RATE : FALLBACK_RATE;
        dm_note(at->notes, "sample %lu '%s': rate %lu Hz taken as %lu", at->index, at->name,
                (unsigned long)s->sample_rate, (unsigned long)rate);
        s->sample_rate = rate;
    }
    /* 255 means "no pitch", 128 to 254 are illegal: 60 for both (SF2 2.04 section 7.10). */
    s->original_key = key <= 127 ? key : FALLBACK_KEY;
    if (key > 127 && key < 255)
        dm_note(at->notes, "sample %lu '%s': key %u taken as %d", at->index, at->name, key, FALLBACK_KEY);
}

static void read_sample(const struct sf2_reader *r, const uint8_t *p, const struct sample_place *at,
                        struct sf2_sample *s)
{
    s->start = load_le32(p + 20);
    s->end = load_le32(p + 24);
    s->sample_rate = load_le32(p + 36);
    s->correction = (int8_t)p[41];
    s->link = load_le16(p + 42);
    s->type = load_le16(p + 44);
    s->rom = (s->type & TYPE_ROM) != 0;
    s->vorbis = (s->type & TYPE_VORBIS) != 0;
    repair_range(s, s->vorbis ? r->bank->pool.size : r->bank->pool.size / 2, at);
    repair_values(s, p[40], at);
    if (!s->usable)
        return;
    uint32_t loop_start = load_le32(p + 28), loop_end = load_le32(p + 32);
    /* SF3 counts loop points from the beginning of the sample; its length is only known to the stream. */
    if (s->vorbis)
        repair_loop(s, loop_start, loop_end, 0, UINT32_MAX, at);
    else
        repair_loop(s, loop_start, loop_end, s->start, s->end - s->start, at);
}

enum dm_status sf2_read_samples(struct sf2_reader *r, struct dm_error *err)
{
    const struct sf2_table *table = &r->tables[SF2_SHDR];
    uint32_t count = table->count - 1; /* the last is the terminal record */
    struct sf2_sample *samples = arena_array(r->memory, count, sizeof *samples);
    if (!samples)
        return dm_fail(err, DM_ERR_NOMEM, "SoundFont samples: out of memory");
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *record = sf2_record(table, i);
        samples[i].name = text_clean_arena(r->memory, record, NAME_SIZE);
        if (!samples[i].name)
            return dm_fail(err, DM_ERR_NOMEM, "SoundFont names: out of memory");
        struct sample_place at = {r->notes, i, samples[i].name};
        read_sample(r, record, &at, &samples[i]);
    }
    r->bank->samples = samples;
    r->bank->sample_count = count;
    return DM_OK;
}
