/* SPDX-License-Identifier: MIT */
/* Breaks rule 22: the property handler writes eight bytes whatever the size of the value. */
#include "faulty.h"

static NTSTATUS property(PPCPROPERTY_REQUEST request)
{
    NTSTATUS status = request->ValueSize == 0 ? STATUS_BUFFER_OVERFLOW
                      : request->ValueSize < 4 ? STATUS_BUFFER_TOO_SMALL
                                               : STATUS_SUCCESS;
    if (NT_SUCCESS(status))
        RtlFillMemory(request->Value, 8, 1);
    request->ValueSize = 4;
    return status;
}

#define ON_PROPERTY property
#include "skeleton.h"
