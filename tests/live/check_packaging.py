#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The user unit and the desktop file, by the tools that will read them, and by what they promise.

usage: check_packaging.py UNIT DESKTOP MIME DMUS
"""
import configparser
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

unit, desktop, mime, dmus = map(os.path.abspath, sys.argv[1:5])
failures = []


def check(ok, text):
    print('%s - %s' % ('ok' if ok else 'not ok', text))
    if not ok:
        failures.append(text)


def run(*args, **env):
    done = subprocess.run(args, capture_output=True, text=True, env=dict(os.environ, **env))
    return done.returncode, done.stdout + done.stderr


def parsed(path):
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(path, encoding='utf-8')
    return parser


service = parsed(unit)['Service']
for key, value in {'NoNewPrivileges': 'yes', 'ProtectSystem': 'strict', 'ProtectHome': 'read-only', 'PrivateNetwork': 'yes',
                   'RestrictAddressFamilies': 'AF_UNIX', 'StateDirectory': 'dmus', 'EnvironmentFile': '-%h/.config/dmus/live'}.items():
    check(service.get(key) == value, '%s=%s' % (key, value))
if shutil.which('systemd-analyze'):
    with tempfile.TemporaryDirectory() as box:
        copy = os.path.join(box, 'dmus-live.service')
        with open(unit) as source, open(copy, 'w') as out:  # the tool that was built, not one that is yet to be installed
            out.write(re.sub(r'ExecStart=\S+', 'ExecStart=' + dmus, source.read()))
        code, text = run('systemd-analyze', 'verify', '--user', '--man=no', '--recursive-errors=no', copy, XDG_RUNTIME_DIR=box)
        check(code == 0 and copy not in text, 'systemd-analyze verify %s' % text.strip())
        code, text = run('systemd-analyze', 'security', '--offline=true', '--threshold=30', copy)
        check(code == 0, 'systemd-analyze security: %s' % text.strip().split('\n')[-1])
else:
    print('# skipped: no systemd-analyze')

entry = parsed(desktop)['Desktop Entry']
for kind in ('audio/midi', 'audio/x-rmid', 'audio/x-karaoke'):
    check(kind in entry['MimeType'].split(';'), 'opens ' + kind)
check(entry['Exec'] == 'dmus play %F' and entry['Terminal'] == 'true', 'in a terminal, all chosen songs')
if shutil.which('desktop-file-validate'):
    code, text = run('desktop-file-validate', desktop)
    check(code == 0, 'desktop-file-validate %s' % text.strip())
else:
    print('# skipped: no desktop-file-validate')
patterns = [glob.get('pattern') for glob in xml.etree.ElementTree.parse(mime).getroot().iter() if glob.tag.endswith('glob')]
check({'*.rmi', '*.kar', '*.dls'} <= set(patterns), 'RIFF MIDI, karaoke and DLS files have types')
sys.exit(bool(failures))
