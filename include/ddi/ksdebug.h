/* SPDX-License-Identifier: MIT */
/*
 * ksdebug.h - messages of a driver for its author: _DbgPrintF(level, ("format", arguments)).
 *
 * Only with DBG. A driver may define STR_MODULENAME, put in front of each message, before it includes this or after, and DEBUG_LEVEL,
 * up to which messages are printed (DEBUGLVL_TERSE unless set), before. A message of DEBUGLVL_ERROR stops in the debugger.
 *
 * Source: spec/ddi-kernel.md 11.1.
 */
#ifndef DDI_KSDEBUG_H
#define DDI_KSDEBUG_H
#ifndef _KSDEBUG_
#define _KSDEBUG_
#endif

#include "ddi_rtl.h"

#define DEBUGLVL_ERROR   0 /* this should not happen */
#define DEBUGLVL_TERSE   1
#define DEBUGLVL_VERBOSE 2
#define DEBUGLVL_BLAB    3 /* everything */

#ifndef STR_MODULENAME /* no macro, which a definition further down would redefine */
static const char STR_MODULENAME[] __attribute__((unused)) = "";
#endif
#ifndef DEBUG_LEVEL
#define DEBUG_LEVEL DEBUGLVL_TERSE
#endif

#if DBG
#define _DbgPrintF(level, parenthesised) \
    do { \
        if ((level) <= DEBUG_LEVEL) { \
            DbgPrint("%s", STR_MODULENAME); \
            DbgPrint parenthesised; \
            DbgPrint("\n"); \
            if ((level) == DEBUGLVL_ERROR) \
                DbgBreakPoint(); \
        } \
    } while (0)
#else
#define _DbgPrintF(level, parenthesised) ((void)0)
#endif

#endif
