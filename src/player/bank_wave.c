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
    refcount_init(&image->refs, 1);
    image->id = image_next_id();
    image->frames = w.frames;
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

/* The slot of WAVE in the table, or NULL if there is no memory to grow it. Under image_lock. */
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

/* The table may move while a wave is decoded: it is only touched under image_lock. The wave's own lock keeps two renders from
 * decoding the same wave. */
enum dm_status bank_wave_image(struct dmus_bank *bank, uint32_t wave, uint32_t append_frames, struct wave_image **out,
                               struct dm_error *err)
{
    pthread_mutex_t *own = &bank->wave_lock[wave % WAVE_LOCKS];
    *out = NULL;
    pthread_mutex_lock(own);
    pthread_mutex_lock(&bank->image_lock);
    struct wave_image **at = slot(bank, wave);
    struct wave_image *image = at ? *at : NULL;
    if (image)
        refcount_add(&image->refs);
    pthread_mutex_unlock(&bank->image_lock);

    enum dm_status status = DM_OK;
    if (!at) {
        status = dm_fail(err, DM_ERR_NOMEM, "no memory for the wave table");
    } else if (!image) {
        status = build(bank, wave, append_frames, &image, err);
        if (status == DM_OK) {
            struct bank_wave w;
            bank->ops->wave(bank, wave, &w);
            if (w.costly)
                refcount_add(&image->refs); /* the bank's own */
            pthread_mutex_lock(&bank->image_lock);
            bank->images[wave] = image;
            pthread_mutex_unlock(&bank->image_lock);
        }
    }
    pthread_mutex_unlock(own);
    *out = image;
    return status;
}

void wave_image_release(struct dmus_bank *bank, uint32_t wave, struct wave_image *image)
{
    if (!image)
        return;
    pthread_mutex_lock(&bank->image_lock);
    bool last = refcount_release(&image->refs) == 0;
    if (last)
        bank->images[wave] = NULL;
    pthread_mutex_unlock(&bank->image_lock);
    if (last)
        dm_free_aligned(image);
}
