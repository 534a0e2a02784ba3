/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "render.h"

static bool reads_standard_input(const struct render_request *request)
{
    for (uint32_t i = 0; i < request->job_count; i++)
        if (strcmp(request->jobs[i].song_path, "-") == 0)
            return true;
    return false;
}

/* Who tells what came of the songs: complaints at once, the report in the order of the command line as far as that is done. */
struct teller {
    struct render_request *request;
    FILE *out;
    struct json json;
    uint32_t next; /* job to report */
};

/* The first one opens the JSON, so that it stays in one piece where complaints go the same way. */
static void tell_job(struct teller *teller, struct render_job *job)
{
    if (teller->request->json && !teller->json.depth) {
        json_open(&teller->json, NULL, '{');
        json_text(&teller->json, "version", dmus_version());
        json_open(&teller->json, "songs", '[');
    }
    if (teller->request->json)
        render_report_json(&teller->json, teller->request, job);
    else if (!teller->request->quiet && job->status == DMUS_OK)
        render_report_text(teller->out, teller->request, job);
    dmus_report_free(job->report);
    job->report = NULL;
}

static void on_ended(void *ctx, struct render_job *job)
{
    struct teller *teller = ctx;
    const struct render_request *request = teller->request;
    if (job->status != DMUS_OK && job->status != DMUS_ERR_CANCELLED)
        complain("render", "%s%s", job->error.text, overwrite_hint(job->status, job->output_path, request->overwrite));
    render_report_warnings(request, job);
    while (teller->next < request->job_count && request->jobs[teller->next].done)
        tell_job(teller, &request->jobs[teller->next++]);
    if (request->job_count > 1 && teller->out == stdout)
        flush_output();
}

/* After an interruption there are songs that were never begun. */
static void tell_rest(struct teller *teller)
{
    const struct render_request *request = teller->request;
    for (; teller->next < request->job_count; teller->next++) {
        struct render_job *job = &request->jobs[teller->next];
        if (!job->done) {
            job->status = DMUS_ERR_CANCELLED;
            snprintf(job->error.text, sizeof job->error.text, "%s: not begun", job->song_path);
        }
        tell_job(teller, job);
    }
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
    FILE *out = report_stream(request.jobs[0].output_path, NULL); /* several go to a directory */
    struct teller teller = {.request = &request, .out = out, .json = {.out = out}};
    render_run(&request, on_ended, &teller);
    tell_rest(&teller);
    if (request.json) {
        json_close(&teller.json, ']');
        json_close(&teller.json, '}');
    }
    code = EXIT_DONE;
    for (uint32_t i = 0; i < request.job_count && code == EXIT_DONE; i++)
        code = exit_code_of(request.jobs[i].status);
    if (interrupted()) {
        complain("render", "interrupted; unfinished files were removed");
        code = interrupt_code();
    }
    render_request_free(&request);
    return code;
}
