/* SPDX-License-Identifier: MIT */
/* Names from files to clean UTF-8, at every capacity. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 4096)
        return 0;
    char *out = malloc(2 * size + 1);
    if (!out)
        return 0;
    size_t length = text_clean(out, 2 * size + 1, data, size);
    require(length <= 2 * size && strlen(out) == length && text_valid_utf8(out, length));
    for (size_t i = 0; i < length; i++)
        require((uint8_t)out[i] >= 0x20 && out[i] != 0x7F);
    require(length == 0 || out[length - 1] != ' ');

    size_t capacity = size ? data[0] : 0;
    char *cut = malloc(capacity + 1);
    if (cut) {
        require(text_clean(cut, capacity, data, size) == length);
        require(capacity == 0 || (strlen(cut) < capacity && memcmp(cut, out, strlen(cut)) == 0));
        require(capacity == 0 || text_valid_utf8(cut, strlen(cut)));
    }
    size_t at = text_cut((const char *)data, size, size / 2);
    require(at <= size / 2 && size / 2 - at <= 3);
    free(cut);
    free(out);
    return 0;
}
