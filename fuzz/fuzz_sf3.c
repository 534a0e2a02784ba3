/* SPDX-License-Identifier: MIT */
/* Ogg Vorbis samples: the input is one stream, given as it is and with its page checksums set right, so that damage
 * reaches the decoder behind them. */
#include <stdlib.h>
#include <string.h>

#include "formats/sf2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* Ogg: polynomial 04C11DB7, no reflection, over the page with its checksum zero. */
static uint32_t page_checksum(const uint8_t *page, size_t size)
{
    uint32_t crc = 0;
    for (size_t i = 0; i < size; i++) {
        crc ^= (uint32_t)page[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x80000000u ? crc << 1 ^ 0x04C11DB7u : crc << 1;
    }
    return crc;
}

static void mend_checksums(uint8_t *data, size_t size)
{
    for (size_t at = 0; at + 27 <= size;) {
        size_t segments = data[at + 26], length = 27 + segments;
        if (memcmp(data + at, "OggS", 4) != 0 || segments > size - at - 27) {
            at++;
            continue;
        }
        for (size_t i = 0; i < segments; i++)
            length += data[at + 27 + i];
        if (length > size - at)
            return;
        store_le32(data + at + 22, 0);
        store_le32(data + at + 22, page_checksum(data + at, length));
        at += length;
    }
}

static void decode(const uint8_t *data, uint32_t size)
{
    static int16_t frames[65536];
    const struct sf2_sample sample = {.name = "stream", .end = size, .vorbis = true, .usable = true};
    const struct sf2_bank bank = {.sample_count = 1, .samples = &sample, .pool = {data, size}};
    uint32_t count = sf2_sample_frames(&bank, 0);
    require(count / 2048 <= size);
    if (count == 0)
        return;
    uint32_t part = count < 65536 ? count : 65536;
    enum dm_status status = sf2_sample_decode(&bank, 0, count < 100000 ? count - part : 0, part, frames, NULL);
    require(status == DM_OK || status == DM_ERR_FORMAT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    if (!copy || size > 65536) {
        free(copy);
        return 0;
    }
    decode(data, (uint32_t)size);
    memcpy(copy, data, size);
    mend_checksums(copy, size);
    decode(copy, (uint32_t)size);
    free(copy);
    return 0;
}
