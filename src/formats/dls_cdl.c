/* SPDX-License-Identifier: MIT */
#include "formats/dls_cdl.h"

#include <string.h>

enum {
    CDL_AND = 0x01, CDL_OR, CDL_XOR, CDL_ADD, CDL_SUBTRACT, CDL_MULTIPLY, CDL_DIVIDE, CDL_LOGICAL_AND, CDL_LOGICAL_OR,
    CDL_LT, CDL_LE, CDL_GT, CDL_GE, CDL_EQ, CDL_NOT, CDL_CONST, CDL_QUERY, CDL_QUERY_SUPPORTED
};

enum { STACK_DEPTH = 64, GUID_SIZE = 16 }; /* DLS 2.2 2.6 demands 8 entries */

static const uint32_t TRUTH = 0xFFFFFFFFu;

/* The queries come in families whose GUIDs differ in the first word only. */
static const uint8_t family_capability[12] = {0x64, 0xC3, 0xD1, 0x11, 0xA7, 0x60, 0x00, 0x00, 0xF8, 0x75, 0xAC, 0x12};
static const uint8_t family_level2[12] = {0x89, 0x46, 0xD2, 0x11, 0xAF, 0xA6, 0x00, 0xAA, 0x00, 0x24, 0xD8, 0xB6};
static const uint8_t family_maker[12] = {0x95, 0x80, 0xD2, 0x11, 0xA1, 0xEF, 0x00, 0x60, 0x08, 0x33, 0xDB, 0xD8};
static const uint8_t family_rate[12] = {0xBF, 0xA4, 0xD2, 0x11, 0xBB, 0xDF, 0x00, 0x60, 0x08, 0x33, 0xDB, 0xD8};
static const uint8_t family_mobile[12] = {0xC6, 0x2F, 0x6A, 0x4A, 0xA6, 0xC7, 0x8D, 0x53, 0x03, 0x5A, 0xFE, 0x1A};
static const uint8_t family_mobile_blocks[12] = {0xF9, 0x97, 0xCD, 0x46, 0x92, 0x2F, 0x6D, 0xD4, 0x36, 0xF8, 0xDB, 0x8D};

struct query {
    uint32_t first;
    const uint8_t *rest;
    uint32_t answer;
};

static const struct query queries[] = {
    {0x178F2F24, family_capability, 0},             /* GMInHardware */
    {0x178F2F25, family_capability, 0},             /* GSInHardware */
    {0x178F2F26, family_capability, 0},             /* XGInHardware */
    {0x178F2F27, family_capability, 0xFFFFFFFF},    /* SupportsDLS1 */
    {0x178F2F28, family_capability, 0x7FFFFFFF},    /* SampleMemorySize, in samples */
    {0xF14599E5, family_level2, 0xFFFFFFFF},        /* SupportsDLS2 */
    {0xB03E1181, family_maker, 0x7D},               /* ManufacturersID: the MIDI id for non-commercial use */
    {0xB03E1182, family_maker, 1},                  /* ProductID */
    {0x3104088D, family_mobile, 0xFFFFFFFF},        /* SupportsMobileDLS */
    {0xED8E8A37, family_mobile_blocks, 0xFFFFFFFF}, /* SupportsMobileDLSOptionalBlocks */
};

static bool query(const uint8_t *guid, uint32_t sample_rate, uint32_t *answer)
{
    uint32_t first = load_le32(guid);
    if (first == 0x2A91F713 && memcmp(guid + 4, family_rate, sizeof family_rate) == 0) {
        *answer = sample_rate;
        return true;
    }
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++)
        if (queries[i].first == first && memcmp(guid + 4, queries[i].rest, GUID_SIZE - 4) == 0) {
            *answer = queries[i].answer;
            return true;
        }
    *answer = 0;
    return false;
}

static uint32_t truth(bool condition) { return condition ? TRUTH : 0; }

/* X is the top of the stack, Y the value below it. */
static uint32_t binary(unsigned op, uint32_t x, uint32_t y)
{
    switch (op) {
    case CDL_AND: return x & y;
    case CDL_OR: return x | y;
    case CDL_XOR: return x ^ y;
    case CDL_ADD: return x + y;
    case CDL_SUBTRACT: return x - y;
    case CDL_MULTIPLY: return x * y;
    case CDL_DIVIDE: return y ? x / y : 0;
    case CDL_LOGICAL_AND: return truth(x && y);
    case CDL_LOGICAL_OR: return truth(x || y);
    case CDL_LT: return truth(x < y);
    case CDL_LE: return truth(x <= y);
    case CDL_GT: return truth(x > y);
    case CDL_GE: return truth(x >= y);
    default: return truth(x == y);
    }
}

struct machine {
    uint32_t stack[STACK_DEPTH];
    unsigned depth;
    uint32_t sample_rate;
};

static bool push(struct machine *m, uint32_t value)
{
    if (m->depth == STACK_DEPTH)
        return false;
    m->stack[m->depth++] = value;
    return true;
}

/* Run OP with its OPERAND bytes; false if the stack does not allow it. */
static bool run(struct machine *m, unsigned op, const uint8_t *operand)
{
    uint32_t answer;
    switch (op) {
    case CDL_CONST:
        return push(m, load_le32(operand));
    case CDL_QUERY:
        query(operand, m->sample_rate, &answer);
        return push(m, answer);
    case CDL_QUERY_SUPPORTED:
        return push(m, truth(query(operand, m->sample_rate, &answer)));
    case CDL_NOT:
        if (m->depth < 1)
            return false;
        m->stack[m->depth - 1] = truth(!m->stack[m->depth - 1]);
        return true;
    default:
        if (m->depth < 2)
            return false;
        m->depth--;
        m->stack[m->depth - 1] = binary(op, m->stack[m->depth], m->stack[m->depth - 1]);
        return true;
    }
}

bool dls_cdl_true(struct span program, uint32_t sample_rate)
{
    struct machine m = {.sample_rate = sample_rate};
    size_t pos = 0;
    while (pos < program.size) {
        if (program.size - pos < 2)
            return true;
        unsigned op = load_le16(program.data + pos);
        pos += 2;
        if (op < CDL_AND || op > CDL_QUERY_SUPPORTED)
            return true;
        size_t operand = op == CDL_CONST ? 4 : op == CDL_QUERY || op == CDL_QUERY_SUPPORTED ? GUID_SIZE : 0;
        if (program.size - pos < operand || !run(&m, op, program.data + pos))
            return true;
        pos += operand;
    }
    return m.depth == 0 || m.stack[m.depth - 1] != 0;
}
