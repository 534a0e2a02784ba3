/* SPDX-License-Identifier: MIT */
/* Breaks rule 26: the descriptor says that nodes are four bytes longer than they are. */
#include "faulty.h"

#define NODE_STRIDE (sizeof(PCNODE_DESCRIPTOR) + 4)
#include "skeleton.h"
