/* SPDX-License-Identifier: MIT */
/*
 * pin.h - an open pin: a stream of the miniport with the MXF graph around it.
 *
 *   render:  writes -> unpacker -> sequencer -> stream          (or -> midi_output -> IMiniportMidiStream)
 *   capture: stream -> capture sink -> packer -> reads          (midi_input reads an IMiniportMidiStream)
 *   wave:    wave sink pulls the stream's ISynthSinkDMus
 *
 * Locks, each a leaf against the others but for the order gate, wave_gate: `gate` serialises state changes and is held while the
 * stream's SetState runs; `wave_gate` serialises slices and is held while Render runs; both are mutexes of the machine, for the
 * driver may wait meanwhile and others have their turn. `lock` guards the queues of requests and is never held during a call out;
 * `timer_lock` keeps "ask for the next due time, set the timer" in one piece.
 * Source: spec/ddi-kernel.md 8.2, 8.3, 8.7 to 8.10, 8.13.
 */
#ifndef DMUS_KERNEL_PORTCLS_PIN_H
#define DMUS_KERNEL_PORTCLS_PIN_H

#include <pthread.h>

#include <ks.h>
#include <ksmedia.h>

#include "kernel/portcls/filter.h"

struct unpacker;
struct sequencer;
struct capture_sink;
struct packer;
struct wave_sink;
struct midi_output;
struct midi_input;
struct pin_read;
struct pin_write;

struct pc_pin {
    struct pc_object object;
    IServiceSink IServiceSink_iface; /* joined to the stream's group */
    struct pc_filter *filter;        /* stays open longer: its file is the parent's */
    struct port *port;
    struct pc_pin *next_of_port;
    uint64_t round;  /* of port_each_pin; under port->lock */
    unsigned visits; /* under way; the same */
    ULONG id;
    char name[32];                   /* "pin 0" */
    char track[48];                  /* "stream pin 0" */
    DMUS_STREAM_TYPE type;
    KSDATAFORMAT *format;            /* a copy, FormatSize bytes */
    KSPRIORITY priority;

    IMXF *stream;                    /* as NewStream gave it: MinorTarget; NULL over an IMiniportMidi */
    IMiniportMidiStream *midi_stream;
    ISynthSinkDMus *synth_sink;
    IServiceGroup *group;            /* the stream's, may be NULL */
    bool group_joined;
    IAllocatorMXF *allocator;
    struct unpacker *unpacker;
    struct sequencer *sequencer;
    uint32_t holder;                 /* the stream, in the books of the port's pool */
    struct midi_output *midi_output;
    struct capture_sink *capture_sink;
    struct packer *packer;
    struct midi_input *midi_input;
    struct wave_sink *wave_sink;

    pthread_mutex_t timer_lock;
    KTIMER timer; /* the sequencer's */
    KDPC timer_dpc;

    KMUTEX gate;
    KSSTATE state;
    bool powered_down;
    KSSTATE resume; /* state to come back to, while powered down */

    KMUTEX wave_gate;

    pthread_mutex_t lock;
    struct pin_write *writes, **writes_tail;
    bool writing; /* a thread empties the queue */
    bool reset;   /* and is to reset the unpacker first */
    KTIMER retry_timer; /* a write waits for events */
    KDPC retry_dpc;
    struct pin_read *reads;
    bool closing;
};

/* Open. CONNECT is a KSPIN_CONNECT with its format, copied, of SIZE bytes. PASSIVE. Statuses: host.h, host_create_pin. */
NTSTATUS pin_create(struct pc_filter *filter, const void *connect, size_t size, struct pc_pin **out);
/* IRP_MJ_CLEANUP: to STOP, and everything pending is cancelled. PASSIVE. */
void pin_cleanup(struct pc_pin *pin);
/* IRP_MJ_CLOSE, after pin_cleanup: no request is left. PASSIVE. */
void pin_destroy(struct pc_pin *pin);

/* Every step to STATE. A failing one leaves the pin where it was before it. Serialised. PASSIVE. */
NTSTATUS pin_set_state(struct pc_pin *pin, KSSTATE state);
KSSTATE pin_state(struct pc_pin *pin);
/* From RUN to PAUSE before the power goes, and back. */
void pin_power_down(struct pc_pin *pin);
void pin_power_up(struct pc_pin *pin);

/* IOCTL_KS_WRITE_STREAM and _READ_STREAM: IRP's output buffer is an array of KSSTREAM_HEADER. Complete the IRP now or later; what they
 * answer is what the dispatch routine answers. IRQL up to DISPATCH. */
NTSTATUS pin_write(struct pc_pin *pin, PIRP irp);
NTSTATUS pin_read(struct pc_pin *pin, PIRP irp);
/* Goes on with a write that found no events. IRQL up to DISPATCH. */
void pin_resume_writes(struct pc_pin *pin);
/* The request whose UserBuffer is BUFFER, if it is still waiting, is completed with STATUS_CANCELLED. NULL: all. (The buffer names it
 * because the IRP may be gone, and another one at its place.) */
void pin_cancel(struct pc_pin *pin, const void *buffer);

/* STOP: the unpacker forgets a message that was begun, as soon as the write under way is over. */
void pin_reset_unpacker(struct pc_pin *pin);

/* Sound of a wave pin. STATUS_INVALID_DEVICE_REQUEST on another pin; float: STATUS_NOT_SUPPORTED without IDmusSynthControl. PASSIVE. */
NTSTATUS pin_pull(struct pc_pin *pin, void *buffer, uint32_t frames);
NTSTATUS pin_pull_float(struct pc_pin *pin, float *buffer, uint32_t frames);
/* When the next frame is due, in master-clock time; 0 before the first slice. */
int64_t pin_wave_due(struct pc_pin *pin);

/* --- among the files of the pin --- */
/* pin_stream.c: NewStream and the elements around it; undone by pin_stream_close. */
NTSTATUS pin_stream_open(struct pc_pin *pin, const PCPIN_DESCRIPTOR *descriptor);
void pin_stream_close(struct pc_pin *pin);
/* pin_format.c: the connect structure against the descriptor; STATUS_SUCCESS and the stream type. */
NTSTATUS pin_check_connect(const PCPIN_DESCRIPTOR *descriptor, const KSPIN_CONNECT *connect, const KSDATAFORMAT *format, size_t size,
                           DMUS_STREAM_TYPE *type);
/* Does FORMAT (SIZE bytes are there) lie in RANGE? */
bool pin_format_in_range(const KSDATAFORMAT *format, size_t size, const KSDATARANGE *range);
/* pin_service.c */
void pin_service_init(struct pc_pin *pin);
void pin_timer_arm(void *pin); /* sequencer's wake */

#endif
