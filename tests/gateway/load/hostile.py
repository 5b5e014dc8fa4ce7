#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Honest clients while hostile ones do their worst from another address.

    hostile.py [SECONDS]     of each kind of attack, 8 by default

Fails if an honest request is not answered, a live client is dropped, the gateway ends, or its
memory has not come back when all is over.
"""
import asyncio
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [HERE, os.path.join(HERE, "..", "http")]

import clients  # noqa: E402
import flood  # noqa: E402
import lone_gateway  # noqa: E402
import websockets  # noqa: E402

HONEST = "127.0.0.2"
ANSWER_S = 15
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 8


class Honest:
    def __init__(self, gateway, cookie):
        self.gateway, self.cookie = gateway, cookie
        self.took, self.failed, self.messages, self.dropped = [], [], 0, []

    async def request(self):
        begin = time.monotonic()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.gateway.port,
                                                           local_addr=(HONEST, 0))
            writer.write(f"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n"
                         "Connection: close\r\n\r\n".encode())
            answer = await asyncio.wait_for(reader.read(), ANSWER_S)
            writer.close()
            if answer.startswith(b"HTTP/1.1 200"):
                self.took.append(time.monotonic() - begin)
            else:
                self.failed.append(answer[:30])
        except (OSError, asyncio.TimeoutError) as error:
            self.failed.append(repr(error))

    async def ask(self, until):
        while time.monotonic() < until:
            await self.request()
            await asyncio.sleep(0.25)

    async def live(self, until):
        try:
            async with websockets.connect(f"ws://127.0.0.1:{self.gateway.port}/ws",
                                          extra_headers={"Cookie": self.cookie},
                                          local_addr=(HONEST, 0)) as ws:
                while time.monotonic() < until:
                    message = json.loads(await asyncio.wait_for(ws.recv(), ANSWER_S))
                    self.messages += message["topic"] == "gateway"
        except Exception as error:  # any end counts
            self.dropped.append(repr(error))


async def attack(gateway, cookie, kinds):
    honest = Honest(gateway, cookie)
    hostile = subprocess.Popen([sys.executable, os.path.join(HERE, "flood.py"), str(gateway.port),
                                str(SECONDS), *kinds], stdout=subprocess.PIPE, text=True)
    await asyncio.sleep(0.5)
    until = time.monotonic() + SECONDS
    await asyncio.gather(honest.ask(until), *[honest.live(until) for _ in range(4)])
    told = (await asyncio.to_thread(hostile.communicate))[0].strip()
    honest.took.sort()
    name = kinds[0] if len(kinds) == 1 else "all kinds"
    print(f"{name}: {len(honest.took)} honest requests in {1000 * honest.took[len(honest.took) // 2]:.0f} ms, "
          f"{1000 * honest.took[-1]:.0f} ms at most, {len(honest.failed)} failed; live messages "
          f"{honest.messages}, dropped {len(honest.dropped)}; {told}", flush=True)
    failed = [] if hostile.returncode == 0 else [f"the attack by {name} failed itself"]
    return failed + honest.failed[:2] + honest.dropped[:2]


def main():
    gateway = lone_gateway.Gateway()
    cookie = gateway.login()["Cookie"]
    bad = []
    # once, for what is allocated at first use
    bad += asyncio.run(attack(gateway, cookie, flood.OF_STRANGERS))
    before = clients.memory_kb(gateway.process.pid)
    for kinds in [*[[kind] for kind in flood.OF_STRANGERS], flood.OF_STRANGERS]:
        bad += asyncio.run(attack(gateway, cookie, kinds))
    time.sleep(20)  # until the slow ones are gone
    after = clients.memory_kb(gateway.process.pid)
    print(f"memory {before} kB before, {after} kB after all")
    if after > before * 1.05:
        bad.append("memory grew by more than 5 %")
    gateway.stop()
    for one in bad:
        print("FAILED:", one)
    return not bad


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
