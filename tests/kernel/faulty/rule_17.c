/* SPDX-License-Identifier: MIT */
/* Breaks rule 17: the capture stream goes on sending after STOP. */
#include "faulty.h"

static NTSTATUS service(struct stream *s)
{
    return deliver(s, note(s));
}

#define ON_SERVICE service
#include "skeleton.h"
