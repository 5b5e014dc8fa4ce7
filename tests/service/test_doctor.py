# SPDX-License-Identifier: MIT
"""tinybmsctl doctor against a whole service on a private bus, and against what may be missing."""
import json
import os
import subprocess
import sys

import dbus

import rig


class Doctor(rig.Rig):
    ctl = None

    def setUp(self):
        super().setUp()
        self.root = self.path("root")
        for folder in ("opt/victronenergy", "data/apps/enabled", "sys/class/net/can7"):
            os.makedirs(os.path.join(self.root, folder))
        self.put("opt/victronenergy/version", "v3.72\n20260101\n")
        self.put("data/rc.local", "#!/bin/sh\n/data/apps/enabled/dbus-tinybms/boot &\n")
        self.put("sys/class/net/can7/type", "280\n")
        os.chmod(os.path.join(self.root, "data/rc.local"), 0o755)
        os.symlink("x", os.path.join(self.root, "data/apps/enabled/dbus-tinybms"))

    def put(self, path, text):
        with open(os.path.join(self.root, path), "w", encoding="utf-8") as file:
            file.write(text)

    def doctor(self):
        run = subprocess.run(
            [self.ctl, "doctor", "--json", "--root", self.root, "--config", self.config_path,
             "--state", self.state_path, "--bus", self.bus.address],
            capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(run.stderr, "")
        report = json.loads(run.stdout)
        self.assertEqual(run.returncode, report["worst"] == "ERROR")
        return {(f["what"], f["level"]): f["text"] for f in report["findings"]}

    def add_setting(self, path, value):
        answer = dbus.Interface(self.client.get_object(rig.SETTINGS, "/"),
                                "com.victronenergy.Settings").AddSettings(
            dbus.Array([{"path": path, "default": dbus.Int32(value)}], signature="a{sv}"))
        self.assertEqual(int(answer[0]["error"]), 0)

    def test_all_is_well(self):
        self.start_all()
        self.add_setting("/Settings/Services/Bol", 1)
        self.add_setting("/Settings/Canbus/can7/Profile", 8)
        self.write_config({"port": self.sim.link})
        self.wait_until(lambda: "publishing" in self.read(self.state_path))
        found = self.doctor()
        self.assertFalse([text for (_, level), text in found.items() if level == "ERROR"])
        self.assertIn(self.name(), found["service", "OK"])
        self.assertIn("device instance 288", found["name", "OK"])
        self.assertIn("16 cells", found["bms", "OK"])
        self.assertIn("DVCC is on", found["dvcc", "OK"])
        self.assertIn("can7: profile up, no services (500", found["can", "OK"])
        self.assertIn("by-id", found["port", "WARNING"])
        self.assertIn("starts at boot", found["boot", "OK"])

    def test_dvcc_is_off(self):
        self.start_all()
        self.add_setting("/Settings/Services/Bol", 0)
        self.assertIn("switch it on", self.doctor()["dvcc", "ERROR"])

    def test_no_service_the_bms_is_asked(self):
        self.start_settings()
        self.start_sim()
        self.write_config({"port": self.sim.link, "absorption_cell_v": 3.5})
        found = self.doctor()
        self.assertIn("does not run", found["service", "ERROR"])
        self.assertIn("A TinyBMS answers", found["bms", "OK"])
        self.assertTrue(("full", "WARNING") in found or ("full", "OK") in found)
        self.assertIn("No battery of ours", found["name", "ERROR"])

    def test_everything_is_missing(self):
        self.bus.close()
        self.write_config({"port": "/dev/no-such-port"})
        self.put("opt/victronenergy/version", "v2.90\n")
        self.put("data/rc.local", "#!/bin/sh\n")
        found = self.doctor()
        self.assertIn("D-Bus does not answer", found["bus", "ERROR"])
        self.assertIn("plug the adapter in", found["port", "ERROR"])
        self.assertIn("older than v3.60", found["firmware", "WARNING"])
        self.assertIn("install.sh enable", found["boot", "ERROR"])

    def test_configuration_with_an_error(self):
        with open(self.config_path, "w", encoding="utf-8") as file:
            file.write('{\n"port": 7\n}\n')
        text = self.doctor()["config", "ERROR"]
        self.assertIn("port", text)
        self.assertIn("stays in force", text)

    def test_no_port_chosen(self):
        self.assertIn("install.sh config", self.doctor()["port", "ERROR"])


if __name__ == "__main__":
    Doctor.ctl = sys.argv.pop(4)
    rig.main()
