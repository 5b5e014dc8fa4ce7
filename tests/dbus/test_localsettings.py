# SPDX-License-Identifier: MIT
"""The client of com.victronenergy.settings: test_localsettings.py CLIENT STANDIN"""
import os
import subprocess
import sys
import tempfile
import time
import unittest

import dbus
import dbus.service

from private_bus import INTERFACE, INVALID, Lines, PrivateBus

NAME = "com.victronenergy.settings"
SETTINGS = "com.victronenergy.Settings"
DEVICE = "/Settings/Devices/tinybms_1"
CLIENT = STANDIN = None

AWAY = f"trouble The settings service ({NAME}) is not on the bus; waiting for it."
THERE = "fine The settings service is on the bus."


class Broken(dbus.service.Object):
    """A settings service that answers what the test wants it to."""

    def __init__(self, connection):
        super().__init__(connection, "/")
        self.answers = []  # of AddSettings: a list, or an exception
        self.added = []
        connection.request_name(NAME)

    @dbus.service.method(SETTINGS, in_signature="aa{sv}", out_signature="v")
    def AddSettings(self, wanted):
        self.added.append([str(row["path"]) for row in wanted])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @dbus.service.signal(INTERFACE, signature="a{sa{sv}}")
    def ItemsChanged(self, changes):
        pass


class BrokenArray(Broken):
    """The same, with the signature that the real one has."""

    @dbus.service.method(SETTINGS, in_signature="aa{sv}", out_signature="aa{sv}")
    def AddSettings(self, wanted):
        return Broken.AddSettings(self, wanted)


class Leaf(dbus.service.Object):
    """One setting that never answers."""

    @dbus.service.method(INTERFACE, in_signature="v", out_signature="i",
                         async_callbacks=("answer", "fail"))
    def SetValue(self, value, answer, fail):
        self.kept = (value, answer, fail)

    @dbus.service.signal(INTERFACE, signature="a{sv}")
    def PropertiesChanged(self, changes):
        pass


def added(path, value, error=0):
    return dbus.Dictionary({"path": path, "error": dbus.Int32(error), "value": value},
                           signature="sv")


class Settings(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bus = PrivateBus()
        self.addCleanup(self.bus.close)
        self.file = os.path.join(folder.name, "settings.json")
        self.connection = self.bus.connect()

    def start_service(self):
        self.service = self.bus.run("/usr/bin/python3", STANDIN, "--file", self.file)
        while not self.connection.name_has_owner(NAME):
            self.assertIsNone(self.service.poll())
            time.sleep(0.01)

    def stop_service(self):
        self.service.terminate()
        self.assertEqual(self.service.wait(10), 0)

    def start_client(self):
        self.client = self.bus.run(CLIENT, stdin=subprocess.PIPE)
        self.addCleanup(self.client.stdin.close)
        self.lines = Lines(self.client.stdout)

    def tell(self, *lines):
        for line in lines:
            self.client.stdin.write(line + "\n")
        self.client.stdin.flush()

    def expect(self, *lines):
        for line in lines:
            self.lines.wait_for(line)

    def ask(self, path):
        self.tell("get " + path)
        return self.lines.wait_for(lambda line: line.startswith("is " + path)).split(" ", 2)[2]

    def end_client(self):
        self.client.stdin.close()
        self.assertEqual(self.client.wait(10), 0)
        return self.client.stdout.read().splitlines()

    def set(self, path, value):
        return self.connection.call_blocking(NAME, path, INTERFACE, "SetValue", "v", (value,))

    def get(self, path):
        return self.connection.call_blocking(NAME, path, INTERFACE, "GetValue", "", ())

    # ---- the ordinary life ----

    def test_types(self):
        self.start_service()
        self.start_client()
        self.tell("add /Settings/A/Int i:3 0 10", "add /Settings/A/Double d:1.5 -1 2",
                  "add /Settings/A/Text s:Boat", "add /Settings/A/Free i:-7")
        self.expect("value /Settings/A/Int i:3", "value /Settings/A/Double d:1.5",
                    "value /Settings/A/Text s:Boat", "value /Settings/A/Free i:-7")
        items = self.connection.call_blocking(NAME, "/", INTERFACE, "GetItems", "", ())
        self.assertEqual(items["/Settings/A/Int"]["Max"], 10)
        self.assertEqual(items["/Settings/A/Double"]["Min"], -1.0)
        self.assertIsInstance(items["/Settings/A/Double"]["Value"], dbus.Double)
        self.assertEqual(self.end_client(), [])

    def test_change_by_another(self):
        self.start_service()
        self.start_client()
        self.tell("add /Settings/A/Int i:3", "add /Settings/A/Text s:")
        self.expect("value /Settings/A/Int i:3", "value /Settings/A/Text s:")
        self.assertEqual(self.set("/Settings/A/Int", dbus.Int32(8)), 0)
        self.assertEqual(self.set("/Settings/A/Text", "Ship"), 0)
        self.expect("value /Settings/A/Int i:8", "value /Settings/A/Text s:Ship")
        self.assertEqual(self.ask("/Settings/A/Int"), "i:8")

    def test_write(self):
        self.start_service()
        self.start_client()
        self.tell("add /Settings/A/Int i:3 0 10")
        self.expect("value /Settings/A/Int i:3")
        self.tell("write /Settings/A/Int i:4")
        self.expect("value /Settings/A/Int i:4")
        self.assertEqual(self.get("/Settings/A/Int"), 4)
        self.tell("write /Settings/A/Int i:11")
        self.expect("trouble The settings service refused a value for /Settings/A/Int (answer -1).")
        self.assertEqual(self.ask("/Settings/A/Int"), "i:4")

    def test_instances_are_unique(self):
        self.start_service()
        self.start_client()
        self.tell(f"add {DEVICE}/ClassAndVrmInstance s:battery:288")
        self.expect(f"value {DEVICE}/ClassAndVrmInstance s:battery:288")
        self.tell(f"add {DEVICE}2/ClassAndVrmInstance s:battery:288")
        self.expect(f"value {DEVICE}2/ClassAndVrmInstance s:battery:289")
        self.set(DEVICE + "2/ClassAndVrmInstance", "battery:288")
        self.set(DEVICE + "2/ClassAndVrmInstance", "battery:5")
        self.expect(f"value {DEVICE}2/ClassAndVrmInstance s:battery:5")

    def test_forgotten(self):
        self.start_service()
        self.start_client()
        self.tell("add /Settings/A/Int i:3", "add /Settings/A/Other i:3")
        self.expect("value /Settings/A/Int i:3", "value /Settings/A/Other i:3")
        self.tell("remove /Settings/A/Int", "get /Settings/A/Other")
        self.expect("is /Settings/A/Other i:3")
        self.set("/Settings/A/Int", dbus.Int32(8))
        self.set("/Settings/A/Other", dbus.Int32(8))
        self.expect("value /Settings/A/Other i:8")
        self.assertEqual(self.end_client(), [])

    # ---- the service comes and goes ----

    def test_absent_at_first(self):
        self.start_client()
        self.tell("add /Settings/A/Text s:", "add /Settings/A/Int i:1",
                  "write /Settings/A/Text s:Old", "write /Settings/A/Text s:New")
        self.expect(AWAY)
        self.lines.turn(3.0)
        self.assertEqual(self.lines.lines, [])
        self.assertEqual(self.ask("/Settings/A/Text"), "-")
        self.start_service()
        self.expect(THERE, "value /Settings/A/Text s:", "value /Settings/A/Int i:1",
                    "value /Settings/A/Text s:New")
        self.assertEqual(self.get("/Settings/A/Text"), "New")

    def test_returns_with_its_contents(self):
        self.start_service()
        self.start_client()
        self.tell("add /Settings/A/Text s:")
        self.expect("value /Settings/A/Text s:")
        self.set("/Settings/A/Text", "Ship")
        self.expect("value /Settings/A/Text s:Ship")
        self.stop_service()
        self.expect(AWAY)
        self.assertEqual(self.ask("/Settings/A/Text"), "s:Ship")
        self.start_service()
        self.expect(THERE)
        self.tell("add /Settings/A/Late i:2")
        self.expect("value /Settings/A/Late i:2")
        self.assertEqual(self.ask("/Settings/A/Text"), "s:Ship")
        self.assertEqual(self.lines.lines, [])  # what was known is not told again

    def test_returns_without_its_contents(self):
        self.start_service()
        self.start_client()
        self.tell("add /Settings/A/Text s:Boat", "add /Settings/A/Int i:1")
        self.expect("value /Settings/A/Text s:Boat", "value /Settings/A/Int i:1")
        self.set("/Settings/A/Text", "Ship")
        self.expect("value /Settings/A/Text s:Ship")
        self.stop_service()
        os.unlink(self.file)
        self.expect(AWAY)
        self.tell("write /Settings/A/Int i:9")
        self.start_service()
        self.expect(THERE, "value /Settings/A/Text s:Boat", "value /Settings/A/Int i:9")
        self.assertEqual(self.get("/Settings/A/Int"), 9)

    def test_each_departure_is_told(self):
        self.start_client()
        self.tell("add /Settings/A/Int i:3")
        for _ in range(3):
            self.expect(AWAY)
            self.start_service()
            self.expect(THERE)
            self.stop_service()
        self.expect(AWAY)

    def test_removed_by_another(self):
        self.start_service()
        self.start_client()
        self.tell("add /Settings/A/Int i:3")
        self.expect("value /Settings/A/Int i:3")
        self.set("/Settings/A/Int", dbus.Int32(8))
        self.expect("value /Settings/A/Int i:8")
        self.connection.call_blocking(NAME, "/Settings", SETTINGS, "RemoveSettings", "as",
                                      (["A/Int"],))
        self.expect("value /Settings/A/Int i:3")  # added again, as new
        self.tell("write /Settings/A/Int i:5")
        self.expect("value /Settings/A/Int i:5")

    def test_bus_ends(self):
        self.start_client()
        self.tell("add /Settings/A/Int i:3")
        self.expect(AWAY)
        self.bus.kill_daemon()
        self.assertEqual(self.client.wait(10), 3)

    # ---- refusals and nonsense ----

    def test_refused(self):
        self.start_service()
        self.start_client()
        self.tell("add /Settings/A/Int i:3", "add /Settings/A/Text s:")
        self.expect("value /Settings/A/Int i:3", "value /Settings/A/Text s:")
        for path, value, reason in (
                ("/Settings/_A/Int", "i:1", "a part of its name begins with an underscore "
                                            "(answer -2)"),
                ("/Elsewhere/Int", "i:1", "its path is not possible (answer -9)"),
                ("/Settings/A", "i:1", "it is a group (answer -8)"),
                ("/Settings/B/Int", "i:11 0 10", "its default is not possible (answer -7)")):
            self.tell(f"add {path} {value}")
            self.expect(f"trouble The settings service refused {path}: {reason}.")
        self.tell("remove /Settings/A/Int", "add /Settings/A/Int s:three")
        self.expect("trouble The settings service refused /Settings/A/Int: it exists with another "
                    "type (answer -5).")
        self.assertEqual(self.ask("/Settings/A/Text"), "s:")

    def start_broken(self, answers, kind=BrokenArray):
        connection = self.bus.connect()
        broken = kind(connection)
        broken.answers = answers
        return broken

    def test_error_is_tried_again(self):
        broken = self.start_broken([dbus.DBusException("not now", name="org.example.Busy"),
                                    [added("/Settings/A/Int", dbus.Int32(4))]])
        self.start_client()
        self.tell("add /Settings/A/Int i:3")
        self.expect(lambda line: line.startswith(
            "trouble The settings service did not take our settings: AddSettings of " + NAME)
            and "not now" in line and line.endswith("; trying again."))
        self.expect("value /Settings/A/Int i:4")
        self.assertEqual(broken.added[-1], ["/Settings/A/Int"])

    def test_nonsense(self):
        self.start_broken([dbus.String("thanks")], Broken)
        self.start_client()
        self.tell("add /Settings/A/Int i:3")
        self.expect("trouble The settings service did not take our settings: its answer makes no "
                    "sense; trying again.")
        self.assertEqual(self.ask("/Settings/A/Int"), "-")

    def test_strange_rows(self):
        path = "/Settings/A/Int"
        self.start_broken([dbus.Array([
            dbus.Dictionary({}, signature="sv"),
            dbus.Dictionary({"path": dbus.Int32(1), "error": "none"}, signature="sv"),
            dbus.Dictionary({"path": path, "error": dbus.Struct((1, 2))}, signature="sv"),
            added("/Settings/A/Stranger", dbus.Int32(1)),
            added(path, INVALID),
            added(path, dbus.Struct((1, "x"))),
            added(path, dbus.Int32(6)),
        ], signature="a{sv}")])
        self.start_client()
        self.tell("add " + path + " i:3")
        self.expect(f"trouble The settings service refused {path}: for an unknown reason "
                    "(answer -1).", f"value {path} i:6")

    def test_signals(self):
        path = "/Settings/A/Int"
        broken = self.start_broken([[added(path, dbus.Int32(4))]])
        leaf = Leaf(broken.connection, path)
        forged = Leaf(self.bus.connect(), path)
        self.start_client()
        self.tell("add " + path + " i:3")
        self.expect(f"value {path} i:4")
        forged.PropertiesChanged({"Value": dbus.Int32(66), "Text": "66"})
        self.ask(path)
        leaf.PropertiesChanged({"Text": "no value"})
        leaf.PropertiesChanged({"Value": dbus.Struct((1, 2)), "Text": "?"})
        leaf.PropertiesChanged({"Value": dbus.Int32(5), "Text": "5"})
        broken.ItemsChanged({"/Settings/A/Stranger": {"Value": dbus.Int32(1)},
                             path: {"Value": dbus.Int32(7), "Text": "7"}})
        self.expect(f"value {path} i:5")
        self.expect(f"value {path} i:7")
        self.assertEqual(self.end_client(), [])

    def test_unanswered_write_is_repeated(self):
        path = "/Settings/A/Text"
        broken = self.start_broken([[added(path, "Boat")]])
        leaf = Leaf(broken.connection, path)
        self.start_client()
        self.tell(f"add {path} s:")
        self.expect(f"value {path} s:Boat")
        self.tell(f"write {path} s:Ship", f"get {path}")
        self.expect(f"is {path} s:Boat")
        self.lines.turn(0.2)
        self.assertEqual(leaf.kept[0], "Ship")
        broken.connection.close()
        self.expect(lambda line: f"The setting {path} could not be written: " in line)
        self.start_service()
        self.expect(THERE, f"value {path} s:Ship")
        self.assertEqual(self.get(path), "Ship")

    def test_end_with_open_calls(self):
        path = "/Settings/A/Text"
        broken = self.start_broken([[added(path, "Boat")]])
        Leaf(broken.connection, path)
        self.start_client()
        self.tell(f"add {path} s:")
        self.expect(f"value {path} s:Boat")
        self.tell(f"write {path} s:Ship", "add /Settings/A/Int i:1")
        self.assertEqual(self.end_client(), [])

    # ---- names ----

    def test_names(self):
        self.start_client()
        self.tell("identifier tinybms_ 12:34-ab/é")
        self.expect("tinybms_12_34_ab___")
        for text, device_class, number in (
                ("battery:288", "battery", 288), ("battery:0", "battery", 0),
                ("battery:", "battery", -1), ("battery:-1", "battery", -1),
                ("battery:+1", "battery", -1), ("battery:1x", "battery", -1),
                ("battery1", "battery", -1), ("tank:1", "battery", -1),
                ("battery:2147483647", "battery", 2147483647),
                ("battery:2147483648", "battery", -1),
                ("battery:99999999999999999999", "battery", -1)):
            self.tell(f"instance {text} {device_class}")
            self.expect(str(number))


if __name__ == "__main__":
    CLIENT, STANDIN = sys.argv[1:3]
    del sys.argv[1:3]
    unittest.main()
