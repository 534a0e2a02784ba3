/* SPDX-License-Identifier: MIT */
/*
 * library.h - shared libraries that are loaded when they are first needed.
 *
 * Whoever renders needs no sound server's library, and no encoder where samples go to a program or down a pipe: neither installed,
 * nor in memory, nor in the time of start-up (libsndfile and its eight codecs took 0.7 ms). Each library has a header
 * X_library.h that declares a structure of pointers to its functions and names every function as a member of it, so that calls are
 * written as in the library's own documentation; a function that is missing in the list does not link.
 */
#ifndef DMUS_BASE_LIBRARY_H
#define DMUS_BASE_LIBRARY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct library {
    const char *what;         /* as it is called in messages */
    const char *soname;
    const char *const *names; /* of its functions, COUNT */
    size_t count;
    void *functions;          /* structure of COUNT pointers to functions, in the order of the names */
    pthread_mutex_t lock;
    bool loaded;
};

#define LIBRARY_POINTER(name) __typeof__(&name) name;
#define LIBRARY_NAME(name)    #name,

#define LIBRARY(what, soname, names, functions)                                                                                     \
    {what, soname, names, sizeof(names) / sizeof *(names), &(functions), PTHREAD_MUTEX_INITIALIZER, false}

/* Load it, at the first call; it stays until the process ends, since its threads may outlive its last client. Any thread.
 * DM_ERR_DEVICE: it is not installed, or too old; the next call tries again. */
enum dm_status library_load(struct library *library, struct dm_error *err);

/* Tells packagers' tools what may be loaded (systemd.io/ELF_DLOPEN_METADATA). */
#ifdef __ELF__
#define LIBRARY_NOTE(feature, text, soname)                                                                                         \
    static const struct {                                                                                                           \
        uint32_t name_size, text_size, type;                                                                                        \
        char name[4];                                                                                                               \
        _Alignas(4) char json[sizeof LIBRARY_JSON(feature, text, soname)];                                                          \
    } library_note __attribute__((used, section(".note.dlopen"), aligned(4))) = {                                                   \
        4, sizeof LIBRARY_JSON(feature, text, soname), 0x407C0C0A, "FDO", LIBRARY_JSON(feature, text, soname)};
#define LIBRARY_JSON(feature, text, soname)                                                                                         \
    "[{\"feature\":\"" feature "\",\"description\":\"" text "\",\"priority\":\"recommended\",\"soname\":[\"" soname "\"]}]"
#else
#define LIBRARY_NOTE(feature, text, soname)
#endif

#endif
