/* SPDX-License-Identifier: MIT */
#include "pipewire_library.h"

#define SONAME "libpipewire-0.3.so.0"

LIBRARY_NOTE("pipewire", "the PipeWire output and input", SONAME)

struct pipewire_functions pipewire_functions;

static const char *const names[] = {PIPEWIRE_FUNCTIONS(LIBRARY_NAME)};
_Static_assert(sizeof pipewire_functions == sizeof names, "a pointer for each name");

enum dm_status pipewire_library_load(struct dm_error *err)
{
    static struct library library = LIBRARY("PipeWire", SONAME, names, pipewire_functions);
    return library_load(&library, err);
}
