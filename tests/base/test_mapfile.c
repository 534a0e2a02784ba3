/* SPDX-License-Identifier: MIT */
/* Files as memory: regular, empty, pipe, standard input, and what is refused. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/mapfile.h"
#include "tap.h"

static char directory[] = "/tmp/dmus-mapfile-XXXXXX";
static char path[128];

static const char *in_directory(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void write_file(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        printf("Bail out! cannot write %s\n", name);
}

static void check_refused(const char *name, enum dm_status status, int code)
{
    struct mapped_file file;
    struct dm_error err = {0};
    char want[200];
    memset(&file, 0x55, sizeof file);
    snprintf(want, sizeof want, "%s: %s", name, strerror(code));
    CHECK_EQ(mapfile_open(name, &file, &err), status);
    CHECK_STR(err.text, want);
    CHECK(file.bytes.data == NULL && file.bytes.size == 0);
    mapfile_close(&file);
}

static void test_regular_file(void)
{
    struct mapped_file file;
    write_file(in_directory("data"), "RIFF....", 8);
    CHECK_EQ(mapfile_open(path, &file, NULL), DM_OK);
    CHECK(file.mapped);
    CHECK_EQ(file.bytes.size, 8);
    CHECK(memcmp(file.bytes.data, "RIFF....", 8) == 0);
    mapfile_close(&file);
    CHECK(file.bytes.data == NULL);
    mapfile_close(&file);
    mapfile_close(NULL);
}

/* Which file an address is of: first and last byte, nothing beside them, nothing of what is closed, none beyond the table. */
static void test_known_by_address(void)
{
    CHECK(MAPFILE_KNOWN > 1000); /* songs in a list, each of which may have mapped the same bank */
    static struct mapped_file file[MAPFILE_KNOWN + 1];
    char name[600];
    write_file(in_directory("data"), "RIFF....", 8);
    size_t before = strlen(path), slashes = sizeof name - 1 - before; /* a long path keeps its end */
    memset(name, '/', slashes);
    snprintf(name + slashes, sizeof name - slashes, "%s", path);
    CHECK_EQ(mapfile_open(name, &file[0], NULL), DM_OK);
    const uint8_t *data = file[0].bytes.data;
    const char *known = mapfile_at(data);
    CHECK(known && strlen(known) == MAPFILE_PATH_KNOWN - 1 && strcmp(known + strlen(known) - before, path) == 0);
    CHECK(mapfile_at(data + 7) == known);
    CHECK(!mapfile_at(data + 8) && !mapfile_at(data - 1) && !mapfile_at(NULL) && !mapfile_at(path));
    for (int i = 1; i <= MAPFILE_KNOWN; i++)
        CHECK_EQ(mapfile_open(path, &file[i], NULL), DM_OK);
    CHECK_STR(mapfile_at(file[MAPFILE_KNOWN - 1].bytes.data), path);
    CHECK(!mapfile_at(file[MAPFILE_KNOWN].bytes.data));
    for (int i = 0; i <= MAPFILE_KNOWN; i++)
        mapfile_close(&file[i]);
    CHECK(!mapfile_at(data));
    CHECK_EQ(mapfile_open(path, &file[0], NULL), DM_OK);
    CHECK_STR(mapfile_at(file[0].bytes.data), path);
    mapfile_close(&file[0]);
}

static void test_empty_file(void)
{
    struct mapped_file file;
    write_file(in_directory("empty"), "", 0);
    CHECK_EQ(mapfile_open(path, &file, NULL), DM_OK);
    CHECK(file.bytes.data != NULL);
    CHECK_EQ(file.bytes.size, 0);
    mapfile_close(&file);
}

static void test_refusals_name_path_and_reason(void)
{
    check_refused(in_directory("missing"), DM_ERR_OPEN, ENOENT);
    check_refused(directory, DM_ERR_OPEN, EISDIR);
    write_file(in_directory("secret"), "x", 1);
    chmod(path, 0);
    if (geteuid() != 0)
        check_refused(path, DM_ERR_OPEN, EACCES);
}

static void *feed(void *fd)
{
    uint8_t bytes[1000];
    for (int i = 0; i < 300; i++) {
        memset(bytes, i, sizeof bytes);
        if (write(*(int *)fd, bytes, sizeof bytes) < 0)
            break;
    }
    close(*(int *)fd);
    return NULL;
}

static void test_pipe_and_standard_input(void)
{
    for (int as_stdin = 0; as_stdin < 2; as_stdin++) {
        int ends[2], saved = dup(0);
        pthread_t feeder;
        char name[32] = "-";
        CHECK_EQ(pipe(ends), 0);
        CHECK_EQ(pthread_create(&feeder, NULL, feed, &ends[1]), 0);
        if (as_stdin)
            dup2(ends[0], 0);
        else
            snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
        struct mapped_file file;
        struct dm_error err = {0};
        CHECK_EQ(mapfile_open(name, &file, &err), DM_OK);
        CHECK(!file.mapped);
        CHECK_EQ(file.bytes.size, 300000);
        bool same = true;
        for (size_t i = 0; i < file.bytes.size; i++)
            same = same && file.bytes.data[i] == (uint8_t)(i / 1000);
        CHECK(same);
        mapfile_forget(&file, file.bytes.data, file.bytes.size);
        CHECK_EQ(file.bytes.data[299999], (uint8_t)299);
        mapfile_close(&file);
        pthread_join(feeder, NULL);
        dup2(saved, 0);
        close(saved);
        close(ends[0]);
    }
}

static void test_standard_input_stays_open(void)
{
    struct mapped_file file;
    int saved = dup(0), fd;
    write_file(in_directory("stdin"), "abc", 3);
    fd = open(path, O_RDONLY);
    dup2(fd, 0);
    close(fd);
    CHECK_EQ(mapfile_open("-", &file, NULL), DM_OK);
    CHECK(file.mapped); /* redirected from a file */
    CHECK_EQ(file.bytes.size, 3);
    mapfile_close(&file);
    CHECK(fcntl(0, F_GETFD) >= 0);
    dup2(saved, 0);
    close(saved);
}

static void test_endless_stream_is_refused(void)
{
    struct mapped_file file;
    struct dm_error err = {0};
    long live = dm_alloc_live();
    dm_alloc_fail_at(6, true); /* stands for the limit of 1 GiB, which would cost the test its time */
    CHECK_EQ(mapfile_open("/dev/zero", &file, &err), DM_ERR_NOMEM);
    dm_alloc_fail_at(0, false);
    CHECK(strstr(err.text, "/dev/zero") != NULL);
    CHECK_EQ(dm_alloc_live(), live);
}

static size_t resident_pages(const uint8_t *data, size_t size, size_t page)
{
    static unsigned char in_core[4096];
    size_t count = 0;
    if (mincore((void *)(uintptr_t)data, size, in_core) != 0)
        return SIZE_MAX;
    for (size_t i = 0; i < (size + page - 1) / page; i++)
        count += in_core[i] & 1;
    return count;
}

/* Resident set of this process in pages, from the kernel. */
static long rss(void)
{
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &total, &resident) != 2)
        resident = -1;
    if (file)
        fclose(file);
    return resident;
}

static void test_forget_gives_pages_back_and_keeps_content(void)
{
    enum { SIZE = 8 << 20 };
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *bytes = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i * 31 >> 3);
    write_file(in_directory("big"), bytes, SIZE);
    struct mapped_file file;
    CHECK_EQ(mapfile_open(path, &file, NULL), DM_OK);
    CHECK(memcmp(file.bytes.data, bytes, SIZE) == 0);
    CHECK(resident_pages(file.bytes.data, SIZE, page) > 0);
    long before = rss();
    mapfile_forget(&file, file.bytes.data + 1, SIZE - 2);
    long after = rss();
    if (before > 0)
        CHECK((before - after) * (long)page > SIZE / 2);
    mapfile_forget(&file, file.bytes.data + 5, 10);           /* no whole page */
    mapfile_forget(&file, file.bytes.data + SIZE - 1, 1000);  /* not inside */
    mapfile_forget(&file, bytes, 100);                        /* not of this file */
    mapfile_forget(NULL, bytes, 100);
    CHECK(memcmp(file.bytes.data, bytes, SIZE) == 0);
    mapfile_close(&file);
    free(bytes);
}

int main(void)
{
    if (!mkdtemp(directory))
        return 1;
    RUN(test_regular_file);
    RUN(test_known_by_address);
    RUN(test_empty_file);
    RUN(test_refusals_name_path_and_reason);
    RUN(test_pipe_and_standard_input);
    RUN(test_standard_input_stays_open);
    RUN(test_endless_stream_is_refused);
    RUN(test_forget_gives_pages_back_and_keeps_content);
    static const char *const made[] = {"data", "empty", "secret", "stdin", "big"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        unlink(in_directory(made[i]));
    return tap_done() | (rmdir(directory) != 0);
}
