/* SPDX-License-Identifier: MIT */
/* dls_cdl.h - the conditional chunk: a small stack program that says whether its list is for us. */
#ifndef DMUS_FORMATS_DLS_CDL_H
#define DMUS_FORMATS_DLS_CDL_H

#include "base/bytes.h"

/* Run PROGRAM (body of a cdl chunk) against the answers of spec/dls.md 1.9. A malformed program (underflow,
 * more than 64 values, unknown opcode, cut short, empty) counts as true: the condition is ignored. */
bool dls_cdl_true(struct span program, uint32_t sample_rate);

#endif
