/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static int cmd_help(int argc, char **argv);
static int cmd_version(int argc, char **argv);
static void help_help(FILE *out);
static void help_version(FILE *out);

const struct command commands[] = {
    {"render", "render songs to audio files", cmd_render, help_render},
    {"convert", "write a SoundFont or DLS bank as a DLS 2 collection", cmd_convert, help_convert},
    {"info", "tell what is in a song or a bank", cmd_info, help_info},
#ifdef HAVE_CONFORMANCE
    {"conformance", "measure the sound against the rules of DLS", cmd_conformance, help_conformance},
#endif
    {"help", "explain a command", cmd_help, help_help},
    {"version", "print version, licence and build features", cmd_version, help_version},
    {NULL, NULL, NULL, NULL}};

static const struct command *find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static void usage(FILE *out)
{
    fputs("Usage: dmus COMMAND [OPTION]... [FILE]...\n"
          "A synthesizer for MIDI songs with DLS and SoundFont banks.\n\nCommands:\n", out);
    for (const struct command *c = commands; c->name; c++)
        fprintf(out, "  %-12s %s\n", c->name, c->summary);
    fputs("\n'dmus help COMMAND' explains one of them. Example:\n"
          "  dmus render song.mid -b bank.sf2 -o song.wav\n", out);
}

static void help_help(FILE *out)
{
    fputs("Usage: dmus help [COMMAND]\n", out);
}

static int cmd_help(int argc, char **argv)
{
    if (argc < 2) {
        usage(stdout);
        return EXIT_DONE;
    }
    const struct command *command = find(argv[1]);
    if (!command) {
        complain("help", "there is no command '%s'", argv[1]);
        return EXIT_USAGE;
    }
    command->help(stdout);
    return EXIT_DONE;
}

static void help_version(FILE *out)
{
    fputs("Usage: dmus version   (also dmus --version, dmus -V)\n", out);
}

static int cmd_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("dmus %s\nLicence: MIT\nFeatures:", dmus_version());
    const char *name;
    bool available;
    for (uint32_t i = 0; (name = dmus_build_feature(i, &available)); i++)
        printf(" %s%s", available ? "+" : "-", name);
    putchar('\n');
    return EXIT_DONE;
}

void complain(const char *command, const char *format, ...)
{
    va_list args;
    fprintf(stderr, "dmus%s%s: ", command ? " " : "", command ? command : "");
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

int exit_code_of(enum dmus_status status)
{
    switch (status) {
    case DMUS_OK:
        return EXIT_DONE;
    case DMUS_ERR_ARGUMENT:
        return EXIT_USAGE;
    case DMUS_ERR_DEVICE:
        return EXIT_DEVICE;
    case DMUS_ERR_WRITE:
        return EXIT_OUTPUT;
    case DMUS_ERR_SUBSTITUTED:
        return EXIT_SUBSTITUTED;
    case DMUS_ERR_CANCELLED:
        return EXIT_INTERRUPTED;
    case DMUS_ERR_NOMEM:
    case DMUS_ERR_OPEN:
    case DMUS_ERR_READ:
    case DMUS_ERR_FORMAT:
    case DMUS_ERR_UNSUPPORTED:
    case DMUS_ERR_NOT_FOUND:
        break;
    }
    return EXIT_INPUT;
}

static volatile sig_atomic_t was_interrupted;

static void on_signal(int number)
{
    (void)number;
    was_interrupted = 1;
}

void catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}; /* a second one kills */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

bool interrupted(void)
{
    return was_interrupted != 0;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of write(), with a message and exit code 4 */
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    int code;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        usage(stdout);
        code = EXIT_DONE;
    } else if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        code = cmd_version(0, NULL);
    } else {
        const struct command *command = find(word);
        if (!command) {
            if (access(word, F_OK) == 0)
                complain(NULL, "'%s' is a file, not a command; try: dmus render %s", word, word);
            else
                complain(NULL, "there is no command '%s'; 'dmus help' lists them", word);
            return EXIT_USAGE;
        }
        code = command->run(argc - 1, argv + 1);
    }
    /* What was printed must have arrived, too (a full disk behind a redirection). */
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_DONE) {
        complain(NULL, "cannot write to standard output");
        code = EXIT_OUTPUT;
    }
    return code;
}
