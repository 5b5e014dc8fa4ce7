# SPDX-License-Identifier: MIT
"""Hours of sun in minutes: simulator, service and bus together, a charger that obeys the bus.

What the service decided on is written down, and given to its own filter: the
limits that were seen on the bus are those of the filter, one after the other.
"--hours N" on the command line is for how long; 60 hours pass in one.
"""
import json
import math
import subprocess
import sys
import time

import rig
from rig import Programs

PATHS = ("/Info/MaxChargeVoltage", "/Info/MaxChargeCurrent", "/Info/MaxDischargeCurrent")
SHORT_HOURS = 2 / 3
HOURS = SHORT_HOURS


def differ(one, other):
    """More than the rounding to three digits."""
    return any(abs(a - b) > 0.0011 for a, b in zip(one, other))


def without_repeats(triples):
    kept = []
    for triple in triples:
        if not kept or differ(triple, kept[-1]):
            kept.append(triple)
    return kept


class Watcher:
    """The limits of one battery, each time that they change."""

    def __init__(self, battery, client, name):
        self.triples = []
        self.modes = set()
        self.is_recording = False
        client.add_signal_receiver(self.on_items, dbus_interface=rig.INTERFACE,
                                   signal_name="ItemsChanged", bus_name=name)
        items = battery.call("/", "GetItems")
        self.values = {path: float(items[path]["Value"]) for path in PATHS}
        self.note_mode(items)

    def on_items(self, changes):
        for path in PATHS:
            if path in changes:
                self.values[path] = float(changes[path]["Value"])
        if self.is_recording and any(path in changes for path in PATHS):
            self.triples.append(tuple(self.values[path] for path in PATHS))
        self.note_mode(changes)

    def note_mode(self, items):
        if "/Info/ChargeMode" in items:
            self.modes.add(str(items["/Info/ChargeMode"]["Value"]).split(" (")[0])

    @property
    def cvl(self):
        return self.values[PATHS[0]]

    @property
    def ccl(self):
        return self.values[PATHS[1]]


class Sun(rig.Rig):
    scale = 60

    def start(self, soc):
        self.trace = self.path("trace.jsonl")
        self.write_config({"absorption_time_max": 600})  # so that a short day sees float
        self.start_settings()
        self.start_sim("--fast", "--soc", str(soc))
        self.start_service("--trace", self.trace)
        self.wait_for_battery()
        self.watcher = Watcher(self.battery, self.client, self.name())
        self.log.turn(1.0)  # what was on its way when the values were asked for is old by now
        self.watcher.is_recording = True

    def shine(self, hours, amperes):
        """A charger that asks every 3 s of virtual time, under a sun of `amperes` at noon."""
        highest = 0.0
        began = time.monotonic()
        share = 0.0
        silences = [0.3, 0.6]
        while share < 1.0:
            share = (time.monotonic() - began) * self.scale / (hours * 3600)
            sun = amperes * math.sin(math.pi * (0.15 + 0.7 * min(share, 1.0)))
            if int(share * 40) % 5 == 4:
                sun *= 0.3  # a cloud
            self.sim.tell(f"supply {self.watcher.cvl:.3f} {min(self.watcher.ccl, sun):.3f}")
            if silences and share >= silences[0]:
                silences.pop(0)
                self.sim.tell("silent 20")
            self.log.turn(3.0 / self.scale)
            highest = max(highest, *self.sim.numbers("get cells"))
            self.assertIsNone(self.program.poll(), self.log.lines)
        return highest

    def filtered(self):
        """What the filter says to the same snapshots, one decision after the other."""
        with open(self.trace, encoding="utf-8") as lines:
            done = subprocess.run([Programs.service, "--limits", "--config", self.config_path],
                                  stdin=lines, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return [(row["cvl"], row["ccl"], row["dcl"]) for row in rows if row["cvl"] is not None]

    def assert_same(self, seen, wanted):
        """`seen` is a part of `wanted`: it began later, and may have ended before."""
        for start in range(len(wanted) - len(seen) + 1):
            if not any(differ(a, b) for a, b in zip(seen, wanted[start:])):
                return
        best = max(range(len(wanted)), key=lambda start: next(
            (i for i, (a, b) in enumerate(zip(seen, wanted[start:])) if differ(a, b)), 0))
        self.fail(f"{len(seen)} limits on the bus are no part of the filter's {len(wanted)}: "
                  f"{seen[:3]} ..., best at {best}")

    def test_the_bus_shows_what_the_filter_says(self):
        is_short = HOURS <= SHORT_HOURS
        self.start(88 if is_short else 60)
        highest = self.shine(HOURS, 40)
        self.watcher.is_recording = False
        soc = self.sim.numbers("get true-soc")[0]
        self.stop_service()

        seen, wanted = without_repeats(self.watcher.triples), without_repeats(self.filtered())
        modes = self.watcher.modes
        print(f"# {len(self.watcher.triples)} signals, {len(seen)} limits, of {len(wanted)}; "
              f"{sorted(modes)}; highest cell {highest:.3f} V, full to {soc:.1f} %",
              file=sys.stderr)
        self.assertGreater(len(seen), 15)
        self.assert_same(seen, wanted)
        self.assertLess(highest, 3.60)
        self.assertTrue({"Bulk", "Transition"} <= modes, modes)
        self.assertGreater(soc, 94.0 if is_short else 98.0)
        if not is_short:
            self.assertTrue(modes & {"Float", "Float approach"}, modes)
        self.assertFalse([line for line in self.log.lines if line.startswith("ERROR")])


if __name__ == "__main__":
    if "--hours" in sys.argv:
        at = sys.argv.index("--hours")
        HOURS = float(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    rig.main()
