/* SPDX-License-Identifier: MIT */
/* info.h - the two halves of `dmus info`. */
#ifndef DMUS_CLI_INFO_H
#define DMUS_CLI_INFO_H

#include "dmus/dmus.h"
#include "json.h"

struct info_request {
    struct json *json; /* writer, standing in an array, if as_json */
    bool as_json, instruments, waves, checksum, verbose, quiet;
};

void info_song(struct dmus_song *song, const struct info_request *request);
enum dmus_status info_bank(struct dmus_bank *bank, const struct info_request *request, struct dmus_error *error);

#endif
