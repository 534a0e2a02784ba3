/* SPDX-License-Identifier: MIT */
/* options.h - command line options from one table that also prints the help. */
#ifndef DMUS_CLI_OPTIONS_H
#define DMUS_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct option_spec {
    int id;               /* > 0; a printable character is also the short option, larger values have none */
    const char *name;     /* long name without dashes */
    const char *argument; /* name of its argument in the help, NULL if it takes none */
    const char *help;     /* one or more lines separated by \n */
};

struct option_parser {
    const char *command; /* for messages: "dmus render" */
    const struct option_spec *specs; /* ended by id 0 */
    int argc, index;     /* index: first word that is not an option, once next gave 0 */
    char **argv;
    const char *argument; /* of the option that next gave, or NULL */
    bool started;
};

/* Option id, 0 at the end of the options, -1 after a wrong option (reported on stderr). Options and other words may
 * be mixed; "--" ends the options. At the end argv[index..argc) are the other words, in order. */
int options_next(struct option_parser *parser);

/* Print the table: "  -b, --bank FILE      text". */
void options_help(FILE *out, const struct option_spec *specs);

/* Numbers in arguments: the whole word must be one, within [low, high]. On failure reports on stderr and gives false. */
bool option_unsigned(const struct option_parser *parser, const char *option, uint32_t low, uint32_t high, uint32_t *out);
bool option_number(const struct option_parser *parser, const char *option, double low, double high, double *out);
/* Seconds, or minutes:seconds, or hours:minutes:seconds; not negative. */
bool option_time(const struct option_parser *parser, const char *option, double *out);
/* Index of the argument in the NULL-terminated list of words; -1 after a report that lists them. */
int option_choice(const struct option_parser *parser, const char *option, const char *const *words);

#endif
