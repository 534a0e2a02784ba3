/* SPDX-License-Identifier: MIT */
/*
 * battery.h - the standard battery: what a driver will meet sooner or later, all of it in a few seconds.
 *
 * Each scene runs in a process of its own with a fresh computer, driver and device, so that one that crashes or hangs takes
 * nothing with it. What a scene finds out is what the rule book says at its end (kernel/wdm/rules.h).
 */
#ifndef DMUS_DRIVERS_BATTERY_H
#define DMUS_DRIVERS_BATTERY_H

#include "session.h"

struct battery_config {
    struct session_config session; /* time and event_buffer_size are the scenes' */
    const char *only;      /* name of one scene, NULL: all */
    bool in_process;       /* no processes: for debuggers. A crash is then the caller's */
    unsigned limit_s;      /* a scene that takes longer hangs; 0: 30 */
    void (*tell)(void *ctx, const char *scene); /* before each one; NULL allowed */
    void *tell_ctx;
};

enum battery_end { BATTERY_DONE, BATTERY_REFUSED, BATTERY_CRASHED, BATTERY_HUNG };

struct battery_breach {
    enum wdm_rule rule;
    unsigned scene; /* index into scenes */
    uint64_t times; /* in this scene */
    double ms;      /* since the machine's boot, of the first */
    unsigned irql;
    uintptr_t place;  /* offset in the driver's file, 0: not known (place.h) */
    const char *how;  /* wdm_breach.how */
    char text[WDM_BREACH_TEXT];
};

struct battery_scene {
    const char *name, *what; /* static */
    enum battery_end end;
    char why[320]; /* of another end than DONE */
    uintptr_t place;  /* where the driver crashed or hangs, as in battery_breach */
    const char *hint; /* goes on after the place, NULL: nothing more */
    double seconds;
};

#define BATTERY_SCENES_MAX 32
#define BATTERY_BREACHES_MAX (BATTERY_SCENES_MAX * (WDM_RULE_COUNT - 1))

struct battery_report {
    unsigned scene_count;
    struct battery_scene scenes[BATTERY_SCENES_MAX];
    uint64_t times[WDM_RULE_COUNT]; /* breaches of each rule */
    bool tried[WDM_RULE_COUNT];     /* some scene had occasion to break it (wdm_rule_tried) */
    unsigned breach_count;          /* one per rule and scene */
    struct battery_breach breaches[BATTERY_BREACHES_MAX];
};

/* Name and summary of the INDEXth scene; false past the last. */
bool battery_scene_name(size_t index, const char **name, const char **what);

/* DM_ERR_NOT_FOUND: no such scene; DM_ERR_NOMEM: no process to be had; else what kept the driver from starting in the first scene
 * (session_start). *REPORT is filled in any case. Not while other threads run. */
enum dm_status battery_run(const struct battery_config *config, struct battery_report *report, struct dm_error *err);
/* No rule that means a fault was broken, and all scenes were done. */
bool battery_passed(const struct battery_report *report);

#endif
