#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The broker is away for an hour: how often it is asked for, what it costs, and that all comes back.

    broker.py GATEWAY [SCALE]      the gateway's clock runs SCALE times faster (libfaketime), 60

Prints the attempts; fails if they come faster than the back-off allows, if memory grows by more
than 5 %, or if the gateway is not back within the longest pause.
"""
import glob
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

HOUR_S = 3600
RETRY_MAX_S = 120


def listen(port=0):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    s.listen()
    return s


def memory_kb(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("RssAnon"))


def start_broker(folder, port):
    path = os.path.join(folder, "broker.conf")
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n")
    return subprocess.Popen(["mosquitto", "-c", path], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def availability(port, seconds):
    done = subprocess.run(["mosquitto_sub", "-p", str(port), "-t", "tinybms/availability", "-C", "1",
                           "-W", str(max(1, round(seconds)))], capture_output=True, text=True,
                          check=False)
    return done.stdout.strip()


def knocks(door, until, scale):
    """Virtual seconds at which the gateway knocks at a door that nobody opens."""
    found, begin = [], time.monotonic()
    while (left := until - time.monotonic()) > 0:
        door.settimeout(left)
        try:
            visitor, _ = door.accept()
        except socket.timeout:
            break
        found.append((time.monotonic() - begin) * scale)
        visitor.close()
    return found


def main(program, scale, folder):
    door = listen()
    port = door.getsockname()[1]
    config = os.path.join(folder, "gateway.json")
    with listen() as free, open(config, "w", encoding="utf-8") as f:
        json.dump({"port": free.getsockname()[1], "mqtt_enabled": True, "mqtt_port": port}, f)
    library, = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    gateway = subprocess.Popen([program, "--config", config], stdout=subprocess.DEVNULL,
                               env={**os.environ, "LD_PRELOAD": library, "FAKETIME": f"+0 x{scale:g}",
                                    "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere",
                                    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"})
    try:
        minute_s = 60 / scale
        times = knocks(door, time.monotonic() + 10 * minute_s, scale)
        before = memory_kb(gateway.pid)
        offset = 10 * 60
        times += [offset + t for t in knocks(door, time.monotonic() + (HOUR_S / 60 - 10) * minute_s, scale)]
        after = memory_kb(gateway.pid)
        door.close()
        pauses = [b - a for a, b in zip(times, times[1:])]
        print(f"an hour without a broker: {len(times)} attempts, pauses "
              f"{', '.join(f'{p:.0f}' for p in pauses[:9])} s at first, at most {max(pauses):.0f} s; "
              f"own memory {before} kB after ten minutes, {after} kB at the end")
        broker = start_broker(folder, port)
        begin = time.monotonic()
        came = ""
        while came != "online" and time.monotonic() < begin + 2 * RETRY_MAX_S / scale + 10:
            came = availability(port, 1)
        print(f"back after {(time.monotonic() - begin) * scale:.0f} s: {came or 'never'}")
        broker.terminate()
        broker.wait()
        bad = []
        # each pause is a half to a whole of what the doubling allows, 120 s in the end
        fewest, most = HOUR_S / RETRY_MAX_S, 2 * HOUR_S / RETRY_MAX_S + 10
        if not fewest <= len(times) <= most:
            bad.append(f"{fewest:.0f} to {most:.0f} attempts were expected")
        if after > before * 1.05:
            bad.append("memory grew by more than 5 %")
        if came != "online":
            bad.append("it does not come back")
        return bad
    finally:
        gateway.terminate()
        gateway.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        troubles = main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 60, place)
    for trouble in troubles:
        print("FAILED:", trouble)
    sys.exit(1 if troubles else 0)
