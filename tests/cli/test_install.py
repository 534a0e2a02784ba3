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


# Of both libraries; its own function has the name of one of the house.
TOGETHER = b"""
#include <dmus/dmus.h>
#include <dmus/live.h>
#include <stdio.h>

enum { OWN = 17 };
int song_plan_make(void);
int song_plan_make(void) { return OWN; }

int main(int argc, char **argv)
{
    struct dmus_live_options options = DMUS_INIT(dmus_live_options);
    struct dmus_live_state state = DMUS_INIT(dmus_live_state);
    struct dmus_error err = DMUS_INIT(dmus_error);
    struct dmus_song *song = NULL;
    struct dmus_bank *bank = NULL;
    struct dmus_live *live = NULL;
    char text[256];
    dmus_live_defaults(&options);
    options.audio = "null";
    options.no_realtime = true;
    if (argc != 3 || dmus_song_open(argv[1], &song, &err) || dmus_bank_open(argv[2], &bank, &err) ||
        dmus_live_open(&options, &live, &err) || dmus_live_queue(live, song, &bank, 1, &err)) {
        fprintf(stderr, "%s\\n", err.text);
        return 1;
    }
    do
        dmus_live_wait(live, 100);
    while (dmus_live_get_state(live, &state) == DMUS_OK && state.playing);
    while (dmus_live_message(live, text, sizeof text))
        fprintf(stderr, "%s\\n", text);
    printf("%s %s\\n", dmus_version(), dmus_kind_name(0));
    dmus_live_close(live);
    dmus_bank_close(bank);
    dmus_song_close(song);
    return song_plan_make() != OWN || state.voices_peak == 0 || state.songs_failed;
}
"""


def flags(t, base, names, static, libraries):
    """What pkg-config says, on a machine that has nothing of what the library finds at run time."""
    place = next(os.path.dirname(os.path.join(base, name)) for name in names if name.endswith('/dmus.pc'))
    env = dict(os.environ, PKG_CONFIG_LIBDIR=place, PKG_CONFIG_PATH='', PKG_CONFIG_SYSROOT_DIR=t.path('root'))
    words = ''
    for library in libraries:
        code, out = shell(t, 'pkg-config', *(['--static'] if static else []), '--cflags', '--libs', library, env=env)
        t.equal(code, 0, 'pkg-config knows ' + library, out)
        words += ' ' + out
    return [re.sub(r'^-l(dmus.*)', r'-l:lib\1.a', word) if static else word for word in words.split()]


def compile_and_run(t, base, names, source, static, *argv, libraries=('dmus',)):
    """Compile SOURCE with pkg-config's flags alone and run it with the installed library."""
    what = os.path.basename(source) + (' with the archive' if static else '') + ' of ' + ' and '.join(libraries)
    words = flags(t, base, names, static, libraries)
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
    t.write('together.c', TOGETHER)
    for libraries in (('dmus-live',), ('dmus', 'dmus-live'), ('dmus-live', 'dmus')):
        for static in (False, True):
            compile_and_run(t, base, names, 'together.c', static, 'song.mid', 'bank.sf2', libraries=libraries)
    code, out = shell(t, os.path.join(base, 'bin', 'dmus'), '--version', env=t.environment())
    t.ok(code == 0 and out.startswith('dmus '), 'the installed tool runs', out)


main(globals())
