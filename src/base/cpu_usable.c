/* SPDX-License-Identifier: MIT */
/* Apart from cpu.c, which is freestanding: drivers have no environment. */
#include "base/cpu.h"

#include <stdlib.h>

uint32_t cpu_usable(void)
{
    uint32_t allowed;
    cpu_level_by_name(getenv("OPENDMUS_SIMD"), &allowed);
    return cpu_features() & allowed;
}
