/* SPDX-License-Identifier: MIT */
/*
 * record.h - what is heard, to a sound file, and live MIDI, to a Standard MIDI File. A thread of its own takes the frames that
 * the audio thread puts into the mixer's tap.
 */
#ifndef DMUS_LIVE_RECORD_H
#define DMUS_LIVE_RECORD_H

#include "base/status.h"
#include "dmus/dmus.h"
#include "mixer.h"

struct record;

struct record_total {
    uint64_t frames, clipped; /* clipped: samples */
};

/* OUTPUT (a path) and MIDI_PATH may be NULL, but not both. The mixer's tap is the record's until record_end. NOTES is told of the
 * first failure to write the sound, on the record's thread: nothing more is written then. Refusals of the file: DM_ERR_WRITE,
 * DM_ERR_UNSUPPORTED; DM_ERR_NOMEM. */
enum dm_status record_begin(struct mixer *mixer, const struct dmus_output *output, const char *midi_path,
                            const struct dm_notes *notes, struct record **out, struct dm_error *err);
/* From now on; record_begin only opens, which with a pipe waits for a reader. Control thread or its lock, as record_midi. */
void record_start(struct record *record);
/* A message of GROUP at heard frame FRAME. Control thread. Memory that runs out ends the MIDI part, told by record_end. */
void record_midi(struct record *record, int64_t frame, uint32_t group, const uint8_t *bytes, uint32_t size);
/* What the sound file has so far. Any thread. */
struct record_total record_total(const struct record *record);
/* Publish both files and free RECORD; what it had is put into *TOTAL. DM_ERR_WRITE (the reason of the first failure; nothing is
 * then published of that file). */
enum dm_status record_end(struct record *record, struct record_total *total, struct dm_error *err);

#endif
