/* SPDX-License-Identifier: MIT */
/* report.h - what a render did. Built by one thread, then immutable. */
#ifndef DMUS_PLAYER_REPORT_H
#define DMUS_PLAYER_REPORT_H

#include "dmus/dmus.h"
#include "remarks.h"
#include "route.h"

struct report_bank {
    enum dmus_kind kind;
    char *path;
    char sha256[DMUS_SHA256_TEXT];
    uint32_t instruments;
};

struct dmus_report {
    struct dmus_report_info info; /* size, banks, missing and remarks are filled in when asked */
    uint32_t bank_count, missing_count;
    struct report_bank banks[DMUS_MAX_BANKS];
    struct route_missing *missing;
    struct remarks remarks;
};

/* NULL if memory is short. */
struct dmus_report *report_create(void);
struct dmus_missing_info report_missing_info(const struct route_missing *missing);

#endif
