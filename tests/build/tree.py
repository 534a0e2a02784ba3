# SPDX-License-Identifier: MIT
"""What the checks of this directory share: the files of the tree, the build's compilations, running many compilers."""
import concurrent.futures
import json
import os
import shlex
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def skip(text):
    print('SKIP:', text)
    sys.exit(77)


def finish(problems, what):
    print('%s: %d problem%s' % (what, problems, '' if problems == 1 else 's'))
    sys.exit(1 if problems else 0)


def files(untracked=False):
    """Paths below the root: those that git tracks (untracked: and those it could), or all of them but build directories
    where there is no git."""
    more = ['--cached', '--others', '--exclude-standard'] if untracked else []
    try:
        done = subprocess.run(['git', '-C', ROOT, 'ls-files', '-z'] + more, capture_output=True, text=True)
        names = done.stdout.split('\0') if done.returncode == 0 else []
    except OSError:
        names = []
    if not any(names):
        names = []
        for folder, folders, found in os.walk(ROOT):
            folders[:] = [d for d in folders
                          if d != '.git' and not os.path.isdir(os.path.join(folder, d, 'meson-private'))]
            names += [os.path.relpath(os.path.join(folder, f), ROOT) for f in found]
    return sorted(n for n in names if n and os.path.isfile(os.path.join(ROOT, n)))


def read(name):
    with open(os.path.join(ROOT, name), errors='replace') as f:
        return f.read()


def compilations(build, room):
    """{source: flags} of the build directory's compilations of a room (src/synth ...), each source once, without the
    compiler's name, the output, dependency files, optimisation and instrumentation. Sources relative to the root."""
    path = os.path.join(build, 'compile_commands.json')
    if not os.path.exists(path):
        skip('no compile_commands.json in ' + build)
    with open(path) as f:
        entries = json.load(f)
    result = {}
    for entry in entries:
        source = os.path.relpath(os.path.realpath(os.path.join(entry['directory'], entry['file'])), ROOT)
        if not source.startswith(room + '/') or not source.endswith('.c') or source in result:
            continue
        words = shlex.split(entry['command'])
        words = words[1:] if os.path.basename(words[0]) != 'ccache' else words[2:]
        flags, drop = [], False
        for word in words:
            if drop:
                drop = False
            elif word in ('-o', '-MQ', '-MF', '-MT'):
                drop = True
            elif word in ('-c', '-MD', '-g', '--coverage', '-Werror') or word == entry['file'] or \
                    word.startswith(('-O', '-fsanitize', '-fno-sanitize', '-flto', '-fprofile', '-D_FORTIFY_SOURCE',
                                     '-fdiagnostics', '-Winvalid-pch', '-fstack-protector')):
                pass
            elif word.startswith('-I') and not os.path.isabs(word[2:]):
                flags.append('-I' + os.path.normpath(os.path.join(entry['directory'], word[2:])))
            else:
                flags.append(word)
        result[source] = flags
    return result


def accepts(cc, flag):
    """Whether the compiler takes a flag without a word."""
    done = subprocess.run([cc, flag, '-Werror', '-fsyntax-only', '-x', 'c', '-'], input='#include <stdint.h>\n',
                          capture_output=True, text=True)
    return done.returncode == 0


def usable(cc, flags, cache={}):
    """The flags that this compiler takes, which need not be the one that the build uses."""
    for flag in flags:
        if (cc, flag) not in cache:
            cache[cc, flag] = not flag.startswith(('-W', '-f', '-m')) or accepts(cc, flag)
    return [f for f in flags if cache[cc, f]]


def there(*names):
    return [n for n in names if shutil.which(n)]


def arguments(usage):
    """(build directory, the compilers to ask, whether those are every one): gcc or else clang, or with --every both."""
    words = sys.argv[1:]
    every = '--every' in words
    words = [w for w in words if w != '--every']
    if len(words) != 1:
        sys.exit(usage)
    ccs = there('gcc', 'clang')
    return words[0], ccs if every else ccs[:1], every


def run_all(commands):
    """[(label, arguments)] side by side; yields (label, exit status, messages) in order."""
    def run(command):
        done = subprocess.run(command[1], capture_output=True, text=True)
        return command[0], done.returncode, done.stdout + done.stderr
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        yield from pool.map(run, commands)
