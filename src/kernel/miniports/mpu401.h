/* SPDX-License-Identifier: MIT */
/*
 * mpu401.h - an emulated MPU-401 on a machine's ports: hardware, not a driver.
 *
 *   base+0  read: received byte (or ACK FE); write: byte to send
 *   base+1  read: bit 7 clear: a byte can be read, bit 6 clear: a byte can be written, the rest 1; write: command
 *
 * Commands: FF reset (to intelligent mode), 3F UART mode, both acknowledged with FE, as is any other command in
 * intelligent mode, which does nothing here. In UART mode only FF is heard, and, as in the real device, not acknowledged.
 * Data written or received outside UART mode are lost. The interrupt line is active while a byte can be read.
 *
 * Both sides have a FIFO: what is sent leaves at the pace of the wire, and bit 6 is set while FIFO_SIZE bytes wait; what is
 * received when FIFO_SIZE bytes are unread is lost and counted.
 *
 * Any thread. SEND is called without a lock, from a port access or the machine's alarm thread, one byte at a time in order.
 */
#ifndef DMUS_KERNEL_MINIPORTS_MPU401_H
#define DMUS_KERNEL_MINIPORTS_MPU401_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct wdm_machine;
struct mpu401;

#define MPU401_WIRE_100NS 3200u /* a byte at 31250 baud, 10 bits */

struct mpu401_config {
    struct wdm_machine *machine; /* outlives the device */
    uint32_t port;               /* two ports */
    int vector;                  /* of its interrupt; negative: none */
    uint32_t fifo_size;          /* of each direction, 1..65536; 0: 64 */
    uint32_t byte_100ns;         /* how long a byte takes to leave; 0: no time */
    bool loopback;               /* what is sent is received */
    bool dead;                   /* never acknowledges, to try a driver's patience */
    void (*send)(void *ctx, uint8_t byte, int64_t machine_time_100ns); /* or NULL */
    void *send_ctx;
};

/* DM_ERR_ARGUMENT (fifo_size, ports taken), DM_ERR_NOMEM. */
enum dm_status mpu401_create(const struct mpu401_config *config, struct mpu401 **out, struct dm_error *err);
/* No access under way. NULL allowed. */
void mpu401_destroy(struct mpu401 *mpu);

/* Bytes from the wire. Answers how many found room. */
size_t mpu401_receive(struct mpu401 *mpu, const uint8_t *bytes, size_t count);
/* The same from a sender that can wait: what finds no room is not lost, and is to be offered again. Answers how many bytes are
 * settled, taken or, outside UART mode, lost. */
size_t mpu401_offer(struct mpu401 *mpu, const uint8_t *bytes, size_t count);

struct mpu401_stats {
    uint64_t sent, received; /* received: taken into the FIFO */
    uint64_t lost;           /* received without room, or outside UART mode */
    uint64_t ignored;        /* written while bit 6 was set, or outside UART mode */
    bool uart_mode;
};
void mpu401_stats(struct mpu401 *mpu, struct mpu401_stats *out);

#endif
