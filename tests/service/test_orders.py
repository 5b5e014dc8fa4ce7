# SPDX-License-Identifier: MIT
"""tinybmsctl: what changes the BMS and the service, as an owner types it."""
import json
import subprocess
import sys

import rig
import test_manage

TINYBMSCTL = sys.argv.pop(4)


class Orders(test_manage.ManageRig):
    def setUp(self):
        super().setUp()
        self.start_all()
        self.wait_for_manager()
        self.wait_for_value("/Settings/Bms/series_cells", 16)

    def run_ctl(self, *words):
        done = subprocess.run([TINYBMSCTL, words[0], "--bus", self.bus.address, *words[1:]],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def done(self, *words):
        status, out, err = self.run_ctl(*words)
        self.assertEqual((status, err), (0, ""), words)
        return out

    def fails(self, why, *words, status=1):
        got, _, err = self.run_ctl(*words)
        self.assertEqual(got, status, err)
        self.assertIn(why, err)

    def register(self, address):
        return int(self.sim.tell(f"get registers {address}").split()[0])

    def test_settings(self):
        self.assertIn("over_voltage_cutoff", self.done("settings", "list"))
        self.assertIn("; CA V3, ASCII, SOC bar\n", self.done("settings", "list"))
        self.assertEqual(len(json.loads(self.done("settings", "list", "--json"))["settings"]), 37)
        self.assertEqual(self.done("settings", "set", "allowed_disbalance=0.02",
                                   "broadcast_protocol=soc bar"), "")
        self.assertEqual((self.register(308), self.register(343)), (20, 2))
        self.assertEqual(self.done("settings", "get", "broadcast_protocol"), "SOC bar\n")
        before = self.register(315)
        change = f"over_voltage_cutoff={(before + 10) / 1000}"
        self.fails("add --yes", "settings", "set", change)
        self.assertEqual(self.register(315), before)
        self.done("settings", "set", "--yes", change)
        self.assertEqual(self.register(315), before + 10)
        self.fails("0.015 to 0.1 V", "settings", "set", "allowed_disbalance=1")
        self.fails("NAME=VALUE", "settings", "set", "allowed_disbalance")
        self.fails("no setting", "settings", "get", "speed")
        self.fails("settings list", "settings", "fly", status=2)

    def test_backup_and_restore(self):
        path = self.path("backup.json")
        self.done("settings", "backup", path)
        kept = {address: self.register(address) for address in (300, 308, 315, 322)}
        self.assertEqual(self.done("settings", "diff", path), "")
        over = kept[315] / 1000
        self.done("settings", "set", "--yes", "allowed_disbalance=0.03", "maximum_cycles=1234",
                  f"over_voltage_cutoff={over + 0.1:.3f}", f"fully_charged_voltage={over + 0.05:.3f}")
        self.assertIn("maximum_cycles: 1234 -> ", self.done("settings", "diff", path))
        self.fails("add --yes", "settings", "restore", path)
        self.done("settings", "restore", "--yes", path)
        self.assertEqual({address: self.register(address) for address in kept}, kept)
        self.assertEqual(self.done("settings", "diff", path), "")
        self.assertEqual(self.done("settings", "restore", "--yes", path), "")
        for words in (("restore", "--yes"), ("backup",)):
            self.assertEqual(self.done("settings", *words, path, "--json"), '{"done":true}\n')
        backup = json.loads(self.read(path))
        self.assertEqual(backup["serial"], rig.SERIAL.upper())
        for change, why in (({"charge_over_current_cutoff": 9999}, "of another model"),
                            ({"speed": 1}, "no setting"), ({"series_cells": "x"}, "no number")):
            with open(path, "w", encoding="utf-8") as file:
                json.dump({**backup, "settings": {**backup["settings"], **change}}, file)
            self.fails(why, "settings", "restore", "--yes", path)
        with open(path, "w", encoding="utf-8") as file:
            file.write("{}")
        self.fails("no backup", "settings", "restore", path)
        self.fails("No such file", "settings", "diff", self.path("none.json"))

    def test_orders(self):
        self.done("reset", "events")
        self.assertEqual(self.sim.tell("get events"), "none")
        self.fails("add --yes", "reset", "bms")
        self.assertEqual(self.done("reset", "bms", "--yes", "--json"), '{"done":true}\n')
        self.fails("reset events", "reset", status=2)
        self.fails("reset events", "reset", "all", status=2)
        self.done("storage")
        self.assertEqual(self.get("/Settings/Charge/Storage"), 1)
        self.done("storage", "off")
        self.assertEqual(self.get("/Settings/Charge/Storage"), 0)
        self.done("full-charge")
        self.wait_for_value("/Settings/Charge/FullChargeNow", 1)
        self.done("full-charge", "off")
        self.fails("add --yes", "sleep")
        self.done("sleep", "--yes")
        self.wait_until(lambda: not self.client.name_has_owner(self.battery.name), 5)
        self.fails("not on the bus", "get", "/Soc")
        self.done("wake")
        self.wait_for_battery()

    def test_paths(self):
        self.assertEqual(self.done("get", "/Serial"), rig.SERIAL.upper() + "\n")
        self.assertEqual(self.done("set", "/CustomName", "Barn", "--json"), '{"done":true}\n')
        self.assertEqual(self.done("set", "/CustomName", "Shed"), "")
        self.assertEqual(self.done("get", "/CustomName"), "Shed\n")
        self.fails("no such path", "get", "/Nothing")
        self.fails("To confirm, write", "set", "/Settings/Bms/ignition", "1")
        self.fails("cannot be written", "set", "/Soc", "50")
        self.fails("get PATH", "get", "Soc", status=2)
        self.fails("get PATH", "get", "/a b", status=2)


if __name__ == "__main__":
    rig.main()
