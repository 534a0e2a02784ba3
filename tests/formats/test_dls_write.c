/* SPDX-License-Identifier: MIT */
/*
 * The DLS writer. What it writes is taken apart by a walker of the test's own, which knows the layout from DLS 2.2
 * section 2 and demands exact sizes everywhere, and is read back with the reader.
 */
#include "formats/dls.h"

#include "base/alloc.h"
#include "dls_compare.h"
#include "riff_builder.h"
#include "tap.h"

/* ---- a collection ---- */

enum { WAVES = 5, INSTRUMENTS = 4 };

static struct dls_wave waves[WAVES];
static struct dls_region regions[INSTRUMENTS][3];
static struct dls_instrument instruments[INSTRUMENTS];
static struct dls_connection connections[40];

static struct dls_collection make_collection(void)
{
    static const char *const names[INSTRUMENTS] = {"Piano", "", "\xC3\x96rgel", "Kit"};
    for (uint32_t i = 0; i < 40; i++)
        connections[i] = (struct dls_connection){(uint16_t)i, (uint16_t)(0x81 + i), (uint16_t)(0x206 + i), 0x4000,
                                                 -1000 * (int32_t)i};
    for (uint32_t i = 0; i < WAVES; i++) {
        waves[i] = (struct dls_wave){.codec = DLS_PCM_S16,
                                     .channels = 1,
                                     .block_align = 2,
                                     .sample_rate = 8000 + 1000 * i,
                                     .frames = 1 + 1711 * i,
                                     .name = i & 1 ? "wave" : "",
                                     .usable = true};
        if (i > 0)
            waves[i].sample = (struct dls_sample_info){.present = true,
                                                       .unity_note = (uint16_t)(50 + i),
                                                       .fine_tune = -30,
                                                       .gain = -655360,
                                                       .options = 3,
                                                       .loop = (enum dls_loop_kind)(i % 3),
                                                       .loop_start = i % 3 ? 7 : 0,
                                                       .loop_length = i % 3 ? 100 : 0};
    }
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        instruments[i] = (struct dls_instrument){.bank = i == 3 ? DLS_DRUMS : i << 8 | 1,
                                                 .program = 10 + i,
                                                 .region_count = i == 1 ? 1 : 3,
                                                 .regions = regions[i],
                                                 .name = names[i]};
        if (i == 2)
            instruments[i].articulation = (struct dls_articulation){true, 40, connections};
        for (uint32_t k = 0; k < 3; k++)
            regions[i][k] = (struct dls_region){.key_low = (uint16_t)(40 * k),
                                                .key_high = (uint16_t)(40 * k + 39),
                                                .velocity_low = 1,
                                                .velocity_high = 127,
                                                .options = 1,
                                                .key_group = (uint16_t)k,
                                                .layer = (uint16_t)i,
                                                .link_options = 1,
                                                .phase_group = 2,
                                                .channel = 1,
                                                .wave = (i + k) % WAVES};
        regions[i][1].articulation = (struct dls_articulation){true, 1 + i, connections + i};
        regions[i][2].sample =
            (struct dls_sample_info){.present = true, .unity_note = 60, .fine_tune = 12, .gain = 65536};
        regions[i][2].wave = 4;
    }
    struct dls_collection c = {.instrument_count = INSTRUMENTS,
                               .wave_count = WAVES,
                               .instruments = instruments,
                               .waves = waves,
                               .version_ms = 0x00010002,
                               .version_ls = 3};
    c.info = (struct dls_info){.name = "Bank", .copyright = "odd text", .software = "test", .comment = ""};
    return c;
}

static int16_t sample_at(uint32_t wave, uint32_t frame) { return (int16_t)(wave * 1000 + frame * 37); }

/* ---- source and sink ---- */

static int source_calls, source_fails_at;
static uint32_t largest_piece;

static enum dm_status source_read(void *ctx, uint32_t wave, uint32_t first, uint32_t frames, int16_t *out,
                                  struct dm_error *err)
{
    (void)ctx;
    if (++source_calls == source_fails_at)
        return dm_fail(err, DM_ERR_FORMAT, "wave %u is broken", wave);
    for (uint32_t i = 0; i < frames; i++)
        out[i] = sample_at(wave, first + i);
    if (frames > largest_piece)
        largest_piece = frames;
    return DM_OK;
}
static const struct dls_pcm_source source = {source_read, NULL};

static struct {
    uint8_t bytes[1 << 17];
    uint64_t size;
    long calls, fails_at;
} file;

static enum dm_status sink_write(void *ctx, const void *data, size_t size, struct dm_error *err)
{
    (void)ctx;
    if (++file.calls == file.fails_at)
        return dm_fail(err, DM_ERR_WRITE, "disk full");
    if (range_within(file.size, size, sizeof file.bytes))
        memcpy(file.bytes + file.size, data, size);
    file.size += size;
    return DM_OK;
}
static const struct byte_sink sink = {sink_write, NULL};

static enum dm_status write_it(const struct dls_collection *c, struct dm_error *err)
{
    file.size = 0;
    file.calls = 0;
    source_calls = 0;
    return dls_write(c, &source, &sink, err);
}

/* ---- the test's own walker ---- */

static uint32_t le32(size_t at)
{
    return file.bytes[at] | file.bytes[at + 1] << 8 | file.bytes[at + 2] << 16 | (uint32_t)file.bytes[at + 3] << 24;
}
static bool id_at(size_t at, const char *id) { return memcmp(file.bytes + at, id, 4) == 0; }

/* One chunk at AT inside a list that ends at END: its size fits, padding is zero. Returns where the next one is. */
static size_t chunk_end(size_t at, size_t end)
{
    if (!CHECK(at + 8 <= end))
        return end;
    size_t size = le32(at + 4), next = at + 8 + size + (size & 1);
    if (!CHECK(next <= end))
        return end;
    if (size & 1)
        CHECK_EQ(file.bytes[next - 1], 0);
    return next;
}

/* Position of the Nth child ID (of list type TYPE, if not NULL) of the list at AT, 0 if there is none. Walks all of it.
 */
static size_t child(size_t at, const char *id, const char *type, int nth)
{
    size_t end = at + 8 + le32(at + 4), found = 0;
    for (size_t pos = at + 12; pos < end; pos = chunk_end(pos, end))
        if (id_at(pos, id) && (!type || id_at(pos + 8, type)) && nth-- == 0)
            found = pos;
    return found;
}
static int children(size_t at, const char *id, const char *type)
{
    int count = 0;
    while (child(at, id, type, count))
        count++;
    return count;
}
/* Everything in the list at AT, lists in it likewise, is made of whole chunks. */
static void check_nesting(size_t at)
{
    size_t end = at + 8 + le32(at + 4), pos = at + 12;
    for (; pos < end; pos = chunk_end(pos, end))
        if (id_at(pos, "LIST"))
            check_nesting(pos);
    CHECK_EQ(pos, end);
}

static void check_list(size_t owner, const char *kind, const char *chunk, const struct dls_articulation *a)
{
    size_t list = child(owner, "LIST", kind, 0);
    CHECK(!!list == (a->count > 0));
    if (!list)
        return;
    size_t art = child(list, chunk, NULL, 0);
    CHECK_EQ(children(list, chunk, NULL), 1);
    CHECK_EQ(le32(art + 4), 8 + 12 * a->count);
    CHECK_EQ(le32(art + 8), 8);
    CHECK_EQ(le32(art + 12), a->count);
    CHECK_EQ(le32(art + 16 + 12 * (a->count - 1)),
             a->connections[a->count - 1].source | (uint32_t)a->connections[a->count - 1].control << 16);
    CHECK_EQ(le32(art + 24 + 12 * (a->count - 1)), (uint32_t)a->connections[a->count - 1].scale);
}

static void check_artic(size_t owner, const struct dls_articulation *a, bool level1)
{
    check_list(owner, "lar2", "art2", a);
    if (level1)
        check_list(owner, "lart", "art1", a);
    else
        CHECK_EQ(children(owner, "LIST", "lart"), 0);
    CHECK(!level1 || a->count == 0 || child(owner, "LIST", "lart", 0) < child(owner, "LIST", "lar2", 0));
}

static void check_sample(size_t owner, const struct dls_sample_info *s)
{
    size_t at = child(owner, "wsmp", NULL, 0);
    CHECK(!!at == s->present);
    if (!at)
        return;
    bool looped = s->loop != DLS_LOOP_NONE;
    CHECK_EQ(le32(at + 4), looped ? 36 : 20);
    CHECK_EQ(le32(at + 8), 20);
    CHECK_EQ(le32(at + 12), s->unity_note | (uint32_t)(uint16_t)s->fine_tune << 16);
    CHECK_EQ(le32(at + 16), (uint32_t)s->gain);
    CHECK_EQ(le32(at + 20), s->options);
    CHECK_EQ(le32(at + 24), looped);
    if (looped) {
        CHECK_EQ(le32(at + 28), 16);
        CHECK_EQ(le32(at + 32), s->loop == DLS_LOOP_RELEASE);
        CHECK_EQ(le32(at + 36), s->loop_start);
        CHECK_EQ(le32(at + 40), s->loop_length);
    }
}

static void check_instrument(size_t ins, const struct dls_instrument *i, bool level1)
{
    const char *kind = level1 ? "rgn " : "rgn2";
    size_t insh = child(ins, "insh", NULL, 0), lrgn = child(ins, "LIST", "lrgn", 0);
    CHECK_EQ(le32(insh + 4), 12);
    CHECK_EQ(le32(insh + 8), i->region_count);
    CHECK_EQ(le32(insh + 12), i->bank);
    CHECK_EQ(le32(insh + 16), i->program);
    CHECK_EQ(children(lrgn, "LIST", kind), i->region_count);
    CHECK_EQ(children(lrgn, "LIST", NULL), i->region_count);
    check_artic(ins, &i->articulation, level1);
    for (uint32_t k = 0; k < i->region_count; k++) {
        const struct dls_region *g = &i->regions[k];
        size_t rgn = child(lrgn, "LIST", kind, (int)k), rgnh = child(rgn, "rgnh", NULL, 0),
               wlnk = child(rgn, "wlnk", NULL, 0);
        CHECK_EQ(le32(rgnh + 4), level1 ? 12 : 14);
        CHECK_EQ(le32(rgnh + 8), g->key_low | (uint32_t)g->key_high << 16);
        CHECK_EQ(le32(rgnh + 12), g->velocity_low | (uint32_t)g->velocity_high << 16);
        CHECK_EQ(le32(rgnh + 16), g->options | (uint32_t)g->key_group << 16);
        if (!level1)
            CHECK_EQ(le32(rgnh + 20) & 0xFFFF, g->layer);
        CHECK_EQ(le32(wlnk + 4), 12);
        CHECK_EQ(le32(wlnk + 8), g->link_options | (uint32_t)g->phase_group << 16);
        CHECK_EQ(le32(wlnk + 12), g->channel);
        CHECK_EQ(le32(wlnk + 16), g->wave);
        check_sample(rgn, &g->sample);
        check_artic(rgn, &g->articulation, level1);
    }
}

static void check_wave(size_t at, uint32_t index, const struct dls_wave *w)
{
    size_t format = child(at, "fmt ", NULL, 0), data = child(at, "data", NULL, 0);
    CHECK(format < data); /* DLS 2.2 2.16: the one order that is demanded */
    CHECK_EQ(le32(format + 4), 16);
    CHECK_EQ(le32(format + 8), 1 | 1 << 16);
    CHECK_EQ(le32(format + 12), w->sample_rate);
    CHECK_EQ(le32(format + 16), 2 * w->sample_rate);
    CHECK_EQ(le32(format + 20), 2 | 16 << 16);
    CHECK_EQ(le32(data + 4), 2 * w->frames);
    long wrong = 0;
    for (uint32_t i = 0; i < w->frames; i++)
        wrong += (int16_t)(file.bytes[data + 8 + 2 * i] | file.bytes[data + 9 + 2 * i] << 8) != sample_at(index, i);
    CHECK_EQ(wrong, 0);
    check_sample(at, &w->sample);
}

static void check_layout(bool level1)
{
    struct dls_collection c = make_collection();
    struct dm_error err = {0};
    c.level1_too = level1;
    CHECK_EQ(write_it(&c, &err), DM_OK);
    CHECK(id_at(0, "RIFF") && id_at(8, "DLS "));
    CHECK_EQ(le32(4), file.size - 8);
    check_nesting(0);
    size_t colh = child(0, "colh", NULL, 0), lins = child(0, "LIST", "lins", 0), wvpl = child(0, "LIST", "wvpl", 0);
    size_t ptbl = child(0, "ptbl", NULL, 0), vers = child(0, "vers", NULL, 0), info = child(0, "LIST", "INFO", 0);
    CHECK_EQ(le32(colh + 8), INSTRUMENTS);
    CHECK_EQ(children(lins, "LIST", "ins "), INSTRUMENTS);
    CHECK_EQ(le32(vers + 8), 0x00010002);
    for (int i = 0; i < INSTRUMENTS; i++)
        check_instrument(child(lins, "LIST", "ins ", i), &c.instruments[i], level1);
    CHECK_EQ(le32(ptbl + 4), 8 + 4 * WAVES);
    CHECK_EQ(le32(ptbl + 8), 8);
    CHECK_EQ(le32(ptbl + 12), WAVES);
    CHECK_EQ(children(wvpl, "LIST", "wave"), WAVES);
    for (uint32_t i = 0; i < WAVES; i++) {
        size_t wave = child(wvpl, "LIST", "wave", (int)i);
        CHECK_EQ(wvpl + 12 + le32(ptbl + 16 + 4 * i), wave); /* DLS 2.2 2.14: from the first byte behind the list type */
        check_wave(wave, i, &c.waves[i]);
    }
    size_t copyright = child(info, "ICOP", NULL, 0);
    CHECK_EQ(le32(copyright + 4), 9); /* with its NUL, so an odd size */
    CHECK_STR((const char *)file.bytes + copyright + 8, "odd text");
    CHECK_EQ(children(info, "IENG", NULL), 0);
}

static void test_layout(void)
{
    check_layout(false);
}

static void test_layout_for_level_1(void)
{
    check_layout(true);
}

static void read_back(bool level1)
{
    struct dls_collection c = make_collection(), *back;
    struct dm_error err = {0};
    static struct note_log log;
    struct dm_notes notes = {note_log_add, &log};
    c.level1_too = level1;
    for (uint32_t i = 0; level1 && i < c.instrument_count; i++)
        for (uint32_t k = 0; k < c.instruments[i].region_count; k++)
            c.instruments[i].regions[k].layer = 0; /* level 1 has none */
    CHECK_EQ(write_it(&c, &err), DM_OK);
    CHECK_EQ(dls_read((struct span){file.bytes, (size_t)file.size}, 48000, &notes, &back, &err), DM_OK);
    if (!back)
        return;
    CHECK_EQ(log.count, 0);
    const char *difference = dls_difference(&c, back);
    CHECK(difference == NULL);
    if (difference)
        printf("# %s\n", difference);
    CHECK_EQ(back->level, 2);
    CHECK_EQ(back->region_count, 10);
    CHECK_EQ(back->connection_count, 40 + 1 + 3 + 4);
    int16_t frames[3];
    dls_wave_decode(&back->waves[3], 5, 3, frames);
    for (uint32_t i = 0; i < 3; i++)
        CHECK_EQ(frames[i], sample_at(3, 5 + i));
    dls_free(back);
}

static void test_read_back(void)
{
    read_back(false);
}

static void test_read_back_for_level_1(void)
{
    read_back(true);
}

static void test_same_bytes_again(void)
{
    static uint8_t first[sizeof file.bytes];
    struct dls_collection c = make_collection();
    struct dm_error err = {0};
    CHECK_EQ(write_it(&c, &err), DM_OK);
    uint64_t size = file.size;
    memcpy(first, file.bytes, sizeof first);
    memset(file.bytes, 0xEE, sizeof file.bytes);
    CHECK_EQ(write_it(&c, &err), DM_OK);
    CHECK_EQ(file.size, size);
    CHECK(memcmp(first, file.bytes, (size_t)size) == 0);
}

static void test_failures(void)
{
    struct dls_collection c = make_collection();
    struct dm_error err;
    CHECK_EQ(write_it(&c, &err), DM_OK);
    long calls = file.calls;
    int reads = source_calls;
    CHECK_EQ(reads, WAVES);
    for (long n = 1; n <= calls; n++) { /* the sink fails at each of its calls and is not called again */
        memset(&err, 0, sizeof err);
        file.fails_at = n;
        CHECK_EQ(write_it(&c, &err), DM_ERR_WRITE);
        CHECK_EQ(file.calls, n);
        CHECK_STR(err.text, "disk full");
    }
    file.fails_at = 0;
    for (int n = 1; n <= reads; n++) {
        source_fails_at = n;
        CHECK_EQ(write_it(&c, &err), DM_ERR_FORMAT);
        CHECK_EQ(source_calls, n);
    }
    source_fails_at = 0;
    long live = dm_alloc_live();
    dm_alloc_fail_at(1, true);
    CHECK_EQ(write_it(&c, &err), DM_ERR_NOMEM);
    dm_alloc_fail_at(0, false);
    CHECK_EQ(dm_alloc_live(), live);
    CHECK_EQ(file.calls, 0);
}

static void test_refused(void)
{
    struct dls_collection c = make_collection();
    struct dm_error err = {0};
    regions[2][1].wave = WAVES;
    CHECK_EQ(write_it(&c, &err), DM_ERR_ARGUMENT);
    CHECK_STR(err.text, "instrument 2: region 1: there is no wave 5");
    c = make_collection();
    waves[0].frames = 0x7FFFFF00; /* the waves alone are just below 4 GiB, the file is not */
    CHECK_EQ(write_it(&c, &err), DM_ERR_UNSUPPORTED);
    CHECK_EQ(file.calls, 0);
    waves[0].frames = waves[1].frames = waves[2].frames = waves[3].frames = 0xFFFFFFFF;
    CHECK_EQ(write_it(&c, &err), DM_ERR_UNSUPPORTED);
    CHECK_EQ(file.calls, 0);
}

static void test_long_wave_in_pieces(void)
{
    struct dls_collection c = make_collection();
    struct dm_error err = {0};
    uint64_t before;
    CHECK_EQ(write_it(&c, &err), DM_OK);
    before = file.size - 2 * waves[3].frames;
    waves[3].frames = (1 << 24) + 1000;
    largest_piece = 0;
    CHECK_EQ(write_it(&c, &err), DM_OK);
    CHECK_EQ(source_calls, WAVES + 1);
    CHECK_EQ(largest_piece, 1 << 24);
    CHECK_EQ(file.size, before + 2 * (uint64_t)waves[3].frames);
    CHECK_EQ(le32(4), file.size - 8);
}

static void test_nothing(void)
{
    struct dls_collection c = {0};
    struct dm_error err = {0};
    CHECK_EQ(write_it(&c, &err), DM_OK);
    CHECK_EQ(le32(4), file.size - 8);
    check_nesting(0);
    CHECK_EQ(children(0, "LIST", "INFO"), 0);
}

int main(void)
{
    RUN(test_layout);
    RUN(test_layout_for_level_1);
    RUN(test_read_back);
    RUN(test_read_back_for_level_1);
    RUN(test_same_bytes_again);
    RUN(test_failures);
    RUN(test_refused);
    RUN(test_long_wave_in_pieces);
    RUN(test_nothing);
    return tap_done();
}
