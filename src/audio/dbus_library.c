/* SPDX-License-Identifier: MIT */
#include "dbus_library.h"

#define SONAME "libdbus-1.so.3"

LIBRARY_NOTE("dbus", "real-time priority by RealtimeKit", SONAME)

struct dbus_functions dbus_functions;

static const char *const names[] = {DBUS_FUNCTIONS(LIBRARY_NAME)};
_Static_assert(sizeof dbus_functions == sizeof names, "a pointer for each name");

enum dm_status dbus_library_load(struct dm_error *err)
{
    static struct library library = LIBRARY("RealtimeKit", SONAME, names, dbus_functions);
    return library_load(&library, err);
}
