/* SPDX-License-Identifier: MIT */
#include "alsa_common.h"

#include <stdarg.h>
#include <stdio.h>

#include "alsa_library.h"
#include "base/log.h"

static void to_log(const char *file, int line, const char *function, int error, const char *fmt, ...)
{
    char text[256];
    va_list args;
    (void)file, (void)line;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    log_at(LOG_INFO, "alsa", "%s: %s%s%s", function, text, error ? ": " : "", error ? snd_strerror(error) : "");
}

enum dm_status alsa_common_begin(struct dm_error *err)
{
    enum dm_status status = alsa_library_load(err);
    if (status == DM_OK)
        snd_lib_error_set_handler(to_log);
    return status;
}

/* ---- lists ---- */

static void list_ports(snd_seq_t *seq, snd_seq_client_info_t *client, snd_seq_port_info_t *port, unsigned able,
                       midi_port_fn *each, void *ctx)
{
    snd_seq_port_info_set_client(port, snd_seq_client_info_get_client(client));
    snd_seq_port_info_set_port(port, -1);
    while (snd_seq_query_next_port(seq, port) == 0) {
        char name[32], text[160];
        if ((snd_seq_port_info_get_capability(port) & able) != able)
            continue;
        snprintf(name, sizeof name, "%d:%d", snd_seq_port_info_get_client(port), snd_seq_port_info_get_port(port));
        snprintf(text, sizeof text, "%s: %s", snd_seq_client_info_get_name(client), snd_seq_port_info_get_name(port));
        each(ctx, &(struct midi_port){name, text});
    }
}

enum dm_status alsa_common_list_ports(unsigned able, midi_port_fn *each, void *ctx, struct dm_error *err)
{
    snd_seq_t *seq;
    snd_seq_client_info_t *client;
    snd_seq_port_info_t *port;
    enum dm_status status = alsa_common_begin(err);
    if (status != DM_OK)
        return status;
    int error = snd_seq_open(&seq, "default", SND_SEQ_OPEN_INPUT, 0);
    if (error < 0)
        return dm_fail(err, DM_ERR_DEVICE, "ALSA MIDI: no sequencer: %s", snd_strerror(error));
    snd_seq_client_info_alloca(&client);
    snd_seq_port_info_alloca(&port);
    snd_seq_client_info_set_client(client, -1);
    while (snd_seq_query_next_client(seq, client) == 0)
        list_ports(seq, client, port, able, each, ctx);
    snd_seq_close(seq);
    return DM_OK;
}

enum dm_status alsa_common_list_rawmidi(const char *direction, midi_port_fn *each, void *ctx, struct dm_error *err)
{
    void **hints;
    enum dm_status status = alsa_common_begin(err);
    if (status != DM_OK)
        return status;
    int error = snd_device_name_hint(-1, "rawmidi", &hints);
    if (error < 0)
        return dm_fail(err, DM_ERR_DEVICE, "ALSA rawmidi: %s", snd_strerror(error));
    for (void **hint = hints; *hint; hint++) {
        char *name = snd_device_name_get_hint(*hint, "NAME"), *text = snd_device_name_get_hint(*hint, "DESC");
        char *goes = snd_device_name_get_hint(*hint, "IOID");
        if (name && (!goes || strcmp(goes, direction) == 0))
            each(ctx, &(struct midi_port){name, text ? text : name});
        free(name);
        free(text);
        free(goes);
    }
    snd_device_name_free_hint(hints);
    return DM_OK;
}
