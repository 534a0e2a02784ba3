/* SPDX-License-Identifier: MIT */
#include "allocator.h"

#include <stdio.h>

#include "base/alloc.h"
#include "com.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"

struct allocator {
    IAllocatorMXF IAllocatorMXF_iface;
    struct lent lent;
    struct event_pool *pool;
    char name[MXF_NAME_MAX], track[MXF_NAME_MAX + sizeof "allocator "];
};

static const IAllocatorMXFVtbl allocator_vtbl;
IMPL_FROM(allocator, IAllocatorMXF, allocator_vtbl)

static NTSTATUS STDMETHODCALLTYPE allocator_QueryInterface(IAllocatorMXF *iface, REFIID riid, PVOID *out)
{
    if (!guid_is(riid, &IID_IUnknown) && !guid_is(riid, &IID_IMXF) && !guid_is(riid, &IID_IAllocatorMXF)) {
        *out = NULL;
        return STATUS_INVALID_PARAMETER;
    }
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return STATUS_SUCCESS;
}

static ULONG STDMETHODCALLTYPE allocator_AddRef(IAllocatorMXF *iface)
{
    return refcount_add(&impl_from_IAllocatorMXF(iface)->lent.refs);
}

static ULONG STDMETHODCALLTYPE allocator_Release(IAllocatorMXF *iface)
{
    struct allocator *allocator = impl_from_IAllocatorMXF(iface);
    ULONG refs = lent_release(&allocator->lent, "allocator", allocator->name);
    if (refs == 0) {
        event_pool_release(allocator->pool);
        allocator->IAllocatorMXF_iface.lpVtbl = NULL;
        dm_free(allocator);
    }
    return refs;
}

static NTSTATUS STDMETHODCALLTYPE allocator_SetState(IAllocatorMXF *iface, KSSTATE state)
{
    (void)iface, (void)state;
    return STATUS_SUCCESS;
}

static NTSTATUS STDMETHODCALLTYPE allocator_PutMessage(IAllocatorMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    struct allocator *allocator = impl_from_IAllocatorMXF(iface);
    wdm_need_irql(DISPATCH_LEVEL, "IAllocatorMXF::PutMessage");
    if (chain)
        WDM_TRACE(allocator->track, "return", "\"event\":\"%p\"", (void *)chain);
    event_pool_put(allocator->pool, allocator->name, chain);
    return STATUS_SUCCESS;
}

static NTSTATUS STDMETHODCALLTYPE allocator_connect(IAllocatorMXF *iface, PMXF sink)
{
    (void)iface, (void)sink;
    return STATUS_SUCCESS;
}

static NTSTATUS STDMETHODCALLTYPE allocator_GetMessage(IAllocatorMXF *iface, PDMUS_KERNEL_EVENT *out)
{
    struct allocator *allocator = impl_from_IAllocatorMXF(iface);
    if (!out)
        return STATUS_INVALID_PARAMETER;
    wdm_need_irql(DISPATCH_LEVEL, "IAllocatorMXF::GetMessage");
    return event_pool_get(allocator->pool, allocator->name, out);
}

static USHORT STDMETHODCALLTYPE allocator_GetBufferSize(IAllocatorMXF *iface)
{
    return event_pool_buffer_size(impl_from_IAllocatorMXF(iface)->pool);
}

static NTSTATUS STDMETHODCALLTYPE allocator_GetBuffer(IAllocatorMXF *iface, PBYTE *out)
{
    struct allocator *allocator = impl_from_IAllocatorMXF(iface);
    if (!out)
        return STATUS_INVALID_PARAMETER;
    wdm_need_irql(DISPATCH_LEVEL, "IAllocatorMXF::GetBuffer");
    return event_pool_get_buffer(allocator->pool, allocator->name, out);
}

static NTSTATUS STDMETHODCALLTYPE allocator_PutBuffer(IAllocatorMXF *iface, PBYTE buffer)
{
    struct allocator *allocator = impl_from_IAllocatorMXF(iface);
    wdm_need_irql(DISPATCH_LEVEL, "IAllocatorMXF::PutBuffer");
    return buffer ? event_pool_put_buffer(allocator->pool, allocator->name, buffer) : STATUS_SUCCESS;
}

static const IAllocatorMXFVtbl allocator_vtbl = {
    .QueryInterface = allocator_QueryInterface,
    .AddRef = allocator_AddRef,
    .Release = allocator_Release,
    .SetState = allocator_SetState,
    .PutMessage = allocator_PutMessage,
    .ConnectOutput = allocator_connect,
    .DisconnectOutput = allocator_connect,
    .GetMessage = allocator_GetMessage,
    .GetBufferSize = allocator_GetBufferSize,
    .GetBuffer = allocator_GetBuffer,
    .PutBuffer = allocator_PutBuffer,
};

void allocator_keep(IAllocatorMXF *allocator, bool keep) { atomic_store(&impl_from_IAllocatorMXF(allocator)->lent.kept, keep); }

struct event_pool *allocator_pool(IAllocatorMXF *allocator)
{
    return allocator->lpVtbl == &allocator_vtbl ? impl_from_IAllocatorMXF(allocator)->pool : NULL;
}

NTSTATUS allocator_create(struct event_pool *pool, const char *name, IAllocatorMXF **out)
{
    struct allocator *allocator = dm_calloc(1, sizeof *allocator);
    *out = NULL;
    if (!allocator)
        return STATUS_INSUFFICIENT_RESOURCES;
    allocator->IAllocatorMXF_iface.lpVtbl = &allocator_vtbl;
    refcount_init(&allocator->lent.refs, 1);
    snprintf(allocator->name, sizeof allocator->name, "%s", name);
    snprintf(allocator->track, sizeof allocator->track, "allocator %s", allocator->name);
    event_pool_add_ref(pool);
    allocator->pool = pool;
    *out = &allocator->IAllocatorMXF_iface;
    return STATUS_SUCCESS;
}
