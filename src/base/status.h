/* SPDX-License-Identifier: MIT */
/*
 * status.h - what can go wrong outside the engine, and where it went wrong.
 *
 * Readers, the player and the tool report a status (what kind of failure) and
 * one line of text that names the place: "bank.dls: wave 12: loop ends at
 * 5021, data at 5000". The engine has its own codes (synth/synth.h); the DDI
 * objects map both to HRESULTs once, at their boundary.
 */
#ifndef DMUS_BASE_STATUS_H
#define DMUS_BASE_STATUS_H

#if defined(__MINGW32__) && !defined(__clang__)
#define DM_PRINTF(fmt, args) __attribute__((format(gnu_printf, fmt, args))) /* not msvcrt's: %zu, %lld */
#elif defined(__GNUC__)
#define DM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define DM_PRINTF(fmt, args)
#endif

enum dm_status {
    DM_OK = 0,
    DM_ERR_NOMEM = -1,       /* an allocation failed */
    DM_ERR_OPEN = -2,        /* a file cannot be opened or mapped (errno in the text) */
    DM_ERR_READ = -3,        /* a file cannot be read to its end */
    DM_ERR_WRITE = -4,       /* an output cannot be written (disk full, no right, pipe closed) */
    DM_ERR_FORMAT = -5,      /* the bytes are not what they claim to be */
    DM_ERR_UNSUPPORTED = -6, /* well-formed, but of a kind that is not read here */
    DM_ERR_ARGUMENT = -7,    /* the caller's argument is out of range */
    DM_ERR_NOT_FOUND = -8,   /* named thing does not exist (no bank, no such patch) */
    DM_ERR_DEVICE = -9,      /* an audio or MIDI device refused */
    DM_ERR_SUBSTITUTED = -10 /* strict mode: something was replaced or dropped */
};

/* The last failure of an operation. Callers pass a zeroed one; callees fill it once, at the
 * place nearest to the fault. Never allocated, so it also reports DM_ERR_NOMEM. */
struct dm_error {
    enum dm_status status;
    char text[320];
};

/* Fill ERR (may be NULL) and return STATUS, so that "return dm_fail(err, DM_ERR_FORMAT, ...)"
 * is one line. A text longer than the field is cut at a whole character. Thread-safe. */
enum dm_status dm_fail(struct dm_error *err, enum dm_status status, const char *fmt, ...) DM_PRINTF(3, 4);

/* The same for a failed system call: ": " and the system's reason for CODE (an errno) follow the text. */
enum dm_status dm_fail_errno(struct dm_error *err, enum dm_status status, int code, const char *fmt, ...)
    DM_PRINTF(4, 5);

/* One short English phrase per status, never NULL ("out of memory"). */
const char *dm_status_text(enum dm_status status);

/* Receiver of repairs and remarks that are no failures: "wave 12: loop clamped to the data".
 * The text carries no newline and no file name (the receiver knows which file it opened).
 * Called on the thread that reads. A NULL function discards. */
struct dm_notes {
    void (*note)(void *ctx, const char *text);
    void *ctx;
};
void dm_note(const struct dm_notes *notes, const char *fmt, ...) DM_PRINTF(2, 3);

#endif
