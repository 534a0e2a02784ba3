/* SPDX-License-Identifier: MIT */
/* render_run.c - the work of `dmus render`: songs handed to threads, banks shared between them. */
#define _XOPEN_SOURCE 700
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "render.h"

#define SHARED_BANKS 64

struct run {
    struct render_request *request;
    void (*ended)(void *ctx, struct render_job *job);
    void *ended_ctx;
    struct turn *turns;   /* NULL: jobs are taken in the order of the command line */
    pthread_mutex_t lock; /* over everything below */
    uint32_t next, finished;
    struct progress progress;
    /* Banks that are open already, by path: one load serves every song. */
    struct dmus_bank *banks[SHARED_BANKS];
    uint32_t bank_count;
    struct dmus_bank *named[DMUS_MAX_BANKS]; /* those of the command line, once they are open */
    size_t named_count;
};

/* A job, and how much work it may be. */
struct turn {
    uint32_t job;
    uint64_t size;
};

struct lookup_listener {
    struct run *run;
    const struct render_job *job;
};

static bool on_progress(void *ctx, const struct dmus_progress *progress)
{
    struct run *run = ctx;
    pthread_mutex_lock(&run->lock);
    if (run->request->job_count == 1)
        progress_update(&run->progress, progress->seconds, progress->total_seconds);
    pthread_mutex_unlock(&run->lock);
    return !interrupted();
}

/* Lock held. */
static void on_lookup(void *ctx, const struct dmus_lookup_step *step)
{
    static const char *const results[] = {"nothing", "unusable", "taken", "taken for what the song's own bank lacks"};
    const struct lookup_listener *listener = ctx;
    progress_end(&listener->run->progress);
    if (!listener->run->request->verbose) {
        complain_of_lookup("render", step);
        return;
    }
    fprintf(stderr, "%s: %s: %s: %s%s%s\n", listener->job->song_path, dmus_place_name(step->place), step->path,
            step->result < 4 ? results[step->result] : "?", *step->reason ? ": " : "", step->reason);
}

static const char *bank_path(const struct dmus_bank *bank)
{
    struct dmus_bank_info info = DMUS_INIT(dmus_bank_info);
    return dmus_bank_get_info(bank, &info) == DMUS_OK && info.path ? info.path : "";
}

/* Is it the bank inside the song? Its path says so. */
static bool is_inside(const char *path)
{
    static const char mark[] = " (bank inside)";
    size_t length = strlen(path), tail = sizeof mark - 1;
    return length > tail && strcmp(path + length - tail, mark) == 0;
}

/* Replace freshly opened banks by those that another song opened before; tell of the others. Lock held. */
static void share_banks(struct run *run, struct dmus_bank **banks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *path = bank_path(banks[i]);
        bool own = is_inside(path); /* no other song has it */
        uint32_t k = 0;
        while (k < run->bank_count && (own || strcmp(bank_path(run->banks[k]), path) != 0))
            k++;
        if (k < run->bank_count) {
            dmus_bank_close(banks[i]);
            banks[i] = dmus_bank_ref(run->banks[k]);
            continue;
        }
        progress_end(&run->progress);
        complain_of_bank("render", banks[i], run->request->verbose);
        if (!own && k < SHARED_BANKS)
            run->banks[run->bank_count++] = dmus_bank_ref(banks[i]);
    }
}

/* Lock held. */
static enum dmus_status find_banks(struct run *run, struct render_job *job, struct dmus_song *song, struct dmus_bank **banks,
                                   size_t *count)
{
    const struct render_request *request = run->request;
    struct lookup_listener listener = {run, job};
    struct dmus_lookup lookup = DMUS_INIT(dmus_lookup);
    for (*count = 0; *count < run->named_count; ++*count)
        banks[*count] = dmus_bank_ref(run->named[*count]);
    if (run->named_count)
        return DMUS_OK;
    lookup.named = request->banks;
    lookup.named_count = request->bank_count;
    lookup.song = song;
    lookup.report = on_lookup;
    lookup.report_ctx = &listener;
    enum dmus_status status = dmus_find_banks(&lookup, banks, count, &job->error);
    if (status != DMUS_OK)
        return status;
    share_banks(run, banks, *count);
    if (request->bank_count)
        for (; run->named_count < *count; run->named_count++)
            run->named[run->named_count] = dmus_bank_ref(banks[run->named_count]);
    return DMUS_OK;
}

/* As before the first song, for what somebody has put in the output's place since. */
static bool spares_all(const struct run *run, struct render_job *job)
{
    return !run->request->overwrite ||
           (spares_input(job->output_path, job->song_path, &job->error) && spares_bank_there(job->output_path, &job->error));
}

static void work(struct run *run, struct render_job *job)
{
    struct dmus_render_options options = run->request->options;
    struct dmus_output output = run->request->output;
    struct dmus_song *song = NULL;
    struct dmus_bank *banks[DMUS_MAX_BANKS];
    size_t count = 0;
    job->status = dmus_song_open(job->song_path, &song, &job->error);
    catch_interrupts(); /* not before a song was read from a terminal */
    if (job->status == DMUS_OK) {
        pthread_mutex_lock(&run->lock);
        progress_end(&run->progress);
        complain_of_song("render", song, run->request->verbose);
        job->status = find_banks(run, job, song, banks, &count);
        if (job->status == DMUS_OK && !spares_all(run, job))
            job->status = DMUS_ERR_ARGUMENT;
        pthread_mutex_unlock(&run->lock);
    }
    if (job->status == DMUS_OK) {
        options.progress = on_progress;
        options.progress_ctx = run;
        output.path = job->output_path;
        job->status = dmus_render(song, banks, count, &options, &output, &job->report, &job->error);
    }
    while (count)
        dmus_bank_close(banks[--count]);
    dmus_song_close(song);
    job->done = true;
}

static int heavier_first(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return x->job < y->job ? -1 : x->job > y->job;
}

/* The largest songs first, so that none is begun last while the other threads have nothing left. A MIDI file's length tells the
 * work well enough: of 41 songs (OpenTTD's and Planet Blupi's) the rank correlation with the CPU time was 0.88, and two threads
 * that take them so would be busy to 99.8 percent, in the order of their names to 91. */
static struct turn *plan_turns(const struct render_request *request)
{
    struct turn *turns = calloc(request->job_count, sizeof *turns);
    for (uint32_t i = 0; turns && i < request->job_count; i++) {
        struct stat info;
        turns[i].job = i;
        if (stat(request->jobs[i].song_path, &info) == 0 && S_ISREG(info.st_mode))
            turns[i].size = (uint64_t)info.st_size;
    }
    if (turns)
        qsort(turns, request->job_count, sizeof *turns, heavier_first);
    return turns;
}

static void *worker(void *ctx)
{
    struct run *run = ctx;
    struct render_request *request = run->request;
    pthread_mutex_lock(&run->lock);
    while (run->next < request->job_count && !interrupted()) {
        uint32_t turn = run->next++;
        struct render_job *job = &request->jobs[run->turns ? run->turns[turn].job : turn];
        pthread_mutex_unlock(&run->lock);
        work(run, job);
        pthread_mutex_lock(&run->lock);
        run->finished++;
        progress_end(&run->progress);
        run->ended(run->ended_ctx, job);
        if (request->job_count > 1) {
            run->progress.next = 0;
            progress_update(&run->progress, run->finished, request->job_count);
        }
    }
    pthread_mutex_unlock(&run->lock);
    return NULL;
}

/* Begin and end of all the work; one job needs no thread but this one. */
void render_run(struct render_request *request, void (*ended)(void *ctx, struct render_job *job), void *ctx)
{
    enum { MOST_THREADS = 256 };
    struct run run = {.request = request, .ended = ended, .ended_ctx = ctx, .lock = PTHREAD_MUTEX_INITIALIZER};
    uint32_t wanted = request->threads < request->job_count ? request->threads : request->job_count, started = 0;
    pthread_t threads[MOST_THREADS];
    if (wanted > 1)
        run.turns = plan_turns(request);
    if (request->job_count > 1)
        progress_start_counting(&run.progress, "songs", request->quiet);
    else
        progress_start(&run.progress, request->jobs[0].song_path, request->quiet);
    while (started + 1 < wanted && started < MOST_THREADS && pthread_create(&threads[started], NULL, worker, &run) == 0)
        started++;
    worker(&run);
    while (started)
        pthread_join(threads[--started], NULL);
    progress_end(&run.progress);
    while (run.named_count)
        dmus_bank_close(run.named[--run.named_count]);
    while (run.bank_count)
        dmus_bank_close(run.banks[--run.bank_count]);
    pthread_mutex_destroy(&run.lock);
    free(run.turns);
}
