/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "audio/output.h"
#include "audio/target_id.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "player/errors.h"
#include "player/midi_file.h"
#include "player/outfile.h"
#include "session.h"

enum { PIECE_FRAMES = 4096, NAP_100NS = 200000 };

struct record {
    struct mixer *mixer;
    struct audio_output *file; /* NULL: no sound file */
    float *piece;
    pthread_t thread;
    bool threaded;
    atomic_bool stop;
    _Atomic uint64_t frames, clipped;
    struct dm_error file_err; /* the thread's */
    struct dm_notes notes;

    char *midi_path;
    bool midi_overwrite;
    int64_t began; /* heard frame of tick 0 */
    struct midi_file midi; /* one tick is one frame */
};

/* ---- the sound ---- */

/* false: no more. What is in the file then is lost, and is not counted. */
static bool write_some(struct record *r)
{
    uint32_t count;
    for (count = 0; count < PIECE_FRAMES && ring_pop(&r->mixer->tap, r->piece + (size_t)count * r->mixer->channels); count++)
        ;
    if (count && r->file->ops->write(r->file, r->piece, count, &r->file_err) != DM_OK) {
        atomic_store(&r->mixer->tapping, false);
        dm_note(&r->notes, "%s: nothing more is recorded", r->file_err.text);
        return false;
    }
    atomic_fetch_add(&r->frames, count);
    atomic_store(&r->clipped, r->file->ops->clipped(r->file));
    return true;
}

static void *write_sound(void *context)
{
    struct record *r = context;
    while (!atomic_load(&r->stop) || ring_used(&r->mixer->tap)) {
        if (!write_some(r))
            break;
        if (ring_used(&r->mixer->tap) < PIECE_FRAMES && !atomic_load(&r->stop))
            clock_sleep_until_100ns(clock_now_100ns() + NAP_100NS);
    }
    return NULL;
}

static enum dm_status open_file(struct record *r, const struct dmus_output *output, struct dm_error *err)
{
    static const enum sample_format formats[] = {SAMPLE_S16, SAMPLE_S24, SAMPLE_F32};
    struct audio_config config = {
        .sample_rate = r->mixer->rate,
        .channels = r->mixer->channels,
        .format = formats[output->format <= DMUS_F32 ? output->format : DMUS_F32],
        .float_input = true,
        .path = output->path,
        .type = output->type,
        .overwrite = output->overwrite,
        .title = output->title,
    };
    const struct audio_output_ops *file = audio_output_find("file");
    if (!file)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "this build cannot write sound files");
    enum dm_status status = file->open(&config, &r->file, err);
    if (status != DM_OK)
        return status;
    r->piece = dm_calloc(PIECE_FRAMES, sizeof(float) * r->mixer->channels);
    if (!r->piece)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for recording");
    while (ring_front(&r->mixer->tap)) /* of the record before */
        ring_drop(&r->mixer->tap);
    atomic_store(&r->mixer->tap_lost, 0);
    atomic_store(&r->mixer->tap_first, INT64_MIN);
    r->threaded = pthread_create(&r->thread, NULL, write_sound, r) == 0;
    if (!r->threaded)
        return dm_fail(err, DM_ERR_NOMEM, "no thread for recording");
    return DM_OK;
}

static enum dm_status end_file(struct record *r, bool commit, struct dm_error *err)
{
    struct dm_error closing = {0};
    if (!r->file)
        return DM_OK;
    atomic_store(&r->mixer->tapping, false);
    atomic_store(&r->stop, true);
    if (r->threaded)
        pthread_join(r->thread, NULL);
    commit = commit && r->file_err.status == DM_OK;
    enum dm_status closed = r->file->ops->close(r->file, commit, &closing);
    if (r->file_err.status != DM_OK) {
        *err = r->file_err;
        return r->file_err.status;
    }
    uint64_t lost = atomic_load(&r->mixer->tap_lost);
    if (closed == DM_OK && lost)
        return dm_fail(err, DM_ERR_WRITE, "the disk was too slow: %llu frames are missing", (unsigned long long)lost);
    if (closed != DM_OK)
        *err = closing;
    return closed;
}

/* ---- the MIDI ---- */

void record_midi(struct record *r, int64_t frame, uint32_t group, const uint8_t *bytes, uint32_t size)
{
    if (r->midi_path)
        midi_file_add(&r->midi, frame, group, bytes, size);
}

static enum dm_status end_midi(const struct record *r, struct dm_error *err)
{
    int64_t first = r->file ? atomic_load(&r->mixer->tap_first) : INT64_MIN; /* both files begin with the same frame */
    int64_t began = first == INT64_MIN ? r->began : first;
    return r->midi_path ? midi_file_write(&r->midi, began, r->midi_path, r->midi_overwrite, err) : DM_OK;
}

/* ---- both ---- */

static void free_record(struct record *r)
{
    dm_free(r->piece);
    dm_free(r->midi_path);
    midi_file_end(&r->midi);
    dm_free(r);
}

/* The file is written at the end: what cannot be written shall be known before somebody has played. A pipe is not opened for
 * this. */
static enum dm_status try_midi(const struct record *r, struct dm_error *err)
{
    struct stat info;
    struct outfile probe;
    struct dm_error ignored;
    if (!r->midi_path || (stat(r->midi_path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) ||
        strcmp(r->midi_path, "-") == 0)
        return DM_OK;
    enum dm_status status = outfile_open(&probe, r->midi_path, r->midi_overwrite, err);
    if (status == DM_OK)
        outfile_close(&probe, false, &ignored);
    return status;
}

enum dm_status record_begin(struct mixer *mixer, const struct dmus_output *output, const char *midi_path,
                            const struct dm_notes *notes, struct record **out, struct dm_error *err)
{
    *out = NULL;
    if (target_same(output ? output->path : NULL, midi_path))
        return dm_fail(err, DM_ERR_ARGUMENT, "sound and MIDI would both be written to %s", midi_path);
    struct record *r = dm_calloc(1, sizeof *r);
    if (!r)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for recording");
    r->mixer = mixer;
    r->notes = *notes;
    r->midi_path = dm_strdup(midi_path);
    midi_file_begin(&r->midi, mixer->rate);
    r->midi_overwrite = output && output->overwrite;
    enum dm_status status = midi_path && !r->midi_path ? dm_fail(err, DM_ERR_NOMEM, "no memory for recording") : DM_OK;
    if (status == DM_OK)
        status = try_midi(r, err);
    if (status == DM_OK && output && output->path)
        status = open_file(r, output, err);
    if (status != DM_OK) {
        struct dm_error ignored;
        end_file(r, false, &ignored);
        free_record(r);
        return status;
    }
    *out = r;
    return DM_OK;
}

struct record_total record_total(const struct record *record)
{
    return (struct record_total){atomic_load(&record->frames), atomic_load(&record->clipped)};
}

void record_start(struct record *r)
{
    r->began = atomic_load(&r->mixer->figures.heard);
    atomic_store(&r->mixer->tapping, r->file != NULL);
}

enum dm_status record_end(struct record *r, struct record_total *total, struct dm_error *err)
{
    struct dm_error second = {0};
    enum dm_status status = end_file(r, true, err), midi = end_midi(r, &second);
    if (status == DM_OK && midi != DM_OK) {
        *err = second;
        status = midi;
    }
    *total = record_total(r);
    free_record(r);
    return status;
}

/* ---- of a session ---- */

static void say_failure(void *context, const char *text)
{
    struct dmus_live *live = context;
    pthread_mutex_lock(&live->lock);
    session_say(live, "%s", text);
    pthread_mutex_unlock(&live->lock);
}

enum dmus_status dmus_live_record(struct dmus_live *live, const struct dmus_output *output, const char *midi_path,
                                  struct dmus_error *err)
{
    struct dmus_output checked = {0};
    if (!live || (output && !abi_fits(output, sizeof *output)) || ((!output || !output->path) && !midi_path))
        return error_argument(err, "dmus_live_record: nothing to record to");
    if (output)
        abi_load(&checked, sizeof checked, output);
    if (checked.format > DMUS_F32)
        return error_argument(err, "sample format %u: s16 (0), s24 (1), f32 (2)", (unsigned)checked.format);
    struct dm_error inner = {0};
    struct dm_notes notes = {say_failure, live};
    pthread_mutex_lock(&live->lock);
    bool taken = live->record || live->record_ending || live->record_opening;
    live->record_opening |= !taken;
    pthread_mutex_unlock(&live->lock);
    if (taken)
        return error_argument(err, "a record is being made already");
    struct record *record = NULL; /* a pipe opens when somebody reads it: the session goes on meanwhile */
    enum dm_status status = record_begin(&live->mixer, output ? &checked : NULL, midi_path, &notes, &record, &inner);
    pthread_mutex_lock(&live->lock);
    if (record)
        record_start(record);
    live->record = record;
    live->record_opening = false;
    pthread_mutex_unlock(&live->lock);
    return status == DM_OK ? DMUS_OK : error_public(err, status, &inner);
}

enum dmus_status dmus_live_record_end(struct dmus_live *live, struct dmus_error *err)
{
    if (!live)
        return error_argument(err, "dmus_live_record_end: no session");
    struct dm_error inner = {0};
    pthread_mutex_lock(&live->lock);
    struct record *record = live->record;
    live->record = NULL;
    live->record_ending |= record != NULL;
    if (record)
        live->recorded = record_total(record);
    pthread_mutex_unlock(&live->lock);
    struct record_total total;
    enum dm_status status = record ? record_end(record, &total, &inner) : DM_OK;
    pthread_mutex_lock(&live->lock);
    if (record) {
        live->record_ending = false;
        live->recorded = total;
    }
    pthread_mutex_unlock(&live->lock);
    return status == DM_OK ? DMUS_OK : error_public(err, status, &inner);
}
