# SPDX-License-Identifier: MIT
"""What an inverter, or whoever else is on the bus, may say without any harm.

Nothing of it widens a limit, holds a set back, or stops D-Bus and the reading of the BMS.
"""
import struct
import threading

import rig
from can_wire import ERROR, LONG, PORT, REMOTE, Wire

GENEROUS = struct.pack("<HhhH", 0xFFFF, 0x7FFF, 0x7FFF, 0)  # 0x351: 6553.5 V, 3276.7 A
IDS = (0x00F, 0x300, 0x301, 0x305, 0x306, 0x307, 0x310, 0x351, 0x355, 0x35A, 0x35C, 0x35E, 0x311,
       LONG | 0x305, LONG | 0x310, LONG | 0x351, LONG | 0x322, LONG | 0x18EA5021)
SMA_WISHES = (
    (0x305, struct.pack("<Hhhh", 6553, -32768, 32767, 1000)),  # charging with 3276.8 A, 100 %
    (0x306, struct.pack("<HBBHH", 100, 10, 1, 0, 0xFFFF)),  # an external BMS, CVL 6553.5 V
)
BUS_OFF, RESTARTED, CONTROLLER = ERROR | 0x40, ERROR | 0x100, ERROR | 0x04


def noise():
    """Each id with each length, also those that cannot be; requests; contents of all kinds."""
    for number in IDS:
        for data in (bytes(8), b"\xFF" * 8, GENEROUS, b"\x124Vx\x56IC\0"):
            for length in (*range(9), 15, 64, 255):
                yield number, data, length
        yield number | REMOTE, bytes(8), 0
        yield number | REMOTE, GENEROUS, 8
    for number, data in SMA_WISHES:
        yield number, data, 8


class Hostile(Wire):
    def shout(self):
        for frame in noise():
            self.say(*frame)

    def sets(self, count):
        """So many more of them are heard."""
        heard = len(self.limits)
        self.wait_until(lambda: len(self.limits) >= heard + count)

    def expect_usual_limits(self):
        self.assertEqual(set(self.limits), {self.usual})
        self.assertAlmostEqual(self.get("/Info/MaxChargeCurrent"), self.usual[0] / 10, delta=0.1)
        self.assertAlmostEqual(self.get("/Info/MaxDischargeCurrent"), self.usual[1] / 10,
                               delta=0.1)

    def expect_bms_is_read(self, amperes):
        self.sim.tell(f"current {amperes}")
        self.wait_for_value("/Dc/0/Current", lambda got: abs(got - amperes) < 0.5)

    def expect_stop_gets_through(self):
        """A cell runs over: no charge from that frame on, whatever is said."""
        self.sim.tell("set cell 3 3.9")
        self.wait_until(lambda: self.limits[-1][0] == 0)
        first = [ccl for ccl, _ in self.limits].index(0)
        self.sets(2)
        self.assertEqual({ccl for ccl, _ in self.limits[first:]}, {0})

    def speak_against(self, protocol):
        self.start_output(protocol)
        self.shout()
        self.sets(2)
        self.shout()
        self.expect_bms_is_read(3)
        self.expect_usual_limits()
        self.shout()
        self.expect_stop_gets_through()
        self.assertEqual(self.battery.text(f"/Can/{PORT}/State"), "active")

    def test_sma(self):
        self.speak_against("sma")

    def test_luxpower(self):
        self.speak_against("luxpower")

    def test_victron(self):
        self.speak_against("victron")

    def test_rival_is_named_and_not_obeyed(self):
        self.start_output("pylontech")
        self.say(0x35E, b"RIVAL 1 ")
        self.say(0x351, GENEROUS)
        self.log.wait_for(lambda line: "another battery (RIVAL 1) sends there too" in line)
        self.wait_for_value(f"/Can/{PORT}/Error", "another battery sends there too")
        self.sets(2)
        self.expect_usual_limits()

    def test_flood_beyond_a_full_bus(self):
        """As fast as the socket takes them, which is much more than 500 kbit/s are."""
        self.start_output("victron")
        is_over = threading.Event()

        def flood():
            while not is_over.is_set():
                self.say(0x351, GENEROUS)
                self.say(0x305)

        thread = threading.Thread(target=flood)
        thread.start()
        try:
            self.sets(2)
            self.expect_bms_is_read(4)
            self.expect_usual_limits()
            self.wait_for_value(f"/Can/{PORT}/FramesReceived", lambda count: count > 10000)
            self.expect_stop_gets_through()
        finally:
            is_over.set()
            thread.join()
        lines = [line for line in self.log.lines if "another battery" in line]
        self.assertEqual(len(lines), 1)

    def test_packets_that_are_no_frames(self):
        self.start_output("victron")
        for size in (1, 4, 15, 17, 72):
            self.peer.send(bytes(size))
        self.sets(2)
        self.expect_usual_limits()

    def test_error_frames(self):
        """Warnings, passive and back, over and over: a handful of lines, and every set."""
        self.start_output("victron")
        for turn in range(400):
            for bits in (0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0xFF):
                self.say(CONTROLLER, bytes((0, bits if turn % 2 else 0x40, 0, 0, 0, 0, 0, 0)))
            self.say(ERROR | 0x9A, b"\xFF" * 8)  # of the line, not of the controller's state
        self.say(CONTROLLER, bytes((0, 0x40, 0, 0, 0, 0, 0, 0)))
        self.sets(2)
        self.expect_usual_limits()
        self.assertLess(len([line for line in self.log.lines if "error-passive" in line]), 10)

    def test_bus_off_while_a_set_is_half_sent(self):
        self.start_output("victron", spacing_ms=40)
        heard = len(self.order)
        self.wait_until(lambda: 0x355 in self.order[heard:])
        self.say(BUS_OFF)
        self.wait_for_value(f"/Can/{PORT}/State", 6)
        self.assertIn("is bus-off", self.get(f"/Can/{PORT}/Error"))
        self.expect_bms_is_read(2)
        self.wait_until(lambda: None in self.order[heard:])
        opened = heard + self.order[heard:].index(None)
        self.wait_until(lambda: len(self.order) > opened + 1)
        self.assertEqual(self.order[opened + 1], 0x351)  # not what was left of that set
        self.wait_until(lambda: self.battery.text(f"/Can/{PORT}/State") == "active")
        self.sets(1)
        self.expect_usual_limits()

    def test_bus_off_again_and_again(self):
        self.start_output("victron")
        for _ in range(50):
            self.say(BUS_OFF)
            self.say(RESTARTED)
        self.expect_bms_is_read(2)
        self.sets(2)
        self.expect_usual_limits()


if __name__ == "__main__":
    rig.main()
