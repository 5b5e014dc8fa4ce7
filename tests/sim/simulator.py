# SPDX-License-Identifier: MIT
"""Runs tinybms-sim in a folder of its own, and speaks to it as masters and tests do."""
import os
import shutil
import socket
import subprocess
import tempfile
import time

import serial

SLAVE = 0xAA


def crc(data):
    """Modbus CRC-16, written from its definition: the simulator has another one."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
    return bytes((value & 0xFF, value >> 8))


def frame(*parts):
    """0xAA, the parts (bytes or numbers), CRC."""
    data = bytes([SLAVE]) + b"".join(p if isinstance(p, bytes) else bytes([p]) for p in parts)
    return data + crc(data)


def hexes(text):
    return bytes.fromhex(text)


class Simulator:
    def __init__(self, program, *options):
        self.folder = tempfile.mkdtemp(prefix="tinybms-sim-")
        self.link = os.path.join(self.folder, "bms")
        self.control_path = os.path.join(self.folder, "control")
        self.process = subprocess.Popen(
            [program, "--link", self.link, "--control", self.control_path, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.process.stdout.readline()  # it is ready
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(self.control_path)
        self.socket.settimeout(10)
        self.lines = self.socket.makefile("r")
        self.port = None

    def command(self, text):
        """The whole answer line."""
        self.socket.sendall(text.encode() + b"\n")
        return self.lines.readline().rstrip("\n")

    def tell(self, text):
        """A command that must succeed; what it answers after "ok"."""
        answer = self.command(text)
        assert answer == "ok" or answer.startswith("ok "), f"{text}: {answer}"
        return answer[3:]

    def numbers(self, text):
        return [float(word) for word in self.tell(text).split()]

    def fields(self, text):
        return {key: float(value)
                for key, value in (word.split("=") for word in self.tell(text).split())}

    def open(self):
        self.port = serial.Serial(self.link, 115200, timeout=1)
        return self.port

    def ask(self, request, count, timeout=1.0):
        """Send bytes, read @count bytes of answer, or fewer after @timeout."""
        if not self.port:
            self.open()
        self.port.timeout = timeout
        self.port.write(request)
        return self.port.read(count)

    def wait_for(self, text, wanted, seconds=10.0):
        """Repeat a question until its answer is @wanted, or passes @wanted (a function)."""
        end = time.monotonic() + seconds
        while True:
            answer = self.tell(text)
            if wanted(answer) if callable(wanted) else answer == wanted:
                return answer
            assert time.monotonic() < end, f"{text}: still {answer}"
            time.sleep(0.01)

    def close(self):
        """Ends it as a service manager does. Returns its exit status and what it left."""
        if self.port:
            self.port.close()
        self.lines.close()
        self.socket.close()
        self.process.terminate()
        _, errors = self.process.communicate(timeout=10)
        left = os.listdir(self.folder)
        shutil.rmtree(self.folder)
        assert errors == "", errors
        return self.process.returncode, left
