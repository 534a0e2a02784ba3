/* SPDX-License-Identifier: MIT */
/*
 * dls.h - a DLS Level 1 or 2 collection as a checked, immutable structure,
 * its reader and its writer.
 *
 * The reader turns hostile bytes into this structure; the SoundFont mapping of
 * the player builds the same structure; the writer and the download images are
 * made from it. Values keep the units of the file (spec: DLS 2.2 section 1.14):
 * gains in 1/655360 dB, times in 1/65536 time cents, pitches in 1/65536 cents,
 * percents in 1/655360 %.
 */
#ifndef DMUS_FORMATS_DLS_H
#define DMUS_FORMATS_DLS_H

#include "base/bytes.h"
#include "base/status.h"

/* One connection block (DLS 2.2 section 2.10): 12 bytes in file and download image alike. */
struct dls_connection {
    uint16_t source, control, destination, transform;
    int32_t scale;
};

/* A list of connections, already filtered by its conditional chunk and in file order
 * (lart before lar2). `present` is false where the file has no list, or one without blocks:
 * a present list replaces the list of the instrument as a whole (DLS 2.2 section 1.6.3). */
struct dls_articulation {
    bool present;
    uint32_t count;
    struct dls_connection *connections;
};

enum dls_loop_kind { DLS_LOOP_NONE, DLS_LOOP_FORWARD, DLS_LOOP_RELEASE };

/* The wsmp chunk with at most one loop, repaired so that the loop lies inside the wave. */
struct dls_sample_info {
    bool present;
    uint16_t unity_note;  /* 0..127, MIDI key at original pitch */
    int16_t fine_tune;    /* cents */
    int32_t gain;         /* 1/655360 dB, negative is quieter */
    uint32_t options;     /* F_WSMP_* */
    enum dls_loop_kind loop;
    uint32_t loop_start, loop_length; /* frames; first frame of the loop, and how many */
};

struct dls_region {
    uint16_t key_low, key_high, velocity_low, velocity_high; /* 0..127, inclusive, low <= high */
    uint16_t options;   /* F_RGN_OPTION_* */
    uint16_t key_group; /* 0 none, 1..15 */
    uint16_t layer;     /* usLayer, editors only */
    uint16_t link_options, phase_group; /* F_WAVELINK_*, 0 none */
    uint32_t channel;   /* WAVELINK_CHANNEL_* */
    uint32_t wave;      /* index into waves[], always valid */
    struct dls_sample_info sample; /* the region's own wsmp; !present: use the wave's */
    struct dls_articulation articulation;
};

#define DLS_DRUMS 0x80000000u /* F_INSTRUMENT_DRUMS in dls_instrument.bank */

struct dls_instrument {
    uint32_t bank;    /* ulBank: CC32 in bits 0-6, CC0 in bits 8-14, DLS_DRUMS */
    uint32_t program; /* 0..127 */
    uint32_t region_count;
    struct dls_region *regions;
    struct dls_articulation articulation; /* of the whole instrument */
    const char *name; /* INAM as UTF-8, "" if none */
};

enum dls_codec { DLS_PCM_U8, DLS_PCM_S16, DLS_PCM_S24, DLS_PCM_S32, DLS_FLOAT32, DLS_ALAW, DLS_MULAW, DLS_MSADPCM };

struct dls_wave {
    enum dls_codec codec;
    uint16_t channels;    /* >= 1; only channel 0 is ever played */
    uint16_t block_align; /* bytes per frame (per block for DLS_MSADPCM) */
    uint32_t sample_rate; /* Hz, 1..384000 */
    uint32_t frames;      /* complete frames in data */
    struct span data;     /* view into the file */
    struct span format;   /* whole fmt chunk: MS-ADPCM needs its coefficients */
    struct dls_sample_info sample;
    const char *name;
    bool usable; /* false: unknown codec; its regions were dropped and noted */
};

struct dls_info { /* INFO texts as UTF-8, NULL if absent */
    const char *name, *copyright, *engineer, *comment, *software, *date, *subject;
};

struct dls_collection {
    uint32_t instrument_count, wave_count;
    struct dls_instrument *instruments; /* file order, duplicates kept: the first of a patch wins */
    struct dls_wave *waves;             /* pool order */
    struct dls_info info;
    uint32_t version_ms, version_ls;    /* vers chunk, 0/0 if none */
    int level;                          /* 1, or 2 if any rgn2, lar2 or art2 was met */
    uint32_t region_count, connection_count; /* totals, for dmus info */
    bool level1_too;                         /* for dls_write */
    struct dls_arena *arena;            /* owns everything above but the wave data */
};

/* Parse BYTES, which must stay valid and unchanged as long as the collection. On DM_OK the caller
 * owns *out (end with dls_free). Damage that still leaves something playable is repaired and
 * reported through NOTES; what leaves nothing gives DM_ERR_FORMAT with the place. Conditional
 * chunks are evaluated against the answers of spec/dls.md section 1.9 with SAMPLE_RATE as the
 * SamplePlaybackRate. Errors: DM_ERR_FORMAT, DM_ERR_UNSUPPORTED, DM_ERR_NOMEM. Any thread. */
enum dm_status dls_read(struct span bytes, uint32_t sample_rate, const struct dm_notes *notes,
                        struct dls_collection **out, struct dm_error *err);
void dls_free(struct dls_collection *collection);

/* Decode FRAMES frames of channel 0 from frame FIRST of WAVE to signed 16 bit. The range must lie
 * inside the wave. Wider sample formats are rounded to nearest and saturated. Any thread. */
void dls_wave_decode(const struct dls_wave *wave, uint32_t first, uint32_t frames, int16_t *out);

/* Where written bytes go. Returns DM_OK or the failure, which ends the writing. */
struct byte_sink {
    enum dm_status (*write)(void *ctx, const void *data, size_t size, struct dm_error *err);
    void *ctx;
};

/* Source of a wave's samples while writing: 16-bit mono PCM. Fills OUT with frames
 * [first, first+frames). Used so that a converter never holds all waves at once. */
struct dls_pcm_source {
    enum dm_status (*read)(void *ctx, uint32_t wave, uint32_t first, uint32_t frames, int16_t *out,
                           struct dm_error *err);
    void *ctx;
};

/* Write COLLECTION as a valid DLS 2 file (colh, lins with lar2/art2, ptbl, wvpl, INFO; sizes and
 * pool offsets exact, chunks padded). Instruments, regions, names and info come from the structure;
 * waves are written as 16-bit mono PCM taken from PCM (wave.data is not looked at). With level1_too,
 * readers that know the chunks of level 1 alone find all of it: regions are rgn without a layer, and
 * every list of connections stands there as lart/art1 before lar2/art2. dmusic.dll of Wine 10.0 is one:
 * it passes over rgn2, lar2 and art2, and hands the connections of art1 to the synth as they are.
 * A file above 4 GiB is refused with DM_ERR_UNSUPPORTED before the first byte. */
enum dm_status dls_write(const struct dls_collection *collection, const struct dls_pcm_source *pcm,
                         const struct byte_sink *sink, struct dm_error *err);

#endif
