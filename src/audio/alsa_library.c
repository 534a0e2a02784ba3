/* SPDX-License-Identifier: MIT */
#include "alsa_library.h"

#define SONAME "libasound.so.2"

LIBRARY_NOTE("alsa", "the ALSA output, inputs and MIDI outputs", SONAME)

struct alsa_functions alsa_functions;

static const char *const names[] = {ALSA_FUNCTIONS(LIBRARY_NAME)};
_Static_assert(sizeof alsa_functions == sizeof names, "a pointer for each name");

enum dm_status alsa_library_load(struct dm_error *err)
{
    static struct library library = LIBRARY("ALSA", SONAME, names, alsa_functions);
    return library_load(&library, err);
}
