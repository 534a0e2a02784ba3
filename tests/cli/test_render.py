# SPDX-License-Identifier: MIT
"""dmus render: what comes out, and what each option does to it."""
import json
import math
import os
import select
import subprocess

import files
from harness import TREE, Wave, main, rms

DRY = ('--reverb', 'off', '--chorus', 'off')


def render(t, *argv, song='song.mid', bank='bank.sf2', out='out.wav'):
    """The Wave of a render that has to succeed, without effects."""
    run = t.dmus('render', song, '-b', bank, '-o', out, '-y', *DRY, *argv)
    assert run.code == 0, run
    return Wave(t.read(out))


def test_level_and_pitch(t):
    t.standard_files()
    wave = render(t, '--format', 'f32', '--tail', 'last-event')
    left = wave.channel(0)
    # Sample at half of full scale, studio's mix level -10 dB, velocity 100 and CC7 100 (DLS 1: 40 log10 of x/127 each),
    # pan in the middle (constant power).
    want = 20 * math.log10(files.AMPLITUDE / 32768) - 10 + 2 * 40 * math.log10(100 / 127) + 10 * math.log10(0.5)
    t.near(20 * math.log10(max(left)), want, 0.05, 'peak follows the gain laws')
    rising = [i for i in range(1, len(left)) if left[i - 1] < 0 <= left[i]]
    cycle = (rising[-1] - rising[0]) / (len(rising) - 1)
    t.near(1200 * math.log2(cycle / files.PERIOD), 0, 0.1, 'key 69 sounds unshifted, in cents')
    t.equal(left, wave.channel(1), 'centre pan gives both channels alike')


def test_demo(t):
    t.standard_files()
    run = t.dmus('render', os.path.join(TREE, 'data', 'demo.mid'), '-b', 'bank.sf2', '-o', 'demo.wav', '--to', '4')
    t.exits(run, 0, 'the shipped song renders')
    t.says(run, 'demo.wav', 'peak', 'LUFS', 'voices', 'bank.sf2', 'times faster than real time', where='out')
    t.equal(Wave(t.read('demo.wav')).frames, 4 * 44100, 'four seconds of it')


def test_block_size_and_repetition(t):
    t.standard_files()
    for options in (['--format', 's16'], ['--format', 'f32', '--profile', 'native'], ['-t', 'flac'], ['-t', 'opus']):
        def bytes_of(name, *argv):
            run = t.dmus('render', 'tune.mid', '-b', 'bank.sf2', '-o', name, '-t', 'wav', *options, *argv)
            return t.read(name) if t.exits(run, 0, '%s renders with %s' % (name, ' '.join(argv) or 'no more')) else None
        first = bytes_of('first')
        for block in ('1', '7', '64', '441', '4096'):
            t.ok(bytes_of('block' + block, '--block', block) == first, '%s: --block %s changes no byte' % (options[-1], block))
        t.ok(bytes_of('second') == first, '%s: a second run gives the same bytes' % options[-1])
        for name in ['first', 'second'] + ['block' + b for b in ('1', '7', '64', '441', '4096')]:
            os.remove(t.path(name))


def test_standard_output(t):
    t.standard_files()
    for kind in ('wav', 'flac', 'ogg'):
        file = t.dmus('render', 'tune.mid', '-b', 'bank.sf2', '-o', 'out.' + kind)
        pipe = t.dmus('render', 'tune.mid', '-b', 'bank.sf2', '-o', '-', '-t', kind, text=False)
        t.exits(pipe, 0, '-o - works for ' + kind)
        if kind == 'wav':
            # The length of a stream is not known when its head is written.
            there, streamed = Wave(t.read('out.wav')), Wave(pipe.out)
            t.ok(there.data == streamed.data, 'the same samples as in the file')
            t.equal((streamed.rate, streamed.channels, streamed.bits), (44100, 2, 16), 'and the same format')
        elif kind == 'ogg':
            t.ok(t.read('out.ogg') == pipe.out, 'the same bytes as in the file')
        else:
            t.ok(pipe.out[:4] == b'fLaC', 'a FLAC stream')
        t.ok('peak' in pipe.err and b'peak' not in pipe.out, 'the report goes to standard error then')
        t.exits(file, 0, 'file written')


def test_json_beside_sound(t):
    t.standard_files()
    run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-o', '-', '--json', text=False)
    t.equal(json.loads(run.err)['songs'][0]['output'], '-', 'JSON goes to standard error when the sound takes the other')
    t.equal(Wave(run.out).frames, json.loads(run.err)['songs'][0]['frames'], 'and is not mixed with it')


def test_song_from_standard_input(t):
    t.standard_files()
    with open(t.path('song.mid'), 'rb') as song:
        run = t.dmus('render', '-', '-b', 'bank.sf2', stdin=song)
    t.exits(run, 0, 'a song from standard input')
    t.equal(Wave(t.read('stdin.wav')).data, render(t, '--reverb', 'on', '--chorus', 'on').data, 'sounds as from its file')
    os.mkfifo(t.path('fifo.mid'))
    feeder = os.fork()
    if feeder == 0:
        with open(t.path('fifo.mid'), 'wb') as fifo:
            fifo.write(files.one_second())
        os._exit(0)
    run = t.dmus('render', 'fifo.mid', '-b', 'bank.sf2', '-o', 'fifo.wav')
    os.waitpid(feeder, 0)
    t.exits(run, 0, 'a song from a named pipe')


def test_sample_formats(t):
    t.standard_files()
    exact = render(t, '--format', 'f32')
    t.equal((exact.bits, exact.is_float), (32, True), 'f32 is 32 bit float')
    for name, bits, step in (('s16', 16, 1 / 32768), ('s24', 24, 1 / 8388608)):
        wave = render(t, '--format', name, '--dither', 'off')
        t.equal((wave.bits, wave.is_float, wave.frames), (bits, False, exact.frames), name + ' has its bits')
        worst = max(abs(a - b) for a, b in zip(wave.samples(), exact.samples()))
        t.ok(worst <= step, name + ' is the float sound to one step', 'off by %g steps' % (worst / step))
    dithered, plain = render(t, '--dither', 'on'), render(t, '--dither', 'off')
    t.ok(dithered.data != plain.data, 'dither changes 16-bit samples')
    worst = max(abs(a - b) for a, b in zip(dithered.samples(), plain.samples()))
    t.ok(worst <= 3 / 32768, 'by no more than it should', worst * 32768)


def granule(data):
    """Granule position of the last Ogg page."""
    return int.from_bytes(data[data.rindex(b'OggS'):][6:14], 'little')


def test_file_types(t):
    t.standard_files()
    for suffix, magic in (('wav', b'RIFF'), ('rf64', b'RIFF'), ('flac', b'fLaC'), ('ogg', b'OggS'), ('opus', b'OggS')):
        t.exits(t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-o', 'out.' + suffix), 0, suffix + ' by suffix')
        data = t.read('out.' + suffix)
        t.equal(data[:4], magic, suffix + ' begins as it should')
        run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-t', suffix, '-o', 'typed')
        t.exits(run, 0, suffix + ' by --type')
        t.ok(t.read('typed') == data, 'the same file')
        os.remove(t.path('typed'))
    t.ok(b'vorbis' in t.read('out.ogg')[:64] and b'OpusHead' in t.read('out.opus')[:64], 'the codecs are the right ones')
    frames = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--dry-run', '--json').song()['frames']
    t.equal(granule(t.read('out.ogg')), frames, 'Vorbis ends at the last frame (RFC 3533, granule position)')
    at_48000 = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--dry-run', '--json', '-r', '48000').song()['frames']
    skip = int.from_bytes(t.read('out.opus').split(b'OpusHead', 1)[1][2:4], 'little')
    t.equal(granule(t.read('out.opus')) - skip, at_48000, 'Opus, too, less its pre-skip (RFC 7845 4.2), at 48000 Hz')
    import wave
    with wave.open(t.path('out.wav')) as file:
        t.equal((file.getframerate(), file.getnchannels(), file.getsampwidth()), (44100, 2, 2), "python's reader agrees")
        t.ok(file.getnframes() > 44100, 'on the frames')
    for argv, why in ((('-o', 'x.mp3'), 'suffix'), (('-o', 'x'), 'suffix')):
        run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', *argv)
        t.exits(run, 1, '%s has no type' % argv[1])
        t.says(run, argv[1], why, 'flac')
    run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-o', 'x.flac', '--format', 'f32')
    t.ok(run.code == 1 and 'FLAC' in run.err, 'FLAC holds no floats', run)
    run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-o', 'x.opus', '-r', '44100')
    t.ok(run.code == 1 and '48000' in run.err, 'Opus takes no 44100 Hz', run)
    t.ok(not [name for name in t.listing() if name.startswith(('x', '.'))], 'nothing left of those', t.listing())


def test_tags(t):
    t.standard_files()
    run = t.dmus('render', 'tune.mid', '-b', 'bank.sf2', '-o', 'out.flac', '--checksum', '--json')
    import hashlib
    digest = hashlib.sha256(t.read('bank.sf2')).hexdigest()
    t.equal(run.song()['banks'][0]['sha256'], digest, 'the checksum is in the report')
    head = t.read('out.flac')[:4096]
    t.ok(digest.encode() in head, 'and in the file')
    t.ok(b'Tune' in head and b'bank.sf2' in head, 'with the title and the bank')


def test_rate_and_channels(t):
    t.standard_files()
    for rate in (8000, 22050, 48000, 192000):
        wave = render(t, '-r', str(rate), '--tail', 'last-event')
        t.equal((wave.rate, wave.frames), (rate, rate), '-r %d: one second is as many frames' % rate)
    t.equal(render(t, '--profile', 'native').rate, 22050, "native's own rate")
    mono, stereo = render(t, '-c', '1', '--format', 'f32'), render(t, '-c', '2', '--format', 'f32')
    t.equal((mono.channels, stereo.channels), (1, 2), '-c')
    t.equal(mono.frames, stereo.frames, 'of the same length')


def test_lengths(t):
    t.standard_files()

    def frames(*argv):
        return render(t, *argv).frames
    t.equal(frames('--tail', 'last-event'), 44100, '--tail last-event ends at the last event')
    t.equal(frames('--tail', '0.5'), 44100 + 22050, '--tail 0.5 adds half a second')
    t.equal(frames('--tail', '0'), 44100, '--tail 0 adds nothing')
    t.equal(frames('--from', '0.25', '--to', '0.75'), 22050, '--from and --to')
    t.equal(frames('--to', '0:00.1'), 4410, 'minutes and seconds')
    t.equal(frames('--to', '1.25', '--tail', '3600'), 44100 + 11025, '--to ends a tail')
    t.equal(frames('--from', '0.9999', '--tail', '0'), 4, 'less than a millisecond')
    until = render(t)
    t.ok(until.frames > 44100, 'until silence is longer')
    t.ok(max(map(abs, until.samples()[-200:])) <= 3 / 32768, 'and ends in silence')
    whole = render(t, '--format', 'f32', song='tune.mid')
    part = render(t, '--format', 'f32', '--from', '0.5', '--to', '1', song='tune.mid')
    t.ok(part.data == whole.data[22050 * 8:44100 * 8], 'a part is that part of the whole, bit for bit')
    for argv in (('--to', '0'), ('--from', '1', '--to', '1'), ('--from', '2', '--to', '1'), ('--from', '-1'), ('--tail', 'x')):
        run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-o', 'bad.wav', *argv)
        t.exits(run, 1, 'refused: ' + ' '.join(argv))
    run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-o', 'bad.wav', '--from', '9')
    t.exits(run, 1, 'a start behind the end')
    t.says(run, 'song.mid', '9 s', '1.000 s')
    t.ok(not os.path.exists(t.path('bad.wav')), 'no file of any of these')


def test_late_end_of_track(t):
    t.standard_files()
    wait = lambda ticks: files.smf(files.note(0, 960, 69) + [(960 + ticks, b'\xff\x01\x01x')])
    t.write('late.mid', wait(960 * 200000))
    t.write('ends.mid', files.one_second())
    t.exits(t.dmus('render', 'ends.mid', '-b', 'bank.sf2', '-o', 'ends.wav', '-q'), 0, 'a song that ends')
    run = t.dmus('render', 'late.mid', '-b', 'bank.sf2', '-o', 'late.wav', '-q')
    t.exits(run, 0, 'one whose end of track comes 55 hours later')
    t.says(run, 'warning', 'late.mid: end of track 55 h after the last event: not waited for')
    t.equal(Wave(t.read('late.wav')).samples(), Wave(t.read('ends.wav')).samples(), 'sounds as if it ended with its last event')
    for name in ('late.mid', 'ends.mid'):
        dry = t.dmus('render', name, '-b', 'bank.sf2', '--dry-run', '--json')
        t.equal(dry.song()['seconds'], Wave(t.read('ends.wav')).frames / 44100, name + ': --dry-run says so')
        t.equal(t.dmus('info', name, '--json').json()[0]['seconds'], 1.0, name + ': info too')
    t.exits(t.dmus('render', 'late.mid', '-b', 'bank.sf2', '-o', 'part.wav', '-q', '--to', '0.5'), 0, '--to is followed')
    t.equal(Wave(t.read('part.wav')).frames, 22050, 'to the frame')


def test_gain(t):
    t.standard_files()
    plain = rms(render(t, '--format', 'f32').samples())
    for gain in (-20, -6, 6):
        level = rms(render(t, '--format', 'f32', '--gain', str(gain)).samples())
        t.near(20 * math.log10(level / plain), gain, 0.01, '--gain %d' % gain)


def test_effects(t):
    t.write('song.mid', files.smf([(0, b'\xb0\x5b\x7f'), (0, b'\xb0\x5d\x7f')] + files.note(0, 960, 69)))
    t.write('bank.sf2', files.sf2())
    both_off = render(t, '--format', 'f32', '--tail', '1')
    for effect in ('--reverb', '--chorus'):
        t.ok(render(t, '--format', 'f32', '--tail', '1', effect, 'on').data != both_off.data, effect + ' on is heard')
        run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-o', 'wet.wav', '-y', '--format', 'f32', '--tail', '1',
                     '--reverb' if effect == '--chorus' else '--chorus', 'off', effect, 'off')
        t.ok(Wave(t.read('wet.wav')).data == both_off.data, effect + ' off is not', run)
    # The release of the test bank is 0.5 s from full scale to silence: after it only a reverb still sounds.
    late = 2 * int(44100 * 1.5)
    t.equal(max(map(abs, both_off.samples()[late:])), 0.0, 'silent after the release')
    t.ok(max(map(abs, render(t, '--format', 'f32', '--tail', '1', '--reverb', 'on').samples()[late:])) > 1e-5,
         'the reverb goes on')


def test_polyphony(t):
    t.standard_files()
    run = t.dmus('render', 'tune.mid', '-b', 'bank.sf2', '--dry-run', '--json', '-p', '1')
    t.exits(run, 0, 'one voice is enough')
    song = run.song()
    t.equal(song['voices_peak'], 1, 'one voice at peak')
    t.ok(song['voices_stolen'] > 0, 'steals and says so', song)
    song = t.dmus('render', 'tune.mid', '-b', 'bank.sf2', '--dry-run', '--json').song()
    t.ok(song['voices_peak'] >= 3 and song['voices_stolen'] == 0, 'a chord of three without the limit', song)


def test_sound_options_do_something(t):
    t.write('song.mid', files.smf(files.note(0, 960, 77)))
    t.write('bank.sf2', files.sf2())
    sounds = {name: render(t, '--format', 'f32', '--interpolation', name).data
              for name in ('nearest', 'linear', 'cubic', 'sinc16', 'sinc32')}
    t.equal(len(set(sounds.values())), 5, 'five interpolations, five sounds')
    t.ok(render(t, '--format', 'f32').data == sounds['sinc16'], 'sinc16 is the default of studio')
    native = render(t, '--format', 'f32', '--profile', 'native', '-r', '44100').data
    t.ok(native not in sounds.values(), 'native is another sound')
    t.ok(render(t, '--format', 'f32', '--profile', 'native', '-r', '44100', '--interpolation', 'linear').data == native,
         'linear is the default of native')


def test_threads_change_nothing(t):
    notes = [files.note(0, 960, key, channel=channel) for key in range(30, 100) for channel in range(5)]
    t.write('song.mid', files.smf(*notes)) # 350 voices: few would not be shared out
    t.write('bank.sf2', files.sf2())
    for count in ('1', '2', '3'):
        run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--format', 'f32', '--threads', count, '-y', '-o', count + '.wav')
        t.ok(run.code == 0 and t.read(count + '.wav') == t.read('1.wav'), count + ' threads give the same file', run)


def test_through_changes_nothing(t):
    t.standard_files()
    t.write('twin.mid', t.read('song.mid'))
    for format, profile in (('s16', 'studio'), ('f32', 'studio'), ('s16', 'native'), ('f32', 'native')):
        heard = []
        for half in ('user', 'kernel'):
            run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--format', format, '--profile', profile, '--through', half, '-y',
                         '-o', half + '.wav')
            t.ok(run.code == 0, '--through ' + half, run)
            heard.append(t.read(half + '.wav'))
        t.ok(heard[0] == heard[1], '%s %s: the same file through either half' % (profile, format))
    t.ok(t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--through', 'both').code == 1, 'no third half')
    run = t.dmus('render', '--through', 'kernel', '--jobs', '4', '-y', '-o', '.', '-b', 'bank.sf2', 'song.mid', 'twin.mid')
    t.ok(run.code == 0 and t.read('song.wav') == t.read('twin.wav'), 'two machines at a time', run)


def test_simd_changes_nothing(t):
    t.write('song.mid', files.smf(files.note(0, 960, 77)))
    t.write('bank.sf2', files.sf2())
    best = render(t, '--format', 'f32').data
    levels = 0
    for level in ('best', 'c', 'sse2', 'sse41', 'avx2', 'avx512', 'neon'):
        run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--format', 'f32', '--simd', level, '-y', '-o', level + '.wav')
        if run.code == 0:
            levels += 1
            t.ok(t.read(level + '.wav') == t.read('best.wav'), level + ' gives the same file')
            forced = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--format', 'f32', '-y', '-o', 'env.wav',
                            env={'OPENDMUS_SIMD': level})
            t.ok(forced.code == 0 and t.read('env.wav') == t.read('best.wav'), 'and from the environment', forced)
        else:
            t.ok(level in run.err and 'this machine has no' in run.err, 'a level that is not here is refused', run)
    t.ok(levels >= 2 and len(best) > 0, 'best and c are everywhere')


def test_download_all(t):
    t.write('bank.sf2', files.sf2(presets=((0, 0), (0, 1), (0, 2), (128, 0))))
    t.write('song.mid', files.one_second())
    used = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--dry-run', '--json').song()
    everything = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--dry-run', '--json', '--all-instruments').song()
    t.equal((used['instruments'], everything['instruments']), (1, 4), 'one instrument, or all four')
    t.equal(used['peak_dbfs'], everything['peak_dbfs'], 'the sound is the same')


def test_several_banks(t):
    t.write('song.mid', files.smf(files.note(0, 960, 69) + files.program(5, 1) + files.note(0, 960, 69, channel=1)))
    t.write('low.sf2', files.sf2(presets=((0, 0), (0, 5)), amplitude=1000))
    t.write('high.dls', files.dls(patches=(5,), amplitude=30000))
    run = t.dmus('render', 'song.mid', '-b', 'high.dls', '-b', 'low.sf2', '--dry-run', '--json')
    t.equal([bank['instruments'] for bank in run.song()['banks']], [1, 1], 'the first that has an instrument gives it')
    run = t.dmus('render', 'song.mid', '-b', 'low.sf2', '-b', 'high.dls', '--dry-run', '--json')
    t.equal([bank['instruments'] for bank in run.song()['banks']], [2, 0], 'also the other way round')
    run = t.dmus('render', 'high.dls', 'song.mid', 'low.sf2', '--dry-run', '--json')
    t.equal([bank['path'] for bank in run.song()['banks']], ['high.dls', 'low.sf2'], 'banks may stand among the songs')
    t.equal(len(run.json()['songs']), 1, 'and are no songs')
    run = t.dmus('render', 'song.mid', *['-b', 'low.sf2'] * 17, '--dry-run')
    t.exits(run, 1, 'more banks than there is room for')


def test_kind_by_content(t):
    t.write('song.sf2', files.one_second())
    t.write('bank.mid', files.dls())
    run = t.dmus('render', 'song.sf2', 'bank.mid', '-o', 'out.wav', '--json')
    t.exits(run, 0, 'content tells songs from banks')
    t.equal(run.song()['banks'][0]['kind'], 'DLS', 'not the name')


def test_jobs(t):
    t.write('bank.sf2', files.sf2())
    names = ['s%d.mid' % i for i in range(7)]
    for i, name in enumerate(names):
        t.write('in/' + name, files.tune(seconds=1, keys=(50 + i, 57 + i)))
    t.write('one/x', b'')
    t.write('many/x', b'')
    songs = ['in/' + name for name in names]
    for song in songs:
        t.exits(t.dmus('render', song, '-b', 'bank.sf2', '-o', 'one/'), 0, song + ' alone')
    run = t.dmus('render', *songs, '-b', 'bank.sf2', '-o', 'many', '--jobs', '3', '--json')
    t.exits(run, 0, '--jobs 3')
    t.equal([song['song'] for song in run.json()['songs']], songs, 'the report is in order')
    for name in names:
        wav = name.replace('.mid', '.wav')
        t.ok(t.read('one/' + wav) == t.read('many/' + wav), wav + ' is the same as alone')
    run = t.dmus('render', *songs, '-b', 'bank.sf2', '-j', '0', '--dry-run', '-q')
    t.exits(run, 0, 'one job per processor')


def test_reports_as_they_end(t):
    """A batch that runs for hours tells of each song when it is done, also to a pipe."""
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.one_second())
    os.mkfifo(t.path('late.mid'))
    for jobs in ('1', '2'):
        tool = t.start('render', 'song.mid', 'none.mid', 'late.mid', '-b', 'bank.sf2', '--dry-run', '-j', jobs, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
        told, complained = ( # late.mid is yet to be written
            stream.readline() if select.select([stream], [], [], 30)[0] else b'' for stream in (tool.stdout, tool.stderr))
        with open(t.path('late.mid'), 'wb') as late:
            late.write(files.tune())
        out, err = tool.communicate(timeout=60)
        t.ok(told.startswith(b'song.mid: 0:0'), 'the report of a song that is done', told)
        t.ok(b'none.mid' in complained, 'and of one that fails', complained)
        t.ok(b'late.mid: 0:0' in out and not err, 'the others follow', out + err)
        t.equal(tool.returncode, 2, 'exit code')


def test_type_by_suffix(t):
    t.standard_files()
    for name, rate in (('out.wav', 44100), ('out.opus', 48000), ('out.OPUS', 48000), ('folder.opus/', 44100), ('folder.opus', 44100)):
        os.makedirs(t.path('folder.opus'), exist_ok=True)
        run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-y', '--json', '-o', name)
        t.exits(run, 0, name)
        t.equal(run.song()['sample_rate'], rate, 'the rate of ' + name)


def test_jobs_heavy_first(t):
    names = ['a.mid', 'b.mid', 'long.mid', 'longer.mid']
    for name, seconds in zip(names, (1, 1, 20, 40)):
        t.write(name, files.crowd(seconds))
    t.write('bank.sf2', files.sf2())

    def looked_up(*more):
        run = t.dmus('render', *names, '--dry-run', '--json', '-v', *more, env={'DMUS_BANK': 'bank.sf2'})
        t.exits(run, 0, ' '.join(more))
        t.equal([song['song'] for song in run.json()['songs']], names, 'reported in order')
        seen = [line.split(':')[0] for line in run.err.splitlines()]
        return sorted(set(names) & set(seen), key=seen.index)

    t.equal(set(looked_up('--jobs', '2')[:2]), {'long.mid', 'longer.mid'}, 'the long songs are begun first')
    t.equal(looked_up('--jobs', '1'), names, 'one at a time: in the order that they were named')


def test_names_of_outputs(t):
    t.standard_files()
    t.write('a/song.mid', files.one_second())
    t.write('b/song.midi', files.one_second())
    t.write('out/x', b'')
    t.exits(t.dmus('render', 'a/song.mid', '-b', 'bank.sf2'), 0, 'no -o')
    t.ok('song.wav' in t.listing() and 'a/song.wav' not in t.listing(), "the song's name, in the present directory")
    t.exits(t.dmus('render', 'a/song.mid', '-b', 'bank.sf2', '-t', 'flac', '-o', 'out/'), 0, '-o directory')
    t.ok('out/song.flac' in t.listing(), 'with the suffix of the type', t.listing())
    before = t.listing()
    run = t.dmus('render', 'a/song.mid', 'tune.mid', '-b', 'bank.sf2', '-o', 'both.wav')
    t.exits(run, 1, 'two songs to one file')
    t.says(run, '2 songs', 'directory')
    run = t.dmus('render', 'a/song.mid', 'b/song.midi', '-b', 'bank.sf2', '-o', 'out')
    t.exits(run, 1, 'two songs of one name to one directory')
    t.says(run, 'a/song.mid', 'b/song.midi', 'out/song.wav')
    t.equal(t.listing(), before, 'nothing was written')


def test_one_bad_song_of_several(t):
    t.standard_files()
    t.write('broken.mid', b'MThd')
    run = t.dmus('render', 'song.mid', 'broken.mid', 'tune.mid', '-b', 'bank.sf2', '--json')
    t.exits(run, 2, 'the exit code tells')
    t.says(run, 'broken.mid')
    t.ok('song.wav' in t.listing() and 'tune.wav' in t.listing(), 'the others are done')
    t.ok('broken.wav' not in t.listing(), 'the bad one leaves nothing')
    songs = run.json()['songs']
    t.equal([song['status'] == 'ok' for song in songs], [True, False, True], 'the report says so')
    t.ok('broken.mid' in songs[1]['error'] and songs[1]['output'] is None, 'with the reason', songs[1])


def test_dry_run(t):
    t.standard_files()
    before = t.listing()
    run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--dry-run', '--json')
    t.exits(run, 0, 'a dry run')
    t.equal(t.listing(), before, 'writes nothing')
    real = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-o', 'out.wav', '--json').song()
    t.equal((run.song()['frames'], run.song()['peak_dbfs']), (real['frames'], real['peak_dbfs']), 'but measures all the same')
    t.equal(real['frames'], Wave(t.read('out.wav')).frames, 'frames are those of the file')
    t.ok(abs(real['loudness_lufs'] + 28) < 4, 'loudness is near the level of the tone', real['loudness_lufs'])
    run = t.dmus('render', 'song.mid', '-b', 'bank.sf2', '--dry-run', '--json', '--no-loudness')
    t.equal(run.song()['loudness_lufs'], None, '--no-loudness')


def test_strange_names(t):
    t.standard_files()
    name = b'so\xffng "\\\n.mid'
    with open(os.path.join(os.fsencode(t.box), name), 'wb') as file:
        file.write(files.one_second())
    run = t.dmus('render', name, '-b', 'bank.sf2', '--dry-run', '--json', text=False)
    t.equal(json.loads(run.out.decode())['songs'][0]['song'], 'so\ufffdng "\\\n.mid', 'JSON stays valid UTF-8')
    t.write('-dash.mid', files.one_second())
    t.exits(t.dmus('render', '-b', 'bank.sf2', '--dry-run', '-q', '--', '-dash.mid'), 0, '-- ends the options')


main(globals())
