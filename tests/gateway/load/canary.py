# SPDX-License-Identifier: MIT
"""Notices when the machine itself stands still: a virtual one that gets no time, for instance.

One process on each processor wakes each 10 ms. What it oversleeps cannot be blamed on a program.
"""
import multiprocessing
import os
import time

TICK_S, LATE_S = 0.01, 0.05


def sing(processor, pipe):
    os.sched_setaffinity(0, {processor})
    stalls, last = [], time.monotonic()
    while not pipe.poll():
        time.sleep(TICK_S)
        now = time.monotonic()
        if now - last > TICK_S + LATE_S:
            stalls.append((last + TICK_S, now))
        last = now
    pipe.send(stalls)


class Canary:
    def __init__(self):
        self.pipes, self.processes = [], []
        for processor in os.sched_getaffinity(0):
            ours, theirs = multiprocessing.Pipe()
            self.pipes.append(ours)
            self.processes.append(multiprocessing.Process(target=sing, args=(processor, theirs),
                                                          daemon=True))
            self.processes[-1].start()

    def stop(self):
        """Seconds that stood still, at least on one processor, and the longest of them."""
        stalls = []
        for pipe, process in zip(self.pipes, self.processes):
            pipe.send(None)
            stalls += pipe.recv()
            process.join()
        return sum(b - a for a, b in stalls), max((b - a for a, b in stalls), default=0)
