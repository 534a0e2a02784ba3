/* SPDX-License-Identifier: MIT */
#include "fake_mixer.h"

#include <string.h>

#include "synth/fmath.h"

struct mixer *mixer_create(const struct synth_config *config, uint32_t slots, const struct synth_memory *mem)
{
    struct mixer *mixer = mem->alloc(mem->ctx, sizeof *mixer);
    (void)config;
    if (mixer)
        mixer->slots = slots;
    return mixer;
}

void mixer_destroy(struct mixer *mixer, const struct synth_memory *mem) { mem->free(mem->ctx, mixer); }

void mixer_start(struct mixer *mixer, voice_slot slot, const struct voice_params *params)
{
    struct fake_voice *voice = &mixer->voice[slot];
    if (slot >= mixer->slots || voice->state != FAKE_FREE)
        mixer->misuse++;
    *voice = (struct fake_voice){FAKE_PLAYING, *params, params->note, params->key, 0.0f, ++mixer->started, 0.0f};
    mixer->finish[slot] = false;
}

void mixer_expect_start(struct mixer *mixer) { (void)mixer; }
void mixer_expect_steal(const struct mixer *mixer, voice_slot slot)
{
    (void)mixer;
    (void)slot;
}

static void go(struct mixer *mixer, voice_slot slot, enum fake_state state)
{
    if (slot >= mixer->slots || mixer->voice[slot].state == FAKE_FREE || mixer->voice[slot].state == FAKE_STOLEN)
        mixer->misuse++;
    mixer->voice[slot].state = state;
}

void mixer_release(struct mixer *mixer, voice_slot slot) { go(mixer, slot, FAKE_RELEASED); }
void mixer_shutdown(struct mixer *mixer, voice_slot slot) { go(mixer, slot, FAKE_SHUT_DOWN); }
void mixer_steal(struct mixer *mixer, voice_slot slot) { go(mixer, slot, FAKE_STOLEN); }

void mixer_retune(struct mixer *mixer, voice_slot slot, uint8_t note, uint8_t key, float glide_rate)
{
    mixer->voice[slot].note = note;
    mixer->voice[slot].key = key;
    mixer->voice[slot].retune_rate = glide_rate;
    mixer->retuned++;
}

float mixer_level(const struct mixer *mixer, voice_slot slot) { return (float)fm_db_to_gain((double)mixer->voice[slot].level_db); }

void mixer_render(struct mixer *mixer, uint32_t frames, float *left, float *right)
{
    float gated = (float)fake_count(mixer, FAKE_PLAYING) / 1024.0f, started = (float)mixer->started / 1024.0f;
    for (uint32_t i = 0; i < frames; i++) {
        left[i] = gated;
        right[i] = started;
    }
    mixer->frames += frames;
}

void mixer_render_buses(struct mixer *mixer, uint32_t frames, float *left, float *right, const struct bus_outputs *outputs)
{
    mixer_render(mixer, frames, left, right);
    for (uint32_t k = 0; outputs && k < outputs->count; k++)
        memset(outputs->out[k] + outputs->at, 0, frames * sizeof outputs->out[k][0]);
}

uint64_t mixer_position(const struct mixer *mixer, voice_slot slot) { return mixer->voice[slot].params.start; }

uint32_t mixer_finished(struct mixer *mixer, voice_slot *slots, uint32_t max)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < mixer->slots && count < max; i++)
        if (mixer->finish[i]) {
            mixer->finish[i] = false;
            mixer->voice[i].state = FAKE_FREE;
            slots[count++] = i;
        }
    return count;
}

void mixer_touch(struct mixer *mixer, struct channel *channel, uint32_t what)
{
    (void)mixer;
    channel->version += what != 0;
}

void mixer_set_effects(struct mixer *mixer, uint32_t effects) { mixer->effects = effects; }
void mixer_set_reverb(struct mixer *mixer, const struct synth_reverb *reverb) { mixer->reverb = *reverb; }

void mixer_set_gm2_reverb(struct mixer *mixer, uint8_t parameter, uint8_t value)
{
    mixer->gm2_reverb[parameter & 7] = value;
    mixer->gm2_calls++;
}

void mixer_set_gm2_chorus(struct mixer *mixer, uint8_t parameter, uint8_t value)
{
    mixer->gm2_chorus[parameter & 7] = value;
    mixer->gm2_calls++;
}

bool mixer_silent(const struct mixer *mixer) { return fake_count(mixer, FAKE_FREE) == mixer->slots; }

void mixer_reset(struct mixer *mixer)
{
    memset(mixer->voice, 0, sizeof mixer->voice);
    memset(mixer->finish, 0, sizeof mixer->finish);
    mixer->frames = 0;
}

void fake_finish(struct mixer *mixer, voice_slot slot) { mixer->finish[slot] = true; }

void fake_finish_all(struct mixer *mixer, enum fake_state state)
{
    for (uint32_t i = 0; i < mixer->slots; i++)
        if (mixer->voice[i].state == state)
            mixer->finish[i] = true;
}

uint32_t fake_count(const struct mixer *mixer, enum fake_state state)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < mixer->slots; i++)
        count += mixer->voice[i].state == state;
    return count;
}

voice_slot fake_find(const struct mixer *mixer, enum fake_state state, uint8_t note)
{
    voice_slot found = VOICE_NONE;
    for (uint32_t i = 0; i < mixer->slots; i++) {
        const struct fake_voice *voice = &mixer->voice[i];
        if (voice->state == state && (note > 127 || voice->note == note) &&
            (found == VOICE_NONE || voice->order > mixer->voice[found].order))
            found = i;
    }
    return found;
}
