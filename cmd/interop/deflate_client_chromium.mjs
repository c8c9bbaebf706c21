// Chromium with every answer to its offer of permessage-deflate: deflate_client_chromium.mjs PLAN. PLAN is a file with the
// URL to put the number of a case behind, the messages, and the offers, of which only the number matters. CHROMIUM in the
// environment is the browser's binary. It prints a line of JSON for each case: {"case": number, "error": what went wrong,
// or "", "agreed": the parameters}.

import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const plan = JSON.parse(readFileSync(process.argv[2]));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
});
const page = await browser.newPage();
await page.exposeFunction('report', (result) => console.log(JSON.stringify(result)));
await page.goto(new URL('/', plan.url.replace('ws', 'http')).href);
await page.evaluate(runAll, plan);
await browser.close();

// runAll runs in the page.
async function runAll({ url, messages, offers }) {
  const all = messages.map(({ op, payload }) => {
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    return op === 1 ? new TextDecoder().decode(bytes) : bytes;
  });

  function same(a, b) {
    if (typeof a === 'string' || typeof b === 'string') return a === b;
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  }

  // agreed returns what the response says, or null if it is silent.
  function agreed(extensions) {
    const [name, ...params] = extensions.split(';').map((part) => part.trim());
    if (name === '') return null;
    if (name !== 'permessage-deflate') throw new Error(`agreed on ${extensions}`);
    const values = new Map(params.map((param) => param.split('=')));
    return {
      server_no_context_takeover: values.has('server_no_context_takeover'),
      client_no_context_takeover: values.has('client_no_context_takeover'),
      server_max_window_bits: Number(values.get('server_max_window_bits') ?? 15),
      client_max_window_bits: Number(values.get('client_max_window_bits') ?? 15),
    };
  }

  function talk(url) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.binaryType = 'arraybuffer';
      let received = 0;
      socket.onopen = () => all.forEach((message) => socket.send(message));
      socket.onmessage = ({ data }) => {
        if (!same(typeof data === 'string' ? data : new Uint8Array(data), all[received])) {
          reject(new Error(`message ${received} has come back changed`));
          socket.close();
        }
        received += 1;
        if (received === all.length) socket.close(1000);
      };
      socket.onclose = ({ code, wasClean }) => {
        if (code === 1000 && wasClean && received === all.length) resolve(socket.extensions);
        else reject(new Error(`closed with ${code} behind ${received} messages`));
      };
    });
  }

  for (const number of offers.keys()) {
    const result = await talk(url + number).then((extensions) => ({ agreed: agreed(extensions), error: '' })).catch((err) => ({ error: err.message }));
    await window.report({ case: number, ...result });
  }
}
