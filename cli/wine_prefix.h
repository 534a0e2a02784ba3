/* SPDX-License-Identifier: MIT */
/* wine_prefix.h - a Wine prefix, looked at before anything in it is touched; and the DLLs that are to go there. */
#ifndef DMUS_CLI_WINE_PREFIX_H
#define DMUS_CLI_WINE_PREFIX_H

#include <limits.h>
#include <stdbool.h>

#include "wine_files.h"

struct wine_prefix {
    char path[PATH_MAX];
    bool win64; /* 64-bit programs in system32, 32-bit ones in syswow64; else 32-bit ones in system32 */
};

/* NAME, or $WINEPREFIX, or ~/.wine. Refused after a message: no prefix, somebody else's, one whose Wine is running. */
bool prefix_open(const char *name, struct wine_prefix *out);

/* PE machine numbers (Microsoft's PE Format page). */
enum { MACHINE_I386 = 0x14c, MACHINE_X64 = 0x8664 };

/* dmsynth.dll for MACHINE: in DIRECTORY if it is not NULL, else where `make install` or `make dll` leave it. False after a message:
 * not found, or no OpenDMus DLL for that machine. FOUND is its path. */
bool dll_load(const char *directory, unsigned machine, char found[PATH_MAX], struct file_bytes *out);

#endif
