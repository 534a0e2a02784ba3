/* SPDX-License-Identifier: MIT */
/* Finds the parts of an RMID file; they must lie inside it. */
#include <stdlib.h>
#include <string.h>

#include "formats/rmid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct span part, const uint8_t *data, size_t size)
{
    if (part.size > 0 && (part.data < data || !range_within((size_t)(part.data - data), part.size, size)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rmid rmid;
    struct dm_error err = {0};
    if (rmid_read((struct span){data, size}, NULL, &rmid, &err) != DM_OK)
        return 0;
    check_inside(rmid.song, data, size);
    check_inside(rmid.bank, data, size);
    if (rmid.song.size < 8 || memcmp(rmid.song.data, "MThd", 4) != 0 || rmid.bank_offset > 127)
        abort();
    if ((rmid.title && strlen(rmid.title) > 255) || (rmid.copyright && strlen(rmid.copyright) > 255))
        abort();
    return 0;
}
