/* SPDX-License-Identifier: MIT */
/* The definitions of every GUID that this room names. */
#define INITGUID
#include "miniport.h"

#include "dmus/idmusks.h"
