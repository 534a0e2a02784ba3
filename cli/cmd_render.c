/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "render.h"

/* Where the report goes: standard output, unless that carries the sound. */
static FILE *report_stream(const struct render_request *request)
{
    for (uint32_t i = 0; i < request->job_count; i++)
        if (request->jobs[i].output_path && strcmp(request->jobs[i].output_path, "-") == 0)
            return stderr;
    return stdout;
}

static bool reads_standard_input(const struct render_request *request)
{
    for (uint32_t i = 0; i < request->job_count; i++)
        if (strcmp(request->jobs[i].song_path, "-") == 0)
            return true;
    return false;
}

int cmd_render(int argc, char **argv)
{
    struct render_request request;
    int code;
    if (!render_request_parse(&request, argc, argv, &code)) {
        render_request_free(&request);
        return code;
    }
    if (!reads_standard_input(&request))
        catch_interrupts();
    render_run(&request);

    FILE *out = report_stream(&request);
    struct json json = {.out = out};
    if (request.json) {
        json_open(&json, NULL, '{');
        json_text(&json, "version", dmus_version());
        json_open(&json, "songs", '[');
    }
    code = EXIT_DONE;
    for (uint32_t i = 0; i < request.job_count; i++) {
        const struct render_job *job = &request.jobs[i];
        if (!job->done)
            continue;
        if (job->status != DMUS_OK && job->status != DMUS_ERR_CANCELLED)
            complain("render", "%s%s", job->error.text, overwrite_hint(job->status, job->output_path, request.overwrite));
        render_report_warnings(&request, job);
        if (request.json)
            render_report_json(&json, &request, job);
        else if (!request.quiet && job->status == DMUS_OK)
            render_report_text(out, &request, job);
        int own = exit_code_of(job->status);
        if (code == EXIT_DONE)
            code = own;
    }
    if (request.json) {
        json_close(&json, ']');
        json_close(&json, '}');
    }
    if (interrupted()) {
        complain("render", "interrupted; unfinished files were removed");
        code = interrupt_code();
    }
    render_request_free(&request);
    return code;
}
