/* SPDX-License-Identifier: MIT */
/*
 * stdunk.h - CUnknown, on which C++ miniports are built, and new and delete from pool.
 *
 * Everything is in this header: definitions are hidden and weak, so each driver has its own and no library is linked.
 * An object starts with no reference; creating functions add the first one. new(PoolType, Tag) gives zeroed memory, or
 * NULL and no constructor; delete gives it back and takes NULL. Both at the levels of their pool.
 *
 * Source: spec/ddi-kernel.md 2.1.
 */
#ifndef DDI_STDUNK_H
#define DDI_STDUNK_H
#ifndef _STDUNK_H_
#define _STDUNK_H_
#endif

#include "punknown.h"
#include "wdm.h"

#if defined(__cplusplus) && !defined(CINTERFACE)

#define DDI_HIDDEN __attribute__((visibility("hidden")))

#ifndef _NEW_DELETE_OPERATORS_
#define _NEW_DELETE_OPERATORS_

#if __cplusplus >= 201103L
#define DDI_NOTHROW noexcept
#else
#define DDI_NOTHROW throw()
#endif

/* In C++ what is stored before a constructor runs is dead, so gcc would leave the zeros out; drivers rely on them. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-lifetime-dse")
#endif

/* noexcept: a NULL is seen by the new expression. The empty assembler statement keeps the zeros for clang, too. Always inline: reports
 * name who wrote new. */
#define DDI_NEW inline DDI_HIDDEN __attribute__((always_inline))
DDI_NEW void *operator new(size_t size, POOL_TYPE pool, ULONG tag) DDI_NOTHROW
{
    void *block = ExAllocatePoolWithTag(pool, size, tag);
    if (block)
        RtlZeroMemory(block, size);
    __asm__ volatile("" : "+r"(block) : : "memory");
    return block;
}
DDI_NEW void *operator new(size_t size, POOL_TYPE pool) DDI_NOTHROW
{
    return operator new(size, pool, (ULONG)0x774e6350); /* 'wNcP' */
}
DDI_NEW void *operator new[](size_t size, POOL_TYPE pool, ULONG tag) DDI_NOTHROW
{
    return operator new(size, pool, tag);
}
DDI_NEW void *operator new[](size_t size, POOL_TYPE pool) DDI_NOTHROW { return operator new(size, pool); }

/* A replacement must not be inline, so weak: the linker keeps one. Hidden, so that another library's delete does not
 * take the place of it; by the assembler, for clang has declared them visible before it reads this. */
__attribute__((weak)) void operator delete(void *block) DDI_NOTHROW
{
    if (block)
        wdm_delete(block);
}
__attribute__((weak)) void operator delete(void *block, size_t) DDI_NOTHROW
{
    if (block)
        wdm_delete(block);
}
__attribute__((weak)) void operator delete[](void *block) DDI_NOTHROW
{
    if (block)
        wdm_delete(block);
}
__attribute__((weak)) void operator delete[](void *block, size_t) DDI_NOTHROW
{
    if (block)
        wdm_delete(block);
}
#if __SIZEOF_SIZE_T__ == 4
__asm__(".hidden _ZdlPv\n.hidden _ZdlPvj\n.hidden _ZdaPv\n.hidden _ZdaPvj");
#else
__asm__(".hidden _ZdlPv\n.hidden _ZdlPvm\n.hidden _ZdaPv\n.hidden _ZdaPvm");
#endif
#if __SIZEOF_SIZE_T__ != 4 /* where it has 4, this is the sized one */
inline DDI_HIDDEN void operator delete(void *block, ULONG tag) DDI_NOTHROW
{
    if (block)
        ExFreePoolWithTag(block, tag);
}
#endif
#undef DDI_NOTHROW
#endif

/* IUnknown of the object itself, when it is a part of an aggregate; the same three slots. */
struct INonDelegatingUnknown {
    virtual NTSTATUS STDMETHODCALLTYPE NonDelegatingQueryInterface(REFIID riid, PVOID *ppvObject) = 0;
    virtual ULONG STDMETHODCALLTYPE NonDelegatingAddRef(void) = 0;
    virtual ULONG STDMETHODCALLTYPE NonDelegatingRelease(void) = 0;
};
typedef INonDelegatingUnknown *PNONDELEGATINGUNKNOWN;

class CUnknown : public INonDelegatingUnknown {
private:
    LONG m_lRefCount;
    PUNKNOWN m_pOuterUnknown; /* the aggregate, or this object */

    CUnknown(const CUnknown &);
    CUnknown &operator=(const CUnknown &);

public:
    STDMETHODIMP_(ULONG) NonDelegatingAddRef(void) { return (ULONG)InterlockedIncrement(&m_lRefCount); }
    STDMETHODIMP_(ULONG) NonDelegatingRelease(void)
    {
        LONG left = InterlockedDecrement(&m_lRefCount);
        if (left == 0) {
            m_lRefCount = 1; /* what the destructor takes and gives back does not end the object twice */
            delete this;
        }
        return (ULONG)left;
    }
    /* Knows IUnknown only; a class answers its own interfaces first. */
    STDMETHODIMP_(NTSTATUS) NonDelegatingQueryInterface(REFIID riid, PVOID *ppvObject)
    {
        if (IsEqualGUIDAligned(riid, IID_IUnknown)) {
            *ppvObject = reinterpret_cast<PUNKNOWN>(static_cast<INonDelegatingUnknown *>(this));
            reinterpret_cast<PUNKNOWN>(*ppvObject)->AddRef();
            return STATUS_SUCCESS;
        }
        *ppvObject = NULL;
        return STATUS_INVALID_PARAMETER;
    }

    explicit CUnknown(PUNKNOWN pUnknownOuter)
        : m_lRefCount(0),
          m_pOuterUnknown(pUnknownOuter ? pUnknownOuter
                                        : reinterpret_cast<PUNKNOWN>(static_cast<INonDelegatingUnknown *>(this)))
    {
    }
    virtual ~CUnknown() {}
    PUNKNOWN GetOuterUnknown(void) { return m_pOuterUnknown; }
};

/* Inside a class: its IUnknown goes to the aggregate; NonDelegatingQueryInterface is written by the class. */
#define DECLARE_STD_UNKNOWN() \
    STDMETHODIMP_(NTSTATUS) NonDelegatingQueryInterface(REFIID iid, PVOID *ppvObject); \
    STDMETHODIMP_(NTSTATUS) QueryInterface(REFIID riid, PVOID *ppv) { return GetOuterUnknown()->QueryInterface(riid, ppv); } \
    STDMETHODIMP_(ULONG) AddRef(void) { return GetOuterUnknown()->AddRef(); } \
    STDMETHODIMP_(ULONG) Release(void) { return GetOuterUnknown()->Release(); }

#define DEFINE_STD_CONSTRUCTOR(Class) \
    Class(PUNKNOWN pUnknownOuter) : CUnknown(pUnknownOuter) {}

#define QICAST(Type)        PVOID((Type)(this))
#define QICASTUNKNOWN(Type) PVOID(PUNKNOWN((Type)(this)))

/* The body of a creating function, return included: *ppUnknown gets a new object with one reference. */
#define STD_CREATE_BODY_WITH_TAG_(Class, ppUnknown, pUnknownOuter, poolType, tag, base) \
    Class *p = new (poolType, tag) Class(pUnknownOuter); \
    if (!p) \
        return STATUS_INSUFFICIENT_RESOURCES; \
    *(ppUnknown) = PUNKNOWN((base)(p)); \
    (*(ppUnknown))->AddRef(); \
    return STATUS_SUCCESS
#define STD_CREATE_BODY_WITH_TAG(Class, ppUnknown, pUnknownOuter, poolType, tag) \
    STD_CREATE_BODY_WITH_TAG_(Class, ppUnknown, pUnknownOuter, poolType, tag, PUNKNOWN)
#define STD_CREATE_BODY_(Class, ppUnknown, pUnknownOuter, poolType, base) \
    STD_CREATE_BODY_WITH_TAG_(Class, ppUnknown, pUnknownOuter, poolType, (ULONG)0x72436350 /* 'rCcP' */, base)
#define STD_CREATE_BODY(Class, ppUnknown, pUnknownOuter, poolType) \
    STD_CREATE_BODY_(Class, ppUnknown, pUnknownOuter, poolType, PUNKNOWN)

#endif
#endif
