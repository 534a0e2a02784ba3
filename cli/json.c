/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <inttypes.h>
#include <math.h>

/* Bytes of the well-formed UTF-8 sequence at TEXT (RFC 3629), 0 if there is none. */
static size_t sequence(const unsigned char *text)
{
    static const struct {
        unsigned char first, last, low, high; /* of the first byte; of the second */
        size_t bytes;
    } rows[] = {{0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
                {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
                {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    size_t row = 0, i = 2;
    while (row < sizeof rows / sizeof *rows && (text[0] < rows[row].first || text[0] > rows[row].last))
        row++;
    if (row == sizeof rows / sizeof *rows)
        return 0;
    if (rows[row].bytes > 1 && (text[1] < rows[row].low || text[1] > rows[row].high))
        return 0;
    while (i < rows[row].bytes && (text[i] & 0xc0) == 0x80)
        i++;
    return i < rows[row].bytes ? 0 : rows[row].bytes;
}

/* The name of a file may be any bytes; those that are not UTF-8 become U+FFFD. */
static void quoted(FILE *out, const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    fputc('"', out);
    while (*c) {
        size_t bytes = sequence(c);
        if (bytes == 0)
            fputs("\\ufffd", out);
        else if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < 0x20 || *c == 0x7f)
            fprintf(out, "\\u%04x", *c);
        else
            fwrite(c, 1, bytes, out);
        c += bytes ? bytes : 1;
    }
    fputc('"', out);
}

static void begin(struct json *json, const char *key)
{
    if (json->has_member[json->depth])
        fputc(',', json->out);
    if (json->depth)
        fprintf(json->out, "\n%*s", 2 * json->depth, "");
    json->has_member[json->depth] = true;
    if (key) {
        quoted(json->out, key);
        fputs(": ", json->out);
    }
}

void json_open(struct json *json, const char *key, char bracket)
{
    begin(json, key);
    fputc(bracket, json->out);
    json->has_member[++json->depth] = false;
}

void json_close(struct json *json, char bracket)
{
    bool filled = json->has_member[json->depth--];
    if (filled)
        fprintf(json->out, "\n%*s", 2 * json->depth, "");
    fputc(bracket, json->out);
    if (json->depth == 0) {
        fputc('\n', json->out);
        json->has_member[0] = false;
    }
}

void json_text(struct json *json, const char *key, const char *value)
{
    begin(json, key);
    if (value)
        quoted(json->out, value);
    else
        fputs("null", json->out);
}

void json_unsigned(struct json *json, const char *key, uint64_t value)
{
    begin(json, key);
    fprintf(json->out, "%" PRIu64, value);
}

void json_number(struct json *json, const char *key, double value, int digits)
{
    begin(json, key);
    if (isfinite(value))
        fprintf(json->out, "%.*f", digits, value);
    else
        fputs("null", json->out);
}

void json_bool(struct json *json, const char *key, bool value)
{
    begin(json, key);
    fputs(value ? "true" : "false", json->out);
}
