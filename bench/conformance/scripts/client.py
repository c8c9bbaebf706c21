"""Python's websockets as a client of a fuzzing server: client.py URL AGENT N,N,N runs the cases with these numbers."""

import asyncio
import contextlib
import sys

from websockets.exceptions import WebSocketException
from websockets.legacy.client import connect

URL, AGENT, NUMBERS = sys.argv[1:4]


async def run(n):
    with contextlib.suppress(WebSocketException, OSError, EOFError):
        async with connect(f"{URL}/runCase?case={n}&agent={AGENT}", max_size=64 << 20) as ws:
            async for message in ws:
                await ws.send(message)


async def main():
    for n in NUMBERS.split(","):
        await run(n)


asyncio.run(main())
