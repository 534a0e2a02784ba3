/* SPDX-License-Identifier: MIT */
/*
 * target_id.h - which file an output is, known before it is written: two names may lead to one.
 *
 * An output that exists is its device and inode. One that does not is its name in a directory, which is device and inode again; where
 * there is no such directory, the name as it was given. A character device (/dev/null) takes what several outputs write: it is no one's.
 */
#ifndef DMUS_AUDIO_TARGET_ID_H
#define DMUS_AUDIO_TARGET_ID_H

#include <stdbool.h>
#include <stdint.h>

struct target_id {
    uint64_t device, inode;
    const char *name; /* inside the path that was given; "" if the output exists; NULL: no one's */
};

/* PATH as in target_open; must outlive ID. */
void target_identify(const char *path, struct target_id *id);
/* An order, for sorting; 0: the same file. Those that are no one's are 0 to each other, too. */
int target_id_order(const struct target_id *a, const struct target_id *b);
/* Would both be written to one file? Either may be NULL: then not. */
bool target_same(const char *a, const char *b);

#endif
