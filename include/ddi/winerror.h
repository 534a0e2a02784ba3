/* SPDX-License-Identifier: MIT */
/*
 * winerror.h - HRESULTs: S_OK, S_FALSE and the E_* that synth code shared with user mode returns (ddi_types.h).
 *
 * Source: spec/ddi-kernel.md 11.1.
 */
#ifndef DDI_WINERROR_H
#define DDI_WINERROR_H

#include "ddi_types.h"

#define ERROR_SUCCESS             0
#define ERROR_FILE_NOT_FOUND      2
#define ERROR_ACCESS_DENIED       5
#define ERROR_NOT_ENOUGH_MEMORY   8
#define ERROR_NOT_SUPPORTED       50
#define ERROR_INVALID_PARAMETER   87

#endif
