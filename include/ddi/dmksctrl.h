/* SPDX-License-Identifier: MIT */
/*
 * dmksctrl.h - IKsControl, the property channel that synths, sinks and ports share with kernel streaming.
 *
 * A property is a set (GUID), an item of it and flags that say what is wanted. The sets of DirectMusic are in dmusicc.h
 * and dmusics.h; DirectMusic uses no methods and no events. The port asks the synth first, then the sink.
 *
 * Source: spec/ddi-user.md 1.1, 1.3, 2.4, 4.2, 5.6.
 */
#ifndef DDI_DMKSCTRL_H
#define DDI_DMKSCTRL_H

#include "ddi_ks.h"
#include "unknwn.h"

DEFINE_GUID(IID_IKsControl, 0x28f54685, 0x06fd, 0x11d2, 0xb2, 0x7a, 0x00, 0xa0, 0xc9, 0x22, 0x31, 0x96);

#undef INTERFACE
#define INTERFACE IKsControl
DECLARE_INTERFACE_(IKsControl, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* Get, set or ask about item Id of set Set according to Flags (KSPROPERTY_TYPE_*). Data NULL of length 0 asks for the
     * size: HRESULT_FROM_WIN32(ERROR_MORE_DATA). Too short: HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER).
     * DMUS_E_UNKNOWN_PROPERTY, DMUS_E_GET_UNSUPPORTED, DMUS_E_SET_UNSUPPORTED, E_POINTER. */
    STDMETHOD(KsProperty)(THIS_ KSPROPERTY *Property, ULONG PropertyLength, void *PropertyData, ULONG DataLength,
                          ULONG *BytesReturned) PURE;
    /* Not used by DirectMusic: E_NOTIMPL. */
    STDMETHOD(KsMethod)(THIS_ KSMETHOD *Method, ULONG MethodLength, void *MethodData, ULONG DataLength,
                        ULONG *BytesReturned) PURE;
    /* Not used by DirectMusic: E_NOTIMPL. */
    STDMETHOD(KsEvent)(THIS_ KSEVENT *Event, ULONG EventLength, void *EventData, ULONG DataLength,
                       ULONG *BytesReturned) PURE;
};
#undef INTERFACE

#if (!defined(__cplusplus) || defined(CINTERFACE)) && defined(COBJMACROS)
#define IKsControl_QueryInterface(p, a, b)      (p)->lpVtbl->QueryInterface(p, a, b)
#define IKsControl_AddRef(p)                    (p)->lpVtbl->AddRef(p)
#define IKsControl_Release(p)                   (p)->lpVtbl->Release(p)
#define IKsControl_KsProperty(p, a, b, c, d, e) (p)->lpVtbl->KsProperty(p, a, b, c, d, e)
#define IKsControl_KsMethod(p, a, b, c, d, e)   (p)->lpVtbl->KsMethod(p, a, b, c, d, e)
#define IKsControl_KsEvent(p, a, b, c, d, e)    (p)->lpVtbl->KsEvent(p, a, b, c, d, e)
#endif

#endif
