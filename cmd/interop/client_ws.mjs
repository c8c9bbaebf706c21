// Node's ws as a client of ours: client_ws.mjs ECHO-URL CLOSE-URL SIZES CLOSE-CODES EXTENSION ANSWER.
// EXTENSION is what the server is to accept of the offer of permessage-deflate, ANSWER what it puts into its answer to
// a close frame: "code", or "code and reason".
// It prints a line of JSON for each case: {"case": name, "error": what went wrong, or ""}.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import WebSocket from 'ws';

const [echoURL, closeURL, ...rest] = process.argv.slice(2);
const [lists, [extension, answer]] = [rest.slice(0, 2), rest.slice(2)];
const [sizes, closeCodes] = lists.map((list) => list.split(',').map(Number));

// Peer is a connection whose events are taken one after the other.
class Peer {
  #events = [];
  #wake = () => {};

  constructor(url, options = {}) {
    this.socket = new WebSocket(url, [], { perMessageDeflate: false, ...options });
    const on = (name, toEvent) => this.socket.on(name, (...args) => {
      this.#events.push([name, ...toEvent(...args)]);
      this.#wake();
    });
    on('open', () => []);
    on('message', (data, binary) => [binary ? data : data.toString()]);
    on('pong', (data) => [data.toString()]);
    on('close', (code, reason) => [code, reason.toString()]);
    on('error', (err) => [err.message]);
  }

  async next() {
    while (!this.#events.length) await new Promise((resolve) => { this.#wake = resolve; });
    return this.#events.shift();
  }

  async want(...event) {
    assert.deepEqual(await this.next(), event);
  }

  static async open(url, options) {
    const peer = new Peer(url, options);
    await peer.want('open');
    return peer;
  }

  async close(code, reason) {
    this.socket.close(code, reason);
    await this.want('close', code, answer === 'code' ? '' : reason);
  }
}

async function comesBack(data) {
  const peer = await Peer.open(echoURL);
  peer.socket.send(data);
  await peer.want('message', data);
  await peer.close(1000, '');
}

const cases = {
  text: () => comesBack('Hello, 世界 👋'),
  binary: () => comesBack(Buffer.from([0, 1, 254, 255])),

  async fragments() {
    const peer = await Peer.open(echoURL);
    peer.socket.send('Hello, ', { fin: false });
    peer.socket.ping('inside');
    peer.socket.send('', { fin: false });
    peer.socket.send('世界', { fin: true });
    await peer.want('pong', 'inside');
    await peer.want('message', 'Hello, 世界');
    await peer.close(1000, '');
  },

  async ping() {
    const peer = await Peer.open(echoURL);
    for (const payload of ['', 'p', 'x'.repeat(125)]) {
      peer.socket.ping(payload);
      await peer.want('pong', payload);
    }
    peer.socket.pong('nobody has asked');
    peer.socket.send('still there');
    await peer.want('message', 'still there');
    await peer.close(1000, '');
  },

  async many() {
    const peer = await Peer.open(echoURL);
    for (let i = 0; i < 10_000; i++) peer.socket.send(`message ${i}`);
    for (let i = 0; i < 10_000; i++) await peer.want('message', `message ${i}`);
    await peer.close(1000, '');
  },

  async 'no subprotocol'() {
    const peer = await Peer.open(echoURL);
    assert.equal(peer.socket.protocol, '');
    await peer.close(1000, '');
  },

  async compression() {
    const peer = await Peer.open(echoURL, { perMessageDeflate: { threshold: 0 } });
    assert.equal(peer.socket.extensions.split(';')[0], extension);
    for (const data of ['x'.repeat(10_000), randomBytes(10_000), '', 'y'.repeat(100_000)]) {
      peer.socket.send(data);
      await peer.want('message', data);
    }
    await peer.close(1000, '');
  },

  async 'close without a code'() {
    const peer = await Peer.open(echoURL);
    peer.socket.close();
    await peer.want('close', 1005, '');
  },
};

for (const size of sizes) {
  cases[`text of ${size}`] = () => comesBack('x'.repeat(size));
  cases[`binary of ${size}`] = () => comesBack(randomBytes(size));
}
for (const code of closeCodes) {
  cases[`close ${code} by them`] = async () => {
    const peer = await Peer.open(echoURL);
    await peer.close(code, `reason ${code} 👋`);
  };
  cases[`close ${code} by us`] = async () => {
    const peer = await Peer.open(closeURL + code);
    await peer.want('close', code, `reason ${code} 👋`);
  };
}

for (const [name, run] of Object.entries(cases)) {
  const error = await run().then(() => '', (err) => err.message);
  console.log(JSON.stringify({ case: name, error }));
}
