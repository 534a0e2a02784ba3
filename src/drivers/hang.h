/* SPDX-License-Identifier: MIT */
/* hang.h - a process that does not come to its end: which of its threads goes round in a loop, and asking that where it is. */
#ifndef DMUS_DRIVERS_HANG_H
#define DMUS_DRIVERS_HANG_H

#include <sys/types.h>

/* SIGXCPU, which a watch (crash.h) tells with its place in the driver, to the thread of PROCESS that is running; if all sleep,
 * to its first. Never to the calling one. */
void hang_ask(pid_t process);

#endif
