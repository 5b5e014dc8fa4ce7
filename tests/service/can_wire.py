# SPDX-License-Identifier: MIT
"""The other end of a CAN output: what an inverter hears and says.

Frames come over a socket in the place of the kernel's, see tests/standin/can_port_kernel.c.
"""
import os
import socket
import struct
import sys
import threading
import time

import rig
from test_manage import ManageRig

LONG, REMOTE, ERROR = 1 << 31, 1 << 30, 1 << 29  # of struct can_frame's id
PORT = "can5"
GAP_S = 0.2  # between two sets, min_gap_ms of src/can/can_protocol.c


class Wire(ManageRig):
    """Frames by their id, the newest of each."""

    FRAME = struct.Struct("=IB3x8s")

    def setUp(self):
        super().setUp()
        os.environ["TINYBMS_TEST_CAN"] = self.folder.name
        self.heard = {}
        self.limits = []   # CCL and DCL of each 0x351, 0.1 A
        self.packets = {}  # NMEA 2000: id and sequence, and the bytes of each frame
        self.order = []    # ids, in the order of the wire; None: the port was opened
        self.peer = self.taken_down = None
        self.port = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.port.bind(self.path(PORT))
        self.port.listen(1)
        threading.Thread(target=self.hear, daemon=True).start()
        self.addCleanup(self.port.close)
        usual, rig.Programs.service = rig.Programs.service, CAN_SERVICE
        self.addCleanup(setattr, rig.Programs, "service", usual)

    def hear(self):
        while True:
            try:
                self.peer = self.port.accept()[0]
            except OSError:  # the end of the test
                return
            self.order.append(None)
            while packet := self.receive():
                self.take(packet)
            if self.peer is not self.taken_down:  # that one is there, and not to be used
                self.peer.close()

    def receive(self):
        try:
            return self.peer.recv(self.FRAME.size)
        except OSError:
            return b""

    def take(self, packet):
        number, length, data = self.FRAME.unpack(packet)
        self.order.append(number)
        self.heard[number] = data[:length]
        if number == 0x351:
            self.limits.append(struct.unpack("<hh", data[2:6]))
        if number >> 8 & 0x1FFFF == 126998:
            self.packets.setdefault(data[0] >> 5, {})[data[0] & 31] = data[1:length]

    def say(self, number, data=bytes(8), length=None):
        """A frame; `length` may be one that cannot be."""
        frame = self.FRAME.pack(number, len(data) if length is None else length, data)
        try:
            self.peer.send(frame)
        except OSError:  # closed while it was said
            pass

    def take_down(self):
        """The interface stays, but the next frame that is tried is an error."""
        self.taken_down = self.peer
        self.addCleanup(self.taken_down.close)
        self.taken_down.shutdown(socket.SHUT_RD)

    def start_output(self, protocol, **options):
        self.write_config({"can": [{"interface": PORT, "protocol": protocol, **options}]})
        self.start_all()
        self.wait_until(lambda: self.limits and min(self.limits[-1]) > 0)
        self.usual = self.limits[-1]
        time.sleep(2 * GAP_S)  # within it an urgent change waits, and may be overtaken
        self.limits.clear()
        self.battery.signals.clear()


CAN_SERVICE = sys.argv.pop(4)
