/* SPDX-License-Identifier: MIT */
/* cli.h - what the subcommands of dmus share: exit codes, messages, the list of commands. */
#ifndef DMUS_CLI_CLI_H
#define DMUS_CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "dmus/dmus.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_USAGE = 1,       /* wrong command line */
    EXIT_INPUT = 2,       /* a song or bank cannot be read, or is malformed */
    EXIT_DEVICE = 3,      /* audio or MIDI device */
    EXIT_OUTPUT = 4,      /* an output cannot be written */
    EXIT_SUBSTITUTED = 5, /* --strict: something was replaced, dropped or limited */
    EXIT_RULES = 6        /* a driver broke a rule */
    /* 128 + number of the signal: interrupted */
};

struct command {
    const char *name;
    const char *summary; /* one line for `dmus help` */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit code */
    void (*help)(FILE *out);
};

extern const struct command commands[]; /* ended by name NULL */

int cmd_play(int argc, char **argv);
void help_play(FILE *out);
int cmd_live(int argc, char **argv);
void help_live(FILE *out);
int cmd_latency(int argc, char **argv);
void help_latency(FILE *out);
int cmd_render(int argc, char **argv);
void help_render(FILE *out);
int cmd_convert(int argc, char **argv);
void help_convert(FILE *out);
int cmd_info(int argc, char **argv);
void help_info(FILE *out);
int cmd_host(int argc, char **argv);
void help_host(FILE *out);
int cmd_check_driver(int argc, char **argv);
void help_check_driver(FILE *out);
int cmd_wine_install(int argc, char **argv);
void help_wine_install(FILE *out);
int cmd_conformance(int argc, char **argv); /* only in builds with kissfft and libsndfile: HAVE_CONFORMANCE */
void help_conformance(FILE *out);

/* The exit code that tells of STATUS. */
int exit_code_of(enum dmus_status status);

/* What to add to the message of a failure to write PATH: how to replace it, if that it exists was the reason; else "". */
const char *overwrite_hint(enum dmus_status status, const char *path, bool overwrite);

/* "dmus COMMAND: text" and a newline on standard error. */
#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
void complain(const char *command, const char *format, ...);

/* What was damaged in a file and could be repaired: everything if VERBOSE, else the first and how many. */
void complain_of_song(const char *command, const struct dmus_song *song, bool verbose);
void complain_of_bank(const char *command, const struct dmus_bank *bank, bool verbose);
/* A bank beside the song that is none, so that another one plays. */
void complain_of_lookup(const char *command, const struct dmus_lookup_step *step);

/* Hand standard output on now. What went wrong is told at the end. */
void flush_output(void);
/* The errno of the first flush_output that failed, or 0. */
int output_error(void);

/* From now on SIGINT, SIGTERM and SIGHUP (unless they are ignored) only make interrupted() true: the work in hand ends, its
 * output is removed. A second one kills. */
void catch_interrupts(void);
bool interrupted(void);
int interrupt_code(void); /* the exit code then: 128 + signal */

#endif
