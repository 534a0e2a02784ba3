/* SPDX-License-Identifier: MIT */
/* Breaks rule 23: the property handler succeeds with more bytes than there was room for. */
#include "faulty.h"

static NTSTATUS property(PPCPROPERTY_REQUEST request)
{
    request->ValueSize = request->ValueSize + 4;
    return STATUS_SUCCESS;
}

#define ON_PROPERTY property
#include "skeleton.h"
