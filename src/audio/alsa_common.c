/* SPDX-License-Identifier: MIT */
#include "alsa_common.h"

#include <alsa/asoundlib.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"

static void to_log(const char *file, int line, const char *function, int error, const char *fmt, ...)
{
    char text[256];
    va_list args;
    (void)file, (void)line;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    log_at(LOG_INFO, "alsa", "%s: %s%s%s", function, text, error ? ": " : "", error ? snd_strerror(error) : "");
}

void alsa_common_quiet(void) { snd_lib_error_set_handler(to_log); }
