/* SPDX-License-Identifier: MIT */
/* The identifiers that the engine compares with. The definitions are weak: any number of units may have them. */
#include <initguid.h>

#include <wdm.h>
#include <ks.h>
#include <dmusicks.h>
#include <dmusicc.h>

#include "dmus/idmus.h"
