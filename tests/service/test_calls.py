# SPDX-License-Identifier: MIT
"""What clients ask the service, send it, and hear from it."""
import time
import xml.etree.ElementTree

import dbus

import rig

INVALID = dbus.Array([], signature="i")

SET_CASES = [  # path, value, answer
    ("/Soc", dbus.Double(50.0), 1),
    ("/DeviceInstance", dbus.Int32(1), 1),
    ("/Info/MaxChargeCurrent", dbus.Double(500.0), 1),
    ("/Alarms/BmsCable", dbus.Int32(0), 1),
    ("/CustomName", "x" * 33, 2),
    ("/CustomName", INVALID, 1),
    ("/CustomName", dbus.Struct((1, 2)), 1),
    ("/CustomName", dbus.Array([1], signature="i"), 1),
    ("/Battery/Request/Id", dbus.Int32(2), 2),
    ("/Battery/Request/Id", dbus.Int32(1), 0),
    ("/Battery/Request/Id", "one", 1),
    ("/Settings/Charge/max_charge_current", dbus.Double(-5.0), 2),
    ("/Settings/Charge/max_charge_current", dbus.Double(751.0), 2),
    ("/Settings/Charge/max_charge_current", dbus.Double("nan"), 1),
    ("/Settings/Charge/max_charge_current", dbus.Double("inf"), 1),
    ("/Settings/Charge/max_charge_current", "many", 1),
    ("/Settings/Charge/max_charge_current", dbus.Struct((1.0,)), 1),
    ("/Settings/Charge/max_charge_current", dbus.Dictionary({"a": 1}, signature="si"), 1),
    ("/Settings/Charge/charge_taper_temp", "warm", 2),
    ("/Settings/Charge/charge_taper_temp", "10:2", 2),
    ("/Settings/Charge/chemistry", "lead", 2),
    ("/Settings/Charge/ForceChargingOff", dbus.Int32(2), 2),
    ("/Settings/Charge/ForceChargingOff", dbus.Double(0.5), 1),
    ("/Settings/Charge/LastError", "none", 1),
]


class Calls(rig.Rig):
    def setUp(self):
        super().setUp()
        self.start_all()

    def refused(self, name, *call, **options):
        with self.assertRaises(dbus.DBusException) as caught:
            self.battery.call(*call, **options)
        self.assertEqual(caught.exception.get_dbus_name(), "org.freedesktop.DBus.Error." + name)

    def test_trees(self):
        items = self.items()
        for method, key in (("GetValue", "Value"), ("GetText", "Text")):
            tree = self.battery.call("/", method)
            self.assertEqual({"/" + path for path in tree}, set(items))
            for path in ("ProductId", "System/NrOfCellsPerBattery", "InstalledCapacity"):
                self.assertEqual(tree[path], items["/" + path][key])
        self.assertEqual(set(self.battery.get("/Dc/0")),
                         {"Voltage", "Current", "Power", "Temperature"})
        self.assertEqual(self.battery.text("/System")["NrOfCellsPerBattery"], "16")

    def test_introspection_finds_every_item(self):
        found, unseen = set(), ["/"]
        while unseen:
            path = unseen.pop()
            text = self.battery.call(path, "Introspect",
                                     interface="org.freedesktop.DBus.Introspectable")
            node = xml.etree.ElementTree.fromstring(text)
            methods = {m.get("name") for m in node.iter("method")}
            self.assertIn("GetValue", methods)
            if "SetValue" in methods:
                found.add(path)
            unseen += [path.rstrip("/") + "/" + n.get("name") for n in node.findall("node")]
        self.assertEqual(found, set(self.items()))

    def test_nonsense_is_refused(self):
        before = self.items()
        for path, value, answer in SET_CASES:
            with self.subTest(path=path, value=value):
                self.assertEqual(self.battery.set(path, value), answer)
        self.refused("UnknownMethod", "/", "SetValue", "v", 1)
        self.refused("UnknownMethod", "/Dc", "SetValue", "v", 1)
        self.refused("UnknownObject", "/Nothing", "SetValue", "v", 1)
        self.refused("UnknownObject", "/Voltages/Cell17", "GetValue")
        self.refused("UnknownMethod", "/Soc", "Delete")
        self.refused("InvalidArgs", "/CustomName", "SetValue")
        after = self.items()
        for path in before:
            if path.startswith(("/Settings", "/CustomName", "/Battery/Request", "/DeviceInstance")) \
                    and path != "/Settings/Charge/LastError":
                self.assertEqual(after[path], before[path], path)

    def test_what_clients_send_is_repeated_in_short(self):
        for path, value, shown in (
                ("/Settings/Charge/chemistry", "lead\nERROR all is lost\x1b[31m",
                 '"lead ERROR all is lost [31m" is none of auto, LFP'),
                ("/Settings/Charge/charge_taper_temp", "€" * 100000,
                 '"' + "€" * 60 + '..." is no curve'),
                ("/Settings/Charge/chemistry", "z" * 100000, '"' + "z" * 60 + '..." is none of')):
            self.assertEqual(self.battery.set(path, value), 2)
            self.log.wait_for(lambda line, wanted=shown:
                              line.startswith("WARNING " + path) and wanted in line)
            error = self.get("/Settings/Charge/LastError")
            self.assertIn(shown, error)
            self.assertLess(len(error), 300)

    def test_setting_a_limit(self):
        path = "/Settings/Charge/max_charge_current"
        self.assertTrue(rig.is_invalid(self.get(path)))
        self.assertEqual(self.battery.set(path, dbus.Double(11.5)), 0)
        self.assertEqual(self.get(path), 11.5)
        self.wait_for_value("/Info/MaxChargeCurrent", 11.5)
        with open(self.config_path, encoding="utf-8") as file:
            self.assertIn('"max_charge_current"', file.read())
        self.assertEqual(self.battery.set(path, dbus.Double(-5.0)), 2)
        error = self.get("/Settings/Charge/LastError")
        for part in ("max_charge_current", "-5", "0", "750"):
            self.assertIn(part, error)
        self.assertEqual(self.battery.set(path, "12"), 0)  # as MQTT and command lines send it
        self.wait_for_value("/Info/MaxChargeCurrent", 12.0)
        self.assertEqual(self.get("/Settings/Charge/LastError"), "")
        self.assertEqual(self.battery.call(path, "SetValue", "ai", INVALID), 0)  # as gui-v2 does
        self.assertTrue(rig.is_invalid(self.get(path)))
        self.wait_for_value("/Info/MaxChargeCurrent", lambda amperes: amperes > 12)

    def test_ranges_for_spin_boxes(self):
        path = "/Settings/Charge/soc_ceiling"
        self.assertEqual([self.battery.call(path, method) for method in
                          ("GetMin", "GetMax", "GetDefault")], [50.0, 100.0, 100.0])

    def test_changes_come_in_one_signal_a_second(self):
        known = {path: item["Value"] for path, item in self.items().items()}
        self.battery.drain()
        self.battery.signals.clear()
        began = time.monotonic()
        amperes = 0
        while len(self.battery.signals) < 6:
            amperes += 1
            self.sim.tell(f"current {-amperes}")
            self.log.turn(0.1)
            self.assertLess(time.monotonic(), began + 60)
        self.assertLessEqual(len(self.battery.signals), time.monotonic() - began + 1)
        measured = 0
        for member, path, changes in self.battery.signals:
            self.assertEqual((member, path), ("ItemsChanged", "/"))
            self.assertEqual(str(changes.signature), "sa{sv}")
            measured += {"/Dc/0/Current", "/Dc/0/Power"} <= set(changes)
            for path, item in changes.items():
                self.assertEqual(set(item), {"Value", "Text"})
                self.assertNotEqual(item["Value"], known[path], f"{path} did not change")
                known[path] = item["Value"]
        self.assertGreaterEqual(measured, 5)  # the first may be of a second before
        for path, item in self.items().items():
            if path.startswith(("/Info", "/Alarms", "/System/NrOf", "/Io")):
                self.assertEqual(item["Value"], known[path], path)

    def test_nothing_is_said_of_a_battery_at_rest(self):
        self.sim.tell("current 0")
        self.log.turn(8.0)
        self.battery.signals.clear()
        self.log.turn(3.0)
        paths = {path for _, _, changes in self.battery.signals for path in changes}
        self.assertFalse([p for p in paths if not p.startswith("/Diagnostics")], paths)

    def test_a_fault_is_told_with_its_limits(self):
        self.battery.drain()
        self.battery.signals.clear()
        self.sim.tell("fault over-voltage")
        told = {}
        self.battery.drain(lambda b: any("/Alarms/HighCellVoltage" in changes
                                         for _, _, changes in b.signals), 20)
        for _, _, changes in self.battery.signals:
            told.update(changes)
            if "/Alarms/HighCellVoltage" in changes:
                break
        for path, value in (("/Alarms/HighCellVoltage", 2), ("/Info/MaxChargeCurrent", 0.0),
                            ("/Io/AllowToCharge", 0), ("/ErrorCode", 13), ("/State", 10)):
            self.assertEqual(told[path]["Value"], value, path)
        self.assertNotIn("/Info/MaxDischargeCurrent", told)  # what feeds the house goes on
        self.log.wait_for(lambda line: "0x03 over-voltage cut-off" in line)


if __name__ == "__main__":
    rig.main()
