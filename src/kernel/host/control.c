/* SPDX-License-Identifier: MIT */
/* IKsControl over a handle: KsProperty is IOCTL_KS_PROPERTY, its status told as dmksctrl.h documents. */
#include <string.h>

#include "base/alloc.h"
#include "host_impl.h"
#include "kernel/portcls/com.h"

#include <dmerror.h>

struct host_control {
    IKsControl IKsControl_iface;
    struct refcount refs; /* the client's */
    pthread_mutex_t lock;
    struct host *host;
    struct host_file *file; /* under lock; NULL: the handle is closed */
};
static const IKsControlVtbl control_vtbl;
IMPL_FROM(host_control, IKsControl, control_vtbl)

static HRESULT STDMETHODCALLTYPE control_QueryInterface(IKsControl *iface, REFIID iid, void **out)
{
    if (!out)
        return E_POINTER;
    if (!guid_is(iid, &IID_IUnknown) && !guid_is(iid, &IID_IKsControl)) {
        *out = NULL;
        return E_NOINTERFACE;
    }
    COM_ADDREF(iface);
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE control_AddRef(IKsControl *iface) { return refcount_add(&impl_from_IKsControl(iface)->refs); }

/* Two references at most lead here: the client's, which comes through this, and the open handle's (file->control). */
static void control_release(struct host_control *self)
{
    pthread_mutex_destroy(&self->lock);
    dm_free(self);
}

static ULONG STDMETHODCALLTYPE control_Release(IKsControl *iface)
{
    struct host_control *self = impl_from_IKsControl(iface);
    ULONG left = refcount_release(&self->refs);
    if (left == 0)
        control_release(self);
    return left;
}

static struct host_file *take_file(struct host_control *self)
{
    pthread_mutex_lock(&self->lock);
    struct host_file *file = self->file;
    if (file)
        host_file_add_ref(file);
    pthread_mutex_unlock(&self->lock);
    return file;
}

#define HRESULT_OF_NTSTATUS(s) ((HRESULT)((ULONG)(s) | 0x10000000u))

static HRESULT hresult_of(NTSTATUS status, ULONG flags)
{
    ULONG verb = flags & ~(ULONG)KSPROPERTY_TYPE_TOPOLOGY;
    switch ((ULONG)status) {
    case (ULONG)STATUS_SUCCESS: return S_OK;
    case (ULONG)STATUS_BUFFER_OVERFLOW: return HRESULT_FROM_WIN32(ERROR_MORE_DATA);
    case (ULONG)STATUS_BUFFER_TOO_SMALL: return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    case (ULONG)STATUS_NOT_FOUND: return DMUS_E_UNKNOWN_PROPERTY;
    case (ULONG)STATUS_INVALID_DEVICE_REQUEST:
        return verb == KSPROPERTY_TYPE_SET   ? DMUS_E_SET_UNSUPPORTED
               : verb == KSPROPERTY_TYPE_GET ? DMUS_E_GET_UNSUPPORTED
                                             : E_NOTIMPL;
    case (ULONG)STATUS_NOT_IMPLEMENTED: return E_NOTIMPL;
    case (ULONG)STATUS_INVALID_PARAMETER: return E_INVALIDARG;
    case (ULONG)STATUS_INSUFFICIENT_RESOURCES:
    case (ULONG)STATUS_NO_MEMORY: return E_OUTOFMEMORY;
    default: return NT_SUCCESS(status) ? S_FALSE : HRESULT_OF_NTSTATUS(status); /* granted with changes, still busy */
    }
}

static HRESULT STDMETHODCALLTYPE control_KsProperty(IKsControl *iface, KSPROPERTY *property, ULONG property_size, void *data,
                                                    ULONG data_size, ULONG *returned)
{
    struct host_control *self = impl_from_IKsControl(iface);
    ULONG information = 0, flags = 0;
    if (returned)
        *returned = 0;
    if (!property || (data_size && !data))
        return E_POINTER;
    struct host_file *file = take_file(self);
    if (!file)
        return E_UNEXPECTED;
    struct host *host = self->host;
    bool entered = host_enter(host);
    struct host_ioctl ioctl = {.code = IOCTL_KS_PROPERTY, .input = property, .input_size = property_size, .output = data,
                               .output_size = data_size, .wait = true};
    if (property_size >= sizeof *property)
        memcpy(&flags, (const char *)property + offsetof(KSPROPERTY, Flags), sizeof flags);
    NTSTATUS status = host_send_ioctl(file, &ioctl, &information);
    host_file_release(file, false);
    host_leave(entered);
    if (returned)
        *returned = information;
    return hresult_of(status, flags);
}

static HRESULT STDMETHODCALLTYPE control_KsMethod(IKsControl *iface, KSMETHOD *method, ULONG method_size, void *data,
                                                  ULONG data_size, ULONG *returned)
{
    (void)iface, (void)method, (void)method_size, (void)data, (void)data_size, (void)returned;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE control_KsEvent(IKsControl *iface, KSEVENT *event, ULONG event_size, void *data,
                                                 ULONG data_size, ULONG *returned)
{
    (void)iface, (void)event, (void)event_size, (void)data, (void)data_size, (void)returned;
    return E_NOTIMPL;
}

static const IKsControlVtbl control_vtbl = {control_QueryInterface, control_AddRef,   control_Release,
                                            control_KsProperty,     control_KsMethod, control_KsEvent};

/* The handle's reference. */
void host_control_orphan(struct host_control *control)
{
    pthread_mutex_lock(&control->lock);
    control->file = NULL;
    pthread_mutex_unlock(&control->lock);
    control_Release(&control->IKsControl_iface);
}

NTSTATUS host_control_create(struct host_file *file, IKsControl **out)
{
    struct host_control *self = dm_calloc(1, sizeof *self), *existing;
    *out = NULL;
    if (!self)
        return STATUS_INSUFFICIENT_RESOURCES;
    self->IKsControl_iface.lpVtbl = &control_vtbl;
    refcount_init(&self->refs, 2);
    pthread_mutex_init(&self->lock, NULL);
    self->host = file->host;
    self->file = file;
    pthread_mutex_lock(&file->host->lock);
    existing = file->control;
    if (existing)
        COM_ADDREF(&existing->IKsControl_iface);
    else
        file->control = self;
    pthread_mutex_unlock(&file->host->lock);
    if (existing)
        control_release(self);
    *out = existing ? &existing->IKsControl_iface : &self->IKsControl_iface;
    return STATUS_SUCCESS;
}
