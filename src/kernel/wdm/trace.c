/* SPDX-License-Identifier: MIT */
#include "kernel/wdm/trace.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "kernel/wdm/impl.h"

bool wdm_tracing(void)
{
    struct wdm_machine *m = wdm_current();
    return m && atomic_load_explicit(&m->trace.on, memory_order_relaxed);
}

const char *wdm_trace_escape(char *out, size_t size, const char *text)
{
    size_t at = 0;
    if (size == 0)
        return out;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        char piece[8];
        size_t length = (size_t)snprintf(piece, sizeof piece, c == '"' || c == '\\' ? "\\%c" : c < 0x20 ? "\\u%04x" : "%c", c);
        if (at + length + 1 > size)
            break;
        memcpy(out + at, piece, length);
        at += length;
    }
    if (*text) {
        out[at] = *text;
        at = text_cut(out, at + 1, at);
    }
    out[at] = 0;
    return out;
}

/* Number of TRACK in the file, from 1; 0 if memory is short (the event then goes to the machine's own line). */
static unsigned track_number(struct wdm_trace_state *t, const char *track, bool *fresh)
{
    *fresh = false;
    for (unsigned i = 0; i < t->tracks; i++)
        if (strcmp(t->names[i], track) == 0)
            return i + 1;
    char **names = dm_realloc(t->names, t->tracks + 1, sizeof *names);
    if (!names)
        return 0;
    t->names = names;
    char *name = dm_strdup(track);
    if (!name)
        return 0;
    t->names[t->tracks++] = name;
    *fresh = true;
    return t->tracks;
}

static void write_event(struct wdm_trace_state *t, int64_t since_boot, const char *phase, const char *track,
                        const char *name, const char *args)
{
    char text[256];
    bool fresh;
    unsigned number = track_number(t, track, &fresh);
    if (fresh)
        fprintf(t->file, "%s\n{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"args\":{\"name\":\"%s\"}}",
                t->written++ ? "," : "", number, wdm_trace_escape(text, sizeof text, track));
    fprintf(t->file, "%s\n{\"name\":\"%s\",\"ph\":\"%s\",\"ts\":%lld.%d,\"pid\":1,\"tid\":%u%s%s%s%s}",
            t->written++ ? "," : "", wdm_trace_escape(text, sizeof text, name), phase, (long long)(since_boot / 10),
            (int)(since_boot % 10), number, *phase == 'i' ? ",\"s\":\"t\"" : "", args ? ",\"args\":{" : "",
            args ? args : "", args ? "}" : "");
}

static void tell_live(struct wdm_trace_state *t, int64_t since_boot, const char *phase, const char *track,
                      const char *name, const char *args)
{
    char line[512];
    const char *mark = *phase == 'B' ? " {" : *phase == 'E' ? " }" : "";
    snprintf(line, sizeof line, "%12.4f ms  %s  %s%s%s%s", (double)since_boot / (double)WDM_MS, track, name, mark,
             args ? "  " : "", args ? args : "");
    t->live(t->live_ctx, line);
}

static void put(const char *phase, const char *track, const char *name, const char *args)
{
    struct wdm_machine *m = wdm_current();
    struct wdm_trace_state *t = &m->trace;
    pthread_mutex_lock(&t->lock);
    /* Under the lock, so that the file's times do not go back. */
    int64_t since_boot = wdm_time_100ns(m) - m->boot_100ns;
    if (t->file)
        write_event(t, since_boot, phase, track, name, args);
    if (t->live)
        tell_live(t, since_boot, phase, track, name, args);
    pthread_mutex_unlock(&t->lock);
}

void wdm_trace(const char *track, const char *name, const char *args, ...)
{
    char text[300];
    bool fits = false;
    if (!wdm_tracing())
        return;
    if (args) {
        va_list list;
        va_start(list, args);
        int length = vsnprintf(text, sizeof text, args, list);
        va_end(list);
        fits = length >= 0 && (size_t)length < sizeof text;
    }
    put("i", track, name, fits ? text : NULL);
}

void wdm_trace_begin(const char *track, const char *name)
{
    if (wdm_tracing())
        put("B", track, name, NULL);
}

void wdm_trace_end(const char *track, const char *name)
{
    if (wdm_tracing())
        put("E", track, name, NULL);
}

void wdm_trace_value(const char *track, const char *name, int64_t value)
{
    char text[40];
    if (!wdm_tracing())
        return;
    snprintf(text, sizeof text, "\"value\":%lld", (long long)value);
    put("C", track, name, text);
}

enum dm_status wdm_trace_start(struct wdm_machine *m, FILE *file, struct dm_error *err)
{
    struct wdm_trace_state *t = &m->trace;
    pthread_mutex_lock(&t->lock);
    bool busy = t->file != NULL;
    if (!busy) {
        t->file = file;
        t->written = 0;
        fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[", file);
        atomic_store(&t->on, true);
    }
    pthread_mutex_unlock(&t->lock);
    if (busy)
        return dm_fail(err, DM_ERR_ARGUMENT, "the machine is being traced already");
    return ferror(file) ? dm_fail(err, DM_ERR_WRITE, "the trace cannot be written") : DM_OK;
}

static void forget_tracks(struct wdm_trace_state *t)
{
    for (unsigned i = 0; i < t->tracks; i++)
        dm_free(t->names[i]);
    dm_free(t->names);
    t->names = NULL;
    t->tracks = 0;
}

enum dm_status wdm_trace_stop(struct wdm_machine *m, struct dm_error *err)
{
    struct wdm_trace_state *t = &m->trace;
    pthread_mutex_lock(&t->lock);
    FILE *file = t->file;
    bool bad = false;
    if (file) {
        fputs("\n]}\n", file);
        bad = fflush(file) != 0 || ferror(file);
        forget_tracks(t);
        t->file = NULL;
        atomic_store(&t->on, t->live != NULL);
    }
    pthread_mutex_unlock(&t->lock);
    return bad ? dm_fail(err, DM_ERR_WRITE, "the trace was not written whole") : DM_OK;
}

void wdm_trace_live(struct wdm_machine *m, wdm_trace_fn *fn, void *ctx)
{
    struct wdm_trace_state *t = &m->trace;
    pthread_mutex_lock(&t->lock);
    t->live = fn;
    t->live_ctx = ctx;
    atomic_store(&t->on, fn || t->file);
    pthread_mutex_unlock(&t->lock);
}
