// The connection: one socket at a time, and the echoes matched in order with what was sent.

import { bytesOf, difference, kindOf, milliseconds, preview } from './payload.js';
import { closeName, explainClose, explainRefusal } from './closecodes.js';

const probe = 'probe';
const probeLost = 30000; // ms after which the echo of a probe is not awaited any more
const farthest = 100; // how many messages in a row may have been lost

function closeText(code, reason) {
  return `${code} ${closeName(code)}${reason ? ` “${reason}”` : ''}`;
}

export class Session {
  #view;
  #log;
  #meters;
  #socket = null;
  #life = null; // where the socket leads to, and since when
  #awaited = []; // sent and not yet echoed, oldest first

  // view has the methods state, negotiated, lastClose, explain and ended.
  constructor(view, log, meters) {
    this.#view = view;
    this.#log = log;
    this.#meters = meters;
  }

  get closed() {
    return this.#socket === null;
  }

  // connect throws what the WebSocket constructor throws, and has changed nothing then.
  // again says that nobody has asked for this try: if it fails, the last close is still that before it.
  connect(url, offered, again = false) {
    const socket = new WebSocket(url, offered);
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => this.#opened());
    socket.addEventListener('message', (event) => this.#receive(event.data));
    socket.addEventListener('close', (event) => this.#closed(event));
    this.#socket = socket;
    this.#life = { url, offered, started: performance.now(), opened: 0, again, asked: false, cancelled: false };
    this.#log.info(`connecting to ${url.href}`);
    this.#view.explain('');
    this.#view.state('connecting');
  }

  // close begins the closing handshake, or gives up a connection that is not open yet.
  close(code, reason) {
    const { readyState } = this.#socket;
    if (readyState >= WebSocket.CLOSING) return this.#view.explain('The connection is closing already.');
    if (readyState === WebSocket.OPEN) {
      const length = 2 + bytesOf(reason).length;
      this.#log.add({ direction: 'out', kind: 'close', length, what: closeText(code, reason) });
    } else {
      this.#life.cancelled = true;
    }
    this.#life.asked = true;
    this.#socket.close(code, reason);
    return this.#view.state('closing');
  }

  // send returns false, and says so, where there is no open connection to send on.
  // data belongs to the session until its echo has been compared.
  send(data, batch) {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      this.#view.explain('Nothing was sent: connect first.');
      return false;
    }
    const length = bytesOf(data).length;
    if (batch) this.#log.hold();
    this.#awaited.push({ data, batch, at: performance.now() });
    this.#socket.send(data);
    this.#meters.sent(length);
    this.#meters.awaited(this.#left);
    this.#log.add({ direction: 'out', kind: kindOf(data), length, what: preview(data), data });
    return true;
  }

  // probe sends a message of which only the round trip is wanted: it is neither logged nor counted. Nothing is sent
  // while an echo is awaited, which is measured itself.
  probe() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    const [first] = this.#awaited;
    if (first?.probe && performance.now() - first.at > probeLost) this.#awaited.shift();
    if (this.#awaited.length) return;
    this.#awaited.push({ data: probe, probe: true, at: performance.now() });
    this.#socket.send(probe);
  }

  // left is how many echoes are awaited. A probe is only ever the oldest.
  get #left() {
    return this.#awaited.length - (this.#awaited[0]?.probe ? 1 : 0);
  }

  // skipLost no longer awaits what was sent before that of which data is the echo: a server may lose messages.
  #skipLost(data, now) {
    const same = (sent) => typeof sent.data === typeof data && bytesOf(sent.data).length === bytesOf(data).length && difference(sent.data, data) === '';
    const at = this.#awaited.slice(0, farthest).findIndex(same);
    if (at <= 0) return;
    let messages = 0;
    for (const { probe: probed, batch } of this.#awaited.splice(0, at)) {
      if (!probed) messages++;
      const report = batch?.echoed(now, false);
      if (report) this.#log.add(report);
    }
    if (messages) this.#log.error(`${messages} sent before this without an echo`);
  }

  #opened() {
    this.#life.opened = performance.now();
    const { protocol, extensions } = this.#socket;
    this.#view.negotiated(protocol || 'none', extensions || 'none');
    this.#log.info(`open after ${milliseconds(this.#life.opened - this.#life.started)} ms`);
    this.#view.state('open');
  }

  #receive(data) {
    const now = performance.now();
    this.#skipLost(data, now);
    const sent = this.#awaited.shift();
    const ms = now - sent?.at;
    if (sent?.probe && data === probe) return this.#meters.echoed(ms, true);

    const length = bytesOf(data).length;
    this.#meters.received(length);
    const row = { direction: 'in', kind: kindOf(data), length, what: preview(data), data };
    if (!sent || sent.probe) return this.#log.add(row); // a server that is no echo

    const differs = difference(sent.data, data);
    const match = differs === '';
    this.#meters.echoed(ms, match);
    this.#meters.awaited(this.#left);
    const what = match ? row.what : `${differs} · ${row.what}`;
    this.#log.add({ ...row, match, echo: `${match ? '✓' : '✗'} ${milliseconds(ms)} ms`, what });
    const report = sent.batch?.echoed(now, match);
    if (report) {
      this.#log.add(report);
      this.#log.release();
    }
  }

  #closed({ code, reason, wasClean }) {
    const { opened, again, asked } = this.#life;
    const lived = opened ? `open for ${((performance.now() - opened) / 1000).toFixed(1)} s` : 'never open';
    const words = `${closeText(code, reason)}, wasClean ${wasClean}, ${lived}`;
    const length = wasClean && code !== 1005 ? 2 + bytesOf(reason).length : 0;
    this.#log.add({ direction: wasClean ? 'in' : 'info', kind: 'close', length, what: words });
    if (this.#left) this.#log.info(`${this.#left} sent without an echo before the close`);
    const advice = this.#advise(code);
    if (code === 1006 && !this.#life.cancelled) this.#log.error(opened ? 'the connection was lost' : 'the handshake failed');

    this.#socket = null;
    this.#awaited = [];
    this.#log.release();
    this.#meters.awaited(0);
    if (opened || !again) this.#view.lastClose(code, wasClean, words);
    this.#view.negotiated('–', '–');
    this.#view.explain(advice);
    this.#view.state('closed');
    this.#view.ended({ code, opened: opened > 0, asked, advice });
  }

  #advise(code) {
    const { url, offered, opened, cancelled } = this.#life;
    if (cancelled) return 'You cancelled before the connection was open.';
    if (code === 1006 && !opened) return explainRefusal(url, offered, location);
    return explainClose(code);
  }
}

// Batch is a burst, or one big message: it reports once its last echo is there.
export class Batch {
  #name;
  #count;
  #rate;
  #left;
  #differing = 0;
  #started = performance.now();

  // rate turns the seconds that the batch took into words.
  constructor(name, count, rate) {
    this.#name = name;
    this.#count = count;
    this.#rate = rate;
    this.#left = count;
  }

  // echoed returns the row to log when this echo was the last, and undefined before.
  echoed(now, match) {
    this.#left--;
    if (!match) this.#differing++;
    if (this.#left > 0) return undefined;
    const ms = now - this.#started;
    const verdict = this.#differing ? `${this.#differing} of ${this.#count} differ` : 'the same byte for byte';
    const what = `${this.#name} came back after ${milliseconds(ms)} ms, ${verdict}; ${this.#rate(ms / 1000)}`;
    return { direction: 'info', kind: this.#differing ? 'error' : 'info', what };
  }
}
