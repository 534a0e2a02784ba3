# SPDX-License-Identifier: MIT
"""What the checks with sound servers share: how they fail, what a server's monitor hears, what strace saw of the pulls."""
import array
import sys

import servers

SKIP = 77


class Failed(Exception):
    pass


def check(ok, text):
    if not ok:
        raise Failed(text)


def skip(reason):
    print('skipped:', reason)
    sys.exit(SKIP)


def run(test):
    """The whole program: TEST, and how it went."""
    try:
        test()
    except Failed as why:
        print('not ok:', why)
        sys.exit(1)
    print('ok')


class Nothing(servers.Server):
    def start(self):
        pass


OUTPUTS = {'jack': servers.Jack, 'pipewire': servers.PipeWire, 'alsa': servers.Pulse}


def recorder(kind, server, seconds, path, tap):
    """A child that records the monitor to PATH, 32-bit float stereo: JACK for SECONDS and raw, PipeWire a WAV file, PulseAudio raw."""
    commands = {
        'jack': [tap, 'record', str(seconds), path, 'dmus:out_left', 'dmus:out_right'],
        'pipewire': ['pw-record', '--target', 'capture', '-P', '{ stream.capture.sink = true }', '--format', 'f32', '--rate',
                     str(server.rate), '--channels', '2', path],
        'alsa': ['parec', '-d', 'capture.monitor', '--raw', '--format=float32le', '--rate=%d' % server.rate, '--channels=2',
                 '--latency-msec=200', path]}
    return server.run(commands[kind], stdout=servers.subprocess.DEVNULL, stderr=servers.subprocess.DEVNULL)


def floats(path, wav=False):
    with open(path, 'rb') as file:
        data = file.read()
    if wav:
        data = data[data.index(b'data') + 8:]
    samples = array.array('f')
    samples.frombytes(data[:len(data) // 8 * 8])
    return samples


def first_sound(samples):
    return next((i // 2 * 2 for i, value in enumerate(samples) if value), None)


def differs(want, got, seconds, rate):
    """Sample for sample from the first sound of each on: frames compared, where that sound begins, and the first value that is
    another, or None."""
    a, b = first_sound(want), first_sound(got)
    check(a is not None and b is not None, 'silence')
    count = min(len(want) - a, len(got) - b)
    check(count >= 2 * seconds * rate * 0.98, 'only %d frames were captured' % (count // 2))
    if want[a:a + count].tobytes() == got[b:b + count].tobytes():
        return count // 2, a, b, None
    return count // 2, a, b, next(i for i in range(count) if want[a + i] != got[b + i])


CHUNK = 128  # frames


def pieces(want, got):
    """Where somebody lost sound: of GOT, frame by frame, how many are WANT's, in its order: (equal, others that are not silent)."""
    want_bytes, at, equal, others = want.tobytes(), 8 * (first_sound(want) or 0) // 2, 0, 0
    i = (first_sound(got) or 0) // 2
    while i + CHUNK <= len(got) // 2 and at + 8 * CHUNK <= len(want_bytes):
        chunk = got[2 * i:2 * (i + CHUNK)].tobytes()
        if want_bytes[at:at + 8 * CHUNK] == chunk:
            equal, i, at = equal + CHUNK, i + CHUNK, at + 8 * CHUNK
            continue
        there = want_bytes.find(chunk, at, at + 8 * 48000 * 2) if any(got[2 * i:2 * (i + CHUNK)]) else -1
        if there >= 0 and there % 8 == 0:
            at = there
        else:  # a frame at a time, until it goes on
            others += any(got[2 * i:2 * i + 2]) and want_bytes[at:at + 8] != got[2 * i:2 * i + 2].tobytes()
            at += 8 * (want_bytes[at:at + 8] == got[2 * i:2 * i + 2].tobytes())
            i += 1
    return equal, others


def calls_in_pulls(log):
    """Pulls that strace saw between their two marks, and the calls to the system inside of them."""
    inside, pulls, calls = set(), 0, []
    with open(log, errors='replace') as lines:
        for line in lines:
            thread, call = line.split(None, 1)
            if call.startswith('getpgid(424242'):
                inside.add(thread)
            elif call.startswith('getpgid(434343'):
                inside.discard(thread)
                pulls += 1
            elif thread in inside and not call.startswith(('+++', '---')) and 'resumed>' not in call:
                calls.append(line.strip())
    print('# %d pulls, %d calls inside' % (pulls, len(calls)))
    return pulls, calls
