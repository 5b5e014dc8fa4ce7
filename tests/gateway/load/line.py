#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Live clients over a bad line: 200 ms of delay each way and 10 % loss.

    line.py netem [SECONDS]     by the kernel, in a network namespace; ends with 77 where it cannot,
                                then tests/vm/gx.sh --gateway has it in a guest
    line.py proxy [SECONDS]     as TCP makes it appear: bytes come late, some much later

30 s by default, 900 for the long version.
"""
import asyncio
import contextlib
import os
import random
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [HERE, os.path.join(HERE, "..", "http")]

import clients  # noqa: E402
import lone_gateway  # noqa: E402

DELAY_S, LOSS, RETRANSMISSION_S = 0.2, 0.1, 0.6
# delay, one or two retransmissions with their doubled waits
LATENCY_MS = 1500
SPACE, OURS, THEIRS = "tinybms-line", "10.213.7.1", "10.213.7.2"
SKIPPED = 77


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


# ---- the kernel's bad line ---------------------------------------------------------------------

def make_line():
    """NULL: it is there. Else why not."""
    steps = [f"ip netns add {SPACE}", "ip link add tb-line0 type veth peer name tb-line1",
             f"ip link set tb-line1 netns {SPACE}", f"ip addr add {OURS}/30 dev tb-line0",
             "ip link set tb-line0 up", f"ip -n {SPACE} addr add {THEIRS}/30 dev tb-line1",
             f"ip -n {SPACE} link set tb-line1 up",
             "tc qdisc add dev tb-line0 root netem delay 200ms loss 10%",
             f"tc -n {SPACE} qdisc add dev tb-line1 root netem delay 200ms loss 10%"]
    for step in steps:
        done = run(*step.split())
        if done.returncode:
            return f"{step}: {done.stderr.strip()}"
    return None


def remove_line():
    run("ip", "link", "del", "tb-line0")
    run("ip", "netns", "del", SPACE)


def by_netem(seconds):
    remove_line()
    why = make_line()
    if why:
        remove_line()
        print(f"skipped: this kernel cannot lose packets ({why})")
        return SKIPPED
    gateway = lone_gateway.Gateway(listen=OURS)
    try:
        return run_clients(seconds, gateway, OURS, gateway.port, ["ip", "netns", "exec", SPACE])
    finally:
        gateway.stop()
        remove_line()


def run_clients(seconds, gateway, host, port, prefix=()):
    return subprocess.run(
        [*prefix, sys.executable, os.path.join(HERE, "clients.py"), "--clients", "4", "--host", host,
         "--port", str(port), "--pid", str(gateway.process.pid), "--password", lone_gateway.PASSWORD,
         "--seconds", str(seconds), "--latency", str(LATENCY_MS)], check=False).returncode


# ---- the same as TCP shows it to programs ------------------------------------------------------

async def carry(reader, writer):
    """Each piece after the delay; a lost one, and all behind it, after its retransmission."""
    queue = asyncio.Queue()

    async def give():
        while (item := await queue.get()) is not None:
            due, data = item
            await asyncio.sleep(max(0, due - time.monotonic()))
            writer.write(data)
            await writer.drain()
        writer.close()

    giver = asyncio.create_task(give())
    due = 0
    with contextlib.suppress(OSError):
        while data := await reader.read(1400):
            wait_s = DELAY_S
            while random.random() < LOSS:
                wait_s += RETRANSMISSION_S
            due = max(due, time.monotonic() + wait_s)
            await queue.put((due, data))
    await queue.put(None)
    with contextlib.suppress(OSError):
        await giver


async def serve(target):
    async def visitor(reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(carry(reader, back), carry(there, writer))
    return await asyncio.start_server(visitor, "127.0.0.1", 0)


async def through_proxy(seconds, gateway):
    server = await serve(gateway.port)
    port = server.sockets[0].getsockname()[1]
    code = await asyncio.to_thread(run_clients, seconds, gateway, "127.0.0.1", port)
    server.close()
    return code


def by_proxy(seconds):
    random.seed(7)
    gateway = lone_gateway.Gateway()
    try:
        return asyncio.run(through_proxy(seconds, gateway))
    finally:
        gateway.stop()


if __name__ == "__main__":
    long_s = float(sys.argv[2]) if len(sys.argv) > 2 else 30
    sys.exit((by_netem if sys.argv[1] == "netem" else by_proxy)(long_s))
