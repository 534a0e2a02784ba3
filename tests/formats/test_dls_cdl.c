/* SPDX-License-Identifier: MIT */
/* The conditional chunk (DLS 2.2 section 2.6): every operation, every query, malformed programs. */
#include "formats/dls_cdl.h"

#include "riff_builder.h"
#include "tap.h"

enum {
    AND = 1,
    OR,
    XOR,
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    LOGICAL_AND,
    LOGICAL_OR,
    LT,
    LE,
    GT,
    GE,
    EQ,
    NOT,
    CONST,
    QUERY,
    SUPPORTED
};
#define TRUTH 0xFFFFFFFFu

static struct rb b;

static void op(unsigned code) { rb_u16(&b, code); }
static void constant(uint32_t value)
{
    op(CONST);
    rb_u32(&b, value);
}
/* GUID as it is printed: the first three groups are numbers, the last two are bytes. */
static void guid(unsigned code, uint32_t d1, unsigned d2, unsigned d3, uint64_t rest)
{
    op(code);
    rb_u32(&b, d1);
    rb_u16(&b, d2), rb_u16(&b, d3);
    for (int shift = 56; shift >= 0; shift -= 8)
        rb_u8(&b, rest >> shift & 0xFF);
}
static void supports_dls1(unsigned code) { guid(code, 0x178F2F27, 0xC364, 0x11D1, 0xA7600000F875AC12); }
static void supports_dls2(unsigned code) { guid(code, 0xF14599E5, 0x4689, 0x11D2, 0xAFA600AA0024D8B6); }
static void gm_in_hardware(unsigned code) { guid(code, 0x178F2F24, 0xC364, 0x11D1, 0xA7600000F875AC12); }

static bool run(void)
{
    bool result = dls_cdl_true(rb_span(&b), 48000);
    b.size = 0;
    return result;
}

/* "Y X op" gives WANT: the value is compared inside the program. */
static void check_binary(unsigned code, uint32_t y, uint32_t x, uint32_t want)
{
    constant(y), constant(x), op(code), constant(want), op(EQ);
    if (!CHECK(run()))
        printf("#   op %u of X=%u Y=%u is not %u\n", code, x, y, want);
    constant(y), constant(x), op(code), constant(want ^ 1), op(EQ);
    CHECK(!run());
}

static void test_binary_operations(void)
{
    check_binary(AND, 0x0FF0, 0x00FF, 0x00F0);
    check_binary(AND, 1, 2, 0); /* bits, not truth */
    check_binary(OR, 0x0FF0, 0x00FF, 0x0FFF);
    check_binary(XOR, 0x0FF0, 0x00FF, 0x0F0F);
    check_binary(ADD, 0xFFFFFFFF, 3, 2);
    check_binary(SUBTRACT, 3, 10, 7); /* X - Y, X on top */
    check_binary(SUBTRACT, 10, 3, (uint32_t)-7);
    check_binary(MULTIPLY, 0x10000, 0x10001, 0x10000);
    check_binary(DIVIDE, 3, 10, 3);
    check_binary(DIVIDE, 0, 10, 0); /* guarded */
    check_binary(LOGICAL_AND, 1, 2, TRUTH);
    check_binary(LOGICAL_AND, 0, 2, 0);
    check_binary(LOGICAL_OR, 0, 2, TRUTH);
    check_binary(LOGICAL_OR, 0, 0, 0);
    check_binary(LT, 5, 4, TRUTH);
    check_binary(LT, 5, 5, 0);
    check_binary(LE, 5, 5, TRUTH);
    check_binary(LE, 4, 5, 0);
    check_binary(GT, 4, 5, TRUTH);
    check_binary(GT, 0x7FFFFFFF, 0x80000000, TRUTH); /* unsigned */
    check_binary(GE, 5, 5, TRUTH);
    check_binary(GE, 6, 5, 0);
    check_binary(EQ, 7, 7, TRUTH);
    check_binary(EQ, 7, 8, 0);
}

static void test_not(void)
{
    constant(0), op(NOT), constant(TRUTH), op(EQ);
    CHECK(run());
    constant(5), op(NOT);
    CHECK(!run());
    supports_dls2(QUERY), op(NOT); /* the sentinel "not for Level 2" */
    CHECK(!run());
    constant(0), constant(1), op(NOT); /* pops one, not two: 0 0 */
    op(LOGICAL_OR);
    CHECK(!run());
}

static void test_queries(void)
{
    supports_dls1(QUERY), supports_dls2(QUERY), op(LOGICAL_AND);
    CHECK(run());
    gm_in_hardware(QUERY), supports_dls2(QUERY), op(LOGICAL_OR);
    CHECK(run());
    gm_in_hardware(QUERY);
    CHECK(!run());
    gm_in_hardware(SUPPORTED);
    CHECK(run());
    guid(QUERY, 0x2A91F713, 0xA4BF, 0x11D2, 0xBBDF00600833DBD8), constant(48000), op(EQ); /* SamplePlaybackRate */
    CHECK(run());
    guid(QUERY, 0x178F2F28, 0xC364, 0x11D1, 0xA7600000F875AC12), constant(1048576), op(LE); /* Y <= ... : X <= Y */
    CHECK(run());
    guid(QUERY, 0x3104088D, 0x2FC6, 0x4A6A, 0xA6C78D53035AFE1A); /* SupportsMobileDLS */
    CHECK(run());
    guid(QUERY, 0xED8E8A37, 0x97F9, 0x46CD, 0x922F6DD436F8DB8D); /* SupportsMobileDLSOptionalBlocks */
    CHECK(run());
    guid(SUPPORTED, 0xB03E1181, 0x8095, 0x11D2, 0xA1EF00600833DBD8); /* ManufacturersID */
    CHECK(run());
    guid(SUPPORTED, 0xB03E1182, 0x8095, 0x11D2, 0xA1EF00600833DBD8); /* ProductID */
    CHECK(run());
    guid(SUPPORTED, 0x178F2F25, 0xC364, 0x11D1, 0xA7600000F875AC12); /* GS, XG: known, not there */
    guid(SUPPORTED, 0x178F2F26, 0xC364, 0x11D1, 0xA7600000F875AC12), op(LOGICAL_AND);
    CHECK(run());
    guid(QUERY, 0x178F2F27, 0xC364, 0x11D1, 0xA7600000F875AC13); /* last byte differs: unknown */
    CHECK(!run());
    guid(SUPPORTED, 0x178F2F27, 0xC364, 0x11D1, 0xA7600000F875AC13);
    CHECK(!run());
}

static void test_top_decides(void)
{
    constant(0), constant(1);
    CHECK(run());
    constant(1), constant(0);
    CHECK(!run());
    constant(2); /* any value but 0 is true */
    CHECK(run());
}

/* What cannot be run is ignored: true. Each would be false if it were cut to what can be run. */
static void test_malformed(void)
{
    CHECK(run()); /* empty */
    constant(0), op(AND); /* underflow */
    CHECK(run());
    op(NOT);
    CHECK(run());
    constant(0), op(0x13); /* unknown */
    CHECK(run());
    constant(0), op(0);
    CHECK(run());
    constant(0), rb_u8(&b, 1); /* half an opcode */
    CHECK(run());
    constant(0), op(CONST), rb_u16(&b, 0); /* half a constant */
    CHECK(run());
    constant(0), op(QUERY), rb_words(&b, 3, 0u, 0u, 0u); /* part of a GUID */
    CHECK(run());
    for (int i = 0; i < 1000; i++) /* too deep */
        constant(0);
    CHECK(run());
}

static void test_depth(void)
{
    for (int i = 0; i < 8; i++) /* DLS 2.2 2.6: at least 8 entries */
        constant(0);
    for (int i = 0; i < 7; i++)
        op(OR);
    CHECK(!run());
}

int main(void)
{
    RUN(test_binary_operations);
    RUN(test_not);
    RUN(test_queries);
    RUN(test_top_decides);
    RUN(test_malformed);
    RUN(test_depth);
    return tap_done();
}
