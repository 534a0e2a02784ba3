# SPDX-License-Identifier: MIT
"""Help, version, wrong command lines."""
import re

from harness import main

COMMANDS = ['render', 'convert', 'info', 'help', 'version']


def test_help(t):
    usage = t.dmus('--help')
    t.exits(usage, 0, '--help')
    t.equal(usage.err, '', 'goes to standard output')
    for argv in (['-h'], ['help']):
        t.equal((t.dmus(*argv).out, t.dmus(*argv).code), (usage.out, 0), ' '.join(argv) + ' is the same')
    for command in COMMANDS:
        t.says(usage, '  %s ' % command, where='out')
        run = t.dmus('help', command)
        t.exits(run, 0, 'help ' + command)
        t.ok(run.out.startswith('Usage: dmus ' + command) and run.err == '', 'has a text', run)
        if command not in ('help', 'version'):
            t.ok('Exit status:' in run.out, 'and tells the exit status')
            for option in ('--help', '-h'):
                t.equal(t.dmus(command, option).out, run.out, '%s %s is the same' % (command, option))
    widest = max((line for command in COMMANDS for line in t.dmus('help', command).out.splitlines()), key=len)
    t.ok(len(widest) <= 110, 'no line is too wide', widest)


def test_version(t):
    runs = [t.dmus(word) for word in ('--version', '-V', 'version')]
    t.equal({(run.code, run.out, run.err) for run in runs}, {(0, runs[0].out, '')}, 'three ways to ask')
    lines = runs[0].out.splitlines()
    t.ok(re.fullmatch(r'dmus \d+\.\d+\.\d+', lines[0]), 'name and version', runs[0])
    t.ok(lines[1] == 'Licence: MIT' and lines[2].startswith('Features: ') and 'flac' in lines[2], 'licence and features', runs[0])


def test_wrong_usage(t):
    t.standard_files()
    before = t.listing()
    cases = [([], 'Usage'), (['play'], 'play'), (['help', 'plays'], 'plays'), (['songs.mid'], 'songs.mid'),
             (['render'], 'no song'), (['info'], 'no file'), (['convert'], 'one bank'), (['render', 'bank.sf2'], 'no song'),
             (['render', 'song.mid', '--nonsense'], '--nonsense'), (['render', 'song.mid', '-X'], '-X'),
             (['render', 'song.mid', '-b'], '-b'), (['render', 'song.mid', '--bank'], '--bank'), (['info', '--rate', '1'], '--rate')]
    for option, wrong in (('--rate', ['7999', '192001', '44100x', '', '-1', '1e3']), ('--channels', ['0', '3']),
                          ('--gain', ['21', '-81', 'loud', 'nan']), ('--polyphony', ['0', '16385']),
                          ('--block', ['0', '65537', '7.5']), ('--jobs', ['257', '-1']), ('--format', ['s32', '']),
                          ('--type', ['mp3']), ('--reverb', ['yes']), ('--chorus', ['1']), ('--profile', ['better']),
                          ('--interpolation', ['best']), ('--dither', ['maybe']), ('--simd', ['mmx', '']), ('--threads', ['0', '65', 'x']), ('--from', ['x', '-1', '1:', '1:2:3:4', '']),
                          ('--to', ['end']), ('--tail', ['long', '3601'])):
        cases += [(['render', 'song.mid', '-b', 'bank.sf2', option, word], option if word != '3601' else '3600') for word in wrong]
    cases += [(['render', 'song.mid', '-b', 'bank.sf2', '--profile', 'native', '-r', '8000'], '11025'),
              (['render', 'song.mid', '-b', 'bank.sf2', '--profile', 'native', '-p', '1001'], '1000')]
    cases += [(['play', 'song.mid', '--transpose', '1.5'], 'whole'), (['play', 'song.mid', '--loop', '5'], "'5' is not a range"),
              (['play', 'song.mid', '--mute', '-18446744073709551615'], '--mute'), (['render', 'song.mid', '--tail', 'last'], 'last-event'),
              (['render', 'song.mid', '-t', 'flac', '--format', 'f32'], 'FLAC holds s16 or s24'),
              (['render', 'song.mid', '-o', 'x.Opus', '--rate', '44100'], 'Opus takes 8000')]
    for argv, word in cases:
        run = t.dmus(*argv)
        t.ok(run.code == 1 and run.out == '' and word in run.err, 'refused on standard error: ' + ' '.join(argv), run)
    t.equal(t.listing(), before, 'none of them wrote anything')


def test_options_and_files_mix(t):
    t.standard_files()
    for argv in (['render', '-qybbank.sf2', 'song.mid', '-oout.wav'], ['render', 'song.mid', '--bank=bank.sf2', '-qy', '--output=out.wav'],
                 ['render', 'bank.sf2', 'song.mid', '-yq', '-o', 'out.wav']):
        run = t.dmus(*argv)
        t.ok(run.code == 0 and run.err == '', ' '.join(argv), run)


main(globals())
