# SPDX-License-Identifier: MIT
"""Sets of settings in bad company: a BMS that goes in the middle, older firmware, rivals."""
import json

import dbus

import rig
from test_manage import MANAGER, ManageRig

OLD = {"allowed_disbalance": 15, "maximum_cycles": 1000, "charger_startup_delay": 10,
       "charger_disable_delay": 0, "automatic_recovery": 5, "broadcast_protocol": 1}
NEW = {"allowed_disbalance": 25, "maximum_cycles": 3000, "charger_startup_delay": 20,
       "charger_disable_delay": 7, "automatic_recovery": 9, "broadcast_protocol": 2}
REGISTERS = {"allowed_disbalance": 308, "maximum_cycles": 322, "charger_startup_delay": 310,
             "charger_disable_delay": 311, "automatic_recovery": 332, "broadcast_protocol": 343}
# What happens to the BMS once the first of the set is written.
BLOWS = ("reset", "silent 2", "silent 20", "unplug 3", "unplug 20", "sleep", "stall 1", "noise 0.01")


class Attacks(ManageRig):
    def setUp(self):
        super().setUp()
        self.start_all()
        self.wait_for_manager()
        self.wait_for_value("/Settings/Bms/series_cells", 16)

    def raw(self):
        return {name: int(self.sim.tell(f"get registers {register}").split()[0])
                for name, register in REGISTERS.items()}

    def request(self, raw):
        changes = {**raw, "allowed_disbalance": raw["allowed_disbalance"] / 1000}
        answer = self.manager.ask("SetSettings", "s", json.dumps({"set": changes}))
        return json.dumps({"set": changes, "confirm": answer["confirm"]})

    def ask_later(self, request):
        """A list that gets the answer: an object, or why it was refused."""
        answers = []
        self.client.call_async(self.manager.name, "/", MANAGER, "SetSettings", "s", (request,),
                               lambda text: answers.append(json.loads(text)),
                               lambda error: answers.append(error.get_dbus_message()), timeout=60)
        return answers

    def test_a_bms_that_goes_in_the_middle_of_a_set(self):
        """The whole set or nothing, and what is said of it is true."""
        self.assertEqual(self.raw(), OLD)
        self.sim.tell("delay 0.03")
        for blow in BLOWS:
            with self.subTest(blow=blow):
                answers = self.ask_later(self.request(NEW))
                self.wait_until(lambda: answers or self.raw() != OLD)
                self.sim.tell(blow)
                self.wait_until(lambda answers=answers: answers, 60)
                self.sim.tell("calm")
                self.sim.tell("wake")
                self.sim.tell("delay 0.03")
                is_done = isinstance(answers[0], dict) and answers[0]["done"]
                if is_done:
                    self.assertEqual(self.raw(), NEW)
                else:
                    self.assert_said(answers[0])
                self.wait_until(self.is_back, 60)
                self.restore()

    def assert_said(self, sentence):
        """Nothing is written, or it is said that something may be."""
        if self.raw() != OLD:
            self.assertRegex(sentence, "written back|could not|may be|look at")
            self.assertRegex(sentence, "not reached|no answer|lost|cannot|could not")

    def is_back(self):
        try:
            return self.manager.ask("Settings") and self.again("get", "/Connected") == 1 and \
                self.manager.ask("Status")["age"] < 1
        except (dbus.DBusException, KeyError):
            return False

    def restore(self):
        for name, register in REGISTERS.items():
            self.sim.tell(f"register {register} {OLD[name]}")
        self.assertEqual(self.raw(), OLD)
        self.wait_until(lambda: self.ask_all_again())

    def ask_all_again(self):
        """A change makes the service read all of them."""
        self.manager.ask("SetSettings", "s", json.dumps({"set": {"pulses_per_unit": 2}}))
        self.manager.ask("SetSettings", "s", json.dumps({"set": {"pulses_per_unit": 1}}))
        known = {s["name"]: s["value"] for s in self.manager.ask("Settings")["settings"]}
        return all(known[name] == (raw / 1000 if name == "allowed_disbalance" else raw)
                   for name, raw in OLD.items())

    def test_two_writers_of_one_set(self):
        """One after the other, by both names; each is told, and the last one counts."""
        other = {**NEW, "maximum_cycles": 4000, "broadcast_protocol": 0}
        requests = self.request(NEW), self.request(other)
        paths = [self.set_later("/Settings/Bms/allowed_disbalance", value)
                 for value in ("0.03", dbus.Double(0.04), "much")]
        first, second = map(self.ask_later, requests)
        self.wait_until(lambda: all([first, second, *paths]))
        self.assertEqual([int(answers[0]) for answers in paths], [0, 0, 1])
        self.assertEqual((first[0]["done"], second[0]["done"]), (True, True))
        self.assertEqual(self.raw(), {**other, "allowed_disbalance": 25})
        cycles = [(entry["before"], entry["after"]) for entry in
                  self.manager.ask("Journal")["journal"] if entry["what"] == "maximum_cycles"]
        self.assertEqual(cycles, [("1000", "3000"), ("3000", "4000")])

    def test_a_confirmation_that_was_overtaken(self):
        """OLD->NEW is for that OLD; nor is a risky value written back by one who saw it unchanged."""
        name, old = "fully_charged_voltage", self.setting("fully_charged_voltage")["value"]
        new = round(old - 0.05, 3)
        first = self.ask_later(json.dumps({"set": {name: new}, "confirm": {name: f"{old:g}->{new:g}"}}))
        second = self.ask_later(json.dumps({"set": {name: old}}))
        self.wait_until(lambda: all([first, second]))
        self.assertTrue(first[0]["done"])
        self.assertIn(f"{name} was changed while this waited", str(second[0]))
        self.assertEqual(self.setting(name)["value"], new)

    def setting(self, name):
        return next(s for s in self.manager.ask("Settings")["settings"] if s["name"] == name)

    def set_later(self, path, value):
        answers = []
        self.client.call_async(self.battery.name, path, rig.INTERFACE, "SetValue", "v", (value,),
                               answers.append, answers.append)
        return answers


class OlderFirmware(ManageRig):
    """Registers that it does not know are refused one by one, and its ranges altogether."""

    def test_absent_registers(self):
        self.start_settings()
        self.start_sim()
        for register in (305, 322, 339, 340, 341, 342, 343):
            self.sim.tell(f"absent {register} on")
        self.sim.tell("nack 0x1D 100000")
        self.start_service()
        self.wait_for_battery()
        self.wait_for_manager()
        self.wait_for_value("/Settings/Bms/series_cells", 16)
        known = {s["name"]: s for s in self.manager.ask("Settings")["settings"]}
        self.assertEqual(len(known), 37)
        for name in ("peak_discharge_current_cutoff", "maximum_cycles", "broadcast_protocol"):
            self.assertIsNone(known[name]["value"], name)
            self.assertTrue(rig.is_invalid(self.get("/Settings/Bms/" + name)))
        self.assertFalse(known["allowed_disbalance"]["device_range"])
        self.assertEqual(known["allowed_disbalance"]["max"], 0.1)
        self.assertEqual(self.battery.set("/Settings/Bms/maximum_cycles", 2000), 2)
        self.assertIn("the firmware of this BMS does not have it",
                      self.get("/Settings/Bms/LastError"))
        self.assertEqual(self.battery.set("/Settings/Bms/allowed_disbalance", 0.02), 0)
        self.assertEqual(self.sim.tell("get registers 308").split()[0], "20")
        self.assertEqual(self.battery.set("/Settings/Bms/allowed_disbalance", 0.2), 2)
        self.assertIn("a TinyBMS takes 0.015 to 0.1 V", self.get("/Settings/Bms/LastError"))


if __name__ == "__main__":
    rig.main()
