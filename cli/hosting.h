/* SPDX-License-Identifier: MIT */
/* hosting.h - the parts of `dmus host`: what it is asked for, lists of what a driver has, reports of what it did. */
#ifndef DMUS_CLI_HOSTING_H
#define DMUS_CLI_HOSTING_H

#include "cli.h"
#include "drivers/place.h"
#include "drivers/play.h"
#include "json.h"

struct hosting {
    struct session_config session;
    struct play_config play;
    struct dmus_bank *banks[DMUS_MAX_BANKS];
    const char *bank_names[DMUS_MAX_BANKS];
    uint32_t bank_count;
    const char *song_name, *filter, *trace;
    FILE *out; /* of lists and reports: standard output, unless a record goes there */
    bool list, json, quiet, verbose;
};

/* Parse the command line. true: go on; false: stop with *code. */
bool hosting_parse(struct hosting *hosting, int argc, char **argv, int *code);

/* Filters, pins, nodes, wires and properties. ONLY: of that filter; HOSTING_ALL: of all. */
#define HOSTING_ALL SIZE_MAX
void hosting_list_text(FILE *out, struct host *host, size_t only);
void hosting_list_json(struct json *json, struct host *host, size_t only);
/* That there is no filter of that name, and which there are. */
void hosting_no_filter(struct host *host, const char *name);

struct hosting_trace;
/* The trace that was asked for, if any: *OUT is NULL for none and for lines on standard output. false after a report, with
 * *CODE. */
bool hosting_trace_start(const struct hosting *hosting, struct session *session, struct hosting_trace **out, int *code);
/* End it and free TRACE. Its file is left out if *CODE tells of a failure that is not the driver's. */
void hosting_trace_stop(const struct hosting *hosting, struct session *session, struct hosting_trace *trace, int *code);

void hosting_play_text(FILE *out, const struct play_report *report);
void hosting_play_json(struct json *json, const struct play_report *report);

/* The rule book of a session whose driver is gone: what was broken, where and when. */
void hosting_rules_text(FILE *out, const struct hosting *hosting, const struct session *session);
void hosting_rules_json(struct json *json, const struct hosting *hosting, const struct session *session);

/* Who tells places in the driver's code. NULL: there are none to tell, or no memory. */
struct place_teller *hosting_teller(const struct session_config *config);
/* Members "how", "place" and "offset" of a breach. PLACE as of place_offset. */
void hosting_place_json(struct json *json, struct place_teller *teller, uintptr_t place, const char *how);

#endif
