/* SPDX-License-Identifier: MIT */
/*
 * mxf_lock.h - the leaf locks of the engine, and turns. Internal.
 *
 * A lock is held for a few instructions, never while the driver, the allocator's memory, the rule book or the trace is called;
 * it inherits priority, so that a timer thread is not held up by a preempted client. A turn serialises calls that must not
 * be made under a lock: who does not get it leaves his work in the queue, and who has it looks again before he ends it.
 */
#ifndef DMUS_KERNEL_PORTCLS_MXF_LOCK_H
#define DMUS_KERNEL_PORTCLS_MXF_LOCK_H

#include <pthread.h>
#include <stdbool.h>

struct mxf_lock {
    pthread_mutex_t mutex;
};

bool mxf_lock_init(struct mxf_lock *lock);
void mxf_lock_end(struct mxf_lock *lock);
void mxf_lock(struct mxf_lock *lock);
void mxf_unlock(struct mxf_lock *lock);

struct mxf_turn {
    bool busy;
    pthread_t holder;
    pthread_cond_t over;
};

bool mxf_turn_init(struct mxf_turn *turn);
void mxf_turn_end(struct mxf_turn *turn);
/* The following with the lock that guards the turn held. */
bool mxf_turn_take(struct mxf_turn *turn); /* false: somebody has it, perhaps this thread further up its stack */
void mxf_turn_give(struct mxf_turn *turn);
/* Until nobody else has it; the lock is let go meanwhile. Not at DISPATCH_LEVEL. */
void mxf_turn_wait(struct mxf_turn *turn, struct mxf_lock *lock);

#endif
