# SPDX-License-Identifier: MIT
"""A PulseAudio of our own: one device without hardware, whose sound can be recorded."""
import os
import shutil
import subprocess
import tempfile
import time


def end(process):
    if process and process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Pulse:
    """Use as a context; server is None where PulseAudio is not to be had, and reason says why."""

    def __enter__(self):
        self.server, self.reason, self.daemon, self.recorder = None, None, None, None
        try:
            os.nice(-10)  # for all who have to do with the sound, where that is allowed: real time does not wait for compilers
        except OSError:
            pass
        self.folder = tempfile.mkdtemp(prefix='dmus-pulse-')
        if not shutil.which('pulseaudio') or not shutil.which('parec'):
            self.reason = 'no pulseaudio, or no parec'
            return self
        socket = os.path.join(self.folder, 'socket')
        self.env = dict(os.environ, HOME=self.folder, XDG_RUNTIME_DIR=self.folder, PULSE_RUNTIME_PATH=self.folder,
                        PULSE_SERVER='unix:' + socket)
        self.env.pop('DISPLAY', None)
        log = open(os.path.join(self.folder, 'log'), 'wb')
        self.daemon = subprocess.Popen(
            ['pulseaudio', '-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1', '--disable-shm=yes', '--realtime=no',
             '--high-priority=yes', '-L', 'module-null-sink sink_name=capture rate=44100 channels=2',
             '-L', 'module-native-protocol-unix auth-anonymous=1 socket=' + socket],
            env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _ in range(600):
            if self.daemon.poll() is not None:
                break
            if os.path.exists(socket):
                self.server = self.env['PULSE_SERVER']
                return self
            time.sleep(0.05)
        self.reason = 'pulseaudio does not start: ' + open(os.path.join(self.folder, 'log')).read().strip()[-200:]
        return self

    def record(self, path):
        """Start writing mono 16-bit samples at 44100 Hz, silence at first; end with finish()."""
        self.out = open(path, 'wb')
        self.recorder = subprocess.Popen(['parec', '-d', 'capture.monitor', '--raw', '--format=s16le', '--rate=44100',
                                          '--channels=1', '--latency-msec=100'], env=self.env, stdin=subprocess.DEVNULL,
                                         stdout=self.out, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if os.path.getsize(path) > 0 or self.recorder.poll() is not None:
                break
            time.sleep(0.05)

    def finish(self):
        end(self.recorder)
        self.out.close()

    def __exit__(self, *_):
        end(self.recorder)
        end(self.daemon)
        shutil.rmtree(self.folder, ignore_errors=True)
