// SPDX-License-Identifier: MIT
// Calls every method of every interface through the abstract classes of the headers, with a different value in each
// argument, and looks at which slot of a C table it arrived in and with what.
#include "abi.h"

#include <cstdio>

static int number; // of the argument being made

template <class T> struct maker;
template <class T> struct maker<T *> {
    static T *make() { return (T *)(uintptr_t)(0x1000 + 16 * number++); }
};
template <> struct maker<const GUID &> {
    static const GUID &make() { return *(const GUID *)(uintptr_t)(0x1000 + 16 * number++); }
};
template <> struct maker<LONG> {
    static LONG make() { return -100 - number++; }
};
template <> struct maker<DWORD> {
    static DWORD make() { return 0xf0000000u + (DWORD)number++; }
};
template <> struct maker<LONGLONG> {
    static LONGLONG make() { return -0x123456789a00LL - number++; }
};
template <> struct maker<ULONGLONG> {
    static ULONGLONG make() { return 0xfedcba9876543200ULL + (ULONGLONG)number++; }
};

static unsigned long long want[12];

template <class T> static unsigned long long bits(T *p) { return (unsigned long long)(uintptr_t)p; }
static unsigned long long bits(const GUID &g) { return (unsigned long long)(uintptr_t)&g; }
static unsigned long long bits(LONG v) { return (unsigned long long)v; }
static unsigned long long bits(DWORD v) { return v; }
static unsigned long long bits(LONGLONG v) { return (unsigned long long)v; }
static unsigned long long bits(ULONGLONG v) { return v; }

template <class T> static T made()
{
    int i = number;
    T value = maker<T>::make();
    want[i] = bits(value);
    return value;
}

// Braces of an initializer evaluate from left to right, arguments of a call need not: hence the object.
template <class Iface, class Return, class... Args> struct call {
    Return result;
    call(Iface *object, Return (STDMETHODCALLTYPE Iface::*method)(Args...), Args... args)
        : result((object->*method)(args...))
    {
    }
};

template <class Iface, class Return, class... Args>
static bool check(const char *name, Iface *object, Return (STDMETHODCALLTYPE Iface::*method)(Args...), int slot)
{
    number = 1;
    want[0] = bits(object);
    abi_last.slot = -1;
    call<Iface, Return, Args...> c{object, method, made<Args>()...};
    bool ok = c.result == (Return)(0x100 + slot) && abi_last.slot == slot && abi_last.count == (int)sizeof...(Args) + 1;
    for (int i = 0; i <= (int)sizeof...(Args) && ok; i++)
        ok = abi_last.arg[i] == want[i];
    if (!ok)
        std::printf("%s: arrived in slot %d, want %d, or with other arguments\n", name, abi_last.slot, slot);
    return ok;
}

int main()
{
    int methods = 0, bad = 0;
    abi_fill();
#define INTERFACE_BEGIN(iface, slots)
#define METHOD(iface, slot, name, ret, bytes, ...) \
    methods++;                                     \
    bad += !check(#iface "::" #name, static_cast<iface *>(abi_object(#iface)), &iface::name, slot);
#include "interfaces.h"
    std::printf("%d methods, %d wrong\n", methods, bad);
    return bad != 0 || methods == 0;
}
