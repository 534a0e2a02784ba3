/* SPDX-License-Identifier: MIT */
/* Breaks rule 31: a stream answers success to QueryInterface for anything, and gives NULL. */
#include "faulty.h"

#define ON_UNKNOWN STATUS_SUCCESS
#include "skeleton.h"
