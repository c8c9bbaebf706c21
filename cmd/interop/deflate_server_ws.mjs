// Node's ws as an echo whose parameters of permessage-deflate are in the URL. It prints {"port": n} once it listens, then
// what each connection has agreed on, and ends with its stdin.

import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { agreed, options } from './deflate_ws.mjs';

const server = createServer();
server.on('upgrade', (request, socket, head) => {
  const own = JSON.parse(new URL(request.url, 'ws://host').searchParams.get('own'));
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0, ...options(own) } });
  wss.handleUpgrade(request, socket, head, (ws) => {
    console.log(JSON.stringify(agreed(ws)));
    ws.on('message', (data, binary) => ws.send(data, { binary }));
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));

process.stdin.on('end', () => process.exit()).resume();
