/* SPDX-License-Identifier: MIT */
#include "vorbis_library.h"

#define SONAME "libvorbisfile.so.3"

LIBRARY_NOTE("vorbis", "SF3 banks", SONAME)

struct vorbis_functions vorbis_functions;

static const char *const names[] = {VORBIS_FUNCTIONS(LIBRARY_NAME)};
_Static_assert(sizeof vorbis_functions == sizeof names, "a pointer for each name");

enum dm_status vorbis_library_load(struct dm_error *err)
{
    static struct library library = LIBRARY("SF3 banks", SONAME, names, vorbis_functions);
    return library_load(&library, err);
}
