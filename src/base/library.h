/* SPDX-License-Identifier: MIT */
/*
 * library.h - shared libraries that are loaded when they are first needed.
 *
 * Whoever renders needs no sound server's library, and no encoder where samples go to a program or down a pipe: neither installed,
 * nor in memory, nor in the time of start-up (libsndfile and its eight codecs took 0.7 ms). Each library X has a header
 * X_library.h that lists its functions and names every one as a member of a structure of pointers to them, so that calls are
 * written as in the library's own documentation; a function that is missing in the list does not link. X_library.c says what the
 * library is called and what it is for.
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

#define LIBRARY(what, soname, names, functions)                                                                                    \
    {what, soname, names, sizeof(names) / sizeof *(names), &(functions), PTHREAD_MUTEX_INITIALIZER, false}

/* Load it, at the first call; it stays until the process ends, since its threads may outlive its last client. Any thread.
 * DM_ERR_DEVICE: it is not installed, or too old; the next call tries again. */
enum dm_status library_load(struct library *library, struct dm_error *err);

/* Tells packagers' tools what may be loaded (systemd.io/ELF_DLOPEN_METADATA). */
#ifdef __ELF__
#define LIBRARY_NOTE(feature, text, soname)                                                                                        \
    static const struct {                                                                                                          \
        uint32_t name_size, text_size, type;                                                                                       \
        char name[4];                                                                                                              \
        _Alignas(4) char json[sizeof LIBRARY_JSON(feature, text, soname)];                                                         \
    } library_note __attribute__((used, section(".note.dlopen"), aligned(4))) = {                                                  \
        4, sizeof LIBRARY_JSON(feature, text, soname), 0x407C0C0A, "FDO", LIBRARY_JSON(feature, text, soname)};
#define LIBRARY_JSON(feature, text, soname)                                                                                        \
    "[{\"feature\":\"" feature "\",\"description\":\"" text "\",\"priority\":\"recommended\",\"soname\":[\"" soname "\"]}]"
#else
#define LIBRARY_NOTE(feature, text, soname)
#endif

/* For X_library.h, after LIST (a macro that gives each function's name to its argument) and before the names become members:
 * x_functions, valid once x_library_load has answered DM_OK; it answers as library_load. */
#define LIBRARY_DECLARE(x, LIST)                                                                                                   \
    extern struct x##_functions {                                                                                                  \
        LIST(LIBRARY_POINTER)                                                                                                      \
    } x##_functions;                                                                                                               \
    enum dm_status x##_library_load(struct dm_error *err);

/* For X_library.c. WHAT: as the library is called in messages; FEATURE and TEXT: what packagers are told it is for. */
#define LIBRARY_DEFINE(x, LIST, what, soname, feature, text)                                                                       \
    LIBRARY_NOTE(feature, text, soname)                                                                                            \
    struct x##_functions x##_functions;                                                                                            \
    enum dm_status x##_library_load(struct dm_error *err)                                                                          \
    {                                                                                                                              \
        static const char *const names[] = {LIST(LIBRARY_NAME)};                                                                   \
        static struct library library = LIBRARY(what, soname, names, x##_functions);                                               \
        _Static_assert(sizeof x##_functions == sizeof names, "a pointer for each name");                                           \
        return library_load(&library, err);                                                                                        \
    }

#endif
