# SPDX-License-Identifier: MIT
"""Outputs that cannot be written: exit code 4, the place and the reason, the old file as it was, nothing half-written."""
import os
import resource
import subprocess
import time

import files
from harness import DMUS, main


def refused(t, kind, argv, *words, code=4, **how):
    names = t.listing()
    run = t.dmus(*argv, **how)
    t.exits(run, code, kind + ': exit code')
    t.says(run, *words)
    t.equal(t.listing(), names, kind + ': leaves nothing behind')
    return run


def render(*argv):
    return ['render', 'song.mid', '-b', 'bank.sf2', *argv]


def test_existing_file(t):
    t.standard_files()
    for argv, name in ((render('-o', 'out.wav'), 'out.wav'), (['convert', 'bank.sf2', '-o', 'out.dls'], 'out.dls'),
                       (['play', '-a', 'null', 'song.mid', '-b', 'bank.sf2', '--record', 'heard.wav'], 'heard.wav')):
        t.write(name, b'precious')
        refused(t, argv[0], argv, name, 'File exists', '--overwrite')
        t.equal(t.read(name), b'precious', argv[0] + ' keeps the old file')
        t.exits(t.dmus(*argv, '-y'), 0, '-y replaces it')
        t.equal(t.read(name)[:4], b'RIFF', 'by the new one')


def test_failure_keeps_existing_file(t):
    t.standard_files()
    t.write('broken.mid', b'MThd\0\0\0\6')
    t.write('out.wav', b'precious')
    refused(t, 'a broken song', ['render', 'broken.mid', '-b', 'bank.sf2', '-o', 'out.wav', '-y'], 'broken.mid', code=2)
    t.equal(t.read('out.wav'), b'precious', 'the old file stays')
    t.write('out.dls', b'precious')
    t.write('broken.sf2', files.sf2()[:100])
    refused(t, 'a broken bank', ['convert', 'broken.sf2', '-o', 'out.dls', '-y'], 'broken.sf2', code=2)
    t.equal(t.read('out.dls'), b'precious', 'the old file stays')


def test_inputs_are_spared(t):
    """--overwrite takes what is in the way, but not the song or the bank, by whatever name."""
    t.standard_files()
    os.symlink('song.mid', t.path('song.wav'))
    os.link(t.path('bank.sf2'), t.path('bank.wav'))
    for argv, name in ((('song.mid', 'bank.sf2', '-o', 'song.mid', '-t', 'wav'), 'song.mid'), (('song.mid', 'bank.sf2'), 'song.mid'),
                       (('song.mid', '-b', 'bank.sf2', '-o', 'bank.wav'), 'bank.sf2')):
        before = t.read(name)
        refused(t, 'sound over ' + name, ['render', *argv, '-y'], 'would replace ' + name, code=1)
        t.equal(t.read(name), before, name + ' stays')


def test_standard_output_that_is_read(t):
    """A descriptor that may not be written is no way to write a file."""
    t.standard_files()
    before = t.read('song.mid')
    with open(t.path('song.mid'), 'rb') as out:
        refused(t, 'a file for reading', render('-o', '-'), 'standard output: Bad file descriptor', stdout=out)
    t.equal(t.read('song.mid'), before, 'it stays')


def test_looked_up_banks_are_spared(t):
    """Wherever the bank was found."""
    t.standard_files()
    for place, env in (('env.sf2', {'DMUS_BANK': 'env.sf2'}), ('sdl.sf2', {'SDL_SOUNDFONTS': 'none.sf2:sdl.sf2'}), ('song.sf2', {}),
                       ('data/soundfonts/default.sf2', {}), ('system/soundfonts/default.sf2', {})):
        t.write(place, files.sf2())
        refused(t, 'sound over ' + place, ['render', 'song.mid', '-y', '-t', 'wav', '-o', place],
                place + ' is a bank, which no sound replaces', code=1, env=env)
        t.equal(t.read(place), files.sf2(), place + ' stays')
        os.remove(t.path(place))


def test_bank_of_another_song_is_spared(t):
    """The bank beside one song, by the name that the other's sound would have: before that one's bank is looked for."""
    t.standard_files()
    t.write('a/song.mid', files.one_second())
    t.write('a/song.sf2', files.sf2())
    t.write('system/soundfonts/default.sf2', files.sf2())
    os.mkdir(t.path('out'))
    for name, link in (('tune.wav', os.link), ('out/tune.wav', os.symlink)):
        link(t.path('a/song.sf2'), t.path(name))
        for songs in (['a/song.mid', 'tune.mid'], ['tune.mid', 'a/song.mid']):
            refused(t, 'sound over the bank of another song', ['render', *songs, '-y', '-o', os.path.dirname(name) or '.'],
                    name + ' is a bank, which no sound replaces', code=1)
            t.equal(t.read('a/song.sf2'), files.sf2(), 'it stays')
            t.ok('song.wav' not in t.listing(), 'refused before work')
        os.remove(t.path(name))


def test_records_spare_inputs(t):
    t.standard_files()
    t.write('keys', bytes([0x90, 60, 100, 60, 0]))
    t.write('env.sf2', files.sf2())
    null, named = ['-a', 'null', '-y'], ['-b', 'bank.sf2']
    play, live = ['play', *null, '--plain', 'song.mid'], ['live', *null, '-m', 'raw:keys']
    host = ['host', 'swsynth', '-p', 'song.mid', '-y']
    for argv, name in (([*play, *named, '--record', 'bank.sf2'], 'bank.sf2'), ([*play, *named, '--record', 'song.mid'], 'song.mid'),
                       ([*play, '--record', 'env.sf2'], 'env.sf2'),
                       ([*play[:-1], 'tune.mid', 'song.mid', '--record', 'song.mid'], 'song.mid'),
                       ([*live, *named, '--record', 'bank.sf2'], 'bank.sf2'),
                       ([*live, *named, '--record-midi', 'bank.sf2'], 'bank.sf2'),
                       ([*live, '--record-midi', 'env.sf2'], 'env.sf2'), ([*live, '--record-midi', 'keys'], 'keys'),
                       ([*host, '--record-midi', 'song.mid'], 'song.mid'), ([*host, '--record', 'song.mid'], 'song.mid'),
                       ([*host, '--trace', 'song.mid'], 'song.mid'), ([*host, *named, '--trace', './bank.sf2'], 'bank.sf2'),
                       (['convert', '-y', 'bank.sf2', '-o', 'bank.sf2'], 'bank.sf2')):
        before = t.read(name)
        refused(t, argv[0] + ' over ' + name, argv, 'dmus ' + argv[0],
                '%s would replace %s, which it is made from' % (argv[-1], name), code=1, env={'DMUS_BANK': 'env.sf2'})
        t.equal(t.read(name), before, name + ' stays')
    t.write('song.rmi', files.rmid(files.one_second(), files.dls()))
    for argv in (['convert', '-y', 'song.rmi', '-o', 'song.rmi'], ['render', '-y', 'song.rmi', '-t', 'wav', '-o', 'song.rmi'],
                 ['play', *null, 'song.rmi', '--record', 'song.rmi']):
        refused(t, argv[0] + ' over a song with its bank', argv, 'would replace song.rmi', code=1)


def test_records_under_one_name(t):
    """Of two one would be lost: nothing is played."""
    t.standard_files()
    t.write('keys', bytes([0x90, 60, 100, 60, 0]))
    t.write('old', b'precious')
    os.symlink('old', t.path('link'))
    os.symlink('.', t.path('here'))
    os.symlink('take.wav', t.path('to-come'))
    live, host = ['live', '-a', 'null', 'bank.sf2', '-m', 'raw:keys', '-y'], ['host', 'swsynth', '-p', 'song.mid', '-y']
    for first, second in (('take.wav', 'take.wav'), ('take.wav', './take.wav'), ('here/take.wav', 'take.wav'),
                          ('old', 'link'), ('take.wav', 'here/to-come'), ('-', '-')):
        for argv, one, two in ((live, '--record', '--record-midi'), (host, '--record', '--record-midi'),
                               (host, '--record', '--trace'), (host, '--record-midi', '--trace')):
            refused(t, '%s, %s and %s' % (argv[0], first, second), [*argv, one, first, two, second],
                    'dmus %s: %s and %s would both be written to %s' % (argv[0], one, two, second), code=1)
    t.equal(t.read('old'), b'precious', 'the old file stays')
    with open(t.path('old'), 'rb+') as out:
        refused(t, 'a file and what the shell sends there', [*live, '--record', '-', '--record-midi', 'link'],
                '--record and --record-midi would both be written to link', code=1, stdout=out)
    t.exits(t.dmus('host', 'uart', *host[2:], '--record-midi', '/dev/null', '--trace', '/dev/null'), 0, 'a device takes both')
    t.exits(t.dmus(*host, '--record', 'a.wav', '--trace', 'a.json'), 0, 'two names in one directory')


def test_outputs_of_a_batch_are_apart(t):
    """By name, through a link and through a directory; nor does one take the place of another song."""
    t.standard_files()
    t.write('dir/song.mid', files.one_second())
    t.write('link.mid', files.one_second())
    t.write('song.wav', b'precious')
    os.symlink('song.wav', t.path('link.wav'))
    words = ['render', '-b', 'bank.sf2', '-y']
    for songs, message in ((('song.mid', 'dir/song.mid'), 'song.mid and dir/song.mid would both be written to song.wav'),
                           (('song.mid', 'tune.mid', 'song.mid'), 'song.mid and song.mid would both be written to song.wav'),
                           (('tune.mid', 'link.mid', 'song.mid'), 'to song.wav, which is link.wav'),
                           (('song.mid', 'link.mid', 'tune.mid'), 'song.mid and link.mid would both be written to link.wav, which is song.wav')):
        refused(t, ' '.join(songs), [*words, *songs], message, code=1)
        refused(t, ' '.join(songs) + ' at a time', [*words, '-j', '2', *songs], message, code=1)
    t.equal(t.read('song.wav'), b'precious', 'the old file stays')
    t.write('tune.wav', files.one_second())
    refused(t, 'another song', ['render', '-b', 'bank.sf2', '-y', 'tune.mid', 'tune.wav', '-o', '.'], 'would replace tune.wav', code=1)
    os.mkdir(t.path('out'))
    os.rename(t.path('tune.wav'), t.path('out/tune.wav'))
    refused(t, 'another song', [*words, 'out/tune.wav', 'dir/song.mid', 'tune.mid', '-o', 'out'], 'would replace out/tune.wav', code=1)
    os.remove(t.path('link.wav'))
    t.exits(t.dmus(*words, 'song.mid', 'link.mid', '-q'), 0, 'without the link')
    t.ok(t.read('song.wav') == t.read('link.wav'), 'both are done')
    os.remove(t.path('song.wav'))
    os.remove(t.path('link.wav'))
    os.symlink('song.wav', t.path('link.wav'))
    refused(t, 'a link to what is not there yet', [*words, 'song.mid', 'link.mid'], 'link.wav, which is song.wav', code=1)
    refused(t, 'such a link', render('-o', 'link.wav'), 'link.wav: File exists (--overwrite replaces it)')


def test_places_that_are_none(t):
    t.standard_files()
    os.mkdir(t.path('folder.wav'))
    os.mkdir(t.path('folder'))
    refused(t, 'no such directory', render('-o', 'nowhere/out.wav'), 'nowhere/out.wav', 'No such file or directory')
    refused(t, 'no such directory, with a slash', render('-o', 'nowhere/'), 'nowhere/song.wav', 'No such file or directory')
    refused(t, 'convert to nowhere', ['convert', 'bank.sf2', '-o', 'nowhere/out.dls'], 'nowhere/out.dls', 'No such file')
    refused(t, 'convert to a directory', ['convert', 'bank.sf2', '-o', 'folder'], 'folder', 'directory')
    refused(t, 'a file as directory', render('-o', 'song.mid/out.wav'), 'song.mid/out.wav', 'Not a directory')
    refused(t, 'a very long name', render('-o', 'x' * 300 + '.wav'), 'File name too long')
    refused(t, 'convert, a very long name', ['convert', 'bank.sf2', '-o', 'x' * 300], 'File name too long')


def test_full_disk(t):
    """/dev/full as file and as standard output, and a limit on the size of files as a stand-in for a disk."""
    t.standard_files()
    refused(t, 'a full device', render('-o', '/dev/full', '-t', 'wav'), '/dev/full', 'No space left')
    refused(t, 'a full device, FLAC', render('-o', '/dev/full', '-t', 'flac'), '/dev/full', 'No space left')
    refused(t, 'a full device, Ogg', render('-o', '/dev/full', '-t', 'ogg'), '/dev/full', 'No space left')
    refused(t, 'convert to a full device', ['convert', 'bank.sf2', '-o', '/dev/full', '-y'], '/dev/full', 'No space left')
    with open('/dev/full', 'wb') as full:
        refused(t, 'sound to a full standard output', render('-o', '-'), 'standard output', 'No space left', stdout=full)
        refused(t, 'a bank to a full standard output', ['convert', 'bank.sf2', '-o', '-'], 'standard output', 'No space left',
                stdout=full)
        for argv in (['info', 'bank.sf2'], ['--version'], ['help', 'render'], render('--dry-run'), render('tune.mid', '--dry-run'),
                     ['play', 'song.mid', '-b', 'bank.sf2', '-a', 'null']):
            refused(t, ' '.join(argv[:1]) + ' to a full standard output', argv, 'standard output', 'No space left', stdout=full)

    def limit(size=50000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    t.write('big.sf2', files.sf2(presets=tuple((0, i) for i in range(128))))
    for suffix in ('wav', 'rf64', 'flac'):
        argv = ['render', 'song.mid', '-b', 'bank.sf2', '-o', 'out.' + suffix]
        if suffix == 'flac':
            argv += ['--format', 's24', '-r', '192000']
        refused(t, 'no room for ' + suffix, argv, 'out.' + suffix, 'File too large', preexec_fn=limit)
    refused(t, 'no room for a bank', ['convert', 'big.sf2', '-o', 'out.dls'], 'out.dls', 'File too large',
            preexec_fn=lambda: limit(5000))
    t.write('out.wav', b'precious')
    refused(t, 'no room, -y', render('-o', 'out.wav', '-y'), 'out.wav', 'File too large', preexec_fn=limit)
    t.equal(t.read('out.wav'), b'precious', 'the old file stays')


def test_closed_pipe(t):
    t.standard_files()
    t.write('big.sf2', files.sf2(presets=tuple((0, i) for i in range(128))))
    for argv in (render('-o', '-', '--tail', '20'), render('-o', '-', '-t', 'ogg', '--tail', '20'),
                 ['convert', 'big.sf2', '-o', '-'], ['info', '-iw', 'big.sf2']):
        read_end, write_end = os.pipe()
        os.close(read_end)
        run = t.dmus(*argv, stdout=write_end)
        os.close(write_end)
        t.exits(run, 4, '%s into a closed pipe' % argv[0])
        t.says(run, 'standard output', 'Broken pipe')


def test_closed_streams(t):
    """A closed standard stream must not become the output file's number: the report would land in the sound."""
    t.standard_files()
    t.exits(t.dmus(*render('-o', 'want.wav')), 0, 'as it should be')
    for fd in (0, 1, 2):
        code = subprocess.run(['sh', '-c', 'exec "$0" "$@" %d>&-' % fd, DMUS, *render('-v', '-o', 'out%d.wav' % fd)], cwd=t.box,
                              env=t.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
        t.equal(code, 4 if fd == 1 else 0, 'descriptor %d closed: exit code' % fd)
        t.ok(t.read('out%d.wav' % fd) == t.read('want.wav'), 'descriptor %d closed: the file is whole' % fd)
    code = subprocess.run(['sh', '-c', 'exec "$0" "$@" >&-', DMUS, *render('-o', '-')], cwd=t.box, env=t.environment(),
                          stderr=subprocess.DEVNULL).returncode
    t.equal(code, 4, 'sound to a closed standard output')


def test_file_that_appears_meanwhile(t):
    t.write('song.mid', files.crowd(20))
    t.write('bank.sf2', files.sf2())
    tool = t.start('render', 'song.mid', '-b', 'bank.sf2', '-o', 'out.wav', stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    time.sleep(0.1)
    running = tool.poll() is None
    t.write('out.wav', b'precious')
    message = tool.communicate(timeout=60)[1].decode()
    if not running:
        return t.skip('a file that appears meanwhile', 'the render was too fast')
    t.equal(tool.returncode, 4, 'a file that appears during the render is not replaced')
    t.ok('out.wav' in message and 'exists' in message, 'and that is said', message)
    t.equal(t.read('out.wav'), b'precious', 'it stays as it is')
    t.equal(t.listing(), ['bank.sf2', 'out.wav', 'song.mid'], 'nothing else is left')


def test_links_and_modes(t):
    t.standard_files()
    for argv, name in ((render('-y', '-o'), 'out.wav'), (['convert', 'bank.sf2', '-y', '-o'], 'out.dls')):
        t.write('real-' + name, b'old')
        os.chmod(t.path('real-' + name), 0o640)
        os.symlink('real-' + name, t.path(name))
        t.exits(t.dmus(*argv, name), 0, argv[0] + ' over a symbolic link')
        t.ok(os.path.islink(t.path(name)), 'the link stays')
        t.equal(t.read('real-' + name)[:4], b'RIFF', 'its target is replaced')
        t.equal(os.stat(t.path('real-' + name)).st_mode & 0o777, 0o640, 'and keeps its mode')
        t.exits(t.dmus(*argv, 'new-' + name, preexec_fn=lambda: os.umask(0o027)), 0, argv[0] + ' a new file')
        t.equal(os.stat(t.path('new-' + name)).st_mode & 0o777, 0o640, 'has the mode of the umask')


def test_several_songs_with_one_output_taken(t):
    t.standard_files()
    t.write('song.wav', b'precious')
    run = t.dmus('render', 'song.mid', 'tune.mid', '-b', 'bank.sf2')
    t.exits(run, 4, 'one of two outputs exists')
    t.says(run, 'song.wav', 'File exists')
    t.ok('tune.wav' in t.listing(), 'the other song is done')
    t.equal(t.read('song.wav'), b'precious', 'the file stays')


main(globals())
