/* SPDX-License-Identifier: MIT */
#include "download_artic.h"

/* ---- type 3: DMUS_ARTICULATION2 -> CONNECTIONLIST, chained -------------- */

enum { ARTICULATION2_SIZE = 12, CONNECTIONLIST_SIZE = 8, CONNECTION_SIZE = 12 };

static enum synth_status connection_list(const struct image *image, uint32_t index, struct artic_block *blocks,
                                         uint32_t *count, uint32_t *budget)
{
    struct span list;
    enum synth_status status = image_object(image, index, CONNECTIONLIST_SIZE, SYNTH_BAD_ARTICULATION, &list);
    if (status != SYNTH_OK)
        return status;
    uint32_t connections = load_le32(list.data + 4);
    if (load_le32(list.data) != CONNECTIONLIST_SIZE)
        return SYNTH_BAD_ARTICULATION;
    if (connections > (list.size - CONNECTIONLIST_SIZE) / CONNECTION_SIZE || connections > *budget)
        return SYNTH_BAD_ARTICULATION;
    *budget -= connections;
    for (uint32_t i = 0; blocks && i < connections; i++) {
        const uint8_t *p = list.data + CONNECTIONLIST_SIZE + (size_t)i * CONNECTION_SIZE;
        blocks[*count + i] = (struct artic_block){
            .source = load_le16(p),
            .control = load_le16(p + 2),
            .destination = load_le16(p + 4),
            .transform = load_le16(p + 6),
            .scale = (int32_t)load_le32(p + 8),
        };
    }
    *count += connections;
    return SYNTH_OK;
}

static enum synth_status chain(const struct image *image, uint32_t index, struct artic_block *blocks, uint32_t *count,
                               uint32_t *budget)
{
    for (uint32_t steps = 0; index != 0; steps++) {
        /* A chain longer than the table visits an entry twice. */
        if (steps == image->entries || *budget == 0)
            return SYNTH_BAD_ARTICULATION;
        --*budget;
        struct span artic;
        enum synth_status status = image_object(image, index, ARTICULATION2_SIZE, SYNTH_BAD_ARTICULATION, &artic);
        if (status != SYNTH_OK)
            return status;
        uint32_t list = load_le32(artic.data);
        if (list != 0)
            status = connection_list(image, list, blocks, count, budget);
        if (status != SYNTH_OK)
            return status;
        index = load_le32(artic.data + 8);
    }
    return SYNTH_OK;
}

/* ---- type 1: DMUS_ARTICULATION -> DMUS_ARTICPARAMS ---------------------- */

enum { ARTICULATION_SIZE = 8, ARTICPARAMS_SIZE = 80 };

enum {
    LFO = 0x001,
    VELOCITY = 0x002,
    KEY = 0x003,
    EG2 = 0x005,
    CC1 = 0x081,
    GAIN = 0x001,
    PITCH = 0x003,
    PAN = 0x004,
    BIPOLAR = 0x4000 /* source bipolar */
};

/* The connections that the fields of DMUS_ARTICPARAMS stand for, in their order (DLS 1 connections 1-21, spec/dls.md 2.6). */
static const struct {
    uint16_t source, control, destination, transform;
} params_connections[] = {
    {0, 0, 0x104, 0},            /* LFO.pcFrequency */
    {0, 0, 0x105, 0},            /* LFO.tcDelay */
    {LFO, 0, GAIN, BIPOLAR},     /* LFO.gcVolumeScale */
    {LFO, 0, PITCH, BIPOLAR},    /* LFO.pcPitchScale */
    {LFO, CC1, GAIN, BIPOLAR},   /* LFO.gcMWToVolume */
    {LFO, CC1, PITCH, BIPOLAR},  /* LFO.pcMWToPitch */
    {0, 0, 0x206, 0},            /* VolEG.tcAttack */
    {0, 0, 0x207, 0},            /* VolEG.tcDecay */
    {0, 0, 0x20A, 0},            /* VolEG.ptSustain */
    {0, 0, 0x209, 0},            /* VolEG.tcRelease */
    {VELOCITY, 0, 0x206, 0},     /* VolEG.tcVel2Attack */
    {KEY, 0, 0x207, 0},          /* VolEG.tcKey2Decay */
    {0, 0, 0x30A, 0},            /* PitchEG.tcAttack */
    {0, 0, 0x30B, 0},            /* PitchEG.tcDecay */
    {0, 0, 0x30E, 0},            /* PitchEG.ptSustain */
    {0, 0, 0x30D, 0},            /* PitchEG.tcRelease */
    {VELOCITY, 0, 0x30A, 0},     /* PitchEG.tcVel2Attack */
    {KEY, 0, 0x30B, 0},          /* PitchEG.tcKey2Decay */
    {EG2, 0, PITCH, 0},          /* PitchEG.pcRange */
    {0, 0, PAN, 0},              /* Misc.ptDefaultPan */
};
#define PARAMS_COUNT (sizeof params_connections / sizeof params_connections[0])
_Static_assert(PARAMS_COUNT * 4 == ARTICPARAMS_SIZE, "one connection per field");

static enum synth_status params(const struct image *image, uint32_t index, struct artic_block *blocks, uint32_t *count,
                                uint32_t *budget)
{
    struct span artic, fields;
    enum synth_status status = image_object(image, index, ARTICULATION_SIZE, SYNTH_BAD_ARTICULATION, &artic);
    if (status != SYNTH_OK)
        return status;
    uint32_t params_index = load_le32(artic.data);
    if (*budget < PARAMS_COUNT)
        return SYNTH_BAD_ARTICULATION;
    *budget -= (uint32_t)PARAMS_COUNT;
    if (params_index == 0)
        return SYNTH_OK;
    status = image_object(image, params_index, ARTICPARAMS_SIZE, SYNTH_BAD_ARTICULATION, &fields);
    if (status != SYNTH_OK)
        return status;
    for (size_t i = 0; blocks && i < PARAMS_COUNT; i++)
        blocks[i] = (struct artic_block){
            .source = params_connections[i].source,
            .control = params_connections[i].control,
            .destination = params_connections[i].destination,
            .transform = params_connections[i].transform,
            .scale = (int32_t)load_le32(fields.data + 4 * i),
        };
    *count = (uint32_t)PARAMS_COUNT;
    return SYNTH_OK;
}

enum synth_status download_artic(const struct image *image, uint32_t index, struct artic_block *blocks, uint32_t *count,
                                 uint32_t *budget)
{
    *count = 0;
    return image->type == IMAGE_INSTRUMENT2 ? chain(image, index, blocks, count, budget)
                                            : params(image, index, blocks, count, budget);
}
