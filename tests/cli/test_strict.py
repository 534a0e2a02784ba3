# SPDX-License-Identifier: MIT
"""What is missing, replaced or clipped is said aloud, and is an error under --strict: exit code 5 and no file."""
import os
import resource

import files
from harness import Wave, main


def strict(t, argv, *words):
    """Without --strict: 0, WORDS as warning, a file. With it: 5, WORDS too, no file."""
    run = t.dmus('render', *argv, '-o', 'loose.wav', '--json')
    t.exits(run, 0, 'without --strict it is done')
    t.says(run, 'warning', *words)
    t.ok(os.path.exists(t.path('loose.wav')), 'and written')
    before = t.listing()
    refused = t.dmus('render', *argv, '-o', 'strict.wav', '--strict', '--json')
    t.exits(refused, 5, 'with --strict it is refused')
    t.says(refused, 'strict', *words)
    t.equal(t.listing(), before, 'and nothing written')
    t.ok(refused.song()['output'] is None and 'strict' in refused.song()['error'], 'the report says so', refused)
    t.exits(t.dmus('render', *argv, '--dry-run', '--strict', '-q'), 5, 'also when nothing would be written')
    quiet = t.dmus('render', *argv, '-o', 'loose.wav', '-y', '-q')
    t.ok(quiet.out == '' and words[0] in quiet.err, '-q keeps the warning', quiet)
    return run.song()


def test_nothing_wrong(t):
    t.standard_files()
    run = t.dmus('render', 'tune.mid', '-b', 'bank.sf2', '-o', 'out.wav', '--strict', '-q')
    t.exits(run, 0, 'nothing to say')
    t.equal(run.out + run.err, '', 'nothing said')


def test_threads_in_kernel(t):
    t.standard_files()
    strict(t, ['tune.mid', '-b', 'bank.sf2', '--through', 'kernel', '--threads', '4'], 'one thread', 'not 4')
    run = t.dmus('render', 'tune.mid', '-b', 'bank.sf2', '-o', 'one.wav', '--through', 'kernel', '--threads', '1', '--strict', '-q')
    t.exits(run, 0, 'one thread is what it has')


def test_missing_instrument(t):
    t.write('song.mid', files.smf(files.note(0, 960, 69) + files.program(40, 3) + files.note(0, 480, 60, channel=3) +
                                  files.note(480, 960, 62, channel=3)))
    t.write('bank.sf2', files.sf2())
    song = strict(t, ['song.mid', '-b', 'bank.sf2'], 'song.mid', 'program 40', 'Violin', '2 notes', 'channel 4')
    t.equal(song['notes_missing'], 2, 'two notes are missing')
    t.equal([(m['patch'], m['gm_name'], m['channel'], m['key'], m['notes'], m['instrument_found']) for m in song['missing']],
            [(40, 'Violin', 4, 60, 2, False)], 'the report names them')


def test_missing_drums(t):
    t.write('song.mid', files.smf(files.note(0, 960, 69) + files.note(0, 480, 38, channel=9)))
    t.write('bank.dls', files.dls(patches=(0,)))
    song = strict(t, ['song.mid', '-b', 'bank.dls'], 'song.mid', 'drum kit 0', '1 notes', 'channel 10')
    t.equal(song['missing'][0]['patch'], 0x80000000, 'drums have their flag')


def test_key_outside_of_regions(t):
    t.write('song.mid', files.smf(files.note(0, 960, 69) + files.note(0, 960, 90)))
    t.write('bank.sf2', files.sf2(keys=(0, 80)))
    song = strict(t, ['song.mid', '-b', 'bank.sf2'], 'song.mid', 'outside its regions', 'key 90')
    t.equal(song['missing'][0]['instrument_found'], True, 'the instrument itself is there')


def test_replaced_instrument(t):
    t.write('song.mid', files.smf(files.program(0, 0, bank=8) + files.note(1, 960, 69)))
    t.write('bank.sf2', files.sf2())
    strict(t, ['song.mid', '-b', 'bank.sf2'], 'song.mid', '8:0:0', 'Preset 0:0')


def test_unusable_wave(t):
    t.write('song.mid', files.smf(files.note(0, 960, 69) + files.program(5, 1) + files.note(0, 960, 69, channel=1)))
    t.write('bank.dls', files.dls(patches=(0, 5), codecs=(1, 0x55)))
    song = strict(t, ['song.mid', '-b', 'bank.dls'], 'song.mid', 'wave 1')
    t.equal((song['notes_missing'], song['missing'][0]['patch']), (1, 5), 'the report says which notes were left out')


def test_clipping(t):
    loud = [event for key in (57, 69, 81) for channel in (0, 1, 2) for event in files.note(0, 960, key, 127, channel)]
    t.write('song.mid', files.smf([(0, bytes([0xB0 | c, 7, 127])) for c in (0, 1, 2)] + loud))
    t.write('bank.sf2', files.sf2(amplitude=32767))
    for form in ('s16', 's24'):
        song = strict(t, ['song.mid', '-b', 'bank.sf2', '-g', '20', '--format', form], 'song.mid', 'clipped')
        t.ok(song['clipped_samples'] > 100 and song['peak_dbfs'] > 0, form + ': the report counts them', song)
        samples = Wave(t.read('loose.wav')).samples()
        t.ok(min(samples) >= -1 and max(samples) <= 1 and max(samples) > 0.99, form + ': limited to full scale')
        os.remove(t.path('loose.wav'))
    run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-g', '20', '--format', 'f32', '--strict', '-o', 'float.wav')
    t.exits(run, 0, 'floats are not limited')
    t.ok(max(Wave(t.read('float.wav')).samples()) > 1.5, 'and go beyond full scale')


def test_clipping_of_what_is_skipped(t):
    """Only what is written counts."""
    loud = [event for key in (57, 69, 81) for channel in (0, 1, 2) for event in files.note(0, 960, key, 127, channel)]
    quiet = [(0, bytes([0xB0 | c, 7, 20])) for c in (0, 1, 2)] + files.note(0, 960, 69, 40)
    t.write('song.mid', files.smf([(0, bytes([0xB0 | c, 7, 127])) for c in (0, 1, 2)] + loud + quiet))
    t.write('bank.sf2', files.sf2(amplitude=32767))
    argv = ['render', 'song.mid', '-b', 'bank.sf2', '-g', '20', '--json', '--dry-run']
    whole = t.dmus(*argv).json()['songs'][0]
    t.ok(whole['clipped_samples'] > 100, 'the whole song clips', whole)
    seconds = t.dmus('info', '--json', 'song.mid').json()[0]['seconds']
    part = t.dmus(*argv, '--from', str(seconds - 0.3), '--strict')
    t.exits(part, 0, 'its end does not')
    song = part.json()['songs'][0]
    t.equal(song['clipped_samples'], 0, 'and says so')
    t.ok(song['peak_dbfs'] < 0, 'with a peak of its own', song)


def test_strict_down_a_pipe(t):
    """What was written cannot be withdrawn, so what is known beforehand is refused beforehand."""
    t.standard_files()
    t.write('poor.mid', files.smf(files.note(0, 960, 69) + files.program(40, 3) + files.note(0, 480, 60, channel=3)))
    for argv in (['-o', '-'], ['-o', '/dev/stdout', '-t', 'wav']):
        run = t.dmus('render', 'poor.mid', '-b', 'bank.sf2', '--strict', '--json', *argv, text=False)
        t.exits(run, 5, 'refused')
        t.ok('0:0:40 (Violin)' in run.err and 'no sound was written' in run.err, 'and why', run.err)
        t.ok(b'RIFF' not in run.out, 'not even a head was written', run.out[:100])
        run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--strict', '-q', *argv, text=False)
        t.ok(run.code == 0 and run.out[:4] == b'RIFF', 'what lacks nothing is written', run)


def test_strict_into_a_redirection(t):
    """"> FILE" is no pipe: what failed is not left in it. What somebody had there is his."""
    t.standard_files()
    t.write('loud.mid', files.smf([event for key in range(50, 80) for event in files.note(0, 960, key, 127)]))
    argv = ['render', 'loud.mid', '-b', 'bank.sf2', '-o', '-', '-g', '12', '-q']
    for mode, before in (('wb', b''), ('rb+', bytes(1000000))):
        t.write('out.wav', before)
        with open(t.path('out.wav'), mode) as out:
            t.exits(t.dmus(*argv, '--strict', stdout=out), 5, 'clipping')
            at = os.lseek(out.fileno(), 0, os.SEEK_CUR)
        t.equal((len(t.read('out.wav')), at == 0), (len(before), not before), 'the file')
    with open(t.path('out.wav'), 'wb') as out:
        run = t.dmus(*argv, stdout=out, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000)))
    t.exits(run, 4, 'no room')
    t.equal(len(t.read('out.wav')), 0, 'and no half of a file')


def test_strict_keeps_the_old_file(t):
    t.write('song.mid', files.smf(files.note(0, 960, 69) + files.program(40, 3) + files.note(0, 480, 60, channel=3)))
    t.write('bank.sf2', files.sf2())
    t.write('out.wav', b'precious')
    t.exits(t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-o', 'out.wav', '-y', '--strict'), 5, 'refused')
    t.equal(t.read('out.wav'), b'precious', 'the old file stays')


def test_strict_in_a_batch(t):
    t.standard_files()
    t.write('poor.mid', files.smf(files.note(0, 960, 69) + files.program(40, 3) + files.note(0, 480, 60, channel=3)))
    run = t.dmus('render', 'song.mid', 'poor.mid', 'tune.mid', '-b', 'bank.sf2', '--strict', '-j', '2')
    t.exits(run, 5, 'one of three')
    t.ok({'song.wav', 'tune.wav'} <= set(t.listing()) and 'poor.wav' not in t.listing(), 'the others are written')


def test_end_of_patience(t):
    """A looped sound that the pedal holds for ever is faded out, and that is said."""
    t.write('song.mid', files.smf([(0, b'\xb0\x40\x7f')] + files.note(0, 960, 69)))
    t.write('bank.sf2', files.sf2())
    run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--dry-run', '--json')
    t.exits(run, 0, 'the pedal is lifted at the end')
    t.equal(run.song()['tail_cut'], False, 'so the sound dies away')


def test_convert_strict(t):
    t.standard_files()
    # Bank 200 cannot be addressed by MIDI: convert leaves it out.
    t.write('odd.sf2', files.sf2(presets=((0, 0), (200, 1))))
    run = t.dmus('convert', 'odd.sf2', '-o', 'out.dls', '--json')
    t.exits(run, 0, 'without --strict it is done')
    t.says(run, 'odd.sf2', '200')
    t.equal(run.json()['remarks'], run.err.count('odd.sf2: '), 'the report counts the remarks')
    before = t.listing()
    run = t.dmus('convert', 'odd.sf2', '-o', 'strict.dls', '--strict')
    t.exits(run, 5, 'with --strict it is refused')
    t.says(run, 'odd.sf2', '200', '--strict')
    t.equal(t.listing(), before, 'and nothing written')
    t.exits(t.dmus('convert', 'bank.sf2', '-o', 'fine.dls', '--strict'), 0, 'a plain bank passes')


main(globals())
