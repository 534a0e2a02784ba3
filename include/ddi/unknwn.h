/* SPDX-License-Identifier: MIT */
/*
 * unknwn.h - the part of COM that the DDI stands on: how an interface is declared, IUnknown, IClassFactory.
 *
 * One declaration serves both languages. In C++ it is an abstract class, in C (and in C++ with CINTERFACE) a structure
 * whose only member lpVtbl points to a structure of function pointers, NameVtbl, in slot order. The two agree in memory.
 * With COBJMACROS, C gets a macro Interface_Method(object, ...) for every method. With CONST_VTABLE, lpVtbl points to a
 * const table, so that implementations can keep theirs in read-only memory.
 *
 * To declare an interface: define INTERFACE as its name, then DECLARE_INTERFACE_(name, base), inherited methods first.
 *
 * Source: spec/ddi-user.md 0.3, 1.1, 2.6.
 */
#ifndef DDI_UNKNWN_H
#define DDI_UNKNWN_H

#include "guiddef.h"

#ifdef CONST_VTABLE
#define CONST_VTBL const
#else
#define CONST_VTBL
#endif

#if defined(__cplusplus) && !defined(CINTERFACE)
#define STDMETHOD(method)        virtual HRESULT STDMETHODCALLTYPE method
#define STDMETHOD_(type, method) virtual type STDMETHODCALLTYPE method
#define PURE                     = 0
#define THIS_
#define THIS void
#define DECLARE_INTERFACE(iface)        struct iface
#define DECLARE_INTERFACE_(iface, base) struct iface : public base
#else
#define STDMETHOD(method)        HRESULT(STDMETHODCALLTYPE *method)
#define STDMETHOD_(type, method) type(STDMETHODCALLTYPE *method)
#define PURE
#define THIS_ INTERFACE *This,
#define THIS  INTERFACE *This
#define DECLARE_INTERFACE(iface) \
    typedef struct iface { \
        CONST_VTBL struct iface##Vtbl *lpVtbl; \
    } iface; \
    typedef struct iface##Vtbl iface##Vtbl; \
    struct iface##Vtbl
#define DECLARE_INTERFACE_(iface, base) DECLARE_INTERFACE(iface)
#endif

/* For the definitions of methods and exports. */
#define STDMETHODIMP        HRESULT STDMETHODCALLTYPE
#define STDMETHODIMP_(type) type STDMETHODCALLTYPE
#define STDAPI              EXTERN_C HRESULT STDAPICALLTYPE
#define STDAPI_(type)       EXTERN_C type STDAPICALLTYPE

/* {00000000-0000-0000-C000-000000000046} */
DEFINE_GUID(IID_IUnknown, 0x00000000, 0x0000, 0x0000, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46);
/* {00000001-0000-0000-C000-000000000046} */
DEFINE_GUID(IID_IClassFactory, 0x00000001, 0x0000, 0x0000, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46);

#undef INTERFACE
#define INTERFACE IUnknown
DECLARE_INTERFACE(IUnknown)
{
    /* S_OK and one more reference in *ppv, or E_NOINTERFACE and *ppv NULL. E_POINTER. Any thread. */
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    /* Both answer the new count, which serves tests only. */
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
};
typedef IUnknown *LPUNKNOWN;

#undef INTERFACE
#define INTERFACE IClassFactory
DECLARE_INTERFACE_(IClassFactory, IUnknown)
{
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppv) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
    /* CLASS_E_NOAGGREGATION for an outer unknown that the class does not accept, E_NOINTERFACE, E_OUTOFMEMORY,
     * E_POINTER; *ppvObject is NULL after any failure. */
    STDMETHOD(CreateInstance)(THIS_ IUnknown *pUnkOuter, REFIID riid, void **ppvObject) PURE;
    /* TRUE keeps the server loaded, FALSE takes one TRUE back. */
    STDMETHOD(LockServer)(THIS_ BOOL fLock) PURE;
};
typedef IClassFactory *LPCLASSFACTORY;
#undef INTERFACE

#if (!defined(__cplusplus) || defined(CINTERFACE)) && defined(COBJMACROS)
#define IUnknown_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IUnknown_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IUnknown_Release(p)              (p)->lpVtbl->Release(p)

#define IClassFactory_QueryInterface(p, a, b)    (p)->lpVtbl->QueryInterface(p, a, b)
#define IClassFactory_AddRef(p)                  (p)->lpVtbl->AddRef(p)
#define IClassFactory_Release(p)                 (p)->lpVtbl->Release(p)
#define IClassFactory_CreateInstance(p, a, b, c) (p)->lpVtbl->CreateInstance(p, a, b, c)
#define IClassFactory_LockServer(p, a)           (p)->lpVtbl->LockServer(p, a)
#endif

#endif
