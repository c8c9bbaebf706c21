"""Python's websockets as an echo whose parameters of permessage-deflate are in the URL.

It prints {"port": n} once it listens, then what each connection has agreed on, and ends with its stdin.
"""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

from deflate_websockets import agreed, options
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.legacy.server import WebSocketServerProtocol, serve


class Protocol(WebSocketServerProtocol):
    async def process_request(self, path, request_headers):
        # The handshake that is under way looks into this very list next.
        own = json.loads(parse_qs(urlsplit(path).query)["own"][0])
        self.available_extensions[:] = [ServerPerMessageDeflateFactory(**options(own))]


async def handle(ws):
    print(json.dumps(agreed(ws, "server", "client")), flush=True)
    async for message in ws:
        await ws.send(message)


async def main():
    server = await serve(handle, "127.0.0.1", 0, max_size=None, compression=None, extensions=[], create_protocol=Protocol)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()
    await server.wait_closed()


asyncio.run(main())
