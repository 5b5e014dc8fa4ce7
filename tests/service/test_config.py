# SPDX-License-Identifier: MIT
"""The configuration of a running service: read again, refused with a reason, saved or not."""
import os
import resource
import signal

import dbus

import rig

LIMIT = "/Settings/Charge/max_charge_current"

BAD = [  # contents, what the message must name
    ('{"max_charge_current": -5}', ("max_charge_current", "-5", "0", "750")),
    ('{"max_charge_current": 7000}', ("max_charge_current", "7000", "0", "750")),
    ('{"max_charge_current": "many"}', ("max_charge_current", "many")),
    ('{"poll_interval_ms": 99}', ("poll_interval_ms", "99", "100", "1000")),
    ('{"poll_interval_ms": 100.5}', ("poll_interval_ms", "100.5")),
    ('{"low_latency": "yes"}', ("low_latency", "yes")),
    ('{"chemistry": "lead"}', ("chemistry", "lead", "LFP", "LTO")),
    ('{"charge_taper_temp": [[10, 2]]}', ("charge_taper_temp",)),
    ('{"max_charge_curent": 5}', ("max_charge_curent",)),
    ('{"max_charge_current": 5', ("config.json",)),
    ('[5]', ("config.json",)),
    ('', ("config.json",)),
]


class Config(rig.Rig):
    def write_text(self, text):
        with open(self.config_path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(self.config_path + ".new", self.config_path)

    def hang_up(self):
        self.program.send_signal(signal.SIGHUP)

    def test_read_again_when_it_changes(self):
        self.write_config({"max_charge_current": 20})
        self.start_all()
        self.wait_for_value("/Info/MaxChargeCurrent", 20.0)
        self.write_config({"max_charge_current": 15})
        self.wait_for_value("/Info/MaxChargeCurrent", 15.0)
        self.assertEqual(self.get(LIMIT), 15.0)
        self.write_config({"max_charge_current": 10})
        self.hang_up()
        self.wait_for_value("/Info/MaxChargeCurrent", 10.0)

    def test_bad_ones_change_nothing(self):
        self.write_config({"max_charge_current": 20})
        self.start_all()
        self.wait_for_value("/Info/MaxChargeCurrent", 20.0)
        for text, parts in BAD:
            with self.subTest(text=text):
                self.write_text(text)
                self.hang_up()
                line = self.log.wait_for(lambda line: line.startswith("ERROR"))
                for part in parts:
                    self.assertIn(part, line)
                self.assertIn("the previous configuration stays", line)
                self.assertEqual(self.get(LIMIT), 20.0)
                self.write_config({"max_charge_current": 20})
                self.hang_up()
                self.log.wait_for(lambda line: line.startswith("Configuration read"))
        self.assertEqual(self.get("/Info/MaxChargeCurrent"), 20.0)

    def test_bad_one_at_the_start(self):
        self.write_text('{"max_charge_current": -5}')
        self.start_all()
        self.log.wait_for(lambda line: line.startswith("ERROR") and "max_charge_current" in line)
        self.write_config({"max_charge_current": 12})
        self.wait_for_value("/Info/MaxChargeCurrent", 12.0)

    def test_another_product_id(self):
        self.start_all()
        self.write_config({"product_id": 0xB0BC})

        def is_there():
            try:
                return self.battery.get("/ProductId") == 0xB0BC
            except dbus.DBusException:  # it is just away
                return False
        self.wait_until(is_there)

    def test_gone(self):
        """A file that vanishes must not make a limit more generous."""
        self.write_config({"max_charge_current": 12})
        self.start_all()
        os.unlink(self.config_path)
        self.log.wait_for(lambda line: "is gone" in line)
        self.assertEqual(self.get(LIMIT), 12.0)
        self.hang_up()
        self.log.wait_for(lambda line: "is gone" in line or "has its default" in line)
        self.assertEqual(self.get(LIMIT), 12.0)
        self.write_config({"max_charge_current": 13})
        self.wait_for_value(LIMIT, 13.0)

    def test_bad_at_the_start(self):
        """The last good one counts: the defaults could be more generous."""
        self.write_config({"max_charge_current": 12})
        self.start_all()
        self.stop_service()
        with open(self.config_path, "w", encoding="utf-8") as file:
            file.write('{"max_charge_current": 12,\n "no_such_key": 1}')
        self.start_service()
        self.log.wait_for(lambda line: 'config.json: line 2: "no_such_key": there is no such key' in line)
        self.log.wait_for(lambda line: "The last good configuration is in force" in line)
        self.wait_for_battery()
        self.assertEqual(self.get(LIMIT), 12.0)

    def test_disk_full(self):
        """A file that cannot grow stands for a full disk: the writing fails half way."""
        self.write_config({"max_charge_current": 12, "soc_ceiling": 90})
        self.start_all()
        self.wait_for_state("publishing")
        with open(self.config_path, encoding="utf-8") as file:
            before = file.read()
        hard = resource.prlimit(self.program.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.program.pid, resource.RLIMIT_FSIZE, (10, hard))
        self.assertEqual(self.battery.set(LIMIT, dbus.Double(15.0)), 2)
        self.assertIn("config.json", self.get("/Settings/Charge/LastError"))
        line = self.log.wait_for(lambda line: "max_charge_current was not changed" in line)
        self.assertIn("File too large", line)
        self.assertEqual(self.get(LIMIT), 12.0)
        with open(self.config_path, encoding="utf-8") as file:
            self.assertEqual(file.read(), before)
        self.assertEqual(sorted(os.listdir(self.folder.name)),
                         ["charge_" + rig.SERIAL.upper() + ".json", "config.json", "config.json.last",
                          "events.jsonl",
                          "settings.json", "state"])
        self.assertEqual(self.get("/Info/MaxChargeCurrent"), 12.0)
        resource.prlimit(self.program.pid, resource.RLIMIT_FSIZE, (hard, hard))
        self.assertEqual(self.battery.set(LIMIT, dbus.Double(15.0)), 0)
        self.wait_for_value("/Info/MaxChargeCurrent", 15.0)


if __name__ == "__main__":
    rig.main()
