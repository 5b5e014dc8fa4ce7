# SPDX-License-Identifier: MIT
"""Judge what was heard on a wire: decode.py FAMILY FRAMES ITEMS, decode.py --ladder FRAMES.

FRAMES is a log of candump, ITEMS what D-Bus showed at that time. The tables here are read
from the inverters' documents, not from the service.
"""
import re
import struct
import sys

import can

CVL, CCL, DCL, DVL = ("/Info/MaxChargeVoltage", "/Info/MaxChargeCurrent",
                      "/Info/MaxDischargeCurrent", "/Info/BatteryLowVoltage")
VOLT, AMP, SOC, SOH, TEMP = ("/Dc/0/Voltage", "/Dc/0/Current", "/Soc", "/Soh", "/Dc/0/Temperature")
LOW, HIGH, AH = "/System/MinCellVoltage", "/System/MaxCellVoltage", "/InstalledCapacity"
LONG = 0x80000000

# id: (length, period in ms, [(byte, format, step, offset, path, tolerance)], text at 0 or None)
LIMITS = [(0, "<H", 0.1, 0, CVL, 0.11), (2, "<h", 0.1, 0, CCL, 0.11), (4, "<h", 0.1, 0, DCL, 0.11)]
WITH_DVL = LIMITS + [(6, "<H", 0.1, 0, DVL, 0.11)]
STATE = [(0, "<H", 1, 0, SOC, 1.1), (2, "<H", 1, 0, SOH, 1.1)]
FINE = STATE + [(4, "<H", 0.01, 0, SOC, 0.2)]
MEASURED = [(0, "<h", 0.01, 0, VOLT, 0.1), (2, "<h", 0.1, 0, AMP, 0.5), (4, "<h", 0.1, 0, TEMP, 1.1)]
CELLS = [(0, "<H", 0.001, 0, LOW, 0.01), (2, "<H", 0.001, 0, HIGH, 0.01)]

VICTRON = {
    0x351: (8, 1000, WITH_DVL, None), 0x355: (None, 1000, FINE, None),
    0x356: (None, 1000, MEASURED, None), 0x35A: (8, 1000, [], None), 0x35E: (8, None, [], None),
    0x35F: (8, None, [(4, "<H", 1, 0, AH, 1.1)], None), 0x372: (8, None, [], None),
    0x373: (8, None, CELLS, None), 0x379: (None, None, [(0, "<H", 1, 0, AH, 1.1)], None),
}
PYLONTECH = {
    0x351: (8, 1000, LIMITS, None), 0x355: (None, 1000, STATE, None),
    0x356: (None, 1000, MEASURED, None), 0x359: (None, 1000, [], None),
    0x35C: (None, 1000, [], None), 0x35E: (8, 1000, [], b"PYLON"),
}
EXTENDED = {**PYLONTECH, 0x372: (8, None, [], None), 0x373: (8, None, CELLS, None),
            0x379: (None, None, [(0, "<H", 1, 0, AH, 1.1)], None)}
SMA = {
    0x351: (8, 1000, WITH_DVL, None), 0x355: (None, 1000, FINE, None),
    0x356: (None, 1000, MEASURED, None), 0x35A: (8, 1000, [], None),
    0x35B: (8, None, [], None), 0x35E: (8, None, [], None), 0x35F: (8, None, [], None),
}


def every(table, period):
    return {key: (row[0], row[1] and period, *row[2:]) for key, row in table.items()}


FAMILIES = {
    "victron": VICTRON,
    "byd": {**VICTRON, 0x355: (None, 1000, STATE, None), 0x35E: (8, None, [], b"BYD"), 0x382: (8, None, [], b"PREMIUM")},
    "pylontech": PYLONTECH, "deye": PYLONTECH, "sofar": PYLONTECH, "pylontech-ext": EXTENDED,
    "goodwe": {**EXTENDED, 0x35E: (8, None, [], b"GOODWE")},
    "sol-ark": {**PYLONTECH, 0x351: (8, 1000, WITH_DVL, None), 0x356: (
        8, 1000, [(0, "<h", 0.1, 0, VOLT, 0.15), *MEASURED[1:]], None)},
    "luxpower": {**PYLONTECH, 0x351: (8, 1000, WITH_DVL, None), 0x355: (
        8, 1000, STATE + [(4, "<H", 0.001, 0, HIGH, 0.01), (6, "<H", 0.001, 0, LOW, 0.01)], None),
        0x359: (None, 1000, [(5, "<H", 1, 0, AH, 1.1)], None)},
    "sma": SMA,
    "mg": every({**SMA, 0x373: (8, None, CELLS, None)}, 500),
    "growatt": {
        0x311: (8, None, [(0, ">H", 0.1, 0, CVL, 0.11), (2, ">H", 0.1, 0, CCL, 0.11),
                          (4, ">H", 0.1, 0, DCL, 0.11)], None),
        0x312: (8, None, [], None),
        0x313: (8, None, [(0, ">h", 0.01, 0, VOLT, 0.1), (2, ">h", 0.1, 0, AMP, 0.5),
                          (6, "B", 1, 0, SOC, 1.1)], None),
        0x314: (8, None, [(2, ">H", 0.01, 0, AH, 1.1)], None),
        0x315: (8, None, [(0, ">H", 0.001, 0, LOW, 0.05)], None),
        0x318: (8, None, [(2, ">H", 0.001, 0, HIGH, 0.05)], None),  # cell 14, the last
        0x319: (8, None, [(1, ">H", 0.001, 0, HIGH, 0.01), (3, ">H", 0.001, 0, LOW, 0.01)], None),
        0x320: (8, None, [], None),
    },
    "schneider": {
        LONG | 0x321: (8, 500, [(0, ">I", 0.01, 0, CVL, 0.02), (4, ">I", 0.01, 0, DVL, 0.02)], None),
        LONG | 0x322: (8, 500, [(0, ">I", 0.01, 0, CCL, 0.02), (4, ">I", 0.01, 0, DCL, 0.02)], None),
        LONG | 0x323: (8, 500, [(0, ">I", 0.01, 0, VOLT, 0.1), (4, ">i", 0.01, 0, AMP, 0.5)], None),
        LONG | 0x324: (4, 500, [(2, ">H", 0.1, 0, SOC, 0.5)], None),
        LONG | 0x320: (2, 2000, [], None), LONG | 0x325: (6, None, [], None),
    },
    # PGN 127508 and the first frame of 127506 from address 0x50; instance, then values
    "nmea2000": {
        LONG | 0x19F21450: (8, 1500, [(1, "<H", 0.01, 0, VOLT, 0.1), (3, "<h", 0.1, 0, AMP, 0.5),
                                      (5, "<H", 0.01, -273.15, TEMP, 1.1)], None),
        LONG | 0x19F21250: (8, 750, [], None),
    },
}
PEERS = {0x305, 0x301, LONG | 0x310}
TIGHT = {"sma", "mg"}  # nothing but their own ids may be sent
SMA_IDS = {0x351, 0x355, 0x356, 0x35A, 0x35B, 0x35E, 0x35F}


def read_frames(path):
    with can.CanutilsLogReader(path) as reader:
        return [(message.arbitration_id | (LONG if message.is_extended_id else 0),
                 bytes(message.data), message.timestamp) for message in reader]


def read_items(path):
    """dbus-send's words: each path, then its Value."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    found = re.findall(r'string "(/[^"]+)"\s+array \[.*?string "Value"\s+variant\s+(\w+) (\S+)', text,
                       re.S)
    return {path: float(number) for path, kind, number in found if kind in ("double", "int32")}


def judge_frame(key, row, frames, items, say):
    length, period_ms, fields, text = row
    mine = [(data, at) for got, data, at in frames if got == key]
    name = f"{key & 0x1FFFFFFF:X}"
    if not mine and period_ms is None and not fields and key not in (0x312, 0x372):
        return  # sent seldom
    if not mine:
        say(f"{name} was not sent")
        return
    data = mine[-1][0]
    if length is not None and len(data) != length:
        say(f"{name} has {len(data)} bytes, want {length}")
    if text is not None and not data.startswith(text):
        say(f"{name} says {data!r}, want {text!r}")
    # a guest on a busy host may lose time: more often than that is what cannot be
    if period_ms and len(mine) > 4000 / period_ms * 1.3 + 2:
        say(f"{name} was sent {len(mine)} times in 4 s, period {period_ms} ms")
    for at, form, step, offset, path, tolerance in fields:
        if path not in items:
            say(f"{path} is not on D-Bus")
            continue
        got = struct.unpack_from(form, data, at)[0] * step + offset
        if not abs(got - items[path]) <= tolerance:
            say(f"{name} byte {at} is {got:.3f}, {path} is {items[path]:.3f}")


def judge_family(family, frames, items, say):
    for key, row in FAMILIES[family].items():
        judge_frame(key, row, frames, items, say)
    for key in {key for key, _, _ in frames} - PEERS:
        if key == 0x00F or key & 0x7FF == 0x00F and not key & LONG:
            say("the quick stop was sent")
        if family == "sma" and key not in SMA_IDS:
            say(f"{key:X} must not be sent to SMA")


def judge_ladder(frames, say):
    """Limits, then no current at full charge voltage, then silence."""
    limits = [(at, *struct.unpack_from("<Hhh", data)) for key, data, at in frames if key == 0x351]
    zero = [row for row in limits if row[2] == 0 and row[3] == 0]
    end = max(at for _, _, at in frames)
    if not limits or limits[0][2] == 0:
        say("it does not begin with a limit")
    if not zero:
        say("the limits never fell to 0")
    elif any(row[1] == 0 for row in zero):
        say("CVL is 0")
    elif end - limits[-1][0] < 2:
        say(f"no silence at the end: last 351 {end - limits[-1][0]:.1f} s before it")
    elif not 2.5 <= limits[-1][0] - zero[0][0] <= 6.5:
        say(f"no current for {limits[-1][0] - zero[0][0]:.1f} s before the silence, want 5 (50 at scale 10)")


def main():
    problems = []
    if sys.argv[1] == "--ladder":
        judge_ladder(read_frames(sys.argv[2]), problems.append)
    else:
        judge_family(sys.argv[1], read_frames(sys.argv[2]), read_items(sys.argv[3]), problems.append)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
