/* SPDX-License-Identifier: MIT */
/* The thread of the inputs that are files to the system. */
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "midi_driver.h"
#include "realtime.h"

#define FDS_MAX  15u
#define WAIT_MS  100
#define PRIORITY 65 /* above the sound: what comes must be stamped at once, and costs little */

static void *run(void *arg)
{
    struct midi_reader *reader = arg;
    struct pollfd fds[FDS_MAX + 1] = {{.fd = reader->stop_fd, .events = POLLIN}};
    struct realtime_grant grant;
    const char *over = NULL;
    memcpy(fds + 1, reader->fds, reader->fd_count * sizeof *fds);
    realtime_ask(PRIORITY, &grant);
    while (!over && !(fds[0].revents & POLLIN)) {
        int64_t asked = clock_now_100ns(); /* up to then nothing came, if nothing is here: this thread may be kept from going on */
        int ready = poll(fds, reader->fd_count + 1, WAIT_MS);
        if (ready > 0 && !(fds[0].revents & POLLIN))
            over = reader->take(reader->in);
        midi_driver_idle(reader->in, asked);
    }
    if (over)
        midi_driver_lost(reader->in, over);
    return NULL;
}

bool midi_reader_start(struct midi_reader *reader, struct midi_input *in, const struct pollfd *fds, unsigned fd_count,
                       const char *(*take)(struct midi_input *in))
{
    if (fd_count > FDS_MAX)
        return false;
    *reader = (struct midi_reader){.in = in, .fds = fds, .fd_count = fd_count, .take = take};
    reader->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (reader->stop_fd < 0)
        return false;
    if (pthread_create(&reader->thread, NULL, run, reader) == 0)
        return true;
    close(reader->stop_fd);
    return false;
}

void midi_reader_stop(struct midi_reader *reader)
{
    (void)!write(reader->stop_fd, &(uint64_t){1}, sizeof(uint64_t));
    pthread_join(reader->thread, NULL);
    close(reader->stop_fd);
}
