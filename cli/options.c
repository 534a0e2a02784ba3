/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* getopt_long */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTIONS 64

static int take(struct option_parser *parser)
{
    struct option longs[MAX_OPTIONS + 1] = {0};
    char shorts[3 * MAX_OPTIONS + 2] = ":";
    size_t n = 0, s = 1;
    for (const struct option_spec *spec = parser->specs; spec->id && n < MAX_OPTIONS; spec++, n++) {
        longs[n].name = spec->name;
        longs[n].has_arg = spec->argument ? required_argument : no_argument;
        longs[n].val = spec->id;
        if (spec->id < 256 && isalnum(spec->id)) {
            shorts[s++] = (char)spec->id;
            if (spec->argument)
                shorts[s++] = ':';
        }
    }
    shorts[s] = 0;
    if (!parser->started) {
        optind = 1;
        opterr = 0;
        parser->started = true;
    }
    int id = getopt_long(parser->argc, parser->argv, shorts, longs, NULL);
    parser->argument = optarg;
    parser->index = optind;
    return id;
}

int options_next(struct option_parser *parser)
{
    int id = take(parser);
    if (id == -1)
        return 0;
    if (id != '?' && id != ':')
        return id;
    const char *word = parser->argv[parser->index - 1];
    char letter[3] = {'-', (char)optopt, 0};
    if (optopt > 0 && optopt < 256 && isprint(optopt) && strncmp(word, "--", 2) != 0)
        word = letter;
    if (id == ':')
        fprintf(stderr, "%s: option %s needs an argument\n", parser->command, word);
    else
        fprintf(stderr, "%s: unknown option %s\n", parser->command, word);
    fprintf(stderr, "Try '%s --help'.\n", parser->command);
    return -1;
}

void options_help(FILE *out, const struct option_spec *specs)
{
    const int column = 28;
    for (; specs->id; specs++) {
        int width = specs->id < 256 && isalnum(specs->id) ? fprintf(out, "  -%c, --%s", specs->id, specs->name)
                                                          : fprintf(out, "      --%s", specs->name);
        if (specs->argument)
            width += fprintf(out, " %s", specs->argument);
        if (width > column - 2)
            fputc('\n', out), width = 0;
        fprintf(out, "%*s", column - width, "");
        for (const char *c = specs->help; *c; c++) {
            fputc(*c, out);
            if (*c == '\n')
                fprintf(out, "%*s", column, "");
        }
        fputc('\n', out);
    }
}

static bool refuse(const struct option_parser *parser, const char *option, const char *want)
{
    fprintf(stderr, "%s: %s: '%s' is not %s\n", parser->command, option, parser->argument, want);
    return false;
}

bool option_number(const struct option_parser *parser, const char *option, double low, double high, double *out)
{
    char *end, want[96];
    errno = 0;
    double value = strtod(parser->argument, &end);
    snprintf(want, sizeof want, "a number from %g to %g", low, high);
    if (end == parser->argument || *end || errno || !isfinite(value) || value < low || value > high)
        return refuse(parser, option, want);
    *out = value;
    return true;
}

bool option_unsigned(const struct option_parser *parser, const char *option, uint32_t low, uint32_t high, uint32_t *out)
{
    char *end, want[96];
    errno = 0;
    unsigned long long value = strtoull(parser->argument, &end, 10);
    snprintf(want, sizeof want, "a whole number from %u to %u", low, high);
    if (!isdigit((unsigned char)*parser->argument) || *end || errno || value < low || value > high)
        return refuse(parser, option, want);
    *out = (uint32_t)value;
    return true;
}

bool option_time(const struct option_parser *parser, const char *option, double *out)
{
    double total = 0;
    const char *p = parser->argument;
    for (int fields = 0; fields < 3; fields++) {
        char *end;
        if (!isdigit((unsigned char)*p) && *p != '.')
            break;
        double value = strtod(p, &end);
        if (end == p || !isfinite(value) || value > 1e6)
            break;
        total = total * 60 + value;
        if (!*end) {
            *out = total;
            return true;
        }
        if (*end != ':')
            break;
        p = end + 1;
    }
    return refuse(parser, option, "a time (seconds, or minutes:seconds)");
}

int option_choice(const struct option_parser *parser, const char *option, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], parser->argument) == 0)
            return i;
    fprintf(stderr, "%s: %s: '%s' is none of", parser->command, option, parser->argument);
    for (int i = 0; words[i]; i++)
        fprintf(stderr, "%s %s", i ? "," : "", words[i]);
    fputc('\n', stderr);
    return -1;
}
