#!/usr/bin/python3
# Load on the gateway's socket: prints figures, and fails where a bound of its own is broken.
#   load.py [--clients N] [--seconds S] [--program FILE]     50 clients for 30 s; 1800 s are the long version
# A fresh gateway is started; while the clients listen, 1,000 connections a minute come and go.
import argparse
import asyncio
import json
import os
import sys
import time

import websockets

import rig


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
    await asyncio.gather(*tasks, knock(options, counts, until))
    after = memory_kb(options.pid)
    latencies.sort()
    p95_ms = latencies[int(len(latencies) * 0.95)] * 1000 if latencies else -1
    print(f"clients {options.clients}, {options.seconds:g} s: {len(latencies)} messages, latency p95 {p95_ms:.1f} ms, "
          f"max {latencies[-1] * 1000 if latencies else -1:.1f} ms, disconnects {len(troubles)}")
    print(f"connects {counts['connects']} ({counts['connects'] / options.seconds * 60:.0f} a minute), "
          f"answers {counts['answers']}, failures {counts['failures']}")
    print(f"memory {before[0]} kB after a quarter, {after} kB at the end")
    bad = troubles[:3]
    if len(latencies) < options.clients * (options.seconds - 3) * 0.9:
        bad.append("messages are missing")
    if p95_ms > 200:
        bad.append("latency p95 is above 200 ms")
    if after > before[0] * 1.05:
        bad.append("memory grew by more than 5 %")
    if counts["answers"] < counts["connects"] / 4 - 1:
        bad.append("requests were not answered")
    for one in bad:
        print("FAILED:", one)
    return not bad


def small(options):
    """a gateway with 20 clients stays below 8 MB"""
    gateway = rig.Gateway()
    session = gateway.login()
    options.url, options.cookie = f"ws://127.0.0.1:{gateway.port}/ws", session["Cookie"]

    async def go():
        until = time.time() + 5
        latencies, troubles = [], []
        listeners = asyncio.gather(*[listen(options, latencies, troubles, until) for _ in range(20)])
        await asyncio.sleep(4)
        whole = memory_kb(gateway.process.pid)
        own = memory_kb(gateway.process.pid, "RssAnon")
        await listeners
        peak = memory_kb(gateway.process.pid, "VmHWM")
        print(f"20 clients: {whole} kB resident, {own} kB of its own, {peak} kB at the log-in")
        return whole < 8 * 1024 and not troubles
    is_fine = asyncio.run(go())
    gateway.stop()
    if not is_fine:
        print("FAILED: 20 clients take more than 8 MB, or were dropped")
    return is_fine


def many(options):
    gateway = rig.Gateway()
    session = gateway.login()
    options.url, options.cookie = f"ws://127.0.0.1:{gateway.port}/ws", session["Cookie"]
    options.pid = gateway.process.pid
    is_fine = asyncio.run(main(options))
    gateway.stop()
    return is_fine


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--clients", type=int, default=50)
    p.add_argument("--seconds", type=float, default=30)
    p.add_argument("--program", default=rig.PROGRAM)
    chosen = p.parse_args()
    rig.PROGRAM = chosen.program
    sys.exit(0 if small(chosen) and many(chosen) else 1)
