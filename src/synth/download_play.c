/* SPDX-License-Identifier: MIT */
#include "downloads.h"

/*
 * Download types 4 to 6 of DirectX 8. Only the fields' names are public (spec/ddi-user.md 4.4, 14 item 5). The reading here:
 *
 * Types 5 and 6, one buffer of a stream and a whole wave. Entry 0 is the DMUS_WAVEDL with its cbWaveData bytes of samples right
 * behind it, as DMUS_WAVEDATA has them. Something must tell the format: entry 1 is a DMUS_WAVE, whose ulWaveDataIdx is 0, the root.
 *
 * Type 4, how to play them. ulDownloadIdIdx names an array of ulBuffers dwDLIds: of one wave of type 6, or of the buffers of a
 * stream, type 5, in the order they are played, round and round. They must be there, all in one format, and a buffer belongs to
 * one articulation.
 *   ulBus        0xFFFFFFFF: the buses of the channel that plays it. Another number: this bus alone, at full level and without
 *                pan; the channel's sends stay.
 *   ulMasterDLId dwDLId of the wave articulation whose voice this one is locked to in pitch and, for one-shots, in position:
 *                two mono waves make a stereo one. Its own, or one that is not playing: it is its own master.
 *   usOptions    bit 0, F_RGN_OPTION_SELFNONEXCLUSIVE: clear, a second voice of it on the same channel ends the first.
 */
enum { WAVEDL_SIZE = 4, WAVEARTDL_SIZE = 20, SELF_NON_EXCLUSIVE = 1, CHANNEL_LEFT = 1, CHANNEL_RIGHT = 2 };

enum synth_status download_play_wave(const struct synth_memory *mem, const struct image *image, struct synth_download *download)
{
    struct span root;
    uint32_t data_index;
    struct wave *wave = &download->wave;
    enum synth_status status = image_object(image, 0, WAVEDL_SIZE, SYNTH_BAD_WAVE, &root);
    if (status == SYNTH_OK)
        status = download_wave_format(image, 1, wave, &data_index);
    if (status != SYNTH_OK)
        return status;
    uint32_t bytes = load_le32(root.data);
    size_t room = root.size - WAVEDL_SIZE;
    if (data_index != 0 || bytes > room)
        return SYNTH_BAD_WAVE;
    wave->frames = wave->eight_bit ? bytes : bytes / 2;
    download->bytes = bytes;
    if (download->kind == DOWNLOAD_ONE_SHOT) {
        download->plays = wave;
        download->self_non_exclusive = true;
        return download_wave_samples(mem, root.data + WAVEDL_SIZE, download);
    }
    download->buffer.data = root.data + WAVEDL_SIZE;
    download->buffer.room = (uint32_t)room;
    atomic_init(&download->buffer.frames, wave->frames);
    atomic_init(&download->buffer.state, STREAM_FULL);
    return SYNTH_OK;
}

/* ---- type 4 ------------------------------------------------------------- */

static struct synth_download *find_part(const struct downloads *downloads, uint32_t id)
{
    struct synth_download *part = downloads_find(downloads, id, DOWNLOAD_STREAM_BUFFER);
    return part ? part : downloads_find(downloads, id, DOWNLOAD_ONE_SHOT);
}

/* The buffers that IDS name into DOWNLOAD->parts. */
static enum synth_status find_parts(const struct downloads *downloads, const uint8_t *ids, struct synth_download *download)
{
    for (uint32_t i = 0; i < download->part_count; i++) {
        struct synth_download *part = find_part(downloads, load_le32(ids + 4 * (size_t)i));
        const struct synth_download *first = i ? download->parts[0] : part;
        if (!part || part->stream_owner)
            return SYNTH_BAD_WAVE_LINK;
        if (part->kind != first->kind || part->wave.eight_bit != first->wave.eight_bit ||
            part->wave.sample_rate != first->wave.sample_rate || (part->kind == DOWNLOAD_ONE_SHOT && download->part_count > 1))
            return SYNTH_BAD_ARTICULATION;
        for (uint32_t k = 0; k < i; k++)
            if (download->parts[k] == part)
                return SYNTH_BAD_ARTICULATION;
        download->parts[i] = part;
    }
    return SYNTH_OK;
}

static enum synth_status make_stream(const struct synth_memory *mem, struct synth_download *download)
{
    struct stream *stream = mem->alloc(mem->ctx, sizeof *stream + download->part_count * sizeof stream->buffer[0]);
    if (!stream)
        return SYNTH_NOMEM;
    stream->count = download->part_count;
    stream->eight_bit = download->parts[0]->wave.eight_bit;
    for (uint32_t i = 0; i < stream->count; i++)
        stream->buffer[i] = &download->parts[i]->buffer;
    stream_begin(stream);
    download->stream = stream;
    return SYNTH_OK;
}

static enum synth_status read_bus(const struct synth_memory *mem, uint32_t bus, bool mono, struct synth_download *download)
{
    const uint32_t ids[] = {bus, BUS_ID_REVERB, BUS_ID_CHORUS};
    if (bus == BUS_ID_NULL)
        return SYNTH_OK;
    download->bus_channel = buses_side(bus) == BUS_SIDE_LEFT    ? CHANNEL_LEFT
                            : buses_side(bus) == BUS_SIDE_RIGHT ? CHANNEL_RIGHT
                                                                : CHANNEL_LEFT | CHANNEL_RIGHT;
    return buses_make(mem, ids, 3, mono, &download->buses);
}

static enum synth_status read_articulation(struct downloads *downloads, const struct image *image, bool mono,
                                           struct synth_download *download)
{
    const struct synth_memory *mem = &downloads->mem;
    struct span root, ids;
    enum synth_status status = image_object(image, 0, WAVEARTDL_SIZE, SYNTH_BAD_ARTICULATION, &root);
    if (status != SYNTH_OK)
        return status;
    uint32_t index = load_le32(root.data), buffers = load_le32(root.data + 8);
    if (index == 0 || buffers == 0)
        return SYNTH_BAD_ARTICULATION;
    status = image_object(image, index, 4, SYNTH_BAD_ARTICULATION, &ids);
    if (status != SYNTH_OK)
        return status;
    if (buffers > ids.size / 4 || buffers > SYNTH_STREAM_BUFFERS_MAX)
        return SYNTH_BAD_ARTICULATION;
    download->parts = mem->alloc(mem->ctx, buffers * sizeof *download->parts);
    if (!download->parts)
        return SYNTH_NOMEM;
    download->part_count = buffers;
    download->master_id = load_le32(root.data + 12);
    download->self_non_exclusive = load_le16(root.data + 16) & SELF_NON_EXCLUSIVE;
    status = find_parts(downloads, ids.data, download);
    if (status == SYNTH_OK && download->parts[0]->kind == DOWNLOAD_STREAM_BUFFER)
        status = make_stream(mem, download);
    if (status == SYNTH_OK)
        status = read_bus(mem, load_le32(root.data + 4), mono, download);
    return status;
}

enum synth_status download_play_articulation(struct downloads *downloads, const struct image *image, bool mono,
                                             struct synth_download *download)
{
    enum synth_status status = read_articulation(downloads, image, mono, download);
    if (status != SYNTH_OK) {
        download->part_count = 0; /* none is counted yet */
        download_drop_articulation(&downloads->mem, download);
        return status;
    }
    download->wave.download_id = image->id;
    download->plays = &download->parts[0]->wave;
    for (uint32_t i = 0; i < download->part_count; i++) {
        download->parts[i]->references++;
        download->parts[i]->stream_owner = download->stream ? download : NULL;
    }
    return SYNTH_OK;
}

void download_drop_articulation(const struct synth_memory *mem, struct synth_download *download)
{
    for (uint32_t i = 0; i < download->part_count; i++) {
        download->parts[i]->references--;
        download->parts[i]->stream_owner = NULL;
    }
    mem->free(mem->ctx, download->parts);
    mem->free(mem->ctx, download->stream);
    mem->free(mem->ctx, download->buses);
    download->parts = NULL;
    download->stream = NULL;
    download->buses = NULL;
    download->part_count = 0;
}
