/* SPDX-License-Identifier: MIT */
/*
 * dls_bank.h - small DLS files for the tests. dls_bank_build writes the smallest valid collection (one instrument at
 * bank 0 program 0, one region over all keys, one wave of BANK_FRAMES frames), of which a test replaces or extends one
 * part.
 */
#ifndef DMUS_TESTS_DLS_BANK_H
#define DMUS_TESTS_DLS_BANK_H

#include "riff_builder.h"

enum { BANK_FRAMES = 100 };

typedef void bank_part(struct rb *b);

struct dls_bank {
    uint32_t instruments;    /* what colh says; 0: 1 */
    bank_part *form_head;    /* at the beginning of the form */
    bank_part *lins;         /* instead of the whole ins list */
    bank_part *insh, *lrgn;  /* instead of the chunk; inside the lrgn list instead of the region */
    bank_part *ins_tail;     /* at the end of the ins list */
    bank_part *rgnh, *wlnk;  /* instead of the chunk */
    bank_part *region_tail;  /* at the end of the region */
    bank_part *ptbl;         /* instead of the chunk */
    bank_part *waves;        /* inside wvpl instead of the wave */
    bank_part *format, *data; /* instead of the chunk */
    bank_part *wave_middle;  /* between fmt and data */
    bank_part *form_tail;    /* at the end of the form */
};

static inline void put_insh(struct rb *b, uint32_t regions, uint32_t bank, uint32_t program)
{
    rb_begin(b, "insh", NULL);
    rb_words(b, 3, regions, bank, program);
    rb_end(b);
}

static inline void put_rgnh(struct rb *b, unsigned key_low, unsigned key_high, unsigned velocity_low,
                            unsigned velocity_high)
{
    rb_begin(b, "rgnh", NULL);
    rb_u16(b, key_low), rb_u16(b, key_high), rb_u16(b, velocity_low), rb_u16(b, velocity_high);
    rb_u16(b, 0), rb_u16(b, 0);
    rb_end(b);
}

static inline void put_wlnk(struct rb *b, uint32_t cue)
{
    rb_begin(b, "wlnk", NULL);
    rb_u16(b, 0), rb_u16(b, 0);
    rb_words(b, 2, 1u, cue);
    rb_end(b);
}

/* LENGTH 0: no loop. */
static inline void put_wsmp(struct rb *b, unsigned unity, int fine, int32_t gain, uint32_t start, uint32_t length)
{
    rb_begin(b, "wsmp", NULL);
    rb_u32(b, 20);
    rb_u16(b, unity), rb_u16(b, (unsigned)fine & 0xFFFF);
    rb_words(b, 3, (uint32_t)gain, 0u, length ? 1u : 0u);
    if (length)
        rb_words(b, 4, 16u, 0u, start, length);
    rb_end(b);
}

static inline void put_block(struct rb *b, unsigned source, unsigned control, unsigned destination, unsigned transform,
                             int32_t scale)
{
    rb_u16(b, source), rb_u16(b, control), rb_u16(b, destination), rb_u16(b, transform);
    rb_u32(b, (uint32_t)scale);
}

/* List LIST with one chunk ART with one block "none -> DESTINATION". */
static inline void put_artic(struct rb *b, const char *list, const char *art, unsigned destination, int32_t scale)
{
    rb_begin(b, "LIST", list);
    rb_begin(b, art, NULL);
    rb_words(b, 2, 8u, 1u);
    put_block(b, 0, 0, destination, 0, scale);
    rb_end(b);
    rb_end(b);
}

static inline void put_format(struct rb *b, unsigned tag, unsigned channels, uint32_t rate, unsigned align, unsigned bits)
{
    rb_begin(b, "fmt ", NULL);
    rb_u16(b, tag), rb_u16(b, channels);
    rb_words(b, 2, rate, rate * align);
    rb_u16(b, align), rb_u16(b, bits);
    rb_end(b);
}

static inline void put_data(struct rb *b, unsigned frames)
{
    rb_begin(b, "data", NULL);
    for (unsigned i = 0; i < frames; i++)
        rb_u16(b, i * 300 & 0xFFFF);
    rb_end(b);
}

static inline void put_wave(struct rb *b, unsigned frames)
{
    rb_begin(b, "LIST", "wave");
    put_format(b, 1, 1, 22050, 2, 16);
    put_data(b, frames);
    rb_end(b);
}

/* Complete region on CUE. */
static inline void put_region(struct rb *b, unsigned key_low, unsigned key_high, uint32_t cue)
{
    rb_begin(b, "LIST", "rgn ");
    put_rgnh(b, key_low, key_high, 0, 127);
    put_wlnk(b, cue);
    rb_end(b);
}

static inline void put_instrument(struct rb *b, uint32_t bank, uint32_t program, uint32_t cue)
{
    rb_begin(b, "LIST", "ins ");
    put_insh(b, 1, bank, program);
    rb_begin(b, "LIST", "lrgn");
    put_region(b, 0, 127, cue);
    rb_end(b);
    rb_end(b);
}

static inline void bank_instrument(struct rb *b, const struct dls_bank *bank)
{
    rb_begin(b, "LIST", "ins ");
    if (bank->insh)
        bank->insh(b);
    else
        put_insh(b, 1, 0, 0);
    rb_begin(b, "LIST", "lrgn");
    if (bank->lrgn) {
        bank->lrgn(b);
    } else {
        rb_begin(b, "LIST", "rgn ");
        if (bank->rgnh)
            bank->rgnh(b);
        else
            put_rgnh(b, 0, 127, 0, 127);
        if (bank->wlnk)
            bank->wlnk(b);
        else
            put_wlnk(b, 0);
        if (bank->region_tail)
            bank->region_tail(b);
        rb_end(b);
    }
    rb_end(b);
    if (bank->ins_tail)
        bank->ins_tail(b);
    rb_end(b);
}

static inline void bank_wave(struct rb *b, const struct dls_bank *bank)
{
    rb_begin(b, "LIST", "wave");
    if (bank->format)
        bank->format(b);
    else
        put_format(b, 1, 1, 22050, 2, 16);
    if (bank->wave_middle)
        bank->wave_middle(b);
    if (bank->data)
        bank->data(b);
    else
        put_data(b, BANK_FRAMES);
    rb_end(b);
}

static inline void dls_bank_build(struct rb *b, const struct dls_bank *bank)
{
    rb_begin(b, "RIFF", "DLS ");
    if (bank->form_head)
        bank->form_head(b);
    rb_begin(b, "colh", NULL);
    rb_u32(b, bank->instruments ? bank->instruments : 1);
    rb_end(b);
    rb_begin(b, "LIST", "lins");
    if (bank->lins)
        bank->lins(b);
    else
        bank_instrument(b, bank);
    rb_end(b);
    if (bank->ptbl) {
        bank->ptbl(b);
    } else {
        rb_begin(b, "ptbl", NULL);
        rb_words(b, 3, 8u, 1u, 0u);
        rb_end(b);
    }
    rb_begin(b, "LIST", "wvpl");
    if (bank->waves)
        bank->waves(b);
    else
        bank_wave(b, bank);
    rb_end(b);
    if (bank->form_tail)
        bank->form_tail(b);
    rb_end(b);
}

#endif
