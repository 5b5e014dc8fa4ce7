#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A service of com.victronenergy.BusItem paths that never change: NAME JSON ({"/Path": value})."""
import json
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib


class Item(dbus.service.Object):
    def __init__(self, bus, path, value):
        super().__init__(bus, path)
        self.value = value

    @dbus.service.method("com.victronenergy.BusItem", out_signature="v")
    def GetValue(self):
        return dbus.Array([], signature="i") if self.value is None else self.value


class Root(dbus.service.Object):
    def __init__(self, bus, items):
        super().__init__(bus, "/")
        self.items = items

    @dbus.service.method("com.victronenergy.BusItem", out_signature="a{sa{sv}}")
    def GetItems(self):
        return {path: {"Value": item.GetValue(), "Text": str(item.value)}
                for path, item in self.items.items()}


def mixed(entries):
    return dbus.Dictionary(entries, signature="sv")


def main(name, values):
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SessionBus()
    items = {path: Item(bus, path, value) for path, value in json.loads(values, object_hook=mixed).items()}
    root = Root(bus, items)
    owned = dbus.service.BusName(name, bus, do_not_queue=True)
    GLib.MainLoop().run()
    del root, owned


main(*sys.argv[1:])
