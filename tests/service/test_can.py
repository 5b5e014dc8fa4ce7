# SPDX-License-Identifier: MIT
"""CAN outputs beside the battery: whose port it is, what is shown, and that nothing else suffers.

The ports are files in a folder that stands for the root of a GX. Frames come over a socket in
the place of the kernel's; those of a real bus are for tests/vm/can.sh.
"""
import json
import os
import struct
import sys

import dbus

import rig
from can_wire import Wire
from gx_port import OUTPUT, PROFILE, GxPort
from rig import SETTINGS

NAME = rig.DEVICE + "/CustomName"


class Can(GxPort, rig.Rig):
    def test_no_gx_and_wrong_outputs(self):
        self.write_config({"can": [{"interface": "can6", "protocol": "pilon"}, OUTPUT]})
        self.start_all("--root", self.root)
        self.log.wait_for(lambda line: "CAN output 1 does not run" in line and "pilon" in line)
        self.wait_for_value("/Can/can5/Error", "the CAN interface can5 is not there")
        self.assertEqual(self.get("/Can/can5/Protocol"), "pylontech")
        self.assertEqual(self.battery.text("/Can/can5/State"), "absent")
        self.assertEqual(self.get("/Can/can5/FramesSent"), 0)
        self.assertTrue(rig.is_invalid(self.get("/Can/can5/Inverter/Age")))
        self.assertEqual(self.get("/Connected"), 1)
        self.assertTrue(all(not str(path).startswith("/Can/can6") for path in self.items()))

    def test_changed_while_it_runs(self):
        self.start_all("--root", self.root)
        self.write_config({"can": [OUTPUT]})
        self.wait_until(lambda: "/Can/can5/State" in self.items())
        owner = self.battery.owner()
        self.write_config({"can": 7})
        self.log.wait_for(lambda line: "this is no list" in line)
        self.wait_until(lambda: rig.is_invalid(self.get("/Can/can5/State")))
        self.assertEqual(self.battery.owner(), owner)

    def test_ports_of_the_gx_are_left_alone(self):
        self.start_gx(3)
        self.wait_for_error("can5 belongs to the GX, profile 3 (CAN-bus BMS)")
        self.log.wait_for(lambda line: "take_port" in line)
        self.assertEqual(self.battery.text("/Can/can5/State"), "held")
        self.assertEqual(self.setting(PROFILE), 3)
        self.set_profile(8)
        self.wait_for_error("is not there")  # allowed: looks for it in the kernel, which has none
        self.set_profile(1)
        self.wait_for_error("belongs to the GX, profile 1")

    def test_waits_for_the_gx(self):
        self.start_gx(None)
        self.wait_for_error("waiting for the GX to say whose port can5 is")
        self.add_profile(0)
        self.wait_for_error("is not there")

    def test_takes_what_the_owner_names(self):
        service = os.path.join(self.root, "service/vecan-dbus.can5")
        os.makedirs(service)
        self.start_gx(1, take_port=True)
        self.wait_for_error("listening")
        self.wait_for_error("waiting for vecan-dbus.can5 to leave can5")
        self.assertEqual(self.setting(PROFILE), 8)
        os.rmdir(service)
        self.wait_for_error("is not there")

    def start_platform(self, ports):
        items = os.path.join(os.path.dirname(rig.Programs.standin), "items.py")
        self.bus.run(sys.executable, items, "com.victronenergy.platform",
                     json.dumps({"/CanBus/Interfaces": ports}))
        self.wait_until(lambda: self.client.name_has_owner("com.victronenergy.platform"))

    def test_a_port_for_one_purpose(self):
        """A Cerbo's can1 has 3 or 0, though the setting itself would take an 8."""
        self.start_platform([{"interface": "can0", "config": 0, "name": "VE.Can port"},
                             {"interface": "can5", "config": 1, "name": "BMS-Can port"}])
        self.start_gx(3, take_port=True)
        self.wait_until(lambda: self.setting(PROFILE) != 3, 40)
        self.assertEqual(self.setting(PROFILE), 0)
        self.wait_for_error("is not there")

    def test_another_port_for_one_purpose(self):
        self.start_platform([{"interface": "can1", "config": 1, "name": "BMS-Can port"},
                             {"interface": "can5", "config": 3, "name": "VE.Can 2"}])
        self.start_gx(1, take_port=True)
        self.wait_until(lambda: self.setting(PROFILE) != 1, 40)
        self.assertEqual(self.setting(PROFILE), 8)

    def test_services_of_rare_profiles(self):
        """Oceanvolt's and CANopen's leave later than their profile."""
        for name in ("dbus-valence", "dbus-motordrive", "dbus-canopen-motordrive"):
            os.makedirs(os.path.join(self.root, "service", name + ".can5"))
        self.start_gx(8)
        for name in ("dbus-valence", "dbus-motordrive", "dbus-canopen-motordrive"):
            self.wait_for_error(f"waiting for {name}.can5 to leave can5")
            os.rmdir(os.path.join(self.root, "service", name + ".can5"))
        self.wait_for_error("is not there")

    def test_before_profile_8(self):
        self.start_gx(3, 7, take_port=True)
        self.wait_until(lambda: self.setting(PROFILE) == 0)
        self.wait_for_error("is not there")


class GxWire(GxPort, Wire):
    def test_a_port_given_to_the_gx_is_left_alone(self):
        """Taken down by the GX, it is opened again only under a profile that is read anew."""
        self.start_gx(8)
        self.wait_until(lambda: self.limits)
        self.set_profile(1)
        self.take_down()
        self.wait_for_error("belongs to the GX, profile 1")
        self.assertEqual(self.order.count(None), 1)
        self.set_profile(8)
        self.wait_until(lambda: self.order.count(None) == 2)
        self.limits.clear()
        self.wait_until(lambda: self.limits)

    def test_a_port_taken_down_comes_back(self):
        self.start_gx(8)
        self.wait_until(lambda: self.limits)
        self.take_down()
        self.log.wait_for(lambda line: "can5 has failed" in line)
        self.wait_until(lambda: self.order.count(None) == 2)
        self.limits.clear()
        self.wait_until(lambda: self.limits)


class Outputs(Wire):
    def names(self):
        """First texts of all configuration informations (PGN 126998) that are complete."""
        for frames in list(self.packets.values()):
            payload = b"".join(part for _, part in sorted(frames.items()))
            size = payload[0]
            if len(payload) > size and sorted(frames) == list(range(len(frames))):
                yield payload[3:1 + payload[1]].decode()

    def energy(self):
        """In and out, Wh: 0x378 of the CAN-bus BMS profile counts 100 Wh."""
        return [100 * part for part in struct.unpack("<II", self.heard.get(0x378, bytes(8)))]

    def test_energy_that_history_counts(self):
        self.scale = 60
        self.write_config({"can": [{"interface": "can5", "protocol": "victron"}]})
        self.start_all()
        self.wait_until(lambda: 0x378 in self.heard)
        self.assertEqual(self.energy(), [0, 0])
        self.sim.tell("current -40")
        self.wait_until(lambda: self.energy()[1] >= 300, 60)
        self.sim.tell("current 0")
        self.wait_for_value("/Dc/0/Current", lambda amperes: amperes > -1)
        self.wait_until(lambda: abs(self.energy()[1] - 1000 * self.get(
            "/History/DischargedEnergy")) <= 100)
        self.assertEqual(self.energy()[0], 0)

    def charge_limits(self):
        self.battery.drain()
        return [float(items["/Info/MaxChargeCurrent"]["Value"])
                for _, _, items in self.battery.signals if "/Info/MaxChargeCurrent" in items]

    def test_no_charge_until_the_cause_of_a_fault_is_known(self):
        """A fault stops charging before its events are read, discharging only if they say so."""
        self.start_output("victron")
        self.sim.tell("fault discharge-over-current")
        self.wait_until(lambda: self.limits and self.limits[-1][0] > 0 == self.limits[-1][1])
        # charge was stopped alone, at once, and comes back whole: no hold, no ramp
        self.assertEqual(self.limits[0], (0, self.usual[1]))
        self.assertEqual(self.limits[-1], (self.usual[0], 0))
        self.wait_until(lambda: self.charge_limits()[-1:] == [self.usual[0] / 10])
        self.assertEqual(self.charge_limits(), [0, self.usual[0] / 10])
        self.assertEqual(self.get("/Alarms/InternalFailure"), 0)

    def test_a_fault_of_charge_never_stops_discharge(self):
        self.start_output("victron")
        self.sim.tell("fault charge-over-current")
        self.wait_until(lambda: len(self.limits) >= 4, 60)
        self.assertEqual({ccl for ccl, _ in self.limits}, {0})
        self.assertEqual({dcl for _, dcl in self.limits}, {self.usual[1]})
        self.assertEqual(self.charge_limits(), [0])

    def test_nor_does_one_whose_events_are_refused_at_first(self):
        self.start_output("victron")
        before = self.sim.tell("get requests 18")
        self.wait_until(lambda: self.sim.tell("get requests 18") != before)
        self.sim.tell("nack 0x12 1")
        self.sim.tell("fault charge-over-current")
        self.wait_until(lambda: sum(ccl == 0 for ccl, _ in self.limits) >= 4, 60)
        self.assertEqual({dcl for _, dcl in self.limits}, {self.usual[1]})

    def test_name_of_the_owner_on_nmea2000(self):
        """The name of D-Bus and of the settings, told to displays without being asked for."""
        self.write_config({"can": [{"interface": "can5", "protocol": "nmea2000"}],
                           "battery_name": "Shed"})
        self.start_all()
        self.wait_until(lambda: 0x99F21450 in self.heard)  # 127508: the address is claimed
        self.assertEqual(self.battery.set("/CustomName", "Boat 2"), 0)
        self.wait_until(lambda: "Boat 2" in self.names())
        self.assertEqual(self.setting(NAME), "Boat 2")
        rig.Service(self.client, SETTINGS).set(NAME, "Harbour")
        self.wait_until(lambda: "Harbour" in self.names())

    def test_diagnostics(self):
        self.write_config({"can": [{"interface": "can5", "protocol": "victron"}]})
        self.start_all()
        manager = self.wait_for_manager()
        self.wait_for_value("/Can/can5/FramesSent", lambda count: count > 0)
        shown = self.get("/Diagnostics/Can/can5/FramesSent")
        for _ in range(2):  # which is quiet, while the other one counts
            before = self.get("/Can/can5/FramesSent")
            self.wait_for_value("/Can/can5/FramesSent", lambda count: count > before)
        self.assertEqual(self.get("/Diagnostics/Can/can5/FramesSent"), shown)
        port, = manager.ask("Diagnostics")["can"]
        self.assertEqual((port["interface"], port["protocol"], port["state"], port["error"]),
                         ("can5", "victron", "active", self.get("/Can/can5/Error")))
        self.assertGreater(port["frames_sent"], before)
        self.assertEqual((port["openings"], port["errors"], port["sets_dropped"]), (1, 0, 0))
        self.assertTrue(0 <= port["latency_mean_ms"] <= port["latency_max_ms"])

    def test_diagnostics_of_a_minute(self):
        self.scale = 60
        self.write_config({"can": [{"interface": "can5", "protocol": "victron"}]})
        self.start_all()
        count = self.wait_for_value("/Diagnostics/Can/can5/FramesSent", lambda count: count > 0)
        self.wait_for_value("/Diagnostics/Can/can5/FramesSent", lambda more: more > count)
        self.assertEqual(self.get("/Diagnostics/Can/can5/Openings"), 1)
        self.assertEqual(self.get("/Diagnostics/Can/can5/FramesReceived"), 0)
        self.assertRegex(self.battery.text("/Diagnostics/Can/can5/LatencyMax"), r"^\d+\.\d ?ms$")
        self.write_config({"can": []})
        self.wait_until(lambda: rig.is_invalid(self.get("/Diagnostics/Can/can5/LatencyMean")))


if __name__ == "__main__":
    rig.main()
