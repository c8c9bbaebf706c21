// Chromium as a client of ours: client_chromium.mjs ECHO-URL CLOSE-URL SIZES CLOSE-CODES EXTENSION ANSWER.
// CHROMIUM in the environment is the browser's binary. EXTENSION is what the server is to accept of the offer of
// permessage-deflate, which a browser always makes, ANSWER what it puts into its answer to a close frame: "code", or
// "code and reason". It prints a line of JSON for each case: {"case": name, "error": what went wrong, or ""}, or with
// "impossible" and the reason why a page cannot do it.

import { chromium } from 'playwright-core';

const [echoURL, closeURL, sizes, codes, extension, answer] = process.argv.slice(2);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--ignore-certificate-errors'],
});
const page = await browser.newPage({ ignoreHTTPSErrors: true });
await page.exposeFunction('report', (result) => console.log(JSON.stringify(result)));
// A page of the server itself, because it lets only its own connect.
await page.goto(new URL('/healthz', echoURL.replace('ws', 'http')).href);
await page.evaluate(runAll, { echoURL, closeURL, sizes: sizes.split(',').map(Number), codes: codes.split(',').map(Number), extension, answer });
await browser.close();

// runAll runs in the page.
async function runAll({ echoURL, closeURL, sizes, codes, extension, answer }) {
  class Impossible extends Error {}

  function same(a, b) {
    if (!(a instanceof Uint8Array && b instanceof Uint8Array)) return a === b;
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  }

  // Peer is a connection whose events are taken one after the other.
  class Peer {
    events = [];
    wake = () => {};

    constructor(url) {
      this.socket = new WebSocket(url);
      this.socket.binaryType = 'arraybuffer';
      const on = (name, toEvent) => this.socket.addEventListener(name, (event) => {
        this.events.push([name, ...toEvent(event)]);
        this.wake();
      });
      on('open', () => []);
      on('message', (event) => [typeof event.data === 'string' ? event.data : new Uint8Array(event.data)]);
      on('close', (event) => [event.code, event.reason, event.wasClean]);
    }

    async want(...event) {
      while (!this.events.length) await new Promise((resolve) => { this.wake = resolve; });
      const got = this.events.shift();
      if (got.length === event.length && got.every((value, i) => same(value, event[i]))) return;
      const [gotText, wantText] = [got, event].map((values) => values.map((value) => String(value).slice(0, 200)).join(' '));
      throw new Error(`got ${gotText}, want ${wantText}`);
    }

    static async open(url) {
      const peer = new Peer(url);
      await peer.want('open');
      return peer;
    }

    async comesBack(data) {
      this.socket.send(data);
      await this.want('message', data);
    }

    async close(code, reason) {
      this.socket.close(code, reason);
      await this.want('close', code, answer === 'code' ? '' : reason, true);
    }
  }

  function random(size) {
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i += 65536) crypto.getRandomValues(bytes.subarray(i, i + 65536));
    return bytes;
  }

  async function comesBack(data) {
    const peer = await Peer.open(echoURL);
    await peer.comesBack(data);
    await peer.close(1000, '');
  }

  function impossible(reason) {
    return async () => { throw new Impossible(reason); };
  }

  const cases = {
    text: () => comesBack('Hello, 世界 👋'),
    binary: () => comesBack(new Uint8Array([0, 1, 254, 255])),
    fragments: impossible('a page cannot send fragments'),
    ping: impossible('a page cannot send pings'),

    async many() {
      const peer = await Peer.open(echoURL);
      for (let i = 0; i < 10_000; i++) peer.socket.send(`message ${i}`);
      for (let i = 0; i < 10_000; i++) await peer.want('message', `message ${i}`);
      await peer.close(1000, '');
    },

    async 'no subprotocol'() {
      const peer = await Peer.open(echoURL);
      if (peer.socket.protocol !== '') throw new Error(`got ${peer.socket.protocol}`);
      await peer.close(1000, '');
    },

    async 'close without a code'() {
      const peer = await Peer.open(echoURL);
      peer.socket.close();
      await peer.want('close', 1005, '', true);
    },

    async compression() {
      const peer = await Peer.open(echoURL);
      const [extensions] = peer.socket.extensions.split(';');
      if (extensions !== extension) throw new Error(`got ${extensions}, want ${extension}`);
      for (const data of ['x'.repeat(10_000), random(10_000), '', 'y'.repeat(100_000)]) await peer.comesBack(data);
      await peer.close(1000, '');
    },
  };
  for (const size of sizes) {
    cases[`text of ${size}`] = () => comesBack('x'.repeat(size));
    cases[`binary of ${size}`] = () => comesBack(random(size));
  }
  for (const code of codes) {
    const reason = `reason ${code} 👋`;
    cases[`close ${code} by them`] = code === 1000 || code >= 3000
      ? async () => (await Peer.open(echoURL)).close(code, reason)
      : impossible('a page can close with 1000 and 3000 to 4999 only');
    cases[`close ${code} by us`] = async () => (await Peer.open(closeURL + code)).want('close', code, reason, true);
  }
  for (const [name, run] of Object.entries(cases)) {
    const result = { case: name, error: '' };
    try {
      await run();
    } catch (err) {
      if (err instanceof Impossible) result.impossible = err.message;
      else result.error = err.message;
    }
    await window.report(result);
  }
}
