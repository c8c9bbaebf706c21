// Node's ws with every offer of permessage-deflate: deflate_client_ws.mjs PLAN. PLAN is a file with the URL to put the
// number of a case behind, the messages, and the offers. It prints a line of JSON for each case: {"case": number,
// "error": what went wrong, or "", "agreed": the parameters}.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
import { agreed, options } from './deflate_ws.mjs';

const { url, messages, offers } = JSON.parse(readFileSync(process.argv[2]));
const all = messages.map(({ op, payload }) => {
  const bytes = Buffer.from(payload, 'base64');
  return op === 1 ? bytes.toString() : bytes;
});

function talk(url, offer) {
  return new Promise((resolve, reject) => {
    // Not to offer the client's window takes a word of its own.
    const perMessageDeflate = { threshold: 0, ...options(offer), clientMaxWindowBits: options(offer).clientMaxWindowBits ?? false };
    const socket = new WebSocket(url, [], { perMessageDeflate });
    let received = 0;
    socket.on('open', () => all.forEach((message) => socket.send(message)));
    socket.on('message', (data, binary) => {
      try {
        assert.deepEqual(binary ? data : data.toString(), all[received]);
      } catch {
        reject(new Error(`message ${received} has come back changed`));
        socket.terminate();
      }
      received += 1;
      if (received === all.length) socket.close(1000);
    });
    socket.on('close', (code) => {
      if (code === 1000 && received === all.length) resolve(agreed(socket));
      else reject(new Error(`closed with ${code} behind ${received} messages`));
    });
    socket.on('error', reject);
  });
}

for (const [number, offer] of offers.entries()) {
  const result = await talk(url + number, offer).then((agreed) => ({ agreed, error: '' }), (err) => ({ error: err.message }));
  console.log(JSON.stringify({ case: number, ...result }));
}
