/* SPDX-License-Identifier: MIT */
/*
 * dls1.h - structures and numbers of DLS Level 1 as they stand in files and, reused, in downloads.
 *
 * All fields are little-endian in files; here they are in the machine's order. Scales are 16.16 fixed point in the units
 * of spec/ddi-user.md 10.1: absolute pitch (1200 log2(f / 440 Hz) + 6900) cents, relative pitch cents, time
 * 1200 log2(seconds), gain 1/10 dB, percent 0.1 %.
 *
 * Source: spec/ddi-user.md 4.5, 5.4, 5.8, 10; the chunk names are those of the DLS Level 1 specification.
 */
#ifndef DDI_DLS1_H
#define DDI_DLS1_H

#include "mmreg.h"

#define FOURCC_DLS  mmioFOURCC('D', 'L', 'S', ' ')
#define FOURCC_DLID mmioFOURCC('d', 'l', 'i', 'd')
#define FOURCC_COLH mmioFOURCC('c', 'o', 'l', 'h')
#define FOURCC_WVPL mmioFOURCC('w', 'v', 'p', 'l')
#define FOURCC_PTBL mmioFOURCC('p', 't', 'b', 'l')
#define FOURCC_PATH mmioFOURCC('p', 'a', 't', 'h')
#define FOURCC_wave mmioFOURCC('w', 'a', 'v', 'e')
#define FOURCC_LINS mmioFOURCC('l', 'i', 'n', 's')
#define FOURCC_INS  mmioFOURCC('i', 'n', 's', ' ')
#define FOURCC_INSH mmioFOURCC('i', 'n', 's', 'h')
#define FOURCC_LRGN mmioFOURCC('l', 'r', 'g', 'n')
#define FOURCC_RGN  mmioFOURCC('r', 'g', 'n', ' ')
#define FOURCC_RGNH mmioFOURCC('r', 'g', 'n', 'h')
#define FOURCC_LART mmioFOURCC('l', 'a', 'r', 't')
#define FOURCC_ART1 mmioFOURCC('a', 'r', 't', '1')
#define FOURCC_WLNK mmioFOURCC('w', 'l', 'n', 'k')
#define FOURCC_WSMP mmioFOURCC('w', 's', 'm', 'p')
#define FOURCC_VERS mmioFOURCC('v', 'e', 'r', 's')

/* Sources of a connection. Controller n of dls2.h's general form is 0x80 + n. */
#define CONN_SRC_NONE          0x0000
#define CONN_SRC_LFO           0x0001
#define CONN_SRC_KEYONVELOCITY 0x0002
#define CONN_SRC_KEYNUMBER     0x0003
#define CONN_SRC_EG1           0x0004 /* volume envelope */
#define CONN_SRC_EG2           0x0005 /* pitch (and filter) envelope */
#define CONN_SRC_PITCHWHEEL    0x0006
#define CONN_SRC_CC1           0x0081
#define CONN_SRC_CC7           0x0087
#define CONN_SRC_CC10          0x008a
#define CONN_SRC_CC11          0x008b

/* Destinations. */
#define CONN_DST_NONE             0x0000
#define CONN_DST_ATTENUATION      0x0001 /* gain */
#define CONN_DST_PITCH            0x0003
#define CONN_DST_PAN              0x0004
#define CONN_DST_LFO_FREQUENCY    0x0104
#define CONN_DST_LFO_STARTDELAY   0x0105
#define CONN_DST_EG1_ATTACKTIME   0x0206
#define CONN_DST_EG1_DECAYTIME    0x0207
#define CONN_DST_EG1_RELEASETIME  0x0209
#define CONN_DST_EG1_SUSTAINLEVEL 0x020a
#define CONN_DST_EG2_ATTACKTIME   0x030a
#define CONN_DST_EG2_DECAYTIME    0x030b
#define CONN_DST_EG2_RELEASETIME  0x030d
#define CONN_DST_EG2_SUSTAINLEVEL 0x030e

#define CONN_TRN_NONE    0x0000
#define CONN_TRN_CONCAVE 0x0001

#define F_INSTRUMENT_DRUMS            0x80000000 /* MIDILOCALE.ulBank, DMUS_INSTRUMENT.ulPatch */
#define F_RGN_OPTION_SELFNONEXCLUSIVE 0x0001     /* a repeated key sounds beside the older note */
#define F_WAVELINK_PHASE_MASTER       0x0001
#define WAVELINK_CHANNEL_LEFT         0x0001
#define WAVELINK_CHANNEL_RIGHT        0x0002
#define F_WSMP_NO_TRUNCATION          0x0001 /* keep all 16 bits */
#define F_WSMP_NO_COMPRESSION         0x0002
#define WLOOP_TYPE_FORWARD            0
#define POOL_CUE_NULL                 0xffffffff

typedef struct _DLSID { /* same image as a GUID */
    ULONG ulData1;
    USHORT usData2;
    USHORT usData3;
    BYTE abData4[8];
} DLSID, *LPDLSID;

typedef struct _DLSVERSION {
    DWORD dwVersionMS; /* high word major, low word minor */
    DWORD dwVersionLS;
} DLSVERSION, *LPDLSVERSION;

typedef struct _CONNECTION { /* 12 bytes */
    USHORT usSource;      /* CONN_SRC_* */
    USHORT usControl;     /* CONN_SRC_*, scales the source */
    USHORT usDestination; /* CONN_DST_* */
    USHORT usTransform;   /* bits 0-3 destination, 4-9 control, 10-15 source */
    LONG lScale;          /* full-scale effect in the destination's unit, 16.16 */
} CONNECTION, *LPCONNECTION;

typedef struct _CONNECTIONLIST {
    ULONG cbSize;       /* 8: the entries come after it */
    ULONG cConnections; /* CONNECTIONs that follow */
} CONNECTIONLIST, *LPCONNECTIONLIST;

typedef struct _RGNRANGE {
    USHORT usLow; /* both ends belong to the range, 0..127 */
    USHORT usHigh;
} RGNRANGE, *LPRGNRANGE;

typedef struct _MIDILOCALE {
    ULONG ulBank;       /* bits 0-6 CC 32, 8-14 CC 0, bit 31 F_INSTRUMENT_DRUMS */
    ULONG ulInstrument; /* program 0..127 */
} MIDILOCALE, *LPMIDILOCALE;

typedef struct _RGNHEADER {
    RGNRANGE RangeKey;
    RGNRANGE RangeVelocity;
    USHORT fusOptions; /* F_RGN_OPTION_* */
    USHORT usKeyGroup; /* 0 none, 1..15: a new note silences the others of its group */
} RGNHEADER, *LPRGNHEADER;

typedef struct _INSTHEADER {
    ULONG cRegions;
    MIDILOCALE Locale;
} INSTHEADER, *LPINSTHEADER;

typedef struct _DLSHEADER {
    ULONG cInstruments;
} DLSHEADER, *LPDLSHEADER;

typedef struct _WAVELINK {
    USHORT fusOptions;   /* F_WAVELINK_* */
    USHORT usPhaseGroup; /* waves to be played in step, 0 none */
    ULONG ulChannel;     /* WAVELINK_CHANNEL_* */
    ULONG ulTableIndex;  /* in a file: pool cue; in a download: dwDLId of the wave */
} WAVELINK, *LPWAVELINK;

typedef struct _POOLCUE {
    ULONG ulOffset; /* bytes from the start of the wave pool's data to the wave's list */
} POOLCUE, *LPPOOLCUE;

typedef struct _POOLTABLE {
    ULONG cbSize; /* 8 */
    ULONG cCues;  /* POOLCUEs that follow */
} POOLTABLE, *LPPOOLTABLE;

typedef struct _rwsmp {
    ULONG cbSize;       /* 20 */
    USHORT usUnityNote; /* key at which the wave sounds as recorded */
    SHORT sFineTune;    /* cents */
    LONG lAttenuation;  /* gain, 1/10 dB 16.16; negative is quieter */
    ULONG fulOptions;   /* F_WSMP_* */
    ULONG cSampleLoops; /* 0 or 1 */
} WSMPL, *LPWSMPL;

typedef struct _rloop {
    ULONG cbSize;   /* 16 */
    ULONG ulType;   /* WLOOP_TYPE_* */
    ULONG ulStart;  /* first sample of the loop */
    ULONG ulLength; /* samples */
} WLOOP, *LPWLOOP;

#endif
