/* SPDX-License-Identifier: MIT */
/*
 * dmusprop.h - the kernel twins of the synth's methods: property sets of a DirectMusic synth pin and their data.
 *
 * Plain data; the numbers equal those of dmusicc.h wherever both exist. Channel groups count from 0 here, from 1 there.
 *
 * Source: spec/ddi-user.md 1.3, 11; spec/ddi-kernel.md 6.4, 7.
 */
#ifndef DDI_DMUSPROP_H
#define DDI_DMUSPROP_H

#include "guiddef.h"

#ifndef _DIRECTAUDIO_PRIORITIES_DEFINED_ /* dmusicc.h has them too */
#include "ddi_priorities.h"
#endif

DEFINE_GUID(KSPROPSETID_Synth, 0xfedfae25, 0xe46e, 0x11d1, 0xaa, 0xce, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12);
DEFINE_GUID(KSPROPSETID_Synth_Dls, 0xd523fa2c, 0xdee3, 0x11d1, 0xa7, 0x89, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12);
DEFINE_GUID(KSPROPSETID_SynthClock, 0xfedfae26, 0xe46e, 0x11d1, 0xaa, 0xce, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12);

/* Topology nodes of a DirectMusic filter. */
DEFINE_GUID(KSNODETYPE_DMSYNTH, 0x94824f88, 0x6183, 0x11d2, 0x8f, 0x7a, 0x00, 0xc0, 0x4f, 0xbf, 0x8f, 0xef);
DEFINE_GUID(KSNODETYPE_DMSYNTH_CAPS, 0xbca2a2f1, 0x93c6, 0x11d2, 0xba, 0x1d, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12);

/* Items of KSPROPSETID_Synth */
typedef enum {
    KSPROPERTY_SYNTH_VOLUME = 0,     /* LONG 1/100 dB */
    KSPROPERTY_SYNTH_VOLUMEBOOST,    /* LONG 1/100 dB */
    KSPROPERTY_SYNTH_CAPS,           /* SYNTHCAPS */
    KSPROPERTY_SYNTH_PORTPARAMETERS, /* SYNTH_PORTPARAMS */
    KSPROPERTY_SYNTH_CHANNELGROUPS,  /* ULONG */
    KSPROPERTY_SYNTH_VOICEPRIORITY,  /* DWORD, instance SYNTHVOICEPRIORITY_INSTANCE */
    KSPROPERTY_SYNTH_LATENCYCLOCK,   /* ULONGLONG 100 ns */
    KSPROPERTY_SYNTH_RUNNINGSTATS    /* SYNTH_STATS */
} KSPROPERTY_SYNTH;

/* Items of KSPROPSETID_Synth_Dls */
typedef enum {
    KSPROPERTY_SYNTH_DLS_DOWNLOAD = 0, /* get: SYNTH_BUFFER in, SYNTHDOWNLOAD out */
    KSPROPERTY_SYNTH_DLS_UNLOAD,       /* set: HANDLE; completes when the block is no longer read */
    KSPROPERTY_SYNTH_DLS_COMPACT,
    KSPROPERTY_SYNTH_DLS_APPEND,       /* ULONG bytes */
    KSPROPERTY_SYNTH_DLS_WAVEFORMAT
} KSPROPERTY_SYNTH_DLS;

/* Items of KSPROPSETID_SynthClock */
typedef enum {
    KSPROPERTY_SYNTH_MASTERCLOCK = 0
} KSPROPERTY_SYNTHCLOCK;

/* SYNTHCAPS.Flags; 0x80, 0x100, 0x400 and 0x800 belong to user mode */
#define SYNTH_PC_DLS             0x00000001
#define SYNTH_PC_EXTERNAL        0x00000002
#define SYNTH_PC_SOFTWARESYNTH   0x00000004
#define SYNTH_PC_MEMORYSIZEFIXED 0x00000008
#define SYNTH_PC_GMINHARDWARE    0x00000010
#define SYNTH_PC_GSINHARDWARE    0x00000020
#define SYNTH_PC_XGINHARDWARE    0x00000040
#define SYNTH_PC_DLS2            0x00000200
#if defined(NTDDI_VERSION) && NTDDI_VERSION < 0x05010000 /* before Windows XP, where this bit became XGINHARDWARE */
#define SYNTH_PC_REVERB          0x00000040
#else
#define SYNTH_PC_REVERB          0x40000000
#endif

#define SYNTH_PC_SYSTEMMEMORY 0x7fffffff

#define SYNTH_EFFECT_NONE   0x00000000
#define SYNTH_EFFECT_REVERB 0x00000001
#define SYNTH_EFFECT_CHORUS 0x00000002
#define SYNTH_EFFECT_DELAY  0x00000004

/* SYNTH_PORTPARAMS.ValidParams */
#define SYNTH_PORTPARAMS_VOICES        0x00000001
#define SYNTH_PORTPARAMS_CHANNELGROUPS 0x00000002
#define SYNTH_PORTPARAMS_AUDIOCHANNELS 0x00000004
#define SYNTH_PORTPARAMS_SAMPLERATE    0x00000008
#define SYNTH_PORTPARAMS_EFFECTS       0x00000020
#define SYNTH_PORTPARAMS_SHARE         0x00000040

/* SYNTH_STATS.ValidStats */
#define SYNTH_STATS_VOICES        0x00000001
#define SYNTH_STATS_TOTAL_CPU     0x00000002
#define SYNTH_STATS_CPU_PER_VOICE 0x00000004
#define SYNTH_STATS_LOST_NOTES    0x00000008
#define SYNTH_STATS_PEAK_VOLUME   0x00000010
#define SYNTH_STATS_FREE_MEMORY   0x00000020

typedef struct _SYNTHCAPS { /* 296 bytes */
    GUID Guid;
    DWORD Flags;            /* SYNTH_PC_* */
    DWORD MemorySize;       /* bytes, or SYNTH_PC_SYSTEMMEMORY */
    DWORD MaxChannelGroups;
    DWORD MaxVoices;        /* 0xffffffff: not known */
    DWORD MaxAudioChannels; /* 0xffffffff: not known */
    DWORD EffectFlags;      /* SYNTH_EFFECT_* */
    WCHAR Description[128];
} SYNTHCAPS, *PSYNTHCAPS;

typedef struct _SYNTH_PORTPARAMS {
    DWORD ValidParams; /* SYNTH_PORTPARAMS_* */
    DWORD Voices;
    DWORD ChannelGroups;
    DWORD AudioChannels;
    DWORD SampleRate;   /* Hz */
    DWORD EffectsFlags; /* SYNTH_EFFECT_* */
    DWORD Share;
} SYNTH_PORTPARAMS, *PSYNTH_PORTPARAMS;

typedef struct _SYNTH_STATS {
    DWORD ValidStats;  /* SYNTH_STATS_* */
    DWORD Voices;
    DWORD TotalCPU;    /* percent * 100 */
    DWORD CPUPerVoice; /* percent * 100 */
    DWORD LostNotes;
    DWORD FreeMemory;  /* bytes */
    LONG PeakVolume;   /* dB * 100 */
} SYNTH_STATS, *PSYNTH_STATS;

typedef struct _SYNTH_REVERB_PARAMS { /* of GUID_DMUS_PROP_WavesReverb; the same as DMUS_WAVES_REVERB_PARAMS */
    float fInGain;         /* dB */
    float fReverbMix;      /* dB, 0: only reverb */
    float fReverbTime;     /* ms */
    float fHighFreqRTRatio; /* below 1 */
} SYNTH_REVERB_PARAMS, *PSYNTH_REVERB_PARAMS;

typedef struct _SYNTHVOICEPRIORITY_INSTANCE {
    DWORD ChannelGroup; /* from 0 */
    DWORD Channel;      /* 0..15 */
} SYNTHVOICEPRIORITY_INSTANCE, *PSYNTHVOICEPRIORITY_INSTANCE;

typedef struct _SYNTH_BUFFER { /* a download image in the caller's memory */
    ULONG BufferSize;          /* bytes */
    PVOID BufferAddress;
} SYNTH_BUFFER, *PSYNTH_BUFFER;

typedef struct _SYNTHDOWNLOAD {
    HANDLE DownloadHandle;
    BOOL Free; /* TRUE: the client may release its block now */
} SYNTHDOWNLOAD, *PSYNTHDOWNLOAD;

#endif
