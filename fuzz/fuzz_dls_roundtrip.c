/* SPDX-License-Identifier: MIT */
/* What was read is written and read again: the file is without fault, and the collection is the same. */
#include <stdlib.h>
#include <string.h>

#include "../tests/formats/dls_compare.h"
#include "formats/dls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 22 };

static uint8_t file[LARGEST];
static size_t file_size;

static enum dm_status keep(void *ctx, const void *data, size_t size, struct dm_error *err)
{
    (void)ctx;
    if (size > LARGEST - file_size)
        return dm_fail(err, DM_ERR_WRITE, "full");
    memcpy(file + file_size, data, size);
    file_size += size;
    return DM_OK;
}

static enum dm_status decode(void *ctx, uint32_t wave, uint32_t first, uint32_t frames, int16_t *out, struct dm_error *err)
{
    const struct dls_collection *c = ctx;
    (void)err;
    dls_wave_decode(&c->waves[wave], first, frames, out);
    return DM_OK;
}

static void complain(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "the file written has a fault: %s\n", text);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dls_collection *c, *again;
    struct dm_error err = {0};
    if (dls_read((struct span){data, size}, 48000, NULL, &c, &err) != DM_OK)
        return 0;
    struct dls_pcm_source source = {decode, c};
    struct byte_sink sink = {keep, NULL};
    struct dm_notes notes = {complain, NULL};
    bool all_usable = true;
    for (uint32_t i = 0; i < c->wave_count; i++)
        all_usable = all_usable && c->waves[i].usable;
    file_size = 0;
    if (dls_write(c, &source, &sink, &err) == DM_OK) {
        /* A wave that could not be decoded is written without frames, which the reader remarks. */
        if (dls_read((struct span){file, file_size}, 48000, all_usable ? &notes : NULL, &again, &err) != DM_OK)
            abort();
        const char *difference = dls_difference(c, again);
        if (difference) {
            fprintf(stderr, "differs: %s\n", difference);
            abort();
        }
        dls_free(again);
    }
    dls_free(c);
    return 0;
}
