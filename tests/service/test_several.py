# SPDX-License-Identifier: MIT
"""Two batteries of ours on one bus: each says so until one is chosen and the other stands apart."""
import json
import os

import rig

WARNING = "/Diagnostics/Batteries/Warning"
OTHERS = "/Diagnostics/Batteries/Others"
MANAGED = "/Settings/Charge/managed"
SECOND_SERIAL = "FEDCBA9876543210FEDCBA98"


class Several(rig.Rig):
    scale = 10

    def start_second(self):
        """Another adapter, BMS, configuration and service."""
        config = self.path("second.json")
        with open(config, "w", encoding="utf-8") as file:
            json.dump({"poll_interval_ms": 100, "device_instance": 289}, file)
        sim = rig.Simulator(rig.Programs.simulator, "--serial", SECOND_SERIAL, "--cells", "8",
                            "--chemistry", "lfp", "--time-scale", str(self.scale))
        self.addCleanup(sim.close)
        program = self.bus.run(rig.Programs.service, "--config", config, "--port", sim.link,
                               "--state", self.path("second.state"),
                               "--time-scale", str(self.scale))
        self.addCleanup(self.end_in_order, program)
        self.second_log = rig.Lines(program.stdout)
        name = "com.victronenergy.battery." + \
            os.path.realpath(sim.link).removeprefix("/dev/").replace("/", "_")
        self.wait_until(lambda: self.client.name_has_owner(name))
        self.second = rig.Service(self.client, name)
        self.second_program = program

    def start_two(self):
        self.start_all()
        self.start_second()

    def wait_for_warning(self, service, part):
        self.wait_until(lambda: part in str(service.get(WARNING)))

    def test_alone_it_says_nothing(self):
        self.start_all()
        self.assertEqual(self.get(WARNING), "")
        self.assertEqual(self.get(OTHERS), 0)
        self.assertEqual(self.get(MANAGED), "auto")

    def test_both_warn_until_one_is_chosen(self):
        self.start_two()
        for service in self.battery, self.second:
            self.wait_for_warning(service, "DVCC obeys one only")
            self.assertEqual(service.get(OTHERS), 1)
            self.assertEqual(service.get("/ErrorCode"), 0)
        self.log.turn(0.5)
        self.assertEqual(sum("DVCC obeys one only" in line for line in self.log.lines), 1)

        self.assertEqual(self.battery.set(MANAGED, "yes"), 0)
        self.wait_for_warning(self.battery, "stands apart")
        self.assertEqual(self.second.set(MANAGED, "no"), 0)
        for service in self.battery, self.second:
            self.wait_until(lambda s=service: s.get(WARNING) == "")
        with open(self.config_path, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["managed"], "yes")

        self.assertEqual(self.second.set(MANAGED, "yes"), 0)
        self.wait_for_warning(self.battery, "More than one")

    def test_the_other_one_leaves(self):
        self.start_two()
        self.wait_for_warning(self.battery, "DVCC obeys one only")
        self.second_program.terminate()
        self.assertEqual(self.second_program.wait(10), 0)
        self.wait_for_value(OTHERS, 0)
        self.assertEqual(self.get(WARNING), "")
        self.wait_until(lambda: any("clear now" in line for line in self.log.lines))

    def test_a_foreign_battery_is_none_of_ours(self):
        self.start_all()
        other = self.bus.connect()
        other.request_name("com.victronenergy.battery.foreign")
        self.log.turn(1)
        self.assertEqual(self.get(OTHERS), 0)
        self.assertEqual(self.get(WARNING), "")

    def test_a_word_that_is_none_is_refused(self):
        self.start_all()
        self.assertNotEqual(self.battery.set(MANAGED, "maybe"), 0)
        self.assertEqual(self.get(MANAGED), "auto")
        self.assertIn("auto, yes, no", self.get("/Settings/Charge/LastError"))


if __name__ == "__main__":
    rig.main()
