# SPDX-License-Identifier: MIT
"""Command lines that make three programs do the same work, and the proof that each plays the bank that it was told to."""
import hashlib
import json
import os
import shutil
import subprocess
import sys

import material

RATE = 48000


def ours(build, bank, song, mode, effects, out):
    switch = 'on' if effects else 'off'
    return [os.path.join(build, 'cli/dmus'), 'render', '-q', '-y', '--no-loudness', '-r', str(RATE), '-p', '256', '--reverb', switch,
            '--chorus', switch, '--interpolation', mode, '-o', out, '-b', bank, song]


def fluidsynth(bank, song, effects, out):
    switch = str(int(effects))
    return ['fluidsynth', '-n', '-i', '-q', '-o', 'synth.default-soundfont=', '-R', switch, '-C', switch, '-r', str(RATE), '-T', 'wav', '-O',
            's16', '-F', out, bank, song]


def timidity(config, song, effects, out):
    off = [] if effects else ['-EFreverb=d', '-EFchorus=d', '-EFdelay=d']
    return ['timidity', '-c', config, '-s', str(RATE), '-p', '256', '--no-polyphony-reduction', '-EFns=0', '-EFresamp=l'] + off + [
        '-Ow', '-o', out, song]


def there(name):
    return shutil.which(name) is not None


def digest(command, out):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', timeout=60)
    if done.returncode or not os.path.exists(out):
        sys.exit('bench: %s failed:\n%s' % (' '.join(command), done.stdout[-1000:]))
    with open(out, 'rb') as f:
        data = f.read()
    os.unlink(out)
    return hashlib.sha256(data).hexdigest(), any(data[44:])


def fluidsynth_lists(bank, song, work):
    """Whether FluidSynth, asked what it has loaded, names BANK. It exits with 0 also when it plays another or none."""
    out, ask = os.path.join(work, 'asked.wav'), os.path.join(work, 'ask')
    with open(ask, 'w', encoding='ascii') as f:
        f.write('fonts\n')
    command = fluidsynth(bank, song, False, out)
    text = subprocess.run(command[:1] + ['-f', ask] + command[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    os.unlink(out)
    return bank in text or any(line.split()[1:] == [os.path.basename(bank)] for line in text.splitlines()), 'ailed' in text


def ours_reports(build, bank, song):
    text = subprocess.run([os.path.join(build, 'cli/dmus'), 'render', '--json', '--dry-run', '--no-loudness', '-r', str(RATE), '-b', bank, song],
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    return json.loads(text)['songs'][0]


def verify(build, banks, configs, work):
    """Exits unless every program sounds, sounds different with each bank, and names the right one where it can."""
    song, out = os.path.join(work, 'verify.mid'), os.path.join(work, 'verify.wav')
    events = [(0, bytes([0xc0 | c, 6 * c])) for c in range(9)]
    for i in range(12):  # each ends: FluidSynth would go on for ever with one that sounds
        events += [(i / 4, bytes([0x90 | i % 9, 48 + 5 * i % 24, 100])), (i / 4 + 0.2, bytes([0x80 | i % 9, 48 + 5 * i % 24, 0]))]
    events += [(3.5, bytes([0x99, 38, 100])), (3.6, bytes([0x89, 38, 0]))]
    material.write_notes(song, events, 4)
    makers = {'ours': lambda bank: ours(build, banks[bank], song, 'sinc16', False, out)}
    if there('fluidsynth'):
        makers['FluidSynth'] = lambda bank: fluidsynth(banks[bank], song, False, out)
    if there('timidity'):
        makers['TiMidity'] = lambda bank: timidity(configs[bank], song, False, out)
    for name, maker in makers.items():
        sounds = {bank: digest(maker(bank), out) for bank in banks}
        if not all(sounding for _, sounding in sounds.values()) or len({d for d, _ in sounds.values()}) != len(banks):
            sys.exit('bench: %s does not play the banks it is told to' % name)
    for bank, path in banks.items():
        if 'FluidSynth' in makers and fluidsynth_lists(path, song, work) != (True, False):
            sys.exit('bench: FluidSynth does not list ' + path)
        if ours_reports(build, path, song)['banks'][0]['path'] != path:
            sys.exit('bench: dmus does not report ' + path)
    return sorted(makers)
