/* SPDX-License-Identifier: MIT */
/* KSPROPSETID_OpenDMusSynth (dmus/idmusks.h): IDmusSynthControl for clients that have the pin's handle only. */
#include "swsynth.h"

#include <dmerror.h>

/* The interface of the request's stream, which knows what to say. */
static NTSTATUS control_of(PPCPROPERTY_REQUEST request, IDmusSynthControl **out)
{
    struct swsynth_instance *instance;
    NTSTATUS status = swsynth_request_instance(request, &instance);
    if (NT_SUCCESS(status))
        *out = &impl_from_IMXF((PMXF)request->MinorTarget)->IDmusSynthControl_iface;
    return status;
}

static NTSTATUS to_status(HRESULT hr)
{
    switch (hr) {
    case S_OK: return STATUS_SUCCESS;
    case S_FALSE: return STATUS_NO_MORE_ENTRIES;
    case E_INVALIDARG: return STATUS_INVALID_PARAMETER;
    case DMUS_E_ALREADYOPEN:
    case DMUS_E_SYNTHNOTCONFIGURED: return STATUS_INVALID_DEVICE_STATE;
    default: return STATUS_UNSUCCESSFUL;
    }
}

NTSTATUS swsynth_get_config(PPCPROPERTY_REQUEST request, void *value)
{
    IDmusSynthControl *control;
    NTSTATUS status = control_of(request, &control);
    if (!NT_SUCCESS(status))
        return status;
    ((DMUS_SYNTHCONFIG *)value)->dwSize = sizeof(DMUS_SYNTHCONFIG);
    return to_status(control->lpVtbl->GetConfig(control, value));
}

NTSTATUS swsynth_set_own_config(PPCPROPERTY_REQUEST request, const void *value)
{
    struct swsynth_instance *instance;
    NTSTATUS status = swsynth_request_instance(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    swsynth_wire(instance->miniport); /* against PORTPARAMETERS, which reads it without the lock */
    status = to_status(swsynth_set_config(instance, value));
    swsynth_unwire(instance->miniport);
    return status;
}

NTSTATUS swsynth_get_report(PPCPROPERTY_REQUEST request, void *value)
{
    IDmusSynthControl *control;
    NTSTATUS status = control_of(request, &control);
    if (!NT_SUCCESS(status))
        return status;
    ((DMUS_SYNTHREPORT *)value)->dwSize = sizeof(DMUS_SYNTHREPORT);
    return to_status(control->lpVtbl->GetReport(control, value));
}

NTSTATUS swsynth_set_report(PPCPROPERTY_REQUEST request, const void *value)
{
    IDmusSynthControl *control;
    NTSTATUS status = control_of(request, &control);
    (void)value;
    return NT_SUCCESS(status) ? to_status(control->lpVtbl->ResetReport(control)) : status;
}

NTSTATUS swsynth_get_missing_patch(PPCPROPERTY_REQUEST request, void *value)
{
    IDmusSynthControl *control;
    ULONG index;
    NTSTATUS status = control_of(request, &control);
    if (!NT_SUCCESS(status))
        return status;
    RtlCopyMemory(&index, request->Instance, sizeof index);
    ((DMUS_MISSINGPATCH *)value)->dwSize = sizeof(DMUS_MISSINGPATCH);
    return to_status(control->lpVtbl->GetMissing(control, index, value));
}

NTSTATUS swsynth_get_silent(PPCPROPERTY_REQUEST request, void *value)
{
    IDmusSynthControl *control;
    NTSTATUS status = control_of(request, &control);
    if (!NT_SUCCESS(status))
        return status;
    ULONG silent = control->lpVtbl->IsSilent(control) == S_OK;
    RtlCopyMemory(value, &silent, sizeof silent);
    return STATUS_SUCCESS;
}

NTSTATUS swsynth_get_instance(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    NTSTATUS status = swsynth_request_instance(request, &instance);
    if (NT_SUCCESS(status))
        RtlCopyMemory(value, &instance->number, sizeof(ULONG));
    return status;
}

/* [wiring] */
static NTSTATUS join(struct swsynth_stream *wave, ULONG number)
{
    struct swsynth_stream *midi = wave->miniport->streams;
    while (midi && (midi->wave || midi->instance->number != number))
        midi = midi->next;
    if (number && !midi)
        return STATUS_NOT_FOUND;
    struct swsynth_instance *instance = number ? midi->instance : NULL;
    if (instance && instance->wave != wave && instance->wave)
        return STATUS_DEVICE_BUSY;
    if (instance && !swsynth_fits(wave, instance))
        return STATUS_NO_MATCH;
    wave->choosy = true;
    if (wave->instance == instance)
        return STATUS_SUCCESS;
    swsynth_part(wave);
    if (instance)
        swsynth_join(wave, instance);
    return STATUS_SUCCESS;
}

NTSTATUS swsynth_set_instance(PPCPROPERTY_REQUEST request, const void *value)
{
    ULONG number;
    if (!request->MinorTarget)
        return STATUS_INVALID_DEVICE_REQUEST;
    struct swsynth_stream *wave = impl_from_IMXF((PMXF)request->MinorTarget);
    if (!wave->wave)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (atomic_load(&wave->state) == KSSTATE_RUN)
        return STATUS_INVALID_DEVICE_STATE;
    RtlCopyMemory(&number, value, sizeof number);
    swsynth_wire(wave->miniport);
    NTSTATUS status = join(wave, number);
    swsynth_pair(wave->miniport); /* the instance that it left may find another */
    swsynth_unwire(wave->miniport);
    return status;
}

NTSTATUS swsynth_get_refusal(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    NTSTATUS status = swsynth_request_instance(request, &instance);
    if (NT_SUCCESS(status))
        RtlCopyMemory(value, &instance->refusal, sizeof(LONG));
    return status;
}
