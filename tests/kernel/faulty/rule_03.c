/* SPDX-License-Identifier: MIT */
/* Breaks rule 3: SetState raises the IRQL and forgets to lower it. */
#include "faulty.h"

static NTSTATUS set_state(struct stream *s, KSSTATE state)
{
    KIRQL before;
    UNREFERENCED_PARAMETER(s);
    if (state == KSSTATE_RUN)
        KeRaiseIrql(DISPATCH_LEVEL, &before);
    return STATUS_SUCCESS;
}

#define ON_STATE set_state
#include "skeleton.h"
