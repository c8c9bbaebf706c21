// The page: its fields, its forms, and what they ask of the session.

import { bytesOf, parseHex, randomBytes, sizeText, wellFormed } from './payload.js';
import { Log } from './log.js';
import { Meters } from './meters.js';
import { Reconnect } from './reconnect.js';
import { Batch, Session } from './session.js';

const maxFile = 64 << 20; // it stays in memory until its echo has been compared
const maxBurst = 10000;
const probeEvery = 1000; // ms
const maxReason = 123; // RFC 6455, 5.5: a control frame carries 125 bytes, two of them are the code

const of = (id) => document.getElementById(id);
let probeChosen = false; // the user has said whether to probe
const home = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/`;
const ownEcho = new URL('echo', home).href;

const view = {
  state(state) {
    of('state').textContent = state;
    document.documentElement.dataset.state = state;
    const off = { connect: !['closed', 'waiting'].includes(state), disconnect: ['closed', 'closing'].includes(state) };
    for (const button of document.querySelectorAll('.send button')) off[button.id] = state !== 'open';
    // aria-disabled and not disabled, or the focus would be lost whenever the connection changes.
    for (const [id, disabled] of Object.entries(off)) of(id).setAttribute('aria-disabled', disabled);
  },
  negotiated(protocol, extensions) {
    of('protocol').textContent = protocol;
    of('extensions').textContent = extensions;
  },
  lastClose(code, wasClean, words) {
    of('close-info').textContent = words;
    Object.assign(of('close-info').dataset, { code, clean: wasClean });
  },
  explain(words) {
    of('explain').textContent = words;
  },
  ended({ advice, ...how }) {
    const wait = of('reconnect').checked ? reconnect.after(how) : reconnect.stop();
    if (wait === undefined) return;
    view.state('waiting');
    view.explain(`${advice} The page tries again in about ${wait / 1000} s; “Disconnect” gives up.`);
  },
};

const log = new Log(of('log'));
const meters = new Meters(of);
const session = new Session(view, log, meters);

// complain says beside a field what is wrong with it; '' takes an earlier complaint back.
function complain(id, words) {
  of(id).setAttribute('aria-invalid', words !== '');
  of(`${id}-error`).textContent = words;
}

// attempt runs f and puts what it throws beside the field; undefined means that it threw.
function attempt(id, f) {
  try {
    const value = f();
    complain(id, '');
    return value;
  } catch (err) {
    complain(id, err.message);
    return undefined;
  }
}

function wholeNumber(id, allowed, words) {
  return attempt(id, () => {
    const text = of(id).value.trim();
    if (!/^\d{1,6}$/.test(text) || !allowed(Number(text))) throw new Error(words);
    return Number(text);
  });
}

function readURL() {
  const value = of('url').value.trim();
  if (value === '' || !URL.canParse(value, home)) throw new Error(`“${value.slice(0, 64)}” is not a URL.`);
  const url = new URL(value, home);
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') throw new Error('A WebSocket URL begins with ws:// or wss://.');
  if (url.hash) throw new Error('A WebSocket URL has no fragment: remove the part from # on.');
  if (location.protocol === 'https:' && url.protocol === 'ws:') {
    throw new Error('This page came over https, and from there a browser opens wss:// only.');
  }
  return url;
}

const reconnect = new Reconnect(() => connect(true));
let target; // of the latest connection that was asked for: the fields may have another one by now, half typed

function connect(again = false) {
  if (!session.closed) return view.explain('There is a connection already: disconnect it first.');
  if (!again) reconnect.stop();
  view.state('closed'); // and no longer waiting, should a field be wrong
  if (again) return session.connect(target.url, target.offered, true);
  const url = attempt('url', readURL);
  if (!url) return view.explain(''); // of the attempt before
  // Others need not be echoes, and are not sent what nobody has asked for.
  if (!probeChosen) of('probe').checked = url.href === ownEcho;
  const offered = of('offer').value.split(',').map((token) => token.trim()).filter(Boolean);
  return attempt('offer', () => {
    try {
      session.connect(url, offered);
      target = { url, offered };
    } catch (err) {
      // The URL has been checked, so it is the list that the browser dislikes.
      throw new Error(`Tokens with commas between, each once. (${err.name})`);
    }
  });
}

function disconnect() {
  if (session.closed) return giveUp();
  const allowed = (code) => code === 1000 || (code >= 3000 && code <= 4999);
  const code = wholeNumber('code', allowed, 'A page may send 1000, or 3000 to 4999.');
  const reason = attempt('reason', () => {
    const text = wellFormed(of('reason').value);
    const { length } = bytesOf(text);
    if (length > maxReason) throw new Error(`${length} bytes of UTF-8: ${maxReason} fit.`);
    return text;
  });
  if (code === undefined || reason === undefined) return undefined;
  return session.close(code, reason);
}

// giveUp ends the tries to connect again, if there are any.
function giveUp() {
  const waits = document.documentElement.dataset.state === 'waiting';
  reconnect.stop();
  view.state('closed');
  view.explain(waits ? 'You gave up. “Connect” tries again.' : 'There is no connection to close.');
}

function sendText() {
  session.send(wellFormed(of('text').value));
}

function readHex() {
  return attempt('hex', () => parseHex(of('hex').value));
}

function sendHex() {
  const bytes = readHex();
  if (bytes) session.send(bytes);
}

async function sendFile() {
  const [file] = of('file').files;
  if (!file) return complain('file', 'Choose a file first.');
  if (file.size > maxFile) return complain('file', `${sizeText(file.size)}: this page sends up to ${sizeText(maxFile)}.`);
  complain('file', '');
  try {
    return session.send(await file.arrayBuffer());
  } catch (err) {
    return complain('file', `The browser could not read the file. (${err.name})`);
  }
}

function sendBig() {
  const size = Number(of('big-size').value);
  const data = randomBytes(size);
  const rate = (seconds) => `${(2 * size / 2 ** 20 / seconds).toFixed(0)} MiB/s, both ways added`;
  session.send(data, new Batch(sizeText(size), 1, rate));
}

function sendBurst() {
  const allowed = (count) => count >= 1 && count <= maxBurst;
  const count = wholeNumber('burst-count', allowed, `A whole number from 1 to ${maxBurst}.`);
  if (count === undefined) return;
  const rate = (seconds) => `${(count / seconds).toFixed(0)} round trips a second`;
  const batch = new Batch(`A burst of ${count}`, count, rate);
  for (let i = 1; i <= count && session.send(`burst ${i} of ${count}`, batch); i++);
}

function clear() {
  log.clear();
  meters.clear();
  view.explain('');
}

function countText() {
  of('text-size').textContent = sizeText(bytesOf(of('text').value).length);
}

// afterInput runs a sending action in a task of its own. Sent from within the input event, a message
// shows its echo about a frame late (Chromium, loopback: 13 ms where it is 2 ms this way).
function afterInput(action) {
  return () => setTimeout(action);
}

const actions = {
  'connect-form': () => connect(),
  'close-form': disconnect,
  'text-form': afterInput(sendText),
  'hex-form': afterInput(sendHex),
  'file-form': afterInput(sendFile),
  'big-form': afterInput(sendBig),
  'burst-form': afterInput(sendBurst),
};
for (const [id, action] of Object.entries(actions)) {
  of(id).addEventListener('submit', (event) => {
    event.preventDefault();
    action();
  });
}
of('text').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  of('text-form').requestSubmit();
});
of('text').addEventListener('input', countText);
of('hex').addEventListener('input', readHex);
of('file').addEventListener('change', () => complain('file', ''));
of('clear').addEventListener('click', clear);
of('probe').addEventListener('change', () => {
  probeChosen = true;
});
setInterval(() => {
  if (of('probe').checked && !document.hidden) session.probe();
}, probeEvery);
of('reconnect').addEventListener('change', () => {
  if (document.documentElement.dataset.state === 'waiting') giveUp();
});

const given = new URLSearchParams(location.search).get('url');
of('url').value = given || ownEcho;
countText(); // a reload may have kept the text
view.state('closed');

// The first look at the echo connects. Not to a URL that a link has brought along: a link alone should not make
// this browser connect to anybody.
function connectAtFirst() {
  if (document.documentElement.dataset.view !== 'echo') return;
  removeEventListener('hashchange', connectAtFirst);
  connect();
}

if (!given) {
  addEventListener('hashchange', connectAtFirst);
  connectAtFirst();
}
