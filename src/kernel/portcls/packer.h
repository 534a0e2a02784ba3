/* SPDX-License-Identifier: MIT */
/*
 * packer.h - captured events to the buffers of read requests.
 *
 * PACK_DIRECTMUSIC writes DMUS_EVENTHEADER records, PACK_MIDI KSMUSICFORMAT packets. Each request starts with the time of its first
 * event. A request is done when the next record does not fit, or as soon as nothing is queued and it is not empty. An event
 * that is longer than a whole request is spread over several records. DMUS_EVENT_STRUCTURED is set for all but SysEx.
 *
 * With no request there, events wait in a queue of limited length; beyond it the oldest are dropped (a SysEx as a whole) and
 * the next request done carries KSSTREAM_HEADER_OPTIONSF_DATADISCONTINUITY (spec/ddi-kernel.md 8.9, 12.20).
 *
 * Any thread, IRQL up to DISPATCH, also from inside a completion. Completions come in the order of the requests, one at a time,
 * with nothing locked.
 */
#ifndef DMUS_KERNEL_PORTCLS_PACKER_H
#define DMUS_KERNEL_PORTCLS_PACKER_H

#include "kernel/portcls/mxf.h"

enum packer_format { PACK_DIRECTMUSIC, PACK_MIDI };

#define PACKER_READ_MIN       24   /* bytes a request needs: one channel message in either format */
#define PACKER_QUEUED_DEFAULT 4096 /* events */

struct packer;
struct read_request;

/* REQUEST is the caller's again. IRQL up to DISPATCH; may call packer_read. */
typedef void read_done(struct read_request *request);

struct read_request {
    /* the caller's; unchanged until done */
    void *data; /* any alignment */
    uint32_t size;
    read_done *done;
    void *ctx;
    /* results */
    NTSTATUS status;    /* SUCCESS, CANCELLED, BUFFER_TOO_SMALL */
    uint32_t used;      /* bytes written, 0 unless SUCCESS */
    uint32_t options;   /* KSSTREAM_HEADER_OPTIONSF_ TIMEVALID, DATADISCONTINUITY */
    int64_t start_100ns; /* master-clock time of the first event; deltas count from here */
    /* the packer's */
    struct read_request *next;
    int64_t clock_100ns; /* MIDI: the time that the deltas written so far add up to */
};

struct packer_config {
    enum packer_format format;
    IAllocatorMXF *allocator; /* one reference is kept */
    uint32_t queued_max;      /* events; 0: PACKER_QUEUED_DEFAULT */
    const char *name;         /* track of the trace: "packer pin 4"; copied */
};

/* STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_PARAMETER. */
NTSTATUS packer_create(const struct packer_config *config, struct packer **out);
/* Cancels requests, returns events. No other thread may be inside. NULL allowed. */
void packer_destroy(struct packer *packer);

/* Its input, for the capture sink. References on it keep nothing alive. SetState(STOP) on it is packer_flush. */
IMXF *packer_input(struct packer *packer);

/* Queue a request; DONE is called exactly once, perhaps before this returns. Fewer than PACKER_READ_MIN bytes: done with
 * STATUS_BUFFER_TOO_SMALL. */
void packer_read(struct packer *packer, struct read_request *request);
/* Done with STATUS_CANCELLED, unless it is done or being done already: false then, and nothing happens. REQUEST is only
 * compared. */
bool packer_cancel(struct packer *packer, struct read_request *request);
void packer_cancel_all(struct packer *packer);
/* The pin closes: the same, and requests from now on are done with STATUS_CANCELLED at once. */
void packer_close(struct packer *packer);
/* STOP: events go back to the allocator, requests are cancelled. */
void packer_flush(struct packer *packer);

struct packer_stats {
    uint64_t packed, dropped, requests;
    uint32_t queued, reads_waiting;
};
void packer_stats(struct packer *packer, struct packer_stats *out);

#endif
