# SPDX-License-Identifier: MIT
"""dmus info: text and JSON for every kind of file."""
import hashlib

import files
from harness import main


def test_song(t):
    t.write('song.mid', files.smf(files.title(b'A \xe9tude') + [(0, b'\xff\x02\x04(C)!'), (480, b'\xff\x06\x03End')],
                                  files.note(0, 480, 60) + files.note(480, 960, 72),
                                  files.program(40, 3) + files.note(0, 960, 69, channel=3), files.note(0, 480, 38, channel=9)))
    run = t.dmus('info', 'song.mid')
    t.exits(run, 0, 'a song')
    t.says(run, 'song.mid', 'Standard MIDI File, format 1', '0:01.0', 'A \u00e9tude', '(C)!', '480 ticks per quarter', '4 tracks',
           '3 channels', '4 notes', 'Violin', 'drums', where='out')
    t.ok('End' not in run.out and 'End' in t.dmus('info', '-v', 'song.mid').out, 'texts come with -v')
    song = t.dmus('info', '--json', 'song.mid').json()[0]
    want = {'path': 'song.mid', 'kind': 'Standard MIDI File', 'title': 'A \u00e9tude', 'copyright': '(C)!', 'format': 1,
            'division': 480, 'tracks': 4, 'ports': 1, 'channels': 3, 'notes': 4, 'seconds': 1.0, 'last_event_seconds': 1.0,
            'embedded_bank': None, 'remarks': []}
    t.equal({key: song.get(key) for key in want}, want, 'JSON has the figures')
    t.equal([(p['patch'], p['channel'], p['notes'], p['key_low'], p['key_high']) for p in song['programs']],
            [(0, 1, 2, 60, 72), (40, 4, 1, 69, 69), (0x80000000, 10, 1, 38, 38)], 'and the programs')
    t.ok({'kind': 'marker', 'track': 0, 'seconds': 0.5, 'text': 'End'} in song['texts'], 'and the texts', song['texts'])


def test_length(t):
    for ticks, length in ((115170, '2:00.0'), (115104, '1:59.9'), (57600, '1:00.0')): # 960 a second
        t.write('song.mid', files.smf(files.note(0, ticks, 60)))
        t.says(t.dmus('info', 'song.mid'), ' %s min' % length, where='out')


def test_neither(t):
    t.write('page.html', b'<html>')
    run = t.dmus('info', 'page.html')
    t.exits(run, 2, 'neither song nor bank')
    t.says(run, 'page.html: not a song', 'nor a bank')


def test_smpte(t):
    t.write('song.mid', files.smf(files.note(0, 1000, 60), division=0xE728))
    run = t.dmus('info', 'song.mid')
    t.says(run, 'SMPTE 25 frames per second, 40 ticks per frame', '0:01.0', where='out')


def test_banks(t):
    t.write('bank.sf2', files.sf2())
    t.write('bank.dls', files.dls())
    for name, kind, title, patches in (('bank.sf2', 'SoundFont 2', 'Test bank', [0, 0x80000000]),
                                       ('bank.dls', 'DLS', 'Test collection', [0, 0x80000000])):
        run = t.dmus('info', name)
        t.exits(run, 0, kind)
        t.says(run, name, kind, title, '2 instruments', '1 waves', where='out')
        t.ok('44100 Hz' not in run.out, 'no lists unless asked')
        lists = t.dmus('info', '-i', '--waves', name).out
        t.ok('drums' in lists and '44100 Hz' in lists and '800 frames' in lists, 'lists of instruments and waves', lists)
        bank = t.dmus('info', '--json', '--checksum', name).json()[0]
        t.equal((bank['path'], bank['kind'], bank['name'], bank['file_bytes']), (name, kind, title, len(t.read(name))), 'JSON')
        t.equal([i['patch'] for i in bank['instruments']], patches, 'has the instruments')
        t.equal([(w['sample_rate'], w['frames'], w['bits'], w['usable']) for w in bank['waves']], [(44100, 800, 16, True)],
                'has the waves')
        t.equal(bank['sha256'], hashlib.sha256(t.read(name)).hexdigest(), 'has the checksum')
        t.ok(bank['sha256'] in t.dmus('info', '--checksum', name).out, 'as has the text')


def test_rmid(t):
    t.write('song.rmi', files.rmid(files.one_second(), files.dls()))
    t.says(t.dmus('info', 'song.rmi'), 'RIFF MIDI', 'inside: DLS', '1 notes', where='out')
    song = t.dmus('info', '--json', 'song.rmi').json()[0]
    t.equal((song['kind'], song['embedded_bank'], song['notes']), ('RIFF MIDI', 'DLS', 1), 'JSON')


def test_several_and_bad(t):
    t.standard_files()
    t.write('broken', b'MThd')
    run = t.dmus('info', '--json', 'song.mid', 'broken', 'nowhere', 'bank.sf2')
    t.exits(run, 2, 'two of four')
    t.equal([thing['path'] for thing in run.json()], ['song.mid', 'bank.sf2'], 'the others are told')
    t.says(run, 'broken', 'nowhere')
    t.equal(t.dmus('info', '-q', '--json', 'song.mid').json()[0]['notes'], 1, '-q leaves JSON alone')


def test_standard_input(t):
    t.standard_files()
    with open(t.path('song.mid'), 'rb') as song:
        run = t.dmus('info', '-', stdin=song)
    t.exits(run, 0, 'a song from standard input')
    t.says(run, 'standard input', '1 notes', where='out')


def test_repairs(t):
    data = files.tune()
    t.write('cut.mid', data[:-40])
    run = t.dmus('info', 'cut.mid')
    t.exits(run, 0, 'a cut song')
    t.ok('repair' in run.out, 'says that it was repaired', run)
    verbose = t.dmus('info', '-v', 'cut.mid').out
    remarks = t.dmus('info', '--json', 'cut.mid').json()[0]['remarks']
    t.ok(remarks and all('repaired   ' + text in verbose for text in remarks), '-v and JSON list the repairs', verbose)


main(globals())
