#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Live clients of one gateway: prints figures, fails where a bound is broken.

    clients.py [--clients N] [--seconds S]          a gateway of its own; meanwhile 1,000
                                                    connections a minute come and go
    clients.py --port PORT --password TEXT --pid N  a gateway that runs

50 clients for 30 s by default; 1800 s are the long version.
"""
import argparse
import asyncio
import http.client
import json
import os
import sys
import time

import websockets

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "http"))

import lone_gateway  # noqa: E402


def memory_kb(pid, what="VmRSS"):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(what))


async def listen(options, latencies, troubles, until):
    try:
        async with websockets.connect(options.url, extra_headers={"Cookie": options.cookie}) as ws:
            await ws.send('{"subscribe":["battery","gateway"],"interval":1.0}')
            is_first = True
            while time.time() < until:
                message = json.loads(await asyncio.wait_for(ws.recv(), 15))
                if message["topic"] in ("closing", "error"):
                    troubles.append(message["reason"])
                    return
                if not is_first:  # what waited for the client is as old as it is
                    latencies.append(time.time() - message["time"])
                is_first = False
    except Exception as error:  # any disconnect counts
        troubles.append(repr(error))


async def knock(options, counts, until):
    """1,000 connects and disconnects a minute, some of them half-open."""
    host, port = options.url.split("/")[2].split(":")
    kept = []
    while time.time() < until:
        begin = time.time()
        try:
            reader, writer = await asyncio.open_connection(host, int(port))
            kind = counts["connects"] % 4
            if kind == 0:
                writer.write(b"GET /api/v1/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                counts["answers"] += b" 200 " in await asyncio.wait_for(reader.read(), 10)
            elif kind == 1:
                writer.write(b"GET / HT")
            elif kind == 2:
                writer.write(os.urandom(200))
            counts["connects"] += 1
            if kind == 3 and len(kept) < 5:
                kept.append(writer)
            else:
                writer.close()
        except OSError:
            counts["failures"] += 1
        await asyncio.sleep(max(0, 0.06 - (time.time() - begin)))


async def main(options):
    latencies, troubles = [], []
    counts = {"connects": 0, "answers": 0, "failures": 0}
    until = time.time() + options.seconds
    before = []
    asyncio.get_running_loop().call_later(options.seconds / 4,
                                          lambda: before.append(memory_kb(options.pid)))
    tasks = [listen(options, latencies, troubles, until) for _ in range(options.clients)]
    if options.is_alone:
        tasks.append(knock(options, counts, until))
    await asyncio.gather(*tasks)
    after = memory_kb(options.pid)
    latencies.sort()
    p95_ms = latencies[int(len(latencies) * 0.95)] * 1000 if latencies else -1
    print(f"clients {options.clients}, {options.seconds:g} s: {len(latencies)} messages, latency p95 {p95_ms:.1f} ms, "
          f"max {latencies[-1] * 1000 if latencies else -1:.1f} ms, disconnects {len(troubles)}")
    if options.is_alone:
        print(f"connects {counts['connects']} ({counts['connects'] / options.seconds * 60:.0f} a "
              f"minute), answers {counts['answers']}, failures {counts['failures']}")
    print(f"memory {before[0]} kB after a quarter, {after} kB at the end")
    bad = troubles[:3]
    if len(latencies) < options.clients * (options.seconds - 3) * 0.9:
        bad.append("messages are missing")
    if len(latencies) > options.clients * (options.seconds + 2):
        bad.append("more than one message a second")
    if p95_ms > options.latency:
        bad.append(f"latency p95 is above {options.latency:g} ms")
    if after > before[0] * 1.05:
        bad.append("memory grew by more than 5 %")
    if options.is_alone and counts["answers"] < counts["connects"] / 4 - 1:
        bad.append("requests were not answered")
    for one in bad:
        print("FAILED:", one)
    return not bad


def log_in(port, password, host="127.0.0.1"):
    connection = http.client.HTTPConnection(host, port, timeout=20)
    connection.request("POST", "/api/v1/login", json.dumps({"user": "admin", "password": password}),
                       {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.getheader("Set-Cookie").split(";")[0]


def run(options):
    gateway = None
    options.is_alone = options.port is None
    if options.is_alone:
        gateway = lone_gateway.Gateway()
        options.port, options.pid, options.password = gateway.port, gateway.process.pid, lone_gateway.PASSWORD
    options.url = f"ws://{options.host}:{options.port}/ws"
    options.cookie = log_in(options.port, options.password, options.host)
    is_fine = asyncio.run(main(options))
    if gateway:
        gateway.stop()
    return is_fine


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--clients", type=int, default=50)
    p.add_argument("--seconds", type=float, default=30)
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int)
    p.add_argument("--latency", type=float, default=200, help="ms that p95 may have")
    p.add_argument("--password")
    p.add_argument("--pid", type=int)
    sys.exit(0 if run(p.parse_args()) else 1)
