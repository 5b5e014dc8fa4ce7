# SPDX-License-Identifier: MIT
"""tinybmsctl against the running service: what an owner types, on a terminal and in a pipe."""
import json
import os
import pty
import re
import subprocess
import sys
import time

import dbus

import rig
from test_manage import ManageRig

ctl_program = sys.argv.pop(4)


class Ctl(ManageRig):
    def run_ctl(self, *words, width=80):
        env = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": self.bus.address, "COLUMNS": str(width),
               "TZ": "UTC", "G_DEBUG": "fatal-criticals"}
        return subprocess.run([ctl_program, *words], env=env, text=True, capture_output=True,
                              timeout=30)

    def ctl(self, *words, **options):
        done = self.run_ctl(*words, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def start(self):
        self.start_all()
        self.wait_for_manager()
        self.sim.tell("current -20")
        self.wait_for_value("/Dc/0/Current", lambda amperes: amperes < -19)

    def check_lines(self, text, width):
        for line in text.splitlines():
            self.assertLessEqual(len(line), width, line)
        self.assertNotIn("\033", text)

    def fails(self, why, *words, status=1):
        done = self.run_ctl(*words)
        self.assertEqual(done.returncode, status, done.stdout)
        self.assertIn(why, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_straight_to_a_port(self):
        """What the service says is said without it too; while it is on the port it is named."""
        self.start()
        port = ("--port", self.sim.link)
        self.sim.tell("current 0")
        asked = json.loads(self.ctl("settings", "list", "--json"))
        for words in (("status",), ("settings", "list"), ("events",)):
            self.fails(f"the service {self.manager_name()} is on", *words, *port)
        self.stop_service()
        self.program = None
        told = json.loads(self.ctl("settings", "list", "--json", *port))
        self.assertEqual(told["settings"], asked["settings"])
        self.assertEqual(told["serial"], rig.SERIAL.upper())
        status = json.loads(self.ctl("status", "--json", *port))
        self.assertEqual((status["serial"], status["port"], status["service"]),
                         (rig.SERIAL.upper(), self.sim.link, None))
        self.assertNotIn("limits", status)
        probed = json.loads(self.ctl("probe", self.sim.link, "--json"))
        self.assertEqual((probed["serial"], len(probed["battery"]["cells"])),
                         (rig.SERIAL.upper(), 16))
        self.assertAlmostEqual(status["battery"]["soc"], 60, delta=1)
        self.check_lines(self.ctl("status", *port, width=40), 40)
        self.sim.tell("event 0x02")
        events = self.ctl("events", *port, width="").splitlines()
        self.assertRegex(events[-1], r"^20[0-9: -]+\?  fault .*nder-voltage")
        self.ctl("settings", "backup", self.path("backup.json"), *port)
        self.assertEqual(self.ctl("settings", "diff", self.path("backup.json"), *port), "")
        requests = self.sim.tell("get requests 16"), self.sim.tell("get requests 13")
        self.fails("needs the service", "settings", "set", "allowed_disbalance=0.02", *port)
        self.assertEqual(requests, (self.sim.tell("get requests 16"),
                                    self.sim.tell("get requests 13")))
        self.fails("need the service", "events", "--follow", *port, status=2)
        self.fails("Unknown option", "history", *port, status=2)
        self.fails("no such device", "status", "--port", self.path("nowhere"))

    def test_a_battery_by_its_name(self):
        self.start()
        self.assertEqual(self.battery.set("/CustomName", "Shed"), 0)
        self.wait_for_value("/CustomName", "Shed")
        self.assertIn(rig.SERIAL.upper(), self.ctl("status", "--json", "--battery", "Shed"))
        self.fails('no battery is "Boat"', "status", "--battery", "Boat")

    def test_status_fits_any_width(self):
        self.start()
        for width in (80, 40):
            text = self.ctl("status", width=width)
            self.check_lines(text, width)
            for part in ("SOC 60.0 %", "-20.0 A", "discharging", "CVL ", "Alarms:  none",
                         "C1 ", "C16", "apart", "####"):
                self.assertIn(part, text)
        wide, narrow = (self.ctl("status", width=w).splitlines()[-1] for w in (80, 40))
        self.assertGreater(wide.count("#"), narrow.count("#") + 10)
        status = json.loads(self.ctl("status", "--json"))
        self.assertEqual(status["port"], self.sim.link)

    def test_all_that_is_printed_fits(self):
        """Narrow and wide; in a pipe, where nobody says how wide, a line is a line."""
        self.start()
        self.sim.tell("fault over-voltage")
        self.wait_until(lambda: "Stop charging" in self.ctl("events", width=""))
        parts = {("events",): "over-voltage cut-off", ("history",): "Lowest voltage",
                 ("log",): "SOC %", ("diagnostics",): "Latency, longest",
                 ("settings", "list"): "over_voltage_cutoff"}
        for words, part in parts.items():
            for width in (80, 40):
                text = self.ctl(*words, width=width)
                self.assertIn(part, text)
                self.check_lines(text, width)
        for words in (("events",), ("settings", "list")):  # text: nothing is lost
            narrow = self.ctl(*words, width=20)
            self.check_lines(narrow, 20)
            self.assertEqual("".join(narrow.split()),
                             "".join(self.ctl(*words, width="").split()))
        lines = self.ctl("events", width="").splitlines()
        self.assertEqual(len(lines), len(self.ctl("events", "--json").splitlines()))
        for width in (80, 40):
            self.check_lines(self.run_ctl("doctor", width=width).stdout, width)
        # the same words; what is free on the disk, and what was counted, changes in between
        narrow, wide = (re.sub(r"\d+", "N", self.run_ctl("doctor", width=w).stdout).split()
                        for w in (40, ""))
        self.assertEqual(narrow, wide)

    def test_diagnostics(self):
        self.start()
        text = self.ctl("diagnostics")
        for part in ("Line to the BMS", "Answered", "D-Bus", "Signals", "Counted by the BMS",
                     "Highest temperature"):
            self.assertIn(part, text)
        self.assertGreater(json.loads(self.ctl("diagnostics", "--json"))["bms"]["successes"], 3)
        self.fails('no battery is "shed"', "diagnostics", "--battery", "shed")

    def test_a_terminal_has_colours_and_is_redrawn(self):
        self.start()
        master, slave = pty.openpty()
        process = subprocess.Popen([ctl_program, "watch", "-n", "2", "--bus", self.bus.address],
                                   stdout=slave, stderr=subprocess.STDOUT, stdin=slave)
        os.close(slave)
        text = b""
        try:
            while part := os.read(master, 65536):
                text += part
        except OSError:  # the other side is closed
            pass
        os.close(master)
        self.assertEqual(process.wait(10), 0)
        self.assertEqual(text.count(b"\033[H\033[J"), 2)
        self.assertIn(b"\033[33mC", text)
        piped = self.ctl("watch", "-n", "1")
        self.check_lines(piped, 80)
        self.assertIn("C16", piped)

    def test_alarms_are_shown(self):
        self.start()
        self.sim.tell("fault over-voltage")
        self.wait_for_value("/Alarms/HighCellVoltage", 2)
        self.assertIn("HighCellVoltage", self.ctl("status"))
        self.wait_until(lambda: "fault" in self.ctl("events"))
        self.assertIn("over-voltage cut-off. Stop charging", self.ctl("events"))
        lines = [json.loads(line) for line in self.ctl("events", "--json").splitlines()]
        self.assertEqual(lines[-1]["id"], 3)
        self.assertNotIn("?", self.ctl("events", "--since", str(lines[-2]["n"])))

    def test_events_are_followed(self):
        self.start()
        self.wait_until(lambda: self.ctl("events"))
        process = subprocess.Popen([ctl_program, "events", "--follow", "--bus", self.bus.address],
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertIn("system started", process.stdout.readline())
        self.sim.tell("fault under-voltage")
        while "under-voltage cut-off" not in process.stdout.readline():
            pass

    def test_history_and_log(self):
        self.start()
        began = time.monotonic()
        self.wait_until(lambda: time.monotonic() - began > 11)
        history = self.ctl("history")
        self.assertRegex(history, r"Energy discharged +0\.\d\d kWh")
        self.assertRegex(history, r"Lowest voltage +5\d\.\d\d V  \(20\d\d-")
        self.assertGreater(json.loads(self.ctl("history", "--json"))["history"]["discharged_wh"], 1)
        table = self.ctl("log")
        self.assertGreaterEqual(len(table.splitlines()), 3)
        self.assertIn("-20.0", table)
        replayed = subprocess.run([rig.Programs.service, "--limits", "--csv"], text=True,
                                  input=self.ctl("log", "--csv"), capture_output=True, check=True)
        self.assertEqual(json.loads(replayed.stdout.splitlines()[-1])["state"], "Bulk")
        self.assertEqual(len(json.loads(self.ctl("log", "--json"))["rows"]) + 1,
                         len(self.ctl("log", "--csv").splitlines()))

    def test_which_battery(self):
        self.start()
        for name in ("288", self.sim.link, rig.SERIAL, self.name(),
                     self.manager_name().rsplit(".", 1)[1]):
            self.assertIn("SOC", self.ctl("status", "--battery", name))
        done = self.run_ctl("status", "--battery", "shed")
        self.assertEqual(done.returncode, 1)
        self.assertIn('no battery is "shed"', done.stderr)

    def kept_settings(self):
        return {path for path in json.loads(self.read(self.path("settings.json")))
                if path.startswith("/Settings/Devices/")}

    def test_forget(self):
        """What the device remembers of our batteries goes, and nothing else."""
        alien = "/Settings/Devices/tinybird_1/ClassAndVrmInstance"
        self.start_settings()
        dbus.Interface(self.client.get_object(rig.SETTINGS, "/"),
                       "com.victronenergy.Settings").AddSettings(
            dbus.Array([{"path": alien, "default": "battery:1"}], signature="a{sv}"))
        self.start_sim()
        self.start_service()
        self.wait_for_battery()
        self.stop_service()
        ours = self.kept_settings() - {alien}
        self.assertIn(rig.DEVICE + "/ClassAndVrmInstance", ours)
        count = len(ours)
        self.assertEqual(self.ctl("forget"),
                         f"{count} of {count} settings of our batteries removed.\n")
        self.assertEqual(self.kept_settings(), {alien})
        self.assertEqual(self.ctl("forget"), "0 of 0 settings of our batteries removed.\n")
        self.assertEqual(json.loads(self.ctl("forget", "--json")), {"removed": 0, "of": 0})

    def test_forget_without_settings(self):
        done = self.run_ctl("forget")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("the settings service does not run", done.stderr)
        self.assertEqual(self.run_ctl("forget", "all").returncode, 2)
        self.assertIn("tinybmsctl forget", self.ctl("forget", "--help"))
        self.bus.close()
        done = self.run_ctl("forget")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no bus", done.stderr)

    def test_errors(self):
        for command in ("status", "watch", "events", "history", "log", "diagnostics"):
            done = self.run_ctl(command)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("the service does not run", done.stderr)
            self.assertEqual(self.run_ctl(command, "--fly").returncode, 2)
            self.assertEqual(self.run_ctl(command, "word").returncode, 2)
        self.assertEqual(self.run_ctl("log", "--hours", "-1").returncode, 2)

    def test_before_the_bms_answers(self):
        self.start_settings()
        self.start_sim()
        self.sim.tell("silent 1000")
        self.start_service()
        self.wait_for_manager()
        self.check_lines(self.ctl("status", width=40), 40)
        self.assertEqual(self.ctl("events"), "")
        for command in ("history", "log"):
            self.assertIn("the BMS has not answered", self.run_ctl(command).stderr)


if __name__ == "__main__":
    rig.main()
