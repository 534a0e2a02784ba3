/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "drivers/battery.h"
#include "hosting.h"
#include "json.h"
#include "options.h"
#include "progress.h"

enum { OPT_ONLY = 256, OPT_IN_PROCESS, OPT_REGISTRY, OPT_JSON, OPT_LIMIT };

static const struct option_spec specs[] = {
    {'R', "resources", "FILE", "ports, interrupts and emulated hardware of the device"},
    {OPT_REGISTRY, "registry", "FILE", "values of the registry"},
    {OPT_ONLY, "only", "SCENE", "do this one only"},
    {OPT_IN_PROCESS, "in-process", NULL, "no process of its own for each scene: for debuggers"},
    {OPT_LIMIT, "limit", "SECONDS", "a scene that takes longer hangs, 1 to 3600 (default: 30)"},
    {OPT_JSON, "json", NULL, "report for machines"},
    {'q', "quiet", NULL, "only what failed"},
    {'v', "verbose", NULL, "also what the driver prints, and each scene"},
    {'h', "help", NULL, "this text"},
    {0, NULL, NULL, NULL}};

void help_check_driver(FILE *out)
{
    const char *name, *what;
    fputs("Usage: dmus check-driver [OPTION]... DRIVER\n"
          "Take a kernel-mode DirectMusic driver through the standard battery, and tell which rules it keeps.\n"
          "DRIVER is as in 'dmus host'.\n\n", out);
    options_help(out, specs);
    fputs("\nThe scenes:\n", out);
    for (size_t i = 0; battery_scene_name(i, &name, &what); i++)
        fprintf(out, "  %-14s %s\n", name, what);
    fputs("\nThe rules are explained in doc/driver-rules.md.\n"
          "Exit status: 0 all kept, 1 usage, 2 the driver cannot be loaded, 3 it does not start, 6 a rule was broken, or a\n"
          "scene crashed or hung.\n", out);
}

struct checking {
    struct battery_config config;
    struct progress progress;
    bool quiet, verbose, json;
    double done;
};

static bool parse(struct checking *c, int argc, char **argv, int *code)
{
    struct option_parser parser = {.command = "dmus check-driver", .specs = specs, .argc = argc, .argv = argv};
    *code = EXIT_USAGE;
    for (int id; (id = options_next(&parser)) != 0;) {
        switch (id) {
        case 'R':
            c->config.session.resources = parser.argument;
            break;
        case OPT_REGISTRY:
            c->config.session.registry = parser.argument;
            break;
        case OPT_ONLY:
            c->config.only = parser.argument;
            break;
        case OPT_IN_PROCESS:
            c->config.in_process = true;
            break;
        case OPT_LIMIT:
            if (!option_unsigned(&parser, "--limit", 1, 3600, &c->config.limit_s))
                return false;
            break;
        case OPT_JSON:
            c->json = true;
            break;
        case 'q':
            c->quiet = true;
            break;
        case 'v':
            c->verbose = true;
            break;
        case 'h':
            help_check_driver(stdout);
            *code = EXIT_DONE;
            return false;
        default:
            return false;
        }
    }
    if (argc - parser.index != 1) {
        complain("check-driver", parser.index == argc ? "no driver; 'dmus help check-driver' tells more" : "one driver at a time");
        return false;
    }
    c->config.session.driver = argv[parser.index];
    return true;
}

static void show_driver(void *ctx, const char *line)
{
    (void)ctx;
    fprintf(stderr, "driver: %s\n", line);
}

static void show_nothing(void *ctx, const char *line)
{
    (void)ctx, (void)line;
}

static void show_scene(void *ctx, const char *scene)
{
    struct checking *c = ctx;
    double scenes = 0;
    const char *name, *what;
    while (battery_scene_name((size_t)scenes, &name, &what))
        scenes++;
    if (c->verbose)
        fprintf(stderr, "scene %s\n", scene);
    progress_update(&c->progress, c->done++, scenes);
}

/* ---- for people ---- */

static const char *const ends[] = {"done", "refused", "crashed", "hung"};

static void rule_text(const struct battery_report *report, struct place_teller *teller, int rule, bool quiet)
{
    bool fault = wdm_rule_is_fault((enum wdm_rule)rule);
    uint64_t times = report->times[rule];
    uintptr_t told = 0; /* the place of the breach before */
    if (times == 0 && quiet)
        return;
    printf("%s  %2d  %s\n", !report->tried[rule] ? "not tried" : times == 0 ? "pass" : fault ? "FAIL" : "note", rule,
           wdm_rule_title((enum wdm_rule)rule));
    for (unsigned i = 0; i < report->breach_count; i++) {
        const struct battery_breach *b = &report->breaches[i];
        if (b->rule != (enum wdm_rule)rule)
            continue;
        printf("          %s, %.4f ms, IRQL %u: %s%s", report->scenes[b->scene].name, b->ms, b->irql, b->text, b->times > 1 ? "" : "\n");
        if (b->times > 1)
            printf(" (%" PRIu64 " times)\n", b->times);
        if (b->place && b->place != told)
            printf("              %s %s\n", b->how, place_text(teller, b->place));
        told = b->place;
    }
}

static void report_text(const struct battery_report *report, struct place_teller *teller, bool quiet)
{
    unsigned failed = 0, unfinished = 0, untried = 0;
    for (int rule = 1; rule < WDM_RULE_COUNT; rule++) {
        failed += report->times[rule] && wdm_rule_is_fault((enum wdm_rule)rule);
        untried += !report->tried[rule];
        rule_text(report, teller, rule, quiet);
    }
    for (unsigned i = 0; i < report->scene_count; i++)
        if (report->scenes[i].end != BATTERY_DONE) {
            const char *place = place_text(teller, report->scenes[i].place);
            printf("FAIL      scene %s %s: %s%s%s%s\n", report->scenes[i].name, ends[report->scenes[i].end], report->scenes[i].why,
                   *place ? " in " : "", place, report->scenes[i].hint ? report->scenes[i].hint : "");
            unfinished++;
        }
    if (unfinished)
        printf("%u of %u scenes did not come to their end; what is said of rules holds as far as they came\n", unfinished,
               report->scene_count);
    if (!quiet || !battery_passed(report))
        printf("%u scenes, %u rules kept, %u broken, %u not tried\n", report->scene_count,
               (unsigned)WDM_RULE_COUNT - 1 - failed - untried, failed, untried);
}

/* ---- for machines ---- */

static void scenes_json(struct json *json, const struct battery_report *report, struct place_teller *teller)
{
    json_open(json, "scenes", '[');
    for (unsigned i = 0; i < report->scene_count; i++) {
        json_open(json, NULL, '{');
        json_text(json, "name", report->scenes[i].name);
        json_text(json, "end", ends[report->scenes[i].end]);
        json_text(json, "why", *report->scenes[i].why ? report->scenes[i].why : NULL);
        hosting_place_json(json, teller, report->scenes[i].place, "in");
        json_text(json, "hint", report->scenes[i].hint && *report->scenes[i].hint ? report->scenes[i].hint + 2 : NULL); /* without ", " */
        json_number(json, "seconds", report->scenes[i].seconds, 3);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void report_json(const struct checking *c, const struct battery_report *report, struct place_teller *teller)
{
    struct json json = {.out = stdout};
    json_open(&json, NULL, '{');
    json_text(&json, "driver", c->config.session.driver);
    json_bool(&json, "kept", battery_passed(report));
    json_open(&json, "rules", '[');
    for (int rule = 1; rule < WDM_RULE_COUNT; rule++) {
        json_open(&json, NULL, '{');
        json_unsigned(&json, "rule", (uint64_t)rule);
        json_text(&json, "title", wdm_rule_title((enum wdm_rule)rule));
        json_bool(&json, "fault", wdm_rule_is_fault((enum wdm_rule)rule));
        json_bool(&json, "tried", report->tried[rule]);
        json_unsigned(&json, "times", report->times[rule]);
        json_close(&json, '}');
    }
    json_close(&json, ']');
    json_open(&json, "breaches", '[');
    for (unsigned i = 0; i < report->breach_count; i++) {
        const struct battery_breach *b = &report->breaches[i];
        json_open(&json, NULL, '{');
        json_unsigned(&json, "rule", b->rule);
        json_text(&json, "scene", report->scenes[b->scene].name);
        json_unsigned(&json, "times", b->times);
        json_number(&json, "ms", b->ms, 4);
        json_unsigned(&json, "irql", b->irql);
        json_text(&json, "text", b->text);
        hosting_place_json(&json, teller, b->place, b->how);
        json_close(&json, '}');
    }
    json_close(&json, ']');
    scenes_json(&json, report, teller);
    json_close(&json, '}');
}

int cmd_check_driver(int argc, char **argv)
{
    static struct battery_report report; /* too large for some stacks */
    struct checking c = {.quiet = false};
    struct dm_error err = {0};
    int code;
    if (!parse(&c, argc, argv, &code))
        return code;
    c.config.session.print = c.verbose ? show_driver : show_nothing;
    c.config.tell = show_scene;
    c.config.tell_ctx = &c;
    progress_start_counting(&c.progress, "scenes", c.quiet || c.verbose);
    enum dm_status status = battery_run(&c.config, &report, &err);
    progress_end(&c.progress);
    if (status != DM_OK) {
        complain("check-driver", "%s", err.text);
        code = status == DM_ERR_NOT_FOUND ? EXIT_USAGE : exit_code_of((enum dmus_status)status);
    } else {
        code = battery_passed(&report) ? EXIT_DONE : EXIT_RULES;
    }
    struct place_teller *teller = hosting_teller(&c.config.session);
    if (c.json)
        report_json(&c, &report, teller);
    else if (status == DM_OK || report.breach_count > 0)
        report_text(&report, teller, c.quiet);
    place_teller_free(teller);
    return code;
}
