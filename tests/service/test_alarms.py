# SPDX-License-Identifier: MIT
"""Alarms on the bus: raised by what the simulated battery does, and ended when it is over."""
import rig

# The cut-offs that the simulated BMS starts with are read from it; "{over}" stands for one.
CASES = [  # name, commands that raise it, path, level, commands that end it
    ("cell nearly too high", ["set cell 3 {over:-0.04}"], "HighCellVoltage", 1,
     ["set cell 3 3.3"]),
    ("cell too high", ["set cell 3 {over:+0.01}"], "HighCellVoltage", 2, ["set cell 3 3.3"]),
    ("cell nearly too low", ["set cell 4 {under:+0.1}"], "LowCellVoltage", 1, ["set cell 4 3.3"]),
    ("cell too low", ["set cell 4 {under:-0.05}"], "LowCellVoltage", 2, ["set cell 4 3.3"]),
    ("pack nearly too low", ["set cells {under:+0.1}"], "LowVoltage", 1, ["set cells 3.3"]),
    ("hot", ["temperature 1 {hot:-3}"], "HighTemperature", 1, ["temperature 1 20"]),
    ("too hot", ["temperature 1 {hot:+1}"], "HighTemperature", 2, ["temperature 1 20"]),
    ("cold", ["temperature 1 -12"], "LowTemperature", 1, ["temperature 1 20"]),
    ("nearly too cold to charge", ["temperature 1 {cold:+2}"], "LowChargeTemperature", 1,
     ["temperature 1 20"]),
    ("hot inside", ["temperature 0 72"], "HighInternalTemperature", 1, ["temperature 0 23"]),
    ("low charge", ["set soc 8"], "LowSoc", 1, ["set soc 50"]),
    ("nearly empty", ["set soc 4"], "LowSoc", 2, ["set soc 50"]),
    ("broken switch", ["fault load-switch"], "InternalFailure", 2, ["clear fault"]),
    ("short circuit", ["fault discharge-over-current"], "HighDischargeCurrent", 2,
     ["clear fault"]),
    ("strong charger", ["fault charge-over-current"], "HighChargeCurrent", 2, ["clear fault"]),
]
SETTINGS = {"over": "over_voltage_cutoff", "under": "under_voltage_cutoff",
            "hot": "over_heat_cutoff", "cold": "low_temperature_charge_cutoff"}


class Cutoff(float):
    """Formats "{over:-0.04}" as the cut-off less 0.04."""

    def __format__(self, difference):
        return f"{self + float(difference or 0):.3f}"


class Alarms(rig.Rig):
    scale = 20

    def test_all(self):
        self.start_all()
        cutoffs = {key: Cutoff(float(self.sim.tell("get setting " + name).split()[0]))
                   for key, name in SETTINGS.items()}
        for name, raising, alarm, level, ending in CASES:
            with self.subTest(name=name):
                path = "/Alarms/" + alarm
                self.assertEqual(self.get(path), 0)
                self.battery.signals.clear()
                for command in raising:
                    self.sim.tell(command.format(**cutoffs))
                self.wait_for_value(path, level)
                self.log.turn(0.5)
                self.assertEqual(self.get(path), level)
                for command in ending:
                    self.sim.tell(command)
                self.wait_for_value(path, 0)
                self.battery.drain()
                levels = [c[path]["Value"] for _, _, c in self.battery.signals if path in c]
                self.assertEqual(levels[-1], 0)
                # up once and down again: each change is a pop-up on the display
                self.assertEqual(levels, sorted(levels[:-1]) + [0])
                self.wait_until(self.all_quiet)

    def all_quiet(self):
        return not any(item["Value"] for path, item in self.items().items()
                       if path.startswith("/Alarms/"))


if __name__ == "__main__":
    rig.main()
