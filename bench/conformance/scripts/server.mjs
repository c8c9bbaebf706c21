// Node's ws as a server that echoes: server.mjs [LIMIT MILLISECONDS] takes messages of up to LIMIT bytes, and gives a
// request that time. It prints {"port": n, "version": "..."} once it listens, and ends with its stdin.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { WebSocketServer } from 'ws';

const { version } = createRequire(import.meta.url)('ws/package.json');
const limit = Number(process.argv[2]) || 64 << 20;
const time = Number(process.argv[3]);
const server = createServer(time ? { headersTimeout: time, requestTimeout: time, connectionsCheckingInterval: time / 4 } : {}, (_, response) => {
  response.writeHead(426).end();
});
const wss = new WebSocketServer({
  server,
  maxPayload: limit,
  perMessageDeflate: { zlibDeflateOptions: { level: 6 } },
});
wss.on('connection', (ws) => {
  ws.on('message', (data, binary) => ws.send(data, { binary, compress: true }));
  ws.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port, version })));

process.stdin.on('end', () => process.exit()).resume();
