/* SPDX-License-Identifier: MIT */
/*
 * bench_dls.c - how long a large DLS collection takes to parse, and how much of the file that touches.
 *
 * Usage: bench_dls [FILE]   Without a file a collection of the size of a large General MIDI bank is written first
 * (3000 waves, 16,900 regions, 118,300 connections, 150 MB) to a temporary file, which is removed again.
 */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/mapfile.h"
#include "formats/dls.h"

enum { WAVES = 3000, FRAMES = 25000, INSTRUMENTS = 169, REGIONS = 100, BLOCKS = 7, ROUNDS = 20 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static enum dm_status silence(void *ctx, uint32_t wave, uint32_t first, uint32_t frames, int16_t *out,
                              struct dm_error *err)
{
    (void)ctx, (void)wave, (void)first, (void)err;
    memset(out, 0x11, frames * sizeof *out);
    return DM_OK;
}

static enum dm_status to_file(void *ctx, const void *data, size_t size, struct dm_error *err)
{
    return fwrite(data, 1, size, ctx) == size ? DM_OK : dm_fail(err, DM_ERR_WRITE, "cannot write");
}

static void write_synthetic(FILE *f)
{
    static struct dls_wave waves[WAVES];
    static struct dls_region regions[INSTRUMENTS * REGIONS];
    static struct dls_instrument instruments[INSTRUMENTS];
    static struct dls_connection blocks[BLOCKS];
    for (uint32_t i = 0; i < WAVES; i++) {
        waves[i] = (struct dls_wave){.sample_rate = 44100, .frames = FRAMES, .name = "wave", .usable = true};
        waves[i].sample = (struct dls_sample_info){.present = true, .unity_note = 60};
    }
    for (uint32_t i = 0; i < BLOCKS; i++)
        blocks[i] = (struct dls_connection){0, 0, (uint16_t)(0x206 + i), 0, 1000};
    for (uint32_t i = 0; i < INSTRUMENTS * REGIONS; i++) {
        regions[i] = (struct dls_region){.key_high = 127, .velocity_high = 127, .channel = 1, .wave = i * 7 % WAVES};
        regions[i].sample =
            (struct dls_sample_info){.present = true, .loop = DLS_LOOP_FORWARD, .loop_length = 1000, .unity_note = 60};
        regions[i].articulation = (struct dls_articulation){true, BLOCKS, blocks};
    }
    for (uint32_t i = 0; i < INSTRUMENTS; i++)
        instruments[i] = (struct dls_instrument){.bank = i / 128 << 8, .program = i % 128, .region_count = REGIONS,
                                                 .regions = regions + i * REGIONS, .name = "instrument"};
    struct dls_collection c = {
        .instrument_count = INSTRUMENTS, .wave_count = WAVES, .instruments = instruments, .waves = waves};
    struct dm_error err = {0};
    double start = now_ms();
    if (dls_write(&c, &(struct dls_pcm_source){silence, NULL}, &(struct byte_sink){to_file, f}, &err) != DM_OK ||
        fflush(f)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    printf("written in %.1f ms\n", now_ms() - start);
}

/* Pages of the file mapped into this process, in KiB. */
static long resident_file_kib(void)
{
    char line[200];
    long kib = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "RssFile: %ld", &kib) == 1)
            break;
    if (f)
        fclose(f);
    return kib;
}

static int measure(const char *path)
{
    struct dm_error err = {0};
    double best = 1e9, first = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct mapped_file file;
        struct dls_collection *c;
        if (mapfile_open(path, &file, &err) != DM_OK)
            break;
        long before = resident_file_kib();
        double start = now_ms();
        enum dm_status status = dls_read(file.bytes, 48000, NULL, &c, &err);
        double took = now_ms() - start;
        if (status == DM_OK && round == 0) {
            first = took;
            printf("%u instruments, %u regions, %u connections, %u waves, %zu bytes\n", c->instrument_count,
                   c->region_count, c->connection_count, c->wave_count, file.bytes.size);
            printf("mapped pages touched (with the kernel's fault-around): %ld KiB\n", resident_file_kib() - before);
        }
        best = took < best ? took : best;
        dls_free(c);
        mapfile_close(&file);
        if (status != DM_OK)
            break;
    }
    if (err.status) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("parsed in %.2f ms the first time, %.2f ms at best of %d\n", first, best, ROUNDS);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return measure(argv[1]);
    char path[] = "/tmp/bench_dls.XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!f)
        return 1;
    write_synthetic(f);
    fclose(f);
    int result = measure(path);
    unlink(path);
    return result;
}
