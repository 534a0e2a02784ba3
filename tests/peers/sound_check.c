/* SPDX-License-Identifier: MIT */
/*
 * sound_check.c - plain truths about rendered files.
 *
 * Usage: sound_check A.wav [B.wav]
 *
 * Prints, as one line of key=value: frames; nan (samples that are no finite number); peak; first (the first frame: the step out
 * of silence) and last (largest of the last 480 frames), dBFS; and with a second file: diff (RMS of the difference against the
 * RMS of A, dB), frames_b. Exit status 2 if a file cannot be read.
 */
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK 65536

static double db(double x)
{
    return x > 0 ? 20 * log10(x) : -400;
}

static SNDFILE *must_open(const char *path, SF_INFO *info)
{
    SNDFILE *f = sf_open(path, SFM_READ, info);
    if (!f) {
        fprintf(stderr, "%s: %s\n", path, sf_strerror(NULL));
        exit(2);
    }
    return f;
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: sound_check A.wav [B.wav]\n");
        return 2;
    }
    SF_INFO ia = {0}, ib = {0};
    SNDFILE *a = must_open(argv[1], &ia), *b = argc == 3 ? must_open(argv[2], &ib) : NULL;
    int channels = ia.channels;
    float *x = malloc(sizeof *x * BLOCK * (size_t)channels), *y = malloc(sizeof *y * BLOCK * (size_t)channels);
    double peak = 0, first = 0, last = 0, square = 0, difference = 0;
    long nan = 0, at = 0;
    if (!x || !y || (b && ib.channels != channels)) {
        fprintf(stderr, "sound_check: channels differ, or out of memory\n");
        return 2;
    }
    for (sf_count_t n; (n = sf_readf_float(a, x, BLOCK)) > 0; at += n) {
        sf_count_t m = b ? sf_readf_float(b, y, n) : 0;
        for (sf_count_t i = 0; i < n * channels; i++) {
            double v = x[i], w = b && i < m * channels ? y[i] : 0;
            nan += !isfinite(v);
            peak = fmax(peak, fabs(v));
            if (at + i / channels == 0)
                first = fmax(first, fabs(v));
            if (at + i / channels >= ia.frames - 480)
                last = fmax(last, fabs(v));
            square += v * v;
            difference += (v - w) * (v - w);
        }
    }
    printf("frames=%ld nan=%ld peak=%.2f first=%.2f last=%.2f", at, nan, db(peak), db(first), db(last));
    if (b)
        printf(" frames_b=%ld diff=%.2f", (long)ib.frames, square > 0 ? 10 * log10(difference / square + 1e-40) : 0);
    putchar('\n');
    sf_close(a);
    if (b)
        sf_close(b);
    free(x);
    free(y);
    return 0;
}
