/* SPDX-License-Identifier: MIT */
/*
 * workers.h - threads that render beside the one that calls Render: what
 * struct synth_workers wants of a host.
 *
 * Between two pieces of work, which are tens of microseconds apart, they spin;
 * after a while without any they sleep, and the next piece has to wake them.
 * workers_run then calls the system: who needs Render to be real-time safe has
 * no workers, which is the default.
 *
 * create and destroy: any thread, not during run. run: one thread at a time.
 */
#ifndef DMUS_USER_WORKERS_H
#define DMUS_USER_WORKERS_H

#include <stdint.h>

struct workers;

/* COUNT threads in all, the caller's included, or as many as the system gives; NULL if that is only one. COUNT: 0 .. 64 */
struct workers *workers_create(uint32_t count);
void workers_destroy(struct workers *workers); /* NULL allowed */
uint32_t workers_count(const struct workers *workers);
/* synth_workers.run; CTX is the struct workers. */
void workers_run(void *ctx, void (*work)(void *arg, uint32_t n), void *arg);

#endif
