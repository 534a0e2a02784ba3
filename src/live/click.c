/* SPDX-License-Identifier: MIT */
#include "click.h"

#include <string.h>

#include "base/alloc.h"
#include "formats/dls.h"

enum { CLICK_FRAMES = 48, CLICK_RATE = 48000, CLICK_LEVEL = 20000, FILE_ROOM = 4096 };

struct memory {
    uint8_t *bytes;
    size_t size;
};

static enum dm_status put(void *ctx, const void *data, size_t size, struct dm_error *err)
{
    struct memory *m = ctx;
    if (size > FILE_ROOM - m->size)
        return dm_fail(err, DM_ERR_NOMEM, "the click is too long");
    memcpy(m->bytes + m->size, data, size);
    m->size += size;
    return DM_OK;
}

static enum dm_status samples(void *ctx, uint32_t wave, uint32_t first, uint32_t frames, int16_t *out, struct dm_error *err)
{
    (void)ctx, (void)wave, (void)first, (void)err;
    for (uint32_t i = 0; i < frames; i++)
        out[i] = CLICK_LEVEL;
    return DM_OK;
}

static enum dm_status write_file(struct memory *memory, struct dm_error *err)
{
    struct dls_sample_info sample = {.present = true, .unity_note = 60};
    struct dls_region region = {.key_high = 127, .velocity_high = 127, .channel = 1, .sample = sample};
    struct dls_instrument instrument = {.region_count = 1, .regions = &region, .name = "click"};
    struct dls_wave wave = {.codec = DLS_PCM_S16, .channels = 1, .block_align = 2, .sample_rate = CLICK_RATE, .frames = CLICK_FRAMES,
                            .sample = sample, .name = "click", .usable = true};
    struct dls_collection collection = {.instrument_count = 1, .wave_count = 1, .instruments = &instrument, .waves = &wave,
                                        .region_count = 1, .level = 1};
    struct dls_pcm_source pcm = {samples, NULL};
    struct byte_sink sink = {put, memory};
    return dls_write(&collection, &pcm, &sink, err);
}

enum dm_status click_bank(struct dmus_bank **bank, uint8_t **bytes, struct dm_error *err)
{
    struct memory memory = {.bytes = dm_calloc(FILE_ROOM, 1)};
    struct dmus_error inner = DMUS_INIT(dmus_error);
    *bank = NULL;
    *bytes = NULL;
    enum dm_status status = memory.bytes ? write_file(&memory, err) : dm_fail(err, DM_ERR_NOMEM, "no memory for a click");
    if (status == DM_OK && dmus_bank_open_memory(memory.bytes, memory.size, "click", bank, &inner) != DMUS_OK)
        status = dm_fail(err, DM_ERR_NOMEM, "%s", inner.text);
    if (status == DM_OK)
        *bytes = memory.bytes;
    else
        dm_free(memory.bytes);
    return status;
}
