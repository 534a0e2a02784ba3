/* SPDX-License-Identifier: MIT */
/*
 * sf2.h - a SoundFont 2 (or SF3) bank as a checked, immutable structure.
 *
 * Every generator and modulator of the file is kept, in file order and in its
 * zone, unknown ones included; the meaning (defaults, summing of preset over
 * instrument level, mapping to DLS) is the player's. Sample data stay in the
 * file: 16-bit words, an optional plane of low bytes (sm24), or Ogg Vorbis
 * streams (SF3).
 */
#ifndef DMUS_FORMATS_SF2_H
#define DMUS_FORMATS_SF2_H

#include "base/bytes.h"
#include "base/status.h"

struct sf2_generator {
    uint16_t oper;   /* sfGenOper, 0..60 */
    uint16_t amount; /* raw 16 bits: SHORT, or low byte / high byte of a range */
};

struct sf2_modulator {
    uint16_t source, destination;
    int16_t amount;
    uint16_t amount_source, transform;
};

/* One zone. Its key and velocity ranges are already decoded (0..127 if it names none);
 * the keyRange and velRange generators are still in the list, and so are those that stand where
 * SoundFont 2.04 section 8.1.2 ignores them (noted, not decoded). The list ends with the instrument
 * or sampleID generator: what the file has behind it is to be ignored (same section) and is noted.
 * A generator may occur twice, then the last one counts. */
struct sf2_zone {
    uint8_t key_low, key_high, velocity_low, velocity_high;
    bool global;     /* first zone, without instrument (preset) or sample (instrument) */
    uint32_t target; /* index of the instrument (preset zone) or sample (instrument zone); 0 if global */
    uint32_t generator_count, modulator_count;
    const struct sf2_generator *generators;
    const struct sf2_modulator *modulators;
};

struct sf2_instrument {
    const char *name; /* UTF-8 */
    uint32_t zone_count;
    const struct sf2_zone *zones;
};

struct sf2_preset {
    const char *name;
    uint16_t program, bank; /* wPreset 0..127, wBank 0..128 as in the file */
    uint32_t zone_count;
    const struct sf2_zone *zones;
};

struct sf2_sample {
    const char *name;
    uint32_t start, end;           /* 16-bit formats: frames in the sample pool, end exclusive.
                                    * SF3: byte range of the Ogg stream */
    uint32_t loop_start, loop_end; /* frames counted from the beginning of this sample, end exclusive; both 0:
                                    * no loop. Inside the sample, but for a vorbis one, whose length only
                                    * sf2_sample_frames knows: there the caller checks */
    uint32_t sample_rate;          /* Hz */
    uint8_t original_key;          /* 0..127 (255 was read as 60) */
    int8_t correction;             /* cents */
    uint16_t link, type;           /* sfSampleLink (index), sfSampleType */
    bool vorbis, rom, usable;      /* usable false: ROM, or range outside the pool */
};

struct sf2_bank {
    uint16_t version_major, version_minor; /* ifil */
    const char *name, *engine, *copyright, *engineer, *comment, *date, *software; /* INFO, NULL if absent */
    uint32_t preset_count, instrument_count, sample_count;
    const struct sf2_preset *presets; /* file order */
    const struct sf2_instrument *instruments;
    const struct sf2_sample *samples;
    struct span pool;   /* smpl chunk: little-endian 16-bit frames, or Ogg streams */
    struct span pool24; /* sm24 chunk, size 0 if none: low byte of each frame */
    struct sf2_arena *arena;
};

/* Parse BYTES, which must outlive the bank. Same contract as dls_read. The sample data are not looked at.
 * Zones with wrong indices are dropped with a note that names preset or instrument; at most 200 notes are given, the
 * rest is counted. A bank that cannot make a sound is refused: DM_ERR_FORMAT, or DM_ERR_UNSUPPORTED if its samples
 * are in ROM or it is of version 1. Errors: these and DM_ERR_NOMEM. Any thread. */
enum dm_status sf2_read(struct span bytes, const struct dm_notes *notes, struct sf2_bank **out, struct dm_error *err);
void sf2_free(struct sf2_bank *bank);

/* Number of frames of SAMPLE, 0 if it is not usable. For a vorbis sample this opens the stream's header; 0 if it is
 * broken, holds more than one logical stream or this build has no Ogg Vorbis. Any thread. */
uint32_t sf2_sample_frames(const struct sf2_bank *bank, uint32_t sample);

/* Decode frames [first, first+frames) of SAMPLE to signed 16 bit (24-bit samples are rounded to nearest,
 * no dither). The range must lie inside the sample. A vorbis stream is decoded from its beginning on each
 * call: ask for the whole sample at once; of several channels it gives the first. Errors: DM_ERR_ARGUMENT
 * (range), DM_ERR_FORMAT (broken stream, unusable sample), DM_ERR_NOMEM, DM_ERR_UNSUPPORTED (built without
 * Ogg Vorbis); OUT is then undefined. Any thread. */
enum dm_status sf2_sample_decode(const struct sf2_bank *bank, uint32_t sample, uint32_t first, uint32_t frames,
                                 int16_t *out, struct dm_error *err);

#endif
