#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A day of the gateway: live pages, REST, metrics, a broker, a battery that goes and comes.

    day.py SERVICE SIMULATOR STANDIN GATEWAY [HOURS [SCALE]]     1 hour by default, 24 for a whole day

The gateway's clock runs SCALE times faster (libfaketime), 100: a day takes 15 minutes. Fails if
its memory at the end is not within 5 % of that after a quarter, or if something was not answered.
"""
import asyncio
import contextlib
import glob
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "..", "service"), os.path.join(HERE, "..", "http")]

import rig as whole  # noqa: E402
import clients  # noqa: E402
import websockets  # noqa: E402
from broker import start_broker  # noqa: E402

GATEWAY = sys.argv.pop(4)
HOURS = float(sys.argv.pop(4)) if len(sys.argv) > 4 else 1
SCALE = float(sys.argv.pop(4)) if len(sys.argv) > 4 else 100
HTTP_WAIT_S = 15
PASSWORD = "correct horse battery"
PATHS = ["", "/cells", "/limits", "/alarms", "/can", "/diagnostics", "/events", "/history", "/journal",
         "/settings", "/configuration", "/charge", "/curves?columns=t,cell_min"]


class Day(whole.Rig):
    def start_gateway(self):
        self.port, self.broker_port = clients.lone_gateway.free_port(), clients.lone_gateway.free_port()
        config = self.path("gateway.json")
        with open(config, "w", encoding="utf-8") as f:
            json.dump({"port": self.port, "mqtt_enabled": True, "mqtt_port": self.broker_port}, f)
        tell = [GATEWAY, "--config", config]
        subprocess.run([*tell, "--set-password"], input=PASSWORD + "\n", text=True, check=True)
        self.token = subprocess.run([*tell, "--new-token", "day", "read"], check=True, text=True,
                                    capture_output=True).stdout.strip()
        library, = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        self.gateway = self.bus.run("env", "LD_PRELOAD=" + library, f"FAKETIME=+0 x{SCALE:g}", *tell)
        self.addCleanup(self.end_in_order, self.gateway)
        self.broker = start_broker(self.folder.name, self.broker_port)
        self.addCleanup(lambda: (self.broker.terminate(), self.broker.wait()))
        time.sleep(1)

    async def live(self, counts, until):
        """A page that stays open, and is opened again."""
        while time.time() < until:
            try:
                async with websockets.connect(f"ws://127.0.0.1:{self.port}/ws", ping_interval=None,
                                              extra_headers={"Authorization": "Bearer " + self.token}) as ws:
                    end = min(until, time.time() + 3600 / SCALE)
                    while (left := end - time.time()) > 0:
                        await asyncio.wait_for(ws.recv(), min(left, 10))
                        counts["messages"] += 1
            except asyncio.TimeoutError:
                pass
            except (OSError, websockets.WebSocketException):
                counts["closed"] += 1
                await asyncio.sleep(0.1)

    async def read(self, counts, until):
        """Each path in turn, one each five seconds of the gateway, and the metrics."""
        headers = f"Host: localhost\r\nAuthorization: Bearer {self.token}\r\nConnection: close\r\n\r\n"
        name = os.path.basename(self.sim.link).replace("-", "_")
        i = 0
        while time.time() < until:
            path = "/metrics" if i % 3 == 0 else f"/api/v1/batteries/{name}" + PATHS[i % len(PATHS)]
            i += 1
            begin, answer = time.monotonic(), b""
            with contextlib.suppress(ConnectionError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(f"GET {path} HTTP/1.1\r\n{headers}".encode())
                answer = await reader.read()
                writer.close()
            # so fast a clock: a machine that is busy for a moment is a client that was too slow
            took_s = time.monotonic() - begin
            is_late = not answer and took_s > 0.9 * HTTP_WAIT_S / SCALE
            if not answer and not is_late:
                print(f"{path}: no answer after {took_s * SCALE:.1f} s of the gateway's")
            counts["late" if is_late else answer[9:12].decode()] += 1
            await asyncio.sleep(5 / SCALE)

    async def comings_and_goings(self, until):
        """The battery's service and the broker end and start again, four times in all."""
        for i in range(4):
            await asyncio.sleep(max(0, (until - time.time()) / (5 - i)))
            if i % 2:
                self.broker.terminate()
                self.broker.wait()
                self.broker = start_broker(self.folder.name, self.broker_port)
            else:
                self.stop_service()
                self.start_service()

    def memory_kb(self):
        """All that is resident, and of it the gateway's own."""
        return clients.memory_kb(self.gateway.pid), clients.memory_kb(self.gateway.pid, "RssAnon")

    async def memory(self, until, kept):
        """At each twelfth of the time."""
        step_s = (until - time.time()) / 12
        for i in range(1, 12):
            await asyncio.sleep(max(0, until - (12 - i) * step_s - time.time()))
            kept.append(self.memory_kb())

    def test_day(self):
        self.start_all()
        self.start_gateway()
        counts = {"messages": 0, "closed": 0, "200": 0, "503": 0, "": 0, "late": 0}
        kept = []
        until = time.time() + HOURS * 3600 / SCALE

        async def go():
            await asyncio.gather(*[self.live(counts, until) for _ in range(3)],
                                 self.read(counts, until), self.comings_and_goings(until),
                                 self.memory(until, kept))
        asyncio.run(go())
        kept.append(self.memory_kb())
        whole_kb, own_kb = zip(*kept)
        print(f"{HOURS:g} h: {counts['200']} answers, {counts['503']} while the battery was away, "
              f"{counts['late']} too late, "
              f"{counts['messages']} live messages, {counts['closed']} connections closed; resident "
              f"memory at each twelfth {', '.join(map(str, whole_kb))} kB, of it its own "
              f"{', '.join(map(str, own_kb))} kB")
        self.assertLess(whole_kb[-1], whole_kb[2] * 1.05, "memory grows")
        if HOURS >= 24: # in the first hours what is used for the first time makes room for itself
            self.assertLess(own_kb[-1], own_kb[2] * 1.05, "its own memory grows")
        self.assertEqual(counts[""], 0, "a request was not answered")
        self.assertGreater(counts["200"], 20 * counts["503"])
        self.assertGreater(counts["messages"], HOURS * 3600)


if __name__ == "__main__":
    whole.main()
