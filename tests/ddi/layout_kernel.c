/* SPDX-License-Identifier: MIT */
/*
 * layout_kernel.c - compile-time assertions: the kernel-mode headers agree with the kernel_*.h tables of this directory.
 *
 * As layout.c does for user mode: check_headers.py compiles it against our headers and against mingw-w64's ddk headers,
 * 64 and 32 bit, as C and (renamed) as C++. Those have one language each for portcls.h and dmusicks.h: C++. What they lack
 * is in kernel_mingw.h.
 */
#ifdef _WIN32
#include "kernel_mingw.h"
#else
#define COBJMACROS
#define LACKING(name) 0
#include <portcls.h>
#endif
#include <stddef.h>

#ifdef __cplusplus
#include <type_traits>
#define MUST(cond, text) static_assert(cond, text)
#define ALIGN_OF(type)     alignof(type)
#define SAME_TYPE(struct_, field, type) true
#else
#define MUST(cond, text) _Static_assert(cond, text)
#define ALIGN_OF(type)     _Alignof(type)
#define SAME_TYPE(struct_, field, type) _Generic(((struct_ *)0)->field, type : 1, default : 0)
#endif
#define BY_WIDTH(x32, x64) (sizeof(void *) == 4 ? (x32) : (x64))

#define STRUCT(name, s32, s64) MUST(sizeof(name) == BY_WIDTH(s32, s64), "size of " #name);
#define ALIGN(name, a)         MUST(ALIGN_OF(name) == (a), "alignment of " #name);
#define PLACE(name, field, o32, o64) MUST(offsetof(name, field) == BY_WIDTH(o32, o64), "offset of " #name "." #field);
#define FIELD(name, type, field, o32, o64)                                           \
    PLACE(name, field, o32, o64)                                                     \
    MUST(sizeof(((name *)0)->field) == sizeof(type), "size of " #name "." #field); \
    MUST(SAME_TYPE(name, field, type), "type of " #name "." #field);
#include "kernel_structs.h"

#define VALUE(name, value) MUST((ULONG)(name) == (ULONG)(value), #name " is " #value);
#include "kernel_constants.h"

#ifdef __cplusplus
/* Types of the methods, and with DDI_SLOTS a table of where they are, for check_headers.py to read in the assembly. */
#define INTERFACE_BEGIN(iface, slots)
#define INTERFACE_END(iface)
template <class T> struct first; /* of the parameters: the interface pointer, which a method does not have */
template <class Iface, class Return, class... Args> struct first<Return(Iface *, Args...)> {
    typedef Return (STDMETHODCALLTYPE Iface::*type)(Args...);
};
#define METHOD(iface, slot, name, ret, ...)                                                             \
    MUST((std::is_same<decltype(static_cast<first<ret(__VA_ARGS__)>::type>(&iface::name)),            \
                         first<ret(__VA_ARGS__)>::type>::value), "type of " #iface "::" #name);
#include "kernel_interfaces.h"
#undef METHOD
#ifdef DDI_SLOTS
#define METHOD(iface, slot, name, ret, ...) \
    extern "C" { first<ret(__VA_ARGS__)>::type slot_of__##iface##__##name = &iface::name; }
#include "kernel_interfaces.h"
#endif
#else
#define INTERFACE_BEGIN(iface, slots)                                                         \
    MUST(sizeof(iface##Vtbl) == (slots) * sizeof(void *), "slots of " #iface);              \
    MUST(sizeof(iface) == sizeof(void *), "an object of " #iface " starts with its table");
#define INTERFACE_END(iface)
#define METHOD(iface, slot, name, ret, ...)                                                                       \
    MUST(offsetof(iface##Vtbl, name) == (slot) * sizeof(void *), "slot of " #iface "::" #name);                 \
    MUST(_Generic(((iface##Vtbl *)0)->name, ret(STDMETHODCALLTYPE *)(__VA_ARGS__) : 1, default : 0),             \
           "type of " #iface "::" #name);
#include "kernel_interfaces.h"
#endif
