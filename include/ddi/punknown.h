/* SPDX-License-Identifier: MIT */
/*
 * punknown.h - IUnknown as kernel drivers know it: the same interface, answering NTSTATUS.
 *
 * Pointers passed out carry a reference that the caller owns, pointers passed in are borrowed: what is kept is AddRef'd.
 * QueryInterface fails with STATUS_INVALID_PARAMETER in the host's objects; drivers answer what they like below zero.
 *
 * Source: spec/ddi-kernel.md 2.
 */
#ifndef DDI_PUNKNOWN_H
#define DDI_PUNKNOWN_H
#ifndef _PUNKNOWN_H_
#define _PUNKNOWN_H_
#endif

#include "ddi_ex.h"
#include "ntdef.h"
#include "ntstatus.h"
#include "unknwn.h"

typedef IUnknown *PUNKNOWN;

/* The first three slots of every interface. */
#define DEFINE_ABSTRACT_UNKNOWN() \
    STDMETHOD_(NTSTATUS, QueryInterface)(THIS_ REFIID riid, PVOID *Interface) PURE; \
    STDMETHOD_(ULONG, AddRef)(THIS) PURE; \
    STDMETHOD_(ULONG, Release)(THIS) PURE;

/* Makes one object and answers it with one reference. PASSIVE_LEVEL */
typedef HRESULT (*PFNCREATEINSTANCE)(PUNKNOWN *Unknown, REFCLSID ClassId, PUNKNOWN OuterUnknown, POOL_TYPE PoolType);

#endif
