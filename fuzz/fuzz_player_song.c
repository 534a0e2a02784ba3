/* SPDX-License-Identifier: MIT */
/* A foreign song: described, planned, and packed into event buffers that are laid out as the DDI has them. */
#include <stdlib.h>
#include <string.h>

#include "player/song.h"
#include "player/song_buffers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static uint32_t word(const uint8_t *p)
{
    uint32_t value;
    memcpy(&value, p, sizeof value);
    return value;
}

static void describe(const struct dmus_song *song)
{
    struct dmus_song_info info = DMUS_INIT(dmus_song_info);
    require(dmus_song_get_info(song, &info) == DMUS_OK);
    uint32_t notes = 0;
    for (uint32_t i = 0; i < info.programs; i++) {
        struct dmus_program_info program = DMUS_INIT(dmus_program_info);
        require(dmus_song_get_program(song, i, &program) == DMUS_OK);
        require(program.key_low <= program.key_high && program.key_high < 128 && program.gm_name);
        notes += program.notes;
    }
    require(notes <= song->plan.notes && (song->plan.everything || notes == song->plan.notes));
    for (uint32_t i = 0; i < info.texts; i++) {
        struct dmus_text_info text = DMUS_INIT(dmus_text_info);
        require(dmus_song_get_text(song, i, &text) == DMUS_OK && text.text);
    }
}

static void check_buffer(const uint8_t *bytes, uint32_t size, uint32_t ports)
{
    uint32_t at = 0;
    while (at < size) {
        require(size - at >= 20);
        uint32_t data = word(bytes + at), group = word(bytes + at + 4);
        require(data >= 1 && data <= size - at - 20 && group >= 1 && group <= ports);
        require(word(bytes + at + 16) ? data == 3 && bytes[at + 20] >= 0x80 : bytes[at + 20] == 0xF0);
        at += song_event_bytes(data);
    }
    require(at == size);
}

static void pack(const struct dmus_song *song, uint32_t rate, bool exact)
{
    struct song_buffers reader;
    const uint8_t *bytes;
    uint32_t size;
    int64_t start;
    song_buffers_begin(&reader, song->smf, rate, exact);
    do {
        require(song_buffers_next(&reader, INT64_MAX, &start, &bytes, &size, NULL) == DM_OK);
        check_buffer(bytes, size, song->smf->port_count);
    } while (size);
    require(reader.next == song->smf->event_count);
    song_buffers_end(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dmus_song *song;
    struct dmus_bank *bank;
    struct dmus_error err = DMUS_INIT(dmus_error);
    if (dmus_song_open_memory(data, size, "song", &song, &err) != DMUS_OK) {
        require(err.text[0] != '\0');
        return 0;
    }
    describe(song);
    pack(song, 48000, true);
    pack(song, 22050, false);
    if (dmus_song_get_bank(song, &bank, NULL) == DMUS_OK)
        dmus_bank_close(bank);
    dmus_song_close(song);
    return 0;
}
