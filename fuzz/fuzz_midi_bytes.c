/* SPDX-License-Identifier: MIT */
/* Raw MIDI bytes, cut anywhere: base/midi_parser.h. */
#include <stdint.h>

#include "base/midi_parser.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t messages, sysex_bytes, hash;
    bool in_sysex;
};

static void mix(struct seen *seen, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        seen->hash = (seen->hash ^ bytes[i]) * 1099511628211u;
}

static void message(void *ctx, const uint8_t *bytes, uint32_t count, int64_t time_100ns)
{
    struct seen *seen = ctx;
    (void)time_100ns;
    MUST(count >= 1 && count == midi_message_size(bytes[0]));
    for (uint32_t i = 1; i < count; i++)
        MUST(bytes[i] < 0x80);
    MUST(!seen->in_sysex || bytes[0] >= 0xF8);
    seen->messages++;
    mix(seen, bytes, count);
}

static void sysex(void *ctx, const uint8_t *bytes, size_t count, unsigned flags, int64_t time_100ns)
{
    struct seen *seen = ctx;
    (void)time_100ns;
    MUST(((flags & MIDI_SYSEX_FIRST) != 0) != seen->in_sysex);
    MUST(count || flags == MIDI_SYSEX_LAST);
    for (size_t i = 0; i < count; i++)
        MUST(bytes[i] < 0x80 || (i == 0 && bytes[i] == 0xF0 && (flags & MIDI_SYSEX_FIRST)) ||
             (i == count - 1 && bytes[i] == 0xF7 && (flags & MIDI_SYSEX_LAST)));
    seen->in_sysex = !(flags & MIDI_SYSEX_LAST);
    seen->sysex_bytes += count;
    mix(seen, bytes, count);
}

/* The whole at once, and in pieces as the bytes themselves say: the same messages. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct midi_parser whole = {0}, pieces = {0};
    struct seen a = {0}, b = {0};
    midi_parse(&whole, data, size, 0, &(struct midi_parser_sink){message, sysex, &a});
    for (size_t at = 0; at < size;) {
        size_t n = 1 + data[at] % 7;
        n = n < size - at ? n : size - at;
        midi_parse(&pieces, data + at, n, 0, &(struct midi_parser_sink){message, sysex, &b});
        at += n;
    }
    MUST(a.messages == b.messages && a.sysex_bytes == b.sysex_bytes && a.hash == b.hash && a.in_sysex == b.in_sysex);
    MUST(whole.dropped == pieces.dropped && whole.dropped <= size);
    return 0;
}
