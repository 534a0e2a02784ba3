/* SPDX-License-Identifier: MIT */
/*
 * sink_impl.h - the object behind CLSID_DirectMusicSynthSink, for the files that make it up.
 *
 * Locks, outer first:
 *   lock        Init, SetMasterClock, Activate, SetDirectSound, SetOutput and one block of Pump, and the fields marked [lock].
 *               The synth's GetFormat and Render are called with it, so the synth must not call back into these.
 *   pull        of the session: held while its synth renders, so that Init can take the synth away.
 *   clock_lock  the master clock's pointer and the latency clock's last answer; a leaf.
 * The conversions and the latency clock take none of the first two and may be called from Render.
 *
 * The render thread takes pull and, for an instant, clock_lock; never lock. The thread of a device that asks for its sound takes
 * none at all (sink_pull.h).
 */
#ifndef DMUS_USER_SINK_IMPL_H
#define DMUS_USER_SINK_IMPL_H

#include <stdatomic.h>

#include "base/refcount.h"
#include "base/time_map.h"
#include "com.h"
#include "os.h"
#include "sink_object.h"
#include "sink_pace.h"
#include "sink_pull.h"

#define SINK_BLOCK_MAX 4096u /* frames per Render */

struct audio_output;
struct synth_object;

/* What runs between Activate(TRUE) and Activate(FALSE). */
struct sink_session {
    struct sink_object *sink; /* one hold while the thread lives */
    struct os_mutex pull;
    IDirectMusicSynth *synth;   /* [pull] NULL once the sink was given another */
    IDmusSynthControl *control; /* [pull] float source, or NULL: Render and convert */
    struct synth_object *own;   /* [pull] the synth, if it is one of ours; one hold */
    struct audio_output *output; /* NULL: discard */
    struct audio_output *device; /* DirectSound's buffer, ours to close; then it is the output, too */
    struct sink_pace pace;       /* of an output that has a cursor */
    struct sink_pull pulled;     /* of an output that asks; its device is NULL for others */
    bool output_float;
    bool output_failed; /* of a device: since the last fill began */
    uint32_t rate, channels;
    int64_t period_100ns;
    _Atomic int64_t lead_100ns; /* the stream is kept this far ahead of the master clock; once it runs, set by its thread */
    int64_t wake_late_100ns; /* how much later than wanted the thread was woken last */
    int64_t held_up_100ns;   /* how long it stood still in its last fill: others had the processor, or the device's lock */
    int16_t *frames_s16;
    float *frames_f32; /* when output_float */
    bool threaded;
    struct os_thread thread;
    struct os_event wake;
    atomic_bool stop, orphaned; /* orphaned: the thread ends the session itself */
};

struct sink_object {
    IDirectMusicSynthSink IDirectMusicSynthSink_iface;
    IKsControl IKsControl_iface;
    IDmusSinkControl IDmusSinkControl_iface;
    IReferenceClock IReferenceClock_iface; /* the latency clock: an identity of its own, the sink's count */
    struct refcount refs, holds;
    struct os_mutex lock, clock_lock;

    /* [lock] */
    IDirectMusicSynth *synth; /* no reference: the synth is the parent and releases us */
    struct synth_object *own; /* the same, if it is one of ours: one hold on its memory */
    IDirectSound *dsound;
    IDirectSoundBuffer *dsound_buffer;
    struct audio_output *output;
    bool output_float, offline, held;
    DMUS_SINKFEED feed;
    void *feed_context;
    DWORD profile;
    DWORD period_ms, latency_ms;
    struct sink_session *session; /* NULL: inactive */
    atomic_uint stopping;         /* somebody wants Pump to let go of lock */

    /* [clock_lock] */
    IReferenceClock *clock; /* one reference; map_start belongs to it */
    int64_t latency_last;   /* the latency clock's last answer by it */
    atomic_uint clock_generation; /* raised with each clock, and when the answers begin anew; read without the lock, too */

    /* Read without a lock. Written under clock_lock; map_version is odd meanwhile. */
    atomic_uint map_version;
    _Atomic int64_t map_start;
    atomic_uint map_rate;
    atomic_bool map_exact;
    _Atomic int64_t stream_base; /* stream time of sample 0, 100 ns */
    atomic_bool active, active_offline;
    _Atomic int64_t position;   /* first frame not yet rendered */
    _Atomic int64_t lead_100ns; /* the latency clock is this far ahead of the master clock; at most SINK_LEAD_MAX */

    /* Since activation: DMUS_SINKREPORT. Written by the session's thread. */
    atomic_uint underruns, underruns_late, resyncs, wake_max_us, render_max_us;
};

extern const IDirectMusicSynthSinkVtbl sink_vtbl;
extern const IKsControlVtbl sink_ks_vtbl;
extern const IDmusSinkControlVtbl sink_control_vtbl;
extern const IReferenceClockVtbl sink_clock_vtbl;

IMPL_FROM(sink_object, IDirectMusicSynthSink, sink_vtbl)
IMPL_FROM(sink_object, IKsControl, sink_ks_vtbl)
IMPL_FROM(sink_object, IDmusSinkControl, sink_control_vtbl)
IMPL_FROM(sink_object, IReferenceClock, sink_clock_vtbl)

/* sink_object.c */
HRESULT STDMETHODCALLTYPE sink_QueryInterface(IDirectMusicSynthSink *iface, REFIID riid, void **ppv);
ULONG STDMETHODCALLTYPE sink_AddRef(IDirectMusicSynthSink *iface);
ULONG STDMETHODCALLTYPE sink_Release(IDirectMusicSynthSink *iface);

/* sink_map.c: the conversions in force. */
struct time_map sink_map(struct sink_object *sink);
/* The same. False: another master clock has taken over since GENERATION. */
bool sink_map_of(struct sink_object *sink, unsigned generation, struct time_map *map);
/* [lock] Change the conversions without an activation. */
void sink_set_map(struct sink_object *sink, const struct time_map *map);
/* [lock] Position 0 is now, by MAP; the stream time goes on. */
void sink_restart_map(struct sink_object *sink, const struct time_map *map);
/* [lock] Another master clock, or none. While active the position goes on: the new clock takes over where the old one stands, or
 * stood when it failed. *OLD: the one before if it goes, or NULL; its reference is the caller's to release without lock, since a
 * clock that ends may call the sink. E_FAIL: active, and the new one cannot be read; nothing has changed. */
HRESULT sink_replace_clock(struct sink_object *sink, IReferenceClock *clock, IReferenceClock **old);
/* The master clock's time and the conversions that belong to it. DMUS_E_NO_MASTER_CLOCK, E_FAIL. */
HRESULT sink_master_time(struct sink_object *sink, REFERENCE_TIME *now, struct time_map *map);

/* sink_clock.c: whether CLOCK is SINK's latency clock, or that of a sink of this library whose master clock is, and so on. Two
 * threads that close such a ring at the same moment are not seen. */
bool sink_clock_leads_to(IReferenceClock *clock, struct sink_object *sink);

/* sink_map.c. Every sample is due DELTA later. From the session's thread. */
void sink_shift_map(struct sink_object *sink, int64_t delta_100ns);

/* sink_dsound.c. Without DirectSound in the system the pointers are whatever the host says, and never touched. */
/* [lock] Keep references on both, and none on those before; NULL allowed. */
void sink_keep_dsound(struct sink_object *sink, IDirectSound *dsound, IDirectSoundBuffer *buffer);
/* Whether a host's BUFFER can take FORMAT: DMUS_E_WAVEFORMATNOTSUPPORTED, DMUS_E_INVALIDBUFFER. */
HRESULT sink_check_dsound_buffer(IDirectSoundBuffer *buffer, const WAVEFORMATEX *format);
/* [lock] Start the device; *out NULL and S_OK if there is none to start. E_FAIL, E_OUTOFMEMORY, as above. */
HRESULT sink_open_dsound(struct sink_object *sink, const WAVEFORMATEX *format, struct audio_output **out);

/* sink_session.c. */
/* [lock] Make a session for the sink as it is configured; starts the device, but no thread. E_OUTOFMEMORY, sink_open_dsound's,
 * DMUS_E_INVALIDBUFFER: the device wants more sound ahead than it holds. */
HRESULT sink_session_create(struct sink_object *sink, const WAVEFORMATEX *format, struct sink_session **out);
/* The stream is to be LEAD ahead of the master clock; the latency clock is, too, but for SINK_LEAD_MAX. */
void sink_session_tell_lead(struct sink_session *session, int64_t lead_100ns);
/* [lock] A device that asks is started and asks: conversions and lead are its own. Others: nothing to do. E_FAIL. */
HRESULT sink_session_start_device(struct sink_session *session);
bool sink_session_start_thread(struct sink_session *session);
/* Stop and free; from the session's own thread: as soon as that returns. The thread never takes lock, so lock may be held. */
void sink_session_end(struct sink_session *session);
/* Forget the synth; waits for a Render under way. */
void sink_session_detach(struct sink_session *session);
/* Render COUNT <= SINK_BLOCK_MAX frames from the sink's position, write them, move the position. What cannot be rendered is
 * silence; its HRESULT is returned. E_FAIL: the output refused. */
HRESULT sink_session_block(struct sink_session *session, uint32_t count);
/* Give our own synth a chance to call unload callbacks. No lock is held. */
void sink_session_poke(struct sink_session *session);

#endif
