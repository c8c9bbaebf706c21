"""An implementation in Python as a client of ours: client.py MODULE ECHO-URL CLOSE-URL SIZES CLOSE-CODES EXTENSION ANSWER.

MODULE is that of the implementation's class Peer. EXTENSION is what the server is to accept of the offer of
permessage-deflate, ANSWER what it puts into its answer to a close frame: "code", or "code and reason". A line of JSON is printed for each case: {"case": name, "error": what went wrong, or ""}, or with
"impossible" and the reason why this implementation cannot do it.
"""

import asyncio
import importlib
import json
import os
import sys

MODULE, ECHO, CLOSE = sys.argv[1:4]
SIZES, CODES = ([int(n) for n in list.split(",")] for list in sys.argv[4:6])
EXTENSION, ANSWER = sys.argv[6:8]
Peer = importlib.import_module(MODULE).Peer


class Impossible(Exception):
    """What this implementation cannot do."""


def equal(got, want):
    if got != want:
        raise AssertionError(f"got {got!r:.200}, want {want!r:.200}")


async def open_echo(**options):
    return await Peer.open(ECHO, **options)


async def close(peer, code=1000, reason=""):
    got_code, got_reason = await peer.close(code, reason)
    if got_reason is None:  # which that implementation does not tell
        equal(got_code, code)
    else:
        equal((got_code, got_reason), (code, "" if ANSWER == "code" else reason))


async def comes_back(data):
    peer = await open_echo()
    await peer.send(data)
    equal(await peer.recv(), data)
    await close(peer)


async def text():
    await comes_back("Hello, 世界 👋")


async def binary():
    await comes_back(bytes([0, 1, 254, 255]))


async def fragments():
    if not hasattr(Peer, "fragments"):
        raise Impossible("sends no fragments")
    peer = await open_echo()
    await peer.fragments(["Hello, ", "", "世界"], b"inside")
    equal(await peer.recv(), "Hello, 世界")
    await close(peer)


async def ping():
    peer = await open_echo()
    for payload in (b"", b"p", b"x" * 125):
        await peer.ping(payload)
    await peer.pong(b"nobody has asked")
    await peer.send("still there")
    equal(await peer.recv(), "still there")
    await close(peer)


async def many():
    peer = await open_echo()
    sending = asyncio.ensure_future(send_many(peer))
    for i in range(10_000):
        equal(await peer.recv(), f"message {i}")
    await sending
    await close(peer)


async def send_many(peer):
    for i in range(10_000):
        await peer.send(f"message {i}")


async def no_subprotocol():
    peer = await open_echo()
    equal(peer.subprotocol, None)
    await close(peer)


async def compression():
    peer = await open_echo(compress=True)
    equal(peer.extension, EXTENSION)
    for data in ("x" * 10_000, os.urandom(10_000), "", "y" * 100_000):
        await peer.send(data)
        equal(await peer.recv(), data)
    await close(peer)


def known(code):
    if code == getattr(Peer, "unknown", None):
        raise Impossible(f"takes {code} for a code that is not registered")


async def close_by_them(code):
    known(code)
    await close(await open_echo(), code, f"reason {code} 👋")


async def close_by_us(code):
    known(code)
    peer = await Peer.open(f"{CLOSE}{code}")
    equal(await peer.closed(), (code, f"reason {code} 👋"))


CASES = {
    "text": text,
    "binary": binary,
    "fragments": fragments,
    "ping": ping,
    "many": many,
    "no subprotocol": no_subprotocol,
    "compression": compression,
}
for size in SIZES:
    CASES[f"text of {size}"] = lambda size=size: comes_back("x" * size)
    CASES[f"binary of {size}"] = lambda size=size: comes_back(os.urandom(size))
for code in CODES:
    CASES[f"close {code} by them"] = lambda code=code: close_by_them(code)
    CASES[f"close {code} by us"] = lambda code=code: close_by_us(code)


async def main():
    for name, run in CASES.items():
        result = {"case": name, "error": ""}
        try:
            await run()
        except Impossible as err:
            result["impossible"] = str(err)
        except Exception as err:
            result["error"] = f"{type(err).__name__}: {err}"
        print(json.dumps(result), flush=True)


asyncio.run(main())
