/* SPDX-License-Identifier: MIT */
/* smf_dump FILE: the events of a MIDI file, one per line, for check_smf.py. */
#include <inttypes.h>
#include <stdio.h>

#include "base/mapfile.h"
#include "formats/smf.h"

int main(int argc, char **argv)
{
    struct mapped_file file;
    struct smf_song *song;
    struct dm_error err = {DM_OK, ""};
    if (argc != 2 || mapfile_open(argv[1], &file, &err) != DM_OK ||
        smf_read(file.bytes, NULL, &song, &err) != DM_OK) {
        fprintf(stderr, "smf_dump: %s\n", argc == 2 ? err.text : "one file");
        return 1;
    }
    for (uint32_t i = 0; i < song->event_count; i++) {
        const struct smf_event *e = &song->events[i];
        static const char *const kinds[] = {"channel", "sysex", "escape", "meta"};
        printf("%" PRId64 " %" PRIu64 " %" PRIu32 " %u %s ", e->time_100ns, e->tick, e->track, e->port,
               kinds[e->kind]);
        if (e->kind == SMF_META)
            printf("%02x ", e->meta_type);
        for (uint32_t k = 0; k < e->size; k++)
            printf("%02x", e->data[k]);
        printf("\n");
    }
    printf("duration %" PRId64 " last %" PRId64 " notes %" PRIu32 "\n", song->duration_100ns,
           song->last_event_100ns, song->note_count);
    smf_free(song);
    mapfile_close(&file);
    return 0;
}
