# SPDX-License-Identifier: MIT
"""What the charge controller remembers over restarts, on the disk and on the bus."""
import os
import json

import rig
from rig import SERIAL


class Memory(rig.Rig):
    scale = 20

    def record_path(self):
        return self.path(f"charge_{SERIAL.upper()}.json")

    def record(self):
        return json.loads(self.read(self.record_path()).splitlines()[0])

    def start_floating(self):
        """A battery that the BMS calls full, settled where float is."""
        self.start_settings()
        self.start_sim()
        self.sim.command("set soc 96")
        self.sim.command("register 50 0x92")  # Fully charged
        self.start_service()
        self.wait_for_battery()
        self.wait_for_value("/Info/ChargeMode", lambda text: text.startswith("Float"))

    def test_float_survives_a_restart(self):
        self.start_floating()
        self.stop_service()
        self.assertIn("Float", self.record()["state"])
        self.sim.command("register 50 0x97")  # Idle: nothing tells of being full any more
        self.start_service()
        self.log.wait_for(lambda line: "Charging goes on in Float" in line)
        self.wait_for_battery()
        self.assertTrue(str(self.get("/Info/ChargeMode")).startswith("Float"))

    def test_float_survives_a_kill(self):
        """Being full is written at once: a power cut leaves it."""
        self.start_floating()
        self.program.kill()
        self.program.wait(5)
        self.assertIn("Float", self.record()["state"])

    def test_damaged(self):
        self.start_floating()
        self.stop_service()
        with open(self.record_path(), "r+", encoding="utf-8") as file:
            file.seek(20)
            file.write("x")
        self.start_service()
        self.log.wait_for(lambda line: "Charging starts in Bulk" in line and "damaged" in line)

    def test_a_new_battery(self):
        """Nothing is known of it but that it has an external sensor, which is kept at once."""
        self.assertFalse(os.path.exists(self.record_path()))
        self.start_all()
        self.program.kill()
        self.program.wait(5)
        self.assertEqual(self.record()["state"], "Bulk")
        self.assertTrue(self.record()["has_external"])

    def test_full_charge_now(self):
        """Asked for in Float: charges again, is kept over a kill, and can be called off."""
        path = "/Settings/Charge/FullChargeNow"
        self.start_floating()
        self.assertEqual(self.get(path), 0)
        self.sim.command("register 50 0x97")  # Idle: or it would be full at once
        self.assertEqual(self.battery.set(path, 2), 2)
        self.assertEqual(self.battery.set(path, 1), 0)
        self.wait_for_value("/Info/ChargeMode", lambda text: not text.startswith("Float"))
        self.wait_until(lambda: self.record()["wants_full"])
        self.program.kill()
        self.program.wait(5)
        self.start_service()
        self.wait_for_battery()
        self.assertEqual(self.get(path), 1)
        self.assertEqual(self.battery.set(path, 0), 0)
        self.wait_until(lambda: not self.record()["wants_full"])
        self.assertEqual(self.get(path), 0)

    def test_full_charge_ends_by_itself(self):
        path = "/Settings/Charge/FullChargeNow"
        self.start_floating()
        self.assertEqual(self.battery.set(path, 1), 0)
        self.wait_for_value(path, 0)  # the BMS says that it is full

    def test_forced_off(self):
        """The owner's switches bind at once, name themselves and are kept."""
        self.start_all()
        self.assertEqual(self.battery.set("/Settings/Charge/ForceChargingOff", 1), 0)
        self.wait_for_value("/Info/MaxChargeCurrent", 0.0)
        self.assertGreater(self.get("/Info/MaxDischargeCurrent"), 0.0)
        self.assertIn("off", self.get("/Info/ChargeLimitation"))
        self.assertEqual(self.get("/Io/AllowToCharge"), 0)
        self.stop_service()
        self.start_service()
        self.wait_for_battery()
        self.assertEqual(self.get("/Info/MaxChargeCurrent"), 0.0)
        self.assertEqual(self.get("/Settings/Charge/ForceChargingOff"), 1)
        self.assertEqual(self.battery.set("/Settings/Charge/ForceDischargingOff", 1), 0)
        self.wait_for_value("/Info/MaxDischargeCurrent", 0.0)
        self.assertIn("off", self.get("/Info/DischargeLimitation"))
        self.assertEqual(self.battery.set("/Settings/Charge/ForceChargingOff", 0), 0)
        self.wait_for_value("/Info/MaxChargeCurrent", lambda amps: amps > 0.0)


if __name__ == "__main__":
    rig.main()
