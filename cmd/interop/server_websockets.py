"""Python's websockets as a server for our client.

It prints {"port": n} once it listens, and ends with its stdin. With CERT and KEY in the environment it speaks TLS.
"""

import asyncio
import base64
import contextlib
import json
import sys
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from tls import context
from websockets.exceptions import ConnectionClosed
from websockets.legacy.server import serve


async def echo(ws):
    async for message in ws:
        await ws.send(message)


async def early(ws):
    await ws.send("early")
    await ws.send(bytes([1, 2, 3]))
    await echo(ws)


async def fragments(ws):
    pongs = []

    async def pieces():
        yield "Hello, "
        pongs.append(await ws.ping(b"inside"))
        yield ""
        yield "世界"

    await ws.send(pieces())
    await pongs[0]
    await ws.send("pong inside")
    await ws.wait_closed()


async def close(ws):
    query = parse_qs(urlsplit(ws.path).query)
    await ws.close(int(query["code"][0]), query["reason"][0])
    print(json.dumps({"code": ws.close_code, "reason": ws.close_reason}), flush=True)


async def auth(ws):
    await ws.send("welcome")
    await ws.wait_closed()


PATHS = {"/echo": echo, "/early": early, "/fragments": fragments, "/close": close, "/auth": auth}


async def refusal(path, headers):
    """Returns the response to a request that is not to be upgraded."""
    path = urlsplit(path).path
    if path == "/refuse":
        return HTTPStatus.FORBIDDEN, [("X-Why", "weather")], b"not today"
    wanted = "Basic " + base64.b64encode(b"Aladdin:open sesame").decode()
    if path == "/auth" and headers.get("Authorization") != wanted:
        return HTTPStatus.UNAUTHORIZED, [("WWW-Authenticate", 'Basic realm="cave"')], b""
    return None if path in PATHS else (HTTPStatus.NOT_FOUND, [], b"")


async def handle(ws):
    # Any close but 1000 and 1001 is an error to this implementation.
    with contextlib.suppress(ConnectionClosed):
        await PATHS[urlsplit(ws.path).path](ws)


async def main():
    server = await serve(
        handle, "127.0.0.1", 0, max_size=None, subprotocols=["chat"], process_request=refusal, ssl=context()
    )
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()
    await server.wait_closed()


asyncio.run(main())
