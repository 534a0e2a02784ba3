# SPDX-License-Identifier: MIT
"""Another program reads what we wrote: SoX decodes every lossless type to the same samples, the others to the same length."""
import shutil
import subprocess

from harness import Wave, main


def sox(t, name, *argv):
    """Samples of a file as little-endian 16-bit bytes."""
    done = subprocess.run(['sox', '-D', name, '-t', 'raw', '-e', 'signed', '-b', '16', *argv, '-'], cwd=t.box,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    t.ok(done.returncode == 0 and not done.stderr, 'sox reads ' + name, done.stderr.decode())
    return done.stdout


def test_sox(t):
    if not shutil.which('sox'):
        return t.skip('sox', 'not installed')
    t.standard_files()
    known = subprocess.run(['sox', '--help'], stdout=subprocess.PIPE, text=True).stdout
    common = ['render', 'tune.mid', '-b', 'bank.sf2', '-q']
    t.exits(t.dmus(*common, '-o', 'want.wav'), 0, 'rendered')
    want = Wave(t.read('want.wav'))
    t.ok(sox(t, 'want.wav') == want.data, 'WAV: the samples are the same')
    for suffix in ('flac', 'rf64'):
        t.exits(t.dmus(*common, '-o', 'out.' + suffix), 0, suffix + ' rendered')
        t.ok(sox(t, 'out.' + suffix) == want.data, suffix + ': the samples are the same')
    for suffix in ('ogg', 'opus'):
        if suffix not in known.split():
            t.skip(suffix, 'sox cannot read it')
            continue
        rate = ['-r', '48000'] if suffix == 'opus' else []
        run = t.dmus(*common, *rate, '-o', 'out.' + suffix, '--json')
        t.equal(len(sox(t, 'out.' + suffix)) // 4, run.song()['frames'], suffix + ': as many frames as reported')
    t.exits(t.dmus(*common, '--format', 's24', '-o', 'out24.wav', '--dither', 'off'), 0, 's24 rendered')
    t.exits(t.dmus(*common, '--format', 's24', '-o', 'out24.flac', '--dither', 'off'), 0, 's24 FLAC rendered')
    t.ok(sox(t, 'out24.wav', '-b', '24') == sox(t, 'out24.flac', '-b', '24'), 's24: WAV and FLAC hold the same samples')


main(globals())
