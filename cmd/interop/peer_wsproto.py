"""Python's wsproto as a client, over asyncio's streams."""

import asyncio
import ssl
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Message,
    Ping,
    Pong,
    Request,
    TextMessage,
)
from wsproto.extensions import PerMessageDeflate


class Peer:
    unknown = 1014  # which was registered after it was written

    @classmethod
    async def open(cls, url, compress=False):
        parts = urlsplit(url)
        peer = cls()
        context = ssl.create_default_context() if parts.scheme == "wss" else None
        peer.reader, peer.writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=context)
        peer.conn = WSConnection(ConnectionType.CLIENT)
        offer = [PerMessageDeflate()] if compress else []
        await peer.put(Request(host=parts.netloc, target=parts.path or "/", extensions=offer))
        accepted = await peer.event(AcceptConnection)
        peer.subprotocol = accepted.subprotocol
        peer.extension = ", ".join(extension.name for extension in accepted.extensions)
        return peer

    async def put(self, event):
        self.writer.write(self.conn.send(event))
        await self.writer.drain()

    async def event(self, *kinds):
        """Returns the next event, which has to be of one of these kinds."""
        while True:
            event = next(self.conn.events(), None)
            if isinstance(event, kinds):
                return event
            if event is not None:
                raise AssertionError(f"got {event!r:.200}, want {kinds}")
            data = await self.reader.read(65536)
            self.conn.receive_data(data or None)

    async def send(self, data):
        await self.put(Message(data=data))

    async def recv(self):
        pieces = []
        while True:
            event = await self.event(TextMessage, BytesMessage)
            pieces.append(event.data)
            if event.message_finished:
                return ("" if isinstance(event, TextMessage) else b"").join(pieces)

    async def fragments(self, pieces, ping):
        await self.put(Message(data=pieces[0], message_finished=False))
        await self.put(Ping(payload=ping))
        for piece in pieces[1:-1]:
            await self.put(Message(data=piece, message_finished=False))
        await self.put(Message(data=pieces[-1]))
        await self.answered(ping)

    async def answered(self, payload):
        pong = await self.event(Pong)
        if pong.payload != payload:
            raise AssertionError(f"got {pong}, want {payload!r}")

    async def ping(self, payload):
        await self.put(Ping(payload=payload))
        await self.answered(payload)

    async def pong(self, payload):
        await self.put(Pong(payload=payload))

    async def close(self, code, reason):
        await self.put(CloseConnection(code=code, reason=reason))
        return await self.end()

    async def end(self):
        event = await self.event(CloseConnection)
        self.writer.close()
        return int(event.code), event.reason or ""

    async def closed(self):
        event = await self.event(CloseConnection)
        await self.put(event.response())
        self.writer.close()
        return int(event.code), event.reason
