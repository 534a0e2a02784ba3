/* SPDX-License-Identifier: MIT */
/* synth_bank.h - a small bank and plain memory for the fuzz targets of the engine. */
#ifndef DMUS_FUZZ_SYNTH_BANK_H
#define DMUS_FUZZ_SYNTH_BANK_H

#include "../tests/synth/image_builder.h"
#include "../tests/synth/test_memory.h"
#include "must.h"

static struct builder bank_image, bank_waves[5];

static inline struct synth_download *bank_load(struct synth *synth, const void *image, size_t size)
{
    struct synth_download *download;
    bool keeps;
    return synth_download(synth, image, size, &download, &keeps) == SYNTH_OK ? download : NULL;
}

/* Wave 1: 64 frames of 16 bit; wave 2: 40 of 8 bit; one-shot wave 3 and buffers of streams 4 and 5: wave 1 again. */
static inline void bank_load_waves(struct synth *synth)
{
    int16_t samples[64];
    uint8_t bytes[40];
    for (int i = 0; i < 64; i++)
        samples[i] = (int16_t)(i % 16 < 8 ? 9000 : -9000);
    for (int i = 0; i < 40; i++)
        bytes[i] = (uint8_t)(i * 6);
    build_wave(&bank_waves[0], 1, 22050, 16, samples, 64);
    build_wave(&bank_waves[1], 2, 11025, 8, bytes, 40);
    for (uint32_t id = 3; id <= 5; id++)
        build_play_wave(&bank_waves[id - 1], id == 3 ? 6 : 5, id, 22050, samples, 64);
    for (int i = 0; i < 5; i++)
        MUST(bank_load(synth, bank_waves[i].bytes, bank_waves[i].size));
}

#endif
