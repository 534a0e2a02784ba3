/* SPDX-License-Identifier: MIT */
/* wdm_rig.h - a machine for the length of a test; entered, and empty of faults unless the test says otherwise. */
#ifndef DMUS_TESTS_KERNEL_WDM_RIG_H
#define DMUS_TESTS_KERNEL_WDM_RIG_H

#include <wdm.h>

#include "kernel/wdm/machine.h"
#include "tap.h"

static inline struct wdm_machine *machine_open(enum wdm_time time)
{
    struct wdm_machine *m = NULL;
    struct wdm_config config = {.time = time};
    struct dm_error err = {DM_OK, ""};
    CHECK_EQ(wdm_machine_create(&config, &m, &err), DM_OK);
    wdm_enter(m);
    return m;
}

/* RULE is the only one broken, TIMES times. */
static inline void only_broken(struct wdm_machine *m, enum wdm_rule rule, uint64_t times)
{
    struct wdm_breach breach;
    if (!CHECK(wdm_rule_faults(m) == times) || !CHECK(rule == WDM_RULE_NONE || wdm_rule_count(m, rule) == times))
        for (size_t i = 0; wdm_rule_breach(m, i, &breach); i++)
            printf("#   rule %d: %s\n", (int)breach.rule, breach.text);
}

/* Nothing was broken and nothing is left. */
static inline void machine_close(struct wdm_machine *m)
{
    only_broken(m, WDM_RULE_NONE, 0);
    CHECK_EQ(wdm_pool_live(m), 0);
    CHECK_EQ(wdm_handles_open(m), 0);
    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    wdm_leave();
    wdm_machine_destroy(m);
}

static inline LARGE_INTEGER in_100ns(long long t) { return (LARGE_INTEGER){.QuadPart = t}; }
static inline LARGE_INTEGER after_ms(long long ms) { return in_100ns(-ms * 10000); }

#endif
