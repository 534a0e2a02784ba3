/* SPDX-License-Identifier: MIT */
/*
 * compare_notes.c - two renders of the same single notes, measured against each other.
 *
 * Usage: compare_notes OURS.wav THEIRS.wav COUNT FIRST SPACING LENGTH   (seconds)
 *
 * Both renders come from the same bank, so their waveforms should agree but for a constant delay and one common gain. Per note:
 *   onset  delay of theirs against ours in the first 60 ms, by cross-correlation, less the median delay of all notes
 *   pitch  drift of that delay along the note: one cent is 0.58 ms per second
 *   level  RMS of both channels from 20 ms to the note-off, less the median difference of all notes
 *   decay  ratio of the times to fall by as many dB, fitted over the first 25 dB after the note-off (or after the peak, if the
 *          sound is over before)
 * Prints one line per note, tab-separated: index, correlation, onset ms, pitch cents, level dB, decay ratio, and marks in the
 * last column what lies beyond 1 ms, 2 cents, 1.5 dB, 10 %. A dash: not measurable (silence, no correlation, no decay).
 * The last lines give the constant delay, the common gain and how many notes are within. Exit status 2 on bad input.
 */
#include <math.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct sound {
    float *stereo; /* interleaved */
    long frames;
    int rate;
};

struct row {
    double correlation, onset, cents, level, decay;
    bool has_cents, has_level, has_decay, silent;
};

static struct sound load(const char *path)
{
    struct sound s = {0};
    SF_INFO info = {0};
    SNDFILE *f = sf_open(path, SFM_READ, &info);
    s.stereo = f && info.channels == 2 ? malloc(2 * sizeof *s.stereo * (size_t)info.frames) : NULL;
    if (!s.stereo) {
        fprintf(stderr, "%s: %s\n", path, f ? "not stereo, or out of memory" : sf_strerror(NULL));
        exit(2);
    }
    s.frames = (long)sf_readf_float(f, s.stereo, info.frames);
    s.rate = info.samplerate;
    sf_close(f);
    return s;
}

/* Products of two frames, both channels. */
static double product(const struct sound *a, long i, const struct sound *b, long k)
{
    if (i < 0 || i >= a->frames || k < 0 || k >= b->frames)
        return 0;
    return (double)a->stereo[2 * i] * b->stereo[2 * k] + (double)a->stereo[2 * i + 1] * b->stereo[2 * k + 1];
}

static double rms(const struct sound *s, long from, long to)
{
    double sum = 0;
    for (long i = from; i < to; i++)
        sum += product(s, i, s, i);
    return to > from ? sqrt(sum / (double)(to - from)) : 0;
}

static double db(double x)
{
    return 20 * log10(x > 1e-12 ? x : 1e-12);
}

/* Delay of B against A in frames around CENTRE, searched RANGE frames to both sides; *best is its correlation coefficient. */
static double delay(const struct sound *a, const struct sound *b, long from, long to, double centre, long range, double *best)
{
    double r[4096], energy_a = 0;
    long middle = lround(centre), n = 2 * range + 1, top = 0;
    if (n > 4096)
        exit(2);
    for (long i = from; i < to; i++)
        energy_a += product(a, i, a, i);
    *best = -1;
    for (long k = 0; k < n; k++) {
        double cross = 0, energy_b = 0;
        for (long i = from; i < to; i++) {
            cross += product(a, i, b, i + middle - range + k);
            energy_b += product(b, i + middle - range + k, b, i + middle - range + k);
        }
        r[k] = energy_a > 0 && energy_b > 0 ? cross / sqrt(energy_a * energy_b) : 0;
        if (r[k] > *best)
            *best = r[k], top = k;
    }
    /* A periodic sound fits again a period later: of peaks that are as good, the nearest counts. */
    for (long k = 1; k < n - 1; k++)
        if (r[k] > r[k - 1] && r[k] >= r[k + 1] && r[k] > *best - 0.005 && labs(k - range) < labs(top - range))
            top = k;
    double shift = 0;
    if (top > 0 && top < n - 1) {
        double curve = r[top - 1] - 2 * r[top] + r[top + 1];
        if (curve < 0)
            shift = 0.5 * (r[top - 1] - r[top + 1]) / curve;
    }
    return (double)(middle - range + top) + shift;
}

/* Slope in dB per second of the level from START on, until it has fallen by 25 dB or LIMIT frames are over; 0 if it falls by less
 * than 20 dB, or within 20 ms. */
static double fall(const struct sound *s, long start, long limit, double reference_db)
{
    long window = s->rate / 100, hop = s->rate / 1000, i = start;
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, level = reference_db;
    for (; i < start + limit && level > reference_db - 25; i += hop) {
        double x = (double)(i - start) / (double)s->rate;
        level = db(rms(s, i, i + window));
        n++, sx += x, sy += level, sxx += x * x, sxy += x * level;
    }
    if (n < 20 || level > reference_db - 20)
        return 0;
    return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

static struct row measure(const struct sound *a, const struct sound *b, long event, long length, long spacing, double expected)
{
    struct row row = {0};
    long rate = a->rate;
    long late = lround(expected); /* theirs is measured at its own place */
    double level_a = rms(a, event + rate / 50, event + length);
    double level_b = rms(b, event + late + rate / 50, event + late + length);
    if (level_a < 1e-6 || level_b < 1e-6) {
        row.silent = true;
        return row;
    }
    row.level = db(level_a) - db(level_b);
    row.has_level = true;
    double lag = delay(a, b, event, event + rate * 6 / 100, expected, rate / 150, &row.correlation);
    row.onset = lag * 1000 / (double)rate;

    /* Follow the delay along the note and fit a line through it. */
    double sx = 0, sy = 0, sxx = 0, sxy = 0, n = 0, here = lag;
    for (double t = 0.05; t < (double)length / (double)rate - 0.06; t += 0.05) {
        long from = event + (long)(t * (double)rate), to = from + rate / 20;
        double quality;
        if (rms(a, from, to) < 0.02 * level_a)
            break;
        double d = delay(a, b, from, to, here, 24, &quality);
        if (quality < 0.9)
            continue;
        here = d;
        sx += t, sy += d, sxx += t * t, sxy += t * d, n++;
    }
    if (n >= 4) {
        double slope = (n * sxy - sx * sy) / (n * sxx - sx * sx); /* frames per second */
        row.cents = 1200 / log(2.0) * slope / (double)rate;
        row.has_cents = true;
    }

    long off = event + length, window = rate / 20;
    late = lround(lag);
    double ref_a = db(rms(a, off - window, off)), ref_b = db(rms(b, off + late - window, off + late));
    long start = off, limit = spacing - length - rate / 10;
    if (ref_a < db(level_a) - 20 || ref_b < db(level_b) - 20) { /* over before the note-off: from its loudest 10 ms */
        double top = 0;
        for (long i = event; i < off; i += rate / 100)
            if (rms(a, i, i + rate / 100) > top)
                top = rms(a, i, i + rate / 100), start = i;
        ref_a = db(top), ref_b = db(rms(b, start + late, start + late + rate / 100));
        limit = spacing - (start - event) - rate / 10;
    }
    double ta = fall(a, start, limit, ref_a), tb = fall(b, start + late, limit, ref_b);
    if (ta < 0 && tb < 0) {
        row.decay = tb / ta;
        row.has_decay = true;
    }
    return row;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, long n)
{
    qsort(v, (size_t)n, sizeof *v, by_value);
    return n ? v[n / 2] : 0;
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: compare_notes OURS.wav THEIRS.wav COUNT FIRST SPACING LENGTH\n");
        return 2;
    }
    struct sound a = load(argv[1]), b = load(argv[2]);
    long count = atol(argv[3]);
    double rate = a.rate;
    if (a.rate != b.rate || count < 1 || count > 1000) {
        fprintf(stderr, "compare_notes: rates differ (%d, %d) or bad count\n", a.rate, b.rate);
        return 2;
    }
    long first = lround(atof(argv[4]) * rate), spacing = lround(atof(argv[5]) * rate), length = lround(atof(argv[6]) * rate);
    struct row *rows = calloc((size_t)count, sizeof *rows);
    double *onsets = calloc((size_t)count, sizeof *onsets), *levels = calloc((size_t)count, sizeof *levels);
    if (!rows || !onsets || !levels)
        return 2;
    long ro = 0, rl = 0;
    double delay_ms = 0, gain_db = 0;
    for (int pass = 0; pass < 2; pass++) { /* the second one knows the constant delay */
        ro = rl = 0;
        for (long i = 0; i < count; i++) {
            rows[i] = measure(&a, &b, first + i * spacing, length, spacing, delay_ms * rate / 1000);
            if (!rows[i].silent && rows[i].correlation > 0.8)
                onsets[ro++] = rows[i].onset;
            if (rows[i].has_level)
                levels[rl++] = rows[i].level;
        }
        delay_ms = median(onsets, ro);
        gain_db = median(levels, rl);
    }
    long within = 0, jumps = 0;
    for (long i = 0; i < count; i++) {
        struct row *r = &rows[i];
        char marks[64] = "";
        bool bad = false;
        printf("%ld\t", i);
        if (r->silent) {
            printf("-\t-\t-\t-\t-\tsilent\n");
            continue;
        }
        bool in_step = r->correlation > 0.8;
        double onset = r->onset - delay_ms, level = r->level - gain_db, block = 64000.0 / rate;
        if (fabs(fabs(onset) - block) < 0.2) /* a peer that works in blocks of 64 took the next or the last one */
            onset -= onset > 0 ? block : -block, jumps++;
        bool bad_onset = in_step && fabs(onset) > 1.0, bad_pitch = r->has_cents && fabs(r->cents) > 2.0;
        bool bad_level = fabs(level) > 1.5, bad_decay = r->has_decay && fabs(r->decay - 1) > 0.1;
        bad = bad_onset || bad_pitch || bad_level || bad_decay || !in_step;
        snprintf(marks, sizeof marks, "%s%s%s%s%s", in_step ? "" : "correlation ", bad_onset ? "onset " : "",
                 bad_pitch ? "pitch " : "", bad_level ? "level " : "", bad_decay ? "decay" : "");
        printf("%.3f\t", r->correlation);
        in_step ? printf("%+.3f\t", onset) : printf("-\t");
        r->has_cents ? printf("%+.2f\t", r->cents) : printf("-\t");
        printf("%+.2f\t", level);
        r->has_decay ? printf("%.3f\t", r->decay) : printf("-\t");
        printf("%s\n", marks);
        within += !bad;
    }
    printf("# constant delay of theirs %.3f ms, common gain of ours %+.2f dB\n", delay_ms, gain_db);
    printf("# theirs began a block of 64 frames earlier or later in %ld notes\n", jumps);
    printf("# %ld of %ld within 1 ms, 2 cents, 1.5 dB, 10 %%\n", within, count);
    return 0;
}
