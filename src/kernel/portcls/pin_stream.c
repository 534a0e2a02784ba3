/* SPDX-License-Identifier: MIT */
/* NewStream, and the elements of the MXF graph around what it gives (spec 8.2). */
#include <stdio.h>

#include "kernel/portcls/allocator.h"
#include "kernel/portcls/capture_sink.h"
#include "kernel/portcls/event_pool.h"
#include "kernel/portcls/format.h"
#include "kernel/portcls/midi_stream.h"
#include "kernel/portcls/packer.h"
#include "kernel/portcls/pin.h"
#include "kernel/portcls/query.h"
#include "kernel/portcls/sequencer.h"
#include "kernel/portcls/unpacker.h"
#include "kernel/portcls/wave_sink.h"
#include "kernel/wdm/machine.h"

static bool is_legacy(const struct pc_pin *pin) { return guid_is(&pin->format->SubFormat, &KSDATAFORMAT_SUBTYPE_MIDI); }

static void element_name(char out[MXF_NAME_MAX], const char *element, const struct pc_pin *pin)
{
    snprintf(out, MXF_NAME_MAX, "%s pin %u", element, (unsigned)pin->id);
}

static NTSTATUS new_stream(struct pc_pin *pin, ULONGLONG *prefetch)
{
    IMiniportDMus *miniport = pin->port->dmus;
    struct wdm_call call;
    wdm_call_begin(&call, "IMiniportDMus::NewStream");
    NTSTATUS status = miniport->lpVtbl->NewStream(miniport, &pin->stream, NULL, NonPagedPool, pin->id, pin->type, pin->format,
                                                  &pin->group, pin->allocator, pin->port->clock, prefetch);
    wdm_call_end(&call);
    return status;
}

static NTSTATUS new_midi_stream(struct pc_pin *pin)
{
    IMiniportMidi *miniport = pin->port->midi;
    struct wdm_call call;
    wdm_call_begin(&call, "IMiniportMidi::NewStream");
    NTSTATUS status = miniport->lpVtbl->NewStream(miniport, &pin->midi_stream, NULL, NonPagedPool, pin->id,
                                                  pin->type == DMUS_STREAM_MIDI_CAPTURE, pin->format, &pin->group);
    wdm_call_end(&call);
    return status;
}

static NTSTATUS make_stream(struct pc_pin *pin, ULONGLONG *prefetch)
{
    if (!pin->port->dmus && pin->type == DMUS_STREAM_WAVE_SINK)
        return STATUS_INVALID_DEVICE_REQUEST; /* a legacy MIDI miniport makes no sound */
    NTSTATUS status = pin->port->dmus ? new_stream(pin, prefetch) : new_midi_stream(pin);
    if (!NT_SUCCESS(status)) {
        pin->stream = NULL;
        pin->midi_stream = NULL;
        pin->group = NULL;
        return status;
    }
    return pin->stream || pin->midi_stream ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static NTSTATUS open_render(struct pc_pin *pin, ULONGLONG prefetch)
{
    char sequencer_name[MXF_NAME_MAX], unpacker_name[MXF_NAME_MAX];
    IMXF *output = pin->stream;
    NTSTATUS status = STATUS_SUCCESS;
    if (pin->midi_stream) {
        status = midi_output_create(pin->midi_stream, pin->allocator, pin->track, &pin->midi_output);
        output = NT_SUCCESS(status) ? midi_output_input(pin->midi_output) : NULL;
    } else {
        pin->holder = event_pool_holder(pin->port->pool);
    }
    element_name(sequencer_name, "sequencer", pin);
    element_name(unpacker_name, "unpacker", pin);
    if (NT_SUCCESS(status))
        status = sequencer_create(&(struct sequencer_config){.allocator = pin->allocator, .output = output, .clock = pin->port->clock,
                                                             .holder = pin->holder, .prefetch_100ns = prefetch, .name = sequencer_name,
                                                             .wake = pin_timer_arm, .wake_ctx = pin},
                                  &pin->sequencer);
    if (NT_SUCCESS(status))
        status = unpacker_create(&(struct unpacker_config){.format = is_legacy(pin) ? UNPACK_MIDI : UNPACK_DIRECTMUSIC,
                                                           .allocator = pin->allocator,
                                                           .output = sequencer_input(pin->sequencer), .name = unpacker_name},
                                 &pin->unpacker);
    return status;
}

static NTSTATUS connect_output(struct pc_pin *pin)
{
    struct wdm_call call;
    if (!pin->stream)
        return midi_input_create(pin->midi_stream, pin->allocator, pin->port->clock, capture_sink_input(pin->capture_sink),
                                 pin->track, &pin->midi_input);
    wdm_call_begin(&call, "IMXF::ConnectOutput");
    NTSTATUS status = pin->stream->lpVtbl->ConnectOutput(pin->stream, capture_sink_input(pin->capture_sink));
    wdm_call_end(&call);
    return status;
}

static NTSTATUS open_capture(struct pc_pin *pin)
{
    char sink_name[MXF_NAME_MAX], packer_name[MXF_NAME_MAX];
    element_name(sink_name, "capture sink", pin);
    element_name(packer_name, "packer", pin);
    NTSTATUS status = packer_create(&(struct packer_config){.format = is_legacy(pin) ? PACK_MIDI : PACK_DIRECTMUSIC,
                                                            .allocator = pin->allocator, .name = packer_name},
                                    &pin->packer);
    if (NT_SUCCESS(status))
        status = capture_sink_create(
            &(struct capture_sink_config){.allocator = pin->allocator, .output = packer_input(pin->packer),
                                          .clock = pin->port->clock,
                                          .drop_active_sensing = pc_machine_config().drop_active_sensing, .name = sink_name},
            &pin->capture_sink);
    return NT_SUCCESS(status) ? connect_output(pin) : status;
}

static NTSTATUS open_wave(struct pc_pin *pin)
{
    char name[MXF_NAME_MAX];
    WAVEFORMATEX format;
    NTSTATUS status;
    PVOID sink = query_interface((IUnknown *)pin->stream, &IID_ISynthSinkDMus, "wave stream", "ISynthSinkDMus", &status);
    if (!sink)
        return NT_SUCCESS(status) ? STATUS_UNSUCCESSFUL : status;
    pin->synth_sink = sink;
    const WAVEFORMATEX *wave = format_wave(pin->format, pin->format->FormatSize);
    if (!wave)
        return STATUS_NO_MATCH;
    memcpy(&format, wave, sizeof format);
    element_name(name, "wave sink", pin);
    return wave_sink_create(&(struct wave_sink_config){.stream = pin->synth_sink, .clock = pin->port->clock, .format = &format,
                                                       .bytes = pc_machine_config().render_bytes, .name = name},
                            &pin->wave_sink);
}

static NTSTATUS join_group(struct pc_pin *pin)
{
    if (!pin->group)
        return STATUS_SUCCESS;
    NTSTATUS status = pin->group->lpVtbl->AddMember(pin->group, &pin->IServiceSink_iface);
    pin->group_joined = NT_SUCCESS(status);
    if (pin->group_joined)
        pin->group->lpVtbl->SupportDelayedService(pin->group);
    return status;
}

NTSTATUS pin_stream_open(struct pc_pin *pin, const PCPIN_DESCRIPTOR *descriptor)
{
    ULONGLONG prefetch = 0;
    (void)descriptor;
    pin_service_init(pin);
    NTSTATUS status = allocator_create(pin->port->pool, pin->name, &pin->allocator);
    if (NT_SUCCESS(status))
        allocator_keep(pin->allocator, true);
    if (NT_SUCCESS(status))
        status = make_stream(pin, &prefetch);
    if (NT_SUCCESS(status))
        status = pin->type == DMUS_STREAM_MIDI_RENDER    ? open_render(pin, prefetch)
                 : pin->type == DMUS_STREAM_MIDI_CAPTURE ? open_capture(pin)
                                                         : open_wave(pin);
    if (NT_SUCCESS(status))
        status = join_group(pin);
    if (NT_SUCCESS(status) && pin->stream)
        query_nothing((IUnknown *)pin->stream, "stream");
    if (!NT_SUCCESS(status))
        pin_stream_close(pin);
    return status;
}

static void end_timers(struct pc_pin *pin)
{
    KeCancelTimer(&pin->timer);
    KeRemoveQueueDpc(&pin->timer_dpc);
    KeCancelTimer(&pin->retry_timer);
    KeRemoveQueueDpc(&pin->retry_dpc);
    KeFlushQueuedDpcs();
}

/* Nobody calls the stream any more when the group has let go of the sink and the timer is out of its queue. */
static void leave_service(struct pc_pin *pin)
{
    if (pin->group) {
        if (pin->group_joined)
            pin->group->lpVtbl->RemoveMember(pin->group, &pin->IServiceSink_iface);
        COM_RELEASE(pin->group);
    }
    pin->group = NULL;
    end_timers(pin);
    end_timers(pin); /* a DPC that ran meanwhile may have set one */
}

static ULONG release_stream(struct pc_pin *pin)
{
    ULONG left = 0;
    struct wdm_call call;
    wdm_call_begin(&call, "stream Release");
    if (pin->stream)
        left = COM_RELEASE(pin->stream);
    if (pin->midi_stream)
        left = COM_RELEASE(pin->midi_stream);
    wdm_call_end(&call);
    pin->stream = NULL;
    pin->midi_stream = NULL;
    return left;
}

/* STOP gave what it was given back (spec 8.7); what a stream that is gone still has, nobody can give back any more. */
static void report_held(struct pc_pin *pin)
{
    char who[sizeof "stream of , " + PORT_NAME_MAX + sizeof pin->name];
    snprintf(who, sizeof who, "stream of %s, %s", pin->port->name, pin->name);
    event_pool_report_held(pin->port->pool, pin->holder, who);
}

void pin_stream_close(struct pc_pin *pin)
{
    leave_service(pin);
    if (pin->stream && pin->capture_sink) {
        struct wdm_call call;
        wdm_call_begin(&call, "IMXF::DisconnectOutput");
        pin->stream->lpVtbl->DisconnectOutput(pin->stream, capture_sink_input(pin->capture_sink));
        wdm_call_end(&call);
    }
    unpacker_destroy(pin->unpacker);
    sequencer_destroy(pin->sequencer);
    midi_input_destroy(pin->midi_input);
    midi_output_destroy(pin->midi_output);
    wave_sink_destroy(pin->wave_sink);
    if (pin->synth_sink)
        COM_RELEASE(pin->synth_sink);
    bool had_stream = pin->stream || pin->midi_stream;
    ULONG left = release_stream(pin);
    if (had_stream && left == 0 && pin->holder)
        report_held(pin);
    capture_sink_close(pin->capture_sink);
    packer_destroy(pin->packer);
    pin->unpacker = NULL;
    pin->sequencer = NULL;
    pin->midi_input = NULL;
    pin->midi_output = NULL;
    pin->wave_sink = NULL;
    pin->synth_sink = NULL;
    pin->capture_sink = NULL;
    pin->packer = NULL;
    if (!pin->allocator)
        return;
    /* A stream that is gone has no right to an allocator; one that another pin shares may have. */
    allocator_keep(pin->allocator, false);
    ULONG kept = COM_RELEASE(pin->allocator);
    pin->allocator = NULL;
    if (kept && had_stream && left == 0)
        wdm_broken(WDM_RULE_REFERENCES, "%s, %s: the stream left %u references on its allocator", pin->port->name, pin->name,
                   (unsigned)kept);
}
