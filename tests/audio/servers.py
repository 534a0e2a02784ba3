# SPDX-License-Identifier: MIT
"""Sound servers of our own, without hardware: each in a folder of its own, with a limited life, and ended for certain."""
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time

LIFE = 240  # seconds, whatever happens to us


class Server:
    """Use as a context; reason is set, and nothing runs, where the server is not to be had."""
    needs = []

    def __init__(self, rate=48000, period=1024):
        self.rate, self.period = rate, period

    def __enter__(self):
        self.reason, self.children = None, []
        self.folder = tempfile.mkdtemp(prefix='dmus-sound-')
        os.chmod(self.folder, 0o700)
        self.env = dict(os.environ, HOME=self.folder, XDG_RUNTIME_DIR=self.folder, XDG_CONFIG_HOME=self.folder)
        for name in ('DISPLAY', 'DBUS_SESSION_BUS_ADDRESS', 'PULSE_SERVER', 'PIPEWIRE_REMOTE', 'JACK_DEFAULT_SERVER'):
            self.env.pop(name, None)
        missing = [tool for tool in self.needs if not shutil.which(tool)]
        if missing:
            self.reason = 'no ' + ', no '.join(missing)
        else:
            self.prepare()
            self.start()
        return self

    def __exit__(self, *_):
        for child in self.children:
            if child.poll() is None:
                child.send_signal(signal.SIGCONT)
                child.terminate()
        for child in self.children:
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, args, **more):
        """A child that ends with us, or LIFE seconds from now."""
        child = subprocess.Popen(['timeout', '-k', '10', str(LIFE)] + args, env=more.pop('env', self.env), **more)
        self.children.append(child)
        return child

    def daemon(self, args):
        """A server that must be found and killed by its own pid: no timeout in between, but a limited life by its watcher."""
        log = open(os.path.join(self.folder, 'log'), 'ab')
        child = subprocess.Popen(args, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.children.append(child)
        self.run(['sh', '-c', 'sleep %d; kill -9 %d' % (LIFE, child.pid)], stdin=subprocess.DEVNULL,
                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return child

    def wait(self, ready, seconds=30):
        for _ in range(int(seconds * 20)):
            if self.server.poll() is not None:
                break
            if ready():
                return
            time.sleep(0.05)
        with open(os.path.join(self.folder, 'log'), errors='replace') as log:
            self.reason = '%s does not start: %s' % (self.needs[0], log.read().strip()[-300:])

    def answers(self, args):
        return subprocess.run(args, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=30).returncode == 0

    def prepare(self):
        pass

    def kill(self):
        """As a crash would."""
        self.server.kill()
        self.server.wait()

    def restart(self):
        self.start_server()


class Jack(Server):
    needs = ['jackd', 'jack_lsp']

    def __init__(self, rate=48000, period=1024, realtime=True):
        super().__init__(rate, period)
        self.realtime = realtime

    def prepare(self):
        self.env.update(JACK_DEFAULT_SERVER='dmus%d' % os.getpid(), JACK_NO_AUDIO_RESERVATION='1', JACK_NO_START_SERVER='1')

    @staticmethod
    def forget_the_dead():
        """JACK knows at most eight servers on a machine, and one that was killed counts while any process has its number. Ours that
        are gone are struck from its list: magic, protocol, type, size, two lengths; then for each a number and a name."""
        try:
            with open('/dev/shm/jack-shm-registry', 'r+b') as registry:
                head = registry.read(24 + 8 * 264)
                if len(head) < 24 + 8 * 264 or head[:4] != b'KCAJ' or struct.unpack_from('=i', head, 16)[0] != 24 + 8 * 264:
                    return
                for at in range(24, len(head), 264):
                    pid, name = struct.unpack_from('=i', head, at)[0], head[at + 4:at + 264].split(b'\0')[0]
                    try:
                        with open('/proc/%d/comm' % pid) as comm:
                            lives = 'jack' in comm.read()
                    except OSError:
                        lives = False
                    if pid and not lives and re.search(rb'(^|[:/])dmus[0-9]+:?$', name):
                        registry.seek(at)
                        registry.write(bytes(264))
        except OSError:
            pass

    def start_server(self):
        self.forget_the_dead()
        self.server = self.daemon(['jackd', '-n', self.env['JACK_DEFAULT_SERVER'], *(['-R', '-P', '20'] if self.realtime else ['-r']), '-S', '-t', '2000', '-d',
                                   'dummy', '-r', str(self.rate), '-p', str(self.period)])

    def start(self):
        self.start_server()
        self.wait(lambda: self.answers(['jack_lsp']))

    def __exit__(self, *args):
        super().__exit__(*args)
        name = self.env.get('JACK_DEFAULT_SERVER')
        if name:  # what a killed jackd leaves
            for entry in os.listdir('/dev/shm'):
                if re.search(r'(^|[_-])' + re.escape(name) + r'([_-]|$)', entry):
                    path = os.path.join('/dev/shm', entry)
                    shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else os.unlink(path)


class PipeWire(Server):
    needs = ['pipewire', 'wireplumber', 'dbus-daemon', 'pw-cli', 'pw-link', 'pw-record']
    config = '''context.properties = { core.daemon = true core.name = pipewire-0 log.level = 2 support.dbus = false
    default.clock.rate = %(rate)d default.clock.quantum = %(period)d default.clock.min-quantum = 32 }
context.spa-libs = { audio.convert.* = audioconvert/libspa-audioconvert support.* = support/libspa-support }
context.modules = [
  { name = libpipewire-module-rt args = { nice.level = -11 rt.prio = 20 } flags = [ ifexists nofail ] }
  { name = libpipewire-module-protocol-native } { name = libpipewire-module-metadata }
  { name = libpipewire-module-spa-node-factory } { name = libpipewire-module-client-node }
  { name = libpipewire-module-access } { name = libpipewire-module-adapter }
  { name = libpipewire-module-link-factory } { name = libpipewire-module-client-device }
  { name = libpipewire-module-session-manager } ]
context.objects = [
  { factory = spa-node-factory args = { factory.name = support.node.driver node.name = Dummy-Driver
      node.group = pipewire.dummy priority.driver = 20000 } }
  { factory = adapter args = { factory.name = support.null-audio-sink node.name = capture media.class = Audio/Sink
      object.linger = true audio.position = [ FL FR ] monitor.channel-volumes = false } } ]
'''

    def prepare(self):
        self.path = os.path.join(self.folder, 'null.conf')
        with open(self.path, 'w') as out:
            out.write(self.config % {'rate': self.rate, 'period': self.period})

    def start(self):
        bus = 'unix:path=' + os.path.join(self.folder, 'bus')
        self.env.update(DBUS_SESSION_BUS_ADDRESS=bus, DBUS_SYSTEM_BUS_ADDRESS=bus)
        self.daemon(['dbus-daemon', '--session', '--address=' + bus, '--nofork', '--nopidfile'])
        self.start_server()
        self.wait(lambda: self.answers(['pw-link', 'capture:monitor_FL', 'capture:playback_FL']))  # a session manager made ports
        subprocess.run(['pw-link', '-d', 'capture:monitor_FL', 'capture:playback_FL'], env=self.env)

    def start_server(self):
        self.server = self.daemon(['pipewire', '-c', self.path])
        for _ in range(100):
            if os.path.exists(os.path.join(self.folder, 'pipewire-0')):
                break
            time.sleep(0.05)
        self.daemon(['wireplumber'])


class Pulse(Server):
    needs = ['pulseaudio', 'parec']

    def prepare(self):
        self.socket = os.path.join(self.folder, 'socket')
        self.env.update(PULSE_RUNTIME_PATH=self.folder, PULSE_SERVER='unix:' + self.socket,
                        ALSA_CONFIG_PATH=os.path.join(self.folder, 'asound.conf'))
        with open(self.env['ALSA_CONFIG_PATH'], 'w') as out:
            out.write('pcm.!default { type pulse }\nctl.!default { type pulse }\n')
        # The library's own configuration brings the plug-ins' types along.
        if os.path.exists('/usr/share/alsa/alsa.conf'):
            with open(self.env['ALSA_CONFIG_PATH'], 'w') as out:
                out.write('</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n')

    def start_server(self):
        self.server = self.daemon(['pulseaudio', '-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1',
                                   '--disable-shm=yes', '--realtime=no', '--high-priority=yes', '-L',
                                   'module-null-sink sink_name=capture rate=%d channels=2 format=float32le' % self.rate, '-L',
                                   'module-native-protocol-unix auth-anonymous=1 socket=' + self.socket])

    def start(self):
        self.start_server()
        self.wait(lambda: os.path.exists(self.socket))
