/* SPDX-License-Identifier: MIT */
/*
 * swsynth.h - the software synth as a DMus miniport driver: adapter, miniport, streams, and the synth instances behind
 * the streams. An ordinary driver, loaded through its entry:
 *
 *     NTSTATUS swsynth_DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING);   (written as DriverEntry)
 *
 * One filter, reference string "DMusic": pin 0 legacy MIDI in, pin 1 DirectMusic in, pin 2 wave out, node 0 the synth.
 *
 * Instances. Each opened MIDI pin of either kind is a synth instance with channels, downloads and settings of its own; it has
 * no voices before KSPROPERTY_SYNTH_PORTPARAMETERS (a pin that leaves STOP without it is configured by defaults). NewStream
 * does not say from which handle of the filter it comes, so wave pins and instances find each other by order: whenever
 * either is opened or configured, the oldest wave pin without an instance is joined to the oldest instance without a
 * wave pin whose rate and channels it has, or which is not yet configured and then can only be configured like that.
 * A client that opens MIDI pin and wave pin one after the other gets its own; one that must be sure says so with
 * KSPROPERTY_OPENDMUS_INSTANCE (dmus/idmusks.h). A wave pin without an instance is silent.
 *
 * Time. Frame 0 is the time of the SyncToMaster with fStart. Events that come earlier wait for it. What an event's stamp means
 * in frames is computed by base/time_map.h, as in user mode: same events, same bits. Render counts frames.
 *
 * Locks, outer first:
 *   wiring (miniport)  PASSIVE: which streams there are, joining, configuring, states. Held while the gate is closed.
 *   gate (wave stream) no lock: Render enters it, and whoever changes what Render reads closes it and waits until it is out.
 *   lock (instance)    spin lock: the control side of the engine. Nothing foreign is called with it.
 */
#ifndef DMUS_KERNEL_MINIPORTS_SWSYNTH_H
#define DMUS_KERNEL_MINIPORTS_SWSYNTH_H

#include "miniport.h"

#include "base/meter.h"
#include "base/time_map.h"
#include "dmus/idmusks.h"
#include "property_item.h"

#undef SYNTH_EFFECT_REVERB /* the engine spells the same values in another way */
#undef SYNTH_EFFECT_CHORUS
#include "synth/synth.h"

#define SWSYNTH_TAG 0x644F7753u /* "SwOd" */

enum { SWSYNTH_PIN_LEGACY, SWSYNTH_PIN_DIRECTMUSIC, SWSYNTH_PIN_WAVE, SWSYNTH_PINS };

struct swsynth_params {
    ULONG voices, groups, channels, rate, effects;
};

/* Limits and defaults by DMUS_PROFILE_*: those of the user-mode synth (tests/kernel/miniports compares them). */
struct swsynth_profile {
    ULONG voices_max, groups_max, rate_min, rate_max, effects;
    struct swsynth_params defaults;
    LONG volume[2];
    bool dither;
};
extern const struct swsynth_profile swsynth_profiles[2];

/* Keeps Render and those who change what it reads apart. */
struct swsynth_gate {
    atomic_uint inside, closed;
};
bool swsynth_gate_enter(struct swsynth_gate *gate); /* false: closed, or somebody is inside */
void swsynth_gate_leave(struct swsynth_gate *gate);
void swsynth_gate_close(struct swsynth_gate *gate); /* PASSIVE; nests; NULL allowed */
void swsynth_gate_open(struct swsynth_gate *gate);

struct swsynth_miniport {
    IMiniportDMus IMiniportDMus_iface;
    struct refcount refs;
    KMUTEX wiring;
    ULONG profile;                /* of new instances */
    ULONG instances;              /* numbers given */
    struct swsynth_stream *streams; /* [wiring] in the order of opening */
};

struct swsynth_download {
    struct swsynth_download *next;
    struct synth_download *handle;
    PMDL mdl;                    /* pages that the engine reads; NULL if it has copied */
    PPCPROPERTY_REQUEST waiting; /* UNLOAD that answered STATUS_PENDING */
};

/* A system exclusive that comes in several events. */
struct swsynth_sysex {
    UCHAR *bytes;
    ULONG size, capacity;
    ULONG group;
    bool open, failed; /* failed: the rest is dropped */
};

struct swsynth_instance {
    struct swsynth_miniport *miniport;
    ULONG number;
    struct swsynth_stream *wave; /* [wiring] or NULL */
    PAllocatorMXF allocator;     /* a reference each */
    PMASTERCLOCK clock;

    /* Changed with wiring held, gate closed and lock held: any of them is enough to read. */
    struct synth *engine; /* NULL: not configured */
    struct swsynth_params params;

    KSPIN_LOCK lock;
    DMUS_SYNTHCONFIG config;
    LONG volume[2];
    bool volume_chosen[2]; /* by the host: survives a change of profile */
    struct synth_reverb reverb;
    struct swsynth_download *downloads;
    LONG refusal; /* KSPROPERTY_OPENDMUS_REFUSAL */
    bool mapped;  /* the wave pin runs: map is in force */
    struct time_map map;
    int64_t drift_base, drift_mean; /* how far the stream is ahead of the master clock, 100 ns */
    PDMUS_KERNEL_EVENT held, held_last; /* came while not mapped */
    ULONG held_count;
    struct swsynth_sysex sysex;

    atomic_uint retired; /* unloaded, not yet collected */
    atomic_uint collecting;
    KDPC collect;

    _Atomic int64_t position; /* first frame not yet rendered */
    atomic_bool silent;       /* after the last Render; false while one is under way */
    struct meter meter;       /* Render's; started with the gate closed */
};

struct swsynth_stream {
    union {
        IMXF IMXF_iface;                     /* what NewStream gives */
        ISynthSinkDMus ISynthSinkDMus_iface; /* the same, of a wave stream */
    };
    IDmusSynthControl IDmusSynthControl_iface;
    struct refcount refs;
    struct swsynth_miniport *miniport; /* a reference */
    struct swsynth_stream *next;       /* [wiring] */
    bool wave;
    atomic_int state; /* KSSTATE */
    struct swsynth_instance *instance; /* MIDI: its own. Wave: [wiring and gate] joined to, or NULL */
    ULONG rate, channels;              /* wave */
    bool choosy;                       /* [wiring] wave: joined by KSPROPERTY_OPENDMUS_INSTANCE, 0 included */
    PAllocatorMXF allocator;           /* wave: a reference */
    struct swsynth_gate gate;          /* wave */
    /* wave, [gate]: the sink's start, and the first frame not yet rendered */
    bool started;
    int64_t origin_100ns, next_frame;
};

extern const IMXFVtbl swsynth_midi_vtbl;
extern const ISynthSinkDMusVtbl swsynth_wave_vtbl;
extern const IDmusSynthControlVtbl swsynth_control_vtbl;
extern const PCFILTER_DESCRIPTOR swsynth_filter;

IMPL_FROM(swsynth_miniport, IMiniportDMus)
IMPL_FROM(swsynth_stream, IMXF)
IMPL_FROM(swsynth_stream, ISynthSinkDMus)
IMPL_FROM(swsynth_stream, IDmusSynthControl)

/* ---- swsynth_miniport.c ---- */
/* One reference. STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS swsynth_miniport_create(PUNKNOWN *out);
void swsynth_miniport_release(struct swsynth_miniport *miniport);
void swsynth_wire(struct swsynth_miniport *miniport);
void swsynth_unwire(struct swsynth_miniport *miniport);

/* ---- swsynth_pair.c, all [wiring] ---- */
/* Join what can be joined. */
void swsynth_pair(struct swsynth_miniport *miniport);
bool swsynth_fits(const struct swsynth_stream *wave, const struct swsynth_instance *instance);
void swsynth_join(struct swsynth_stream *wave, struct swsynth_instance *instance);
void swsynth_part(struct swsynth_stream *wave); /* joined to none afterwards */

/* ---- swsynth_stream.c ---- */
NTSTATUS swsynth_stream_create(struct swsynth_miniport *miniport, PAllocatorMXF allocator, PMASTERCLOCK clock,
                               struct swsynth_stream **out);
NTSTATUS swsynth_stream_query(struct swsynth_stream *stream, REFIID riid, PVOID *out);
ULONG swsynth_stream_release(struct swsynth_stream *stream);
/* The instance that a stream stands for, or NULL. */
struct swsynth_instance *swsynth_instance_of(struct swsynth_stream *stream);

/* ---- swsynth_wave.c ---- */
NTSTATUS swsynth_wave_create(struct swsynth_miniport *miniport, const KSDATAFORMAT *format, PAllocatorMXF allocator,
                             struct swsynth_stream **out);
/* Rate and channels of a format that the wave pin takes: STATUS_NO_MATCH. */
NTSTATUS swsynth_wave_format(const KSDATAFORMAT *format, ULONG *rate, ULONG *channels);
/* Around the engine's render functions. NULL: be silent, and do not leave. */
struct swsynth_instance *swsynth_render_enter(struct swsynth_stream *stream, ULONG frames, LONGLONG position);
void swsynth_render_leave(struct swsynth_stream *stream, ULONG frames, LONGLONG position, LONGLONG since, ULONG peak_bits);
LONGLONG swsynth_now_ns(void);

/* ---- swsynth_instance.c ---- */
NTSTATUS swsynth_instance_create(struct swsynth_miniport *miniport, PAllocatorMXF allocator, PMASTERCLOCK clock,
                                 struct swsynth_instance **out);
void swsynth_instance_destroy(struct swsynth_instance *instance); /* [wiring] parted from its wave stream */
/* [wiring] PORTPARAMETERS (spec/ddi-kernel.md 7.2): meet WANTED as far as can be, tell in GRANTED. STATUS_SUCCESS,
 * STATUS_NOT_ALL_ASSIGNED, STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS swsynth_configure(struct swsynth_instance *instance, const SYNTH_PORTPARAMS *wanted, SYNTH_PORTPARAMS *granted);
/* [wiring] Defaults for what was never configured. */
NTSTATUS swsynth_configure_default(struct swsynth_instance *instance);
/* [wiring] Silence and an empty queue. UNMAP: the wave pin's time line ends, too; else what is held is returned. */
void swsynth_instance_stop(struct swsynth_instance *instance, bool unmap);
HRESULT swsynth_set_config(struct swsynth_instance *instance, const DMUS_SYNTHCONFIG *config); /* of IDmusSynthControl */
NTSTATUS swsynth_status(enum synth_status status);

/* ---- swsynth_events.c ---- */
/* Take a chain and return it to the allocator, now or when the wave pin runs. */
NTSTATUS swsynth_put(struct swsynth_instance *instance, PDMUS_KERNEL_EVENT chain);
/* [lock] Play what was held; the events are returned by the caller, without the lock. */
PDMUS_KERNEL_EVENT swsynth_play_held(struct swsynth_instance *instance);
PDMUS_KERNEL_EVENT swsynth_take_held(struct swsynth_instance *instance); /* [lock] without playing */
void swsynth_return(struct swsynth_instance *instance, PDMUS_KERNEL_EVENT chain);

/* ---- swsynth_dls.c ---- */
/* Finish what was unloaded and is no longer used: complete its request, unlock its pages. <= DISPATCH_LEVEL */
void swsynth_collect(struct swsynth_instance *instance);
/* From Render: have that done soon. */
void swsynth_collect_soon(struct swsynth_instance *instance);
void swsynth_collect_init(struct swsynth_instance *instance);
/* Unload all. No render in flight. */
void swsynth_drop_downloads(struct swsynth_instance *instance);
NTSTATUS swsynth_get_download(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_set_unload(PPCPROPERTY_REQUEST request, const void *value);
NTSTATUS swsynth_set_compact(PPCPROPERTY_REQUEST request, const void *value);
NTSTATUS swsynth_get_append(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_get_waveformat(PPCPROPERTY_REQUEST request, void *value);

/* ---- properties, by set ---- */
/* The instance that a request is about: STATUS_INVALID_DEVICE_REQUEST for a request to the filter, which has none,
 * STATUS_INVALID_DEVICE_STATE for a wave pin without one. */
NTSTATUS swsynth_request_instance(PPCPROPERTY_REQUEST request, struct swsynth_instance **out);
/* The same, configured: STATUS_UNSUCCESSFUL else. */
NTSTATUS swsynth_request_engine(PPCPROPERTY_REQUEST request, struct swsynth_instance **out);
/* Profile in force for the request's instance, or of new ones. */
ULONG swsynth_request_profile(PPCPROPERTY_REQUEST request);
/* swsynth_props.c: KSPROPSETID_Synth */
NTSTATUS swsynth_get_volume(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_set_volume(PPCPROPERTY_REQUEST request, const void *value);
NTSTATUS swsynth_get_caps(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_get_portparams(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_get_groups(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_set_groups(PPCPROPERTY_REQUEST request, const void *value);
NTSTATUS swsynth_get_priority(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_set_priority(PPCPROPERTY_REQUEST request, const void *value);
NTSTATUS swsynth_get_latency(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_get_stats(PPCPROPERTY_REQUEST request, void *value);
/* swsynth_dmprops.c: GUID_DMUS_PROP_* */
NTSTATUS swsynth_get_true(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_get_false(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_get_gs_capable(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_get_memory_size(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_get_rate(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_get_effects(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_set_effects(PPCPROPERTY_REQUEST request, const void *value);
NTSTATUS swsynth_get_reverb(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_set_reverb(PPCPROPERTY_REQUEST request, const void *value);
/* swsynth_own.c: KSPROPSETID_OpenDMusSynth */
NTSTATUS swsynth_get_config(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_set_own_config(PPCPROPERTY_REQUEST request, const void *value);
NTSTATUS swsynth_get_report(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_set_report(PPCPROPERTY_REQUEST request, const void *value);
NTSTATUS swsynth_get_missing_patch(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_get_silent(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_get_instance(PPCPROPERTY_REQUEST request, void *value);
NTSTATUS swsynth_set_instance(PPCPROPERTY_REQUEST request, const void *value);
NTSTATUS swsynth_get_refusal(PPCPROPERTY_REQUEST request, void *value);

#endif
