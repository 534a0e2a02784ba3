/* SPDX-License-Identifier: MIT */
/* Issue 6: what a mapped bank costs is what was played of it. Asked of the kernel's page table, not of what the code believes. */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "player/bank.h"
#include "tap.h"
#include "testbank.h"

enum { SHORT = 5000, LONG = 500000 };

static int pagemap = -1;

/* Pages of [from, from + size) that are mapped: bit 63 of their entries (Documentation/admin-guide/mm/pagemap.rst). */
static size_t pages_mapped(const uint8_t *from, size_t size)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), end = (uintptr_t)from + size;
    size_t count = 0;
    for (uintptr_t at = (uintptr_t)from / page; at <= (end - 1) / page; at++) {
        uint64_t entry = 0;
        if (pread(pagemap, &entry, sizeof entry, (off_t)(at * sizeof entry)) != sizeof entry)
            return SIZE_MAX;
        count += entry >> 63;
    }
    return count;
}

/* A short sample between two long ones. */
static bool write_bank(char *path)
{
    struct sf2_writer w = {0};
    static int16_t data[LONG];
    for (int i = 0; i < LONG; i++)
        data[i] = (int16_t)(i * 7);
    static const uint32_t frames[3] = {LONG, SHORT, LONG};
    for (int i = 0; i < 3; i++)
        sf2w_sample(&w, "sample", data, frames[i], 10, 1000, 44100, 60, 0, 0, 1);
    sf2w_instrument(&w, "all");
    for (int i = 0; i < 3; i++) {
        sf2w_izone(&w);
        sf2w_igen(&w, 43, sf2w_range(40 * i, 40 * i + 39)); /* keyRange */
        sf2w_igen(&w, 53, i);                                /* sampleID */
    }
    sf2w_preset(&w, "all", 0, 0);
    sf2w_pzone(&w);
    sf2w_pgen(&w, 41, 0); /* instrument */
    struct blob file = sf2w_finish(&w);
    int fd = mkstemp(path);
    bool done = fd >= 0 && write(fd, file.data, file.size) == (ssize_t)file.size;
    if (fd >= 0)
        close(fd);
    blob_free(&file);
    return done;
}

static int discard(void *ctx, const void *frames, size_t count)
{
    (void)ctx, (void)frames, (void)count;
    return 0;
}

static enum dmus_status play(struct dmus_bank *bank)
{
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0x90, 60, 100);
    struct blob file = smfw_finish(&w, 4800);
    struct dmus_song *song;
    struct dmus_report *report = NULL;
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    struct dmus_output output = DMUS_INIT(dmus_output);
    dmus_render_defaults(&options);
    options.loudness = false;
    output.write = discard;
    enum dmus_status status = dmus_song_open_memory(file.data, file.size, "test.mid", &song, NULL);
    if (status == DMUS_OK) {
        status = dmus_render(song, &bank, 1, &options, &output, &report, NULL);
        dmus_report_free(report);
        dmus_song_close(song);
    }
    blob_free(&file);
    return status;
}

static void test_neighbours_of_a_wave_do_not_stay(void)
{
    char path[] = "/tmp/dmus-resident-XXXXXX";
    struct dmus_bank *bank;
    if (!CHECK(write_bank(path)) || !CHECK(dmus_bank_open(path, &bank, NULL) == DMUS_OK))
        return;
    const struct sf2_sample *sample = &bank->sf2->samples[1];
    const uint8_t *at = bank->sf2->pool.data + sample->start * 2;
    CHECK_EQ(sample->end - sample->start, SHORT);
    CHECK_EQ(play(bank), DMUS_OK);
    CHECK_EQ(pages_mapped(bank->bytes.data, bank->bytes.size), 0);
    CHECK_EQ((int16_t)load_le16(at + 2 * 1234), (int16_t)(1234 * 7)); /* there when looked at again: what is measured is seen */
    CHECK(pages_mapped(at, 2 * SHORT) > 0);
    dmus_bank_close(bank);
    unlink(path);
}

int main(void)
{
    pagemap = open("/proc/self/pagemap", O_RDONLY);
    if (pagemap < 0) {
        puts("1..0 # SKIP no /proc/self/pagemap here");
        return 0;
    }
    RUN(test_neighbours_of_a_wave_do_not_stay);
    close(pagemap);
    return tap_done();
}
