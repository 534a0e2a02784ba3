/* SPDX-License-Identifier: MIT */
/* The identifiers that the host compares with. The definitions are weak: any number of units may have them. */
#include <initguid.h>

#include <portcls.h>
#include <dmksctrl.h>
