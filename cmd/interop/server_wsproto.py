"""Python's wsproto as a server for our client, over asyncio's streams.

It prints {"port": n} once it listens, and ends with its stdin. With CERT and KEY in the environment it speaks TLS.
"""

import asyncio
import base64
import json
import sys
from urllib.parse import parse_qs, urlsplit

from tls import context
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Message,
    Ping,
    Pong,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.extensions import PerMessageDeflate


class Peer:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.conn = WSConnection(ConnectionType.SERVER)

    def put(self, event):
        self.writer.write(self.conn.send(event))

    async def event(self):
        """Returns the next event; pings are answered on the way."""
        while True:
            event = next(self.conn.events(), None)
            if event is None:
                data = await self.reader.read(65536)
                self.conn.receive_data(data or None)
            elif isinstance(event, Ping):
                self.put(event.response())
            else:
                return event

    async def message(self):
        """Returns the next message, or None if the peer has closed."""
        pieces = []
        while True:
            event = await self.event()
            if isinstance(event, CloseConnection):
                self.put(event.response())
                return None
            if isinstance(event, (TextMessage, BytesMessage)):
                pieces.append(event.data)
                if event.message_finished:
                    return ("" if isinstance(event, TextMessage) else b"").join(pieces)

    def refuse(self, status, fields, body):
        headers = [(name.encode(), value.encode()) for name, value in fields]
        headers.append((b"content-length", str(len(body)).encode()))
        self.put(RejectConnection(status_code=status, headers=headers, has_body=True))
        self.put(RejectData(data=body))


async def echo(peer, _):
    while (message := await peer.message()) is not None:
        peer.put(Message(data=message))
        await peer.writer.drain()


async def early(peer, query):
    peer.put(Message(data="early"))
    peer.put(Message(data=bytes([1, 2, 3])))
    await echo(peer, query)


async def fragments(peer, query):
    peer.put(Message(data="Hello, ", message_finished=False))
    peer.put(Ping(payload=b"inside"))
    peer.put(Message(data="", message_finished=False))
    peer.put(Message(data="世界"))
    pong = await peer.event()
    if not isinstance(pong, Pong):
        raise AssertionError(f"got {pong!r}, want a pong")
    peer.put(Message(data=f"pong {pong.payload.decode()}"))
    await echo(peer, query)


async def close(peer, query):
    peer.put(CloseConnection(code=int(query["code"][0]), reason=query["reason"][0]))
    answer = await peer.event()
    print(json.dumps({"code": int(answer.code), "reason": answer.reason}), flush=True)


async def auth(peer, query):
    peer.put(Message(data="welcome"))
    await echo(peer, query)


PATHS = {"/echo": echo, "/early": early, "/fragments": fragments, "/close": close, "/auth": auth}


async def handle(reader, writer):
    peer = Peer(reader, writer)
    request = await peer.event()
    assert isinstance(request, Request)
    target = urlsplit(request.target)
    given = dict((name.lower(), value) for name, value in request.extra_headers).get(b"authorization", b"")
    if target.path == "/refuse":
        peer.refuse(403, [("X-Why", "weather")], b"not today")
    elif target.path == "/auth" and given != b"Basic " + base64.b64encode(b"Aladdin:open sesame"):
        peer.refuse(401, [("WWW-Authenticate", 'Basic realm="cave"')], b"")
    else:
        chosen = "chat" if "chat" in request.subprotocols else None
        peer.put(AcceptConnection(subprotocol=chosen, extensions=[PerMessageDeflate()]))
        await PATHS[target.path](peer, parse_qs(target.query))
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context())
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
