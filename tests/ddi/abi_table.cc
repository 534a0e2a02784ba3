// SPDX-License-Identifier: MIT
// The C view of the interfaces: tables of stubs that note their slot and the bits of their arguments.
#define CINTERFACE
#include "abi.h"

struct abi_call abi_last;

template <class T> static unsigned long long bits(T *p) { return (unsigned long long)(uintptr_t)p; }
static unsigned long long bits(const GUID &g) { return (unsigned long long)(uintptr_t)&g; }
static unsigned long long bits(LONG v) { return (unsigned long long)v; }
static unsigned long long bits(DWORD v) { return v; }
static unsigned long long bits(LONGLONG v) { return (unsigned long long)v; }
static unsigned long long bits(ULONGLONG v) { return v; }

template <class Return, int slot, class... Args> static Return STDMETHODCALLTYPE stub(Args... args)
{
    unsigned long long all[] = {bits(args)...};
    abi_last.slot = slot;
    abi_last.count = (int)sizeof...(args);
    for (int i = 0; i < abi_last.count; i++)
        abi_last.arg[i] = all[i];
    return (Return)(0x100 + slot);
}

#define INTERFACE_BEGIN(iface, slots) static iface##Vtbl iface##_table;
#define METHOD(...)
#include "interfaces.h"
#undef INTERFACE_BEGIN
#undef METHOD

#define INTERFACE_BEGIN(iface, slots) static iface iface##_object = {&iface##_table};
#define METHOD(...)
#include "interfaces.h"
#undef INTERFACE_BEGIN
#undef METHOD

void *abi_object(const char *name)
{
#define INTERFACE_BEGIN(iface, slots) \
    if (strcmp(name, #iface) == 0)    \
        return &iface##_object;
#define METHOD(...)
#include "interfaces.h"
#undef INTERFACE_BEGIN
#undef METHOD
    return nullptr;
}

void abi_fill()
{
#define INTERFACE_BEGIN(iface, slots)
#define METHOD(iface, slot, name, ret, bytes, ...) iface##_table.name = stub<ret, slot, __VA_ARGS__>;
#include "interfaces.h"
}
