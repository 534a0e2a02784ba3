/* SPDX-License-Identifier: MIT */
/* hosting_trace.c - the trace of `dmus host`: lines on standard output, or a file that appears when it is whole. */
#define _GNU_SOURCE /* fopencookie */
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "hosting.h"
#include "kernel/wdm/trace.h"
#include "player/outfile.h"

struct hosting_trace {
    struct outfile out;
    FILE *file;          /* into OUT */
    struct dm_error err; /* the first of writing to OUT */
};

static void print_line(void *ctx, const char *line)
{
    fprintf(ctx, "%s\n", line);
}

static ssize_t write_out(void *cookie, const char *data, size_t size)
{
    struct hosting_trace *trace = cookie;
    if (trace->err.status == DM_OK)
        outfile_write(&trace->out, data, size, &trace->err);
    return trace->err.status == DM_OK ? (ssize_t)size : 0; /* 0: an error, as the manual of fopencookie has it */
}

static enum dm_status open_file(const struct hosting *h, struct hosting_trace *trace, struct dm_error *err)
{
    static const cookie_io_functions_t functions = {.write = write_out};
    enum dm_status status = outfile_open(&trace->out, h->trace, h->play.overwrite, err);
    if (status != DM_OK)
        return status;
    trace->file = fopencookie(trace, "w", functions);
    return trace->file ? DM_OK : dm_fail(err, DM_ERR_NOMEM, "%s: no memory", h->trace);
}

static void give_up(struct hosting_trace *trace)
{
    struct dm_error ignored;
    if (trace->file)
        fclose(trace->file);
    if (trace->out.buffer)
        outfile_close(&trace->out, false, &ignored);
    free(trace);
}

bool hosting_trace_start(const struct hosting *h, struct session *session, struct hosting_trace **out, int *code)
{
    struct dm_error err = {0};
    *out = NULL;
    if (!h->trace)
        return true;
    if (strcmp(h->trace, "-") == 0) {
        wdm_trace_live(host_machine(session->host), print_line, stdout);
        return true;
    }
    struct hosting_trace *trace = calloc(1, sizeof *trace);
    enum dm_status status = trace ? open_file(h, trace, &err) : dm_fail(&err, DM_ERR_NOMEM, "%s: no memory", h->trace);
    if (status == DM_OK)
        status = wdm_trace_start(host_machine(session->host), trace->file, &err);
    if (status == DM_OK) {
        *out = trace;
        return true;
    }
    if (trace && trace->file)
        wdm_trace_stop(host_machine(session->host), NULL); /* the machine must forget the file */
    if (trace)
        give_up(trace);
    complain("host", "%s%s", err.text, overwrite_hint((enum dmus_status)status, h->trace, h->play.overwrite));
    *code = exit_code_of((enum dmus_status)status);
    return false;
}

/* Nothing was traced to its end where the command line, an input or an output was wrong. A refusal of the driver is in the trace, and
 * so is all until an interruption. */
static bool is_whole(int code)
{
    return code == EXIT_DONE || code == EXIT_DEVICE || (interrupted() && code == interrupt_code());
}

void hosting_trace_stop(const struct hosting *h, struct session *session, struct hosting_trace *trace, int *code)
{
    struct dm_error err = {0};
    wdm_trace_live(host_machine(session->host), NULL, NULL);
    if (!trace)
        return;
    enum dm_status status = wdm_trace_stop(host_machine(session->host), &err);
    if (fclose(trace->file) != 0 && status == DM_OK)
        status = dm_fail(&err, DM_ERR_WRITE, "%s: cannot be written", h->trace);
    if (trace->err.status != DM_OK) { /* that tells why */
        err = trace->err;
        status = err.status;
    }
    struct dm_error closing = {0};
    enum dm_status closed = outfile_close(&trace->out, status == DM_OK && is_whole(*code), &closing);
    if (status != DM_OK || closed != DM_OK)
        complain("host", "%s", status != DM_OK ? err.text : closing.text);
    if ((status != DM_OK || closed != DM_OK) && *code == EXIT_DONE)
        *code = EXIT_OUTPUT;
    free(trace);
}
