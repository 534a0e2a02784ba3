/* SPDX-License-Identifier: MIT */
/*
 * download_artic.h - the articulations of an instrument image as connection
 * blocks: chains of DMUS_ARTICULATION2 with their connection lists (type 3) or
 * DMUS_ARTICPARAMS translated to the connections they stand for (type 1).
 * [control] Internal to the engine.
 */
#ifndef DMUS_SYNTH_DOWNLOAD_ARTIC_H
#define DMUS_SYNTH_DOWNLOAD_ARTIC_H

#include "artic.h"
#include "image.h"

/* Work that one image may cause: lists and connections visited, over all articulations, each counted as often as it is
 * used. Far above any instrument (DLS 2 promises 8192 connections in a whole collection); it keeps an image whose chains
 * share their tails from costing the square of its size. */
#define ARTIC_BUDGET (1u << 20)

/* Walk the articulation at table index INDEX (not 0). Stores its blocks in order in BLOCKS if that is not NULL (room for the count
 * of an earlier walk); *count: how many. *budget is counted down. SYNTH_OK, SYNTH_BAD_ARTICULATION, SYNTH_BAD_OFFSET_TABLE. */
enum synth_status download_artic(const struct image *image, uint32_t index, struct artic_block *blocks, uint32_t *count,
                                 uint32_t *budget);

#endif
