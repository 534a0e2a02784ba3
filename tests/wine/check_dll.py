#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What dmsynth.dll is from outside: machine, imports, exports, version resource.

usage: check_dll.py 64|32 DMSYNTH.DLL VERSION
"""
import struct
import sys

# Libraries that every Windows has, and nothing of the compiler's.
SYSTEM = {'kernel32.dll', 'advapi32.dll', 'msvcrt.dll', 'ole32.dll', 'dsound.dll', 'winmm.dll', 'user32.dll'}
EXPORTS = {'DllCanUnloadNow', 'DllGetClassObject', 'DllInstall', 'DllRegisterServer', 'DllUnregisterServer'}


class Image:
    """Just enough of a PE file (Microsoft's PE Format page)."""

    def __init__(self, data):
        self.data = data
        pe = struct.unpack_from('<I', data, 0x3c)[0]
        if data[:2] != b'MZ' or data[pe:pe + 4] != b'PE\0\0':
            raise ValueError('not a PE file')
        self.machine, sections, _, _, _, optional, self.flags = struct.unpack_from('<HHIIIHH', data, pe + 4)
        head = pe + 24
        self.wide = struct.unpack_from('<H', data, head)[0] == 0x20b
        self.dll_flags = struct.unpack_from('<H', data, head + 70)[0]
        self.directories = head + (112 if self.wide else 96)
        self.sections = [struct.unpack_from('<IIII', data, head + optional + 40 * i + 8) for i in range(sections)]

    def at(self, address):
        for size, start, raw_size, raw in self.sections:
            if start <= address < start + max(size, raw_size):
                return address - start + raw
        raise ValueError('address %#x is in no section' % address)

    def directory(self, index):
        return struct.unpack_from('<II', self.data, self.directories + 8 * index)

    def text(self, address):
        start = self.at(address)
        return self.data[start:self.data.index(b'\0', start)].decode()

    def imports(self):
        at, names = self.at(self.directory(1)[0]), []
        while struct.unpack_from('<I', self.data, at + 12)[0]:
            names.append(self.text(struct.unpack_from('<I', self.data, at + 12)[0]).lower())
            at += 20
        return names

    def exports(self):
        at = self.at(self.directory(0)[0])
        count, _, names = struct.unpack_from('<III', self.data, at + 24)
        return {self.text(struct.unpack_from('<I', self.data, self.at(names) + 4 * i)[0]) for i in range(count)}

    def resources(self):
        address, size = self.directory(2)
        return self.data[self.at(address):self.at(address) + size] if size else b''


def main():
    bits, path, version = sys.argv[1:4]
    image = Image(open(path, 'rb').read())
    imports, resources = image.imports(), image.resources()
    results = [
        ('machine of %s bits' % bits, image.machine == {'64': 0x8664, '32': 0x14c}[bits] and bool(image.flags & 0x2000)),
        ('imports %s, all of the system' % ' '.join(imports), 'kernel32.dll' in imports and set(imports) <= SYSTEM),
        ('exports the five functions and no other', image.exports() == EXPORTS),
        ('version resource of %s' % version, ('FileVersion\0'.encode('utf-16le') in resources and
                                              version.encode('utf-16le') in resources)),
        ('may be moved in memory, data is not code', image.dll_flags & 0x140 == 0x140),
    ]
    for number, (what, ok) in enumerate(results, 1):
        print('%sok %d - %s' % ('' if ok else 'not ', number, what))
    print('1..%d' % len(results))
    return not all(ok for _, ok in results)


sys.exit(main())
