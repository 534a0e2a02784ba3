# SPDX-License-Identifier: MIT
"""What the scripts of this folder know about Wine: where it is, scratch prefixes, running programs."""
import fcntl
import os
import shutil
import subprocess
import tempfile

CACHE = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'opendmus', 'wine32')


def find(bits):
    """The Wine loader that runs programs of 64 or 32 bits, or None."""
    if bits == 64:
        places = ['/usr/lib/wine/wine64', shutil.which('wine64')]
    else:  # Debian's, or the private one that scripts/wine32.sh makes
        places = [os.environ.get('OPENDMUS_WINE32'), '/usr/lib/wine/wine', os.path.join(CACHE, 'wine')]
    return next((p for p in places if p and os.access(p, os.X_OK)), None)


def environment(bits, prefix, overrides=''):
    env = dict(os.environ, WINEPREFIX=prefix, WINEARCH='win64' if bits == 64 else 'win32', HOME=prefix + '.home',
               WINEDEBUG=os.environ.get('WINEDEBUG', '-all'), WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe=' + overrides)
    for name in ('DISPLAY', 'WAYLAND_DISPLAY', 'LD_PRELOAD'):
        env.pop(name, None)
    os.makedirs(env['HOME'], exist_ok=True)
    return env


def run(loader, env, words, timeout, **others):
    """Exit status and output of a program. By way of a file: what Wine leaves running would hold a pipe open."""
    with tempfile.TemporaryFile() as out:
        try:
            status = subprocess.run([loader] + words, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                    timeout=timeout, **others).returncode
        except subprocess.TimeoutExpired:
            status = -1
            server(loader, env, '-k')
        out.seek(0)
        return status, out.read().decode(errors='replace').replace('\r\n', '\n')


def server(loader, env, flag):
    """wineserver -k or -w for the prefix of ENV."""
    beside = os.path.join(os.path.dirname(loader), 'wineserver')
    subprocess.run([beside if os.access(beside, os.X_OK) else 'wineserver', flag], env=env, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False)


def make_prefix(loader, bits, prefix):
    """A scratch prefix, once: takes 10 s. None or what went wrong."""
    os.makedirs(os.path.dirname(os.path.abspath(prefix)), exist_ok=True)
    with open(prefix + '.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(prefix + '.made'):
            return None
        shutil.rmtree(prefix, ignore_errors=True)
        env = environment(bits, prefix)
        status, text = run(loader, env, ['wineboot', '-i'], 100)
        server(loader, env, '-w')
        if status or not os.path.exists(os.path.join(prefix, 'system.reg')):
            return 'wineboot gave %d\n%s' % (status, text[-2000:])
        open(prefix + '.made', 'w').close()
    return None
