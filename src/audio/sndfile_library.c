/* SPDX-License-Identifier: MIT */
#include "sndfile_library.h"

#define SONAME "libsndfile.so.1"

LIBRARY_NOTE("sndfile", "sound files", SONAME)

struct sndfile_functions sndfile_functions;

static const char *const names[] = {SNDFILE_FUNCTIONS(LIBRARY_NAME)};
_Static_assert(sizeof sndfile_functions == sizeof names, "a pointer for each name");

enum dm_status sndfile_library_load(struct dm_error *err)
{
    static struct library library = LIBRARY("sound files", SONAME, names, sndfile_functions);
    return library_load(&library, err);
}
