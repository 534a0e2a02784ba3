/* SPDX-License-Identifier: MIT */
/*
 * Sound files through libsndfile. Samples are converted here, in blocks of one
 * size however the writer cuts them, so that rounding, the count of limited
 * samples and the encoders' bytes depend on the sound alone.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "convert.h"
#include "file_stamp.h"
#include "file_type.h"
#include "ogg_pages.h"
#include "outputs.h"
#include "sndfile_library.h"
#include "target.h"
#include "wav_stream.h"

/* Encoders get blocks of the first size. What is written as it is goes out in larger ones, since the system takes a large write for
 * less: 47 MB in pieces of 16 KB took it 31 to 48 ms, in pieces of 128 KB 20 to 27 (ext4, Linux 6.18). */
enum { BLOCK_FRAMES = 4096, PLAIN_FRAMES = 16384, MOST_CHANNELS = 2 };

struct file_output {
    struct audio_output base;
    const struct file_type *type;
    enum sample_format format; /* of the samples handed on */
    bool float_input;
    uint32_t channels;
    uint64_t frames, most_frames;
    uint64_t clipped;
    struct target target;
    SNDFILE *sound; /* NULL: WAV down a pipe */
    struct ogg_pages *pages; /* NULL: not Ogg */
    size_t staged, room;     /* frames */
    union {
        int16_t s16[PLAIN_FRAMES * MOST_CHANNELS];
        int32_t s24[PLAIN_FRAMES * MOST_CHANNELS];
        float f32[PLAIN_FRAMES * MOST_CHANNELS];
    } block;
};

/* ---- libsndfile's view of the target ---- */

static sf_count_t io_length(void *ctx) { return ((struct file_output *)ctx)->target.size; }
static sf_count_t io_tell(void *ctx) { return ((struct file_output *)ctx)->target.position; }

static sf_count_t io_seek(sf_count_t offset, int whence, void *ctx)
{
    struct target *target = &((struct file_output *)ctx)->target;
    if (whence == SEEK_CUR)
        offset += target->position;
    else if (whence == SEEK_END)
        offset += target->size;
    return target_seek(target, offset);
}

static sf_count_t io_read(void *bytes, sf_count_t size, void *ctx)
{
    return target_read(&((struct file_output *)ctx)->target, bytes, (size_t)size);
}

static bool page_out(void *ctx, const void *bytes, size_t size) { return target_write(ctx, bytes, size); }

/* Always "written": told of a failure, libsndfile 1.2.0 sets Vorbis up a second time and loses the first. The target
 * remembers the error, and every caller asks it. */
static sf_count_t io_write(const void *bytes, sf_count_t size, void *ctx)
{
    struct file_output *file = ctx;
    bool done = file->pages && !file->target.finished ? ogg_pages_add(file->pages, bytes, (size_t)size)
                                                      : target_write(&file->target, bytes, (size_t)size);
    if (!done && !file->target.error)
        file->target.error = EIO; /* not Ogg pages: the encoder's fault */
    return size;
}

/* ---- opening ---- */

/* Alike for the same song with the same settings, unlike for others, so that files can be chained (RFC 3533 4). */
static uint32_t stream_serial(const struct audio_config *config, const struct file_type *type)
{
    const char *texts[] = {type->name, config->title, config->software, config->comment};
    struct sha256 hash;
    uint8_t digest[SHA256_BYTES], numbers[8];
    store_le32(numbers, config->sample_rate);
    store_le32(numbers + 4, config->channels);
    sha256_init(&hash);
    sha256_add(&hash, numbers, sizeof numbers);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        sha256_add(&hash, texts[i] ? texts[i] : "", texts[i] ? strlen(texts[i]) + 1 : 1);
    sha256_end(&hash, digest);
    return load_le32(digest);
}

static void set_tag(SNDFILE *sound, int which, const char *text)
{
    if (text && *text)
        sf_set_string(sound, which, text); /* a container that knows no such tag goes without */
}

static enum dm_status open_sound(struct file_output *file, const struct audio_config *config, struct dm_error *err)
{
    static const int subtypes[] = {SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_FLOAT};
    enum dm_status status = sndfile_library_load(err);
    if (status != DM_OK)
        return status;
    SF_VIRTUAL_IO io = {io_length, io_seek, io_read, io_write, io_tell};
    SF_INFO info = {.samplerate = (int)config->sample_rate, .channels = (int)config->channels,
                    .format = file->type->format | (file->type->is_ogg ? 0 : subtypes[file->format])};
    file->sound = sf_open_virtual(&io, SFM_WRITE, &info, file);
    if (!file->sound) {
        status = target_error(&file->target, err);
        return status != DM_OK ? status
                               : dm_fail(err, DM_ERR_UNSUPPORTED, "%s: %s at %lu Hz: %s", config->path, file->type->name,
                                         (unsigned long)config->sample_rate, sf_strerror(NULL));
    }
    sf_command(file->sound, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE); /* it holds the time of day */
    sf_command(file->sound, SFC_RF64_AUTO_DOWNGRADE, NULL, SF_TRUE); /* EBU 3306: RF64 only once it is needed */
    set_tag(file->sound, SF_STR_TITLE, config->title);
    set_tag(file->sound, SF_STR_SOFTWARE, config->software);
    set_tag(file->sound, SF_STR_COMMENT, config->comment);
    return DM_OK;
}

static enum dm_status open_wav_stream(struct file_output *file, const struct audio_config *config, struct dm_error *err)
{
    uint8_t head[WAV_STREAM_HEAD];
    target_write(&file->target, head, wav_stream_head(config, head));
    return target_error(&file->target, err);
}

static void file_free(struct file_output *file)
{
    dm_free(file->pages);
    dm_free(file);
}

static enum dm_status open_contents(struct file_output *file, const struct audio_config *config, struct dm_error *err)
{
    if (file->target.stream && file->type->is_wav) {
        file->most_frames = UINT64_MAX;
        return open_wav_stream(file, config, err);
    }
    if (file->type->is_ogg) {
        file->pages = dm_malloc(sizeof *file->pages);
        if (!file->pages)
            return dm_fail(err, DM_ERR_NOMEM, "%s: out of memory", config->path);
        ogg_pages_init(file->pages, stream_serial(config, file->type), page_out, &file->target);
    }
    return open_sound(file, config, err);
}

static enum dm_status file_open(const struct audio_config *config, struct audio_output **out, struct dm_error *err)
{
    *out = NULL;
    enum dm_status status = audio_check_config(config, err);
    if (status != DM_OK)
        return status;
    if (!config->path)
        return dm_fail(err, DM_ERR_ARGUMENT, "no path for the sound file");
    const struct file_type *type = file_type_find(config, err);
    if (!type)
        return DM_ERR_ARGUMENT;
    if ((status = file_type_check(type, config, err)) != DM_OK)
        return status;
    struct file_output *file = dm_calloc(1, sizeof *file);
    if (!file)
        return dm_fail(err, DM_ERR_NOMEM, "%s: out of memory", config->path);
    file->base.ops = &audio_file;
    file->type = type;
    file->format = type->is_ogg ? SAMPLE_F32 : config->format;
    file->float_input = config->float_input;
    file->channels = config->channels;
    file->room = type->is_wav ? PLAIN_FRAMES : BLOCK_FRAMES;
    file->most_frames = file_type_most_frames(type, config);
    status = target_open(config->path, config->overwrite, &file->target, err);
    if (status == DM_OK)
        status = open_contents(file, config, err);
    if (status != DM_OK) {
        target_close(&file->target, false, NULL);
        file_free(file);
        return status;
    }
    *out = &file->base;
    return DM_OK;
}

/* ---- writing ---- */

/* libsndfile packs 24 bits in pieces of 8 KB; the other formats go through it as they are. */
static bool is_packed_here(const struct file_output *file)
{
    return !file->sound || (file->type->is_wav && file->format == SAMPLE_S24);
}

static bool write_packed(struct file_output *file, size_t samples)
{
    size_t size = wav_stream_pack(file->format, &file->block, samples);
    return file->sound ? sf_write_raw(file->sound, &file->block, (sf_count_t)size) == (sf_count_t)size
                       : target_write(&file->target, &file->block, size);
}

static bool write_samples(struct file_output *file, size_t frames)
{
    sf_count_t wanted = (sf_count_t)frames;
    switch (file->format) {
    case SAMPLE_S16: return sf_writef_short(file->sound, file->block.s16, wanted) == wanted;
    case SAMPLE_S24: return sf_writef_int(file->sound, file->block.s24, wanted) == wanted;
    case SAMPLE_F32: break;
    }
    return sf_writef_float(file->sound, file->block.f32, wanted) == wanted;
}

static void flush_block(struct file_output *file)
{
    size_t frames = file->staged;
    file->staged = 0;
    if (frames == 0)
        return;
    bool done = is_packed_here(file) ? write_packed(file, frames * file->channels) : write_samples(file, frames);
    if (!done && !file->target.error)
        file->target.error = EIO; /* the encoder failed although every byte went out */
}

static void stage(struct file_output *file, const void *frames, size_t from, size_t count)
{
    size_t to = file->staged * file->channels, samples = count * file->channels;
    if (file->float_input) {
        const float *in = (const float *)frames + from * file->channels;
        if (file->format == SAMPLE_S16)
            file->clipped += convert_f32_s16(file->block.s16 + to, in, samples);
        else if (file->format == SAMPLE_S24)
            file->clipped += convert_f32_s24(file->block.s24 + to, in, samples);
        else
            memcpy(file->block.f32 + to, in, samples * sizeof *in);
    } else {
        const int16_t *in = (const int16_t *)frames + from * file->channels;
        if (file->format == SAMPLE_S16)
            memcpy(file->block.s16 + to, in, samples * sizeof *in);
        else if (file->format == SAMPLE_S24)
            convert_s16_s24(file->block.s24 + to, in, samples);
        else
            convert_s16_f32(file->block.f32 + to, in, samples);
    }
    file->staged += count;
}

static enum dm_status file_write(struct audio_output *out, const void *frames, size_t count, struct dm_error *err)
{
    struct file_output *file = (struct file_output *)out;
    if (count > file->most_frames - file->frames) {
        file->target.error = EFBIG;
        return dm_fail(err, DM_ERR_WRITE, "%s: longer than 4 GiB, which WAV cannot hold; write rf64 or flac",
                       file->target.path);
    }
    file->frames += count;
    for (size_t from = 0; from < count;) {
        size_t room = file->room - file->staged, take = count - from < room ? count - from : room;
        stage(file, frames, from, take);
        from += take;
        if (file->staged == file->room)
            flush_block(file);
        if (file->target.error)
            break;
    }
    return target_error(&file->target, err);
}

static enum dm_status file_close(struct audio_output *out, bool commit, struct dm_error *err)
{
    struct file_output *file = (struct file_output *)out;
    enum dm_status status = DM_OK;
    if (commit)
        flush_block(file);
    else
        file->target.finished = true; /* libsndfile completes the file in sf_close; an abandoned one gets no more */
    if (file->sound && sf_close(file->sound) != 0 && commit && !file->target.error)
        file->target.error = EIO;
    if (commit && file->sound && file->type->is_wav && file->format == SAMPLE_F32)
        file_stamp_clear(&file->target); /* libsndfile 1.2.0 stamps RF64 although told not to */
    if (commit && file->pages && !ogg_pages_complete(file->pages) && !file->target.error)
        file->target.error = EIO;
    status = target_close(&file->target, commit, err);
    file_free(file);
    return status;
}

static uint64_t file_clipped(const struct audio_output *out) { return ((const struct file_output *)out)->clipped; }

const struct audio_output_ops audio_file = {
    .name = "file",
    .description = "sound file: WAV, RF64, FLAC, Ogg Vorbis, Opus",
    .open = file_open,
    .write = file_write,
    .close = file_close,
    .clipped = file_clipped,
};
