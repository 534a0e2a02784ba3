#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each faulty driver breaks the rule of its name, and no other; every rule has one, and a section in doc/driver-rules.md.

usage: check_faulty.py DMUS DRIVER.so..."""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
LATE = 30  # informs only, and this machine may be busy
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
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


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
    exact = found == wanted if number == LATE else found - {LATE} == wanted
    ok(exact and not crashed and len(report['scenes']) >= 15, 'rule %d alone: %s' % (number, title),
       'broken %r, ends %r\n%s' % (found, crashed, '\n'.join(b['text'] for b in report['breaches'][:5])))
    ok(done.returncode == (6 if wanted - {LATE} else 0), 'rule %d: exit status' % number, done)
    ok(all(b['text'] for b in report['breaches']), 'rule %d: each breach has a text' % number)
    return report


def documented(report):
    """doc/driver-rules.md has a section for each rule of the tool, under its title."""
    with open(os.path.join(TREE, 'doc', 'driver-rules.md')) as file:
        sections = dict((int(n), title) for n, title in re.findall(r'^## (\d+)\. (.*)$', file.read(), re.M))
    for rule in report['rules']:
        ok(sections.get(rule['rule']) == rule['title'], 'doc/driver-rules.md: section %d' % rule['rule'],
           '%r, wanted %r' % (sections.get(rule['rule']), rule['title']))


def main():
    dmus, drivers = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as box:
        resources = os.path.join(box, 'hardware')
        with open(resources, 'w') as file:
            file.write(HARDWARE)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:  # each waits for real time for a while
            runs = pool.map(lambda driver: run(dmus, 'check-driver', '--json', '-R', resources, driver), drivers)
            numbers = {number_of(driver): battery(done, number_of(driver)) for driver, done in zip(drivers, runs)}
        ok(set(numbers) == {0} | {rule['rule'] for rule in numbers[0]['rules']}, 'every rule has a driver', sorted(numbers))
        documented(numbers[0])
        # dmus host ends with the same book, for a rule that any start breaks.
        nine = next(driver for driver in drivers if 'rule_09' in driver)
        done = run(dmus, 'host', '--json', nine)
        ok(done.returncode == 6 and broken(json.loads(done.stdout)) == {9}, 'dmus host tells rule 9, too', done)
    print('1..%d' % tests)
    sys.exit(1 if failed else 0)


main()
