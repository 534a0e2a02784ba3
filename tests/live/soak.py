#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A long time live, with JACK's dummy driver: make soak.

usage: soak.py voices DMUS MINUTES [CORES]        256 voices at 64 frames while two processes burn the same cores (taskset's list)
       soak.py plain DMUS MINUTES [CORES]         the same without real-time priority: nothing is promised, the count is told
       soak.py clock LIVE_CLIENT MINUTES [CORES]  how far the latency clock is from the moment at which the sound leaves the device
       soak.py clock64 LIVE_CLIENT MINUTES [CORES]  the same at 64 frames, for a machine that is too busy for that
"""
import json
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'audio'), os.path.join(HERE, '..', 'cli')]
import files  # noqa: E402
import servers  # noqa: E402

# Until we are gone, whatever happens.
BURNER = 'import os\nos.nice(5)\nwhile os.path.exists("/proc/%d"):\n for i in range(10**6): pass'


def crowd():
    """Two minutes in which 256 notes sound: 16 on each channel, a few of which are struck anew every half second."""
    events = []
    for channel in range(16):
        events += files.program((40, 48, 16, 61)[channel % 4], channel)
        for voice in range(16):
            for again in range(30):
                begin = 240 + again * 3840 + voice * 240 + channel * 15
                events += files.note(begin, begin + 3839, 36 + voice * 3, 40, channel)
    return files.smf(sorted(events, key=lambda event: event[0]))


def resident(pid):
    with open('/proc/%d/status' % pid) as status:
        return int(re.search(r'VmRSS:\s+(\d+)', status.read()).group(1))


def log_of(server):
    with open(os.path.join(server.folder, 'log'), errors='replace') as log:
        return log.read()


def ours(text):
    """Times that the server did not wait for us any longer."""
    return len(re.findall(r'client = dmus was not finished', text))


def voices(server, dmus, minutes, cores):
    with open(os.path.join(server.folder, 'crowd.mid'), 'wb') as out:
        out.write(crowd())
    bank = '/usr/share/sounds/sf2/TimGM6mb.sf2'
    if not os.path.exists(bank):
        bank = os.path.join(server.folder, 'bank.sf2')
        with open(bank, 'wb') as out:
            out.write(files.sf2())
    pin = ['taskset', '-c', cores] if cores else []
    log = open(os.path.join(server.folder, 'dmus.json'), 'wb')
    child = subprocess.Popen(pin + [dmus, 'play', '-v', '--plain', '--json', '--repeat', '-a', 'jack', '-p', '256', '-z', '64', '-b', bank,
                                    'crowd.mid'], env=server.env, cwd=server.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    server.children.append(child)
    for _ in range(2):
        server.run(pin + [sys.executable, '-c', BURNER % os.getpid()], stdin=subprocess.DEVNULL)
    time.sleep(20)
    first, before, settled = resident(child.pid), ours(log_of(server)), 0
    print('minute 0: %d KiB resident, %d late before' % (first, before), flush=True)
    for minute in range(1, minutes + 1):
        time.sleep(60)
        if child.poll() is not None:
            break
        now, text = resident(child.pid), log_of(server)
        settled = now if minute == 5 else settled
        print('minute %d: %d KiB resident (%+d), %d times late, %d lines of xruns in all' %
              (minute, now, now - first, ours(text) - before, len(re.findall('XRun', text))), flush=True)
    child.send_signal(signal.SIGTERM)
    child.wait(20)
    with open(log.name) as told:
        text = told.read()
    print(text)
    report = json.loads(text[text.index('{'):text.rindex('}') + 1])
    print('late %d; %s' % (ours(log_of(server)) - before, {key: report[key] for key in (
        'voices_peak', 'realtime', 'memory_locked', 'underruns', 'events_late', 'period_frames')}))
    # The first rounds of the song make what is kept for all others.
    kept = ours(log_of(server)) == before if report['realtime'] else not server.realtime
    return report['voices_peak'] >= 250 and now - (settled or first) < 1024 and kept


def clock(server, client, minutes, cores):
    pin = ['taskset', '-c', cores] if cores else []
    run = subprocess.run(pin + [client, 'song', 'jack', str(minutes * 60), os.path.join(server.folder, 'reference')],
                         env=dict(server.env, RATE='48000'), cwd=server.folder, capture_output=True, text=True)
    told = dict(line.split(' ', 1) for line in run.stdout.splitlines() if ' ' in line)
    print({key: told.get(key) for key in ('clock_off_us', 'clock_off_late_us', 'clock_off_worst_us', 'clock_ran_back', 'xruns', 'underruns',
                                          'lead_min_us', 'lead_max_us', 'position')}, flush=True)
    return told['clock_ran_back'] == '0' and all(abs(float(told[key])) < 1000 for key in ('clock_off_us', 'clock_off_late_us'))


def cores_of(text):
    cores = set()
    for part in text.split(','):
        low, _, high = part.partition('-')
        cores |= set(range(int(low), int(high or low) + 1))
    return cores


def main():
    what, program, minutes = sys.argv[1], os.path.abspath(sys.argv[2]), int(sys.argv[3])
    cores = sys.argv[4] if len(sys.argv) > 4 else ''
    servers.LIFE = minutes * 60 + 300
    if cores:
        os.sched_setaffinity(0, cores_of(cores))
    with servers.Jack(period=1024 if what == 'clock' else 64, realtime=what != 'plain') as server:
        if server.reason:
            print('skipped:', server.reason)
            sys.exit(77)
        good = {'voices': voices, 'plain': voices, 'clock': clock, 'clock64': clock}[what](server, program, minutes, cores)
    print('ok' if good else 'not ok')
    sys.exit(not good)


main()
