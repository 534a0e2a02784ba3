/* SPDX-License-Identifier: MIT */
/* common.h - what the units of the square-wave driver share. */
#ifndef _SQUARE_COMMON_H_
#define _SQUARE_COMMON_H_

#include <portcls.h>
#include <stdunk.h>
#include <dmusicks.h>

#define STR_MODULENAME "square: "
#define DEBUG_LEVEL    DEBUGLVL_TERSE
#include <ksdebug.h>

#define SQUARE_POOL_TAG 'tqSD'

NTSTATUS CreateMiniportSquare(OUT PUNKNOWN *Unknown, IN REFCLSID ClassId, IN PUNKNOWN UnknownOuter OPTIONAL,
                              IN POOL_TYPE PoolType);

#endif
