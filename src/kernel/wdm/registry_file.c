/* SPDX-License-Identifier: MIT */
/* Reads the text form of registry.h. */
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/mapfile.h"
#include "kernel/wdm/registry.h"
#include "kernel/wdm/registry_text.h"
#include "kernel/wdm/units.h"

struct reader {
    struct wdm_machine *machine;
    const char *at, *end, *name;
    unsigned line; /* of what is being read */
    struct reg_key *key;
    char *scratch; /* a string without its quotes, or bytes: never longer than the text */
    struct dm_error *err;
};

static enum dm_status bad(struct reader *r, const char *what)
{
    return dm_fail(r->err, DM_ERR_FORMAT, "%s: line %u: %s", r->name, r->line, what);
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
        r->at++;
}

static bool at_line_end(const struct reader *r) { return r->at == r->end || *r->at == '\n' || *r->at == '\r'; }

static void next_line(struct reader *r)
{
    while (r->at < r->end && *r->at != '\n')
        r->at++;
    if (r->at < r->end)
        r->at++;
    r->line++;
}

/* Nothing but blanks and a comment is left of the line. */
static bool rest_is_empty(struct reader *r)
{
    skip_blanks(r);
    return at_line_end(r) || *r->at == ';';
}

static bool take_word(struct reader *r, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(r->end - r->at) < n || strncasecmp(r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

/* "..." with \\ and \" to OUT, which has room for the rest of the text. */
static bool take_quoted(struct reader *r, char *out, size_t *size)
{
    *size = 0;
    for (r->at++; r->at < r->end && *r->at != '"' && *r->at != '\n'; r->at++) {
        if (*r->at == '\\' && r->at + 1 < r->end && (r->at[1] == '\\' || r->at[1] == '"'))
            r->at++;
        out[(*size)++] = *r->at;
    }
    if (r->at == r->end || *r->at != '"')
        return false;
    r->at++;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* At most DIGITS of them; false if there is none. */
static bool take_hex(struct reader *r, unsigned digits, uint32_t *out)
{
    unsigned n = 0;
    for (*out = 0; n < digits && r->at < r->end && hex_digit(*r->at) >= 0; n++, r->at++)
        *out = *out << 4 | (uint32_t)hex_digit(*r->at);
    return n > 0;
}

/* 01,02,... over lines that end in a backslash. */
static bool take_bytes(struct reader *r, char *out, size_t *size)
{
    uint32_t byte;
    *size = 0;
    for (;;) {
        skip_blanks(r);
        if (r->at < r->end && *r->at == '\\') {
            r->at++;
            skip_blanks(r);
            if (!at_line_end(r))
                return false;
            next_line(r);
            continue;
        }
        if (*size == 0 && rest_is_empty(r))
            return true;
        if (!take_hex(r, 2, &byte))
            return false;
        out[(*size)++] = (char)byte;
        skip_blanks(r);
        if (r->at == r->end || *r->at != ',')
            return true;
        r->at++;
    }
}

static enum dm_status remove_value(struct reader *r, const char *name, size_t name_size)
{
    uint16_t *units = dm_malloc((name_size + 1) * sizeof *units);
    if (!units)
        return dm_fail(r->err, DM_ERR_NOMEM, "registry");
    size_t count = units_from_utf8(units, name_size, name, name_size);
    reg_value_delete(r->key, (struct reg_name){units, count});
    dm_free(units);
    return DM_OK;
}

static enum dm_status read_data(struct reader *r, const char *name, size_t name_size, char *data)
{
    uint32_t type = REG_BINARY, word;
    size_t size;
    if (r->at < r->end && *r->at == '-') {
        r->at++;
        return remove_value(r, name, name_size);
    }
    if (r->at < r->end && *r->at == '"') {
        if (!take_quoted(r, data, &size))
            return bad(r, "string without its closing quote");
        return registry_set_text(r->key, name, name_size, REG_SZ, data, size, r->err);
    }
    if (take_word(r, "dword:")) {
        if (!take_hex(r, 8, &word))
            return bad(r, "dword: without a hexadecimal number");
        return registry_set_value(r->key, name, name_size, REG_DWORD, &word, sizeof word, r->err);
    }
    if (take_word(r, "hex(")) {
        if (!take_hex(r, 8, &type) || !take_word(r, "):"))
            return bad(r, "hex( without a type and ):");
    } else if (!take_word(r, "hex:")) {
        return bad(r, "a value is a \"string\", dword:, hex:, hex(type): or -");
    }
    if (!take_bytes(r, data, &size))
        return bad(r, "hexadecimal bytes expected, with commas between them");
    return registry_set_value(r->key, name, name_size, type, data, size, r->err);
}

static enum dm_status read_value(struct reader *r)
{
    size_t name_size = 0;
    if (!r->key)
        return bad(r, "a value before the first [key]");
    if (*r->at == '@')
        r->at++;
    else if (!take_quoted(r, r->scratch, &name_size))
        return bad(r, "name without its closing quote");
    skip_blanks(r);
    if (r->at == r->end || *r->at != '=')
        return bad(r, "= expected after the name");
    r->at++;
    skip_blanks(r);
    enum dm_status status = read_data(r, r->scratch, name_size, r->scratch + name_size);
    if (status != DM_OK)
        return status;
    return rest_is_empty(r) ? DM_OK : bad(r, "more than a value on the line");
}

static enum dm_status read_key(struct reader *r)
{
    const char *from = ++r->at;
    bool remove = r->at < r->end && *r->at == '-';
    from += remove;
    const char *to = NULL; /* the last bracket of the line: names may have some */
    for (; !at_line_end(r); r->at++)
        if (*r->at == ']')
            to = r->at;
    if (!to || to == from)
        return bad(r, "[key] expected");
    r->at = to + 1;
    r->key = NULL;
    struct reg_key *key;
    enum dm_status status = registry_key_named(r->machine, from, (size_t)(to - from), !remove, &key, r->err);
    if (status == DM_ERR_NOT_FOUND && remove)
        status = DM_OK;
    else if (status == DM_OK && remove)
        reg_delete_tree(key);
    else if (status == DM_OK)
        r->key = key;
    if (status == DM_ERR_ARGUMENT)
        return bad(r, "a key's name is too long, or the keys nest too deep");
    if (status != DM_OK)
        return status;
    return rest_is_empty(r) ? DM_OK : bad(r, "more than a [key] on the line");
}

static enum dm_status read_line(struct reader *r)
{
    skip_blanks(r);
    if (at_line_end(r) || *r->at == ';' || *r->at == '#')
        return DM_OK;
    if (*r->at == '[')
        return read_key(r);
    if (*r->at == '"' || *r->at == '@')
        return read_value(r);
    return r->line == 1 ? DM_OK : bad(r, "neither [key], \"name\"= nor a comment");
}

enum dm_status wdm_registry_parse(struct wdm_machine *m, const char *text, size_t size, const char *name,
                                  struct dm_error *err)
{
    struct dm_error own = {DM_OK, ""};
    struct reader r = {.machine = m, .at = text, .end = text + size, .name = name, .line = 1, .err = err ? err : &own};
    enum dm_status status = DM_OK;
    r.scratch = dm_malloc(size + 1);
    if (!r.scratch)
        return dm_fail(err, DM_ERR_NOMEM, "%s", name);
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        r.at += 3;
    pthread_mutex_lock(&m->registry.lock);
    while (status == DM_OK && r.at < r.end) {
        status = read_line(&r);
        if (status == DM_OK)
            next_line(&r);
    }
    pthread_mutex_unlock(&m->registry.lock);
    dm_free(r.scratch);
    return status == DM_ERR_ARGUMENT ? bad(&r, "a value or its name is too long") : status;
}

enum dm_status wdm_registry_load(struct wdm_machine *m, const char *path, struct dm_error *err)
{
    struct mapped_file file;
    enum dm_status status = mapfile_open(path, &file, err);
    if (status != DM_OK)
        return status;
    status = wdm_registry_parse(m, (const char *)file.bytes.data, file.bytes.size, path, err);
    mapfile_close(&file);
    return status;
}
