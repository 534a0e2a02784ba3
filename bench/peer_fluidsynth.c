/* SPDX-License-Identifier: MIT */
/*
 * FluidSynth as a peer to be measured: its shared library, if the machine has
 * it, loaded while the program runs and called through the few functions of
 * its public interface that are declared here.
 */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "contender.h"

enum { BLOCK = 64 }; /* its own */

struct api {
    void *(*new_settings)(void);
    void (*delete_settings)(void *);
    int (*setnum)(void *, const char *, double);
    int (*setint)(void *, const char *, int);
    void *(*new_synth)(void *);
    void (*delete_synth)(void *);
    int (*sfload)(void *, const char *, int);
    int (*noteon)(void *, int, int, int);
    int (*set_interp)(void *, int, int);
    int (*cc)(void *, int, int, int);
    int (*voices)(void *);
    int (*write_float)(void *, int, void *, int, int, void *, int, int);
    void *(*set_log)(int, void *, void *);
};

struct peer {
    void *library;
    struct api api;
    void *settings, *synth;
    float left[BLOCK], right[BLOCK];
};

/* ---- a bank of its format: the same wave and articulation --------------------------- */

struct sf2 {
    unsigned char bytes[1 << 16];
    uint32_t size;
};

static void put(struct sf2 *f, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        f->bytes[f->size++] = (unsigned char)(value >> 8 * i);
}

static void put_name(struct sf2 *f, const char *name, unsigned room)
{
    memset(f->bytes + f->size, 0, room);
    memcpy(f->bytes + f->size, name, strlen(name));
    f->size += room;
}

static uint32_t begin(struct sf2 *f, const char *id, const char *type)
{
    put_name(f, id, 4);
    put(f, 0, 4);
    uint32_t start = f->size;
    if (type)
        put_name(f, type, 4);
    return start;
}

static void end(struct sf2 *f, uint32_t start)
{
    uint32_t now = f->size;
    f->size = start - 4;
    put(f, now - start, 4);
    f->size = now;
}

static void generator(struct sf2 *f, uint32_t number, uint32_t amount)
{
    put(f, number, 2);
    put(f, amount, 2);
}

static void put_presets(struct sf2 *f)
{
    uint32_t c = begin(f, "phdr", NULL);
    for (uint32_t i = 0; i < 2; i++) {
        put_name(f, i ? "EOP" : "stress", 20);
        put(f, 0, 4);
        put(f, i, 2); /* first bag */
        put(f, 0, 12);
    }
    end(f, c);
    c = begin(f, "pbag", NULL);
    put(f, 0, 4);
    put(f, 1, 4);
    end(f, c);
    c = begin(f, "pmod", NULL);
    put(f, 0, 4), put(f, 0, 4), put(f, 0, 2);
    end(f, c);
    c = begin(f, "pgen", NULL);
    generator(f, 41, 0); /* instrument */
    generator(f, 0, 0);
    end(f, c);
}

static void put_instrument(struct sf2 *f, uint32_t layers, bool filter)
{
    uint32_t per = filter ? 3 : 2, c = begin(f, "inst", NULL);
    for (uint32_t i = 0; i < 2; i++) {
        put_name(f, i ? "EOI" : "stress", 20);
        put(f, i * layers, 2);
    }
    end(f, c);
    c = begin(f, "ibag", NULL);
    for (uint32_t i = 0; i <= layers; i++) {
        put(f, i * per, 2);
        put(f, 0, 2);
    }
    end(f, c);
    c = begin(f, "imod", NULL);
    put(f, 0, 4), put(f, 0, 4), put(f, 0, 2);
    end(f, c);
    c = begin(f, "igen", NULL);
    for (uint32_t i = 0; i < layers; i++) {
        if (filter)
            generator(f, 8, STRESS_CUTOFF_CENTS);
        generator(f, 54, 1); /* looped */
        generator(f, 53, 0); /* sample */
    }
    generator(f, 0, 0);
    end(f, c);
}

static void put_sample(struct sf2 *f)
{
    uint32_t c = begin(f, "shdr", NULL);
    for (uint32_t i = 0; i < 2; i++) {
        put_name(f, i ? "EOS" : "wave", 20);
        put(f, 0, 4);
        put(f, i ? 0 : STRESS_LOOP + 8, 4);
        put(f, i ? 0 : 4, 4);
        put(f, i ? 0 : STRESS_LOOP + 4, 4);
        put(f, i ? 0 : STRESS_SOURCE_RATE, 4);
        put(f, i ? 0 : 60, 2); /* key, correction */
        put(f, 0, 2);
        put(f, i ? 0 : 1, 2); /* mono */
    }
    end(f, c);
}

static void build_bank(struct sf2 *f, const struct stress *stress)
{
    int16_t samples[STRESS_LOOP];
    stress_wave(samples);
    f->size = 0;
    uint32_t riff = begin(f, "RIFF", "sfbk"), list = begin(f, "LIST", "INFO"), c = begin(f, "ifil", NULL);
    put(f, 2, 2);
    put(f, 1, 2);
    end(f, c);
    c = begin(f, "isng", NULL);
    put_name(f, "EMU8000", 8);
    end(f, c);
    c = begin(f, "INAM", NULL);
    put_name(f, "stress", 8);
    end(f, c);
    end(f, list);
    list = begin(f, "LIST", "sdta");
    c = begin(f, "smpl", NULL);
    for (uint32_t i = 0; i < STRESS_LOOP + 8 + 46; i++) /* four samples of loop before and after it, and silence */
        put(f, i < STRESS_LOOP + 8 ? (uint16_t)samples[(i + STRESS_LOOP - 4) % STRESS_LOOP] : 0, 2);
    end(f, c);
    end(f, list);
    list = begin(f, "LIST", "pdta");
    put_presets(f);
    put_instrument(f, stress_layers(stress->voices), stress->filter);
    put_sample(f);
    end(f, list);
    end(f, riff);
}

/* Its loader wants a file. */
static bool load_bank(struct peer *p, const struct stress *stress)
{
    static struct sf2 f;
    char name[] = "/tmp/stress-XXXXXX";
    int fd = mkstemp(name);
    if (fd < 0)
        return false;
    build_bank(&f, stress);
    bool ok = write(fd, f.bytes, f.size) == (ssize_t)f.size && p->api.sfload(p->synth, name, 1) >= 0;
    close(fd);
    unlink(name);
    return ok;
}

/* ---- contender -------------------------------------------------------------------- */

static bool find(struct peer *p, void *function, const char *name)
{
    void *symbol = dlsym(p->library, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

static bool open_library(struct peer *p)
{
    p->library = dlopen("libfluidsynth.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!p->library)
        return false;
    struct api *a = &p->api;
    return find(p, &a->new_settings, "new_fluid_settings") && find(p, &a->delete_settings, "delete_fluid_settings") &&
           find(p, &a->setnum, "fluid_settings_setnum") && find(p, &a->setint, "fluid_settings_setint") &&
           find(p, &a->new_synth, "new_fluid_synth") && find(p, &a->delete_synth, "delete_fluid_synth") &&
           find(p, &a->sfload, "fluid_synth_sfload") && find(p, &a->noteon, "fluid_synth_noteon") &&
           find(p, &a->set_interp, "fluid_synth_set_interp_method") && find(p, &a->cc, "fluid_synth_cc") &&
           find(p, &a->voices, "fluid_synth_get_active_voice_count") &&
           find(p, &a->write_float, "fluid_synth_write_float") && find(p, &a->set_log, "fluid_set_log_function");
}

static void render(void *self, uint32_t frames)
{
    struct peer *p = self;
    for (uint32_t n; frames; frames -= n) {
        n = frames < BLOCK ? frames : BLOCK;
        p->api.write_float(p->synth, (int)n, p->left, 0, 1, p->right, 0, 1);
    }
}

static void finish(void *self)
{
    struct peer *p = self;
    if (p->synth)
        p->api.delete_synth(p->synth);
    if (p->settings)
        p->api.delete_settings(p->settings);
    free(p); /* its library stays: it registers things that must not go */
}

static bool open_synth(struct peer *p, const struct stress *stress, int mode)
{
    for (int level = 0; level < 5; level++)
        p->api.set_log(level, NULL, NULL);
    p->settings = p->api.new_settings();
    p->api.setnum(p->settings, "synth.sample-rate", STRESS_RATE);
    p->api.setint(p->settings, "synth.polyphony", (int)stress->voices);
    p->api.setint(p->settings, "synth.reverb.active", stress->effects);
    p->api.setint(p->settings, "synth.chorus.active", stress->effects);
    p->api.setint(p->settings, "synth.cpu-cores", 1);
    p->synth = p->api.new_synth(p->settings);
    if (!p->synth || !load_bank(p, stress))
        return false;
    p->api.set_interp(p->synth, -1, mode);
    for (int i = 0; stress->effects && i < 16; i++) {
        p->api.cc(p->synth, i, 91, 100);
        p->api.cc(p->synth, i, 93, 100);
    }
    uint32_t notes = stress->voices / stress_layers(stress->voices);
    for (uint32_t i = 0; i < notes; i++) {
        struct stress_note note = stress_note(i);
        p->api.noteon(p->synth, (int)note.channel, (int)note.key, 100);
    }
    render(p, 64);
    return p->api.voices(p->synth) == (int)stress->voices;
}

struct contender fluidsynth_open(const struct stress *stress, int mode)
{
    struct peer *p = calloc(1, sizeof *p);
    if (!p)
        return (struct contender){0};
    if (!open_library(p) || !open_synth(p, stress, mode)) {
        fprintf(stderr, "stress: no FluidSynth with %u voices here\n", (unsigned)stress->voices);
        finish(p);
        return (struct contender){0};
    }
    return (struct contender){p, render, finish};
}
