#!/usr/bin/env python3
"""bench_signals.py SECONDS: signals and changed paths a second of all battery services."""
import sys

import dbus
import dbus.mainloop.glib
from gi.repository import GLib

seconds = int(sys.argv[1])
counts = []
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
dbus.SessionBus().add_signal_receiver(lambda items: counts.append(len(items)), "ItemsChanged",
                                      "com.victronenergy.BusItem", path="/")
loop = GLib.MainLoop()
GLib.timeout_add_seconds(seconds, loop.quit)
loop.run()
print(f"steady state: {len(counts) / seconds:.2f} signals a second, "
      f"{sum(counts) / seconds:.1f} changed paths a second, at most {max(counts, default=0)} in one signal")
