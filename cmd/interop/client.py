"""Python's websockets as a client of ours: client.py ECHO-URL CLOSE-URL SIZES CLOSE-CODES.

It prints a line of JSON for each case: {"case": name, "error": what went wrong, or ""}.
"""

import asyncio
import json
import os
import sys

from websockets.exceptions import ConnectionClosed
from websockets.legacy.client import connect

ECHO, CLOSE = sys.argv[1:3]
SIZES, CODES = ([int(n) for n in list.split(",")] for list in sys.argv[3:5])


def equal(got, want):
    if got != want:
        raise AssertionError(f"got {got!r:.200}, want {want!r:.200}")


def open_echo():
    return connect(ECHO, max_size=None)


async def close(ws, code, reason=""):
    await ws.close(code, reason)
    equal((ws.close_code, ws.close_reason), (code, reason))


async def comes_back(data):
    async with open_echo() as ws:
        await ws.send(data)
        equal(await ws.recv(), data)
        await close(ws, 1000)


async def text():
    await comes_back("Hello, 世界 👋")


async def binary():
    await comes_back(bytes([0, 1, 254, 255]))


async def fragments():
    async with open_echo() as ws:
        pongs = []

        async def pieces():
            yield "Hello, "
            pongs.append(await ws.ping(b"inside"))
            yield ""
            yield "世界"

        await ws.send(pieces())
        await pongs[0]
        equal(await ws.recv(), "Hello, 世界")
        await close(ws, 1000)


async def ping():
    async with open_echo() as ws:
        for payload in (b"", b"p", b"x" * 125):
            await (await ws.ping(payload))
        await ws.pong(b"nobody has asked")
        await ws.send("still there")
        equal(await ws.recv(), "still there")
        await close(ws, 1000)


async def many():
    async with open_echo() as ws:
        for i in range(1000):
            await ws.send(f"message {i}")
        for i in range(1000):
            equal(await ws.recv(), f"message {i}")
        await close(ws, 1000)


async def no_subprotocol():
    async with open_echo() as ws:
        equal(ws.subprotocol, None)
        equal(ws.extensions, [])
        await close(ws, 1000)


async def close_by_them(code):
    async with open_echo() as ws:
        await close(ws, code, f"reason {code} 👋")


async def close_by_us(code):
    async with connect(f"{CLOSE}{code}") as ws:
        try:
            await ws.recv()
        except ConnectionClosed:
            pass
        equal((ws.close_code, ws.close_reason), (code, f"reason {code} 👋"))


CASES = {
    "text": text,
    "binary": binary,
    "fragments": fragments,
    "ping": ping,
    "many": many,
    "no subprotocol": no_subprotocol,
}
for size in SIZES:
    CASES[f"text of {size}"] = lambda size=size: comes_back("x" * size)
    CASES[f"binary of {size}"] = lambda size=size: comes_back(os.urandom(size))
for code in CODES:
    CASES[f"close {code} by them"] = lambda code=code: close_by_them(code)
    CASES[f"close {code} by us"] = lambda code=code: close_by_us(code)


async def main():
    for name, run in CASES.items():
        error = ""
        try:
            await run()
        except Exception as err:
            error = f"{type(err).__name__}: {err}"
        print(json.dumps({"case": name, "error": error}), flush=True)


asyncio.run(main())
