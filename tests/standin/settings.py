#!/usr/bin/env python3
"""Stands in for com.victronenergy.settings (localsettings) on a private bus.

Written from the facts of localsettings v1.76: AddSettings, AddSetting and
RemoveSettings with their error numbers, values kept in a file, changes announced
by PropertiesChanged on the setting's own object, and device instances that are
unique within their class.

    settings.py [--file settings.json] [--delay SECONDS]
"""
import argparse
import json
import os
import re
import signal
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "com.victronenergy.settings"
ITEM = "com.victronenergy.BusItem"
SETTINGS = "com.victronenergy.Settings"

OK, UNDERSCORE, TYPE, PATH, OTHER_TYPE, DEFAULT, RANGE, GROUP, OUTSIDE = 0, -2, -3, -4, -5, -6, -7, -8, -9
SIGNED = (dbus.Int32, dbus.Int64)
TYPES = {"i": dbus.Int32, "f": dbus.Double, "s": dbus.String}


def kind(value):
    """"i", "f" or "s"; None for what localsettings does not take."""
    if isinstance(value, SIGNED):
        return "i"
    if isinstance(value, dbus.Double):
        return "f"
    return "s" if isinstance(value, dbus.String) else None


class Setting(dbus.service.Object):
    def __init__(self, root, path, letter, value, default, low, high):
        super().__init__(root.bus, path)
        self.root, self.path, self.letter = root, path, letter
        self.value, self.default, self.low, self.high = value, default, low, high

    def is_in_range(self, value):
        return self.letter == "s" or (self.low == 0 and self.high == 0) or self.low <= value <= self.high

    def typed(self, value):
        return TYPES[self.letter](value)

    def text(self):
        return str(self.value)

    def change(self, value):
        if value == self.value:
            return
        self.value = value
        self.PropertiesChanged({"Value": self.typed(value), "Text": self.text()})
        self.root.save()

    @dbus.service.method(ITEM, in_signature="v", out_signature="i")
    def SetValue(self, value):
        try:
            value = {"i": int, "f": float, "s": str}[self.letter](value)
        except (ValueError, TypeError):
            return -1
        if not self.is_in_range(value):
            return -1
        if self.path.endswith("/ClassAndVrmInstance"):
            value = self.root.free_instance(self.path, value)
        self.change(value)
        return 0

    @dbus.service.method(ITEM, out_signature="v")
    def GetValue(self):
        return self.typed(self.value)

    @dbus.service.method(ITEM, out_signature="s")
    def GetText(self):
        return self.text()

    @dbus.service.method(ITEM, out_signature="v")
    def GetDefault(self):
        return self.typed(self.default)

    @dbus.service.method(ITEM, out_signature="v")
    def GetMin(self):
        return dbus.Int32(0) if self.letter == "s" else self.typed(self.low)

    @dbus.service.method(ITEM, out_signature="v")
    def GetMax(self):
        return dbus.Int32(0) if self.letter == "s" else self.typed(self.high)

    @dbus.service.signal(ITEM, signature="a{sv}")
    def PropertiesChanged(self, changes):
        pass


class Root(dbus.service.Object):
    """Object /, which is where clients add settings with their whole path."""

    def __init__(self, bus, path):
        self.bus, self.file, self.settings = bus, path, {}
        self.load()
        super().__init__(bus, "/")

    def load(self):
        if not self.file or not os.path.exists(self.file):
            return
        with open(self.file, encoding="utf-8") as file:
            for path, row in json.load(file).items():
                self.settings[path] = Setting(self, path, *row)

    def save(self):
        if not self.file:
            return
        rows = {path: [s.letter, s.value, s.default, s.low, s.high] for path, s in self.settings.items()}
        with open(self.file + ".new", "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.file + ".new", self.file)

    def free_instance(self, path, wanted):
        """The wanted class:number, or the next number that no other device of the class has."""
        device_class, _, number = str(wanted).partition(":")
        if not number.isdigit():
            return wanted
        taken = {s.value for p, s in self.settings.items()
                 if p.endswith("/ClassAndVrmInstance") and p != path}
        number = int(number)
        while f"{device_class}:{number}" in taken:
            number += 1
        return f"{device_class}:{number}"

    def refusal(self, path, default, low, high):
        if not path.startswith("/Settings/"):
            return OUTSIDE
        parts = path.split("/")[1:]
        if any(part.startswith("_") for part in parts):
            return UNDERSCORE
        if not all(re.fullmatch("[A-Za-z0-9_]+", part) for part in parts):
            return PATH
        if any(p.startswith(path + "/") for p in self.settings):
            return GROUP
        letter = kind(default)
        if letter is None:
            return TYPE
        if path in self.settings and self.settings[path].letter != letter:
            return OTHER_TYPE
        if letter != "s" and (low or high) and not low <= default <= high:
            return RANGE
        return OK

    def add(self, path, default, low, high):
        error = self.refusal(path, default, low, high)
        if error != OK:
            return error
        letter = kind(default)
        plain = {"i": int, "f": float, "s": str}[letter]
        limits = (0, 0) if letter == "s" else (plain(low), plain(high))
        if path in self.settings:
            setting = self.settings[path]
            setting.default, (setting.low, setting.high) = plain(default), limits
        else:
            value = plain(default)
            if path.endswith("/ClassAndVrmInstance"):
                value = self.free_instance(path, value)
            self.settings[path] = Setting(self, path, letter, value, plain(default), *limits)
        self.save()
        return OK

    @dbus.service.method(SETTINGS, in_signature="aa{sv}", out_signature="aa{sv}")
    def AddSettings(self, wanted):
        answers = []
        for row in wanted:
            path = str(row.get("path", ""))
            if "default" not in row:
                error = DEFAULT
            else:
                error = self.add(path, row["default"], row.get("min", 0), row.get("max", 0))
            answer = {"path": dbus.String(path), "error": dbus.Int32(error)}
            if error == OK:
                answer["value"] = self.settings[path].GetValue()
            answers.append(dbus.Dictionary(answer, signature="sv"))
        return answers

    @dbus.service.method(SETTINGS, in_signature="ssvsvv", out_signature="i")
    def AddSetting(self, group, name, default, letter, low, high):
        if letter not in TYPES:
            return TYPE
        path = "/Settings/" + "/".join(filter(None, [group.strip("/"), name.strip("/")]))
        return self.add(path, TYPES[letter](default), low, high)

    @dbus.service.method(SETTINGS, in_signature="as", out_signature="ai")
    def RemoveSettings(self, names):
        answers = []
        for name in names:
            setting = self.settings.pop("/Settings/" + name.strip("/"), None)
            if setting:
                setting.remove_from_connection()
            answers.append(0 if setting else -1)
        self.save()
        return answers

    @dbus.service.method(ITEM, out_signature="a{sa{sv}}")
    def GetItems(self):
        items = {}
        for path, s in self.settings.items():
            items[path] = {"Value": s.GetValue(), "Text": s.GetText(), "Default": s.GetDefault(),
                           "Min": s.GetMin(), "Max": s.GetMax()}
        return dbus.Dictionary(items, signature="sa{sv}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", help="where the values are kept")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before the name appears")
    arguments = parser.parse_args()

    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    loop = GLib.MainLoop()
    bus = dbus.SessionBus()
    bus.call_on_disconnection(lambda _: loop.quit())
    kept = []

    def appear():
        kept.append(Root(bus, arguments.file))
        kept.append(dbus.service.BusName(NAME, bus, do_not_queue=True))
        return False

    GLib.timeout_add(int(arguments.delay * 1000), appear)
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, loop.quit)
    loop.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
