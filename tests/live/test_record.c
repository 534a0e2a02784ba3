/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* usleep */
/* A record to a pipe that nobody reads yet, on the silent device. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "dmus/live.h"
#include "tap.h"

enum { PATIENCE_S = 30 };

static char pipe_path[64];
static atomic_int asked;

static void *record_to_pipe(void *live)
{
    struct dmus_output output = DMUS_INIT(dmus_output);
    output.path = pipe_path;
    output.type = "wav";
    enum dmus_status status;
    while ((status = dmus_live_record(live, &output, NULL, NULL)) == DMUS_ERR_ARGUMENT) /* the other thread's is being tried */
        usleep(1000);
    return status == DMUS_OK ? live : NULL;
}

/* Until the other one is at it, then for the state. */
static void *ask_meanwhile(void *live)
{
    struct dmus_live_state state = DMUS_INIT(dmus_live_state);
    while (dmus_live_record(live, NULL, "/no/such/folder/a.mid", NULL) != DMUS_ERR_ARGUMENT)
        usleep(5000);
    dmus_live_get_state(live, &state);
    atomic_store(&asked, 1);
    return NULL;
}

static void *read_pipe(void *fd)
{
    static char bytes[4096];
    static size_t size;
    ssize_t got;
    while ((got = read(*(int *)fd, bytes, sizeof bytes)) > 0)
        size += (size_t)got;
    return &size;
}

static bool was_asked(struct dmus_live *live)
{
    (void)live;
    return atomic_load(&asked);
}

static bool has_recorded(struct dmus_live *live)
{
    struct dmus_live_state state = DMUS_INIT(dmus_live_state);
    return dmus_live_get_state(live, &state) == DMUS_OK && state.recorded_frames > 4800;
}

static bool wait_for(bool (*met)(struct dmus_live *), struct dmus_live *live)
{
    int64_t until = clock_now_100ns() + PATIENCE_S * CLOCK_100NS_PER_SECOND;
    while (!met(live) && clock_now_100ns() < until)
        usleep(5000);
    return met(live);
}

static struct dmus_live *open_session(void)
{
    struct dmus_live *live = NULL;
    struct dmus_live_options options = DMUS_INIT(dmus_live_options);
    CHECK_EQ(dmus_live_defaults(&options), DMUS_OK);
    options.audio = "null";
    options.no_realtime = true;
    if (!CHECK(dmus_live_open(&options, &live, NULL) == DMUS_OK))
        exit(1);
    return live;
}

/* Opening it waits for a reader; nobody else waits for that. */
static void test_record_to_a_pipe(void)
{
    struct dmus_live *live = open_session();
    pthread_t recorder, asker, reader;
    void *recorded = NULL, *size = NULL;
    snprintf(pipe_path, sizeof pipe_path, "live-%d.record", (int)getpid());
    CHECK_EQ(mkfifo(pipe_path, 0600), 0);
    CHECK_EQ(pthread_create(&recorder, NULL, record_to_pipe, live), 0);
    CHECK_EQ(pthread_create(&asker, NULL, ask_meanwhile, live), 0);
    CHECK(wait_for(was_asked, live));
    int fd = open(pipe_path, O_RDONLY);
    CHECK_EQ(pthread_create(&reader, NULL, read_pipe, &fd), 0);
    pthread_join(recorder, &recorded);
    pthread_join(asker, NULL);
    CHECK(recorded == live);
    CHECK(wait_for(has_recorded, live));
    CHECK_EQ(dmus_live_record_end(live, NULL), DMUS_OK);
    pthread_join(reader, &size);
    CHECK(*(size_t *)size > 4800 * 4);
    close(fd);
    unlink(pipe_path);
    dmus_live_close(live);
}

int main(void)
{
    RUN(test_record_to_a_pipe);
    return tap_done();
}
