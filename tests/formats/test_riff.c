/* SPDX-License-Identifier: MIT */
/* Walking RIFF chunks: right ones, cut ones, padding left out or put in, vendor chunks of wrong size. */
#include "formats/riff.h"

#include "riff_builder.h"
#include "tap.h"

static void plain(struct rb *b, const char *id, unsigned size, unsigned fill)
{
    rb_begin(b, id, NULL);
    for (unsigned i = 0; i < size; i++)
        rb_u8(b, fill);
    rb_end(b);
}

/* Ids of all chunks, for comparing with a string: "aaaa bbbb ". */
static const char *walk_ids(struct span bytes)
{
    static char ids[400];
    struct riff_walker walker = riff_walk(bytes, 0);
    struct riff_chunk chunk;
    ids[0] = '\0';
    while (riff_next(&walker, &chunk)) {
        char id[5];
        riff_id_text(chunk.id, id);
        CHECK(chunk.body.data >= bytes.data && chunk.body.data + chunk.body.size <= bytes.data + bytes.size);
        strncat(ids, id, sizeof ids - strlen(ids) - 1);
        strncat(ids, chunk.truncated ? "! " : " ", sizeof ids - strlen(ids) - 1);
    }
    CHECK(!riff_next(&walker, &chunk)); /* the end stays the end */
    return ids;
}

static void test_nesting_and_offsets(void)
{
    static struct rb b;
    rb_begin(&b, "RIFF", "TEST");
    plain(&b, "odd ", 3, 7);
    rb_begin(&b, "LIST", "abcd");
    plain(&b, "leaf", 4, 1);
    rb_end(&b);
    rb_end(&b);
    struct riff_walker file = riff_walk(rb_span(&b), 0);
    struct riff_chunk form, chunk, leaf;
    CHECK(riff_next(&file, &form));
    CHECK_EQ(form.type, FOURCC_LE('T', 'E', 'S', 'T'));
    CHECK_EQ(form.body.size, b.size - 12);
    struct riff_walker inner = riff_children(&form);
    CHECK(riff_next(&inner, &chunk));
    CHECK_EQ(chunk.body.size, 3);
    CHECK_EQ(chunk.type, 0);
    CHECK_EQ(chunk.offset, 12);
    CHECK(riff_next(&inner, &chunk)); /* behind a padding byte: 12 + 8 + 3 + 1 */
    CHECK_EQ(chunk.offset, 24);
    CHECK_EQ(chunk.type, FOURCC_LE('a', 'b', 'c', 'd'));
    struct riff_walker list = riff_children(&chunk);
    CHECK(riff_next(&list, &leaf));
    CHECK_EQ(leaf.offset, 36);
    CHECK(!riff_next(&list, &leaf));
    CHECK(!riff_next(&inner, &chunk));
}

static void test_cut_everywhere(void)
{
    static struct rb b;
    plain(&b, "aaaa", 5, 'x');
    plain(&b, "bbbb", 6, 0);
    for (size_t size = 0; size <= b.size; size++) {
        const char *want = size < 8    ? ""
                           : size < 13 ? "aaaa! "
                           : size < 22 ? "aaaa "
                           : size < 28 ? "aaaa bbbb! "
                                       : "aaaa bbbb ";
        CHECK_STR(walk_ids((struct span){b.bytes, size}), want);
    }
}

static void test_garbage_at_end(void)
{
    static struct rb b;
    plain(&b, "aaaa", 4, 0);
    size_t clean = b.size;
    rb_bytes(&b, "\x01\x02\x03\xF4LIST", 8); /* quirk 2: four random bytes and "LIST" */
    CHECK_STR(walk_ids(rb_span(&b)), "aaaa ");
    b.size = clean;
    rb_bytes(&b, "\0\0\0\0\0\0\0\0\0\0", 10);
    CHECK_STR(walk_ids(rb_span(&b)), "aaaa ");
    b.size = clean;
    rb_bytes(&b, "xyzwLIST", 8); /* printable: an empty cut chunk that nobody knows */
    CHECK_STR(walk_ids(rb_span(&b)), "aaaa xyzw! ");
}

static void test_padding_left_out(void)
{
    /* The id read one byte off, "bbb" and the low size byte, is printable for sizes from 0x20 on: both cases. */
    for (unsigned size = 3; size < 0x70; size += 0x20) {
        static struct rb b;
        b.size = 0;
        b.unpadded = true;
        plain(&b, "aaaa", size, 0x41);
        plain(&b, "bbbb", size, 0x00);
        plain(&b, "LIST", 0x30, 'a');
        CHECK_STR(walk_ids(rb_span(&b)), "aaaa bbbb LIST ");
    }
}

static void test_padding_where_none_is_due(void)
{
    static struct rb b;
    plain(&b, "aaaa", 4, 0x41);
    rb_u8(&b, 0);
    plain(&b, "bbbb", 4, 0);
    CHECK_STR(walk_ids(rb_span(&b)), "aaaa bbbb ");
}

static void test_padding_that_is_not_zero(void)
{
    static struct rb b;
    plain(&b, "aaaa", 3, 0x41);
    b.bytes[b.size - 1] = 'p';
    plain(&b, "bbbb", 4, 0);
    CHECK_STR(walk_ids(rb_span(&b)), "aaaa bbbb ");
}

static void test_crystal_chunks(void)
{
    static const uint32_t wrong[] = {0, 20, 30, 100, 0x7FFFFFFF, 0xFFFFFFFF}; /* quirk 3 */
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        static struct rb b;
        b.size = 0;
        plain(&b, "crs1", 28, 0x01);
        rb_poke32(&b, 4, wrong[i]);
        size_t second = b.size;
        plain(&b, "crs2", 14, 0x02);
        rb_poke32(&b, second + 4, wrong[i] == 20 ? 13 : wrong[i]);
        plain(&b, "next", 4, 0);
        plain(&b, "last", 4, 0);
        CHECK_STR(walk_ids(rb_span(&b)), "crs1 crs2 next last ");
    }
}

static void test_huge_sizes(void)
{
    static struct rb b;
    plain(&b, "aaaa", 4, 0);
    rb_poke32(&b, 4, 0xFFFFFFFF);
    struct riff_walker walker = riff_walk(rb_span(&b), 0);
    struct riff_chunk chunk;
    CHECK(riff_next(&walker, &chunk));
    CHECK(chunk.truncated);
    CHECK_EQ(chunk.body.size, 4);
    rb_poke32(&b, 4, 0xFFFFFFF7); /* header + size wraps to 0 in 32 bits */
    CHECK_STR(walk_ids(rb_span(&b)), "aaaa! ");
}

static void test_ids(void)
{
    char text[5];
    riff_id_text(FOURCC_LE('a', 0x01, ' ', 0xFF), text);
    CHECK_STR(text, "a? ?");
    CHECK(riff_id_equal(FOURCC_LE('I', 'N', 'A', 'M'), FOURCC_LE('i', 'n', 'a', 'm')));
    CHECK(!riff_id_equal(FOURCC_LE('r', 'g', 'n', ' '), FOURCC_LE('r', 'g', 'n', '2')));
    CHECK(!riff_id_equal(FOURCC_LE('@', 'a', 'a', 'a'), FOURCC_LE('`', 'a', 'a', 'a'))); /* 0x20 apart, no letters */
}

static void test_list_without_type(void)
{
    static struct rb b;
    plain(&b, "LIST", 2, 'x');
    struct riff_walker walker = riff_walk(rb_span(&b), 0);
    struct riff_chunk chunk;
    CHECK(riff_next(&walker, &chunk));
    CHECK_EQ(chunk.type, 0);
    CHECK_EQ(chunk.body.size, 2);
}

int main(void)
{
    RUN(test_nesting_and_offsets);
    RUN(test_cut_everywhere);
    RUN(test_garbage_at_end);
    RUN(test_padding_left_out);
    RUN(test_padding_where_none_is_due);
    RUN(test_padding_that_is_not_zero);
    RUN(test_crystal_chunks);
    RUN(test_huge_sizes);
    RUN(test_ids);
    RUN(test_list_without_type);
    return tap_done();
}
