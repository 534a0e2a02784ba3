# SPDX-License-Identifier: MIT
"""dmus wine-install on prefixes that are only files: what it changes, what it refuses, that --remove leaves no trace."""
import os
import pty
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))

import files  # noqa: E402
from harness import DMUS, main  # noqa: E402

KILL_AT = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None  # kill_at.c

USER = ('WINE REGISTRY Version 2\n;; All keys relative to REGISTRY\\\\User\\\\S-1-5-21-0-0-0-1000\n\n#arch=%s\n\n'
        '[Software\\\\Wine\\\\Debug] 1700000000\n#time=1da17f0c4a2b1c0\n"RelayExclude"="ntdll.RtlEnterCriticalSection"\n')
OVERRIDES = '\n[Software\\\\Wine\\\\DllOverrides] 1700000001\n#time=1da17f0c4a2b1c1\n%s\n'
AFTER = '[Software\\\\Wine\\\\Drivers] 1700000002\n#time=1da17f0c4a2b1c2\n"Audio"="pulse"\n'


def pe(machine, text='OpenDMus'):
    return (b'MZ'.ljust(0x3c, b'\0') + struct.pack('<I', 0x40) + b'PE\0\0' + struct.pack('<H', machine) + bytes(200) +
            text.encode('utf-16le') + bytes(50))


def dlls(t, wide=0x8664, narrow=0x14c, text='OpenDMus 1'):
    t.write('dlls/x86_64-windows/dmsynth.dll', pe(wide, text))
    t.write('dlls/i386-windows/dmsynth.dll', pe(narrow, text))


def prefix(t, arch='win64', overrides=None, name='prefix'):
    t.write(name + '/system.reg', b'WINE REGISTRY Version 2\n;; All keys relative to REGISTRY\\\\Machine\n\n#arch=%s\n\n'
            b'[Software] 1700000000\n' % arch.encode())
    user = USER % arch + ('' if overrides is None else OVERRIDES % overrides + AFTER)
    t.write(name + '/user.reg', user.encode())
    for folder in ['system32'] + ['syswow64'] * (arch == 'win64'):
        t.write('%s/drive_c/windows/%s/dmsynth.dll' % (name, folder), b'MZ old ' + folder.encode())
        os.chmod(t.path('%s/drive_c/windows/%s/dmsynth.dll' % (name, folder)), 0o640)
        os.mkdir(t.path('%s/drive_c/windows/%s/drivers' % (name, folder)))
    return name


def snapshot(t):
    """Everything in the box: names, modes, contents, links."""
    tree = {}
    for name in t.listing():
        path = t.path(name)
        mode = os.lstat(path).st_mode
        tree[name] = (mode, os.readlink(path) if os.path.islink(path) else None if os.path.isdir(path) else t.read(name))
    return tree


def install(t, *argv, **how):
    return t.dmus('wine-install', 'prefix', '--dlls', 'dlls', *argv, **how)


def test_both_halves_of_a_64_bit_prefix(t):
    dlls(t), prefix(t)
    before = snapshot(t)
    run = install(t)
    t.exits(run, 0, 'installs')
    t.says(run, 'system32/dmsynth.dll', 'syswow64/dmsynth.dll', 'dmsynth = native', '--gm-dls', where='out')
    for folder, machine in (('system32', 0x8664), ('syswow64', 0x14c)):
        name = 'prefix/drive_c/windows/%s/dmsynth.dll' % folder
        t.equal(t.read(name), pe(machine, 'OpenDMus 1'), folder + ' has the right one')
        t.equal(t.read(name + '.opendmus-backup'), b'MZ old ' + folder.encode(), folder + ' keeps the old one')
        t.equal(os.stat(t.path(name)).st_mode & 0o777, 0o640, folder + ': mode as before')
    t.equal(t.read('prefix/user.reg').decode().startswith(USER % 'win64'), True, 'the registry is added to')
    t.ok('[Software\\\\Wine\\\\DllOverrides]' in t.read('prefix/user.reg').decode(), 'with the key')
    t.equal(t.read('prefix/user.reg').decode().splitlines()[-1], '"dmsynth"="native"', 'and the value')
    t.exits(t.dmus('wine-install', '--remove', 'prefix'), 0, 'removes')
    t.equal(snapshot(t), before, 'as if nothing had been')
    t.exits(t.dmus('wine-install', '--remove', 'prefix'), 2, 'nothing more to remove')


def test_32_bit_prefix(t):
    dlls(t), prefix(t, 'win32', '"winhttp"="native,builtin"')
    before = snapshot(t)
    t.exits(install(t), 0, 'installs')
    t.equal(t.read('prefix/drive_c/windows/system32/dmsynth.dll'), pe(0x14c, 'OpenDMus 1'), 'the 32-bit one in system32')
    t.equal(os.path.exists(t.path('prefix/drive_c/windows/syswow64')), False, 'and no other')
    t.exits(t.dmus('wine-install', '--remove', 'prefix'), 0, 'removes')
    t.equal(snapshot(t), before, 'as if nothing had been')


def test_overrides_that_are_there(t):
    dlls(t)
    cases = {'others': '"*d3d9"="native"\n"xaudio2_7"="native,builtin"', 'none': '',
             'another choice': '"dmsynth"="disabled"\n"zzz"="builtin"', 'other case': '"DMSynth"="builtin"',
             'for a path': '"*dmsynth"="builtin"'}
    for number, (what, overrides) in enumerate(cases.items()):
        t.dmus('wine-install', '-q', 'prefix')  # never there
        prefix(t, overrides=overrides, name='prefix%d' % number)
        before = snapshot(t)
        t.exits(t.dmus('wine-install', '-q', 'prefix%d' % number, '--dlls', 'dlls'), 0, what + ': installs')
        text = t.read('prefix%d/user.reg' % number).decode()
        t.equal(text.lower().count('"dmsynth"='), 1, what + ': one override')
        section = text[text.index('DllOverrides]'):text.index('[Software\\\\Wine\\\\Drivers]')]
        t.ok('"dmsynth"="native"\n' in section, what + ': native', text)
        kept = [line for line in overrides.splitlines() if '"dmsynth"=' not in line.lower()]
        t.ok(all(line in section for line in kept), what + ': the others are kept', text)
        t.exits(t.dmus('wine-install', '-q', '--remove', 'prefix%d' % number), 0, what + ': removes')
        t.equal(snapshot(t), before, what + ': as if nothing had been')


def test_prefix_by_environment_and_home(t):
    dlls(t), prefix(t), prefix(t, name='home/.wine')
    t.exits(t.dmus('wine-install', '--dlls', 'dlls', env={'WINEPREFIX': t.path('prefix')}), 0, 'WINEPREFIX')
    t.ok(os.path.exists(t.path('prefix/opendmus-install.txt')), 'is the one')
    t.exits(t.dmus('wine-install', '--dlls', 'dlls'), 0, 'else ~/.wine')
    t.ok(os.path.exists(t.path('home/.wine/opendmus-install.txt')), 'is the one')


def test_twice_is_an_update(t):
    dlls(t), prefix(t)
    before = snapshot(t)
    t.exits(install(t), 0, 'installs')
    dlls(t, text='OpenDMus 2')
    t.exits(install(t), 0, 'again')
    t.equal(t.read('prefix/drive_c/windows/system32/dmsynth.dll'), pe(0x8664, 'OpenDMus 2'), 'the newer one')
    t.equal(t.read('prefix/drive_c/windows/system32/dmsynth.dll.opendmus-backup'), b'MZ old system32', 'the first backup')
    dlls(t)
    t.exits(t.dmus('wine-install', '--remove', 'prefix'), 0, 'removes')
    t.equal(snapshot(t), before, 'as if nothing had been')


def test_prefix_without_the_dll(t):
    dlls(t), prefix(t)
    os.remove(t.path('prefix/drive_c/windows/syswow64/dmsynth.dll'))
    before = snapshot(t)
    t.exits(install(t), 0, 'installs')
    t.equal(t.read('prefix/drive_c/windows/syswow64/dmsynth.dll'), pe(0x14c, 'OpenDMus 1'), 'there is one now')
    t.exits(t.dmus('wine-install', '--remove', 'prefix'), 0, 'removes')
    t.equal(snapshot(t), before, 'as if nothing had been')


def test_what_others_changed_since(t):
    dlls(t), prefix(t)
    t.exits(install(t), 0, 'installs')
    t.write('prefix/drive_c/windows/system32/dmsynth.dll', b'MZ somebody else')
    text = t.read('prefix/user.reg').decode().replace('"dmsynth"="native"', '"dmsynth"="builtin"')
    t.write('prefix/user.reg', text.encode())
    run = t.dmus('wine-install', '--remove', 'prefix')
    t.exits(run, 0, 'removes')
    t.says(run, 'left alone', where='out')
    t.equal(t.read('prefix/drive_c/windows/system32/dmsynth.dll'), b'MZ somebody else', 'not the DLL of another')
    t.equal(t.read('prefix/drive_c/windows/syswow64/dmsynth.dll'), b'MZ old syswow64', 'but our own')
    t.equal(t.read('prefix/user.reg').decode(), text, 'nor the override of another')


def test_wine_was_updated_in_between(t):
    """Its own DLL is there again: that one is the old one from now on."""
    dlls(t), prefix(t)
    before = snapshot(t)
    old = 'prefix/drive_c/windows/system32/dmsynth.dll'
    t.exits(install(t), 0, 'installs')
    os.remove(t.path(old))
    t.write(old, b'MZ newer Wine')
    os.chmod(t.path(old), 0o640)
    before[old] = snapshot(t)[old]
    t.exits(install(t), 0, 'again')
    t.equal(t.read(old + '.opendmus-backup'), b'MZ newer Wine', 'keeps the newer one')
    t.exits(t.dmus('wine-install', '--remove', 'prefix'), 0, 'removes')
    t.equal(snapshot(t), before, 'the newer one is back')
    t.write(old + '.opendmus-backup', b'MZ of long ago')
    before = snapshot(t)
    refused(t, 'a backup without a record', install(t), 'opendmus-backup', 'earlier installation')
    t.equal(snapshot(t), before, 'and nothing is changed')


def test_registry_behind_a_link(t):
    dlls(t), prefix(t)
    os.rename(t.path('prefix/user.reg'), t.path('elsewhere'))
    os.symlink('../elsewhere', t.path('prefix/user.reg'))
    before = snapshot(t)
    t.exits(install(t), 0, 'installs')
    t.ok(b'"dmsynth"="native"' in t.read('elsewhere'), 'changes the file that the link leads to')
    t.exits(t.dmus('wine-install', '--remove', 'prefix'), 0, 'removes')
    t.equal(snapshot(t), before, 'as if nothing had been')


def killed(t, at, *argv):
    """The tool with `kill -9` before its AT-th change of a file; None if it ended before."""
    run = t.dmus('wine-install', *argv, env={'LD_PRELOAD': KILL_AT, 'KILL_AT': str(at)})
    return run if run.code != 0 else None


def remove_all(t):
    """--remove; there may be nothing to remove. What went wrong, or nothing."""
    run = t.dmus('wine-install', '--remove', 'prefix')
    return '' if run.code == 0 or (run.code == 2 and 'not installed' in run.err) else str(run)


def each_moment(t, what, argv, before, prepare=None, then=None):
    """Kill the run of ARGV before each of its steps in turn; afterwards --remove leaves what was before it all."""
    faults, at = [], 1
    while True:
        if prepare:
            prepare()
        stopped = killed(t, at, *argv)
        if not stopped:
            break
        if stopped.code != -9:
            faults.append('step %d: %s' % (at, stopped))
        if then:
            then()
        problem = remove_all(t)
        if problem or snapshot(t) != before:
            faults.append('step %d: %s\nleft: %s' % (at, problem, [name for name in set(snapshot(t)) | set(before)
                                                                  if snapshot(t).get(name) != before.get(name)]))
            break
        at += 1
    t.ok(not faults and at > 10, '%s, killed at each of %d steps: undone' % (what, at - 1), '\n'.join(faults))
    remove_all(t)
    t.equal(snapshot(t), before, what + ', not killed: undone')


def test_killed_at_any_moment(t):
    if not KILL_AT:
        return t.skip('killed at any moment', 'a sanitizer is first to be loaded')
    dlls(t), prefix(t, overrides='"dmsynth"="builtin"')
    t.write('bank.sf2', files.sf2())
    for number in (1, 2):
        for bits, folder in ((0x8664, 'x86_64-windows'), (0x14c, 'i386-windows')):
            t.write('dlls%d/%s/dmsynth.dll' % (number, folder), pe(bits, 'OpenDMus %d' % number))
    os.rmdir(t.path('prefix/drive_c/windows/syswow64/drivers'))
    before = snapshot(t)
    first = ('prefix', '-q', '--dlls', 'dlls1', '--gm-dls', 'bank.sf2')
    second = ('prefix', '-q', '--dlls', 'dlls2')
    each_moment(t, 'installing', first, before)
    each_moment(t, 'installing, and again', first, before, then=lambda: t.dmus('wine-install', *first))
    each_moment(t, 'updating', second, before, prepare=lambda: t.dmus('wine-install', *first))
    each_moment(t, 'removing', ('--remove', '-q', 'prefix'), before, prepare=lambda: t.dmus('wine-install', *first))


def test_interrupted_at_any_moment(t):
    """By a signal that can be caught, the tool undoes all by itself."""
    if not KILL_AT:
        return t.skip('interrupted at any moment', 'a sanitizer is first to be loaded')
    dlls(t), prefix(t)
    t.write('bank.sf2', files.sf2())
    before, faults, at, codes = snapshot(t), [], 0, set()
    while not faults and at < 200:
        at += 1
        run = install(t, '--gm-dls', 'bank.sf2', env={'LD_PRELOAD': KILL_AT, 'KILL_AT': str(at), 'KILL_WITH': str(int(signal.SIGINT))})
        codes.add(run.code)
        if run.code == 0:
            break
        if run.code != 130 or snapshot(t) != before:
            faults.append('step %d: %s\nleft: %s' % (at, run, sorted(set(snapshot(t)) - set(before))))
    t.ok(not faults and codes == {0, 130} and at > 10, '%d steps: exit status 130, nothing is left' % at, '\n'.join(faults))


def refused(t, what, run, *words, code=2):
    t.exits(run, code, what + ': exit code')
    t.says(run, *words)


def test_refusals_change_nothing(t):
    dlls(t), prefix(t)
    t.write('empty/file', b'')
    t.write('odd/system.reg', b'not a registry')
    t.write('odd/drive_c/windows/system32/x', b'')
    t.write('bad.sf2', b'RIFF bad')
    t.write('wrong/x86_64-windows/dmsynth.dll', pe(0x14c))
    t.write('wrong/i386-windows/dmsynth.dll', pe(0x14c))
    t.write('half/x86_64-windows/dmsynth.dll', pe(0x8664))
    t.write('foreign/x86_64-windows/dmsynth.dll', pe(0x8664, 'Wine'))
    t.write('foreign/i386-windows/dmsynth.dll', pe(0x14c, 'Wine'))
    before = snapshot(t)
    refused(t, 'no such prefix', t.dmus('wine-install', 'none', '--dlls', 'dlls'), 'none')
    refused(t, 'no prefix', t.dmus('wine-install', 'empty', '--dlls', 'dlls'), 'system.reg')
    refused(t, 'another system.reg', t.dmus('wine-install', 'odd', '--dlls', 'dlls'), 'not a registry')
    refused(t, 'a bank that is none', install(t, '--gm-dls', 'bad.sf2'), 'bad.sf2')
    refused(t, 'two prefixes', t.dmus('wine-install', 'prefix', 'empty'), 'one prefix', code=1)
    refused(t, 'remove with a bank', t.dmus('wine-install', '--remove', '--gm-dls', 'x', 'prefix'), '--remove', code=1)
    for folder, word in (('wrong', '64-bit'), ('half', '32-bit'), ('foreign', 'not OpenDMus'), ('nowhere', 'make dll')):
        refused(t, 'DLLs: ' + folder, t.dmus('wine-install', 'prefix', '--dlls', folder), word)
    t.equal(snapshot(t), before, 'and nothing is changed')
    if os.geteuid() == 0:
        os.chown(t.path('prefix'), 1, 1)
        refused(t, 'somebody else\'s', install(t), 'belongs to user 1')
        os.chown(t.path('prefix'), 0, 0)
    else:
        t.skip('somebody else\'s prefix', 'needs root')
    t.equal(snapshot(t), before, 'and nothing is changed')


def test_running_wine_is_seen(t):
    """By the directory a wineserver works in: its manual page, FILES."""
    dlls(t), prefix(t)
    stat = os.stat(t.path('prefix'))
    server = t.path('tmp/server-%x-%x' % (stat.st_dev, stat.st_ino))
    os.makedirs(server)
    before = snapshot(t)
    sleeper = subprocess.Popen(['sleep', '60'], cwd=server)
    try:
        refused(t, 'while it runs', install(t), 'running')
        refused(t, 'removing, too', t.dmus('wine-install', '--remove', 'prefix'), 'running')
    finally:
        sleeper.kill()
        sleeper.wait()
    t.equal(snapshot(t), before, 'nothing is changed')
    t.exits(install(t), 0, 'afterwards it installs')


def test_failure_half_way_is_undone(t):
    dlls(t), prefix(t)
    t.write('prefix/user.reg.opendmus-part/in', b'the way')
    before = snapshot(t)
    run = install(t)
    refused(t, 'no room for user.reg', run, 'user.reg', 'undoing', code=4)
    t.equal(snapshot(t), before, 'as if nothing had been')


def test_record_is_not_trusted(t):
    dlls(t), prefix(t)
    t.write('victim', b'precious')
    for line in ('file\t../victim\tnew\tafb63c9e7d0c1b2a', 'file\t/etc/passwd\tnew\t0', 'dll\tdrive_c/windows/../../victim\tnew\t0',
                 'file\tuser.reg\tnew\t0', 'strange\tthing', 'dll\t' + 'drive_c/windows/' + 'x' * 200 + '\tnew\t0',
                 '\n'.join('file\tdrive_c/windows/%d\tnew\t0' % i for i in range(20))):
        t.write('prefix/opendmus-install.txt', ('opendmus-install 1\n' + line + '\n').encode())
        before = snapshot(t)
        refused(t, line[:20], t.dmus('wine-install', '--remove', 'prefix'), 'not understood')
        refused(t, line[:20], install(t), 'not understood')
        t.equal(snapshot(t), before, 'nothing is changed')


def test_gm_dls(t):
    dlls(t), prefix(t)
    t.write('bank.sf2', files.sf2())
    os.rmdir(t.path('prefix/drive_c/windows/syswow64/drivers'))
    before = snapshot(t)
    run = install(t, '--gm-dls', 'bank.sf2')
    t.exits(run, 0, 'installs')
    t.says(run, 'system32/drivers/gm.dls', 'bank.sf2', 'syswow64/drivers/gm.dls', where='out')
    made = t.read('prefix/drive_c/windows/system32/drivers/gm.dls')
    t.equal(made[:4] + made[8:12], b'RIFFDLS ', 'a DLS collection')
    # insh: regions, bank, program. A melodic instrument of bank 0 and a drum kit.
    found = [struct.unpack_from('<III', made, at + 8)[1:] for at in range(len(made)) if made[at:at + 4] == b'insh']
    t.equal(sorted(found), [(0, 0), (0x80000000, 0)], 'General MIDI bank and drum kit are addressed')
    # dmusic.dll of Wine 10.0 passes over rgn2, lar2 and art2, and over rgnh of another size.
    kinds = {made[at + 8:at + 12] for at in range(len(made)) if made[at:at + 4] == b'LIST'}
    t.ok(b'rgn ' in kinds and b'lart' in kinds and b'rgn2' not in kinds and made.count(b'art1'), "for Wine's reader", kinds)
    t.equal({made[at + 4] for at in range(len(made)) if made[at:at + 4] == b'rgnh'}, {12}, 'regions without a layer')
    t.equal(t.read('prefix/drive_c/windows/syswow64/drivers/gm.dls'), made, 'for 32-bit programs, too')
    check = t.dmus('info', '-q', 'prefix/drive_c/windows/system32/drivers/gm.dls')
    t.exits(check, 0, 'which can be read')
    t.exits(install(t, '--gm-dls', 'bank.sf2'), 0, 'again')
    t.exits(t.dmus('wine-install', '--remove', 'prefix'), 0, 'removes')
    t.equal(snapshot(t), before, 'as if nothing had been')


def test_gm_dls_of_others_stays(t):
    dlls(t), prefix(t)
    t.write('bank.sf2', files.sf2())
    t.write('prefix/drive_c/windows/system32/drivers/gm.dls', b'RIFF mine')
    before = snapshot(t)
    run = install(t, '--gm-dls', 'bank.sf2')
    t.exits(run, 0, 'installs')
    t.says(run, 'left alone', where='out')
    t.exits(t.dmus('wine-install', '--remove', 'prefix'), 0, 'removes')
    t.equal(snapshot(t), before, 'as if nothing had been')


def test_what_it_says_can_be_typed(t):
    dlls(t), prefix(t, name='Meine Spiele (alt)')
    run = t.dmus('wine-install', 'Meine Spiele (alt)', '--dlls', 'dlls')
    t.exits(run, 0, 'installs')
    words = run.out.split('`dmus ')[1].split('`')[0]
    undo = subprocess.run(DMUS + ' ' + words, shell=True, cwd=t.box, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    t.equal(undo.returncode, 0, 'and removes as it said', undo.stdout)


def answer(t, text):
    """Install at a terminal with a bank in DMUS_BANK, and answer the question."""
    master, slave = pty.openpty()
    process = subprocess.Popen([DMUS, 'wine-install', 'prefix', '--dlls', 'dlls'], cwd=t.box, stdin=slave, stdout=slave,
                               stderr=slave, env=t.environment(DMUS_BANK=t.path('bank.sf2')))
    os.close(slave)
    said, until = b'', time.monotonic() + 20
    while b'[y/N]' not in said and time.monotonic() < until:
        said += os.read(master, 1000)
    os.write(master, text.encode() + b'\n')
    try:
        while True:
            said += os.read(master, 1000)
    except OSError:  # the other side is closed
        pass
    os.close(master)
    return process.wait(20), said.decode()


def test_question_at_a_terminal(t):
    dlls(t), prefix(t)
    t.write('bank.sf2', files.sf2())
    for text, made in (('n', False), ('', False), ('y', True)):
        code, said = answer(t, text)
        t.equal(code, 0, 'answer %r: installs' % text, said)
        t.ok(t.path('bank.sf2') in said, 'names the bank', said)
        t.equal(os.path.exists(t.path('prefix/drive_c/windows/system32/drivers/gm.dls')), made, 'answer %r' % text)


main(globals())
