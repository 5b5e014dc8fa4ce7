# SPDX-License-Identifier: MIT
"""Each of the BMS's settings at both ends of its range, at its default and one step beyond.

What was written is read by another master, python3-pymodbus.
"""
import json

import dbus
from pymodbus.client import ModbusSerialClient

import rig
import test_manage

SLAVE = 0xAA
FIRST, COUNT = 300, 44
# Two numbers, or bits, in one register: what each part takes, and what is one beyond.
COMPOSED = {
    "configuration_bits": ([0, 1, 2, 4, 7], [8, 15, 0x8000]),
    "charger_type": ([0, 1, 2, 30 << 8, 30 << 8 | 2, 5 << 8 | 1], [3, 31 << 8 | 1, 0xFF01]),
}
STEPS = {"V": 0.001, "Ah": 0.01}
REFUSED = "is not possible|is none of|more than its register|reserved bits"
MILLIAMPERES = "charge_finished_current"
LEVELS = ("set_state_of_health", "set_state_of_charge")  # not kept in their registers


class EverySetting(test_manage.ManageRig):
    def setUp(self):
        super().setUp()
        self.start_all()
        self.wait_for_manager()
        self.wait_for_value("/Settings/Bms/series_cells", 16)
        self.wait_until(lambda: all(s["device_range"] for s in self.known().values()))

    def known(self):
        return {s["name"]: s for s in self.manager.ask("Settings")["settings"]}

    def write(self, name, value):
        """None, or why it was refused."""
        request = {"set": {name: value}}
        try:
            answer = self.manager.ask("SetSettings", "s", json.dumps(request))
            if not answer["done"]:
                request["confirm"] = answer["confirm"]
                answer = self.manager.ask("SetSettings", "s", json.dumps(request))
            self.assertTrue(answer["done"])
            return None
        except dbus.DBusException as error:
            self.assertEqual(error.get_dbus_name(), "org.dbus_tinybms.Error.Refused")
            return error.get_dbus_message()

    @staticmethod
    def step(setting):
        if setting["name"] == MILLIAMPERES:
            return 0.001
        return 0.002 if setting["name"] in LEVELS else STEPS.get(setting["unit"], 1)

    def raw(self, setting, value):
        return round(value / self.step(setting)) & (0xFFFFFFFF if setting["register"] == 312
                                                    else 0xFFFF)

    def raw_now(self, setting):
        words = [int(w) for w in self.sim.tell(f"get registers {setting['register']} 2").split()]
        return words[0] | words[1] << 16 if setting["register"] == 312 else words[0]

    def one(self, setting, value, written):
        """Written as it is, or refused for a reason that can be checked."""
        before = self.raw_now(setting)
        why = self.write(setting["name"], value)
        if why is None:
            if setting["name"] not in LEVELS:
                self.assertEqual(self.raw_now(setting), self.raw(setting, value))
                written[setting["register"]] = self.raw(setting, value)
            return 1
        self.assertTrue("must be at least" in why or "that the BMS detects" in why, why)
        self.assertEqual(self.raw_now(setting), before)
        return 0

    def ends(self, setting):
        step = self.step(setting)
        return [setting["min"], setting["max"]], [round(setting["min"] - step, 6),
                                                  round(setting["max"] + step, 6)]

    def test_each(self):
        written, done = {}, 0
        settings = self.known()
        for name, setting in settings.items():
            with self.subTest(name=name):
                default = setting["default"]
                values, beyond = COMPOSED.get(name) or self.ends(setting)
                if default is not None and setting["min"] <= default <= setting["max"]:
                    values.append(default)
                for value in values:
                    done += self.one(setting, value, written)
                before = self.raw_now(setting)
                for value in beyond:
                    self.assertRegex(self.write(name, value), REFUSED)
                self.assertEqual(self.raw_now(setting), before)
        self.assertGreater(done, 98)
        self.stop_service()
        self.program = None
        self.seen_by_pymodbus(written)

    def seen_by_pymodbus(self, written):
        master = ModbusSerialClient(self.sim.link, baudrate=115200, timeout=1, retries=0)
        self.assertTrue(master.connect())
        try:
            words = master.read_holding_registers(FIRST, COUNT, slave=SLAVE).registers
        finally:
            master.close()
        for register, raw in written.items():
            index = register - FIRST
            seen = words[index] | (words[index + 1] << 16 if register == 312 else 0)
            self.assertEqual(seen, raw, register)


if __name__ == "__main__":
    rig.main()
