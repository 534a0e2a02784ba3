/* SPDX-License-Identifier: MIT */
/*
 * stress.c - what a voice costs, against FluidSynth and the bare arithmetic.
 *
 * Usage: stress [TABLE] [--voices N] [--rounds N] [--simd LEVEL] [--ms N]
 *   modes      1024 voices: every interpolation, filter on and off, beside the peer (default)
 *   scale      64 to 16384 voices, filter on
 *   groups     the same notes on 1 to 1000 channel groups
 *   modulated  vibrato, tremolo and a moving filter on every voice
 *   effects    reverb and chorus: what 16 voices cost more with them, per frame
 *   worst      times of single 64-frame blocks at 512 voices
 *   threads    1 and 2 threads of the engine
 *   once MODE FRAMES   the engine alone, for an instruction counter; once-plain: without filter; once-modulated; once-effects
 *
 * Contenders take turns within a round; a ratio is that of two times of the
 * same round, and its median over the rounds is the one to read. CPU time of
 * the thread, ns per voice and frame; for threads the time of the clock.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <string.h>

#include "base/cpu.h"
#include "contender.h"
#include "measure.h"
#include "synth/synth.h"

enum { ROUNDS_MAX = 1001, CONTENDERS_MAX = 16 };

static struct {
    uint32_t voices, rounds, cpu, ms;
} options = {1024, 15, 0, 20};

static const char *const mode_names[] = {"nearest", "linear", "cubic", "sinc16", "sinc32"};

struct entry {
    const char *name;
    struct contender contender;
    uint32_t voices;
    double ns[ROUNDS_MAX]; /* per voice and frame */
};

static struct entry entries[CONTENDERS_MAX];
static unsigned entry_count;

static struct entry *add(const char *name, struct contender contender, uint32_t voices)
{
    if (!contender.self || entry_count == CONTENDERS_MAX)
        return NULL;
    entries[entry_count] = (struct entry){.name = name, .contender = contender, .voices = voices};
    return &entries[entry_count++];
}

/* Each round gives every contender about options.ms of CPU, by what the first run took. */
static void run(clockid_t clock)
{
    uint32_t frames[CONTENDERS_MAX];
    for (unsigned i = 0; i < entry_count; i++) {
        const struct contender *c = &entries[i].contender;
        c->render(c->self, 4096); /* attacks and smoothing are over */
        double begin = now_ns(clock);
        c->render(c->self, 512);
        double want = options.ms * 1e6 / (now_ns(clock) - begin) * 512.0;
        frames[i] = want < 512.0 ? 512 : want > 1e6 ? 1000000 : (uint32_t)want / 64 * 64;
    }
    for (uint32_t r = 0; r < options.rounds; r++)
        for (unsigned i = 0; i < entry_count; i++) {
            struct entry *e = &entries[i];
            double begin = now_ns(clock);
            e->contender.render(e->contender.self, frames[i]);
            e->ns[r] = (now_ns(clock) - begin) / frames[i] / e->voices;
        }
}

static void close_all(void)
{
    for (unsigned i = 0; i < entry_count; i++)
        entries[i].contender.close(entries[i].contender.self);
    entry_count = 0;
}

static struct spread ns_of(const struct entry *e)
{
    double copy[ROUNDS_MAX];
    memcpy(copy, e->ns, sizeof copy);
    return spread_of(copy, options.rounds);
}

/* E's time as a share of OTHER's */
static void print_ratio(const char *what, const struct entry *e, const struct entry *other)
{
    double ratio[ROUNDS_MAX];
    if (!e || !other)
        return;
    for (uint32_t r = 0; r < options.rounds; r++)
        ratio[r] = e->ns[r] / other->ns[r];
    struct spread s = spread_of(ratio, options.rounds);
    printf("  %-34s %6.3f  (%.3f .. %.3f)  1/%.2f\n", what, s.median, s.min, s.max, 1.0 / s.median);
}

static void print_times(void)
{
    for (unsigned i = 0; i < entry_count; i++) {
        struct spread s = ns_of(&entries[i]);
        printf("%-28s %8.3f %8.3f %8.3f\n", entries[i].name, s.min, s.median, s.max);
    }
}

static struct stress stress_of(uint32_t voices, bool filter)
{
    return (struct stress){.voices = voices, .groups = 1, .filter = filter, .cpu = options.cpu, .threads = 1};
}

/* ---- tables ---------------------------------------------------------------------------- */

static void table_modes(void)
{
    struct stress with = stress_of(options.voices, true), without = stress_of(options.voices, false);
    static const char *const open_names[] = {"", "linear, no filter", "cubic, no filter", "sinc16, no filter",
                                             "sinc32, no filter"};
    struct entry *on[5] = {0}, *off[5] = {0};
    for (int mode = SYNTH_LINEAR; mode <= SYNTH_SINC32; mode++) {
        on[mode] = add(mode_names[mode], engine_open(&with, mode), with.voices);
        off[mode] = add(open_names[mode], engine_open(&without, mode), with.voices);
    }
    struct entry *bare4 = add("bare cubic", roofline_open(&with, SYNTH_CUBIC), with.voices);
    struct entry *bare16 = add("bare sinc16", roofline_open(&with, SYNTH_SINC16), with.voices);
    struct entry *linear = add("FluidSynth linear", fluidsynth_open(&with, 1), with.voices);
    struct entry *four = add("FluidSynth 4-point", fluidsynth_open(&with, 4), with.voices);
    struct entry *seven = add("FluidSynth 7-point", fluidsynth_open(&with, 7), with.voices);
    run(CLOCK_THREAD_CPUTIME_ID);
    printf("%u voices, ns per voice and frame     min   median      max\n", (unsigned)options.voices);
    print_times();
    printf("ratios: median (min .. max)\n");
    print_ratio("linear / FluidSynth linear", on[SYNTH_LINEAR], linear);
    print_ratio("cubic / FluidSynth 4-point", on[SYNTH_CUBIC], four);
    print_ratio("sinc16 / FluidSynth 4-point", on[SYNTH_SINC16], four);
    print_ratio("sinc16 / FluidSynth 7-point", on[SYNTH_SINC16], seven);
    print_ratio("sinc32 / FluidSynth 7-point", on[SYNTH_SINC32], seven);
    print_ratio("cubic / bare cubic", on[SYNTH_CUBIC], bare4);
    print_ratio("sinc16 / bare sinc16", on[SYNTH_SINC16], bare16);
    print_ratio("cubic without / with filter", off[SYNTH_CUBIC], on[SYNTH_CUBIC]);
    print_ratio("sinc16 without / with filter", off[SYNTH_SINC16], on[SYNTH_SINC16]);
    close_all();
}

static void table_scale(void)
{
    static const uint32_t counts[] = {64, 256, 1024, 4096, 16384};
    static const char *const names[] = {"64 voices", "256 voices", "1024 voices", "4096 voices", "16384 voices"};
    static const char *const bare[] = {"64 voices, bare", "256 voices, bare", "1024 voices, bare", "4096 voices, bare",
                                       "16384 voices, bare"};
    for (int mode = SYNTH_CUBIC; mode <= SYNTH_SINC16; mode++) {
        struct entry *ours[5], *floor[5];
        for (unsigned i = 0; i < 5; i++) {
            struct stress s = stress_of(counts[i], true);
            ours[i] = add(names[i], engine_open(&s, mode), s.voices);
            floor[i] = add(bare[i], roofline_open(&s, mode), s.voices);
        }
        run(CLOCK_THREAD_CPUTIME_ID);
        printf("%s, ns per voice and frame         min   median      max\n", mode_names[mode]);
        print_times();
        for (unsigned i = 1; i < 5; i++) {
            print_ratio(names[i], ours[i], ours[0]);
            print_ratio(bare[i], floor[i], floor[0]);
        }
        close_all();
    }
}

static void table_groups(void)
{
    static const uint32_t counts[] = {1, 10, 100, 1000};
    static const char *const names[] = {"1 group", "10 groups", "100 groups", "1000 groups"};
    struct entry *e[4];
    for (unsigned i = 0; i < 4; i++) {
        struct stress s = stress_of(options.voices, true);
        s.groups = counts[i];
        e[i] = add(names[i], engine_open(&s, SYNTH_CUBIC), s.voices);
    }
    run(CLOCK_THREAD_CPUTIME_ID);
    printf("%u voices, cubic, ns per voice and frame   min median max\n", (unsigned)options.voices);
    print_times();
    for (unsigned i = 1; i < 4; i++)
        print_ratio(names[i], e[i], e[0]);
    close_all();
}

static void table_modulated(void)
{
    struct stress still = stress_of(options.voices, true), moving = still;
    moving.modulated = true;
    struct entry *a[2], *b[2];
    for (int i = 0; i < 2; i++) {
        a[i] = add(i ? "sinc16" : "cubic", engine_open(&still, SYNTH_CUBIC + i), still.voices);
        b[i] = add(i ? "sinc16, modulated" : "cubic, modulated", engine_open(&moving, SYNTH_CUBIC + i), still.voices);
    }
    struct entry *four = add("FluidSynth 4-point", fluidsynth_open(&still, 4), still.voices);
    run(CLOCK_THREAD_CPUTIME_ID);
    printf("%u voices, ns per voice and frame     min   median      max\n", (unsigned)options.voices);
    print_times();
    for (int i = 0; i < 2; i++) {
        print_ratio(i ? "sinc16 modulated / still" : "cubic modulated / still", b[i], a[i]);
        print_ratio("  ... / FluidSynth 4-point", b[i], four);
        struct spread s = ns_of(a[i]), t = ns_of(b[i]);
        printf("  modulation per voice and 64 frames: %.1f ns\n", (t.median - s.median) * 64.0);
    }
    close_all();
}

static void table_effects(void)
{
    struct stress dry = stress_of(16, true), wet = dry;
    wet.effects = true;
    struct entry *ours[2] = {add("16 voices", engine_open(&dry, SYNTH_CUBIC), 1),
                             add("16 voices, reverb, chorus", engine_open(&wet, SYNTH_CUBIC), 1)};
    struct entry *peer[2] = {add("FluidSynth", fluidsynth_open(&dry, 4), 1),
                             add("FluidSynth, reverb, chorus", fluidsynth_open(&wet, 4), 1)};
    run(CLOCK_THREAD_CPUTIME_ID);
    printf("ns per frame                          min   median      max\n");
    print_times();
    double more[2][ROUNDS_MAX], ratio[ROUNDS_MAX];
    for (uint32_t r = 0; peer[1] && r < options.rounds; r++) {
        more[0][r] = ours[1]->ns[r] - ours[0]->ns[r];
        more[1][r] = peer[1]->ns[r] - peer[0]->ns[r];
        ratio[r] = more[0][r] / more[1][r];
    }
    if (peer[1]) {
        struct spread a = spread_of(more[0], options.rounds), b = spread_of(more[1], options.rounds);
        struct spread c = spread_of(ratio, options.rounds);
        printf("  reverb and chorus: ours %.1f, FluidSynth's %.1f ns per frame: %.3f (%.3f .. %.3f)\n", a.median, b.median, c.median,
               c.min, c.max);
    }
    close_all();
}

/* Blocks as a sound card asks for them. */
enum { WORST_BLOCKS = 40000, WORST_PASSES = 3 };

/* Times of single blocks, from the beginning of the same sound */
static bool time_blocks(const struct stress *s, int mode, double *times)
{
    struct contender c = engine_open(s, mode);
    if (!c.self)
        return false;
    c.render(c.self, 4096);
    for (unsigned i = 0; i < WORST_BLOCKS; i++) {
        double begin = now_ns(CLOCK_THREAD_CPUTIME_ID);
        c.render(c.self, 64);
        times[i] = now_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
    }
    c.close(c.self);
    return true;
}

static void print_worst(int mode, const char *what, double *times)
{
    struct spread d = spread_of(times, WORST_BLOCKS);
    double late = times[WORST_BLOCKS - WORST_BLOCKS / 10000];
    printf("%s, 512 modulated voices, 64 frames, %s: median %.1f us, 99.99th percentile %.1f us (%.2f times), most %.1f us\n",
           mode_names[mode], what, d.median / 1e3, late / 1e3, late / d.median, d.max / 1e3);
}

/* The same blocks several times: what interrupts and other guests of the machine take does not meet the same block each time, and
 * the least of its times is what the engine needs for it. */
static void table_worst(void)
{
    static double times[WORST_BLOCKS], least[WORST_BLOCKS];
    struct stress s = stress_of(512, true);
    s.modulated = true;
    for (int mode = SYNTH_CUBIC; mode <= SYNTH_SINC16; mode++) {
        for (unsigned pass = 0; pass < WORST_PASSES; pass++) {
            if (!time_blocks(&s, mode, times))
                return;
            for (unsigned i = 0; i < WORST_BLOCKS; i++)
                least[i] = pass && least[i] < times[i] ? least[i] : times[i];
        }
        print_worst(mode, "a pass", times);
        print_worst(mode, "the least of three", least);
    }
}

static void table_threads(void)
{
    static const char *const names[] = {"1 thread", "2 threads", "4 threads"};
    for (int mode = SYNTH_CUBIC; mode <= SYNTH_SINC16; mode++) {
        struct entry *e[3];
        for (unsigned i = 0; i < 3; i++) {
            struct stress s = stress_of(options.voices, true);
            s.threads = 1u << i;
            e[i] = add(names[i], engine_open(&s, mode), s.voices);
        }
        run(CLOCK_MONOTONIC);
        printf("%s, %u voices, ns per voice and frame   min median max\n", mode_names[mode], (unsigned)options.voices);
        print_times();
        print_ratio("1 thread / 2 threads", e[0], e[1]);
        print_ratio("1 thread / 4 threads", e[0], e[2]);
        close_all();
    }
}

/* ---- command line -------------------------------------------------------------------------- */

static int mode_by_name(const char *name)
{
    for (int i = 0; i < 5; i++)
        if (!strcmp(name, mode_names[i]))
            return i;
    return -1;
}

static int once(const char *kind, const char *name, const char *frames)
{
    int mode = mode_by_name(name);
    struct stress s = stress_of(options.voices, strcmp(kind, "once-plain") != 0);
    s.modulated = !strcmp(kind, "once-modulated");
    s.effects = !strcmp(kind, "once-effects");
    struct contender c = mode < 0 ? (struct contender){0} : engine_open(&s, mode);
    if (!c.self)
        return 2;
    c.render(c.self, (uint32_t)strtoul(frames, NULL, 10));
    c.close(c.self);
    return 0;
}

static bool take_option(const char *name, const char *value)
{
    uint32_t number = (uint32_t)strtoul(value, NULL, 10);
    if (!strcmp(name, "--voices"))
        options.voices = number;
    else if (!strcmp(name, "--rounds"))
        options.rounds = number;
    else if (!strcmp(name, "--ms"))
        options.ms = number;
    else if (!strcmp(name, "--simd"))
        return cpu_level_by_name(value, &options.cpu);
    else
        return false;
    return number > 0 && options.rounds <= ROUNDS_MAX;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tables[] = {{"modes", table_modes},         {"scale", table_scale}, {"groups", table_groups},
                  {"modulated", table_modulated}, {"effects", table_effects}, {"worst", table_worst}, {"threads", table_threads}};
    const char *words[3] = {"modes", "", ""};
    unsigned count = 0;
    options.cpu = cpu_features();
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' && count < 3)
            words[count++] = argv[i];
        else if (i + 1 == argc || !take_option(argv[i], argv[i + 1]))
            return fprintf(stderr, "stress: what is %s?\n", argv[i]), 2;
        else
            i++;
    }
    if (!strncmp(words[0], "once", 4))
        return once(words[0], words[1], words[2]);
    for (unsigned i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (!strcmp(words[0], tables[i].name)) {
            tables[i].run();
            return 0;
        }
    fprintf(stderr, "stress: no table %s\n", words[0]);
    return 2;
}
