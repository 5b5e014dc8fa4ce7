# SPDX-License-Identifier: MIT
"""The line between service and simulated BMS, with the time of each request."""
import os
import pty
import select
import threading
import time
import tty

LIVE = bytes.fromhex("aa030000")
EVENTS = (bytes.fromhex("aa11"), bytes.fromhex("aa12"), bytes.fromhex("aa0300c8"))


class Wire(threading.Thread):
    """Carries bytes both ways and notes when each request passed."""

    def __init__(self, link, target):
        super().__init__(daemon=True)
        self.ours, self.held = pty.openpty()
        tty.setraw(self.held)
        os.symlink(os.ttyname(self.held), link)
        self.theirs = os.open(target, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.theirs)
        self.live, self.events, self.others = [], 0, 0

    def run(self):
        while True:
            for fd in select.select([self.ours, self.theirs], [], [])[0]:
                data = os.read(fd, 4096)
                if fd == self.ours:
                    self.note(data)
                os.write(self.theirs if fd == self.ours else self.ours, data)

    def note(self, request):
        """One request; several live ones if this side was late to fetch them."""
        if request.startswith(LIVE):
            self.live += [time.monotonic()] * request.count(LIVE)
        else:
            self.others += 1
            self.events += request.startswith(EVENTS)

    def intervals_ms(self, since):
        times = [t for t in self.live if t >= since]
        return sorted(1000 * (b - a) for a, b in zip(times, times[1:]))
