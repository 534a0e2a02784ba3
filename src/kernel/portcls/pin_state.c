/* SPDX-License-Identifier: MIT */
/*
 * STOP, ACQUIRE, PAUSE, RUN: one step at a time through every element, sink side first on the way up, source side first on the way
 * down, so that nothing is delivered to an element that is behind (spec 8.7). And the pause around a loss of power (8.13).
 */
#include "kernel/portcls/capture_sink.h"
#include "kernel/portcls/midi_stream.h"
#include "kernel/portcls/packer.h"
#include "kernel/portcls/pin.h"
#include "kernel/portcls/sequencer.h"
#include "kernel/portcls/wave_sink.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"

static bool enter(KMUTEX *gate) { return KeWaitForSingleObject(gate, Executive, KernelMode, FALSE, NULL) == STATUS_SUCCESS; }

static void leave(KMUTEX *gate) { KeReleaseMutex(gate, FALSE); }

static NTSTATUS stream_state(struct pc_pin *pin, KSSTATE state)
{
    static const char *const names[] = {"STOP", "ACQUIRE", "PAUSE", "RUN"};
    struct wdm_call call;
    WDM_TRACE(pin->track, "SetState", "\"state\":\"%s\"", names[state]);
    wdm_call_begin(&call, "SetState of a stream");
    NTSTATUS status = pin->stream ? pin->stream->lpVtbl->SetState(pin->stream, state)
                                  : pin->midi_stream->lpVtbl->SetState(pin->midi_stream, state);
    wdm_call_end(&call);
    if (!NT_SUCCESS(status))
        wdm_broken(WDM_RULE_STATE, "%s, %s: SetState(%s) failed with %08x", pin->port->name, pin->name, names[state],
                   (unsigned)status);
    return status;
}

/* STOP: a message that was begun is over, and what a legacy stream did not take is not played later. */
static void forget(struct pc_pin *pin)
{
    pin_reset_unpacker(pin);
    if (pin->midi_output)
        midi_output_flush(pin->midi_output);
}

static NTSTATUS render_step(struct pc_pin *pin, KSSTATE from, KSSTATE to)
{
    NTSTATUS status;
    if (to > from) {
        status = stream_state(pin, to);
        if (NT_SUCCESS(status))
            status = sequencer_set_state(pin->sequencer, to);
    } else {
        sequencer_set_state(pin->sequencer, to);
        status = stream_state(pin, to);
        if (!NT_SUCCESS(status))
            sequencer_set_state(pin->sequencer, from);
        else if (to == KSSTATE_STOP)
            forget(pin);
    }
    pin_timer_arm(pin);
    return status;
}

static NTSTATUS capture_step(struct pc_pin *pin, KSSTATE from, KSSTATE to)
{
    NTSTATUS status;
    if (to > from) {
        capture_sink_set_state(pin->capture_sink, to);
        status = stream_state(pin, to);
        if (!NT_SUCCESS(status))
            capture_sink_set_state(pin->capture_sink, from);
        return status;
    }
    status = stream_state(pin, to);
    if (!NT_SUCCESS(status))
        return status;
    KeFlushQueuedDpcs(); /* a service that began before the stream knew may still deliver: the sink takes that */
    capture_sink_set_state(pin->capture_sink, to);
    if (to == KSSTATE_STOP)
        packer_flush(pin->packer); /* and the requests that wait are cancelled */
    return STATUS_SUCCESS;
}

/* The wave gate keeps a slice that is being rendered out of the change. */
static NTSTATUS wave_step(struct pc_pin *pin, KSSTATE from, KSSTATE to)
{
    if (!enter(&pin->wave_gate))
        return STATUS_UNSUCCESSFUL;
    if (from == KSSTATE_RUN)
        wave_sink_stop(pin->wave_sink);
    NTSTATUS status = stream_state(pin, to);
    if (NT_SUCCESS(status) && to == KSSTATE_RUN)
        wave_sink_start(pin->wave_sink);
    else if (!NT_SUCCESS(status) && from == KSSTATE_RUN)
        wave_sink_start(pin->wave_sink);
    leave(&pin->wave_gate);
    return status;
}

static NTSTATUS step(struct pc_pin *pin, KSSTATE to)
{
    KSSTATE from = pin->state;
    NTSTATUS status = pin->type == DMUS_STREAM_MIDI_RENDER    ? render_step(pin, from, to)
                      : pin->type == DMUS_STREAM_MIDI_CAPTURE ? capture_step(pin, from, to)
                                                              : wave_step(pin, from, to);
    if (NT_SUCCESS(status)) {
        pthread_mutex_lock(&pin->lock);
        pin->state = to;
        pthread_mutex_unlock(&pin->lock);
    }
    return status;
}

/* Under the gate. */
static NTSTATUS walk(struct pc_pin *pin, KSSTATE state)
{
    NTSTATUS status = STATUS_SUCCESS;
    while (NT_SUCCESS(status) && pin->state != state)
        status = step(pin, (KSSTATE)(state > pin->state ? pin->state + 1 : pin->state - 1));
    return status;
}

NTSTATUS pin_set_state(struct pc_pin *pin, KSSTATE state)
{
    NTSTATUS status = STATUS_UNSUCCESSFUL;
    struct power_scope scope;
    pc_power_scope_begin(pin->port->device, &scope);
    bool entered = enter(&pin->gate);
    if (entered && pin->powered_down) {
        /* RUN waits for the power; what is below can be had now, and drivers keep to their caches. */
        pin->resume = state;
        status = walk(pin, state > KSSTATE_PAUSE ? KSSTATE_PAUSE : state);
    } else if (entered) {
        status = walk(pin, state);
    }
    if (entered)
        leave(&pin->gate);
    pc_power_scope_end(&scope);
    return status;
}

KSSTATE pin_state(struct pc_pin *pin)
{
    pthread_mutex_lock(&pin->lock);
    KSSTATE state = pin->state;
    pthread_mutex_unlock(&pin->lock);
    return state;
}

void pin_power_down(struct pc_pin *pin)
{
    if (!enter(&pin->gate))
        return;
    if (!pin->powered_down) {
        pin->powered_down = true;
        pin->resume = pin->state;
        if (pin->state == KSSTATE_RUN)
            step(pin, KSSTATE_PAUSE);
    }
    leave(&pin->gate);
}

void pin_power_up(struct pc_pin *pin)
{
    if (!enter(&pin->gate))
        return;
    if (pin->powered_down) {
        pin->powered_down = false;
        walk(pin, pin->resume);
    }
    leave(&pin->gate);
}

NTSTATUS pin_pull(struct pc_pin *pin, void *buffer, uint32_t frames)
{
    struct power_scope scope;
    if (!pin->wave_sink)
        return STATUS_INVALID_DEVICE_REQUEST;
    pc_power_scope_begin(pin->port->device, &scope);
    bool entered = enter(&pin->wave_gate);
    if (entered) {
        wave_sink_slice(pin->wave_sink, buffer, frames);
        leave(&pin->wave_gate);
    }
    pc_power_scope_end(&scope);
    return entered ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

NTSTATUS pin_pull_float(struct pc_pin *pin, float *buffer, uint32_t frames)
{
    struct power_scope scope;
    if (!pin->wave_sink)
        return STATUS_INVALID_DEVICE_REQUEST;
    pc_power_scope_begin(pin->port->device, &scope);
    bool entered = enter(&pin->wave_gate), ok = entered && wave_sink_slice_float(pin->wave_sink, buffer, frames);
    if (entered)
        leave(&pin->wave_gate);
    pc_power_scope_end(&scope);
    if (!entered)
        return STATUS_UNSUCCESSFUL;
    return ok ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
}

int64_t pin_wave_due(struct pc_pin *pin)
{
    if (!pin->wave_sink || !enter(&pin->wave_gate))
        return 0;
    int64_t due = wave_sink_due_100ns(pin->wave_sink);
    leave(&pin->wave_gate);
    return due;
}
