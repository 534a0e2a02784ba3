/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "formats/sf2_internal.h"
#include "formats/vorbis_library.h"

/* A packet takes at least one byte and its lacing value, and gives at most half of the largest block of 8192
 * (Vorbis I section 4.2.2): a stream that claims more frames lies about its length. */
enum { MOST_FRAMES_PER_BYTE = 2048 };

/* RFC 3533 section 6: bytes up to the lacing values, and a flag of the header type. */
enum { PAGE_HEADER = 27, PAGE_BEGINS_STREAM = 2 };

struct memory_stream {
    struct span bytes;
    size_t pos;
};

static size_t stream_read(void *out, size_t size, size_t count, void *source)
{
    struct memory_stream *m = source;
    size_t left = m->bytes.size - m->pos, want = count < left / size ? count * size : left / size * size;
    memcpy(out, m->bytes.data + m->pos, want);
    m->pos += want;
    return want / size;
}

static int stream_seek(void *source, ogg_int64_t offset, int whence)
{
    struct memory_stream *m = source;
    ogg_int64_t base = whence == SEEK_CUR ? (ogg_int64_t)m->pos : whence == SEEK_END ? (ogg_int64_t)m->bytes.size : 0;
    ogg_int64_t end = (ogg_int64_t)m->bytes.size;
    if (offset < -base || offset > end - base)
        return -1;
    m->pos = (size_t)(base + offset);
    return 0;
}

static long stream_tell(void *source) { return (long)((const struct memory_stream *)source)->pos; }

/* A sample is one logical stream. libvorbisfile 1.3.7 would read chained and multiplexed ones as well, but leaks when
 * the headers of a later link are damaged (found by fuzz_sf3), so that they are refused before it sees them. */
static bool is_single(struct span bytes)
{
    const uint8_t *p = bytes.data;
    if (bytes.size < PAGE_HEADER || memcmp(p, "OggS", 4) != 0)
        return false;
    const uint32_t serial = load_le32(p + 14);
    for (size_t at = 1; range_within(at, PAGE_HEADER, bytes.size); at++) {
        const uint8_t *hit = memchr(p + at, 'O', bytes.size - at - (PAGE_HEADER - 1));
        if (!hit)
            break;
        at = (size_t)(hit - p);
        if (memcmp(hit, "OggS", 4) == 0 && (load_le32(hit + 14) != serial || hit[5] & PAGE_BEGINS_STREAM))
            return false;
    }
    return true;
}

/* On true the caller ends FILE with ov_clear. MEMORY must outlive it. */
static bool stream_open(struct span bytes, struct memory_stream *memory, OggVorbis_File *file, uint32_t *frames)
{
    static const ov_callbacks callbacks = {stream_read, stream_seek, NULL, stream_tell};
    *memory = (struct memory_stream){bytes, 0};
    if (bytes.size > INT32_MAX || !is_single(bytes) || ov_open_callbacks(memory, file, NULL, 0, callbacks) != 0)
        return false;
    ogg_int64_t total = ov_pcm_total(file, -1);
    if (total > 0 && total <= UINT32_MAX && (uint64_t)total / MOST_FRAMES_PER_BYTE <= bytes.size) {
        *frames = (uint32_t)total;
        return true;
    }
    ov_clear(file);
    return false;
}

static int16_t to_16_bit(float value)
{
    float scaled = value * 32768.0f;
    if (!(scaled > -32768.0f)) /* not a number as well */
        return INT16_MIN;
    if (scaled >= 32767.0f)
        return INT16_MAX;
    return (int16_t)(scaled < 0.0f ? scaled - 0.5f : scaled + 0.5f);
}

/* Frames [first, first + frames) into OUT; returns the frame at which the stream ended or that one was reached. */
static uint64_t decode_until(OggVorbis_File *file, uint64_t first, uint64_t end, int16_t *out)
{
    uint64_t at = 0;
    while (at < end) {
        float **channels;
        int link;
        long got = ov_read_float(file, &channels, 4096, &link);
        if (got == OV_HOLE)
            continue; /* each one uses up pages, so this ends */
        if (got <= 0)
            break;
        for (long i = 0; i < got && at < end; i++, at++)
            if (at >= first)
                out[at - first] = to_16_bit(channels[0][i]);
    }
    return at;
}

uint32_t sf2_vorbis_frames(struct span stream)
{
    struct memory_stream memory;
    OggVorbis_File file;
    uint32_t frames;
    if (vorbis_library_load(NULL) != DM_OK || !stream_open(stream, &memory, &file, &frames))
        return 0;
    ov_clear(&file);
    return frames;
}

enum dm_status sf2_vorbis_decode(struct span stream, uint32_t first, uint32_t frames, int16_t *out,
                                 struct dm_error *err)
{
    struct memory_stream memory;
    OggVorbis_File file;
    uint32_t total;
    enum dm_status status = vorbis_library_load(err);
    if (status != DM_OK)
        return status;
    if (!stream_open(stream, &memory, &file, &total))
        return dm_fail(err, DM_ERR_FORMAT, "broken Ogg Vorbis stream");
    uint64_t end = (uint64_t)first + frames, reached = 0;
    if (end <= total)
        reached = decode_until(&file, first, end, out);
    ov_clear(&file);
    if (end > total)
        return dm_fail(err, DM_ERR_ARGUMENT, "frames %lu to %llu of %lu", (unsigned long)first,
                       (unsigned long long)end, (unsigned long)total);
    if (reached < end)
        return dm_fail(err, DM_ERR_FORMAT, "Ogg Vorbis stream breaks at frame %llu of %lu",
                       (unsigned long long)reached, (unsigned long)total);
    return DM_OK;
}
