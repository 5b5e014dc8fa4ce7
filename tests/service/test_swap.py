# SPDX-License-Identifier: MIT
"""Adapters that return under another name, and another BMS on the same cable, which is another
battery with an identity and a past of its own."""
import json
import os

import dbus

import rig
from test_manage import MANAGER, ManageRig
from rig import DEVICE

SECOND = "FEDCBA9876543210FEDCBA98"
SECOND_DEVICE = "/Settings/Devices/tinybms_" + SECOND
SERIAL_REGISTER = 504  # and the five behind it


class Port(rig.Rig):
    def is_taken(self, device):
        """Take one more pty: the one whose name the port has had comes when the service lets go."""
        ends = os.openpty()
        for end in ends:
            self.addCleanup(os.close, end)
        return os.ttyname(ends[1]) == device

    def test_the_adapter_returns_under_another_name(self):
        """The names of bus and port stay together, or a second battery would be in the way."""
        self.start_all()
        old = self.name()
        device = os.path.realpath(self.sim.link)
        self.sim.tell("unplug 10")
        self.wait_until(lambda: self.is_taken(device) or os.path.exists(self.sim.link))
        self.assertNotEqual(self.name(), old)
        self.wait_for_battery()
        self.assertFalse(self.client.name_has_owner(old))
        self.assertEqual(self.get("/Serial"), rig.SERIAL.upper())
        self.assertEqual(self.get("/DeviceInstance"), 288)


class Swap(ManageRig):
    def swap(self, serial, pull="unplug 3"):
        """The cable is pulled off one BMS and put on another."""
        self.sim.tell(pull)
        for i in range(6):
            self.sim.tell(f"register {SERIAL_REGISTER + i} 0x{serial[4 * i:4 * i + 4]}")
        self.log.wait_for(lambda line: "This is another BMS than before" in line)

    def wait_for_serial(self, serial):
        def is_there():
            try:
                self.battery = rig.Service(self.client, self.name())  # the port may have another name
                return self.battery.get("/Serial") == serial
            except dbus.DBusException:  # it is just away
                return False
        self.wait_until(is_there)

    def test_a_new_identity(self):
        self.start_all()
        self.assertEqual(self.battery.set("/CustomName", "Old"), 0)
        self.wait_until(lambda: self.setting(DEVICE + "/CustomName") == "Old")
        self.assertEqual(self.get("/DeviceInstance"), 288)
        self.swap(SECOND)
        self.wait_for_serial(SECOND)
        self.assertEqual(self.get("/DeviceInstance"), 289)
        self.assertNotEqual(self.get("/CustomName"), "Old")
        self.assertEqual(self.setting(SECOND_DEVICE + "/ClassAndVrmInstance"), "battery:289")
        self.assertEqual(self.setting(DEVICE + "/ClassAndVrmInstance"), "battery:288")

    def test_the_old_one_returns(self):
        self.start_all()
        self.assertEqual(self.battery.set("/CustomName", "Old"), 0)
        self.wait_until(lambda: self.setting(DEVICE + "/CustomName") == "Old")
        self.swap(SECOND)
        self.wait_for_serial(SECOND)
        self.swap(rig.SERIAL.upper())
        self.wait_for_serial(rig.SERIAL.upper())
        self.assertEqual(self.get("/DeviceInstance"), 288)
        self.assertEqual(self.get("/CustomName"), "Old")

    def test_the_settings_are_those_of_the_new_one(self):
        self.start_all()
        self.sim.tell("register 315 3500")
        self.swap(SECOND)
        self.wait_for_serial(SECOND)
        self.assertEqual(self.get("/Settings/Bms/over_voltage_cutoff"), 3.5)

    def test_the_port_stays(self):
        """The adapter keeps its power and only its other end moves: no limit of the old one lasts."""
        self.start_all()
        self.assertAlmostEqual(self.get("/Info/MaxChargeVoltage"), 16 * 3.45, 2)
        self.sim.tell("register 315 3500")
        self.swap(SECOND, "silent 3")
        self.wait_for_serial(SECOND)
        self.assertAlmostEqual(self.get("/Info/MaxChargeVoltage"), 16 * 3.40, 2)

    def test_it_is_not_full_because_the_old_one_was(self):
        self.start_settings()
        self.start_sim()
        self.sim.command("set soc 96")
        self.sim.command("register 50 0x92")  # Fully charged
        self.start_service()
        self.wait_for_battery()
        self.wait_for_value("/Info/ChargeMode", lambda text: text.startswith("Float"), 60)
        self.sim.command("register 50 0x97")  # Idle
        self.swap(SECOND)
        self.wait_for_serial(SECOND)
        self.assertFalse(str(self.get("/Info/ChargeMode")).startswith("Float"))
        with open(self.path(f"charge_{rig.SERIAL.upper()}.json"), encoding="utf-8") as file:
            self.assertIn("Float", json.loads(file.readline())["state"])

    def ask_later(self, changes):
        answers = []
        self.client.call_async(self.manager.name, "/", MANAGER, "SetSettings", "s",
                               (json.dumps({"set": changes}),), answers.append,
                               lambda error: answers.append(error.get_dbus_message()), timeout=60)
        return answers

    def test_what_was_asked_of_the_old_one(self):
        """It is not done to the other, be it under way or waiting."""
        self.start_all()
        self.wait_for_manager()
        self.wait_for_value("/Settings/Bms/series_cells", 16)
        for pull, serial in (("unplug 4", SECOND), ("silent 4", rig.SERIAL.upper())):
            self.sim.tell(pull)
            first = self.ask_later({"maximum_cycles": 3000})
            second = self.ask_later({"pulses_per_unit": 7})
            self.swap(serial, pull)
            self.wait_until(lambda first=first, second=second: first and second)
            self.assertIn("not reached", str(first[0]), pull)
            self.assertIn("not reached", str(second[0]), pull)
            self.assertEqual(self.sim.tell("get registers 322").split()[0], "1000")
            self.assertEqual(self.sim.tell("get registers 312").split()[0], "1")
            self.wait_for_serial(serial)


if __name__ == "__main__":
    rig.main()
