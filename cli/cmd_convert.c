/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json.h"
#include "options.h"
#include "progress.h"

enum { OPT_JSON = 256, OPT_LEVEL1, OPT_STRICT };

static const struct option_spec specs[] = {
    {'o', "output", "FILE", "DLS file to write, '-' for standard output (required)"},
    {'y', "overwrite", NULL, "replace an existing file"},
    {OPT_LEVEL1, "level1", NULL, "also for readers of DLS 1, as drivers/gm.dls of Wine must be"},
    {OPT_STRICT, "strict", NULL, "what DLS cannot express is an error"},
    {OPT_JSON, "json", NULL, "report for machines"},
    {'q', "quiet", NULL, "no report and no progress"},
    {'v', "verbose", NULL, "list all that DLS cannot express"},
    {'h', "help", NULL, "this text"},
    {0, NULL, NULL, NULL}};

void help_convert(FILE *out)
{
    fputs("Usage: dmus convert [OPTION]... BANK -o OUT.dls\n"
          "Write a SoundFont 2, SF3 or DLS bank as a DLS 2 collection that sounds the same.\n\n", out);
    options_help(out, specs);
    fputs("\nWithout -v, the remarks are counted, and the first few are shown.\n"
          "Exit status: 0 done, 1 usage, 2 input, 4 output, 5 with --strict: something could not be expressed.\n", out);
}

struct conversion {
    struct progress progress;
    const char *path;
    int verbose;
    bool quiet, strict;
    uint32_t remarks;
};

static void on_remark(void *ctx, const char *text)
{
    struct conversion *conversion = ctx;
    uint32_t shown = conversion->verbose || conversion->strict ? UINT32_MAX : 3;
    if (conversion->remarks++ < shown && !conversion->quiet) {
        progress_end(&conversion->progress);
        complain("convert", "%s: %s", conversion->path, text);
    }
}

static bool on_progress(void *ctx, uint32_t done, uint32_t total)
{
    struct conversion *conversion = ctx;
    progress_update(&conversion->progress, done, total);
    return !interrupted() && !(conversion->strict && conversion->remarks);
}

static void report(const struct conversion *conversion, const char *output, const struct dmus_convert_result *result, bool json)
{
    FILE *out = report_stream(output, NULL);
    if (json) {
        struct json writer = {.out = out};
        json_open(&writer, NULL, '{');
        json_text(&writer, "bank", conversion->path);
        json_text(&writer, "output", output);
        json_unsigned(&writer, "instruments", result->instruments);
        json_unsigned(&writer, "regions", result->regions);
        json_unsigned(&writer, "waves", result->waves);
        json_unsigned(&writer, "connections", result->connections);
        json_unsigned(&writer, "bytes", result->bytes);
        json_unsigned(&writer, "remarks", conversion->remarks);
        json_close(&writer, '}');
    } else if (!conversion->quiet) {
        fprintf(out, "%s: %u instruments, %u regions, %u waves, %" PRIu64 " connections, %.1f MB\n", output, result->instruments,
                result->regions, result->waves, result->connections, (double)result->bytes / 1e6);
        if (conversion->remarks)
            fprintf(out, "  %u remarks%s\n", conversion->remarks, conversion->verbose ? "" : "; -v lists them all");
    }
}

int cmd_convert(int argc, char **argv)
{
    struct option_parser parser = {.command = "dmus convert", .specs = specs, .argc = argc, .argv = argv};
    struct conversion conversion = {0};
    struct dmus_convert_options options = DMUS_INIT(dmus_convert_options);
    struct dmus_convert_result result = DMUS_INIT(dmus_convert_result);
    struct dmus_error error = DMUS_INIT(dmus_error);
    struct dmus_bank *bank = NULL;
    const char *output = NULL;
    bool json = false;
    for (int id; (id = options_next(&parser)) != 0;) {
        switch (id) {
        case 'o':
            output = parser.argument;
            break;
        case 'y':
            options.overwrite = true;
            break;
        case OPT_LEVEL1:
            options.level1 = true;
            break;
        case OPT_STRICT:
            conversion.strict = true;
            break;
        case OPT_JSON:
            json = true;
            break;
        case 'q':
            conversion.quiet = true;
            break;
        case 'v':
            conversion.verbose++;
            break;
        case 'h':
            help_convert(stdout);
            return EXIT_DONE;
        default:
            return EXIT_USAGE;
        }
    }
    if (argc - parser.index != 1 || !output) {
        complain("convert", argc - parser.index != 1 ? "one bank is wanted, %d given" : "no output: name one with -o",
                 argc - parser.index);
        fputs("Try 'dmus convert --help'.\n", stderr);
        return EXIT_USAGE;
    }
    catch_interrupts();
    conversion.path = argv[parser.index];
    enum dmus_status status = dmus_bank_open(conversion.path, &bank, &error);
    if (status == DMUS_OK && options.overwrite && !spares_input(output, conversion.path, &error))
        status = DMUS_ERR_ARGUMENT;
    if (status == DMUS_OK) {
        options.remark = on_remark;
        options.progress = on_progress;
        options.remark_ctx = options.progress_ctx = &conversion;
        progress_start_counting(&conversion.progress, "waves", conversion.quiet);
        status = dmus_convert(bank, output, &options, &result, &error);
        progress_end(&conversion.progress);
    }
    dmus_bank_close(bank);
    if (status != DMUS_OK && interrupted()) {
        complain("convert", "interrupted; nothing was written");
        return interrupt_code();
    }
    if (status == DMUS_ERR_CANCELLED) {
        complain("convert", "%s: not everything can be expressed (--strict)", conversion.path);
        return EXIT_SUBSTITUTED;
    }
    if (status != DMUS_OK) {
        complain("convert", "%s%s", error.text, overwrite_hint(status, output, options.overwrite));
        return exit_code_of(status);
    }
    report(&conversion, output, &result, json);
    return EXIT_DONE;
}
