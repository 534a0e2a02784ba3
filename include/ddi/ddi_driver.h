/* SPDX-License-Identifier: MIT */
/*
 * ddi_driver.h - the dialect that driver sources are written in, for gcc and clang.
 *
 * Part of every unit that is compiled with -fshort-wchar (or -DDDI_DRIVER), so of drivers and not of hosts: words that
 * mean something to another compiler only become nothing, and structured exceptions become calls of the host.
 *
 * __try { body } __except (filter) { handler }: when a service raises a status (ProbeForRead, MmProbeAndLockPages,
 * ExRaiseStatus) inside the body, the filter is asked and on EXCEPTION_EXECUTE_HANDLER the handler runs. Limits: `break` in
 * a body is __leave; locals changed in the body and read in the handler should be volatile; return or goto out of a body
 * skips its __finally; destructors between are not run; a filter that answers EXCEPTION_CONTINUE_EXECUTION is refused.
 *
 * Source: spec/ddi-kernel.md 11.2.
 */
#ifndef DDI_DRIVER_H
#define DDI_DRIVER_H

#ifdef __cplusplus /* the C++ library uses several of the words below: read it first */
#include <cmath>
#include <cstdlib>
#include <cstring>
#endif

#include "ddi_wide.h"

#ifdef __clang__ /* gcc goes by the flags of dmus-ddk.pc */
#pragma clang diagnostic ignored "-Wunknown-pragmas"
#pragma clang diagnostic ignored "-Wmultichar"
#pragma clang diagnostic ignored "-Wmissing-braces" /* STATICGUIDOF in tables of ranges */
#endif

#if defined(__LP64__) && !defined(_WIN64)
#define _WIN64 1
#endif

/* Conventions, storage, inlining. */
#define __declspec(modifier)
#define __cdecl
#define _cdecl
#define __stdcall
#define _stdcall
#define __fastcall
#define __thiscall
#define __clrcall
#define CDECL
#define PASCAL
#define __unaligned
#define __int8  char
#define __int16 short
#define __int32 int
#define __int64 long long
#define __forceinline inline __attribute__((always_inline))
#ifndef __inline
#define __inline inline
#endif
#define _inline     inline
#define FORCEINLINE static inline __attribute__((always_inline))
#define INLINE      inline
#define DECLSPEC_IMPORT
#define DECLSPEC_EXPORT
#define DECLSPEC_NORETURN __attribute__((noreturn))
#define DECLSPEC_NOINLINE __attribute__((noinline))
#define DECLSPEC_ALIGN(n) __attribute__((aligned(n)))
#define UNALIGNED
#define __assume(condition) ((void)0)
#define __noop(...)         ((void)0)
#ifdef __cplusplus
#ifndef interface
#define interface struct
#endif
#endif

#ifndef NOMINMAX
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#endif

/* Remarks about parameters, first generation ... */
#define IN
#define OUT
#define OPTIONAL
#define IN_OUT
/* ... second ... */
#define __in
#define __out
#define __inout
#define __in_opt
#define __out_opt
#define __inout_opt
#define __deref_out
#define __deref_out_opt
#define __deref_inout
#define __in_bcount(n)
#define __in_bcount_opt(n)
#define __in_ecount(n)
#define __in_ecount_opt(n)
#define __out_bcount(n)
#define __out_bcount_opt(n)
#define __out_bcount_part(n, m)
#define __out_bcount_part_opt(n, m)
#define __out_ecount(n)
#define __out_ecount_opt(n)
#define __inout_bcount(n)
#define __inout_ecount(n)
#define __checkReturn
#define __nullterminated
#define __drv_requiresIRQL(n)
#define __drv_maxIRQL(n)
#define __drv_minIRQL(n)
#define __drv_sameIRQL
#define __drv_dispatchType(n)
#define __drv_when(condition, remark)
#define __drv_aliasesMem
#define __drv_freesMem(kind)
#define __drv_allocatesMem(kind)
/* ... third. */
#define _In_
#define _Out_
#define _Inout_
#define _In_opt_
#define _Out_opt_
#define _Inout_opt_
#define _In_z_
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _COM_Outptr_
#define _In_reads_(n)
#define _In_reads_opt_(n)
#define _In_reads_bytes_(n)
#define _In_reads_bytes_opt_(n)
#define _Out_writes_(n)
#define _Out_writes_opt_(n)
#define _Out_writes_bytes_(n)
#define _Out_writes_bytes_opt_(n)
#define _Out_writes_bytes_to_(n, m)
#define _Out_writes_bytes_to_opt_(n, m)
#define _Inout_updates_(n)
#define _Inout_updates_bytes_(n)
#define _Ret_maybenull_
#define _Reserved_
#define _Must_inspect_result_
#define _Check_return_
#define _Success_(condition)
#define _When_(condition, remark)
#define _At_(target, remark)
#define _Pre_satisfies_(condition)
#define _Post_satisfies_(condition)
#define _Field_size_(n)
#define _Field_size_bytes_(n)
#define _Function_class_(name)
#define _Dispatch_type_(name)
#define _Use_decl_annotations_
#define _Analysis_assume_(condition) ((void)0)
#define _IRQL_requires_(n)
#define _IRQL_requires_max_(n)
#define _IRQL_requires_min_(n)
#define _IRQL_requires_same_
#define _IRQL_raises_(n)
#define _IRQL_saves_
#define _IRQL_restores_
#define _Acquires_lock_(lock)
#define _Releases_lock_(lock)
#define _Requires_lock_held_(lock)
#define __analysis_assume(condition) ((void)0)

/* ---- structured exceptions ---- */
#if defined(__cplusplus) && defined(__has_include)
#if __has_include(<bits/exception_defines.h>)
#include <bits/exception_defines.h> /* before us: it has a __try of its own */
#endif
#endif

#include "ddi_seh.h"

/* Takes the frame off, if it is still on: on every way out of the statement. */
static inline __attribute__((unused)) void ddi_seh_pop(struct ddi_seh_frame *frame)
{
    struct ddi_seh_frame **top = wdm_seh_top();
    if (*top == frame)
        *top = frame->outer;
}
static inline __attribute__((unused)) void ddi_seh_push(struct ddi_seh_frame *frame)
{
    struct ddi_seh_frame **top = wdm_seh_top();
    frame->outer = *top;
    *top = frame;
}
static inline __attribute__((unused)) int ddi_seh_filter(struct ddi_seh_frame *frame, int verdict)
{
    ddi_seh_pop(frame);
    if (verdict != 1)
        ExRaiseStatus(frame->code);
    return 1;
}
static __thread int32_t ddi_seh_pending __attribute__((unused)); /* status to raise again behind a __finally */
static inline __attribute__((unused)) int ddi_seh_again(int32_t code)
{
    ddi_seh_pending = 0;
    if (code != 0)
        ExRaiseStatus(code);
    return 0;
}

#define EXCEPTION_EXECUTE_HANDLER    1
#define EXCEPTION_CONTINUE_SEARCH    0
#define EXCEPTION_CONTINUE_EXECUTION (-1)
#define GetExceptionCode()  (ddi_seh.code)
#define _exception_code()   (ddi_seh.code)
#define AbnormalTermination() (ddi_seh_again_code != 0)

#undef __try
#undef __except
#undef __finally
#undef __leave
#define __try \
    for (struct ddi_seh_frame ddi_seh __attribute__((cleanup(ddi_seh_pop))) = {}; !ddi_seh.left; ddi_seh.left = 1) \
        if (ddi_seh_push(&ddi_seh), _setjmp(ddi_seh.env) == 0)
#define __except(filter) else if (ddi_seh_filter(&ddi_seh, (filter)))
#define __finally \
    else ddi_seh_pending = ddi_seh.code; \
    for (int32_t ddi_seh_again_code = ddi_seh_pending, ddi_seh_once = 1; ddi_seh_once; \
         ddi_seh_once = ddi_seh_again(ddi_seh_again_code))
#define __leave break

#endif
