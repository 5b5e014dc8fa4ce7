# SPDX-License-Identifier: MIT
"""Every path of a battery: there, of the right type, with the right text and the right number."""
import re

import dbus

import rig

I, D, S = dbus.Int32, dbus.Double, dbus.String
V, MV, A, W, C = r"\d+\.\d\dV", r"\d\.\d{3}V", r"-?\d+\.\dA", r"-?\d+W", r"-?\d+\.\d°C"
KWH = r"\d+\.\d\dkWh"
PERCENT, AH, NUMBER, ANY = r"\d+\.\d%", r"-?\d+\.\dAh", r"\d+", r".*"

# What Venus OS's programs read from a battery, as far as a TinyBMS knows it.
PATHS = {
    "/Mgmt/ProcessName": (S, "dbus-tinybms"), "/Mgmt/ProcessVersion": (S, r"\d+\.\d+\.\d+"),
    "/Mgmt/Connection": (S, r"pts_\d+"), "/DeviceInstance": (I, "288"),
    "/ProductId": (I, "0xB0BB"), "/ProductName": (S, "TinyBMS"), "/CustomName": (S, ""),
    "/Serial": (S, rig.SERIAL.upper()), "/FirmwareVersion": (S, r"\d+\.\d+"),
    "/HardwareVersion": (S, r"\d+\.\d+"), "/Connected": (I, "1"), "/Manufacturer": (S, ".+"),

    "/Dc/0/Voltage": (D, V), "/Dc/0/Current": (D, A), "/Dc/0/Power": (D, W),
    "/Dc/0/Temperature": (D, C), "/Soc": (D, PERCENT), "/Soh": (D, PERCENT),
    "/Capacity": (D, AH), "/InstalledCapacity": (D, AH), "/ConsumedAmphours": (D, AH),
    "/TimeToGo": (I, r"\d+s"),

    "/Info/MaxChargeVoltage": (D, V), "/Info/MaxChargeCurrent": (D, A),
    "/Info/MaxDischargeCurrent": (D, A), "/Info/BatteryLowVoltage": (D, V),
    "/Info/ChargeRequest": (I, "0"), "/Info/ChargeMode": (S, ".+"),
    "/Info/ChargeLimitation": (S, ".+"), "/Info/DischargeLimitation": (S, ".+"),

    "/State": (I, "9"), "/ErrorCode": (I, "0"), "/Balancing": (I, "[01]"),
    "/Balancer/Status": (I, "[0-3]"), "/Io/AllowToCharge": (I, "1"),
    "/Io/AllowToDischarge": (I, "1"), "/ConnectionInformation": (S, ".+"),

    "/System/NrOfCellsPerBattery": (I, "16"), "/System/NrOfBatteries": (I, "1"),
    "/System/BatteriesParallel": (I, "1"), "/System/BatteriesSeries": (I, "1"),
    "/System/MinCellVoltage": (D, MV), "/System/MaxCellVoltage": (D, MV),
    "/System/MinVoltageCellId": (S, r"C\d+"), "/System/MaxVoltageCellId": (S, r"C\d+"),
    "/System/MinCellTemperature": (D, C), "/System/MaxCellTemperature": (D, C),
    "/System/MinTemperatureCellId": (S, ".+"), "/System/MaxTemperatureCellId": (S, ".+"),
    "/System/NrOfModulesOnline": (I, "1"), "/System/NrOfModulesOffline": (I, "0"),
    "/System/NrOfModulesBlockingCharge": (I, "0"),
    "/System/NrOfModulesBlockingDischarge": (I, "0"),
    "/System/Temperature1": (D, C), "/System/Temperature2": (D, C),
    "/System/Temperature1Name": (S, ".+"), "/System/Temperature2Name": (S, ".+"),
    "/System/MOSTemperature": (D, C),

    "/Voltages/Sum": (D, V), "/Voltages/Diff": (D, MV), "/Battery/Request/Id": (I, "1"),
    "/Battery/1/Voltage": (D, V), "/Battery/1/Current": (D, A), "/Battery/1/Temperature": (D, C),
    "/Battery/1/Capacity": (D, AH), "/Battery/1/Serial": (S, rig.SERIAL.upper()),
    "/Battery/1/FwVersion": (S, r"\d+\.\d+"),

    "/History/DeepestDischarge": (D, AH), "/History/LastDischarge": (D, AH),
    "/History/TotalAhDrawn": (D, AH), "/History/ChargeCycles": (I, NUMBER),
    "/History/FullDischarges": (I, NUMBER), "/History/AutomaticSyncs": (I, NUMBER),
    "/History/DischargedEnergy": (D, KWH), "/History/ChargedEnergy": (D, KWH),
    "/History/MinimumVoltage": (D, V), "/History/MaximumVoltage": (D, V),
    "/History/MinimumCellVoltage": (D, MV), "/History/MaximumCellVoltage": (D, MV),
    "/History/MinimumTemperature": (D, C), "/History/MaximumTemperature": (D, C),
    "/History/CanBeCleared": (I, "1"), "/History/Clear": (I, "0"),
    "/History/LowVoltageAlarms": (I, NUMBER), "/History/HighVoltageAlarms": (I, NUMBER),
    "/Settings/HasTemperature": (I, "1"),
}
for record in ("Voltage", "CellVoltage", "Temperature"):
    PATHS[f"/History/Minimum{record}Time"] = (I, NUMBER)
    PATHS[f"/History/Maximum{record}Time"] = (I, NUMBER)

for name in ("LowVoltage HighVoltage LowCellVoltage HighCellVoltage HighCurrent HighChargeCurrent "
             "HighDischargeCurrent LowSoc LowTemperature HighTemperature LowChargeTemperature "
             "HighInternalTemperature CellImbalance InternalFailure BmsCable").split():
    PATHS["/Alarms/" + name] = (I, "0")
for cell in range(1, 17):
    PATHS[f"/Voltages/Cell{cell}"] = (D, MV)
    PATHS[f"/Balances/Cell{cell}"] = (I, "[01]")
    PATHS[f"/Battery/1/Cell/{cell}/Voltage"] = (D, MV)

# Nothing reads them, or they are our own.
OTHERS = ("/Diagnostics/", "/Bms/Statistics/",
          # known after a full charge
          "/History/AverageDischarge", "/History/TimeSinceLastFullCharge",
          "/History/LastFullChargeTime",
          "/Settings/Bms/", "/Settings/Charge/")
# Meaningless to publish, or worse: see what they would make the system do.
FORBIDDEN = ("/Mgmt/InsecureConnection", "/Dc/1/Voltage", "/Mode", "/Relay/0/State",
             "/Settings/HasSettings", "/Battery/1/Status", "/UpdateIndex",
             "/Diagnostics/LastErrors/1/Error", "/Capabilities/ChargeVoltageControl")


class Paths(rig.Rig):
    def discharging(self):
        self.start_settings()
        self.start_sim()
        self.sim.tell("current -20")
        self.start_service()
        self.wait_for_battery()
        self.wait_for_value("/Dc/0/Current", lambda amperes: amperes < -19)

    def test_all(self):
        self.discharging()
        self.wait_for_value("/TimeToGo", lambda value: not rig.is_invalid(value), 90)
        items = self.items()
        for path, (kind, text) in PATHS.items():
            with self.subTest(path=path):
                item = items[path]
                self.assertEqual(set(item), {"Value", "Text"})
                self.assertIs(type(item["Value"]), kind)
                self.assertRegex(item["Text"], re.compile(text + r"\Z"))
                self.assertEqual(self.battery.text(path), item["Text"])
                self.assertIs(type(self.get(path)), kind)
        for path, item in items.items():
            with self.subTest(path=path):
                self.assertTrue(path in PATHS or path.startswith(OTHERS), "not asked for")
                self.assertNotIn(path, FORBIDDEN)
                if rig.is_invalid(item["Value"]):
                    self.assertEqual(item["Text"], "---")

    def test_numbers(self):
        self.discharging()
        self.sim.tell("set cell 5 3.40")
        self.sim.tell("set cell 9 3.20")
        self.sim.tell("temperature 1 25")
        self.sim.tell("temperature 2 31")
        self.wait_for_value("/Voltages/Cell5", lambda volts: volts > 3.3)
        self.wait_for_value("/Battery/1/Cell/9/Voltage", lambda volts: volts < 3.25)
        self.wait_for_value("/System/Temperature2", 31.0)
        self.wait_for_value("/System/MaxCellTemperature", 31.0)
        items = {path: item["Value"] for path, item in self.items().items()}

        cells = [items[f"/Voltages/Cell{n}"] for n in range(1, 17)]
        self.assertEqual(max(cells), cells[4])
        self.assertEqual(min(cells), cells[8])
        self.assertEqual((items["/System/MaxVoltageCellId"], items["/System/MinVoltageCellId"]),
                         ("C5", "C9"))
        self.assertAlmostEqual(items["/System/MaxCellVoltage"], cells[4], delta=0.003)
        self.assertAlmostEqual(items["/System/MinCellVoltage"], cells[8], delta=0.003)
        self.assertAlmostEqual(items["/Voltages/Sum"], sum(cells), delta=0.05)
        self.assertAlmostEqual(items["/Voltages/Diff"], cells[4] - cells[8], delta=0.005)
        self.assertAlmostEqual(items["/Dc/0/Voltage"], sum(cells), delta=0.05)

        self.assertAlmostEqual(items["/Dc/0/Current"], -20.0, delta=0.2)
        self.assertAlmostEqual(items["/Dc/0/Power"], -20.0 * items["/Dc/0/Voltage"], delta=15)
        self.assertEqual(items["/InstalledCapacity"], 100.0)
        self.assertAlmostEqual(items["/Capacity"], items["/Soc"], delta=0.3)  # of 100 Ah
        self.assertAlmostEqual(items["/ConsumedAmphours"], items["/Capacity"] - 100, delta=0.3)
        self.assertEqual((items["/System/MinCellTemperature"], items["/System/MaxCellTemperature"]),
                         (25.0, 31.0))
        # 60 Ah at 20 A
        self.wait_for_value("/TimeToGo", lambda value: not rig.is_invalid(value), 90)
        self.assertAlmostEqual(self.get("/TimeToGo"), 3 * 3600, delta=400)

    def test_what_is_not_there(self):
        self.start_settings()
        self.start_sim()
        self.sim.tell("series 13")
        self.sim.tell("temperature 1 none")
        self.sim.tell("temperature 2 none")
        self.start_service()
        self.wait_for_battery()
        items = self.items()
        self.assertEqual(items["/System/NrOfCellsPerBattery"]["Value"], 13)
        self.assertIn("/Voltages/Cell13", items)
        for path in ("/Voltages/Cell14", "/Balances/Cell14", "/Battery/1/Cell/14/Voltage"):
            self.assertNotIn(path, items)
        for path in ("/System/Temperature1", "/System/Temperature2", "/TimeToGo"):
            self.assertTrue(rig.is_invalid(items[path]["Value"]), path)
        self.assertAlmostEqual(items["/Info/MaxChargeVoltage"]["Value"], 13 * 3.45, delta=0.2)


if __name__ == "__main__":
    rig.main()
