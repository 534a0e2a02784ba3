// SPDX-License-Identifier: MIT
// The C view: tables of stubs, and calls through lpVtbl into C++ objects.
#define CINTERFACE
#include "abi_kernel.h"

#include <cstdio>

struct abi_call abi_last;

template <class Return, int slot, class... Args> static Return STDMETHODCALLTYPE stub(Args... args)
{
    note<Args...>(slot, args...);
    return traits<Return>::make(slot + 1);
}

#define INTERFACE_BEGIN(iface, slots) static iface##Vtbl iface##_table = {
#define METHOD(iface, slot, name, ret, ...) stub<ret, slot, __VA_ARGS__>,
#define INTERFACE_END(iface) }; static iface iface##_object = {&iface##_table};
#include "kernel_interfaces.h"
#undef INTERFACE_BEGIN
#undef INTERFACE_END
#undef METHOD

void *abi_c_object(const char *name)
{
#define INTERFACE_BEGIN(iface, slots) \
    if (strcmp(name, #iface) == 0)    \
        return &iface##_object;
#define METHOD(...)
#define INTERFACE_END(iface)
#include "kernel_interfaces.h"
#undef INTERFACE_BEGIN
#undef INTERFACE_END
#undef METHOD
    return nullptr;
}

template <class Iface, class Return, class... Args>
static int through_table(const char *name, Iface *object, Return(STDMETHODCALLTYPE *method)(Iface *, Args...), int slot)
{
    unsigned number = 0;
    struct call { // braces evaluate from left to right
        unsigned long long result;
        call(Iface *o, Return(STDMETHODCALLTYPE *m)(Iface *, Args...), Args... args)
            : result(answer<Return>::of([&] { return m(o, args...); }))
        {
        }
    };
    abi_last.slot = -1;
    call c{object, method, traits<Args>::make(next_number(&number))...};
    if (c.result == answer<Return>::want(slot) && arrived<Args...>(object, slot))
        return 0;
    std::printf("%s through a C table: slot %d, want %d, or other arguments or answer\n", name, abi_last.slot, slot);
    return 1;
}

int abi_call_through_tables()
{
    int bad = 0;
#define INTERFACE_BEGIN(iface, slots)
#define INTERFACE_END(iface)
#define METHOD(iface, slot, name, ret, ...)                                                              \
    {                                                                                                    \
        iface *object = static_cast<iface *>(abi_class_object(#iface));                                  \
        bad += through_table(#iface "::" #name, object, object->lpVtbl->name, slot);                     \
    }
#include "kernel_interfaces.h"
    return bad;
}
