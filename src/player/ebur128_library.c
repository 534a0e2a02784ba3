/* SPDX-License-Identifier: MIT */
#include "ebur128_library.h"

#define SONAME "libebur128.so.1"

LIBRARY_NOTE("loudness", "the loudness of what was rendered", SONAME)

struct ebur128_functions ebur128_functions;

static const char *const names[] = {EBUR128_FUNCTIONS(LIBRARY_NAME)};
_Static_assert(sizeof ebur128_functions == sizeof names, "a pointer for each name");

enum dm_status ebur128_library_load(struct dm_error *err)
{
    static struct library library = LIBRARY("loudness", SONAME, names, ebur128_functions);
    return library_load(&library, err);
}
