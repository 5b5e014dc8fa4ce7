# SPDX-License-Identifier: MIT
"""com.victronenergy.BusItem, by python3-dbus: test_items.py PROGRAM"""
import os
import socket
import sys
import unittest
import xml.etree.ElementTree

import dbus
import dbus.lowlevel

from private_bus import INTERFACE, PrivateBus, Service, is_invalid

NAME = "com.victronenergy.battery.ttyUSB0"
PROGRAM = None

SET_CASES = [  # path, value, answer, value afterwards
    ("/Number", dbus.Int32(3), 0, dbus.Int32(3)),
    ("/Number", dbus.Byte(2), 0, dbus.Int32(2)),
    ("/Number", dbus.Int16(-1), 0, dbus.Int32(-1)),
    ("/Number", dbus.UInt16(4), 0, dbus.Int32(4)),
    ("/Number", dbus.UInt32(5), 0, dbus.Int32(5)),
    ("/Number", dbus.Int64(-5), 0, dbus.Int32(-5)),
    ("/Number", dbus.UInt64(1), 0, dbus.Int32(1)),
    ("/Number", dbus.Boolean(False), 0, dbus.Int32(0)),
    ("/Number", dbus.Double(2.0), 0, dbus.Int32(2)),
    ("/Number", dbus.String("3"), 0, dbus.Int32(3)),
    ("/Number", dbus.String(" 4.0 "), 0, dbus.Int32(4)),
    ("/Number", dbus.Int32(1, variant_level=3), 0, dbus.Int32(1)),
    ("/Number", dbus.Int32(6), 2, dbus.Int32(1)),
    ("/Number", dbus.Int32(-6), 2, dbus.Int32(1)),
    ("/Number", dbus.Double(2.5), 1, dbus.Int32(1)),
    ("/Number", dbus.Double("nan"), 1, dbus.Int32(1)),
    ("/Number", dbus.Double("inf"), 1, dbus.Int32(1)),
    ("/Number", dbus.Int64(1 << 40), 1, dbus.Int32(1)),
    ("/Number", dbus.UInt64((1 << 64) - 1), 1, dbus.Int32(1)),
    ("/Number", dbus.String("three"), 1, dbus.Int32(1)),
    ("/Number", dbus.String(""), 1, dbus.Int32(1)),
    ("/Number", dbus.Array([1], signature="i"), 1, dbus.Int32(1)),
    ("/Number", dbus.Dictionary({"a": 1}, signature="si"), 1, dbus.Int32(1)),
    ("/Number", dbus.Struct((1, 2)), 1, dbus.Int32(1)),
    ("/Limit", dbus.Double(7.25), 0, dbus.Double(7.25)),
    ("/Limit", dbus.Int32(3), 0, dbus.Double(3.0)),
    ("/Limit", dbus.String("4.5"), 0, dbus.Double(4.5)),
    ("/Limit", dbus.Boolean(True), 0, dbus.Double(1.0)),
    ("/Limit", dbus.Double(10.01), 2, dbus.Double(1.0)),
    ("/Limit", dbus.Double("nan"), 1, dbus.Double(1.0)),
    ("/Limit", dbus.Double("-inf"), 1, dbus.Double(1.0)),
    ("/Limit", dbus.String("nan"), 1, dbus.Double(1.0)),
    ("/Limit", dbus.String("1e999"), 1, dbus.Double(1.0)),
    ("/Limit", dbus.String("4,5"), 1, dbus.Double(1.0)),
    ("/Limit", dbus.Array([], signature="i"), 1, dbus.Double(1.0)),
    ("/CustomName", dbus.String("Boat"), 0, dbus.String("Boat")),
    ("/CustomName", dbus.String("Böót €"), 0, dbus.String("Böót €")),
    ("/CustomName", dbus.Int32(48), 0, dbus.String("48")),
    ("/CustomName", dbus.Double(51.2), 0, dbus.String("51.2")),
    ("/CustomName", dbus.Double("nan"), 1, dbus.String("51.2")),
    ("/CustomName", dbus.Array([], signature="i"), 1, dbus.String("51.2")),
    ("/CustomName", dbus.String(""), 0, dbus.String("")),
    ("/Refuse", dbus.Int32(1), 2, None),
    ("/Soc", dbus.Double(50.0), 1, dbus.Double(85.0)),
    ("/DeviceInstance", dbus.Int32(2), 1, dbus.Int32(1)),
]


class Items(unittest.TestCase):
    def setUp(self):
        self.bus = PrivateBus()
        self.addCleanup(self.bus.close)
        self.connection = self.bus.connect()
        self.program = self.bus.run(PROGRAM, NAME)
        self.assertEqual(self.program.stdout.readline(), "ready\n")
        self.service = Service(self.connection, NAME)

    def command(self, text):
        self.assertEqual(self.service.set("/Test/Command", text), 0, text)

    def assert_same(self, got, want):
        self.assertIs(type(got), type(want))
        self.assertEqual(got, want)

    def assert_error(self, name, *call, **options):
        with self.assertRaises(dbus.DBusException) as caught:
            self.service.call(*call, **options)
        self.assertEqual(caught.exception.get_dbus_name(), "org.freedesktop.DBus.Error." + name)

    def test_get_items(self):
        items = self.service.call("/", "GetItems")
        self.assertEqual(str(items.signature), "sa{sv}")
        self.assertEqual(len(items), 15)
        voltage = items["/Dc/0/Voltage"]
        self.assertEqual(set(voltage), {"Value", "Text"})
        self.assert_same(voltage["Value"], dbus.Double(52.1, variant_level=1))
        self.assertEqual(voltage["Text"], "52.10V")
        self.assertTrue(is_invalid(items["/Dc/0/Current"]["Value"]))
        self.assertEqual(items["/Dc/0/Current"]["Text"], "---")
        self.assert_same(items["/DeviceInstance"]["Value"], dbus.Int32(1, variant_level=1))
        self.assertEqual(items["/ProductId"]["Text"], "0xB0BB")
        self.assert_same(items["/CustomName"]["Value"], dbus.String("", variant_level=1))

    def test_leaf(self):
        self.assert_same(self.service.get("/Soc"), dbus.Double(85.0, variant_level=1))
        self.assert_same(self.service.text("/Soc"), dbus.String("85.0%"))
        self.assertTrue(is_invalid(self.service.get("/Dc/0/Current")))
        self.assertEqual(self.service.text("/Dc/0/Current"), "---")
        self.assertEqual(self.service.text("/CustomName"), "")

    def tearDown(self):
        self.assertIn(self.program.poll(), (None, 0, 3))

    def test_tree(self):
        below = self.service.get("/Dc")
        self.assertEqual(str(below.signature), "sv")
        self.assertEqual(set(below), {"0/Voltage", "0/Current"})
        self.assertEqual(below["0/Voltage"], 52.1)
        self.assertTrue(is_invalid(below["0/Current"]))
        self.assertEqual(self.service.get("/Dc/0")["Voltage"], 52.1)
        self.assertEqual(self.service.text("/Dc/0"), {"Voltage": "52.10V", "Current": "---"})
        self.assertEqual(len(self.service.get("/")), 15)
        self.assertEqual(self.service.text("/")["Dc/0/Voltage"], "52.10V")

    def test_limits(self):
        for method, number, limit in (("GetMin", -5, 0.0), ("GetMax", 5, 10.0),
                                      ("GetDefault", 1, 2.5)):
            self.assert_same(self.service.call("/Number", method),
                             dbus.Int32(number, variant_level=1))
            self.assert_same(self.service.call("/Limit", method),
                             dbus.Double(limit, variant_level=1))
            self.assertTrue(is_invalid(self.service.call("/Soc", method)))
            self.assertTrue(is_invalid(self.service.call("/CustomName", method)))

    def test_unknown(self):
        for path in ("/Nothing", "/Dc/1", "/D", "/Dc/0/Voltage/Below", "/Soc2"):
            for method in ("GetValue", "GetText", "GetItems"):
                self.assert_error("UnknownObject", path, method)
            self.assert_error("UnknownObject", path, "SetValue", "v", 1)
        self.assert_error("UnknownMethod", "/Soc", "GetItems")
        self.assert_error("UnknownMethod", "/Dc", "GetItems")
        self.assert_error("UnknownMethod", "/Dc", "SetValue", "v", 1)
        self.assert_error("UnknownMethod", "/", "SetValue", "v", 1)
        self.assert_error("UnknownMethod", "/Soc", "Explode")
        self.assert_error("UnknownMethod", "/Soc", "GetValue", interface="org.example.Other")
        self.assert_error("InvalidArgs", "/Number", "SetValue")

    def test_set(self):
        for path, value, answer, after in SET_CASES:
            with self.subTest(path=path, value=value):
                self.assertEqual(self.service.set(path, value), answer)
                if after is None:
                    self.assertTrue(is_invalid(self.service.get(path)))
                else:
                    self.assertEqual(self.service.get(path), after)
                    self.assertIs(type(self.service.get(path)), type(after))

    def test_set_bare_arguments(self):
        self.assertEqual(self.service.set("/Number", 3), 0)
        empty = dbus.Array([], signature="i")
        self.assertEqual(self.service.call("/Number", "SetValue", "ai", empty), 0)
        self.assertTrue(is_invalid(self.service.get("/Number")))
        self.assertEqual(self.service.call("/Number", "SetValue", "i", 2), 0)
        self.assertEqual(self.service.get("/Number"), 2)
        self.assertEqual(self.service.set("/Number", empty), 0)
        self.assertTrue(is_invalid(self.service.get("/Number")))
        self.assertEqual(self.service.call("/Soc", "SetValue", "ai", empty), 1)

    def test_no_interface(self):
        message = dbus.lowlevel.MethodCallMessage(NAME, "/Soc", None, "GetValue")
        reply = self.connection.send_message_with_reply_and_block(message, 5)
        self.assertEqual(reply.get_args_list(), [85.0])

    def test_signal_comes_before_the_reply(self):
        self.assertEqual(self.service.set("/CustomName", "Boat"), 0)
        self.service.drain()
        self.assertEqual(self.service.signals, [("ItemsChanged", "/", {
            "/CustomName": {"Value": "Boat", "Text": "Boat"}})])
        order = []
        self.connection.add_message_filter(
            lambda connection, message: order.append((message.get_type(), message.get_no_reply()))
            or dbus.lowlevel.HANDLER_RESULT_NOT_YET_HANDLED)
        self.connection.call_async(NAME, "/CustomName", INTERFACE, "SetValue", "v", ("Ship",),
                                   lambda code: order.append(int(code)), order.append)
        self.service.drain(lambda s: 0 in order)
        self.assertEqual(order[0], (4, True))  # a signal with NO_REPLY_EXPECTED
        self.assertEqual(order[-1], 0)

    def test_setting_what_is_there_is_silent(self):
        self.assertEqual(self.service.set("/CustomName", ""), 0)
        self.service.drain()
        self.assertEqual(self.service.signals, [])

    def test_later_answer(self):
        done = []
        self.connection.call_async(NAME, "/Slow", INTERFACE, "SetValue", "v", (7,),
                                   lambda code: done.append(int(code)), done.append)
        self.assertEqual(self.service.get("/Soc"), 85.0)  # meanwhile it answers others
        self.assertEqual(done, [])
        self.assertEqual(self.service.set("/Slow", 8), 2)
        self.service.drain(lambda s: done)
        self.assertEqual(done, [0])
        self.assertEqual(self.service.get("/Slow"), 7)
        self.assertEqual(self.service.get("/Text/Sender"), self.connection.get_unique_name())

    def test_quit_with_an_open_request(self):
        done = []
        self.connection.call_async(NAME, "/Slow", INTERFACE, "SetValue", "v", (7,),
                                   lambda code: done.append(int(code)), done.append)
        self.command("quit")
        self.service.drain(lambda s: done)
        self.assertEqual(done, [2])

    def test_dead_band(self):
        self.command("set /Dc/0/Voltage 52.104")
        self.command("flush")
        self.assertEqual(self.service.get("/Dc/0/Voltage"), 52.104)
        self.command("set /Dc/0/Voltage 52.11")
        self.command("flush")
        self.command("set /Dc/0/Voltage 52.115")
        self.command("set /Dc/0/Voltage 52.125")
        self.command("set /Dc/0/Voltage 52.11")  # back at what was announced
        self.command("flush")
        self.service.drain()
        voltages = [change["/Dc/0/Voltage"]["Value"] for _, _, change in self.service.signals]
        self.assertEqual(voltages, [52.11])

    def test_batch(self):
        self.command("set /Dc/0/Voltage 53.0")
        self.command("set /Dc/0/Current -0.04")
        self.command("set /Soc 84.5")
        self.service.drain()
        self.assertEqual(self.service.signals, [])
        self.command("flush")
        self.command("flush")
        self.service.drain()
        (signal,) = self.service.signals
        self.assertEqual(signal[:2], ("ItemsChanged", "/"))
        self.assertEqual(signal[2], {
            "/Dc/0/Voltage": {"Value": 53.0, "Text": "53.00V"},
            "/Dc/0/Current": {"Value": -0.04, "Text": "0.0A"},
            "/Soc": {"Value": 84.5, "Text": "84.5%"}})

    def test_invalid_and_back(self):
        for text in ("clear /Dc/0/Voltage", "flush", "set /Dc/0/Voltage 52.1", "flush"):
            self.command(text)
        self.service.drain()
        first, second = (c["/Dc/0/Voltage"] for _, _, c in self.service.signals)
        self.assertTrue(is_invalid(first["Value"]))
        self.assertEqual(first["Text"], "---")
        self.assertEqual(second["Value"], 52.1)

    def test_not_finite_is_invalid(self):
        for number in ("nan", "inf", "-inf"):
            self.command("set /Soc " + number)
            self.assertTrue(is_invalid(self.service.get("/Soc")))

    def test_not_utf8(self):
        self.command("bytes /Mgmt/Connection")
        self.assertEqual(self.service.get("/Mgmt/Connection"), "caf\ufffd \ufffd")

    def test_urgent(self):
        self.command("set /Soc 80.5")
        self.command("stats")
        self.assertIn("dirty=1 urgent=0", self.service.get("/Test/Stats"))
        self.command("set /Alarms/HighVoltage 2")
        self.command("stats")
        self.assertIn("dirty=1 urgent=1", self.service.get("/Test/Stats"))
        self.command("flush")
        self.command("stats")
        self.assertIn("dirty=0 urgent=0", self.service.get("/Test/Stats"))
        self.command("set /Alarms/HighVoltage 1")
        self.command("set /Alarms/HighVoltage 2")
        self.command("stats")
        self.assertIn("urgent=0", self.service.get("/Test/Stats"))

    def test_stats(self):
        self.command("stats")
        before = [int(word) for word in self.service.get("/Test/Stats").split()[:3]]
        self.command("set /Soc 80.5")
        self.command("set /Alarms/HighVoltage 2")
        self.command("flush")
        self.command("stats")
        after = [int(word) for word in self.service.get("/Test/Stats").split()[:3]]
        self.assertEqual(after[0] - before[0], 1)
        self.assertEqual(after[1] - before[1], 3)  # and /Test/Stats itself
        self.assertTrue(150 < after[2] - before[2] < 400, after)

    def introspect(self, path):
        text = self.service.call(path, "Introspect",
                                 interface="org.freedesktop.DBus.Introspectable")
        node = xml.etree.ElementTree.fromstring(text)
        interface = [i for i in node.findall("interface") if i.get("name") == INTERFACE][0]
        return ({n.get("name") for n in node.findall("node")},
                {m.get("name") for m in interface.findall("method")})

    def test_introspect(self):
        children, methods = self.introspect("/")
        self.assertEqual(children, {"Mgmt", "DeviceInstance", "ProductId", "Dc", "Soc", "Alarms",
                                    "CustomName", "Number", "Limit", "Refuse", "Slow", "Text",
                                    "Test"})
        self.assertEqual(methods, {"GetItems", "GetValue", "GetText"})
        self.assertEqual(self.introspect("/Dc"), ({"0"}, {"GetValue", "GetText"}))
        self.assertEqual(self.introspect("/Dc/0")[0], {"Voltage", "Current"})
        children, methods = self.introspect("/Dc/0/Voltage")
        self.assertEqual(children, set())
        self.assertEqual(methods, {"GetValue", "GetText", "SetValue", "GetMin", "GetMax",
                                   "GetDefault"})

    def test_no_reply_wanted(self):
        message = dbus.lowlevel.MethodCallMessage(NAME, "/Number", INTERFACE, "SetValue")
        message.append(4, signature="v")
        message.set_no_reply(True)
        self.connection.send_message(message)
        self.assertEqual(self.service.get("/Number"), 4)

    def test_bus_vanishes(self):
        self.bus.kill_daemon()
        self.assertEqual(self.program.stdout.readline(), "The D-Bus daemon has ended the connection\n")
        self.assertEqual(self.program.wait(10), 3)

    def test_name_given_free_after_a_while(self):
        second = self.bus.run(PROGRAM, NAME)
        self.service.drain(seconds=1.0)
        self.command("quit")
        self.assertEqual(self.program.wait(10), 0)
        self.assertEqual(second.stdout.readline(), "ready\n")
        self.assertEqual(self.service.get("/Soc"), 85.0)

    def test_name_stays_taken(self):
        second = self.bus.run(PROGRAM, NAME)
        self.assertEqual(second.wait(40), 2)
        self.assertEqual(second.stdout.readline(),
                         NAME + " is owned by another program on this bus; stop it first\n")

    def test_mute_daemon(self):
        path = os.path.join(self.bus.folder.name, "mute")
        with socket.socket(socket.AF_UNIX) as mute:
            mute.bind(path)
            mute.listen()
            self.bus.address = "unix:path=" + path
            program = self.bus.run(PROGRAM, NAME)
            self.assertEqual(program.wait(30), 3)
        self.assertEqual(program.stdout.readline(), "The D-Bus daemon does not answer\n")

    def test_no_bus(self):
        self.bus.address = "unix:path=/nonexistent/bus"
        program = self.bus.run(PROGRAM, NAME)
        self.assertEqual(program.wait(10), 1)
        self.assertIn("cannot connect to the D-Bus daemon", program.stdout.readline())


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
