# SPDX-License-Identifier: MIT
"""What the tests of the tool share: TAP lines, a box (empty directory with a clean environment) and runs of the tool.

A test is a function test_...(t) that calls t.ok, t.equal ...; each call is one TAP line. argv[1] is the tool."""
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import traceback

import files

DMUS = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else 'dmus'
TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def default_signals():
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Run:
    """A finished run. code is negative after a signal."""

    def __init__(self, argv, code, out, err):
        self.argv, self.code, self.out, self.err = argv, code, out, err

    def json(self):
        return json.loads(self.out)

    def song(self):
        """The only song of a render's JSON report."""
        return self.json()['songs'][0]

    def __str__(self):
        out = self.out if isinstance(self.out, str) else '%d bytes' % len(self.out)
        return '%s: exit code %d\nstdout: %s\nstderr: %s' % (' '.join(map(str, self.argv)), self.code, out[-2000:], self.err[-2000:])


class Test:
    def __init__(self, name):
        self.name, self.count, self.failed = name, 0, 0
        self.box = None

    # -- results --

    def ok(self, good, what, detail=''):
        self.count += 1
        print('%sok %d - %s: %s' % ('' if good else 'not ', self.count, self.name, what))
        if not good:
            self.failed += 1
            for line in str(detail).splitlines():
                print('#   ' + line)
        sys.stdout.flush()
        return good

    def equal(self, got, want, what, detail=''):
        return self.ok(got == want, what, 'got %r, wanted %r\n%s' % (got, want, detail))

    def near(self, got, want, tolerance, what):
        return self.ok(abs(got - want) <= tolerance, what, 'got %r, wanted %r within %r' % (got, want, tolerance))

    def says(self, run, *words, where='err'):
        text = getattr(run, where)
        missing = [word for word in words if word not in text]
        return self.ok(not missing, 'says ' + ', '.join(map(repr, words)), 'missing %r in\n%s' % (missing, run))

    def exits(self, run, code, what):
        return self.equal(run.code, code, what, run)

    def skip(self, what, why):
        self.count += 1
        print('ok %d - %s: %s # SKIP %s' % (self.count, self.name, what, why))

    # -- the box --

    def path(self, name):
        return os.path.join(self.box, name)

    def write(self, name, data):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(data)
        return name

    def read(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    def listing(self):
        """Every name in the box, hidden ones too."""
        found = []
        for directory, directories, names in os.walk(self.box):
            found += [os.path.relpath(os.path.join(directory, name), self.box) for name in directories + names]
        return sorted(found)

    def environment(self, **more):
        keep = {name: os.environ[name] for name in ('PATH', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS', 'TSAN_OPTIONS',
                                                    'LD_LIBRARY_PATH') if name in os.environ}
        keep.update(HOME=self.path('home'), XDG_DATA_HOME=self.path('data'), XDG_DATA_DIRS=self.path('system'),
                    LC_ALL='C.UTF-8', TERM='dumb')
        keep.update(more)
        return keep

    def dmus(self, *argv, env=None, text=True, timeout=60, **how):
        how.setdefault('stdin', subprocess.DEVNULL)
        how.setdefault('stdout', subprocess.PIPE)
        how.setdefault('stderr', subprocess.PIPE)
        done = subprocess.run([how.pop('tool', DMUS), *argv], cwd=self.box, env=self.environment(**(env or {})),
                              timeout=timeout, **how)
        out = done.stdout or b''
        return Run(['dmus', *argv], done.returncode, out.decode(errors='replace') if text else out,
                   (done.stderr or b'').decode(errors='replace'))

    def start(self, *argv, env=None, **how):
        """The tool in the background; the caller waits for it. Signals as a terminal leaves them, even if the tests run under nohup."""
        how.setdefault('preexec_fn', default_signals)
        return subprocess.Popen([DMUS, *argv], cwd=self.box, env=self.environment(**(env or {})), **how)

    def standard_files(self):
        self.write('song.mid', files.one_second())
        self.write('tune.mid', files.tune())
        self.write('bank.sf2', files.sf2())


class Wave:
    """A WAV file as written by the tool: samples as numbers, 1.0 is full scale. Not python's wave module, which knows neither
    floats nor the extensible header."""

    def __init__(self, data):
        assert data[:4] in (b'RIFF', b'RF64') and data[8:12] == b'WAVE', data[:16]
        self.chunks, at = [], 12
        while at + 8 <= len(data):
            name, size = data[at:at + 4], struct.unpack_from('<I', data, at + 4)[0]
            size = min(size, len(data) - at - 8)
            self.chunks.append((name, data[at + 8:at + 8 + size]))
            at += 8 + size + (size & 1)
        tag, self.channels, self.rate, _, self.align, self.bits = struct.unpack_from('<HHIIHH', self.find(b'fmt '))
        if tag == 0xfffe:
            tag = struct.unpack_from('<H', self.find(b'fmt '), 24)[0]
        self.is_float = tag == 3
        self.data = self.find(b'data')
        self.frames = len(self.data) // self.align

    def find(self, name):
        return next(body for found, body in self.chunks if found == name)

    def samples(self):
        if self.is_float:
            return list(struct.unpack('<%df' % (len(self.data) // 4), self.data))
        if self.bits == 16:
            return [v / 32768 for v in struct.unpack('<%dh' % (len(self.data) // 2), self.data)]
        return [int.from_bytes(self.data[i:i + 3], 'little', signed=True) / 8388608 for i in range(0, len(self.data), 3)]

    def channel(self, number):
        return self.samples()[number::self.channels]


def rms(samples):
    return (sum(v * v for v in samples) / len(samples)) ** 0.5 if samples else 0.0


def main(namespace):
    """Run every test_ function of a script, each in a box of its own, and end with the plan."""
    count = failed = 0
    for name, function in list(namespace.items()):
        if not name.startswith('test_') or not callable(function):
            continue
        test = Test(name[5:].replace('_', ' '))
        test.count, test.failed, test.box = count, failed, os.path.realpath(tempfile.mkdtemp(prefix='dmus-cli-'))
        try:
            function(test)
        except Exception:
            test.ok(False, 'raised', traceback.format_exc())
        finally:
            shutil.rmtree(test.box, ignore_errors=True)
        count, failed = test.count, test.failed
    print('1..%d' % count)
    sys.exit(1 if failed else 0)
