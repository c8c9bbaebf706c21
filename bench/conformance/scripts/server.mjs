// Node's ws as a server that echoes. It prints {"port": n, "version": "..."} once it listens, and ends with its stdin.

import { createRequire } from 'node:module';
import { WebSocketServer } from 'ws';

const { version } = createRequire(import.meta.url)('ws/package.json');
const wss = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  maxPayload: 64 << 20,
  perMessageDeflate: { zlibDeflateOptions: { level: 6 } },
});
wss.on('connection', (ws) => {
  ws.on('message', (data, binary) => ws.send(data, { binary, compress: true }));
  ws.on('error', () => {});
});
wss.on('listening', () => console.log(JSON.stringify({ port: wss.address().port, version })));

process.stdin.on('end', () => process.exit()).resume();
