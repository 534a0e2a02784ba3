# SPDX-License-Identifier: MIT
"""Bad input: every kind ends with a message that names file and reason, the documented exit code, and no trace of output."""
import os
import shutil
import subprocess
import time

import files
from harness import DMUS, Wave, main


def refused(t, kind, argv, *words, code=2, **how):
    """The run fails with CODE, says WORDS, and leaves the box as it was."""
    before = {name: t.read(name) for name in t.listing() if os.path.isfile(t.path(name)) and os.access(t.path(name), os.R_OK)}
    names = t.listing()
    run = t.dmus(*argv, **how)
    t.exits(run, code, '%s: exit code' % kind)
    t.says(run, *words)
    t.ok(run.err.count('\n') == 1 and run.err.startswith('dmus ' + argv[0] + ': '), '%s: one line' % kind, run)
    t.equal(t.listing(), names, '%s: leaves nothing behind' % kind)
    t.ok(all(t.read(name) == data for name, data in before.items()), '%s: changes no file' % kind)
    return run


def each_way(t, kind, name, *words, song=True, bank=True, **how):
    """NAME as song and as bank of render, convert and info."""
    if song:
        refused(t, kind + ' as song', ['render', name, '-b', 'bank.sf2', '-o', 'out.wav'], name, *words, **how)
    if bank:
        refused(t, kind + ' as bank', ['render', 'song.mid', '-b', name, '-o', 'out.wav'], name, *words, **how)
        refused(t, kind + ' to convert', ['convert', name, '-o', 'out.dls'], name, *words, **how)
    refused(t, kind + ' of info', ['info', name], name, *words, **how)


def test_absent_directory_empty(t):
    t.standard_files()
    os.mkdir(t.path('folder.sf2'))
    t.write('empty.mid', b'')
    t.write('empty.sf2', b'')
    each_way(t, 'a missing file', 'nowhere.sf2', 'No such file')
    each_way(t, 'a file as directory', 'song.mid/x', 'Not a directory')
    each_way(t, 'a directory', 'folder.sf2', 'directory')
    each_way(t, 'an empty song', 'empty.mid', 'empty', bank=False)
    each_way(t, 'an empty bank', 'empty.sf2', 'empty', song=False)


def test_unreadable(t):
    t.standard_files()
    t.write('locked', files.sf2())
    os.chmod(t.path('locked'), 0)
    if os.geteuid() != 0:
        each_way(t, 'an unreadable file', 'locked', 'Permission denied')
        return
    # root may read everything: become somebody else, with a copy of the tool that somebody else may reach.
    os.chmod(t.box, 0o755)
    tool = t.path('dmus')
    shutil.copy(DMUS, tool)
    os.chmod(tool, 0o755)
    how = {'user': 65534, 'tool': tool, 'extra_groups': []}
    if subprocess.run([tool, '--version'], stdout=subprocess.DEVNULL, cwd='/', **{k: how[k] for k in ('user', 'extra_groups')}).returncode:
        return t.skip('unreadable', 'cannot run as another user')
    each_way(t, 'an unreadable file', 'locked', 'Permission denied', **how)
    refused(t, 'a directory without the right to write', ['render', 'song.mid', '-b', 'bank.sf2', '-o', 'out.wav'], 'out.wav',
            'Permission denied', code=4, **how)
    refused(t, 'the same for convert', ['convert', 'bank.sf2', '-o', 'out.dls'], 'out.dls', 'Permission denied', code=4, **how)


def test_wrong_kind(t):
    t.standard_files()
    t.write('sound.wav', files.wav())
    t.write('text.mid', b'This is no song at all, but some text.\n')
    each_way(t, 'a WAV file', 'sound.wav', 'not a')
    each_way(t, 'a text', 'text.mid', 'not a')
    refused(t, 'a song as bank', ['render', 'tune.mid', '-b', 'song.mid', '-o', 'out.wav'], 'song.mid', 'not a bank')
    refused(t, 'a bank alone', ['convert', 'song.mid', '-o', 'out.dls'], 'song.mid', 'not a bank')
    t.write('plain.rmi', files.rmid(files.one_second()))
    refused(t, 'an RMID without bank as bank', ['render', 'song.mid', '-b', 'plain.rmi', '-o', 'out.wav'], 'plain.rmi', 'bank')


def test_song_without_a_note(t):
    t.standard_files()
    t.write('silent.mid', files.smf(files.program(3) + [(960, b'\xb0\x07\x40')]))
    t.write('off.mid', files.smf([(0, b'\x90\x3c\x00'), (960, b'\x80\x3c\x40')]))
    for name in ('silent.mid', 'off.mid'):
        refused(t, name, ['render', name, '-b', 'bank.sf2', '-o', 'out.wav'], name, 'no note')
    t.exits(t.dmus('info', 'silent.mid'), 0, 'info tells what is in it all the same')


def test_useless_banks(t):
    t.standard_files()
    t.write('codec.dls', files.dls(codecs=(0x55,)))
    t.write('none.sf2', files.sf2(presets=()))
    run = t.dmus('render', 'song.mid', '-b', 'codec.dls', '-o', 'out.wav')
    t.exits(run, 2, 'a bank whose only wave is MP3')
    t.says(run, 'codec.dls')
    t.ok('out.wav' not in t.listing(), 'no output')
    refused(t, 'a SoundFont without presets', ['render', 'song.mid', '-b', 'none.sf2', '-o', 'out.wav'], 'none.sf2')
    t.write('other.sf2', files.sf2(presets=((0, 77),)))
    run = refused(t, 'a bank with none of the instruments', ['render', 'song.mid', '-b', 'other.sf2', '-o', 'out.wav'], 'song.mid',
                  'other.sf2')


def test_only_silence(t):
    t.write('song.mid', files.smf(files.note(0, 960, 90)))
    t.write('low.sf2', files.sf2(keys=(0, 80)))
    refused(t, 'a bank whose regions take none of the notes', ['render', 'song.mid', '-b', 'low.sf2', '-o', 'out.wav'], 'song.mid',
            'low.sf2', 'region')


def test_over_before_it_begins(t):
    # The sample is one of 18 ms at key 69; the delays are 31 and 8 ms. At key 57 it takes 36 ms, at 93 less than 5.
    for name, loops, delay, keys, said in (('late', 0, -6000, (0, 127), True), ('looped', 1, -6000, (0, 127), False),
                                           ('soon', 0, -8400, (0, 127), False), ('low', 0, -6000, (45, 57), False),
                                           ('high', 0, -8400, (93, 105), True)):
        t.write('song.mid', files.smf(files.note(0, 960, min(max(69, keys[0]), keys[1]))))
        t.write('%s.sf2' % name, files.sf2(keys=keys, generators=((33, delay), (54, loops))))
        run = t.dmus('render', '-y', 'song.mid', '-b', '%s.sf2' % name, '-o', 'out.wav')
        t.equal(("sample 'Sine' plays once and is over before its envelope begins" in run.err, run.code), (said, 0), name)


def sweep(t, what, whole, damaged, argv, target):
    """Each of DAMAGED: the tool ends by itself with 0 or 2; with 2 it names the file and writes nothing."""
    codes = {0: 0, 2: 0}
    bad = []
    for place, data in damaged:
        name = t.write(what, data)
        if os.path.exists(t.path(target)):
            os.remove(t.path(target))
        run = t.dmus(*argv, timeout=20)
        there = os.path.exists(t.path(target))
        codes[run.code] = codes.get(run.code, 0) + 1
        if run.code == 2:
            good = name in run.err and not there
        else:
            good = run.code == 0 and there
        if not good or any(other.startswith('.') for other in os.listdir(t.box)):
            bad.append((place, run.code, run.err[-300:]))
    t.ok(not bad, '%s, %d ways: 0 or 2, and nothing else' % (what, len(damaged)), bad[:5])
    t.ok(codes[2] > 0, 'some are beyond repair', codes)
    return codes


def cuts(data, step):
    return [(size, data[:size]) for size in range(1, len(data), step)]


def flips(data, step, head=None):
    out = []
    for place in range(0, head or len(data), step):
        for mask in (0x01, 0x80, 0xff):
            out.append(('%d^%02x' % (place, mask), data[:place] + bytes([data[place] ^ mask]) + data[place + 1:]))
    return out


def test_truncated_banks(t):
    t.standard_files()
    for name, data in (('cut.sf2', files.sf2()), ('cut.dls', files.dls())):
        codes = sweep(t, name, data, cuts(data, 71), ['render', 'song.mid', '-b', name, '-o', 'out.wav', '-q'], 'out.wav')
        t.ok(set(codes) == {0, 2}, 'no other exit code', codes)
        bad = []
        for place, cut in cuts(data, 211):
            t.write(name, cut)
            run = t.dmus('render', 'song.mid', '-b', name, '-o', 'out.wav', '-y')
            if not run.err:
                bad.append(place)
        t.ok(not bad, name + ': never without a word', bad)


def test_truncated_songs(t):
    t.standard_files()
    data = files.tune()
    sweep(t, 'cut.mid', data, cuts(data, 7), ['render', 'cut.mid', '-b', 'bank.sf2', '-o', 'out.wav', '-q'], 'out.wav')
    bad = []
    for place, cut in cuts(data, 41):
        t.write('cut.mid', cut)
        run = t.dmus('render', 'cut.mid', '-b', 'bank.sf2', '-o', 'out.wav', '-y')
        if 'cut.mid' not in run.err:
            bad.append(place)
    t.ok(not bad, 'never without a word', bad)
    data = files.rmid(files.one_second(), files.dls())
    sweep(t, 'cut.rmi', data, cuts(data, 97), ['render', 'cut.rmi', '-o', 'out.wav', '-q'], 'out.wav')


def test_bit_flips(t):
    t.standard_files()
    data = files.sf2()
    start = data.index(b'pdta')
    damaged = [(place, flipped + data[start:]) for place, flipped in flips(data[:start], 7, 200)]
    damaged += [(place, data[:start] + flipped) for place, flipped in flips(data[start:], 23)]
    sweep(t, 'flip.sf2', data, damaged, ['render', 'song.mid', '-b', 'flip.sf2', '-o', 'out.wav', '-q'], 'out.wav')
    data = files.dls()
    sweep(t, 'flip.dls', data, flips(data, 13, 560), ['convert', 'flip.dls', '-o', 'out.dls', '-q'], 'out.dls')
    data = files.one_second()
    sweep(t, 'flip.mid', data, flips(data, 1), ['render', 'flip.mid', '-b', 'bank.sf2', '-o', 'out.wav', '-q', '--to', '2'],
          'out.wav')


def test_repaired_input_is_said(t):
    t.standard_files()
    data = files.tune()
    t.write('tune.mid', data[:len(data) // 2])
    run = t.dmus('render', 'tune.mid', '-b', 'bank.sf2', '-o', 'out.wav')
    t.exits(run, 0, 'half a song is played')
    t.says(run, 'warning', 'tune.mid')
    t.ok(Wave(t.read('out.wav')).frames > 22050, 'as far as it goes')
    run = t.dmus('render', 'tune.mid', '-b', 'bank.sf2', '-o', 'out.wav', '-yq')
    t.says(run, 'warning', 'tune.mid')


def test_shortened_bank(t):
    """A bank that somebody cuts in place while a batch has it: a line that names it, not a mere signal."""
    t.write('first.mid', files.one_second())
    t.write('bank.dls', files.dls((0, 1), codecs=(1, 1)))
    os.mkfifo(t.path('second.mid'))
    tool = t.start('render', 'first.mid', 'second.mid', '-b', 'bank.dls', '-o', '.', stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                   stdin=subprocess.DEVNULL)
    until = time.monotonic() + 30
    while not os.path.exists(t.path('first.wav')) and time.monotonic() < until:
        time.sleep(0.02)
    os.truncate(t.path('bank.dls'), 0)
    with open(t.path('second.mid'), 'wb') as pipe: # it has waited for that
        pipe.write(files.smf(files.program(1) + files.note(0, 240, 60)))
    try:
        out, err = tool.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        tool.kill()
        out, err = tool.communicate()
    t.equal((tool.returncode, err.decode()), (2, 'dmus: bank.dls: the file was shortened while it was read\n'), 'it is named', out)
    t.equal(sorted(name for name in t.listing() if name.endswith('.wav')), ['first.wav'], 'what was done is there, nothing else')


def test_named_bank_is_never_replaced(t):
    t.standard_files()
    t.write('data/soundfonts/default.sf2', files.sf2())
    t.write('song.sf2', files.sf2())
    t.write('broken.sf2', files.sf2()[:200])
    for env, argv, name in (({}, ['-b', 'broken.sf2'], 'broken.sf2'), ({}, ['-b', 'nowhere.sf2'], 'nowhere.sf2'),
                            ({'DMUS_BANK': 'broken.sf2'}, [], 'broken.sf2'), ({'DMUS_BANK': 'nowhere.sf2'}, [], 'nowhere.sf2'),
                            ({'SDL_SOUNDFONTS': 'broken.sf2'}, [], 'broken.sf2'),
                            ({'SDL_SOUNDFONTS': 'nowhere.sf2:gone.sf2'}, [], 'SDL_SOUNDFONTS: no such file: nowhere.sf2:gone.sf2'),
                            ({'SDL_SOUNDFONTS': 'nowhere.sf2'}, ['--strict'], 'nowhere.sf2'),
                            ({}, ['-b', 'bank.sf2', '-b', 'broken.sf2'], 'broken.sf2')):
        refused(t, ' '.join(argv) or str(env), ['render', 'song.mid', '-o', 'out.wav', *argv], name, env=env)
    t.write('text.SF3', b'no bank')
    t.write('empty.dls', b'')
    for word in ('typo.sf2', 'typo.Dls', 'text.SF3', 'empty.dls'): # among the songs: a song it is not
        refused(t, 'render song.mid ' + word, ['render', 'song.mid', word, 'tune.mid'], word)
        refused(t, 'strict', ['render', '--strict', word, 'song.mid'], word)
        run = refused(t, 'play song.mid ' + word, ['play', 'song.mid', word, '-a', 'null', '--plain', '--record', 'out.wav'], word)
        t.equal(run.out, '', 'and plays nothing')
    for words in (['render', 'song.mid', '--dry-run'], ['play', 'song.mid', '-a', 'null']):
        refused(t, words[0] + ' with many banks', words + ['bank.sf2'] * 17, 'more than 16 banks', code=1)
    song = files.one_second()
    t.write('song-of-that-name.sf2', song)
    t.exits(t.dmus('render', 'song-of-that-name.sf2', '-b', 'bank.sf2', '--dry-run'), 0, 'what it is, its content decides')
    t.write('inside.rmi', files.rmid(song, files.sf2()[:300]))
    run = t.dmus('render', 'inside.rmi', '-o', 'out.wav')
    t.exits(run, 2, 'a broken bank inside the song')
    t.says(run, 'inside.rmi')
    t.ok('out.wav' not in t.listing(), 'no output')


main(globals())
