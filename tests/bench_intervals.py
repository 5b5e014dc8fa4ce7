#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench_intervals.py SERVICE SIMULATOR STANDIN: what management costs the live reads.

Sits on the wire between service and simulated BMS and times each request for the
live registers, first at rest, then while all settings are read, 20 are written
and 49 events are fetched ten times. Prints the intervals; fails above 200 ms.
"""
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "service"))

import rig  # noqa: E402
import test_manage  # noqa: E402
from wire import Wire  # noqa: E402

LIMIT_MS = 200
# 20 that the simulated BMS takes in any order, and 20 others
VALUES = {
    "early_balancing_threshold": (3.35, 3.36), "charge_finished_current": (1.0, 1.1),
    "battery_capacity": (100, 110), "allowed_disbalance": (0.02, 0.03),
    "charger_startup_delay": (10, 20), "charger_disable_delay": (5, 10),
    "pulses_per_unit": (100, 200), "distance_unit": (1, 2),
    "discharge_over_current_cutoff": (50, 60), "charge_over_current_cutoff": (40, 50),
    "over_heat_cutoff": (55, 60), "low_temperature_charge_cutoff": (1, 2),
    "charge_restart_level": (80, 85), "maximum_cycles": (2000, 3000),
    "automatic_recovery": (5, 10), "speed_sensor_input": (1, 2), "precharge_duration": (1, 2),
    "precharge_pin": (2, 3), "temperature_sensor_type": (1, 0), "ignition": (1, 2),
}


class Bench(test_manage.ManageRig):
    def start_service(self, *options):
        link = self.path("wire")
        self.wire = Wire(link, self.sim.link)
        self.wire.start()
        self.sim.link = link
        super().start_service(*options)

    def say(self, what, since):
        found = self.wire.intervals_ms(since)
        self.assertGreater(len(found), 20)
        print(f"live reads {what}: {len(found)} intervals, median {found[len(found) // 2]:.0f} ms, "
              f"largest {found[-1]:.0f} ms")
        return found[-1]

    def write(self, which):
        request = {"set": {name: values[which] for name, values in VALUES.items()}}
        answer = self.manager.ask("SetSettings", "s", json.dumps(request))
        if not answer["done"]:
            request["confirm"] = answer["confirm"]
            answer = self.manager.ask("SetSettings", "s", json.dumps(request))
        self.assertTrue(answer["done"])

    def test_intervals(self):
        self.start_all()
        self.wait_for_manager()
        self.wait_for_value("/Settings/Bms/series_cells", 16)
        for i in range(49):
            self.sim.tell(f"event {0x61 + i % 2:#x}")
        self.write(0)
        self.log.turn(3)
        began = time.monotonic()
        self.log.turn(10)
        self.say("at rest", began)
        began, events, others = time.monotonic(), self.wire.events, self.wire.others
        self.write(1)
        wrote_s = time.monotonic() - began
        self.wait_until(lambda: self.wire.events >= events + 10, 60)
        largest = self.say("while 20 settings are written, all read and 49 events fetched "
                           f"{self.wire.events - events} times ({self.wire.others - others} other "
                           f"requests, written after {wrote_s:.1f} s)", began)
        self.assertLess(largest, LIMIT_MS)


if __name__ == "__main__":
    rig.main()
