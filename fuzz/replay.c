/* SPDX-License-Identifier: MIT */
/*
 * replay.c - feeds a fuzz target its corpus without a fuzzer.
 *
 * Usage: fuzz_NAME DIR...   Every file is given whole, cut at every length (small
 * files) or at 64 lengths, and with 256 single bytes damaged. The damage is fixed
 * by position, so that a failure repeats.
 */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long runs;

/* A heap copy of the exact size lets sanitizers see a read past the end. */
static void feed(const uint8_t *data, size_t size)
{
    uint8_t *copy = calloc(size ? size : 1, 1);
    if (!copy)
        exit(2);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    runs++;
}

static void replay(uint8_t *data, size_t size)
{
    feed(data, size);
    size_t step = size <= 2048 ? 1 : size / 64 + 1;
    for (size_t cut = 0; cut < size; cut += step)
        feed(data, cut);
    uint32_t random = 0x9E3779B9u;
    for (int i = 0; i < 256 && size; i++) {
        random = random * 1664525u + 1013904223u;
        size_t at = random % size;
        uint8_t saved = data[at];
        static const uint8_t damage[] = {0x00, 0xFF, 0x80, 0x7F};
        data[at] = i & 4 ? damage[i & 3] : (uint8_t)(saved ^ 1u << (i & 7));
        feed(data, size);
        data[at] = saved;
    }
}

int main(int argc, char **argv)
{
    int files = 0;
    feed((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        struct dirent **list;
        int n = scandir(argv[i], &list, NULL, alphasort);
        if (n < 0) {
            perror(argv[i]);
            return 2;
        }
        for (int k = 0; k < n; k++) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", argv[i], list[k]->d_name);
            free(list[k]);
            struct stat st;
            if (stat(path, &st) || !S_ISREG(st.st_mode))
                continue;
            FILE *f = fopen(path, "rb");
            uint8_t *data = f ? malloc((size_t)st.st_size + 1) : NULL;
            if (!data || fread(data, 1, (size_t)st.st_size, f) != (size_t)st.st_size) {
                fprintf(stderr, "%s: cannot read\n", path);
                return 2;
            }
            fclose(f);
            replay(data, (size_t)st.st_size);
            free(data);
            files++;
        }
        free(list);
    }
    printf("%d files, %lu runs\n", files, runs);
    return files ? 0 : 1;
}
