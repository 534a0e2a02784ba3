/* SPDX-License-Identifier: MIT */
/* Breaks rule 25: the stream goes while its timer is set. */
#include "faulty.h"

static VOID NTAPI nothing(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(argument1);
    UNREFERENCED_PARAMETER(argument2);
}

static NTSTATUS set_state(struct stream *s, KSSTATE state)
{
    LARGE_INTEGER minute;
    minute.QuadPart = -600000000;
    if (state != KSSTATE_RUN || s->last)
        return STATUS_SUCCESS;
    s->last = 1;
    KeInitializeTimer(&s->timer);
    KeInitializeDpc(&s->dpc, nothing, s);
    KeSetTimer(&s->timer, minute, &s->dpc);
    return STATUS_SUCCESS;
}

#define ON_STATE set_state
#include "skeleton.h"
