/* SPDX-License-Identifier: MIT */
/* json.h - writing JSON: commas, indentation and escapes in one place. */
#ifndef DMUS_CLI_JSON_H
#define DMUS_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
    FILE *out;
    int depth;
    bool has_member[32]; /* per depth: a comma is due */
};

/* KEY is NULL inside an array and for the outermost value. */
void json_open(struct json *json, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *json, char bracket);                 /* '}' or ']'; the outermost ends the line */
void json_text(struct json *json, const char *key, const char *value); /* UTF-8; NULL is written as null */
void json_unsigned(struct json *json, const char *key, uint64_t value);
void json_number(struct json *json, const char *key, double value, int digits); /* not finite: null */
void json_bool(struct json *json, const char *key, bool value);

#endif
