/* SPDX-License-Identifier: MIT */
#include "swsynth.h"

/* Sequentially consistent on both sides: either Render sees the closed gate, or whoever closed it sees Render inside. */
bool swsynth_gate_enter(struct swsynth_gate *gate)
{
    unsigned nobody = 0;
    if (!atomic_compare_exchange_strong(&gate->inside, &nobody, 1))
        return false;
    if (!atomic_load(&gate->closed))
        return true;
    atomic_store(&gate->inside, 0);
    return false;
}

void swsynth_gate_leave(struct swsynth_gate *gate) { atomic_store(&gate->inside, 0); }

void swsynth_gate_close(struct swsynth_gate *gate)
{
    LARGE_INTEGER moment = {.QuadPart = -10000}; /* 1 ms */
    if (!gate)
        return;
    atomic_fetch_add(&gate->closed, 1);
    while (atomic_load(&gate->inside))
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
}

void swsynth_gate_open(struct swsynth_gate *gate)
{
    if (gate)
        atomic_fetch_sub(&gate->closed, 1);
}
