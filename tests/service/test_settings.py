# SPDX-License-Identifier: MIT
"""/Settings/Bms/...: the BMS's own settings, read, refused, confirmed and written."""
import json
import os
import resource
import sys

import dbus

import rig

BASE = "/Settings/Bms/"
JOURNAL = "bms-changes.jsonl"

# A client in a process of its own; its file's name is what the service sees.
CLIENT = """
import sys
import dbus, dbus.bus
connection = dbus.bus.BusConnection(sys.argv[1])
print(int(connection.call_blocking(sys.argv[2], sys.argv[3], "com.victronenergy.BusItem",
                                   "SetValue", "v", (dbus.Double(float(sys.argv[4])),))))
"""


class SettingsRig(rig.Rig):
    def setUp(self):
        super().setUp()
        self.start_all()
        self.wait_for_value(BASE + "series_cells", 16)

    def set(self, name, value):
        answer = self.battery.set(BASE + name, value)
        self.assertIn(answer, (0, 2))
        self.assertEqual(answer == 0, self.error() == "", self.error())
        return answer

    def error(self):
        return str(self.get(BASE + "LastError"))

    def value(self, name):
        return self.get(BASE + name)

    def register(self, address):
        return int(self.sim.tell(f"get registers {address}").split()[0])

    def range(self, name):
        return [self.battery.call(BASE + name, method)
                for method in ("GetMin", "GetMax", "GetDefault")]

    def journal(self):
        with open(self.path(JOURNAL), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def confirm(self, name, value):
        """Both steps, as the sentence says."""
        self.assertEqual(self.set(name, value), 2)
        self.assertIn("To confirm, write", self.error())
        return self.set("Confirm", self.error().split('"')[1])

    def set_later(self, name, value):
        answers = []
        self.client.call_async(self.battery.name, BASE + name, rig.INTERFACE, "SetValue", "v", (value,),
                               answers.append, answers.append)
        return answers

    def wait_for_answers(self, *lists, seconds=30):
        self.wait_until(lambda: all(lists), seconds)
        for answers in lists:
            self.assertNotIsInstance(answers[0], dbus.DBusException)
        return [int(answers[0]) for answers in lists]


class Settings(SettingsRig):
    def test_what_is_shown(self):
        self.assertEqual(self.value("broadcast_time"), 0)
        self.assertEqual(self.battery.text(BASE + "broadcast_time"), "off")
        self.assertAlmostEqual(self.value("over_voltage_cutoff"),
                               self.register(315) / 1000)
        self.assertEqual(self.battery.text(BASE + "over_heat_cutoff"),
                         f"{self.register(319)} degC")
        self.assertTrue(rig.is_invalid(self.value("set_state_of_charge")))
        self.assertEqual(self.range("low_temperature_charge_cutoff")[:2], [-40, 10])
        self.sim.tell("range 317 1 110")  # a small current sensor
        self.assertEqual(self.set("maximum_cycles", 2000), 0)  # reads them all again
        self.wait_until(lambda: self.range("discharge_over_current_cutoff")[:2] == [1, 110])
        self.assertEqual(self.set("discharge_over_current_cutoff", 111), 2)
        self.assertIn("this BMS takes 1 to 110 A", self.error())

    def test_a_harmless_one(self):
        self.assertEqual(self.set("allowed_disbalance", 0.02), 0)
        self.assertEqual(self.register(308), 20)
        self.assertEqual(self.value("allowed_disbalance"), 0.02)
        self.assertEqual(self.battery.text(BASE + "allowed_disbalance"), "0.02 V")
        self.assertEqual(self.set("allowed_disbalance", "0.03"), 0)  # as MQTT has it
        self.assertEqual(self.register(308), 30)
        entry = self.journal()[-1]
        self.assertEqual((entry["what"], entry["before"], entry["after"], entry["result"]),
                         ("allowed_disbalance", "0.02 V", "0.03 V", "done"))
        self.assertEqual(entry["path"], BASE + "allowed_disbalance")
        self.assertIn("python", entry["who"])

    def test_refused_unsent(self):
        self.sim.tell("reset-counters")
        for name, value, why in (("allowed_disbalance", 0.014, "0.015 to 0.1 V"),
                                 ("allowed_disbalance", 0.101, "0.015 to 0.1 V"),
                                 ("allowed_disbalance", 0.0155, "between two steps"),
                                 ("precharge_pin", 10, "10 is none of"),
                                 ("series_cells", 15, "16 cells that the BMS detects"),
                                 ("early_balancing_threshold", 4.0, "fully_charged_voltage"),
                                 ("under_voltage_cutoff", 3.5, "under_voltage_cutoff"),
                                 ("over_voltage_cutoff", 1.2, "over_voltage_cutoff"),
                                 ("Confirm", "allowed_disbalance=1->2", "Nothing waits")):
            self.assertEqual(self.set(name, value), 2, name)
            self.assertIn(why, self.error())
        self.assertEqual(self.sim.tell("get requests 13"), "0")
        self.assertEqual(self.sim.tell("get requests 16"), "0")
        self.assertEqual(self.set("allowed_disbalance", 0.02), 0)

    def test_two_steps(self):
        before = self.register(315)
        old, new = before / 1000, (before + 10) / 1000
        self.assertEqual(self.set("over_voltage_cutoff", new), 2)
        self.assertIn(f'"over_voltage_cutoff={old:g}->{new:g}"', self.error())
        self.assertEqual(self.register(315), before)
        self.assertEqual(self.set("Confirm", f"over_voltage_cutoff={old:g}->4.5"), 2)
        self.assertEqual(self.set("Confirm", f"over_voltage_cutoff={old:g}->{new:g}"), 2)
        self.assertEqual(self.register(315), before)  # a wrong one ends it
        self.assertEqual(self.confirm("over_voltage_cutoff", new), 0)
        self.assertEqual(self.register(315), before + 10)
        self.assertEqual(self.value("over_voltage_cutoff"), new)
        self.assertEqual(self.set("Confirm", f"over_voltage_cutoff={old:g}->{new:g}"), 2)
        self.assertEqual(self.set("over_voltage_cutoff", new), 0)  # it is so already
        self.assertEqual(self.confirm("low_temperature_charge_cutoff", -5), 0)
        self.assertEqual(self.register(320), 0xFFFB)

    def test_a_confirmation_that_was_overtaken(self):
        """Somebody else writes the setting between the two steps."""
        old = self.register(315) / 1000
        self.assertEqual(self.set("over_voltage_cutoff", old + 0.05), 2)
        sentence = self.error().split('"')[1]
        self.sim.tell(f"register 315 {round(1000 * old) - 100}")
        self.assertEqual(self.set("maximum_cycles", 2000), 0)  # reads them all again
        self.wait_for_value(BASE + "over_voltage_cutoff", round(old - 0.1, 3))
        self.assertEqual(self.set("Confirm", sentence), 2)
        self.assertIn("was changed while this waited", self.error())
        self.assertEqual(self.register(315), round(1000 * old) - 100)

    def test_more_than_the_bus_holds(self):
        for register in (312, 313):
            self.sim.tell(f"register {register} 0xFFFF")
        self.assertEqual(self.set("maximum_cycles", 2000), 0)  # reads them all again
        self.wait_for_value(BASE + "pulses_per_unit", lambda value: value != 1)
        self.assertTrue(rig.is_invalid(self.value("pulses_per_unit")))

    def test_levels(self):
        self.assertEqual(self.set("set_state_of_charge", 42), 0)
        self.assertAlmostEqual(float(self.sim.tell("get soc")), 42, delta=0.5)
        self.wait_for_value("/Soc", lambda soc: abs(soc - 42) < 0.5)
        self.assertEqual(self.set("set_state_of_health", 90), 0)
        self.assertEqual(self.register(45), 45000)

    def test_a_set_refused_by_the_bms(self):
        for command in (0x0D, 0x10):
            self.sim.tell(f"nack {command:#x} 100")
        self.assertEqual(self.set("allowed_disbalance", 0.02), 2)
        self.assertIn("The BMS refused allowed_disbalance", self.error())
        self.assertEqual(self.journal()[-1]["result"], self.error())
        self.sim.tell("nack 0x0D 0")
        self.sim.tell("nack 0x10 0")
        self.assertEqual(self.set("allowed_disbalance", 0.02), 0)
        self.sim.tell("nack 0x0D 1")  # Modbus takes over
        self.assertEqual(self.set("allowed_disbalance", 0.025), 0)
        self.assertEqual(self.register(308), 25)

    def test_two_clients_at_once(self):
        first, second, third = (self.set_later(*call) for call in (
            ("allowed_disbalance", 0.02), ("maximum_cycles", 3000), ("allowed_disbalance", 9.0)))
        self.assertEqual(self.wait_for_answers(first, second, third), [0, 0, 2])
        self.assertEqual((self.register(308), self.register(322)), (20, 3000))

    def test_the_bms_restarts_in_the_middle(self):
        answers = self.set_later("allowed_disbalance", 0.02)
        self.sim.tell("reset")
        self.assertEqual(self.wait_for_answers(answers), [0])
        self.assertEqual(self.register(308), 20)

    def test_the_line_is_lost_in_the_middle(self):
        self.sim.tell("unplug 15")
        answers = self.set_later("allowed_disbalance", 0.02)
        self.assertEqual(self.wait_for_answers(answers), [2])
        self.assertIn("not reached", self.error())
        self.wait_until(lambda: self.again("set", BASE + "allowed_disbalance", 0.02) == 0, 40)
        self.assertEqual(self.register(308), 20)

    def test_the_service_stops_in_the_middle(self):
        answers = self.set_later("allowed_disbalance", 0.02)
        self.log.turn(0.02)
        self.stop_service()
        self.battery.drain(lambda _: answers)
        self.assertEqual(answers, [2])

    def test_commands(self):
        self.sim.tell("event 0x62")
        self.assertEqual(self.set("ClearEvents", 0), 0)
        self.assertIn("0x62@", self.sim.tell("get events"))
        self.assertEqual(self.set("ClearEvents", 1), 0)
        self.assertEqual(self.sim.tell("get events"), "none")
        self.assertEqual(self.set("ClearStatistics", 1), 0)
        self.assertEqual(self.confirm("RestartBms", 1), 0)
        self.wait_until(lambda: "0x61@" in self.sim.tell("get events"))
        self.assertEqual([entry["what"] for entry in self.journal()],
                         ["clear events", "clear statistics", "restart bms"])

    def run_client(self, name, path, value):
        script = self.path(name)
        with open(script, "w", encoding="utf-8") as file:
            file.write(CLIENT)
        client = self.bus.run(sys.executable, script, self.bus.address, self.name(), BASE + path,
                              str(value))
        self.wait_until(lambda: client.poll() is not None)
        return int(client.stdout.read())

    def test_the_mqtt_bridge(self):
        for name in ("dbus_mqtt.py", "flashmq"):
            self.assertEqual(self.run_client(name, "allowed_disbalance", 0.02), 2)
            self.assertIn("remote_writes", self.error())
        self.assertEqual(self.run_client("client.py", "allowed_disbalance", 0.02), 0)
        self.write_config({"remote_writes": True})
        self.log.wait_for(lambda line: "read again" in line or "config" in line)
        self.log.turn(2.5)
        self.assertEqual(self.run_client("flashmq", "allowed_disbalance", 0.03), 0)
        self.assertIn("python", self.journal()[-1]["who"])

    def test_a_damaged_journal(self):
        with open(self.path(JOURNAL), "w", encoding="utf-8") as file:
            file.write("nonsense\n")
        self.assertEqual(self.set("allowed_disbalance", 0.02), 0)
        self.log.wait_for(lambda line: "damaged" in line)
        self.assertEqual(self.read(self.path(JOURNAL + ".damaged")), "nonsense\n")
        with open(self.path(JOURNAL), "a", encoding="utf-8") as file:
            file.write('{"time": 17')  # the power went
        self.assertEqual(self.set("allowed_disbalance", 0.03), 0)
        lines = self.read(self.path(JOURNAL)).splitlines()
        self.assertEqual(len(lines), 2)
        self.assertEqual(json.loads(lines[1])["after"], "0.03 V")
        for value in range(400):
            with open(self.path(JOURNAL), "a", encoding="utf-8") as file:
                file.write(json.dumps({"time": value, "who": "x" * 200}) + "\n")
        self.assertEqual(self.set("allowed_disbalance", 0.02), 0)
        self.assertLess(os.path.getsize(self.path(JOURNAL)), 64 * 1024)
        self.assertEqual(self.journal()[-1]["after"], "0.02 V")

    def test_a_journal_damaged_in_its_middle(self):
        """Its good lines are kept, over a restart too; a disk that is full leaves no half line."""
        self.assertEqual(self.set("allowed_disbalance", 0.02), 0)
        with open(self.path(JOURNAL), "a", encoding="utf-8") as file:
            file.write('{"time": 17\n[1]\n')
        self.stop_service()
        self.start_service()
        self.wait_for_battery()
        self.wait_for_value(BASE + "series_cells", 16)
        self.assertEqual(self.set("allowed_disbalance", 0.03), 0)
        self.log.wait_for(lambda line: "its good lines are kept" in line)
        self.assertEqual([entry["after"] for entry in self.journal()], ["0.02 V", "0.03 V"])
        before = self.read(self.path(JOURNAL))
        hard = resource.prlimit(self.program.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.program.pid, resource.RLIMIT_FSIZE, (len(before) + 20, hard))
        self.assertEqual(self.set("allowed_disbalance", 0.02), 0)
        self.log.wait_for(lambda line: JOURNAL in line and "cannot be written" in line)
        self.assertEqual(self.read(self.path(JOURNAL)), before)


if __name__ == "__main__":
    rig.main()
