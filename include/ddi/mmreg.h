/* SPDX-License-Identifier: MIT */
/*
 * mmreg.h - the description of a wave format, and four-character codes.
 *
 * Source: spec/ddi-user.md 0.3, 4.5.
 */
#ifndef DDI_MMREG_H
#define DDI_MMREG_H

#include "ddi_types.h"
#include "guiddef.h"

#define mmioFOURCC(c0, c1, c2, c3) \
    ((DWORD)(BYTE)(c0) | ((DWORD)(BYTE)(c1) << 8) | ((DWORD)(BYTE)(c2) << 16) | ((DWORD)(BYTE)(c3) << 24))

#define WAVE_FORMAT_UNKNOWN    0x0000
#define WAVE_FORMAT_PCM        0x0001
#define WAVE_FORMAT_IEEE_FLOAT 0x0003

#pragma pack(push, 1)
typedef struct tWAVEFORMATEX { /* 18 bytes, alignment 1 */
    WORD wFormatTag;           /* WAVE_FORMAT_* */
    WORD nChannels;
    DWORD nSamplesPerSec;      /* frames per second */
    DWORD nAvgBytesPerSec;     /* nSamplesPerSec * nBlockAlign for PCM */
    WORD nBlockAlign;          /* bytes of one frame */
    WORD wBitsPerSample;
    WORD cbSize;               /* bytes that follow this structure, 0 for PCM */
} WAVEFORMATEX, *PWAVEFORMATEX, *NPWAVEFORMATEX, *LPWAVEFORMATEX;
#pragma pack(pop)
typedef const WAVEFORMATEX *LPCWAVEFORMATEX;

#define WAVE_FORMAT_EXTENSIBLE 0xfffe
#pragma pack(push, 1)
typedef struct { /* 40 bytes, alignment 1 */
    WAVEFORMATEX Format; /* cbSize 22 */
    union {
        WORD wValidBitsPerSample;
        WORD wSamplesPerBlock;
        WORD wReserved;
    } Samples;
    DWORD dwChannelMask;
    GUID SubFormat;
} WAVEFORMATEXTENSIBLE, *PWAVEFORMATEXTENSIBLE;
#pragma pack(pop)

#endif
