#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A gateway with 20 live clients stays below 8 MB, also while somebody logs in."""
import asyncio
import sys
import time

import clients

LIMIT_KB = 8 * 1024


async def watch(options, password):
    until = time.time() + 6
    latencies, troubles = [], []
    listeners = asyncio.gather(*[clients.listen(options, latencies, troubles, until)
                                 for _ in range(20)])
    await asyncio.sleep(4)
    whole = clients.memory_kb(options.pid)
    own = clients.memory_kb(options.pid, "RssAnon")
    begin = time.time()
    await asyncio.to_thread(clients.log_in, options.port, password)
    took_s = time.time() - begin
    await listeners
    peak = clients.memory_kb(options.pid, "VmHWM")
    print(f"20 clients: {whole} kB resident, {own} kB of its own, {peak} kB at most, with a log-in "
          f"of {took_s:.2f} s")
    return peak < LIMIT_KB and not troubles


class Options:
    pass


gateway = clients.lone_gateway.Gateway()
chosen = Options()
chosen.port, chosen.pid = gateway.port, gateway.process.pid
chosen.url = f"ws://127.0.0.1:{gateway.port}/ws"
chosen.cookie = clients.log_in(gateway.port, clients.lone_gateway.PASSWORD)
IS_FINE = asyncio.run(watch(chosen, clients.lone_gateway.PASSWORD))
gateway.stop()
if not IS_FINE:
    print(f"FAILED: more than {LIMIT_KB} kB, or a client was dropped")
sys.exit(0 if IS_FINE else 1)
