/* SPDX-License-Identifier: MIT */
/*
 * list_bank.c - the instruments of a DLS, SoundFont 2 or SF3 bank, and which of them a song needs.
 *
 *     cc list_bank.c $(pkg-config --cflags --libs dmus) -o list_bank
 *     ./list_bank bank.sf2 [song.mid]
 */
#include <dmus/dmus.h>
#include <stdio.h>

/* Notes of SONG that ask for exactly PATCH. */
static uint32_t notes_for(const struct dmus_song *song, uint32_t patch)
{
    struct dmus_program_info program = DMUS_INIT(dmus_program_info);
    uint32_t notes = 0;
    for (uint32_t i = 0; song && dmus_song_get_program(song, i, &program) == DMUS_OK; i++)
        if (program.patch == patch)
            notes += program.notes;
    return notes;
}

static void list(struct dmus_bank *bank, const struct dmus_song *song)
{
    struct dmus_bank_info info = DMUS_INIT(dmus_bank_info);
    struct dmus_instrument_info instrument = DMUS_INIT(dmus_instrument_info);
    dmus_bank_get_info(bank, &info);
    printf("%s: %s, '%s', %u instruments, %u waves\n", info.path, dmus_kind_name(info.kind), info.name ? info.name : "",
           info.instruments, info.waves);
    for (uint32_t i = 0; dmus_bank_get_instrument(bank, i, &instrument) == DMUS_OK; i++) {
        uint32_t notes = instrument.shadowed ? 0 : notes_for(song, instrument.patch);
        printf("%s %3u/%u/%-3u %-20s %3u regions", instrument.patch & DMUS_PATCH_DRUMS ? "drums  " : "program",
               instrument.patch >> 16 & 0x7f, instrument.patch >> 8 & 0x7f, instrument.patch & 0x7f, instrument.name,
               instrument.regions);
        if (notes)
            printf(", %u notes of the song", notes);
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: list_bank BANK [SONG]\n");
        return 1;
    }
    struct dmus_error err = DMUS_INIT(dmus_error);
    struct dmus_bank *bank = NULL;
    struct dmus_song *song = NULL;
    enum dmus_status status = dmus_bank_open(argv[1], &bank, &err);
    if (status == DMUS_OK && argc == 3)
        status = dmus_song_open(argv[2], &song, &err);
    if (status == DMUS_OK)
        list(bank, song);
    else
        fprintf(stderr, "%s\n", err.text);
    dmus_song_close(song);
    dmus_bank_close(bank);
    return status != DMUS_OK;
}
