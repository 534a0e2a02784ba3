/* SPDX-License-Identifier: MIT */
/* What moves a pin at DISPATCH_LEVEL: the service group of its stream, and the sequencer's timer (spec 8.8). */
#include "kernel/portcls/master_clock.h"
#include "kernel/portcls/midi_stream.h"
#include "kernel/portcls/pin.h"
#include "kernel/portcls/sequencer.h"
#include "kernel/wdm/machine.h"

static const IServiceSinkVtbl pin_sink_vtbl;
IMPL_FROM(pc_pin, IServiceSink, pin_sink_vtbl)

static NTSTATUS NTAPI sink_QueryInterface(IServiceSink *iface, REFIID iid, PVOID *out)
{
    bool known = guid_is(iid, &IID_IServiceSink) || guid_is(iid, &IID_IUnknown);
    *out = known ? iface : NULL;
    return known ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/* The pin takes its sink out of the group before it ends: references keep nothing alive. */
static ULONG NTAPI sink_count(IServiceSink *iface)
{
    (void)iface;
    return 1;
}

static void NTAPI sink_RequestService(IServiceSink *iface)
{
    struct pc_pin *pin = impl_from_IServiceSink(iface);
    if (pin->midi_input)
        midi_input_service(pin->midi_input);
    else if (pin->midi_output)
        midi_output_service(pin->midi_output);
    else if (pin->type == DMUS_STREAM_MIDI_CAPTURE)
        mxf_put(pin->stream, NULL, pin->track);
    if (pin->sequencer)
        sequencer_service(pin->sequencer);
}

static const IServiceSinkVtbl pin_sink_vtbl = {sink_QueryInterface, sink_count, sink_count, sink_RequestService};

/* In one piece with the question, lest a later answer overtakes an earlier one. At DISPATCH_LEVEL, as KeSetTimer may let a DPC run on
 * this thread, which comes here again. */
void pin_timer_arm(void *ctx)
{
    struct pc_pin *pin = ctx;
    LARGE_INTEGER due;
    KIRQL before = KeGetCurrentIrql();
    if (before < DISPATCH_LEVEL)
        KeRaiseIrql(DISPATCH_LEVEL, &before);
    pthread_mutex_lock(&pin->timer_lock);
    int64_t next = sequencer_next_due(pin->sequencer);
    if (next != INT64_MAX) {
        due.QuadPart = master_clock_to_machine(wdm_current(), next);
        KeSetTimer(&pin->timer, due, &pin->timer_dpc);
    } else {
        KeCancelTimer(&pin->timer);
    }
    pthread_mutex_unlock(&pin->timer_lock);
    if (before < DISPATCH_LEVEL)
        KeLowerIrql(before);
}

static VOID NTAPI timer_due(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    struct pc_pin *pin = context;
    (void)dpc, (void)argument1, (void)argument2;
    sequencer_service(pin->sequencer);
    pin_timer_arm(pin);
}

static VOID NTAPI retry_due(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    (void)dpc, (void)argument1, (void)argument2;
    pin_resume_writes(context);
}

void pin_service_init(struct pc_pin *pin)
{
    pin->IServiceSink_iface.lpVtbl = &pin_sink_vtbl;
    KeInitializeTimer(&pin->timer);
    KeInitializeDpc(&pin->timer_dpc, timer_due, pin);
    KeInitializeTimer(&pin->retry_timer);
    KeInitializeDpc(&pin->retry_dpc, retry_due, pin);
}
