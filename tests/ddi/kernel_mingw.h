/* SPDX-License-Identifier: MIT */
/*
 * kernel_mingw.h - mingw-w64's ddk headers made to compile as C++: words that they use and nothing defines, and two
 * functions that its run-time headers declare in another way. Seen with mingw-w64 10.0.
 */
#define DECLSPEC_NOVTABLE
#define DECLSPEC_NOTHROW
#define PC_IMPLEMENTATION
#include <ntdef.h>
#include <excpt.h>
#include <psdk_inc/intrin-impl.h>
#define InterlockedBitTestAndSet   ddk_bit_test_and_set
#define InterlockedBitTestAndReset ddk_bit_test_and_reset
typedef struct KSRTAUDIO_HWLATENCY KSRTAUDIO_HWLATENCY;
typedef struct KSRTAUDIO_HWREGISTER KSRTAUDIO_HWREGISTER;
#include <ntddk.h>
#include <windef.h>
typedef WCHAR TCHAR;
#include <portcls.h>
#include <dmusicks.h>
