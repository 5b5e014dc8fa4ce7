#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stands in for a battery's service that says whatever a test wants: FILE ID

FILE is read at each call: {"answers": {METHOD: JSON}, "items": {"/Path": value}, "changes": likewise,
"rows": [s, ...], "silent": [METHOD, ...]}. A silent method never answers. The second name
org.dbus_tinybms.ID answers METHOD, the battery's name on the bus GetItems with the items; without
an answer there is an error. Changes are told by ItemsChanged. Records is worked out of rows, the
times of a recording, as history_methods.h has it.
"""
import json
import sys

import dbus
import dbus.lowlevel
import dbus.mainloop.glib
from gi.repository import GLib

ITEM = "com.victronenergy.BusItem"
PERIOD_S, ROWS_AT_ONCE = 10, 500


def read():
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)


def wrapped(value):
    return dbus.Array(value, signature="i") if isinstance(value, list) else value


def dictionary(items):
    return dbus.Dictionary({path: dbus.Dictionary({"Value": wrapped(value)}, signature="sv")
                            for path, value in items.items()}, signature="sa{sv}")


def records(rows, first, last, step):
    """With a silent row where there is a gap."""
    lines, before = [], None
    for t in rows:
        if not first <= t <= last or (before is not None and t - before < step - 0.5):
            continue
        if before is not None and t - before > 2.5 * max(PERIOD_S, step):
            lines.append(f"{before + PERIOD_S:.3f},1,")
        lines.append(f"{t:.3f},0,50")
        before = t
    return {"columns": "t,silent,pack_voltage", "rows": lines[:ROWS_AT_ONCE],
            "more": len(lines) > ROWS_AT_ONCE}


def answer_of(member, arguments):
    if member == "Records":
        return records(read()["rows"], *arguments)
    return read()["answers"].get(member)


def reply_to(message):
    member = message.get_member()
    reply = dbus.lowlevel.MethodReturnMessage(message)
    if message.get_interface() == ITEM and member == "GetItems" and "items" in read():
        reply.append(dictionary(read()["items"]), signature="a{sa{sv}}")
        return reply
    answer = answer_of(member, message.get_args_list())
    if answer is None:
        return dbus.lowlevel.ErrorMessage(message, "org.dbus_tinybms.Error.Refused", "Not today.")
    reply.append(json.dumps(answer), signature="s")
    return reply


def on_message(connection, message):
    if not isinstance(message, dbus.lowlevel.MethodCallMessage) or message.get_path() != "/":
        return dbus.lowlevel.HANDLER_RESULT_NOT_YET_HANDLED
    if message.get_member() not in read().get("silent", []):
        connection.send_message(reply_to(message))
    return dbus.lowlevel.HANDLER_RESULT_HANDLED


def tell_changes(bus, told):
    changes = read().get("changes", {})
    changed = {path: value for path, value in changes.items() if told.get(path) != value}
    if changed:
        signal = dbus.lowlevel.SignalMessage("/", ITEM, "ItemsChanged")
        signal.append(dictionary(changed), signature="a{sa{sv}}")
        bus.send_message(signal)
        told.update(changed)
    return True


def main(name):
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SessionBus()
    bus.add_message_filter(on_message)
    GLib.timeout_add(100, tell_changes, bus, {})
    bus.request_name("com.victronenergy.battery." + name)
    bus.request_name("org.dbus_tinybms." + name)
    GLib.MainLoop().run()


main(sys.argv[2])
