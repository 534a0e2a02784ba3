/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

const char *overwrite_hint(enum dmus_status status, const char *path, bool overwrite)
{
    struct stat st;
    bool failed = status == DMUS_ERR_WRITE && !overwrite && path;
    bool in_the_way = failed && (stat(path, &st) == 0 ? S_ISREG(st.st_mode) : lstat(path, &st) == 0); /* a link to nothing */
    return in_the_way ? " (--overwrite replaces it)" : "";
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

static const char *song_remark(const void *song, uint32_t i)
{
    return dmus_song_get_remark(song, i);
}

static const char *bank_remark(const void *bank, uint32_t i)
{
    return dmus_bank_get_remark(bank, i);
}

static void complain_of_repairs(const char *command, const char *path, const char *(*get)(const void *, uint32_t), const void *handle,
                                bool verbose)
{
    const char *text, *first = get(handle, 0);
    uint32_t count = 0;
    for (; (text = get(handle, count)); count++)
        if (verbose)
            complain(command, "warning: %s: %s", path, text);
    if (!verbose && count == 1)
        complain(command, "warning: %s: %s", path, first);
    else if (!verbose && count)
        complain(command, "warning: %s: %u repairs were needed (-v lists them), first: %s", path, count, first);
}

void complain_of_song(const char *command, const struct dmus_song *song, bool verbose)
{
    struct dmus_song_info info = DMUS_INIT(dmus_song_info);
    if (dmus_song_get_info(song, &info) == DMUS_OK)
        complain_of_repairs(command, info.path, song_remark, song, verbose);
}

void complain_of_bank(const char *command, const struct dmus_bank *bank, bool verbose)
{
    struct dmus_bank_info info = DMUS_INIT(dmus_bank_info);
    if (dmus_bank_get_info(bank, &info) == DMUS_OK)
        complain_of_repairs(command, info.path, bank_remark, bank, verbose);
}

void complain_of_lookup(const char *command, const struct dmus_lookup_step *step)
{
    if (step->place == DMUS_PLACE_BESIDE && step->result == DMUS_LOOKUP_UNUSABLE)
        complain(command, "warning: the bank beside the song is passed over: %s", step->reason);
}

FILE *report_stream(const char *output, const char *second)
{
    return (output && strcmp(output, "-") == 0) || (second && strcmp(second, "-") == 0) ? stderr : stdout;
}

static int flush_failed;

void flush_output(void)
{
    errno = 0;
    if (fflush(stdout) != 0 && !flush_failed)
        flush_failed = errno;
}

int output_error(void)
{
    return flush_failed;
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
        return interrupt_code();
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
