// SPDX-License-Identifier: MIT
// The C++ view: classes that implement the interfaces, and calls through the abstract classes into C tables.
#include "abi_kernel.h"

#include <cstdio>

// Params without the interface pointer, as the pattern of a member function.
template <class T> struct method;
template <class Iface, class Return, class... Args> struct method<Return(Iface *, Args...)> {
    typedef Return (STDMETHODCALLTYPE Iface::*pointer)(Args...);
};


// Parameters get names by position; a class per number of parameters would say the same at greater length.
#define NAMES_1(a)                               ()
#define NAMES_2(a, b)                            (b p1)
#define NAMES_3(a, b, c)                         (b p1, c p2)
#define NAMES_4(a, b, c, d)                      (b p1, c p2, d p3)
#define NAMES_5(a, b, c, d, e)                   (b p1, c p2, d p3, e p4)
#define NAMES_6(a, b, c, d, e, f)                (b p1, c p2, d p3, e p4, f p5)
#define NAMES_7(a, b, c, d, e, f, g)             (b p1, c p2, d p3, e p4, f p5, g p6)
#define NAMES_8(a, b, c, d, e, f, g, h)          (b p1, c p2, d p3, e p4, f p5, g p6, h p7)
#define NAMES_11(a, b, c, d, e, f, g, h, i, j, k) (b p1, c p2, d p3, e p4, f p5, g p6, h p7, i p8, j p9, k p10)
#define PASS_1
#define PASS_2  , p1
#define PASS_3  PASS_2, p2
#define PASS_4  PASS_3, p3
#define PASS_5  PASS_4, p4
#define PASS_6  PASS_5, p5
#define PASS_7  PASS_6, p6
#define PASS_8  PASS_7, p7
#define PASS_11 PASS_8, p8, p9, p10
#define COUNT_(a, b, c, d, e, f, g, h, i, j, k, n, ...) n
#define COUNT(...) COUNT_(__VA_ARGS__, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)

#define INTERFACE_BEGIN(iface, slots) struct iface##_class final : iface {
#define METHOD(iface, slot, name, ret, ...)                                                          \
    ret STDMETHODCALLTYPE name PASTE(NAMES_, COUNT(__VA_ARGS__))(__VA_ARGS__) override               \
    {                                                                                                \
        note<__VA_ARGS__>(slot, this PASTE(PASS_, COUNT(__VA_ARGS__)));                              \
        return traits<ret>::make(slot + 1);                                                          \
    }
#define INTERFACE_END(iface) }; static iface##_class iface##_object;
#include "kernel_interfaces.h"
#undef INTERFACE_BEGIN
#undef INTERFACE_END
#undef METHOD

void *abi_class_object(const char *name)
{
#define INTERFACE_BEGIN(iface, slots) \
    if (strcmp(name, #iface) == 0)    \
        return static_cast<iface *>(&iface##_object);
#define METHOD(...)
#define INTERFACE_END(iface)
#include "kernel_interfaces.h"
#undef INTERFACE_BEGIN
#undef INTERFACE_END
#undef METHOD
    return nullptr;
}

template <class Iface, class Return, class... Args>
static int through_class(const char *name, Iface *object, Return (STDMETHODCALLTYPE Iface::*member)(Args...), int slot)
{
    unsigned number = 0;
    struct call { // braces evaluate from left to right
        unsigned long long result;
        call(Iface *o, Return (STDMETHODCALLTYPE Iface::*m)(Args...), Args... args)
            : result(answer<Return>::of([&] { return (o->*m)(args...); }))
        {
        }
    };
    abi_last.slot = -1;
    call c{object, member, traits<Args>::make(next_number(&number))...};
    if (c.result == answer<Return>::want(slot) && arrived<Args...>(object, slot))
        return 0;
    std::printf("%s through a class: slot %d, want %d, or other arguments or answer\n", name, abi_last.slot, slot);
    return 1;
}

int main()
{
    int methods = 0, bad = 0;
#define INTERFACE_BEGIN(iface, slots)
#define INTERFACE_END(iface)
#define METHOD(iface, slot, name, ret, ...)                                                                    \
    methods++;                                                                                                 \
    bad += through_class(#iface "::" #name, static_cast<iface *>(abi_c_object(#iface)),                        \
                         static_cast<method<ret(__VA_ARGS__)>::pointer>(&iface::name), slot);
#include "kernel_interfaces.h"
    bad += abi_call_through_tables();
    std::printf("%d methods both ways, %d wrong\n", methods, bad);
    return bad != 0 || methods == 0;
}
