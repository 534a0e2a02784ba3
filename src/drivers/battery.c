/* SPDX-License-Identifier: MIT */
#include "battery.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "crash.h"
#include "hang.h"
#include "scene.h"

enum { LIMIT_S = 30, TELL_S = 2 }; /* TELL_S: for a scene that hangs to say where */

/* What a scene's process writes into its pipe: any number of breaches, then the end. */
struct line {
    bool is_end;
    struct battery_breach breach;
    enum battery_end end;
    enum dm_status status;
    char why[320];
    uintptr_t place;
    const char *hint; /* the same address in parent and child */
    bool tried[WDM_RULE_COUNT]; /* with the end */
};

typedef void line_fn(void *ctx, const struct line *line);

/* ---- one scene ---- */

static void tell_breaches(const struct session *session, unsigned scene, line_fn *tell, void *ctx)
{
    struct wdm_machine *machine = host_machine(session->host);
    for (int rule = 1; rule < WDM_RULE_COUNT; rule++) {
        struct line line = {.breach = {.rule = (enum wdm_rule)rule, .scene = scene}};
        struct wdm_breach breach;
        line.breach.times = wdm_rule_count(machine, line.breach.rule);
        if (line.breach.times == 0)
            continue;
        for (size_t i = 0; wdm_rule_breach(machine, i, &breach); i++)
            if (breach.rule == line.breach.rule) {
                line.breach.ms = (double)(breach.time_100ns - wdm_boot_100ns(machine)) / (double)WDM_MS;
                line.breach.irql = breach.irql;
                line.breach.place = place_offset(session->places, breach.code);
                line.breach.how = breach.how;
                snprintf(line.breach.text, sizeof line.breach.text, "%s", breach.text);
                break;
            }
        tell(ctx, &line);
    }
}

static void tell_tried(const struct session *session, struct line *last)
{
    for (int rule = 1; rule < WDM_RULE_COUNT; rule++)
        last->tried[rule] = wdm_rule_tried(host_machine(session->host), (enum wdm_rule)rule);
}

static unsigned limit_of(const struct battery_config *config) { return config->limit_s ? config->limit_s : LIMIT_S; }

/* What a scene that crashes, or is asked why it hangs, has still to say. */
struct last_words {
    const struct battery_config *config;
    const struct session *session;
    unsigned number;
    line_fn *tell;
    void *ctx;
};

static void not_over(char *out, size_t size, unsigned limit_s) { snprintf(out, size, "not over after %u s", limit_s); }

static void crashed(void *ctx, const struct crash *crash)
{
    const struct last_words *words = ctx;
    bool hung = crash->signal == SIGXCPU;
    struct line last = {.is_end = true, .end = hung ? BATTERY_HUNG : BATTERY_CRASHED, .hint = crash->hint,
                        .place = place_offset(words->session->places, crash->code)};
    wdm_print_flush();
    if (hung)
        not_over(last.why, sizeof last.why, limit_of(words->config));
    else
        snprintf(last.why, sizeof last.why, "killed by %s", crash->text);
    if (words->session->host) {
        tell_breaches(words->session, words->number, words->tell, words->ctx);
        tell_tried(words->session, &last);
    }
    words->tell(words->ctx, &last);
}

static void run_scene(const struct battery_config *config, unsigned number, const struct scene_kind *kind, line_fn *tell, void *ctx)
{
    struct session_config session = config->session;
    struct scene scene = {.config = &session};
    struct line last = {.is_end = true, .end = BATTERY_DONE};
    session.time = kind->time;
    session.event_buffer_size = kind->event_buffer_size;
    struct last_words words = {config, &scene.session, number, tell, ctx};
    last.status = session_open(&session, &scene.session, &scene.err);
    if (!config->in_process)
        crash_watch(&scene.session.places, crashed, &words);
    if (last.status == DM_OK && !kind->unstarted)
        last.status = session_start(&session, &scene.session, &scene.err);
    if (last.status == DM_OK)
        kind->run(&scene);
    session_shut_down(&scene.session);
    crash_unwatch();
    if (scene.session.host) {
        tell_breaches(&scene.session, number, tell, ctx);
        tell_tried(&scene.session, &last);
    }
    session_close(&scene.session);
    if (last.status != DM_OK) {
        last.end = BATTERY_REFUSED;
        snprintf(last.why, sizeof last.why, "%s", scene.err.text);
    }
    tell(ctx, &last);
}

/* ---- its process ---- */

static void write_line(void *ctx, const struct line *line)
{
    const char *bytes = (const char *)line;
    for (size_t left = sizeof *line; left > 0;) {
        ssize_t written = write(*(int *)ctx, bytes, left);
        if (written < 0 && errno != EINTR)
            return;
        bytes += written > 0 ? written : 0;
        left -= written > 0 ? (size_t)written : 0;
    }
}

/* One whole line. False at the end, or when TIME is over (*hung). */
static bool read_line(int from, struct line *line, int64_t until_100ns, bool *hung)
{
    size_t have = 0;
    while (have < sizeof *line) {
        int64_t left = (until_100ns - clock_now_100ns()) / 10000;
        struct pollfd poller = {.fd = from, .events = POLLIN};
        int ready = poll(&poller, 1, left > 0 ? (int)left : 0);
        *hung = ready == 0;
        if (ready == 0 || (ready < 0 && errno != EINTR))
            return false;
        ssize_t got = ready > 0 ? read(from, (char *)line + have, sizeof *line - have) : 0;
        if (ready > 0 && got <= 0 && !(got < 0 && errno == EINTR))
            return false;
        have += got > 0 ? (size_t)got : 0;
    }
    return true;
}

struct gathering {
    struct battery_report *report;
    struct battery_scene *scene;
    enum dm_status status;
    bool ended;
};

static void gather(void *ctx, const struct line *line)
{
    struct gathering *g = ctx;
    struct battery_report *r = g->report;
    if (line->is_end) {
        g->ended = true;
        g->status = line->status;
        g->scene->end = line->end;
        g->scene->place = line->place;
        g->scene->hint = line->hint;
        memcpy(g->scene->why, line->why, sizeof g->scene->why);
        for (int rule = 1; rule < WDM_RULE_COUNT; rule++)
            r->tried[rule] |= line->tried[rule];
    } else if (line->breach.rule > WDM_RULE_NONE && line->breach.rule < WDM_RULE_COUNT && r->breach_count < BATTERY_BREACHES_MAX) {
        r->times[line->breach.rule] += line->breach.times;
        r->tried[line->breach.rule] = true;
        r->breaches[r->breach_count++] = line->breach;
    }
}

/* Up to the scene's end. True: it has not come after LIMIT_S. */
static bool gather_all(struct gathering *g, int from, unsigned limit_s)
{
    bool hung = false;
    struct line line;
    int64_t until = clock_now_100ns() + limit_s * CLOCK_100NS_PER_SECOND;
    while (!g->ended && read_line(from, &line, until, &hung))
        gather(g, &line);
    return hung && !g->ended;
}

static void died(struct battery_scene *scene, bool hung, int status, unsigned limit_s)
{
    scene->end = hung ? BATTERY_HUNG : BATTERY_CRASHED;
    if (hung)
        not_over(scene->why, sizeof scene->why, limit_s);
    else if (WIFSIGNALED(status))
        snprintf(scene->why, sizeof scene->why, "killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(scene->why, sizeof scene->why, "ended the process with status %d", WEXITSTATUS(status));
}

static enum dm_status in_process_of_its_own(const struct battery_config *config, unsigned number, const struct scene_kind *kind,
                                            struct gathering *g, struct dm_error *err)
{
    int ends[2], status = 0;
    unsigned limit_s = limit_of(config);
    if (pipe(ends) != 0)
        return dm_fail_errno(err, DM_ERR_NOMEM, errno, "no pipe to be had");
    fflush(NULL); /* or the child would write it again */
    pid_t child = fork();
    if (child < 0) {
        close(ends[0]);
        close(ends[1]);
        return dm_fail_errno(err, DM_ERR_NOMEM, errno, "no process to be had");
    }
    if (child == 0) {
        close(ends[0]);
        run_scene(config, number, kind, write_line, &ends[1]);
        fflush(NULL);
        _exit(0);
    }
    close(ends[1]);
    bool hung = gather_all(g, ends[0], limit_s);
    if (hung) {
        hang_ask(child);
        gather_all(g, ends[0], TELL_S);
    }
    close(ends[0]);
    if (hung)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    bool told = g->ended && g->scene->end != BATTERY_DONE && g->scene->end != BATTERY_REFUSED; /* by itself */
    if (!told && (!g->ended || (WIFEXITED(status) && WEXITSTATUS(status) != 0) || WIFSIGNALED(status)))
        died(g->scene, hung, status, limit_s);
    return DM_OK;
}

/* ---- all of them ---- */

bool battery_scene_name(size_t index, const char **name, const char **what)
{
    *name = scene_kinds[index].name;
    *what = scene_kinds[index].what;
    return *name != NULL;
}

static enum dm_status one(const struct battery_config *config, const struct scene_kind *kind, struct battery_report *report,
                          struct dm_error *err)
{
    unsigned number = report->scene_count++;
    struct gathering g = {.report = report, .scene = &report->scenes[number]};
    int64_t began = clock_now_100ns();
    enum dm_status status = DM_OK;
    g.scene->name = kind->name;
    g.scene->what = kind->what;
    if (config->tell)
        config->tell(config->tell_ctx, kind->name);
    if (config->in_process)
        run_scene(config, number, kind, gather, &g);
    else
        status = in_process_of_its_own(config, number, kind, &g, err);
    g.scene->seconds = (double)(clock_now_100ns() - began) / (double)CLOCK_100NS_PER_SECOND;
    if (status == DM_OK && g.ended && g.status != DM_OK)
        status = dm_fail(err, g.status, "%s", g.scene->why);
    return status;
}

enum dm_status battery_run(const struct battery_config *config, struct battery_report *report, struct dm_error *err)
{
    enum dm_status status = DM_OK;
    memset(report, 0, sizeof *report);
    for (const struct scene_kind *kind = scene_kinds; kind->name && status == DM_OK; kind++)
        if (!config->only || strcmp(config->only, kind->name) == 0)
            status = one(config, kind, report, err);
    if (report->scene_count == 0)
        return dm_fail(err, DM_ERR_NOT_FOUND, "there is no scene '%s'", config->only ? config->only : "");
    return status;
}

bool battery_passed(const struct battery_report *report)
{
    for (int rule = 1; rule < WDM_RULE_COUNT; rule++)
        if (report->times[rule] && wdm_rule_is_fault((enum wdm_rule)rule))
            return false;
    for (unsigned i = 0; i < report->scene_count; i++)
        if (report->scenes[i].end != BATTERY_DONE)
            return false;
    return true;
}
