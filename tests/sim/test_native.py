# SPDX-License-Identifier: MIT
"""Native frames on the pty, framed and taken apart by a CRC and a parser of our own."""
import struct
import sys
import unittest

from simulator import Simulator, crc, frame, hexes


def u16(*values):
    return b"".join(struct.pack("<H", value) for value in values)


class Native(unittest.TestCase):
    def setUp(self):
        self.sim = Simulator(PROGRAM, "--registers", CAPTURE)
        self.addCleanup(lambda: self.assertEqual(self.sim.close(), (0, [])))

    def ask(self, request, payload_bytes):
        """An answer of one frame: its payload behind 0xAA and command."""
        answer = self.sim.ask(request, payload_bytes + 4)
        self.assertEqual(len(answer), payload_bytes + 4, answer.hex(" "))
        self.assertEqual(crc(answer[:-2]), answer[-2:])
        self.assertEqual(answer[:2], request[:2])
        return answer[2:-2]

    def packets(self, request):
        """The joined payload of an answer in packets, and their sizes."""
        port = self.sim.port or self.sim.open()
        port.timeout = 1
        port.write(request)
        joined, sizes = b"", []
        while True:
            head = port.read(3)
            self.assertEqual(head[:2], request[:2])
            more = head[2] & 0x80
            size = 63 if more else head[2]
            self.assertLessEqual(size, 63)
            if more:
                self.assertEqual(head[2] & 0x3F, len(sizes) + 1)
            rest = port.read(size + 2)
            self.assertEqual(crc(head + rest[:-2]), rest[-2:])
            joined += rest[:-2]
            sizes.append(size)
            if not more:
                return joined, sizes

    def test_frames_of_clients(self):
        for text, count in (("AA 09 04 22 00 23 00 F3 1B", 8), ("AA 09 04 24 00 25 00 F0 33", 8),
                            ("AA 09 04 26 00 27 00 F0 EB", 8), ("AA 09 02 29 00 81 D4", 4),
                            ("AA 09 04 2E 00 2F 00 F5 4B", 8), ("AA 09 02 30 00 8A 44", 4),
                            ("AA 09 02 32 00 8B 24", 4), ("AA 07 01 2C 01 B1 AC", 2),
                            ("AA 09 1A 24 00 25 00 26 00 27 00 28 00 29 00 2E 00 2F 00 30 00 32 00 "
                             "33 00 34 00 04 01 A8 3F", 52)):
            payload = self.ask(hexes(text), 1 + count)
            self.assertEqual(payload[0], count)
            asked = hexes(text)[3:-2]
            if hexes(text)[1] == 9:
                self.assertEqual([payload[1 + i:3 + i] for i in range(0, count, 4)],
                                 [asked[i:i + 2] for i in range(0, len(asked), 2)])

    def test_frames_with_a_wrong_checksum_in_the_wild(self):
        for text, command in (("AA 14 7E AF", 0x14), ("AA 15 BF 6F", 0x15),
                              ("AA 09 02 28 00 60 45", 0x09)):
            self.assertEqual(self.sim.ask(hexes(text), 6), frame(0, command, 1))

    def test_packets(self):
        data, sizes = self.packets(frame(7, 45, 0, 0))
        self.assertEqual(sizes, [63, 27])
        self.assertEqual(data[4:32], u16(39800, 39810, 39820, 39830, 39830, 39840, 39890, 39900,
                                         39830, 39830, 39830, 39840, 39880, 39880))
        data, sizes = self.packets(frame(7, 255, 0, 0))
        self.assertEqual(sizes, [63] * 8 + [6])
        data, sizes = self.packets(frame(9, 60, u16(*range(300, 330))))
        self.assertEqual(sizes, [63, 57])
        self.assertEqual(data[:8], u16(300, 4150, 301, 3000))
        # 39 registers in one long request, as a client sends it
        data, sizes = self.packets(frame(9, 78, u16(*range(0, 39))))
        self.assertEqual(data[8:12], u16(2, 39800))
        # and 64 in packets
        request = u16(*range(0, 64))
        data, _ = self.packets(frame(9, 0x81, request[:63]) + frame(9, 0x82, request[63:126]) +
                               frame(9, 2, request[126:]))
        self.assertEqual(len(data), 64 * 4)
        self.assertEqual(data[-4:], u16(63, 0))

    def test_settings_in_one_answer(self):
        for option, first in ((1, 1200), (2, 4500), (4, 4150)):
            payload = self.ask(frame(0x1D, option, 0, 44), 1 + 88)
            self.assertEqual(payload[0], 88)
            self.assertEqual(payload[1:3], u16(first))
        payload = self.ask(frame(0x1D, 3, 0, 100), 1 + 200)
        self.assertEqual(payload[0], 0xC8)
        low, = struct.unpack("<h", self.ask(frame(0x1D, 1, 0, 44), 89)[1 + 40:1 + 42])
        self.assertEqual(low, -40)

    def test_write_and_read_back(self):
        acknowledged = frame(1, 0x0D)
        self.assertEqual(self.sim.ask(frame(0x0D, 8, u16(315, 4190, 306, 7000)), 5), acknowledged)
        self.assertEqual(self.ask(frame(9, 4, u16(315, 306)), 9)[1:], u16(315, 4190, 306, 7000))
        self.assertEqual(self.sim.ask(frame(0x0B, 6, u16(300, 4100, 3100)), 5), frame(1, 0x0B))
        self.assertEqual(self.ask(frame(7, 2, u16(300)), 5)[1:], u16(4100, 3100))
        before = self.ask(frame(0x1D, 4, 0, 100), 201)
        for bad in (frame(0x0B, 4, u16(299, 1)), frame(0x0B, 4, u16(300, 4501)),
                    frame(0x0B, 2, u16(300)), frame(0x0B, 3, u16(300), 1),
                    frame(0x0D, 8, u16(300, 4100, 301, 1)), frame(0x0D, 6, u16(300, 4100, 301))):
            self.assertEqual(self.sim.ask(bad, 6), frame(0, bad[1], 0))
        self.assertEqual(self.ask(frame(0x1D, 4, 0, 100), 201), before)

    def test_events_carry_the_time_of_the_bms(self):
        payload = self.ask(hexes("AA 12 FF 1D"), 21)
        self.assertEqual(struct.unpack("<I", payload[1:5])[0], 16683981)
        ids = [payload[i + 3] for i in range(5, 21, 4)]
        times = [int.from_bytes(payload[i:i + 3], "little") for i in range(5, 21, 4)]
        self.assertEqual(ids, [0x65, 0x64, 0x62, 0x65])
        self.assertEqual(times, [4646, 12144171, 12144172, 12144194])

    def test_live_values(self):
        self.assertAlmostEqual(struct.unpack("<f", self.ask(hexes("AA 14 7F 1F"), 4))[0], 55.78,
                               places=4)
        self.sim.tell("current -40")
        self.sim.wait_for("get current", lambda a: float(a) == -40.0)
        self.assertAlmostEqual(struct.unpack("<f", self.ask(hexes("AA 15 BE DF"), 4))[0], -40.0)
        self.assertEqual(self.ask(hexes("AA 18 7F 1A"), 2), u16(0x93))
        self.sim.tell("series 8")
        self.assertEqual(len(self.ask(hexes("AA 1C 7E D9"), 17)), 17)
        self.sim.tell("temperature 1 25")
        self.assertEqual(self.ask(hexes("AA 1B 3F 1B"), 7)[3:5], u16(250))
        self.sim.tell("speed 12.5")
        speed, _, left = struct.unpack("<fII", self.ask(hexes("AA 20 7E C8"), 12))
        self.assertAlmostEqual(speed, 12.5)
        self.assertLess(left, 66 * 3600 / 40)

    def test_reset_and_clear(self):
        self.assertEqual(self.sim.ask(hexes("AA 02 01 91 40"), 5), frame(1, 2))
        self.assertEqual(self.sim.tell("get events"), "none")
        self.sim.tell("fault over-voltage")
        self.assertEqual(self.sim.tell("get registers 106"), "1")
        self.assertEqual(self.sim.ask(hexes("AA 02 02 D1 41"), 5), frame(1, 2))
        self.assertEqual(self.sim.tell("get registers 102 8"), "0 0 0 0 0 0 0 0")


if __name__ == "__main__":
    PROGRAM, CAPTURE = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
