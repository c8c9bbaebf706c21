"""Python's websockets as a client."""

from websockets.exceptions import ConnectionClosed
from websockets.legacy.client import connect


class Peer:
    @classmethod
    async def open(cls, url, compress=False):
        peer = cls()
        peer.ws = await connect(url, max_size=None, compression="deflate" if compress else None)
        peer.subprotocol = peer.ws.subprotocol
        peer.extension = ", ".join(extension.name for extension in peer.ws.extensions)
        return peer

    async def send(self, data):
        await self.ws.send(data)

    async def recv(self):
        return await self.ws.recv()

    async def fragments(self, pieces, ping):
        pongs = []

        async def with_ping():
            yield pieces[0]
            pongs.append(await self.ws.ping(ping))
            for piece in pieces[1:]:
                yield piece

        await self.ws.send(with_ping())
        await pongs[0]

    async def ping(self, payload):
        await (await self.ws.ping(payload))

    async def pong(self, payload):
        await self.ws.pong(payload)

    async def close(self, code, reason):
        await self.ws.close(code, reason)
        return self.ws.close_code, self.ws.close_reason

    async def closed(self):
        try:
            await self.ws.recv()
        except ConnectionClosed:
            pass
        return self.ws.close_code, self.ws.close_reason
