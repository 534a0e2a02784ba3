// SPDX-License-Identifier: MIT
// What the two units of the vtable test share: abi_table.cc sees structures of function pointers (CINTERFACE),
// abi_class.cc abstract classes. If the two views agree, C and C++ code can use each other's objects.
#ifndef DMUS_TESTS_DDI_ABI_H
#define DMUS_TESTS_DDI_ABI_H

#include <dmksctrl.h>
#include <dmusics.h>

struct abi_call {
    int slot, count;
    unsigned long long arg[12];
};
extern struct abi_call abi_last;

void abi_fill();
void *abi_object(const char *name);

#endif
