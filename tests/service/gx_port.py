# SPDX-License-Identifier: MIT
"""A GX with one CAN port, can5: files in a folder that stands for its root, and its profile."""
import os

import dbus

import rig
from rig import SETTINGS

PROFILE = "/Settings/Canbus/can5/Profile"
OUTPUT = {"interface": "can5", "protocol": "pylontech"}


class GxPort:
    """For a rig."""

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
