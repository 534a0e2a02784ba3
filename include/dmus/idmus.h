/* SPDX-License-Identifier: MIT */
/*
 * idmus.h - what OpenDMus's objects offer beyond Microsoft's DDI.
 *
 * COM interfaces, found with QueryInterface on the objects that the DDI
 * already has. A host that never asks for them sees the plain DDI.
 *
 *   IDmusSynthControl on the synth (user mode) and on the synth miniport's
 *                     stream (kernel mode): profile, quality, float output, report.
 *   IDmusSynthLive    on the synth (user mode): messages from the render thread itself.
 *   IDmusSinkControl  on the wave sink: choice of output, offline rendering.
 *
 * Include after the platform's or our own DDI headers (unknwn.h, dmusicc.h).
 * Every structure begins with its size; fields are only ever added at the end.
 */
#ifndef DMUS_IDMUS_H
#define DMUS_IDMUS_H

#if defined(_WIN32) && defined(__GNUC__)
#pragma GCC system_header /* mingw's DECLARE_INTERFACE_ warns in every use under CONST_VTABLE */
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* {2F6E1B3A-7C41-4E0B-9D53-5A0C3B8E71D4} */
DEFINE_GUID(IID_IDmusSynthControl, 0x2f6e1b3a, 0x7c41, 0x4e0b, 0x9d, 0x53, 0x5a, 0x0c, 0x3b, 0x8e, 0x71, 0xd4);
/* {5D0C7B92-46E1-4A38-8F17-C3A9E2160B5E} */
DEFINE_GUID(IID_IDmusSynthLive, 0x5d0c7b92, 0x46e1, 0x4a38, 0x8f, 0x17, 0xc3, 0xa9, 0xe2, 0x16, 0x0b, 0x5e);
/* {8A9D24C7-1E5F-4B62-A3C8-0D6F92E45B19} */
DEFINE_GUID(IID_IDmusSinkControl, 0x8a9d24c7, 0x1e5f, 0x4b62, 0xa3, 0xc8, 0x0d, 0x6f, 0x92, 0xe4, 0x5b, 0x19);

/* The same two classes under names of our own, for a machine that has Microsoft's, too: registered beside them, listed as a
 * software synthesizer of its own, and the synth reports its own class as guidPort. */
/* {B0D2D6A3-5C0E-4D1B-8B0B-7A4E7C6E2F51} */
DEFINE_GUID(CLSID_OpenDMusSynth, 0xb0d2d6a3, 0x5c0e, 0x4d1b, 0x8b, 0x0b, 0x7a, 0x4e, 0x7c, 0x6e, 0x2f, 0x51);
/* {D41F6C08-93B7-4F5D-A1C2-3E8B5D90F6A7} */
DEFINE_GUID(CLSID_OpenDMusSynthSink, 0xd41f6c08, 0x93b7, 0x4f5d, 0xa1, 0xc2, 0x3e, 0x8b, 0x5d, 0x90, 0xf6, 0xa7);

#define DMUS_PROFILE_NATIVE 0u /* as Microsoft's synth was measured */
#define DMUS_PROFILE_STUDIO 1u /* as the DLS 2 specification says */

#define DMUS_INTERPOLATION_DEFAULT 0u /* linear in native, sinc16 in studio */
#define DMUS_INTERPOLATION_NEAREST 1u
#define DMUS_INTERPOLATION_LINEAR  2u
#define DMUS_INTERPOLATION_CUBIC   3u
#define DMUS_INTERPOLATION_SINC16  4u
#define DMUS_INTERPOLATION_SINC32  5u

#define DMUS_SIMD_BEST   0u /* what the machine has, as far as the environment variable OPENDMUS_SIMD allows */
#define DMUS_SIMD_C      1u
#define DMUS_SIMD_SSE2   2u
#define DMUS_SIMD_SSE41  3u
#define DMUS_SIMD_AVX2   4u
#define DMUS_SIMD_AVX512 5u
#define DMUS_SIMD_NEON   6u

#define DMUS_THREADS_MAX 64u

/* Choices made before IDirectMusicSynth::Open. */
typedef struct _DMUS_SYNTHCONFIG {
    DWORD dwSize;          /* sizeof(DMUS_SYNTHCONFIG) */
    DWORD dwProfile;       /* DMUS_PROFILE_* */
    DWORD dwInterpolation; /* DMUS_INTERPOLATION_* */
    DWORD dwDither;        /* 0 off, 1 on, 2 the profile's default */
    DWORD dwSimd;          /* DMUS_SIMD_*: never changes the sound. A level that the machine lacks: the best below it */
    DWORD dwThreads;       /* that render: 0 or 1 the one that calls Render, or up to DMUS_THREADS_MAX, by which Render is faster with
                              hundreds of voices but no longer safe on a real-time thread. Never changes the sound. The user-mode synth
                              only */
} DMUS_SYNTHCONFIG;

/* What a synth has done since Open (or ResetReport). */
typedef struct _DMUS_SYNTHREPORT {
    DWORD dwSize;
    DWORD dwVoices, dwVoicesPeak;
    DWORD dwNotesLost;     /* voices stolen or refused for want of a voice */
    DWORD dwEventsLate;
    DWORD dwPatchesMissing;/* distinct patches that GetMissing can tell */
    ULONGLONG ullNotesMissing, ullSamplesClipped, ullFrames, ullWaveBytes;
    float fPeak;           /* largest absolute output sample, 1.0 = full scale */
    DWORD dwReserved;
} DMUS_SYNTHREPORT;

/* A patch that notes asked for in vain. */
typedef struct _DMUS_MISSINGPATCH {
    DWORD dwSize;
    DWORD dwPatch;         /* as DMUS_INSTRUMENT.ulPatch */
    DWORD dwChannelGroup, dwChannel, dwKey; /* of the first such note */
    DWORD dwNotes;         /* how many */
    BOOL fInstrument;      /* TRUE: patch is there, but no region takes the key and velocity */
} DMUS_MISSINGPATCH;

/* How a sink's real time went since Activate. Times in microseconds. */
typedef struct _DMUS_SINKREPORT {
    DWORD dwSize;
    DWORD dwUnderruns;     /* how often the stream ran dry: sound was lost */
    DWORD dwUnderrunsLate; /* of these, because the system woke the sink's thread, or let it go on, after the sound was used up,
                            * or the device jumped or wanted its sound earlier than ever before: not for want of rendered sound */
    DWORD dwResyncs;       /* how often the device stood still or jumped, and the sink had to find its place anew */
    DWORD dwWakeMax;       /* longest delay of a wake-up beyond the write period */
    DWORD dwRenderMax;     /* longest time from a wake-up until the stream was filled */
    DWORD dwLead;          /* the latency clock is this far ahead of the master clock */
} DMUS_SINKREPORT;

/* What a device asks for. Times in 100 ns of the system's monotonic clock. */
typedef struct _DMUS_SINKMOMENT {
    LONGLONG llPosition;  /* of the stream: the first of the frames asked for */
    LONGLONG llFrame;     /* the same in the device's own count (audio/output.h, audio_moment.frame) */
    LONGLONG llAsked;     /* when the device had need of it */
    LONGLONG llHeard;     /* when it is heard */
    DWORD dwFrames;
    BOOL fRestarted;      /* llFrame and the times may have jumped */
} DMUS_SINKMOMENT;
typedef void (*DMUS_SINKFEED)(void *pvContext, const DMUS_SINKMOMENT *pMoment);

#undef INTERFACE
#define INTERFACE IDmusSynthControl
DECLARE_INTERFACE_(IDmusSynthControl, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;

    /* Before Open: S_OK, E_POINTER, E_INVALIDARG (dwSize is not ours, or a value), DMUS_E_ALREADYOPEN. Any thread. */
    STDMETHOD(SetConfig)(THIS_ const DMUS_SYNTHCONFIG *pConfig) PURE;
    /* At any time. E_POINTER, E_INVALIDARG (dwSize). */
    STDMETHOD(GetConfig)(THIS_ DMUS_SYNTHCONFIG *pConfig) PURE;

    /* IDirectMusicSynth::Render with 32-bit float samples: dwLength frames, interleaved, 1.0 = full scale, never limited.
     * Same stream, same threads, same HRESULTs as Render; the two may be mixed block by block. Real-time safe. */
    STDMETHOD(RenderFloat)(THIS_ float *pBuffer, DWORD dwLength, LONGLONG llPosition) PURE;

    /* Any thread, also while rendering. DMUS_E_SYNTHNOTCONFIGURED before the first Open; afterwards the figures stay readable
     * until the next Open. E_POINTER, E_INVALIDARG (dwSize). */
    STDMETHOD(GetReport)(THIS_ DMUS_SYNTHREPORT *pReport) PURE;
    STDMETHOD(ResetReport)(THIS) PURE;
    /* As GetReport; S_FALSE past the last one. */
    STDMETHOD(GetMissing)(THIS_ DWORD dwIndex, DMUS_MISSINGPATCH *pMissing) PURE;
    /* S_OK when nothing sounds, nothing is queued and the effects' tails are over, else S_FALSE. */
    STDMETHOD(IsSilent)(THIS) PURE;

    /* Several output buffers per Render: ppBuffers[i] receives dwLength samples of bus pdwBuses[i] (DSBUSID_*), mono, 1.0 = full
     * scale, never limited. The rules - nothing public documents them - are these:
     *   - A channel that was never given to AssignChannelToBuses has the buses LEFT, RIGHT, REVERB_SEND and CHORUS_SEND.
     *   - LEFT and RIGHT hold what Render would give, the synth's own reverb and chorus included, without what only goes to
     *     other buses. A speaker location on a side carries that side of the channel's voices, any other bus
     *     (left + right) / sqrt(2).
     *   - REVERB_SEND and CHORUS_SEND carry the mean of both sides of the send, as far as the effect is switched on; the
     *     synth's own effect then gets nothing: the host has one of its own.
     *   - A bus that is not asked for is not heard. One listed twice is served once, the other buffer is silent.
     * In plain Render and RenderFloat the buses fold into left and right after ITU-R BS.775: front left and right as they are,
     * every other bus, the dynamic ones included, with sqrt(1/2) into its side, or into both.
     * dwCount at most DMUS_RENDER_BUSES_MAX: E_INVALIDARG. E_POINTER. Same stream, same threads, same HRESULTs as Render; the
     * three may be mixed block by block. Real-time safe. */
    STDMETHOD(RenderBuses)(THIS_ float *const *ppBuffers, const DWORD *pdwBuses, DWORD dwCount, DWORD dwLength,
                           LONGLONG llPosition) PURE;
};

#define DMUS_RENDER_BUSES_MAX 256u
#define DMUS_RESERVE_MAX      1048576u

#undef INTERFACE
#define INTERFACE IDmusSynthLive
DECLARE_INTERFACE_(IDmusSynthLive, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;

    /* Room for dwMessages messages of Post that wait, at most DMUS_RESERVE_MAX: E_INVALIDARG. Open and inactive:
     * DMUS_E_SYNTHNOTCONFIGURED, DMUS_E_SYNTHACTIVE, E_OUTOFMEMORY. Until Close. */
    STDMETHOD(Reserve)(THIS_ DWORD dwMessages) PURE;
    /* A MIDI message of 1 to 3 bytes, or a system exclusive of at most 20, that acts at stream position llPosition, after what
     * PlayBuffer has queued for it. Only on the thread that renders, between its Renders: for input that comes with the demand
     * for sound. Real-time safe. S_FALSE: no room. E_POINTER, E_INVALIDARG (no such message), or as Render. */
    STDMETHOD(Post)(THIS_ LONGLONG llPosition, DWORD dwChannelGroup, const BYTE *pbMessage, DWORD cbMessage) PURE;

    /* Meters: Render looks at each channel's voices some 40 times a second. Open and inactive: as Reserve. Until Close. */
    STDMETHOD(WatchLevels)(THIS) PURE;
    /* *pdwVoices of the channel (0..15), and how loud the loudest is: dB in the louder output channel, 0 is full scale, -200 silence.
     * Any thread. S_FALSE: nobody watches, or no such channel. E_POINTER, DMUS_E_SYNTHNOTCONFIGURED. */
    STDMETHOD(GetLevel)(THIS_ DWORD dwChannelGroup, DWORD dwChannel, DWORD *pdwVoices, float *pfLevel) PURE;
};

#undef INTERFACE
#define INTERFACE IDmusSinkControl
DECLARE_INTERFACE_(IDmusSinkControl, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;

    /* Choose where the sound goes, while inactive. pOutput is an opened struct audio_output (src/audio/output.h: for programs built
     * with the library's source, no header of it is installed), which the sink borrows until SetOutput(NULL) or its own end;
     * NULL: the sound is discarded. fFloat: pull float samples through
     * IDmusSynthControl instead of 16-bit ones. DMUS_E_SYNTHACTIVE while active.
     * An output that asks for its sound is started by Activate(TRUE) and stopped by Activate(FALSE). Its thread then renders, and
     * the latency clock is ahead by what the device needs and the property WriteLatency. Activate: E_FAIL if it does not start
     * or does not ask within 5 s, DMUS_E_WAVEFORMATNOTSUPPORTED if its rate or channels are not the synth's, E_INVALIDARG if the
     * sink is offline. */
    STDMETHOD(SetOutput)(THIS_ void *pOutput, BOOL fFloat) PURE;

    /* Offline: when TRUE, Activate starts no thread; time advances only by Pump. Default FALSE. While inactive. */
    STDMETHOD(SetOffline)(THIS_ BOOL fOffline) PURE;

    /* DMUS_PROFILE_NATIVE: conversions on the 100 us grid of Microsoft's sink; DMUS_PROFILE_STUDIO (default of IDmus hosts):
     * exact to the sample. While inactive. */
    STDMETHOD(SetProfile)(THIS_ DWORD dwProfile) PURE;

    /* Offline and active: render ullFrames frames in blocks of at most dwBlock (and at most 4096), hand them to the output, move
     * the clock. E_FAIL when the output refused (its reason stays in the output), DMUS_E_SYNTHINACTIVE, E_INVALIDARG (dwBlock 0),
     * or what the synth's Render answered if it refused; the block concerned is written as silence. Caller's thread. */
    STDMETHOD(Pump)(THIS_ ULONGLONG ullFrames, DWORD dwBlock) PURE;

    /* Stream position of the first frame not yet rendered. E_POINTER. Any thread. */
    STDMETHOD(GetPosition)(THIS_ LONGLONG *pllPosition) PURE;

    /* Any thread, also while active. E_POINTER, E_INVALIDARG (dwSize). */
    STDMETHOD(GetReport)(THIS_ DMUS_SINKREPORT *pReport) PURE;

    /* Outputs that ask for their sound: call PFN on the device's thread before each Render, for input that comes with the demand
     * for sound (IDmusSynthLive::Post). Real-time safe is what it must be; of this library it may call Post and the sink's
     * conversions. NULL: no more. While inactive: DMUS_E_SYNTHACTIVE. */
    STDMETHOD(SetFeed)(THIS_ DMUS_SINKFEED pfnFeed, void *pvContext) PURE;

    /* Outputs that ask for their sound: TRUE stops the stream where it is; the device gets silence, and nothing is lost. FALSE:
     * it goes on at the next frame, and what is queued keeps its distance; the conversions have followed when this returns. May
     * be set before Activate: then sample 0 is the first that is heard after the release. Other outputs do not look at it.
     * S_OK; E_FAIL: the device does not ask. */
    STDMETHOD(SetHold)(THIS_ BOOL fHold) PURE;
};
#undef INTERFACE

#ifdef __cplusplus
}
#endif
#endif
