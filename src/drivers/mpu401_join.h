/* SPDX-License-Identifier: MIT */
/*
 * mpu401_join.h - the emulated MPU-401 with its wire joined to MIDI ports of this computer, so that a driver over it drives and
 * hears a real or virtual device. Real time only.
 *
 * The line of a resource file, besides what player/machine_parts.h has:
 *     model mpu401 port=0 interrupt=0 join=PORT           both directions
 *     model mpu401 port=0 interrupt=0 [in=PORT] [out=PORT] one each
 * PORT is KIND[:NAME] without spaces: alsa (a sequencer port that others connect to), alsa:CLIENT:PORT (connected), rawmidi:hw:1,0,
 * raw:PATH (pty or device, both ways; FIFO or pipe, one way), raw:fd:N; in= also jack and pipewire (audio/midi_input.h, midi_output.h).
 *
 * What the driver writes goes out byte by byte as it leaves the emulated wire. What comes in waits until there is room in the
 * device's FIFO, and raises its interrupt; as in the real one it is lost while nobody has set UART mode. A port that is unplugged,
 * or whose other side closes, is told as the machine's own messages are (host_config.print), where it was opened and what was
 * lost as well; the device goes on, as with a cable pulled out.
 */
#ifndef DMUS_DRIVERS_MPU401_JOIN_H
#define DMUS_DRIVERS_MPU401_JOIN_H

#include "kernel/host/host.h"

/* machine_parts_config, with this model in place of the plain one. */
void mpu401_join_config(struct host_config *config);

#endif
