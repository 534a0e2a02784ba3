/* SPDX-License-Identifier: MIT */
/* The synth node's properties, of a device that has no synth (spec/ddi-kernel.md 8.15). */
#include "uart.h"

static const struct uart_stream *stream_of(PPCPROPERTY_REQUEST request)
{
    return request->MinorTarget ? impl_from_IMXF((PMXF)request->MinorTarget) : NULL;
}

/* "... [330]": the port's number in hexadecimal. */
static void describe(WCHAR *out, const char *text, ULONG number)
{
    static const char digits[] = "0123456789ABCDEF";
    int shift = 28;
    while (*text)
        *out++ = (WCHAR)*text++;
    *out++ = (WCHAR)'[';
    while (shift > 0 && number >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        *out++ = (WCHAR)digits[number >> shift & 15];
    *out = (WCHAR)']';
}

static NTSTATUS get_caps(PPCPROPERTY_REQUEST request, void *value)
{
    const struct uart_miniport *miniport = impl_from_IMiniportDMus((IMiniportDMus *)request->MajorTarget);
    bool capture = request->Node == UART_NODE_CAPTURE;
    SYNTHCAPS *caps = value; /* zeroed */
    caps->Guid = capture ? CLSID_MiniportDriverDMusUARTCapture : CLSID_MiniportDriverDMusUART;
    caps->Flags = SYNTH_PC_EXTERNAL;
    caps->MaxChannelGroups = 1;
    caps->MaxVoices = MAXULONG;
    caps->MaxAudioChannels = MAXULONG;
    describe(caps->Description, capture ? "DMusic MPU-401 In " : "DMusic MPU-401 Out ", miniport->port_number);
    return STATUS_SUCCESS;
}

/* There is nothing to choose but the one group. */
static NTSTATUS get_portparams(PPCPROPERTY_REQUEST request, void *value)
{
    SYNTH_PORTPARAMS params;
    if (!stream_of(request))
        return STATUS_INVALID_DEVICE_REQUEST;
    RtlCopyMemory(&params, request->Instance, sizeof params);
    bool altered = (params.ValidParams & ~(ULONG)SYNTH_PORTPARAMS_CHANNELGROUPS) ||
                   ((params.ValidParams & SYNTH_PORTPARAMS_CHANNELGROUPS) && params.ChannelGroups != 1);
    params = (SYNTH_PORTPARAMS){.ValidParams = SYNTH_PORTPARAMS_CHANNELGROUPS, .ChannelGroups = 1};
    RtlCopyMemory(value, &params, sizeof params);
    return altered ? STATUS_NOT_ALL_ASSIGNED : STATUS_SUCCESS;
}

/* No latency of our own: the next moment. */
static NTSTATUS get_latency(PPCPROPERTY_REQUEST request, void *value)
{
    const struct uart_stream *stream = stream_of(request);
    REFERENCE_TIME now;
    if (!stream)
        return STATUS_INVALID_DEVICE_REQUEST;
    NTSTATUS status = stream->clock->lpVtbl->GetTime(stream->clock, &now);
    ULONGLONG latency = (ULONGLONG)now + 1;
    RtlCopyMemory(value, &latency, sizeof latency);
    return status;
}

static NTSTATUS get_groups(PPCPROPERTY_REQUEST request, void *value)
{
    ULONG groups = 1;
    (void)request;
    RtlCopyMemory(value, &groups, sizeof groups);
    return STATUS_SUCCESS;
}

static NTSTATUS set_groups(PPCPROPERTY_REQUEST request, const void *value)
{
    (void)request, (void)value; /* one it stays */
    return STATUS_SUCCESS;
}

static const struct property_item node_items[] = {
    PROPERTY_GET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_CAPS, sizeof(SYNTHCAPS), 0, get_caps),
    PROPERTY_GET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_PORTPARAMETERS, sizeof(SYNTH_PORTPARAMS), sizeof(SYNTH_PORTPARAMS),
                 get_portparams),
    PROPERTY_GET_SET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_CHANNELGROUPS, sizeof(ULONG), 0, get_groups, set_groups),
    PROPERTY_GET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_LATENCYCLOCK, sizeof(ULONGLONG), 0, get_latency),
};

const PCAUTOMATION_TABLE uart_node_table = PROPERTY_TABLE(node_items);
