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

    def add_service(self, name, values):
        """Another program's service, as far as doctor looks at it."""
        items = os.path.join(os.path.dirname(rig.Programs.standin), "items.py")
        self.bus.run(sys.executable, items, name, json.dumps(values))
        self.wait_until(lambda: self.client.name_has_owner(name))

    def add_system(self, **values):
        self.add_service("com.victronenergy.system", {
            "/Control/Dvcc": 1, "/ActiveBmsService": self.name(),
            "/Dc/Battery/BatteryService": self.name(), "/Dc/Battery/ChargeVoltage": 54.0,
            **{"/" + key.replace("_", "/"): value for key, value in values.items()}})

    def add_setting(self, path, value):
        answer = dbus.Interface(self.client.get_object(rig.SETTINGS, "/"),
                                "com.victronenergy.Settings").AddSettings(
            dbus.Array([{"path": path, "default": dbus.Int32(value)}], signature="a{sv}"))
        self.assertEqual(int(answer[0]["error"]), 0)

    def test_all_is_well(self):
        self.start_all()
        self.add_system()
        self.add_setting("/Settings/Services/Bol", 1)
        self.add_setting("/Settings/Canbus/can7/Profile", 8)
        self.write_config({"port": self.sim.link})
        self.wait_for_state("publishing")
        found = self.doctor()
        self.assertFalse([text for (_, level), text in found.items() if level == "ERROR"])
        self.assertIn(self.name(), found["service", "OK"])
        self.assertIn("device instance 288", found["name", "OK"])
        self.assertIn("16 cells", found["bms", "OK"])
        self.assertIn("DVCC is on", found["dvcc", "OK"])
        self.assertIn("can7: profile up, no services (500", found["can", "OK"])
        self.assertIn("by-id", found["port", "WARNING"])
        self.assertIn("starts at boot", found["boot", "OK"])

    def hold_lock(self, pid):
        folder = os.path.join(self.root, "var/lock/serial-starter")
        os.makedirs(folder, exist_ok=True)
        lock = os.path.join(folder, os.path.basename(os.path.realpath(self.sim.link)))
        if os.path.islink(lock):
            os.unlink(lock)
        if pid:
            os.symlink(str(pid), lock)

    def test_who_holds_the_port(self):
        self.start_all()
        self.write_config({"port": self.sim.link})
        self.wait_for_state("publishing")
        self.hold_lock(None)
        self.assertIn("Nobody holds", self.doctor()["lock", "WARNING"])
        self.hold_lock(self.program.pid)
        self.assertIn("is ours", self.doctor()["lock", "OK"])
        other = self.bus.run("sleep", "1000")
        self.hold_lock(other.pid)
        self.assertIn(f"sleep (process {other.pid}) holds", self.doctor()["lock", "ERROR"])
        self.stop_service()
        self.assertIn("stop that program", self.doctor()["lock", "WARNING"])

    def test_errors_on_the_line(self):
        self.start_settings()
        battery = {"/Mgmt/ProcessName": "dbus-tinybms", "/DeviceInstance": 288,
                   "/Diagnostics/Bms/Polls": 1000, "/Diagnostics/Bms/Successes": 995,
                   "/Diagnostics/Bms/CrcErrors": 2}
        self.add_service("com.victronenergy.battery.ttyUSB0", battery)
        self.assertIn("1000 requests, 995 answered, 2 broken", self.doctor()["line", "OK"])
        battery["/Diagnostics/Bms/CrcErrors"] = 7
        self.add_service("com.victronenergy.battery.ttyUSB1", battery)
        self.assertIn("Shorten the cable", self.doctor()["line", "WARNING"])

    def test_a_current_sensor_turned_round(self):
        self.start_all()
        self.sim.tell("current -20")
        self.wait_for_value("/Dc/0/Current", lambda amperes: amperes < -19)
        self.add_system()
        self.add_service("com.victronenergy.vebus.ttyS4", {"/Dc/0/Current": -21.0})
        self.assertNotIn(("current", "WARNING"), self.doctor())
        self.sim.tell("current 20")
        self.wait_for_value("/Dc/0/Current", lambda amperes: amperes > 19)
        self.assertIn("turned round", self.doctor()["current", "WARNING"])

    def test_services_of_the_device_are_missing(self):
        self.start_all()
        self.assertIn("systemcalc", self.doctor()["active", "ERROR"])
        self.settings.kill()
        self.wait_until(lambda: not self.client.name_has_owner(rig.SETTINGS))
        self.assertIn("restart the device", self.doctor()["settings", "ERROR"])

    def test_hooks_are_disabled(self):
        os.rename(os.path.join(self.root, "data/rc.local"),
                  os.path.join(self.root, "data/rc.local.disabled"))
        self.assertIn("rename it back", self.doctor()["boot", "ERROR"])
        os.unlink(os.path.join(self.root, "data/apps/enabled/dbus-tinybms"))
        self.assertIn("install.sh enable", self.doctor()["boot", "WARNING"])

    def test_the_device_itself(self):
        os.makedirs(os.path.join(self.root, "etc/venus"))
        self.put("etc/venus/machine", "einstein\n")
        found = self.doctor()
        self.assertIn("v3.72", found["firmware", "OK"])
        self.assertIn("Device einstein", found["arch", "OK"])
        self.assertIn("kB free", found["data", "OK"])
        os.rename(os.path.join(self.root, "data"), os.path.join(self.root, "away"))
        self.assertIn("There is no", self.doctor()["data", "ERROR"])

    def test_dvcc_is_off(self):
        self.start_all()
        self.add_setting("/Settings/Services/Bol", 0)
        self.assertIn("switch it on", self.doctor()["dvcc", "ERROR"])

    def test_dvcc_obeys_it_and_passes_its_limits_on(self):
        self.start_all()
        cvl_v, dcl_a = self.get("/Info/MaxChargeVoltage"), self.get("/Info/MaxDischargeCurrent")
        self.add_system(Dc_Battery_ChargeVoltage=cvl_v)
        self.add_service("com.victronenergy.vebus.ttyS4", {
            "/BatteryOperationalLimits/MaxChargeVoltage": cvl_v,
            "/BatteryOperationalLimits/MaxDischargeCurrent": dcl_a,
            "/Dc/0/Voltage": self.get("/Dc/0/Voltage"), "/Dc/0/Current": 0.0})
        found = self.doctor()
        self.assertIn("DVCC is on", found["dvcc", "OK"])
        self.assertIn("DVCC obeys", found["active", "OK"])
        self.assertIn("%.2f V" % cvl_v, found["limits", "OK"])
        self.assertIn("vebus.ttyS4 is told %.2f V" % cvl_v, found["inverter", "OK"])
        self.assertNotIn(("monitor", "WARNING"), found)

    def test_limits_that_are_not_passed_on(self):
        self.start_all()
        self.add_system(Dc_Battery_ChargeVoltage=60.0)
        self.add_service("com.victronenergy.vebus.ttyS4", {
            "/BatteryOperationalLimits/MaxChargeVoltage": 60.0,
            "/BatteryOperationalLimits/MaxDischargeCurrent": 999.0,
            "/Dc/0/Voltage": 48.0, "/Dc/0/Current": 0.0})
        self.add_service("com.victronenergy.vebus.ttyS5", {"/Dc/0/Voltage": 48.0})
        found = self.doctor()
        self.assertIn("overrides", found["limits", "WARNING"])
        self.assertIn("measures", found["voltage", "WARNING"])
        # two inverters, two findings with one key: the last one is kept
        self.assertIn(("inverter", "WARNING"), found)

    def test_why_dvcc_obeys_another(self):
        other = "com.victronenergy.battery.other"
        self.start_all()
        self.add_service(other, {"/DeviceInstance": 1, "/Mgmt/ProcessName": "other"})
        self.add_system(ActiveBmsService=other, Dc_Battery_BatteryService=other)
        found = self.doctor()
        self.assertIn("DVCC obeys " + other, found["active", "WARNING"])
        self.assertIn("this battery is 288, that one 1", found["active", "WARNING"])
        self.assertIn(other, found["monitor", "WARNING"])
        self.add_setting("/Settings/SystemSetup/BmsInstance", 1)
        self.assertIn("set to instance 1, this battery is 288", self.doctor()["active", "WARNING"])

    def test_no_bms_is_to_control(self):
        self.start_all()
        self.add_system(ActiveBmsService=None)
        self.assertIn("has not chosen", self.doctor()["active", "WARNING"])
        self.add_setting("/Settings/SystemSetup/BmsInstance", -255)
        self.assertIn("set to none", self.doctor()["active", "WARNING"])

    def test_a_battery_that_stands_apart(self):
        self.write_config({"managed": "no"})
        self.start_all()
        self.add_system()
        self.assertIn("stands apart", self.doctor()["active", "ERROR"])

    def test_several_batteries(self):
        self.start_all()
        self.add_service("com.victronenergy.battery.second", {
            "/Mgmt/ProcessName": "dbus-tinybms", "/DeviceInstance": 289,
            "/Settings/Charge/managed": "no"})
        self.assertIn('set "managed" to "yes"', self.doctor()["several", "WARNING"])
        self.assertEqual(self.battery.set("/Settings/Charge/managed", "yes"), 0)
        self.assertIn("2 batteries of ours", self.doctor()["several", "OK"])

    def test_can_outputs(self):
        self.start_settings()
        self.add_service("com.victronenergy.battery.ttyUSB0", {
            "/Mgmt/ProcessName": "dbus-tinybms", "/DeviceInstance": 288,
            "/Can/can1/State": 4, "/Can/can1/Protocol": "pylontech", "/Can/can1/Error": ""})
        self.assertIn("can1 speaks pylontech", self.doctor()["output", "OK"])
        self.add_service("com.victronenergy.battery.ttyUSB1", {
            "/Mgmt/ProcessName": "dbus-tinybms", "/DeviceInstance": 289,
            "/Can/can2/State": 6, "/Can/can2/Protocol": "sma", "/Can/can2/Error": "Bus-off: look."})
        self.assertIn("can2: Bus-off: look.", self.doctor()["output", "ERROR"])

    def test_full_while_the_service_runs(self):
        self.write_config({"port": "/dev/null", "absorption_cell_v": 3.4})
        self.start_all()
        self.assertIn("set register 300 to 3.40 V", self.doctor()["full", "WARNING"])
        self.write_config({"port": "/dev/null", "absorption_cell_v": 3.6})
        self.assertIn("full at 3.60 V", self.doctor()["full", "OK"])

    def test_the_log(self):
        self.assertIn("no log", self.doctor()["log", "WARNING"])
        os.makedirs(os.path.join(self.root, "var/log/dbus-tinybms"))
        self.put("var/log/dbus-tinybms/current", "@4000 INFO all is well\n")
        self.assertIn("no error", self.doctor()["log", "OK"])
        self.put("var/log/dbus-tinybms/current", "@4000 ERROR The port is gone.\n@4001 INFO x\n")
        self.assertIn("The port is gone.", self.doctor()["log", "WARNING"])
        self.put("var/log/dbus-tinybms/current", "@4000 ERROR The port is gone.\n" + 30 * "x\n")
        self.assertIn("no error", self.doctor()["log", "OK"])

    def test_a_log_that_cannot_be_written(self):
        os.makedirs(os.path.join(self.root, "proc/77"))
        self.put("proc/77/cmdline", "readproctitle\0service errors:\0...multilog: warning: "
                 "unable to write to dbus-tinybms, pausing: out of disk space\n...\0")
        self.assertIn("out of disk space", self.doctor()["multilog", "ERROR"])

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
        self.assertIn("config.json: line 2: port", text)
        self.assertIn("stays in force", text)

    def test_no_port_chosen(self):
        self.assertIn("install.sh config", self.doctor()["port", "ERROR"])


if __name__ == "__main__":
    Doctor.ctl = sys.argv.pop(4)
    rig.main()
