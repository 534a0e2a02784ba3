/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include <stdarg.h>
#include <sys/stat.h>

#include "cli.h"

const char *overwrite_hint(enum dmus_status status, const char *path, bool overwrite)
{
    struct stat st;
    bool in_the_way = status == DMUS_ERR_WRITE && !overwrite && path && stat(path, &st) == 0 && S_ISREG(st.st_mode);
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
