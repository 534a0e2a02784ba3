/* SPDX-License-Identifier: MIT */
/* must.h - what must hold whatever the input of a fuzz target. */
#ifndef DMUS_FUZZ_MUST_H
#define DMUS_FUZZ_MUST_H

#include <stdio.h>
#include <stdlib.h>

#define MUST(condition)                                                \
    do {                                                               \
        if (!(condition)) {                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                   \
        }                                                              \
    } while (0)

#endif
