# SPDX-License-Identifier: MIT
"""A bus of our own, and programs on it, for tests with clients that we did not write."""
import os
import select
import subprocess
import tempfile
import time

import dbus
import dbus.bus
import dbus.mainloop.glib
from gi.repository import GLib

INTERFACE = "com.victronenergy.BusItem"
INVALID = dbus.Array([], signature="i", variant_level=1)

dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)


class PrivateBus:
    """Runs dbus-daemon; `address` also is in the environment of the programs."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="bus-")
        self.address = "unix:path=" + os.path.join(self.folder.name, "socket")
        self.programs = []
        self.connections = []
        self.start_daemon()

    def start_daemon(self):
        """Starts it, for the first time or again; returns when clients can connect."""
        self.daemon = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1",
             "--address=" + self.address], stdout=subprocess.PIPE, text=True)
        self.daemon.stdout.readline()

    def connect(self):
        connection = dbus.bus.BusConnection(self.address)
        connection.set_exit_on_disconnect(False)
        self.connections.append(connection)
        return connection

    def run(self, *command, **options):
        environment = dict(os.environ, DBUS_SESSION_BUS_ADDRESS=self.address)
        program = subprocess.Popen(command, env=environment, text=True,
                                   stdout=subprocess.PIPE, **options)
        self.programs.append(program)
        return program

    def kill_daemon(self):
        self.daemon.kill()
        self.daemon.wait()
        self.daemon.stdout.close()

    def close(self):
        for connection in self.connections:
            connection.close()
        for program in self.programs:
            if program.poll() is None:
                program.terminate()
            program.wait(10)
            program.stdout.close()
        if self.daemon.poll() is None:
            self.kill_daemon()
        self.folder.cleanup()


class Lines:
    """What a program prints, line by line, while the main loop of this one turns."""

    def __init__(self, stream):
        self.descriptor = stream.fileno()
        self.rest = b""
        self.lines = []

    def _read(self):
        if select.select([self.descriptor], [], [], 0.005)[0]:
            self.rest += os.read(self.descriptor, 65536)
        *lines, self.rest = self.rest.split(b"\n")
        self.lines += [line.decode() for line in lines]

    def turn(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            turn_main_loop()
            self._read()

    def wait_for(self, wanted, seconds=20.0):
        """Takes the lines up to the first that is `wanted`, a text or a function of one."""
        is_wanted = wanted if callable(wanted) else wanted.__eq__
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            turn_main_loop()
            self._read()
            for index, line in enumerate(self.lines):
                if is_wanted(line):
                    del self.lines[:index + 1]
                    return line
        raise AssertionError(f"waited for {wanted!r}, got {self.lines!r}")


def turn_main_loop():
    while GLib.MainContext.default().iteration(False):
        pass


class Service:
    """One Victron service, as a client sees it."""

    def __init__(self, connection, name):
        self.connection = connection
        self.name = name
        self.signals = []
        connection.add_signal_receiver(
            self._on_signal, dbus_interface=INTERFACE, bus_name=name,
            path_keyword="path", member_keyword="member")

    def _on_signal(self, changes, path, member):
        self.signals.append((member, path, changes))

    def call(self, path, method, signature="", *arguments, interface=INTERFACE):
        return self.connection.call_blocking(
            self.name, path, interface, method, signature, arguments, byte_arrays=False)

    def get(self, path):
        return self.call(path, "GetValue")

    def text(self, path):
        return self.call(path, "GetText")

    def set(self, path, value):
        return int(self.call(path, "SetValue", "v", value))

    def owner(self):
        return self.connection.get_name_owner(self.name)

    def drain(self, until=None, seconds=5.0):
        """Collects signals: until `until(self)` is true, or for 50 ms of peace."""
        end = time.monotonic() + (seconds if until else 0.05)
        while time.monotonic() < end:
            turn_main_loop()
            if until and until(self):
                return True
            time.sleep(0.005)
        return not until


def is_invalid(value):
    return isinstance(value, dbus.Array) and len(value) == 0 and str(value.signature) == "i"
