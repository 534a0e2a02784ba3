/* SPDX-License-Identifier: MIT */
/* Walks a whole tree of chunks; every chunk must lie inside its parent and behind its elder brother. */
#include <stdlib.h>

#include "formats/detect.h"
#include "formats/riff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(struct riff_walker walker, int depth)
{
    struct riff_chunk chunk;
    const uint8_t *last = walker.list.data;
    while (riff_next(&walker, &chunk)) {
        char text[5];
        riff_id_text(chunk.id, text);
        if (chunk.body.data < last + 8 || chunk.body.size > (size_t)(walker.list.data + walker.list.size - chunk.body.data))
            abort();
        last = chunk.body.data + chunk.body.size;
        if (depth < 16 && chunk.type)
            walk(riff_children(&chunk), depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk(riff_walk((struct span){data, size}, 0), 0);
    if (!file_kind_name(detect_kind((struct span){data, size})))
        abort();
    return 0;
}
