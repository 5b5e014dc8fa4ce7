#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Hostile clients of one gateway, all kinds at once or one; prints how often each came.

    flood.py PORT SECONDS [KIND...]

"reads" are those of a program whose token is in TINYBMS_TOKEN, which all kinds need therefore.
It runs at a low priority: on a GX it is other machines that do this.
"""
import asyncio
import collections
import json
import os
import random
import sys
import time

ANSWER_S = 10
PATIENCE_S = 0.3  # of an attacker: most of what it says gets no answer
READS = ("settings", "history", "curves", "events", "journal", "configuration")
counts = collections.Counter()


async def connect(port):
    return await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), ANSWER_S)


async def talk(port, *pieces):
    """Says all pieces, reads what comes; the status of the answer or None."""
    reader, writer = await connect(port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        answer = await asyncio.wait_for(reader.read(4096), PATIENCE_S)
        return answer[9:12].decode("latin-1") if answer.startswith(b"HTTP/1.1 ") else None
    finally:
        writer.close()


def head(method, path, *headers):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
    return "\r\n".join(lines).encode()


async def requests(port):
    """As many as fit through one connection that stays open."""
    reader, writer = await connect(port)
    try:
        for _ in range(200):
            writer.write(head("GET", "/api/v1/ping"))
            answer = await asyncio.wait_for(reader.readuntil(b"}"), ANSWER_S)
            counts["answers"] += answer.startswith(b"HTTP/1.1 200")
    finally:
        writer.close()


async def reads(port):
    """A program that may read, and asks for what costs the battery service most, without a pause."""
    reader, writer = await connect(port)
    try:
        writer.write(head("GET", "/api/v1/batteries", *may_read()))
        one = json.loads(await body_of(reader))["batteries"][0]["id"]
        for _ in range(50):
            for path in READS:
                writer.write(head("GET", f"/api/v1/batteries/{one}/{path}", *may_read()))
                counts["reads answered"] += len(await body_of(reader)) > 2
    finally:
        writer.close()


def may_read():
    return ["Authorization: Bearer " + os.environ["TINYBMS_TOKEN"]]


async def body_of(reader):
    """Of an answer 200; that of any other is left out."""
    lines = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), ANSWER_S)).decode("latin-1").lower()
    size = int(lines.split("content-length: ")[1].split("\r\n")[0])
    body = await asyncio.wait_for(reader.readexactly(size), ANSWER_S)
    return body if lines.startswith("http/1.1 200") else b""


async def knocks(port):
    _, writer = await connect(port)
    writer.close()


async def garbage(port):
    await talk(port, os.urandom(random.choice((1, 100, 5000))))


async def malformed(port):
    await talk(port, random.choice((
        b"GET  HTTP/9.9\r\n\r\n", b"\r\n\r\n\r\n\r\n", b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", head("GET", "/ws", "Upgrade: websocket"),
        head("POST", "/api/v1/login", "Content-Length: -1"),
        head("POST", "/api/v1/login", "Transfer-Encoding: chunked") + b"zz\r\n")))


async def oversized(port):
    await talk(port, random.choice((
        head("GET", "/" + "x" * 20000),
        head("GET", "/", "X-Long: " + "x" * 60000),
        head("GET", "/", *[f"X-{i}: y" for i in range(2000)]),
        head("POST", "/api/v1/login", "Content-Type: application/json", "Content-Length: 99999999")
        + b"x" * 100000)))


async def logins(port):
    body = b'{"user":"admin","password":"guess guess"}'
    await talk(port, head("POST", "/api/v1/login", "Content-Type: application/json",
                          f"Content-Length: {len(body)}") + body)


async def slow(port):
    """Slow-loris: a header, byte by byte, for as long as the gateway lets it."""
    _, writer = await connect(port)
    try:
        for byte in head("GET", "/", "X-Slow: " + "x" * 1000):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.5)
    finally:
        writer.close()


async def half_open(port):
    """Connected, and then nothing; or an answer that nobody fetches."""
    reader, writer = await connect(port)
    if random.random() < 0.5:
        writer.write(head("GET", "/app.js"))
    try:
        await asyncio.sleep(20)
    finally:
        writer.close()


KINDS = {"requests": (requests, 4), "reads": (reads, 4), "knocks": (knocks, 4), "garbage": (garbage, 2),
         "malformed": (malformed, 2), "oversized": (oversized, 2), "logins": (logins, 2),
         "slow": (slow, 10), "half_open": (half_open, 10)}
OF_STRANGERS = [kind for kind in KINDS if kind != "reads"]


async def repeat(port, name, until):
    function = KINDS[name][0]
    while time.monotonic() < until:
        try:
            await asyncio.wait_for(function(port), max(0.1, until - time.monotonic()))
            counts[name] += 1
        except asyncio.TimeoutError:
            counts[name + " cut"] += 1
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            counts[name + " closed"] += 1
            await asyncio.sleep(0.001)


async def main(port, seconds, names):
    until = time.monotonic() + seconds
    await asyncio.gather(*[repeat(port, name, until) for name in names
                           for _ in range(KINDS[name][1])])
    print(", ".join(f"{name} {counts[name]}" for name in sorted(counts)))


if __name__ == "__main__":
    os.setpriority(os.PRIO_PROCESS, 0, 10)
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:] or list(KINDS)))
