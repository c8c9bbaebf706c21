// The session of the page, on a socket that does what the test wants.
import assert from 'node:assert/strict';
import { test } from 'node:test';

class Socket {
  static CONNECTING = 0;
  static OPEN = 1;
  sent = [];
  #listeners = {};

  constructor() {
    Socket.last = this;
  }

  addEventListener(name, listener) {
    this.#listeners[name] = listener;
  }

  open() {
    this.readyState = Socket.OPEN;
    this.#listeners.open({});
  }

  send(data) {
    this.sent.push(data);
  }

  receive(data) {
    this.#listeners.message({ data });
  }
}

globalThis.WebSocket = Socket;
globalThis.location = { protocol: 'http:' };
const { Session } = await import('../internal/serve/page/session.js');

test('a message that the server has lost does not spoil the echoes after it', () => {
  const nothing = new Proxy({}, { get: () => () => {} });
  const echoes = [];
  const lost = [];
  let awaited;
  const session = new Session(
    nothing,
    { add() {}, info() {}, hold() {}, release() {}, error: (text) => lost.push(text) },
    { sent() {}, received() {}, awaited: (n) => (awaited = n), echoed: (ms, same) => echoes.push(same) },
  );
  session.connect(new URL('ws://server.example.com/echo'), []);
  Socket.last.open();
  session.probe(); // lost
  session.send('a');
  Socket.last.receive('a');
  session.send('b'); // lost
  session.send('c');
  Socket.last.receive('c');
  session.probe();
  assert.deepEqual(Socket.last.sent, ['probe', 'a', 'b', 'c', 'probe']);
  assert.deepEqual(echoes, [true, true]);
  assert.equal(awaited, 0);
  assert.equal(lost.length, 1);
});
