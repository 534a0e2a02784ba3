/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "mxf_lock.h"

bool mxf_lock_init(struct mxf_lock *lock)
{
    pthread_mutexattr_t attr;
    if (pthread_mutexattr_init(&attr) != 0)
        return false;
    /* A system without priority inheritance has a lock all the same. */
    (void)pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
    bool ok = pthread_mutex_init(&lock->mutex, &attr) == 0 || pthread_mutex_init(&lock->mutex, NULL) == 0;
    pthread_mutexattr_destroy(&attr);
    return ok;
}

void mxf_lock_end(struct mxf_lock *lock) { pthread_mutex_destroy(&lock->mutex); }
void mxf_lock(struct mxf_lock *lock) { pthread_mutex_lock(&lock->mutex); }
void mxf_unlock(struct mxf_lock *lock) { pthread_mutex_unlock(&lock->mutex); }

bool mxf_turn_init(struct mxf_turn *turn)
{
    turn->busy = false;
    return pthread_cond_init(&turn->over, NULL) == 0;
}

void mxf_turn_end(struct mxf_turn *turn) { pthread_cond_destroy(&turn->over); }

bool mxf_turn_take(struct mxf_turn *turn)
{
    if (turn->busy)
        return false;
    turn->busy = true;
    turn->holder = pthread_self();
    return true;
}

void mxf_turn_give(struct mxf_turn *turn)
{
    turn->busy = false;
    pthread_cond_broadcast(&turn->over);
}

void mxf_turn_wait(struct mxf_turn *turn, struct mxf_lock *lock)
{
    while (turn->busy && !pthread_equal(turn->holder, pthread_self()))
        pthread_cond_wait(&turn->over, &lock->mutex);
}
