/* SPDX-License-Identifier: MIT */
/* builtin.h - a class of PcNewMiniport, and who makes its objects. */
#ifndef DMUS_KERNEL_PORTCLS_BUILTIN_H
#define DMUS_KERNEL_PORTCLS_BUILTIN_H

#include <wdm.h>

#include <punknown.h>

struct pc_builtin_miniport {
    const GUID *clsid;
    /* One reference in *OUT. NTSTATUS. PASSIVE_LEVEL */
    HRESULT (*create)(PUNKNOWN *out, REFCLSID clsid, PUNKNOWN outer, POOL_TYPE pool);
};

#endif
