#!/usr/bin/env python3
"""Shows a com.victronenergy.battery service as a live table, as a GX would read it.

Plays the sun too: the simulated battery gets what CVL and CCL allow. Exit
status 0 only if the battery was there and its values changed.
"""
import argparse
import shutil
import signal
import socket
import sys
import time

import dbus
import dbus.mainloop.glib
from gi.repository import GLib

PREFIX = "com.victronenergy.battery."
ITEM = "com.victronenergy.BusItem"
CHARGER_A = 70.0


class Battery:
    """What one service said last; all of it through its signals after the first GetItems."""

    def __init__(self, bus):
        self.bus = bus
        self.name = None
        self.values, self.texts = {}, {}
        self.changes = 0
        bus.add_signal_receiver(self.on_owner, "NameOwnerChanged", "org.freedesktop.DBus")
        bus.add_signal_receiver(self.on_changed, "ItemsChanged", ITEM, path="/",
                                sender_keyword="sender")
        for name in bus.list_names():
            if str(name).startswith(PREFIX):
                self.enter(str(name))

    def on_owner(self, name, old, new):
        if str(name).startswith(PREFIX):
            if new:
                self.enter(str(name))
            elif str(name) == self.name:
                self.name = None

    def enter(self, name):
        self.owner = str(self.bus.get_name_owner(name))
        items = self.bus.get_object(name, "/").GetItems(dbus_interface=ITEM)
        self.name = name
        self.take(items)

    def on_changed(self, items, sender=None):
        if self.name and str(sender) == self.owner:
            self.changes += 1
            self.take(items)

    def take(self, items):
        for path, item in items.items():
            self.values[str(path)] = item["Value"]
            self.texts[str(path)] = str(item["Text"])

    def number(self, path):
        value = self.values.get(path)
        return float(value) if isinstance(value, (dbus.Double, dbus.Int32)) else None


def pair(battery, label, path):
    return f"{label:<22}{battery.texts.get(path, ''):>14}"


def table(battery, width):
    if not battery.name:
        return ["waiting for the battery ..."]
    lines = [f"{battery.name}   {battery.texts.get('/ProductName')}   serial {battery.texts.get('/Serial')}", ""]
    left = [("Voltage", "/Dc/0/Voltage"), ("Current", "/Dc/0/Current"), ("Power", "/Dc/0/Power"),
            ("State of charge", "/Soc"), ("Temperature", "/Dc/0/Temperature"),
            ("Remaining", "/Capacity")]
    right = [("Charge voltage limit", "/Info/MaxChargeVoltage"),
             ("Charge current limit", "/Info/MaxChargeCurrent"),
             ("Discharge limit", "/Info/MaxDischargeCurrent"),
             ("Lowest cell", "/System/MinCellVoltage"), ("Highest cell", "/System/MaxCellVoltage"),
             ("Difference", "/Voltages/Diff")]
    for (a, b) in zip(left, right):
        lines.append(pair(battery, *a) + "    " + pair(battery, *b))
    lines += ["", f"Mode: {battery.texts.get('/Info/ChargeMode')}",
              f"Charge limited by: {battery.texts.get('/Info/ChargeLimitation')};"
              f" discharge: {battery.texts.get('/Info/DischargeLimitation')}", ""]
    for n in range(1, int(battery.number("/System/NrOfCellsPerBattery") or 0) + 1):
        volts = battery.number(f"/Voltages/Cell{n}") or 0.0
        bar = "#" * max(0, min(40, int((volts - 2.5) / 1.7 * 40)))
        mark = " balancing" if battery.number(f"/Balances/Cell{n}") else ""
        lines.append(f"Cell {n:2} {volts:6.3f} V {bar:<40}{mark}")
    alarms = [path[8:] for path, value in battery.values.items()
              if path.startswith("/Alarms/") and battery.number(path)]
    lines += ["", "Alarms: " + (", ".join(alarms) or "none"),
              f"{battery.changes} signals received"]
    return [line[:width] for line in lines]


class Charger:
    """Sun on a house battery: brings what CVL and CCL allow."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)

    def prepare(self):
        """No two cells are the same."""
        self.say("set cell 3 3.31")
        self.say("set cell 11 3.345")

    def say(self, line):
        self.socket.sendall(f"{line}\n".encode())
        answer = self.socket.recv(1000).decode()
        if not answer.startswith("ok"):
            raise SystemExit(f"demo: the simulator refused \"{line}\": {answer}")

    def step(self, battery):
        cvl, ccl = battery.number("/Info/MaxChargeVoltage"), battery.number("/Info/MaxChargeCurrent")
        if battery.name and None not in (cvl, ccl):
            self.say(f"supply {cvl:.2f} {min(ccl, CHARGER_A):.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--control", required=True, help="the simulator's control socket")
    parser.add_argument("--prepare", action="store_true",
                        help="only tell the simulator what battery it is; before the service reads it")
    parser.add_argument("--note", default="", help="a line to show above")
    arguments = parser.parse_args()
    if arguments.prepare:
        Charger(arguments.control).prepare()
        return 0

    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    battery = Battery(dbus.SessionBus())
    charger = Charger(arguments.control)
    loop = GLib.MainLoop()
    began = time.monotonic()
    is_terminal = sys.stdout.isatty()
    seen = set()
    if arguments.note and not is_terminal:
        print(arguments.note, flush=True)

    def draw():
        charger.step(battery)
        if battery.name:
            seen.add(battery.number("/Dc/0/Voltage"))
        lines = table(battery, shutil.get_terminal_size((100, 30)).columns)
        if arguments.note and is_terminal:
            lines[:0] = [arguments.note, ""]
        if is_terminal:
            print("\033[H\033[J" + "\n".join(lines), flush=True)
        if arguments.seconds and time.monotonic() - began >= arguments.seconds:
            if not is_terminal:
                print("\n".join(lines), flush=True)
            loop.quit()
        return True

    GLib.timeout_add(1000, draw)
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, loop.quit)
    loop.run()
    flowed = battery.changes > 0 and len(seen - {None}) > 1
    print("Data flowed." if flowed else "No data flowed.")
    return 0 if flowed else 1


if __name__ == "__main__":
    sys.exit(main())
