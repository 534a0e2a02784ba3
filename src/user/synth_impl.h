/* SPDX-License-Identifier: MIT */
/*
 * synth_impl.h - the object behind CLSID_DirectMusicSynth, for the files that make it up.
 *
 * Locks, outer first; foreign code (sink, clock, unload callback) is never
 * called with the inner one held:
 *   wiring  serialises SetSynthSink, Activate and the last Release, and is held
 *           while they call the sink. A sink may call every other method from
 *           its Init and Activate.
 *   lock    the control side of the engine and the fields marked [lock]; a
 *           leaf, so any method may be called from any callback of a sink.
 * Render takes neither. It raises in_flight, reads the gate, renders and lowers
 * in_flight. Who closes the gate waits until in_flight is down.
 *
 * Two counts: refs is COM's; at 0 the synth is shut down. holds keeps
 * the memory: one for all public references, one for each of our own sinks that
 * still points here (IDirectMusicSynthSink::Init takes no public reference).
 */
#ifndef DMUS_USER_SYNTH_IMPL_H
#define DMUS_USER_SYNTH_IMPL_H

#include <stdatomic.h>

#include "base/meter.h"
#include "base/refcount.h"
#include "com.h"
#include "os.h"
#include "port_profile.h"
#include "synth/synth.h"
#include "synth_object.h"

typedef HRESULT(CALLBACK *unload_callback)(HANDLE, HANDLE);

/* What an Unload owes to its caller. One is made with every Download, so that Unload never needs memory. */
struct unload_request {
    struct unload_request *next;
    HANDLE handle, user;
    unload_callback callback; /* NULL: nobody waits */
};

#define GATE_OPEN   1u
#define GATE_ACTIVE 2u

#define MISSING_KEPT 256u

struct synth_object {
    IDirectMusicSynth8 IDirectMusicSynth8_iface;
    IKsControl IKsControl_iface;
    IDmusSynthControl IDmusSynthControl_iface;
    IDmusSynthLive IDmusSynthLive_iface;
    struct refcount refs, holds;
    const CLSID *class;
    struct os_mutex wiring, lock;

    bool active;  /* [wiring] as the host set it; outlives Close and the sink */
    bool running; /* [wiring] the sink was activated, and not deactivated since */

    /* [lock] */
    IDirectMusicSynthSink *sink; /* changes with wiring held too */
    uint32_t time_line;          /* raised when the positions that the sink told end to mean anything */
    DMUS_SYNTHCONFIG config;
    struct port_params params; /* of the last Open */
    bool opened_once;
    LONG volume[2];
    bool volume_chosen[2]; /* by the host: survives a change of profile */
    struct synth_reverb reverb;
    struct unload_request *spare;    /* as many as there are handles loaded */
    struct unload_request *finished; /* collected, callback not yet called */
    uint32_t retired;                /* unloaded, not yet collected */
    struct synth_stats last_stats;   /* of the last Close */
    struct synth_missing last_missing[MISSING_KEPT];
    uint32_t last_missing_count;

    /* Shared with Render. engine changes only while the gate is shut and in_flight down. */
    struct synth *engine;
    struct workers *workers; /* the engine's, or NULL */
    atomic_uint gate;
    atomic_uint in_flight;
    atomic_bool silent; /* after the last Render; false while one is under way */
    struct meter meter;
};

extern const IDirectMusicSynth8Vtbl synth_vtbl;
extern const IKsControlVtbl synth_ks_vtbl;
extern const IDmusSynthControlVtbl synth_control_vtbl;
extern const IDmusSynthLiveVtbl synth_live_vtbl;

IMPL_FROM(synth_object, IDirectMusicSynth8, synth_vtbl)
IMPL_FROM(synth_object, IKsControl, synth_ks_vtbl)
IMPL_FROM(synth_object, IDmusSynthControl, synth_control_vtbl)
IMPL_FROM(synth_object, IDmusSynthLive, synth_live_vtbl)

/* Enter the engine as Render does: S_OK, and in_flight is the caller's to lower; E_FAIL: somebody else is in it; or what Render
 * answers for want of an active synth. Real-time safe. */
HRESULT synth_enter_render(struct synth_object *synth);
/* Wait until Render is out. Whoever calls has shut the gate. */
void synth_wait_render(struct synth_object *synth);
/* [lock] Move finished downloads to synth->finished. */
void synth_collect_finished(struct synth_object *synth);
/* Give the lock back, then call the callbacks that are due. */
void synth_unlock_and_call_back(struct synth_object *synth);
/* Close, or end an open synth for the last Release. DMUS_E_ALREADYCLOSED. */
HRESULT synth_shut(struct synth_object *synth);
HRESULT synth_status_to_hresult(enum synth_status status);
/* [wiring] SINK has no reference on the synth, and may outlive it: Init(NULL). Not for a sink of ours that is another's by now. */
void synth_leave_sink(struct synth_object *synth, IDirectMusicSynthSink *sink);
/* A reference on the sink of an open, active synth and the time line of what it converts, or the code that PlayBuffer has for
 * want of it. */
HRESULT synth_take_sink(struct synth_object *synth, IDirectMusicSynthSink **sink, uint32_t *time_line);
/* [lock] S_OK: what was converted for TIME_LINE may be queued. */
HRESULT synth_check_time_line(const struct synth_object *synth, uint32_t time_line);

/* The methods, by file. */
/* synth_object.c */
HRESULT STDMETHODCALLTYPE synth_QueryInterface(IDirectMusicSynth8 *iface, REFIID riid, void **ppv);
ULONG STDMETHODCALLTYPE synth_AddRef(IDirectMusicSynth8 *iface);
ULONG STDMETHODCALLTYPE synth_Release(IDirectMusicSynth8 *iface);
/* synth_open.c */
HRESULT STDMETHODCALLTYPE synth_Open(IDirectMusicSynth8 *iface, DMUS_PORTPARAMS *params);
HRESULT STDMETHODCALLTYPE synth_Close(IDirectMusicSynth8 *iface);
HRESULT STDMETHODCALLTYPE synth_SetNumChannelGroups(IDirectMusicSynth8 *iface, DWORD groups);
HRESULT STDMETHODCALLTYPE synth_GetPortCaps(IDirectMusicSynth8 *iface, DMUS_PORTCAPS *caps);
HRESULT STDMETHODCALLTYPE synth_SetChannelPriority(IDirectMusicSynth8 *iface, DWORD group, DWORD channel, DWORD priority);
HRESULT STDMETHODCALLTYPE synth_GetChannelPriority(IDirectMusicSynth8 *iface, DWORD group, DWORD channel, DWORD *priority);
HRESULT STDMETHODCALLTYPE synth_GetFormat(IDirectMusicSynth8 *iface, WAVEFORMATEX *format, DWORD *size);
HRESULT STDMETHODCALLTYPE synth_GetAppend(IDirectMusicSynth8 *iface, DWORD *append);
/* synth_wiring.c */
HRESULT STDMETHODCALLTYPE synth_SetMasterClock(IDirectMusicSynth8 *iface, IReferenceClock *clock);
HRESULT STDMETHODCALLTYPE synth_GetLatencyClock(IDirectMusicSynth8 *iface, IReferenceClock **clock);
HRESULT STDMETHODCALLTYPE synth_Activate(IDirectMusicSynth8 *iface, BOOL enable);
HRESULT STDMETHODCALLTYPE synth_SetSynthSink(IDirectMusicSynth8 *iface, IDirectMusicSynthSink *sink);
/* synth_download.c */
HRESULT STDMETHODCALLTYPE synth_Download(IDirectMusicSynth8 *iface, HANDLE *handle, void *data, BOOL *may_free);
HRESULT STDMETHODCALLTYPE synth_Unload(IDirectMusicSynth8 *iface, HANDLE handle, unload_callback callback, HANDLE user);
/* synth_play.c */
HRESULT STDMETHODCALLTYPE synth_PlayBuffer(IDirectMusicSynth8 *iface, REFERENCE_TIME start, BYTE *buffer, DWORD size);
/* synth_voices.c */
HRESULT STDMETHODCALLTYPE synth_PlayVoice(IDirectMusicSynth8 *iface, REFERENCE_TIME start, DWORD voice, DWORD group,
                                          DWORD channel, DWORD download, LONG pitch, LONG volume, SAMPLE_TIME voice_start,
                                          SAMPLE_TIME loop_start, SAMPLE_TIME loop_end);
HRESULT STDMETHODCALLTYPE synth_StopVoice(IDirectMusicSynth8 *iface, REFERENCE_TIME time, DWORD voice);
HRESULT STDMETHODCALLTYPE synth_GetVoiceState(IDirectMusicSynth8 *iface, DWORD voices[], DWORD count,
                                              DMUS_VOICE_STATE states[]);
HRESULT STDMETHODCALLTYPE synth_Refresh(IDirectMusicSynth8 *iface, DWORD download, DWORD flags);
HRESULT STDMETHODCALLTYPE synth_AssignChannelToBuses(IDirectMusicSynth8 *iface, DWORD group, DWORD channel, DWORD *buses,
                                                     DWORD count);
/* synth_render.c */
HRESULT STDMETHODCALLTYPE synth_Render(IDirectMusicSynth8 *iface, SHORT *buffer, DWORD length, LONGLONG position);
HRESULT STDMETHODCALLTYPE synth_control_RenderFloat(IDmusSynthControl *iface, float *buffer, DWORD length, LONGLONG position);
HRESULT STDMETHODCALLTYPE synth_control_RenderBuses(IDmusSynthControl *iface, float *const *buffers, const DWORD *buses,
                                                    DWORD count, DWORD length, LONGLONG position);
/* synth_stats.c */
HRESULT STDMETHODCALLTYPE synth_GetRunningStats(IDirectMusicSynth8 *iface, DMUS_SYNTHSTATS *stats);

#endif
