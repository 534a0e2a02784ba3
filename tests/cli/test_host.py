# SPDX-License-Identifier: MIT
"""dmus host and dmus check-driver: lists, plays, records, traces, reports; argv[2:] are example and faulty drivers."""
import glob
import json
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time

import files
from harness import DMUS, TREE, Wave, main, rms

DRIVERS = {os.path.basename(path)[:-3]: os.path.abspath(path) for path in sys.argv[2:] if path.endswith('.so')}


def parse(data):
    """(seconds, message) of a one-track SMF with the tempo of its first event."""
    division, at, messages, ticks = struct.unpack_from('>H', data, 12)[0], 22, [], 0
    tempo = int.from_bytes(data[26:29], 'big')

    def number(at):
        value = 0
        while True:
            value, at = value << 7 | data[at] & 127, at + 1
            if data[at - 1] < 128:
                return value, at

    while at < len(data):
        delta, at = number(at)
        ticks += delta
        if data[at] == 0xff:
            size, body = number(at + 2)
            at = body + size
        elif data[at] == 0xf0:
            size, body = number(at + 1)
            messages.append((ticks * tempo / division / 1e6, b'\xf0' + data[body:body + size]))
            at = body + size
        else:
            size = 2 if data[at] >> 4 in (12, 13) else 3
            messages.append((ticks * tempo / division / 1e6, data[at:at + size]))
            at += size
    return messages


def test_list(t):
    run = t.dmus('host', 'swsynth')
    t.exits(run, 0, 'host swsynth')
    t.says(run, 'filter swsynth0/DMusic', 'KSPROPSETID_Synth_Dls 0 DOWNLOAD', 'wire: pin 1 -> node 0.1', 'all 33 kept', where='out')
    report = t.dmus('host', 'uart', '--json').json()
    pins = report['filters'][0]['pins']
    t.equal([pin['flow'] for pin in pins], ['in', 'in', 'out', 'in', 'out'], 'pins of the UART (spec/ddi-kernel.md 8.15)')
    t.equal(pins[2]['instances_max'], 0, 'a bridge pin has no instances')
    t.equal((report['kept'], len(report['rules'])), (True, 33), 'rules')
    named = t.dmus('host', 'swsynth', '-f', 'DMusic', '--json').json()
    t.equal([f['name'] for f in named['filters']], ['DMusic'], 'one filter by its name')
    t.exits(t.dmus('host', 'swsynth', '-f', 'swsynth0/DMusic'), 0, 'or by its device and its name')


def test_mixed_up(t):
    """What is no driver has a name, and the line to type is told."""
    t.standard_files()
    for file, words in (('tune.mid', ('a song (Standard MIDI File), not a driver', 'dmus host DRIVER --play tune.mid')),
                        ('bank.sf2', ('a bank (SoundFont 2), not a driver', '--bank bank.sf2')), ('text.so', ('not a driver', 'doc/drivers.md'))):
        if file == 'text.so':
            t.write(file, b'not a driver')
        for command in ('host', 'check-driver'):
            run = t.dmus(command, file)
            t.exits(run, 2, '%s %s' % (command, file))
            t.says(run, file, *words)
    run = t.dmus('host', 'uart', '-f', 'nosuch')
    t.exits(run, 2, 'a filter that is not there, without --play')
    t.says(run, "there is no filter 'nosuch'", 'there is uart0/UART')
    own = open(DMUS, 'rb').read(5)[4]
    t.write('other.so', b'\x7fELF' + bytes((3 - own,)) + bytes(59))
    run = t.dmus('host', 'other.so')
    t.exits(run, 2, 'a driver for the other word size')
    t.says(run, 'other.so: a driver of %d bits, and this dmus has %d' % ((32, 64) if own == 2 else (64, 32)))


def test_no_bank(t):
    """A synth without a set in ROM begins empty, whichever pin is played into (spec/ddi-kernel.md 10): said; --bank serves both pins."""
    t.standard_files()
    for pin in ([], ['--legacy']):
        run = t.dmus('host', 'swsynth', '-p', 'tune.mid', '--json', *pin)
        t.exits(run, 0, 'without a bank')
        t.says(run, 'no sounds of its own', '--bank')
        t.equal(run.json()['play']['peak'], 0, 'it is silent')
        run = t.dmus('host', 'swsynth', '-p', 'tune.mid', '-b', 'bank.sf2', '--json', *pin)
        t.equal((run.json()['play']['midi_pin'], run.json()['play']['waves'], run.err), ('legacy' if pin else 'directmusic', 1, ''), 'with one')
        t.ok(run.json()['play']['peak'] > 0.01, 'it sounds', run)
    t.exits(t.dmus('host', 'swsynth', '--legacy'), 1, '--legacy without a song')


def test_render(t):
    t.standard_files()
    run = t.dmus('host', 'swsynth', '-p', 'tune.mid', '-b', 'bank.sf2', '--record', 'a.wav', '-r', '44100', '--json')
    t.exits(run, 0, 'plays')
    play = run.json()['play']
    t.equal((play['midi_pin'], play['rate'], play['channels'], play['waves']), ('directmusic', 44100, 2, 1), 'report')
    wave = Wave(t.read('a.wav'))
    t.equal((wave.frames, wave.rate, wave.bits), (play['frames'], 44100, 16), 'the record')
    t.ok(rms(wave.channel(0)) > 0.01, 'is not silent', rms(wave.channel(0)))
    t.exits(t.dmus('host', 'swsynth', '-p', 'tune.mid', '-b', 'bank.sf2', '--record', 'b.wav', '-r', '44100', '-q'), 0, 'again')
    t.ok(t.read('a.wav') == t.read('b.wav'), 'every run is the same')
    with open(t.path('c.wav'), 'wb') as out:
        run = t.dmus('host', 'swsynth', '-p', 'tune.mid', '-b', 'bank.sf2', '--record', '-', '-r', '44100', stdout=out)
    t.exits(run, 0, 'to standard output')
    t.ok(t.read('a.wav') == t.read('c.wav') and 'frames' in run.err and 'all 33 kept' in run.err,
         'the same, and the report beside it', run)
    run = t.dmus('host', 'swsynth', '-p', 'tune.mid', '-b', 'bank.sf2', '--record', '-', '-r', '44100', '--json',
                 stdout=subprocess.DEVNULL)
    t.equal(json.loads(run.err)['play']['frames'], play['frames'], 'also for machines')
    os.remove(t.path('c.wav'))
    run = t.dmus('host', 'swsynth', '-p', 'tune.mid', '-b', 'bank.sf2', '--record', 'b.wav')
    t.exits(run, 4, 'does not replace files')
    t.says(run, 'b.wav', '--overwrite replaces it')
    t.ok('frames' not in run.out, 'and does not report what was not played', run)
    # The same synthesizer through the player's own door: the same bits, as far as both go. The player asks for a level of its own, 12 dB
    # below the driver's default.
    t.exits(t.dmus('render', 'tune.mid', '-b', 'bank.sf2', '-o', 'c.wav', '--through', 'kernel', '--profile', 'native', '-r', '44100',
                   '--format', 's16', '--gain', '12', '-q'), 0, 'dmus render')
    ours, theirs = wave.data, Wave(t.read('c.wav')).data
    most = min(len(ours), len(theirs)) // 44100 * 44100
    t.ok(most > 44100 * 4 and ours[:most] == theirs[:most], 'dmus render --through kernel gives the same bits',
         '%d and %d bytes, the first difference at %s' % (len(ours), len(theirs), next((i for i in range(most) if ours[i] != theirs[i]), None)))


def test_loopback(t):
    events = files.program(7) + files.note(96, 192, 60) + [(288, b'\xf0\x05\x01\x02\x03\x04\xf7'), (384, b'\xd0\x21')]
    t.write('song.mid', files.smf(events))
    for time in ('virtual', 'real'):
        run = t.dmus('host', 'uart', '-p', 'song.mid', '--record-midi', time + '.mid', '--time', time)
        t.exits(run, 0, 'UART in loopback, %s time' % time)
        heard = parse(t.read(time + '.mid'))
        t.equal([message for _, message in heard],
                [b'\xc0\x07', b'\x90\x3c\x64', b'\x80\x3c\x40', b'\xf0\x01\x02\x03\x04\xf7', b'\xd0\x21'], 'every byte, in order')
        # 960 ticks a second; a byte takes 0.32 ms, the sequencer's timer a millisecond. A busy machine only delays.
        late = max(abs(at - wanted) for (at, _), wanted in zip(heard, (0, .1, .2, .3, .4)))
        t.ok(late < (0.004 if time == 'virtual' else 0.25), 'at its time', heard)
        if time == 'real':
            t.says(run, 'lateness', "this machine's own sleeps", where='out')


def test_trace(t):
    t.standard_files()
    lines = t.dmus('host', 'uart', '-p', 'song.mid', '--trace', '-', '--record-midi', 'x.mid')
    t.exits(lines, 0, '--trace -')
    for track in ('unpacker pin 1', 'sequencer pin 1', 'capture sink pin 4', 'packer pin 4', 'allocator pin'):
        t.ok(re.search(r'^ +[\d.]+ ms +%s' % track, lines.out, re.M), 'a line of ' + track, lines)
    t.exits(t.dmus('host', 'swsynth', '-p', 'song.mid', '-b', 'bank.sf2', '--trace', 'out.json', '-q'), 0, '--trace FILE')
    events = json.loads(t.read('out.json'))['traceEvents']
    tracks = {event['args']['name'] for event in events if event['ph'] == 'M'}
    t.ok({'sequencer pin 1', 'wave sink pin 2', 'unpacker pin 1'} <= tracks, 'one track for each element', tracks)
    t.ok(all(event['ts'] >= 0 for event in events if event['ph'] != 'M'), 'times')
    run = t.dmus('host', 'swsynth', '--trace', 'out.json')
    t.exits(run, 4, 'an existing trace is kept')
    t.says(run, 'out.json: File exists', '--overwrite replaces it')


def test_trace_is_whole(t):
    """Under its name when it is complete; after a failure nothing is left of it, and what was there is as it was."""
    t.standard_files()
    t.write('out.json', b'precious')
    crash = [DRIVERS['crash']] if 'crash' in DRIVERS else []
    for driver, code, *argv in (('swsynth', 2, '-f', 'nosuch'), ('swsynth', 2, '-R', 'nosuch'),
                                ('uart', 2, '-p', 'song.mid', '--record', 'x.wav'),
                                ('swsynth', 4, '-p', 'song.mid', '--record', 'no/x.wav')):
        names = t.listing()
        t.exits(t.dmus('host', driver, *argv, '--trace', 'out.json', '-y'), code, ' '.join(argv))
        t.equal(t.read('out.json'), b'precious', 'the old file stays')
        t.exits(t.dmus('host', driver, *argv, '--trace', 'new.json'), code, ' '.join(argv))
        t.equal(t.listing(), names, 'and nothing is left')
    for driver in crash:
        names = t.listing()
        run = t.dmus('host', driver, '-p', 'song.mid', '--trace', 'out.json', '-y')
        t.ok(run.code != 0 and t.read('out.json') == b'precious', 'nor after a crash', run)
        t.equal(t.listing(), names, 'which leaves nothing, either')
    run = t.dmus('host', 'swsynth', '-p', 'song.mid', '-b', 'bank.sf2', '--trace', 'big.json',
                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000)))
    t.exits(run, 4, 'no room')
    t.says(run, 'big.json: File too large')
    t.ok('big.json' not in t.listing(), 'and no trace')
    t.exits(t.dmus('host', 'swsynth', '--trace', '/dev/full'), 4, 'a full device')
    t.exits(t.dmus('host', 'swsynth', '-p', 'song.mid', '-b', 'bank.sf2', '--trace', 'out.json', '-y', '-q'), 0, 'done')
    t.ok(json.loads(t.read('out.json'))['traceEvents'], 'replaces it')


def wait_until_it_catches(tool):
    """SIGINT, which it does from when it plays on."""
    until = time.monotonic() + 60
    while time.monotonic() < until and tool.poll() is None:
        with open('/proc/%d/status' % tool.pid) as status:
            caught = re.search(r'^SigCgt:\s*(\w+)', status.read(), re.M)
        if caught and int(caught.group(1), 16) >> (signal.SIGINT - 1) & 1:
            return
        time.sleep(0.02)


def test_trace_of_a_dead_end(t):
    """What is wanted most: how a driver came where it hangs or crashes. A file is whole, lines are all there."""
    if 'hang' not in DRIVERS:
        return t.skip('a driver that hangs', 'not built')
    t.standard_files()
    whole = t.dmus('host', DRIVERS['rule_00'], '-p', 'song.mid', '--trace', '-').out.splitlines()
    for name, trace in (('hang', 'out.json'), ('hang', '-'), ('crash', '-')):
        tool = t.start('host', DRIVERS[name], '-p', 'song.mid', '--trace', trace, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if name == 'hang':
            wait_until_it_catches(tool)
            time.sleep(0.5)
            tool.send_signal(signal.SIGINT)
        try:
            out, err = tool.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            tool.kill()
            out, err = tool.communicate()
        t.ok(tool.returncode == 130 if name == 'hang' else tool.returncode != 0, name + ' ends', '%s %s' % (tool.returncode, err))
        if trace != '-':
            t.ok(len(json.loads(t.read(trace))['traceEvents']) > 10, 'and leaves its trace')
        elif not (SANITIZED and name == 'crash'): # which ends the process by itself
            lines = out.decode().splitlines()
            t.ok(len(lines) > 3 and lines[0] == whole[0], 'and its lines are told', out)


def test_reader_that_stops(t):
    """A pipe that nobody empties is not the driver's fault."""
    t.standard_files()
    t.write('long.mid', files.tune(60))
    os.mkfifo(t.path('pipe.wav'))
    tool = t.start('host', 'swsynth', '-p', 'long.mid', '-b', 'bank.sf2', '--record', 'pipe.wav', '-q', stderr=subprocess.PIPE)
    with open(t.path('pipe.wav'), 'rb') as pipe:
        pipe.read(1000) # it is at it
        wait_until_it_catches(tool)
        time.sleep(0.5)
        tool.send_signal(signal.SIGINT)
        try:
            err = tool.communicate(timeout=60)[1]
        except subprocess.TimeoutExpired:
            tool.kill()
            err = tool.communicate()[1]
    t.equal((tool.returncode, err.decode()),
            (130, 'dmus host: interrupted; the driver or the reader of a pipe has not come back\n'), 'is told')


def test_refusals(t):
    t.standard_files()
    t.write('no.so', b'not a driver')
    t.write('bad.txt', b'port 1\n')
    t.write('model.txt', b'port 0x330 2\nmodel mpu402 port=0\n')
    for argv, code, word in ((['nowhere.so'], 2, 'nowhere.so'), (['no.so'], 2, 'no.so'), (['swsynth', '-R', 'bad.txt'], 2, 'bad.txt:1'),
                             (['uart', '-R', '/dev/null'], 3, '0xC0000182'), (['uart', '-R', 'model.txt'], 2, 'there is mpu401'), (['swsynth', '-p', 'none.mid'], 2, 'none.mid'),
                             (['uart', '-p', 'song.mid', '--record', 'a.wav'], 2, 'no pin gives sound'),
                             (['swsynth', '-f', 'Other', '-p', 'song.mid'], 2, 'Other'), ([], 1, 'no driver'),
                             (['swsynth', '--record', 'a.wav'], 1, '--seconds'), (['swsynth', '-b', 'bank.sf2'], 1, '--play'),
                             (['swsynth', '--time', 'local'], 1, '--time'), (['swsynth', '--buffer', '31'], 1, '--buffer')):
        run = t.dmus('host', *argv)
        t.ok(run.code == code and word in run.err, 'host %s: %d' % (' '.join(argv), code), run)
    t.ok(not os.path.exists(t.path('a.wav')), 'nothing was written')
    for argv, code in ((['nowhere.so'], 2), ([], 1), (['swsynth', '--only', 'nothing'], 1), (['uart', '-R', '/dev/null'], 3)):
        run = t.dmus('check-driver', *argv)
        t.ok(run.code == code and run.err, 'check-driver %s: %d' % (' '.join(argv), code), run)


def test_battery(t):
    for driver in ['swsynth', 'uart'] + [DRIVERS[name] for name in ('squarewave', 'midicable') if name in DRIVERS]:
        run = t.dmus('check-driver', '--json', driver)
        t.exits(run, 0, 'check-driver %s' % os.path.basename(driver))
        report = run.json()
        broken = [rule['title'] for rule in report['rules'] if rule['times'] and rule['fault']]
        t.ok(report['kept'] and not broken and all(scene['end'] == 'done' for scene in report['scenes']), 'keeps every rule', run)
    t.says(t.dmus('check-driver', 'uart', '--only', 'song'), 'pass   1', 'not tried  21', '31 rules kept, 0 broken, 2 not tried',
           where='out')
    for driver, untried in (('swsynth', {17, 20, 27}), ('uart', {21})):
        report = t.dmus('check-driver', '--json', driver).json()
        t.equal({rule['rule'] for rule in report['rules'] if not rule['tried']} & {17, 20, 21, 27}, untried, '%s: not tried' % driver)


def test_examples(t):
    if 'squarewave' not in DRIVERS:
        return t.skip('examples', 'no C++ compiler')
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.smf(files.note(0, 960, 69)))
    run = t.dmus('host', DRIVERS['squarewave'], '-p', 'song.mid', '--record', 'a.wav')
    t.exits(run, 0, 'squarewave')
    wave = Wave(t.read('a.wav'))
    samples = wave.channel(0)[wave.rate // 10:wave.rate * 9 // 10]
    crossings = sum(a < 0 <= b for a, b in zip(samples, samples[1:]))
    t.near(crossings / 0.8, 440, 3, 'A4 is a square wave of 440 Hz')
    run = t.dmus('host', DRIVERS['squarewave'], '-p', 'song.mid', '-b', 'bank.sf2')
    t.exits(run, 0, 'a bank that the driver has no use for')
    t.says(run, '--bank was not used')
    run = t.dmus('host', DRIVERS['midicable'], '-p', 'song.mid', '--record-midi', 'a.mid')
    t.exits(run, 0, 'midicable')
    t.equal([message for _, message in parse(t.read('a.mid'))], [b'\x90\x45\x64', b'\x80\x45\x40'], 'what goes in comes out')


def ddk_flags():
    """Of the build tree, for the tool's own word size."""
    with open(DMUS, 'rb') as file:
        narrow = file.read(5)[4] == 1
    found = os.path.join(os.path.dirname(DMUS), '..', 'packaging', 'dmus-ddk-uninstalled.pc')
    with open(found) as file:
        text = file.read()
    values = dict(re.findall(r'^(\w+)=(.*)$', text, re.M))
    flags = re.search(r'^Cflags: (.*)$', text, re.M).group(1)
    return re.sub(r'\$\{(\w+)\}', lambda m: values[m.group(1)], flags).split() + (['-m32'] if narrow else [])


def test_compilers(t):
    """The examples as every C++ compiler here makes them keep all rules."""
    for compiler in ('g++', 'clang++'):
        if not shutil.which(compiler):
            t.skip('built by ' + compiler, 'not installed')
            continue
        for name in ('squarewave', 'midicable'):
            sources = sorted(glob.glob(os.path.join(TREE, 'examples', 'drivers', name, '*.cpp')))
            built = subprocess.run([compiler, '-shared', '-fPIC', '-O1', '-o', t.path(name + '.so'), *sources, *ddk_flags()],
                                   stderr=subprocess.PIPE, text=True)
            if not t.ok(built.returncode == 0, '%s by %s' % (name, compiler), built.stderr):
                continue
            t.exits(t.dmus('check-driver', name + '.so', '-q'), 0, 'and keeps all rules')


def test_faults(t):
    if 'rule_10' not in DRIVERS:
        return t.skip('faults', 'no drivers given')
    t.write('song.mid', files.smf(files.note(0, 96, 69) + [(48, b'\xf0\x01\xf7')]))
    run = t.dmus('host', DRIVERS['rule_02'], '-p', 'song.mid')
    t.exits(run, 6, 'a broken rule')
    t.says(run, 'rules: 1 broken, 32 kept', 'rule 2, paged code', 'rule_02.c:', where='out')
    t.exits(t.dmus('host', DRIVERS['rule_00'], '-p', 'song.mid'), 0, 'the same driver without the fault')
    run = t.dmus('host', DRIVERS['rule_27'])
    t.exits(run, 3, 'a driver of hardware, without any')
    t.says(run, '0xC0000182', '--resources gives it some')
    run = t.dmus('check-driver', DRIVERS['rule_11'], '--only', 'song', '-q')
    t.exits(run, 6, 'check-driver')
    t.says(run, 'FAIL  11  event returned twice', where='out')
    t.ok('pass' not in run.out, '--quiet', run)
    run = t.dmus('check-driver', DRIVERS['rule_11'], '--only', 'song', '--in-process')
    t.exits(run, 6, '--in-process')


SANITIZED = subprocess.run(['nm', '-D', DMUS], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.find('__asan_init') >= 0
CRASH = r'''
#include <portcls.h>
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{ (void)driver; (void)path; %s return STATUS_UNSUCCESSFUL; }
'''


def test_crash_and_hang(t):
    """A driver that takes its process down, or never comes back, is told and does not take the tool along."""
    for what, code, word in (('*(volatile int *)1 = 0;', 'crashed', ' with ' if SANITIZED else 'signal'), ('for (volatile int i = 0;;) i++;', 'hung', 'not over')):
        t.write('d.c', (CRASH % what).encode())
        built = subprocess.run(['cc', '-shared', '-fPIC', '-o', t.path('d.so'), t.path('d.c'), '-I', os.path.join(TREE, 'include/ddi'),
                                '-fshort-wchar', '-Wno-multichar'], stderr=subprocess.PIPE, text=True)
        if built.returncode:
            return t.skip('crash', 'no C compiler')
        # A sanitizer takes its time to tell of a crash; only what hangs may not have more than a second.
        run = t.dmus('check-driver', 'd.so', '--only', 'song', '--limit', '1' if code == 'hung' else '60')
        t.exits(run, 6, 'a driver that %s' % code)
        t.says(run, 'scene song ' + code, word, '1 of 1 scenes did not come to their end', where='out')


main(globals())
