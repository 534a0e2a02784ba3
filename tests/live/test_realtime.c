/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
/*
 * What the session does on the device's thread: no memory is allocated or freed, no lock taken, nothing waited for, while songs are
 * loaded, played, skipped, sought and recorded and live messages come in. The linker leads mixer_pull and all that it must not call
 * through here (--wrap). Each pull stands between two calls to the system, for strace (check_live.py).
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../player/testbank.h"
#include "dmus/live.h"
#include "live/mixer.h"
#include "tap.h"

#define MARK_BEGIN 424242
#define MARK_END   434343

static _Thread_local bool pulling;
static atomic_uint pulls, wrong;
static _Atomic(const char *) culprit;

static void note(const char *name)
{
    if (!pulling)
        return;
    atomic_fetch_add(&wrong, 1);
    atomic_store(&culprit, name);
}

void __real_mixer_pull(void *ctx, void *frames, uint32_t count, const struct audio_moment *moment);
void __wrap_mixer_pull(void *ctx, void *frames, uint32_t count, const struct audio_moment *moment);
void __wrap_mixer_pull(void *ctx, void *frames, uint32_t count, const struct audio_moment *moment)
{
    syscall(SYS_getpgid, MARK_BEGIN);
    pulling = true;
    __real_mixer_pull(ctx, frames, count, moment);
    pulling = false;
    syscall(SYS_getpgid, MARK_END);
    atomic_fetch_add(&pulls, 1);
}

#define WRAPPED(type, name, declare, pass) \
    type __real_##name declare;            \
    type __wrap_##name declare;            \
    type __wrap_##name declare             \
    {                                      \
        note(#name);                       \
        return __real_##name pass;         \
    }
WRAPPED(void *, malloc, (size_t size), (size))
WRAPPED(void *, calloc, (size_t count, size_t size), (count, size))
WRAPPED(void *, realloc, (void *block, size_t size), (block, size))
WRAPPED(void, free, (void *block), (block))
WRAPPED(int, pthread_mutex_lock, (pthread_mutex_t *mutex), (mutex))
WRAPPED(int, pthread_mutex_trylock, (pthread_mutex_t *mutex), (mutex))
WRAPPED(int, pthread_cond_signal, (pthread_cond_t *cond), (cond))
WRAPPED(int, pthread_cond_broadcast, (pthread_cond_t *cond), (cond))
WRAPPED(int, pthread_cond_wait, (pthread_cond_t *cond, pthread_mutex_t *mutex), (cond, mutex))
WRAPPED(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))

static struct dmus_bank *bank;

static struct dmus_song *random_song(uint32_t seed)
{
    struct blob file = testsong_random(seed, 300, 2.0);
    struct dmus_song *song = NULL;
    CHECK_EQ(dmus_song_open_memory(file.data, file.size, "song", &song, NULL), DMUS_OK);
    blob_free(&file);
    return song;
}

static struct dmus_live *open_session(bool kernel)
{
    struct dmus_live_options options = DMUS_INIT(dmus_live_options);
    struct dmus_live *live = NULL;
    dmus_live_defaults(&options);
    options.audio = "null";
    options.sample_rate = 48000;
    options.period_frames = 256;
    options.no_realtime = true;
    options.through_kernel = kernel;
    CHECK_EQ(dmus_live_open(&options, &live, NULL), DMUS_OK);
    return live;
}

static void record(struct dmus_live *live, const char *path)
{
    struct dmus_output output = DMUS_INIT(dmus_output);
    output.path = path;
    output.type = "wav";
    output.format = DMUS_F32;
    output.overwrite = true;
    CHECK_EQ(dmus_live_record(live, &output, NULL, NULL), DMUS_OK);
}

static void play(bool kernel)
{
    char fifo[64], source[80], wav[64];
    snprintf(fifo, sizeof fifo, "realtime-%d.fifo", (int)getpid());
    snprintf(wav, sizeof wav, "realtime-%d.wav", (int)getpid());
    snprintf(source, sizeof source, "raw:%s", fifo);
    CHECK_EQ(mkfifo(fifo, 0600), 0);
    int fd = open(fifo, O_RDWR);
    struct dmus_song *a = random_song(1), *b = random_song(2);
    struct dmus_live *live = open_session(kernel);
    unsigned before = atomic_load(&pulls);
    CHECK_EQ(dmus_live_load(live, &bank, 1, NULL), DMUS_OK);
    CHECK_EQ(dmus_live_connect(live, source, NULL, 1, NULL), DMUS_OK);
    record(live, wav);
    for (int i = 0; i < 6; i++)
        CHECK_EQ(dmus_live_queue(live, i % 2 ? b : a, &bank, 1, NULL), DMUS_OK);
    static const uint8_t message[] = {0x90, 60, 100, 67, 100, 0xF0, 0x7E, 0x7F, 9, 1, 0xF7, 0x80, 60, 0};
    for (int i = 0; i < 20; i++) {
        CHECK_EQ(write(fd, message, sizeof message), (ssize_t)sizeof message);
        usleep(100000);
        if (i % 5 == 1)
            dmus_live_seek(live, 1.5);
        else if (i % 5 == 2)
            dmus_live_skip(live, 1);
        else if (i % 5 >= 3)
            dmus_live_pause(live, i % 5 == 3);
    }
    dmus_live_panic(live);
    for (int i = 0; i < 6000 && atomic_load(&pulls) <= before + 100; i++) /* a busy machine asks for less */
        usleep(10000);
    CHECK_EQ(dmus_live_record_end(live, NULL), DMUS_OK);
    dmus_live_close(live);
    CHECK(atomic_load(&pulls) > before + 100);
    close(fd);
    unlink(fifo);
    unlink(wav);
    dmus_song_close(a);
    dmus_song_close(b);
}

static void test_pulls(void)
{
    play(false);
    play(true);
    const char *name = atomic_load(&culprit);
    if (name)
        printf("# %s among %u\n", name, atomic_load(&wrong));
    CHECK_EQ(atomic_load(&wrong), 0);
}

/* That the wrapping works. */
static void test_the_test(void)
{
    unsigned before = atomic_load(&wrong);
    pulling = true;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* of malloc the compiler knows what it does not touch */
    pthread_mutex_lock(&mutex);
    pthread_mutex_trylock(&mutex);
    pulling = false;
    pthread_mutex_unlock(&mutex);
    CHECK_EQ(atomic_load(&wrong), before + 2);
}

int main(void)
{
    struct blob bytes = testbank_make();
    if (dmus_bank_open_memory(bytes.data, bytes.size, "testbank", &bank, NULL) != DMUS_OK)
        return 1;
    RUN(test_pulls);
    RUN(test_the_test);
    dmus_bank_close(bank);
    blob_free(&bytes);
    return tap_done();
}
