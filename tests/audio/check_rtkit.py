#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A thread without a right to real-time scheduling asks RealtimeKit, which is played here: it is told what the service's
documentation says, and takes a refusal.

usage: check_rtkit.py TEST_REALTIME
"""
import os
import shutil
import subprocess
import sys
import threading

SKIP = 77
try:
    import dbus
    import dbus.service
    from dbus.mainloop.glib import DBusGMainLoop
    from gi.repository import GLib
except ImportError as why:
    if sys.executable != '/usr/bin/python3' and os.path.exists('/usr/bin/python3'):
        os.execv('/usr/bin/python3', ['/usr/bin/python3'] + sys.argv)  # the distribution's has its packages
    print('skipped:', why)
    sys.exit(SKIP)
if not shutil.which('dbus-daemon'):
    print('skipped: no dbus-daemon')
    sys.exit(SKIP)

NAME, PATH = 'org.freedesktop.RealtimeKit1', '/org/freedesktop/RealtimeKit1'


class Kit(dbus.service.Object):
    calls, refuse = [], False

    @dbus.service.method('org.freedesktop.DBus.Properties', in_signature='ss', out_signature='v')
    def Get(self, interface, name):
        return {'MaxRealtimePriority': dbus.Int32(20), 'RTTimeUSecMax': dbus.Int64(200000)}[name]

    @dbus.service.method(NAME, in_signature='tu', out_signature='')
    def MakeThreadRealtime(self, thread, priority):
        Kit.calls.append((int(thread), int(priority)))
        if Kit.refuse:
            raise dbus.DBusException('not you', name='org.freedesktop.DBus.Error.AccessDenied')


bus = subprocess.Popen(['timeout', '60', 'dbus-daemon', '--session', '--nofork', '--nopidfile', '--print-address'],
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
try:
    address = bus.stdout.readline().decode().strip()
    DBusGMainLoop(set_as_default=True)
    connection = dbus.bus.BusConnection(address)
    connection.request_name(NAME)
    kit, loop = Kit(connection, PATH), GLib.MainLoop()
    threading.Thread(target=loop.run, daemon=True).start()
    for Kit.refuse in False, True:
        out = subprocess.run([sys.argv[1], 'without-right'], env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=address),
                             capture_output=True, text=True, timeout=20)
        told = dict(line.split(' ', 1) for line in out.stdout.splitlines())
        print('#', told, Kit.calls)
        thread, priority = Kit.calls.pop()
        assert out.returncode == 0 and thread == int(told['thread']) and priority == 20, out
        assert int(told['rttime']) == 200000, 'the limit that the service demands'
        assert ('by RealtimeKit' in told['grant']) != Kit.refuse, told
        assert ('not you' in told['grant']) == Kit.refuse, told
finally:
    bus.terminate()
    bus.wait(5)
print('ok')
