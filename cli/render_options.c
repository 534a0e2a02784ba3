/* SPDX-License-Identifier: MIT */
/* render_options.c - the command line of `dmus render`. */
#define _XOPEN_SOURCE 700
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/target_id.h"
#include "options.h"
#include "render.h"
#include "sound_words.h"

enum {
    OPT_FORMAT = 256, OPT_FROM, OPT_TO, OPT_TAIL, OPT_REVERB, OPT_CHORUS, OPT_PROFILE, OPT_BLOCK, OPT_INTERPOLATION,
    OPT_DITHER, OPT_LIMITER, OPT_STRICT, OPT_SIMD, OPT_THREADS, OPT_THROUGH, OPT_JSON, OPT_JOBS, OPT_ALL, OPT_CHECKSUM, OPT_NO_LOUDNESS, OPT_DRY
};

static const struct option_spec specs[] = {
    {'b', "bank", "FILE", "DLS or SoundFont bank; may be repeated, the first that has an\ninstrument gives it"},
    {'o', "output", "FILE", "output file, '-' for standard output, a directory for several\nsongs (default: the song's name, in the present directory)"},
    {'y', "overwrite", NULL, "replace existing files"},
    {'t', "type", "TYPE", "wav, rf64, flac, ogg or opus (default: by the output's suffix)"},
    {OPT_FORMAT, "format", "FORMAT", "s16, s24 or f32 (default: s16)"},
    {'r', "rate", "HZ", "sample rate, 8000 to 192000 (default: 44100; opus: 48000;\nnative: 22050)"},
    {'c', "channels", "N", "1 or 2 (default: 2)"},
    {'g', "gain", "DB", "louder or softer, -80 to 20 dB (default: 0)"},
    {'p', "polyphony", "N", "voices, 1 to 16384 (default: 1024; native: 32)"},
    {OPT_REVERB, "reverb", "on|off", "(default: on)"},
    {OPT_CHORUS, "chorus", "on|off", "(default: on)"},
    {OPT_PROFILE, "profile", "NAME", "studio: as the DLS 2 specification says (default);\nnative: as Microsoft's synthesizer does"},
    {OPT_INTERPOLATION, "interpolation", "NAME", "nearest, linear, cubic, sinc16 or sinc32\n(default: sinc16; native: linear)"},
    {OPT_LIMITER, "limiter", "on|off", "lower peaks before they would clip (default: off)"},
    {OPT_DITHER, "dither", "on|off", "of 16-bit output (default: on; native: off)"},
    {OPT_FROM, "from", "TIME", "begin at TIME (seconds or minutes:seconds)"},
    {OPT_TO, "to", "TIME", "stop at TIME"},
    {OPT_TAIL, "tail", "MODE", "after the last event: 'silence' (default), 'last-event' (stop\nat once), or a number of seconds"},
    {OPT_ALL, "all-instruments", NULL, "download the whole bank, not only what the song uses"},
    {OPT_BLOCK, "block", "N", "frames per Render call, 1 to 65536 (default: 4096); never\nchanges the sound"},
    {OPT_SIMD, "simd", "LEVEL", "c, sse2, sse41, avx2, avx512, neon or best (default); never changes\nthe sound"},
    {OPT_THREADS, "threads", "N", "threads for one song, 1 to 64 (default: 1); never changes the sound"},
    {OPT_THROUGH, "through", "HALF", "user or kernel: the half of the DirectMusic interfaces that the\nsong goes through (default: user); never changes the sound"},
    {'j', "jobs", "N", "songs rendered at a time (default: 1; 0: one per processor)"},
    {OPT_STRICT, "strict", NULL, "missing instruments, unusable waves and clipping are errors"},
    {OPT_CHECKSUM, "checksum", NULL, "SHA-256 of the bank into the report and the file's comment"},
    {OPT_NO_LOUDNESS, "no-loudness", NULL, "do not measure loudness"},
    {OPT_DRY, "dry-run", NULL, "measure and discard the sound"},
    {OPT_JSON, "json", NULL, "report for machines"},
    {'q', "quiet", NULL, "no report and no progress, only warnings and errors"},
    {'v', "verbose", NULL, "say where banks are looked for and what was repaired"},
    {'h', "help", NULL, "this text"},
    {0, NULL, NULL, NULL}};

void help_render(FILE *out)
{
    fputs("Usage: dmus render [OPTION]... SONG... [BANK]...\n"
          "Render MIDI files (.mid, .rmi, .kar) to audio files.\n\n", out);
    options_help(out, specs);
    fputs("\nWithout -b, a bank is looked for in $DMUS_BANK and $SDL_SOUNDFONTS, inside the song, beside the song\n"
          "under its name, and in the sound font directories of the user and the system. A bank that was named is\n"
          "never replaced by another.\n"
          "Exit status: 0 done, 1 usage, 2 input, 4 output, 5 with --strict: something was missing or clipped.\n", out);
}

static const char *const types[] = {"wav", "rf64", "flac", "ogg", "opus", NULL};

static bool parse_tail(const struct option_parser *parser, struct dmus_render_options *options)
{
    if (strcmp(parser->argument, "silence") == 0)
        options->tail = DMUS_TAIL_SILENCE;
    else if (strcmp(parser->argument, "last-event") == 0)
        options->tail = DMUS_TAIL_LAST_EVENT;
    else if (isalpha((unsigned char)*parser->argument))
        return option_choice(parser, "--tail", (const char *const[]){"silence", "last-event", "a number of seconds", NULL}) >= 0;
    else if (option_time(parser, "--tail", &options->tail_seconds))
        options->tail = DMUS_TAIL_SECONDS;
    else
        return false;
    return true;
}

/* What the options say of rate and voices, before the profile's defaults are filled in. */
struct wishes {
    uint32_t rate, voices;
    const char *output;
    bool dry, to;
};

static bool add_bank(struct render_request *request, const char *path)
{
    return add_bank_name("render", path, request->banks, &request->bank_count);
}

static bool parse_option(struct render_request *request, struct wishes *wishes, const struct option_parser *parser, int id)
{
    struct dmus_render_options *options = &request->options;
    uint32_t index;
    switch (id) {
    case 'b':
        return add_bank(request, parser->argument);
    case 'o':
        wishes->output = parser->argument;
        return true;
    case 'y':
        return request->overwrite = true;
    case 't':
        if (!option_word(parser, "--type", types, &index))
            return false;
        request->output.type = types[index];
        return true;
    case OPT_FORMAT:
        return option_word(parser, "--format", format_words, &request->output.format);
    case 'r':
        return option_unsigned(parser, "--rate", 8000, 192000, &wishes->rate);
    case 'c':
        return option_unsigned(parser, "--channels", 1, 2, &options->channels);
    case 'g':
        return option_number(parser, "--gain", -80, 20, &options->gain_db);
    case 'p':
        return option_unsigned(parser, "--polyphony", 1, 16384, &wishes->voices);
    case OPT_REVERB:
        return option_switch(parser, "--reverb", &options->reverb);
    case OPT_CHORUS:
        return option_switch(parser, "--chorus", &options->chorus);
    case OPT_PROFILE:
        return option_word(parser, "--profile", profile_words, &options->profile);
    case OPT_INTERPOLATION:
        return option_word(parser, "--interpolation", interpolation_words, &options->interpolation);
    case OPT_LIMITER:
        return option_switch(parser, "--limiter", &options->limiter);
    case OPT_DITHER:
        return option_switch(parser, "--dither", &options->dither);
    case OPT_FROM:
        return option_time(parser, "--from", &options->from_seconds);
    case OPT_TO:
        wishes->to = true;
        return option_time(parser, "--to", &options->to_seconds);
    case OPT_TAIL:
        return parse_tail(parser, options);
    case OPT_ALL:
        return options->download_all = true;
    case OPT_BLOCK:
        return option_unsigned(parser, "--block", 1, 65536, &options->block_frames);
    case OPT_SIMD:
        return option_word(parser, "--simd", simd_words, &options->simd);
    case OPT_THREADS:
        return option_unsigned(parser, "--threads", 1, 64, &options->threads);
    case OPT_THROUGH:
        return option_word(parser, "--through", half_words, &options->through);
    case 'j':
        return option_unsigned(parser, "--jobs", 0, 256, &request->threads);
    case OPT_STRICT:
        return options->strict = true;
    case OPT_CHECKSUM:
        return options->checksum = true;
    case OPT_NO_LOUDNESS:
        options->loudness = false;
        return true;
    case OPT_DRY:
        return wishes->dry = true;
    case OPT_JSON:
        return request->json = true;
    case 'q':
        return request->quiet = true;
    case 'v':
        request->verbose++;
        return true;
    default:
        return false;
    }
}

static bool is_directory(const char *path)
{
    struct stat st;
    size_t length = strlen(path);
    return (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) || (length && path[length - 1] == '/');
}

/* "dir/song.mid" -> "DIRECTORY/song.SUFFIX". */
static char *output_name(const char *directory, const char *song, const char *suffix)
{
    const char *base = strrchr(song, '/');
    base = base ? base + 1 : song;
    if (strcmp(song, "-") == 0)
        base = "stdin";
    const char *dot = strrchr(base, '.');
    int length = dot && dot != base ? (int)(dot - base) : (int)strlen(base);
    size_t size = strlen(directory) + strlen(base) + strlen(suffix) + 4;
    char *name = malloc(size);
    if (name)
        snprintf(name, size, "%s%s%.*s.%s", directory, *directory && directory[strlen(directory) - 1] != '/' ? "/" : "", length,
                 base, suffix);
    return name;
}

/* As far as the command line tells; banks that are looked for are compared once they are found. */
static bool spares_named(const struct render_request *request, const struct render_job *job)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    if (!request->overwrite || !can_be_replaced(job->output_path))
        return true;
    bool spared = spares_input(job->output_path, job->song_path, &err);
    for (uint32_t i = 0; i < request->bank_count && spared; i++)
        spared = spares_input(job->output_path, request->banks[i], &err);
    spared = spared && spares_bank_there(job->output_path, &err);
    if (!spared)
        complain("render", "%s", err.text);
    return spared;
}

/* A file of a batch: the song of a job, or its output. */
struct batch_file {
    struct target_id id;
    const struct render_job *job;
    bool output;
};

/* Of one file the outputs come last, jobs in their order. */
static int by_id(const void *a, const void *b)
{
    const struct batch_file *x = a, *y = b;
    int order = target_id_order(&x->id, &y->id);
    if (order == 0)
        order = (int)x->output - (int)y->output;
    return order ? order : (x->job > y->job) - (x->job < y->job);
}

static void complain_of_clash(const struct batch_file *first, const struct batch_file *second)
{
    const char *one = first->job->output_path, *other = second->job->output_path;
    bool linked = strcmp(one, other) != 0;
    if (first->output)
        complain("render", "%s and %s would both be written to %s%s%s", first->job->song_path, second->job->song_path, other,
                 linked ? ", which is " : "", linked ? one : "");
    else
        complain("render", "%s would replace %s, which is to be rendered", other, first->job->song_path);
}

/* No output is that of another song, nor another song, by whatever name. Sorted: a batch may have thousands. */
static bool outputs_are_apart(const struct render_request *request)
{
    const struct batch_file *clash = NULL;
    struct batch_file *files = calloc(request->job_count, 2 * sizeof *files);
    size_t count = 0;
    if (!files) {
        complain("render", "out of memory");
        return false;
    }
    for (uint32_t i = 0; i < request->job_count; i++) {
        const struct render_job *job = &request->jobs[i];
        files[count++] = (struct batch_file){.job = job, .output = true};
        target_identify(job->output_path, &files[count - 1].id);
        if (!request->overwrite || strcmp(job->song_path, "-") == 0)
            continue;
        files[count++] = (struct batch_file){.job = job};
        target_identify(job->song_path, &files[count - 1].id);
    }
    qsort(files, count, sizeof *files, by_id);
    for (size_t i = 1; i < count; i++) /* the one that stands first on the command line is told */
        if (files[i].output && !files[i].id.nobodys && target_id_order(&files[i - 1].id, &files[i].id) == 0 &&
            (!clash || files[i].job < clash->job))
            clash = &files[i];
    if (clash)
        complain_of_clash(clash - 1, clash);
    free(files);
    return !clash;
}

static bool name_outputs(struct render_request *request, const struct wishes *wishes)
{
    const char *type = request->output.type ? request->output.type : "wav";
    const char *suffix = strcmp(type, "rf64") == 0 ? "wav" : type;
    if (wishes->dry)
        return true;
    bool directory = wishes->output && is_directory(wishes->output);
    if (wishes->output && !directory && request->job_count > 1) {
        complain("render", "%u songs and one output: -o must then name a directory", request->job_count);
        return false;
    }
    for (uint32_t i = 0; i < request->job_count; i++) {
        struct render_job *job = &request->jobs[i];
        job->output_path = wishes->output && !directory
                               ? strdup(wishes->output)
                               : output_name(directory ? wishes->output : "", job->song_path, suffix);
        if (!job->output_path) {
            complain("render", "out of memory");
            return false;
        }
    }
    for (uint32_t i = 0; i < request->job_count; i++)
        if (!spares_named(request, &request->jobs[i]))
            return false;
    return outputs_are_apart(request);
}

/* Banks may stand among the songs. What else cannot be opened stays a song, whose own error comes. */
static bool sort_words(struct render_request *request, char **words, int count, int *code)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    request->jobs = calloc((size_t)count + 1, sizeof *request->jobs);
    if (!request->jobs) {
        complain("render", "out of memory");
        return false;
    }
    for (int i = 0; i < count; i++) {
        enum word word = word_of(words[i], &err);
        if (word == WORD_BAD_BANK) { /* another one would play instead */
            complain("render", "%s", err.text);
            *code = EXIT_INPUT;
            return false;
        }
        if (word == WORD_SONG)
            request->jobs[request->job_count++] = (struct render_job){.song_path = words[i], .error = DMUS_INIT(dmus_error)};
        else if (!add_bank(request, words[i]))
            return false;
    }
    if (request->job_count == 0) {
        complain("render", count ? "no song among the arguments" : "no song given");
        fputs("Try 'dmus render --help'.\n", stderr);
        return false;
    }
    return true;
}

static bool is_type(const struct render_request *request, const struct wishes *wishes, const char *type)
{
    if (request->output.type)
        return strcmp(request->output.type, type) == 0;
    const char *dot = wishes->output && !is_directory(wishes->output) ? strrchr(wishes->output, '.') : NULL;
    return dot && strcasecmp(dot + 1, type) == 0;
}

/* What no song can be written as. */
static bool check_type(const struct render_request *request, const struct wishes *wishes)
{
    uint32_t rate = request->options.sample_rate;
    if (wishes->dry)
        return true;
    if (request->output.format == DMUS_F32 && is_type(request, wishes, "flac")) {
        complain("render", "--format: FLAC holds s16 or s24, not f32");
        return false;
    }
    if (is_type(request, wishes, "opus") && rate != 8000 && rate != 12000 && rate != 16000 && rate != 24000 && rate != 48000) {
        complain("render", "--rate: Opus takes 8000, 12000, 16000, 24000 or 48000 Hz, not %u", rate);
        return false;
    }
    return true;
}

static bool check_together(struct render_request *request, const struct wishes *wishes)
{
    struct dmus_render_options *options = &request->options;
    bool native = options->profile == DMUS_RENDER_NATIVE;
    options->sample_rate = wishes->rate ? wishes->rate : native ? 22050 : is_type(request, wishes, "opus") ? 48000 : 44100;
    options->polyphony = wishes->voices ? wishes->voices : native ? 32 : 1024;
    if (native && (options->sample_rate < 11025 || options->sample_rate > 96000)) {
        complain("render", "--profile native takes rates from 11025 to 96000, not %u", options->sample_rate);
        return false;
    }
    if (native && options->polyphony > 1000) {
        complain("render", "--profile native takes at most 1000 voices");
        return false;
    }
    if (wishes->to && options->to_seconds <= options->from_seconds) {
        complain("render", "--to must lie after --from");
        return false;
    }
    if (!check_type(request, wishes))
        return false;
    if (request->threads == 0) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        request->threads = processors > 0 ? (uint32_t)processors : 1;
    }
    return true;
}

bool render_request_parse(struct render_request *request, int argc, char **argv, int *code)
{
    struct option_parser parser = {.command = "dmus render", .specs = specs, .argc = argc, .argv = argv};
    struct wishes wishes = {0};
    int id;
    *request = (struct render_request){.options = DMUS_INIT(dmus_render_options), .output = DMUS_INIT(dmus_output), .threads = 1};
    dmus_render_defaults(&request->options);
    *code = EXIT_USAGE;
    while ((id = options_next(&parser)) != 0) {
        if (id == 'h') {
            help_render(stdout);
            *code = EXIT_DONE;
            return false;
        }
        if (id < 0 || !parse_option(request, &wishes, &parser, id))
            return false;
    }
    request->output.overwrite = request->overwrite;
    return sort_words(request, argv + parser.index, argc - parser.index, code) && check_together(request, &wishes) &&
           name_outputs(request, &wishes);
}

void render_request_free(struct render_request *request)
{
    for (uint32_t i = 0; i < request->job_count; i++) {
        free(request->jobs[i].output_path);
        dmus_report_free(request->jobs[i].report);
    }
    free(request->jobs);
}
