/* SPDX-License-Identifier: MIT */
/*
 * apart.h - functions that stand apart: what is rare is not to be paid for by
 * the usual path around it, which saves no registers without it. Internal to
 * the engine.
 */
#ifndef DMUS_SYNTH_APART_H
#define DMUS_SYNTH_APART_H

/* static, and a call wherever it is used */
#if defined(__GNUC__) || defined(__clang__)
#define APART static __attribute__((noinline))
#else
#define APART static
#endif

#endif
