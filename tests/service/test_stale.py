# SPDX-License-Identifier: MIT
"""A BMS that falls silent: what consumers see of it, step by step, and how it returns."""
import time

import rig

CELLS = 16
FLOAT_V = 3.35  # of the LFP default
CURRENTS = ("/Info/MaxChargeCurrent", "/Info/MaxDischargeCurrent")


class Silent(rig.Rig):
    def setUp(self):
        super().setUp()
        self.start_all()
        self.wait_for_value("/Info/MaxChargeCurrent", lambda amperes: amperes > 20)
        self.battery.drain()
        self.full = {path: self.get(path) for path in CURRENTS}

    def fall_silent(self, seconds):
        """Tells what was announced since, as (seconds of the service's clock, path, value)."""
        self.told = []
        began = time.monotonic()

        def note(member, path, changes):
            age_s = (time.monotonic() - began) * self.scale
            self.told += [(age_s, path, item["Value"]) for path, item in changes.items()]
        self.client.add_signal_receiver(
            lambda changes, member, path: note(member, path, changes),
            dbus_interface=rig.INTERFACE, bus_name=self.name(), path_keyword="path",
            member_keyword="member")
        self.sim.tell(f"silent {seconds}")

    def values(self, wanted):
        return [value for _, path, value in self.told if path == wanted]

    def first(self, wanted, value):
        """When the path first had the value."""
        return next(age_s for age_s, path, told in self.told if path == wanted and told == value)


class Silence(Silent):
    scale = 10

    def test_long(self):
        self.fall_silent(90)
        self.wait_until(lambda: not self.client.name_has_owner(self.name()), 60)

        offline_s = self.first("/Alarms/BmsCable", 1)
        self.assertGreaterEqual(offline_s, 8.0)  # the last answer may be a little older
        for path in CURRENTS:
            values = self.values(path)
            self.assertEqual(values, sorted(values, reverse=True), path)
            self.assertEqual(values[-1], 0.0)
            fading = [v for age_s, p, v in self.told if p == path and age_s < offline_s]
            self.assertTrue(fading, "no fading")
            self.assertTrue(all(0.2 * self.full[path] - 0.01 <= v < self.full[path]
                                for v in fading), fading)
            self.assertEqual(self.first(path, 0.0), offline_s)  # in the same signal
        self.assertAlmostEqual(self.values("/Info/MaxChargeVoltage")[-1], CELLS * FLOAT_V, 2)
        self.assertIn("Offline", self.values("/Info/ChargeMode")[-1])
        self.assertEqual(self.values("/Io/AllowToCharge")[-1], 0)
        self.assertEqual(self.values("/Alarms/BmsCable"), [1, 2])
        self.assertGreaterEqual(self.first("/Alarms/BmsCable", 2), 55.0)
        self.assertLess(self.first("/Alarms/BmsCable", 1), self.first("/Alarms/BmsCable", 2))

        self.log.wait_for(lambda line: "has left the bus" in line)
        self.wait_for_battery(60)
        items = {path: item["Value"] for path, item in self.items().items()}
        self.assertEqual(items["/Alarms/BmsCable"], 0)
        self.assertGreater(items["/Info/MaxChargeVoltage"], CELLS * 3.0)
        self.assertLessEqual(items["/Info/MaxChargeCurrent"], self.full[CURRENTS[0]])
        self.wait_for_value(CURRENTS[0], self.full[CURRENTS[0]], 60)

    def test_one_that_never_answered_is_not_shown(self):
        self.stop_service()
        self.sim.tell("silent 10000")
        self.start_service()
        self.log.turn(3.0)
        self.assertFalse(self.client.name_has_owner(self.name()))
        self.assertLessEqual(len(self.log.lines), 6, self.log.lines)

    def test_long_silence_is_a_handful_of_lines(self):
        self.log.turn(0.1)
        self.log.lines.clear()
        self.sim.tell("silent 100000")
        self.log.turn(20.0)  # 200 s
        self.assertLessEqual(len(self.log.lines), 4, self.log.lines)


class Pause(Silent):
    scale = 4  # slow enough for a busy computer not to add five seconds

    def test_short(self):
        """Up to ten seconds the battery fades; it is there again at once."""
        self.fall_silent(5)
        self.wait_until(lambda: self.values(CURRENTS[0]))
        self.wait_until(lambda: self.get(CURRENTS[0]) == self.full[CURRENTS[0]], 30)
        for path in CURRENTS:
            fading = self.values(path)
            self.assertLess(min(fading), self.full[path])
            self.assertGreaterEqual(min(fading), 0.2 * self.full[path] - 0.01)
        self.assertEqual(self.values("/Alarms/BmsCable"), [])
        self.assertTrue(self.client.name_has_owner(self.name()))


class Plug(Silent):
    """In real time: a port is looked for again each second of the world's, not of a test's."""

    scale = 1

    def test_unplugged(self):
        """Gone and back within seconds, as when a plug is pulled and replaced."""
        self.fall_silent(0.1)
        self.sim.tell("unplug 4")
        self.log.wait_for(lambda line: line.startswith(("ERROR", "WARNING")), 30)
        self.log.wait_for("The serial port is there.", 30)
        self.wait_until(lambda: self.again("get", CURRENTS[0]) == self.full[CURRENTS[0]], 30)
        self.assertNotIn(0.0, self.values(CURRENTS[1]))


if __name__ == "__main__":
    rig.main()
