/* SPDX-License-Identifier: MIT */
/* rmid.h - RIFF MIDI: a MIDI file in a RIFF wrapper, perhaps with its own bank (MMA RP-029). */
#ifndef DMUS_FORMATS_RMID_H
#define DMUS_FORMATS_RMID_H

#include "base/bytes.h"
#include "base/status.h"

struct rmid {
    struct span song;     /* the SMF */
    struct span bank;     /* embedded RIFF 'DLS ' or 'sfbk' form, size 0 if none */
    bool bank_offset_set; /* DBNK chunk present */
    uint16_t bank_offset; /* DBNK value, 0..127 */
    const char *title, *copyright; /* INFO texts in TEXT, NULL if absent */
    char text[512];
};

/* Find the parts of an RMID file; all spans point into BYTES. A wrong RIFF size and missing padding
 * are tolerated and noted. Errors: DM_ERR_FORMAT. Any thread, no allocation. */
enum dm_status rmid_read(struct span bytes, const struct dm_notes *notes, struct rmid *out, struct dm_error *err);

#endif
