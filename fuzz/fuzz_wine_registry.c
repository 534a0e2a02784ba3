/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* PATH_MAX */
/* A registry file of Wine: an override set and taken back leaves every byte as it was. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"
#include "wine_registry.h"

#define KEY "Software\\\\Wine\\\\DllOverrides"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct file_bytes text = {malloc(size + 1), size};
    struct registry_change change;
    if (!text.data)
        return 0;
    if (size)
        memcpy(text.data, data, size);
    text.data[size] = '\0';
    if (registry_is_one(&text)) {
        if (registry_set(&text, KEY, "dmsynth", "native", 1700000000, &change)) {
            MUST(registry_is_one(&text) && strstr(text.data, "\"dmsynth\"=\"native\"\n"));
            MUST(registry_unset(&text, KEY, "dmsynth", "native", &change) == REGISTRY_DONE);
            free(change.previous);
        }
        MUST(text.size == size && memcmp(text.data, data, size) == 0);
    }
    free(text.data);
    return 0;
}
