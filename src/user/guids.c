/* SPDX-License-Identifier: MIT */
/* The definitions of every GUID that ddi.h declares. */
#define INITGUID
#include "ddi.h"
