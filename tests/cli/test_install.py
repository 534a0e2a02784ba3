# SPDX-License-Identifier: MIT
"""`meson install` puts everything in place, and README's C program and the examples build against it as a user would build them.
argv: the tool, meson, the build directory, the prefix."""
import os
import re
import subprocess
import sys

import files
from harness import TREE, main

MESON, BUILD, PREFIX = sys.argv[2:5]


def shell(t, *argv, env=None):
    done = subprocess.run(argv, cwd=t.box, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    return done.returncode, done.stdout


def installed(t):
    """Install into the box; names below the prefix."""
    code, out = shell(t, MESON, 'install', '-C', BUILD, '--no-rebuild', '--quiet', '--destdir', t.path('root'))
    t.equal(code, 0, 'installs', out)
    base = t.path('root' + PREFIX)
    return base, sorted(os.path.relpath(os.path.join(place, name), base) for place, _, names in os.walk(base) for name in names)


def flags(t, base, names, static):
    """What pkg-config says, on a machine that has nothing of what the library finds at run time."""
    place = next(os.path.dirname(os.path.join(base, name)) for name in names if name.endswith('/dmus.pc'))
    env = dict(os.environ, PKG_CONFIG_LIBDIR=place, PKG_CONFIG_PATH='', PKG_CONFIG_SYSROOT_DIR=t.path('root'))
    for library in ('dmus-live', 'dmus'):
        code, words = shell(t, 'pkg-config', *(['--static'] if static else []), '--cflags', '--libs', library, env=env)
        t.equal(code, 0, 'pkg-config knows ' + library, words)
    return ['-l:libdmus.a' if static and word == '-ldmus' else word for word in words.split()]


def compile_and_run(t, base, names, source, static, *argv):
    """Compile SOURCE with pkg-config's flags alone and run it with the installed library."""
    what = os.path.basename(source) + (' with the archive' if static else '')
    words = flags(t, base, names, static)
    code, out = shell(t, os.environ.get('CC', 'cc').split()[0], '-std=c11', '-Wall', '-Wextra', '-Werror', source, *words, '-lm',
                      '-o', 'program')
    if not t.equal(code, 0, what + ' compiles', str(words) + out):
        return
    libraries = next(os.path.dirname(os.path.join(base, name)) for name in names if '/libdmus.so' in name)
    code, out = shell(t, './program', *argv, env=dict(t.environment(), LD_LIBRARY_PATH='' if static else libraries))
    t.equal(code, 0, what + ' runs', out)


def test_install(t):
    base, names = installed(t)
    for name in ('bin/dmus', 'include/dmus/dmus.h', 'include/dmus/idmus.h', 'include/dmus/live.h', 'share/man/man1/dmus.1',
                 'share/bash-completion/completions/dmus', 'share/zsh/site-functions/_dmus',
                 'share/fish/vendor_completions.d/dmus.fish', 'lib/systemd/user/dmus-live.service',
                 'share/applications/dmus.desktop', 'share/mime/packages/opendmus.xml'):
        t.ok(name in names, name + ' is installed', names)
    for library in ('libdmus', 'libdmus-live'):
        t.ok(any(re.fullmatch(r'lib.*/%s\.so\.\d+' % library, name) for name in names), library + ' with its soname', names)
    private = [name for name in names if re.search(r'\.(a|so)[.\d]*$', name) and not re.search(r'/libdmus(-live)?\.', name)]
    t.equal(private, [], 'no library of the house itself')
    for name in names:
        if name.endswith('.a'):
            code, out = shell(t, 'nm', '-g', '--defined-only', os.path.join(base, name))
            t.equal([line for line in out.splitlines() if ' ' in line and not line.split()[-1].startswith('dmus_')], [],
                    os.path.basename(name) + ' has no name but dmus_*')
    with open(os.path.join(TREE, 'README.md')) as file:
        program = re.search(r'^```c\n(.*?)^```', file.read(), re.M | re.S).group(1)
    t.write('readme.c', program.encode())
    t.write('song.mid', files.one_second())
    t.write('bank.sf2', files.sf2())
    compile_and_run(t, base, names, 'readme.c', False)
    t.ok('out.wav' in os.listdir(t.box), "README's program writes its file")
    os.remove(t.path('out.wav'))
    compile_and_run(t, base, names, 'readme.c', True)
    t.ok('out.wav' in os.listdir(t.box), 'also the static one')
    for name, argv in (('render_file', ['song.mid', 'bank.sf2', 'out.flac']), ('list_bank', ['bank.sf2']),
                       ('level_meter', ['song.mid', 'bank.sf2']), ('ddi_note', ['note.raw']),
                       ('own_mixer', ['bank.sf2', 'notes.raw'])):
        compile_and_run(t, base, names, os.path.join(TREE, 'examples', name + '.c'), False, *argv)
    code, out = shell(t, os.path.join(base, 'bin', 'dmus'), '--version', env=t.environment())
    t.ok(code == 0 and out.startswith('dmus '), 'the installed tool runs', out)


main(globals())
