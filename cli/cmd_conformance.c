/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audio/sndfile_library.h"
#include "cli.h"
#include "conformance/judge.h"
#include "options.h"
#include "progress.h"

enum { OPT_EMIT = 256, OPT_JUDGE, OPT_LABEL, OPT_TABLE, OPT_PLOTS, OPT_ONLY };

static const struct option_spec specs[] = {
    {OPT_EMIT, "emit", "DIR", "write the banks (.dls) and songs (.mid) of all cases into DIR"},
    {OPT_JUDGE, "judge", "DIR", "also measure the WAV files (48 kHz, stereo) that another program\nrendered from them, DIR/CASE.wav"},
    {OPT_LABEL, "label", "NAME", "name of that program in the table (default: other)"},
    {OPT_TABLE, "table", "FILE", "write the table as Markdown"},
    {OPT_PLOTS, "plots", "DIR", "write the curves as SVG into DIR"},
    {OPT_ONLY, "only", "CASE", "run this case alone and print all its rows"},
    {'q', "quiet", NULL, "print only the rows that fail"},
    {'h', "help", NULL, "this text"},
    {0, NULL, NULL, NULL}};

void help_conformance(FILE *out)
{
    fputs("Usage: dmus conformance [OPTION]...\n"
          "Render the DLS conformance set and compare the sound with the rules of DLS.\n\n", out);
    options_help(out, specs);
    fputs("\nExit status: 0 all rows of our own render pass, 1 usage, 2 a render failed, rows do not pass\nor there is nothing to judge, 4 output.\n", out);
}

struct wishes {
    const char *emit, *judge, *label, *table, *plots, *only;
    bool quiet;
};

static bool make_directory(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return true;
    complain("conformance", "%s: %s", path, strerror(errno));
    return false;
}

static FILE *create(const char *directory, const char *stem, const char *suffix)
{
    char path[4096];
    snprintf(path, sizeof path, "%s%s%s%s", directory ? directory : "", directory ? "/" : "", stem, suffix);
    FILE *file = fopen(path, "wb");
    if (!file)
        complain("conformance", "%s: %s", path, strerror(errno));
    return file;
}

static bool finish(FILE *file, const char *name)
{
    bool good = !ferror(file);
    if (fclose(file) != 0 || !good) {
        complain("conformance", "%s: cannot be written: %s", name, strerror(errno));
        return false;
    }
    return true;
}

static bool write_file(const char *directory, const char *stem, const char *suffix, const struct conf_bytes *bytes)
{
    FILE *file = create(directory, stem, suffix);
    return file && (fwrite(bytes->data, 1, bytes->size, file), finish(file, stem));
}

static bool emit(const char *directory)
{
    if (!make_directory(directory))
        return false;
    FILE *readme = create(directory, "README", ".txt");
    if (!readme)
        return false;
    fputs("DLS conformance set of OpenDMus (MIT licence).\n\n"
          "Each CASE.mid is to be rendered with CASE.dls (or .sf2) and nothing else to CASE.wav: 48000 Hz, stereo, 16 bit or better,\n"
          "no dither, no limiter, reverb and chorus off unless the list says otherwise, from the first tick on. Songs run at one\n"
          "tick per sample. 'dmus conformance --judge DIR' then measures the WAV files.\n\n", readme);
    bool good = true;
    for (size_t i = 0; good && i < conf_case_count(); i++) {
        const struct conf_case *test = conf_case_at(i);
        struct conf_bytes bank, song;
        uint64_t frames;
        char suffix[8];
        if (!conf_for_others(test))
            continue;
        conf_make(test, &bank, &song, &frames);
        snprintf(suffix, sizeof suffix, ".%s", test->suffix ? test->suffix : "dls");
        good = write_file(directory, test->id, suffix, &bank) && write_file(directory, test->id, ".mid", &song);
        fprintf(readme, "%-20s %s%s", test->id, test->title, test->effects ? " (reverb and chorus on)" : "");
        if (test->polyphony)
            fprintf(readme, " (%u voices)", (unsigned)test->polyphony);
        fputc('\n', readme);
        free(bank.data);
        free(song.data);
    }
    return finish(readme, "README.txt") && good;
}

static bool load_wav(const char *directory, const char *stem, float **interleaved, size_t *frames)
{
    char path[4096];
    SF_INFO info = {0};
    struct dm_error err;
    if (sndfile_library_load(&err) != DM_OK) {
        complain("conformance", "%s", err.text);
        return false;
    }
    snprintf(path, sizeof path, "%s/%s.wav", directory, stem);
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (!file)
        return false;
    if (info.samplerate != CONF_RATE || info.channels != 2 || info.frames <= 0) {
        complain("conformance", "%s: %d Hz and %d channels, 48000 and 2 wanted", path, info.samplerate, info.channels);
        sf_close(file);
        return false;
    }
    *interleaved = conf_grow(NULL, (size_t)info.frames, 2 * sizeof(float));
    *frames = (size_t)sf_readf_float(file, *interleaved, info.frames);
    sf_close(file);
    return true;
}

static void print_rows(const struct conf_judge *judge, const char *label, bool all)
{
    static const char *const signs[] = {"", ">= ", "<= "};
    for (uint32_t i = 0; i < judge->row_count; i++) {
        const struct conf_row *row = &judge->rows[i];
        if (all || !row->pass)
            printf("%s %s: %s: %s: measured %.6g, expected %s%.6g %s (tolerance %.3g)\n", row->pass ? "pass" : "FAIL", label,
                   judge->test->id, row->what, row->measured, signs[row->relation], row->expected, row->unit, row->tolerance);
    }
}

static bool write_plots(const char *directory, const struct conf_judge *ours, const struct conf_judge *other, const char *label)
{
    if (!make_directory(directory))
        return false;
    for (size_t i = 0; i < conf_case_count(); i++)
        for (uint32_t p = 0; p < ours[i].curve_count; p++) {
            char suffix[24];
            snprintf(suffix, sizeof suffix, "-%u.svg", p);
            FILE *file = create(directory, ours[i].test->id, suffix);
            if (!file)
                return false;
            conf_write_svg(file, &ours[i].curves[p], other && p < other[i].curve_count ? &other[i].curves[p] : NULL, label);
            if (!finish(file, ours[i].test->id))
                return false;
        }
    return true;
}

/* Render and judge every case; returns the exit code so far. */
static int judge_all(const struct wishes *wishes, struct conf_judge *ours, struct conf_judge *other)
{
    struct progress progress;
    int code = EXIT_DONE;
    progress_start_counting(&progress, "cases", wishes->quiet);
    for (size_t i = 0; i < conf_case_count(); i++) {
        const struct conf_case *test = conf_case_at(i);
        size_t frames = 0;
        ours[i].test = other[i].test = test;
        if (wishes->only && strcmp(wishes->only, test->id) != 0)
            continue;
        float *sound = conf_has_files(test) ? conf_render(test, &frames) : NULL;
        if (!sound && conf_has_files(test)) {
            code = EXIT_INPUT;
            continue;
        }
        conf_judge_sound(&ours[i], test, sound, frames);
        free(sound);
        if (ours[i].failures)
            code = EXIT_INPUT;
        if (wishes->judge && conf_for_others(test) && load_wav(wishes->judge, test->id, &sound, &frames)) {
            conf_judge_sound(&other[i], test, sound, frames);
            free(sound);
        }
        progress_update(&progress, (double)i + 1, (double)conf_case_count());
    }
    progress_end(&progress);
    return code;
}

/* What became of the other program's files; false, with a complaint, if there was none to measure. */
static bool sum_up_other(const struct wishes *wishes, const struct conf_judge *other)
{
    uint32_t rows = 0, failures = 0, heard = 0, wanted = 0;
    for (size_t i = 0; i < conf_case_count(); i++) {
        wanted += conf_for_others(conf_case_at(i)) && (!wishes->only || strcmp(wishes->only, conf_case_at(i)->id) == 0);
        heard += other[i].heard;
        rows += other[i].row_count;
        failures += other[i].failures;
    }
    if (heard)
        printf("%s: %u of %u rows pass; %u of %u cases have a sound\n", wishes->label, rows - failures, rows, heard, wanted);
    else
        complain("conformance", "%s: no sound of a case (CASE.wav) to measure", wishes->judge);
    return heard > 0;
}

static int run(const struct wishes *wishes)
{
    size_t count = conf_case_count();
    struct conf_judge *ours = calloc(count, sizeof *ours), *other = calloc(count, sizeof *other);
    if (!ours || !other) {
        complain("conformance", "out of memory");
        free(ours);
        free(other);
        return EXIT_INPUT;
    }
    int code = judge_all(wishes, ours, other);
    const struct conf_judge *beside = wishes->judge ? other : NULL;
    uint32_t rows = 0, failures = 0;
    for (size_t i = 0; i < count; i++) {
        print_rows(&ours[i], "OpenDMus", wishes->only != NULL);
        if (wishes->only && beside)
            print_rows(&other[i], wishes->label, true);
        rows += ours[i].row_count;
        failures += ours[i].failures;
    }
    printf("%s%u of %u rows pass\n", beside ? "OpenDMus: " : "", rows - failures, rows);
    if (beside && !sum_up_other(wishes, other))
        code = EXIT_INPUT;
    if (wishes->table) {
        FILE *file = create(NULL, wishes->table, "");
        if (file)
            conf_write_table(file, ours, beside, wishes->label, "conformance");
        if (!file || !finish(file, wishes->table))
            code = EXIT_OUTPUT;
    }
    if (wishes->plots && !write_plots(wishes->plots, ours, beside, wishes->label))
        code = EXIT_OUTPUT;
    for (size_t i = 0; i < count; i++) {
        conf_judge_free(&ours[i]);
        conf_judge_free(&other[i]);
    }
    free(ours);
    free(other);
    return code;
}

int cmd_conformance(int argc, char **argv)
{
    struct option_parser parser = {.command = "dmus conformance", .specs = specs, .argc = argc, .argv = argv};
    struct wishes wishes = {.label = "other"};
    for (int id; (id = options_next(&parser)) != 0;) {
        switch (id) {
        case OPT_EMIT:
            wishes.emit = parser.argument;
            break;
        case OPT_JUDGE:
            wishes.judge = parser.argument;
            break;
        case OPT_LABEL:
            wishes.label = parser.argument;
            break;
        case OPT_TABLE:
            wishes.table = parser.argument;
            break;
        case OPT_PLOTS:
            wishes.plots = parser.argument;
            break;
        case OPT_ONLY:
            wishes.only = parser.argument;
            break;
        case 'q':
            wishes.quiet = true;
            break;
        case 'h':
            help_conformance(stdout);
            return EXIT_DONE;
        default:
            return EXIT_USAGE;
        }
    }
    if (parser.index != argc) {
        complain("conformance", "no file names are wanted: '%s'", argv[parser.index]);
        return EXIT_USAGE;
    }
    bool known = !wishes.only;
    for (size_t i = 0; i < conf_case_count() && !known; i++)
        known = strcmp(conf_case_at(i)->id, wishes.only) == 0;
    if (!known) {
        complain("conformance", "there is no case '%s'", wishes.only);
        return EXIT_USAGE;
    }
    if (wishes.emit)
        return emit(wishes.emit) ? EXIT_DONE : EXIT_OUTPUT;
    return run(&wishes);
}
