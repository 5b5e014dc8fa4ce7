#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stands in for com.victronenergy.settings (localsettings) on a private bus.

Written from the facts of localsettings v1.76: groups and settings as objects,
AddSettings, AddSetting and RemoveSettings with their error numbers, values kept
in a file, changes announced by PropertiesChanged on the setting's own object,
and device instances that are unique within their class.

    settings.py [--file settings.json] [--delay SECONDS]
"""
import argparse
import json
import os
import signal

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "com.victronenergy.settings"
ITEM = "com.victronenergy.BusItem"
SETTINGS = "com.victronenergy.Settings"
INVALID = dbus.Array([], signature="i", variant_level=1)
INSTANCE = "ClassAndVrmInstance"

OK, FAILED = 0, -1
UNDERSCORE, TYPE, PATH, OTHER_TYPE, DEFAULT, RANGE, GROUP, OUTSIDE = range(-2, -10, -1)

PLAIN = {"i": int, "f": float, "s": str}


def plain(letter, value):
    """The value as the setting's own type; None if it cannot be that."""
    try:
        return None if value is None else PLAIN[letter](value)
    except (ValueError, TypeError, OverflowError):
        return None


def wrapped(letter, value):
    if letter == "i":
        return dbus.Int64(value) if value > 0x7FFFFFFF else dbus.Int32(value)
    return dbus.Double(value) if letter == "f" else dbus.String(value)


def letter_of(value):
    """What AddSettings takes for a default; None for every other type."""
    if isinstance(value, (dbus.Int32, dbus.Int64)):
        return "i"
    if isinstance(value, dbus.Double):
        return "f"
    return "s" if isinstance(value, dbus.String) else None


def class_and_number(value):
    """("battery", 288) of "battery:288", else None."""
    parts = str(value).split(":")
    number = plain("i", parts[1]) if len(parts) == 2 else None
    return None if number is None else (parts[0], number)


class Setting(dbus.service.Object):
    def __init__(self, store, path, letter):
        self.store, self.path, self.letter = store, path, letter
        self.value = self.default = self.low = self.high = None
        self.silent = False
        super().__init__(store.bus, path)

    def attributes(self):
        return (self.letter, self.default, self.low, self.high, self.silent)

    def take(self, value):
        """Takes and announces the value, an instance perhaps as another; false if it cannot be."""
        if self.path.endswith("/" + INSTANCE):
            wanted = class_and_number(value)
            if not wanted:
                return False
            value = self.store.free_instance(self.path, *wanted)
        self.value = value
        self.store.save()
        self.PropertiesChanged({"Value": self.GetValue(), "Text": self.GetText()})
        return True

    def properties(self):
        found = {"Value": self.GetValue(), "Text": self.GetText(), "Default": self.GetDefault()}
        if self.low is not None:
            found["Min"] = self.GetMin()
        if self.high is not None:
            found["Max"] = self.GetMax()
        return dbus.Dictionary(found, signature="sv")

    def remove(self):
        self.PropertiesChanged({"Value": INVALID, "Text": ""})
        self.remove_from_connection()

    @dbus.service.method(ITEM, in_signature="v", out_signature="i")
    def SetValue(self, value):
        value = plain(self.letter, value)
        if value is None or (self.low is not None and value < self.low) or \
                (self.high is not None and value > self.high):
            return FAILED
        return OK if value == self.value or self.take(value) else FAILED

    @dbus.service.method(ITEM, out_signature="i")
    def SetDefault(self):
        if self.path.endswith("/" + INSTANCE):
            return FAILED
        return self.SetValue(self.default)

    @dbus.service.method(ITEM, out_signature="v")
    def GetValue(self):
        return wrapped(self.letter, self.value)

    @dbus.service.method(ITEM, out_signature="s")
    def GetText(self):
        return str(self.value)

    @dbus.service.method(ITEM, out_signature="v")
    def GetDefault(self):
        return wrapped(self.letter, self.default)

    @dbus.service.method(ITEM, out_signature="v")
    def GetMin(self):
        return dbus.Int32(0) if self.low is None else wrapped(self.letter, self.low)

    @dbus.service.method(ITEM, out_signature="v")
    def GetMax(self):
        return dbus.Int32(0) if self.high is None else wrapped(self.letter, self.high)

    @dbus.service.method(SETTINGS, out_signature="b")
    def GetSilent(self):
        return self.silent

    @dbus.service.method(SETTINGS, out_signature="vvvi")
    def GetAttributes(self):
        return self.GetDefault(), self.GetMin(), self.GetMax(), dbus.Int32(self.silent)

    @dbus.service.signal(ITEM, signature="a{sv}")
    def PropertiesChanged(self, changes):
        pass


class Group(dbus.service.Object):
    """An object with others below; `/` is one."""

    def __init__(self, store, path):
        self.store, self.path = store, path
        super().__init__(store.bus, path)

    def full(self, name):
        return self.path.rstrip("/") + "/" + name.lstrip("/")

    def below(self):
        prefix = self.full("")
        return {path[len(prefix):]: setting for path, setting in self.store.settings.items()
                if path.startswith(prefix)}

    @dbus.service.method(SETTINGS, in_signature="aa{sv}", out_signature="aa{sv}")
    def AddSettings(self, wanted):
        return dbus.Array([self._add_row(row) for row in wanted], signature="a{sv}")

    def _add_row(self, row):
        path, letter = row.get("path"), letter_of(row.get("default"))
        answer = dbus.Dictionary({}, signature="sv")
        if path is not None:
            answer["path"] = path
        if not isinstance(path, dbus.String):
            error = PATH
        elif letter is None:
            error = TYPE
        else:
            error = self.store.add(self.full(path), letter, row["default"], row.get("min"),
                                   row.get("max"), bool(row.get("silent")))
        answer["error"] = dbus.Int32(error)
        if error == OK:
            answer["value"] = self.store.settings[self.full(path)].GetValue()
        return answer

    @dbus.service.method(SETTINGS, in_signature="ssvsvv", out_signature="i")
    def AddSetting(self, group, name, default, letter, low, high):
        return self._add(group, name, default, letter, low, high, False)

    @dbus.service.method(SETTINGS, in_signature="ssvsvv", out_signature="i")
    def AddSilentSetting(self, group, name, default, letter, low, high):
        return self._add(group, name, default, letter, low, high, True)

    def _add(self, group, name, default, letter, low, high, silent):
        path = self.full("/".join(filter(None, [group.strip("/"), name.strip("/")])))
        return self.store.add(path, str(letter), default, low, high, silent)

    @dbus.service.method(SETTINGS, in_signature="as", out_signature="ai")
    def RemoveSettings(self, names):
        return [self.store.remove(self.full(name)) for name in names]

    @dbus.service.method(ITEM, out_signature="v")
    def GetValue(self):
        return dbus.Dictionary({name: s.GetValue() for name, s in self.below().items()},
                               signature="sv", variant_level=1)

    @dbus.service.method(ITEM, out_signature="v")
    def GetText(self):
        return dbus.Dictionary({name: s.GetText() for name, s in self.below().items()},
                               signature="ss", variant_level=1)

    @dbus.service.method(ITEM, out_signature="i")
    def SetDefault(self):
        for setting in self.below().values():
            setting.SetDefault()
        return OK


class Root(Group):
    @dbus.service.method(ITEM, out_signature="a{sa{sv}}")
    def GetItems(self):
        return dbus.Dictionary({path: s.properties() for path, s in self.store.settings.items()},
                               signature="sa{sv}")


class Store:
    """All groups and settings, and the file that they are kept in."""

    def __init__(self, bus, file):
        self.bus, self.file = bus, file
        self.settings = {}
        self.groups = {"/": Root(self, "/")}
        self.make_groups("/Settings/Devices/")
        if file and os.path.exists(file):
            with open(file, encoding="utf-8") as stream:
                for path, row in json.load(stream).items():
                    setting = self.make(path, row["type"])
                    setting.value, setting.default = row["value"], row["default"]
                    setting.low, setting.high = row["min"], row["max"]
                    setting.silent = row["silent"]

    def save(self):
        if not self.file:
            return
        rows = {path: {"type": s.letter, "value": s.value, "default": s.default, "min": s.low,
                       "max": s.high, "silent": s.silent} for path, s in self.settings.items()}
        with open(self.file + ".new", "w", encoding="utf-8") as stream:
            json.dump(rows, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(self.file + ".new", self.file)

    def make_groups(self, path):
        parts = path.split("/")[1:-1]
        for count in range(1, len(parts) + 1):
            group = "/" + "/".join(parts[:count])
            if group not in self.groups:
                self.groups[group] = Group(self, group)

    def make(self, path, letter):
        self.make_groups(path)
        self.settings[path] = Setting(self, path, letter)
        return self.settings[path]

    def free_instance(self, path, device_class, number):
        """The wanted class:number, or the next that no other device of the class has."""
        taken = {s.value for p, s in self.settings.items()
                 if p.endswith("/" + INSTANCE) and p != path}
        while f"{device_class}:{number}" in taken:
            number += 1
        return f"{device_class}:{number}"

    def add(self, path, letter, default, low, high, silent):
        if "/_" in path:
            return UNDERSCORE
        if letter not in PLAIN:
            return TYPE
        default, low, high = plain(letter, default), plain(letter, low), plain(letter, high)
        if default is None:
            return DEFAULT
        if letter == "s" or (low == 0 and high == 0):
            low = high = None
        if (low is not None and default < low) or (high is not None and default > high):
            return RANGE
        if not path.startswith("/Settings/"):
            return OUTSIDE
        if path in self.groups:
            return GROUP
        setting = self.settings.get(path)
        if setting and setting.letter != letter:
            return OTHER_TYPE
        if path.endswith("/" + INSTANCE) and not class_and_number(default):
            return DEFAULT
        setting = setting or self.make(path, letter)
        wanted = (letter, default, low, high, silent)
        if setting.attributes() != wanted:
            _, setting.default, setting.low, setting.high, setting.silent = wanted
            setting.take(default if setting.value is None else setting.value)
        return OK

    def remove(self, path):
        setting = self.settings.pop(path, None)
        if not setting:
            return FAILED
        setting.remove()
        self.save()
        return OK


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
        kept.append(Store(bus, arguments.file))
        kept.append(dbus.service.BusName(NAME, bus, do_not_queue=True))
        return False

    GLib.timeout_add(int(arguments.delay * 1000), appear)
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, loop.quit)
    loop.run()
    os._exit(0)  # BusName would give its name back to a bus that may be gone


if __name__ == "__main__":
    main()
