# SPDX-License-Identifier: MIT
"""The whole service with all that it needs around it: bus, settings, simulated BMS, configuration.

Everything lives in one folder that goes with the rig. Programs are given on the
command line of the test: SERVICE SIMULATOR STANDIN.
"""
import json
import os
import sys
import tempfile
import time
import unittest

import dbus

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "dbus"), os.path.join(HERE, "..", "sim")]

from private_bus import INTERFACE, Lines, PrivateBus, Service, is_invalid  # noqa: E402, F401
from simulator import Simulator  # noqa: E402

SETTINGS = "com.victronenergy.settings"
SERIAL = "0123456789abcdef01234567"
DEVICE = "/Settings/Devices/tinybms_" + SERIAL.upper()
MEMORY = "/dev/shm"
DEFAULTS = {"poll_interval_ms": 100}


class Programs:
    service = simulator = standin = None


class Rig(unittest.TestCase):
    """One test: nothing runs before it starts it, and nothing after."""

    scale = 1  # seconds that pass for service and simulator in one

    def setUp(self):
        # in memory where there is such a place: each file is synced, and a busy disk takes seconds
        memory = MEMORY if os.access(MEMORY, os.W_OK) else None
        self.folder = tempfile.TemporaryDirectory(prefix="tinybms-rig-", dir=memory)
        self.addCleanup(self.folder.cleanup)
        self.config_path = self.path("config.json")
        self.state_path = self.path("state")
        self.write_config({})
        self.bus = PrivateBus()
        self.addCleanup(self.bus.close)
        self.client = self.bus.connect()
        self.program = self.settings = self.sim = None

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    # ---- what is around the service ----

    def write_config(self, values):
        with open(self.config_path + ".new", "w", encoding="utf-8") as file:
            json.dump({**DEFAULTS, **values}, file)
        os.replace(self.config_path + ".new", self.config_path)

    def start_settings(self):
        self.settings = self.bus.run(sys.executable, Programs.standin, "--file",
                                     self.path("settings.json"))
        self.wait_until(lambda: self.client.name_has_owner(SETTINGS))

    def start_sim(self, *options):
        self.sim = Simulator(Programs.simulator, "--serial", SERIAL, "--cells", "16",
                             "--chemistry", "lfp", "--soc", "60", "--capacity", "100",
                             "--time-scale", str(self.scale), *options)
        self.addCleanup(self.sim.close)

    # ---- the service ----

    def start_service(self, *options):
        self.program = self.bus.run(Programs.service, "--config", self.config_path,
                                    "--port", self.sim.link, "--state", self.state_path,
                                    "--time-scale", str(self.scale), *options)
        self.addCleanup(self.end_in_order, self.program)
        self.log = Lines(self.program.stdout)

    def end_in_order(self, program):
        """What still runs at the end of a test ends well: sanitizers speak by the status."""
        if program.poll() is None:
            program.terminate()
            self.assertEqual(program.wait(10), 0)

    def start_all(self, *options):
        self.start_settings()
        self.start_sim()
        self.start_service(*options)
        self.wait_for_battery()

    def name(self):
        return "com.victronenergy.battery." + \
            os.path.realpath(self.sim.link).removeprefix("/dev/").replace("/", "_")

    def wait_for_battery(self, seconds=30):
        self.wait_until(lambda: self.client.name_has_owner(self.name()), seconds)
        self.battery = Service(self.client, self.name())
        return self.battery

    def items(self):
        return self.battery.call("/", "GetItems")

    def get(self, path):
        return self.battery.get(path)

    def again(self, method, *arguments):
        """As self.battery's, where its plug was pulled: its name follows that of the port.

        None: it is away just now.
        """
        if self.battery.name != self.name():
            self.battery = Service(self.client, self.name())
        try:
            return getattr(self.battery, method)(*arguments)
        except dbus.DBusException:
            return None

    def setting(self, path):
        return Service(self.client, SETTINGS).get(path)

    def wait_for_state(self, word):
        """Until the service says it of itself; the file comes a moment after the battery."""
        self.wait_until(lambda: os.path.exists(self.state_path) and
                        word in self.read(self.state_path))

    def stop_service(self, limit_s=5.0):
        """As a service manager does it; within `limit_s` and without complaint."""
        self.program.terminate()
        self.assertEqual(self.program.wait(limit_s), 0)
        self.wait_for_no_owner()

    def wait_for_no_owner(self, seconds=10):
        """A name outlives its process until the daemon looks; who waits for the next one met it."""
        end = time.monotonic() + seconds
        while self.bus.daemon.poll() is None and self.client.name_has_owner(self.name()):
            self.assertLess(time.monotonic(), end, "a name without a process")
            time.sleep(0.01)

    # ---- time ----

    def wait_until(self, is_true, seconds=30):
        end = time.monotonic() + seconds
        while not is_true():
            self.assertLess(time.monotonic(), end, "waited in vain")
            if self.program:
                self.log.turn(0.02)
                self.assertIsNone(self.program.poll(), "the service has ended: " +
                                  "\n".join(self.log.lines))
            else:
                time.sleep(0.02)

    def wait_for_value(self, path, wanted, seconds=30):
        """Until the path has the value, or passes `wanted`, a function."""
        is_wanted = wanted if callable(wanted) else lambda value: value == wanted
        self.wait_until(lambda: is_wanted(self.get(path)), seconds)
        return self.get(path)


def main():
    Programs.service, Programs.simulator, Programs.standin = sys.argv[1:4]
    del sys.argv[1:4]
    unittest.main()
