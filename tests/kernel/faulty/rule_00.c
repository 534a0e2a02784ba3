/* SPDX-License-Identifier: MIT */
/* Breaks no rule at all: the skeleton as it is. */
#include "faulty.h"

#include "skeleton.h"
