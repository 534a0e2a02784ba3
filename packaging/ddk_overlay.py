#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make a folder of headers that forward to others, for sources that were written where names ignore case.

usage: ddk_overlay.py --headers HEADERS OUT [--as DIR] [--stamp FILE] [--scan SOURCE...]

HEADERS is the folder of the DDI headers. OUT gets the usual other spellings of them (PortCls.h, WDM.H, ddk\\wdm.h),
which include "DIR/name" (HEADERS unless --as says another, such as ../ddi for an installed tree). With --scan, OUT also gets
what the given sources include under a name that no file has but for case and backslashes, looked for beside the source, as
a compiler does. --stamp is written last. As an install script OUT is put below DESTDIR.
"""
import argparse
import os
import re

CAMEL = '''BaseTyps DLS1 DLS2 DMDls DMError DMKsCtrl DMusBuff DMusicC DMusicKS DMusicKs DMusicI DMusicS DMusProp DmusicKS DMusicks
DmusicKs DmusProp DrmK FltSafe GuidDef InitGuid KsDebug KSDebug KsMedia KSMedia MMReg MmReg NtDdk NTDDK NTStatus NtStatus NtStrSafe
NtDef NTDef PortCls PUnknown StdUnk Unknwn WinDef WinError WDM KS'''.split()
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)


def spellings(headers):
    lower = {h.lower(): h for h in headers}
    for h in headers:
        if h.startswith('ddi_'):
            continue
        stem = h[:-2]
        for name in (h.upper(), stem.upper() + '.h', h.capitalize(), 'ddk\\' + h):
            yield name, h
    for stem in CAMEL:
        if stem.lower() + '.h' in lower:
            yield stem + '.h', lower[stem.lower() + '.h']


def find(folder, path):
    """The file that path means in folder when case does not count, or None."""
    for part in path.replace('\\', '/').split('/'):
        if part in ('', '.'):
            continue
        if part == '..':
            folder = os.path.join(folder, '..')
            continue
        entries = os.listdir(folder) if os.path.isdir(folder) else []
        found = part if part in entries else next((e for e in sorted(entries) if e.lower() == part.lower()), None)
        if found is None:
            return None
        folder = os.path.join(folder, found)
    return os.path.abspath(folder) if os.path.isfile(folder) else None


def scan(sources, headers, known):
    for source in sources:
        with open(source, encoding='latin-1') as f:
            text = f.read()
        here = os.path.dirname(os.path.abspath(source))
        for quote, name in INCLUDE.findall(text):
            if name in known or os.path.exists(os.path.join(here, name)) or os.path.exists(os.path.join(headers, name)):
                continue
            target = find(here, name) or find(headers, name) or find(headers, re.split(r'[\\/]', name)[-1])
            if target:
                yield name, target


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.exists(path) or open(path).read() != text:
        with open(path, 'w') as f:
            f.write(text)


def main():
    args = argparse.ArgumentParser()
    args.add_argument('out')
    args.add_argument('--headers', required=True)
    args.add_argument('--as', dest='target')
    args.add_argument('--stamp')
    args.add_argument('--scan', nargs='*', default=[])
    a = args.parse_args()
    out = a.out
    if os.environ.get('MESON_INSTALL_DESTDIR_PREFIX') and not os.path.isabs(out):
        out = os.path.join(os.environ['MESON_INSTALL_DESTDIR_PREFIX'], out)
    headers = sorted(h for h in os.listdir(a.headers) if h.endswith('.h'))
    target = a.target or os.path.abspath(a.headers)
    made = {name: '%s/%s' % (target, h) for name, h in spellings(headers) if name not in headers}
    made.update(scan(a.scan, a.headers, set(made) | set(headers)))
    for name, path in sorted(made.items()):
        write(os.path.join(out, name), '#include "%s"\n' % path)
    if a.stamp:
        with open(a.stamp, 'w') as f:
            f.write('%d names\n' % len(made))


main()
