# SPDX-License-Identifier: MIT
"""dmus convert: the DLS that comes out is one, and sounds as the bank did."""
import math
import struct

import files
from harness import Wave, main, rms


def sound(t, song, bank, out):
    run = t.dmus('render', song, '-b', bank, '-o', out, '--format', 'f32', '-y')
    assert run.code == 0, run
    return Wave(t.read(out)).samples()


def same_sound(t, bank, converted, what):
    first, second = sound(t, 'tune.mid', bank, 'a.wav'), sound(t, 'tune.mid', converted, 'b.wav')
    length = max(len(first), len(second))
    first += [0.0] * (length - len(first))
    second += [0.0] * (length - len(second))
    difference = rms([a - b for a, b in zip(first, second)]) / rms(first)
    t.ok(difference < 1e-3, what + ': differs by less than -60 dB', '%.1f dB' % (20 * math.log10(difference or 1e-20)))


def test_sound(t):
    t.standard_files()
    t.write('drums.mid', files.smf(files.note(0, 960, 40, channel=9)))
    t.write('bank.dls', files.dls())
    for name in ('bank.sf2', 'bank.dls'):
        run = t.dmus('convert', name, '-o', 'out.dls', '-y', '--json')
        t.exits(run, 0, name)
        t.equal((run.json()['instruments'], run.json()['waves'], run.json()['bytes']), (2, 1, len(t.read('out.dls'))), 'figures')
        same_sound(t, name, 'out.dls', name)
        t.exits(t.dmus('render', 'drums.mid', '-b', 'out.dls', '--dry-run', '--strict'), 0, 'drums are still drums')
        t.exits(t.dmus('convert', 'out.dls', '-o', 'again.dls', '-y'), 0, 'once more')
        t.ok(t.read('again.dls') == t.read('out.dls'), 'a converted bank stays as it is')
        t.exits(t.dmus('convert', 'out.dls', '-o', 'wine.dls', '-y', '--level1'), 0, 'for readers of level 1, too')
        t.ok(sound(t, 'tune.mid', 'wine.dls', 'b.wav') == sound(t, 'tune.mid', 'out.dls', 'a.wav'), 'the same samples')
        t.exits(t.dmus('convert', 'wine.dls', '-o', 'again.dls', '-y'), 0, 'and back')
        t.ok(t.read('again.dls') == t.read('out.dls'), 'is what it was')


def test_sf3(t):
    """A bank with Ogg Vorbis samples; the stream is of our own making."""
    if '+SF3' not in t.dmus('--version').out:
        return t.skip('SF3', 'built without libvorbisfile')
    t.standard_files()
    t.write('tone.mid', files.smf(files.note(0, 960, 69)))
    made = t.dmus('render', 'tone.mid', '-b', 'bank.sf2', '-c', '1', '-o', 'tone.ogg', '--tail', 'last-event', '-g', '20')
    assert made.code == 0, made
    t.write('bank.sf3', files.sf2(vorbis=t.read('tone.ogg')))
    bank = t.dmus('info', '--json', 'bank.sf3').json()[0]
    t.equal((bank['kind'], bank['waves'][0]['bits'], bank['remarks']), ('SoundFont 3', 0, []), 'info knows it')
    run = t.dmus('convert', 'bank.sf3', '-o', 'out.dls')
    t.exits(run, 0, 'converts')
    t.ok(rms(sound(t, 'tune.mid', 'bank.sf3', 'c.wav')) > 0.01, 'is heard')
    same_sound(t, 'bank.sf3', 'out.dls', 'bank.sf3')
    t.write('broken.sf3', files.sf2(vorbis=t.read('tone.ogg')[:60] + bytes(4000)))
    run = t.dmus('render', 'song.mid', '-b', 'broken.sf3', '-o', 'broken.wav')
    t.exits(run, 2, 'a bank whose only stream is broken is no use')
    t.says(run, 'broken.sf3', 'song.mid')
    t.ok('broken.wav' not in t.listing(), 'and nothing is written')


def test_structure(t):
    """Walked through with no help of ours: DLS 2 collection, sizes that fit, cues of the pool table that hit waves."""
    t.standard_files()
    t.exits(t.dmus('convert', 'bank.sf2', '-o', 'out.dls'), 0, 'converted')
    data = t.read('out.dls')
    t.equal((data[:4], data[8:12], struct.unpack_from('<I', data, 4)[0] + 8), (b'RIFF', b'DLS ', len(data)), 'RIFF DLS of its size')

    def walk(start, end):
        at, found = start, {}
        while at + 8 <= end:
            name, size = data[at:at + 4], struct.unpack_from('<I', data, at + 4)[0]
            if name == b'LIST':
                name = data[at + 8:at + 12]
            found[name] = (at + 8, size)
            at += 8 + size + (size & 1)
        t.equal(at, end, 'chunks fill their list')
        return found
    top = walk(12, len(data))
    t.ok({b'colh', b'lins', b'ptbl', b'wvpl', b'INFO'} <= set(top), 'the chunks of a collection', top)
    t.equal(struct.unpack_from('<I', data, top[b'colh'][0])[0], 2, 'two instruments')
    pool = top[b'wvpl'][0] + 4
    _, cues = struct.unpack_from('<II', data, top[b'ptbl'][0])
    offsets = struct.unpack_from('<%dI' % cues, data, top[b'ptbl'][0] + 8)
    t.ok(all(data[pool + o:pool + o + 4] == b'LIST' and data[pool + o + 8:pool + o + 12] == b'wave' for o in offsets), 'cues hit waves')
    text = t.dmus('info', 'out.dls').out
    t.ok('DLS Level 2' in text and 'Test bank' in text, 'info agrees', text)


def test_output(t):
    t.standard_files()
    t.exits(t.dmus('convert', 'bank.sf2', '-o', 'out.dls', '-q'), 0, 'to a file')
    pipe = t.dmus('convert', 'bank.sf2', '-o', '-', text=False)
    t.exits(pipe, 0, 'to standard output')
    t.ok(pipe.out == t.read('out.dls'), 'the same bytes')
    t.ok('instruments' in pipe.err, 'the report goes to standard error then')
    t.exits(t.dmus('convert', 'bank.sf2', '-o', 'second.dls'), 0, 'again')
    t.ok(t.read('second.dls') == t.read('out.dls'), 'the same bytes again')
    t.write('song.rmi', files.rmid(files.one_second(), files.dls()))
    t.exits(t.dmus('convert', 'song.rmi', '-o', 'inside.dls'), 0, 'the bank inside a song')


def test_usage(t):
    t.standard_files()
    for argv, words in ((['bank.sf2'], ['-o']), (['-o', 'x.dls'], ['one bank', '0']),
                        (['bank.sf2', 'bank.sf2', '-o', 'x.dls'], ['one bank', '2'])):
        run = t.dmus('convert', *argv)
        t.exits(run, 1, ' '.join(argv))
        t.says(run, *words, "Try 'dmus convert --help'")


main(globals())
