#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Does the gateway ever disturb the battery? Polls and publications counted while it is used,
flooded, hung and killed.

    battery.py SERVICE SIMULATOR STANDIN GATEWAY [SECONDS]      SECONDS of each part, 10 by default

Polls are counted twice: where they pass on the line, and by the simulated BMS itself.
Publications are ItemsChanged signals of the battery; its current changes, so that each has news.
As root, service and BMS are scheduled before all else: the rest of this machine is not measured.
"""
import itertools
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "..", "service"), os.path.join(HERE, "..", "http")]

import rig as whole  # noqa: E402  (of the service: it comes first on the path)
from canary import Canary  # noqa: E402
from wire import Wire  # noqa: E402

GATEWAY = sys.argv.pop(4)
SECONDS = float(sys.argv.pop(4)) if len(sys.argv) > 4 else 10
POLLS_HZ, PUBLISHES_HZ = 10, 1
PASSWORD = "correct horse battery"


class Battery(whole.Rig):
    def start_service(self, *options):
        link = self.path("wire")
        self.wire, theirs = multiprocessing.Pipe()
        multiprocessing.Process(target=carry, args=(link, self.sim.link, theirs), daemon=True).start()
        self.wire.recv()
        self.sim.link = link
        super().start_service(*options)

    def start_gateway(self):
        config = self.path("gateway.json")
        self.port = free_port()
        self.write(config, '{"port": %d, "hosts": ["localhost"]}' % self.port)
        tell = [GATEWAY, "--config", config]
        subprocess.run([*tell, "--set-password"], input=PASSWORD + "\n", text=True, check=True)
        os.environ["TINYBMS_TOKEN"] = subprocess.run(
            [*tell, "--new-token", "flood", "read"], capture_output=True, text=True,
            check=True).stdout.strip()
        self.command = tell
        self.run_gateway()
        self.wait_until(self.is_open, 10)
        self.addCleanup(lambda: (self.gateway.kill(), self.gateway.wait()))

    def run_gateway(self):
        self.gateway = self.bus.run(*self.command, preexec_fn=ordinary)

    def write(self, path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def is_open(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def watch_signals(self):
        self.signals = []
        self.client.add_signal_receiver(
            lambda items: self.signals.append(time.monotonic()), "ItemsChanged",
            "com.victronenergy.BusItem", path="/", bus_name=self.name())

    currents = itertools.cycle(range(5, 30))

    def part(self, what, seconds=None, each=lambda: None):
        """Counts for a while; @each is called four times a second."""
        seconds = seconds or SECONDS
        canary = Canary()
        requests, begin = int(self.sim.tell("get requests 3")), time.monotonic()
        while time.monotonic() < begin + seconds:
            each()
            self.sim.tell(f"current {next(self.currents)}")
            self.log.turn(0.25)
            self.assertIsNone(self.program.poll(), "the service has ended")
        lasted = time.monotonic() - begin
        requests = int(self.sim.tell("get requests 3")) - requests
        stood_s, stood_most_s = canary.stop()
        self.wire.send(None)
        polls = [t for t in self.wire.recv() if begin <= t < begin + lasted]
        published = [t for t in self.signals if begin <= t < begin + lasted]
        gap_s = max(b - a for a, b in zip([begin, *polls], [*polls, begin + lasted]))
        pause_s = max(b - a for a, b in zip([begin, *published], [*published, begin + lasted]))
        print(f"{what}: {lasted:.1f} s, {len(polls)} polls (the BMS counts {requests} requests), "
              f"longest pause {1000 * gap_s:.0f} ms; {len(published)} publications, longest pause "
              f"{pause_s:.2f} s; the machine stood still for {1000 * stood_s:.0f} ms, "
              f"{1000 * stood_most_s:.0f} ms at once", flush=True)
        worked_s = lasted - stood_s
        self.assertGreaterEqual(len(polls), int(worked_s * POLLS_HZ) - 1, "a poll was missed")
        self.assertGreaterEqual(requests, len(polls))
        self.assertGreaterEqual(len(published), int(worked_s * PUBLISHES_HZ) - 1,
                                "a publication was missed")
        self.assertLess(pause_s, 2 / PUBLISHES_HZ + stood_s, "a publication was missed")

    def flood(self, *kinds):
        return subprocess.Popen([sys.executable, os.path.join(HERE, "flood.py"), str(self.port),
                                 str(SECONDS + 1), *kinds], stdout=subprocess.PIPE, text=True,
                                preexec_fn=ordinary)

    def restart_if_ended(self):
        """What supervise does."""
        if self.gateway.poll() is not None and time.monotonic() > self.killed + 1:
            self.run_gateway()
        elif self.gateway.poll() is None and time.monotonic() > self.killed + 2:
            self.gateway.kill()
            self.killed = time.monotonic()

    def test_all(self):
        self.start_all()
        self.sim.tell("charger on")
        self.watch_signals()
        self.log.turn(3)
        self.part("without a gateway")
        self.start_gateway()
        self.part("with an idle gateway")

        clients = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "clients.py"), "--port", str(self.port), "--password",
             PASSWORD, "--pid", str(self.gateway.pid), "--seconds", str(SECONDS + 5)],
            stdout=subprocess.PIPE, text=True, preexec_fn=ordinary)
        time.sleep(2)
        self.part("with 50 live clients")
        told = clients.communicate()[0].strip()
        print("    " + told.splitlines()[0])
        self.assertIn("disconnects 0", told)

        for kinds in (["requests"], ["reads"], ["garbage", "malformed", "oversized"], []):
            flood = self.flood(*kinds)
            self.part("flooded by " + (", ".join(kinds) or "all kinds"))
            print("    " + flood.communicate()[0].strip())
            self.assertEqual(flood.returncode, 0, "the flood itself failed")
            self.assertIsNone(self.gateway.poll(), "the gateway has ended")

        self.gateway.send_signal(signal.SIGSTOP)
        flood = self.flood("knocks", "requests", "half_open")
        self.part("with a gateway that hangs", max(SECONDS, 15))
        flood.wait()
        flood.stdout.close()
        self.gateway.send_signal(signal.SIGCONT)
        self.part("when it goes on")
        self.assertTrue(self.is_open())

        self.killed = time.monotonic()
        self.part("while it is killed and started each 3 s", each=self.restart_if_ended)
        self.part("after that")


def carry(link, target, pipe):
    """The line in a process of its own: nothing else delays it."""
    wire = Wire(link, target)
    wire.start()
    while True:
        pipe.send(list(wire.live))
        pipe.recv()


def ordinary():
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


if __name__ == "__main__":
    if os.geteuid() == 0:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    whole.main()
