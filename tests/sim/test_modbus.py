# SPDX-License-Identifier: MIT
"""The simulator on its pty, read and written by a Modbus master that we did not write."""
import sys
import unittest

from pymodbus.client import ModbusSerialClient
from simulator import SLAVE, Simulator


class Modbus(unittest.TestCase):
    def setUp(self):
        self.sim = Simulator(PROGRAM, "--registers", CAPTURE)
        self.addCleanup(self.close)
        self.master = ModbusSerialClient(self.sim.link, baudrate=115200, timeout=1, retries=0)
        self.assertTrue(self.master.connect())

    def close(self):
        self.master.close()
        self.assertEqual(self.sim.close(), (0, []))

    def read(self, first, count):
        answer = self.master.read_holding_registers(first, count, slave=SLAVE)
        self.assertFalse(answer.isError(), answer)
        return answer.registers

    def write(self, first, values):
        return not self.master.write_registers(first, values, slave=SLAVE).isError()

    def test_an_idle_dump_reads_back_exactly(self):
        with open(CAPTURE, encoding="ascii") as file:
            rows = [line.strip().split(",") for line in file if line[0].isdigit()]
        want = {int(register): int(value) for register, value in rows}
        got = {}
        for first, count in ((0, 125), (100, 18), (200, 98), (300, 44), (500, 10)):
            got.update(enumerate(self.read(first, count), first))
        for register, value in want.items():
            self.assertEqual(got[register], value, f"register {register}")
        for register in (*range(16, 32), 45, 49, 54, 110, 208, 302):
            self.assertEqual(got[register], 0, f"register {register}")

    def test_far_outside_the_map_is_zero(self):
        self.assertEqual(self.read(0x2C01, 3), [0, 0, 0])
        self.assertEqual(self.read(0xFFFF, 1), [0])

    def test_write_in_range(self):
        self.assertTrue(self.write(315, [4200, 2500]))
        self.assertEqual(self.sim.tell("get last-write"),
                         "AA 10 01 3B 00 02 04 10 68 09 C4 19 61")
        self.assertEqual(self.sim.tell("get last-answer"), "AA 10 01 3B 00 02 28 22")
        self.assertEqual(self.read(315, 2), [4200, 2500])

    def test_write_out_of_range_changes_nothing(self):
        before = self.read(300, 44)
        for first, values in ((316, [2900, 751]), (36, [0])):
            self.assertFalse(self.write(first, values), (first, values))
            self.assertEqual(self.sim.tell("get last-answer"), "AA 00 10 00 2C 3C")
        self.assertEqual(self.read(300, 44), before)
        self.assertEqual(self.sim.fields("get requests")["writes"], 0)


if __name__ == "__main__":
    PROGRAM, CAPTURE = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
