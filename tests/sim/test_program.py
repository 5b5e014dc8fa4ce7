# SPDX-License-Identifier: MIT
"""The program itself: options, link, control socket, clock, and its end."""
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

import serial
from simulator import Simulator, frame, hexes

STATUS, IDLE = hexes("AA 18 7F 1A"), hexes("AA 18 97 00 CF CB")


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=20,
                          check=False)


class Options(unittest.TestCase):
    def test_mistakes_are_named(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "file")
            with open(file, "w", encoding="ascii") as out:
                out.write("0,1\n1,99999\n")
            link = os.path.join(folder, "bms")
            for status, text, arguments in (
                    (2, "--link PATH", ()),
                    (2, "--link PATH", ("--link", link, "--tty", "/dev/null")),
                    (2, "--serial", ("--link", link, "--serial", "12")),
                    (2, "--cells", ("--link", link, "--cells", "3")),
                    (2, "--time-scale", ("--link", link, "--time-scale", "0")),
                    (2, "--soc", ("--link", link, "--soc", "101")),
                    (2, "--capacity", ("--link", link, "--capacity", "0")),
                    (2, "--fly", ("--fly",)),
                    (1, "lfp", ("--link", link, "--chemistry", "lead")),
                    (1, "line 2", ("--link", link, "--registers", file)),
                    (1, "no-such", ("--link", link, "--registers", folder + "/no-such")),
                    (1, "no symbolic link", ("--link", file)),
                    (1, "no-such", ("--link", folder + "/no-such/bms")),
                    (1, "no serial port", ("--tty", file)),
                    (1, "no-such", ("--tty", folder + "/no-such")),
                    (1, "107", ("--link", link, "--control", folder + "/" + "x" * 108))):
                with self.subTest(arguments=arguments):
                    result = run(*arguments)
                    self.assertEqual(result.returncode, status)
                    self.assertIn(text, result.stderr)
            self.assertEqual(os.listdir(folder), ["file"])
        self.assertIn("tinybms-sim 0.", run("--version").stdout)

    def test_another_device(self):
        sim = Simulator(PROGRAM, "--serial", "0123456789abcdefFEDCBA98", "--chemistry", "lfp",
                        "--cells", "16", "--capacity", "280", "--soc", "20")
        try:
            self.assertEqual(sim.tell("get registers 504 6"),
                             " ".join(str(int(w, 16)) for w in
                                      ("0123", "4567", "89AB", "CDEF", "FEDC", "BA98")))
            self.assertEqual(sim.numbers("get setting battery_capacity"), [280])
            self.assertEqual(sim.numbers("get soc"), [20])
            cells = sim.numbers("get cells")
            self.assertEqual(len(cells), 16)
            self.assertTrue(all(3.2 < v < 3.3 for v in cells), cells)
        finally:
            self.assertEqual(sim.close(), (0, []))


class Life(unittest.TestCase):
    def setUp(self):
        self.sim = Simulator(PROGRAM, "--registers", CAPTURE)
        self.is_closed = False
        self.addCleanup(self.close)

    def close(self):
        if not self.is_closed:
            self.is_closed = True
            self.assertEqual(self.sim.close(), (0, []))

    def test_many_users_one_after_the_other(self):
        for _ in range(5):
            self.assertEqual(self.sim.ask(STATUS, 6), IDLE)
            self.sim.port.close()
            self.sim.port = None

    def test_what_nobody_read_is_gone(self):
        port = self.sim.open()
        port.write(STATUS)
        self.sim.wait_for("get requests 0x18", "1")
        self.sim.wait_for("get requests", lambda a: "bytes_out=6" in a)  # in the pty now
        port.close()
        time.sleep(0.3)
        self.sim.port = None
        descriptor = os.open(self.sim.link, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.assertEqual(os.read(descriptor, 100), b"")
        os.close(descriptor)

    def test_broadcast_without_a_reader_does_not_pile_up(self):
        self.sim.tell("broadcast fast")
        time.sleep(0.5)
        self.sim.tell("broadcast off")
        time.sleep(0.05)
        self.assertEqual(self.sim.ask(STATUS, 6), IDLE)

    def test_unplug(self):
        self.assertEqual(self.sim.ask(STATUS, 6), IDLE)
        before = os.readlink(self.sim.link)
        self.sim.tell("unplug 0.5")
        self.assertFalse(os.path.lexists(self.sim.link))
        with self.assertRaises((OSError, serial.SerialException)):
            while True:  # hung up: an end of file or an error, at once
                if os.read(self.sim.port.fd, 1) == b"":
                    raise OSError
        end = time.monotonic() + 10
        while not os.path.lexists(self.sim.link):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        self.assertTrue(stat.S_ISCHR(os.stat(self.sim.link).st_mode), before)
        self.sim.port.close()
        self.sim.port = None
        self.assertEqual(self.sim.ask(STATUS, 6), IDLE)

    def test_end_while_unplugged_and_while_answering(self):
        self.sim.open().write(hexes("AA 03 00 00 00 7D 9D F0") * 4)
        self.sim.tell("broadcast fast")
        self.sim.tell("unplug 100")
        self.close()

    def test_signals(self):
        self.sim.process.send_signal(signal.SIGINT)
        self.assertEqual(self.sim.process.wait(10), 0)
        self.assertEqual(os.listdir(self.sim.folder), [])

    def test_control_socket(self):
        self.assertTrue(self.sim.command("fly").startswith('error: unknown command "fly"; commands: '))
        self.assertIn("set cell NUMBER V", self.sim.command("fly"))
        self.assertIn("; unplug S", self.sim.tell("help"))
        for text, answer in (
                ("set cell 3", "error: usage: set cell NUMBER V (0: broken wire)"),
                ("set cell 15 3.6", "error: 15 is not within 1 to 14"),
                ("set cell 3 red", 'error: "red" is no number'),
                ("set cell 1.5 3.6", 'error: "1.5" is no whole number'),
                ("set soc nan", 'error: "nan" is no number'),
                ("charger maybe", 'error: "maybe" is neither on nor off'),
                ("broadcast loud", 'error: "loud" is none of on, off, fast, ca, ascii, soc'),
                ("before 100", 'error: "100" is no byte; write 00 to FF'),
                ("get setting speed", 'error: no setting "speed"')):
            self.assertEqual(self.sim.command(text), answer)
        for text in ("fault fire", "clear fire"):
            self.assertIn("over-voltage, over-temperature", self.sim.command(text))
        # Several in one piece, one in several pieces, another user at the same time.
        self.sim.socket.sendall(b"wake\nget soc\nget asl")
        self.assertEqual([self.sim.lines.readline() for _ in range(2)], ["ok\n", "ok 83.554824\n"])
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(self.sim.control_path)
            other.sendall(b"  get   soc \r\n")
            self.assertEqual(other.recv(100), b"ok 83.554824\n")
        self.sim.socket.sendall(b"eep\n")
        self.assertEqual(self.sim.lines.readline(), "ok no\n")

    def test_a_user_who_never_ends_his_line(self):
        with socket.socket(socket.AF_UNIX) as other:
            other.settimeout(10)
            other.connect(self.sim.control_path)
            try:
                other.sendall(b"x" * 100000)
                self.assertEqual(other.recv(1), b"")
            except ConnectionError:
                pass
        self.assertEqual(self.sim.tell("get asleep"), "no")

    def test_names_that_are_taken(self):
        result = run("--link", self.sim.link + "2", "--control", self.sim.control_path)
        self.assertEqual(result.returncode, 1)
        self.assertIn("another simulator listens there", result.stderr)
        self.assertFalse(os.path.lexists(self.sim.link + "2"))
        self.assertEqual(self.sim.ask(STATUS, 6), IDLE)

    def test_the_socket_of_a_dead_one_is_replaced(self):
        self.sim.process.kill()
        self.sim.process.wait(10)
        again = subprocess.Popen([PROGRAM, "--link", self.sim.link, "--control",
                                  self.sim.control_path], stdout=subprocess.PIPE, text=True)
        self.assertEqual(again.stdout.readline(), f"a TinyBMS at {self.sim.link}\n")
        again.terminate()
        again.communicate(timeout=10)
        self.assertEqual(again.returncode, 0)
        self.assertEqual(os.listdir(self.sim.folder), [])
        self.is_closed = True


class Clock(unittest.TestCase):
    def test_an_hour_in_little(self):
        sim = Simulator(PROGRAM, "--time-scale", "7200")
        try:
            sim.tell("auto-sleep off")
            sim.tell("current -5")
            sim.wait_for("get soc", lambda a: float(a) < 40.0)
            sim.tell("current 0")
            fields = sim.fields("get totals")
            self.assertAlmostEqual(50.0 - fields["discharged_ah"] * 10.0,
                                   sim.numbers("get soc")[0], places=4)
            self.assertEqual(len(sim.ask(hexes("AA 03 00 00 00 38 5D C3"), 117)), 117)
        finally:
            self.assertEqual(sim.close(), (0, []))

    def test_fast(self):
        sim = Simulator(PROGRAM, "--fast")
        try:
            for _ in range(20):
                self.assertEqual(sim.ask(STATUS, 6), IDLE)
        finally:
            self.assertEqual(sim.close(), (0, []))


class Tty(unittest.TestCase):
    def test_on_an_existing_port(self):
        near, far = os.openpty()
        control = tempfile.mktemp(prefix="tinybms-sim-")
        process = subprocess.Popen([PROGRAM, "--tty", os.ttyname(far), "--control", control],
                                   stdout=subprocess.PIPE, text=True)
        process.stdout.readline()

        def ask(request, count):
            os.write(near, request)
            answer = b""
            while len(answer) < count:
                answer += os.read(near, 300)
            return answer

        try:
            self.assertEqual(ask(STATUS, 6), IDLE)
            self.assertEqual(ask(frame(0x13), 6), frame(0, 0x13, 0))
            with socket.socket(socket.AF_UNIX) as commands:
                commands.connect(control)
                commands.sendall(b"unplug 0.2\n")
                self.assertEqual(commands.recv(100), b"ok\n")
                os.write(near, STATUS)
                time.sleep(0.5)
                commands.sendall(b"get requests 0x18\n")
                self.assertEqual(commands.recv(100), b"ok 1\n")
            self.assertEqual(ask(STATUS, 6), IDLE)
        finally:
            process.terminate()
            process.communicate(timeout=10)
            os.close(near)
            os.close(far)
        self.assertEqual(process.returncode, 0)
        self.assertFalse(os.path.exists(control))


if __name__ == "__main__":
    PROGRAM, CAPTURE = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
