"""Python's aiohttp as a server for our client. It has no way to send fragments.

It prints {"port": n} once it listens, and ends with its stdin. With CERT and KEY in the environment it speaks TLS.
"""

import asyncio
import base64
import json
import sys

from aiohttp import WSMsgType, web
from tls import context


async def open_ws(request, **options):
    ws = web.WebSocketResponse(protocols=["chat"], max_msg_size=0, autoclose=False, **options)
    await ws.prepare(request)
    return ws


async def answer(ws, message):
    """Answers a close frame with its code. The implementation's own answer has always 1000."""
    if message.type == WSMsgType.CLOSE and message.data:
        await ws.close(code=message.data, message=message.extra.encode())


async def echo_on(ws):
    while True:
        message = await ws.receive()
        if message.type == WSMsgType.TEXT:
            await ws.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await ws.send_bytes(message.data)
        else:
            await answer(ws, message)
            return ws


async def echo(request):
    return await echo_on(await open_ws(request))


async def early(request):
    ws = await open_ws(request)
    await ws.send_str("early")
    await ws.send_bytes(bytes([1, 2, 3]))
    return await echo_on(ws)


async def close(request):
    ws = await open_ws(request)
    # Its close waits for the answer, and tells the code of it alone.
    await ws.close(code=int(request.query["code"]), message=request.query["reason"].encode())
    print(json.dumps({"code": ws.close_code, "reason": request.query["reason"]}), flush=True)
    return ws


async def auth(request):
    wanted = "Basic " + base64.b64encode(b"Aladdin:open sesame").decode()
    if request.headers.get("Authorization") != wanted:
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="cave"'})
    ws = await open_ws(request)
    await ws.send_str("welcome")
    return await echo_on(ws)


async def refuse(_):
    return web.Response(status=403, headers={"X-Why": "weather"}, text="not today")


async def main():
    app = web.Application()
    for handler in (echo, early, close, auth, refuse):
        app.router.add_get("/" + handler.__name__, handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context())
    await site.start()
    print(json.dumps({"port": site._server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


asyncio.run(main())
