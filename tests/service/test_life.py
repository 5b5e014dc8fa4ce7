# SPDX-License-Identifier: MIT
"""The service among programs that come, go and fail: settings, bus, other batteries, signals."""
import os
import signal
import socket
import subprocess
import sys

import dbus

import rig
from rig import DEVICE, SETTINGS, Programs

INSTANCE = DEVICE + "/ClassAndVrmInstance"
NAME = DEVICE + "/CustomName"


class Settings(rig.Rig):
    def set_setting(self, path, value):
        self.assertEqual(rig.Service(self.client, SETTINGS).set(path, value), 0)

    def test_absent_at_first(self):
        self.start_sim()
        self.start_service()
        self.log.wait_for(lambda line: line.endswith(
            f"The settings service ({SETTINGS}) is not on the bus; waiting for it."))
        self.log.wait_for(lambda line: "answers: 16 cells" in line)
        self.log.turn(5.0)
        self.assertFalse(self.client.name_has_owner(self.name()))
        self.assertEqual(self.log.lines, [])  # said once
        self.assertRegex(self.read(self.state_path), r"^\d+ waiting .*settings service")
        self.start_settings()
        self.wait_for_battery()
        self.assertEqual(self.get("/DeviceInstance"), 288)
        self.wait_until(lambda: "publishing" in self.read(self.state_path))

    def test_goes_and_returns(self):
        self.start_all()
        owner = self.battery.owner()
        self.settings.terminate()
        self.log.wait_for(lambda line: "is not on the bus; waiting for it" in line)
        self.assertEqual(self.battery.set("/CustomName", "Boat"), 0)
        self.log.turn(2.0)
        self.assertEqual(self.get("/CustomName"), "Boat")
        self.start_settings()
        self.wait_until(lambda: self.setting(NAME) == "Boat")
        self.assertEqual(self.battery.owner(), owner)
        self.assertEqual(self.get("/DeviceInstance"), 288)

    def test_contents_lost(self):
        self.start_all()
        self.set_setting(INSTANCE, "battery:7")
        self.wait_for_instance(7)
        self.settings.terminate()
        self.settings.wait(10)
        os.unlink(self.path("settings.json"))
        self.start_settings()
        self.wait_for_instance(288)

    def wait_for_instance(self, number):
        def is_there():
            try:
                return self.battery.get("/DeviceInstance") == number
            except dbus.DBusException:  # it is just away
                return False
        self.wait_until(is_there)

    def test_another_instance(self):
        self.start_all()
        owners = []
        watch = self.client.watch_name_owner(self.name(), lambda owner: owners.append(str(owner)))
        self.set_setting(INSTANCE, "battery:5")
        self.wait_for_instance(5)
        self.battery.drain()
        watch.cancel()
        # consumers read the instance when the name appears, and only then
        self.assertEqual(owners[-2], "")
        self.assertNotEqual(owners[-1], "")
        self.stop_service()
        self.start_service()
        self.wait_for_battery()
        self.assertEqual(self.get("/DeviceInstance"), 5)

    def test_instance_that_another_battery_has(self):
        self.start_settings()
        Service = rig.Service(self.client, SETTINGS)
        Service.call("/Settings", "AddSetting", "ssvsvv", "Devices/other", "ClassAndVrmInstance",
                     "battery:288", "s", 0, 0, interface="com.victronenergy.Settings")
        self.start_sim()
        self.start_service()
        self.wait_for_battery()
        self.assertEqual(self.get("/DeviceInstance"), 289)

    def test_wished_instance_and_name(self):
        self.write_config({"device_instance": 3, "battery_name": "House"})
        self.start_all()
        self.assertEqual(self.get("/DeviceInstance"), 3)
        self.assertEqual(self.get("/CustomName"), "House")

    def test_custom_name(self):
        self.start_all()
        self.assertEqual(self.battery.set("/CustomName", "Böot €"), 0)
        self.wait_until(lambda: self.setting(NAME) == "Böot €")
        self.set_setting(NAME, "Ship")
        self.wait_for_value("/CustomName", "Ship")
        self.stop_service()
        self.start_service()
        self.wait_for_battery()
        self.assertEqual(self.get("/CustomName"), "Ship")
        self.assertEqual(self.battery.set("/CustomName", ""), 0)
        self.wait_until(lambda: self.setting(NAME) == "")

    def test_moved_to_another_port(self):
        self.start_all()
        self.set_setting(NAME, "Ship")
        self.set_setting(INSTANCE, "battery:9")
        self.stop_service()
        first = self.name()
        old = self.sim
        self.start_sim()  # the same serial number on another pty
        self.assertNotEqual(self.name(), first)
        old.tell("silent 1000")
        self.start_service()
        self.wait_for_battery()
        self.assertEqual(self.get("/DeviceInstance"), 9)
        self.assertEqual(self.get("/CustomName"), "Ship")


class Start(rig.Rig):
    """In readings of the BMS, not in seconds: a busy machine is not the service's fault."""

    def readings(self):
        return int(self.sim.tell("get requests 3"))

    def readings_to_the_name(self):
        """From the first complete snapshot on."""
        self.start_service()
        self.log.wait_for(lambda line: "answers: 16 cells" in line)
        before = self.readings()
        self.log.wait_for(lambda line: "is on the bus, device instance" in line)
        count = self.readings() - before
        self.stop_service()
        return count

    def test_waits_for_no_second(self):
        self.start_settings()
        self.start_sim()
        # ten a second
        self.assertLess(min(self.readings_to_the_name() for _ in range(3)), 5)

    def test_seldom_read(self):
        self.write_config({"poll_interval_ms": 1000})
        self.start_settings()
        self.start_sim()
        self.start_service()
        self.log.wait_for(lambda line: "is on the bus, device instance" in line)
        # two of what is live, settings in between, but none for each cycle of a second
        self.assertLessEqual(self.readings(), 6)
        self.stop_service()


class Bus(rig.Rig):
    def test_restart(self):
        self.start_all()
        self.bus.kill_daemon()
        self.settings.wait(10)
        self.log.wait_for(lambda line: line.endswith(
            "The D-Bus daemon has ended the connection; trying again."))
        self.log.turn(1.5)
        self.assertIsNone(self.program.poll())
        self.bus.start_daemon()
        self.client = self.bus.connect()
        self.start_settings()
        self.wait_for_battery()
        self.assertEqual(self.get("/DeviceInstance"), 288)
        self.assertAlmostEqual(self.get("/Soc"), 60, delta=1)
        self.stop_service()

    def test_absent_at_first(self):
        self.bus.kill_daemon()
        self.start_sim()
        self.start_service()
        self.log.wait_for(lambda line: "cannot connect to the D-Bus daemon" in line)
        self.log.wait_for(lambda line: "answers: 16 cells" in line)
        self.log.turn(4.0)
        self.assertEqual(self.log.lines, [])  # said once
        self.bus.start_daemon()
        self.client = self.bus.connect()
        self.start_settings()
        self.wait_for_battery()

    def test_mute(self):
        """A daemon that hangs stops neither the reading nor the end."""
        path = self.path("mute")
        self.start_sim()
        with socket.socket(socket.AF_UNIX) as mute:
            mute.bind(path)
            mute.listen()
            self.start_service("--bus", "unix:path=" + path)
            self.log.wait_for(lambda line: "answers: 16 cells" in line)
            self.sim.tell("fault over-voltage")
            self.log.wait_for(lambda line: "0x03 over-voltage" in line)
            self.stop_service()

    def test_name_taken(self):
        self.start_settings()
        self.start_sim()
        thief = self.bus.connect()
        thief.request_name(self.name(), dbus.bus.NAME_FLAG_DO_NOT_QUEUE)
        self.start_service()
        self.log.wait_for(lambda line: "answers: 16 cells" in line)
        self.log.turn(3.0)
        thief.release_name(self.name())
        self.wait_for_battery()
        self.assertNotEqual(self.battery.owner(), thief.get_unique_name())

    def test_name_taken_for_good_is_said_once(self):
        self.start_settings()
        self.start_sim()
        self.bus.connect().request_name(self.name(), dbus.bus.NAME_FLAG_DO_NOT_QUEUE)
        self.start_service()
        self.log.wait_for(lambda line: "answers: 16 cells" in line)
        self.log.wait_for(lambda line: line == f"ERROR {self.name()} is owned by another program on "
                                               "this bus; stop it first.", 40)
        self.log.turn(25.0)  # it tries for 20 s, again and again
        self.assertEqual(self.log.lines, [])


class Ends(rig.Rig):
    """SIGTERM: quickly gone, name and state file too, whatever was going on."""

    def end(self, number=signal.SIGTERM):
        self.program.send_signal(number)
        self.assertEqual(self.program.wait(5), 0)
        self.assertFalse(self.client.name_has_owner(self.name()))
        self.assertFalse(os.path.exists(self.state_path))

    def test_at_every_step_of_the_start(self):
        self.start_settings()
        self.start_sim()
        for sentence in ("starts.", "Configuration read", "Connected to D-Bus", "answers: 16",
                         "is on the bus"):
            with self.subTest(after=sentence):
                self.start_service()
                self.log.wait_for(lambda line, wanted=sentence: wanted in line)
                self.end()

    def test_before_anything(self):
        """Before it can listen to signals, the system ends it: all the same to a supervisor."""
        self.start_settings()
        self.start_sim()
        self.start_service()
        self.program.terminate()
        self.assertIn(self.program.wait(5), (0, -signal.SIGTERM))

    def test_in_service(self):
        self.start_all()
        self.end(signal.SIGINT)

    def test_without_settings(self):
        self.start_sim()
        self.start_service()
        self.log.wait_for(lambda line: "answers: 16 cells" in line)
        self.end()

    def test_without_port(self):
        self.start_settings()
        self.start_sim()
        self.sim.tell("unplug 1000")
        self.program = self.bus.run(Programs.service, "--config", self.config_path,
                                    "--port", self.sim.link, "--state", self.state_path)
        self.log = rig.Lines(self.program.stdout)
        self.log.wait_for(lambda line: line.startswith("ERROR"))
        self.program.terminate()
        self.assertEqual(self.program.wait(5), 0)
        self.assertFalse(os.path.exists(self.state_path))

    def test_with_a_silent_bms(self):
        self.start_all()
        self.sim.tell("silent 1000")
        self.log.wait_for(lambda line: "does not answer" in line or "timed out" in line or
                          line.startswith("WARNING"))
        self.end()

    def test_after_the_bus_is_lost(self):
        self.start_all()
        self.bus.kill_daemon()
        self.log.wait_for(lambda line: "trying again" in line)
        self.program.terminate()
        self.assertEqual(self.program.wait(5), 0)

    def test_killed(self):
        """Nothing is left that the next one stumbles over."""
        self.start_all()
        self.program.kill()
        self.program.wait(5)
        self.start_service()
        self.wait_for_battery()
        self.end()

    def test_nobody_reads_the_log(self):
        self.start_settings()
        self.start_sim()
        reader, writer = os.pipe()
        environment = dict(os.environ, DBUS_SESSION_BUS_ADDRESS=self.bus.address)
        program = subprocess.Popen(
            [Programs.service, "--config", self.config_path, "--port", self.sim.link],
            env=environment, stdout=writer)
        os.close(writer)
        os.close(reader)
        try:
            self.wait_until(lambda: self.client.name_has_owner(self.name()))
            self.wait_for_battery()
            self.sim.tell("fault over-voltage")
            self.wait_for_value("/ErrorCode", 13)
        finally:
            program.terminate()
            self.assertEqual(program.wait(5), 0)


if __name__ == "__main__":
    rig.main()
