/* SPDX-License-Identifier: MIT */
/*
 * ksmedia.h - formats of music and audio pins, KSMUSICFORMAT packets of legacy MIDI pins, and the GUIDs of audio filters.
 *
 * Source: spec/ddi-kernel.md 5, 6.6, 9.1.
 */
#ifndef DDI_KSMEDIA_H
#define DDI_KSMEDIA_H
#ifndef _KSMEDIA_
#define _KSMEDIA_
#endif

#include "ddi_ksmediaguids.h"
#include "ks.h"
#include "mmreg.h"

typedef struct { /* 96 bytes; range of a MIDI or DirectMusic pin */
    KSDATARANGE DataRange;
    GUID Technology; /* KSMUSIC_TECHNOLOGY_* */
    ULONG Channels;  /* simultaneous; 0 for a port */
    ULONG Notes;
    ULONG ChannelMask; /* bit n: answers to channel n; 0xffff for a port */
} KSDATARANGE_MUSIC, *PKSDATARANGE_MUSIC;

typedef struct { /* 88 bytes; range of a wave pin */
    KSDATARANGE DataRange;
    ULONG MaximumChannels;
    ULONG MinimumBitsPerSample;
    ULONG MaximumBitsPerSample;
    ULONG MinimumSampleFrequency; /* Hz */
    ULONG MaximumSampleFrequency;
} KSDATARANGE_AUDIO, *PKSDATARANGE_AUDIO;

#pragma pack(push, 1)
typedef struct { /* 82 bytes, alignment 1; format of a wave pin */
    KSDATAFORMAT DataFormat;
    WAVEFORMATEX WaveFormatEx;
} KSDATAFORMAT_WAVEFORMATEX, *PKSDATAFORMAT_WAVEFORMATEX;
#pragma pack(pop)

typedef struct {       /* packet of a legacy MIDI pin; ByteCount bytes follow, then padding to a multiple of 4 */
    ULONG TimeDeltaMs; /* after the packet before; of the first one after the presentation time of the buffer */
    ULONG ByteCount;
} KSMUSICFORMAT, *PKSMUSICFORMAT;

#endif
