# SPDX-License-Identifier: MIT
"""The power fails in the middle of each kind of write: nothing that was kept is lost.

The library tests/power_cut.c kills the service before a given operation on its files, or
half-way through it, and takes what was not synced. Arguments behind the programs:
LIBRARY COUNT, the cuts of each kind.
"""
import json
import os
import re
import signal
import sys
import time

import dbus

import rig
from rig import SERIAL
from test_manage import ManageRig

COUNT = int(sys.argv.pop(5))
LIBRARY = os.path.abspath(sys.argv.pop(4))
# A file is replaced by five operations: open, write, the half of it, sync, rename.
MOMENTS = [(3, "kept"), (3, "lost"), (4, "lost"), (5, "lost")] if COUNT == 4 else [
    (1 + number // 2, ("kept", "lost")[number % 2]) for number in range(COUNT)]
SAVE_OPERATIONS = 7  # of the history: unlink and link of the previous one, and those five
CURRENT_LIMIT = "/Settings/Charge/max_charge_current"
FULL = "/Settings/Charge/FullChargeNow"


class CutRig(ManageRig):
    scale = 60

    def setUp(self):
        super().setUp()
        self.plan = self.path("cut")
        self.start_settings()
        self.start_sim()
        self.start()

    def start(self):
        preloaded = {"LD_PRELOAD": LIBRARY, "TINYBMS_TEST_CUT": self.plan,
                     "ASAN_OPTIONS": "verify_asan_link_order=0"}
        before = {key: os.environ.get(key) for key in preloaded}
        os.environ.update(preloaded)
        try:
            self.start_service()
        finally:
            for key, value in before.items():
                if value is None:
                    del os.environ[key]
                else:
                    os.environ[key] = value
        self.wait_for_battery()
        self.wait_for_manager()
        self.wait_for_value("/Settings/Bms/series_cells", 16)

    def arm(self, word, moment):
        with open(self.plan + ".new", "w", encoding="utf-8") as file:
            file.write(f"{word} {moment[0]} {moment[1]}\n")
        os.rename(self.plan + ".new", self.plan)

    def ask(self, call, *arguments):
        """Its answer; None where the service died of the question."""
        try:
            return call(*arguments)
        except dbus.DBusException:
            return None

    def die(self, word, moment, write):
        """Writes until the power fails at that moment, then starts again and looks for damage."""
        self.arm(word, moment)
        end = time.monotonic() + 60
        while self.program.poll() is None:
            self.assertLess(time.monotonic(), end, "the power did not fail")
            self.ask(write)
            self.log.turn(0.05)
        self.assertEqual(self.program.returncode, -signal.SIGKILL)
        self.start()
        self.log.turn(0.2)
        self.assertNotIn("damaged", "\n".join(self.log.lines))
        self.assertEqual([name for name in os.listdir(self.folder.name) if "damaged" in name], [])


class PowerCuts(CutRig):
    def test_configuration(self):
        wanted = [10.0]

        def write():
            wanted.append(wanted[-1] + 0.5)
            self.battery.set(CURRENT_LIMIT, wanted[-1])
        self.battery.set(CURRENT_LIMIT, wanted[0])
        for moment in MOMENTS:
            self.die("config.json", moment, write)
            self.assertIn(self.get(CURRENT_LIMIT), wanted[-2:])
            wanted.append(float(self.get(CURRENT_LIMIT)))
            self.assertEqual(json.loads(self.read(self.config_path))["max_charge_current"],
                             wanted[-1])

    def test_journal_of_changes(self):
        steps = [0.02]

        def write():
            steps.append(0.05 - steps[-1])
            self.battery.set("/Settings/Bms/allowed_disbalance", round(steps[-1], 3))
        write()
        for moment in MOMENTS:
            before = self.manager.ask("Journal")["journal"]
            self.die("bms-changes", moment, write)
            write()
            after = self.manager.ask("Journal")["journal"]
            self.assertEqual(after[:len(before)], before)
            self.assertGreater(len(after), len(before))
            with open(self.path("bms-changes.jsonl"), encoding="utf-8") as file:
                self.assertEqual([json.loads(line) for line in file], after)

    def events(self):
        answer = self.manager.ask("Events", "d", 0.0)
        self.assertFalse(answer["more"])
        return answer["events"]

    def test_journal_of_events(self):
        self.wait_until(self.events)
        for moment in MOMENTS:
            before = self.events()
            self.die("events.jsonl", moment, lambda: self.sim.tell("event 0x62"))
            told = {(int(id, 16), int(life)) for id, life in re.findall(
                r"(0x\w+)@(\d+)", self.sim.tell("get events"))}
            self.assertIn(0x62, {event[0] for event in told})
            self.wait_until(lambda told=told: told <= {(event["id"], event["life"])
                                                       for event in self.events()})
            after = self.events()
            self.assertEqual(after[:len(before)], before)
            self.assertEqual([event["n"] for event in after], list(range(1, len(after) + 1)))
            self.assertEqual(len({(event["id"], event["life"]) for event in after}), len(after))

    def rows(self):
        """Without their time, which is that of a clock which a restart sets back from its scale."""
        now = time.time()
        answer = self.manager.ask("Records", "ddd", now - 80000, now + 80000, 0.0)
        self.assertFalse(answer["more"])
        return [row.split(",", 1)[1] for row in answer["rows"]]

    def test_recording(self):
        amperes = [0]

        def write():
            amperes.append((amperes[-1] + 7) % 30)
            self.sim.tell(f"current {-amperes[-1]}")
            self.log.turn(0.2)
            self.rows()
        self.die("_10s.ring", MOMENTS[0], write)  # of a file that is not there yet
        self.wait_until(lambda: len(self.rows()) > 2)
        for moment in MOMENTS:
            before = self.rows()
            self.die("_10s.ring", moment, write)
            self.assertEqual(self.rows()[:len(before)], before)

    def test_record_of_the_charge(self):
        wanted = [0]

        def write():
            wanted.append(1 - wanted[-1])
            self.battery.set(FULL, wanted[-1])
            self.log.turn(0.1)
        for moment in MOMENTS:
            self.die("charge_", moment, write)
            self.log.wait_for(lambda line: "Charging goes on in" in line)
            record = json.loads(self.read(self.path(f"charge_{SERIAL.upper()}.json")).split("\n")[0])
            self.assertEqual(record["serial"], SERIAL.upper())
            wanted.append(int(self.get(FULL)))

    def test_state(self):
        asleep = [0.0]

        def write():
            asleep.append(1.0 - asleep[-1])
            self.manager.ask("Sleep", "d", asleep[-1])
            self.log.turn(0.1)
        for moment in MOMENTS:
            self.die("state", moment, write)
            self.wait_for_state("publishing")
            self.assertRegex(self.read(self.state_path), r"^\d+ publishing com\.victronenergy.*\n$")

    def history(self):
        return self.manager.ask("History")["history"]

    def test_history_at_the_end(self):
        self.sim.tell("current -40")
        self.wait_until(lambda: self.history()["discharged_ah"] > 0.1)
        for number, fate in MOMENTS:
            moment = (1 + (number - 1) % SAVE_OPERATIONS, fate)
            before = self.history()
            self.stop_service()
            self.start()
            kept = self.history()
            self.assertGreaterEqual(kept["discharged_ah"], before["discharged_ah"])
            self.die("history_", moment, self.program.terminate)
            after = self.history()
            self.assertEqual(after["since"], before["since"])
            self.assertGreaterEqual(after["discharged_ah"], kept["discharged_ah"])

    def test_history_of_the_last_quarter_of_an_hour(self):
        """However the power fails, what was counted 15 minutes before is there."""
        self.sim.tell("current -40")
        quarter_s = 15 * 60 / self.scale
        for number in range(max(COUNT // 4, 1)):
            seen = []
            end = time.monotonic() + quarter_s * (1.2 + 0.17 * number)
            while time.monotonic() < end:
                seen.append((time.monotonic(), self.history()["discharged_ah"]))
                self.log.turn(0.1)
            self.program.kill()
            self.program.wait()
            dead = time.monotonic()
            self.start()
            kept = self.history()["discharged_ah"]
            old = [amount for when, amount in seen if when <= dead - quarter_s - 1]
            self.assertGreater(len(old), 5)
            self.assertGreaterEqual(kept, old[-1])


class FullDisk(CutRig):
    """Writes that end half-way with ENOSPC: said, tried again, and nothing is lost."""

    def wait_for_line(self, *parts):
        self.wait_until(lambda: any(all(part in line for part in parts)
                                    for line in self.log.lines), 60)

    def fill_disk(self, word):
        self.arm(word, (0, "full"))

    def free_disk(self):
        self.arm("-", (0, "kept"))

    def test_each_file(self):
        self.sim.tell("current -40")
        self.assertEqual(self.battery.set("/Settings/Bms/allowed_disbalance", 0.02), 0)
        self.assertEqual(self.battery.set(CURRENT_LIMIT, 20.0), 0)
        self.wait_until(lambda: self.manager.ask("Events", "d", 0.0)["events"])
        files = ("config.json", "bms-changes.jsonl", "events.jsonl")
        self.fill_disk(".")
        before = {name: self.read(self.path(name)) for name in files}
        self.assertEqual(self.battery.set(CURRENT_LIMIT, 21.0), 2)
        self.assertIn("No space left", self.get("/Settings/Charge/LastError"))
        self.assertEqual(self.get(CURRENT_LIMIT), 20.0)
        self.assertEqual(self.battery.set("/Settings/Bms/allowed_disbalance", 0.03), 0)
        self.wait_for_line("bms-changes", "No space left")
        self.sim.tell("event 0x62")
        self.wait_for_line("Events could not be journalled", "No space left")
        self.wait_for_line("Snapshots could not be recorded", "No space left")
        self.wait_for_line("The history could not be kept", "No space left")
        self.assertEqual({name: self.read(self.path(name)) for name in files}, before)
        self.assertEqual([name for name in os.listdir(self.folder.name) if name.endswith(".new")],
                         [])
        self.assertEqual(self.get("/Connected"), 1)

        self.free_disk()
        self.assertEqual(self.battery.set(CURRENT_LIMIT, 21.0), 0)
        self.wait_for_line("Events are journalled again")
        self.wait_for_line("Snapshots are recorded again")
        told = self.manager.ask("Events", "d", 0.0)["events"]
        self.assertEqual(sum(event["id"] == 0x62 for event in told), 1)
        spent = self.manager.ask("History")["history"]["discharged_ah"]
        self.stop_service()
        self.start()
        self.assertGreaterEqual(self.manager.ask("History")["history"]["discharged_ah"], spent)


if __name__ == "__main__":
    rig.main()
