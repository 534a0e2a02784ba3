/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static int cmd_help(int argc, char **argv);
static int cmd_version(int argc, char **argv);
static void help_help(FILE *out);
static void help_version(FILE *out);

const struct command commands[] = {
    {"play", "play songs now", cmd_play, help_play},
    {"live", "play what comes from keyboards and other programs", cmd_live, help_live},
    {"latency", "measure the time from a message to its sound", cmd_latency, help_latency},
    {"render", "render songs to audio files", cmd_render, help_render},
    {"convert", "write a SoundFont or DLS bank as a DLS 2 collection", cmd_convert, help_convert},
    {"info", "tell what is in a song or a bank", cmd_info, help_info},
    {"host", "load a kernel-mode driver, list, play and record it", cmd_host, help_host},
    {"check-driver", "take a kernel-mode driver through the standard battery", cmd_check_driver, help_check_driver},
    {"wine-install", "make a Wine prefix play through OpenDMus", cmd_wine_install, help_wine_install},
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
    fputs("Usage: dmus COMMAND [OPTION]... [FILE]...\n       dmus [OPTION]... SONG...\n"
          "A synthesizer for MIDI songs with DLS and SoundFont banks.\n\nCommands:\n", out);
    for (const struct command *c = commands; c->name; c++)
        fprintf(out, "  %-12s %s\n", c->name, c->summary);
    fputs("\n'dmus help COMMAND' explains one of them. Example:\n"
          "  dmus song.mid                                      plays it\n"
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

/* A stream that was closed by the caller must not become the number of a file we open: messages would land in it. What
 * takes its place fails when used. */
static void occupy_standard_streams(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF && open("/dev/null", modes[fd]) != fd)
            _exit(EXIT_OUTPUT);
}

int main(int argc, char **argv)
{
    occupy_standard_streams();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of write(), with a message and exit code 4 */
    signal(SIGXFSZ, SIG_IGN); /* so is the limit on the size of files */
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
        if (!command && word[0] != '-' && access(word, F_OK) != 0) {
            complain(NULL, "there is no command or file '%s'; 'dmus help' lists the commands", word);
            return EXIT_USAGE;
        }
        if (!command || (command->run != cmd_host && command->run != cmd_check_driver)) /* drivers/crash.h has SIGBUS there */
            catch_shortened_files();
        code = command ? command->run(argc - 1, argv + 1) : cmd_play(argc, argv);
    }
    /* What was printed must have arrived, too (a full disk behind a redirection). */
    flush_output();
    if ((output_error() || ferror(stdout)) && code == EXIT_DONE) {
        complain(NULL, "standard output: %s", output_error() ? strerror(output_error()) : "cannot be written");
        code = EXIT_OUTPUT;
    }
    return code;
}
