/* SPDX-License-Identifier: MIT */
/* Breaks rule 7: each new state costs a block of pool that nobody frees. */
#include "faulty.h"

static NTSTATUS set_state(struct stream *s, KSSTATE state)
{
    UNREFERENCED_PARAMETER(s);
    UNREFERENCED_PARAMETER(state);
    return ExAllocatePoolWithTag(NonPagedPool, 24, 'kaeL') ? STATUS_SUCCESS : STATUS_SUCCESS;
}

#define ON_STATE set_state
#include "skeleton.h"
