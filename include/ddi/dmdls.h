/* SPDX-License-Identifier: MIT */
/*
 * dmdls.h - the memory image of a download: what a host hands to IDirectMusicSynth::Download.
 *
 * One block: DMUS_DOWNLOADINFO, then n table entries (byte offsets from the start of the block), then the objects. An
 * object refers to another one by its index in the table; index 0, the root, therefore means "none" in every optional
 * link. A link that says dwDLId instead names another download. Units as in dls1.h.
 *
 * Source: spec/ddi-user.md 4.4, 5.4, 6.
 */
#ifndef DDI_DMDLS_H
#define DDI_DMDLS_H

#include "dls1.h"

typedef LONGLONG REFERENCE_TIME; /* 100 ns */
typedef REFERENCE_TIME *LPREFERENCE_TIME;

typedef LONG PCENT;   /* pitch */
typedef LONG GCENT;   /* gain */
typedef LONG TCENT;   /* time */
typedef LONG PERCENT;

#define DMUS_DOWNLOADINFO_INSTRUMENT       1 /* root DMUS_INSTRUMENT, articulations are DMUS_ARTICULATION */
#define DMUS_DOWNLOADINFO_WAVE             2 /* root DMUS_WAVE */
#define DMUS_DOWNLOADINFO_INSTRUMENT2      3 /* root DMUS_INSTRUMENT, articulations are DMUS_ARTICULATION2 */
#define DMUS_DOWNLOADINFO_WAVEARTICULATION 4 /* root DMUS_WAVEARTDL */
#define DMUS_DOWNLOADINFO_STREAMINGWAVE    5 /* root DMUS_WAVEDL */
#define DMUS_DOWNLOADINFO_ONESHOTWAVE      6 /* root DMUS_WAVEDL */

#define DMUS_DEFAULT_SIZE_OFFSETTABLE 1
#define DMUS_MIN_DATA_SIZE            4
#define DMUS_INSTRUMENT_GM_INSTRUMENT 1
#define DOWNLOAD_ID_ROMSET            0xffffffff /* a dwDLId: the waves are in the device already */

typedef struct _DMUS_DOWNLOADINFO {
    DWORD dwDLType;                /* DMUS_DOWNLOADINFO_* */
    DWORD dwDLId;                  /* by which other downloads refer to this one */
    DWORD dwNumOffsetTableEntries; /* n >= 1 */
    DWORD cbSize;                  /* bytes of the whole block */
} DMUS_DOWNLOADINFO;

typedef struct _DMUS_OFFSETTABLE {
    ULONG ulOffsetTable[DMUS_DEFAULT_SIZE_OFFSETTABLE]; /* n entries in reality; the first is 16 + 4n */
} DMUS_OFFSETTABLE;

typedef struct _DMUS_INSTRUMENT {
    ULONG ulPatch;          /* bit 31 drums, 16-22 CC 0, 8-14 CC 32, 0-6 program */
    ULONG ulFirstRegionIdx; /* DMUS_REGION */
    ULONG ulGlobalArtIdx;   /* for regions without their own; 0 none */
    ULONG ulFirstExtCkIdx;  /* 0 none */
    ULONG ulCopyrightIdx;   /* 0 none */
    ULONG ulFlags;          /* DMUS_INSTRUMENT_GM_INSTRUMENT: gives way to any other at the same patch */
} DMUS_INSTRUMENT;

typedef struct _DMUS_REGION {
    RGNRANGE RangeKey;
    RGNRANGE RangeVelocity;
    USHORT fusOptions;      /* F_RGN_OPTION_* */
    USHORT usKeyGroup;      /* 0 none, 1..15 */
    ULONG ulRegionArtIdx;   /* 0: the instrument's global articulation */
    ULONG ulNextRegionIdx;  /* 0: last */
    ULONG ulFirstExtCkIdx;  /* 0 none */
    WAVELINK WaveLink;      /* ulTableIndex is the dwDLId of a wave */
    WSMPL WSMP;             /* decides; the wave download carries none */
    struct _rloop WLOOP[1]; /* WSMP.cSampleLoops entries */
} DMUS_REGION;

typedef struct _DMUS_LFOPARAMS {
    PCENT pcFrequency;   /* absolute pitch */
    TCENT tcDelay;
    GCENT gcVolumeScale; /* LFO to gain */
    PCENT pcPitchScale;  /* LFO to pitch */
    GCENT gcMWToVolume;  /* LFO times CC 1 to gain */
    PCENT pcMWToPitch;   /* LFO times CC 1 to pitch */
} DMUS_LFOPARAMS;

typedef struct _DMUS_VEGPARAMS {
    TCENT tcAttack;
    TCENT tcDecay;
    PERCENT ptSustain;
    TCENT tcRelease;
    TCENT tcVel2Attack; /* added to the attack, scaled by velocity */
    TCENT tcKey2Decay;  /* added to the decay, scaled by key */
} DMUS_VEGPARAMS;

typedef struct _DMUS_PEGPARAMS {
    TCENT tcAttack;
    TCENT tcDecay;
    PERCENT ptSustain;
    TCENT tcRelease;
    TCENT tcVel2Attack;
    TCENT tcKey2Decay;
    PCENT pcRange; /* depth of the envelope on pitch */
} DMUS_PEGPARAMS;

typedef struct _DMUS_MSCPARAMS {
    PERCENT ptDefaultPan; /* -50 % left .. +50 % right */
} DMUS_MSCPARAMS;

typedef struct _DMUS_ARTICPARAMS { /* a Level 1 articulation with its connections spelt out */
    DMUS_LFOPARAMS LFO;
    DMUS_VEGPARAMS VolEG;   /* EG1 */
    DMUS_PEGPARAMS PitchEG; /* EG2 */
    DMUS_MSCPARAMS Misc;
} DMUS_ARTICPARAMS;

typedef struct _DMUS_ARTICULATION {
    ULONG ulArt1Idx; /* DMUS_ARTICPARAMS; 0 none */
    ULONG ulFirstExtCkIdx;
} DMUS_ARTICULATION;

typedef struct _DMUS_ARTICULATION2 {
    ULONG ulArtIdx; /* CONNECTIONLIST and its CONNECTIONs; 0 none */
    ULONG ulFirstExtCkIdx;
    ULONG ulNextArtIdx; /* the block that is applied after this one; 0 last */
} DMUS_ARTICULATION2;

typedef struct _DMUS_EXTENSIONCHUNK { /* a chunk of the file that the host did not know */
    ULONG cbSize;                     /* bytes of data */
    ULONG ulNextExtCkIdx;             /* 0 last */
    FOURCC ExtCkID;
    BYTE byExtCk[DMUS_MIN_DATA_SIZE]; /* cbSize bytes in reality */
} DMUS_EXTENSIONCHUNK;

typedef struct _DMUS_COPYRIGHT {
    ULONG cbSize;
    BYTE byCopyright[DMUS_MIN_DATA_SIZE]; /* cbSize bytes in reality */
} DMUS_COPYRIGHT;

typedef struct _DMUS_WAVEDATA {
    ULONG cbSize;                    /* bytes of samples, without the append space */
    BYTE byData[DMUS_MIN_DATA_SIZE]; /* cbSize bytes in reality */
} DMUS_WAVEDATA;

typedef struct _DMUS_WAVE {
    ULONG ulFirstExtCkIdx; /* 0 none */
    ULONG ulCopyrightIdx;  /* 0 none */
    ULONG ulWaveDataIdx;   /* DMUS_WAVEDATA */
    WAVEFORMATEX WaveformatEx; /* PCM, mono, 8 or 16 bits; two bytes of padding follow */
} DMUS_WAVE, *LPDMUS_WAVE;

typedef struct _DMUS_WAVEARTDL {
    ULONG ulDownloadIdIdx; /* array of the buffers' dwDLIds */
    ULONG ulBus;           /* DSBUSID_* */
    ULONG ulBuffers;       /* how many */
    ULONG ulMasterDLId;    /* master voice of the group */
    USHORT usOptions;      /* region options; two bytes of padding follow */
} DMUS_WAVEARTDL, *LPDMUS_WAVEARTDL;

typedef struct _DMUS_WAVEDL {
    ULONG cbWaveData; /* bytes of wave data */
} DMUS_WAVEDL, *LPDMUS_WAVEDL;

typedef struct _DMUS_NOTERANGE { /* argument of IDirectMusicPort::DownloadInstrument, never in an image */
    DWORD dwLowNote;             /* both ends belong to the range, 0..127 */
    DWORD dwHighNote;
} DMUS_NOTERANGE, *LPDMUS_NOTERANGE;

#endif
