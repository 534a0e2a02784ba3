/* SPDX-License-Identifier: MIT */
/*
 * dmusicc.h - DirectMusic core: port parameters, capabilities and statistics, clocks, voice priorities, audio buses,
 * property sets, and the interfaces of the port level (the host side of the DDI).
 *
 * Source: spec/ddi-user.md 1, 2.3, 2.5, 4.1, 4.3, 5, 8.2.
 */
#ifndef DDI_DMUSICC_H
#define DDI_DMUSICC_H

#include "ddi_dmusprops.h"
#include "dmdls.h"
#include "dmerror.h"
#include "dmusbuff.h"
#include "unknwn.h"

/* DirectSound is only passed on: its objects are opaque here. */
typedef struct IDirectSound IDirectSound, *LPDIRECTSOUND;
typedef struct IDirectSoundBuffer IDirectSoundBuffer, *LPDIRECTSOUNDBUFFER;
#ifndef DSERR_NODRIVER
#define DSERR_NODRIVER MAKE_HRESULT(1, 0x878, 120)
#endif

typedef ULONGLONG SAMPLE_TIME;     /* samples */
typedef ULONGLONG SAMPLE_POSITION; /* samples */
typedef SAMPLE_TIME *LPSAMPLE_TIME;
typedef SAMPLE_POSITION *LPSAMPLE_POSITION;

DEFINE_GUID(CLSID_DirectMusic, 0x636b9f10, 0x0c7d, 0x11d1, 0x95, 0xb2, 0x00, 0x20, 0xaf, 0xdc, 0x74, 0x21);
DEFINE_GUID(CLSID_DirectMusicCollection, 0x480ff4b0, 0x28b2, 0x11d1, 0xbe, 0xf7, 0x00, 0xc0, 0x4f, 0xbf, 0x8f, 0xef);
DEFINE_GUID(CLSID_DirectMusicSynth, 0x58c2b4d0, 0x46e7, 0x11d1, 0x89, 0xac, 0x00, 0xa0, 0xc9, 0x05, 0x41, 0x29);

DEFINE_GUID(IID_IReferenceClock, 0x56a86897, 0x0ad4, 0x11ce, 0xb0, 0x3a, 0x00, 0x20, 0xaf, 0x0b, 0xa7, 0x70);
DEFINE_GUID(IID_IDirectMusic, 0x6536115a, 0x7b2d, 0x11d2, 0xba, 0x18, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12);
DEFINE_GUID(IID_IDirectMusic2, 0x6fc2cae1, 0xbc78, 0x11d2, 0xaf, 0xa6, 0x00, 0xaa, 0x00, 0x24, 0xd8, 0xb6);
DEFINE_GUID(IID_IDirectMusic8, 0x2d3629f7, 0x813d, 0x4939, 0x85, 0x08, 0xf0, 0x5c, 0x6b, 0x75, 0xfd, 0x97);
DEFINE_GUID(IID_IDirectMusicPort, 0x08f2d8c9, 0x37c2, 0x11d2, 0xb9, 0xf9, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12);
DEFINE_GUID(IID_IDirectMusicPortDownload, 0xd2ac287a, 0xb39b, 0x11d1, 0x87, 0x04, 0x00, 0x60, 0x08, 0x93, 0xb1, 0xbd);
DEFINE_GUID(IID_IDirectMusicDownload, 0xd2ac287b, 0xb39b, 0x11d1, 0x87, 0x04, 0x00, 0x60, 0x08, 0x93, 0xb1, 0xbd);
DEFINE_GUID(IID_IDirectMusicDownloadedInstrument, 0xd2ac287e, 0xb39b, 0x11d1,
            0x87, 0x04, 0x00, 0x60, 0x08, 0x93, 0xb1, 0xbd);
DEFINE_GUID(IID_IDirectMusicInstrument, 0xd2ac287d, 0xb39b, 0x11d1, 0x87, 0x04, 0x00, 0x60, 0x08, 0x93, 0xb1, 0xbd);
DEFINE_GUID(IID_IDirectMusicCollection, 0xd2ac287c, 0xb39b, 0x11d1, 0x87, 0x04, 0x00, 0x60, 0x08, 0x93, 0xb1, 0xbd);
DEFINE_GUID(IID_IDirectMusicBuffer, 0xd2ac2878, 0xb39b, 0x11d1, 0x87, 0x04, 0x00, 0x60, 0x08, 0x93, 0xb1, 0xbd);
DEFINE_GUID(IID_IDirectMusicThru, 0xced153e7, 0x3606, 0x11d2, 0xb9, 0xf9, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12);

/* Master clocks as EnumMasterClock names them: the system's timer, the DirectSound device. */
DEFINE_GUID(GUID_SysClock, 0x58d58419, 0x71b4, 0x11d1, 0xa7, 0x4c, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12);
DEFINE_GUID(GUID_DsoundClock, 0x58d58420, 0x71b4, 0x11d1, 0xa7, 0x4c, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12);

/* DirectX 8 names of what did not change. */
#define IID_IDirectMusicPort8                 IID_IDirectMusicPort
#define IID_IDirectMusicPortDownload8         IID_IDirectMusicPortDownload
#define IID_IDirectMusicDownload8             IID_IDirectMusicDownload
#define IID_IDirectMusicDownloadedInstrument8 IID_IDirectMusicDownloadedInstrument
#define IID_IDirectMusicInstrument8           IID_IDirectMusicInstrument
#define IID_IDirectMusicCollection8           IID_IDirectMusicCollection
#define IID_IDirectMusicBuffer8               IID_IDirectMusicBuffer
#define IID_IDirectMusicThru8                 IID_IDirectMusicThru
#define IDirectMusicPort8                     IDirectMusicPort
#define IDirectMusicPortDownload8             IDirectMusicPortDownload
#define IDirectMusicDownload8                 IDirectMusicDownload
#define IDirectMusicDownloadedInstrument8     IDirectMusicDownloadedInstrument
#define IDirectMusicInstrument8               IDirectMusicInstrument
#define IDirectMusicCollection8               IDirectMusicCollection
#define IDirectMusicBuffer8                   IDirectMusicBuffer
#define IDirectMusicThru8                     IDirectMusicThru

#define DMUS_MAX_DESCRIPTION 128 /* characters */
#define DMUS_MAX_DRIVER      128

/* DMUS_PORTCAPS.dwClass */
#define DMUS_PC_INPUTCLASS  0
#define DMUS_PC_OUTPUTCLASS 1

/* DMUS_PORTCAPS.dwFlags */
#define DMUS_PC_DLS             0x00000001
#define DMUS_PC_EXTERNAL        0x00000002 /* hardware outside the machine */
#define DMUS_PC_SOFTWARESYNTH   0x00000004
#define DMUS_PC_MEMORYSIZEFIXED 0x00000008 /* dwMemorySize is a limit */
#define DMUS_PC_GMINHARDWARE    0x00000010 /* resident sound set, as the next two */
#define DMUS_PC_GSINHARDWARE    0x00000020
#define DMUS_PC_XGINHARDWARE    0x00000040
#define DMUS_PC_DIRECTSOUND     0x00000080
#define DMUS_PC_SHAREABLE       0x00000100
#define DMUS_PC_DLS2            0x00000200
#define DMUS_PC_AUDIOPATH       0x00000400 /* outputs routable to buffers */
#define DMUS_PC_WAVE            0x00000800 /* streaming and one-shot waves */

#define DMUS_PC_SYSTEMMEMORY 0x7fffffff /* dwMemorySize: whatever the system has */

/* DMUS_PORTCAPS.dwType */
#define DMUS_PORT_WINMM_DRIVER    0
#define DMUS_PORT_USER_MODE_SYNTH 1
#define DMUS_PORT_KERNEL_MODE     2

/* DMUS_PORTPARAMS.dwValidParams; bit 4 is unused */
#define DMUS_PORTPARAMS_VOICES        0x00000001
#define DMUS_PORTPARAMS_CHANNELGROUPS 0x00000002
#define DMUS_PORTPARAMS_AUDIOCHANNELS 0x00000004
#define DMUS_PORTPARAMS_SAMPLERATE    0x00000008
#define DMUS_PORTPARAMS_EFFECTS       0x00000020
#define DMUS_PORTPARAMS_SHARE         0x00000040
#define DMUS_PORTPARAMS_FEATURES      0x00000080

/* DMUS_PORTPARAMS.dwFeatures */
#define DMUS_PORT_FEATURE_AUDIOPATH 0x00000001
#define DMUS_PORT_FEATURE_STREAMING 0x00000002

/* DMUS_SYNTHSTATS.dwValidStats */
#define DMUS_SYNTHSTATS_VOICES        0x00000001
#define DMUS_SYNTHSTATS_TOTAL_CPU     0x00000002
#define DMUS_SYNTHSTATS_CPU_PER_VOICE 0x00000004
#define DMUS_SYNTHSTATS_LOST_NOTES    0x00000008
#define DMUS_SYNTHSTATS_PEAK_VOLUME   0x00000010
#define DMUS_SYNTHSTATS_FREE_MEMORY   0x00000020

#define DMUS_SYNTHSTATS_SYSTEMMEMORY DMUS_PC_SYSTEMMEMORY

/* 1/100 dB */
#define DMUS_VOLUME_MAX 2000
#define DMUS_VOLUME_MIN (-20000)

#define DMUS_CLOCKF_GLOBAL 0x00000001 /* a clock that outlives the process */

/* Buses: DMUS_WAVEARTDL.ulBus, IDirectMusicSynth8::AssignChannelToBuses */
#define DSBUSID_FIRST_SPKR_LOC        0
#define DSBUSID_FRONT_LEFT            0
#define DSBUSID_LEFT                  0
#define DSBUSID_FRONT_RIGHT           1
#define DSBUSID_RIGHT                 1
#define DSBUSID_FRONT_CENTER          2
#define DSBUSID_LOW_FREQUENCY         3
#define DSBUSID_BACK_LEFT             4
#define DSBUSID_BACK_RIGHT            5
#define DSBUSID_FRONT_LEFT_OF_CENTER  6
#define DSBUSID_FRONT_RIGHT_OF_CENTER 7
#define DSBUSID_BACK_CENTER           8
#define DSBUSID_SIDE_LEFT             9
#define DSBUSID_SIDE_RIGHT            10
#define DSBUSID_TOP_CENTER            11
#define DSBUSID_TOP_FRONT_LEFT        12
#define DSBUSID_TOP_FRONT_CENTER      13
#define DSBUSID_TOP_FRONT_RIGHT       14
#define DSBUSID_TOP_BACK_LEFT         15
#define DSBUSID_TOP_BACK_CENTER       16
#define DSBUSID_TOP_BACK_RIGHT        17
#define DSBUSID_LAST_SPKR_LOC         17
#define DSBUSID_REVERB_SEND           64
#define DSBUSID_CHORUS_SEND           65
#define DSBUSID_DYNAMIC_0             512 /* from here on: allocated by audio paths */
#define DSBUSID_NULL                  0xffffffff
#define DSBUSID_IS_SPKR_LOC(id)       ((DWORD)(id) <= DSBUSID_LAST_SPKR_LOC)

#ifndef _DIRECTAUDIO_PRIORITIES_DEFINED_ /* dmusprop.h has them too */
#include "ddi_priorities.h"
#endif

typedef struct _DMUS_BUFFERDESC {
    DWORD dwSize;          /* 28 */
    DWORD dwFlags;         /* 0 */
    GUID guidBufferFormat; /* GUID_NULL: default */
    DWORD cbBuffer;        /* capacity wanted, bytes */
} DMUS_BUFFERDESC, *LPDMUS_BUFFERDESC;

typedef struct _DMUS_PORTCAPS {
    DWORD dwSize;             /* 308 */
    DWORD dwFlags;            /* DMUS_PC_* */
    GUID guidPort;            /* class id of the synth */
    DWORD dwClass;            /* DMUS_PC_INPUTCLASS, DMUS_PC_OUTPUTCLASS */
    DWORD dwType;             /* DMUS_PORT_* */
    DWORD dwMemorySize;       /* bytes of sample memory, or DMUS_PC_SYSTEMMEMORY */
    DWORD dwMaxChannelGroups; /* 16 channels each */
    DWORD dwMaxVoices;        /* 0xffffffff: not known */
    DWORD dwMaxAudioChannels; /* 0xffffffff: not known */
    DWORD dwEffectFlags;      /* DMUS_EFFECT_* there are */
    WCHAR wszDescription[DMUS_MAX_DESCRIPTION];
} DMUS_PORTCAPS, *LPDMUS_PORTCAPS;

typedef struct _DMUS_PORTPARAMS {
    DWORD dwSize;          /* 32 */
    DWORD dwValidParams;   /* DMUS_PORTPARAMS_*: which of the following count */
    DWORD dwVoices;
    DWORD dwChannelGroups; /* 16 channels each */
    DWORD dwAudioChannels; /* 1 or 2 */
    DWORD dwSampleRate;    /* Hz */
    DWORD dwEffectFlags;   /* DMUS_EFFECT_* wanted */
    BOOL fShare;           /* TRUE: others may open the device too */
} DMUS_PORTPARAMS7, *LPDMUS_PORTPARAMS7;

typedef struct _DMUS_PORTPARAMS8 {
    DWORD dwSize; /* 36 */
    DWORD dwValidParams;
    DWORD dwVoices;
    DWORD dwChannelGroups;
    DWORD dwAudioChannels;
    DWORD dwSampleRate;
    DWORD dwEffectFlags;
    BOOL fShare;
    DWORD dwFeatures; /* DMUS_PORT_FEATURE_* */
} DMUS_PORTPARAMS8, *LPDMUS_PORTPARAMS8;

typedef DMUS_PORTPARAMS8 DMUS_PORTPARAMS, *LPDMUS_PORTPARAMS;

typedef struct _DMUS_SYNTHSTATS {
    DWORD dwSize;        /* 32 */
    DWORD dwValidStats;  /* DMUS_SYNTHSTATS_*: which of the following count */
    DWORD dwVoices;      /* average voices sounding */
    DWORD dwTotalCPU;    /* percent * 100 */
    DWORD dwCPUPerVoice; /* percent * 100 */
    DWORD dwLostNotes;   /* during the last second */
    DWORD dwFreeMemory;  /* bytes, or DMUS_SYNTHSTATS_SYSTEMMEMORY */
    LONG lPeakVolume;    /* dB * 100 */
} DMUS_SYNTHSTATS, *LPDMUS_SYNTHSTATS;

typedef struct _DMUS_SYNTHSTATS8 {
    DWORD dwSize; /* 36 */
    DWORD dwValidStats;
    DWORD dwVoices;
    DWORD dwTotalCPU;
    DWORD dwCPUPerVoice;
    DWORD dwLostNotes;
    DWORD dwFreeMemory;
    LONG lPeakVolume;
    DWORD dwSynthMemUse; /* bytes of wave data held */
} DMUS_SYNTHSTATS8, *LPDMUS_SYNTHSTATS8;

typedef struct _DMUS_WAVES_REVERB_PARAMS {
    float fInGain;          /* dB, -96 .. 0 */
    float fReverbMix;       /* dB, -96 .. 0; 0: no direct signal */
    float fReverbTime;      /* ms, 0.001 .. 3000 */
    float fHighFreqRTRatio; /* decay of the highs relative to fReverbTime, 0.001 .. 0.999 */
} DMUS_WAVES_REVERB_PARAMS;

typedef enum {
    DMUS_CLOCK_SYSTEM = 0,
    DMUS_CLOCK_WAVE = 1
} DMUS_CLOCKTYPE;

typedef struct _DMUS_CLOCKINFO7 {
    DWORD dwSize; /* 280 */
    DMUS_CLOCKTYPE ctType;
    GUID guidClock;
    WCHAR wszDescription[DMUS_MAX_DESCRIPTION];
} DMUS_CLOCKINFO7, *LPDMUS_CLOCKINFO7;

typedef struct _DMUS_CLOCKINFO8 {
    DWORD dwSize; /* 284 */
    DMUS_CLOCKTYPE ctType;
    GUID guidClock;
    WCHAR wszDescription[DMUS_MAX_DESCRIPTION];
    DWORD dwFlags; /* DMUS_CLOCKF_GLOBAL */
} DMUS_CLOCKINFO8, *LPDMUS_CLOCKINFO8;

typedef DMUS_CLOCKINFO8 DMUS_CLOCKINFO, *LPDMUS_CLOCKINFO;

typedef struct IReferenceClock *LPREFERENCECLOCK;
typedef struct IDirectMusic *LPDIRECTMUSIC;
typedef struct IDirectMusic8 *LPDIRECTMUSIC8;
typedef struct IDirectMusicPort *LPDIRECTMUSICPORT, *LPDIRECTMUSICPORT8;
typedef struct IDirectMusicBuffer *LPDIRECTMUSICBUFFER, *LPDIRECTMUSICBUFFER8;
typedef struct IDirectMusicThru *LPDIRECTMUSICTHRU, *LPDIRECTMUSICTHRU8;
typedef struct IDirectMusicDownload *LPDIRECTMUSICDOWNLOAD, *LPDIRECTMUSICDOWNLOAD8;
typedef struct IDirectMusicPortDownload *LPDIRECTMUSICPORTDOWNLOAD, *LPDIRECTMUSICPORTDOWNLOAD8;
typedef struct IDirectMusicCollection *LPDIRECTMUSICCOLLECTION, *LPDIRECTMUSICCOLLECTION8;
typedef struct IDirectMusicInstrument *LPDIRECTMUSICINSTRUMENT, *LPDIRECTMUSICINSTRUMENT8;
typedef struct IDirectMusicDownloadedInstrument *LPDIRECTMUSICDOWNLOADEDINSTRUMENT, *LPDIRECTMUSICDOWNLOADEDINSTRUMENT8;

/* A clock. The DirectShow header declares the same interface with its own handle types. */
#undef INTERFACE
#define INTERFACE IReferenceClock
DECLARE_INTERFACE_(IReferenceClock, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* Time in 100 ns, which never goes backwards. S_OK, or S_FALSE when equal to the previous answer; E_POINTER.
     * The latency clock of a sink: E_FAIL while the sink is inactive, E_INVALIDARG for NULL. */
    STDMETHOD(GetTime)(THIS_ REFERENCE_TIME *pTime) PURE;
    /* Signal hEvent once at baseTime + streamTime. DirectMusic never calls the three Advise methods; E_NOTIMPL is usual. */
    STDMETHOD(AdviseTime)(THIS_ REFERENCE_TIME baseTime, REFERENCE_TIME streamTime, HANDLE hEvent,
                          DWORD *pdwAdviseCookie) PURE;
    /* Release hSemaphore at startTime and then every periodTime. */
    STDMETHOD(AdvisePeriodic)(THIS_ REFERENCE_TIME startTime, REFERENCE_TIME periodTime, HANDLE hSemaphore,
                              DWORD *pdwAdviseCookie) PURE;
    /* End what the cookie stands for. */
    STDMETHOD(Unadvise)(THIS_ DWORD dwAdviseCookie) PURE;
};

/* Events on their way to or from a port. */
#undef INTERFACE
#define INTERFACE IDirectMusicBuffer
DECLARE_INTERFACE_(IDirectMusicBuffer, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* Empty the buffer. */
    STDMETHOD(Flush)(THIS) PURE;
    /* Distance from the first to the last event, 100 ns. */
    STDMETHOD(TotalTime)(THIS_ REFERENCE_TIME *prtTime) PURE;
    /* Append a channel message 0x00ZZYYXX, XX the status byte, to sound at rt; it takes 24 bytes. DMUS_E_INVALID_EVENT
     * when bit 7 of XX is clear, DMUS_E_BUFFER_FULL or E_OUTOFMEMORY when there is no room. */
    STDMETHOD(PackStructured)(THIS_ REFERENCE_TIME rt, DWORD dwChannelGroup, DWORD dwChannelMessage) PURE;
    /* Append cb bytes of system exclusive data. */
    STDMETHOD(PackUnstructured)(THIS_ REFERENCE_TIME rt, DWORD dwChannelGroup, DWORD cb, BYTE *lpb) PURE;
    /* Let GetNextEvent start over. */
    STDMETHOD(ResetReadPtr)(THIS) PURE;
    /* The next event; ppData points into the buffer. S_FALSE past the last one. */
    STDMETHOD(GetNextEvent)(THIS_ REFERENCE_TIME *prt, DWORD *pdwChannelGroup, DWORD *pdwLength, BYTE **ppData) PURE;
    /* First header, in the layout of dmusbuff.h; the buffer keeps owning it. */
    STDMETHOD(GetRawBufferPtr)(THIS_ BYTE **ppData) PURE;
    /* Time that every rtDelta counts from. DMUS_E_BUFFER_EMPTY. */
    STDMETHOD(GetStartTime)(THIS_ REFERENCE_TIME *prt) PURE;
    STDMETHOD(GetUsedBytes)(THIS_ DWORD *pcb) PURE;
    /* Capacity, a multiple of 4. */
    STDMETHOD(GetMaxBytes)(THIS_ DWORD *pcb) PURE;
    STDMETHOD(GetBufferFormat)(THIS_ GUID *pGuidFormat) PURE;
    /* Moves every event: the offsets stay. */
    STDMETHOD(SetStartTime)(THIS_ REFERENCE_TIME rt) PURE;
    /* After writing through GetRawBufferPtr. */
    STDMETHOD(SetUsedBytes)(THIS_ DWORD cb) PURE;
};

/* One instrument of a collection. */
#undef INTERFACE
#define INTERFACE IDirectMusicInstrument
DECLARE_INTERFACE_(IDirectMusicInstrument, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* Patch as DMUS_INSTRUMENT.ulPatch. */
    STDMETHOD(GetPatch)(THIS_ DWORD *pdwPatch) PURE;
    /* Patch under which later downloads go. */
    STDMETHOD(SetPatch)(THIS_ DWORD dwPatch) PURE;
};

/* Proof of a download; has no methods of its own. */
#undef INTERFACE
#define INTERFACE IDirectMusicDownloadedInstrument
DECLARE_INTERFACE_(IDirectMusicDownloadedInstrument, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
};

/* A DLS collection. */
#undef INTERFACE
#define INTERFACE IDirectMusicCollection
DECLARE_INTERFACE_(IDirectMusicCollection, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* DMUS_E_INVALIDPATCH when the collection has none such. */
    STDMETHOD(GetInstrument)(THIS_ DWORD dwPatch, IDirectMusicInstrument **ppInstrument) PURE;
    /* S_FALSE past the last one; dwNameLen in characters. */
    STDMETHOD(EnumInstrument)(THIS_ DWORD dwIndex, DWORD *pdwPatch, LPWSTR pwszName, DWORD dwNameLen) PURE;
};

/* A block of memory for one download image. */
#undef INTERFACE
#define INTERFACE IDirectMusicDownload
DECLARE_INTERFACE_(IDirectMusicDownload, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* Memory to write the image into. DMUS_E_BUFFERNOTAVAILABLE once it is downloaded. */
    STDMETHOD(GetBuffer)(THIS_ void **ppvBuffer, DWORD *pdwSize) PURE;
};

/* Downloads that an application builds itself. */
#undef INTERFACE
#define INTERFACE IDirectMusicPortDownload
DECLARE_INTERFACE_(IDirectMusicPortDownload, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* The download with this id. DMUS_E_INVALID_DOWNLOADID for an id never reserved, DMUS_E_NOT_DOWNLOADED_TO_PORT. */
    STDMETHOD(GetBuffer)(THIS_ DWORD dwDLId, IDirectMusicDownload **ppIDMDownload) PURE;
    /* dwSize bytes; E_INVALIDARG for 0. */
    STDMETHOD(AllocateBuffer)(THIS_ DWORD dwSize, IDirectMusicDownload **ppIDMDownload) PURE;
    /* Reserve dwCount consecutive ids. E_INVALIDARG for 0, E_POINTER. */
    STDMETHOD(GetDLId)(THIS_ DWORD *pdwStartDLId, DWORD dwCount) PURE;
    /* As IDirectMusicSynth::GetAppend, in samples. */
    STDMETHOD(GetAppend)(THIS_ DWORD *pdwAppend) PURE;
    /* Codes of IDirectMusicSynth::Download, DMUS_E_ALREADY_DOWNLOADED, DMUS_E_BUFFERNOTSET. */
    STDMETHOD(Download)(THIS_ IDirectMusicDownload *pIDMDownload) PURE;
    /* S_OK also when repeated; E_POINTER. */
    STDMETHOD(Unload)(THIS_ IDirectMusicDownload *pIDMDownload) PURE;
};

/* A port: one synth with its sink as applications see it. Forwards to both and adds their codes to its own. */
#undef INTERFACE
#define INTERFACE IDirectMusicPort
DECLARE_INTERFACE_(IDirectMusicPort, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* Hand the buffer's events to the synth. E_POINTER. */
    STDMETHOD(PlayBuffer)(THIS_ IDirectMusicBuffer *pBuffer) PURE;
    /* Capture ports: signalled when events wait. Others: E_NOTIMPL. */
    STDMETHOD(SetReadNotificationHandle)(THIS_ HANDLE hEvent) PURE;
    /* Capture ports: take what came in. Others: E_NOTIMPL. */
    STDMETHOD(Read)(THIS_ IDirectMusicBuffer *pBuffer) PURE;
    /* Download an instrument and the waves it needs; only regions that touch a range, or all when there is none. */
    STDMETHOD(DownloadInstrument)(THIS_ IDirectMusicInstrument *pInstrument,
                                  IDirectMusicDownloadedInstrument **ppDownloadedInstrument,
                                  DMUS_NOTERANGE *pNoteRanges, DWORD dwNumNoteRanges) PURE;
    /* DMUS_E_NOT_DOWNLOADED_TO_PORT, E_POINTER. */
    STDMETHOD(UnloadInstrument)(THIS_ IDirectMusicDownloadedInstrument *pDownloadedInstrument) PURE;
    /* One more reference on the sink's latency clock. */
    STDMETHOD(GetLatencyClock)(THIS_ IReferenceClock **ppClock) PURE;
    STDMETHOD(GetRunningStats)(THIS_ DMUS_SYNTHSTATS *pStats) PURE;
    /* Defragment sample memory; E_NOTIMPL where there is nothing to do so. */
    STDMETHOD(Compact)(THIS) PURE;
    STDMETHOD(GetCaps)(THIS_ DMUS_PORTCAPS *pPortCaps) PURE;
    /* Kernel ports only; E_NOTIMPL. */
    STDMETHOD(DeviceIoControl)(THIS_ DWORD dwIoControlCode, void *lpInBuffer, DWORD nInBufferSize, void *lpOutBuffer,
                               DWORD nOutBufferSize, DWORD *lpBytesReturned, OVERLAPPED *lpOverlapped) PURE;
    /* Groups of 16 channels. */
    STDMETHOD(SetNumChannelGroups)(THIS_ DWORD dwChannelGroups) PURE;
    STDMETHOD(GetNumChannelGroups)(THIS_ DWORD *pdwChannelGroups) PURE;
    /* S_FALSE when nothing changes. */
    STDMETHOD(Activate)(THIS_ BOOL fActive) PURE;
    /* DAUD_*; group from 1, channel 0..15. */
    STDMETHOD(SetChannelPriority)(THIS_ DWORD dwChannelGroup, DWORD dwChannel, DWORD dwPriority) PURE;
    STDMETHOD(GetChannelPriority)(THIS_ DWORD dwChannelGroup, DWORD dwChannel, DWORD *pdwPriority) PURE;
    /* While inactive; DMUS_E_DSOUND_ALREADY_SET. */
    STDMETHOD(SetDirectSound)(THIS_ IDirectSound *pDirectSound, IDirectSoundBuffer *pDirectSoundBuffer) PURE;
    /* As IDirectMusicSynth::GetFormat; pdwBufferSize gets the size the sink wants, in bytes. */
    STDMETHOD(GetFormat)(THIS_ WAVEFORMATEX *pWaveFormatEx, DWORD *pdwWaveFormatExSize, DWORD *pdwBufferSize) PURE;
};

/* MIDI thru of a capture port. */
#undef INTERFACE
#define INTERFACE IDirectMusicThru
DECLARE_INTERFACE_(IDirectMusicThru, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* Route one channel of a capture port (group 1) to another port; a NULL port ends it. DMUS_E_PORT_NOT_RENDER. */
    STDMETHOD(ThruChannel)(THIS_ DWORD dwSourceChannelGroup, DWORD dwSourceChannel, DWORD dwDestinationChannelGroup,
                           DWORD dwDestinationChannel, IDirectMusicPort *pDestinationPort) PURE;
};

/* The object that lists and makes ports. */
#undef INTERFACE
#define INTERFACE IDirectMusic
DECLARE_INTERFACE_(IDirectMusic, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* S_FALSE past the last one. */
    STDMETHOD(EnumPort)(THIS_ DWORD dwIndex, DMUS_PORTCAPS *pPortCaps) PURE;
    STDMETHOD(CreateMusicBuffer)(THIS_ DMUS_BUFFERDESC *pBufferDesc, IDirectMusicBuffer **ppBuffer,
                                 IUnknown *pUnkOuter) PURE;
    /* GUID_NULL: the default port. S_FALSE when parameters were changed; DMUS_E_DSOUND_NOT_SET, E_INVALIDARG for NULL
     * parameters, E_POINTER, CLASS_E_NOAGGREGATION, E_NOINTERFACE, E_OUTOFMEMORY. */
    STDMETHOD(CreatePort)(THIS_ REFCLSID rclsidPort, DMUS_PORTPARAMS *pPortParams, IDirectMusicPort **ppPort,
                          IUnknown *pUnkOuter) PURE;
    /* S_FALSE past the last one. */
    STDMETHOD(EnumMasterClock)(THIS_ DWORD dwIndex, DMUS_CLOCKINFO *lpClockInfo) PURE;
    STDMETHOD(GetMasterClock)(THIS_ GUID *pguidClock, IReferenceClock **ppReferenceClock) PURE;
    /* DMUS_E_PORTS_OPEN while any port exists. */
    STDMETHOD(SetMasterClock)(THIS_ REFGUID rguidClock) PURE;
    /* Every port of this object. */
    STDMETHOD(Activate)(THIS_ BOOL fEnable) PURE;
    STDMETHOD(GetDefaultPort)(THIS_ GUID *pguidPort) PURE;
    STDMETHOD(SetDirectSound)(THIS_ IDirectSound *pDirectSound, HWND hWnd) PURE;
};

/* DirectX 8: a master clock of the application's own. */
#undef INTERFACE
#define INTERFACE IDirectMusic8
DECLARE_INTERFACE_(IDirectMusic8, IDirectMusic)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    STDMETHOD(EnumPort)(THIS_ DWORD dwIndex, DMUS_PORTCAPS *pPortCaps) PURE;
    STDMETHOD(CreateMusicBuffer)(THIS_ DMUS_BUFFERDESC *pBufferDesc, IDirectMusicBuffer **ppBuffer,
                                 IUnknown *pUnkOuter) PURE;
    STDMETHOD(CreatePort)(THIS_ REFCLSID rclsidPort, DMUS_PORTPARAMS *pPortParams, IDirectMusicPort **ppPort,
                          IUnknown *pUnkOuter) PURE;
    STDMETHOD(EnumMasterClock)(THIS_ DWORD dwIndex, DMUS_CLOCKINFO *lpClockInfo) PURE;
    STDMETHOD(GetMasterClock)(THIS_ GUID *pguidClock, IReferenceClock **ppReferenceClock) PURE;
    STDMETHOD(SetMasterClock)(THIS_ REFGUID rguidClock) PURE;
    STDMETHOD(Activate)(THIS_ BOOL fEnable) PURE;
    STDMETHOD(GetDefaultPort)(THIS_ GUID *pguidPort) PURE;
    STDMETHOD(SetDirectSound)(THIS_ IDirectSound *pDirectSound, HWND hWnd) PURE;
    STDMETHOD(SetExternalMasterClock)(THIS_ IReferenceClock *pClock) PURE;
};

#undef INTERFACE

#if (!defined(__cplusplus) || defined(CINTERFACE)) && defined(COBJMACROS)
#define IReferenceClock_QueryInterface(p, a, b)       (p)->lpVtbl->QueryInterface(p, a, b)
#define IReferenceClock_AddRef(p)                     (p)->lpVtbl->AddRef(p)
#define IReferenceClock_Release(p)                    (p)->lpVtbl->Release(p)
#define IReferenceClock_GetTime(p, a)                 (p)->lpVtbl->GetTime(p, a)
#define IReferenceClock_AdviseTime(p, a, b, c, d)     (p)->lpVtbl->AdviseTime(p, a, b, c, d)
#define IReferenceClock_AdvisePeriodic(p, a, b, c, d) (p)->lpVtbl->AdvisePeriodic(p, a, b, c, d)
#define IReferenceClock_Unadvise(p, a)                (p)->lpVtbl->Unadvise(p, a)

#define IDirectMusicBuffer_QueryInterface(p, a, b)         (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusicBuffer_AddRef(p)                       (p)->lpVtbl->AddRef(p)
#define IDirectMusicBuffer_Release(p)                      (p)->lpVtbl->Release(p)
#define IDirectMusicBuffer_Flush(p)                        (p)->lpVtbl->Flush(p)
#define IDirectMusicBuffer_TotalTime(p, a)                 (p)->lpVtbl->TotalTime(p, a)
#define IDirectMusicBuffer_PackStructured(p, a, b, c)      (p)->lpVtbl->PackStructured(p, a, b, c)
#define IDirectMusicBuffer_PackUnstructured(p, a, b, c, d) (p)->lpVtbl->PackUnstructured(p, a, b, c, d)
#define IDirectMusicBuffer_ResetReadPtr(p)                 (p)->lpVtbl->ResetReadPtr(p)
#define IDirectMusicBuffer_GetNextEvent(p, a, b, c, d)     (p)->lpVtbl->GetNextEvent(p, a, b, c, d)
#define IDirectMusicBuffer_GetRawBufferPtr(p, a)           (p)->lpVtbl->GetRawBufferPtr(p, a)
#define IDirectMusicBuffer_GetStartTime(p, a)              (p)->lpVtbl->GetStartTime(p, a)
#define IDirectMusicBuffer_GetUsedBytes(p, a)              (p)->lpVtbl->GetUsedBytes(p, a)
#define IDirectMusicBuffer_GetMaxBytes(p, a)               (p)->lpVtbl->GetMaxBytes(p, a)
#define IDirectMusicBuffer_GetBufferFormat(p, a)           (p)->lpVtbl->GetBufferFormat(p, a)
#define IDirectMusicBuffer_SetStartTime(p, a)              (p)->lpVtbl->SetStartTime(p, a)
#define IDirectMusicBuffer_SetUsedBytes(p, a)              (p)->lpVtbl->SetUsedBytes(p, a)

#define IDirectMusicInstrument_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusicInstrument_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IDirectMusicInstrument_Release(p)              (p)->lpVtbl->Release(p)
#define IDirectMusicInstrument_GetPatch(p, a)          (p)->lpVtbl->GetPatch(p, a)
#define IDirectMusicInstrument_SetPatch(p, a)          (p)->lpVtbl->SetPatch(p, a)

#define IDirectMusicDownloadedInstrument_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusicDownloadedInstrument_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IDirectMusicDownloadedInstrument_Release(p)              (p)->lpVtbl->Release(p)

#define IDirectMusicCollection_QueryInterface(p, a, b)       (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusicCollection_AddRef(p)                     (p)->lpVtbl->AddRef(p)
#define IDirectMusicCollection_Release(p)                    (p)->lpVtbl->Release(p)
#define IDirectMusicCollection_GetInstrument(p, a, b)        (p)->lpVtbl->GetInstrument(p, a, b)
#define IDirectMusicCollection_EnumInstrument(p, a, b, c, d) (p)->lpVtbl->EnumInstrument(p, a, b, c, d)

#define IDirectMusicDownload_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusicDownload_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IDirectMusicDownload_Release(p)              (p)->lpVtbl->Release(p)
#define IDirectMusicDownload_GetBuffer(p, a, b)      (p)->lpVtbl->GetBuffer(p, a, b)

#define IDirectMusicPortDownload_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusicPortDownload_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IDirectMusicPortDownload_Release(p)              (p)->lpVtbl->Release(p)
#define IDirectMusicPortDownload_GetBuffer(p, a, b)      (p)->lpVtbl->GetBuffer(p, a, b)
#define IDirectMusicPortDownload_AllocateBuffer(p, a, b) (p)->lpVtbl->AllocateBuffer(p, a, b)
#define IDirectMusicPortDownload_GetDLId(p, a, b)        (p)->lpVtbl->GetDLId(p, a, b)
#define IDirectMusicPortDownload_GetAppend(p, a)         (p)->lpVtbl->GetAppend(p, a)
#define IDirectMusicPortDownload_Download(p, a)          (p)->lpVtbl->Download(p, a)
#define IDirectMusicPortDownload_Unload(p, a)            (p)->lpVtbl->Unload(p, a)

#define IDirectMusicPort_QueryInterface(p, a, b)                 (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusicPort_AddRef(p)                               (p)->lpVtbl->AddRef(p)
#define IDirectMusicPort_Release(p)                              (p)->lpVtbl->Release(p)
#define IDirectMusicPort_PlayBuffer(p, a)                        (p)->lpVtbl->PlayBuffer(p, a)
#define IDirectMusicPort_SetReadNotificationHandle(p, a)         (p)->lpVtbl->SetReadNotificationHandle(p, a)
#define IDirectMusicPort_Read(p, a)                              (p)->lpVtbl->Read(p, a)
#define IDirectMusicPort_DownloadInstrument(p, a, b, c, d)       (p)->lpVtbl->DownloadInstrument(p, a, b, c, d)
#define IDirectMusicPort_UnloadInstrument(p, a)                  (p)->lpVtbl->UnloadInstrument(p, a)
#define IDirectMusicPort_GetLatencyClock(p, a)                   (p)->lpVtbl->GetLatencyClock(p, a)
#define IDirectMusicPort_GetRunningStats(p, a)                   (p)->lpVtbl->GetRunningStats(p, a)
#define IDirectMusicPort_Compact(p)                              (p)->lpVtbl->Compact(p)
#define IDirectMusicPort_GetCaps(p, a)                           (p)->lpVtbl->GetCaps(p, a)
#define IDirectMusicPort_DeviceIoControl(p, a, b, c, d, e, f, g) (p)->lpVtbl->DeviceIoControl(p, a, b, c, d, e, f, g)
#define IDirectMusicPort_SetNumChannelGroups(p, a)               (p)->lpVtbl->SetNumChannelGroups(p, a)
#define IDirectMusicPort_GetNumChannelGroups(p, a)               (p)->lpVtbl->GetNumChannelGroups(p, a)
#define IDirectMusicPort_Activate(p, a)                          (p)->lpVtbl->Activate(p, a)
#define IDirectMusicPort_SetChannelPriority(p, a, b, c)          (p)->lpVtbl->SetChannelPriority(p, a, b, c)
#define IDirectMusicPort_GetChannelPriority(p, a, b, c)          (p)->lpVtbl->GetChannelPriority(p, a, b, c)
#define IDirectMusicPort_SetDirectSound(p, a, b)                 (p)->lpVtbl->SetDirectSound(p, a, b)
#define IDirectMusicPort_GetFormat(p, a, b, c)                   (p)->lpVtbl->GetFormat(p, a, b, c)

#define IDirectMusicThru_QueryInterface(p, a, b)       (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusicThru_AddRef(p)                     (p)->lpVtbl->AddRef(p)
#define IDirectMusicThru_Release(p)                    (p)->lpVtbl->Release(p)
#define IDirectMusicThru_ThruChannel(p, a, b, c, d, e) (p)->lpVtbl->ThruChannel(p, a, b, c, d, e)

#define IDirectMusic_QueryInterface(p, a, b)       (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusic_AddRef(p)                     (p)->lpVtbl->AddRef(p)
#define IDirectMusic_Release(p)                    (p)->lpVtbl->Release(p)
#define IDirectMusic_EnumPort(p, a, b)             (p)->lpVtbl->EnumPort(p, a, b)
#define IDirectMusic_CreateMusicBuffer(p, a, b, c) (p)->lpVtbl->CreateMusicBuffer(p, a, b, c)
#define IDirectMusic_CreatePort(p, a, b, c, d)     (p)->lpVtbl->CreatePort(p, a, b, c, d)
#define IDirectMusic_EnumMasterClock(p, a, b)      (p)->lpVtbl->EnumMasterClock(p, a, b)
#define IDirectMusic_GetMasterClock(p, a, b)       (p)->lpVtbl->GetMasterClock(p, a, b)
#define IDirectMusic_SetMasterClock(p, a)          (p)->lpVtbl->SetMasterClock(p, a)
#define IDirectMusic_Activate(p, a)                (p)->lpVtbl->Activate(p, a)
#define IDirectMusic_GetDefaultPort(p, a)          (p)->lpVtbl->GetDefaultPort(p, a)
#define IDirectMusic_SetDirectSound(p, a, b)       (p)->lpVtbl->SetDirectSound(p, a, b)

#define IDirectMusic8_QueryInterface(p, a, b)       (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusic8_AddRef(p)                     (p)->lpVtbl->AddRef(p)
#define IDirectMusic8_Release(p)                    (p)->lpVtbl->Release(p)
#define IDirectMusic8_EnumPort(p, a, b)             (p)->lpVtbl->EnumPort(p, a, b)
#define IDirectMusic8_CreateMusicBuffer(p, a, b, c) (p)->lpVtbl->CreateMusicBuffer(p, a, b, c)
#define IDirectMusic8_CreatePort(p, a, b, c, d)     (p)->lpVtbl->CreatePort(p, a, b, c, d)
#define IDirectMusic8_EnumMasterClock(p, a, b)      (p)->lpVtbl->EnumMasterClock(p, a, b)
#define IDirectMusic8_GetMasterClock(p, a, b)       (p)->lpVtbl->GetMasterClock(p, a, b)
#define IDirectMusic8_SetMasterClock(p, a)          (p)->lpVtbl->SetMasterClock(p, a)
#define IDirectMusic8_Activate(p, a)                (p)->lpVtbl->Activate(p, a)
#define IDirectMusic8_GetDefaultPort(p, a)          (p)->lpVtbl->GetDefaultPort(p, a)
#define IDirectMusic8_SetDirectSound(p, a, b)       (p)->lpVtbl->SetDirectSound(p, a, b)
#define IDirectMusic8_SetExternalMasterClock(p, a)  (p)->lpVtbl->SetExternalMasterClock(p, a)
#endif

#endif
