/* SPDX-License-Identifier: MIT */
/* writer.h - events to a pin that takes MIDI, in whichever of the two formats it was opened with. */
#ifndef DMUS_DRIVERS_WRITER_H
#define DMUS_DRIVERS_WRITER_H

#include <stdatomic.h>

#include "base/status.h"
#include "kernel/host/host.h"

/* Stays in place until the pin is closed. */
struct writer {
    struct host_pin *pin;
    bool legacy;              /* KSMUSICFORMAT packets; else DMUS_EVENTHEADER records */
    _Atomic NTSTATUS refused; /* status of the last write that failed after it had been taken */
    atomic_uint pending;      /* writes that are not done */
};

void writer_begin(struct writer *writer, struct host_pin *pin, bool legacy);
/* SIZE bytes of DMUS_EVENTHEADER records, their deltas counted from TIME (100 ns of the master clock); copied, and converted for a
 * legacy pin, which forgets channel groups and rounds to milliseconds. Answers the write's status, or an earlier one's that failed. */
NTSTATUS writer_send(struct writer *writer, int64_t time, const void *records, uint32_t size);
/* One message, or any other bytes, as one record. */
NTSTATUS writer_message(struct writer *writer, int64_t time, uint32_t group, const void *bytes, uint32_t size);

#endif
