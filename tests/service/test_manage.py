# SPDX-License-Identifier: MIT
"""The second name, org.dbus_tinybms.<id>: what an owner asks, also while the battery is away."""
import json
import os
import unittest
import xml.etree.ElementTree

import dbus

import rig

MANAGER = "org.dbus_tinybms.Manager"


class Manager:
    """The service by its second name."""

    def __init__(self, connection, name):
        self.connection = connection
        self.name = name

    def call(self, method, signature="", *arguments, interface=MANAGER):
        return self.connection.call_blocking(self.name, "/", interface, method, signature,
                                             arguments)

    def ask(self, method, signature="", *arguments):
        answer = json.loads(self.call(method, signature, *arguments))
        assert answer["version"] == 1, answer
        return answer


class ManageRig(rig.Rig):
    def manager_name(self):
        return "org.dbus_tinybms." + os.path.basename(self.sim.link).replace("-", "_")

    def wait_for_manager(self, seconds=10):
        self.wait_until(lambda: self.client.name_has_owner(self.manager_name()), seconds)
        self.manager = Manager(self.client, self.manager_name())
        return self.manager


class Manage(ManageRig):
    def test_status_of_a_battery(self):
        self.start_all()
        status = self.wait_for_manager().ask("Status")
        self.assertEqual(status["service"], self.name())
        self.assertEqual(status["instance"], 288)
        self.assertEqual(status["port"], self.sim.link)
        self.assertEqual(status["serial"], rig.SERIAL.upper())
        self.assertEqual(len(status["battery"]["cells"]), 16)
        self.assertAlmostEqual(status["battery"]["soc"], 60, delta=1)
        self.assertLess(status["age"], 2)
        self.assertEqual(set(status["alarms"].values()), {0})
        self.assertGreater(status["limits"]["cvl"], 50)
        self.assertNotEqual(self.battery.owner(),
                            self.client.get_name_owner(self.manager_name()))

    def test_status_without_a_battery(self):
        self.start_settings()
        self.start_sim()
        self.sim.tell("silent 1000")
        self.start_service()
        status = self.wait_for_manager().ask("Status")
        self.assertIsNone(status["service"])
        self.assertIsNone(status["instance"])
        self.assertNotIn("battery", status)

    def test_diagnostics(self):
        self.start_all()
        manager = self.wait_for_manager()
        self.sim.tell("current -20")
        self.wait_for_value("/Dc/0/Current", lambda amperes: amperes < -19)
        self.wait_until(lambda: manager.ask("Diagnostics")["bus"]["signals"] > 1)
        answer = manager.ask("Diagnostics")
        self.assertGreaterEqual(answer["bms"]["polls"], answer["bms"]["successes"])
        self.assertGreater(answer["bms"]["successes"], 3)
        for part in (answer["bms"], answer["bus"]):
            self.assertLessEqual(part["latency_mean_ms"], part["latency_max_ms"])
            self.assertGreaterEqual(part["latency_last_ms"], 0)
        self.assertGreater(answer["bus"]["bytes"], answer["bus"]["paths"])
        self.assertEqual(answer["can"], [])
        self.assertEqual(answer["history"], {"gaps": 0, "gap_s": 0})
        shown = self.battery.get("/Bms/Statistics")
        self.assertEqual(len(answer["statistics"]), len(shown))
        self.assertEqual(answer["statistics"]["pack_temperature_max"], shown["MaxTemperature"])

    def test_diagnostics_without_a_battery(self):
        self.start_settings()
        self.start_sim()
        self.sim.tell("silent 1000")
        self.start_service()
        manager = self.wait_for_manager()
        self.wait_until(lambda: manager.ask("Diagnostics")["bms"]["timeouts"] > 0)
        answer = manager.ask("Diagnostics")
        self.assertEqual((answer["bus"], answer["history"], answer["statistics"]),
                         (None, None, None))
        self.assertIsNone(answer["bms"]["latency_max_ms"])

    def test_introspection_and_wrong_calls(self):
        self.start_all()
        self.wait_for_manager()
        text = self.manager.call("Introspect", interface="org.freedesktop.DBus.Introspectable")
        node = xml.etree.ElementTree.fromstring(text)
        methods = {m.get("name"): m for i in node.findall("interface")
                   if i.get("name") == MANAGER for m in i.findall("method")}
        self.assertIn("Status", methods)
        self.assertEqual({a.get("name"): a.get("value") for a in node.iter("annotation")},
                         {MANAGER + ".Version": "1"})
        for name, method in methods.items():
            self.assertEqual([a.get("type") for a in method.findall("arg")
                              if a.get("direction") == "out"], ["s"], name)
        for error, *call in (("InvalidArgs", "Status", "s", "x"), ("UnknownMethod", "Fly")):
            with self.assertRaises(dbus.DBusException) as caught:
                self.manager.call(*call)
            self.assertEqual(caught.exception.get_dbus_name(),
                             "org.freedesktop.DBus.Error." + error)

    def ready(self):
        self.start_all()
        self.wait_for_manager()
        self.wait_for_value("/Settings/Bms/series_cells", 16)

    def set(self, confirm=None, **changes):
        request = {"set": changes, **({"confirm": confirm} if confirm else {})}
        return self.manager.ask("SetSettings", "s", json.dumps(request))

    def refused(self, why, *call):
        with self.assertRaises(dbus.DBusException) as caught:
            self.manager.call(*call)
        self.assertEqual(caught.exception.get_dbus_name(), "org.dbus_tinybms.Error.Refused")
        self.assertIn(why, caught.exception.get_dbus_message())

    def register(self, address):
        return int(self.sim.tell(f"get registers {address}").split()[0])

    def test_settings(self):
        self.ready()
        # ranges are asked for once there is a battery
        self.wait_until(lambda: all(s["device_range"]
                                    for s in self.manager.ask("Settings")["settings"]))
        answer = self.manager.ask("Settings")
        self.assertEqual(answer["serial"], rig.SERIAL.upper())
        known = {s["name"]: s for s in answer["settings"]}
        self.assertEqual(len(known), 37)
        for setting in known.values():
            raw = self.register(setting["register"])
            if setting["value"] is not None and setting["name"] != "low_temperature_charge_cutoff":
                per_step = {"V": 1000, "Ah": 100}.get(setting["unit"], 1)
                if setting["name"] == "charge_finished_current":
                    per_step = 1000
                self.assertAlmostEqual(setting["value"] * per_step, raw, places=3)
        self.assertEqual(known["load_switch_type"]["choices"]["0"], "FET")
        self.assertIsNone(known["set_state_of_charge"]["value"])

    def test_a_set_of_settings(self):
        self.ready()
        self.assertTrue(self.set(allowed_disbalance=0.02, maximum_cycles="2500")["done"])
        self.assertEqual((self.register(308), self.register(322)), (20, 2500))
        full, over = self.register(300), self.register(315)
        changes = {"fully_charged_voltage": (over + 20) / 1000,
                   "over_voltage_cutoff": (over + 40) / 1000, "allowed_disbalance": "0.03 V"}
        answer = self.set(**changes)
        self.assertFalse(answer["done"])
        self.assertEqual(answer["confirm"], {
            "fully_charged_voltage": f"{full / 1000:g}->{(over + 20) / 1000:g}",
            "over_voltage_cutoff": f"{over / 1000:g}->{(over + 40) / 1000:g}"})
        self.assertEqual(self.register(308), 20)
        self.sim.tell("relations on")  # what it leaves on the way must not contradict either
        self.assertTrue(self.set(answer["confirm"], **changes)["done"])
        self.assertEqual((self.register(300), self.register(315), self.register(308)),
                         (over + 20, over + 40, 30))
        entries = self.manager.ask("Journal")["journal"]
        self.assertEqual([e["what"] for e in entries][:2],
                         ["allowed_disbalance", "maximum_cycles"])
        self.assertEqual({e["path"] for e in entries}, {"SetSettings"})

    def test_a_set_that_fails_half_way_is_rolled_back(self):
        self.ready()
        before = self.register(308)
        self.sim.tell("range 322 10 2000")  # told in the next minute only
        self.refused("The BMS refused maximum_cycles. What was written before is written back.",
                     "SetSettings", "s",
                     '{"set": {"allowed_disbalance": 0.02, "maximum_cycles": 2500}}')
        self.assertEqual(self.register(308), before)

    def test_nonsense(self):
        self.ready()
        for why, *call in (("nothing to set", "SetSettings", "s", "{}"),
                           ("nothing to set", "SetSettings", "s", "[1]"),
                           ("nothing to set", "SetSettings", "s", "no json"),
                           ("no setting", "SetSettings", "s", '{"set": {"speed": 1}}'),
                           ("neither", "SetSettings", "s", '{"set": {"series_cells": [1]}}'),
                           ("no number", "SetSettings", "s", '{"set": {"series_cells": "x"}}'),
                           ("One of", "Reset", "ss", "all", ""),
                           ("no key", "SetConfiguration", "s", '{"speed": 1}'),
                           ("more keys", "SetConfiguration", "s",
                            json.dumps({str(i): 1 for i in range(10000)})),
                           ("100 to 1000", "SetConfiguration", "s", '{"poll_interval_ms": 5}')):
            self.refused(why, *call)

    def test_reset(self):
        self.ready()
        self.assertTrue(self.manager.ask("Reset", "ss", "events", "")["done"])
        self.assertEqual(self.sim.tell("get events"), "none")
        self.assertEqual(self.manager.ask("Reset", "ss", "bms", "")["confirm"], "restart")
        self.assertTrue(self.manager.ask("Reset", "ss", "bms", "restart")["done"])
        self.wait_until(lambda: "0x61@" in self.sim.tell("get events"))

    def test_configuration(self):
        self.ready()
        known = {k["name"]: k for k in self.manager.ask("Configuration")["configuration"]}
        self.assertEqual(known["sync_soc_at_full"]["value"], "1")
        self.assertTrue(known["sync_soc_at_full"]["is_default"])
        self.assertTrue(self.manager.ask("SetConfiguration", "s", json.dumps(
            {"max_charge_current": 12.5, "sustain_soc_exit": 45, "sustain_soc_entry": 40,
             "battery_name": "Shed"}))["done"])
        self.wait_for_value("/Info/MaxChargeCurrent", 12.5)
        self.assertEqual(json.loads(self.read(self.config_path))["battery_name"], "Shed")
        self.assertEqual(self.manager.ask("SetConfiguration", "s",
                                          '{"max_charge_current": null}')["done"], True)
        self.wait_for_value("/Info/MaxChargeCurrent", lambda amperes: amperes > 12.5)

    def test_for_whom_a_program_asks(self):
        self.ready()
        by = "gateway: admin@192.168.1.7 ü"
        ask = self.manager.ask
        self.assertTrue(ask("SetSettings", "s", json.dumps(
            {"set": {"allowed_disbalance": 0.02}, "by": by}))["done"])
        self.assertTrue(ask("SetConfiguration", "s", json.dumps(
            {"max_charge_current": 12.5, "by": by}))["done"])
        self.assertTrue(ask("Reset", "ss", json.dumps({"what": "events", "by": by}), "")["done"])
        restart = {"what": "bms", "by": by}
        self.assertEqual(ask("Reset", "ss", json.dumps(restart), "restart")["confirm"], "restart")
        self.assertTrue(ask("Reset", "ss", json.dumps({**restart, "confirm": "restart"}), "")["done"])
        self.set(maximum_cycles=2500)
        entries = ask("Journal")["journal"]
        self.assertEqual([(e["what"], e["path"], e.get("by")) for e in entries], [
            ("allowed_disbalance", "SetSettings", by), ("max_charge_current", "SetConfiguration", by),
            ("clear events", "Reset", by), ("restart bms", "Reset", by),
            ("maximum_cycles", "SetSettings", None)])
        self.assertEqual((entries[1]["before"], entries[1]["after"]), ("", "12.5"))
        self.assertNotIn("by", json.loads(self.read(self.config_path)))
        for wrong in (1, "x" * 65, "line\nfeed", "\x1b[2J", None):
            self.refused('"by" must be', "SetSettings", "s", json.dumps(
                {"set": {"allowed_disbalance": 0.03}, "by": wrong}))
            self.refused('"by" must be', "SetConfiguration", "s", json.dumps(
                {"max_charge_current": 9, "by": wrong}))
            self.refused('"by" must be', "Reset", "ss", json.dumps(
                {"what": "events", "by": wrong}), "")
        self.refused("One of", "Reset", "ss", '{"what": 1}', "")
        self.refused("One of", "Reset", "ss", '{broken', "")
        self.assertEqual(self.register(308), 20)
        self.assertEqual(json.loads(self.read(self.config_path))["max_charge_current"], 12.5)

    def test_storage_and_full_charge(self):
        self.ready()
        self.assertEqual(self.battery.set("/Settings/Charge/Storage", 1), 0)
        self.wait_for_value("/Info/ChargeMode", lambda mode: "Float" in mode)
        self.manager.ask("FullCharge", "d", 1.0)
        self.wait_for_value("/Settings/Charge/FullChargeNow", 1)
        self.wait_for_value("/Info/ChargeMode", lambda mode: "Bulk" in mode)
        self.manager.ask("FullCharge", "i", 0)
        self.wait_for_value("/Settings/Charge/FullChargeNow", 0)

    def test_sleep(self):
        self.ready()
        self.manager.ask("Sleep", "d", 1.0)
        self.wait_until(lambda: not self.client.name_has_owner(self.battery.name), 5)
        self.assertIn("may sleep", self.manager.ask("Status")["state"])
        self.refused("not reached", "SetSettings", "s", '{"set": {"allowed_disbalance": 0.02}}')
        self.wait_until(lambda: self.sim.tell("get asleep") not in ("0", "no", "off"), 20)
        self.manager.ask("Sleep", "d", 0.0)
        self.wait_for_battery()
        self.assertLess(self.manager.ask("Status")["age"], 2)

    def test_the_bms_learns_that_it_is_full(self):
        self.start_settings()
        self.start_sim()
        self.write_config({"absorption_time_max": 60, "tail_time": 5, "tail_current": 50})
        self.sim.tell("set soc 97")
        self.sim.tell("set counted-soc 80")
        self.sim.tell("set cells 3.45")
        self.start_service("--time-scale", "10")
        self.wait_for_battery()
        self.wait_for_manager()
        self.sim.tell("supply 58 20")
        self.wait_until(lambda: self.manager.ask("Journal")["journal"], 60)
        self.assertGreater(float(self.sim.tell("get soc")), 99.5)
        entry = self.manager.ask("Journal")["journal"][0]
        self.assertEqual((entry["what"], entry["path"]),
                         ("set_state_of_charge", "sync_soc_at_full"))

    def test_it_comes_back_with_the_bus(self):
        self.start_all()
        self.wait_for_manager()
        self.bus.kill_daemon()
        self.log.wait_for(lambda line: "The D-Bus daemon has ended" in line)
        self.bus.start_daemon()
        self.client = self.bus.connect()
        self.wait_for_manager(20)
        self.assertEqual(self.manager.ask("Status")["port"], self.sim.link)


if __name__ == "__main__":
    rig.main()
