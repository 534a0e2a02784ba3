// SPDX-License-Identifier: MIT
// What the two units of the kernel vtable test share: abi_kernel_table.cc sees structures of function pointers (CINTERFACE),
// abi_kernel_class.cc abstract classes. Each makes objects of every interface and calls those of the other.
#ifndef DMUS_TESTS_DDI_ABI_KERNEL_H
#define DMUS_TESTS_DDI_ABI_KERNEL_H

#include <portcls.h>

struct abi_call {
    int slot, count;
    unsigned long long arg[12];
};
extern struct abi_call abi_last; // what arrived

// Any type that passes by value, and references by address.
template <class T> struct traits {
    static unsigned long long bits(T v)
    {
        unsigned long long x = 0;
        memcpy(&x, &v, sizeof v);
        return x;
    }
    static T make(unsigned number)
    {
        unsigned long long x = 0x1111111111111111ULL * number;
        T v;
        memcpy(&v, &x, sizeof v);
        return v;
    }
};
template <> struct traits<const GUID &> {
    static unsigned long long bits(const GUID &g) { return (unsigned long long)(uintptr_t)&g; }
    static const GUID &make(unsigned number) { return *(const GUID *)(uintptr_t)(0x1000 + 16 * number); }
};
template <> struct traits<void> {
    static void make(unsigned) {}
};

template <class... Args> static void note(int slot, Args... args)
{
    unsigned long long all[] = {0, traits<Args>::bits(args)...};
    abi_last.slot = slot;
    abi_last.count = (int)sizeof...(args);
    for (int i = 0; i < abi_last.count; i++)
        abi_last.arg[i] = all[i + 1];
}

static inline unsigned next_number(unsigned *number) { return ++*number; }

// The answer of a call, made comparable: 0 for void.
template <class Return> struct answer {
    template <class Call> static unsigned long long of(Call call) { return traits<Return>::bits(call()); }
    static unsigned long long want(int slot) { return traits<Return>::bits(traits<Return>::make((unsigned)slot + 1)); }
};
template <> struct answer<void> {
    template <class Call> static unsigned long long of(Call call)
    {
        call();
        return 0;
    }
    static unsigned long long want(int) { return 0; }
};

// Whether the call arrived in the slot with the object and arguments 1, 2, 3 ... of their types.
template <class... Args> static bool arrived(const void *object, int slot)
{
    unsigned number = 0;
    unsigned long long want[] = {0, traits<Args>::bits(traits<Args>::make(next_number(&number)))...};
    bool ok = abi_last.slot == slot && abi_last.count == (int)sizeof...(Args) + 1 &&
              abi_last.arg[0] == (unsigned long long)(uintptr_t)object;
    for (int i = 1; i <= (int)sizeof...(Args) && ok; i++)
        ok = abi_last.arg[i] == want[i];
    return ok;
}

void *abi_c_object(const char *name);   // of abi_kernel_table.cc
void *abi_class_object(const char *name); // of abi_kernel_class.cc
int abi_call_through_tables();           // wrong ones

#endif
