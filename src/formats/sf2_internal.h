/* SPDX-License-Identifier: MIT */
/*
 * sf2_internal.h - between the parts of the SoundFont reader: chunks and texts
 * (sf2_read.c), zones and what owns them (sf2_zones.c), sample headers
 * (sf2_samples.c), Ogg Vorbis streams (sf2_vorbis.c, or sf2_vorbis_none.c in a
 * build without libvorbisfile).
 */
#ifndef DMUS_FORMATS_SF2_INTERNAL_H
#define DMUS_FORMATS_SF2_INTERNAL_H

#include "base/arena.h"
#include "formats/sf2.h"

/* The nine sub-chunks of pdta, the "hydra" (SoundFont 2.04 section 7). */
enum sf2_table_id { SF2_PHDR, SF2_PBAG, SF2_PMOD, SF2_PGEN, SF2_INST, SF2_IBAG, SF2_IMOD, SF2_IGEN, SF2_SHDR, SF2_TABLES };

struct sf2_table {
    const uint8_t *data;
    uint32_t record; /* bytes per record */
    uint32_t count;  /* whole records, the terminal one included */
};

struct sf2_reader {
    struct sf2_bank *bank;
    struct arena *memory;
    const struct dm_notes *notes;
    struct sf2_table tables[SF2_TABLES];
    uint32_t playable_zones; /* non-global zones of presets */
};

static inline const uint8_t *sf2_record(const struct sf2_table *table, uint32_t index)
{
    return table->data + (size_t)index * table->record;
}

/* Fill bank->samples; pool and version are set. Errors: DM_ERR_NOMEM. */
enum dm_status sf2_read_samples(struct sf2_reader *r, struct dm_error *err);
/* Fill bank->instruments and bank->presets; samples are set. Errors: DM_ERR_NOMEM. */
enum dm_status sf2_read_zones(struct sf2_reader *r, struct dm_error *err);

/* Length in frames of an Ogg Vorbis stream, 0 if it cannot be opened or claims more than its bytes can hold. */
uint32_t sf2_vorbis_frames(struct span stream);
/* Channel 0 of frames [first, first + frames). Errors as sf2_sample_decode; DM_ERR_ARGUMENT beyond the end. */
enum dm_status sf2_vorbis_decode(struct span stream, uint32_t first, uint32_t frames, int16_t *out,
                                 struct dm_error *err);

#endif
