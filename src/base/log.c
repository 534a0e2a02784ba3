/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static atomic_int log_limit = LOG_OFF;
static log_receiver *log_function;
static void *log_ctx;

void log_set(enum log_level level, log_receiver *receiver, void *ctx)
{
    atomic_store(&log_limit, LOG_OFF);
    log_function = receiver;
    log_ctx = ctx;
    if (receiver)
        atomic_store_explicit(&log_limit, (int)level, memory_order_release);
}

bool log_wanted(enum log_level level)
{
    return level != LOG_OFF && (int)level <= atomic_load_explicit(&log_limit, memory_order_acquire);
}

void log_at(enum log_level level, const char *area, const char *fmt, ...)
{
    if (!log_wanted(level))
        return;
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    log_function(log_ctx, level, area, text);
}

void log_to_stdio(void *ctx, enum log_level level, const char *area, const char *text)
{
    (void)level;
    fprintf((FILE *)ctx, "%s: %s\n", area, text); /* one call, so that lines of two threads stay whole */
}

bool log_level_from_text(const char *text, enum log_level *level)
{
    static const char *const names[] = {"off", "error", "warning", "info", "trace"};
    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
        if (strcmp(text, names[i]) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    return false;
}
