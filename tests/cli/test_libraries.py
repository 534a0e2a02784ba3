# SPDX-License-Identifier: MIT
"""Libraries that a command does not need are not loaded for it, and a missing one is told where it is needed."""
import os
import re
import subprocess

import files
from harness import main

SERVERS = ('libjack', 'libpipewire', 'libasound', 'libdbus')


def mapped(pid):
    with open('/proc/%d/maps' % pid) as file:
        return set(re.findall(r'/(lib[^/\n]*\.so[^/\n]*)$', file.read(), re.M))


def test_render_maps_no_server(t):
    if not os.path.exists('/proc/self/maps'):
        return t.skip('mapped libraries', 'no /proc')
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.tune(20))
    tool = t.start('render', 'song.mid', '-b', 'bank.sf2', '-o', '-', '-q', stdout=subprocess.PIPE)
    tool.stdout.read(200000) # it renders, and cannot end before the rest is read
    names = mapped(tool.pid)
    tool.kill()
    tool.communicate()
    t.ok(any(name.startswith('libc.') for name in names), 'its libraries are seen', names)
    t.equal([name for name in names if name.startswith(SERVERS)], [], 'none of a sound server')


def test_missing(t):
    """Something else under the name of each server's library."""
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.tune(1))
    built = t.dmus('play', 'song.mid', '-b', 'bank.sf2', '-a', 'nothing').err
    tried = 0
    for output, name, soname in (('jack', 'JACK', 'libjack.so.0'), ('pipewire', 'PipeWire', 'libpipewire-0.3.so.0'), ('alsa', 'ALSA', 'libasound.so.2')):
        t.write('lib/' + soname, b'no library\n')
        if output not in built:
            t.skip(output, 'built without it')
            continue
        tried += 1
        run = t.dmus('play', 'song.mid', '-b', 'bank.sf2', '-a', output, env={'LD_LIBRARY_PATH': t.path('lib')})
        t.ok(run.code > 0, output + ' ends with an error', run)
        t.says(run, '%s: cannot load %s; is it installed?' % (name, soname))
    if tried:
        run = t.dmus('play', 'song.mid', '-b', 'bank.sf2', env={'LD_LIBRARY_PATH': t.path('lib')})
        t.ok(run.code > 0, 'without a choice, all are tried', run)
        t.says(run, 'no audio output works', 'is it installed?')


if __name__ == '__main__':
    main(globals())
