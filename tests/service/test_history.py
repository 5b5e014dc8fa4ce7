# SPDX-License-Identifier: MIT
"""History, events and recording of the whole service, over restarts and damage."""
import json
import os
import subprocess
import time

import rig
from rig import SERIAL
from test_manage import ManageRig


class History(ManageRig):
    scale = 60

    def history_path(self):
        return self.path(f"history_{SERIAL.upper()}.json")

    def history(self, suffix=""):
        return json.loads(self.read(self.history_path() + suffix).splitlines()[0])

    def events(self):
        path = self.path("events.jsonl")
        if not os.path.exists(path):
            return []
        return [json.loads(line.split("\t")[0]) for line in self.read(path).splitlines()]

    def totals(self):
        words = self.sim.tell("get totals").split()
        return {key: float(number) for key, number in (word.split("=") for word in words)}

    def restart(self):
        self.stop_service()
        self.start_service()
        self.wait_for_battery()

    def test_energy_over_restarts(self):
        """What the service counts is what went through the terminals, but for the restarts."""
        self.start_all()
        self.sim.tell("current 30")
        self.wait_for_value("/Dc/0/Current", lambda amperes: amperes > 29)
        before = self.totals()
        self.wait_until(lambda: self.totals()["charged_wh"] > before["charged_wh"] + 200)
        self.restart()
        first = self.history()
        self.assertGreater(first["charged_wh"], 150)
        self.assertEqual(first["discharged_wh"], 0)
        self.sim.tell("current -40")
        self.wait_until(lambda: self.totals()["discharged_wh"] > 200)
        self.stop_service()
        second, real = self.history(), self.totals()
        lost_wh = second["gap_s"] * self.scale * 1700 / 3600 + 30
        self.assertLessEqual(second["charged_wh"], real["charged_wh"] * 1.001)
        self.assertGreater(second["charged_wh"], real["charged_wh"] - lost_wh)
        self.assertGreater(second["discharged_wh"], 150)
        self.assertLessEqual(second["discharged_wh"], real["discharged_wh"] * 1.001)
        self.assertGreaterEqual(second["gaps"], 1)
        self.assertEqual(second["serial"], SERIAL.upper())
        self.assertEqual(self.history(".previous")["charged_wh"], first["charged_wh"])

    def test_on_the_bus_and_cleared(self):
        self.start_all()
        self.sim.tell("current -40")
        self.wait_for_value("/History/DischargedEnergy", lambda energy: energy > 0.05, 60)
        self.assertLess(self.get("/History/DeepestDischarge"), -40)
        self.assertLess(self.get("/History/TotalAhDrawn"), -0.5)
        self.assertAlmostEqual(self.get("/History/MinimumVoltageTime"), time.time(), delta=60)
        self.sim.tell("current 0")
        self.wait_for_value("/Dc/0/Current", lambda amperes: amperes > -1)
        self.assertEqual(self.battery.set("/History/Clear", 1), 0)
        self.wait_for_value("/History/DischargedEnergy", lambda energy: energy < 0.05)
        self.assertEqual(self.history()["discharged_wh"], 0)
        self.assertEqual(self.get("/History/Clear"), 0)

    def test_damaged(self):
        self.start_all()
        self.restart()  # now there is a previous one
        self.stop_service()
        with open(self.history_path(), "r+", encoding="utf-8") as file:
            file.truncate(100)
        with open(self.path("events.jsonl"), "a", encoding="utf-8") as file:
            file.write("no journal\n")
        self.start_service()
        self.log.wait_for(lambda line: "The journal" in line and "events.jsonl.damaged" in line)
        self.log.wait_for(lambda line: "is damaged" in line and "The previous one is used" in line)
        self.assertTrue(os.path.exists(self.history_path() + ".damaged"))

    def test_events_once(self):
        """Over restarts of service and BMS each event is there once, with its date."""
        self.start_all()
        self.wait_until(self.events)
        self.sim.tell("fault over-voltage")
        self.wait_until(lambda: any(e["id"] == 3 for e in self.events()))
        self.restart()
        self.sim.tell("clear fault")
        self.wait_until(lambda: any(e["id"] == 0x79 for e in self.events()))
        self.sim.tell("reset")
        self.wait_until(lambda: self.events()[-1]["id"] == 0x61)
        self.restart()
        self.wait_for_value("/Diagnostics/Bms/Successes", lambda count: count > 10)
        seen = [(e["id"], e["life"]) for e in self.events()]
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual([e["n"] for e in self.events()], list(range(1, len(seen) + 1)))
        fault = next(e for e in self.events() if e["id"] == 3)
        self.assertNotIn("guess", fault)
        self.assertAlmostEqual(fault["t"], time.time(), delta=600)
        self.assertTrue(self.events()[0].get("guess"))
        manager = self.wait_for_manager()
        told = manager.ask("Events", "d", fault["n"] - 1.0)
        self.assertFalse(told["more"])
        self.assertEqual([e["n"] for e in told["events"]],
                         list(range(fault["n"], len(seen) + 1)))
        self.assertEqual(told["events"][0]["level"], "fault")
        self.assertEqual(told["events"][0]["text"], "over-voltage cut-off")
        self.assertIn("Stop charging", told["events"][0]["remedy"])
        self.assertEqual(manager.ask("History")["serial"], SERIAL.upper())

    def test_the_recording_replays(self):
        self.start_all()
        self.sim.tell("current 10")
        began = time.monotonic()
        self.wait_until(lambda: time.monotonic() - began > 3)
        manager = self.wait_for_manager()
        now = time.time()
        table = manager.ask("Records", "ddd", now - 3600, now + 3600, 0.0)
        self.assertFalse(table["more"])
        self.assertGreater(len(table["rows"]), 10)
        replayed = subprocess.run([rig.Programs.service, "--limits", "--csv"], text=True,
                                  input="\n".join([table["columns"], *table["rows"]]),
                                  capture_output=True, check=True)
        last = json.loads(replayed.stdout.splitlines()[-1])
        self.assertEqual(last["state"], "Bulk")
        self.assertGreater(last["cvl"], 50)
        self.stop_service()
        size = sum(os.path.getsize(self.path(name)) for name in os.listdir(self.folder.name)
                   if name.startswith("record_"))
        self.assertLess(size, 4e6)
        self.assertGreater(size, 10 * 200)


if __name__ == "__main__":
    rig.main()
