"""Python's aiohttp as a client. It has no way to send fragments."""

from aiohttp import ClientSession, WSMsgType


class Peer:
    @classmethod
    async def open(cls, url, compress=False):
        peer = cls()
        peer.session = ClientSession(trust_env=False)
        peer.ws = await peer.session.ws_connect(
            url, max_msg_size=0, compress=15 if compress else 0, autoping=False, autoclose=False, ssl=ssl_context(url)
        )
        peer.subprotocol = peer.ws.protocol
        peer.extension = "permessage-deflate" if peer.ws.compress else ""
        return peer

    async def send(self, data):
        await (self.ws.send_str(data) if isinstance(data, str) else self.ws.send_bytes(data))

    async def recv(self):
        message = await self.ws.receive()
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            raise AssertionError(f"got {message}, want a message")
        return message.data

    async def ping(self, payload):
        await self.ws.ping(payload)
        message = await self.ws.receive()
        if (message.type, message.data) != (WSMsgType.PONG, payload):
            raise AssertionError(f"got {message}, want the pong")

    async def pong(self, payload):
        await self.ws.pong(payload)

    async def close(self, code, reason):
        # Its close waits for the answer, and tells the code of it alone.
        await self.ws.close(code=code, message=reason.encode())
        await self.session.close()
        return self.ws.close_code, None

    async def closed(self):
        message = await self.ws.receive()
        if message.type != WSMsgType.CLOSE:
            raise AssertionError(f"got {message}, want a close frame")
        await self.ws.close(code=message.data, message=message.extra.encode())
        await self.session.close()
        return message.data, message.extra


def ssl_context(url):
    """The default one of aiohttp is made once, before the environment is read."""
    import ssl

    return ssl.create_default_context() if url.startswith("wss:") else None
