/* SPDX-License-Identifier: MIT */
/*
 * guids_mingw.c - the GUID table against headers that can only be compiled, not run here.
 *
 * DEFINE_GUID is turned into enumerators, one per 16-bit half or byte, which assertions can then look at. Covers what the
 * headers write with DEFINE_GUID, which is everything but COM's own.
 */
#include <windows.h>
#include <mmsystem.h>
#include <dsound.h>
#undef DEFINE_GUID
#define DEFINE_GUID(n, l, w1, w2, b0, b1, b2, b3, b4, b5, b6, b7)                                              \
    enum {                                                                                                     \
        n##_l = (l) & 0xffff, n##_h = (l) >> 16, n##_1 = w1, n##_2 = w2, n##_b0 = b0, n##_b1 = b1, n##_b2 = b2, \
        n##_b3 = b3, n##_b4 = b4, n##_b5 = b5, n##_b6 = b6, n##_b7 = b7                                         \
    }
#include <dmksctrl.h>
#include <dmusici.h>
#include <dmusics.h>
#include <dls2.h>

#define GUID_ROW(n, text, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15)                   \
    _Static_assert(n##_l == ((a0) | (a1) << 8) && n##_h == ((a2) | (a3) << 8) && n##_1 == ((a4) | (a5) << 8) &&   \
                       n##_2 == ((a6) | (a7) << 8) && n##_b0 == (a8) && n##_b1 == (a9) && n##_b2 == (a10) &&      \
                       n##_b3 == (a11) && n##_b4 == (a12) && n##_b5 == (a13) && n##_b6 == (a14) && n##_b7 == (a15), \
                   #n " is " text);
#define GUID_ROW_COM(...)
#define GUID_ROW_OURS(...)
#define GUID_ROW_ALIAS(...)
#include "guids.h"
