/* SPDX-License-Identifier: MIT */
/* Breaks rule 18: SetState(PAUSE) fails. */
#include "faulty.h"

static NTSTATUS set_state(struct stream *s, KSSTATE state)
{
    UNREFERENCED_PARAMETER(s);
    return state == KSSTATE_PAUSE ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}

#define ON_STATE set_state
#include "skeleton.h"
