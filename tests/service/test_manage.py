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

    def test_introspection_and_wrong_calls(self):
        self.start_all()
        self.wait_for_manager()
        text = self.manager.call("Introspect", interface="org.freedesktop.DBus.Introspectable")
        node = xml.etree.ElementTree.fromstring(text)
        methods = {m.get("name"): m for i in node.findall("interface")
                   if i.get("name") == MANAGER for m in i.findall("method")}
        self.assertIn("Status", methods)
        for name, method in methods.items():
            self.assertEqual([a.get("type") for a in method.findall("arg")
                              if a.get("direction") == "out"], ["s"], name)
        for error, *call in (("InvalidArgs", "Status", "s", "x"), ("UnknownMethod", "Fly")):
            with self.assertRaises(dbus.DBusException) as caught:
                self.manager.call(*call)
            self.assertEqual(caught.exception.get_dbus_name(),
                             "org.freedesktop.DBus.Error." + error)

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
