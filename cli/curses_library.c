/* SPDX-License-Identifier: MIT */
#include "curses_library.h"

#define SONAME "libncursesw.so.6"

LIBRARY_NOTE("screen", "the screen of dmus play and live", SONAME)

struct curses_functions curses_functions;

static const char *const names[] = {CURSES_FUNCTIONS(LIBRARY_NAME)};
_Static_assert(sizeof curses_functions == sizeof names, "a pointer for each name");

enum dm_status curses_library_load(struct dm_error *err)
{
    static struct library library = LIBRARY("the screen", SONAME, names, curses_functions);
    return library_load(&library, err);
}
