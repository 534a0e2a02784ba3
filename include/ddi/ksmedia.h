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

/* ---- nodes of a topology filter: KSPROPSETID_Audio ---- */
typedef enum {
    KSPROPERTY_AUDIO_LATENCY = 1,
    KSPROPERTY_AUDIO_COPY_PROTECTION,
    KSPROPERTY_AUDIO_CHANNEL_CONFIG,
    KSPROPERTY_AUDIO_VOLUMELEVEL, /* LONG, 1/65536 dB, with KSNODEPROPERTY_AUDIO_CHANNEL */
    KSPROPERTY_AUDIO_POSITION,
    KSPROPERTY_AUDIO_DYNAMIC_RANGE,
    KSPROPERTY_AUDIO_QUALITY,
    KSPROPERTY_AUDIO_SAMPLING_RATE,
    KSPROPERTY_AUDIO_DYNAMIC_SAMPLING_RATE,
    KSPROPERTY_AUDIO_MIX_LEVEL_TABLE,
    KSPROPERTY_AUDIO_MIX_LEVEL_CAPS,
    KSPROPERTY_AUDIO_MUX_SOURCE,
    KSPROPERTY_AUDIO_MUTE, /* BOOL, with KSNODEPROPERTY_AUDIO_CHANNEL */
    KSPROPERTY_AUDIO_BASS,
    KSPROPERTY_AUDIO_MID,
    KSPROPERTY_AUDIO_TREBLE,
    KSPROPERTY_AUDIO_BASS_BOOST,
    KSPROPERTY_AUDIO_EQ_LEVEL,
    KSPROPERTY_AUDIO_NUM_EQ_BANDS,
    KSPROPERTY_AUDIO_EQ_BANDS,
    KSPROPERTY_AUDIO_AGC,
    KSPROPERTY_AUDIO_DELAY,
    KSPROPERTY_AUDIO_LOUDNESS,
    KSPROPERTY_AUDIO_WIDE_MODE,
    KSPROPERTY_AUDIO_WIDENESS,
    KSPROPERTY_AUDIO_REVERB_LEVEL,
    KSPROPERTY_AUDIO_CHORUS_LEVEL,
    KSPROPERTY_AUDIO_DEV_SPECIFIC,
    KSPROPERTY_AUDIO_DEMUX_DEST,
    KSPROPERTY_AUDIO_STEREO_ENHANCE,
    KSPROPERTY_AUDIO_MANUFACTURE_GUID,
    KSPROPERTY_AUDIO_PRODUCT_GUID,
    KSPROPERTY_AUDIO_CPU_RESOURCES, /* KSAUDIO_CPU_RESOURCES_* */
    KSPROPERTY_AUDIO_STEREO_SPEAKER_GEOMETRY,
    KSPROPERTY_AUDIO_SURROUND_ENCODE,
    KSPROPERTY_AUDIO_3D_INTERFACE,
    KSPROPERTY_AUDIO_PEAKMETER,
    KSPROPERTY_AUDIO_ALGORITHM_INSTANCE,
    KSPROPERTY_AUDIO_FILTER_STATE,
    KSPROPERTY_AUDIO_PREFERRED_STATUS
} KSPROPERTY_AUDIO;
#define KSAUDIO_CPU_RESOURCES_NOT_HOST_CPU 0x00000000
#define KSAUDIO_CPU_RESOURCES_HOST_CPU     0x7fffffff

typedef struct { /* 40 bytes */
    KSNODEPROPERTY NodeProperty;
    LONG Channel; /* 0 left, 1 right, -1 master */
    ULONG Reserved;
} KSNODEPROPERTY_AUDIO_CHANNEL, *PKSNODEPROPERTY_AUDIO_CHANNEL;

typedef enum { /* KSEVENTSETID_AudioControlChange */
    KSEVENT_CONTROL_CHANGE
} KSEVENT_AUDIO_CONTROL_CHANGE;

#endif
