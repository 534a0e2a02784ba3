/* SPDX-License-Identifier: MIT */
#include "jack_library.h"

#define SONAME "libjack.so.0"

LIBRARY_NOTE("jack", "the JACK output and input", SONAME)

struct jack_functions jack_functions;

static const char *const names[] = {JACK_FUNCTIONS(LIBRARY_NAME)};
_Static_assert(sizeof jack_functions == sizeof names, "a pointer for each name");

enum dm_status jack_library_load(struct dm_error *err)
{
    static struct library library = LIBRARY("JACK", SONAME, names, jack_functions);
    return library_load(&library, err);
}
