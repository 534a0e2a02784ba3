/* SPDX-License-Identifier: MIT */
#include "sf2_articulation.h"

static int32_t saturate(int64_t scale)
{
    return scale > INT32_MAX ? INT32_MAX : scale < -INT32_MAX ? -INT32_MAX : (int32_t)scale;
}

static struct dls_connection *find(struct connections *in, uint16_t source, uint16_t control, uint16_t destination)
{
    for (uint32_t i = 0; i < in->count; i++) {
        struct dls_connection *c = &in->list[i];
        if (c->source == source && c->control == control && c->destination == destination)
            return c;
    }
    return NULL;
}

const struct dls_connection *connections_find(const struct connections *in, uint16_t source, uint16_t control,
                                              uint16_t destination)
{
    return find((struct connections *)(uintptr_t)in, source, control, destination);
}

void connections_add(struct connections *to, uint16_t source, uint16_t control, uint16_t destination,
                     uint16_t transform, int64_t scale)
{
    struct dls_connection *c = find(to, source, control, destination);
    if (c && (c->transform == transform || c->scale == 0)) {
        c->transform = transform;
        c->scale = saturate((int64_t)c->scale + scale);
    } else if (c) {
        to->lost += scale != 0;
    } else if (to->count < CONNECTIONS_MAX) {
        to->list[to->count++] =
            (struct dls_connection){source, control, destination, transform, saturate(scale)};
    } else {
        to->lost++;
    }
}

void connections_set(struct connections *to, uint16_t destination, int32_t value)
{
    connections_add(to, CONN_SRC_NONE, CONN_SRC_NONE, destination, 0, 0);
    struct dls_connection *c = find(to, CONN_SRC_NONE, CONN_SRC_NONE, destination);
    if (c)
        c->scale = value;
}

void connections_straighten(struct connections *in, uint16_t source, uint16_t destination)
{
    const uint16_t curve = 15u << 10;
    struct dls_connection *c = find(in, source, 0, destination);
    if (!c || c->transform == 0)
        return;
    int64_t slope = c->transform & curve ? 0 : c->scale, offset = 0;
    in->lost += slope != c->scale;
    if (c->transform & TRN_BIPOLAR) {
        offset = -slope;
        slope *= 2;
    }
    if (c->transform & TRN_INVERT) {
        offset += slope * 127 / 128;
        slope = -slope;
    }
    c->transform = 0;
    c->scale = saturate(slope);
    if (offset)
        connections_add(in, CONN_SRC_NONE, CONN_SRC_NONE, destination, 0, offset);
}

/* Times that default to exactly zero have no row: 0x80000000 is only ever written for them on purpose. */
static const struct dls_connection defaults[] = {
    {CONN_SRC_KEYONVELOCITY, 0, CONN_DST_GAIN, TRN_CONCAVE_INVERT, -960 * 65536},
    {CONN_SRC_CC7, 0, CONN_DST_GAIN, TRN_CONCAVE_INVERT, -960 * 65536},
    {CONN_SRC_CC11, 0, CONN_DST_GAIN, TRN_CONCAVE_INVERT, -960 * 65536},
    {CONN_SRC_CC10, 0, CONN_DST_PAN, TRN_BIPOLAR, 508 * 65536},
    {CONN_SRC_CC91, 0, CONN_DST_REVERB, 0, 1000 * 65536},
    {CONN_SRC_CC93, 0, CONN_DST_CHORUS, 0, 1000 * 65536},
    {CONN_SRC_PITCHWHEEL, CONN_SRC_RPN0, CONN_DST_PITCH, TRN_BIPOLAR, 12800 * 65536},
    {CONN_SRC_KEYNUMBER, 0, CONN_DST_PITCH, 0, 12800 * 65536},
    {0, 0, CONN_DST_EG1_SUSTAINLEVEL, 0, 1000 * 65536},
    {0, 0, CONN_DST_EG2_SUSTAINLEVEL, 0, 1000 * 65536},
    {0, 0, CONN_DST_EG1_DELAYTIME, 0, INT32_MIN},
    {0, 0, CONN_DST_EG1_ATTACKTIME, 0, INT32_MIN},
    {0, 0, CONN_DST_EG1_HOLDTIME, 0, INT32_MIN},
    {0, 0, CONN_DST_EG1_DECAYTIME, 0, INT32_MIN},
    {0, 0, CONN_DST_EG1_RELEASETIME, 0, INT32_MIN},
    {0, 0, CONN_DST_EG2_DELAYTIME, 0, INT32_MIN},
    {0, 0, CONN_DST_EG2_ATTACKTIME, 0, INT32_MIN},
    {0, 0, CONN_DST_EG2_HOLDTIME, 0, INT32_MIN},
    {0, 0, CONN_DST_EG2_DECAYTIME, 0, INT32_MIN},
    {0, 0, CONN_DST_EG2_RELEASETIME, 0, INT32_MIN},
};

/* Destinations whose constant part is not zero by default: a written zero means something there. */
static bool zero_is_meant(const struct dls_connection *c)
{
    if (c->source != CONN_SRC_NONE || c->control != CONN_SRC_NONE)
        return false;
    return c->destination >= CONN_DST_LFO_FREQUENCY && c->destination <= CONN_DST_FILTER_CUTOFF;
}

static bool is_default(const struct dls_connection *c)
{
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        const struct dls_connection *d = &defaults[i];
        if (d->source == c->source && d->control == c->control && d->destination == c->destination)
            return d->scale == c->scale && d->transform == c->transform;
    }
    return c->scale == 0 && !zero_is_meant(c);
}

void connections_drop_defaults(struct connections *list)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->count; i++)
        if (!is_default(&list->list[i]))
            list->list[kept++] = list->list[i];
    list->count = kept;
}
