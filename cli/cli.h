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

/* --overwrite does not mean what the output is made from. Whether there is a regular file in the place of OUTPUT: NULL and "-" replace
 * nothing. */
bool can_be_replaced(const char *output);
/* False, with the message in ERR, if that file is, by whatever name, INPUT (NULL, "-": nothing). Wrong usage. */
bool spares_input(const char *output, const char *input, struct dmus_error *err);
/* The same of SONG (NULL: none) and of the banks that were found for it. */
bool spares_inputs(const char *output, const struct dmus_song *song, struct dmus_bank *const *banks, size_t count,
                   struct dmus_error *err);
/* And if there is a bank in its place, by content: a song may be about to be played with it, and names may be links. */
bool spares_bank_there(const char *output, struct dmus_error *err);

/* That no two of the COUNT outputs of COMMAND (NULL: none) are one file; PATHS[i] is what OPTIONS[i] names. false after a
 * report. */
bool outputs_differ(const char *command, const char *const *paths, const char *const *options, size_t count);

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

/* Where a report goes: standard output, unless one of the outputs (either may be NULL) is that. */
FILE *report_stream(const char *output, const char *second);

/* Hand standard output on now. What went wrong is told at the end. */
void flush_output(void);
/* The errno of the first flush_output that failed, or 0. */
int output_error(void);

/* From now on SIGINT, SIGTERM and SIGHUP (unless they are ignored) only make interrupted() true: the work in hand ends, its
 * output is removed. A second one kills. */
void catch_interrupts(void);
/* The same for work that may never come round to ask: if interrupted() is not called for a second after the signal, or the
 * process is still there half a minute after that, STUCK is called on a thread of its own. It must end the process. */
void catch_interrupts_or(void (*stuck)(void));
bool interrupted(void);
int interrupt_code(void); /* the exit code then: 128 + signal */

/* From now on a file that is shortened while it is read ends the program with a line that names it, and EXIT_INPUT. */
void catch_shortened_files(void);
/* What puts the terminal right before that line; NULL: nothing. FN is called in a signal handler, on any thread. */
void before_shortened_files(void (*fn)(void));

#endif
