// Node's ws as a server for our client. It prints {"port": n} once it listens, and ends with its stdin. With CERT and
// KEY in the environment it speaks TLS.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { WebSocketServer } from 'ws';

const wss = new WebSocketServer({
  noServer: true,
  maxPayload: 0,
  perMessageDeflate: { threshold: 0 },
  handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false),
});

// What happens on a connection, by its path.
const paths = {
  '/echo': (ws) => ws.on('message', (data, binary) => ws.send(data, { binary })),

  '/early'(ws) {
    ws.send('early');
    ws.send(Buffer.from([1, 2, 3]));
    paths['/echo'](ws);
  },

  '/fragments'(ws) {
    ws.on('pong', (data) => ws.send(`pong ${data}`));
    ws.send('Hello, ', { fin: false });
    ws.ping('inside');
    ws.send('', { fin: false });
    ws.send('世界', { fin: true });
  },

  '/close'(ws, query) {
    ws.on('close', (code, reason) => console.log(JSON.stringify({ code, reason: reason.toString() })));
    ws.close(Number(query.get('code')), query.get('reason'));
  },

  '/auth': (ws) => ws.send('welcome'),
};

// refusal returns the whole response for a request that is not to be upgraded.
function refusal(path, { headers }) {
  const answer = (status, fields, body) => `HTTP/1.1 ${status}\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;
  if (path === '/refuse') return answer('403 Forbidden', 'X-Why: weather\r\n', 'not today');
  const wanted = `Basic ${Buffer.from('Aladdin:open sesame').toString('base64')}`;
  if (path === '/auth' && headers.authorization !== wanted) return answer('401 Unauthorized', 'WWW-Authenticate: Basic realm="cave"\r\n', '');
  return paths[path] ? '' : answer('404 Not Found', '', '');
}

const { CERT, KEY } = process.env;
const server = CERT ? createSecureServer({ cert: readFileSync(CERT), key: readFileSync(KEY) }) : createServer();
server.on('upgrade', (request, socket, head) => {
  const { pathname, searchParams } = new URL(request.url, 'ws://host');
  const refused = refusal(pathname, request);
  if (refused) return socket.end(refused);
  // Corked, the answer to the handshake leaves in one segment with the first frames.
  socket.cork();
  wss.handleUpgrade(request, socket, head, (ws) => paths[pathname](ws, searchParams));
  return socket.uncork();
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));

process.stdin.on('end', () => process.exit()).resume();
