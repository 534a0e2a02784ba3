/* SPDX-License-Identifier: MIT */
/*
 * edit.h - what the writer of a bank never writes: level 1 articulation beside level 2, empty lists, conditional chunks, cues in
 * another order. A case registers a change; it is made to the finished file, whose sizes are then put right.
 */
#ifndef DMUS_CONFORMANCE_EDIT_H
#define DMUS_CONFORMANCE_EDIT_H

#include "build.h"

/* A chunk of the file; a list has a type and children instead of data. */
struct conf_chunk {
    char id[5], type[5];         /* type "": no list */
    uint8_t *data;
    uint32_t size;
    struct conf_chunk *children;
    uint32_t count;
};

/* Have CHANGE called with the whole form (id RIFF, type "DLS ") when the bank becomes a file. */
void conf_edit(struct conf_bank *bank, void (*change)(struct conf_chunk *form));

/* The Nth child of LIST whose type (of lists) or id is NAME. A case that asks for what is not there ends the program. Pointers
 * are valid until chunks are added to or removed from the same list. */
struct conf_chunk *conf_child(struct conf_chunk *list, const char *name, uint32_t n);
/* The Rth region of the Ith instrument, and that instrument. */
struct conf_chunk *conf_edit_instrument(struct conf_chunk *form, uint32_t i);
struct conf_chunk *conf_edit_region(struct conf_chunk *form, uint32_t i, uint32_t r);

/* A new last child: a chunk with DATA (copied), or, with a TYPE, an empty list. */
struct conf_chunk *conf_add_chunk(struct conf_chunk *list, const char *id, const void *data, uint32_t size);
struct conf_chunk *conf_add_list(struct conf_chunk *list, const char *type);
void conf_remove(struct conf_chunk *list, const char *name, uint32_t n);

/* A list of TYPE ("lart" or "lar2") with one chunk of CONNECTIONS, art1 or art2 after it. */
void conf_add_articulation(struct conf_chunk *list, const char *type, const struct dls_connection *connections, uint32_t count);

/* Parse BYTES (as dls_write makes them), change, and replace them. */
void conf_apply_edit(struct conf_bytes *bytes, void (*change)(struct conf_chunk *form));

#endif
