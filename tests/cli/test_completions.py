# SPDX-License-Identifier: MIT
"""The completions are what packaging/completions/generate.py makes of the tool, and work in the shells that are here."""
import os
import shutil
import subprocess
import sys

from harness import DMUS, TREE, main

PLACE = os.path.join(TREE, 'packaging', 'completions')


def test_in_step(t):
    if ' conformance ' not in t.dmus('help').out:
        return t.skip('in step', 'built without the conformance command')
    subprocess.run([sys.executable, os.path.join(PLACE, 'generate.py'), DMUS, t.box], check=True)
    for name in ('dmus.bash', '_dmus', 'dmus.fish'):
        with open(os.path.join(PLACE, name), 'rb') as file:
            t.ok(file.read() == t.read(name), name + ' is made from this tool', 'run packaging/completions/generate.py')


def bash(t, *words):
    """What bash offers for the last of WORDS."""
    script = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dmus; printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(['bash', '-c', script, os.path.join(PLACE, 'dmus.bash'), *words], cwd=t.box, stdout=subprocess.PIPE,
                          text=True, check=True)
    return sorted(filter(None, done.stdout.split('\n')))


def test_bash(t):
    if not shutil.which('bash'):
        return t.skip('bash', 'not installed')
    for name in ('a song.mid', 'bank.sf2', 'bank.dls', 'note.txt', 'out.wav'):
        t.write(name, b'')
    os.mkdir(t.path('songs'))
    t.equal(bash(t, 'dmus', 're'), ['render'], 'commands')
    t.equal(bash(t, 'dmus', 'render', '--pro'), ['--profile'], 'options')
    t.equal(bash(t, 'dmus', 'render', '--profile', ''), ['native', 'studio'], 'words of an option')
    t.equal(bash(t, 'dmus', 'render', '-t', 'o'), ['ogg', 'opus'], 'also of a short one')
    t.equal(bash(t, 'dmus', 'render', '-b', ''), ['bank.dls', 'bank.sf2', 'songs'], 'banks')
    t.equal(bash(t, 'dmus', 'render', ''), ['a song.mid', 'bank.dls', 'bank.sf2', 'songs'], 'songs and banks')
    t.equal(bash(t, 'dmus', 'convert', '-o', 'b'), ['bank.dls'], 'outputs')
    t.equal(bash(t, 'dmus', 'render', '--rate', ''), [], 'nothing where only a number fits')
    t.equal(bash(t, 'dmus', 'help', 'con')[-1], 'convert', 'commands to explain')


def test_zsh(t):
    if not shutil.which('zsh'):
        return t.skip('zsh', 'not installed')
    done = subprocess.run(['zsh', '-n', os.path.join(PLACE, '_dmus')], stderr=subprocess.PIPE, text=True)
    t.ok(done.returncode == 0, 'zsh can read its file', done.stderr)


def test_fish(t):
    if not shutil.which('fish'):
        return t.skip('fish', 'not installed')
    env = t.environment()
    offered = {}
    for line in ('dmus re', 'dmus render --pro', 'dmus render --profile '):
        done = subprocess.run(['fish', '-c', 'source %s/dmus.fish; complete -C "%s"' % (PLACE, line)], env=env, cwd=t.box,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        offered[line] = sorted(word.split('\t')[0] for word in done.stdout.splitlines())
    t.equal(list(offered.values()), [['render'], ['--profile'], ['native', 'studio']], 'fish offers commands, options, words')


main(globals())
