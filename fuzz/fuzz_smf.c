/* SPDX-License-Identifier: MIT */
/* The MIDI file reader: whatever it accepts is in order and in range. */
#include <stdlib.h>
#include <string.h>

#include "formats/smf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void listen(void *ctx, const char *text)
{
    *(size_t *)ctx += strlen(text);
    require(!strchr(text, '\n'));
}

static void check_event(const struct smf_song *song, uint32_t i)
{
    const struct smf_event *e = &song->events[i], *before = i > 0 ? e - 1 : e;
    require(e->time_100ns >= before->time_100ns && e->track < song->track_count && e->port < song->port_count);
    switch (e->kind) {
    case SMF_CHANNEL:
        require(e->data[0] >= 0x80 && e->data[0] < 0xF0 && e->size == ((e->data[0] & 0xE0) == 0xC0 ? 2 : 3));
        for (uint32_t k = 1; k < e->size; k++)
            require(e->data[k] < 0x80);
        break;
    case SMF_SYSEX:
        require(e->size >= 2 && e->data[0] == 0xF0 && e->data[e->size - 1] == 0xF7);
        break;
    case SMF_ESCAPE:
        require(e->size > 0);
        break;
    default:
        require(e->kind == SMF_META);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t heard = 0, sum = 0;
    const struct dm_notes notes = {listen, &heard};
    struct smf_song *song;
    struct dm_error err = {DM_OK, ""};
    enum dm_status status = smf_read((struct span){data, size}, &notes, &song, &err);
    require((status == DM_OK) == (song != NULL));
    if (!song) {
        require(err.status == status && err.text[0]);
        return 0;
    }
    for (uint32_t i = 0; i < song->event_count; i++) {
        check_event(song, i);
        sum += song->events[i].size;
    }
    require(sum <= size && song->event_count <= size && song->track_count >= 1);
    require(song->last_event_100ns <= song->duration_100ns && song->note_count <= song->event_count);
    smf_free(song);
    return 0;
}
