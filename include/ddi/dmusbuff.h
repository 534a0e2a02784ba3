/* SPDX-License-Identifier: MIT */
/*
 * dmusbuff.h - the event buffer of IDirectMusicSynth::PlayBuffer: headers, each followed by its data.
 *
 * The next header is DMUS_EVENT_SIZE(cbEvent) bytes after this one; the count of used bytes ends the buffer. Data begin
 * right behind the 20 bytes of the header, so they are not 8-byte aligned.
 *
 * Source: spec/ddi-user.md 4.3.
 */
#ifndef DDI_DMUSBUFF_H
#define DDI_DMUSBUFF_H

#include "dmdls.h"

#define DMUS_EVENT_STRUCTURED 0x00000001 /* one channel message with its own status byte; clear: SysEx */

#pragma pack(push, 4)
typedef struct _DMUS_EVENTHEADER { /* 20 bytes */
    DWORD cbEvent;                 /* bytes of data, without padding */
    DWORD dwChannelGroup;          /* 1..n */
    REFERENCE_TIME rtDelta;        /* 100 ns after the buffer's start time */
    DWORD dwFlags;                 /* DMUS_EVENT_STRUCTURED */
} DMUS_EVENTHEADER, *LPDMUS_EVENTHEADER;
#pragma pack(pop)

#define QWORD_ALIGN(x)      (((x) + 7) & ~(size_t)7)
#define DMUS_EVENT_SIZE(cb) QWORD_ALIGN(sizeof(DMUS_EVENTHEADER) + (cb))

#endif
