/* SPDX-License-Identifier: MIT */
/*
 * wine_install.h - the steps of `dmus wine-install`. Each is noted in the prefix's record before it is done.
 *
 * Every function that fails has told why on standard error.
 */
#ifndef DMUS_CLI_WINE_INSTALL_H
#define DMUS_CLI_WINE_INSTALL_H

#include <stdbool.h>

#include "dmus/dmus.h"
#include "wine_prefix.h"
#include "wine_record.h"

#define SYSTEM32 "drive_c/windows/system32"
#define SYSWOW64 "drive_c/windows/syswow64"
#define DLL      "dmsynth.dll"
#define GM_DLS   "drivers/gm.dls"

struct install {
    struct wine_prefix prefix;
    struct wine_record record;
    const char *bank, *dlls; /* as named by the options, or NULL */
    bool quiet;
};

/* A line of the report, unless quiet. */
#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
void tell(const struct install *install, const char *format, ...);

/* MACHINE's DLL into the directory PLACE of the prefix. */
bool put_dll(struct install *install, const char *place, unsigned machine);
/* dmsynth = native, for that DLL alone. */
bool set_override(struct install *install);
/* gm.dls where it is missing: from the named bank, or from an installed one if somebody at a terminal says yes. */
bool give_gm_dls(struct install *install);

/* Take everything back, the last thing first, and delete the record. What others changed since stays. */
bool undo(struct install *install);

#endif
