/* SPDX-License-Identifier: MIT */
/*
 * dmusics.h - the user-mode DDI proper: a software synthesizer, and the wave sink that pulls sound out of it.
 *
 * The sink owns timing. It calls the synth's Render from its own thread, converts between stream positions (frames since
 * activation) and master-clock time (100 ns), and has the latency clock. Every other method may be called from any thread
 * while Render runs. HRESULTs named here are those beyond S_OK; dmerror.h has their numbers.
 *
 * Source: spec/ddi-user.md 1, 2.1, 2.2, 2.6, 4.1; the order of the methods is the slot order of the binary contract.
 */
#ifndef DDI_DMUSICS_H
#define DDI_DMUSICS_H

#include "dmusicc.h"

/* Registry key below HKEY_LOCAL_MACHINE with one subkey per synth, named by its CLSID, value Description. */
#define REGSTR_PATH_SOFTWARESYNTHS "Software\\Microsoft\\DirectMusic\\SoftwareSynths"

DEFINE_GUID(IID_IDirectMusicSynth, 0x09823661, 0x5c85, 0x11d2, 0xaf, 0xa6, 0x00, 0xaa, 0x00, 0x24, 0xd8, 0xb6);
DEFINE_GUID(IID_IDirectMusicSynth8, 0x53cab625, 0x2711, 0x4c9f, 0x9d, 0xe7, 0x1b, 0x7f, 0x92, 0x5f, 0x6f, 0xc8);
DEFINE_GUID(IID_IDirectMusicSynthSink, 0x09823663, 0x5c85, 0x11d2, 0xaf, 0xa6, 0x00, 0xaa, 0x00, 0x24, 0xd8, 0xb6);

/* Property of alternate synths, set: IUnknown * that can be asked for IDirectMusicSynthSink. */
DEFINE_GUID(GUID_DMUS_PROP_SetSynthSink, 0x0a3a5ba5, 0x37b6, 0x11d2, 0xb9, 0xf9, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12);
/* Property of sinks, get: DWORD, TRUE when the host must call SetDirectSound. */
DEFINE_GUID(GUID_DMUS_PROP_SinkUsesDSound, 0xbe208857, 0x8952, 0x11d2,
            0xba, 0x1c, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12);

#define REFRESH_F_LASTBUFFER 0x00000001 /* the last, possibly partial, buffer of a stream */

typedef struct _DMUS_VOICE_STATE { /* 16 bytes, alignment 8 */
    BOOL bExists;
    SAMPLE_POSITION spPosition DDI_ALIGN8; /* sample reached */
} DMUS_VOICE_STATE, *LPDMUS_VOICE_STATE;

struct IDirectMusicSynth; /* by their tags until they are declared: C99 takes a typedef but once */
struct IDirectMusicSynth8;
struct IDirectMusicSynthSink;
typedef struct IDirectMusicSynth *LPDIRECTMUSICSYNTH;
typedef struct IDirectMusicSynth8 *LPDIRECTMUSICSYNTH8;
typedef struct IDirectMusicSynthSink *LPDIRECTMUSICSYNTHSINK;

#undef INTERFACE
#define INTERFACE IDirectMusicSynth
DECLARE_INTERFACE_(IDirectMusicSynth, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* Take the parameters that dwValidParams names and defaults for the others (NULL: all defaults), write back those in
     * force. dwSize is 32 or at least 36. S_FALSE when a requested value was altered; E_INVALIDARG, DMUS_E_ALREADYOPEN,
     * E_OUTOFMEMORY. */
    STDMETHOD(Open)(THIS_ DMUS_PORTPARAMS *pPortParams) PURE;
    /* Stop the notes and release every download. DMUS_E_ALREADYCLOSED. */
    STDMETHOD(Close)(THIS) PURE;
    /* Groups of 16 channels from now on. DMUS_E_SYNTHNOTCONFIGURED when closed, E_FAIL. */
    STDMETHOD(SetNumChannelGroups)(THIS_ DWORD dwGroups) PURE;
    /* Take an image (dmdls.h); acts at once, also while playing. *pbFree TRUE: the block is the caller's again on return,
     * FALSE: it stays untouched until the callback of Unload. After a failure *phDownload is NULL and nothing is kept.
     * E_POINTER, E_OUTOFMEMORY, DMUS_E_SYNTHNOTCONFIGURED, DMUS_E_UNKNOWNDOWNLOAD, _BADOFFSETTABLE, _BADINSTRUMENT,
     * _BADARTICULATION, _NOARTICULATION, _BADWAVELINK, _BADWAVE, _NOTPCM, _NOTMONO. */
    STDMETHOD(Download)(THIS_ HANDLE *phDownload, void *pvData, BOOL *pbFree) PURE;
    /* Give the download up. lpFreeHandle(hDownload, hUserData) is called once, from inside or later from another thread,
     * when the block is no longer read; it may be NULL when *pbFree was TRUE. E_FAIL for an unknown handle,
     * DMUS_E_SYNTHNOTCONFIGURED when closed. */
    STDMETHOD(Unload)(THIS_ HANDLE hDownload, HRESULT (CALLBACK *lpFreeHandle)(HANDLE, HANDLE),
                      HANDLE hUserData) PURE;
    /* Queue the events of a buffer (dmusbuff.h), each for master-clock time rt + rtDelta; late ones sound at once. The
     * bytes are copied. E_POINTER, E_INVALIDARG (an event passes the end), DMUS_E_SYNTHNOTCONFIGURED,
     * DMUS_E_NOSYNTHSINK, DMUS_E_SYNTHINACTIVE. Any thread. */
    STDMETHOD(PlayBuffer)(THIS_ REFERENCE_TIME rt, BYTE *pbBuffer, DWORD cbBuffer) PURE;
    /* Caller sets dwSize (32 or 36); averages of the last second. E_POINTER, DMUS_E_SYNTHNOTCONFIGURED. */
    STDMETHOD(GetRunningStats)(THIS_ DMUS_SYNTHSTATS *pStats) PURE;
    /* Caller sets dwSize >= 308. Works on a closed synth. E_INVALIDARG also for NULL. */
    STDMETHOD(GetPortCaps)(THIS_ DMUS_PORTCAPS *pCaps) PURE;
    /* E_POINTER. The sink needs a SetMasterClock of its own. */
    STDMETHOD(SetMasterClock)(THIS_ IReferenceClock *pClock) PURE;
    /* The sink's, one reference more. E_POINTER, DMUS_E_NOSYNTHSINK. */
    STDMETHOD(GetLatencyClock)(THIS_ IReferenceClock **ppClock) PURE;
    /* Start or stop sound, with the sink. S_FALSE when nothing changes; DMUS_E_NOSYNTHSINK, DMUS_E_SYNTHNOTCONFIGURED
     * (closed, or the sink refuses). */
    STDMETHOD(Activate)(THIS_ BOOL fEnable) PURE;
    /* Attach a sink (one reference; its Init is called) or, with NULL, drop it. */
    STDMETHOD(SetSynthSink)(THIS_ struct IDirectMusicSynthSink *pSynthSink) PURE;
    /* Overwrite dwLength frames, interleaved 16-bit in the format of GetFormat, llPosition being the stream position of the
     * first. E_POINTER, DMUS_E_SYNTHNOTCONFIGURED, DMUS_E_SYNTHINACTIVE. Real-time: the sink's thread. */
    STDMETHOD(Render)(THIS_ SHORT *pBuffer, DWORD dwLength, LONGLONG llPosition) PURE;
    /* Group from 1, channel 0..15, priority DAUD_*. E_FAIL out of range, DMUS_E_SYNTHNOTCONFIGURED. */
    STDMETHOD(SetChannelPriority)(THIS_ DWORD dwChannelGroup, DWORD dwChannel, DWORD dwPriority) PURE;
    /* As above, and E_POINTER. */
    STDMETHOD(GetChannelPriority)(THIS_ DWORD dwChannelGroup, DWORD dwChannel, DWORD *pdwPriority) PURE;
    /* Format of Render: copies min(*size, 18) bytes and sets *size to 18; a NULL format only asks. E_POINTER for a NULL
     * size, DMUS_E_SYNTHNOTCONFIGURED when closed. */
    STDMETHOD(GetFormat)(THIS_ WAVEFORMATEX *pWaveFormatEx, DWORD *pdwWaveFormatExSize) PURE;
    /* Samples of space that a host leaves behind the data of each wave. E_POINTER. */
    STDMETHOD(GetAppend)(THIS_ DWORD *pdwAppend) PURE;
};

/* DirectX 8: the same and voices on single waves. */
#undef INTERFACE
#define INTERFACE IDirectMusicSynth8
DECLARE_INTERFACE_(IDirectMusicSynth8, IDirectMusicSynth)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    STDMETHOD(Open)(THIS_ DMUS_PORTPARAMS *pPortParams) PURE;
    STDMETHOD(Close)(THIS) PURE;
    STDMETHOD(SetNumChannelGroups)(THIS_ DWORD dwGroups) PURE;
    STDMETHOD(Download)(THIS_ HANDLE *phDownload, void *pvData, BOOL *pbFree) PURE;
    STDMETHOD(Unload)(THIS_ HANDLE hDownload, HRESULT (CALLBACK *lpFreeHandle)(HANDLE, HANDLE),
                      HANDLE hUserData) PURE;
    STDMETHOD(PlayBuffer)(THIS_ REFERENCE_TIME rt, BYTE *pbBuffer, DWORD cbBuffer) PURE;
    STDMETHOD(GetRunningStats)(THIS_ DMUS_SYNTHSTATS *pStats) PURE;
    STDMETHOD(GetPortCaps)(THIS_ DMUS_PORTCAPS *pCaps) PURE;
    STDMETHOD(SetMasterClock)(THIS_ IReferenceClock *pClock) PURE;
    STDMETHOD(GetLatencyClock)(THIS_ IReferenceClock **ppClock) PURE;
    STDMETHOD(Activate)(THIS_ BOOL fEnable) PURE;
    STDMETHOD(SetSynthSink)(THIS_ struct IDirectMusicSynthSink *pSynthSink) PURE;
    STDMETHOD(Render)(THIS_ SHORT *pBuffer, DWORD dwLength, LONGLONG llPosition) PURE;
    STDMETHOD(SetChannelPriority)(THIS_ DWORD dwChannelGroup, DWORD dwChannel, DWORD dwPriority) PURE;
    STDMETHOD(GetChannelPriority)(THIS_ DWORD dwChannelGroup, DWORD dwChannel, DWORD *pdwPriority) PURE;
    STDMETHOD(GetFormat)(THIS_ WAVEFORMATEX *pWaveFormatEx, DWORD *pdwWaveFormatExSize) PURE;
    STDMETHOD(GetAppend)(THIS_ DWORD *pdwAppend) PURE;
    /* Play the one-shot or streaming wave dwDLId as voice dwVoiceId; pitch in cents, volume in 1/100 dB, positions in
     * samples. The five methods of IDirectMusicSynth8 may answer E_NOTIMPL in a synth without DMUS_PC_WAVE and
     * DMUS_PC_AUDIOPATH. Nothing public tells more; what OpenDMus's synth does, and answers, is in dmus/ddi.h. */
    STDMETHOD(PlayVoice)(THIS_ REFERENCE_TIME rt, DWORD dwVoiceId, DWORD dwChannelGroup, DWORD dwChannel,
                         DWORD dwDLId, LONG prPitch, LONG vrVolume, SAMPLE_TIME stVoiceStart, SAMPLE_TIME stLoopStart,
                         SAMPLE_TIME stLoopEnd) PURE;
    STDMETHOD(StopVoice)(THIS_ REFERENCE_TIME rt, DWORD dwVoiceId) PURE;
    /* States of cbVoice voices. */
    STDMETHOD(GetVoiceState)(THIS_ DWORD dwVoice[], DWORD cbVoice, DMUS_VOICE_STATE dwVoiceState[]) PURE;
    /* A streaming buffer was filled again. dwFlags: REFRESH_F_LASTBUFFER. */
    STDMETHOD(Refresh)(THIS_ DWORD dwDownloadID, DWORD dwFlags) PURE;
    /* Send a channel to cBuses buses, DSBUSID_*. */
    STDMETHOD(AssignChannelToBuses)(THIS_ DWORD dwChannelGroup, DWORD dwChannel, DWORD *pdwBuses, DWORD cBuses) PURE;
};

#undef INTERFACE
#define INTERFACE IDirectMusicSynthSink
DECLARE_INTERFACE_(IDirectMusicSynthSink, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* Called by SetSynthSink. The sink keeps the pointer without a reference; NULL detaches. */
    STDMETHOD(Init)(THIS_ IDirectMusicSynth *pSynth) PURE;
    /* Clock that all conversions go by; one reference. E_POINTER; E_FAIL: it leads back to the latency clock. */
    STDMETHOD(SetMasterClock)(THIS_ IReferenceClock *pClock) PURE;
    /* Clock of the earliest time at which a new event can still sound; one reference more. */
    STDMETHOD(GetLatencyClock)(THIS_ IReferenceClock **ppClock) PURE;
    /* Start or stop the device and the render thread; starting anchors stream position 0. DMUS_E_SYNTHNOTCONFIGURED,
     * DMUS_E_DSOUND_NOT_SET, DMUS_E_NO_MASTER_CLOCK, DMUS_E_SYNTHACTIVE, in this order. DMUS_E_INVALIDBUFFER: the device wants more
     * sound ahead than its buffer holds. FALSE: always S_OK. */
    STDMETHOD(Activate)(THIS_ BOOL fEnable) PURE;
    /* Stream position in frames to master-clock time. E_POINTER. */
    STDMETHOD(SampleToRefTime)(THIS_ LONGLONG llSampleTime, REFERENCE_TIME *prfTime) PURE;
    /* The inverse; times before the activation give negative positions. E_POINTER. */
    STDMETHOD(RefTimeToSample)(THIS_ REFERENCE_TIME rfTime, LONGLONG *pllSampleTime) PURE;
    /* Device to play on; NULL, NULL detaches. DMUS_E_SYNTHNOTCONFIGURED, DMUS_E_SYNTHACTIVE. */
    STDMETHOD(SetDirectSound)(THIS_ IDirectSound *pDirectSound, IDirectSoundBuffer *pDirectSoundBuffer) PURE;
    /* Two seconds of 16-bit audio, in bytes whatever the name says. E_POINTER, DMUS_E_SYNTHNOTCONFIGURED, E_UNEXPECTED
     * when the synth is closed. */
    STDMETHOD(GetDesiredBufferSize)(THIS_ DWORD *pdwBufferSizeInSamples) PURE;
};
#undef INTERFACE

#if (!defined(__cplusplus) || defined(CINTERFACE)) && defined(COBJMACROS)
#define IDirectMusicSynth_QueryInterface(p, a, b)        (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusicSynth_AddRef(p)                      (p)->lpVtbl->AddRef(p)
#define IDirectMusicSynth_Release(p)                     (p)->lpVtbl->Release(p)
#define IDirectMusicSynth_Open(p, a)                     (p)->lpVtbl->Open(p, a)
#define IDirectMusicSynth_Close(p)                       (p)->lpVtbl->Close(p)
#define IDirectMusicSynth_SetNumChannelGroups(p, a)      (p)->lpVtbl->SetNumChannelGroups(p, a)
#define IDirectMusicSynth_Download(p, a, b, c)           (p)->lpVtbl->Download(p, a, b, c)
#define IDirectMusicSynth_Unload(p, a, b, c)             (p)->lpVtbl->Unload(p, a, b, c)
#define IDirectMusicSynth_PlayBuffer(p, a, b, c)         (p)->lpVtbl->PlayBuffer(p, a, b, c)
#define IDirectMusicSynth_GetRunningStats(p, a)          (p)->lpVtbl->GetRunningStats(p, a)
#define IDirectMusicSynth_GetPortCaps(p, a)              (p)->lpVtbl->GetPortCaps(p, a)
#define IDirectMusicSynth_SetMasterClock(p, a)           (p)->lpVtbl->SetMasterClock(p, a)
#define IDirectMusicSynth_GetLatencyClock(p, a)          (p)->lpVtbl->GetLatencyClock(p, a)
#define IDirectMusicSynth_Activate(p, a)                 (p)->lpVtbl->Activate(p, a)
#define IDirectMusicSynth_SetSynthSink(p, a)             (p)->lpVtbl->SetSynthSink(p, a)
#define IDirectMusicSynth_Render(p, a, b, c)             (p)->lpVtbl->Render(p, a, b, c)
#define IDirectMusicSynth_SetChannelPriority(p, a, b, c) (p)->lpVtbl->SetChannelPriority(p, a, b, c)
#define IDirectMusicSynth_GetChannelPriority(p, a, b, c) (p)->lpVtbl->GetChannelPriority(p, a, b, c)
#define IDirectMusicSynth_GetFormat(p, a, b)             (p)->lpVtbl->GetFormat(p, a, b)
#define IDirectMusicSynth_GetAppend(p, a)                (p)->lpVtbl->GetAppend(p, a)

#define IDirectMusicSynth8_QueryInterface(p, a, b)            (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusicSynth8_AddRef(p)                          (p)->lpVtbl->AddRef(p)
#define IDirectMusicSynth8_Release(p)                         (p)->lpVtbl->Release(p)
#define IDirectMusicSynth8_Open(p, a)                         (p)->lpVtbl->Open(p, a)
#define IDirectMusicSynth8_Close(p)                           (p)->lpVtbl->Close(p)
#define IDirectMusicSynth8_SetNumChannelGroups(p, a)          (p)->lpVtbl->SetNumChannelGroups(p, a)
#define IDirectMusicSynth8_Download(p, a, b, c)               (p)->lpVtbl->Download(p, a, b, c)
#define IDirectMusicSynth8_Unload(p, a, b, c)                 (p)->lpVtbl->Unload(p, a, b, c)
#define IDirectMusicSynth8_PlayBuffer(p, a, b, c)             (p)->lpVtbl->PlayBuffer(p, a, b, c)
#define IDirectMusicSynth8_GetRunningStats(p, a)              (p)->lpVtbl->GetRunningStats(p, a)
#define IDirectMusicSynth8_GetPortCaps(p, a)                  (p)->lpVtbl->GetPortCaps(p, a)
#define IDirectMusicSynth8_SetMasterClock(p, a)               (p)->lpVtbl->SetMasterClock(p, a)
#define IDirectMusicSynth8_GetLatencyClock(p, a)              (p)->lpVtbl->GetLatencyClock(p, a)
#define IDirectMusicSynth8_Activate(p, a)                     (p)->lpVtbl->Activate(p, a)
#define IDirectMusicSynth8_SetSynthSink(p, a)                 (p)->lpVtbl->SetSynthSink(p, a)
#define IDirectMusicSynth8_Render(p, a, b, c)                 (p)->lpVtbl->Render(p, a, b, c)
#define IDirectMusicSynth8_SetChannelPriority(p, a, b, c)     (p)->lpVtbl->SetChannelPriority(p, a, b, c)
#define IDirectMusicSynth8_GetChannelPriority(p, a, b, c)     (p)->lpVtbl->GetChannelPriority(p, a, b, c)
#define IDirectMusicSynth8_GetFormat(p, a, b)                 (p)->lpVtbl->GetFormat(p, a, b)
#define IDirectMusicSynth8_GetAppend(p, a)                    (p)->lpVtbl->GetAppend(p, a)
#define IDirectMusicSynth8_PlayVoice(p, a, b, c, d, e, f, g, h, i, j) \
    (p)->lpVtbl->PlayVoice(p, a, b, c, d, e, f, g, h, i, j)
#define IDirectMusicSynth8_StopVoice(p, a, b)                 (p)->lpVtbl->StopVoice(p, a, b)
#define IDirectMusicSynth8_GetVoiceState(p, a, b, c)          (p)->lpVtbl->GetVoiceState(p, a, b, c)
#define IDirectMusicSynth8_Refresh(p, a, b)                   (p)->lpVtbl->Refresh(p, a, b)
#define IDirectMusicSynth8_AssignChannelToBuses(p, a, b, c, d)(p)->lpVtbl->AssignChannelToBuses(p, a, b, c, d)

#define IDirectMusicSynthSink_QueryInterface(p, a, b)    (p)->lpVtbl->QueryInterface(p, a, b)
#define IDirectMusicSynthSink_AddRef(p)                  (p)->lpVtbl->AddRef(p)
#define IDirectMusicSynthSink_Release(p)                 (p)->lpVtbl->Release(p)
#define IDirectMusicSynthSink_Init(p, a)                 (p)->lpVtbl->Init(p, a)
#define IDirectMusicSynthSink_SetMasterClock(p, a)       (p)->lpVtbl->SetMasterClock(p, a)
#define IDirectMusicSynthSink_GetLatencyClock(p, a)      (p)->lpVtbl->GetLatencyClock(p, a)
#define IDirectMusicSynthSink_Activate(p, a)             (p)->lpVtbl->Activate(p, a)
#define IDirectMusicSynthSink_SampleToRefTime(p, a, b)   (p)->lpVtbl->SampleToRefTime(p, a, b)
#define IDirectMusicSynthSink_RefTimeToSample(p, a, b)   (p)->lpVtbl->RefTimeToSample(p, a, b)
#define IDirectMusicSynthSink_SetDirectSound(p, a, b)    (p)->lpVtbl->SetDirectSound(p, a, b)
#define IDirectMusicSynthSink_GetDesiredBufferSize(p, a) (p)->lpVtbl->GetDesiredBufferSize(p, a)
#endif

#endif
