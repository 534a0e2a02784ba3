# SPDX-License-Identifier: MIT
"""Interruptions, and the progress line."""
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import termios
import time

import files
from harness import DMUS, main


def long_render(t):
    t.write('long.mid', files.crowd(150, 100))
    t.write('bank.sf2', files.sf2())
    return ['render', 'long.mid', '-b', 'bank.sf2', '-o', 'out.wav']


def descriptors(pid):
    try:
        return [os.readlink('/proc/%d/fd/%s' % (pid, fd)) for fd in os.listdir('/proc/%d/fd' % pid)]
    except OSError:
        return []


def wait_for_output(t, tool):
    """Until the tool has its output open: it is rendering then."""
    end = time.monotonic() + 20
    while time.monotonic() < end and tool.poll() is None:
        if any(t.box in link and 'long.mid' not in link and 'bank.sf2' not in link for link in descriptors(tool.pid)):
            return True
        time.sleep(0.02)
    return False


def interrupt(t, argv, number):
    tool = t.start(*argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    rendering = wait_for_output(t, tool)
    time.sleep(0.1)
    running = tool.poll() is None
    began = time.monotonic()
    tool.send_signal(number)
    try:
        out, err = tool.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        tool.kill()
        out, err = tool.communicate()
    t.ok(rendering and running, 'it was at work', err.decode())
    t.ok(time.monotonic() - began < 5, 'it ends soon', time.monotonic() - began)
    return tool.returncode, err.decode(), out.decode()


def test_signals(t):
    argv = long_render(t)
    before = t.listing()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        code, err, _ = interrupt(t, argv, number)
        t.equal(code, 128 + number, number.name + ': exit code', err)
        t.ok('interrupted' in err, number.name + ' is told', err)
        t.equal(t.listing(), before, number.name + ' leaves nothing')
    t.write('out.wav', b'precious')
    interrupt(t, argv + ['-y'], signal.SIGINT)
    t.equal(t.read('out.wav'), b'precious', 'an existing file stays')


def test_kill(t):
    argv = long_render(t)
    before = t.listing()
    code, _, _ = interrupt(t, argv, signal.SIGKILL)
    t.equal(code, -signal.SIGKILL, 'killed')
    if os.path.exists('/proc/self/fd') and hasattr(os, 'O_TMPFILE'):
        left = [name for name in t.listing() if name not in before]
        try:
            os.close(os.open(t.box, os.O_TMPFILE | os.O_RDWR))
            t.equal(left, [], 'even that leaves nothing')
        except OSError:
            t.skip('even that leaves nothing', 'a file system without unnamed files')


def test_interrupted_batch(t):
    argv = long_render(t)
    t.write('short.mid', files.one_second())
    t.write('later.mid', files.one_second())
    t.exits(t.dmus('render', 'short.mid', '-b', 'bank.sf2', '-q'), 0, 'one song before')
    before = t.listing()
    code, err, out = interrupt(t, ['render', 'long.mid', 'later.mid', '-b', 'bank.sf2', '--json'], signal.SIGINT)
    t.equal(code, 130, 'exit code', err)
    t.equal([(song['song'], song['status'], song['output']) for song in json.loads(out)['songs']],
            [('long.mid', 'cancelled', None), ('later.mid', 'cancelled', None)], 'JSON has every song, also those that were not begun')
    t.equal(t.listing(), before, 'finished files stay, the others do not come')


def test_interrupted_convert(t):
    """Conversion goes wave by wave; what is interrupted is not published."""
    t.write('bank.sf2', files.sf2())
    os.mkfifo(t.path('out.dls'))
    tool = t.start('convert', 'bank.sf2', '-o', 'out.dls', '-y', stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.3) # it waits for a reader now
    tool.send_signal(signal.SIGINT)
    _, err = tool.communicate(timeout=20)
    t.equal(tool.returncode, 130, 'exit code', err.decode())


def test_ignored_signals_stay_ignored(t):
    """nohup, and shells that start jobs in the background."""
    t.write('song.mid', files.crowd(8))
    t.write('bank.sf2', files.sf2())
    for number in (signal.SIGHUP, signal.SIGINT):
        tool = t.start('render', 'song.mid', '-b', 'bank.sf2', '-o', number.name + '.wav', stdout=subprocess.DEVNULL,
                       preexec_fn=lambda: signal.signal(number, signal.SIG_IGN))
        time.sleep(0.1)
        tool.send_signal(number)
        t.equal(tool.wait(timeout=60), 0, number.name + ' ignored by the caller stays ignored')


def test_waiting_for_a_song(t):
    t.write('bank.sf2', files.sf2())
    tool = t.start('render', '-', '-b', 'bank.sf2', stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.3)
    tool.send_signal(signal.SIGINT)
    try:
        code = tool.wait(timeout=5)
    except subprocess.TimeoutExpired:
        tool.kill()
        code = 'no end'
    tool.communicate()
    t.equal(code, -signal.SIGINT, 'who waits for a song to be typed can be interrupted')


def on_terminal(t, argv, term='xterm', columns=0):
    """Exit code and what the terminal on standard error got."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack('4H', 24 if columns else 0, columns, 0, 0))
    tool = t.start(*argv, env={'TERM': term}, stdout=subprocess.PIPE, stderr=child)
    os.close(child)
    seen = b''
    while True:
        try:
            data = os.read(parent, 65536)
        except OSError: # EIO: the other end is closed
            break
        if not data:
            break
        seen += data
    tool.communicate(timeout=60)
    os.close(parent)
    return tool.returncode, seen


def test_progress(t):
    t.standard_files()
    t.write('crowd.mid', files.crowd(3))
    argv = ['render', 'crowd.mid', '-b', 'bank.sf2', '-o', 'out.wav', '-y']
    code, seen = on_terminal(t, argv)
    t.equal(code, 0, 'renders on a terminal')
    t.ok(b'crowd.mid [' in seen and b'%' in seen and b'\r' in seen, 'with a progress line', seen[:200])
    t.ok(seen.endswith(b'\r\x1b[K'), 'that is wiped at the end', seen[-100:])
    draws = seen.count(b'\rcrowd.mid')
    t.ok(draws <= 2 + 60 * 10, 'not more than ten times a second', draws)
    for what, argv2, term in (('-q', argv + ['-q'], 'xterm'), ('a dumb terminal', argv, 'dumb')):
        code, seen = on_terminal(t, argv2, term)
        t.equal((code, seen), (0, b''), 'nothing with ' + what)
    run = t.dmus(*argv, env={'TERM': 'xterm'})
    t.equal(run.err, '', 'nothing in a pipe')
    code, seen = on_terminal(t, ['render', 'song.mid', 'tune.mid', '-b', 'bank.sf2', '-y', '-j', '2'])
    t.ok(code == 0 and b' of 2' in seen, 'several songs are counted', seen[:200])
    code, seen = on_terminal(t, ['convert', 'bank.sf2', '-o', 'out.dls'])
    t.ok(code == 0 and b'waves [' in seen, 'convert counts waves', seen[:200])


def test_progress_fits(t):
    """A line that is wider than the terminal wraps, and could not be rewritten."""
    t.write('bank.sf2', files.sf2())
    name = 'G\u00e4ste \u6f22\u5b57 of a song.mid'
    path = t.write('a directory whose name is longer than any terminal needs to be/' + name, files.crowd(40))
    argv = ['render', path, '-b', 'bank.sf2', '--dry-run']
    for columns in (0, 200, 80, 40, 24, 10):
        code, seen = on_terminal(t, argv, columns=columns)
        lines = [line.replace(b'\x1b[K', b'').decode() for line in seen.split(b'\r')]
        # Two columns for a Chinese character.
        widest = max(sum(1 + (c > '\u2fff') for c in line) for line in lines)
        t.ok(code == 0 and len(lines) > 1 and 0 < widest < (columns or 80), '%d columns suffice' % columns, lines[:3])
        if columns in (0, 80, 200):
            t.ok(lines[1].startswith(name + ' ['), 'the name, without directories', lines[1])


def test_quiet(t):
    t.standard_files()
    for argv in (['render', 'song.mid', '-b', 'bank.sf2', '-q'], ['convert', 'bank.sf2', '-o', 'out.dls', '-q'],
                 ['info', '-q', 'song.mid', 'bank.sf2', 'out.dls']):
        run = t.dmus(*argv)
        t.exits(run, 0, argv[0] + ' -q')
        t.equal(run.out + run.err, '', 'says nothing')


main(globals())
