/* SPDX-License-Identifier: MIT */
/*
 * target_id.h - which file an output is, known before it is written: two names may lead to one.
 *
 * An output that exists is its device and inode; so is standard output. One that does not is its name in a directory, which is
 * device and inode again; a link that leads nowhere yet is what it leads to. No one's is what several outputs may be written to
 * (/dev/null, a character device) and what none can (there is no such directory).
 */
#ifndef DMUS_AUDIO_TARGET_ID_H
#define DMUS_AUDIO_TARGET_ID_H

#include <stdbool.h>
#include <stdint.h>

struct target_id {
    uint64_t device, inode;
    bool nobodys;
    char name[256]; /* in its directory; "" if the output exists */
};

/* PATH as in target_open. */
void target_identify(const char *path, struct target_id *id);
/* An order, for sorting; 0: the same file. Those that are no one's are 0 to each other, too. */
int target_id_order(const struct target_id *a, const struct target_id *b);
/* Would both be written to one file? Either may be NULL: then not. */
bool target_same(const char *a, const char *b);

#endif
