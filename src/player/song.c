/* SPDX-License-Identifier: MIT */
#include "song.h"

#include <string.h>

#include "bank.h"
#include "base/alloc.h"
#include "base/text.h"
#include "errors.h"

static void song_free(struct dmus_song *song)
{
    smf_free(song->smf);
    song_plan_clear(&song->plan);
    remarks_clear(&song->remarks);
    arena_clear(&song->arena);
    mapfile_close(&song->file);
    dm_free(song->copy);
    dm_free(song->path);
    dm_free(song);
}

struct dmus_song *dmus_song_ref(struct dmus_song *song)
{
    if (song)
        refcount_add(&song->refs);
    return song;
}

void dmus_song_close(struct dmus_song *song)
{
    if (song && refcount_release(&song->refs) == 0)
        song_free(song);
}

/* ---- opening ---- */

static bool is_text(const struct smf_event *event)
{
    return event->kind == SMF_META && event->meta_type >= 1 && event->meta_type <= 15;
}

static enum dm_status collect_texts(struct dmus_song *song, struct dm_error *err)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < song->smf->event_count; i++)
        count += is_text(&song->smf->events[i]);
    song->texts = arena_array(&song->arena, count ? count : 1, sizeof *song->texts);
    if (!song->texts)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for %u texts", (unsigned)count);
    for (uint32_t i = 0; i < song->smf->event_count; i++) {
        const struct smf_event *event = &song->smf->events[i];
        if (!is_text(event))
            continue;
        char *text = text_clean_arena(&song->arena, event->data, event->size);
        if (!text)
            return dm_fail(err, DM_ERR_NOMEM, "no memory for %u texts", (unsigned)count);
        song->texts[song->text_count++] = (struct song_text){event->meta_type, event->track, event->time_100ns, text};
    }
    return DM_OK;
}

static enum dm_status open_rmid(struct dmus_song *song, struct span bytes, struct span *smf,
                                const struct dm_notes *notes, struct dm_error *err)
{
    struct rmid rmid;
    enum dm_status status = rmid_read(bytes, notes, &rmid, err);
    if (status != DM_OK)
        return status;
    *smf = rmid.song;
    song->embedded = rmid.bank;
    song->bank_offset_set = rmid.bank_offset_set;
    song->bank_offset = rmid.bank_offset;
    if (rmid.title)
        song->title = arena_copy(&song->arena, rmid.title, strlen(rmid.title));
    if (rmid.copyright)
        song->copyright = arena_copy(&song->arena, rmid.copyright, strlen(rmid.copyright));
    return DM_OK;
}

static enum dm_status open_bytes(struct dmus_song *song, struct span bytes, struct dm_error *err)
{
    struct dm_notes notes = remarks_receiver(&song->remarks);
    struct span smf = bytes;
    enum dm_status status = DM_OK;
    song->kind = detect_kind(bytes);
    if (song->kind == FILE_RMID)
        status = open_rmid(song, bytes, &smf, &notes, err);
    else if (bytes.size == 0)
        status = dm_fail(err, DM_ERR_FORMAT, "empty file");
    else if (song->kind != FILE_SMF && song->kind != FILE_UNKNOWN)
        status = dm_fail(err, DM_ERR_FORMAT, "a %s bank, not a song", file_kind_name(song->kind));
    else if (song->kind == FILE_UNKNOWN)
        status = dm_fail(err, DM_ERR_FORMAT, "not a song: neither MIDI file nor RMID");
    if (status == DM_OK)
        status = smf_read(smf, &notes, &song->smf, err);
    if (status == DM_OK)
        status = song_plan_make(song->smf, &song->plan, err);
    if (status == DM_OK)
        status = collect_texts(song, err);
    if (status != DM_OK)
        return status;
    remarks_end(&song->remarks);
    if (!song->title)
        song->title = song->smf->title;
    if (!song->copyright)
        song->copyright = song->smf->copyright;
    return DM_OK;
}

static enum dm_status song_create(const char *name, struct span bytes, struct dmus_song **out, struct dm_error *err)
{
    struct dmus_song *song = dm_calloc(1, sizeof *song);
    if (song)
        song->path = dm_strdup(name);
    if (!song || !song->path) {
        dm_free(song);
        return dm_fail(err, DM_ERR_NOMEM, "%s: no memory", name);
    }
    refcount_init(&song->refs, 1);
    enum dm_status status = open_bytes(song, bytes, err);
    if (status != DM_OK) {
        song_free(song);
        return error_at(err, status, name);
    }
    *out = song;
    return DM_OK;
}

enum dmus_status dmus_song_open(const char *path, struct dmus_song **out, struct dmus_error *err)
{
    if (out)
        *out = NULL;
    if (!out || !path)
        return error_argument(err, "dmus_song_open: no path or no place for the song");
    struct dm_error inner = {0};
    struct mapped_file file;
    enum dm_status status = mapfile_open(path, &file, &inner);
    if (status == DM_OK) {
        status = song_create(strcmp(path, "-") == 0 ? "standard input" : path, file.bytes, out, &inner);
        if (status == DM_OK && (*out)->embedded.size)
            (*out)->file = file; /* the bank is read from it later */
        else
            mapfile_close(&file);
    }
    return error_public(err, status, &inner);
}

enum dmus_status dmus_song_open_memory(const void *data, size_t size, const char *name, struct dmus_song **out,
                                       struct dmus_error *err)
{
    if (out)
        *out = NULL;
    if (!out || (!data && size))
        return error_argument(err, "dmus_song_open_memory: no data or no place for the song");
    struct dm_error inner = {0};
    uint8_t *copy = dm_malloc(size ? size : 1);
    if (!copy)
        return error_public(err, DM_ERR_NOMEM, NULL);
    if (size)
        memcpy(copy, data, size);
    enum dm_status status = song_create(name ? name : "memory", (struct span){copy, size}, out, &inner);
    if (status == DM_OK && (*out)->embedded.size)
        (*out)->copy = copy;
    else
        dm_free(copy);
    return error_public(err, status, &inner);
}

/* ---- what is in it ---- */

enum dmus_status dmus_song_get_info(const struct dmus_song *song, struct dmus_song_info *info)
{
    if (!song || !abi_fits(info, sizeof *info))
        return DMUS_ERR_ARGUMENT;
    uint32_t programs = 0;
    for (uint32_t i = 0; i < song->plan.count; i++)
        programs += song->plan.uses[i].notes > 0;
    struct dmus_song_info ours = {
        .kind = song->kind == FILE_RMID ? DMUS_KIND_RMID : DMUS_KIND_SMF,
        .path = song->path,
        .title = song->title,
        .copyright = song->copyright,
        .format = song->smf->format,
        .division = song->smf->division,
        .tracks = song->smf->track_count,
        .ports = song->smf->port_count,
        .channels = song->plan.channels,
        .events = song->smf->event_count,
        .notes = song->smf->note_count,
        .programs = programs,
        .texts = song->text_count,
        .remarks = song->remarks.count,
        .embedded_kind = song->embedded.size ? (uint32_t)detect_kind(song->embedded) : DMUS_KIND_UNKNOWN,
        .seconds = (double)song->smf->duration_100ns * 1e-7,
        .last_event_seconds = (double)song->smf->last_event_100ns * 1e-7,
    };
    abi_store(info, &ours, sizeof ours);
    return DMUS_OK;
}

enum dmus_status dmus_song_get_program(const struct dmus_song *song, uint32_t index, struct dmus_program_info *info)
{
    if (!song || !abi_fits(info, sizeof *info))
        return DMUS_ERR_ARGUMENT;
    for (uint32_t i = 0; i < song->plan.count; i++) {
        const struct plan_use *use = &song->plan.uses[i];
        if (use->notes == 0 || index-- > 0)
            continue;
        struct dmus_program_info ours = {
            .patch = use->patch,
            .port = use->port,
            .channel = use->channel,
            .notes = use->notes,
            .key_low = use->key_low,
            .key_high = use->key_high,
            .seconds = (double)use->time_100ns * 1e-7,
            .gm_name = dmus_gm_name(use->patch),
        };
        abi_store(info, &ours, sizeof ours);
        return DMUS_OK;
    }
    return DMUS_ERR_NOT_FOUND;
}

enum dmus_status dmus_song_get_text(const struct dmus_song *song, uint32_t index, struct dmus_text_info *info)
{
    if (!song || !abi_fits(info, sizeof *info))
        return DMUS_ERR_ARGUMENT;
    if (index >= song->text_count)
        return DMUS_ERR_NOT_FOUND;
    const struct song_text *text = &song->texts[index];
    struct dmus_text_info ours = {
        .type = text->type, .track = text->track, .seconds = (double)text->time_100ns * 1e-7, .text = text->text};
    abi_store(info, &ours, sizeof ours);
    return DMUS_OK;
}

const char *dmus_song_get_remark(const struct dmus_song *song, uint32_t index)
{
    return song ? remarks_get(&song->remarks, index) : NULL;
}
