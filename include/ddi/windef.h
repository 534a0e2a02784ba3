/* SPDX-License-Identifier: MIT */
/*
 * windef.h - the plain types under the name that drivers include, and MAKE* arithmetic.
 *
 * Source: spec/ddi-kernel.md 11.1.
 */
#ifndef DDI_WINDEF_H
#define DDI_WINDEF_H

#include "ntdef.h"

#define MAX_PATH 260

#define MAKEWORD(low, high) ((WORD)(((BYTE)(low)) | ((WORD)((BYTE)(high)) << 8)))
#define MAKELONG(low, high) ((LONG)(((WORD)(low)) | ((DWORD)((WORD)(high)) << 16)))
#define LOWORD(l)           ((WORD)((DWORD_PTR)(l) & 0xffff))
#define HIWORD(l)           ((WORD)(((DWORD_PTR)(l) >> 16) & 0xffff))
#define LOBYTE(w)           ((BYTE)((DWORD_PTR)(w) & 0xff))
#define HIBYTE(w)           ((BYTE)(((DWORD_PTR)(w) >> 8) & 0xff))

typedef float FLOAT, *PFLOAT;

#endif
