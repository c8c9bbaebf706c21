"""Python's websockets as a server that echoes.

server.py [LIMIT] takes messages of up to LIMIT bytes; there is no setting for the time of a request.
It prints {"port": n, "version": "..."} once it listens, and ends with its stdin.
"""

import asyncio
import contextlib
import json
import sys

import websockets
from websockets.exceptions import ConnectionClosed
from websockets.legacy.server import serve


async def echo(ws):
    # Any close but 1000 and 1001 is an error to this implementation.
    with contextlib.suppress(ConnectionClosed):
        async for message in ws:
            await ws.send(message)


async def main():
    limit = int(sys.argv[1]) if len(sys.argv) > 1 else 64 << 20
    server = await serve(echo, "127.0.0.1", 0, max_size=limit)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"port": port, "version": websockets.__version__}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()
    await server.wait_closed()


asyncio.run(main())
