/* SPDX-License-Identifier: MIT */
/*
 * fltsafe.h - FLOATSAFE: an object during whose life kernel code may use floating point (C++).
 *
 * Source: spec/ddi-kernel.md 11.1.
 */
#ifndef DDI_FLTSAFE_H
#define DDI_FLTSAFE_H

#include "ddi_ke.h"

#ifdef __cplusplus
class FLOATSAFE {
public:
    KFLOATING_SAVE FloatSave;
    NTSTATUS ntStatus; /* of the saving; below zero: floating point must not be used */

    FLOATSAFE() : ntStatus(KeSaveFloatingPointState(&FloatSave)) {}
    ~FLOATSAFE()
    {
        if (NT_SUCCESS(ntStatus))
            KeRestoreFloatingPointState(&FloatSave);
    }

private:
    FLOATSAFE(const FLOATSAFE &);
    FLOATSAFE &operator=(const FLOATSAFE &);
};
#endif

#endif
