/* SPDX-License-Identifier: MIT */
/*
 * log.h - remarks for the person who looks for a fault. Off until somebody
 * sets a receiver; the library itself never writes to stdio. Off, a call costs
 * one load. Any thread, but not from a render thread: the receiver may block.
 */
#ifndef DMUS_BASE_LOG_H
#define DMUS_BASE_LOG_H

#include <stdbool.h>

#include "status.h"

enum log_level { LOG_OFF, LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_TRACE };

/* AREA names the room or object ("synth", "sink"). TEXT is one line without a newline. Called on the thread that
 * logs, by several threads at once. */
typedef void log_receiver(void *ctx, enum log_level level, const char *area, const char *text);

/* Send remarks up to LEVEL to the receiver. LOG_OFF or a NULL receiver ends it. Before other threads start, or while
 * none logs. */
void log_set(enum log_level level, log_receiver *receiver, void *ctx);

/* A receiver that writes "area: text" lines to the FILE * that is CTX. */
log_receiver log_to_stdio;

bool log_wanted(enum log_level level);
void log_at(enum log_level level, const char *area, const char *fmt, ...) DM_PRINTF(3, 4);

/* "off", "error", "warning", "info", "trace" to the level; false for other words. */
bool log_level_from_text(const char *text, enum log_level *level);

#endif
