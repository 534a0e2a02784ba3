/* SPDX-License-Identifier: MIT */
#include "midi_parser.h"

unsigned midi_message_size(uint8_t status)
{
    if (status < 0x80)
        return 0;
    if (status < 0xF0)
        return (status & 0xE0) == 0xC0 ? 2 : 3;
    if (status >= 0xF8)
        return 1;
    static const uint8_t common[8] = {0, 2, 3, 2, 0, 0, 1, 0};
    return common[status & 7];
}

void midi_parser_reset(struct midi_parser *parser)
{
    *parser = (struct midi_parser){.drop_active_sensing = parser->drop_active_sensing, .dropped = parser->dropped};
}

static void tell(struct midi_parser *parser, const struct midi_parser_sink *sink)
{
    sink->message(sink->ctx, parser->bytes, parser->have, parser->time_100ns);
    parser->have = 0;
}

static void end_sysex(struct midi_parser *parser, const struct midi_parser_sink *sink)
{
    if (!parser->in_sysex)
        return;
    parser->in_sysex = false;
    sink->sysex(sink->ctx, NULL, 0, MIDI_SYSEX_LAST, parser->time_100ns);
}

static void status_byte(struct midi_parser *parser, uint8_t byte, int64_t time_100ns, const struct midi_parser_sink *sink)
{
    end_sysex(parser, sink);
    parser->dropped += parser->have;
    parser->have = 0;
    parser->need = (uint8_t)midi_message_size(byte);
    parser->status = byte < 0xF0 ? byte : 0;
    if (!parser->need) { /* F4, F5, stray F7 */
        parser->dropped++;
        return;
    }
    parser->time_100ns = time_100ns;
    parser->bytes[parser->have++] = byte;
    if (parser->have == parser->need)
        tell(parser, sink);
}

static void data_byte(struct midi_parser *parser, uint8_t byte, int64_t time_100ns, const struct midi_parser_sink *sink)
{
    if (!parser->have) {
        if (!parser->status) {
            parser->dropped++;
            return;
        }
        parser->time_100ns = time_100ns;
        parser->need = (uint8_t)midi_message_size(parser->status);
        parser->bytes[parser->have++] = parser->status;
    }
    parser->bytes[parser->have++] = byte;
    if (parser->have == parser->need)
        tell(parser, sink);
}

/* BYTES begin with F0, or go on with a SysEx. Answers how many belong to it up to here. */
static size_t sysex_run(struct midi_parser *parser, const uint8_t *bytes, size_t count, bool first,
                        const struct midi_parser_sink *sink)
{
    size_t run = first;
    while (run < count && bytes[run] < 0x80)
        run++;
    bool last = run < count && bytes[run] == 0xF7;
    run += last;
    parser->in_sysex = !last;
    sink->sysex(sink->ctx, bytes, run, (first ? MIDI_SYSEX_FIRST : 0u) | (last ? MIDI_SYSEX_LAST : 0u), parser->time_100ns);
    return run;
}

static size_t start_sysex(struct midi_parser *parser, const uint8_t *bytes, size_t count, int64_t time_100ns,
                          const struct midi_parser_sink *sink)
{
    end_sysex(parser, sink);
    parser->dropped += parser->have;
    parser->have = 0;
    parser->status = 0;
    parser->time_100ns = time_100ns;
    return sysex_run(parser, bytes, count, true, sink);
}

void midi_parse(struct midi_parser *parser, const uint8_t *bytes, size_t count, int64_t time_100ns,
                const struct midi_parser_sink *sink)
{
    for (size_t i = 0; i < count;) {
        uint8_t byte = bytes[i];
        if (byte >= 0xF8) {
            if (byte != 0xFE || !parser->drop_active_sensing)
                sink->message(sink->ctx, &byte, 1, time_100ns);
            i++;
        } else if (byte == 0xF0) {
            i += start_sysex(parser, bytes + i, count - i, time_100ns, sink);
        } else if (parser->in_sysex && (byte < 0x80 || byte == 0xF7)) {
            i += sysex_run(parser, bytes + i, count - i, false, sink);
        } else {
            if (byte >= 0x80)
                status_byte(parser, byte, time_100ns, sink);
            else
                data_byte(parser, byte, time_100ns, sink);
            i++;
        }
    }
}
