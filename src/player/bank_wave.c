/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "bank.h"
#include "base/alloc.h"
#include "image.h"

static bool big_endian(void)
{
    const uint16_t probe = 1;
    return *(const uint8_t *)&probe == 0;
}

static void to_little_endian(int16_t *samples, uint32_t count)
{
    if (!big_endian())
        return;
    for (uint32_t i = 0; i < count; i++)
        store_le16((uint8_t *)&samples[i], (uint16_t)samples[i]);
}

static enum dm_status build(struct dmus_bank *bank, uint32_t wave, uint32_t append_frames, struct wave_image **out,
                            struct dm_error *err)
{
    struct bank_wave w;
    bank->ops->wave(bank, wave, &w);
    uint64_t size = image_wave_size(w.frames, append_frames);
    if (size > UINT32_MAX)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "wave %u '%s' is beyond 4 GiB", (unsigned)wave, w.name);
    size_t head = (sizeof(struct wave_image) + 63) & ~(size_t)63;
    if (size > SIZE_MAX - head)
        return dm_fail(err, DM_ERR_NOMEM, "wave %u '%s': no memory", (unsigned)wave, w.name);
    uint8_t *block = dm_calloc_aligned(64, head + (size_t)size);
    if (!block)
        return dm_fail(err, DM_ERR_NOMEM, "wave %u '%s': no memory for %u frames", (unsigned)wave, w.name,
                       (unsigned)w.frames);
    struct wave_image *image = (struct wave_image *)(void *)block;
    image->users = 1;
    image->wave = wave;
    image->id = image_next_id();
    image->frames = w.frames;
    image->append_frames = append_frames;
    image->size = (size_t)size;
    image->bytes = block + head;
    int16_t *samples = image_wave_begin(image->bytes, image->id, w.sample_rate, w.frames, append_frames);
    enum dm_status status = bank->ops->decode(bank, wave, 0, w.frames, samples, err);
    if (status != DM_OK) {
        dm_free_aligned(block);
        return status;
    }
    to_little_endian(samples, w.frames);
    bank->ops->forget(bank, wave);
    *out = image;
    return DM_OK;
}

/* ---- idle images, under image_lock ---- */

static void idle_remove(struct idle_images *idle, struct wave_image *image)
{
    *(image->older ? &image->older->newer : &idle->oldest) = image->newer;
    *(image->newer ? &image->newer->older : &idle->newest) = image->older;
    image->older = image->newer = NULL;
    idle->bytes -= image->size;
}

static void idle_add(struct idle_images *idle, struct wave_image *image)
{
    image->older = idle->newest;
    *(idle->newest ? &idle->newest->newer : &idle->oldest) = image;
    idle->newest = image;
    idle->bytes += image->size;
}

/* ---- the table ---- */

/* The slot of WAVE, or NULL if there is no memory to grow it. Under image_lock. */
static struct wave_image **slot(struct dmus_bank *bank, uint32_t wave)
{
    if (wave >= bank->image_capacity) {
        uint32_t capacity = bank->image_capacity ? bank->image_capacity : 64;
        while (capacity <= wave)
            capacity = capacity <= UINT32_MAX / 2 ? capacity * 2 : UINT32_MAX;
        struct wave_image **grown = dm_realloc(bank->images, capacity, sizeof *grown);
        if (!grown)
            return NULL;
        memset(grown + bank->image_capacity, 0, (capacity - bank->image_capacity) * sizeof *grown);
        bank->images = grown;
        bank->image_capacity = capacity;
    }
    return &bank->images[wave];
}

/* Nobody plays it, and the bank does not keep it */
static bool is_idle(const struct wave_image *image) { return image->users == 0 && !image->kept; }

/* The image at *AT with one more user; NULL: there is none, or none that has so much room behind its data. */
static struct wave_image *use(struct dmus_bank *bank, struct wave_image **at, uint32_t append_frames)
{
    struct wave_image *image = at ? *at : NULL;
    if (!image || image->append_frames < append_frames)
        return NULL;
    if (is_idle(image))
        idle_remove(&bank->idle, image);
    image->users++;
    return image;
}

/* A new image into the table, unless one with less room is in use there: then it is its user's alone. */
static void publish(struct dmus_bank *bank, struct wave_image *image)
{
    struct bank_wave w;
    bank->ops->wave(bank, image->wave, &w);
    pthread_mutex_lock(&bank->image_lock);
    struct wave_image **at = &bank->images[image->wave], *before = *at;
    bank->touched = true;
    if (before && before->users == 0) {
        if (is_idle(before))
            idle_remove(&bank->idle, before);
        *at = NULL;
        dm_free_aligned(before);
    }
    if (!*at) {
        *at = image;
        image->kept = w.costly;
    }
    pthread_mutex_unlock(&bank->image_lock);
}

/* The table may move while a wave is decoded: it is only touched under image_lock. The wave's own lock keeps two renders from
 * decoding the same wave. */
enum dm_status bank_wave_image(struct dmus_bank *bank, uint32_t wave, uint32_t append_frames, struct wave_image **out,
                               struct dm_error *err)
{
    pthread_mutex_t *own = &bank->wave_lock[wave % WAVE_LOCKS];
    pthread_mutex_lock(own);
    pthread_mutex_lock(&bank->image_lock);
    struct wave_image **at = slot(bank, wave);
    *out = use(bank, at, append_frames);
    pthread_mutex_unlock(&bank->image_lock);

    enum dm_status status = DM_OK;
    if (!at) {
        status = dm_fail(err, DM_ERR_NOMEM, "no memory for the wave table");
    } else if (!*out) {
        status = build(bank, wave, append_frames, out, err);
        if (status == DM_OK)
            publish(bank, *out);
    }
    pthread_mutex_unlock(own);
    return status;
}

/* The oldest idle ones that are too many */
static void free_oldest(struct dmus_bank *bank)
{
    while (bank->idle.bytes > IDLE_BYTES_MAX) {
        struct wave_image *image = bank->idle.oldest;
        idle_remove(&bank->idle, image);
        bank->images[image->wave] = NULL;
        dm_free_aligned(image);
    }
}

void wave_image_release(struct dmus_bank *bank, struct wave_image *image)
{
    if (!image)
        return;
    pthread_mutex_lock(&bank->image_lock);
    image->users--;
    if (bank->images[image->wave] != image) {
        if (image->users == 0)
            dm_free_aligned(image);
    } else if (is_idle(image)) {
        idle_add(&bank->idle, image);
        free_oldest(bank);
    }
    pthread_mutex_unlock(&bank->image_lock);
}

void bank_forget(struct dmus_bank *bank)
{
    pthread_mutex_lock(&bank->image_lock);
    bool touched = bank->touched;
    bank->touched = false;
    pthread_mutex_unlock(&bank->image_lock);
    if (touched)
        mapfile_forget(&bank->file, bank->bytes.data, bank->bytes.size);
}

void bank_free_images(struct dmus_bank *bank)
{
    for (uint32_t i = 0; i < bank->image_capacity; i++)
        dm_free_aligned(bank->images[i]);
    dm_free(bank->images);
}
