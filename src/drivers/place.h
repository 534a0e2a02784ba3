/* SPDX-License-Identifier: MIT */
/*
 * place.h - where in a driver's code something happened: found on the stack, told as function, file and line.
 *
 * A finder knows one driver, a shared object; code is told by its offset in that file, which addr2line and gdb understand. Function
 * and line come from the driver's debugging information (-g) by way of addr2line, where it is installed; else the offset stands.
 */
#ifndef DMUS_DRIVERS_PLACE_H
#define DMUS_DRIVERS_PLACE_H

#include <stddef.h>
#include <stdint.h>

struct place_finder;
/* PATH as it is given to the dynamic linker. NULL: no memory. */
struct place_finder *place_finder_new(const char *path);
void place_finder_free(struct place_finder *finder); /* NULL allowed */
/* The driver is about to be loaded, perhaps to another address than before. */
void place_finder_reset(struct place_finder *finder);
/* A wdm_caller_fn, CTX the finder: the innermost call of the driver on this thread's stack but SKIP of its frames. Any thread, in
 * handlers of signals, too. */
uintptr_t place_caller(void *ctx, unsigned skip);
/* Offset in the file of an address of the driver's code; 0 if it is none, or 0. */
uintptr_t place_offset(const struct place_finder *finder, uintptr_t code);

struct place_teller;
/* For what is told of the driver at PATH. NULL: no memory. One thread. */
struct place_teller *place_teller_new(const char *path);
void place_teller_free(struct place_teller *teller); /* NULL allowed */
/* "CStream::PutMessage, stream.cpp:112" or "driver.so+0x2f31"; "" for OFFSET 0 or TELLER NULL. Valid until the next call. */
const char *place_text(struct place_teller *teller, uintptr_t offset);

#endif
