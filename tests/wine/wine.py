# SPDX-License-Identifier: MIT
"""What the scripts of this folder know about Wine: where it is, scratch prefixes, running programs within bounds.

Wine starts processes of its own, and may start them again and again when they fail. So all that runs in a prefix is counted while
a program runs, and killed above PROCESSES; no program runs without a limit of time; no window is ever made (Graphics = null, and
explorer.exe, which would make the desktop, does not run).
"""
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CACHE = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'opendmus', 'wine32')
PATIENCE = 300  # seconds for what takes ten on a machine with nothing else to do
PROCESSES = 30 + 2 * (os.cpu_count() or 1)  # of one prefix: 8 of Wine's own, and a test per processor
NEVER = 'explorer.exe,mscoree,mshtml,winemenubuilder.exe=d'
USER_REG = ('WINE REGISTRY Version 2\n;; All keys relative to \\\\User\\\\S-1-5-21-0-0-0-1000\n\n#arch=%s\n\n'
            '[Software\\\\Wine\\\\Drivers] 1700000000\n"Graphics"="null"\n"Audio"="pulse"\n')


# A test that is ended from outside takes its program along.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def find(bits):
    """The Wine loader that runs programs of 64 or 32 bits, or None."""
    if bits == 64:
        places = [os.environ.get('OPENDMUS_WINE64'), '/usr/lib/wine/wine64', shutil.which('wine64')]
    else:  # Debian's, or the private one that scripts/wine32.sh makes
        places = [os.environ.get('OPENDMUS_WINE32'), '/usr/lib/wine/wine', os.path.join(CACHE, 'wine')]
    return next((p for p in places if p and os.access(p, os.X_OK)), None)


def environment(bits, prefix, overrides=''):
    env = dict(os.environ, WINEPREFIX=prefix, WINEARCH='win64' if bits == 64 else 'win32', HOME=prefix + '.home',
               WINEDEBUG=os.environ.get('WINEDEBUG', '-all'), WINEDLLOVERRIDES=NEVER + overrides)
    for name in ('DISPLAY', 'WAYLAND_DISPLAY', 'LD_PRELOAD'):
        env.pop(name, None)
    os.makedirs(env['HOME'], exist_ok=True)
    return env


def processes(prefix):
    """All that run in a prefix, whoever started them: Wine's processes leave the family they were born into."""
    mark, found = b'WINEPREFIX=' + os.fsencode(prefix), []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/environ' % pid, 'rb') as file:
                if mark in file.read().split(b'\0') and int(pid) != os.getpid():
                    found.append(int(pid))
        except OSError:  # gone, or somebody else's
            pass
    return found


def serves(pid):
    """Whether a server is past its start: it has gone to its own directory (wineserver(1), FILES)."""
    try:
        return '/server-' in os.readlink('/proc/%d/cwd' % pid)
    except OSError:
        return False


def end_all(prefix):
    """Kill what runs in a prefix. Stopped first, so that nothing starts another while this goes on."""
    for _ in range(50):
        left = processes(prefix)
        if not left:
            return
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in left:
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
        time.sleep(0.05)


class Program:
    """A program that runs in its own session. Its output goes by way of a file: what Wine leaves running would hold a pipe open."""

    def __init__(self, loader, env, words):
        self.prefix, self.most, self.stopped = env['WINEPREFIX'], 0, None
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen([loader] + words, env=env, stdin=subprocess.DEVNULL, stdout=self.out,
                                        stderr=subprocess.STDOUT, start_new_session=True)

    def watch(self, timeout, look=None):
        """Until it ends; LOOK(pid) is called once a second. Exit status, or -1 with the reason in self.stopped."""
        try:
            return self.watch_it(timeout, look)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)

    def watch_it(self, timeout, look):
        end, next_look = time.monotonic() + timeout, time.monotonic() + 1
        while self.process.poll() is None:
            count = len(processes(self.prefix))
            self.most = max(self.most, count)
            if count > PROCESSES:
                self.stopped = '%d processes in the prefix' % count
            elif time.monotonic() > end:
                self.stopped = 'no end after %d s' % timeout
            if self.stopped:
                end_all(self.prefix)
                self.process.wait(30)
                return -1
            if look and time.monotonic() >= next_look:
                look(self.process.pid)
                next_look += 1
            time.sleep(0.1)
        return self.process.returncode

    def text(self):
        self.out.seek(0)
        return self.out.read().decode(errors='replace').replace('\r\n', '\n') + ('\n# stopped: %s\n' % self.stopped if self.stopped
                                                                                else '')


def run(loader, env, words, timeout=PATIENCE):
    """Exit status (-1: it was stopped) and output of a program."""
    program = Program(loader, env, words)
    return program.watch(timeout), program.text()


def server(loader, env, flag):
    """wineserver -k or -w for the prefix of ENV."""
    beside = os.path.join(os.path.dirname(loader), 'wineserver')
    try:
        subprocess.run([beside if os.access(beside, os.X_OK) else 'wineserver', flag], env=env, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        pass


class Prefix:
    """The scratch prefix of a build directory, while it is used; several programs may use it at a time. problem says why there is
    none. The last to leave ends the server and whatever else is still there."""

    def __init__(self, loader, bits, build, dll=None):
        self.loader, self.bits, self.dll = loader, bits, dll
        self.path = os.path.join(os.path.abspath(build), 'wineprefix')
        self.env = environment(bits, self.path, ';dmsynth=n' if dll else '')
        self.problem = None

    def __enter__(self):
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        self.lock = open(self.path + '.lock', 'w')
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        if not os.path.exists(self.path + '.made'):
            self.problem = self.make()
        if self.dll and not self.problem:
            self.replace_dll()
        fcntl.flock(self.lock, fcntl.LOCK_SH)
        return self

    def make(self):
        """Takes 10 s. None or what went wrong. Twice, because of what the first start of Wine does at once on a busy machine."""
        problem = self.make_once()
        if problem:
            print('# once again: ' + problem)
            problem = self.make_once()
        return problem

    def make_once(self):
        end_all(self.path)
        shutil.rmtree(self.path, ignore_errors=True)
        os.makedirs(self.path)
        with open(os.path.join(self.path, 'user.reg'), 'w') as file:
            file.write(USER_REG % self.env['WINEARCH'])
        env = environment(self.bits, self.path)
        status, text = run(self.loader, env, ['wineboot', '-i'])
        server(self.loader, env, '-k')
        end_all(self.path)
        if status or not os.path.exists(os.path.join(self.path, 'system.reg')):
            return 'wineboot gave %d: %s' % (status, ' '.join(text[-500:].split()))
        open(self.path + '.made', 'w').close()
        return None

    def replace_dll(self):
        """As `dmus wine-install` would have it. A new file: the old one may be mapped by a program that runs."""
        place = os.path.join(self.path, 'drive_c/windows/system32/dmsynth.dll')
        with open(self.dll, 'rb') as file:
            data = file.read()
        if os.path.exists(place):
            with open(place, 'rb') as file:
                if file.read() == data:
                    return
        with open(place + '.new', 'wb') as file:
            file.write(data)
        os.rename(place + '.new', place)

    def keep_running(self):
        """From now until stop() there is a server, though no program runs. None or what went wrong."""
        self.stop()
        for _ in range(20):  # one that starts while the old one's lock is not yet released ends again
            server(self.loader, self.env, '-p')
            time.sleep(0.5)
            started = [pid for pid in processes(self.path) if serves(pid)]
            time.sleep(0.5)
            if any(serves(pid) for pid in started):
                return None
        return 'wineserver -p left no process that serves'

    def stop(self):
        """End all that runs there; the registry is written."""
        server(self.loader, self.env, '-k')
        end_all(self.path)

    def __exit__(self, *_):
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.stop()
        except BlockingIOError:  # in use
            pass
        self.lock.close()
