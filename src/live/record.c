/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <pthread.h>
#include <string.h>

#include "audio/output.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "player/outfile.h"

enum { PIECE_FRAMES = 4096, NAP_100NS = 200000 };

struct recorded {
    int64_t frame;
    uint32_t group, size;
    size_t at; /* of its bytes */
};

struct record {
    struct mixer *mixer;
    struct audio_output *file; /* NULL: no sound file */
    float *piece;
    pthread_t thread;
    bool threaded;
    atomic_bool stop;
    _Atomic uint64_t frames;
    struct dm_error file_err; /* the thread's */

    char *midi_path;
    bool midi_overwrite;
    int64_t began; /* heard frame of tick 0 */
    struct recorded *events;
    size_t event_count, event_room;
    uint8_t *bytes;
    size_t byte_count, byte_room;
    bool midi_failed; /* out of memory */
};

/* ---- the sound ---- */

static void write_some(struct record *r)
{
    uint32_t count;
    for (count = 0; count < PIECE_FRAMES && ring_pop(&r->mixer->tap, r->piece + (size_t)count * r->mixer->channels); count++)
        ;
    if (count && r->file_err.status == DM_OK)
        r->file->ops->write(r->file, r->piece, count, &r->file_err);
    atomic_fetch_add(&r->frames, count);
}

static void *write_sound(void *context)
{
    struct record *r = context;
    while (!atomic_load(&r->stop) || ring_used(&r->mixer->tap)) {
        write_some(r);
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
    r->threaded = pthread_create(&r->thread, NULL, write_sound, r) == 0;
    if (!r->threaded)
        return dm_fail(err, DM_ERR_NOMEM, "no thread for recording");
    atomic_store(&r->mixer->tapping, true);
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
    if (!r->midi_path || r->midi_failed)
        return;
    if (r->event_count == r->event_room) {
        size_t room = r->event_room ? r->event_room * 2 : 1024;
        struct recorded *grown = dm_realloc(r->events, room, sizeof *grown);
        r->midi_failed = !grown;
        if (!grown)
            return;
        r->events = grown;
        r->event_room = room;
    }
    if (r->byte_room - r->byte_count < size) {
        size_t room = (r->byte_room + size) * 2 + 4096;
        uint8_t *grown = dm_realloc(r->bytes, room, 1);
        r->midi_failed = !grown;
        if (!grown)
            return;
        r->bytes = grown;
        r->byte_room = room;
    }
    r->events[r->event_count++] = (struct recorded){frame, group, size, r->byte_count};
    memcpy(r->bytes + r->byte_count, bytes, size);
    r->byte_count += size;
}

static size_t put_variable(uint8_t *at, uint32_t value)
{
    size_t count = 0;
    for (int shift = 28; shift >= 0; shift -= 7)
        if (shift == 0 || value >> shift)
            at[count++] = (uint8_t)((value >> shift & 127) | (shift ? 128u : 0u));
    return count;
}

static void put_be(uint8_t *at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

enum { HEAD_BYTES = 14, TRACK_HEAD_BYTES = 8 };

/* One track; one tick is one frame: division and tempo multiply to the sample rate. */
static void put_head(const struct record *r, uint8_t head[HEAD_BYTES + TRACK_HEAD_BYTES], uint32_t track_bytes, uint32_t *tempo_us)
{
    uint32_t halvings = 2;
    while (r->mixer->rate / halvings > 0x7FFF)
        halvings *= 2;
    *tempo_us = 1000000 / halvings;
    memcpy(head, "MThd", 4);
    put_be(head + 4, 6, 4);
    put_be(head + 8, 0, 2);
    put_be(head + 10, 1, 2);
    put_be(head + 12, r->mixer->rate / halvings, 2);
    memcpy(head + 14, "MTrk", 4);
    put_be(head + 18, track_bytes, 4);
}

/* Bytes of an event before its data: delta time, perhaps the port, F0 and length of a system exclusive. */
static size_t put_lead(uint8_t at[24], const struct recorded *e, const uint8_t *bytes, uint32_t delta, uint32_t *group)
{
    size_t n = put_variable(at, delta);
    if (e->group != *group) {
        static const uint8_t port[] = {0xFF, 0x21, 1};
        memcpy(at + n, port, sizeof port);
        n += sizeof port;
        at[n++] = (uint8_t)(e->group - 1);
        at[n++] = 0; /* delta of the event itself */
        *group = e->group;
    }
    if (bytes[0] == 0xF0) {
        at[n++] = 0xF0;
        n += put_variable(at + n, e->size - 1);
    }
    return n;
}

/* The track's events, to FILE or, if that is NULL, only counted. */
static enum dm_status put_track(const struct record *r, uint32_t tempo_us, struct outfile *file, uint64_t *total, struct dm_error *err)
{
    uint8_t tempo[7] = {0, 0xFF, 0x51, 3};
    static const uint8_t end[] = {0, 0xFF, 0x2F, 0};
    uint32_t group = 1;
    int64_t last = r->began;
    put_be(tempo + 4, tempo_us, 3);
    enum dm_status status = file ? outfile_write(file, tempo, sizeof tempo, err) : DM_OK;
    *total = sizeof tempo + sizeof end;
    for (size_t i = 0; i < r->event_count && status == DM_OK; i++) {
        const struct recorded *e = &r->events[i];
        const uint8_t *bytes = r->bytes + e->at;
        int64_t delta = e->frame > last ? e->frame - last : 0;
        uint8_t lead[24];
        if (bytes[0] > 0xF0) /* real time has no place in a file */
            continue;
        last += delta;
        size_t n = put_lead(lead, e, bytes, delta > 0x0FFFFFFF ? 0x0FFFFFFF : (uint32_t)delta, &group);
        uint32_t skip = bytes[0] == 0xF0;
        *total += n + e->size - skip;
        if (file)
            status = outfile_write(file, lead, n, err);
        if (file && status == DM_OK)
            status = outfile_write(file, bytes + skip, e->size - skip, err);
    }
    return status == DM_OK && file ? outfile_write(file, end, sizeof end, err) : status;
}

static enum dm_status end_midi(const struct record *r, struct dm_error *err)
{
    struct outfile file;
    uint8_t head[HEAD_BYTES + TRACK_HEAD_BYTES];
    uint64_t total;
    uint32_t tempo_us;
    if (!r->midi_path)
        return DM_OK;
    put_track(r, 0, NULL, &total, err);
    if (r->midi_failed || total > UINT32_MAX)
        return dm_fail(err, DM_ERR_NOMEM, "%s: too much MIDI for memory or for a file", r->midi_path);
    put_head(r, head, (uint32_t)total, &tempo_us);
    enum dm_status status = outfile_open(&file, r->midi_path, r->midi_overwrite, err);
    if (status != DM_OK)
        return status;
    status = outfile_write(&file, head, sizeof head, err);
    if (status == DM_OK)
        status = put_track(r, tempo_us, &file, &total, err);
    struct dm_error closing = {0};
    enum dm_status closed = outfile_close(&file, status == DM_OK, &closing);
    if (status == DM_OK && closed != DM_OK)
        *err = closing;
    return status == DM_OK ? closed : status;
}

/* ---- both ---- */

static void free_record(struct record *r)
{
    dm_free(r->piece);
    dm_free(r->midi_path);
    dm_free(r->events);
    dm_free(r->bytes);
    dm_free(r);
}

enum dm_status record_begin(struct mixer *mixer, const struct dmus_output *output, const char *midi_path, struct record **out,
                            struct dm_error *err)
{
    *out = NULL;
    struct record *r = dm_calloc(1, sizeof *r);
    if (!r)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for recording");
    r->mixer = mixer;
    r->began = atomic_load(&mixer->figures.heard);
    r->midi_path = dm_strdup(midi_path);
    r->midi_overwrite = output && output->overwrite;
    enum dm_status status = midi_path && !r->midi_path ? dm_fail(err, DM_ERR_NOMEM, "no memory for recording") : DM_OK;
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

uint64_t record_frames(const struct record *record) { return atomic_load(&record->frames); }

enum dm_status record_end(struct record *r, struct dm_error *err)
{
    struct dm_error second = {0};
    enum dm_status status = end_file(r, true, err), midi = end_midi(r, &second);
    if (status == DM_OK && midi != DM_OK) {
        *err = second;
        status = midi;
    }
    free_record(r);
    return status;
}
