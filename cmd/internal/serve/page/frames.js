// The panel of /frames: the bytes of each frame, and what they mean. The server tells: a browser hides them from a page.

import { wellFormed } from './payload.js';
import { Endpoint } from './endpoint.js';
import { Reconnect } from './reconnect.js';

const maxMessages = 10;
const opcodes = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

const of = (id) => document.getElementById(id);
const endpoint = new Endpoint(document.querySelector('[data-panel=frames]'), of('frames-state'), of('frames-close'));

let echoed; // the echo of which the server has not told yet

function element(name, text = '', className = '') {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

const spaced = (hex) => hex.replace(/..(?=.)/g, '$& ');

// fieldsOf returns the parts of a frame in their order: class, bytes in hex, name, meaning.
function fieldsOf(frame, bytes) {
  const { head, fin, rsv1, opcode, mask, length, wire, payload } = frame;
  const rest = length > wire.length / 2 ? `; the first ${wire.length / 2} of ${length} bytes` : '';
  const fields = [
    ['head', head.slice(0, 2), `FIN ${fin ? 1 : 0}, RSV1 ${rsv1 ? 1 : 0}, opcode ${opcode}`,
      `${opcodes[opcode]}, ${fin ? 'the last frame of its message' : 'more frames follow'}${rsv1 ? ', compressed' : ''}`],
    ['head', head.slice(2, head.length - mask.length), `MASK ${mask ? 1 : 0}, length ${length}`,
      length > 125 ? 'the length does not fit into seven bits: more bytes follow' : 'the length fits into seven bits'],
  ];
  if (mask) fields.push(['mask', mask, 'Masking key', 'random for each frame; clients mask, servers do not']);
  fields.push(['payload', wire, mask ? 'Payload, masked' : 'Payload', `as it travels${rest}`]);
  if (mask) fields.push(['plain', payload, 'Without the mask', 'each byte XOR the byte of the key that is its turn']);
  if (rsv1) fields.push(['note', '', 'Compression', `${bytes} bytes of the message, ${length} in this frame (permessage-deflate, RFC 7692)`]);
  return fields;
}

function table(frame, bytes, whence) {
  const made = element('table');
  made.append(element('caption', `${whence}: ${opcodes[frame.opcode]}, ${frame.head.length / 2 + frame.length} bytes`));
  const head = made.createTHead().insertRow();
  for (const title of ['Bytes', 'Field', 'Meaning']) {
    const cell = element('th', title);
    cell.scope = 'col';
    head.append(cell);
  }
  const body = made.createTBody();
  for (const [className, hex, name, meaning] of fieldsOf(frame, bytes)) {
    const row = body.insertRow();
    row.append(element('td', spaced(hex), `hex ${className}`), element('td', name), element('td', meaning));
  }
  return made;
}

function show(text, { bytes, received, sent, fault }) {
  const item = element('li');
  item.append(element('h2', text.slice(0, 80)));
  if (fault) item.append(element('p', fault));
  else {
    item.append(...received.map((frame) => table(frame, bytes, 'From the browser')));
    item.append(...sent.map((frame) => table(frame, bytes, 'From the server')));
  }
  const list = of('frames-seen');
  list.prepend(item);
  while (list.children.length > maxMessages) list.lastChild.remove();
}

// The server sends two messages for each: its echo, and what it tells about it.
function receive(message) {
  if (echoed === undefined) {
    echoed = message;
    return;
  }
  show(echoed, JSON.parse(message));
  echoed = undefined;
}

const reconnect = new Reconnect(() => connect());

function connect(begin) {
  echoed = undefined;
  of('frames-send').textContent = 'Send';
  endpoint.connect('frames', receive, ended, { text: true, begin });
}

function ended(how) {
  const wait = reconnect.after({ ...how, asked: false });
  of('frames-send').textContent = 'Connect and send';
  if (wait !== undefined) endpoint.waits(wait);
}

function send() {
  endpoint.send(wellFormed(of('frames-text').value));
}

of('frames-form').addEventListener('submit', (event) => {
  event.preventDefault();
  if (endpoint.open) return send();
  if (!endpoint.closed) return undefined;
  reconnect.stop();
  return connect(send);
});
