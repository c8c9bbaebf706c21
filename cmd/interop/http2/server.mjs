// A server of WebSocket over HTTP/2, by Node's http2 alone: it sends short frames back, unmasked.
import http2 from 'node:http2';

const server = http2.createServer({ settings: { enableConnectProtocol: true } });
server.on('stream', (stream, head) => {
  if (head[':method'] !== 'CONNECT' || head[':protocol'] !== 'websocket' || head['sec-websocket-version'] !== '13') {
    stream.respond({ ':status': 400 }, { endStream: true });
    return;
  }
  stream.respond({ ':status': 200 });
  let rest = Buffer.alloc(0);
  stream.on('data', (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 6 && rest.length >= 6 + (rest[1] & 127)) {
      const n = rest[1] & 127, mask = rest.subarray(2, 6);
      const payload = Buffer.from(rest.subarray(6, 6 + n)).map((b, i) => b ^ mask[i % 4]);
      stream.write(Buffer.concat([Buffer.from([rest[0], n]), payload]));
      if ((rest[0] & 15) === 8) stream.end();
      rest = rest.subarray(6 + n);
    }
  });
  stream.on('error', () => {});
});
server.listen(Number(process.argv[2].split(':')[1]), '127.0.0.1');
