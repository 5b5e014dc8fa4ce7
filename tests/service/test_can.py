# SPDX-License-Identifier: MIT
"""CAN outputs beside the battery: whose port it is, what is shown, and that nothing else suffers.

The ports are files in a folder that stands for the root of a GX; frames are for tests/vm/can.sh.
"""
import os

import dbus

import rig
from rig import SETTINGS

PROFILE = "/Settings/Canbus/can5/Profile"
OUTPUT = {"interface": "can5", "protocol": "pylontech"}


class Can(rig.Rig):
    def setUp(self):
        super().setUp()
        self.root = self.path("root")
        os.makedirs(self.root)

    def add_port(self):
        folder = os.path.join(self.root, "sys/class/net/can5")
        os.makedirs(folder)
        with open(os.path.join(folder, "type"), "w", encoding="ascii") as file:
            file.write("280\n")

    def start_gx(self, profile, highest=10, **options):
        """A GX with a CAN port under this profile, where profiles up to `highest` exist."""
        os.makedirs(os.path.join(self.root, "opt/victronenergy"))
        self.add_port()
        self.write_config({"can": [{**OUTPUT, **options}]})
        self.start_settings()
        if profile is not None:
            self.add_profile(profile, highest)
        self.start_sim()
        self.start_service("--root", self.root)
        self.wait_for_battery()

    def add_profile(self, profile, highest=10):
        rows = dbus.Array([dbus.Dictionary({
            "path": dbus.String(PROFILE[len("/Settings"):]), "default": dbus.Int32(profile),
            "min": dbus.Int32(0), "max": dbus.Int32(highest)}, signature="sv")],
            signature="a{sv}")
        answer = self.client.call_blocking(SETTINGS, "/Settings", "com.victronenergy.Settings",
                                           "AddSettings", "aa{sv}", [rows])
        self.assertEqual(answer[0]["error"], 0)

    def set_profile(self, profile):
        self.assertEqual(rig.Service(self.client, SETTINGS).set(PROFILE, profile), 0)

    def wait_for_error(self, words):
        self.wait_until(lambda: words in str(self.get("/Can/can5/Error")), 40)

    def test_no_gx_and_wrong_outputs(self):
        self.write_config({"can": [{"interface": "can6", "protocol": "pilon"}, OUTPUT]})
        self.start_all("--root", self.root)
        self.log.wait_for(lambda line: "CAN output 1 does not run" in line and "pilon" in line)
        self.wait_for_value("/Can/can5/Error", "the CAN interface can5 is not there")
        self.assertEqual(self.get("/Can/can5/Protocol"), "pylontech")
        self.assertEqual(self.battery.text("/Can/can5/State"), "absent")
        self.assertEqual(self.get("/Can/can5/FramesSent"), 0)
        self.assertTrue(rig.is_invalid(self.get("/Can/can5/Inverter/Age")))
        self.assertEqual(self.get("/Connected"), 1)
        self.assertTrue(all(not str(path).startswith("/Can/can6") for path in self.items()))

    def test_changed_while_it_runs(self):
        self.start_all("--root", self.root)
        self.write_config({"can": [OUTPUT]})
        self.wait_until(lambda: "/Can/can5/State" in self.items())
        owner = self.battery.owner()
        self.write_config({"can": 7})
        self.log.wait_for(lambda line: "this is no list" in line)
        self.wait_until(lambda: rig.is_invalid(self.get("/Can/can5/State")))
        self.assertEqual(self.battery.owner(), owner)

    def test_ports_of_the_gx_are_left_alone(self):
        self.start_gx(3)
        self.wait_for_error("can5 belongs to the GX, profile 3 (CAN-bus BMS)")
        self.log.wait_for(lambda line: "take_port" in line)
        self.assertEqual(self.battery.text("/Can/can5/State"), "held")
        self.assertEqual(self.setting(PROFILE), 3)
        self.set_profile(8)
        self.wait_for_error("is not there")  # allowed: looks for it in the kernel, which has none
        self.set_profile(1)
        self.wait_for_error("belongs to the GX, profile 1")

    def test_waits_for_the_gx(self):
        self.start_gx(None)
        self.wait_for_error("waiting for the GX to say whose port can5 is")
        self.add_profile(0)
        self.wait_for_error("is not there")

    def test_takes_what_the_owner_names(self):
        service = os.path.join(self.root, "service/vecan-dbus.can5")
        os.makedirs(service)
        self.start_gx(1, take_port=True)
        self.wait_for_error("listening")
        self.wait_for_error("waiting for vecan-dbus.can5 to leave can5")
        self.assertEqual(self.setting(PROFILE), 8)
        os.rmdir(service)
        self.wait_for_error("is not there")

    def test_before_profile_8(self):
        self.start_gx(3, 7, take_port=True)
        self.wait_until(lambda: self.setting(PROFILE) == 0)
        self.wait_for_error("is not there")


if __name__ == "__main__":
    rig.main()
