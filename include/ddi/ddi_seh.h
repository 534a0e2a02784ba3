/* SPDX-License-Identifier: MIT */
/*
 * ddi_seh.h - how a status that is raised finds the __except of a driver: the contract between ddi_driver.h and the host.
 *
 * Each thread has a chain of frames, one for each __try body that it is inside of.
 *
 * Source: spec/ddi-kernel.md 11.2.
 */
#ifndef DDI_SEH_H
#define DDI_SEH_H

#include <setjmp.h>

#include "ddi_types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ddi_seh_frame {
    jmp_buf env;
    struct ddi_seh_frame *outer;
    volatile LONG code; /* status that was raised */
    int left;           /* the body was left by its end */
};

/* The thread's innermost frame, NULL: none. Lives in the host. */
__attribute__((visibility("default"))) struct ddi_seh_frame **wdm_seh_top(void);

/* Takes the innermost frame off, sets its code, jumps to its env. Without a frame the machine stops. Any level. */
__attribute__((visibility("default"))) void DDI_CALL ExRaiseStatus(LONG Status) __attribute__((noreturn));

#ifdef __cplusplus
}
#endif
#endif
