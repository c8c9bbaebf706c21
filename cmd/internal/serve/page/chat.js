// The panel of /chat: a room, who is in it, and what they say.

import { wellFormed } from './payload.js';
import { Endpoint } from './endpoint.js';
import { Reconnect } from './reconnect.js';

const maxRows = 400;

const of = (id) => document.getElementById(id);
const endpoint = new Endpoint(document.querySelector('[data-panel=chat]'), of('chat-state'), of('chat-close'));

let own = ''; // the name that the server has given us
let members = new Set();
let at = ''; // the position after which a connection goes on; '' in a room that we have just come to
let asked = false; // we have been told to leave
let unsaid = []; // what was sent, and the server has not told of yet

function row(event, text, name) {
  const talk = of('talk');
  const atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40;
  const item = document.createElement('li');
  item.dataset.event = event;
  if (name !== undefined) {
    const who = document.createElement('b');
    who.textContent = name;
    item.append(who);
    if (name === own) item.dataset.own = '';
  }
  item.append(text);
  const said = of('said');
  said.append(item);
  while (said.children.length > maxRows) said.firstChild.remove();
  // Whoever has scrolled up to read is left there.
  if (atEnd) talk.scrollTop = talk.scrollHeight;
}

function showMembers() {
  of('members').replaceChildren(...[...members].sort().map((name) => {
    const item = document.createElement('li');
    item.textContent = name === own ? `${name} (you)` : name;
    return item;
  }));
}

const happenings = {
  welcome({ room, name, members: all, node, gap }) {
    const back = at !== '';
    own = name;
    members = new Set(all);
    of('chat-node').textContent = node ? `served by ${node}` : '';
    if (back) row('info', `You are back${node ? `, at ${node}` : ''}. ${gap ? lost : 'Nothing was missed.'}`);
    row('info', `You are ${name} in ${room}.`);
    of('say-send').setAttribute('aria-disabled', 'false');
    if (!back) of('say').focus();
  },
  gap() {
    row('info', lost);
  },
  said({ text }) {
    told(text);
  },
  failed({ text }) {
    told(text);
    row('info', `“${text.slice(0, 64)}” may not have been said: the servers do not reach each other.`);
  },
  join({ name }) {
    members.add(name);
    row('info', `${name} has come.`);
  },
  leave({ name }) {
    members.delete(name);
    row('info', `${name} has left.`);
  },
  message({ name, text }) {
    row('message', text, name);
  },
};

// told takes note of that the server has answered what was sent.
function told(text) {
  const at = unsaid.indexOf(text);
  if (at >= 0) unsaid.splice(at, 1);
}

const lost = 'Something that was said before this may be missing.';

function receive(happening) {
  happenings[happening.event]?.(happening);
  // A receipt may come before what others have said earlier.
  if (happening.at && happening.event !== 'said') at = happening.at;
  showMembers();
}

const reconnect = new Reconnect(connect);

function connect() {
  const query = new URLSearchParams({ room: wellFormed(of('room').value), name: wellFormed(of('name').value), receipts: '' });
  if (at !== '') query.set('after', at);
  return endpoint.connect(`chat?${query}`, receive, ended);
}

function ended({ code, opened }) {
  of('say-send').setAttribute('aria-disabled', 'true');
  members.clear();
  showMembers();
  for (const text of unsaid) row('info', `“${text.slice(0, 64)}” may not have been said: the connection has ended before.`);
  unsaid = [];
  if (reconnect.after({ code, opened, asked }) !== undefined) {
    if (opened) row('info', 'The connection was lost. The page tries again.');
    return;
  }
  left();
}

function left() {
  of('join').textContent = 'Join';
  for (const id of ['room', 'name']) of(id).readOnly = false;
  of('chat-node').textContent = '';
  row('info', 'You have left.');
}

of('join-form').addEventListener('submit', (event) => {
  event.preventDefault();
  if (of('join').textContent === 'Leave') return leave();
  at = '';
  asked = false;
  of('join').textContent = 'Leave';
  // They are those of the room to come back to.
  for (const id of ['room', 'name']) of(id).readOnly = true;
  return connect();
});

function leave() {
  asked = true;
  reconnect.stop();
  if (endpoint.closed) return left();
  return endpoint.close();
}

of('say-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = wellFormed(of('say').value);
  if (!endpoint.open || text === '') return;
  unsaid.push(text);
  endpoint.send(text);
  of('say').value = '';
});
