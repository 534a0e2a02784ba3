/* SPDX-License-Identifier: MIT */
/*
 * ddi.h - the DirectMusic DDI objects of OpenDMus in a Linux program: what CoCreateInstance is on Windows.
 *
 * libdmus holds the two classes of dmsynth.dll, with the same interfaces, codes
 * and threads, by the platform's own calling convention. Their declarations are
 * OpenDMus's copies of the documented headers (pkg-config: in the include path):
 *
 *     #define COBJMACROS
 *     #define INITGUID // in one source file: the identifiers are data of the program
 *     #include <dmus/ddi.h>
 *
 *     IDirectMusicSynth *synth;
 *     HRESULT hr = dmus_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth);
 *
 * The sink of these objects has no DirectSound here: SinkUsesDSound is FALSE,
 * and without IDmusSinkControl (idmus.h) it discards the sound at the pace of
 * its master clock. A program that wants the sound brings a sink of its own,
 * which calls IDirectMusicSynth::Render, or uses IDmusSinkControl offline.
 *
 * Any function, any thread. Nothing needs to be initialised. The objects are made in C, by the layout of a class without
 * run-time types: -fsanitize=undefined in C++ needs -fno-sanitize=vptr beside it, and dynamic_cast is not for them.
 *
 * What the two classes do beyond the published contract:
 *
 *   Profiles (IDmusSynthControl::SetConfig before Open; IDmusSinkControl::SetProfile):
 *                          native                  studio
 *     defaults of Open     32 voices, 2 groups,    256 voices, 2 groups,
 *                          stereo, 22050 Hz,       stereo, 48000 Hz,
 *                          reverb                  reverb and chorus
 *     limits               1..1000 voices,         1..16384 voices,
 *                          11025..96000 Hz         8000..192000 Hz
 *     Volume items 0, 1    0 and +6 dB             0 and 0 dB
 *     dither of 16 bits    off                     on
 *     sink's conversions   100 us grid             exact
 *   A new synth and a new sink are native, except in a Windows program that was set otherwise (OPENDMUS_PROFILE).
 *
 *   Threads. Every method may be called from any thread at any time. Render takes no lock; a second Render while one is under
 *   way fails with E_FAIL. Close and Activate(FALSE) wait for a Render under way.
 *   Unload callbacks come without any lock held, from inside Unload, from the next control method, or from the sink's thread.
 *   They may call any method of the synth but Activate and SetSynthSink, and none of the sink.
 *   Close calls back for every Unload that still waits; a handle that was never unloaded gets no callback, its memory is the
 *   host's again. The last Release of an open synth closes it; of an active one, it stops the sink first.
 *   On Windows, when the process is ending and its other threads are gone: Release, Close, Activate, SetSynthSink and Unload do
 *   nothing and answer S_OK, nobody is called back, and the memory is left to the system.
 *   Events queued when the synth is deactivated are forgotten and its voices end; the channels keep their state.
 *   SetSynthSink on an active synth deactivates the sink that goes and takes its pointer to the synth away: Init(NULL). Queue and
 *   voices end as by Activate(FALSE). A sink that comes is activated at once; if it refuses, the next Activate(TRUE) asks again.
 *   PlayBuffer, PlayVoice and StopVoice that another thread overtakes so: DMUS_E_SYNTHINACTIVE.
 *   SetMasterClock on an active sink: the new clock takes over where the old one stands, or stood when it failed. E_FAIL: it cannot
 *   be read, or is told the time by this very sink; the old one stays.
 *   An active synth may be closed and opened anew. With the same rate and channels its sound goes on; with others a sink of ours
 *   plays silence, and answers DMUS_E_WAVEFORMATNOTSUPPORTED to Pump, until Activate(FALSE) and Activate(TRUE).
 *
 *   Downloads. A second one with a dwDLId that is in use is taken: what refers to the id from then on gets the newer.
 *
 *   IKsControl: SetSynthSink's value is the pointer to an object that has IDirectMusicSynthSink, or NULL, for the same effect as
 *   the method. GS_Capable is TRUE in studio, FALSE in native; XG_Capable FALSE (no variation effect).
 *
 *   The five methods of IDirectMusicSynth8 and download types 4 to 6: not documented anywhere public. Names, types and headers are
 *   read like this:
 *
 *   Type 6, a one-shot wave, and type 5, one buffer of a stream: entry 0 is the DMUS_WAVEDL, its cbWaveData bytes of samples
 *   right behind it; entry 1 is a DMUS_WAVE that tells the format, with ulWaveDataIdx 0: the root. PCM, mono, 8 or 16 bits.
 *   Both stay the host's memory until they are unloaded (*pbFree FALSE), and a buffer is written to again by the host.
 *   Type 4, a wave articulation: how to play them. ulDownloadIdIdx names an array of ulBuffers (1..256) dwDLIds, of one wave of
 *   type 6 or of buffers of type 5 in the order they are played, round and round; all in one format, a buffer in one
 *   articulation only. ulBus 0xFFFFFFFF: the buses of the channel; else that bus alone, without pan. ulMasterDLId: the
 *   articulation whose sounding voice this one is locked to in pitch and, as a one-shot, in position, if both have the same
 *   sample rate; its own id for none. usOptions bit 0 (F_RGN_OPTION_SELFNONEXCLUSIVE) clear: a second voice on the same channel
 *   ends the first.
 *   Refused: BADARTICULATION what is wrong in a type 4 itself, BADWAVELINK ids of nothing or of a buffer that is taken, BADWAVE,
 *   NOTPCM and NOTMONO as for waves. Unloading waits for articulations and voices as it does for instruments.
 *
 *   PlayVoice  Starts dwDLId - a wave articulation, else a one-shot wave - as voice dwVoiceId at time rt, in order with
 *              PlayBuffer's events. Pitch in cents (+-12000), volume in 1/100 dB (-20000..2000), out of range: limited.
 *              stVoiceStart, stLoopStart, stLoopEnd (not included) in samples of the wave; a loop of no length is none. It
 *              sounds like a note of velocity 127 at its unity key on the default articulation: the channel's volume,
 *              expression, pan, sends, wheel and fine tuning act on it, note messages, pedals and mono mode do not, nor does
 *              coarse tuning (RPN 2), which moves keys; all sound off and resets end it. A sounding voice of the same id
 *              fades out. It counts as a voice, can be stolen, and is lost if it finds no slot. As PlayBuffer, and:
 *              DMUS_E_NOT_DOWNLOADED_TO_PORT; E_INVALIDARG (channel, positions outside the wave, a loop in a stream);
 *              E_FAIL: the stream is queued or playing.
 *   StopVoice  Ends what then sounds under the id; S_OK also if that is nothing.
 *   GetVoiceState  bExists from PlayVoice until the voice fell silent. spPosition: the sample reached by what was rendered (in
 *              a stream: samples since its first buffer). Unknown ids: FALSE, 0. E_POINTER, DMUS_E_SYNTHNOTCONFIGURED.
 *   Refresh    The buffer has new samples: its cbWaveData is read again. A buffer is full from its download on, and the host's
 *              to fill once GetVoiceState's position is past its end; before that, E_FAIL while the stream plays. A voice that
 *              meets an empty buffer waits for it in silence, and goes on at the first control point of a Render after the
 *              Refresh: that moment is the host's, since a Refresh bears no time. One that comes before the voice is out of
 *              samples leaves no trace of when it came. REFRESH_F_LASTBUFFER: the stream ends with this buffer, which may
 *              also be said of one that is full and still to come. DMUS_E_NOT_DOWNLOADED_TO_PORT, DMUS_E_BADWAVE (more bytes
 *              than at the download), E_INVALIDARG (flags), DMUS_E_SYNTHNOTCONFIGURED.
 *   AssignChannelToBuses  Voices that start on the channel from now on go to these buses (at most 32), those that sound stay.
 *              What each bus carries: IDmusSynthControl::RenderBuses. In plain Render everything folds into left and right.
 *              No buses, or DSBUSID_NULL alone: heard nowhere. E_POINTER, E_INVALIDARG, E_OUTOFMEMORY,
 *              DMUS_E_SYNTHNOTCONFIGURED.
 *
 *   On systems without DirectSound the sink answers FALSE to SinkUsesDSound, activates without SetDirectSound and takes its
 *   pointers as opaque.
 */
#ifndef DMUS_DDI_H
#define DMUS_DDI_H

#include <dmusics.h>
#include <dmusicc.h>
#include <dmusbuff.h>
#include <dmdls.h>
#include <dmerror.h>
#include <dmksctrl.h>
#include <dmusici.h>

#include "dmus.h"
#include "idmus.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An object of CLSID_DirectMusicSynth or CLSID_DirectMusicSynthSink with one reference, by the interface RIID. OUTER must be
 * NULL: CLASS_E_NOAGGREGATION. CLASS_E_CLASSNOTAVAILABLE, E_NOINTERFACE, E_OUTOFMEMORY, E_POINTER; then *ppv is NULL. */
DMUS_API HRESULT dmus_create_instance(REFCLSID clsid, IUnknown *outer, REFIID riid, void **ppv);

/* Its class object, for hosts that keep one (IClassFactory). CLASS_E_CLASSNOTAVAILABLE, E_NOINTERFACE, E_POINTER; then *ppv is
 * NULL. */
DMUS_API HRESULT dmus_get_class_object(REFCLSID clsid, REFIID riid, void **ppv);

/* A master clock that follows the system's monotonic clock, in units of 100 ns; the caller owns *clock. GetTime answers S_FALSE
 * for an unchanged time, the Advise methods E_NOTIMPL. E_OUTOFMEMORY, E_POINTER; then *clock is NULL. */
DMUS_API HRESULT dmus_create_system_clock(IReferenceClock **clock);

/* A master clock that moves with the frames that SINK renders, from 0 at the creation of SINK on and across activations: offline
 * work, independent of the system's time. With it frame n of the first activation is due at n * 10^7 / rate. SINK must be one
 * of this library (E_NOINTERFACE); the clock keeps its memory, not the sink, alive. E_OUTOFMEMORY, E_POINTER. */
DMUS_API HRESULT dmus_create_stream_clock(IDirectMusicSynthSink *sink, IReferenceClock **clock);

/* ---- instruments ---- */

/* Instruments of a bank that are in a synth. */
struct dmus_downloads;

/* Download the COUNT instruments of BANK whose patch numbers PATCHES has (as dmus_bank_get_instrument tells them), or all if it
 * is NULL, with the waves that they play. SYNTH must be open; it may be another maker's. Sound goes on meanwhile; loading a
 * large bank may take a second. Regions whose wave cannot be decoded are left out. *out keeps references on BANK and SYNTH
 * until dmus_download_end. After a failure nothing of it stays in SYNTH.
 * DMUS_ERR_ARGUMENT (also: SYNTH is closed), DMUS_ERR_NOT_FOUND (BANK lacks one of PATCHES), DMUS_ERR_FORMAT,
 * DMUS_ERR_UNSUPPORTED (SYNTH refused). Any thread. */
DMUS_API enum dmus_status dmus_bank_download(struct dmus_bank *bank, IDirectMusicSynth *synth, const uint32_t *patches,
                                             size_t count, struct dmus_downloads **out, struct dmus_error *err);
/* Withdraw them: later notes do not find them, those that sound end in peace, and the memory goes when SYNTH has done with it.
 * Before or after SYNTH's Close, but before it is opened anew. Once; NULL allowed. Any thread. */
DMUS_API void dmus_download_end(struct dmus_downloads *downloads);

/* A dwDLId that this process did not use yet, for downloads of the program's own beside those of dmus_bank_download. Any thread. */
DMUS_API uint32_t dmus_next_download_id(void);

#ifdef __cplusplus
}
#endif
#endif
