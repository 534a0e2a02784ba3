#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each faulty driver breaks the rule of its name, and no other; every rule has one, and a section in doc/driver-rules.md.

What is told is told with its place in the driver, and neither a crash nor a hang ends the report or the book.

usage: check_faulty.py DMUS DRIVER.so..."""
import concurrent.futures
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
LATE = 30  # informs only, and this machine may be busy
INFORMS = {LATE, 32}
HARDWARE = 'port 0x330 2\ninterrupt 9\nmodel mpu401 port=0 interrupt=0 loopback\n'
tests = failed = 0


def ok(good, what, detail=''):
    global tests, failed
    tests += 1
    print('%sok %d - %s' % ('' if good else 'not ', tests, what))
    if not good:
        failed += 1
        for line in str(detail).splitlines():
            print('#   ' + line)
    sys.stdout.flush()


def run(*argv):
    # A sanitizer would end crashes in its own way, before they are told.
    env = dict(os.environ, ASAN_OPTIONS=os.environ.get('ASAN_OPTIONS', '') + ':handle_segv=0')
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def broken(report):
    return {rule['rule'] for rule in report['rules'] if rule['times']}


def number_of(driver):
    return int(re.search(r'rule_(\d+)', os.path.basename(driver)).group(1))


def battery(done, number):
    report = json.loads(done.stdout)
    found = broken(report)
    title = report['rules'][number - 1]['title'] if number else 'nothing'
    crashed = [scene for scene in report['scenes'] if scene['end'] != 'done']
    wanted = {number} - {0}
    exact = found - (INFORMS - wanted) == wanted and (32 not in found or number in INFORMS)
    ok(exact and not crashed and len(report['scenes']) >= 15, 'rule %d alone: %s' % (number, title),
       'broken %r, ends %r\n%s' % (found, crashed, '\n'.join(b['text'] for b in report['breaches'][:5])))
    ok(done.returncode == (6 if wanted - INFORMS else 0), 'rule %d: exit status' % number, done)
    ok(all(b['text'] for b in report['breaches']), 'rule %d: each breach has a text' % number)
    return report


# Where the fault is: function of the driver, of a breach of the rule in its name. The others show when the driver's code is not on the
# stack, or nowhere in particular.
PLACES = {1: ('in', 'put'), 3: (None, None), 5: ('acquired in', 'put'), 6: ('in', None), 7: ('the first allocated in', None), 8: ('in', None),
          9: ('allocated in', None), 11: ('in', 'recycle'), 13: ('in', 'deliver'), 17: ('in', 'deliver'), 20: ('in', 'deliver'),
          22: ('by', None), 23: ('by', None), 24: ('in', None),
          32: ('in', 'init'), 33: ('in', 'state_asked'), 31: ('by', 'stream_QueryInterface')}


def placed(reports):
    named = shutil.which('addr2line') or shutil.which('llvm-addr2line')
    for number, (how, function) in sorted(PLACES.items()):
        told = [b for b in reports[number]['breaches'] if b['rule'] == number]
        breach = next((b for b in told if b['how'] == how), told[0])
        if how is None:
            ok(breach['place'] is None and breach['offset'] == 0, 'rule %d: no place is made up' % number, breach)
            continue
        text = breach['place'] or ''
        good = breach['how'] == how and breach['offset'] > 0
        if named:
            good = good and re.match(r'%s, [a-z_0-9]+\.[ch]:[1-9]\d*$' % (function or r'\w+'), text)
        else:
            good = good and re.match(r'rule_%02d\.so\+0x[0-9a-f]+$' % number, text)
        ok(good, 'rule %d: %s %s' % (number, how, text), breach)


def crashes(dmus, driver):
    done = run(dmus, 'check-driver', '--json', '--only', 'song', driver)
    report = json.loads(done.stdout)
    scene = report['scenes'][0]
    ok(done.returncode == 6 and scene['end'] == 'crashed' and 'signal 11' in scene['why'] and scene['offset'] > 0 and
       'DD bytes' in (scene['hint'] or ''), 'a scene that crashes tells where', scene)
    ok(24 in broken(report), 'and what was broken before', report['rules'])
    done = run(dmus, 'host', '--seconds', '1', '--play', os.path.join(TREE, 'data', 'demo.mid'), driver)
    ok(done.returncode == -11 and 'crashed by signal 11' in done.stderr and 'DD bytes' in done.stderr and 'rule 24' in done.stderr,
       'so does dmus host', done)
    done = run(dmus, 'host', '--seconds', '1', '--play', os.path.join(TREE, 'data', 'demo.mid'), '--trace', '-', driver)
    ok(done.returncode == -11 and '"rule":24' in done.stdout, 'a live trace is told up to the crash', done)


def hangs(dmus, driver):
    done = run(dmus, 'check-driver', '--json', '--only', 'song', '--limit', '1', driver)
    scene = json.loads(done.stdout)['scenes'][0]
    named = shutil.which('addr2line') or shutil.which('llvm-addr2line')
    ok(done.returncode == 6 and scene['end'] == 'hung' and scene['why'] == 'not over after 1 s' and scene['offset'] > 0 and
       (not named or re.match(r'put, hang\.c:\d+$', scene['place'])), 'a scene that hangs tells where', scene)
    ok(24 in broken(json.loads(done.stdout)), 'and what was broken before', done)
    host = subprocess.Popen([dmus, 'host', '--play', os.path.join(TREE, 'data', 'demo.mid'), '--trace', '-', driver],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        host.communicate(timeout=2)  # it is in the loop long before that
    except subprocess.TimeoutExpired:
        host.terminate()
    try:
        traced, told = host.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        host.kill()
        traced, told = host.communicate()
    ok(host.returncode == 128 + signal.SIGTERM and 'interrupted' in told and 'rule 24' in told and
       (not named or 'put, hang.c:' in told), 'one SIGTERM ends dmus host, which tells where', '%s\n%s' % (host.returncode, told))
    ok('"rule":24' in traced, 'and what it traced', traced)


def works(dmus, good, crash, hang):
    """Work items: a correct driver that has many is told nothing; one that crashes or hangs in one is told where."""
    named = shutil.which('addr2line') or shutil.which('llvm-addr2line')
    for n in range(2):
        done = run(dmus, 'check-driver', '--json', good)
        report = json.loads(done.stdout)
        ends = [(scene['name'], scene['end'], scene['why']) for scene in report['scenes'] if scene['end'] != 'done']
        ok(broken(report) - INFORMS == set() and not ends and done.returncode == 0, 'work items break no rule',
           '%r %r\n%s' % (broken(report), ends, '\n'.join(b['text'] for b in report['breaches'][:5])))
    for driver, end, place in ((crash, 'crashed', 'deeper, work_crash'), (hang, 'hung', 'item, work_hang')):
        done = run(dmus, 'check-driver', '--json', '--only', 'song', '--limit', '2' if end == 'hung' else '60', driver)
        scene = json.loads(done.stdout)['scenes'][0]
        ok(done.returncode == 6 and scene['end'] == end and scene['offset'] > 0 and
           (not named or re.match(place + r'\.c:\d+$', scene['place'])), 'a work item that %s tells where' % end, scene)


def documented(report):
    """doc/driver-rules.md has a section for each rule of the tool, under its title."""
    with open(os.path.join(TREE, 'doc', 'driver-rules.md')) as file:
        sections = dict((int(n), title) for n, title in re.findall(r'^## (\d+)\. (.*)$', file.read(), re.M))
    for rule in report['rules']:
        ok(sections.get(rule['rule']) == rule['title'], 'doc/driver-rules.md: section %d' % rule['rule'],
           '%r, wanted %r' % (sections.get(rule['rule']), rule['title']))


def main():
    dmus = sys.argv[1]
    others = ('crash.so', 'hang.so', 'work.so', 'work_crash.so', 'work_hang.so')
    crash, hang, *work = (next(d for d in sys.argv[2:] if os.path.basename(d) == name) for name in others)
    drivers = [d for d in sys.argv[2:] if d not in (crash, hang, *work)]
    with tempfile.TemporaryDirectory() as box:
        resources = os.path.join(box, 'hardware')
        with open(resources, 'w') as file:
            file.write(HARDWARE)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:  # each waits for real time for a while
            runs = pool.map(lambda driver: run(dmus, 'check-driver', '--json', '-R', resources, driver), drivers)
            numbers = {number_of(driver): battery(done, number_of(driver)) for driver, done in zip(drivers, runs)}
        ok(set(numbers) == {0} | {rule['rule'] for rule in numbers[0]['rules']}, 'every rule has a driver', sorted(numbers))
        documented(numbers[0])
        placed(numbers)
        crashes(dmus, crash)
        hangs(dmus, hang)
        works(dmus, *work)
        # dmus host ends with the same book, for a rule that any start breaks.
        nine = next(driver for driver in drivers if 'rule_09' in driver)
        done = run(dmus, 'host', '--json', nine)
        ok(done.returncode == 6 and broken(json.loads(done.stdout)) == {9}, 'dmus host tells rule 9, too', done)
    print('1..%d' % tests)
    sys.exit(1 if failed else 0)


main()
